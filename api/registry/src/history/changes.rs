//! Who entered and who left in a month, as counts: by kecamatan, program and reason.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::{AreaCode, LeaveReason, Level, Period, ProgramCode, Unit};

use crate::Registry;
use crate::error::Result;
use crate::state::{Enrolled, PeriodState};

/// The changes of a month since the loaded month before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changes {
    /// The month.
    pub period: Period,
    /// The month it is compared with; `None` where it is the first.
    pub since: Option<Period>,
    /// A line for each kecamatan and program that has or had anybody.
    pub lines: Vec<Change>,
}

/// What changed in a kecamatan for a program, in units of the program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The kecamatan.
    pub kecamatan: AreaCode,
    /// The program.
    pub program: ProgramCode,
    /// Enrolled in the month before.
    pub before: u64,
    /// Enrolled in this one.
    pub now: u64,
    /// Entered; who came from another kecamatan of the district counts.
    pub entered: u64,
    /// Left, by reason; who went to another kecamatan of the district moved.
    pub left: BTreeMap<LeaveReason, u64>,
}

impl Registry {
    /// What changed in a month. Reads two whole months.
    ///
    /// # Errors
    /// When nothing is loaded for the month.
    pub fn changes(&mut self, period: Period) -> Result<Changes> {
        let since = self.periods()?.into_iter().rfind(|loaded| *loaded < period);
        let now = self.state(period)?;
        let Some(since) = since else {
            return Ok(Changes { period, since: None, lines: Vec::new() });
        };
        let before = self.state(since)?;
        Ok(Changes { period, since: Some(since), lines: lines(&before, &now) })
    }
}

/// The units of a program as the flows count them, a family by its card and a
/// person by the NIK: where each lives, and its place in the state.
fn units(state: &PeriodState, code: &ProgramCode) -> HashMap<u64, (AreaCode, usize)> {
    let number = state.programs.iter().position(|known| known == code);
    let persons = reference::program(code).is_some_and(|program| program.unit == Unit::Person);
    let own = state.units.iter().enumerate().filter(|(_, unit)| Some(usize::from(unit.program)) == number);
    own.filter_map(|(at, unit)| {
        let key = if persons { unit.nik.expose() } else { unit.family.expose() };
        Some((key, (kecamatan(unit)?, at)))
    })
    .collect()
}

fn kecamatan(unit: &Enrolled) -> Option<AreaCode> {
    unit.kelurahan.parent().filter(|area| area.level() == Level::Kecamatan)
}

fn lines(before: &PeriodState, now: &PeriodState) -> Vec<Change> {
    let mut lines: BTreeMap<(AreaCode, ProgramCode), Change> = BTreeMap::new();
    // A program at a time: the units of one fit into memory once more.
    let codes: BTreeSet<&ProgramCode> = before.programs.iter().chain(&now.programs).collect();
    for code in codes {
        let (had, has) = (units(before, code), units(now, code));
        let mut line = |area: AreaCode, note: &mut dyn FnMut(&mut Change)| {
            note(lines.entry((area, code.clone())).or_insert_with(|| Change {
                kecamatan: area,
                program: code.clone(),
                before: 0,
                now: 0,
                entered: 0,
                left: BTreeMap::new(),
            }));
        };
        for (number, (area, _)) in &has {
            let new = had.get(number).is_none_or(|(then, _)| then != area);
            line(*area, &mut |line| {
                line.now += 1;
                line.entered += u64::from(new);
            });
        }
        for (number, (area, at)) in &had {
            let reason = match has.get(number) {
                Some((there, _)) if there == area => None,
                Some(_) => Some(LeaveReason::Moved),
                None => before.units.get(*at).map(|unit| now.reasons.of(unit)),
            };
            line(*area, &mut |line| {
                line.before += 1;
                if let Some(reason) = reason {
                    *line.left.entry(reason).or_default() += 1;
                }
            });
        }
    }
    lines.into_values().collect()
}
