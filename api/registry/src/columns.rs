//! Every column of every table and of every layout is declared restricted or
//! public in `migrations/registry/columns.toml`. A new column cannot be
//! forgotten: these tests fail on one that is not declared, and on a
//! declaration whose column is gone.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use diesel::sql_types::Text;

use crate::{Layout, Registry};

type Declared = BTreeMap<String, BTreeMap<String, String>>;
type Columns = BTreeMap<String, BTreeSet<String>>;

fn declared() -> Declared {
    toml::from_str(include_str!("../../../migrations/registry/columns.toml")).unwrap()
}

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    column_name: String,
}

/// The columns there are: of a fresh database, and of the layouts as `import.{layout}`.
fn found() -> Columns {
    let folder = tempfile::tempdir().unwrap();
    let mut registry = Registry::open(folder.path(), "36.71".parse().unwrap()).unwrap();
    let columns: Vec<Column> = diesel::sql_query(
        "SELECT m.name AS table_name, c.name AS column_name FROM sqlite_master AS m, pragma_table_info(m.name) AS c \
         WHERE m.type IN ('table', 'view') AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
    )
    .load(registry.connection())
    .unwrap();
    let mut all = Columns::new();
    for column in columns {
        all.entry(column.table_name).or_default().insert(column.column_name);
    }
    for layout in Layout::ALL {
        let names = layout.required().iter().chain(layout.optional()).map(ToString::to_string);
        all.entry(format!("import.{layout}")).or_default().extend(names);
    }
    all
}

/// What is wrong between the two.
fn violations(declared: &Declared, found: &Columns) -> Vec<String> {
    let mut wrong = Vec::new();
    for (table, columns) in found {
        for column in columns {
            match declared.get(table).and_then(|columns| columns.get(column)).map(String::as_str) {
                Some("restricted" | "public") => {}
                Some(_) => wrong.push(format!("{table}.{column} is neither restricted nor public")),
                None => wrong.push(format!("{table}.{column} is not declared")),
            }
        }
    }
    for (table, columns) in declared {
        for column in columns.keys() {
            if !found.get(table).is_some_and(|columns| columns.contains(column)) {
                wrong.push(format!("{table}.{column} is declared but does not exist"));
            }
        }
    }
    wrong
}

#[test]
fn every_column_is_declared_and_every_declaration_has_its_column() {
    assert_eq!(violations(&declared(), &found()), Vec::<String>::new());
}

#[test]
fn a_forgotten_stale_or_misspelt_declaration_is_found() {
    let found = found();
    let mut forgotten = declared();
    forgotten.get_mut("dtks_rows").unwrap().remove("name").unwrap();
    assert_eq!(violations(&forgotten, &found), ["dtks_rows.name is not declared"]);
    let mut stale = declared();
    stale.get_mut("import.deaths").unwrap().insert("cause".to_owned(), "restricted".to_owned());
    assert_eq!(violations(&stale, &found), ["import.deaths.cause is declared but does not exist"]);
    let mut misspelt = declared();
    misspelt.get_mut("dtks_rows").unwrap().insert("nik".to_owned(), "secret".to_owned());
    assert_eq!(violations(&misspelt, &found), ["dtks_rows.nik is neither restricted nor public"]);
}

#[test]
fn what_names_a_person_is_restricted() {
    for (table, columns) in declared() {
        for (column, class) in columns {
            let personal = ["nik", "nokk", "name", "nama", "address", "alamat", "birth_date", "raw", "card_number", "date_of_death"];
            assert!(class == "restricted" || !personal.contains(&column.as_str()), "{table}.{column}");
        }
    }
}
