//! Axes: from values to places, and ticks where a reader expects them.

use libm::{ceil, floor, log10, pow};

/// Small numbers are zero on a linear axis and cannot be on a logarithmic one.
const SMALLEST: f64 = 1e-130;

/// Ticks of a linear axis are about so many.
const TICKS: f64 = 6.0;

/// One axis.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Axis {
    /// The value at its beginning.
    pub low: f64,
    /// The value at its end, which is larger.
    pub high: f64,
    /// Whether equal factors, not equal differences, are equally far apart.
    pub log: bool,
}

/// A mark at an axis.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Tick {
    /// Where.
    pub value: f64,
    /// What it says; nothing for a minor one.
    pub label: String,
}

impl Axis {
    /// A linear axis that holds all values; from zero where that is near.
    pub(super) fn linear(values: impl IntoIterator<Item = f64>, from_zero: bool) -> Self {
        let (low, high) = bounds(values).unwrap_or((0.0, 1.0));
        let (low, high) = match (low, high) {
            _ if high - low > f64::max(high.abs(), low.abs()) * 1e-9 => (low, high),
            (0.0, _) => (0.0, 1.0),
            // All values are one: it stands in the middle of an axis that begins at zero.
            (one, _) => (f64::min(0.0, one * 2.0), f64::max(0.0, one * 2.0)),
        };
        let low = if from_zero && low > 0.0 { 0.0 } else { low };
        let high = if from_zero && high < 0.0 { 0.0 } else { high };
        let pad = (high - low) * 0.04;
        let low = if low == 0.0 && from_zero { low } else { low - pad };
        Axis { low, high: high + pad, log: false }
    }

    /// A logarithmic axis that holds all values above zero.
    pub(super) fn logarithmic(values: impl IntoIterator<Item = f64>) -> Self {
        let (low, high) =
            bounds(values.into_iter().filter(|x| *x >= SMALLEST)).unwrap_or((1.0, 10.0));
        let (low, high) = if high / low < 1.01 { (low / 2.0, high * 2.0) } else { (low, high) };
        let pad = pow(high / low, 0.04);
        Axis { low: low / pad, high: high * pad, log: true }
    }

    /// Whether it has a place for a value.
    pub(super) fn holds(&self, value: f64) -> bool {
        !self.log || value >= SMALLEST
    }

    /// Where a value stands: 0 at the beginning, 1 at the end, never beyond.
    pub(super) fn place(&self, value: f64) -> f64 {
        let part = if self.log {
            let value = f64::max(value, SMALLEST);
            (log10(value) - log10(self.low)) / (log10(self.high) - log10(self.low))
        } else {
            (value - self.low) / (self.high - self.low)
        };
        part.clamp(0.0, 1.0)
    }

    /// The value that stands at a part of the axis.
    pub(super) fn value(&self, part: f64) -> f64 {
        if self.log {
            let (low, high) = (log10(self.low), log10(self.high));
            pow(10.0, low + part * (high - low))
        } else {
            self.low + part * (self.high - self.low)
        }
    }

    /// Where to mark it.
    pub(super) fn ticks(&self) -> Vec<Tick> {
        if self.log {
            let ticks = self.log_ticks();
            if ticks.iter().filter(|tick| !tick.label.is_empty()).count() >= 3 {
                return ticks;
            }
        }
        self.linear_ticks()
    }

    /// Ticks at values of the data, each with its label.
    pub(super) fn ticks_at(values: &[f64]) -> Vec<Tick> {
        let least = values.windows(2).map(|pair| pair[1] - pair[0]).fold(f64::INFINITY, f64::min);
        let finest = values.iter().map(|x| significant(*x)).fold(least, f64::min);
        let largest = values.iter().map(|x| x.abs()).fold(0.0, f64::max);
        let finest = f64::max(finest, largest / 1000.0);
        values.iter().map(|&value| Tick { value, label: number(value, finest) }).collect()
    }

