//! What is told of a field: its values, its meaning, and the five things that
//! Satu Data Indonesia asks of every datum (Perpres 39/2019 article 4): concept,
//! definition, classification, measure (ukuran) and unit (satuan).

use super::Words;
use super::codes::Codes;

/// What the values of a field are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A code of a list or of a hierarchy: text, even where it is digits.
    Code,
    /// A whole number, 0 or more.
    Count,
    /// A month, `2025-06`.
    Month,
    /// Words.
    Text,
}

impl Kind {
    /// The kind's word in answers of the dictionary.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Kind::Code => "code",
            Kind::Count => "count",
            Kind::Month => "month",
            Kind::Text => "text",
        }
    }

    /// How values of the kind are written.
    #[must_use]
    pub const fn words(self) -> Words {
        match self {
            Kind::Code => ("kode, selalu teks", "a code, always text"),
            Kind::Count => ("bilangan bulat, 0 atau lebih", "a whole number, 0 or more"),
            Kind::Month => ("bulan, tahun-bulan (2025-06)", "a month, year-month (2025-06)"),
            Kind::Text => ("teks", "words"),
        }
    }
}

/// A field of a dataset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Its name in files.
    pub name: &'static str,
    /// What its values are.
    pub kind: Kind,
    /// Whether it may be empty (`null` in JSON, Parquet and workbooks).
    pub optional: bool,
    /// Its title.
    pub title: Words,
    /// Satu Data's konsep: the idea behind it.
    pub concept: Words,
    /// Satu Data's definisi: what it says and what it does not.
    pub description: Words,
    /// Satu Data's klasifikasi: by what its values are ordered.
    pub classification: Words,
    /// Satu Data's ukuran: what kind of quantity it is.
    pub measure: Words,
    /// Satu Data's satuan: what it is counted in.
    pub unit: Words,
    /// Where its values come from.
    pub source: Words,
    /// The list its codes are of.
    pub codes: Codes,
    /// What every value looks like: a regular expression over the whole value.
    pub pattern: Option<&'static str>,
}

impl Field {
    /// A field that is never empty; what differs from its kind's rule is told
    /// by the calls that follow.
    pub(super) const fn new(name: &'static str, kind: Kind, title: Words, concept: Words, description: Words) -> Field {
        let (measure, unit) = match kind {
            Kind::Code => (("kategori", "category"), ("kode", "a code")),
            Kind::Count => (("jumlah", "count"), ("buah", "items")),
            Kind::Month => (("waktu", "time"), ("bulan", "month")),
            Kind::Text => (("keterangan", "remark"), ("teks", "words")),
        };
        Field {
            name,
            kind,
            optional: false,
            title,
            concept,
            description,
            classification: ("tidak digolongkan", "not classified"),
            measure,
            unit,
            source: super::fields::OFFICE,
            codes: Codes::None,
            pattern: match kind {
                Kind::Month => Some(super::fields::MONTH),
                Kind::Code | Kind::Count | Kind::Text => None,
            },
        }
    }

    /// The field, where it may be empty.
    pub(super) const fn optional(mut self) -> Field {
        self.optional = true;
        self
    }

    /// The field with its list of codes, and the classification in words.
    pub(super) const fn of(mut self, codes: Codes, classification: Words) -> Field {
        self.codes = codes;
        self.classification = classification;
        self
    }

    /// The field, as what it counts in.
    pub(super) const fn in_unit(mut self, unit: Words) -> Field {
        self.unit = unit;
        self
    }

    /// The field with where its values come from.
    pub(super) const fn from(mut self, source: Words) -> Field {
        self.source = source;
        self
    }

    /// The field with what its values look like.
    pub(super) const fn like(mut self, pattern: &'static str) -> Field {
        self.pattern = Some(pattern);
        self
    }
}
