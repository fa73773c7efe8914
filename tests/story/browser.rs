//! The checks of a real browser (tests/browser) on the served site.

use std::path::Path;
use std::process::Command;

use crate::office;
use crate::{prepared, scratch};

fn passes(script: &str) {
    let server = prepared::published().office.serve_with_site();
    let mut command = Command::new("node");
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("browser").join(script)).arg(server.client().base());
    let ran = office::run(command, &scratch::print(script));
    println!("{}", ran.stdout.lines().last().unwrap_or_default());
    ran.succeeds();
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

#[test]
fn pages_are_valid_html() {
    passes("valid.mjs");
}

#[test]
fn sentences_are_short_and_terms_are_linked() {
    passes("words.mjs");
}
