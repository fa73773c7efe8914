//! `bansos-audit`: checks releases from their public files alone, offline.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use release::proof::{self, Proof};
use release::{ReleaseFolder, gate};

/// Checks releases of Bansos Terbuka from their public files alone.
#[derive(Parser)]
#[command(version, after_help = "Example:\n  bansos-audit attack data/releases/36.71-2025-*\n  bansos-audit audit data")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the attacks of the privacy policy on release folders, all months of a district together.
    #[command(
        after_help = "Prints `FAIL NAME RELEASE TABLE CELL` per finding and exits 1 if there is any.\n\nExample:\n  bansos-audit attack data/releases/36.71-2025-*"
    )]
    Attack {
        /// Release folders.
        #[arg(required = true, value_name = "RELEASE_DIR")]
        folders: Vec<PathBuf>,
    },
    /// Check a data folder: signatures, digests, log, chain of releases, attacks.
    #[command(after_help = "Example:\n  bansos-audit audit data --keys my-copy-of-the-keys")]
    Audit {
        /// A folder with releases/ and log/ (and keys/*.vkey unless --keys is given).
        #[arg(value_name = "DIR")]
        folder: PathBuf,
        /// A folder of .vkey files that you kept: keys lying beside the data prove little.
        #[arg(long)]
        keys: Option<PathBuf>,
    },
    /// Check the record that an office showed for a row: is it one it committed to when it published?
    #[command(
        after_help = "The proof is what `bansos trace ROW_ID … --proof PROOF.json` wrote; it names a person, so keep it as one keeps such papers.\nExit status: 0 proved, 1 not proved, 2 not readable.\n\nExample:\n  bansos-audit prove proof.json --release data/releases/36.71-2025-04 --keys my-copy-of-the-keys"
    )]
    Prove {
        /// The proof.
        #[arg(value_name = "PROOF.json")]
        proof: PathBuf,
        /// Folder of the release that issued the row; the proof names it.
        #[arg(long, value_name = "RELEASE_DIR")]
        release: PathBuf,
        /// A folder of .vkey files that you kept, to check the district's signature.
        #[arg(long, value_name = "DIR")]
        keys: Option<PathBuf>,
    },
}

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("bansos-audit: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: Arguments) -> anyhow::Result<bool> {
    match arguments.command {
        Command::Attack { folders } => {
            let folders = audit::folder::open_all(&folders)?;
            let mut good = true;
            for folder in &folders {
                if let Err(error) = folder.verify() {
                    println!("ALTERED {}: {error}", folder.manifest().release);
                    good = false;
                }
            }
            let failures = gate::check(&folders, &[])?;
            let names = disclosure::attack::Attack::ALL.map(disclosure::attack::Attack::name).join(", ");
            let findings: String = failures.iter().map(|failure| format!("{failure}\n")).collect();
            // Whoever reads only the first lines is no error: the exit status tells.
            let line = format!("{findings}{} releases, attacks {names}: {} findings\n", folders.len(), failures.len());
            let _ = std::io::stdout().write_all(line.as_bytes());
            Ok(good && failures.is_empty())
        }
        Command::Audit { folder, keys } => {
            let report = audit::folder::data_folder(&folder, keys.as_deref())?;
            for line in &report.checked {
                println!("checked  {line}");
            }
            for line in &report.wrong {
                println!("WRONG    {line}");
            }
            println!("{}", if report.wrong.is_empty() { "nothing is wrong" } else { "see the lines marked WRONG" });
            Ok(report.wrong.is_empty())
        }
        Command::Prove { proof, release, keys } => {
            let proof = Proof::read(&proof)?;
            let report = proof::check(&proof, &ReleaseFolder::open(&release)?, keys.as_deref())?;
            for line in &report.checked {
                println!("checked  {line}");
            }
            if keys.is_none() {
                println!("not checked: the district's signature; give --keys DIR, a folder of .vkey files that you kept");
            }
            for line in &report.wrong {
                println!("WRONG    {line}");
            }
            let proved = report.wrong.is_empty();
            let row = &proof.row;
            if proved {
                println!("proved: the record stood in {row} when {} was published", proof.release);
            } else {
                println!("NOT proved: the record is not shown to have stood in {row}; see the lines marked WRONG");
            }
            Ok(proved)
        }
    }
}
