//! The forms in which a dataset's file is written.

/// A form in which a dataset's file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Form {
    /// Comma-separated values (RFC 4180, UTF-8, line feeds).
    Csv,
    /// A JSON object a line.
    Ndjson,
    /// Apache Parquet, zstd.
    Parquet,
    /// A workbook.
    Xlsx,
    /// GeoJSON (RFC 7946).
    Geojson,
}

impl Form {
    /// All forms.
    pub const ALL: [Form; 5] = [Form::Csv, Form::Ndjson, Form::Parquet, Form::Xlsx, Form::Geojson];

    /// The ending of its file names.
    #[must_use]
    pub const fn ending(self) -> &'static str {
        match self {
            Form::Csv => "csv",
            Form::Ndjson => "ndjson",
            Form::Parquet => "parquet",
            Form::Xlsx => "xlsx",
            Form::Geojson => "geojson",
        }
    }

    /// The form of a file's ending.
    #[must_use]
    pub fn of_ending(ending: &str) -> Option<Form> {
        Form::ALL.into_iter().find(|form| form.ending() == ending)
    }

    /// The media type, without parameters.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Form::Csv => "text/csv",
            Form::Ndjson => "application/x-ndjson",
            Form::Parquet => "application/vnd.apache.parquet",
            Form::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Form::Geojson => "application/geo+json",
        }
    }

    /// What the form is and what it is good for.
    #[must_use]
    pub const fn words(self) -> super::Words {
        match self {
            Form::Csv => ("CSV, untuk lembar kerja dan skrip", "CSV, for spreadsheets and scripts"),
            Form::Ndjson => ("NDJSON, satu objek JSON per baris", "NDJSON, one JSON object a line"),
            Form::Parquet => ("Parquet, untuk analisis (DuckDB, pandas, R)", "Parquet, for analysis (DuckDB, pandas, R)"),
            Form::Xlsx => ("XLSX, buku kerja dengan catatan", "XLSX, a workbook with notes"),
            Form::Geojson => ("GeoJSON, untuk peta", "GeoJSON, for maps"),
        }
    }
}
