//! Every form says what was written, the same rows are the same bytes, and a
//! file that says anything else is refused.

#![expect(clippy::unwrap_used, reason = "a test ends where what it needs is not there")]

use std::path::PathBuf;

use dataset::dictionary::{ATOMS, CORRECTIONS, PROGRAMS, RECIPIENTS, statistics};
use dataset::write::Notes;
use dataset::{Dataset, Field, Form, Kind, MOST, Value, fields_in, read, write};
use domain::Table;
use proptest::prelude::*;

fn notes() -> Notes {
    Notes { about: vec![("Bulan".into(), "2025-06".into())], date: (2025, 6, 1), simulated: true }
}

#[expect(clippy::ptr_arg, reason = "rows that are visited have a size")]
fn bytes(dataset: &Dataset, form: Form, rows: &Vec<Vec<Value>>) -> Vec<u8> {
    let mut bytes = Vec::new();
    assert_eq!(write::form(dataset, form, rows, &notes(), &mut bytes).unwrap(), rows.len() as u64);
    bytes
}

fn file(folder: &tempfile::TempDir, form: Form, bytes: &[u8]) -> PathBuf {
    let path = folder.path().join(format!("file.{}", form.ending()));
    std::fs::write(&path, bytes).unwrap();
    path
}

fn back(dataset: &Dataset, form: Form, bytes: &[u8]) -> dataset::Result<Vec<Vec<Value>>> {
    let folder = tempfile::tempdir().unwrap();
    read::rows(dataset, form, &file(&folder, form, bytes))?.collect()
}

/// A value of a field, hard ones among them.
fn value(field: &Field) -> BoxedStrategy<Value> {
    let some = match field.kind {
        // What every form can hold: a workbook's numbers are doubles.
        Kind::Count => prop_oneof![Just(0u64), 1u64..50, Just((1 << 53) - 1)].prop_map(Value::Count).boxed(),
        _ => prop_oneof![
            "[0-9]{2}\\.[0-9]{2}(~[0-9]{2}\\.[0-9]{2}){0,2}",
            "[ -~]{1,12}",
            Just("=SUM(A1:A9)".to_owned()),
            Just("+62".to_owned()),
            Just("Nias, \"Utara\"\\".to_owned()),
            Just("ꦲ Désa–\u{301}".to_owned()),
            Just("00123".to_owned()),
            Just("1e5".to_owned()),
        ]
        .prop_map(Value::Text)
        .boxed(),
    };
    if field.optional { prop_oneof![3 => some, 1 => Just(Value::Empty)].boxed() } else { some }
}

fn rows(fields: &'static [Field], most: usize) -> impl Strategy<Value = Vec<Vec<Value>>> {
    prop::collection::vec(fields.iter().map(value).collect::<Vec<_>>(), 0..most)
}

