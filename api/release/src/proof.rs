//! `bansos-audit prove`: whether the record that an office showed for a row is
//! one it committed to when it published the release.
//!
//! A proof is what `bansos trace --proof` writes. The record in it is text that
//! nobody here can read as a person: it is hashed as it stands, and compared
//! with public files by its public parts (area, program, month, row). Messages
//! repeat none of it.

use std::path::Path;

use domain::{AreaCode, Period, ProgramCode, ReleaseId, RowId};
use serde::{Deserialize, Serialize};

use crate::folder::read_bounded;
use crate::merkle::{self, Hash};
use crate::{Error, ReleaseFolder, Report, Result, keys};

/// What a file of this form calls itself.
pub const FORM: &str = "bansos-terbuka/proof/v1";

/// A record, its salt, and its path to the commitment of a release. RESTRICTED
/// for what the record says: the file is for the auditor alone.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// [`FORM`].
    pub form: String,
    /// The row that was traced.
    pub row: RowId,
    /// The release that issued the row.
    pub release: ReleaseId,
    /// The root of its commitment, hex.
    pub root: String,
    /// Number of leaves.
    pub tree_size: u64,
    /// Place of the leaf, from 0.
    pub leaf_index: u64,
    /// The leaf's salt, hex.
    pub salt: String,
    /// The record: the very text that was hashed.
    pub record: String,
    /// The audit path of RFC 6962, nearest sibling first, hex.
    pub path: Vec<String>,
    /// The entry of the office's access log under which it was shown.
    pub access: Access,
}

/// An entry of the access log, for the auditor to keep: it must still stand in
/// the chain whenever the office shows its log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Access {
    /// Its number, from 1.
    pub sequence: u64,
    /// Its hash, hex.
    pub hash: String,
}

/// The parts of a record that public files know. What else it says is passed over.
#[derive(Deserialize)]
struct Public {
    area: AreaCode,
    period: Period,
    program: ProgramCode,
    row: Option<RowId>,
}

impl Proof {
    /// Reads a proof.
    ///
    /// # Errors
    /// When the file cannot be read or is no proof; the message repeats nothing of it.
    pub fn read(path: &Path) -> Result<Proof> {
        let bytes = read_bounded(path, 1 << 20)?;
        // serde's own words would repeat what they could not read.
        let wrong = |what: &str| Error::format(path, format!("{what}; expected a file that `bansos trace --proof` wrote"));
        let proof: Proof = serde_json::from_slice(&bytes)
            .map_err(|error| wrong(&format!("not a proof (line {}, column {})", error.line(), error.column())))?;
        if proof.form != FORM {
            return Err(wrong(&format!("not of the form {FORM}")));
        }
        Ok(proof)
    }

    /// The root that salt, record and path lead to.
    fn leads_to(&self) -> Option<Hash> {
        let salt = hash(&self.salt)?;
        let path: Vec<Hash> = self.path.iter().map(|text| hash(text)).collect::<Option<_>>()?;
        merkle::root_from(merkle::leaf(&salt, self.record.as_bytes()), self.leaf_index, self.tree_size, &path)
    }
}

/// 64 digits of lower-case hex: one spelling only, so that no changed byte passes.
fn hash(text: &str) -> Option<Hash> {
    if text.len() != 64 || !text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
        return None;
    }
    let mut bytes = [0; 32];
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(at * 2..at * 2 + 2)?, 16).ok()?;
    }
    Some(bytes)
}

/// Checks `proof` against the release folder that issued the row; with `trusted`,
/// a folder of `.vkey` files, the district's signature too.
///
/// # Errors
/// When the folder's atoms cannot be read; all else is in the report.
pub fn check(proof: &Proof, folder: &ReleaseFolder, trusted: Option<&Path>) -> Result<Report> {
    let mut report = Report::default();
    let manifest = folder.manifest();
    if manifest.release != proof.release {
        report.wrong.push(format!(
            "the proof is for {}, but this folder is {}: give the folder of the release that first published these rows",
            proof.release, manifest.release
        ));
        return Ok(report);
    }
    let release = manifest.release;
    if manifest.commitment.root != proof.root || manifest.commitment.leaves != proof.tree_size {
        report.wrong.push(format!("root or tree size of the proof are not those of the commitment in the manifest of {release}"));
    }
    if proof.leads_to().is_some_and(|root| crate::hex(&root) == manifest.commitment.root) {
        report.checked.push(format!("record, salt and path lead to the commitment of {release} over {} records", proof.tree_size));
    } else {
        report.wrong.push(format!(
            "record, salt and path do not lead to the commitment of {release}: one of them was changed, or the office never committed to this record"
        ));
    }
    fits(proof, folder, &mut report)?;
    authentic(folder, trusted, &mut report);
    Ok(report)
}

