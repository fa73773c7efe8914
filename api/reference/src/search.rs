//! Completing a name while it is typed: whole names first, then those that
//! start with the words, then those that hold them.

use domain::{AreaCode, Level};

use crate::area::{Area, Areas, below};
use crate::index::{INDEX, bare};
use crate::name::normalise;

/// Which areas a search looks at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only areas of this level.
    pub level: Option<Level>,
    /// Only areas inside this one: its children, or, with a level, all of that
    /// level at any depth.
    pub parent: Option<AreaCode>,
}

impl Areas {
    /// At most `limit` areas that `q` completes, not minding spaces, hyphens,
    /// case or accents; larger areas before smaller, then by code. Without
    /// letters `q` selects everything; digits select by code.
    #[must_use]
    pub fn search(&self, q: &str, filter: &Filter, limit: usize) -> Vec<&Area> {
        let places = match (filter.parent, filter.level.or_else(|| filter.parent.and_then(|parent| below(parent.level())))) {
            (Some(parent), Some(level)) if level > parent.level() => self.range(parent, level),
            // Nothing lies in a kelurahan, and nothing of its own level in any area.
            (Some(_), _) => 0..0,
            (None, Some(level)) => self.level_range(level),
            (None, None) => 0..self.all.len(),
        };
        let key = normalise(q);
        if key.is_empty() {
            return if q.trim().is_empty() { self.all[places].iter().take(limit).collect() } else { vec![] };
        }
        if key.bytes().all(|byte| byte.is_ascii_digit()) {
            let starts = |area: &&Area| area.code.undotted().starts_with(&key);
            return self.all[places].iter().filter(starts).take(limit).collect();
        }
        // One pass over the text of all keys in range; most places are never looked at.
        let mut by_rank: [Vec<&Area>; 3] = [vec![], vec![], vec![]];
        if places.is_empty() {
            return vec![];
        }
        let (first, last) = (places.start, places.end - 1);
        let (from, to) = (INDEX.start(first), INDEX.start(last) + INDEX.key(last).len());
        let mut next = first;
        for (at, _) in INDEX.text[from..to].match_indices(&key) {
            let place = INDEX.place(from + at);
            if place < next {
                continue;
            }
            next = place + 1;
            let (area, known) = (&self.all[place], INDEX.key(place));
            let short = bare(area.code.level(), known);
            let rank = if known == key || short == key {
                0
            } else if known.starts_with(&key) || short.starts_with(&key) {
                1
            } else {
                2
            };
            if by_rank[rank].len() < limit {
                by_rank[rank].push(area);
            }
        }
        by_rank.into_iter().flatten().take(limit).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::areas;

    fn code(text: &str) -> AreaCode {
        text.parse().unwrap()
    }

    fn names(q: &str, filter: Filter, limit: usize) -> Vec<&'static str> {
        areas().search(q, &filter, limit).iter().map(|area| area.name).collect()
    }

    #[test]
    fn completes_names() {
        let kecamatan = Filter { level: Some(Level::Kecamatan), parent: Some(code("12.02")) };
        assert_eq!(names("adian k", kecamatan, 10), ["Adiankoting"]);
        assert_eq!(names("SIBORONG-B", kecamatan, 10), ["Siborongborong"]);
        assert_eq!(names("xyz", kecamatan, 10), Vec::<&str>::new());
        // Prefix before substring, in spite of the codes.
        let found = names("pa", kecamatan, 20);
        let first_inside = found.iter().position(|name| !name.starts_with("Pa")).unwrap();
        assert!(found[first_inside..].iter().all(|name| !name.starts_with("Pa")), "{found:?}");
        assert!(found.contains(&"Sipahutar"));
    }

    #[test]
    fn whole_names_and_large_areas_come_first() {
        let found = names("tegal", Filter::default(), 3);
        assert_eq!(&found[..2], ["Kabupaten Tegal", "Kota Tegal"]);
        assert_eq!(areas().search("tegal", &Filter::default(), 5).len(), 5);
    }

    #[test]
    fn without_words_and_by_code() {
        let within = |parent: &str| Filter { level: None, parent: Some(code(parent)) };
        assert_eq!(areas().search("", &within("36.71"), 100).len(), 13);
        assert_eq!(areas().search("", &Filter { level: Some(Level::Kelurahan), parent: Some(code("36.71")) }, 1000).len(), 104);
        assert_eq!(areas().search("", &Filter { level: Some(Level::Provinsi), parent: Some(code("36.71")) }, 1000).len(), 0);
        assert_eq!(areas().search("36.71.0", &within("36.71"), 100).len(), 9);
        assert_eq!(areas().search("3671", &Filter::default(), 1)[0].code, code("36.71"));
        assert_eq!(areas().search("-", &Filter::default(), 10).len(), 0);
        assert_eq!(areas().search("a", &Filter::default(), 0).len(), 0);
    }

    #[test]
    fn every_name_with_the_letters_is_found() {
        let expected = areas().all.iter().filter(|area| normalise(area.name).contains("tangerang")).count();
        assert_eq!(areas().search("Tange-rang", &Filter::default(), usize::MAX).len(), expected);
    }
}
