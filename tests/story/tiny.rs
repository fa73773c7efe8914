//! Tiny districts and programs of hardly anybody: figures that make sense, no
//! crash, and nothing of few that can be computed.

use std::collections::{BTreeMap, BTreeSet};

use crate::anonymity::attacked;
use crate::figures::{Figure, Key, Release};
use crate::made_up::{AREA, District, NO_CARD, NOT_FOUND, Person, UNCHECKED, VALID, kelurahan};
use crate::office::Office;
use crate::{differences, scratch};

/// Publishes months of a made-up district, and attacks them.
fn published(name: &str, months: &[(&str, &District)]) -> (Office, Vec<Release>) {
    let office = Office::open(name, None);
    let mut truth = BTreeMap::new();
    for (period, district) in months {
        let files = scratch::folder(&format!("{name}-{period}"));
        district.write(&files, period, 10, false);
        office.bansos(&["import", "--confirm", files.to_str().unwrap()]).succeeds();
        office.bansos(&["publish", "--area", AREA, "--period", period, "--by", "Operator Satu", "--yes"]).succeeds();
        truth.insert(format!("{AREA}-{period}"), (*district).clone());
    }
    attacked(&office, AREA, true);
    let (_, found) = differences::differences(&office.releases(), &truth);
    assert!(found.is_empty(), "{name}: {found:#?}");
    let releases = Release::all(&office.releases());
    let told: usize = releases.iter().map(|release| families(&office, release, &truth[&release.id])).sum();
    println!("{name}: {told} atoms of PBI_JK are of eleven families or more");
    (office, releases)
}

/// A figure of the totals.
fn total<'a>(release: &'a Release, area: &str, program: &str) -> &'a Figure {
    let (_, figure) = release
        .figures
        .iter()
        .find(|(Key { table, area: of, program: by, .. }, _)| (table.as_str(), of.as_str(), by.as_str()) == ("totals", area, program))
        .unwrap_or_else(|| panic!("{}: no total of {program} in {area}", release.id));
    figure
}

fn rows(office: &Office, release: &Release, program: &str) -> Vec<(String, u64)> {
    let path = office.releases().join(&release.id).join("data/atoms.csv");
    let records = csv::Reader::from_path(path).unwrap().into_records().map(Result::unwrap).collect::<Vec<_>>();
    let of_program = records.iter().filter(|record| &record[1] == program);
    of_program.map(|record| (record[3].to_owned(), record[7].parse().unwrap())).collect()
}

/// Every atom of PBI_JK whose label fits exactly as many people as it has rows
/// is of at least eleven families, by what was imported; so is every area.
/// Gives how many atoms were told so.
fn families(office: &Office, release: &Release, truth: &District) -> usize {
    if release.text("edition_as_of") != release.text("period") {
        return 0;
    }
    let mut sizes: BTreeMap<u32, usize> = BTreeMap::new();
    truth.people.iter().for_each(|person| *sizes.entry(person.family).or_default() += 1);
    let path = office.releases().join(&release.id).join("data/atoms.csv");
    let mut exact = 0;
    for record in csv::Reader::from_path(path).unwrap().into_records().map(Result::unwrap).filter(|record| &record[1] == "PBI_JK") {
        let [area, sex, age, size] = [&record[3], &record[4], &record[5], &record[6]];
        let inside = |place: usize| area.split('~').any(|member| kelurahan(place).starts_with(member));
        let in_area = || truth.people.iter().filter(|person| person.programs.contains("PBI_JK") && inside(person.place));
        let fits = |person: &&Person| {
            let years = person.age(release.text("period"));
            let (low, high) = match age {
                "*" => (0, 200),
                "60+" => (60, 200),
                "70+" => (70, 200),
                band => band.split_once('-').map(|(low, high)| (low.parse().unwrap(), high.parse().unwrap())).unwrap(),
            };
            let n = sizes[&person.family];
            let of_size = match size {
                "*" => true,
                "1-2" => n <= 2,
                "3-4" => (3..=4).contains(&n),
                _ => n >= 5,
            };
            (sex == "*" || sex == person.sex()) && (low..=high).contains(&years) && of_size
        };
        let count = |people: &mut dyn Iterator<Item = &Person>| people.map(|person| person.family).collect::<BTreeSet<u32>>().len();
        assert!(count(&mut in_area()) >= 11, "{}: {area} has rows of {} families", release.id, count(&mut in_area()));
        let rows: usize = record[7].parse().unwrap();
        if in_area().filter(fits).count() == rows {
            let n = count(&mut in_area().filter(fits));
            assert!(n >= 11, "{}: {area} {sex} {age} {size}: {rows} rows of {n} families", release.id);
            exact += 1;
        }
    }
    exact
}

