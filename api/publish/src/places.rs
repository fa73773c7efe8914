//! Who stands in which place of an atom: a secret shuffle, kept in the registry.

use domain::ProgramCode;
use rand::seq::SliceRandom;
use registry::PeriodState;

use crate::rows::Edition;
use crate::{Result, secrets};

/// The places of one atom, in the form of `row_place.places`.
pub(crate) struct Places {
    pub program: ProgramCode,
    pub atom: u32,
    pub niks: Vec<u8>,
}

/// Shuffles the holders of every atom into its places.
pub(crate) fn shuffle(edition: &Edition, state: &PeriodState) -> Result<Vec<Places>> {
    let mut generator = secrets::generator()?;
    let mut places = Vec::with_capacity(edition.atoms.len());
    for (atom, members) in edition.atoms.iter().zip(&edition.members) {
        let mut members = members.clone();
        members.shuffle(&mut generator);
        let niks = members.iter().flat_map(|at| state.units[*at as usize].nik.expose().to_le_bytes()).collect();
        places.push(Places { program: atom.program.clone(), atom: atom.atom, niks });
    }
    Ok(places)
}
