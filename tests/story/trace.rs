//! From a published row back to the person, and no further: an auditor traces
//! rows and proves them against the public commitment, whoever asked stands in
//! a log that cannot be changed unseen, and nothing else tells who stands where.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::office::{self, Office, Ran};
use crate::{prepared, scratch};

const DISTRICT: &str = "36.71";
const ASKS: [&str; 4] = ["--auditor", "Inspektorat Satu", "--letter", "700/12/2025"];

/// An office that has published two editions of one district.
fn published(name: &str) -> Office {
    let office = Office::open(name, None);
    office.bansos(&["import", prepared::simulated().join(DISTRICT).to_str().unwrap()]).succeeds();
    office.bansos(&["publish", "--all", "--by", "Operator Satu", "--yes"]).succeeds();
    office
}

fn trace(office: &Office, row: &str, more: &[&str]) -> Ran {
    office.bansos(&[&["trace", row][..], &ASKS, more].concat())
}

fn prove(proof: &Path, release: &Path, more: &[&str]) -> Ran {
    let mut command = Command::new(office::bansos_audit());
    command.arg("prove").arg(proof).arg("--release").arg(release).args(more);
    office::run(command, &scratch::print("prove"))
}

/// The value behind a word at the start of a line of what was shown.
fn shown<'a>(ran: &'a Ran, what: &str) -> &'a str {
    let line = ran.stdout.lines().find(|line| line.starts_with(what));
    line.unwrap_or_else(|| panic!("no {what} is shown: {}", ran.told()))[what.len()..].trim()
}

/// What a query of a district's registry gives, a line a row.
fn query(office: &Office, district: &str, sql: &str) -> Vec<Vec<String>> {
    let program = "import sqlite3, sys\n\
        base = sqlite3.connect(sys.argv[1])\n\
        for row in base.execute(sys.argv[2]): print('\\t'.join(x.hex() if isinstance(x, bytes) else str(x) for x in row))\n\
        base.commit()";
    let mut command = Command::new("python3");
    command.args(["-c", program]).arg(office.data.join(format!("registry/{district}.sqlite"))).arg(sql);
    let ran = office::run(command, &scratch::print("query")).succeeds();
    ran.stdout.lines().map(|line| line.split('\t').map(str::to_owned).collect()).collect()
}

/// The first row, one of the middle and the last of every program of a release.
fn rows(release: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(release.join("data/recipients.csv")).unwrap();
    let mut by_program: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for line in text.lines().skip(1) {
        let mut fields = line.split(',');
        let id = fields.next().unwrap();
        by_program.entry(fields.nth(1).unwrap()).or_default().push(id);
    }
    assert!(by_program.len() >= 3, "{} programs have rows", by_program.len());
    by_program.values().flat_map(|rows| [rows[0], rows[rows.len() / 2], rows[rows.len() - 1]].map(str::to_owned)).collect()
}

