//! Matches the records of a CSV file with themselves, or of two files with each
//! other: `cargo run -p matching --example csv -- DESCRIPTION.toml ONE.csv [OTHER.csv] PAIRS.csv`.
//! For trying the engine on data that are nobody's secret; the files it writes
//! hold places of records (from 0), weights and probabilities.

use std::error::Error;
use std::time::Instant;

use matching::{Comparator, Description, Field, Found, Key, Part, Pass, Records, Settings, dedupe, link};
use serde::Deserialize;

/// The description as a file has it; columns by name. A column may be made of
/// several, joined by a space.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    threshold: Option<f64>,
    columns: std::collections::BTreeMap<String, Vec<String>>,
    fields: Vec<FileField>,
    passes: Vec<Vec<String>>,
    /// Keys for blocks that are too large.
    #[serde(default)]
    refine: Vec<String>,
    /// `field:level`.
    #[serde(default)]
    related: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileField {
    name: String,
    comparator: String,
    columns: Vec<String>,
    #[serde(default)]
    by_frequency: bool,
    #[serde(default)]
    only_against: bool,
}

fn read(path: &str, columns: &[(String, Vec<String>)]) -> Result<Records, Box<dyn Error>> {
    let mut reader = csv::Reader::from_path(path)?;
    let headers = reader.headers()?.clone();
    let places: Vec<Vec<usize>> = columns
        .iter()
        .map(|(_, of)| {
            of.iter().map(|name| headers.iter().position(|h| h == name).ok_or_else(|| format!("{path} has no column {name}"))).collect()
        })
        .collect::<Result<_, String>>()?;
    let mut records = Records::new(columns.len());
    for row in reader.records() {
        let row = row?;
        let values: Vec<String> = places
            .iter()
            .map(|of| of.iter().filter_map(|at| row.get(*at)).map(str::trim).filter(|v| !v.is_empty()).collect::<Vec<_>>().join(" "))
            .collect();
        records.push(&values.iter().map(String::as_str).collect::<Vec<_>>());
    }
    Ok(records)
}

/// `column`, `column:prefix4`, `column:suffix4`, `column:sound`, `column:first`, `column:last`.
fn key(text: &str, columns: &[(String, Vec<String>)]) -> Result<Key, String> {
    let (name, part) = text.split_once(':').unwrap_or((text, "whole"));
    let column = columns.iter().position(|(known, _)| known == name).ok_or_else(|| format!("no column {name}"))?;
    let part = match part {
        "whole" => Part::Whole,
        "sound" => Part::Sound,
        "first" => Part::FirstSound,
        "last" => Part::LastSound,
        other => match (other.strip_prefix("prefix"), other.strip_prefix("suffix")) {
            (Some(length), _) => Part::Prefix(length.parse().map_err(|_| format!("no number in {text}"))?),
            (_, Some(length)) => Part::Suffix(length.parse().map_err(|_| format!("no number in {text}"))?),
            _ => return Err(format!("no such part: {text}")),
        },
    };
    Ok(Key { column, part })
}

fn describe(file: &File, columns: &[(String, Vec<String>)]) -> Result<Description, Box<dyn Error>> {
    let place = |name: &String| columns.iter().position(|(known, _)| known == name).ok_or_else(|| format!("no column {name}"));
    let fields = file
        .fields
        .iter()
        .map(|field| {
            Ok(Field {
                name: field.name.clone(),
                comparator: match field.comparator.as_str() {
                    "exact" => Comparator::Exact,
                    "text" => Comparator::Text,
                    "name" => Comparator::Name,
                    "date" => Comparator::Date,
                    "digits" => Comparator::Digits,
                    "nested" => Comparator::Nested,
                    other => return Err(format!("no comparator {other}")),
                },
                columns: field.columns.iter().map(place).collect::<Result<_, _>>()?,
                by_frequency: field.by_frequency,
                only_against: field.only_against,
            })
        })
        .collect::<Result<Vec<_>, String>>()?;
    let keys = |texts: &[String]| texts.iter().map(|text| key(text, columns)).collect::<Result<Vec<Key>, String>>();
    let refine = keys(&file.refine)?;
    let passes = file
        .passes
        .iter()
        .map(|texts| Ok(Pass { name: texts.join(" + "), keys: keys(texts)?, refine: refine.clone() }))
        .collect::<Result<Vec<_>, String>>()?;
    let related = file
        .related
        .iter()
        .map(|text| {
            let (name, level) = text.split_once(':').ok_or("related is field:level")?;
            let field = fields.iter().position(|field| field.name == name).ok_or("related names no field")?;
            Ok((field, level.parse()?))
        })
        .collect::<Result<Vec<_>, Box<dyn Error>>>()?;
    Ok(Description { fields, passes, related })
}

fn report(found: &Found, records: usize, read: f64, matched: f64) {
    for pass in &found.passes {
        eprintln!(
            "{:>10} pairs, {:>8} blocks, {} split, {} windowed ({} pairs left out): {}",
            pass.pairs, pass.blocks, pass.refined, pass.windowed, pass.not_compared, pass.name
        );
    }
    let bits = |m: f64, u: f64| if m > 0.0 && u > 0.0 { format!("{:+.1}", (m / u).log2()) } else { "-".to_owned() };
    for field in &found.model.fields {
        let weights: Vec<String> =
            field.u.iter().map(|u| field.m.iter().zip(u).map(|(m, u)| bits(*m, *u)).collect::<Vec<_>>().join(" ")).collect();
        eprintln!("{:>16}: {}", field.name, weights.join(" | "));
    }
    eprintln!("prior {:?}, {} rounds", found.model.prior, found.model.rounds);
    // For a program to read: one line.
    println!(
        "{}",
        serde_json::json!({
            "records": records, "pairs": found.pairs.len(), "compared": found.passes.iter().map(|pass| pass.pairs).sum::<u64>(),
            "read_seconds": read, "match_seconds": matched, "held_bytes": found.bytes,
        })
    );
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (description, one, other, out) = match arguments.as_slice() {
        [description, one, out] => (description, one, None, out),
        [description, one, other, out] => (description, one, Some(other), out),
        _ => return Err("usage: csv DESCRIPTION.toml ONE.csv [OTHER.csv] PAIRS.csv".into()),
    };
    let file: File = toml::from_str(&std::fs::read_to_string(description)?)?;
    let columns: Vec<(String, Vec<String>)> = file.columns.clone().into_iter().collect();
    let description = describe(&file, &columns)?;
    let mut settings = Settings::default();
    settings.threshold = file.threshold.unwrap_or(settings.threshold);
    let start = Instant::now();
    let one = read(one, &columns)?;
    let other = other.map(|path| read(path, &columns)).transpose()?;
    let records = one.len() + other.as_ref().map_or(0, Records::len);
    let read_seconds = start.elapsed().as_secs_f64();
    let found = match other {
        None => dedupe(&description, one, &settings)?,
        Some(other) => link(&description, one, other, &settings)?,
    };
    report(&found, records, read_seconds, start.elapsed().as_secs_f64() - read_seconds);
    let mut writer = csv::Writer::from_path(out)?;
    writer.write_record(["one", "other", "weight", "probability"])?;
    for pair in &found.pairs {
        writer.write_record([
            pair.one.to_string(),
            pair.other.to_string(),
            format!("{:.3}", pair.weight),
            format!("{:.6}", pair.probability),
        ])?;
    }
    writer.flush()?;
    Ok(())
}
