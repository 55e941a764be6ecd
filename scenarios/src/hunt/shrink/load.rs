//! Fewer requests.

use super::{Shrinker, requests};
use crate::hunt::draft::{
    Draft, at_mut, fields, find_all, items, list, number, remove_field, set_field, text, text_of,
    whole_of,
};
use crate::text::{Kind, Node};

/// Numbers of a workload that say how much is asked for, and of what.
const COUNTS: [&str; 6] =
    ["requests_per_node", "count", "at_once", "keys_per_participant", "participants", "readings"];

impl Shrinker<'_> {
    /// Fewer requests, from fewer clients, of fewer things.
    pub(super) fn fewer_requests(&mut self) {
        self.state_requests();
        for name in COUNTS {
            while self.lower(name, &halves) && self.goes_on() {}
            while self.lower(name, &one_less) && self.goes_on() {}
        }
        self.state_clients();
        self.each_entry();
    }

    /// Takes away each request alone.
    pub(super) fn each_request(&mut self) {
        self.lower("requests_per_node", &one_less);
        self.each_entry();
    }

    /// Lowers a number wherever the workload has it; whether that worked.
    fn lower(&mut self, name: &str, lower: &dyn Fn(u64) -> Vec<u64>) -> bool {
        let Some(workload) = self.best.get("workload") else { return false };
        for path in find_all(workload, &|node| node.field(name).and_then(whole_of).is_some()) {
            let now = self.best.get("workload").map(|node| at(node, &path));
            let now = now.and_then(|node| node.field(name)).and_then(whole_of);
            for value in lower(now.unwrap_or(0)) {
                let mut draft = self.best.clone();
                if let Some(workload) = draft.get_mut("workload") {
                    set_field(at_mut(workload, &path), name, number(value));
                }
                if self.attempt(draft) {
                    return true;
                }
            }
        }
        false
    }

    /// A workload that leaves the number of requests to its default gets it said.
    fn state_requests(&mut self) {
        let named = |node: &Node| node.field("requests_per_node").is_some();
        let workload = self.best.get("workload");
        if workload.is_some_and(|node| !find_all(node, &named).is_empty()) {
            return;
        }
        for count in [1, 2, 4, 8] {
            let few = || fields("Closed", [("requests_per_node", number(count))]);
            let paced = fields("", [("pace", few())]);
            let mut candidates = Vec::new();
            if let Some(workload) = self.best.get("workload") {
                let pace = |node: &Node| {
                    node.name().is_some_and(|(name, _)| matches!(name, "Closed" | "Open"))
                };
                for path in find_all(workload, &pace) {
                    let mut draft = self.best.clone();
                    if let Some(workload) = draft.get_mut("workload") {
                        let pace = at_mut(workload, &path);
                        set_field(pace, "requests_per_node", number(count));
                    }
                    candidates.push(draft);
                }
                let mut draft = self.best.clone();
                if workload.field("pace").is_none()
                    && let Some(workload) = draft.get_mut("workload")
                {
                    set_field(workload, "pace", few());
                    candidates.push(draft);
                }
            } else {
                for workload in [few(), paced] {
                    let mut draft = self.best.clone();
                    draft.set("workload", workload);
                    candidates.push(draft);
                }
            }
            if candidates.into_iter().any(|c| self.attempt_if(c, asks_less)) {
                return;
            }
        }
    }

    /// Clients at fewer nodes: `only` is said, and then shortened.
    fn state_clients(&mut self) {
        let Some(workload) = self.best.get("workload") else { return };
        let plain = |node: &Node| {
            node.field("requests_per_node").is_some_and(|n| whole_of(n).is_some())
                && node.field("only").is_none()
                && node.variant().is_none()
        };
        let Some(path) = find_all(workload, &plain).pop() else { return };
        let names = self.best.nodes();
        for (place, name) in names.iter().enumerate() {
            let others = names.iter().enumerate().filter(|(at, _)| *at != place);
            let others = list(others.map(|(_, name)| text(name)).collect());
            for only in [list(vec![text(name)]), others] {
                let mut draft = self.best.clone();
                if let Some(workload) = draft.get_mut("workload") {
                    set_field(at_mut(workload, &path), "only", only);
                }
                if self.attempt_if(draft, asks_less) {
                    return;
                }
            }
        }
    }

    /// Takes each entry out of each list of the workload.
    fn each_entry(&mut self) {
        let Some(workload) = self.best.get("workload") else { return };
        let several = |node: &Node| items(Some(node)).len() > 1;
        for path in find_all(workload, &several) {
            let length =
                self.best.get("workload").map_or(0, |node| items(Some(at(node, &path))).len());
            for place in (0..length).rev() {
                let draft = without_item(&self.best, &path, place);
                self.attempt(draft);
            }
        }
        // That all have a client goes without saying.
        let all = self.best.nodes().len();
        let said = |node: &Node| items(node.field("only")).len() == all && node.variant().is_none();
        let paths = self.best.get("workload").map(|node| find_all(node, &said));
        for path in paths.unwrap_or_default() {
            let mut draft = self.best.clone();
            if let Some(workload) = draft.get_mut("workload") {
                remove_field(at_mut(workload, &path), "only");
            }
            self.attempt(draft);
        }
    }
}

