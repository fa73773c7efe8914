//! `bansos anonymise`: local recoding of any table with hierarchy files.
//!
//! The input is read twice, once to be counted and once to be rewritten, so
//! that memory follows the number of rows and of distinct rows, not the size of
//! the file. Only cells of quasi-identifiers that change are written anew;
//! every other byte is copied.

mod delimited;
mod hierarchies;

use std::borrow::Cow;
use std::collections::HashMap;
use std::fs::File;
use std::io::{BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use disclosure::general::{Recoded, Rules, Search, Table};

use self::delimited::Records;
use crate::progress::number;

#[derive(clap::Args)]
#[command(
    after_help = "Example:\n  bansos anonymise people.csv --hierarchies hierarchies --quasi age,sex,district --k 5 --sensitive disease --l 2 --out anonymous.csv"
)]
pub struct Arguments {
    /// The table: a first line of column names; the separator is found by itself.
    #[arg(value_name = "INPUT.csv")]
    input: PathBuf,
    /// Folder with a file `…hierarchy_COLUMN.csv` for each quasi-identifier,
    /// its lines `leaf;level 1;…;*`.
    #[arg(long, value_name = "DIR")]
    hierarchies: PathBuf,
    /// The quasi-identifiers, by column name.
    #[arg(long, value_delimiter = ',', required = true, value_name = "A,B,C")]
    quasi: Vec<String>,
    /// Every row shares its quasi-identifiers with at least k − 1 others.
    #[arg(long, value_parser = clap::value_parser!(u64).range(2..))]
    k: u64,
    /// A sensitive column, for --l and --top-share; it is not changed.
    #[arg(long, value_name = "COLUMN")]
    sensitive: Option<String>,
    /// Every class has at least so many distinct sensitive values.
    #[arg(long, requires = "sensitive", value_parser = clap::value_parser!(u32).range(1..))]
    l: Option<u32>,
    /// No sensitive value has more than this share of a class, 0 to 1.
    #[arg(long, visible_alias = "max-share", requires = "sensitive", value_name = "SHARE")]
    top_share: Option<f64>,
    /// Rounds of local search: more lose less and take longer, 0 is the
    /// quickest (default: by the table's size, 6 for up to 66,000 distinct rows).
    #[arg(long, value_name = "N")]
    effort: Option<u32>,
    /// The same seed gives the same table.
    #[arg(long, default_value_t = 1, value_name = "N")]
    seed: u64,
    /// The anonymised table.
    #[arg(long, value_name = "OUT.csv")]
    out: PathBuf,
}

pub fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let rules = rules(arguments)?;
    let same = |one: &Path, other: &Path| matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other);
    ensure!(!same(&arguments.input, &arguments.out), "--out is the input itself; name another file");
    ensure!(arguments.quasi.iter().all(|name| !name.is_empty()), "--quasi has an empty name; give columns as a,b,c");
    let named = arguments.quasi.iter().map(String::as_str).chain(arguments.sensitive.as_deref());
    let format = Format::of(&arguments.input, &named.collect::<Vec<_>>())?;
    let mut columns = Vec::new();
    for name in &arguments.quasi {
        let column = format.column(name)?;
        ensure!(!columns.contains(&column), "--quasi names {name} twice");
        columns.push(column);
    }
    let sensitive = arguments.sensitive.as_deref().map(|name| format.column(name)).transpose()?;
    if let Some(name) = arguments.sensitive.as_ref().filter(|_| sensitive.is_some_and(|column| columns.contains(&column))) {
        bail!("{name} is named as sensitive and as quasi-identifier; it can only be one");
    }
    let trees =
        arguments.quasi.iter().map(|name| hierarchies::of_column(&arguments.hierarchies, name)).collect::<anyhow::Result<Vec<_>>>()?;
    let (paths, trees): (Vec<PathBuf>, Vec<_>) = trees.into_iter().unzip();

    if let Some(path) = paths.iter().find(|path| same(path, &arguments.out)) {
        bail!("--out is the hierarchy {}; name another file", path.display());
    }

    let mut table = Table::new(trees);
    let source = Source { path: &arguments.input, format: &format, columns: &columns, hierarchies: &paths };
    let rows = source.count(&mut table, sensitive)?;
    let distinct = table.items();
    let effort = arguments.effort.unwrap_or_else(|| Search::suited(distinct).effort);
    let search = Search { effort, seed: arguments.seed };
    let mut recoded = table.anonymise(&rules, &search).with_context(|| format!("{} cannot be anonymised", arguments.input.display()))?;
    source.write(&rows, &mut recoded, &arguments.out)?;

    let smallest = recoded.classes().iter().map(disclosure::general::RecodedClass::records).min().unwrap_or(0);
    let mut report = format!(
        "{}: {} rows, {} distinct; {} classes, the smallest of {smallest}; loss {:.4} (effort {effort}, seed {})\n",
        arguments.out.display(),
        number(rows.len() as u64),
        number(distinct as u64),
        number(recoded.classes().len() as u64),
        recoded.loss(),
        arguments.seed,
    );
    for (name, loss) in arguments.quasi.iter().zip(recoded.losses()) {
        report.push_str(&format!("  {name}: loss {loss:.4}\n"));
    }
    // The table is written; a reader of these lines who has gone is no failure.
    let _ = std::io::stdout().write_all(report.as_bytes());
    Ok(())
}

