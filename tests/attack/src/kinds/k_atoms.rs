//! Attack 1: an atom under k, a label with few inhabitants, a shown number of
//! people with a further attribute under k.

use std::collections::BTreeSet;

use domain::codebook;
use domain::{AreaLabel, Level, Status, Table};
use release::Atom;

use super::{Damage, Place, name};
use crate::consistent::{classes, groups, labels, outcomes, sensitive, set_atoms, standing, sum_verification};
use crate::dice::Dice;
use crate::world::{Folder, World};

pub const ALL: &[Damage] = &[
    Damage { name: "rows-lent-to-a-neighbour", run: lent },
    Damage { name: "small-class-cut-off", run: cut_off },
    Damage { name: "twin-of-one-label", run: twin },
    Damage { name: "few-inhabitants-behind-a-label", run: few_inhabitants },
    Damage { name: "rows-of-a-sensitive-program", run: sensitive_rows },
    Damage { name: "small-count-of-a-sensitive-program", run: sensitive_count },
    Damage { name: "small-class-of-outcomes", run: small_outcome },
    Damage { name: "k-lowered", run: lowered },
    Damage { name: "plan-of-a-sensitive-kecamatan", run: planned },
];

/// A label of the codebook that lies below `label` and, with it, none shown of the area.
pub(super) fn finer(folder: &Folder, atom: &Atom) -> Vec<[String; 3]> {
    if atom.area.single().is_none() {
        return Vec::new();
    }
    let shown: BTreeSet<[&str; 3]> =
        folder.atoms().iter().filter(|other| other.program == atom.program && other.area == atom.area).map(labels).collect();
    let mut found = Vec::new();
    for (at, attribute) in codebook::ATTRIBUTES.into_iter().enumerate() {
        for label in attribute.labels {
            let below = label.code != labels(atom)[at] && attribute.ancestry(label.code).any(|up| up.code == labels(atom)[at]);
            let mut all = labels(atom);
            all[at] = label.code;
            if below && label.code != codebook::UNKNOWN && !shown.contains(&all) {
                found.push(all.map(str::to_owned));
            }
        }
    }
    found
}

/// Inhabitants behind an atom with other labels.
pub(super) fn inhabitants(atom: &Atom, labels: &[String; 3]) -> u64 {
    release::gate::candidates(&with(atom, labels, atom.count))
}

/// The atom with other labels and another size.
pub(super) fn with(atom: &Atom, labels: &[String; 3], count: u32) -> Atom {
    let [sex, age_band, family_size] = labels.clone();
    Atom { sex, age_band, family_size, count, ..atom.clone() }
}

/// Every atom of every issue of rows: folder and place.
pub(super) fn all_atoms(world: &World, wanted: impl Fn(&Folder, &Atom) -> bool) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for at in world.issues() {
        let folder = &world.folders[at];
        found.extend(folder.atoms().iter().enumerate().filter(|(_, atom)| wanted(folder, atom)).map(|(place, _)| (at, place)));
    }
    found
}

pub(super) fn atom_name(atom: &Atom) -> String {
    format!("{}|{}|{}|{}|{}|{}", atom.program, atom.atom, atom.area, atom.sex, atom.age_band, atom.family_size)
}

/// An atom gives rows to another of its area until it has fewer than k.
fn lent(world: &mut World, dice: &mut Dice) -> Option<Place> {
    let places = all_atoms(world, |folder, atom| {
        u64::from(atom.count) >= folder.k()
            && folder.atoms().iter().any(|other| other.program == atom.program && other.area == atom.area && other.atom != atom.atom)
    });
    let (at, place) = dice.pick(places)?;
    let folder = &world.folders[at];
    let mut atoms = folder.atoms().to_vec();
    let mine = atoms[place].clone();
    let others: Vec<usize> = (0..atoms.len())
        .filter(|other| *other != place && atoms[*other].program == mine.program && atoms[*other].area == mine.area)
        .collect();
    let other = dice.pick(others)?;
    let left = dice.between(1, folder.k() - 1) as u32;
    atoms[other].count += mine.count - left;
    atoms[place].count = left;
    let release = folder.release();
    set_atoms(world, at, atoms);
    Place::of(release, "atoms", format!("{} {left} rows", atom_name(&mine)))
}

/// A class under k under a finer label of its own.
fn cut_off(world: &mut World, dice: &mut Dice) -> Option<Place> {
    let places = all_atoms(world, |folder, atom| {
        u64::from(atom.count) > folder.k() && finer(folder, atom).iter().any(|labels| inhabitants(atom, labels) >= 100)
    });
    let (at, place) = dice.pick(places)?;
    let folder = &world.folders[at];
    let mut atoms = folder.atoms().to_vec();
    let mine = atoms[place].clone();
    let finer = finer(folder, &mine).into_iter().filter(|labels| inhabitants(&mine, labels) >= 100).collect();
    let labels = dice.pick(finer)?;
    let cut = dice.between(1, (folder.k() - 1).min(u64::from(mine.count) - folder.k())) as u32;
    atoms[place].count -= cut;
    atoms.insert(place + 1, with(&mine, &labels, cut));
    let release = folder.release();
    set_atoms(world, at, atoms);
    Place::of(release, "atoms", format!("{} to {} {cut} rows", atom_name(&mine), labels.join("|")))
}

