//! How a word sounds, so that spellings of one name fall together: `Achmad` and
//! `Ahmad`, `Djoko` and `Joko`, `Aminah` and `Amina`. Made for Indonesian names
//! in old and new spelling; other languages merely gain less.

/// The word in capitals without accents and signs; what is no letter or digit is left out.
fn plain(word: &str) -> impl Iterator<Item = char> + '_ {
    word.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase)
}

const fn vowel(c: char) -> bool {
    matches!(c, 'A' | 'E' | 'I' | 'O' | 'U')
}

/// The sound of a word.
pub(crate) fn sound(word: &str) -> String {
    let letters: Vec<char> = plain(word).collect();
    let mut heard: Vec<char> = Vec::with_capacity(letters.len());
    let mut at = 0;
    while at < letters.len() {
        let next = letters.get(at + 1).copied().unwrap_or(' ');
        let (said, used): (&str, usize) = match (letters[at], next) {
            ('O', 'E') => ("U", 2),
            ('D', 'J') => ("J", 2),
            ('T', 'J') => ("C", 2),
            ('S', 'J' | 'Y') => ("S", 2),
            ('C' | 'K', 'H') => ("H", 2),
            ('D', 'H') => ("D", 2),
            ('T', 'H') => ("T", 2),
            ('P', 'H') => ("P", 2),
            ('G', 'H') => ("G", 2),
            ('A', 'E') => ("AI", 2),
            ('F' | 'V', _) => ("P", 1),
            ('Z', _) => ("S", 1),
            ('Q', _) => ("K", 1),
            ('X', _) => ("KS", 1),
            ('E' | 'Y', _) => ("I", 1),
            ('O', _) => ("U", 1),
            (other, _) => {
                if heard.last() != Some(&other) {
                    heard.push(other);
                }
                at += 1;
                continue;
            }
        };
        for c in said.chars() {
            if heard.last() != Some(&c) {
                heard.push(c);
            }
        }
        at += used;
    }
    // An H is heard at the start and between two vowels.
    let kept: Vec<bool> = (0..heard.len())
        .map(|at| heard[at] != 'H' || at == 0 || (vowel(heard[at - 1]) && heard.get(at + 1).is_some_and(|next| vowel(*next))))
        .collect();
    let mut sound = String::with_capacity(heard.len());
    for (c, kept) in heard.into_iter().zip(kept) {
        if kept && !sound.ends_with(c) {
            sound.push(c);
        }
    }
    sound
}

/// The first letter and the consonants of a sound: what slips of vowels leave alone.
pub(crate) fn skeleton(word: &str) -> String {
    let sound = sound(word);
    let mut bones = String::with_capacity(sound.len());
    for (place, c) in sound.chars().enumerate() {
        if (place == 0 || !vowel(c) && c != 'H') && !bones.ends_with(c) {
            bones.push(c);
        }
    }
    bones
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn spellings_of_one_name() {
        for (a, b) in [
            ("Achmad", "AHMAD"),
            ("Djoko", "Joko"),
            ("Soekarno", "Sukarno"),
            ("Tjipto", "Cipto"),
            ("Aminah", "Amina"),
            ("Muhammad", "Mohamad"),
            ("Zaenal", "Zainal"),
            ("Aziz", "Asis"),
            ("Noviyanti", "Nopiyanti"),
            ("Fatimah", "Patimah"),
            ("Qomariah", "Komariyah"),
        ] {
            assert_eq!(sound(a), sound(b), "{a} {b}");
        }
    }

    #[test]
    fn twins_and_neighbours_stay_apart() {
        for (a, b) in [("Hasan", "Husein"), ("Dani", "Dina"), ("Siti", "Sari"), ("Rian", "Riani"), ("Ali", "Ela")] {
            assert_ne!(sound(a), sound(b), "{a} {b}");
        }
    }

    #[test]
    fn skeletons_hold_the_consonants() {
        for (name, bones) in [("Suparman", "SPRMN"), ("Siti", "ST"), ("Aminah", "AMN"), ("Husein", "HSN"), ("", "")] {
            assert_eq!(skeleton(name), bones);
        }
    }

    proptest! {
        #[test]
        fn never_panics(word in "\\PC{0,20}") {
            let _ = (sound(&word), skeleton(&word));
        }
    }
}
