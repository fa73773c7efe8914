//! `bansos rotate-key`: a new key in place of a district's or the log's, with a
//! signed statement beside it that readers follow (api/release/KEYS.md).

use std::path::Path;

use domain::AreaCode;
use publish::{Book, State};
use release::keys::{self, Until};
use release::log::{Action, Log};

#[derive(clap::Args)]
#[command(
    after_help = "The old secret key is destroyed: what it signed stays valid, and it signs nothing more. Copy the new .vkey and the .rotations file to the host, where that is another machine.\n\nExample:\n  bansos --data data rotate-key --district 36.71\n  bansos --data data rotate-key --log"
)]
#[command(group(clap::ArgGroup::new("which").required(true).args(["district", "log"])))]
pub struct Arguments {
    /// The kabupaten/kota whose key is changed.
    #[arg(long, value_parser = super::district, value_name = "CODE")]
    district: Option<AreaCode>,
    /// Change the key of the transparency log.
    #[arg(long)]
    log: bool,
    /// The old secret key is lost or in other hands: the new key alone signs the
    /// statement. Whoever kept the old public key is told of a break in trust,
    /// until you give them the new one in person.
    #[arg(long)]
    lost: bool,
}

pub fn run(data: &Path, arguments: &Arguments) -> anyhow::Result<()> {
    let _office = super::lock(data)?;
    // The lock under which the host appends to the log.
    let catalogue = data.join("catalogue");
    std::fs::create_dir_all(&catalogue)?;
    let _host = durable::Lock::wait(&catalogue.join("lock"))?;
    let folder = keys::folder(data);
    let path = data.join("log");
    let log = Log::open(&path)?;
    let (file, until) = match arguments.district {
        Some(district) => (keys::district(district), last_release(data, district, &log)?),
        None => {
            let until = log.head().map_or(Until::Nothing, |head| Until::Checkpoint { size: head.size, root: head.root });
            (keys::LOG.to_owned(), until)
        }
    };
    let done = keys::rotate(&folder, &file, until, arguments.lost, arguments.log.then_some(path.as_path()))?;
    if done.completed {
        println!("{file}: a change that had been cut off is complete");
    }
    println!("{file}: {} takes the place of {}; the old one signed until: {}", done.new, done.old, done.until);
    println!("publish {file}.vkey and {file}.rotations from {}", folder.display());
    Ok(())
}

/// What the district's key signed last: by the registry, where this is the
/// office, else by the log.
fn last_release(data: &Path, district: AreaCode, log: &Log) -> anyhow::Result<Until> {
    let here = registry::Registry::districts(data)?.contains(&district);
    if here {
        let mut registry = super::registry(data, district)?;
        let all = Book::open(registry.connection())?.publications()?;
        let last = all.into_iter().filter(|made| made.state != State::Draft).max_by_key(|made| made.sequence);
        return Ok(last.map_or(Until::Nothing, |made| Until::Release { release: made.release, manifest_sha256: made.manifest_sha256 }));
    }
    let entries = log.entries()?;
    let last = entries.into_iter().rev().find_map(|entry| match entry.action {
        Action::Admit { release, manifest_sha256, .. } if release.district() == district => {
            Some(Until::Release { release, manifest_sha256 })
        }
        _ => None,
    });
    Ok(last.unwrap_or(Until::Nothing))
}
