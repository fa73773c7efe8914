//! Every figure on every page: its attributes, and what a person reads in it,
//! against the release files of the page's own version.
//!
//! Pages are read twice: once for the names of the figures that are on them,
//! once to compare. In between the release files are streamed, and only the
//! named figures are kept.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use anyhow::Result;
use domain::{ReleaseId, Table};
use rayon::prelude::*;

use super::{Sound, name, told};
use crate::page::{LARGEST, Page, Shown};
use crate::report::{Group, Report, Wrong};
use crate::shown;
use crate::source::Local;

type Figure = (Option<u64>, domain::Status, ReleaseId);
type Named = Vec<(String, Figure)>;

/// Checks the site; gives the number of figures compared.
pub(crate) fn check(local: &Local, sound: &Sound, report: &mut Report) -> Result<()> {
    if local.site.is_none() {
        return Ok(());
    }
    let pages: Vec<(String, PathBuf)> = local.pages()?.into_iter().collect();
    let read: Vec<Result<(String, BTreeSet<String>), String>> = pages.par_iter().map(|(_, path)| names(path)).collect();
    let mut wanted: BTreeMap<u64, BTreeSet<String>> = BTreeMap::new();
    for ((address, _), read) in pages.iter().zip(read) {
        let mut wrong = |what: String| report.wrong(Group::Site, None, Some(address), what);
        match read {
            Err(error) => wrong(error),
            Ok((_, names)) if names.is_empty() => {}
            Ok((version, names)) => match version.parse::<u64>() {
                Ok(version) if version <= sound.size => wanted.entry(version).or_default().extend(names),
                Ok(version) => wrong(format!("its figures are of version {version}, but the log has {} entries", sound.size)),
                Err(_) => wrong(format!("shows figures without saying of which version: data-version is {version:?}")),
            },
        }
    }
    let mut known: HashMap<u64, HashMap<String, Figure>> = HashMap::new();
    let mut absent: BTreeSet<ReleaseId> = BTreeSet::new();
    for (version, names) in &wanted {
        known.insert(*version, figures(sound, *version, names, &mut absent, report));
    }
    let compared: Vec<(usize, Vec<Wrong>)> =
        pages.par_iter().map(|(address, path)| compare(address, path, sound, &known, &absent)).collect();
    let figures: usize = compared.iter().map(|(figures, _)| figures).sum();
    compared.into_iter().flat_map(|(_, wrong)| wrong).for_each(|wrong| report.found(wrong));
    for release in &absent {
        report.unchecked(Group::Site, format!("figures of {release}, whose files are gone or wrong"));
    }
    if figures == 0 {
        report.unchecked(Group::Site, format!("{} pages show no figures at all", pages.len()));
    } else {
        let versions: Vec<String> = wanted.keys().map(u64::to_string).collect();
        report.checked(
            Group::Site,
            format!("{figures} figures on {} pages, as written and as read, of version {}", pages.len(), versions.join(", ")),
        );
    }
    Ok(())
}

fn read(path: &Path) -> Result<Page, String> {
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.len() > LARGEST => Err(format!("larger than {LARGEST} bytes: no page of this site")),
        Ok(_) => std::fs::read(path).map(|html| Page::read(&html)).map_err(|error| format!("cannot be read: {error}")),
        Err(error) => Err(format!("cannot be read: {error}")),
    }
}

/// The version of a page and the names of its figures.
fn names(path: &Path) -> Result<(String, BTreeSet<String>), String> {
    let page = read(path)?;
    Ok((page.version.unwrap_or_default(), page.figures.into_iter().map(|figure| figure.cell).collect()))
}

/// The figures of these names in a version. A release whose files are not
/// whole is noted in `absent`.
fn figures(
    sound: &Sound,
    version: u64,
    names: &BTreeSet<String>,
    absent: &mut BTreeSet<ReleaseId>,
    report: &mut Report,
) -> HashMap<String, Figure> {
    let mut found = HashMap::new();
    let releases: Vec<ReleaseId> = sound.standing(version).into_values().collect();
    let parts: Vec<(ReleaseId, Result<Named, String>)> = releases
        .par_iter()
        .map(|release| {
            let Some(folder) = sound.folders.get(release) else { return (*release, Err(String::new())) };
            let read = || -> release::Result<Named> {
                let mut part = Vec::new();
                for table in Table::ALL {
                    for cell in folder.cells(table)? {
                        let cell = cell?;
                        let name = name(table, &cell);
                        if names.contains(&name) {
                            part.push((name, (cell.value, cell.status, *release)));
                        }
                    }
                }
                Ok(part)
            };
            (*release, read().map_err(|error| error.to_string()))
        })
        .collect();
    for (release, part) in parts {
        match part {
            Ok(part) => found.extend(part),
            Err(error) => {
                absent.insert(release);
                if !error.is_empty() {
                    report.wrong(Group::Releases, Some(&release.to_string()), None, error);
                }
            }
        }
    }
    found
}

fn compare(
    address: &str,
    path: &Path,
    sound: &Sound,
    known: &HashMap<u64, HashMap<String, Figure>>,
    absent: &BTreeSet<ReleaseId>,
) -> (usize, Vec<Wrong>) {
    let Ok(page) = read(path) else { return (0, Vec::new()) };
    let Some(version) = page.version.as_deref().and_then(|version| version.parse::<u64>().ok()) else { return (0, Vec::new()) };
    let Some(known) = known.get(&version) else { return (0, Vec::new()) };
    let standing = sound.standing(version);
    let (mut figures, mut found) = (0, Vec::new());
    for shown in &page.figures {
        let mut wrong = |release: Option<ReleaseId>, what: String| {
            let at = format!("{address} {}", shown.cell);
            found.push(Wrong { group: Group::Site, release: release.map(|release| release.to_string()), at: Some(at), what });
        };
        match known.get(&shown.cell) {
            Some(figure) => {
                figures += 1;
                if let Err(what) = fits(&page.lang, shown, figure) {
                    wrong(Some(figure.2), what);
                }
            }
            None => match source_of(&shown.cell).and_then(|place| standing.get(&place).copied()) {
                Some(release) if absent.contains(&release) => {}
                release => wrong(release, format!("shows {:?}, but no release of version {version} has this figure", shown.text)),
            },
        }
    }
    (figures, found)
}

/// District and month of a figure's name.
fn source_of(cell: &str) -> Option<(domain::AreaCode, domain::Period)> {
    let mut parts = cell.split('|').skip(1);
    let area = parts.next()?.split('~').next()?.get(..5)?.parse().ok()?;
    Some((area, parts.nth(1)?.parse().ok()?))
}

fn fits(lang: &str, shown: &Shown, (value, status, _): &Figure) -> Result<(), String> {
    let written = value.map(|value| value.to_string()).unwrap_or_default();
    if shown.value != written || shown.status != status.as_str() {
        let is = told(*value, status.as_str());
        return Err(format!("data-value {:?}, data-status {:?}, but the figure is {is} ({status})", shown.value, shown.status));
    }
    let measure = shown.cell.split('|').nth(4).unwrap_or_default();
    shown::agrees(lang, measure, *value, status.as_str(), &shown.text)
}
