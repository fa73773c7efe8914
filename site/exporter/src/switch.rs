//! Puts a built and checked site in the place of the old one, in one step.

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};

const CURRENT: &str = "current";
const BUILD: &str = "build-";
/// The link that becomes `current`; one left by a crash is made anew.
const NEXT: &str = ".current-next";

/// A name for a new build: by version and time, so that names sort and never meet.
pub(crate) fn fresh_folder(site: &Path, version: u64) -> PathBuf {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |age| age.as_millis());
    site.join(format!("{BUILD}{version:06}-{now}-{}", std::process::id()))
}

/// A folder beside a new build for a part of it, removed with builds that came to nothing.
pub(crate) fn part_of(folder: &Path, part: &str) -> PathBuf {
    let mut name = folder.as_os_str().to_owned();
    name.push(format!("-{part}"));
    PathBuf::from(name)
}

/// Points `current` to the build in `folder` and removes builds older than the
/// one it replaces, which stays so that a reader in the middle of it is not cut off.
pub(crate) fn make_current(site: &Path, folder: &Path) -> Result<()> {
    let current = site.join(CURRENT);
    let before = std::fs::read_link(&current).ok();
    let name = folder.file_name().context("a build folder without a name")?;
    let next = site.join(NEXT);
    match std::fs::remove_file(&next) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(error).with_context(|| format!("cannot remove {}", next.display()));
        }
        _ => {}
    }
    durable::fault_point("site.link.before");
    std::os::unix::fs::symlink(name, &next).with_context(|| format!("cannot make the link {}", next.display()))?;
    durable::fault_point("site.link.after");
    // Everything in the new build is on the disk before the rename.
    durable::fault_point("site.switch.before");
    durable::switch(&next, folder, &current, "site.switch")
        .with_context(|| format!("cannot switch {} to the new build", current.display()))?;
    durable::fault_point("site.switch.after");
    for entry in std::fs::read_dir(site).with_context(|| format!("cannot read {}", site.display()))? {
        let entry = entry?;
        let own = entry.file_name();
        let kept = own == name || before.as_deref() == Some(Path::new(&own));
        if own.to_string_lossy().starts_with(BUILD) && !kept {
            // What cannot be removed now is tried again after the next build.
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_link_moves_and_only_the_build_before_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let site = folder.path();
        let mut names = Vec::new();
        for version in 1..=3 {
            let build = fresh_folder(site, version);
            std::fs::create_dir(&build).unwrap();
            std::fs::write(build.join("index.html"), version.to_string()).unwrap();
            // A crash after the link was made leaves it behind.
            std::os::unix::fs::symlink("nowhere", site.join(NEXT)).unwrap();
            make_current(site, &build).unwrap();
            assert_eq!(std::fs::read_to_string(site.join("current/index.html")).unwrap(), version.to_string());
            names.push(build);
        }
        assert!(!names[0].exists() && names[1].exists() && names[2].exists());
    }
}
