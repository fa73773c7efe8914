//! The picture that goes with a link to a district: its map, its main figure,
//! of when and by which release, and whether the data are made up.
//!
//! Drawn here, from outlines of a font that is part of the program, so that the
//! same release gives the same bytes on every machine without fonts or browsers.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, Result, bail};
use rayon::prelude::*;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tiny_skia::{Color, FillRule, Paint, PathBuilder, Pixmap, Rect, Stroke, Transform};
use ttf_parser::{Face, OutlineBuilder};

use crate::address;
use crate::format;
use crate::gather::{District, World};
use crate::map::rings;
use crate::model::Geometry;
use crate::pages::map::{Rates, key_range};
use crate::pages::writer::Writer;
use crate::words::{Lang, Words};

/// What those who show links ask for.
pub(crate) const WIDTH: u16 = 1200;
pub(crate) const HEIGHT: u16 = 630;
/// Most bytes of a picture.
const BUDGET: usize = 60 * 1024;
/// Changed with the drawing, so that kept pictures are drawn anew.
const DRAWING: u32 = 1;

/// Colours of sixteen steps a channel.
const STEPS: usize = 1 << 12;

/// DejaVu Sans, cut down to Latin letters; its licence stands beside it.
const PLAIN: &[u8] = include_bytes!("../font/DejaVuSans.ttf");
const BOLD: &[u8] = include_bytes!("../font/DejaVuSans-Bold.ttf");

type Ink = [u8; 3];
const PAPER: Ink = [0xff, 0xff, 0xff];
const INK: Ink = [0x1b, 0x23, 0x29];
const SOFT: Ink = [0x4a, 0x56, 0x60];
const BRAND: Ink = [0x12, 0x43, 0x6d];
const NOTICE: Ink = [0xff, 0xf3, 0xcd];
const NOTICE_INK: Ink = [0x4d, 0x38, 0x00];
/// The classes of the map, as in the style; the last is for no figure.
const CLASSES: [Ink; 5] = [[0xd3, 0xe5, 0xf5], [0x6b, 0xac, 0xe6], [0x20, 0x73, 0xbc], [0x12, 0x43, 0x6d], [0xf3, 0xf5, 0xf7]];

/// What a picture says, ready to read.
#[derive(Debug)]
struct Card<'a> {
    name: &'a str,
    figure: String,
    what: String,
    when: String,
    release: String,
    notice: Option<String>,
    unit: String,
    key: Vec<String>,
    land: Vec<(&'a Geometry, usize)>,
}

/// Where a district's picture is, and its words for those who do not see it;
/// null where it has none. The release in the address tells a new one from that
/// which somebody keeps.
pub(crate) fn of<'a>(w: &Writer<'a>, district: &'a District) -> Value {
    let Some(card) = card(w, district) else { return Value::Null };
    let alt = w.fill("share_alt", &[("name", card.name), ("figure", &card.figure), ("what", &card.what), ("when", &card.when)]);
    json!({ "path": format!("{}?{}", address::picture(card.name, w.lang), district.entry.release), "alt": alt })
}

/// What the picture of a district says; `None` where nothing heads its page.
fn card<'a>(w: &Writer<'a>, district: &'a District) -> Option<Card<'a>> {
    let program = w.headlines(district).first().copied()?;
    let units = district.figures.value("totals", &district.area.code, &program.code, district.period(), "units")?;
    let rates = Rates::of(district, Some(program));
    let class = |rate: Option<u64>| rate.map_or(CLASSES.len() - 1, |rate| rates.classes.of(rate).min(CLASSES.len() - 2));
    let (short, unit) = (w.short(program), w.unit(program));
    let words = [("program", short.as_str()), ("unit", unit.as_str())];
    Some(Card {
        name: &district.area.name,
        figure: format::integer(w.lang, units),
        what: w.fill("share_what", &words),
        when: w.month(district.period()),
        release: w.fill("share_release", &[("release", &district.entry.release)]),
        notice: w.world.entry.simulated.then(|| w.word("share_simulated")),
        unit: w.fill("map_unit", &words),
        key: rates.classes.ranges.iter().map(|range| key_range(w, *range)).collect(),
        land: rates.ranked.iter().filter_map(|(kecamatan, rate)| Some((kecamatan.boundary.as_ref()?, class(*rate)))).collect(),
    })
}

