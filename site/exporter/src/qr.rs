//! QR codes as paths of SVG, for the pages that are printed and put on a wall.

use std::fmt::Write;

use fast_qr::{ECL, QRBuilder};

/// Light modules around the code, which readers need to find it.
const QUIET: usize = 4;

/// The drawing of a text as a QR code, with a name for those who hear it.
/// `None` if the text is too long for one.
pub(crate) fn svg(text: &str, title: &str) -> Option<String> {
    // A quarter of a code on a wall may be torn off or dirty.
    let code = QRBuilder::new(text).ecl(ECL::Q).build().ok()?;
    let mut path = String::new();
    for y in 0..code.size {
        let mut x = 0;
        while x < code.size {
            let run = (x..code.size).take_while(|at| code[y][*at].value()).count();
            if run > 0 {
                let _ = write!(path, "M{} {}h{run}", x + QUIET, y + QUIET);
            }
            x += run.max(1);
        }
    }
    let side = code.size + 2 * QUIET;
    let title = crate::map::escape(title);
    // Drawn as strokes one module wide, half of it above the line.
    Some(format!(
        r##"<svg class="qr" viewBox="0 0 {side} {side}" role="img" aria-label="{title}"><path fill="#fff" d="M0 0h{side}v{side}H0z"/><path stroke="#000" transform="translate(0 .5)" d="{path}"/></svg>"##
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_its_three_corners_and_a_quiet_zone() {
        let svg = svg("https://bansos.example.go.id/wilayah/kota-tangerang/ciledug/", "A & B").unwrap();
        // The upper row begins and ends with the seven dark modules of a corner.
        assert!(svg.contains("M4 4h7") && svg.contains("aria-label=\"A &amp; B\""), "{svg}");
        assert!(!svg.contains("M0 4h") && !svg.contains("M4 0h"));
    }

    #[test]
    fn a_text_beyond_a_code_is_none() {
        assert!(svg(&"x".repeat(8000), "T").is_none());
    }
}
