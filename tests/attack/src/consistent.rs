//! What a skilful liar mends: sums over areas, demographics of changed atoms,
//! ratios, and figures that stand on in later releases.

use std::collections::{BTreeMap, BTreeSet};

use domain::codebook::{self, Attribute};
use domain::{AreaCode, AreaLabel, Cell, Level, Outcome, ProgramCode, Table};
use release::Atom;

use crate::world::{Folder, World, is};

/// Whether the program is about health, children or disability.
pub fn sensitive(program: &ProgramCode) -> bool {
    reference::program(program).is_none_or(|program| program.sensitive)
}

/// Adds to a figure of a kelurahan or kecamatan and to the areas above it,
/// where they are shown.
pub fn add(folder: &mut Folder, table: Table, area: AreaCode, program: &ProgramCode, measure: &str, more: i64) {
    let areas = [Some(area), area.at(Level::Kecamatan).filter(|up| *up != area), area.district()];
    for area in areas.into_iter().flatten() {
        let label = AreaLabel::from(area);
        if folder.value(table, &label, program, measure).is_none() {
            continue;
        }
        for cell in folder.cells_mut(table).iter_mut().filter(|cell| is(cell, &label, program, measure, "")) {
            cell.value = cell.value.map(|value| value.saturating_add_signed(more));
        }
    }
}

/// Units more (or fewer) in a kelurahan: in totals, in what is due, in coverage.
pub fn add_stock(folder: &mut Folder, kelurahan: AreaCode, program: &ProgramCode, more: i64) {
    add(folder, Table::Totals, kelurahan, program, "units", more);
    let label = AreaLabel::from(kelurahan);
    // What is due to everybody is due to them as well.
    let due = folder.value(Table::Payments, &label, program, "due");
    if let Some(due) = due.filter(|due| due.checked_add_signed(more).is_some() && *due > 0) {
        let rupiah = folder.value(Table::Payments, &label, program, "due_rupiah");
        add(folder, Table::Payments, kelurahan, program, "due", more);
        if let Some(each) = rupiah.map(|rupiah| rupiah / due) {
            add(folder, Table::Payments, kelurahan, program, "due_rupiah", more * each as i64);
        }
    }
    ratios(folder, program);
}

/// The same, as everything else would show them if they had come this month
/// and left the next.
pub fn add_units(world: &mut World, at: usize, kelurahan: AreaCode, program: &ProgramCode, more: i64) {
    let folder = &mut world.folders[at];
    add_stock(folder, kelurahan, program, more);
    let (came, went) = if more >= 0 { ("entered", "left") } else { ("left", "entered") };
    add(folder, Table::Flows, kelurahan, program, came, more.abs());
    for next in world.after(at) {
        add(&mut world.folders[next], Table::Flows, kelurahan, program, went, more.abs());
    }
}

/// Coverage of a program after its totals.
pub fn ratios(folder: &mut Folder, program: &ProgramCode) {
    let mut changed = Vec::new();
    for cell in folder.cells(Table::Coverage).iter().filter(|cell| cell.program == *program) {
        let Some(of) = cell.measure.strip_prefix("units_per_10000_") else { continue };
        let base = folder.cell(Table::Coverage, &cell.area, program, of, &cell.category).and_then(|cell| cell.value);
        if let (Some(base), Some(units), Some(old)) = (base.filter(|base| *base > 0), folder.units(&cell.area, program), cell.value) {
            let new = units * 10_000 / base;
            if new != old {
                changed.push(Cell { value: Some(new), ..cell.clone() });
            }
        }
    }
    for line in changed {
        folder.put(Table::Coverage, line);
    }
}

