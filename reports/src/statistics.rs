//! Means with intervals of confidence.
//!
//! The interval is Student's: `mean ± t · s / √n`, where t is the quantile of his distribution with
//! n - 1 degrees of freedom ("The Probable Error of a Mean", Biometrika 1908). It takes the runs of one
//! point as independent, which different seeds are, and their mean as about normal.

/// The level of every interval here.
pub const CONFIDENCE: f64 = 0.95;

/// What several runs have in common.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Estimate {
    /// How many runs measured something.
    pub count: usize,
    /// Their mean.
    pub mean: f64,
    /// Half the width of the interval of confidence; `None` for a single run.
    pub half_width: Option<f64>,
    /// The least value.
    pub min: f64,
    /// The greatest value.
    pub max: f64,
}

impl Estimate {
    /// The estimate from some values; `None` if there are none.
    pub fn of(values: &[f64]) -> Option<Estimate> {
        let count = values.len();
        let (mut min, mut max, mut sum) = (*values.first()?, *values.first()?, 0.0);
        for &value in values {
            min = min.min(value);
            max = max.max(value);
            sum += value;
        }
        // Rounding must not carry the mean of equal values away from them.
        let mean = (sum / count as f64).clamp(min, max);
        let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
        let half_width = (count > 1).then(|| {
            let freedom = (count - 1) as f64;
            student_t(freedom) * libm::sqrt(squares / freedom / count as f64)
        });
        Some(Estimate { count, mean, half_width, min, max })
    }

    /// The interval of confidence; the mean alone for a single run.
    pub fn interval(&self) -> (f64, f64) {
        let half = self.half_width.unwrap_or(0.0);
        (self.mean - half, self.mean + half)
    }
}

/// What a variable of Student's distribution exceeds, in either direction, with probability
/// 1 - [`CONFIDENCE`].
pub fn student_t(freedom: f64) -> f64 {
    let outside = |t: f64| beta(freedom / (freedom + t * t), freedom / 2.0, 0.5);
    let (mut low, mut high) = (0.0, 13.0); // With one degree of freedom it is 12.7.
    for _ in 0..60 {
        let middle = (low + high) / 2.0;
        if outside(middle) > 1.0 - CONFIDENCE { low = middle } else { high = middle }
    }
    (low + high) / 2.0
}

/// The regularised incomplete beta function, by its continued fraction (Abramowitz and Stegun 26.5.8),
/// which converges fast on the left of the mean; the right is its mirror image.
fn beta(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return x.clamp(0.0, 1.0);
    }
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - beta(1.0 - x, b, a);
    }
    let front = libm::lgamma(a + b) - libm::lgamma(a) - libm::lgamma(b)
        + a * libm::log(x)
        + b * libm::log1p(-x);
    libm::exp(front) * fraction(x, a, b) / a
}

/// The continued fraction of [`beta`], by Lentz's method.
fn fraction(x: f64, a: f64, b: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let apart = |value: f64| if value.abs() < TINY { TINY } else { value };
    let (mut c, mut d) = (1.0, 1.0 / apart(1.0 - (a + b) * x / (a + 1.0)));
    let mut result = d;
    for m in 1..=300 {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut change = 1.0;
        for term in [even, odd] {
            d = 1.0 / apart(1.0 + term * d);
            c = apart(1.0 + term / c);
            change = c * d;
            result *= change;
        }
        if (change - 1.0).abs() < 1e-15 {
            break;
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_the_published_tables() {
        for (freedom, published) in [
            (1.0, 12.706),
            (2.0, 4.303),
            (3.0, 3.182),
            (5.0, 2.571),
            (9.0, 2.262),
            (19.0, 2.093),
            (30.0, 2.042),
            (99.0, 1.984),
            (999.0, 1.962),
            (1e6, 1.960),
        ] {
            let found = student_t(freedom);
            assert!((found - published).abs() < 5.1e-4, "{freedom}: {found}, not {published}");
        }
    }

    #[test]
    fn an_interval_is_as_worked_out_by_hand() {
        // Mean 5, sum of squares 32, s² = 32 / 7, t(7) = 2.365.
        let estimate = Estimate::of(&[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]).unwrap();
        assert_eq!((estimate.count, estimate.mean, estimate.min, estimate.max), (8, 5.0, 2.0, 9.0));
        assert!((estimate.half_width.unwrap() - 1.787).abs() < 1e-3, "{estimate:?}");
        let (low, high) = estimate.interval();
        assert!((low + high - 10.0).abs() < 1e-12 && high > low);
    }

    #[test]
    fn equal_values_have_no_width_and_a_single_one_no_interval() {
        let equal = Estimate::of(&[0.1; 7]).unwrap();
        assert_eq!((equal.mean, equal.half_width), (0.1, Some(0.0)));
        assert_eq!(Estimate::of(&[3.0]).unwrap().half_width, None);
        assert_eq!(Estimate::of(&[]), None);
    }

    #[test]
    fn nineteen_of_twenty_intervals_hold_the_true_mean() {
        // Sums of twelve uniform draws are about normal; SplitMix64 draws them.
        let mut state = 7u64;
        let mut uniform = || {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = state;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            (z ^ (z >> 31)) as f64 / u64::MAX as f64
        };
        let mut held = 0;
        for _ in 0..4000 {
            let sample: Vec<f64> =
                (0..5).map(|_| (0..12).map(|_| uniform()).sum::<f64>()).collect();
            let (low, high) = Estimate::of(&sample).unwrap().interval();
            held += u32::from(low <= 6.0 && 6.0 <= high);
        }
        // 3800 are expected; the standard deviation is 14.
        assert!((3740..=3860).contains(&held), "{held} of 4000");
    }
}
