//! Records as they are stored. How they look to a reader is the server's
//! business (its views); how they are found, that of [`crate::queries`].

use diesel::prelude::*;

use crate::schema::{atoms, cells, editions, files, lists, log_entries, pool_members, pools, releases, series};

/// An entry of the log.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = log_entries, treat_none_as_default_value = false)]
#[expect(missing_docs, reason = "the columns are described in the migration")]
pub struct LogRow {
    pub version: i64,
    pub action: String,
    pub release_name: String,
    pub manifest_sha256: Option<String>,
    pub reason: Option<String>,
    pub at: String,
}

/// A release, its manifest left in the database.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = releases)]
#[expect(missing_docs, reason = "the columns are described in the migration")]
pub struct ReleaseRow {
    pub id: i64,
    pub name: String,
    pub admitted_at: String,
    pub manifest_sha256: String,
    pub edition_id: Option<i64>,
    pub edition: Option<String>,
    pub edition_as_of: Option<i32>,
    pub simulated: bool,
    pub withdrawn_version: Option<i64>,
    pub withdrawn_at: Option<String>,
    pub withdrawn_reason: Option<String>,
    pub rows_from: Option<String>,
    pub correction_of: Option<String>,
    pub correction_reason: Option<String>,
    pub expected_on: Option<String>,
}

/// A release as it is loaded.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = releases, treat_none_as_default_value = false)]
#[expect(missing_docs, reason = "the columns are described in the migration")]
pub struct NewRelease {
    pub id: i64,
    pub name: String,
    pub admitted_at: String,
    pub manifest_sha256: String,
    pub edition_id: Option<i64>,
    pub edition: Option<String>,
    pub edition_as_of: Option<i32>,
    pub simulated: bool,
    pub manifest: String,
    pub signature: String,
    pub withdrawn_version: Option<i64>,
    pub withdrawn_at: Option<String>,
    pub withdrawn_reason: Option<String>,
    pub rows_from: Option<String>,
    pub correction_of: Option<String>,
    pub correction_reason: Option<String>,
    pub expected_on: Option<String>,
}

/// A data file of a release.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = files)]
#[expect(missing_docs, reason = "the columns are described in the migration")]
pub struct FileRow {
    pub release_id: i64,
    pub path: String,
    pub bytes: i64,
    pub row_count: i64,
    pub sha256: String,
}

/// An edition's content: shared by the releases that repeat it.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = editions)]
#[expect(missing_docs, reason = "the columns are described in the migration")]
pub struct EditionRow {
    pub id: i64,
    pub district: i64,
    pub name: String,
    pub content_sha256: String,
}

/// The recipients of one program in one edition.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = lists)]
#[expect(missing_docs, reason = "the columns are described in the migration")]
pub struct ListRow {
    pub id: i64,
    pub edition_id: i64,
    pub program: String,
    pub atoms: i64,
    pub units: i64,
}

/// An atom: `units` equal rows.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = atoms)]
#[expect(missing_docs, reason = "the columns are described in the migration")]
pub struct AtomRow {
    pub list_id: i64,
    pub atom: i64,
    pub low: i64,
    pub pool: i64,
    pub sex: i16,
    pub age_band: i16,
    pub family_size: i16,
    pub units: i64,
}

/// The cells of one program in one table of one release.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = series)]
#[expect(missing_docs, reason = "the columns are described in the migration")]
pub struct SeriesRow {
    pub id: i64,
    pub release_id: i64,
    pub kind: i16,
    pub program: String,
    pub cells: i64,
}

/// A published figure.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = cells, treat_none_as_default_value = false)]
#[expect(missing_docs, reason = "the columns are described in the migration")]
pub struct CellRow {
    pub series_id: i64,
    pub low: i64,
    pub pool: i64,
    pub measure: i16,
    pub category: String,
    pub level: i16,
    pub value: Option<i64>,
    pub status: i16,
    pub group_id: Option<i64>,
    pub as_of: i32,
    pub issue: Option<i64>,
}

/// A pool of areas, or a group.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = pools)]
#[expect(missing_docs, reason = "the columns are described in the migration")]
pub struct PoolRow {
    pub id: i64,
    pub label: String,
}

/// A member of a pool, as its range.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = pool_members)]
#[expect(missing_docs, reason = "the columns are described in the migration")]
pub struct PoolMemberRow {
    pub pool_id: i64,
    pub low: i64,
    pub high: i64,
}
