#!/usr/bin/env python3
"""The same files downloaded from bansos-api and from nginx (sendfile on), in
turns: one stream of a large file, four at once, small files, and how much
memory the server takes while 200 slow readers are at it.

    BANSOS_BIN=target/release/bansos BANSOS_API_BIN=target/release/bansos-api \
        tests/bench/download.py [MEGABYTES] > tests/bench/DOWNLOAD.md

A made-up office publishes one month of one district; then its list of
recipients is made as long as is wanted by repeating it. The server does not
read what it serves, so it makes no difference that the digest is another.
Needs curl, nginx and wrk (scripts/need); else nothing but Python's standard
library.
"""

import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

import common

RUNS = 7
STREAMS = 4
SLOW = 200
RELEASE = "36.71-2025-01"


def office(folder, bansos, megabytes):
    data, files = os.path.join(folder, "data"), os.path.join(folder, "files")
    for arguments in (
        ["init"],
        ["simulate", "--out", files, "--scale", "0.02", "--seed", "7", "--months", "1"],
        ["import", os.path.join(files, "36.71")],
        ["publish", "--all", "--by", "Operator Satu", "--yes"],
    ):
        subprocess.run([bansos, "--data", data, *arguments], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    path = os.path.join(data, "releases", RELEASE, "data", "recipients.csv")
    with open(path, "rb") as file:
        lines = file.read()
    os.unlink(path)
    with open(path, "wb") as file:
        for _ in range(megabytes * 1_000_000 // len(lines) + 1):
            file.write(lines)
    return data, os.path.getsize(path)


def streams(url, count):
    """Megabytes a second of so many downloads at once."""
    start = time.monotonic()
    children = [
        subprocess.Popen(["curl", "--silent", "--fail", "--output", "/dev/null", "--write-out", "%{size_download}", url], stdout=subprocess.PIPE, text=True)
        for _ in range(count)
    ]
    total = sum(int(child.communicate()[0]) for child in children)
    if any(child.returncode for child in children):
        sys.exit(f"curl failed on {url}")
    return total / (time.monotonic() - start) / 1e6


def requests(url):
    """Answers a second to 8 connections, by wrk."""
    text = subprocess.run(["wrk", "-t1", "-c8", "-d2s", url], check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in text:
        sys.exit(text)
    return float(next(line.split()[1] for line in text.splitlines() if line.startswith("Requests/sec")))


def in_turns(measure, ours, theirs):
    """Medians of both, measured in turns, and the median of the ratios."""
    pairs = []
    measure(ours), measure(theirs)
    for _ in range(RUNS):
        pairs.append((measure(ours), measure(theirs)))
    return (
        statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs),
        statistics.median(a / b for a, b in pairs), min(a / b for a, b in pairs), max(a / b for a, b in pairs),
    )


def slow_readers(pid, base, path):
    """Resident size while so many connections read a little and then wait."""
    before = common.memory(pid)
    host, port = base.removeprefix("http://").split(":")
    open_ones = []
    for _ in range(SLOW):
        one = socket.create_connection((host, int(port)))
        one.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        open_ones.append(one)
    peak = 0.0
    for _ in range(20):
        for one in open_ones:
            one.recv(1 << 16)
        time.sleep(0.05)
        peak = max(peak, common.memory(pid))
    for one in open_ones:
        one.close()
    return before, peak


def main():
    bansos = common.BANSOS
    megabytes = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    folder = tempfile.mkdtemp()
    os.chmod(folder, 0o755)
    try:
        data, size = office(folder, bansos, megabytes)
        server, ours = common.start_server(data)
        _, theirs = common.start_nginx(folder, os.path.join(data, "releases"))
        commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip()
        version = subprocess.run(["nginx", "-v"], capture_output=True, text=True).stderr.strip().split()[-1]
        print("# Downloads beside nginx\n")
        print(f"{time.strftime('%Y-%m-%d', time.gmtime())}, commit {commit}, `{os.path.basename(os.path.dirname(os.path.abspath(common.API)))}` profile, {version} with sendfile and tcp_nopush,")
        print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}. `make bench` writes this file. Both serve the same files over loopback, measured in turns, {RUNS} times;")
        print("the client takes part of the same cores. Compare the ratios, not the speeds.\n")
        print("| what | bansos-api | nginx | ratio | from, to |\n|---|---|---|---|---|")
        ours_at = lambda dataset: f"{ours}/v1/datasets/{dataset}/{RELEASE}/{dataset}.csv"
        theirs_at = lambda dataset: f"{theirs}/{RELEASE}/data/{dataset}.csv"
        for count in (1, STREAMS):
            a, b, ratio, low, high = in_turns(lambda url: streams(url, count), ours_at("recipients"), theirs_at("recipients"))
            if count == 1:
                common.goal("download of one large file beside nginx", "≥ 0.9x", f"{ratio:.2f}x", ratio >= 0.9)
            print(f"| {size / 1e6:.0f} MB, {count} at once, curl | {a:,.0f} MB/s | {b:,.0f} MB/s | {ratio:.2f} | {low:.2f}, {high:.2f} |", flush=True)
        for dataset in ("reports", "totals", "payments"):
            length = os.path.getsize(os.path.join(data, "releases", RELEASE, "data", f"{dataset}.csv"))
            a, b, ratio, low, high = in_turns(requests, ours_at(dataset), theirs_at(dataset))
            print(f"| {length:,} bytes, 8 connections, wrk | {a:,.0f}/s | {b:,.0f}/s | {ratio:.2f} | {low:.2f}, {high:.2f} |", flush=True)
        before, peak = slow_readers(server.pid, ours, f"/v1/datasets/recipients/{RELEASE}/recipients.csv")
        print(f"\nMemory: {before:.0f} MB resident before, at most {peak:.0f} MB while {SLOW} readers slowly read the {size / 1e6:.0f} MB file.")
        print("\nThe goal is 0.9 for one stream. Every answer of the server passes its quota, its log line and a request id; nginx does none of these here.")
    finally:
        common.stop_all()
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
