//! Messages: typed values with a dense kind and a size on the wire.

use std::collections::{BTreeMap, BTreeSet};

use crate::{Duration, LocalTime, NodeId, Operation, Value};

/// What nodes send each other. Derive it: `#[derive(Message)]` on an enum makes every variant a
/// kind; on a struct, the struct's name is the only kind.
pub trait Message: Value + Wire {
    /// How many kinds there are.
    const KINDS: usize;
    /// Kinds from here on are a transport's own traffic (acknowledgements, retransmissions),
    /// counted apart from the algorithm's messages.
    const TRANSPORT_FROM: usize = Self::KINDS;
    /// This message's kind, below [`Self::KINDS`].
    fn kind(&self) -> usize;
    /// The name of a kind, such as `Request`.
    fn kind_name(kind: usize) -> &'static str;
}

/// A part of a message: how long it is on the wire, and how noise alters it.
///
/// Derive it for structs and enums that messages contain.
pub trait Wire {
    /// Size on the wire in bytes.
    fn wire_bytes(&self) -> u32;
    /// Changes the value as undetected corruption would; `entropy` decides how. A value without
    /// content stays as it is.
    fn alter(&mut self, entropy: u64);
}

macro_rules! integers {
    ($($int:ty),*) => {$(
        impl Wire for $int {
            #[inline]
            fn wire_bytes(&self) -> u32 {
                size_of::<$int>() as u32
            }
            fn alter(&mut self, entropy: u64) {
                *self ^= 1 << (entropy % u64::from(<$int>::BITS));
            }
        }
    )*};
}
integers!(u8, u16, u32, u64, u128, i8, i16, i32, i64, i128);

impl Wire for () {
    #[inline]
    fn wire_bytes(&self) -> u32 {
        0
    }
    fn alter(&mut self, _entropy: u64) {}
}

impl Wire for bool {
    #[inline]
    fn wire_bytes(&self) -> u32 {
        1
    }
    fn alter(&mut self, _entropy: u64) {
        *self = !*self;
    }
}

impl Wire for NodeId {
    #[inline]
    fn wire_bytes(&self) -> u32 {
        4
    }
    /// A flipped low bit: the id of a neighbour, so that it usually still names a node.
    fn alter(&mut self, _entropy: u64) {
        self.0 ^= 1;
    }
}

impl Wire for Operation {
    #[inline]
    fn wire_bytes(&self) -> u32 {
        8
    }
    /// Another operation of the same client.
    fn alter(&mut self, entropy: u64) {
        self.number.alter(entropy);
    }
}

impl Wire for LocalTime {
    #[inline]
    fn wire_bytes(&self) -> u32 {
        8
    }
    fn alter(&mut self, entropy: u64) {
        self.0.alter(entropy);
    }
}

impl Wire for Duration {
    #[inline]
    fn wire_bytes(&self) -> u32 {
        8
    }
    fn alter(&mut self, entropy: u64) {
        *self = Duration::from_nanos(self.as_nanos() ^ (1 << (entropy % 64)));
    }
}

impl Wire for String {
    /// A length of four bytes, then the text.
    fn wire_bytes(&self) -> u32 {
        4 + self.len() as u32
    }
    fn alter(&mut self, _entropy: u64) {
        self.push('?');
    }
}

impl<T: Wire> Wire for Option<T> {
    fn wire_bytes(&self) -> u32 {
        1 + self.as_ref().map_or(0, Wire::wire_bytes)
    }
    fn alter(&mut self, entropy: u64) {
        if let Some(value) = self {
            value.alter(entropy);
        }
    }
}

impl<T: Wire, const N: usize> Wire for [T; N] {
    fn wire_bytes(&self) -> u32 {
        self.iter().map(Wire::wire_bytes).sum()
    }
    fn alter(&mut self, entropy: u64) {
        if N > 0 {
            self[(entropy % N as u64) as usize].alter(entropy / N as u64);
        }
    }
}

impl<T: Wire> Wire for Vec<T> {
    /// A length of four bytes, then the elements.
    fn wire_bytes(&self) -> u32 {
        4 + self.iter().map(Wire::wire_bytes).sum::<u32>()
    }
    fn alter(&mut self, entropy: u64) {
        let count = self.len() as u64;
        if count > 0 {
            self[(entropy % count) as usize].alter(entropy / count);
        }
    }
}

impl<T: Wire + Ord + Clone> Wire for BTreeSet<T> {
    fn wire_bytes(&self) -> u32 {
        4 + self.iter().map(Wire::wire_bytes).sum::<u32>()
    }
    fn alter(&mut self, entropy: u64) {
        if let Some(mut value) = self.pop_first() {
            value.alter(entropy);
            self.insert(value);
        }
    }
}

impl<K: Wire + Ord, V: Wire> Wire for BTreeMap<K, V> {
    fn wire_bytes(&self) -> u32 {
        4 + self.iter().map(|(k, v)| k.wire_bytes() + v.wire_bytes()).sum::<u32>()
    }
    fn alter(&mut self, entropy: u64) {
        if let Some(value) = self.values_mut().next() {
            value.alter(entropy);
        }
    }
}

impl<A: Wire, B: Wire> Wire for (A, B) {
    fn wire_bytes(&self) -> u32 {
        self.0.wire_bytes() + self.1.wire_bytes()
    }
    fn alter(&mut self, entropy: u64) {
        if entropy & 1 == 0 { self.0.alter(entropy >> 1) } else { self.1.alter(entropy >> 1) }
    }
}

impl<T: Wire + ?Sized> Wire for Box<T> {
    fn wire_bytes(&self) -> u32 {
        (**self).wire_bytes()
    }
    fn alter(&mut self, entropy: u64) {
        (**self).alter(entropy);
    }
}
