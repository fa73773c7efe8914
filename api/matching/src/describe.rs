//! What the caller says about the records: columns, how they are compared, and
//! by which keys pairs are looked for.

/// Why a description cannot be used. It names columns and fields by their place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No field to compare, or more than fit into a pattern.
    #[error("a description needs 1 to 16 fields, and this one has {0}")]
    Fields(usize),
    /// No pass: nothing would be compared.
    #[error("a description needs 1 to 16 passes, and this one has {0}")]
    Passes(usize),
    /// A field or key reads a column that the records do not have.
    #[error("column {column} is read, and the records have {columns} columns (counted from 0)")]
    Column {
        /// The column asked for.
        column: usize,
        /// How many there are.
        columns: usize,
    },
    /// Only `Nested` compares several columns, and at most six.
    #[error("field {0} compares a number of columns that its comparator cannot")]
    Width(usize),
    /// A key without parts.
    #[error("pass {0} has no key")]
    EmptyKey(usize),
    /// A related condition about a field or level that is not there.
    #[error("related condition {0} names a field or level that is not there")]
    Related(usize),
    /// More fields by frequency than fit into a pattern.
    #[error("at most 5 fields can go by frequency, and {0} do")]
    Frequencies(usize),
    /// More records than can be numbered.
    #[error("at most 2^31 records can be matched at once")]
    TooMany,
}

/// How two values of a field are compared. Each answers with a level: 0 for
/// different, the highest for equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparator {
    /// 1 equal, 0 different.
    Exact,
    /// Words by their letters: 3 equal but for spaces, 2 and 1 alike by
    /// Jaro-Winkler (0.92, 0.80).
    Text,
    /// A person's name, word by word in any order: 5 equal, 4 sounds the same,
    /// 3 slips of spelling, 2 the one holds the other (a single name, an
    /// initial), 1 some word in common.
    Name,
    /// Eight digits, year first: 3 equal, 2 one digit wrong or two neighbours
    /// swapped or day and month swapped, 1 two of year, month and day equal.
    Date,
    /// A number by its digits: 3 equal, 2 one slip (a digit wrong, added, left
    /// out, or two swapped), 1 two slips.
    Digits,
    /// Several columns, the finest first, which say ever more coarsely where
    /// somebody belongs: the level tells the finest that is equal. One field,
    /// since the coarser follow from the finer and must not count again.
    Nested,
}

impl Comparator {
    /// From which level on it is the same value, however it is written.
    pub(crate) const fn same(self, columns: usize) -> usize {
        match self {
            Comparator::Name => 4,
            other => other.levels(columns) - 1,
        }
    }

    /// How many levels a field of so many columns has.
    pub(crate) const fn levels(self, columns: usize) -> usize {
        match self {
            Comparator::Exact => 2,
            Comparator::Text | Comparator::Date | Comparator::Digits => 4,
            Comparator::Name => 6,
            Comparator::Nested => columns + 1,
        }
    }
}

/// Something that is compared.
#[derive(Debug, Clone)]
pub struct Field {
    /// What it is called in reports.
    pub name: String,
    /// How.
    pub comparator: Comparator,
    /// The columns it reads; one, but for [`Comparator::Nested`].
    pub columns: Vec<usize>,
    /// Whether agreeing on a rare value says more than on a common one.
    pub by_frequency: bool,
    /// Whether it can only speak against a pair: what agrees follows from
    /// another field already, as the sex follows from the name.
    pub only_against: bool,
}

/// What of a column goes into a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// All of it.
    Whole,
    /// The first so many characters.
    Prefix(usize),
    /// The last so many characters.
    Suffix(usize),
    /// The consonants of all words, in any order of the words.
    Sound,
    /// The consonants of the first word.
    FirstSound,
    /// The consonants of the last word.
    LastSound,
}

/// A part of a column, for a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// The column.
    pub column: usize,
    /// What of it.
    pub part: Part,
}

/// One way in which pairs are looked for: records whose keys are all equal are
/// compared. A record that lacks one of them has no block in this pass.
#[derive(Debug, Clone)]
pub struct Pass {
    /// What it is called in reports.
    pub name: String,
    /// The keys.
    pub keys: Vec<Key>,
    /// Further keys, one after the other, for blocks that are too large.
    pub refine: Vec<Key>,
}

/// Everything about a kind of records.
#[derive(Debug, Clone)]
pub struct Description {
    /// What is compared.
    pub fields: Vec<Field>,
    /// How pairs are found.
    pub passes: Vec<Pass>,
    /// Conditions, each on top of those before it, under which two different
    /// persons are alike for a reason: (field, lowest level). Members of one
    /// family live together, twins are born on one day too. Pairs that meet
    /// the first k conditions and not the next are judged among themselves: by
    /// how often *they* agree, not by how often strangers do. A pass must find
    /// all pairs that meet the first condition.
    pub related: Vec<(usize, usize)>,
}

impl Description {
    /// How many levels field `field` has.
    pub(crate) fn levels(&self, field: usize) -> usize {
        self.fields[field].comparator.levels(self.fields[field].columns.len())
    }

    /// Whether this can be used for records of so many columns.
    pub(crate) fn check(&self, columns: usize) -> Result<(), Error> {
        if !(1..=16).contains(&self.fields.len()) {
            return Err(Error::Fields(self.fields.len()));
        }
        if !(1..=16).contains(&self.passes.len()) {
            return Err(Error::Passes(self.passes.len()));
        }
        let by_frequency = self.fields.iter().filter(|field| field.by_frequency).count();
        if by_frequency > 5 {
            return Err(Error::Frequencies(by_frequency));
        }
        let known = |column: usize| if column < columns { Ok(()) } else { Err(Error::Column { column, columns }) };
        for (place, field) in self.fields.iter().enumerate() {
            let widest = if field.comparator == Comparator::Nested { 6 } else { 1 };
            if !(1..=widest).contains(&field.columns.len()) {
                return Err(Error::Width(place));
            }
            field.columns.iter().try_for_each(|column| known(*column))?;
        }
        for (place, pass) in self.passes.iter().enumerate() {
            if pass.keys.is_empty() {
                return Err(Error::EmptyKey(place));
            }
            pass.keys.iter().chain(&pass.refine).try_for_each(|key| known(key.column))?;
        }
        for (place, (field, level)) in self.related.iter().enumerate() {
            let twice = self.related[..place].iter().any(|(earlier, _)| earlier == field);
            if *field >= self.fields.len() || *level == 0 || *level >= self.levels(*field) || twice || place >= 4 {
                return Err(Error::Related(place));
            }
        }
        Ok(())
    }
}
