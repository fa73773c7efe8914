//! The same totals everywhere: manifest, files, API and site, on SQLite and on
//! PostgreSQL; and tables whose parts make up their whole.

use std::collections::{BTreeMap, BTreeSet};

use crate::figures::{self, Figure, Figures, Key, MONTHLY, Release, TABLES, level};
use crate::http::Client;
use crate::office::Office;
use crate::prepared::{self, DISTRICTS, K, MONTHS, SENSITIVE};
use crate::{postgres, scratch};

#[test]
fn story_on_sqlite() {
    story(&prepared::published().office);
}

#[test]
fn story_on_postgresql() {
    let url = postgres::database("story");
    let published = prepared::publish_all("published-postgresql", Some(&url));
    assert!(!published.office.data.join("catalogue/current").exists(), "the catalogue is PostgreSQL's, yet SQLite's was written");
    story(&published.office);
    both_backends_answer_alike();
}

fn story(office: &Office) {
    let releases = Release::all(&office.releases());
    let expected: BTreeSet<String> =
        DISTRICTS.iter().flat_map(|district| MONTHS.iter().map(move |month| format!("{district}-{month}"))).collect();
    assert_eq!(releases.iter().map(|release| release.id.clone()).collect::<BTreeSet<_>>(), expected, "release folders");

    let mut all = Figures::new();
    let mut controls = 0;
    for release in &releases {
        sums(release);
        classes(release);
        reasons(release);
        relations(release);
        controls += manifest_totals(release);
        rows(office, release);
        all.extend(release.figures.clone());
    }
    let areas: BTreeSet<&str> = all.keys().map(|key| key.area.as_str()).collect();
    let count = |wanted: &str| areas.iter().filter(|area| level(area) == wanted).count();
    assert_eq!((count("kabupaten"), count("kecamatan"), count("kelurahan")), (5, 69, 751), "areas with figures");

    let server = office.serve_with_site();
    answers(server.client(), &all);
    datasets(server.client(), office, &releases);
    pages(server.client(), office, &all);
    println!("{} figures in {} releases agree; {controls} control totals", all.len(), releases.len());
}

/// A table's figures of one program and measure, by the level of their areas.
type Levels<'a> = BTreeMap<&'static str, Vec<(&'a str, &'a Figure)>>;

/// Kabupaten = sum of kecamatan = sum of kelurahan; for sensitive programs
/// kabupaten = shown kecamatan + groups.
fn sums(release: &Release) {
    let district = release.text("district");
    let mut compared: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    let mut parts: BTreeMap<Key, Levels> = BTreeMap::new();
    // Those who left by reason are sums of their own.
    let exact = |key: &Key| (MONTHLY.contains(&key.table.as_str()) && key.category.is_empty()) || key.table == "plan";
    for (key, figure) in release.figures.iter().filter(|(key, _)| exact(key)) {
        parts.entry(key.of(district)).or_default().entry(level(&key.area)).or_default().push((&key.area, figure));
    }
    for (key, levels) in &parts {
        let cell = key.cell();
        let of = |level: &str| levels.get(level).map_or(&[][..], Vec::as_slice);
        let [(_, whole)] = of("kabupaten") else { panic!("{}: no single kabupaten figure {cell}", release.id) };
        if SENSITIVE.contains(&key.program.as_str()) && key.table != "totals" {
            let leak = of("kecamatan").iter().chain(of("kelurahan")).chain(of("pool")).find(|(_, figure)| figure.value.is_some());
            assert!(leak.is_none(), "{}: {cell}: a sensitive program shows {leak:?} below kabupaten", release.id);
            continue;
        }
        // Sums of varying amounts are shown for groups of kecamatan, too.
        let varying = key.table == "payments" && key.measure.ends_with("_rupiah");
        if SENSITIVE.contains(&key.program.as_str()) || varying && !of("pool").is_empty() {
            assert!(of("kelurahan").is_empty(), "{}: {cell}: kelurahan figures of what is not shown there", release.id);
            groups(release, &cell, whole, of("kecamatan"), of("pool"));
            continue;
        }
        assert!(of("pool").is_empty(), "{}: {cell}: a pool in a table that hides nothing", release.id);
        for level in ["kecamatan", "kelurahan"] {
            let shown = of(level);
            if whole.value.is_none() || shown.iter().all(|(_, figure)| figure.status == "missing") && key.table != "totals" {
                continue;
            }
            let sum: u64 = shown
                .iter()
                .map(|(area, figure)| figure.value.unwrap_or_else(|| panic!("{}: {cell}: {area} is {}", release.id, figure.status)))
                .sum();
            assert_eq!(Some(sum), whole.value, "{}: {cell}: the sum of its {level} differs from the kabupaten's figure", release.id);
            *compared.entry((key.table.as_str(), level)).or_default() += 1;
        }
    }
    for table in MONTHLY {
        let first = release.text("period") == MONTHS[0];
        for level in ["kecamatan", "kelurahan"] {
            let n = compared.get(&(table, level)).copied().unwrap_or(0);
            // The first month has no month before it to enter or leave from.
            assert!(n > 0 || (table == "flows" && first), "{}: no {table} figure to compare with its {level}", release.id);
        }
    }
}

