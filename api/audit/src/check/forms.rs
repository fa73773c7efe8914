//! The forms of each dataset against each other, row by row as they are
//! streamed: CSV says what NDJSON, Parquet and the workbook say, the files have
//! the rows that the manifest counts, and corrections are what really differs.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use dataset::dictionary::{self, ATOMS, CORRECTIONS, RECIPIENTS};
use dataset::{Dataset, Form, Value, read};
use domain::ReleaseId;
use rayon::prelude::*;
use release::{FileEntry, ReleaseFolder};

use super::Sound;
use crate::report::{Group, Report, Wrong};

/// A file that differs, and how.
type Found = Vec<(String, String)>;

/// Checks every dataset of every sound release.
pub(crate) fn check(sound: &Sound, report: &mut Report) {
    let datasets = dictionary::all();
    let mut jobs: Vec<(ReleaseId, &ReleaseFolder, Dataset)> = Vec::new();
    // Files of repeated editions are compared once: the same digests, the same rows.
    let mut seen: BTreeSet<Vec<&str>> = BTreeSet::new();
    for (release, folder) in &sound.folders {
        for dataset in &datasets {
            let prefix = format!("data/{}.", dataset.name);
            let digests: Vec<&str> =
                folder.manifest().files.iter().filter(|entry| entry.path.starts_with(&prefix)).map(|entry| entry.sha256.as_str()).collect();
            if seen.insert(digests) {
                jobs.push((*release, folder, *dataset));
            }
        }
    }
    let found: Vec<Found> = jobs.par_iter().map(|(_, folder, dataset)| compare(folder, dataset)).collect();
    for ((release, ..), found) in jobs.iter().zip(found) {
        for (path, what) in found {
            report.found(Wrong { group: Group::Forms, release: Some(release.to_string()), at: Some(path), what });
        }
    }
    let forms = Form::ALL.map(Form::ending).join(" = ");
    report.checked(
        Group::Forms,
        format!("{} datasets of {} releases: {forms}, row by row, and rows as counted", jobs.len(), sound.folders.len()),
    );
    corrections(sound, report);
}

fn path_of(dataset: &Dataset, form: Form) -> String {
    format!("data/{}.{}", dataset.name, form.ending())
}

/// Compares the forms of one dataset in one release.
fn compare(folder: &ReleaseFolder, dataset: &Dataset) -> Found {
    let entries: BTreeMap<&str, &FileEntry> = folder.manifest().files.iter().map(|entry| (entry.path.as_str(), entry)).collect();
    let mut found = Vec::new();
    let mut first: Option<Form> = None;
    if !dataset.forms.iter().any(|form| entries.contains_key(path_of(dataset, *form).as_str())) {
        return found;
    }
    for form in dataset.forms {
        let path = path_of(dataset, *form);
        let Some(entry) = entries.get(path.as_str()) else {
            found.push((path, "the manifest does not name this file: every dataset comes in all its forms".to_owned()));
            continue;
        };
        if !folder.path().join(&path).exists() {
            continue;
        }
        // A workbook of recipients has a line per atom.
        let other = if dataset.name == RECIPIENTS.name && *form == Form::Xlsx {
            Some((ATOMS, Form::Csv))
        } else {
            first.map(|first| (*dataset, first))
        };
        // Parquet holds rows and atoms by area, so that a reader can skip; elsewhere they are by number.
        let by_area = *form == Form::Parquet && [RECIPIENTS.name, ATOMS.name].contains(&dataset.name);
        let read = if by_area { by_number(folder, dataset) } else { rows(folder, (*dataset, *form), other) };
        match read {
            Ok(rows) if rows == entry.rows => {}
            Ok(rows) => found.push((path, format!("{rows} rows, but the manifest counts {}", entry.rows))),
            Err((path, what)) => found.push((path, what)),
        }
        first = first.or(Some(*form));
    }
    found
}