#[test]
fn rows_are_traced_proved_and_logged() {
    let office = published("trace");
    let keys = scratch::folder("trace-keys");
    std::fs::copy(office.data.join(format!("keys/district-{DISTRICT}.vkey")), keys.join(format!("district-{DISTRICT}.vkey"))).unwrap();
    let proofs = scratch::folder("trace-proofs");
    let release = |month: &str| office.releases().join(format!("{DISTRICT}-{month}"));
    let mut people: HashMap<String, (String, String)> = HashMap::new();
    let (mut receipts, mut count) = (Vec::new(), 0);
    // Rows of the second quarter, and one of the first by its later months.
    let mut wanted = rows(&release("2025-04"));
    wanted.push(rows(&release("2025-02"))[0].clone());
    for row in &wanted {
        let month = if row.contains("2025Q2") { "2025-04" } else { "2025-01" };
        let proof = proofs.join(format!("{count}.json"));
        count += 1;
        let ran = trace(&office, row, &["--proof", proof.to_str().unwrap()]).succeeds();
        assert!(ran.stderr.is_empty(), "more than standard output was written to: {}", ran.told());
        assert_eq!(shown(&ran, "row "), row);
        assert!(shown(&ran, "issued by").contains(&format!("{DISTRICT}-{month},")));
        let (nik, family, name) = (shown(&ran, "NIK"), shown(&ran, "family card"), shown(&ran, "name"));
        assert!(nik.len() == 16 && family.len() == 16 && !name.is_empty());
        shown(&ran, "address");
        people.insert(row.clone(), (nik.to_owned(), family.to_owned()));
        receipts.push(shown(&ran, "access log").rsplit(' ').next().unwrap().to_owned());

        // The imported file, read here, knows that person by that name in that kelurahan.
        let stored = query(
            &office,
            DISTRICT,
            &format!("SELECT name, kelurahan FROM dtks_rows WHERE nik = {} AND nokk = {}", nik.trim_start_matches('0'), family),
        );
        assert!(stored.iter().any(|fields| fields[0] == name), "the registry has another name for {row}");
        let kelurahan: String = shown(&ran, "kelurahan").split(", ").next().unwrap().chars().filter(char::is_ascii_digit).collect();
        assert!(stored.iter().any(|fields| fields[1] == kelurahan), "the registry has another kelurahan for {row}");

        assert_eq!(std::fs::metadata(&proof).unwrap().permissions().mode() & 0o777, 0o600);
        let json: serde_json::Value = serde_json::from_slice(&std::fs::read(&proof).unwrap()).unwrap();
        assert_eq!(json["release"], format!("{DISTRICT}-{month}"));
        assert_eq!(json["access"]["hash"], receipts.last().unwrap().as_str());
        let good = prove(&proof, &release(month), &["--keys", keys.to_str().unwrap()]).succeeds().says(&["proved:", "signed"]);
        assert!(!good.stdout.contains(nik) && !good.stdout.contains(name), "the auditor's program repeats the record: {}", good.told());
        prove(&proof, &release(month), &[]).succeeds().says(&["not checked: the district's signature"]);
    }
    let persons: HashSet<&(String, String)> = people.values().collect();
    assert!(persons.len() * 10 >= people.len() * 9, "{} rows lead to {} people", people.len(), persons.len());
    // Two places of one atom are two people, and asked again a row is the same.
    let (first, second) = (wanted[0].clone(), format!("{}02", wanted[0].strip_suffix("01").unwrap()));
    let other = trace(&office, &second, &[]).succeeds();
    assert_ne!(shown(&other, "NIK"), people[&first].0);
    assert_eq!(shown(&trace(&office, &first, &[]).succeeds(), "NIK"), people[&first].0);

    what_is_changed_is_not_proved(&proofs, &release("2025-04"), &release("2025-03"), &keys);
    refusals_are_logged(&office);

    // Everybody who asked stands in the log, which names what was changed in it.
    let log =
        office.bansos(&["trace", "--log", "--area", DISTRICT]).succeeds().says(&["the chain holds", "Inspektorat Satu", "700/12/2025"]);
    assert!(!log.stdout.contains(&people[&first].0), "the log holds a NIK");
    for receipt in [&receipts[0], receipts.last().unwrap()] {
        office.bansos(&["trace", "--log", "--receipt", receipt]).succeeds();
    }
    office.bansos(&["trace", "--log", "--receipt", &"0".repeat(64)]).fails().says(&["no entry"]);
    let json = office.bansos(&["trace", "--log", "--json"]).succeeds();
    let json: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    let entries = json[0]["entries"].as_array().unwrap();
    assert_eq!((entries.len(), &json[0]["intact"]), (count + 2 + 3, &true.into()));
    assert!(entries.iter().all(|entry| entry["hash"].as_str().unwrap().len() == 64));
    nobody_but_registry_and_proof_tells(&office, &people);
    a_changed_log_is_named(&office, &receipts[1]);
}

