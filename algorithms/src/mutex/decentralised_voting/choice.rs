//! Which coordinators an attempt asks, and how likely it is that too many of them forget.

use std::collections::BTreeSet;

use seedbed_node::{Context, Node, NodeId};

/// So many subsets can still be told apart by one draw.
pub const COORDINATORS_MAX: u32 = 32;

/// A subset of `m` of the nodes `0..n`, each equally likely: one draw, so that exploring meets each
/// subset once.
pub(super) fn draw<N: Node>(n: u32, m: u32, cx: &mut Context<'_, N>) -> BTreeSet<NodeId> {
    let subsets = u32::try_from(binomial(n, m)).expect("C(32, 16) is below 2^32");
    subset(n, m, cx.choose(subsets))
}

/// The subset of size `m` at this place of the lexicographic order.
fn subset(n: u32, m: u32, rank: u32) -> BTreeSet<NodeId> {
    let (mut rank, mut left) = (u64::from(rank), m);
    let mut chosen = BTreeSet::new();
    for node in 0..n {
        if left == 0 {
            break;
        }
        let with_it = binomial(n - node - 1, left - 1);
        if rank < with_it {
            chosen.insert(NodeId(node));
            left -= 1;
        } else {
            rank -= with_it;
        }
    }
    chosen
}

/// n choose k.
fn binomial(n: u32, k: u32) -> u64 {
    if k > n {
        return 0;
    }
    (1..=k).fold(1, |product, i| product * u64::from(n - k + i) / u64::from(i))
}

/// The chance that a second node can find `m` votes among `n` coordinators while another is inside
/// with `m`, if each of those has forgotten its vote with probability `p`: at least 2m-n of them.
pub fn violation_probability(n: u32, m: u32, p: f64) -> f64 {
    let power = |base: f64, exponent: u32| (0..exponent).fold(1.0, |product, _| product * base);
    let exactly = |k: u32| binomial(m, k) as f64 * power(p, k) * power(1.0 - p, m - k);
    ((2 * m).saturating_sub(n)..=m).map(exactly).sum()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{binomial, subset, violation_probability};

    #[test]
    fn every_subset_is_drawn_once() {
        for (n, m) in [(1, 1), (3, 2), (5, 3), (6, 6), (7, 4)] {
            let count = binomial(n, m) as u32;
            let subsets: BTreeSet<_> = (0..count).map(|rank| subset(n, m, rank)).collect();
            assert_eq!(subsets.len() as u32, count, "{m} of {n}");
            assert!(subsets.iter().all(|chosen| chosen.len() as u32 == m));
        }
        assert_eq!(binomial(32, 16), 601_080_390);
    }

    #[test]
    fn the_papers_probability() {
        assert_eq!(violation_probability(5, 3, 0.0), 0.0);
        assert!((violation_probability(5, 3, 0.1) - (1.0 - 0.9 * 0.9 * 0.9)).abs() < 1e-12);
        assert!((violation_probability(5, 4, 0.5) - 5.0 / 16.0).abs() < 1e-12);
        assert!((violation_probability(4, 4, 0.5) - 1.0 / 16.0).abs() < 1e-12, "all must forget");
    }
}
