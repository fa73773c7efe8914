//! Attack 3: a finer count that is no sum of whole atoms.

use domain::codebook;
use domain::{AreaCode, AreaLabel, Level, ProgramCode, Table};

use super::k_atoms::{all_atoms, atom_name, finer};
use super::{Damage, Place, name};
use crate::consistent::{add_category, add_units, sensitive, set_atoms};
use crate::dice::Dice;
use crate::world::{Folder, World};

pub const ALL: &[Damage] = &[
    Damage { name: "total-moved-to-a-sibling", run: total_moved },
    Damage { name: "row-moved-to-another-kelurahan", run: row_moved },
    Damage { name: "row-dropped", run: dropped },
    Damage { name: "unlabelled-told-in-demographics", run: told },
    Damage { name: "demographics-shifted", run: shifted },
    Damage { name: "pool-member-told", run: member_told },
    Damage { name: "a-row-with-a-label-of-its-own", run: row_label },
    Damage { name: "another-count-in-a-repeat", run: repeat },
    Damage { name: "further-attribute-in-totals", run: attribute_in_totals },
    Damage { name: "table-of-its-own", run: table },
    Damage { name: "coverage-of-its-own", run: coverage },
];

/// Units of one kelurahan shown in its sibling, in the month of the rows.
fn total_moved(world: &mut World, dice: &mut Dice) -> Option<Place> {
    let mut places: Vec<(usize, ProgramCode, AreaCode, AreaCode, u64)> = Vec::new();
    for at in world.issues() {
        let folder = &world.folders[at];
        if folder.manifest.edition_as_of != folder.period() {
            continue;
        }
        let mut of: Vec<(AreaCode, &ProgramCode, u64)> = Vec::new();
        for cell in folder.cells(Table::Totals) {
            if let (Some(area), Some(value)) = (cell.area.single(), cell.value)
                && area.level() == Level::Kelurahan
                && value > 12
                && !sensitive(&cell.program)
                && folder.atoms().iter().any(|atom| atom.program == cell.program && atom.area == cell.area)
            {
                of.push((area, &cell.program, value));
            }
        }
        for (area, program, value) in &of {
            if let Some((other, ..)) =
                of.iter().find(|(other, named, _)| named == program && other != area && other.parent() == area.parent())
            {
                places.push((at, (*program).clone(), *area, *other, *value));
            }
        }
    }
    let (at, program, from, to, value) = dice.pick(places)?;
    let some = dice.between(1, 3.min(value)) as i64;
    add_units(world, at, from, &program, -some);
    add_units(world, at, to, &program, some);
    let folder = &world.folders[at];
    Place::of(folder.release(), "totals", format!("{from}|{program}|{}|units {some} to {to}", folder.period()))
}

/// A row counted in an atom of another kelurahan.
fn row_moved(world: &mut World, dice: &mut Dice) -> Option<Place> {
    let large = |folder: &Folder, atom: &release::Atom| u64::from(atom.count) > folder.k() && atom.area.single().is_some();
    let (at, place) = dice.pick(all_atoms(world, large))?;
    let mut atoms = world.folders[at].atoms().to_vec();
    let mine = atoms[place].clone();
    let others = (0..atoms.len()).filter(|other| atoms[*other].program == mine.program && atoms[*other].area != mine.area).collect();
    let other = dice.pick(others)?;
    atoms[place].count -= 1;
    atoms[other].count += 1;
    let cell = format!("{} to {}", atom_name(&mine), atom_name(&atoms[other]));
    set_atoms(world, at, atoms);
    Place::of(world.folders[at].release(), "atoms", cell)
}

/// A row left out.
fn dropped(world: &mut World, dice: &mut Dice) -> Option<Place> {
    let (at, place) = dice.pick(all_atoms(world, |folder, atom| u64::from(atom.count) > folder.k() + 3))?;
    let mut atoms = world.folders[at].atoms().to_vec();
    let some = dice.between(1, 3) as u32;
    atoms[place].count -= some;
    let cell = format!("{} {some} rows", atom_name(&atoms[place]));
    set_atoms(world, at, atoms);
    Place::of(world.folders[at].release(), "atoms", cell)
}

