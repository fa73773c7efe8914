//! The exporter against a small stand-in for the API, with the real Zola.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test, its helpers too")]

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use exporter::{Depth, Options, Summary};

/// The stand-in; it ends with the test.
struct FakeApi {
    child: Child,
    address: String,
}

impl FakeApi {
    fn start(arguments: &[&str]) -> FakeApi {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fake-api.mjs");
        let mut child =
            Command::new("node").arg(script).args(arguments).stdout(Stdio::piped()).spawn().expect("node 20 or newer is needed");
        let mut address = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut address).unwrap();
        FakeApi { child, address: address.trim().to_owned() }
    }
}

impl Drop for FakeApi {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Every page under a folder.
fn walk(folder: &Path) -> Vec<String> {
    let mut pages = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            pages.extend(walk(&path));
        } else {
            pages.push(std::fs::read_to_string(path).unwrap());
        }
    }
    pages
}

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn options(api: &FakeApi, data_dir: &Path) -> Options {
    Options {
        api: api.address.clone(),
        address: None,
        data_dir: data_dir.to_owned(),
        site_source: Some(source()),
        node: None,
        depth: Depth::default(),
    }
}

fn build(api: &FakeApi, data_dir: &Path, source: PathBuf) -> anyhow::Result<Summary> {
    exporter::build(&Options { site_source: Some(source), ..options(api, data_dir) })
}

fn read(data_dir: &Path, page: &str) -> String {
    std::fs::read_to_string(data_dir.join("site/current").join(page)).unwrap()
}