/// One changed byte, another release, another row: each fails, in words and by
/// exit status 1.
fn what_is_changed_is_not_proved(proofs: &Path, release: &Path, later: &Path, keys: &Path) {
    let good: serde_json::Value = serde_json::from_slice(&std::fs::read(proofs.join("0.json")).unwrap()).unwrap();
    let file = proofs.join("changed.json");
    let flipped = |text: &str, at: usize| {
        let mut bytes = text.as_bytes().to_vec();
        bytes[at] = if bytes[at] == b'1' { b'2' } else { b'1' };
        String::from_utf8(bytes).unwrap()
    };
    let changed = |field: &str, value: serde_json::Value| {
        let mut proof = good.clone();
        assert_ne!(proof[field], value);
        proof[field] = value;
        std::fs::write(&file, serde_json::to_vec(&proof).unwrap()).unwrap();
        let ran = prove(&file, release, &["--keys", keys.to_str().unwrap()]);
        assert_eq!(ran.status.code(), Some(1), "{field} was changed: {}", ran.told());
        assert!(ran.stdout.contains("NOT proved") && ran.stdout.contains("WRONG"), "{}", ran.told());
        ran
    };
    let record = good["record"].as_str().unwrap();
    let of_nik = record.find("\"nik\":\"").unwrap() + 20;
    changed("record", flipped(record, of_nik).into()).says(&["do not lead to the commitment"]);
    changed("record", format!("{record} ").into()).says(&["do not lead to the commitment"]);
    for at in [0, 31, 63] {
        changed("salt", flipped(good["salt"].as_str().unwrap(), at).into()).says(&["do not lead to the commitment"]);
        changed("root", flipped(good["root"].as_str().unwrap(), at).into()).says(&["not those of the commitment"]);
    }
    let path = good["path"].as_array().unwrap();
    for step in 0..path.len() {
        let mut other = path.clone();
        other[step] = flipped(path[step].as_str().unwrap(), step).into();
        changed("path", other.into()).says(&["do not lead to the commitment"]);
    }
    changed("path", path[1..].to_vec().into());
    changed("leaf_index", (good["leaf_index"].as_u64().unwrap() ^ 1).into()).says(&["do not lead to the commitment"]);
    changed("tree_size", (good["tree_size"].as_u64().unwrap() + 1).into()).says(&["not those of the commitment"]);
    // The office cannot show another recipient's record for the row.
    let elsewhere: serde_json::Value = serde_json::from_slice(&std::fs::read(proofs.join("1.json")).unwrap()).unwrap();
    changed("row", elsewhere["row"].clone()).says(&["does not fit", "row"]);
    let row = good["row"].as_str().unwrap();
    changed("row", format!("{}99999", row.strip_suffix("01").unwrap()).into()).says(&["has no row"]);
    changed("release", later.file_name().unwrap().to_str().unwrap().into()).says(&["give the folder of the release"]);
    // Not readable: status 2.
    std::fs::write(&file, "{}").unwrap();
    assert_eq!(prove(&file, release, &[]).status.code(), Some(2));

    let proof = proofs.join("0.json");
    prove(&proof, later, &[]).fails().says(&["give the folder of the release that first published these rows"]);
    let copy = scratch::folder("trace-altered").join(release.file_name().unwrap());
    scratch::copy(release, &copy);
    let manifest = std::fs::read_to_string(copy.join("manifest.json")).unwrap();
    std::fs::write(copy.join("manifest.json"), manifest.replacen("\"created_at\":\"2", "\"created_at\":\"3", 1)).unwrap();
    prove(&proof, &copy, &["--keys", keys.to_str().unwrap()]).fails().says(&["another manifest"]);
    scratch::copy(&release.join("manifest.json"), &copy.join("manifest.json"));
    prove(&proof, &copy, &["--keys", keys.to_str().unwrap()]).succeeds();
    let totals = copy.join("data/totals.csv");
    let text = std::fs::read_to_string(&totals).unwrap();
    std::fs::remove_file(&totals).unwrap();
    std::fs::write(&totals, text + "\n").unwrap();
    prove(&proof, &copy, &[]).fails().says(&["totals.csv", "changed"]);
}

fn refusals_are_logged(office: &Office) {
    for (row, words) in [
        (format!("{DISTRICT}-2025Q2/PKH/99999/01"), "has no atom"),
        (format!("{DISTRICT}-2025Q2/PKH/00001/9999"), "places"),
        (format!("{DISTRICT}-2031Q4/PKH/00001/01"), "no sealed release"),
    ] {
        let ran = trace(office, &row, &[]).fails().says(&[words]);
        assert!(ran.stdout.is_empty(), "{}", ran.told());
        office.bansos(&["trace", "--log", "--area", DISTRICT]).succeeds().says(&[&row, "refused: "]);
    }
    // What cannot be asked is not: no name, no letter, no such form, no registry here.
    let row = format!("{DISTRICT}-2025Q2/PKH/00001/01");
    for args in [
        &["trace", &row][..],
        &["trace", &row, "--auditor", "Inspektorat Satu"],
        &["trace", &row, "--letter", "700/12/2025"],
        &["trace", &row, "--auditor", " ", "--letter", "700/12/2025"],
        &["trace", &row, "--auditor", "Inspektorat Satu", "--letter", ""],
        &["trace", "36.71-2025Q2/PKH/1/1", "--auditor", "Inspektorat Satu", "--letter", "700/12/2025"],
        &["trace", "12.02-2025Q2/PKH/00001/01", "--auditor", "Inspektorat Satu", "--letter", "700/12/2025"],
    ] {
        let ran = office.bansos(args).fails();
        assert!(ran.stdout.is_empty(), "{}", ran.told());
    }
    assert!(!office.data.join("registry/12.02.sqlite").exists(), "a registry was made by asking");
    let inside = office.data.join("releases/proof.json");
    trace(office, &row, &["--proof", inside.to_str().unwrap()]).fails().says(&["outside the data folder"]);
    assert!(!inside.exists());
}

