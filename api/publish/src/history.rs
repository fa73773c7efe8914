//! What a district has published so far, in the order in which it was sealed:
//! the folders that a new release is attacked together with, and the one that
//! it stands on.

use std::path::Path;

use domain::{EditionId, Period, Quarter, ReleaseId};
use release::{Atom, Reason, ReleaseFolder};

use crate::book::{Publication, State};
use crate::draft::folder_of;
use crate::{Error, Result};

/// The releases before a new one.
pub(crate) struct History {
    publications: Vec<Publication>,
    /// Every sealed release whose folder is there, withdrawn or not: what was
    /// public once may have been copied.
    pub known: Vec<ReleaseFolder>,
}

impl History {
    /// Opens what `publications` tell of.
    pub(crate) fn open(data: &Path, publications: Vec<Publication>) -> Result<History> {
        let mut sealed: Vec<&Publication> = publications.iter().filter(|made| made.state != State::Draft).collect();
        sealed.sort_by_key(|made| made.sequence);
        let mut known = Vec::new();
        for made in sealed {
            let folder = folder_of(data, made.release);
            if made.state == State::Sealed || folder.exists() {
                known.push(ReleaseFolder::open(&folder)?);
            }
        }
        Ok(History { publications, known })
    }

    fn stands(&self, release: ReleaseId) -> bool {
        self.publications.iter().any(|made| made.release == release && made.state == State::Sealed)
    }

    /// Releases that were not withdrawn, in the order in which they were sealed.
    fn standing(&self) -> impl DoubleEndedIterator<Item = &ReleaseFolder> {
        self.known.iter().filter(|folder| self.stands(folder.manifest().release))
    }

    /// The release sealed last: the next one names it.
    pub(crate) fn last(&self) -> Option<&ReleaseFolder> {
        self.standing().next_back()
    }

    /// The release whose figures stand where the new one cannot show its own:
    /// the issue that it corrects, or the newest of the months before.
    pub(crate) fn base(&self, release: ReleaseId) -> Option<&ReleaseFolder> {
        let order = |id: ReleaseId| (id.period(), id.revision());
        self.standing()
            .filter(|folder| order(folder.manifest().release) < order(release))
            .max_by_key(|folder| order(folder.manifest().release))
    }

    /// The rows of the quarter as they stand, if they were taken.
    pub(crate) fn rows_of(&self, quarter: Quarter) -> Option<&ReleaseFolder> {
        self.standing().rfind(|folder| folder.manifest().edition.quarter() == quarter)
    }

    /// The rows of the quarter as they were last public, also withdrawn.
    pub(crate) fn rows_once(&self, quarter: Quarter) -> Option<&ReleaseFolder> {
        self.known.iter().rfind(|folder| folder.manifest().edition.quarter() == quarter)
    }

    /// The atoms whose tree a new edition keeps: of the newest quarter up to its own.
    pub(crate) fn tree(&self, quarter: Quarter) -> Result<Vec<Atom>> {
        let folder = self.known.iter().filter(|folder| folder.manifest().edition.quarter() <= quarter).max_by_key(|folder| {
            let edition = folder.manifest().edition;
            (edition.quarter(), edition.revision())
        });
        match folder {
            Some(folder) => Ok(folder.atoms()?.collect::<release::Result<_>>()?),
            None => Ok(Vec::new()),
        }
    }

    /// A name for rows of the quarter that no release has borne.
    pub(crate) fn next_edition(&self, quarter: Quarter) -> EditionId {
        let borne = self.publications.iter().filter(|made| made.state != State::Draft).map(|made| made.edition);
        EditionId::new(
            quarter,
            borne.filter(|edition| edition.quarter() == quarter).map(|edition| edition.revision()).max().unwrap_or(0) + 1,
        )
    }

    /// The id of the next issue of a month.
    ///
    /// # Errors
    /// [`Error::NotNow`] when the order of things does not allow it.
    pub(crate) fn next_release(&self, district: domain::AreaCode, period: Period, correction: Option<Reason>) -> Result<ReleaseId> {
        let issued = self.publications.iter().filter(|made| made.state != State::Draft && made.release.period() == period);
        let last = issued.map(|made| made.release).max_by_key(|release| release.revision());
        let refuse = |why: String| Err(Error::NotNow(why));
        match (last, correction) {
            (None, Some(_)) => return refuse(format!("{district}-{period} was never sealed, so there is nothing to correct: publish it")),
            (Some(last), None) => {
                return refuse(format!(
                    "{last} is sealed already; a correction is a release of its own: `bansos publish --revise {last} --reason REASON`"
                ));
            }
            (Some(last), Some(Reason::Withdrawn)) if self.stands(last) => {
                return refuse(format!("{last} was not withdrawn: give the reason for which it is corrected"));
            }
            _ => {}
        }
        // Months are published in order, each sealed before the next: an
        // edition is taken in its quarter's first month.
        for made in self.publications.iter().filter(|_| last.is_none()) {
            let id = made.release;
            if id.period() > period && made.state != State::Draft {
                return refuse(format!("{district}-{period} comes before {id}, which is sealed already"));
            }
            if id.period() < period && made.state == State::Draft {
                return refuse(format!("{id} is still a draft: seal it before {district}-{period} is made"));
            }
        }
        let revision = last.map_or(1, |last| last.revision() + 1);
        ReleaseId::new(district, period, revision).map_err(|error| Error::NotNow(error.to_string()))
    }

    /// A release whose figures may be told: it was sealed and not withdrawn.
    pub(crate) fn standing_issue(&self, release: ReleaseId) -> Option<&ReleaseFolder> {
        self.standing().find(|folder| folder.manifest().release == release)
    }

    /// What a correction of the month is a correction of.
    pub(crate) fn corrected(&self, period: Period) -> Option<ReleaseId> {
        let issued = self.publications.iter().filter(|made| made.state != State::Draft && made.release.period() == period);
        issued.map(|made| made.release).max_by_key(|release| release.revision())
    }
}