fn groups(release: &Release, cell: &str, whole: &Figure, kecamatan: &[(&str, &Figure)], pools: &[(&str, &Figure)]) {
    let place = format!("{}: {cell}", release.id);
    for (area, figure) in kecamatan {
        if figure.status == "grouped" {
            let (_, _) = pools
                .iter()
                .find(|(pool, _)| *pool == figure.group && pool.split('~').any(|member| member == *area))
                .unwrap_or_else(|| panic!("{place}: {area} is in the group {:?}, which has no row naming it", figure.group));
        }
    }
    for (pool, figure) in pools {
        let members: Vec<&str> = pool.split('~').collect();
        assert!(members.is_sorted() && members.len() > 1, "{place}: the group {pool} is not two or more sorted codes");
        for member in &members {
            let (_, shown) =
                kecamatan.iter().find(|(area, _)| area == member).unwrap_or_else(|| panic!("{place}: {member} of {pool} has no row"));
            assert_eq!((shown.status.as_str(), shown.group.as_str()), ("grouped", *pool), "{place}: {member}");
        }
        assert!(figure.value.is_some_and(|value| value >= K), "{place}: the group {pool} shows {:?}, under k = {K}", figure.value);
    }
    match whole.value {
        Some(total) => {
            let shown: u64 = kecamatan.iter().chain(pools).filter_map(|(_, figure)| figure.value).sum();
            assert_eq!(shown, total, "{place}: shown kecamatan and groups do not make the kabupaten's total");
            for (area, figure) in kecamatan {
                assert!(
                    figure.value.is_none_or(|value| value == 0 || value >= K),
                    "{place}: {area} shows {:?}, under k = {K}",
                    figure.value
                );
            }
        }
        None => {
            let leak = kecamatan.iter().chain(pools).find(|(_, figure)| figure.value.is_some_and(|value| value > 0));
            assert!(leak.is_none(), "{place}: the kabupaten is {}, but {leak:?} shows a number", whole.status);
        }
    }
}

/// Those who left by reason are all who left, of each kecamatan, group and the kabupaten.
fn reasons(release: &Release) {
    let mut by_area: BTreeMap<Key, u64> = BTreeMap::new();
    for (key, figure) in release.figures.iter().filter(|(key, _)| key.table == "flows" && !key.category.is_empty()) {
        assert_eq!(key.measure, "left", "{}: {}", release.id, key.cell());
        *by_area.entry(Key { category: String::new(), ..key.clone() }).or_default() += figure.value.unwrap();
    }
    for (key, sum) in by_area {
        let left: u64 = key.area.split('~').map(|member| release.figures[&key.of(member)].value.unwrap()).sum();
        assert_eq!(sum, left, "{}: reasons of {}", release.id, key.cell());
    }
}

