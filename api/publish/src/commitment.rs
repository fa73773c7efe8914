//! The commitment to the registry rows behind a release: a Merkle tree with the
//! prefixes of RFC 6962 over salted rows in shuffled order. The root is public
//! and tells nothing; with a trace the office can show one row, its salt and its
//! proof, and nobody can later put another row behind the release.

use rand::Rng;
use rand::seq::SliceRandom;
use registry::PeriodState;
use sha2::{Digest, Sha256};

use crate::{Result, secrets};

/// A commitment and the secrets that open it.
pub(crate) struct Committed {
    /// Hex of the root.
    pub root: String,
    /// Number of leaves.
    pub leaves: u64,
    /// The secrets, in the form of `commitment.leaves`.
    pub secrets: Vec<u8>,
}

/// Commits to every enrolment of the month.
pub(crate) fn commit(state: &PeriodState) -> Result<Committed> {
    let mut generator = secrets::generator()?;
    let mut order: Vec<u32> = (0..state.units.len() as u32).collect();
    order.shuffle(&mut generator);
    let (mut tree, mut kept) = (Tree::default(), Vec::with_capacity(order.len() * 42));
    for at in order {
        let unit = &state.units[at as usize];
        let mut salt = [0u8; 32];
        generator.fill_bytes(&mut salt);
        let program = &state.programs[usize::from(unit.program)];
        let nik = unit.nik.expose();
        let record = format!(
            "{{\"area\":\"{}\",\"family\":\"{:016}\",\"nik\":\"{nik:016}\",\"period\":\"{}\",\"program\":\"{program}\"}}",
            unit.kelurahan,
            unit.family.expose(),
            state.period
        );
        tree.push(leaf(&salt, record.as_bytes()));
        kept.extend_from_slice(&unit.program.to_le_bytes());
        kept.extend_from_slice(&nik.to_le_bytes());
        kept.extend_from_slice(&salt);
    }
    let leaves = state.units.len() as u64;
    Ok(Committed { root: hex(&tree.root()), leaves, secrets: kept })
}

fn leaf(salt: &[u8; 32], record: &[u8]) -> [u8; 32] {
    Sha256::new().chain_update([0]).chain_update(salt).chain_update(record).finalize().into()
}

fn node(left: &[u8; 32], right: &[u8; 32]) -> [u8; 32] {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A Merkle tree of RFC 6962, built leaf by leaf: the roots of the full
/// subtrees so far, the largest first.
#[derive(Default)]
struct Tree {
    subtrees: Vec<(u32, [u8; 32])>,
}

impl Tree {
    fn push(&mut self, leaf: [u8; 32]) {
        let mut new = (0, leaf);
        while let Some(&(height, left)) = self.subtrees.last()
            && height == new.0
        {
            self.subtrees.pop();
            new = (height + 1, node(&left, &new.1));
        }
        self.subtrees.push(new);
    }

    fn root(&self) -> [u8; 32] {
        let mut roots = self.subtrees.iter().rev().map(|(_, root)| *root);
        match roots.next() {
            None => Sha256::digest([]).into(),
            Some(last) => roots.fold(last, |right, left| node(&left, &right)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition of RFC 6962, 2.1, word for word.
    fn by_definition(leaves: &[[u8; 32]]) -> [u8; 32] {
        match leaves {
            [] => Sha256::digest([]).into(),
            [one] => *one,
            many => {
                let split = many.len().next_power_of_two() / 2;
                node(&by_definition(&many[..split]), &by_definition(&many[split..]))
            }
        }
    }

    #[test]
    fn the_root_is_that_of_rfc_6962() {
        for n in 0..70u8 {
            let leaves: Vec<[u8; 32]> = (0..n).map(|i| leaf(&[i; 32], b"row")).collect();
            let mut tree = Tree::default();
            leaves.iter().for_each(|leaf| tree.push(*leaf));
            assert_eq!(tree.root(), by_definition(&leaves), "{n} leaves");
        }
    }
}
