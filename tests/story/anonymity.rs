//! Twelve months of a district: nothing of few can be computed from all releases
//! and corrections together, and nothing of anybody who came, went or changed,
//! also where what happens is made to be found.
//!
//! `BANSOS_LONG=1` takes ten times as many people; `BANSOS_SEED` other ones.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::differences::{Compared, differences};
use crate::made_up::{AREA, DECEASED, District, INVALID, NO_CARD, NOT_FOUND, OTHER_NAME, UNCHECKED, VALID};
use crate::office::{self, Office, Ran};
use crate::prepared::dtks_records;
use crate::scratch;

/// The script that computes what is hidden.
fn hidden_numbers(arguments: &[&str]) -> Ran {
    let mut command = Command::new("python3");
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("attack/hidden_numbers.py")).args(arguments);
    office::run(command, &scratch::print("hidden-numbers"))
}

/// Attacks every release of a district, by the product's own attacks and by the
/// script; `deep` asks the script for kelurahan, too.
pub fn attacked(office: &Office, district: &str, deep: bool) {
    let folders: Vec<PathBuf> = std::fs::read_dir(office.releases())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with(district))
        .collect();
    let mut command = Command::new(office::bansos_audit());
    command.arg("attack").args(&folders);
    office::run(command, &scratch::print("audit-attack")).succeeds();
    let mut arguments: Vec<&str> = folders.iter().map(|folder| folder.to_str().unwrap()).collect();
    arguments.push("--same-holder");
    if deep {
        arguments.push("--deep");
    }
    let ran = hidden_numbers(&arguments);
    println!("{}", ran.stdout.trim_end());
    ran.succeeds();
}

#[test]
fn the_script_finds_what_is_seeded() {
    hidden_numbers(&["--self-test"]).succeeds().says(&["29 of 29 seeded leaks found"]);
}

#[test]
fn twelve_simulated_months_with_corrections_give_no_small_number_away() {
    let scale = if std::env::var_os("BANSOS_LONG").is_some() { "1" } else { "0.06" };
    let files = scratch::folder("twelve-months").join("files");
    let office = Office::open("twelve-months-office", None);
    let files_name = files.to_str().unwrap();
    office
        .bansos(&[
            "simulate", "--out", files_name, "--scale", scale, "--seed", "41", "--months", "12", "--area", "36.71", "--area", "12.02",
        ])
        .succeeds();
    let import = |from: usize, to: usize| {
        for district in ["12.02", "36.71"] {
            for month in from..=to {
                let folder = files.join(format!("{district}/2025-{month:02}"));
                office.bansos(&["import", folder.to_str().unwrap()]).succeeds();
            }
        }
        office.bansos(&["publish", "--all", "--by", "Operator Satu", "--yes"]).succeeds();
    };
    // The rows of the second quarter are taken in April.
    import(1, 5);
    for district in ["12.02", "36.71"] {
        revise_simulated(&office, &files, district, "2025-04", 17, "duplicates");
    }
    import(6, 12);
    for district in ["12.02", "36.71"] {
        revise_simulated(&office, &files, district, "2025-08", 150, "deaths");
        attacked(&office, district, false);
    }
    let editions = std::fs::read_dir(office.releases()).unwrap().count();
    assert_eq!(editions, 2 * (12 + 2));
}