/// Verification and overlaps: every group tells of all its people, in classes
/// of at least k with k outside, and the kabupaten is the sum of its groups.
fn classes(release: &Release) {
    const OUTCOMES: [&str; 11] =
        ["deceased", "duplicate", "ineligible", "invalid", "moved", "no_card", "not_found", "other_name", "refused", "unchecked", "valid"];
    let district = release.text("district");
    let mut groups: BTreeMap<(&str, &str), BTreeMap<&str, u64>> = BTreeMap::new();
    let mut whole: BTreeMap<&str, u64> = BTreeMap::new();
    let verified = release.figures.iter().filter(|(key, figure)| key.table == "verification" && figure.value.is_some());
    for (key, figure) in verified {
        let value = figure.value.unwrap();
        assert!(figure.as_of.as_str() <= release.text("period"), "{}: {} is of {}", release.id, key.cell(), figure.as_of);
        if key.area == district {
            *whole.entry(&key.program).or_default() += value;
        } else {
            assert!(groups.entry((&key.program, &key.area)).or_default().insert(&key.category, value).is_none());
        }
    }
    let mut sums: BTreeMap<&str, u64> = BTreeMap::new();
    for ((program, area), classes) in &groups {
        let total: u64 = classes.values().sum();
        let mut named: Vec<&str> = classes.keys().flat_map(|class| class.split('~')).collect();
        named.sort_unstable();
        assert_eq!(named, OUTCOMES, "{}: the classes of {program} in {area} name each outcome once", release.id);
        for (class, value) in classes {
            assert!(*value >= K && total - value >= K, "{}: {program} in {area}: {class} is {value} of {total}", release.id);
        }
        *sums.entry(program).or_default() += total;
    }
    assert_eq!(sums, whole, "{}: verification by program, groups and kabupaten", release.id);

    let mut shared: BTreeMap<(&str, &str, &str), [u64; 2]> = BTreeMap::new();
    for (key, figure) in release.figures.iter().filter(|(key, figure)| key.table == "overlaps" && figure.value.is_some()) {
        let value = figure.value.unwrap();
        assert!(value >= K, "{}: {} is {value}", release.id, key.cell());
        shared.entry((&key.program, &key.measure, &key.category)).or_default()[usize::from(key.area != district)] += value;
        if key.measure == "both" {
            let mirrored = Key { program: key.category.clone(), category: key.program.clone(), ..key.clone() };
            assert_eq!(release.figures.get(&mirrored).and_then(|other| other.value), Some(value), "{}: {}", release.id, key.cell());
        }
    }
    for (pair, [whole, parts]) in shared {
        assert_eq!(whole, parts, "{}: overlaps {pair:?}, kabupaten and groups", release.id);
    }
}