fn builds_its_site(office: &Office) {
    office.bansos(&["site"]).succeeds();
    assert!(office.site().join("index.html").exists());
}

#[test]
fn three_hundred_recipients_in_two_kecamatan_one_with_four() {
    let mut district = District::default();
    for n in 0..296 {
        let outcome = [VALID, VALID, UNCHECKED, NO_CARD][n % 4];
        district.join(n % 5, &[["PKH", "SEMBAKO"][n % 2]], outcome, 225_000);
    }
    for n in 0..4 {
        district.join(5 + n % 2, &["PKH"], [VALID, NOT_FOUND][n % 2], 750_000);
    }
    // Orphans: nine in the one, two in the other.
    for n in 0..11 {
        district.join(if n < 9 { 0 } else { 5 }, &["YAPI"], UNCHECKED, 0);
    }
    let (office, releases) = published("tiny-two", &[("2025-01", &district), ("2025-02", &district)]);
    for release in &releases {
        assert_eq!(total(release, "12.74.02", "PKH").value, Some(4), "exact, whatever its size");
        assert_eq!(total(release, "12.74.03", "PKH").value, Some(0));
        assert_eq!(total(release, AREA, "YAPI").value, Some(11));
        for kecamatan in 1..=6 {
            assert_eq!(total(release, &format!("12.74.0{kecamatan}"), "YAPI").status, "grouped");
        }
        let of_four: Vec<_> = rows(&office, release, "PKH").into_iter().filter(|(area, _)| area.contains("12.74.02")).collect();
        assert!(
            of_four.iter().all(|(area, _)| area.contains('~') || area.len() < 8),
            "four of a kecamatan have rows of their own: {of_four:?}"
        );
        assert_eq!(rows(&office, release, "PKH").iter().map(|(_, n)| n).sum::<u64>(), 152, "no row is dropped");
    }
    builds_its_site(&office);
}

#[test]
fn programs_of_twelve_eleven_ten_one_and_none() {
    for (name, kecamatan) in [("tiny-programs", 1), ("tiny-programs-spread", 6)] {
        let mut month = |numbers: [usize; 5]| {
            let mut district = District::default();
            for (program, n) in ["PKH", "SEMBAKO", "BLT_DD", "YAPI", "PBI_JK"].iter().zip(numbers) {
                for at in 0..n {
                    district.join(at % kecamatan * 5 + at % 5, &[program], [VALID, UNCHECKED][at % 2], 225_000);
                }
            }
            district
        };
        let numbers = [[12, 11, 10, 1, 40], [11, 10, 1, 0, 40], [0, 12, 0, 12, 40], [12, 0, 11, 11, 0]];
        let districts = numbers.map(&mut month);
        let months: Vec<(String, &District)> = (1..).map(|n| format!("2025-{n:02}")).zip(&districts).collect();
        let months: Vec<(&str, &District)> = months.iter().map(|(period, district)| (period.as_str(), *district)).collect();
        let (office, releases) = published(name, &months);
        for (release, numbers) in releases.iter().zip(numbers) {
            for (program, n) in ["PKH", "SEMBAKO", "BLT_DD", "PBI_JK"].iter().zip([numbers[0], numbers[1], numbers[2], numbers[4]]) {
                assert_eq!(total(release, AREA, program).value, Some(n as u64), "{}: {program}", release.id);
            }
            let orphans = total(release, AREA, "YAPI");
            let expected = if numbers[3] < 11 { ("withheld", None) } else { ("observed", Some(numbers[3] as u64)) };
            assert_eq!((orphans.status.as_str(), orphans.value), expected, "{}", release.id);
            assert!(rows(&office, release, "YAPI").is_empty());
        }
        let first = &releases[0];
        for (program, n) in [("PKH", 12), ("SEMBAKO", 11), ("BLT_DD", 0), ("PBI_JK", 40)] {
            let all: u64 = rows(&office, first, program).iter().map(|(_, n)| n).sum();
            assert_eq!(all, n, "{name}: rows of {program}");
        }
        builds_its_site(&office);
    }
}

