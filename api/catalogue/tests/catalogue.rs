//! Admission, withdrawal and rebuilding over real release folders, on SQLite
//! and, where `BANSOS_TEST_POSTGRES` names a server, on PostgreSQL.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail")]

mod fixture;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use catalogue::connection::AnyConnection;
use catalogue::queries::{cells, changes, recipients};
use catalogue::{DataFolder, Store};
use domain::{AreaCode, Level, Table};
use fixture::{data_folder, release};
use release::changes::{Change, RowsChange};

/// Every answer a catalogue can give to these tests, as text.
fn answers(store: &Store) -> String {
    let reader = store.reader().unwrap().unwrap();
    let mut out = format!("version {}\n", reader.version());
    for version in 1..=reader.version() {
        for one in reader.releases().answering(version) {
            out.push_str(&format!("{version} {} {:?} {:?}\n", one.release, one.edition, one.withdrawn));
        }
    }
    let releases = reader.releases().answering(reader.version());
    reader
        .ask(|connection| {
            for one in &releases {
                for table in Table::ALL {
                    for series in cells::series_of(connection, table, &[one.id], None)? {
                        for filter in filters() {
                            let prepared = cells::Prepared::new(connection, table, &filter)?;
                            let count = cells::count(connection, std::slice::from_ref(&series), &prepared)?;
                            out.push_str(&format!("{table} {} {filter:?} {:?}\n", series.program, count.get(&series.id)));
                            let mut after = None;
                            loop {
                                let found = cells::cells_after(connection, &series, (table, one.release), &prepared, after.as_ref(), 7)?;
                                let Some((place, _)) = found.last() else { break };
                                after = Some(place.clone());
                                for (_, cell) in &found {
                                    out.push_str(&format!("{cell:?}\n"));
                                }
                            }
                        }
                    }
                }
            }
            Ok(())
        })
        .unwrap();
    for one in &releases {
        let edition = reader.edition(one.edition_id.unwrap()).unwrap();
        for list in edition.lists() {
            for filter in row_filters() {
                let selection = edition.select(&filter);
                out.push_str(&format!("{} {} {filter:?} {:?}\n", one.release, list.program(), edition.count(list, &selection)));
                for atom in edition.atoms(list, &selection, 0) {
                    out.push_str(&format!("{atom:?}\n"));
                }
            }
        }
    }
    out
}

/// The cells of a table in a release.
fn cells_of(store: &Store, name: &str, table: Table, filter: &cells::Filter) -> Vec<domain::Cell> {
    let reader = store.reader().unwrap().unwrap();
    let one = reader.releases().get(name.parse().unwrap()).unwrap().clone();
    let ask = |connection: &mut AnyConnection| {
        let mut found = Vec::new();
        for series in cells::series_of(connection, table, &[one.id], None)? {
            let prepared = cells::Prepared::new(connection, table, filter)?;
            let counted = cells::count(connection, std::slice::from_ref(&series), &prepared)?.get(&series.id).copied().unwrap_or(0);
            let all = cells::cells_after(connection, &series, (table, one.release), &prepared, None, 100_000)?;
            assert_eq!(all.len() as u64, counted, "{table} {filter:?}");
            found.extend(all.into_iter().map(|(_, cell)| cell));
        }
        Ok(found)
    };
    reader.ask(ask).unwrap()
}

fn area(text: &str) -> Option<AreaCode> {
    Some(text.parse().unwrap())
}

fn filters() -> Vec<cells::Filter> {
    vec![
        cells::Filter::default(),
        cells::Filter { area: area("12.74.01"), ..Default::default() },
        cells::Filter { area: area("12.74"), level: Some(Level::Kecamatan), ..Default::default() },
        cells::Filter { area: area("12.74"), itself: true, ..Default::default() },
        cells::Filter { category: Some("not_found".into()), ..Default::default() },
        cells::Filter { category: Some("*".into()), level: Some(Level::Kelurahan), ..Default::default() },
    ]
}