#[test]
fn the_site_is_built_in_both_languages_and_switched() {
    let data = tempfile::tempdir().unwrap();
    let api = FakeApi::start(&[]);
    let summary = build(&api, data.path(), source()).unwrap();
    // Home, areas, programs, risks, releases, data, dictionary, method, report, glossary; 2 districts with details, a list, a comparison, a report, releases and files,
    // of 4 kecamatan of 2 to 5 kelurahan;
    // 6 programs, of which Tangerang has no BLT; 6 releases each, and one again; two languages.
    assert_eq!(summary.pages, 2 * (10 + 14 + 8 + 28 + 6 + 6 + 5 + 13));
    assert_eq!(summary.version, 12);
    assert!(summary.requests < 2 * 50, "{} requests", summary.requests);

    let home = read(data.path(), "index.html");
    assert!(home.contains("<html lang=\"id\" data-version=\"12\">") && home.contains("data-simulated"));
    let ciledug = read(data.path(), "wilayah/kota-tangerang/ciledug/index.html");
    assert!(ciledug.contains("data-cell=\"totals|36.71.04.1001|PKH|2025-06|units|\""));
    let english = read(data.path(), "en/wilayah/kota-tangerang/ciledug/index.html");
    assert!(english.contains("<html lang=\"en\"") && english.contains("families"));
    for page in [
        "program/pkh",
        "data",
        "metode",
        "wilayah",
        "wilayah/kabupaten-natuna",
        "risiko",
        "risiko/kabupaten-natuna",
        "data/kamus",
        "data/kabupaten-natuna",
    ] {
        assert!(read(data.path(), &format!("{page}/index.html")).contains("<h1>"), "{page}");
        assert!(read(data.path(), &format!("en/{page}/index.html")).contains("<h1>"), "{page}");
    }
    assert!(read(data.path(), "404.html").contains("tidak ditemukan"));
    // Statuses are words, and none of them is a zero.
    let natuna = read(data.path(), "wilayah/kabupaten-natuna/index.html");
    assert!(natuna.contains("data-value=\"\" data-status=\"grouped\">gabungan<"));
    assert!(natuna.contains("data-value=\"\" data-status=\"withheld\">0–10<"));
    assert!(natuna.contains("data-cell=\"totals|21.03.01~21.03.02|YAPI|2025-06|units|\""), "the group's own figure");

    // Verification: classes in words, since when they stand, and a kecamatan shown with another.
    assert!(natuna.contains("data-cell=\"verification|21.03|PKH|2025-06|units|valid\"") && natuna.contains("keadaan April 2025"));
    assert!(natuna.contains("deceased~duplicate~ineligible~invalid~moved~no_card~not_found~other_name~refused"));
    assert!(natuna.contains("Lainnya, tidak dirinci: Meninggal, NIK terdaftar dua kali"), "what is behind others is told");
    let midai = read(data.path(), "wilayah/kabupaten-natuna/midai/index.html");
    assert!(midai.contains("data-cell=\"verification|21.03.01~21.03.02|PKH|2025-06|units|valid\""));
    assert!(midai.contains("Ditampilkan bersama: Midai, Bunguran Barat"));
    // What the office's checks say: spans, findings, desil with and without aid, complaints.
    for cell in [
        "freshness|21.03|PKH|2025-06|units|13-24~25+~never",
        "findings|21.03|PKH|2025-06|units|deceased",
        "findings|21.03|SEMUA|2025-06|records|invalid_nik",
        "deciles|21.03|SEMUA|2025-06|families|5",
        "targeting|21.03|SEMUA|2025-06|no_program|2~3~4",
    ] {
        assert!(natuna.contains(&format!("data-cell=\"{cell}\"")), "{cell}");
    }
    assert!(
        natuna.contains("320 keluarga di desil 1–4 tidak menerima bantuan.")
            && natuna.contains("48 keluarga di desil 6–10 menerima bantuan.")
    );
    assert!(natuna.contains(" menurut bagian yang tidak diperiksa dalam 12 bulan"));
    assert!(midai.contains("data-cell=\"freshness|21.03.01~21.03.02|PKH|2025-06|units|7-12\""), "the group's own figure");
    // Demographics, pairs, plan; rates with two decimals.
    let details = read(data.path(), "wilayah/kabupaten-natuna/rincian/index.html");
    assert!(details.contains("data-cell=\"demographics|21.03|PKH|2025-06|sex|*\"") && details.contains("Tidak dirinci"));
    assert!(details.contains("data-cell=\"overlaps|21.03|SEMBAKO|2025-06|both|PKH\" data-value=\"60\""));
    assert!(details.contains("data-cell=\"reports|21.03|SEMUA|2025-06|upheld|pungutan\""));
    // A picture stands above its table, after heading and key; what is hidden is a word in it.
    for (page, id) in
        [(&natuna, "pp"), (&natuna, "pv"), (&natuna, "pf"), (&natuna, "pt"), (&details, "psex"), (&details, "pg"), (&midai, "pf")]
    {
        let (before, after) = page.split_once(&format!("aria-labelledby=\"{id}-t")).unwrap_or_else(|| panic!("no picture {id}"));
        let section = before.rsplit("<h2").next().unwrap();
        let key = section.rfind("<ul class=\"key\"").unwrap_or_else(|| panic!("{id} has no key"));
        assert!(!section[key..].contains("<table") && after.contains("<table") && after.contains("format=csv"), "{id}");
    }
    assert!(midai.contains(" (gabungan)</text>"), "a picture of a group says so");
    assert!(natuna.contains("data-cell=\"plan|21.03|PKH|2025-06|planned_units|\""));
    let rate = details.split("|SEMBAKO|2025-06|units_per_10000_inhabitants|dukcapil-2024\"").nth(1).unwrap();
    let shown = rate.split('>').nth(1).unwrap().split('<').next().unwrap();
    assert_eq!(shown.split_once(',').unwrap().1.len(), 2, "{shown}");
    // A corrected release is marked wherever its figures stand.
    for page in ["index.html", "program/pkh/index.html", "wilayah/kota-tangerang/index.html", "wilayah/kota-tangerang/ciledug/index.html"] {
        assert!(read(data.path(), page).contains("Dikoreksi 2 Juli 2025: data terlambat masuk"), "{page}");
    }
    assert!(read(data.path(), "en/risiko/kota-tangerang/index.html").contains("Corrected 2 July 2025: data of the month came late"));
    assert!(!natuna.contains("Dikoreksi"));
    // A kelurahan: its figures, its rows summed up, and why some are not broken down; its neighbours.
    let village = read(data.path(), "wilayah/kota-tangerang/ciledug/ciledug-barat/index.html");
    for words in [
        "data-cell=\"totals|36.71.04.1003|PBI_JK|2025-06|units|\"",
        "data-cell=\"payments|36.71.04.1003|PBI_JK|2025-06|paid|\"",
        "data-cell=\"flows|36.71.04.1003|PBI_JK|2025-06|entered|\"",
        "<td data-derived=\"atoms\">11</td>",
        "18–59 tahun",
        "Kode QR menuju",
        "href=\"/program/pkh/kota-tangerang/\"",
        "rel=\"prev\" href=\"/wilayah/kota-tangerang/ciledug/ciledug-selatan/\"",
        "rel=\"next\" href=\"/wilayah/kota-tangerang/ciledug/ciledug-timur/\"",
    ] {
        assert!(village.contains(words), "{words}");
    }
    let pooled = walk(&data.path().join("site/current/wilayah")).iter().any(|page| page.contains("terlalu sedikit untuk dirinci sendiri"));
    assert!(pooled, "a kelurahan whose rows are pooled says with which");
    // A program in a district has a page; where nobody receives it, there is none.
    let program = read(data.path(), "program/pkh/kota-tangerang/index.html");
    assert!(program.contains("<svg class=\"map\"") && program.contains("data-cell=\"payments|36.71.04|PKH|2025-06|failed|\""));
    assert!(!data.path().join("site/current/program/blt-dd/kota-tangerang").exists());
    // Terms are linked where a page first says them; the search box has its names.
    assert!(read(data.path(), "metode/index.html").contains("<a href=\"/istilah/#siks-ng\">SIKS-NG</a>"));
    assert!(read(data.path(), "en/istilah/index.html").contains("<dt id=\"siks-ng\">"));
    assert_eq!(read(data.path(), "index.html").matches("/istilah/#bansos\"").count(), 1);
    assert!(read(data.path(), "cari/36.71.json").contains("[\"Ciledug\",\"ciledug/\",[[\"Ciledug Utara\",\"ciledug-utara/\"]"));
    assert!(read(data.path(), "cari/indeks.json").contains("[\"Kota Tangerang\",\"/wilayah/kota-tangerang/\",\"/cari/36.71.json\"]"));
    let sitemap = read(data.path(), "sitemap.xml");
    assert_eq!(sitemap.matches("<loc>").count(), summary.pages);
    assert!(sitemap.contains(&format!("<loc>{}/en/wilayah/kota-tangerang/banding/</loc>", api.address)));
    assert!(read(data.path(), "robots.txt").contains("/sitemap.xml"));
    assert!(read(data.path(), "lapor/index.html").contains("id=\"meninggal\""));
    // A card for the pages of others: its figure, whose it is, and no script.
    let card = read(data.path(), "sematkan/kota-tangerang/ciledug/pkh/index.html");
    for words in [
        "data-cell=\"totals|36.71.04|PKH|2025-06|units|\"",
        "noindex",
        "data-simulated",
        "target=\"_top\"",
        "href=\"/wilayah/kota-tangerang/ciledug/\"",
        "Juni 2025",
        "36.71-2025-06",
    ] {
        assert!(card.contains(words), "{words}");
    }
    assert!(!card.contains("<script") && card.len() < 5 * 1024);
    assert!(read(data.path(), "en/sematkan/kota-tangerang/pkh/index.html").contains("<html lang=\"en\""));
    let hidden = read(data.path(), "sematkan/kabupaten-natuna/midai/yapi/index.html");
    assert!(
        hidden.contains("data-value=\"\" data-status=\"grouped\">gabungan<") && hidden.contains("hanya ditampilkan bersama wilayah lain")
    );
    assert!(ciledug.contains("&lt;iframe src=") && ciledug.contains("sematkan"));
    assert!(!sitemap.contains("sematkan"), "cards are not for search engines");
    // A picture to share, the same bytes as long as the release is the same.
    let picture = |name: &str| std::fs::read(data.path().join("site/current/gambar").join(name)).unwrap();
    let shared = picture("kota-tangerang.id.png");
    assert!(shared.starts_with(b"\x89PNG") && shared.len() <= 60 * 1024, "{}", shared.len());
    assert_ne!(shared, picture("kota-tangerang.en.png"));
    assert!(!natuna.contains("og:image"), "an address of this machine is not told to others");
    // The risk report in words.
    let risk = read(data.path(), "risiko/kota-tangerang/index.html");
    for words in ["1 dari 11 kali", "1 dari 100 kali", "3% yang benar", "1 sampai 10 orang", "Angka tersembunyi", "YAPI"] {
        assert!(risk.contains(words), "{words}");
    }

    // Releases: how late, what a correction changed, and the feed.
    let releases = read(data.path(), "rilis/index.html");
    assert!(releases.contains("tepat waktu") && releases.contains("terlambat 12 hari (simulasi)"), "lateness in words");
    assert!(releases.contains("Juli 2025: 30 Agustus 2025"), "what is due next");
    let corrected = read(data.path(), "rilis/kota-tangerang/index.html");
    for words in [
        "Angka yang berubah: 14.",
        ">100</td>",
        ">112</td>",
        "/v1/releases/36.71-2025-05/changes/36.71-2025-06?format=csv",
        "district-36.71.vkey",
    ] {
        assert!(corrected.contains(words), "{words}");
    }
    // Each release has an address for good: what stands, what was said before, and what is no longer told.
    let stands = read(data.path(), "rilis/kota-tangerang/2025-03-r2/index.html");
    let value = |page: &str, name: &str| -> u64 {
        let (_, rest) = page.split_once(&format!("=\"{name}\" data-value=\"")).unwrap_or_else(|| panic!("no {name}"));
        rest.split('"').next().unwrap().parse().unwrap()
    };
    let said = read(data.path(), "rilis/kota-tangerang/2025-03/index.html");
    for name in ["totals|36.71.04|PKH|2025-03|units|", "payments|36.71|PKH|2025-03|paid|"] {
        assert_eq!(value(&said, &format!("36.71-2025-03|{name}")), value(&stands, name) + 1, "{name}");
    }
    assert!(!said.contains("data-cell=") && !stands.contains("data-was="));
    assert!(said.contains("Rilis ini tidak berlaku lagi.") && said.contains("href=\"/rilis/kota-tangerang/2025-03-r2/\""));
    assert!(stands.contains("Rilis ini menggantikan <a href=\"/rilis/kota-tangerang/2025-03/\""));
    let gone = read(data.path(), "rilis/kabupaten-natuna/2025-02/index.html");
    assert!(gone.contains("Ditarik: salah unggah.") && !gone.contains("data-value="));
    assert!(natuna.contains("Sumber: rilis <a href=\"/rilis/kabupaten-natuna/2025-06/\">21.03-2025-06</a>"));
    assert!(read(data.path(), "en/rilis/kabupaten-natuna/index.html").contains("No correction is in force."));
    // The list of recipients begins on the page of a kecamatan; programs that ask for it are on the data page.
    assert!(ciledug.contains("<tr data-row=\"36.71-2025Q2/PKH/") && ciledug.contains("<td class=\"n\" data-derived=\"atom\">11</td>"));
    assert!(ciledug.contains("Paling sedikit 11 baris dibuat sama"));
    let starts = read(data.path(), "data/index.html");
    assert!(starts.replace("&#x2F;", "/").contains(&format!("# &lt;curl.sh&gt;\n{}/v1</code>", api.address)));
    assert!(starts.contains("Power Query") && !starts.contains("{{host}}"));
    assert!(read(data.path(), "rilis/umpan.xml").contains("href=\"/rilis/umpan.xml\""));
    assert!(read(data.path(), "en/rilis/umpan.xml").contains("href=\"/en/rilis/umpan.xml\""));
    assert!(natuna.contains("href=\"/rilis/umpan.xml\" ") || natuna.contains("href=\"/rilis/umpan.xml\">"));

    // A second build replaces it, and the one before is kept.
    let again = build(&api, data.path(), source()).unwrap();
    assert_eq!(std::fs::read_dir(data.path().join("site/pictures")).unwrap().count(), 4, "a picture a district and language");
    assert_eq!(shared, std::fs::read(data.path().join("site/current/gambar/kota-tangerang.id.png")).unwrap());
    assert_ne!(again.folder, summary.folder);
    // Its tables and boundaries are known, since no district has another release.
    assert!(summary.requests > 60 && again.requests < summary.requests / 2, "{} requests, then {}", summary.requests, again.requests);
    // In a later version as well; a district that changed is read anew.
    let later = FakeApi::start(&["--version", "13", "--release", "36.71"]);
    let third = build(&later, data.path(), source()).unwrap();
    assert_eq!(third.version, 13);
    assert!(third.requests > again.requests + 10 && third.requests < summary.requests - 10, "{} requests", third.requests);
    assert!(again.folder.exists());
    assert_eq!(data.path().join("site/current").canonicalize().unwrap(), third.folder.canonicalize().unwrap());
}

