//! `bansos simulate`: made-up files of the five districts, or of any others.

use std::path::PathBuf;

use domain::{AreaCode, Period};

use crate::progress::number;

#[derive(clap::Args)]
#[command(after_help = "Example:\n  bansos simulate --out files --scale 0.3 --seed 7 --months 6")]
pub struct Arguments {
    /// Folder to write to: OUT/{area}/{period}/{layout}.csv, OUT/answer-key.csv and OUT/answer-key-findings.csv.
    #[arg(long)]
    out: PathBuf,
    /// Size: 1 is that of the published totals.
    #[arg(long, default_value_t = 0.1)]
    scale: f64,
    /// The same seed writes the same bytes.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// How many months.
    #[arg(long, default_value_t = 6, value_parser = clap::value_parser!(u32).range(1..=120))]
    months: u32,
    /// The first month.
    #[arg(long, default_value = "2025-01")]
    first: Period,
    /// Kabupaten/kota (default: the five, whose published totals are known; others are sized by their inhabitants).
    #[arg(long, value_parser = super::district, value_name = "CODE")]
    area: Vec<AreaCode>,
    /// Write the same tables as workbooks (.xlsx), with columns in another order and headers by other names.
    #[arg(long)]
    workbooks: bool,
    /// Write every layout that can be imported, also those that no published table needs.
    #[arg(long)]
    all_layouts: bool,
}

pub fn run(arguments: &Arguments) -> anyhow::Result<()> {
    anyhow::ensure!(
        arguments.scale > 0.0 && arguments.scale <= 20.0,
        "--scale is {}, expected more than 0 and at most 20",
        arguments.scale
    );
    let districts = if arguments.area.is_empty() { reference::DISTRICTS.to_vec() } else { arguments.area.clone() };
    let summary = simulation::run(&simulation::Options {
        out: &arguments.out,
        scale: arguments.scale,
        seed: arguments.seed,
        months: arguments.months,
        districts: &districts,
        first: arguments.first,
        all_layouts: arguments.all_layouts,
    })?;
    if arguments.workbooks {
        simulation::as_workbooks(&arguments.out)?;
    }
    println!(
        "SIMULASI {}: {} files, {} rows, {} people",
        arguments.out.display(),
        number(summary.files as u64),
        number(summary.rows as u64),
        number(summary.people as u64)
    );
    for (period, enrolments) in &summary.enrolments_per_month {
        println!("  {period}: {} enrolments", number(*enrolments));
    }
    Ok(())
}