/// An atom in two of one label, one of them under k: who reads labels sees a
/// large class, who reads numbers a small one.
fn twin(world: &mut World, dice: &mut Dice) -> Option<Place> {
    let (at, place) = dice.pick(all_atoms(world, |folder, atom| u64::from(atom.count) > folder.k()))?;
    let folder = &world.folders[at];
    let mut atoms = folder.atoms().to_vec();
    let cut = dice.between(1, folder.k() - 1).min(u64::from(atoms[place].count) - 1) as u32;
    atoms[place].count -= cut;
    atoms.insert(place + 1, Atom { count: cut, ..atoms[place].clone() });
    let (release, cell) = (folder.release(), format!("{} {cut} rows", atom_name(&atoms[place])));
    set_atoms(world, at, atoms);
    Place::of(release, "atoms", cell)
}

/// Enough rows, but a label so fine that few inhabitants stand behind it.
fn few_inhabitants(world: &mut World, dice: &mut Dice) -> Option<Place> {
    let few = |atom: &Atom, labels: &[String; 3]| inhabitants(atom, labels) < 100;
    // The finest label below an atom's, as far as it goes.
    let below = |folder: &Folder, atom: &Atom| -> Vec<[String; 3]> {
        let mut all = finer(folder, atom);
        let once = all.clone();
        all.extend(once.iter().flat_map(|labels| finer(folder, &with(atom, labels, atom.count))));
        all.retain(|labels| few(atom, labels) && !labels.contains(&codebook::UNKNOWN.to_owned()));
        all
    };
    let places = all_atoms(world, |folder, atom| u64::from(atom.count) >= folder.k() && !below(folder, atom).is_empty());
    let (at, place) = dice.pick(places)?;
    let folder = &world.folders[at];
    let mut atoms = folder.atoms().to_vec();
    let labels = dice.pick(below(folder, &atoms[place]))?;
    let mine = atoms[place].clone();
    atoms[place] = with(&mine, &labels, mine.count);
    let release = folder.release();
    set_atoms(world, at, atoms);
    Place::of(release, "atoms", format!("{} to {}", atom_name(&mine), labels.join("|")))
}

/// Rows of a sensitive program, all alike, in one pool.
fn sensitive_rows(world: &mut World, dice: &mut Dice) -> Option<Place> {
    let mut places = Vec::new();
    for at in world.issues() {
        let folder = &world.folders[at];
        let district = AreaLabel::from(folder.district());
        for program in folder.programs(Table::Totals) {
            let units = folder.units(&district, &program);
            if let Some(units) = units.filter(|units| sensitive(&program) && *units >= folder.k()) {
                places.push((at, program, units));
            }
        }
    }
    let (at, program, units) = dice.pick(places)?;
    let folder = &world.folders[at];
    let sample = folder.atoms().first()?.clone();
    let area = AreaLabel::pool(reference::areas().children(folder.district()).to_vec()).ok()?;
    let any = codebook::ANY.to_owned();
    let atom = Atom {
        program: program.clone(),
        atom: 1,
        area,
        sex: any.clone(),
        age_band: any.clone(),
        family_size: any,
        count: u32::try_from(units).ok()?,
        ..sample
    };
    let mut atoms = folder.atoms().to_vec();
    let place = atoms.iter().position(|other| other.program > program).unwrap_or(atoms.len());
    let cell = atom_name(&atom);
    atoms.insert(place, atom);
    let release = folder.release();
    for at in world.issue(at) {
        *world.folders[at].atoms_mut() = atoms.clone();
    }
    Place::of(release, "atoms", cell)
}

/// A kecamatan with few people of a sensitive program, taken out of its group.
fn sensitive_count(world: &mut World, dice: &mut Dice) -> Option<Place> {
    let (at, group) = dice.pick(sensitive_groups(world, |folder, group, sum| group.members().len() >= 3 && sum >= 2 * folder.k()))?;
    let folder = &mut world.folders[at];
    let value = dice.between(1, folder.k() - 1);
    let cell = take_out(folder, &group, value, dice)?;
    Place::of(folder.release(), "totals", cell)
}

/// A group of kecamatan of a sensitive program.
pub(super) struct Group {
    pub line: domain::Cell,
}

impl Group {
    pub fn members(&self) -> &[domain::AreaCode] {
        self.line.area.members()
    }

    pub fn sum(&self) -> u64 {
        self.line.value.unwrap_or(0)
    }
}

pub(super) fn sensitive_groups(world: &World, wanted: impl Fn(&Folder, &Group, u64) -> bool) -> Vec<(usize, Group)> {
    let mut found = Vec::new();
    for (at, folder) in world.folders.iter().enumerate() {
        for cell in folder.cells(Table::Totals) {
            if cell.area.single().is_none() && cell.value.is_some() && sensitive(&cell.program) {
                let group = Group { line: cell.clone() };
                if wanted(folder, &group, group.sum()) {
                    found.push((at, group));
                }
            }
        }
    }
    found
}

