//! The releases of a copy: every one the log admits, each file by the digest
//! that its signed manifest gives, the manifest by the digest in the log.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Result, anyhow, bail};
use domain::ReleaseId;
use release::Manifest;
use release::log::Log;

use super::Copy;
use super::fetch::{Had, Wanted, read};
use crate::http::Answer;
use crate::place;
use crate::report::{Group, Report};
use crate::trust::{self, Keys, Signers};

/// The largest manifest and signature.
const LARGEST_MANIFEST: u64 = 4 << 20;
const LARGEST_SIGNATURE: u64 = 64 << 10;
/// The largest file a release may have.
const LARGEST_FILE: u64 = 64 << 30;
/// Requests at once.
const WORKERS: usize = 6;

/// Copies all releases; `told` gets the files that are wrong, which are in the report.
pub(super) fn copy(
    copy: &mut Copy<'_>,
    log: &Log,
    keys: Option<&Path>,
    report: &mut Report,
    told: &mut BTreeSet<(ReleaseId, String)>,
) -> Result<()> {
    let Some(releases) = report.value(Group::Log, None, trust::releases(log)) else { return Ok(()) };
    let mut jobs = Vec::new();
    let mut manifests: BTreeMap<ReleaseId, Manifest> = BTreeMap::new();
    let mut in_order: Vec<_> = releases.iter().collect();
    in_order.sort_by_key(|(_, state)| state.index);
    let wanted: Vec<Job> = in_order
        .iter()
        .filter(|(_, state)| state.withdrawn.is_none())
        .map(|(release, state)| {
            let address = format!("/v1/datasets/release/{release}/manifest.json");
            let to = copy.file(&address)?;
            let sha256 = state.manifest_sha256.clone();
            Ok((**release, "manifest.json".to_owned(), Wanted { address, to, bytes: None, sha256, most: LARGEST_MANIFEST }))
        })
        .collect::<Result<_>>()?;
    for (release, path, outcome) in run(copy, &wanted) {
        match manifest(copy, release, outcome) {
            Ok(manifest) => {
                manifests.insert(release, manifest);
            }
            Err(error) => {
                report.wrong(Group::Releases, Some(&release.to_string()), Some(&path), format!("{error:#}"));
                told.insert((release, path));
            }
        }
    }
    let published = copy.folder.join("keys");
    let signers = Signers::new(
        Keys { published: &published, kept: keys },
        in_order.iter().filter_map(|(release, state)| {
            let previous = manifests.get(release)?.previous.as_ref().map(|previous| previous.manifest_sha256.as_str());
            Some((**release, state.manifest_sha256.as_str(), previous))
        }),
    );
    let mut gone = 0;
    for (release, state) in &in_order {
        if let Some(reason) = &state.withdrawn {
            gone += 1;
            withdrawn(copy, **release, reason, report)?;
        }
    }
    for (release, state) in &releases {
        let Some(manifest) = manifests.get(release) else { continue };
        signature(copy, *release, &state.manifest_sha256, &signers, report, told)?;
        files(copy, manifest, &mut jobs, report, told);
    }
    // Repeated files come once first, so that the rest can be links to them.
    let mut seen = BTreeSet::new();
    let (first, again): (Vec<_>, Vec<_>) = jobs.into_iter().partition(|(_, _, wanted)| seen.insert(wanted.sha256.clone()));
    for jobs in [first, again] {
        for (release, path, outcome) in run(copy, &jobs) {
            let taken_back = || {
                let corrects = manifests.get(&release).and_then(|manifest| manifest.correction.as_ref());
                path.starts_with("data/corrections.")
                    && corrects.is_some_and(|correction| releases.get(&correction.of).is_some_and(|state| state.withdrawn.is_some()))
            };
            let what = match outcome {
                Ok(Had::Yes) => continue,
                Ok(Had::Absent | Had::Gone(_)) if taken_back() => {
                    let what = format!("{release} {path}: gone, as it must be: the issue it corrects was withdrawn");
                    report.checked(Group::Releases, what);
                    told.insert((release, path));
                    continue;
                }
                Ok(Had::Absent) => "the manifest names it, but the host does not have it".to_owned(),
                Ok(Had::Gone(reason)) => format!("the host took it away ({reason}), but the log holds no withdrawal"),
                Err(error) => format!("{error:#}"),
            };
            report.wrong(Group::Releases, Some(&release.to_string()), Some(&path), what);
            told.insert((release, path));
        }
    }
    report.checked(Group::Mirror, format!("{} releases named by the log, {gone} withdrawn ones left out", manifests.len()));
    Ok(())
}

type Job = (ReleaseId, String, Wanted);

