//! Who stands in which place of an atom: a secret shuffle, kept in the registry.

use std::collections::HashMap;

use domain::ProgramCode;
use rand::seq::SliceRandom;
use registry::PeriodState;
use release::Atom;

use crate::book::Book;
use crate::commitment::{self, Record};
use crate::reissue::Source;
use crate::rows::Edition;
use crate::{Error, Result, secrets};

/// The places of one atom, in the form of `row_place.places`.
pub(crate) struct Places {
    pub program: ProgramCode,
    pub atom: u32,
    pub niks: Vec<u8>,
    /// In a corrected edition, of an atom that stays as it was: the records that
    /// stand in it, in order of place; else empty.
    pub kept: Vec<Record>,
}

impl Places {
    /// The NIK in the places, in their order.
    pub fn niks(&self) -> impl Iterator<Item = u64> {
        read(&self.niks)
    }
}

/// The NIK of a `row_place.places`, in order of place.
pub(crate) fn read(places: &[u8]) -> impl Iterator<Item = u64> {
    places.as_chunks::<8>().0.iter().map(|bytes| u64::from_le_bytes(*bytes))
}

/// Shuffles the holders of every atom into its places.
pub(crate) fn shuffle(edition: &Edition, state: &PeriodState) -> Result<Vec<Places>> {
    let mut generator = secrets::generator()?;
    let mut places = Vec::with_capacity(edition.atoms.len());
    for (atom, members) in edition.atoms.iter().zip(&edition.members) {
        let mut members = members.clone();
        members.shuffle(&mut generator);
        let niks = members.iter().flat_map(|at| state.units[*at as usize].nik.expose().to_le_bytes()).collect();
        places.push(Places { program: atom.program.clone(), atom: atom.atom, niks, kept: Vec::new() });
    }
    Ok(places)
}

