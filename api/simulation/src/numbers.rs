//! Numbers that look like NIK and family card numbers and belong to nobody.

use std::collections::HashMap;

use domain::AreaCode;

use crate::model::{Birth, Sex};

/// Real serials are counted from 0001 for each kecamatan and day; nobody gets near this.
const FIRST_SERIAL: u64 = 9001;
const LAST_SERIAL: u64 = 9999;

/// Gives out numbers of a district, none twice.
#[derive(Debug, Default)]
pub(crate) struct Numbers {
    /// The last serial given by the first twelve digits.
    people: HashMap<u64, u16>,
    families: HashMap<u64, u16>,
}

impl Numbers {
    /// A NIK issued in `kecamatan`. When all serials of a day are given, the
    /// neighbouring kecamatan numbers go on: they are not checked anywhere.
    pub(crate) fn nik(&mut self, kecamatan: AreaCode, birth: Birth, sex: Sex) -> u64 {
        let day = u64::from(birth.day) + if sex == Sex::Female { 40 } else { 0 };
        let date = day * 10_000 + u64::from(birth.month) * 100 + u64::from(birth.year % 100);
        next(&mut self.people, kecamatan.number() * 1_000_000 + date)
    }

    /// A family card number issued in `kecamatan` on some day.
    pub(crate) fn nokk(&mut self, kecamatan: AreaCode, issued: Birth) -> u64 {
        let date = u64::from(issued.day) * 10_000 + u64::from(issued.month) * 100 + u64::from(issued.year % 100);
        next(&mut self.families, kecamatan.number() * 1_000_000 + date)
    }
}

fn next(given: &mut HashMap<u64, u16>, prefix: u64) -> u64 {
    let count = given.entry(prefix).or_insert(0);
    let serial = FIRST_SERIAL + u64::from(*count);
    if serial > LAST_SERIAL {
        return next(given, prefix + 1_000_000);
    }
    *count += 1;
    prefix * 10_000 + serial
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn numbers_are_never_given_twice() {
        let mut numbers = Numbers::default();
        let kecamatan: AreaCode = "36.71.01".parse().unwrap();
        let birth = Birth { year: 1984, month: 3, day: 12 };
        assert_eq!(numbers.nik(kecamatan, birth, Sex::Female), 3_671_015_203_849_001);
        assert_eq!(numbers.nik(kecamatan, birth, Sex::Male), 3_671_011_203_849_001);
        let many: HashSet<u64> = (0..2500).map(|_| numbers.nik(kecamatan, birth, Sex::Male)).collect();
        assert_eq!(many.len(), 2500);
        assert!(many.iter().all(|nik| nik % 10_000 >= 9001));
    }
}
