//! Whether two names may be one person's, by the rule in RULES.md: titles,
//! order, initials, short forms, old spelling and a slip of the pen are no
//! other name.

use crate::number::Digest;

/// Ways to write one name.
const MUHAMMAD: [&str; 16] = [
    "MUH",
    "MOH",
    "MOCH",
    "MUCH",
    "MHD",
    "MUHAMAD",
    "MUHAMMAD",
    "MOHAMAD",
    "MOHAMMAD",
    "MOHAMED",
    "MUHAMMED",
    "MOCHAMAD",
    "MOCHAMMAD",
    "MUCHAMAD",
    "MUKHAMAD",
    "MUKHAMMAD",
];

/// The words of a name as they are compared.
fn words(name: &str) -> Vec<String> {
    identity::comparable(name).split(' ').filter(|word| !word.is_empty()).map(word).collect()
}

fn word(word: &str) -> String {
    match word {
        "ABD" => return "ABDUL".to_owned(),
        "ABDULRAHMAN" => return "ABDURRAHMAN".to_owned(),
        word if MUHAMMAD.contains(&word) => return "MUHAMMAD".to_owned(),
        _ => {}
    }
    if !["OE", "DJ", "TJ", "SJ", "NJ"].iter().any(|old| word.contains(old)) {
        return word.to_owned();
    }
    word.replace("OE", "U").replace("DJ", "J").replace("TJ", "C").replace("SJ", "SY").replace("NJ", "NY")
}

/// A number that two names share only when they are the same to compare, but
/// for their spaces; 0 for a name that says nothing.
pub(super) fn key(name: &str) -> u64 {
    let mut letters = identity::comparable(name);
    letters.retain(|letter| letter != ' ');
    if letters.is_empty() { 0 } else { Digest::new().text(&letters).stored().cast_unsigned().max(1) }
}

/// Whether two names agree; one without a word agrees with any.
pub(super) fn agree(one: &str, other: &str) -> bool {
    if key(one) == key(other) {
        return true;
    }
    let (one, other) = (words(one), words(other));
    if one.is_empty() || other.is_empty() || one.concat() == other.concat() {
        return true;
    }
    let letters = |words: &[String]| words.iter().map(|word| word.chars().collect()).collect::<Vec<Vec<char>>>();
    let (fewer, more) = if one.len() <= other.len() { (letters(&one), letters(&other)) } else { (letters(&other), letters(&one)) };
    // A greatest matching of the words, word by word along augmenting paths.
    let mut partner_of: Vec<Option<usize>> = vec![None; more.len()];
    (0..fewer.len()).all(|word| place(word, &fewer, &more, &mut partner_of, &mut vec![false; more.len()]))
}

/// Finds a partner for a word, moving others to another partner where that helps.
fn place(word: usize, fewer: &[Vec<char>], more: &[Vec<char>], partner_of: &mut [Option<usize>], seen: &mut [bool]) -> bool {
    for at in 0..more.len() {
        if !seen[at] && fit(&fewer[word], &more[at]) {
            seen[at] = true;
            if partner_of[at].is_none_or(|held| place(held, fewer, more, partner_of, seen)) {
                partner_of[at] = Some(word);
                return true;
            }
        }
    }
    false
}

fn fit(one: &[char], other: &[char]) -> bool {
    if one == other {
        return true;
    }
    match (one, other) {
        ([initial], [first, ..]) | ([first, ..], [initial]) if initial == first => true,
        _ => one.len() >= 4 && other.len() >= 4 && one_off(one, other),
    }
}

/// Whether one letter put in, left out or replaced, or two neighbours changing
/// places, makes the one word the other.
fn one_off(one: &[char], other: &[char]) -> bool {
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    let same = short.iter().zip(long).take_while(|(a, b)| a == b).count();
    match long.len() - short.len() {
        0 => {
            let (a, b) = (&short[same..], &long[same..]);
            a.is_empty() || a[1..] == b[1..] || a.len() > 1 && a[0] == b[1] && a[1] == b[0] && a[2..] == b[2..]
        }
        1 => short[same..] == long[same + 1..],
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_that_agree() {
        for (one, other) in [
            ("SITI AMINAH", "Hj. Siti Aminah, S.Pd."),
            ("SITI AMINAH", "AMINAH SITI"),
            ("BUDI SANTOSO", "BUDI SANTOSO (ALM)"),
            ("MUH. RIDWAN", "MOHAMMAD RIDWAN"),
            ("M RIDWAN", "MUHAMAD RIDWAN"),
            ("ABD RAHMAN", "ABDUL RACHMAN"),
            ("SOEKARNO", "SUKARNO"),
            ("DJOKO TJAHJONO", "JOKO CAHJONO"),
            ("SITI AMINHA", "SITI AMINAH"),
            ("BUDI", "BUDI SANTOSO"),
            ("SRI WAHYUNI", "SRIWAHYUNI"),
            ("", "BUDI"),
            ("NUR HAYATI", "NURHAYATI"),
        ] {
            assert!(agree(one, other) && agree(other, one), "{one} / {other}");
        }
    }

    #[test]
    fn names_that_do_not() {
        for (one, other) in [
            ("SITI AMINAH", "SITI ROHANI"),
            ("BUDI SANTOSO", "AGUS SANTOSO"),
            ("ANI", "ANA"),
            ("SITI SITI", "SITI ROHANI"),
            ("MUHAMMAD RIDWAN", "MUHAMMAD FAUZI"),
            ("BUDI SANTOSO", "RINA"),
            ("AMINAH", "AMNIHA"),
        ] {
            assert!(!agree(one, other) && !agree(other, one), "{one} / {other}");
        }
    }

    proptest! {
        /// The same key means that they agree: what is passed over by the key is no case.
        #[test]
        fn the_same_key_agrees(words in prop::collection::vec("[A-Z]{1,8}", 1..4), gap in 0usize..4) {
            let name = words.join(" ");
            let other = words.concat();
            let titled = format!("Hj. {name}, S.Pd.");
            prop_assert!(key(&name) == key(&other) || identity::comparable(&name).replace(' ', "") != identity::comparable(&other));
            if key(&name) == key(&other) {
                prop_assert!(agree(&name, &other));
            }
            prop_assert!(agree(&name, &name) && agree(&name, &titled), "{gap}");
        }

        #[test]
        fn agreeing_has_no_direction(one in "[A-D ]{0,14}", other in "[A-D ]{0,14}") {
            prop_assert_eq!(agree(&one, &other), agree(&other, &one));
        }
    }
}
