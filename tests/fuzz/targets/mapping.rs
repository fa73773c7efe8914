//! Any text as a mapping.
#![no_main]

mod scratch;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = registry::Mapping::read(&scratch::file("mapping.toml", bytes));
});
