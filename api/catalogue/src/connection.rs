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

/// How a connection notices that the other end has gone: it is given up when
/// opening takes 3 s, when sent bytes are not taken for 10 s, or when an idle
/// line gives no sign for 25 s. A URL may say otherwise.
const PATIENCE: [(&str, &str); 6] = [
    ("connect_timeout", "3"),
    ("tcp_user_timeout", "10000"),
    ("keepalives", "1"),
    ("keepalives_idle", "10"),
    ("keepalives_interval", "5"),
    ("keepalives_count", "3"),
];

/// What every reading connection is told first. A statement that takes longer
/// is broken off by the server, well before the reader's own time is over; and
/// nothing is written through it, whatever the role may do.
const READING: &str = "SET statement_timeout = '10s'; SET idle_in_transaction_session_timeout = '30s'; \
                       SET default_transaction_read_only = on";

/// Connects to a PostgreSQL server, to write.
///
/// # Errors
/// When it does not answer. The message does not repeat the URL, which may
/// hold a password.
pub fn open_postgresql(url: &str) -> Result<AnyConnection> {
    match PgConnection::establish(&patient(url)) {
        Ok(connection) => Ok(AnyConnection::Postgresql(connection)),
        Err(error) => {
            let told = error.to_string().replace(url, "…");
            let hint = if told.contains("SSL support") {
                "; this program speaks no TLS to PostgreSQL: use a tunnel (api/server/RUNNING.md)"
            } else {
                ""
            };
            bail!("the PostgreSQL catalogue does not answer: {}{hint}", told.trim());
        }
    }
}

/// Connects to a PostgreSQL server, to read only.
///
/// # Errors
/// As [`open_postgresql`].
pub fn open_reading(url: &str) -> Result<AnyConnection> {
    let mut connection = open_postgresql(url)?;
    connection.batch_execute(READING)?;
    Ok(connection)
}

/// The URL with what it does not say itself about patience.
fn patient(url: &str) -> String {
    let (_, query) = url.split_once('?').unwrap_or((url, ""));
    let said: Vec<&str> = query.split('&').filter_map(|pair| pair.split_once('=')).map(|(name, _)| name).collect();
    let mut patient = url.to_owned();
    for (name, value) in PATIENCE.into_iter().chain([("application_name", "bansos-api")]) {
        if !said.contains(&name) {
            patient.push(if patient.contains('?') { '&' } else { '?' });
            patient.push_str(&format!("{name}={value}"));
        }
    }
    patient
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

/// The form of a catalogue's tables, seen by this software.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Form {
    /// There are no tables yet.
    Empty,
    /// The form this software knows.
    Known,
    /// An earlier form: some of its migrations have not run.
    Older,
    /// A later form; names the migration that this software does not know.
    Newer(String),
}

impl Form {
    /// What to do about a form that cannot be read, as an error.
    ///
    /// # Errors
    /// Unless it is empty or known.
    pub fn readable(self) -> Result<bool> {
        match self {
            Form::Empty => Ok(false),
            Form::Known => Ok(true),
            Form::Older => bail!("the catalogue was made by an older version of this software; run `bansos-api rebuild`"),
            Form::Newer(migration) => bail!(
                "the catalogue was made by a newer version of this software (its migration {migration} is not known here); \
                 install that version, or give this one a database of its own and run `bansos-api rebuild`"
            ),
        }
    }
}

/// In which form the tables are. Only reads: a reader may have no right to
/// write, and diesel's own question would make its table of migrations first.
///
/// # Errors
/// When the database does not answer.
pub fn form(connection: &mut AnyConnection) -> Result<Form> {
    #[derive(diesel::QueryableByName)]
    struct Found {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        found: i64,
    }
    #[derive(diesel::QueryableByName)]
    struct Run {
        #[diesel(sql_type = diesel::sql_types::Text)]
        version: String,
    }
    let wrong = |error| anyhow::anyhow!("the embedded migrations cannot be read: {error}");
    let (there, known) = match connection {
        AnyConnection::Sqlite(_) => (
            "SELECT COUNT(*) AS found FROM sqlite_master WHERE type = 'table' AND name = '__diesel_schema_migrations'",
            versions(MigrationSource::<diesel::sqlite::Sqlite>::migrations(&SQLITE).map_err(wrong)?),
        ),
        AnyConnection::Postgresql(_) => (
            "SELECT COUNT(*) AS found FROM pg_catalog.pg_class WHERE oid = to_regclass('__diesel_schema_migrations')",
            versions(MigrationSource::<diesel::pg::Pg>::migrations(&POSTGRESQL).map_err(wrong)?),
        ),
    };
    let there: Found = diesel::sql_query(there).get_result(connection)?;
    if there.found == 0 {
        return Ok(Form::Empty);
    }
    let run: Vec<Run> = diesel::sql_query("SELECT version FROM __diesel_schema_migrations").load(connection)?;
    Ok(match run.iter().find(|run| !known.contains(&run.version)) {
        Some(unknown) => Form::Newer(unknown.version.clone()),
        None if run.is_empty() => Form::Empty,
        None if run.len() == known.len() => Form::Known,
        None => Form::Older,
    })
}

fn versions<D: diesel::backend::Backend>(all: Vec<Box<dyn diesel::migration::Migration<D>>>) -> Vec<String> {
    all.iter().map(|one| one.name().version().to_string()).collect()
}

/// A path in an SQLite URI, where `?`, `#` and `%` mean something.
fn escape(path: &Path) -> Result<String> {
    let Some(text) = path.to_str() else { bail!("{}: the path of a catalogue must be UTF-8", path.display()) };
    Ok(text.replace('%', "%25").replace('?', "%3f").replace('#', "%23"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_made_patient_unless_it_says_how() {
        let plain = patient("postgres://a@b/c");
        assert!(plain.starts_with("postgres://a@b/c?connect_timeout=3&tcp_user_timeout=10000&keepalives=1"), "{plain}");
        let own = patient("postgres://a@b/c?connect_timeout=9&options=-c%20x%3Dy");
        assert!(own.contains("connect_timeout=9&options") && !own.contains("connect_timeout=3"), "{own}");
    }

    #[test]
    fn forms_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let mut connection = open_unshared(&folder.path().join("x")).unwrap();
        assert_eq!(form(&mut connection).unwrap(), Form::Known);
        connection.batch_execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('20991231000000')").unwrap();
        assert_eq!(form(&mut connection).unwrap(), Form::Newer("20991231000000".to_owned()));
        let told = form(&mut connection).unwrap().readable().unwrap_err().to_string();
        assert!(told.contains("newer") && told.contains("20991231000000"), "{told}");
        connection.batch_execute("DELETE FROM __diesel_schema_migrations WHERE version > '2026'").unwrap();
        assert_eq!(form(&mut connection).unwrap(), Form::Older);
        connection.batch_execute("DELETE FROM __diesel_schema_migrations").unwrap();
        assert_eq!(form(&mut connection).unwrap(), Form::Empty);
    }
}
