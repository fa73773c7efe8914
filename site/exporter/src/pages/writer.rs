//! What all pages say in the same way: words, figures, programs, areas.

use std::borrow::Cow;

use domain::Status;
use memchr::memmem;
use serde_json::{Value, json};

use crate::address;
use crate::document;
use crate::figures::name;
use crate::format;
use crate::gather::{District, World};
use crate::model::{Figure, Population, Program, ReleaseEntry};
use crate::words::{Lang, Words};

/// Programs people ask for most, which lead every list.
const LEADING: [&str; 4] = ["SEMBAKO", "PKH", "PBI_JK", "BLT_DD"];
/// Figures at the head of a page.
const HEADLINES: usize = 3;

/// What is told of a figure.
pub(crate) struct Parts {
    /// Its name: the attribute `data-cell`.
    pub(crate) name: String,
    /// Its value in digits; empty where it is not shown.
    pub(crate) value: String,
    pub(crate) status: Status,
    /// As people read it.
    pub(crate) text: String,
}

/// How a figure with a name begins: one that stands, and one of a release that
/// another has replaced, whose name begins with that release.
const CELL: &str = " data-cell=\"";
const WAS: &str = " data-was=\"";
/// What both begin with.
const ATTRIBUTE: &str = " data-";

/// Lines from which on a table is printed small.
pub(crate) const DENSE: usize = 20;

/// How the cells of a row begin, and how a line does.
const ROW: &str = "<td";
const LINE: &str = "<tr";

/// The names of the figures in a text of a page's data; none where the text is another.
pub(crate) fn cell_names(text: &str) -> impl Iterator<Item = Cow<'_, str>> {
    let mut rest = if [CELL, WAS, ROW, LINE].iter().any(|start| text.starts_with(start)) { text } else { "" };
    let attribute = memmem::Finder::new(ATTRIBUTE);
    std::iter::from_fn(move || {
        loop {
            rest = &rest[attribute.find(rest.as_bytes())?..];
            if let Some(named) = [CELL, WAS].iter().find_map(|start| rest.strip_prefix(start)) {
                let (name, after) = named.split_once('"')?;
                rest = after;
                return Some(document::decode(name));
            }
            rest = &rest[ATTRIBUTE.len()..];
        }
    })
}

/// Figures as the cells of a row of a table, in one text: a macro for each would
/// be most of the time in which a country is built.
pub(crate) fn row(cells: impl IntoIterator<Item = Value>) -> Value {
    let mut text = String::new();
    for cell in cells {
        let cell = cell.as_str().unwrap_or(">");
        let observed = memmem::find(cell.as_bytes(), b"=\"observed\"").is_some();
        let class = if observed { "" } else { " class=\"word\"" };
        text.extend([ROW, class, cell, "</td>"]);
    }
    Value::String(text)
}

/// The head of a line of a table.
#[derive(Debug, Default)]
pub(crate) struct Head<'a> {
    /// The place on the page that links lead to; none where empty.
    pub(crate) id: &'a str,
    pub(crate) name: &'a str,
    /// Where the name leads.
    pub(crate) url: Option<String>,
    /// What stands small after it; nothing where empty.
    pub(crate) note: &'a str,
}

/// A line of a table: its head, then its cells as `row` gives them.
pub(crate) fn line(head: &Head<'_>, cells: &Value) -> String {
    let id = if head.id.is_empty() { String::new() } else { format!(" id=\"{}\"", escaped(head.id)) };
    let mut name = escaped(head.name).into_owned();
    if let Some(url) = &head.url {
        name = format!("<a href=\"{}\">{name}</a>", escaped(url));
    }
    let note = if head.note.is_empty() { String::new() } else { format!(" <small>{}</small>", escaped(head.note)) };
    format!("{LINE}{id}><th scope=\"row\">{name}{note}</th>{}</tr>\n", cells.as_str().unwrap_or_default())
}

/// Text as it stands in an attribute or between tags.
fn escaped(text: &str) -> Cow<'_, str> {
    if !text.contains(['&', '<', '>', '"']) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;"))
}

/// Writes one language.
pub(crate) struct Writer<'a> {
    pub(crate) world: &'a World,
    pub(crate) words: &'a Words,
    pub(crate) lang: Lang,
}

impl<'a> Writer<'a> {
    pub(crate) fn word(&self, key: &str) -> String {
        self.words.get(self.lang, key)
    }

    pub(crate) fn fill(&self, key: &str, values: &[(&str, &str)]) -> String {
        self.words.fill(self.lang, key, values)
    }

    /// The address of a page in this language.
    pub(crate) fn href(&self, path: &str) -> String {
        address::localised(self.lang, path)
    }

    pub(crate) fn month(&self, period: &str) -> String {
        format::month(self.lang, period)
    }

