//! Building a draft: tabulate, take or repeat the rows, write the folder, run
//! the attacks, and only then let it stand in `drafts/`.
//!
//! A kill at any instant leaves either no draft or a whole one: the folder is
//! built under a temporary name, the registry notes it in one transaction, and
//! the rename comes last. A draft without its folder is built anew.

use std::path::{Path, PathBuf};

use domain::{AreaCode, EditionId, Period, ReleaseId, Table, Unit};
use registry::{PeriodState, Registry};
use release::gate;
use release::{Atom, ControlTotal, EditionTotal, FolderWriter, Manifest, Policy, Previous, ReferenceSnapshot, ReleaseFolder};

use crate::book::{Book, Publication, State};
use crate::tabulate::{Grouped, Tables, grouped, tabulate};
use crate::{Error, Result, commitment, places, rows};

/// How a release is made.
#[derive(Debug, Clone)]
pub struct Options {
    /// Fewest rows, and families, of an atom; at least 5.
    pub k: u32,
    /// Who publishes: a name that stays in the registry.
    pub by: String,
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
}

/// Where a release stands on its way: signed and admitted or about to be, or drafted.
pub(crate) fn folder_of(data: &Path, release: ReleaseId) -> PathBuf {
    let admitted = data.join("releases").join(release.to_string());
    if admitted.exists() { admitted } else { draft_folder(data, release) }
}

pub(crate) fn draft_folder(data: &Path, release: ReleaseId) -> PathBuf {
    data.join("drafts").join(release.to_string())
}

