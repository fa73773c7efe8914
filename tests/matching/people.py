#!/usr/bin/env python3
"""A large district of people who are nobody: time, memory, and what is found.

    people.py ENGINE NAMES.csv [PEOPLE] [RESULTS.md]

Families on cards in kelurahan, names as common as names are (some very), one in
ninety births a pair of twins, one birthday in a hundred entered as 1 January or 1 July;
and one in two hundred people once more under another NIK: with a new number
only, on another card, moved to another kelurahan, with a slip in the name, in
the date, or both.
"""
import csv
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
COLUMNS = ["name", "born", "sex", "card", "neighbours", "kelurahan", "kecamatan"]
KINDS = ["number only", "other card", "moved", "slip in name", "slip in date", "slips in both", "word left out"]


def slip(dice, word):
    at = dice.randrange(1, len(word))
    kind = dice.randrange(4)
    if kind == 0:
        return word[:at] + word[at + 1 :]
    if kind == 1:
        return word[:at] + dice.choice("AEIOUHNRT") + word[at:]
    if kind == 2:
        return word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :]
    return word[:at] + dice.choice("AEIOUHNRT") + word[at + 1 :]


def slip_of_date(dice, born):
    year, month, day = born[:4], born[4:6], born[6:]
    if int(day) <= 12 and dice.random() < 0.3:
        return year + day + month
    if dice.random() < 0.5:
        return f"{year}{month}{dice.randrange(1, 10) + 10 * (int(day) // 10):02}"[:8]
    return f"{int(year) + dice.choice((-10, -1, 1, 10))}{month}{day}"