/// People of an atom that keeps no sex, age or family size, told in demographics.
fn told(world: &mut World, dice: &mut Dice) -> Option<Place> {
    demographics(world, dice, |category| category == codebook::ANY)
}

/// One of a category counted in another.
fn shifted(world: &mut World, dice: &mut Dice) -> Option<Place> {
    demographics(world, dice, |category| category != codebook::ANY)
}

fn demographics(world: &mut World, dice: &mut Dice, from: fn(&str) -> bool) -> Option<Place> {
    let mut places = Vec::new();
    for at in world.issues() {
        let folder = &world.folders[at];
        for cell in folder.cells(Table::Demographics) {
            let inside = cell.area.single() != Some(folder.district());
            if inside && from(&cell.category) && cell.value.is_some_and(|value| value > 3) {
                places.push((at, cell.clone()));
            }
        }
    }
    let (at, line) = dice.pick(places)?;
    let categories: &[&str] = match line.measure.as_str() {
        "sex" => &["F", "M"],
        "age_band" => &["0-17", "18-39", "40-59", "60+"],
        _ => &["1-2", "3-4", "5+"],
    };
    let to = dice.pick(categories.iter().copied().filter(|category| *category != line.category).collect())?;
    let some = dice.between(1, 3) as i64;
    for at in world.issue(at) {
        let folder = &mut world.folders[at];
        let mut areas = vec![line.area.clone(), folder.district().into()];
        let kecamatan = line.area.members().iter().filter_map(|area| area.at(Level::Kecamatan));
        areas.extend(AreaLabel::pool(kecamatan).ok().filter(|area| *area != line.area));
        for area in areas {
            add_category(folder, Table::Demographics, &area, &line.program, &line.measure, &line.category, -some);
            add_category(folder, Table::Demographics, &area, &line.program, &line.measure, to, some);
        }
    }
    Place::of(world.folders[at].release(), "demographics", format!("{} {some} to {to}", name(&line)))
}

/// A kelurahan of a pool, told apart in demographics by its exact total.
fn member_told(world: &mut World, dice: &mut Dice) -> Option<Place> {
    let mut places = Vec::new();
    for (at, place) in all_atoms(world, |_, atom| atom.area.single().is_none()) {
        let folder = &world.folders[at];
        let atom = &folder.atoms()[place];
        for member in atom.area.members() {
            let units = folder.units(&AreaLabel::from(*member), &atom.program);
            let sample = folder.cells(Table::Demographics).iter().find(|cell| cell.program == atom.program);
            if let (Some(units), Some(sample)) = (units.filter(|units| *units > 1), sample) {
                places.push((at, sample.clone(), *member, units));
            }
        }
    }
    let (at, sample, member, units) = dice.pick(places)?;
    let women = dice.between(1, units - 1);
    for at in world.issue(at) {
        let folder = &mut world.folders[at];
        for (category, value) in [("F", women), ("M", units - women)] {
            let told = folder.line(member.into(), &sample.program, "sex", category, value);
            folder.put(Table::Demographics, domain::Cell { release: sample.release, as_of: sample.as_of, ..told });
        }
    }
    Place::of(world.folders[at].release(), "demographics", format!("{member}|{}|sex|F {women}", sample.program))
}

/// A row of `recipients.csv` that tells more than its atom.
fn row_label(world: &mut World, dice: &mut Dice) -> Option<Place> {
    let (at, place) = dice.pick(all_atoms(world, |folder, atom| !finer(folder, atom).is_empty()))?;
    let folder = &world.folders[at];
    let atom = folder.atoms()[place].clone();
    let labels = dice.pick(finer(folder, &atom))?;
    let stem = format!("{}-{}/{}/{:05}/", folder.district(), atom.edition, atom.program, atom.atom);
    let line = u64::from(dice.between(1, u64::from(atom.count)) as u32);
    let id = format!("{stem}{line:02}");
    let text: String = folder
        .recipients()
        .lines()
        .map(|row| {
            if row.split(',').next() == Some(&id) {
                format!("{id},{},{},{},{}\n", atom.edition, atom.program, atom.area, labels.join(","))
            } else {
                format!("{row}\n")
            }
        })
        .collect();
    for at in world.issue(at) {
        world.folders[at].set_recipients(text.clone());
    }
    Place::of(world.folders[at].release(), "recipients", format!("{id} {}", labels.join("|")))
}

