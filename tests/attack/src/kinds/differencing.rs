//! Attack 4: two editions, releases or revisions, subtracted, tell of the few
//! who came, left or changed between them.

use std::collections::BTreeMap;

use domain::codebook::{self, ANY};
use domain::{AreaCode, AreaLabel, Cell, EditionId, Level, Period, ProgramCode, ReleaseId, Table};
use release::{Atom, Previous};

use super::k_atoms::{all_atoms, atom_name, finer, inhabitants, with};
use super::{Damage, Place, name};
use crate::consistent::{add, add_stock, add_units, classes, groups, labels, set_atoms, standing, sum_overlap, sum_verification};
use crate::dice::Dice;
use crate::world::{Folder, World};

pub const ALL: &[Damage] = &[
    Damage { name: "outcomes-shown-again-with-few-movers", run: few_movers },
    Damage { name: "outcomes-shown-again-with-few-changed", run: few_changed },
    Damage { name: "class-split-in-the-next-edition", run: split },
    Damage { name: "revision-with-few-rows-changed", run: revision_rows },
    Damage { name: "movers-all-of-one-outcome", run: one_outcome },
    Damage { name: "revision-with-few-outcomes-changed", run: revision_outcomes },
    Damage { name: "classes-merged-in-the-edition-before", run: merged_before },
    Damage { name: "pool-opened-in-the-next-edition", run: pooled_before },
    Damage { name: "overlap-shown-again-with-few-movers", run: overlap_again },
    Damage { name: "outcomes-in-finer-classes-for-few", run: finer_classes },
    Damage { name: "outcomes-of-a-release-that-never-was", run: never_was },
];

/// A group's verification as it stands in a folder.
#[derive(Clone)]
struct Snapshot {
    at: usize,
    program: ProgramCode,
    area: AreaLabel,
    shown: Vec<Cell>,
    /// Units that entered and left since it was taken; `None` where a month is not at hand.
    flows: Option<[u64; 2]>,
}

impl Snapshot {
    fn values(&self) -> Vec<u64> {
        self.shown.iter().filter_map(|cell| cell.value).collect()
    }
}

/// Units that entered and left the areas of a group after one month, up to another.
fn flows(world: &World, area: &AreaLabel, program: &ProgramCode, after: Period, until: Period) -> Option<[u64; 2]> {
    let mut sums = [0, 0];
    let mut month = after;
    while month < until {
        month = month.next();
        let folder = world.folders.iter().rfind(|folder| folder.period() == month && area.inside(folder.district()))?;
        for member in area.members() {
            for (sum, measure) in sums.iter_mut().zip(["entered", "left"]) {
                *sum += folder.value(Table::Flows, &AreaLabel::from(*member), program, measure)?;
            }
        }
    }
    Some(sums)
}

/// Every group whose figures stand from an earlier release.
fn snapshots(world: &World) -> Vec<Snapshot> {
    let mut found = Vec::new();
    for (at, folder) in world.folders.iter().enumerate() {
        for program in folder.programs(Table::Verification) {
            for area in groups(folder, Table::Verification, &program) {
                let shown: Vec<Cell> = classes(folder, &program, &area).into_iter().cloned().collect();
                let Some(first) = shown.first() else { continue };
                if first.release != folder.release() && first.as_of < folder.period() {
                    let flows = flows(world, &area, &program, first.as_of, folder.period());
                    found.push(Snapshot { at, program: program.clone(), area, shown, flows });
                }
            }
        }
    }
    found
}

/// Groups shown the month before, with the month's own flows put off to the
/// next wherever they are wanted: then nobody moved in between.
fn calm(world: &World) -> Vec<Snapshot> {
    let wanted = |old: &Snapshot| {
        let folder = &world.folders[old.at];
        old.flows.is_some() && old.shown[0].as_of.next() == folder.period() && world.before(old.at).is_some()
    };
    snapshots(world).into_iter().filter(|old| old.shown.len() >= 2 && wanted(old)).collect()
}

