#!/usr/bin/env python3
"""How long `bansos import` takes and how much memory, as rows grow, beside
`sqlite3 .import` of the same file into a table with the same key (a number
for each row), which checks nothing.

    BANSOS_BIN=target/release/bansos tests/bench/beside.py [ROWS…] > tests/bench/IMPORT.md

The rows are of layout 2 and of nobody: each NIK is made of a kecamatan of Kota
Tangerang, a day of birth and a serial that no office gives out (9001 and up).
Nothing but Python's standard library and the sqlite3 shell.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time

import common

HEADER = (
    "provinsi,kabupaten,kecamatan,desa_kelurahan,prop_capil,kab_capil,id_kec,id_desa,rt,rw,ATENSI,Alamat,BLT,BLT_BBM,"
    "BNPT_PPKM,BPNT,BST,FIRST_SK,NIK,NOKK,Nama,PBI,PENA,PERMAKANAN,PKH,RUTILAHU,SEMBAKO_ADAPTIF,YAPI,aktorLabel"
)
# Kelurahan of three kecamatan, and the first six digits of NIK issued there.
PLACES = [
    ("CILEDUG", "PANINGGILAN", 367106), ("CILEDUG", "SUDIMARA BARAT", 367106),
    ("TANGERANG", "SUKASARI", 367101), ("TANGERANG", "BABAKAN", 367101),
    ("JATIUWUNG", "MANIS JAYA", 367102), ("BATUCEPER", "BATUJAYA", 367103),
]
DAYS = [(day, month, year) for year in range(40, 100) for month in range(1, 13) for day in range(1, 29)]


def write(path, rows):
    with open(path, "w", encoding="ascii") as out:
        out.write("SIMULASI - data buatan untuk uji coba\n" + HEADER + "\n")
        lines = []
        for n in range(rows):
            kecamatan, kelurahan, prefix = PLACES[n % len(PLACES)]
            index = n // len(PLACES)
            day, month, year = DAYS[index % len(DAYS)]
            serial = 9001 + index // len(DAYS) * 2 + (n % 2)
            nik = f"{prefix}{day:02}{month:02}{year:02}{serial:04}"
            family = n // 3
            nokk = f"{prefix}{1 + family % 28:02}{1 + family // 28 % 12:02}{family // 336 % 26:02}{1 + family // 8736 % 9998:04}"
            pkh, sembako = ("YA" if n % 7 == 0 else "TIDAK"), ("YA" if n % 5 == 0 else "TIDAK")
            lines.append(
                f"BANTEN,KOTA TANGERANG,{kecamatan},{kelurahan},36,71,01,1001,{n % 9},{n % 7},TIDAK,JL CONTOH NO {n % 300},"
                f"TIDAK,TIDAK,TIDAK,{sembako},TIDAK,2021,{nik},{nokk},ORANG CONTOH {n % 977},TIDAK,TIDAK,TIDAK,{pkh},TIDAK,TIDAK,TIDAK,-\n"
            )
            if len(lines) == 10_000:
                out.writelines(lines)
                lines.clear()
        out.writelines(lines)


def measured(command, **options):
    """Seconds and peak memory in MB of a command; its exit status must be 0."""
    start = time.monotonic()
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    text = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        sys.exit(f"{command[0]} failed:\n{text}")
    return time.monotonic() - start, usage.ru_maxrss / 1024, text


def main():
    bansos = os.environ.get("BANSOS_BIN", "target/release/bansos")
    sizes = [int(text) for text in sys.argv[1:]] or [10_000, 100_000, 1_000_000, 10_000_000]
    print("# `bansos import` as rows grow, beside `sqlite3 .import`\n")
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip()
    print(f"{time.strftime('%Y-%m-%d', time.gmtime())}, commit {commit}, `{os.path.basename(os.path.dirname(bansos))}` profile, load {os.getloadavg()[0]:.1f}.")
    print("sqlite3 stores the 29 columns as they are, under a number for each row; it checks nothing.\n")
    print("| rows | file | import | rows/s | peak memory | sqlite3 .import | peak memory | ratio |\n|---|---|---|---|---|---|---|---|")
    for rows in sizes:
        folder = tempfile.mkdtemp()
        try:
            data, month = os.path.join(folder, "data"), os.path.join(folder, "36.71", "2025-06")
            os.makedirs(month)
            path = os.path.join(month, "dtks.csv")
            write(path, rows)
            subprocess.run([bansos, "--data", data, "init"], check=True, capture_output=True)
            seconds, memory, _ = measured([bansos, "--data", data, "import", path])
            shell = os.path.join(folder, "beside.sqlite")
            columns = ", ".join(f'"{name}" TEXT' for name in HEADER.split(","))
            # The key of ours is SQLite's own number of a row; so is this table's.
            script = (
                f"PRAGMA journal_mode = WAL;\nPRAGMA synchronous = FULL;\nCREATE TABLE rows ({columns});\n"
                f".mode csv\n.import --skip 2 '{path}' rows\n"
            )
            plain, plain_memory, _ = measured(["sh", "-c", f"sqlite3 '{shell}' <<'END'\n{script}END"])
            size = os.path.getsize(path) / 1e6
            print(f"| {rows:,} | {size:,.0f} MB | {seconds:.2f} s | {rows / seconds:,.0f} | {memory:.0f} MB | {plain:.2f} s | {plain_memory:.0f} MB | {plain / seconds:.2f} |", flush=True)
            if rows == 1_000_000:
                common.goal("import of a million rows beside `sqlite3 .import`", "≥ 1x", f"{plain / seconds:.2f}x", plain >= seconds)
                common.goal("its memory", "≤ 300 MB", f"{memory:.0f} MB", memory <= 300)
        finally:
            shutil.rmtree(folder)
    print("\nratio: how many times as fast as sqlite3; the goal is 1 at a million rows, and under 300 MB at any number.")
    print("`make bench` measures up to a million rows; ROWS='… 10000000' measures more (two minutes for ten million).")


if __name__ == "__main__":
    main()
