//! From the names of a record's areas to the kelurahan. Files name the same few
//! hundred places over and over, so each spelling is looked up once.
//!
//! An area is matched, in this order, by: what the operator's mapping or a table
//! of codes says of that name or code; its Kemendagri code; its name, without
//! minding spaces, hyphens, signs, case, accents, a word such as `Kec.` and a
//! second name in brackets; and its sound, where only one area of the same
//! parent sounds so (`reference::Areas::find_spelt`). All else is rejected, with
//! the three areas whose names are nearest: to guess would be to count a family
//! in the wrong village.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel::sqlite::SqliteConnection;
use domain::{AreaCode, Level};
use reference::{areas, normalise};

use crate::cells;

/// The most spellings remembered; more than any district has, and a bound for
/// files whose area columns hold something else.
const REMEMBERED: usize = 20_000;

/// Names and codes in files, and the areas that they stand for: old names, codes of BPS.
#[derive(Debug, Clone, Default)]
pub(crate) struct Aliases(BTreeMap<String, Vec<AreaCode>>);

impl Aliases {
    pub(crate) fn add(&mut self, name: &str, code: AreaCode) {
        let codes = self.0.entry(normalise(name)).or_default();
        if !codes.contains(&code) {
            codes.push(code);
        }
    }

    /// What the tables of counts (layout 14) say: they give the codes of BPS and
    /// of Kemendagri side by side.
    pub(crate) fn load(conn: &mut SqliteConnection) -> crate::error::Result<Aliases> {
        #[derive(diesel::QueryableByName)]
        struct Codes {
            #[diesel(sql_type = Text)]
            area: String,
            #[diesel(sql_type = Text)]
            bps_kecamatan: String,
            #[diesel(sql_type = Text)]
            bps_desa: String,
        }
        let rows: Vec<Codes> =
            diesel::sql_query("SELECT DISTINCT area, bps_kecamatan, bps_desa FROM count_rows WHERE bps_kecamatan <> ''").load(conn)?;
        let mut aliases = Aliases::default();
        for row in rows {
            let Ok(code) = row.area.parse::<AreaCode>() else { continue };
            if let Some(kecamatan) = code.at(Level::Kecamatan) {
                aliases.add(&row.bps_kecamatan, kecamatan);
            }
            if code.level() == Level::Kelurahan && !row.bps_desa.is_empty() {
                aliases.add(&row.bps_desa, code);
            }
        }
        Ok(aliases)
    }

    /// The one area of `level` in `within` that the name stands for.
    pub(crate) fn find(&self, within: AreaCode, level: Level, name: &str) -> Option<AreaCode> {
        if self.0.is_empty() {
            return None;
        }
        let mut found = self.0.get(&normalise(name))?.iter().filter(|code| code.level() == level && within.contains(**code));
        match (found.next(), found.next()) {
            (Some(code), None) => Some(*code),
            _ => None,
        }
    }

    /// Both together.
    pub(crate) fn with(&self, other: &Aliases) -> Aliases {
        let mut all = self.clone();
        for (name, codes) in &other.0 {
            codes.iter().for_each(|code| all.add(name, *code));
        }
        all
    }
}

/// A kelurahan that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) code: AreaCode,
    /// Whether a name was matched by its sound only.
    pub(crate) by_sound: bool,
}

/// A name that names nothing: which of the four, and what is nearest to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Missed {
    pub(crate) at: usize,
    pub(crate) nearest: [Option<AreaCode>; 3],
}

impl Missed {
    const fn of(at: usize) -> Missed {
        Missed { at, nearest: [None; 3] }
    }

    fn near(at: usize, nearest: &[AreaCode]) -> Missed {
        Missed { at, nearest: [0, 1, 2].map(|place| nearest.get(place).copied()) }
    }

    /// The nearest areas, as reports tell them.
    pub(crate) fn candidates(&self) -> String {
        let names: Vec<String> =
            self.nearest.iter().flatten().map(|code| format!("{} ({code})", areas().get(*code).map_or("", |area| area.name))).collect();
        names.join(", ")
    }
}

/// The areas of one district, by their spellings.
pub(crate) struct Places {
    district: AreaCode,
    /// Whether the file has the columns provinsi and kabupaten.
    given: [bool; 2],
    aliases: Arc<Aliases>,
    known: HashMap<Vec<u8>, Result<Found, Missed>>,
    key: Vec<u8>,
    last: Vec<u8>,
    /// What `last` was found to be.
    last_found: Result<Found, Missed>,
}

