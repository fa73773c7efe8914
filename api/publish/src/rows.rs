//! The rows of an edition (design: PRIVACY R2, R3): per program one tree,
//! kabupaten, kecamatan, kelurahan, then local recoding of the holder's sex,
//! age and family size.
//!
//! No class crosses a kelurahan, except that a kelurahan too small to stand is
//! pooled with its smallest sibling, and a kecamatan likewise. From edition to
//! edition classes may merge and never split: an earlier edition's labels bound
//! what this one may show.

use std::collections::{BTreeMap, HashMap, HashSet};

use disclosure::{Class, Hierarchy, Record, Rules, generalisations, merge_small, partition};
use domain::codebook::{self, ANY, Attribute};
use domain::{AreaCode, AreaLabel, EditionId, Level, ProgramCode};
use rayon::prelude::*;
use registry::{Enrolled, PeriodState};
use release::{Atom, Policy};

use crate::chance::{Chance, Draw};

type Label = [u16; 3];

/// The rows of a district's quarter.
pub(crate) struct Edition {
    /// The atoms in order of program and number.
    pub atoms: Vec<Atom>,
    /// For each atom, the places in the state's units of those behind it.
    pub members: Vec<Vec<u32>>,
}

/// The codebook as hierarchies of numbers, in the codebook's own order.
struct Codebook {
    hierarchies: [Hierarchy; 3],
}

impl Codebook {
    fn new() -> Option<Codebook> {
        let hierarchy = |attribute: &Attribute| {
            let number = |code: &str| attribute.labels.iter().position(|label| label.code == code).and_then(|at| u16::try_from(at).ok());
            Hierarchy::new(attribute.labels.iter().map(|label| label.parent.and_then(number)).collect())
        };
        Some(Codebook { hierarchies: [hierarchy(&codebook::SEX)?, hierarchy(&codebook::AGE_BAND)?, hierarchy(&codebook::FAMILY_SIZE)?] })
    }

    /// The number of a label; what the codebook does not know is `*`.
    fn number(attribute: usize, code: &str) -> u16 {
        let at = codebook::ATTRIBUTES[attribute].labels.iter().position(|label| label.code == code);
        at.and_then(|at| u16::try_from(at).ok()).unwrap_or(0)
    }

    fn code(attribute: usize, number: u16) -> &'static str {
        codebook::ATTRIBUTES[attribute].labels.get(usize::from(number)).map_or(ANY, |label| label.code)
    }
}

/// What an earlier edition showed of one program: its labels by area, from
/// which follow the pools and the nodes of the tree.
#[derive(Default)]
struct Earlier {
    labels: HashMap<AreaLabel, Vec<Label>>,
    pools: HashMap<AreaCode, AreaLabel>,
}

impl Earlier {
    fn add(&mut self, area: &AreaLabel, label: Label) {
        if area.single().is_none() {
            for member in area.members() {
                self.pools.insert(*member, area.clone());
            }
        }
        self.labels.entry(area.clone()).or_default().push(label);
    }

    fn pool_of(&self, area: AreaCode) -> Option<&AreaLabel> {
        self.pools.get(&area)
    }

    fn nodes(&self, area: &AreaLabel, hierarchies: &[&Hierarchy; 3]) -> Option<HashSet<Label>> {
        let labels = self.labels.get(area)?;
        Some(labels.iter().flat_map(|label| generalisations(*label, hierarchies)).collect())
    }
}

/// Units under one label of area.
struct Group {
    label: AreaLabel,
    units: Vec<u32>,
    families: HashSet<u64>,
    pooled: bool,
}

impl Group {
    fn new(label: AreaLabel, units: Vec<u32>, all: &[Enrolled]) -> Group {
        let families = units.iter().map(|at| all[*at as usize].family.expose()).collect();
        let pooled = label.single().is_none();
        Group { label, units, families, pooled }
    }

    fn small(&self, policy: &Policy) -> bool {
        let k = policy.k as usize;
        let people: u64 = self.label.members().iter().map(|area| reference::inhabitants(*area)).sum();
        self.units.len() < k || self.families.len() < k || people < u64::from(policy.min_candidates)
    }

    fn join(mut self, other: Group) -> Group {
        let members = self.label.members().iter().chain(other.label.members()).copied();
        // Never empty: both sides name an area.
        if let Ok(label) = AreaLabel::pool(members) {
            self.label = label;
        }
        self.units.extend(other.units);
        self.families.extend(other.families);
        self.pooled = true;
        self
    }
}

