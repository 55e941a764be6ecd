//! Finite projective planes: quorums of size q+1 among q²+q+1 nodes, any two of which share exactly
//! one.
//!
//! James Singer, "A Theorem in Finite Projective Geometry and Some Applications to Number Theory",
//! Transactions of the AMS 43(3), 1938: for a prime power q, the points of the plane of order q can
//! be numbered so that one line `D` gives all others by adding a constant modulo q²+q+1. `D` is a
//! perfect difference set: every difference but 0 occurs exactly once.
//!
//! The points are the elements of GF(q³) but 0 up to factors in GF(q), numbered by their logarithms
//! to a primitive element x, modulo q²+q+1. `D` is the line through 1 and x: the points 1 and
//! x + a for every a in GF(q). GF(q³) is GF(p) with a primitive polynomial of degree 3m, q = p^m,
//! found by trial. Elements are written as numbers in base p.
//!
//! Orders go up to 32, that is 1057 nodes: beyond, nobody would read the picture.

use std::sync::OnceLock;

/// The greatest order that is constructed.
pub const ORDER_MAX: u32 = 32;

/// Difference sets are the same for every node of a run and take a while to find.
static LINES: [OnceLock<Vec<u32>>; ORDER_MAX as _] = [const { OnceLock::new() }; ORDER_MAX as _];

/// The line through points 0 and 1 of a plane with `points` points, ascending; `None` if there is
/// no prime power q (or 1: the triangle) up to [`ORDER_MAX`] with `points` = q²+q+1.
pub fn line(points: u32) -> Option<&'static [u32]> {
    let order = (1..=ORDER_MAX).find(|q| q * q + q + 1 == points)?;
    let (prime, exponent) = if order == 1 { (1, 0) } else { prime_power(order)? };
    let found = LINES.iter().zip(1..).find(|&(_, q)| q == order)?.0;
    Some(found.get_or_init(|| if order == 1 { vec![0, 1] } else { construct(prime, exponent) }))
}

/// `(p, m)` with q = p^m for a prime p.
fn prime_power(q: u32) -> Option<(u32, u32)> {
    let prime = (2..=q).find(|p| q.is_multiple_of(*p))?;
    let exponent = (1..=q.ilog2()).find(|&m| prime.pow(m) == q)?;
    Some((prime, exponent))
}

/// Singer's difference set of order p^m.
fn construct(p: u32, m: u32) -> Vec<u32> {
    let order = p.pow(m);
    let points = order * order + order + 1;
    let field = Field { p, degree: 3 * m };
    let powers = field.powers();
    // The factors, GF(q) but 0, are the powers whose exponents are multiples of q²+q+1.
    let factors = powers.iter().copied().step_by(points as _);
    let on_line = factors.chain([0]).map(|a| field.add(powers[1], a));
    let logarithm = |element: u32| {
        let at = powers.iter().zip(0..).find(|&(&power, _)| power == element);
        at.expect("x generates every element but 0").1
    };
    let mut line: Vec<u32> = on_line.map(|element| logarithm(element) % points).collect();
    line.push(0);
    line.sort_unstable();
    line
}

/// GF(p) and polynomials over it of degree below `degree`, as numbers in base p.
struct Field {
    p: u32,
    degree: u32,
}

impl Field {
    /// The powers of x from 1 on, modulo the first primitive polynomial: each element but 0 once.
    fn powers(&self) -> Vec<u32> {
        let size = self.p.pow(self.degree);
        // Without a constant term x has no inverse, and its powers never come back to 1.
        let tails = (1..size).filter(|tail| !tail.is_multiple_of(self.p));
        let mut full =
            tails.map(|tail| self.cycle(tail)).filter(|powers| powers.len() as u32 == size - 1);
        full.next().expect("there is a primitive polynomial of every degree")
    }

    /// The powers of x from 1 until they repeat, where x^degree equals `tail`.
    fn cycle(&self, tail: u32) -> Vec<u32> {
        let top = self.p.pow(self.degree - 1);
        let longest = top * self.p - 1;
        let mut powers = vec![1];
        let mut power = 1;
        for _ in 1..longest {
            // Times x: all digits move up by one; what moves out comes back as so many tails.
            let (out, rest) = (power / top, power % top);
            power = (0..out).fold(rest * self.p, |sum, _| self.add(sum, tail));
            if power <= 1 {
                break;
            }
            powers.push(power);
        }
        powers
    }

    /// Digit by digit, without carry.
    fn add(&self, a: u32, b: u32) -> u32 {
        let (mut a, mut b, mut place, mut sum) = (a, b, 1, 0);
        while a > 0 || b > 0 {
            sum += (a % self.p + b % self.p) % self.p * place;
            (a, b, place) = (a / self.p, b / self.p, place * self.p);
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{ORDER_MAX, line, prime_power};

    #[test]
    fn every_difference_but_0_occurs_exactly_once_for_every_prime_power() {
        let mut orders = Vec::new();
        for q in 1..=ORDER_MAX {
            let points = q * q + q + 1;
            let Some(line) = line(points) else {
                continue;
            };
            orders.push(q);
            assert_eq!((line.len() as u32, &line[..2]), (q + 1, &[0, 1][..]));
            let pairs = line.iter().flat_map(|a| line.iter().map(move |b| (a, b)));
            let differences = pairs.filter(|(a, b)| a != b).map(|(a, b)| (points + a - b) % points);
            let mut seen = BTreeSet::new();
            for difference in differences {
                assert!(seen.insert(difference), "order {q}: {difference} occurs twice");
            }
            assert_eq!(seen.len() as u32, points - 1, "order {q}");
        }
        assert_eq!(orders, [1, 2, 3, 4, 5, 7, 8, 9, 11, 13, 16, 17, 19, 23, 25, 27, 29, 31, 32]);
    }

    #[test]
    fn other_sizes_and_orders_have_none() {
        assert_eq!(line(43), None, "order 6");
        assert_eq!(line(8), None);
        assert_eq!(prime_power(12), None);
        assert_eq!(prime_power(27), Some((3, 3)));
    }
}