fn row_filters() -> Vec<recipients::Filter> {
    vec![
        recipients::Filter::default(),
        recipients::Filter { area: area("12.74.01"), ..Default::default() },
        recipients::Filter { area: area("12.74.01.1001"), sex: Some("F"), ..Default::default() },
        recipients::Filter { age_band: Some("18-59"), ..Default::default() },
    ]
}

/// Runs a story on each database at hand.
fn on_each_store(story: impl Fn(&DataFolder, &Store, &Path)) {
    let folder = tempfile::tempdir().unwrap();
    let data = data_folder(&folder.path().join("data"));
    story(&data, &Store::of(&data, None).unwrap(), folder.path());
    if let Ok(url) = std::env::var("BANSOS_TEST_POSTGRES") {
        // One database: one story at a time.
        static TURN: std::sync::Mutex<()> = std::sync::Mutex::new(());
        let _turn = TURN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let folder = tempfile::tempdir().unwrap();
        let data = data_folder(&folder.path().join("data"));
        let store = Store::of(&data, Some(&url)).unwrap();
        // Whatever an earlier test left there.
        catalogue::rebuild(&data, &store).unwrap();
        story(&data, &store, folder.path());
    }
}

#[test]
fn step_by_step_and_rebuilt_give_the_same_answers() {
    on_each_store(|data, store, folder| {
        let (one, two, three) =
            (release(data, folder, "12.74-2025-04"), release(data, folder, "12.74-2025-05"), release(data, folder, "12.74-2025-04-r2"));
        assert_eq!(catalogue::admit(data, store, std::slice::from_ref(&one)).unwrap().version, 1);
        assert_eq!(catalogue::admit(data, store, &[two, three]).unwrap().version, 3);
        let again = catalogue::admit(data, store, &[one]).unwrap();
        assert_eq!((again.new.len(), again.known.len(), again.version), (0, 1, 3));
        let before = answers(store);
        assert_eq!(catalogue::rebuild(data, store).unwrap(), 3);
        assert_eq!(answers(store), before);

        let withdrawn = catalogue::withdraw(data, store, "12.74-2025-05".parse().unwrap(), "wrong month").unwrap();
        assert_eq!(withdrawn.version, 4);
        let before = answers(store);
        assert!(before.contains("wrong month") || !before.contains("12.74-2025-05 Some"), "{before}");
        assert_eq!(catalogue::rebuild(data, store).unwrap(), 4);
        assert_eq!(answers(store), before);
        // Even when nobody has the withdrawn folder any more.
        std::fs::remove_dir_all(data.release("12.74-2025-05".parse().unwrap())).unwrap();
        catalogue::rebuild(data, store).unwrap();
        assert_eq!(store.reader().unwrap().unwrap().releases().answering(4).len(), 1);
    });
}

#[test]
fn the_newest_revision_that_stands_answers() {
    on_each_store(|data, store, folder| {
        for name in ["12.74-2025-04", "12.74-2025-04-r2"] {
            let path = release(data, folder, name);
            catalogue::admit(data, store, &[path]).unwrap();
        }
        catalogue::withdraw(data, store, "12.74-2025-04-r2".parse().unwrap(), "worse than before").unwrap();
        let reader = store.reader().unwrap().unwrap();
        let at = |version| reader.releases().answering(version).iter().map(|one| one.release.to_string()).collect::<Vec<_>>();
        assert_eq!((at(1), at(2), at(3)), (vec!["12.74-2025-04".into()], vec!["12.74-2025-04-r2".into()], vec!["12.74-2025-04".into()]));
        // The rows of the withdrawn revision were those of the first, which stands.
        reader
            .ask(|connection| {
                let one = reader.releases().get("12.74-2025-04".parse().unwrap()).unwrap();
                assert!(!reader.edition(one.edition_id.unwrap())?.lists().is_empty());
                let gone = reader.releases().get("12.74-2025-04-r2".parse().unwrap()).unwrap();
                assert!(cells::series_of(connection, Table::Totals, &[gone.id], None)?.is_empty());
                Ok(())
            })
            .unwrap();
        // Numbers of a release are never used again.
        let path = folder.join("12.74-2025-04-r2");
        assert!(catalogue::admit(data, store, &[path]).unwrap_err().to_string().contains("withdrawn"));
    });
}

