//! kill -9 at every fault point (before and after each fsync, rename and
//! commit) of import, publish, seal, admit and withdraw: the last release is
//! served throughout, running the command again completes it, and the figures
//! are those of a run that nothing disturbed.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::office::{self, Office, Ran};
use crate::operator::data_files;
use crate::{http, postgres, prepared, scratch};

const DISTRICT: &str = "12.74";
const FIRST: &str = "2025-01";
const SECOND: &str = "2025-02";

/// One command of the way from files to a served, then withdrawn, release.
#[derive(Debug, Clone)]
struct Step {
    name: &'static str,
    binary: PathBuf,
    args: Vec<String>,
}

impl Step {
    fn new(name: &'static str, binary: PathBuf, args: &[&str]) -> Step {
        Step { name, binary, args: args.iter().map(|arg| (*arg).to_owned()).collect() }
    }

    fn run(&self, office: &Office, environment: &[(&str, &str)]) -> Ran {
        let args: Vec<&str> = self.args.iter().map(String::as_str).collect();
        office.run(&self.binary, &args, environment)
    }
}

/// What stays of a run: the second month's data files, and what is answered.
#[derive(PartialEq)]
struct Outcome {
    files: Vec<(String, Vec<u8>)>,
    answers: BTreeMap<&'static str, Vec<u8>>,
}

const FIRST_MONTH: &str = "/v1/statistics/totals?area=12.74&period=2025-01&format=csv";

fn outcome(office: &Office) -> Outcome {
    let server = office.serve();
    let answers = [FIRST_MONTH, "/v1/statistics/totals?area=12.74&period=2025-02&format=csv", "/v1/recipients?area=12.74&format=csv"]
        .map(|path| (path, server.client().get(path).is(200).body))
        .into();
    Outcome { files: data_files(&office.releases().join(format!("{DISTRICT}-{SECOND}"))), answers }
}

#[track_caller]
fn same(outcome: &Outcome, undisturbed: &Outcome, what: &str) {
    for (one, other) in outcome.files.iter().zip(&undisturbed.files) {
        assert!(one == other, "{what}: {} differs from the undisturbed run", one.0);
    }
    assert!(outcome.files.len() == undisturbed.files.len(), "{what}: other files than in the undisturbed run");
    for (path, body) in &outcome.answers {
        assert!(*body == undisturbed.answers[path], "{what}: {path} is answered differently from the undisturbed run");
    }
}

#[test]
fn killed_at_every_point_nothing_is_lost() {
    kill_everywhere("faults", None, &["import", "publish", "seal", "withdraw", "admit"]);
}

/// The same where the catalogue is PostgreSQL's, for the commands that write to it.
#[test]
fn killed_at_every_point_on_postgresql() {
    let url = postgres::database("faults_postgresql");
    kill_everywhere("faults_postgresql", Some(&url), &["withdraw", "admit"]);
}

fn kill_everywhere(name: &str, catalogue: Option<&str>, killed: &[&str]) {
    let start = std::time::Instant::now();
    let base = Office::open(name, catalogue);
    base.bansos(&["import", prepared::month(DISTRICT, FIRST).to_str().unwrap()]).succeeds();
    base.bansos(&["publish", "--all", "--by", "Operator Satu", "--yes"]).succeeds();

    let files = prepared::month(DISTRICT, SECOND);
    let release = format!("{DISTRICT}-{SECOND}");
    let elsewhere = scratch::folder(&format!("{name}_elsewhere")).join(&release);
    let chain = [
        Step::new("import", office::bansos(), &["import", files.to_str().unwrap()]),
        Step::new("publish", office::bansos(), &["publish", "--area", DISTRICT, "--period", SECOND, "--by", "Operator Satu", "--draft"]),
        Step::new("seal", office::bansos(), &["seal", &release, "--by", "Kepala Seksi"]),
        Step::new("withdraw", office::bansos(), &["withdraw", &release, "--reason", "Uji", "--by", "Kepala Seksi"]),
    ];
    // A folder that was sealed elsewhere, brought to a host that has the first month.
    let admit = [Step::new("admit", office::bansos_api(), &["admit", elsewhere.to_str().unwrap()])];

    // Once undisturbed, keeping the state before each step and the points it passes.
    let trace = scratch::folder(&format!("{name}_traces"));
    let mut work: Vec<(Office, &[Step], String)> = Vec::new();
    let office = base.copy(&format!("{name}_undisturbed"));
    let mut undisturbed = None;
    for (n, step) in chain.iter().enumerate() {
        let before = office.copy(&format!("{name}_before_{}", step.name));
        let points = passed(step, &office, &trace);
        if killed.contains(&step.name) {
            work.extend(points.into_iter().map(|point| (before.again(), &chain[n..], point)));
        }
        if step.name == "seal" {
            undisturbed = Some(outcome(&office));
            scratch::copy(&office.releases().join(&release), &elsewhere);
        }
    }
    let undisturbed = undisturbed.unwrap();
    let host = base.copy(&format!("{name}_host"));
    for point in passed(&admit[0], &host, &trace) {
        work.push((base.again(), &admit, point));
    }
    same(&outcome(&host), &undisturbed, "admit elsewhere, undisturbed");

    println!("{} fault points", work.len());
    let next = AtomicUsize::new(0);
    let failures = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some((before, steps, point)) = work.get(next.fetch_add(1, Ordering::SeqCst)) {
                    let what = format!("{} killed at {point}", steps[0].name);
                    let run = || disturbed(before, steps, point, &undisturbed);
                    match std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)) {
                        Ok(()) => println!("{what}: served throughout, completed, equal"),
                        Err(_) => failures.lock().unwrap().push(what),
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().unwrap();
    assert!(failures.is_empty(), "{} of {} fault points: {failures:#?}", failures.len(), work.len());
    println!("{} fault points killed, {:.0} s", work.len(), start.elapsed().as_secs_f64());
    let built = if catalogue.is_some() { "admit.commit.before" } else { "admit.current.rename" };
    let needed = [
        ("import", "commit"),
        ("publish", "rename"),
        ("seal", "signature"),
        ("withdraw", "commit"),
        ("admit", "checkpoint"),
        ("admit", built),
    ];
    for (step, word) in needed {
        assert!(
            !killed.contains(&step) || work.iter().any(|(_, steps, point)| steps[0].name == step && point.contains(word)),
            "{step} passes no fault point named {word}"
        );
    }
}

