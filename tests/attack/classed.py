#!/usr/bin/env python3
"""Subtracts what the tables in classes show: of two months, of two tables, of
parts and wholes, of pools and kelurahan. Reads the files of releases and nothing
else, shares no code with the gate, and needs Python's standard library only.

    tests/attack/classed.py RELEASES_DIR [K]     exits 1 when a number of 1..K-1 people follows
"""

import csv
import itertools
import json
import os
import sys
from collections import defaultdict

TABLES = {"verification": "units", "freshness": "units", "findings": "units", "deciles": "families", "reports": "received"}


def read(folder, table):
    path = os.path.join(folder, "data", f"{table}.csv")
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def join(one, other):
    """The finest classes that both can be summed up to."""
    blocks = []
    for words in [set(c) for c in one] + [set(c) for c in other]:
        apart = []
        for block in blocks:
            if block & words:
                words |= block
            else:
                apart.append(block)
        blocks = apart + [words]
    return blocks


def number(classes, block):
    return sum(n for words, n in classes.items() if set(words) <= block)


def main():
    root, k = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 11
    districts = defaultdict(list)
    for name in sorted(os.listdir(root)):
        manifest = json.load(open(os.path.join(root, name, "manifest.json"), encoding="utf-8"))
        districts[manifest["district"]].append((manifest["period"], name))
    found, compared = [], 0
    for district, releases in districts.items():
        releases.sort()
        flows, shown = {}, defaultdict(dict)
        for period, name in releases:
            folder = os.path.join(root, name)
            of_release = defaultdict(dict)
            for line in read(folder, "flows"):
                if line["category"] == "" and line["value"]:
                    flows[line["program"], line["area"], period, line["measure"]] = int(line["value"])
            left = defaultdict(dict)
            for line in read(folder, "flows"):
                if line["category"] and line["value"]:
                    left[line["program"], line["area"]][tuple(line["category"].split("~"))] = int(line["value"])
            for (program, area), classes in left.items():
                total = sum(classes.values())
                for words, n in classes.items():
                    compared += 1
                    if n < k or 0 < total - n < k or (n == total and area != district):
                        found.append(f"{name} reasons {program} {area} {words}: {n} of {total}")
                if "~" in area or area.count(".") == 2:
                    exact = sum(flows.get((program, member, period, "left"), 0) for member in area.split("~"))
                    if exact != total:
                        found.append(f"{name} reasons {program} {area}: {total}, {exact} left")
                    # Kelurahan of the group: at least as many possible values as k, or as left there.
                    parts = [n for (p, a, m, measure), n in flows.items() if p == program and m == period and measure == "left" and a.count(".") == 3 and any(a.startswith(member + ".") for member in area.split("~"))]
                    for n, part in itertools.product(classes.values(), parts):
                        least, most = max(0, part + n - total), min(part, n)
                        if most - least + 1 < min(k, part + 1):
                            found.append(f"{name} reasons {program} {area}: a kelurahan of {part} has {least}..{most}")
            for table, measure in TABLES.items():
                for line in read(folder, table):
                    if line["measure"] == measure and line["value"] and line["area"] != district:
                        key = (table, line["program"], line["area"])
                        of_release[key].setdefault((line["release"], line["as_of"]), {})[tuple(line["category"].split("~"))] = int(line["value"])
            parts = defaultdict(dict)
            for table in ("targeting", "reports"):
                for line in read(folder, table):
                    if line["value"] and line["area"] != district:
                        parts[line["area"], line["category"]][line["measure"]] = int(line["value"])
            by_area = defaultdict(list)
            for (area, category), of in parts.items():
                if "any_program" in of:
                    by_area[area].append(category)
                    if min(of["any_program"], of["no_program"]) < k:
                        found.append(f"{name} targeting {area} {category}: {of}")
                for whole, part in (("received", "answered"), ("answered", "upheld")):
                    if part in of and (of[part] < k or of[whole] - of[part] < k):
                        found.append(f"{name} reports {area} {category}: {of}")
            for area, split in by_area.items():
                classes = of_release["deciles", "SEMUA", area]
                for origin in classes.values():
                    if len(split) == len(origin):
                        found.append(f"{name} targeting {area}: every class is divided, so the families with any program are known")
            for key, origins in of_release.items():
                if len(origins) != 1:
                    found.append(f"{name} {key}: figures of {len(origins)} releases")
                for origin, classes in origins.items():
                    total = sum(classes.values())
                    for words, n in classes.items():
                        if n < k or total - n < k:
                            found.append(f"{name} {key} {words}: {n} of {total}")
                    shown[key].setdefault(origin, classes)
            # The unchecked are those never checked.
            for (table, program, area), origins in of_release.items():
                if table == "verification" and ("freshness", program, area) in of_release:
                    one, other = list(origins.values())[0], list(of_release["freshness", program, area].values())[0]
                    same = list(origins) == list(of_release["freshness", program, area])
                    for a, first, b, second in ((one, "unchecked", other, "never"), (other, "never", one, "unchecked")):
                        alone = a.get((first,))
                        mixed = [n for words, n in b.items() if second in words and len(words) > 1]
                        compared += 1
                        if same and alone is not None and mixed and 0 <= mixed[0] - alone < k:
                            found.append(f"{name} {program} {area}: {mixed[0] - alone} in a class beside the unchecked")
        # Two times of one group.
        for (table, program, area), origins in shown.items():
            times = sorted(origins.items(), key=lambda item: item[0][1])
            for (origin, before), (later, after) in itertools.combinations(times, 2):
                blocks = join(before, after)
                months = [period for period, _ in releases if origin[1] < period <= later[1]]
                moved = {
                    measure: sum(flows.get((program, member, month, measure), 0) for month in months for member in area.split("~"))
                    for measure in ("entered", "left")
                }
                grown = [number(after, block) - number(before, block) for block in blocks]
                compared += 1
                of_program = table in ("verification", "freshness", "findings")
                if of_program and any(0 < n < k for n in moved.values()):
                    found.append(f"{later[0]} {table} {program} {area} since {origin[0]}: {moved}")
                if table != "freshness" and any(grown) and sum(map(abs, grown)) < k and len(blocks) > 1:
                    if not of_program or moved == {"entered": 0, "left": 0}:
                        found.append(f"{later[0]} {table} {program} {area} since {origin[0]}: only {grown} changed")
    for line in found:
        print("FAIL", line)
    print(f"{sum(map(len, districts.values()))} releases of {len(districts)} districts, {compared} comparisons, {len(found)} findings")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
