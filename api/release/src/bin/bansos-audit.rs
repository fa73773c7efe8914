//! `bansos-audit`: checks releases from their public files alone, offline.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use release::{audit, gate};

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
            let folders = audit::open_all(&folders)?;
            let mut good = true;
            for folder in &folders {
                if let Err(error) = folder.verify() {
                    println!("ALTERED {}: {error}", folder.manifest().release);
                    good = false;
                }
            }
            let failures = gate::check(&folders, &[])?;
            for failure in &failures {
                println!("{failure}");
            }
            let names = disclosure::attack::Attack::ALL.map(disclosure::attack::Attack::name).join(", ");
            println!("{} releases, attacks {names}: {} findings", folders.len(), failures.len());
            Ok(good && failures.is_empty())
        }
        Command::Audit { folder, keys } => {
            let report = audit::data_folder(&folder, keys.as_deref())?;
            for line in &report.checked {
                println!("checked  {line}");
            }
            for line in &report.wrong {
                println!("WRONG    {line}");
            }
            println!("{}", if report.wrong.is_empty() { "nothing is wrong" } else { "see the lines marked WRONG" });
            Ok(report.wrong.is_empty())
        }
    }
}