impl Places {
    pub(crate) fn of(district: AreaCode, given: [bool; 2], aliases: Arc<Aliases>) -> Places {
        let last_found = Err(Missed::of(0));
        Places { district, given, aliases, known: HashMap::new(), key: Vec::new(), last: Vec::new(), last_found }
    }

    /// The kelurahan of four names, or the column that names nothing.
    pub(crate) fn kelurahan(&mut self, names: [&[u8]; 4]) -> Result<Found, Missed> {
        self.key.clear();
        for name in names {
            self.key.extend_from_slice(name);
            self.key.push(0x1f);
        }
        // Rows of a kelurahan stand together.
        if self.key == self.last {
            return self.last_found;
        }
        let found = match self.known.get(&self.key) {
            Some(found) => *found,
            None => {
                let found = self.look_up(names);
                if self.known.len() >= REMEMBERED {
                    self.known.clear();
                }
                self.known.insert(self.key.clone(), found);
                found
            }
        };
        std::mem::swap(&mut self.key, &mut self.last);
        self.last_found = found;
        found
    }

    fn look_up(&self, names: [&[u8]; 4]) -> Result<Found, Missed> {
        let [provinsi, kabupaten, kecamatan, desa] = names.map(cells::text);
        if self.given[0] && !is_province(self.district, &provinsi) {
            return Err(Missed::of(0));
        }
        if self.given[1] && !self.is_district(&kabupaten) {
            return Err(Missed::of(1));
        }
        let kecamatan = find(&self.aliases, self.district, Level::Kecamatan, &kecamatan, 2)?;
        let kelurahan = find(&self.aliases, kecamatan.code, Level::Kelurahan, &desa, 3)?;
        Ok(Found { code: kelurahan.code, by_sound: kecamatan.by_sound || kelurahan.by_sound })
    }

    fn is_district(&self, name: &str) -> bool {
        if self.aliases.find(self.district, Level::Kabupaten, name) == Some(self.district) || coded(name, self.district) {
            return true;
        }
        // SIKS-NG writes a kabupaten without its word and a kota with it.
        let district_name = areas().get(self.district).map_or("", |area| area.name);
        let without_word = district_name.split_once(' ').map_or(district_name, |(_, rest)| rest);
        let named = self.district.parent().and_then(|whole| areas().find_spelt(whole, Level::Kabupaten, name).ok()).map(|(code, _)| code);
        named == Some(self.district) || (named.is_none() && normalise(name) == normalise(without_word))
    }
}

/// Whether a cell is the code of this area, with dots or without.
fn coded(name: &str, code: AreaCode) -> bool {
    name.starts_with(|c: char| c.is_ascii_digit()) && name.parse::<AreaCode>() == Ok(code)
}

/// Short forms of provinces' names that offices use.
const PROVINCES: [(&str, &str); 14] = [
    ("kepri", "kepulauanriau"),
    ("kepriau", "kepulauanriau"),
    ("babel", "kepulauanbangkabelitung"),
    ("sumut", "sumaterautara"),
    ("sumatrautara", "sumaterautara"),
    ("sumbar", "sumaterabarat"),
    ("sumsel", "sumateraselatan"),
    ("jabar", "jawabarat"),
    ("jateng", "jawatengah"),
    ("jatim", "jawatimur"),
    ("jakarta", "dkijakarta"),
    ("ntb", "nusatenggarabarat"),
    ("ntt", "nusatenggaratimur"),
    ("yogyakarta", "daerahistimewayogyakarta"),
];

fn is_province(district: AreaCode, name: &str) -> bool {
    let Some(province) = district.parent() else { return false };
    let bare = |name: &str| {
        let name = normalise(name);
        let name = ["provinsi", "propinsi", "prov"].iter().find_map(|word| name.strip_prefix(word).map(str::to_owned)).unwrap_or(name);
        PROVINCES.iter().find(|(short, _)| *short == name).map_or(name, |(_, full)| (*full).to_owned())
    };
    coded(name, province) || bare(name) == bare(areas().get(province).map_or("", |area| area.name))
}

fn find(aliases: &Aliases, within: AreaCode, level: Level, name: &str, at: usize) -> Result<Found, Missed> {
    if let Some(code) = aliases.find(within, level, name) {
        return Ok(Found { code, by_sound: false });
    }
    if name.starts_with(|c: char| c.is_ascii_digit())
        && let Ok(code) = name.parse::<AreaCode>()
        && code.level() == level
        && within.contains(code)
        && areas().get(code).is_some()
    {
        return Ok(Found { code, by_sound: false });
    }
    areas()
        .find_spelt(within, level, name)
        .map(|(code, by_sound)| Found { code, by_sound })
        .map_err(|missed| Missed::near(at, &missed.nearest))
}

