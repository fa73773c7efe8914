//! Merkle trees of RFC 6962 over salted leaves: roots, proofs of inclusion, and
//! what a proof leads to. Pure: bytes in, bytes out.
//!
//! A leaf is SHA-256(0x00 ‖ salt ‖ record), a node SHA-256(0x01 ‖ left ‖ right).
//! The salt of 256 fresh bits keeps a leaf from being guessed: whoever sees the
//! path of one record learns nothing of its neighbours.

use sha2::{Digest, Sha256};

/// A node of a tree.
pub type Hash = [u8; 32];

/// The leaf of a record under its salt.
#[must_use]
pub fn leaf(salt: &Hash, record: &[u8]) -> Hash {
    Sha256::new().chain_update([0]).chain_update(salt).chain_update(record).finalize().into()
}

fn node(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// The root over `leaves`.
#[must_use]
pub fn root(leaves: Vec<Hash>) -> Hash {
    climb(leaves, 0, &mut Vec::new())
}

/// The path from the leaf at `index` to the root, nearest sibling first, and
/// the root; `None` when there is no such leaf.
#[must_use]
pub fn prove(leaves: Vec<Hash>, index: u64) -> Option<(Vec<Hash>, Hash)> {
    let index = usize::try_from(index).ok().filter(|index| *index < leaves.len())?;
    let mut path = Vec::new();
    let root = climb(leaves, index, &mut path);
    Some((path, root))
}

/// Climbs level by level. A last node without a sibling rises as it is: this is
/// the tree of RFC 6962, whose left side is the largest full one.
fn climb(mut level: Vec<Hash>, mut index: usize, path: &mut Vec<Hash>) -> Hash {
    if level.is_empty() {
        return Sha256::digest([]).into();
    }
    while level.len() > 1 {
        path.extend(level.get(index ^ 1));
        index /= 2;
        level = level.chunks(2).map(|pair| if let [left, right] = pair { node(left, right) } else { pair[0] }).collect();
    }
    level[0]
}

/// The root that a path leads to from the leaf at `index` of a tree of `size`
/// leaves (RFC 9162, 2.1.3.2); `None` when no tree of that size has such a path.
#[must_use]
pub fn root_from(leaf: Hash, index: u64, size: u64, path: &[Hash]) -> Option<Hash> {
    if index >= size {
        return None;
    }
    let (mut at, mut last, mut hash) = (index, size - 1, leaf);
    for sibling in path {
        if last == 0 {
            return None;
        }
        if at % 2 == 1 || at == last {
            hash = node(sibling, &hash);
            // Levels at which the node rose without a sibling have no step in the path.
            while at.is_multiple_of(2) && at != 0 {
                (at, last) = (at / 2, last / 2);
            }
        } else {
            hash = node(&hash, sibling);
        }
        (at, last) = (at / 2, last / 2);
    }
    (last == 0).then_some(hash)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn leaves(n: u64) -> Vec<Hash> {
        (0..n).map(|n| leaf(&[n as u8; 32], &n.to_le_bytes())).collect()
    }

    /// The definition of RFC 6962, 2.1, word for word.
    fn by_definition(leaves: &[Hash]) -> Hash {
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
    fn root_and_every_path_of_small_trees() {
        assert_eq!(root(Vec::new()), by_definition(&[]));
        for n in 1..70 {
            let all = leaves(n);
            assert_eq!(root(all.clone()), by_definition(&all), "{n} leaves");
            for index in 0..n {
                let (path, root) = prove(all.clone(), index).unwrap();
                assert_eq!(root, by_definition(&all));
                assert_eq!(root_from(all[index as usize], index, n, &path), Some(root), "leaf {index} of {n}");
            }
            assert!(prove(all, n).is_none());
        }
    }

    #[test]
    fn a_path_too_short_or_too_long_leads_nowhere() {
        let (mut path, _) = prove(leaves(11), 10).unwrap();
        path.push([0; 32]);
        assert_eq!(root_from(leaves(11)[10], 10, 11, &path), None);
        path.truncate(1);
        assert_eq!(root_from(leaves(11)[10], 10, 11, &path), None);
        assert_eq!(root_from([0; 32], 11, 11, &[]), None);
        assert_eq!(root_from([0; 32], 0, 0, &[]), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Any size, any leaf: the path leads to the root, another program for
        /// such trees agrees, and one changed bit anywhere leads elsewhere.
        #[test]
        fn a_changed_bit_anywhere_fails(n in 1u64..1_500, at: prop::sample::Index, bit: prop::sample::Index, salt: [u8; 32], record: [u8; 40]) {
            let index = at.index(n as usize) as u64;
            let mut all = leaves(n);
            all[index as usize] = leaf(&salt, &record);
            let (path, root) = prove(all, index).unwrap();
            let lead = |salt: &Hash, record: &[u8], index, size, path: &[Hash]| root_from(leaf(salt, record), index, size, path);
            prop_assert_eq!(lead(&salt, &record, index, n, &path), Some(root));
            let theirs: Vec<tlog_tiles::Hash> = path.iter().map(|hash| tlog_tiles::Hash(*hash)).collect();
            let own = tlog_tiles::record_hash(&[&salt[..], &record].concat());
            prop_assert!(tlog_tiles::check_record(&theirs, n, tlog_tiles::Hash(root), index, own).is_ok());

            let flip = |bytes: &mut [u8]| { let bit = bit.index(bytes.len() * 8); bytes[bit / 8] ^= 1 << (bit % 8); };
            let (mut other_salt, mut other_record, mut other_path) = (salt, record, path.clone());
            flip(&mut other_salt);
            prop_assert_ne!(lead(&other_salt, &record, index, n, &path), Some(root));
            flip(&mut other_record);
            prop_assert_ne!(lead(&salt, &other_record, index, n, &path), Some(root));
            if !path.is_empty() {
                flip(other_path.as_flattened_mut());
                prop_assert_ne!(lead(&salt, &record, index, n, &other_path), Some(root));
            }
            for other in [index ^ 1, index + 1, index / 2] {
                prop_assert!(other == index || lead(&salt, &record, other, n, &path) != Some(root));
            }
        }
    }
}