#[test]
fn a_table_is_served_as_its_file_holds_it() {
    on_each_store(|data, store, folder| {
        let names = ["12.74-2025-04", "12.74-2025-05"];
        for name in names {
            let path = release(data, folder, name);
            catalogue::admit(data, store, &[path]).unwrap();
        }
        for table in Table::ALL {
            let opened = release::ReleaseFolder::open(&folder.join("12.74-2025-05")).unwrap();
            let mut file: Vec<domain::Cell> = opened.cells(table).unwrap().collect::<Result<_, _>>().unwrap();
            let mut served = cells_of(store, "12.74-2025-05", table, &cells::Filter::default());
            file.sort();
            served.sort();
            assert!(!file.is_empty(), "{table}");
            assert_eq!(served, file, "{table}");
        }
        // Figures that stand from April, and new sums over them.
        let standing = cells_of(store, "12.74-2025-05", Table::Verification, &cells::Filter::default());
        let april: Vec<&domain::Cell> = standing.iter().filter(|cell| cell.release.to_string() == names[0]).collect();
        assert!(!april.is_empty() && april.len() < standing.len());
        assert!(april.iter().all(|cell| cell.as_of.to_string() == "2025-04" && cell.period.to_string() == "2025-05"));
    });
}

#[test]
fn a_category_is_found_alone_and_among_others() {
    on_each_store(|data, store, folder| {
        let path = release(data, folder, "12.74-2025-04");
        catalogue::admit(data, store, &[path]).unwrap();
        let found = |table, category: &str| {
            let filter = cells::Filter { category: Some(category.into()), ..Default::default() };
            let mut found: Vec<String> = cells_of(store, "12.74-2025-04", table, &filter).into_iter().map(|cell| cell.category).collect();
            found.sort();
            found.dedup();
            found
        };
        let others = "deceased~duplicate~ineligible~invalid~moved~no_card~not_found~other_name~refused";
        assert_eq!(found(Table::Verification, "valid"), ["valid"], "and not invalid");
        assert_eq!(found(Table::Verification, "not_found"), [others]);
        assert_eq!(found(Table::Verification, "other_name"), [others], "the last of a class");
        assert_eq!(found(Table::Verification, "deceased"), [others], "the first");
        assert_eq!(found(Table::Verification, others), [others]);
        assert!(found(Table::Verification, "no%").is_empty() && found(Table::Verification, "not.found").is_empty());
        assert!(found(Table::Verification, "otherXname").is_empty(), "an underscore stands for itself");
        assert_eq!(found(Table::Demographics, "*"), ["*"]);
        assert_eq!(found(Table::Coverage, "dukcapil-2024"), ["dukcapil-2024"]);
    });
}

