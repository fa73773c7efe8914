//! What an office may set of the rules: which are looked for, and their bounds.
//! Read at the edge from texts, so that what is held cannot be wrong.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Period, ProgramCode};

use crate::cases::Rule;
use crate::error::{Error, Result};

/// Settings of the rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleSettings {
    off: BTreeSet<Rule>,
    excluding: Vec<(ProgramCode, ProgramCode)>,
    /// By program, the highest desil from a month on; `None` ends a limit.
    desil: BTreeMap<ProgramCode, BTreeMap<Period, Option<u8>>>,
    head_age: u32,
    card_members: u32,
}

impl RuleSettings {
    /// The default of `off`: every rule is looked for.
    pub const OFF: &'static str = "";
    /// The default of `excluding` (RULES.md says where it is from).
    pub const EXCLUDING: &'static str = "BLT_DD+PKH BLT_DD+SEMBAKO BLT_DD+BST BST+PKH BST+SEMBAKO SEMBAKO_ADAPTIF+SEMBAKO";
    /// The default of `desil` (RULES.md says what of it is assumed).
    pub const DESIL: &'static str = "2025-04: PKH 4, SEMBAKO 5, PBI_JK 5";
    /// The default of `head_age`.
    pub const HEAD_AGE: u32 = 17;
    /// The default of `card_members`.
    pub const CARD_MEMBERS: u32 = 20;

    /// Reads the texts of the settings, in the forms of RULES.md.
    ///
    /// # Errors
    /// Says which setting has which wrong part, and what would be right.
    pub fn read(off: &str, excluding: &str, desil: &str, head_age: u32, card_members: u32) -> Result<RuleSettings> {
        let wrong = |setting: &str, problem: String| Error::Request(format!("setting rules.{setting}: {problem}"));
        let program = |setting: &str, text: &str| -> Result<ProgramCode> {
            let code = text.parse::<ProgramCode>().ok().filter(|code| reference::program(code).is_some());
            code.ok_or_else(|| wrong(setting, format!("{text:?} is no program of the reference data; write a code such as PKH or BLT_DD")))
        };
        let mut settings = RuleSettings { off: BTreeSet::new(), excluding: Vec::new(), desil: BTreeMap::new(), head_age, card_members };
        for text in words(off) {
            settings.off.insert(text.parse().map_err(|problem| wrong("off", problem))?);
        }
        for text in words(excluding) {
            let (one, other) = text.split_once('+').ok_or_else(|| wrong("excluding", format!("{text:?} is no pair; write BLT_DD+PKH")))?;
            let pair = (program("excluding", one)?, program("excluding", other)?);
            if pair.0 == pair.1 {
                return Err(wrong("excluding", format!("{text:?} names one program twice")));
            }
            let known = |(a, b): &(ProgramCode, ProgramCode)| (a, b) == (&pair.0, &pair.1) || (a, b) == (&pair.1, &pair.0);
            if !settings.excluding.iter().any(known) {
                settings.excluding.push(pair);
            }
        }
        for part in desil.split(';').map(str::trim).filter(|part| !part.is_empty()) {
            let (month, limits) =
                part.split_once(':').ok_or_else(|| wrong("desil", format!("{part:?} has no month; write 2025-04: PKH 4, SEMBAKO 5")))?;
            let from: Period = month.trim().parse().map_err(|error: domain::ParseError| wrong("desil", error.to_string()))?;
            for limit in limits.split(',').map(str::trim).filter(|limit| !limit.is_empty()) {
                let (code, highest) =
                    limit.split_once(' ').ok_or_else(|| wrong("desil", format!("{limit:?} has no limit; write PKH 4 or PKH none")))?;
                let highest = match highest.trim() {
                    "none" => None,
                    text => Some(
                        text.parse::<u8>()
                            .ok()
                            .filter(|desil| (1..=10).contains(desil))
                            .ok_or_else(|| wrong("desil", format!("{limit:?}: the highest desil is a number from 1 to 10, or none")))?,
                    ),
                };
                let code = program("desil", code)?;
                if settings.desil.entry(code.clone()).or_default().insert(from, highest).is_some() {
                    return Err(wrong("desil", format!("{code} stands twice for {from}")));
                }
            }
        }
        if !(1..=25).contains(&head_age) {
            return Err(wrong("head_age", format!("{head_age} is no age at which one may hold a card; write 17")));
        }
        if card_members < 2 {
            return Err(wrong("card_members", format!("{card_members} members are no family; write 20")));
        }
        Ok(settings)
    }

