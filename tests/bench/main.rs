//! `make bench`: how long the main work takes and how much memory, as tables
//! (tests/bench/WORK.md). One run, one machine.
//!
//! `cargo run --package end-to-end --example bench [SCALE] [MONTHS]`, with the
//! binaries in the target folder (or BANSOS_BIN, BANSOS_API_BIN).

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// The scale of simulation that gives a million enrolments a month.
const MILLION: &str = "0.55";

type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

fn main() -> Outcome<()> {
    let mut arguments = std::env::args().skip(1);
    let scale = arguments.next().unwrap_or_else(|| "0.1".into());
    let months = arguments.next().unwrap_or_else(|| "3".into());
    let folder = tempfile::tempdir()?;
    let (data, files) = (folder.path().join("data"), folder.path().join("files"));
    println!("## Five districts, scale {scale}, {months} months\n\n| work | time | most memory |\n|---|---|---|");

    let bansos = binary("BANSOS_BIN", "bansos")?;
    let work = |args: &[&str]| timed(Command::new(&bansos).arg("--data").arg(&data).args(args), args[0]);
    work(&["init"])?;
    work(&["simulate", "--out", text(&files)?, "--scale", &scale, "--seed", "7", "--months", &months])?;
    work(&["import", text(&files)?])?;
    work(&["publish", "--all", "--by", "Operator Satu", "--yes"])?;
    work(&["site"])?;

    million(&bansos)
}

/// One month of five districts at full weight, about a million enrolments: rows,
/// tables and attacks, sealed and admitted. The goal is 10 s for the last line.
fn million(bansos: &Path) -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let (data, files) = (folder.path().join("data"), folder.path().join("files"));
    println!("\n## Five districts, scale {MILLION}, 1 month: about a million enrolments\n\n| work | time | most memory |\n|---|---|---|");
    let work = |args: &[&str]| timed(Command::new(bansos).arg("--data").arg(&data).args(args), args[0]);
    work(&["init"])?;
    work(&["simulate", "--out", text(&files)?, "--scale", MILLION, "--seed", "7", "--months", "1"])?;
    work(&["import", text(&files)?])?;
    work(&["publish", "--all", "--by", "Operator Satu", "--yes"])
}

fn text(path: &Path) -> Outcome<&str> {
    path.to_str().ok_or_else(|| "the temporary folder's name is not UTF-8".into())
}

fn binary(variable: &str, name: &str) -> Outcome<PathBuf> {
    let path = match std::env::var_os(variable) {
        Some(path) => PathBuf::from(path),
        None => std::env::current_exe()?.ancestors().nth(2).ok_or("no target folder")?.join(name),
    };
    if path.is_file() { Ok(path) } else { Err(format!("{} is not there: make build", path.display()).into()) }
}

/// Runs a command and prints its time and its greatest resident size.
fn timed(command: &mut Command, name: &str) -> Outcome<()> {
    let start = Instant::now();
    let mut child = command.stdout(Stdio::null()).spawn()?;
    let status = format!("/proc/{}/status", child.id());
    let mut peak = String::new();
    let ended = loop {
        if let Some(line) =
            std::fs::read_to_string(&status).ok().and_then(|text| text.lines().find(|line| line.starts_with("VmHWM")).map(str::to_owned))
        {
            peak = line;
        }
        if let Some(ended) = child.try_wait()? {
            break ended;
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    if !ended.success() {
        return Err(format!("bansos {name} ended with {ended}").into());
    }
    let kilobytes: u64 = peak.split_whitespace().nth(1).and_then(|number| number.parse().ok()).unwrap_or(0);
    println!("| {name} | {:.2} s | {} MB |", start.elapsed().as_secs_f64(), kilobytes / 1024);
    Ok(())
}
