//! Writes the rows of a layout cell by cell, and spoils some of them: what a
//! clerk can get wrong depends on what stands in a column, so a layout says of
//! each column what it holds, and every layout has every defect that it can have.

use std::io;

use domain::{AreaCode, Level};

use crate::defect::{Defect, impossible_nik, misspelt, same_sound, unknown_program, unreadable_nik};
use crate::dice::Dice;
use crate::files::KeyLine;
use crate::model::{Birth, Sex, days};
use crate::sheet::{Dress, Sheet};

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Anything: nothing can be wrong in it.
    Plain,
    Nik,
    /// A NIK that may be left out.
    NikOrNone,
    Card,
    CardOrNone,
    /// A name, which may say that its bearer died.
    Name,
    Date,
    /// The birth date of the row's NIK.
    Birth,
    /// The sex of the row's NIK.
    Sex,
    Program,
    /// Province or kabupaten: a wrong one is another district's row.
    Above,
    Kecamatan,
    Desa,
    Count,
    /// A word out of a vocabulary.
    Word,
    /// A NIK with its middle hidden.
    Mask,
    /// The code of an area.
    Code,
}

/// A column: its header and what it holds.
pub(crate) type Column = (&'static str, Kind);

/// What is true of a row, where defects need it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Facts {
    pub(crate) nik: u64,
    pub(crate) birth: Birth,
    pub(crate) sex: Sex,
    pub(crate) kecamatan: AreaCode,
    pub(crate) desa: &'static str,
}

/// One file being written.
pub(crate) struct Table<'a> {
    pub(crate) sheet: Sheet,
    pub(crate) key: Vec<KeyLine>,
    pub(crate) dice: &'a mut Dice,
    dress: Dress,
    columns: &'static [Column],
    row: Vec<String>,
    filled: usize,
    /// How many rows in one are spoilt.
    rate: f64,
    district: AreaCode,
}

/// The header of a layout.
pub(crate) fn header(columns: &[Column]) -> String {
    columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(",")
}

