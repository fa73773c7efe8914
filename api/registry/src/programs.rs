//! The program flags of layout 2 and the bits they are stored as.

use std::sync::LazyLock;

use domain::{ProgramCode, Unit};

/// A flag column, and the program that it enrols in. The place in this list is
/// the bit in the database: append only.
pub(crate) const FLAGS: [(&str, Option<&str>); 13] = [
    ("atensi", Some("ATENSI")),
    ("blt", Some("BLT_DD")),
    ("blt_bbm", Some("BLT_BBM")),
    // The extra BPNT of the 2021 restrictions (PPKM): closed, and no program of its own.
    ("bnpt_ppkm", None),
    ("bpnt", Some("SEMBAKO")),
    ("bst", Some("BST")),
    ("pbi", Some("PBI_JK")),
    ("pena", Some("PENA")),
    ("permakanan", Some("PERMAKANAN")),
    ("pkh", Some("PKH")),
    ("rutilahu", Some("RUTILAHU")),
    ("sembako_adaptif", Some("SEMBAKO_ADAPTIF")),
    ("yapi", Some("YAPI")),
];

/// A program that has a bit.
pub(crate) struct Flagged {
    pub(crate) bit: u32,
    pub(crate) code: ProgramCode,
    pub(crate) unit: Unit,
}

/// The programs that have a bit, in the order of their codes.
pub(crate) static FLAGGED: LazyLock<Vec<Flagged>> = LazyLock::new(|| {
    let mut all: Vec<Flagged> = FLAGS
        .iter()
        .zip(0..)
        .filter_map(|((_, code), bit)| {
            let code: ProgramCode = (*code)?.parse().ok()?;
            let unit = reference::program(&code).map_or(Unit::Family, |program| program.unit);
            Some(Flagged { bit, code, unit })
        })
        .collect();
    all.sort_by(|a, b| a.code.cmp(&b.code));
    all
});

/// The program that a payment or plan file names, in one of the ways offices
/// write it; `None` when there is no such program.
pub(crate) fn named(text: &str) -> Option<ProgramCode> {
    let code: String = text.trim().chars().map(|c| if matches!(c, ' ' | '-' | '/') { '_' } else { c.to_ascii_uppercase() }).collect();
    let code = match code.as_str() {
        // The old name of the same program, still in use.
        "BPNT" | "BPNT_SEMBAKO" | "SEMBAKO_BPNT" => "SEMBAKO",
        "PBI" | "PBIJK" => "PBI_JK",
        "BLT" | "BLTDD" => "BLT_DD",
        other => other,
    };
    let code: ProgramCode = code.parse().ok()?;
    reference::program(&code).map(|program| program.code.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_flag_is_a_known_program() {
        assert_eq!(FLAGGED.len(), FLAGS.iter().filter(|(_, code)| code.is_some()).count());
        for flagged in FLAGGED.iter() {
            assert!(reference::program(&flagged.code).is_some(), "{}", flagged.code);
        }
        // Stored bits: a change of the order would enrol people elsewhere.
        assert_eq!(FLAGS[9].0, "pkh");
        assert_eq!(FLAGS[6].0, "pbi");
        assert_eq!(FLAGS[4].0, "bpnt");
    }

    #[test]
    fn names_in_use() {
        for (text, code) in [("PKH", "PKH"), ("bpnt", "SEMBAKO"), ("PBI JK", "PBI_JK"), (" sembako ", "SEMBAKO"), ("BLT-DD", "BLT_DD")] {
            assert_eq!(named(text).unwrap().as_str(), code);
        }
        for text in ["", "PKHH", "XYZ", "3"] {
            assert!(named(text).is_none(), "{text}");
        }
    }
}
