//! One column's hierarchy, from lines `leaf;level 1;…;top`.
//!
//! Lines come already split, so that separators and quotes are the caller's.
//! A hierarchy is taken only if every label means one thing: it stands for the
//! same leaves wherever it is written. Anything else would publish labels
//! that a reader could not resolve.

use std::collections::HashMap;
use std::fmt;

/// What is wrong with a hierarchy, and on which line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// The line as numbered by the caller; 0 when there are no lines.
    pub line: u64,
    /// What is wrong and what to do.
    pub what: String,
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}

impl std::error::Error for Flaw {}

/// A tree of labels; its leaves are the values of a column.
#[derive(Debug, Clone)]
pub struct Hierarchy {
    labels: Vec<String>,
    parents: Vec<Option<u32>>,
    leaves: HashMap<String, u32>,
    leaf_nodes: Vec<bool>,
}

/// A label of some level while the lines are read.
struct Seen {
    node: u32,
    line: u64,
}

impl Hierarchy {
    /// Reads numbered lines, each from the leaf to the top.
    ///
    /// # Errors
    /// When lines differ in length, a leaf stands twice, a label has two
    /// parents or two meanings, or there is no common top.
    pub fn new(lines: impl IntoIterator<Item = (u64, Vec<String>)>) -> Result<Hierarchy, Flaw> {
        let mut tree = Hierarchy { labels: Vec::new(), parents: Vec::new(), leaves: HashMap::new(), leaf_nodes: Vec::new() };
        let mut levels: Vec<HashMap<String, Seen>> = Vec::new();
        let mut first = None;
        for (line, fields) in lines {
            let (first_line, depth) = *first.get_or_insert((line, fields.len()));
            if fields.len() != depth {
                let what = format!("{} levels, but line {first_line} has {depth}; repeat a label to fill up a short line", fields.len());
                return Err(Flaw { line, what });
            }
            levels.resize_with(depth, HashMap::new);
            tree.line(line, fields, &mut levels)?;
        }
        let Some((line, depth)) = first else {
            return Err(Flaw { line: 0, what: "there are no lines; expected `leaf;level 1;…;*`".into() });
        };
        let tops = levels.last().map_or(0, HashMap::len);
        if depth == 0 || tops != 1 {
            let what = format!("the last level has {tops} different labels; expected one, such as *, on every line");
            return Err(Flaw { line, what });
        }
        tree.one_meaning_each(&levels)?;
        Ok(tree)
    }

    fn line(&mut self, line: u64, fields: Vec<String>, levels: &mut [HashMap<String, Seen>]) -> Result<(), Flaw> {
        let mut above: Option<(u32, String)> = None;
        for (level, label) in fields.into_iter().enumerate().rev() {
            let parent = above.as_ref().map(|(node, _)| *node);
            let Some(known) = levels.get_mut(level) else { continue };
            let node = if let Some(seen) = known.get(&label) {
                if level == 0 {
                    return Err(Flaw { line, what: format!("“{label}” was already given on line {}; a leaf stands once", seen.line) });
                }
                let before = self.parents.get(seen.node as usize).copied().flatten();
                if before != parent {
                    let was = before.and_then(|node| self.labels.get(node as usize)).map_or("nothing", String::as_str);
                    let is = above.as_ref().map_or("nothing", |(_, label)| label);
                    let what = format!("“{label}” is put under “{is}” here and under “{was}” on line {}", seen.line);
                    return Err(Flaw { line, what });
                }
                seen.node
            } else {
                let node = u32::try_from(self.labels.len()).map_err(|_| Flaw { line, what: "more labels than can be counted".into() })?;
                self.labels.push(label.clone());
                self.parents.push(parent);
                self.leaf_nodes.push(level == 0);
                known.insert(label.clone(), Seen { node, line });
                if level == 0 {
                    self.leaves.insert(label.clone(), node);
                }
                node
            };
            above = Some((node, label));
        }
        Ok(())
    }