/// Neither what is published nor what commands say, but the trace itself,
/// holds the people who were traced.
fn nobody_but_registry_and_proof_tells(office: &Office, people: &HashMap<String, (String, String)>) {
    let mut files: Vec<PathBuf> = scratch::files(&office.data);
    files.retain(|file| !file.starts_with(office.data.join("registry")));
    let prints = scratch::files(&office.prints);
    let (asked, other): (Vec<PathBuf>, Vec<PathBuf>) =
        prints.into_iter().partition(|file| file.file_name().unwrap().to_string_lossy().ends_with("-trace.out"));
    files.extend(other);
    let numbers = aho_corasick::AhoCorasick::new(people.values().flat_map(|(nik, family)| [nik, family])).unwrap();
    for file in &files {
        assert!(!numbers.is_match(&std::fs::read(file).unwrap()), "{} holds a traced person", file.display());
    }
    // The search can find: what was shown holds them.
    assert!(asked.iter().any(|file| numbers.is_match(&std::fs::read(file).unwrap())));
}

fn a_changed_log_is_named(office: &Office, receipt: &str) {
    let check = |name: &str, statements: &[&str], words: &[&str]| {
        let copy = office.copy(&format!("trace-log-{name}"));
        for statement in statements {
            query(&copy, DISTRICT, statement);
        }
        copy.bansos(&["trace", "--log"]).fails().says(words);
        let json = copy.bansos(&["trace", "--log", "--json", "--area", DISTRICT]).fails();
        let json: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
        assert!(json[0]["intact"] == false && json[0]["broken"].as_str().unwrap().contains(words[0]), "{json}");
    };
    let open = ["DROP TRIGGER access_log_is_not_changed", "DROP TRIGGER access_log_is_not_shortened"];
    check("altered", &[open[0], "UPDATE access_log SET auditor = 'Orang Lain' WHERE sequence = 3"], &["entry 3 was altered"]);
    check("removed", &[open[1], "DELETE FROM access_log WHERE sequence = 2"], &["entry 2 is missing"]);
    check(
        "relinked",
        &[open[0], "UPDATE access_log SET previous = substr(hash, 1, 64) WHERE sequence = 4"],
        &["entry 4 does not follow entry 3"],
    );
    // Cut off at its end a chain still holds; the auditor's receipt tells.
    let cut = office.copy("trace-log-cut");
    query(&cut, DISTRICT, open[1]);
    query(&cut, DISTRICT, "DELETE FROM access_log WHERE sequence > 1");
    cut.bansos(&["trace", "--log"]).succeeds();
    cut.bansos(&["trace", "--log", "--receipt", receipt]).fails().says(&["removed or written anew"]);
}

