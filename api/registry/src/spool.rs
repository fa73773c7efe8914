//! People put aside on disk, by their NIK in parts that fit memory one at a
//! time. RESTRICTED: the file lies in the registry's folder, has no name there
//! from the start, and is gone with the process.

use std::fs::File;
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::month::Known;

/// Into how many parts people are divided.
pub(crate) const PARTS: usize = 64;
/// Bytes of an entry.
const ENTRY: usize = 36;
/// Bytes of a part that are gathered before they are written.
const BLOCK: usize = ENTRY * 1800;

/// A record of a person: a row's, with its id, or what is known of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) nik: u64,
    pub(crate) id: i64,
    pub(crate) known: Known,
}

pub(crate) struct Spool {
    file: File,
    folder: PathBuf,
    length: u64,
    gathered: Vec<Vec<u8>>,
    /// Where each part's blocks stand in the file, and how long they are.
    blocks: Vec<Vec<(u64, usize)>>,
}

impl Spool {
    pub(crate) fn new(folder: &Path) -> Result<Spool> {
        let file = tempfile::tempfile_in(folder).map_err(|source| Error::Io { path: folder.to_owned(), source })?;
        Ok(Spool { file, folder: folder.to_owned(), length: 0, gathered: vec![Vec::new(); PARTS], blocks: vec![Vec::new(); PARTS] })
    }

    /// Puts an entry behind those of its part.
    pub(crate) fn push(&mut self, entry: Entry) -> Result<()> {
        let part = (entry.nik.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 58) as usize;
        let gathered = &mut self.gathered[part];
        let Entry { nik, id, known } = entry;
        gathered.extend_from_slice(&nik.to_le_bytes());
        gathered.extend_from_slice(&id.to_le_bytes());
        gathered.extend_from_slice(&known.digest.to_le_bytes());
        for number in [known.kelurahan, known.programs, known.import] {
            gathered.extend_from_slice(&number.to_le_bytes());
        }
        if gathered.len() >= BLOCK {
            self.file.write_all(gathered).map_err(|source| Error::Io { path: self.folder.clone(), source })?;
            self.blocks[part].push((self.length, gathered.len()));
            self.length += gathered.len() as u64;
            gathered.clear();
        }
        Ok(())
    }

    /// Tells of a part's entries in the order in which they came.
    pub(crate) fn read(&mut self, part: usize, each: &mut dyn FnMut(Entry) -> Result<()>) -> Result<()> {
        let mut block = Vec::new();
        for (start, length) in &self.blocks[part] {
            block.resize(*length, 0);
            self.file.read_exact_at(&mut block, *start).map_err(|source| Error::Io { path: self.folder.clone(), source })?;
            tell(&block, each)?;
        }
        tell(&self.gathered[part], each)
    }
}

fn tell(block: &[u8], each: &mut dyn FnMut(Entry) -> Result<()>) -> Result<()> {
    for bytes in block.as_chunks::<ENTRY>().0 {
        let long = |at: usize| u64::from_le_bytes(std::array::from_fn(|byte| bytes[at + byte]));
        let short = |at: usize| u32::from_le_bytes(std::array::from_fn(|byte| bytes[at + byte]));
        let known = Known { digest: long(16).cast_signed(), kelurahan: short(24), programs: short(28), import: short(32) };
        each(Entry { nik: long(0), id: long(8).cast_signed(), known })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_come_back_in_order_by_part() {
        let folder = tempfile::tempdir().unwrap();
        let mut spool = Spool::new(folder.path()).unwrap();
        let entry =
            |n: u64| Entry { nik: n % 5000, id: -(n as i64), known: Known::new(n as i64 * 7, 3_671_011_000 + n % 100, n as u32, 3) };
        for n in 0..300_000 {
            spool.push(entry(n)).unwrap();
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "the file has no name");
        let mut all = Vec::new();
        for part in 0..PARTS {
            let mut last = 1;
            spool
                .read(part, &mut |found| {
                    assert!(found.id < last);
                    last = found.id;
                    all.push(found);
                    Ok(())
                })
                .unwrap();
        }
        all.sort_by_key(|found| -found.id);
        assert_eq!(all.len(), 300_000);
        assert!(all.iter().zip(0..).all(|(found, n)| *found == entry(n)));
    }
}
