//! Reads what the pages need: whole tables, so that a district costs fewer
//! than fifty requests whatever its size.

use std::collections::{BTreeSet, HashMap};

use anyhow::{Context, Result, bail};

use crate::address;
use crate::client::{Client, VersionMoved};
use crate::figures::Figures;
use crate::model::{
    Area, AreaRef, Atom, ChangedFigure, ChangedTable, Changes, CorrectedRelease, Dataset, Distribution, DistrictEntry, Entry, Feature,
    Geometry, Program, Release, ReleaseEntry, Risk, Table, Told,
};
use crate::words::{Both, Lang};

/// Months a program that pays by the quarter is looked back for its last payment.
const LOOK_BACK: usize = 3;
/// Corrections of a district of which it is told what they changed: the newest.
const CORRECTIONS: usize = 5;

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
    /// The words of categories, by table and category.
    categories: HashMap<(String, String), Both>,
}

impl World {
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
    pub(crate) boundary: Geometry,
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
pub(crate) fn world(client: &Client) -> Result<World> {
    let entry: Entry = client.one("/v1")?;
    if entry.districts.is_empty() {
        bail!("the API has no release yet, so there is nothing to show: admit one first");
    }
    let version = entry.version;
    let programs: Vec<Program> = client.list("/v1/programs", version)?;
    let tables: Vec<Table> = client.list("/v1/statistics", version)?;
    let categories = tables.into_iter().flat_map(|table| {
        let named = table.table.clone();
        table.categories.into_iter().map(move |one| ((named.clone(), one.category), one.name))
    });
    let categories = categories.collect();
    let datasets: Vec<Dataset> = client.list("/v1/datasets", version)?;
    let dictionary: Vec<Told> = client.list("/v1/dictionary", version)?;
    let mut districts = Vec::new();
    for district in &entry.districts {
        districts.push(read_district(client, district, &datasets, version).with_context(|| format!("reading {}", district.name))?);
    }
    let after: Entry = client.one("/v1")?;
    if after.version != version {
        return Err(VersionMoved.into());
    }
    let feeds = Lang::ALL.iter().map(|lang| Ok((*lang, client.feed(*lang, version)?))).collect::<Result<_>>()?;
    Ok(World { address: String::new(), entry, programs, datasets, dictionary, districts, feeds, categories })
}

fn read_district(client: &Client, entry: &DistrictEntry, datasets: &[Dataset], version: u64) -> Result<District> {
    let code = &entry.code;
    let releases: Vec<ReleaseEntry> = client.list(&format!("/v1/releases?area={code}"), version)?;
    // All that is asked of a district below depends on its releases.
    client.depends_on(&format!("{entry:?} {releases:?}").replace('\n', " "));
    let read = read_areas(client, entry, releases, datasets, version);
    client.depends_on("");
    read
}

/// The rest of a district, of these releases.
fn read_areas(client: &Client, entry: &DistrictEntry, releases: Vec<ReleaseEntry>, datasets: &[Dataset], version: u64) -> Result<District> {
    let code = &entry.code;
    let area: Area = client.one(&format!("/v1/areas/{code}"))?;
    // Two lists instead of a question per kecamatan.
    let areas: Vec<Area> = client.list(&format!("/v1/areas?parent={code}"), version)?;
    let mut villages: Vec<Area> = client.list(&format!("/v1/areas?parent={code}&level=kelurahan"), version)?;
    villages.sort_by(|a, b| a.code.cmp(&b.code));
    let mut kecamatan = Vec::new();
    for mut area in areas {
        let boundary: Feature = client.one(&format!("/v1/areas/{}/boundary", area.code))?;
        area.children = villages
            .iter()
            .filter(|one| one.parent.as_deref() == Some(&area.code))
            .map(|one| AreaRef { code: one.code.clone(), name: one.name.clone(), kind: one.kind.clone() })
            .collect();
        let pages = address::children(&entry.name, &area.name, &area.children);
        kecamatan.push(Kecamatan { area, boundary: boundary.geometry, pages });
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
    read("totals", format!("&period={newest}"))?;
    read("totals", "&level=kecamatan".to_owned())?;
    read("flows", format!("&period={newest}"))?;
    read("payments", "&level=kabupaten".to_owned())?;
    read("payments", "&level=kecamatan".to_owned())?;
    // Kelurahan and desa too, of the months in which a last payment is looked for.
    read("payments", format!("&level=kelurahan&period={oldest}..{newest}"))?;
    // A program is shown in its last month of payment, and so is its plan.
    read("plan", String::new())?;
    for table in ["coverage", "demographics", "overlaps", "verification", "freshness", "findings", "deciles", "targeting", "reports"] {
        read(table, format!("&period={newest}"))?;
    }

    let periods = months_to(&figures, code, newest);
    if !periods.contains(newest) {
        bail!("the API names {newest} as the newest month of {code} and gives no totals of it");
    }
    let periods = periods.into_iter().collect();
    let atoms = atoms(client, entry, datasets)?;
    let district =
        District { entry: entry.clone(), area, kecamatan, release, risk, corrections, releases, changes, figures, atoms, periods };
    sums_agree(&district)?;
    Ok(district)
}

/// The months that have totals of an area, up to the newest.
fn months_to(figures: &Figures, code: &str, newest: &str) -> BTreeSet<String> {
    figures
        .iter()
        .filter(|(key, figure)| key.starts_with("totals|") && figure.area == *code && *figure.period <= *newest)
        .map(|(_, figure)| figure.period.clone())
        .collect()
}

/// The atoms of the district's newest release, from its file, whose digest the
/// API names; none where the release has no rows.
fn atoms(client: &Client, entry: &DistrictEntry, datasets: &[Dataset]) -> Result<HashMap<String, Vec<Atom>>> {
    let own = |file: &&Distribution| file.release == entry.release && file.area == entry.code && file.format == "ndjson";
    let files = datasets.iter().filter(|one| one.dataset == "atoms").flat_map(|one| &one.distributions);
    let mut all: HashMap<String, Vec<Atom>> = HashMap::new();
    let Some(file) = files.into_iter().find(own) else { return Ok(all) };
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
