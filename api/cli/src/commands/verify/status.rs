//! `bansos verify status`: how far rounds are, as a table and as CSV. It counts;
//! it names nobody.

use std::path::{Path, PathBuf};

use anyhow::Context;
use domain::{AreaCode, Outcome};
use registry::{Counted, Registry, Round};

use crate::progress::number;

#[derive(clap::Args)]
#[command(after_help = "Example:\n  bansos --data data verify status 2025-T2 --area 36.71 --kelurahan --csv kemajuan.csv")]
pub struct Arguments {
    /// The round; without it all rounds are listed.
    round: Option<String>,
    /// The kabupaten/kota.
    #[arg(long, value_parser = super::super::district, value_name = "CODE")]
    area: AreaCode,
    /// Show each kelurahan, too.
    #[arg(long, requires = "round")]
    kelurahan: bool,
    /// Write the counts to this file, too.
    #[arg(long, value_name = "FILE.csv")]
    csv: Option<PathBuf>,
}

/// A line of the table: what it is about, and its people.
struct Line {
    code: String,
    name: String,
    counted: Counted,
}

pub fn run(data: &Path, arguments: &Arguments) -> anyhow::Result<()> {
    let mut registry = super::super::registry(data, arguments.area)?;
    let lines = match &arguments.round {
        Some(name) => {
            let round = registry.round(name)?;
            println!("{}; opened {}{}", super::told(arguments.area, &round), day(&round.opened_at), closed(&round));
            one(&mut registry, &round, arguments)?
        }
        None => {
            let rounds = registry.rounds()?;
            if rounds.is_empty() {
                println!("{}: no round was opened yet", arguments.area);
            }
            let mut lines = Vec::new();
            for round in rounds {
                let counted = registry.round_progress(&round)?.all;
                let name = format!("{}, opened {}{}", round.period, day(&round.opened_at), closed(&round));
                lines.push(Line { code: round.name, name, counted });
            }
            lines
        }
    };
    print(&lines);
    if let Some(path) = &arguments.csv {
        durable::write_file(path, csv(&lines).as_bytes(), 0o600, "progress").with_context(|| path.display().to_string())?;
        println!("{}: {} lines", path.display(), lines.len());
    }
    Ok(())
}

fn one(registry: &mut Registry, round: &Round, arguments: &Arguments) -> anyhow::Result<Vec<Line>> {
    let progress = registry.round_progress(round)?;
    let line = |area: AreaCode, counted: &Counted, indent: &str| Line {
        code: area.to_string(),
        name: format!("{indent}{}", reference::areas().get(area).map_or("", |area| area.name)),
        counted: counted.clone(),
    };
    let mut lines = vec![line(arguments.area, &progress.all, "")];
    for (area, counted) in &progress.kecamatan {
        lines.push(line(*area, counted, " "));
        if arguments.kelurahan {
            let own = progress.kelurahan.iter().filter(|(kelurahan, _)| area.contains(**kelurahan));
            lines.extend(own.map(|(area, counted)| line(*area, counted, "  ")));
        }
    }
    if progress.outside > 0 {
        println!("results that name the round, of people who are not on its list: {}", number(progress.outside));
    }
    Ok(lines)
}

fn day(moment: &str) -> &str {
    moment.get(..10).unwrap_or(moment)
}

fn closed(round: &Round) -> String {
    round.closed.as_ref().map_or_else(String::new, |(_, at)| format!(", closed {}", day(at)))
}

/// Of those to visit, how many were: `12,5 %`.
pub fn share(counted: &Counted) -> String {
    let tenths = (counted.visited() * 1000).checked_div(counted.to_visit).unwrap_or(0);
    format!("{},{} %", tenths / 10, tenths % 10)
}

/// What was found, the most common first.
pub fn outcomes(counted: &Counted) -> Vec<String> {
    let mut found: Vec<(Outcome, u64)> = Outcome::ALL.into_iter().zip(counted.outcomes).filter(|(_, count)| *count > 0).collect();
    found.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    found.into_iter().map(|(outcome, count)| format!("{}: {}", outcome.sheet_word(), number(count))).collect()
}

/// The table: outcomes nobody has are left out.
fn print(lines: &[Line]) {
    let Some(first) = lines.first() else { return };
    let shown: Vec<Outcome> = Outcome::ALL
        .into_iter()
        .filter(|outcome| *outcome != Outcome::Unchecked && lines.iter().any(|line| line.counted.outcomes[*outcome as usize] > 0))
        .collect();
    let mut rows: Vec<Vec<String>> = vec![
        ["", "", "Sasaran", "Dikunjungi", "%", "Terakhir"]
            .into_iter()
            .map(str::to_owned)
            .chain(shown.iter().map(|outcome| outcome.sheet_word().to_owned()))
            .collect(),
    ];
    debug_assert!(first.counted.to_visit >= first.counted.visited());
    for line in lines {
        let counted = &line.counted;
        let mut row = vec![
            line.code.clone(),
            line.name.clone(),
            number(counted.to_visit),
            number(counted.visited()),
            share(counted),
            counted.last.clone().unwrap_or_else(|| "-".to_owned()),
        ];
        row.extend(shown.iter().map(|outcome| number(counted.outcomes[*outcome as usize])));
        rows.push(row);
    }
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..rows[0].len()).map(width).collect();
    for row in &rows {
        let cells = row.iter().zip(&widths).enumerate().map(|(at, (cell, width))| match at {
            0 | 1 => format!("{cell:<width$}"),
            _ => format!("{cell:>width$}"),
        });
        println!("{}", cells.collect::<Vec<_>>().join("  ").trim_end());
    }
}

/// Every outcome is a column, so that files of different days fit together.
fn csv(lines: &[Line]) -> String {
    let mut text = String::from("kode,nama,sasaran,dikunjungi,persen,terakhir");
    for outcome in Outcome::ALL {
        text += &format!(",{}", outcome.as_str());
    }
    text.push('\n');
    for line in lines {
        let counted = &line.counted;
        let name = line.name.trim().replace('"', "\"\"");
        let share = share(counted).trim_end_matches(" %").replace(',', ".");
        let last = counted.last.as_deref().unwrap_or("");
        text += &format!("{},\"{name}\",{},{},{share},{last}", line.code, counted.to_visit, counted.visited());
        for count in counted.outcomes {
            text += &format!(",{count}");
        }
        text.push('\n');
    }
    text
}
