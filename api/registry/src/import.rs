//! The import of files: one file, one import, one transaction. A process that
//! dies in the middle leaves the registry as it was before that file, and the
//! same command again goes on from there, since files that are in are known by
//! their SHA-256.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;
use domain::{AreaCode, Period};

use crate::error::{Error, Result};
use crate::findings;
use crate::layout::Layout;
use crate::month::Month;
use crate::recognise::{Recognised, recognise};
use crate::records::Records;
use crate::rows::{self, Context, first_day};
use crate::schema::imports;
use crate::source::{Fingerprint, Hashing, Source, sources};
use crate::summary::{ImportSummary, Mode, Progress, Tally};
use crate::{Registry, number::NumberMap};

/// How many rows are read between two reports of progress.
const REPORT_EVERY: u64 = 10_000;

/// What to import.
#[derive(Debug, Clone, Copy, Default)]
pub struct ImportRequest<'a> {
    /// Files, and folders that hold files.
    pub files: &'a [PathBuf],
    /// The district, unless folders tell.
    pub area: Option<AreaCode>,
    /// The month, unless folders tell.
    pub period: Option<Period>,
    /// How files of recipients are taken.
    pub mode: Mode,
    /// Whether a much smaller snapshot is meant to be so.
    pub confirm: bool,
}

/// A file about to be imported, whose layout is known.
struct Job<'a> {
    source: &'a Source,
    recognised: &'a Recognised,
    mode: Mode,
    confirm: bool,
    number: usize,
    files: usize,
}

/// Imports files of any districts, each into its own registry under `data_dir`.
/// All files are recognised before the first is read.
///
/// # Errors
/// At the first file that cannot be imported; those before it stay imported,
/// as `progress` was told, and nothing of it is stored.
pub fn import(data_dir: &Path, request: &ImportRequest<'_>, progress: &mut dyn FnMut(Progress<'_>)) -> Result<Vec<ImportSummary>> {
    let sources = sources(request.files, request.area, request.period)?;
    let recognised = recognise_all(&sources)?;
    let mut summaries = Vec::new();
    let mut done = 0;
    let pairs: Vec<(&Source, &Recognised)> = sources.iter().zip(&recognised).collect();
    for district in pairs.chunk_by(|a, b| a.0.area == b.0.area) {
        let Some((first, _)) = district.first() else { continue };
        let mut registry = Registry::open(data_dir, first.area)?;
        registry.import_all(district, request, (done, sources.len()), progress, &mut summaries)?;
        done += district.len();
    }
    Ok(summaries)
}

fn recognise_all(sources: &[Source]) -> Result<Vec<Recognised>> {
    sources.iter().map(|source| recognise(&source.path)).collect()
}