    /// Programs with totals in the district's newest month, the best known
    /// first and the sensitive ones last.
    pub(crate) fn programs(&self, district: &District) -> Vec<&'a Program> {
        let mut programs: Vec<&Program> =
            self.world.programs.iter().filter(|p| self.total(district, &district.area.code, p).is_some()).collect();
        programs.sort_by_key(|p| order(p));
        programs
    }

    /// Those of them that somebody in the district receives: the columns of tables.
    pub(crate) fn received(&self, district: &District) -> Vec<&'a Program> {
        let mut programs = self.programs(district);
        programs.retain(|p| self.total(district, &district.area.code, p).is_some_and(|figure| figure.value != Some(0)));
        programs
    }

    /// Programs whose figures head the district's pages.
    pub(crate) fn headlines(&self, district: &District) -> Vec<&'a Program> {
        let mut programs = self.received(district);
        programs.retain(|p| !p.sensitive && self.total(district, &district.area.code, p).is_some_and(|figure| figure.value.is_some()));
        programs.truncate(HEADLINES);
        programs
    }

    /// All programs in the same order.
    pub(crate) fn all_programs(&self) -> Vec<&'a Program> {
        let mut programs: Vec<&Program> = self.world.programs.iter().collect();
        programs.sort_by_key(|p| order(p));
        programs
    }

    fn total<'d>(&self, district: &'d District, area: &str, program: &Program) -> Option<&'d Figure> {
        district.figures.get("totals", area, &program.code, district.period(), "units")
    }

    /// A figure for a template: what follows an element's name in its tag, its
    /// name, value and status, then `>` and the figure as people read it. One that
    /// the API does not have is a word without a name.
    pub(crate) fn cell(&self, district: &District, table: &str, area: &str, program: &str, period: &str, measure: &str) -> Value {
        self.shown(table, district.figures.get(table, area, program, period, measure))
    }

    /// The same for a figure at hand.
    pub(crate) fn shown(&self, table: &str, figure: Option<&Figure>) -> Value {
        self.attributed(CELL, table, figure)
    }

    /// The same for what a release said that another has replaced.
    pub(crate) fn was(&self, release: &str, table: &str, figure: Option<&Figure>) -> Value {
        self.attributed(&format!("{WAS}{release}|"), table, figure)
    }

    fn attributed(&self, attribute: &str, table: &str, figure: Option<&Figure>) -> Value {
        let Some(figure) = figure else { return Value::String(format!(">{}", escaped(&self.word("status_absent")))) };
        let Parts { name, value, status, text } = self.parts(table, figure);
        Value::String(format!("{attribute}{}\" data-value=\"{value}\" data-status=\"{status}\">{}", escaped(&name), escaped(&text)))
    }

    /// What is told of a figure.
    pub(crate) fn parts(&self, table: &str, figure: &Figure) -> Parts {
        let text = match figure.value {
            Some(value) if figure.measure.ends_with("_rupiah") => format::rupiah(self.lang, value),
            Some(value) if figure.measure.starts_with("units_per_10000_") => format::hundredths(self.lang, value),
            Some(value) => format::integer(self.lang, value),
            None => self.word(&format!("status_{}", figure.status)),
        };
        let category = figure.category.as_deref().unwrap_or("");
        Parts {
            name: name(table, &figure.area, &figure.program, &figure.period, &figure.measure, category),
            value: figure.value.map(|value| value.to_string()).unwrap_or_default(),
            status: figure.status,
            text,
        }
    }

    /// The units of a program in an area, in the district's newest month.
    pub(crate) fn units(&self, district: &District, area: &str, program: &Program) -> Value {
        self.cell(district, "totals", area, &program.code, district.period(), "units")
    }

    /// A program's name that fits the head of a column.
    pub(crate) fn short(&self, program: &Program) -> String {
        let key = format!("short_{}", program.code);
        self.words.find(self.lang, &key).map_or_else(|| program.code.replace('_', " "), str::to_owned)
    }

    /// What a program counts.
    pub(crate) fn unit(&self, program: &Program) -> String {
        self.word(match program.unit {
            domain::Unit::Family => "unit_family",
            domain::Unit::Person => "unit_person",
        })
    }

    /// The line of a program in a table; its name leads to its page where wanted.
    pub(crate) fn line(&self, program: &Program, leads: bool, cells: &Value) -> String {
        let url = leads.then(|| self.href(&address::program(&program.code)));
        line(&Head { name: &self.short(program), note: &self.unit(program), url, ..Head::default() }, cells)
    }

    /// The heads of columns, a program each, with its unit.
    pub(crate) fn heads(&self, programs: &[&Program]) -> String {
        let head = |program: &&Program| {
            format!("<th scope=\"col\">{} <small>{}</small></th>", escaped(&self.short(program)), escaped(&self.unit(program)))
        };
        programs.iter().map(head).collect()
    }

    /// A program as templates name it.
    pub(crate) fn program(&self, program: &Program) -> Value {
        json!({
            "short": self.short(program),
            "url": self.href(&address::program(&program.code)),
            "unit": self.unit(program),
        })
    }

    /// The same with its whole name.
    pub(crate) fn named(&self, program: &Program) -> Value {
        let mut named = self.program(program);
        named["name"] = Value::from(program.name.of(self.lang));
        named
    }

    /// Where and when a district's figures come from.
    pub(crate) fn origin(&self, district: &District) -> Value {
        json!({
            "name": district.area.name,
            "period": self.month(district.period()),
            "release": district.entry.release,
            "issue": self.issue(district),
            "admitted": format::date(self.lang, district.newest().and_then(|one| one.published_on.as_deref()).unwrap_or(&district.entry.admitted_at)),
            "late": self.lateness(district.newest()),
            "releases": self.href(&address::releases(&district.area.name)),
            "manifest": district.release.manifest_sha256,
            "corrected": self.corrected(district),
            "risk": self.href(&address::risk(&district.area.name)),
        })
    }

    /// The page that the newest release has for good.
    fn issue(&self, district: &District) -> Option<String> {
        district.newest().map(|one| self.href(&address::issue(&district.area.name, one)))
    }

    /// The same for a page that tells of corrections itself.
    pub(crate) fn origin_without_mark(&self, district: &District) -> Value {
        let mut origin = self.origin(district);
        origin["corrected"] = Value::Null;
        origin
    }

    /// "In time", or by how many days its month came late; nothing where the
    /// API does not say.
    pub(crate) fn lateness(&self, one: Option<&ReleaseEntry>) -> Option<String> {
        let one = one?;
        let text = match one.days_late? {
            0 => self.word("in_time"),
            1 => self.word("late_day"),
            days => self.fill("late_days", &[("days", &format::integer(self.lang, days))]),
        };
        // A made-up month is published whenever somebody tries it.
        Some(if one.simulated && one.days_late != Some(0) { format!("{text} {}", self.word("late_simulated")) } else { text })
    }

    /// "Corrected on …: why", when the newest release is a revision.
    fn corrected(&self, district: &District) -> Option<String> {
        let entry = district.corrections.iter().find(|one| one.release == district.entry.release)?;
        let date = format::date(self.lang, &entry.admitted_at);
        let reason = entry.correction.as_ref()?.reason.name.of(self.lang);
        Some(self.fill("corrected", &[("date", &date), ("reason", reason)]))
    }

    /// How many live in an area, with the source and the word "estimate" where it is one.
    pub(crate) fn population(&self, population: Option<&Population>) -> Value {
        let Some(population) = population else { return Value::Null };
        let people = format::integer(self.lang, population.people);
        json!({
            "text": self.fill("population_people", &[("people", &people)]),
            "source": population.source.as_ref().and_then(|source| self.text_of(source)),
            "estimate": population.estimate.then(|| self.fill("population_estimate", &[("year", &population.year.to_string())])),
        })
    }

    /// A text of the API that is one string, or one per language.
    pub(crate) fn text_of(&self, value: &Value) -> Option<String> {
        let text = match value {
            Value::Object(both) => both.get(self.lang.code())?.as_str()?,
            other => other.as_str()?,
        };
        (!text.is_empty()).then(|| text.to_owned())
    }
}

