//! Means with intervals of confidence, quartiles and outliers.
//!
//! The interval is Student's: mean ± t · s / √n. The distribution function of t is the finite
//! series of Abramowitz and Stegun, *Handbook of Mathematical Functions* (1964), 26.7.3 and 26.7.4.

use libm::{atan, sqrt};

/// The confidence of every interval that is drawn.
pub(crate) const CONFIDENCE: f64 = 0.95;

/// Beyond so many degrees of freedom the quantile is that of so many: 1.9604 instead of 1.9600.
const FREEDOM_MAX: usize = 10_000;

/// What is known about a mean.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Mean {
    /// The mean.
    pub value: f64,
    /// Half the width of its interval of confidence; none of a single value.
    pub half: Option<f64>,
    /// Of how many values.
    pub count: usize,
}

/// The mean of values, which are not empty, with its interval.
pub(crate) fn mean(values: &[f64]) -> Mean {
    let count = values.len();
    let n = count as f64;
    let value = values.iter().map(|x| x / n).sum::<f64>();
    if count < 2 {
        return Mean { value, half: None, count };
    }
    // Divided first, so that the square of a large number does not overflow.
    let largest = values.iter().map(|x| (x - value).abs()).fold(0.0, f64::max);
    if largest == 0.0 {
        return Mean { value, half: Some(0.0), count };
    }
    let squares: f64 = values.iter().map(|x| (x - value) / largest).map(|x| x * x).sum();
    let deviation = largest * sqrt(squares / (n - 1.0));
    Mean { value, half: Some(quantile(count - 1) * deviation / sqrt(n)), count }
}

/// The two-sided quantile of Student's t for [`CONFIDENCE`].
fn quantile(freedom: usize) -> f64 {
    let freedom = freedom.min(FREEDOM_MAX);
    let (mut low, mut high) = (0.0, 16.0);
    for _ in 0..60 {
        let middle = (low + high) / 2.0;
        if within(middle, freedom) < CONFIDENCE { low = middle } else { high = middle }
    }
    (low + high) / 2.0
}

/// The probability that t lies within ±`t`.
fn within(t: f64, freedom: usize) -> f64 {
    let n = freedom as f64;
    let angle = atan(t / sqrt(n));
    let (sine, cosine) = (libm::sin(angle), libm::cos(angle));
    let odd = freedom % 2 == 1;
    // The terms are products of (k - 1)/k, or of k/(k + 1), with even powers of the cosine.
    let mut term = if odd { cosine } else { 1.0 };
    let mut sum = if odd && freedom == 1 { 0.0 } else { term };
    let mut k = if odd { 2.0 } else { 1.0 };
    while k + 2.0 < n {
        term *= cosine * cosine * k / (k + 1.0);
        sum += term;
        k += 2.0;
    }
    if odd { (angle + sine * sum) * 2.0 / core::f64::consts::PI } else { sine * sum }
}

/// The value below which a share of `sorted` lies, interpolated between neighbours.
pub(super) fn share(sorted: &[f64], share: f64) -> f64 {
    let place = share * (sorted.len() - 1) as f64;
    let below = sorted[place as usize];
    let above = sorted[(place as usize + 1).min(sorted.len() - 1)];
    let part = place - libm::floor(place);
    below * (1.0 - part) + above * part
}

/// The bounds beyond which Tukey calls a value an outlier: 1.5 interquartile ranges beyond the
/// quartiles (*Exploratory Data Analysis*, 1977).
pub(super) fn fences(sorted: &[f64]) -> (f64, f64) {
    let (first, third) = (share(sorted, 0.25), share(sorted, 0.75));
    let reach = 1.5 * (third - first);
    (first - reach, third + reach)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Table of critical values of t in Montgomery, *Design and Analysis of Experiments*, 8th ed.
    /// (2012), appendix II, column 0.025.
    #[test]
    fn quantiles_are_those_of_the_table() {
        let table = [
            (1, 12.706),
            (2, 4.303),
            (3, 3.182),
            (4, 2.776),
            (5, 2.571),
            (9, 2.262),
            (10, 2.228),
            (19, 2.093),
            (29, 2.045),
            (30, 2.042),
            (40, 2.021),
            (60, 2.000),
            (120, 1.980),
        ];
        for (freedom, expected) in table {
            let found = quantile(freedom);
            assert!((found - expected).abs() < 0.0006, "t({freedom}) = {found}, not {expected}");
        }
        assert!((quantile(1_000_000) - 1.960).abs() < 0.0006);
    }

    /// The ten values 1 to 10: mean 5.5, s = 3.02765, t(9) = 2.262, half = 2.1658.
    #[test]
    fn an_interval_is_students() {
        let values: Vec<f64> = (1..=10).map(f64::from).collect();
        let mean = mean(&values);
        assert_eq!((mean.value, mean.count), (5.5, 10));
        assert!((mean.half.unwrap() - 2.1658).abs() < 0.0005, "{mean:?}");
    }

    #[test]
    fn one_value_has_no_interval_and_equal_ones_have_a_point() {
        assert_eq!(mean(&[7.0]), Mean { value: 7.0, half: None, count: 1 });
        assert_eq!(mean(&[7.0, 7.0]).half, Some(0.0));
        let huge = mean(&[1e300, -1e300]);
        assert!(huge.half.unwrap().is_finite());
    }

    #[test]
    fn quartiles_are_interpolated_and_fences_leave_outliers_out() {
        let values = [1.0, 2.0, 3.0, 4.0, 100.0];
        assert_eq!(share(&values, 0.5), 3.0);
        assert_eq!(share(&values, 0.25), 2.0);
        assert_eq!(share(&[5.0], 0.9), 5.0);
        assert_eq!(fences(&values), (-1.0, 7.0));
    }
}
