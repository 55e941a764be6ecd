//! Fewer and simpler faults.

use super::Shrinker;
use crate::hunt::draft::{
    Draft, children, field_mut, items, list, number, remove_field, set_field, text, text_of, tuple,
    whole_of,
};
use crate::text::{Kind, Node};

impl Shrinker<'_> {
    /// Leaves out as many faults as possible.
    pub(super) fn fewer_faults(&mut self) {
        self.without_parts(
            |draft| draft.faults().len(),
            |draft, gone| {
                let mut draft = draft.clone();
                let entries = draft.faults().iter().enumerate();
                let kept = entries.filter(|(at, _)| !gone.contains(at)).map(|(_, e)| e.clone());
                draft.set_faults(kept.collect());
                draft
            },
        );
    }

    /// Leaves out each fault alone.
    pub(super) fn each_fault(&mut self) {
        for place in (0..self.best.faults().len()).rev() {
            let mut draft = self.best.clone();
            let mut entries = draft.faults().to_vec();
            entries.remove(place);
            draft.set_faults(entries);
            self.attempt(draft);
        }
    }

    /// Replaces what a fault does by less, until no step down is left.
    pub(super) fn simpler_faults(&mut self) {
        for place in 0..self.best.faults().len() {
            while self.simpler_fault(place) && self.goes_on() {}
        }
    }

    fn simpler_fault(&mut self, place: usize) -> bool {
        let names = self.best.nodes();
        let Some(fault) = self.best.faults()[place].field("fault").cloned() else { return false };
        simpler(&fault, &names).into_iter().any(|fault| {
            let draft = with_fault(&self.best, place, fault);
            self.attempt(draft)
        })
    }
}

/// The draft with another fault at the time of an entry.
fn with_fault(draft: &Draft, place: usize, fault: Node) -> Draft {
    let mut draft = draft.clone();
    let mut entries = draft.faults().to_vec();
    if let Some(old) = field_mut(&mut entries[place], "fault") {
        *old = fault;
    }
    draft.set_faults(entries);
    draft
}

/// What does less than `fault`, the least first. Each is nearer to the end of the list `Degrade`,
/// `Partition`, `Isolate`, `Cut`, or has a smaller number or fewer links, so that steps end.
fn simpler(fault: &Node, names: &[String]) -> Vec<Node> {
    let Some((name, _)) = fault.name() else { return Vec::new() };
    match name {
        "Partition" => {
            let mut less = cuts(names);
            less.extend(names.iter().map(|name| isolate(name)));
            less
        }
        "Isolate" => {
            let alone: Vec<&str> = children(fault)
                .into_iter()
                .flat_map(|nodes| items(Some(nodes)).iter().filter_map(text_of))
                .collect();
            let touches = |cut: &Node| {
                let link = children(cut).first().and_then(|link| text_of(link).map(str::to_owned));
                link.is_some_and(|link| link.split("->").any(|end| alone.contains(&end)))
            };
            cuts(names).into_iter().filter(touches).collect()
        }
        "Degrade" => degraded(fault, names),
        "CrashAfterEffects" => {
            let node = fault.field("node").cloned();
            let whole = node.map(|node| tuple("Crash", vec![node]));
            whole.into_iter().chain(smaller(fault, "effects", 0)).collect()
        }
        "Slow" => smaller(fault, "factor", 2),
        "Drift" => smaller(fault, "ppm", 0),
        _ => Vec::new(),
    }
}

fn isolate(name: &str) -> Node {
    tuple("Isolate", vec![list(vec![text(name)])])
}

fn cuts(names: &[String]) -> Vec<Node> {
    let cut = |link: String| tuple("Cut", vec![text(link)]);
    pairs(names).into_iter().map(cut).collect()
}

/// All links between two nodes.
fn pairs(names: &[String]) -> Vec<String> {
    /// Beyond, trying each of them costs more than it gives.
    const NODES_MAX: usize = 8;
    let few = if names.len() > NODES_MAX { &[] } else { names };
    let links = few.iter().flat_map(|from| few.iter().map(move |to| (from, to)));
    links.filter(|(from, to)| from != to).map(|(from, to)| format!("{from}->{to}")).collect()
}

/// Links that are slower or lose less, or fewer of them.
fn degraded(fault: &Node, names: &[String]) -> Vec<Node> {
    let mut less = Vec::new();
    let links = fault.field("links").and_then(text_of).unwrap_or_default().to_owned();
    let single = !links.contains('*');
    let with = |name: &str, value: Node| {
        let mut fault = fault.clone();
        set_field(&mut fault, name, value);
        fault
    };
    if fault.field("loss").is_some() {
        if single {
            less.push(tuple("Cut", vec![text(links.clone())]));
        }
        let mut lossless = fault.clone();
        remove_field(&mut lossless, "loss");
        if fault.field("delay_factor").is_some() {
            less.push(lossless);
        }
    }
    if fault.field("delay_factor").is_some() && fault.field("loss").is_some() {
        let mut prompt = fault.clone();
        remove_field(&mut prompt, "delay_factor");
        less.push(prompt);
    }
    if !single {
        let narrower = |narrow: &String| inside(narrow, &links);
        less.extend(pairs(names).iter().filter(|n| narrower(n)).map(|n| with("links", text(n))));
        if links == "*->*" {
            let halves = names.iter().flat_map(|n| [format!("{n}->*"), format!("*->{n}")]);
            less.extend(halves.map(|narrow| with("links", text(narrow))));
        }
    }
    less.extend(smaller(fault, "delay_factor", 2));
    less
}

/// Whether a link is one of those that a pattern names.
fn inside(link: &str, pattern: &str) -> bool {
    let ends = |text: &str| text.split_once("->").map(|(a, b)| (a.to_owned(), b.to_owned()));
    let (Some((from, to)), Some((a, b))) = (ends(link), ends(pattern)) else { return false };
    (a == "*" || a == from) && (b == "*" || b == to)
}

/// Smaller values of a number: round ones, in ascending order.
fn smaller(fault: &Node, name: &str, least: u64) -> Vec<Node> {
    let Some(value) = fault.field(name) else { return Vec::new() };
    let (now, whole) = match (&value.kind, whole_of(value)) {
        (_, Some(whole)) => (whole as f64, true),
        (Kind::Number(number), None) => (number.parse().unwrap_or(0.0), false),
        _ => return Vec::new(),
    };
    let size = libm::fabs(now);
    let sign = if now < 0.0 { -1.0 } else { 1.0 };
    let decades = (0..7).map(|power| libm::pow(10.0, f64::from(power)));
    let rounds = decades.flat_map(|decade| [1.0, 2.0, 5.0].map(|digit| digit * decade));
    let rounds = std::iter::once(0.0).chain(rounds);
    let rounds = rounds.filter(|v| *v >= least as f64 && *v < size);
    let mut values: Vec<f64> = rounds.map(|v| sign * v).collect();
    if !whole {
        values.push(sign * libm::floor(size));
    }
    values.retain(|v| *v != now && libm::fabs(*v) >= least as f64);
    values
        .into_iter()
        .map(|value| {
            let mut fault = fault.clone();
            set_field(&mut fault, name, number(value));
            fault
        })
        .collect()
}
