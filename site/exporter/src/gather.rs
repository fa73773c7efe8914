//! Reads what the pages need: whole tables, so that a district costs fewer
//! than fifty requests whatever its size.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use anyhow::{Context, Result, bail};

use crate::address;
use crate::client::{Client, VersionMoved};
use crate::figures::Figures;
use crate::model::{
    Area, AreaRef, Atom, ChangedFigure, ChangedTable, Changes, CorrectedRelease, Dataset, Distribution, DistrictEntry, Entry, Features,
    Figure, Geometry, Program, Release, ReleaseEntry, Risk, Table, Told,
};
use crate::words::{Both, Lang};

/// Months a program that pays by the quarter is looked back for its last payment.
const LOOK_BACK: usize = 3;
/// Corrections of a district of which it is told what they changed: the newest.
const CORRECTIONS: usize = 5;
/// Characters of a district's code, with which the codes of all areas in it begin.
const DISTRICT_CODE: usize = 5;
/// Tools for which the API has a program to copy, and its name there.
const QUICKSTARTS: [(&str, &str); 6] = [
    ("curl", "curl.sh"),
    ("Python", "python.py"),
    ("R", "r.R"),
    ("JavaScript", "javascript.mjs"),
    ("DuckDB", "duckdb.sql"),
    ("Excel (Power Query)", "excel.pq"),
];
/// Tables of which the pages show the newest month alone, all areas in one reading.
const NEWEST: [&str; 11] =
    ["totals", "flows", "coverage", "demographics", "overlaps", "verification", "freshness", "findings", "deciles", "targeting", "reports"];
/// Districts read at once: while one answer is read, the next is being made.
const READERS: usize = 10;

/// Everything the pages are made of.
#[derive(Debug)]
pub(crate) struct World {
    /// Where readers find the site, without a slash at the end.
    pub(crate) address: String,
    pub(crate) entry: Entry,
    pub(crate) programs: Vec<Program>,
    pub(crate) datasets: Vec<Dataset>,
    /// What every field and measure is.
    pub(crate) dictionary: Vec<Told>,
    pub(crate) districts: Vec<District>,
    /// The Atom feed of releases, in each language.
    pub(crate) feeds: Vec<(Lang, String)>,
    /// Programs that ask the API, by tool, as it gives them out.
    pub(crate) quickstarts: Vec<(&'static str, String)>,
    /// Down to which areas there are pages.
    pub(crate) depth: Depth,
    /// Where each district is in the list, by its code.
    places: HashMap<String, usize>,
    /// Files by release: the dataset's place in the list, and the file's in the dataset.
    files: HashMap<String, Vec<(usize, usize)>>,
    /// The words of categories, by table and category.
    categories: HashMap<(String, String), Both>,
}

/// Down to which areas there are pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Depth {
    /// Kecamatan, whose pages list their kelurahan and desa: for a site of a whole country.
    Kecamatan,
    /// Kelurahan and desa, too.
    #[default]
    Kelurahan,
}

impl std::str::FromStr for Depth {
    type Err = String;
    fn from_str(text: &str) -> Result<Depth, String> {
        match text {
            "kecamatan" => Ok(Depth::Kecamatan),
            "kelurahan" => Ok(Depth::Kelurahan),
            _ => Err(format!("{text:?} is no depth of the site: expected kecamatan or kelurahan")),
        }
    }
}

impl World {
    /// The figure that has this name on the pages.
    pub(crate) fn figure(&self, name: &str) -> Option<&Figure> {
        let area = name.split('|').nth(1)?;
        let district = self.places.get(area.get(..DISTRICT_CODE)?)?;
        self.districts.get(*district)?.figures.by_name(name)
    }

    /// The figure that a replaced release said: its name begins with the release.
    pub(crate) fn past_figure(&self, name: &str) -> Option<&Figure> {
        let (release, name) = name.split_once('|')?;
        let district = self.places.get(release.get(..DISTRICT_CODE)?)?;
        self.districts.get(*district)?.past.get(release)?.by_name(name)
    }

