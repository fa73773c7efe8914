//! Data Package v2 (datapackage.org, profile 2.0).
//!
//! A dataset is one resource: its CSV, with a Table Schema, size and SHA-256. Its
//! other forms say the same and are listed in the resource's property `forms`,
//! each with size and SHA-256. They are no resources of their own: the profile
//! knows no type for a file that is not to be read as a table, and the validator
//! that most people use fails on the size of any Parquet file. Boundaries are a
//! resource without a schema.

use serde_json::{Value, json};

use super::schema::{both, schema};
use super::{File, LICENSE, Release};
use crate::dictionary::{Dataset, Form, all};

const PROFILE: &str = "https://datapackage.org/profiles/2.0/datapackage.json";
const RESOURCE: &str = "https://datapackage.org/profiles/2.0/dataresource.json";

/// `datapackage.json` of a release folder: paths are those of the folder.
#[must_use]
pub fn of_release(release: &Release) -> Value {
    let path = |_: &Dataset, _: Form, file: &File| file.path.clone();
    let resources = resources(release, &path, &|dataset| dataset.to_owned());
    let district = release.district();
    let period = release.id.period();
    let (id, en) = release.said((
        "Daftar penerima yang dianonimkan, statistik, wilayah, program, dan batas wilayah satu kabupaten/kota pada satu bulan, dari rilis yang ditandatangani. Angka yang kosong tidak berarti nol: lihat kolom status.",
        "Anonymised recipients, statistics, areas, programs and boundaries of one kabupaten/kota in one month, from a signed release. An empty figure does not mean zero: see the column status.",
    ));
    json!({
        "$schema": PROFILE,
        "name": format!("bansos-{}", release.id),
        "id": release.id.to_string(),
        "title": format!("Bantuan sosial {district}, {period}"),
        "title_en": format!("Social assistance in {district}, {period}"),
        "description": format!("{id}\n\n{en}"),
        "version": release.version(),
        "simulated": release.simulated,
        "keywords": ["bantuan sosial", "bansos", "social assistance", district],
        "licenses": licenses(),
        "contributors": [{ "title": release.publisher(), "roles": ["publisher"] }],
        "sources": [{ "title": release.publisher() }],
        "resources": resources,
    })
}

/// `/datapackage.json` of a host: the newest release of each district as
/// resources, by the addresses under which files are served, so that its size
/// grows with districts and not with months. The packages of all releases that
/// answer are listed in `packages`.
#[must_use]
pub fn of_host(newest: &[Release], all: &[domain::ReleaseId]) -> Value {
    let mut list = Vec::new();
    let mut publishers: Vec<String> = Vec::new();
    for release in newest {
        let path = |dataset: &Dataset, form: Form, _: &File| release.address(dataset, form);
        list.extend(resources(release, &path, &|dataset| format!("{}.{dataset}", release.id)));
        let publisher = release.publisher();
        if !publishers.contains(&publisher) {
            publishers.push(publisher);
        }
    }
    let simulated = newest.iter().any(|one| one.simulated);
    let note = |text: &str, note: &str| if simulated { format!("{text} {note}") } else { text.to_owned() };
    let id = note(
        "Rilis terbaru setiap kabupaten/kota. Paket setiap rilis, juga yang lebih lama, ada dalam daftar `packages`.",
        super::SIMULATED.0,
    );
    let en = note(
        "The newest release of each kabupaten/kota. The package of every release, older ones too, is in the list `packages`.",
        super::SIMULATED.1,
    );
    json!({
        "$schema": PROFILE,
        "name": "bansos-terbuka",
        "title": "Bansos Terbuka: rilis terbaru",
        "title_en": "Bansos Terbuka: newest releases",
        "description": format!("{id}\n\n{en}"),
        "simulated": simulated,
        "keywords": ["bantuan sosial", "bansos", "social assistance", "Indonesia"],
        "licenses": licenses(),
        "contributors": publishers.iter().map(|title| json!({ "title": title, "roles": ["publisher"] })).collect::<Vec<_>>(),
        "packages": all.iter().map(|id| format!("v1/datasets/release/{id}/datapackage.json")).collect::<Vec<_>>(),
        "resources": list,
    })
}

fn licenses() -> Value {
    let (name, path, title) = LICENSE;
    json!([{ "name": name, "path": path, "title": title }])
}

/// The resources of a release, in the order of the dictionary.
fn resources(release: &Release, path: &dyn Fn(&Dataset, Form, &File) -> String, name: &dyn Fn(&str) -> String) -> Vec<Value> {
    let has = |dataset: &str| release.files.iter().any(|file| file.path == format!("data/{dataset}.csv"));
    let mut list = Vec::new();
    for dataset in all() {
        let files = release.files_of(&dataset);
        let first = files.iter().find(|(form, _)| matches!(form, Form::Csv | Form::Geojson));
        let Some((form, file)) = first.copied() else { continue };
        let mut one = entry(&dataset, form, file, path);
        let (id, en) = release.said(dataset.description);
        for (key, value) in [
            ("$schema", json!(RESOURCE)),
            ("name", json!(name(dataset.name))),
            ("title", json!(dataset.title.0)),
            ("title_en", json!(dataset.title.1)),
            ("description", json!(both((&id, &en)))),
            ("dataset", json!(dataset.name)),
            ("release", json!(release.id.to_string())),
            ("encoding", json!("utf-8")),
        ] {
            one[key] = value;
        }
        if form == Form::Csv {
            one["type"] = json!("table");
            one["rows"] = json!(file.rows);
            one["dialect"] = json!({ "$schema": "https://datapackage.org/profiles/2.0/tabledialect.json", "lineTerminator": "\n" });
            one["schema"] = schema(&dataset, |other| has(other).then(|| name(other)));
        }
        let others: Vec<Value> =
            files.iter().filter(|(other, _)| *other != form).map(|(form, file)| entry(&dataset, *form, file, path)).collect();
        if !others.is_empty() {
            one["forms"] = Value::Array(others);
        }
        list.push(one);
    }
    list
}

fn entry(dataset: &Dataset, form: Form, file: &File, path: &dyn Fn(&Dataset, Form, &File) -> String) -> Value {
    json!({
        "path": path(dataset, form, file),
        "format": form.ending(),
        "mediatype": form.media_type(),
        "bytes": file.bytes,
        "hash": format!("sha256:{}", file.sha256),
    })
}
