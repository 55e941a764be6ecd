//! A run that is stepped through, as text: where it is, what was said, what waits, what nodes are in.

use std::fmt::Write as _;

use seedbed_core::{EndedBy, WaitingFor};
use seedbed_node::{Names, NodeId};
use seedbed_scenarios::session::Session;

use crate::text::Style;

/// One line: how far the run has come.
pub fn position(session: &Session, style: Style) -> String {
    let view = session.view();
    let hand = if session.is_by_hand() { ", by hand" } else { "" };
    let over = view.ended.as_ref().map(|why| format!(": {}", ending(why))).unwrap_or_default();
    style.bold(&format!("event {} at {}{hand}{over}", view.events, view.now))
}

/// Why a run is over.
pub fn ending(why: &EndedBy) -> String {
    match why {
        EndedBy::Quiet => "over, nothing is left to happen".into(),
        EndedBy::Time => "over, the time of its `stop`".into(),
        EndedBy::Served => "over, everything is served".into(),
        EndedBy::Breach => "over, a check has failed".into(),
        EndedBy::Panic { node, message } => format!("over, {node} panicked: {message}"),
        EndedBy::EventLimit => "over, the limit of events".into(),
        EndedBy::ScheduleOver => "over, the end of its schedule".into(),
        EndedBy::ScheduleRepeats => "over, its schedule repeats itself".into(),
        EndedBy::ScheduleBroken => "over, its schedule cannot be followed".into(),
    }
}

/// What occurred in the step that led here, a line each.
pub fn said(session: &Session, style: Style) -> String {
    let mut text = String::new();
    for said in session.said() {
        let at = style.dim(&format!("{:>6} {:>14}", said.event, said.at.to_string()));
        let name = style.bold(session.names().of(said.node));
        writeln!(text, "{at}  {name} {}", said.text).expect("texts grow");
    }
    text
}

/// What waits, numbered from 1 as commands name it.
pub fn waiting(session: &Session) -> String {
    let view = session.view();
    let mut text = String::new();
    if view.waiting.is_empty() {
        text.push_str("nothing waits\n");
    }
    let dues: Vec<String> = view
        .waiting
        .iter()
        .map(|w| w.due.map_or_else(String::new, |due| due.to_string()))
        .collect();
    let width = dues.iter().map(String::len).max().unwrap_or(0);
    for ((number, waiting), due) in (1..).zip(&view.waiting).zip(dues) {
        let what = describe(&waiting.what, session.names());
        writeln!(text, "{number:>4}  {due:>width$}  {what}").expect("texts grow");
    }
    if view.more_waiting > 0 {
        writeln!(text, "and {} more", view.more_waiting).expect("texts grow");
    }
    text
}

/// Something that waits, in words.
pub fn describe(what: &WaitingFor, names: &Names) -> String {
    let name = |node: &NodeId| names.of(*node);
    match what {
        WaitingFor::Message { from, to, content, .. } => {
            format!("message {} → {}: {content}", name(from), name(to))
        }
        WaitingFor::Timer { node, timer } => format!("timer of {}: {timer}", name(node)),
        WaitingFor::Wake { client, tag: 0 } => format!("{}'s client wakes", name(client)),
        WaitingFor::Wake { client, tag } => format!("{}'s client wakes ({tag})", name(client)),
        WaitingFor::Request { client, content } => {
            format!("request of {}'s client: {content}", name(client))
        }
        WaitingFor::Served(node) => format!("{} is done with what it handles", name(node)),
        WaitingFor::Resume(node) => format!("{} goes on with what waited", name(node)),
        WaitingFor::Fault(timed) => format!("fault: {:?}", timed.fault),
        WaitingFor::Undone(timed) => format!("over: {:?}", timed.fault),
    }
}

/// All nodes, a line each.
pub fn nodes(session: &Session, style: Style) -> String {
    let mut text = String::new();
    for node in &session.view().nodes {
        let name = session.names().of(node.node);
        let how = match (node.up, node.paused) {
            (false, _) => ", down",
            (true, true) => ", paused",
            (true, false) => "",
        };
        let state = node.state.as_deref().unwrap_or("(no state)");
        let state = state.split_whitespace().collect::<Vec<_>>().join(" ");
        writeln!(text, "{}{how} at {}: {state}", style.bold(name), node.wall).expect("texts grow");
    }
    text
}

/// Everything about one node.
pub fn node(session: &Session, node: NodeId, style: Style) -> String {
    let Some(view) = session.view().nodes.get(node.index()) else { return String::new() };
    let up = match (view.up, view.paused) {
        (false, _) => "down",
        (true, true) => "paused",
        (true, false) => "up",
    };
    let name = style.bold(session.names().of(node));
    let mut text = format!(
        "{name} is {up}, has booted again {} times; wall clock {}, monotonic clock {}\n",
        view.reboots, view.wall, view.monotonic
    );
    writeln!(text, "{}", view.state.as_deref().unwrap_or("(no state)")).expect("texts grow");
    if view.durable != "()" {
        writeln!(text, "on disk: {}", view.durable).expect("texts grow");
    }
    for record in &view.unforced {
        writeln!(text, "not yet on disk: {record}").expect("texts grow");
    }
    text
}
