//! What is wrong in the files, and how it is written.

use domain::{AreaCode, Level};

use crate::dice::Dice;

/// A defect that an import must find.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Defect {
    NikFormat,
    NikDate,
    Duplicate,
    Deceased,
    Area,
    Program,
    NikMissing,
    NikSerial,
    Card,
    Date,
    Amount,
    Columns,
    Value,
    /// Day and month the other way round.
    Swapped,
    /// Another birth date than the NIK's.
    BirthDate,
    /// Another sex than the NIK's.
    Sex,
    /// `ALM` behind the name.
    NameDeceased,
    /// An area spelt otherwise that sounds the same.
    Spelling,
}

impl Defect {
    /// Whether the row is rejected, or accepted with a finding or warning.
    pub(crate) const fn outcome(self) -> &'static str {
        match self {
            Defect::Duplicate | Defect::Deceased => "finding",
            Defect::Swapped | Defect::BirthDate | Defect::Sex | Defect::NameDeceased | Defect::Spelling => "warning",
            _ => "rejected",
        }
    }

    /// The reason's code in the import's report.
    pub(crate) const fn reason(self) -> &'static str {
        match self {
            Defect::NikFormat => "nik_format",
            Defect::NikDate => "nik_date",
            Defect::Duplicate => "duplicate_nik_program",
            Defect::Deceased => "deceased",
            Defect::Area => "area_unknown",
            Defect::Program => "program_unknown",
            Defect::NikMissing => "nik_missing",
            Defect::NikSerial => "nik_serial",
            Defect::Card => "family_card_format",
            Defect::Date => "date_invalid",
            Defect::Amount => "amount_invalid",
            Defect::Columns => "column_count",
            Defect::Value => "value_invalid",
            Defect::Swapped => "date_swapped",
            Defect::BirthDate => "birth_date_differs",
            Defect::Sex => "sex_differs",
            Defect::NameDeceased => "name_deceased",
            Defect::Spelling => "area_spelling",
        }
    }
}

/// The NIK as somebody mistyped it or a spreadsheet spoilt it.
pub(crate) fn unreadable_nik(nik: u64, dice: &mut Dice) -> String {
    let text = format!("{nik:016}");
    match dice.below(4) {
        0 => text[..15].to_owned(),
        1 => format!("{text}{}", dice.below(10)),
        2 => format!("{}O{}", &text[..13], &text[14..]),
        _ => format!("{}.{}E+15", &text[..1], &text[1..6]),
    }
}

/// The NIK with a day of birth that never was.
pub(crate) fn impossible_nik(nik: u64, dice: &mut Dice) -> u64 {
    let (area, serial) = (nik / 10_000_000_000, nik % 10_000);
    let date = nik / 10_000 % 1_000_000;
    let (day, month, year) = (date / 10_000, date / 100 % 100, date % 100);
    let (day, month) = match dice.below(4) {
        0 => (day, u64::from(dice.between(13, 19))),
        1 => (u64::from(dice.between(32, 39)), month),
        2 => (if day > 40 { 70 } else { 30 }, 2),
        _ => (0, month),
    };
    ((area * 100 + day) * 10_000 + month * 100 + year) * 10_000 + serial
}

/// The name with a slip of the pen, such that no area of `level` within the
/// district is called so, however leniently names are compared.
pub(crate) fn misspelt(name: &str, district: AreaCode, parent: AreaCode, level: Level, dice: &mut Dice) -> String {
    let letters: Vec<char> = name.to_uppercase().chars().collect();
    let is_taken = |text: &str| {
        let areas = reference::areas();
        areas.find_spelt(parent, level, text).is_ok() || {
            let key = reference::normalise(text);
            key.is_empty() || areas.inside(district, level).iter().any(|area| reference::normalise(area.name) == key)
        }
    };
    for _ in 0..50 {
        let at = dice.below(letters.len() as u32) as usize;
        let mut slip = letters.clone();
        match dice.below(4) {
            0 if slip.len() > 3 => drop(slip.remove(at)),
            1 if at + 1 < slip.len() => slip.swap(at, at + 1),
            2 => slip.insert(at, letters[at]),
            _ => slip[at] = ['X', 'Q', 'Z', 'V'][dice.below(4) as usize],
        }
        let slip: String = slip.into_iter().collect();
        if slip.trim() == slip && !is_taken(&slip) {
            return slip;
        }
    }
    // No area is called so.
    format!("{}XQZ", name.to_uppercase())
}

/// The name of the area `code` in another spelling of the same sound: that of
/// before 1972, or with a letter doubled; none where no such spelling is its alone.
pub(crate) fn same_sound(name: &str, parent: AreaCode, code: AreaCode, level: Level) -> Option<String> {
    let name = name.to_uppercase();
    let letters: Vec<char> = name.chars().collect();
    let doubled = |at: usize| -> String { letters[..=at].iter().chain(&letters[at..]).collect() };
    let old =
        [("U", "OE"), ("J", "DJ"), ("C", "TJ")].into_iter().filter(|(new, _)| name.contains(new)).map(|(new, old)| name.replace(new, old));
    let double = (1..letters.len()).filter(|at| "NLMST".contains(letters[*at])).map(doubled);
    old.chain(double).find(|text| {
        let key = reference::normalise(text);
        let elsewhere = reference::areas().inside(parent, level).iter().any(|area| reference::normalise(area.name) == key);
        !elsewhere && reference::areas().find_spelt(parent, level, text) == Ok((code, true))
    })
}

/// A program that does not exist.
pub(crate) fn unknown_program(dice: &mut Dice) -> &'static str {
    ["BANSOS LAIN", "PKHH", "SUBSIDI UPAH", "BANPRES"][dice.below(4) as usize]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spoilt_numbers_are_spoilt_as_said() {
        let mut dice = Dice::new(5, 5, 5, 5);
        for nik in [3_671_015_203_849_001, 1_202_091_502_519_042] {
            for _ in 0..200 {
                let text = unreadable_nik(nik, &mut dice);
                assert!(text.len() != 16 || !text.bytes().all(|b| b.is_ascii_digit()), "{text}");
                let spoilt = impossible_nik(nik, &mut dice);
                assert_eq!((spoilt / 10_000_000_000, spoilt % 10_000), (nik / 10_000_000_000, nik % 10_000));
                let (day, month) = (spoilt / 100_000_000 % 100, spoilt / 1_000_000 % 100);
                let day = if day > 40 { day - 40 } else { day };
                assert!(month > 12 || day == 0 || day > 31 || (month == 2 && day == 30), "{spoilt}");
            }
        }
    }

    #[test]
    fn slips_match_nothing() {
        let mut dice = Dice::new(6, 6, 6, 6);
        let areas = reference::areas();
        for district in reference::DISTRICTS.iter() {
            for area in areas.inside(*district, Level::Kelurahan) {
                let parent = area.code.parent().unwrap();
                let slip = misspelt(area.name, *district, parent, Level::Kelurahan, &mut dice);
                assert!(areas.find(parent, Level::Kelurahan, &slip).is_err(), "{slip}");
                assert!(!slip.contains([',', ';', '"', '\n']));
            }
        }
    }
}