fn tables() -> [Dataset; 4] {
    [ATOMS, CORRECTIONS, PROGRAMS, statistics(Table::Totals)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn every_form_gives_back_the_rows(
        (dataset, rows) in (0usize..4).prop_flat_map(|at| { let one = tables()[at]; (Just(one), rows(one.fields, 30)) })
    ) {
        for form in dataset.forms {
            let first = bytes(&dataset, *form, &rows);
            prop_assert_eq!(&first, &bytes(&dataset, *form, &rows), "{:?}", form);
            prop_assert_eq!(back(&dataset, *form, &first).unwrap(), rows.clone(), "{:?}", form);
        }
    }

    #[test]
    fn damaged_files_never_panic(rows in rows(ATOMS.fields, 12), at in any::<prop::sample::Index>(), with in any::<u8>(), cut in any::<bool>()) {
        let table = statistics(Table::Totals);
        let cells: Vec<Vec<Value>> = rows.iter().map(|row| {
            table.fields.iter().map(|field| if field.kind == Kind::Count { row[7].clone() } else { row[3].clone() }).collect()
        }).collect();
        for form in table.forms {
            let mut damaged = bytes(&table, *form, &cells);
            // NDJSON of no rows is no bytes.
            let at = at.index(damaged.len().max(1)).min(damaged.len());
            if at == damaged.len() {
                continue;
            }
            if cut { damaged.truncate(at) } else { damaged[at] = with }
            let _ = back(&table, *form, &damaged);
        }
    }
}

fn recipients(n: usize) -> Vec<Vec<Value>> {
    let text = |text: String| Value::Text(text);
    (0..n)
        .map(|at| {
            let area = format!("36.71.{:02}.10{:02}", at * 13 / n.max(1) + 1, at % 7);
            let id = format!("36.71-2025Q2/PKH/{:05}/{:02}", at / 9 + 1, at % 9 + 1);
            [id, "2025Q2".into(), "PKH".into(), area, "F".into(), "18-59".into(), "*".into()].map(text).to_vec()
        })
        .collect()
}

#[test]
fn row_groups_tell_which_areas_they_hold() {
    let mut rows = recipients(200_000);
    rows.sort_by(|a, b| a[3].cmp(&b[3]));
    let folder = tempfile::tempdir().unwrap();
    let written = bytes(&RECIPIENTS, Form::Parquet, &rows);
    assert!(written.len() < rows.len() * 4, "{} bytes", written.len());
    let path = file(&folder, Form::Parquet, &written);
    let layout = read::layout(RECIPIENTS.fields, &path).unwrap();
    assert_eq!((layout.rows, layout.groups.len(), layout.metadata, layout.stray), (200_000, 4, 0, 0));
    assert_eq!(layout.created_by.as_deref(), Some("bansos-terbuka"));
    let (mut last, mut at) = (Vec::new(), 0);
    for group in &layout.groups {
        let (least, greatest) = group[3].bounds.clone().unwrap();
        assert!(last <= least && least <= greatest);
        let held = &rows[at..(at + 65_536).min(rows.len())];
        assert_eq!((&held[0][3], &held[held.len() - 1][3]), (&text(&least), &text(&greatest)));
        (last, at) = (greatest, at + held.len());
    }
    assert_eq!(read::rows(&RECIPIENTS, Form::Parquet, &path).unwrap().collect::<Result<Vec<_>, _>>().unwrap(), rows);
}

fn text(bytes: &[u8]) -> Value {
    Value::Text(String::from_utf8(bytes.to_vec()).unwrap())
}

#[test]
fn the_workbook_of_recipients_has_a_line_an_atom() {
    assert_eq!(fields_in(&RECIPIENTS, Form::Xlsx), ATOMS.fields);
    let row: Vec<Value> =
        ATOMS.fields.iter().map(|field| if field.kind == Kind::Count { Value::Count(7) } else { Value::Text("x".into()) }).collect();
    let rows = vec![row];
    assert_eq!(back(&RECIPIENTS, Form::Xlsx, &bytes(&RECIPIENTS, Form::Xlsx, &rows)).unwrap(), rows);
}

#[test]
fn what_no_form_can_hold_is_refused() {
    let whole: Vec<Value> =
        ATOMS.fields.iter().map(|field| if field.kind == Kind::Count { Value::Count(7) } else { Value::Text("x".into()) }).collect();
    let with = |at: usize, value: Value| {
        let mut row = whole.clone();
        row[at] = value;
        vec![row]
    };
    let fails = |rows: &Vec<Vec<Value>>, form| write::form(&ATOMS, form, rows, &notes(), Vec::new()).is_err();
    for form in [Form::Csv, Form::Ndjson, Form::Parquet] {
        assert!(!fails(&with(0, Value::Text("y".into())), form));
        for rows in [
            with(0, Value::Empty),
            with(0, Value::Count(1)),
            with(7, Value::Text("7".into())),
            with(7, Value::Count(MOST + 1)),
            vec![vec![]],
        ] {
            assert!(fails(&rows, form), "{form:?} {rows:?}");
        }
    }
    assert!(fails(&with(0, Value::Text("y".into())), Form::Xlsx), "atoms do not come as a workbook");
    let large = vec![vec![Value::Text("x".into()); 4]];
    assert!(write::form(&statistics(Table::Totals), Form::Xlsx, &large, &notes(), Vec::new()).is_err());
}

#[test]
fn other_columns_and_lines_are_refused() {
    let table = statistics(Table::Totals);
    for (form, wrong) in [
        (Form::Csv, "area,program,period,measure,category,value,status,group,release,as_of,nik\n".to_owned()),
        (Form::Csv, "area,program,period,measure,category,value,status,group,release,as_of\na,b,c,d,,007,x,,y,z\n".to_owned()),
        (Form::Csv, "area,program,period,measure,category,value,status,group,release,as_of\na,b,c,d,,7,x,,y\n".to_owned()),
        (Form::Ndjson, r#"{"area":"a"}"#.to_owned() + "\n"),
        (Form::Ndjson, "[]\n".to_owned()),
        (Form::Ndjson, " ".repeat(3 << 20)),
    ] {
        assert!(back(&table, form, wrong.as_bytes()).is_err(), "{form:?} {:?}", &wrong[..wrong.len().min(60)]);
    }
    // The columns of another dataset.
    let programs = bytes(&PROGRAMS, Form::Parquet, &Vec::new());
    assert!(back(&table, Form::Parquet, &programs).is_err());
    let programs = bytes(&PROGRAMS, Form::Xlsx, &Vec::new());
    assert!(back(&table, Form::Xlsx, &programs).is_err());
}
