//! A log for ShiViz (Beschastnikh et al., CACM 63(8), 2020), which draws a space-time diagram from
//! vector clocks.
//!
//! Its default parser is `(?<event>.*)\n(?<host>\S*) (?<clock>{.*})` (`defaultParser` in
//! `js/shiviz.js`): every event is two lines, what happened and then the host with its vector clock
//! as JSON. ShiViz insists that a host's own clock is 1, 2, 3, … without a gap, and that no clock
//! names a host without events; therefore every event of a node is here, and entries of zero are
//! left out. The clocks are the simulator's: what a message knows is what its sender knew.
//!
//! Absent: losses, duplications and faults of the network are no events of a node. A message that
//! was lost is one that nobody receives.

use std::io::Write;

use seedbed_core::trace::{Record, Sink};
use seedbed_node::Names;

use super::words::say;
use crate::json::text;
use crate::trace::{Errors, Head, Out};

/// A sink that writes every event of a node as two lines.
pub struct ShiViz<W: Write> {
    names: Names,
    /// By node: how the host is called, and `"host":` within a clock.
    hosts: Vec<(String, String)>,
    out: Out<W>,
}

impl<W: Write> ShiViz<W> {
    /// A log of a run that is stamped with vector clocks.
    pub fn new(head: &Head, to: W) -> Self {
        let mut hosts: Vec<(String, String)> = Vec::new();
        for name in head.names.iter().take(head.members as usize) {
            let mut host: String = name.chars().map(|c| if spaces(c) { '_' } else { c }).collect();
            // Names that scenarios allow are hosts as they are.
            while host != name
                && (head.names.find(&host).is_some() || hosts.iter().any(|(h, _)| *h == host))
            {
                host.push('_');
            }
            let key = format!("{}:", text(&host));
            hosts.push((host, key));
        }
        ShiViz { names: head.names.clone(), hosts, out: Out::new(to) }
    }

    /// Where to ask afterwards whether everything was written.
    pub fn errors(&self) -> Errors {
        self.out.errors()
    }
}

/// Whether a character cannot stand in the name of a host.
fn spaces(c: char) -> bool {
    c.is_whitespace() || c.is_control() || c == '\u{feff}'
}

impl<W: Write + Send> Sink for ShiViz<W> {
    fn record(&mut self, record: &Record<'_>) {
        let vector = record.stamps.and_then(|stamps| stamps.vector.as_ref());
        let (Some(clock), false) = (vector, self.out.broken()) else { return };
        let Some((host, _)) = self.hosts.get(record.node.index()) else { return };
        let to = &mut self.out.buffer;
        // Writing to memory cannot fail.
        let _ = write!(to, "{} ", record.at);
        say(to, &self.names, &record.what);
        to.push(b'\n');
        to.extend_from_slice(host.as_bytes());
        let mut before: &[u8] = b" {";
        for ((_, key), count) in self.hosts.iter().zip(clock).filter(|(_, count)| **count > 0) {
            to.extend_from_slice(before);
            to.extend_from_slice(key.as_bytes());
            to.extend_from_slice(itoa::Buffer::new().format(*count).as_bytes());
            before = b",";
        }
        to.extend_from_slice(b"}\n");
        self.out.item();
    }
}
