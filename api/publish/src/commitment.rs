//! The commitment to the registry rows behind a release: a Merkle tree
//! (`release::merkle`) over salted rows in shuffled order. The root is public
//! and tells nothing; with a trace the office can show one row, its salt and its
//! proof, and nobody can later put another row behind the release.
//!
//! The record of somebody who stands in a row of the edition that the release
//! takes names that row, so that the office cannot choose afterwards whom it
//! shows for it. All that a record says is kept beside its salt: the registry
//! goes on being corrected, and what was committed to must still be provable.
//!
//! The number of leaves is public, and must not tell what the totals withhold:
//! a sensitive program under k has leaves of nobody up to k-1.

use std::collections::HashMap;

use domain::{AreaCode, EditionId, Level, Period, ProgramCode, ReleaseId, RowId};
use identity::{FamilyCardNumber, Nik};
use rand::Rng;
use rand::seq::SliceRandom;
use registry::PeriodState;
use release::merkle::{self, Hash};

use crate::book::Book;
use crate::places::Places;
use crate::{Error, Result, secrets};

/// A commitment and the secrets that open it.
pub(crate) struct Committed {
    /// Hex of the root.
    pub root: String,
    /// Number of leaves.
    pub leaves: u64,
    /// The secrets, in the form of `commitment.leaves`.
    pub secrets: Vec<u8>,
}

/// What a record says. RESTRICTED.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Record {
    /// The month it was taken in: earlier than the release's where a corrected
    /// edition keeps the rows of an area as they were.
    pub period: Period,
    pub nik: Nik,
    pub family: FamilyCardNumber,
    pub kelurahan: AreaCode,
    /// Atom and place, where the person stands in a row that the release issues.
    pub row: Option<(u32, u32)>,
    program: u16,
}

/// Bytes of a leaf in `commitment.leaves`: month (4, of year 0), program (2), NIK
/// (8), family card (8), kelurahan (8), atom (4), place (4; both 0 without a
/// row), salt (32).
const WIDTH: usize = 70;

/// The program of a leaf of nobody.
const NOBODY: u16 = u16::MAX;

impl Record {
    fn write(&self, salt: &Hash, out: &mut Vec<u8>) {
        let (atom, place) = self.row.unwrap_or((0, 0));
        out.extend_from_slice(&self.period.ordinal().to_le_bytes());
        out.extend_from_slice(&self.program.to_le_bytes());
        for number in [self.nik.expose(), self.family.expose(), self.kelurahan.number()] {
            out.extend_from_slice(&number.to_le_bytes());
        }
        for number in [atom, place] {
            out.extend_from_slice(&number.to_le_bytes());
        }
        out.extend_from_slice(salt);
    }

    fn read(bytes: &[u8]) -> Option<(Record, Hash)> {
        let (month, rest) = bytes.split_first_chunk()?;
        let (program, rest) = rest.split_first_chunk()?;
        let (nik, rest) = rest.split_first_chunk()?;
        let (family, rest) = rest.split_first_chunk()?;
        let (kelurahan, rest) = rest.split_first_chunk()?;
        let (atom, rest) = rest.split_first_chunk()?;
        let (place, rest) = rest.split_first_chunk()?;
        let row = (u32::from_le_bytes(*atom), u32::from_le_bytes(*place));
        let month = i32::from_le_bytes(*month);
        let record = Record {
            period: Period::new(i16::try_from(month.div_euclid(12)).ok()?, month.rem_euclid(12) as i8 + 1).ok()?,
            program: u16::from_le_bytes(*program),
            nik: Nik::from_number(u64::from_le_bytes(*nik)).ok()?,
            family: FamilyCardNumber::from_number(u64::from_le_bytes(*family)).ok()?,
            kelurahan: AreaCode::from_number(Level::Kelurahan, u64::from_le_bytes(*kelurahan)).ok()?,
            row: (row != (0, 0)).then_some(row),
        };
        Some((record, rest.try_into().ok()?))
    }

