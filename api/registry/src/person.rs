//! One person's name and address, for a trace: the only reading of the registry
//! that is about somebody.

use diesel::prelude::*;
use domain::Period;
use identity::{Address, Nik, PersonName};

use crate::Registry;
use crate::error::Result;
use crate::month::chain;
use crate::rows::ids_of;
use crate::schema::dtks_rows;

/// How a recipient is called and where they live, as the files of a month say;
/// what they leave out is `None`. RESTRICTED.
#[derive(Debug, Clone)]
pub struct Contact {
    /// The name.
    pub name: Option<PersonName>,
    /// The street address.
    pub address: Option<Address>,
    /// Rukun tetangga and rukun warga, as they are written; empty where not given.
    pub rt_rw: (String, String),
}

impl Registry {
    /// Name and address of a recipient by the record that stands for `period`:
    /// the first row of the last file that has the NIK.
    ///
    /// # Errors
    /// When the database refuses; that the month does not have the person is no error.
    pub fn contact(&mut self, period: Period, nik: Nik) -> Result<Option<Contact>> {
        for import in chain(&mut self.conn, period)?.into_iter().rev() {
            let (first, last) = ids_of(import);
            let row: Option<(String, String, String, String)> = dtks_rows::table
                .filter(dtks_rows::id.between(first, last).and(dtks_rows::nik.eq(nik.expose().cast_signed())))
                .order(dtks_rows::id)
                .select((dtks_rows::name, dtks_rows::address, dtks_rows::rt, dtks_rows::rw))
                .first(&mut self.conn)
                .optional()?;
            if let Some((name, address, rt, rw)) = row {
                return Ok(Some(Contact { name: name.parse().ok(), address: address.parse().ok(), rt_rw: (rt, rw) }));
            }
        }
        Ok(None)
    }
}
