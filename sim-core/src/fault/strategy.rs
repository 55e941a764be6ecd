//! Draws a concrete plan of faults within bounds, before a run starts.

use seedbed_node::{Draws, Duration, NodeId, Probability, Time};

use super::{Fault, RandomFaults, RandomKind, TimedFault};
use crate::rng::{Keys, Purpose};
use crate::world::{LinkSet, NodeSet, Window};

/// Stands for "how many" where other draws name a fault by its position.
const COUNT: u64 = u64::MAX;

/// A plan in order of time. Every fault has a stream of its own, so that a larger `count_max`
/// does not change what the earlier ones are.
///
/// A fault that would take down more than `down_max` nodes at once, or a node that is down
/// already, is left out. A random `Degrade` is one strike in two entries, one for each direction.
pub fn draw(random: &RandomFaults, members: u32, keys: &Keys) -> Vec<TimedFault> {
    let mut plan = Vec::new();
    if random.kinds.is_empty() || members == 0 || random.window.length() == Duration::ZERO {
        return plan;
    }
    let mut outages = Outages { max: random.down_max, taken: Vec::new() };
    let bound = u64::from(random.count_max) + 1;
    let count = keys.draws(Purpose::Fault, COUNT, 0, 0).below(bound);
    for index in 0..count {
        let mut draws = keys.draws(Purpose::Fault, index, 0, 0);
        let kind = random.kinds[draws.below(random.kinds.len() as u64) as usize];
        let during = moment(random, &mut draws);
        let victim = NodeId(draws.below(u64::from(members)) as u32);
        if takes_down(kind) && !outages.take(victim, during) {
            continue;
        }
        for fault in faults(kind, victim, members, &mut draws) {
            let until = (kind != RandomKind::ClockStep).then_some(during.until);
            plan.push(TimedFault { at: during.from, until, fault });
        }
    }
    plan.sort_by_key(|timed| timed.at);
    plan
}

/// When a fault strikes and ends: at least a nanosecond, all of it within the window.
fn moment(random: &RandomFaults, draws: &mut Draws) -> Window {
    let Window { from, until } = random.window;
    let from = from + Duration::from_nanos(draws.below(until.since(from).as_nanos()));
    let lasting = random.lasting.sample(draws).max(Duration::from_nanos(1));
    Window { from, until: (from + lasting).min(until) }
}

fn takes_down(kind: RandomKind) -> bool {
    match kind {
        RandomKind::Crash | RandomKind::CrashBetweenEffects | RandomKind::Pause => true,
        RandomKind::Partition
        | RandomKind::Cut
        | RandomKind::Isolate
        | RandomKind::Degrade
        | RandomKind::ClockStep => false,
    }
}

/// The faults that make up one strike; none where a single member has no links to lose.
fn faults(kind: RandomKind, victim: NodeId, members: u32, draws: &mut Draws) -> Vec<Fault> {
    let alone = members < 2;
    match kind {
        RandomKind::Partition | RandomKind::Cut | RandomKind::Isolate | RandomKind::Degrade
            if alone =>
        {
            vec![]
        }
        RandomKind::Partition => vec![partition(members, draws)],
        RandomKind::Cut => {
            let step = 1 + draws.below(u64::from(members) - 1) as u32;
            let other = (u64::from(victim.0) + u64::from(step)) % u64::from(members);
            vec![Fault::Cut(LinkSet::one(victim, NodeId(other as u32)))]
        }
        RandomKind::Isolate => vec![Fault::Isolate(NodeSet::one(victim))],
        RandomKind::Degrade => {
            let out = LinkSet { from: NodeSet::one(victim), to: NodeSet::All };
            let back = LinkSet { from: NodeSet::All, to: NodeSet::one(victim) };
            let loss = Probability::new(0.1).expect("a tenth is a probability");
            [out, back].map(|links| Fault::Degrade { links, delay_permille: 10_000, loss }).into()
        }
        RandomKind::Crash => vec![Fault::Crash { node: victim, after_effects: None }],
        RandomKind::CrashBetweenEffects => {
            let after = draws.below(u64::from(members)) as u32;
            vec![Fault::Crash { node: victim, after_effects: Some(after) }]
        }
        RandomKind::Pause => vec![Fault::Pause(victim)],
        RandomKind::ClockStep => {
            const SECOND: i64 = 1_000_000_000;
            let by_ns = draws.below(2 * SECOND as u64 + 1) as i64 - SECOND;
            vec![Fault::ClockStep { node: victim, by_ns }]
        }
    }
}

/// Two groups, neither empty, of a size drawn first.
fn partition(members: u32, draws: &mut Draws) -> Fault {
    let mut nodes: Vec<_> = (0..members).map(NodeId).collect();
    draws.shuffle(&mut nodes);
    let size = 1 + draws.below(u64::from(members) - 1) as usize;
    let mut rest = nodes.split_off(size);
    nodes.sort_unstable();
    rest.sort_unstable();
    Fault::Partition(vec![nodes, rest])
}

/// Who is down when, among the faults drawn so far.
struct Outages {
    max: u32,
    taken: Vec<(NodeId, Window)>,
}

impl Outages {
    /// Books an outage, unless too many nodes or `node` itself would be down twice at once.
    fn take(&mut self, node: NodeId, during: Window) -> bool {
        let meeting: Vec<_> = self.taken.iter().filter(|(_, other)| meet(*other, during)).collect();
        if meeting.iter().any(|(other, _)| *other == node) {
            return false;
        }
        // The number of nodes down rises only where an outage begins.
        let starts = meeting.iter().map(|(_, other)| other.from.max(during.from));
        let worst = starts
            .chain([during.from])
            .map(|at| meeting.iter().filter(|(_, other)| contains(*other, at)).count() + 1)
            .max();
        let fits = worst.is_some_and(|worst| worst <= self.max as usize);
        if fits {
            self.taken.push((node, during));
        }
        fits
    }
}

/// Whether two outages have an instant in common, their ends included.
fn meet(a: Window, b: Window) -> bool {
    a.from <= b.until && b.from <= a.until
}

fn contains(window: Window, at: Time) -> bool {
    window.from <= at && at <= window.until
}
