//! Boundaries of the five districts, their kecamatan and kelurahan.

use std::collections::HashMap;
use std::sync::LazyLock;

use domain::AreaCode;

use crate::embedded::{parsed, present, text};

const FILE: &str = "boundaries.tsv.zst";

static BOUNDARIES: LazyLock<HashMap<AreaCode, &'static str>> = LazyLock::new(|| {
    text(FILE)
        .lines()
        .map(|line| {
            let (code, feature) = present(line.split_once('\t'), FILE);
            (parsed(code.parse(), FILE), feature)
        })
        .collect()
});

/// The area's boundary as the text of a GeoJSON Feature with `id` and the
/// properties `code` and `name`; only the five districts have one.
#[must_use]
pub fn boundary(code: AreaCode) -> Option<&'static str> {
    BOUNDARIES.get(&code).copied()
}

#[cfg(test)]
mod tests {
    use domain::Level;

    use super::*;
    use crate::{DISTRICTS, areas};

    #[test]
    fn every_area_of_the_districts_has_a_valid_feature() {
        let mut count = 0;
        for district in DISTRICTS.iter() {
            for level in [Level::Kabupaten, Level::Kecamatan, Level::Kelurahan] {
                for area in areas().inside(*district, level) {
                    let feature: serde_json::Value = serde_json::from_str(boundary(area.code).unwrap()).unwrap();
                    assert_eq!(feature["type"], "Feature");
                    assert_eq!(feature["id"], area.code.to_string());
                    assert_eq!(feature["properties"]["name"], area.name);
                    let kind = feature["geometry"]["type"].as_str().unwrap();
                    let polygons = match kind {
                        "Polygon" => vec![feature["geometry"]["coordinates"].clone()],
                        "MultiPolygon" => feature["geometry"]["coordinates"].as_array().unwrap().clone(),
                        other => panic!("{other}"),
                    };
                    for ring in polygons.iter().flat_map(|polygon| polygon.as_array().unwrap()) {
                        let ring = ring.as_array().unwrap();
                        assert!(ring.len() >= 4 && ring.first() == ring.last(), "{}", area.code);
                        for point in ring {
                            let (east, north) = (point[0].as_f64().unwrap(), point[1].as_f64().unwrap());
                            assert!((95.0..=142.0).contains(&east) && (-11.5..=7.0).contains(&north), "{}", area.code);
                        }
                    }
                    count += 1;
                }
            }
        }
        assert_eq!(count, 5 + 69 + 751);
        assert_eq!(BOUNDARIES.len(), count);
        assert_eq!(boundary("31.71".parse().unwrap()), None);
    }
}
