//! Checking a data folder, or a copy of one, from its public files alone:
//! signatures, digests, the log, the chain of releases, and the attacks.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use release::log::{Action, Log};
use release::{Error, ReleaseFolder, Report, Result, gate, keys};

/// Audits the data folder at `data` (`releases/`, `log/`, `keys/*.vkey`). Keys
/// kept elsewhere, from before, can be given as `trusted` instead: a folder of
/// `.vkey` files.
///
/// # Errors
/// When the folder is not one of releases at all; all else is in the report.
pub fn data_folder(data: &Path, trusted: Option<&Path>) -> Result<Report> {
    let releases = data.join("releases");
    if !releases.is_dir() {
        return Err(Error::format(&releases, "not a folder: expected a data folder with releases/ and log/"));
    }
    let key_folder = trusted.map_or_else(|| keys::folder(data), Path::to_path_buf);
    let mut report = Report::default();

    let log = Log::open(&data.join("log"))?;
    if let Some(vkey) = report.take("log key", keys::public(&key_folder, keys::LOG)) {
        report.take("log", log.verify(&vkey));
    }
    let entries = report.take("log", log.entries()).unwrap_or_default();
    report.checked.push(format!("log: {} entries under a signed checkpoint", entries.len()));

    let mut admitted: BTreeMap<domain::ReleaseId, (String, bool)> = BTreeMap::new();
    for entry in entries {
        match entry.action {
            Action::Admit { release, manifest_sha256, .. } => {
                admitted.insert(release, (manifest_sha256, false));
            }
            Action::Withdraw { release, .. } => {
                if let Some(known) = admitted.get_mut(&release) {
                    known.1 = true;
                }
            }
        }
    }

    let mut folders = Vec::new();
    let mut files = 0;
    for (release, (manifest_sha256, withdrawn)) in &admitted {
        let path = releases.join(release.to_string());
        if *withdrawn && !path.exists() {
            continue;
        }
        let Some(folder) = report.take(&release.to_string(), ReleaseFolder::open(&path)) else { continue };
        if folder.manifest_sha256() != manifest_sha256 {
            report.wrong.push(format!("{release}: its manifest is not the one in the log"));
        }
        if let Some(vkey) = report.take(&release.to_string(), keys::public(&key_folder, &keys::district(release.district()))) {
            report.take(&release.to_string(), folder.verify_signature(&vkey));
        }
        report.take(&release.to_string(), folder.verify());
        if let Some(previous) = &folder.manifest().previous {
            match admitted.get(&previous.release) {
                Some((sha256, _)) if *sha256 == previous.manifest_sha256 => {}
                _ => report.wrong.push(format!("{release}: the release before it, {}, is not in the log as it was", previous.release)),
            }
        }
        files += folder.manifest().files.len();
        folders.push(folder);
    }
    report.checked.push(format!("{} releases: signatures, {files} files' digests, chain", folders.len()));
    for failure in gate::check(&folders, &[])? {
        report.wrong.push(failure.to_string());
    }
    report.checked.push("attacks: ".to_owned() + &disclosure::attack::Attack::ALL.map(disclosure::attack::Attack::name).join(", "));
    Ok(report)
}

/// Opens release folders, sorted by district, period and revision.
///
/// # Errors
/// When one cannot be opened.
pub fn open_all(paths: &[PathBuf]) -> Result<Vec<ReleaseFolder>> {
    let mut folders = paths.iter().map(|path| ReleaseFolder::open(path)).collect::<Result<Vec<_>>>()?;
    folders.sort_by_key(|folder| folder.manifest().release);
    Ok(folders)
}
