//! Differencing, with the truth at hand: for every two releases or revisions
//! that show a figure of the same people, who came, went or changed between
//! them, and whether the two figures tell it of anybody.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::made_up::{District, OUTCOMES};
use crate::prepared::K;

/// People by what tells them apart, with the category they are shown under.
type Members = BTreeMap<(String, u32), u64>;

/// What a release showed for the first time of a group of kecamatan: the value of each class.
#[derive(Debug, Default)]
struct Shown {
    release: String,
    area: Vec<String>,
    classes: Vec<(Vec<u64>, u64)>,
}

/// How much was compared.
#[derive(Debug, Default, Clone, Copy)]
pub struct Compared {
    /// Figures found to be the truth's.
    pub figures: usize,
    /// Pairs of figures.
    pub pairs: usize,
    /// Pairs between which somebody moved or changed.
    pub moved: usize,
}

/// Compares every release of `releases` that `truth` knows with every other one.
/// Gives what they tell of somebody, in words.
pub fn differences(releases: &Path, truth: &BTreeMap<String, District>) -> (Compared, Vec<String>) {
    let mut compared = Compared::default();
    let mut found = Vec::new();
    let mut by_subject: BTreeMap<(&str, String), Vec<Shown>> = BTreeMap::new();
    for release in truth.keys() {
        for table in ["verification", "overlaps", "payments"] {
            read(&releases.join(release), release, table, &mut by_subject);
        }
    }
    for ((table, subject), shown) in &by_subject {
        for one in shown {
            for (class, value) in &one.classes {
                let members = members(&truth[&one.release], table, subject, &one.area);
                let expected = match *table {
                    "payments" => members.values().sum(),
                    _ => members.values().filter(|category| class.contains(category)).count() as u64,
                };
                assert_eq!(*value, expected, "{} {table} {subject} {:?} {class:?}: not what was imported", one.release, one.area);
                compared.figures += 1;
            }
        }
        for (at, one) in shown.iter().enumerate() {
            for other in shown[at + 1..].iter().filter(|other| other.release != one.release) {
                if one.area == other.area {
                    compared.pairs += 1;
                    let (before, after) = (
                        members(&truth[&one.release], table, subject, &one.area),
                        members(&truth[&other.release], table, subject, &other.area),
                    );
                    let place = format!("{table} {subject} {}: {} and {}", one.area.join("~"), one.release, other.release);
                    let classes = |shown: &Shown| shown.classes.iter().map(|(class, _)| class.clone()).collect::<Vec<_>>();
                    let blocks = if *table == "payments" { Vec::new() } else { join(classes(one), classes(other)) };
                    compared.moved += usize::from(tells(&before, &after, &blocks, &place, &mut found));
                }
            }
        }
    }
    sums_of_different_groups(&by_subject, truth, &mut compared, &mut found);
    rows_issued_again(releases, truth, &mut found);
    (compared, found)
}

/// Reads the figures that a release shows for the first time.
fn read<'a>(folder: &Path, release: &str, table: &'a str, by_subject: &mut BTreeMap<(&'a str, String), Vec<Shown>>) {
    let Ok(mut reader) = csv::Reader::from_path(folder.join(format!("data/{table}.csv"))) else { return };
    let mut shown: BTreeMap<(String, Vec<String>), Shown> = BTreeMap::new();
    for record in reader.records() {
        let record = record.unwrap();
        let [area, program, _, measure, category, value, _, _, from, _] = std::array::from_fn(|at| record[at].to_owned());
        let kecamatan: Vec<String> = area.split('~').map(str::to_owned).collect();
        if from != release || value.is_empty() || kecamatan.iter().any(|area| area.len() != 8) {
            continue;
        }
        let (subject, class) = match table {
            "verification" => {
                let outcome = |name: &str| OUTCOMES.iter().position(|(known, _)| *known == name).unwrap() as u64;
                (program, category.split('~').map(outcome).collect())
            }
            "overlaps" if program < category => (format!("{program}+{category}"), vec![if measure == "both" { 2 } else { 0 }]),
            "overlaps" if measure == "only" => (format!("{category}+{program}"), vec![1]),
            "payments" if measure == "paid_rupiah" && program == "PKH" && value != "0" => (program, Vec::new()),
            _ => continue,
        };
        let one = shown.entry((subject, kecamatan.clone())).or_default();
        (one.release, one.area) = (release.to_owned(), kecamatan);
        one.classes.push((class, value.parse().unwrap()));
    }
    for ((subject, _), one) in shown {
        by_subject.entry((table, subject)).or_default().push(one);
    }
}

/// Who a figure is about.
fn members(district: &District, table: &str, subject: &str, area: &[String]) -> Members {
    let inside = |(kecamatan, _): &(String, u32)| area.contains(kecamatan);
    if table == "overlaps" {
        let (one, other) = subject.split_once('+').unwrap();
        let families = |program: &str| -> BTreeSet<(String, u32)> {
            let units = district.people.iter().filter(|person| person.programs.contains(program));
            units.map(|person| (person.kecamatan(), person.family)).filter(inside).collect()
        };
        let (one, other) = (families(one), families(other));
        let category = |key: &(String, u32)| match (one.contains(key), other.contains(key)) {
            (true, true) => 2,
            (true, false) => 0,
            _ => 1,
        };
        return one.union(&other).map(|key| (key.clone(), category(key))).collect();
    }
    let units = district.units(subject).into_iter().filter(|(key, _)| inside(key));
    match table {
        "payments" => units.filter(|(_, person)| person.amount > 0).map(|(key, person)| (key, person.amount)).collect(),
        _ => units.map(|(key, person)| (key, person.outcome as u64)).collect(),
    }
}

