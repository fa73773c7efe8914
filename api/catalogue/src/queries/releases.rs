//! Releases and versions. A host has some thousands of releases at most, so
//! the reader holds them in memory and every question about them is a scan.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use diesel::prelude::*;
use domain::{AreaCode, EditionId, Period, ReleaseId};
use jiff::civil::Date;
use release::Reason;

use crate::code;
use crate::connection::AnyConnection;
use crate::rows::{FileRow, LogRow, ReleaseRow};
use crate::schema::{files, log_entries, releases};

/// A withdrawal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withdrawal {
    /// The version from which on it holds.
    pub version: u64,
    /// When, RFC 3339.
    pub at: String,
    /// Why, as the district said it.
    pub reason: String,
}

/// What a revision corrects, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Correction {
    /// The issue whose place it takes.
    pub of: ReleaseId,
    /// Why.
    pub reason: Reason,
}

/// An admitted release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// Its number in the catalogue: the version it came with.
    pub id: i64,
    /// Its id.
    pub release: ReleaseId,
    /// When it was admitted, RFC 3339.
    pub admitted_at: String,
    /// The day by which its month was due; none where a withdrawn release's folder is gone.
    pub expected_on: Option<Date>,
    /// SHA-256 of its manifest, hex.
    pub manifest_sha256: String,
    /// The number of its edition's content; none once it is withdrawn.
    pub edition_id: Option<i64>,
    /// The edition of its rows.
    pub edition: Option<EditionId>,
    /// The month the edition was taken in.
    pub edition_as_of: Option<Period>,
    /// The release that first published the rows.
    pub rows_from: Option<ReleaseId>,
    /// What it corrects.
    pub correction: Option<Correction>,
    /// Whether the people behind it are synthetic.
    pub simulated: bool,
    /// Its withdrawal.
    pub withdrawn: Option<Withdrawal>,
}

impl Release {
    /// The version it came with.
    #[must_use]
    pub const fn version(&self) -> u64 {
        self.id as u64
    }

    /// Whether it stands at `version`.
    #[must_use]
    pub fn stands_at(&self, version: u64) -> bool {
        self.version() <= version && self.withdrawn.as_ref().is_none_or(|withdrawal| withdrawal.version > version)
    }

    /// The day on which it was published: admitted to the log, in Indonesia's western time.
    #[must_use]
    pub fn published_on(&self) -> Option<Date> {
        release::days::day_of(&self.admitted_at)
    }

    /// The month after its own, and the day by which that is due if the office
    /// goes on giving itself as many days.
    #[must_use]
    pub fn next_due(&self) -> Option<(Period, Date)> {
        let period = self.release.period();
        let days = release::days::between(period.last_day(), self.expected_on?);
        let next = period.next();
        Some((next, next.last_day().saturating_add(jiff::Span::new().try_days(days).ok()?)))
    }
}

/// What a release is at some version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It answers for its month.
    Current,
    /// A later revision answers.
    Superseded,
    /// It was taken back.
    Withdrawn,
}

/// All releases and versions of a catalogue.
#[derive(Debug, Default)]
pub struct Releases {
    all: Vec<Release>,
    /// When each version came, from version 1 on.
    times: Vec<String>,
    /// Places in `all` of the releases that answer at the newest version, which
    /// is what most ask for.
    current: Vec<usize>,
    withdrawn: Option<u64>,
}

impl Releases {
    /// Reads them.
    ///
    /// # Errors
    /// When the database does not answer or holds what cannot be.
    pub fn load(connection: &mut AnyConnection) -> Result<Releases> {
        let entries: Vec<LogRow> = log_entries::table.select(LogRow::as_select()).order(log_entries::version.asc()).load(connection)?;
        let rows: Vec<ReleaseRow> = releases::table.select(ReleaseRow::as_select()).order(releases::id.asc()).load(connection)?;
        let all = rows.into_iter().map(read).collect::<Result<Vec<Release>>>().context("the catalogue's releases")?;
        let withdrawn = all.iter().filter_map(|one| Some(one.withdrawn.as_ref()?.version)).max();
        let mut found = Releases { all, times: entries.into_iter().map(|entry| entry.at).collect(), current: Vec::new(), withdrawn };
        found.current = found.standing_at(found.version());
        Ok(found)
    }

    /// The version that last withdrew a release.
    #[must_use]
    pub const fn withdrawn(&self) -> Option<u64> {
        self.withdrawn
    }

