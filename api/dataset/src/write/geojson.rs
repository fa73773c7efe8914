//! GeoJSON (RFC 7946): a feature per row with its fields as properties and the
//! boundary of its area, as the reference data has it.
//!
//! Outer rings run against the clock and holes with it, coordinates have at
//! most six decimals (a decimetre), and every feature and the whole have a
//! bounding box.

use std::io::Write;

use serde_json::{Value as Json, json};

use super::check;
use crate::{Error, Field, Part, Result, Rows};

type Point = [f64; 2];

pub(super) fn write(fields: &[Field], rows: &dyn Rows, out: &mut impl Write) -> Result<u64> {
    let mut features = Vec::new();
    let mut whole = Bounds::default();
    rows.visit(&mut |row| {
        check(fields, row)?;
        features.push(feature(fields, row, &mut whole)?);
        Ok(())
    })?;
    // A feature a line, so that people can read it and tools can compare it.
    out.write_all(b"{\"type\":\"FeatureCollection\"")?;
    if whole.0.is_some() {
        write!(out, ",\"bbox\":{}", whole.json())?;
    }
    out.write_all(b",\"features\":[")?;
    for (at, feature) in features.iter().enumerate() {
        write!(out, "{}\n{feature}", if at == 0 { "" } else { "," })?;
    }
    out.write_all(b"\n]}\n")?;
    Ok(features.len() as u64)
}

/// West, south, east, north of what was put in.
#[derive(Default)]
struct Bounds(Option<[f64; 4]>);

impl Bounds {
    fn put(&mut self, [east, north]: Point) {
        let [w, s, e, n] = self.0.unwrap_or([east, north, east, north]);
        self.0 = Some([w.min(east), s.min(north), e.max(east), n.max(north)]);
    }

    fn json(&self) -> Json {
        json!(self.0.unwrap_or_default())
    }
}

fn feature(fields: &[Field], row: &[Part<'_>], whole: &mut Bounds) -> Result<String> {
    let Some(Part::Text(code)) = row.first().copied() else { return Err(Error::form("a feature begins with its code")) };
    let no_boundary = || Error::form(format!("{code} has no boundary in the reference data"));
    let area = code.parse().map_err(|_| no_boundary())?;
    let known: Json = serde_json::from_str(reference::boundary(area).ok_or_else(no_boundary)?).map_err(|_| no_boundary())?;
    let geometry = known.get("geometry").ok_or_else(no_boundary)?;
    let mut own = Bounds::default();
    let kind = geometry.get("type").and_then(Json::as_str).unwrap_or_default();
    let coordinates = geometry.get("coordinates").ok_or_else(no_boundary)?;
    let coordinates = match kind {
        "Polygon" => polygon(coordinates, &mut own).ok_or_else(no_boundary)?,
        "MultiPolygon" => {
            let polygons = coordinates.as_array().ok_or_else(no_boundary)?;
            Json::Array(polygons.iter().map(|one| polygon(one, &mut own)).collect::<Option<Vec<_>>>().ok_or_else(no_boundary)?)
        }
        _ => return Err(no_boundary()),
    };
    if let Some([w, s, e, n]) = own.0 {
        whole.put([w, s]);
        whole.put([e, n]);
    }
    // Spelled out here, since a map of JSON has an order of its own.
    let properties: Vec<String> = fields
        .iter()
        .zip(row)
        .map(|(field, part)| {
            let value = match part {
                Part::Text(text) => Json::from(*text),
                Part::Count(count) => Json::from(*count),
                Part::Empty => Json::Null,
            };
            format!("\"{}\":{value}", field.name)
        })
        .collect();
    Ok(format!(
        "{{\"type\":\"Feature\",\"id\":{},\"bbox\":{},\"properties\":{{{}}},\"geometry\":{{\"type\":\"{kind}\",\"coordinates\":{coordinates}}}}}",
        Json::from(code),
        own.json(),
        properties.join(","),
    ))
}

/// A polygon with its rings the right way round.
fn polygon(rings: &Json, into: &mut Bounds) -> Option<Json> {
    let rings = rings.as_array()?.iter().enumerate().map(|(at, ring)| {
        let mut points: Vec<Point> = ring.as_array()?.iter().map(point).collect::<Option<_>>()?;
        points.iter().for_each(|point| into.put(*point));
        let outer = at == 0;
        if (area(&points) > 0.0) != outer {
            points.reverse();
        }
        Some(json!(points))
    });
    rings.collect::<Option<Vec<_>>>().map(Json::Array)
}

fn point(point: &Json) -> Option<Point> {
    let round = |at: usize| Some((point.get(at)?.as_f64()? * 1e6).round() / 1e6);
    Some([round(0)?, round(1)?])
}

/// Twice the area of a ring, above 0 where it runs against the clock.
pub(crate) fn area(ring: &[Point]) -> f64 {
    ring.windows(2).map(|pair| pair[0][0] * pair[1][1] - pair[1][0] * pair[0][1]).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dictionary::BOUNDARIES;
    use crate::write::{Notes, form};
    use crate::{Form, Value};

    #[test]
    fn boundaries_follow_the_rules_of_geojson() {
        let row = |code: &str| vec![Value::Text(code.into()), Value::Text("kota".into()), Value::Text("Nama \"itu\"".into())];
        let rows = vec![row("36.71"), row("36.71.06"), row("12.02")];
        let notes = Notes { about: Vec::new(), date: (2025, 1, 1), simulated: false };
        let mut bytes = Vec::new();
        assert_eq!(form(&BOUNDARIES, Form::Geojson, &rows, &notes, &mut bytes).unwrap(), 3);
        let whole: Json = serde_json::from_slice(&bytes).unwrap();
        assert!(whole.get("crs").is_none());
        for feature in whole["features"].as_array().unwrap() {
            assert_eq!((&feature["id"], &feature["properties"]["name"]), (&feature["properties"]["code"], &json!("Nama \"itu\"")));
            let bbox: Vec<f64> = feature["bbox"].as_array().unwrap().iter().map(|n| n.as_f64().unwrap()).collect();
            assert!(bbox[0] < bbox[2] && bbox[1] < bbox[3]);
            let geometry = &feature["geometry"];
            let polygons = if geometry["type"] == "Polygon" {
                vec![&geometry["coordinates"]]
            } else {
                geometry["coordinates"].as_array().unwrap().iter().collect()
            };
            for polygon in polygons {
                for (at, ring) in polygon.as_array().unwrap().iter().enumerate() {
                    let points: Vec<Point> = ring.as_array().unwrap().iter().map(|p| point(p).unwrap()).collect();
                    assert!(points.len() >= 4 && points.first() == points.last());
                    assert_eq!(area(&points) > 0.0, at == 0, "{}", feature["id"]);
                    assert!(points.iter().all(|[e, n]| bbox[0] <= *e && *e <= bbox[2] && bbox[1] <= *n && *n <= bbox[3]));
                }
            }
        }
        // No more than six decimals.
        let text = String::from_utf8(bytes).unwrap();
        let digits =
            |number: &str| number.split_once('.').map_or(0, |(_, decimals)| decimals.bytes().take_while(u8::is_ascii_digit).count());
        assert!(
            text.split([',', '[', ']']).filter(|part| part.starts_with(|c: char| c.is_ascii_digit())).all(|number| digits(number) <= 6)
        );
        let nobody = vec![row("31.71")];
        assert!(form(&BOUNDARIES, Form::Geojson, &nobody, &notes, Vec::new()).is_err());
    }
}
