//! The figures read from the API, by the name each carries on the pages.

use std::collections::{BTreeSet, HashMap};

use anyhow::{Result, bail};
use domain::Status;

use crate::model::Figure;

/// The name of a figure: the attribute `data-cell` of the pages.
pub(crate) fn name(table: &str, area: &str, program: &str, period: &str, measure: &str, category: &str) -> String {
    format!("{table}|{area}|{program}|{period}|{measure}|{category}")
}

fn head(table: &str, area: &str, program: &str, period: &str) -> String {
    format!("{table}|{area}|{program}|{period}")
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
    all: HashMap<String, Figure>,
    /// Names of figures by table, area, program and month: those with categories
    /// are read together.
    together: HashMap<String, BTreeSet<String>>,
}

impl Figures {
    /// Takes in lines of a table. The same line may come twice, since the
    /// requests overlap, but it must then say the same.
    pub(crate) fn add(&mut self, table: &str, lines: Vec<Figure>) -> Result<()> {
        for line in lines {
            let key = name(table, &line.area, &line.program, &line.period, &line.measure, line.category.as_deref().unwrap_or(""));
            if line.value.is_some() != (line.status == Status::Observed) {
                bail!("the API gives {key} the status {} and the value {:?}, which cannot both be", line.status, line.value);
            }
            if let Some(old) = self.all.get(&key)
                && (old.value, old.status) != (line.value, line.status)
            {
                bail!("the API gives two figures for {key}: {:?} and {:?}", old.value, line.value);
            }
            let head = head(table, &line.area, &line.program, &line.period);
            self.together.entry(head).or_default().insert(key.clone());
            self.all.insert(key, line);
        }
        Ok(())
    }

    /// The figure of that name.
    pub(crate) fn by_name(&self, key: &str) -> Option<&Figure> {
        self.all.get(key)
    }

    /// A figure without category.
    pub(crate) fn get(&self, table: &str, area: &str, program: &str, period: &str, measure: &str) -> Option<&Figure> {
        self.all.get(&name(table, area, program, period, measure, ""))
    }

    /// A figure of a category.
    pub(crate) fn of(&self, place: &Place<'_>, measure: &str, category: &str) -> Option<&Figure> {
        self.all.get(&name(place.table, place.area, place.program, place.period, measure, category))
    }

    /// The figures of a place, all measures and categories, in the order of their names.
    pub(crate) fn at(&self, place: &Place<'_>) -> Vec<&Figure> {
        let names = self.together.get(&head(place.table, place.area, place.program, place.period));
        names.into_iter().flatten().filter_map(|name| self.all.get(name)).collect()
    }

    /// The value of a figure without category, when it is shown.
    pub(crate) fn value(&self, table: &str, area: &str, program: &str, period: &str, measure: &str) -> Option<u64> {
        self.get(table, area, program, period, measure)?.value
    }

    /// All figures, in no order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&String, &Figure)> {
        self.all.iter()
    }
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
