//! Makes the site: reads the API as any other client does, writes what Zola
//! reads, runs Zola, checks the result against what was read, and only then
//! puts it in the place of the old site.
//!
//! The exporter has no other source than the public API, so whatever the site
//! shows, anyone can look up; and since nothing is switched before every figure
//! on every page was compared, a bad build leaves the old site standing.

mod address;
mod below;
mod chart;
mod check;
mod client;
mod document;
mod embed;
mod figures;
mod format;
mod gather;
mod known;
mod map;
mod merge;
mod model;
mod pages;
mod qr;
mod share;
mod stubs;
mod switch;
mod terms;
mod words;
mod zola;

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, bail};
pub use gather::Depth;

/// What to build from, and where to.
#[derive(Debug, Clone)]
pub struct Options {
    /// The API's address, such as `http://127.0.0.1:8080`.
    pub api: String,
    /// Where readers find the site, such as `https://bansos.example.go.id`: what
    /// is printed, shared or put into the sitemap names pages in full. The
    /// API's own address when `None`.
    pub address: Option<String>,
    /// The data folder: the site is built in `site/` there and served from `site/current`.
    pub data_dir: PathBuf,
    /// The folder `site` of the repository (templates, words, styles). Found
    /// by itself when `None`: `$BANSOS_SITE_SOURCE`, else a `site` folder
    /// beside or above the working folder or the program.
    pub site_source: Option<PathBuf>,
    /// The Node program that starts Zola; `node` on PATH when `None`.
    pub node: Option<PathBuf>,
    /// Down to which areas there are pages.
    pub depth: Depth,
}

