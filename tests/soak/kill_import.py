#!/usr/bin/env python3
"""kill -9 at random instants of an import of a million rows: nothing is lost,
nothing is double. The same file is imported undisturbed into another registry,
and in the end both must hold the same rows.

    BANSOS_BIN=target/release/bansos tests/soak/kill_import.py [ROWS] [KILLS] [SEED]
"""

import hashlib
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "bench"))
from beside import write  # noqa: E402  (the same made-up rows as the bench)

TABLES = ["dtks_rows", "rejected_rows", "findings", "warnings"]


def contents(data):
    """Rows of each table, with the import's number taken off, and their digest."""
    base = sqlite3.connect(f"file:{data}/registry/36.71.sqlite?mode=ro", uri=True)
    if base.execute("PRAGMA integrity_check").fetchone() != ("ok",):
        sys.exit("the database is damaged")
    found = {}
    for table in TABLES:
        digest, count = hashlib.sha256(), 0
        for key, *row in base.execute(f"SELECT * FROM {table} ORDER BY 1"):
            digest.update(repr((key & 0xFFFFFFFF, row[:-1] if table == "findings" else row)).encode())
            count += 1
        found[table] = (count, digest.hexdigest())
    found["imports"] = base.execute("SELECT read_rows, accepted_rows, rejected_rows, new_rows FROM imports").fetchall()
    return found


def main():
    bansos = os.environ.get("BANSOS_BIN", "target/release/bansos")
    rows, kills, seed = (int(text) for text in (sys.argv[1:] + ["1000000", "8", "1"][len(sys.argv) - 1 :])[:3])
    chance = random.Random(seed)
    folder = tempfile.mkdtemp()
    try:
        month = os.path.join(folder, "36.71", "2025-06")
        os.makedirs(month)
        path = os.path.join(month, "dtks.csv")
        write(path, rows)
        with open(path, "a", encoding="ascii") as out:
            out.write("BANTEN,KOTA TANGERANG,CILEDUG\n" * 50)
        for name in ("calm", "killed"):
            subprocess.run([bansos, "--data", f"{folder}/{name}", "init"], check=True, capture_output=True)
        start = time.monotonic()
        subprocess.run([bansos, "--data", f"{folder}/calm", "import", path], check=True, capture_output=True)
        whole = time.monotonic() - start
        command = [bansos, "--data", f"{folder}/killed", "import", path]
        for n in range(kills):
            child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            wait = chance.uniform(0.02, 1.0) * whole
            try:
                child.wait(wait)
                print(f"kill {n + 1}: had ended before {wait:.2f} s")
            except subprocess.TimeoutExpired:
                child.send_signal(signal.SIGKILL)
                child.wait()
                print(f"kill {n + 1}: after {wait:.2f} s of about {whole:.2f} s")
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        again = subprocess.run(command, check=True, capture_output=True, text=True)
        calm, killed = contents(f"{folder}/calm"), contents(f"{folder}/killed")
        if calm != killed:
            sys.exit(f"not the same:\n{calm}\n{killed}")
        if "0 new, 0 changed" not in again.stdout:
            sys.exit(f"the same file again:\n{again.stdout}")
        counts = ", ".join(f"{count:,} {table}" for table, (count, _) in ((t, calm[t]) for t in TABLES))
        print(f"{kills} kills, then to the end: the same as undisturbed: {counts}; the same file again: 0 new, 0 changed")
        del done
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