/// Puts a group's movers of a month off to the next.
fn put_off(world: &mut World, old: &Snapshot) {
    for kecamatan in old.area.members() {
        for kelurahan in reference::areas().children(*kecamatan) {
            let label = AreaLabel::from(*kelurahan);
            let of = |world: &World, measure| world.folders[old.at].value(Table::Flows, &label, &old.program, measure).unwrap_or(0) as i64;
            let (entered, left) = (of(world, "entered"), of(world, "left"));
            if entered == 0 && left == 0 {
                continue;
            }
            for (measure, number) in [("entered", entered), ("left", left)] {
                add(&mut world.folders[old.at], Table::Flows, *kelurahan, &old.program, measure, -number);
                for next in world.after(old.at) {
                    add(&mut world.folders[next], Table::Flows, *kelurahan, &old.program, measure, number);
                }
            }
            add_stock(&mut world.folders[old.at], *kelurahan, &old.program, left - entered);
        }
    }
}

/// Shows a group's verification with new values, from `at` on wherever the old
/// ones stand.
fn show(world: &mut World, old: &Snapshot, lines: &[(String, u64)]) -> Option<Place> {
    let (release, period) = (world.folders[old.at].release(), world.folders[old.at].period());
    show_as(world, old, lines, release, period)
}

/// The same, said to be of this release and month.
fn show_as(world: &mut World, old: &Snapshot, lines: &[(String, u64)], release: ReleaseId, period: Period) -> Option<Place> {
    let sample = old.shown.first()?;
    for at in standing(world, old.at, Table::Verification, &old.area, &old.program, "units").into_iter().filter(|at| *at >= old.at) {
        let folder = &mut world.folders[at];
        let cells = folder.cells_mut(Table::Verification);
        cells.retain(|cell| !(cell.program == old.program && cell.area == old.area));
        let here = folder.period();
        let line = |(category, value): &(String, u64)| Cell {
            category: category.clone(),
            value: Some(*value),
            period: here,
            release,
            as_of: period,
            ..sample.clone()
        };
        folder.cells_mut(Table::Verification).extend(lines.iter().map(line));
        sum_verification(folder, &old.program);
    }
    Place::of(release, "verification", format!("{}|{}|{period}|units since {}", old.area, old.program, sample.as_of))
}

fn relabelled(old: &Snapshot, values: Vec<u64>) -> Vec<(String, u64)> {
    old.shown.iter().map(|cell| cell.category.clone()).zip(values).collect()
}

/// A group is shown again although 1 to k-1 came or left since.
fn few_movers(world: &mut World, dice: &mut Dice) -> Option<Place> {
    let k = world.folders.first()?.k();
    let few = |snapshot: &Snapshot| snapshot.flows.is_some_and(|flows| flows.iter().any(|flow| (1..k).contains(flow)));
    let old = dice.pick(snapshots(world).into_iter().filter(few).collect())?;
    let [entered, left] = old.flows?;
    let mut values = old.values();
    let most = (0..values.len()).max_by_key(|place| values[*place])?;
    values[most] = values[most].checked_sub(left)?;
    let to = dice.between(0, values.len() as u64 - 1) as usize;
    values[to] += entered;
    let lines = relabelled(&old, values);
    show(world, &old, &lines)
}

/// The same, but said to stand from a release that nobody can look into.
fn never_was(world: &mut World, dice: &mut Dice) -> Option<Place> {
    let k = world.folders.first()?.k();
    let few = |snapshot: &Snapshot| snapshot.flows.is_some_and(|flows| flows.iter().any(|flow| (1..k).contains(flow)));
    let old = dice.pick(snapshots(world).into_iter().filter(few).collect())?;
    let district = world.folders[old.at].district();
    let first = world.folders.iter().find(|folder| folder.district() == district && folder.manifest.previous.is_none())?.period();
    let [entered, left] = old.flows?;
    let mut values = old.values();
    let most = (0..values.len()).max_by_key(|place| values[*place])?;
    values[most] = (values[most] + entered).checked_sub(left)?;
    let lines = relabelled(&old, values);
    let release = ReleaseId::new(district, first.previous(), 1).ok()?;
    show_as(world, &old, &lines, release, first.previous())?;
    Place::of(world.folders[old.at].release(), "verification", format!("{}|{} said to be of {release}", old.area, old.program))
}

