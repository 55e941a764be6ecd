//! Session guarantees (Douglas Terry, Alan Demers, Karin Petersen, Mike Spreitzer, Marvin Theimer
//! and Brent Welch, "Session guarantees for weakly consistent replicated data", PDIS 1994), for
//! systems that order writes as true time does: of two writes, the older one is that which had
//! returned before the other began. Concurrent writes are of no age.

use std::collections::BTreeMap;

use seedbed_node::{Call, NodeId, Reply};

use super::words::{self, Labels, inconsistent};
use super::{History, Invocation, Judgement};

/// The calls of one client and key, in the order of their beginnings.
type Sessions<'a> = BTreeMap<(NodeId, u64), Vec<&'a Invocation>>;

/// No client reads an older value than it has read.
pub fn monotonic_reads(history: &History, labels: &Labels<'_>) -> Judgement {
    guarantee(history, labels, |call| matches!(call.call, Call::Read { .. }), "earlier")
}

/// No client reads an older value than it has written.
pub fn read_your_writes(history: &History, labels: &Labels<'_>) -> Judgement {
    guarantee(history, labels, |call| written(call).is_some(), "itself")
}

/// Whether no read is older than what the client knew from earlier calls of the kind `known`.
fn guarantee(
    history: &History,
    labels: &Labels<'_>,
    known: fn(&Invocation) -> bool,
    how: &str,
) -> Judgement {
    let calls = history.calls();
    if calls.iter().any(|call| super::object::key(call.call).is_none()) {
        return Judgement::Unknown("a lock has no values that could be old".into());
    }
    let mut writes: BTreeMap<(u64, u64), Vec<&Invocation>> = BTreeMap::new();
    let mut sessions: Sessions<'_> = BTreeMap::new();
    for call in &calls {
        let key = super::object::key(call.call).expect("locks were refused");
        if let Some(value) = written(call) {
            writes.entry((key, value)).or_default().push(call);
        }
        sessions.entry((call.process(), key)).or_default().push(call);
    }
    for ((_, key), session) in sessions {
        let mut knew: Vec<&Invocation> = Vec::new();
        for call in session {
            if let Some(newer) = read(call).and_then(|value| {
                let mut before = knew.iter().filter(|earlier| earlier.precedes(call));
                before.find(|earlier| older(key, value, seen(earlier), &writes))
            }) {
                let why = format!(
                    "{}, which is older than what it had come to know {how}: {}",
                    words::call(call, labels),
                    words::call(newer, labels)
                );
                return inconsistent(why, call.returned_at);
            }
            // One call a value is enough, the first.
            if known(call) && knew.iter().all(|earlier| seen(earlier) != seen(call)) {
                knew.push(call);
            }
        }
    }
    Judgement::Consistent
}

/// What a read returned.
fn read(call: &Invocation) -> Option<Option<u64>> {
    match (call.call, call.reply) {
        (Call::Read { .. }, Some(Reply::Value(value))) => Some(value),
        _ => None,
    }
}

/// What a call wrote, or may have written.
fn written(call: &Invocation) -> Option<u64> {
    match (call.call, call.reply) {
        (Call::Write { value, .. }, _) => Some(value),
        (Call::Cas { new, .. }, None | Some(Reply::Swapped(true))) => Some(new),
        _ => None,
    }
}

/// The value that a client knew of after a call.
fn seen(call: &Invocation) -> Option<u64> {
    read(call).unwrap_or_else(|| written(call))
}

/// Whether a value is older than another one, whichever writes they are of.
fn older(
    key: u64,
    value: Option<u64>,
    than: Option<u64>,
    writes: &BTreeMap<(u64, u64), Vec<&Invocation>>,
) -> bool {
    let of = |value: u64| writes.get(&(key, value)).map_or(&[][..], Vec::as_slice);
    let Some(than) = than else { return false };
    let Some(value) = value else { return !of(than).is_empty() };
    let (old, new) = (of(value), of(than));
    let pairs = old.iter().flat_map(|old| new.iter().map(move |new| (old, new)));
    !old.is_empty() && !new.is_empty() && pairs.clone().all(|(old, new)| old.precedes(new))
}