#[test]
fn a_site_below_a_path_of_its_host_keeps_to_it() {
    let data = tempfile::tempdir().unwrap();
    let api = FakeApi::start(&[]);
    let address = Some("https://kota.example.go.id/bansos/".to_owned());
    exporter::build(&Options { address, ..options(&api, data.path()) }).unwrap();
    let natuna = read(data.path(), "wilayah/kabupaten-natuna/index.html");
    for words in [
        "<link rel=\"stylesheet\" href=\"/bansos/site.css?",
        "<script src=\"/bansos/site.js?",
        "<link rel=\"canonical\" href=\"https://kota.example.go.id/bansos/wilayah/kabupaten-natuna/\">",
        "href=\"/bansos/v1/recipients?area=21.03&amp;format=csv\"",
        "<meta property=\"og:image\" content=\"https://kota.example.go.id/bansos/gambar/kabupaten-natuna.id.png?21.03-2025-06\">",
        "<meta property=\"og:image:alt\" content=\"Peta kecamatan Kabupaten Natuna.",
    ] {
        assert!(natuna.contains(words), "{words}");
    }
    let card = read(data.path(), "sematkan/kabupaten-natuna/midai/pkh/index.html");
    assert!(card.contains("href=\"/bansos/embed.css?") && card.contains("href=\"/bansos/wilayah/kabupaten-natuna/midai/\""));
    let own = |page: &String| page.split(['<', '>']).any(|tag| tag.contains("href=\"/") && !tag.contains("href=\"/bansos/"));
    assert!(!walk(&data.path().join("site/current/wilayah")).iter().any(own), "a link that leaves the path");
    assert!(read(data.path(), "sitemap.xml").contains("<loc>https://kota.example.go.id/bansos/en/metode/</loc>"));
}

