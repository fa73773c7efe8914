//! The page of one release, whose address stays: what it said, whether that
//! still stands, and how it is checked.

use serde_json::{Value, json};

use crate::address;
use crate::figures::Figures;
use crate::format;
use crate::gather::{District, World};
use crate::model::{Distribution, Figure, Program, ReleaseEntry};
use crate::pages::writer::{DENSE, Head, Writer, line, row};
use crate::pages::{Page, area, releases, tables};
use crate::words::Words;

/// What a release said. Of one that was replaced that is told apart from what
/// stands; of one that was withdrawn nothing is told.
struct Said<'a> {
    release: &'a ReleaseEntry,
    figures: Option<&'a Figures>,
    replaced: bool,
}

impl<'a> Said<'a> {
    fn by(district: &'a District, release: &'a ReleaseEntry) -> Said<'a> {
        let (figures, replaced) = match release.status.as_str() {
            "current" => (Some(&district.figures), false),
            "superseded" => (district.past.get(&release.release), true),
            _ => (None, false),
        };
        Said { release, figures, replaced }
    }

    fn figure(&self, table: &str, area: &str, program: &Program, measure: &str) -> Option<&'a Figure> {
        self.figures?.get(table, area, &program.code, &self.release.period, measure)
    }

    fn show(&self, w: &Writer<'_>, table: &str, figure: Option<&Figure>) -> Value {
        if self.replaced { w.was(&self.release.release, table, figure) } else { w.shown(table, figure) }
    }

    fn cell(&self, w: &Writer<'_>, table: &str, area: &str, program: &Program, measure: &str) -> Value {
        self.show(w, table, self.figure(table, area, program, measure))
    }

    /// The programs it has totals of; those that somebody receives when `received`.
    fn programs<'w>(&self, w: &Writer<'w>, district: &District, received: bool) -> Vec<&'w Program> {
        let units = |program: &Program| self.figure("totals", &district.area.code, program, "units");
        let mut programs = w.all_programs();
        programs.retain(|program| units(program).is_some_and(|figure| !received || figure.value != Some(0)));
        programs
    }
}

/// The page of a release.
pub(crate) fn page(world: &World, words: &Words, district: &District, release: &ReleaseEntry) -> Page {
    let name = &district.area.name;
    let said = Said::by(district, release);
    super::page(world, words, address::issue(name, release), "issue", |w| {
        let month = w.month(&release.period);
        let other = |id: &str| {
            let found = district.releases.iter().find(|one| one.release == id)?;
            Some(json!({ "release": id, "url": w.href(&address::issue(name, found)) }))
        };
        let programs: String = said
            .programs(w, district, false)
            .into_iter()
            .map(|program| {
                let code = &district.area.code;
                let paid = |measure| said.cell(w, "payments", code, program, measure);
                w.line(
                    program,
                    true,
                    &row([said.cell(w, "totals", code, program, "units"), paid("due"), paid("paid"), paid("paid_rupiah")]),
                )
            })
            .collect();
        let columns = said.programs(w, district, true);
        let cells = |area: &str| row(columns.iter().map(|program| said.cell(w, "totals", area, program, "units")));
        let mut kecamatan: Vec<_> = district.kecamatan.iter().map(|one| &one.area).collect();
        kecamatan.sort_by(|a, b| a.name.cmp(&b.name));
        let rows: String = kecamatan
            .iter()
            .map(|one| {
                let url = Some(w.href(&address::kecamatan(name, &one.name)));
                line(&Head { name: &one.name, url, ..Head::default() }, &cells(&one.code))
            })
            .collect();
        let codes = kecamatan.iter().map(|one| &one.code);
        let units = |area: &str, program: &Program| said.figure("totals", area, program, "units");
        let own = |file: &Distribution| file.area == district.area.code && file.format == "csv";
        let files: Vec<Value> = world
            .files_of(&release.release)
            .filter(|(_, file)| own(file))
            .map(|(dataset, file)| {
                json!({
                    "title": dataset.title.of(w.lang),
                    "url": file.url,
                    "rows": format::integer(w.lang, file.rows),
                    "size": format::bytes(w.lang, file.bytes),
                })
            })
            .collect();
        let line = releases::line(w, district, release);
        let data = json!({
            "what": line["what"].as_str().map(tables::upper),
            "district": { "name": name, "url": w.href(&address::district(name)), "releases": w.href(&address::releases(name)) },
            "origin": { "release": release.release, "issue": w.href(&address::issue(name, release)), "period": month, "name": name, "corrected": Value::Null },
            "line": line,
            "newest": (release.release != district.entry.release).then(|| other(&district.entry.release)),
            "by": release.superseded_by.as_deref().and_then(other),
            "of": release.correction.as_ref().and_then(|correction| other(&correction.of)),
            "stands": release.status == "current",
            "programs": programs,
            "heads": w.heads(&columns),
            "rows": rows,
            "dense": kecamatan.len() > DENSE,
            "whole": cells(&district.area.code),
            "groups": area::groups_of(w, district, codes, &columns, units, |figure| said.show(w, "totals", figure)),
            "files": files,
            "code": district.area.code,
        });
        let values = [("name", name.as_str()), ("month", &month), ("release", &release.release)];
        (w.fill("issue_title", &values), w.fill("issue_description", &values), data)
    })
}
