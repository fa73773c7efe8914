//! The codebook of anonymised rows: three attributes, their hierarchies, and
//! the approximate share of inhabitants behind each label (design: FORMATS,
//! Codebook).
//!
//! A label is generalised by stepping to its parent; `*` stands for everything
//! and is a value of its own. `unknown` is a value that the source left empty.

use crate::ParseError;

/// The label that says nothing.
pub const ANY: &str = "*";
/// The label of a value absent in the source.
pub const UNKNOWN: &str = "unknown";

/// One label of an attribute.
#[derive(Debug)]
pub struct Label {
    /// The label as published.
    pub code: &'static str,
    /// The next more general label; `None` for `*`.
    pub parent: Option<&'static str>,
    /// Share of the inhabitants that the label stands for, in thousandths.
    /// National approximations; `unknown` stands for anyone.
    pub share_permille: u32,
    /// The label in Indonesian and in English.
    pub words: (&'static str, &'static str),
}

/// An attribute of anonymised rows.
#[derive(Debug)]
pub struct Attribute {
    /// The column's name.
    pub name: &'static str,
    /// The attribute in Indonesian and in English.
    pub words: (&'static str, &'static str),
    /// Every label, parents before children.
    pub labels: &'static [Label],
}

const fn label(code: &'static str, parent: Option<&'static str>, share_permille: u32, words: (&'static str, &'static str)) -> Label {
    Label { code, parent, share_permille, words }
}

/// Sex of the named cardholder.
pub static SEX: Attribute = Attribute {
    name: "sex",
    words: ("jenis kelamin", "sex"),
    labels: &[
        label(ANY, None, 1000, ("tidak dirinci", "not specified")),
        label("F", Some(ANY), 500, ("perempuan", "female")),
        label("M", Some(ANY), 500, ("laki-laki", "male")),
        label(UNKNOWN, Some(ANY), 1000, ("tidak diketahui", "unknown")),
    ],
};

/// Age of the named cardholder at the end of the edition's month, in years.
pub static AGE_BAND: Attribute = Attribute {
    name: "age_band",
    words: ("kelompok umur", "age band"),
    labels: &[
        label(ANY, None, 1000, ("tidak dirinci", "not specified")),
        label("0-17", Some(ANY), 290, ("0–17 tahun", "0–17 years")),
        label("0-5", Some("0-17"), 96, ("0–5 tahun", "0–5 years")),
        label("6-17", Some("0-17"), 194, ("6–17 tahun", "6–17 years")),
        label("18-59", Some(ANY), 613, ("18–59 tahun", "18–59 years")),
        label("18-39", Some("18-59"), 357, ("18–39 tahun", "18–39 years")),
        label("18-29", Some("18-39"), 198, ("18–29 tahun", "18–29 years")),
        label("30-39", Some("18-39"), 159, ("30–39 tahun", "30–39 years")),
        label("40-59", Some("18-59"), 256, ("40–59 tahun", "40–59 years")),
        label("40-49", Some("40-59"), 145, ("40–49 tahun", "40–49 years")),
        label("50-59", Some("40-59"), 111, ("50–59 tahun", "50–59 years")),
        label("60+", Some(ANY), 97, ("60 tahun ke atas", "60 years and over")),
        label("60-69", Some("60+"), 66, ("60–69 tahun", "60–69 years")),
        label("70+", Some("60+"), 31, ("70 tahun ke atas", "70 years and over")),
        label(UNKNOWN, Some(ANY), 1000, ("tidak diketahui", "unknown")),
    ],
};

/// Size of the cardholder's family: distinct NIK of a family card.
pub static FAMILY_SIZE: Attribute = Attribute {
    name: "family_size",
    words: ("besar keluarga", "family size"),
    labels: &[
        label(ANY, None, 1000, ("tidak dirinci", "not specified")),
        label("1-2", Some(ANY), 200, ("1–2 orang", "1–2 persons")),
        label("3-4", Some(ANY), 500, ("3–4 orang", "3–4 persons")),
        label("5+", Some(ANY), 300, ("5 orang atau lebih", "5 persons or more")),
        label(UNKNOWN, Some(ANY), 1000, ("tidak diketahui", "unknown")),
    ],
};

/// The attributes in the order in which they are kept: the last gives way first.
pub static ATTRIBUTES: [&Attribute; 3] = [&SEX, &AGE_BAND, &FAMILY_SIZE];

