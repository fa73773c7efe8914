//! The hierarchies as the search sees them: only observed leaves, tightest
//! labels, weights in whole numbers.
//!
//! A label whose observed leaves are those of one child is replaced by that
//! child: it would lose nothing and say less. Weights are the normalised
//! certainty penalty over observed leaves, (leaves − 1) / (all − 1), times
//! [`SCALE`]; whole numbers keep sums exact, so that a seed gives the same
//! result whatever the order of adding up.

use super::hierarchy::Hierarchy;

/// The weight of a column's top label.
pub(super) const SCALE: u64 = 1 << 20;

/// Up to so many labels a column keeps the join of every pair in a table.
const TABLE_LIMIT: usize = 512;

pub(super) struct Column {
    parents: Vec<u32>,
    children: Vec<u32>,
    weights: Vec<u32>,
    /// Observed leaves below a node are numbered from..to.
    from: Vec<u32>,
    to: Vec<u32>,
    /// Node in the hierarchy, for its text.
    texts: Vec<u32>,
    joins: Vec<u16>,
    joined_weights: Vec<u32>,
}

/// All columns, those first that tell records apart at the highest cost: most
/// comparisons then end after one or two columns.
pub(super) struct Space {
    pub columns: Vec<Column>,
    /// By column of the caller's table: its place here.
    pub places: Vec<usize>,
}

/// How many pairs of records are compared to put the columns in order.
const PAIRS: usize = 1000;

/// The root's parent.
const NONE: u32 = u32::MAX;

impl Column {
    /// The observed part of a hierarchy, and for each of its nodes the new
    /// number (meaningful for observed leaves). Parents precede children.
    pub fn new(hierarchy: &Hierarchy, observed: &[bool]) -> (Column, Vec<u32>) {
        let size = hierarchy.len();
        let mut below = vec![0_u32; size];
        let mut offspring: Vec<Vec<u32>> = vec![Vec::new(); size];
        let mut top = 0;
        // A hierarchy is numbered parents first.
        for node in (0..size).rev() {
            below[node] += u32::from(observed[node]);
            match hierarchy.parent(node as u32) {
                Some(parent) => {
                    below[parent as usize] += below[node];
                    if below[node] > 0 {
                        offspring[parent as usize].push(node as u32);
                    }
                }
                None => top = node as u32,
            }
        }
        let tightest = |mut node: u32| {
            while let [only] = offspring[node as usize][..] {
                node = only;
            }
            node
        };
        let all = below[top as usize].max(1);
        let mut column = Column {
            parents: Vec::new(),
            children: Vec::new(),
            weights: Vec::new(),
            from: Vec::new(),
            to: Vec::new(),
            texts: Vec::new(),
            joins: Vec::new(),
            joined_weights: Vec::new(),
        };
        let mut numbers = vec![0; size];
        let mut stack = vec![(tightest(top), NONE, 0_u32)];
        while let Some((node, parent, from)) = stack.pop() {
            let number = column.parents.len() as u32;
            let leaves = below[node as usize].max(1);
            numbers[node as usize] = number;
            column.parents.push(parent);
            column.children.push(offspring[node as usize].len() as u32);
            column.weights.push((u64::from(leaves - 1) * SCALE / u64::from((all - 1).max(1))) as u32);
            column.from.push(from);
            column.to.push(from + leaves);
            column.texts.push(node);
            let mut at = from;
            for child in &offspring[node as usize] {
                stack.push((tightest(*child), number, at));
                at += below[*child as usize];
            }
        }
        column.fill_tables();
        (column, numbers)
    }

    fn fill_tables(&mut self) {
        let size = self.parents.len();
        if size > TABLE_LIMIT {
            return;
        }
        let joins: Vec<u16> = (0..size * size).map(|pair| self.climb((pair / size) as u32, (pair % size) as u32) as u16).collect();
        self.joined_weights = joins.iter().map(|node| self.weights[usize::from(*node)]).collect();
        self.joins = joins;
    }