    /// The newest version.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.times.len() as u64
    }

    /// When `version` came, RFC 3339.
    #[must_use]
    pub fn time_of(&self, version: u64) -> Option<&str> {
        usize::try_from(version).ok()?.checked_sub(1).and_then(|at| self.times.get(at)).map(String::as_str)
    }

    /// Every release ever admitted, in the order of admission.
    #[must_use]
    pub fn all(&self) -> &[Release] {
        &self.all
    }

    /// One release.
    #[must_use]
    pub fn get(&self, release: ReleaseId) -> Option<&Release> {
        self.all.iter().find(|one| one.release == release)
    }

    /// By how many days the month of `one` came late: the days from when it was
    /// due to its first issue, 0 in time. A correction does not make a month late.
    #[must_use]
    pub fn days_late(&self, one: &Release) -> Option<u64> {
        let of = |id: ReleaseId| (id.district(), id.period());
        // They stand in the order of admission.
        let first = self.all.iter().find(|other| of(other.release) == of(one.release))?;
        Some(release::days::late(first.expected_on.or(one.expected_on)?, first.published_on()?))
    }

    /// The releases that answer at `version`: per district and month the newest
    /// revision that stands, by district and month.
    #[must_use]
    pub fn answering(&self, version: u64) -> Vec<&Release> {
        let of = |places: &[usize]| places.iter().filter_map(|at| self.all.get(*at)).collect();
        if version == self.version() { of(&self.current) } else { of(&self.standing_at(version)) }
    }

    fn standing_at(&self, version: u64) -> Vec<usize> {
        let mut newest: BTreeMap<(AreaCode, Period), (u32, usize)> = BTreeMap::new();
        for (at, one) in self.all.iter().enumerate().filter(|(_, one)| one.stands_at(version)) {
            let revision = one.release.revision();
            let place = newest.entry((one.release.district(), one.release.period())).or_insert((revision, at));
            if place.0 < revision {
                *place = (revision, at);
            }
        }
        newest.into_values().map(|(_, at)| at).collect()
    }

    /// The releases of these numbers, in their order.
    #[must_use]
    pub fn of(&self, ids: &[i64]) -> Vec<&Release> {
        let find = |id: &i64| self.all.binary_search_by_key(id, |one| one.id).ok().and_then(|at| self.all.get(at));
        ids.iter().filter_map(find).collect()
    }

    /// The release that answers at `version` for the district and month of `one`.
    #[must_use]
    pub fn answers_for(&self, one: ReleaseId, version: u64) -> Option<&Release> {
        self.answering(version)
            .into_iter()
            .find(|other| (other.release.district(), other.release.period()) == (one.district(), one.period()))
    }

    /// The releases of `all` that hold the newest rows of their districts, or
    /// the newest of the edition asked for. An edition without a revision means
    /// its newest one: `2025Q2` is `2025Q2-r2` once that is there. Rows can be
    /// issued again by a correction of a month that is not the last.
    #[must_use]
    pub fn newest_rows<'a>(all: &[&'a Release], edition: Option<EditionId>) -> Vec<&'a Release> {
        let mut newest: BTreeMap<AreaCode, &Release> = BTreeMap::new();
        let place = |one: &Release| (one.edition, one.release.period(), one.release.revision());
        for one in all {
            let wanted = match (edition, one.edition) {
                (None, _) => true,
                (Some(asked), Some(own)) => own == asked || asked.revision() == 1 && own.quarter() == asked.quarter(),
                (Some(_), None) => false,
            };
            if wanted {
                let known = newest.entry(one.release.district()).or_insert(one);
                if place(known) < place(one) {
                    *known = one;
                }
            }
        }
        newest.into_values().collect()
    }

    /// What a release is at `version`; `None` before it was admitted.
    #[must_use]
    pub fn standing(&self, one: &Release, version: u64) -> Option<Standing> {
        if one.version() > version {
            return None;
        }
        if !one.stands_at(version) {
            return Some(Standing::Withdrawn);
        }
        let answers = self.answering(version).iter().any(|other| other.id == one.id);
        Some(if answers { Standing::Current } else { Standing::Superseded })
    }
}

fn read(row: ReleaseRow) -> Result<Release> {
    Ok(Release {
        id: row.id,
        release: row.name.parse()?,
        admitted_at: row.admitted_at,
        expected_on: row.expected_on.map(|day| day.parse()).transpose()?,
        manifest_sha256: row.manifest_sha256,
        edition_id: row.edition_id,
        edition: row.edition.map(|edition| edition.parse()).transpose()?,
        edition_as_of: row.edition_as_of.map(code::period).transpose()?,
        rows_from: row.rows_from.map(|release| release.parse()).transpose()?,
        correction: match (row.correction_of, row.correction_reason) {
            (Some(of), Some(reason)) => Some(Correction { of: of.parse()?, reason: reason.parse().map_err(anyhow::Error::msg)? }),
            _ => None,
        },
        simulated: row.simulated,
        withdrawn: match (row.withdrawn_version, row.withdrawn_at, row.withdrawn_reason) {
            (Some(version), Some(at), Some(reason)) => Some(Withdrawal { version: u64::try_from(version)?, at, reason }),
            _ => None,
        },
    })
}

/// The manifest and its signature, as their files hold them.
///
/// # Errors
/// When the database does not answer.
pub fn manifest(connection: &mut AnyConnection, release: &Release) -> Result<(String, String)> {
    Ok(releases::table.select((releases::manifest, releases::signature)).filter(releases::id.eq(release.id)).first(connection)?)
}

/// The data files of some releases, by release and path.
///
/// # Errors
/// When the database does not answer.
pub fn files_of(connection: &mut AnyConnection, ids: &[i64]) -> Result<Vec<FileRow>> {
    let mut found: Vec<FileRow> = Vec::new();
    for ids in ids.chunks(super::IDS) {
        found.extend(
            files::table
                .select(FileRow::as_select())
                .filter(files::release_id.eq_any(ids))
                .order((files::release_id.asc(), files::path.asc()))
                .load(connection)?,
        );
    }
    Ok(found)
}
