//! Builds the site from a running API, without the operator's command:
//! `cargo run -p exporter --example site -- http://127.0.0.1:8080 DATA_DIR`.

use std::path::PathBuf;

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (Some(api), Some(data_dir)) = (arguments.next(), arguments.next()) else {
        anyhow::bail!("two arguments are needed: the API's address and the data folder");
    };
    let summary = exporter::build(&exporter::Options {
        api,
        address: None,
        data_dir: PathBuf::from(data_dir),
        site_source: None,
        node: None,
        depth: exporter::Depth::default(),
    })?;
    println!(
        "{} pages of version {} with {} figures checked, {} requests, {:.1} s: {}",
        summary.pages,
        summary.version,
        summary.figures,
        summary.requests,
        summary.seconds,
        summary.folder.display()
    );
    Ok(())
}
