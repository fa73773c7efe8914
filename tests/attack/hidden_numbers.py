#!/usr/bin/env python3
"""hidden_numbers.py [--k 11] [--deep] [--same-holder] FOLDER...   |   hidden_numbers.py --self-test

What can be computed about small numbers of people from the published tables of
a district, all its releases and revisions together? Reads data/*.csv of release
folders (or of folders that hold release folders) and nothing else; nothing but
Python's own library, no code of the product.

Every published figure is an equation over numbers of people that are not
published. The system falls apart into independent ones, which are solved
exactly: in closed form where the closed form is the integer hull (contingency
tables with given margins), else by a simplex in fractions, and by branch and
bound where few whole numbers are left. Unknowns are the numbers of people who
share a further attribute (PRIVACY R1):

  sensitive     units of a sensitive program by kecamatan hidden in a group, and
                who entered and left; from totals, flows, payment status, rupiah,
                plan and coverage of all months. At least 1 where a sibling's
                zero is shown. Releases that agree are taken as one month's.
  verification  outcomes by kecamatan (with --deep: kelurahan), inside classes
                and pools, against the exact totals of the month they were taken
                in. What has no figure is the rest of the total.
  overlaps      families by the exact set of their programs, by kecamatan inside
                pools: all pairs of a month at once, with the exact totals.
                With --same-holder a family's outcome is the same in both of its
                programs: who is in a class of the one and not in the other.
  rows          people of a kelurahan by sex, age, family size: atoms,
                demographics and exact totals.
  money         contributors and sums of varying amounts, blocks of all pairs of
                months; amounts at the lower end.
  differences   figures shown again: movement in between by the exact flows is
                nobody or at least k, and classes do not change by exactly those
                who came, or went, in one of them and by nobody in the others.

Who changes his outcome, his programs or his amount between two months is
unknown, so that months that are not subtracted do not bound each other.

A finding is a number that is 1..k-1, published or determined, or that has
fewer than k possible values and fewer than an exact public total n allows
(n + 1). Prints "FAIL KIND RELEASE TABLE CELL: ..." and exits 1.
"""
import argparse
import collections
import csv
import itertools
import pathlib
import random
import sys
from fractions import Fraction

SENSITIVE = {"YAPI", "ATENSI", "PERMAKANAN", "PIP"}
PERSONS = SENSITIVE | {"PBI_JK"}
FIXED = {"SEMBAKO": 600_000, "PBI_JK": 42_000, "BLT_DD": 300_000, "YAPI": 200_000}
# PKH: the least amount and the least step above it (225,000 to 375,000).
LEAST = {"PKH": (225_000, 150_000)}
OUTCOMES = ["unchecked", "valid", "other_name", "no_card", "not_found", "deceased", "duplicate", "invalid", "moved", "refused", "ineligible"]
STATUS = ("due", "paid", "failed", "returned")
CODEBOOK = {
    "sex": {"F": ("F",), "M": ("M",)},
    "age_band": {
        "0-17": ("0-17", "0-5", "6-17"),
        "18-39": ("18-39", "18-29", "30-39"),
        "40-59": ("40-59", "40-49", "50-59"),
        "60+": ("60+", "60-69", "70+"),
    },
    "family_size": {"1-2": ("1-2",), "3-4": ("3-4",), "5+": ("5+",)},
}
FINE = {
    "sex": {"F": ("F",), "M": ("M",), "unknown": ("unknown",)},
    "age_band": {
        **{leaf: (leaf,) for leaf in ("0-5", "6-17", "18-29", "30-39", "40-49", "50-59", "60-69", "70+", "unknown")},
        "0-17": ("0-5", "6-17"),
        "18-39": ("18-29", "30-39"),
        "40-59": ("40-49", "50-59"),
        "18-59": ("18-29", "30-39", "40-49", "50-59"),
        "60+": ("60-69", "70+"),
    },
    "family_size": {size: (size,) for size in ("1-2", "3-4", "5+", "unknown")},
}
LEAVES = {
    "sex": ("F", "M", "unknown"),
    "age_band": ("0-5", "6-17", "18-29", "30-39", "40-49", "50-59", "60-69", "70+", "unknown"),
    "family_size": ("1-2", "3-4", "5+", "unknown"),
}

Cell = collections.namedtuple("Cell", "area program period measure category value status group release as_of")
Atom = collections.namedtuple("Atom", "edition program atom area sex age_band family_size count")


# ---------------------------------------------------------------- whole numbers


class Infeasible(Exception):
    pass