/// Fetches several at once; gives what came of each, in order.
fn run(copy: &Copy<'_>, jobs: &[Job]) -> Vec<(ReleaseId, String, Result<Had>)> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::with_capacity(jobs.len()));
    std::thread::scope(|scope| {
        for _ in 0..WORKERS.min(jobs.len()) {
            scope.spawn(|| {
                while let Some((at, (release, path, wanted))) = {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    jobs.get(at).map(|job| (at, job))
                } {
                    let outcome = copy.fetch.get(wanted);
                    done.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push((at, (*release, path.clone(), outcome)));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, one)| one).collect()
}

/// The manifest that came, read as any release folder's with all that is refused there.
fn manifest(copy: &Copy<'_>, release: ReleaseId, outcome: Result<Had>) -> Result<Manifest> {
    match outcome {
        Ok(Had::Yes) => {}
        Ok(Had::Absent) => bail!("the log holds this release, but the host does not have it: it was dropped"),
        Ok(Had::Gone(reason)) => bail!("the host took it away ({reason}), but the log holds no withdrawal"),
        Err(error) => return Err(error.context("this manifest is not the one in the log")),
    }
    let bytes = read(&copy.file(&format!("/v1/datasets/release/{release}/manifest.json"))?, LARGEST_MANIFEST)?;
    let folder = tempfile::tempdir()?;
    std::fs::write(folder.path().join("manifest.json"), &bytes)?;
    let opened = release::ReleaseFolder::open(folder.path())
        .map_err(|error| anyhow!("{}", error.to_string().replace(&format!("{}/", folder.path().display()), "")))?;
    if opened.manifest().release != release {
        bail!("this is the manifest of {}", opened.manifest().release);
    }
    Ok(opened.manifest().clone())
}

/// Fetches a signature. Nothing vouches for its bytes but itself: it is checked
/// before it is kept.
fn signature(
    copy: &Copy<'_>,
    release: ReleaseId,
    sha256: &str,
    signers: &Signers,
    report: &mut Report,
    told: &mut BTreeSet<(ReleaseId, String)>,
) -> Result<()> {
    let address = format!("/v1/datasets/release/{release}/manifest.sig");
    let Some(bytes) = copy.client.whole(&address, LARGEST_SIGNATURE)? else {
        report.wrong(Group::Releases, Some(&release.to_string()), Some("manifest.sig"), "the host does not have it");
        told.insert((release, "manifest.sig".to_owned()));
        return Ok(());
    };
    if let Err(error) = signers.check(release, &String::from_utf8_lossy(&bytes), sha256) {
        report.wrong(Group::Releases, Some(&release.to_string()), Some("manifest.sig"), error);
        told.insert((release, "manifest.sig".to_owned()));
        return Ok(());
    }
    copy.write(&address, &bytes)
}

/// The files of a release, as jobs.
fn files(copy: &Copy<'_>, manifest: &Manifest, jobs: &mut Vec<Job>, report: &mut Report, told: &mut BTreeSet<(ReleaseId, String)>) {
    let release = manifest.release;
    for entry in &manifest.files {
        let address = place::release_file(release, &entry.path);
        match address.and_then(|address| Some((copy.file(&address).ok()?, address))) {
            Some((to, address)) if entry.bytes <= LARGEST_FILE => {
                let wanted = Wanted { address, to, bytes: Some(entry.bytes), sha256: entry.sha256.clone(), most: LARGEST_FILE };
                jobs.push((release, entry.path.clone(), wanted));
            }
            Some(_) => {
                report.wrong(Group::Releases, Some(&release.to_string()), Some(&entry.path), format!("larger than {LARGEST_FILE} bytes"));
                told.insert((release, entry.path.clone()));
            }
            None => {
                report.wrong(Group::Releases, Some(&release.to_string()), Some(&entry.path), "no file of a release has such a name");
                told.insert((release, entry.path.clone()));
            }
        }
    }
}

/// A withdrawn release must not be given any more. A plain file server over a
/// copy may still hold what came before the withdrawal.
fn withdrawn(copy: &Copy<'_>, release: ReleaseId, reason: &str, report: &mut Report) -> Result<()> {
    let address = format!("/v1/datasets/release/{release}/manifest.json");
    match copy.client.get(&address, "*/*", 0)? {
        Answer::Found(_) => {
            report.unchecked(Group::Releases, format!("{release} was withdrawn ({reason}), but is still given at {address}"));
        }
        _ => report.checked(Group::Releases, format!("{release}: withdrawn ({reason}), and no longer given")),
    }
    if copy.file(&address)?.exists() {
        report.unchecked(Group::Mirror, format!("{release} was withdrawn after it was copied: its files stay here; serve them to nobody"));
    }
    Ok(())
}
