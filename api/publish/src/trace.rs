//! From a published row back to the record behind it, for an authorised
//! auditor. Everything is looked up first; then the access log gets its entry;
//! only then does anything leave this function.

use std::path::Path;

use domain::{AreaCode, Period, ReleaseId, RowId};
use identity::{FamilyCardNumber, Nik};
use registry::{Contact, Registry};
use release::ReleaseFolder;
use release::proof::{Access, FORM, Proof};

use crate::access::{self, AccessEntry, Asked};
use crate::book::{Book, Issued};
use crate::commitment::{self, Opened};
use crate::draft::folder_of;
use crate::{Error, Result, places};

/// The record behind a row. RESTRICTED.
pub struct Traced {
    /// The release that issued the row.
    pub release: ReleaseId,
    /// The month it was taken in.
    pub period: Period,
    /// The person, or the family's cardholder.
    pub nik: Nik,
    /// The family card.
    pub family: FamilyCardNumber,
    /// Where they lived.
    pub kelurahan: AreaCode,
    /// Name and address as the registry has them for that month; `None` when it
    /// no longer has the person there.
    pub contact: Option<Contact>,
    /// The entry of the access log that was written.
    pub access: AccessEntry,
    /// What shows that the office committed to this record.
    pub proof: Proof,
}

/// Finds who stands in `row` and notes in the access log who asked. A refusal
/// is noted, too.
///
/// # Errors
/// When auditor or letter is missing (nothing is noted then), no sealed release
/// has the row, or the registry's secrets do not fit what was published.
pub fn trace(data: &Path, registry: &mut Registry, row: &RowId, auditor: &str, letter: &str) -> Result<Traced> {
    let asked = Asked::new(auditor, letter)?;
    let district = registry.district();
    let issued = Book::open(registry.connection())?.issued(row.edition)?;
    let release = issued.as_ref().map(|issued| issued.release);
    let found = match issued {
        Some(issued) => find(data, registry, &issued, row),
        None => Err(Error::NotNow(format!("no sealed release of {district} has rows of the edition {}", row.edition))),
    };
    let outcome = found.as_ref().map_or_else(|error| format!("refused: {error}"), |_| access::SHOWN.to_owned());
    let access = access::append(registry.connection(), district, &asked, &row.to_string(), release, outcome)?;
    let (release, opened, contact) = found?;
    let hex = |bytes: &[u8; 32]| release::hex(bytes);
    let proof = Proof {
        form: FORM.to_owned(),
        row: row.clone(),
        release,
        root: hex(&opened.root),
        tree_size: opened.leaves,
        leaf_index: opened.index,
        salt: hex(&opened.salt),
        record: opened.text,
        path: opened.path.iter().map(hex).collect(),
        access: Access { sequence: access.sequence.cast_unsigned(), hash: access.hash.clone() },
    };
    let record = opened.record;
    let (period, nik, family, kelurahan) = (record.period, record.nik, record.family, record.kelurahan);
    Ok(Traced { release, period, nik, family, kelurahan, contact, access, proof })
}

fn find(data: &Path, registry: &mut Registry, issued: &Issued, row: &RowId) -> Result<(ReleaseId, Opened, Option<Contact>)> {
    let Issued { release, programs, secrets } = issued;
    let stored = match Book::open(registry.connection())?.places(row.edition, &row.program, row.atom) {
        Err(Error::Database(diesel::result::Error::NotFound)) => {
            return Err(Error::NotNow(format!("the edition {} has no atom {} of {}", row.edition, row.atom, row.program)));
        }
        stored => stored?,
    };
    let Some(nik) = places::read(&stored).nth(row.place as usize - 1) else {
        let places = stored.len() / 8;
        return Err(Error::NotNow(format!("atom {} of {} in {} has {places} places", row.atom, row.program, row.edition)));
    };
    let altered = |what: &str| Error::Registry(format!("{what}; the registry was altered, or is not the one that {release} was made from"));
    let opened =
        commitment::open(programs, secrets, row).ok_or_else(|| altered(&format!("the secrets of {release} do not hold the row")))?;
    if opened.record.nik.expose() != nik {
        return Err(altered("places and commitment name different people"));
    }
    // A withdrawn release's folder may be gone; the commitment then speaks for itself.
    if let Ok(folder) = ReleaseFolder::open(&folder_of(data, *release))
        && folder.manifest().commitment.root != release::hex(&opened.root)
    {
        return Err(altered(&format!("the secrets lead to another commitment than that in the manifest of {release}")));
    }
    let contact = registry.contact(opened.record.period, opened.record.nik).map_err(|error| Error::Registry(error.to_string()))?;
    Ok((*release, opened, contact))
}
