//! `bansos review`: an operator decides findings, one by one in the terminal,
//! in a workbook that goes out and comes back in, or all of a rule at once.
//! Names and NIK are shown here, since that is the operator's work: only on a
//! terminal, or in a workbook of mode 0600.

use std::io::{BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::{bail, ensure};
use domain::{AreaCode, Level, Period};
use registry::{Case, Decider, NewDecision, Registry, Rule, RuleSettings, Shown, State};

use super::check::RuleArguments;
use crate::progress::number;

/// How many rows of a workbook that could not be taken are told.
const TOLD: usize = 50;

#[derive(clap::Args)]
#[command(after_help = "A decision removes nobody and merges nobody; it is kept with who decided and when, and the last one counts.\n\n\
Example:\n  bansos --data data review --area 36.71 --period 2025-06 --by \"A. Sari\"\n  \
bansos --data data review --area 36.71 --period 2025-06 --out tinjau.xlsx\n  \
bansos --data data review --area 36.71 --period 2025-06 --in tinjau.xlsx --by \"A. Sari\"\n  \
bansos --data data review --area 36.71 --period 2025-06 --rule F04 --decide confirmed --count 12 --by \"A. Sari\"")]
#[command(group(clap::ArgGroup::new("way").args(["out", "read", "decide"])))]
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
    /// Only this kecamatan.
    #[arg(long, value_name = "CODE")]
    kecamatan: Option<AreaCode>,
    /// Decided findings, too, not only open ones.
    #[arg(long)]
    all: bool,
    /// Write the findings to this workbook (mode 0600), to be decided in it.
    #[arg(long, value_name = "FILE.xlsx")]
    out: Option<PathBuf>,
    /// Read the decisions of such a workbook.
    #[arg(long = "in", id = "read", value_name = "FILE.xlsx", requires = "by", conflicts_with_all = ["only", "kecamatan", "all"])]
    read: Option<PathBuf>,
    /// Decide all open findings of the given rules and kecamatan: confirmed, dismissed or resolved.
    #[arg(long, value_name = "STATE", requires_all = ["only", "by"], conflicts_with = "all")]
    decide: Option<State>,
    /// How many findings --decide is expected to decide; without it they are only counted.
    #[arg(long, value_name = "N", requires = "decide")]
    count: Option<u64>,
    /// Who decides; the name is kept with the decision.
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    #[command(flatten)]
    rules: RuleArguments,
}

pub fn run(data: &Path, arguments: &Arguments) -> anyhow::Result<()> {
    let settings = arguments.rules.settings(data)?;
    if let Some(kecamatan) = arguments.kecamatan {
        ensure!(
            kecamatan.level() == Level::Kecamatan && arguments.area.contains(kecamatan),
            "{kecamatan} is no kecamatan of {}; give a code such as {}.01",
            arguments.area,
            arguments.area
        );
    }
    if let Some(by) = &arguments.by {
        ensure!(!by.trim().is_empty(), "--by is empty; give the name of who decides");
    }
    match (&arguments.read, arguments.decide, &arguments.out) {
        (Some(path), _, _) => read(data, arguments, &settings, path),
        (_, Some(state), _) => bulk(data, arguments, &settings, state),
        (_, _, Some(path)) => write(data, arguments, &settings, path),
        _ => one_by_one(data, arguments, &settings),
    }
}

/// The findings that the arguments ask for.
fn chosen(data: &Path, arguments: &Arguments, settings: &RuleSettings) -> anyhow::Result<Vec<Case>> {
    let mut cases = super::check::cases(data, arguments.area, arguments.period, settings)?;
    cases.retain(|case| {
        (arguments.only.is_empty() || arguments.only.contains(&case.rule))
            && arguments.kecamatan.is_none_or(|kecamatan| case.kecamatan() == Some(kecamatan))
            && (arguments.all || case.state == State::Open)
    });
    Ok(cases)
}

fn write(data: &Path, arguments: &Arguments, settings: &RuleSettings, path: &Path) -> anyhow::Result<()> {
    ensure!(
        path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("xlsx")),
        "{}: the findings are written as a workbook; give a name that ends in .xlsx",
        path.display()
    );
    let cases = chosen(data, arguments, settings)?;
    let rows = super::check::registry(data, arguments.area)?.write_review(arguments.period, &cases, path)?;
    println!("{}: {} temuan untuk diputuskan; berkas ini memuat nama dan NIK", path.display(), number(rows));
    Ok(())
}

