//! A sheet as PNG: plotters' bitmap backend on a grid four times as fine as the sheet, of which
//! every two by two dots become one pixel. The picture has two pixels for one of the sheet.

use plotters_backend::{BackendColor, BackendCoord, DrawingBackend, DrawingErrorKind};
use plotters_bitmap::BitMapBackend;
use plotters_bitmap::bitmap_pixel::RGBPixel;

use super::scene::{Dash, Mark, Point, Scene};
use super::theme::Rgb;

/// Pixels of the picture for one of the sheet.
pub(super) const SCALE: u32 = 2;

/// Dots for one pixel of the picture, in each direction.
const DOTS: u32 = 2;

/// Dots for one pixel of the sheet.
const FINE: f64 = (SCALE * DOTS) as f64;

/// The whole file.
pub(super) fn write(scene: &Scene) -> Vec<u8> {
    let (width, height) = (scene.width as u32 * SCALE, scene.height as u32 * SCALE);
    let (wide, high) = (width * DOTS, height * DOTS);
    let Rgb(red, green, blue) = scene.ground;
    let mut dots = [red, green, blue].repeat((wide * high) as usize);
    {
        let mut grid = BitMapBackend::<RGBPixel>::with_buffer_and_format(&mut dots, (wide, high))
            .expect("the buffer has the grid's size");
        for mark in &scene.marks {
            paint(&mut grid, mark).expect("memory can be drawn on");
        }
        grid.present().expect("memory can be drawn on");
    }
    encode(&shrink(&dots, width as usize, height as usize), width, height)
}

type Grid<'a> = BitMapBackend<'a, RGBPixel>;
type Drawn<'a> = Result<(), DrawingErrorKind<<Grid<'a> as DrawingBackend>::ErrorType>>;

fn paint<'a>(grid: &mut Grid<'a>, mark: &Mark) -> Drawn<'a> {
    match mark {
        Mark::Line { points, width, color, dash } => {
            let ink = ink(*color, 1.0);
            match dash {
                None => stroke(grid, points, *width, ink),
                Some(dash) => dashes(points, *dash)
                    .iter()
                    .try_for_each(|dash| stroke(grid, dash, *width, ink)),
            }
        }
        Mark::Area { points, color, alpha, .. } => {
            grid.fill_polygon(points.iter().map(|p| dot(*p)), &ink(*color, *alpha))
        }
        Mark::Disc { middle, radius, color, alpha, .. } => {
            let radius = libm::round(radius * FINE) as u32;
            grid.draw_circle(dot(*middle), radius, &ink(*color, *alpha), true)
        }
        Mark::Text { place: (x, y), anchor, text, size, face, color } => {
            let begin = anchor.begin(*x, face.width(text, *size));
            let mut drawn = Ok(());
            face.draw(text, size * FINE, begin * FINE, y * FINE, &mut |x, y, covered| {
                if drawn.is_ok() && covered > 0.0 {
                    drawn = grid.draw_pixel((x, y), ink(*color, covered));
                }
            });
            drawn
        }
    }
}

/// A stroke: a bar for each piece, a disc where two meet. Bars of an opaque colour may overlap.
fn stroke<'a>(grid: &mut Grid<'a>, points: &[Point], width: f64, ink: BackendColor) -> Drawn<'a> {
    let half = width / 2.0;
    for pair in points.windows(2) {
        let (dx, dy) = (pair[1].0 - pair[0].0, pair[1].1 - pair[0].1);
        let length = libm::hypot(dx, dy);
        if length < 1e-9 {
            continue;
        }
        let (across, along) = (-dy / length * half, dx / length * half);
        let corners = [
            (pair[0].0 + across, pair[0].1 + along),
            (pair[1].0 + across, pair[1].1 + along),
            (pair[1].0 - across, pair[1].1 - along),
            (pair[0].0 - across, pair[0].1 - along),
        ];
        grid.fill_polygon(corners.map(dot), &ink)?;
    }
    let radius = libm::round(half * FINE) as u32;
    let joints = points.get(1..points.len().saturating_sub(1)).unwrap_or_default();
    if radius < 2 {
        return Ok(());
    }
    joints.iter().try_for_each(|joint| grid.draw_circle(dot(*joint), radius, &ink, true))
}

/// The pieces of a line that are drawn when it is dashed.
fn dashes(points: &[Point], Dash { on, off, shift }: Dash) -> Vec<Vec<Point>> {
    let mut dashes = Vec::new();
    let mut dash: Vec<Point> = points.first().copied().into_iter().collect();
    let (mut drawing, mut left) = (true, on - shift);
    for pair in points.windows(2) {
        let ((mut x, mut y), (to_x, to_y)) = (pair[0], pair[1]);
        loop {
            let rest = libm::hypot(to_x - x, to_y - y);
            let part = if rest > left { left / rest } else { 1.0 };
            (x, y) = (x + (to_x - x) * part, y + (to_y - y) * part);
            if drawing {
                dash.push((x, y));
            }
            if part == 1.0 {
                left = f64::max(left - rest, 0.0);
                break;
            }
            if drawing {
                dashes.push(std::mem::take(&mut dash));
            } else {
                dash = vec![(x, y)];
            }
            drawing = !drawing;
            left = if drawing { on } else { off };
        }
    }
    if drawing {
        dashes.push(dash);
    }
    dashes
}

fn dot((x, y): Point) -> BackendCoord {
    (libm::round(x * FINE) as i32, libm::round(y * FINE) as i32)
}

fn ink(Rgb(red, green, blue): Rgb, alpha: f64) -> BackendColor {
    BackendColor { alpha, rgb: (red, green, blue) }
}

/// The mean of every [`DOTS`] by [`DOTS`] dots.
fn shrink(dots: &[u8], width: usize, height: usize) -> Vec<u8> {
    let fine = DOTS as usize;
    let row = width * fine * 3;
    let mut pixels = Vec::with_capacity(width * height * 3);
    for y in 0..height {
        for x in 0..width {
            for part in 0..3 {
                let at =
                    |dy: usize, dx: usize| dots[(y * fine + dy) * row + (x * fine + dx) * 3 + part];
                let sum: u32 = (0..fine * fine).map(|i| u32::from(at(i / fine, i % fine))).sum();
                pixels.push((sum / (DOTS * DOTS)) as u8);
            }
        }
    }
    pixels
}

fn encode(pixels: &[u8], width: u32, height: u32) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().expect("memory can be written to");
    writer.write_image_data(pixels).expect("there are as many pixels as announced");
    writer.finish().expect("memory can be written to");
    file
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dashes_go_around_corners() {
        let corner = [(0.0, 0.0), (4.0, 0.0), (4.0, 6.0)];
        let expected = vec![vec![(0.0, 0.0), (4.0, 0.0), (4.0, 1.0)], vec![(4.0, 4.0), (4.0, 6.0)]];
        let dash = Dash { on: 5.0, off: 3.0, shift: 0.0 };
        assert_eq!(dashes(&corner, dash), expected);
        assert_eq!(dashes(&[], dash), [[]; 1]);
        let shifted = dashes(&corner[..2], Dash { shift: 3.0, ..dash });
        assert_eq!(shifted, [[(0.0, 0.0), (2.0, 0.0)]]);
    }
}
