//! Names of areas as keys: for comparing (`normalise`) and for addresses (`slug`).

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The name without spaces, hyphens and other signs, case or accents, so that
/// `Adian Koting` = `Adiankoting`, `S E R A S A N` = `Serasan` and
/// `Siborong-borong` = `Siborongborong`.
#[must_use]
pub fn normalise(name: &str) -> String {
    let mut key = String::with_capacity(name.len());
    normalise_into(name, &mut key);
    key
}

/// Appends the normalised name to `key`.
pub(crate) fn normalise_into(name: &str, key: &mut String) {
    if name.is_ascii() {
        key.extend(name.bytes().filter(u8::is_ascii_alphanumeric).map(|byte| char::from(byte.to_ascii_lowercase())));
    } else {
        key.extend(plain(name).filter(|c| c.is_alphanumeric()));
    }
}

/// The name in an address: `Kota Tangerang` is `kota-tangerang`.
#[must_use]
pub fn slug(name: &str) -> String {
    let mut slug = String::with_capacity(name.len());
    for c in plain(name) {
        if c.is_ascii_alphanumeric() {
            slug.push(c);
        } else if !matches!(c, '\'' | '’' | '`' | '‘') && !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.truncate(slug.trim_end_matches('-').len());
    slug
}

/// Letters in small case and without accents; width and ligatures undone.
fn plain(name: &str) -> impl Iterator<Item = char> + '_ {
    name.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase)
}

/// How many letters must be changed, added, left out or swapped with their
/// neighbour to make `a` into `b`.
pub(crate) fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let changed = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = changed.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_key_for_all_ways_to_write_a_name() {
        for (a, b) in [
            ("Adian Koting", "Adiankoting"),
            ("S E R A S A N", "Serasan"),
            ("Siborong-borong", "SIBORONGBORONG"),
            ("Tanjung\u{a0}Balai", "Tanjungbalai"),
            ("Pémalang", "Pemalang"),
            ("Parsaoran J. Angkola", "PARSAORAN J ANGKOLA"),
            ("Ｃｉｌｅｄｕｇ", "Ciledug"),
        ] {
            assert_eq!(normalise(a), normalise(b));
        }
        assert_ne!(normalise("Kreo"), normalise("Kereo"));
        assert_eq!(normalise(" -. "), "");
    }

    #[test]
    fn slugs() {
        for (name, expected) in [
            ("Kota Tangerang", "kota-tangerang"),
            ("Kabupaten Tegal", "kabupaten-tegal"),
            ("Adian Koting", "adian-koting"),
            ("Cemaga Selatan (Setengar)", "cemaga-selatan-setengar"),
            ("Ma'rang", "marang"),
            ("  Sei  Tualang/Raso ", "sei-tualang-raso"),
            ("---", ""),
        ] {
            assert_eq!(slug(name), expected);
        }
    }

    #[test]
    fn distances() {
        for (a, b, expected) in [("", "", 0), ("kreo", "kereo", 1), ("ciledug", "cieldug", 1), ("abc", "", 3), ("slawi", "tarub", 5)] {
            assert_eq!(distance(a, b), expected, "{a} {b}");
            assert_eq!(distance(b, a), expected, "{b} {a}");
        }
    }
}