#[test]
fn areas_without_boundaries_have_everything_but_a_map() {
    let data = tempfile::tempdir().unwrap();
    let api = FakeApi::start(&["--spoil", "unmapped"]);
    build(&api, data.path(), source()).unwrap();
    let natuna = read(data.path(), "wilayah/kabupaten-natuna/index.html");
    assert!(!natuna.contains("<svg class=\"map\"") && !natuna.contains("/boundary\""), "no map, and no link to one");
    assert!(natuna.contains("data-cell=\"totals|21.03|PKH|2025-06|units|\""));
}

#[test]
fn a_country_is_told_by_province_and_down_to_kecamatan() {
    let data = tempfile::tempdir().unwrap();
    let api = FakeApi::start(&["--country", "40"]);
    let summary = exporter::build(&Options { depth: Depth::Kecamatan, ..options(&api, data.path()) }).unwrap();
    // Forty districts of three kecamatan in four provinces; see the first test for the rest.
    assert!(summary.requests < 40 * 50, "{} requests", summary.requests);
    let home = read(data.path(), "index.html");
    assert!(
        home.contains("href=\"/wilayah/provinsi-provinsi-2/\"") && !home.contains("/wilayah/kabupaten-21/"),
        "home names provinces alone"
    );
    let province = read(data.path(), "wilayah/provinsi-provinsi-2/index.html");
    assert!(province.contains("href=\"/wilayah/kabupaten-21/\"") && province.contains("href=\"/rilis/kabupaten-21/\""));
    assert!(!province.contains("/wilayah/kabupaten-31/"), "a district of another province");
    let program = read(data.path(), "program/pkh/provinsi-provinsi-2/index.html");
    assert!(program.contains("data-cell=\"totals|12.01|PKH|2025-06|units|\"") && program.contains("href=\"/program/pkh/kabupaten-21/\""));
    assert!(read(data.path(), "program/pkh/index.html").contains("href=\"/program/pkh/provinsi-provinsi-2/\""));
    // A kelurahan has a line on its kecamatan's page, to which all names lead.
    let kecamatan = "wilayah/kabupaten-21/kecamatan-1-kabupaten-21";
    assert!(!data.path().join("site/current").join(kecamatan).join("desa-1").exists());
    let page = read(data.path(), &format!("{kecamatan}/index.html"));
    assert!(
        page.contains("data-cell=\"totals|12.01.01.2001|PKH|2025-06|units|\"") && page.contains("id=\"k1201012001\""),
        "its figures are there"
    );
    assert!(read(data.path(), "wilayah/kabupaten-21/daftar-desa/index.html").contains(&format!("href=\"/{kecamatan}/#k1201012001\"")));
}

