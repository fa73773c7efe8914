//! The gate: the attacks of the privacy policy, run on release folders from
//! their public files alone. `publish` runs it before a release can be sealed,
//! `admit` again before it is served, and anyone with `bansos-audit attack`.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use disclosure::attack::{Attack, Finding, PublishedClass, k_atoms, whole_atoms};
use domain::{AreaCode, AreaLabel, Cell, Level, ProgramCode, ReleaseId, Status, Table, codebook};

use crate::write::Digesting;
use crate::{Atom, ReleaseFolder, Result, write_recipients};

/// The lowest k, and the fewest inhabitants behind a label, of any release
/// (design: PRIVACY, The rules). A manifest that names less does not pass.
pub const FLOOR: (u32, u32) = (5, 100);

/// What an attack found in a release.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Failure {
    /// The attack.
    pub attack: Attack,
    /// The release.
    pub release: ReleaseId,
    /// The table: `atoms`, `recipients`, `manifest` or a statistics table.
    pub table: String,
    /// The cell, its parts joined by `|`.
    pub cell: String,
    /// What is wrong, in words.
    pub what: String,
}

impl fmt::Display for Failure {
    /// `FAIL NAME RELEASE TABLE CELL`, and the explanation on a line of its own.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FAIL {} {} {} {}\n  {}", self.attack.name(), self.release, self.table, self.cell, self.what)
    }
}

/// Runs the attacks on `candidates` in the light of `earlier` releases of the
/// same districts. Nothing found is an empty list.
///
/// # Errors
/// When a folder cannot be read; what an attack finds is no error.
pub fn check(candidates: &[ReleaseFolder], earlier: &[ReleaseFolder]) -> Result<Vec<Failure>> {
    let mut failures = Vec::new();
    for (at, folder) in candidates.iter().enumerate() {
        let others = earlier.iter().chain(&candidates[..at]);
        One { folder, failures: &mut failures }.check(others)?;
    }
    failures.sort();
    Ok(failures)
}

/// Inhabitants behind an atom's label: those of its areas, by the shares of the
/// codebook. Labels come from the reader of `atoms.csv`, which knows them all.
#[must_use]
pub fn candidates(atom: &Atom) -> u64 {
    let people = atom.area.members().iter().map(|area| reference::inhabitants(*area)).sum();
    let label = |attribute: &'static codebook::Attribute, code: &str| attribute.label(code).unwrap_or(&attribute.labels[0]);
    codebook::candidates(
        people,
        label(&codebook::SEX, &atom.sex),
        label(&codebook::AGE_BAND, &atom.age_band),
        label(&codebook::FAMILY_SIZE, &atom.family_size),
    )
}

/// Totals of one table by program, measure and area.
type Sums = BTreeMap<(ProgramCode, String), HashMap<AreaLabel, Cell>>;

struct One<'a> {
    folder: &'a ReleaseFolder,
    failures: &'a mut Vec<Failure>,
}