    /// The text that is hashed: JSON, keys in order, no blanks.
    fn text(&self, programs: &[ProgramCode], district: AreaCode, edition: EditionId) -> Option<String> {
        use std::fmt::Write as _;
        if self.program == NOBODY {
            return Some(String::new());
        }
        let program = programs.get(usize::from(self.program))?;
        let mut text = format!(
            r#"{{"area":"{}","family":"{:016}","nik":"{:016}","period":"{}","program":"{program}""#,
            self.kelurahan,
            self.family.expose(),
            self.nik.expose(),
            self.period
        );
        if let Some((atom, place)) = self.row {
            let row = RowId { district, edition, program: program.clone(), atom, place };
            let _ = write!(text, r#","row":"{row}""#);
        }
        text.push('}');
        Some(text)
    }
}

/// Commits to every enrolment of the month, to the records that a corrected
/// edition keeps from before, and to nobody where sensitive programs have fewer
/// than `k`. `places` are the rows that this release issues;
/// none when it repeats an earlier one's.
pub(crate) fn commit(state: &PeriodState, release: ReleaseId, edition: EditionId, places: &[Places], k: u32) -> Result<Committed> {
    let number: HashMap<&ProgramCode, u16> = state.programs.iter().zip(0..).collect();
    let mut rows: HashMap<(u16, u64), (u32, u32)> = HashMap::new();
    let mut records: Vec<Record> = Vec::with_capacity(state.units.len());
    for of_atom in places {
        let program = number.get(&of_atom.program).copied().unwrap_or_default();
        if of_atom.kept.is_empty() {
            rows.extend(of_atom.niks().zip(1..).map(|(nik, place)| ((program, nik), (of_atom.atom, place))));
        }
        let kept = of_atom.kept.iter().zip(1..);
        records.extend(kept.map(|(record, place)| Record { program, row: Some((of_atom.atom, place)), ..*record }));
    }
    records.extend(state.units.iter().map(|unit| Record {
        period: state.period,
        program: unit.program,
        nik: unit.nik,
        family: unit.family,
        kelurahan: unit.kelurahan,
        row: rows.get(&(unit.program, unit.nik.expose())).copied(),
    }));
    if let Some(any) = records.first().copied() {
        let nobody = Record { program: NOBODY, row: None, ..any };
        records.extend(std::iter::repeat_n(nobody, nobodies(state, k)));
    }
    let mut generator = secrets::generator()?;
    records.shuffle(&mut generator);
    let (mut leaves, mut kept) = (Vec::with_capacity(records.len()), Vec::with_capacity(records.len() * WIDTH));
    for record in records {
        let mut salt = [0u8; 32];
        generator.fill_bytes(&mut salt);
        let text = record.text(&state.programs, release.district(), edition).unwrap_or_default();
        leaves.push(merkle::leaf(&salt, text.as_bytes()));
        record.write(&salt, &mut kept);
    }
    Ok(Committed { leaves: leaves.len() as u64, root: release::hex(&merkle::root(leaves)), secrets: kept })
}

/// How many leaves of nobody there are: with them every sensitive program under
/// k, also one that nobody receives, has k-1.
fn nobodies(state: &PeriodState, k: u32) -> usize {
    let most = usize::try_from(k.saturating_sub(1)).unwrap_or(usize::MAX);
    let sensitive = reference::programs().iter().filter(|program| program.sensitive);
    let lacking = sensitive.map(|program| {
        let of = |unit: &&registry::Enrolled| state.programs.get(usize::from(unit.program)) == Some(&program.code);
        most.saturating_sub(state.units.iter().filter(of).count())
    });
    lacking.sum()
}

/// The records that stand in the rows of an edition, by program and atom, in
/// order of place.
pub(crate) fn standing(book: &mut Book<'_>, edition: EditionId) -> Result<HashMap<(ProgramCode, u32), Vec<Record>>> {
    let mut standing: HashMap<(ProgramCode, u32), Vec<Record>> = HashMap::new();
    let Some(issued) = book.issued(edition)? else { return Ok(standing) };
    let unreadable = || Error::Registry(format!("the secrets of {} cannot be read", issued.release));
    let programs = programs(&issued.programs).ok_or_else(unreadable)?;
    for bytes in issued.secrets.chunks(WIDTH) {
        let (record, _) = Record::read(bytes).ok_or_else(unreadable)?;
        if let (Some((atom, _)), Some(program)) = (record.row, programs.get(usize::from(record.program))) {
            standing.entry((program.clone(), atom)).or_default().push(record);
        }
    }
    standing.values_mut().for_each(|records| records.sort_unstable_by_key(|record| record.row));
    Ok(standing)
}

fn programs(joined: &str) -> Option<Vec<ProgramCode>> {
    joined.split(',').map(|code| code.parse().ok()).collect()
}

/// A record with all that proves it belongs to a commitment.
pub(crate) struct Opened {
    pub record: Record,
    /// The text that was hashed.
    pub text: String,
    pub salt: Hash,
    pub index: u64,
    pub leaves: u64,
    pub path: Vec<Hash>,
    pub root: Hash,
}

/// Opens the leaf that stands in `row`; `None` when no leaf does or the
/// secrets are not of this form.
pub(crate) fn open(programs: &str, secrets: &[u8], row: &RowId) -> Option<Opened> {
    let programs = self::programs(programs)?;
    let mut found = None;
    let mut leaves = Vec::with_capacity(secrets.len() / WIDTH);
    for bytes in secrets.chunks(WIDTH) {
        let (record, salt) = Record::read(bytes)?;
        let text = record.text(&programs, row.district, row.edition)?;
        let leaf = merkle::leaf(&salt, text.as_bytes());
        if record.row == Some((row.atom, row.place)) && programs.get(usize::from(record.program)) == Some(&row.program) {
            found = Some((record, text, salt, leaves.len() as u64));
        }
        leaves.push(leaf);
    }
    let (record, text, salt, index) = found?;
    let count = leaves.len() as u64;
    let (path, root) = merkle::prove(leaves, index)?;
    Some(Opened { record, text, salt, index, leaves: count, path, root })
}

#[cfg(test)]
mod tests {
    use domain::Outcome;
    use registry::Enrolled;

