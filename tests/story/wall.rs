//! The wall: what serves or audits cannot name a person, since it links
//! nothing that can. Read from `cargo tree`, not from what the sources say.

use std::process::Command;

/// Crates of the restricted side.
const RESTRICTED: [&str; 5] = ["identity", "registry", "publish", "simulation", "matching"];

/// The restricted crates in a dependency tree printed with `--prefix none`.
fn crossings(tree: &str) -> Vec<&str> {
    tree.lines().filter_map(|line| line.split_whitespace().next()).filter(|name| RESTRICTED.contains(name)).collect()
}

fn tree(package: &str, more: &[&str]) -> String {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["tree", "--locked", "--offline", "--edges", "normal,build", "--prefix", "none", "--package", package])
        .args(more)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "cargo tree --package {package}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_public_binaries_link_nothing_restricted() {
    // The package of bansos-api, and that of bansos-audit.
    for package in ["server", "audit", "release", "dataset"] {
        for features in [&[][..], &["--all-features"]] {
            let tree = tree(package, features);
            assert!(tree.contains("\ndomain v"), "the tree of {package} does not even hold domain:\n{tree}");
            let crossed = crossings(&tree);
            assert!(crossed.is_empty(), "{package} {features:?} links {crossed:?}, which may name a person");
        }
    }
}

#[test]
fn the_check_would_see_a_crossing() {
    let seeded = "server v0.1.0 (/x/api/server)\ndomain v0.1.0 (/x/api/domain)\nidentity v0.1.0 (/x/api/identity)\nserde v1.0.0\n";
    assert_eq!(crossings(seeded), ["identity"]);
    // And a tree that truly crosses: the operator's binary does, by design.
    let operator = tree("cli", &[]);
    for restricted in RESTRICTED {
        assert!(crossings(&operator).contains(&restricted), "bansos should link {restricted}:\n{operator}");
    }
}
