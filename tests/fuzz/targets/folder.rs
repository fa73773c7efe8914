//! A release folder from a stranger: its manifest, or a table of it. An auditor
//! reads it before anything is known of its signature.
#![no_main]

mod scratch;

const MANIFEST: &str = include_str!("../seeds/manifest.json");

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((first, rest)) = bytes.split_first() else { return };
    let (manifest, table) = if first % 2 == 0 { (rest, &b""[..]) } else { (MANIFEST.as_bytes(), rest) };
    let path = scratch::file("folder/manifest.json", manifest);
    for name in ["totals", "verification", "atoms", "recipients"] {
        scratch::file(&format!("folder/data/{name}.csv"), table);
    }
    let Some(folder) = path.parent().and_then(|folder| release::ReleaseFolder::open(folder).ok()) else { return };
    let _ = folder.verify();
    for table in [domain::Table::Totals, domain::Table::Verification] {
        if let Ok(cells) = folder.cells(table) {
            let _ = cells.filter(Result::is_err).next();
        }
    }
    if let Ok(atoms) = folder.atoms() {
        let _ = atoms.filter(Result::is_err).next();
    }
});