/// Whether anybody moved; and, in words, what the two figures tell of them.
fn tells(before: &Members, after: &Members, blocks: &[Vec<u64>], place: &str, found: &mut Vec<String>) -> bool {
    // Overlaps have no category that tells nothing.
    let plain = if place.starts_with("verification") { 0 } else { u64::MAX };
    // Within a group nobody moves: the kecamatan is left out of the key.
    let of = |members: &Members| members.iter().map(|((_, unit), category)| (*unit, *category)).collect::<BTreeMap<u32, u64>>();
    let (before, after) = (of(before), of(after));
    let entered: Vec<u64> = after.iter().filter(|(unit, _)| !before.contains_key(unit)).map(|(_, category)| *category).collect();
    let left: Vec<u64> = before.iter().filter(|(unit, _)| !after.contains_key(unit)).map(|(_, category)| *category).collect();
    let changed: Vec<(u64, u64)> =
        before.iter().filter_map(|(unit, was)| Some((*was, *after.get(unit)?))).filter(|(was, is)| was != is).collect();
    let from: Vec<u64> = changed.iter().map(|(was, _)| *was).collect();
    let to: Vec<u64> = changed.iter().map(|(_, is)| *is).collect();
    // By the classes that both show, of amounts by the amount: who has not been
    // checked yet is told of by nothing, nor by a class of everything else.
    let block = |category: &u64| blocks.iter().find(|block| block.contains(category)).cloned().unwrap_or_else(|| vec![*category]);
    let telling = blocks.is_empty() || blocks.iter().filter(|block| !block.contains(&plain)).count() > 1;
    let of_class: Vec<(u64, u64)> = changed.iter().copied().filter(|(was, is)| block(was) != block(is)).collect();
    let class_from: Vec<u64> = of_class.iter().map(|(was, _)| *was).collect();
    for (what, people) in
        [("entered", &entered), ("left", &left), ("changed from", &from), ("changed to", &to), ("changed their class from", &class_from)]
    {
        if (1..K).contains(&(people.len() as u64)) {
            found.push(format!("{place}: shown again, though {} {what}", people.len()));
            continue;
        }
        let mut shares: BTreeMap<Vec<u64>, usize> = BTreeMap::new();
        for category in people {
            *shares.entry(block(category)).or_default() += 1;
        }
        shares.retain(|block, _| blocks.is_empty() || !block.contains(&plain));
        if let Some((block, most)) = shares.iter().max_by_key(|(_, n)| **n)
            && *most * 100 > people.len() * 80
            && telling
        {
            found.push(format!("{place}: {most} of {} who {what} are of {block:?}", people.len()));
        }
    }
    !(entered.is_empty() && left.is_empty() && changed.is_empty())
}

/// The finest partition that both are finer than.
fn join<T: Ord + Clone>(one: Vec<Vec<T>>, other: Vec<Vec<T>>) -> Vec<Vec<T>> {
    let mut blocks: Vec<BTreeSet<T>> = Vec::new();
    for part in one.into_iter().chain(other) {
        let mut part: BTreeSet<T> = part.into_iter().collect();
        let (met, apart): (Vec<_>, Vec<_>) = blocks.into_iter().partition(|block| !block.is_disjoint(&part));
        part.extend(met.into_iter().flatten());
        blocks = apart;
        blocks.push(part);
    }
    blocks.into_iter().map(|block| block.into_iter().collect()).collect()
}

/// Varying sums of two months whose groups differ: what whole groups of both have in common.
fn sums_of_different_groups(
    by_subject: &BTreeMap<(&str, String), Vec<Shown>>,
    truth: &BTreeMap<String, District>,
    compared: &mut Compared,
    found: &mut Vec<String>,
) {
    for ((_, subject), shown) in by_subject.iter().filter(|((table, _), _)| *table == "payments") {
        let releases: BTreeSet<&String> = shown.iter().map(|one| &one.release).collect();
        let groups = |release: &String| shown.iter().filter(|one| one.release == *release).map(|one| one.area.clone()).collect::<Vec<_>>();
        for one in &releases {
            for other in releases.iter().filter(|other| *other > one) {
                for block in join(groups(one), groups(other)) {
                    let of = |release: &str| members(&truth[release], "payments", subject, &block);
                    compared.pairs += 1;
                    let place = format!("payments {subject} {}: {one} and {other}", block.join("~"));
                    compared.moved += usize::from(tells(&of(one), &of(other), &[], &place, found));
                }
            }
        }
    }
}

/// Rows of a quarter that were issued twice differ by nobody or by many, label by label.
fn rows_issued_again(releases: &Path, truth: &BTreeMap<String, District>, found: &mut Vec<String>) {
    let mut editions: BTreeMap<String, BTreeMap<String, u64>> = BTreeMap::new();
    for release in truth.keys() {
        let mut labels: BTreeMap<String, u64> = BTreeMap::new();
        let mut edition = String::new();
        for record in csv::Reader::from_path(releases.join(release).join("data/atoms.csv")).unwrap().records() {
            let record = record.unwrap();
            record[0].clone_into(&mut edition);
            let label = [&record[1], &record[3], &record[4], &record[5], &record[6]].join("|");
            *labels.entry(label).or_default() += record[7].parse::<u64>().unwrap();
        }
        editions.insert(edition, labels);
    }
    for (name, labels) in &editions {
        for (other, again) in editions.iter().filter(|(other, _)| *other > name && other.split('-').next() == name.split('-').next()) {
            for label in labels.keys().chain(again.keys()).collect::<BTreeSet<_>>() {
                let n = [labels, again].map(|labels| labels.get(label).copied().unwrap_or(0));
                if (1..K).contains(&n[0].abs_diff(n[1])) {
                    found.push(format!("rows {label}: {} in {name}, {} in {other}", n[0], n[1]));
                }
            }
        }
    }
}