    fn linear_ticks(&self) -> Vec<Tick> {
        let step = step((self.high - self.low) / TICKS);
        let first = ceil(self.low / step - 1e-9);
        let last = floor(self.high / step + 1e-9);
        // Never more than the step allows, whatever rounding does.
        let count = f64::min(last - first, 4.0 * TICKS) as u32;
        let at = |i: u32| (first + f64::from(i)) * step;
        let tick = |value| Tick { value, label: number(value, step) };
        (0..=count).map(at).filter(|value| self.holds(*value)).map(tick).collect()
    }

    /// Powers of ten, with two and five between them where there are few.
    fn log_ticks(&self) -> Vec<Tick> {
        let (low, high) = (log10(self.low), log10(self.high));
        let every = f64::max(1.0, ceil((high - low) / 8.0));
        let labelled: &[u32] = match high - low {
            span if span < 1.7 => &[1, 2, 5],
            span if span < 3.0 => &[1, 3],
            _ => &[1],
        };
        let mut ticks = Vec::new();
        let mut decade = floor(low / every) * every;
        while decade <= high {
            for digit in 1..=9 {
                let value = f64::from(digit) * pow(10.0, decade);
                let inside = value >= self.low && value <= self.high;
                let label = labelled.contains(&digit);
                if inside && (label || every == 1.0) {
                    let label = if label { number(value, value) } else { String::new() };
                    ticks.push(Tick { value, label });
                }
            }
            decade += every;
        }
        ticks
    }
}

fn bounds(values: impl IntoIterator<Item = f64>) -> Option<(f64, f64)> {
    let wider = |range: Option<(f64, f64)>, x: f64| {
        let x = if x.abs() < SMALLEST { 0.0 } else { x };
        range.map_or(Some((x, x)), |(low, high)| Some((low.min(x), high.max(x))))
    };
    values.into_iter().filter(|x| x.is_finite()).fold(None, wider)
}

/// The smallest of 1, 2, 5 times a power of ten that is not below.
pub(super) fn step(least: f64) -> f64 {
    let power = pow(10.0, floor(log10(least)));
    [1.0, 2.0, 5.0]
        .map(|digit| digit * power)
        .into_iter()
        .find(|x| *x >= least)
        .unwrap_or(10.0 * power)
}

/// The place of the last of a number's first three digits that is not zero.
fn significant(x: f64) -> f64 {
    if x == 0.0 {
        return f64::INFINITY;
    }
    let power = pow(10.0, floor(log10(x.abs())));
    let digits = libm::round(x.abs() / power * 100.0) as u32;
    match digits {
        d if d % 100 == 0 => power,
        d if d % 10 == 0 => power / 10.0,
        _ => power / 100.0,
    }
}

/// A number as an axis writes it, exact to `step`.
pub(super) fn number(x: f64, step: f64) -> String {
    let size = x.abs();
    if x == 0.0 || size < step / 1e6 {
        return "0".into();
    }
    let step = if step > size { significant(x) } else { step };
    if !(1e-5..1e5).contains(&(step * (1.0 + 1e-9))) || size >= 1e12 {
        return scientific(x);
    }
    let decimals = -floor(log10(step) + 1e-9);
    grouped(&format!("{x:.*}", decimals.clamp(0.0, 8.0) as usize))
}

/// A number with three digits that matter, as text beside data writes it.
pub(super) fn short(x: f64) -> String {
    number(x, significant(x))
}

/// A number with exactly three digits that matter, to stand among others of many sizes.
pub(super) fn three(x: f64) -> String {
    let power = if x == 0.0 { 0.0 } else { floor(log10(x.abs())) };
    number(x, pow(10.0, f64::min(power - 2.0, 0.0)))
}

/// Such as 2×10⁶.
fn scientific(x: f64) -> String {
    let power = floor(log10(x.abs()));
    let digits = libm::round(x / pow(10.0, power) * 100.0) / 100.0;
    let (digits, power) =
        if digits.abs() >= 10.0 { (digits / 10.0, power + 1.0) } else { (digits, power) };
    let raised: String = format!("{power}")
        .chars()
        .map(|c| match c {
            '-' => '⁻',
            '1' => '¹',
            '2' => '²',
            '3' => '³',
            digit => char::from_u32('⁰' as u32 + digit as u32 - '0' as u32).unwrap_or(digit),
        })
        .collect();
    let sign = if x < 0.0 { "−" } else { "" };
    if digits.abs() == 1.0 {
        format!("{sign}10{raised}")
    } else {
        format!("{sign}{}×10{raised}", digits.abs())
    }
}

