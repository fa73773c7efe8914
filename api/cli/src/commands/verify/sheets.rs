//! `bansos verify sheets`: a file for each kelurahan, for the office's people alone.

use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use domain::AreaCode;
use rayon::prelude::*;
use registry::{Form, Visit};

use crate::progress::{bar, number};

#[derive(clap::Args)]
#[command(after_help = "Example:\n  bansos --data data verify sheets 2025-T2 --area 36.71 --out lembar --within 36.71.01")]
pub struct Arguments {
    /// The round.
    round: String,
    /// The kabupaten/kota.
    #[arg(long, value_parser = super::super::district, value_name = "CODE")]
    area: AreaCode,
    /// The folder to write them into; made where it is not there, readable by you alone.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// xlsx to print or fill in a spreadsheet, csv to fill in anything.
    #[arg(long, default_value = "xlsx", value_parser = form, value_name = "xlsx|csv")]
    format: Form,
    /// Only sheets of these kecamatan or kelurahan.
    #[arg(long, value_delimiter = ',', value_name = "CODE,...")]
    within: Vec<AreaCode>,
}

fn form(text: &str) -> Result<Form, String> {
    match text {
        "xlsx" => Ok(Form::Xlsx),
        "csv" => Ok(Form::Csv),
        _ => Err("expected xlsx or csv".into()),
    }
}

pub fn run(data: &Path, arguments: &Arguments) -> anyhow::Result<()> {
    let mut registry = super::super::registry(data, arguments.area)?;
    let round = registry.round(&arguments.round)?;
    let inside = |area: AreaCode| arguments.within.is_empty() || arguments.within.iter().any(|within| within.contains(area));
    let kelurahan: Vec<(AreaCode, u64)> = registry.round_kelurahan(&round)?.into_iter().filter(|(area, _)| inside(*area)).collect();
    if kelurahan.is_empty() {
        bail!(
            "round {} has nobody to visit there; `bansos verify status {:?} --area {}` shows where it has",
            round.name,
            round.name,
            arguments.area
        );
    }
    let out = &arguments.out;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(out).with_context(|| out.display().to_string())?;
    std::fs::set_permissions(out, std::fs::Permissions::from_mode(0o700)).with_context(|| out.display().to_string())?;
    // A sheet that is there may be filled in already.
    for (area, _) in &kelurahan {
        let path = out.join(registry::sheet(&round, *area, &[], arguments.format)?.0);
        if path.exists() {
            bail!("{} is there already, and may be filled in: give another folder, or move it away first", path.display());
        }
    }
    let bar = bar(kelurahan.len() as u64, "sheets");
    let people: u64 = kelurahan.iter().map(|(_, people)| people).sum();
    // Read one after the other, written side by side; a few at a time, so that
    // memory does not grow with the district.
    for some in kelurahan.chunks(rayon::current_num_threads() * 2) {
        let visits = some
            .iter()
            .map(|(area, _)| Ok((*area, registry.visits(&round, *area)?)))
            .collect::<anyhow::Result<Vec<(AreaCode, Vec<Visit>)>>>()?;
        visits.into_par_iter().try_for_each(|(area, visits)| -> anyhow::Result<()> {
            let (name, bytes) = registry::sheet(&round, area, &visits, arguments.format)?;
            let path = out.join(name);
            durable::write_file(&path, &bytes, 0o600, "sheet").with_context(|| path.display().to_string())?;
            bar.inc(1);
            Ok(())
        })?;
    }
    bar.finish_and_clear();
    println!(
        "{}: {} sheets of round {} with {} people to visit; they name people: keep them as you keep the registry",
        out.display(),
        number(kelurahan.len() as u64),
        round.name,
        number(people)
    );
    Ok(())
}
