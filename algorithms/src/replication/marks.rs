//! What to draw of replication: who is head or primary, who is tail, and which updates are applied.

use std::collections::BTreeMap;

use seedbed_node::{Marker, Marks, NodeId, Observation, What};

use super::{Event, Request, Shape};

/// Marks the roles that the master gives to servers, and updates.
#[derive(Clone, Debug, Default)]
pub struct RoleMarks {
    roles: BTreeMap<NodeId, &'static str>,
}

impl Marker<Request, Event> for RoleMarks {
    fn observe(&mut self, seen: &Observation<'_, Request, Event>, marks: &mut Marks) {
        match seen.what {
            What::Event { event: Event::Reconfigured { servers, shape }, .. } => {
                self.assign(servers, *shape, marks);
            }
            What::Event { node, event: Event::Applied { sequence, .. } } => {
                marks.point(node, "update", format!("applies {sequence}"));
            }
            What::Event { node, event: Event::Installed { sequence, .. } } => {
                marks.point(node, "copy", format!("copies 1 to {sequence}"));
            }
            What::Event { node, event: Event::Renewed { value, .. } } => {
                marks.point(node, "update", format!("stores {value}"));
            }
            What::Crash { node } => {
                self.roles.remove(&node);
                marks.end_all(node);
            }
            What::Event { event: Event::Value { .. } | Event::Written { .. }, .. }
            | What::Request { .. }
            | What::Complete { .. }
            | What::Boot { .. }
            | What::Pause { .. }
            | What::Resume { .. }
            | What::NetworkFault
            | What::NetworkHealed => {}
        }
    }
}

impl RoleMarks {
    fn assign(&mut self, servers: &[(NodeId, u32)], shape: Shape, marks: &mut Marks) {
        let (first, last) = (servers.first(), servers.last());
        let role = |server| match shape {
            Shape::Chain if first == last => "head and tail",
            Shape::Chain if Some(server) == first => "head",
            Shape::Chain if Some(server) == last => "tail",
            Shape::Chain => "middle",
            Shape::Star if Some(server) == first => "primary",
            Shape::Star => "backup",
        };
        let now: BTreeMap<_, _> = servers.iter().map(|server| (server.0, role(server))).collect();
        for (node, before) in &self.roles {
            if now.get(node) != Some(before) {
                marks.end(*node, before, None);
            }
        }
        for (node, role) in &now {
            marks.begin(*node, role, *role);
        }
        self.roles = now;
    }
}
