//! Normalised names of all areas in one piece of text, made on first search:
//! whoever only asks by code does not pay for it.

use std::sync::LazyLock;

use domain::Level;

use crate::area::areas;
use crate::name::normalise_into;

/// Keys in the order of `Areas::all`, each ended by a line feed.
pub(crate) struct Index {
    pub(crate) text: String,
    /// Where each key starts, and the end of the text.
    starts: Vec<u32>,
}

pub(crate) static INDEX: LazyLock<Index> = LazyLock::new(|| {
    let all = &areas().all;
    let mut text = String::with_capacity(all.len() * 12);
    let mut starts = Vec::with_capacity(all.len() + 1);
    for area in all {
        starts.push(text.len() as u32);
        normalise_into(area.name, &mut text);
        text.push('\n');
    }
    starts.push(text.len() as u32);
    Index { text, starts }
});

impl Index {
    /// The key of the area at `place` in `Areas::all`.
    pub(crate) fn key(&self, place: usize) -> &str {
        &self.text[self.starts[place] as usize..self.starts[place + 1] as usize - 1]
    }

    /// Where the key of `place` starts in the text.
    pub(crate) fn start(&self, place: usize) -> usize {
        self.starts[place] as usize
    }

    /// The place of the area whose key holds byte `at` of the text.
    pub(crate) fn place(&self, at: usize) -> usize {
        self.starts.partition_point(|start| *start as usize <= at) - 1
    }
}

/// The key of a kabupaten or kota without that word, which people leave out;
/// other keys as they are.
pub(crate) fn bare(level: Level, key: &str) -> &str {
    match level {
        Level::Kabupaten => {
            let rest = key.strip_prefix("kabupaten").or_else(|| key.strip_prefix("kota")).unwrap_or(key);
            rest.strip_prefix("administrasi").unwrap_or(rest)
        }
        _ => key,
    }
}
