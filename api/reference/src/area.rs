//! All areas of Indonesia, by level and then by code: areas with the same
//! parent stand next to each other, so every question is a binary search and
//! every list of children is a slice.

use std::fmt;
use std::sync::LazyLock;

use domain::{AreaCode, Level};

use crate::embedded::{parsed, present, text};

/// What an area is called in administration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Provinsi.
    Provinsi,
    /// Kabupaten.
    Kabupaten,
    /// Kota, of the level of a kabupaten.
    Kota,
    /// Kecamatan (distrik in Papua).
    Kecamatan,
    /// Desa: governs itself and has a Village Fund.
    Desa,
    /// Kelurahan: part of the district's administration.
    Kelurahan,
    /// Desa adat.
    DesaAdat,
}

impl Kind {
    /// All kinds, from the largest areas to the smallest.
    pub const ALL: [Kind; 7] = [Kind::Provinsi, Kind::Kabupaten, Kind::Kota, Kind::Kecamatan, Kind::Desa, Kind::Kelurahan, Kind::DesaAdat];

    /// The word, in small letters: `kota`, `desa adat`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Kind::Provinsi => "provinsi",
            Kind::Kabupaten => "kabupaten",
            Kind::Kota => "kota",
            Kind::Kecamatan => "kecamatan",
            Kind::Desa => "desa",
            Kind::Kelurahan => "kelurahan",
            Kind::DesaAdat => "desa adat",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl serde::Serialize for Kind {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// One area. Its parent is `code.parent()`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Area {
    /// Kemendagri code.
    pub code: AreaCode,
    /// Name as in the Kemendagri list, with `Kabupaten` or `Kota` before it at that level.
    pub name: &'static str,
    /// What the area is called in administration.
    pub kind: Kind,
}

/// Every area of the snapshot.
#[derive(Debug)]
pub struct Areas {
    /// By level, then code.
    pub(crate) all: Vec<Area>,
    /// The codes of `all`, for lists of children.
    codes: Vec<AreaCode>,
    /// Where each level starts in `all`, and the end.
    starts: [usize; 5],
}

static AREAS: LazyLock<Areas> = LazyLock::new(|| Areas::read(text(FILE)));
const FILE: &str = "areas.tsv.zst";

/// The areas of Indonesia, unpacked on first use.
#[must_use]
pub fn areas() -> &'static Areas {
    &AREAS
}

impl Areas {
    fn read(text: &'static str) -> Areas {
        let mut all = Vec::with_capacity(text.len() / 28);
        for line in text.lines() {
            let (code, rest) = present(line.split_once('\t'), FILE);
            let (kind, name) = present(rest.split_once('\t'), FILE);
            let kind = present(Kind::ALL.into_iter().find(|known| known.as_str() == kind), FILE);
            all.push(Area { code: parsed(code.parse(), FILE), name, kind });
        }
        let codes: Vec<AreaCode> = all.iter().map(|area| area.code).collect();
        let start = |level: Level| codes.partition_point(|code| code.level() < level);
        let starts = [0, start(Level::Kabupaten), start(Level::Kecamatan), start(Level::Kelurahan), codes.len()];
        Areas { starts, all, codes }
    }

    /// How many areas there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The area with this code.
    #[must_use]
    pub fn get(&self, code: AreaCode) -> Option<&Area> {
        let from = self.starts[code.level() as usize];
        let level = &self.codes[from..self.starts[code.level() as usize + 1]];
        level.binary_search(&code).ok().map(|at| &self.all[from + at])
    }

    /// The codes of the areas one level below `code`, ascending; empty for a
    /// kelurahan and for a code that is no area.
    #[must_use]
    pub fn children(&self, code: AreaCode) -> &[AreaCode] {
        match below(code.level()) {
            Some(level) => &self.codes[self.range(code, level)],
            None => &[],
        }
    }

    /// The areas of `level` that lie in `code`, ascending by code; the area
    /// itself at its own level.
    #[must_use]
    pub fn inside(&self, code: AreaCode, level: Level) -> &[Area] {
        &self.all[self.range(code, level)]
    }

