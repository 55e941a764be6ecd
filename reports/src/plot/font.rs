//! The lettering: Inter, which is bundled, so that every machine measures and draws alike.
//!
//! No system font is looked for. Kerning is left out: the width of a text is the sum of its
//! letters' advances, here and wherever a text is drawn.

use std::sync::OnceLock;

use ab_glyph::{Font, FontRef, Glyph, PxScale, ScaleFont, point};

static REGULAR: &[u8] = include_bytes!("fonts/Inter-Regular.otf");
static SEMIBOLD: &[u8] = include_bytes!("fonts/Inter-SemiBold.otf");

/// A weight of the lettering.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Face {
    /// For nearly everything.
    Regular,
    /// For titles.
    SemiBold,
}

impl Face {
    fn font(self) -> &'static FontRef<'static> {
        static FONTS: OnceLock<[FontRef<'static>; 2]> = OnceLock::new();
        let read = |bytes| FontRef::try_from_slice(bytes).expect("the bundled fonts are fonts");
        let [regular, semibold] = FONTS.get_or_init(|| [read(REGULAR), read(SEMIBOLD)]);
        match self {
            Face::Regular => regular,
            Face::SemiBold => semibold,
        }
    }

    /// The scale at which an em is `size` high: ab_glyph counts from ascender to descender.
    fn scale(self, size: f64) -> PxScale {
        let font = self.font();
        let em = font.units_per_em().expect("the bundled fonts have an em");
        PxScale::from((size * f64::from(font.height_unscaled() / em)) as f32)
    }

    /// How wide a text is whose em is `size`.
    pub(super) fn width(self, text: &str, size: f64) -> f64 {
        let font = self.font().as_scaled(self.scale(size));
        text.chars().map(|c| f64::from(font.h_advance(font.glyph_id(c)))).sum()
    }

    /// Draws a text that begins at (`x`, `y`), on its baseline: calls `dot` with every pixel that
    /// it covers and how much of it.
    pub(super) fn draw(
        self,
        text: &str,
        size: f64,
        x: f64,
        y: f64,
        dot: &mut dyn FnMut(i32, i32, f64),
    ) {
        let scale = self.scale(size);
        let font = self.font().as_scaled(scale);
        let mut pen = x as f32;
        for c in text.chars() {
            let id = font.glyph_id(c);
            let glyph = Glyph { id, scale, position: point(pen, y as f32) };
            if let Some(outline) = font.outline_glyph(glyph) {
                let corner = outline.px_bounds().min;
                outline.draw(|dx, dy, covered| {
                    let (x, y) = (corner.x as i32 + dx as i32, corner.y as i32 + dy as i32);
                    dot(x, y, f64::from(covered.clamp(0.0, 1.0)));
                });
            }
            pen += font.h_advance(id);
        }
    }

    /// As much of a text as fits, with an ellipsis if that is not all.
    pub(super) fn cut(self, text: &str, size: f64, width: f64) -> String {
        if self.width(text, size) <= width {
            return text.to_owned();
        }
        let mut cut = String::new();
        for c in text.chars() {
            cut.push(c);
            if self.width(&cut, size) + self.width("…", size) > width {
                cut.pop();
                break;
            }
        }
        cut + "…"
    }

    /// A text in lines that are not wider than `width`; a longer word is cut.
    pub(super) fn lines(self, text: &str, size: f64, width: f64) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        for word in text.split_whitespace() {
            match lines.last_mut() {
                Some(line) if self.width(&format!("{line} {word}"), size) <= width => {
                    line.push(' ');
                    line.push_str(word);
                }
                _ => lines.push(self.cut(word, size, width)),
            }
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Advances in units of 2816 an em, from the font's table `hmtx`.
    #[test]
    fn an_em_is_an_em() {
        let width = Face::Regular.width("Il", 2816.0);
        assert!((width - EXPECTED).abs() < 0.5, "{width}");
        assert!(Face::SemiBold.width("messages", 12.0) > Face::Regular.width("messages", 12.0));
    }

    /// Capital I is 744 units wide, small l 668.
    const EXPECTED: f64 = 1412.0;

    #[test]
    fn texts_are_cut_and_broken_to_fit() {
        let cut = Face::Regular.cut("RicartAgrawala", 12.0, 60.0);
        assert!(cut.ends_with('…') && Face::Regular.width(&cut, 12.0) <= 60.0, "{cut}");
        let lines = Face::Regular.lines("one two three four five", 12.0, 60.0);
        assert!(lines.len() > 1 && lines.join(" ") == "one two three four five", "{lines:?}");
        assert!(lines.iter().all(|line| Face::Regular.width(line, 12.0) <= 60.0));
    }

    #[test]
    fn the_signs_that_figures_use_are_there() {
        for sign in "√≤≥≈≠∞−×µ½–…⁰¹²³⁴⁵⁶⁷⁸⁹⁻₂·".chars() {
            assert_ne!(Face::Regular.font().glyph_id(sign).0, 0, "{sign}");
        }
    }
}
