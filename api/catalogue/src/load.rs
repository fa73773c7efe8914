//! A release folder becomes rows. Runs inside the caller's transaction.

use std::collections::{BTreeMap, HashMap};

use anyhow::{Context, Result, bail};
use diesel::prelude::*;
use domain::codebook::{AGE_BAND, FAMILY_SIZE, SEX};
use domain::{AreaLabel, Cell, ProgramCode, Table};
use release::log::{Action, LogEntry};
use release::{Atom, ReleaseFolder};

use crate::code;
use crate::connection::AnyConnection;
use crate::data::DataFolder;
use crate::rows::{AtomRow, CellRow, EditionRow, FileRow, ListRow, LogRow, NewRelease, PoolMemberRow, PoolRow, SeriesRow};
use crate::schema::{atoms, cells, editions, files, lists, log_entries, pool_members, pools, releases, series};

/// Rows per insert statement: a dozen columns stay far below both databases'
/// limits of bound values.
const BATCH: usize = 500;

/// Batches are not possible on the enum, so each variant has its own.
macro_rules! insert_all {
    ($connection:expr, $table:expr, $rows:expr) => {
        for batch in $rows.chunks(BATCH) {
            match $connection {
                AnyConnection::Sqlite(inner) => diesel::insert_into($table).values(batch).execute(inner)?,
                AnyConnection::Postgresql(inner) => diesel::insert_into($table).values(batch).execute(inner)?,
            };
        }
    };
}

/// Applies one log entry. `withdrawn_later` holds every release that a later
/// entry withdraws: its figures are not loaded, since the withdrawal would
/// delete them again, and its folder may be gone.
pub(crate) fn apply(
    connection: &mut AnyConnection,
    data: &DataFolder,
    entry: &LogEntry,
    folder: Option<&ReleaseFolder>,
    withdrawn_later: bool,
) -> Result<()> {
    let version = i64::try_from(entry.index + 1)?;
    match &entry.action {
        Action::Admit { release, manifest_sha256, at } => {
            let path = data.release(*release);
            let opened = match folder {
                Some(folder) => Some(folder.clone()),
                None if withdrawn_later && !path.join("manifest.json").exists() => None,
                None => Some(ReleaseFolder::open(&path)?),
            };
            if let Some(opened) = &opened
                && opened.manifest_sha256() != manifest_sha256
            {
                bail!(
                    "{}: manifest.json has SHA-256 {}, the log admitted {manifest_sha256}; put the admitted folder back",
                    path.display(),
                    opened.manifest_sha256()
                );
            }
            admit(connection, version, &release.to_string(), manifest_sha256, at, opened.as_ref(), withdrawn_later)
                .with_context(|| format!("release {release}"))?;
            insert_entry(connection, version, "admit", &release.to_string(), Some(manifest_sha256.clone()), None, at)
        }
        Action::Withdraw { release, reason, at } => {
            withdraw(connection, version, &release.to_string(), reason, at)?;
            insert_entry(connection, version, "withdraw", &release.to_string(), None, Some(reason.clone()), at)
        }
    }
}

fn insert_entry(
    connection: &mut AnyConnection,
    version: i64,
    action: &str,
    release: &str,
    manifest_sha256: Option<String>,
    reason: Option<String>,
    at: &str,
) -> Result<()> {
    let row = LogRow { version, action: action.into(), release_name: release.into(), manifest_sha256, reason, at: at.into() };
    diesel::insert_into(log_entries::table).values(&row).execute(connection)?;
    Ok(())
}

fn admit(
    connection: &mut AnyConnection,
    version: i64,
    name: &str,
    manifest_sha256: &str,
    at: &str,
    folder: Option<&ReleaseFolder>,
    withdrawn_later: bool,
) -> Result<()> {
    let mut row = NewRelease {
        id: version,
        name: name.into(),
        admitted_at: at.into(),
        manifest_sha256: manifest_sha256.into(),
        edition_id: None,
        edition: None,
        edition_as_of: None,
        simulated: false,
        manifest: String::new(),
        signature: String::new(),
        withdrawn_version: None,
        withdrawn_at: None,
        withdrawn_reason: None,
        rows_from: None,
        correction_of: None,
        correction_reason: None,
        expected_on: None,
    };
    if let Some(folder) = folder {
        let manifest = folder.manifest();
        row.edition = Some(manifest.edition.to_string());
        row.edition_as_of = Some(manifest.edition_as_of.ordinal());
        row.simulated = manifest.simulated;
        row.expected_on = Some(manifest.expected_on.to_string());
        row.rows_from = Some(manifest.rows_from.to_string());
        row.correction_of = manifest.correction.as_ref().map(|correction| correction.of.to_string());
        row.correction_reason = manifest.correction.as_ref().map(|correction| correction.reason.as_str().to_owned());
        row.manifest = std::fs::read_to_string(folder.path().join("manifest.json"))?;
        // A draft that is previewed has no signature yet.
        row.signature = folder.signature().unwrap_or_default();
        let entries: Vec<FileRow> = manifest
            .files
            .iter()
            .map(|file| {
                Ok(FileRow {
                    release_id: version,
                    path: file.path.clone(),
                    bytes: file.bytes.try_into()?,
                    row_count: file.rows.try_into()?,
                    sha256: file.sha256.clone(),
                })
            })
            .collect::<Result<_>>()?;
        insert_all!(connection, files::table, entries);
        if !withdrawn_later {
            row.edition_id = Some(edition(connection, folder)?);
            for table in Table::ALL {
                statistics(connection, version, folder, table)?;
            }
        }
    }
    diesel::insert_into(releases::table).values(&row).execute(connection)?;
    Ok(())
}

