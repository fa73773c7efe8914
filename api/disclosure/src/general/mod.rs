//! A general anonymiser: free hierarchical local recoding of any categorical table.
//!
//! Every record is put into a class, a class is published under the least
//! labels that cover all its records, and a class satisfies the [`Rules`]:
//! k records (Samarati and Sweeney 1998), and if asked l distinct values of a
//! sensitive column (Machanavajjhala et al. 2007) and a bound on the commonest
//! one's share. Equal records may end up in different classes, and classes may
//! overlap, which is what makes the recoding local and free and costs least.
//! The loss is the normalised certainty penalty of Xu et al. 2006, by leaves.
//!
//! Two stages: top-down specialisation (after Fung et al. 2005) makes a first
//! partition, see topdown.rs; a local search then betters it in rounds, see
//! search.rs. METHODS.md has the sources, the figures and what was tried.
//!
//! ```
//! use disclosure::general::{Hierarchy, Rules, Search, Table};
//! let lines = [["a", "*"], ["b", "*"]];
//! let hierarchy = Hierarchy::new(lines.iter().enumerate().map(|(n, line)| (n as u64 + 1, line.map(String::from).to_vec())))?;
//! let (a, b) = (hierarchy.leaf("a").ok_or("a")?, hierarchy.leaf("b").ok_or("b")?);
//! let mut table = Table::new(vec![hierarchy]);
//! for leaf in [a, a, b] {
//!     table.push(&[leaf], 0)?;
//! }
//! let recoded = table.anonymise(&Rules::of_size(2), &Search::default())?;
//! assert_eq!(recoded.classes().len(), 1);
//! assert_eq!(recoded.classes()[0].labels(), ["*"]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod class;
mod gather;
mod hierarchy;
mod random;
mod region;
mod rules;
mod search;
mod space;
mod table;
mod topdown;

pub use hierarchy::{Flaw, Hierarchy};
pub(crate) use random::Random;
pub use rules::{Rules, Unmet};
pub use search::Search;
pub use table::{Recoded, RecodedClass, Refused, Table};

#[cfg(test)]
mod tests;
