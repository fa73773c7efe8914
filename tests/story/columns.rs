//! Every column of every released file is one of FORMATS.md, in its order;
//! nothing else is in a release folder. (The databases' columns are declared
//! and tested in their crates' `columns.toml`.)

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;

use crate::{figures, prepared, scratch};

#[test]
fn released_files_have_the_declared_columns_and_no_more() {
    let office = &prepared::published().office;
    let tables = figures::COLUMNS.join(",");
    let declared = [
        ("recipients.csv", "id,edition,program,area,sex,age_band,family_size"),
        ("atoms.csv", "edition,program,atom,area,sex,age_band,family_size,count"),
        ("totals.csv", &tables),
        ("payments.csv", &tables),
        ("flows.csv", &tables),
        ("plan.csv", &tables),
        ("coverage.csv", &tables),
        ("demographics.csv", &tables),
        ("overlaps.csv", &tables),
        ("verification.csv", &tables),
        ("freshness.csv", &tables),
        ("findings.csv", &tables),
        ("deciles.csv", &tables),
        ("targeting.csv", &tables),
        ("reports.csv", &tables),
        (
            "corrections.csv",
            "table,area,program,period,measure,category,value_before,status_before,group_before,value,status,group,corrects,reason",
        ),
        ("areas.csv", "code,level,name,parent,inhabitants,inhabitants_source"),
        ("programs.csv", "code,name,unit,frequency,sensitive,legal_basis"),
    ];
    let others = declared.iter().flat_map(|(name, _)| {
        let name = name.trim_end_matches(".csv");
        let forms: &[&str] = if name == "atoms" { &["ndjson", "parquet"] } else { &["ndjson", "parquet", "xlsx"] };
        forms.iter().map(move |form| format!("data/{name}.{form}"))
    });
    let others: Vec<String> = others.chain(["data/boundaries.geojson".to_owned()]).collect();
    let mut files = 0;
    for release in std::fs::read_dir(office.releases()).unwrap() {
        let release = release.unwrap().path();
        let names: BTreeSet<String> =
            scratch::files(&release).iter().map(|file| file.strip_prefix(&release).unwrap().to_str().unwrap().to_owned()).collect();
        let expected: BTreeSet<String> = ["datapackage.json", "manifest.json", "manifest.sig", "risk-report.json"]
            .map(str::to_owned)
            .into_iter()
            .chain(declared.iter().map(|(name, _)| format!("data/{name}")))
            .chain(others.iter().cloned())
            .collect();
        assert_eq!(names, expected, "files of {}", release.display());
        for (name, columns) in declared {
            let text = std::fs::read_to_string(release.join("data").join(name)).unwrap();
            assert_eq!(text.lines().next().unwrap_or(""), columns, "columns of {name} in {}", release.display());
            files += 1;
        }
    }
    assert!(files > 0);
}

/// The codebook's labels, and nothing else, stand in rows.
#[test]
fn rows_use_the_codebook() {
    let sexes = ["F", "M", "unknown", "*"];
    let ages =
        ["0-5", "6-17", "0-17", "18-29", "30-39", "18-39", "40-49", "50-59", "40-59", "18-59", "60-69", "70+", "60+", "unknown", "*"];
    let sizes = ["1-2", "3-4", "5+", "unknown", "*"];
    let folder = prepared::published().office.releases().join("33.28-2025-04/data/atoms.csv");
    for record in csv::Reader::from_path(folder).unwrap().records() {
        let record = record.unwrap();
        assert!(
            sexes.contains(&&record[4]) && ages.contains(&&record[5]) && sizes.contains(&&record[6]),
            "a label outside the codebook: {record:?}"
        );
        if record[3].contains('~') {
            assert_eq!(&[&record[4], &record[5], &record[6]], &["*"; 3], "a pool of areas carries a personal attribute: {record:?}");
        }
    }
}

#[test]
fn the_restricted_side_is_for_its_owner_alone() {
    let office = &prepared::published().office;
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let registry = office.data.join("registry");
    assert_eq!(mode(&registry), 0o700, "{}", registry.display());
    let files = scratch::files(&registry);
    assert!(files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "sqlite")).count() == 5, "{files:?}");
    for file in files {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
    for file in scratch::files(&office.data.join("keys")) {
        if file.extension().is_some_and(|extension| extension == "key") {
            assert_eq!(mode(&file), 0o600, "{}", file.display());
        }
    }
}
