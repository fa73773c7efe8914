#!/usr/bin/env python3
"""Cached answers beside a bare actix-web handler that answers the same bytes
with the same headers, and pages of the site beside nginx.

    BANSOS_BIN=… BANSOS_API_BIN=… tests/bench/cached.py > tests/bench/CACHED.md

Needs wrk and nginx (scripts/need), and the example `bare` beside bansos-api.
"""

import os
import statistics
import subprocess
import sys

import common

RUNS = 4
ANSWERS = [
    ("one area", "/v1/areas/36.71"),
    ("100 rows", "/v1/recipients?area=36.71.01&program=PKH"),
    ("100 figures", "/v1/statistics/totals?area=36.71&level=kelurahan"),
    ("1,000 figures", "/v1/statistics/totals?area=36.71&limit=1000"),
    ("entry", "/v1"),
]


def bare(address):
    child = subprocess.Popen([common.BARE, address], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    common.children.append(child)
    line = child.stdout.readline().split()
    if not line:
        sys.exit(f"{common.BARE} did not start")
    return child, line[-1]


def in_turns(ours, theirs):
    """Medians of both and of the ratios; each is a process, a base and a path."""
    measured = [[], []]
    for _, base, path in (ours, theirs):
        common.wrk(base, [path], seconds=1)
    for _ in range(RUNS):
        for kept, (pid, base, path) in zip(measured, (ours, theirs)):
            spent = lambda: sum(map(common.cpu, pid)) if isinstance(pid, list) else common.cpu(pid)
            before = spent()
            one = common.wrk(base, [path], seconds=2)
            if one["failed"]:
                sys.exit(f"{base}{path}: {one['failed']} answers failed")
            one["cpu"] = (spent() - before) / one["asked"] * 1e6
            kept.append(one)
    middle = [{key: statistics.median(one[key] for one in kept) for key in kept[0]} for kept in measured]
    ratios = sorted(a["rate"] / b["rate"] for a, b in zip(*measured))
    return middle, statistics.median(ratios), ratios[0], ratios[-1]


def line(name, size, middle, ratio, low, high):
    own, other = middle
    each = " | ".join(f"{one['rate']:,.0f} | {one['p50']:.2f} | {one['p95']:.2f} | {one['p99']:.2f} | {one['cpu']:.1f}" for one in (own, other))
    print(f"| {name} | {size:,.0f} | {each} | {ratio:.2f} | {low:.2f}, {high:.2f} |", flush=True)


def site(data):
    """A folder like a built site: pages of three sizes. Building the whole one would take longer than measuring it."""
    folder = os.path.join(common.WORK, "site")
    for name, size in (("kecil", 2_000), ("sedang", 37_000), ("besar", 140_000)):
        os.makedirs(os.path.join(folder, name), exist_ok=True)
        with open(os.path.join(folder, name, "index.html"), "w", encoding="ascii") as file:
            file.write(("<p>SIMULASI</p>\n" * (size // 16 + 1))[:size])
    return folder


def main():
    data = common.office()
    folder = site(data)
    server, base = common.start_server(data, "--site", folder)
    print("# Cached answers beside a bare handler, pages beside nginx\n")
    print(common.machine())
    print(f"In turns, {RUNS} times 2 s by wrk over 8 connections on the same machine, medians; then the median of the ratios, the least and the most.\n")
    print("CPU: microseconds of processor time an answer takes its server, which other work on the machine disturbs least.\n")
    head = ("| what | bytes | bansos-api /s | p50 ms | p95 ms | p99 ms | CPU µs | {} /s | p50 ms | p95 ms | p99 ms | CPU µs | ratio | from, to |\n"
            "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|")
    print("The bare handler is actix-web with nothing around it; it answers the same bytes and headers, and knows neither quota, log line nor request.\n")
    print(head.format("bare"))
    worst = None
    for name, path in ANSWERS:
        child, other = bare(base + path)
        size = common.wrk(base, [path], seconds=1)
        middle, ratio, low, high = in_turns((server.pid, base, path), (child.pid, other, "/"))
        line(name, size["bytes"] / max(size["asked"], 1), middle, ratio, low, high)
        worst = ratio if worst is None else min(worst, ratio)
        common.stop(child)
    print(f"\nThe goal is 0.8. Memory: {common.memory(server.pid):.0f} MB resident, {common.memory(server.pid, 'VmHWM'):.0f} MB at most.\n")
    common.goal("cached GET beside a bare actix-web handler, the worst of five", "≥ 0.8x", f"{worst:.2f}x", worst >= 0.8)
    master, nginx = common.start_nginx(common.WORK, folder)
    with open(f"/proc/{master.pid}/task/{master.pid}/children", encoding="ascii") as file:
        workers = file.read().split()
    print("Pages of the site beside nginx, which has sendfile on and neither log nor quota:\n")
    print(head.format("nginx"))
    for name in ("kecil", "sedang", "besar"):
        middle, ratio, low, high = in_turns((server.pid, base, f"/{name}/"), (workers, nginx, f"/{name}/"))
        line(f"page {name}", os.path.getsize(os.path.join(folder, name, "index.html")), middle, ratio, low, high)


if __name__ == "__main__":
    try:
        main()
    finally:
        common.stop_all()
