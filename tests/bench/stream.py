#!/usr/bin/env python3
"""A million rows as one CSV stream: time and memory, beside `sqlite3 -csv`
printing the same rows from a table of its own; several streams at once, and
a reader that is slow.

    BANSOS_BIN=… BANSOS_API_BIN=… tests/bench/stream.py > tests/bench/STREAM.md

Needs curl and sqlite3 (scripts/need).
"""

import csv
import hashlib
import os
import socket
import sqlite3
import statistics
import subprocess
import sys
import threading
import time

import common

RUNS = 5
PATH = "/v1/recipients?format=csv"


def table(data):
    """The rows in an SQLite file, as they stand in the releases."""
    path = os.path.join(common.WORK, "stream.sqlite")
    if not os.path.exists(path):
        connection = sqlite3.connect(path + ".part")
        connection.execute("CREATE TABLE recipients (id, edition, program, area, sex, age_band, family_size)")
        for release in common.newest(data):
            with open(os.path.join(data, "releases", release, "data", "recipients.csv"), encoding="utf-8", newline="") as file:
                next(file)
                connection.executemany("INSERT INTO recipients VALUES (?, ?, ?, ?, ?, ?, ?)", csv.reader(file))
        connection.commit()
        connection.close()
        os.rename(path + ".part", path)
    return path


class Memory(threading.Thread):
    """The most that is resident while something runs."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.most, self.on = pid, common.memory(pid), True

    def run(self):
        while self.on:
            self.most = max(self.most, common.memory(self.pid))
            time.sleep(0.01)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.on = False
        self.join()


def seconds(command):
    start = time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - start


def times(text):
    ordered = sorted(text)
    return f"{statistics.median(ordered):.2f} s | {ordered[0]:.2f}, {ordered[-1]:.2f} s"


def main():
    data = common.office()
    path = table(data)
    server, base = common.start_server(data, "--timeout-seconds", "600")
    ours = ["curl", "--silent", "--fail", "--no-buffer", base + PATH]
    theirs = ["sqlite3", "-csv", "-header", f"file:{path}?immutable=1", "SELECT * FROM recipients"]
    # The same rows: SQLite ends lines with CR LF.
    digest = lambda command: hashlib.sha256(subprocess.run(command, check=True, capture_output=True).stdout.replace(b"\r\n", b"\n")).hexdigest()
    if digest(ours) != digest(theirs):
        sys.exit("the stream and the table differ")
    count = int(subprocess.run([*theirs[:3], theirs[3], "SELECT COUNT(*) FROM recipients"], check=True, capture_output=True, text=True).stdout.split()[-1])
    print("# A million rows as one CSV stream, beside `sqlite3 -csv`\n")
    print(common.machine())
    print(f"{count:,} rows, the same bytes but for the ends of lines (checked); {RUNS} times in turns. Ours goes through HTTP to curl, sqlite3 writes to /dev/null.\n")
    before = common.memory(server.pid)
    pairs = []
    with Memory(server.pid) as one:
        for _ in range(RUNS):
            pairs.append((seconds(ours), seconds(theirs)))
    own, other = [a for a, _ in pairs], [b for _, b in pairs]
    ratio = statistics.median(b / a for a, b in pairs)
    print("| what | time | from, to | most memory of bansos-api |\n|---|---|---|---|")
    print(f"| one stream | {times(own)} | {one.most:.0f} MB |")
    print(f"| sqlite3 -csv | {times(other)} | |", flush=True)
    packed = seconds([*ours, "--compressed"])
    print(f"| one stream, gzip | {packed:.2f} s | | |")
    lines = seconds(["curl", "--silent", "--fail", base + "/v1/recipients?format=ndjson"])
    print(f"| one stream of NDJSON | {lines:.2f} s | | |", flush=True)
    with Memory(server.pid) as many:
        start = time.monotonic()
        children = [subprocess.Popen(ours, stdout=subprocess.DEVNULL) for _ in range(8)]
        if any(child.wait() for child in children):
            sys.exit("a stream failed")
        took = time.monotonic() - start
    print(f"| 8 streams at once | {took:.2f} s | | {many.most:.0f} MB |")
    host, port = base.removeprefix("http://").split(":")
    slow = []
    with Memory(server.pid) as waiting:
        for _ in range(50):
            reader = socket.create_connection((host, int(port)), timeout=60)
            reader.sendall(f"GET {PATH} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            slow.append(reader)
        for _ in range(20):
            for reader in slow:
                reader.recv(4096)
            time.sleep(0.1)
        beside = seconds(ours)
    for reader in slow:
        reader.close()
    print(f"| one stream while 50 readers take 40 kB/s each | {beside:.2f} s | | {waiting.most:.0f} MB |")
    most = max(one.most, many.most, waiting.most)
    print(f"\n{ratio:.2f} times as fast as sqlite3 (goal: 1). Memory before: {before:.0f} MB resident; the goal is that it does not grow with the rows.")
    common.goal("CSV stream of 1 M rows beside `sqlite3 -csv`", "≥ 1x", f"{ratio:.2f}x ({statistics.median(own):.2f} s)", ratio >= 1)
    common.goal("its memory: one, 8 at once, 50 slow readers", "constant", f"{before:.0f} MB before, {one.most:.0f}, {many.most:.0f}, {waiting.most:.0f} MB", most - before < 64)


if __name__ == "__main__":
    try:
        main()
    finally:
        common.stop_all()
