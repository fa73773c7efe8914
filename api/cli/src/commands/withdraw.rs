//! `bansos withdraw`: a tombstone in the log; files and answers become 410.

use std::ffi::OsStr;
use std::path::Path;

use domain::ReleaseId;

use crate::host;

#[derive(clap::Args)]
#[command(
    after_help = "Example:\n  bansos --data data withdraw 36.71-2025-06 --reason \"Berkas bulan lain terbawa\" --by \"Kepala Dinas\""
)]
pub struct Arguments {
    /// The release to withdraw.
    release: ReleaseId,
    /// Why: everybody will read it. No personal data.
    #[arg(long)]
    reason: String,
    /// Who withdraws; the name stays in the registry.
    #[arg(long, value_name = "NAME")]
    by: String,
}

pub fn run(data: &Path, arguments: &Arguments) -> anyhow::Result<()> {
    let reason = arguments.reason.trim();
    anyhow::ensure!(!reason.is_empty() && reason.len() <= 2_000, "the reason is empty or longer than 2,000 bytes");
    let _lock = super::lock(data)?;
    let mut registry = super::registry(data, arguments.release.district())?;
    let release = arguments.release.to_string();
    // The log first: it is what counts, and running this again completes the rest.
    host::run(data, &[OsStr::new("withdraw"), OsStr::new(&release), OsStr::new("--reason"), OsStr::new(reason)])?;
    publish::withdraw(&mut registry, arguments.release, &arguments.by)?;
    println!("{release}: withdrawn");
    Ok(())
}