fn read(data: &Path, arguments: &Arguments, settings: &RuleSettings, path: &Path) -> anyhow::Result<()> {
    let by = arguments.by.as_deref().unwrap_or_default();
    let _lock = super::lock(data)?;
    let back = super::check::registry(data, arguments.area)?.read_review(arguments.period, settings, path, by)?;
    let before = if back.already { " (this file was read before)" } else { "" };
    println!(
        "{}: {} new, {} unchanged, {} undecided, {} not taken{before}",
        path.display(),
        number(back.new),
        number(back.unchanged),
        number(back.empty),
        number(back.problems.len() as u64)
    );
    for problem in back.problems.iter().take(TOLD) {
        println!("  sheet {}, row {}: {}; {}", problem.sheet, problem.row, problem.problem, problem.remedy);
    }
    if back.problems.len() > TOLD {
        println!("  and {} more", back.problems.len() - TOLD);
    }
    Ok(())
}

fn bulk(data: &Path, arguments: &Arguments, settings: &RuleSettings, state: State) -> anyhow::Result<()> {
    ensure!(
        state != State::Open,
        "--decide takes confirmed, dismissed or resolved; a decision is taken back in the terminal or a workbook"
    );
    let cases = chosen(data, arguments, settings)?;
    let found = cases.len() as u64;
    match arguments.count {
        Some(expected) if expected == found => {}
        Some(expected) => bail!("{found} findings are open, not {expected}: nothing was decided; look at them and give --count {found}"),
        None => bail!("{found} findings would be {}: nothing was decided; give --count {found} to decide them", state.as_str()),
    }
    let new: Vec<NewDecision<'_>> = cases.iter().map(|case| NewDecision { case, state, note: "" }).collect();
    let _lock = super::lock(data)?;
    let mut registry = super::check::registry(data, arguments.area)?;
    let by = arguments.by.as_deref().unwrap_or_default();
    let stored = registry.decide(arguments.period, Decider { by, source: "" }, &new)?;
    println!("{} findings {}, {} unchanged", number(stored), state.as_str(), number(found - stored));
    Ok(())
}

fn one_by_one(data: &Path, arguments: &Arguments, settings: &RuleSettings) -> anyhow::Result<()> {
    let (input, output) = (std::io::stdin(), std::io::stdout());
    if !output.is_terminal() || !input.is_terminal() {
        bail!("review shows names and NIK, so it needs a terminal; write a workbook with --out FILE.xlsx instead");
    }
    let Some(by) = arguments.by.as_deref() else { bail!("a decision needs a name: give --by NAME") };
    let cases = chosen(data, arguments, settings)?;
    let mut registry = super::check::registry(data, arguments.area)?;
    let mut desk = Desk { data, registry: &mut registry, period: arguments.period, by };
    let decided = sit(&mut desk, &cases, &mut input.lock(), &mut output.lock())?;
    println!("{} diputuskan dari {}", number(decided), number(cases.len() as u64));
    Ok(())
}

/// Where an operator sits and decides.
struct Desk<'a> {
    data: &'a Path,
    registry: &'a mut Registry,
    period: Period,
    by: &'a str,
}

impl Desk<'_> {
    /// Stores one decision at once: what was decided is kept whatever comes next.
    fn decide(&mut self, case: &Case, state: State) -> anyhow::Result<()> {
        let _lock = super::lock(self.data)?;
        self.registry.decide(self.period, Decider { by: self.by, source: "" }, &[NewDecision { case, state, note: "" }])?;
        Ok(())
    }
}

const KEYS: &str = "t terbukti | b bukan | s selesai | l lewati | u batalkan yang terakhir | q keluar";