/// Writes the pictures of all districts, in both languages. Those whose release
/// and words are as they were are taken from `kept`, where all are put.
///
/// # Errors
/// When a picture is too heavy, or a file cannot be written.
pub(crate) fn write(folder: &Path, kept: &Path, world: &World, words: &Words) -> Result<()> {
    std::fs::create_dir_all(kept).with_context(|| format!("cannot make {}", kept.display()))?;
    let both = |district: &District| -> Result<Vec<String>> {
        let mut names = Vec::new();
        let land = OnceCell::new();
        for lang in Lang::ALL {
            let w = Writer { world, words, lang };
            let Some(card) = card(&w, district) else { continue };
            let (name, bytes) = kept_or_drawn(kept, &card, &land)?;
            names.push(name);
            let file = folder.join(address::picture(card.name, lang).trim_start_matches('/'));
            if let Some(above) = file.parent() {
                std::fs::create_dir_all(above).with_context(|| format!("cannot make {}", above.display()))?;
            }
            std::fs::write(&file, bytes).with_context(|| format!("cannot write {}", file.display()))?;
        }
        Ok(names)
    };
    let names: Vec<Vec<String>> = world.districts.par_iter().map(both).collect::<Result<_>>()?;
    let used: BTreeSet<String> = names.into_iter().flatten().collect();
    for entry in std::fs::read_dir(kept).with_context(|| format!("cannot read {}", kept.display()))? {
        let entry = entry?;
        if !used.contains(entry.file_name().to_string_lossy().as_ref()) {
            // What cannot be removed now is tried again after the next build.
            let _ = std::fs::remove_file(entry.path());
        }
    }
    Ok(())
}

/// A picture and its name among those kept: the digest of what it says. The land
/// is the same in both languages, and drawn once.
fn kept_or_drawn(kept: &Path, card: &Card<'_>, land: &OnceCell<Sheet>) -> Result<(String, Vec<u8>)> {
    let digest = Sha256::digest(format!("{DRAWING} {card:?}"));
    let name: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect::<String>() + ".png";
    let store = kept.join(&name);
    // One that a crash cut off does not end as PNG ends.
    if let Ok(bytes) = std::fs::read(&store)
        && bytes.ends_with(b"IEND\xae\x42\x60\x82")
    {
        return Ok((name, bytes));
    }
    let bytes = draw(card, land).with_context(|| format!("drawing the picture of {}", card.name))?;
    if bytes.len() > BUDGET {
        bail!("the picture of {} weighs {} bytes, over {BUDGET}", card.name, bytes.len());
    }
    std::fs::write(&store, &bytes).with_context(|| format!("cannot write {}", store.display()))?;
    Ok((name, bytes))
}

/// Left edge of the words, and the place of the map.
const LEFT: f32 = 60.0;
const WORDS: f32 = 600.0;
const LAND: (f32, f32, f32, f32) = (690.0, 60.0, 450.0, 400.0);
/// Land smaller than this each way cannot be seen: a dot stands for it.
const SPECK: f32 = 9.0;

