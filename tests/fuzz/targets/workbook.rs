//! Any bytes as a workbook: XLSX, XLS or ODS by the first byte.
#![no_main]

mod scratch;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((first, rest)) = bytes.split_first() else { return };
    let name = ["book.xlsx", "book.xls", "book.ods"][usize::from(*first) % 3];
    let _ = registry::explain(&scratch::file(name, rest), None, None, None);
});
