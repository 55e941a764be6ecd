//! How long a node's handlers take: a multi-server queue in front of every node.

use seedbed_node::Distribution;

/// The service model of all nodes.
#[derive(Clone, PartialEq, Debug)]
pub struct ServiceConfig {
    /// The time of a message or request that no rule names.
    pub default: Distribution,
    /// Exceptions by the kind of message; `Request` is a client's request unless the algorithm
    /// has a kind of that name (then both).
    pub by_kind: Vec<(String, Distribution)>,
    /// How many arrivals are served at once.
    pub cores: u32,
    /// How many more may wait; messages beyond overflow, requests are refused. `None`: any number.
    pub queue_max: Option<u32>,
}

impl ServiceConfig {
    /// Whether the parameters make sense; the error says what does not.
    pub fn check(&self) -> Result<(), String> {
        if self.cores == 0 {
            return Err("service: a node without cores serves nothing".into());
        }
        self.default.check().map_err(|why| format!("service: {why}"))?;
        self.by_kind.iter().try_for_each(|(kind, time)| {
            time.check().map_err(|why| format!("service of {kind}: {why}"))
        })
    }
}