    /// The files of a release, each with its dataset.
    pub(crate) fn files_of<'a>(&'a self, release: &str) -> impl Iterator<Item = (&'a Dataset, &'a Distribution)> {
        let places = self.files.get(release).into_iter().flatten();
        places.filter_map(|(dataset, file)| {
            let dataset = self.datasets.get(*dataset)?;
            Some((dataset, dataset.distributions.get(*file)?))
        })
    }

    /// The words of a single category; `None` where the API has none.
    pub(crate) fn category(&self, table: &str, category: &str) -> Option<&Both> {
        self.categories.get(&(table.to_owned(), category.to_owned()))
    }
}

/// A kabupaten or kota.
#[derive(Debug)]
pub(crate) struct District {
    pub(crate) entry: DistrictEntry,
    pub(crate) area: Area,
    pub(crate) kecamatan: Vec<Kecamatan>,
    pub(crate) release: Release,
    /// Its risk report.
    pub(crate) risk: Risk,
    /// Revisions that answer, the newest month first.
    pub(crate) corrections: Vec<ReleaseEntry>,
    /// Every release, also those superseded and withdrawn.
    pub(crate) releases: Vec<ReleaseEntry>,
    /// What the newest corrections changed.
    pub(crate) changes: Vec<Changed>,
    pub(crate) figures: Figures,
    /// What releases said that others have replaced, by release.
    pub(crate) past: BTreeMap<String, Figures>,
    /// The rows of the newest release by area: which are alike, and how many.
    pub(crate) atoms: HashMap<String, Vec<Atom>>,
    /// Months with totals, ascending.
    pub(crate) periods: Vec<String>,
}

/// What a correction changed.
#[derive(Debug)]
pub(crate) struct Changed {
    pub(crate) release: ReleaseEntry,
    /// How many figures.
    pub(crate) total: u64,
    /// How many by table.
    pub(crate) tables: Vec<ChangedTable>,
    /// Those of the whole district.
    pub(crate) figures: Vec<ChangedFigure>,
}

/// A kecamatan, with its kelurahan and desa as children.
#[derive(Debug)]
pub(crate) struct Kecamatan {
    pub(crate) area: Area,
    /// None where the API has none: then it is on no map.
    pub(crate) boundary: Option<Geometry>,
    /// The pages of its children, in their order, without language.
    pub(crate) pages: Vec<String>,
}

impl District {
    /// The newest month.
    pub(crate) fn period(&self) -> &str {
        &self.entry.period
    }

    /// The newest release, as the list of releases has it.
    pub(crate) fn newest(&self) -> Option<&ReleaseEntry> {
        self.releases.iter().find(|one| one.release == self.entry.release)
    }

    /// The last months, newest first, in which a payment is looked for.
    pub(crate) fn recent(&self) -> impl Iterator<Item = &String> {
        self.periods.iter().rev().take(LOOK_BACK)
    }

    /// The name of an area of the district by its code; the code when it is not known.
    pub(crate) fn name_of<'a>(&'a self, code: &'a str) -> &'a str {
        let kecamatan = self.kecamatan.iter().map(|k| (&k.area.code, &k.area.name));
        let kelurahan = self.kecamatan.iter().flat_map(|k| &k.area.children).map(|c| (&c.code, &c.name));
        kecamatan.chain(kelurahan).find(|(own, _)| *own == code).map_or(code, |(_, name)| name)
    }
}

