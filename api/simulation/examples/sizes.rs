//! Prints how many enrolments, rows and bytes a scale gives, and how long it
//! takes: `cargo run -p simulation --example sizes -- OUT 0.1 6`.

use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result};
use domain::Period;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [out, scale, months] = arguments.as_slice() else {
        anyhow::bail!("give OUT SCALE MONTHS, such as /tmp/out 0.1 6");
    };
    let options = simulation::Options {
        out: Path::new(out),
        scale: scale.parse().context("SCALE is a number such as 0.1")?,
        seed: 7,
        months: months.parse().context("MONTHS is a number such as 6")?,
        districts: &*reference::DISTRICTS,
        first: Period::new(2025, 1)?,
        all_layouts: false,
    };
    let started = Instant::now();
    let summary = simulation::run(&options)?;
    println!(
        "{:?}: {} files, {} rows, {} people, {} defects",
        started.elapsed(),
        summary.files,
        summary.rows,
        summary.people,
        summary.defects
    );
    for month in &summary.districts {
        println!("{} {}: {} families, {} persons, {:?}", month.district, month.period, month.families, month.persons, month.enrolments);
    }
    for (period, enrolments) in &summary.enrolments_per_month {
        println!("{period}: {enrolments} enrolments");
    }
    Ok(())
}
