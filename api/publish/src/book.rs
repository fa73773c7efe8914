//! What the registry keeps of publishing: the tables `publication`, `row_place`
//! and `commitment`, in the district's own registry file.

use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use disclosure::sensitive::Member;
use domain::{EditionId, Period, ProgramCode, ReleaseId};

use crate::chance::Chance;
use crate::commitment::Committed;
use crate::places::Places;
use crate::tables::Snapshot;
use crate::{Error, Result};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations/publish");

diesel::table! {
    publication (release) {
        release -> Text,
        period -> Text,
        revision -> Integer,
        edition -> Text,
        edition_as_of -> Text,
        state -> Text,
        manifest_sha256 -> Text,
        published_by -> Text,
        published_at -> Text,
        sealed_by -> Nullable<Text>,
        sealed_at -> Nullable<Text>,
        withdrawn_by -> Nullable<Text>,
        withdrawn_at -> Nullable<Text>,
        sequence -> Nullable<BigInt>,
    }
}

diesel::table! {
    row_place (edition, program, atom) {
        edition -> Text,
        program -> Text,
        atom -> Integer,
        places -> Binary,
    }
}

diesel::table! {
    shown (release, table_name, subject, area) {
        release -> Text,
        table_name -> Text,
        subject -> Text,
        area -> Text,
        as_of -> Text,
        members -> Binary,
    }
}

diesel::table! {
    commitment (release) {
        release -> Text,
        programs -> Text,
        leaves -> Binary,
    }
}

/// How far a release has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Built and attacked; nobody outside has seen it.
    Draft,
    /// Signed: it can only be withdrawn.
    Sealed,
    /// Withdrawn, with a tombstone in the log.
    Withdrawn,
}

/// A release that was made.
#[derive(Debug, Clone)]
pub struct Publication {
    /// Its id.
    pub release: ReleaseId,
    /// The edition of its rows.
    pub edition: EditionId,
    /// The month the edition was taken in.
    pub edition_as_of: Period,
    /// How far it has come.
    pub state: State,
    /// SHA-256 of its manifest, hex.
    pub manifest_sha256: String,
    /// Who made it: an official's name, which stays in the registry.
    pub published_by: String,
    /// Who sealed it.
    pub sealed_by: Option<String>,
    /// Its place in the order of sealing, from 1.
    pub sequence: Option<i64>,
}

/// What opens the commitment of a release. RESTRICTED.
pub(crate) struct Issued {
    pub release: ReleaseId,
    /// Codes of its programs, joined by commas.
    pub programs: String,
    /// In the form of `commitment.leaves`.
    pub secrets: Vec<u8>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = publication)]
struct Row {
    release: String,
    edition: String,
    edition_as_of: String,
    state: String,
    manifest_sha256: String,
    published_by: String,
    sealed_by: Option<String>,
    sequence: Option<i64>,
}

impl TryFrom<Row> for Publication {
    type Error = Error;
    fn try_from(row: Row) -> Result<Publication> {
        let wrong = |error: domain::ParseError| Error::Registry(format!("table publication: {error}"));
        Ok(Publication {
            release: row.release.parse().map_err(wrong)?,
            edition: row.edition.parse().map_err(wrong)?,
            edition_as_of: row.edition_as_of.parse().map_err(wrong)?,
            state: match row.state.as_str() {
                "draft" => State::Draft,
                "sealed" => State::Sealed,
                _ => State::Withdrawn,
            },
            manifest_sha256: row.manifest_sha256,
            published_by: row.published_by,
            sealed_by: row.sealed_by,
            sequence: row.sequence,
        })
    }
}

/// The book of a district's publications.
pub struct Book<'a> {
    connection: &'a mut SqliteConnection,
}

