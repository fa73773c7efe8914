//! The operator's promises: the same file twice changes nothing, a snapshot
//! that shrinks asks first, an import can be taken back until it is sealed, a
//! draft is nobody's but the office's, a second person seals it, and what is
//! withdrawn is gone with its reason.

use std::path::{Path, PathBuf};

use crate::figures::Release;
use crate::office::{self, Office, Ran};
use crate::{prepared, scratch};

const DISTRICT: &str = "12.74";
const FIRST: &str = "2025-01";
const SECOND: &str = "2025-02";

fn import(office: &Office, path: &Path, more: &[&str]) -> Ran {
    let mut args = vec!["import", path.to_str().unwrap()];
    args.extend(more);
    office.bansos(&args)
}

/// What the office would publish of a month, as the data files of a draft.
fn draft(office: &Office, period: &str) -> Vec<(String, Vec<u8>)> {
    office.bansos(&["publish", "--area", DISTRICT, "--period", period, "--by", "Operator Satu", "--draft"]).succeeds();
    data_files(&office.data.join(format!("drafts/{DISTRICT}-{period}")))
}

/// The names and bytes of a release folder's data files.
pub fn data_files(release: &Path) -> Vec<(String, Vec<u8>)> {
    let files = scratch::files(&release.join("data"));
    assert!(!files.is_empty(), "{} has no data files", release.display());
    files.iter().map(|file| (file.file_name().unwrap().to_str().unwrap().to_owned(), std::fs::read(file).unwrap())).collect()
}

#[test]
fn the_same_file_twice_changes_nothing_and_says_so() {
    let office = Office::open("idempotent", None);
    let month = prepared::month(DISTRICT, FIRST);
    import(&office, &month, &[]).succeeds();
    let before = draft(&office, FIRST);
    import(&office, &month, &[]).succeeds().says(&["0 new"]);
    let after = draft(&office, FIRST);
    for (one, other) in before.iter().zip(&after) {
        assert!(one == other, "{} differs after the same files were imported again", one.0);
    }
}

/// The DTKS file of a month with its last rows left out.
fn shrunk(name: &str, period: &str, kept_of_ten: usize) -> PathBuf {
    let dtks = prepared::dtks(DISTRICT, period);
    let path = scratch::folder(name).join("dtks.csv");
    std::fs::write(&path, dtks.head + &dtks.rows[..dtks.rows.len() * kept_of_ten / 10].join("\n") + "\n").unwrap();
    path
}

#[test]
fn a_snapshot_that_shrinks_asks_first() {
    let office = Office::open("shrinks", None);
    import(&office, &prepared::month(DISTRICT, FIRST), &[]).succeeds();
    let small = shrunk("shrinks-file", SECOND, 7);
    let place = ["--area", DISTRICT, "--period", SECOND];
    import(&office, &small, &place).fails().says(&["--confirm", "dtks.csv"]);
    // Nothing was kept: there is no second month to publish.
    office.bansos(&["publish", "--area", DISTRICT, "--period", SECOND, "--by", "Operator Satu", "--draft"]).fails();
    import(&office, &small, &[&place[..], &["--confirm"]].concat()).succeeds();
    // In a snapshot, absence means left.
    office.bansos(&["publish", "--all", "--by", "Operator Satu", "--yes"]).succeeds();
    let release = Release::read(&office.releases().join(format!("{DISTRICT}-{SECOND}")));
    let left: u64 = release
        .figures
        .iter()
        .filter(|(key, _)| key.table == "flows" && key.measure == "left" && key.area == DISTRICT)
        .filter_map(|(_, figure)| figure.value)
        .sum();
    assert!(left > 0, "three rows in ten are absent, yet nobody left");
}

/// The import's number, from its summary.
pub fn number(ran: &Ran) -> String {
    let words: Vec<&str> =
        ran.stdout.split(|c: char| c.is_whitespace() || matches!(c, ':' | ',' | '#')).filter(|word| !word.is_empty()).collect();
    words
        .windows(2)
        .find(|pair| pair[0].eq_ignore_ascii_case("import") && pair[1].chars().all(|c| c.is_ascii_digit()))
        .unwrap_or_else(|| panic!("the summary names no `import N`: {}", ran.told()))[1]
        .to_owned()
}

#[test]
fn an_import_is_taken_back_until_it_is_sealed() {
    let office = Office::open("undo", None);
    let dtks = prepared::month(DISTRICT, FIRST).join("dtks.csv");
    let place = ["--area", DISTRICT, "--period", FIRST];
    let ran = import(&office, &dtks, &place).succeeds();
    let whole = draft(&office, FIRST);
    office.bansos(&["import", "--area", DISTRICT, "--undo", &number(&ran)]).succeeds();
    office.bansos(&["publish", "--area", DISTRICT, "--period", FIRST, "--by", "Operator Satu", "--draft"]).fails();

    let again = import(&office, &dtks, &place).succeeds();
    assert!(draft(&office, FIRST) == whole, "the import after an undo gives other figures than the first");
    office.bansos(&["seal", &format!("{DISTRICT}-{FIRST}"), "--by", "Kepala Seksi"]).succeeds();
    office.bansos(&["import", "--area", DISTRICT, "--undo", &number(&again)]).fails().says(&["seal"]);
}

