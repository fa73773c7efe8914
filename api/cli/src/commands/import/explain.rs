//! `bansos import --explain`: as what a file is read, and its first problems,
//! without importing it.

use std::path::Path;

use domain::{AreaCode, Period};
use registry::Mapping;

/// How many problems are shown.
const SHOWN: usize = 20;

pub fn run(file: &Path, area: Option<AreaCode>, period: Option<Period>, map: Option<&Mapping>) -> anyhow::Result<()> {
    let explained = registry::explain(file, area, period, map)?;
    println!("{}", file.display());
    for table in &explained.tables {
        let sheet = table.sheet.as_ref().map_or_else(String::new, |sheet| format!("sheet {sheet}, "));
        println!("  {sheet}line {}: read as layout {}", table.line, table.layout);
        for ((header, name), place) in table.columns.iter().zip(1..) {
            let header = if header.is_empty() { "(no header)" } else { header };
            match name.as_str() {
                "" => println!("    column {place} {header:?} is passed over"),
                name => println!("    column {place} {header:?} = {name}"),
            }
        }
        for constant in &table.constants {
            println!("    every row = {constant} (from the mapping)");
        }
        if !table.absent.is_empty() {
            println!("    not in the file: {}", table.absent.join(", "));
        }
    }
    for (sheet, why) in &explained.passed {
        println!("  sheet {sheet} is passed over: {why}");
    }
    let Some(report) = explained.report else {
        println!("  give --area and --period to see which rows would be rejected");
        return Ok(());
    };
    for summary in &explained.summaries {
        println!(
            "  of the first {} rows {} would be accepted ({} with warnings) and {} rejected",
            summary.read, summary.accepted, summary.warned, summary.rejected
        );
    }
    for line in report.lines().take(SHOWN) {
        let [_, sheet, row, column, outcome, reason, class, message, remedy] = line;
        let sheet = if sheet.is_empty() { String::new() } else { format!("sheet {sheet}, ") };
        let class = if class.is_empty() { String::new() } else { format!(" ({class})") };
        println!("  {sheet}line {row}, {column}{class}: {outcome}, {reason}: {message}. {remedy}");
    }
    if report.len() > SHOWN as u64 {
        println!("  and {} more", report.len() - SHOWN as u64);
    }
    println!("nothing was imported");
    Ok(())
}
