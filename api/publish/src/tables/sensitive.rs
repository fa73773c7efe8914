//! Sensitive programs (design: PRIVACY R1): health, children, disability. Totals
//! of kabupaten and kecamatan, small kecamatan in one named group; nothing else
//! that few people could be found by.

use std::collections::HashSet;

use domain::{AreaCode, AreaLabel, Status, Table};

use super::{Known, Sheet, Units, key};

impl Sheet<'_> {
    /// Totals of a sensitive program: kabupaten and kecamatan, small ones in one
    /// named group; what the release before grouped stays grouped.
    pub(super) fn sensitive(&mut self, units: &Units<'_>) {
        let (k, before) = (self.month.k, self.month.past.grouped.get(&self.program.code));
        self.sensitive_flows(units);
        for measure in Table::Payments.measures() {
            self.measure(Table::Payments, measure, &Known::Missing);
        }
        let district = self.district;
        let by_kelurahan = units.count(|_| true);
        let of = |kecamatan: &AreaCode| by_kelurahan.iter().filter(|(area, _)| kecamatan.contains(**area)).map(|(_, n)| n).sum();
        let sizes: Vec<u64> = district.kecamatan.iter().map(of).collect();
        let total: u64 = sizes.iter().sum();
        if total < k {
            self.put(Table::Totals, district.code, "units", None, Status::Withheld, None);
            for kecamatan in &district.kecamatan {
                self.put(Table::Totals, *kecamatan, "units", None, Status::Withheld, None);
            }
            return;
        }
        self.put(Table::Totals, district.code, "units", Some(total), Status::Observed, None);
        let was: Vec<bool> = district.kecamatan.iter().map(|kecamatan| before.is_some_and(|before| before.contains(kecamatan))).collect();
        let hidden = disclosure::hide_in_one_group(&sizes, &was, k);
        let members = district.kecamatan.iter().zip(&hidden).filter(|(_, hidden)| **hidden).map(|(kecamatan, _)| *kecamatan);
        let group = AreaLabel::pool(members).ok().filter(|group| group.single().is_none());
        if let Some(group) = &group {
            let sum = sizes.iter().zip(&hidden).filter(|(_, hidden)| **hidden).map(|(n, _)| n).sum();
            self.put(Table::Totals, group.clone(), "units", Some(sum), Status::Observed, None);
        }
        for ((kecamatan, n), hidden) in district.kecamatan.iter().zip(&sizes).zip(&hidden) {
            match &group {
                Some(group) if *hidden => self.put(Table::Totals, *kecamatan, "units", None, Status::Grouped, Some(group.clone())),
                // Without a group nothing is hidden, but in a district of one
                // kecamatan, which then holds all of them.
                _ => self.put(Table::Totals, *kecamatan, "units", Some(*n), Status::Observed, None),
            }
        }
    }

    /// Who entered and left a sensitive program (R4): of the kabupaten only, and
    /// both or neither, since the totals tell the one from the other.
    fn sensitive_flows(&mut self, units: &Units<'_>) {
        let (k, program) = (self.month.k, self.program);
        let held = self.month.past.held.contains(&(Table::Flows, program.code.clone()));
        let shown = self.month.previous.filter(|_| !held).and_then(|previous| {
            let ids = |units: &Units<'_>| units.units.iter().map(|unit| key(program, unit)).collect::<HashSet<u64>>();
            let (before, now) = (ids(&Units::of(previous, &program.code)), ids(units));
            let (entered, left) = (now.difference(&before).count() as u64, before.difference(&now).count() as u64);
            let stayed = before.len() as u64 - left;
            (entered >= k && left >= k && stayed >= k).then_some((entered, left))
        });
        for (measure, value) in [("entered", shown.map(|shown| shown.0)), ("left", shown.map(|shown| shown.1))] {
            self.observed(Table::Flows, self.district.code, measure, value);
            for kecamatan in &self.district.kecamatan {
                self.observed(Table::Flows, *kecamatan, measure, None);
            }
        }
    }
}
