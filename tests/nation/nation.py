#!/usr/bin/env python3
"""A country, made up: every kabupaten and kota of Indonesia publishes, and the
site of all of them is built from empty to switched. `make nation` runs it.

    nation.py RESULTS [FOLDER]

The data go the way of real ones: simulated files, import, publish with every
attack, admission to the log, the server, and `bansos site`, which reads the API
as any client does. FOLDER keeps what was made; what is there is not made again,
so that the site can be measured alone. BANSOS_BIN and BANSOS_API_BIN name the
programs; SCALE and MONTHS the size (0.02 and 2). Nothing but Python's standard
library. Speed is told, not tested.

The site is built in memory first (MEMORY, /dev/shm, where there is one), then on
the disk of FOLDER. ext4 looks over the inodes of what was deleted in the last
minutes before it makes new ones, so nothing is deleted on the disk before that.
"""

import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request

BANSOS = os.path.abspath(os.environ.get("BANSOS_BIN", "target/release/bansos"))
API = os.path.abspath(os.environ.get("BANSOS_API_BIN", "target/release/bansos-api"))
SCALE = os.environ.get("SCALE", "0.02")
MONTHS = os.environ.get("MONTHS", "2")
# March is a month in which quarterly programs pay; with it the last one.
FIRST = f"{2025 if int(MONTHS) <= 3 else 2024}-{(3 - int(MONTHS)) % 12 + 1:02}"
RUNS = int(os.environ.get("RUNS", "2"))
MEMORY = os.environ.get("MEMORY", "/dev/shm")
os.environ["BANSOS_API_BIN"] = API


def timed(*command):
    """What a command said, its seconds, and the processor's, its children's too."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.monotonic()
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    seconds = time.monotonic() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        sys.exit(f"{command[0]} {command[3] if len(command) > 3 else ''} ended with {done.returncode}:\n{done.stdout[-4000:]}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return done.stdout, seconds, cpu


def districts(folder):
    """The codes of all kabupaten and kota, from the API of an empty host."""
    empty = os.path.join(folder, "empty")
    for command in ([BANSOS, "--data", empty, "init"], [API, "--data", empty, "rebuild"]):
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    server = subprocess.Popen([API, "--data", empty, "serve", "--listen", "127.0.0.1:0", "--log", "warn"], stdout=subprocess.PIPE, text=True)
    try:
        base = server.stdout.readline().split()[-1]
        with urllib.request.urlopen(f"{base}/v1/areas?level=kabupaten&format=ndjson", timeout=60) as answer:
            return [json.loads(line)["code"] for line in answer.read().decode().splitlines()]
    finally:
        server.terminate()
        server.wait()


def make(folder):
    """Simulates, imports and publishes, where that was not done; gives what each took."""
    note = os.path.join(folder, "made.json")
    if os.path.exists(note):
        with open(note, encoding="utf-8") as file:
            return json.load(file)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    data, files = os.path.join(folder, "data"), os.path.join(folder, "files")
    codes = districts(folder)
    areas = [word for code in codes for word in ("--area", code)]
    steps = []
    for name, arguments in (
        ("init", ["init", *areas]),
        ("simulate", ["simulate", "--out", files, "--scale", SCALE, "--seed", "7", "--first", FIRST, "--months", MONTHS, *areas]),
        ("import", ["import", files]),
        ("publish", ["publish", "--all", "--by", "Operator Satu", "--yes"]),
    ):
        said, seconds, cpu = timed(BANSOS, "--data", data, *arguments)
        print(f"{name}: {seconds:.0f} s ({cpu:.0f} s of processor)", flush=True)
        steps.append([name, seconds, cpu])
        if name == "simulate":
            people = re.search(r"([\d.]+) people", said).group(1)
    shutil.rmtree(files)
    made = {"steps": steps, "districts": len(codes), "people": people.replace(".", ","), "scale": SCALE, "first": FIRST, "months": MONTHS, "profile": profile()}
    with open(note, "w", encoding="utf-8") as file:
        json.dump(made, file)
    return made


def profile():
    folder = os.path.basename(os.path.dirname(BANSOS))
    return "dev" if folder == "debug" else folder


def site(data):
    """One build: what it says of itself, its seconds and the processor's."""
    load = os.getloadavg()[0]
    said, seconds, cpu = timed(BANSOS, "--data", data, "site", "--depth", "kecamatan", "--address", "https://bansos.example.go.id")
    print(said.strip(), f"[{seconds:.1f} s, {cpu:.1f} s of processor, load {load:.1f} before]", flush=True)
    found = re.search(r"site: ([\d.]+) pages of version \d+, ([\d.]+) figures compared with the API, ([\d.]+) requests, in ([\d.]+) s \((.*)\)", said)
    own = float(found.group(4))
    pages, figures, requests = (found.group(at).replace(".", ",") for at in (1, 2, 3))
    return {"pages": pages, "figures": figures, "requests": requests, "parts": found.group(5), "own": own, "seconds": seconds, "cpu": cpu, "load": load}


