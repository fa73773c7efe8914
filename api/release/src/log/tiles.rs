//! The files of a log (C2SP tlog-tiles): what they are called, how they are
//! read, and the right edge of the tree, which is all that growing needs.

use std::cell::RefCell;
use std::cmp::Ordering;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use tlog_tiles::HashReader;

use super::checkpoint::Head;
use crate::folder::read_bounded;
use crate::merkle::Hash;
use crate::{Error, Result};

/// Tiles hold 2^8 hashes, as tlog-tiles asks.
pub(super) const HEIGHT: u8 = 8;
/// Hashes of a whole tile, entries of a whole bundle.
pub(super) const TILE: u64 = 1 << HEIGHT;

/// Where a log's files are: a folder, or what stands in for one.
pub trait Files {
    /// The bytes of the file at `path` (such as `tile/0/000.p/5`), of at most
    /// `most` bytes.
    ///
    /// # Errors
    /// When it is not there, cannot be read or is larger.
    fn read(&self, path: &str, most: u64) -> Result<Vec<u8>>;
}

/// A log in a folder.
#[derive(Debug, Clone)]
pub struct Folder(pub PathBuf);

impl Files for Folder {
    fn read(&self, path: &str, most: u64) -> Result<Vec<u8>> {
        read_bounded(&self.0.join(path), most)
    }
}

impl<F: Files + ?Sized> Files for &F {
    fn read(&self, path: &str, most: u64) -> Result<Vec<u8>> {
        (*self).read(path, most)
    }
}

/// `tile/entries/000.p/5`: the path of a tile of `width` hashes of the level
/// `level`, or of a bundle of entries. (The paths of `tlog_tiles` carry the
/// tile's height, which C2SP leaves out.)
#[must_use]
pub fn path(level: &str, n: u64, width: u64) -> String {
    let mut number = format!("{:03}", n % 1000);
    let mut rest = n / 1000;
    while rest > 0 {
        number = format!("x{:03}/{number}", rest % 1000);
        rest /= 1000;
    }
    if width == TILE { format!("tile/{level}/{number}") } else { format!("tile/{level}/{number}.p/{width}") }
}

/// The tiles at the right edge of a tree of `size` entries, from the leaves up:
/// number of whole tiles before it, and hashes in it (0 to 255).
pub(super) fn edges(size: u64) -> impl Iterator<Item = (u64, u64)> {
    (0..8u32).map(move |level| size >> (8 * level)).take_while(|units| *units > 0).map(|units| (units / TILE, units % TILE))
}

/// The hashes of a tile, or of its first `width`. Where a partial tile is gone,
/// the whole one that took its place answers.
pub(super) fn hashes(files: &impl Files, level: u8, n: u64, width: u64) -> Result<Vec<Hash>> {
    let level = level.to_string();
    let narrow = path(&level, n, width);
    let (name, bytes) = match files.read(&narrow, TILE * 32) {
        Err(error) if width < TILE => match files.read(&path(&level, n, TILE), TILE * 32) {
            Ok(bytes) => (path(&level, n, TILE), bytes),
            Err(_) => return Err(error),
        },
        read => (narrow, read?),
    };
    let (all, rest) = bytes.as_chunks::<32>();
    match all.get(..width as usize) {
        Some(hashes) if rest.is_empty() => Ok(hashes.to_vec()),
        _ => Err(Error::Log(format!("{name} has {} bytes, expected {} hashes of 32", bytes.len(), width))),
    }
}

/// The hashes of a tile, shared.
type Whole = Rc<Vec<Hash>>;

/// The hashes of the tree that a head states, for the functions of `tlog_tiles`:
/// every tile is checked on the way from the root down to it. (The reader of
/// `tlog_tiles` 0.2 leaves out the first tiles below those it knows the root by.)
pub(super) struct Checked<'a, F> {
    files: &'a F,
    edge: Edge,
    seen: RefCell<HashMap<(u8, u64), Whole>>,
    failed: RefCell<Option<Error>>,
}

