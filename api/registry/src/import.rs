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

use crate::book::Book;
use crate::corrections::{self, Corrected};
use crate::error::{Error, Result};
use crate::findings;
use crate::layout::Layout;
use crate::lost::LostDigits;
use crate::mapping::Mapping;
use crate::month::{Compared, Month};
use crate::places::Aliases;
use crate::reason::Finding;
use crate::recognise::{Place, Recognised, recognise};
use crate::records::{CONSTANTS, RecordError, Records, Rows};
use crate::rows::{self, Context, Sink, first_day};
use crate::schema::{import_columns, import_sheets, imports};
use crate::source::{Fingerprint, Hashing, Source, sources};
use crate::summary::{ImportSummary, Mode, Progress, TableRead, Tally};
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
    /// What the columns of the files mean, where nobody has seen them before.
    pub mapping: Option<&'a Mapping>,
    /// The verification round whose results the files bring: rows that name
    /// another one are rejected, and files need not name any.
    pub round: Option<&'a str>,
    /// Read no more rows of a file than these, and store nothing for good: to
    /// see what an import would do. Only a registry in memory takes it.
    pub only_first: Option<u64>,
}

/// The tables of one file that are kept as one layout.
pub(crate) struct Work {
    source: Source,
    tables: Vec<Recognised>,
    passed: Vec<(String, String)>,
}

impl Work {
    /// The layout as which it is kept.
    fn layout(&self) -> Layout {
        self.tables.first().map_or(Layout::Dtks, |table| table.layout.kept_as())
    }

    /// The layouts that its tables have, as one word.
    fn form(&self) -> String {
        let mut words: Vec<&str> = Vec::new();
        for table in &self.tables {
            if !words.contains(&table.layout.as_str()) {
                words.push(table.layout.as_str());
            }
        }
        words.join("+")
    }

    fn is_book(&self) -> bool {
        self.tables.iter().any(|table| matches!(table.place, Place::Sheet { .. }))
    }

    fn simulated(&self) -> bool {
        self.tables.iter().any(|table| table.simulated)
    }
}

/// A file about to be imported, whose layout is known.
struct Job<'a> {
    work: &'a Work,
    source: &'a Source,
    mode: Mode,
    confirm: bool,
    round: Option<&'a str>,
    only_first: Option<u64>,
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
    let works = recognise_all(&sources(request.files, request.area, request.period)?, request.mapping)?;
    let mut summaries = Vec::new();
    let mut done = 0;
    for district in works.chunk_by(|a, b| a.source.area == b.source.area) {
        let Some(first) = district.first() else { continue };
        let mut registry = Registry::open(data_dir, first.source.area)?;
        registry.import_all(district, request, (done, works.len()), progress, &mut summaries)?;
        done += district.len();
    }
    Ok(summaries)
}