/// Killed anywhere, nothing is shown of which the log has no entry.
#[test]
fn killed_at_every_point_what_was_shown_is_logged() {
    let office = published("trace-faults");
    let row = format!("{DISTRICT}-2025Q1/PKH/00001/01");
    let proof = scratch::folder("trace-faults-proof").join("proof.json");
    let args = [&["trace", row.as_str()][..], &ASKS, &["--proof", proof.to_str().unwrap()]].concat();
    let points = scratch::print("trace-points");
    office.run(&office::bansos(), &args, &[("BANSOS_FAULT_TRACE", points.to_str().unwrap())]).succeeds();
    let text = std::fs::read_to_string(&points).unwrap();
    let points: Vec<&str> = text.lines().collect();
    assert!(points.contains(&"trace.commit.before") && points.contains(&"trace.proof.rename"), "{points:?}");
    let entries = || query(&office, DISTRICT, "SELECT count(*) FROM access_log")[0][0].parse::<usize>().unwrap();
    for point in points {
        std::fs::remove_file(&proof).ok();
        let before = entries();
        let ran = office.run(&office::bansos(), &args, &[("BANSOS_FAULT", point)]);
        assert!(ran.killed(), "not killed at {point}: {}", ran.told());
        assert!(ran.stdout.is_empty(), "killed at {point}, it had shown something already");
        let logged = entries() - before;
        assert_eq!(logged, usize::from(point != "trace.commit.before"), "entries after a kill at {point}");
        assert!(!proof.exists() || logged == 1, "a proof without an entry, killed at {point}");
        office.bansos(&["trace", "--log"]).succeeds();
    }
    // A withdrawn edition is still traced, and still proved by its folder.
    office.bansos(&["withdraw", &format!("{DISTRICT}-2025-04"), "--reason", "Uji", "--by", "Kepala Seksi"]).succeeds();
    let withdrawn = format!("{DISTRICT}-2025Q2/PKH/00001/01");
    trace(&office, &withdrawn, &["--proof", proof.to_str().unwrap()]).succeeds();
    let folder = office.releases().join(format!("{DISTRICT}-2025-04"));
    if folder.exists() {
        prove(&proof, &folder, &[]).succeeds();
    }
}

