//! `bansos verify`: field verification in rounds, from whom to visit to what was found.

mod sheets;
mod status;

use std::path::{Path, PathBuf};

use anyhow::bail;
use domain::{AreaCode, Period, ProgramCode};
use jiff::civil::Date;
use registry::{Mapping, Round, RoundRequest};

use super::import::{self, How};
use crate::progress::number;

#[derive(clap::Args)]
#[command(
    after_help = "Example:\n  bansos --data data verify open --area 36.71 --period 2025-06 --name 2025-T2 --by \"Operator Satu\"\n  \
bansos --data data verify sheets 2025-T2 --area 36.71 --out lembar\n  bansos --data data verify import 2025-T2 lembar --area 36.71 --report ditolak.xlsx\n  \
bansos --data data verify status 2025-T2 --area 36.71 --kelurahan\n  bansos --data data verify close 2025-T2 --area 36.71 --by \"Kepala Bidang\""
)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Take the recipients of a month as those to visit; the list is kept and never changed.
    Open(Open),
    /// Write a sheet for each kelurahan, to print on A4 or to fill in a spreadsheet.
    Sheets(sheets::Arguments),
    /// Read filled sheets, or an office's own file of results.
    Import(Results),
    /// Show how far a round is, by kecamatan and kelurahan; without a round, all of them.
    Status(status::Arguments),
    /// Close a round: it takes no more results.
    Close(Close),
}

#[derive(clap::Args)]
struct Open {
    /// The kabupaten/kota.
    #[arg(long, value_parser = super::district, value_name = "CODE")]
    area: AreaCode,
    /// The month whose recipients are visited.
    #[arg(long, value_name = "YYYY-MM")]
    period: Period,
    /// What the round is called, such as 2025-T2.
    #[arg(long)]
    name: String,
    /// Only recipients of these programs.
    #[arg(long, value_delimiter = ',', value_name = "CODE,...")]
    program: Vec<ProgramCode>,
    /// Only these kecamatan.
    #[arg(long, value_delimiter = ',', value_name = "CODE,...")]
    kecamatan: Vec<AreaCode>,
    /// Only those whom nobody checked within so many months.
    #[arg(long, value_name = "MONTHS", value_parser = clap::value_parser!(u32).range(1..=600))]
    unverified_since: Option<u32>,
    /// Only those with findings that nobody dismissed, as `bansos check` counts them.
    #[arg(long)]
    findings: bool,
    #[command(flatten)]
    rules: super::check::RuleArguments,
    /// Who opens it. The name stays in the registry.
    #[arg(long, value_name = "NAME")]
    by: String,
}

#[derive(clap::Args)]
struct Results {
    /// The round.
    round: String,
    /// Filled sheets, or folders that hold them.
    #[arg(required = true, value_name = "FILE_OR_DIR")]
    files: Vec<PathBuf>,
    /// The kabupaten/kota.
    #[arg(long, value_parser = super::district, value_name = "CODE")]
    area: AreaCode,
    /// The month from which on the results count; without it the round's own.
    #[arg(long, value_name = "YYYY-MM")]
    period: Option<Period>,
    /// The day of all visits, where a file has no column of days.
    #[arg(long, value_name = "YYYY-MM-DD")]
    date: Option<Date>,
    /// What the columns of the files mean, where the header does not say it.
    #[arg(long, value_name = "MAP.toml")]
    map: Option<PathBuf>,
    /// Write rejected rows and warnings to this file; see `bansos import --help`.
    #[arg(long, value_name = "R.csv|R.xlsx")]
    report: Option<PathBuf>,
    /// Open a closed round again; say who does with --by.
    #[arg(long, requires = "by")]
    reopen: bool,
    /// Who opens it again. The name stays in the registry.
    #[arg(long, value_name = "NAME", requires = "reopen")]
    by: Option<String>,
}

