//! What a node holds, is or does, in the family's own words: for drawings of runs.
//!
//! A critical section, a leadership or a lock lasts from one observation to another; a commit or a
//! delivery is a point. Nothing here judges anything.

use std::collections::BTreeMap;

use crate::{NodeId, Observation};

/// Reads marks off what can be observed of a run.
pub trait Marker<R, E>: Send {
    /// Something happened: says what begins, ends or is done by it.
    fn observe(&mut self, seen: &Observation<'_, R, E>, marks: &mut Marks);
}

/// One mark.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mark {
    /// Who holds it, is it or does it.
    pub node: NodeId,
    /// What it is an instance of: `critical section`, `leader`, `in doubt`.
    pub what: &'static str,
    /// What to write beside it; of two that a node holds at once, the labels differ.
    pub label: String,
    /// Whether it begins, ends or is a point.
    pub extent: Extent,
}

/// Whether something begins, ends or takes no time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Extent {
    /// The node has it from now on.
    Begin,
    /// The node only waits for it, or stands for it, from now on.
    BeginWaiting,
    /// No longer.
    End,
    /// Just now.
    Point,
}

/// Where a [`Marker`] writes. It knows what is open, so that markers need no memory of their own.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Marks {
    open: BTreeMap<NodeId, Vec<(&'static str, String)>>,
    latest: Vec<Mark>,
}

impl Marks {
    /// The node has this from now on; nothing new if it has it already.
    pub fn begin(&mut self, node: NodeId, what: &'static str, label: impl Into<String>) {
        self.open(node, what, label.into(), Extent::Begin);
    }

    /// The node waits for this, or stands for it, from now on.
    pub fn begin_waiting(&mut self, node: NodeId, what: &'static str, label: impl Into<String>) {
        self.open(node, what, label.into(), Extent::BeginWaiting);
    }

    /// The node does this.
    pub fn point(&mut self, node: NodeId, what: &'static str, label: impl Into<String>) {
        self.latest.push(Mark { node, what, label: label.into(), extent: Extent::Point });
    }

    /// What is called so, or whatever it is called (`None`), ends at the node.
    pub fn end(&mut self, node: NodeId, what: &'static str, label: Option<&str>) {
        self.end_where(node, what, |open| label.is_none_or(|label| open == label));
    }

    /// Those whose labels are meant end at the node.
    pub fn end_where(&mut self, node: NodeId, what: &'static str, meant: impl Fn(&str) -> bool) {
        self.close(node, |open| open.0 == what && meant(&open.1));
    }

    /// Everything ends at the node, as in a crash.
    pub fn end_all(&mut self, node: NodeId) {
        self.close(node, |_| true);
    }

    /// Whether the node has or awaits this.
    pub fn has(&self, node: NodeId, what: &'static str, label: &str) -> bool {
        let open = self.open.get(&node).into_iter().flatten();
        open.clone().any(|other| (other.0, other.1.as_str()) == (what, label))
    }

    /// What was written since the last time.
    pub fn take(&mut self) -> impl Iterator<Item = Mark> {
        self.latest.drain(..)
    }

    fn open(&mut self, node: NodeId, what: &'static str, label: String, extent: Extent) {
        let open = self.open.entry(node).or_default();
        if !open.iter().any(|other| (other.0, &other.1) == (what, &label)) {
            open.push((what, label.clone()));
            self.latest.push(Mark { node, what, label, extent });
        }
    }

    fn close(&mut self, node: NodeId, ends: impl Fn(&(&'static str, String)) -> bool) {
        let Some(open) = self.open.get_mut(&node) else { return };
        for (what, label) in open.extract_if(.., |open| ends(open)) {
            self.latest.push(Mark { node, what, label, extent: Extent::End });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_not_begun_does_not_end_and_what_is_open_does_not_begin() {
        let (ada, bob) = (NodeId(0), NodeId(1));
        let mut marks = Marks::default();
        marks.end(ada, "lock", None);
        marks.begin(ada, "lock", "lock 1");
        marks.begin(ada, "lock", "lock 1");
        marks.begin_waiting(ada, "lock", "lock 2");
        marks.begin(bob, "lock", "lock 1");
        marks.end(ada, "lock", Some("lock 2"));
        marks.point(ada, "write", "writes");
        marks.end_all(ada);
        marks.end_all(ada);
        assert!(marks.has(bob, "lock", "lock 1") && !marks.has(ada, "lock", "lock 1"));
        let told: Vec<_> =
            marks.take().map(|mark| (mark.node.0, mark.label, mark.extent)).collect();
        let said = |node, label: &str, extent| (node, label.to_owned(), extent);
        let expected = [
            said(0, "lock 1", Extent::Begin),
            said(0, "lock 2", Extent::BeginWaiting),
            said(1, "lock 1", Extent::Begin),
            said(0, "lock 2", Extent::End),
            said(0, "writes", Extent::Point),
            said(0, "lock 1", Extent::End),
        ];
        assert_eq!(told, expected);
        assert_eq!(marks.take().count(), 0);
    }
}
