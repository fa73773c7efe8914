//! What the descriptions say of a made-up release; the stories read those of
//! real ones with the tools that others use.

use super::*;
use serde_json::Value;

fn release(id: &str) -> Release {
    let file = |path: &str| File { path: path.to_owned(), bytes: 10, rows: 1, sha256: "ab".repeat(32) };
    let mut files: Vec<File> = dictionary::all()
        .iter()
        .flat_map(|dataset| dataset.forms.iter().map(|form| file(&format!("data/{}.{}", dataset.name, form.ending()))).collect::<Vec<_>>())
        .collect();
    files.push(file("risk-report.json"));
    Release {
        id: id.parse().unwrap(),
        edition: Some(("2025Q2".parse().unwrap(), "2025-04".parse().unwrap())),
        simulated: true,
        corrects: None,
        issued: Some("2025-07-01T00:00:00Z".to_owned()),
        files,
    }
}

/// Every text below a key.
fn texts<'a>(value: &'a Value, key: &str, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(map) => {
            for (name, inner) in map {
                match inner.as_str() {
                    Some(text) if name == key => found.push(text),
                    _ => texts(inner, key, found),
                }
            }
        }
        Value::Array(all) => all.iter().for_each(|inner| texts(inner, key, found)),
        _ => {}
    }
}

#[test]
fn a_package_names_every_file_once_and_never_leaves_its_folder() {
    let release = release("36.71-2025-06");
    for (package, prefix) in
        [(package::of_release(&release), "data/"), (package::of_host(std::slice::from_ref(&release), &[release.id]), "v1/datasets/")]
    {
        let mut paths = Vec::new();
        texts(&package["resources"], "path", &mut paths);
        assert_eq!(paths.len(), release.files.len() - 1);
        let mut once = paths.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), paths.len());
        assert!(paths.iter().all(|path| path.starts_with(prefix) && !path.contains("..")), "{paths:?}");
        let mut names: Vec<&str> = package["resources"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
        assert_eq!(names.len(), dictionary::all().len());
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), dictionary::all().len());
        // A validator's rule for names.
        let legal = |name: &str| name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-._/".contains(&b));
        assert!(names.iter().all(|name| legal(name)), "{names:?}");
        assert!(package["description"].as_str().unwrap().contains("SIMULASI"));
    }
}

#[test]
fn schemas_hold_the_dictionary() {
    let package = package::of_release(&release("36.71-2025-06"));
    let find = |name: &str| package["resources"].as_array().unwrap().iter().find(|one| one["name"] == name).unwrap();
    let totals = &find("totals")["schema"];
    assert_eq!(totals["primaryKey"], serde_json::json!(["area", "program", "period", "measure", "category"]));
    assert_eq!(totals["foreignKeys"][0]["reference"]["resource"], "programs");
    let field = |name: &str| totals["fields"].as_array().unwrap().iter().find(|one| one["name"] == name).unwrap();
    assert_eq!(field("status")["constraints"]["enum"].as_array().unwrap().len(), 4);
    assert_eq!(field("category")["missingValues"], serde_json::json!([]));
    assert_eq!((field("value")["type"].as_str(), field("period")["type"].as_str()), (Some("integer"), Some("yearmonth")));
    assert_eq!(field("measure")["measures"][0]["satuan"], "keluarga atau jiwa, menurut satuan program");
    // Lines of no one program cannot be looked up among the programs.
    assert!(find("deciles")["schema"].get("foreignKeys").is_none());
    assert_eq!(find("areas")["schema"]["foreignKeys"][0]["reference"]["resource"], "");
    assert!(find("boundaries").get("schema").is_none());
}

#[test]
fn a_catalogue_orders_versions_and_places_them() {
    let mut second = release("36.71-2025-07-r2");
    second.corrects = Some("36.71-2025-07".parse().unwrap());
    let catalogue = serde_json::to_value(dcat::Catalogue { releases: vec![release("36.71-2025-06"), second], left_out: 0 }).unwrap();
    let node = |id: &str| catalogue["@graph"].as_array().unwrap().iter().find(|one| one["@id"] == id).unwrap();
    let totals = node("v1/datasets/totals?release=36.71-2025-07-r2");
    assert_eq!(totals["dcat:prev"]["@id"], "v1/datasets/totals?release=36.71-2025-06");
    assert_eq!(totals["dcat:previousVersion"]["@id"], "v1/datasets/totals?release=36.71-2025-07");
    assert_eq!(totals["dcat:version"], "2025.7.2");
    assert_eq!(totals["dct:temporal"]["dcat:endDate"]["@value"], "2025-07-31");
    assert_eq!(node("v1/datasets/atoms?release=36.71-2025-06")["dct:temporal"]["dcat:startDate"]["@value"], "2025-04-01");
    assert!(node("v1/areas/36.71")["dcat:bbox"]["@value"].as_str().unwrap().starts_with("POLYGON((106."));
    assert_eq!(node("v1/datasets/totals")["@type"], "dcat:DatasetSeries");
    // Every node that something points to on this host is there.
    let known: Vec<&str> = catalogue["@graph"].as_array().unwrap().iter().map(|one| one["@id"].as_str().unwrap()).collect();
    let mut ids = Vec::new();
    texts(&catalogue["@graph"], "@id", &mut ids);
    for id in ids.iter().filter(|id| id.contains("#publisher") || id.starts_with("v1/areas")) {
        assert!(known.contains(id), "{id}");
    }
}

#[test]
fn boundaries_give_boxes() {
    let [west, south, east, north] = bounds("36.71".parse().unwrap()).unwrap();
    assert!(west < east && south < north && west > 106.0 && east < 107.0 && south > -7.0 && north < -6.0);
    assert_eq!(bounds("31.71".parse().unwrap()), None);
}