impl<'a, F: Files> Checked<'a, F> {
    pub(super) fn new(files: &'a F, head: &Head) -> Result<Checked<'a, F>> {
        Ok(Checked { files, edge: Edge::read(files, head)?, seen: RefCell::default(), failed: RefCell::default() })
    }

    /// The error that stopped a function of `tlog_tiles`, else its own.
    pub(super) fn explain(&self, error: &tlog_tiles::Error) -> Error {
        self.failed.take().unwrap_or_else(|| super::wrong(error))
    }

    /// The hashes of a tile that is in the tree.
    fn tile(&self, level: u8, n: u64) -> Result<Whole> {
        if let Some(known) = self.seen.borrow().get(&(level, n)) {
            return Ok(Rc::clone(known));
        }
        let missing = || Error::Log(format!("{} is beyond the tree", path(&level.to_string(), n, TILE)));
        let (whole, edge) = self.edge.levels.get(usize::from(level)).ok_or_else(missing)?;
        let found = match n.cmp(whole) {
            Ordering::Greater => return Err(missing()),
            Ordering::Equal => edge.clone(),
            Ordering::Less => {
                let above = self.tile(level + 1, n / TILE)?;
                let found = hashes(self.files, level, n, TILE)?;
                if above.get((n % TILE) as usize) != Some(&over(&found)) {
                    return Err(Error::Log(format!(
                        "{} is not the one of this checkpoint: it was changed",
                        path(&level.to_string(), n, TILE)
                    )));
                }
                found
            }
        };
        let found = Rc::new(found);
        self.seen.borrow_mut().insert((level, n), Rc::clone(&found));
        Ok(found)
    }

    fn hash(&self, index: u64) -> Result<Hash> {
        let (level, n) = tlog_tiles::split_stored_hash_index(index);
        // A node `inside` levels above the hashes of its tile is over 2^inside of them.
        let (tile, inside) = (level / HEIGHT, level % HEIGHT);
        let start = n << inside;
        let hashes = self.tile(tile, start / TILE)?;
        let from = (start % TILE) as usize;
        hashes.get(from..from + (1 << inside)).map(over).ok_or_else(|| Error::Log("a hash beyond the tree".into()))
    }
}

impl<F: Files> HashReader for Checked<'_, F> {
    fn read_hashes(&self, indexes: &[u64]) -> std::result::Result<Vec<tlog_tiles::Hash>, tlog_tiles::Error> {
        let read = indexes.iter().map(|index| self.hash(*index).map(tlog_tiles::Hash)).collect::<Result<_>>();
        read.map_err(|error| {
            *self.failed.borrow_mut() = Some(error);
            tlog_tiles::Error::InvalidTile
        })
    }
}

/// The hash over two.
fn node(left: Hash, right: Hash) -> Hash {
    tlog_tiles::node_hash(tlog_tiles::Hash(left), tlog_tiles::Hash(right)).0
}

/// The hash over a whole tile.
pub(super) fn over(hashes: &[Hash]) -> Hash {
    match hashes {
        [one] => *one,
        many => {
            let (left, right) = many.split_at(many.len().next_power_of_two() / 2);
            node(over(left), over(right))
        }
    }
}

/// The right edge of a tree: of each level the tile that is not whole yet.
/// Some kilobytes, however large the log.
#[derive(Debug, Default)]
pub(super) struct Edge {
    /// Per level: whole tiles so far, and the hashes of the next.
    levels: Vec<(u64, Vec<Hash>)>,
}

impl Edge {
    /// Reads the edge of the tree that `head` states, and checks it against the root.
    pub(super) fn read(files: &impl Files, head: &Head) -> Result<Edge> {
        let mut edge = Edge::default();
        for (level, (whole, width)) in (0..).zip(edges(head.size)) {
            let hashes = if width == 0 { Vec::new() } else { hashes(files, level, whole, width)? };
            edge.levels.push((whole, hashes));
        }
        if edge.root() == head.root { Ok(edge) } else { Err(Error::Log("the tiles on disk do not hash to the checkpoint's root".into())) }
    }

    /// Adds a leaf; `whole` is given each tile that becomes whole by it.
    pub(super) fn push(&mut self, leaf: Hash, whole: &mut impl FnMut(u8, u64, &[Hash]) -> Result<()>) -> Result<()> {
        let mut hash = leaf;
        for level in 0.. {
            if self.levels.len() == usize::from(level) {
                self.levels.push((0, Vec::with_capacity(TILE as usize)));
            }
            let (count, hashes) = &mut self.levels[usize::from(level)];
            hashes.push(hash);
            if hashes.len() < TILE as usize {
                break;
            }
            whole(level, *count, hashes)?;
            hash = over(hashes);
            *count += 1;
            hashes.clear();
        }
        Ok(())
    }

    /// The tiles that are not whole: level, number, hashes.
    pub(super) fn partial(&self) -> impl Iterator<Item = (u8, u64, &[Hash])> {
        (0..).zip(&self.levels).filter(|(_, (_, hashes))| !hashes.is_empty()).map(|(level, (n, hashes))| (level, *n, hashes.as_slice()))
    }

    /// The leaf hashes of the entries after the last whole bundle.
    pub(super) fn leaves(&self) -> &[Hash] {
        self.levels.first().map_or(&[], |(_, hashes)| hashes)
    }

    /// The root of the tree.
    pub(super) fn root(&self) -> Hash {
        let mut root = None;
        for (_, hashes) in &self.levels {
            // The hashes of a level fall into full trees, the largest first.
            let mut end = hashes.len();
            while end > 0 {
                let tree = 1 << end.trailing_zeros();
                let left = over(&hashes[end - tree..end]);
                root = Some(root.map_or(left, |right| node(left, right)));
                end -= tree;
            }
        }
        root.unwrap_or(tlog_tiles::EMPTY_HASH.0)
    }
}

/// A file below `tile/`, by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    /// `None`: a bundle of entries.
    pub level: Option<u8>,
    pub n: u64,
    pub width: u64,
}