/// Recognises files, and divides each into what is kept as one layout.
pub(crate) fn recognise_all(sources: &[Source], mapping: Option<&Mapping>) -> Result<Vec<Work>> {
    let mut works = Vec::new();
    for source in sources {
        let found = if source.corrections { corrections::tables(source)? } else { recognise(&source.path, mapping)? };
        let mut passed = found.passed;
        let first = works.len();
        for table in found.tables {
            let own = &mut works[first..];
            match own.iter_mut().find(|work: &&mut Work| work.layout() == table.layout.kept_as()) {
                Some(work) => work.tables.push(table),
                None => works.push(Work { source: source.clone(), tables: vec![table], passed: std::mem::take(&mut passed) }),
            }
        }
    }
    Ok(works)
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
        let works = recognise_all(&sources, request.mapping)?;
        let mut summaries = Vec::new();
        self.import_all(&works, request, (0, works.len()), progress, &mut summaries)?;
        Ok(summaries)
    }

    fn import_all(
        &mut self,
        files: &[Work],
        request: &ImportRequest<'_>,
        (done, total): (usize, usize),
        progress: &mut dyn FnMut(Progress<'_>),
        summaries: &mut Vec<ImportSummary>,
    ) -> Result<()> {
        let mut month = None;
        for (place, work) in files.iter().enumerate() {
            let source = &work.source;
            // What was corrected is added to its month, whatever else the month has.
            let mode = if source.corrections { Mode::Delta } else { request.mode };
            let (confirm, only_first) = (request.confirm, request.only_first);
            let job = Job { work, source, mode, confirm, round: request.round, only_first, number: done + place + 1, files: total };
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
        let print = if job.work.is_book() { Fingerprint::of_book(path)? } else { Fingerprint::of(path)? };
        if let Some(summary) = self.already(job, &print.sha256)? {
            return Ok(summary);
        }
        let open = || -> Result<Box<dyn Read>> {
            File::open(path).map(|file| Box::new(file) as Box<dyn Read>).map_err(|source| Error::Io { path: path.clone(), source })
        };
        self.import_tables(job, &open, &print, month, progress)
    }

    /// The summary of the same file's import, when it was imported before.
    fn already(&mut self, job: &Job<'_>, sha256: &str) -> Result<Option<ImportSummary>> {
        let layout = job.work.layout();
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

    fn import_tables(
        &mut self,
        job: &Job<'_>,
        open: &dyn Fn() -> Result<Box<dyn Read>>,
        print: &Fingerprint,
        month: &mut Option<Month>,
        progress: &mut dyn FnMut(Progress<'_>),
    ) -> Result<ImportSummary> {
        let (district, folder) = (self.district, self.folder.clone());
        let Source { period, path, .. } = job.source;
        let layout = job.work.layout();
        let refuse = |error: RecordError| {
            let (place, problem, remedy) = error.told();
            Error::Input { file: path.clone(), place, problem, remedy }
        };
        // What was compared with is only right as long as all goes well.
        let mut known = month.take();
        let (import_id, tally, corrects) = self.conn.immediate_transaction(|conn| -> Result<_> {
            let import = begin(conn, job, &print.sha256)?;
            let aliases = Aliases::load(conn)?;
            let mut corrected = if job.source.corrections { Some(Corrected::load(conn, *period)?) } else { None };
            let deaths = if matches!(layout, Layout::Dtks | Layout::Kks | Layout::PbiJk | Layout::Deaths) {
                findings::deaths(conn)?
            } else {
                NumberMap::default()
            };
            if layout == Layout::Dtks {
                known = Some(Month::load(conn, (district, *period), known.take(), folder.as_deref())?);
            }
            let mut cx = Context {
                conn,
                import,
                district,
                period: *period,
                mode: job.mode,
                deaths: &deaths,
                first_day: first_day(*period),
                month: known.as_mut().filter(|_| layout == Layout::Dtks),
                folder: folder.as_deref(),
                round: job.round,
                sheet: 0,
                tally: Tally::default(),
            };
            let mut scope = None;
            let mut book: Option<Book> = None;
            for table in &job.work.tables {
                keep_columns(cx.conn, import, table)?;
                cx.sheet = table.sheet();
                let mut sink = rows::sink(table, district, &aliases);
                let mut reader = Reading { job, table, path, total: print.bytes, corrected: corrected.as_mut() };
                match &table.place {
                    Place::Text { separator } => {
                        let mut hashing = Hashing::new(open()?);
                        let bytes = hashing.bytes.clone();
                        let mut records = Records::new(&mut hashing, *separator);
                        let ended = reader.rows(&mut cx, sink.as_mut(), &mut records, &|| bytes.get(), progress)?;
                        drop(records);
                        if ended {
                            let (read_sha256, read_bytes) = hashing.finish();
                            print.check(path, &read_sha256, read_bytes)?;
                        }
                    }
                    Place::Sheet { kind, name, whole, .. } => {
                        if book.is_none() {
                            book = Some(Book::open(path, *kind)?);
                        }
                        let Some(book) = &mut book else { continue };
                        let mut records = book.rows(name, whole.clone(), table.columns.len()).map_err(refuse)?;
                        reader.rows(&mut cx, sink.as_mut(), &mut records, &|| 0, progress)?;
                    }
                }
                scope = match (scope, sink.scope()) {
                    (Some(one), Some(other)) => common(one, other),
                    (one, other) => one.or(other),
                };
            }
            if book.is_some() {
                let again = Fingerprint::of_book(path)?;
                print.check(path, &again.sha256, again.bytes)?;
            }
            let compared = match cx.month.take() {
                Some(month) => Some(settle(&mut cx, month, scope)?),
                None => None,
            };
            let Context { conn, mut tally, .. } = cx;
            let corrects = corrected.map(Corrected::imports).unwrap_or_default();
            if job.source.corrections && tally.read == 0 {
                return Err(Error::Input {
                    file: path.clone(),
                    place: "whole file".to_owned(),
                    problem: "none of its rejected rows was corrected, or all that were are imported already".to_owned(),
                    remedy: "correct the cells on the right of `ref`, save the file and import it again",
                });
            }
            if tally.read == 0 && job.work.tables.iter().any(|table| table.template) {
                return Err(Error::Input {
                    file: path.clone(),
                    place: "whole file".to_owned(),
                    problem: "it is an empty template: no row below its header is filled in".to_owned(),
                    remedy: "fill in the sheet Data, save it and import it again, or take the file out of the folder",
                });
            }
            if layout == Layout::Dtks && tally.read == 0 {
                return Err(Error::Input {
                    file: path.clone(),
                    place: "whole file".to_owned(),
                    problem: "it has a header and no row, which would mean that everyone left".to_owned(),
                    remedy: "export the table again",
                });
            }
            guard(conn, job, import, &tally, compared)?;
            match layout {
                Layout::Dtks if job.mode == Mode::Snapshot => tally.left = compared.map_or(0, |compared| compared.left),
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
            Ok((import, tally, corrects))
        })?;
        durable::fault_point("import.commit.after");
        *month = known.filter(|month| !month.is_aside());
        let rejected = tally.rejected();
        Ok(ImportSummary { import_id, corrects, ..summary(job, district, &tally, rejected) })
    }
}

fn begin(conn: &mut SqliteConnection, job: &Job<'_>, sha256: &str) -> Result<i64> {
    let zero = 0i64;
    Ok(diesel::insert_into(imports::table)
        .values((
            imports::layout.eq(job.work.layout().as_str()),
            imports::period.eq(job.source.period.to_string()),
            imports::file.eq(&job.source.label),
            imports::sha256.eq(sha256),
            imports::mode.eq(job.mode.as_str()),
            imports::simulated.eq(job.work.simulated()),
            imports::form.eq(job.work.form()),
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
            imports::warned_rows.eq(tally.warned_rows.cast_signed()),
            imports::passed_rows.eq((tally.passed + tally.unfilled).cast_signed()),
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

/// What the file changes, where that was put aside, and how it stands beside
/// the last month.
fn settle(cx: &mut Context<'_>, month: &mut Month, scope: Option<AreaCode>) -> Result<Compared> {
    // A file without any accepted row covers nothing; it is compared over the district.
    let scope = scope.unwrap_or(cx.district);
    let (tally, import) = (&mut cx.tally, cx.import);
    month.settle(cx.conn, scope, cx.mode, &mut |conn, id, change| {
        tally.change(change);
        if change.duplicate { rows::find(conn, tally, (id, import), Finding::DuplicateNikProgram) } else { Ok(()) }
    })
}

/// Refuses a snapshot that is over 10 % smaller than the last one.
fn guard(conn: &mut SqliteConnection, job: &Job<'_>, import: i64, tally: &Tally, month: Option<Compared>) -> Result<()> {
    if job.confirm || job.mode == Mode::Delta {
        return Ok(());
    }
    let district = job.source.area;
    let compared = match job.work.layout() {
        Layout::Dtks => month.and_then(|month| month.with.map(|(area, last)| (area, last, month.before, month.now))),
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
        layout: job.work.tables.first().map_or(Layout::Dtks, |table| table.layout),
        district,
        period: job.source.period,
        mode: job.mode,
        simulated: job.work.simulated(),
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
        warned: tally.warned_rows,
        passed: tally.passed,
        unfilled: tally.unfilled,
        tables: if job.source.corrections { Vec::new() } else { job.work.tables.iter().map(table_read).collect() },
        sheets_passed: job.work.passed.clone(),
        corrects: Vec::new(),
    }
}

/// As what a table was read.
pub(crate) fn table_read(table: &Recognised) -> TableRead {
    let layout = table.layout;
    let has = |name: &str| table.columns.iter().any(|column| column == name) || table.constants.iter().any(|(column, _)| column == name);
    TableRead {
        layout,
        sheet: match &table.place {
            Place::Sheet { name, .. } => Some(crate::book::shown(name)),
            Place::Text { .. } => None,
        },
        line: table.line,
        columns: table.headers.iter().cloned().zip(table.columns.iter().cloned()).collect(),
        absent: layout.required().iter().chain(layout.optional()).copied().filter(|name| !has(name)).collect(),
        constants: table.constants.iter().map(|(column, _)| column.clone()).collect(),
    }
}

impl Work {
    /// As what each table is read, and the sheets that are none.
    pub(crate) fn read_as(&self) -> (Vec<TableRead>, &[(String, String)]) {
        (self.tables.iter().map(table_read).collect(), &self.passed)
    }
}

/// Keeps how the columns of a table were read, and what its sheet is called.
fn keep_columns(conn: &mut SqliteConnection, import: i64, table: &Recognised) -> Result<()> {
    let sheet = i64::from(table.sheet());
    if let Place::Sheet { name, .. } = &table.place {
        diesel::insert_or_ignore_into(import_sheets::table)
            .values((import_sheets::import.eq(import), import_sheets::sheet.eq(sheet), import_sheets::name.eq(crate::book::shown(name))))
            .execute(conn)?;
    }
    let own = table.headers.iter().zip(&table.columns).zip(1i64..).map(|((header, name), place)| (place, header.as_str(), name.as_str()));
    // What a mapping says of every row stands behind the row's own cells.
    let constants: Vec<(i64, String, &str)> = table
        .constants
        .iter()
        .zip(CONSTANTS as i64 + 1..)
        .map(|((name, value), place)| (place, String::from_utf8_lossy(value).into_owned(), name.as_str()))
        .collect();
    for (place, header, name) in own.chain(constants.iter().map(|(place, value, name)| (*place, value.as_str(), *name))) {
        let header: String = header.chars().take(200).collect();
        diesel::insert_or_ignore_into(import_columns::table)
            .values((
                import_columns::import.eq(import),
                import_columns::sheet.eq(sheet),
                import_columns::place.eq(place),
                import_columns::header.eq(header),
                import_columns::name.eq(name),
            ))
            .execute(conn)?;
    }
    Ok(())
}

/// The smallest area that holds both.
fn common(one: AreaCode, other: AreaCode) -> Option<AreaCode> {
    std::iter::successors(Some(one), |area| area.parent()).find(|area| area.contains(other))
}

/// A table being read.
struct Reading<'a, 'b> {
    job: &'a Job<'a>,
    table: &'a Recognised,
    path: &'a Path,
    total: u64,
    corrected: Option<&'b mut Corrected>,
}

impl Reading<'_, '_> {
    /// Offers every record to the sink; tells whether the table was read to its end.
    fn rows(
        &mut self,
        cx: &mut Context<'_>,
        sink: &mut dyn Sink,
        records: &mut dyn Rows,
        bytes: &dyn Fn() -> u64,
        progress: &mut dyn FnMut(Progress<'_>),
    ) -> Result<bool> {
        let Reading { job, table, .. } = *self;
        let constants: Vec<Vec<u8>> = table.constants.iter().map(|(_, value)| value.clone()).collect();
        let columns = table.columns.len();
        let mut lost = LostDigits::of(table);
        let mut place = 0usize;
        let refuse = |error: RecordError| {
            let (place, problem, remedy) = error.told();
            Error::Input { file: self.path.to_owned(), place, problem, remedy }
        };
        let mut whole = true;
        while let Some(record) = records.next().map_err(refuse)? {
            place += 1;
            // Also passed over: a row that numbers the columns, below the header.
            if place <= table.skip || record.is_blank() || (place == table.skip + 1 && numbers_columns(&record)) {
                continue;
            }
            let record = record.with(&constants);
            lost.look(&record);
            match &mut self.corrected {
                None => rows::offer(cx, sink, columns, &record)?,
                Some(corrected) => {
                    let Some(row) = corrected.changed(table, &record) else {
                        cx.tally.passed += u64::from(corrected.is_still_wrong(table, &record));
                        continue;
                    };
                    rows::offer(cx, sink, columns, &record)?;
                    corrected.settle(cx.conn, row, cx.import)?;
                }
            }
            if cx.tally.read.is_multiple_of(REPORT_EVERY) {
                progress(Progress::Reading {
                    file: &job.source.label,
                    number: job.number,
                    files: job.files,
                    bytes: bytes(),
                    total: self.total,
                    rows: cx.tally.read,
                });
            }
            if job.only_first.is_some_and(|most| cx.tally.read >= most) {
                whole = false;
                break;
            }
        }
        match lost.found() {
            Some(found) => Err(Error::Input {
                file: self.path.to_owned(),
                place: match &table.place {
                    Place::Sheet { name, .. } => format!("sheet {}, column {}", crate::book::shown(name), found.column),
                    Place::Text { .. } => format!("column {}", found.column),
                },
                problem: format!(
                    "{} of {} numbers end in 0 or stand in short form: a spreadsheet took them for numbers, kept 15 of 16 digits and lost the last",
                    found.lost, found.numbers
                ),
                remedy: "the digits cannot be restored: export the table again, and open it so that these columns are text \
                         (Excel: Data, From Text/CSV, column type Text) before you save it",
            }),
            None => Ok(whole),
        }
    }
}

#[cfg(test)]
mod tests;
