//! Cases out to a workbook and the decisions back in: how an office decides in
//! bulk. A row is known by its key, so columns may be moved, rows added and
//! sorted; what was decided meanwhile by others is never overwritten.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::Read;
use std::path::Path;

use diesel::prelude::*;
use domain::Period;
use rust_xlsxwriter::{Color, DataValidation, Format, Workbook, Worksheet, XlsxError};

use crate::Registry;
use crate::book::{self, Book};
use crate::cases::{Case, Decider, NewDecision, Rule, RuleSettings, State};
use crate::cells;
use crate::error::{Error, Result};
use crate::layout::normalise;
use crate::records::{Record, RecordError, Rows};
use crate::schema::imports;
use crate::source::Fingerprint;

const DECISION: &str = "Keputusan";
const NOTE: &str = "Catatan";
const KEY: &str = "Kunci";
const VERSION: &str = "Versi";
const COLUMNS: [(&str, f64); 16] = [
    (DECISION, 12.0),
    ("NIK", 19.0),
    ("Nama", 28.0),
    ("NIK lain", 19.0),
    ("Nama lain", 28.0),
    ("Kartu Keluarga", 19.0),
    ("Kecamatan", 18.0),
    ("Kelurahan/Desa", 18.0),
    ("Program", 18.0),
    ("Temuan", 44.0),
    ("Saran", 44.0),
    ("Keadaan", 10.0),
    ("Diputuskan", 24.0),
    (NOTE, 30.0),
    (KEY, 10.0),
    (VERSION, 6.0),
];
/// The words of the drop-down, which are those of [`State`].
const WORDS: [&str; 3] = ["terbukti", "bukan", "selesai"];
/// The most rows of a sheet, below title and header.
const MOST_ROWS: usize = (1 << 20) - 2;
/// For how many rows names are looked up at a time.
const NAMED_AT_ONCE: usize = 2000;
/// Among how many first rows the header is looked for.
const HEADER_WITHIN: usize = 20;

/// What reading a workbook of decisions did.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct ReadBack {
    /// Decisions stored.
    pub new: u64,
    /// Rows whose decision stands already.
    pub unchanged: u64,
    /// Rows without a decision.
    pub empty: u64,
    /// Whether this very file was read before.
    pub already: bool,
    /// Rows that could not be taken.
    pub problems: Vec<SheetProblem>,
}

/// A row that could not be taken, without anything of what it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetProblem {
    /// The sheet.
    pub sheet: String,
    /// The row.
    pub row: u64,
    /// What is wrong.
    pub problem: String,
    /// What to do.
    pub remedy: &'static str,
}

/// What a row of the workbook asks for.
struct Asked {
    state: State,
    note: String,
    version: i64,
    sheet: String,
    row: u64,
}

fn key_text(case: &Case) -> String {
    let (rule, subject, ground) = case.key();
    format!("{rule}:{subject}:{ground}")
}

impl Registry {
    /// Writes cases to a workbook of mode 0600, a sheet a rule, to be decided
    /// in it; tells how many rows it has.
    ///
    /// # Errors
    /// When the workbook cannot be written.
    pub fn write_review(&mut self, period: Period, cases: &[Case], path: &Path) -> Result<u64> {
        let simulated: bool = diesel::select(diesel::dsl::exists(
            imports::table.filter(imports::simulated.eq(true).and(imports::period.le(period.to_string()))),
        ))
        .get_result(&mut self.conn)?;
        let title = format!("{} {period}{}", self.district, if simulated { " SIMULASI: data buatan, bukan orang sungguhan" } else { "" });
        // What is being written waits in unnamed files beside the workbook, not in memory.
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let bytes = self.workbook(&title, cases, folder).map_err(|fault| match fault {
            Fault::Registry(error) => error,
            Fault::Workbook(error) => Error::Request(format!("{}: the workbook cannot be written: {error}", path.display())),
        })?;
        durable::write_file(path, &bytes, 0o600, "review").map_err(|source| Error::Io { path: path.to_owned(), source })?;
        Ok(cases.len() as u64)
    }