/// Reads all of it, of the version that the API names first.
pub(crate) fn world(client: &Client, depth: Depth) -> Result<World> {
    let entry: Entry = client.one("/v1")?;
    if entry.districts.is_empty() {
        bail!("the API has no release yet, so there is nothing to show: admit one first");
    }
    let version = entry.version;
    let programs: Vec<Program> = client.list("/v1/programs", version)?;
    let described: Vec<Table> = client.list("/v1/statistics", version)?;
    let categories = described.into_iter().flat_map(|table| {
        let named = table.table.clone();
        table.categories.into_iter().map(move |one| ((named.clone(), one.category), one.name))
    });
    let categories = categories.collect();
    let datasets: Vec<Dataset> = client.list("/v1/datasets", version)?;
    let dictionary: Vec<Told> = client.list("/v1/dictionary", version)?;
    let tables = tables_of(&datasets);
    let districts = read_districts(client, &entry.districts, &tables, (version, depth))?;
    let mut quickstarts = Vec::new();
    for (tool, name) in QUICKSTARTS {
        quickstarts.extend(client.quickstart(name)?.map(|text| (tool, text)));
    }
    let after: Entry = client.one("/v1")?;
    if after.version != version {
        return Err(VersionMoved.into());
    }
    let feeds = Lang::ALL.iter().map(|lang| Ok((*lang, client.feed(*lang, version)?))).collect::<Result<_>>()?;
    let places = districts.iter().enumerate().map(|(at, one)| (one.area.code.clone(), at)).collect();
    let mut files: HashMap<String, Vec<(usize, usize)>> = HashMap::new();
    for (dataset, of) in datasets.iter().enumerate() {
        for (file, one) in of.distributions.iter().enumerate() {
            files.entry(one.release.clone()).or_default().push((dataset, file));
        }
    }
    Ok(World {
        address: String::new(),
        entry,
        programs,
        datasets,
        dictionary,
        districts,
        feeds,
        quickstarts,
        depth,
        places,
        files,
        categories,
    })
}

/// The files of releases as NDJSON, by dataset and release.
type Files<'a> = HashMap<(&'a str, &'a str), &'a Distribution>;

fn tables_of(datasets: &[Dataset]) -> Files<'_> {
    let all = datasets.iter().flat_map(|one| one.distributions.iter().map(move |file| (one, file)));
    all.filter(|(_, file)| file.format == "ndjson").map(|(one, file)| ((&*one.dataset, &*file.release), file)).collect()
}

/// All districts, several at once; the first error in their order.
fn read_districts(client: &Client, entries: &[DistrictEntry], files: &Files<'_>, what: (u64, Depth)) -> Result<Vec<District>> {
    let next = AtomicUsize::new(0);
    let failed = AtomicBool::new(false);
    let read = || {
        let mut done = Vec::new();
        // What fails once need not be read to its end.
        while let (false, Some((at, entry))) = (failed.load(Ordering::Relaxed), following(&next, entries)) {
            let district = read_district(client, entry, files, what).with_context(|| format!("reading {}", entry.name));
            failed.fetch_or(district.is_err(), Ordering::Relaxed);
            done.push((at, district));
        }
        done
    };
    let mut all: Vec<(usize, Result<District>)> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..READERS).map(|_| scope.spawn(read)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    });
    all.sort_by_key(|(at, _)| *at);
    all.into_iter().map(|(_, district)| district).collect()
}

/// The next of some things that several threads take from.
fn following<'a, T>(next: &AtomicUsize, all: &'a [T]) -> Option<(usize, &'a T)> {
    let at = next.fetch_add(1, Ordering::Relaxed);
    all.get(at).map(|one| (at, one))
}

fn read_district(client: &Client, entry: &DistrictEntry, files: &Files<'_>, what: (u64, Depth)) -> Result<District> {
    let (version, _) = what;
    let code = &entry.code;
    let releases: Vec<ReleaseEntry> = client.list(&format!("/v1/releases?area={code}"), version)?;
    // All that is asked of a district below depends on its releases.
    let client = client.depending_on(&format!("{entry:?} {releases:?}").replace('\n', " "));
    read_areas(&client, entry, releases, files, what)
}

