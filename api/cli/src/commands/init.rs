//! `bansos init`: folders, keys and the settings file.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use anyhow::Context;
use domain::AreaCode;
use release::keys;

use crate::settings;

#[derive(clap::Args)]
#[command(after_help = "Example:\n  bansos --data data init --area 36.71 --origin bansos.example.go.id")]
pub struct Arguments {
    /// Kabupaten/kota that publish from here (default: the five of the project).
    #[arg(long, value_parser = super::district, value_name = "CODE")]
    area: Vec<AreaCode>,
    /// Name of this host in keys and in the log.
    #[arg(long, env = "BANSOS_ORIGIN")]
    origin: Option<String>,
}

pub fn run(data: &Path, arguments: &Arguments) -> anyhow::Result<()> {
    let districts = if arguments.area.is_empty() { reference::DISTRICTS.to_vec() } else { arguments.area.clone() };
    let origin: String = settings::value(data, "origin", arguments.origin.clone())?;
    let made = init(data, &districts, &origin)?;
    println!("{}: {made} keys made, {} there already", data.display(), districts.len() + 1 - made);
    Ok(())
}

/// Makes what is not there yet; gives the number of keys made.
pub fn init(data: &Path, districts: &[AreaCode], origin: &str) -> anyhow::Result<usize> {
    for (folder, mode) in [
        ("", 0o755),
        ("registry", 0o700),
        ("keys", 0o700),
        ("drafts", 0o700),
        ("releases", 0o755),
        ("log", 0o755),
        ("catalogue", 0o755),
        ("site", 0o755),
    ] {
        let path = data.join(folder);
        if !path.exists() {
            std::fs::create_dir_all(&path).with_context(|| path.display().to_string())?;
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).with_context(|| path.display().to_string())?;
        }
    }
    let settings = data.join("bansos.toml");
    if !settings.exists() {
        durable::write_file(&settings, settings::template().as_bytes(), 0o644, "init.settings")?;
    }
    let folder = keys::folder(data);
    let mut made = usize::from(keys::create(&folder, keys::LOG, &format!("{origin}/log"))?);
    for district in districts {
        made += usize::from(keys::create(&folder, &keys::district(*district), &format!("{origin}/{district}"))?);
    }
    Ok(made)
}
