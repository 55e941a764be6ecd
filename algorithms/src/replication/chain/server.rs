//! A server of a chain: head, tail or between.

use std::collections::BTreeMap;

use seedbed_node::{Context, NodeId, Operation};

use super::{ChainMutant, ChainParams, ChainReplication, Reads};
use crate::replication::group::{Here, Server, tell};
use crate::replication::log::Seen;
use crate::replication::{
    Event, Log, Place, ReplicationMessage as Message, Reply, Settings, Shape, Snapshot, Update,
};

/// A server of a chain.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ChainServer {
    log: Log,
    /// Whether it has a copy; one that has just joined waits for it.
    copied: bool,
    /// The link to the successor over which updates flow: the successor has said what it has.
    open: u64,
    /// Queries that wait for the copy: the key, and which server asks for the version.
    deferred: BTreeMap<Operation, (u32, Option<NodeId>)>,
}

impl Server for ChainServer {
    type Params = ChainParams;

    fn settings(params: &ChainParams) -> Settings {
        Settings {
            servers: params.servers,
            shape: Shape::Chain,
            reads_anywhere: params.reads != Reads::Tail,
            asks_tail: params.reads == Reads::Clean,
            heartbeat: params.heartbeat,
            timeout: params.timeout,
            cache: params.cache,
            expiry: params.expiry,
            forgets_clients: params.mutant == ChainMutant::ForgetsClients,
            leads_with_last: false,
        }
    }

    fn founder() -> Self {
        let log = Log::default();
        ChainServer { log, copied: true, open: 1, deferred: BTreeMap::new() }
    }

    fn newcomer() -> Self {
        let log = Log::default();
        ChainServer { log, copied: false, open: 0, deferred: BTreeMap::new() }
    }

    fn on_message(&mut self, from: NodeId, message: Message, here: Here<'_>, cx: &mut Cx<'_>) {
        let (upstream, epoch) = (here.upstream(cx), here.configuration.epoch);
        match message {
            Message::Update { update, .. } if upstream.is_some() => {
                // The client does not know yet that there is another head.
                let head = here.configuration.first();
                tell(cx, Some(update.operation), head, Message::Update { epoch, update });
            }
            Message::Update { update, .. } if self.copied => self.request(update, here, cx),
            Message::Difference { link, sequence, update, .. }
                if upstream == Some(from) && link == here.place.link && self.copied =>
            {
                self.difference(sequence, update, here, cx);
            }
            Message::Ack { sequence } if here.downstream(cx) == Some(from) => {
                self.log.settle(sequence);
                here.acknowledge(sequence, cx);
            }
            Message::Query { operation, key, .. } => self.query(operation, key, here, cx),
            Message::Version { operation, key, asker, .. } => {
                self.version(operation, key, asker, here, cx);
            }
            Message::Committed { operation, key, sequence } => {
                let value = self.log.version(key, sequence);
                answer(operation, Reply::Value(value), cx);
            }
            Message::Resume { configuration, successor, applied } => {
                let feeds = here.configuration.successor(cx.me()).filter(|place| {
                    place.node == successor && configuration.place(successor) == Some(*place)
                });
                if let Some(place) = feeds {
                    self.resume(place, applied, cx);
                }
            }
            Message::State { link, snapshot }
                if link == here.place.link && self.lacks(snapshot.sequence) =>
            {
                self.install(snapshot, here, cx);
            }
            // Of an earlier link, or before there is a copy.
            _ => {}
        }
    }

    fn on_configuration(&mut self, before: Option<Place>, here: Here<'_>, cx: &mut Cx<'_>) {
        let relinked = before.is_none_or(|before| before.link != here.place.link);
        if here.upstream(cx).is_some() && relinked {
            let applied = self.copied.then(|| self.log.applied());
            let (configuration, successor) = (here.configuration.clone(), cx.me());
            let master = ChainServer::settings(cx.params()).master();
            tell(cx, None, master, Message::Resume { configuration, successor, applied });
        }
        if here.downstream(cx).is_none() && self.copied {
            self.become_tail(here, cx);
        }
    }
}