/// The rest of a district, of these releases.
fn read_areas(
    client: &Client,
    entry: &DistrictEntry,
    releases: Vec<ReleaseEntry>,
    files: &Files<'_>,
    (version, depth): (u64, Depth),
) -> Result<District> {
    let code = &entry.code;
    let area: Area = client.one(&format!("/v1/areas/{code}"))?;
    // Two lists instead of a question per kecamatan.
    let areas: Vec<Area> = client.list(&format!("/v1/areas?parent={code}"), version)?;
    let mut villages: Vec<Area> = client.list(&format!("/v1/areas?parent={code}&level=kelurahan"), version)?;
    villages.sort_by(|a, b| a.code.cmp(&b.code));
    // An area without a boundary has everything but a map.
    let drawn: Option<Features> = client.one_or_none(&format!("/v1/areas/{code}/boundary?level=kecamatan"))?;
    let mut boundaries: HashMap<String, Geometry> =
        drawn.into_iter().flat_map(|all| all.features).map(|one| (one.id, one.geometry)).collect();
    let mut kecamatan = Vec::new();
    for mut area in areas {
        area.children = villages
            .iter()
            .filter(|one| one.parent.as_deref() == Some(&area.code))
            .map(|one| AreaRef { code: one.code.clone(), name: one.name.clone(), kind: one.kind.clone() })
            .collect();
        let pages = match depth {
            Depth::Kelurahan => address::children(&entry.name, &area.name, &area.children),
            Depth::Kecamatan => address::lines(&entry.name, &area.name, &area.children),
        };
        let boundary = boundaries.remove(&area.code);
        kecamatan.push(Kecamatan { area, boundary, pages });
    }
    if kecamatan.is_empty() {
        bail!("the API names no kecamatan of {code}");
    }
    let release: Release = client.one(&format!("/v1/releases/{}", entry.release))?;

    let risk: Risk = client.one(&format!("/v1/datasets/release/{}/risk-report.json", entry.release))?;
    let mut corrections = releases.clone();
    corrections.retain(|one| one.correction.is_some() && one.status == "current");
    corrections.sort_by(|a, b| b.period.cmp(&a.period));
    let changes = changes(client, &releases, &corrections, version)?;

    let mut figures = Figures::default();
    let newest = &entry.period;
    let table = |table: &str, rest: String| client.table(&format!("/v1/statistics/{table}?area={code}{rest}"), version);
    figures.add("totals", table("totals", "&level=kabupaten".to_owned())?)?;
    let oldest = months_to(&figures, code, newest).into_iter().rev().take(LOOK_BACK).min().unwrap_or_else(|| newest.clone());
    let mut read = |name: &str, rest: String| figures.add(name, table(name, rest)?);
    read("totals", "&level=kecamatan".to_owned())?;
    read("payments", "&level=kabupaten".to_owned())?;
    read("payments", "&level=kecamatan".to_owned())?;
    if depth == Depth::Kelurahan {
        // Kelurahan and desa too, of the months in which a last payment is looked for.
        read("payments", format!("&level=kelurahan&period={oldest}..{newest}"))?;
    }
    // A program is shown in its last month of payment, and so is its plan.
    read("plan", String::new())?;
    for name in NEWEST {
        // A table of one month is a file of its release, which costs the API less than
        // an answer. Where it gives none, it is asked.
        match files.get(&(name, &*entry.release)) {
            Some(file) => figures.add(name, client.file(&file.url, &file.sha256)?)?,
            None => figures.add(name, table(name, format!("&period={newest}"))?)?,
        }
    }

    let periods = months_to(&figures, code, newest);
    if !periods.contains(newest) {
        bail!("the API names {newest} as the newest month of {code} and gives no totals of it");
    }
    let periods = periods.into_iter().collect();
    let past = past(client, code, &releases, version)?;
    let atoms = atoms(client, entry, files)?;
    let district =
        District { entry: entry.clone(), area, kecamatan, release, risk, corrections, releases, changes, figures, past, atoms, periods };
    sums_agree(&district)?;
    Ok(district)
}

