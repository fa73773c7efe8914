//! `bansos-audit`: checks what is published from public files alone, at an
//! address or offline.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use release::proof::{self, Proof};
use release::{ReleaseFolder, gate};

/// Checks releases of Bansos Terbuka from their public files alone.
#[derive(Parser)]
#[command(version, after_help = "Example:\n  bansos-audit attack data/releases/36.71-2025-*\n  bansos-audit audit https://bansos.example")]
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
    /// Check everything that is published, at an address or in a folder.
    #[command(
        after_help = "PLACE is the address of a host, a mirror of one, a data folder (releases/, log/, keys/, site/), or one release folder.\nChecks signatures, the log and every tile of it, the digest of every file, that all forms of a dataset say the same, the attacks of the privacy policy, the answers of the API and every figure on every page.\nExit status: 0 nothing is wrong, 1 something is, 2 it could not be audited.\n\nExample:\n  bansos-audit audit https://bansos.example --keys my-copy-of-the-keys --remember my-checkpoint\n  bansos-audit audit mirror-of-the-host"
    )]
    Audit {
        /// An address, or a folder.
        #[arg(value_name = "PLACE")]
        place: String,
        /// A folder of .vkey files that you kept: keys lying beside the data prove little.
        #[arg(long, value_name = "DIR")]
        keys: Option<PathBuf>,
        /// A file in which the log's checkpoint is kept from audit to audit, to see that nothing older changed. Written when nothing is wrong.
        #[arg(long, value_name = "FILE")]
        remember: Option<PathBuf>,
        /// The API to compare with; without it that of the address, if it has one.
        #[arg(long, value_name = "URL")]
        api: Option<String>,
        /// Check log, signatures, chain and digests only.
        #[arg(long)]
        quick: bool,
        /// Print the report as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Copy everything a host publishes, and check what comes.
    #[command(
        after_help = "Run again it goes on where it was cut off, and later fetches only what is new. A log that is not a continuation of the copied one is refused.\nAny file server can serve the copy; `bansos-audit audit DIR` audits it without network.\nExit status: 0 the copy is whole, 1 something is wrong, 2 it could not be copied.\n\nExample:\n  bansos-audit mirror https://bansos.example mirror-of-the-host\n  python3 -m http.server --directory mirror-of-the-host"
    )]
    Mirror {
        /// The address of the host.
        #[arg(value_name = "URL")]
        address: String,
        /// A new folder, or an earlier copy.
        #[arg(value_name = "DIR")]
        folder: PathBuf,
        /// A folder of .vkey files that you kept.
        #[arg(long, value_name = "DIR")]
        keys: Option<PathBuf>,
        /// Print the report as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Make the key of a witness of a log.
    WitnessKey(audit::cosign::KeyArguments),
    /// Cosign a log's checkpoint as a witness, if it continues what was cosigned before.
    Cosign(audit::cosign::Arguments),
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

/// Prints a report; whether nothing is wrong.
fn tell(report: &audit::report::Report, json: bool) -> anyhow::Result<bool> {
    let text = if json { serde_json::to_string_pretty(report)? } else { report.to_string() };
    // Whoever reads only the first lines is no error: the exit status tells.
    let _ = writeln!(std::io::stdout(), "{text}");
    Ok(report.good)
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
        Command::Audit { place, keys, remember, api, quick, json } => {
            let options = audit::whole::Options { keys, remember, api, quick };
            tell(&audit::whole::audit(&place, &options)?, json)
        }
        Command::Mirror { address, folder, keys, json } => tell(&audit::mirror::mirror(&address, &folder, keys.as_deref())?, json),
        Command::WitnessKey(arguments) => audit::cosign::make_key(&arguments).map(|()| true),
        Command::Cosign(arguments) => {
            println!("{}", audit::cosign::run(&arguments)?);
            Ok(true)
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
