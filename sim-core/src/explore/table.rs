//! The states seen so far: their fingerprints, in open addressing with linear probing.
//!
//! A place in a part is found by scaling the fingerprint to its length, so that a length need not be
//! a power of two and a part can grow by half: it is never less than 53 % full once it has grown, and
//! 8 bytes of fingerprint cost at most 15. Fingerprints lie in ascending order but for the probing, so
//! growing reads and writes memory from one end to the other.

use std::sync::{Mutex, PoisonError};

/// Something kept with a fingerprint: nothing, or a word.
pub(super) trait Link: Copy + Default + Send {}
impl<T: Copy + Default + Send> Link for T {}

#[derive(Clone, Copy, Default)]
struct Place<L> {
    fingerprint: u64,
    link: L,
}

/// A part of a table: all fingerprints that begin alike.
pub(super) struct Part<L> {
    places: Vec<Place<L>>,
    used: usize,
}

/// Parts, 2^6: so many threads can insert without waiting for each other, and so small is what is
/// copied when one grows.
const PARTS_BITS: u32 = 6;
/// Where a part begins.
const LENGTH_LEAST: usize = 16;

impl<L: Link> Part<L> {
    fn new() -> Self {
        Part { places: vec![Place::default(); LENGTH_LEAST], used: 0 }
    }

    /// Whether the fingerprint is new. `known` sees what is kept with one that is not.
    #[inline]
    fn visit(&mut self, fingerprint: u64, link: L, known: impl FnOnce(&mut L)) -> bool {
        let mut at = home(fingerprint, self.places.len());
        loop {
            let place = &mut self.places[at];
            if place.fingerprint == fingerprint {
                known(&mut place.link);
                return false;
            }
            if place.fingerprint == 0 {
                *place = Place { fingerprint, link };
                self.used += 1;
                if self.used * 5 > self.places.len() * 4 {
                    self.grow();
                }
                return true;
            }
            at += 1;
            if at == self.places.len() {
                at = 0;
            }
        }
    }

    #[cold]
    fn grow(&mut self) {
        let length = self.places.len() + self.places.len() / 2;
        let old = std::mem::replace(&mut self.places, vec![Place::default(); length]);
        for place in old.into_iter().filter(|place| place.fingerprint != 0) {
            let mut at = home(place.fingerprint, length);
            while self.places[at].fingerprint != 0 {
                at = if at + 1 == length { 0 } else { at + 1 };
            }
            self.places[at] = place;
        }
    }

    /// Every fingerprint from `least` to `most`, which begin alike, with what is kept with it.
    fn range(&self, least: u64, most: u64, found: &mut Vec<(u64, L)>) {
        let length = self.places.len();
        let (mut at, last) = (home(least, length), home(most, length));
        let mut passed = false;
        for _ in 0..length {
            let place = self.places[at];
            passed |= at == last;
            if place.fingerprint == 0 && passed {
                break;
            }
            if (least..=most).contains(&place.fingerprint) {
                found.push((place.fingerprint, place.link));
            }
            at = if at + 1 == length { 0 } else { at + 1 };
        }
    }
}

/// Where a fingerprint belongs in so many places, by the bits that do not choose the part.
#[inline]
fn home(fingerprint: u64, length: usize) -> usize {
    ((u128::from(fingerprint << PARTS_BITS) * length as u128) >> 64) as usize
}

#[inline]
fn part(fingerprint: u64) -> usize {
    (fingerprint >> (64 - PARTS_BITS)) as usize
}

/// A table for one thread.
pub(super) struct Table<L> {
    parts: Vec<Part<L>>,
}

impl<L: Link> Table<L> {
    /// An empty one.
    pub(super) fn new() -> Self {
        Table { parts: (0..1 << PARTS_BITS).map(|_| Part::new()).collect() }
    }

    /// Whether the fingerprint is new: then `link` is kept with it. `known` sees, and may change, what
    /// is kept with one that is not.
    #[inline]
    pub(super) fn visit(&mut self, fingerprint: u64, link: L, known: impl FnOnce(&mut L)) -> bool {
        self.parts[part(fingerprint)].visit(fingerprint, link, known)
    }

    /// Every fingerprint from `least` to `most`, which have the upper bits in common that choose a
    /// part, with what is kept with it.
    pub(super) fn range(&self, least: u64, most: u64) -> Vec<(u64, L)> {
        let mut found = Vec::new();
        self.parts[part(least)].range(least, most, &mut found);
        found
    }

