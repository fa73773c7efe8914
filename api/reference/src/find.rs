//! From a name as an office wrote it to the one area meant, or to none:
//! guessing would count a family in the wrong village.

use std::fmt;

use domain::{AreaCode, Level};

use crate::area::{Areas, areas};
use crate::index::{INDEX, bare};
use crate::name::{distance, normalise};

/// How many candidates an error names.
const NEAREST: usize = 3;

/// No area, or more than one, has the name asked for. The name itself is not
/// repeated: a file with shifted columns holds persons' names there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoMatch {
    /// Where was looked.
    pub within: AreaCode,
    /// For areas of which level.
    pub level: Level,
    /// The areas with the most similar names, nearest first, at most 3.
    pub nearest: Vec<AreaCode>,
}

impl fmt::Display for NoMatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no {} of that name in {}", self.level, self.within)?;
        for (i, code) in self.nearest.iter().enumerate() {
            let name = areas().get(*code).map_or("", |area| area.name);
            write!(f, "{}{name} ({code})", if i == 0 { "; nearest: " } else { ", " })?;
        }
        Ok(())
    }
}

impl std::error::Error for NoMatch {}

impl Areas {
    /// The area of `level` inside `within` that has this name, not minding
    /// spaces, hyphens, signs, case or accents; a word for the level before
    /// the name (`Kec.`, `Desa`) and a second name in brackets may be left out
    /// or be there. `Kabupaten` and `Kota` may be left out where only one of
    /// them is meant.
    ///
    /// # Errors
    /// When no area, or more than one, has the name.
    pub fn find(&self, within: AreaCode, level: Level, name: &str) -> Result<AreaCode, NoMatch> {
        let places = self.range(within, level);
        let key = normalise(name);
        let only = |matches: &dyn Fn(usize) -> bool| {
            let mut found = places.clone().filter(|place| matches(*place));
            match (found.next(), found.next()) {
                (Some(place), None) => Some(self.all[place].code),
                _ => None,
            }
        };
        let lenient = |key: &str| -> Option<AreaCode> {
            if key.is_empty() {
                return None;
            }
            only(&|place| INDEX.key(place) == key)
                .or_else(|| only(&|place| bare(level, INDEX.key(place)) == key))
                .or_else(|| only(&|place| self.all[place].name.split_once('(').is_some_and(|(first, _)| normalise(first) == key)))
        };
        if let Some(code) = lenient(&key).or_else(|| without_level_word(level, name).and_then(|rest| lenient(&rest))) {
            return Ok(code);
        }
        let mut near: Vec<(usize, AreaCode)> = places
            .map(|place| {
                let known = INDEX.key(place);
                (distance(&key, known).min(distance(&key, bare(level, known))), self.all[place].code)
            })
            .collect();
        near.sort_unstable();
        near.truncate(NEAREST);
        Err(NoMatch { within, level, nearest: near.into_iter().map(|(_, code)| code).collect() })
    }
}

impl Areas {
    /// As [`find`](Areas::find), and where that finds none, the one area whose
    /// name is spelt otherwise and sounds the same: see [`sound`]. The second
    /// value tells that it was found by its sound.
    ///
    /// # Errors
    /// When no area, or more than one, has the name or sounds like it.
    pub fn find_spelt(&self, within: AreaCode, level: Level, name: &str) -> Result<(AreaCode, bool), NoMatch> {
        self.find(within, level, name).map(|code| (code, false)).or_else(|missed| {
            let key = without_level_word(level, name).unwrap_or_else(|| normalise(name));
            let wanted = sound(&key);
            // A short key sounds like many names.
            if wanted.len() < 4 {
                return Err(missed);
            }
            let mut like = self
                .range(within, level)
                .filter(|place| sound(bare(level, INDEX.key(*place))) == wanted || sound(INDEX.key(*place)) == wanted);
            match (like.next(), like.next()) {
                (Some(place), None) => Ok((self.all[place].code, true)),
                _ => Err(missed),
            }
        })
    }
}

