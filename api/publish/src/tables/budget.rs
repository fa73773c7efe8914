//! What the office planned, and how far it reaches: functions of its budget, of
//! public counts of inhabitants and of figures that are shown anyway.

use std::collections::BTreeMap;

use domain::{AreaCode, Cell, Status, Table};
use registry::PlanLine;

use super::{Counts, Known, Sheet};

/// The category of a denominator that comes with the office's plan.
const PLAN: &str = "plan";

impl Sheet<'_> {
    /// Units and rupiah planned. Of a sensitive program the kabupaten's only:
    /// the plan of a kecamatan with few would tell of the few.
    pub(super) fn plan(&mut self) {
        let month = self.month;
        let lines: Vec<&PlanLine> = month.state.plan.iter().filter(|line| line.program == self.program.code).collect();
        let known = |value: &dyn Fn(&PlanLine) -> Option<u64>| {
            let counts: Counts = lines.iter().filter_map(|line| Some((line.kecamatan, value(line)?))).collect();
            if counts.is_empty() { Known::Missing } else { Known::ByKecamatan(counts) }
        };
        let units = known(&|line| line.planned_units);
        let rupiah = known(&|line| line.planned_rupiah.map(domain::Rupiah::get));
        for (measure, known) in [("planned_units", units), ("planned_rupiah", rupiah)] {
            match known {
                Known::ByKecamatan(counts) if self.program.sensitive => {
                    let sum: u64 = counts.values().sum();
                    self.observed(Table::Plan, self.district.code, measure, Some(sum).filter(|sum| *sum >= month.k));
                }
                Known::Missing if self.program.sensitive => self.observed(Table::Plan, self.district.code, measure, None),
                known => self.measure(Table::Plan, measure, &known),
            }
        }
    }

    /// Units for ten thousand inhabitants, and for ten thousand poor households,
    /// with the denominators: two decimals of "per hundred", in whole numbers.
    pub(super) fn coverage(&mut self) {
        let month = self.month;
        let plan = month.state.plan.iter().filter(|line| line.program == self.program.code);
        let poor: BTreeMap<AreaCode, u64> = plan.filter_map(|line| Some((line.kecamatan, line.poor_households?))).collect();
        let all: Option<u64> = self.district.kecamatan.iter().map(|kecamatan| poor.get(kecamatan).copied()).sum();
        let totals: Vec<Cell> = self
            .tables
            .of(Table::Totals)
            .iter()
            .filter(|cell| {
                cell.program == self.program.code && cell.area.single().is_some_and(|area| area.level() < domain::Level::Kelurahan)
            })
            .cloned()
            .collect();
        for cell in totals {
            let (Some(area), Some(units)) = (cell.area.single(), cell.value) else { continue };
            let poor = if area == self.district.code { all } else { poor.get(&area).copied() };
            let denominators = [
                (
                    "inhabitants",
                    "units_per_10000_inhabitants",
                    reference::population(area).map(|population| (population.people, population.key)),
                ),
                ("poor_households", "units_per_10000_poor_households", poor.map(|poor| (poor, PLAN))),
            ];
            for (of, measure, denominator) in denominators {
                let Some((people, source)) = denominator.filter(|(people, _)| *people > 0) else { continue };
                for (measure, value) in [(of, people), (measure, units.saturating_mul(10_000) / people)] {
                    let line = self.cell(area, measure);
                    let line = Cell { category: source.to_owned(), value: Some(value), status: Status::Observed, ..line };
                    self.tables.cells(Table::Coverage).push(line);
                }
            }
        }
    }
}
