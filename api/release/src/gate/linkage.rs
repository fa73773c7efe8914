//! Attack 5: ids, order and times that link rows of one file to those of another.

use std::collections::BTreeMap;
use std::io::{BufWriter, Write};

use disclosure::attack::{Attack, is_to_the_second, out_of_order, same_items};
use domain::ProgramCode;
use domain::codebook::{self, Attribute};

use super::case::Case;
use crate::write::Digesting;
use crate::{Atom, Error, RECIPIENTS_HEADER, Result, write_recipients};

pub(super) fn run(case: &mut Case<'_, '_>) -> Result<()> {
    let manifest = case.view.manifest();
    if !is_to_the_second(&manifest.created_at) {
        case.fail(Attack::Linkage, "manifest", "created_at", "the time is not told to the second, UTC, and no finer");
    }
    if manifest.edition.quarter() != manifest.edition_as_of.quarter() {
        case.fail(Attack::Linkage, "manifest", "edition", "the rows were taken in another quarter than the edition's");
    }
    // Leaves have fresh salts and a fresh order, so no two roots are the same.
    let root = &manifest.commitment.root;
    let same = case.others.iter().find(|other| other.manifest().commitment.root == *root).map(|other| other.release());
    if let Some(other) = same {
        case.fail(Attack::Linkage, "manifest", "commitment", format!("the root is that of {other}: its salts were not fresh"));
    }
    numbers(case);
    order(case);
    recipients(case)
}

/// Numbers count the atoms of an edition and program and say nothing else.
fn numbers(case: &mut Case<'_, '_>) {
    let edition = case.view.manifest().edition;
    let mut next: BTreeMap<&ProgramCode, u32> = BTreeMap::new();
    for atom in &case.view.atoms {
        let expected = next.entry(&atom.program).or_insert(1);
        let right = atom.atom == *expected && atom.edition == edition;
        *expected = atom.atom.saturating_add(1);
        if !right {
            let cell = format!("{}|{}", atom.program, atom.atom);
            case.fail(Attack::Linkage, "atoms", cell, "atoms are numbered from 1 in each program of the release's edition");
        }
    }
}

/// Atoms stand in the order of their labels, so that their place tells nothing.
fn order(case: &mut Case<'_, '_>) {
    let place = |attribute: &Attribute, code: &str| attribute.labels.iter().position(|label| label.code == code);
    let atoms = &case.view.atoms;
    let keys: Vec<_> = atoms
        .iter()
        .map(|atom| {
            let labels = [
                place(&codebook::SEX, &atom.sex),
                place(&codebook::AGE_BAND, &atom.age_band),
                place(&codebook::FAMILY_SIZE, &atom.family_size),
            ];
            (&atom.program, &atom.area, labels)
        })
        .collect();
    for at in out_of_order(&keys) {
        let cell = format!("{}|{}", atoms[at].program, atoms[at].atom);
        case.fail(Attack::Linkage, "atoms", cell, "atoms stand in the order of program, area, sex, age band and family size");
    }
}

/// `recipients.csv` has one spelling. Another one with the same rows in it adds
/// ids or an order of its own; with other rows it is not made of the atoms.
fn recipients(case: &mut Case<'_, '_>) -> Result<()> {
    let manifest = case.view.manifest();
    let atoms = &case.view.atoms;
    // Counts that no file of this size can hold are not written out.
    let entry = manifest.files.iter().find(|entry| entry.path == "data/recipients.csv");
    let rows: u64 = atoms.iter().map(|atom| u64::from(atom.count)).sum();
    let digest = || {
        let mut out = Digesting::new(std::io::sink());
        let mut buffered = BufWriter::with_capacity(1 << 16, &mut out);
        write_recipients(manifest.district, atoms, &mut buffered).ok()?;
        buffered.flush().ok()?;
        drop(buffered);
        Some(out.finish().2)
    };
    let bytes = std::fs::metadata(case.view.folder.path().join("data/recipients.csv")).map_or(0, |file| file.len());
    let right = entry.is_some_and(|entry| bytes > rows && digest().is_some_and(|sha256| sha256 == entry.sha256));
    if right {
        return Ok(());
    }
    let same = entry.is_some() && has_the_same_rows(case)?;
    let attack = if same { Attack::Linkage } else { Attack::WholeAtoms };
    case.fail(attack, "recipients", "file", "recipients.csv does not spell out atoms.csv");
    Ok(())
}

fn has_the_same_rows(case: &Case<'_, '_>) -> Result<bool> {
    let path = case.view.folder.path().join("data/recipients.csv");
    let wrong = |error: csv::Error| Error::format(&path, error.to_string());
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_path(&path).map_err(wrong)?;
    let headers = reader.headers().map_err(wrong)?.clone();
    // Columns that are added are not rows that are changed.
    let columns: Option<Vec<usize>> =
        RECIPIENTS_HEADER.split(',').skip(1).map(|name| headers.iter().position(|header| header == name)).collect();
    let Some(columns) = columns else { return Ok(false) };
    let mut found: std::collections::HashMap<String, u64> = std::collections::HashMap::new();
    for record in reader.records() {
        let record = record.map_err(wrong)?;
        let row = columns.iter().map(|at| record.get(*at).unwrap_or_default()).collect::<Vec<_>>().join(",");
        *found.entry(row).or_default() += 1;
    }
    let spelled = |atom: &Atom| {
        let row = format!("{},{},{},{},{},{}", atom.edition, atom.program, atom.area, atom.sex, atom.age_band, atom.family_size);
        (row, u64::from(atom.count))
    };
    Ok(same_items(found, case.view.atoms.iter().map(spelled)))
}
