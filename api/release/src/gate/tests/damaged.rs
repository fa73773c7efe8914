//! One form of one dataset is damaged, with the CSV beside it as it was: each
//! damage is found, and named by its file.

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use dataset::dictionary::{AREAS, Kind, RECIPIENTS, statistics};
use dataset::write::Notes;
use dataset::{Dataset, Form, Value, read};
use domain::Table;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::file::writer::SerializedFileWriter;

use super::Made;
use crate::gate::{Failure, check};
use crate::{ReleaseFolder, path_of};

/// A release folder whose files can be damaged.
struct Folder {
    _under: tempfile::TempDir,
    release: ReleaseFolder,
}

impl Folder {
    fn new() -> Folder {
        let under = tempfile::tempdir().unwrap();
        let release = Made::new("2025-04").folder(under.path());
        Folder { _under: under, release }
    }

    fn path(&self, file: &str) -> PathBuf {
        self.release.path().join(file)
    }

    /// What the gate says, as `attack file`.
    fn found(&self) -> Vec<String> {
        let told = |failure: Failure| format!("{} {}: {}", failure.attack.name(), failure.cell, failure.what);
        check(std::slice::from_ref(&self.release), &[]).unwrap().into_iter().map(told).collect()
    }
}

fn text(path: &Path, change: impl Fn(String) -> String) {
    let before = std::fs::read_to_string(path).unwrap();
    let after = change(before.clone());
    assert_ne!(before, after);
    std::fs::write(path, after).unwrap();
}

/// Writes a dataset anew with other rows, or as another dataset.
fn rewrite(folder: &Folder, dataset: &Dataset, form: Form, to: &Dataset, change: impl Fn(&mut Vec<Vec<Value>>)) {
    let path = folder.path(&path_of(dataset, form));
    let mut rows: Vec<Vec<Value>> = read::rows(dataset, form, &path).unwrap().map(Result::unwrap).collect();
    change(&mut rows);
    let notes = crate::About::of(folder.release.manifest()).table();
    let notes = Notes { ..notes };
    dataset::write::form(to, form, &rows, &notes, File::create(&path).unwrap()).unwrap();
}

fn first_count(rows: &mut [Vec<Value>]) {
    let value = rows.iter_mut().flatten().find_map(|value| match value {
        Value::Count(count) if *count > 0 => Some(count),
        _ => None,
    });
    *value.unwrap() += 1;
}

/// The dataset with a column of words more.
fn with_a_column(dataset: &Dataset) -> Dataset {
    let mut fields = dataset.fields.to_vec();
    fields.push(dataset::Field { name: "nama", kind: Kind::Text, ..fields[0] });
    Dataset { fields: fields.leak(), ..*dataset }
}

/// Packs a workbook again: `change` gives the new content of a part, and what is
/// in `more` is added.
fn repack(path: &Path, change: impl Fn(&str, String) -> String, more: &[(&str, &str)], comment: &str) {
    let mut old = zip::ZipArchive::new(File::open(path).unwrap()).unwrap();
    let mut new = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    for at in 0..old.len() {
        let mut part = old.by_index(at).unwrap();
        let name = part.name().unwrap().into_owned();
        let mut content = String::new();
        part.read_to_string(&mut content).unwrap();
        new.start_file(&name, options).unwrap();
        new.write_all(change(&name, content).as_bytes()).unwrap();
    }
    for (name, content) in more {
        new.start_file(*name, options).unwrap();
        new.write_all(content.as_bytes()).unwrap();
    }
    new.set_comment(comment).unwrap();
    std::fs::write(path, new.finish().unwrap().into_inner()).unwrap();
}

fn replaced(part: &'static str, from: &'static str, to: &'static str) -> impl Fn(&str, String) -> String {
    move |name, content| {
        if name == part {
            assert!(content.contains(from), "{from} is not in {part}: {content}");
            content.replacen(from, to, 1)
        } else {
            content
        }
    }
}

