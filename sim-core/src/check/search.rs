//! The search for an order of calls that an object could have had.
//!
//! Depth first, one call at a time among those that may come next, never from one configuration
//! twice: Jeannette Wing and Chun Gong, "Testing and Verifying Concurrent Objects", JPDC 17, 1993,
//! with the memory of Gavin Lowe, "Testing for Linearizability", CCPE 29(4), 2017.

use std::hash::{BuildHasherDefault, Hash};

use hashbrown::HashSet;
use seedbed_node::{Call, Reply};
use siphasher::sip::SipHasher13;

use super::object::Object;
use super::{Budget, Invocation};

/// Which calls may come next.
pub trait Order {
    /// Which calls have taken effect.
    type Position: Clone + Eq + Hash;

    /// None has.
    fn start(&self) -> Self::Position;
    /// Appends the places of those that may be next.
    fn next(&self, position: &Self::Position, candidates: &mut Vec<u32>);
    /// After one more.
    fn advance(&self, position: &Self::Position, place: u32) -> Self::Position;
    /// Whether all that have returned have taken effect.
    fn done(&self, position: &Self::Position) -> bool;
}

/// What a search finds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Found<S> {
    /// An order.
    Order,
    /// None. The furthest that one could go, how many calls had then taken effect, the object's
    /// state, and a call that could not follow though it had to before all others that are left.
    None { explained: usize, state: S, stuck: u32 },
    /// The budget is used up.
    Unknown,
}

struct Frame<P, S> {
    position: P,
    state: S,
    /// Where the candidates of this frame begin.
    candidates: usize,
}

/// How often `go_on` is asked.
const ASK_EVERY: u64 = 1 << 8;

/// Looks for an order of `calls`.
pub fn search<O: Order, S: Object>(
    calls: &[Invocation],
    order: &O,
    state: S,
    budget: &mut Budget<'_>,
) -> Found<S> {
    let mut seen: HashSet<(O::Position, S), BuildHasherDefault<SipHasher13>> = HashSet::default();
    let mut candidates = Vec::new();
    let mut stack = Vec::new();
    let mut furthest: Option<(usize, S, O::Position)> = None;
    let mut next = Some((order.start(), state));
    loop {
        if let Some((position, state)) = next.take() {
            if order.done(&position) {
                return Found::Order;
            }
            if furthest.as_ref().is_none_or(|(depth, ..)| *depth < stack.len()) {
                furthest = Some((stack.len(), state.clone(), position.clone()));
            }
            let begin = candidates.len();
            order.next(&position, &mut candidates);
            // What only looks and can be now, can be now in every order that goes on from here.
            let looks = |&&place: &&u32| {
                let call = &calls[place as usize];
                only_looks(call) && state.after(call).is_some()
            };
            if let Some(&place) = candidates[begin..].iter().find(looks) {
                candidates.truncate(begin);
                candidates.push(place);
            }
            stack.push(Frame { position, state, candidates: begin });
        }
        let Some(frame) = stack.last() else { break };
        if candidates.len() == frame.candidates {
            stack.pop();
            continue;
        }
        let place = candidates.pop().expect("this frame has candidates left");
        let Some(after) = frame.state.after(&calls[place as usize]) else { continue };
        let position = order.advance(&frame.position, place);
        let configuration = (position, after);
        if seen.contains(&configuration) {
            continue;
        }
        if budget.configurations == 0 {
            return Found::Unknown;
        }
        budget.configurations -= 1;
        if budget.configurations.is_multiple_of(ASK_EVERY) && !(budget.go_on)() {
            return Found::Unknown;
        }
        seen.insert(configuration.clone());
        next = Some(configuration);
    }
    let (explained, state, position) = furthest.expect("the start is a configuration");
    candidates.clear();
    order.next(&position, &mut candidates);
    let returned = |place: &&u32| calls[**place as usize].returned;
    let stuck = *candidates.iter().min_by_key(returned).expect("not all calls are explained");
    Found::None { explained, state, stuck }
}

/// Whether a call never changes an object. Writing what is there already does: it may be needed
/// later, when something else is there.
fn only_looks(call: &Invocation) -> bool {
    matches!(
        (call.call, call.reply),
        (Call::Read { .. }, Some(_)) | (Call::Cas { .. }, Some(Reply::Swapped(false)))
    )
}