    use super::*;

    fn state(n: u64) -> PeriodState {
        let units = (0..n)
            .map(|n| Enrolled {
                program: (n % 2) as u16,
                nik: format!("127401010190{:04}", 1 + n).parse().unwrap(),
                family: format!("127401010190{:04}", 1 + n / 3).parse().unwrap(),
                kelurahan: "12.74.01.1001".parse().unwrap(),
                sex: "F",
                age_band: "18-29",
                family_size: "1-2",
                paid: None,
                outcome: Outcome::default(),
                verified: None,
                finding: domain::PersonFinding::None,
            })
            .collect();
        PeriodState {
            period: "2025-04".parse().unwrap(),
            programs: vec!["PKH".parse().unwrap(), "YAPI".parse().unwrap()],
            units,
            plan: Vec::new(),
            disbursements: std::collections::BTreeSet::new(),
            simulated: true,
            families: Vec::new(),
            complaints: Vec::new(),
            records: registry::RecordFindings::default(),
            reasons: registry::Reasons::default(),
            unplaced: 0,
        }
    }

    fn committed(state: &PeriodState) -> (Committed, Vec<Places>, ReleaseId, EditionId) {
        let (release, edition): (ReleaseId, EditionId) = ("12.74-2025-04".parse().unwrap(), "2025Q2".parse().unwrap());
        let niks = state.units.iter().filter(|unit| unit.program == 0).flat_map(|unit| unit.nik.expose().to_le_bytes()).collect();
        let places = vec![Places { program: "PKH".parse().unwrap(), atom: 1, niks, kept: Vec::new() }];
        (commit(state, release, edition, &places, 1).unwrap(), places, release, edition)
    }

    #[test]
    fn every_row_opens_and_proves_what_was_committed_to() {
        let state = state(31);
        let (committed, places, release, edition) = committed(&state);
        let (mut seen, programs) = (std::collections::HashSet::new(), "PKH,YAPI");
        for (nik, place) in places[0].niks().zip(1..) {
            let row = RowId { district: release.district(), edition, program: "PKH".parse().unwrap(), atom: 1, place };
            let opened = open(programs, &committed.secrets, &row).unwrap();
            assert_eq!(opened.record.nik.expose(), nik);
            assert_eq!((release::hex(&opened.root), opened.leaves), (committed.root.clone(), committed.leaves));
            let leaf = merkle::leaf(&opened.salt, opened.text.as_bytes());
            assert_eq!(merkle::root_from(leaf, opened.index, opened.leaves, &opened.path), Some(opened.root));
            let record: serde_json::Value = serde_json::from_str(&opened.text).unwrap();
            assert_eq!(record["row"], row.to_string());
            assert_eq!(record["period"], "2025-04");
            seen.insert(opened.index);
        }
        assert_eq!(seen.len(), 16);
        let row = RowId { district: release.district(), edition, program: "PKH".parse().unwrap(), atom: 1, place: 17 };
        assert!(open(programs, &committed.secrets, &row).is_none());
    }