/// Thousands apart, a true minus sign.
fn grouped(plain: &str) -> String {
    let (sign, plain) = plain.strip_prefix('-').map_or(("", plain), |rest| ("−", rest));
    let (whole, fraction) = plain.split_once('.').map_or((plain, None), |(w, f)| (w, Some(f)));
    let mut text = sign.to_owned();
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && whole.len() > 4 && (whole.len() - i).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    if let Some(fraction) = fraction {
        text.push('.');
        text.push_str(fraction);
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn labels(axis: &Axis) -> Vec<String> {
        let ticks = axis.ticks().into_iter();
        ticks.map(|tick| tick.label).filter(|label| !label.is_empty()).collect()
    }

    #[test]
    fn linear_ticks_are_round() {
        let axis = Axis::linear([0.0, 87.0], true);
        assert_eq!(labels(&axis), ["0", "20", "40", "60", "80"]);
        assert_eq!(labels(&Axis::linear([0.0, 0.31], true)), ["0", "0.1", "0.2", "0.3"]);
        let far = Axis::linear([-30_000.0, 12_000.0], true);
        assert_eq!(labels(&far)[..2], ["−30\u{202f}000", "−20\u{202f}000"]);
    }

    #[test]
    fn logarithmic_ticks_are_powers_of_ten_and_finer_where_there_are_few() {
        assert_eq!(
            labels(&Axis::logarithmic([1.0, 1e5])),
            ["1", "10", "100", "1000", "10\u{202f}000", "10⁵"]
        );
        assert_eq!(labels(&Axis::logarithmic([3.0, 60.0])), ["5", "10", "20", "50"]);
        assert_eq!(labels(&Axis::logarithmic([5.2, 8.0])), ["6", "7", "8"]);
        assert_eq!(labels(&Axis::logarithmic([0.0, -3.0])), ["1", "2", "5", "10"]);
    }

    #[test]
    fn one_value_and_no_value_have_an_axis() {
        let one = Axis::linear([7.0, 7.0], true);
        assert!(one.low == 0.0 && one.high > 14.0);
        assert_eq!(labels(&Axis::linear([], true)), ["0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        assert!(Axis::linear([-7.0], false).high >= 0.0);
    }

    #[test]
    fn numbers_read_well() {
        assert_eq!(number(0.30000000000000004, 0.1), "0.3");
        assert_eq!(number(2e6, 1e6), "2×10⁶");
        assert_eq!(number(1e-7, 1e-7), "10⁻⁷");
        assert_eq!(number(-1e-20, 1.0), "0");
        assert_eq!(short(123.456), "123");
        assert_eq!(short(0.012345), "0.0123");
        assert_eq!(short(2.5), "2.5");
        assert_eq!([three(4.0), three(0.31), three(1234.0)], ["4.00", "0.310", "1234"]);
        assert_eq!(scientific(-9.999e9), "−10¹⁰");
    }

    proptest! {
        #[test]
        fn every_axis_has_ticks_within_it(values in prop::collection::vec(-1e100..1e100f64, 1..9), zero: bool, scale in -200..0i32) {
            let values: Vec<f64> = values.iter().map(|x| x * 10f64.powi(scale)).collect();
            for axis in [Axis::linear(values.clone(), zero), Axis::logarithmic(values.clone())] {
                prop_assert!(axis.low < axis.high && axis.high.is_finite(), "{axis:?}");
                let ticks = axis.ticks();
                prop_assert!((2..60).contains(&ticks.len()), "{axis:?}: {ticks:?}");
                for tick in ticks {
                    let part = axis.place(tick.value);
                    prop_assert!((0.0..=1.0).contains(&part) && tick.value.is_finite());
                }
                for value in &values {
                    prop_assert!((0.0..=1.0).contains(&axis.place(*value)));
                }
            }
        }
    }
}
