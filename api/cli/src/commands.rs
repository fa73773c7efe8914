//! A file per command.

pub mod anonymise;
pub mod check;
pub mod demo;
pub mod history;
pub mod import;
pub mod init;
pub mod publish;
pub mod review;
pub mod rotate_key;
pub mod seal;
pub mod serve;
pub mod simulate;
pub mod site;
pub mod status;
pub mod template;
pub mod trace;
pub mod verify;
pub mod withdraw;

use std::path::{Path, PathBuf};

use domain::{AreaCode, Level};

/// The release folder's registry, by the release's district.
pub(crate) fn registry(data: &Path, district: AreaCode) -> anyhow::Result<registry::Registry> {
    Ok(registry::Registry::open(data, district)?)
}

/// A kabupaten/kota given on the command line.
pub(crate) fn district(text: &str) -> Result<AreaCode, String> {
    let code: AreaCode = text.parse().map_err(|error: domain::ParseError| error.to_string())?;
    match (code.level(), reference::areas().get(code)) {
        (Level::Kabupaten, Some(_)) => Ok(code),
        (Level::Kabupaten, None) => Err(format!("{code} is not a kabupaten or kota of the reference data")),
        _ => Err(format!("{code} is not a kabupaten or kota; expected a code such as 36.71")),
    }
}

/// An area by its name and code.
pub(crate) fn named(code: AreaCode) -> String {
    reference::areas().get(code).map_or_else(|| code.to_string(), |area| format!("{} {code}", area.name))
}

/// Text from a file must not command the terminal.
pub(crate) fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

/// A cell of CSV; what a spreadsheet would take for a formula is text.
pub(crate) fn csv_cell(text: &str) -> String {
    let guard = if text.starts_with(['=', '+', '-', '@']) { "'" } else { "" };
    if guard.is_empty() && !text.contains([',', '"', '\n', '\r']) {
        return text.to_owned();
    }
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

/// One writer at a time in a data folder: two commands never interleave.
pub(crate) fn lock(data: &Path) -> anyhow::Result<durable::Lock> {
    std::fs::create_dir_all(data)?;
    Ok(durable::Lock::wait(&data.join(".lock-office"))?)
}

/// Release folders of the office that are signed but not in the log yet: a
/// command was cut off between sealing and admission.
pub(crate) fn unadmitted(data: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let log = release::log::Log::open(&data.join("log"))?;
    let known: std::collections::BTreeSet<_> = log.entries()?.into_iter().map(|entry| entry.action.release()).collect();
    let releases = data.join("releases");
    let mut folders = Vec::new();
    if releases.is_dir() {
        for entry in std::fs::read_dir(&releases)? {
            let path = entry?.path();
            let id = path.file_name().and_then(|name| name.to_str()).and_then(|name| name.parse::<domain::ReleaseId>().ok());
            if let Some(id) = id.filter(|id| !known.contains(id)) {
                folders.push((id.period(), id, path));
            }
        }
    }
    folders.sort();
    Ok(folders.into_iter().map(|(_, _, path)| path).collect())
}