fn draw(card: &Card<'_>, land: &OnceCell<Sheet>) -> Result<Vec<u8>> {
    let mut sheet = match land.get() {
        Some(land) => land.clone(),
        None => {
            let mut sheet = Sheet::new()?;
            sheet.map(&card.land);
            land.get_or_init(|| sheet).clone()
        }
    };
    sheet.rect(0.0, 0.0, f32::from(WIDTH), 18.0, BRAND);
    sheet.text("Bansos Terbuka", LEFT, 92.0, 34.0, WORDS, BOLD, BRAND)?;
    sheet.text(card.name, LEFT, 170.0, 58.0, WORDS, BOLD, INK)?;
    sheet.text(&card.figure, LEFT, 312.0, 124.0, WORDS, BOLD, BRAND)?;
    sheet.text(&card.what, LEFT, 368.0, 36.0, WORDS, PLAIN, INK)?;
    sheet.text(&card.when, LEFT, 440.0, 40.0, WORDS, BOLD, INK)?;
    sheet.text(&card.release, LEFT, 486.0, 28.0, WORDS, PLAIN, SOFT)?;
    let mut x = LAND.0;
    let wide = LAND.2 / 4.0;
    sheet.text(&card.unit, x, 494.0, 24.0, LAND.2, PLAIN, SOFT)?;
    for (range, ink) in card.key.iter().zip(CLASSES) {
        sheet.rect(x, 508.0, wide - 10.0, 18.0, ink);
        sheet.text(range, x, 550.0, 20.0, wide - 10.0, PLAIN, SOFT)?;
        x += wide;
    }
    if let Some(notice) = &card.notice {
        sheet.rect(0.0, 566.0, f32::from(WIDTH), 64.0, NOTICE);
        sheet.text(notice, LEFT, 609.0, 32.0, f32::from(WIDTH) - 2.0 * LEFT, BOLD, NOTICE_INK)?;
    }
    sheet.png()
}

/// What is drawn on.
#[derive(Debug, Clone)]
struct Sheet(Pixmap);

impl Sheet {
    fn new() -> Result<Sheet> {
        let mut pixels = Pixmap::new(u32::from(WIDTH), u32::from(HEIGHT)).context("no room for a picture")?;
        pixels.fill(Color::WHITE);
        Ok(Sheet(pixels))
    }

