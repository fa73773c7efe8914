//! `bansos demo`: the whole road with made-up people, in the demo's own folder.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Context;
use domain::Period;

use super::{import, init, publish, site};
use crate::host::Server;
use crate::progress::number;
use crate::settings;

#[derive(clap::Args)]
#[command(after_help = "Example:\n  bansos demo\n  bansos demo --scale 0.3 --listen 127.0.0.1:8081")]
pub struct Arguments {
    /// Size: 1 is that of the published totals.
    #[arg(long, default_value_t = 0.15)]
    scale: f64,
    /// The same seed makes the same people.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// How many months.
    #[arg(long, default_value_t = 6, value_parser = clap::value_parser!(u32).range(1..=24))]
    months: u32,
    /// Address that API and site are served on.
    #[arg(long, env = "BANSOS_LISTEN", value_name = "ADDRESS:PORT")]
    listen: Option<String>,
    /// Folder of the site's templates.
    #[arg(long, env = "BANSOS_SITE_SOURCE", value_name = "DIR")]
    site_source: Option<PathBuf>,
    /// Build everything and stop: do not serve.
    #[arg(long)]
    no_serve: bool,
}

/// Marks a folder as the demo's, so that nothing else is ever removed.
const MARK: &str = ".bansos-demo";

pub fn run(data: &Path, arguments: &Arguments) -> anyhow::Result<()> {
    let demo = data.join("demo");
    if demo.exists() {
        anyhow::ensure!(demo.join(MARK).exists(), "{} is not a folder of an earlier demo; give another with --data", demo.display());
        std::fs::remove_dir_all(&demo).with_context(|| demo.display().to_string())?;
    }
    std::fs::create_dir_all(&demo)?;
    std::fs::write(demo.join(MARK), "")?;
    let demo = demo.canonicalize()?;
    let start = Instant::now();
    let mut step = Step { start, last: start };

    println!("SIMULASI: every person below is made up; the areas are real.");
    let files = demo.join("files");
    let summary = simulation::run(&simulation::Options {
        out: &files,
        scale: arguments.scale,
        seed: arguments.seed,
        months: arguments.months,
        districts: &*reference::DISTRICTS,
        first: Period::new(2025, 1)?,
        all_layouts: false,
    })?;
    step.done(&format!(
        "simulated {} rows in {} files, scale {}",
        number(summary.rows as u64),
        number(summary.files as u64),
        arguments.scale
    ));

    init::init(&demo, &*reference::DISTRICTS, "bansos-terbuka.localhost")?;
    import::import(&demo, std::slice::from_ref(&files), &import::How::default())?;
    step.done("imported");

    let options = ::publish::Options {
        k: settings::value(&demo, "k", None)?,
        by: "demo".into(),
        due_days: settings::value(&demo, "due_days", None)?,
        correction: None,
    };
    publish::publish(&demo, &publish::What::All, &options, true)?;
    step.done("published");

    let listen: String = settings::value(&demo, "listen", arguments.listen.clone())?;
    let current = demo.join("site").join("current");
    let listen = if arguments.no_serve { "127.0.0.1:0".to_owned() } else { listen };
    let server = Server::start(&demo, &listen, &[OsStr::new("--site"), current.as_os_str(), OsStr::new("--log"), OsStr::new("warn")])?;
    site::build(&demo, &server.address, None, arguments.site_source.clone(), None)?;
    step.done("site built");

    let (kecamatan, kelurahan) = areas();
    println!(
        "\n{} districts, {kecamatan} kecamatan, {kelurahan} kelurahan/desa; scale {}; {} periods:",
        reference::DISTRICTS.len(),
        arguments.scale,
        summary.enrolments_per_month.len()
    );
    for (period, enrolments) in &summary.enrolments_per_month {
        println!("  {period}: {} enrolments", number(*enrolments));
    }
    println!("simulate + import + publish + site: {:.1} s", start.elapsed().as_secs_f64());
    if arguments.no_serve {
        return Ok(());
    }
    println!("\nsite  {0}/\nAPI   {0}/v1\ndocs  {0}/docs\n\nCtrl-C ends it.", server.address);
    server.wait()
}

struct Step {
    start: Instant,
    last: Instant,
}

impl Step {
    fn done(&mut self, what: &str) {
        let now = Instant::now();
        println!("[{:5.1} s] {what}: {:.1} s", (now - self.start).as_secs_f64(), (now - self.last).as_secs_f64());
        self.last = now;
    }
}

fn areas() -> (usize, usize) {
    let kecamatan: Vec<_> = reference::DISTRICTS.iter().flat_map(|district| reference::areas().children(*district).to_vec()).collect();
    let kelurahan = kecamatan.iter().map(|kecamatan| reference::areas().children(*kecamatan).len()).sum();
    (kecamatan.len(), kelurahan)
}
