//! The line of a figure over the months.

use std::fmt::Write;

use crate::map::escape;

const WIDTH: f64 = 320.0;
const HEIGHT: f64 = 120.0;
const SIDE: f64 = 8.0;
const TOP: f64 = 24.0;
const BOTTOM: f64 = 24.0;
/// The height of the drawing stands for at least this share of the largest value.
const LEAST_SPAN: f64 = 0.1;

/// A month's point.
pub(crate) struct Point {
    /// The month, in short.
    pub(crate) label: String,
    pub(crate) value: u64,
    /// The value as people read it.
    pub(crate) text: String,
    /// The name of the figure.
    pub(crate) cell: String,
}

/// A line through the points, its first and last value written out. The axis
/// does not start at zero, and the pages say so. `None` under two points.
#[expect(clippy::cast_precision_loss, reason = "a drawing")]
pub(crate) fn line(id: &str, title: &str, description: &str, points: &[Point]) -> Option<String> {
    let (first, last) = (points.first()?, points.last()?);
    if points.len() < 2 {
        return None;
    }
    let lowest = points.iter().map(|p| p.value).min()? as f64;
    let highest = points.iter().map(|p| p.value).max()? as f64;
    // A change of a few in a thousand must not look like a fall from a cliff.
    let span = (highest - lowest).max(highest * LEAST_SPAN).max(1.0);
    let low = f64::midpoint(lowest, highest) - span / 2.0;
    let across = |at: usize| SIDE + (WIDTH - 2.0 * SIDE) * at as f64 / (points.len() - 1) as f64;
    let down = |value: u64| TOP + (HEIGHT - TOP - BOTTOM) * (1.0 - (value as f64 - low) / span);
    let mut line = String::new();
    let mut dots = String::new();
    for (at, point) in points.iter().enumerate() {
        let _ = write!(line, "{}{:.0} {:.0}", if at == 0 { "M" } else { "L" }, across(at), down(point.value));
        let _ = write!(
            dots,
            r#"<circle cx="{:.0}" cy="{:.0}" r="3"><title>{}: {}</title></circle>"#,
            across(at),
            down(point.value),
            escape(&point.label),
            escape(&point.text)
        );
    }
    let end = |point: &Point, x: f64, anchor: &str| {
        let y = down(point.value) - 8.0;
        format!(
            r#"<text x="{x}" y="{y:.0}" text-anchor="{anchor}" class="v" data-cell="{}" data-value="{}" data-status="observed">{}</text><text x="{x}" y="{}" text-anchor="{anchor}">{}</text>"#,
            escape(&point.cell),
            point.value,
            escape(&point.text),
            HEIGHT - 4.0,
            escape(&point.label)
        )
    };
    let (title, description) = (escape(title), escape(description));
    let (start, finish) = (end(first, SIDE, "start"), end(last, WIDTH - SIDE, "end"));
    let foot = HEIGHT - BOTTOM + 6.0;
    let right = WIDTH - SIDE;
    Some(format!(
        r#"<svg class="line" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="{id}-t {id}-d"><title id="{id}-t">{title}</title><desc id="{id}-d">{description}</desc><path class="axis" d="M{SIDE} {foot}H{right}"/><path class="trend" d="{line}"/>{dots}{start}{finish}</svg>"#
    ))
}

/// A class of families, those with a program and those with none.
pub(crate) struct Bar {
    pub(crate) label: String,
    pub(crate) inside: u64,
    pub(crate) outside: u64,
}

/// A pair of bars for each class, all in one measure from zero. The figures
/// stand in the table beside it. `None` without bars.
#[expect(clippy::cast_precision_loss, reason = "a drawing")]
pub(crate) fn bars(id: &str, title: &str, description: &str, bars: &[Bar]) -> Option<String> {
    let largest = bars.iter().map(|bar| bar.inside.max(bar.outside)).max()?.max(1) as f64;
    let mut drawn = String::new();
    for (at, bar) in bars.iter().enumerate() {
        let y = at * 46;
        let wide = |value: u64| value as f64 / largest * WIDTH;
        let _ = write!(
            drawn,
            r#"<text x="0" y="{}">{}</text><rect class="c3" x="0" y="{}" width="{:.1}" height="11"/><rect class="hatch" x="0" y="{}" width="{:.1}" height="11"/>"#,
            y + 13,
            escape(&bar.label),
            y + 18,
            wide(bar.inside),
            y + 30,
            wide(bar.outside)
        );
    }
    let height = bars.len() * 46;
    let (title, description) = (escape(title), escape(description));
    Some(format!(
        r#"<svg class="line bars" viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="{id}-t {id}-d"><title id="{id}-t">{title}</title><desc id="{id}-d">{description}</desc>{drawn}</svg>"#
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(value: u64) -> Point {
        Point { label: "Jun 2025".into(), value, text: value.to_string(), cell: format!("totals|36.71|PKH|2025-06|units|{value}") }
    }

    #[test]
    fn ends_carry_their_figures() {
        let svg = line("t", "T", "D", &[point(10), point(30), point(20)]).unwrap();
        assert_eq!(svg.matches("data-cell").count(), 2);
        assert!(svg.contains(r#"data-value="10""#) && svg.contains(r#"data-value="20""#));
        assert_eq!(svg.matches("<circle").count(), 3);
    }

    #[test]
    fn bars_start_at_zero_and_the_longest_fills_the_width() {
        let one = |inside, outside| Bar { label: "Desil 1".into(), inside, outside };
        let svg = bars("b", "T", "D", &[one(100, 50), one(0, 25)]).unwrap();
        assert!(svg.contains(r#"width="320.0""#) && svg.contains(r#"width="160.0""#) && svg.contains(r#"width="0.0""#));
        assert!(bars("b", "T", "D", &[]).is_none());
    }

    #[test]
    fn a_flat_line_is_a_line_and_one_month_is_none() {
        assert!(line("t", "T", "D", &[point(5), point(5)]).unwrap().contains("M8 60L312 60"));
        assert!(line("t", "T", "D", &[point(5)]).is_none());
    }

    #[test]
    fn a_small_change_looks_small() {
        let svg = line("t", "T", "D", &[point(1000), point(1001)]).unwrap();
        assert!(svg.contains("M8 60L312 60"), "{svg}");
    }
}
