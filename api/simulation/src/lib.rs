//! Deterministic input files for trying the whole project: synthetic people on
//! the real areas of the five districts, sized to published totals, with
//! defects at stated rates and an answer key beside them. Any other kabupaten
//! or kota can be made up as well, sized by its inhabitants alone.
//!
//! Nobody here is real. Every serial number in a NIK is 9001 or more, where the
//! civil registry's count does not reach, and the first line of every file says
//! SIMULASI. The same options give the same bytes, on any number of processors:
//! each district draws from generators of its own.

mod change;
mod checks;
mod complaints;
mod defect;
mod dice;
mod district;
mod extra;
mod family;
mod fate;
mod files;
mod layouts;
mod lists;
mod model;
mod names;
mod numbers;
mod outside;
mod persons;
mod places;
mod sheet;
mod table;
mod target;
mod told;
mod truth;
mod wealth;
mod workbook;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use domain::{AreaCode, Level, Period, ProgramCode};
use rayon::prelude::*;

pub use crate::workbook::as_workbooks;

use crate::district::District;
use crate::files::KeyLine;

/// What to simulate, and where.
#[derive(Debug, Clone, Copy)]
pub struct Options<'a> {
    /// Folder for `{area}/{period}/*.csv` and `answer-key.csv`; made if missing.
    /// Files of an earlier simulation for the same months are replaced.
    pub out: &'a Path,
    /// Share of the published totals, above 0 and at most 1.
    pub scale: f64,
    /// Chooses the people; the same seed gives the same bytes.
    pub seed: u64,
    /// How many months, 1 to 120.
    pub months: u32,
    /// Which kabupaten and kota; published totals are known of the five.
    pub districts: &'a [AreaCode],
    /// The first month.
    pub first: Period,
    /// Whether to write every layout that can be imported, also those that no
    /// published table needs.
    pub all_layouts: bool,
}

/// How often something is wrong, as shares of the rows it can befall.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rates {
    /// Rows of any file by NIK: too short, too long, with letters or in Excel's
    /// short form (`nik_format`).
    pub nik_format: f64,
    /// Rows of any file by NIK: a birth date that never was (`nik_date`).
    pub nik_date: f64,
    /// DTKS rows that stand twice (`duplicate_nik_program`).
    pub duplicate: f64,
    /// DTKS rows whose kecamatan or desa is misspelt (`area_unknown`).
    pub area: f64,
    /// Recipients who died and are still listed in the following months (`deceased`).
    pub deceased: f64,
    /// KKS rows, and plan rows added, of programs that do not exist (`program_unknown`).
    pub program: f64,
    /// Rows of the other layouts with anything else wrong that their columns allow:
    /// dates, words, numbers, areas, family cards, cells that are not there.
    pub cells: f64,
    /// People and families that the rules about persons find (a share of how
    /// common they are by default, from 0 to 1): other names, two NIKs, cards,
    /// programs that exclude each other, cardholders under age.
    pub persons: f64,
    /// Payments that did not reach the family: not a defect, but what `failed` counts.
    pub unpaid: f64,
}

impl Default for Rates {
    fn default() -> Rates {
        Rates {
            nik_format: 0.002,
            nik_date: 0.001,
            duplicate: 0.001,
            area: 0.001,
            deceased: 0.2,
            program: 0.001,
            cells: 0.004,
            persons: 1.0,
            unpaid: 0.025,
        }
    }
}

impl Rates {
    /// No defects at all: every row is accepted without a finding.
    pub const NONE: Rates = Rates {
        nik_format: 0.0,
        nik_date: 0.0,
        duplicate: 0.0,
        area: 0.0,
        deceased: 0.0,
        program: 0.0,
        cells: 0.0,
        persons: 0.0,
        unpaid: 0.025,
    };
}

/// What one district's files of one month hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DistrictMonth {
    /// The district.
    pub district: AreaCode,
    /// The month.
    pub period: Period,
    /// Families with a row in the DTKS file.
    pub families: u64,
    /// Persons with a row in the DTKS file.
    pub persons: u64,
    /// Units by program that a right import counts: rows it must reject are not among them.
    pub enrolments: BTreeMap<ProgramCode, u64>,
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Files, the two answer keys among them.
    pub files: u64,
    /// Data rows in all files, without title rows, headers and answer key.
    pub rows: u64,
    /// Distinct persons over all months.
    pub people: u64,
    /// Lines of the answer key.
    pub defects: u64,
    /// Enrolments in all districts, by month.
    pub enrolments_per_month: Vec<(Period, u64)>,
    /// Numbers by district and month, in that order.
    pub districts: Vec<DistrictMonth>,
}

/// Writes the files, with defects at the default rates.
///
/// # Errors
/// When an option is out of its range, or a file cannot be written.
pub fn run(options: &Options<'_>) -> Result<Summary> {
    run_with(options, &Rates::default())
}

