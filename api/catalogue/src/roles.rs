//! The rights that writing to and reading from the catalogue need, in PostgreSQL.

/// SQL that makes the roles `bansos_writer` and `bansos_reader` and gives them
/// their rights in the database it is run in. Running it again changes nothing.
pub const SQL: &str = include_str!("../../../migrations/catalogue/roles.sql");
