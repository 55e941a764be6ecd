//! Causal memory (Mustaque Ahamad, Gil Neiger, James Burns, Prince Kohli and Phillip Hutto,
//! "Causal memory: definitions, implementation, and programming", Distributed Computing 9, 1995).
//!
//! Where every written value differs, a history is causal exactly if it has none of the bad
//! patterns of Ahmed Bouajjani, Constantin Enea, Rachid Guerraoui and Jad Hamza, "On verifying
//! causal consistency", POPL 2017 (theorem on causal memory), which are found in polynomial time.

use std::collections::BTreeMap;

use seedbed_node::{Call, Reply};

use super::sequential::Programs;
use super::words::{self, Labels, inconsistent};
use super::{Budget, History, Invocation, Judgement};

/// The relation takes a bit for each pair of calls.
const CALLS_MAX: usize = 8_192;

/// Judges a history.
pub fn judge(history: &History, labels: &Labels<'_>, budget: &mut Budget<'_>) -> Judgement {
    let graph = match Graph::new(history, labels) {
        Ok(graph) => graph,
        Err(judgement) => return judgement,
    };
    let Some(past) = graph.causes() else {
        return inconsistent("what was read and written caused itself".into(), None);
    };
    for reader in 0..graph.calls.len() {
        if let Some(overwriter) = graph.overwritten(reader, &past) {
            return graph.stale(reader, overwriter, labels);
        }
    }
    for program in &graph.programs {
        match graph.explain(program, past.clone(), budget) {
            Ok(()) => {}
            Err(Some((reader, writer))) => return graph.stale(reader, writer, labels),
            Err(None) => return words::gave_up(graph.calls.len()),
        }
    }
    Judgement::Consistent
}

/// A set of calls.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Set(Vec<u64>);

impl Set {
    fn empty(calls: usize) -> Self {
        Set(vec![0; calls.div_ceil(64)])
    }
    fn contains(&self, call: usize) -> bool {
        self.0[call / 64] >> (call % 64) & 1 == 1
    }
    fn insert(&mut self, call: usize) {
        self.0[call / 64] |= 1 << (call % 64);
    }
    fn add(&mut self, other: &Set) {
        self.0.iter_mut().zip(&other.0).for_each(|(word, more)| *word |= more);
    }
}

/// Reads and writes, and who read from whom.
struct Graph {
    calls: Vec<Invocation>,
    /// The calls of each client, in its order.
    programs: Vec<Vec<usize>>,
    /// The write that a read has read; `None`: the initial nothing, or the call is a write.
    source: Vec<Option<usize>>,
    /// The writes of each key.
    writes: BTreeMap<u64, Vec<usize>>,
}

fn key_of(call: &Invocation) -> u64 {
    super::object::key(call.call).expect("locks were refused")
}

impl Graph {
    fn new(history: &History, labels: &Labels<'_>) -> Result<Self, Judgement> {
        let all = history.calls();
        if let Err(why) = Programs::new(&all, labels) {
            return Err(Judgement::Unknown(why));
        }
        let mut read = BTreeMap::new();
        for call in &all {
            if let (Call::Read { key }, Some(Reply::Value(Some(value)))) = (call.call, call.reply) {
                read.insert((key, value), ());
            }
        }
        // A write that nobody was told of need not have happened.
        let happened = |call: &Invocation| match call.call {
            Call::Write { key, value } => call.reply.is_some() || read.contains_key(&(key, value)),
            _ => true,
        };
        let calls: Vec<_> = all.into_iter().filter(happened).collect();
        if calls.len() > CALLS_MAX {
            let count = calls.len();
            let why = format!("causes are traced among at most {CALLS_MAX} calls, not {count}");
            return Err(Judgement::Unknown(why));
        }
        let mut graph = Graph {
            source: vec![None; calls.len()],
            programs: Vec::new(),
            writes: BTreeMap::new(),
            calls,
        };
        graph.connect(labels)?;
        Ok(graph)
    }

