#!/usr/bin/env python3
"""Asks an API random questions and computes every answer again from the release
folders and the log of the version that the answer names.

Written from the published descriptions (API, columns, codebook, log) and from
nothing of this project, so that it can disagree. Standard library only.

    recompute.py DATA URL [--queries N] [--seed S] [--seeded M] [--record FILE]

DATA is a folder with `releases/` and `log/`; URL is the address of a server over
the same data (or over a catalogue made from it). Prints what was asked and a
line `WRONG address: what` for each answer that is not what the files say. With
--seeded, M right answers are altered by one figure, row or word each, and each
alteration must be found. Exit status 0 or 1.
"""

import argparse
import collections
import csv
import datetime
import gzip
import hashlib
import http.client
import io
import json
import os
import random
import re
import sys
import urllib.parse

# --- The codebook ------------------------------------------------------------

PARENTS = {
    "sex": {"F": "*", "M": "*", "unknown": "*"},
    "age_band": {
        "0-17": "*", "0-5": "0-17", "6-17": "0-17", "18-59": "*", "18-39": "18-59", "18-29": "18-39",
        "30-39": "18-39", "40-59": "18-59", "40-49": "40-59", "50-59": "40-59", "60+": "*", "60-69": "60+",
        "70+": "60+", "unknown": "*",
    },
    "family_size": {"1-2": "*", "3-4": "*", "5+": "*", "unknown": "*"},
}  # fmt: skip


def line(attribute, label):
    """A label and all that are more general."""
    found = [label]
    while found[-1] != "*":
        found.append(PARENTS[attribute][found[-1]])
    return found


def matches(attribute, wanted, label):
    """2 surely, 1 possibly, 0 no."""
    if wanted in line(attribute, label):
        return 2
    return 1 if label == "unknown" or label in line(attribute, wanted) else 0


# --- Areas --------------------------------------------------------------------


def inside(area, outer):
    return area == outer or area.startswith(outer + ".")


def area_matches(label, wanted):
    members = label.split("~")
    if all(inside(member, wanted) for member in members):
        return 2
    return 1 if any(inside(member, wanted) or inside(wanted, member) for member in members) else 0


LEVELS = {2: "provinsi", 5: "kabupaten", 8: "kecamatan", 13: "kelurahan"}


# --- Log and releases ---------------------------------------------------------


def tile(number, width):
    text = f"{number % 1000:03}"
    while number >= 1000:
        number //= 1000
        text = f"x{number % 1000:03}/{text}"
    return text if width == 256 else f"{text}.p/{width}"


