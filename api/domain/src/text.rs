//! Small text helpers used by several parsers of this crate.

/// Reads exactly the ASCII digits of `text` as a number; `None` when a byte is
/// not a digit, the text is empty, or the number does not fit.
pub(crate) fn digits(text: &str) -> Option<u64> {
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}