impl Registry {
    /// Imports files of this registry's district. In folders, files of other
    /// districts are passed over.
    ///
    /// # Errors
    /// As [`import`]; also when there is no file of this district.
    pub fn import(&mut self, request: &ImportRequest<'_>, progress: &mut dyn FnMut(Progress<'_>)) -> Result<Vec<ImportSummary>> {
        let district = self.district;
        if let Some(area) = request.area.filter(|area| *area != district) {
            return Err(Error::Request(format!("this is the registry of {district}, not of {area}")));
        }
        let mut sources = sources(request.files, request.area, request.period)?;
        sources.retain(|source| source.area == district);
        if sources.is_empty() {
            return Err(Error::Request(format!("none of the files is in a folder {district}; give --area to import them for it")));
        }
        let recognised = recognise_all(&sources)?;
        let pairs: Vec<(&Source, &Recognised)> = sources.iter().zip(&recognised).collect();
        let mut summaries = Vec::new();
        self.import_all(&pairs, request, (0, pairs.len()), progress, &mut summaries)?;
        Ok(summaries)
    }

    fn import_all(
        &mut self,
        files: &[(&Source, &Recognised)],
        request: &ImportRequest<'_>,
        (done, total): (usize, usize),
        progress: &mut dyn FnMut(Progress<'_>),
        summaries: &mut Vec<ImportSummary>,
    ) -> Result<()> {
        let mut month = None;
        for (place, (source, recognised)) in files.iter().enumerate() {
            let job = Job { source, recognised, mode: request.mode, confirm: request.confirm, number: done + place + 1, files: total };
            let summary = self.import_file(&job, &mut month, progress)?;
            tracing::info!(
                import = summary.import_id,
                layout = summary.layout.as_str(),
                period = %summary.period,
                read = summary.read,
                rejected = summary.rejected,
                findings = summary.finding_count(),
                already = summary.already,
                "imported"
            );
            progress(Progress::Done(&summary));
            summaries.push(summary);
        }
        Ok(())
    }

    fn import_file(&mut self, job: &Job<'_>, month: &mut Option<Month>, progress: &mut dyn FnMut(Progress<'_>)) -> Result<ImportSummary> {
        let path = &job.source.path;
        let print = Fingerprint::of(path)?;
        if let Some(summary) = self.already(job, &print.sha256)? {
            return Ok(summary);
        }
        let file = File::open(path).map_err(|source| Error::Io { path: path.clone(), source })?;
        let check = |sha256: &str, bytes: u64| print.check(path, sha256, bytes);
        self.import_stream(job, file, (&print.sha256, print.bytes), &check, month, progress)
    }

    /// The summary of the same file's import, when it was imported before.
    fn already(&mut self, job: &Job<'_>, sha256: &str) -> Result<Option<ImportSummary>> {
        let layout = job.recognised.layout;
        let found: Option<(i64, i64, i64, i64, bool)> = imports::table
            .filter(imports::sha256.eq(sha256))
            .filter(imports::layout.eq(layout.as_str()))
            .filter(imports::period.eq(job.source.period.to_string()))
            .select((imports::id, imports::read_rows, imports::accepted_rows, imports::rejected_rows, imports::simulated))
            .first(&mut self.conn)
            .optional()?;
        Ok(found.map(|(import_id, read, accepted, rejected, simulated)| ImportSummary {
            import_id,
            simulated,
            already: true,
            unchanged: accepted.cast_unsigned(),
            ..summary(
                job,
                self.district,
                &Tally { read: read.cast_unsigned(), accepted: accepted.cast_unsigned(), ..Tally::default() },
                rejected.cast_unsigned(),
            )
        }))
    }

    fn import_stream(
        &mut self,
        job: &Job<'_>,
        input: impl Read,
        (sha256, total): (&str, u64),
        check: &dyn Fn(&str, u64) -> Result<()>,
        month: &mut Option<Month>,
        progress: &mut dyn FnMut(Progress<'_>),
    ) -> Result<ImportSummary> {
        let district = self.district;
        let Source { period, path, .. } = job.source;
        let layout = job.recognised.layout;
        // What was compared with is only right as long as all goes well.
        let mut known = month.take();
        let (import_id, tally) = self.conn.immediate_transaction(|conn| -> Result<_> {
            let import = begin(conn, job, sha256)?;
            let deaths = if matches!(layout, Layout::Plan | Layout::Verification) { NumberMap::default() } else { findings::deaths(conn)? };
            if layout == Layout::Dtks {
                known = Some(Month::load(conn, *period, known.take())?);
            }
            let mut sink = rows::sink(job.recognised, district);
            let mut cx = Context {
                conn,
                import,
                district,
                period: *period,
                mode: job.mode,
                deaths: &deaths,
                first_day: first_day(*period),
                month: known.as_mut().filter(|_| layout == Layout::Dtks),
                tally: Tally::default(),
            };
            let refuse = |error: crate::records::RecordError| {
                let (place, problem, remedy) = error.told();
                Error::Input { file: path.clone(), place, problem, remedy }
            };
            let columns = job.recognised.columns.len();
            let mut hashing = Hashing::new(input);
            let bytes = hashing.bytes.clone();
            let mut records = Records::new(&mut hashing, job.recognised.separator);
            let mut place = 0usize;
            while let Some(record) = records.next().map_err(refuse)? {
                place += 1;
                // Also passed over: a row that numbers the columns, below the header.
                if place <= job.recognised.skip || record.is_blank() || (place == job.recognised.skip + 1 && numbers_columns(&record)) {
                    continue;
                }
                rows::offer(&mut cx, sink.as_mut(), columns, &record)?;
                if cx.tally.read.is_multiple_of(REPORT_EVERY) {
                    progress(Progress::Reading {
                        file: &job.source.label,
                        number: job.number,
                        files: job.files,
                        bytes: bytes.get(),
                        total,
                        rows: cx.tally.read,
                    });
                }
            }
            drop(records);
            let (read_sha256, read_bytes) = hashing.finish();
            check(&read_sha256, read_bytes)?;
            let Context { conn, mut tally, month, .. } = cx;
            if layout == Layout::Dtks && tally.read == 0 {
                return Err(Error::Input {
                    file: path.clone(),
                    place: "whole file".to_owned(),
                    problem: "it has a header and no row, which would mean that everyone left".to_owned(),
                    remedy: "export the table again",
                });
            }
            let scope = sink.scope();
            guard(conn, job, import, &tally, scope, month.as_deref())?;
            match layout {
                Layout::Dtks if job.mode == Mode::Snapshot => tally.left = month.as_deref().map_or(0, Month::left),
                Layout::Deaths => {
                    let deaths = findings::deaths(conn)?;
                    let found = findings::mark_deceased(conn, &deaths, import)?;
                    if found > 0 {
                        tally.findings.insert(crate::reason::Finding::Deceased, found);
                    }
                }
                _ => {}
            }
            finish(conn, import, &tally, scope)?;
            durable::fault_point("import.commit.before");
            Ok((import, tally))
        })?;
        durable::fault_point("import.commit.after");
        *month = known;
        let rejected = tally.rejected();
        Ok(ImportSummary { import_id, ..summary(job, district, &tally, rejected) })
    }
}

