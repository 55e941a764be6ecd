//! Lists of entries in chunks of one pool: a list grows without moving what it holds, wastes less
//! than a chunk, and gives its memory back to all others as it is emptied.

use super::Entry;

/// Entries a chunk.
const CHUNK: usize = 128;

/// No chunk has this number.
const NONE: u32 = u32::MAX;

/// Entries in the order in which they were added.
#[derive(Clone, Copy, Debug)]
pub(super) struct List {
    first: u32,
    last: u32,
    len: u32,
}

impl List {
    pub const EMPTY: List = List { first: NONE, last: NONE, len: 0 };

    #[inline]
    pub fn len(&self) -> usize {
        self.len as usize
    }
}

/// The chunks of all lists.
#[derive(Clone, Debug)]
pub(super) struct Pool<T> {
    chunks: Vec<[Entry<T>; CHUNK]>,
    /// For every chunk the next one of its list, or of the free ones.
    links: Vec<u32>,
    free: u32,
}

impl<T: Copy> Default for Pool<T> {
    fn default() -> Self {
        Pool { chunks: Vec::new(), links: Vec::new(), free: NONE }
    }
}

impl<T: Copy> Pool<T> {
    #[inline(always)]
    pub fn push(&mut self, list: &mut List, time: u64, sequence: u64, item: T) {
        let position = list.len as usize % CHUNK;
        list.len += 1;
        if position == 0 {
            return self.extend(list, time, sequence, item);
        }
        self.chunks[list.last as usize][position] = Entry { time, sequence, item };
    }

    /// Starts another chunk of a list.
    #[inline(never)]
    fn extend(&mut self, list: &mut List, time: u64, sequence: u64, item: T) {
        let chunk = self.chunk(Entry { time, sequence, item });
        if list.len == 1 {
            list.first = chunk;
        } else {
            self.links[list.last as usize] = chunk;
        }
        list.last = chunk;
    }

    /// A chunk that begins with `entry`.
    fn chunk(&mut self, entry: Entry<T>) -> u32 {
        let chunk = self.free;
        if chunk == NONE {
            return self.grow(entry);
        }
        self.free = self.links[chunk as usize];
        self.chunks[chunk as usize][0] = entry;
        chunk
    }

    #[cold]
    fn grow(&mut self, entry: Entry<T>) -> u32 {
        let count = self.chunks.len();
        let chunk = u32::try_from(count).ok().filter(|&chunk| chunk != NONE);
        if count == self.chunks.capacity() {
            // Less than doubling: large pools are most of a large run's memory.
            self.chunks.reserve_exact(count / 4 + 16);
            self.links.reserve_exact(count / 4 + 16);
        }
        self.chunks.push([entry; CHUNK]);
        self.links.push(NONE);
        chunk.expect("fewer than 2^37 events wait")
    }

    /// The entries of a list, chunk by chunk.
    pub fn chunks(&self, list: &List) -> impl Iterator<Item = &[Entry<T>]> {
        let (mut chunk, mut left) = (list.first, list.len());
        std::iter::from_fn(move || {
            let (here, count) = (chunk as usize, left.min(CHUNK));
            left -= count;
            (count > 0).then(|| {
                chunk = self.links[here];
                &self.chunks[here][..count]
            })
        })
    }

    /// The entries of a list.
    pub fn entries(&self, list: &List) -> impl Iterator<Item = &Entry<T>> {
        self.chunks(list).flatten()
    }

    /// Takes the first chunk out of a list: a copy of it, and how many of its entries count.
    pub fn take_chunk(&mut self, list: &mut List) -> Option<([Entry<T>; CHUNK], usize)> {
        if list.len == 0 {
            return None;
        }
        let (chunk, count) = (list.first, list.len().min(CHUNK));
        list.first = self.links[chunk as usize];
        list.len -= count as u32;
        self.links[chunk as usize] = self.free;
        self.free = chunk;
        Some((self.chunks[chunk as usize], count))
    }

    /// Frees all chunks of a list.
    pub fn free(&mut self, list: &mut List) {
        if list.len > 0 {
            self.links[list.last as usize] = self.free;
            self.free = list.first;
            *list = List::EMPTY;
        }
    }

    /// Keeps some entries of a list, in order.
    pub fn retain(&mut self, list: &mut List, keep: &mut dyn FnMut(&T) -> bool) {
        let mut all = std::mem::replace(list, List::EMPTY);
        while let Some((entries, count)) = self.take_chunk(&mut all) {
            for entry in &entries[..count] {
                if keep(&entry.item) {
                    self.push(list, entry.time, entry.sequence, entry.item);
                }
            }
        }
    }

    /// How many entries there is memory for.
    #[cfg(test)]
    pub fn capacity(&self) -> usize {
        self.chunks.capacity() * CHUNK
    }

    /// Frees everything: no list may be used afterwards.
    pub fn clear(&mut self) {
        self.free = NONE;
        for (chunk, link) in (0..).zip(&mut self.links) {
            *link = std::mem::replace(&mut self.free, chunk);
        }
    }
}
