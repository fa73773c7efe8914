//! Imports files and computes every month's state, telling how long each takes:
//! `cargo run -p registry --example import -- DATA REPORT.csv FILE_OR_FOLDER…`.

use std::path::PathBuf;
use std::time::Instant;

use registry::{ImportRequest, Registry, Report, Result};

fn main() -> Result<()> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(data), Some(report)) = (arguments.next(), arguments.next()) else {
        return Err(registry::Error::Request("give DATA REPORT.csv FILE_OR_FOLDER…".to_owned()));
    };
    let files: Vec<PathBuf> = arguments.collect();
    let started = Instant::now();
    let summaries = registry::import(&data, &ImportRequest { files: &files, ..ImportRequest::default() }, &mut |_| {})?;
    let took = started.elapsed();
    let rows: u64 = summaries.iter().map(|summary| summary.read).sum();
    println!("{} files, {rows} rows in {took:?}: {:.0} rows/s", summaries.len(), rows as f64 / took.as_secs_f64());
    for summary in summaries.iter().take(12) {
        println!("{summary}");
    }
    let mut written = Report::new()?;
    for district in Registry::districts(&data)? {
        let mut registry = Registry::open(&data, district)?;
        let ids: Vec<i64> = registry.imports()?.into_iter().map(|import| import.id).collect();
        written.add(&mut registry, &ids)?;
        for period in registry.periods()? {
            let started = Instant::now();
            let state = registry.state(period)?;
            println!(
                "{district} {period}: {} units of {} programs, {} plan lines, {} unplaced in {:?}",
                state.units.len(),
                state.programs.len(),
                state.plan.len(),
                state.unplaced,
                started.elapsed()
            );
        }
    }
    println!("{} lines reported", written.write(&report)?);
    Ok(())
}
