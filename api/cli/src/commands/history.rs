//! `bansos history`: what changed for one person over the months, for somebody
//! who is entitled to ask; and what changed in a month for all, as counts.
//!
//! The NIK never stands on the command line, where the shell would keep it and
//! every process see it: it is asked for, or read from standard input. Nothing
//! is shown of which the access log has no entry.

use std::io::{BufRead, IsTerminal, Write};
use std::path::Path;

use anyhow::{Context, ensure};
use domain::{AreaCode, LeaveReason, Period};
use registry::{Changes, Event, Happened, Registry};

use crate::progress::number;

#[derive(clap::Args)]
#[command(
    after_help = "The NIK is asked for on the terminal, or read from standard input; it never stands on the command line. Every look-up is kept in the district's access log (`bansos trace --log`).\n\nExample:\n  bansos --data data history --area 36.71 --by \"Operator Data\" --letter \"460/12/DINSOS/2025\"\n  bansos --data data history --area 36.71 --period 2025-07 --csv > perubahan.csv"
)]
pub struct Arguments {
    /// The kabupaten/kota.
    #[arg(long, value_parser = super::district, value_name = "CODE")]
    area: AreaCode,
    /// Who asks; the name stays in the registry.
    #[arg(long, required_unless_present = "period", value_name = "NAME")]
    by: Option<String>,
    /// What entitles them, by its number: a letter, a complaint, the person's own request.
    #[arg(long, required_unless_present = "period", value_name = "REF")]
    letter: Option<String>,
    /// Who entered and who left in this month, as counts by kecamatan, program and reason; about nobody by name.
    #[arg(long, value_name = "YYYY-MM", conflicts_with_all = ["by", "letter"])]
    period: Option<Period>,
    /// As CSV on standard output; without it a person's history is shown on a terminal only.
    #[arg(long)]
    csv: bool,
}

/// The longest line that is read as a NIK.
const LONGEST: u64 = 200;

pub fn run(data: &Path, arguments: &Arguments) -> anyhow::Result<()> {
    let area = arguments.area;
    ensure!(Registry::districts(data)?.contains(&area), "{}: no registry of {area} is here", data.display());
    let text = match (arguments.period, &arguments.by, &arguments.letter) {
        (Some(period), ..) => {
            let _lock = super::lock(data)?;
            changes(&super::registry(data, area)?.changes(period)?, arguments.csv)
        }
        (None, Some(by), Some(letter)) => {
            ensure!(
                arguments.csv || std::io::stdout().is_terminal(),
                "a person's history is shown on a terminal only; with --csv it is written to standard output"
            );
            let nik = asked()?;
            let _lock = super::lock(data)?;
            let (events, entry) = publish::look_up(&mut super::registry(data, area)?, &nik, by, letter)?;
            let receipt = format!("access log: entry {}, {}; {}", entry.sequence, entry.at, entry.hash);
            if arguments.csv {
                eprintln!("{receipt}");
                person_csv(&events)
            } else {
                person(&events) + &receipt + "\n"
            }
        }
        _ => anyhow::bail!("give --by and --letter for a person's history, or --period for the changes of a month"),
    };
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    Ok(out.flush()?)
}

/// The NIK, from the terminal or standard input.
fn asked() -> anyhow::Result<String> {
    let input = std::io::stdin();
    if input.is_terminal() {
        eprint!("NIK: ");
    }
    let mut line = String::new();
    std::io::Read::take(input.lock(), LONGEST).read_line(&mut line).context("cannot read a NIK from standard input")?;
    ensure!(!line.trim().is_empty(), "no NIK was given: type it when asked, or write it to standard input");
    Ok(line)
}