    fn climb(&self, mut a: u32, b: u32) -> u32 {
        let (from, to) = (self.from[b as usize], self.to[b as usize]);
        while self.from[a as usize] > from || self.to[a as usize] < to {
            a = self.parents[a as usize];
        }
        a
    }

    /// The least label that covers both.
    #[inline(always)]
    pub fn join(&self, a: u32, b: u32) -> u32 {
        if a == b {
            a
        } else if self.joins.is_empty() {
            self.climb(a, b)
        } else {
            u32::from(self.joins[a as usize * self.parents.len() + b as usize])
        }
    }

    /// The weight of the least label that covers both.
    #[inline(always)]
    pub fn joined_weight(&self, a: u32, b: u32) -> u32 {
        if self.joined_weights.is_empty() {
            self.weights[self.join(a, b) as usize]
        } else {
            self.joined_weights[a as usize * self.parents.len() + b as usize]
        }
    }

    #[inline]
    pub fn weight(&self, node: u32) -> u32 {
        self.weights[node as usize]
    }

    pub fn is_leaf(&self, node: u32) -> bool {
        self.children[node as usize] == 0
    }

    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.parents.len()
    }

    /// The first observed leaf below; orders labels so that near ones are near.
    pub fn position(&self, node: u32) -> u32 {
        self.from[node as usize]
    }

    /// The child of `label` above `leaf`, which must lie below it.
    #[inline(always)]
    pub fn toward(&self, label: u32, leaf: u32) -> u32 {
        let mut at = leaf;
        loop {
            let parent = self.parents[at as usize];
            if parent == label || parent == NONE {
                return at;
            }
            at = parent;
        }
    }

    /// The hierarchy's node of this label.
    pub fn text(&self, node: u32) -> u32 {
        self.texts[node as usize]
    }
}

impl Space {
    /// Puts columns, and the leaves of every record with them, in order.
    pub fn new(columns: Vec<Column>, mut leaves: Vec<u32>) -> (Space, Vec<u32>) {
        let width = columns.len().max(1);
        let records = leaves.len() / width;
        let apart = |place: usize| -> u64 {
            let leaf = |record: usize| leaves[record % records * width + place];
            let step = records / PAIRS + 1;
            let pairs = (0..PAIRS.min(records)).map(|pair| (leaf(pair * step), leaf(pair * step + records / 2 + pair)));
            pairs.map(|(one, other)| u64::from(columns[place].joined_weight(one, other))).sum()
        };
        let mut order: Vec<usize> = (0..columns.len()).collect();
        order.sort_by_cached_key(|place| std::cmp::Reverse(apart(*place)));
        let mut row = vec![0; width];
        for record in leaves.chunks_exact_mut(width) {
            row.copy_from_slice(record);
            for (leaf, place) in record.iter_mut().zip(&order) {
                *leaf = row[*place];
            }
        }
        let mut places = vec![0; columns.len()];
        let mut columns: Vec<Option<Column>> = columns.into_iter().map(Some).collect();
        let mut sorted = Vec::with_capacity(columns.len());
        for (at, place) in order.into_iter().enumerate() {
            places[place] = at;
            sorted.extend(columns[place].take());
        }
        (Space { columns: sorted, places }, leaves)
    }

    /// The loss of a record published under these labels.
    pub fn cost(&self, labels: &[u32]) -> u64 {
        self.columns.iter().zip(labels).map(|(column, label)| u64::from(column.weight(*label))).sum()
    }

    /// The loss of a record under the least labels that cover both; some
    /// number over `most` as soon as it is known to be over.
    #[inline(always)]
    pub fn joined_cost(&self, a: &[u32], b: &[u32], most: u64) -> u64 {
        let mut cost = 0;
        for ((column, a), b) in self.columns.iter().zip(a).zip(b) {
            cost += u64::from(column.joined_weight(*a, *b));
            if cost > most {
                break;
            }
        }
        cost
    }

    /// Widens labels so that they cover others.
    #[inline]
    pub fn widen(&self, labels: &mut [u32], others: &[u32]) {
        for ((column, label), other) in self.columns.iter().zip(labels).zip(others) {
            *label = column.join(*label, *other);
        }
    }
}
