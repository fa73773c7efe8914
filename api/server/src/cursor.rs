//! Cursors: opaque, versioned, and good for one filter only.
//!
//! A cursor names the last place of a page by what is published (district,
//! program, atom, …), never by a number inside the catalogue, and the version it
//! belongs to: a walk stays what it was while new releases appear, and survives
//! a rebuild. A checksum tells a cut or altered cursor from a good one; there
//! is nothing in it to keep secret.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::params::known;
use crate::problem::Problem;
use crate::words::Text;

/// The form of cursors; another number is refused.
const FORM: u8 = 1;
const CHECK: usize = 6;

#[derive(Serialize, Deserialize)]
struct Content<T> {
    form: u8,
    version: u64,
    /// The list and its filters, hashed.
    list: u64,
    place: T,
}

/// Writes a cursor for `place` in the list `list` (path and filters in their
/// one spelling) at `version`.
#[must_use]
pub fn write<T: Serialize>(version: u64, list: &str, place: &T) -> String {
    let content = Content { form: FORM, version, list: hash(list), place };
    let mut bytes = serde_json::to_vec(&content).unwrap_or_default();
    let check = Sha256::digest(&bytes);
    bytes.extend_from_slice(&check[..CHECK]);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Reads a cursor; `newest` is the newest version.
///
/// # Errors
/// When it is not whole, of another form, of other filters or of a version that
/// is not there.
pub fn read<T: for<'a> Deserialize<'a>>(text: &str, newest: u64, list: &str) -> Result<(u64, T), Problem> {
    let wrong = || {
        Problem::unknown(
            known::CURSOR.name,
            Text::new(
                format!("tidak ada halaman itu: yang diterima {}", known::CURSOR.expected.0),
                format!("there is no such page: expected {}", known::CURSOR.expected.1),
            ),
        )
    };
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| wrong())?;
    let (content, check) = bytes.split_at_checked(bytes.len().saturating_sub(CHECK)).ok_or_else(wrong)?;
    if Sha256::digest(content)[..CHECK] != *check {
        return Err(wrong());
    }
    let content: Content<T> = serde_json::from_slice(content).map_err(|_| wrong())?;
    if content.form != FORM || content.list != hash(list) || content.version == 0 || content.version > newest {
        return Err(wrong());
    }
    Ok((content.version, content.place))
}

fn hash(text: &str) -> u64 {
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().take(8).fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_good_for_its_list_and_version_only() {
        let text = write(7, "/v1/x?a=1", &("36.71", 12u32));
        assert_eq!(read::<(String, u32)>(&text, 7, "/v1/x?a=1").unwrap(), (7, ("36.71".to_owned(), 12)));
        assert!(read::<(String, u32)>(&text, 6, "/v1/x?a=1").is_err());
        assert!(read::<(String, u32)>(&text, 7, "/v1/x?a=2").is_err());
        assert!(read::<u32>(&text, 7, "/v1/x?a=1").is_err());
        for at in 0..text.len() {
            let mut other = text.clone().into_bytes();
            other[at] = if other[at] == b'A' { b'B' } else { b'A' };
            assert!(read::<(String, u32)>(&String::from_utf8(other).unwrap(), 7, "/v1/x?a=1").is_err(), "{at}");
        }
        assert!(text.starts_with(crate::params::CursorText::START));
        for text in ["", "AAAA", "!!!!", &text[..text.len() - 4]] {
            assert!(read::<(String, u32)>(text, 7, "/v1/x?a=1").is_err());
        }
    }
}
