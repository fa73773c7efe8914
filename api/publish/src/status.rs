//! How far each month of a district is: what is loaded, what is published, what
//! stands in the way of publishing, and what to do about it. Counts only.

use std::collections::BTreeMap;
use std::path::Path;

use domain::{AreaCode, Period, ReleaseId};
use registry::{Layout, LoadedMonth, Registry};

use crate::book::{Book, Publication, State};
use crate::draft::folder_of;
use crate::{Error, Result};

/// Of how many rejected rows in a hundred a month is not to be published.
const MOST_REJECTED: u64 = 10;

/// How far a district is.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Status {
    /// The district.
    pub area: AreaCode,
    /// The months for which something is loaded or published, ascending.
    pub months: Vec<MonthStatus>,
    /// The verification rounds, in the order in which they were opened.
    pub rounds: Vec<RoundStatus>,
}

/// How far a verification round is.
#[derive(Debug, Clone, serde::Serialize)]
pub struct RoundStatus {
    /// What it is called.
    pub name: String,
    /// The month whose recipients are visited.
    pub period: Period,
    /// People on its list.
    pub people: u64,
    /// Of them visited.
    pub visited: u64,
    /// Whether it takes no more results.
    pub closed: bool,
}

/// How far a month is.
#[derive(Debug, Clone, serde::Serialize)]
pub struct MonthStatus {
    /// The month.
    pub period: Period,
    /// Files that were imported for it.
    pub files: u64,
    /// Rows read of them.
    pub rows: u64,
    /// Rows of recipients that were accepted: in a delta, of what changed.
    pub recipients: u64,
    /// Whether a whole table of recipients is loaded, and not changes only.
    pub snapshot: bool,
    /// Whether any of it is simulated.
    pub simulated: bool,
    /// Rejected rows that did not come back corrected.
    pub uncorrected: u64,
    /// Files by layout.
    pub layouts: BTreeMap<String, u64>,
    /// Findings in its rows at import, by kind.
    pub findings: BTreeMap<String, u64>,
    /// Open cases by rule, where they were asked for: they are computed anew
    /// each time (`Registry::cases`), which takes as long as reading the month.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open_cases: Option<BTreeMap<String, u64>>,
    /// Rows of verification imported for it.
    pub verified: u64,
    /// Its releases, the corrections after the first.
    pub releases: Vec<ReleaseStatus>,
    /// What stands in the way, or should be looked at.
    pub obstacles: Vec<Obstacle>,
    /// The imports, in their order.
    pub imports: Vec<ImportStatus>,
}

/// A release of a month.
#[derive(Debug, Clone, serde::Serialize)]
pub struct ReleaseStatus {
    /// Its id.
    pub release: ReleaseId,
    /// `draft`, `sealed` or `withdrawn`.
    pub state: &'static str,
    /// When it was sealed.
    pub sealed_at: Option<String>,
}

/// An import of a month.
#[derive(Debug, Clone, serde::Serialize)]
pub struct ImportStatus {
    /// Its id, for `bansos import --undo`.
    pub id: i64,
    /// The layout it is kept as.
    pub layout: &'static str,
    /// The file, as reports call it.
    pub file: String,
    /// Whether it holds changes only.
    pub delta: bool,
    /// Rows read.
    pub rows: u64,
    /// Rows accepted.
    pub accepted: u64,
    /// Rejected rows that did not come back corrected.
    pub uncorrected: u64,
    /// When, in UTC.
    pub imported_at: String,
}

/// Something in the way of publishing, or worth a look.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Obstacle {
    /// Whether the month cannot or must not be published before it is removed.
    pub blocks: bool,
    /// What it is.
    pub what: String,
    /// What to do next.
    pub remedy: String,
}