/// The distinct fault points a step passes, run to its end; of an import, which
/// commits file by file, the second passing of each, too.
fn passed(step: &Step, office: &Office, traces: &std::path::Path) -> Vec<String> {
    let path = traces.join(step.name);
    step.run(office, &[("BANSOS_FAULT_TRACE", path.to_str().unwrap())]).succeeds();
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    let mut points: Vec<String> = Vec::new();
    for point in text.lines() {
        if !points.iter().any(|known| known == point) {
            points.push(point.to_owned());
        } else if step.name == "import" && !points.contains(&format!("{point}#2")) {
            points.push(format!("{point}#2"));
        }
    }
    assert!(!points.is_empty(), "{} passed no fault point: are the binaries built with the feature test-hooks?", step.name);
    points
}

/// The first month's figures. Where PostgreSQL holds the catalogue, a withdrawal
/// takes rows away at once: until the server has looked, twice a second, it says
/// 503 rather than tell a list that may be short.
fn served(office: &Office, client: &http::Client) -> Vec<u8> {
    let until = std::time::Instant::now() + std::time::Duration::from_secs(5);
    loop {
        let answer = client.get(FIRST_MONTH);
        if answer.status == 200 || office.catalogue.is_none() || std::time::Instant::now() > until {
            return answer.is(200).body;
        }
        assert_eq!(answer.problem(503)["code"], "not-ready");
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
}

/// Kills the first of `steps` at `point` on a copy of `before`, runs it again,
/// then the steps after it.
fn disturbed(before: &Office, steps: &[Step], point: &str, undisturbed: &Outcome) {
    let step = &steps[0];
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let office = before.copy(&format!("fault_{}", COUNT.fetch_add(1, Ordering::SeqCst)));
    let server = office.serve();
    let client = server.client();
    let last = client.get(FIRST_MONTH).is(200).body;
    assert!(last == undisturbed.answers[FIRST_MONTH], "the first month is not served to begin with");

    let ran = step.run(&office, &[("BANSOS_FAULT", point)]);
    // The point may be passed by bansos-api, which bansos starts: then that is
    // killed, and bansos must say that it failed.
    let name = point.split('#').next().unwrap_or(point);
    assert!(ran.stderr.contains(&format!("fault point {name}: killed")), "not killed there: {}", ran.told());
    assert!(ran.killed() || ran.status.code().is_some_and(|code| code != 0), "killed, yet it claims success: {}", ran.told());
    assert!(served(&office, &client) == last, "the last release is not served after the kill");
    client.get("/readyz").is(200);
    // And by a server that starts on what the killed command left.
    let fresh = office.serve();
    assert!(fresh.client().get(FIRST_MONTH).is(200).body == last, "a new server does not serve the last release after the kill");
    drop(fresh);

    step.run(&office, &[]).succeeds();
    assert!(served(&office, &client) == last, "the last release is not served after the second run");
    drop(server);
    let mut seen = false;
    for step in steps {
        if step.name != steps[0].name && step.name != "withdraw" {
            step.run(&office, &[]).succeeds();
        }
        if step.name == "seal" || step.name == "admit" {
            same(&outcome(&office), undisturbed, point);
            seen = true;
        }
    }
    if !seen {
        // The release was withdrawn: once, and its answers are gone.
        let server = office.serve();
        server.client().get(&format!("/v1/releases/{DISTRICT}-{SECOND}")).problem(410);
        assert_eq!(server.client().get("/v1").is(200).json()["version"], 3, "one withdrawal, whatever was killed");
    }
    std::fs::remove_dir_all(office.data.parent().unwrap()).unwrap();
    office.catalogue.iter().for_each(|url| postgres::remove(url));
}
