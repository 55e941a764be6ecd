//! The network: links with inherited features, topologies by shape.

use seedbed_core::network::{Bandwidth, Corruption, LinkModel, Loss, NetworkConfig, Topology};
use seedbed_node::NodeId;

use super::{Findings, links::links};
use crate::diagnose::Finding;
use crate::schema::{BandwidthForm, CorruptForm, EdgesForm, LinkForm, LossForm, NetworkForm};
use crate::schema::{Delay, TopologyForm};
use crate::text::{Directory, Spanned};

/// The network as the world wants it.
pub(super) fn network(
    form: &NetworkForm,
    directory: &Directory,
    findings: &mut Findings,
) -> NetworkConfig {
    // FIFO unless the scenario says otherwise: most people expect links to keep order.
    let base = LinkModel { fifo: true, ..LinkModel::default() };
    let features = Features {
        delay: form.delay.as_ref(),
        loss: form.loss,
        duplicate: form.duplicate,
        corrupt: form.corrupt,
        reorder: form.reorder,
        bandwidth: form.bandwidth.as_ref(),
    };
    let default = features.over(&base, findings);
    let mut rules = Vec::new();
    for link in &form.links {
        if findings.full() {
            break;
        }
        let model = Features::of(link).over(&default, findings);
        if let Some(set) = findings.take(links(&link.on, directory)) {
            rules.push((set, model));
        }
    }
    let topology = form.topology.as_ref().and_then(|shape| topology(shape, directory, findings));
    NetworkConfig { default, rules, topology }
}

/// A link's features, as far as they are given.
struct Features<'a> {
    delay: Option<&'a Delay>,
    loss: Option<LossForm>,
    duplicate: Option<seedbed_node::Probability>,
    corrupt: Option<CorruptForm>,
    reorder: Option<bool>,
    bandwidth: Option<&'a BandwidthForm>,
}

impl<'a> Features<'a> {
    fn of(link: &'a LinkForm) -> Self {
        Features {
            delay: link.delay.as_ref(),
            loss: link.loss,
            duplicate: link.duplicate,
            corrupt: link.corrupt,
            reorder: link.reorder,
            bandwidth: link.bandwidth.as_ref(),
        }
    }

    /// The given features, the others as in `base`.
    fn over(self, base: &LinkModel, findings: &mut Findings) -> LinkModel {
        let mut model = base.clone();
        if let Some(delay) = self.delay {
            model.delay = findings.distribution(delay);
        }
        if let Some(loss) = self.loss {
            model.loss = lower_loss(loss);
        }
        if let Some(duplicate) = self.duplicate {
            model.duplicate = duplicate;
        }
        if let Some(CorruptForm { chance, undetected }) = self.corrupt {
            model.corrupt = Corruption { chance, undetected };
        }
        if let Some(reorder) = self.reorder {
            model.fifo = !reorder;
        }
        if let Some(form) = self.bandwidth {
            model.bandwidth = findings.take(bandwidth(form));
        }
        model
    }
}

fn lower_loss(loss: LossForm) -> Loss {
    match loss {
        LossForm::Bare(p) | LossForm::Bernoulli(p) if !p.possible() => Loss::None,
        LossForm::Bare(p) | LossForm::Bernoulli(p) => Loss::Bernoulli(p),
        LossForm::GilbertElliott { enter, leave, good, bad } => {
            Loss::GilbertElliott { enter, leave, good, bad }
        }
    }
}

fn bandwidth(form: &BandwidthForm) -> Result<Bandwidth, Finding> {
    let bad = || {
        let message = format!("bad rate {:?}", form.rate.value);
        Finding::at(form.rate.span, message).help(
            "write a whole number above 0 and a unit out of bps, kbps, Mbps, Gbps: \"10Mbps\"",
        )
    };
    const UNITS: [(&str, u64); 4] =
        [("Gbps", 1_000_000_000), ("Mbps", 1_000_000), ("kbps", 1_000), ("bps", 1)];
    let text = form.rate.value.trim();
    let (digits, size) = UNITS
        .iter()
        .find_map(|(unit, size)| Some((text.strip_suffix(unit)?, *size)))
        .ok_or_else(bad)?;
    let number: u64 = digits.trim().parse().map_err(|_| bad())?;
    let bits_per_s = number.checked_mul(size).filter(|bits| *bits > 0).ok_or_else(bad)?;
    Ok(Bandwidth { bits_per_s, queue_max: form.queue })
}

fn topology(
    shape: &Spanned<TopologyForm>,
    directory: &Directory,
    findings: &mut Findings,
) -> Option<Topology> {
    let count = directory.members;
    let edge = |a: u32, b: u32| (NodeId(a), NodeId(b), 1);
    let line = (1..count).map(|b| edge(b - 1, b));
    let edges = match &shape.value {
        TopologyForm::Full => return None,
        TopologyForm::Line => line.collect(),
        TopologyForm::Ring => {
            let closing = (count > 2).then(|| edge(count - 1, 0));
            line.chain(closing).collect()
        }
        TopologyForm::Star(hub) => {
            let NodeId(hub) = findings.member(directory, hub);
            (0..count).filter(|leaf| *leaf != hub).map(|leaf| edge(hub, leaf)).collect()
        }
        TopologyForm::Grid(width, height) => {
            if u64::from(*width) * u64::from(*height) != u64::from(count) {
                let message = format!("Grid({width}, {height}) does not fit {count} nodes");
                findings.at(shape.span, message);
                return None;
            }
            let right = (0..count).filter(|a| (a + 1) % width != 0).map(|a| edge(a, a + 1));
            let down = (0..count - width).map(|a| edge(a, a + width));
            right.chain(down).collect()
        }
        TopologyForm::Custom(form) | TopologyForm::Bare(form) => {
            let edges = listed(form, directory, findings);
            if let Some(cut_off) = unreachable(&edges, directory) {
                let names = &directory.names;
                let message =
                    format!("`{}` is cut off from `{}`", names.of(cut_off), &names[NodeId(0)]);
                findings.at(shape.span, message);
            }
            edges
        }
    };
    Some(Topology { edges })
}

fn listed(
    form: &EdgesForm,
    directory: &Directory,
    findings: &mut Findings,
) -> Vec<(NodeId, NodeId, u32)> {
    let mut edges = Vec::new();
    for (a, b) in &form.edges {
        let (from, to) = (findings.node(directory, a), findings.node(directory, b));
        if a.value == b.value {
            findings.at(b.span, "an edge needs two different ends");
        }
        edges.push((from, to, 1));
    }
    edges
}

/// A member that no path joins to the first one.
fn unreachable(edges: &[(NodeId, NodeId, u32)], directory: &Directory) -> Option<NodeId> {
    let mut neighbours = vec![Vec::new(); directory.names.count() as usize];
    for &(a, b, _) in edges {
        neighbours[a.index()].push(b);
        neighbours[b.index()].push(a);
    }
    let mut reached = vec![false; neighbours.len()];
    let mut frontier = vec![NodeId(0)];
    while let Some(node) = frontier.pop() {
        if !std::mem::replace(&mut reached[node.index()], true) {
            frontier.extend(&neighbours[node.index()]);
        }
    }
    (0..directory.members).map(NodeId).find(|member| !reached[member.index()])
}
