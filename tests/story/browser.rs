//! The checks of a real browser (tests/browser) on the served site.

use std::path::Path;
use std::process::Command;

use crate::office;
use crate::{prepared, scratch};

fn run(script: &str, flags: &[&str]) -> office::Ran {
    let server = prepared::published().office.serve_with_site();
    run_on(server.client().base(), script, flags)
}

/// The same on an address, or on a folder.
fn run_on(what: &str, script: &str, flags: &[&str]) -> office::Ran {
    let mut command = Command::new("node");
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("browser").join(script)).arg(what).args(flags);
    let ran = office::run(command, &scratch::print(script));
    println!("{}", ran.stdout.lines().last().unwrap_or_default());
    ran
}

fn passes(script: &str) {
    run(script, &[]).succeeds();
}

#[test]
fn templates_are_accessible() {
    passes("axe.mjs");
}

#[test]
fn a_citizen_finds_the_way() {
    passes("story.mjs");
}

#[test]
fn five_questions_are_answered_within_three_clicks() {
    passes("ways.mjs");
}

#[test]
fn figures_of_pages_by_chance_are_those_of_the_api() {
    passes("figures.mjs");
}

/// Another program than the exporter's own checks; a link to nowhere is found.
#[test]
fn every_link_leads_somewhere_and_every_page_is_reached() {
    let site = prepared::published().office.site();
    run_on(site.to_str().unwrap(), "links.mjs", &[]).succeeds();
    let spoilt = scratch::folder("links");
    std::fs::write(spoilt.join("index.html"), "<!doctype html><title>x</title><a href=\"/ada/\">ada</a><a href=\"/hilang/\">hilang</a>")
        .unwrap();
    for page in ["ada", "sendiri"] {
        std::fs::create_dir(spoilt.join(page)).unwrap();
        std::fs::write(spoilt.join(page).join("index.html"), "<!doctype html><title>x</title>").unwrap();
    }
    run_on(spoilt.to_str().unwrap(), "links.mjs", &[]).fails().says(&["hilang/ answers 404", "/sendiri/: no link leads there"]);
}

/// Performance is asked of in `make bench`, on a quiet machine.
#[test]
fn lighthouse_finds_nothing_to_mend() {
    passes("lighthouse.mjs");
    let spoilt = scratch::folder("lighthouse");
    std::fs::write(spoilt.join("index.html"), "<!doctype html><html><body><img src=\"/x.png\"><a href=\"/\">x</a></body></html>").unwrap();
    let server = prepared::published().office.serve_with(&["--site", spoilt.to_str().unwrap()]);
    let ran = run_on(server.client().base(), "lighthouse.mjs", &["/"]);
    ran.fails().says(&["document-title", "image-alt", "meta-description"]);
}

#[test]
fn pages_are_valid_html() {
    passes("valid.mjs");
}

#[test]
fn sentences_are_short_and_terms_are_linked() {
    passes("words.mjs");
}

#[test]
fn pages_look_as_they_were_looked_at_and_can_be_used_by_finger() {
    passes("looks.mjs");
}

/// The checks of looks find what is wrong.
#[test]
fn a_page_without_its_style_and_a_crowded_map_are_found() {
    run("looks.mjs", &["--without-style"]).fails().says(&["when last looked at", "under 44 px for a finger"]);
    run("looks.mjs", &["--crowded"]).fails().says(&["lie on each other"]);
}
