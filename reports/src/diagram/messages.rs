//! Messages as arrows, from the step that sent them to the one in which they ended.

use std::collections::BTreeMap;

use seedbed_core::trace::{DropReason, Flight};

use super::labels::tidy;
use super::layout::Frame;
use super::{Arrow, End, Step};
use crate::chronicle::Happening;

/// What begins or ends outside of what is drawn reaches so far into it.
const STUB: f64 = 60.0;

/// A cross stands so far before the lane that was not reached.
const BEFORE_LANE: f64 = 11.0;

/// What is known of one message, by entries.
#[derive(Clone, Copy, Default)]
struct Course {
    sent: Option<usize>,
    ended: Option<usize>,
    copy: bool,
}

/// The arrows of what was chosen, and the names of all kinds of message in the run.
pub(super) fn messages(frame: &Frame<'_>, steps: &[Step]) -> (Vec<Arrow>, Vec<String>) {
    let courses = courses(frame);
    let kinds: Vec<String> = frame.chronicle.kinds().into_iter().map(String::from).collect();
    let of_step: BTreeMap<usize, usize> = steps
        .iter()
        .enumerate()
        .flat_map(|(step, it)| it.entries.iter().map(move |entry| (*entry, step)))
        .collect();
    let mut arrows = Vec::new();
    for course in courses.values() {
        let chosen = |entry: &usize| frame.chosen.has[*entry];
        if course.sent.filter(chosen).or(course.ended.filter(chosen)).is_some()
            && let Some(arrow) = arrow(frame, *course, &of_step, &kinds)
        {
            arrows.push(arrow);
        }
    }
    arrows.sort_by_key(|arrow| arrow.sent.or(arrow.ended));
    (arrows, kinds)
}

fn courses(frame: &Frame<'_>) -> BTreeMap<Flight, Course> {
    let mut courses: BTreeMap<Flight, Course> = BTreeMap::new();
    for (place, entry) in frame.chronicle.entries.iter().enumerate() {
        match entry.what {
            Happening::Send { flight, .. } => {
                courses.entry(flight).or_default().sent = Some(place);
            }
            Happening::Duplicate { original, copy } => {
                let sent = courses.get(&original).and_then(|course| course.sent);
                courses.insert(copy, Course { sent, ended: None, copy: true });
            }
            Happening::Deliver { flight, .. } | Happening::Drop { flight, .. } => {
                courses.entry(flight).or_default().ended = Some(place);
            }
            _ => {}
        }
    }
    courses
}

/// An arrow, if both its lanes are drawn and its sending is known.
fn arrow(
    frame: &Frame<'_>,
    course: Course,
    of_step: &BTreeMap<usize, usize>,
    kinds: &[String],
) -> Option<Arrow> {
    let sent = course.sent?;
    let Happening::Send { to, kind, transport, content, .. } = &frame.chronicle.entries[sent].what
    else {
        return None;
    };
    let (from, to) = (frame.lane(frame.chronicle.entries[sent].node)?, frame.lane(*to)?);
    let (y0, y1) = (frame.lanes[from], frame.lanes[to]);
    let shown = |entry: &usize| frame.chosen.has[*entry];
    let ended = course.ended.filter(shown);
    let end = ended.map_or(End::After, |entry| end(&frame.chronicle.entries[entry].what));
    let share = |x: [f64; 2], at: f64| {
        if x[1] == x[0] { 0.5 } else { ((at - x[0]) / (x[1] - x[0])).clamp(0.05, 0.95) }
    };
    // Where it would be if the axis went on beyond the edges.
    let beyond = |entry: usize| frame.chronicle.entries[entry].at.0 as f64;
    let page = &frame.chosen.page;
    let [left, _, right, _] = frame.plot;
    let whole = course.ended.map(|ended| [beyond(sent), beyond(ended)]);
    let from_before = !shown(&sent);
    let mut tail = [frame.x(sent), y0];
    let mut head = ended.map_or([right, y1], |ended| [frame.x(ended), y1]);
    if from_before {
        tail = match whole.filter(|_| !frame.axis.by_order()) {
            Some(whole) => [left, y0 + (y1 - y0) * share(whole, page.from_ns as f64)],
            None => [(head[0] - STUB).max(left), y0 + (y1 - y0) * 0.5],
        };
    }
    match (end, whole.filter(|_| !frame.axis.by_order())) {
        (End::Delivered, _) => {}
        (End::After, Some(whole)) => head[1] = y0 + (y1 - y0) * share(whole, page.to_ns as f64),
        (End::After, None) => head = [(tail[0] + STUB).min(right), y0 + (y1 - y0) * 0.5],
        // Lost as soon as it was sent: a short arrow; lost on arrival: one that just falls short.
        _ if head[0] - tail[0] < 1.0 => {
            head = [(tail[0] + 15.0).min(right), y0 + ((y1 - y0) * 0.5).clamp(-32.0, 32.0)];
        }
        _ => head[1] = y1 - BEFORE_LANE * (y1 - y0).signum(),
    }
    let lit = match ended {
        Some(ended) if end == End::Delivered => frame.is_lit(ended),
        _ => frame.is_lit(sent),
    };
    let step = |entry: Option<usize>| entry.and_then(|entry| of_step.get(&entry).copied());
    Some(Arrow {
        from,
        to,
        tail: tail.map(tidy),
        head: head.map(tidy),
        kind: kinds.iter().position(|other| other == kind)?,
        end,
        from_before,
        copy: course.copy,
        transport: *transport,
        sent: step(Some(sent)),
        ended: step(ended),
        content: content.clone(),
        lit,
    })
}

fn end(what: &Happening) -> End {
    match what {
        Happening::Drop { why, .. } => match why {
            DropReason::Lost => End::Lost,
            DropReason::Corrupted => End::Corrupted,
            DropReason::Overflowed => End::Overflowed,
            DropReason::Cut => End::Cut,
            DropReason::ToDead => End::ToDead,
        },
        _ => End::Delivered,
    }
}
