//! `datapackage.json` of a release folder: its files, described by the
//! dictionary (`dataset::describe`). It follows from the manifest alone.

use std::collections::BTreeMap;

use dataset::describe::{File, Release, package};
use serde_json::Value;

use crate::Manifest;

/// Its path in a release folder.
pub const PACKAGE: &str = "datapackage.json";

/// No package is larger: a schema is a few kilobytes.
pub(crate) const LARGEST: u64 = 4 << 20;

/// The package of a release.
#[must_use]
pub fn data_package(manifest: &Manifest) -> Value {
    let files = manifest.files.iter().map(|entry| File {
        path: entry.path.clone(),
        bytes: entry.bytes,
        rows: entry.rows,
        sha256: entry.sha256.clone(),
    });
    package::of_release(&Release {
        id: manifest.release,
        edition: Some((manifest.edition, manifest.edition_as_of)),
        simulated: manifest.simulated,
        corrects: manifest.correction.as_ref().map(|correction| correction.of),
        issued: None,
        files: files.collect(),
    })
}

/// What a package says otherwise than the manifest does: paths of files, or
/// keys that no package of ours has. Its words may be those of another version
/// of the software.
#[must_use]
pub fn disagreements(manifest: &Manifest, said: &Value) -> Vec<String> {
    let right = data_package(manifest);
    let (ours, theirs) = (files(&right), files(said));
    let mut wrong: Vec<String> =
        ours.iter().filter(|(path, facts)| theirs.get(*path) != Some(facts)).map(|(path, _)| (*path).to_owned()).collect();
    wrong.extend(theirs.keys().filter(|path| !ours.contains_key(*path)).map(|path| (*path).to_owned()));
    for key in ["name", "id", "version", "simulated"] {
        if right[key] != said[key] {
            wrong.push(key.to_owned());
        }
    }
    wrong.extend(said.as_object().into_iter().flat_map(|map| map.keys()).filter(|key| right.get(key.as_str()).is_none()).cloned());
    wrong
}

/// Every file that a package names, with its size and digest.
fn files(package: &Value) -> BTreeMap<&str, (Option<u64>, &str)> {
    let resources = package["resources"].as_array().map_or(&[][..], Vec::as_slice);
    let all = resources.iter().chain(resources.iter().flat_map(|one| one["forms"].as_array().map_or(&[][..], Vec::as_slice)));
    all.map(|one| (one["path"].as_str().unwrap_or_default(), (one["bytes"].as_u64(), one["hash"].as_str().unwrap_or_default()))).collect()
}