#[test]
fn a_month_is_corrected_after_later_ones() {
    on_each_store(|data, store, folder| {
        let names = ["12.74-2025-07", "12.74-2025-08", "12.74-2025-09", "12.74-2025-07-r2"];
        for name in names {
            let path = release(data, folder, name);
            catalogue::admit(data, store, std::slice::from_ref(&path)).unwrap();
            let opened = release::ReleaseFolder::open(&path).unwrap();
            let before = names.iter().position(|other| *other == name).unwrap().checked_sub(1).map(|at| names[at].to_owned());
            assert_eq!(
                opened.manifest().previous.as_ref().map(|previous| previous.release.to_string()),
                before,
                "sealed before it in time"
            );
        }
        let reader = store.reader().unwrap().unwrap();
        let at = |version| reader.releases().answering(version).iter().map(|one| one.release.to_string()).collect::<Vec<_>>();
        assert_eq!(at(3), ["12.74-2025-07", "12.74-2025-08", "12.74-2025-09"]);
        assert_eq!(at(4), ["12.74-2025-07-r2", "12.74-2025-08", "12.74-2025-09"]);
        let july = reader.releases().get("12.74-2025-07".parse().unwrap()).unwrap();
        let again = reader.releases().get("12.74-2025-07-r2".parse().unwrap()).unwrap();
        assert_eq!(again.correction.unwrap().of, july.release);
        assert_eq!(again.correction.unwrap().reason, release::Reason::Payments);
        assert_eq!(reader.releases().answers_for(july.release, 4).unwrap().id, again.id);
        assert_eq!(reader.releases().answers_for(july.release, 3).unwrap().id, july.id);
        // Both are readable, and differ where the correction mended.
        let paid = |name: &str| {
            let filter = cells::Filter { area: area("12.74"), itself: true, measure: Some("paid"), ..Default::default() };
            cells_of(store, name, Table::Payments, &filter).iter().filter_map(|cell| cell.value).sum::<u64>()
        };
        assert!(paid("12.74-2025-07") < paid("12.74-2025-07-r2"));
        let before = answers(store);
        catalogue::rebuild(data, store).unwrap();
        assert_eq!(answers(store), before);
        catalogue::withdraw(data, store, again.release, "worse than before").unwrap();
        let reader = store.reader().unwrap().unwrap();
        let at = |version| reader.releases().answering(version).iter().map(|one| one.release.to_string()).collect::<Vec<_>>();
        assert_eq!(at(5), at(3));
        let before = answers(store);
        catalogue::rebuild(data, store).unwrap();
        assert_eq!(answers(store), before);
    });
}

