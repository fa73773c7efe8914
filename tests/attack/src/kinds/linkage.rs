//! Attack 5: something of the rows that is carried from edition to edition, or
//! tells in which order people came.

use super::k_atoms::{all_atoms, atom_name};
use super::{Damage, Place};
use crate::consistent::set_atoms;
use crate::dice::Dice;
use crate::world::{Folder, MANIFEST, World};

pub const ALL: &[Damage] = &[
    Damage { name: "places-kept-by-those-who-stay", run: gaps },
    Damage { name: "ids-of-the-edition-before", run: old_ids },
    Damage { name: "rows-in-another-order", run: rows_ordered },
    Damage { name: "atoms-in-the-order-of-their-size", run: atoms_by_size },
    Damage { name: "atoms-swapped", run: atoms_swapped },
    Damage { name: "ids-that-outlive-the-edition", run: serials },
    Damage { name: "commitment-of-the-release-before", run: commitment },
];

/// The rows of a random issue, not a district's first where there are others.
fn later_issue(world: &World, dice: &mut Dice) -> Option<usize> {
    let issues = world.issues();
    let later: Vec<usize> = issues
        .iter()
        .copied()
        .filter(|at| {
            issues.iter().any(|other| other < at && world.folders[*other].district() == world.folders[*at].district())
                && !world.folders[*at].atoms().is_empty()
        })
        .collect();
    dice.pick(later)
}

fn rewrite(world: &mut World, at: usize, change: impl Fn(&mut Vec<String>)) {
    let mut lines: Vec<String> = world.folders[at].recipients().lines().map(str::to_owned).collect();
    change(&mut lines);
    let text = lines.join("\n") + "\n";
    for at in world.issue(at) {
        world.folders[at].set_recipients(text.clone());
    }
}

/// Who stays keeps the place: those who left leave gaps, and who came stands at
/// the end.
fn gaps(world: &mut World, dice: &mut Dice) -> Option<Place> {
    let at = later_issue(world, dice)?;
    let folder = &world.folders[at];
    let atom = dice.pick(folder.atoms().to_vec())?;
    let stem = format!("{}-{}/{}/{:05}/", folder.district(), atom.edition, atom.program, atom.atom);
    let gap = dice.between(1, u64::from(atom.count));
    let more = dice.between(1, 3);
    rewrite(world, at, |lines| {
        for line in lines {
            let Some(rest) = line.strip_prefix(&stem) else { continue };
            let Some((place, tail)) = rest.split_once(',') else { continue };
            let Ok(place) = place.parse::<u64>() else { continue };
            if place >= gap {
                *line = format!("{stem}{:02},{tail}", place + more);
            }
        }
    });
    Place::of(world.folders[at].release(), "recipients", format!("{stem}{gap:02} {more} places free"))
}

/// Rows of one program that are still called as in the edition before.
fn old_ids(world: &mut World, dice: &mut Dice) -> Option<Place> {
    let at = later_issue(world, dice)?;
    let folder = &world.folders[at];
    let before = (0..at).rev().find(|other| {
        world.folders[*other].district() == folder.district() && world.folders[*other].manifest.edition != folder.manifest.edition
    })?;
    let program = dice.pick(folder.atoms().to_vec())?.program;
    let old = format!("{}-{}/{program}/", folder.district(), world.folders[before].manifest.edition);
    let new = format!("{}-{}/{program}/", folder.district(), folder.manifest.edition);
    rewrite(world, at, |lines| {
        for line in lines {
            if let Some(rest) = line.strip_prefix(&new) {
                *line = format!("{old}{rest}");
            }
        }
    });
    Place::of(world.folders[at].release(), "recipients", old)
}