/// A group is shown again with one class smaller by a few and another larger.
fn few_changed(world: &mut World, dice: &mut Dice) -> Option<Place> {
    let k = world.folders.first()?.k();
    let old = dice.pick(calm(world).into_iter().filter(|old| old.values().iter().any(|value| *value > k)).collect())?;
    put_off(world, &old);
    let mut values = old.values();
    let from = (0..values.len()).max_by_key(|place| values[*place])?;
    let to = dice.pick((0..values.len()).filter(|place| *place != from).collect())?;
    let some = dice.between(1, (k - 1).min(values[from] - k));
    values[from] -= some;
    values[to] += some;
    let lines = relabelled(&old, values);
    show(world, &old, &lines)
}

/// At least k came to a group where nobody else moved, and all are of one class.
fn one_outcome(world: &mut World, dice: &mut Dice) -> Option<Place> {
    let k = world.folders.first()?.k();
    let mut places = Vec::new();
    for old in calm(world) {
        let folder = &world.folders[old.at];
        for kecamatan in old.area.members() {
            for kelurahan in reference::areas().children(*kecamatan) {
                if folder.units(&AreaLabel::from(*kelurahan), &old.program).is_some() {
                    places.push((old.clone(), *kelurahan));
                }
            }
        }
    }
    let (old, kelurahan) = dice.pick(places)?;
    put_off(world, &old);
    let came = dice.between(k, k + 9);
    add_units(world, old.at, kelurahan, &old.program, came as i64);
    let mut values = old.values();
    let to = dice.between(0, values.len() as u64 - 1) as usize;
    values[to] += came;
    let lines = relabelled(&old, values);
    show(world, &old, &lines)
}

/// A group's classes grow finer with few movers in between: nothing but the
/// cut is new, and the cut tells.
fn finer_classes(world: &mut World, dice: &mut Dice) -> Option<Place> {
    let k = world.folders.first()?.k();
    let mut places = Vec::new();
    for old in
        snapshots(world).into_iter().filter(|snapshot| snapshot.flows.is_some_and(|flows| flows.iter().any(|flow| (1..k).contains(flow))))
    {
        for (place, cell) in old.shown.iter().enumerate() {
            if cell.category.contains('~') && cell.value.is_some_and(|value| value >= 3 * k) {
                places.push((old.clone(), place));
            }
        }
    }
    let (old, place) = dice.pick(places)?;
    let [entered, left] = old.flows?;
    let value = (old.shown[place].value? + entered).checked_sub(left)?;
    let (one, rest) = old.shown[place].category.split_once('~')?;
    let cut = dice.between(k, value.checked_sub(k)?);
    let mut lines = relabelled(&old, old.values());
    lines[place] = (rest.to_owned(), value - cut);
    lines.push((one.to_owned(), cut));
    show(world, &old, &lines)
}

