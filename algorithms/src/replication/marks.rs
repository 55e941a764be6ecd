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
        let last = servers.len().saturating_sub(1);
        let role = |place: usize| match (shape, place) {
            (Shape::Chain, 0) if last == 0 => "head and tail",
            (Shape::Chain, 0) => "head",
            (Shape::Chain, place) if place == last => "tail",
            (Shape::Chain, _) => "middle",
            (Shape::Star, 0) => "primary",
            (Shape::Star, _) => "backup",
        };
        let now: BTreeMap<_, _> =
            servers.iter().enumerate().map(|(place, (node, _))| (*node, role(place))).collect();
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
