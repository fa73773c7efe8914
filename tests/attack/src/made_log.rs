//! Makes a log of many made-up entries, to try verifiers and to measure.
//!
//! `made-log make FOLDER SIZE [BATCH [FORK]]` appends entries in batches until
//! the log in FOLDER/log has SIZE, keeps each checkpoint in FOLDER/checkpoints/,
//! and says what each append took; from entry FORK on the entries are others.
//! `made-log verify FOLDER` checks every file of the log, `made-log compare
//! FOLDER CHECKPOINT` holds it against a checkpoint that was kept, and
//! `made-log prove FOLDER INDEX` prints the proof of an entry (C2SP tlog-proof).

use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use release::keys;
use release::log::{Log, Remembered, append_entries, proofs};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match run(&words) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("made-log: {error:#}");
            ExitCode::from(1)
        }
    }
}

fn run(words: &[&str]) -> Result<bool> {
    match words {
        ["make", folder, size] => make(Path::new(folder), size.parse()?, u64::MAX, u64::MAX),
        ["make", folder, size, batch] => make(Path::new(folder), size.parse()?, batch.parse()?, u64::MAX),
        ["make", folder, size, batch, fork] => make(Path::new(folder), size.parse()?, batch.parse()?, fork.parse()?),
        ["verify", folder] => verify(Path::new(folder)),
        ["compare", folder, checkpoint] => compare(Path::new(folder), Path::new(checkpoint)),
        ["prove", folder, index] => {
            let log = Log::open(&Path::new(folder).join("log"))?;
            print!("{}", proofs::file(&log.files(), log.signed().context("the log is empty")?, index.parse()?)?);
            Ok(true)
        }
        _ => bail!("usage: made-log make FOLDER SIZE [BATCH [FORK]] | verify FOLDER | compare FOLDER CHECKPOINT | prove FOLDER INDEX"),
    }
}

fn make(folder: &Path, size: u64, batch: u64, fork: u64) -> Result<bool> {
    let (own, log, kept) = (keys::folder(folder), folder.join("log"), folder.join("checkpoints"));
    for needed in [&own, &log, &kept] {
        std::fs::create_dir_all(needed)?;
    }
    keys::create(&own, keys::LOG, "made.example/log")?;
    let skey = keys::secret(&own, keys::LOG)?;
    let mut from = Log::open(&log)?.size();
    while from < size {
        let to = size.min(from.saturating_add(batch));
        let other = |n: u64| if n < fork { "" } else { ",\"other\":true" };
        let entry = |n: u64| format!("{{\"made\":{n},\"filler\":\"{}\"{}}}", "x".repeat((n % 97) as usize), other(n));
        let entries: Vec<String> = (from..to).map(entry).collect();
        let start = Instant::now();
        append_entries(&log, entries.iter().map(String::as_bytes), &skey)?;
        println!("{from} to {to}: {:.1} ms; {}", start.elapsed().as_secs_f64() * 1e3, memory());
        std::fs::copy(log.join("checkpoint"), kept.join(to.to_string()))?;
        from = to;
    }
    Ok(true)
}

fn verify(folder: &Path) -> Result<bool> {
    let start = Instant::now();
    let log = Log::open(&folder.join("log"))?;
    log.signed().context("the log is empty")?.verify(keys::Chain::open(&keys::folder(folder), None, keys::LOG)?.current())?;
    let damages = log.damages()?;
    for line in &damages {
        println!("WRONG {line}");
    }
    println!("{} entries: {:.0} ms; {}", log.size(), start.elapsed().as_secs_f64() * 1e3, memory());
    Ok(damages.is_empty())
}

fn compare(folder: &Path, checkpoint: &Path) -> Result<bool> {
    let log = Log::open(&folder.join("log"))?;
    let since = Remembered::read(checkpoint)?.compare(log.head().context("the log is empty")?, &log.files())?;
    println!("{since}");
    Ok(since.is_good())
}

/// The most memory this process has had, as the system counts it.
fn memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().find_map(|line| line.strip_prefix("VmHWM:")).map_or_else(String::new, |line| format!("at most {}", line.trim()))
}