impl Named {
    /// Reads a path such as `tile/0/x001/234.p/5`; `None` when it is not in the
    /// one spelling of a tile's.
    pub(super) fn parse(text: &str) -> Option<Named> {
        let rest = text.strip_prefix("tile/")?;
        let (level, rest) = rest.split_once('/')?;
        let (number, width) = match rest.split_once(".p/") {
            Some((number, width)) => (number, width.parse().ok()?),
            None => (rest, TILE),
        };
        let mut n = 0u64;
        for part in number.split('/') {
            let digits = part.strip_prefix('x').unwrap_or(part);
            n = n.checked_mul(1000)?.checked_add(digits.parse().ok().filter(|_| digits.len() == 3)?)?;
        }
        let number = if level == "entries" { None } else { Some(level.parse::<u8>().ok().filter(|level| *level < 8)?) };
        let level = number.map_or_else(|| "entries".to_owned(), |level| level.to_string());
        (path(&level, n, width) == text && (1..=TILE).contains(&width)).then_some(Named { level: number, n, width })
    }

    /// Whether a tree of `size` entries has this tile, or had it while it was smaller.
    pub(super) fn is_within(&self, size: u64) -> bool {
        let units = size >> (8 * u32::from(self.level.unwrap_or(0)));
        self.n.checked_mul(TILE).and_then(|start| start.checked_add(self.width)).is_some_and(|end| end <= units)
    }
}

/// Removes what a cut-off append left beyond the tree of `size` entries: later
/// entries would make other tiles of the same names. The caller holds the lock.
pub(super) fn remove_beyond(folder: &Path, size: u64) -> Result<()> {
    let top = folder.join("tile");
    for level in names(&top)? {
        let beyond = |path: &str| Named::parse(path).is_some_and(|named| !named.is_within(size));
        let number = if level == "entries" { Some(0) } else { level.parse::<u32>().ok().filter(|level| *level < 8) };
        let Some(number) = number else { continue };
        let whole = (size >> (8 * number)) / TILE;
        clear(folder, &format!("tile/{level}"), whole, &beyond)?;
    }
    Ok(())
}

/// Looks through one folder of a level and those below it. Partial tiles before
/// the edge cannot be left over, and there may be many: they are passed over.
fn clear(folder: &Path, at: &str, whole: u64, beyond: &impl Fn(&str) -> bool) -> Result<()> {
    let full = folder.join(at);
    durable::remove_unfinished(&full).map_err(|error| Error::io(&full, error))?;
    for name in names(&full)? {
        let path = format!("{at}/{name}");
        let before = name.strip_suffix(".p").is_some_and(|_| {
            let first = Named::parse(&format!("{path}/1"));
            first.is_some_and(|first| first.n < whole)
        });
        if before {
            continue;
        }
        let file = folder.join(&path);
        if file.is_dir() {
            clear(folder, &path, whole, beyond)?;
        } else if beyond(&path) {
            std::fs::remove_file(&file).map_err(|error| Error::io(&file, error))?;
        }
    }
    Ok(())
}

fn names(folder: &Path) -> Result<Vec<String>> {
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        read => read.map_err(|error| Error::io(folder, error))?,
    };
    entries.map(|entry| Ok(entry.map_err(|error| Error::io(folder, error))?.file_name().to_string_lossy().into_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_in_their_one_spelling() {
        for (text, level, n, width) in
            [("tile/0/000", Some(0), 0, 256), ("tile/entries/273.p/112", None, 273, 112), ("tile/2/x001/x234/067", Some(2), 1_234_067, 256)]
        {
            assert_eq!(Named::parse(text), Some(Named { level, n, width }), "{text}");
        }
        for text in [
            "tile/0/00",
            "tile/0/0000",
            "tile/00/000",
            "tile/0/x000/000",
            "tile/0/000.p/0",
            "tile/0/000.p/256",
            "tile/0/000.p/05",
            "tile/0/001/x000",
            "tile/8/000",
            "tile/data/000",
            "tile/0/+12",
            "checkpoint",
        ] {
            assert_eq!(Named::parse(text), None, "{text}");
        }
    }

    /// The example of C2SP tlog-tiles: a tree of 70,000 entries.
    #[test]
    fn the_edge_of_the_example_of_the_specification() {
        assert_eq!(edges(70_000).collect::<Vec<_>>(), [(273, 112), (1, 17), (0, 1)]);
        assert_eq!(edges(256).collect::<Vec<_>>(), [(1, 0), (0, 1)]);
        assert_eq!(edges(0).count(), 0);
    }

    #[test]
    fn the_root_is_that_of_the_whole_tree() {
        let leaf = |n: u64| tlog_tiles::record_hash(&n.to_le_bytes()).0;
        let mut edge = Edge::default();
        let mut leaves = Vec::new();
        for n in 0..1000 {
            assert_eq!(edge.root(), crate::merkle::root(leaves.clone()), "{n} leaves");
            edge.push(leaf(n), &mut |_, _, _| Ok(())).unwrap();
            leaves.push(leaf(n));
        }
    }
}