def log_entries(folder):
    """The entries of a log, oldest first."""
    with open(os.path.join(folder, "checkpoint"), encoding="utf-8") as file:
        size = int(file.read().split("\n")[1])
    found = []
    for number in range((size + 255) // 256):
        with open(os.path.join(folder, "tile/entries", tile(number, min(256, size - number * 256))), "rb") as file:
            data = file.read()
        while data:
            length = int.from_bytes(data[:2], "big")
            found.append(json.loads(data[2 : 2 + length]))
            data = data[2 + length :]
    return found


class Release:
    """One release folder."""

    def __init__(self, folder, name, version, at):
        self.name, self.version, self.admitted_at = name, version, at
        found = re.fullmatch(r"(\d\d\.\d\d)-(\d{4}-\d\d)(?:-r(\d+))?", name)
        self.district, self.period, self.revision = found[1], found[2], int(found[3] or 1)
        self.folder = os.path.join(folder, name)
        self.manifest = {}
        path = os.path.join(self.folder, "manifest.json")
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                self.manifest = json.load(file)
        self.tables = {}

    @property
    def order(self):
        return (self.district, self.period, self.revision)

    def table(self, name):
        """The lines of a CSV file, each a dict; none where there is no file."""
        if name not in self.tables:
            path = os.path.join(self.folder, "data", name + ".csv")
            rows = []
            if os.path.exists(path):
                with open(path, encoding="utf-8", newline="") as file:
                    rows = list(csv.DictReader(file))
            if name == "recipients":
                rows.sort(key=lambda row: place_of(row["id"]))
            self.tables[name] = rows
        return self.tables[name]

    def edition(self):
        """Quarter and revision of its edition."""
        return edition(self.manifest["edition"])


def place_of(row):
    """What an id is ordered by."""
    head, program, atom, place = row.rsplit("/", 3)
    return (head, program, int(atom), int(place))


def edition(text):
    quarter, _, revision = text.partition("-r")
    return (quarter, int(revision or 1))


class Gone(Exception):
    """The answer is 410: it rests on a release that was withdrawn."""


class World:
    """What the files say, at every version."""

    def __init__(self, data):
        self.entries = log_entries(os.path.join(data, "log"))
        self.releases, self.withdrawn = {}, {}
        for version, entry in enumerate(self.entries, 1):
            name = entry["release"]
            if entry["action"] == "admit":
                self.releases[name] = Release(os.path.join(data, "releases"), name, version, entry["at"])
            else:
                self.withdrawn[name] = (version, entry["reason"])

    def stands(self, one, version):
        return one.version <= version and self.withdrawn.get(one.name, (version + 1,))[0] > version

    def answering(self, version):
        """Per district and month the newest revision that stands, in order."""
        newest = {}
        for one in self.releases.values():
            place = (one.district, one.period)
            if self.stands(one, version) and (place not in newest or newest[place].revision < one.revision):
                newest[place] = one
        return sorted(newest.values(), key=lambda one: one.order)

    def newest(self, version):
        """Of each district the newest month."""
        return list({one.district: one for one in self.answering(version)}.values())

    def sources(self, version, ask):
        """The releases that answer for an area, or the one asked for."""
        area = ask.get("area")
        if "release" in ask:
            found = [self.releases[ask["release"]]]
            self.standing(found)
        else:
            found = self.answering(version)
        return [one for one in found if area is None or inside(area, one.district) or inside(one.district, area)]

    def standing(self, found):
        """What was taken back is not told, at no version."""
        if any(one.name in self.withdrawn for one in found):
            raise Gone
        return found

    # -- The lists

    def recipients(self, version, ask):
        wanted = edition(ask["edition"]) if "edition" in ask else None
        newest = {}
        for one in self.sources(version, ask):
            own = one.edition()
            if wanted is None or own == wanted or wanted[1] == 1 and own[0] == wanted[0]:
                known = newest.get(one.district)
                if known is None or (known.edition(), known.order) < (own, one.order):
                    newest[one.district] = one
        found = self.standing([newest[district] for district in sorted(newest)])
        rows, possible = [], 0
        for one in found:
            for row in one.table("recipients"):
                if "program" in ask and row["program"] != ask["program"]:
                    continue
                surely = 2 if "area" not in ask else area_matches(row["area"], ask["area"])
                for attribute in PARENTS:
                    if attribute in ask:
                        surely = min(surely, matches(attribute, ask[attribute], row[attribute]))
                if surely == 2:
                    rows.append(row)
                elif surely == 1:
                    possible += 1
        editions = [
            {"area": one.district, "edition": one.manifest["edition"], "as_of": one.manifest["edition_as_of"], "release": one.name}
            for one in found
        ]
        return {"rows": rows, "total": len(rows), "possible": possible, "editions": editions}

    def statistics(self, version, ask):
        first, last = period_range(ask.get("period"))
        found = [one for one in self.sources(version, ask) if first <= one.period <= last]
        self.standing(found)
        rows = []
        for one in sorted(found, key=lambda one: one.order):
            part = [row for row in one.table(ask["table"]) if fits(row, ask)]
            rows += sorted(part, key=lambda row: row["program"])
        return {"rows": rows, "total": len(rows), "missing": self.missing(version, ask)}

    def missing(self, version, ask):
        """Provinsi that were asked for, and who publishes in them."""
        area, level = ask.get("area"), ask.get("level")
        if area is not None and len(area) == 2 and level in (None, "provinsi"):
            wanted = {area}
        elif area is None and level == "provinsi":
            wanted = {one.district[:2] for one in self.answering(version)}
        else:
            wanted = set()
        return [{"area": area, "status": "missing", "value": None, "districts": self.publishers(version, area)} for area in sorted(wanted)]

    def publishers(self, version, area):
        return [
            {"code": one.district, "release": one.name, "period": one.period}
            for one in self.newest(version)
            if inside(area, one.district) or inside(one.district, area)
        ]

    def area(self, version, ask):
        code, headline = ask["code"], []
        for one in self.newest(version):
            if inside(code, one.district):
                self.standing([one])
                headline = [row for row in one.table("totals") if row["area"] == code]
        return {
            "rows": sorted(headline, key=lambda row: row["program"]),
            "districts": self.publishers(version, code),
            "publishes": any(inside(code, one.district) or inside(one.district, code) for one in self.answering(version)),
        }

    def list_releases(self, version, ask):
        first, last = period_range(ask.get("period"))
        answering, rows, area = {one.name: one for one in self.answering(version)}, [], ask.get("area")
        for one in sorted(self.releases.values(), key=lambda one: -one.version):
            near = area is None or inside(area, one.district) or inside(one.district, area)
            if one.version > version or not near or not first <= one.period <= last:
                continue
            instead = next((other.name for other in answering.values() if other.order[:2] == one.order[:2]), "")
            status = "withdrawn" if not self.stands(one, version) else "current" if one.name in answering else "superseded"
            manifest, correction = one.manifest, one.manifest.get("correction") or {}
            day = published_on(one)
            begun = min((other for other in self.releases.values() if other.order[:2] == one.order[:2]), key=lambda other: other.version)
            due = datetime.date.fromisoformat(begun.manifest.get("expected_on") or manifest["expected_on"])
            rows.append({
                "release": one.name, "district": one.district, "period": one.period, "revision": str(one.revision),
                "edition": manifest["edition"], "edition_as_of": manifest["edition_as_of"], "admitted_at": one.admitted_at,
                "expected_on": manifest["expected_on"], "published_on": day.isoformat(),
                "days_late": str(max(0, (published_on(begun) - due).days)), "version": str(one.version), "status": status,
                "rows_from": manifest["rows_from"], "corrects": correction.get("of", ""), "correction_reason": correction.get("reason", ""),
                "superseded_by": instead if status == "superseded" else "", "simulated": str(manifest["simulated"]).lower(),
                "reason": self.withdrawn[one.name][1] if status == "withdrawn" else "",
            })  # fmt: skip
        return {"rows": rows, "total": len(rows)}

    def files(self, version, ask):
        """The files of one dataset, with what stands on the disk."""
        first, last = period_range(ask.get("period"))
        rows = []
        for one in self.standing([one for one in self.sources(version, ask) if first <= one.period <= last]):
            corrected = (one.manifest.get("correction") or {}).get("of")
            if ask["dataset"] == "corrections" and corrected in self.withdrawn:
                continue
            for file in one.manifest["files"]:
                name = file["path"].removeprefix("data/")
                if name == file["path"] or name.split(".")[0] != ask["dataset"]:
                    continue
                with open(os.path.join(one.folder, file["path"]), "rb") as opened:
                    content = opened.read()
                rows.append({
                    "dataset": ask["dataset"], "release": one.name, "area": one.district, "period": one.period,
                    "format": name.rsplit(".", 1)[1], "url": f"/v1/datasets/{ask['dataset']}/{one.name}/{name}",
                    "bytes": str(len(content)), "sha256": hashlib.sha256(content).hexdigest(),
                    "rows": str(len(list(csv.reader(io.StringIO(content.decode(), newline="")))) - 1) if name.endswith(".csv") else None,
                })  # fmt: skip
        return {"rows": rows, "total": len(rows)}


def published_on(one):
    """The day in western Indonesia."""
    at = datetime.datetime.fromisoformat(one.admitted_at.replace("Z", "+00:00"))
    return (at + datetime.timedelta(hours=7)).date()


def period_range(text):
    if text is None:
        return "0000-00", "9999-99"
    first, _, last = text.partition("..")
    return first, last or first


def fits(row, ask):
    members = row["area"].split("~")
    return (
        ("program" not in ask or row["program"] == ask["program"])
        and ("area" not in ask or all(inside(member, ask["area"]) for member in members))
        and ("level" not in ask or LEVELS[len(members[0])] == ask["level"])
        and ("measure" not in ask or row["measure"] == ask["measure"])
        and ("category" not in ask or ask["category"] in row["category"].split("~"))
    )


# --- Asking -------------------------------------------------------------------


class Wrong(Exception):
    pass


class Server:
    def __init__(self, url):
        self.address = urllib.parse.urlsplit(url)
        self.connection = None

    def get(self, path, accept, coding):
        """Status, headers and plain body."""
        for attempt in (1, 2):
            if self.connection is None:
                self.connection = http.client.HTTPConnection(self.address.hostname, self.address.port, timeout=120)
            try:
                self.connection.request("GET", path, headers={"Accept": accept, "Accept-Encoding": coding})
                reply = self.connection.getresponse()
                body = reply.read()
                break
            except (http.client.HTTPException, OSError):
                # The server closes connections that were idle.
                self.connection = None
                if attempt == 2:
                    raise
        if reply.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        return reply.status, reply.headers, body


# Pages that are walked of an answer.
PAGES = 3

ACCEPT = {"json": "application/json", "csv": "text/csv", "ndjson": "application/x-ndjson"}


def flat(row):
    """A row as CSV has it: every cell a text."""
    if "correction" in row:
        correction = row.get("correction") or {}
        row = {key: value for key, value in row.items() if key != "correction"}
        row |= {"corrects": correction.get("of"), "correction_reason": (correction.get("reason") or {}).get("code")}
    return {key: "" if value is None else str(value).lower() if isinstance(value, bool) else str(value) for key, value in row.items()}


def read(body, form):
    """The rows of an answer, flat, and what stands beside them."""
    text = body.decode("utf-8", "strict")
    if form == "csv":
        return [dict(row) for row in csv.DictReader(io.StringIO(text, newline=""))], {}
    if form == "ndjson":
        return [flat(json.loads(line)) for line in text.splitlines()], {}
    whole = json.loads(text)
    return [flat(row) for row in whole["data"]], whole


def compare(asked, found, truth, whole, limit, form):
    """Says what is wrong, or nothing."""
    rows, expected = found
    if rows and truth["rows"]:
        # Columns that only names and translations stand in are not computed.
        known = [key for key in truth["rows"][0] if truth["rows"][0][key] is not None]
        absent = [key for key in known if key not in rows[0]]
        if absent:
            raise Wrong(f"columns {absent} are absent")
    cut = lambda row: tuple(row.get(key, "") for key in sorted(row) if key in KEYS[asked])
    got, want = [cut(row) for row in rows], [cut(row) for row in expected]
    most = len(want) if limit is None else min(limit * PAGES, len(want))
    if asked == "statistics":
        # The order of measures and categories within an area is the table's own.
        place = lambda row: (row["area"][:5], row["period"], row["program"], row["area"].split("~")[0].replace(".", "").ljust(10, "0"))
        if collections.Counter(got) - collections.Counter(want) or len(got) != most:
            raise Wrong(difference(got, want))
        if [place(row) for row in rows] != sorted(map(place, expected))[:most]:
            raise Wrong("not in the order of districts, months, programs and areas")
    elif got != want[:most]:
        raise Wrong(difference(got, want[:most]))
    elif asked == "files":
        # Only of CSV are the rows counted here.
        for row, other in zip(rows, expected):
            if other["rows"] not in (None, row["rows"]):
                raise Wrong(f"{row['url']} has {row['rows']} rows, the file {other['rows']}")
    if form == "json":
        for key in ("total", "possible", "editions", "missing", "districts", "publishes"):
            if key in truth and key in whole and bare(whole[key]) != truth[key]:
                raise Wrong(f"{key} is {bare(whole[key])}, the files say {truth[key]}")
            if key in truth and key not in whole:
                raise Wrong(f"{key} is absent")


def bare(value):
    """Without names, which are not computed here."""
    if isinstance(value, list):
        return [bare(one) for one in value]
    if isinstance(value, dict):
        return {key: bare(one) for key, one in value.items() if key != "name"}
    return value


def difference(got, want):
    more, less = collections.Counter(got) - collections.Counter(want), collections.Counter(want) - collections.Counter(got)
    if not more and not less:
        return "the same rows in another order"
    return f"{len(got)} rows, the files say {len(want)}; only in the answer {list(more)[:2]}, only in the files {list(less)[:2]}"


CELL = ["area", "program", "period", "measure", "category", "value", "status", "group", "release", "as_of"]
KEYS = {
    "recipients": ["id", "edition", "program", "area", "sex", "age_band", "family_size"],
    "statistics": CELL,
    "area": CELL,
    "list_releases": [
        "release", "district", "period", "revision", "edition", "edition_as_of", "admitted_at", "expected_on", "published_on",
        "days_late", "version", "status", "rows_from", "corrects", "correction_reason", "superseded_by", "simulated", "reason",
    ],
    "files": ["dataset", "release", "area", "period", "format", "url", "bytes", "sha256"],
}  # fmt: skip

TABLES = ["totals", "payments", "flows", "plan", "coverage", "demographics", "overlaps", "verification", "freshness",
          "findings", "deciles", "targeting", "reports"]  # fmt: skip


class Questions:
    """Random questions about what there is."""

    def __init__(self, world, seed):
        self.world, self.random = world, random.Random(seed)
        self.areas = {"36", "12", "91"}
        self.words = collections.defaultdict(set)
        for one in world.releases.values():
            for row in one.table("recipients"):
                self.areas.update(row["area"].split("~"))
                self.words["program"].add(row["program"])
            for table in TABLES:
                for row in one.table(table):
                    self.words[table, "program"].add(row["program"])
                    self.words[table, "measure"].add(row["measure"])
                    self.words[table, "category"].update(row["category"].split("~"))
                    self.areas.update(row["area"].split("~"))
            if one.manifest:
                self.words["edition"].add(one.manifest["edition"])
            self.words["period"].add(one.period)
            self.words["release"].add(one.name)
        for area in list(self.areas):
            self.areas.update({area[:2], area[:5], area[:8]} & set(area[:n] for n in (2, 5, 8) if len(area) >= n))
        self.areas = sorted(area for area in self.areas if len(area) in LEVELS)
        self.districts = sorted({one.district for one in world.releases.values()})
        self.words = {key: sorted(words - {""}) for key, words in self.words.items()}

    def area(self):
        # Every level as often.
        length = self.random.choice([2, 5, 5, 8, 8, 13])
        return self.random.choice([area for area in self.areas if len(area) == length])

    def one(self):
        """What is asked, the parameters, and the path."""
        pick, some = self.random.choice, lambda chance: self.random.random() < chance
        kind = self.random.choices(["recipients", "statistics", "area", "list_releases", "files"], [35, 40, 10, 8, 7])[0]
        ask, fixed = {}, {}
        if kind == "area":
            fixed["code"] = self.area()
        elif some(0.8):
            ask["area"] = self.area()
        if kind == "recipients":
            for name, chance in (("program", 0.6), ("edition", 0.3)):
                if some(chance):
                    ask[name] = pick(self.words[name])
            for name in PARENTS:
                if some(0.35):
                    ask[name] = pick(list(PARENTS[name]))
        if kind == "statistics":
            fixed["table"] = table = pick(TABLES)
            for name, chance in (("program", 0.4), ("measure", 0.4), ("category", 0.3)):
                if some(chance) and self.words.get((table, name)):
                    ask[name] = pick(self.words[table, name])
            if some(0.4):
                ask["level"] = pick(list(LEVELS.values()))
        if kind == "files":
            fixed["dataset"] = pick(TABLES + ["recipients", "atoms", "corrections"])
        if kind in ("statistics", "list_releases", "files") and some(0.5):
            first, last = sorted([pick(self.words["period"]), pick(self.words["period"])])
            ask["period"] = first if some(0.4) else f"{first}..{last}"
        if kind in ("recipients", "statistics", "files") and some(0.15):
            ask["release"] = pick(self.words["release"])
        looks = {}
        if some(0.5):
            looks["version"] = self.random.randint(1, len(self.world.entries))
        form = "json" if kind == "area" else pick(["json", "json", "csv", "ndjson"])
        limit = pick([1, 7, 100, 1000]) if form == "json" and kind != "area" else None
        if limit is not None and (limit != 100 or some(0.5)):
            looks["limit"] = limit
        path = {
            "recipients": "/v1/recipients", "statistics": "/v1/statistics/" + fixed.get("table", ""), "area": "/v1/areas/" + fixed.get("code", ""),
            "list_releases": "/v1/releases", "files": "/v1/datasets/" + fixed.get("dataset", ""),
        }[kind]  # fmt: skip
        if form != "json" and some(0.5):
            looks["format"] = form
        query = urllib.parse.urlencode({**ask, **looks})
        return kind, {**ask, **fixed}, looks.get("version"), form, limit, path + ("?" + query if query else "")


def answer(world, server, question, coding):
    """Asks, and gives what came and what the files say; None for a right refusal."""
    kind, ask, pinned, form, limit, path = question
    status, headers, body = server.get(path, ACCEPT[form], coding)
    if status == 429:
        raise Wrong("the quota is used up: start the server with a wider one")
    version = pinned or len(world.entries)
    if status == 200:
        if form == "json" and pinned is None or kind == "area":
            version = json.loads(body)["version"]
        elif pinned is None:
            version = int(re.search(r"[?&]version=(\d+)", headers["Content-Location"])[1])
        if pinned is not None and version != pinned:
            raise Wrong(f"names version {version}")
    if status == 404 and "release" in ask and world.releases[ask["release"]].version > version:
        return None
    try:
        truth = getattr(world, kind)(version, ask)
    except Gone:
        if status != 410:
            raise Wrong(f"{status} although the answer rests on a withdrawn release") from None
        return None
    if status != 200:
        raise Wrong(f"{status} {body[:300].decode(errors='replace')}")
    if "release" in ask and world.releases[ask["release"]].version > version:
        raise Wrong(f"200 although {ask['release']} came after version {version}")
    if kind == "area":
        whole = json.loads(body)
        return [flat(row) for row in whole["headline"]], whole, truth
    rows, whole = read(body, form)
    if form != "json":
        return rows, whole, truth
    # On to the pages after it.
    next_page, pages = whole.get("next", "absent"), 1
    while next_page is not None and pages < PAGES:
        status, headers, body = server.get(next_page, ACCEPT[form], coding)
        if status != 200:
            raise Wrong(f"page {pages + 1} of {limit} rows: {status}")
        more, other = read(body, form)
        if other["version"] != version or other["total"] != whole["total"]:
            raise Wrong(f"page {pages + 1} is of version {other['version']} with {other['total']} rows")
        rows, next_page, pages = rows + more, other["next"], pages + 1
    if (next_page is not None) != (truth["total"] > limit * pages):
        raise Wrong(f"next is {next_page} after {pages} pages of {limit} of {truth['total']} rows")
    limit *= PAGES
    if len(rows) != min(limit, truth["total"]):
        raise Wrong(f"{len(rows)} rows on {pages} pages, the files say {min(limit, truth['total'])}")
    return rows, whole, truth


def alter(rows, whole, form, choose):
    """One figure, row or word is changed; None where there is nothing to change."""
    rows, whole = [dict(row) for row in rows], json.loads(json.dumps(whole))
    ways = []
    if rows:
        ways += ["figure", "drop", "double"]
    if form == "json" and "total" in whole:
        ways.append("total")
    if not ways:
        return None
    way = choose.choice(ways)
    if way == "figure":
        row = choose.choice(rows)
        key = choose.choice([key for key in row if key in ("value", "area", "sex", "status", "bytes", "version", "period", "release")])
        row[key] = str(int(row[key]) + 1) if row[key].isdigit() else row[key] + "x"
    elif way == "drop":
        rows.pop(choose.randrange(len(rows)))
    elif way == "double":
        rows.append(dict(choose.choice(rows)))
    else:
        whole["total"] += 1
    return way, rows, whole


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data")
    parser.add_argument("url")
    parser.add_argument("--queries", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seeded", type=int, default=0)
    parser.add_argument("--record")
    given = parser.parse_args()
    world, server = World(given.data), Server(given.url)
    questions, choose = Questions(world, given.seed), random.Random(given.seed + 1)
    wrong, counts, rows_seen, kept = 0, collections.Counter(), 0, []
    for _ in range(given.queries):
        question = questions.one()
        kind, _, pinned, form, limit, path = question
        try:
            got = answer(world, server, question, choose.choice(["identity", "gzip"]))
            if got is None:
                counts["refused, rightly"] += 1
                continue
            rows, whole, truth = got
            compare(kind, (rows, truth["rows"]), truth, whole, limit, form)
            counts[kind] += 1
            counts[form] += 1
            counts["pinned" if pinned else "unpinned"] += 1
            rows_seen += len(rows)
            kept.append((question, got))
        except (Wrong, KeyError, ValueError, TypeError, AttributeError) as error:
            wrong += 1
            print(f"WRONG {path}: {type(error).__name__ if not isinstance(error, Wrong) else ''} {error}")
    missed = altered = 0
    ways = collections.Counter()
    while kept and altered < given.seeded:
        (kind, _, _, form, limit, path), (rows, whole, truth) = choose.choice(kept)
        other = alter(rows, whole, form, choose)
        if other is None:
            continue
        altered += 1
        ways[other[0]] += 1
        try:
            compare(kind, (other[1], truth["rows"]), truth, other[2], limit, form)
            missed += 1
            print(f"MISSED {path}: an answer altered by {other[0]} was taken for right")
        except Wrong:
            pass
    asked = f"{given.queries} questions (seed {given.seed}) over {len(world.entries)} versions, {len(world.withdrawn)} of them withdrawals"
    detail = ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))
    lines = [
        f"{asked}: {given.queries - wrong} equal, {wrong} wrong; {rows_seen} rows compared",
        f"  {detail}",
        f"  {altered} answers altered on purpose ({', '.join(f'{count} {way}' for way, count in sorted(ways.items()))}): {altered - missed} found",
    ]
    print("\n".join(lines))
    if given.record:
        with open(given.record, "a", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
    sys.exit(1 if wrong or missed or not kept else 0)


if __name__ == "__main__":
    main()
