#!/usr/bin/env python3
"""kept.py RELEASE_FOLDER…

What anonymisation leaves of the rows, per district and program, as a table in
Markdown: the shares of rows that keep kelurahan, sex, age and family size (from
risk-report.json), beside the median number of recipients of a kelurahan that has
any (from data/totals.csv), which is what most of it follows from. Last line: all rows.
"""
import collections
import csv
import json
import pathlib
import statistics
import sys

KEPT = ("kelurahan", "sex", "age_band", "family_size")


def recipients(folder, program):
    with open(folder / "data" / "totals.csv", encoding="utf-8", newline="") as lines:
        values = [
            int(line["value"])
            for line in csv.DictReader(lines)
            if line["program"] == program and line["measure"] == "units" and line["area"].count(".") == 3 and line["value"]
        ]
    return statistics.median([value for value in values if value] or [0])


def main(folders):
    if not folders:
        sys.exit(__doc__)
    print("| release | program | rows | atoms | median of a kelurahan | kelurahan | sex | age | family size |")
    print("|---|---|---|---|---|---|---|---|---|")
    rows, kept = 0, collections.Counter()
    for folder in map(pathlib.Path, sorted(folders)):
        report = json.loads((folder / "risk-report.json").read_text(encoding="utf-8"))
        for program, of in sorted(report["programs"].items()):
            if not of["rows"]:
                continue
            shares = [f"{of['kept'][name]:.1%}" for name in KEPT]
            median = f"{recipients(folder, program):.0f}"
            print("|", " | ".join([report["release"], program, f"{of['rows']:,}", f"{of['atoms']:,}", median, *shares]), "|")
            rows += of["rows"]
            for name in KEPT:
                kept[name] += of["kept"][name] * of["rows"]
    if rows:
        print("|", " | ".join(["all", "", f"{rows:,}", "", "", *[f"{kept[name] / rows:.1%}" for name in KEPT]]), "|")


if __name__ == "__main__":
    main(sys.argv[1:])