/// Tells how far the district of a registry is. `data` holds its releases.
///
/// # Errors
/// When the registry cannot be read.
pub fn status(data: &Path, registry: &mut Registry) -> Result<Status> {
    let area = registry.district();
    let loaded = registry.loaded().map_err(|error| Error::Registry(error.to_string()))?;
    let rounds = rounds(registry).map_err(|error| Error::Registry(error.to_string()))?;
    let mut book = Book::open(registry.connection())?;
    let (publications, sealed_at) = (book.publications()?, book.sealed_at()?);
    let mut months: BTreeMap<Period, (Option<&LoadedMonth>, Vec<&Publication>)> = BTreeMap::new();
    for month in &loaded {
        months.entry(month.period).or_default().0 = Some(month);
    }
    for made in &publications {
        months.entry(made.release.period()).or_default().1.push(made);
    }
    let known = Known { data, area, loaded: &loaded, publications: &publications, sealed_at: &sealed_at };
    let months = months
        .into_iter()
        .map(|(period, (month, made))| MonthStatus {
            releases: made
                .iter()
                .map(|made| ReleaseStatus {
                    release: made.release,
                    state: state(made.state),
                    sealed_at: sealed_at.get(&made.release).cloned(),
                })
                .collect(),
            obstacles: known.obstacles(period, month, &made),
            ..counted(period, month)
        })
        .collect();
    Ok(Status { area, months, rounds })
}

fn rounds(registry: &mut Registry) -> registry::Result<Vec<RoundStatus>> {
    let mut told = Vec::new();
    for round in registry.rounds()? {
        let visited = registry.round_progress(&round)?.all.visited();
        told.push(RoundStatus { visited, name: round.name, period: round.period, people: round.people, closed: round.closed.is_some() });
    }
    Ok(told)
}

const fn state(state: State) -> &'static str {
    match state {
        State::Draft => "draft",
        State::Sealed => "sealed",
        State::Withdrawn => "withdrawn",
    }
}

/// What is loaded for a month.
fn counted(period: Period, month: Option<&LoadedMonth>) -> MonthStatus {
    let files = month.map_or(&[][..], |month| &month.files);
    let mut layouts: BTreeMap<String, u64> = BTreeMap::new();
    for file in files {
        *layouts.entry(file.import.layout.as_str().to_owned()).or_default() += 1;
    }
    MonthStatus {
        period,
        files: files.len() as u64,
        rows: files.iter().map(|file| file.import.read).sum(),
        recipients: month.map_or(0, |month| month.recipients().map(|file| file.import.accepted).sum()),
        snapshot: month.is_some_and(LoadedMonth::is_snapshot),
        simulated: files.iter().any(|file| file.import.simulated),
        uncorrected: files.iter().map(|file| file.uncorrected).sum(),
        layouts,
        findings: month.map(|month| month.findings.clone()).unwrap_or_default(),
        open_cases: None,
        verified: files.iter().filter(|file| file.import.layout == Layout::Verification).map(|file| file.import.accepted).sum(),
        releases: Vec::new(),
        obstacles: Vec::new(),
        imports: files
            .iter()
            .map(|file| ImportStatus {
                id: file.import.id,
                layout: file.import.layout.as_str(),
                file: file.import.file.clone(),
                delta: file.delta,
                rows: file.import.read,
                accepted: file.import.accepted,
                uncorrected: file.uncorrected,
                imported_at: file.import.imported_at.clone(),
            })
            .collect(),
    }
}

/// What obstacles are judged by.
struct Known<'a> {
    data: &'a Path,
    area: AreaCode,
    loaded: &'a [LoadedMonth],
    publications: &'a [Publication],
    sealed_at: &'a BTreeMap<ReleaseId, String>,
}

