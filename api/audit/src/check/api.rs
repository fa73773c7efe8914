//! The answers of the API against the release files: every statistics table,
//! line by line, and how many recipients it says there are.

use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};

use anyhow::{Context, Result};
use domain::{AreaCode, Cell, ProgramCode, ReleaseId, Table};
use serde::Deserialize;

use super::{Sound, name, told};
use crate::http::{Answer, Client};
use crate::report::{Group, Report};

/// The largest entry, page of a list, and table of a district.
const LARGEST_PAGE: u64 = 4 << 20;
const LARGEST_TABLE: u64 = 4 << 30;
/// The longest line of a table.
const LONGEST_LINE: u64 = 1 << 20;
/// Lines of one table that are told.
const TOLD: usize = 20;

#[derive(Deserialize)]
struct Entry {
    version: u64,
}

#[derive(Deserialize)]
struct Total {
    version: Option<u64>,
    total: u64,
}

/// A line of a table; fields that are not named here are passed over.
#[derive(Deserialize)]
struct Line {
    area: String,
    program: String,
    period: String,
    measure: String,
    #[serde(default)]
    category: Option<String>,
    value: Option<u64>,
    status: String,
    #[serde(default)]
    group: Option<String>,
    release: String,
    as_of: String,
}

/// What a line must say: value, status, group, release and month.
type Told = (Option<u64>, String, String, String, String);

/// Checks the API at `client`; says when there is none.
pub(crate) fn check(client: &Client, sound: &Sound, report: &mut Report) -> Result<()> {
    let entry = match client.get("/v1", "application/json", 0) {
        Ok(Answer::Found(body)) if body.kind.contains("json") => {
            body.bytes(LARGEST_PAGE).ok().and_then(|bytes| serde_json::from_slice::<Entry>(&bytes).ok())
        }
        _ => None,
    };
    let Some(entry) = entry else {
        report.unchecked(Group::Api, format!("no API answers at {}/v1", client.address()));
        return Ok(());
    };
    if entry.version < sound.size {
        let what = format!("its version is {}, but the log has {} entries: it answers from older releases", entry.version, sound.size);
        report.wrong(Group::Api, None, Some("/v1"), what);
        return Ok(());
    }
    let version = sound.size;
    let mut districts: BTreeMap<AreaCode, Vec<ReleaseId>> = BTreeMap::new();
    for ((district, _), release) in sound.standing(version) {
        districts.entry(district).or_default().push(release);
    }
    let (mut figures, mut totals) = (0, 0);
    for (district, releases) in &districts {
        if let Some(broken) = releases.iter().find(|release| !sound.folders.contains_key(release)) {
            report.unchecked(Group::Api, format!("figures of {district}: the files of {broken} are gone or wrong"));
            continue;
        }
        for table in Table::ALL {
            match one(client, sound, *district, releases, table, version, report) {
                Ok(lines) => figures += lines,
                Err(error) => report.wrong(Group::Api, Some(&district.to_string()), Some(table.as_str()), format!("{error:#}")),
            }
        }
        match recipients(client, sound, *district, releases, version, report) {
            Ok(lists) => totals += lists,
            Err(error) => report.wrong(Group::Api, Some(&district.to_string()), Some("recipients"), format!("{error:#}")),
        }
    }
    report.checked(
        Group::Api,
        format!(
            "{figures} figures of {} tables of {} districts, {totals} lists of recipients, version {version}",
            Table::ALL.len(),
            districts.len()
        ),
    );
    Ok(())
}

fn expected(sound: &Sound, releases: &[ReleaseId], table: Table) -> Result<HashMap<String, Told>> {
    let mut all = HashMap::new();
    for release in releases {
        let Some(folder) = sound.folders.get(release) else { continue };
        for cell in folder.cells(table)? {
            let cell = cell?;
            let key = name(table, &cell);
            all.insert(key, of(cell));
        }
    }
    Ok(all)
}

fn of(cell: Cell) -> Told {
    let group = cell.group.map(|group| group.to_string()).unwrap_or_default();
    (cell.value, cell.status.to_string(), group, cell.release.to_string(), cell.as_of.to_string())
}