/// Shuffles the holders of a corrected edition: those of atoms that stay as they
/// were are the same persons by the same records, in new places.
pub(crate) fn reshuffle(
    book: &mut Book<'_>,
    atoms: &[Atom],
    sources: &[Source],
    old: &[Atom],
    new: &Edition,
    state: &PeriodState,
) -> Result<Vec<Places>> {
    let standing = match old.first() {
        Some(atom) => commitment::standing(book, atom.edition)?,
        None => HashMap::new(),
    };
    let mut generator = secrets::generator()?;
    let mut places = Vec::with_capacity(atoms.len());
    for (atom, source) in atoms.iter().zip(sources) {
        let (mut niks, mut kept): (Vec<u64>, Vec<Record>) = (Vec::new(), Vec::new());
        match source {
            Source::Old(at) => {
                let old = &old[*at];
                kept = standing.get(&(old.program.clone(), old.atom)).cloned().unwrap_or_default();
                if kept.len() != old.count as usize {
                    return Err(Error::Registry(format!(
                        "the people of atom {} of {} in {} are not known any more",
                        old.atom, old.program, old.edition
                    )));
                }
                kept.shuffle(&mut generator);
                niks.extend(kept.iter().map(|record| record.nik.expose()));
            }
            Source::New(at) => {
                niks.extend(new.members[*at].iter().map(|at| state.units[*at as usize].nik.expose()));
                niks.shuffle(&mut generator);
            }
        }
        let niks = niks.iter().flat_map(|nik| nik.to_le_bytes()).collect();
        places.push(Places { program: atom.program.clone(), atom: atom.atom, niks, kept });
    }
    Ok(places)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use domain::{EditionId, Outcome};
    use registry::Enrolled;
    use release::Atom;

    use super::*;

    const ATOMS: usize = 400;
    const SIZE: usize = 15;

    /// Atoms of people in the order of the registry, whose NIK rise with it.
    fn made_up() -> (Edition, PeriodState) {
        let edition = EditionId::new("2025-04".parse::<domain::Period>().unwrap().quarter(), 1);
        let units: Vec<Enrolled> = (0..ATOMS * SIZE)
            .map(|n| Enrolled {
                program: 0,
                nik: format!("127401{:02}0190{:04}", 1 + n / 9_000, 1 + n % 9_000).parse().unwrap(),
                family: "1274010101900001".parse().unwrap(),
                kelurahan: "12.74.01.1001".parse().unwrap(),
                sex: "F",
                age_band: "18-29",
                family_size: "1-2",
                paid: None,
                outcome: Outcome::default(),
                verified: None,
                finding: domain::PersonFinding::None,
            })
            .collect();
        let atoms = (1..=ATOMS as u32)
            .map(|atom| Atom {
                edition,
                program: "PKH".parse().unwrap(),
                atom,
                area: "12.74.01.1001".parse().unwrap(),
                sex: "*".into(),
                age_band: "*".into(),
                family_size: "*".into(),
                count: SIZE as u32,
            })
            .collect();
        let members = (0..ATOMS).map(|atom| (0..SIZE).map(|n| (atom * SIZE + n) as u32).collect()).collect();
        let state = PeriodState {
            period: "2025-04".parse().unwrap(),
            programs: vec!["PKH".parse().unwrap()],
            units,
            plan: Vec::new(),
            disbursements: BTreeSet::new(),
            simulated: true,
            families: Vec::new(),
            complaints: Vec::new(),
            records: registry::RecordFindings::default(),
            reasons: registry::Reasons::default(),
            unplaced: 0,
        };
        (Edition { atoms, members }, state)
    }

    /// How far two rankings of the same people agree: Pearson's r times the
    /// square root of their number, near a standard normal where it is chance.
    fn agreement(pairs: &[(f64, f64)]) -> f64 {
        let n = pairs.len() as f64;
        let mean = |pick: fn(&(f64, f64)) -> f64| pairs.iter().map(pick).sum::<f64>() / n;
        let (x, y) = (mean(|pair| pair.0), mean(|pair| pair.1));
        let sum = |of: &dyn Fn(f64, f64) -> f64| pairs.iter().map(|pair| of(pair.0 - x, pair.1 - y)).sum::<f64>();
        sum(&|x, y| x * y) / (sum(&|x, _| x * x) * sum(&|_, y| y * y)).sqrt() * n.sqrt()
    }

    /// Place of every NIK in its atom.
    fn by_nik(places: &[Places]) -> HashMap<u64, usize> {
        places.iter().flat_map(|atom| atom.niks().zip(0..)).collect()
    }

    #[test]
    fn a_place_says_nothing_of_the_registry_nor_of_the_edition_before() {
        let (edition, state) = made_up();
        let (first, second) = (shuffle(&edition, &state).unwrap(), shuffle(&edition, &state).unwrap());
        for (atom, members) in first.iter().zip(&edition.members) {
            let (mut placed, mut expected): (Vec<u64>, Vec<u64>) =
                (atom.niks().collect(), members.iter().map(|at| state.units[*at as usize].nik.expose()).collect());
            placed.sort_unstable();
            expected.sort_unstable();
            assert_eq!(placed, expected, "an atom holds its members, once each");
        }
        let (first, second) = (by_nik(&first), by_nik(&second));
        let order: Vec<(f64, f64)> =
            state.units.iter().enumerate().map(|(n, unit)| ((n % SIZE) as f64, first[&unit.nik.expose()] as f64)).collect();
        let again: Vec<(f64, f64)> = first.iter().map(|(nik, place)| (*place as f64, second[nik] as f64)).collect();
        // Chance passes five deviations once in a million runs.
        assert!(agreement(&order).abs() < 5.0, "places follow the registry: {}", agreement(&order));
        assert!(agreement(&again).abs() < 5.0, "places follow the edition before: {}", agreement(&again));
        let same = again.iter().filter(|(one, other)| one == other).count() as f64;
        let (mean, people) = (ATOMS as f64, (ATOMS * SIZE) as f64);
        assert!((same - mean).abs() < 5.0 * mean.sqrt(), "{same} of {people} keep their place, chance has it {mean}");

        // The check sees a shuffle that is none, and one that is repeated.
        let unshuffled: Vec<(f64, f64)> = order.iter().map(|(n, _)| (*n, *n)).collect();
        assert!(agreement(&unshuffled) > 50.0);
    }
}
