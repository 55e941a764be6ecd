//! The ids by which nodes compare: positions, or any other order that a scenario gives.

use seedbed_node::NodeId;

/// The id of `node`: its entry in `ids`, or its position where there are none.
pub(super) fn id_of(ids: &[u32], node: NodeId) -> u32 {
    ids.get(node.index()).copied().unwrap_or(node.0)
}

/// Why a list of ids does not fit `nodes` members. Equal ids are allowed: they break the
/// assumption that ids differ, which is worth seeing.
pub(super) fn check(ids: &[u32], nodes: u32) -> Result<(), String> {
    let count = ids.len() as u64;
    if count == 0 || count == u64::from(nodes) {
        return Ok(());
    }
    Err(format!("ids: {count} ids for {nodes} members; expected one for each, or none at all"))
}
