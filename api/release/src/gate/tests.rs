//! The gate on made-up folders: honest ones pass, and a violation of each attack
//! is found under its name.

mod damaged;

use std::collections::BTreeMap;
use std::path::Path;

use domain::{AreaCode, AreaLabel, Cell, EditionId, Level, Period, ReleaseId, Status, Table};

use super::*;
use crate::{Commitment, ControlTotal, EditionTotal, FolderWriter, Manifest, Policy, Previous, ReferenceSnapshot};

/// A made-up release of Kota Tebing Tinggi.
#[derive(Clone)]
struct Made {
    period: Period,
    revision: u32,
    rows_from: ReleaseId,
    edition: EditionId,
    edition_as_of: Period,
    atoms: Vec<Atom>,
    cells: Vec<(Table, Cell)>,
    root: String,
    created_at: String,
    software: String,
    previous: Option<ReleaseId>,
    policy: &'static str,
    /// Whether the kabupaten's classes are those that it has, and no others.
    whole_as_given: bool,
}

fn district() -> AreaCode {
    "12.74".parse().unwrap()
}

fn kecamatan() -> Vec<AreaCode> {
    reference::areas().children(district()).to_vec()
}

fn month(text: &str) -> Period {
    text.parse().unwrap()
}

fn id(period: Period, revision: u32) -> ReleaseId {
    ReleaseId::new(district(), period, revision).unwrap()
}

/// Units of PKH by kecamatan: the first kelurahan of each has them all.
const UNITS: [u64; 6] = [40, 60, 80, 50, 70, 45];

impl Made {
    /// Rows and exact totals of PKH, a sensitive program with a group, sums,
    /// outcomes of verification and overlaps: all by the policy.
    fn new(text: &str) -> Made {
        let period = month(text);
        let first = period.quarter().months()[0];
        let mut made = Made {
            period,
            revision: 1,
            rows_from: id(first, 1),
            edition: EditionId::new(period.quarter(), 1),
            edition_as_of: first,
            atoms: Vec::new(),
            cells: Vec::new(),
            root: format!("{text}-1"),
            created_at: "2025-07-03T08:15:00Z".into(),
            software: "test 0.1.0".into(),
            previous: None,
            policy: "3",
            whole_as_given: false,
        };
        for (at, area) in kecamatan().into_iter().enumerate() {
            let n = UNITS[at];
            let kelurahan = reference::areas().children(area)[0];
            made.line(Table::Payments, area, "PKH", "paid_rupiah", "", n * 1_000_000);
            for (measure, category, value) in [("units", "", n), ("entered", "", 0), ("left", "", 0), ("paid", "", n)] {
                let table = match measure {
                    "units" => Table::Totals,
                    "paid" => Table::Payments,
                    _ => Table::Flows,
                };
                made.line(table, area, "PKH", measure, category, value);
                made.line(table, area, "SEMBAKO", measure, category, value);
                for other in reference::areas().children(area) {
                    let value = if *other == kelurahan { value } else { 0 };
                    made.line(table, *other, "PKH", measure, category, value);
                    made.line(table, *other, "SEMBAKO", measure, category, value);
                }
            }
            made.line(Table::Verification, area, "PKH", "units", "valid", n - 15);
            made.line(Table::Verification, area, "PKH", "units", REST, 15);
            made.line(Table::Freshness, area, "PKH", "units", "0-3", n - 16);
            made.line(Table::Freshness, area, "PKH", "units", rest(Table::Freshness, "0-3"), 16);
            made.line(Table::Findings, area, "PKH", "units", "none", n - 12);
            made.line(Table::Findings, area, "PKH", "units", rest(Table::Findings, "none"), 12);
            made.line(Table::Findings, area, "SEMUA", "records", "duplicate_nik", 1);
            made.line(Table::Deciles, area, "SEMUA", "families", "1", 30);
            made.line(Table::Deciles, area, "SEMUA", "families", rest(Table::Deciles, "1"), 60);
            made.line(Table::Targeting, area, "SEMUA", "any_program", "1", 18);
            made.line(Table::Targeting, area, "SEMUA", "no_program", "1", 12);
            made.line(Table::Reports, area, "SEMUA", "received", "ganda", 45);
            made.line(Table::Reports, area, "SEMUA", "received", rest(Table::Reports, "ganda"), 25);
            made.line(Table::Reports, area, "SEMUA", "answered", "ganda", 30);
            made.line(Table::Reports, area, "SEMUA", "upheld", "ganda", 14);
            for (one, other) in [("PKH", "SEMBAKO"), ("SEMBAKO", "PKH")] {
                made.line(Table::Overlaps, area, one, "both", other, n - 16);
                made.line(Table::Overlaps, area, one, "only", other, 16);
            }
        }
        for program in ["PKH", "SEMBAKO"] {
            for (at, area) in kecamatan().into_iter().enumerate() {
                for (place, (sex, count)) in [("F", UNITS[at] / 2), ("M", UNITS[at] - UNITS[at] / 2)].into_iter().enumerate() {
                    made.atoms.push(Atom {
                        edition: made.edition,
                        program: program.parse().unwrap(),
                        atom: (2 * at + place) as u32 + 1,
                        area: reference::areas().children(area)[0].into(),
                        sex: sex.into(),
                        age_band: "*".into(),
                        family_size: "*".into(),
                        count: count as u32,
                    });
                }
            }
        }
        made.line(Table::Findings, district(), "SEMUA", "records", "invalid_nik", 3);
        made.sensitive(&[30, 6, 9, 40, 7, 20], &[1, 2, 4]);
        made
    }

