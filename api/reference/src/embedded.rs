//! The data files, compiled in. They are part of the program, so a broken one
//! is a programmer's error: reading it panics, and the tests read every one.

use std::fmt::Display;

/// Name and bytes of every data file that answers depend on, by name.
pub(crate) const FILES: [(&str, &[u8]); 4] = [
    ("areas.tsv.zst", include_bytes!("../data/areas.tsv.zst")),
    ("boundaries.tsv.zst", include_bytes!("../data/boundaries.tsv.zst")),
    ("population.csv", include_bytes!("../data/population.csv")),
    ("programs.toml", include_bytes!("../data/programs.toml")),
];

/// The text of an embedded file, kept for the life of the process: slices of
/// it are handed out without copying.
pub(crate) fn text(name: &str) -> &'static str {
    let bytes = FILES.iter().find(|(file, _)| *file == name).map_or(&[][..], |(_, bytes)| bytes);
    if name.ends_with(".zst") {
        let unpacked = parsed(zstd::decode_all(bytes), name);
        Box::leak(parsed(String::from_utf8(unpacked), name).into_boxed_str())
    } else {
        parsed(std::str::from_utf8(bytes), name)
    }
}

/// What was read from embedded data, which the tests have shown to be whole.
pub(crate) fn parsed<T, E: Display>(read: Result<T, E>, file: &str) -> T {
    match read {
        Ok(value) => value,
        Err(error) => panic!("embedded reference data {file} are broken: {error}"),
    }
}

/// The same for what must be there.
pub(crate) fn present<T>(found: Option<T>, file: &str) -> T {
    parsed(found.ok_or("a field is missing"), file)
}
