//! Release folders in memory: read, changed, and written again as sealed
//! folders whose manifests, signatures and chain fit what they hold.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use domain::{AreaCode, AreaLabel, Cell, Period, ProgramCode, ReleaseId, Status, Table};
use release::manifest::Manifest;
use release::{ATOMS_HEADER, Atom, CELLS_HEADER, ControlTotal, EditionTotal, Previous, ReleaseFolder, sha256_hex};

/// The key that signs what this tool writes. It is public on purpose: nobody
/// may trust it, and no other folder is ever signed with it. Its other half is
/// `mutate-test-key-trusted-by-nobody+4550b4db+ARTyGtjRJyWJj46JqGQbmhdXFnjc9m1epISNd8XheHhO`.
const TEST_KEY: &str = "PRIVATE+KEY+mutate-test-key-trusted-by-nobody+4550b4db+AfZG9ajXGvrTJ2+afSzgM+jfBhHTF5qc2oKVqUS+c7GD";

/// A release folder.
#[derive(Clone)]
pub struct Folder {
    source: PathBuf,
    /// Its manifest; digests, control totals and the chain are set when written.
    pub manifest: Manifest,
    atoms: Vec<Atom>,
    tables: BTreeMap<Table, Vec<Cell>>,
    /// `recipients.csv` where it is not what the atoms spell out.
    recipients: Option<String>,
    /// Files with a text of their own, by path.
    texts: BTreeMap<String, String>,
    touched: BTreeSet<String>,
}

const ATOMS: &str = "data/atoms.csv";
const RECIPIENTS: &str = "data/recipients.csv";
const RISK: &str = "risk-report.json";
const PACKAGE: &str = release::package::PACKAGE;
/// Always written.
pub const MANIFEST: &str = "manifest.json";

fn path_of(table: Table) -> String {
    format!("data/{table}.csv")
}

impl Folder {
    fn open(path: &Path) -> Result<Folder> {
        let folder = ReleaseFolder::open(path)?;
        folder.verify()?;
        let mut tables = BTreeMap::new();
        for table in Table::ALL {
            let cells = folder.cells(table)?.collect::<release::Result<Vec<Cell>>>()?;
            if !cells.is_empty() {
                tables.insert(table, cells);
            }
        }
        Ok(Folder {
            source: path.to_owned(),
            manifest: folder.manifest().clone(),
            atoms: folder.atoms()?.collect::<release::Result<Vec<Atom>>>()?,
            tables,
            recipients: None,
            texts: BTreeMap::new(),
            touched: BTreeSet::new(),
        })
    }

    /// Its id.
    pub fn release(&self) -> ReleaseId {
        self.manifest.release
    }

    /// Its month.
    pub fn period(&self) -> Period {
        self.manifest.period
    }

    /// The kabupaten.
    pub fn district(&self) -> AreaCode {
        self.manifest.district
    }

    /// The fewest people who may share an attribute.
    pub fn k(&self) -> u64 {
        u64::from(self.manifest.policy.k)
    }

    /// Whether its rows were first published by it.
    pub fn took_rows(&self) -> bool {
        self.manifest.rows_from == self.manifest.release
    }

    /// Its atoms.
    pub fn atoms(&self) -> &[Atom] {
        &self.atoms
    }

    /// Its atoms, to be changed; demographics are the caller's.
    pub fn atoms_mut(&mut self) -> &mut Vec<Atom> {
        self.touch(ATOMS);
        self.touch(RECIPIENTS);
        self.touch(RISK);
        &mut self.atoms
    }

    /// The risk report as it is.
    pub fn risk(&self) -> Option<serde_json::Value> {
        serde_json::from_slice(&std::fs::read(self.source.join(RISK)).ok()?).ok()
    }

    /// Gives the risk report other contents.
    pub fn set_risk(&mut self, report: &serde_json::Value) {
        let text = serde_json::to_string_pretty(report).unwrap_or_default();
        self.set_text(RISK, text + "\n");
    }

    /// Gives a file, old or new, a text of its own.
    pub fn set_text(&mut self, path: &str, text: String) {
        self.texts.insert(path.to_owned(), text);
        self.touch(path);
    }

