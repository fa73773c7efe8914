//! What can be wrong with a file of a dataset.

/// A file could not be written, or is not what its dataset asks for.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The system refused.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// The file or a row of it is of another form.
    #[error("{0}")]
    Form(String),
}

impl Error {
    /// A file or row of another form than its dataset's.
    pub fn form(what: impl Into<String>) -> Error {
        Error::Form(what.into())
    }
}

/// The result of this crate.
pub type Result<T> = std::result::Result<T, Error>;
