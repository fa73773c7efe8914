//! The descriptions of the data, read by the tools that others use: frictionless
//! for the Data Packages, rdflib for the DCAT catalogue (tests/datasets).

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::office::{self, Office};
use crate::{datasets, prepared, scratch};

/// Runs a script of tests/datasets in its own environment.
fn runs(script: &str, arguments: &[&Path], base: Option<&str>) {
    let mut command = Command::new(datasets::python());
    command.arg(datasets::folder().join(script));
    command.env("NO_PROXY", "127.0.0.1").env("no_proxy", "127.0.0.1");
    let (scratch, folders) = arguments.split_first().unwrap();
    if script == "packages.py" {
        command.arg(scratch);
    }
    command.args(base).args(folders);
    let ran = office::run(command, &scratch::print(script));
    print!("{}", ran.stdout);
    ran.succeeds();
}

fn releases(office: &Office) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(office.releases()).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.sort();
    found
}

#[test]
fn frictionless_validates_every_table() {
    let office = &prepared::published().office;
    let server = office.serve();
    let all = releases(office);
    let own = scratch::folder("packages");
    // The first and the last district's last release.
    let arguments: Vec<&Path> = [own.as_path(), &all[0], &all[all.len() - 1]].to_vec();
    runs("packages.py", &arguments, Some(server.client().base()));
}

#[test]
fn an_rdf_parser_reads_the_catalogue() {
    let office = &prepared::published().office;
    let server = office.serve_with(&["--limit-downloads", "100000/60"]);
    let (own, all) = (scratch::folder("catalogue"), releases(office));
    let arguments: Vec<&Path> = std::iter::once(own.as_path()).chain(all.iter().map(PathBuf::as_path)).collect();
    runs("catalogue.py", &arguments, Some(server.client().base()));
}