/// An overlap is shown again although 1 to k-1 came to a program or left it.
fn overlap_again(world: &mut World, dice: &mut Dice) -> Option<Place> {
    let mut places = Vec::new();
    for (at, folder) in world.folders.iter().enumerate() {
        for cell in folder.cells(Table::Overlaps).iter().filter(|cell| cell.measure == "both" && cell.value.is_some()) {
            let Ok(other) = cell.category.parse::<ProgramCode>() else { continue };
            if cell.release == folder.release() || cell.as_of >= folder.period() || cell.area.single() == Some(folder.district()) {
                continue;
            }
            let moved = |program: &ProgramCode| flows(world, &cell.area, program, cell.as_of, folder.period());
            if let (Some(mine), Some(theirs)) = (moved(&cell.program), moved(&other))
                && mine.iter().chain(&theirs).any(|flow| (1..folder.k()).contains(flow))
                && cell.program < other
            {
                places.push((at, cell.clone(), other));
            }
        }
    }
    let (at, old, other) = dice.pick(places)?;
    let (release, period) = (world.folders[at].release(), world.folders[at].period());
    let one = old.program.clone();
    // Each list keeps its families; a few are in both who were not, or the reverse.
    let only = world.folders[at].cell(Table::Overlaps, &old.area, &one, "only", &old.category)?.value?;
    let some = dice.between(1, world.folders[at].k() - 1).min(only.saturating_sub(world.folders[at].k())).max(1) as i64;
    for at in standing(world, at, Table::Overlaps, &old.area, &one, "both").into_iter().filter(|place| *place >= at) {
        let folder = &mut world.folders[at];
        for (program, with) in [(&one, &other), (&other, &one)] {
            for (measure, more) in [("both", some), ("only", -some)] {
                if let Some(cell) = folder.cell(Table::Overlaps, &old.area, program, measure, with.as_str()).cloned() {
                    let value = cell.value.map(|value| value.saturating_add_signed(more));
                    folder.put(Table::Overlaps, Cell { value, release, as_of: period, ..cell });
                }
            }
            sum_overlap(folder, program, with.as_str());
        }
    }
    Place::of(release, "overlaps", format!("{} {some:+} since {}", name(&old), old.as_of))
}

/// Issues of rows with another of the same district before them: (this, the one before).
fn editions(world: &World) -> Vec<(usize, usize)> {
    let issues = world.issues();
    let before = |at: usize| {
        issues.iter().rev().copied().find(|other| *other < at && world.folders[*other].district() == world.folders[at].district())
    };
    issues.iter().filter_map(|at| Some((*at, before(*at)?))).collect()
}

/// A class of the edition before comes back in two.
fn split(world: &mut World, dice: &mut Dice) -> Option<Place> {
    let editions: BTreeMap<usize, usize> = editions(world).into_iter().collect();
    let wanted = |folder: &Folder, atom: &Atom| u64::from(atom.count) >= 2 * folder.k() && atom.area.single().is_some();
    let mut places = Vec::new();
    for (at, place) in all_atoms(world, wanted) {
        let (folder, Some(before)) = (&world.folders[at], editions.get(&at)) else { continue };
        let atom = &folder.atoms()[place];
        let earlier: Vec<&Atom> =
            world.folders[*before].atoms().iter().filter(|other| other.program == atom.program && other.area == atom.area).collect();
        let known = earlier.iter().any(|other| labels(other) == labels(atom));
        for labels in finer(folder, atom) {
            // Nothing shown before lies in the new label.
            let inside = |other: &Atom| {
                codebook::ATTRIBUTES
                    .iter()
                    .zip(self::labels(other))
                    .zip(&labels)
                    .all(|((attribute, code), wanted)| attribute.ancestry(code).any(|up| up.code == wanted))
            };
            if known && inhabitants(atom, &labels) >= 100 && !earlier.iter().any(|other| inside(other)) {
                places.push((at, place, labels));
            }
        }
    }
    let (at, place, labels) = dice.pick(places)?;
    let folder = &world.folders[at];
    let mut atoms = folder.atoms().to_vec();
    let mine = atoms[place].clone();
    let cut = dice.between(folder.k(), u64::from(mine.count) - folder.k()) as u32;
    atoms[place].count -= cut;
    atoms.insert(place + 1, with(&mine, &labels, cut));
    set_atoms(world, at, atoms);
    Place::of(world.folders[at].release(), "atoms", format!("{} to {} {cut} rows", atom_name(&mine), labels.join("|")))
}

/// The least label that two atoms have in common.
fn common_label(mine: &Atom, next: &Atom) -> [String; 3] {
    let mut common = labels(mine).map(str::to_owned);
    for (attribute, (label, other)) in codebook::ATTRIBUTES.into_iter().zip(common.iter_mut().zip(labels(next))) {
        let above: Vec<&str> = attribute.ancestry(other).map(|up| up.code).collect();
        let shared = attribute.ancestry(label).map(|up| up.code).find(|code| above.contains(code)).unwrap_or(ANY).to_owned();
        *label = shared;
    }
    common
}

