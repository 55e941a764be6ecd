//! The judges of atomic commitment, by what can be observed from outside.
//!
//! A participant is in doubt from `Prepared` to `Decided`. A crash does not end that: what it has
//! promised is on its disk.

mod liveness;
mod safety;

pub use liveness::{Decided, Unanimous};
pub use safety::{Agreement, LocksExclusive, NonBlocking, Validity};

use std::collections::BTreeSet;

#[cfg(test)]
mod tests;

/// "key 4", "keys 4 and 7", "keys 1, 4 and 7", "no key".
fn keys(keys: &BTreeSet<u32>) -> String {
    let words: Vec<String> = keys.iter().map(u32::to_string).collect();
    match words.as_slice() {
        [] => "no key".into(),
        [one] => format!("key {one}"),
        [init @ .., last] => format!("keys {} and {last}", init.join(", ")),
    }
}
