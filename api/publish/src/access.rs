//! The access log: who had which row traced or whose history shown, and by whose
//! letter. A hash chain in the district's registry, to which entries are only
//! ever added.
//!
//! The hash of an entry is SHA-256 over `bansos-terbuka/access-log/v1` and a
//! zero byte, then over these nine texts in UTF-8, each after its length in four
//! bytes, big-endian: district, sequence (decimal), at, auditor, letter, row,
//! release, outcome, and the hash of the entry before (64 digits of hex; zeros
//! before the first). So it covers every entry before it, too. Whoever can write
//! the database could write a whole chain anew; that is why each auditor is given
//! the hash of their entry, which must stand in every later chain.

use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;
#[cfg(test)]
use domain::RowId;
use domain::{AreaCode, ReleaseId};
use registry::Registry;
use sha2::{Digest, Sha256};

use crate::book::Book;
use crate::{Error, Result};

const DOMAIN: &[u8] = b"bansos-terbuka/access-log/v1\0";

/// The outcome of a trace that showed a record.
pub(crate) const SHOWN: &str = "shown";

diesel::table! {
    access_log (sequence) {
        sequence -> BigInt,
        at -> Text,
        auditor -> Text,
        letter -> Text,
        row_id -> Text,
        release -> Text,
        outcome -> Text,
        previous -> Text,
        hash -> Text,
    }
}

/// An entry of the access log. RESTRICTED: it names the auditor.
#[derive(Clone, PartialEq, Eq, serde::Serialize, Queryable)]
pub struct AccessEntry {
    /// From 1.
    pub sequence: i64,
    /// When, RFC 3339, UTC.
    pub at: String,
    /// Who asked.
    pub auditor: String,
    /// The letter that entitled them.
    pub letter: String,
    /// The row they asked for; `history/` and a mark of the person for a history.
    #[serde(rename = "row")]
    pub row_id: String,
    /// The release that issued the row; empty where none did.
    pub release: String,
    /// `shown`, or `refused: ` and why.
    pub outcome: String,
    /// The hash of the entry before.
    pub previous: String,
    /// This entry's hash.
    pub hash: String,
}

impl AccessEntry {
    /// The hash that the entry should have.
    fn digest(&self, district: AreaCode) -> String {
        let (district, sequence) = (district.to_string(), self.sequence.to_string());
        let texts =
            [&district, &sequence, &self.at, &self.auditor, &self.letter, &self.row_id, &self.release, &self.outcome, &self.previous];
        let mut hash = Sha256::new().chain_update(DOMAIN);
        for text in texts {
            hash.update(u32::try_from(text.len()).unwrap_or(u32::MAX).to_be_bytes());
            hash.update(text);
        }
        release::hex(&hash.finalize())
    }
}

/// Who asks, checked: nobody is shown anything without a name and a letter.
pub(crate) struct Asked<'a> {
    auditor: &'a str,
    letter: &'a str,
}

impl<'a> Asked<'a> {
    pub(crate) fn new(auditor: &'a str, letter: &'a str) -> Result<Asked<'a>> {
        let checked = |what: &str, text: &'a str| {
            let text = text.trim();
            if text.is_empty() || text.chars().count() > 200 || text.chars().any(char::is_control) {
                return Err(Error::NotNow(format!("{what} is empty, longer than 200 characters, or of more than one line")));
            }
            Ok(text)
        };
        Ok(Asked {
            auditor: checked("who asks (--auditor NAME, --by NAME)", auditor)?,
            letter: checked("the letter that entitles them (--letter REF)", letter)?,
        })
    }
}

/// Adds an entry. When this returns it is on disk: the registry's connection
/// fsyncs every commit.
pub(crate) fn append(
    connection: &mut SqliteConnection,
    district: AreaCode,
    asked: &Asked<'_>,
    subject: &str,
    release: Option<ReleaseId>,
    outcome: String,
) -> Result<AccessEntry> {
    durable::fault_point("trace.commit.before");
    let entry = connection.immediate_transaction::<_, Error, _>(|connection| {
        let last: Option<(i64, String)> = access_log::table
            .order(access_log::sequence.desc())
            .select((access_log::sequence, access_log::hash))
            .first(connection)
            .optional()?;
        let (sequence, previous) = last.unwrap_or_else(|| (0, "0".repeat(64)));
        let mut entry = AccessEntry {
            sequence: sequence + 1,
            at: crate::now(),
            auditor: asked.auditor.to_owned(),
            letter: asked.letter.to_owned(),
            row_id: subject.to_owned(),
            release: release.map_or_else(String::new, |release| release.to_string()),
            outcome,
            previous,
            hash: String::new(),
        };
        entry.hash = entry.digest(district);
        diesel::insert_into(access_log::table)
            .values((
                access_log::sequence.eq(entry.sequence),
                access_log::at.eq(&entry.at),
                access_log::auditor.eq(&entry.auditor),
                access_log::letter.eq(&entry.letter),
                access_log::row_id.eq(&entry.row_id),
                access_log::release.eq(&entry.release),
                access_log::outcome.eq(&entry.outcome),
                access_log::previous.eq(&entry.previous),
                access_log::hash.eq(&entry.hash),
            ))
            .execute(connection)?;
        Ok(entry)
    })?;
    durable::fault_point("trace.commit.after");
    Ok(entry)
}