#[test]
fn the_old_site_stands_when_something_is_wrong() {
    let data = tempfile::tempdir().unwrap();
    let whole = FakeApi::start(&[]);
    let before = build(&whole, data.path(), source()).unwrap().folder;
    let current = || data.path().join("site/current").canonicalize().unwrap();

    // What is known of the whole one would hide what is wrong with the others.
    std::fs::remove_dir_all(data.path().join("site/known")).unwrap();
    let cut = FakeApi::start(&["--spoil", "cut"]);
    let error = format!("{:#}", build(&cut, data.path(), source()).unwrap_err());
    assert!(error.contains("breaks off"), "{error}");

    let other = FakeApi::start(&["--spoil", "file"]);
    let error = format!("{:#}", build(&other, data.path(), source()).unwrap_err());
    assert!(error.contains("atoms.ndjson has the sha256"), "{error}");
    let other = FakeApi::start(&["--spoil", "file-coverage"]);
    let error = format!("{:#}", build(&other, data.path(), source()).unwrap_err());
    assert!(error.contains("coverage.ndjson has the sha256"), "{error}");

    let without = FakeApi::start(&["--spoil", "boundary"]);
    let error = format!("{:#}", build(&without, data.path(), source()).unwrap_err());
    assert!(error.contains("boundary") && error.contains("not as documented"), "{error}");

    let sums = FakeApi::start(&["--spoil", "sums"]);
    let error = format!("{:#}", build(&sums, data.path(), source()).unwrap_err());
    assert!(error.contains("contradicts itself"), "{error}");

    assert!(!data.path().join("site/known").exists(), "nothing of a failed build is known to the next");

    // Templates that misprint a figure, lose one, lead nowhere, or are broken.
    for (find, replace, say) in [
        ("{{ line.cells | safe }}", "{{ line.cells | replace(from='</td>', to='1</td>') | safe }}", "reads"),
        ("{{ line.cells | safe }}", "{{ line.cells | replace(from='data-value=\"', to='data-value=\"0') | safe }}", "the API"),
        ("{{ line.cells | safe }}", "", "not on the page"),
        ("{{ self::tdn(c=class.cell) }}", "<td>1</td>", "not on the page"),
        ("/v1/statistics/flows", "/no/such/page", "leads nowhere"),
        ("w.flows_note", "w.no_such_word", "Zola failed"),
    ] {
        let spoilt = tempfile::tempdir().unwrap();
        copy(&source(), spoilt.path());
        let macros = spoilt.path().join("templates/macros.html");
        let text = std::fs::read_to_string(&macros).unwrap();
        assert!(text.contains(find), "{find}");
        std::fs::write(&macros, text.replace(find, replace)).unwrap();
        let error = format!("{:#}", build(&whole, data.path(), spoilt.path().to_owned()).unwrap_err());
        assert!(error.contains(say), "{say}: {error}");
    }
    // The page of a release that was replaced, which shows what others say as its own.
    let spoilt = tempfile::tempdir().unwrap();
    copy(&source(), spoilt.path());
    let issue = spoilt.path().join("templates/issue.html");
    let text = std::fs::read_to_string(&issue).unwrap();
    std::fs::write(
        &issue,
        text.replace("{{ d.rows | safe -}}", "{{ d.rows | replace(from='data-was=\"36.71-2025-03|', to='data-cell=\"') | safe -}}"),
    )
    .unwrap();
    let error = format!("{:#}", build(&whole, data.path(), spoilt.path().to_owned()).unwrap_err());
    assert!(error.contains("rilis/kota-tangerang/2025-03/") && error.contains("the API"), "{error}");
    // A card that does not say that its figure is made up.
    let spoilt = tempfile::tempdir().unwrap();
    copy(&source(), spoilt.path());
    let card = spoilt.path().join("embed.html");
    let text = std::fs::read_to_string(&card).unwrap();
    std::fs::write(&card, text.replace("{notice}", "")).unwrap();
    let error = format!("{:#}", build(&whole, data.path(), spoilt.path().to_owned()).unwrap_err());
    assert!(error.contains("does not show {notice}"), "{error}");
    assert_eq!(current(), before.canonicalize().unwrap());
}

