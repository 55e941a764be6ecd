//! Fingerprints: 64 bits that stand for a state.
//!
//! Four lanes take the words in turn, so that no multiplication waits for the one before. Each step is
//! a bijection of its lane for a given word: states that have once differed in a lane can only meet
//! there again through words that differ too. The end multiplies lanes with each other. No seed: equal states have equal fingerprints in every process. Not for
//! keeping in files, and no defence against states that somebody chooses to collide.

use std::hash::{Hash, Hasher};

/// The fingerprint of `state`. Never 0, which marks an empty place in a table.
pub fn fingerprint<T: Hash>(state: &T) -> u64 {
    let mut hasher = Fingerprinter::default();
    state.hash(&mut hasher);
    hasher.finish().max(1)
}

/// The probability that two of `states` different states share one of 2^64 fingerprints: the birthday
/// bound n (n - 1) / 2 / 2^64.
pub fn collision_probability(states: u64) -> f64 {
    let n = states as f64;
    (n * (n - 1.0).max(0.0) / 2.0 / 18_446_744_073_709_551_616.0).min(1.0)
}

/// The next word goes to the first lane, which then goes to the end.
#[derive(Clone, Copy)]
struct Fingerprinter(u64, u64, u64, u64);

/// Odd, with bits that look random, as the lanes' beginnings: from the digits of pi.
const FACTOR: u64 = 0xa409_3822_299f_31d1;

impl Default for Fingerprinter {
    #[inline]
    fn default() -> Self {
        Fingerprinter(
            0x243f_6a88_85a3_08d3,
            0x1319_8a2e_0370_7344,
            0x082e_fa98_ec4e_6c89,
            0x4528_21e6_38d0_1377,
        )
    }
}

impl Fingerprinter {
    #[inline(always)]
    fn word(&mut self, word: u64) {
        let lane = (self.0 ^ word).wrapping_mul(FACTOR).rotate_left(32);
        *self = Fingerprinter(self.1, self.2, self.3, lane);
    }
}

/// Both halves of a product, as wyhash (Wang Yi) mixes.
#[inline]
fn folded(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    (product as u64) ^ (product >> 64) as u64
}

/// Murmur's last step: every bit of the input changes half of those of the output.
#[inline]
pub(super) fn mixed(mut word: u64) -> u64 {
    word = (word ^ (word >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    word = (word ^ (word >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    word ^ (word >> 33)
}

impl Hasher for Fingerprinter {
    #[inline]
    fn finish(&self) -> u64 {
        let halves = folded(self.0, self.1) ^ folded(self.2, self.3).rotate_left(29);
        let spread = (halves ^ (halves >> 32)).wrapping_mul(FACTOR);
        spread ^ (spread >> 29)
    }

    /// Eight bytes a word, the last ones with their number: texts and slices of integers.
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        let mut words = bytes.chunks_exact(8);
        for word in &mut words {
            self.word(u64::from_le_bytes(word.try_into().expect("chunks of eight")));
        }
        let rest = words.remainder();
        let last =
            rest.iter().rev().fold(rest.len() as u64, |word, byte| word << 8 | u64::from(*byte));
        self.word(last);
    }

    #[inline]
    fn write_u8(&mut self, value: u8) {
        self.word(u64::from(value));
    }

    #[inline]
    fn write_u16(&mut self, value: u16) {
        self.word(u64::from(value));
    }

    #[inline]
    fn write_u32(&mut self, value: u32) {
        self.word(u64::from(value));
    }

    #[inline]
    fn write_u64(&mut self, value: u64) {
        self.word(value);
    }

    #[inline]
    fn write_u128(&mut self, value: u128) {
        self.word(value as u64);
        self.word((value >> 64) as u64);
    }

    #[inline]
    fn write_usize(&mut self, value: usize) {
        self.word(value as u64);
    }

    #[inline]
    fn write_i8(&mut self, value: i8) {
        self.word(value as u64);
    }

    #[inline]
    fn write_i16(&mut self, value: i16) {
        self.word(value as u64);
    }

    #[inline]
    fn write_i32(&mut self, value: i32) {
        self.word(value as u64);
    }

    #[inline]
    fn write_i64(&mut self, value: i64) {
        self.word(value as u64);
    }

    #[inline]
    fn write_isize(&mut self, value: isize) {
        self.word(value as u64);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn small_differences_in_many_words_do_not_meet() {
        let mut seen = BTreeSet::new();
        for bits in 0..1u32 << 16 {
            let words: Vec<u64> = (0..16).map(|i| u64::from(bits >> i & 1) << 63).collect();
            let small: Vec<u8> = (0..16).map(|i| (bits >> i & 1) as u8).collect();
            assert!(seen.insert(fingerprint(&words)) && seen.insert(fingerprint(&small)), "{bits}");
        }
    }

    #[test]
    fn every_bit_changes_about_half_of_the_bits() {
        for bit in 0..192 {
            let mut flipped = 0;
            for base in 0..64u64 {
                let words = [base, base * 7, base * 11];
                let mut other = words;
                other[bit / 64] ^= 1 << (bit % 64);
                flipped += (fingerprint(&words) ^ fingerprint(&other)).count_ones();
            }
            assert!((64 * 28..64 * 36).contains(&flipped), "bit {bit}: {flipped} of {}", 64 * 64);
        }
    }

    #[test]
    fn texts_that_differ_in_length_alone_differ() {
        let prints: BTreeSet<u64> = (0..100).map(|n| fingerprint(&vec![0u8; n])).collect();
        assert_eq!(prints.len(), 100);
        assert_ne!(fingerprint(&"a\0"), fingerprint(&"a"));
    }

    #[test]
    fn the_birthday_bound_of_four_billion_states_is_about_a_half() {
        assert_eq!(collision_probability(1), 0.0);
        assert!((collision_probability(1 << 32) - 0.5).abs() < 1e-9);
        assert_eq!(collision_probability(u64::MAX), 1.0);
    }
}
