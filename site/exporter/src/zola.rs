//! Runs Zola through the launcher in `site/tools`.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

/// What glibc's allocator keeps at hand; other systems pass it over.
const TUNABLES: &str = "glibc.malloc.tcache_count=65000:glibc.malloc.trim_threshold=1000000000:glibc.malloc.top_pad=67108864";

/// Builds the sites of `works`, each into its folder, which must not exist yet: all
/// at once, and each with its share of the processors.
pub(crate) fn build(node: Option<&Path>, tools: &Path, works: &[(PathBuf, PathBuf)]) -> Result<()> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).div_ceil(works.len().max(1));
    std::thread::scope(|scope| {
        let started: Vec<_> = works.iter().map(|(work, folder)| scope.spawn(move || one(node, tools, work, folder, threads))).collect();
        started.into_iter().try_for_each(|one| one.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })
}

fn one(node: Option<&Path>, tools: &Path, work: &Path, folder: &Path, threads: usize) -> Result<()> {
    let launcher = tools.join("zola.mjs");
    if !launcher.is_file() {
        bail!("{} is missing: the folder `site` of the repository is not whole", launcher.display());
    }
    let node = node.unwrap_or(Path::new("node"));
    let output = Command::new(node)
        // Zola makes and drops many small values; a large cache of free ones halves its time.
        .env("GLIBC_TUNABLES", TUNABLES)
        .env("RAYON_NUM_THREADS", threads.to_string())
        .arg(&launcher)
        .arg("--root")
        .arg(work)
        .args(["build", "--output-dir"])
        .arg(folder)
        .output()
        .with_context(|| format!("cannot start {}: Node 20 or newer is needed to build the site", node.display()))?;
    if !output.status.success() {
        let said = [output.stdout, output.stderr].concat();
        bail!("Zola failed ({}):\n{}", output.status, String::from_utf8_lossy(&said).trim());
    }
    Ok(())
}