/// Builds the draft of `period` from the registry. `state` and `previous` are
/// the month's and the month before's, which a caller publishing many months
/// has at hand.
///
/// # Errors
/// [`Error::Refused`] when an attack finds something; [`Error::NotNow`] when
/// the release is sealed already or an earlier one is not; [`Error::Empty`]
/// when nothing is loaded. Nothing is left behind on an error.
pub fn draft(
    data: &Path,
    registry: &mut Registry,
    district: AreaCode,
    state: &PeriodState,
    previous: Option<&PeriodState>,
    options: &Options,
) -> Result<Draft> {
    let period = state.period;
    let release = ReleaseId::new(district, period, 1).map_err(|error| Error::NotNow(error.to_string()))?;
    if state.units.is_empty() {
        return Err(Error::Empty { period });
    }
    let mut book = Book::open(registry.connection())?;
    let publications = book.publications()?;
    check_order(&publications, release)?;
    let policy = Policy::current(options.k);
    if policy.k < gate::FLOOR.0 {
        return Err(Error::NotNow(format!("k is {}, the floor for releases is {}", policy.k, gate::FLOOR.0)));
    }
    let sealed: Vec<&Publication> = publications.iter().filter(|made| made.state == State::Sealed).collect();
    let earlier: Vec<ReleaseFolder> =
        sealed.iter().map(|made| Ok(ReleaseFolder::open(&folder_of(data, made.release))?)).collect::<Result<_>>()?;

    // The rows: this quarter's, if they were taken already; else taken now, on
    // the tree of the edition before.
    let taken = earlier.iter().rfind(|folder| folder.manifest().edition.quarter() == period.quarter());
    // Rows that were withdrawn are not issued again under the same name.
    let withdrawn = publications.iter().filter(|made| made.state == State::Withdrawn && made.edition.quarter() == period.quarter());
    let edition = match taken {
        Some(folder) => folder.manifest().edition,
        None => EditionId::new(period.quarter(), withdrawn.map(|made| made.edition.revision()).max().unwrap_or(0) + 1),
    };
    let (atoms, members, as_of) = match taken {
        Some(folder) => (folder.atoms()?.collect::<release::Result<Vec<Atom>>>()?, None, folder.manifest().edition_as_of),
        None => {
            let before = match earlier.last() {
                Some(folder) => folder.atoms()?.collect::<release::Result<Vec<Atom>>>()?,
                None => Vec::new(),
            };
            let rows = rows::take(state, edition, &policy, &before);
            let places = places::shuffle(&rows, state)?;
            (rows.atoms, Some(places), period)
        }
    };

    let drafts = data.join("drafts");
    std::fs::create_dir_all(&drafts).map_err(Error::io(&drafts))?;
    let work = tempfile::Builder::new().prefix(".tmp-").tempdir_in(&drafts).map_err(Error::io(&drafts))?;
    let built = work.path().join("release");
    let mut writer = FolderWriter::create(&built)?;
    match taken {
        Some(folder) => writer.repeat_rows(folder)?,
        None => writer.rows(district, &atoms)?,
    }
    let before = match earlier.last() {
        Some(folder) => grouped(folder.cells(Table::Totals)?.collect::<release::Result<Vec<_>>>()?),
        None => Grouped::new(),
    };
    let mut tables = tabulate(release, state, previous, &before, u64::from(policy.k));
    for table in Table::ALL {
        writer.table(table, tables.cells(table))?;
    }
    let committed = commitment::commit(state)?;
    let control_totals = control_totals(district, &mut tables);
    let manifest = Manifest {
        format: 2,
        release,
        district,
        period,
        edition,
        edition_as_of: as_of,
        rows_from: taken.map_or(release, |folder| folder.manifest().rows_from),
        correction: None,
        simulated: state.simulated,
        policy: policy.clone(),
        software: concat!("bansos-terbuka ", env!("CARGO_PKG_VERSION")).to_owned(),
        reference: {
            let snapshot = reference::snapshot();
            ReferenceSnapshot { date: snapshot.date.to_string(), sha256: snapshot.sha256.to_string() }
        },
        created_at: crate::now(),
        control_totals,
        editions: edition_totals(&atoms),
        commitment: release::Commitment { root: committed.root.clone(), leaves: committed.leaves },
        previous: earlier
            .last()
            .map(|folder| Previous { release: folder.manifest().release, manifest_sha256: folder.manifest_sha256().to_owned() }),
        files: Vec::new(),
    };
    let risk = release::risk::report(&manifest, &atoms, tables.of(Table::Totals));
    let manifest_sha256 = writer.finish(manifest, &risk)?;

    let failures = gate::check(&[ReleaseFolder::open(&built)?], &earlier)?;
    let failures = failures.into_iter().chain(few_families(&atoms, members.as_deref(), state, &policy, release)).collect::<Vec<_>>();
    if !failures.is_empty() {
        return Err(Error::Refused { release, failures });
    }

    let made = Publication {
        release,
        edition,
        edition_as_of: as_of,
        state: State::Draft,
        manifest_sha256,
        published_by: options.by.clone(),
        sealed_by: None,
    };
    let programs = state.programs.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    book.note_draft(&made, members.as_deref(), &programs, &committed)?;
    let folder = draft_folder(data, release);
    if folder.exists() {
        std::fs::remove_dir_all(&folder).map_err(Error::io(&folder))?;
    }
    durable::rename(&built, &folder, "publish.folder").map_err(Error::io(&folder))?;
    Ok(Draft {
        release,
        folder,
        units: state.units.len() as u64,
        rows: atoms.iter().map(|atom| u64::from(atom.count)).sum(),
        atoms: atoms.len() as u64,
        took_rows: members.is_some(),
        unplaced: state.unplaced,
    })
}

/// Months are published in order, each sealed before the next: a release names
/// the one before it, and an edition is taken in its quarter's first.
fn check_order(publications: &[Publication], release: ReleaseId) -> Result<()> {
    for made in publications {
        let id = made.release;
        if id == release && made.state != State::Draft {
            return Err(Error::NotNow(format!("{release} is sealed already; a correction is a release of its own")));
        }
        if id.period() > release.period() && made.state != State::Draft {
            return Err(Error::NotNow(format!("{release} comes before {id}, which is sealed already")));
        }
        if id.period() < release.period() && made.state == State::Draft {
            return Err(Error::NotNow(format!("{id} is still a draft: seal it before {release} is made")));
        }
    }
    Ok(())
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
        if reference::program(&atom.program).is_none_or(|program| program.unit == Unit::Family) {
            continue;
        }
        let niks = places
            .niks
            .chunks_exact(8)
            .map(|bytes| u64::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7]]));
        let distinct: std::collections::HashSet<u64> = niks.filter_map(|nik| families.get(&nik).copied()).collect();
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
