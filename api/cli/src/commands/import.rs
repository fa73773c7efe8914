//! `bansos import`: files into the registries, a district at a time on each core.

mod explain;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use domain::{AreaCode, Period};
use rayon::prelude::*;
use registry::{ImportRequest, ImportSummary, Mapping, Mode, Progress, Report, Source};

use crate::progress::{bar, number};

#[derive(clap::Args)]
#[command(
    after_help = "Files are CSV, XLSX, XLS or ODS. Their layout is known by the header, in any order of columns and by many names.\n\n\
Example:\n  bansos --data data import files --report ditolak.csv\n  bansos --data data import dtks.xlsx --area 36.71 --period 2025-06 --report ditolak.xlsx\n  \
bansos --data data import ditolak.xlsx        (after its rows were corrected in it)\n  bansos --data data import --explain baru.xlsx --area 36.71 --period 2025-06\n  \
bansos --data data import baru.csv --map baru.toml --area 36.71 --period 2025-06\n  bansos --data data import --undo 12 --area 36.71"
)]
pub struct Arguments {
    /// Files or folders; folders named like 36.71/2025-06 say what a file is about.
    #[arg(required_unless_present_any = ["undo", "explain"], value_name = "FILE_OR_DIR")]
    files: Vec<PathBuf>,
    /// Show as what a file is read, and its first problems; import nothing.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["files", "report", "undo"])]
    explain: Option<PathBuf>,
    /// What the columns of the files mean, where the header does not say it (TOML with layout, columns, constants and areas).
    #[arg(long, value_name = "MAP.toml")]
    map: Option<PathBuf>,
    /// The kabupaten/kota, where folders do not say it.
    #[arg(long, value_parser = super::district, value_name = "CODE")]
    area: Option<AreaCode>,
    /// The month, where folders do not say it.
    #[arg(long, value_name = "YYYY-MM")]
    period: Option<Period>,
    /// snapshot: whoever is absent has left; delta: only what changed.
    #[arg(long = "as", default_value = "snapshot", value_parser = mode, value_name = "snapshot|delta")]
    mode: Mode,
    /// Take a snapshot that is over 10 % smaller than the last.
    #[arg(long)]
    confirm: bool,
    /// Write rejected rows, warnings and findings to this file. As CSV it names rows by file and line, and holds no personal value;
    /// as .xlsx it holds the rejected rows, too, to be corrected in it and imported again.
    #[arg(long, value_name = "R.csv|R.xlsx")]
    report: Option<PathBuf>,
    /// Put the rejected rows into a CSV report, too, to be corrected in it and imported again.
    #[arg(long, requires = "report")]
    rows: bool,
    /// Take back the import of this number, as long as its month is not sealed.
    #[arg(long, value_name = "ID", requires = "area", conflicts_with_all = ["files", "report"])]
    undo: Option<i64>,
}

fn mode(text: &str) -> Result<Mode, String> {
    match text {
        "snapshot" => Ok(Mode::Snapshot),
        "delta" => Ok(Mode::Delta),
        _ => Err("expected snapshot or delta".into()),
    }
}

/// How files are taken.
#[derive(Clone, Default)]
pub struct How {
    area: Option<AreaCode>,
    period: Option<Period>,
    mode: Mode,
    confirm: bool,
    report: Option<PathBuf>,
    /// Whether the report holds the rejected rows.
    rows: bool,
    map: Option<Mapping>,
    /// The verification round that the files are about.
    round: Option<String>,
    /// Print a line per file, not only the sums.
    every_file: bool,
}

/// Of how many files each gets a line, where they are sheets of a round.
const FEW: usize = 12;

impl How {
    /// Files of results of a verification round.
    pub fn of_round(area: AreaCode, period: Period, round: String, map: Mapping, report: Option<PathBuf>) -> How {
        let rows = report.as_deref().is_some_and(is_workbook);
        How { area: Some(area), period: Some(period), report, rows, map: Some(map), round: Some(round), ..How::default() }
    }
}

fn is_workbook(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("xlsx"))
}

pub fn run(data: &Path, arguments: &Arguments) -> anyhow::Result<()> {
    let map = arguments.map.as_deref().map(Mapping::read).transpose()?;
    if let Some(file) = &arguments.explain {
        return explain::run(file, arguments.area, arguments.period, map.as_ref());
    }
    let _lock = super::lock(data)?;
    if let (Some(id), Some(area)) = (arguments.undo, arguments.area) {
        super::registry(data, area)?.undo(id)?;
        println!("import {id} of {area} is undone");
        return Ok(());
    }
    let how = How {
        area: arguments.area,
        period: arguments.period,
        mode: arguments.mode,
        confirm: arguments.confirm,
        report: arguments.report.clone(),
        rows: arguments.rows || arguments.report.as_deref().is_some_and(is_workbook),
        map,
        round: None,
        every_file: true,
    };
    import(data, &arguments.files, &how)
}