/// A release that repeats an edition's rows with one moved to another atom of its area.
fn repeat(world: &mut World, dice: &mut Dice) -> Option<Place> {
    let repeats: Vec<usize> = (0..world.folders.len()).filter(|at| !world.folders[*at].took_rows() && world.issue(*at)[0] != *at).collect();
    let at = dice.pick(repeats)?;
    let folder = &world.folders[at];
    let mut pairs = Vec::new();
    for (place, atom) in folder.atoms().iter().enumerate() {
        if let Some(next) = folder.atoms().get(place + 1)
            && next.program == atom.program
            && next.area == atom.area
            && u64::from(atom.count) > folder.k()
        {
            pairs.push(place);
        }
    }
    let place = dice.pick(pairs)?;
    let folder = &mut world.folders[at];
    let atoms = folder.atoms_mut();
    atoms[place].count -= 1;
    atoms[place + 1].count += 1;
    let cell = atom_name(&atoms[place]);
    Place::of(folder.release(), "atoms", cell)
}

/// Totals by a further attribute, as a category that totals do not have.
fn attribute_in_totals(world: &mut World, dice: &mut Dice) -> Option<Place> {
    let mut places = Vec::new();
    for (at, folder) in world.folders.iter().enumerate() {
        for program in folder.programs(Table::Totals).into_iter().filter(|program| !sensitive(program)) {
            if folder.units(&folder.district().into(), &program).is_some_and(|units| units >= folder.k()) {
                places.push((at, program));
            }
        }
    }
    let (at, program) = dice.pick(places)?;
    let folder = &mut world.folders[at];
    let category = dice.pick(vec!["decile-1", "pregnant", "disabled"])?;
    let mut sum = 0;
    for area in reference::areas().children(folder.district()).to_vec() {
        let units = folder.units(&area.into(), &program)?;
        let some = dice.between(1, folder.k() - 1).min(units);
        sum += some;
        let line = folder.line(area.into(), &program, "units", category, some);
        folder.put(Table::Totals, line);
    }
    let line = folder.line(folder.district().into(), &program, "units", category, sum);
    let cell = name(&line);
    folder.put(Table::Totals, line);
    Place::of(folder.release(), "totals", cell)
}

/// A table that the format does not know, named by the manifest.
fn table(world: &mut World, dice: &mut Dice) -> Option<Place> {
    let (at, place) = dice.pick(all_atoms(world, |folder, atom| u64::from(atom.count) >= folder.k()))?;
    let folder = &mut world.folders[at];
    let atom = folder.atoms()[place].clone();
    let some = dice.between(1, folder.k() - 1);
    let line = folder.line(atom.area.clone(), &atom.program, "units", "decile-1", some);
    let cell = name(&line);
    let domain::Cell { area, program, period, measure, category, status, release, as_of, .. } = line;
    let text = format!("{}\n{area},{program},{period},{measure},{category},{some},{status},,{release},{as_of}\n", release::CELLS_HEADER);
    folder.set_text("data/targeting.csv", text);
    Place::of(release, "targeting", cell)
}

/// A base of coverage that no source gives: people of a kecamatan by a further attribute.
fn coverage(world: &mut World, dice: &mut Dice) -> Option<Place> {
    let mut places = Vec::new();
    for (at, folder) in world.folders.iter().enumerate() {
        let kecamatan = |cell: &&domain::Cell| cell.area.single().is_some_and(|area| area.level() == Level::Kecamatan);
        places.extend(folder.cells(Table::Coverage).iter().filter(kecamatan).map(|cell| (at, cell.clone())));
    }
    let (at, line) = dice.pick(places)?;
    let folder = &mut world.folders[at];
    let some = dice.between(1, folder.k() - 1);
    let told = folder.line(line.area, &line.program, "poor_households", dice.pick(vec!["decile-1", "pregnant", "disabled"])?, some);
    let cell = name(&told);
    folder.put(Table::Coverage, told);
    Place::of(folder.release(), "coverage", format!("{cell} {some}"))
}