    /// Those of the first kecamatan who left by reason, as many as came.
    fn reasons(&mut self) {
        let area = kecamatan()[0];
        for measure in ["entered", "left"] {
            for area in [area, reference::areas().children(area)[0]] {
                self.at(Table::Flows, area, "PKH", measure, "").value = Some(30);
            }
        }
        self.line(Table::Flows, area, "PKH", "left", "died", 14);
        self.line(Table::Flows, area, "PKH", "left", rest(Table::Flows, "died"), 16);
    }

    /// Totals of YAPI by kecamatan, those at these places in one group.
    fn sensitive(&mut self, units: &[u64], grouped: &[usize]) {
        self.cells.retain(|(_, cell)| cell.program.as_str() != "YAPI");
        let areas = kecamatan();
        let group = AreaLabel::pool(grouped.iter().map(|at| areas[*at])).unwrap();
        self.line(Table::Totals, group.clone(), "YAPI", "units", "", grouped.iter().map(|at| units[*at]).sum());
        for (at, area) in areas.iter().enumerate() {
            self.line(Table::Totals, *area, "YAPI", "units", "", units[at]);
            if grouped.contains(&at)
                && let Some((_, cell)) = self.cells.last_mut()
            {
                (cell.value, cell.status, cell.group) = (None, Status::Grouped, Some(group.clone()));
            }
        }
    }

    fn line(&mut self, table: Table, area: impl Into<AreaLabel>, program: &str, measure: &str, category: &str, value: u64) {
        self.cells.push((
            table,
            Cell {
                area: area.into(),
                program: program.parse().unwrap(),
                period: self.period,
                measure: measure.into(),
                category: category.into(),
                value: Some(value),
                status: Status::Observed,
                group: None,
                release: id(self.period, self.revision),
                as_of: self.period,
            },
        ));
    }

    /// The figure of one area, to change.
    fn at(&mut self, table: Table, area: AreaCode, program: &str, measure: &str, category: &str) -> &mut Cell {
        let wanted = |cell: &Cell| {
            cell.area == AreaLabel::from(area) && cell.program.as_str() == program && cell.measure == measure && cell.category == category
        };
        self.cells.iter_mut().find(|(of, cell)| *of == table && wanted(cell)).map(|(_, cell)| cell).unwrap()
    }

    /// As another release of a later month shows it: rows and figures that stand.
    fn standing(mut self, from: &Made) -> Made {
        (self.rows_from, self.previous) = (from.rows_from, Some(id(from.period, from.revision)));
        for (table, cell) in &mut self.cells {
            if view::may_stand(*table, cell) {
                (cell.release, cell.as_of) = (id(from.period, from.revision), from.period);
            }
        }
        self
    }