/// The same rows, but in an order of their own: by the day they came, say.
fn rows_ordered(world: &mut World, dice: &mut Dice) -> Option<Place> {
    let at = later_issue(world, dice)?;
    let folder = &world.folders[at];
    let atom = dice.pick(folder.atoms().to_vec())?;
    let stem = format!("{}-{}/{}/{:05}/", folder.district(), atom.edition, atom.program, atom.atom);
    let mut order: Vec<usize> = (0..atom.count as usize).collect();
    dice.shuffle(&mut order);
    order.swap(0, 1);
    if order.windows(2).all(|pair| pair[0] < pair[1]) {
        order.reverse();
    }
    rewrite(world, at, |lines| {
        let Some(first) = lines.iter().position(|line| line.starts_with(&stem)) else { return };
        let rows: Vec<String> = order.iter().map(|place| lines[first + place].clone()).collect();
        lines[first..first + rows.len()].clone_from_slice(&rows);
    });
    Place::of(world.folders[at].release(), "recipients", stem)
}

/// Atoms of a program numbered by their size.
fn atoms_by_size(world: &mut World, dice: &mut Dice) -> Option<Place> {
    reorder(world, dice, |atoms, _| atoms.sort_by_key(|atom| std::cmp::Reverse(atom.count)))
}

/// Two atoms of a program that change their numbers.
fn atoms_swapped(world: &mut World, dice: &mut Dice) -> Option<Place> {
    reorder(world, dice, |atoms, dice| {
        let one = dice.between(0, atoms.len() as u64 - 1) as usize;
        let step = dice.between(1, atoms.len() as u64 - 1) as usize;
        let other = (one + step) % atoms.len();
        atoms.swap(one, other);
    })
}

fn reorder(world: &mut World, dice: &mut Dice, change: impl Fn(&mut [release::Atom], &mut Dice)) -> Option<Place> {
    let at = later_issue(world, dice)?;
    let many = |folder: &Folder, atom: &release::Atom| folder.atoms().iter().filter(|other| other.program == atom.program).count() > 1;
    let (at, place) = dice.pick(all_atoms(world, many).into_iter().filter(|(other, _)| *other == at).collect())?;
    let mut atoms = world.folders[at].atoms().to_vec();
    let program = atoms[place].program.clone();
    let first = atoms.iter().position(|atom| atom.program == program)?;
    let many = atoms.iter().filter(|atom| atom.program == program).count();
    change(&mut atoms[first..first + many], dice);
    if atoms == world.folders[at].atoms() {
        return None;
    }
    let cell = atom_name(&atoms[first]);
    set_atoms(world, at, atoms);
    Place::of(world.folders[at].release(), "atoms", cell)
}

/// Rows numbered through a program, by a number that stays with the person.
fn serials(world: &mut World, dice: &mut Dice) -> Option<Place> {
    let at = later_issue(world, dice)?;
    let folder = &world.folders[at];
    let program = dice.pick(folder.atoms().to_vec())?.program;
    let stem = format!("{}-{}/{program}/", folder.district(), folder.manifest.edition);
    let rows = folder.atoms().iter().filter(|atom| atom.program == program).map(|atom| u64::from(atom.count)).sum();
    let mut numbers: Vec<u64> = (1..=rows).map(|number| number + dice.between(100, 900)).collect();
    dice.shuffle(&mut numbers);
    rewrite(world, at, |lines| {
        let mut numbers = numbers.iter();
        for line in lines {
            if let Some(rest) = line.strip_prefix(&stem)
                && let Some((atom, tail)) = rest.split_once('/')
                && let Some((_, tail)) = tail.split_once(',')
                && let Some(number) = numbers.next()
            {
                *line = format!("{stem}{atom}/{number:02},{tail}");
            }
        }
    });
    Place::of(world.folders[at].release(), "recipients", stem)
}

/// A commitment with the root of the release before: the same salts, which
/// link every leaf to itself.
fn commitment(world: &mut World, dice: &mut Dice) -> Option<Place> {
    let at = dice.pick((0..world.folders.len()).filter(|at| world.before(*at).is_some()).collect())?;
    let before = world.before(at)?;
    let root = world.folders[before].manifest.commitment.root.clone();
    let folder = &mut world.folders[at];
    folder.manifest.commitment.root.clone_from(&root);
    folder.touch(MANIFEST);
    Place::of(folder.release(), "manifest", format!("commitment {root}"))
}