class Polytope:
    """x >= 0 with equations and inequalities; ranges of linear functions of x,
    exactly, by the simplex method on a sparse tableau of fractions."""

    def __init__(self):
        self.names = {}
        self.given = []

    def var(self, name):
        return self.names.setdefault(name, len(self.names))

    def eq(self, terms, value):
        self.given.append(({self.var(n): c for n, c in terms.items() if c}, "=", value))

    def le(self, terms, value):
        self.given.append(({self.var(n): c for n, c in terms.items() if c}, "<", value))

    def ge(self, terms, value):
        self.le({n: -c for n, c in terms.items()}, -value)

    def copy(self):
        other = Polytope()
        other.names, other.given = dict(self.names), list(self.given)
        return other

    def start(self):
        """Phase one: a feasible basis, or Infeasible."""
        self.rows, self.rhs, self.basis = [], [], []
        at = itertools.count(len(self.names))
        artificial = set()
        for terms, kind, value in self.given:
            row = {v: Fraction(c) for v, c in terms.items()}
            value = Fraction(value)
            slack = next(at) if kind == "<" else None
            if slack is not None:
                row[slack] = Fraction(1)
            if value < 0:
                row, value = {v: -c for v, c in row.items()}, -value
            if slack is not None and row[slack] == 1:
                self.basis.append(slack)
            else:
                extra = next(at)
                artificial.add(extra)
                row[extra] = Fraction(1)
                self.basis.append(extra)
            self.rows.append(row)
            self.rhs.append(value)
        if artificial:
            low = self.minimum({v: 1 for v in artificial}, frozenset())
            if low != 0:
                raise Infeasible
            for at in range(len(self.rows) - 1, -1, -1):
                if self.basis[at] in artificial:
                    enter = next((v for v in self.rows[at] if v not in artificial), None)
                    if enter is None:
                        del self.rows[at], self.rhs[at], self.basis[at]
                    else:
                        self.pivot(at, enter, None)
            for row in self.rows:
                for v in [v for v in row if v in artificial]:
                    del row[v]
        return self

    def pivot(self, at, enter, cost):
        row = self.rows[at]
        by = row[enter]
        if by != 1:
            for v in row:
                row[v] /= by
            self.rhs[at] /= by
        for other, target in enumerate(self.rows):
            if other != at and enter in target:
                self.rhs[other] -= target[enter] * self.rhs[at]
                subtract(target, row, target[enter])
        if cost is not None and enter in cost:
            subtract(cost, row, cost[enter])
        self.basis[at] = enter

    def minimum(self, objective, forbidden=frozenset()):
        """The least value of the objective from the present basis; None if unbounded."""
        cost = {v: Fraction(c) for v, c in objective.items() if c}
        for at, base in enumerate(self.basis):
            if base in cost:
                subtract(cost, self.rows[at], cost[base])
        steps = 0
        while True:
            steps += 1
            candidates = [v for v, c in cost.items() if c < 0 and v not in forbidden]
            if not candidates:
                break
            enter = min(candidates) if steps > 200 else min(candidates, key=lambda v: (cost[v], v))
            best = None
            for at, row in enumerate(self.rows):
                by = row.get(enter)
                if by is not None and by > 0:
                    key = (self.rhs[at] / by, self.basis[at])
                    if best is None or key < best[0]:
                        best = (key, at)
            if best is None:
                return None
            self.pivot(best[1], enter, cost)
        where = {base: at for at, base in enumerate(self.basis)}
        return sum((c * self.rhs[where[v]] for v, c in objective.items() if v in where), Fraction(0))

    def point(self):
        return {base: self.rhs[at] for at, base in enumerate(self.basis)}

    def range(self, terms):
        objective = {self.names[n]: c for n, c in terms.items() if n in self.names}
        low = self.minimum(objective)
        high = self.minimum({v: -c for v, c in objective.items()})
        ceil = None if low is None else -((-low.numerator) // low.denominator)
        floor = None if high is None else (-high).numerator // (-high).denominator
        return ceil, floor

    def has_whole(self, depth=60):
        """Whether a point of whole numbers exists: branch and bound."""
        try:
            self.start()
        except Infeasible:
            return False
        broken = next(((v, x) for v, x in sorted(self.point().items()) if v < len(self.names) and x.denominator != 1), None)
        if broken is None:
            return True
        if depth == 0:
            return True  # not decided: taken as possible
        v, x = broken
        name = next(n for n, at in self.names.items() if at == v)
        down, up = self.copy(), self.copy()
        down.le({name: 1}, x.numerator // x.denominator)
        up.ge({name: 1}, x.numerator // x.denominator + 1)
        return down.has_whole(depth - 1) or up.has_whole(depth - 1)


def subtract(target, row, by):
    for v, c in row.items():
        new = target.get(v, 0) - by * c
        if new:
            target[v] = new
        else:
            target.pop(v, None)


def values(polytope, terms, needed):
    """The possible whole values of a number: (low, high, how many, up to `needed`)."""
    low, high = polytope.range(terms)
    if low is None or high is None:
        return low, high, needed
    n = max(0, high - low + 1)
    if needed <= n <= 2 * needed and len(polytope.names) <= 40:
        n = 0
        for value in range(low, high + 1):
            fixed = polytope.copy()
            fixed.eq(terms, value)
            n += fixed.has_whole()
            if n >= needed:
                break
    return low, high, min(n, needed)


# ---------------------------------------------------------------- reading


class Release:
    def __init__(self, folder):
        self.id = folder.name
        self.tables = {}
        for path in sorted((folder / "data").glob("*.csv")):
            with open(path, encoding="utf-8", newline="") as file:
                # Not figures, or figures that stand in a table as well.
                if path.stem in ("recipients", "areas", "programs", "corrections"):
                    continue
                rows = csv.DictReader(file)
                if path.stem == "atoms":
                    self.tables["atoms"] = [atom(row) for row in rows]
                else:
                    self.tables[path.stem] = [cell(row) for row in rows]
        self.index()

    def index(self):
        district, year, month, *revision = self.id.split("-")
        self.district, self.period = district, f"{year}-{month}"
        self.revision = int(revision[0][1:]) if revision else 1
        self.by = {}
        for table, cells in self.tables.items():
            if table != "atoms":
                for c in cells:
                    self.by[(table, c.area, c.program, c.measure, c.category)] = c
        self.kecamatan = sorted({c.area for c in self.cells("totals") if len(c.area) == 8})
        self.kelurahan = sorted({c.area for c in self.cells("totals") if len(c.area) == 13})
        self.programs = sorted({c.program for c in self.cells("totals")})

    def cells(self, table):
        return self.tables.get(table, [])

    def value(self, table, area, program, measure, category=""):
        found = self.by.get((table, area, program, measure, category))
        return found.value if found else None


def cell(row):
    value = int(row["value"]) if row["value"] != "" else None
    return Cell(
        row["area"], row["program"], row["period"], row["measure"], row["category"], value, row["status"], row["group"], row["release"], row["as_of"]
    )


def atom(row):
    return Atom(
        row["edition"], row["program"], row["atom"], row["area"], row["sex"], row["age_band"], row["family_size"], int(row["count"])
    )


def read(folders):
    found = []
    for folder in folders:
        path = pathlib.Path(folder)
        inside = [path] if (path / "data").is_dir() else sorted(p for p in path.iterdir() if (p / "data").is_dir())
        found += [Release(p) for p in inside]
    districts = collections.defaultdict(list)
    for release in found:
        districts[release.district].append(release)
    return {d: sorted(rs, key=lambda r: (r.period, r.revision)) for d, rs in sorted(districts.items())}


# ---------------------------------------------------------------- the attack


class Attack:
    def __init__(self, releases, k, deep=False, same_holder=False):
        self.releases, self.k, self.deep, self.same_holder = releases, k, deep, same_holder
        self.named = {release.id: release for release in releases}
        self.findings = []
        self.checked = collections.Counter()

    def fail(self, kind, release, table, cell, what):
        self.findings.append(f"FAIL {kind} {release} {table} {cell}: {what}")

    def judge(self, kind, release, table, cell, low, high, most, count=None):
        """A number of people between low and high, of which `most` are public."""
        self.checked[kind] += 1
        needed = self.k if most is None else min(self.k, most + 1)
        n = needed if low is None or high is None else high - low + 1
        n = n if count is None else min(n, count)
        if low is not None and low == high:
            if 0 < low < self.k:
                self.fail(kind, release, table, cell, f"is {low}")
            elif low == 0 and needed > 1:
                self.fail(kind, release, table, cell, f"is 0 of {most}")
        elif n < needed:
            self.fail(kind, release, table, cell, f"is one of {n} values, {low} to {high} (of {most})")

    def run(self):
        self.published()
        for program in sorted({p for r in self.releases for p in r.programs if p in SENSITIVE}):
            self.sensitive(program)
            self.sensitive_flows(program)
        for release in self.releases:
            self.rows(release)
            self.verification(release)
            self.overlaps(release)
            if self.same_holder:
                self.same_holders(release)
        self.money()
        self.shown_again()
        return self.findings

    # -- a small number that simply stands there

    def published(self):
        for release in self.releases:
            for table in ("verification", "overlaps", "demographics"):
                for c in release.cells(table):
                    if c.value is not None and 0 < c.value < self.k:
                        self.fail("published", release.id, table, where(c), f"shows {c.value}")
            for a in release.cells("atoms"):
                if a.count < self.k:
                    self.fail("published", release.id, "atoms", f"{a.program}|{a.atom}", f"has {a.count} rows")
            for table in ("totals", "flows", "payments", "plan", "verification", "overlaps", "demographics", "findings"):
                for c in release.cells(table):
                    if c.program not in SENSITIVE:
                        continue
                    small = c.value is not None and 0 < c.value < self.k
                    if small and not c.measure.startswith("planned") or (len(c.area) == 13 and c.value is not None):
                        self.fail("published", release.id, table, where(c), f"shows {c.value} of a sensitive program")

    # -- sensitive programs

    def sensitive_terms(self, program, release, month):
        """Equations of one release over units by kecamatan of a month."""
        eqs, les = [], []
        all_of = {(month, area): 1 for area in release.kecamatan}

        def over(area):
            if area == release.district:
                return all_of
            members = [m for m in area.split("~") if m in set(release.kecamatan)]
            return {(month, m): 1 for m in members} if members else None

        for c in release.cells("totals"):
            if c.program == program and c.value is not None and over(c.area):
                eqs.append((over(c.area), c.value))
            if c.program == program and c.area == release.district and c.status == "withheld":
                les.append((all_of, self.k - 1))
        for c in release.cells("payments"):
            if c.program != program or c.value is None or not over(c.area):
                continue
            measure, n = c.measure, c.value
            if measure.endswith("_rupiah"):
                if program not in FIXED:
                    continue
                measure, n = measure[: -len("_rupiah")], n // FIXED[program]
            if measure == "due":
                eqs.append((over(c.area), n))
            else:
                les.append(({v: -1 for v in over(c.area)}, -n))
        for c in release.cells("plan"):
            # A plan of a kecamatan is taken as what will be paid there.
            if c.program == program and c.value is not None and len(c.area) == 8 and c.measure == "planned_units":
                eqs.append((over(c.area), c.value))
        for c in release.cells("coverage"):
            if c.program == program and c.measure.startswith("units_per_10000") and c.value is not None and over(c.area):
                base = "inhabitants" if c.measure.endswith("inhabitants") else "poor_households"
                people = release.value("coverage", c.area, program, base, c.category)
                if people:
                    low, high = -(-c.value * people // 10_000), ((c.value + 1) * people - 1) // 10_000
                    les.append((over(c.area), high))
                    les.append(({v: -1 for v in over(c.area)}, -low))
        zero = any(c.value == 0 and len(c.area) == 8 for c in release.cells("totals") if c.program == program)
        if zero:
            for area in release.kecamatan:
                shown = release.by.get(("totals", area, program, "units", ""))
                if shown and shown.status == "grouped":
                    les.append(({(month, area): -1}, -1))
        return eqs, les

    def sensitive(self, program):
        systems = {}
        for release in self.releases:
            if program not in release.programs:
                continue
            eqs, les = self.sensitive_terms(program, release, release.id)
            # Kecamatan flows, if shown at all, tie months together.
            systems[release.id] = (release, eqs, les)
        ids = list(systems)
        for at, name in enumerate(ids):
            release, eqs, les = systems[name]
            self.solve_sensitive(program, release, eqs, les, release.id)
            # With every later release that says nothing else: as if nobody had moved.
            for other in ids[at + 1 :]:
                later = systems[other][0]
                same = [
                    (release.value("totals", a, program, "units"), later.value("totals", a, program, "units"))
                    for a in [release.district, *release.kecamatan]
                ]
                both = [(a, b) for a, b in same if a is not None and b is not None]
                if same[0][0] is None or same[0][0] != same[0][1] or any(a != b for a, b in both):
                    continue
                moved = [tuple(terms) for terms, _ in eqs]
                theirs, _ = self.sensitive_terms(program, later, release.id)
                if {tuple(t) for t, _ in theirs} == set(moved):
                    continue
                self.solve_sensitive(program, release, eqs + theirs, les, f"{release.id}+{later.id}")

    def solve_sensitive(self, program, release, eqs, les, name):
        polytope = Polytope()
        for area in release.kecamatan:
            polytope.var((release.id, area))
        for terms, value in eqs:
            polytope.eq(terms, value)
        for terms, value in les:
            polytope.le(terms, value)
        try:
            polytope.start()
        except Infeasible:
            if name == release.id:  # else somebody did move
                self.fail("sensitive", name, "totals", program, "figures contradict each other")
            return
        whole = release.value("totals", release.district, program, "units")
        for area in release.kecamatan:
            shown = release.by.get(("totals", area, program, "units", ""))
            if shown is not None and shown.value is not None:
                continue
            most = whole if whole is not None else self.k - 1
            low, high, n = values(polytope, {(release.id, area): 1}, min(self.k, most + 1))
            self.judge("sensitive", name, "totals", f"{area}|{program}|units", low, high, most, n)
        if whole is None:
            low, high = polytope.range({(release.id, a): 1 for a in release.kecamatan})
            self.judge("sensitive", name, "totals", f"{release.district}|{program}|units", low, high, self.k - 1)

    def sensitive_flows(self, program):
        for release in self.releases:
            now = release.value("totals", release.district, program, "units")
            before = [r for r in self.releases if r.period == previous(release.period)]
            shown = {m: release.value("flows", release.district, program, m) for m in ("entered", "left")}
            for earlier in before or [None]:
                was = earlier.value("totals", earlier.district, program, "units") if earlier else None
                polytope = Polytope()
                # Those who stayed, entered and left.
                for name in ("stayed", "entered", "left"):
                    polytope.var(name)
                for name, total in (("entered", now), ("left", was)):
                    terms = {"stayed": 1, name: 1}
                    if total is not None:
                        polytope.eq(terms, total)
                    else:
                        polytope.le(terms, self.k - 1)
                for name, value in shown.items():
                    if value is not None:
                        polytope.eq({name: 1}, value)
                try:
                    polytope.start()
                except Infeasible:
                    continue  # a revision of the month before: other figures
                for name, total in (("entered", now), ("left", was), ("stayed", now)):
                    low, high, n = values(polytope, {name: 1}, self.k)
                    if name == "stayed" and (now is None or was is None):
                        continue
                    most = total if total is not None else self.k - 1
                    if name == "stayed":
                        most = min(now, was)
                    if now == 0 or was == 0:
                        continue  # nobody there at all: the totals say it
                    self.judge("sensitive", release.id, "flows", f"{release.district}|{program}|{name}", low, high, most, n)
            if program in release.programs:
                for c in release.cells("flows"):
                    if c.program == program and c.value is not None and c.area != release.district:
                        self.fail("sensitive", release.id, "flows", where(c), "a flow of a sensitive program below kabupaten")

    # -- rows

    def rows(self, release):
        atoms = release.cells("atoms")
        if not atoms:
            return
        # Repeated rows were judged with the release that took them.
        taken = next(r for r in self.releases if r.cells("atoms") and r.cells("atoms")[0].edition == atoms[0].edition)
        if taken is release:
            self.atoms(release, atoms)
        by_program = collections.defaultdict(list)
        for a in atoms:
            by_program[a.program].append(a)
        self.demographics(release, by_program)

    def atoms(self, release, atoms):
        of_area = collections.defaultdict(list)
        for a in atoms:
            of_area[(a.program, a.area)].append(a)
        pooled = collections.defaultdict(set)
        for (program, area), inside in of_area.items():
            if program in SENSITIVE:
                self.fail("rows", release.id, "atoms", f"{program}|{area}", "rows of a sensitive program")
            if len(area) == 13:
                continue
            for member in self.kelurahan_of(release, area):
                pooled[(program, member)].add(area)
            if any((a.sex, a.age_band, a.family_size) != ("*", "*", "*") for a in inside):
                self.personal_in_pool(release, program, area, inside)
        # Every kelurahan's rows stand either under its own name or under one pool's, all of them.
        for program in {a.program for a in atoms}:
            for area in release.kelurahan:
                total = release.value("totals", area, program, "units")
                own = sum(a.count for a in of_area.get((program, area), []))
                pools = pooled.get((program, area), set())
                if total is None:
                    continue
                self.checked["rows"] += 1
                if self.reissued(release):
                    # Each area's rows are of one of the month's issues, whole.
                    issues = [r.value("totals", area, program, "units") for r in self.releases if r.period == release.period]
                    total = own if own in issues else total
                if own and (own != total or pools):
                    self.judge("rows", release.id, "atoms", f"{program}|{area}|generalised", abs(total - own), abs(total - own), total)
            for pool in {p for (q, _), ps in pooled.items() if q == program for p in ps}:
                inside = sum(a.count for a in of_area[(program, pool)])
                outside = [m for m in self.kelurahan_of(release, pool) if not of_area.get((program, m))]
                totals = [release.value("totals", m, program, "units") for m in outside]
                if None not in totals and sum(totals) != inside and not self.reissued(release):
                    self.fail("rows", release.id, "atoms", f"{program}|{pool}", f"{inside} rows, {sum(totals)} units")
        for (program, area), inside in of_area.items():
            self.attributes(release, program, area, inside)

    def reissued(self, release):
        return release.revision > 1

    def kelurahan_of(self, release, area):
        return [k for k in release.kelurahan if any(k == m or k.startswith(m + ".") for m in area.split("~"))]

    def personal_in_pool(self, release, program, area, inside):
        """Attributes in a pool bound those of its members by their exact totals."""
        members = self.kelurahan_of(release, area)
        totals = {m: release.value("totals", m, program, "units") or 0 for m in members}
        whole = sum(a.count for a in inside)
        for attribute, leaves in LEAVES.items():
            for leaf in leaves:
                low = sum(a.count for a in inside if set(under(attribute, a)) <= {leaf})
                high = sum(a.count for a in inside if leaf in under(attribute, a))
                for m, n in totals.items():
                    if high:
                        low_here = max(0, low + n - whole)
                        self.judge("rows", release.id, "atoms", f"{program}|{m}|{leaf}", low_here, min(n, high), n)

    def attributes(self, release, program, area, atoms):
        """Numbers of people of an area by one or two attributes: sums of atoms
        surely inside and perhaps inside."""
        names = list(LEAVES)
        sets = [{n: set(FINE[n][label])} for n in names for label in FINE[n]]
        sets += [
            {n: set(FINE[n][x]), m: set(FINE[m][y])}
            for n, m in itertools.combinations(names, 2)
            for x in FINE[n]
            for y in FINE[m]
        ]
        total = sum(a.count for a in atoms)
        spans = [({n: set(under(n, a)) for n in names}, a.count) for a in atoms]
        for wanted in sets:
            surely = sum(count for span, count in spans if all(span[n] <= leaves for n, leaves in wanted.items()))
            perhaps = sum(count for span, count in spans if all(span[n] & leaves for n, leaves in wanted.items()))
            if surely == perhaps == 0:
                continue  # nobody: no atom of the area could hold any
            text = "|".join("/".join(sorted(leaves)) for leaves in wanted.values())
            self.judge("rows", release.id, "atoms", f"{program}|{area}|{text}", surely, perhaps, total)

    def demographics(self, release, by_program):
        expected = collections.Counter()
        for program, atoms in by_program.items():
            for a in atoms:
                area = "~".join(sorted({m[:8] for m in a.area.split("~") if len(m) >= 8})) or a.area
                for attribute, cut in CODEBOOK.items():
                    label = getattr(a, attribute)
                    category = next((c for c, inside in cut.items() if label in inside), "unknown" if label == "unknown" else "*")
                    expected[(area, program, attribute, category)] += a.count
                    expected[(release.district, program, attribute, category)] += a.count
        for c in release.cells("demographics"):
            if c.value is None:
                continue
            self.checked["rows"] += 1
            sums = expected.get((c.area, c.program, c.measure, c.category))
            if sums != c.value:
                self.fail("rows", release.id, "demographics", where(c), f"{c.value} is no sum of whole atoms, which make {sums}")

    # -- verification

    def verification(self, release):
        for program in release.programs:
            lines = [c for c in release.cells("verification") if c.program == program and c.value is not None]
            if not lines:
                continue
            groups = collections.defaultdict(list)
            for c in lines:
                if c.area != release.district:
                    groups[c.area].append(c)
            for area, cells in groups.items():
                self.group_of_classes(release, program, area, cells)
            self.kabupaten(release, program, groups, [c for c in lines if c.area == release.district])

    def totals_then(self, c):
        return self.named.get(c.release)

    def group_of_classes(self, release, program, area, cells):
        first = cells[0]
        then = self.totals_then(first)
        if then is None or any((c.release, c.as_of) != (first.release, first.as_of) for c in cells):
            self.fail("verification", release.id, "verification", where(first), "classes of one group from different releases")
            return
        if then is not release:
            return self.repeats(release, then, program, area, cells)
        members = area.split("~")
        finer = [k for k in then.kelurahan if any(k.startswith(m + ".") for m in members)] if self.deep else []
        totals = {m: then.value("totals", m, program, "units") for m in [*members, *finer]}
        if any(totals[m] is None for m in members):
            self.fail("verification", release.id, "verification", where(first), "no exact totals behind it")
            return
        whole = sum(totals[m] for m in members)
        classes = [(c.category.split("~"), c.value) for c in cells]
        shown = [o for outcomes, _ in classes for o in outcomes]
        if len(shown) != len(set(shown)):
            return self.overlapping(release, program, area, classes, totals, members)
        rest = [o for o in OUTCOMES if o not in shown]
        if rest:
            classes.append((rest, whole - sum(n for _, n in classes)))
        if sum(n for _, n in classes) != whole:
            self.fail("verification", release.id, "verification", where(first), f"classes make {sum(n for _, n in classes)} of {whole}")
            return
        for outcomes, n in classes:
            cell = f"{area}|{program}|{'~'.join(outcomes)}"
            self.judge("verification", release.id, "verification", cell, n, n, whole)
            self.judge("verification", release.id, "verification", f"{cell}|others", whole - n, whole - n, whole)
            parts = [m for m in totals if m != area]
            for part in parts:
                size = totals[part]
                low, high = max(0, size + n - whole), min(size, n)
                if len(outcomes) > 1:
                    for o in outcomes:
                        self.judge("verification", release.id, "verification", f"{part}|{program}|{o}", 0, high, size)
                self.judge("verification", release.id, "verification", f"{part}|{program}|{'~'.join(outcomes)}", low, high, size)

    def repeats(self, release, then, program, area, cells):
        for c in cells:
            if then.value("verification", area, program, c.measure, c.category) != c.value:
                self.fail("verification", release.id, "verification", where(c), f"differs from what {then.id} showed")

    def overlapping(self, release, program, area, classes, totals, members):
        polytope = Polytope()
        for m in members:
            polytope.eq({(m, o): 1 for o in OUTCOMES}, totals[m])
        for outcomes, n in classes:
            polytope.eq({(m, o): 1 for m in members for o in outcomes}, n)
        self.solve_outcomes(release, program, polytope, {m: totals[m] for m in members})

    def solve_outcomes(self, release, program, polytope, totals):
        try:
            polytope.start()
        except Infeasible:
            self.fail("verification", release.id, "verification", program, "figures contradict each other")
            return
        for m, size in totals.items():
            for o in OUTCOMES:
                low, high, n = values(polytope, {(m, o): 1}, min(self.k, size + 1))
                self.judge("verification", release.id, "verification", f"{m}|{program}|{o}", low, high, size, n)

    def kabupaten(self, release, program, groups, lines):
        """The kabupaten's classes say no more than the groups: each is made of
        whole classes of every group, and is their sum."""
        implied = True
        for c in lines:
            block = set(c.category.split("~"))
            total = 0
            for cells in groups.values():
                for g in cells:
                    inside = set(g.category.split("~"))
                    implied &= inside <= block or not inside & block
                    total += g.value if inside <= block else 0
            implied &= total == c.value
        if implied or not lines:
            return
        polytope, totals = Polytope(), {}
        for area, cells in groups.items():
            whole = sum(g.value for g in cells)
            totals[area] = whole
            polytope.eq({(area, o): 1 for o in OUTCOMES}, whole)
            for g in cells:
                polytope.eq({(area, o): 1 for o in g.category.split("~")}, g.value)
        # Kecamatan without figures of their own.
        hidden = [m for m in release.kecamatan if not any(m in area.split("~") for area in groups)]
        for m in hidden:
            totals[m] = release.value("totals", m, program, "units") or 0
            polytope.eq({(m, o): 1 for o in OUTCOMES}, totals[m])
        for c in lines:
            polytope.eq({(area, o): 1 for area in totals for o in c.category.split("~")}, c.value)
        self.solve_outcomes(release, program, polytope, totals)

    # -- overlaps

    def overlaps(self, release):
        """Families by the exact set of their programs: everything that this
        release shows for the first time, with its own exact totals."""
        pairs = collections.defaultdict(dict)
        for c in release.cells("overlaps"):
            if c.value is None:
                continue
            if c.release == release.id and c.area != release.district:
                pairs[tuple(sorted((c.program, c.category)))][(c.area, c.program, c.measure)] = c.value
            elif c.release in self.named and c.release != release.id:
                earlier = self.named[c.release].value("overlaps", c.area, c.program, c.measure, c.category)
                if earlier != c.value:
                    self.fail("overlaps", release.id, "overlaps", where(c), f"differs from what {c.release} showed")
        if not pairs:
            return
        self.kabupaten_pairs(release, pairs)
        programs = sorted({p for pair in pairs for p in pair})
        # Kecamatan that any pool ties together are solved together.
        blocks = {m: {m} for m in release.kecamatan}
        for figures in pairs.values():
            for area, _, _ in figures:
                joined = set().union(*(blocks[m] for m in area.split("~")))
                for m in joined:
                    blocks[m] = joined
        for block in {tuple(sorted(b)) for b in blocks.values()}:
            self.block(release, block, programs, pairs)

    def same_holders(self, release):
        """With --same-holder: families in two programs have one cardholder, and so
        one outcome. Classes of both programs and their overlap, all of one month
        and area, bound who of both, or of one alone, is in a class."""
        classes = collections.defaultdict(lambda: collections.defaultdict(dict))
        families = collections.defaultdict(lambda: collections.defaultdict(dict))
        for c in release.cells("verification"):
            if c.value is not None and c.release == release.id and c.area != release.district and c.program not in PERSONS:
                classes[c.program][tuple(c.area.split("~"))][tuple(c.category.split("~"))] = c.value
        for c in release.cells("overlaps"):
            if c.value is not None and c.release == release.id and c.area != release.district:
                families[tuple(sorted((c.program, c.category)))][tuple(c.area.split("~"))][(c.program, c.measure)] = c.value
        for (p, q), figures in families.items():
            # Kecamatan for which all three have sums.
            for area in join([*classes[p], *classes[q]], [*figures]):
                inside = [{g: n for g, n in table.items() if set(g) <= set(area)} for table in (classes[p], classes[q], figures)]
                if any(sorted(m for g in table for m in g) != sorted(area) for table in inside):
                    continue
                both, only_p, only_q = (sum(n[key] for n in inside[2].values()) for key in ((p, "both"), (p, "only"), (q, "only")))
                blocks = []
                for table in inside[:2]:
                    for shown in table.values():
                        blocks = join(blocks, list(shown))
                for block in blocks:
                    a, b = (sum(n for shown in table.values() for c, n in shown.items() if c[0] in block) for table in inside[:2])
                    low, high = max(0, a - only_p, b - only_q), min(both, a, b)
                    for text, most, ends in (
                        (f"{p}+{q}", both, (low, high)),
                        (f"{p}-{q}", only_p, (a - high, a - low)),
                        (f"{q}-{p}", only_q, (b - high, b - low)),
                    ):
                        cell = f"{'~'.join(area)}|{text}|{'~'.join(block)}"
                        self.judge("same-holder", release.id, "verification", cell, *ends, most)

    def kabupaten_pairs(self, release, pairs):
        for (a, b), figures in pairs.items():
            for program, other in ((a, b), (b, a)):
                for measure in ("both", "only"):
                    shown = release.value("overlaps", release.district, program, measure, other)
                    cells = [
                        c
                        for c in release.cells("overlaps")
                        if (c.program, c.measure, c.category) == (program, measure, other) and c.area != release.district and c.value is not None
                    ]
                    if shown is not None and shown != sum(c.value for c in cells):
                        self.fail(
                            "overlaps", release.id, "overlaps", f"{release.district}|{program}|{measure}|{other}", "differs from the sum of its groups"
                        )

    def block(self, release, block, programs, pairs):
        shown = {
            pair: {key: n for key, n in figures.items() if set(key[0].split("~")) <= set(block)} for pair, figures in pairs.items()
        }
        shown = {pair: figures for pair, figures in shown.items() if figures}
        if not shown:
            return
        programs = sorted({p for pair in shown for p in pair})
        # Only the programs that the block's pairs tie together; sets as bits.
        sets = range(1, 1 << len(programs))
        bit = {p: 1 << at for at, p in enumerate(programs)}
        polytope = Polytope()
        total = {}
        for m in block:
            for p in programs:
                units = total[(m, p)] = release.value("totals", m, p, "units") or 0
                terms = {(m, s): 1 for s in sets if s & bit[p]}
                if p in PERSONS:
                    polytope.le(terms, units)
                    polytope.ge(terms, 1 if units else 0)
                else:
                    polytope.eq(terms, units)
        public = {}
        for (a, b), figures in shown.items():
            for (area, p, measure), n in figures.items():
                q = b if p == a else a
                inside = [s for s in sets if s & bit[p] and bool(s & bit[q]) == (measure == "both")]
                polytope.eq({(m, s): 1 for m in area.split("~") for s in inside}, n)
                public[(area, frozenset((p, q)) if measure == "both" else (p, q))] = n
        try:
            polytope.start()
        except Infeasible:
            self.fail("overlaps", release.id, "overlaps", "~".join(block), "figures contradict each other and the totals")
            return
        areas = [(m,) for m in block] + sorted({tuple(area.split("~")) for f in shown.values() for area, _, _ in f if "~" in area})
        for area in areas:
            name = "~".join(area)
            for yes, no in patterns(programs, [set(pair) for pair in shown]):
                wanted = [s for s in sets if all(s & bit[p] for p in yes) and not any(s & bit[p] for p in no)]
                most = min(sum(total[(m, p)] for m in area) for p in yes)
                for p, q in itertools.permutations(programs, 2):
                    both, only = public.get((name, frozenset((p, q)))), public.get((name, (p, q)))
                    if both is not None and {p, q} <= set(yes):
                        most = min(most, both)
                    if only is not None and p in yes and q in no:
                        most = min(most, only)
                low, high, n = values(polytope, {(m, s): 1 for m in area for s in wanted}, min(self.k, most + 1))
                text = "+".join(sorted(yes)) + "".join("-" + p for p in sorted(no))
                self.judge("overlaps", release.id, "overlaps", f"{name}|{text}", low, high, most, n)

    # -- money

    def sums(self, release, program):
        """The groups of kecamatan whose varying amounts are summed."""
        found = {}
        for c in release.cells("payments"):
            if c.program == program and c.measure == "paid_rupiah" and c.value is not None:
                if len(c.area) == 13:
                    self.fail("money", release.id, "payments", where(c), "a varying sum of a kelurahan")
                elif c.area != release.district:
                    found[tuple(c.area.split("~"))] = c.value
        whole = release.value("payments", release.district, program, "paid_rupiah")
        if whole is not None and found and sum(found.values()) != whole:
            # The rest is the sum of those that are not shown.
            rest = tuple(m for m in release.kecamatan if not any(m in group for group in found))
            if rest:
                found[rest] = whole - sum(found.values())
            else:
                self.fail("money", release.id, "payments", f"{release.district}|{program}|paid_rupiah", "differs from the sum of its groups")
        elif whole is not None and not found:
            found[tuple(release.kecamatan)] = whole
        return found

    def paid(self, release, program, members):
        counts = [release.value("payments", m, program, "paid") for m in members]
        return None if None in counts else sum(counts)

    def money(self):
        for program in sorted({p for r in self.releases for p in r.programs if p not in FIXED}):
            shown = [(r, self.sums(r, program)) for r in self.releases if program in r.programs]
            shown = [(r, sums) for r, sums in shown if sums and self.paid(r, program, r.kecamatan) is not None]
            for release, sums in shown:
                for group, value in sums.items():
                    self.one_sum(release, program, group, value)
            for (one, first), (other, second) in itertools.combinations(shown, 2):
                for block in join(list(first), list(second)):
                    self.two_sums(one, other, program, block, first, second)

    def one_sum(self, release, program, group, value):
        n = self.paid(release, program, group)
        name = f"{'~'.join(group)}|{program}|paid_rupiah"
        self.checked["money"] += 1
        if value == 0 or n == 0:
            return
        if n < self.k:
            self.fail("money", release.id, "payments", name, f"the sum of {n} contributors")
        if program in LEAST:
            least, step = LEAST[program]
            above = value - n * least
            if above >= 0:
                self.judge("money", release.id, "payments", f"{name}|above the least amount", 0 if above == 0 else 1, min(n, above // step), n)

    def two_sums(self, one, other, program, block, first, second):
        self.checked["money"] += 1
        name = f"{'~'.join(block)}|{program}|paid_rupiah"
        entered, left = self.moved(one, other, program, block)
        n = [self.paid(r, program, block) for r in (one, other)]
        sums = [sum(v for g, v in s.items() if set(g) <= set(block)) for s in (first, second)]
        for what, count in (("entered", entered), ("left", left)):
            if count is not None and 0 < count < self.k and one.period != other.period:
                self.fail("money", other.id, "payments", name, f"{count} {what} since {one.id}")
        if (entered, left) == (0, 0):
            few = abs(n[1] - n[0])
            if 0 < few < self.k:
                self.fail("money", other.id, "payments", name, f"{few} contributors more or less than in {one.id}, and nobody moved")
            if few == 0 and n[0] and sums[0] != sums[1] and abs(sums[0] - sums[1]) <= 525_000:
                self.fail("money", other.id, "payments", name, f"since {one.id} one amount changed, and nobody moved")

    def moved(self, one, other, program, areas):
        """Who entered and left some kecamatan between two releases, by the newest exact flows."""
        if one.period == other.period:
            difference = sum(
                (other.value("totals", m, program, "units") or 0) - (one.value("totals", m, program, "units") or 0) for m in areas
            )
            return max(0, difference), max(0, -difference)
        return self.path(one, other, program, areas)

    def path(self, one, other, program, areas):
        """The flows of one issue of each month whose totals and flows agree, the
        newest issues first: those of a correction are counted from it."""
        if one.period >= other.period:
            return (0, 0) if one is other else (None, None)
        flows = [sum_of(other.value("flows", m, program, x) for m in areas) for x in ("entered", "left")]
        total = sum_of(other.value("totals", m, program, "units") for m in areas)
        if None in flows or total is None:
            return None, None
        entered, left = flows
        for before in reversed([r for r in self.releases if r.period == previous(other.period)]):
            was = sum_of(before.value("totals", m, program, "units") for m in areas)
            if was is None or was + entered - left != total:
                continue
            more = self.path(one, before, program, areas)
            if more[0] is not None:
                return more[0] + entered, more[1] + left
        return None, None

    # -- figures shown again

    def shown_again(self):
        snapshots = collections.defaultdict(dict)
        for release in self.releases:
            for c in release.cells("verification"):
                if c.value is not None and c.area != release.district and c.release == release.id:
                    snapshots[("verification", (c.program,), c.area)].setdefault(release.id, {})[c.category] = c.value
            for c in release.cells("overlaps"):
                if c.value is not None and c.area != release.district and c.release == release.id and c.program < c.category:
                    snapshots[("overlaps", (c.program, c.category), c.area)].setdefault(release.id, {})[c.measure] = c.value
        for (table, programs, area), shown in snapshots.items():
            for one, other in itertools.combinations(shown, 2):
                self.two_snapshots(table, programs, area, one, other, shown[one], shown[other])

    def two_snapshots(self, table, programs, area, one, other, before, after):
        self.checked["differences"] += 1
        name = f"{area}|{'+'.join(programs)}"
        first, second = self.named[one], self.named[other]
        for program in programs:
            entered, left = self.moved(first, second, program, area.split("~"))
            if entered is None:
                continue
            for what, n in (("entered", entered), ("left", left)):
                if 0 < n < self.k:
                    self.fail("differences", other, table, f"{name}|{program}", f"shown again though {n} {what} since {one}")
            if table != "verification":
                continue
            # What came and went, if the classes that both have in common say it all.
            if len([n for n in (entered, left) if n]) != 1:
                continue
            changes = []
            for block in join([tuple(c.split("~")) for c in before], [tuple(c.split("~")) for c in after]):
                inside = [sum(n for c, n in shown.items() if c.split("~")[0] in block) for shown in (before, after)]
                changes.append(inside[1] - inside[0])
            if len(changes) > 1 and [d for d in changes if d] == [entered - left]:
                self.fail("differences", other, table, name, f"all {entered + left} who moved since {one} are of one class, if nobody changed")


def patterns(programs, pairs):
    """Sets of people by programs they have and have not: all regions of pairs
    and triples that are tied together by figures, and of all programs."""
    found = set()
    for size in (2, 3, len(programs)):
        for chosen in itertools.combinations(programs, min(size, len(programs))):
            if size <= 3 and not any(pair <= set(chosen) for pair in pairs):
                continue
            for signs in itertools.product((True, False), repeat=len(chosen)):
                yes = frozenset(p for p, s in zip(chosen, signs) if s)
                if yes:
                    found.add((yes, frozenset(chosen) - yes))
    return sorted(found, key=lambda p: (len(p[0]) + len(p[1]), sorted(p[0]), sorted(p[1])))


def under(attribute, a):
    return under_label(attribute, getattr(a, attribute))


def under_label(attribute, label):
    return LEAVES[attribute] if label == "*" else FINE[attribute].get(label, (label,))


def sum_of(values_):
    """The sum, or nothing where one is missing."""
    values_ = list(values_)
    return None if None in values_ else sum(values_)


def where(c):
    return "|".join((c.area, c.program, c.period, c.measure, c.category))


def join(one, other):
    """The finest partition that both are finer than."""
    blocks = []
    for part in [set(p) for p in [*one, *other]]:
        for met in [b for b in blocks if b & part]:
            blocks.remove(met)
            part |= met
        blocks.append(part)
    return [tuple(sorted(b)) for b in blocks]


def previous(period):
    year, month = map(int, period.split("-"))
    return f"{year - (month == 1):04}-{(month - 2) % 12 + 1:02}"


def following(period):
    year, month = map(int, period.split("-"))
    return f"{year + (month == 12):04}-{month % 12 + 1:02}"


# ---------------------------------------------------------------- the script itself


def brute(polytope, terms, most):
    """Possible values of a number by trying everything: for small systems."""
    names = list(polytope.names)
    found = set()
    for point in itertools.product(range(most + 1), repeat=len(names)):
        for given, kind, value in polytope.given:
            sum_ = sum(c * point[v] for v, c in given.items())
            if sum_ != value and not (kind == "<" and sum_ < value):
                break
        else:
            found.add(sum(c * point[polytope.names[n]] for n, c in terms.items()))
    return found


def test_solver(seeds):
    for seed in range(seeds):
        rng = random.Random(seed)
        truth = [rng.randint(0, 3) for _ in range(4)]
        polytope = Polytope()
        for name in range(4):
            polytope.le({name: 1}, 4)
        for _ in range(rng.randint(1, 3)):
            terms = {name: rng.choice((0, 1, 1, 2)) for name in range(4)}
            value = sum(c * truth[n] for n, c in terms.items())
            (polytope.eq if rng.random() < 0.7 else polytope.le)(terms, value)
        wanted = {name: rng.choice((0, 1, 1)) for name in range(4)}
        expected = brute(polytope, wanted, 4)
        polytope.start()
        low, high, n = values(polytope, wanted, len(expected))
        assert low <= min(expected) and high >= max(expected), (seed, low, high, expected)
        assert n == len(expected) or high - low + 1 > 2 * len(expected), (seed, n, expected)
        # Asked for more than there are, it says how many there are.
        _, _, n = values(polytope, wanted, high - low + 1)
        assert n == len(expected), (seed, n, expected)


AREAS = {f"99.01.0{k}": [f"99.01.0{k}.100{d}" for d in (1, 2)] for k in (1, 2, 3)}


def figures(period, totals, **tables):
    """A made-up release: totals by program and kelurahan (or kecamatan, for a
    sensitive program), everything else as it is given."""
    release = Release.__new__(Release)
    release.id = f"99.01-{period}"
    release.tables = {"totals": [], **tables}

    def line(table, area, program, measure, value, category="", status=None, group=""):
        status = status or ("observed" if value is not None else "missing")
        release.tables.setdefault(table, []).append(
            Cell(area, program, period[:7], measure, category, value, status, group, release.id, period[:7])
        )

    for program, by_area in totals.items():
        sums = collections.Counter()
        for area, n in by_area.items():
            if n is not None:
                line("totals", area, program, "units", n)
            for upper in () if "~" in area else (area[:8], area[:5]):
                if upper != area and n is not None:
                    sums[upper] += n
        for area, n in sums.items():
            if area not in by_area:
                line("totals", area, program, "units", n)
    return release, line


def example():
    """Two months of a district that gives nothing away; each test damages a copy."""
    made = []
    for at, period in enumerate(("2025-01", "2025-02")):
        pkh = {"99.01.01.1001": 60 + 11 * at, "99.01.01.1002": 40, "99.01.02.1001": 70, "99.01.02.1002": 5, "99.01.03.1001": 30, "99.01.03.1002": 25}
        sembako = {area: n + 25 for area, n in pkh.items()}
        release, line = figures(period, {"PKH": pkh, "SEMBAKO": sembako})
        # Sensitive: 3, 12 and 18 hide together; both flows or neither.
        for area in AREAS:
            line("totals", area, "YAPI", "units", None, status="grouped", group="~".join(AREAS))
        line("totals", "~".join(AREAS), "YAPI", "units", 33 + 3 * at)
        line("totals", "99.01", "YAPI", "units", 33 + 3 * at)
        line("flows", "99.01", "YAPI", "entered", 14 if at else None)
        line("flows", "99.01", "YAPI", "left", 11 if at else None)
        for area in list(pkh) + list(AREAS) + ["99.01"]:
            for program in ("PKH", "SEMBAKO"):
                came = 11 * at if "99.01.01.1001".startswith(area) else 0
                line("flows", area, program, "entered", came if at else None)
                line("flows", area, program, "left", 0 if at else None)
        # Verification and overlaps: shown in the first month, standing in the second.
        shown = [
            ("99.01.01", "valid", 60), ("99.01.01", "unchecked", 20), ("99.01.01", "~".join(sorted(OUTCOMES[2:])), 20),
            ("99.01.02~99.01.03", "valid", 90), ("99.01.02~99.01.03", "~".join(sorted(set(OUTCOMES) - {"valid"})), 40),
            ("99.01", "valid", 150), ("99.01", "~".join(sorted(set(OUTCOMES) - {"valid"})), 80),
        ]
        for area, category, n in shown:
            c = Cell(area, "PKH", period, "units", category, n, "observed", "", "99.01-2025-01" if area != "99.01" else release.id, "2025-01")
            release.tables.setdefault("verification", []).append(c)
        for area, both, only_pkh, only_sembako in (("99.01.01", 60, 40, 90), ("99.01.02~99.01.03", 90, 40, 140), ("99.01", 150, 80, 230)):
            for a, b, only in (("PKH", "SEMBAKO", only_pkh), ("SEMBAKO", "PKH", only_sembako)):
                for measure, n in (("both", both), ("only", only)):
                    name = "99.01-2025-01" if area != "99.01" else release.id
                    c = Cell(area, a, period, measure, b, n, "observed", "", name, "2025-01")
                    release.tables.setdefault("overlaps", []).append(c)
        # Varying amounts, in the first month and again in the second; all are paid.
        for area in list(pkh) + list(AREAS) + ["99.01"]:
            line("payments", area, "PKH", "paid", release_total(release, area, "PKH"))
        for area in AREAS:
            line("payments", area, "PKH", "paid_rupiah", 400_000 * release_total(release, area, "PKH"))
        line("payments", "99.01", "PKH", "paid_rupiah", sum(400_000 * release_total(release, area, "PKH") for area in AREAS))
        # Rows of the first month: 1002 of 99.01.02 has but 5 and is pooled.
        atoms = [
            ("99.01.01.1001", "F", "*", "*", 30), ("99.01.01.1001", "M", "18-59", "*", 18), ("99.01.01.1001", "*", "*", "*", 12),
            ("99.01.01.1002", "F", "*", "*", 25), ("99.01.01.1002", "*", "*", "*", 15),
            ("99.01.02.1001~99.01.02.1002", "*", "*", "*", 75),
            ("99.01.03.1001", "*", "*", "*", 30), ("99.01.03.1002", "F", "*", "*", 14), ("99.01.03.1002", "M", "*", "*", 11),
        ]
        release.tables["atoms"] = [Atom("2025Q1", "PKH", str(n), *a) for n, a in enumerate(atoms, 1)]
        for area, category, n in (
            ("99.01.01", "F", 55), ("99.01.01", "M", 18), ("99.01.01", "*", 27), ("99.01.02", "*", 75),
            ("99.01.03", "F", 14), ("99.01.03", "M", 11), ("99.01.03", "*", 30), ("99.01", "F", 69), ("99.01", "M", 29), ("99.01", "*", 132),
        ):
            line("demographics", area, "PKH", "sex", n, category)
        made.append(release)
    return made


def release_total(release, area, program):
    return next(c.value for c in release.tables["totals"] if (c.area, c.program) == (area, program))


def change(made, table, place, program, measure, kind="", /, **new):
    cells = made.tables[table]
    at = next(n for n, c in enumerate(cells) if (c.area, c.program, c.measure, c.category) == (place, program, measure, kind))
    cells[at] = cells[at]._replace(**new)


def add(release, table, area, program, measure, value, category="", like=None):
    known = like or release.tables["totals"][0]
    release.tables.setdefault(table, []).append(
        known._replace(area=area, program=program, measure=measure, value=value, category=category, status="observed", group="")
    )


def leaks():
    """Each damages the example in one way: (name, kind that must be found, what to do)."""
    pool, others = "99.01.02~99.01.03", "~".join(sorted(set(OUTCOMES) - {"valid"}))
    every = "~".join(AREAS)

    def alone(r):  # all but one kecamatan of the group shown
        change(r[0], "totals", "99.01.02", "YAPI", "units", value=12, status="observed", group="")
        change(r[0], "totals", "99.01.03", "YAPI", "units", value=18, status="observed", group="")

    def zeros(r):  # a zero is shown, so the two others have 1..10 of 11 each
        for c in r[0].tables["totals"]:
            if c.program == "YAPI" and c.value == 33:
                change(r[0], "totals", c.area, "YAPI", "units", value=11)
        change(r[0], "totals", "99.01.03", "YAPI", "units", value=0, status="observed", group="")

    def due(r):
        add(r[0], "payments", "99.01.01", "YAPI", "due_rupiah", 3 * 200_000)

    def paid(r):  # 30 of the 33 are paid elsewhere
        add(r[0], "payments", "99.01.02", "YAPI", "paid", 12)
        add(r[0], "payments", "99.01.03", "YAPI", "paid", 18)

    def covered(r):
        add(r[0], "coverage", "99.01.01", "YAPI", "inhabitants", 9_000, "bps-2010")
        add(r[0], "coverage", "99.01.01", "YAPI", "units_per_10000_inhabitants", 3, "bps-2010")

    def grouped_otherwise(r):  # what the next month's groups say, nobody having moved
        for c in list(r[1].tables["totals"]):
            if c.program == "YAPI" and c.value is not None:
                change(r[1], "totals", c.area, "YAPI", "units", value=33)
        r[1].tables["flows"] = [c for c in r[1].tables["flows"] if c.program != "YAPI"]
        change(r[1], "totals", every, "YAPI", "units", area="99.01.02~99.01.03", value=30)
        change(r[1], "totals", "99.01.01", "YAPI", "units", value=3, status="observed", group="")

    def planned(r):
        add(r[0], "plan", "99.01.01", "YAPI", "planned_units", 3)

    def one_flow(r):  # 36 - 33 + 0 = 3 entered
        change(r[1], "flows", "99.01", "YAPI", "left", value=0)
        change(r[1], "flows", "99.01", "YAPI", "entered", value=None, status="missing")

    def small_flow(r):
        change(r[1], "flows", "99.01", "YAPI", "left", value=2)
        change(r[1], "flows", "99.01", "YAPI", "entered", value=5)

    def rest(r):  # a class is left out: 100 - 60 - 32 - (nothing) = 8
        cells = r[0].tables["verification"]
        r[0].tables["verification"] = [c for c in cells if not (c.area == "99.01.01" and "deceased" in c.category)]
        change(r[0], "verification", "99.01.01", "PKH", "units", "unchecked", value=32)

    def few_outside(r):
        r[0].tables["verification"] = [c for c in r[0].tables["verification"] if c.area != pool]
        r[1].tables["verification"] = [c for c in r[1].tables["verification"] if c.area != pool]
        for release in r:
            for category, n in (("valid", 122), (others, 8)):
                add(release, "verification", pool, "PKH", "units", n, category, r[0].tables["totals"][0])
            change(release, "verification", "99.01", "PKH", "units", "valid", value=182)
            change(release, "verification", "99.01", "PKH", "units", others, value=48)

    def narrow_pool(r):  # 99.01.03 has 4 of 79: the class of 99.01.02 is known but for 4
        for release in r:
            for area, n in (("99.01.03.1001", 4), ("99.01.03.1002", 0), ("99.01.03", 4), ("99.01", 179)):
                change(release, "totals", area, "PKH", "units", value=n + (11 if release is r[1] and area == "99.01" else 0))
            change(release, "verification", pool, "PKH", "units", "valid", value=50)
            change(release, "verification", pool, "PKH", "units", others, value=29)

    def finer_kabupaten(r):  # unchecked 25 in all, 20 of them in 99.01.01
        change(r[0], "verification", "99.01", "PKH", "units", others, value=55, category="~".join(sorted(set(OUTCOMES) - {"valid", "unchecked"})))
        add(r[0], "verification", "99.01", "PKH", "units", 25, "unchecked", r[0].tables["verification"][0])

    def restated(r):
        change(r[1], "verification", "99.01.01", "PKH", "units", "valid", value=61)
        change(r[1], "verification", "99.01.01", "PKH", "units", "unchecked", value=19)

    def shown_too_soon(r):  # ten entered; shown again in the second month
        for release in r[1:]:
            for area in ("99.01.01.1001", "99.01.01", "99.01"):
                change(release, "flows", area, "PKH", "entered", value=10)
                change(release, "totals", area, "PKH", "units", value=next(c.value for c in release.tables["totals"] if (c.area, c.program) == (area, "PKH")) - 1)
            for category, n in (("valid", 60), ("unchecked", 20), ("~".join(sorted(OUTCOMES[2:])), 30)):
                change(release, "verification", "99.01.01", "PKH", "units", category, value=n, release=release.id, as_of="2025-02")

    def eleven_of_one_kind(r):
        for category, n in (("valid", 71), ("unchecked", 20), ("~".join(sorted(OUTCOMES[2:])), 20)):
            change(r[1], "verification", "99.01.01", "PKH", "units", category, value=n, release=r[1].id, as_of="2025-02")
        change(r[1], "verification", "99.01", "PKH", "units", "valid", value=161)

    def only_small(r):
        for a, b, both, only in (("PKH", "SEMBAKO", 97, 3), ("SEMBAKO", "PKH", 97, 53)):
            change(r[0], "overlaps", "99.01.01", a, "both", b, value=both)
            change(r[0], "overlaps", "99.01.01", a, "only", b, value=only)

    def nearly_all(r):  # only 8 of the pool's PKH families are without SEMBAKO: each kecamatan's both is bounded
        for a, b, both, only in (("PKH", "SEMBAKO", 122, 8), ("SEMBAKO", "PKH", 122, 108)):
            change(r[0], "overlaps", pool, a, "both", b, value=both)
            change(r[0], "overlaps", pool, a, "only", b, value=only)

    def three(r):  # each pair is fine, the three together are not
        for release in r:
            for area, n in (("99.01.01.1001", 90), ("99.01.01.1002", 60), ("99.01.01", 150)):
                add(release, "totals", area, "BLT_DD", "units", n)
        for a, b, both, only_a, only_b in (("BLT_DD", "PKH", 89, 61, 11), ("BLT_DD", "SEMBAKO", 138, 12, 12)):
            for x, y, only in ((a, b, only_a), (b, a, only_b)):
                add(r[0], "overlaps", "99.01.01", x, "both", both, y)
                add(r[0], "overlaps", "99.01.01", x, "only", only, y)
        for a, b, both, only in (("PKH", "SEMBAKO", 89, 11), ("SEMBAKO", "PKH", 89, 61)):
            change(r[0], "overlaps", "99.01.01", a, "both", b, value=both)
            change(r[0], "overlaps", "99.01.01", a, "only", b, value=only)

    def unlabelled(r):  # 60 live there and 58 are under its name; two more are in the pool
        for release in r:
            atoms = release.tables["atoms"]
            atoms[2] = atoms[2]._replace(count=10)
            atoms[5] = atoms[5]._replace(count=77, area="99.01.01.1001~99.01.02.1001~99.01.02.1002")

    def small_atom(r):
        for release in r:
            release.tables["atoms"][8] = release.tables["atoms"][8]._replace(count=5)
            release.tables["atoms"][7] = release.tables["atoms"][7]._replace(count=20)

    def true_sex(r):
        change(r[0], "demographics", "99.01.02", "PKH", "sex", "*", value=70)
        add(r[0], "demographics", "99.01.02", "PKH", "sex", 5, "F", r[0].tables["demographics"][0])

    def sum_of_few(r):
        change(r[0], "payments", "99.01.03", "PKH", "paid", value=7)

    def nearly_least(r):
        change(r[0], "payments", "99.01.03", "PKH", "paid_rupiah", value=55 * 225_000 + 2 * 150_000)
        change(r[0], "payments", "99.01", "PKH", "paid_rupiah", value=175 * 400_000 + 55 * 225_000 + 2 * 150_000)

    def few_came(r):
        for area in ("99.01.01.1001", "99.01.01", "99.01"):
            change(r[1], "flows", area, "PKH", "entered", value=7)
            change(r[1], "totals", area, "PKH", "units", value=release_total(r[1], area, "PKH") - 4)

    def one_not_paid(r):
        change(r[1], "payments", "99.01.03", "PKH", "paid", value=54)

    def one_amount(r):
        change(r[1], "payments", "99.01.03", "PKH", "paid_rupiah", value=55 * 400_000 + 150_000)
        change(r[1], "payments", "99.01", "PKH", "paid_rupiah", value=241 * 400_000 + 150_000)

    def sensitive_village(r):
        add(r[0], "totals", "99.01.01.1001", "YAPI", "units", 20)

    def subtracted(r):  # at least 20 of the 60 valid have SEMBAKO, too, and no more than 22 of those are valid
        for category, n in (("valid", 22), (others, 128)):
            add(r[0], "verification", "99.01.01", "SEMBAKO", "units", n, category, r[0].tables["verification"][0])

    return [
        ("one holder of two programs", "same-holder", subtracted),
        ("all but one shown", "sensitive", alone), ("zeros shown", "sensitive", zeros), ("due rupiah", "sensitive", due),
        ("paid elsewhere", "sensitive", paid), ("coverage", "sensitive", covered), ("grouped otherwise", "sensitive", grouped_otherwise),
        ("plan", "sensitive", planned), ("one flow of two", "sensitive", one_flow), ("small flows", "published", small_flow),
        ("a village of a sensitive program", "published", sensitive_village),
        ("a class left out", "verification", rest), ("few outside a class", "verification", few_outside),
        ("a pool with one large member", "verification", narrow_pool), ("finer kabupaten", "verification", finer_kabupaten),
        ("a standing figure restated", "verification", restated), ("shown too soon", "differences", shown_too_soon),
        ("eleven of one kind", "differences", eleven_of_one_kind), ("few in one program only", "published", only_small),
        ("nearly all of a pool", "overlaps", nearly_all), ("three programs", "overlaps", three),
        ("two unlabelled", "rows", unlabelled), ("a small atom", "published", small_atom), ("true sex", "rows", true_sex),
        ("a sum of few", "money", sum_of_few), ("a sum near the least", "money", nearly_least), ("few came", "money", few_came),
        ("one not paid", "money", one_not_paid), ("one amount", "money", one_amount),
    ]


def attacked(releases, k, deep=False, same_holder=False):
    for release in releases:
        release.index()
    attack = Attack(releases, k, deep, same_holder)
    return attack.run(), attack.checked


def self_test(seeds=150):
    test_solver(seeds)
    found, checked = attacked(example(), 11, deep=True, same_holder=True)
    assert not found, found
    assert all(checked[kind] for kind in ("sensitive", "verification", "overlaps", "rows", "money")), checked
    missed = []
    for name, kind, damage in leaks():
        releases = example()
        damage(releases)
        found, _ = attacked(releases, 11, same_holder=True)
        if not any(line.startswith(f"FAIL {kind} ") for line in found):
            missed.append((name, kind, found[:3]))
    for name, kind, found in missed:
        print(f"not found: {name} as {kind}; found instead: {found}")
    print(f"solver agrees with brute force on {seeds} systems; {len(leaks()) - len(missed)} of {len(leaks())} seeded leaks found")
    return 1 if missed else 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folders", nargs="*")
    parser.add_argument("--k", type=int, default=11)
    parser.add_argument("--deep", action="store_true")
    parser.add_argument("--same-holder", action="store_true")
    parser.add_argument("--self-test", action="store_true")
    args = parser.parse_args()
    if args.self_test:
        return self_test()
    if not args.folders:
        parser.error("name release folders, or folders that hold them")
    districts = read(args.folders)
    if not districts:
        parser.error("no release folders there")
    findings = []
    for district, releases in districts.items():
        found, checked = attacked(releases, args.k, args.deep, args.same_holder)
        findings += found
        numbers = ", ".join(f"{kind} {n}" for kind, n in sorted(checked.items()))
        print(f"{district}: {len(releases)} releases; numbers judged: {numbers}; {len(found)} findings")
    for finding in findings[:200]:
        print(finding)
    if findings:
        print(f"{len(findings)} findings", file=sys.stderr)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
