//! Building a draft: tabulate, take or repeat the rows, write the folder, run
//! the attacks, and only then let it stand in `drafts/`.
//!
//! A kill at any instant leaves either no draft or a whole one: the folder is
//! built under a temporary name, the registry notes it in one transaction, and
//! the rename comes last. A draft without its folder is built anew.

use std::path::{Path, PathBuf};

use dataset::Value;
use dataset::dictionary::CORRECTIONS;
use domain::{AreaCode, Cell, EditionId, Period, ProgramCode, ReleaseId, Table, Unit};
use registry::{PeriodState, Registry};
use release::{
    Atom, ControlTotal, Correction, EditionTotal, FolderWriter, Manifest, Policy, Previous, Reason, ReferenceSnapshot, ReleaseFolder,
};
use release::{changes, gate};

use crate::book::{Book, Publication, State};
use crate::history::History;
use crate::places::Places;
use crate::reissue::{Source, reissue};
use crate::tables::{Month, Past, Tables, tabulate};
use crate::{Error, Result, commitment, places, rows};

/// How a release is made.
#[derive(Debug, Clone)]
pub struct Options {
    /// Fewest rows, and families, of an atom; at least 5.
    pub k: u32,
    /// Who publishes: a name that stays in the registry.
    pub by: String,
    /// Days after a month's end by which it is due: what the manifest says it was expected on.
    pub due_days: u16,
    /// The reason for which a sealed month is issued again.
    pub correction: Option<Reason>,
}

/// A draft that stands in `drafts/`.
#[derive(Debug)]
pub struct Draft {
    /// Its id.
    pub release: ReleaseId,
    /// Its folder.
    pub folder: PathBuf,
    /// Units over all programs.
    pub units: u64,
    /// Rows of its edition.
    pub rows: u64,
    /// Atoms of its edition.
    pub atoms: u64,
    /// Whether it took the edition's rows or repeats them.
    pub took_rows: bool,
    /// Members of PBI-JK or disbursement files that no family record places.
    pub unplaced: u64,
    /// Tables of programs in which the last figures stand, since the attacks
    /// found that new ones would tell too much.
    pub held: Vec<(Table, ProgramCode)>,
}

/// Where a release stands on its way: signed and admitted or about to be, or drafted.
pub(crate) fn folder_of(data: &Path, release: ReleaseId) -> PathBuf {
    let admitted = data.join("releases").join(release.to_string());
    if admitted.exists() { admitted } else { draft_folder(data, release) }
}

pub(crate) fn draft_folder(data: &Path, release: ReleaseId) -> PathBuf {
    data.join("drafts").join(release.to_string())
}

/// The rows of a release.
struct Rows {
    edition: EditionId,
    as_of: Period,
    /// The release that issued them first.
    from: ReleaseId,
    atoms: Vec<Atom>,
    /// Who stands where, when they are issued now.
    places: Option<Vec<Places>>,
}