type Cx<'a> = Context<'a, ChainReplication>;

impl Here<'_> {
    fn upstream(self, cx: &Cx<'_>) -> Option<NodeId> {
        self.configuration.predecessor(cx.me())
    }

    fn downstream(self, cx: &Cx<'_>) -> Option<NodeId> {
        self.configuration.successor(cx.me()).map(|place| place.node)
    }

    /// Tells the server before that everybody from here on has so many updates.
    fn acknowledge(self, sequence: u64, cx: &mut Cx<'_>) {
        if let Some(before) = self.upstream(cx).filter(|_| cx.params().acks) {
            tell(cx, cx.operation(), before, Message::Ack { sequence });
        }
    }
}

impl ChainServer {
    /// The head has a client's update before it.
    fn request(&mut self, update: Update, here: Here<'_>, cx: &mut Cx<'_>) {
        let seen = match cx.params().deduplicate {
            true => self.log.seen(update.operation),
            false => Seen::New,
        };
        match seen {
            Seen::New => self.apply(update, here, cx),
            Seen::At(sequence) => self.repeat(sequence, update, here, cx),
            Seen::Over => {}
        }
        if cx.params().mutant == ChainMutant::HeadAnswers {
            answer(update.operation, Reply::Written, cx);
        }
    }

    /// An update comes down the chain.
    fn difference(&mut self, sequence: u64, update: Update, here: Here<'_>, cx: &mut Cx<'_>) {
        let next = self.log.applied() + 1;
        if sequence == next || cx.params().mutant == ChainMutant::AppliesOutOfOrder {
            self.apply(update, here, cx);
        } else if sequence < next {
            self.repeat(sequence, update, here, cx);
        }
        // What comes too early is dropped: something before it is missing.
    }

    fn apply(&mut self, update: Update, here: Here<'_>, cx: &mut Cx<'_>) {
        let Update { operation, key, value, .. } = update;
        let sequence = self.log.append(update);
        cx.emit(Event::Applied { sequence, operation, key, value });
        if here.downstream(cx).is_none() {
            // The answer first: a tail that dies between the two leaves it to the next.
            answer(operation, Reply::Written, cx);
            self.log.settle(sequence);
            here.acknowledge(sequence, cx);
        } else {
            self.forward(sequence, update, here, cx);
            if !cx.params().acks {
                self.log.settle(sequence);
            }
        }
    }

    /// An update comes that was applied before: whoever has missed it or its answer gets it now.
    fn repeat(&mut self, sequence: u64, update: Update, here: Here<'_>, cx: &mut Cx<'_>) {
        cx.reached("update repeated");
        let known_stable = cx.params().acks && sequence <= self.log.stable();
        if here.downstream(cx).is_none() || known_stable {
            answer(update.operation, Reply::Written, cx);
            here.acknowledge(self.log.stable(), cx);
        } else {
            self.forward(sequence, update, here, cx);
        }
    }

    /// Passes an update on, unless it will be sent when the successor has said what it has.
    fn forward(&self, sequence: u64, update: Update, here: Here<'_>, cx: &mut Cx<'_>) {
        if let Some(Place { node, link, .. }) = here.configuration.successor(cx.me())
            && link == self.open
        {
            cx.reached("Sent suffix resent");
            let difference = Message::Difference { link, sequence, stable: 0, update };
            tell(cx, Some(update.operation), node, difference);
        }
    }