/// Shows one member of a group with a value of its own; the rest stay a group
/// that holds the rest. Gives the member's line.
pub(super) fn take_out(folder: &mut Folder, group: &Group, value: u64, dice: &mut Dice) -> Option<String> {
    let line = &group.line;
    let member = dice.pick(group.members().to_vec())?;
    let rest = AreaLabel::pool(group.members().iter().copied().filter(|area| *area != member)).ok()?;
    let shown = folder.line(member.into(), &line.program, "units", "", value);
    let cell = name(&shown);
    let cells = folder.cells_mut(Table::Totals);
    for other in cells.iter_mut().filter(|other| other.program == line.program) {
        if other.area == line.area {
            other.area = rest.clone();
            other.value = Some(group.sum() - value);
        } else if other.group.as_ref() == Some(&line.area) {
            other.group = Some(rest.clone());
        }
    }
    folder.put(Table::Totals, shown);
    Some(format!("{cell} {value}"))
}

/// A class of verification outcomes, cut in two of which one is under k.
fn small_outcome(world: &mut World, dice: &mut Dice) -> Option<Place> {
    let mut places = Vec::new();
    for (at, folder) in world.folders.iter().enumerate() {
        for program in folder.programs(Table::Verification) {
            for area in groups(folder, Table::Verification, &program) {
                for cell in classes(folder, &program, &area) {
                    if cell.release == folder.release() && outcomes(&cell.category).len() >= 2 && cell.value > Some(folder.k()) {
                        places.push((at, cell.clone()));
                    }
                }
            }
        }
    }
    let (at, line) = dice.pick(places)?;
    let k = world.folders[at].k();
    let small = dice.pick(outcomes(&line.category).into_iter().collect())?;
    let rest: Vec<&str> = outcomes(&line.category).into_iter().filter(|code| *code != small).collect();
    let value = dice.between(1, (k - 1).min(line.value? - k));
    for other in standing(world, at, Table::Verification, &line.area, &line.program, "units") {
        let folder = &mut world.folders[other];
        let cells = folder.cells_mut(Table::Verification);
        let Some(place) =
            cells.iter().position(|cell| cell.area == line.area && cell.program == line.program && cell.category == line.category)
        else {
            continue;
        };
        let mut cut = cells[place].clone();
        cut.category = small.to_owned();
        cut.value = Some(value);
        cells[place].category = rest.join("~");
        cells[place].value = line.value.map(|all| all - value);
        cells.push(cut);
        sum_verification(folder, &line.program);
    }
    Place::of(world.folders[at].release(), "verification", format!("{} {small} {value}", name(&line)))
}

/// A manifest that names a k below the floor, and an atom that needs it.
fn lowered(world: &mut World, dice: &mut Dice) -> Option<Place> {
    let places = all_atoms(world, |folder, atom| {
        u64::from(atom.count) >= folder.k()
            && folder.atoms().iter().any(|other| other.program == atom.program && other.area == atom.area && other.atom != atom.atom)
    });
    let (at, place) = dice.pick(places)?;
    let mut atoms = world.folders[at].atoms().to_vec();
    let mine = atoms[place].clone();
    let other =
        (0..atoms.len()).find(|other| *other != place && atoms[*other].program == mine.program && atoms[*other].area == mine.area)?;
    let k = dice.between(2, 4) as u32;
    atoms[other].count += mine.count - k;
    atoms[place].count = k;
    set_atoms(world, at, atoms);
    for at in world.issue(at) {
        world.folders[at].manifest.policy.k = k;
    }
    Place::of(world.folders[at].release(), "manifest", format!("k {k}, {}", atom_name(&mine)))
}

/// Whether a kecamatan or a group of them shows a value of a program.
pub(super) fn shown_kecamatan(folder: &Folder, program: &domain::ProgramCode) -> Vec<domain::AreaCode> {
    let single = |cell: &domain::Cell| cell.area.single().filter(|area| area.level() == Level::Kecamatan);
    folder
        .cells(Table::Totals)
        .iter()
        .filter(|cell| cell.program == *program && cell.status == Status::Observed)
        .filter_map(single)
        .collect()
}

/// Planned units of a sensitive program in one kecamatan, as many as it has.
fn planned(world: &mut World, dice: &mut Dice) -> Option<Place> {
    let (at, group) = dice.pick(sensitive_groups(world, |_, _, _| true))?;
    let folder = &mut world.folders[at];
    let member = dice.pick(group.members().to_vec())?;
    let value = dice.between(1, (folder.k() - 1).min(group.sum()));
    let line = folder.line(member.into(), &group.line.program, "planned_units", "", value);
    let cell = name(&line);
    folder.put(Table::Plan, line);
    Place::of(folder.release(), "plan", format!("{cell} {value}"))
}
