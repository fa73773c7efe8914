#!/usr/bin/env python3
"""Filtered pages of 100 rows out of a million, none of them from our cache,
beside Datasette and roapi with the same rows.

    BANSOS_BIN=target/release/bansos BANSOS_API_BIN=target/release/bansos-api \
        target/python/bench/bin/python tests/bench/queries.py > tests/bench/QUERIES.md

Datasette has the rows in an SQLite file opened immutable, with an index on
every column that a filter names and facets off; roapi has them in memory from
CSV. They compare labels as they stand; bansos-api takes what lies inside, and
counts what surely matches and what may.
"""

import csv
import itertools
import os
import random
import sqlite3
import statistics
import subprocess
import sys
import urllib.request
import json

import common

RUNS = 3
DISTINCT = 12_000
SEX = ["F", "M", "*", "unknown"]
AGES = ["0-5", "6-17", "18-29", "30-39", "40-49", "50-59", "60-69", "70+", "18-59", "60+", "*"]
FAMILIES = ["1-2", "3-4", "5+", "*"]


def get(base, path):
    with urllib.request.urlopen(base + path) as answer:
        return json.load(answer)


def rows(data):
    for release in common.newest(data):
        with open(os.path.join(data, "releases", release, "data", "recipients.csv"), encoding="utf-8", newline="") as file:
            yield from csv.reader(itertools.islice(file, 1, None))


def tables(data):
    """The rows as SQLite and as CSV, with columns for the levels of areas."""
    sqlite, text = os.path.join(common.WORK, "recipients.sqlite"), os.path.join(common.WORK, "recipients.csv")
    done = os.path.join(common.WORK, "tables.done")
    columns = ["id", "edition", "program", "area", "kabupaten", "kecamatan", "sex", "age_band", "family_size"]
    if not os.path.exists(done):
        for path in (sqlite, text):
            if os.path.exists(path):
                os.unlink(path)
        connection = sqlite3.connect(sqlite)
        connection.execute(f"CREATE TABLE recipients ({', '.join(name + ' TEXT' for name in columns)}, PRIMARY KEY (id)) WITHOUT ROWID")
        with open(text, "w", encoding="utf-8", newline="") as file:
            out = csv.writer(file)
            out.writerow(columns)

            def wide():
                for one in rows(data):
                    area = one[3].split("~")[0]
                    # With its last dot, so that nobody takes the code for a number.
                    line = [*one[:4], area[:6], area[:8], *one[4:]]
                    out.writerow(line)
                    yield line

            connection.executemany(f"INSERT INTO recipients VALUES ({','.join('?' * len(columns))})", wide())
        for name in columns[1:]:
            connection.execute(f"CREATE INDEX by_{name} ON recipients ({name})")
        connection.execute("ANALYZE")
        connection.commit()
        connection.close()
        open(done, "w", encoding="ascii").close()
    connection = sqlite3.connect(f"file:{sqlite}?immutable=1", uri=True)
    count = connection.execute("SELECT COUNT(*) FROM recipients").fetchone()[0]
    areas = [row[0] for row in connection.execute("SELECT DISTINCT area FROM recipients WHERE area NOT LIKE '%~%' ORDER BY area")]
    programs = [row[0] for row in connection.execute("SELECT DISTINCT program FROM recipients ORDER BY program")]
    editions = [row[0] for row in connection.execute("SELECT DISTINCT edition FROM recipients ORDER BY edition")]
    connection.close()
    return sqlite, text, count, areas, programs, editions


def questions(areas, programs, editions):
    """Distinct sets of filters: areas of every level crossed with all others."""
    dice = random.Random(7)
    levels = [[None], sorted({area[:5] for area in areas}), sorted({area[:8] for area in areas}), [a for a in areas if len(a) == 13]]
    found = {}
    while len(found) < DISTINCT:
        maybe = lambda values: dice.choice(values) if dice.random() < 0.5 else None
        area = dice.choice(dice.choice(levels))
        one = (("area", area), ("program", maybe(programs)), ("edition", maybe(editions)), ("sex", maybe(SEX)),
               ("age_band", maybe(AGES)), ("family_size", maybe(FAMILIES)))
        one = {name: value for name, value in one if value}
        if one:
            found[tuple(sorted(one.items()))] = one
    return list(found.values())


def quote(value):
    return urllib.request.quote(value, safe="")


def ours(one, more=""):
    return "/v1/recipients?" + "&".join(f"{name}={quote(value)}" for name, value in sorted(one.items())) + more


def column(name, value):
    if name != "area":
        return name, value
    return {5: ("kabupaten", value + "."), 8: ("kecamatan", value)}.get(len(value), ("area", value))


def datasettes(one):
    return "/recipients/recipients.json?_shape=objects&_size=100&" + "&".join(
        f"{name}__exact={quote(value)}" for name, value in itertools.starmap(column, one.items()))


def roapis(one):
    return "/api/tables/recipients?limit=100&" + "&".join(
        f"filter%5B{name}%5D=%27{quote(value)}%27" for name, value in itertools.starmap(column, one.items()))


def deep(base, areas):
    """Addresses of pages from all over long lists, and the last ones."""
    found = []
    for first in ["/v1/recipients?limit=1000"] + [f"/v1/recipients?area={area}&limit=1000&sex=F" for area in sorted({a[:5] for a in areas})]:
        address = first
        while address:
            address = get(base, address)["next"]
            if address:
                found.append(address.replace("limit=1000", "limit=100"))
    return found


def line(name, one, note=""):
    return (f"| {name} | {one['rate']:,.0f} | {one['p50']:.2f} | {one['p95']:.2f} | {one['p99']:.2f} | {one['max']:.1f} |{note}")


