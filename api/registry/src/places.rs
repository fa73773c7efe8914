//! From the names of a record's areas to the kelurahan. Files name the same few
//! hundred places over and over, so each spelling is looked up once.

use std::collections::HashMap;

use domain::{AreaCode, Level};
use reference::{areas, normalise};

use crate::cells;

/// The most spellings remembered; more than any district has, and a bound for
/// files whose area columns hold something else.
const REMEMBERED: usize = 20_000;

/// The areas of one district, by their spellings.
pub(crate) struct Places {
    district: AreaCode,
    known: HashMap<Vec<u8>, Result<AreaCode, &'static str>>,
    key: Vec<u8>,
    last: Vec<u8>,
    /// What `last` was found to be.
    last_found: Result<AreaCode, &'static str>,
}

impl Places {
    pub(crate) fn of(district: AreaCode) -> Places {
        Places { district, known: HashMap::new(), key: Vec::new(), last: Vec::new(), last_found: Err("") }
    }

    /// The kelurahan of four names, or the column that names nothing.
    pub(crate) fn kelurahan(&mut self, names: [&[u8]; 4]) -> Result<AreaCode, &'static str> {
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
                let found = look_up(self.district, names);
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
}

/// A kecamatan of the district, by its name or code.
pub(crate) fn kecamatan(district: AreaCode, cell: &[u8]) -> Option<AreaCode> {
    let name = cells::text(cell);
    match name.parse::<AreaCode>() {
        Ok(code) => (code.level() == Level::Kecamatan && district.contains(code) && areas().get(code).is_some()).then_some(code),
        Err(_) => areas().find(district, Level::Kecamatan, &name).ok(),
    }
}

fn look_up(district: AreaCode, names: [&[u8]; 4]) -> Result<AreaCode, &'static str> {
    let [provinsi, kabupaten, kecamatan_name, desa] = names.map(cells::text);
    let known = |code: Option<AreaCode>| code.and_then(|code| areas().get(code)).map_or("", |area| area.name);
    let whole = district.parent();
    let bare = |name: &str| {
        let name = normalise(name);
        ["provinsi", "prov"].iter().find_map(|word| name.strip_prefix(word).map(str::to_owned)).unwrap_or(name)
    };
    if bare(&provinsi) != bare(known(whole)) {
        return Err("provinsi");
    }
    // SIKS-NG writes a kabupaten without its word and a kota with it.
    let district_name = known(Some(district));
    let without_word = district_name.split_once(' ').map_or(district_name, |(_, rest)| rest);
    let named = whole.and_then(|whole| areas().find(whole, Level::Kabupaten, &kabupaten).ok());
    if named != Some(district) && (named.is_some() || normalise(&kabupaten) != normalise(without_word)) {
        return Err("kabupaten");
    }
    let kecamatan = areas().find(district, Level::Kecamatan, &kecamatan_name).map_err(|_| "kecamatan")?;
    areas().find(kecamatan, Level::Kelurahan, &desa).map_err(|_| "desa_kelurahan")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(district: &str, names: [&str; 4]) -> Result<String, &'static str> {
        let mut places = Places::of(district.parse().unwrap());
        let first = places.kelurahan(names.map(str::as_bytes)).map(|code| code.to_string());
        let again = places.kelurahan(names.map(str::as_bytes)).map(|code| code.to_string());
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
        assert_eq!(find("36.71", ["BANTEN", "KOTA TANGERANG", "TANGERANG", "SUKARASSA"]), Err("desa_kelurahan"));
        assert_eq!(find("36.71", ["", "", "", ""]), Err("provinsi"));
    }

    #[test]
    fn a_kecamatan_by_name_or_code() {
        let district: AreaCode = "36.71".parse().unwrap();
        for cell in ["Ciledug", "36.71.06", "367106", "CILE DUG"] {
            assert_eq!(kecamatan(district, cell.as_bytes()).map(|code| code.to_string()), Some("36.71.06".to_owned()), "{cell}");
        }
        for cell in ["Cielduk", "36.71.99", "33.28.01", "36.71", ""] {
            assert_eq!(kecamatan(district, cell.as_bytes()), None, "{cell}");
        }
    }
}