/// Shows case after case and stores what is typed; tells how many are decided.
fn sit(desk: &mut Desk<'_>, cases: &[Case], input: &mut dyn BufRead, out: &mut dyn Write) -> anyhow::Result<u64> {
    let mut at = 0;
    // Which were decided here, in order, and the state each had.
    let mut decided: Vec<(usize, State)> = Vec::new();
    let mut shown_at = usize::MAX;
    let mut line = String::new();
    while let Some(case) = cases.get(at) {
        if shown_at != at {
            let shown = desk.registry.shown(std::slice::from_ref(case))?;
            let Some(shown) = shown.first() else { break };
            write!(out, "\n[{}/{}] {}", at + 1, cases.len(), told(case, shown))?;
            shown_at = at;
        }
        write!(out, "{KEYS} > ")?;
        out.flush()?;
        line.clear();
        if input.read_line(&mut line)? == 0 {
            break;
        }
        let state = match line.trim().to_lowercase().as_str() {
            "t" => State::Confirmed,
            "b" => State::Dismissed,
            "s" => State::Resolved,
            "l" => {
                at += 1;
                continue;
            }
            "u" => {
                if let Some((last, before)) = decided.pop() {
                    desk.decide(&cases[last], before)?;
                    writeln!(out, "keputusan nomor {} dibatalkan", last + 1)?;
                    (at, shown_at) = (last, usize::MAX);
                } else {
                    writeln!(out, "belum ada yang diputuskan di sini")?;
                }
                continue;
            }
            "q" => break,
            _ => {
                writeln!(out, "ketik satu huruf: {KEYS}")?;
                continue;
            }
        };
        desk.decide(case, state)?;
        decided.push((at, case.state));
        at += 1;
    }
    Ok(decided.len() as u64)
}

fn told(case: &Case, shown: &Shown) -> String {
    let place = [shown.kelurahan.as_str(), shown.kecamatan.as_str()].into_iter().filter(|name| !name.is_empty()).collect::<Vec<_>>();
    let mut text = format!("{} {}\n", case.rule, case.rule.words());
    for (what, value) in [
        ("NIK", shown.nik.as_str()),
        ("nama", &shown.name),
        ("NIK lain", &shown.other_nik),
        ("nama lain", &shown.other_name),
        ("KK", &shown.family),
        ("tempat", &place.join(", ")),
        ("program", &shown.programs),
        ("temuan", &shown.evidence),
        ("saran", case.rule.remedy()),
        ("keadaan", shown.state),
        ("diputuskan", &shown.decided),
        ("catatan", &shown.note),
    ] {
        if !value.is_empty() {
            text += &format!("  {what:<11}{}\n", super::printable(value));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const DTKS: &str = "provinsi,kabupaten,kecamatan,desa_kelurahan,NIK,NOKK,Nama,Alamat,rt,rw,PKH,BPNT,PBI";

    fn nik(n: u32) -> String {
        format!("367101120360{n:04}")
    }

    /// A data folder in which three recipients died.
    fn office() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let rows = |n| {
            format!(
                "BANTEN,KOTA TANGERANG,TANGERANG,SUKARASA,{},36710112031900{n:02},ORANG\x1b[2J {n},Jalan,001,002,YA,TIDAK,TIDAK\n",
                nik(n)
            )
        };
        let files = folder.path().join("36.71/2025-06");
        std::fs::create_dir_all(&files).unwrap();
        std::fs::write(files.join("dtks.csv"), format!("{DTKS}\n{}", (1..4).map(rows).collect::<String>())).unwrap();
        let deaths: String = (1..4).map(|n| format!("{},2025-01-05\n", nik(n))).collect();
        std::fs::write(files.join("deaths.csv"), format!("nik,date_of_death\n{deaths}")).unwrap();
        let files = [files];
        let request = registry::ImportRequest { files: &files, ..Default::default() };
        registry::import(folder.path(), &request, &mut |_| {}).unwrap();
        folder
    }

    #[test]
    fn keys_decide_take_back_and_end() {
        let folder = office();
        let mut registry = Registry::open(folder.path(), "36.71".parse().unwrap()).unwrap();
        let period: Period = "2025-06".parse().unwrap();
        let cases = registry.cases(period, &RuleSettings::default()).unwrap();
        let mut desk = Desk { data: folder.path(), registry: &mut registry, period, by: "Operator" };
        let mut out = Vec::new();
        // Confirm, dismiss, take the second back, what is no key, deal with it, skip the third; then the end.
        let decided = sit(&mut desk, &cases, &mut "t\nb\nu\nx\nS\nl\n".as_bytes(), &mut out).unwrap();
        assert_eq!(decided, 2);
        let states: Vec<State> = registry.cases(period, &RuleSettings::default()).unwrap().iter().map(|case| case.state).collect();
        assert_eq!(states, [State::Confirmed, State::Resolved, State::Open]);
        let text = String::from_utf8(out).unwrap();
        assert!(text.contains("[3/3] F04 meninggal") && text.contains(&nik(3)) && text.contains("05/01/2025"), "{text}");
        assert!(!text.contains('\x1b'), "a name commands the terminal");
    }
}