/// What was built.
#[derive(Debug, Clone)]
pub struct Summary {
    /// Pages written, both languages counted.
    pub pages: usize,
    /// Figures on those pages that were compared with the API.
    pub figures: usize,
    /// Requests made to the API.
    pub requests: u32,
    /// Seconds from the first request to the switch.
    pub seconds: f64,
    /// What took them: each part with its seconds, in their order.
    pub parts: Vec<(&'static str, f64)>,
    /// The version of the API that the pages show.
    pub version: u64,
    /// The folder that `site/current` now names.
    pub folder: PathBuf,
}

/// How often the reading starts over when a new version appears meanwhile.
const ATTEMPTS: u32 = 3;

/// Builds the site and switches `site/current` to it.
///
/// # Errors
/// When the API cannot be read or contradicts itself, when Zola fails, or when
/// a check of the result fails; the old site is then still in place.
pub fn build(options: &Options) -> Result<Summary> {
    let start = Instant::now();
    let source = match &options.site_source {
        Some(folder) => folder.clone(),
        None => find_source()?,
    };
    let words = words::Words::read(&source.join("words.toml"))?;
    let site = options.data_dir.join("site");
    std::fs::create_dir_all(&site).with_context(|| format!("cannot make the folder {}", site.display()))?;
    let _lock = durable::Lock::wait(&site.join("lock")).with_context(|| format!("cannot lock {}", site.display()))?;

    let known = site.join("known");
    let built = build_from(options, &source, &words, &site, &known, start);
    if built.is_err() {
        // Whatever was wrong, the next build shall not have it from memory.
        let _ = std::fs::remove_dir_all(&known);
    }
    built
}

/// Reads, builds, checks and switches.
fn build_from(options: &Options, source: &Path, words: &words::Words, site: &Path, known: &Path, start: Instant) -> Result<Summary> {
    let mut parts = Parts { last: start, parts: Vec::new() };
    let (mut world, requests) = read_one_version(&options.api, known, options.depth)?;
    options.address.as_ref().unwrap_or(&options.api).trim_end_matches('/').clone_into(&mut world.address);
    parts.done("read");
    let terms = terms::read(&source.join("glossary.toml"))?;
    let temporary = tempfile::tempdir().context("cannot make a temporary folder to work in")?;
    let work = stubs::Work { folder: temporary.path(), source, world: &world, shares: stubs::shares(&world) };
    work.begin(words)?;
    let stubs = pages::all(&world, words, &terms, |page| work.page(&page))?;
    work.end(&stubs)?;
    parts.done("write");

    let folder = switch::fresh_folder(site, world.entry.version);
    let cards = build_pages(options, &work, words, site, &folder)?;
    parts.done("zola, pictures and cards");
    let finish = check::Finish {
        world: &world,
        linkers: words::Lang::ALL.map(|lang| terms::Linker::new(&terms, lang)),
        below: below::path_of(&world.address),
    };
    let figures = check::site(&folder, &stubs, &finish).with_context(|| {
        format!("the built site was not put in place; it is in {} for you to look at, and the old one still stands", folder.display())
    })?;
    parts.done("check");
    switch::make_current(site, &folder)?;
    parts.done("switch");
    let seconds = start.elapsed().as_secs_f64();
    work.remove();
    Ok(Summary {
        pages: stubs.len() * words::Lang::ALL.len(),
        figures: figures + cards,
        requests,
        seconds,
        parts: parts.parts,
        version: world.entry.version,
        folder,
    })
}

/// Builds the pages, and beside them the pictures and cards, which need nothing of
/// what Zola makes; gives how many figures the cards show.
fn build_pages(options: &Options, work: &stubs::Work<'_>, words: &words::Words, site: &Path, folder: &Path) -> Result<usize> {
    let of = |share: usize| if share == 0 { folder.to_owned() } else { switch::part_of(folder, &share.to_string()) };
    let shares: Vec<(PathBuf, PathBuf)> = (0..work.shares).map(|share| (work.share(share), of(share))).collect();
    let beside = switch::part_of(folder, "beside");
    let drawn = || -> Result<usize> {
        share::write(&beside, &site.join("pictures"), work.world, words)?;
        embed::write(&beside, work.source, work.world, words)
    };
    let cards = std::thread::scope(|scope| {
        let drawn = scope.spawn(drawn);
        let built = zola::build(options.node.as_deref(), &work.source.join("tools"), &shares);
        let drawn = drawn.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        built.and(drawn)
    })?;
    for part in shares.iter().skip(1).map(|(_, built)| built).chain([&beside]) {
        merge::into(part, folder)?;
    }
    Ok(cards)
}

/// Notes how long each part took.
struct Parts {
    last: Instant,
    parts: Vec<(&'static str, f64)>,
}

impl Parts {
    fn done(&mut self, part: &'static str) {
        self.parts.push((part, self.last.elapsed().as_secs_f64()));
        self.last = Instant::now();
    }
}

/// Everything the pages need, all of one version of the API.
fn read_one_version(api: &str, known: &Path, depth: Depth) -> Result<(gather::World, u32)> {
    let mut requests = 0;
    for _ in 0..ATTEMPTS {
        let client = client::Client::new(api, known)?;
        let read = gather::world(&client, depth);
        requests += client.requests();
        match read {
            Ok(world) => {
                client.tidy();
                return Ok((world, requests));
            }
            Err(error) if error.is::<client::VersionMoved>() => {}
            Err(error) => return Err(error),
        }
    }
    bail!("{api} took in new releases {ATTEMPTS} times while it was read; build the site again when it is quiet")
}

/// The repository's `site` folder: by the environment, or above the working
/// folder or the program.
fn find_source() -> Result<PathBuf> {
    if let Some(folder) = std::env::var_os("BANSOS_SITE_SOURCE") {
        return Ok(PathBuf::from(folder));
    }
    let is_source = |folder: &Path| folder.join("words.toml").is_file() && folder.join("templates").is_dir();
    let places = [std::env::current_dir().ok(), std::env::current_exe().ok()];
    for place in places.iter().flatten() {
        for above in place.ancestors() {
            let site = above.join("site");
            if is_source(&site) {
                return Ok(site);
            }
        }
    }
    bail!("the folder `site` with the templates was not found from here; name it with BANSOS_SITE_SOURCE=/path/to/site")
}
