//! Schemathesis against a running server: all its checks, stateful by the
//! document's links, nothing left out (tests/contract). `BANSOS_EXAMPLES` says
//! how many examples an operation gets; CI gives few, and on SQLite alone.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use crate::office::{self, Office};
use crate::{postgres, prepared, scratch};

/// Quotas that such a tester does not reach.
pub const UNLIMITED: [&str; 6] = ["--limit-list", "1000000/1", "--limit-statistics", "1000000/1", "--limit-downloads", "1000000/1"];

/// A program of the environment that tests/contract/requirements.txt makes.
pub fn program(name: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let made = Command::new(root.join("scripts/need")).arg("python:tests/contract").output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    target.join("python/contract/bin").join(name)
}

/// The number of examples, where it was asked for.
fn examples() -> Option<u32> {
    std::env::var("BANSOS_EXAMPLES").ok().and_then(|text| text.parse().ok())
}

/// What a run found, in a line; panics with all of it when that is not nothing.
fn run(office: &Office, name: &str, flags: &[&str]) -> String {
    let server = office.serve_with(&UNLIMITED);
    let own = scratch::folder(name);
    let mut command = Command::new(program("schemathesis"));
    command.current_dir(&own).env("NO_PROXY", "127.0.0.1").env("no_proxy", "127.0.0.1").env("NO_COLOR", "1");
    command.arg("--config-file").arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("contract/schemathesis.toml"));
    command.arg("run").arg(format!("{}/openapi.json", server.client().base()));
    // Health checks are about the speed of the tester itself, on a busy machine.
    command.args(["--checks", "all", "--continue-on-failure", "--suppress-health-check", "all"]).args(flags);
    let start = Instant::now();
    let ran = office::run(command, &scratch::print(name));
    let seconds = start.elapsed().as_secs();
    let said = ran.stdout.clone();
    println!("{}", said.rsplit("SUMMARY").next().unwrap_or(&said));
    ran.succeeds();
    let cases = said.lines().find(|line| line.contains(" generated")).unwrap_or_default().trim().to_owned();
    let seed = said.lines().find(|line| line.starts_with("Seed:")).unwrap_or_default().trim().to_owned();
    assert!(said.contains("Selected: 40/40") && said.contains("Tested: 40"), "not every operation was tested:\n{said}");
    format!("| {name} | {} | {cases} | {seconds} s | {seed} |", flags.join(" "))
}

#[test]
fn schemathesis_finds_nothing_on_sqlite() {
    let office = &prepared::published().office;
    match examples() {
        Some(_) => {} // The long form below runs this database, too.
        None => {
            run(office, "schemathesis", &["--max-examples", "2", "--phases", "examples,fuzzing,stateful", "--workers", "2"]);
        }
    }
}

#[test]
fn schemathesis_finds_nothing_at_length_on_both_databases() {
    let Some(examples) = examples() else { return };
    let sqlite = &prepared::published().office;
    let copy = sqlite.copy("contract-postgres");
    let other = Office::at(copy.data.clone(), Some(&postgres::database("contract")));
    other.api(&["rebuild"]).succeeds();
    let examples = examples.to_string();
    let flags = ["--max-examples", &examples, "--workers", "2"];
    let mut lines = String::new();
    for (office, name) in [(sqlite, "SQLite"), (&other, "PostgreSQL")] {
        let _ = writeln!(lines, "{}", run(office, name, &flags));
    }
    if let Some(path) = std::env::var_os("BANSOS_RESULTS") {
        let version = Command::new(program("schemathesis")).arg("--version").output().unwrap();
        let version = String::from_utf8_lossy(&version.stdout).trim().to_owned();
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let tool = |program: &str, args: &[&str]| {
            let output = Command::new(program).args(args).output().unwrap();
            String::from_utf8_lossy(&output.stdout).trim().to_owned()
        };
        let (day, commit) = (tool("date", &["-u", "+%F"]), tool("git", &["rev-parse", "--short", "HEAD"]));
        let text = format!(
            "# What Schemathesis found: nothing\n\n`make contract EXAMPLES={examples}`, {day}, commit {commit}, {version}. All checks, all phases \
             (examples, coverage, fuzzing, stateful), tests/contract/schemathesis.toml; five simulated districts, four months.\n\n\
             | catalogue | flags | test cases | time | seed |\n|---|---|---|---|---|\n{lines}"
        );
        std::fs::write(root.join(path), text).unwrap();
    }
}
