//! The OpenAPI document in the hands of those who use it: Redocly finds nothing
//! to say, and clients that openapi-typescript and openapi-python-client make
//! of it compile, and fetch recipients, statistics and releases (tests/clients).

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use crate::office::{self, Ran};
use crate::{contract, prepared, scratch};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn document() -> PathBuf {
    root().join("openapi/openapi.json")
}

/// A program of tests/clients/package.json.
fn node(program: &str, at: &Path, args: &[&str]) -> Ran {
    // Once: two installations would take each other's files away.
    static INSTALLED: LazyLock<()> = LazyLock::new(|| {
        let made = Command::new(root().join("scripts/need")).arg("npm:tests/clients").output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    });
    LazyLock::force(&INSTALLED);
    let mut command = Command::new(root().join("tests/clients/node_modules/.bin").join(program));
    command.args(args).current_dir(at).env("NO_PROXY", "127.0.0.1").env("NO_COLOR", "1");
    command.env("REDOCLY_TELEMETRY", "off").env("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true");
    office::run(command, &scratch::print(program))
}

/// What a client printed: rows, a figure, a release.
fn fetched(ran: &Ran) -> serde_json::Value {
    let json: serde_json::Value =
        serde_json::from_str(ran.stdout.lines().last().unwrap_or_default()).unwrap_or_else(|error| panic!("{error}: {}", ran.told()));
    assert!(json["rows"].as_u64().is_some_and(|rows| rows > 0) && json["value"].as_u64().is_some_and(|value| value > 0), "{json}");
    json
}

#[test]
fn redocly_finds_nothing() {
    let ran = node("redocly", &root().join("tests/clients"), &["lint", document().to_str().unwrap()]).succeeds();
    // "Your API description is valid. You have 3 warnings."
    assert!(ran.stderr.contains("description is valid") && !ran.stderr.contains("You have"), "{}", ran.told());
}

#[test]
fn openapi_typescript_makes_a_client_that_fetches() {
    let server = prepared::published().office.serve();
    let own = scratch::folder("client-typescript");
    // Before the link below: what is installed is installed first.
    node("openapi-typescript", &own, &[document().to_str().unwrap(), "--output", "api.ts"]).succeeds();
    std::os::unix::fs::symlink(root().join("tests/clients/node_modules"), own.join("node_modules")).unwrap();
    std::fs::write(own.join("package.json"), "{\"type\": \"module\"}\n").unwrap();
    std::fs::copy(root().join("tests/clients/client.ts"), own.join("client.ts")).unwrap();
    // Node's own names (console, process) stand in for its types, which nothing else here needs.
    std::fs::write(own.join("node.d.ts"), "declare const process: { argv: string[] };\n").unwrap();
    let options =
        ["--strict", "--noUncheckedIndexedAccess", "--target", "es2022", "--module", "nodenext", "--lib", "es2023,dom,dom.iterable"];
    node("tsc", &own, &[&options[..], &["client.ts", "node.d.ts"]].concat()).succeeds();
    let mut command = Command::new("node");
    command.arg("client.js").arg(server.client().base()).current_dir(&own).env("NO_PROXY", "127.0.0.1");
    let json = fetched(&office::run(command, &scratch::print("client.js")).succeeds());
    assert!(json["release"].as_str().is_some_and(|id| server.client().get(&format!("/v1/releases/{id}")).status == 200), "{json}");
}

#[test]
fn openapi_python_client_makes_a_client_that_fetches() {
    let server = prepared::published().office.serve();
    let own = scratch::folder("client-python");
    let mut generate = Command::new(contract::program("openapi-python-client"));
    generate.args(["generate", "--meta", "none", "--output-path", "made", "--path"]).arg(document()).current_dir(&own);
    office::run(generate, &scratch::print("openapi-python-client")).succeeds();
    let mut command = Command::new(contract::program("python"));
    command.arg(root().join("tests/clients/client.py")).arg(&own).arg(server.client().base());
    command.env("NO_PROXY", "127.0.0.1").env("no_proxy", "127.0.0.1").env("PYTHONDONTWRITEBYTECODE", "1");
    let json = fetched(&office::run(command, &scratch::print("client.py")).succeeds());
    assert!(json["modules"].as_u64().is_some_and(|modules| modules > 100), "{json}");
}
