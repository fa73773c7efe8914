//! Names of people, word by word. Indonesian names have no family name that
//! could be told apart, words are left out and written as initials, and the
//! same few words are shared by thousands: so it is asked which words of the
//! shorter name are found in the longer one.

use std::collections::HashMap;

use crate::compare::{alike, letters};
use crate::sound::sound;

/// Ways to write the most common of all first words.
const MUHAMMAD: [&str; 6] = ["M", "MD", "MOH", "MUH", "MHD", "MOCH"];

/// At most so many words of a name are looked at.
const WORDS: usize = 8;

/// How alike the letters of two words must be for a slip of spelling.
const NEAR: f64 = 0.88;

struct Word {
    text: Box<str>,
    letters: u64,
    /// Number of the sound; words that sound the same share it.
    sound: u32,
    length: u8,
}

/// Whether the words differ by one slip, or two in a long word: `Mayasari` and
/// `Mandasari` are alike and two sisters.
fn slipped(one: &Word, other: &Word) -> bool {
    strsim::osa_distance(&one.text, &other.text) <= if one.length.min(other.length) >= 10 { 2 } else { 1 }
}

/// The names of a column, taken apart.
pub(crate) struct Names {
    words: Vec<Word>,
    /// Numbers of words, name after name.
    of_names: Vec<u32>,
    /// Where each name starts in `of_names`; one more than there are names.
    starts: Vec<u32>,
    joined: Vec<Box<str>>,
}

impl Names {
    pub(crate) fn of(values: &[Box<str>]) -> Names {
        let mut names = Names { words: Vec::new(), of_names: Vec::new(), starts: vec![0], joined: Vec::with_capacity(values.len()) };
        let mut known: HashMap<String, u32> = HashMap::new();
        let mut sounds: HashMap<String, u32> = HashMap::new();
        for value in values {
            let upper = value.to_uppercase();
            let mut joined = String::with_capacity(upper.len());
            for word in upper.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).take(WORDS) {
                joined.push_str(word);
                let number = known.get(word).copied().unwrap_or_else(|| {
                    let number = names.words.len() as u32;
                    let heard = if MUHAMMAD.contains(&word) && word.len() > 1 { sound("MUHAMMAD") } else { sound(word) };
                    let fresh = sounds.len() as u32;
                    names.words.push(Word {
                        text: word.into(),
                        letters: letters(word),
                        sound: *sounds.entry(heard).or_insert(fresh),
                        length: u8::try_from(word.chars().count()).unwrap_or(u8::MAX),
                    });
                    known.insert(word.to_owned(), number);
                    number
                });
                names.of_names.push(number);
            }
            names.starts.push(names.of_names.len() as u32);
            names.joined.push(joined.into());
        }
        names
    }

    fn words_of(&self, name: usize) -> &[u32] {
        &self.of_names[self.starts[name] as usize..self.starts[name + 1] as usize]
    }

    /// An initial and a word that begins with it (`M.` for every `Muhammad`).
    fn initial(&self, one: u32, other: u32) -> bool {
        let (one, other) = (&self.words[one as usize], &self.words[other as usize]);
        let (short, long) = if one.length <= other.length { (one, other) } else { (other, one) };
        short.length == 1 && long.text.starts_with(&*short.text)
    }

    /// The level of two names that are written differently; the caller gives
    /// them in one order, so that the answer does not depend on it.
    pub(crate) fn level(&self, one: usize, other: usize) -> u8 {
        let (one_words, other_words) = (self.words_of(one), self.words_of(other));
        let (short, long) = if one_words.len() <= other_words.len() { (one_words, other_words) } else { (other_words, one_words) };
        if short.is_empty() {
            return 0;
        }
        let mut used = [false; WORDS];
        let mut found = [false; WORDS];
        let (mut certain, mut near, mut initials) = (0, 0, 0);
        // The surer a way to find a word, the earlier it is tried for all of them.
        for way in 0..4 {
            for (place, word) in short.iter().enumerate() {
                if found[place] {
                    continue;
                }
                let hit = long.iter().enumerate().position(|(at, candidate)| {
                    !used[at]
                        && match way {
                            0 => word == candidate,
                            1 => self.words[*word as usize].sound == self.words[*candidate as usize].sound,
                            2 => {
                                let (a, b) = (&self.words[*word as usize], &self.words[*candidate as usize]);
                                alike((&a.text, a.letters, a.length), (&b.text, b.letters, b.length), NEAR) && slipped(a, b)
                            }
                            _ => self.initial(*word, *candidate),
                        }
                });
                if let Some(at) = hit {
                    used[at] = true;
                    found[place] = true;
                    match way {
                        0 | 1 => certain += 1,
                        2 => near += 1,
                        _ => initials += 1,
                    }
                }
            }
        }
        let (missing, extra) = (short.len() - certain - near - initials, long.len() - short.len());
        if missing == 0 && extra == 0 {
            // Of one word only, an initial tells nothing.
            return match (near, initials) {
                (0, 0) => 4,
                (_, 0) => 3,
                _ if certain + near > 0 => 2,
                _ => 0,
            };
        }
        // `Sitiaminah` and `Siti Aminah`.
        if extra > 0 {
            let (a, b) = (&self.joined[one], &self.joined[other]);
            if a.len().abs_diff(b.len()) <= 1 && strsim::osa_distance(a, b) <= 1 {
                return 3;
            }
        }
        match missing {
            0 if certain + near > 0 => 2,
            _ if certain > 0 => 1,
            _ => 0,
        }
    }

    pub(crate) fn bytes(&self) -> usize {
        self.words.len() * 48
            + (self.of_names.len() + self.starts.len()) * 4
            + self.joined.iter().map(|name| name.len() + 32).sum::<usize>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(one: &str, other: &str) -> u8 {
        Names::of(&[one.into(), other.into()]).level(0, 1)
    }

    #[test]
    fn levels_of_names() {
        for (one, other, expected) in [
            ("SITI AMINAH", "AMINAH SITI", 4),
            ("ACHMAD DJOKO", "AHMAD JOKO", 4),
            ("MOH YUSUF", "MUHAMMAD YUSUF", 4),
            ("SUPARMAN", "SUPARAMN", 3),
            ("SITIAMINAH", "SITI AMINAH", 3),
            ("M YUSUF", "MUHAMMAD YUSUF", 2),
            ("SUPARMAN", "SUPARMAN HADI", 2),
            ("SITI AMINAH", "SITI ROHANI", 1),
            ("AHMAD HASAN", "AHMAD HUSEIN", 1),
            ("NOVA MAYASARI", "NOVA MANDASARI", 1),
            ("HASAN", "HUSEIN", 0),
            ("M", "MUHAMMAD", 0),
            ("BUDI", "SITI AMINAH", 0),
            ("...", "SITI", 0),
        ] {
            assert_eq!(level(one, other), expected, "{one} {other}");
            assert_eq!(level(other, one), expected, "{other} {one}");
        }
    }
}
