//! Acting as a witness, offline: a key of one's own, a file that remembers the
//! last checkpoint, and a line for the host to put on its checkpoint.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use release::keys::{self, Kind};
use release::log::{Folder, Line, SignedHead};
use release::witness::{self, NoFiles};

/// `bansos-audit witness-key`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Writes FILE.key (keep it, mode 0600) and FILE.vkey (give it to the host, which puts it at keys/witness-NAME.vkey).\n\nExample:\n  bansos-audit witness-key --name witness.example.org/bansos my-witness"
)]
pub struct KeyArguments {
    /// The witness's name in signatures: best an address you hold, without https://.
    #[arg(long)]
    name: String,
    /// Where the two files go, without their endings.
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

/// Makes the key of a witness.
///
/// # Errors
/// When there is one already, or it cannot be written.
pub fn make_key(arguments: &KeyArguments) -> Result<()> {
    let file = arguments.file.file_name().and_then(|name| name.to_str()).context("FILE is not a name of a file")?;
    let folder = arguments.file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    ensure!(keys::create_of(folder, file, &arguments.name, Kind::Witness)?, "{}.key is there already", arguments.file.display());
    println!("{}.key: keep it; {}.vkey: give it to the host:", arguments.file.display(), arguments.file.display());
    println!("{}", keys::public(folder, file)?);
    Ok(())
}

/// `bansos-audit cosign`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Signs only what continues the checkpoint in --memory, and remembers it before it signs; the first time it takes the log as it is. Prints the cosignature; the host attaches it with `bansos-api cosign --checkpoint FILE`.\nExit status: 0 cosigned, 2 refused; what is refused is reason to keep both checkpoints and ask.\n\nExample:\n  bansos-audit cosign mirror-of-the-host --key my-witness.key --log-key kept/log.vkey --memory my-memory > line.txt"
)]
pub struct Arguments {
    /// A folder with log/ in it, the log's folder, or a checkpoint alone (enough while the log has not grown).
    #[arg(value_name = "DIR|CHECKPOINT")]
    log: PathBuf,
    /// The witness's secret key.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// The log's public key, that you kept.
    #[arg(long, value_name = "FILE")]
    log_key: PathBuf,
    /// The file that remembers the last checkpoint cosigned; made the first time.
    #[arg(long, value_name = "FILE")]
    memory: PathBuf,
}

/// Cosigns, or refuses.
///
/// # Errors
/// When the log is not the one that was remembered, or a file cannot be read.
pub fn run(arguments: &Arguments) -> Result<Line> {
    let text = |path: &Path| std::fs::read_to_string(path).map(|text| text.trim().to_owned()).with_context(|| path.display().to_string());
    let (skey, log_key) = (text(&arguments.key)?, text(&arguments.log_key)?);
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?.as_secs();
    let inside = arguments.log.join("log");
    let folder = if inside.join("checkpoint").is_file() { inside } else { arguments.log.clone() };
    let line = if folder.is_dir() {
        let signed = SignedHead::read(&folder.join("checkpoint"))?;
        witness::act(&signed, &Folder(folder), &log_key, &arguments.memory, &skey, now)?
    } else {
        witness::act(&SignedHead::read(&folder)?, &NoFiles, &log_key, &arguments.memory, &skey, now)?
    };
    Ok(line)
}
