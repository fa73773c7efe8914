//! What the registry knows of one person over the months, for somebody who is
//! entitled to ask. As with a trace, everything is looked up first; then the
//! access log gets its entry; only then does anything leave this function.

use identity::Nik;
use registry::{Event, Registry};

use crate::access::{self, AccessEntry, Asked};
use crate::book::Book;
use crate::{Error, Result};

/// All events of a person, given by the NIK as it was typed, and the entry of the
/// access log. The log does not
/// hold the number but a mark of it that only this registry can make, so that
/// two askings after one person are seen to be that.
///
/// # Errors
/// When name or letter is missing or that is no NIK (nothing is noted then), or
/// the registry refuses (that is noted).
pub fn look_up(registry: &mut Registry, nik: &str, by: &str, letter: &str) -> Result<(Vec<Event>, AccessEntry)> {
    let asked = Asked::new(by, letter)?;
    // What was typed is not repeated: it may be a NIK but for one digit.
    let nik: Nik =
        nik.trim().parse().map_err(|_| Error::NotNow("that is no NIK: give its 16 digits, as they stand on the card".to_owned()))?;
    let district = registry.district();
    let mark = Book::open(registry.connection())?.chance()?.mark(nik);
    let found = registry.history(nik).map_err(|error| Error::Registry(error.to_string()));
    let outcome = found.as_ref().map_or_else(|error| format!("refused: {error}"), |_| access::SHOWN.to_owned());
    let entry = access::append(registry.connection(), district, &asked, &format!("history/{mark}"), None, outcome)?;
    Ok((found?, entry))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_asks_is_in_the_log_and_whom_they_asked_after_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let mut registry = Registry::open(folder.path(), "36.71".parse().unwrap()).unwrap();
        let nik = "3671011203609001";
        for (by, letter) in [("", "S-1"), ("A", " ")] {
            assert!(look_up(&mut registry, nik, by, letter).is_err());
        }
        let wrong = look_up(&mut registry, "367101120360900", "A", "S-1").map(|_| ()).unwrap_err().to_string();
        assert!(!wrong.contains("3671"), "{wrong}");
        assert_eq!(crate::accesses(&mut registry).unwrap().0.len(), 0);
        let (events, first) = look_up(&mut registry, nik, "Operator Satu", "S-1").unwrap();
        assert_eq!(events, []);
        let (_, second) = look_up(&mut registry, nik, "Operator Satu", "S-2").unwrap();
        let (entries, broken) = crate::accesses(&mut registry).unwrap();
        assert_eq!((entries.len(), broken), (2, None));
        assert!(first.row_id == second.row_id && first.row_id.starts_with("history/"));
        assert!(!first.row_id.contains(nik));
    }
}