def main():
    python = os.path.dirname(sys.executable)
    data = common.office()
    sqlite, text, count, areas, programs, editions = tables(data)
    asked = questions(areas, programs, editions)
    print("# Uncached filtered pages of 100 rows beside Datasette and roapi\n")
    print(common.machine())
    print(f"{count:,} rows of five made-up districts; {len(asked):,} distinct sets of filters: areas of every level, program, edition, sex, age band, family size.")
    print(f"Our cache of answers is off (`--cache-bytes 0`). In turns, {RUNS} times 4 s by wrk over 8 connections on the same machine; medians.\n")
    server, base = common.start_server(data, "--cache-bytes", "0")
    port = common.free_port()
    common.start([os.path.join(python, "datasette"), "serve", "-i", sqlite, "--port", str(port), "--setting", "suggest_facets", "off",
                  "--setting", "allow_facet", "off", "--setting", "default_page_size", "100"], port)
    datasette = f"http://127.0.0.1:{port}"
    port = common.free_port()
    _, roapi = common.start([os.path.join(python, "roapi"), "--addr-http", f"127.0.0.1:{port}", "--addr-postgres", f"127.0.0.1:{common.free_port()}",
                             "--addr-flight-sql", f"127.0.0.1:{common.free_port()}", "--table", f"recipients={text}"], port)
    # They answer the same questions: labels without others inside, and all rows on one page.
    same = 0
    for one in asked:
        if set(one) <= {"area", "program", "sex"} and len(one.get("area", "")) == 13 and one.get("sex") in ("F", "M"):
            answer = get(base, ours(one))
            if 0 < answer["total"] < 100:
                shown = [answer["data"], get(datasette, datasettes(one))["rows"], get(roapi, roapis(one))]
                ids = [sorted(row["id"] for row in rows) for rows in shown]
                if ids[0] != ids[1] or ids[0] != ids[2]:
                    sys.exit(f"the servers disagree on {one}: {[len(all_of) for all_of in ids]} rows")
                same += 1
        if same == 20:
            break
    if same < 20:
        sys.exit("no questions to compare the servers by")
    servers = {
        "bansos-api": (base, [ours(one) for one in asked]),
        "Datasette": (datasette, [datasettes(one) for one in asked]),
        "roapi": (roapi, [roapis(one) for one in asked]),
    }
    measured = {name: [] for name in servers}
    for name, (address, paths) in servers.items():
        common.wrk(address, paths, seconds=1)
    for _ in range(RUNS):
        for name, (address, paths) in servers.items():
            measured[name].append(common.wrk(address, paths, seconds=4))
    middle = {name: {key: statistics.median(one[key] for one in all_of) for key in all_of[0]} for name, all_of in measured.items()}
    failed = {name: sum(one["failed"] for one in all_of) for name, all_of in measured.items()}
    versions = subprocess.run([os.path.join(python, "pip"), "list", "--format=freeze"], capture_output=True, text=True).stdout
    version = {name: next((one.split("==")[1] for one in versions.splitlines() if one.startswith(name.lower() + "==")), "") for name in servers}
    print("| server | pages/s | p50 ms | p95 ms | p99 ms | most ms |\n|---|---|---|---|---|---|")
    for name, one in middle.items():
        print(line(f"{name} {version[name]}".strip(), one))
    own = middle["bansos-api"]
    times = {name: own["rate"] / middle[name]["rate"] for name in ("Datasette", "roapi")}
    print(f"\n{times['Datasette']:.0f} times Datasette, {times['roapi']:.1f} times roapi. Answers that failed: "
          + ", ".join(f"{name} {number}" for name, number in failed.items()) + ".\n")

    print("## At any depth and filter\n\nbansos-api alone, 4 s each.\n")
    print("| pages | pages/s | p50 ms | p95 ms | p99 ms | most ms |\n|---|---|---|---|---|---|")
    places = deep(base, areas)
    random.Random(7).shuffle(places)
    kinds = [(f"deep in long lists: {len(places):,} places", places)]
    for level, length in (("no area", 0), ("kabupaten", 5), ("kecamatan", 8), ("kelurahan", 13)):
        kinds.append((level, [ours(one) for one in asked if len(one.get("area", "")) == length]))
    kinds.append(("three attributes at once", [ours(one) for one in asked if {"sex", "age_band", "family_size"} <= set(one)]))
    kinds.append(("as CSV", [ours(one, "&format=csv&limit=100") for one in asked]))
    kinds.append(("1,000 rows a page", [ours(one, "&limit=1000") for one in asked]))
    worst = own["p99"]
    for name, paths in kinds:
        one = common.wrk(base, paths, seconds=4)
        if name != "1,000 rows a page":
            worst = max(worst, one["p99"])
        print(line(name, one), flush=True)
        if one["failed"]:
            sys.exit(f"{one['failed']} answers failed: {name}")
    print(f"\nMemory of bansos-api after all this: {common.memory(server.pid):.0f} MB resident, {common.memory(server.pid, 'VmHWM'):.0f} MB at most.")
    common.goal("uncached filtered page of 100 rows at 1 M rows, beside Datasette", "≥ 50x", f"{times['Datasette']:.0f}x", times["Datasette"] >= 50)
    common.goal("the same beside roapi", "≥ 5x", f"{times['roapi']:.1f}x", times["roapi"] >= 5)
    common.goal("the same, worst p99 at any depth and filter", "≤ 10 ms", f"{worst:.1f} ms", worst <= 10)


if __name__ == "__main__":
    try:
        main()
    finally:
        common.stop_all()
