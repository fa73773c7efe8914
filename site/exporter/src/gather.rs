//! Reads what the pages need: whole tables, so that a district costs fewer
//! than fifty requests whatever its size.

use std::collections::BTreeSet;

use anyhow::{Context, Result, bail};

use crate::client::{Client, VersionMoved};
use crate::figures::Figures;
use crate::model::{Area, AreaRef, Dataset, DistrictEntry, Entry, Feature, Geometry, Program, Release};

/// Months a program that pays by the quarter is looked back for its last payment.
const LOOK_BACK: usize = 3;

/// Everything the pages are made of.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) entry: Entry,
    pub(crate) programs: Vec<Program>,
    pub(crate) datasets: Vec<Dataset>,
    pub(crate) districts: Vec<District>,
}

/// A kabupaten or kota.
#[derive(Debug)]
pub(crate) struct District {
    pub(crate) entry: DistrictEntry,
    pub(crate) area: Area,
    pub(crate) kecamatan: Vec<Kecamatan>,
    pub(crate) release: Release,
    pub(crate) figures: Figures,
    /// Months with totals, ascending.
    pub(crate) periods: Vec<String>,
}

/// A kecamatan, with its kelurahan and desa as children.
#[derive(Debug)]
pub(crate) struct Kecamatan {
    pub(crate) area: Area,
    pub(crate) boundary: Geometry,
}

impl District {
    /// The newest month.
    pub(crate) fn period(&self) -> &str {
        &self.entry.period
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
    let datasets: Vec<Dataset> = client.list("/v1/datasets", version)?;
    let mut districts = Vec::new();
    for district in &entry.districts {
        districts.push(read_district(client, district, version).with_context(|| format!("reading {}", district.name))?);
    }
    let after: Entry = client.one("/v1")?;
    if after.version != version {
        return Err(VersionMoved.into());
    }
    Ok(World { entry, programs, datasets, districts })
}

fn read_district(client: &Client, entry: &DistrictEntry, version: u64) -> Result<District> {
    let code = &entry.code;
    let area: Area = client.one(&format!("/v1/areas/{code}"))?;
    let mut kecamatan = Vec::new();
    for AreaRef { code, .. } in &area.children {
        let boundary: Feature = client.one(&format!("/v1/areas/{code}/boundary"))?;
        kecamatan.push(Kecamatan { area: client.one(&format!("/v1/areas/{code}"))?, boundary: boundary.geometry });
    }
    if kecamatan.is_empty() {
        bail!("the API names no kecamatan of {code}");
    }
    let release: Release = client.one(&format!("/v1/releases/{}", entry.release))?;

    let mut figures = Figures::default();
    let newest = &entry.period;
    let mut read = |table: &str, rest: String| -> Result<()> {
        figures.add(table, client.table(&format!("/v1/statistics/{table}?area={code}{rest}"), version)?)
    };
    read("totals", format!("&period={newest}"))?;
    read("totals", "&level=kabupaten".to_owned())?;
    read("totals", "&level=kecamatan".to_owned())?;
    read("flows", format!("&period={newest}"))?;
    read("payments", "&level=kabupaten".to_owned())?;
    read("payments", "&level=kecamatan".to_owned())?;

    let periods: BTreeSet<String> = figures
        .iter()
        .filter(|(key, figure)| key.starts_with("totals|") && figure.area == *code && figure.period <= *newest)
        .map(|(_, figure)| figure.period.clone())
        .collect();
    if !periods.contains(newest) {
        bail!("the API names {newest} as the newest month of {code} and gives no totals of it");
    }
    let district = District { entry: entry.clone(), area, kecamatan, release, figures, periods: periods.into_iter().collect() };
    sums_agree(&district)?;
    Ok(district)
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