fn order(program: &Program) -> (bool, usize, &str) {
    let place = LEADING.iter().position(|code| *code == program.code).unwrap_or(LEADING.len());
    (program.sensitive, place, &program.code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_of_figures_are_read_from_their_text() {
        let cell = format!("{CELL}{}\" data-value=\"\" data-status=\"withheld\">0–10", escaped("totals|36.71|A&B|2025-06|units|"));
        let names = |text: &str| cell_names(text).map(Cow::into_owned).collect::<Vec<_>>();
        assert_eq!(names(&cell), ["totals|36.71|A&B|2025-06|units|"]);
        assert!(names(">tidak ada").is_empty() && names("Ciledug").is_empty());
        let was = format!("{WAS}36.71-2025-06|x\" data-value=\"1\" data-status=\"observed\">1");
        let cells = row([Value::from(cell), Value::from(">–"), Value::from(was)]);
        assert_eq!(names(cells.as_str().unwrap()), ["totals|36.71|A&B|2025-06|units|", "36.71-2025-06|x"]);
        assert_eq!(cells.as_str().unwrap().matches("<td class=\"word\"").count(), 2, "{cells}");
        let line = line(&Head { id: "k1", name: "A & B", url: Some("/a/".into()), note: "desa" }, &cells);
        assert!(
            line.starts_with("<tr id=\"k1\"><th scope=\"row\"><a href=\"/a/\">A &amp; B</a> <small>desa</small></th><td class"),
            "{line}"
        );
        assert_eq!(names(&line), names(cells.as_str().unwrap()));
    }
}
