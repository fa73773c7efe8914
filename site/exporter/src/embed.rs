//! Cards for the pages of others: one figure of a program in an area, in a
//! frame of its own, that says of when it is and where it comes from.
//!
//! There is a card for every kecamatan and district and program, which for a
//! country is more than all pages; so they are filled in here and not by Zola,
//! from `site/embed.html`, and checked where they are made.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, bail};
use rayon::prelude::*;

use crate::address;
use crate::below;
use crate::gather::{District, World};
use crate::map::escape;
use crate::model::Program;
use crate::pages::writer::{Parts, Writer};
use crate::stubs;
use crate::words::{Lang, UNKNOWN, Words};

/// Most bytes of a card, as it is: compressed it is smaller still.
const BUDGET: usize = 5 * 1024;

/// An area that has cards.
struct Place<'a> {
    code: &'a str,
    /// What the card calls it.
    name: String,
    /// Its own page, without language.
    page: String,
    /// Where its cards stand, without language.
    folder: String,
}

/// The areas of a district that have cards: itself, and its kecamatan.
fn places<'a>(w: &Writer<'_>, district: &'a District) -> Vec<Place<'a>> {
    let of = &district.area.name;
    let own = Place { code: &district.area.code, name: of.clone(), page: address::district(of), folder: address::embeds(of, None) };
    let inner = district.kecamatan.iter().map(|one| Place {
        code: &one.area.code,
        name: w.fill("embed_place", &[("name", &one.area.name), ("district", of)]),
        page: address::kecamatan(of, &one.area.name),
        folder: address::embeds(of, Some(&one.area.name)),
    });
    std::iter::once(own).chain(inner).collect()
}

/// The programs that have a card of an area: somebody in the district receives
/// them, and the API has a figure of the area, shown or not.
pub(crate) fn programs<'a>(w: &Writer<'a>, district: &District, area: &str) -> Vec<&'a Program> {
    let mut programs = w.received(district);
    programs.retain(|program| district.figures.get("totals", area, &program.code, district.period(), "units").is_some());
    programs
}

/// Writes all cards below a folder, in both languages; gives how many figures
/// they show.
///
/// # Errors
/// When the template cannot be read or asks for what there is not, a card is
/// too heavy, or a file cannot be written.
pub(crate) fn write(folder: &Path, source: &Path, world: &World, words: &Words) -> Result<usize> {
    let template = source.join("embed.html");
    let template = std::fs::read_to_string(&template).with_context(|| format!("cannot read {}", template.display()))?;
    let style = stubs::mark(&source.join("sass"))?;
    let path = below::path_of(&world.address);
    let of_district = |district: &District| -> Result<usize> {
        let mut figures = 0;
        for lang in Lang::ALL {
            let w = Writer { world, words, lang };
            for place in places(&w, district) {
                for program in programs(&w, district, place.code) {
                    let Some(mut values) = card(&w, district, &place, program) else { continue };
                    values.insert("style", style.clone());
                    let own = w.href(&address::embed(&place.folder, &program.code));
                    let html = fill(&template, &values).with_context(|| format!("the card {own}"))?;
                    if html.len() > BUDGET {
                        bail!("the card {own} weighs {} bytes, over {BUDGET}", html.len());
                    }
                    let file = folder.join(own.trim_start_matches('/'));
                    std::fs::create_dir_all(&file).with_context(|| format!("cannot make {}", file.display()))?;
                    let file = file.join("index.html");
                    let sent = below::moved(&html, path);
                    std::fs::write(&file, sent.as_bytes()).with_context(|| format!("cannot write {}", file.display()))?;
                    figures += 1;
                }
            }
        }
        Ok(figures)
    };
    world.districts.par_iter().map(of_district).sum()
}

/// What stands on a card, ready for HTML; `None` where the API has no figure.
fn card(w: &Writer<'_>, district: &District, place: &Place<'_>, program: &Program) -> Option<BTreeMap<&'static str, String>> {
    let figure = district.figures.get("totals", place.code, &program.code, district.period(), "units")?;
    let Parts { name: cell, value, status, text } = w.parts("totals", figure);
    let status = status.to_string();
    let short = w.short(program);
    // What is not shown is told in a sentence, since a card has no legend.
    let why = if status == "observed" {
        String::new()
    } else {
        format!("<p class=\"when\">{}</p>\n", escape(&w.word(&format!("reading_{status}"))))
    };
    let notice = if w.world.entry.simulated {
        format!(
            "<p class=\"simulated\" data-simulated=\"true\"><strong>{}</strong> {}</p>\n",
            escape(&w.word("simulated_title")),
            escape(&w.word("embed_simulated"))
        )
    } else {
        String::new()
    };
    Some(BTreeMap::from([
        ("lang", w.lang.code().to_owned()),
        ("version", w.world.entry.version.to_string()),
        ("title", escape(&format!("{short}, {}", place.name))),
        ("program", escape(&short)),
        ("place", escape(&place.name)),
        ("cell", escape(&cell)),
        ("value", value),
        ("figure", escape(&text)),
        ("unit", escape(&w.unit(program))),
        ("period", escape(&w.month(district.period()))),
        ("source", escape(&w.word("embed_release"))),
        ("release", escape(&district.entry.release)),
        ("url", escape(&w.href(&place.page))),
        ("more", escape(&w.word("embed_more"))),
        ("status", status),
        ("why", why),
        ("notice", notice),
    ]))
}

/// The template with every `{name}` replaced by its value.
fn fill(template: &str, values: &BTreeMap<&'static str, String>) -> Result<String> {
    let mut html = String::with_capacity(template.len() * 2);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else { bail!("embed.html has a {{ without a }}") };
        let Some(value) = values.get(name) else { bail!("embed.html asks for {{{name}}}, which a card does not have") };
        html.push_str(before);
        html.push_str(value);
        rest = after;
    }
    html.push_str(rest);
    for needed in ["cell", "value", "status", "figure", "notice", "url"] {
        if !template.contains(&format!("{{{needed}}}")) {
            bail!("embed.html does not show {{{needed}}}, without which a card says too little");
        }
    }
    if html.contains(UNKNOWN) {
        bail!("a word is missing");
    }
    Ok(html)
}

/// The line that others copy to show a card on their own page.
pub(crate) fn snippet(w: &Writer<'_>, district: &District, kecamatan: Option<&str>, program: &Program) -> String {
    let of = &district.area.name;
    let path = w.href(&address::embed(&address::embeds(of, kecamatan), &program.code));
    let title = format!("{}, {}", w.short(program), kecamatan.unwrap_or(of));
    format!(
        "<iframe src=\"{}{path}\" title=\"{}\" width=\"320\" height=\"260\" loading=\"lazy\" style=\"border:0;max-width:100%\"></iframe>",
        w.world.address,
        escape(&title)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEAST: &str = "{notice}{url}{cell}{value}{status}{figure}";

    fn values() -> BTreeMap<&'static str, String> {
        ["notice", "url", "cell", "value", "status", "figure"].into_iter().map(|name| (name, format!("<{name}>"))).collect()
    }

    #[test]
    fn a_template_is_filled_and_what_it_lacks_is_said() {
        assert_eq!(fill(LEAST, &values()).unwrap(), "<notice><url><cell><value><status><figure>");
        let error = |template: &str| fill(template, &values()).unwrap_err().to_string();
        assert!(error("{nothing}").contains("asks for {nothing}"));
        assert!(error("{url").contains("without a }"));
        assert!(error(&LEAST.replace("{notice}", "")).contains("does not show {notice}"));
    }
}
