//! Lines over the months, and bars: of parts of a whole, and of what was planned.

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
    (!bars.is_empty()).then(|| svg("line bars", id, title, description, bars.len() * 46, &drawn))
}

/// How a part is drawn: its style, and the letter by which the key names it.
/// Neighbours are dark and light in turn, and the letter tells them without colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fill {
    pub(crate) class: &'static str,
    pub(crate) letter: &'static str,
}

const FILLS: [Fill; 6] = [
    Fill { class: "c3", letter: "a" },
    Fill { class: "c1", letter: "b" },
    Fill { class: "c3", letter: "c" },
    Fill { class: "c1", letter: "d" },
    Fill { class: "c3", letter: "e" },
    Fill { class: "c1", letter: "f" },
];
/// What is not broken down: an empty part within dashes.
const UNTOLD: Fill = Fill { class: "cx", letter: "?" };

/// How `count` parts are drawn, and the one that is not broken down after them.
pub(crate) fn fills(count: usize) -> Vec<Fill> {
    (0..count).map(|at| FILLS[at % FILLS.len()]).chain([UNTOLD]).collect()
}

/// The parts of a whole, in the order of the key.
pub(crate) struct Stack {
    pub(crate) label: String,
    /// One for each fill; none of them where the whole is not shown.
    pub(crate) parts: Vec<u64>,
    /// What is written at the right: the first part, in percent.
    pub(crate) end: String,
}

/// Height of a row of bars, and of the bar in it.
const ROW: usize = 40;
const THICK: usize = 18;
/// A part narrower than this has no room for its letter: the order tells it.
const LETTER: f64 = 12.0;