/// With one request less: from each client, by one client less, or by an entry of a script.
pub(crate) fn with_fewer_requests(draft: &Draft) -> Vec<Draft> {
    let Some(workload) = draft.get("workload") else { return Vec::new() };
    let mut all = Vec::new();
    let counted = |node: &Node| {
        let count = node.field("requests_per_node").and_then(whole_of);
        count.is_some() && node.variant().is_none()
    };
    for path in find_all(workload, &counted) {
        let mut change = |name: &str, value: Node| {
            let mut fewer = draft.clone();
            if let Some(workload) = fewer.get_mut("workload") {
                set_field(at_mut(workload, &path), name, value);
            }
            all.push(fewer);
        };
        let pace = at(workload, &path);
        let only = items(pace.field("only")).iter().filter_map(text_of).map(str::to_owned);
        let mut clients: Vec<String> = only.collect();
        if clients.is_empty() {
            clients = draft.nodes();
        }
        for gone in clients.iter().filter(|_| clients.len() > 1) {
            let others = clients.iter().filter(|client| *client != gone);
            change("only", list(others.map(text).collect()));
        }
        let count = pace.field("requests_per_node").and_then(whole_of).unwrap_or(0);
        for fewer in one_less(count) {
            change("requests_per_node", number(fewer));
        }
    }
    for path in find_all(workload, &|node| items(Some(node)).len() > 1) {
        let length = items(Some(at(workload, &path))).len();
        all.extend((0..length).rev().map(|place| without_item(draft, &path, place)));
    }
    all
}

fn asks_less(old: &seedbed_core::Outcome, new: &seedbed_core::Outcome) -> bool {
    requests(new) < requests(old)
}

fn without_item(draft: &Draft, path: &[usize], place: usize) -> Draft {
    let mut draft = draft.clone();
    if let Some(workload) = draft.get_mut("workload")
        && let Kind::List(items) = &mut at_mut(workload, path).kind
        && items.len() > 1
        && place < items.len()
    {
        items.remove(place);
    }
    draft
}

/// A value by the positions that lead to it.
fn at<'a>(node: &'a Node, path: &[usize]) -> &'a Node {
    path.iter().fold(node, |node, place| crate::hunt::draft::children(node)[*place])
}

/// Smaller numbers, the least first.
fn halves(now: u64) -> Vec<u64> {
    let mut values = Vec::new();
    let mut value = now;
    while value > 1 {
        value /= 2;
        values.push(value);
    }
    values.reverse();
    values
}

fn one_less(now: u64) -> Vec<u64> {
    if now > 1 { vec![now - 1] } else { Vec::new() }
}
