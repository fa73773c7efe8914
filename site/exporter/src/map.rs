//! The choropleth of a district: its kecamatan in classes of a rate.
//!
//! The classes are quantiles: each holds about as many areas as the others.
//! Colour is never alone: each area carries its rank in the table beside the
//! map, and an area too small to see (an island) gets a marker of its class.

use std::fmt::Write;

use crate::model::Geometry;

/// Width of the drawing in its own units; heights follow the land.
const WIDTH: f64 = 480.0;
/// A tall district (Natuna) is drawn narrower, so that it fits a screen.
const TALLEST: f64 = 520.0;
const MARGIN: f64 = 12.0;
/// The width in pixels at which a phone of 360 pixels shows a map.
const PHONE: f64 = 328.0;
/// Pixels there: the height of a number, and across the least that a finger meets.
const NUMBER: f64 = 12.5;
const FINGER: f64 = 44.0;
/// Steps each way in the search for the widest place of an area.
const GRID: usize = 24;

/// The sizes of marks in units of a drawing, such that they can be read and
/// met with a finger at the width of a phone, however wide the drawing.
#[derive(Debug, Clone, Copy)]
struct Sizes {
    /// Height of a number.
    text: f64,
    /// Half the width of a marker.
    marker: f64,
    /// Below this distance from a place inside to the border a number has no room.
    room: f64,
    /// Half the width of what a finger meets.
    finger: f64,
}

impl Sizes {
    fn of(width: f64) -> Sizes {
        let pixel = width / PHONE;
        let text = (NUMBER * pixel).ceil();
        Sizes { text, marker: (text * 0.8).round(), room: text * 0.7, finger: (FINGER / 2.0 * pixel).ceil() }
    }
}

/// Bounds of classes by quantiles, and the class of each value.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Classes {
    /// The smallest and largest value found in each class, ascending.
    pub(crate) ranges: Vec<(u64, u64)>,
}

impl Classes {
    /// At most `count` classes over the values; equal values share a class.
    pub(crate) fn quantiles(values: &[u64], count: usize) -> Classes {
        let mut sorted = values.to_vec();
        sorted.sort_unstable();
        let mut ranges: Vec<(u64, u64)> = Vec::new();
        let mut class = 0;
        for (at, value) in sorted.iter().enumerate() {
            // A value belongs where the first of its equals does.
            let own = if at > 0 && sorted[at - 1] == *value { class } else { at * count / sorted.len() };
            match ranges.last_mut() {
                Some(last) if own == class => last.1 = *value,
                _ => ranges.push((*value, *value)),
            }
            class = own;
        }
        Classes { ranges }
    }

    /// The class of a value, from 0.
    pub(crate) fn of(&self, value: u64) -> usize {
        self.ranges.iter().position(|(_, top)| value <= *top).unwrap_or(self.ranges.len().saturating_sub(1))
    }
}

/// An area to draw.
pub(crate) struct Shape<'a> {
    pub(crate) boundary: &'a Geometry,
    /// Its class; `None` where there is no figure.
    pub(crate) class: Option<usize>,
    /// The mark that names it in the table: its rank.
    pub(crate) label: String,
    /// What a pointer over it shows.
    pub(crate) title: String,
    /// The page of the area.
    pub(crate) href: String,
}

type Point = (f64, f64);

/// The rings of all parts of an area.
pub(crate) fn rings(geometry: &Geometry) -> impl Iterator<Item = &Vec<Vec<f64>>> {
    match geometry {
        Geometry::Polygon(rings) => std::slice::from_ref(rings).iter(),
        Geometry::MultiPolygon(polygons) => polygons.iter(),
    }
    .flatten()
}

/// Degrees to units of the drawing: an equirectangular projection that is true
/// in the middle of the district, which is enough at this size.
struct Projection {
    west: f64,
    north: f64,
    scale: f64,
    squeeze: f64,
    width: f64,
    height: f64,
}