/// A bar of parts for each row, as long as the drawing is wide whatever the
/// whole. A row whose parts are not shown has `untold` in place of its bar.
/// `None` where no row has a bar.
#[expect(clippy::cast_precision_loss, reason = "a drawing")]
pub(crate) fn stacks(id: &str, title: &str, description: &str, fills: &[Fill], rows: &[Stack], untold: &str) -> Option<String> {
    let mut drawn = String::new();
    let mut bars = 0;
    for (at, row) in rows.iter().enumerate() {
        let y = at * ROW;
        let total: u64 = row.parts.iter().sum();
        let _ = write!(drawn, r#"<text y="{}">{}</text>"#, y + 13, escape(&row.label));
        if total == 0 {
            let _ = write!(drawn, r#"<text class="u" y="{}">{}</text>"#, y + 31, escape(untold));
            continue;
        }
        bars += 1;
        if !row.end.is_empty() {
            let _ = write!(drawn, r#"<text class="e" x="{WIDTH}" y="{}" data-derived="class/all">{}</text>"#, y + 13, escape(&row.end));
        }
        let (mut before, mut from) = (0, 0.0);
        for (part, fill) in row.parts.iter().zip(fills).filter(|(part, _)| **part > 0) {
            before += part;
            let to = (before as f64 / total as f64 * WIDTH).round();
            let (class, wide) = (fill.class, to - from);
            let _ = write!(drawn, r#"<rect class="{class}" x="{from}" y="{}" width="{wide}" height="{THICK}"/>"#, y + THICK);
            if wide >= LETTER {
                let _ = write!(drawn, r#"<text class="{class}" x="{}" y="{}">{}</text>"#, (from + wide / 2.0).round(), y + 31, fill.letter);
            }
            from = to;
        }
    }
    (bars > 0).then(|| svg("line stack", id, title, description, rows.len() * ROW, &drawn))
}

/// What a program planned, and what came of it.
pub(crate) struct Plan {
    pub(crate) label: String,
    pub(crate) planned: Option<u64>,
    pub(crate) due: Option<u64>,
    pub(crate) paid: Option<u64>,
    /// What is written at the right: the share paid of the plan, or why there is none.
    pub(crate) end: String,
}

/// What was planned as an empty bar, what was paid as a full one in it, and
/// what was due as a stroke across: each program in its own measure, from zero.
/// What is not known is not drawn. `None` where no program has a bar.
#[expect(clippy::cast_precision_loss, reason = "a drawing")]
pub(crate) fn plans(id: &str, title: &str, description: &str, rows: &[Plan]) -> Option<String> {
    let mut drawn = String::new();
    let mut bars = 0;
    for (at, row) in rows.iter().enumerate() {
        let y = at * ROW;
        let _ = write!(
            drawn,
            r#"<text y="{}">{}</text><text class="e" x="{WIDTH}" y="{}" data-derived="paid/planned">{}</text>"#,
            y + 13,
            escape(&row.label),
            y + 13,
            escape(&row.end)
        );
        let Some(largest) = [row.planned, row.due, row.paid].into_iter().flatten().max().filter(|largest| *largest > 0) else { continue };
        bars += 1;
        let wide = |value: u64| (value as f64 / largest as f64 * (WIDTH - 2.0)).round() + 1.0;
        if let Some(planned) = row.planned {
            let _ = write!(drawn, r#"<rect class="cx" x="1" y="{}" width="{}" height="{THICK}"/>"#, y + THICK, wide(planned));
        }
        if let Some(paid) = row.paid {
            let _ = write!(drawn, r#"<rect class="c3" x="1" y="{}" width="{}" height="10"/>"#, y + THICK + 4, wide(paid));
        }
        if let Some(due) = row.due {
            let _ = write!(drawn, r#"<path class="due" d="M{} {}v{THICK}"/>"#, wide(due), y + THICK);
        }
    }
    (bars > 0).then(|| svg("line stack", id, title, description, rows.len() * ROW, &drawn))
}

fn svg(class: &str, id: &str, title: &str, description: &str, height: usize, drawn: &str) -> String {
    let (title, description) = (escape(title), escape(description));
    format!(
        r#"<svg class="{class}" viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="{id}-t {id}-d"><title id="{id}-t">{title}</title><desc id="{id}-d">{description}</desc>{drawn}</svg>"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stack(parts: &[u64]) -> Stack {
        Stack { label: "PKH".into(), parts: parts.to_vec(), end: "60%".into() }
    }

    #[test]
    fn parts_fill_the_width_and_are_told_by_letters() {
        let svg = stacks("s", "T", "D", &fills(2), &[stack(&[60, 30, 10])], "tidak dirinci").unwrap();
        for piece in [r#"x="0" y="18" width="192""#, r#"x="192" y="18" width="96""#, r#"class="cx" x="288" y="18" width="32""#] {
            assert!(svg.contains(piece), "{piece} {svg}");
        }
        assert!(svg.contains(">a</text>") && svg.contains(">b</text>") && svg.contains(">?</text>"));
        // Neighbours are never alike, and what is not broken down is the last.
        let of: Vec<&str> = fills(4).iter().map(|fill| fill.class).collect();
        assert!(of.windows(2).all(|two| two[0] != two[1]) && of.last() == Some(&"cx"));
    }

    #[test]
    fn what_is_not_shown_is_a_word_and_no_bar() {
        let svg = stacks("s", "T", "D", &fills(2), &[stack(&[1, 1]), stack(&[])], "tidak dirinci").unwrap();
        assert_eq!((svg.matches("<rect").count(), svg.matches("tidak dirinci").count()), (2, 1));
        assert!(stacks("s", "T", "D", &fills(2), &[stack(&[])], "tidak dirinci").is_none());
        let plan = |planned, paid| Plan { label: "PKH".into(), planned, due: None, paid, end: "50%".into() };
        let svg = plans("p", "T", "D", &[plan(Some(10), Some(5)), plan(None, Some(5)), plan(None, None)]).unwrap();
        assert_eq!((svg.matches("cx").count(), svg.matches("c3").count()), (1, 2));
        assert!(svg.contains(r#"width="319""#) && svg.contains(r#"width="160""#), "{svg}");
        assert!(plans("p", "T", "D", &[plan(None, None)]).is_none());
    }

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