#[test]
fn a_kelurahan_where_everyone_receives() {
    // As many as the public count of its inhabitants says there are.
    let mut district = District::default();
    for n in 0..2_703 {
        district.join(0, &["PKH", "SEMBAKO"], [VALID, UNCHECKED, NO_CARD][n % 3], 225_000);
    }
    for n in 0..40 {
        district.join(5, &["PKH"], [VALID, UNCHECKED][n % 2], 375_000);
    }
    let (office, releases) = published("tiny-everyone", &[("2025-01", &district)]);
    assert_eq!(total(&releases[0], &kelurahan(0), "PKH").value, Some(2_703));
    assert_eq!(rows(&office, &releases[0], "PKH").iter().map(|(_, n)| n).sum::<u64>(), 2_743);
}

#[test]
fn whole_families_share_no_atom_of_few() {
    let mut district = District::default();
    // Kelurahan of 12, 10 and 3 families of eight, many small ones elsewhere.
    for (place, families, size) in [(0, 12, 8), (1, 10, 8), (2, 3, 8), (3, 1, 14), (5, 40, 3), (6, 60, 1), (10, 11, 11), (11, 30, 5)] {
        for _ in 0..families {
            district.join_family(place, &["PBI_JK"], size);
        }
    }
    let (office, releases) = published("tiny-families", &[("2025-01", &district), ("2025-02", &district)]);
    let rows = rows(&office, &releases[0], "PBI_JK");
    assert!(rows.iter().all(|(_, n)| *n >= 11), "{rows:?}");
    // Ten families of a kelurahan are 80 people, and not enough.
    assert!(rows.iter().any(|(area, _)| *area == kelurahan(0)) && rows.iter().all(|(area, _)| *area != kelurahan(1)), "{rows:?}");
}

#[test]
fn a_month_that_becomes_empty() {
    let mut full = District::default();
    for n in 0..200 {
        full.join(n % 30, &[["PKH", "SEMBAKO"][n % 2]], [VALID, UNCHECKED, NO_CARD][n % 3], 225_000);
    }
    for n in 0..15 {
        full.join(n % 30, &["YAPI"], UNCHECKED, 0);
    }
    let mut emptied = full.clone();
    for person in &mut emptied.people {
        person.programs.remove("PKH");
        person.programs.remove("YAPI");
    }
    let months = [("2025-01", &full), ("2025-02", &emptied), ("2025-03", &emptied), ("2025-04", &emptied), ("2025-05", &full)];
    let (office, releases) = published("tiny-empty", &months);
    assert_eq!(total(&releases[1], AREA, "PKH").value, Some(0));
    let left = releases[1].figures.iter().find(|(key, _)| {
        (key.table.as_str(), key.area.as_str(), key.program.as_str(), key.measure.as_str()) == ("flows", AREA, "PKH", "left")
    });
    assert_eq!(left.unwrap().1.value, Some(100));
    assert!(rows(&office, &releases[3], "PKH").is_empty(), "the second quarter's rows are of nobody");
    builds_its_site(&office);
}

#[test]
fn a_sensitive_program_that_comes_and_goes() {
    let mut months = Vec::new();
    for (at, n) in [9, 12, 9, 12, 30, 12].into_iter().enumerate() {
        let mut district = District::default();
        for place in 0..120 {
            district.join(place % 30, &["PKH"], [VALID, UNCHECKED][place % 2], 225_000);
        }
        for orphan in 0..n {
            district.join(orphan % (3 + at).min(6) * 5, &["YAPI"], UNCHECKED, 0);
        }
        months.push((format!("2025-{:02}", at + 1), district));
    }
    let months: Vec<(&str, &District)> = months.iter().map(|(period, district)| (period.as_str(), district)).collect();
    let (_, releases) = published("tiny-comes-and-goes", &months);
    let shown: Vec<Option<u64>> = releases.iter().map(|release| total(release, AREA, "YAPI").value).collect();
    assert_eq!(shown, [None, Some(12), None, Some(12), Some(30), Some(12)]);
    // Nine of nobody knows how many: neither month's flows are shown.
    for (key, figure) in
        releases.iter().flat_map(|release| &release.figures).filter(|(key, _)| key.table == "flows" && key.program == "YAPI")
    {
        assert!(figure.value.is_none_or(|n| n == 0 || n >= 11), "{}", key.cell());
    }
}