impl<'a> Table<'a> {
    pub(crate) fn new(sheet: Sheet, dice: &'a mut Dice, columns: &'static [Column], rate: f64, district: AreaCode) -> Table<'a> {
        let dress = sheet.dress();
        Table { sheet, key: Vec::new(), dice, dress, columns, row: vec![String::new(); columns.len()], filled: 0, rate, district }
    }

    /// Fills the next cell.
    pub(crate) fn put(&mut self, text: &str) -> &mut Self {
        self.next().push_str(text);
        self
    }

    /// Fills the next cell with a number of at least `width` digits.
    pub(crate) fn digits(&mut self, number: u64, width: usize) -> &mut Self {
        let text = format!("{number:0width$}");
        self.put(&text)
    }

    /// Fills the next cell with a day.
    pub(crate) fn date(&mut self, day: Birth) -> &mut Self {
        let text = self.dress.date_text(day.year, day.month, day.day);
        self.put(&text)
    }

    /// Fills the next cell with a name.
    pub(crate) fn name(&mut self, (first, last): (&str, Option<&str>)) -> &mut Self {
        let cell = self.next();
        cell.push_str(first);
        if let Some(last) = last {
            cell.push(' ');
            cell.push_str(last);
        }
        self
    }

    /// Leaves cells empty.
    pub(crate) fn empty(&mut self, count: usize) -> &mut Self {
        for _ in 0..count {
            self.next();
        }
        self
    }

    fn next(&mut self) -> &mut String {
        self.filled += 1;
        let cell = &mut self.row[self.filled - 1];
        cell.clear();
        cell
    }

    /// Ends the row, perhaps with a defect; tells whether a right import accepts it.
    pub(crate) fn end(&mut self, facts: &Facts) -> io::Result<bool> {
        let spoilt = self.dice.chance(self.rate);
        let defect = if spoilt { self.spoil(facts) } else { None };
        self.write(defect)
    }

    /// Ends the row as it stands.
    pub(crate) fn end_whole(&mut self) -> io::Result<()> {
        self.write(None).map(|_| ())
    }

    /// Ends a row that was added for its defect, where it has one.
    pub(crate) fn end_spoilt(&mut self, facts: &Facts) -> io::Result<()> {
        match self.spoil(facts) {
            Some(defect) if defect.outcome() == "rejected" => self.write(Some(defect)).map(|_| ()),
            _ => {
                self.filled = 0;
                Ok(())
            }
        }
    }

    fn write(&mut self, defect: Option<Defect>) -> io::Result<bool> {
        debug_assert_eq!(self.filled, self.columns.len());
        self.filled = 0;
        let line = self.sheet.line();
        self.key.extend(defect.map(|defect| KeyLine { line, defect }));
        let short = defect == Some(Defect::Columns);
        let count = self.row.len() - usize::from(short);
        for cell in &self.row[..count] {
            self.sheet.text(cell);
        }
        if short {
            self.sheet.end_short()?
        } else {
            self.sheet.end()?
        }
        Ok(defect.is_none_or(|defect| defect.outcome() != "rejected"))
    }

    /// Spoils one cell, or the row's number of cells; nothing where the chosen
    /// cell cannot be spoilt so that it shows.
    fn spoil(&mut self, facts: &Facts) -> Option<Defect> {
        let places: Vec<usize> =
            self.columns.iter().enumerate().filter(|(_, (_, kind))| *kind != Kind::Plain).map(|(place, _)| place).collect();
        // One more for the row as a whole; a file of one column has nothing to lose.
        let chosen = self.dice.below(places.len() as u32 + 1) as usize;
        let Some(place) = places.get(chosen).copied() else { return (self.columns.len() > 2).then_some(Defect::Columns) };
        let (cell, defect) = self.spoilt(self.columns[place].1, &self.row[place].clone(), facts)?;
        self.row[place] = cell;
        Some(defect)
    }

    fn spoilt(&mut self, kind: Kind, cell: &str, facts: &Facts) -> Option<(String, Defect)> {
        let dice = &mut *self.dice;
        let invalid = |text: &str, defect| Some((text.to_owned(), defect));
        // What was left out stays left out.
        if cell.is_empty() && matches!(kind, Kind::NikOrNone | Kind::CardOrNone | Kind::Code | Kind::Program | Kind::Date) {
            return None;
        }
        match kind {
            Kind::Plain => None,
            Kind::Nik | Kind::NikOrNone => {
                let nik = cell.parse().unwrap_or(facts.nik);
                match dice.below(if kind == Kind::Nik { 5 } else { 3 }) {
                    0 => Some((unreadable_nik(nik, dice), Defect::NikFormat)),
                    1 => Some((format!("{:016}", impossible_nik(nik, dice)), Defect::NikDate)),
                    2 => Some((format!("{}0000", &cell[..12]), Defect::NikSerial)),
                    3 => invalid(["-", "0", ""][dice.below(3) as usize], Defect::NikMissing),
                    _ => invalid("0000000000000000", Defect::NikMissing),
                }
            }
            Kind::Card | Kind::CardOrNone => Some((cell[..15].to_owned(), Defect::Card)),
            Kind::Name => Some((format!("{cell}{}", [" (ALM)", " ALM.", " ALMARHUM"][dice.below(3) as usize]), Defect::NameDeceased)),
            Kind::Date => invalid(["31/02/2025", "2025-02-30", "kemarin", "32/01/2025"][dice.below(4) as usize], Defect::Date),
            Kind::Birth => self.spoilt_birth(facts.birth),
            Kind::Sex => match dice.below(2) {
                0 => invalid("X", Defect::Value),
                _ => invalid(if facts.sex == Sex::Female { "L" } else { "P" }, Defect::Sex),
            },
            Kind::Program => invalid(unknown_program(dice), Defect::Program),
            Kind::Above => invalid("ANTAH BERANTAH", Defect::Area),
            Kind::Kecamatan => {
                let name = reference::areas().get(facts.kecamatan).map_or("", |area| area.name);
                match same_sound(name, self.district, facts.kecamatan, Level::Kecamatan).filter(|_| dice.chance(0.4)) {
                    Some(text) => Some((text, Defect::Spelling)),
                    None => Some((misspelt(name, self.district, self.district, Level::Kecamatan, dice), Defect::Area)),
                }
            }
            Kind::Desa => {
                let code = reference::areas().find(facts.kecamatan, Level::Kelurahan, facts.desa).ok()?;
                match same_sound(facts.desa, facts.kecamatan, code, Level::Kelurahan).filter(|_| dice.chance(0.4)) {
                    Some(text) => Some((text, Defect::Spelling)),
                    None => Some((misspelt(facts.desa, self.district, facts.kecamatan, Level::Kelurahan, dice), Defect::Area)),
                }
            }
            Kind::Count => invalid(["sebelas", "-3", "1,5"][dice.below(3) as usize], Defect::Value),
            Kind::Word => invalid(["?", "xyz", "9"][dice.below(3) as usize], Defect::Value),
            Kind::Mask => invalid(&cell[..cell.len().saturating_sub(1)], Defect::NikFormat),
            Kind::Code => invalid(["99.99.99", "tidak ada kode"][dice.below(2) as usize], Defect::Area),
        }
    }

    /// A birth date that never was, one of another year, or one whose day and month changed places.
    fn spoilt_birth(&mut self, born: Birth) -> Option<(String, Defect)> {
        match self.dice.below(3) {
            0 => Some((["31/02/1984", "13/13/1984", "tidak tahu"][self.dice.below(3) as usize].to_owned(), Defect::Date)),
            1 if !(born.month == 2 && born.day == 29) => {
                Some((self.dress.date_text(born.year - 1, born.month, born.day), Defect::BirthDate))
            }
            // Day and month the other way round; a month over 12 is only legible between slashes.
            _ if born.day != born.month && (born.day <= 12 || !self.dress.iso()) => {
                debug_assert!(born.day <= days(born.year, born.month));
                Some((self.dress.date_text(born.year, born.day, born.month), Defect::Swapped))
            }
            _ => None,
        }
    }
}
