//! `bansos seal`: the second person's signature.

use std::path::Path;

use domain::ReleaseId;

use crate::host;

#[derive(clap::Args)]
#[command(after_help = "Example:\n  bansos --data data seal 36.71-2025-06 --by \"Kepala Bidang\"")]
pub struct Arguments {
    /// The draft to seal.
    release: ReleaseId,
    /// Who seals: another person than published. The name stays in the registry.
    #[arg(long, value_name = "NAME")]
    by: String,
}

pub fn run(data: &Path, arguments: &Arguments) -> anyhow::Result<()> {
    let _lock = super::lock(data)?;
    let mut registry = super::registry(data, arguments.release.district())?;
    let sealed = publish::seal(data, &mut registry, arguments.release, &arguments.by)?;
    println!("{}: {}", sealed.release, if sealed.again { "had been sealed" } else { "sealed" });
    admit_here(data)
}

/// Admits what is sealed, where this is the host, too: it holds the log's key.
pub fn admit_here(data: &Path) -> anyhow::Result<()> {
    if !release::keys::folder(data).join(format!("{}.key", release::keys::LOG)).exists() {
        println!("this is not the host (no log key): send the folder to it for `bansos-api admit`");
        return Ok(());
    }
    let folders = super::unadmitted(data)?;
    if folders.is_empty() { Ok(()) } else { host::admit(data, &folders) }
}
