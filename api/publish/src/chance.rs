//! Chance in the partition of rows (disclosure::partition): a keyed function
//! whose key the registry keeps for good.
//!
//! A key drawn anew for each edition would be the weaker one: what a remainder
//! borrows would differ from edition to edition where nobody moved, and the
//! most that a lender ever showed would come close to what it has. Under one key
//! what did not change comes out as before, in editions and in corrections.

use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;
use domain::{AreaLabel, ProgramCode};
use identity::Nik;
use rand_chacha::rand_core::Rng;
use sha2::{Digest, Sha256};

use crate::{Error, Result, secrets};

diesel::table! {
    chance (id) {
        id -> Integer,
        secret -> Binary,
    }
}

/// The key. RESTRICTED.
pub(crate) struct Chance([u8; 32]);

/// The function for one program in one area.
pub(crate) struct Draw(Sha256);

impl Chance {
    /// The registry's key, drawn when it is first asked for.
    pub fn of(connection: &mut SqliteConnection) -> Result<Chance> {
        let mut fresh = [0; 32];
        secrets::generator()?.fill_bytes(&mut fresh);
        let kept: Vec<u8> = connection.immediate_transaction::<_, Error, _>(|connection| {
            diesel::insert_or_ignore_into(chance::table).values((chance::id.eq(1), chance::secret.eq(&fresh[..]))).execute(connection)?;
            Ok(chance::table.select(chance::secret).first(connection)?)
        })?;
        kept.try_into().map(Chance).map_err(|_| Error::Registry("table chance: the secret has not 32 bytes".to_owned()))
    }

    /// A key of a test's choosing.
    #[cfg(test)]
    pub fn fixed(byte: u8) -> Chance {
        Chance([byte; 32])
    }

    /// What stands for a person where the number must not: the same for each
    /// asking, and told by nobody without the key.
    pub fn mark(&self, nik: Nik) -> String {
        let hash = Sha256::new().chain_update(self.0).chain_update(b"person|").chain_update(nik.expose().to_le_bytes()).finalize();
        release::hex(hash.get(..12).unwrap_or_default())
    }

    pub fn draw(&self, program: &ProgramCode, area: &AreaLabel) -> Draw {
        Draw(Sha256::new().chain_update(self.0).chain_update(format!("{program}|{area}|")))
    }
}

impl Draw {
    /// A number for a label and a purpose.
    pub fn number(&self, label: &[u16; 3], purpose: u64) -> u64 {
        let mut state = self.0.clone();
        label.iter().for_each(|number| state.update(number.to_le_bytes()));
        state.update(purpose.to_le_bytes());
        state.finalize().iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Book;

    #[test]
    fn the_key_is_drawn_once() {
        let mut connection = SqliteConnection::establish(":memory:").unwrap();
        let keys: Vec<[u8; 32]> = (0..2).map(|_| Book::open(&mut connection).unwrap().chance().unwrap().0).collect();
        assert_eq!(keys[0], keys[1]);
        assert_ne!(keys[0], [0; 32]);
    }

    #[test]
    fn a_mark_follows_key_and_person() {
        let mark = |key: u8, nik: &str| Chance::fixed(key).mark(nik.parse().unwrap());
        let one = mark(1, "3671011203609001");
        assert_eq!((one.len(), &one), (24, &mark(1, "3671011203609001")));
        assert!(one != mark(2, "3671011203609001") && one != mark(1, "3671011203609002"));
    }

    #[test]
    fn numbers_follow_key_program_area_label_and_purpose() {
        let number = |key: u8, program: &str, area: &str, label: u16, purpose| {
            let area: domain::AreaCode = area.parse().unwrap();
            Chance::fixed(key).draw(&program.parse().unwrap(), &area.into()).number(&[0, label, 0], purpose)
        };
        let one = number(1, "PKH", "12.74.01.1001", 0, 0);
        assert_eq!(one, number(1, "PKH", "12.74.01.1001", 0, 0));
        let others = [
            number(2, "PKH", "12.74.01.1001", 0, 0),
            number(1, "SEMBAKO", "12.74.01.1001", 0, 0),
            number(1, "PKH", "12.74.01.1002", 0, 0),
            number(1, "PKH", "12.74.01.1001", 1, 0),
            number(1, "PKH", "12.74.01.1001", 0, 1),
        ];
        assert!(!others.contains(&one));
    }
}