#[test]
fn the_newest_rows_are_those_of_the_newest_edition() {
    on_each_store(|data, store, folder| {
        for (name, revision) in [("12.74-2025-04", 1), ("12.74-2025-05", 1), ("12.74-2025-04-r2", 2), ("12.74-2025-07", 1)] {
            let path = fixture::release_of(data, folder, name, revision);
            catalogue::admit(data, store, &[path]).unwrap();
        }
        let reader = store.reader().unwrap().unwrap();
        let newest = |version, edition: Option<&str>| {
            let all = reader.releases().answering(version);
            let edition = edition.map(|text| text.parse().unwrap());
            catalogue::queries::releases::Releases::newest_rows(&all, edition).iter().map(|one| one.release.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(newest(2, None), ["12.74-2025-05"]);
        assert_eq!(newest(3, None), ["12.74-2025-04-r2"], "May repeats the rows before the correction");
        assert_eq!(newest(3, Some("2025Q2")), ["12.74-2025-04-r2"]);
        assert_eq!(newest(3, Some("2025Q2-r2")), ["12.74-2025-04-r2"]);
        assert_eq!(newest(2, Some("2025Q2")), ["12.74-2025-05"]);
        assert!(newest(2, Some("2025Q2-r2")).is_empty() && newest(3, Some("2025Q2-r3")).is_empty());
        assert_eq!(newest(4, None), ["12.74-2025-07"]);
        assert_eq!(newest(4, Some("2025Q2")), ["12.74-2025-04-r2"]);
        let rows = |name: &str| reader.releases().get(name.parse().unwrap()).unwrap().clone();
        assert_ne!(rows("12.74-2025-05").edition_id, rows("12.74-2025-04-r2").edition_id);
        assert_eq!(rows("12.74-2025-04").edition_id, rows("12.74-2025-05").edition_id);
        assert_eq!(rows("12.74-2025-04-r2").rows_from, Some("12.74-2025-04-r2".parse().unwrap()));
        assert_eq!(rows("12.74-2025-05").rows_from, Some("12.74-2025-04".parse().unwrap()));
    });
}

#[test]
fn a_pool_is_sure_inside_and_possible_where_it_is_touched() {
    on_each_store(|data, store, folder| {
        let path = release(data, folder, "12.74-2025-04");
        catalogue::admit(data, store, &[path]).unwrap();
        let reader = store.reader().unwrap().unwrap();
        let areas: Vec<AreaCode> =
            reference::areas().inside("12.74".parse().unwrap(), Level::Kelurahan).iter().map(|area| area.code).collect();
        let edition = reader.releases().all()[0].edition_id.unwrap();
        assert!(reader.edition_held(edition).is_none());
        let edition = reader.edition(edition).unwrap();
        assert!(Arc::ptr_eq(&edition, &reader.edition_held(reader.releases().all()[0].edition_id.unwrap()).unwrap()));
        let list = edition.lists().iter().find(|list| list.program().as_str() == "PKH").unwrap();
        let count = |area: AreaCode, sex| {
            let selection = edition.select(&recipients::Filter { area: Some(area), sex, ..Default::default() });
            let count = edition.count(list, &selection);
            let listed: u64 = edition.atoms(list, &selection, 0).map(|atom| u64::from(atom.units)).sum();
            assert_eq!(listed, count.total);
            (count.total, count.possible)
        };
        let whole: u64 = 12 + 23 * (areas.len() as u64 - 2);
        assert_eq!(count("12.74".parse().unwrap(), None), (whole, 0));
        assert_eq!(count("12".parse().unwrap(), None), (whole, 0));
        assert_eq!(count(areas[0], None), (0, 12), "the pool only touches the kelurahan");
        assert_eq!(count(areas[2], None), (23, 0));
        assert_eq!(count(areas[2], Some("F")), (12, 0));
        assert_eq!(count("12.74".parse().unwrap(), Some("F")), (12 * (areas.len() as u64 - 2), 12), "the pool hides sex");
        assert_eq!(count("36.71".parse().unwrap(), None), (0, 0));
    });
}

#[test]
fn a_killed_admission_is_completed_by_the_next_command() {
    let folder = tempfile::tempdir().unwrap();
    let data = data_folder(&folder.path().join("data"));
    let store = Store::of(&data, None).unwrap();
    let one = release(&data, folder.path(), "12.74-2025-04");
    catalogue::admit(&data, &store, &[one]).unwrap();
    // Killed after the log was written: the catalogue is one behind.
    let two = release(&data, folder.path(), "12.74-2025-05");
    let spare = folder.path().join("spare");
    std::fs::create_dir(&spare).unwrap();
    for name in ["catalogue-1.sqlite", "current"] {
        std::fs::copy(data.catalogue().join(name), spare.join(name)).unwrap();
    }
    catalogue::admit(&data, &store, &[two]).unwrap();
    let complete = answers(&store);
    std::fs::remove_dir_all(data.catalogue()).unwrap();
    std::fs::rename(&spare, data.catalogue()).unwrap();
    assert_eq!(store.version().unwrap(), Some(1));
    assert_eq!(catalogue::catch_up(&data, &store).unwrap(), 2);
    assert_eq!(answers(&store), complete);
    // A lost catalogue is built again.
    std::fs::remove_dir_all(data.catalogue()).unwrap();
    assert_eq!(catalogue::catch_up(&data, &store).unwrap(), 2);
    assert_eq!(answers(&store), complete);
}

#[test]
fn what_is_changed_or_unsigned_is_not_admitted() {
    let folder = tempfile::tempdir().unwrap();
    let data = data_folder(&folder.path().join("data"));
    let store = Store::of(&data, None).unwrap();
    let path = release(&data, folder.path(), "12.74-2025-04");
    let totals = path.join("data/totals.csv");
    let good = std::fs::read(&totals).unwrap();
    std::fs::write(&totals, [&good[..], b"x"].concat()).unwrap();
    assert!(format!("{:#}", catalogue::admit(&data, &store, std::slice::from_ref(&path)).unwrap_err()).contains("totals.csv"));
    std::fs::write(&totals, good).unwrap();
    let signature = std::fs::read(path.join("manifest.sig")).unwrap();
    std::fs::remove_file(path.join("manifest.sig")).unwrap();
    assert!(catalogue::admit(&data, &store, std::slice::from_ref(&path)).is_err());
    std::fs::write(path.join("manifest.sig"), signature).unwrap();
    assert_eq!(store.version().unwrap(), None);
    assert_eq!(catalogue::admit(&data, &store, &[path]).unwrap().version, 1);
    assert!(catalogue::withdraw(&data, &store, "12.74-2025-05".parse().unwrap(), "x").is_err());
    assert!(catalogue::withdraw(&data, &store, "12.74-2025-04".parse().unwrap(), " ").is_err());
}

#[test]
fn only_two_catalogue_files_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let data = data_folder(&folder.path().join("data"));
    let store = Store::of(&data, None).unwrap();
    for name in ["12.74-2025-04", "12.74-2025-05", "12.74-2025-06"] {
        let path = release(&data, folder.path(), name);
        catalogue::admit(&data, &store, &[path]).unwrap();
    }
    let mut names: Vec<String> =
        std::fs::read_dir(data.catalogue()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names, ["catalogue-2.sqlite", "catalogue-3.sqlite", "current", "lock"]);
}

#[test]
fn a_draft_is_shown_without_being_admitted() {
    let folder = tempfile::tempdir().unwrap();
    let data = data_folder(&folder.path().join("data"));
    let store = Store::of(&data, None).unwrap();
    let one = release(&data, folder.path(), "12.74-2025-04");
    catalogue::admit(&data, &store, &[one]).unwrap();
    let draft = release(&data, folder.path(), "12.74-2025-05");
    std::fs::remove_file(draft.join("manifest.sig")).unwrap();
    let scratch = tempfile::tempdir().unwrap();
    let preview = catalogue::preview(&data, &draft, scratch.path()).unwrap();
    assert_eq!(preview.version().unwrap(), Some(2));
    assert_eq!(preview.reader().unwrap().unwrap().releases().answering(2).len(), 2);
    assert_eq!(store.version().unwrap(), Some(1));
}

/// The tables and columns of a fresh database.
fn columns(connection: &mut AnyConnection) -> BTreeMap<String, Vec<String>> {
    use diesel::prelude::*;
    #[derive(diesel::QueryableByName)]
    struct Column {
        #[diesel(sql_type = diesel::sql_types::Text)]
        of: String,
        #[diesel(sql_type = diesel::sql_types::Text)]
        name: String,
    }
    let sql = match connection {
        AnyConnection::Sqlite(_) => {
            "SELECT m.name AS of, p.name AS name FROM sqlite_master m JOIN pragma_table_info(m.name) p WHERE m.type = 'table'"
        }
        AnyConnection::Postgresql(_) => {
            "SELECT table_name::text AS of, column_name::text AS name FROM information_schema.columns WHERE table_schema = 'public'"
        }
    };
    let found: Vec<Column> = diesel::sql_query(sql).load(connection).unwrap();
    let mut tables: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for column in found.into_iter().filter(|column| !column.of.starts_with("__diesel") && !column.of.starts_with("sqlite_")) {
        tables.entry(column.of).or_default().push(column.name);
    }
    tables.values_mut().for_each(|columns| columns.sort());
    tables
}

#[test]
fn every_column_is_declared_public() {
    let text = include_str!("../../../migrations/catalogue/columns.toml");
    let declared: BTreeMap<String, BTreeMap<String, String>> = toml::from_str(text).unwrap();
    for (table, columns) in &declared {
        for (column, class) in columns {
            assert_eq!(class, "public", "{table}.{column}: only public columns may stand in the catalogue");
        }
    }
    let declared: BTreeMap<String, Vec<String>> =
        declared.into_iter().map(|(table, columns)| (table, columns.into_keys().collect())).collect();
    let folder = tempfile::tempdir().unwrap();
    let mut connection = catalogue::connection::open_unshared(&folder.path().join("fresh")).unwrap();
    assert_eq!(columns(&mut connection), declared);
    if let Ok(url) = std::env::var("BANSOS_TEST_POSTGRES") {
        let mut connection = catalogue::connection::open_postgresql(&url).unwrap();
        catalogue::connection::migrate(&mut connection).unwrap();
        assert_eq!(columns(&mut connection), declared);
    }
}

/// What two releases differ in, by the catalogue, in steps of `batch` figures.
fn changes_of(store: &Store, names: (&str, &str), filter: &changes::Filter, batch: i64) -> (Vec<Change>, Vec<RowsChange>) {
    let reader = store.reader().unwrap().unwrap();
    let one = |name: &str| reader.releases().get(name.parse().unwrap()).unwrap().clone();
    let (before, after) = (one(names.0), one(names.1));
    let ask = |connection: &mut AnyConnection| {
        let mut found = Vec::new();
        let prepared = changes::prepare(connection, filter)?;
        for pair in changes::pairs(connection, &before, &after, filter)? {
            let (mut place, mut of_pair) = (None, Vec::new());
            loop {
                let step = changes::step(connection, &pair, &prepared, place.as_ref(), batch)?;
                of_pair.extend(step.changes.into_iter().map(|(_, change)| change));
                place = step.next;
                if place.is_none() {
                    break;
                }
            }
            let counted = |kind: fn(&Change) -> bool| of_pair.iter().filter(|change| kind(change)).count() as u64;
            assert_eq!(pair.counts.added, counted(|change| change.before.is_none()), "{} {}", pair.table, pair.program);
            assert_eq!(pair.counts.removed, counted(|change| change.after.is_none()), "{} {}", pair.table, pair.program);
            assert_eq!(pair.counts.total(), of_pair.len() as u64, "{} {}", pair.table, pair.program);
            found.extend(of_pair);
        }
        Ok((found, changes::rows(connection, &before, &after, filter.program.as_ref())?))
    };
    reader.ask(ask).unwrap()
}

#[test]
fn changes_are_those_of_the_folders() {
    on_each_store(|data, store, folder| {
        let names = ["12.74-2025-04", "12.74-2025-05", "12.74-2025-05-r2", "12.74-2025-06"];
        for name in names {
            let path = release(data, folder, name);
            catalogue::admit(data, store, &[path]).unwrap();
        }
        let open = |name: &str| release::ReleaseFolder::open(&folder.join(name)).unwrap();
        let sorted = |mut changes: Vec<Change>| {
            changes.sort_by_key(|change| format!("{change:?}"));
            changes
        };
        let mut some = 0;
        for pair in [(0, 1), (1, 2), (2, 1), (0, 3), (3, 0), (1, 1)] {
            let pair = (names[pair.0], names[pair.1]);
            let (before, after) = (open(pair.0), open(pair.1));
            let expected: Vec<Change> = release::changes::between(&before, &after).unwrap().map(Result::unwrap).collect();
            some += expected.len();
            for batch in [1, 7, 1000] {
                let (found, rows) = changes_of(store, pair, &changes::Filter::default(), batch);
                assert_eq!(sorted(found), sorted(expected.clone()), "{pair:?} {batch}");
                assert_eq!(rows, release::changes::rows(before.manifest(), after.manifest()).unwrap(), "{pair:?}");
            }
            let kecamatan: AreaCode = "12.74.01".parse().unwrap();
            for (filter, kept) in [
                (changes::Filter { table: Some(Table::Payments), ..Default::default() }, 0),
                (changes::Filter { program: Some("PKH".parse().unwrap()), ..Default::default() }, 1),
                (changes::Filter { area: Some(kecamatan), ..Default::default() }, 2),
            ] {
                let wanted = expected.iter().filter(|change| match kept {
                    0 => change.table == Table::Payments,
                    1 => change.program.as_str() == "PKH",
                    _ => change.area.members().iter().all(|member| kecamatan.contains(*member)),
                });
                let wanted: Vec<Change> = wanted.cloned().collect();
                assert_eq!(sorted(changes_of(store, pair, &filter, 50).0), sorted(wanted), "{pair:?} {filter:?}");
            }
        }
        assert!(some > 100, "{some} changes: the fixture tells too little");
    });
}