    /// Writes the folder; kabupaten and control totals are summed up here.
    fn folder(&self, under: &Path) -> ReleaseFolder {
        let release = id(self.period, self.revision);
        let path = under.join(release.to_string());
        let mut writer = FolderWriter::create(&path, crate::About { release, edition: self.edition, simulated: true }).unwrap();
        writer.reference().unwrap();
        writer.rows(district(), &self.atoms).unwrap();
        let issue = under.join(id(self.period, (self.revision - 1).max(1)).to_string());
        let corrected = (self.revision > 1 && issue.exists()).then(|| ReleaseFolder::open(&issue).unwrap());
        let mut corrections = Vec::new();
        let mut controls = Vec::new();
        for table in Table::ALL {
            let mut cells: Vec<Cell> = self.cells.iter().filter(|(of, _)| *of == table).map(|(_, cell)| cell.clone()).collect();
            let mut whole: BTreeMap<(String, String, String), Cell> = BTreeMap::new();
            let observed = cells.iter().filter(|cell| cell.value.is_some() && cell.area.members()[0].level() == Level::Kecamatan);
            for cell in observed {
                let key = (cell.program.to_string(), cell.measure.clone(), cell.category.clone());
                let sum = whole.entry(key).or_insert_with(|| Cell { value: Some(0), area: district().into(), release, ..cell.clone() });
                sum.value = sum.value.zip(cell.value).map(|(sum, n)| sum + n);
            }
            let shown: Vec<_> = cells.iter().filter(|cell| cell.area.single() == Some(district())).cloned().collect();
            cells.extend(whole.into_values().filter(|cell| {
                let given =
                    self.whole_as_given && view::is_of_class(table, cell) && shown.iter().any(|shown| shown.program == cell.program);
                !given
                    && !shown
                        .iter()
                        .any(|shown| shown.program == cell.program && shown.measure == cell.measure && shown.category == cell.category)
            }));
            controls.extend(cells.iter().filter(|cell| cell.area.single() == Some(district())).map(|cell| ControlTotal {
                table,
                program: cell.program.clone(),
                measure: cell.measure.clone(),
                category: cell.category.clone(),
                value: cell.value,
                status: cell.status,
            }));
            writer.table(table, &mut cells).unwrap();
            if let Some(issue) = &corrected {
                let (corrects, reason) = (issue.manifest().release, crate::Reason::LateData);
                for change in crate::changes::of_table(table, issue.cells(table).unwrap(), cells.into_iter().map(Ok)) {
                    let line = crate::changes::Correction { change: change.unwrap(), period: self.period, corrects, reason };
                    corrections.push(line.row());
                }
            }
        }
        writer.dataset(&dataset::dictionary::CORRECTIONS, &corrections).unwrap();
        let editions = ["PKH", "SEMBAKO"].map(|program| {
            let atoms = self.atoms.iter().filter(|atom| atom.program.as_str() == program);
            let rows = atoms.clone().map(|atom| u64::from(atom.count)).sum();
            EditionTotal { program: program.parse().unwrap(), rows, atoms: atoms.count() as u32 }
        });
        let editions = editions.to_vec();
        let manifest = Manifest {
            format: 3,
            release,
            district: district(),
            period: self.period,
            expected_on: crate::due(self.period, crate::DUE_DAYS),
            edition: self.edition,
            edition_as_of: self.edition_as_of,
            rows_from: self.rows_from,
            correction: (self.revision > 1)
                .then(|| crate::Correction { of: id(self.period, self.revision - 1), reason: crate::Reason::LateData }),
            simulated: true,
            policy: Policy { version: self.policy.into(), ..Policy::current(11) },
            software: self.software.clone(),
            reference: ReferenceSnapshot { date: reference::snapshot().date.into(), sha256: reference::snapshot().sha256.clone() },
            created_at: self.created_at.clone(),
            control_totals: controls,
            editions,
            commitment: Commitment { root: crate::sha256_hex(self.root.as_bytes()), leaves: 1 },
            previous: self.previous.map(|release| Previous { release, manifest_sha256: crate::sha256_hex(b"") }),
            files: Vec::new(),
        };
        writer.finish(manifest, &serde_json::Value::Null).unwrap();
        ReleaseFolder::open(&path).unwrap()
    }
}

const OLD_REST: &str = "deceased~duplicate~invalid~no_card~not_found~other_name~unchecked";
const REST: &str = "deceased~duplicate~ineligible~invalid~moved~no_card~not_found~other_name~refused~unchecked";

/// All words of a table but one, as a category.
fn rest(table: Table, word: &str) -> &'static str {
    let one = view::class(table, word).unwrap();
    Box::leak(view::category(table, view::every(table) & !one).into_boxed_str())
}

/// The attacks that find something in these releases, all of them candidates.
fn found(releases: &[&Made]) -> Vec<&'static str> {
    let under = tempfile::tempdir().unwrap();
    let folders: Vec<ReleaseFolder> = releases.iter().map(|made| made.folder(under.path())).collect();
    let mut names: Vec<&str> = check(&folders, &[]).unwrap().iter().map(|failure| failure.attack.name()).collect();
    names.dedup();
    names
}

#[test]
fn reasons_that_add_up_pass() {
    let mut first = Made::new("2025-04");
    first.reasons();
    assert_eq!(found(&[&first]), [] as [&str; 0]);
}

fn two_months() -> (Made, Made) {
    let first = Made::new("2025-04");
    let second = Made::new("2025-05").standing(&first);
    (first, second)
}

#[test]
fn honest_releases_pass() {
    let (first, second) = two_months();
    let next = Made::new("2025-07").standing(&first);
    let next = Made { rows_from: id(next.period, 1), ..next };
    assert_eq!(found(&[&first, &second, &next]), [] as [&str; 0]);
}

/// As the software before made it: classes of the outcomes that there were.
fn of_old(mut made: Made) -> Made {
    made.policy = "2";
    for (_, cell) in made.cells.iter_mut().filter(|(_, cell)| cell.category == REST) {
        cell.category = OLD_REST.into();
    }
    made
}

