//! Random numbers keyed by purpose and name.
//!
//! ChaCha, seeded with the run's one seed, gives every purpose its own 256-bit key. A draw mixes
//! the key of its purpose with the *names* that it is about (hashed, so that adding a node shifts
//! nobody) and stretches the result with SplitMix64. Nothing here keeps a position, so one more
//! draw anywhere changes no other.

use std::sync::Arc;

use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};
use seedbed_node::{Draws, Names, NodeId, mix};
use siphasher::sip::SipHasher13;

/// What a draw is for. The discriminant is part of every digest: only ever append.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Purpose {
    /// Fates of messages.
    Fate = 0,
    /// A node's own choices.
    Choice = 1,
    /// Clients.
    Client = 2,
    /// Clock offsets, drifts and wander.
    Clock = 3,
    /// Random faults.
    Fault = 4,
    /// Service times.
    Service = 5,
    /// The order of ties.
    Tie = 6,
    /// What a crash leaves of lazy writes.
    LostWrites = 7,
    /// What a generator of packets sends, and when.
    Traffic = 8,
    /// What packets cost on their path through a host.
    Path = 9,
}

const PURPOSES: usize = 10;

/// The keys of one run.
#[derive(Clone, Debug)]
pub struct Keys([[u64; 4]; PURPOSES]);

impl Keys {
    /// The keys of the run with this seed.
    pub fn of_seed(seed: u64) -> Self {
        let mut chacha = ChaCha8Rng::seed_from_u64(seed);
        Keys(std::array::from_fn(|_| std::array::from_fn(|_| chacha.next_u64())))
    }

    /// A 64-bit key for `purpose` about three words (names, instants, ordinals).
    #[inline]
    pub fn key(&self, purpose: Purpose, a: u64, b: u64, c: u64) -> u64 {
        let [k0, k1, k2, k3] = self.0[purpose as usize];
        let x = fold(a ^ k0, b ^ k1);
        mix(fold(x ^ k2, c ^ k3) ^ x)
    }

    /// A stream for `purpose` about three words.
    #[inline]
    pub fn draws(&self, purpose: Purpose, a: u64, b: u64, c: u64) -> Draws {
        Draws::keyed(self.key(purpose, a, b, c))
    }
}

/// The two halves of the 128-bit product, xored.
#[inline]
fn fold(a: u64, b: u64) -> u64 {
    let wide = u128::from(a) * u128::from(b);
    (wide as u64) ^ ((wide >> 64) as u64)
}

/// A name as a word for keys, equal on every platform. `n0`, `n1`, … have words that need no text.
pub fn name_key(name: &str) -> u64 {
    match number_of(name) {
        Some(number) => key_of_number(number),
        None => SipHasher13::new().hash(name.as_bytes()),
    }
}

/// The number in `n0`, `n1`, … as [`Names::numbered`] writes it.
fn number_of(name: &str) -> Option<u32> {
    let digits = name.strip_prefix('n')?;
    let plain = digits == "0" || !digits.starts_with(['0', '+']);
    digits.parse().ok().filter(|_| plain)
}

#[inline]
fn key_of_number(number: u32) -> u64 {
    // Any constant that is no small number: mixing is a bijection that fixes zero.
    mix(u64::from(number) ^ 0x6A09_E667_F3BC_C908)
}

/// The words of all nodes' names.
#[derive(Clone, Debug)]
pub enum NameKeys {
    /// Of `n0`, `n1`, …: computed when needed, so that they take no memory.
    Numbered(u32),
    /// Of names of any kind.
    Listed(Arc<[u64]>),
}

impl NameKeys {
    /// The words of these names.
    pub fn of(names: &Names) -> Self {
        if names.are_numbered() {
            NameKeys::Numbered(names.count())
        } else {
            NameKeys::Listed(names.iter().map(name_key).collect())
        }
    }

    /// How many nodes there are.
    pub fn count(&self) -> u32 {
        match self {
            NameKeys::Numbered(count) => *count,
            NameKeys::Listed(keys) => keys.len() as u32,
        }
    }

    /// The word of a node's name.
    #[inline]
    pub fn get(&self, node: NodeId) -> u64 {
        match self {
            NameKeys::Numbered(_) => key_of_number(node.0),
            NameKeys::Listed(keys) => keys[node.index()],
        }
    }

    /// A word for an ordered pair of nodes; the two directions differ.
    #[inline]
    pub fn pair(&self, from: NodeId, to: NodeId) -> u64 {
        self.get(from).rotate_left(32) ^ self.get(to)
    }
}

impl From<&[u64]> for NameKeys {
    fn from(keys: &[u64]) -> Self {
        NameKeys::Listed(keys.into())
    }
}