/// Demographics add up to the rows under every attribute, and a rate is its
/// units over its denominator, rounded down.
fn relations(release: &Release) {
    let district = release.text("district");
    let rows: BTreeMap<&str, u64> = release.manifest["editions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|total| (total["program"].as_str().unwrap(), total["rows"].as_u64().unwrap()))
        .collect();
    let mut sums: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for (key, figure) in release.figures.iter().filter(|(key, _)| key.table == "demographics" && key.area == district) {
        *sums.entry((&key.program, &key.measure)).or_default() += figure.value.unwrap();
    }
    for (program, rows) in &rows {
        for attribute in ["sex", "age_band", "family_size"] {
            assert_eq!(sums.get(&(*program, attribute)), Some(rows), "{}: {program} by {attribute}", release.id);
        }
    }
    let mut rates = 0;
    for (key, figure) in release.figures.iter().filter(|(key, _)| key.table == "coverage" && key.measure.starts_with("units_per_10000_")) {
        let of = key.measure.strip_prefix("units_per_10000_").unwrap();
        let people = release.figures[&Key { measure: of.to_owned(), ..key.clone() }].value.unwrap();
        let units = Key { table: "totals".into(), measure: "units".into(), category: String::new(), ..key.clone() };
        assert_eq!(figure.value, Some(release.figures[&units].value.unwrap() * 10_000 / people), "{}: {}", release.id, key.cell());
        rates += 1;
    }
    assert!(rates > 0, "{}: no coverage", release.id);
}

/// The manifest's control totals are the kabupaten figures of the files.
fn manifest_totals(release: &Release) -> usize {
    let district = release.text("district");
    let controls = release.manifest["control_totals"].as_array().unwrap_or_else(|| panic!("{}: no control_totals", release.id));
    let mut named = BTreeSet::new();
    for control in controls {
        let text = |field: &str| control[field].as_str().unwrap_or("").to_owned();
        let key = Key {
            table: text("table"),
            area: district.to_owned(),
            program: text("program"),
            period: release.text("period").to_owned(),
            measure: text("measure"),
            category: text("category"),
        };
        let figure = release.figures.get(&key).unwrap_or_else(|| panic!("{}: the control total {} is in no file", release.id, key.cell()));
        assert_eq!(
            (control["value"].as_u64(), text("status")),
            (figure.value, figure.status.clone()),
            "{}: control total {}",
            release.id,
            key.cell()
        );
        named.insert(key);
    }
    for key in release.figures.keys().filter(|key| key.table == "totals" && key.area == district) {
        assert!(named.contains(key), "{}: {} has no control total in the manifest", release.id, key.cell());
    }
    named.len()
}

/// The rows of an edition are the totals of its `as_of` month; programs that
/// are sensitive or under k in the district have none.
fn rows(office: &Office, release: &Release) {
    let folder = office.releases().join(&release.id);
    let mut rows: BTreeMap<String, u64> = BTreeMap::new();
    for record in csv::Reader::from_path(folder.join("data/recipients.csv")).unwrap().records() {
        *rows.entry(record.unwrap()[2].to_owned()).or_default() += 1;
    }
    let mut atoms: BTreeMap<String, u64> = BTreeMap::new();
    for record in csv::Reader::from_path(folder.join("data/atoms.csv")).unwrap().records() {
        let record = record.unwrap();
        *atoms.entry(record[1].to_owned()).or_default() += record[7].parse::<u64>().unwrap();
    }
    assert_eq!(rows, atoms, "{}: rows and atoms by program", release.id);

    let as_of = release.text("edition_as_of");
    let district = release.text("district");
    let taken = Release::read(&office.releases().join(format!("{district}-{as_of}")));
    for (key, figure) in taken.figures.iter().filter(|(key, _)| key.table == "totals" && key.area == district) {
        let n = rows.get(&key.program).copied().unwrap_or(0);
        let expected = if SENSITIVE.contains(&key.program.as_str()) { 0 } else { figure.value.filter(|total| *total >= K).unwrap_or(0) };
        assert_eq!(n, expected, "{}: rows of {} against its total of {as_of} ({:?})", release.id, key.program, figure.value);
    }
    assert!(rows.values().sum::<u64>() > 0, "{}: no rows at all", release.id);
}

/// Every table, whole, from the API: the same figures as in the files.
fn answers(client: &Client, all: &Figures) {
    for table in TABLES {
        let mut served = Figures::new();
        for district in DISTRICTS {
            let path = format!("/v1/statistics/{table}?area={district}&format=csv");
            let reply = client.get(&path).is(200);
            figures::read_table(table, &reply.body, &path, &mut served);
        }
        differ(&served, all, table, "the API");
    }
}

fn differ(served: &Figures, all: &Figures, table: &str, whose: &str) {
    for (key, figure) in all.iter().filter(|(key, _)| key.table == table) {
        assert_eq!(served.get(key), Some(figure), "{} in {whose} and in the files", key.cell());
    }
    for key in served.keys() {
        assert!(all.contains_key(key), "{whose} answers {}, which is in no file", key.cell());
    }
}

/// Files come out of the API as they lie in the folder.
fn datasets(client: &Client, office: &Office, releases: &[Release]) {
    let list = client.get("/v1/datasets").is(200).json();
    let mut compared = 0;
    for dataset in list["data"].as_array().unwrap() {
        for file in dataset["distributions"].as_array().unwrap() {
            let (url, release) = (file["url"].as_str().unwrap(), file["release"].as_str().unwrap());
            // One district is enough; whole files of all would only be slow.
            if !release.starts_with("12.74") {
                continue;
            }
            let name = url.rsplit('/').next().unwrap();
            // The manifest names all files but itself and its signature.
            let own = name.starts_with("manifest.");
            let entry = releases.iter().find(|known| known.id == release).unwrap().manifest["files"]
                .as_array()
                .unwrap()
                .iter()
                .find(|entry| entry["path"].as_str().unwrap().rsplit('/').next() == Some(name));
            assert!(entry.is_some() != own, "{url}: only what the manifest names is offered");
            let path = entry.map_or(name, |entry| entry["path"].as_str().unwrap());
            let on_disk = std::fs::read(office.releases().join(release).join(path)).unwrap();
            let reply = client.get(url).is(200);
            assert!(reply.body == on_disk, "{url} differs from the release's file");
            assert_eq!(file["bytes"], on_disk.len(), "{url}: bytes");
            assert_eq!(file["sha256"].as_str().unwrap(), sha256(&on_disk), "{url}: sha256");
            if let Some(entry) = entry {
                assert_eq!((&entry["sha256"], &entry["rows"]), (&file["sha256"], &file["rows"]), "{url}: manifest and API");
            }
            compared += 1;
        }
    }
    assert!(compared >= 5 * MONTHS.len(), "only {compared} files of 12.74 are offered");
}

/// SHA-256 in hex.
pub fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest;
    sha2::Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Every figure on every page is the one published, and every non-sensitive
/// program's kabupaten total of every month stands on some page.
fn pages(client: &Client, office: &Office, all: &Figures) {
    let by_cell: BTreeMap<String, &Figure> = all.iter().map(|(key, figure)| (key.cell(), figure)).collect();
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let (mut pages, mut figures) = (0, 0);
    for path in scratch::files(&site_folder(office)) {
        if path.extension().is_none_or(|extension| extension != "html") {
            continue;
        }
        pages += 1;
        let html = std::fs::read_to_string(&path).unwrap();
        // Redirect stubs (lasting addresses) hold no content.
        if html.contains("http-equiv=refresh") || html.contains("http-equiv=\"refresh\"") {
            continue;
        }
        let root = &html[html.find("<html").unwrap_or_else(|| panic!("{}: no <html>", path.display()))..];
        let root = &root[..root.find('>').unwrap()];
        assert!(figures::attribute(root, "data-version").is_some(), "{}: <html> has no data-version", path.display());
        assert!(html.contains("SIMULASI"), "{}: no simulation notice", path.display());
        for shown in figures::shown(&html) {
            let figure = by_cell.get(&shown.cell).unwrap_or_else(|| panic!("{}: {} is not published", path.display(), shown.cell));
            let value = figure.value.map_or(String::new(), |value| value.to_string());
            assert_eq!((&shown.value, &shown.status), (&value, &figure.status), "{}: {}", path.display(), shown.cell);
            figures += 1;
            seen.insert(shown.cell);
        }
    }
    let mut absent = Vec::new();
    for key in all.keys().filter(|key| key.table == "totals" && !SENSITIVE.contains(&key.program.as_str())) {
        let needed = match level(&key.area) {
            "kabupaten" => true,
            "kecamatan" | "kelurahan" => key.period == MONTHS[MONTHS.len() - 1],
            _ => false,
        };
        if needed && !seen.contains(&key.cell()) {
            absent.push(key.cell());
        }
    }
    assert!(absent.is_empty(), "{} totals stand on no page, such as {:?}", absent.len(), &absent[..absent.len().min(5)]);
    println!("{figures} figures on {pages} pages agree");

    for (page, lang) in [
        ("/", "id"),
        ("/wilayah/kota-tangerang/", "id"),
        ("/wilayah/kota-tangerang/ciledug/", "id"),
        ("/program/pkh/", "id"),
        ("/en/", "en"),
        ("/en/wilayah/kota-tangerang/ciledug/", "en"),
    ] {
        let reply = client.get(page).is(200);
        assert!(reply.header("content-type").starts_with("text/html"), "{page}: {}", reply.header("content-type"));
        let text = reply.text();
        assert!(text.contains(&format!("lang={lang}")) || text.contains(&format!("lang=\"{lang}\"")), "{page}: not in {lang}");
    }
}

/// The served site, links followed.
fn site_folder(office: &Office) -> std::path::PathBuf {
    std::fs::canonicalize(office.site()).unwrap_or_else(|error| panic!("{}: {error}", office.site().display()))
}

/// The two databases give the same bodies for the same questions about the same
/// releases: two offices would differ, since chance has a part in their rows.
fn both_backends_answer_alike() {
    let sqlite = prepared::published().office.serve();
    let copy = prepared::published().office.copy("alike");
    let postgresql = Office::at(copy.data.clone(), Some(&postgres::database("alike")));
    postgresql.api(&["rebuild"]).succeeds();
    let postgresql = postgresql.serve();
    let mut compared = 0;
    for path in [
        "/v1/statistics/totals?area=36.71&level=kecamatan&format=csv",
        "/v1/statistics/payments?area=12.02&program=PKH&format=csv",
        "/v1/statistics/flows?area=33.28&period=2025-02..2025-03&format=csv",
        "/v1/statistics/verification?area=12.02&category=not_found&format=csv",
        "/v1/statistics/demographics?area=33.28&level=kecamatan&category=*&format=csv",
        "/v1/statistics/overlaps?area=36.71&period=2025-03&limit=13",
        "/v1/statistics/coverage?area=21.03&format=ndjson",
        "/v1/recipients?area=36.71.01&program=PKH&format=csv",
        "/v1/recipients?area=12.74&sex=F&age_band=60%2B&format=ndjson",
        "/v1/recipients?area=21.03&format=csv",
        "/v1/areas?q=adiankoting",
        "/v1/areas?parent=12.02",
        "/v1/programs",
        "/v1/recipients?area=12.02&limit=7",
    ] {
        let (one, other) = (sqlite.client().get(path).is(200), postgresql.client().get(path).is(200));
        assert!(one.body == other.body, "{path}: SQLite and PostgreSQL differ:\n{}\n{}", one.start(), other.start());
        compared += 1;
    }
    println!("{compared} answers are the same bytes on SQLite and PostgreSQL");
}
