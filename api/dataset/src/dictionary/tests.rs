//! Nothing is left without words.

use domain::{Table, codebook};

use super::*;

/// Words that are the same in both languages, and may be.
const SAME: [&str; 14] = [
    "program",
    "status",
    "Status",
    "Kecamatan",
    "Desil 2",
    "Desil 3",
    "Desil 4",
    "Desil 5",
    "Desil 6",
    "Desil 7",
    "Desil 8",
    "Desil 9",
    "edisi",
    "Program",
];

#[track_caller]
fn told(what: &str, words: Words) {
    let (id, en) = words;
    for text in [id, en] {
        assert!(!text.trim().is_empty(), "{what}: empty");
        assert_eq!(text.trim(), text, "{what}: {text:?}");
    }
    assert!(id != en || SAME.contains(&id) || what.starts_with("program BST"), "{what}: {id:?} in both languages");
}

#[test]
fn every_field_has_all_texts() {
    for dataset in all() {
        told(dataset.name, dataset.title);
        told(dataset.name, dataset.description);
        for field in dataset.fields {
            let name = format!("{}.{}", dataset.name, field.name);
            for words in [field.title, field.concept, field.description, field.classification, field.measure, field.unit, field.source] {
                told(&name, words);
            }
            assert!(field.description.0.ends_with('.') && field.description.1.ends_with('.'), "{name}");
            told(&name, field.kind.words());
            for term in codes(&dataset, field) {
                let what =
                    if matches!(field.codes, Codes::Programs | Codes::ProgramsOrAll | Codes::Categories) { "program BST" } else { &name };
                told(what, term.name);
                if let Some(parent) = term.parent {
                    assert!(codes(&dataset, field).iter().any(|up| up.code == parent), "{name}: {parent}");
                }
            }
            // A closed list is one, and what has a list is a code.
            let is_list = !codes(&dataset, field).is_empty();
            assert!(!field.codes.is_closed() || is_list, "{name}");
            assert!(!is_list || field.kind == Kind::Code || dataset.table().is_some(), "{name}");
        }
        for key in dataset.key {
            let field = dataset.fields.iter().find(|field| field.name == *key).unwrap();
            // Nothing in a key is ever unknown; a category can be the empty one.
            assert!(!field.optional || field.name == "category", "{} {key}", dataset.name);
        }
        assert_eq!(find(dataset.name), Some(dataset));
    }
    for form in Form::ALL {
        told(form.ending(), form.words());
        assert_eq!(Form::of_ending(form.ending()), Some(form));
    }
}

#[test]
fn every_measure_and_category_has_all_texts() {
    for table in Table::ALL {
        let names: Vec<&str> = measures(table).iter().map(|one| one.name).collect();
        assert_eq!(names, table.measures(), "{table}");
        for one in measures(table) {
            let name = format!("{table} {}", one.name);
            for words in [one.title, one.concept, one.description, one.classification, one.measure, one.unit, one.source] {
                told(&name, words);
            }
            assert_eq!(one.name.ends_with("_rupiah"), one.unit.1 == "whole rupiah", "{name}");
        }
        for one in categories(table) {
            assert!(names.contains(&one.measure), "{table} {}", one.measure);
            told(if table == Table::Overlaps { "program BST" } else { one.code }, one.name);
        }
        for word in table.classes().unwrap_or_default() {
            assert!(categories(table).iter().any(|one| one.code == *word), "{table} {word}");
        }
    }
}

#[test]
fn every_label_of_the_codebook_is_a_code() {
    for (attribute, field) in codebook::ATTRIBUTES.into_iter().zip(["sex", "age_band", "family_size"]) {
        let field = RECIPIENTS.fields.iter().find(|one| one.name == field).unwrap();
        let found: Vec<&str> = codes(&RECIPIENTS, field).iter().map(|term| term.code).collect();
        assert_eq!(found, attribute.labels.iter().map(|label| label.code).collect::<Vec<_>>());
    }
    let table = CORRECTIONS.fields.iter().find(|one| one.name == "table").unwrap();
    assert_eq!(codes(&CORRECTIONS, table).len(), Table::ALL.len());
    let measure = CORRECTIONS.fields.iter().find(|one| one.name == "measure").unwrap();
    assert!(codes(&CORRECTIONS, measure).iter().any(|term| term.code == "planned_rupiah"));
}

/// A field of one name means one thing wherever a dataset of figures has it.
#[test]
fn tables_share_their_fields() {
    for table in Table::ALL {
        let dataset = statistics(table);
        let names: Vec<&str> = dataset.fields.iter().map(|field| field.name).collect();
        assert_eq!(names, CELLS.iter().map(|field| field.name).collect::<Vec<_>>(), "{table}");
        let program = dataset.fields.iter().find(|field| field.name == "program").unwrap();
        assert_eq!(program.codes == Codes::ProgramsOrAll, table.is_of_all_programs() || table == Table::Findings, "{table}");
    }
}