/// What each replaced release said, down to kecamatan.
fn past(client: &Client, code: &str, releases: &[ReleaseEntry], version: u64) -> Result<BTreeMap<String, Figures>> {
    let mut past = BTreeMap::new();
    for one in releases.iter().filter(|one| one.status == "superseded") {
        let mut figures = Figures::default();
        for (table, level) in [("totals", "kabupaten"), ("totals", "kecamatan"), ("payments", "kabupaten")] {
            let path = format!("/v1/statistics/{table}?area={code}&level={level}&release={}", one.release);
            figures.add(table, client.table(&path, version)?)?;
        }
        past.insert(one.release.clone(), figures);
    }
    Ok(past)
}

/// The months that have totals of an area, up to the newest.
fn months_to(figures: &Figures, code: &str, newest: &str) -> BTreeSet<String> {
    figures
        .iter()
        .filter(|(key, figure)| key.starts_with("totals|") && figure.area == *code && *figure.period <= *newest)
        .map(|(_, figure)| figure.period.to_string())
        .collect()
}

/// The atoms of the district's newest release, from its file, whose digest the
/// API names; none where the release has no rows.
fn atoms(client: &Client, entry: &DistrictEntry, files: &Files<'_>) -> Result<HashMap<String, Vec<Atom>>> {
    let mut all: HashMap<String, Vec<Atom>> = HashMap::new();
    let Some(file) = files.get(&("atoms", &*entry.release)) else { return Ok(all) };
    for atom in client.file::<Atom>(&file.url, &file.sha256)? {
        all.entry(atom.area.clone()).or_default().push(atom);
    }
    Ok(all)
}

/// What the newest corrections changed. Against an issue that was withdrawn
/// nothing is told.
fn changes(client: &Client, releases: &[ReleaseEntry], corrections: &[ReleaseEntry], version: u64) -> Result<Vec<Changed>> {
    let stands = |of: &str| releases.iter().any(|one| one.release == of && one.status != "withdrawn");
    let mut found = Vec::new();
    for one in corrections.iter().take(CORRECTIONS) {
        let Some(correction) = one.correction.as_ref().filter(|correction| stands(&correction.of)) else { continue };
        let all: Changes = client.one(&format!("/v1/releases/{}/changes/{}?limit=1", correction.of, one.release))?;
        if all.version != version {
            return Err(VersionMoved.into());
        }
        let detail: CorrectedRelease = client.one(&format!("/v1/releases/{}", one.release))?;
        let figures = detail.changes.map(|changes| changes.figures).unwrap_or_default();
        found.push(Changed { release: one.clone(), total: all.total, tables: all.tables, figures });
    }
    Ok(found)
}

/// A total of the district must be the sum over its kecamatan, and that of a
/// kecamatan the sum over its kelurahan, wherever all of them are shown.
fn sums_agree(district: &District) -> Result<()> {
    let programs: BTreeSet<&str> = district.figures.iter().map(|(_, figure)| figure.program.as_str()).collect();
    for program in programs {
        let units = |area: &str| district.figures.value("totals", area, program, district.period(), "units");
        let agree = |whole: &str, parts: &mut dyn Iterator<Item = &String>| -> Result<()> {
            if let (Some(whole_units), Some(sum)) = (units(whole), parts.map(|part| units(part)).sum::<Option<u64>>())
                && whole_units != sum
            {
                bail!("the API contradicts itself: {program} in {whole} is {whole_units}, and its parts make {sum}");
            }
            Ok(())
        };
        agree(&district.area.code, &mut district.kecamatan.iter().map(|k| &k.area.code))?;
        for kecamatan in district.kecamatan.iter().filter(|k| !k.area.children.is_empty()) {
            agree(&kecamatan.area.code, &mut kecamatan.area.children.iter().map(|c| &c.code))?;
        }
    }
    Ok(())
}