#[test]
fn releases_of_a_shorter_list_of_outcomes_are_admitted_and_compared() {
    let first = of_old(Made::new("2025-04"));
    let second = Made { policy: "3", ..of_old(Made::new("2025-05").standing(&first)) };
    // Shown anew, in classes of all outcomes that there are now.
    let mut third = Made { rows_from: first.rows_from, previous: Some(id(second.period, 1)), ..Made::new("2025-06") };
    assert_eq!(found(&[&first, &second, &third]), [] as [&str; 0]);
    // The kabupaten of both kinds of groups: the words of today, where one names them.
    let (rest, old) = (third.clone(), second.clone());
    let mut mixed = third.clone();
    mixed.cells.retain(|(table, cell)| *table != Table::Verification || cell.area != kecamatan()[0].into());
    for (table, cell) in old.cells.iter().filter(|(table, cell)| *table == Table::Verification && cell.area == kecamatan()[0].into()) {
        mixed.cells.push((*table, Cell { period: mixed.period, ..cell.clone() }));
    }
    for category in ["valid", REST] {
        let of = |(_, cell): &&(Table, Cell)| cell.category == category;
        let verified = rest.cells.iter().filter(|(table, _)| *table == Table::Verification);
        let sum = verified.filter(of).filter_map(|(_, cell)| cell.value).sum();
        mixed.line(Table::Verification, district(), "PKH", "units", category, sum);
        if let Some((_, cell)) = mixed.cells.last_mut() {
            cell.as_of = first.period;
        }
    }
    mixed.whole_as_given = true;
    assert_eq!(found(&[&first, &second, &mixed]), [] as [&str; 0]);
    // One of the eleven was in another class: what both have in common tells of him.
    for (category, n) in [("valid", 24), (REST, 16)] {
        third.at(Table::Verification, kecamatan()[0], "PKH", "units", category).value = Some(n);
    }
    assert_eq!(found(&[&first, &second, &third]), ["differencing"]);
    // To leave out outcomes that there are is to say that nobody has them.
    assert_eq!(found(&[&Made { policy: "3", ..of_old(Made::new("2025-04")) }]), ["whole-atoms"]);
}

#[test]
fn one_candidate_is_attacked_with_what_was_shown_before() {
    let under = tempfile::tempdir().unwrap();
    let (first, mut second) = two_months();
    second.root = first.root.clone();
    let (first, second) = (first.folder(under.path()), second.folder(under.path()));
    assert_eq!(check(std::slice::from_ref(&second), &[]).unwrap(), []);
    assert_eq!(check(&[second], &[first]).unwrap().len(), 1);
}

