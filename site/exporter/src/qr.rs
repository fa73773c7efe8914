//! QR codes for the pages that are printed and put on a wall: pictures of one
//! bit a module within the page, which weigh a third of the same code as a path.

use anyhow::{Result, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fast_qr::{ECL, QRBuilder};

/// Light modules around the code, which readers need to find it.
const QUIET: usize = 4;

/// The drawing of a text as a QR code, with a name for those who hear it.
///
/// # Errors
/// When the text is too long for a code.
pub(crate) fn image(text: &str, title: &str) -> Result<String> {
    let (side, bits) = modules(text)?;
    let mut file = Vec::new();
    let width = u32::try_from(side)?;
    let mut encoder = png::Encoder::new(&mut file, width, width);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    encoder.set_compression(png::Compression::High);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&bits)?;
    writer.finish()?;
    let title = crate::map::escape(title);
    Ok(format!(r#"<img class="qr" src="data:image/png;base64,{}" width="{side}" height="{side}" alt="{title}">"#, STANDARD.encode(file)))
}

/// The modules with their light border, a bit each, rows in whole bytes; 1 is light.
fn modules(text: &str) -> Result<(usize, Vec<u8>)> {
    // A quarter of a code on a wall may be torn off or dirty.
    let Ok(code) = QRBuilder::new(text).ecl(ECL::Q).build() else { bail!("an address of {} letters does not fit a QR code", text.len()) };
    let side = code.size + 2 * QUIET;
    let stride = side.div_ceil(8);
    let mut bits = vec![0xff; stride * side];
    for y in 0..code.size {
        for x in (0..code.size).filter(|x| code[y][*x].value()) {
            let at = x + QUIET;
            bits[(y + QUIET) * stride + at / 8] &= !(0x80 >> (at % 8));
        }
    }
    Ok((side, bits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_its_three_corners_and_a_quiet_zone() {
        let (side, bits) = modules("https://bansos.example.go.id/wilayah/kota-tangerang/ciledug/").unwrap();
        let row = |y: usize| &bits[y * side.div_ceil(8)..(y + 1) * side.div_ceil(8)];
        // Four light rows, then the seven dark modules of a corner after four light ones.
        assert!((0..4).all(|y| row(y).iter().all(|byte| *byte == 0xff)));
        assert_eq!((row(4)[0], row(4)[1] >> 4), (0b1111_0000, 0b0001));
        let html = image("https://bansos.example.go.id/", "A & B").unwrap();
        assert!(html.contains("alt=\"A &amp; B\"") && html.contains("data:image/png;base64,iVBOR"), "{html}");
    }

    #[test]
    fn a_text_beyond_a_code_is_refused() {
        assert!(image(&"x".repeat(8000), "T").is_err());
    }
}