    #[test]
    fn the_number_of_leaves_does_not_tell_what_is_withheld() {
        let (release, edition): (ReleaseId, EditionId) = ("12.74-2025-04".parse().unwrap(), "2025Q2".parse().unwrap());
        let sensitive = reference::programs().iter().filter(|program| program.sensitive).count() as u64;
        // YAPI has 3 and 7 of these, under 11, and 15 of the last.
        for (n, open, shown) in [(7, 4, 0), (14, 7, 0), (31, 16, 15)] {
            let committed = commit(&state(n), release, edition, &[], 11).unwrap();
            let hidden = sensitive - u64::from(shown > 0);
            assert_eq!(committed.leaves, open + shown + 10 * hidden, "{n}");
            // Nobody stands in a row, and nobody's leaf can be read as somebody.
            let records: Vec<Record> = committed.secrets.chunks(WIDTH).map(|bytes| Record::read(bytes).unwrap().0).collect();
            let nobody = records.iter().filter(|record| record.program == NOBODY);
            assert_eq!(nobody.clone().count() as u64, committed.leaves - n);
            assert!(
                nobody
                    .into_iter()
                    .all(|record| record.row.is_none() && record.text(&[], release.district(), edition) == Some(String::new()))
            );
        }
    }

    #[test]
    fn rows_that_are_kept_stand_by_their_old_records() {
        let (before, release, edition) = (state(6), "12.74-2025-05-r2".parse().unwrap(), "2025Q2-r2".parse().unwrap());
        let kept: Vec<Record> = committed(&before).0.secrets.chunks(WIDTH).map(|bytes| Record::read(bytes).unwrap().0).collect();
        let kept: Vec<Record> = kept.into_iter().filter(|record| record.row.is_some()).collect();
        let places = [Places { program: "PKH".parse().unwrap(), atom: 7, niks: Vec::new(), kept: kept.clone() }];
        // In the month after, nobody of them is left in the list.
        let mut now = state(0);
        now.period = "2025-05".parse().unwrap();
        let committed = commit(&now, release, edition, &places, 1).unwrap();
        assert_eq!(committed.leaves, 3);
        let row = RowId { district: release.district(), edition, program: "PKH".parse().unwrap(), atom: 7, place: 2 };
        let opened = open("PKH,YAPI", &committed.secrets, &row).unwrap();
        assert_eq!(opened.record.nik, kept[1].nik);
        let record: serde_json::Value = serde_json::from_str(&opened.text).unwrap();
        assert_eq!((&record["period"], &record["row"]), (&"2025-04".into(), &"12.74-2025Q2-r2/PKH/00007/02".into()));
    }

    #[test]
    fn a_changed_secret_leads_elsewhere_and_a_cut_one_nowhere() {
        let state = state(12);
        let (committed, _, release, edition) = committed(&state);
        let row = RowId { district: release.district(), edition, program: "PKH".parse().unwrap(), atom: 1, place: 2 };
        for at in (0..committed.secrets.len()).step_by(5) {
            let mut secrets = committed.secrets.clone();
            secrets[at] ^= 1;
            let root = open("PKH,YAPI", &secrets, &row).map(|opened| release::hex(&opened.root));
            assert_ne!(root, Some(committed.root.clone()), "byte {at}");
        }
        assert!(open("PKH,YAPI", &committed.secrets[1..], &row).is_none());
        assert!(open("", &[], &row).is_none());
    }

    #[test]
    fn salts_and_order_are_new_every_time() {
        let state = state(40);
        let (one, other) = (committed(&state).0, committed(&state).0);
        assert_ne!(one.root, other.root);
        let salts = |committed: &Committed| -> std::collections::HashSet<Hash> {
            committed.secrets.chunks(WIDTH).map(|bytes| Record::read(bytes).unwrap().1).collect()
        };
        assert_eq!(salts(&one).union(&salts(&other)).count(), 80);
        let order = |committed: &Committed| -> Vec<u64> {
            committed.secrets.chunks(WIDTH).map(|bytes| Record::read(bytes).unwrap().0.nik.expose()).collect()
        };
        assert_ne!(order(&one), order(&other));
    }
}