    /// Reads the decisions of a workbook back, all in one transaction; rows that
    /// cannot be taken are told and the others taken.
    ///
    /// # Errors
    /// When the file is no workbook of cases, it cannot be read, or nobody is
    /// named as having decided.
    pub fn read_review(&mut self, period: Period, settings: &RuleSettings, path: &Path, by: &str) -> Result<ReadBack> {
        let print = Fingerprint::of_book(path)?;
        let mut back = ReadBack { already: self.decisions_of(&print.sha256)? > 0, ..ReadBack::default() };
        let asked = read(path, &mut back)?;
        let again = Fingerprint::of_book(path)?;
        print.check(path, &again.sha256, again.bytes)?;
        if back.already {
            back.unchanged = asked.len() as u64;
            back.problems.clear();
            return Ok(back);
        }
        let cases = self.cases(period, settings)?;
        let known: HashMap<String, &Case> = cases.iter().map(|case| (key_text(case), case)).collect();
        let mut new = Vec::new();
        for (key, asked) in &asked {
            let Some(case) = known.get(key) else {
                back.problems.push(SheetProblem {
                    sheet: asked.sheet.clone(),
                    row: asked.row,
                    problem: format!("no such case in {period}: its import was undone, its rule is off, or the key was changed"),
                    remedy: "write the workbook again with --out",
                });
                continue;
            };
            let last = case.decision.as_ref();
            if case.state == asked.state {
                back.unchanged += 1;
            } else if last.map_or(0, |decision| decision.id) != asked.version {
                back.problems.push(SheetProblem {
                    sheet: asked.sheet.clone(),
                    row: asked.row,
                    problem: format!("it was decided otherwise since the workbook was written ({})", case.state.words()),
                    remedy: "write the workbook again with --out and decide in that",
                });
            } else {
                new.push(NewDecision { case, state: asked.state, note: &asked.note });
            }
        }
        back.new = self.decide(period, Decider { by, source: &print.sha256 }, &new)?;
        back.unchanged += new.len() as u64 - back.new;
        back.problems.sort_by(|a, b| (&a.sheet, a.row).cmp(&(&b.sheet, b.row)));
        Ok(back)
    }
}

/// Why a workbook was not made.
enum Fault {
    Registry(Error),
    Workbook(XlsxError),
}

impl From<Error> for Fault {
    fn from(error: Error) -> Fault {
        Fault::Registry(error)
    }
}

impl From<XlsxError> for Fault {
    fn from(error: XlsxError) -> Fault {
        Fault::Workbook(error)
    }
}

impl Registry {
    fn workbook(&mut self, title: &str, cases: &[Case], folder: &Path) -> Result<Vec<u8>, Fault> {
        let mut book = Workbook::new();
        book.set_tempdir(folder)?;
        let bold = Format::new().set_bold();
        let head = Format::new().set_bold().set_background_color(Color::RGB(0xDD_E8_F0)).set_text_wrap();
        // Text that stays text when it is edited or copied: no cell is ever a formula.
        let text = Format::new().set_num_format("@").set_quote_prefix();
        let choice = Format::new().set_num_format("@").set_background_color(Color::RGB(0xFF_F6_D6));
        let list = DataValidation::new()
            .allow_list_strings(&WORDS)?
            .set_error_title("Keputusan")?
            .set_error_message("Pilih terbukti, bukan, atau selesai; biarkan kosong bila belum diputuskan.")?;
        let guide = book.add_worksheet().set_name("Petunjuk")?;
        guide.set_column_width(0, 120)?;
        guide.write_string_with_format(0, 0, format!("Temuan untuk diputuskan: {title}"), &bold)?;
        let lines = [
            "Isi kolom Keputusan: terbukti (benar demikian), bukan (tidak benar atau tidak menjadi soal), selesai (benar dan sudah ditindaklanjuti).",
            "Biarkan kosong yang belum diputuskan. Kolom dan baris boleh dipindah atau ditambah; kolom Kunci dan Versi jangan diubah.",
            "Tidak ada penerima yang dihapus atau digabung karena keputusan di sini. Temuan adalah petunjuk dari berkas, bukan bukti.",
            "Berkas ini memuat nama dan NIK: simpan hanya di kantor, jangan dikirim lewat surel atau pesan.",
            "Baca kembali dengan: bansos review --area KODE --period BULAN --in BERKAS --by NAMA",
        ];
        for (line, row) in lines.into_iter().zip(2u32..) {
            guide.write_string(row, 0, line)?;
        }
        let mut by_rule: BTreeMap<Rule, Vec<usize>> = BTreeMap::new();
        for (at, case) in cases.iter().enumerate() {
            by_rule.entry(case.rule).or_default().push(at);
        }
        for (rule, places) in by_rule {
            for (part, number) in places.chunks(MOST_ROWS).zip(1..) {
                let name = if number == 1 { rule.id().to_owned() } else { format!("{} ({number})", rule.id()) };
                let sheet = book.add_worksheet_with_constant_memory()?.set_name(name)?;
                sheet.write_string_with_format(0, 0, format!("{} {}: {title}", rule.id(), rule.words()), &bold)?;
                start(sheet, &head)?;
                let mut row = 1u32;
                for some in part.chunks(NAMED_AT_ONCE) {
                    let some: Vec<&Case> = some.iter().map(|at| &cases[*at]).collect();
                    for (case, shown) in some.iter().zip(self.shown_of(&some)?) {
                        row += 1;
                        let version = case.decision.as_ref().map_or(0, |decision| decision.id).to_string();
                        let key = key_text(case);
                        let decided = if case.state == State::Open { "" } else { case.state.words() };
                        sheet.write_string_with_format(row, 0, decided, &choice)?;
                        let cells = [
                            &shown.nik,
                            &shown.name,
                            &shown.other_nik,
                            &shown.other_name,
                            &shown.family,
                            &shown.kecamatan,
                            &shown.kelurahan,
                            &shown.programs,
                            &shown.evidence,
                            rule.remedy(),
                            shown.state,
                            &shown.decided,
                            &shown.note,
                            &key,
                            &version,
                        ];
                        for (cell, column) in cells.into_iter().zip(1u16..) {
                            sheet.write_string_with_format(row, column, cell, &text)?;
                        }
                    }
                }
                sheet.add_data_validation(2, 0, part.len() as u32 + 1, 0, &list)?;
                sheet.autofilter(1, 0, part.len() as u32 + 1, COLUMNS.len() as u16 - 1)?;
            }
        }
        Ok(book.save_to_buffer()?)
    }
}

