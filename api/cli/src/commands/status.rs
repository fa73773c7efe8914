//! `bansos status`: per district and month what is loaded, found, verified and
//! published, and what blocks publishing, with what to do next. Counts only.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use anyhow::{bail, ensure};
use domain::{AreaCode, Period};
use publish::{MonthStatus, Status};
use registry::{Registry, RuleSettings, State};

use crate::progress::number;

#[derive(clap::Args)]
#[command(
    after_help = "Example:\n  bansos --data data status\n  bansos --data data status --area 36.71 --period 2025-06\n  bansos --data data status --check && bansos --data data publish --all"
)]
pub struct Arguments {
    /// This kabupaten/kota only.
    #[arg(long, value_parser = super::district, value_name = "CODE")]
    area: Option<AreaCode>,
    /// This month only, with its imports and the open cases of each rule.
    #[arg(long, value_name = "YYYY-MM")]
    period: Option<Period>,
    /// As JSON.
    #[arg(long)]
    json: bool,
    /// End with status 1 where something blocks publishing.
    #[arg(long)]
    check: bool,
    #[command(flatten)]
    rules: super::check::RuleArguments,
}

pub fn run(data: &Path, arguments: &Arguments) -> anyhow::Result<()> {
    let here = Registry::districts(data)?;
    let districts = match arguments.area {
        Some(area) if here.contains(&area) => vec![area],
        Some(area) => bail!("{}: no registry of {area} is here", data.display()),
        None => here,
    };
    let mut all = Vec::new();
    for district in districts {
        let mut status = publish::status(data, &mut super::registry(data, district)?)?;
        if let Some(period) = arguments.period {
            status.months.retain(|month| month.period == period);
            status.rounds.retain(|round| round.period == period);
            for month in status.months.iter_mut().filter(|month| month.recipients > 0) {
                month.open_cases = Some(open_cases(data, district, period, &arguments.rules.settings(data)?)?);
            }
        }
        all.push(status);
    }
    let blocked = all.iter().flat_map(|status| &status.months).filter(|month| month.obstacles.iter().any(|found| found.blocks)).count();
    let text = if arguments.json {
        serde_json::to_string_pretty(&all)? + "\n"
    } else if all.is_empty() {
        format!("{}: nothing is loaded yet; next: bansos import FILES\n", data.display())
    } else {
        all.iter().map(|status| table(status, arguments.period.is_some())).collect::<Vec<_>>().join("\n")
    };
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    if arguments.check {
        ensure!(!all.is_empty(), "{}: nothing is loaded", data.display());
        ensure!(blocked == 0, "publishing is blocked for {} months", number(blocked as u64));
    }
    Ok(())
}

/// Open cases of a month by rule.
fn open_cases(data: &Path, district: AreaCode, period: Period, settings: &RuleSettings) -> anyhow::Result<BTreeMap<String, u64>> {
    let mut counts = BTreeMap::new();
    for case in super::registry(data, district)?.cases(period, settings)?.iter().filter(|case| case.state == State::Open) {
        *counts.entry(format!("{} {}", case.rule.id(), case.rule.code())).or_default() += 1;
    }
    Ok(counts)
}

/// A district as a table.
fn table(status: &Status, imports: bool) -> String {
    let mut text = format!("{}\n", super::named(status.area));
    if status.months.is_empty() {
        return text + "  nothing is loaded\n";
    }
    text.push_str(&format!(
        "  {:<8} {:>11} {:>6} {:>11} {:>9} {:>9} {:>9}  {}\n",
        "month", "recipients", "files", "rows", "rejected", "findings", "verified", "published"
    ));
    for month in &status.months {
        text.push_str(&format!(
            "  {:<8} {:>11} {:>6} {:>11} {:>9} {:>9} {:>9}  {}\n",
            month.period.to_string(),
            if month.snapshot || month.recipients == 0 { number(month.recipients) } else { format!("±{}", number(month.recipients)) },
            number(month.files),
            number(month.rows),
            number(month.uncorrected),
            number(month.findings.values().sum()),
            number(month.verified),
            published(month)
        ));
    }
    for month in &status.months {
        for (kind, count) in &month.findings {
            text.push_str(&format!("  {} finding  {kind}: {}\n", month.period, number(*count)));
        }
    }
    for month in &status.months {
        for (rule, count) in month.open_cases.iter().flatten() {
            text.push_str(&format!("  {} open     {rule}: {}\n", month.period, number(*count)));
        }
    }
    for round in &status.rounds {
        let (visited, people) = (number(round.visited), number(round.people));
        let share = (round.visited * 100).checked_div(round.people).unwrap_or(0);
        let state = if round.closed { "closed" } else { "open" };
        text.push_str(&format!(
            "  {} round    {} ({state}): {visited} of {people} visited, {share} %\n",
            round.period,
            super::printable(&round.name)
        ));
    }
    for month in &status.months {
        for found in &month.obstacles {
            let grade = if found.blocks { "BLOCKED" } else { "look" };
            text.push_str(&format!("  {} {grade:<8} {}\n  {:<16} next: {}\n", month.period, found.what, "", found.remedy));
        }
    }
    if imports {
        for file in status.months.iter().flat_map(|month| &month.imports) {
            text.push_str(&format!(
                "  import {:<5} {:<13} {}{}: {} rows, {} accepted, {} rejected; {}\n",
                file.id,
                file.layout,
                super::printable(&file.file),
                if file.delta { " (delta)" } else { "" },
                number(file.rows),
                number(file.accepted),
                number(file.uncorrected),
                file.imported_at
            ));
        }
    }
    text
}

fn published(month: &MonthStatus) -> String {
    let releases: Vec<String> = month.releases.iter().map(|made| format!("{} {}", made.release, made.state)).collect();
    let what = if releases.is_empty() { "no".to_owned() } else { releases.join(", ") };
    if month.simulated { what + " (simulated)" } else { what }
}
