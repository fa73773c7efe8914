//! `bansos check`: what the files of a month say against each other, counted by
//! rule, state and kecamatan. Names nobody.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use domain::{AreaCode, Period};
use registry::{Case, Registry, Rule, RuleSettings, State};

use crate::progress::number;
use crate::settings;

#[derive(clap::Args)]
#[command(
    after_help = "The rules are defined in api/registry/RULES.md. A finding is what files say, no proof; `bansos review` decides them.\n\n\
Example:\n  bansos --data data check --area 36.71 --period 2025-06\n  bansos --data data check --area 36.71 --period 2025-06 --rule F04 --rule moved --csv temuan.csv"
)]
pub struct Arguments {
    /// The kabupaten/kota.
    #[arg(long, value_parser = super::district, value_name = "CODE")]
    area: AreaCode,
    /// The month.
    #[arg(long, value_name = "YYYY-MM")]
    period: Period,
    /// Only this rule, by id or code (F04, deceased); may be given again.
    #[arg(long = "rule", value_name = "RULE")]
    only: Vec<Rule>,
    /// Write the counts to this file, too: area,period,rule,code,kecamatan,state,cases.
    #[arg(long, value_name = "OUT.csv")]
    csv: Option<PathBuf>,
    #[command(flatten)]
    rules: RuleArguments,
}

/// Settings of the rules, each by flag, environment or `bansos.toml`.
#[derive(clap::Args)]
pub struct RuleArguments {
    /// Rules that are not looked for: "F03 F12".
    #[arg(long, env = "BANSOS_RULES_OFF", value_name = "RULES")]
    off: Option<String>,
    /// F09: programs that exclude each other: "BLT_DD+PKH BLT_DD+SEMBAKO".
    #[arg(long, env = "BANSOS_RULES_EXCLUDING", value_name = "PAIRS")]
    excluding: Option<String>,
    /// F10: highest desil by program and date: "2025-04: PKH 4, SEMBAKO 5".
    #[arg(long, env = "BANSOS_RULES_DESIL", value_name = "LIMITS")]
    desil: Option<String>,
    /// F11: from which age on one may hold a family's card.
    #[arg(long, env = "BANSOS_RULES_HEAD_AGE", value_name = "YEARS")]
    head_age: Option<u32>,
    /// F12: the most people on a family card.
    #[arg(long, env = "BANSOS_RULES_CARD_MEMBERS", value_name = "PEOPLE")]
    card_members: Option<u32>,
}

impl RuleArguments {
    /// The settings that hold.
    pub fn settings(&self, data: &Path) -> anyhow::Result<RuleSettings> {
        let text = |key: &str, given: &Option<String>| settings::value::<String>(data, key, given.clone());
        Ok(RuleSettings::read(
            &text("off", &self.off)?,
            &text("excluding", &self.excluding)?,
            &text("desil", &self.desil)?,
            settings::value(data, "head_age", self.head_age)?,
            settings::value(data, "card_members", self.card_members)?,
        )?)
    }
}

pub fn run(data: &Path, arguments: &Arguments) -> anyhow::Result<()> {
    let settings = arguments.rules.settings(data)?;
    let Arguments { area, period, .. } = *arguments;
    let mut cases = cases(data, area, period, &settings)?;
    cases.retain(|case| arguments.only.is_empty() || arguments.only.contains(&case.rule));
    let counts = count(&cases);
    print!("{}", table(area, period, &settings, &arguments.only, &counts));
    if let Some(path) = &arguments.csv {
        let text = csv(area, period, &counts);
        durable::write_file(path, text.as_bytes(), 0o600, "check.csv").with_context(|| format!("cannot write {}", path.display()))?;
        println!("{}: {} baris", path.display(), text.lines().count() - 1);
    }
    Ok(())
}

/// The cases of a month; looks for possible duplicates first, where the last
/// search is not of these imports.
pub fn cases(data: &Path, area: AreaCode, period: Period, settings: &RuleSettings) -> anyhow::Result<Vec<Case>> {
    let _lock = super::lock(data)?;
    let mut registry = registry(data, area)?;
    if settings.has(Rule::PossibleDuplicate) {
        registry.look_for_duplicates(period)?;
    }
    Ok(registry.cases(period, settings)?)
}

/// The registry of a district that has one: looking makes none.
pub fn registry(data: &Path, area: AreaCode) -> anyhow::Result<Registry> {
    ensure!(Registry::districts(data)?.contains(&area), "{}: nothing is imported for {area}; import its files first", data.display());
    super::registry(data, area)
}

/// Cases by rule and kecamatan (by name; none where no file tells it), for each state.
type Counts = BTreeMap<Rule, BTreeMap<(Option<AreaCode>, String), [u64; 4]>>;

fn count(cases: &[Case]) -> Counts {
    let areas = reference::areas();
    let mut counts = Counts::new();
    for case in cases {
        let code = case.kecamatan();
        let name = code.and_then(|code| areas.get(code)).map_or_else(|| "(tidak diketahui)".to_owned(), |area| area.name.to_string());
        let states = counts.entry(case.rule).or_default().entry((code, name)).or_default();
        states[case.state as usize] += 1;
    }
    counts
}

fn sum<'a>(lines: impl IntoIterator<Item = &'a [u64; 4]>) -> [u64; 4] {
    let mut all = [0; 4];
    for states in lines {
        for (sum, count) in all.iter_mut().zip(states) {
            *sum += count;
        }
    }
    all
}

fn table(area: AreaCode, period: Period, settings: &RuleSettings, only: &[Rule], counts: &Counts) -> String {
    let mut text = format!("{area} {period}\n{:<46}", "aturan, kecamatan");
    for state in State::ALL {
        let _ = write!(text, "{:>11}", state.words());
    }
    text.push('\n');
    let mut line = |name: &str, states: &[u64; 4]| {
        let _ = write!(text, "{name:<46}");
        for count in states {
            let _ = write!(text, "{:>11}", number(*count));
        }
        text.push('\n');
    };
    for rule in Rule::ALL.into_iter().filter(|rule| only.is_empty() || only.contains(rule)) {
        let name = format!("{rule} {}", rule.words());
        match counts.get(&rule) {
            Some(kecamatan) => {
                line(&name, &sum(kecamatan.values()));
                for ((_, name), states) in kecamatan {
                    line(&format!("      {name}"), states);
                }
            }
            None if settings.has(rule) => line(&name, &[0; 4]),
            None => line(&format!("{name} (dimatikan)"), &[0; 4]),
        }
    }
    line("semua", &sum(counts.values().flat_map(BTreeMap::values)));
    text
}

fn csv(area: AreaCode, period: Period, counts: &Counts) -> String {
    let mut text = String::from("area,period,rule,code,kecamatan,state,cases\n");
    for (rule, kecamatan) in counts {
        for ((code, _), states) in kecamatan {
            let code = code.map_or_else(String::new, |code| code.to_string());
            for (state, cases) in State::ALL.iter().zip(states).filter(|(_, cases)| **cases > 0) {
                let _ = writeln!(text, "{area},{period},{rule},{},{code},{},{cases}", rule.code(), state.as_str());
            }
        }
    }
    text
}
