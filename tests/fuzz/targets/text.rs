//! Any bytes as a file of text: encoding, separator, header.
#![no_main]

mod scratch;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let path = scratch::file("text.csv", bytes);
    // Without area and month only the header is read.
    let _ = registry::explain(&path, None, None, None);
});
