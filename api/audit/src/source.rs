//! The four places that published files are read from, made into one: a host,
//! a mirror folder (the paths of a host), a data folder, one release folder.
//!
//! No listing is asked of anybody: the log names the releases, a manifest its
//! files. A host is copied into a temporary folder first, so that everything is
//! looked at once and checked as files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use domain::ReleaseId;

use crate::http::Client;
use crate::place;
use crate::report::{Group, Report};

/// What is audited.
#[derive(Debug)]
pub enum Source {
    /// A host, by its address.
    Host(Client),
    /// A folder with the paths of a host.
    Mirror(PathBuf),
    /// A data folder: `releases/`, `log/`, `keys/`, `site/current`.
    Data(PathBuf),
    /// One release folder.
    Release(PathBuf),
}

impl Source {
    /// Recognises a place.
    ///
    /// # Errors
    /// When it is none of the four; says what was expected.
    pub fn open(place: &str) -> Result<Source> {
        if place.contains("://") {
            return Client::new(place).map(Source::Host);
        }
        let folder = Path::new(place);
        let folder = folder.canonicalize().with_context(|| format!("cannot open {place:?}"))?;
        let has = |path: &str| folder.join(path).exists();
        if has("manifest.json") {
            Ok(Source::Release(folder))
        } else if has("releases") {
            Ok(Source::Data(folder))
        } else if has("log/checkpoint") {
            Ok(Source::Mirror(folder))
        } else if has(".mirror") || has("v1/datasets") {
            bail!("{place}: a copy that is not finished (no log/checkpoint): run `bansos-audit mirror` again, which completes it");
        } else {
            bail!(
                "{place}: expected an address (https://…), a mirror, a data folder with releases/ and log/, or a release folder with manifest.json"
            );
        }
    }
}

/// Published files on this machine, wherever they came from.
#[derive(Debug)]
pub(crate) struct Local {
    /// The log.
    pub(crate) log: PathBuf,
    /// The published keys.
    pub(crate) keys: PathBuf,
    /// A folder of release folders.
    pub(crate) releases: PathBuf,
    /// The site, and what in that folder is none of it.
    pub(crate) site: Option<PathBuf>,
    /// Files that belong to a release and cannot: release folder's name, where.
    pub(crate) strays: Vec<(String, String)>,
    /// Releases that are there; the log may not know them.
    pub(crate) present: BTreeSet<String>,
    /// Files of releases about which all is said.
    pub(crate) told: BTreeSet<(ReleaseId, String)>,
    _view: Option<tempfile::TempDir>,
}

/// Paths of a mirror that are not the site's.
const NOT_SITE: [&str; 4] = ["v1", "log", "keys", ".mirror"];

impl Local {
    /// A data folder as it is.
    pub(crate) fn data(folder: &Path, report: &mut Report) -> Result<Local> {
        let releases = folder.join("releases");
        let mut present = BTreeSet::new();
        for entry in std::fs::read_dir(&releases).with_context(|| format!("cannot read {}", releases.display()))? {
            present.insert(entry?.file_name().to_string_lossy().into_owned());
        }
        let site = folder.join("site/current");
        let site = site.canonicalize().ok().filter(|site| site.is_dir());
        if site.is_none() {
            report.unchecked(Group::Site, "this folder has no built site (site/current)");
        }
        Ok(Local {
            log: folder.join("log"),
            keys: folder.join("keys"),
            releases,
            site,
            strays: Vec::new(),
            present,
            told: BTreeSet::new(),
            _view: None,
        })
    }

    /// A mirror: its releases get a view in which they are release folders.
    pub(crate) fn mirror(folder: &Path, report: &mut Report) -> Result<Local> {
        let view = tempfile::tempdir().context("cannot make a temporary folder")?;
        let releases = view.path().join("releases");
        std::fs::create_dir(&releases)?;
        let mut strays = Vec::new();
        let mut present = BTreeSet::new();
        for (dataset, path) in folders(&folder.join("v1/datasets"))? {
            for (release, path) in folders(&path)? {
                present.insert(release.clone());
                for entry in std::fs::read_dir(&path).with_context(|| format!("cannot read {}", path.display()))? {
                    let entry = entry?;
                    let file = entry.file_name().to_string_lossy().into_owned();
                    let plain = entry.file_type().is_ok_and(|kind| kind.is_file()) && release.parse::<ReleaseId>().is_ok();
                    match place::in_release(&dataset, &file).filter(|_| plain) {
                        Some(inside) => {
                            let link = releases.join(&release).join(inside);
                            std::fs::create_dir_all(link.parent().context("a path without a folder")?)?;
                            std::os::unix::fs::symlink(entry.path(), &link)?;
                        }
                        None => strays.push((release.clone(), format!("/v1/datasets/{dataset}/{release}/{file}"))),
                    }
                }
            }
        }
        let site = folder.join("index.html").is_file().then(|| folder.to_owned());
        if site.is_none() {
            report.unchecked(Group::Site, "this copy has no site (index.html)");
        }
        let (log, keys) = (folder.join("log"), folder.join("keys"));
        Ok(Local { log, keys, releases, site, strays, present, told: BTreeSet::new(), _view: Some(view) })
    }

    /// Every page of the site, with its address.
    pub(crate) fn pages(&self) -> Result<BTreeMap<String, PathBuf>> {
        let mut pages = BTreeMap::new();
        if let Some(site) = &self.site {
            walk(site, Path::new(""), 0, &mut pages)?;
        }
        Ok(pages)
    }
}

fn walk(root: &Path, inside: &Path, depth: usize, pages: &mut BTreeMap<String, PathBuf>) -> Result<()> {
    let folder = root.join(inside);
    for entry in std::fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let entry = entry?;
        let name = entry.file_name();
        let kind = entry.file_type()?;
        if depth == 0 && NOT_SITE.iter().any(|own| name == *own) {
            continue;
        }
        if kind.is_dir() && depth < 32 {
            walk(root, &inside.join(&name), depth + 1, pages)?;
        } else if kind.is_file() && Path::new(&name).extension().is_some_and(|ending| ending == "html") {
            pages.insert(place::address_of(&inside.join(&name)), entry.path());
        }
    }
    Ok(())
}

/// Folders in a folder, links left out; none when it is not there.
fn folders(path: &Path) -> Result<Vec<(String, PathBuf)>> {
    let entries = match std::fs::read_dir(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.with_context(|| format!("cannot read {}", path.display()))?,
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            found.push((entry.file_name().to_string_lossy().into_owned(), entry.path()));
        }
    }
    found.sort();
    Ok(found)
}