fn begin(conn: &mut SqliteConnection, job: &Job<'_>, sha256: &str) -> Result<i64> {
    let zero = 0i64;
    Ok(diesel::insert_into(imports::table)
        .values((
            imports::layout.eq(job.recognised.layout.as_str()),
            imports::period.eq(job.source.period.to_string()),
            imports::file.eq(&job.source.label),
            imports::sha256.eq(sha256),
            imports::mode.eq(job.mode.as_str()),
            imports::simulated.eq(job.recognised.simulated),
            imports::programs.eq(zero),
            imports::read_rows.eq(zero),
            imports::accepted_rows.eq(zero),
            imports::rejected_rows.eq(zero),
            imports::new_rows.eq(zero),
            imports::changed_rows.eq(zero),
            imports::unchanged_rows.eq(zero),
            imports::left_rows.eq(zero),
            imports::imported_at.eq(jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()),
        ))
        .returning(imports::id)
        .get_result(conn)?)
}

fn finish(conn: &mut SqliteConnection, import: i64, tally: &Tally, scope: Option<AreaCode>) -> Result<()> {
    diesel::update(imports::table.find(import))
        .set((
            imports::scope.eq(scope.map(|area| area.to_string())),
            imports::programs.eq(i64::from(tally.programs)),
            imports::read_rows.eq(tally.read.cast_signed()),
            imports::accepted_rows.eq(tally.accepted.cast_signed()),
            imports::rejected_rows.eq(tally.rejected().cast_signed()),
            imports::new_rows.eq(tally.new.cast_signed()),
            imports::changed_rows.eq(tally.changed.cast_signed()),
            imports::unchanged_rows.eq(tally.unchanged.cast_signed()),
            imports::left_rows.eq(tally.left.cast_signed()),
        ))
        .execute(conn)?;
    Ok(())
}

/// Whether a row under the header only counts the columns: 1, 2, 3, ...
fn numbers_columns(record: &crate::records::Record<'_>) -> bool {
    record.len() > 1
        && record
            .cells()
            .zip(1usize..)
            .all(|(cell, number)| std::str::from_utf8(cell).is_ok_and(|text| text.trim().trim_matches(['(', ')']) == number.to_string()))
}

/// Refuses a snapshot that is over 10 % smaller than the last one.
fn guard(
    conn: &mut SqliteConnection,
    job: &Job<'_>,
    import: i64,
    tally: &Tally,
    scope: Option<AreaCode>,
    month: Option<&Month>,
) -> Result<()> {
    if job.confirm || job.mode == Mode::Delta {
        return Ok(());
    }
    let district = job.source.area;
    let compared = match job.recognised.layout {
        Layout::Dtks => match month {
            // A file without any accepted row covers nothing; it is compared over the district.
            Some(month) => month.compare(conn, scope.unwrap_or(district))?,
            None => None,
        },
        Layout::PbiJk => {
            let last: Option<(String, i64)> = imports::table
                .filter(imports::layout.eq(Layout::PbiJk.as_str()).and(imports::id.ne(import)))
                .filter(imports::period.lt(job.source.period.to_string()))
                .order((imports::period.desc(), imports::accepted_rows.desc()))
                .select((imports::period, imports::accepted_rows))
                .first(conn)
                .optional()?;
            match last {
                Some((period, before)) => {
                    let period = period.parse().map_err(|error: domain::ParseError| Error::stored("period")(error.to_string()))?;
                    Some((district, period, before.cast_unsigned(), tally.accepted))
                }
                None => None,
            }
        }
        _ => None,
    };
    match compared {
        Some((scope, last, before, now)) if now * 10 < before * 9 => {
            Err(Error::Shrunk { file: job.source.path.clone(), scope, last, before, now })
        }
        _ => Ok(()),
    }
}

fn summary(job: &Job<'_>, district: AreaCode, tally: &Tally, rejected: u64) -> ImportSummary {
    ImportSummary {
        import_id: 0,
        file: job.source.label.clone(),
        layout: job.recognised.layout,
        district,
        period: job.source.period,
        mode: job.mode,
        simulated: job.recognised.simulated,
        already: false,
        read: tally.read,
        accepted: tally.accepted,
        rejected,
        new: tally.new,
        changed: tally.changed,
        unchanged: tally.unchanged,
        left: tally.left,
        reasons: tally.reasons.clone(),
        findings: tally.findings.clone(),
        warnings: tally.warnings.clone(),
    }
}

#[cfg(test)]
mod tests;
