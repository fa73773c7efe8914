//! A release's figures as the rows of datasets, and what their workbooks say.

use std::path::PathBuf;

use dataset::dictionary::BOUNDARIES;
use dataset::write::Notes;
use dataset::{Dataset, Form, Part, Rows, Value};
use domain::{AreaCode, Cell, EditionId, Level, Period, ReleaseId, Unit};

use crate::Atom;

/// What a release is about, as far as its workbooks tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct About {
    /// The release.
    pub release: ReleaseId,
    /// The edition of its rows.
    pub edition: EditionId,
    /// Whether the people behind it are synthetic.
    pub simulated: bool,
}

impl About {
    /// What a manifest says of it.
    #[must_use]
    pub fn of(manifest: &crate::Manifest) -> About {
        About { release: manifest.release, edition: manifest.edition, simulated: manifest.simulated }
    }

    fn district(&self) -> (String, String) {
        let code = self.release.district();
        let name = reference::areas().get(code).map_or_else(String::new, |area| format!("{} ", area.name));
        ("Kabupaten/kota".to_owned(), format!("{name}({code})"))
    }

    /// Of a table: the release and its month.
    pub(crate) fn table(&self) -> Notes {
        let period = self.release.period();
        let about = vec![self.district(), ("Bulan".to_owned(), period.to_string()), ("Rilis".to_owned(), self.release.to_string())];
        Notes { about, date: day(period), simulated: self.simulated }
    }

    /// Of rows: their edition alone, since later months repeat them.
    pub(crate) fn rows(&self) -> Notes {
        let [first, ..] = self.edition.quarter().months();
        let about = vec![self.district(), ("Edisi".to_owned(), self.edition.to_string())];
        Notes { about, date: day(first), simulated: self.simulated }
    }

    /// Of areas and programs: the snapshot of the reference data, and nothing
    /// of the month.
    pub(crate) fn reference(&self) -> Notes {
        let date = reference::snapshot().date;
        let mut parts = date.split('-');
        let mut part = || parts.next().and_then(|part| part.parse::<u16>().ok()).unwrap_or(1);
        let (year, month, day) = (part(), part(), part());
        let small = |part: u16| u8::try_from(part).unwrap_or(1);
        Notes { about: vec![("Data rujukan".to_owned(), date.to_owned())], date: (year, small(month), small(day)), simulated: false }
    }
}

/// The first day of a month.
fn day(month: Period) -> (u16, u8, u8) {
    (u16::try_from(month.year()).unwrap_or(1900), u8::try_from(month.month()).unwrap_or(1), 1)
}

/// The areas of a district's releases: what it lies in, itself, and what lies
/// in it, down to kelurahan and desa.
pub(crate) fn areas(district: AreaCode) -> Vec<Vec<Value>> {
    let all = reference::areas();
    let inside = [Level::Kabupaten, Level::Kecamatan, Level::Kelurahan].into_iter().flat_map(|level| all.inside(district, level));
    let above = district.parent().and_then(|parent| all.get(parent));
    above.into_iter().chain(inside).map(area).collect()
}

fn area(area: &reference::Area) -> Vec<Value> {
    let text = |text: &str| Part::text(text).value();
    let population = reference::population(area.code);
    vec![
        text(&area.code.to_string()),
        text(area.kind.as_str()),
        text(area.name),
        text(&area.code.parent().map(|parent| parent.to_string()).unwrap_or_default()),
        Part::count(population.map(|population| population.people)).value(),
        text(population.map_or("", |population| population.key)),
    ]
}

/// The programs of the reference data, the most common first.
pub(crate) fn programs() -> Vec<Vec<Value>> {
    let text = |text: &str| Part::text(text).value();
    let program = |program: &reference::Program| {
        vec![
            text(program.code.as_str()),
            text(&program.name.id),
            text(match program.unit {
                Unit::Family => "family",
                Unit::Person => "person",
            }),
            text(program.frequency.as_str()),
            text(if program.sensitive { "true" } else { "false" }),
            text(&program.legal_basis),
        ]
    };
    reference::programs().iter().map(program).collect()
}

/// The district and its kecamatan, as far as the reference data knows their
/// boundaries.
pub(crate) fn boundaries(district: AreaCode) -> Vec<Vec<Value>> {
    let all = reference::areas();
    let inside = [Level::Kabupaten, Level::Kecamatan].into_iter().flat_map(|level| all.inside(district, level));
    let known = inside.filter(|area| reference::boundary(area.code).is_some());
    known.map(|one| area(one).into_iter().take(BOUNDARIES.fields.len()).collect()).collect()
}