#[derive(clap::Args)]
struct Close {
    /// The round.
    round: String,
    /// The kabupaten/kota.
    #[arg(long, value_parser = super::district, value_name = "CODE")]
    area: AreaCode,
    /// Who closes it. The name stays in the registry.
    #[arg(long, value_name = "NAME")]
    by: String,
}

pub fn run(data: &Path, arguments: &Arguments) -> anyhow::Result<()> {
    match &arguments.command {
        Command::Open(arguments) => open(data, arguments),
        Command::Sheets(arguments) => sheets::run(data, arguments),
        Command::Import(arguments) => results(data, arguments),
        Command::Status(arguments) => status::run(data, arguments),
        Command::Close(arguments) => close(data, arguments),
    }
}

fn open(data: &Path, arguments: &Open) -> anyhow::Result<()> {
    let _lock = super::lock(data)?;
    let mut registry = super::registry(data, arguments.area)?;
    let settings = if arguments.findings { Some(arguments.rules.settings(data)?) } else { None };
    let opened = registry.open_round(&RoundRequest {
        name: &arguments.name,
        period: arguments.period,
        programs: &arguments.program,
        kecamatan: &arguments.kecamatan,
        unverified_since: arguments.unverified_since,
        findings: settings.as_ref(),
        by: &arguments.by,
    })?;
    let round = &opened.round;
    if opened.again {
        println!("{}; it was opened before, on {}, and is as it was", told(arguments.area, round), round.opened_at);
        return Ok(());
    }
    let kelurahan = registry.round_kelurahan(round)?;
    println!("{}, in {} kelurahan", told(arguments.area, round), number(kelurahan.len() as u64));
    if opened.checked > 0 {
        println!("left out, since they were checked not long ago: {}", number(opened.checked));
    }
    println!("next: bansos verify sheets {:?} --area {} --out DIR", round.name, arguments.area);
    Ok(())
}

/// A round in a line.
fn told(area: AreaCode, round: &Round) -> String {
    let mark = if round.simulated { " (SIMULASI)" } else { "" };
    format!("{area}: round {}{mark} of {}: {} to visit", round.name, round.period, number(round.people))
}

fn results(data: &Path, arguments: &Results) -> anyhow::Result<()> {
    let _lock = super::lock(data)?;
    let own = arguments.map.as_deref().map(Mapping::read).transpose()?;
    let mut registry = super::registry(data, arguments.area)?;
    let mut round = registry.round(&arguments.round)?;
    if let Some((_, at)) = &round.closed {
        let (true, Some(by)) = (arguments.reopen, &arguments.by) else {
            bail!("round {} was closed on {at} and takes no more results; with --reopen --by NAME it is opened again", round.name);
        };
        round = registry.reopen_round(&round.name, by)?.0;
        println!("{}: round {} is open again", arguments.area, round.name);
    }
    let how = How::of_round(
        arguments.area,
        arguments.period.unwrap_or(round.period),
        round.name.clone(),
        Mapping::of_round(own, &round.name, arguments.date)?,
        arguments.report.clone(),
    );
    let imported = import::import(data, &arguments.files, &how);
    let progress = registry.round_progress(&round)?;
    println!(
        "{}: {} of {} visited ({})",
        round.name,
        number(progress.all.visited()),
        number(progress.all.to_visit),
        status::share(&progress.all)
    );
    imported
}

fn close(data: &Path, arguments: &Close) -> anyhow::Result<()> {
    let _lock = super::lock(data)?;
    let mut registry = super::registry(data, arguments.area)?;
    let (round, again) = registry.close_round(&arguments.round, &arguments.by)?;
    let progress = registry.round_progress(&round)?;
    let how = if again { "was closed before" } else { "is closed" };
    println!(
        "{}: round {} {how}: {} of {} visited ({})",
        arguments.area,
        round.name,
        number(progress.all.visited()),
        number(progress.all.to_visit),
        status::share(&progress.all)
    );
    for line in status::outcomes(&progress.all) {
        println!("  {line}");
    }
    Ok(())
}
