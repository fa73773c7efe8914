//! One person under two NIK: pairs of recipients of a month that are more likely
//! one person than two. Found by the crate `matching`, kept with the digest of
//! the imports they were found in, shown to an operator; nothing is merged.
//!
//! What is compared, and why twins are not taken for one, stands in
//! api/matching/README.md.

use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;
use domain::Period;
use identity::Nik;
use jiff::civil::Date;
use matching::{Comparator, Description, Field, Key, Part, Pass, Records, Settings};
use sha2::{Digest as _, Sha256};

use crate::Registry;
use crate::error::{Error, Result};
use crate::month::chain;
use crate::number::NumberSet;
use crate::rows::ids_of;
use crate::schema::{dtks_rows, duplicate_searches, imports, possible_duplicates};

/// Goes into the digest, so that a better way of matching searches again.
const WAY: &str = "matching 1";

/// What a search did. Counts only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DuplicateSummary {
    /// Recipients of the month.
    pub people: u64,
    /// Pairs that were compared.
    pub compared: u64,
    /// Pairs left out because too many people share a key.
    pub not_compared: u64,
    /// Pairs kept.
    pub found: u64,
    /// Whether it was searched now; otherwise an earlier search still holds.
    pub searched: bool,
}

/// Two recipients who may be one person. RESTRICTED.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PossibleDuplicate {
    /// The lower of the two numbers.
    pub one: Nik,
    /// The other.
    pub other: Nik,
    /// log2 of the odds that it is one person.
    pub weight: f64,
    /// The same as a probability.
    pub probability: f64,
}

/// Columns of what is compared.
mod column {
    pub(super) const NAME: usize = 0;
    pub(super) const BORN: usize = 1;
    pub(super) const SEX: usize = 2;
    pub(super) const CARD: usize = 3;
    pub(super) const NEIGHBOURS: usize = 4;
    pub(super) const KELURAHAN: usize = 5;
    pub(super) const KECAMATAN: usize = 6;
    pub(super) const COUNT: usize = 7;
}

/// How recipients are compared. `tests/matching/people.toml` says the same for made-up people.
fn description() -> Description {
    use column::{BORN, CARD, KECAMATAN, KELURAHAN, NAME, NEIGHBOURS, SEX};
    let field = |name: &str, comparator, columns: &[usize], by_frequency| Field {
        name: name.to_owned(),
        comparator,
        columns: columns.to_vec(),
        by_frequency,
        // A name tells the sex: that it is the same says nothing more.
        only_against: columns[0] == SEX,
    };
    let key = |column, part| Key { column, part };
    let pass = |name: &str, keys: &[Key]| Pass {
        name: name.to_owned(),
        keys: keys.to_vec(),
        refine: vec![key(KECAMATAN, Part::Whole), key(KELURAHAN, Part::Whole), key(NAME, Part::Sound), key(NEIGHBOURS, Part::Whole)],
    };
    Description {
        fields: vec![
            field("name", Comparator::Name, &[NAME], true),
            field("birth date", Comparator::Date, &[BORN], false),
            field("sex", Comparator::Exact, &[SEX], false),
            field("place", Comparator::Nested, &[CARD, NEIGHBOURS, KELURAHAN, KECAMATAN], false),
        ],
        passes: vec![
            pass("family card", &[key(CARD, Part::Whole)]),
            pass("birth date and first word", &[key(BORN, Part::Whole), key(NAME, Part::FirstSound)]),
            pass("birth date and last word", &[key(BORN, Part::Whole), key(NAME, Part::LastSound)]),
            pass("birth date and kelurahan", &[key(BORN, Part::Whole), key(KELURAHAN, Part::Whole)]),
            pass("name and year", &[key(NAME, Part::Sound), key(BORN, Part::Prefix(4))]),
            pass("name and day", &[key(NAME, Part::Sound), key(BORN, Part::Suffix(4))]),
            pass("name and kelurahan", &[key(NAME, Part::Sound), key(KELURAHAN, Part::Whole)]),
        ],
        // One family; of these, born on one day: brothers and sisters, and twins.
        related: vec![(3, 4), (1, 3)],
    }
}

