//! What is linked comes from crates.io, and may be linked by software under
//! Apache-2.0.

use std::process::Command;

/// Licences that ask for no more than to be named.
const ACCEPTED: [&str; 14] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "PostgreSQL",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Whether an SPDX expression (or crates.io's old `A/B`) offers accepted
/// licences only: every part of one of its alternatives.
fn accepted(expression: &str) -> bool {
    let plain = expression.replace('/', " OR ");
    if let Some((head, rest)) = plain.split_once('(')
        && let Some((inner, tail)) = rest.split_once(')')
    {
        // `(A OR B) AND C`: one level is all that occurs.
        let inner = if accepted(inner) { "MIT" } else { "GPL-3.0" };
        return accepted(&format!("{head}{inner}{tail}"));
    }
    plain.split(" OR ").any(|option| option.split(" AND ").all(|part| ACCEPTED.contains(&part.trim())))
}

#[test]
fn dependencies_are_free_to_link_and_from_crates_io() {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--locked", "--offline", "--format-version", "1", "--filter-platform", "x86_64-unknown-linux-gnu"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let mut wrong = Vec::new();
    for package in packages {
        let name = package["name"].as_str().unwrap();
        // Null is our own workspace.
        match package["source"].as_str() {
            None => {}
            Some(source) if source.contains("github.com/rust-lang/crates.io-index") => {}
            Some(source) => wrong.push(format!("{name} comes from {source}")),
        }
        match package["license"].as_str() {
            Some(license) if accepted(license) => {}
            other => wrong.push(format!("{name} is under {other:?}")),
        }
    }
    assert!(packages.len() > 100, "{} packages only", packages.len());
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_licence_that_binds_is_seen() {
    for good in ["MIT", "MIT OR Apache-2.0", "MIT/Apache-2.0", "(MIT OR Apache-2.0) AND Unicode-3.0", "GPL-2.0 OR MIT"] {
        assert!(accepted(good), "{good}");
    }
    for bad in ["GPL-3.0", "AGPL-3.0-only", "MIT AND GPL-3.0", "(LGPL-2.1 OR GPL-3.0) AND MIT", ""] {
        assert!(!accepted(bad), "{bad}");
    }
}