    fn paint(ink: Ink) -> Paint<'static> {
        let mut paint = Paint::default();
        paint.set_color_rgba8(ink[0], ink[1], ink[2], 255);
        paint
    }

    fn rect(&mut self, x: f32, y: f32, width: f32, height: f32, ink: Ink) {
        if let Some(rect) = Rect::from_xywh(x, y, width, height) {
            self.0.fill_rect(rect, &Sheet::paint(ink), Transform::identity(), None);
        }
    }

    /// A line of text on a base line, smaller where it would be wider than it may.
    #[expect(clippy::too_many_arguments, reason = "a line of text has so many sides")]
    fn text(&mut self, text: &str, x: f32, y: f32, size: f32, widest: f32, font: &'static [u8], ink: Ink) -> Result<()> {
        let face = Face::parse(font, 0).context("the font in the program")?;
        let unit = f32::from(face.units_per_em());
        let advance = |letter: char| {
            // A letter that the font lacks leaves a space.
            let glyph = face.glyph_index(letter).or_else(|| face.glyph_index(' '));
            (glyph, glyph.and_then(|glyph| face.glyph_hor_advance(glyph)).map_or(0.0, f32::from))
        };
        let whole: f32 = text.chars().map(|letter| advance(letter).1).sum();
        let scale = (size / unit).min(widest / whole.max(1.0));
        let mut pen = Pen { path: PathBuilder::new(), x, y, scale };
        for letter in text.chars() {
            let (glyph, wide) = advance(letter);
            if let Some(glyph) = glyph {
                face.outline_glyph(glyph, &mut pen);
            }
            pen.x += wide * scale;
        }
        if let Some(path) = pen.path.finish() {
            self.0.fill_path(&path, &Sheet::paint(ink), FillRule::Winding, Transform::identity(), None);
        }
        Ok(())
    }

    /// The land of a district, as large as its place allows.
    #[expect(clippy::cast_possible_truncation, reason = "a drawing")]
    fn map(&mut self, land: &[(&Geometry, usize)]) {
        let (mut west, mut east, mut south, mut north) = (f64::MAX, f64::MIN, f64::MAX, f64::MIN);
        for point in land.iter().flat_map(|(geometry, _)| rings(geometry)).flatten() {
            let &[x, y, ..] = point.as_slice() else { continue };
            (west, east, south, north) = (west.min(x), east.max(x), south.min(y), north.max(y));
        }
        if west >= east || south >= north {
            return;
        }
        let squeeze = f64::midpoint(south, north).to_radians().cos();
        let (wide, high) = ((east - west) * squeeze, north - south);
        let scale = (f64::from(LAND.2) / wide).min(f64::from(LAND.3) / high);
        let (left, top) =
            (f64::from(LAND.0) + (f64::from(LAND.2) - wide * scale) / 2.0, f64::from(LAND.1) + (f64::from(LAND.3) - high * scale) / 2.0);
        let at = |x: f64, y: f64| ((left + (x - west) * squeeze * scale) as f32, (top + (north - y) * scale) as f32);
        let edge = Stroke { width: 1.5, ..Stroke::default() };
        for (geometry, class) in land {
            let mut path = PathBuilder::new();
            for ring in rings(geometry) {
                for (i, position) in ring.iter().enumerate() {
                    let &[x, y, ..] = position.as_slice() else { continue };
                    let (x, y) = at(x, y);
                    if i == 0 { path.move_to(x, y) } else { path.line_to(x, y) }
                }
                path.close();
            }
            let Some(path) = path.finish() else { continue };
            let bounds = path.bounds();
            let border = if *class == 0 || *class == CLASSES.len() - 1 { SOFT } else { PAPER };
            self.0.fill_path(&path, &Sheet::paint(CLASSES[*class]), FillRule::EvenOdd, Transform::identity(), None);
            self.0.stroke_path(&path, &Sheet::paint(border), &edge, Transform::identity(), None);
            if bounds.width() < SPECK
                && bounds.height() < SPECK
                && let Some(dot) = PathBuilder::from_circle(
                    f32::midpoint(bounds.left(), bounds.right()),
                    f32::midpoint(bounds.top(), bounds.bottom()),
                    SPECK,
                )
            {
                self.0.fill_path(&dot, &Sheet::paint(CLASSES[*class]), FillRule::Winding, Transform::identity(), None);
                self.0.stroke_path(&dot, &Sheet::paint(SOFT), &edge, Transform::identity(), None);
            }
        }
    }

    /// The picture as PNG of few colours: each channel in sixteen steps, which
    /// at the soft edges nobody sees.
    fn png(&self) -> Result<Vec<u8>> {
        let steps = |pixel: &tiny_skia::PremultipliedColorU8| {
            [pixel.red(), pixel.green(), pixel.blue()].iter().fold(0, |all, channel| all << 4 | usize::from(channel >> 4))
        };
        // Most of it is paper: runs of one colour, each looked at once.
        let runs: Vec<(usize, usize)> =
            self.0.pixels().chunk_by(|one, other| one == other).map(|run| (steps(&run[0]), run.len())).collect();
        let mut seen = vec![false; STEPS];
        for (colour, _) in &runs {
            seen[*colour] = true;
        }
        let colours: Vec<usize> = (0..STEPS).filter(|colour| seen[*colour]).collect();
        let mut index = vec![0; STEPS];
        for (at, colour) in colours.iter().enumerate() {
            index[*colour] = u8::try_from(at).with_context(|| format!("{} colours, and a palette holds 256", colours.len()))?;
        }
        let mut indices: Vec<u8> = Vec::with_capacity(self.0.pixels().len());
        for (colour, length) in runs {
            indices.resize(indices.len() + length, index[colour]);
        }
        let channels =
            |colour: &usize| [colour >> 8, colour >> 4 & 15, colour & 15].map(|channel| u8::try_from(channel * 17).unwrap_or(u8::MAX));
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, u32::from(WIDTH), u32::from(HEIGHT));
        encoder.set_color(png::ColorType::Indexed);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.set_palette(colours.iter().flat_map(channels).collect::<Vec<u8>>());
        encoder.set_compression(png::Compression::Balanced);
        encoder.set_filter(png::Filter::NoFilter);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&indices)?;
        writer.finish()?;
        Ok(bytes)
    }
}

/// Puts the outline of a letter where it belongs.
struct Pen {
    path: PathBuilder,
    x: f32,
    y: f32,
    scale: f32,
}

impl Pen {
    fn at(&self, x: f32, y: f32) -> (f32, f32) {
        (self.x + x * self.scale, self.y - y * self.scale)
    }
}