impl<'a> Book<'a> {
    /// Opens the book in a registry and brings its tables up to date.
    ///
    /// # Errors
    /// When the tables cannot be made.
    pub fn open(connection: &'a mut SqliteConnection) -> Result<Book<'a>> {
        connection.run_pending_migrations(MIGRATIONS).map_err(|error| Error::Registry(error.to_string()))?;
        Ok(Book { connection })
    }

    /// The key of chance in the partition of rows.
    pub(crate) fn chance(&mut self) -> Result<Chance> {
        Chance::of(self.connection)
    }

    /// Every release made, in order of period and revision.
    ///
    /// # Errors
    /// When the registry cannot be read.
    pub fn publications(&mut self) -> Result<Vec<Publication>> {
        let rows = publication::table.select(Row::as_select()).order((publication::period, publication::revision)).load(self.connection)?;
        rows.into_iter().map(Publication::try_from).collect()
    }

    /// When each release was sealed that was, RFC 3339, UTC.
    ///
    /// # Errors
    /// When the registry cannot be read.
    pub fn sealed_at(&mut self) -> Result<std::collections::BTreeMap<ReleaseId, String>> {
        let rows: Vec<(String, Option<String>)> =
            publication::table.select((publication::release, publication::sealed_at)).load(self.connection)?;
        let wrong = |error: domain::ParseError| Error::Registry(format!("table publication: {error}"));
        let sealed = rows.into_iter().filter_map(|(id, at)| Some((id, at?)));
        sealed.map(|(id, at)| Ok((id.parse().map_err(wrong)?, at))).collect()
    }

    /// The release with this id, if it was made.
    ///
    /// # Errors
    /// When the registry cannot be read.
    pub fn find(&mut self, release: ReleaseId) -> Result<Option<Publication>> {
        let row = publication::table.find(release.to_string()).select(Row::as_select()).first(self.connection).optional()?;
        row.map(Publication::try_from).transpose()
    }

    /// Who stands in the places of an atom, as it is stored.
    pub(crate) fn places(&mut self, edition: EditionId, program: &ProgramCode, atom: u32) -> Result<Vec<u8>> {
        let atom = i32::try_from(atom).unwrap_or(i32::MAX);
        Ok(row_place::table.find((edition.to_string(), program.as_str(), atom)).select(row_place::places).first(self.connection)?)
    }

    /// The commitment of the release that issued the rows of an edition: the first
    /// that was sealed with them; withdrawn ones count.
    pub(crate) fn issued(&mut self, edition: EditionId) -> Result<Option<Issued>> {
        let release: Option<String> = publication::table
            .filter(publication::edition.eq(edition.to_string()).and(publication::state.ne("draft")))
            .order(publication::sequence)
            .select(publication::release)
            .first(self.connection)
            .optional()?;
        let Some(release) = release else { return Ok(None) };
        let opening: Option<(String, Vec<u8>)> =
            commitment::table.find(&release).select((commitment::programs, commitment::leaves)).first(self.connection).optional()?;
        let (programs, secrets) = opening.unwrap_or_default();
        let release = release.parse().map_err(|error: domain::ParseError| Error::Registry(format!("table publication: {error}")))?;
        Ok(Some(Issued { release, programs, secrets }))
    }

    /// Whom the figures of sealed releases were about, also of withdrawn ones.
    pub(crate) fn snapshots(&mut self) -> Result<Vec<Snapshot>> {
        let sealed: Vec<String> =
            publication::table.filter(publication::state.ne("draft")).select(publication::release).load(self.connection)?;
        let rows: Vec<(String, String, String, String, String, Vec<u8>)> =
            shown::table.filter(shown::release.eq_any(sealed)).load(self.connection)?;
        let wrong = |error: domain::ParseError| Error::Registry(format!("table shown: {error}"));
        rows.into_iter()
            .map(|(release, table, subject, area, as_of, members)| {
                Ok(Snapshot {
                    release: release.parse().map_err(wrong)?,
                    table: table.parse().map_err(wrong)?,
                    subject,
                    area: area.parse().map_err(wrong)?,
                    as_of: as_of.parse().map_err(wrong)?,
                    members: members
                        .as_chunks::<16>()
                        .0
                        .iter()
                        .map(|bytes| {
                            let number = u128::from_le_bytes(*bytes);
                            Member { id: number as u64, category: (number >> 64) as u64 }
                        })
                        .collect(),
                })
            })
            .collect()
    }

    /// Notes a draft with its secrets, in place of an earlier draft of it.
    pub(crate) fn note_draft(
        &mut self,
        made: &Publication,
        places: Option<&[Places]>,
        programs: &str,
        committed: &Committed,
        snapshots: &[Snapshot],
    ) -> Result<()> {
        durable::fault_point("publish.commit.before");
        let release = made.release.to_string();
        let edition = made.edition.to_string();
        self.connection.immediate_transaction::<_, Error, _>(|connection| {
            diesel::replace_into(publication::table)
                .values((
                    publication::release.eq(&release),
                    publication::period.eq(made.release.period().to_string()),
                    publication::revision.eq(i32::try_from(made.release.revision()).unwrap_or(i32::MAX)),
                    publication::edition.eq(&edition),
                    publication::edition_as_of.eq(made.edition_as_of.to_string()),
                    publication::state.eq("draft"),
                    publication::manifest_sha256.eq(&made.manifest_sha256),
                    publication::published_by.eq(&made.published_by),
                    publication::published_at.eq(crate::now()),
                ))
                .execute(connection)?;
            if let Some(places) = places {
                diesel::delete(row_place::table.filter(row_place::edition.eq(&edition))).execute(connection)?;
                for place in places {
                    diesel::insert_into(row_place::table)
                        .values((
                            row_place::edition.eq(&edition),
                            row_place::program.eq(place.program.as_str()),
                            row_place::atom.eq(i32::try_from(place.atom).unwrap_or(i32::MAX)),
                            row_place::places.eq(&place.niks),
                        ))
                        .execute(connection)?;
                }
            }
            diesel::delete(shown::table.filter(shown::release.eq(&release))).execute(connection)?;
            for snapshot in snapshots {
                let members: Vec<u8> = snapshot
                    .members
                    .iter()
                    .flat_map(|member| (u128::from(member.id) | u128::from(member.category) << 64).to_le_bytes())
                    .collect();
                diesel::insert_into(shown::table)
                    .values((
                        shown::release.eq(&release),
                        shown::table_name.eq(snapshot.table.as_str()),
                        shown::subject.eq(&snapshot.subject),
                        shown::area.eq(snapshot.area.to_string()),
                        shown::as_of.eq(snapshot.as_of.to_string()),
                        shown::members.eq(members),
                    ))
                    .execute(connection)?;
            }
            diesel::replace_into(commitment::table)
                .values((commitment::release.eq(&release), commitment::programs.eq(programs), commitment::leaves.eq(&committed.secrets)))
                .execute(connection)?;
            Ok(())
        })?;
        durable::fault_point("publish.commit.after");
        Ok(())
    }

    pub(crate) fn note_sealed(&mut self, release: ReleaseId, by: &str) -> Result<()> {
        durable::fault_point("seal.commit.before");
        self.connection.immediate_transaction::<_, Error, _>(|connection| {
            let last: Option<i64> = publication::table.select(diesel::dsl::max(publication::sequence)).first(connection)?;
            diesel::update(publication::table.find(release.to_string()))
                .set((
                    publication::state.eq("sealed"),
                    publication::sealed_by.eq(by),
                    publication::sealed_at.eq(crate::now()),
                    publication::sequence.eq(last.unwrap_or(0) + 1),
                ))
                .execute(connection)?;
            Ok(())
        })?;
        durable::fault_point("seal.commit.after");
        Ok(())
    }

    pub(crate) fn note_withdrawn(&mut self, release: ReleaseId, by: &str) -> Result<()> {
        durable::fault_point("withdraw.commit.before");
        diesel::update(publication::table.find(release.to_string()))
            .set((publication::state.eq("withdrawn"), publication::withdrawn_by.eq(by), publication::withdrawn_at.eq(crate::now())))
            .execute(self.connection)?;
        durable::fault_point("withdraw.commit.after");
        Ok(())
    }
}