def people(count, names, dice):
    """Rows in the order of COLUMNS, and the pairs that are one person."""
    lists = {}
    for row in csv.reader(line for line in open(names, encoding="utf-8") if not line.startswith("#")):
        if len(row) >= 2:
            lists.setdefault(row[0], []).append(row[1].upper())
    # A name's share falls with its place: the first are SITI and MUHAMMAD.
    common = {"F": ["SITI", "NUR", "SRI", "DEWI", "RINA"], "M": ["MUHAMMAD", "AHMAD", "ABDUL", "AGUS", "BUDI"]}
    first = {s: common[s] + lists[f"depan_{w}"] for s, w in (("F", "perempuan"), ("M", "laki"))}
    last = {s: lists[f"belakang_{w}"] + lists[f"depan_{w}"] for s, w in (("F", "perempuan"), ("M", "laki"))}
    weights = {key: [1 / (place + 3) ** 0.8 for place in range(len(key_list))] for key, key_list in
               [(("first", s), first[s]) for s in "FM"] + [(("last", s), last[s]) for s in "FM"]}
    pools = {(kind, s): dice.choices(source[s], weights[kind, s], k=400_000) for kind, source in (("first", first), ("last", last)) for s in "FM"}

    def name(sex):
        words = [dice.choice(pools["first", sex])]
        draw = dice.random()
        if draw < 0.85:
            words.append(dice.choice(pools["last", sex]))
        if draw < 0.25:
            words.append(dice.choice(pools["last", sex]))
        return " ".join(words)

    def born(age):
        if dice.random() < 0.01:
            return f"{2025 - age}{dice.choice(('0101', '0701'))}"
        return f"{2025 - age}{dice.randrange(1, 13):02}{dice.randrange(1, 29):02}"

    rows, card = [], 0
    while len(rows) < count:
        card += 1
        kecamatan = 367101 + dice.randrange(13)
        kelurahan = f"{kecamatan}{1001 + dice.randrange(10)}"
        neighbours = f"{kelurahan}/{dice.randrange(1, 13)}/{dice.randrange(1, 10)}"
        parent = dice.randrange(19, 70)
        ages = [parent, max(19, parent + dice.randrange(-4, 6))] + [dice.randrange(max(1, parent - 18)) for _ in range(dice.randrange(4))]
        for member, age in enumerate(ages):
            sex = "MF"[member] if member < 2 else dice.choice("MF")
            date = born(age)
            rows.append([name(sex), date, sex, card, neighbours, kelurahan, str(kecamatan)])
            if member >= 2 and dice.random() < 1 / 45:
                # Twins: half the time they share a word of the name.
                other = name(sex)
                if dice.random() < 0.5:
                    other = " ".join(rows[-1][0].split(" ")[:1] + other.split(" ")[1:])
                if other != rows[-1][0]:
                    rows.append([other, date, sex, card, neighbours, kelurahan, str(kecamatan)])
    planted = []
    cards = card
    for at, of in enumerate(dice.sample(range(len(rows)), count // 200)):
        row, kind = list(rows[of]), KINDS[at % len(KINDS)]
        if kind in ("other card", "slip in name", "word left out", "moved"):
            cards += 1
            row[3] = cards
        if kind == "moved":
            row[6] = str(367101 + dice.randrange(13))
            row[5] = f"{row[6]}{1001 + dice.randrange(10)}"
            row[4] = f"{row[5]}/{dice.randrange(1, 13)}/{dice.randrange(1, 10)}"
        if kind in ("slip in name", "slips in both"):
            words = row[0].split(" ")
            place = dice.randrange(len(words))
            words[place] = slip(dice, words[place])
            row[0] = " ".join(words)
        if kind == "word left out" and " " in row[0]:
            words = row[0].split(" ")
            del words[dice.randrange(len(words))]
            row[0] = " ".join(words)
        if kind in ("slip in date", "slips in both"):
            row[1] = slip_of_date(dice, row[1])
        planted.append((of, len(rows), kind))
        rows.append(row)
    return rows, planted


def main(engine, names, count, results):
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        rows, planted = people(count, names, random.Random(4))
        with open(folder / "people.csv", "w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            writer.writerows(rows)
        command = [engine, HERE / "people.toml", folder / "people.csv", folder / "pairs.csv"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=None if os.environ.get("VERBOSE") else subprocess.DEVNULL, text=True)
        line = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        if status:
            raise SystemExit("the engine failed")
        told = json.loads(line)
        with open(folder / "pairs.csv") as file:
            found = {(int(row["one"]), int(row["other"])): float(row["probability"]) for row in csv.DictReader(file)}
    right = {(one, other) for one, other, _ in planted}
    commit = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=HERE, capture_output=True, text=True).stdout.strip()
    lines = [
        f"Run on {time.strftime('%Y-%m-%d', time.gmtime())} at commit {commit}, {os.cpu_count()} processors.",
        "",
        f"{len(rows)} people, {told['compared']} pairs compared: {told['match_seconds']:.1f} s to match, {told['read_seconds']:.1f} s to read; "
        f"{told['held_bytes'] / 2**20:.0f} MB held, {usage.ru_maxrss / 1024:.0f} MB at most.",
        "",
        "| threshold | precision | recall | F1 |",
        "|---|---|---|---|",
    ]
    for threshold in (0.5, 0.9):
        kept = {pair for pair, probability in found.items() if probability >= threshold}
        hits = len(kept & right)
        lines.append(f"| {threshold} | {hits / max(1, len(kept)):.4f} | {hits / len(right):.4f} | {2 * hits / (len(kept) + len(right)):.4f} |")
    lines += ["", "| planted | people | found |", "|---|---|---|"]
    for kind in KINDS:
        of = [(one, other) for one, other, what in planted if what == kind]
        lines.append(f"| {kind} | {len(of)} | {sum(pair in found for pair in of) / len(of):.3f} |")
    wrong = [pair for pair in found if pair not in right]
    same = sum(rows[a][3] == rows[b][3] and rows[a][1] == rows[b][1] for a, b in wrong)
    lines += ["", f"Of {len(wrong)} pairs that were not planted, {same} are twins."]
    if os.environ.get("VERBOSE"):
        for a, b in sorted(wrong, key=lambda pair: -found[pair])[:25]:
            print(found[a, b], rows[a], rows[b], file=sys.stderr)
    print("\n".join(lines))
    if results:
        path = pathlib.Path(results)
        start, end = "<!-- people -->", "<!-- /people -->"
        head, rest = path.read_text().split(start)
        path.write_text(head + start + "\n" + "\n".join(lines) + "\n" + end + rest.split(end)[1])
    if count >= 1_000_000 and told["match_seconds"] >= 60:
        raise SystemExit("a million people took a minute or more")


if __name__ == "__main__":
    if not 3 <= len(sys.argv) <= 5:
        raise SystemExit(__doc__)
    main(pathlib.Path(sys.argv[1]).resolve(), sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 1_000_000, sys.argv[4] if len(sys.argv) > 4 else None)
