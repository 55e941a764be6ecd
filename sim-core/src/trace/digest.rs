//! The digest: 128 bits over everything that happens, equal on every platform.

use std::fmt;
use std::hash::{Hash, Hasher};

use xxhash_rust::xxh3::Xxh3;

use crate::outcome::Digest128;

/// Words that are collected before they are hashed at one go.
const WORDS: usize = 64;

/// A running digest: XXH3 with 128 bits of output (Collet, xxHash specification 0.2.0, 2023). It
/// tells runs apart; against somebody who forges messages for equal digests it is no protection.
///
/// Every integer enters as one little-endian word of 64 bits, `usize` and the `isize` of enum
/// discriminants included, so that the width of the platform does not show; bytes enter as their
/// count and then in words. A `Vec<usize>` would enter as raw memory; algorithms therefore hold no
/// `usize`.
#[derive(Clone)]
pub struct Digest {
    on: bool,
    /// How many of the words are not hashed yet.
    filled: usize,
    words: [[u8; 8]; WORDS],
    hash: Xxh3,
}

impl Default for Digest {
    fn default() -> Self {
        Digest { on: true, filled: 0, words: [[0; 8]; WORDS], hash: Xxh3::new() }
    }
}

impl Digest {
    /// A digest that takes nothing in.
    pub fn off() -> Self {
        Digest { on: false, ..Digest::default() }
    }

    /// Takes in a few words.
    #[inline(always)]
    pub fn words<const N: usize>(&mut self, words: [u64; N]) {
        if !self.on {
            return;
        }
        match self.words.get_mut(self.filled..self.filled + N) {
            Some(places) => {
                for (place, word) in places.iter_mut().zip(words) {
                    *place = word.to_le_bytes();
                }
                self.filled += N;
            }
            None => self.feed_each(&words),
        }
    }

    #[inline(never)]
    fn feed_each(&mut self, words: &[u64]) {
        self.feed(|feed| words.iter().for_each(|word| feed.push(*word)));
    }

    /// Takes in a value.
    #[inline(always)]
    pub fn value(&mut self, value: &impl Hash) {
        if self.on {
            self.feed(|feed| value.hash(feed));
        }
    }

    /// The digest of everything so far.
    pub fn so_far(&self) -> Digest128 {
        let mut all = self.hash.clone();
        all.update(self.words[..self.filled].as_flattened());
        Digest128(all.digest128())
    }

    #[inline(always)]
    fn feed(&mut self, with: impl FnOnce(&mut Feed<'_>)) {
        let mut feed = Feed { filled: self.filled, words: &mut self.words, hash: &mut self.hash };
        with(&mut feed);
        self.filled = feed.filled;
    }
}

/// A digest that is taking something in: the count is a local variable, thus in a register.
struct Feed<'a> {
    filled: usize,
    words: &'a mut [[u8; 8]; WORDS],
    hash: &'a mut Xxh3,
}

impl Feed<'_> {
    #[inline(always)]
    fn push(&mut self, word: u64) {
        if self.filled >= WORDS {
            flush(self.words, self.hash);
            self.filled = 0;
        }
        self.words[self.filled] = word.to_le_bytes();
        self.filled += 1;
    }
}

#[inline(never)]
fn flush(words: &[[u8; 8]; WORDS], hash: &mut Xxh3) {
    hash.update(words.as_flattened());
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Digest").field(&self.so_far()).finish()
    }
}

impl Hasher for Feed<'_> {
    fn finish(&self) -> u64 {
        let mut all = self.hash.clone();
        all.update(self.words[..self.filled].as_flattened());
        all.digest128() as u64
    }
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        self.push(bytes.len() as u64);
        let (words, rest) = bytes.as_chunks();
        for word in words {
            self.push(u64::from_le_bytes(*word));
        }
        if !rest.is_empty() {
            let mut word = [0; 8];
            word[..rest.len()].copy_from_slice(rest);
            self.push(u64::from_le_bytes(word));
        }
    }
    #[inline(always)]
    fn write_u8(&mut self, i: u8) {
        self.push(u64::from(i));
    }
    #[inline(always)]
    fn write_u16(&mut self, i: u16) {
        self.push(u64::from(i));
    }
    #[inline(always)]
    fn write_u32(&mut self, i: u32) {
        self.push(u64::from(i));
    }
    #[inline(always)]
    fn write_u64(&mut self, i: u64) {
        self.push(i);
    }
    #[inline(always)]
    fn write_u128(&mut self, i: u128) {
        self.push(i as u64);
        self.push((i >> 64) as u64);
    }
    #[inline(always)]
    fn write_usize(&mut self, i: usize) {
        self.push(i as u64);
    }
    #[inline(always)]
    fn write_i8(&mut self, i: i8) {
        self.push(i64::from(i) as u64);
    }
    #[inline(always)]
    fn write_i16(&mut self, i: i16) {
        self.push(i64::from(i) as u64);
    }
    #[inline(always)]
    fn write_i32(&mut self, i: i32) {
        self.push(i64::from(i) as u64);
    }
    #[inline(always)]
    fn write_i64(&mut self, i: i64) {
        self.push(i as u64);
    }
    #[inline(always)]
    fn write_i128(&mut self, i: i128) {
        self.write_u128(i as u128);
    }
    #[inline(always)]
    fn write_isize(&mut self, i: isize) {
        self.push(i as i64 as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pinned_so_that_no_platform_differs() {
        let mut digest = Digest::default();
        digest.words([1]);
        digest.value(&(Some(7u8), -1i32, "text", vec![1u32, 2], 5usize));
        assert_eq!(digest.so_far().to_string(), "6ff9df8d2ed2cad8581030699fb14ee8");
    }

    #[test]
    fn is_that_of_the_words_in_little_endian_order() {
        let mut digest = Digest::default();
        let mut bytes = Vec::new();
        for word in 0..1_000u64 {
            let words = [word << 40 | word, word, !word];
            match word % 3 {
                0 => digest.words(words),
                1 => words.iter().for_each(|word| digest.words([*word])),
                _ => words.iter().for_each(|word| digest.value(word)),
            }
            bytes.extend(words.iter().flat_map(|word| word.to_le_bytes()));
            assert_eq!(digest.so_far().0, xxhash_rust::xxh3::xxh3_128(&bytes), "word {word}");
        }
    }

    #[test]
    fn takes_nothing_in_when_off() {
        let mut digest = Digest::off();
        digest.words([1]);
        digest.value(&"text");
        assert_eq!(digest.so_far(), Digest::default().so_far());
    }
}