    /// What `recipients.csv` holds.
    pub fn recipients(&self) -> String {
        if let Some(text) = &self.recipients {
            return text.clone();
        }
        let mut bytes = Vec::new();
        // Writing to memory does not fail.
        let _ = release::write_recipients(self.manifest.district, &self.atoms, &mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Gives `recipients.csv` a text of its own.
    pub fn set_recipients(&mut self, text: String) {
        self.recipients = Some(text);
        self.touch(RECIPIENTS);
    }

    /// A table's lines.
    pub fn cells(&self, table: Table) -> &[Cell] {
        self.tables.get(&table).map_or(&[], Vec::as_slice)
    }

    /// A table's lines, to be changed.
    pub fn cells_mut(&mut self, table: Table) -> &mut Vec<Cell> {
        self.touch(&path_of(table));
        if table == Table::Totals {
            self.touch(RISK);
        }
        self.tables.entry(table).or_default()
    }

    /// One line.
    pub fn cell(&self, table: Table, area: &AreaLabel, program: &ProgramCode, measure: &str, category: &str) -> Option<&Cell> {
        self.cells(table).iter().find(|cell| is(cell, area, program, measure, category))
    }

    /// One line's value.
    pub fn value(&self, table: Table, area: &AreaLabel, program: &ProgramCode, measure: &str) -> Option<u64> {
        self.cell(table, area, program, measure, "").and_then(|cell| cell.value)
    }

    /// Units of an area in `totals`.
    pub fn units(&self, area: &AreaLabel, program: &ProgramCode) -> Option<u64> {
        self.value(Table::Totals, area, program, "units").or_else(|| {
            // A pool of areas that are shown one by one.
            (area.single().is_none()).then_some(())?;
            area.members().iter().map(|member| self.value(Table::Totals, &AreaLabel::from(*member), program, "units")).sum()
        })
    }

    /// Sets the value of an observed line; adds `line` when there is none.
    pub fn put(&mut self, table: Table, line: Cell) {
        let cells = self.cells_mut(table);
        match cells.iter_mut().find(|cell| is(cell, &line.area, &line.program, &line.measure, &line.category)) {
            Some(cell) => *cell = line,
            None => cells.push(line),
        }
    }

    /// A line of this release with a value.
    pub fn line(&self, area: AreaLabel, program: &ProgramCode, measure: &str, category: &str, value: u64) -> Cell {
        Cell {
            area,
            program: program.clone(),
            period: self.period(),
            measure: measure.to_owned(),
            category: category.to_owned(),
            value: Some(value),
            status: Status::Observed,
            group: None,
            release: self.release(),
            as_of: self.period(),
        }
    }

    /// The programs of a table, sorted.
    pub fn programs(&self, table: Table) -> Vec<ProgramCode> {
        let programs: BTreeSet<&ProgramCode> = self.cells(table).iter().map(|cell| &cell.program).collect();
        programs.into_iter().cloned().collect()
    }

    /// Notes that a file is to be written anew.
    pub fn touch(&mut self, path: &str) {
        self.touched.insert(path.to_owned());
    }

    /// Makes it the next revision of itself.
    pub fn revise(&mut self) -> Option<ReleaseId> {
        let old = self.release();
        let new = ReleaseId::new(old.district(), old.period(), old.revision() + 1).ok()?;
        self.manifest.release = new;
        self.manifest.correction = Some(release::Correction { of: old, reason: release::Reason::Duplicates });
        let tables: Vec<Table> = self.tables.keys().copied().collect();
        for table in tables {
            // A group's figures may stand on; the kabupaten's are summed anew.
            let district = AreaLabel::from(old.district());
            let anew = |cell: &Cell| cell.release == old && (!stands(table) || (table != Table::Demographics && cell.area == district));
            if self.cells(table).iter().any(anew) {
                self.cells_mut(table).iter_mut().filter(|cell| anew(cell)).for_each(|cell| cell.release = new);
            }
        }
        Some(new)
    }

    fn text(&self, path: &str) -> Option<(Vec<u8>, u64)> {
        let mut text = String::new();
        let mut rows = 0;
        if path == ATOMS {
            text += &format!("{ATOMS_HEADER}\n");
            for atom in &self.atoms {
                let Atom { edition, program, atom, area, sex, age_band, family_size, count } = atom;
                text += &format!("{edition},{program},{atom},{area},{sex},{age_band},{family_size},{count}\n");
                rows += 1;
            }
        } else if path == RECIPIENTS {
            text = self.recipients();
            rows = text.lines().count() as u64 - 1;
        } else {
            let table = Table::ALL.into_iter().find(|table| path_of(*table) == path)?;
            let mut cells = self.cells(table).to_vec();
            cells.sort_unstable();
            text += &format!("{CELLS_HEADER}\n");
            for cell in &cells {
                let value = cell.value.map(|value| value.to_string()).unwrap_or_default();
                let group = cell.group.as_ref().map(ToString::to_string).unwrap_or_default();
                let Cell { area, program, period, measure, category, status, release, as_of, .. } = cell;
                text += &format!("{area},{program},{period},{measure},{category},{value},{status},{group},{release},{as_of}\n");
                rows += 1;
            }
        }
        Some((text.into_bytes(), rows))
    }

    fn control_totals(&self) -> Vec<ControlTotal> {
        let mut totals: Vec<ControlTotal> = Vec::new();
        for (table, cells) in &self.tables {
            let kabupaten = cells.iter().filter(|cell| cell.area.single() == Some(self.district()));
            totals.extend(kabupaten.map(|cell| ControlTotal {
                table: *table,
                program: cell.program.clone(),
                measure: cell.measure.clone(),
                category: cell.category.clone(),
                value: cell.value,
                status: cell.status,
            }));
        }
        totals.sort();
        totals
    }

    fn editions(&self) -> Vec<EditionTotal> {
        let mut totals: BTreeMap<&ProgramCode, (u64, u32)> = BTreeMap::new();
        for atom in &self.atoms {
            let total = totals.entry(&atom.program).or_default();
            total.0 += u64::from(atom.count);
            total.1 += 1;
        }
        totals.into_iter().map(|(program, (rows, atoms))| EditionTotal { program: program.clone(), rows, atoms }).collect()
    }

    /// Writes the folder below `out`; gives its manifest's digest.
    fn write(&mut self, out: &Path) -> Result<String> {
        let folder = out.join(self.release().to_string());
        std::fs::create_dir_all(folder.join("data")).with_context(|| folder.display().to_string())?;
        if self.touched.iter().any(|path| path.starts_with("data/")) {
            self.manifest.control_totals = self.control_totals();
        }
        if self.touched.contains(ATOMS) {
            self.manifest.editions = self.editions();
        }
        let paths: BTreeSet<String> = self
            .manifest
            .files
            .iter()
            .map(|entry| entry.path.clone())
            .chain(self.touched.clone())
            .filter(|path| path != MANIFEST && path != PACKAGE)
            .collect();
        for path in paths {
            let to = folder.join(&path);
            let placed = |error: std::io::Error| anyhow::Error::new(error).context(to.display().to_string());
            let of_figures = [ATOMS, RECIPIENTS, RISK].contains(&path.as_str()) || Table::ALL.iter().any(|table| path_of(*table) == path);
            let made = self.touched.contains(&path) && (of_figures || self.texts.contains_key(&path));
            if !made {
                let from = self.source.join(&path);
                std::fs::hard_link(&from, &to).or_else(|_| std::fs::copy(&from, &to).map(|_| ())).map_err(placed)?;
                continue;
            }
            let (bytes, rows) = if let Some(text) = self.texts.get(&path) {
                (text.clone().into_bytes(), if path == RISK { 1 } else { text.lines().count() as u64 - 1 })
            } else if path == RISK {
                let totals = self.cells(Table::Totals);
                (pretty(&release::risk::report(&self.manifest, &self.atoms, totals))?, 1)
            } else {
                self.text(&path).with_context(|| format!("{path} is no file of a release"))?
            };
            std::fs::write(&to, &bytes).map_err(placed)?;
            let entry = release::FileEntry { path: path.clone(), bytes: bytes.len() as u64, rows, sha256: sha256_hex(&bytes) };
            self.manifest.files.retain(|other| other.path != path);
            self.manifest.files.push(entry);
        }
        self.write_other_forms(&folder);
        // What describes the files follows from them.
        if self.manifest.files.iter().any(|entry| entry.path == PACKAGE) {
            self.manifest.files.retain(|entry| entry.path != PACKAGE);
            let bytes = pretty(&release::package::data_package(&self.manifest))?;
            std::fs::write(folder.join(PACKAGE), &bytes)?;
            let entry = release::FileEntry { path: PACKAGE.into(), bytes: bytes.len() as u64, rows: 1, sha256: sha256_hex(&bytes) };
            self.manifest.files.push(entry);
        }
        self.manifest.files.sort_by(|a, b| a.path.cmp(&b.path));
        let bytes = release::canonical::to_vec(&self.manifest).map_err(anyhow::Error::msg)?;
        let sha256 = sha256_hex(&bytes);
        std::fs::write(folder.join("manifest.json"), &bytes)?;
        std::fs::write(folder.join("manifest.sig"), release::signing::sign_manifest(self.release(), &sha256, TEST_KEY)?)?;
        Ok(sha256)
    }

    /// Has the other forms of what was changed say what its CSV says: who
    /// tampers with figures does so in every form. Where the CSV is none of its
    /// dataset any more, they stay as they were.
    fn write_other_forms(&mut self, folder: &Path) {
        let about = release::About::of(&self.manifest);
        for dataset in dataset::dictionary::all() {
            let csv = release::path_of(&dataset, dataset::Form::Csv);
            let is_revised = self.manifest.release.to_string() != self.source_release();
            if !dataset.forms.contains(&dataset::Form::Csv) || !(self.touched.contains(&csv) || is_revised) {
                continue;
            }
            for entry in release::write_other_forms(folder, about, &dataset).unwrap_or_default() {
                self.manifest.files.retain(|other| other.path != entry.path);
                self.manifest.files.push(entry);
            }
        }
    }

    /// The id of the folder that it was read from.
    fn source_release(&self) -> String {
        self.source.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    }
}

/// Whether figures of the table may stand on from an earlier release.
fn stands(table: Table) -> bool {
    matches!(table, Table::Verification | Table::Overlaps | Table::Demographics)
}

/// Whether the line is about this.
pub fn is(cell: &Cell, area: &AreaLabel, program: &ProgramCode, measure: &str, category: &str) -> bool {
    cell.area == *area && cell.program == *program && cell.measure == measure && cell.category == category
}

fn pretty(value: &impl serde::Serialize) -> Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec_pretty(value)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// All folders, sorted by district, month and revision.
pub struct World {
    /// The folders.
    pub folders: Vec<Folder>,
}

impl World {
    /// Opens sealed folders.
    pub fn open(paths: &[PathBuf]) -> Result<World> {
        let mut folders = paths.iter().map(|path| Folder::open(path)).collect::<Result<Vec<_>>>()?;
        folders.sort_by_key(Folder::release);
        for pair in folders.windows(2) {
            ensure!(pair[0].release() != pair[1].release(), "{} is given twice", pair[0].release());
        }
        Ok(World { folders })
    }

    /// Has every file of every folder written anew.
    pub fn touch_all(&mut self) {
        for folder in &mut self.folders {
            folder.touched = folder.manifest.files.iter().map(|entry| entry.path.clone()).collect();
        }
    }

    /// Whether anything was changed.
    pub fn is_touched(&self) -> bool {
        self.folders.iter().any(|folder| !folder.touched.is_empty())
    }

    /// The folders that hold the same issue of rows as this one.
    pub fn issue(&self, at: usize) -> Vec<usize> {
        let of = |folder: &Folder| (folder.district(), folder.manifest.rows_from);
        (0..self.folders.len()).filter(|other| of(&self.folders[*other]) == of(&self.folders[at])).collect()
    }

    /// The first folder of every issue of rows.
    pub fn issues(&self) -> Vec<usize> {
        (0..self.folders.len()).filter(|at| self.issue(*at).first() == Some(at)).collect()
    }

    /// The district's first issue of the month before, the figures this one is
    /// subtracted from.
    pub fn before(&self, at: usize) -> Option<usize> {
        let folder = &self.folders[at];
        let wanted = folder.period().previous();
        (0..at).rev().find(|other| self.folders[*other].district() == folder.district() && self.folders[*other].period() == wanted)
    }

    /// The district's last issue of the month after.
    pub fn after(&self, at: usize) -> Vec<usize> {
        let folder = &self.folders[at];
        let wanted = folder.period().next();
        (at + 1..self.folders.len())
            .filter(|other| self.folders[*other].district() == folder.district() && self.folders[*other].period() == wanted)
            .collect()
    }

    /// The last folder of each district.
    pub fn lasts(&self) -> Vec<usize> {
        (0..self.folders.len())
            .filter(|at| self.folders.get(at + 1).is_none_or(|next| next.district() != self.folders[*at].district()))
            .collect()
    }

    /// The release a district published last.
    pub fn tip(&self, district: AreaCode) -> Option<ReleaseId> {
        let named: BTreeSet<ReleaseId> =
            self.folders.iter().filter_map(|folder| folder.manifest.previous.as_ref()).map(|previous| previous.release).collect();
        let of = self.folders.iter().filter(|folder| folder.district() == district).map(Folder::release);
        of.filter(|release| !named.contains(release)).max()
    }

    /// Writes every folder below `out`, each naming the one before it as it is now.
    pub fn write(mut self, out: &Path) -> Result<()> {
        if out.exists() {
            let mut inside = std::fs::read_dir(out).with_context(|| out.display().to_string())?;
            ensure!(inside.next().is_none(), "{} is not empty", out.display());
        }
        let mut digests: BTreeMap<ReleaseId, String> = BTreeMap::new();
        // In the order they were published: a correction may come months later.
        let mut left: BTreeSet<ReleaseId> = self.folders.iter().map(Folder::release).collect();
        while !left.is_empty() {
            let ready = |folder: &Folder| folder.manifest.previous.as_ref().is_none_or(|previous| !left.contains(&previous.release));
            let next = self.folders.iter().position(|folder| left.contains(&folder.release()) && ready(folder));
            let folder = next.and_then(|next| self.folders.get_mut(next)).context("the releases name each other in a circle")?;
            if let Some(previous) = &folder.manifest.previous
                && let Some(sha256) = digests.get(&previous.release)
            {
                folder.manifest.previous = Some(Previous { release: previous.release, manifest_sha256: sha256.clone() });
            }
            let sha256 = folder.write(out)?;
            left.remove(&folder.release());
            digests.insert(folder.release(), sha256);
        }
        Ok(())
    }
}
