# `make demo` shows the whole thing; `make test` is what CI runs. Everything a
# target needs and the machine lacks is installed or named by scripts/need.

.DEFAULT_GOAL := help
.PHONY: help demo build test lint unit e2e site bench nation quickstarts attacks contract truth matching fuzz soak libreoffice

# The data folder of the demo, the address it serves, and what else to give it.
DATA ?= data
LISTEN ?= 127.0.0.1:8080
DEMO_FLAGS ?=

TARGET := $(or $(CARGO_TARGET_DIR),target)
BIN := $(TARGET)/debug

help: ## these lines
	@sed -n 's/^\([a-z0-9]*\):.*## /  make \1\t/p' Makefile | expand -t 16

build: ## the three binaries: bansos, bansos-api, bansos-audit
	@scripts/need rust cc
	cargo build --locked --package cli --package server --package audit --bins

demo: build ## simulate, import, publish, build the site, and serve it all on LISTEN
	@scripts/need node npm:site/tools
	$(BIN)/bansos --data $(DATA) demo --listen $(LISTEN) $(DEMO_FLAGS)

site: build ## the site of what DATA has published, into DATA/site/current
	@scripts/need node npm:site/tools
	$(BIN)/bansos --data $(DATA) site

test: ## lint, unit tests, end-to-end tests on SQLite and PostgreSQL, browser checks
	@scripts/test

lint: ## formatting, clippy, documentation: no warning allowed
	@scripts/test lint

unit: ## the unit tests of every crate
	@scripts/test unit

e2e: ## the end-to-end tests alone; ARGS=name runs those whose name holds it
	@scripts/test e2e $(ARGS)

attacks: ## 100 seeded violations of each kind: every one must be found (tests/attack/RESULTS.md)
	@BANSOS_SEEDS=$(or $(SEEDS),100) BANSOS_RESULTS=tests/attack/RESULTS.md scripts/test e2e mutate::

truth: ## QUERIES random questions (default 2000) on each database, every answer computed again from the files (tests/truth/RESULTS.md)
	@(printf '# Answers computed again\n\n`make truth QUERIES=%s`, %s, commit %s. First SQLite, then PostgreSQL.\n\n' $(or $(QUERIES),2000) "$$(date -u +%F)" "$$(git rev-parse --short HEAD)") > tests/truth/RESULTS.md
	@BANSOS_QUERIES=$(or $(QUERIES),2000) BANSOS_RESULTS=$(CURDIR)/tests/truth/RESULTS.md scripts/test e2e truth::

contract: ## Schemathesis at length on SQLite and PostgreSQL, EXAMPLES an operation (tests/contract/RESULTS.md)
	@scripts/need python:tests/contract
	@BANSOS_EXAMPLES=$(or $(EXAMPLES),200) BANSOS_RESULTS=tests/contract/RESULTS.md scripts/test e2e contract::

libreoffice: build ## files to and from LibreOffice, live (installs it where it is missing)
	@scripts/need libreoffice
	@BANSOS=$(BIN)/bansos scripts/libreoffice

matching: ## possible duplicates on FEBRL beside Splink, and on a million made-up people (tests/matching/RESULTS.md)
	@scripts/need rust cc python3
	cargo build --locked --package matching --example csv
	tests/matching/febrl.py $(BIN)/examples/csv tests/matching/RESULTS.md
	tests/matching/people.py $(BIN)/examples/csv api/simulation/data/names.csv 1000000 tests/matching/RESULTS.md

bench: ## how fast: the main work, answers beside their references; tests/bench/*.md, and a table of the goals
	@scripts/need rust cc node npm:site/tools npm:tests/browser chromium python3 python:tests/bench sqlite3 curl nginx wrk
	cargo build --release --locked --package cli --package server --bins
	cargo build --release --locked --package end-to-end --examples
	cargo build --release --locked --package release --example forms
	@BIN=$(TARGET)/release PYTHON=$(TARGET)/python/bench/bin/python tests/bench/all $(ARGS)

nation: ## every kabupaten and kota of Indonesia, made up: published, and their site built; SCALE, MONTHS, RUNS, PROFILE=dev (tests/nation/RESULTS.md)
	@scripts/need rust cc node npm:site/tools python3
	cargo build $(if $(filter dev,$(PROFILE)),,--release) --locked --package cli --package server --bins
	BANSOS_BIN=$(TARGET)/$(if $(filter dev,$(PROFILE)),debug,release)/bansos BANSOS_API_BIN=$(TARGET)/$(if $(filter dev,$(PROFILE)),debug,release)/bansos-api tests/nation/nation.py tests/nation/RESULTS.md

quickstarts: ## the quick starts of /docs/ with every tool, R too (installs it where it is missing)
	@scripts/need R
	@scripts/test e2e quickstart

fuzz: ## fuzz the readers of files, SECONDS each (default 60): tests/fuzz/RESULTS.md
	@tests/fuzz/run $(or $(SECONDS),60) $(TARGETS)

soak: ## the API under load for MINUTES (default 10): databases killed, releases admitted (tests/soak/RESULTS.md); kill -9 during a large import
	@scripts/need rust cc python3 postgresql wrk
	cargo build --release --locked --package cli --package server --bins
	BANSOS_BIN=$(TARGET)/release/bansos BANSOS_API_BIN=$(TARGET)/release/bansos-api tests/soak/serve.py $(or $(MINUTES),10) tests/soak/RESULTS.md
	BANSOS_BIN=$(TARGET)/release/bansos tests/soak/kill_import.py $(ARGS)