#[test]
fn an_api_that_is_not_there_is_said_so() {
    let data = tempfile::tempdir().unwrap();
    let options = |api: &str| Options {
        api: api.into(),
        address: None,
        data_dir: data.path().to_owned(),
        site_source: Some(source()),
        node: None,
        depth: exporter::Depth::default(),
    };
    let error = format!("{:#}", exporter::build(&options("http://127.0.0.1:1")).unwrap_err());
    assert!(error.contains("does not answer"), "{error}");
    assert!(exporter::build(&options("localhost")).is_err());
}

/// The parts of the source that a build reads; the launcher is linked, so that
/// its packages are found.
fn copy(from: &Path, to: &Path) {
    for name in ["config.toml", "words.toml", "glossary.toml", "embed.html"] {
        std::fs::copy(from.join(name), to.join(name)).unwrap();
    }
    for name in ["templates", "sass", "static", "prose"] {
        std::fs::create_dir_all(to.join(name)).unwrap();
        for entry in std::fs::read_dir(from.join(name)).unwrap() {
            let entry = entry.unwrap();
            std::fs::copy(entry.path(), to.join(name).join(entry.file_name())).unwrap();
        }
    }
    std::os::unix::fs::symlink(from.join("tools"), to.join("tools")).unwrap();
}
