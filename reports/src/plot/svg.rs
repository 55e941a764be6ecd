//! A sheet as SVG: the same bytes everywhere.
//!
//! Whatever font a viewer has, every text is as wide as the bundled font makes it (`textLength`),
//! so that nothing overlaps that did not overlap here. No script, no style sheet, no reference.

use std::fmt::Write;

use super::font::Face;
use super::scene::{Anchor, Dash, Mark, Point, Scene};
use super::theme::Rgb;

/// What to letter with where Inter is not installed.
const FAMILY: &str = "Inter, 'Helvetica Neue', Helvetica, Arial, sans-serif";

/// The whole file.
pub(super) fn write(scene: &Scene) -> String {
    let (width, height) = (number(scene.width), number(scene.height));
    let title = escaped(&scene.title);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\" font-family=\"{FAMILY}\">\n\
         <title>{title}</title>\n<rect width=\"{width}\" height=\"{height}\" fill=\"{}\"/>\n",
        color(scene.ground)
    );
    for mark in &scene.marks {
        // Writing to a text cannot fail.
        let _ = element(&mut svg, mark);
        svg.push('\n');
    }
    svg.push_str("</svg>\n");
    svg
}

fn element(svg: &mut String, mark: &Mark) -> std::fmt::Result {
    match mark {
        Mark::Line { points, width, color: stroke, dash } => {
            write!(
                svg,
                "<path d=\"{}\" fill=\"none\" stroke=\"{}\"",
                path(points),
                color(*stroke)
            )?;
            write!(svg, " stroke-width=\"{}\" stroke-linejoin=\"round\"", number(*width))?;
            if let Some(Dash { on, off, shift }) = dash {
                write!(svg, " stroke-dasharray=\"{} {}\"", number(*on), number(*off))?;
                if *shift > 0.0 {
                    write!(svg, " stroke-dashoffset=\"{}\"", number(*shift))?;
                }
            }
            svg.push_str("/>");
        }
        Mark::Area { points, color: fill, alpha, note } => {
            write!(
                svg,
                "<path d=\"{}Z\" fill=\"{}\"{}",
                path(points),
                color(*fill),
                opacity(*alpha)
            )?;
            close(svg, "path", note.as_deref());
        }
        Mark::Disc { middle: (x, y), radius, color: fill, alpha, note } => {
            let (x, y, radius) = (number(*x), number(*y), number(*radius));
            write!(svg, "<circle cx=\"{x}\" cy=\"{y}\" r=\"{radius}\"")?;
            write!(svg, " fill=\"{}\"{}", color(*fill), opacity(*alpha))?;
            close(svg, "circle", note.as_deref());
        }
        Mark::Text { place: (x, y), anchor, text, size, face, color: fill } => {
            let anchor = match anchor {
                Anchor::Start => "",
                Anchor::Middle => " text-anchor=\"middle\"",
                Anchor::End => " text-anchor=\"end\"",
            };
            let weight = if *face == Face::SemiBold { " font-weight=\"600\"" } else { "" };
            let width = number(face.width(text, *size));
            write!(svg, "<text x=\"{}\" y=\"{}\"{anchor}{weight}", number(*x), number(*y))?;
            write!(svg, " font-size=\"{}\" fill=\"{}\"", number(*size), color(*fill))?;
            write!(svg, " textLength=\"{width}\" lengthAdjust=\"spacingAndGlyphs\"")?;
            write!(svg, ">{}</text>", escaped(text))?;
        }
    }
    Ok(())
}

/// Ends an element, with what a reader learns who points at it.
fn close(svg: &mut String, name: &str, note: Option<&str>) {
    match note {
        Some(note) => svg.push_str(&format!("><title>{}</title></{name}>", escaped(note))),
        None => svg.push_str("/>"),
    }
}

fn path(points: &[Point]) -> String {
    let mut path = String::new();
    for (i, (x, y)) in points.iter().enumerate() {
        path.push(if i == 0 { 'M' } else { 'L' });
        path.push_str(&number(*x));
        path.push(' ');
        path.push_str(&number(*y));
    }
    path
}

/// Hundredths of a pixel, without zeros at the end.
fn number(x: f64) -> String {
    let hundredths = libm::round(x * 100.0) as i64;
    let (whole, rest) = (hundredths.unsigned_abs() / 100, hundredths.unsigned_abs() % 100);
    let sign = if hundredths < 0 { "-" } else { "" };
    match rest {
        0 => format!("{sign}{whole}"),
        rest if rest % 10 == 0 => format!("{sign}{whole}.{}", rest / 10),
        rest => format!("{sign}{whole}.{rest:02}"),
    }
}

fn opacity(alpha: f64) -> String {
    if alpha == 1.0 { String::new() } else { format!(" fill-opacity=\"{}\"", number(alpha)) }
}

fn color(Rgb(red, green, blue): Rgb) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

/// Text between tags; what XML cannot hold at all is left out.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_hundredths() {
        assert_eq!(number(1.0), "1");
        assert_eq!(number(-1.5), "-1.5");
        assert_eq!(number(0.045), "0.05");
        assert_eq!(number(-0.001), "0");
    }

    #[test]
    fn text_cannot_become_markup() {
        assert_eq!(escaped("a<b>&\"\u{0}c"), "a&lt;b&gt;&amp;&quot;c");
    }
}
