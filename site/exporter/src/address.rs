//! Addresses of pages. They are promised to last, so they come from names
//! alone, by one rule.

use crate::model::{AreaRef, ReleaseEntry};
use crate::words::Lang;

/// The part of an address made of a name: `Kota Tangerang` is `kota-tangerang`.
pub(crate) fn slug(name: &str) -> String {
    let mut slug = String::with_capacity(name.len());
    for letter in name.chars().flat_map(char::to_lowercase) {
        let plain = match letter {
            'á' | 'à' | 'â' | 'ä' | 'å' => 'a',
            'é' | 'è' | 'ê' | 'ë' => 'e',
            'í' | 'ì' | 'î' | 'ï' => 'i',
            'ó' | 'ò' | 'ô' | 'ö' => 'o',
            'ú' | 'ù' | 'û' | 'ü' => 'u',
            '\'' | '’' | '`' => continue,
            other => other,
        };
        if plain.is_ascii_alphanumeric() {
            slug.push(plain);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.trim_end_matches('-').to_owned()
}

/// The page of a kabupaten or kota, without language.
pub(crate) fn district(name: &str) -> String {
    format!("/wilayah/{}/", slug(name))
}

/// The page of a province, where there are districts of many, without language.
/// No kabupaten or kota is named like it.
pub(crate) fn province(name: &str) -> String {
    format!("/wilayah/provinsi-{}/", slug(name))
}

/// The page of a program in a province, without language.
pub(crate) fn program_province(code: &str, province: &str) -> String {
    format!("{}provinsi-{}/", program(code), slug(province))
}

/// The page that lists a district's kelurahan and desa, without language. No
/// kecamatan is named like it; were there one, the build would say so.
pub(crate) fn villages(district_name: &str) -> String {
    format!("{}daftar-desa/", district(district_name))
}

/// The page that says who a district's recipients are, without language.
pub(crate) fn details(district_name: &str) -> String {
    format!("{}rincian/", district(district_name))
}

/// The page that compares a district's kecamatan, without language.
pub(crate) fn compare(district_name: &str) -> String {
    format!("{}banding/", district(district_name))
}

/// The names that the search box completes, of a district.
pub(crate) fn names(code: &str) -> String {
    format!("/cari/{code}.json")
}

/// The page of a kecamatan, without language.
pub(crate) fn kecamatan(district_name: &str, name: &str) -> String {
    format!("{}{}/", district(district_name), slug(name))
}

/// The pages of a kecamatan's kelurahan and desa, in their order, without
/// language. A name that several have is told apart by its kind, then by its
/// code: a desa and a kelurahan may be called alike.
pub(crate) fn children(district_name: &str, kecamatan_name: &str, areas: &[AreaRef]) -> Vec<String> {
    let folder = kecamatan(district_name, kecamatan_name);
    let once = |names: &[String], name: &str| names.iter().filter(|other| *other == name).count() == 1;
    let plain: Vec<String> = areas.iter().map(|area| slug(&area.name)).collect();
    let kinds: Vec<String> = areas.iter().map(|area| format!("{}-{}", slug(&area.name), slug(&area.kind))).collect();
    let own = |at: usize| {
        let last = areas[at].code.rsplit('.').next().unwrap_or_default();
        match (plain[at].is_empty(), once(&plain, &plain[at]), once(&kinds, &kinds[at])) {
            (true, ..) => last.to_owned(),
            (_, true, _) => plain[at].clone(),
            (.., true) => kinds[at].clone(),
            _ => format!("{}-{last}", kinds[at]),
        }
    };
    (0..areas.len()).map(|at| format!("{folder}{}/", own(at))).collect()
}

/// The lines of a kecamatan's kelurahan and desa on its page, in their order,
/// without language: where they have no pages of their own.
pub(crate) fn lines(district_name: &str, kecamatan_name: &str, areas: &[AreaRef]) -> Vec<String> {
    let page = kecamatan(district_name, kecamatan_name);
    areas.iter().map(|area| format!("{page}#{}", line(&area.code))).collect()
}

/// The name of an area's line on the page of its kecamatan.
pub(crate) fn line(code: &str) -> String {
    format!("k{}", code.replace('.', ""))
}

/// The page of a program, without language.
pub(crate) fn program(code: &str) -> String {
    format!("/program/{}/", slug(code))
}

/// The page of a program in a district, without language.
pub(crate) fn program_in(code: &str, district_name: &str) -> String {
    format!("{}{}/", program(code), slug(district_name))
}

/// The picture that goes with links to a district.
pub(crate) fn picture(district_name: &str, lang: Lang) -> String {
    format!("/gambar/{}.{}.png", slug(district_name), lang.code())
}

/// Where the cards of a district, or of one of its kecamatan, stand, without language.
pub(crate) fn embeds(district_name: &str, kecamatan_name: Option<&str>) -> String {
    match kecamatan_name {
        Some(name) => format!("/sematkan/{}/{}/", slug(district_name), slug(name)),
        None => format!("/sematkan/{}/", slug(district_name)),
    }
}

/// The card of a program beside those, without language.
pub(crate) fn embed(folder: &str, program: &str) -> String {
    format!("{folder}{}/", slug(program))
}

/// The page on what an attacker may reckon from a district's data, without language.
pub(crate) fn risk(district_name: &str) -> String {
    format!("/risiko/{}/", slug(district_name))
}

/// The page of a district's releases, without language.
pub(crate) fn releases(district_name: &str) -> String {
    format!("/rilis/{}/", slug(district_name))
}

/// The page of one release, without language: it stays when others follow.
pub(crate) fn issue(district_name: &str, release: &ReleaseEntry) -> String {
    let folder = releases(district_name);
    match release.revision {
        0 | 1 => format!("{folder}{}/", release.period),
        revision => format!("{folder}{}-r{revision}/", release.period),
    }
}

/// The Atom feed beside the list of releases, without language.
pub(crate) const FEED: &str = "/rilis/umpan.xml";

/// The page that lists a district's files, without language.
pub(crate) fn files(district_name: &str) -> String {
    format!("/data/{}/", slug(district_name))
}

/// An address in a language: Indonesian stands at the root.
pub(crate) fn localised(lang: Lang, path: &str) -> String {
    match lang {
        Lang::Id => path.to_owned(),
        Lang::En => format!("/en{path}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_addresses_promised() {
        assert_eq!(kecamatan("Kota Tangerang", "Ciledug"), "/wilayah/kota-tangerang/ciledug/");
        assert_eq!(district("Kabupaten Tapanuli Utara"), "/wilayah/kabupaten-tapanuli-utara/");
        assert_eq!(program("PBI_JK"), "/program/pbi-jk/");
        assert_eq!(localised(Lang::En, "/data/"), "/en/data/");
    }

    #[test]
    fn namesakes_are_told_apart() {
        let area = |code: &str, name: &str, kind: &str| AreaRef { code: code.into(), name: name.into(), kind: kind.into() };
        let areas = [
            area("12.02.01.1001", "Pasar", "kelurahan"),
            area("12.02.01.2001", "Pasar", "desa"),
            area("12.02.01.2002", "Hilir", "desa"),
            area("12.02.01.2003", "Hilir", "desa"),
            area("12.02.01.2004", "Hulu", "desa"),
        ];
        let pages = children("Kabupaten A", "B", &areas);
        let last: Vec<&str> = pages.iter().map(|page| page.trim_end_matches('/').rsplit('/').next().unwrap()).collect();
        assert_eq!(last, ["pasar-kelurahan", "pasar-desa", "hilir-desa-2002", "hilir-desa-2003", "hulu"]);
        assert!(pages[4].starts_with("/wilayah/kabupaten-a/b/"));
    }

    #[test]
    fn names_with_marks_become_plain() {
        assert_eq!(slug("  Datuk Bandar (Timur) "), "datuk-bandar-timur");
        assert_eq!(slug("Ma'rang Été"), "marang-ete");
    }
}
