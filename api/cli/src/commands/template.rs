//! `bansos template`: files to fill in, for what an office writes itself.

use std::path::{Path, PathBuf};

use anyhow::Context;
use domain::AreaCode;
use registry::{Form, Layout, TEMPLATES};

#[derive(clap::Args)]
#[command(after_help = "Example:\n  bansos template --out templat\n  bansos template complaints plan --area 36.71 --out templat\n  \
bansos template --area 36.71 --examples --out contoh")]
pub struct Arguments {
    /// Which: plan, verification, deaths, list, complaints, usulan; all without any.
    #[arg(value_parser = layout, value_name = "LAYOUT")]
    layouts: Vec<Layout>,
    /// The folder to write them into: a workbook and a CSV of each.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// The kabupaten/kota whose kecamatan can be chosen in them.
    #[arg(long, value_parser = super::district, value_name = "CODE")]
    area: Option<AreaCode>,
    /// With made-up rows that show how they are filled in; marked as simulated.
    #[arg(long, requires = "area")]
    examples: bool,
}

fn layout(word: &str) -> Result<Layout, String> {
    let known = TEMPLATES.into_iter().find(|layout| layout.as_str() == word);
    known.ok_or_else(|| format!("expected one of {}", TEMPLATES.map(Layout::as_str).join(", ")))
}

pub fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let all = TEMPLATES.to_vec();
    let layouts = if arguments.layouts.is_empty() { &all } else { &arguments.layouts };
    let out = &arguments.out;
    std::fs::create_dir_all(out).with_context(|| out.display().to_string())?;
    let files: Vec<(Layout, Form, PathBuf)> = layouts
        .iter()
        .flat_map(|layout| {
            [(Form::Xlsx, "xlsx"), (Form::Csv, "csv")].map(|(form, ending)| (*layout, form, out.join(format!("{layout}.{ending}"))))
        })
        .collect();
    // One that is there may be filled in already.
    if let Some((.., path)) = files.iter().find(|(.., path)| path.exists()) {
        anyhow::bail!("{} is there already, and may be filled in: give another folder, or move it away first", path.display());
    }
    for (layout, form, path) in &files {
        write(path, &registry::template(*layout, *form, arguments.area, arguments.examples)?)?;
    }
    println!("{}: {} templates, each as workbook and CSV; the sheet Petunjuk explains the columns", out.display(), layouts.len());
    Ok(())
}

fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    // Whoever fills it in names people in it.
    durable::write_file(path, bytes, 0o600, "template").with_context(|| path.display().to_string())
}
