//! Every column of the tables that publish keeps in the registry is declared in
//! `migrations/publish/columns.toml`, and declared restricted. A new column
//! cannot be forgotten.

use std::collections::BTreeSet;

use diesel::prelude::*;
use diesel::sql_types::Text;
use registry::Registry;

use crate::book::Book;

#[derive(QueryableByName, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Column {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    column_name: String,
}

fn columns(registry: &mut Registry) -> BTreeSet<Column> {
    let found: Vec<Column> = diesel::sql_query(
        "SELECT m.name AS table_name, c.name AS column_name FROM sqlite_master AS m, pragma_table_info(m.name) AS c \
         WHERE m.type IN ('table', 'view') AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
    )
    .load(registry.connection())
    .unwrap();
    found.into_iter().collect()
}

/// Lines `[table]` and `column = "restricted"`.
fn declared() -> BTreeSet<Column> {
    let (mut table, mut all) = (String::new(), BTreeSet::new());
    for line in include_str!("../../../migrations/publish/columns.toml").lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        match line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            Some(name) => table = name.to_owned(),
            None => {
                let (column, class) = line.split_once(" = ").unwrap();
                assert_eq!(class, "\"restricted\"", "{table}.{column}");
                assert!(all.insert(Column { table_name: table.clone(), column_name: column.to_owned() }), "{table}.{column} stands twice");
            }
        }
    }
    all
}

#[test]
fn every_column_is_declared_and_every_declaration_has_its_column() {
    let folder = tempfile::tempdir().unwrap();
    let mut registry = Registry::open(folder.path(), "36.71".parse().unwrap()).unwrap();
    let of_the_registry = columns(&mut registry);
    Book::open(registry.connection()).unwrap();
    let found: BTreeSet<Column> = columns(&mut registry).into_iter().filter(|column| !of_the_registry.contains(column)).collect();
    assert!(found.iter().any(|column| column.table_name == "access_log"));
    assert_eq!(found, declared());
}
