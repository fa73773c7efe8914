//! Codes of areas, months, releases, rows, programs: what is read is written
//! the same, or in its one dotted form.
#![no_main]

use domain::{AreaCode, AreaLabel, EditionId, Period, ProgramCode, ReleaseId, RowId, Rupiah};

/// What a type writes is read as the same value.
fn reads_back<T: std::str::FromStr + std::fmt::Display>(text: &str) {
    if let Ok(value) = text.parse::<T>() {
        let written = value.to_string();
        assert!(written.parse::<T>().is_ok_and(|again| again.to_string() == written), "{text:?} is written as {written:?}");
    }
}

libfuzzer_sys::fuzz_target!(|text: &str| {
    reads_back::<AreaCode>(text);
    reads_back::<AreaLabel>(text);
    reads_back::<Period>(text);
    reads_back::<ReleaseId>(text);
    reads_back::<EditionId>(text);
    reads_back::<RowId>(text);
    reads_back::<ProgramCode>(text);
    let _ = domain::date::parse(text);
    let _ = text.parse::<u64>().map(Rupiah::new);
});
