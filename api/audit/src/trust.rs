//! Whose word is taken for what: the log's by the host's key, a manifest's by
//! its district's, with the rotations of either.

use std::collections::BTreeMap;
use std::path::Path;

use domain::{AreaCode, ReleaseId};
use release::keys::{Chain, Order};
use release::log::{Action, Log};
use release::{Result, keys, signing};

use crate::report::{Group, Report};

/// What the log says of a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// The entry that admitted it, from 0.
    pub index: u64,
    /// SHA-256 of its manifest.
    pub manifest_sha256: String,
    /// When it was admitted, RFC 3339.
    pub at: String,
    /// Why it was withdrawn, when it was.
    pub withdrawn: Option<String>,
    /// The entry that withdrew it.
    pub withdrawn_index: Option<u64>,
}

/// Every release the log ever admitted.
///
/// # Errors
/// When the entries cannot be read, or contradict each other.
pub fn releases(log: &Log) -> Result<BTreeMap<ReleaseId, State>> {
    let mut all: BTreeMap<ReleaseId, State> = BTreeMap::new();
    for entry in log.entries()? {
        let index = entry.index;
        match entry.action {
            Action::Admit { release, manifest_sha256, at } => {
                let state = State { index, manifest_sha256, at, withdrawn: None, withdrawn_index: None };
                if all.insert(release, state).is_some() {
                    return Err(release::Error::Log(format!("entry {index} admits {release} a second time")));
                }
            }
            Action::Withdraw { release, reason, .. } => match all.get_mut(&release) {
                Some(state) => (state.withdrawn, state.withdrawn_index) = (Some(reason), Some(index)),
                None => return Err(release::Error::Log(format!("entry {index} withdraws {release}, which was never admitted"))),
            },
        }
    }
    Ok(all)
}

/// Where keys are: those that are published, and those that somebody kept.
#[derive(Debug, Clone, Copy)]
pub struct Keys<'a> {
    /// The folder of keys beside the releases.
    pub published: &'a Path,
    /// A folder of `.vkey` files from before, which count more.
    pub kept: Option<&'a Path>,
}

impl Keys<'_> {
    /// The keys of a name, from the kept one to today's.
    ///
    /// # Errors
    /// When there is none, or the kept one does not lead to the published one.
    pub fn chain(&self, file: &str) -> Result<Chain> {
        match self.kept {
            // Keys need not lie beside the releases if one has them.
            Some(kept) if !self.published.join(format!("{file}.vkey")).exists() => Chain::open(kept, None, file),
            kept => Chain::open(self.published, kept, file),
        }
    }
}

/// Checks the log's checkpoint and every file of it; what is wrong goes into the
/// report. Whether all is right.
pub fn log(log: &Log, keys: Keys<'_>, report: &mut Report) -> bool {
    let mut good = true;
    let mut wrong = |at: &str, what: String| {
        report.wrong(Group::Log, None, Some(at), what);
        good = false;
    };
    match keys.chain(keys::LOG) {
        Err(error) => wrong("keys/log.vkey", format!("the log's signature cannot be checked: {error}")),
        Ok(chain) => {
            if let Some(Err(error)) = log.signed().map(|signed| signed.verify(chain.current())) {
                wrong("log/checkpoint", error.to_string());
            }
        }
    }
    match log.damages() {
        Ok(damages) => {
            for line in damages {
                let (path, what) = line.split_once(": ").unwrap_or(("", &line));
                wrong(&format!("log/{path}"), what.to_owned());
            }
        }
        Err(error) => wrong("log", error.to_string()),
    }
    good
}

/// The keys that signed the releases of each district, with the order in which
/// these were sealed: a key counts for what it signed while it was in force.
#[derive(Debug, Default)]
pub struct Signers(BTreeMap<AreaCode, (std::result::Result<Chain, String>, Order)>);

impl Signers {
    /// Of releases in the order of the log: SHA-256 of the manifest, and of the
    /// one it names before it.
    pub fn new<'a>(keys: Keys<'_>, releases: impl IntoIterator<Item = (ReleaseId, &'a str, Option<&'a str>)>) -> Signers {
        let mut by_district: BTreeMap<AreaCode, Vec<(&str, Option<&str>)>> = BTreeMap::new();
        for (release, sha256, previous) in releases {
            by_district.entry(release.district()).or_default().push((sha256, previous));
        }
        let signer = |(district, releases)| {
            let mut order = Order::default();
            order.extend(releases);
            (district, (keys.chain(&keys::district(district)).map_err(|error| error.to_string()), order))
        };
        Signers(by_district.into_iter().map(signer).collect())
    }

    /// Checks a district's signature over a manifest.
    ///
    /// # Errors
    /// In words, when it does not stand.
    pub fn check(&self, release: ReleaseId, note: &str, manifest_sha256: &str) -> std::result::Result<(), String> {
        let (chain, order) = self.0.get(&release.district()).ok_or("its district has no key")?;
        let chain = chain.as_ref().map_err(Clone::clone)?;
        let vkey = chain.in_force(order, manifest_sha256).map_err(|error| error.to_string())?;
        signing::verify_manifest(note, vkey, release, manifest_sha256).map_err(|error| error.to_string())
    }
}