/// Builds the draft of the month from the registry. `state` and `previous` are
/// the month's and the month before's, which a caller publishing many months
/// has at hand.
///
/// # Errors
/// [`Error::Refused`] when an attack finds something; [`Error::NotNow`] when
/// the order of things does not allow it; [`Error::Empty`] when nothing is
/// loaded. Nothing is left behind on an error.
pub fn draft(
    data: &Path,
    registry: &mut Registry,
    district: AreaCode,
    state: &PeriodState,
    previous: Option<&PeriodState>,
    options: &Options,
) -> Result<Draft> {
    let period = state.period;
    if state.units.is_empty() {
        return Err(Error::Empty { period });
    }
    let policy = Policy::current(options.k);
    if policy.k < gate::FLOOR.0 {
        return Err(Error::NotNow(format!("k is {}, the floor for releases is {}", policy.k, gate::FLOOR.0)));
    }
    let mut book = Book::open(registry.connection())?;
    let history = History::open(data, book.publications()?)?;
    let release = history.next_release(district, period, options.correction)?;
    let rows = rows(&mut book, &history, release, state, &policy)?;
    let mut past = Past::read(&history.known, history.base(release), book.snapshots()?)?;
    let committed = commitment::commit(state, release, rows.edition, rows.places.as_deref().unwrap_or_default(), policy.k)?;

    let drafts = data.join("drafts");
    std::fs::create_dir_all(&drafts).map_err(Error::io(&drafts))?;
    let work = tempfile::Builder::new().prefix(".tmp-").tempdir_in(&drafts).map_err(Error::io(&drafts))?;
    // What the attacks refuse of the tables that can stand back is not shown
    // anew, and the rest is attacked again; anything else refuses the release.
    let (built, tables, manifest_sha256) = loop {
        let built = work.path().join(format!("release-{}", past.held.len()));
        let month = Month { release, k: u64::from(policy.k), state, previous, atoms: (&rows.atoms, rows.as_of, rows.from), past: &past };
        let mut tables = tabulate(&month);
        let manifest = manifest(&history, release, &rows, state, &policy, &committed, &mut tables, options);
        let sha256 = write(&built, &history, &rows, manifest, &mut tables)?;
        let mut failures = gate::check(&[ReleaseFolder::open(&built)?], &history.known)?;
        failures.extend(few_families(&rows.atoms, rows.places.as_deref(), state, &policy, release));
        if failures.is_empty() {
            break (built, tables, sha256);
        }
        let held: Option<Vec<_>> = failures.iter().map(can_stand_back).collect();
        let before = past.held.len();
        past.held.extend(held.into_iter().flatten());
        if past.held.len() == before {
            return Err(Error::Refused { release, failures });
        }
    };

    let made = Publication {
        release,
        edition: rows.edition,
        edition_as_of: rows.as_of,
        state: State::Draft,
        manifest_sha256,
        published_by: options.by.clone(),
        sealed_by: None,
        sequence: None,
    };
    let programs = state.programs.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    book.note_draft(&made, rows.places.as_deref(), &programs, &committed, &tables.shown)?;
    let folder = draft_folder(data, release);
    if folder.exists() {
        std::fs::remove_dir_all(&folder).map_err(Error::io(&folder))?;
    }
    durable::rename(&built, &folder, "publish.folder").map_err(Error::io(&folder))?;
    Ok(Draft {
        release,
        folder,
        units: state.units.len() as u64,
        rows: rows.atoms.iter().map(|atom| u64::from(atom.count)).sum(),
        atoms: rows.atoms.len() as u64,
        took_rows: rows.places.is_some(),
        unplaced: state.unplaced,
        held: past.held.into_iter().collect(),
    })
}

/// The rows: this quarter's, if they were taken already; else taken now, on the
/// tree of the edition before. A correction of the month in which they were
/// taken issues again what it may; rows that were withdrawn are not issued again
/// under the same name.
fn rows(book: &mut Book<'_>, history: &History, release: ReleaseId, state: &PeriodState, policy: &Policy) -> Result<Rows> {
    let quarter = release.period().quarter();
    let standing = history.rows_of(quarter);
    let once = history.rows_once(quarter);
    if let Some(folder) = standing.filter(|folder| folder.manifest().edition_as_of != release.period() || release.revision() == 1) {
        return repeated(folder);
    }
    let edition = history.next_edition(quarter);
    let tree = history.tree(quarter)?;
    let taken = rows::take(state, edition, policy, &tree, &book.chance()?);
    let Some(once) = once else {
        let places = places::shuffle(&taken, state)?;
        return Ok(Rows { edition, as_of: release.period(), from: release, atoms: taken.atoms, places: Some(places) });
    };
    let old = once.atoms()?.collect::<release::Result<Vec<Atom>>>()?;
    let before = once.manifest();
    match (reissue(&old, &taken, edition, u64::from(policy.k)), standing) {
        (Some((atoms, sources)), _) => {
            let places = places::reshuffle(book, &atoms, &sources, &old, &taken, state)?;
            Ok(Rows { edition, as_of: release.period(), from: release, atoms, places: Some(places) })
        }
        (None, Some(folder)) => repeated(folder),
        // Withdrawn, and nothing of it may change: the same rows under a new name.
        (None, None) => {
            let sources: Vec<Source> = (0..old.len()).map(Source::Old).collect();
            let atoms: Vec<Atom> = old.iter().map(|atom| Atom { edition, ..atom.clone() }).collect();
            let places = places::reshuffle(book, &atoms, &sources, &old, &taken, state)?;
            Ok(Rows { edition, as_of: before.edition_as_of, from: release, atoms, places: Some(places) })
        }
    }
}