    fn connect(&mut self, labels: &Labels<'_>) -> Result<(), Judgement> {
        let mut clients = BTreeMap::new();
        let mut written = BTreeMap::new();
        for (place, call) in self.calls.iter().enumerate() {
            clients.entry(call.process()).or_insert_with(Vec::new).push(place);
            match call.call {
                Call::Write { key, value } => {
                    if written.insert((key, value), place).is_some() {
                        return Err(Judgement::Unknown(format!(
                            "{value} was written to key {key} twice: which write was read?"
                        )));
                    }
                    self.writes.entry(key).or_default().push(place);
                }
                Call::Read { .. } => {}
                Call::Cas { .. } | Call::Acquire | Call::Release => {
                    let why = "causal consistency is defined for reads and writes only";
                    return Err(Judgement::Unknown(why.into()));
                }
            }
        }
        self.programs = clients.into_values().collect();
        for (place, call) in self.calls.iter().enumerate() {
            if let (Call::Read { key }, Some(Reply::Value(Some(value)))) = (call.call, call.reply) {
                let Some(source) = written.get(&(key, value)) else {
                    let why = format!("{}, which nobody wrote", words::call(call, labels));
                    return Err(inconsistent(why, call.returned_at));
                };
                self.source[place] = Some(*source);
            }
        }
        Ok(())
    }

    /// What is before each call in the order of causes: the clients' programs and who read from
    /// whom. `None`: a cycle.
    fn causes(&self) -> Option<Vec<Set>> {
        let count = self.calls.len();
        let mut before: Vec<Vec<usize>> = vec![Vec::new(); count];
        for program in &self.programs {
            let mut last = None;
            for &place in program {
                before[place].extend(last);
                // What has not returned may take effect after what its client did next.
                if self.calls[place].reply.is_some() {
                    last = Some(place);
                }
            }
        }
        for (reader, source) in self.source.iter().enumerate() {
            before[reader].extend(source);
        }
        let mut after = vec![Vec::new(); count];
        let mut missing: Vec<usize> = before.iter().map(Vec::len).collect();
        for (place, causes) in before.iter().enumerate() {
            causes.iter().for_each(|cause| after[*cause].push(place));
        }
        let mut ready: Vec<usize> = (0..count).filter(|place| missing[*place] == 0).collect();
        let mut past = vec![Set::empty(count); count];
        let mut done = 0;
        while let Some(place) = ready.pop() {
            done += 1;
            let mut own = Set::empty(count);
            for &cause in &before[place] {
                own.add(&past[cause]);
                own.insert(cause);
            }
            past[place] = own;
            for &next in &after[place] {
                missing[next] -= 1;
                if missing[next] == 0 {
                    ready.push(next);
                }
            }
        }
        (done == count).then_some(past)
    }

    /// A write that the reader must have known of, and after which it could not read what it did.
    fn overwritten(&self, reader: usize, past: &[Set]) -> Option<usize> {
        if !matches!(self.calls[reader].call, Call::Read { .. }) {
            return None;
        }
        let writes = self.writes.get(&key_of(&self.calls[reader]))?;
        writes.iter().copied().find(|&write| {
            past[reader].contains(write)
                && self.source[reader].is_none_or(|source| past[write].contains(source))
        })
    }

    /// Whether one order of all writes and of this client's reads explains them: what it read must
    /// come after all other writes that it knew of. `Err(None)`: the budget is used up.
    fn explain(
        &self,
        program: &[usize],
        mut past: Vec<Set>,
        budget: &mut Budget<'_>,
    ) -> Result<(), Option<(usize, usize)>> {
        let reads: Vec<_> = program
            .iter()
            .filter(|place| matches!(self.calls[**place].call, Call::Read { .. }))
            .copied()
            .collect();
        loop {
            let mut grown = false;
            for &reader in &reads {
                if let Some(write) = self.overwritten(reader, &past) {
                    return Err(Some((reader, write)));
                }
                let Some(source) = self.source[reader] else { continue };
                for &write in &self.writes[&key_of(&self.calls[reader])] {
                    if write == source
                        || !past[reader].contains(write)
                        || past[source].contains(write)
                    {
                        continue;
                    }
                    if budget.configurations == 0 || !(budget.go_on)() {
                        return Err(None);
                    }
                    budget.configurations -= 1;
                    grown = true;
                    order(&mut past, write, source);
                }
            }
            if !grown {
                return Ok(());
            }
        }
    }

    fn stale(&self, reader: usize, writer: usize, labels: &Labels<'_>) -> Judgement {
        let (read, write) = (&self.calls[reader], &self.calls[writer]);
        let why = format!(
            "{}, although it must have known that {}",
            words::call(read, labels),
            words::call(write, labels)
        );
        inconsistent(why, read.returned_at)
    }
}

/// `first` is before `second` and all that follows it. No cycle can come of it: that `second` is
/// before `first` was excluded just before.
fn order(past: &mut [Set], first: usize, second: usize) {
    let mut more = past[first].clone();
    more.insert(first);
    for (place, before) in past.iter_mut().enumerate() {
        if place == second || before.contains(second) {
            before.add(&more);
        }
    }
}