impl Projection {
    fn over<'a>(boundaries: impl Iterator<Item = &'a Geometry>) -> Option<Projection> {
        let (mut west, mut east, mut south, mut north) = (f64::MAX, f64::MIN, f64::MAX, f64::MIN);
        for point in boundaries.flat_map(rings).flatten() {
            let &[x, y, ..] = point.as_slice() else { continue };
            (west, east, south, north) = (west.min(x), east.max(x), south.min(y), north.max(y));
        }
        if west >= east || south >= north {
            return None;
        }
        let squeeze = f64::midpoint(south, north).to_radians().cos();
        let (wide, high) = ((east - west) * squeeze, north - south);
        let scale = ((WIDTH - 2.0 * MARGIN) / wide).min((TALLEST - 2.0 * MARGIN) / high);
        Some(Projection { west, north, scale, squeeze, width: wide * scale + 2.0 * MARGIN, height: high * scale + 2.0 * MARGIN })
    }

    /// Whole units: neighbours round alike, so no gap opens between them.
    fn ring(&self, ring: &[Vec<f64>]) -> Vec<Point> {
        let mut points: Vec<Point> = Vec::with_capacity(ring.len());
        for position in ring {
            let &[x, y, ..] = position.as_slice() else { continue };
            let point = (((x - self.west) * self.squeeze * self.scale + MARGIN).round(), ((self.north - y) * self.scale + MARGIN).round());
            if points.last() != Some(&point) {
                points.push(point);
            }
        }
        if points.len() > 1 && points.first() == points.last() {
            points.pop();
        }
        points
    }
}

/// The rings as an SVG path of relative steps; points in a line are passed over,
/// and the letter of a step stands once for all that follow: a page has little room.
fn path(rings: &[Vec<Point>]) -> String {
    let mut text = String::new();
    for ring in rings {
        let corners = corners(ring);
        if corners.len() < 3 {
            continue;
        }
        let mut at = (0.0, 0.0);
        for (i, &(x, y)) in corners.iter().enumerate() {
            let (dx, dy) = (x - at.0, y - at.1);
            let before = match i {
                0 => "M",
                1 => "l",
                _ if dx < 0.0 => "",
                _ => " ",
            };
            let gap = if dy < 0.0 { "" } else { " " };
            let _ = write!(text, "{before}{dx}{gap}{dy}");
            at = (x, y);
        }
        text.push('z');
    }
    text
}

/// The points of a ring at which it turns.
fn corners(ring: &[Point]) -> Vec<Point> {
    let mut corners: Vec<Point> = Vec::with_capacity(ring.len());
    for (i, &(x, y)) in ring.iter().enumerate() {
        let Some(&(px, py)) = corners.last().or(ring.last()) else { break };
        let (nx, ny) = ring[(i + 1) % ring.len()];
        let turns = (x - px) * (ny - y) - (y - py) * (nx - x) != 0.0;
        let returns = (x - px) * (nx - x) + (y - py) * (ny - y) < 0.0;
        if turns || returns {
            corners.push((x, y));
        }
    }
    corners
}

fn contains(rings: &[Vec<Point>], (x, y): Point) -> bool {
    let mut inside = false;
    for ring in rings {
        for (i, &(x1, y1)) in ring.iter().enumerate() {
            let (x2, y2) = ring[(i + 1) % ring.len()];
            if (y1 > y) != (y2 > y) && x < (x2 - x1) * (y - y1) / (y2 - y1) + x1 {
                inside = !inside;
            }
        }
    }
    inside
}

