//! Dijkstra's ring that stabilises itself: whatever the counters are, one privilege remains.
//!
//! Edsger W. Dijkstra, "Self-stabilizing Systems in Spite of Distributed Control", CACM 17(11),
//! 1974 (EWD 426). Published: tlaplus/Examples, `specifications/ewd426`, `TokenRing.cfg`, six nodes,
//! counters below six: 46,656 distinct states, all of them initial (one level), of 248,832 generated;
//! under weak fairness of all moves together, one token in the end, for ever.

use seedbed_core::explore::{Model, Property};

use crate::figures::{Published, agrees, breaks};

/// So many nodes, with counters below `values`.
struct Dijkstra {
    nodes: usize,
    values: u8,
}

fn one_token(counters: &[u8], values: u8) -> bool {
    let after = (counters[0] + values - 1) % values;
    let ahead = counters.iter().take_while(|c| **c == counters[0]).count();
    counters.iter().skip(ahead).all(|c| *c == after)
}

impl Model for Dijkstra {
    type State = Vec<u8>;
    /// Who moves.
    type Action = usize;

    fn initial(&self) -> Vec<Vec<u8>> {
        let longer = |states: Vec<Vec<u8>>| {
            let with = |state: Vec<u8>| {
                (0..self.values).map(move |value| [state.as_slice(), &[value]].concat())
            };
            states.into_iter().flat_map(with).collect()
        };
        (0..self.nodes).fold(vec![Vec::new()], |states, _| longer(states))
    }

    fn actions(&self, counters: &Vec<u8>, movers: &mut Vec<usize>) {
        if counters[0] == counters[self.nodes - 1] {
            movers.push(0);
        }
        movers.extend((1..self.nodes).filter(|at| counters[*at] != counters[*at - 1]));
    }

    fn apply(&self, counters: &mut Vec<u8>, mover: &usize) -> bool {
        counters[*mover] = match *mover {
            0 => (counters[self.nodes - 1] + 1) % self.values,
            at => counters[at - 1],
        };
        true
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let one = |model: &Self, counters: &Vec<u8>| one_token(counters, model.values);
        vec![Property::eventually("one token", one)]
    }

    fn fairness(&self, _: &usize) -> Option<u64> {
        Some(0)
    }
}

#[test]
fn a_ring_of_six_has_the_published_states() {
    let model = Dijkstra { nodes: 6, values: 6 };
    let graph = agrees(&model, Published { unique: 46_656, generated: 248_832, levels: 1 });
    // One token remains one token: with that, once is for ever.
    let one: Vec<bool> = graph.states.iter().map(|counters| one_token(counters, 6)).collect();
    let moves =
        graph.edges.iter().enumerate().flat_map(|(from, to)| to.iter().map(move |t| (from, t.1)));
    assert_eq!(moves.filter(|(from, to)| one[*from] && !one[*to]).count(), 0);
}

#[test]
fn as_many_values_as_nodes_less_one_are_enough_and_fewer_are_not() {
    let enough = Dijkstra { nodes: 4, values: 3 };
    agrees(&enough, Published::unique(81));
    breaks(&Dijkstra { nodes: 4, values: 2 }, "one token", 0);
}