    /// The same text on two levels must stand for the same leaves, as in
    /// `unknown;unknown;*`.
    fn one_meaning_each(&self, levels: &[HashMap<String, Seen>]) -> Result<(), Flaw> {
        let mut leaves_below = vec![0_u32; self.labels.len()];
        for leaf in self.leaves.values() {
            let mut at = Some(*leaf);
            while let Some(node) = at {
                if let Some(count) = leaves_below.get_mut(node as usize) {
                    *count += 1;
                }
                at = self.parent(node);
            }
        }
        let below = |node: u32| leaves_below.get(node as usize).copied();
        let mut flaws = Vec::new();
        for (level, known) in levels.iter().enumerate() {
            for (label, seen) in known {
                let higher = levels.iter().enumerate().skip(level + 1).filter_map(|(level, known)| Some((level, known.get(label)?)));
                for (other_level, other) in higher {
                    let mut at = seen.node;
                    while let Some(parent) = self.parent(at).filter(|_| at != other.node) {
                        at = parent;
                    }
                    if at != other.node || below(seen.node) != below(other.node) {
                        let (low, high) = (level + 1, other_level + 1);
                        let what = format!(
                            "“{label}” in column {low} (line {}) and in column {high} (line {}) stands for different values; rename one",
                            seen.line, other.line
                        );
                        flaws.push(Flaw { line: other.line.max(seen.line), what });
                    }
                }
            }
        }
        // Hash maps have no order; the first line's flaw is reported always.
        flaws.sort_by(|a, b| (a.line, &a.what).cmp(&(b.line, &b.what)));
        flaws.into_iter().next().map_or(Ok(()), Err)
    }

    /// The leaf of this value.
    #[must_use]
    pub fn leaf(&self, value: &str) -> Option<u32> {
        self.leaves.get(value).copied()
    }

    /// How many values the column may have.
    #[must_use]
    pub fn leaves(&self) -> usize {
        self.leaves.len()
    }

    /// The text of a label.
    #[must_use]
    pub fn label(&self, node: u32) -> &str {
        self.labels.get(node as usize).map_or("*", String::as_str)
    }

    /// The label one level up; the top has none.
    #[must_use]
    pub fn parent(&self, node: u32) -> Option<u32> {
        self.parents.get(node as usize).copied().flatten()
    }

    /// Whether this label is a value of the column itself.
    #[must_use]
    pub fn is_leaf(&self, node: u32) -> bool {
        self.leaf_nodes.get(node as usize).copied().unwrap_or(false)
    }

    /// How many labels there are on all levels.
    pub(super) fn len(&self) -> usize {
        self.labels.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Hierarchy, Flaw> {
        Hierarchy::new(text.lines().enumerate().map(|(n, line)| (n as u64 + 1, line.split(';').map(String::from).collect())))
    }

    #[test]
    fn leaves_climb_to_the_top() {
        let tree = read("1;0-4;*\n2;0-4;*\n7;5-9;*").unwrap();
        assert_eq!(tree.leaves(), 3);
        let leaf = tree.leaf("7").unwrap();
        assert_eq!(tree.label(tree.parent(leaf).unwrap()), "5-9");
        assert_eq!(tree.leaf("5-9"), None);
    }

    #[test]
    fn every_flaw_names_its_line() {
        for (text, line, word) in [
            ("", 0, "no lines"),
            ("a;x;*\nb;*", 2, "2 levels"),
            ("a;x;*\na;x;*", 2, "already given on line 1"),
            ("a;x;p;*\nb;x;q;*", 2, "under “p” on line 1"),
            ("a;x\nb;y", 1, "2 different labels"),
            ("x;x;*\nb;x;*", 1, "different values"),
            ("*;*\nb;*", 1, "different values"),
        ] {
            let flaw = read(text).unwrap_err();
            assert_eq!(flaw.line, line, "{text}: {flaw}");
            assert!(flaw.what.contains(word), "{text}: {flaw}");
        }
    }

    #[test]
    fn a_label_repeated_to_fill_up_a_line_is_one_label() {
        assert!(read("unknown;unknown;*\na;x;*\nb;x;*").is_ok());
        assert!(read("only").is_ok());
    }
}