/// Each violation, alone, in the first or the second of two months.
#[test]
fn each_attack_finds_its_violation() {
    let area = kecamatan();
    type Damage<'a> = (&'static str, &'static str, &'a dyn Fn(&mut Made, &mut Made));
    let damages: [Damage<'_>; 63] = [
        ("k-atoms", "a small class of outcomes", &|first, _| {
            first.at(Table::Verification, area[0], "PKH", "units", "valid").value = Some(33);
            first.at(Table::Verification, area[0], "PKH", "units", REST).value = Some(7);
        }),
        ("k-atoms", "flows of a sensitive kecamatan", &|first, _| first.line(Table::Flows, area[0], "YAPI", "entered", "", 20)),
        ("k-atoms", "a small class of rows", &|first, _| {
            (first.atoms[0].count, first.atoms[1].count) = (5, 35);
        }),
        ("hidden-numbers", "suppression without a complement", &|first, _| {
            let cell = first.at(Table::Totals, area[1], "YAPI", "units", "");
            (cell.status, cell.group) = (Status::Missing, None);
            let cell = first.cells.iter_mut().find(|(_, cell)| cell.area.members().len() > 1).map(|(_, cell)| cell);
            cell.unwrap().area = AreaLabel::pool([area[2], area[4]]).unwrap();
            let group = AreaLabel::pool([area[2], area[4]]).unwrap();
            for at in [2, 4] {
                first.at(Table::Totals, area[at], "YAPI", "units", "").group = Some(group.clone());
            }
            let all =
                first.cells.iter().filter(|(_, cell)| cell.program.as_str() == "YAPI").filter_map(|(_, cell)| cell.value).sum::<u64>();
            first.line(Table::Totals, district(), "YAPI", "units", "", all + 6);
        }),
        ("hidden-numbers", "a zero beside a group near its least", &|first, _| first.sensitive(&[30, 0, 4, 40, 7, 20], &[2, 4])),
        ("hidden-numbers", "one flow of a sensitive program", &|_, second| {
            second.line(Table::Flows, district(), "YAPI", "entered", "", 20)
        }),
        ("hidden-numbers", "leaves that tell a total that is withheld", &|first, _| {
            first.line(Table::Totals, district(), "PIP", "units", "", 0);
            if let Some((_, cell)) = first.cells.last_mut() {
                (cell.value, cell.status) = (None, Status::Withheld);
            }
        }),
        ("hidden-numbers", "flows with little slack", &|_, second| {
            second.sensitive(&[50, 6, 9, 22, 7, 20], &[1, 2, 4]);
            second.line(Table::Flows, district(), "YAPI", "entered", "", 21);
            second.line(Table::Flows, district(), "YAPI", "left", "", 19);
        }),
        ("hidden-numbers", "a kabupaten finer than its groups", &|first, _| {
            first.line(Table::Verification, district(), "PKH", "units", "valid", 255);
            first.line(Table::Verification, district(), "PKH", "units", "deceased", 3);
        }),
        ("whole-atoms", "a row in another kelurahan", &|first, second| {
            for made in [first, second] {
                (made.atoms[0].count, made.atoms[2].count) = (19, 31);
            }
        }),
        ("whole-atoms", "classes that are not all units", &|first, _| {
            first.at(Table::Verification, area[0], "PKH", "units", "valid").value = Some(60);
        }),
        ("whole-atoms", "demographics of no atoms", &|first, _| first.line(Table::Demographics, area[0], "PKH", "sex", "F", 19)),
        ("whole-atoms", "other rows in a repeat", &|_, second| (second.atoms[0].count, second.atoms[1].count) = (21, 19)),
        ("differencing", "outcomes again, with few who entered", &|_, second| {
            let release = id(second.period, 1);
            let period = second.period;
            second.at(Table::Flows, area[0], "PKH", "entered", "").value = Some(3);
            for category in ["valid", REST] {
                let cell = second.at(Table::Verification, area[0], "PKH", "units", category);
                (cell.release, cell.as_of) = (release, period);
            }
        }),
        ("differencing", "a figure that was not shown", &|_, second| {
            second.at(Table::Verification, area[0], "PKH", "units", "valid").value = Some(24);
            second.at(Table::Verification, area[0], "PKH", "units", REST).value = Some(16);
        }),
        ("linkage", "atoms in another order", &|first, second| {
            for made in [first, second] {
                made.atoms.swap(0, 1);
                (made.atoms[0].atom, made.atoms[1].atom) = (1, 2);
            }
        }),
        ("linkage", "numbers with gaps", &|first, second| (first.atoms[9].atom, second.atoms[9].atom) = (11, 11)),
        ("linkage", "a time finer than a second", &|first, _| first.created_at = "2025-07-03T08:15:00.5Z".into()),
        ("money", "few who were paid", &|first, _| first.at(Table::Payments, area[0], "PKH", "paid", "").value = Some(4)),
        ("money", "nearly the same people", &|_, second| second.at(Table::Flows, area[1], "PKH", "left", "").value = Some(2)),
        ("money", "everyone at the least", &|first, _| {
            first.at(Table::Payments, area[0], "PKH", "paid_rupiah", "").value = Some(40 * 225_000);
        }),
        ("programs", "nobody in one program alone", &|first, _| {
            for (one, other) in [("PKH", "SEMBAKO"), ("SEMBAKO", "PKH")] {
                first.at(Table::Overlaps, area[0], one, "both", other).value = Some(40);
                first.at(Table::Overlaps, area[0], one, "only", other).value = Some(0);
            }
        }),
        ("k-atoms", "a plan of a sensitive kecamatan", &|first, _| {
            first.line(Table::Plan, area[0], "YAPI", "planned_units", "", 30);
        }),
        ("k-atoms", "a small plan of a sensitive program", &|first, _| {
            first.line(Table::Plan, district(), "YAPI", "planned_units", "", 3);
        }),
        ("hidden-numbers", "a class of the kabupaten less the groups that show it", &|first, _| {
            first.line(Table::Verification, district(), "PKH", "units", "deceased", 21);
            for at in [0, 1] {
                let found = first.at(Table::Verification, area[at], "PKH", "units", REST);
                (found.category, found.value) = (REST.replace("deceased~", ""), Some(4 + 11));
            }
            for (at, n) in [(0, 6), (1, 5)] {
                first.line(Table::Verification, area[at], "PKH", "units", "deceased", n);
            }
        }),
        ("whole-atoms", "a further attribute beside totals", &|first, _| {
            for area in &area {
                first.line(Table::Totals, *area, "SEMBAKO", "units", "decile-1", 3);
            }
        }),
        ("whole-atoms", "a program that nobody knows", &|first, _| first.line(Table::Totals, area[0], "PKH_HAMIL", "units", "", 30)),
        ("whole-atoms", "an area that nobody knows", &|first, _| {
            let area: AreaCode = format!("{}.9999", area[0]).parse().unwrap();
            first.line(Table::Flows, area, "PKH", "entered", "", 0);
        }),
        ("whole-atoms", "inhabitants by a further attribute", &|first, _| {
            first.line(Table::Coverage, area[0], "PKH", "inhabitants", "pregnant", 3);
        }),
        ("whole-atoms", "poor households by a further attribute", &|first, _| {
            first.line(Table::Coverage, area[0], "PKH", "poor_households", "pregnant", 3);
        }),
        ("whole-atoms", "inhabitants as nobody counted them", &|first, _| {
            first.line(Table::Coverage, area[0], "PKH", "inhabitants", "estimate-2024", 3);
        }),
        ("whole-atoms", "a share of nothing", &|first, _| {
            first.line(Table::Coverage, area[0], "PKH", "units_per_10000_inhabitants", "estimate-2024", 3);
        }),
        ("whole-atoms", "outcomes in an order of their own", &|first, _| {
            let cell = first.at(Table::Verification, area[0], "PKH", "units", REST);
            cell.category = "unchecked~deceased~duplicate~ineligible~invalid~moved~no_card~not_found~other_name~refused".into();
        }),
        ("whole-atoms", "rows of a release that never was", &|_, second| {
            second.rows_from = ReleaseId::new(district(), second.rows_from.period(), 2).unwrap();
        }),
        ("differencing", "outcomes of a release that never was", &|_, second| {
            for category in ["valid", REST] {
                let cell = second.at(Table::Verification, area[0], "PKH", "units", category);
                (cell.release, cell.as_of) = (id(month("2025-01"), 1), month("2025-01"));
            }
        }),
        ("differencing", "outcomes of a correction that never was", &|first, second| {
            for category in ["valid", REST] {
                second.at(Table::Verification, area[0], "PKH", "units", category).release = id(first.period, 2);
            }
        }),
        ("differencing", "outcomes of another month than their release's", &|_, second| {
            for category in ["valid", REST] {
                second.at(Table::Verification, area[0], "PKH", "units", category).as_of = month("2025-03");
            }
        }),
        ("linkage", "a message in the software's name", &|first, _| first.software = "test 0.1.0 (YAPI 3)".into()),
        ("whole-atoms", "a correction of an issue that never was", &|first, _| first.revision = 2),
        ("differencing", "a kecamatan alone that was in a group", &|_, second| {
            second.sensitive(&[30, 16, 9, 40, 7, 20], &[2, 4]);
        }),
        ("whole-atoms", "a plan of a kelurahan", &|first, _| {
            first.line(Table::Plan, reference::areas().children(area[0])[0], "PKH", "planned_units", "", 3);
        }),
        ("programs", "families of a program that are not always as many", &|first, _| {
            for (other, both) in [("SEMBAKO", 30), ("PKH", 31)] {
                first.line(Table::Overlaps, area[0], "PBI_JK", "both", other, both);
                first.line(Table::Overlaps, area[0], other, "both", "PBI_JK", both);
                first.line(Table::Overlaps, area[0], "PBI_JK", "only", other, 70);
                first.line(Table::Overlaps, area[0], other, "only", "PBI_JK", 11);
            }
        }),
        ("programs", "three programs that contradict each other", &|first, _| {
            let pairs = [("PKH", "SEMBAKO", 24), ("PKH", "PBI_JK", 29), ("SEMBAKO", "PBI_JK", 12)];
            for (one, other, both) in pairs.into_iter().chain(pairs.map(|(one, other, both)| (other, one, both))) {
                if one == "PBI_JK" || other == "PBI_JK" {
                    first.line(Table::Overlaps, area[0], one, "both", other, both);
                    first.line(Table::Overlaps, area[0], one, "only", other, 40 - both);
                }
            }
        }),
        ("k-atoms", "a small class of findings", &|first, _| {
            first.at(Table::Findings, area[0], "PKH", "units", "none").value = Some(35);
            first.at(Table::Findings, area[0], "PKH", "units", rest(Table::Findings, "none")).value = Some(5);
        }),
        ("k-atoms", "a kelurahan's freshness", &|first, _| {
            first.line(Table::Freshness, reference::areas().children(area[0])[0], "PKH", "units", "0-3", 20);
        }),
        ("k-atoms", "findings of a sensitive program", &|first, _| {
            first.line(Table::Findings, area[0], "YAPI", "units", "deceased", 20);
        }),
        ("k-atoms", "few families of a desil without any program", &|first, _| {
            first.at(Table::Targeting, area[0], "SEMUA", "any_program", "1").value = Some(26);
            first.at(Table::Targeting, area[0], "SEMUA", "no_program", "1").value = Some(4);
        }),
        ("k-atoms", "few complaints without an answer", &|first, _| {
            first.at(Table::Reports, area[0], "SEMUA", "answered", "ganda").value = Some(42);
        }),
        ("k-atoms", "complaints upheld beside none answered", &|first, _| {
            let more = rest(Table::Reports, "ganda");
            first.line(Table::Reports, area[0], "SEMUA", "upheld", more, 12);
        }),
        ("k-atoms", "few left for a reason", &|first, _| {
            first.reasons();
            first.at(Table::Flows, area[0], "PKH", "left", "died").value = Some(25);
            first.at(Table::Flows, area[0], "PKH", "left", rest(Table::Flows, "died")).value = Some(5);
        }),
        ("whole-atoms", "reasons that are not all who left", &|first, _| {
            first.reasons();
            first.at(Table::Flows, area[0], "PKH", "left", "died").value = Some(15);
        }),
        ("whole-atoms", "a reason of those who entered", &|first, _| {
            first.line(Table::Flows, area[0], "PKH", "entered", "moved", 20);
        }),
        ("whole-atoms", "findings that are not all units", &|first, _| {
            first.at(Table::Findings, area[0], "PKH", "units", "none").value = Some(30);
        }),
        ("whole-atoms", "families of a desil that are more than its parts", &|first, _| {
            first.at(Table::Deciles, area[0], "SEMUA", "families", "1").value = Some(31);
        }),
        ("whole-atoms", "classes that leave out a desil", &|first, _| {
            let cell = first.at(Table::Deciles, area[0], "SEMUA", "families", rest(Table::Deciles, "1"));
            cell.category = cell.category.replace("10~", "");
        }),
        ("whole-atoms", "desil of one program", &|first, _| first.line(Table::Deciles, area[0], "PKH", "families", "1", 30)),
        ("whole-atoms", "totals of no one program", &|first, _| first.line(Table::Totals, area[0], "SEMUA", "units", "", 300)),
        ("whole-atoms", "records at fault by another word", &|first, _| {
            first.line(Table::Findings, area[0], "SEMUA", "records", "deceased", 1);
        }),
        ("whole-atoms", "records at fault of a kelurahan", &|first, _| {
            first.line(Table::Findings, reference::areas().children(area[0])[0], "SEMUA", "records", "duplicate_nik", 1);
        }),
        ("whole-atoms", "records at fault that stand from before", &|first, second| {
            second.at(Table::Findings, area[0], "SEMUA", "records", "duplicate_nik").release = id(first.period, 1);
        }),
        ("differencing", "desil again, with few who changed", &|_, second| {
            let (release, period) = (id(second.period, 1), second.period);
            let more = rest(Table::Deciles, "1");
            for (table, measure, category, value) in [
                (Table::Deciles, "families", "1", 31),
                (Table::Deciles, "families", more, 59),
                (Table::Targeting, "any_program", "1", 19),
                (Table::Targeting, "no_program", "1", 12),
            ] {
                let cell = second.at(table, area[0], "SEMUA", measure, category);
                (cell.release, cell.as_of, cell.value) = (release, period, Some(value));
            }
        }),
        ("differencing", "a part that was not shown so", &|_, second| {
            second.at(Table::Reports, area[0], "SEMUA", "upheld", "ganda").value = Some(15);
        }),
        ("programs", "two sides that differ", &|first, _| {
            first.at(Table::Overlaps, area[0], "PKH", "both", "SEMBAKO").value = Some(25);
            first.at(Table::Overlaps, area[0], "PKH", "only", "SEMBAKO").value = Some(15);
        }),
    ];
    for (attack, what, damage) in damages {
        let (mut first, mut second) = two_months();
        damage(&mut first, &mut second);
        let found = found(&[&first, &second]);
        assert!(found.contains(&attack), "{what}: {found:?}");
    }
}