/// Writes the files, with defects at rates of one's own.
///
/// # Errors
/// When an option or rate is out of its range, or a file cannot be written.
pub fn run_with(options: &Options<'_>, rates: &Rates) -> Result<Summary> {
    check(options, rates)?;
    let mut districts = options.districts.to_vec();
    districts.sort_unstable();
    districts.dedup();
    // Without its key, a half-written folder cannot pass for a whole one.
    let [key, findings] = ["answer-key.csv", "answer-key-findings.csv"].map(|name| options.out.join(name));
    for old in [&key, &findings] {
        if old.exists() {
            fs::remove_file(old).with_context(|| format!("cannot replace {}", old.display()))?;
        }
    }
    let done: Vec<DistrictRun> = districts.par_iter().map(|district| one_district(options, rates, *district)).collect::<Result<_>>()?;
    let cases = done.iter().flat_map(|run| &run.findings).fold(truth::HEADER.to_owned(), |text, line| text + line);
    fs::write(&findings, cases).with_context(|| format!("cannot write {}", findings.display()))?;
    write_key(&key, &done)?;
    Ok(summary(&done))
}

struct DistrictRun {
    months: Vec<DistrictMonth>,
    key: Vec<(String, Vec<KeyLine>)>,
    /// Lines of the key of findings.
    findings: Vec<String>,
    files: u64,
    rows: u64,
    people: u64,
}

fn check(options: &Options<'_>, rates: &Rates) -> Result<()> {
    ensure!(
        options.scale.is_finite() && options.scale > 0.0 && options.scale <= 1.0,
        "scale {} is out of range: it is a share of the published totals, above 0 and at most 1, such as 0.1",
        options.scale
    );
    ensure!((1..=120).contains(&options.months), "{} months are out of range: 1 to 120", options.months);
    ensure!(!options.districts.is_empty(), "no district to simulate: name at least one");
    for district in options.districts {
        ensure!(
            district.level() == Level::Kabupaten && !reference::areas().children(*district).is_empty(),
            "{district} cannot be simulated: it is no kabupaten or kota of the reference data, or none of its kecamatan is known"
        );
    }
    let shares = [
        rates.nik_format,
        rates.nik_date,
        rates.duplicate,
        rates.area,
        rates.deceased,
        rates.program,
        rates.cells,
        rates.persons,
        rates.unpaid,
    ];
    ensure!(shares.iter().all(|rate| (0.0..=1.0).contains(rate)), "a rate is out of range: rates are shares from 0 to 1");
    ensure!(
        rates.nik_format + rates.nik_date + rates.duplicate + rates.area <= 0.5,
        "rates add up to over a half of the rows: nothing could be learnt from such files"
    );
    Ok(())
}

fn one_district(options: &Options<'_>, rates: &Rates, code: AreaCode) -> Result<DistrictRun> {
    let mut district = District::new(code, options.scale, options.seed, options.first, rates);
    let mut run = DistrictRun { months: Vec::new(), key: Vec::new(), findings: Vec::new(), files: 0, rows: 0, people: 0 };
    let mut period = options.first;
    for month in 0..options.months {
        if month > 0 {
            period = period.next();
            district.change(period, rates);
        }
        district.deaths_of(period);
        district.fates(period, rates);
        district.reassess(period);
        district.check(period);
        district.lists_of(period);
        district.complain(period);
        let folder: PathBuf = options.out.join(code.to_string()).join(period.to_string());
        fs::create_dir_all(&folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
        let written = files::write_month(&district, period, rates, options.all_layouts, &folder)?;
        district.tell(period, &written);
        let month = files::Month { district: &district, period, rates };
        run.findings.extend(truth::findings(&month, options.all_layouts, &written).iter().map(|line| line.text(code, period)));
        for written in written {
            run.files += 1;
            run.rows += written.rows;
            if !written.key.is_empty() {
                run.key.push((format!("{code}/{period}/{}", written.name), written.key));
            }
        }
        run.months.push(district.count(period));
    }
    run.people = district.people;
    Ok(run)
}

fn write_key(path: &Path, done: &[DistrictRun]) -> Result<()> {
    let mut text = String::from("file,line,outcome,reason\n");
    for (file, lines) in done.iter().flat_map(|run| &run.key) {
        for line in lines {
            text.push_str(&format!("{file},{},{},{}\n", line.line, line.defect.outcome(), line.defect.reason()));
        }
    }
    let save = || -> std::io::Result<()> {
        let mut file = fs::File::create(path)?;
        file.write_all(text.as_bytes())
    };
    save().with_context(|| format!("cannot write {}", path.display()))
}

fn summary(done: &[DistrictRun]) -> Summary {
    let mut per_month: BTreeMap<Period, u64> = BTreeMap::new();
    for month in done.iter().flat_map(|run| &run.months) {
        *per_month.entry(month.period).or_default() += month.enrolments.values().sum::<u64>();
    }
    Summary {
        files: done.iter().map(|run| run.files).sum::<u64>() + 2,
        rows: done.iter().map(|run| run.rows).sum(),
        people: done.iter().map(|run| run.people).sum(),
        defects: done.iter().flat_map(|run| &run.key).map(|(_, lines)| lines.len() as u64).sum(),
        enrolments_per_month: per_month.into_iter().collect(),
        districts: done.iter().flat_map(|run| run.months.clone()).collect(),
    }
}

#[cfg(test)]
mod tests;