/// An event as its word, its program and what else it says.
fn told(event: &Event) -> (&'static str, String, String) {
    let named = |code: AreaCode| super::named(code);
    let (word, program, detail) = match &event.what {
        Happened::Enrolled(program) => ("enrolled", Some(program), "since before the first month that is loaded, or that month".to_owned()),
        Happened::Entered(program) => ("entered", Some(program), String::new()),
        Happened::Left(program, reason) => ("left", Some(program), reason.as_str().to_owned()),
        Happened::Recorded(area) => ("record", None, named(*area)),
        Happened::Unrecorded => ("no_record", None, "not in the files of recipients any more".to_owned()),
        Happened::Moved(from, to) => ("moved", None, format!("{} to {}", named(*from), named(*to))),
        Happened::CardChanged => ("card_changed", None, "another family card".to_owned()),
        Happened::RecordChanged { name, rest } => {
            let what = match (name, rest) {
                (true, true) => "name and more",
                (true, false) => "name",
                _ => "address, neighbourhood, sex or birth date",
            };
            ("record_changed", None, what.to_owned())
        }
        Happened::Verified(round, outcome) => ("verified", None, format!("{} ({round})", outcome.as_str())),
        Happened::Paid(program, rupiah) => ("paid", Some(program), format!("Rp{}", number(rupiah.get()))),
        Happened::Member(status) => ("pbi_status", None, status.clone()),
        Happened::Listed(list) => ("listed", None, list.clone()),
        Happened::Died => ("died", None, "by a list of deaths".to_owned()),
        Happened::Ranked(desil) => ("ranked", None, format!("desil {desil}")),
        Happened::Proposed(program) => ("proposed", Some(program), String::new()),
        Happened::Answered(program, result) => ("proposal_result", Some(program), result.clone()),
        Happened::Decided(rule, decision) => ("decided", None, format!("{rule}: {decision}")),
        Happened::Found(kind) => ("finding", None, kind.clone()),
    };
    (word, program.map_or_else(String::new, ToString::to_string), super::printable(&detail))
}

fn day(event: &Event) -> String {
    event.day.map_or_else(String::new, |day| day.to_string())
}

fn person(events: &[Event]) -> String {
    if events.is_empty() {
        return "nothing that is loaded is about this NIK\n".to_owned();
    }
    let mut text = String::new();
    for event in events {
        let (word, program, detail) = told(event);
        let line = format!("{}  {:<10}  {word:<15} {program:<12} {detail}", event.period, day(event));
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

fn person_csv(events: &[Event]) -> String {
    let mut text = "period,day,event,program,detail\n".to_owned();
    for event in events {
        let (word, program, detail) = told(event);
        text.push_str(&format!("{},{},{word},{program},{}\n", event.period, day(event), super::csv_cell(&detail)));
    }
    text
}

fn changes(changes: &Changes, csv: bool) -> String {
    let Some(since) = changes.since else {
        return if csv {
            header()
        } else {
            format!("{} is the first month that is loaded: there is nothing to compare it with\n", changes.period)
        };
    };
    let mut text = if csv { header() } else { format!("{} against {since}; for the office, not to be published\n", changes.period) };
    for line in &changes.lines {
        let left: u64 = line.left.values().sum();
        let reasons = LeaveReason::ALL.map(|reason| (reason.as_str(), line.left.get(&reason).copied().unwrap_or(0)));
        if csv {
            let counts: Vec<String> = [line.before, line.entered, left, line.now]
                .into_iter()
                .chain(reasons.map(|(_, count)| count))
                .map(|n| n.to_string())
                .collect();
            let name = reference::areas().get(line.kecamatan).map_or_else(String::new, |area| area.name.to_string());
            text.push_str(&format!("{},{},{},{}\n", line.kecamatan, super::csv_cell(&name), line.program, counts.join(",")));
        } else if line.entered + left > 0 {
            let told: Vec<String> =
                reasons.iter().filter(|(_, count)| *count > 0).map(|(word, count)| format!("{word} {}", number(*count))).collect();
            let counts = [line.before, line.entered, left, line.now].map(number);
            let why = if told.is_empty() { String::new() } else { format!("  ({})", told.join(", ")) };
            text.push_str(&format!(
                "{:<28} {:<12} {:>9} + {:>7} - {:>7} = {:>9}{why}\n",
                super::named(line.kecamatan),
                line.program.as_str(),
                counts[0],
                counts[1],
                counts[2],
                counts[3]
            ));
        }
    }
    text
}

fn header() -> String {
    format!("kecamatan,name,program,before,entered,left,now,{}\n", LeaveReason::WORDS.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_of_free_text_neither_break_nor_command() {
        let event = Event {
            period: "2025-06".parse().unwrap(),
            day: None,
            what: Happened::Answered("PKH".parse().unwrap(), "=1+1, \"ya\"\n\u{1b}[2J".to_owned()),
        };
        let text = person_csv(&[event]);
        assert_eq!(text.lines().count(), 2);
        assert_eq!(text.lines().nth(1).unwrap(), "2025-06,,proposal_result,PKH,\"'=1+1, \"\"ya\"\"\u{fffd}\u{fffd}[2J\"");
    }
}