#[test]
fn editions_do_not_split_and_revisions_do_not_change_by_few() {
    let first = Made::new("2025-04");
    let mut coarse = first.clone();
    for pair in coarse.atoms.chunks_exact_mut(2) {
        pair[0].count += pair[1].count;
        pair[0].sex = "*".into();
    }
    coarse.atoms = coarse.atoms.into_iter().step_by(2).map(|atom| Atom { atom: atom.atom.div_ceil(2), ..atom }).collect();
    let next = Made { rows_from: id(month("2025-07"), 1), ..Made::new("2025-07").standing(&first) };
    assert_eq!(found(&[&coarse, &next]), ["differencing"]);

    let previous = Some(id(first.period, 1));
    let mut again =
        Made { revision: 2, previous, edition: EditionId::new(first.period.quarter(), 2), root: "again".into(), ..first.clone() };
    again.rows_from = id(again.period, 2);
    for (table, cell) in &mut again.cells {
        if !view::may_stand(*table, cell) {
            cell.release = id(again.period, 2);
        }
    }
    for atom in &mut again.atoms {
        atom.edition = again.edition;
    }
    assert_eq!(found(&[&first, &again]), [] as [&str; 0]);
    (again.atoms[0].count, again.atoms[1].count) = (18, 22);
    assert_eq!(found(&[&first, &again]), ["differencing"]);
}