fn rules(arguments: &Arguments) -> anyhow::Result<Rules> {
    let top_share = arguments.top_share.unwrap_or(1.0);
    ensure!(top_share > 0.0 && top_share <= 1.0, "--top-share is {top_share}, expected more than 0 and at most 1");
    if arguments.sensitive.is_some() && arguments.l.is_none() && arguments.top_share.is_none() {
        bail!("--sensitive asks nothing by itself; add --l or --top-share");
    }
    Ok(Rules { k: arguments.k, distinct: arguments.l.unwrap_or(1) as usize, top_share })
}

/// How the input is written: its separator and its columns.
struct Format {
    separator: u8,
    names: Vec<String>,
}

impl Format {
    /// The separator under which the header has all these columns.
    fn of(path: &Path, named: &[&str]) -> anyhow::Result<Format> {
        let mut likeliest: Option<Format> = None;
        for separator in delimited::SEPARATORS {
            let mut records = open(path, separator)?;
            ensure!(
                records.next().with_context(|| path.display().to_string())?,
                "{} is empty; expected a line of column names",
                path.display()
            );
            let format = Format { separator, names: records.texts() };
            if named.iter().all(|name| format.names.iter().any(|other| other == name)) {
                return Ok(format);
            }
            if likeliest.as_ref().is_none_or(|other| other.names.len() < format.names.len()) {
                likeliest = Some(format);
            }
        }
        let names = likeliest.map(|format| format.names).unwrap_or_default();
        let missing: Vec<&str> = named.iter().copied().filter(|name| !names.iter().any(|other| other == name)).collect();
        bail!("{} line 1: no column {}; the columns are {}", path.display(), missing.join(", "), names.join(", "))
    }

    fn column(&self, name: &str) -> anyhow::Result<usize> {
        let mut places = self.names.iter().enumerate().filter(|(_, other)| *other == name).map(|(place, _)| place);
        match (places.next(), places.next()) {
            (Some(place), None) => Ok(place),
            (Some(_), Some(_)) => bail!("two columns are named {name}; rename one"),
            (None, _) => bail!("no column {name}"),
        }
    }
}

fn open(path: &Path, separator: u8) -> anyhow::Result<Records<BufReader<File>>> {
    let file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(Records::new(BufReader::with_capacity(1 << 16, file), separator))
}

/// The input with what was found out about it.
struct Source<'a> {
    path: &'a Path,
    format: &'a Format,
    columns: &'a [usize],
    hierarchies: &'a [PathBuf],
}

