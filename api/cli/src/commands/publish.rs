//! `bansos publish`: draft, or with --yes seal and admit at once.

use std::path::Path;

use domain::{AreaCode, Period, ReleaseId};
use publish::{Book, Options, State};
use rayon::prelude::*;
use registry::{PeriodState, Registry};
use release::Reason;

use super::seal::admit_here;
use crate::progress::{bar, number};
use crate::settings;

#[derive(clap::Args)]
#[command(
    after_help = "Example:\n  bansos --data data publish --area 36.71 --period 2025-06 --by \"Operator Data\" --draft\n  bansos --data data publish --all --yes\n  bansos --data data publish --revise 36.71-2025-06 --reason duplicates --by \"Operator Data\""
)]
#[command(group(clap::ArgGroup::new("what").required(true).args(["all", "area", "revise"])))]
pub struct Arguments {
    /// Every imported, unpublished month of every district, in order.
    #[arg(long, conflicts_with_all = ["area", "period"])]
    all: bool,
    /// The kabupaten/kota.
    #[arg(long, value_parser = super::district, requires = "period", value_name = "CODE")]
    area: Option<AreaCode>,
    /// The month.
    #[arg(long, value_name = "YYYY-MM")]
    period: Option<Period>,
    /// Issue a sealed month again, from the registry as it is now corrected:
    /// totals are mended at once, rows and sensitive tables where the difference
    /// between the two issues tells of nobody.
    #[arg(long, requires = "reason", value_name = "RELEASE")]
    revise: Option<ReleaseId>,
    /// Why: late-data, duplicates, wrong-area, deaths, payments, plan, software or withdrawn.
    #[arg(long, requires = "revise", value_name = "REASON")]
    reason: Option<Reason>,
    /// Who publishes; the name stays in the registry.
    #[arg(long, default_value = "operator", value_name = "NAME")]
    by: String,
    /// Stop before sealing (the default): a second person seals.
    #[arg(long, conflicts_with = "yes")]
    draft: bool,
    /// Seal and admit at once, without a second person: for demonstrations and tests.
    #[arg(long)]
    yes: bool,
    /// Fewest rows, and families, of an equivalence class.
    #[arg(long, env = "BANSOS_K")]
    k: Option<u32>,
    /// Days after a month's end by which it is due; each release says when it was expected.
    #[arg(long, env = "BANSOS_DUE_DAYS", value_name = "DAYS")]
    due_days: Option<u16>,
}

/// Whose name stands for the second person where there is none.
const NOBODY: &str = "(--yes: no second person)";

pub fn run(data: &Path, arguments: &Arguments) -> anyhow::Result<()> {
    let options = Options {
        k: settings::value(data, "k", arguments.k)?,
        by: arguments.by.clone(),
        due_days: settings::value(data, "due_days", arguments.due_days)?,
        correction: arguments.reason,
    };
    let _lock = super::lock(data)?;
    let what = match (arguments.area, arguments.period, arguments.revise) {
        (_, _, Some(release)) => What::One(release.district(), release.period()),
        (Some(area), Some(period), None) => What::One(area, period),
        _ => What::All,
    };
    publish(data, &what, &options, arguments.yes)
}

/// What to publish.
pub enum What {
    /// A district's month.
    One(AreaCode, Period),
    /// All that is imported and not published.
    All,
}

/// Publishes; with `seal` seals and admits, too. The caller holds the lock.
pub fn publish(data: &Path, what: &What, options: &Options, seal: bool) -> anyhow::Result<()> {
    let districts = match what {
        What::One(area, _) => vec![*area],
        What::All => Registry::districts(data)?,
    };
    let only = if let What::One(_, period) = what { Some(*period) } else { None };
    let bar = bar(0, "publish");
    let made: Vec<anyhow::Result<usize>> = districts
        .par_iter()
        .map(|area| {
            let mut registry = super::registry(data, *area)?;
            one_district(data, &mut registry, *area, only, options, seal, &bar)
        })
        .collect();
    bar.finish_and_clear();
    // What was sealed is admitted even where another district failed.
    let mut failed = None;
    let mut releases = 0;
    for result in made {
        match result {
            Ok(n) => releases += n,
            Err(error) => failed = Some(failed.unwrap_or(error)),
        }
    }
    if seal {
        admit_here(data)?;
    }
    if let Some(error) = failed {
        return Err(error);
    }
    println!("{}: {}", if seal { "releases published" } else { "drafts made" }, number(releases as u64));
    Ok(())
}

fn one_district(
    data: &Path,
    registry: &mut Registry,
    area: AreaCode,
    only: Option<Period>,
    options: &Options,
    seal: bool,
    bar: &indicatif::ProgressBar,
) -> anyhow::Result<usize> {
    let loaded = registry.periods()?;
    let published = Book::open(registry.connection())?.publications()?;
    let done = |period: &Period| published.iter().any(|made| made.release.period() == *period && made.state != State::Draft);
    let months: Vec<Period> = match only {
        Some(period) => vec![period],
        None => loaded.iter().copied().filter(|period| !done(period)).collect(),
    };
    // A seal that was cut off between signature and folder is completed first.
    for made in
        published.iter().filter(|made| made.state == State::Sealed && !data.join("releases").join(made.release.to_string()).exists())
    {
        publish::seal(data, registry, made.release, made.sealed_by.as_deref().unwrap_or(NOBODY))?;
    }
    bar.inc_length(months.len() as u64);
    let mut last: Option<PeriodState> = None;
    for (n, period) in months.iter().enumerate() {
        let previous = match last.take() {
            Some(state) if state.period == period.previous() => Some(state),
            _ => publish::state_before(registry, *period)?,
        };
        let state = registry.state(*period)?;
        let draft = publish::draft(data, registry, area, &state, previous.as_ref(), options)?;
        let unplaced = if draft.unplaced > 0 {
            format!(", {} payment rows of people in no family record", number(draft.unplaced))
        } else {
            String::new()
        };
        bar.suspend(|| {
            println!(
                "{}: {} units; rows: {} in {} atoms, {}{unplaced}",
                draft.release,
                number(draft.units),
                number(draft.rows),
                number(draft.atoms),
                if draft.took_rows { "taken now" } else { "as before" }
            );
            for (table, program) in &draft.held {
                println!(
                    "{}: {table} of {program} is not shown anew: the attacks found that the difference would tell too much",
                    draft.release
                );
            }
        });
        bar.inc(1);
        if !seal {
            // A draft must be sealed before the next month is made.
            if n + 1 < months.len() {
                bar.suspend(|| {
                    println!(
                        "{}: seal it with `bansos seal {} --by NAME`, then publish the {} months after it",
                        draft.release,
                        draft.release,
                        months.len() - n - 1
                    )
                });
            }
            return Ok(1);
        }
        let release: ReleaseId = draft.release;
        publish::seal(data, registry, release, NOBODY)?;
        last = Some(state);
    }
    Ok(months.len())
}
