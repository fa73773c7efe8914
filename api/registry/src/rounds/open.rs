//! Opening a round: choosing whom to visit, once per person, and keeping the list.

use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;
use domain::{AreaCode, Level, Period, ProgramCode};

use crate::Registry;
use crate::cases::{Case, RuleSettings, State};
use crate::error::{Error, Result};
use crate::month::chain;
use crate::number::{NumberMap, NumberSet};
use crate::programs::FLAGGED;
use crate::rounds::{Round, named, now, who};
use crate::rows::ids_of;
use crate::schema::{dtks_rows, round_people, rounds};

/// The longest name of a round: it stands in the header of every page.
const LONGEST_NAME: usize = 40;

/// Whom to visit.
#[derive(Debug, Clone, Copy)]
pub struct RoundRequest<'a> {
    /// What the round is to be called.
    pub name: &'a str,
    /// The month whose recipients are visited.
    pub period: Period,
    /// Only recipients of these programs; none for all.
    pub programs: &'a [ProgramCode],
    /// Only those of these kecamatan; none for all.
    pub kecamatan: &'a [AreaCode],
    /// Only those whom nobody checked within so many months up to the month.
    pub unverified_since: Option<u32>,
    /// Only those with findings of these rules that nobody dismissed.
    pub findings: Option<&'a RuleSettings>,
    /// Who opens it.
    pub by: &'a str,
}

/// A round that was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// The round.
    pub round: Round,
    /// Whether the very same round had been opened before.
    pub again: bool,
    /// People left out since they were checked not long ago.
    pub checked: u64,
}

/// Who is visited, and why.
struct Chosen {
    kelurahan: u64,
    programs: u32,
}

impl Registry {
    /// Opens a verification round: takes the cardholders and persons enrolled in
    /// a month as those to visit, each once. The same request again changes
    /// nothing and says so.
    ///
    /// # Errors
    /// When the name cannot be one or is another round's, the month has no
    /// recipients, a program or kecamatan is none, or nobody is left to visit.
    pub fn open_round(&mut self, request: &RoundRequest<'_>) -> Result<Opened> {
        let name = checked_name(request.name)?;
        let by = who(request.by)?;
        let programs = joined(request.programs);
        let kecamatan = joined(request.kecamatan);
        for area in request.kecamatan {
            if area.level() != Level::Kecamatan || !self.district.contains(*area) || reference::areas().get(*area).is_none() {
                return Err(Error::Request(format!(
                    "{area} is no kecamatan of {}; give codes such as {}.01",
                    self.district, self.district
                )));
            }
        }
        if let Ok(round) = named(&mut self.conn, name) {
            return same(round, request, &programs, &kecamatan);
        }
        let state = self.state(request.period)?;
        for program in request.programs {
            if !state.programs.contains(program) {
                let all: Vec<&str> = state.programs.iter().map(ProgramCode::as_str).collect();
                return Err(Error::Request(format!("nobody is enrolled in {program} in {}; there are {}", request.period, all.join(", "))));
            }
        }
        let found = match request.findings {
            Some(settings) => with_findings(self.cases(request.period, settings)?),
            None => NumberSet::default(),
        };
        let bits: Vec<Option<u32>> = state
            .programs
            .iter()
            .map(|code| {
                let wanted = request.programs.is_empty() || request.programs.contains(code);
                FLAGGED.iter().find(|flagged| wanted && flagged.code == *code).map(|flagged| 1 << flagged.bit)
            })
            .collect();
        let (simulated, period) = (state.simulated, request.period);
        self.conn.immediate_transaction(|conn| {
            let mut chosen: NumberMap<u64, Chosen> = NumberMap::default();
            let mut checked: NumberSet<u64> = NumberSet::default();
            for unit in &state.units {
                let Some(bit) = bits.get(usize::from(unit.program)).copied().flatten() else { continue };
                let inside = request.kecamatan.is_empty() || request.kecamatan.iter().any(|area| area.contains(unit.kelurahan));
                let nik = unit.nik.expose();
                if !inside || (request.findings.is_some() && !found.contains(&nik)) {
                    continue;
                }
                if let (Some(months), Some(month)) = (request.unverified_since, unit.verified)
                    && i64::from(period.ordinal()) - i64::from(month.ordinal()) < i64::from(months)
                {
                    checked.insert(nik);
                    continue;
                }
                let kelurahan = unit.kelurahan.number();
                chosen.entry(nik).and_modify(|known| known.programs |= bit).or_insert(Chosen { kelurahan, programs: bit });
            }
            if chosen.is_empty() {
                let why = if checked.is_empty() { "nobody is chosen by it" } else { "everybody was checked not long ago" };
                return Err(Error::Request(format!("round {name}: {why}, so there is nobody to visit; widen the choice")));
            }
            let id: i64 = diesel::insert_into(rounds::table)
                .values((
                    rounds::name.eq(name),
                    rounds::period.eq(period.to_string()),
                    rounds::programs.eq(&programs),
                    rounds::kecamatan.eq(&kecamatan),
                    rounds::unverified_since.eq(request.unverified_since.map(i64::from)),
                    rounds::with_findings.eq(request.findings.is_some()),
                    rounds::simulated.eq(simulated),
                    rounds::opened_by.eq(by),
                    rounds::opened_at.eq(now()),
                ))
                .returning(rounds::id)
                .get_result(conn)?;
            keep(conn, id, period, &chosen)?;
            Ok(Opened { round: named(conn, name)?, again: false, checked: checked.len() as u64 })
        })
    }
}

