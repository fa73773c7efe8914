#!/usr/bin/env python3
"""check_rows.py BASE [--file FILE] [--kelurahan PERCENT] [--sex PERCENT] [--rows N] [--k 11] [--candidates 100]

Reads every recipients CSV that the API at BASE offers (or FILE in their
place) and checks, with nothing but Python's own library and no code of the
product, what design rule R3 promises about rows:

- every class of rows that agree in all their attributes has at least k members,
  a generalised value ("*") being a value of its own;
- every label stands for at least 100 inhabitants: public population of the
  area, times the approximate national shares of sex, age and family size;
- the share of rows that keep their kelurahan and their sex is printed, and
  held to the bar where one is given.

Prints "FAIL …" per finding and exits 1; exits 0 when nothing is found.
"""
import argparse
import collections
import csv
import io
import json
import sys
import time
import urllib.error
import urllib.request

SEX = {"F": 0.5, "M": 0.5}
AGE = {"0-5": 9.6, "6-17": 19.4, "18-29": 19.8, "30-39": 15.9, "40-49": 14.5, "50-59": 11.1, "60-69": 6.6, "70+": 3.1}
AGE_ABOVE = {
    "0-17": ("0-5", "6-17"),
    "18-39": ("18-29", "30-39"),
    "40-59": ("40-49", "50-59"),
    "18-59": ("18-29", "30-39", "40-49", "50-59"),
    "60+": ("60-69", "70+"),
}
SIZE = {"1-2": 20.0, "3-4": 50.0, "5+": 30.0}
EVERYONE = ("*", "unknown")  # an absent value narrows nobody down
ATTRIBUTES = ("program", "area", "sex", "age_band", "family_size")


def share(row_sex, row_age, row_size):
    sex = 1.0 if row_sex in EVERYONE else SEX[row_sex]
    if row_age in EVERYONE:
        age = 1.0
    else:
        age = sum(AGE[leaf] for leaf in AGE_ABOVE.get(row_age, (row_age,))) / 100
    size = 1.0 if row_size in EVERYONE else SIZE[row_size] / 100
    return sex * age * size


class Api:
    def __init__(self, base):
        self.base = base.rstrip("/")
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def get(self, path):
        while True:
            try:
                return self.opener.open(self.base + path, timeout=300).read()
            except urllib.error.HTTPError as error:
                if error.code != 429:
                    raise SystemExit(f"{path}: {error.code} {error.read(500)!r}")
                time.sleep(float(error.headers.get("Retry-After", "1")))

    def json(self, path):
        return json.loads(self.get(path))

    def populations(self, district):
        """Public population of the district and all areas in it, by code."""
        found = {}
        top = self.json(f"/v1/areas/{district}")
        found[district] = top["population"]["people"]
        for kecamatan in top["children"]:
            code = kecamatan["code"]
            people = kecamatan["population"]["people"]
            found[code] = people
            children = self.json(f"/v1/areas/{code}")["children"]
            for kelurahan in children:
                population = kelurahan.get("population")
                found[kelurahan["code"]] = population["people"] if population else people / len(children)
        return found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("base")
    parser.add_argument("--file")
    parser.add_argument("--k", type=int, default=11)
    parser.add_argument("--candidates", type=float, default=100)
    parser.add_argument("--kelurahan", type=float, default=0)
    parser.add_argument("--sex", type=float, default=0)
    parser.add_argument("--rows", type=int, default=1)
    args = parser.parse_args()
    api = Api(args.base)

    if args.file:
        with open(args.file, "rb") as file:
            tables = {args.file: file.read()}
    else:
        datasets = api.json("/v1/datasets")["data"]
        files = [d for s in datasets if s["dataset"] == "recipients" for d in s["distributions"] if d["format"] == "csv"]
        tables = {d["url"]: api.get(d["url"]) for d in files}

    findings = []
    populations = {}
    rows = kelurahan = sex = classes_seen = 0
    smallest = fewest = float("inf")
    for place, text in sorted(tables.items()):
        classes = collections.Counter()
        ids = set()
        count = 0
        for row in csv.DictReader(io.StringIO(text.decode("utf-8"), newline="")):
            classes[tuple(row[name] for name in ATTRIBUTES)] += 1
            ids.add(row["id"])
            count += 1
        if len(ids) != count:
            findings.append(f"FAIL id {place}: {count} rows, {len(ids)} ids")
        rows += count
        classes_seen += len(classes)
        for (program, area, row_sex, age, size), n in classes.items():
            label = f"{place} {program} {area} {row_sex} {age} {size}"
            kelurahan += n * (len(area) == 13)
            sex += n * (row_sex in SEX)
            smallest = min(smallest, n)
            if n < args.k:
                findings.append(f"FAIL class {label}: {n} rows, under {args.k}")
            district = area[:5]
            if district not in populations:
                populations[district] = api.populations(district)
            people = sum(populations[district][member] for member in area.split("~"))
            candidates = people * share(row_sex, age, size)
            fewest = min(fewest, candidates)
            if candidates < args.candidates:
                findings.append(f"FAIL candidates {label}: about {candidates:.1f} inhabitants, under {args.candidates:g}")
    if rows < args.rows:
        findings.append(f"FAIL rows: {rows} rows, at least {args.rows} expected")
    kept = {"kelurahan": 100 * kelurahan / max(rows, 1), "sex": 100 * sex / max(rows, 1)}
    for name, bar in (("kelurahan", args.kelurahan), ("sex", args.sex)):
        if kept[name] < bar:
            findings.append(f"FAIL {name}: kept by {kept[name]:.2f} % of rows, under {bar:g} %")
    print(
        f"{rows} rows in {len(tables)} files, {classes_seen} classes, smallest {smallest}, fewest candidates {fewest:.1f}; "
        f"kelurahan kept by {kept['kelurahan']:.2f} %, sex by {kept['sex']:.2f} % of rows"
    )
    for finding in findings[:50]:
        print(finding)
    if findings:
        print(f"{len(findings)} findings", file=sys.stderr)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
