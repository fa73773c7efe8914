//! The checks of a real browser (tests/browser), on the served demo site.

use std::path::Path;
use std::process::Command;

use crate::office;
use crate::{prepared, scratch};

#[test]
fn pages_pass_in_a_browser() {
    let server = prepared::published().office.serve();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("browser");
    let mut command = Command::new("npm");
    command.args(["test", "--silent"]).current_dir(folder).env("BASE", server.client().base());
    let ran = office::run(command, &scratch::root().join("browser"));
    println!("{}", ran.stdout.trim_end());
    ran.succeeds();
}
