//! What is judged, and a plainer network, plainer clocks, constant delays.

use seedbed_node::Duration;
use serde::Deserialize;

use super::Shrinker;
use crate::hunt::draft::{
    Draft, at_mut, children, find_all, items, list, number, remove_field, text, text_of, tuple,
    word,
};
use crate::hunt::ground::put;
use crate::lower::PANIC;
use crate::schema::DelayForm;
use crate::text::{Kind, Node, Reader};

/// Sections that a smallest scenario may do without.
const OPTIONAL: [&str; 4] = ["network", "clocks", "service", "ties"];

/// Sections whose distributions may be constant.
const TIMED: [&str; 3] = ["network", "service", "workload"];

impl Shrinker<'_> {
    /// Only the check that fails is judged.
    pub(super) fn focus(&mut self) {
        let check = self.task.cause.check.clone();
        let mut draft = self.best.clone();
        if check == PANIC {
            draft.set("checks", list(Vec::new()));
            self.attempt(draft);
            return;
        }
        let judges = |entry: &&Node| {
            let said = |node: &&Node| node.name().is_some_and(|(name, _)| name == check);
            children(entry).iter().any(said)
        };
        let judged: Vec<Node> =
            items(self.best.get("checks")).iter().filter(judges).cloned().collect();
        let guesses = ["Always", "Eventually"].map(|how| vec![tuple(how, vec![word(&check)])]);
        let stated = judged.into_iter().map(|entry| vec![entry]);
        for checks in stated.chain(guesses) {
            draft.set("checks", list(checks));
            if self.attempt(draft.clone()) {
                return;
            }
        }
    }

    /// Sections without which it fails as well, then their parts, then constants.
    pub(super) fn plainer_surroundings(&mut self) {
        for section in OPTIONAL {
            let mut draft = self.best.clone();
            if draft.remove(section) {
                self.attempt(draft);
            }
        }
        for section in OPTIONAL {
            self.without_settings(section);
        }
        if self.best.get("network").and_then(|node| node.field("duplicate")).is_some() {
            // Always is simpler than often.
            let mut draft = self.best.clone();
            put(&mut draft, "network", "duplicate", number("1.0"));
            self.attempt(draft);
        }
        for name in ["links", "nodes"] {
            self.fewer_rules(name);
        }
        for section in TIMED {
            self.constants(section);
        }
    }

    /// Leaves out each setting of a section.
    fn without_settings(&mut self, section: &str) {
        let keys: Vec<String> = match self.best.get(section).map(|node| &node.kind) {
            Some(Kind::Group(group)) => {
                group.members.iter().filter_map(|m| m.key.clone().map(|(key, _)| key)).collect()
            }
            Some(Kind::Map(entries)) => {
                entries.iter().filter_map(|(key, _)| text_of(key).map(str::to_owned)).collect()
            }
            _ => return,
        };
        for key in keys {
            let mut draft = self.best.clone();
            if let Some(node) = draft.get_mut(section) {
                remove_field(node, &key);
            }
            self.attempt(draft);
        }
    }

    /// Leaves out rules for single links and nodes.
    fn fewer_rules(&mut self, name: &str) {
        for section in ["network", "clocks"] {
            let count = self.best.get(section).and_then(|node| node.field(name));
            for place in (0..items(count).len()).rev() {
                let mut draft = self.best.clone();
                let rules = draft.get_mut(section);
                let rules = rules.and_then(|node| crate::hunt::draft::field_mut(node, name));
                if let Some(Node { kind: Kind::List(rules), .. }) = rules
                    && place < rules.len()
                {
                    rules.remove(place);
                }
                self.attempt(draft);
            }
        }
    }

    /// Always the same time instead of a drawn one.
    fn constants(&mut self, section: &str) {
        let Some(root) = self.best.get(section) else { return };
        for path in find_all(root, &|node| constant(node).is_some()) {
            let mut draft = self.best.clone();
            let Some(node) = draft.get_mut(section).map(|root| at_mut(root, &path)) else { return };
            let Some(value) = constant(node) else { continue };
            *node = text(value.to_string());
            // A constant has no parts: the positions of later ones stay, those inside it go.
            self.attempt(draft);
        }
    }
}

/// The mean of a distribution, rounded to two digits.
fn constant(node: &Node) -> Option<Duration> {
    let drawn =
        ["Constant", "Uniform", "Exponential", "Normal", "LogNormal", "Pareto", "Empirical"];
    node.name().filter(|(name, _)| drawn.contains(name))?;
    let form = DelayForm::deserialize(Reader::new(node)).ok()?;
    let distribution = form.lower();
    distribution.check().ok()?;
    let mean = libm::round(distribution.mean_ns());
    if !(0.0..1e18).contains(&mean) {
        return None;
    }
    Some(Duration::from_nanos(two_digits(mean as u64)))
}

/// The nearest number with two digits in front of zeros.
fn two_digits(value: u64) -> u64 {
    let unit = 10u64.pow(value.max(1).ilog10().saturating_sub(1));
    value.saturating_add(unit / 2) / unit * unit
}

/// Whether the draft has a section at all.
pub(super) fn has(draft: &Draft, section: &str) -> bool {
    draft.get(section).is_some()
}

#[cfg(test)]
mod tests {
    use super::two_digits;

    #[test]
    fn rounding_keeps_two_digits() {
        assert_eq!([0, 7, 99, 104, 105, 1_999].map(two_digits), [0, 7, 99, 100, 110, 2_000]);
    }
}
