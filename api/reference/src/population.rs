//! How many people live in an area, and who says so. Three sources that must
//! not be mixed unseen: register counts, an estimate, and an old census.

use std::collections::HashMap;
use std::sync::LazyLock;

use domain::{AreaCode, Level};

use crate::area::areas;
use crate::embedded::{parsed, present, text};
use crate::program::Words;

/// A count of inhabitants with its source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Population {
    /// Inhabitants.
    pub people: u64,
    /// The year it speaks of.
    pub year: u16,
    /// Who counted or estimated, in both languages.
    pub source: &'static Words,
    /// A short name of the source, such as `dukcapil-2024`.
    pub key: &'static str,
    /// Whether it is an estimate; say so wherever it is shown.
    pub estimate: bool,
}

struct Source {
    key: &'static str,
    words: Words,
    estimate: bool,
}

static SOURCES: LazyLock<[Source; 3]> = LazyLock::new(|| {
    let source = |key, id: &str, en: &str, estimate| Source { key, words: Words { id: id.to_owned(), en: en.to_owned() }, estimate };
    [
        source(
            "dukcapil-2024",
            "Ditjen Dukcapil Kemendagri, jumlah penduduk Desember 2024",
            "Civil registry of the Ministry of Home Affairs (Dukcapil), December 2024",
            false,
        ),
        source(
            "estimate-2024",
            "Perkiraan 2024: jumlah Dukcapil kabupaten/kota dibagi menurut Sensus Penduduk 2010",
            "2024 estimate: the district's civil registry count, shared out as in the 2010 census",
            true,
        ),
        source(
            "census-2010",
            "BPS, Sensus Penduduk 2010 (bukan jumlah sekarang)",
            "BPS-Statistics Indonesia, 2010 population census (not today's number)",
            false,
        ),
    ]
});

const FILE: &str = "population.csv";

static POPULATION: LazyLock<HashMap<AreaCode, Population>> = LazyLock::new(|| {
    let line = |line: &'static str| {
        let mut fields = line.split(',');
        let mut field = || present(fields.next(), FILE);
        let (code, people, year, key) = (field(), field(), field(), field());
        let source = present(SOURCES.iter().find(|source| source.key == key), FILE);
        let population = Population {
            people: parsed(people.parse(), FILE),
            year: parsed(year.parse(), FILE),
            source: &source.words,
            key: source.key,
            estimate: source.estimate,
        };
        (parsed(code.parse(), FILE), population)
    };
    text(FILE).lines().skip(1).map(line).collect()
});

/// The best count known: of a provinsi, kabupaten or kota the civil registry's
/// (2024), of a kecamatan of the five districts an estimate (2024), of their
/// kelurahan and desa the census of 2010, where they can be matched to it.
#[must_use]
pub fn population(code: AreaCode) -> Option<Population> {
    POPULATION.get(&code).copied()
}

/// A number of inhabitants for reckoning how many people a published label may
/// stand for (design: PRIVACY R3). A kelurahan without a count of its own has
/// its kecamatan's share, and a kecamatan its district's. Never 0; not for display.
#[must_use]
pub fn inhabitants(code: AreaCode) -> u64 {
    if let Some(known) = population(code) {
        return known.people.max(1);
    }
    match code.parent() {
        Some(parent) if code.level() > Level::Kabupaten => (inhabitants(parent) / areas().children(parent).len().max(1) as u64).max(1),
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DISTRICTS;

    #[test]
    fn districts_kecamatan_and_kelurahan_have_their_sources() {
        let mut counted = 0;
        for district in DISTRICTS.iter() {
            let of_district = population(*district).unwrap();
            assert_eq!((of_district.year, of_district.estimate), (2024, false));
            let mut sum = 0;
            for kecamatan in areas().children(*district) {
                let estimate = population(*kecamatan).unwrap();
                assert_eq!((estimate.year, estimate.estimate), (2024, true));
                assert!(estimate.source.id.contains("Perkiraan") && estimate.source.en.contains("estimate"));
                sum += estimate.people;
                for kelurahan in areas().children(*kecamatan) {
                    assert!(inhabitants(*kelurahan) > 0, "{kelurahan}");
                    if let Some(census) = population(*kelurahan) {
                        assert_eq!((census.year, census.estimate), (2010, false));
                        assert!(census.source.id.contains("2010") && census.source.en.contains("2010"));
                        counted += 1;
                    }
                }
            }
            // Estimates are shares of the district's count, but for rounding and split kecamatan.
            assert!(sum.abs_diff(of_district.people) < of_district.people / 20, "{district} {sum}");
        }
        assert_eq!(counted, 725);
    }

    #[test]
    fn known_figures() {
        let people = |code: &str| population(code.parse().unwrap()).map(|p| p.people);
        assert_eq!(people("36.71"), Some(1_957_349));
        assert_eq!(people("36.71.06"), Some(160_000));
        assert_eq!(people("12.02.11.2002"), Some(1_494));
        assert_eq!(people("12.02.02.2005"), None);
        // Its kecamatan's estimate over its number of desa.
        let kecamatan: AreaCode = "12.02.02".parse().unwrap();
        assert_eq!(inhabitants("12.02.02.2005".parse().unwrap()), 15_506 / areas().children(kecamatan).len() as u64);
    }

    #[test]
    fn every_area_of_the_country_has_somebody() {
        for area in &areas().all {
            assert!(inhabitants(area.code) > 0, "{}", area.code);
        }
    }
}