/// Takes the rows of an edition from the month's state. `earlier` are the
/// atoms of the edition before, if the district published one.
pub(crate) fn take(state: &PeriodState, edition: EditionId, policy: &Policy, earlier: &[Atom], chance: &Chance) -> Edition {
    let Some(codebook) = Codebook::new() else { return Edition { atoms: Vec::new(), members: Vec::new() } };
    let mut before: HashMap<&ProgramCode, Earlier> = HashMap::new();
    for atom in earlier {
        let label = [Codebook::number(0, &atom.sex), Codebook::number(1, &atom.age_band), Codebook::number(2, &atom.family_size)];
        before.entry(&atom.program).or_default().add(&atom.area, label);
    }
    let mut units_of: Vec<Vec<u32>> = vec![Vec::new(); state.programs.len()];
    for (at, unit) in state.units.iter().enumerate() {
        units_of[usize::from(unit.program)].push(at as u32);
    }
    let mut programs: Vec<(&ProgramCode, Vec<u32>)> = state.programs.iter().zip(units_of).collect();
    programs.sort_by(|a, b| a.0.cmp(b.0));

    let mut edition_rows = Edition { atoms: Vec::new(), members: Vec::new() };
    let nothing = Earlier::default();
    for (program, units) in programs {
        if reference::program(program).is_none_or(|program| program.sensitive) {
            continue;
        }
        let earlier = before.get(program).unwrap_or(&nothing);
        let groups = areas(units, &state.units, policy, earlier);
        // Programs under k in the district have no rows.
        if groups.iter().any(|group| group.small(policy)) {
            continue;
        }
        let classes: Vec<(AreaLabel, Vec<Class<3>>, Vec<u32>)> = groups
            .into_par_iter()
            .map(|group| {
                let draw = chance.draw(program, &group.label);
                recode(group, &state.units, policy, earlier, &codebook, &draw)
            })
            .collect();
        let mut number = 0;
        for (area, classes, units) in classes {
            for class in classes {
                number += 1;
                edition_rows.atoms.push(Atom {
                    edition,
                    program: program.clone(),
                    atom: number,
                    area: area.clone(),
                    sex: Codebook::code(0, class.label[0]).to_owned(),
                    age_band: Codebook::code(1, class.label[1]).to_owned(),
                    family_size: Codebook::code(2, class.label[2]).to_owned(),
                    count: class.records.len() as u32,
                });
                edition_rows.members.push(class.records.iter().map(|record| units[*record as usize]).collect());
            }
        }
    }
    edition_rows
}

/// The areas, or pools of areas, under which a program's units are shown.
fn areas(units: Vec<u32>, all: &[Enrolled], policy: &Policy, earlier: &Earlier) -> Vec<Group> {
    // Kelurahan, or the pool that showed them before.
    let mut by_label: BTreeMap<AreaLabel, Vec<u32>> = BTreeMap::new();
    for at in units {
        let kelurahan = all[at as usize].kelurahan;
        let kecamatan_pool = kelurahan.parent().and_then(|kecamatan| earlier.pool_of(kecamatan));
        let label = kecamatan_pool.or_else(|| earlier.pool_of(kelurahan)).cloned().unwrap_or_else(|| kelurahan.into());
        by_label.entry(label).or_default().push(at);
    }
    let mut by_kecamatan: BTreeMap<AreaLabel, Vec<Group>> = BTreeMap::new();
    for (label, units) in by_label {
        let kecamatan = AreaLabel::pool(label.members().iter().filter_map(|area| area.at(Level::Kecamatan)));
        if let Ok(kecamatan) = kecamatan {
            by_kecamatan.entry(kecamatan).or_default().push(Group::new(label, units, all));
        }
    }
    let size = |group: &Group| group.units.len() as u64;
    // Within each kecamatan first; one that is still too small is pooled whole.
    let mut whole = false;
    let mut kecamatan: Vec<(AreaLabel, Vec<Group>)> = Vec::new();
    for (label, groups) in by_kecamatan {
        let groups = merge_small(groups, |group| group.small(policy), size, Group::join);
        whole |= groups.iter().any(|group| group.small(policy));
        kecamatan.push((label, groups));
    }
    if !whole {
        return kecamatan.into_iter().flat_map(|(_, groups)| groups).collect();
    }
    let joined = merge_small(
        kecamatan,
        |(_, groups)| groups.iter().any(|group| group.small(policy)),
        |(_, groups)| groups.iter().map(size).sum(),
        |(label, groups), (other, others)| {
            let members = label.members().iter().chain(other.members()).copied();
            let label = AreaLabel::pool(members).unwrap_or(label);
            let units = groups.into_iter().chain(others).flat_map(|group| group.units).collect();
            let group = Group { pooled: true, ..Group::new(label.clone(), units, all) };
            (label, vec![group])
        },
    );
    joined.into_iter().flat_map(|(_, groups)| groups).collect()
}

/// Recodes the units of one area; a pool carries no personal attribute.
fn recode(
    group: Group,
    all: &[Enrolled],
    policy: &Policy,
    earlier: &Earlier,
    codebook: &Codebook,
    draw: &Draw,
) -> (AreaLabel, Vec<Class<3>>, Vec<u32>) {
    if group.pooled {
        let class = Class { label: [0; 3], records: (0..group.units.len() as u32).collect() };
        return (group.label, vec![class], group.units);
    }
    let records: Vec<Record<3>> = group
        .units
        .iter()
        .map(|at| {
            let unit = &all[*at as usize];
            let leaves = [Codebook::number(0, unit.sex), Codebook::number(1, unit.age_band), Codebook::number(2, unit.family_size)];
            Record { leaves, family: unit.family.expose() }
        })
        .collect();
    let hierarchies = codebook.hierarchies.each_ref();
    let people: u64 = group.label.members().iter().map(|area| reference::inhabitants(*area)).sum();
    let least = u64::from(policy.min_candidates);
    let admissible = |label: &Label| {
        let [sex, age, size] = [0, 1, 2].map(|attribute| &codebook::ATTRIBUTES[attribute].labels[usize::from(label[attribute])]);
        codebook::candidates(people, sex, age, size) >= least
    };
    let kept = earlier.nodes(&group.label, &hierarchies);
    let rules = Rules {
        k: policy.k as usize,
        hierarchies,
        admissible: &admissible,
        kept: kept.as_ref(),
        chance: &|label, purpose| draw.number(label, purpose),
    };
    (group.label, partition(&records, &rules), group.units)
}