/// Copies the column chunks of a Parquet file below a footer that says more.
fn with_metadata(path: &Path) {
    let reader = SerializedFileReader::new(File::open(path).unwrap()).unwrap();
    let schema = Arc::new(reader.metadata().file_metadata().schema().clone());
    let said = KeyValue::new("nik".to_owned(), "3671010101310001".to_owned());
    let properties = WriterProperties::builder().set_created_by("bansos-terbuka".to_owned()).set_key_value_metadata(Some(vec![said]));
    let copy = path.with_extension("copy");
    let mut writer = SerializedFileWriter::new(File::create(&copy).unwrap(), schema, Arc::new(properties.build())).unwrap();
    let source = File::open(path).unwrap();
    for group in reader.metadata().row_groups() {
        let mut to = writer.next_row_group().unwrap();
        for column in group.columns() {
            let close = parquet::column::writer::ColumnCloseResult {
                bytes_written: column.compressed_size() as u64,
                rows_written: group.num_rows() as u64,
                metadata: column.clone(),
                bloom_filter: None,
                column_index: None,
                offset_index: None,
            };
            to.append_column(&source, close).unwrap();
        }
        to.close().unwrap();
    }
    writer.close().unwrap();
    std::fs::rename(copy, path).unwrap();
}

/// The damage of one file of a new folder: found, once, in that file.
fn is_found(attack: &str, file: &str, damage: impl Fn(&Folder)) {
    let folder = Folder::new();
    damage(&folder);
    let found = folder.found();
    assert_eq!(found.len(), 1, "{attack} {file}: {found:#?}");
    assert!(found[0].starts_with(&format!("{attack} {file}:")), "{attack} {file}: {found:#?}");
}

#[test]
fn a_changed_value_is_found_in_every_form() {
    let totals = statistics(Table::Totals);
    for form in [Form::Parquet, Form::Xlsx, Form::Ndjson] {
        let file = path_of(&totals, form);
        is_found("whole-atoms", &file, |folder| rewrite(folder, &totals, form, &totals, |rows| first_count(rows)));
        // A row more, a row less, and the same rows in another order.
        is_found("whole-atoms", &file, |folder| rewrite(folder, &totals, form, &totals, |rows| rows.push(rows[0].clone())));
        is_found("whole-atoms", &file, |folder| rewrite(folder, &totals, form, &totals, |rows| drop(rows.pop())));
        is_found("whole-atoms", &file, |folder| rewrite(folder, &totals, form, &totals, |rows| rows.swap(0, 1)));
    }
    for form in [Form::Parquet, Form::Ndjson] {
        let words = |rows: &mut Vec<Vec<Value>>| rows[3][4] = Value::Text("M".into());
        is_found("whole-atoms", &path_of(&RECIPIENTS, form), |folder| rewrite(folder, &RECIPIENTS, form, &RECIPIENTS, words));
    }
    is_found("whole-atoms", "data/areas.csv", |folder| {
        text(&folder.path("data/areas.csv"), |text| text.replacen("Perwira", "Perwiro", 1));
    });
    is_found("whole-atoms", "data/boundaries.geojson", |folder| {
        text(&folder.path("data/boundaries.geojson"), |text| text.replacen("\"12.74.01\"", "\"12.74.02\"", 2));
    });
}

#[test]
fn a_column_more_is_found_in_every_form() {
    for form in [Form::Parquet, Form::Xlsx, Form::Ndjson] {
        is_found("whole-atoms", &path_of(&AREAS, form), |folder| {
            rewrite(folder, &AREAS, form, &with_a_column(&AREAS), |rows| {
                rows.iter_mut().for_each(|row| row.push(Value::Text("Siti".into())))
            });
        });
    }
}