/// The edition's id; its atoms are loaded unless an earlier release held the
/// same ones.
fn edition(connection: &mut AnyConnection, folder: &ReleaseFolder) -> Result<i64> {
    let manifest = folder.manifest();
    let content = manifest.files.iter().find(|file| file.path == "data/atoms.csv").map_or("", |file| file.sha256.as_str());
    let district = code::range(manifest.district).0;
    let name = manifest.edition.to_string();
    let known: Option<i64> = editions::table
        .select(editions::id)
        .filter(editions::district.eq(district))
        .filter(editions::name.eq(&name))
        .filter(editions::content_sha256.eq(content))
        .first(connection)
        .optional()?;
    if let Some(id) = known {
        return Ok(id);
    }
    let last: Option<i64> = editions::table.select(diesel::dsl::max(editions::id)).first(connection)?;
    let id = last.unwrap_or(0) + 1;
    let row = EditionRow { id, district, name, content_sha256: content.into() };
    diesel::insert_into(editions::table).values(&row).execute(connection)?;

    let last: Option<i64> = lists::table.select(diesel::dsl::max(lists::id)).first(connection)?;
    let mut next = last.unwrap_or(0) + 1;
    let mut known: BTreeMap<ProgramCode, ListRow> = BTreeMap::new();
    let mut pool = PoolIds::default();
    let mut batch: Vec<AtomRow> = Vec::with_capacity(BATCH);
    for atom in folder.atoms()? {
        let atom: Atom = atom?;
        if atom.edition != manifest.edition {
            bail!("data/atoms.csv holds edition {}, the manifest says {}", atom.edition, manifest.edition);
        }
        let list = known.entry(atom.program.clone()).or_insert_with(|| {
            next += 1;
            ListRow { id: next - 1, edition_id: id, program: atom.program.to_string(), atoms: 0, units: 0 }
        });
        list.atoms += 1;
        list.units += i64::from(atom.count);
        let (low, pool) = pool.place(connection, &atom.area)?;
        batch.push(AtomRow {
            list_id: list.id,
            atom: i64::from(atom.atom),
            low,
            pool,
            sex: code::label(&SEX, &atom.sex)?,
            age_band: code::label(&AGE_BAND, &atom.age_band)?,
            family_size: code::label(&FAMILY_SIZE, &atom.family_size)?,
            units: i64::from(atom.count),
        });
        if batch.len() == BATCH {
            insert_all!(connection, atoms::table, batch);
            batch.clear();
        }
    }
    insert_all!(connection, atoms::table, batch);
    for total in &manifest.editions {
        let found = known.get(&total.program).map_or(0, |list| list.units);
        if found != i64::try_from(total.rows)? {
            bail!("data/atoms.csv holds {found} rows of {}, the manifest says {}", total.program, total.rows);
        }
    }
    let rows: Vec<ListRow> = known.into_values().collect();
    insert_all!(connection, lists::table, rows);
    Ok(id)
}