#[test]
fn corrections_are_what_two_releases_differ_in() {
    let under = tempfile::tempdir().unwrap();
    let first = Made::new("2025-04");
    let mut again = Made { revision: 2, previous: Some(id(first.period, 1)), root: "again".into(), ..first.clone() };
    for (table, cell) in &mut again.cells {
        if !view::may_stand(*table, cell) {
            cell.release = id(again.period, 2);
        }
    }
    for area in [kecamatan()[0], reference::areas().children(kecamatan()[0])[0]] {
        again.at(Table::Payments, area, "PKH", "paid", "").value = Some(39);
    }
    let folders = [first.folder(under.path()), again.folder(under.path())];
    let path = folders[1].path().join("data/corrections.csv");
    let whole = std::fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = whole.lines().collect();
    assert_eq!(lines.len(), 4, "the kelurahan, its kecamatan and the kabupaten: {whole}");
    let found = |text: &str| -> Vec<String> {
        std::fs::write(&path, text).unwrap();
        // Who changes a file changes all its forms.
        let about = crate::About::of(folders[1].manifest());
        crate::write_other_forms(folders[1].path(), about, &dataset::dictionary::CORRECTIONS).unwrap();
        let failures = check(&folders, &[]).unwrap();
        failures.into_iter().filter(|failure| failure.table == "corrections").map(|failure| failure.to_string()).collect()
    };
    assert_eq!(found(&whole), [] as [&str; 0]);
    assert_eq!(found(&(lines[0].to_owned() + "\n")), [] as [&str; 0], "as if the issue had been withdrawn before");
    for (text, said) in [
        (whole.replacen(",39,", ",38,", 1), "the two releases say"),
        (whole.replacen("late-data", "payments", 1), "the two releases say"),
        ([&lines[..1], &lines[2..]].concat().join("\n") + "\n", "no line here says so"),
        (lines[..3].join("\n") + "\n", "no line here says so"),
        (whole.clone() + &lines[1].replace("PKH", "SEMBAKO") + "\n", "what it was before"),
    ] {
        let found = found(&text);
        assert!(found.len() == 1 && found[0].starts_with("FAIL whole-atoms") && found[0].contains(said), "{said}: {found:?}");
    }
    std::fs::write(&path, &whole).unwrap();
    assert!(crate::changes::untold(&folders[0], &folders[1]).is_ok_and(|untold| !untold));
    // A first issue has none.
    let own = folders[0].path().join("data/corrections.csv");
    std::fs::write(&own, &whole).unwrap();
    let failures = check(&folders[..1], &[]).unwrap();
    assert!(failures.iter().any(|failure| failure.table == "corrections" && failure.what.contains("first issue")), "{failures:?}");
}

