//! The states seen so far: their fingerprints, in open addressing by small groups.
//!
//! A group is a cache line of fingerprints with what is kept with them, compared all at once; a full one overflows into the next.
//! A fingerprint's group is found by scaling it to the number of groups, which need not be a power of
//! two: a part grows by half, is never less than 53 % full once it has grown, and 8 bytes of
//! fingerprint cost at most 15. Fingerprints lie in ascending order but for order within groups and
//! overflow, so growing reads and writes memory from one end to the other.

use std::sync::{Mutex, PoisonError};

/// Something kept with a fingerprint: nothing, or a word.
pub(super) trait Link: Copy + Default + Send {
    /// As many fingerprints with links as fit into a cache line.
    type Row: Copy + Default + AsRef<[(u64, Self)]> + AsMut<[(u64, Self)]> + Send;
}

impl Link for () {
    type Row = [(u64, ()); 8];
}

impl Link for u32 {
    type Row = [(u64, u32); 4];
}

impl Link for u64 {
    type Row = [(u64, u64); 4];
}

/// Fingerprints with what is kept with them, then zeros.
#[derive(Clone, Copy, Default)]
#[repr(align(64))]
struct Group<L: Link>(L::Row);

impl<L: Link> Group<L> {
    fn places(&self) -> &[(u64, L)] {
        self.0.as_ref()
    }

    /// Where a fingerprint is, without a branch that depends on where.
    #[inline]
    fn position(&self, print: u64) -> Option<usize> {
        let places = self.places();
        let mut found = places.len();
        for (at, (other, _)) in places.iter().enumerate() {
            found = if *other == print { at } else { found };
        }
        (found < places.len()).then_some(found)
    }

    fn is_full(&self) -> bool {
        self.places().last().is_some_and(|(print, _)| *print != 0)
    }

    /// Puts a fingerprint in, if there is room.
    #[inline]
    fn put(&mut self, print: u64, link: L) -> bool {
        let used = self.places().iter().filter(|(other, _)| *other != 0).count();
        let place = self.0.as_mut().get_mut(used);
        place.map(|place| *place = (print, link)).is_some()
    }
}

/// A part of a table: all fingerprints that begin alike. No two share a cache line, which threads would
/// fight for.
#[repr(align(64))]
pub(super) struct Part<L: Link> {
    groups: Vec<Group<L>>,
    used: usize,
}

/// Parts, 2^6: so many threads can insert without waiting for each other, and so small is what is
/// copied when one grows.
const PARTS_BITS: u32 = 6;
/// Where a part begins.
const GROUPS_LEAST: usize = 2;

impl<L: Link> Part<L> {
    fn new() -> Self {
        Part { groups: vec![Group::default(); GROUPS_LEAST], used: 0 }
    }

    /// Whether the fingerprint is new. `known` sees what is kept with one that is not.
    #[inline]
    fn visit(&mut self, print: u64, link: L, known: impl FnOnce(&mut L)) -> bool {
        let mut at = home(print, self.groups.len());
        loop {
            let group = &mut self.groups[at];
            if let Some(position) = group.position(print) {
                known(&mut group.0.as_mut()[position].1);
                return false;
            }
            if group.put(print, link) {
                self.count();
                return true;
            }
            at = if at + 1 == self.groups.len() { 0 } else { at + 1 };
        }
    }

    /// Whether a fingerprint is in its own group, and not in one that this overflowed into: found
    /// without a branch.
    #[inline]
    fn is_at_home(&self, print: u64) -> bool {
        let group = &self.groups[home(print, self.groups.len())];
        // A word is 0 exactly if one less has the highest bit and the word has not.
        let is_zero = |word: u64| word.wrapping_sub(1) & !word;
        group.places().iter().fold(0, |any, (other, _)| any | is_zero(other ^ print)) >> 63 != 0
    }

    fn count(&mut self) {
        self.used += 1;
        if self.used * 5 > self.groups.len() * self.groups[0].places().len() * 4 {
            self.grow();
        }
    }

    #[cold]
    fn grow(&mut self) {
        let length = self.groups.len() + self.groups.len() / 2;
        let old = std::mem::replace(&mut self.groups, vec![Group::default(); length]);
        for group in old {
            for &(print, link) in group.places().iter().filter(|(print, _)| *print != 0) {
                let mut at = home(print, length);
                while !self.groups[at].put(print, link) {
                    at = if at + 1 == length { 0 } else { at + 1 };
                }
            }
        }
    }

    /// Every fingerprint from `least` to `most`, which begin alike, with what is kept with it.
    fn range(&self, least: u64, most: u64, found: &mut Vec<(u64, L)>) {
        let length = self.groups.len();
        let (mut at, last) = (home(least, length), home(most, length));
        let mut passed = false;
        for _ in 0..length {
            let group = &self.groups[at];
            let inside = |(print, _): &&(u64, L)| *print != 0 && (least..=most).contains(print);
            found.extend(group.places().iter().filter(inside));
            passed |= at == last;
            if passed && !group.is_full() {
                break;
            }
            at = if at + 1 == length { 0 } else { at + 1 };
        }
    }

    fn bytes(&self) -> u64 {
        (self.groups.len() * size_of::<Group<L>>()) as u64
    }
}

/// Where a fingerprint belongs among so many groups, by the bits that do not choose the part.
#[inline]
fn home(fingerprint: u64, length: usize) -> usize {
    ((u128::from(fingerprint << PARTS_BITS) * length as u128) >> 64) as usize
}

#[inline]
fn part(fingerprint: u64) -> usize {
    (fingerprint >> (64 - PARTS_BITS)) as usize
}

/// A table for one thread.
pub(super) struct Table<L: Link> {
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
        self.parts.iter().map(Part::bytes).sum()
    }

    /// The same for many threads.
    pub(super) fn share(self) -> SharedTable<L> {
        SharedTable { parts: self.parts.into_iter().map(Mutex::new).collect() }
    }
}

/// A table for many threads: each part has a lock.
pub(super) struct SharedTable<L: Link> {
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
        let bytes =
            |part: &Mutex<Part<L>>| part.lock().unwrap_or_else(PoisonError::into_inner).bytes();
        self.parts.iter().map(bytes).sum()
    }

    /// The same for one thread again.
    pub(super) fn own(self) -> Table<L> {
        let own = |part: Mutex<Part<L>>| part.into_inner().unwrap_or_else(PoisonError::into_inner);
        Table { parts: self.parts.into_iter().map(own).collect() }
    }
}

/// What a thread has of a table: all of it, or access to what it shares with others.
pub(super) enum Seen<'a, L: Link> {
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

    /// Makes 0 of fingerprints that are known, all but a few: so many look-ups wait for memory at once
    /// that each hardly waits. Does nothing where there are locks to take.
    #[inline]
    pub(super) fn strike_known(&self, prints: &mut [u64]) {
        let Seen::Own(table) = self else { return };
        for print in prints {
            *print *= u64::from(!table.parts[part(*print)].is_at_home(*print));
        }
    }

    /// Has memory fetch what look-ups will need, all at once: how many are known, all but a few. Does
    /// nothing where there are locks to take.
    #[inline]
    pub(super) fn touch(&self, prints: &[u64]) -> usize {
        let Seen::Own(table) = self else { return 0 };
        let known = |print: &&u64| table.parts[part(**print)].is_at_home(**print);
        prints.iter().map(|print| usize::from(known(&print))).sum()
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
