//! The figures read from the API, by the name each carries on the pages.

use anyhow::{Result, bail};
use domain::Status;
use foldhash::HashMap;

use crate::model::Figure;

/// The name of a figure: the attribute `data-cell` of the pages.
pub(crate) fn name(table: &str, area: &str, program: &str, period: &str, measure: &str, category: &str) -> String {
    [table, area, program, period, measure, category].join("|")
}

/// Whose figures are meant.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) table: &'a str,
    pub(crate) area: &'a str,
    pub(crate) program: &'a str,
    pub(crate) period: &'a str,
}

/// All figures of a district.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    all: Vec<Figure>,
    /// Where each is, by its name.
    by_name: HashMap<Box<str>, usize>,
    /// Where those of a table, area, program and month are: those with categories
    /// are read together.
    together: HashMap<Box<str>, Vec<usize>>,
}

impl Figures {
    /// Takes in lines of a table. The same line may come twice, since the
    /// requests overlap, but it must then say the same.
    pub(crate) fn add(&mut self, table: &str, lines: Vec<Figure>) -> Result<()> {
        self.all.reserve(lines.len());
        self.by_name.reserve(lines.len());
        for line in lines {
            let key = name(table, &line.area, &line.program, &line.period, &line.measure, line.category.as_deref().unwrap_or(""));
            if line.value.is_some() != (line.status == Status::Observed) {
                bail!("the API gives {key} the status {} and the value {:?}, which cannot both be", line.status, line.value);
            }
            if let Some(old) = self.by_name.get(key.as_str()).and_then(|at| self.all.get_mut(*at)) {
                if (old.value, old.status) != (line.value, line.status) {
                    bail!("the API gives two figures for {key}: {:?} and {:?}", old.value, line.value);
                }
                *old = line;
                continue;
            }
            let at = self.all.len();
            let head = head(&key);
            match self.together.get_mut(head) {
                Some(together) => together.push(at),
                None => drop(self.together.insert(head.into(), vec![at])),
            }
            self.by_name.insert(key.into_boxed_str(), at);
            self.all.push(line);
        }
        Ok(())
    }

    /// The figure of that name.
    pub(crate) fn by_name(&self, key: &str) -> Option<&Figure> {
        self.by_name.get(key).and_then(|at| self.all.get(*at))
    }

    /// A figure without category.
    pub(crate) fn get(&self, table: &str, area: &str, program: &str, period: &str, measure: &str) -> Option<&Figure> {
        self.by_name(&name(table, area, program, period, measure, ""))
    }

    /// A figure of a category.
    pub(crate) fn of(&self, place: &Place<'_>, measure: &str, category: &str) -> Option<&Figure> {
        self.by_name(&name(place.table, place.area, place.program, place.period, measure, category))
    }

    /// The figures of a place, all measures and categories, in the order of their names.
    pub(crate) fn at(&self, place: &Place<'_>) -> Vec<&Figure> {
        let together = self.together.get(head(&name(place.table, place.area, place.program, place.period, "", "")));
        let mut found: Vec<&Figure> = together.into_iter().flatten().filter_map(|at| self.all.get(*at)).collect();
        found.sort_by(|one, other| end(one).cmp(end(other)));
        found
    }

    /// The value of a figure without category, when it is shown.
    pub(crate) fn value(&self, table: &str, area: &str, program: &str, period: &str, measure: &str) -> Option<u64> {
        self.get(table, area, program, period, measure)?.value
    }

    /// All figures, each with its name, in no order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Figure)> {
        self.by_name.iter().filter_map(|(name, at)| Some((&**name, self.all.get(*at)?)))
    }
}

/// What the names of figures of one place have in common: all before the measure.
fn head(name: &str) -> &str {
    name.match_indices('|').nth(3).map_or(name, |(at, _)| &name[..at])
}

/// The rest of its name.
fn end(figure: &Figure) -> impl Iterator<Item = u8> {
    let category = figure.category.as_deref().unwrap_or_default();
    figure.measure.bytes().chain(std::iter::once(b'|')).chain(category.bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(value: Option<u64>, status: Status) -> Figure {
        Figure {
            area: "36.71".into(),
            program: "PKH".into(),
            period: "2025-06".into(),
            measure: "units".into(),
            category: None,
            value,
            status,
            group: None,
            as_of: "2025-06".into(),
        }
    }

    #[test]
    fn figures_of_a_place_come_in_the_order_of_their_names() {
        let mut figures = Figures::default();
        let of = |measure: &str, category: Option<&str>| Figure {
            measure: measure.into(),
            category: category.map(Into::into),
            ..line(Some(1), Status::Observed)
        };
        let lines = vec![of("due", None), of("units", Some("b")), of("due_rupiah", None), of("units", Some("a~b"))];
        figures.add("x", lines).unwrap();
        let place = Place { table: "x", area: "36.71", program: "PKH", period: "2025-06" };
        let names: Vec<_> =
            figures.at(&place).iter().map(|one| format!("{}|{}", one.measure, one.category.as_deref().unwrap_or(""))).collect();
        let mut sorted = names.clone();
        sorted.sort();
        assert_eq!((names.len(), &names), (4, &sorted));
    }

    #[test]
    fn contradictions_are_refused() {
        let mut figures = Figures::default();
        figures.add("totals", vec![line(Some(3), Status::Observed), line(Some(3), Status::Observed)]).unwrap();
        assert_eq!(figures.value("totals", "36.71", "PKH", "2025-06", "units"), Some(3));
        let place = Place { table: "totals", area: "36.71", program: "PKH", period: "2025-06" };
        assert_eq!(figures.at(&place).len(), 1);
        assert!(figures.of(&place, "units", "").is_some() && figures.of(&place, "units", "valid").is_none());
        assert!(figures.add("totals", vec![line(Some(4), Status::Observed)]).is_err());
        assert!(figures.add("flows", vec![line(Some(0), Status::Missing)]).is_err());
        assert!(figures.add("flows", vec![line(None, Status::Observed)]).is_err());
    }
}
