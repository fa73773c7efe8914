//! Statistical disclosure control: partition, merging, attacks.
//!
//! Pure: tables in, tables out, no I/O and no domain of its own, so that anyone
//! can use and test it. What an attribute or an area means is the caller's.

pub mod attack;
pub mod general;
mod hierarchy;
mod merge;
mod partition;
pub mod sensitive;

pub use hierarchy::Hierarchy;
pub use merge::{hide_in_one_group, merge_small};
pub use partition::{Class, Record, Rules, generalisations, partition};