/// The access log of a district, and its first broken link, if one is.
///
/// # Errors
/// When the registry cannot be read.
pub fn accesses(registry: &mut Registry) -> Result<(Vec<AccessEntry>, Option<String>)> {
    let district = registry.district();
    Book::open(registry.connection())?;
    let entries: Vec<AccessEntry> = access_log::table.order(access_log::sequence).load(registry.connection())?;
    let broken = first_broken(district, &entries);
    Ok((entries, broken))
}

fn first_broken(district: AreaCode, entries: &[AccessEntry]) -> Option<String> {
    let (mut sequence, mut hash) = (0, "0".repeat(64));
    for entry in entries {
        let number = entry.sequence;
        if number != sequence + 1 {
            return Some(format!("entry {} is missing: {sequence} is followed by {number}", sequence + 1));
        }
        if entry.previous != hash {
            return Some(format!("entry {number} does not follow entry {sequence}: it names another entry before it"));
        }
        if entry.digest(district) != entry.hash {
            return Some(format!("entry {number} was altered: its hash is not that of its content"));
        }
        (sequence, hash) = (number, entry.hash.clone());
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn registry() -> (tempfile::TempDir, Registry) {
        let folder = tempfile::tempdir().unwrap();
        let mut registry = Registry::open(folder.path(), "36.71".parse().unwrap()).unwrap();
        Book::open(registry.connection()).unwrap();
        (folder, registry)
    }

    fn five(registry: &mut Registry) {
        let district = registry.district();
        for place in 1..=5 {
            let row: RowId = format!("36.71-2025Q2/PKH/00001/{place:02}").parse().unwrap();
            let asked = Asked::new(" Auditor Satu ", "S-1/2026").unwrap();
            append(registry.connection(), district, &asked, &row.to_string(), None, SHOWN.to_owned()).unwrap();
        }
    }

    #[test]
    fn the_chain_holds_and_names_its_first_broken_link() {
        let (_folder, mut registry) = registry();
        assert_eq!(accesses(&mut registry).unwrap().1, None);
        five(&mut registry);
        let (entries, broken) = accesses(&mut registry).unwrap();
        assert_eq!((entries.len(), broken), (5, None));
        assert_eq!(entries[0].auditor, "Auditor Satu");
        let district = registry.district();
        type Change = fn(&mut Vec<AccessEntry>);
        let changes: [(Change, &str); 7] = [
            (|entries| entries[2].auditor = "Orang Lain".into(), "entry 3 was altered"),
            (|entries| entries[4].outcome = "refused: x".into(), "entry 5 was altered"),
            // A boundary moved between two texts is another entry.
            (|entries| (entries[1].auditor, entries[1].letter) = ("Auditor SatuS".into(), "-1/2026".into()), "entry 2 was altered"),
            (|entries| drop(entries.remove(1)), "entry 2 is missing"),
            (|entries| drop(entries.remove(0)), "entry 1 is missing"),
            // Altered and hashed anew: the next one tells.
            (
                |entries| {
                    entries[2].letter = "S-2/2026".into();
                    entries[2].hash = entries[2].digest("36.71".parse().unwrap());
                },
                "entry 4 does not follow entry 3",
            ),
            (|entries| entries[3].previous = "0".repeat(64), "entry 4 does not follow entry 3"),
        ];
        for (change, words) in changes {
            let mut altered = entries.clone();
            change(&mut altered);
            let broken = first_broken(district, &altered).unwrap();
            assert!(broken.contains(words), "{broken}");
        }
        // Another district's chain is none here.
        assert!(first_broken("12.74".parse().unwrap(), &entries).is_some());
    }

    #[test]
    fn entries_cannot_be_changed_or_removed_by_a_statement() {
        let (_folder, mut registry) = registry();
        five(&mut registry);
        let connection = registry.connection();
        assert!(diesel::update(access_log::table.find(2)).set(access_log::auditor.eq("x")).execute(connection).is_err());
        assert!(diesel::delete(access_log::table.find(5)).execute(connection).is_err());
    }

    #[test]
    fn nobody_asks_without_a_name_and_a_letter() {
        for (auditor, letter) in [("", "S-1"), ("  ", "S-1"), ("A", ""), ("A", "\t"), ("A\nB", "S-1"), (&"A".repeat(201), "S-1")] {
            assert!(Asked::new(auditor, letter).is_err());
        }
    }
}