impl Known<'_> {
    /// Whether a month was sealed once, withdrawn or not.
    fn was_sealed(&self, period: Period) -> bool {
        self.publications.iter().any(|made| made.release.period() == period && made.state != State::Draft)
    }

    fn obstacles(&self, period: Period, month: Option<&LoadedMonth>, made: &[&Publication]) -> Vec<Obstacle> {
        let mut found = Vec::new();
        let mut tell = |blocks, what: String, remedy: String| found.push(Obstacle { blocks, what, remedy });
        let id = format!("{}-{period}", self.area);
        let mut drafts = made.iter().filter(|made| made.state == State::Draft);
        if let Some(draft) = drafts.next() {
            tell(
                true,
                format!("{} is a draft that waits for the seal", draft.release),
                format!("bansos seal {} --by NAME, by a second person", draft.release),
            );
        }
        for sealed in made.iter().filter(|made| made.state == State::Sealed && !folder_of(self.data, made.release).exists()) {
            tell(true, format!("the seal of {} was cut off", sealed.release), "bansos publish --all completes it".to_owned());
        }
        let last = made.iter().filter(|made| made.state != State::Draft).max_by_key(|made| made.release.revision());
        match last {
            Some(last) if last.state == State::Withdrawn => {
                tell(
                    true,
                    format!("{} is withdrawn, and nothing stands in its place", last.release),
                    format!("mend what was wrong, then bansos publish --revise {} --reason withdrawn", last.release),
                );
            }
            Some(last) => {
                let since = self.sealed_at.get(&last.release).map_or("", String::as_str);
                let late = month.map_or(0, |month| month.files.iter().filter(|file| file.import.imported_at.as_str() > since).count());
                if late > 0 {
                    tell(
                        false,
                        format!("{late} files were imported after {} was sealed", last.release),
                        format!("bansos publish --revise {} --reason late-data (or another reason)", last.release),
                    );
                }
            }
            None => {}
        }
        let Some(month) = month else { return found };
        if last.is_none() {
            if month.recipients().next().is_none() {
                tell(true, "no recipients are loaded".to_owned(), "import the month's table of recipients (DTKS or BNBA)".to_owned());
            }
            if let Some(later) = self
                .publications
                .iter()
                .filter(|made| made.state != State::Draft && made.release.period() > period)
                .map(|made| made.release)
                .min()
            {
                tell(
                    true,
                    format!("{later} is sealed already: months are published in order"),
                    "none: this month stays unpublished".to_owned(),
                );
            }
            let before = self.loaded.iter().filter(|other| other.period < period && other.recipients().next().is_some());
            if let Some(before) = before.map(|other| other.period).find(|other| !self.was_sealed(*other)) {
                tell(
                    true,
                    format!("{before} is not published yet: once {id} is sealed it cannot be"),
                    format!("publish and seal {}-{before} first", self.area),
                );
            }
        }
        self.look_at_files(month, last.is_some(), &mut tell);
        found
    }

    /// What the files of recipients themselves show.
    fn look_at_files(&self, month: &LoadedMonth, published: bool, tell: &mut dyn FnMut(bool, String, String)) {
        let (mut read, mut wrong) = (0u64, 0u64);
        for file in month.recipients().filter(|file| !file.corrects) {
            read += file.import.read;
        }
        for file in month.recipients() {
            wrong += file.uncorrected;
        }
        if wrong * 100 > read * MOST_REJECTED {
            tell(
                !published,
                format!("{wrong} of {read} rows of recipients are rejected and not corrected, more than {MOST_REJECTED} %"),
                "import with --report ditolak.xlsx, correct the rows in it, import that file".to_owned(),
            );
        }
        let before = self.loaded.iter().rfind(|other| other.period < month.period && other.recipients().next().is_some());
        let Some(before) = before else { return };
        if month.recipients().next().is_none() {
            return;
        }
        if before.period != month.period.previous() {
            tell(
                false,
                format!("no recipients of {} are loaded: who entered and left is not known", month.period.previous()),
                "import that month's table, if there is one, before this month is published".to_owned(),
            );
        }
        let (then, now) = (before.snapshot_rows(), month.snapshot_rows());
        if month.is_snapshot() && before.is_snapshot() && now * 10 < then * 9 {
            tell(
                false,
                format!("the table of recipients shrank by more than 10 %: {now} rows, {then} in {}", before.period),
                "make sure that the file was complete; whoever is absent counts as having left".to_owned(),
            );
        }
    }
}
