#!/usr/bin/env python3
"""How long it takes to compare two releases of a large district, and to code a
host's files, at a million rows.

    BANSOS_BIN=… BANSOS_API_BIN=… tests/bench/changes.py > tests/bench/CHANGES.md
"""

import os
import shutil
import statistics
import subprocess
import sys
import time

import common

DISTRICT = "36.71"


def files(data):
    """Makes the coded files anew: the command that does nothing else but them."""
    shutil.rmtree(os.path.join(data, "encoded"), ignore_errors=True)
    start = time.monotonic()
    child = subprocess.Popen([common.API, "--data", data, "rebuild"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    if status:
        sys.exit("rebuild failed")
    whole = time.monotonic() - start
    start = time.monotonic()
    common.run(common.API, "--data", data, "rebuild")
    return whole, time.monotonic() - start, usage.ru_maxrss / 1024


def sizes(folder, ending):
    found = [os.path.join(top, name) for top, _, names in os.walk(folder) for name in names if name.endswith(ending)]
    return len(found), sum(os.path.getsize(path) for path in found) / 1e6


def main():
    data = common.office()
    months = [release for release in common.releases(data) if release.startswith(DISTRICT)]
    print("# Comparing two releases, and coding files, at a million rows\n")
    print(common.machine())
    print()
    whole, again, memory = files(data)
    encoded = os.path.join(data, "encoded")
    print("## Files in other codings\n\n| what | time | most memory |\n|---|---|---|")
    print(f"| catalogue rebuilt, every file coded in br, zstd and gzip | {whole:.1f} s | {memory:.0f} MB |")
    print(f"| catalogue rebuilt, every coded file compared | {again:.1f} s | |")
    plain = [os.path.join(top, name) for top, _, names in os.walk(os.path.join(data, "releases")) for name in names]
    compressed = [path for path in plain if not path.endswith((".parquet", ".xlsx", ".sig"))]
    print(f"\n{len(compressed):,} files of {sum(map(os.path.getsize, compressed)) / 1e6:,.0f} MB that compress; coded: "
          + ", ".join("{} {} files, {:.1f} MB".format(name, *sizes(encoded, "." + name)) for name in ("br", "zst", "gz")) + ".\n")
    server, base = common.start_server(data, "--cache-bytes", "0")
    changes = f"/v1/releases/{months[0]}/changes/{months[1]}"
    print(f"## {changes}\n\nEach page counts what differs in all tables anew: our cache is off.\n")
    print("| what | pages/s | p50 ms | p95 ms | p99 ms |\n|---|---|---|---|---|")
    for name, path, connections in (
        ("first page, one connection", changes, 1),
        ("first page, 8 connections", changes, 8),
        ("one table", changes + "?table=payments", 8),
        ("one kecamatan", changes + f"?area={DISTRICT}.01", 8),
        ("1,000 figures", changes + "?limit=1000", 8),
    ):
        one = common.wrk(base, [path], seconds=3, connections=connections)
        if one["failed"]:
            sys.exit(f"{path}: {one['failed']} answers failed")
        print(f"| {name} | {one['rate']:,.0f} | {one['p50']:.1f} | {one['p95']:.1f} | {one['p99']:.1f} |", flush=True)
    seconds = []
    for _ in range(3):
        start = time.monotonic()
        lines = subprocess.run(["curl", "--silent", "--fail", base + changes + "?format=csv"], check=True, capture_output=True).stdout.count(b"\n")
        seconds.append(time.monotonic() - start)
    print(f"\nAll {lines - 1:,} figures that differ as CSV: {statistics.median(seconds):.2f} s. Memory: {common.memory(server.pid, 'VmHWM'):.0f} MB at most.\n")
    print("## Figures\n\nPages of 100 figures of `totals`, cache off.\n\n| what | pages/s | p50 ms | p95 ms | p99 ms |\n|---|---|---|---|---|")
    for name, path in (
        ("all", "/v1/statistics/totals"),
        ("one kabupaten, by kelurahan", f"/v1/statistics/totals?area={DISTRICT}&level=kelurahan"),
        ("one kecamatan and program", f"/v1/statistics/totals?area={DISTRICT}.01&program=PKH"),
        ("demographics of a kabupaten", f"/v1/statistics/demographics?area={DISTRICT}"),
    ):
        one = common.wrk(base, [path], seconds=3)
        print(f"| {name} | {one['rate']:,.0f} | {one['p50']:.1f} | {one['p95']:.1f} | {one['p99']:.1f} |", flush=True)


if __name__ == "__main__":
    try:
        main()
    finally:
        common.stop_all()
