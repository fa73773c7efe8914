//! Finds and reads a column's hierarchy file.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use disclosure::general::{Flaw, Hierarchy};

use super::delimited::{Records, SEPARATORS};

/// The hierarchy of a column: the one file of the folder whose name ends in
/// `hierarchy_COLUMN.csv`.
pub fn of_column(folder: &Path, column: &str) -> anyhow::Result<(PathBuf, Hierarchy)> {
    let ending = format!("hierarchy_{column}.csv");
    let entries = std::fs::read_dir(folder).with_context(|| format!("cannot read the folder {}", folder.display()))?;
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.with_context(|| format!("cannot read the folder {}", folder.display()))?.path();
        if path.file_name().is_some_and(|name| name.to_string_lossy().ends_with(&ending)) {
            found.push(path);
        }
    }
    found.sort();
    match found.as_slice() {
        [path] => Ok((path.clone(), read(path)?)),
        [] => bail!("{}: no file whose name ends in {ending}, the hierarchy of {column}", folder.display()),
        [one, other, ..] => bail!("two hierarchies of {column}: {} and {}; remove one", one.display(), other.display()),
    }
}

fn read(path: &Path) -> anyhow::Result<Hierarchy> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    parse(&bytes).with_context(|| path.display().to_string())
}

/// Reads with the first separator that gives a sound hierarchy of two levels
/// or more, one with `*` on top before others (`1,5|*` can be read in two
/// ways); if none does, says what is wrong under the likeliest.
fn parse(bytes: &[u8]) -> anyhow::Result<Hierarchy> {
    let mut likeliest: Option<(usize, Result<Hierarchy, Flaw>)> = None;
    let mut sound = None;
    for separator in SEPARATORS {
        let lines = lines(bytes, separator)?;
        let levels = lines.first().map_or(0, |(_, cells)| cells.len());
        let star = lines.first().and_then(|(_, cells)| cells.last()).is_some_and(|top| top == "*");
        let hierarchy = match Hierarchy::new(lines) {
            Ok(hierarchy) if levels > 1 && star => return Ok(hierarchy),
            Ok(hierarchy) if levels > 1 => {
                sound.get_or_insert(hierarchy);
                continue;
            }
            other => other,
        };
        if likeliest.as_ref().is_none_or(|(most, _)| *most < levels) {
            likeliest = Some((levels, hierarchy));
        }
    }
    if let Some(hierarchy) = sound {
        return Ok(hierarchy);
    }
    match likeliest {
        Some((1, Err(flaw))) => {
            bail!("line {}: one level only; expected `leaf;level 1;…;*` with a separator out of ; , | and tab", flaw.line)
        }
        Some((_, hierarchy)) => Ok(hierarchy?),
        None => bail!("there are no lines"),
    }
}

fn lines(bytes: &[u8], separator: u8) -> anyhow::Result<Vec<(u64, Vec<String>)>> {
    let mut records = Records::new(bytes, separator);
    let mut lines = Vec::new();
    while records.next()? {
        if records.is_blank() {
            continue;
        }
        let mut cells = Vec::with_capacity(records.len());
        for cell in 0..records.len() {
            let value = records.value(cell).into_owned();
            cells.push(String::from_utf8(value).with_context(|| format!("line {}: not UTF-8", records.line()))?);
        }
        lines.push((records.line(), cells));
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_separator_is_found() {
        for text in ["a;[1, 2[;*\nb;[1, 2[;*\n", "a,x,*\r\nb,x,*", "a\tx\t*\n\nb\tx\t*\n", "\u{feff}\"a\"|x|*\n\"b\"|x|*\n"] {
            let hierarchy = parse(text.as_bytes()).unwrap();
            assert!(hierarchy.leaf("a").is_some() && hierarchy.leaf("b").is_some(), "{text}");
        }
    }

    #[test]
    fn a_star_on_top_decides_between_two_readings() {
        assert!(parse(b"1,5|*\n").unwrap().leaf("1,5").is_some());
        assert!(parse(b"a,all\nb,all\n").unwrap().leaf("a").is_some());
    }

    #[test]
    fn flaws_name_the_line() {
        for (text, words) in [
            ("a;x;*\nb;*\n", "line 2: 2 levels"),
            ("a;x;*\n\na;x;*\n", "line 3: “a” was already given on line 1"),
            ("a x *\nb x *\n", "one level only"),
            ("", "no lines"),
        ] {
            let error = format!("{:#}", parse(text.as_bytes()).unwrap_err());
            assert!(error.contains(words), "{text}: {error}");
        }
    }
}