/// Reads a file through, beside another that must say the same; gives its rows.
fn rows(folder: &ReleaseFolder, one: (Dataset, Form), other: Option<(Dataset, Form)>) -> Result<u64, (String, String)> {
    let path = path_of(&one.0, one.1);
    let open = |(dataset, form): (Dataset, Form)| {
        let path = path_of(&dataset, form);
        read::rows(&dataset, form, &folder.path().join(&path)).map_err(|error| (path, error.to_string()))
    };
    let mut own = open(one)?;
    let mut other = other.map(|other| open(other).map(|rows| (path_of(&other.0, other.1), rows))).transpose()?;
    for number in 1u64.. {
        let row = own.next().transpose().map_err(|error| (path.clone(), format!("row {number}: {error}")))?;
        if let Some((beside, rows)) = &mut other {
            let expected = rows.next().transpose().map_err(|error| (beside.clone(), format!("row {number}: {error}")))?;
            let name = Path::new(beside).file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            match (&row, &expected) {
                (None, None) => {}
                (Some(_), None) => return Err((path, format!("row {number}: {name} has only {} rows", number - 1))),
                (None, Some(_)) => return Err((path, format!("only {} rows, {name} has more", number - 1))),
                (Some(own), Some(expected)) if own != expected => {
                    let fields = dataset::fields_in(&one.0, one.1);
                    return Err((path, format!("row {number}: {}", difference(fields, own, expected, &name))));
                }
                _ => {}
            }
        }
        if row.is_none() {
            return Ok(number - 1);
        }
    }
    Ok(0)
}

/// An atom as `atoms.csv` has it, and how many of its rows were met.
struct Met {
    row: Vec<Value>,
    count: u64,
    met: u64,
}

/// Reads rows or atoms that are sorted in another way, each by its number
/// against `atoms.csv`; memory is bounded by the number of atoms.
fn by_number(folder: &ReleaseFolder, dataset: &Dataset) -> Result<u64, (String, String)> {
    let path = path_of(dataset, Form::Parquet);
    let open = |dataset: &Dataset, form: Form| {
        let path = path_of(dataset, form);
        read::rows(dataset, form, &folder.path().join(&path)).map_err(|error| (path, error.to_string()))
    };
    let mut atoms: BTreeMap<(String, u64), Met> = BTreeMap::new();
    for (number, row) in (1u64..).zip(open(&ATOMS, Form::Csv)?) {
        let row = row.map_err(|error| (path_of(&ATOMS, Form::Csv), format!("row {number}: {error}")))?;
        if let [_, Value::Text(program), Value::Count(atom), .., Value::Count(count)] = row.as_slice() {
            let (key, count) = ((program.clone(), *atom), *count);
            atoms.insert(key, Met { row, count, met: 0 });
        }
    }
    let whole = dataset.name == ATOMS.name;
    let mut rows = 0;
    for row in open(dataset, Form::Parquet)? {
        rows += 1;
        let row = row.map_err(|error| (path.clone(), format!("row {rows}: {error}")))?;
        let wrong = |what: String| (path.clone(), format!("row {rows}: {what}"));
        let key = match row.as_slice() {
            [_, Value::Text(program), Value::Count(atom), ..] if whole => Some((program.clone(), *atom, 1)),
            [Value::Text(id), ..] => number_of(id),
            _ => None,
        };
        let met = key.as_ref().and_then(|(program, atom, _)| atoms.get_mut(&(program.clone(), *atom)));
        let (Some((program, atom, place)), Some(met)) = (key, met) else {
            return Err(wrong("no such atom in atoms.csv".to_owned()));
        };
        met.met += 1;
        if place != met.met || met.met > if whole { 1 } else { met.count } {
            return Err(wrong(format!("{program} {atom}: place {place}, expected {} of {}", met.met, met.count)));
        }
        let expected: Vec<Value> = if whole {
            met.row.clone()
        } else {
            // id, then edition and program, then area to family size, without the atom's number and count.
            let middle = met.row.iter().enumerate().filter(|(at, _)| *at != 2 && *at != 7).map(|(_, value)| value.clone());
            row.first().cloned().into_iter().chain(middle).collect()
        };
        if row != expected {
            return Err(wrong(difference(dataset.fields, &row, &expected, "atoms.csv")));
        }
    }
    match atoms.iter().find(|(_, met)| met.met != if whole { 1 } else { met.count }) {
        None => Ok(rows),
        Some(((program, atom), met)) => Err((path, format!("{program} {atom}: {} rows, atoms.csv counts {}", met.met, met.count))),
    }
}