    fn query(&mut self, operation: Operation, key: u32, here: Here<'_>, cx: &mut Cx<'_>) {
        let (tail, params) = (here.configuration.last(), cx.params());
        let epoch = here.configuration.epoch;
        let believes = self.copied && params.mutant == ChainMutant::AnswersAsOldTail;
        if params.reads == Reads::Tail && tail != cx.me() && !believes {
            // The client does not know yet that there is another tail.
            tell(cx, Some(operation), tail, Message::Query { epoch, operation, key });
        } else if !self.copied {
            self.deferred.insert(operation, (key, None));
        } else if params.reads == Reads::Clean
            && params.mutant != ChainMutant::TrustsDirty
            && self.log.is_dirty(key)
        {
            let asker = cx.me();
            let version = Message::Version { epoch, operation, key, asker };
            tell(cx, Some(operation), tail, version);
        } else {
            answer(operation, Reply::Value(self.log.latest(key)), cx);
        }
    }

    /// CRAQ: the tail has everything that is committed and nothing else.
    fn version(
        &mut self,
        operation: Operation,
        key: u32,
        asker: NodeId,
        here: Here<'_>,
        cx: &mut Cx<'_>,
    ) {
        let (tail, epoch) = (here.configuration.last(), here.configuration.epoch);
        if tail != cx.me() {
            let version = Message::Version { epoch, operation, key, asker };
            tell(cx, Some(operation), tail, version);
        } else if !self.copied {
            self.deferred.insert(operation, (key, Some(asker)));
        } else {
            let sequence = self.log.settled(key).map_or(0, |version| version.sequence);
            tell(cx, Some(operation), asker, Message::Committed { operation, key, sequence });
        }
    }

    /// The successor has said what it has: it gets the rest, and from now on what is new.
    fn resume(&mut self, successor: Place, applied: Option<u64>, cx: &mut Cx<'_>) {
        let Place { node, link, .. } = successor;
        self.open = link;
        if !self.copied {
            return;
        }
        let mutant = cx.params().mutant;
        let mut have = applied;
        if have.is_none_or(|have| self.log.after(have).is_none()) {
            let snapshot = self.log.snapshot();
            have = Some(snapshot.sequence);
            cx.reached("state copied");
            tell(cx, None, node, Message::State { link, snapshot });
        }
        let rest = have.and_then(|have| self.log.after(have)).into_iter().flatten();
        for (sequence, update) in rest.filter(|_| mutant != ChainMutant::ForgetsSent) {
            let difference = Message::Difference { link, sequence, stable: 0, update };
            tell(cx, Some(update.operation), node, difference);
        }
    }

    /// Whether a copy with so many updates is of use.
    fn lacks(&self, sequence: u64) -> bool {
        !self.copied || sequence > self.log.applied()
    }

    /// A copy arrives.
    fn install(&mut self, snapshot: Snapshot, here: Here<'_>, cx: &mut Cx<'_>) {
        let sequence = snapshot.sequence;
        let values = snapshot.values.iter().map(|(&key, version)| (key, version.value)).collect();
        self.log.install(snapshot);
        self.copied = true;
        cx.emit(Event::Installed { sequence, values });
        for (operation, (key, asker)) in std::mem::take(&mut self.deferred) {
            match asker {
                Some(asker) => self.version(operation, key, asker, here, cx),
                None => self.query(operation, key, here, cx),
            }
        }
        // Who has joined since then waits for this copy in turn.
        if let Some(successor) = here.configuration.successor(cx.me())
            && successor.link == self.open
        {
            self.resume(successor, None, cx);
        }
    }

    /// All that this server has applied is stable now, and its clients await the answers.
    fn become_tail(&mut self, here: Here<'_>, cx: &mut Cx<'_>) {
        let settled = self.log.settle(self.log.applied());
        for (_, update) in &settled {
            if cx.params().mutant != ChainMutant::TailOwesNothing {
                answer(update.operation, Reply::Written, cx);
            }
        }
        if !settled.is_empty() {
            here.acknowledge(self.log.stable(), cx);
        }
    }
}

fn answer(operation: Operation, reply: Reply, cx: &mut Cx<'_>) {
    tell(cx, Some(operation), operation.client, Message::Answer { operation, reply });
}
