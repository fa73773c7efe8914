//! What the list of recipients looks like: its first groups of a place.

use serde_json::{Value, json};

use crate::format;
use crate::gather::District;
use crate::model::{Atom, Program};
use crate::pages::tables;
use crate::pages::writer::Writer;

/// Groups of alike rows told of each leading program.
const EACH: usize = 2;

/// The first groups of alike rows of a kecamatan, those of the leading programs,
/// and how many rows its list has; nothing where it has none. Rows of a group
/// are alike in all but their number, so one of them says what all do.
pub(crate) fn first(w: &Writer<'_>, district: &District, kecamatan: &str) -> Value {
    let inside =
        |area: &str| area.split('~').all(|one| one.strip_prefix(kecamatan).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')));
    let mut atoms: Vec<&Atom> = district.atoms.iter().filter(|(area, _)| inside(area)).flat_map(|(_, atoms)| atoms).collect();
    if atoms.is_empty() {
        return Value::Null;
    }
    atoms.sort_by_key(|atom| (&atom.program, atom.atom));
    let total: u64 = atoms.iter().map(|atom| atom.count).sum();
    let mut lines = Vec::new();
    for program in w.headlines(district) {
        let own = atoms.iter().filter(|atom| atom.program == program.code);
        lines.extend(own.take(EACH).map(|atom| line(w, district, program, atom)));
    }
    let lead = w.fill("list_lead", &[("k", &district.release.manifest.policy.k.to_string())]);
    json!({ "lead": lead, "lines": lines, "total": format::integer(w.lang, total), "month": w.month(&district.risk.edition_as_of) })
}

/// A group of alike rows, with the id of its first.
fn line(w: &Writer<'_>, district: &District, program: &Program, atom: &Atom) -> Value {
    let Atom { edition, program: code, atom: number, area, .. } = atom;
    let places: Vec<&str> = area.split('~').map(|one| district.name_of(one)).collect();
    json!({
        "id": format!("{}-{edition}/{code}/{number:05}/01", district.area.code),
        "program": w.short(program),
        "place": places.join(", "),
        "sex": tables::rows_name(w, &atom.sex),
        "age": tables::rows_name(w, &atom.age_band),
        "family": tables::rows_name(w, &atom.family_size),
        "count": format::integer(w.lang, atom.count),
    })
}
