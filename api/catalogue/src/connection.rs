//! One connection type over both databases. The variant is chosen by the URL's
//! scheme, since diesel's own `establish` would try each in turn and make an
//! SQLite file called `postgres://…` when the server is down.

use std::path::Path;

use anyhow::{Context, Result, bail};
use diesel::connection::SimpleConnection;
use diesel::migration::MigrationSource;
use diesel::prelude::*;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

const SQLITE: EmbeddedMigrations = embed_migrations!("../../migrations/catalogue/sqlite");
const POSTGRESQL: EmbeddedMigrations = embed_migrations!("../../migrations/catalogue/postgresql");

pub use any::AnyConnection;

/// The derive writes undocumented public items beside the type.
#[allow(missing_docs)]
mod any {
    /// A connection to the catalogue, of either kind.
    #[derive(diesel::MultiConnection)]
    pub enum AnyConnection {
        /// An SQLite file.
        Sqlite(diesel::sqlite::SqliteConnection),
        /// A PostgreSQL server.
        Postgresql(diesel::pg::PgConnection),
    }
}

impl std::fmt::Debug for AnyConnection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            AnyConnection::Sqlite(_) => "AnyConnection::Sqlite",
            AnyConnection::Postgresql(_) => "AnyConnection::Postgresql",
        })
    }
}

/// Opens an SQLite file that never changes: nothing is locked, and no file is
/// made beside it.
///
/// # Errors
/// When the file cannot be opened.
pub fn open_immutable(path: &Path) -> Result<AnyConnection> {
    let url = format!("file:{}?immutable=1&mode=ro", escape(path)?);
    let mut connection = SqliteConnection::establish(&url).with_context(|| format!("catalogue {}", path.display()))?;
    // The file is mapped, not copied into a cache per connection.
    connection.batch_execute("PRAGMA mmap_size = 1073741824; PRAGMA cache_size = -2000; PRAGMA query_only = ON;")?;
    Ok(AnyConnection::Sqlite(connection))
}

/// Opens an SQLite file that nobody else reads yet, to write to it. The file is
/// fsynced as a whole before it gets its name, so SQLite need not.
///
/// # Errors
/// When the file cannot be opened or its migrations fail.
pub fn open_unshared(path: &Path) -> Result<AnyConnection> {
    let url = format!("file:{}?mode=rwc", escape(path)?);
    let mut connection = SqliteConnection::establish(&url).with_context(|| format!("catalogue {}", path.display()))?;
    connection.batch_execute("PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA foreign_keys = ON;")?;
    let mut connection = AnyConnection::Sqlite(connection);
    migrate(&mut connection)?;
    Ok(connection)
}

/// Connects to a PostgreSQL server.
///
/// # Errors
/// When it does not answer. The message does not repeat the URL, which may
/// hold a password.
pub fn open_postgresql(url: &str) -> Result<AnyConnection> {
    match PgConnection::establish(url) {
        Ok(connection) => Ok(AnyConnection::Postgresql(connection)),
        Err(error) => bail!("the PostgreSQL catalogue does not answer: {}", error.to_string().replace(url, "…")),
    }
}

/// Brings the tables to the form this software knows.
///
/// # Errors
/// When a migration fails.
pub fn migrate(connection: &mut AnyConnection) -> Result<()> {
    let done = match connection {
        AnyConnection::Sqlite(inner) => inner.run_pending_migrations(SQLITE).map(|_| ()),
        AnyConnection::Postgresql(inner) => inner.run_pending_migrations(POSTGRESQL).map(|_| ()),
    };
    done.map_err(|error| anyhow::anyhow!("the catalogue's migrations failed: {error}"))
}

/// Whether the tables are in the form this software knows. Only reads: a
/// reader may have no right to write, and diesel's own question would make its
/// table of migrations first.
///
/// # Errors
/// When the database does not answer.
pub fn is_migrated(connection: &mut AnyConnection) -> Result<bool> {
    #[derive(diesel::QueryableByName)]
    struct Found {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        found: i64,
    }
    let wrong = |error| anyhow::anyhow!("the embedded migrations cannot be read: {error}");
    let (there, known) = match connection {
        AnyConnection::Sqlite(_) => (
            "SELECT COUNT(*) AS found FROM sqlite_master WHERE type = 'table' AND name = '__diesel_schema_migrations'",
            MigrationSource::<diesel::sqlite::Sqlite>::migrations(&SQLITE).map_err(wrong)?.len(),
        ),
        AnyConnection::Postgresql(_) => (
            "SELECT COUNT(*) AS found FROM pg_catalog.pg_class WHERE oid = to_regclass('__diesel_schema_migrations')",
            MigrationSource::<diesel::pg::Pg>::migrations(&POSTGRESQL).map_err(wrong)?.len(),
        ),
    };
    let there: Found = diesel::sql_query(there).get_result(connection)?;
    if there.found == 0 {
        return Ok(false);
    }
    let run: Found = diesel::sql_query("SELECT COUNT(*) AS found FROM __diesel_schema_migrations").get_result(connection)?;
    Ok(usize::try_from(run.found) == Ok(known))
}

/// A path in an SQLite URI, where `?`, `#` and `%` mean something.
fn escape(path: &Path) -> Result<String> {
    let Some(text) = path.to_str() else { bail!("{}: the path of a catalogue must be UTF-8", path.display()) };
    Ok(text.replace('%', "%25").replace('?', "%3f").replace('#', "%23"))
}