fn distance(rings: &[Vec<Point>], (x, y): Point) -> f64 {
    let mut nearest = f64::MAX;
    for ring in rings {
        for (i, &(x1, y1)) in ring.iter().enumerate() {
            let (x2, y2) = ring[(i + 1) % ring.len()];
            let (dx, dy) = (x2 - x1, y2 - y1);
            let length = dx * dx + dy * dy;
            let along = if length == 0.0 { 0.0 } else { (((x - x1) * dx + (y - y1) * dy) / length).clamp(0.0, 1.0) };
            nearest = nearest.min((x - x1 - along * dx).hypot(y - y1 - along * dy));
        }
    }
    nearest
}

/// The place farthest from the border, and how far it is.
#[expect(clippy::cast_precision_loss, reason = "steps of a small grid")]
fn widest_place(rings: &[Vec<Point>]) -> (Point, f64) {
    let points = || rings.iter().flatten();
    let (left, right) = (points().map(|p| p.0).fold(f64::MAX, f64::min), points().map(|p| p.0).fold(f64::MIN, f64::max));
    let (top, bottom) = (points().map(|p| p.1).fold(f64::MAX, f64::min), points().map(|p| p.1).fold(f64::MIN, f64::max));
    let middle = (f64::midpoint(left, right), f64::midpoint(top, bottom));
    let mut best = (middle, 0.0);
    for i in 1..GRID {
        for j in 1..GRID {
            let place = (left + (right - left) * i as f64 / GRID as f64, top + (bottom - top) * j as f64 / GRID as f64);
            if contains(rings, place) {
                let room = distance(rings, place);
                if room > best.1 {
                    best = (place, room);
                }
            }
        }
    }
    // A group of specks has no inside at this size: the largest speck stands for it.
    if best.1 == 0.0
        && let Some(largest) = rings.iter().max_by_key(|ring| ring.len())
        && let Some(first) = largest.first()
    {
        best.0 = *first;
    }
    best
}

/// The number of an area, in its land or in a marker of its own.
struct Mark {
    home: Point,
    at: Point,
    marker: bool,
    class: String,
    label: String,
    href: String,
    /// Half the width of what a finger meets.
    finger: f64,
}