/// Imports files; the caller holds the lock.
pub fn import(data: &Path, files: &[PathBuf], how: &How) -> anyhow::Result<()> {
    let mut districts: BTreeMap<AreaCode, Vec<Source>> = BTreeMap::new();
    for source in registry::sources(files, how.area, how.period)? {
        districts.entry(source.area).or_default().push(source);
    }
    let bytes = districts.values().flatten().map(|source| std::fs::metadata(&source.path).map_or(0, |file| file.len())).sum();
    let bar = bar(bytes, "import (bytes)");
    let results: Vec<(Vec<ImportSummary>, anyhow::Result<()>)> =
        districts.par_iter().map(|(area, sources)| one_district(data, *area, sources, how, &bar)).collect();
    bar.finish_and_clear();

    let mut sums = Sums::default();
    let mut failed = None;
    let mut report = match &how.report {
        Some(_) if how.rows => Some(Report::with_rows()),
        Some(_) => Some(Report::new()?),
        None => None,
    };
    for ((area, _), (summaries, result)) in districts.iter().zip(results) {
        summaries.iter().for_each(|summary| sums.add(summary));
        // The report tells of what was read, also where a later file failed.
        if let Some(report) = &mut report {
            // What is left of the imports that were corrected belongs to it, too.
            let mut ids: Vec<i64> =
                summaries.iter().flat_map(|summary| summary.corrects.iter().copied().chain([summary.import_id])).collect();
            ids.sort_unstable();
            ids.dedup();
            report.add(&mut super::registry(data, *area)?, &ids)?;
        }
        if let Err(error) = result {
            failed = failed.or(Some(error));
        }
    }
    if let (Some(report), Some(path)) = (report, &how.report) {
        println!("{}: {} lines", path.display(), number(report.write(path)?));
    }
    println!("{sums}");
    failed.map_or(Ok(()), Err)
}

/// A file that fails ends its district's import; what was read before it stays,
/// since each file is a transaction of its own.
fn one_district(
    data: &Path,
    area: AreaCode,
    sources: &[Source],
    how: &How,
    bar: &indicatif::ProgressBar,
) -> (Vec<ImportSummary>, anyhow::Result<()>) {
    let mut done: Vec<ImportSummary> = Vec::new();
    let result = (|| {
        let mut registry = super::registry(data, area)?;
        // A report may bring rows of several months: it stands in the list once for each.
        let mut files: Vec<PathBuf> = sources.iter().map(|source| source.path.clone()).collect();
        files.dedup();
        let request = ImportRequest {
            files: &files,
            area: how.area,
            period: how.period,
            mode: how.mode,
            confirm: how.confirm,
            mapping: how.map.as_ref(),
            round: how.round.as_deref(),
            only_first: None,
        };
        let mut before = 0;
        registry.import(&request, &mut |progress| match progress {
            Progress::Reading { bytes, .. } => {
                bar.inc(bytes.saturating_sub(before));
                before = bytes;
            }
            Progress::Done(summary) => {
                before = 0;
                if how.every_file || (how.round.is_some() && sources.len() <= FEW) {
                    bar.suspend(|| println!("{summary}"));
                }
                done.push(summary.clone());
            }
        })?;
        Ok(())
    })();
    (done, result)
}

/// What an import did over all files.
#[derive(Default)]
struct Sums {
    files: u64,
    already: u64,
    read: u64,
    accepted: u64,
    new: u64,
    changed: u64,
    rejected: u64,
    warned: u64,
    unfilled: u64,
    findings: u64,
}

impl Sums {
    fn add(&mut self, summary: &ImportSummary) {
        self.files += 1;
        if summary.already {
            self.already += 1;
            return;
        }
        self.read += summary.read;
        self.accepted += summary.accepted;
        self.new += summary.new;
        self.changed += summary.changed;
        self.rejected += summary.rejected;
        self.warned += summary.warned;
        self.unfilled += summary.unfilled;
        self.findings += summary.finding_count();
    }
}

impl std::fmt::Display for Sums {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} files ({} imported before): {} rows read = {} accepted + {} rejected; {} new, {} changed; {} findings",
            self.files,
            self.already,
            number(self.read),
            number(self.accepted),
            number(self.rejected),
            number(self.new),
            number(self.changed),
            number(self.findings)
        )?;
        if self.warned > 0 {
            write!(f, "; {} accepted with warnings", number(self.warned))?;
        }
        if self.unfilled > 0 {
            write!(f, "; {} not filled in yet", number(self.unfilled))?;
        }
        Ok(())
    }
}