    /// Whether the rule is looked for.
    #[must_use]
    pub fn has(&self, rule: Rule) -> bool {
        !self.off.contains(&rule)
    }

    /// The programs that exclude each other.
    #[must_use]
    pub fn excluding(&self) -> &[(ProgramCode, ProgramCode)] {
        &self.excluding
    }

    /// The highest desil that a program is for in a month, if it has a limit.
    #[must_use]
    pub fn desil_limit(&self, program: &ProgramCode, period: Period) -> Option<u8> {
        self.desil.get(program)?.range(..=period).next_back().and_then(|(_, limit)| *limit)
    }

    /// From which age on one may hold a family's card.
    #[must_use]
    pub const fn head_age(&self) -> u32 {
        self.head_age
    }

    /// The most records on a card.
    #[must_use]
    pub const fn card_members(&self) -> u32 {
        self.card_members
    }
}

impl Default for RuleSettings {
    /// The defaults of RULES.md.
    fn default() -> RuleSettings {
        let read = RuleSettings::read(Self::OFF, Self::EXCLUDING, Self::DESIL, Self::HEAD_AGE, Self::CARD_MEMBERS);
        // A test reads them.
        read.unwrap_or(RuleSettings {
            off: BTreeSet::new(),
            excluding: Vec::new(),
            desil: BTreeMap::new(),
            head_age: Self::HEAD_AGE,
            card_members: Self::CARD_MEMBERS,
        })
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split([' ', ',', ';']).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(off: &str, excluding: &str, desil: &str) -> Result<RuleSettings> {
        RuleSettings::read(off, excluding, desil, 17, 20)
    }

    fn limit(settings: &RuleSettings, program: &str, period: &str) -> Option<u8> {
        settings.desil_limit(&program.parse().unwrap(), period.parse().unwrap())
    }

    #[test]
    fn the_defaults_hold_and_stand_in_the_definitions() {
        let settings = RuleSettings::default();
        assert_eq!((settings.excluding().len(), settings.head_age(), settings.card_members()), (6, 17, 20));
        assert!(Rule::ALL.into_iter().all(|rule| settings.has(rule)));
        assert_eq!((limit(&settings, "PKH", "2025-04"), limit(&settings, "PKH", "2025-03")), (Some(4), None));
        assert_eq!((limit(&settings, "SEMBAKO", "2026-01"), limit(&settings, "BST", "2026-01")), (Some(5), None));
        let defined = include_str!("../../RULES.md");
        assert!(defined.contains(RuleSettings::EXCLUDING) && defined.contains(RuleSettings::DESIL));
    }

    #[test]
    fn limits_follow_their_dates_and_end() {
        let settings = read("f03, under_age_head", "", "2025-04: PKH 4; 2026-01: PKH 5, SEMBAKO 4; 2026-07: PKH none").unwrap();
        for (period, highest) in [("2025-03", None), ("2025-12", Some(4)), ("2026-06", Some(5)), ("2026-07", None)] {
            assert_eq!(limit(&settings, "PKH", period), highest, "{period}");
        }
        assert!(!settings.has(Rule::OtherName) && !settings.has(Rule::UnderAgeHead) && settings.has(Rule::Deceased));
        assert!(settings.excluding().is_empty());
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (off, excluding, desil, says) in [
            ("F99", "", "", "rules.off"),
            ("", "PKH", "", "no pair"),
            ("", "PKH+PKH", "", "twice"),
            ("", "PKH+ABC", "", "ABC"),
            ("", "", "PKH 4", "no month"),
            ("", "", "2025-13: PKH 4", "2025-13"),
            ("", "", "2025-04: PKH", "no limit"),
            ("", "", "2025-04: PKH 11", "1 to 10"),
            ("", "", "2025-04: PKH 4, PKH 5", "twice"),
        ] {
            let error = read(off, excluding, desil).unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
        assert!(RuleSettings::read("", "", "", 0, 20).is_err() && RuleSettings::read("", "", "", 17, 1).is_err());
        assert_eq!(read("", "PKH+BLT_DD BLT_DD+PKH", "").unwrap().excluding().len(), 1);
    }
}
