//! Every template is read as its layout, explained, and refused while it is empty.

use crate::{Form, ImportRequest, ImportSummary, Layout, Registry};

use super::*;

fn import(layout: Layout, name: &str, bytes: &[u8]) -> crate::Result<Vec<ImportSummary>> {
    into(&mut Registry::in_memory("36.71".parse().unwrap()).unwrap(), layout, name, bytes)
}

fn into(registry: &mut Registry, layout: Layout, name: &str, bytes: &[u8]) -> crate::Result<Vec<ImportSummary>> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(format!("{layout}-{name}"));
    std::fs::write(&path, bytes).unwrap();
    let request = ImportRequest {
        files: &[path],
        area: Some("36.71".parse().unwrap()),
        period: Some("2025-06".parse().unwrap()),
        ..ImportRequest::default()
    };
    registry.import(&request, &mut |_| {})
}

#[test]
fn a_template_is_refused_empty_and_imports_its_examples() {
    for layout in TEMPLATES {
        for (form, name) in [(Form::Xlsx, "a.xlsx"), (Form::Csv, "a.csv")] {
            for district in ["36.71", "21.03"] {
                let district = district.parse().ok();
                let empty = template(layout, form, district, false).unwrap();
                let error = import(layout, name, &empty).unwrap_err().to_string();
                assert!(error.contains("empty template") && error.contains("fill in the sheet Data"), "{layout}: {error}");
            }
            let filled = template(layout, form, "36.71".parse().ok(), true).unwrap();
            let summary = import(layout, name, &filled).unwrap().remove(0);
            assert_eq!((summary.layout, summary.read, summary.rejected, summary.simulated), (layout, 2, 0, true), "{name}");
            // Every column of it is read as one of the layout.
            for (header, column) in summary.tables.iter().flat_map(|table| &table.columns) {
                assert!(!column.is_empty(), "{layout}: {header} is not read");
            }
        }
        assert!(template(layout, Form::Csv, None, false).is_ok());
        assert!(template(layout, Form::Csv, None, true).is_err());
    }
    assert!(template(Layout::Kks, Form::Csv, None, false).unwrap_err().to_string().contains("complaints"));
}

/// What is offered to choose from is read, each word as something of its own.
#[test]
fn every_word_that_is_offered_is_read() {
    for layout in TEMPLATES {
        let template = columns::of(layout).unwrap();
        let district = "36.71".parse().unwrap();
        let row = columns::examples(&template, district).remove(0);
        for (at, column) in template.columns.iter().enumerate() {
            // Its kelurahan lies in the kecamatan of the example.
            if column.header == "KECAMATAN" {
                continue;
            }
            for word in column.words(Some(district)) {
                let mut cells = row.clone();
                cells[at].clone_from(&word);
                let header: Vec<String> = template.columns.iter().map(|column| column.header.replace('\n', " ")).collect();
                let text = format!("{}\n{}\n", header.join(";"), cells.join(";"));
                let summary = import(layout, "kata.csv", text.as_bytes()).unwrap().remove(0);
                assert_eq!((summary.accepted, summary.rejected), (1, 0), "{layout} {}: {word}", column.header);
            }
        }
    }
}

/// Each category of a complaint is kept as one of its own, and nothing else of the row's text is.
#[test]
fn the_categories_of_complaints_are_told_apart() {
    use crate::schema::complaint_rows;
    use diesel::prelude::*;

    let template = columns::of(Layout::Complaints).unwrap();
    let district = "36.71".parse().unwrap();
    let row = columns::examples(&template, district).remove(0);
    let at = template.columns.iter().position(|column| column.header == "Kategori").unwrap();
    let words = template.columns[at].words(Some(district));
    let header: Vec<&str> = template.columns.iter().map(|column| column.header).chain(["Isi Pengaduan"]).collect();
    let mut text = header.join(",") + "\n";
    for word in &words {
        let mut cells = row.clone();
        cells[at].clone_from(word);
        cells.push("Ibu Uji melapor".to_owned());
        text += &(cells.join(",") + "\n");
    }
    let mut registry = Registry::in_memory(district).unwrap();
    into(&mut registry, Layout::Complaints, "a.csv", text.as_bytes()).unwrap();
    let kept: Vec<String> = complaint_rows::table.select(complaint_rows::category).distinct().load(registry.connection()).unwrap();
    assert_eq!(kept.len(), words.len(), "{kept:?}");
}
