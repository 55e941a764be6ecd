//! Where labels go so that none covers another.

/// Middles for labels of one height, in the order given: each as near to where it wants to be as
/// its neighbours allow, none nearer than `height` to another, all between `low` and `high` if
/// they fit.
///
/// The sum of squared displacements is least: it is an isotonic regression once each label's share
/// of the stack is taken off, solved by pooling adjacent violators (Barlow, Bartholomew, Bremner
/// and Brunk, *Statistical Inference under Order Restrictions*, 1972).
pub(super) fn place(wanted: &[f64], height: f64, low: f64, high: f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by(|&a, &b| wanted[a].total_cmp(&wanted[b]));
    let mut pools: Vec<(f64, usize)> = Vec::new();
    for (rank, &label) in order.iter().enumerate() {
        let mut pool = (wanted[label] - rank as f64 * height, 1);
        while let Some(&(mean, count)) = pools.last().filter(|(mean, _)| *mean > pool.0) {
            let both = count + pool.1;
            pool = ((mean * count as f64 + pool.0 * pool.1 as f64) / both as f64, both);
            pools.pop();
        }
        pools.push(pool);
    }
    let top = high - wanted.len().saturating_sub(1) as f64 * height;
    let levels = pools.iter().flat_map(|&(mean, count)| std::iter::repeat_n(mean, count));
    let mut places = vec![0.0; wanted.len()];
    for ((rank, &label), level) in order.iter().enumerate().zip(levels) {
        places[label] = level.min(top).max(low) + rank as f64 * height;
    }
    places
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn labels_with_room_stay_where_they_want_to_be() {
        assert_eq!(place(&[50.0, 10.0, 90.0], 16.0, 0.0, 100.0), [50.0, 10.0, 90.0]);
        assert_eq!(place(&[], 16.0, 0.0, 100.0), [0.0; 0]);
    }

    #[test]
    fn crowded_labels_share_the_displacement() {
        assert_eq!(place(&[50.0, 50.0], 16.0, 0.0, 100.0), [42.0, 58.0]);
        assert_eq!(place(&[0.0, 0.0], 16.0, 0.0, 100.0), [0.0, 16.0]);
        assert_eq!(place(&[100.0, 99.0], 16.0, 0.0, 100.0), [100.0, 84.0]);
    }

    proptest! {
        #[test]
        fn labels_never_overlap(wanted in prop::collection::vec(-50.0..650.0f64, 0..40), height in 1.0..16.0f64) {
            let (low, high) = (0.0, 640.0);
            let places = place(&wanted, height, low, high);
            for (i, a) in places.iter().enumerate() {
                prop_assert!((low - 1e-6..=high + 1e-6).contains(a), "{places:?}");
                for (j, b) in places.iter().enumerate() {
                    prop_assert!(i == j || (a - b).abs() > height - 1e-6, "{places:?}");
                    prop_assert!(!(wanted[i] < wanted[j] && a > b), "the order is kept");
                }
            }
        }
    }
}