/// Keeps the list, each person with the row that stands for the month: the first
/// of the last file that has the NIK.
fn keep(conn: &mut SqliteConnection, round: i64, period: Period, chosen: &NumberMap<u64, Chosen>) -> Result<()> {
    let mut rows: NumberMap<u64, i64> = NumberMap::default();
    for import in chain(conn, period)?.into_iter().rev() {
        let (first, last) = ids_of(import);
        let found = dtks_rows::table
            .filter(dtks_rows::id.between(first, last))
            .order(dtks_rows::id)
            .select((dtks_rows::id, dtks_rows::nik))
            .load_iter::<(i64, i64), diesel::connection::DefaultLoadingMode>(conn)?;
        for row in found {
            let (id, nik) = row?;
            if chosen.contains_key(&nik.cast_unsigned()) {
                rows.entry(nik.cast_unsigned()).or_insert(id);
            }
        }
    }
    // In the order of the key, so that the table grows at its end.
    let in_order: BTreeMap<(u64, u64), u32> = chosen.iter().map(|(nik, chosen)| ((chosen.kelurahan, *nik), chosen.programs)).collect();
    for ((kelurahan, nik), programs) in in_order {
        diesel::insert_into(round_people::table)
            .values((
                round_people::round.eq(round),
                round_people::kelurahan.eq(kelurahan.cast_signed()),
                round_people::nik.eq(nik.cast_signed()),
                round_people::programs.eq(i64::from(programs)),
                round_people::row_id.eq(rows.get(&nik).copied().unwrap_or_default()),
            ))
            .execute(conn)?;
    }
    Ok(())
}

/// Whom the files say something against that nobody dismissed and that still stands.
fn with_findings(cases: Vec<Case>) -> NumberSet<u64> {
    let open = cases.into_iter().filter(|case| case.stands && matches!(case.state, State::Open | State::Confirmed));
    open.flat_map(|case| [Some(case.nik), case.other]).flatten().map(|nik| nik.expose()).collect()
}

fn joined<T: ToString>(codes: &[T]) -> String {
    let mut codes: Vec<String> = codes.iter().map(ToString::to_string).collect();
    codes.sort_unstable();
    codes.dedup();
    codes.join(",")
}

/// The same request again is the same round; another one needs another name.
fn same(round: Round, request: &RoundRequest<'_>, programs: &str, kecamatan: &str) -> Result<Opened> {
    let same = round.period == request.period
        && joined(&round.programs) == programs
        && joined(&round.kecamatan) == kecamatan
        && round.unverified_since == request.unverified_since
        && round.with_findings == request.findings.is_some();
    if same {
        return Ok(Opened { round, again: true, checked: 0 });
    }
    Err(Error::Request(format!(
        "a round {} of {} was opened on {} with another choice of people; a list is never changed, so give the new round another name",
        round.name,
        round.period,
        round.opened_at.get(..10).unwrap_or("")
    )))
}

/// A name that can stand in headers, cells and messages as it is.
fn checked_name(name: &str) -> Result<&str> {
    let name = name.trim();
    let fits = name.chars().count() <= LONGEST_NAME
        && name.starts_with(char::is_alphanumeric)
        && name.chars().all(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_' | '.' | '/'));
    if !fits {
        return Err(Error::Request(format!(
            "a round's name has at most {LONGEST_NAME} letters, digits, spaces and -_./ and starts with a letter or digit, such as 2025-T2"
        )));
    }
    if domain::date::parse(name).is_ok() || name.parse::<Period>().is_ok() || name.chars().all(|c| c.is_ascii_digit()) {
        return Err(Error::Request(format!("a spreadsheet would take the name {name} for a date or number; call the round 2025-T2 or so")));
    }
    Ok(name)
}
