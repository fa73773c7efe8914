//! `bansos trace`: from a published row to the record behind it, for an
//! authorised auditor; and the log of who asked.
//!
//! The one place where the product prints a person: to standard output, never
//! to a log, and only after the access log has its entry on disk.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use domain::{AreaCode, RowId, Unit};
use publish::Traced;
use registry::{Contact, Registry};

use crate::progress::number;

#[derive(clap::Args)]
#[command(
    after_help = "The record is shown on this terminal only, and every request is kept in the district's access log, refused ones too.\n\nExample:\n  bansos --data data trace 36.71-2025Q2/PKH/00412/07 --auditor \"Inspektorat, A. Sari\" --letter \"700/12/ITKOT/2025\" --proof proof.json\n  bansos-audit prove proof.json --release data/releases/36.71-2025-04\n  bansos --data data trace --log"
)]
pub struct Arguments {
    /// The row, by its public id.
    #[arg(required_unless_present = "log", value_name = "ROW_ID")]
    row: Option<RowId>,
    /// Who asks: the authorised auditor. The name stays in the registry.
    #[arg(long, required_unless_present = "log", value_name = "NAME")]
    auditor: Option<String>,
    /// The letter that entitles them, by its number.
    #[arg(long, required_unless_present = "log", value_name = "REF")]
    letter: Option<String>,
    /// Write record, salt and proof to this file (mode 0600), for `bansos-audit prove`.
    #[arg(long, requires = "row", value_name = "FILE.json")]
    proof: Option<PathBuf>,
    /// Print the access log and check its chain.
    #[arg(long, conflicts_with_all = ["row", "auditor", "letter"])]
    log: bool,
    /// The log as JSON.
    #[arg(long, requires = "log")]
    json: bool,
    /// The log of this kabupaten/kota only.
    #[arg(long, requires = "log", value_parser = super::district, value_name = "CODE")]
    area: Option<AreaCode>,
    /// An entry's hash that an auditor kept: it must still stand in the log.
    #[arg(long, requires = "log", value_name = "HASH")]
    receipt: Option<String>,
}

pub fn run(data: &Path, arguments: &Arguments) -> anyhow::Result<()> {
    match (&arguments.row, &arguments.auditor, &arguments.letter) {
        (Some(row), Some(auditor), Some(letter)) => trace(data, row, auditor, letter, arguments.proof.as_deref()),
        _ => log(data, arguments),
    }
}

fn trace(data: &Path, row: &RowId, auditor: &str, letter: &str, proof: Option<&Path>) -> anyhow::Result<()> {
    let here = Registry::districts(data)?;
    ensure!(here.contains(&row.district), "{}: no registry of {} is here, so nothing can be traced", data.display(), row.district);
    if let Some(path) = proof {
        outside(data, path)?;
    }
    let _lock = super::lock(data)?;
    let mut registry = super::registry(data, row.district)?;
    let traced = publish::trace(data, &mut registry, row, auditor, letter)?;
    if let Some(path) = proof {
        let mut bytes = serde_json::to_vec_pretty(&traced.proof)?;
        bytes.push(b'\n');
        durable::write_file(path, &bytes, 0o600, "trace.proof").with_context(|| format!("cannot write {}", path.display()))?;
    }
    let mut out = std::io::stdout().lock();
    out.write_all(shown(row, &traced).as_bytes())?;
    if let Some(path) = proof {
        writeln!(out, "proof        {}: keep it as you keep such papers", path.display())?;
    }
    Ok(out.flush()?)
}

/// The data folder is served and copied; a proof does not belong in it.
fn outside(data: &Path, proof: &Path) -> anyhow::Result<()> {
    let folder = proof.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let (folder, data) = (folder.canonicalize().with_context(|| format!("{}: no such folder", folder.display()))?, data.canonicalize()?);
    ensure!(!folder.starts_with(&data), "{}: a proof names a person; write it outside the data folder", proof.display());
    Ok(())
}