fn repeated(folder: &ReleaseFolder) -> Result<Rows> {
    let manifest = folder.manifest();
    let atoms = folder.atoms()?.collect::<release::Result<Vec<Atom>>>()?;
    Ok(Rows { edition: manifest.edition, as_of: manifest.edition_as_of, from: manifest.rows_from, atoms, places: None })
}

/// The table and program of a finding about figures that an earlier release can
/// stand in for.
fn can_stand_back(failure: &gate::Failure) -> Option<(Table, ProgramCode)> {
    let table: Table = failure.table.parse().ok()?;
    let known = |code: &ProgramCode| code.is_all() || reference::program(code).is_some();
    let program = failure.cell.split('|').filter_map(|part| part.parse::<ProgramCode>().ok()).find(known)?;
    // A varying sum and a sensitive flow are withheld; what is exact cannot be.
    let money = table == Table::Payments && failure.cell.split('|').any(|part| part == "paid_rupiah");
    let flow = table == Table::Flows && reference::program(&program).is_some_and(|program| program.sensitive);
    let classed = match table {
        // Who left is exact; why is not.
        Table::Flows => failure.cell.split('|').count() > 4,
        Table::Findings => !program.is_all(),
        _ => table == Table::Overlaps || table.classes().is_some(),
    };
    (money || flow || classed).then_some((table, program))
}

#[expect(clippy::too_many_arguments, reason = "a manifest names everything a release was made of")]
fn manifest(
    history: &History,
    release: ReleaseId,
    rows: &Rows,
    state: &PeriodState,
    policy: &Policy,
    committed: &commitment::Committed,
    tables: &mut Tables,
    options: &Options,
) -> Manifest {
    let snapshot = reference::snapshot();
    let corrected = options.correction.zip(history.corrected(release.period()));
    Manifest {
        format: 3,
        release,
        district: release.district(),
        period: release.period(),
        expected_on: release::due(release.period(), options.due_days),
        edition: rows.edition,
        edition_as_of: rows.as_of,
        rows_from: rows.from,
        correction: corrected.map(|(reason, of)| Correction { of, reason }),
        simulated: state.simulated,
        policy: policy.clone(),
        software: concat!("bansos-terbuka ", env!("CARGO_PKG_VERSION")).to_owned(),
        reference: ReferenceSnapshot { date: snapshot.date.to_string(), sha256: snapshot.sha256.to_string() },
        created_at: crate::now(),
        control_totals: control_totals(release.district(), tables),
        editions: edition_totals(&rows.atoms),
        commitment: release::Commitment { root: committed.root.clone(), leaves: committed.leaves },
        previous: history
            .last()
            .map(|folder| Previous { release: folder.manifest().release, manifest_sha256: folder.manifest_sha256().to_owned() }),
        files: Vec::new(),
    }
}

