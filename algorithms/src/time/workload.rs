//! The clients of clock synchronisation: some ask to be synchronised, all read their clocks.
//!
//! Readings happen at the same instants at every node, the multiples of `read_every` in true time,
//! so that checkers can compare them. A reading is no operation: it costs no message, and its
//! operation's number is never that of a real one.

use seedbed_node::{Client, Draws, Duration, NodeId, Operation, Time, Workload};
use serde::Deserialize;

use super::{Event, Request};
use crate::clients::{self, Demand, Heard, Pace, Retry};

/// The `workload:` section of a scenario.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Load {
    /// When clients ask to be synchronised, beside what nodes do by themselves; never if nothing
    /// is given.
    pub pace: Option<Pace>,
    /// What a client does if nothing comes of it; nothing unless given.
    pub retry: Option<Retry>,
    /// How often every client reads its node's clock.
    pub read_every: Duration,
    /// How many times.
    pub readings: u32,
}

impl Default for Load {
    fn default() -> Self {
        Load { pace: None, retry: None, read_every: Duration::from_secs(1), readings: 120 }
    }
}

/// A client asks to be synchronised, and is served when its node says that it is.
#[derive(Clone, Hash, Debug)]
struct Rounds;

impl Demand<Request, Event> for Rounds {
    fn request(&mut self, _operation: Operation, _now: Time, _draws: &mut Draws) -> Request {
        Request::Synchronise
    }

    fn hear(&mut self, _client: NodeId, event: &Event) -> Heard {
        match event {
            Event::Synchronised { .. } => Heard::Done,
            Event::Reading { .. } | Event::Measured { .. } | Event::OutOfTouch => Heard::Nothing,
        }
    }
}

/// All clients of a run.
#[derive(Clone, Hash, Debug)]
pub(super) struct Clients {
    rounds: Option<clients::Clients<Request, Rounds>>,
    read_every: Duration,
    /// How many readings each client has still to take.
    to_read: Vec<u32>,
}

/// The wake-up for a reading; those of the rounds are below.
const READ: u64 = u64::MAX;

/// What readings are asked on behalf of.
const NO_OPERATION: u32 = u32::MAX;

impl Clients {
    /// The clients of `nodes` members, or why the load makes no sense.
    pub(super) fn new(load: &Load, nodes: u32) -> Result<Self, String> {
        if load.read_every == Duration::ZERO {
            return Err("read_every: 0s would read without end".into());
        }
        let rounds =
            load.pace.as_ref().map(|pace| clients::Clients::new(pace, load.retry, nodes, Rounds));
        Ok(Clients {
            rounds: rounds.transpose()?,
            read_every: load.read_every,
            to_read: (0..nodes).map(|_| load.readings).collect(),
        })
    }

    fn expect_reading(&self, client: NodeId, cx: &mut Client<'_, Request>) {
        if self.to_read[client.index()] > 0 {
            let every = self.read_every.as_nanos();
            let wait = every - cx.now().as_nanos() % every;
            cx.wake(Duration::from_nanos(wait), READ);
        }
    }
}

impl Workload<Request, Event> for Clients {
    fn on_start(&mut self, client: NodeId, cx: &mut Client<'_, Request>) {
        self.expect_reading(client, cx);
        if let Some(rounds) = &mut self.rounds {
            Workload::<Request, Event>::on_start(rounds, client, cx);
        }
    }

    fn on_event(&mut self, client: NodeId, event: &Event, cx: &mut Client<'_, Request>) {
        if let Some(rounds) = &mut self.rounds {
            rounds.on_event(client, event, cx);
        }
    }

    fn on_wake(&mut self, client: NodeId, tag: u64, cx: &mut Client<'_, Request>) {
        if tag == READ {
            cx.request(Operation { client, number: NO_OPERATION }, Request::Read);
            self.to_read[client.index()] -= 1;
            return self.expect_reading(client, cx);
        }
        if let Some(rounds) = &mut self.rounds {
            Workload::<Request, Event>::on_wake(rounds, client, tag, cx);
        }
    }

    fn on_refused(&mut self, client: NodeId, request: Request, cx: &mut Client<'_, Request>) {
        // A reading that was refused is not made up for.
        if let (Request::Synchronise, Some(rounds)) = (request, &mut self.rounds) {
            Workload::<Request, Event>::on_refused(rounds, client, request, cx);
        }
    }

    fn on_restart(&mut self, client: NodeId, cx: &mut Client<'_, Request>) {
        if let Some(rounds) = &mut self.rounds {
            Workload::<Request, Event>::on_restart(rounds, client, cx);
        }
    }

    fn finished(&self) -> bool {
        let asked = self.rounds.as_ref().is_none_or(Workload::<Request, Event>::finished);
        asked && self.to_read.iter().all(|left| *left == 0)
    }
}

#[cfg(test)]
mod tests {
    use seedbed_node::{Action, Client, Draws, Duration, NodeId, Operation, Time, Workload};

    use super::{Clients, Load, NO_OPERATION, READ};
    use crate::time::Request;

    const ADA: NodeId = NodeId(0);

    fn act(now: Time, call: impl FnOnce(&mut Client<'_, Request>)) -> Vec<Action<Request>> {
        let (mut draws, mut begun, mut actions) = (Draws::keyed(7), 0, Vec::new());
        call(&mut Client::new(ADA, now, &mut draws, &mut begun, &mut actions));
        actions
    }

    #[test]
    fn readings_come_at_the_multiples_of_their_interval_wherever_a_client_begins() {
        let load: Load = ron::from_str("(read_every: \"10ms\", readings: 2)").expect("a load");
        let mut clients = Clients::new(&load, 1).expect("a sensible load");
        let ms = Duration::from_millis;
        let late = act(Time::ZERO + ms(13), |cx| clients.on_start(ADA, cx));
        assert_eq!(late, [Action::Wake(ms(7), READ)]);
        let operation = Operation { client: ADA, number: NO_OPERATION };
        let first = act(Time::ZERO + ms(20), |cx| clients.on_wake(ADA, READ, cx));
        assert_eq!(first, [Action::Request(operation, Request::Read), Action::Wake(ms(10), READ)]);
        assert!(!clients.finished());
        let last = act(Time::ZERO + ms(30), |cx| clients.on_wake(ADA, READ, cx));
        assert_eq!(last, [Action::Request(operation, Request::Read)]);
        assert!(clients.finished());
    }

    #[test]
    fn loads_that_make_no_sense_are_refused_with_a_reason() {
        for (load, word) in [
            ("(read_every: \"0s\")", "read_every"),
            ("(pace: Some(Closed(requests_per_node: 0)))", "pace"),
            ("(pace: Some(Closed()), retry: Some((after: \"0s\")))", "retry"),
        ] {
            let load: Load = ron::from_str(load).expect("it parses");
            let why = Clients::new(&load, 3).expect_err("it makes no sense");
            assert!(why.starts_with(word), "{why}");
        }
    }
}
