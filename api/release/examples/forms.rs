//! Writes a made-up release of a large kabupaten in every form, and tells how
//! long that took and how much memory: `forms ROWS [FOLDER]`, a folder that is
//! not there yet. Prints Markdown for tests/bench/FORMATS.md.

use std::path::{Path, PathBuf};
use std::time::Instant;

use dataset::dictionary::RECIPIENTS;
use dataset::{Form, read};
use domain::{AreaCode, Cell, EditionId, Level, Period, ReleaseId, Status, Table};
use release::{About, Atom, FolderWriter, path_of};

type Failed = Box<dyn std::error::Error>;

const PROGRAMS: [&str; 5] = ["BLT_DD", "PBI_JK", "PENA", "PKH", "SEMBAKO"];

fn main() -> Result<(), Failed> {
    let mut arguments = std::env::args().skip(1);
    let rows: u64 = arguments.next().ok_or("forms ROWS [FOLDER]")?.parse()?;
    let scratch = tempfile::tempdir()?;
    let folder = arguments.next().map_or_else(|| scratch.path().join("release"), PathBuf::from);
    let release: ReleaseId = "33.28-2025-04".parse()?;
    let about = About { release, edition: EditionId::new(release.period().quarter(), 1), simulated: true };
    let areas: Vec<AreaCode> = reference::areas().inside(release.district(), Level::Kelurahan).iter().map(|area| area.code).collect();
    let atoms = atoms(rows, &areas, about.edition)?;
    let mut tables = tables(release, &areas)?;
    let (held, cells) =
        (atoms.iter().map(|atom| u64::from(atom.count)).sum::<u64>(), tables.iter().map(|(_, cells)| cells.len()).sum::<usize>());
    let before = peak()?;

    let started = Instant::now();
    let mut writer = FolderWriter::create(&folder, about)?;
    writer.rows(release.district(), &atoms)?;
    let of_rows = started.elapsed();
    for (table, cells) in &mut tables {
        writer.table(*table, cells)?;
    }
    writer.reference()?;
    let written = started.elapsed();
    durable::sync_tree(&folder)?;
    let synced = started.elapsed();
    let after = peak()?;

    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    println!("# A release in every form\n");
    println!(
        "{held} rows of {} atoms and 13 tables of {cells} figures together, on {processors} processors (`make bench`).\n",
        atoms.len()
    );
    println!("| | |\n|---|---|");
    println!("| recipients and atoms in every form | {:.1} s |", of_rows.as_secs_f64());
    println!("| with every table, areas, programs and boundaries | {:.1} s |", written.as_secs_f64());
    println!("| and fsynced | {:.1} s |", synced.as_secs_f64());
    println!("| most memory held | {} MB ({} MB of it before the first file) |\n", after >> 10, before >> 10);
    println!("| file | MB |\n|---|---|");
    for form in [Form::Csv, Form::Ndjson, Form::Parquet, Form::Xlsx] {
        let path = path_of(&RECIPIENTS, form);
        #[expect(clippy::cast_precision_loss, reason = "a size in MB")]
        let size = std::fs::metadata(folder.join(&path))?.len() as f64 / 1e6;
        println!("| {path} | {size:.1} |");
    }
    pruning(&folder, &areas)
}

/// How many row groups a reader must look into who asks for one kelurahan.
fn pruning(folder: &Path, areas: &[AreaCode]) -> Result<(), Failed> {
    let layout = read::layout(RECIPIENTS.fields, &folder.join(path_of(&RECIPIENTS, Form::Parquet)))?;
    let at = RECIPIENTS.fields.iter().position(|field| field.name == "area").ok_or("no area")?;
    let holds = |area: &AreaCode, group: &Vec<read::Chunk>| {
        let code = area.to_string().into_bytes();
        group[at].bounds.as_ref().is_none_or(|(least, greatest)| *least <= code && code <= *greatest)
    };
    let looked: Vec<usize> = areas.iter().map(|area| layout.groups.iter().filter(|group| holds(area, group)).count()).collect();
    let most = looked.iter().max().ok_or("no areas")?;
    println!(
        "\nWho asks recipients.parquet for one kelurahan reads {most} of {} row groups at most (by their statistics, for each of {} kelurahan).",
        layout.groups.len(),
        areas.len()
    );
    Ok(())
}

/// As many atoms as a large edition has, and rows in them.
fn atoms(rows: u64, areas: &[AreaCode], edition: EditionId) -> Result<Vec<Atom>, Failed> {
    let ages = ["0-5", "6-17", "18-29", "30-39", "40-49", "50-59", "60-69", "70+"];
    let mut atoms = Vec::new();
    for program in PROGRAMS {
        let mut number = 0;
        for area in areas {
            for sex in ["F", "M"] {
                for age in ages {
                    for family in ["1-2", "3-4", "5+"] {
                        number += 1;
                        atoms.push(Atom {
                            edition,
                            program: program.parse()?,
                            atom: number,
                            area: (*area).into(),
                            sex: sex.into(),
                            age_band: age.into(),
                            family_size: family.into(),
                            count: 0,
                        });
                    }
                }
            }
        }
    }
    let all = atoms.len() as u64;
    for (at, atom) in (0u64..).zip(&mut atoms) {
        atom.count = u32::try_from(rows / all + u64::from(at < rows % all))?;
    }
    Ok(atoms)
}

/// A line a program, measure and area, as exact tables have.
fn tables(release: ReleaseId, areas: &[AreaCode]) -> Result<Vec<(Table, Vec<Cell>)>, Failed> {
    let period: Period = release.period();
    let mut tables = Vec::new();
    for table in Table::ALL {
        let mut cells = Vec::new();
        for (at, area) in (0u64..).zip(areas) {
            for program in PROGRAMS {
                for measure in table.measures() {
                    cells.push(Cell {
                        area: (*area).into(),
                        program: program.parse()?,
                        period,
                        measure: (*measure).to_owned(),
                        category: String::new(),
                        value: Some(at * 7919 % 1000),
                        status: Status::Observed,
                        group: None,
                        release,
                        as_of: period,
                    });
                }
            }
        }
        tables.push((table, cells));
    }
    Ok(tables)
}

/// The most memory that this process ever held, in kB.
fn peak() -> Result<u64, Failed> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}