    /// Every area of `level`, ascending by code.
    #[must_use]
    pub fn level(&self, level: Level) -> &[Area] {
        &self.all[self.level_range(level)]
    }

    /// Where the areas of `level` stand in `all`.
    pub(crate) fn level_range(&self, level: Level) -> std::ops::Range<usize> {
        self.starts[level as usize]..self.starts[level as usize + 1]
    }

    /// The provinces, ascending by code.
    #[must_use]
    pub fn provinces(&self) -> &[Area] {
        self.level(Level::Provinsi)
    }

    /// Where the areas of `level` inside `code` stand in `all`.
    pub(crate) fn range(&self, code: AreaCode, level: Level) -> std::ops::Range<usize> {
        let start = self.starts[level as usize];
        if level < code.level() {
            return start..start;
        }
        let codes = &self.codes[start..self.starts[level as usize + 1]];
        let holder = |other: &AreaCode| other.at(code.level());
        let from = codes.partition_point(|other| holder(other) < Some(code));
        let to = codes.partition_point(|other| holder(other) <= Some(code));
        start + from..start + to
    }
}

/// The level below, of which the children of an area are.
pub(crate) fn below(level: Level) -> Option<Level> {
    Level::ALL.into_iter().find(|finer| *finer > level)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;
    use crate::DISTRICTS;

    fn code(text: &str) -> AreaCode {
        text.parse().unwrap()
    }

    #[test]
    fn every_area_is_there() {
        let areas = areas();
        assert_eq!(areas.len(), 91_599);
        for (level, count) in [(Level::Provinsi, 38), (Level::Kabupaten, 514), (Level::Kecamatan, 7_285), (Level::Kelurahan, 83_762)] {
            assert_eq!(areas.level(level).len(), count, "{level}");
            assert!(areas.level(level).iter().all(|area| area.code.level() == level));
        }
        assert!(areas.all.windows(2).all(|pair| (pair[0].code.level(), pair[0].code) < (pair[1].code.level(), pair[1].code)));
        for area in &areas.all {
            assert!(!area.name.is_empty() && area.name.trim() == area.name, "{}", area.code);
            if let Some(parent) = area.code.parent() {
                assert!(areas.get(parent).is_some(), "{}", area.code);
            }
        }
    }

    #[test]
    fn every_area_is_a_child_once() {
        let areas = areas();
        let children: usize = areas.all.iter().map(|area| areas.children(area.code).len()).sum();
        assert_eq!(children + areas.provinces().len(), areas.len());
        assert!(areas.children(code("36.71")).iter().all(|child| child.parent() == Some(code("36.71"))));
        assert!(areas.children(code("36.71.01.1001")).is_empty());
        assert!(areas.children(code("36.99")).is_empty());
    }

    #[test]
    fn the_five_districts_are_whole() {
        let areas = areas();
        let count = |level| DISTRICTS.iter().map(|district| areas.inside(*district, level).len()).sum::<usize>();
        assert_eq!(count(Level::Kecamatan), 69);
        assert_eq!(count(Level::Kelurahan), 751);
        assert_eq!(areas.get(code("36.71.06")).map(|area| (area.name, area.kind)), Some(("Ciledug", Kind::Kecamatan)));
        assert_eq!(areas.get(code("33.28")).map(|area| area.name), Some("Kabupaten Tegal"));
        assert_eq!(areas.get(code("36.71.99")), None);
        assert_eq!(areas.inside(code("36.71.06"), Level::Kabupaten), &[]);
        assert_eq!(areas.inside(code("36.71.06"), Level::Kecamatan).len(), 1);
    }

    #[test]
    fn unpacking_is_fast() {
        let started = Instant::now();
        let read = Areas::read(text(FILE));
        let took = started.elapsed();
        assert_eq!(read.len(), 91_599);
        println!("areas unpacked in {took:?}");
        // Far above the 60 ms aimed at, since tests share the processors.
        assert!(took < Duration::from_millis(600), "{took:?}");
    }
}
