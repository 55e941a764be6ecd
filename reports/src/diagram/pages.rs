//! Which entries are drawn: those of the wanted nodes and kinds, in the wanted time, on one page.

use seedbed_core::{CheckOutcome, EndedBy, Outcome, Verdict};
use seedbed_node::{NodeId, Time};

use super::words::time;
use super::{Options, Page, Refused};
use crate::chronicle::{Chronicle, Entry, Happening};

/// What is drawn.
pub(super) struct Chosen {
    /// The nodes, each with a lane.
    pub nodes: Vec<NodeId>,
    /// The entries, in order.
    pub entries: Vec<usize>,
    /// Whether an entry is among them.
    pub has: Vec<bool>,
    pub page: Page,
    /// The entry that broke a check, and which check of the outcome.
    pub breach: Option<Broken>,
}

/// What failed.
#[derive(Clone, Copy)]
pub(super) struct Broken {
    pub check: usize,
    pub at: Time,
    /// What broke it; `None`: a deadline did.
    pub entry: Option<usize>,
}

impl Chosen {
    pub fn of(
        chronicle: &Chronicle,
        outcome: &Outcome,
        options: &Options,
    ) -> Result<Self, Refused> {
        let nodes = if options.nodes.is_empty() {
            (0..chronicle.members).map(NodeId).collect()
        } else {
            options.nodes.clone()
        };
        let (from, to) = window(chronicle, outcome, options)?;
        let wanted =
            |entry: &Entry| (from..=to).contains(&entry.at) && wants(&nodes, &options.kinds, entry);
        let all: Vec<usize> = (0..chronicle.entries.len())
            .filter(|place| wanted(&chronicle.entries[*place]))
            .collect();
        let pages = cut(chronicle, &all, options.per_page.max(1));
        let Some(&(begin, end)) = options.page.checked_sub(1).and_then(|at| pages.get(at)) else {
            let last = match pages.len() {
                1 => "there is one".to_owned(),
                count => format!("there are {count}"),
            };
            return Err(Refused(format!("there is no page {}: {last}", options.page)));
        };
        let breach = broken(chronicle, outcome);
        let of_breach = |broken: Broken| match broken.entry {
            Some(entry) => pages.iter().position(|(_, end)| all[..*end].last() >= Some(&entry)),
            None => (to >= broken.at).then_some(pages.len() - 1),
        };
        let entries = all[begin..end].to_vec();
        let mut has = vec![false; chronicle.entries.len()];
        entries.iter().for_each(|place| has[*place] = true);
        let time = |place: Option<&usize>| place.map(|place| chronicle.entries[*place].at.0);
        // A page goes to the window's edges where no other page does.
        let from = if begin == 0 { Some(from.0) } else { time(entries.first()) };
        let to = if end == all.len() { Some(to.0) } else { time(entries.last()) };
        let page = Page {
            number: options.page,
            of: pages.len(),
            entries: entries.len(),
            entries_of: all.len(),
            from_ns: from.unwrap_or(0),
            to_ns: to.unwrap_or(0),
            breach_of: breach
                .filter(|broken| broken.entry.is_some())
                .map(|broken| outcome.checks[broken.check].name.clone()),
            breach_on: breach.and_then(of_breach).map(|page| page + 1),
        };
        Ok(Chosen { nodes, entries, has, page, breach })
    }
}

/// The time that is drawn.
fn window(
    chronicle: &Chronicle,
    outcome: &Outcome,
    options: &Options,
) -> Result<(Time, Time), Refused> {
    let (first, last) = match chronicle.entries.as_slice() {
        [first, .., last] => (first.at, last.at),
        [only] => (only.at, only.at),
        [] => return Err(Refused("nothing happened in this run".into())),
    };
    let end = if chronicle.left_out == 0 { outcome.ended_at.max(last) } else { last };
    let from = options.from.unwrap_or(first);
    let to = options.to.unwrap_or(end);
    if options.from.is_some() && options.to.is_some() && from >= to {
        let (from, to) = (time(from.0), time(to.0));
        return Err(Refused(format!("from {from} to {to} there is no time: the end is first")));
    }
    if from > end {
        let (from, end) = (time(from.0), time(end.0));
        return Err(Refused(format!("at {from} it is over: it ends at {end}")));
    }
    if to < first {
        return Err(Refused(format!("until {} nothing happens", time(to.0))));
    }
    Ok((from, to.min(end)))
}

/// Whether an entry concerns these nodes and kinds of message.
fn wants(nodes: &[NodeId], kinds: &[String], entry: &Entry) -> bool {
    let wants = |kind: &str| kinds.is_empty() || kinds.iter().any(|other| other == kind);
    match &entry.what {
        Happening::Fault(_) | Happening::Undone(_) => true,
        Happening::Send { to, kind, .. } => {
            wants(kind) && nodes.contains(&entry.node) && nodes.contains(to)
        }
        Happening::Deliver { from, kind, .. } => {
            wants(kind) && nodes.contains(&entry.node) && nodes.contains(from)
        }
        Happening::Drop { to, kind, .. } => {
            wants(kind) && nodes.contains(&entry.node) && nodes.contains(to)
        }
        // What is copied is drawn if its arrival is.
        Happening::Duplicate { .. } => false,
        _ => nodes.contains(&entry.node),
    }
}

/// Pages of about so many entries; no event is cut in two. There is always one.
fn cut(chronicle: &Chronicle, all: &[usize], per_page: usize) -> Vec<(usize, usize)> {
    let mut pages = Vec::new();
    let mut begin = 0;
    while begin < all.len() {
        let mut end = (begin + per_page).min(all.len());
        let event = |at: usize| chronicle.entries[all[at]].event;
        while end < all.len() && event(end) == event(end - 1) {
            end += 1;
        }
        pages.push((begin, end));
        begin = end;
    }
    if pages.is_empty() { vec![(0, 0)] } else { pages }
}

/// The first check that failed, and what broke it: the last thing that was observed then.
fn broken(chronicle: &Chronicle, outcome: &Outcome) -> Option<Broken> {
    let failed = |(_, check): &(usize, &CheckOutcome)| {
        check.verdict == Verdict::Failed && check.at.is_some()
    };
    let (check, judged) = outcome.checks.iter().enumerate().find(failed)?;
    let at = judged.at?;
    let observed = |entry: &&(usize, &Entry)| {
        let (_, entry) = entry;
        entry.at == at
            && matches!(
                entry.what,
                Happening::Event(_)
                    | Happening::Request { .. }
                    | Happening::Boot(_)
                    | Happening::Crash
            )
    };
    let behind = chronicle.entries.partition_point(|entry| entry.at <= at);
    let begin = chronicle.entries.partition_point(|entry| entry.at < at);
    let then: Vec<_> = (begin..behind).map(|place| (place, &chronicle.entries[place])).collect();
    // What fails when the run is over was broken by nobody then.
    let at_once = outcome.ended_by == EndedBy::Breach;
    let entry = then.iter().rfind(observed).filter(|_| at_once).map(|(place, _)| *place);
    Some(Broken { check, at, entry })
}
