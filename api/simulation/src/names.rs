//! Names of nobody: first and last names drawn apart, in capitals as the
//! office's lists have them.

use std::sync::LazyLock;

use crate::dice::Dice;
use crate::model::Sex;

/// First and last names by sex. Behind the first names stand the same with slips
/// of the pen, so that a name with a slip is a place in the list as well.
struct Names {
    first: [Vec<String>; 2],
    last: [Vec<String>; 2],
    /// How many first names there are without slips.
    whole: [usize; 2],
}

/// How many slips each first name has.
const SLIPS: usize = 3;

/// A first name with a slip: a letter left out, two that changed places, one that
/// is another. Names of fewer than four letters stay as they are.
fn slip(name: &str, kind: usize) -> String {
    let mut letters: Vec<char> = name.chars().collect();
    let middle = letters.len() / 2;
    if letters.len() < 4 {
        return name.to_owned();
    }
    match kind {
        0 => drop(letters.remove(middle)),
        1 if letters[middle] != letters[middle - 1] => letters.swap(middle - 1, middle),
        _ => letters[middle] = if letters[middle] == 'A' { 'I' } else { 'A' },
    }
    letters.into_iter().collect()
}

static NAMES: LazyLock<Names> = LazyLock::new(|| {
    let list = |kind: &str| -> Vec<String> {
        include_str!("../data/names.csv")
            .lines()
            .filter_map(|line| line.split_once(',').filter(|(found, _)| *found == kind).map(|(_, name)| name.to_uppercase()))
            .collect()
    };
    let mut first = [list("depan_perempuan"), list("depan_laki")];
    let whole = [first[0].len(), first[1].len()];
    for names in &mut first {
        let slips: Vec<String> = (0..SLIPS).flat_map(|kind| names.iter().map(move |name| slip(name, kind))).collect();
        names.extend(slips);
    }
    Names { first, last: [list("belakang_perempuan"), list("belakang_laki")], whole }
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
    let first = dice.below(NAMES.whole[sex as usize] as u32) as u16;
    let own = dice.below(NAMES.last[sex as usize].len() as u32) as u8;
    let single = dice.chance(0.2);
    let last = marga.filter(|_| sex == Sex::Male).or(if single { None } else { Some(own) });
    Name { first, last }
}

/// A last name to hand down.
pub(crate) fn marga(dice: &mut Dice) -> u8 {
    dice.below(NAMES.last[Sex::Male as usize].len() as u32) as u8
}

/// A name by two shares, for what is not drawn from dice.
pub(crate) fn by_lots(sex: Sex, first: f64, last: f64) -> Name {
    let first = (first * NAMES.whole[sex as usize] as f64) as u16;
    Name { first, last: Some((last * NAMES.last[sex as usize].len() as f64) as u8) }
}

impl Name {
    /// The same name with a slip of the pen in its first word.
    pub(crate) fn slipped(self, sex: Sex, kind: usize) -> Name {
        let whole = NAMES.whole[sex as usize];
        Name { first: (usize::from(self.first) % whole + (kind % SLIPS + 1) * whole) as u16, ..self }
    }

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
        assert_eq!((sizes, NAMES.whole), (vec![220 * 4, 489 * 4, 69, 104], [220, 489]));
        for name in NAMES.first.iter().chain(&NAMES.last).flatten() {
            assert!(name.bytes().all(|b| b.is_ascii_uppercase()), "{name}");
        }
    }
}