/// Takes every `nth` recipient of PKH out of it, and issues the month again.
pub fn revise_simulated(office: &Office, files: &Path, district: &str, period: &str, nth: usize, reason: &str) {
    let records = dtks_records(&files.join(district).join(period).join("dtks.csv"));
    let mut text =
        String::from("DATA SIMULASI\nprovinsi,kabupaten,kecamatan,desa_kelurahan,nik,nokk,nama,pkh,bpnt,pbi,permakanan,yapi,blt\n");
    let mut changed = 0;
    for (number, record) in records.iter().filter(|record| ["YA", "Y", "1"].contains(&record["pkh"].as_str())).enumerate() {
        if number % nth == 0 {
            let cell = |name: &str| if name == "pkh" { "TIDAK" } else { &record[name] };
            let names = [
                "provinsi",
                "kabupaten",
                "kecamatan",
                "desa_kelurahan",
                "nik",
                "nokk",
                "nama",
                "pkh",
                "bpnt",
                "pbi",
                "permakanan",
                "yapi",
                "blt",
            ];
            text += &names.map(|name| format!("\"{}\"", cell(name))).join(",");
            text.push('\n');
            changed += 1;
        }
    }
    assert!(changed > 0, "{district} {period}: nothing to correct");
    let corrected = files.with_file_name(format!("corrected-{district}-{period}")).join(district).join(period);
    std::fs::create_dir_all(&corrected).unwrap();
    std::fs::write(corrected.join("dtks.csv"), text).unwrap();
    office.bansos(&["import", "--as", "delta", corrected.to_str().unwrap()]).succeeds();
    let release = format!("{district}-{period}");
    office.bansos(&["publish", "--revise", &release, "--reason", reason, "--by", "Operator Satu", "--yes"]).succeeds().says(&["published"]);
    assert!(office.releases().join(format!("{release}-r2")).exists());
}

/// A district of which everybody is known, and what was published of it.
struct Story {
    office: Office,
    files: PathBuf,
    truth: BTreeMap<String, District>,
}

impl Story {
    fn begin(name: &str) -> Story {
        let office = Office::open(name, None);
        Story { files: office.data.with_file_name("files"), office, truth: BTreeMap::new() }
    }

    fn copy(&self, name: &str) -> Story {
        let office = self.office.copy(name);
        Story { files: office.data.with_file_name("files"), office, truth: self.truth.clone() }
    }

    fn import(&self, period: &str, district: &District, day: u32, paying: bool) {
        let _ = std::fs::remove_dir_all(&self.files);
        district.write(&self.files, period, day, paying);
        self.office.bansos(&["import", "--confirm", self.files.to_str().unwrap()]).succeeds();
    }

    fn publish(&mut self, period: &str, district: &District, paying: bool) {
        self.import(period, district, 10, paying);
        self.office.bansos(&["publish", "--area", AREA, "--period", period, "--by", "Operator Satu", "--yes"]).succeeds();
        self.truth.insert(format!("{AREA}-{period}"), district.clone());
    }

    fn revise(&mut self, period: &str, district: &District, paying: bool) {
        self.import(period, district, 20, paying);
        let release = format!("{AREA}-{period}");
        self.office.bansos(&["publish", "--revise", &release, "--reason", "late-data", "--by", "Operator Satu", "--yes"]).succeeds();
        self.truth.insert(format!("{release}-r2"), district.clone());
    }

    fn check(&self) -> Compared {
        let (compared, found) = differences(&self.office.releases(), &self.truth);
        assert!(found.is_empty(), "{} {found:#?}", self.office.data.display());
        compared
    }

    /// The month in which the verification shown of a kecamatan was taken.
    fn verified_as_of(&self, release: &str, kecamatan: &str, program: &str) -> String {
        let path = self.office.releases().join(release).join("data/verification.csv");
        let mut reader = csv::Reader::from_path(path).unwrap();
        let line =
            reader.records().map(Result::unwrap).find(|line| line[0].contains(kecamatan) && &line[1] == program && !line[5].is_empty());
        line.map_or_else(String::new, |line| line[9].to_owned())
    }
}

/// Outcomes and amounts in turn, so that every kecamatan has all of them.
const OUTCOMES_IN_TURN: [usize; 12] =
    [VALID, VALID, UNCHECKED, VALID, OTHER_NAME, VALID, UNCHECKED, VALID, NO_CARD, VALID, NOT_FOUND, UNCHECKED];
const AMOUNTS: [u64; 4] = [225_000, 375_000, 500_000, 750_000];