/// A correction issues some rows anew and keeps the others as they were: both
/// are traced and proved, and the rows that it took the place of still are.
#[test]
fn rows_of_a_corrected_edition_are_traced_whether_new_or_kept() {
    let office = Office::open("trace-corrected", None);
    let dtks = prepared::dtks(DISTRICT, "2025-01");
    let folder = scratch::folder("trace-corrected-files");
    let late = dtks.rows.len() * 45 / 1_000;
    let mut seen = 0;
    let first = dtks.rows.iter().filter(|row| {
        seen += usize::from(row.to_lowercase().contains("karawaci"));
        !row.to_lowercase().contains("karawaci") || seen > late
    });
    let first: Vec<&str> = first.map(String::as_str).collect();
    for (rows, name) in [(first, "first.csv"), (dtks.rows.iter().map(String::as_str).collect(), "late.csv")] {
        std::fs::write(folder.join(name), format!("{}{}\n", dtks.head, rows.join("\n"))).unwrap();
    }
    let import = |name: &str| {
        office.bansos(&["import", folder.join(name).to_str().unwrap(), "--area", DISTRICT, "--period", "2025-01"]).succeeds();
    };
    import("first.csv");
    office.bansos(&["publish", "--all", "--by", "Operator Satu", "--yes"]).succeeds();
    import("late.csv");
    let issues = [format!("{DISTRICT}-2025-01"), format!("{DISTRICT}-2025-01-r2")];
    office.bansos(&["publish", "--revise", &issues[0], "--reason", "late-data", "--by", "Operator Satu", "--yes"]).succeeds();
    let manifest = std::fs::read(office.releases().join(&issues[1]).join("manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
    assert_eq!((&manifest["edition"], &manifest["rows_from"]), (&"2025Q1-r2".into(), &issues[1].as_str().into()));
    let proof = folder.join("proof.json");
    for issue in &issues {
        let release = office.releases().join(issue);
        let text = std::fs::read_to_string(release.join("data/recipients.csv")).unwrap();
        let ids: Vec<&str> = text.lines().skip(1).map(|line| line.split(',').next().unwrap()).collect();
        for row in ids.iter().step_by(ids.len() / 30) {
            trace(&office, row, &["--proof", proof.to_str().unwrap()]).succeeds();
            prove(&proof, &release, &[]).succeeds().says(&["proved:"]);
        }
    }
}

/// Pearson's r of pairs times the square root of their number: near a standard
/// normal where it is chance.
fn agreement(pairs: &[(f64, f64)]) -> f64 {
    let n = pairs.len() as f64;
    let (x, y) = pairs.iter().fold((0.0, 0.0), |(x, y), pair| (x + pair.0 / n, y + pair.1 / n));
    let (mut xy, mut xx, mut yy) = (0.0, 0.0, 0.0);
    for pair in pairs {
        let (dx, dy) = (pair.0 - x, pair.1 - y);
        (xy, xx, yy) = (xy + dx * dy, xx + dx * dx, yy + dy * dy);
    }
    xy / (xx * yy).sqrt() * n.sqrt()
}

/// The people of atoms by place; an atom by district, program and number.
type Atoms = BTreeMap<(String, String, u32), Vec<u64>>;

/// Places within an atom, as a share of it, against the people's rank by `key`.
fn against(atoms: &Atoms, key: impl Fn(u64) -> u64) -> f64 {
    let mut pairs = Vec::new();
    for people in atoms.values() {
        let mut ranked = people.clone();
        ranked.sort_unstable_by_key(|nik| key(*nik));
        let rank: HashMap<u64, usize> = ranked.into_iter().zip(0..).collect();
        let share = |at: usize| (at as f64 + 0.5) / people.len() as f64 - 0.5;
        pairs.extend(people.iter().enumerate().map(|(place, nik)| (share(place), share(rank[nik]))));
    }
    agreement(&pairs)
}

/// Five standard deviations: chance goes so far once in a million runs.
const CHANCE: f64 = 5.0;

#[test]
fn a_place_tells_nothing_of_the_registry_nor_of_the_edition_before() {
    let office = &prepared::published().office;
    let mut editions: BTreeMap<String, Atoms> = BTreeMap::new();
    let mut first_seen: HashMap<u64, u64> = HashMap::new();
    for (number, district) in (0u64..).zip(prepared::DISTRICTS) {
        for fields in query(office, district, "SELECT edition, program, atom, places FROM row_place") {
            let byte = |at: usize| u64::from(u8::from_str_radix(&fields[3][at * 2..at * 2 + 2], 16).unwrap());
            let people = (0..fields[3].len() / 16).map(|place| (0..8).fold(0, |nik, at| nik | byte(place * 8 + at) << (8 * at)));
            let atom = (district.to_owned(), fields[1].clone(), fields[2].parse().unwrap());
            editions.entry(fields[0].clone()).or_default().insert(atom, people.collect());
        }
        for fields in query(office, district, "SELECT nik, min(id) FROM dtks_rows GROUP BY nik") {
            first_seen.insert(fields[0].parse().unwrap(), number << 60 | fields[1].parse::<u64>().unwrap());
        }
    }
    let (first, second) = (&editions["2025Q1"], &editions["2025Q2"]);
    for atoms in [first, second] {
        let (by_nik, by_order) = (against(atoms, |nik| nik), against(atoms, |nik| first_seen[&nik]));
        let people: usize = atoms.values().map(Vec::len).sum();
        println!("{} atoms, {people} rows: place and NIK {by_nik:.2}, place and order of import {by_order:.2} deviations", atoms.len());
        assert!(by_nik.abs() < CHANCE && by_order.abs() < CHANCE, "places follow NIK ({by_nik}) or import ({by_order})");
    }

    // The same people in two editions: as a share of their atoms, and by number.
    let where_in = |atoms: &Atoms| -> HashMap<(String, u64), (usize, usize)> {
        let places = atoms.iter().flat_map(|((_, program, _), people)| {
            people.iter().enumerate().map(move |(place, nik)| ((program.clone(), *nik), (place, people.len())))
        });
        places.collect()
    };
    let (before, after) = (where_in(first), where_in(second));
    let share = |(place, size): (usize, usize)| (place as f64 + 0.5) / size as f64;
    let both: Vec<_> = before.iter().filter_map(|(who, was)| Some((*was, *after.get(who)?))).collect();
    let pairs: Vec<(f64, f64)> = both.iter().map(|(was, is)| (share(*was), share(*is))).collect();
    let kept = both.iter().filter(|(was, is)| was.0 == is.0).count() as f64;
    let (mean, variance) = both.iter().filter(|(was, is)| was.0 < is.1).fold((0.0, 0.0), |(mean, variance), (_, is)| {
        let p = 1.0 / is.1 as f64;
        (mean + p, variance + p * (1.0 - p))
    });
    let (follows, keeps) = (agreement(&pairs), (kept - mean) / f64::sqrt(variance));
    println!("{} people in both editions: {follows:.2} deviations; {kept} keep their place, chance has it {mean:.0}", both.len());
    assert!(both.len() > 1_000, "{} people stand in both editions", both.len());
    assert!(follows.abs() < CHANCE && keeps.abs() < CHANCE, "places of two editions agree: {follows}, {keeps}");

    // The check sees an order that is none: people in the order of their NIK.
    let sorted = first.iter().map(|(atom, people)| {
        let mut people = people.clone();
        people.sort_unstable();
        (atom.clone(), people)
    });
    assert!(against(&sorted.collect(), |nik| nik) > 10.0 * CHANCE);
}