/// How a published label answers a filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Match {
    /// The label equals the filter or lies inside it.
    Surely,
    /// The label is more general than the filter: its rows may match.
    Possibly,
    /// The label excludes the filter.
    No,
}

impl Attribute {
    /// The label with this code.
    ///
    /// # Errors
    /// When the attribute has no such label.
    pub fn label(&self, code: &str) -> Result<&'static Label, ParseError> {
        self.labels.iter().find(|label| label.code == code).ok_or_else(|| ParseError::new(self.name, code, "a label of /v1/codebook"))
    }

    /// The labels that `code` steps through on its way to `*`, itself first.
    pub fn ancestry(&self, code: &str) -> impl Iterator<Item = &'static Label> {
        std::iter::successors(self.label(code).ok(), |label| label.parent.and_then(|parent| self.label(parent).ok()))
    }

    /// How `label` answers a filter on `wanted`. An `unknown` may be anything,
    /// so it possibly matches every filter but its own.
    #[must_use]
    pub fn matches(&self, wanted: &str, label: &str) -> Match {
        if self.ancestry(label).any(|up| up.code == wanted) {
            Match::Surely
        } else if label == UNKNOWN || self.ancestry(wanted).any(|up| up.code == label) {
            Match::Possibly
        } else {
            Match::No
        }
    }
}

/// The published age band, at its finest, of an age in whole years.
#[must_use]
pub const fn age_band(years: u32) -> &'static str {
    match years {
        0..=5 => "0-5",
        6..=17 => "6-17",
        18..=29 => "18-29",
        30..=39 => "30-39",
        40..=49 => "40-49",
        50..=59 => "50-59",
        60..=69 => "60-69",
        _ => "70+",
    }
}

/// The published family-size band, at its finest, of a number of persons.
#[must_use]
pub const fn family_size(persons: u32) -> &'static str {
    match persons {
        0 => UNKNOWN,
        1 | 2 => "1-2",
        3 | 4 => "3-4",
        _ => "5+",
    }
}

/// Estimated inhabitants that a row's label stands for: `population` of its
/// area times the share of each label (design: PRIVACY R3).
#[must_use]
pub fn candidates(population: u64, sex: &Label, age_band: &Label, family_size: &Label) -> u64 {
    let shares = [sex, age_band, family_size].iter().map(|label| u128::from(label.share_permille)).product::<u128>();
    u64::try_from(u128::from(population) * shares / 1_000_000_000).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_hierarchy_is_a_tree_whose_children_make_up_their_parent() {
        for attribute in ATTRIBUTES {
            for label in attribute.labels {
                assert_eq!(attribute.ancestry(label.code).last().unwrap().code, ANY, "{} {}", attribute.name, label.code);
                let children: Vec<_> =
                    attribute.labels.iter().filter(|child| child.parent == Some(label.code) && child.code != UNKNOWN).collect();
                let sum: u32 = children.iter().map(|child| child.share_permille).sum();
                assert!(children.is_empty() || sum == label.share_permille, "{} {}: {sum}", attribute.name, label.code);
            }
        }
    }

    #[test]
    fn filters_match_inside_and_possibly_outside() {
        assert_eq!(AGE_BAND.matches("18-59", "18-29"), Match::Surely);
        assert_eq!(AGE_BAND.matches("18-29", "18-59"), Match::Possibly);
        assert_eq!(AGE_BAND.matches("18-29", "60+"), Match::No);
        assert_eq!(AGE_BAND.matches("*", "60+"), Match::Surely);
        assert_eq!(SEX.matches("F", "*"), Match::Possibly);
        assert_eq!(SEX.matches("F", "unknown"), Match::Possibly);
        assert_eq!(SEX.matches("unknown", "unknown"), Match::Surely);
        assert_eq!(SEX.matches("unknown", "F"), Match::No);
    }

    #[test]
    fn bands_are_labels() {
        for years in 0..120 {
            assert!(AGE_BAND.label(age_band(years)).is_ok());
        }
        for persons in 0..20 {
            assert!(FAMILY_SIZE.label(family_size(persons)).is_ok());
        }
        let l = |attribute: &Attribute, code: &str| attribute.label(code).unwrap();
        assert_eq!(candidates(5_900, l(&SEX, "F"), l(&AGE_BAND, "18-29"), l(&FAMILY_SIZE, "3-4")), 292);
    }
}
