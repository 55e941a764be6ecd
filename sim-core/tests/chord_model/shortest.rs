//! Shortest counterexamples.

use seedbed_core::explore::{Model, Options, search};

use crate::naive::Graph;

/// A shortest path to a breach of a safety property, and where it ends; the explorer, asked for that
/// property alone, must find one as short.
pub fn shortest<M: Model<State: Ord>>(model: &M, property: &str) -> (Vec<M::Action>, M::State) {
    let properties = model.properties();
    let judged = properties.iter().find(|judged| judged.name == property);
    let judged = judged.unwrap_or_else(|| panic!("no property {property}"));
    let graph = Graph::until(model, |state| !(judged.holds)(model, state));
    let last = graph.states.len() - 1;
    let state = graph.states[last].clone();
    assert!(!(judged.holds)(model, &state), "{property} holds in all {last} states");
    let path = path(&graph, last);
    let options = Options { keep_going: true, depth_max: path.len() as u32, ..Options::default() };
    let explored = search(model, &options);
    let found = explored.findings.iter().find(|finding| finding.name == property);
    let trail = found.and_then(|finding| finding.trail.as_ref()).expect("a counterexample");
    assert_eq!(trail.actions.len(), path.len(), "{property}: {:?}", trail.actions);
    (path, state)
}

/// The path by which a state was reached first.
fn path<M: Model>(graph: &Graph<M>, mut to: usize) -> Vec<M::Action> {
    let mut path = Vec::new();
    while let Some((parent, action)) = &graph.parents[to] {
        path.push(action.clone());
        to = *parent;
    }
    path.reverse();
    path
}
