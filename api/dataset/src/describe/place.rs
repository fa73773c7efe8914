//! Where a district lies: the corners of its boundary.

use domain::AreaCode;
use serde_json::Value;

/// West, south, east and north of an area in degrees (WGS 84); `None` where its
/// boundary is not known.
#[must_use]
pub fn bounds(area: AreaCode) -> Option<[f64; 4]> {
    let feature: Value = serde_json::from_str(reference::boundary(area)?).ok()?;
    let mut corners = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
    widen(&feature["geometry"]["coordinates"], &mut corners);
    corners.iter().all(|corner| corner.is_finite()).then_some(corners)
}

/// Coordinates are points in lists in lists: whatever the geometry, a list that
/// begins with a number is a point.
fn widen(coordinates: &Value, corners: &mut [f64; 4]) {
    let Some(parts) = coordinates.as_array() else { return };
    if let (Some(east), Some(north)) = (parts.first().and_then(Value::as_f64), parts.get(1).and_then(Value::as_f64)) {
        *corners = [corners[0].min(east), corners[1].min(north), corners[2].max(east), corners[3].max(north)];
        return;
    }
    for part in parts {
        widen(part, corners);
    }
}

/// The corners as a closed ring (GeoSPARQL's well-known text).
pub(super) fn ring([west, south, east, north]: [f64; 4]) -> String {
    format!("POLYGON(({west} {south}, {east} {south}, {east} {north}, {west} {north}, {west} {south}))")
}
