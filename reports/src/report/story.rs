//! Why a run failed, in words: where the breach is, what the nodes that it names had heard before,
//! whether they could know of each other, what the network and the faults did.

use seedbed_core::{EndedBy, Outcome, Verdict};
use seedbed_node::NodeId;

use super::Subject;
use super::cause::{Causes, is_event};
use super::words::{self, instant};
use crate::chronicle::{Chronicle, Entry, Happening};
use crate::text::{count, plural};

/// More nodes than this are not told of one by one.
const NODES_MAX: usize = 4;
/// More faults than this are only counted.
const FAULTS_MAX: usize = 4;

/// A check that did not hold, and why.
#[derive(Clone, PartialEq, Debug)]
pub struct Reason {
    /// The check's name.
    pub check: String,
    /// Its place in [`Outcome::checks`]; `None` for a panic.
    pub place: Option<usize>,
    /// The entry where it failed, or the last one before.
    pub entry: Option<usize>,
    /// Whether something occurred at that entry that the check could see at the very instant.
    pub exact: bool,
    /// What led there.
    pub sentences: Vec<Sentence>,
}

/// A sentence, and the entry that it is about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sentence {
    /// The words.
    pub text: String,
    /// The entry.
    pub entry: Option<usize>,
}

/// The reasons for all that failed, in the order of checks; a panic comes last.
pub fn reasons(subject: &Subject<'_>, causes: &Causes) -> Vec<Reason> {
    let Subject { outcome, chronicle, .. } = *subject;
    let failed = outcome.checks.iter().enumerate();
    let failed = failed.filter(|(_, check)| check.verdict == Verdict::Failed);
    let mut reasons: Vec<_> = failed
        .map(|(place, check)| {
            let at = check.at.unwrap_or(outcome.ended_at);
            let (entry, exact) = match check.at {
                Some(at) if chronicle.left_out == 0 || kept(chronicle, at) => breach(chronicle, at),
                _ => (None, false),
            };
            let named = named(chronicle, &check.detail);
            let at_end = check.at.is_none();
            let told = Told { chronicle, outcome, causes, named, at, at_end };
            let sentences = told.sentences(entry, exact);
            Reason { check: check.name.clone(), place: Some(place), entry, exact, sentences }
        })
        .collect();
    if let EndedBy::Panic { node, .. } = &outcome.ended_by {
        let of = |entry: &Entry| chronicle.name(entry.node) == *node;
        let entry = chronicle.entries.iter().rposition(of);
        let named = entry.map(|at| chronicle.entries[at].node).into_iter().collect();
        let told = Told { chronicle, outcome, causes, named, at: outcome.ended_at, at_end: false };
        let sentences = told.sentences(entry, true);
        reasons.push(Reason { check: "Panic".into(), place: None, entry, exact: true, sentences });
    }
    reasons
}

/// Whether the entries that were kept reach up to an instant.
fn kept(chronicle: &Chronicle, at: seedbed_node::Time) -> bool {
    chronicle.entries.last().is_some_and(|last| at < last.at)
}

/// The entry at which something failed at an instant: the last that a check can see then, or else
/// the last before.
fn breach(chronicle: &Chronicle, at: seedbed_node::Time) -> (Option<usize>, bool) {
    let entries = &chronicle.entries;
    let until = entries.partition_point(|entry| entry.at <= at);
    let from = entries.partition_point(|entry| entry.at < at);
    let instant = &entries[from..until];
    let told = |entry: &Entry| matches!(entry.what, Happening::Event(_));
    let seen = |entry: &Entry| {
        use Happening::{Boot, Complete, Crash, Pause, Request, Resume};
        matches!(entry.what, Boot(_) | Complete(_) | Crash | Pause | Request { .. } | Resume)
    };
    match instant.iter().rposition(told).or_else(|| instant.iter().rposition(seen)) {
        Some(place) => (Some(from + place), true),
        None => (entries[..until].iter().rposition(|entry| is_event(&entry.what)), false),
    }
}