/// A kecamatan of the district, by its name or code.
pub(crate) fn kecamatan(aliases: &Aliases, district: AreaCode, cell: &[u8]) -> Result<Found, Missed> {
    find(aliases, district, Level::Kecamatan, &cells::text(cell), 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(district: &str, names: [&str; 4]) -> Result<String, &'static str> {
        let mut places = Places::of(district.parse().unwrap(), [true; 2], Arc::default());
        let column = |missed: Missed| ["provinsi", "kabupaten", "kecamatan", "desa_kelurahan"][missed.at];
        let first = places.kelurahan(names.map(str::as_bytes)).map(|found| found.code.to_string()).map_err(column);
        let again = places.kelurahan(names.map(str::as_bytes)).map(|found| found.code.to_string()).map_err(column);
        assert_eq!(first, again);
        first
    }

    #[test]
    fn spellings_of_offices() {
        assert_eq!(find("36.71", ["BANTEN", "KOTA TANGERANG", "TANGERANG", "SUKARASA"]), Ok("36.71.01.1001".to_owned()));
        assert_eq!(find("36.71", ["Prov. Banten", "Kota Tangerang", "Kec. Tangerang", "Suka Rasa"]), Ok("36.71.01.1001".to_owned()));
        assert!(find("33.28", ["JAWA TENGAH", "TEGAL", "SLAWI", "SLAWI WETAN"]).is_ok());
        assert!(find("33.28", ["JAWA TENGAH", "KAB. TEGAL", "SLAWI", "SLAWI WETAN"]).is_ok());
    }

    #[test]
    fn the_column_to_blame() {
        assert_eq!(find("36.71", ["BANTENN", "KOTA TANGERANG", "TANGERANG", "SUKARASA"]), Err("provinsi"));
        assert_eq!(find("36.71", ["BANTEN", "KABUPATEN TANGERANG", "TANGERANG", "SUKARASA"]), Err("kabupaten"));
        assert_eq!(find("33.28", ["JAWA TENGAH", "KOTA TEGAL", "SLAWI", "SLAWI WETAN"]), Err("kabupaten"));
        assert_eq!(find("36.71", ["BANTEN", "KOTA TANGERANG", "TANGERNAG", "SUKARASA"]), Err("kecamatan"));
        assert_eq!(find("36.71", ["BANTEN", "KOTA TANGERANG", "TANGERANG", "SUKARAS"]), Err("desa_kelurahan"));
        assert_eq!(find("36.71", ["", "", "", ""]), Err("provinsi"));
    }

    #[test]
    fn a_kecamatan_by_name_or_code() {
        let district: AreaCode = "36.71".parse().unwrap();
        let aliases = Aliases::default();
        for cell in ["Ciledug", "36.71.06", "367106", "CILE DUG", "TJILEDUG"] {
            let found = kecamatan(&aliases, district, cell.as_bytes()).map(|found| found.code.to_string());
            assert_eq!(found, Ok("36.71.06".to_owned()), "{cell}");
        }
        for cell in ["Cielduk", "36.71.99", "33.28.01", "36.71", ""] {
            assert!(kecamatan(&aliases, district, cell.as_bytes()).is_err(), "{cell}");
        }
        let missed = kecamatan(&aliases, district, b"Cielduk").unwrap_err();
        assert!(missed.candidates().starts_with("Ciledug (36.71.06), ") && missed.nearest.iter().flatten().count() == 3);
    }

    #[test]
    fn sounds_codes_and_what_a_mapping_says() {
        let sukarasa = Ok("36.71.01.1001".to_owned());
        assert_eq!(find("36.71", ["BANTEN", "KOTA TANGERANG", "TANGERANG", "SOEKARASSA"]), sukarasa);
        assert_eq!(find("36.71", ["36", "36.71", "36.71.01", "3671011001"]), sukarasa);
        assert_ne!(find("21.03", ["KEPRI", "NATUNA", "x", "x"]), Err("provinsi"));
        let mut aliases = Aliases::default();
        let (kecamatan, kelurahan) = ("36.71.01".parse().unwrap(), "36.71.01.1001".parse().unwrap());
        aliases.add("3671060", kecamatan);
        aliases.add("Pasar Lama", kelurahan);
        let mut places = Places::of("36.71".parse().unwrap(), [false; 2], Arc::new(aliases));
        let found = places.kelurahan([b"", b"", b"3671060", b"PASAR-LAMA"]).unwrap();
        assert_eq!(found, Found { code: kelurahan, by_sound: false });
    }
}
