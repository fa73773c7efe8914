//! What stands in a name besides the name: that the person died, and titles.

/// Words that say of a person that they died.
const DECEASED: [&str; 6] = ["ALM", "ALMH", "ALMARHUM", "ALMARHUMAH", "ALMH.", "(ALM)"];
/// Titles before or behind a name. Those that may as well be a name, such as
/// `Haji` in full or `Andi`, are none.
const TITLES: [&str; 40] = [
    "H", "HJ", "IR", "DR", "DRS", "DRA", "DRG", "PROF", "KH", "NY", "TN", "BPK", "IBU", "SDR", "SDRI", "SE", "SH", "ST", "SPD", "SPDI",
    "SAG", "SSOS", "SKM", "SKOM", "SIP", "SP", "SPT", "STP", "AMD", "AMK", "MPD", "MM", "MSI", "MH", "MT", "MAG", "SPSI", "SFARM", "AMA",
    "BA",
];

/// What a name says besides the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Marks {
    /// That the person died (`Alm.`).
    pub deceased: bool,
    /// A title (`Hj.`, `S.Pd.`).
    pub titled: bool,
}

/// The letters of a word in capitals, when they are few.
fn letters(word: &str) -> Option<([u8; 12], usize)> {
    let mut held = [0; 12];
    let mut length = 0;
    for byte in word.bytes() {
        if byte.is_ascii_alphabetic() {
            *held.get_mut(length)? = byte.to_ascii_uppercase();
            length += 1;
        } else if !matches!(byte, b'.' | b',' | b'(' | b')') {
            return None;
        }
    }
    Some((held, length))
}

/// Finds the marks of a name. A single letter is an initial and no title,
/// unless it is the `H.` before a name.
#[must_use]
pub fn marks(name: &str) -> Marks {
    let mut marks = Marks::default();
    for (place, word) in name.split(' ').enumerate() {
        let Some((held, length)) = letters(word) else { continue };
        let word_letters = &held[..length];
        if length >= 3 && word_letters[0] == b'A' && DECEASED.iter().any(|known| known.as_bytes() == word_letters) {
            marks.deceased = true;
        } else if (1..=5).contains(&length)
            && (word.contains(['.', ',']) || place == 0)
            && TITLES.iter().any(|known| known.as_bytes() == word_letters)
            && (length > 1 || place == 0)
        {
            marks.titled = true;
        }
    }
    marks
}

/// The name for comparing: capitals, single spaces, without signs, titles and
/// the words that say that somebody died. Restricted like the name.
#[must_use]
pub fn comparable(name: &str) -> String {
    let mut key = String::with_capacity(name.len());
    for (place, word) in name.split([' ', ',']).enumerate() {
        if let Some((held, length)) = letters(word) {
            let found = &held[..length];
            let title = (place == 0 || length > 1 && word.contains('.')) && TITLES.iter().any(|known| known.as_bytes() == found);
            if title || DECEASED.iter().any(|known| known.as_bytes() == found) {
                continue;
            }
        }
        let start = key.len();
        if !key.is_empty() {
            key.push(' ');
        }
        let before = key.len();
        key.extend(word.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase));
        if key.len() == before {
            key.truncate(start);
        }
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn marks_of_names() {
        for (name, deceased, titled) in [
            ("SITI AMINAH", false, false),
            ("SITI AMINAH (ALM)", true, false),
            ("ALM. BUDI", true, false),
            ("Almh Siti", true, false),
            ("ALMIRA PUTRI", false, false),
            ("HJ. SITI, S.Pd.", false, true),
            ("H. BUDI", false, true),
            ("BUDI H", false, false),
            ("DR SUTOMO", false, true),
            ("SE NGADIMIN", false, true),
            ("NGADIMIN SE", false, false),
        ] {
            assert_eq!(marks(name), Marks { deceased, titled }, "{name}");
        }
    }

    #[test]
    fn names_to_compare() {
        for (name, key) in [
            ("Hj. Siti  Aminah, S.Pd.", "SITI AMINAH"),
            ("SITI AMINAH (ALM)", "SITI AMINAH"),
            ("Ma'ruf", "MARUF"),
            ("H. Budi", "BUDI"),
            ("", ""),
        ] {
            assert_eq!(comparable(name), key, "{name}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(name in "\\PC{0,40}") {
            let _ = (marks(&name), comparable(&name));
        }
    }
}
