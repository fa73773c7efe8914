//! What a check of public files found.

use crate::Result;

/// What an audit found; empty is good.
#[derive(Debug, Default)]
pub struct Report {
    /// What was checked, a line each.
    pub checked: Vec<String>,
    /// What is wrong, a line each.
    pub wrong: Vec<String>,
}

impl Report {
    /// The value of `result`; a failure of `what` becomes a line of what is wrong.
    pub fn take<T>(&mut self, what: &str, result: Result<T>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(error) => {
                self.wrong.push(format!("{what}: {error}"));
                None
            }
        }
    }
}