fn start(sheet: &mut Worksheet, head: &Format) -> Result<(), XlsxError> {
    for ((name, width), column) in COLUMNS.into_iter().zip(0u16..) {
        sheet.write_string_with_format(1, column, name, head)?;
        sheet.set_column_width(column, width)?;
        if name == KEY || name == VERSION {
            sheet.set_column_hidden(column)?;
        }
    }
    sheet.set_freeze_panes(2, 1)?;
    Ok(())
}

/// The places of decision, note, key and version in a header.
fn header(record: &Record<'_>) -> Option<[Option<usize>; 4]> {
    let names: Vec<String> = record.cells().map(|cell| normalise(&cells::text(cell))).collect();
    let at = |name: &str| names.iter().position(|known| *known == normalise(name));
    let found = [at(DECISION), at(NOTE), at(KEY), at(VERSION)];
    (found[0].is_some() && found[2].is_some()).then_some(found)
}

/// The rows of a workbook that ask for a decision, by key.
fn read(path: &Path, back: &mut ReadBack) -> Result<HashMap<String, Asked>> {
    let io = |source| Error::Io { path: path.to_owned(), source };
    let told = |error: RecordError| {
        let (place, problem, remedy) = error.told();
        Error::Input { file: path.to_owned(), place, problem, remedy }
    };
    let refused = |problem: &str| Error::Input {
        file: path.to_owned(),
        place: "whole file".to_owned(),
        problem: problem.to_owned(),
        remedy: "give the workbook that `bansos review --out` wrote, with its columns Keputusan and Kunci",
    };
    let mut start = [0; 4];
    let length = File::open(path).and_then(|mut file| file.read(&mut start)).map_err(io)?;
    if !book::is_book(&start[..length]) {
        return Err(refused("it is no workbook"));
    }
    let kind = book::measured(path, &start[..length])?;
    let mut open = Book::open(path, kind)?;
    let mut asked: HashMap<String, Asked> = HashMap::new();
    let mut any = false;
    for name in open.sheets(path)? {
        let sheet = book::shown(&name);
        let mut rows = open.rows(&name, Vec::new(), 0).map_err(told)?;
        let mut columns = None;
        for _ in 0..HEADER_WITHIN {
            let Some(record) = rows.next().map_err(told)? else { break };
            columns = header(&record);
            if columns.is_some() {
                break;
            }
        }
        let Some([Some(decision), note, Some(key), version]) = columns else { continue };
        any = true;
        while let Some(record) = rows.next().map_err(told)? {
            let cell = |at: Option<usize>| at.map_or_else(String::new, |at| cells::text(record.cell(at)).into_owned());
            let (word, key) = (cell(Some(decision)), cell(Some(key)));
            if word.is_empty() {
                back.empty += u64::from(!key.is_empty());
                continue;
            }
            let mut problem = |problem: &str, remedy: &'static str| {
                back.problems.push(SheetProblem { sheet: sheet.clone(), row: record.line, problem: problem.to_owned(), remedy });
            };
            if key.is_empty() {
                problem("a decision in a row without a key: it was added by hand", "decide in the row that the workbook had for the case");
                continue;
            }
            let Ok(state) = word.parse::<State>() else {
                problem("the word in Keputusan is unknown", "write terbukti, bukan or selesai, or leave it empty");
                continue;
            };
            let row =
                Asked { state, note: cell(note), version: cell(version).parse().unwrap_or(0), sheet: sheet.clone(), row: record.line };
            match asked.get(&key) {
                Some(known) if known.state != state => {
                    problem("the same case stands above with another decision", "leave one of the two rows");
                }
                Some(_) => {}
                None => {
                    asked.insert(key, row);
                }
            }
        }
    }
    if any { Ok(asked) } else { Err(refused("no sheet has the columns Keputusan and Kunci")) }
}