/// Whether `wide` is the label of `narrow` or more general.
fn covers(wide: &Atom, narrow: &Atom) -> bool {
    let labels = labels(wide).into_iter().zip(labels(narrow));
    codebook::ATTRIBUTES.into_iter().zip(labels).all(|(attribute, (wide, narrow))| attribute.ancestry(narrow).any(|up| up.code == wide))
}

/// Two classes that an edition shows were one in the edition before.
fn merged_before(world: &mut World, dice: &mut Dice) -> Option<Place> {
    let mut places = Vec::new();
    for (after, before) in editions(world) {
        let atoms = world.folders[before].atoms();
        let later = world.folders[after].atoms();
        let still = |atom: &Atom| {
            later.iter().any(|other| other.program == atom.program && other.area == atom.area && labels(other) == labels(atom))
        };
        for (place, atom) in atoms.iter().enumerate() {
            let Some(next) = atoms.get(place + 1) else { continue };
            if next.program != atom.program || next.area != atom.area || !still(atom) || !still(next) {
                continue;
            }
            // A label that others of the edition are finer than could be their union.
            let common = common_label(atom, next);
            let alone = |one: &Atom| {
                let others = atoms.iter().enumerate().filter(|(at, _)| *at != place && *at != place + 1).map(|(_, other)| other);
                let mut inside = others.filter(|other| other.program == one.program && other.area == one.area);
                labels(one) != common.each_ref().map(String::as_str) && !inside.any(|other| covers(one, other))
            };
            if alone(atom) || alone(next) {
                places.push((before, place));
            }
        }
    }
    let (at, place) = dice.pick(places)?;
    let mut atoms = world.folders[at].atoms().to_vec();
    let next = atoms.remove(place + 1);
    let mine = atoms[place].clone();
    let common = common_label(&mine, &next);
    // One that has the common label already takes both.
    let twin = atoms.iter().enumerate().position(|(other, atom)| {
        other != place && atom.program == mine.program && atom.area == mine.area && labels(atom) == common.each_ref().map(String::as_str)
    });
    match twin {
        Some(twin) => {
            atoms[twin].count += mine.count + next.count;
            atoms.remove(place);
        }
        None => atoms[place] = with(&mine, &common, mine.count + next.count),
    }
    set_atoms(world, at, atoms);
    Place::of(world.folders[at].release(), "atoms", format!("{} and {} as {}", atom_name(&mine), atom_name(&next), common.join("|")))
}

/// Two kelurahan that an edition shows were a pool in the edition before.
fn pooled_before(world: &mut World, dice: &mut Dice) -> Option<Place> {
    let mut places: Vec<(usize, ProgramCode, [AreaCode; 2])> = Vec::new();
    for (after, before) in editions(world) {
        let areas = |at: usize| {
            let mut areas: BTreeMap<ProgramCode, Vec<AreaCode>> = BTreeMap::new();
            for atom in world.folders[at].atoms() {
                if let Some(area) = atom.area.single().filter(|area| area.level() == Level::Kelurahan) {
                    areas.entry(atom.program.clone()).or_default().push(area);
                }
            }
            areas
        };
        let later = areas(after);
        for (program, shown) in areas(before) {
            for (place, one) in shown.iter().enumerate() {
                let sibling = shown[place + 1..].iter().find(|other| *other != one && other.parent() == one.parent());
                let still = |area: &AreaCode| later.get(&program).is_some_and(|areas| areas.contains(area));
                if let Some(other) = sibling.filter(|other| still(one) && still(other)) {
                    places.push((before, program.clone(), [*one, *other]));
                }
            }
        }
    }
    places.dedup();
    let (at, program, pair) = dice.pick(places)?;
    let mut atoms = world.folders[at].atoms().to_vec();
    let inside = |atom: &Atom| atom.program == program && atom.area.single().is_some_and(|area| pair.contains(&area));
    let first = atoms.iter().position(inside)?;
    let count = atoms.iter().filter(|atom| inside(atom)).map(|atom| atom.count).sum();
    let pool = AreaLabel::pool(pair).ok()?;
    let merged = Atom { area: pool.clone(), ..with(&atoms[first], &[ANY, ANY, ANY].map(str::to_owned), count) };
    atoms.retain(|atom| !inside(atom));
    atoms.insert(first, merged);
    set_atoms(world, at, atoms);
    Place::of(world.folders[at].release(), "atoms", format!("{program}|{pool} {count} rows"))
}

