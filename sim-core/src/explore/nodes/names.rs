//! Parts of states by name. A part's name is a fingerprint of its content, so that names do not
//! depend on who met the part first; what a name stands for is kept in a table.

use std::hash::{BuildHasherDefault, Hash, Hasher};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use hashbrown::HashMap;
use seedbed_node::mix;
use xxhash_rust::xxh3::Xxh3;

/// The name of a part.
pub(super) type Name = u64;

/// Two fingerprints of a value: its name, and another one by which two values of one name are told
/// apart.
fn fingerprints(value: &(impl Hash + ?Sized)) -> (Name, u64) {
    let mut hasher = Xxh3::new();
    value.hash(&mut hasher);
    let both = hasher.digest128();
    ((both >> 64) as u64, both as u64)
}

/// The name of what `a` and `b` name together.
pub(super) fn both(a: Name, b: Name) -> Name {
    mix(a.rotate_left(23) ^ mix(b))
}

/// Names are fingerprints: they need no further hashing.
#[derive(Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, _: &[u8]) {
        unreachable!("only names are hashed by it");
    }
    fn write_u64(&mut self, name: u64) {
        self.0 = name;
    }
}

type Named<V> = HashMap<Name, V, BuildHasherDefault<AsItIs>>;

/// So that two threads seldom wait for each other.
const SHARDS: usize = 64;

/// Values by number, that stay where they are.
pub(super) struct Arena<T>(boxcar::Vec<T>);

impl<T> Arena<T> {
    pub fn new() -> Self {
        Arena(boxcar::Vec::new())
    }

    /// Keeps values one after another, unless another thread comes between; tells their numbers.
    pub fn keep(&self, value: T) -> u32 {
        u32::try_from(self.0.push(value)).expect("fewer than 2^32 things come of handlers")
    }

    pub fn get(&self, number: u32) -> &T {
        &self.0[number as usize]
    }
}

/// What names stand for; grows only.
pub(super) struct Table<V> {
    shards: Box<[RwLock<Named<V>>]>,
}

impl<V: Clone> Table<V> {
    pub fn new() -> Self {
        Table { shards: (0..SHARDS).map(|_| RwLock::default()).collect() }
    }

    fn shard(&self, name: Name) -> &RwLock<Named<V>> {
        &self.shards[name as usize % SHARDS]
    }

    fn read(&self, name: Name) -> RwLockReadGuard<'_, Named<V>> {
        self.shard(name).read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, name: Name) -> RwLockWriteGuard<'_, Named<V>> {
        self.shard(name).write().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is kept under `name`.
    pub fn find(&self, name: Name) -> Option<V> {
        self.read(name).get(&name).cloned()
    }

    /// What is kept under `name`, or what `make` makes of it. Threads that ask at once may all make
    /// it, and all get the same.
    pub fn find_or(&self, name: Name, make: impl FnOnce() -> V) -> V {
        if let Some(value) = self.find(name) {
            return value;
        }
        let made = make();
        self.write(name).entry(name).or_insert(made).clone()
    }
}

/// Parts of one kind.
pub(super) struct Parts<T> {
    table: Table<(u64, Arc<T>)>,
}

impl<T: Hash> Parts<T> {
    pub fn new() -> Self {
        Parts { table: Table::new() }
    }

    /// Names `part`.
    ///
    /// # Panics
    /// If another part has the same name, which is as likely as any collision of 64 bits.
    pub fn name(&self, part: T) -> Name {
        let (name, check) = fingerprints(&part);
        let (kept, _) = self.table.find_or(name, || (check, Arc::new(part)));
        assert!(kept == check, "two parts of states have the same fingerprint of 64 bits");
        name
    }

    /// What `name` stands for.
    pub fn get(&self, name: Name) -> Arc<T> {
        self.table.find(name).expect("names come from here").1
    }
}