/// Program, atom and place of a row's id.
fn number_of(id: &str) -> Option<(String, u64, u64)> {
    let id: domain::RowId = id.parse().ok()?;
    Some((id.program.to_string(), u64::from(id.atom), u64::from(id.place)))
}

fn difference(fields: &[dataset::Field], own: &[Value], other: &[Value], name: &str) -> String {
    let text = |value: Option<&Value>| match value {
        Some(Value::Text(text)) => text.clone(),
        Some(Value::Count(count)) => count.to_string(),
        Some(Value::Empty) | None => "nothing".to_owned(),
    };
    let at = (0..own.len().max(other.len())).find(|at| own.get(*at) != other.get(*at)).unwrap_or(0);
    let field = fields.get(at).map_or("a value", |field| field.name);
    let key: Vec<String> = own.iter().take(5).map(|value| text(Some(value))).collect();
    let cut = |text: String| if text.chars().count() > 80 { text.chars().take(80).collect::<String>() + "…" } else { text };
    format!("{field} is {}, in {name} it is {} ({})", cut(text(own.get(at))), cut(text(other.get(at))), cut(key.join("|")))
}

/// The corrections of each revision, against what really differs from the issue
/// it corrects.
fn corrections(sound: &Sound, report: &mut Report) {
    let mut compared = 0;
    for (release, folder) in &sound.folders {
        let path = path_of(&CORRECTIONS, Form::Csv);
        if !folder.path().join(&path).exists() {
            continue;
        }
        let corrected = folder.manifest().correction.as_ref().map(|correction| correction.of);
        let before = corrected.and_then(|of| sound.folders.get(&of));
        if let (Some(of), None) = (corrected, before) {
            report.unchecked(Group::Forms, format!("corrections of {release}: {of}, which it corrects, is not here whole"));
            continue;
        }
        compared += usize::from(before.is_some());
        let index = |release: &ReleaseId| sound.states.get(release);
        let silent =
            corrected.and_then(|of| index(&of)?.withdrawn_index).zip(index(release)).is_some_and(|(withdrawn, own)| withdrawn < own.index);
        if let Err(what) = differs(before, folder, &folder.path().join(&path), silent) {
            report.wrong(Group::Forms, Some(&release.to_string()), Some(&path), what);
        }
    }
    if compared > 0 {
        report.checked(Group::Forms, format!("{compared} files of corrections are what differs from the issues they correct"));
    }
}

/// Whether the file's lines are the recomputed ones. Without an issue before it
/// there are none.
fn differs(before: Option<&ReleaseFolder>, after: &ReleaseFolder, path: &Path, silent: bool) -> Result<(), String> {
    let mut lines = read::rows(&CORRECTIONS, Form::Csv, path).map_err(|error| error.to_string())?;
    let mut expected: Box<dyn Iterator<Item = release::Result<Vec<Value>>>> = match before {
        None => Box::new(std::iter::empty()),
        Some(before) => {
            let corrections = release::changes::corrections(before, after).map_err(|error| error.to_string())?;
            Box::new(corrections.map(|line| line.map(|line| line.row())))
        }
    };
    for number in 1u64.. {
        let line = lines.next().transpose().map_err(|error| format!("row {number}: {error}"))?;
        let wanted = expected.next().transpose().map_err(|error| error.to_string())?;
        match (line, wanted) {
            (None, None) => return Ok(()),
            // What was withdrawn before is not told again.
            (None, Some(_)) if number == 1 && silent => return Ok(()),
            (None, Some(_)) => return Err(format!("row {number}: figures differ that are not told")),
            (Some(_), None) => return Err(format!("row {number}: tells of a figure that does not differ")),
            (Some(line), Some(wanted)) if line != wanted => {
                return Err(format!(
                    "row {number}: {}",
                    difference(CORRECTIONS.fields, &line, &wanted, "the difference of the two releases")
                ));
            }
            _ => {}
        }
    }
    Ok(())
}
