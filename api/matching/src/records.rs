//! The records, column by column: every value is kept once and a record holds
//! its number. Records are put in an order that only their content tells, so
//! that nothing found depends on the order in which they were pushed.

use std::collections::HashMap;

use rayon::prelude::*;

/// Records to be matched. RESTRICTED: no `Debug`, nothing prints.
pub struct Records {
    columns: Vec<HashMap<Box<str>, u32>>,
    /// Row by row; 0 is a missing value.
    cells: Vec<u32>,
}

impl Records {
    /// Room for records of so many columns.
    #[must_use]
    pub fn new(columns: usize) -> Records {
        Records { columns: vec![HashMap::new(); columns], cells: Vec::new() }
    }

    /// Room for `records` records, so that memory is not taken twice while they come in.
    pub fn reserve(&mut self, records: usize) {
        self.cells.reserve_exact(records.saturating_mul(self.columns.len()));
    }

    /// Adds a record; an empty value is a missing one, and so is one that is not given.
    pub fn push(&mut self, values: &[&str]) {
        for (place, column) in self.columns.iter_mut().enumerate() {
            let value = values.get(place).copied().unwrap_or_default();
            let cell = if value.is_empty() {
                0
            } else if let Some(known) = column.get(value) {
                *known
            } else {
                let number = column.len() as u32 + 1;
                column.insert(value.into(), number);
                number
            };
            self.cells.push(cell);
        }
    }

    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        self.cells.len() / self.columns.len().max(1)
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// How many columns they have.
    #[must_use]
    pub fn width(&self) -> usize {
        self.columns.len()
    }
}

/// One or two sets of records in the order of their content.
pub(crate) struct Sorted {
    pub(crate) width: usize,
    /// The values of each column, ascending; a cell is a place here plus one.
    pub(crate) values: Vec<Vec<Box<str>>>,
    /// How many records hold each value.
    pub(crate) counts: Vec<Vec<u32>>,
    pub(crate) cells: Vec<u32>,
    /// Where each was in its own set.
    pub(crate) original: Vec<u32>,
    /// How many are of the first set; all where there is one.
    pub(crate) first: usize,
}

impl Sorted {
    pub(crate) fn of(one: Records, other: Option<Records>) -> Sorted {
        let width = one.columns.len();
        let first = one.len();
        let second = other.as_ref().map_or(0, Records::len);
        let mut cells = one.cells;
        let mut columns = one.columns;
        if let Some(other) = other {
            let renumbered: Vec<Vec<u32>> = columns
                .iter_mut()
                .zip(other.columns)
                .map(|(column, theirs)| {
                    let mut numbers = vec![0; theirs.len() + 1];
                    for (value, number) in theirs {
                        let next = column.len() as u32 + 1;
                        numbers[number as usize] = *column.entry(value).or_insert(next);
                    }
                    numbers
                })
                .collect();
            cells.extend(other.cells.iter().enumerate().map(|(at, cell)| renumbered[at % width][*cell as usize]));
        }
        let sorted: Vec<(Vec<Box<str>>, Vec<u32>)> = columns
            .into_par_iter()
            .map(|column| {
                let mut values: Vec<(Box<str>, u32)> = column.into_iter().collect();
                values.par_sort_unstable();
                let mut ranks = vec![0; values.len() + 1];
                for (rank, (_, number)) in values.iter().enumerate() {
                    ranks[*number as usize] = rank as u32 + 1;
                }
                (values.into_iter().map(|(value, _)| value).collect(), ranks)
            })
            .collect();
        for row in cells.chunks_exact_mut(width.max(1)) {
            for (cell, (_, ranks)) in row.iter_mut().zip(&sorted) {
                *cell = ranks[*cell as usize];
            }
        }
        let mut order: Vec<u32> = (0..(first + second) as u32).collect();
        let row = |at: u32| &cells[at as usize * width..(at as usize + 1) * width];
        // Equal records are told apart by nothing but their place, which does not matter then.
        order.par_sort_unstable_by(|a, b| ((*a as usize >= first), row(*a), *a).cmp(&((*b as usize >= first), row(*b), *b)));
        let mut counts: Vec<Vec<u32>> = sorted.iter().map(|(values, _)| vec![0; values.len() + 1]).collect();
        for (at, cell) in cells.iter().enumerate() {
            counts[at % width][*cell as usize] += 1;
        }
        let mut placed = Vec::with_capacity(cells.len());
        for at in &order {
            placed.extend_from_slice(row(*at));
        }
        let original = order.into_iter().map(|at| if at as usize >= first { at - first as u32 } else { at }).collect();
        Sorted { width, values: sorted.into_iter().map(|(values, _)| values).collect(), counts, cells: placed, original, first }
    }

    pub(crate) fn len(&self) -> usize {
        self.original.len()
    }

    pub(crate) fn row(&self, at: u32) -> &[u32] {
        &self.cells[at as usize * self.width..(at as usize + 1) * self.width]
    }

    /// About how many bytes this holds.
    pub(crate) fn bytes(&self) -> usize {
        let texts: usize = self.values.iter().flatten().map(|value| value.len() + 32).sum();
        texts + self.counts.iter().map(|counts| counts.len() * 4).sum::<usize>() + (self.cells.len() + self.original.len()) * 4
    }
}