/// The next revision of a district's last release, at the end of its folders;
/// gives its place.
fn revise(world: &mut World, at: usize) -> Option<usize> {
    let mut folder = world.folders[at].clone();
    let tip = world.tip(folder.district())?;
    folder.revise()?;
    // The digest is set when it is written.
    folder.manifest.previous = Some(Previous { release: tip, manifest_sha256: String::new() });
    world.folders.insert(at + 1, folder);
    Some(at + 1)
}

/// A revision whose rows differ from the first issue's by a few.
fn revision_rows(world: &mut World, dice: &mut Dice) -> Option<Place> {
    let mut places = Vec::new();
    for at in world.lasts() {
        let folder = &world.folders[at];
        for (place, atom) in folder.atoms().iter().enumerate() {
            let next = folder.atoms().get(place + 1);
            if u64::from(atom.count) > folder.k() && next.is_some_and(|next| next.program == atom.program && next.area == atom.area) {
                places.push((at, place));
            }
        }
    }
    let (at, place) = dice.pick(places)?;
    let at = revise(world, at)?;
    let folder = &mut world.folders[at];
    let (release, old) = (folder.release(), folder.manifest.rows_from);
    let edition = EditionId::new(folder.manifest.edition.quarter(), folder.manifest.edition.revision() + 1);
    folder.manifest.rows_from = release;
    folder.manifest.edition = edition;
    folder.cells_mut(Table::Demographics).iter_mut().filter(|cell| cell.release == old).for_each(|cell| cell.release = release);
    let mut atoms = folder.atoms().to_vec();
    atoms.iter_mut().for_each(|atom| atom.edition = edition);
    let some = dice.between(1, (folder.k() - 1).min(u64::from(atoms[place].count) - folder.k())) as u32;
    let cell = format!("{} {some} rows", atom_name(&atoms[place]));
    atoms[place].count -= some;
    atoms[place + 1].count += some;
    set_atoms(world, at, atoms);
    Place::of(release, "atoms", cell)
}

/// A revision whose verification differs from the first issue's by a few.
fn revision_outcomes(world: &mut World, dice: &mut Dice) -> Option<Place> {
    let mut places = Vec::new();
    for at in world.lasts() {
        let folder = &world.folders[at];
        for program in folder.programs(Table::Verification) {
            for area in groups(folder, Table::Verification, &program) {
                let shown = classes(folder, &program, &area);
                if shown.len() >= 2 && shown.iter().any(|cell| cell.value > Some(folder.k())) {
                    places.push((at, program.clone(), area));
                }
            }
        }
    }
    let (at, program, area) = dice.pick(places)?;
    let at = revise(world, at)?;
    let folder = &world.folders[at];
    let k = folder.k();
    let shown: Vec<Cell> = classes(folder, &program, &area).into_iter().cloned().collect();
    let old = Snapshot { at, program, area, shown, flows: None };
    let mut values = old.values();
    let from = (0..values.len()).max_by_key(|place| values[*place])?;
    let to = dice.pick((0..values.len()).filter(|place| *place != from).collect())?;
    let some = dice.between(1, (k - 1).min(values[from] - k));
    values[from] -= some;
    values[to] += some;
    let lines = relabelled(&old, values);
    show(world, &old, &lines)
}