/// How a normalised name sounds: the spelling before 1972 as today's (`oe` = `u`,
/// `tj` = `c`, `dj` = `j`, `sj` = `sy`, `ch` = `kh`), a doubled letter
/// as one (but `i`: Hutabarat II is not Hutabarat I), and without the mute `e` between a consonant and `r` or `l`, which is
/// written or not (`Kreo`, `Kereo`). Two names that sound alike differ in nothing
/// that tells two places apart.
#[must_use]
fn sound(key: &str) -> String {
    let mut key = key.to_owned();
    for (old, new) in [("oe", "u"), ("tj", "c"), ("dj", "j"), ("sj", "sy"), ("ch", "kh")] {
        key = key.replace(old, new);
    }
    let letters: Vec<char> = key.chars().collect();
    let vowel = |c: char| matches!(c, 'a' | 'e' | 'i' | 'o' | 'u');
    let mut sound = String::with_capacity(key.len());
    for (at, letter) in letters.iter().enumerate() {
        let mute = *letter == 'e'
            && at > 0
            && !vowel(letters[at - 1])
            && !letters[at - 1].is_ascii_digit()
            && matches!(letters.get(at + 1), Some('r' | 'l'))
            && letters.get(at + 2).is_some_and(|next| vowel(*next));
        if !(mute || (letter.is_alphabetic() && *letter != 'i' && sound.ends_with(*letter))) {
            sound.push(*letter);
        }
    }
    sound
}