impl One<'_> {
    fn check<'b>(&mut self, others: impl Iterator<Item = &'b ReleaseFolder>) -> Result<()> {
        let manifest = self.folder.manifest();
        let (k, candidates) = (manifest.policy.k, manifest.policy.min_candidates);
        if k < FLOOR.0 || candidates < FLOOR.1 {
            self.fail(
                Attack::KAtoms,
                "manifest",
                "policy",
                format!("k {k} and {candidates} inhabitants; the floor is {} and {}", FLOOR.0, FLOOR.1),
            );
        }
        let atoms = self.folder.atoms()?.collect::<Result<Vec<Atom>>>()?;
        self.rows(&atoms)?;
        self.repeats(others);
        for table in Table::ALL {
            let sums = self.read(table)?;
            self.sums_agree(table, &sums);
            if table == Table::Totals && manifest.edition_as_of == manifest.period {
                self.atoms_make_up_totals(&atoms, &sums);
            }
        }
        Ok(())
    }

    fn fail(&mut self, attack: Attack, table: &str, cell: impl Into<String>, what: impl Into<String>) {
        self.failures.push(Failure {
            attack,
            release: self.folder.manifest().release,
            table: table.into(),
            cell: cell.into(),
            what: what.into(),
        });
    }

    fn keep(&mut self, table: &str, findings: Vec<Finding>) {
        for finding in findings {
            self.fail(finding.attack, table, finding.cell, finding.what);
        }
    }

    /// Attack 1 on the atoms, and that the published rows are theirs.
    fn rows(&mut self, atoms: &[Atom]) -> Result<()> {
        let manifest = self.folder.manifest();
        let classes: Vec<_> = atoms
            .iter()
            .map(|atom| PublishedClass {
                label: (&atom.program, &atom.area, &atom.sex, &atom.age_band, &atom.family_size),
                name: format!("{}|{}|{}|{}|{}|{}", atom.program, atom.atom, atom.area, atom.sex, atom.age_band, atom.family_size),
                rows: u64::from(atom.count),
                candidates: candidates(atom),
            })
            .collect();
        // What the manifest allows, but never less than the floor.
        let (k, least) = (manifest.policy.k.max(FLOOR.0), manifest.policy.min_candidates.max(FLOOR.1));
        self.keep("atoms", k_atoms(&classes, u64::from(k), u64::from(least)));

        let mut next: BTreeMap<&ProgramCode, u32> = BTreeMap::new();
        for atom in atoms {
            let cell = format!("{}|{}", atom.program, atom.atom);
            let expected = next.entry(&atom.program).or_insert(1);
            if atom.atom != *expected || atom.edition != manifest.edition {
                self.fail(Attack::KAtoms, "atoms", &cell, "atoms are numbered from 1 in each program of the release's edition");
            }
            *expected = atom.atom.saturating_add(1);
            if reference::program(&atom.program).is_none_or(|program| program.sensitive) {
                self.fail(Attack::KAtoms, "atoms", &cell, "a sensitive or unknown program has no rows");
            }
            if atom.area.members().iter().any(|area| !manifest.district.contains(*area)) {
                self.fail(Attack::WholeAtoms, "atoms", &cell, "the area lies outside the district");
            }
            let personal = [&atom.sex, &atom.age_band, &atom.family_size].iter().any(|label| *label != codebook::ANY);
            if atom.area.single().is_none() && personal {
                self.fail(Attack::WholeAtoms, "atoms", &cell, "a pool of areas carries no personal attribute");
            }
        }

        // recipients.csv must be exactly what the atoms spell out.
        let mut out = Digesting::new(std::io::sink());
        let mut buffered = std::io::BufWriter::with_capacity(1 << 16, &mut out);
        let written = write_recipients(manifest.district, atoms, &mut buffered);
        let flushed = std::io::Write::flush(&mut buffered);
        drop(buffered);
        if written.is_ok() && flushed.is_ok() {
            let (_, _, sha256) = out.finish();
            let entry = manifest.files.iter().find(|entry| entry.path == "data/recipients.csv");
            if entry.is_none_or(|entry| entry.sha256 != sha256) {
                self.fail(Attack::WholeAtoms, "recipients", "file", "recipients.csv does not spell out atoms.csv");
            }
        }
        Ok(())
    }

    /// Releases of one edition repeat its rows: a silent re-issue between
    /// editions could be subtracted from the first.
    fn repeats<'b>(&mut self, others: impl Iterator<Item = &'b ReleaseFolder>) {
        let manifest = self.folder.manifest();
        let rows = |folder: &ReleaseFolder| {
            let entry = folder.manifest().files.iter().find(|entry| entry.path == "data/recipients.csv");
            entry.map(|entry| entry.sha256.clone())
        };
        let mine = rows(self.folder);
        for other in others {
            let theirs = other.manifest();
            if theirs.district == manifest.district && theirs.edition == manifest.edition && rows(other) != mine {
                self.fail(Attack::WholeAtoms, "recipients", "file", format!("differs from {} of the same edition", theirs.release));
            }
        }
    }

    fn read(&mut self, table: Table) -> Result<Sums> {
        let manifest = self.folder.manifest();
        let (district, release, k) = (manifest.district, manifest.release, u64::from(manifest.policy.k.max(FLOOR.0)));
        let mut sums = Sums::new();
        for cell in self.folder.cells(table)? {
            let cell = cell?;
            let name = format!("{}|{}|{}|{}", cell.area, cell.program, cell.period, cell.measure);
            if cell.release != release || cell.period != manifest.period || !table.measures().contains(&cell.measure.as_str()) {
                self.fail(Attack::WholeAtoms, table.as_str(), &name, "the line is not of this release, period and table");
            }
            if cell.area.members().iter().any(|area| !district.contains(*area)) {
                self.fail(Attack::WholeAtoms, table.as_str(), &name, "the area lies outside the district");
            }
            if reference::program(&cell.program).is_none_or(|program| program.sensitive) {
                // R1: sensitive programs show totals of kabupaten and kecamatan
                // only, and never a number under k.
                if cell.area.members().iter().any(|area| area.level() > Level::Kecamatan) {
                    self.fail(Attack::KAtoms, table.as_str(), &name, "a sensitive program is not shown below kecamatan");
                }
                if table != Table::Totals && cell.status != Status::Missing {
                    self.fail(Attack::KAtoms, table.as_str(), &name, "a sensitive program shows totals only");
                }
                if let Some(value) = cell.value.filter(|value| *value < k) {
                    self.fail(Attack::KAtoms, table.as_str(), &name, format!("{value} people of a sensitive program, fewer than {k}"));
                }
            }
            let by_area = sums.entry((cell.program.clone(), cell.measure.clone())).or_default();
            if by_area.insert(cell.area.clone(), cell).is_some() {
                self.fail(Attack::WholeAtoms, table.as_str(), &name, "the figure stands twice");
            }
        }
        Ok(sums)
    }

    /// Kabupaten = its kecamatan and groups = its kelurahan = the manifest.
    fn sums_agree(&mut self, table: Table, sums: &Sums) {
        let manifest = self.folder.manifest();
        let whole = AreaLabel::from(manifest.district);
        let mut controls: BTreeMap<(&ProgramCode, &str), Option<u64>> = manifest
            .control_totals
            .iter()
            .filter(|total| total.table == table)
            .map(|total| ((&total.program, total.measure.as_str()), total.value))
            .collect();
        for ((program, measure), cells) in sums {
            let name = format!("{whole}|{program}|{}|{measure}", manifest.period);
            let Some(top) = cells.get(&whole) else {
                self.fail(Attack::WholeAtoms, table.as_str(), name, "there is no figure for the kabupaten");
                continue;
            };
            if controls.remove(&(program, measure.as_str())) != Some(top.value) {
                self.fail(Attack::WholeAtoms, table.as_str(), &name, "the manifest's control total is another");
            }
            // A group's members point to it, and it to nothing else.
            for cell in cells.values() {
                if let Some(group) = &cell.group
                    && !(cells.get(group).is_some_and(|group| group.value.is_some())
                        && cell.area.members().iter().all(|area| group.members().contains(area)))
                {
                    self.fail(Attack::WholeAtoms, table.as_str(), format!("{}|{program}|{measure}", cell.area), "its group is not shown");
                }
            }
            let Some(total) = top.value else { continue };
            for level in [Level::Kecamatan, Level::Kelurahan] {
                let parts: Vec<&Cell> = cells.values().filter(|cell| cell.area.members()[0].level() == level).collect();
                let missing = parts.iter().any(|cell| matches!(cell.status, Status::Missing | Status::Withheld));
                if parts.is_empty() || missing {
                    continue;
                }
                let sum: u64 = parts.iter().filter_map(|cell| cell.value).sum();
                if sum != total {
                    self.fail(Attack::WholeAtoms, table.as_str(), &name, format!("{total}, but its {level} make {sum}"));
                }
                if level == Level::Kelurahan {
                    self.kelurahan_make_kecamatan(table, program, measure, cells, &parts);
                }
            }
        }
        for (program, measure) in controls.into_keys() {
            self.fail(
                Attack::WholeAtoms,
                table.as_str(),
                format!("{whole}|{program}|{}|{measure}", manifest.period),
                "a control total without a figure",
            );
        }
    }

    fn kelurahan_make_kecamatan(
        &mut self,
        table: Table,
        program: &ProgramCode,
        measure: &str,
        cells: &HashMap<AreaLabel, Cell>,
        kelurahan: &[&Cell],
    ) {
        let mut sums: BTreeMap<AreaCode, u64> = BTreeMap::new();
        for cell in kelurahan {
            if let (Some(kecamatan), Some(value)) = (cell.area.members()[0].parent(), cell.value) {
                *sums.entry(kecamatan).or_default() += value;
            }
        }
        for (kecamatan, sum) in sums {
            if cells.get(&AreaLabel::from(kecamatan)).and_then(|cell| cell.value) != Some(sum) {
                let cell = format!("{kecamatan}|{program}|{}|{measure}", self.folder.manifest().period);
                self.fail(Attack::WholeAtoms, table.as_str(), cell, format!("its kelurahan make {sum}"));
            }
        }
    }

    /// Attack 3, in the month the rows were taken in.
    fn atoms_make_up_totals(&mut self, atoms: &[Atom], totals: &Sums) {
        let manifest = self.folder.manifest();
        let district = AreaLabel::from(manifest.district);
        let k = u64::from(manifest.policy.k);
        let mut by_program: BTreeMap<&ProgramCode, Vec<(Vec<AreaCode>, u64)>> = BTreeMap::new();
        for atom in atoms {
            by_program.entry(&atom.program).or_default().push((atom.area.members().to_vec(), u64::from(atom.count)));
        }
        for ((program, measure), cells) in totals {
            let whole = cells.get(&district).and_then(|cell| cell.value).unwrap_or(0);
            let rows = by_program.remove(program).unwrap_or_default();
            let rowless = reference::program(program).is_none_or(|program| program.sensitive) || (rows.is_empty() && whole < k);
            if measure != "units" || rowless {
                continue;
            }
            let exact: HashMap<AreaCode, u64> = cells.values().filter_map(|cell| Some((cell.area.single()?, cell.value?))).collect();
            self.keep("atoms", whole_atoms(&rows, &exact, whole, program.as_str()));
        }
        for program in by_program.into_keys() {
            self.fail(Attack::WholeAtoms, "atoms", program.as_str(), "rows of a program without totals");
        }
    }
}