#[test]
fn what_stands_beside_the_rows_is_found() {
    let book = "data/totals.xlsx";
    let sheets: [(&str, &str, &str); 3] = [
        ("xl/workbook.xml", "</sheets>", "<sheet name=\"Lain\" sheetId=\"9\" state=\"hidden\" r:id=\"rId1\"/></sheets>"),
        ("xl/workbook.xml", "<sheet name=\"Catatan\"", "<sheet state=\"hidden\" name=\"Catatan\""),
        ("xl/worksheets/sheet1.xml", "</sheetData>", "<row r=\"9999\"><c r=\"Z9999\"><v>3671</v></c></row></sheetData>"),
    ];
    for (part, from, to) in sheets {
        is_found("whole-atoms", book, |folder| repack(&folder.path(book), replaced(part, from, to), &[], ""));
    }
    for (part, from, to) in [
        ("docProps/core.xml", "</cp:coreProperties>", "<dc:description>3671010101310001</dc:description></cp:coreProperties>"),
        ("xl/styles.xml", "</styleSheet>", "<!-- 3671010101310001 --></styleSheet>"),
        ("xl/sharedStrings.xml", "</sst>", "<si><t>Siti</t></si></sst>"),
        ("xl/worksheets/sheet2.xml", "</sheetData>", "<row r=\"99\"><c r=\"A99\"><v>3671</v></c></row></sheetData>"),
    ] {
        is_found("linkage", book, |folder| repack(&folder.path(book), replaced(part, from, to), &[], ""));
    }
    let as_it_is = |_: &str, content: String| content;
    is_found("linkage", book, |folder| repack(&folder.path(book), as_it_is, &[("xl/comments1.xml", "<comments/>")], ""));
    is_found("whole-atoms", book, |folder| repack(&folder.path(book), as_it_is, &[], "3671010101310001"));
    is_found("whole-atoms", book, |folder| {
        let mut bytes = b"3671010101310001".to_vec();
        bytes.extend(std::fs::read(folder.path(book)).unwrap());
        std::fs::write(folder.path(book), bytes).unwrap();
    });
    // Packed in another way, and nothing else.
    let folder = Folder::new();
    repack(&folder.path(book), as_it_is, &[], "");
    assert_eq!(folder.found(), [] as [&str; 0]);

    let parquet = "data/totals.parquet";
    is_found("linkage", parquet, |folder| with_metadata(&folder.path(parquet)));
    is_found("whole-atoms", parquet, |folder| {
        let mut bytes = std::fs::read(folder.path(parquet)).unwrap();
        bytes.extend(b"3671010101310001");
        std::fs::write(folder.path(parquet), bytes).unwrap();
    });
    for (file, from, to) in [
        ("data/totals.ndjson", "{\"area\"", "{ \"area\""),
        ("data/boundaries.geojson", "\"features\":[", "\"nik\":\"3671\",\"features\":["),
        ("data/totals.csv", "12.74,PKH,", "\"12.74\",PKH,"),
        ("data/programs.csv", "\nPKH,", "\n\"PKH\","),
    ] {
        is_found("linkage", file, |folder| text(&folder.path(file), |text| text.replacen(from, to, 1)));
    }
}

#[test]
fn a_form_that_is_missing_or_cannot_be_read_is_found() {
    is_found("whole-atoms", "data/totals.ndjson", |folder| std::fs::remove_file(folder.path("data/totals.ndjson")).unwrap());
    for file in ["data/totals.ndjson", "data/totals.xlsx", "data/totals.parquet", "data/atoms.parquet", "data/boundaries.geojson"] {
        is_found("whole-atoms", file, |folder| {
            let bytes = std::fs::read(folder.path(file)).unwrap();
            std::fs::write(folder.path(file), &bytes[..bytes.len() / 2]).unwrap();
        });
    }
}

#[test]
fn files_of_another_version_are_read_and_compared() {
    let of_another_version = |damage: &dyn Fn(&Folder)| {
        let under = tempfile::tempdir().unwrap();
        let release = Made { software: "bansos-terbuka 99.0.0".into(), ..Made::new("2025-04") }.folder(under.path());
        let folder = Folder { _under: under, release };
        damage(&folder);
        folder.found()
    };
    assert_eq!(of_another_version(&|_| {}), [] as [&str; 0]);
    // Another title of the workbook, and smaller pages of a Parquet file.
    let title = replaced("docProps/core.xml", "</dc:title>", ".</dc:title>");
    assert_eq!(of_another_version(&|folder| repack(&folder.path("data/totals.xlsx"), &title, &[], "")), [] as [&str; 0]);
    let found = of_another_version(&|folder| with_metadata(&folder.path("data/totals.parquet")));
    assert!(found.len() == 1 && found[0].contains("metadata"), "{found:?}");
    let found = of_another_version(&|folder| {
        repack(&folder.path("data/totals.xlsx"), |_: &str, content: String| content, &[("xl/media/image1.png", "Siti")], "");
    });
    assert!(found.len() == 1 && found[0].contains("image1"), "{found:?}");
}