impl Source<'_> {
    /// Calls for every row, header and blank lines left out.
    fn each_row(&self, mut row: impl FnMut(&Records<BufReader<File>>) -> anyhow::Result<()>) -> anyhow::Result<()> {
        let mut records = open(self.path, self.format.separator)?;
        let mut header = true;
        while records.next().with_context(|| self.path.display().to_string())? {
            if records.is_blank() {
                continue;
            }
            if std::mem::take(&mut header) {
                continue;
            }
            let expected = self.format.names.len();
            if records.len() != expected {
                bail!("{} line {}: {} columns, but the first line has {expected}", self.path.display(), records.line(), records.len());
            }
            row(&records)?;
        }
        Ok(())
    }

    /// Puts every row into the table; gives the item of each.
    fn count(&self, table: &mut Table, sensitive: Option<usize>) -> anyhow::Result<Vec<u32>> {
        let mut values: HashMap<Vec<u8>, u32> = HashMap::new();
        let mut leaves = vec![0; self.columns.len()];
        let mut rows = Vec::new();
        self.each_row(|records| {
            for ((leaf, column), (hierarchy, file)) in
                leaves.iter_mut().zip(self.columns).zip(table.hierarchies().iter().zip(self.hierarchies))
            {
                let value = records.value(*column);
                // The value is not repeated: it may be somebody's.
                *leaf = std::str::from_utf8(&value).ok().and_then(|value| hierarchy.leaf(value)).with_context(|| {
                    let trimmed = std::str::from_utf8(value.trim_ascii()).is_ok_and(|value| hierarchy.leaf(value).is_some());
                    let hint = if trimmed { "; without the blanks around it, it is one" } else { "; add a line for it" };
                    let name = self.format.names.get(*column).map_or("", String::as_str);
                    format!(
                        "{} line {}: the value of {name} is not a leaf of {}{hint}",
                        self.path.display(),
                        records.line(),
                        file.display()
                    )
                })?;
            }
            let value = match sensitive {
                Some(column) => {
                    let (next, value) = (values.len() as u32, records.value(column));
                    match values.get(value.as_ref()) {
                        Some(known) => *known,
                        None => *values.entry(value.into_owned()).or_insert(next),
                    }
                }
                None => 0,
            };
            rows.push(table.push(&leaves, value)?);
            Ok(())
        })?;
        Ok(rows)
    }

    /// Writes the table with new quasi-identifiers, beside the output first, so
    /// that a half-written file never stands under its name.
    fn write(&self, rows: &[u32], recoded: &mut Recoded, out: &Path) -> anyhow::Result<()> {
        let folder = out.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let cannot = || format!("cannot write {}", out.display());
        let name = out.file_name().with_context(cannot)?;
        let beside = folder.join(format!(".{}.part", name.to_string_lossy()));
        let written = self.write_to(rows, recoded, &beside).and_then(|()| durable::rename(&beside, out, "anonymise").with_context(cannot));
        if written.is_err() {
            // Best effort: the error that matters is the first one.
            let _ = std::fs::remove_file(&beside);
        }
        written
    }

    fn write_to(&self, rows: &[u32], recoded: &mut Recoded, path: &Path) -> anyhow::Result<()> {
        let file = File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
        let mut output = BufWriter::with_capacity(1 << 16, file);
        let mut records = open(self.path, self.format.separator)?;
        let changed = || format!("{} changed while it was read", self.path.display());
        let (mut items, mut header) = (rows.iter(), true);
        while records.next().with_context(changed)? {
            if records.is_blank() || std::mem::take(&mut header) {
                output.write_all(records.raw())?;
                continue;
            }
            let class = items.next().and_then(|item| recoded.next_class(*item)).with_context(changed)?;
            ensure!(records.len() == self.format.names.len(), changed());
            let cells = self.columns.iter().copied().zip(class.labels().iter().map(|label| Cow::Borrowed(label.as_str())));
            records.write_with(&mut output, &cells.collect::<Vec<_>>())?;
        }
        ensure!(items.next().is_none(), changed());
        output.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()?;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
