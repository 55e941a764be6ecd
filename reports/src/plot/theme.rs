//! Colours: light and dark, and none that the colour-blind cannot tell apart.
//!
//! Series have the palette of Okabe and Ito (*Color Universal Design*, 2008). On white its yellow
//! cannot be seen and gives way to grey; in the dark black gives way to white. Maps of values have
//! viridis (van der Walt and Smith, 2015), which grows evenly in lightness.

/// On what a figure is drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Theme {
    /// Black on white.
    #[default]
    Light,
    /// White on black.
    Dark,
}

/// A colour without transparency.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Rgb(pub u8, pub u8, pub u8);

const LIGHT: [Rgb; 8] = [
    Rgb(0x00, 0x72, 0xb2),
    Rgb(0xd5, 0x5e, 0x00),
    Rgb(0x00, 0x9e, 0x73),
    Rgb(0xcc, 0x79, 0xa7),
    Rgb(0x22, 0x22, 0x22),
    Rgb(0xe6, 0x9f, 0x00),
    Rgb(0x56, 0xb4, 0xe9),
    Rgb(0x80, 0x80, 0x80),
];

const DARK: [Rgb; 8] = [
    Rgb(0x56, 0xb4, 0xe9),
    Rgb(0xd5, 0x5e, 0x00),
    Rgb(0x00, 0x9e, 0x73),
    Rgb(0xcc, 0x79, 0xa7),
    Rgb(0xf0, 0xf0, 0xf0),
    Rgb(0xe6, 0x9f, 0x00),
    Rgb(0xf0, 0xe4, 0x42),
    Rgb(0x9a, 0xa0, 0xa8),
];

/// Viridis at nine equal steps.
const VIRIDIS: [Rgb; 9] = [
    Rgb(0x44, 0x01, 0x54),
    Rgb(0x47, 0x2d, 0x7b),
    Rgb(0x3b, 0x52, 0x8b),
    Rgb(0x2c, 0x72, 0x8e),
    Rgb(0x21, 0x91, 0x8c),
    Rgb(0x28, 0xae, 0x80),
    Rgb(0x5e, 0xc9, 0x62),
    Rgb(0xad, 0xdc, 0x30),
    Rgb(0xfd, 0xe7, 0x25),
];

impl Theme {
    /// Of the sheet.
    pub(super) fn ground(self) -> Rgb {
        self.pick(Rgb(0xff, 0xff, 0xff), Rgb(0x14, 0x17, 0x1c))
    }

    /// Of titles and labels.
    pub(super) fn ink(self) -> Rgb {
        self.pick(Rgb(0x1f, 0x23, 0x28), Rgb(0xe8, 0xea, 0xed))
    }

    /// Of axes' numbers and captions: at least 4.5 to 1 against the ground.
    pub(super) fn quiet(self) -> Rgb {
        self.pick(Rgb(0x59, 0x5f, 0x69), Rgb(0xa4, 0xab, 0xb6))
    }

    /// Of axes.
    pub(super) fn axis(self) -> Rgb {
        self.pick(Rgb(0x8a, 0x91, 0x9c), Rgb(0x6d, 0x75, 0x81))
    }

    /// Of the grid.
    pub(super) fn grid(self) -> Rgb {
        self.pick(Rgb(0xe7, 0xe9, 0xec), Rgb(0x2a, 0x2f, 0x37))
    }

    /// Of the series that comes as number `index`.
    pub(super) fn series(self, index: usize) -> Rgb {
        self.pick(LIGHT, DARK)[index % LIGHT.len()]
    }

    /// A colour as it looks where only a part of it covers the ground.
    pub(super) fn faint(self, color: Rgb, part: f64) -> Rgb {
        blend(self.ground(), color, part)
    }

    fn pick<T>(self, light: T, dark: T) -> T {
        match self {
            Theme::Light => light,
            Theme::Dark => dark,
        }
    }
}

/// The colour of a value between the least (0) and the largest (1).
pub(super) fn viridis(part: f64) -> Rgb {
    let place = part.clamp(0.0, 1.0) * (VIRIDIS.len() - 1) as f64;
    let below = (place as usize).min(VIRIDIS.len() - 2);
    blend(VIRIDIS[below], VIRIDIS[below + 1], place - below as f64)
}

/// What can be read on a colour: black or white, whichever contrasts more.
pub(super) fn readable_on(ground: Rgb) -> Rgb {
    let (black, white) = (Rgb(0x11, 0x11, 0x11), Rgb(0xff, 0xff, 0xff));
    if contrast(black, ground) >= contrast(white, ground) { black } else { white }
}

fn blend(from: Rgb, to: Rgb, part: f64) -> Rgb {
    let mix = |a: u8, b: u8| (f64::from(a) + (f64::from(b) - f64::from(a)) * part + 0.5) as u8;
    Rgb(mix(from.0, to.0), mix(from.1, to.1), mix(from.2, to.2))
}

/// The contrast of two colours as WCAG 2 has it, from 1 to 21.
fn contrast(a: Rgb, b: Rgb) -> f64 {
    let luminance = |Rgb(red, green, blue): Rgb| {
        let linear = |part: u8| match f64::from(part) / 255.0 {
            dark if dark <= 0.04045 => dark / 12.92,
            light => libm::pow((light + 0.055) / 1.055, 2.4),
        };
        0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
    };
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_can_be_read_and_series_can_be_seen() {
        for theme in [Theme::Light, Theme::Dark] {
            assert!(contrast(theme.ink(), theme.ground()) > 7.0);
            assert!(contrast(theme.quiet(), theme.ground()) > 4.5);
            for series in 0..8 {
                let found = contrast(theme.series(series), theme.ground());
                assert!(found > 2.2, "{theme:?} {series}: {found}");
            }
        }
        for part in 0..=10 {
            let ground = viridis(f64::from(part) / 10.0);
            assert!(contrast(readable_on(ground), ground) > 4.5);
        }
    }

    #[test]
    fn viridis_begins_dark_and_ends_light() {
        assert_eq!(viridis(0.0), VIRIDIS[0]);
        assert_eq!(viridis(1.0), VIRIDIS[8]);
    }
}