/// What the auditor reads.
fn shown(row: &RowId, traced: &Traced) -> String {
    let areas = reference::areas();
    let named = |code: AreaCode| areas.get(code).map_or_else(|| code.to_string(), |area| format!("{} {code}", area.name));
    let unit = match reference::program(&row.program).map(|program| program.unit) {
        Some(Unit::Family) => "counted in families; the record is the cardholder's",
        _ => "counted in persons",
    };
    let (name, address) = match &traced.contact {
        Some(Contact { name, address, rt_rw: (rt, rw) }) => {
            let address = address.as_ref().map_or("", |address| address.expose());
            let text = [(address, ""), (rt.as_str(), "RT "), (rw.as_str(), "RW ")];
            let parts: Vec<String> = text.iter().filter(|(text, _)| !text.is_empty()).map(|(text, what)| format!("{what}{text}")).collect();
            (name.as_ref().map_or("(none given)", |name| name.expose()).to_owned(), parts.join(", "))
        }
        None => ("(not in that month's files any more)".to_owned(), String::new()),
    };
    let kecamatan = traced.kelurahan.parent().map(|code| format!(", {}", named(code))).unwrap_or_default();
    [
        ("row", row.to_string()),
        ("program", format!("{} ({unit})", row.program)),
        ("issued by", format!("{}, edition {}, taken in {}", traced.release, row.edition, traced.period)),
        ("kelurahan", named(traced.kelurahan) + &kecamatan),
        ("NIK", traced.nik.expose_text()),
        ("family card", traced.family.expose_text()),
        ("name", name),
        ("address", address),
        ("access log", format!("entry {}, {}; {}", traced.access.sequence, traced.access.at, traced.access.hash)),
    ]
    .map(|(what, text)| format!("{what:<13}{}\n", super::printable(&text)))
    .concat()
}

fn log(data: &Path, arguments: &Arguments) -> anyhow::Result<()> {
    let here = Registry::districts(data)?;
    let districts = match arguments.area {
        Some(area) if here.contains(&area) => vec![area],
        Some(area) => bail!("{}: no registry of {area} is here", data.display()),
        None => here,
    };
    let _lock = super::lock(data)?;
    let (mut logs, mut all_broken, mut kept) = (Vec::new(), Vec::new(), false);
    let mut out = std::io::stdout().lock();
    for district in districts {
        let (entries, broken) = publish::accesses(&mut super::registry(data, district)?)?;
        kept |= entries.iter().any(|entry| Some(&entry.hash) == arguments.receipt.as_ref());
        if arguments.json {
            logs.push(serde_json::json!({"area": district, "entries": entries, "intact": broken.is_none(), "broken": broken}));
        } else {
            for entry in &entries {
                let (release, auditor, letter) = (&entry.release, super::printable(&entry.auditor), super::printable(&entry.letter));
                let release = if release.is_empty() { "no release" } else { release };
                writeln!(
                    out,
                    "{district}  {}  {}  {}  {release}  {auditor}  {letter}",
                    entry.sequence,
                    entry.at,
                    super::printable(&entry.row_id)
                )?;
                writeln!(out, "       {}  {}", entry.hash, super::printable(&entry.outcome))?;
            }
            let state = broken.as_deref().map_or("the chain holds".to_owned(), |broken| format!("BROKEN: {broken}"));
            writeln!(out, "{district}: {} entries; {state}", number(entries.len() as u64))?;
        }
        all_broken.extend(broken.map(|broken| format!("{district}: {broken}")));
    }
    if arguments.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&logs)?)?;
    }
    out.flush()?;
    ensure!(all_broken.is_empty(), "the access log is broken: {}", all_broken.join("; "));
    if let Some(receipt) = &arguments.receipt {
        ensure!(kept, "no entry of the access log has the hash {}: entries were removed or written anew", super::printable(receipt));
    }
    Ok(())
}