/// The nodes that a sentence names, in their order in it.
fn named(chronicle: &Chronicle, detail: &str) -> Vec<NodeId> {
    let members = chronicle.names.iter().take(chronicle.members as usize);
    let part_of_word = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    let place = |name: &str| {
        detail.match_indices(name).map(|(at, _)| at).find(|at| {
            let before = detail[..*at].chars().next_back().is_none_or(|c| !part_of_word(c));
            let after = detail[at + name.len()..].chars().next().is_none_or(|c| !part_of_word(c));
            before && after
        })
    };
    let mut found: Vec<_> = (0u32..)
        .zip(members)
        .filter_map(|(node, name)| Some((place(name)?, NodeId(node))))
        .collect();
    found.sort();
    found.into_iter().map(|(_, node)| node).take(NODES_MAX).collect()
}

/// What is needed to tell of one breach.
struct Told<'a> {
    chronicle: &'a Chronicle,
    outcome: &'a Outcome,
    causes: &'a Causes,
    named: Vec<NodeId>,
    at: seedbed_node::Time,
    /// Whether it was judged when all was over, and not at an instant of the run.
    at_end: bool,
}

impl Told<'_> {
    fn sentences(mut self, entry: Option<usize>, exact: bool) -> Vec<Sentence> {
        let mut all = Vec::new();
        let Some(place) = entry else {
            all.push(self.nowhere());
            all.extend(self.faults());
            return all;
        };
        all.push(self.at_entry(place, exact));
        let here = self.chronicle.entries[place].node;
        if exact && !self.named.contains(&here) {
            self.named.insert(0, here);
        }
        let past = self.causes.past(place);
        if exact {
            all.extend(
                self.named
                    .iter()
                    .filter(|node| **node != here)
                    .filter_map(|node| self.could_know(*node, here, place, &past)),
            );
        }
        all.extend(self.named.iter().map(|node| self.last_heard(*node, place)));
        all.extend(self.down(place));
        all.extend(self.faults());
        all.extend(self.dropped(place, exact));
        if exact {
            all.push(self.size(place, &past));
        }
        all
    }

    /// What to say of a breach that is at no entry.
    fn nowhere(&self) -> Sentence {
        let at = instant(self.at);
        let text = match self.at_end {
            true => format!("It was judged once the run was over, at {at}."),
            false => format!("It lies at {at}, beyond the entries that were kept."),
        };
        Sentence { text, entry: None }
    }

    fn at_entry(&self, place: usize, exact: bool) -> Sentence {
        let entry = &self.chronicle.entries[place];
        let (name, at) = (self.chronicle.name(entry.node), instant(entry.at));
        let what = brief(&words::entry(self.chronicle, entry));
        let text = if exact {
            format!("The breach is event {}, at {at}: {name} {what}.", place + 1)
        } else {
            let then = instant(self.at);
            format!(
                "It is about what did not happen by {then}; the last by then is event {}, at {at}: \
                 {name} {what}.",
                place + 1
            )
        };
        Sentence { text, entry: Some(place) }
    }

    /// Whether `here` could know, at the breach, of the last that `node` told its client.
    fn could_know(
        &self,
        node: NodeId,
        here: NodeId,
        place: usize,
        past: &[bool],
    ) -> Option<Sentence> {
        let entries = &self.chronicle.entries[..place];
        let told = |entry: &Entry| entry.node == node && matches!(entry.what, Happening::Event(_));
        let last = entries.iter().rposition(told)?;
        let (name, here) = (self.chronicle.name(node), self.chronicle.name(here));
        let what = brief(&words::entry(self.chronicle, &entries[last]));
        let at = instant(entries[last].at);
        let verdict = if past[last] {
            format!("{here} could know of it: it is in the causal past of the breach")
        } else {
            format!(
                "{here} could not know of it: no chain of messages leads from there to the breach"
            )
        };
        let text = format!("Before that, at {at}, {name} {what}; {verdict}.");
        Some(Sentence { text, entry: Some(last) })
    }

    fn last_heard(&self, node: NodeId, place: usize) -> Sentence {
        let name = self.chronicle.name(node);
        let entries = &self.chronicle.entries[..=place];
        let heard = entries.iter().enumerate().rev().find_map(|(at, entry)| match &entry.what {
            Happening::Deliver { from, sent_at, kind, .. } if entry.node == node => {
                Some((at, entry.at, *from, *sent_at, *kind))
            }
            _ => None,
        });
        let Some((entry, at, from, sent_at, kind)) = heard else {
            let text = format!("{name} had handled no message before it.");
            return Sentence { text, entry: None };
        };
        let text = format!(
            "The last message that {name} had handled is {kind} from {}, at {} (sent at {}).",
            self.chronicle.name(from),
            instant(at),
            instant(sent_at)
        );
        Sentence { text, entry: Some(entry) }
    }

    /// Who was down then.
    fn down(&self, place: usize) -> Vec<Sentence> {
        let mut since = std::collections::BTreeMap::new();
        for (at, entry) in self.chronicle.entries[..=place].iter().enumerate() {
            match entry.what {
                Happening::Crash if at < place => drop(since.insert(entry.node, at)),
                Happening::Boot(_) => drop(since.remove(&entry.node)),
                _ => {}
            }
        }
        let told = |(node, at): (NodeId, usize)| {
            let name = self.chronicle.name(node);
            let text =
                format!("{name} was down, since {}.", instant(self.chronicle.entries[at].at));
            Sentence { text, entry: Some(at) }
        };
        since.into_iter().take(NODES_MAX).map(told).collect()
    }

    /// The faults before it, the latest first.
    fn faults(&self) -> Option<Sentence> {
        let before: Vec<_> =
            self.outcome.faults.iter().filter(|timed| timed.at <= self.at).collect();
        let told = before.iter().rev().take(FAULTS_MAX).map(|timed| {
            let what = words::fault(self.chronicle, &timed.fault);
            let end = match timed.until {
                Some(until) if until <= self.at => format!("until {}", instant(until)),
                Some(_) => "still in force".into(),
                None => "never undone".into(),
            };
            format!("{what} (at {}, {end})", instant(timed.at))
        });
        let told: Vec<_> = told.collect();
        let more = before.len().saturating_sub(FAULTS_MAX);
        let more =
            if more > 0 { format!("; and {} earlier", count(more as u64)) } else { String::new() };
        (!told.is_empty()).then(|| {
            let text = format!("Faults before it, the latest first: {}{more}.", told.join("; "));
            Sentence { text, entry: None }
        })
    }

    /// The messages before it that never arrived.
    fn dropped(&self, place: usize, exact: bool) -> Option<Sentence> {
        // What became of the last messages is noted after their sending.
        let by_then = self.chronicle.entries.partition_point(|entry| entry.at <= self.at);
        let until = if exact { place + 1 } else { by_then.max(place + 1) };
        let entries = &self.chronicle.entries[..until];
        let dropped = |entry: &&Entry| matches!(entry.what, Happening::Drop { .. });
        let so_many = entries.iter().filter(dropped).count() as u64;
        let of_concern = |entry: &Entry| match entry.what {
            Happening::Drop { to, .. } => {
                self.named.contains(&entry.node) || self.named.contains(&to)
            }
            _ => false,
        };
        let last = entries.iter().rposition(of_concern);
        let last = last.or_else(|| entries.iter().rposition(|entry| dropped(&entry)))?;
        let entry = &entries[last];
        let text = format!(
            "{} sent before it never arrived; the latest that concerns them: at {}, {}’s {}.",
            plural(so_many, "message"),
            instant(entry.at),
            self.chronicle.name(entry.node),
            words::entry(self.chronicle, entry)
        );
        Some(Sentence { text, entry: Some(last) })
    }

    fn size(&self, place: usize, past: &[bool]) -> Sentence {
        let entries = &self.chronicle.entries;
        let events = entries[..=place].iter().filter(|entry| is_event(&entry.what)).count() as u64;
        let inside: Vec<_> =
            (0..=place).filter(|at| past[*at] && is_event(&entries[*at].what)).collect();
        let mut nodes: Vec<_> = inside.iter().map(|at| entries[*at].node).collect();
        nodes.sort();
        nodes.dedup();
        let text = format!(
            "Of the {} so far, {} on {} are in its causal past.",
            plural(events, "event of a node").replace("event of a nodes", "events of nodes"),
            count(inside.len() as u64 - 1),
            plural(nodes.len() as u64, "node"),
        );
        Sentence { text, entry: None }
    }
}

/// A text short enough for a sentence.
fn brief(text: &str) -> String {
    match text.char_indices().nth(120) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}