/// Sixty families of PKH in each kecamatan, half of them in SEMBAKO, too, and
/// twenty in SEMBAKO alone; a few orphans.
fn sixty_each() -> District {
    let mut district = District::default();
    for kecamatan in 0..6 {
        for n in 0..60 {
            let programs: &[&'static str] = if n % 2 == 0 { &["PKH", "SEMBAKO"] } else { &["PKH"] };
            district.join(kecamatan * 5 + n % 5, programs, OUTCOMES_IN_TURN[n % 12], AMOUNTS[n % 4]);
        }
        for n in 0..20 {
            district.join(kecamatan * 5 + n % 5, &["SEMBAKO"], OUTCOMES_IN_TURN[n % 12], 0);
        }
        for n in 0..kecamatan * 4 {
            district.join(kecamatan * 5 + n % 5, &["YAPI"], UNCHECKED, 0);
        }
    }
    district
}

/// What happens between two months, or between a month and its correction.
type Change = fn(&mut District);

fn joiners(district: &mut District, n: usize, outcomes: &[usize], amounts: &[u64]) {
    for at in 0..n {
        district.join(at % 5, &["PKH"], outcomes[at % outcomes.len()], amounts[at % amounts.len()]);
    }
}

fn change_outcomes(district: &mut District, n: usize, to: &[usize]) {
    let unchecked: Vec<usize> = district.some(0, "PKH", 60).into_iter().filter(|at| district.people[*at].outcome == UNCHECKED).collect();
    let valid: Vec<usize> = district.some(0, "PKH", 60).into_iter().filter(|at| district.people[*at].outcome == VALID).collect();
    for (turn, at) in unchecked.into_iter().chain(valid).take(n).enumerate() {
        district.people[at].outcome = to[turn % to.len()];
    }
}

/// Each with whether the figures of the first kecamatan may be shown anew.
const CASES: [(&str, Change, Option<bool>); 20] = [
    ("nothing", |_| {}, Some(true)),
    (
        "ten leave and one joins",
        |district| {
            district.leave(&district.some(0, "PKH", 10));
            joiners(district, 1, &[DECEASED], &[750_000]);
        },
        Some(false),
    ),
    ("eleven of one outcome join", |district| joiners(district, 11, &[NO_CARD], &[225_000]), Some(false)),
    ("eleven of one class join", |district| joiners(district, 11, &[NO_CARD, NOT_FOUND, DECEASED, INVALID], &AMOUNTS), None),
    ("eleven of many outcomes join", |district| joiners(district, 11, &[VALID, UNCHECKED, NO_CARD], &AMOUNTS), Some(true)),
    ("one outcome changes", |district| change_outcomes(district, 1, &[INVALID]), Some(false)),
    ("ten outcomes change", |district| change_outcomes(district, 10, &[INVALID, VALID]), Some(false)),
    ("eleven outcomes change to one", |district| change_outcomes(district, 11, &[INVALID]), Some(false)),
    ("twenty outcomes change to one class", |district| change_outcomes(district, 20, &[INVALID, DECEASED, NO_CARD]), None),
    (
        "eleven outcomes change within a class, and one out of it",
        |district| {
            let of = |wanted: &[usize]| -> Vec<usize> {
                let all = district.some(0, "PKH", 60).into_iter();
                all.filter(|at| wanted.contains(&district.people[*at].outcome)).collect()
            };
            let (within, out) = (of(&[OTHER_NAME, NO_CARD, NOT_FOUND]), of(&[UNCHECKED])[0]);
            for (turn, at) in within.into_iter().take(11).enumerate() {
                let person = &mut district.people[at];
                person.outcome = if turn % 2 == 0 { DECEASED } else { INVALID };
            }
            district.people[out].outcome = NOT_FOUND;
        },
        Some(false),
    ),
    ("one amount changes", |district| district.people[0].amount = 2_700_000, None),
    (
        "ten amounts change",
        |district| {
            for at in 0..10 {
                district.people[at].amount += 25_000;
            }
        },
        None,
    ),
    (
        "one leaves and one joins",
        |district| {
            district.leave(&[0]);
            joiners(district, 1, &[INVALID], &[2_700_000]);
        },
        Some(false),
    ),
    ("one is not paid", |district| district.people[3].amount = 0, None),
    ("eleven join with one amount", |district| joiners(district, 11, &[VALID, UNCHECKED, NO_CARD], &[750_000]), None),
    ("one moves to the next kecamatan", |district| district.people[0].place = 5, Some(false)),
    (
        "eleven move to the next kecamatan",
        |district| {
            for at in district.some(0, "PKH", 11) {
                district.people[at].place = 5;
            }
        },
        None,
    ),
    (
        "one of PKH joins SEMBAKO",
        |district| {
            district.people[1].programs.insert("SEMBAKO");
        },
        None,
    ),
    (
        "eleven of PKH join SEMBAKO",
        |district| {
            for at in (1..23).step_by(2) {
                district.people[at].programs.insert("SEMBAKO");
            }
        },
        None,
    ),
    (
        "eleven orphans join and twelve leave",
        |district| {
            let orphans: Vec<usize> = district.some(5, "YAPI", 12);
            district.leave(&orphans);
            for at in 0..11 {
                district.join(at % 5, &["YAPI"], UNCHECKED, 0);
            }
        },
        Some(true),
    ),
];

#[test]
fn nobody_is_found_by_two_months() {
    let mut first = Story::begin("two-months");
    let base = sixty_each();
    first.publish("2025-01", &base, true);
    attacked(&first.office, AREA, false);
    assert_eq!(first.verified_as_of("12.74-2025-01", "12.74.01", "PKH"), "2025-01", "the verification is not shown at all");
    in_turn(&CASES, |(number, (name, change, fresh))| {
        let mut story = first.copy(&format!("two-months-{number}"));
        let mut district = base.clone();
        change(&mut district);
        story.publish("2025-02", &district, true);
        story.check();
        attacked(&story.office, AREA, false);
        let as_of = story.verified_as_of("12.74-2025-02", "12.74.01", "PKH");
        assert!(fresh.is_none_or(|fresh| (as_of == "2025-02") == fresh), "{name}: the verification is of {as_of}");
        // What is undone in the month after tells no more.
        story.publish("2025-03", &base, true);
        story.check();
    });
}

#[test]
fn nobody_is_found_by_a_correction() {
    let mut first = Story::begin("corrections");
    let base = sixty_each();
    first.publish("2025-01", &base, true);
    first.publish("2025-02", &base, true);
    in_turn(&CASES[1..], |(number, (_, change, _))| {
        for period in ["2025-01", "2025-02"] {
            let mut story = first.copy(&format!("corrections-{number}-{period}"));
            let mut district = base.clone();
            change(&mut district);
            story.revise(period, &district, true);
            story.check();
            attacked(&story.office, AREA, false);
        }
    });
}

/// Runs the cases on two threads.
fn in_turn<T: Sync>(cases: &[T], run: impl Fn((usize, &T)) + Sync) {
    std::thread::scope(|scope| {
        for half in 0..2 {
            let run = &run;
            scope.spawn(move || cases.iter().enumerate().filter(|(number, _)| number % 2 == half).for_each(run));
        }
    });
}

#[test]
fn two_programs_subtracted_tell_no_outcome() {
    // Eighty families of each kecamatan have both programs, twelve only the one,
    // nearly all of them valid, and twelve only the other, nearly none of them.
    let mut district = District::default();
    for kecamatan in 0..6 {
        let mut join = |programs: &[&'static str], outcomes: &[usize], n: usize| {
            for at in 0..n {
                district.join(kecamatan * 5 + at % 5, programs, outcomes[at % outcomes.len()], 225_000);
            }
        };
        join(&["PKH", "SEMBAKO"], &[VALID, UNCHECKED, NO_CARD], 60);
        join(&["PKH", "SEMBAKO"], &[OTHER_NAME, NOT_FOUND, DECEASED, INVALID], 20);
        join(&["PKH"], &[VALID], 11);
        join(&["PKH"], &[NO_CARD], 1);
        join(&["SEMBAKO"], &[NO_CARD, UNCHECKED], 11);
        join(&["SEMBAKO"], &[VALID], 1);
    }
    let mut story = Story::begin("subtracted");
    story.publish("2025-01", &district, false);
    attacked(&story.office, AREA, false);
    assert_eq!(story.verified_as_of("12.74-2025-01", "12.74.01", "PKH"), "2025-01");
}

#[test]
fn ten_in_three_months_are_no_more_than_ten() {
    // One enters, another leaves, ten more enter: nobody, until they are many together.
    let mut story = Story::begin("by-and-by");
    let mut district = sixty_each();
    story.publish("2025-01", &district, true);
    for (number, (period, joining)) in [("2025-02", 1), ("2025-03", 4), ("2025-04", 5), ("2025-05", 12), ("2025-06", 0)].iter().enumerate()
    {
        joiners(&mut district, *joining, &[DECEASED, VALID, UNCHECKED], &AMOUNTS);
        if number == 1 {
            district.leave(&[7]);
        }
        story.publish(period, &district, number % 2 == 1);
        story.check();
    }
    attacked(&story.office, AREA, false);
}

#[test]
fn nobody_is_found_in_twelve_months_of_change() {
    let size = if std::env::var_os("BANSOS_LONG").is_some() { 10 } else { 1 };
    let mut dice = Dice(std::env::var("BANSOS_SEED").map_or(20_250_101, |seed| seed.parse().unwrap()));
    let mut district = District::default();
    for place in 0..30 {
        for _ in 0..size * (20 + dice.below(30)) {
            newcomer(&mut district, place, &mut dice);
        }
    }
    let mut story = Story::begin("twelve-made-up");
    for month in 1..=12 {
        if month > 1 {
            turn_over(&mut district, &mut dice);
        }
        let period = format!("2025-{month:02}");
        story.publish(&period, &district, month % 3 == 0);
        if month == 4 || month == 9 {
            // Late data: of the month in which rows were taken, and of one in which money was paid.
            let mut corrected = district.clone();
            for _ in 0..size * 14 {
                let place = dice.below(5) as usize;
                newcomer(&mut corrected, place, &mut dice);
            }
            story.revise(&period, &corrected, month % 3 == 0);
            district = corrected;
        }
    }
    // Long after, the month in which the last rows were taken is corrected.
    let mut corrected = story.truth["12.74-2025-10"].before(&district);
    for _ in 0..size * 20 {
        let place = dice.below(10) as usize;
        newcomer(&mut corrected, place, &mut dice);
    }
    story.revise("2025-10", &corrected, false);
    let compared = story.check();
    println!("{compared:?} among {} people", district.people.len());
    assert!(compared.figures > 50 && compared.moved > 10, "{compared:?}");
    attacked(&story.office, AREA, false);
}

fn newcomer(district: &mut District, place: usize, dice: &mut Dice) {
    let outcome = OUTCOMES_IN_TURN[dice.below(12) as usize];
    let amount = AMOUNTS[dice.below(4) as usize];
    match dice.below(10) {
        0..3 => drop(district.join(place, &["PKH"], outcome, amount)),
        3..6 => drop(district.join(place, &["PKH", "SEMBAKO"], outcome, amount)),
        6..8 => drop(district.join(place, &["SEMBAKO"], outcome, 0)),
        8 => district.join_family(place, &["PBI_JK"], 1 + dice.below(5)),
        _ => drop(district.join(place, &["PBI_JK", "YAPI"], outcome, 0)),
    }
}

/// A month: 1.5 % leave and as many come, some move, are checked or get another amount.
fn turn_over(district: &mut District, dice: &mut Dice) {
    let present: Vec<usize> = (0..district.people.len()).filter(|at| !district.people[*at].programs.is_empty()).collect();
    for at in present {
        let draw = dice.below(1000);
        let person = &mut district.people[at];
        match draw {
            0..15 => {
                person.programs.clear();
                let place = dice.below(30) as usize;
                newcomer(district, place, dice);
            }
            15..18 => person.place = dice.below(30) as usize,
            18..58 => person.outcome = OUTCOMES_IN_TURN[dice.below(12) as usize].max(VALID),
            58..70 if person.amount > 0 => person.amount = AMOUNTS[dice.below(4) as usize],
            _ => {}
        }
    }
}

/// A small generator of numbers that look random.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % u64::from(n)) as u32
    }
}