def count(current):
    """Area pages by level and their files' weight, of one language."""
    areas = os.path.join(current, "wilayah")
    folders = [name for name in os.listdir(areas) if os.path.isdir(os.path.join(areas, name)) and not name.startswith("provinsi-")]
    inside = [os.path.join(areas, name, own) for name in folders for own in os.listdir(os.path.join(areas, name))]
    kecamatan = [path for path in inside if os.path.isdir(path) and os.path.basename(path) not in ("banding", "daftar-desa", "rincian")]
    weight = sum(os.path.getsize(os.path.join(at, name)) for at, _, names in os.walk(current) for name in names)
    return len(folders), len(kecamatan), weight


def section(made, rows, counted):
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip()
    whole, parts, weight = counted
    best = rows[0][1]
    lines = [
        f"## `{profile()}` profile",
        "",
        f"{time.strftime('%Y-%m-%d', time.gmtime())}, commit {commit}, {os.cpu_count()} cores.",
        "",
        f"{whole} kabupaten and kota, {parts:,} kecamatan, {int(made['months'])} months of seven programs from {made['first']}, "
        f"{made['people']} made-up people (scale {made['scale']}). {best['pages']} pages in two languages, of which "
        f"{2 * (whole + parts):,} of areas; {best['figures']} figures compared with the API, {weight / 1e6:,.0f} MB.",
        "",
        "| work | from first request to switch, s | whole command, s | processor, s | parts |",
        "|---|---|---|---|---|",
    ]
    lines += [f"| {name} ({made['profile']}) | | {seconds:.0f} | {cpu:.0f} | |" for name, seconds, cpu in made["steps"]]
    lines += [f"| {name} | **{one['own']:.1f}** | {one['seconds']:.1f} | {one['cpu']:.1f} | {one['parts']}; {one['requests']} requests; load {one['load']:.1f} before |" for name, one in rows]
    return "\n".join(lines) + "\n"


def main():
    results = sys.argv[1]
    folder = os.path.abspath(sys.argv[2] if len(sys.argv) > 2 else f"target/nation-{SCALE}-{MONTHS}")
    made = make(folder)
    data = os.path.join(folder, "data")
    at = os.path.join(data, "site")
    if os.path.islink(at):
        os.remove(at)
    elif os.path.exists(at):
        os.rename(at, os.path.join(folder, f"site-before-{time.time_ns()}"))
    rows = []
    if os.path.isdir(MEMORY):
        for _ in range(RUNS):
            with tempfile.TemporaryDirectory(dir=MEMORY) as memory:
                os.environ["TMPDIR"] = memory
                os.symlink(os.path.join(memory, "site"), at)
                os.mkdir(os.path.join(memory, "site"))
                rows.append(("site, from empty, in memory", site(data)))
                os.remove(at)
                del os.environ["TMPDIR"]
    rows.append(("site, from empty, on disk", site(data)))
    rows.append(("site again, nothing new, on disk", site(data)))
    counted = count(os.path.join(at, "current"))
    for name in os.listdir(folder):
        if name.startswith("site-before-"):
            shutil.rmtree(os.path.join(folder, name))
    kept = {}
    if os.path.exists(results):
        with open(results, encoding="utf-8") as file:
            kept = {part.split("\n", 1)[0]: "## " + part for part in file.read().split("\n## ")[1:]}
    kept[f"`{profile()}` profile"] = section(made, rows, counted)
    head = (
        "# The site of a country\n\n"
        "`make nation` writes this file: every kabupaten and kota of Indonesia, made up, published and built. The goal: 7,300 area pages\n"
        "in two languages exported and built in 30 s, from the first request to the switch, every check included. \"processor\" is user and\n"
        "system time of all programs of that line, the server's too: what the same work takes when others use the machine. The whole\n"
        "command starts the server before and removes what Zola read after. In memory: the site and the folder of TMPDIR on a memory disk.\n"
    )
    with open(results, "w", encoding="utf-8") as file:
        file.write("\n".join([head, *(kept[name].rstrip() + "\n" for name in sorted(kept))]))
    with open(results, encoding="utf-8") as file:
        print(file.read())


if __name__ == "__main__":
    main()
