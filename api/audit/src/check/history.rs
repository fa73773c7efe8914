//! The log: its signature, every file of it, what it says of releases, and
//! whether it goes on from a checkpoint that somebody kept.

use std::path::Path;

use anyhow::{Context, Result};
use release::log::{Log, Remembered};

use super::Sound;
use crate::report::{Group, Report};
use crate::trust::{self, Keys};

/// Checks the log in `folder`. None when it cannot be read at all.
pub(crate) fn check(folder: &Path, keys: Keys<'_>, remember: Option<&Path>, report: &mut Report) -> Result<Option<(Log, Sound)>> {
    let Some(log) = report.value(Group::Log, None, Log::open(folder)) else { return Ok(None) };
    if log.head().is_none() {
        report.wrong(Group::Log, None, Some("log/checkpoint"), "the log has no checkpoint: nothing is published, or it was removed");
        return Ok(None);
    }
    let good = trust::log(&log, keys, report);
    if let Some(kept) = remember.filter(|path| path.exists()) {
        let kept = Remembered::read(kept).with_context(|| format!("the checkpoint you kept, {}", kept.display()))?;
        if let (Some(now), true) = (log.head(), good)
            && let Some(since) = report.value(Group::Log, None, kept.compare(now, &log.files()))
        {
            if since.is_good() {
                report.checked(Group::Log, format!("{since}: nothing older changed"));
            } else {
                report.wrong(Group::Log, None, Some("log/checkpoint"), since.to_string());
            }
        }
    } else if remember.is_none() {
        report.unchecked(
            Group::Log,
            "whether older entries changed: give --remember FILE, in which the checkpoint is kept from audit to audit",
        );
    }
    let Some(states) = report.value(Group::Log, None, trust::releases(&log)) else { return Ok(None) };
    let withdrawn = states.values().filter(|state| state.withdrawn.is_some()).count();
    if good {
        report.checked(
            Group::Log,
            format!(
                "{} entries hash to the signed checkpoint, in every tile; {} releases admitted, {withdrawn} of them withdrawn",
                log.size(),
                states.len()
            ),
        );
    }
    let size = log.size();
    Ok(Some((log, Sound { states, size, ..Sound::default() })))
}