/// Whether the record's public parts are those of the row.
fn fits(proof: &Proof, folder: &ReleaseFolder, report: &mut Report) -> Result<()> {
    let (manifest, row) = (folder.manifest(), &proof.row);
    let release = manifest.release;
    if manifest.rows_from != release || manifest.edition != row.edition || manifest.district != row.district {
        report.wrong.push(format!(
            "{row} is no row that {release} issued: its rows are those of {}-{}, first published in {}",
            manifest.district, manifest.edition, manifest.rows_from
        ));
        return Ok(());
    }
    let mut found = None;
    for atom in folder.atoms()? {
        let atom = atom?;
        if atom.program == row.program && atom.atom == row.atom {
            found = Some(atom);
            break;
        }
    }
    let Some(atom) = found.filter(|atom| row.place <= atom.count) else {
        report.wrong.push(format!("{release} has no row {row}"));
        return Ok(());
    };
    let Ok(record) = serde_json::from_str::<Public>(&proof.record) else {
        report.wrong.push("the record is not one that names area, period and program".into());
        return Ok(());
    };
    let mut wrong = Vec::new();
    let fields = [
        ("row", record.row.as_ref() == Some(row)),
        ("program", record.program == row.program),
        // A corrected edition may keep the rows of an area from earlier in its quarter.
        ("period", record.period <= manifest.period && record.period.quarter() == row.edition.quarter()),
        ("area", atom.area.members().iter().any(|area| area.contains(record.area))),
    ];
    for (field, fits) in fields {
        if !fits {
            wrong.push(field);
        }
    }
    if wrong.is_empty() {
        report.checked.push(format!("the record names {row}, and fits it in program, month and area"));
    } else {
        report.wrong.push(format!("the record does not fit {row}: its {} is another", wrong.join(", its ")));
    }
    Ok(())
}

/// The folder's own digests, its chain as far as it lies beside it, and its signature.
fn authentic(folder: &ReleaseFolder, trusted: Option<&Path>, report: &mut Report) {
    let release = folder.manifest().release;
    match folder.verify() {
        Ok(()) => report.checked.push(format!("{release}: {} files as its manifest says", folder.manifest().files.len())),
        Err(error) => report.wrong.push(format!("{release}: {error}")),
    }
    let (mut last, mut chained) = (folder.clone(), 0);
    while let Some(previous) = last.manifest().previous.clone() {
        let Some(beside) = folder.path().parent().map(|parent| parent.join(previous.release.to_string())).filter(|path| path.is_dir())
        else {
            break;
        };
        match ReleaseFolder::open(&beside) {
            Ok(before) if before.manifest_sha256() == previous.manifest_sha256 => (last, chained) = (before, chained + 1),
            Ok(_) => {
                report.wrong.push(format!("{} names {} before it, but with another manifest", last.manifest().release, previous.release));
                break;
            }
            Err(error) => {
                report.wrong.push(format!("{}: {error}", previous.release));
                break;
            }
        }
    }
    if chained > 0 {
        report.checked.push(format!("{release}: {chained} releases before it lie beside it, each as the next one names it"));
    }
    if let Some(trusted) = trusted {
        // One release tells no place in the chain: any key that leads to the kept one will do.
        let chain = keys::Chain::open(trusted, None, &keys::district(release.district()));
        let any = |chain: keys::Chain| {
            let newest = folder.verify_signature(chain.current());
            let before = || chain.keys().iter().any(|vkey| folder.verify_signature(vkey).is_ok());
            newest.or_else(|error| if before() { Ok(()) } else { Err(error) })
        };
        match chain.and_then(any) {
            Ok(()) => report.checked.push(format!("{release}: signed by the district's key")),
            Err(error) => report.wrong.push(format!("{release}: {error}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proof() -> Proof {
        let record = r#"{"area":"36.71.01.1001","period":"2025-04","program":"PKH"}"#;
        let leaves: Vec<Hash> = (0..5).map(|n| merkle::leaf(&[n; 32], record.as_bytes())).collect();
        let (path, root) = merkle::prove(leaves, 3).unwrap();
        Proof {
            form: FORM.into(),
            row: "36.71-2025Q2/PKH/00001/01".parse().unwrap(),
            release: "36.71-2025-04".parse().unwrap(),
            root: crate::hex(&root),
            tree_size: 5,
            leaf_index: 3,
            salt: crate::hex(&[3; 32]),
            record: record.into(),
            path: path.iter().map(|hash| crate::hex(hash)).collect(),
            access: Access { sequence: 1, hash: "0".repeat(64) },
        }
    }

    #[test]
    fn a_proof_leads_to_its_root_and_a_changed_one_does_not() {
        let good = proof();
        let root = |proof: &Proof| proof.leads_to().map(|root| crate::hex(&root));
        assert_eq!(root(&good), Some(good.root.clone()));
        let changes: [fn(&mut Proof); 7] = [
            |proof| proof.record.push(' '),
            |proof| proof.salt.replace_range(0..1, "1"),
            |proof| proof.salt = proof.salt.to_uppercase() + " ",
            |proof| proof.path[0].replace_range(0..2, "zz"),
            |proof| proof.leaf_index = 2,
            |proof| proof.tree_size = 9,
            |proof| drop(proof.path.pop()),
        ];
        for (n, change) in changes.iter().enumerate() {
            let mut bad = good.clone();
            change(&mut bad);
            assert_ne!(root(&bad), Some(good.root.clone()), "change {n}");
        }
        assert_eq!(hash(&"AB".repeat(32)), None, "one spelling only");
    }

    #[test]
    fn a_file_that_is_no_proof_is_not_repeated() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("proof.json");
        let good = serde_json::to_string(&proof()).unwrap();
        std::fs::write(&path, &good).unwrap();
        assert!(Proof::read(&path).unwrap() == proof());
        for bad in [good.replace("\"salt\"", "\"3671015203849001\""), good.replace("proof/v1", "proof/v2"), "3671015203849001".into()] {
            std::fs::write(&path, bad).unwrap();
            let error = Proof::read(&path).err().unwrap().to_string();
            assert!(!error.contains("3671015203849001"), "{error}");
        }
    }
}