/// Drafts made out of order: the later month's knows nothing of the earlier
/// one's rows, so sealing it would break the edition and the chain.
#[test]
fn a_draft_that_does_not_follow_the_last_sealed_release_is_made_again() {
    let office = Office::open("stale-draft", None);
    for period in [FIRST, SECOND] {
        import(&office, &prepared::month(DISTRICT, period), &[]).succeeds();
    }
    draft(&office, SECOND);
    draft(&office, FIRST);
    let seal = |period: &str| office.bansos(&["seal", &format!("{DISTRICT}-{period}"), "--by", "Kepala Bidang"]);
    seal(FIRST).succeeds();
    seal(SECOND).fails().says(&["does not follow", "publish it again"]);
    assert!(!office.releases().join(format!("{DISTRICT}-{SECOND}")).exists(), "a stale draft was moved to the releases");
    draft(&office, SECOND);
    seal(SECOND).succeeds();
}

#[test]
fn a_draft_is_previewed_then_sealed_by_another_then_withdrawn() {
    let office = Office::open("sealing", None);
    import(&office, &prepared::month(DISTRICT, FIRST), &[]).succeeds();
    import(&office, &prepared::month(DISTRICT, SECOND), &[]).succeeds();
    let first = format!("{DISTRICT}-{FIRST}");
    office.bansos(&["publish", "--area", DISTRICT, "--period", FIRST, "--by", "Operator Satu", "--yes"]).succeeds();
    let server = office.serve();
    server.client().get("/readyz").is(200);

    let release = format!("{DISTRICT}-{SECOND}");
    let folder = office.releases().join(&release);
    office.bansos(&["publish", "--area", DISTRICT, "--period", SECOND, "--by", "Operator Satu", "--draft"]).succeeds();
    assert!(!folder.exists(), "a draft is among the releases");
    server.client().get(&format!("/v1/releases/{release}")).problem(404);

    {
        let preview = office.serve_by(&office::bansos(), &["--draft", &release]);
        let shown = preview.client().get(&format!("/v1/releases/{release}")).is(200).json();
        assert_eq!(shown["release"], release.as_str(), "the preview does not show the draft");
        preview.client().get(&format!("/v1/releases/{first}")).is(200);
        let client = preview.client().clone();
        drop(preview);
        // bansos-api is its child, and ends with it.
        assert!(client.silent(), "`bansos serve` has ended, but the preview of the draft is still served");
    }
    server.client().get(&format!("/v1/releases/{release}")).problem(404);

    office.bansos(&["seal", &release, "--by", "Operator Satu"]).fails().says(&["same person"]);
    office.bansos(&["seal", &release, "--by", "operator satu "]).fails();
    assert!(!folder.exists(), "the publisher sealed their own draft");
    office.bansos(&["seal", &release, "--by", "Kepala Seksi"]).succeeds();
    assert!(folder.join("manifest.sig").exists());
    // Served without a restart.
    server.client().wait(&format!("/v1/releases/{release}"), 200);
    let current = |path: &str| server.client().get(path).is(200).json();
    assert_eq!(current("/v1/releases?area=12.74")["data"][0]["release"], release.as_str(), "newest first");
    let pinned = server.client().get(&format!("/v1/statistics/totals?area={DISTRICT}&period={SECOND}&version=1&format=csv")).is(200);
    assert_eq!(pinned.text().lines().count(), 1, "version 1 held the first month alone: {}", pinned.start());

    office.bansos(&["withdraw", &release, "--by", "Kepala Seksi"]).fails();
    office.bansos(&["withdraw", &release, "--reason", "Salah muat: data uji KANTOR", "--by", "Kepala Seksi"]).succeeds();
    let gone = server.client().wait(&format!("/v1/releases/{release}"), 410).problem(410);
    assert!(gone["detail"].as_str().unwrap().contains("Salah muat"), "410 without the reason: {gone}");
    server.client().get(&format!("/v1/datasets/recipients/{release}/recipients.csv")).problem(410);
    let rows = server.client().get(&format!("/v1/statistics/totals?area={DISTRICT}&period={SECOND}&format=csv")).is(200);
    assert_eq!(rows.text().lines().count(), 1, "figures of a withdrawn release are answered: {}", rows.start());
    server.client().get(&format!("/v1/releases/{first}")).is(200);
    assert!(current("/v1")["version"].as_u64() == Some(3), "two admissions and a withdrawal make version 3");
}