/// What a month's search rests on: its imports, in the order in which they apply.
fn digest(conn: &mut SqliteConnection, files: &[i64]) -> Result<String> {
    let mut hash = Sha256::new();
    hash.update(WAY);
    for import in files {
        let sha256: String = imports::table.find(import).select(imports::sha256).first(conn)?;
        hash.update(format!("\n{import} {sha256}"));
    }
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

/// The last search of a month over just these imports.
fn search_of(conn: &mut SqliteConnection, period: Period, digest: &str) -> Result<Option<(i64, DuplicateSummary)>> {
    let row: Option<(i64, i64, i64, i64)> = duplicate_searches::table
        .filter(duplicate_searches::period.eq(period.to_string()).and(duplicate_searches::digest.eq(digest)))
        .order(duplicate_searches::id.desc())
        .select((duplicate_searches::id, duplicate_searches::people, duplicate_searches::compared, duplicate_searches::not_compared))
        .first(conn)
        .optional()?;
    let Some((id, people, compared, not_compared)) = row else { return Ok(None) };
    let found: i64 = possible_duplicates::table.filter(possible_duplicates::search.eq(id)).count().get_result(conn)?;
    let [people, compared, not_compared, found] = [people, compared, not_compared, found].map(i64::cast_unsigned);
    Ok(Some((id, DuplicateSummary { people, compared, not_compared, found, searched: false })))
}

/// Forgets the searches of a month and of those after it, which may rest on an
/// import that is undone: what it brought must be gone, the pairs too.
pub(crate) fn forget_from(conn: &mut SqliteConnection, period: Period) -> Result<()> {
    let searches: Vec<i64> =
        duplicate_searches::table.filter(duplicate_searches::period.ge(period.to_string())).select(duplicate_searches::id).load(conn)?;
    for search in searches {
        diesel::delete(possible_duplicates::table.filter(possible_duplicates::search.eq(search))).execute(conn)?;
        diesel::delete(duplicate_searches::table.find(search)).execute(conn)?;
    }
    Ok(())
}

/// The recipients of a month as records to match, and their numbers in the same
/// order: of a NIK the first row of the last file that has it.
fn read(conn: &mut SqliteConnection, period: Period, files: &[i64]) -> Result<(Vec<Nik>, Records)> {
    type Row = (i64, i64, i64, Option<String>, Option<String>, String, String, String);
    let most: Option<i64> =
        imports::table.filter(imports::id.eq_any(files)).select(diesel::dsl::max(imports::accepted_rows)).first(conn)?;
    let expected = usize::try_from(most.unwrap_or(0)).unwrap_or(0);
    let day = period.last_day();
    let mut people: Vec<Nik> = Vec::with_capacity(expected);
    let mut seen: NumberSet<u64> = NumberSet::with_capacity_and_hasher(expected, Default::default());
    let mut records = Records::new(column::COUNT);
    records.reserve(expected);
    for import in files.iter().rev() {
        let (first, last) = ids_of(*import);
        let rows = dtks_rows::table
            .filter(dtks_rows::id.between(first, last))
            .order(dtks_rows::id)
            .select((
                dtks_rows::nik,
                dtks_rows::nokk,
                dtks_rows::kelurahan,
                dtks_rows::sex,
                dtks_rows::birth_date,
                dtks_rows::name,
                dtks_rows::rt,
                dtks_rows::rw,
            ))
            .load_iter::<Row, diesel::connection::DefaultLoadingMode>(conn)?;
        for row in rows {
            let (number, card, kelurahan, sex, born, name, rt, rw) = row?;
            if !seen.insert(number.cast_unsigned()) {
                continue;
            }
            let nik = Nik::from_number(number.cast_unsigned()).map_err(|error| Error::stored("NIK")(error.to_string()))?;
            let born = born.and_then(|text| text.parse::<Date>().ok()).unwrap_or_else(|| nik.birth_date(day));
            let plain = |text: &str| text.trim_start_matches('0').to_owned();
            let (rt, rw) = (plain(&rt), plain(&rw));
            let neighbours = if rt.is_empty() || rw.is_empty() { String::new() } else { format!("{kelurahan}/{rt}/{rw}") };
            records.push(&[
                &identity::comparable(&name),
                &born.strftime("%Y%m%d").to_string(),
                sex.as_deref().unwrap_or_else(|| nik.sex().label()),
                &card.to_string(),
                &neighbours,
                &kelurahan.to_string(),
                &(kelurahan / 10_000).to_string(),
            ]);
            people.push(nik);
        }
    }
    Ok((people, records))
}

impl Registry {
    /// Looks for recipients of a month who may be one person under two NIK, and
    /// keeps the pairs; where a search over the same imports was made before,
    /// that one holds.
    ///
    /// # Errors
    /// When no recipients were imported for the month, or the database refuses.
    pub fn find_duplicates(&mut self, period: Period) -> Result<DuplicateSummary> {
        let (digest, files) = self.conn.transaction(|conn| -> Result<_> {
            let files = chain(conn, period)?;
            Ok((digest(conn, &files)?, files))
        })?;
        if files.is_empty() {
            return Err(Error::NoRecipients(period));
        }
        if let Some((_, summary)) = search_of(&mut self.conn, period, &digest)? {
            return Ok(summary);
        }
        let (people, records) = self.conn.transaction(|conn| read(conn, period, &files))?;
        let found = matching::dedupe(&description(), records, &Settings::default())
            .map_err(|error| Error::Request(format!("looking for possible duplicates: {error}")))?;
        let count = |numbers: &mut dyn Iterator<Item = u64>| numbers.sum::<u64>();
        let summary = DuplicateSummary {
            people: people.len() as u64,
            compared: count(&mut found.passes.iter().map(|pass| pass.pairs)),
            not_compared: count(&mut found.passes.iter().map(|pass| pass.not_compared)),
            found: found.pairs.len() as u64,
            searched: true,
        };
        self.conn.immediate_transaction(|conn| -> Result<()> {
            let search: i64 = diesel::insert_into(duplicate_searches::table)
                .values((
                    duplicate_searches::period.eq(period.to_string()),
                    duplicate_searches::digest.eq(&digest),
                    duplicate_searches::people.eq(summary.people.cast_signed()),
                    duplicate_searches::compared.eq(summary.compared.cast_signed()),
                    duplicate_searches::not_compared.eq(summary.not_compared.cast_signed()),
                    duplicate_searches::searched_at.eq(jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()),
                ))
                .returning(duplicate_searches::id)
                .get_result(conn)?;
            for pair in &found.pairs {
                let (one, other) = (people[pair.one as usize].expose(), people[pair.other as usize].expose());
                diesel::insert_into(possible_duplicates::table)
                    .values((
                        possible_duplicates::search.eq(search),
                        possible_duplicates::one.eq(one.min(other).cast_signed()),
                        possible_duplicates::other.eq(one.max(other).cast_signed()),
                        possible_duplicates::weight.eq(pair.weight),
                        possible_duplicates::probability.eq(pair.probability),
                    ))
                    .execute(conn)?;
            }
            Ok(())
        })?;
        tracing::info!(period = %period, people = summary.people, compared = summary.compared, found = summary.found, bytes = found.bytes, "possible duplicates");
        Ok(summary)
    }

    /// The pairs that the search over the month's present imports found, the
    /// likeliest first; none where there was no such search.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn duplicates(&mut self, period: Period) -> Result<Vec<PossibleDuplicate>> {
        self.conn.transaction(|conn| {
            let files = chain(conn, period)?;
            let digest = digest(conn, &files)?;
            let Some((search, _)) = search_of(conn, period, &digest)? else { return Ok(Vec::new()) };
            let rows: Vec<(i64, i64, f64, f64)> = possible_duplicates::table
                .filter(possible_duplicates::search.eq(search))
                .order((possible_duplicates::weight.desc(), possible_duplicates::one, possible_duplicates::other))
                .select((
                    possible_duplicates::one,
                    possible_duplicates::other,
                    possible_duplicates::weight,
                    possible_duplicates::probability,
                ))
                .load(conn)?;
            let nik = |number: i64| Nik::from_number(number.cast_unsigned()).map_err(|error| Error::stored("NIK")(error.to_string()));
            rows.into_iter()
                .map(|(one, other, weight, probability)| Ok(PossibleDuplicate { one: nik(one)?, other: nik(other)?, weight, probability }))
                .collect()
        })
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;
    use crate::{ImportRequest, Mode};

    const HEADER: &str = "provinsi,kabupaten,kecamatan,desa_kelurahan,NIK,NOKK,Nama,Alamat,rt,rw,PKH,BPNT,BLT,PBI\n";
    const FIRST: [&str; 16] = [
        "BUDI", "SITI", "AHMAD", "DEWI", "SUPARMAN", "RATNA", "JOKO", "FITRI", "HENDRA", "YULIANA", "SLAMET", "NURUL", "RUDI", "KARTINI",
        "BAMBANG", "LESTARI",
    ];
    const LAST: [&str; 18] = [
        "SANTOSO",
        "AMINAH",
        "HIDAYAT",
        "ANGGRAINI",
        "WIBOWO",
        "RAHAYU",
        "PRATAMA",
        "WULANDARI",
        "SAPUTRA",
        "PERMATASARI",
        "NUGROHO",
        "MAULIDA",
        "FIRMANSYAH",
        "HANDAYANI",
        "KURNIAWAN",
        "SUSANTI",
        "GUNAWAN",
        "MARLINA",
    ];

    struct Made {
        date: String,
        serial: u32,
        card: u32,
        name: String,
    }

    impl Made {
        fn nik(&self) -> String {
            format!("367101{}{:04}", self.date, self.serial)
        }

        fn row(&self) -> String {
            let kelurahan = if self.card.is_multiple_of(2) { "SUKARASA" } else { "CIKOKOL" };
            format!(
                "BANTEN,KOTA TANGERANG,TANGERANG,{kelurahan},{},36710112031{:05},{},JALAN UJI,{:03},{:03},YA,TIDAK,TIDAK,TIDAK\n",
                self.nik(),
                self.card,
                self.name,
                self.card / 2 % 7 + 1,
                self.card / 2 % 5 + 1
            )
        }
    }

    /// Families of three; every tenth has twins beside them.
    fn families() -> Vec<Made> {
        let mut all: Vec<Made> = Vec::new();
        let mut state = 7u32;
        let mut chance = |of: u32| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) % of
        };
        for card in 0..900 {
            for member in 0..3 {
                let date = format!("{:02}{:02}{:02}", 1 + chance(28), 1 + chance(12), 50 + chance(49));
                let name = format!("{} {}", FIRST[chance(16) as usize], LAST[chance(18) as usize]);
                all.push(Made { date, serial: 9001 + member + chance(3) * 10, card, name });
            }
            if card % 10 == 0 {
                let twin = all.last().map(|last| (last.date.clone(), last.serial)).unwrap();
                let name = format!("{} {}", FIRST[chance(16) as usize], LAST[chance(18) as usize]);
                all.push(Made { date: twin.0, serial: twin.1 + 1, card, name });
            }
        }
        all
    }

    #[test]
    fn planted_pairs_are_found_kept_and_known_to_be_stale() {
        let folder = tempfile::tempdir().unwrap();
        let mut registry = Registry::open(&folder.path().join("data"), "36.71".parse().unwrap()).unwrap();
        let period: Period = "2025-06".parse().unwrap();
        assert!(matches!(registry.find_duplicates(period), Err(Error::NoRecipients(_))));

        let mut all = families();
        let mut planted = Vec::new();
        for at in 0..40u32 {
            let of = &all[at as usize * 61];
            let mut again = Made { date: of.date.clone(), serial: 9500 + at, card: of.card, name: of.name.clone() };
            match at % 4 {
                // Another NIK on the same card.
                0 => {}
                // A card of their own at the same address, and titles.
                1 => {
                    again.card = of.card + 2100;
                    again.name = format!("HJ. {} S.PD.", of.name);
                }
                // A slip in the date, which the NIK repeats.
                2 => {
                    again.serial = of.serial;
                    again.date = format!("{}{}", &of.date[..5], (of.date.as_bytes()[5] - b'0' + 1) % 10);
                }
                // A slip in the name, and moved within the kelurahan.
                _ => {
                    again.card = of.card + 1000 + of.card % 2;
                    again.card += (again.card + of.card) % 2;
                    again.name.insert(2, 'A');
                }
            }
            let pair = (of.nik().min(again.nik()), of.nik().max(again.nik()));
            planted.push((at % 4, pair));
            all.push(again);
        }
        let import = |registry: &mut Registry, name: &str, people: &[Made]| {
            let mut text = HEADER.to_owned();
            people.iter().for_each(|made| write!(text, "{}", made.row()).unwrap());
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            let request = ImportRequest {
                files: &[path],
                area: Some("36.71".parse().unwrap()),
                period: Some(period),
                mode: Mode::Snapshot,
                confirm: true,
                ..ImportRequest::default()
            };
            registry.import(&request, &mut |_| {}).unwrap()
        };
        import(&mut registry, "all.csv", &all);

        let summary = registry.find_duplicates(period).unwrap();
        assert!(summary.searched && summary.people > 2700, "{summary:?}");
        let pairs: Vec<(String, String)> =
            registry.duplicates(period).unwrap().iter().map(|pair| (pair.one.expose_text(), pair.other.expose_text())).collect();
        let mut hits = [0; 4];
        for (kind, pair) in &planted {
            hits[*kind as usize] += u32::from(pairs.contains(pair));
        }
        let right = hits.iter().sum::<u32>() as usize;
        println!("of 10 each found: {hits:?}; {} others", pairs.len() - right);
        assert!(right >= 34, "{hits:?} of 10 each");
        assert!(pairs.len() - right <= 4, "{} that were not planted", pairs.len() - right);

        assert_eq!(registry.find_duplicates(period).unwrap(), DuplicateSummary { searched: false, ..summary });
        let later = import(&mut registry, "fewer.csv", &all[..2000]).remove(0).import_id;
        assert!(registry.duplicates(period).unwrap().is_empty(), "the search was of other imports");
        assert!(registry.find_duplicates(period).unwrap().searched);
        registry.undo(later).unwrap();
        let left: i64 = possible_duplicates::table.count().get_result(registry.connection()).unwrap();
        assert_eq!(left, 0, "pairs outlived an import that was undone");
        assert_eq!(registry.find_duplicates(period).unwrap(), summary);
    }
}