/// Writes the folder; gives the manifest's SHA-256.
fn write(built: &Path, history: &History, rows: &Rows, manifest: Manifest, tables: &mut Tables) -> Result<String> {
    let mut writer = FolderWriter::create(built, release::About::of(&manifest))?;
    let repeated = history.known.iter().find(|folder| rows.places.is_none() && folder.manifest().edition == rows.edition);
    match repeated {
        Some(folder) => writer.repeat_rows(folder)?,
        None => writer.rows(manifest.district, &rows.atoms)?,
    }
    for table in Table::ALL {
        writer.table(table, tables.cells(table))?;
    }
    writer.reference()?;
    writer.dataset(&CORRECTIONS, &corrections(history, &manifest, tables)?)?;
    let shown: Vec<(Table, &[Cell])> = Table::ALL.iter().map(|table| (*table, tables.of(*table))).collect();
    let risk = release::risk::report_on(&manifest, &rows.atoms, &shown);
    Ok(writer.finish(manifest, &risk)?)
}

/// What a revision changes, a line per figure; none where the issue it corrects
/// was withdrawn, whose figures are not told again.
fn corrections(history: &History, manifest: &Manifest, tables: &mut Tables) -> Result<Vec<Vec<Value>>> {
    let Some(correction) = &manifest.correction else { return Ok(Vec::new()) };
    let Some(issue) = history.standing_issue(correction.of) else { return Ok(Vec::new()) };
    let mut lines = Vec::new();
    for table in Table::ALL {
        // They are in order: they were written just now.
        let now = tables.cells(table).iter().cloned().map(Ok);
        for change in changes::of_table(table, issue.cells(table)?, now) {
            let line = changes::Correction { change: change?, period: manifest.period, corrects: correction.of, reason: correction.reason };
            lines.push(line.row());
        }
    }
    Ok(lines)
}

fn control_totals(district: AreaCode, tables: &mut Tables) -> Vec<ControlTotal> {
    let mut totals = Vec::new();
    for table in Table::ALL {
        let kabupaten = tables.cells(table).iter().filter(|cell| cell.area.single() == Some(district));
        totals.extend(kabupaten.map(|cell| ControlTotal {
            table,
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

fn edition_totals(atoms: &[Atom]) -> Vec<EditionTotal> {
    let mut totals: Vec<EditionTotal> = Vec::new();
    for atom in atoms {
        match totals.last_mut() {
            Some(total) if total.program == atom.program => {
                total.rows += u64::from(atom.count);
                total.atoms += 1;
            }
            _ => totals.push(EditionTotal { program: atom.program.clone(), rows: u64::from(atom.count), atoms: 1 }),
        }
    }
    totals
}

/// The one check that public files cannot make (design: PRIVACY R9): k families
/// behind every atom of a program that counts persons.
fn few_families(
    atoms: &[Atom],
    places: Option<&[places::Places]>,
    state: &PeriodState,
    policy: &Policy,
    release: ReleaseId,
) -> Vec<gate::Failure> {
    let Some(places) = places else { return Vec::new() };
    let families: std::collections::HashMap<u64, u64> = state.units.iter().map(|unit| (unit.nik.expose(), unit.family.expose())).collect();
    let mut failures = Vec::new();
    for (atom, places) in atoms.iter().zip(places) {
        // Rows that are kept had k families when they were issued.
        if !places.kept.is_empty() || reference::program(&atom.program).is_none_or(|program| program.unit == Unit::Family) {
            continue;
        }
        let distinct: std::collections::HashSet<u64> = places.niks().filter_map(|nik| families.get(&nik).copied()).collect();
        if distinct.len() < policy.k as usize {
            failures.push(gate::Failure {
                attack: disclosure::attack::Attack::KAtoms,
                release,
                table: "atoms".into(),
                cell: format!("{}|{}", atom.program, atom.atom),
                what: format!("{} families, fewer than {}", distinct.len(), policy.k),
            });
        }
    }
    failures
}

/// The month before `period`, if its recipients are loaded.
///
/// # Errors
/// When the registry cannot be read.
pub fn state_before(registry: &mut Registry, period: Period) -> Result<Option<PeriodState>> {
    let before = period.previous();
    let loaded = registry.periods().map_err(|error| Error::Registry(error.to_string()))?.contains(&before);
    loaded.then(|| registry.state(before).map_err(|error| Error::Registry(error.to_string()))).transpose()
}