/// One table of a district, all its months.
fn one(
    client: &Client,
    sound: &Sound,
    district: AreaCode,
    releases: &[ReleaseId],
    table: Table,
    version: u64,
    report: &mut Report,
) -> Result<usize> {
    let address = format!("/v1/statistics/{table}?area={district}&format=ndjson&version={version}");
    let mut expected = expected(sound, releases, table)?;
    let Answer::Found(body) = client.get(&address, "application/x-ndjson", 0)? else {
        anyhow::bail!("{address} does not answer");
    };
    // Held on disk, not in memory: the answer may be anything.
    let mut file = tempfile::tempfile().context("cannot make a temporary file")?;
    body.copy(LARGEST_TABLE, |piece| Ok(file.write_all(piece)?))?;
    file.seek(SeekFrom::Start(0))?;
    let mut lines = BufReader::new(file);
    let (mut compared, mut wrongs) = (0, 0);
    let mut wrong = |at: Option<&str>, cell: &str, what: String, report: &mut Report| {
        wrongs += 1;
        if wrongs <= TOLD {
            report.wrong(Group::Api, at, Some(&format!("{address} {cell}")), what);
        } else {
            report.more_wrong += 1;
            report.good = false;
        }
    };
    let mut text = Vec::new();
    for number in 1.. {
        text.clear();
        if (&mut lines).take(LONGEST_LINE).read_until(b'\n', &mut text)? == 0 {
            break;
        }
        let line: Line = serde_json::from_slice(&text).with_context(|| format!("line {number} of {address} is not as documented"))?;
        let category = line.category.unwrap_or_default();
        let key = format!("{table}|{}|{}|{}|{}|{category}", line.area, line.program, line.period, line.measure);
        let says = (line.value, line.status, line.group.unwrap_or_default(), line.release, line.as_of);
        compared += 1;
        match expected.remove(&key) {
            None => wrong(None, &key, format!("line {number}: no release has this figure, or it comes twice"), report),
            Some(file) if file != says => {
                let (own, other) = (told(says.0, &says.1), told(file.0, &file.1));
                let rest = if own == other { ", but group, release or month differ" } else { "" };
                wrong(Some(&file.3), &key, format!("line {number}: {own}, but the release's file has {other}{rest}"), report);
            }
            Some(_) => {}
        }
    }
    let mut left: Vec<(String, Told)> = expected.into_iter().collect();
    left.sort();
    for (key, file) in left {
        wrong(Some(&file.3), &key, format!("the answer leaves it out, but the release's file has {}", told(file.0, &file.1)), report);
    }
    Ok(compared)
}

/// How many recipients the API says there are in the newest edition, by program.
fn recipients(
    client: &Client,
    sound: &Sound,
    district: AreaCode,
    releases: &[ReleaseId],
    version: u64,
    report: &mut Report,
) -> Result<usize> {
    // The newest rows: a correction of an earlier month may have issued rows again.
    let folders = releases.iter().filter_map(|release| sound.folders.get(release));
    let Some(folder) = folders.max_by_key(|folder| (folder.manifest().edition, folder.manifest().release)) else { return Ok(0) };
    let mut rows: BTreeMap<ProgramCode, u64> = BTreeMap::new();
    for atom in folder.atoms()? {
        let atom = atom?;
        *rows.entry(atom.program).or_default() += u64::from(atom.count);
    }
    let lists: Vec<(String, u64)> =
        std::iter::once((format!("/v1/recipients?area={district}&limit=1&version={version}"), rows.values().sum()))
            .chain(
                rows.iter().map(|(program, count)| {
                    (format!("/v1/recipients?area={district}&program={program}&limit=1&version={version}"), *count)
                }),
            )
            .collect();
    for (address, count) in &lists {
        let Answer::Found(body) = client.get(address, "application/json", 0)? else { anyhow::bail!("{address} does not answer") };
        let total: Total = serde_json::from_slice(&body.bytes(LARGEST_PAGE)?).with_context(|| format!("{address} is not as documented"))?;
        if total.total != *count || total.version.is_some_and(|own| own != version) {
            let what = format!("total {}, but the release's atoms hold {count} rows", total.total);
            report.wrong(Group::Api, Some(&folder.manifest().release.to_string()), Some(address), what);
        }
    }
    Ok(lists.len())
}
