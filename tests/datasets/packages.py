"""frictionless reads a release folder's Data Package and a host's.

    packages.py SCRATCH BASE FOLDER...

Validates `datapackage.json` of each FOLDER on disk and that of the host at BASE
over HTTP: every table with its schema, size, SHA-256, keys and references. Then
damages copies of the first FOLDER in SCRATCH: each damage must be found.
"""

import csv
import json
import pathlib
import shutil
import sys
import urllib.request

from frictionless import Package, validate


def errors(report):
    """What a report found: resource, kind, words."""
    found = [("package", error.type, error.message) for error in report.errors]
    for task in report.tasks:
        found += [(task.name, error.type, error.message) for error in task.errors]
    return found


def resources(descriptor):
    return {one["name"]: one for one in descriptor["resources"]}


def is_valid(source, descriptor):
    report = validate(str(source))
    found = errors(report)
    assert report.valid and not found, f"{source}: {found[:5]}"
    named = resources(descriptor)
    assert [task.name for task in report.tasks] == list(named), source
    tables = 0
    for task in report.tasks:
        one = named[task.name]
        if one.get("type") != "table":
            continue
        tables += 1
        assert task.type == "table", (task.name, task.type)
        assert task.stats.get("rows", 0) == one["rows"], (task.name, task.stats, one["rows"])
        assert "sha256:" + task.stats["sha256"] == one["hash"], task.name
        assert task.stats["bytes"] == one["bytes"], task.name
    assert tables >= 18, tables
    return tables


def damaged(folder, scratch, name, change):
    """What is found in a copy of the folder after a change."""
    copy = pathlib.Path(scratch) / name
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(folder, copy)
    change(copy)
    return {(name, kind) for name, kind, _ in errors(validate(str(copy / "datapackage.json")))}


def rewrite(table, change):
    """A damage of a table that keeps its description honest about size and hash,
    so that only the schema can find it."""

    def run(copy):
        path = copy / "data" / f"{table}.csv"
        with path.open(newline="") as file:
            lines = list(csv.reader(file))
        change(lines)
        with path.open("w", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(lines)
        described = json.loads((copy / "datapackage.json").read_text())
        one = resources(described)[table]
        for key in ["bytes", "hash", "rows"]:
            one.pop(key)
        (copy / "datapackage.json").write_text(json.dumps(described))

    return run


def put(column, value):
    def change(lines):
        lines[1][lines[0].index(column)] = value

    return change


def one_byte(copy):
    path = copy / "data" / "totals.csv"
    data = bytearray(path.read_bytes())
    # A digit for another: still a right table.
    at = max(i for i, byte in enumerate(data) if chr(byte) == "5")
    data[at] = ord("6")
    path.write_bytes(data)


def main(scratch, base, *folders):
    tables = 0
    for folder in map(pathlib.Path, folders):
        tables += is_valid(folder / "datapackage.json", json.loads((folder / "datapackage.json").read_text()))
        # The forms that are not resources are there, too, and as described.
        for one in resources(json.loads((folder / "datapackage.json").read_text())).values():
            for form in one.get("forms", []):
                assert (folder / form["path"]).stat().st_size == form["bytes"], form["path"]
    print(f"{len(folders)} release folders: {tables} tables valid")

    address = f"{base}/datapackage.json"
    with urllib.request.urlopen(address) as answer:
        host = json.load(answer)
    print(f"host: {is_valid(address, host)} tables valid over HTTP")
    # The package of a release, by its own address.
    for path in host["packages"][-1:]:
        own = Package(f"{base}/{path}")
        row = own.get_resource("totals").read_rows()[0]
        assert row["period"], row

    folder = folders[0]
    for name, change, expected in [
        ("value", rewrite("totals", put("value", "many")), ("totals", "type-error")),
        ("negative", rewrite("totals", put("value", "-1")), ("totals", "constraint-error")),
        ("status", rewrite("totals", put("status", "guessed")), ("totals", "constraint-error")),
        ("month", rewrite("totals", put("period", "2025-13")), ("totals", "type-error")),
        ("area", rewrite("totals", put("area", "3671")), ("totals", "constraint-error")),
        ("program", rewrite("totals", put("program", "NONE")), ("totals", "foreign-key")),
        ("label", rewrite("atoms", put("age_band", "0-99")), ("atoms", "constraint-error")),
        ("twice", rewrite("totals", lambda lines: lines.append(lines[1])), ("totals", "primary-key")),
        ("header", rewrite("totals", lambda lines: lines[0].__setitem__(0, "areas")), ("totals", "incorrect-label")),
        ("byte", one_byte, ("totals", "hash-count")),
    ]:
        found = damaged(folder, scratch, name, change)
        assert expected in found, f"{name}: expected {expected}, found {found}"
    assert damaged(folder, scratch, "none", lambda copy: None) == set()
    print("10 damages found")


if __name__ == "__main__":
    main(*sys.argv[1:])
