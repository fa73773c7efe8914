//! The public store: release folders and the log, loaded into a database that
//! answers fast. SQLite by default, PostgreSQL by URL.
//!
//! Everything here is a pure function of release folders and the log. Drop the
//! catalogue, rebuild it, and every answer is the same. It holds atoms with
//! counts, never rows, and no column that is not declared public
//! (`migrations/catalogue/columns.toml`).
//!
//! What each module is for:
//! - [`data`] knows where things lie in a data folder;
//! - [`connection`] opens either database; [`store`] decides which, and how a
//!   new version of it comes to be; [`pool`] lends connections, and [`servers`]
//!   knows which of several PostgreSQL servers can answer; [`roles`] are the
//!   rights that these need;
//! - `load` turns a folder into rows; [`admit`](mod@admit) is the host's side of
//!   publishing: admit, withdraw, catch up, rebuild;
//! - `held` keeps editions of rows in memory;
//! - [`rows`] are records as they are stored, [`queries`] ask for them. How an
//!   answer looks is not decided here but in the server's views.

pub mod admit;
pub mod code;
pub mod connection;
pub mod data;
mod held;
mod load;
pub mod pool;
pub mod queries;
pub mod roles;
pub mod rows;
mod schema;
pub mod servers;
pub mod store;

pub use admit::{Admitted, admit, catch_up, cosign, preview, rebuild, withdraw};
pub use connection::AnyConnection;
pub use data::DataFolder;
pub use store::{Reader, Store, Unavailable};