/// The cells of a table, in their order.
pub(crate) struct Cells<'a>(pub &'a [Cell]);

impl Rows for Cells<'_> {
    fn visit(&self, each: &mut dyn FnMut(&[Part<'_>]) -> dataset::Result<()>) -> dataset::Result<()> {
        for cell in self.0 {
            let (area, period, release, as_of) =
                (cell.area.to_string(), cell.period.to_string(), cell.release.to_string(), cell.as_of.to_string());
            let group = cell.group.as_ref().map(ToString::to_string).unwrap_or_default();
            each(&[
                Part::text(&area),
                Part::text(cell.program.as_str()),
                Part::text(&period),
                Part::text(&cell.measure),
                Part::text(&cell.category),
                Part::count(cell.value),
                Part::text(cell.status.as_str()),
                Part::text(&group),
                Part::text(&release),
                Part::text(&as_of),
            ])?;
        }
        Ok(())
    }
}

/// The atoms that rows are of, in the order of a file.
pub(crate) struct Atoms<'a>(Vec<&'a Atom>);

impl<'a> Atoms<'a> {
    /// In the order of their numbers.
    pub fn by_number(atoms: &'a [Atom]) -> Atoms<'a> {
        Atoms(atoms.iter().collect())
    }

    /// In the order of areas, as Parquet has them, so that row groups hold few
    /// areas each; of one area in the order of numbers.
    pub fn by_area(atoms: &'a [Atom]) -> Atoms<'a> {
        let mut sorted: Vec<&Atom> = atoms.iter().collect();
        sorted.sort_by_cached_key(|atom| (atom.area.to_string(), atom.program.clone(), atom.atom));
        Atoms(sorted)
    }
}

impl Rows for Atoms<'_> {
    fn visit(&self, each: &mut dyn FnMut(&[Part<'_>]) -> dataset::Result<()>) -> dataset::Result<()> {
        for atom in &self.0 {
            let (edition, area) = (atom.edition.to_string(), atom.area.to_string());
            each(&[
                Part::text(&edition),
                Part::text(atom.program.as_str()),
                Part::Count(u64::from(atom.atom)),
                Part::text(&area),
                Part::text(&atom.sex),
                Part::text(&atom.age_band),
                Part::text(&atom.family_size),
                Part::Count(u64::from(atom.count)),
            ])?;
        }
        Ok(())
    }
}

/// The rows of atoms, each by itself: ids count the places of an atom.
pub(crate) struct Recipients<'a> {
    pub district: AreaCode,
    pub atoms: Atoms<'a>,
}

impl Rows for Recipients<'_> {
    fn visit(&self, each: &mut dyn FnMut(&[Part<'_>]) -> dataset::Result<()>) -> dataset::Result<()> {
        use std::fmt::Write as _;
        let mut id = String::new();
        for atom in &self.atoms.0 {
            let (edition, area) = (atom.edition.to_string(), atom.area.to_string());
            id.clear();
            let _ = write!(id, "{}-{}/{}/{:05}/", self.district, atom.edition, atom.program, atom.atom);
            let head = id.len();
            for place in 1..=atom.count {
                id.truncate(head);
                let _ = write!(id, "{place:02}");
                each(&[
                    Part::Text(&id),
                    Part::text(&edition),
                    Part::text(atom.program.as_str()),
                    Part::text(&area),
                    Part::text(&atom.sex),
                    Part::text(&atom.age_band),
                    Part::text(&atom.family_size),
                ])?;
            }
        }
        Ok(())
    }
}

/// Rows that are at hand.
pub(crate) struct Plain<'a>(pub &'a [Vec<Value>]);

impl Rows for Plain<'_> {
    fn visit(&self, each: &mut dyn FnMut(&[Part<'_>]) -> dataset::Result<()>) -> dataset::Result<()> {
        self.0.visit(each)
    }
}

/// The rows of a CSV file, read as often as they are asked for.
pub(crate) struct OfFile {
    pub dataset: Dataset,
    pub path: PathBuf,
}

impl Rows for OfFile {
    fn visit(&self, each: &mut dyn FnMut(&[Part<'_>]) -> dataset::Result<()>) -> dataset::Result<()> {
        for row in dataset::read::rows(&self.dataset, Form::Csv, &self.path)? {
            let row = row?;
            each(&row.iter().map(Value::part).collect::<Vec<_>>())?;
        }
        Ok(())
    }
}