/// Makes the description of the files follow their manifest again.
fn describe(folder: &Path) {
    let opened = ReleaseFolder::open(folder).unwrap();
    let package = crate::package::data_package(opened.manifest());
    std::fs::write(folder.join(crate::package::PACKAGE), crate::write::pretty(&package).unwrap()).unwrap();
}

#[test]
fn a_description_with_more_words_than_ours_is_found() {
    let under = tempfile::tempdir().unwrap();
    let folder = Made::new("2025-04").folder(under.path());
    assert!(check(&[ReleaseFolder::open(folder.path()).unwrap()], &[]).unwrap().is_empty());
    let path = folder.path().join(crate::package::PACKAGE);
    let text = std::fs::read_to_string(&path).unwrap();
    // A word in a title, and spaces that could be counted.
    for damaged in [text.replacen("\"title\": \"", "\"title\": \"Siti ", 1), text.replacen(": ", ":  ", 1)] {
        assert_ne!(damaged, text);
        std::fs::write(&path, damaged).unwrap();
        let failures = check(&[ReleaseFolder::open(folder.path()).unwrap()], &[]).unwrap();
        assert!(failures.iter().any(|failure| failure.table == "datapackage"), "{failures:?}");
    }
}

#[test]
fn rows_in_another_order_are_linkage_and_other_rows_are_not() {
    let under = tempfile::tempdir().unwrap();
    let folder = Made::new("2025-04").folder(under.path());
    let path = folder.path().join("data/recipients.csv");
    let text = std::fs::read_to_string(&path).unwrap();
    let names = |text: String| {
        std::fs::write(&path, &text).unwrap();
        let manifest = folder.path().join("manifest.json");
        let mut value: serde_json::Value = serde_json::from_slice(&std::fs::read(&manifest).unwrap()).unwrap();
        for file in value["files"].as_array_mut().unwrap() {
            if file["path"] == "data/recipients.csv" {
                (file["sha256"], file["bytes"]) = (crate::sha256_hex(text.as_bytes()).into(), text.len().into());
            }
        }
        std::fs::write(&manifest, serde_json::to_vec(&value).unwrap()).unwrap();
        describe(folder.path());
        let failures = check(&[ReleaseFolder::open(folder.path()).unwrap()], &[]).unwrap();
        failures.iter().map(|failure| failure.attack.name()).collect::<Vec<_>>()
    };
    assert_eq!(names(text.clone()), [] as [&str; 0]);
    let mut lines: Vec<&str> = text.lines().collect();
    lines.swap(1, 2);
    assert_eq!(names(lines.join("\n") + "\n"), ["linkage"]);
    assert_eq!(names(text.replace(",F,", ",M,")), ["whole-atoms"]);
}

#[test]
fn tables_in_classes_are_attacked_as_verification_is() {
    let area = kecamatan();
    let rest = "1~10~2~3~4~5~6~7~8~9";
    let honest = || {
        let mut made = Made::new("2025-04");
        made.cells.retain(|(table, _)| !matches!(table, Table::Deciles | Table::Targeting));
        for at in &area {
            made.line(Table::Deciles, *at, "SEMUA", "families", "unknown", 60);
            made.line(Table::Deciles, *at, "SEMUA", "families", rest, 90);
            made.line(Table::Targeting, *at, "SEMUA", "any_program", rest, 50);
            made.line(Table::Targeting, *at, "SEMUA", "no_program", rest, 40);
        }
        made
    };
    assert_eq!(found(&[&honest()]), [] as [&str; 0]);
    type Damage<'a> = (&'static str, &'static str, &'a dyn Fn(&mut Made));
    let damages: [Damage<'_>; 5] = [
        ("k-atoms", "a small class of families", &|made| made.at(Table::Deciles, area[0], "SEMUA", "families", "unknown").value = Some(6)),
        ("k-atoms", "few of a class without a program", &|made| {
            made.at(Table::Targeting, area[0], "SEMUA", "any_program", rest).value = Some(85);
            made.at(Table::Targeting, area[0], "SEMUA", "no_program", rest).value = Some(5);
        }),
        ("whole-atoms", "a word that nobody knows", &|made| made.line(Table::Deciles, area[0], "SEMUA", "families", "11", 30)),
        ("whole-atoms", "families of one program", &|made| made.line(Table::Deciles, area[0], "PKH", "families", "1", 30)),
        ("whole-atoms", "parts that are not the class", &|made| {
            made.at(Table::Targeting, area[0], "SEMUA", "any_program", rest).value = Some(49);
        }),
    ];
    for (attack, what, damage) in damages {
        let mut made = honest();
        damage(&mut made);
        let found = found(&[&made]);
        assert!(found.contains(&attack), "{what}: {found:?}");
    }
}
