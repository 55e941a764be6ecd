//! Whom a node asks: sets of about √N nodes, any two of which share a node.

use std::collections::BTreeSet;

use seedbed_node::{Members, NodeId};

use super::plane;

/// The quorum of `node`: itself among others (Maekawa's conditions a and b).
///
/// With q²+q+1 members for a prime power q (up to [`plane::ORDER_MAX`]), a line of the projective
/// plane: q+1 nodes, any two quorums share exactly one, each node is in q+1 quorums (conditions c
/// and d). Otherwise the node's row and column in the smallest square grid, filled row by row, that
/// holds all: of two nodes, at least one is in a full row, which the other's column meets.
pub fn quorum(members: Members, node: NodeId) -> BTreeSet<NodeId> {
    let count = members.count();
    if let Some(line) = plane::line(count) {
        return line.iter().map(|offset| NodeId((node.0 + offset) % count)).collect();
    }
    let width = (1..=count).find(|width| width * width >= count).unwrap_or(1);
    let (row, column) = (node.0 / width, node.0 % width);
    members.iter().filter(|peer| peer.0 / width == row || peer.0 % width == column).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use seedbed_node::{Members, NodeId};

    use super::quorum;

    fn quorums(nodes: u32) -> Vec<BTreeSet<NodeId>> {
        let members = Members(nodes);
        members.iter().map(|node| quorum(members, node)).collect()
    }

    #[test]
    fn any_two_quorums_share_a_node_and_everybody_is_in_its_own() {
        for nodes in 1..=140 {
            let quorums = quorums(nodes);
            for (a, node) in quorums.iter().zip(0..) {
                assert!(a.contains(&NodeId(node)), "{nodes} nodes");
                assert!(quorums.iter().all(|b| !a.is_disjoint(b)), "{nodes} nodes");
                assert!(a.iter().all(|member| member.0 < nodes));
            }
        }
    }

    #[test]
    fn on_a_plane_all_quorums_are_alike_in_size_and_any_two_share_exactly_one() {
        for q in [1, 2, 3, 4, 5, 7, 8, 9] {
            let nodes = q * q + q + 1;
            let quorums = quorums(nodes);
            for (a, at) in quorums.iter().zip(0..) {
                assert_eq!(a.len() as u32, q + 1);
                let serves = quorums.iter().filter(|b| b.contains(&NodeId(at))).count();
                assert_eq!(serves as u32, q + 1, "each node decides for as many");
                assert!(quorums.iter().all(|b| a == b || a.intersection(b).count() == 1));
            }
        }
    }

    #[test]
    fn on_a_square_grid_a_quorum_is_a_row_and_a_column() {
        let ids = |quorum: BTreeSet<NodeId>| quorum.iter().map(|n| n.0).collect::<Vec<_>>();
        assert_eq!(ids(quorum(Members(9), NodeId(4))), [1, 3, 4, 5, 7]);
        assert_eq!(ids(quorum(Members(8), NodeId(7))), [1, 4, 6, 7], "the last row is short");
    }
}
