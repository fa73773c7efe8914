//! Names of nobody: first and last names drawn apart, in capitals as the
//! office's lists have them.

use std::sync::LazyLock;

use crate::dice::Dice;
use crate::model::Sex;

/// First and last names by sex.
struct Names {
    first: [Vec<String>; 2],
    last: [Vec<String>; 2],
}

static NAMES: LazyLock<Names> = LazyLock::new(|| {
    let list = |kind: &str| -> Vec<String> {
        include_str!("../data/names.csv")
            .lines()
            .filter_map(|line| line.split_once(',').filter(|(found, _)| *found == kind).map(|(_, name)| name.to_uppercase()))
            .collect()
    };
    Names { first: [list("depan_perempuan"), list("depan_laki")], last: [list("belakang_perempuan"), list("belakang_laki")] }
});

/// A name as places in the lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Name {
    first: u16,
    last: Option<u8>,
}

/// A name for somebody; about one in five has a single name. Where `marga` is
/// given, it is the father's last name, which his sons carry.
pub(crate) fn draw(dice: &mut Dice, sex: Sex, marga: Option<u8>) -> Name {
    let first = dice.below(NAMES.first[sex as usize].len() as u32) as u16;
    let own = dice.below(NAMES.last[sex as usize].len() as u32) as u8;
    let single = dice.chance(0.2);
    let last = marga.filter(|_| sex == Sex::Male).or(if single { None } else { Some(own) });
    Name { first, last }
}

/// A last name to hand down.
pub(crate) fn marga(dice: &mut Dice) -> u8 {
    dice.below(NAMES.last[Sex::Male as usize].len() as u32) as u8
}

impl Name {
    /// The parts of the name.
    pub(crate) fn parts(self, sex: Sex) -> (&'static str, Option<&'static str>) {
        let names = &*NAMES;
        let last = self.last.and_then(|last| names.last[sex as usize].get(usize::from(last)));
        (&names.first[sex as usize][usize::from(self.first)], last.map(String::as_str))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_whole_and_need_no_quoting() {
        let sizes = NAMES.first.iter().chain(&NAMES.last).map(Vec::len).collect::<Vec<_>>();
        assert_eq!(sizes, [220, 489, 69, 104]);
        for name in NAMES.first.iter().chain(&NAMES.last).flatten() {
            assert!(name.bytes().all(|b| b.is_ascii_uppercase()), "{name}");
        }
    }
}