fn statistics(connection: &mut AnyConnection, version: i64, folder: &ReleaseFolder, table: Table) -> Result<()> {
    let manifest = folder.manifest();
    if !manifest.files.iter().any(|file| file.path == format!("data/{table}.csv")) {
        return Ok(());
    }
    let last: Option<i64> = series::table.select(diesel::dsl::max(series::id)).first(connection)?;
    let mut next = last.unwrap_or(0) + 1;
    let mut known: BTreeMap<ProgramCode, SeriesRow> = BTreeMap::new();
    let mut pool = PoolIds::default();
    let mut batch: Vec<CellRow> = Vec::with_capacity(BATCH);
    for cell in folder.cells(table)? {
        let cell: Cell = cell?;
        // A figure may stand from an earlier release, but only of this district.
        if cell.period != manifest.period || cell.release.district() != manifest.district {
            bail!("data/{table}.csv holds a cell of {} from {}, expected figures of {}", cell.period, cell.release, manifest.release);
        }
        let one = known.entry(cell.program.clone()).or_insert_with(|| {
            next += 1;
            SeriesRow { id: next - 1, release_id: version, kind: code::table(table), program: cell.program.to_string(), cells: 0 }
        });
        one.cells += 1;
        let (low, pool_id) = pool.place(connection, &cell.area)?;
        batch.push(CellRow {
            series_id: one.id,
            low,
            pool: pool_id,
            measure: code::measure(table, &cell.measure)?,
            category: cell.category,
            level: cell.area.members().first().map_or(0, |member| code::level(member.level())),
            value: cell.value.map(i64::try_from).transpose()?,
            status: code::status(cell.status),
            group_id: cell.group.as_ref().map(|group| pool.named(connection, group)).transpose()?,
            as_of: cell.as_of.ordinal(),
            issue: (cell.release != manifest.release).then(|| code::issue(cell.release)),
        });
        if batch.len() == BATCH {
            insert_all!(connection, cells::table, batch);
            batch.clear();
        }
    }
    insert_all!(connection, cells::table, batch);
    let rows: Vec<SeriesRow> = known.into_values().collect();
    insert_all!(connection, series::table, rows);
    Ok(())
}

/// Pools seen while loading one file, so that each is looked up once.
#[derive(Default)]
struct PoolIds(HashMap<AreaLabel, i64>);

impl PoolIds {
    /// Where a label stands: its first number, and its pool's id or 0.
    fn place(&mut self, connection: &mut AnyConnection, label: &AreaLabel) -> Result<(i64, i64)> {
        match (label.single(), label.members().first()) {
            (Some(area), _) => Ok((code::range(area).0, 0)),
            (None, Some(first)) => Ok((code::range(*first).0, self.named(connection, label)?)),
            (None, None) => bail!("a pool without areas"),
        }
    }

    /// The id of a pool or group, stored when it is new.
    fn named(&mut self, connection: &mut AnyConnection, label: &AreaLabel) -> Result<i64> {
        if let Some(id) = self.0.get(label) {
            return Ok(*id);
        }
        let id = code::pool(label);
        let text = label.to_string();
        let stored: Option<String> = pools::table.select(pools::label).filter(pools::id.eq(id)).first(connection).optional()?;
        match stored {
            Some(stored) if stored == text => {}
            Some(stored) => bail!("the pools {stored} and {text} share a number; this needs a new form of the catalogue"),
            None => {
                diesel::insert_into(pools::table).values(&PoolRow { id, label: text }).execute(connection)?;
                let members: Vec<PoolMemberRow> = label
                    .members()
                    .iter()
                    .map(|member| {
                        let (low, high) = code::range(*member);
                        PoolMemberRow { pool_id: id, low, high }
                    })
                    .collect();
                insert_all!(connection, pool_members::table, members);
            }
        }
        self.0.insert(label.clone(), id);
        Ok(id)
    }
}

/// Marks a release withdrawn and deletes its figures: a withdrawn figure is
/// not kept where it could be asked for. What the manifest says stays.
fn withdraw(connection: &mut AnyConnection, version: i64, name: &str, reason: &str, at: &str) -> Result<()> {
    let found: Option<(i64, Option<i64>)> =
        releases::table.select((releases::id, releases::edition_id)).filter(releases::name.eq(name)).first(connection).optional()?;
    let Some((id, edition)) = found else { bail!("the log withdraws {name}, which it never admitted") };
    let of_release: Vec<i64> = series::table.select(series::id).filter(series::release_id.eq(id)).load(connection)?;
    diesel::delete(cells::table.filter(cells::series_id.eq_any(of_release))).execute(connection)?;
    diesel::delete(series::table.filter(series::release_id.eq(id))).execute(connection)?;
    diesel::update(releases::table.filter(releases::id.eq(id)))
        .set((
            releases::withdrawn_version.eq(Some(version)),
            releases::withdrawn_at.eq(Some(at)),
            releases::withdrawn_reason.eq(Some(reason)),
            releases::edition_id.eq(None::<i64>),
        ))
        .execute(connection)?;
    // Another release of the quarter may still stand on the same rows.
    if let Some(edition) = edition {
        let others: i64 = releases::table.filter(releases::edition_id.eq(edition)).count().get_result(connection)?;
        if others == 0 {
            let of_edition: Vec<i64> = lists::table.select(lists::id).filter(lists::edition_id.eq(edition)).load(connection)?;
            diesel::delete(atoms::table.filter(atoms::list_id.eq_any(of_edition))).execute(connection)?;
            diesel::delete(lists::table.filter(lists::edition_id.eq(edition))).execute(connection)?;
            diesel::delete(editions::table.filter(editions::id.eq(edition))).execute(connection)?;
        }
    }
    Ok(())
}