impl Mark {
    /// A marker leads where its land leads; whoever uses keys or hears the page
    /// meets the land alone.
    fn draw(&self, sizes: Sizes) -> String {
        let Mark { home, at: (x, y), class, label, href, finger, .. } = self;
        let marker = sizes.marker;
        let number = format!(r#"<text class="{class}" x="{x:.0}" y="{:.0}">{label}</text>"#, y + sizes.text * 0.36);
        if !self.marker {
            return number;
        }
        let mut text = String::new();
        if (x - home.0).hypot(y - home.1) > marker {
            let _ = write!(text, r#"<path class="joint" d="M{:.0} {:.0}L{x:.0} {y:.0}"/>"#, home.0, home.1);
        }
        let _ = write!(
            text,
            r#"<a href="{href}" tabindex="-1"><circle class="t" cx="{x:.0}" cy="{y:.0}" r="{finger:.0}"/><circle class="{class} islet" cx="{x:.0}" cy="{y:.0}" r="{marker}"/>{number}</a>"#
        );
        text
    }
}

/// Moves markers that lie on each other, or on a number, apart. Numbers in
/// their land stay; a marker that moved far is joined to its place by a line.
fn part(marks: &mut [Mark], sizes: Sizes, width: f64, height: f64) {
    let apart = 2.0 * sizes.marker + 2.0;
    let margin = sizes.marker + 1.0;
    for _ in 0..200 {
        let mut moved = false;
        for i in 0..marks.len() {
            for j in 0..i {
                let (a, b) = (&marks[i], &marks[j]);
                let (mut dx, mut dy) = (a.at.0 - b.at.0, a.at.1 - b.at.1);
                let mut gap = dx.hypot(dy);
                if gap >= apart || !(a.marker || b.marker) {
                    continue;
                }
                if gap < 0.1 {
                    // On one spot no direction is better than another.
                    (dx, dy, gap) = (1.0, 0.0, 1.0);
                }
                let step = (apart - gap.min(apart)).max(0.5) / if a.marker && b.marker { 2.0 } else { 1.0 };
                let (dx, dy) = (dx / gap * step, dy / gap * step);
                for (mark, way) in [(i, 1.0), (j, -1.0)] {
                    let mark = &mut marks[mark];
                    if mark.marker {
                        let wanted = (mark.at.0 + way * dx, mark.at.1 + way * dy);
                        let (x, y) = (wanted.0.clamp(margin, width - margin), wanted.1.clamp(margin, height - margin));
                        // What the edge of the map keeps back goes along the edge, to where
                        // there is more room: else marks in a row would stay in each other's way.
                        let aside = |lost: f64, at: f64, whole: f64| if at > whole / 2.0 { -lost.abs() } else { lost.abs() };
                        mark.at = (
                            (x + aside(wanted.1 - y, x, width)).clamp(margin, width - margin),
                            (y + aside(wanted.0 - x, y, height)).clamp(margin, height - margin),
                        );
                        moved = true;
                    }
                }
            }
        }
        if !moved {
            return;
        }
    }
}

/// Where marks stand close, each is met over half the way to its neighbour: the
/// table below leads to the same pages.
fn share_room(marks: &mut [Mark], sizes: Sizes) {
    let places: Vec<Point> = marks.iter().map(|mark| mark.at).collect();
    for (i, mark) in marks.iter_mut().enumerate() {
        let others = places.iter().enumerate().filter(|(j, _)| *j != i);
        let nearest = others.map(|(_, (x, y))| (mark.at.0 - x).hypot(mark.at.1 - y)).fold(f64::MAX, f64::min);
        mark.finger = (nearest / 2.0).clamp(sizes.marker, sizes.finger);
    }
}

pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// The drawing. `id` makes the ids in it its own; `title` and `description`
/// say it in words.
pub(crate) fn choropleth(id: &str, title: &str, description: &str, shapes: &[Shape<'_>]) -> Option<String> {
    let projection = Projection::over(shapes.iter().map(|shape| shape.boundary))?;
    let (width, height) = (projection.width.round(), projection.height.round());
    let sizes = Sizes::of(width);
    let mut land = String::new();
    let mut marks = Vec::with_capacity(shapes.len());
    for shape in shapes {
        let drawn: Vec<Vec<Point>> = rings(shape.boundary).map(|ring| projection.ring(ring)).filter(|ring| !ring.is_empty()).collect();
        let ((x, y), room) = widest_place(&drawn);
        let class = shape.class.map_or_else(|| "cx".to_owned(), |class| format!("c{class}"));
        let (title, href) = (escape(&shape.title), escape(&shape.href));
        let _ = write!(
            land,
            r#"<a href="{href}" aria-label="{title}"><path class="{class}" d="{}"><title>{title}</title></path></a>"#,
            path(&drawn)
        );
        marks.push(Mark {
            home: (x, y),
            at: (x, y),
            marker: room < sizes.room,
            class,
            label: escape(&shape.label),
            href,
            finger: sizes.finger,
        });
    }
    part(&mut marks, sizes, width, height);
    share_room(&mut marks, sizes);
    let marks: String = marks.iter().map(|mark| mark.draw(sizes)).collect();
    let text = sizes.text;
    let (title, description) = (escape(title), escape(description));
    Some(format!(
        r#"<svg class="map" viewBox="0 0 {width} {height}" role="group" aria-labelledby="{id}-t" aria-describedby="{id}-d"><title id="{id}-t">{title}</title><desc id="{id}-d">{description}</desc>{land}<g aria-hidden="true" font-size="{text}">{marks}</g></svg>"#
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(x: f64, y: f64, size: f64) -> Geometry {
        Geometry::Polygon(vec![vec![vec![x, y], vec![x + size, y], vec![x + size, y + size], vec![x, y + size], vec![x, y]]])
    }

    #[test]
    fn quantiles_hold_equal_shares_and_equal_values_stay_together() {
        let classes = Classes::quantiles(&[1, 2, 3, 4, 5, 6, 7, 8], 4);
        assert_eq!(classes.ranges, [(1, 2), (3, 4), (5, 6), (7, 8)]);
        assert_eq!((classes.of(1), classes.of(4), classes.of(8)), (0, 1, 3));
        assert_eq!(Classes::quantiles(&[5, 5, 5, 5], 4).ranges, [(5, 5)]);
        assert_eq!(Classes::quantiles(&[1, 1, 1, 9], 2).ranges, [(1, 1), (9, 9)]);
        assert!(Classes::quantiles(&[], 4).ranges.is_empty());
    }

    #[test]
    fn a_speck_gets_a_marker_and_land_does_not() {
        let (land, speck) = (square(106.0, -6.0, 1.0), square(107.5, -6.0, 0.001));
        let shape = |boundary, label: &str| Shape {
            boundary,
            class: Some(1),
            label: label.into(),
            title: "A & B".into(),
            href: "/wilayah/a/".into(),
        };
        let svg = choropleth("m", "T", "D", &[shape(&land, "1"), shape(&speck, "2")]).unwrap();
        assert_eq!(svg.matches("islet").count(), 1);
        // It leads where the speck leads, and is no second stop for keys.
        assert_eq!((svg.matches("<a href").count(), svg.matches("tabindex=\"-1\"").count()), (3, 1));
        assert!(svg.contains("A &amp; B") && svg.contains(">2</text>"));
    }

    #[test]
    fn markers_part_and_numbers_in_land_stay() {
        let mark = |x: f64, marker| Mark {
            home: (x, 50.0),
            at: (x, 50.0),
            marker,
            class: "c0".into(),
            label: "1".into(),
            href: "/".into(),
            finger: 30.0,
        };
        let mut marks = vec![mark(50.0, true), mark(50.0, true), mark(55.0, false), mark(52.0, true)];
        let sizes = Sizes::of(480.0);
        part(&mut marks, sizes, 200.0, 200.0);
        assert_eq!(marks[2].at, (55.0, 50.0));
        for i in 0..marks.len() {
            for j in 0..i {
                let (a, b) = (marks[i].at, marks[j].at);
                assert!((a.0 - b.0).hypot(a.1 - b.1) > 2.0 * sizes.marker, "{i} {j} {a:?} {b:?}");
            }
        }
    }

    #[test]
    fn numbers_can_be_read_and_markers_met_on_a_phone() {
        for width in [200.0, 328.0, 480.0] {
            let (sizes, pixel) = (Sizes::of(width), PHONE / width);
            assert!(sizes.text * pixel >= 12.0 && 2.0 * sizes.finger * pixel >= FINGER && sizes.marker > sizes.text / 2.0, "{width}");
        }
    }

    #[test]
    fn the_widest_place_lies_inside() {
        let l_shape = vec![vec![(0.0, 0.0), (100.0, 0.0), (100.0, 20.0), (20.0, 20.0), (20.0, 100.0), (0.0, 100.0)]];
        let (place, room) = widest_place(&l_shape);
        assert!(contains(&l_shape, place) && room > 5.0);
    }

    #[test]
    fn paths_are_relative() {
        assert_eq!(path(&[vec![(1.0, 2.0), (4.0, 2.0), (4.0, -1.0)]]), "M1 2l3 0 0-3z");
        // What lies on a line between its neighbours is no corner; a spike is.
        let ring = [(0.0, 0.0), (2.0, 0.0), (4.0, 0.0), (4.0, 3.0), (0.0, 3.0)];
        assert_eq!(path(&[ring.to_vec()]), "M0 0l4 0 0 3-4 0z");
        assert_eq!(corners(&[(0.0, 0.0), (4.0, 0.0), (2.0, 0.0), (2.0, 2.0)]).len(), 4);
    }
}
