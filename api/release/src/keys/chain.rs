//! Which key counts: from a key that one kept, through the statements beside
//! the keys, to today's; and for each release the key that was in force at its
//! place in the district's chain.

use std::path::Path;

use super::statement::{self, Statement, Until};
use crate::{Error, Result};

/// The keys of one name, oldest first, as far as its statements tell.
#[derive(Debug, Clone)]
pub struct Chain {
    keys: Vec<String>,
    statements: Vec<Statement>,
    current: usize,
}

impl Chain {
    /// Follows the key `file` through the statements in the folder `published`
    /// to the one that lies there. Where a folder of keys that one kept is given
    /// as `trusted`, its key must be one of them, and no break in trust may
    /// have come after it.
    ///
    /// # Errors
    /// When a key is not there, the statements do not lead to it, the kept key is
    /// not among them, or a key was lost after the one that was kept.
    pub fn open(published: &Path, trusted: Option<&Path>, file: &str) -> Result<Chain> {
        let here = super::public(published, file)?;
        let (statements, _) = statement::read(published, file)?;
        let mut keys: Vec<String> = statements.first().map(|first| first.old.clone()).into_iter().collect();
        for statement in &statements {
            if keys.last() != Some(&statement.old) || keys.contains(&statement.new) {
                return Err(Error::Signature(format!("{file}.rotations: the statements do not follow each other")));
            }
            keys.push(statement.new.clone());
        }
        if keys.is_empty() {
            keys.push(here.clone());
        }
        // The statement comes first, then the key: between the two the old one lies there still.
        let last = keys.len() - 1;
        let Some(current) = (last.saturating_sub(1)..=last).find(|at| keys[*at] == here) else {
            return Err(Error::Signature(format!("{file}.vkey is not the key that {file}.rotations leads to")));
        };
        let chain = Chain { keys, statements, current };
        if let Some(trusted) = trusted {
            chain.leads_from(&super::public(trusted, file)?, file)?;
        }
        Ok(chain)
    }

    /// Checks that the kept key leads to today's.
    fn leads_from(&self, kept: &str, file: &str) -> Result<()> {
        let Some(at) = self.keys.iter().position(|key| key == kept) else {
            return Err(Error::Signature(format!(
                "the key you kept for {file} is neither the published one nor, by signed statements, one before it: keys were exchanged"
            )));
        };
        match self.statements.iter().skip(at).find(|statement| statement.lost) {
            None => Ok(()),
            Some(lost) => Err(Error::Signature(format!(
                "a break in trust: the key you kept for {file} was reported lost after {}, and nothing it signed leads to the key in its place; \
                 ask the office in person, and keep {} as trusted if it is theirs",
                lost.until, lost.new
            ))),
        }
    }

    /// The key that signs today.
    #[must_use]
    pub fn current(&self) -> &str {
        &self.keys[self.current]
    }

    /// All keys, oldest first.
    #[must_use]
    pub fn keys(&self) -> &[String] {
        &self.keys
    }

    /// The statements, oldest first.
    #[must_use]
    pub fn statements(&self) -> &[Statement] {
        &self.statements
    }

    /// The key that was in force when the release with this manifest was sealed.
    ///
    /// # Errors
    /// When the release is not in `order`.
    pub fn in_force(&self, order: &Order, manifest_sha256: &str) -> Result<&str> {
        let place = order
            .0
            .iter()
            .position(|sealed| sealed.sha256 == manifest_sha256)
            .ok_or_else(|| Error::Signature("the release is not in the chain of its district".into()))?;
        let mut end = 0;
        let mut key = 0;
        for statement in &self.statements {
            // The number of releases that keys up to this statement's old one signed.
            end = order.after(&statement.until).max(end);
            if end > place {
                break;
            }
            key += 1;
        }
        Ok(&self.keys[key])
    }
}

/// The releases of one district in the order in which they were sealed: the
/// SHA-256 of each manifest, and of the one it names before it where that is known.
#[derive(Debug, Clone, Default)]
pub struct Order(Vec<Sealed>);

/// A release by its manifest, and by the one before it.
#[derive(Debug, Clone)]
struct Sealed {
    sha256: String,
    previous: Option<String>,
}

impl Order {
    /// Adds the next.
    pub fn push(&mut self, manifest_sha256: &str, previous: Option<&str>) {
        self.0.push(Sealed { sha256: manifest_sha256.to_owned(), previous: previous.map(str::to_owned) });
    }

    /// Adds what is not in it yet, each after the release it names before it;
    /// what names none here comes last, as given.
    pub fn extend<'a>(&mut self, new: impl IntoIterator<Item = (&'a str, Option<&'a str>)>) {
        let known = |order: &Order, sha256: &str| order.0.iter().any(|sealed| sealed.sha256 == sha256);
        let mut left: Vec<(&str, Option<&str>)> = new.into_iter().filter(|(sha256, _)| !known(self, sha256)).collect();
        while !left.is_empty() {
            let last = self.0.last().map(|sealed| sealed.sha256.clone());
            let next = left.iter().position(|(_, previous)| previous.is_some() && *previous == last.as_deref());
            // The first of a stretch follows nothing that is still to come.
            let first = || left.iter().position(|(_, previous)| left.iter().all(|(other, _)| Some(*other) != *previous));
            let (sha256, previous) = left.remove(next.or_else(first).unwrap_or(0));
            self.push(sha256, previous);
        }
    }

    #[cfg(test)]
    pub(super) fn sequence(&self) -> Vec<&str> {
        self.0.iter().map(|sealed| sealed.sha256.as_str()).collect()
    }

    /// How many releases come no later than what a statement names.
    fn after(&self, until: &Until) -> usize {
        let Until::Release { manifest_sha256, .. } = until else { return 0 };
        let itself = self.0.iter().position(|sealed| sealed.sha256 == *manifest_sha256);
        itself
            .map(|place| place + 1)
            .or_else(|| self.0.iter().position(|sealed| sealed.previous.as_ref() == Some(manifest_sha256)))
            // It never came here: what did is older.
            .unwrap_or(self.0.len())
    }
}
