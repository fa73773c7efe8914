//! The audit of a host, a mirror, a data folder or one release, whole.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use release::{ReleaseFolder, gate};

use crate::check::{self, Sound};
use crate::http::Client;
use crate::mirror;
use crate::report::{Group, Report};
use crate::source::{Local, Source};
use crate::trust::Keys;

/// What an audit is told.
#[derive(Debug, Default)]
pub struct Options {
    /// A folder of `.vkey` files that somebody kept.
    pub keys: Option<PathBuf>,
    /// A file with a checkpoint that somebody kept; written after a good audit.
    pub remember: Option<PathBuf>,
    /// The API to ask, when it is not the host itself.
    pub api: Option<String>,
    /// Only log, signatures, chain and digests.
    pub quick: bool,
}

/// Audits `place`: an address or a folder.
///
/// # Errors
/// When it cannot be audited at all; what is wrong is in the report.
pub fn audit(place: &str, options: &Options) -> Result<Report> {
    let source = Source::open(place)?;
    let api = options.api.as_deref().map(Client::new).transpose()?;
    let mut report = Report::new(place);
    match &source {
        Source::Release(folder) => one(folder, options, &mut report)?,
        Source::Data(folder) => {
            let local = Local::data(folder, &mut report)?;
            all(&local, api.as_ref(), options, &mut report)?;
        }
        Source::Mirror(folder) => {
            let local = Local::mirror(folder, &mut report)?;
            all(&local, api.as_ref(), options, &mut report)?;
        }
        Source::Host(client) => {
            let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
            let fetched = mirror::for_audit(client, folder.path(), options.keys.as_deref(), !options.quick)?;
            report.take(fetched.report);
            if fetched.log {
                let mut local = Local::mirror(folder.path(), &mut report)?;
                local.told = fetched.told;
                all(&local, api.as_ref().or(Some(client)), options, &mut report)?;
            }
        }
    }
    Ok(report)
}

fn all(local: &Local, api: Option<&Client>, options: &Options, report: &mut Report) -> Result<()> {
    let keys = Keys { published: &local.keys, kept: options.keys.as_deref() };
    if keys.kept.is_none() {
        report.unchecked(
            Group::Log,
            "whose the keys are: give --keys DIR with .vkey files you kept, or compare them with those the offices print",
        );
    }
    let Some((log, mut sound)) = check::history::check(&local.log, keys, options.remember.as_deref(), report)? else { return Ok(()) };
    check::releases::check(local, keys, &mut sound, report);
    if options.quick {
        report.unchecked(Group::Forms, "forms, attacks, API and site: left out by --quick");
    } else {
        check::forms::check(&sound, report);
        attacks(&sound, report);
        match api {
            Some(client) => check::api::check(client, &sound, report)?,
            None => report.unchecked(Group::Api, "the API: give --api URL to compare its answers"),
        }
        check::site::check(local, &sound, report)?;
    }
    if let Some(path) = &options.remember
        && report.good
        && let Some(signed) = log.signed()
    {
        durable::write_file(path, signed.to_string().as_bytes(), 0o644, "audit.remember")
            .with_context(|| format!("cannot write {}", path.display()))?;
        report.checked(Group::Log, format!("the checkpoint of {} entries is kept in {}", log.size(), path.display()));
    }
    Ok(())
}

/// The attacks of the privacy policy on all sound releases together.
fn attacks(sound: &Sound, report: &mut Report) {
    let folders: Vec<ReleaseFolder> = sound.folders.values().cloned().collect();
    let names = disclosure::attack::Attack::ALL.map(disclosure::attack::Attack::name).join(", ");
    match gate::check(&folders, &[]) {
        Ok(failures) => {
            for failure in &failures {
                let at = format!("{} {}", failure.table, failure.cell);
                report.wrong(
                    Group::Attacks,
                    Some(&failure.release.to_string()),
                    Some(&at),
                    format!("{}: {}", failure.attack.name(), failure.what),
                );
            }
            report.checked(Group::Attacks, format!("{names}, on {} releases", folders.len()));
        }
        Err(error) => report.wrong(Group::Attacks, None, None, error.to_string()),
    }
}

/// One release folder: what can be checked of it alone.
fn one(path: &Path, options: &Options, report: &mut Report) -> Result<()> {
    let folder = ReleaseFolder::open(path)?;
    let release = folder.manifest().release;
    let name = release.to_string();
    match &options.keys {
        None => report.unchecked(Group::Releases, "the district's signature: give --keys DIR with .vkey files you kept"),
        Some(kept) => {
            let keys = Keys { published: kept, kept: None };
            let previous = folder.manifest().previous.as_ref().map(|previous| previous.manifest_sha256.as_str());
            let signers = crate::trust::Signers::new(keys, [(release, folder.manifest_sha256(), previous)]);
            let checked = folder.signature().map_err(|error| error.to_string());
            match checked.and_then(|note| signers.check(release, &note, folder.manifest_sha256())) {
                Ok(()) => report.checked(Group::Releases, "the district's signature"),
                Err(error) => report.wrong(Group::Releases, Some(&name), Some("manifest.sig"), error),
            }
        }
    }
    let mut sound = Sound::default();
    sound.folders.insert(release, folder);
    if check::releases::alone(&mut sound, report) && !options.quick {
        check::forms::check(&sound, report);
        attacks(&sound, report);
    }
    report.unchecked(Group::Log, "log, chain, API and site: this is one release alone; audit the host, or a mirror of it");
    Ok(())
}