    /// Bytes of memory that it holds.
    pub(super) fn bytes(&self) -> u64 {
        let places: usize = self.parts.iter().map(|part| part.places.len()).sum();
        (places * size_of::<Place<L>>()) as u64
    }

    /// The same for many threads.
    pub(super) fn share(self) -> SharedTable<L> {
        SharedTable { parts: self.parts.into_iter().map(Mutex::new).collect() }
    }
}

/// A table for many threads: each part has a lock.
pub(super) struct SharedTable<L> {
    parts: Vec<Mutex<Part<L>>>,
}

impl<L: Link> SharedTable<L> {
    /// As [`Table::visit`].
    #[inline]
    pub(super) fn visit(&self, fingerprint: u64, link: L, known: impl FnOnce(&mut L)) -> bool {
        let mut part = self.parts[part(fingerprint)].lock().unwrap_or_else(PoisonError::into_inner);
        part.visit(fingerprint, link, known)
    }

    /// Bytes of memory that it holds.
    pub(super) fn bytes(&self) -> u64 {
        let lengths = self
            .parts
            .iter()
            .map(|part| part.lock().unwrap_or_else(PoisonError::into_inner).places.len());
        (lengths.sum::<usize>() * size_of::<Place<L>>()) as u64
    }

    /// The same for one thread again.
    pub(super) fn own(self) -> Table<L> {
        let own = |part: Mutex<Part<L>>| part.into_inner().unwrap_or_else(PoisonError::into_inner);
        Table { parts: self.parts.into_iter().map(own).collect() }
    }
}

/// What a thread has of a table: all of it, or access to what it shares with others.
pub(super) enum Seen<'a, L> {
    Own(&'a mut Table<L>),
    Shared(&'a SharedTable<L>),
}

impl<L: Link> Seen<'_, L> {
    /// As [`Table::visit`].
    #[inline]
    pub(super) fn visit(&mut self, fingerprint: u64, link: L, known: impl FnOnce(&mut L)) -> bool {
        match self {
            Seen::Own(table) => table.visit(fingerprint, link, known),
            Seen::Shared(table) => table.visit(fingerprint, link, known),
        }
    }

    /// As [`Table::bytes`].
    pub(super) fn bytes(&self) -> u64 {
        match self {
            Seen::Own(table) => table.bytes(),
            Seen::Shared(table) => table.bytes(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fingerprint::mixed;
    use super::*;

    #[test]
    fn what_was_put_in_is_known_whatever_it_begins_with() {
        let mut table = Table::<u64>::new();
        let keys: Vec<u64> =
            (1..20_000).map(mixed).chain(1..200).chain(u64::MAX - 99..=u64::MAX).collect();
        for &key in &keys {
            assert!(table.visit(key, key / 2, |_| ()), "{key}");
        }
        for &key in &keys {
            let mut kept = 0;
            assert!(!table.visit(key, 0, |link| kept = *link));
            assert_eq!(kept, key / 2);
        }
        for &key in &keys {
            let range = (key & !0xffff, key | 0xffff);
            let mut expected: Vec<u64> =
                keys.iter().copied().filter(|k| (range.0..=range.1).contains(k)).collect();
            let mut found: Vec<u64> = table.range(range.0, range.1).iter().map(|f| f.0).collect();
            expected.sort_unstable();
            found.sort_unstable();
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn a_fingerprint_alone_takes_at_most_16_bytes_and_with_a_word_at_most_32() {
        let (mut alone, mut linked) = (Table::<()>::new(), Table::<u64>::new());
        for n in 1..100_000u64 {
            alone.visit(mixed(n), (), |()| ());
            linked.visit(mixed(n), n, |_| ());
            if n > 5_000 {
                assert!(alone.bytes() <= 16 * n && linked.bytes() <= 32 * n, "{n}");
            }
        }
    }

    #[test]
    fn threads_find_each_fingerprint_new_once() {
        let shared = Table::<()>::new().share();
        let new: usize = std::thread::scope(|scope| {
            let insert = || (1..20_000).filter(|&n| shared.visit(mixed(n), (), |()| ())).count();
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(insert)).collect();
            threads.into_iter().map(|thread| thread.join().expect("no panic")).sum()
        });
        assert_eq!(new, 19_999);
    }
}
