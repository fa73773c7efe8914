//! The registry of a district: what its office knows by name. RESTRICTED: one
//! SQLite file of mode 0600 in a folder of mode 0700, linked by `publish` and
//! `cli` only.
//!
//! Rows are kept as they were imported and never changed; the state of a month
//! is computed from its imports ([`Registry::state`]). Log lines and messages
//! carry counts, file names and line numbers, never a cell.

mod book;
mod cases;
mod cells;
#[cfg(test)]
mod columns;
mod corrections;
mod duplicates;
mod error;
mod explain;
mod findings;
mod history;
mod import;
mod layout;
mod ledger;
mod lost;
mod mapping;
mod month;
mod number;
mod person;
mod places;
mod programs;
mod reason;
mod recognise;
mod records;
mod report;
mod rounds;
mod rows;
mod schema;
mod source;
mod spool;
mod state;
mod status;
mod summary;
mod template;

use std::fs::{DirBuilder, OpenOptions, Permissions};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use domain::{AreaCode, Level};

pub use cases::{Case, Decider, Decision, Dismissed, NewDecision, ReadBack, Rule, RuleSettings, SheetProblem, Shown, State};
pub use duplicates::{DuplicateSummary, PossibleDuplicate};
pub use error::{Error, Result};
pub use explain::{Explained, explain};
pub use history::{Change, Changes, Event, Happened};
pub use import::{ImportRequest, import};
pub use layout::Layout;
pub use ledger::{ImportRecord, Undone};
pub use mapping::Mapping;
pub use person::Contact;
pub use reason::{Finding, Reason, Warning};
pub use report::Report;
pub use rounds::{Counted, Form, Opened, Round, RoundProgress, RoundRequest, Visit, sheet};
pub use source::{Source, sources};
pub use state::{ComplaintLine, Enrolled, PeriodState, PlanLine, Ranked, Reasons, RecordFindings};
pub use status::{LoadedFile, LoadedMonth};
pub use summary::{ImportSummary, Mode, Progress, TableRead};
pub use template::{TEMPLATES, template};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations/registry/sqlite");

/// Settings of every connection. `secure_delete` so that an undone import
/// leaves no names behind in free pages.
const PRAGMAS: &str = "\
    PRAGMA busy_timeout = 60000;\
    PRAGMA journal_mode = WAL;\
    PRAGMA synchronous = FULL;\
    PRAGMA foreign_keys = ON;\
    PRAGMA secure_delete = ON;\
    PRAGMA cache_size = -65536;";

/// The registry of one district.
pub struct Registry {
    conn: SqliteConnection,
    district: AreaCode,
    /// Where the file lies; none where the registry is held in memory.
    folder: Option<PathBuf>,
}

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Registry").field("district", &self.district).finish_non_exhaustive()
    }
}

fn folder(data_dir: &Path) -> PathBuf {
    data_dir.join("registry")
}

impl Registry {
    /// Opens the registry of `district` under `data_dir`; makes it when it is not there.
    ///
    /// # Errors
    /// When `district` is no kabupaten or kota of the reference data, or the
    /// database cannot be made, opened or brought up to date.
    pub fn open(data_dir: &Path, district: AreaCode) -> Result<Registry> {
        if district.level() != Level::Kabupaten || reference::areas().get(district).is_none() {
            return Err(Error::Request(format!("{district} is no kabupaten or kota; give a code such as 36.71")));
        }
        let folder = folder(data_dir);
        let path = folder.join(format!("{district}.sqlite"));
        let io = |path: &Path| {
            let path = path.to_owned();
            move |source| Error::Io { path, source }
        };
        DirBuilder::new().recursive(true).mode(0o700).create(&folder).map_err(io(&folder))?;
        std::fs::set_permissions(&folder, Permissions::from_mode(0o700)).map_err(io(&folder))?;
        // Made here and not by SQLite, which would ask the umask; the files of
        // the write-ahead log take the mode of the database.
        OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&path).map_err(io(&path))?;
        std::fs::set_permissions(&path, Permissions::from_mode(0o600)).map_err(io(&path))?;
        let conn = connect(&path).map_err(|reason| Error::Open { path, reason })?;
        Ok(Registry { conn, district, folder: Some(folder) })
    }

    /// A registry that is held in memory and gone with it: to see what an import
    /// would do.
    ///
    /// # Errors
    /// As [`open`](Registry::open).
    pub fn in_memory(district: AreaCode) -> Result<Registry> {
        if district.level() != Level::Kabupaten || reference::areas().get(district).is_none() {
            return Err(Error::Request(format!("{district} is no kabupaten or kota; give a code such as 36.71")));
        }
        let path = PathBuf::from(":memory:");
        let conn = connect(&path).map_err(|reason| Error::Open { path, reason })?;
        Ok(Registry { conn, district, folder: None })
    }

    /// The districts that have a registry under `data_dir`, in the order of their codes.
    ///
    /// # Errors
    /// When the folder cannot be read; that there is none is no error.
    pub fn districts(data_dir: &Path) -> Result<Vec<AreaCode>> {
        let folder = folder(data_dir);
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(Error::Io { path: folder, source }),
        };
        let mut found = Vec::new();
        for entry in entries {
            let name = entry.map_err(|source| Error::Io { path: folder.clone(), source })?.file_name();
            let code = name.to_str().and_then(|name| name.strip_suffix(".sqlite")).and_then(|stem| stem.parse::<AreaCode>().ok());
            found.extend(code.filter(|code| code.level() == Level::Kabupaten));
        }
        found.sort_unstable();
        Ok(found)
    }

    /// The district.
    #[must_use]
    pub const fn district(&self) -> AreaCode {
        self.district
    }

    /// The database, for the tables that `publish` keeps beside these.
    pub fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.conn
    }
}

fn connect(path: &Path) -> Result<SqliteConnection, String> {
    let url = path.to_str().ok_or("its path is not UTF-8")?;
    let mut conn = SqliteConnection::establish(url).map_err(|error| error.to_string())?;
    conn.batch_execute(PRAGMAS).map_err(|error| error.to_string())?;
    conn.run_pending_migrations(MIGRATIONS).map_err(|error| error.to_string())?;
    Ok(conn)
}
