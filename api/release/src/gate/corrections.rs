//! The dataset of corrections, which must be what follows from the release and
//! the issue it corrects: no line too many, none too few, none altered.
//!
//! Where that issue was withdrawn before the revision was made, its figures are
//! not told again and there is no line. Public folders do not say when an issue
//! was withdrawn, so a revision without lines passes here; whoever has the log
//! asks [`crate::changes::untold`] as well.

use dataset::dictionary::CORRECTIONS;
use dataset::{Form, Value};
use disclosure::attack::Attack;

use super::case::Case;
use crate::{Error, ReleaseFolder, Result, changes};

/// Where the dataset stands in a folder.
const PATH: &str = "data/corrections.csv";

pub(super) fn run(case: &mut Case<'_, '_>, folder: &ReleaseFolder, issue: Option<&ReleaseFolder>) -> Result<()> {
    let manifest = folder.manifest();
    let mut fail = |cell: String, what: String| case.fail(Attack::WholeAtoms, CORRECTIONS.name, cell, what);
    if !manifest.files.iter().any(|file| file.path == PATH) {
        fail(PATH.to_owned(), "the release does not have this file".to_owned());
        return Ok(());
    }
    let path = folder.path().join(PATH);
    // A host stops telling them once the issue is withdrawn.
    if !path.exists() && manifest.correction.is_some() && issue.is_none() {
        return Ok(());
    }
    let mut lines = dataset::read::rows(&CORRECTIONS, Form::Csv, &path).map_err(|error| Error::format(&path, error.to_string()))?;
    let mut next = || lines.next().transpose().map_err(|error| Error::format(&path, error.to_string()));
    let Some(correction) = &manifest.correction else {
        if let Some(line) = next()? {
            fail(name(&line), "a first issue corrects nothing".to_owned());
        }
        return Ok(());
    };
    let Some(issue) = issue else {
        // Nothing to hold the figures against; what they are of must still be right.
        while let Some(line) = next()? {
            let said = (text(&line, "corrects"), text(&line, "reason"), text(&line, "period"));
            if said != (correction.of.to_string(), correction.reason.as_str().to_owned(), manifest.period.to_string()) {
                let what = format!(
                    "it corrects {} for {} in {}, the manifest says {} for {}",
                    said.0,
                    said.1,
                    said.2,
                    correction.of,
                    correction.reason.as_str()
                );
                fail(name(&line), what);
                return Ok(());
            }
        }
        return Ok(());
    };
    let mut told = next()?;
    if told.is_none() {
        return Ok(());
    }
    for expected in changes::corrections(issue, folder)? {
        let expected = expected?.row();
        match told {
            Some(line) if line == expected => {}
            Some(line) if name(&line) == name(&expected) => {
                fail(name(&line), format!("it says {:?}, the two releases say {:?}", words(&line), words(&expected)));
                return Ok(());
            }
            _ => {
                fail(name(&expected), "the figure is another than before, and no line here says so in its place".to_owned());
                return Ok(());
            }
        }
        told = next()?;
    }
    if let Some(line) = told {
        fail(name(&line), "the figure is what it was before".to_owned());
    }
    Ok(())
}

fn text(line: &[Value], field: &str) -> String {
    let at = CORRECTIONS.fields.iter().position(|one| one.name == field);
    match at.and_then(|at| line.get(at)) {
        Some(Value::Text(text)) => text.clone(),
        Some(Value::Count(count)) => count.to_string(),
        _ => String::new(),
    }
}

/// What names a figure, as other findings write it.
fn name(line: &[Value]) -> String {
    let parts = ["table", "area", "program", "period", "measure", "category"].map(|field| text(line, field));
    parts.join("|").trim_end_matches('|').to_owned()
}

fn words(line: &[Value]) -> String {
    let fields = CORRECTIONS.fields.iter().map(|field| text(line, field.name));
    fields.collect::<Vec<_>>().join(",")
}
