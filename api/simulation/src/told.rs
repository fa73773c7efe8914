//! What the files so far say of people, where a right import accepts the row.
//! The answer key of findings is made from this: a person whose row on a death
//! list is illegible is not known to be dead.

use std::collections::{HashMap, HashSet};

use crate::checks::Meaning;
use crate::lists::Group;
use crate::model::Birth;

/// Kept from month to month.
#[derive(Debug, Default)]
pub(crate) struct Told {
    /// By NIK: the lists that name somebody, and the day they speak of.
    pub(crate) listed: HashMap<u64, Vec<(Group, &'static str, Birth)>>,
    /// NIK that a list has under a name that is not theirs.
    pub(crate) other_name: HashSet<u64>,
    /// By NIK: the last check that said anything, and its day.
    pub(crate) checked: HashMap<u64, (Birth, Meaning)>,
    /// By family card: the tenth of the last ranking.
    pub(crate) desil: HashMap<u64, u8>,
    /// By NIK of the head: the tenth of the last ranking.
    pub(crate) desil_of_person: HashMap<u64, u8>,
    /// By NIK: the family card that the last file of members gives.
    pub(crate) member_card: HashMap<u64, u64>,
    /// By NIK: the day of death.
    pub(crate) died: HashMap<u64, Birth>,
}

impl Told {
    /// Takes in a check; a later "not checked" takes nothing back.
    pub(crate) fn check(&mut self, nik: u64, on: Birth, meaning: Meaning) {
        let known = self.checked.get(&nik).copied();
        if known.is_none_or(|(day, _)| on >= day && meaning != Meaning::Unchecked) {
            self.checked.insert(nik, (on, meaning));
        }
    }

    /// Whether a list of the group names somebody on a day up to `until`.
    pub(crate) fn is_listed(&self, nik: u64, group: Group, until: Birth) -> bool {
        self.listed.get(&nik).is_some_and(|rows| rows.iter().any(|(known, _, on)| *known == group && *on <= until))
    }
}