/// The key of the name without a word such as `Kec.` or `Desa` before it;
/// `None` when there is no such word. A kabupaten keeps its word in full,
/// since it tells it from a kota of the same name.
fn without_level_word(level: Level, name: &str) -> Option<String> {
    let words: &[(&str, &str)] = match level {
        Level::Provinsi => &[("provinsi", ""), ("prov", "")],
        Level::Kabupaten => &[("kab", "kabupaten"), ("kotaadm", "kotaadministrasi"), ("kotamadya", "kota")],
        Level::Kecamatan => &[("kecamatan", ""), ("kec", ""), ("distrik", "")],
        Level::Kelurahan => &[("kelurahan", ""), ("kel", ""), ("desa", ""), ("ds", "")],
    };
    let at = name.trim().find(|c: char| c.is_whitespace() || c == '.' || c == ':')?;
    let (first, rest) = name.trim().split_at(at);
    let first = normalise(first);
    words.iter().find(|(word, _)| *word == first).map(|(_, full)| format!("{full}{}", normalise(rest)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DISTRICTS;

    fn code(text: &str) -> AreaCode {
        text.parse().unwrap()
    }

    #[test]
    fn names_spelt_otherwise() {
        let district = code("36.71");
        let kereo = areas()
            .inside(district, Level::Kelurahan)
            .iter()
            .find(|area| normalise(area.name).starts_with("kreo") || normalise(area.name).starts_with("kereo"));
        if let Some(area) = kereo {
            let parent = area.code.parent().unwrap();
            let other = if area.name.starts_with("Kr") { area.name.replacen("Kr", "Ker", 1) } else { area.name.replacen("Ker", "Kr", 1) };
            assert_eq!(areas().find_spelt(parent, Level::Kelurahan, &other), Ok((area.code, true)), "{other}");
        }
        for (within, level, name, expected) in [
            ("36.71", Level::Kecamatan, "TJILEDOEG", "36.71.06"),
            ("36.71", Level::Kecamatan, "Kec. Cilleduug", "36.71.06"),
            ("12.02", Level::Kecamatan, "TAROETOENG", "12.02.01"),
        ] {
            assert_eq!(areas().find_spelt(code(within), level, name), Ok((code(expected), true)), "{name}");
        }
        assert_eq!(areas().find_spelt(district, Level::Kecamatan, "Ciledug"), Ok((code("36.71.06"), false)));
        assert_ne!(sound("pahaeii"), sound("pahaei"));
        for name in ["Cielduk", "", "Cileduk", "e"] {
            assert!(areas().find_spelt(district, Level::Kecamatan, name).is_err(), "{name}");
        }
    }

    /// No two areas of one parent sound alike in the five districts, but those that say which is which.
    #[test]
    fn few_places_sound_alike() {
        let mut alike = 0;
        for district in DISTRICTS.iter() {
            for kecamatan in areas().inside(*district, Level::Kecamatan) {
                let mut sounds: Vec<String> =
                    areas().children(kecamatan.code).iter().map(|code| sound(&normalise(areas().get(*code).unwrap().name))).collect();
                let count = sounds.len();
                sounds.sort();
                sounds.dedup();
                alike += count - sounds.len();
            }
        }
        assert!(alike <= 2, "{alike}");
    }

    #[test]
    fn names_as_offices_write_them() {
        for (within, level, name, expected) in [
            ("12.02", Level::Kecamatan, "Adian Koting", "12.02.03"),
            ("12.02", Level::Kecamatan, "SIBORONG-BORONG", "12.02.09"),
            ("12.02", Level::Kecamatan, "Kec. Tarutung", "12.02.01"),
            ("21.03", Level::Kecamatan, "S E R A S A N", "21.03.06"),
            ("12", Level::Kabupaten, "KOTA TANJUNG BALAI", "12.74"),
            ("12", Level::Kabupaten, "Tanjung Balai", "12.74"),
            ("33", Level::Kabupaten, "KAB. TEGAL", "33.28"),
            ("33", Level::Kabupaten, "Kabupaten Tegal", "33.28"),
            ("21.03.18", Level::Kelurahan, "CEMAGA SELATAN", "21.03.18.2002"),
            ("21.03.18", Level::Kelurahan, "Desa Cemaga Selatan (Setengar)", "21.03.18.2002"),
            ("36.71", Level::Kelurahan, "kel sukarasa", "36.71.01.1001"),
        ] {
            assert_eq!(areas().find(code(within), level, name), Ok(code(expected)), "{name}");
        }
    }

    #[test]
    fn every_area_of_the_districts_is_found_by_its_name() {
        for district in DISTRICTS.iter() {
            for kecamatan in areas().inside(*district, Level::Kecamatan) {
                assert_eq!(areas().find(*district, Level::Kecamatan, &kecamatan.name.to_uppercase()), Ok(kecamatan.code));
                for kelurahan in areas().inside(kecamatan.code, Level::Kelurahan) {
                    let spread: String = kelurahan.name.chars().flat_map(|c| [c, ' ']).collect();
                    assert_eq!(areas().find(kecamatan.code, Level::Kelurahan, &spread), Ok(kelurahan.code));
                }
            }
        }
    }

    #[test]
    fn what_is_not_there_names_what_is_near() {
        let none = areas().find(code("36.71"), Level::Kecamatan, "Cielduk").unwrap_err();
        assert_eq!(none.nearest[0], code("36.71.06"));
        assert_eq!(none.nearest.len(), 3);
        assert!(none.to_string().starts_with("no kecamatan of that name in 36.71; nearest: Ciledug (36.71.06)"), "{none}");
        // Another district's kecamatan is not found here, and an empty name nowhere.
        assert!(areas().find(code("36.71"), Level::Kecamatan, "Slawi").is_err());
        assert!(areas().find(code("36.71"), Level::Kecamatan, " - ").is_err());
        // Both a kabupaten and a kota: the word must be there.
        let both = areas().find(code("33"), Level::Kabupaten, "Tegal").unwrap_err();
        assert!(both.nearest.contains(&code("33.28")) && both.nearest.contains(&code("33.76")), "{both}");
        assert_eq!(areas().find(code("99"), Level::Kecamatan, "Ciledug").unwrap_err().nearest, vec![]);
    }
}
