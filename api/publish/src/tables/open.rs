//! Programs that are not sensitive (design: PRIVACY R1): exact units, flows and
//! payment status down to kelurahan, and rupiah where every unit gets the same.

use domain::{AreaCode, Rupiah, Table};
use reference::Frequency;
use registry::Enrolled;

use super::{Counts, Known, Sheet, Units};

impl Sheet<'_> {
    /// Totals, flows and payments of a program that is not sensitive.
    pub(super) fn open(&mut self, units: &Units<'_>) {
        self.measure(Table::Totals, "units", &Known::ByKelurahan(units.count(|_| true)));

        let (entered, left) = match self.month.previous {
            Some(previous) => {
                let before = Units::of(previous, &self.program.code).keys(self.program);
                let now = units.keys(self.program);
                let count = |keys: &mut dyn Iterator<Item = &(u64, AreaCode)>| {
                    let mut counts = Counts::new();
                    keys.for_each(|(_, kelurahan)| *counts.entry(*kelurahan).or_default() += 1);
                    Known::ByKelurahan(counts)
                };
                (count(&mut now.difference(&before)), count(&mut before.difference(&now)))
            }
            None => (Known::Missing, Known::Missing),
        };
        self.measure(Table::Flows, "entered", &entered);
        self.measure(Table::Flows, "left", &left);
        self.payments(units);
    }

    fn payments(&mut self, units: &Units<'_>) {
        let state = self.month.state;
        let code = &self.program.code;
        let plan: Vec<_> = state.plan.iter().filter(|line| line.program == *code).collect();
        let collected = state.disbursements.contains(code);
        // A program that does not pay every month pays in the months for which
        // the office has a plan or a disbursement; in the others, where it has
        // loaded its plan at all, nothing is due.
        let monthly = self.program.frequency == Frequency::Monthly;
        let pays = monthly || collected || !plan.is_empty();
        let nothing = !pays && !state.plan.is_empty();
        let zero = || Known::ByKelurahan(Counts::new());

        let due = if pays {
            Known::ByKelurahan(units.count(|_| true))
        } else if nothing {
            zero()
        } else {
            Known::Missing
        };
        let is_paid = |unit: &Enrolled| unit.paid.is_some_and(|amount| amount > Rupiah::default());
        let paid = if collected {
            Known::ByKelurahan(units.count(is_paid))
        } else if nothing {
            zero()
        } else {
            Known::Missing
        };
        let planned = |value: fn(&registry::PlanLine) -> Option<u64>| {
            if nothing {
                return zero();
            }
            let counts: Counts = plan.iter().filter_map(|line| Some((line.kecamatan, value(line)?))).collect();
            if counts.is_empty() { Known::Missing } else { Known::ByKecamatan(counts) }
        };
        let (failed, returned) = (planned(|line| line.failed), planned(|line| line.returned));

        // R5: a fixed amount is units × amount, as long as the amounts paid are
        // that amount; a varying one waits for its own rule.
        let as_fixed =
            |amount: &Rupiah| units.units.iter().filter_map(|unit| unit.paid).all(|paid| paid == *amount || paid == Rupiah::default());
        let amount = self.program.fixed_amount.filter(as_fixed);
        let is_money = self.program.amounts.iter().all(|amount| amount.kg.is_none());
        for (measure, known) in [("due", &due), ("paid", &paid), ("failed", &failed), ("returned", &returned)] {
            self.measure(Table::Payments, measure, known);
            // The varying sum that was paid has a rule of its own.
            if is_money && !(measure == "paid" && self.program.fixed_amount.is_none()) {
                let rupiah = match (amount, known) {
                    (Some(amount), Known::ByKelurahan(counts)) => Known::ByKelurahan(times(counts, amount)),
                    (Some(amount), Known::ByKecamatan(counts)) => Known::ByKecamatan(times(counts, amount)),
                    _ => Known::Missing,
                };
                self.measure(Table::Payments, &format!("{measure}_rupiah"), &rupiah);
            }
        }
    }
}

fn times(counts: &Counts, amount: Rupiah) -> Counts {
    counts.iter().map(|(area, units)| (*area, amount.times(*units).get())).collect()
}