impl OutlineBuilder for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.path.move_to(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.path.line_to(x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let ((x1, y1), (x, y)) = (self.at(x1, y1), self.at(x, y));
        self.path.quad_to(x1, y1, x, y);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let ((x1, y1), (x2, y2), (x, y)) = (self.at(x1, y1), self.at(x2, y2), self.at(x, y));
        self.path.cubic_to(x1, y1, x2, y2, x, y);
    }

    fn close(&mut self) {
        self.path.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card(land: &[(Geometry, usize)]) -> Card<'_> {
        Card {
            name: "Kabupaten Tapanuli Utara",
            figure: "123.456".into(),
            what: "keluarga menerima Sembako".into(),
            when: "Juni 2025".into(),
            release: "rilis 12.02-2025-06".into(),
            notice: Some("SIMULASI. Angka buatan.".into()),
            unit: "Penerima Sembako (keluarga) per 1.000 penduduk".into(),
            key: vec!["1,0–2,0".into(), "2,1–3,0".into()],
            land: land.iter().map(|(geometry, class)| (geometry, *class)).collect(),
        }
    }

    fn square(x: f64, y: f64, size: f64) -> Geometry {
        Geometry::Polygon(vec![vec![vec![x, y], vec![x + size, y], vec![x + size, y + size], vec![x, y + size], vec![x, y]]])
    }

    #[test]
    fn the_same_card_gives_the_same_bytes_and_another_does_not() {
        let land = [(square(106.0, -6.0, 1.0), 0), (square(107.0, -6.0, 1.0), 3), (square(108.5, -6.0, 0.001), 4)];
        let first = draw(&card(&land), &OnceCell::new()).unwrap();
        let once = OnceCell::new();
        assert_eq!(first, draw(&card(&land), &once).unwrap());
        assert!(first.len() < BUDGET, "{}", first.len());
        let other = Card { figure: "123.457".into(), ..card(&land) };
        let drawn = draw(&other, &OnceCell::new()).unwrap();
        assert_ne!(first, drawn);
        // Over land that was drawn before as over its own.
        assert_eq!(drawn, draw(&other, &once).unwrap());
        let reader = png::Decoder::new(std::io::Cursor::new(&first)).read_info().unwrap();
        assert_eq!((reader.info().width, reader.info().height), (1200, 630));
    }

    #[test]
    fn a_kept_picture_is_taken_and_one_cut_off_is_drawn_anew() {
        let folder = tempfile::tempdir().unwrap();
        let land = [(square(106.0, -6.0, 1.0), 3)];
        let (name, drawn) = kept_or_drawn(folder.path(), &card(&land), &OnceCell::new()).unwrap();
        let file = folder.path().join(&name);
        std::fs::write(&file, &drawn[..drawn.len() / 2]).unwrap();
        assert_eq!(kept_or_drawn(folder.path(), &card(&land), &OnceCell::new()).unwrap(), (name.clone(), drawn.clone()));
        assert_eq!(std::fs::read(&file).unwrap(), drawn);
        // Kept ones are not drawn: another picture under the name is taken as it is.
        let other = draw(&Card { notice: None, ..card(&land) }, &OnceCell::new()).unwrap();
        std::fs::write(&file, &other).unwrap();
        assert_eq!(kept_or_drawn(folder.path(), &card(&land), &OnceCell::new()).unwrap().1, other);
    }

    #[test]
    fn a_long_name_stays_within_its_place() {
        let mut sheet = Sheet::new().unwrap();
        sheet.text(&"Kabupaten ".repeat(20), LEFT, 170.0, 58.0, WORDS, BOLD, INK).unwrap();
        let right = (LEFT + WORDS) as usize + 2;
        let inked = |x: usize| (0..630).any(|y| sheet.0.pixels()[y * 1200 + x].red() < 200);
        assert!((61..600).any(inked) && !(right..1200).any(inked));
    }

    #[test]
    fn land_and_notice_are_there() {
        let land = [(square(106.0, -6.0, 1.0), 3)];
        let sheet = draw(&card(&land), &OnceCell::new()).unwrap();
        let bare = draw(&Card { notice: None, land: Vec::new(), ..card(&land) }, &OnceCell::new()).unwrap();
        assert!(sheet.len() > bare.len());
    }
}