/// The demographics category of an atom's label.
fn category(attribute: &'static Attribute, label: &str) -> &'static str {
    let shown: &[&str] = match attribute.name {
        "sex" => &["F", "M", "unknown"],
        "age_band" => &["0-17", "18-39", "40-59", "60+", "unknown"],
        _ => &["1-2", "3-4", "5+", "unknown"],
    };
    attribute.ancestry(label).map(|up| up.code).find(|code| shown.contains(code)).unwrap_or(codebook::ANY)
}

/// An atom's three labels.
pub fn labels(atom: &Atom) -> [&str; 3] {
    [&atom.sex, &atom.age_band, &atom.family_size]
}

/// Gives an issue of rows other atoms, numbers them, and mends the
/// demographics of every release that shows them.
pub fn set_atoms(world: &mut World, at: usize, mut atoms: Vec<Atom>) {
    let mut numbers: BTreeMap<ProgramCode, u32> = BTreeMap::new();
    for atom in &mut atoms {
        let number = numbers.entry(atom.program.clone()).or_default();
        *number += 1;
        atom.atom = *number;
    }
    let mut changes: BTreeMap<(ProgramCode, AreaLabel, &str, &str), i64> = BTreeMap::new();
    for (sign, atoms) in [(-1, world.folders[at].atoms()), (1, &atoms)] {
        for atom in atoms {
            for (attribute, label) in codebook::ATTRIBUTES.into_iter().zip(labels(atom)) {
                let key = (atom.program.clone(), atom.area.clone(), attribute.name, category(attribute, label));
                *changes.entry(key).or_default() += sign * i64::from(atom.count);
            }
        }
    }
    changes.retain(|_, change| *change != 0);
    for at in world.issue(at) {
        let folder = &mut world.folders[at];
        *folder.atoms_mut() = atoms.clone();
        if folder.cells(Table::Demographics).is_empty() {
            continue;
        }
        for ((program, area, measure, category), change) in &changes {
            let mut areas = BTreeSet::from([area.clone(), AreaLabel::from(folder.district())]);
            let kecamatan: BTreeSet<AreaCode> = area.members().iter().filter_map(|member| member.at(Level::Kecamatan)).collect();
            areas.extend(AreaLabel::pool(kecamatan));
            for area in areas {
                add_category(folder, Table::Demographics, &area, program, measure, category, *change);
            }
        }
    }
}

/// Adds to one category of an area that the table shows; a category with
/// nobody has no line.
pub fn add_category(folder: &mut Folder, table: Table, area: &AreaLabel, program: &ProgramCode, measure: &str, category: &str, more: i64) {
    let of = |cell: &&Cell| cell.area == *area && cell.program == *program && cell.measure == measure && cell.value.is_some();
    let Some(sample) = folder.cells(table).iter().find(of).cloned() else { return };
    let cells = folder.cells_mut(table);
    match cells.iter_mut().find(|cell| is(cell, area, program, measure, category)) {
        Some(cell) => cell.value = cell.value.map(|value| value.saturating_add_signed(more)),
        None => cells.push(Cell { category: category.to_owned(), value: Some(u64::try_from(more).unwrap_or(0)), ..sample }),
    }
    cells.retain(|cell| !(is(cell, area, program, measure, category) && cell.value == Some(0)));
}

/// The folders, from `at` on, in which figures stand that `at` shows of a
/// group; `at` among them.
pub fn standing(world: &World, at: usize, table: Table, area: &AreaLabel, program: &ProgramCode, measure: &str) -> Vec<usize> {
    let first = |folder: &Folder| {
        let of = |cell: &&Cell| cell.area == *area && cell.program == *program && cell.measure == measure && cell.value.is_some();
        folder.cells(table).iter().find(of).map(|cell| cell.release)
    };
    let mine = first(&world.folders[at]);
    let district = world.folders[at].district();
    (0..world.folders.len()).filter(|other| world.folders[*other].district() == district && first(&world.folders[*other]) == mine).collect()
}

/// The classes of verification outcomes that a group shows.
pub fn classes<'a>(folder: &'a Folder, program: &ProgramCode, area: &AreaLabel) -> Vec<&'a Cell> {
    folder
        .cells(Table::Verification)
        .iter()
        .filter(|cell| cell.program == *program && cell.area == *area && cell.value.is_some() && !cell.category.is_empty())
        .collect()
}

/// The groups that a table shows of a program: everything with a value below
/// the kabupaten.
pub fn groups(folder: &Folder, table: Table, program: &ProgramCode) -> Vec<AreaLabel> {
    let shown = |cell: &&Cell| cell.program == *program && cell.value.is_some() && cell.area.single() != Some(folder.district());
    let areas: BTreeSet<&AreaLabel> = folder.cells(table).iter().filter(shown).map(|cell| &cell.area).collect();
    areas.into_iter().cloned().collect()
}

/// The outcomes of a class.
pub fn outcomes(category: &str) -> BTreeSet<&str> {
    category.split('~').collect()
}

/// The kabupaten's verification after its groups: the finest classes that every
/// group's can be summed up to.
pub fn sum_verification(folder: &mut Folder, program: &ProgramCode) {
    let district = AreaLabel::from(folder.district());
    let shown: Vec<Cell> = groups(folder, Table::Verification, program)
        .iter()
        .flat_map(|area| classes(folder, program, area).into_iter().cloned().collect::<Vec<_>>())
        .collect();
    let mut of: BTreeMap<&str, usize> = Outcome::ALL.iter().enumerate().map(|(at, outcome)| (outcome.as_str(), at)).collect();
    for cell in &shown {
        let members: BTreeSet<usize> = outcomes(&cell.category).iter().filter_map(|code| of.get(code).copied()).collect();
        let Some(least) = members.first().copied() else { continue };
        of.values_mut().filter(|at| members.contains(at)).for_each(|at| *at = least);
    }
    let mut sums: BTreeMap<usize, (BTreeSet<&str>, u64)> = BTreeMap::new();
    for (code, at) in &of {
        sums.entry(*at).or_default().0.insert(code);
    }
    for cell in &shown {
        let at = outcomes(&cell.category).first().and_then(|code| of.get(code).copied());
        if let Some(sum) = at.and_then(|at| sums.get_mut(&at)) {
            sum.1 += cell.value.unwrap_or(0);
        }
    }
    let oldest = shown.iter().map(|cell| cell.as_of).min().unwrap_or(folder.period());
    let lines: Vec<Cell> = sums
        .into_values()
        .map(|(codes, sum)| {
            let category = codes.into_iter().collect::<Vec<_>>().join("~");
            Cell { as_of: oldest, ..folder.line(district.clone(), program, "units", &category, sum) }
        })
        .collect();
    let cells = folder.cells_mut(Table::Verification);
    cells.retain(|cell| !(cell.program == *program && cell.area == district));
    cells.extend(lines);
}

/// The kabupaten's figure of an overlap after its groups.
pub fn sum_overlap(folder: &mut Folder, program: &ProgramCode, other: &str) {
    let district = AreaLabel::from(folder.district());
    for measure in ["both", "only"] {
        let of = |cell: &&Cell| cell.program == *program && cell.measure == measure && cell.category == other && cell.area != district;
        let sum = folder.cells(Table::Overlaps).iter().filter(of).filter_map(|cell| cell.value).sum();
        for cell in folder.cells_mut(Table::Overlaps).iter_mut().filter(|cell| is(cell, &district, program, measure, other)) {
            cell.value = Some(sum);
        }
    }
}
