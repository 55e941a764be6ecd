//! The digest: 128 bits over everything that happens, equal on every platform.

use std::hash::{Hash, Hasher};

use siphasher::sip128::{Hasher128, SipHasher13};

use crate::outcome::Digest128;

/// A running digest (SipHash-1-3 with 128 bits of output: Aumasson & Bernstein, INDOCRYPT 2012).
///
/// Every integer enters as one little-endian word of 64 bits, `usize` and the `isize` of enum
/// discriminants included, so that the width of the platform does not show. A `Vec<usize>` would
/// enter as raw memory; algorithms therefore hold no `usize`.
#[derive(Clone, Debug)]
pub struct Digest {
    hasher: SipHasher13,
    on: bool,
}

impl Default for Digest {
    fn default() -> Self {
        Digest::new(true)
    }
}

impl Digest {
    /// Takes everything in if `on`, else nothing.
    pub fn new(on: bool) -> Self {
        Digest { hasher: SipHasher13::default(), on }
    }

    /// Takes in a word.
    #[inline]
    pub fn word(&mut self, word: u64) {
        if self.on {
            self.hasher.write_u64(word);
        }
    }

    /// Takes in a value.
    #[inline]
    pub fn value(&mut self, value: &impl Hash) {
        if self.on {
            value.hash(self);
        }
    }

    /// The digest of everything so far.
    pub fn so_far(&self) -> Digest128 {
        Digest128(self.hasher.finish128().as_u128())
    }
}

impl Hasher for Digest {
    fn finish(&self) -> u64 {
        self.hasher.finish()
    }
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        self.hasher.write(bytes);
    }
    #[inline]
    fn write_u8(&mut self, i: u8) {
        self.word(u64::from(i));
    }
    #[inline]
    fn write_u16(&mut self, i: u16) {
        self.word(u64::from(i));
    }
    #[inline]
    fn write_u32(&mut self, i: u32) {
        self.word(u64::from(i));
    }
    #[inline]
    fn write_u64(&mut self, i: u64) {
        self.word(i);
    }
    #[inline]
    fn write_u128(&mut self, i: u128) {
        self.word(i as u64);
        self.word((i >> 64) as u64);
    }
    #[inline]
    fn write_usize(&mut self, i: usize) {
        self.word(i as u64);
    }
    #[inline]
    fn write_i8(&mut self, i: i8) {
        self.word(i64::from(i) as u64);
    }
    #[inline]
    fn write_i16(&mut self, i: i16) {
        self.word(i64::from(i) as u64);
    }
    #[inline]
    fn write_i32(&mut self, i: i32) {
        self.word(i64::from(i) as u64);
    }
    #[inline]
    fn write_i64(&mut self, i: i64) {
        self.word(i as u64);
    }
    #[inline]
    fn write_i128(&mut self, i: i128) {
        self.write_u128(i as u128);
    }
    #[inline]
    fn write_isize(&mut self, i: isize) {
        self.word(i as i64 as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pinned_so_that_no_platform_differs() {
        let mut digest = Digest::default();
        digest.word(1);
        digest.value(&(Some(7u8), -1i32, "text", vec![1u32, 2], 5usize));
        assert_eq!(digest.so_far().to_string(), "6d6edd27c62731902185f3f5f4ba8df4");
    }
}
