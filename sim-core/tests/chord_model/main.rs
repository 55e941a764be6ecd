//! Chord.
#[path = "../naive/mod.rs"]
mod naive;
mod by_message;
mod corrected;
mod published;
mod ring;

use corrected::{Corrected, Repair};
use naive::Graph;
use published::Published;
use ring::*;
use seedbed_core::explore::Model;

fn first<M: Model<State: Ord + Ring>>(model: &M, name: &str) {
    let t = std::time::Instant::now();
    let properties = model.properties();
    let judged: Vec<_> = properties.iter().filter(|p| p.demand == seedbed_core::explore::Demand::Always && (name.is_empty() || p.name == name)).collect();
    let graph = Graph::until(model, |s| judged.iter().any(|p| !(p.holds)(model, s)));
    let last = graph.states.len() - 1;
    let broken: Vec<_> = judged.iter().filter(|p| !(p.holds)(model, &graph.states[last])).map(|p| &p.name).collect();
    eprintln!("{:?} {} states {} {:?} {:?}", broken, graph.states.len(), graph.depths[last], graph.path(last), t.elapsed());
    if broken.is_empty() {
        eprintln!("  complete, depth {} generated {} verdicts {:?} {:?}", graph.depth(), graph.generated, graph.verdicts(model), t.elapsed());
    }
}

#[test]
fn probe() {
    let arg = std::env::var("PROBE").unwrap_or_default();
    let name = std::env::var("NAME").unwrap_or_default();
    let nodes: u8 = std::env::var("NODES").ok().and_then(|n| n.parse().ok()).unwrap_or(4);
    let rejoin = std::env::var("REJOIN").is_ok();
    if arg.starts_with('p') {
        first(&Published { nodes, join_asks: arg.contains('j'), stabilise_asks: arg.contains('s') }, &name);
    } else if arg.starts_with('m') {
        let founders = if arg.contains('1') { Set::of([0]) } else if arg.contains('3') { Set::of([0, 2, 3])} else {Set::of([0,2])};
        first(&by_message::ByMessage { nodes, founders, answers_travel: arg.contains('t'), failures: nodes }, &name);
    } else {
        let undone = match &*arg {
            "base" => Some(Repair::StableBase),
            "join" => Some(Repair::JoinAsks),
            "adopt" => Some(Repair::AdoptAsks),
            "steps" => Some(Repair::TwoSteps),
            "rectify" => Some(Repair::RectifyAsks),
            "fill" => Some(Repair::FillUp),
            _ => None,
        };
        let bases = match nodes { 4 => vec![Set::of([0,1,2])], 5 => vec![Set::of([0,1,2]), Set::of([0,1,3])], _ => vec![Set::of([0,2,4])] };
        first(&Corrected { nodes, bases, rejoin, undone }, &name);
    }
}
