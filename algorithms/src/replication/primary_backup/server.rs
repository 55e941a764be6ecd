//! A server of a primary-backup group: primary or backup.

use std::collections::BTreeMap;

use seedbed_node::{Context, NodeId, Operation};

use super::{PrimaryBackup, PrimaryBackupMutant, PrimaryBackupParams, PrimaryBackupReads};
use crate::replication::group::{Here, Server, tell};
use crate::replication::log::Seen;
use crate::replication::{
    Event, Log, Place, ReplicationMessage as Message, Reply, Settings, Shape, Snapshot, Update,
};

/// A server of a primary-backup group.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct PrimaryBackupServer {
    log: Log,
    /// Whether it has a copy; one that has just joined waits for it.
    copied: bool,
    /// The master is looking for a new primary: nothing of the old one counts any more.
    suspended: bool,
    /// Of a primary: how many updates each backup has, by the link over which it gets them. Who
    /// has not said yet is not in here.
    acknowledged: BTreeMap<NodeId, (u64, u64)>,
    /// Of a primary: answers that wait until so many updates are stable.
    owed: BTreeMap<(u64, Operation), Owed>,
}

/// An answer that waits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Owed {
    Written,
    Value { key: u32 },
}

impl Server for PrimaryBackupServer {
    type Params = PrimaryBackupParams;

    fn settings(params: &PrimaryBackupParams) -> Settings {
        Settings {
            servers: params.servers,
            shape: Shape::Star,
            reads_anywhere: params.reads == PrimaryBackupReads::Anywhere,
            asks_tail: false,
            heartbeat: params.heartbeat,
            timeout: params.timeout,
            cache: params.cache,
            expiry: params.expiry,
            forgets_clients: false,
            leads_with_last: params.mutant == PrimaryBackupMutant::LeadsWithLast,
        }
    }

    fn founder() -> Self {
        PrimaryBackupServer { copied: true, ..PrimaryBackupServer::newcomer() }
    }

    fn newcomer() -> Self {
        PrimaryBackupServer {
            log: Log::default(),
            copied: false,
            suspended: false,
            acknowledged: BTreeMap::new(),
            owed: BTreeMap::new(),
        }
    }

    fn on_message(&mut self, from: NodeId, message: Message, here: Here<'_>, cx: &mut Cx<'_>) {
        let (primary, epoch) = (here.configuration.first(), here.configuration.epoch);
        match message {
            Message::Update { update, .. } if primary != cx.me() => {
                // The client does not know yet that there is another primary.
                tell(cx, Some(update.operation), primary, Message::Update { epoch, update });
            }
            Message::Update { update, .. } if self.copied => self.request(update, here, cx),
            Message::Query { operation, key, .. } => self.query(operation, key, here, cx),
            Message::Difference { link, sequence, stable, update }
                if primary == from
                    && link == here.place.link
                    && self.copied
                    && (!self.suspended
                        || cx.params().mutant == PrimaryBackupMutant::HearsOldPrimary) =>
            {
                self.difference(sequence, stable, update, from, cx);
            }
            Message::Ack { sequence } if primary == cx.me() => {
                if let Some(place) = here.configuration.place(from) {
                    self.acknowledge(place, sequence);
                    self.settle(here, cx);
                }
            }
            Message::Resume { configuration, successor, applied } if primary == cx.me() => {
                let place = here.configuration.place(successor);
                if let Some(place) = place.filter(|_| configuration.place(successor) == place) {
                    self.resume(place, applied, here, cx);
                }
            }
            Message::State { link, snapshot }
                if primary == from
                    && link == here.place.link
                    && !self.suspended
                    && self.lacks(snapshot.sequence) =>
            {
                self.install(snapshot, from, cx);
            }
            Message::Poll { epoch: polled } if polled == epoch => {
                self.suspended = true;
                let applied = self.copied.then(|| self.log.applied());
                tell(cx, None, from, Message::Progress { epoch, applied });
            }
            // Of an earlier link, or before there is a copy.
            _ => {}
        }
    }

    fn on_configuration(&mut self, before: Option<Place>, here: Here<'_>, cx: &mut Cx<'_>) {
        self.suspended = false;
        let primary = here.configuration.first();
        let relinked = before.is_none_or(|before| before.link != here.place.link);
        if primary == cx.me() {
            let leads_anew = relinked;
            if leads_anew {
                self.take_over();
            }
            self.settle(here, cx);
        } else if relinked {
            let applied = self.copied.then(|| self.log.applied());
            let (configuration, successor) = (here.configuration.clone(), cx.me());
            tell(cx, None, primary, Message::Resume { configuration, successor, applied });
        }
    }
}

type Cx<'a> = Context<'a, PrimaryBackup>;

impl PrimaryBackupServer {
    /// The primary has a client's update before it.
    fn request(&mut self, update: Update, here: Here<'_>, cx: &mut Cx<'_>) {
        let Update { operation, key, value, .. } = update;
        let seen = match cx.params().deduplicate {
            true => self.log.seen(operation),
            false => Seen::New,
        };
        match seen {
            Seen::New => {
                let sequence = self.log.append(update);
                cx.emit(Event::Applied { sequence, operation, key, value });
                self.owed.insert((sequence, operation), Owed::Written);
                if cx.params().mutant == PrimaryBackupMutant::AnswersUnacknowledged {
                    answer(operation, Reply::Written, cx);
                }
                let stable = self.log.stable();
                for place in self.fed(here) {
                    let Place { node, link, .. } = place;
                    let difference = Message::Difference { link, sequence, stable, update };
                    tell(cx, Some(operation), node, difference);
                }
            }
            Seen::At(sequence) => {
                self.owed.insert((sequence, operation), Owed::Written);
                self.send_again(sequence, here, cx);
            }
            Seen::Over => {}
        }
        self.settle(here, cx);
    }

    /// An update of the client comes again: backups may have missed it.
    fn send_again(&self, sequence: u64, here: Here<'_>, cx: &mut Cx<'_>) {
        let stable = self.log.stable();
        let update = self.log.after(stable).into_iter().flatten().find(|(at, _)| *at == sequence);
        let Some((_, update)) = update else { return };
        cx.reached("update repeated");
        for Place { node, link, .. } in self.fed(here) {
            let difference = Message::Difference { link, sequence, stable, update };
            tell(cx, Some(update.operation), node, difference);
        }
    }

    fn query(&mut self, operation: Operation, key: u32, here: Here<'_>, cx: &mut Cx<'_>) {
        let (primary, params) = (here.configuration.first(), cx.params());
        if params.reads == PrimaryBackupReads::Anywhere && self.copied {
            answer(operation, Reply::Value(self.log.latest(key)), cx);
        } else if primary != cx.me() {
            let epoch = here.configuration.epoch;
            tell(cx, Some(operation), primary, Message::Query { epoch, operation, key });
        } else if self.copied {
            self.owed.insert((self.log.applied(), operation), Owed::Value { key });
            self.settle(here, cx);
        }
    }

    /// A backup gets an update. What comes too early is dropped: something before it is missing.
    fn difference(
        &mut self,
        sequence: u64,
        stable: u64,
        update: Update,
        primary: NodeId,
        cx: &mut Cx<'_>,
    ) {
        let Update { operation, key, value, .. } = update;
        let next = self.log.applied() + 1;
        if sequence == next {
            self.log.append(update);
            cx.emit(Event::Applied { sequence, operation, key, value });
        }
        if sequence <= next {
            let sequence = self.log.applied();
            tell(cx, Some(operation), primary, Message::Ack { sequence });
        }
        self.log.settle(stable);
    }

    /// The backups that are sent updates, in order.
    fn fed(&self, here: Here<'_>) -> Vec<Place> {
        let backups = here.configuration.places.iter().skip(1);
        backups.copied().filter(|place| self.known(*place).is_some()).collect()
    }

    /// How many updates a backup is known to have. The founders' links need no word of theirs.
    fn known(&self, place: Place) -> Option<u64> {
        match self.acknowledged.get(&place.node) {
            Some(&(link, sequence)) if link == place.link => Some(sequence),
            _ => (place.link == 1).then_some(0),
        }
    }

    fn acknowledge(&mut self, place: Place, sequence: u64) {
        if let Some(known) = self.known(place) {
            self.acknowledged.insert(place.node, (place.link, known.max(sequence)));
        }
    }

    /// Whatever all backups have is stable: sends the answers that waited for it.
    fn settle(&mut self, here: Here<'_>, cx: &mut Cx<'_>) {
        let backups = here.configuration.places.iter().skip(1);
        let mut stable =
            backups.map(|&place| self.known(place).unwrap_or(0)).min().unwrap_or(u64::MAX);
        if cx.params().mutant == PrimaryBackupMutant::AwaitsRemoved {
            let heard = self.acknowledged.values().map(|&(_, sequence)| sequence).min();
            stable = stable.min(heard.unwrap_or(u64::MAX));
        }
        self.log.settle(stable.min(self.log.applied()));
        let present = here.configuration.clone();
        self.acknowledged.retain(|&node, _| {
            cx.params().mutant == PrimaryBackupMutant::AwaitsRemoved || present.contains(node)
        });
        let stable = self.log.stable();
        while let Some(entry) = self.owed.first_entry()
            && entry.key().0 <= stable
        {
            let ((_, operation), owed) = entry.remove_entry();
            let reply = match owed {
                Owed::Written => Reply::Written,
                Owed::Value { key } => {
                    Reply::Value(self.log.settled(key).map(|version| version.value))
                }
            };
            answer(operation, reply, cx);
        }
    }

    /// A backup becomes primary: it owes the answers to what is not known to be stable.
    fn take_over(&mut self) {
        self.acknowledged.clear();
        let unsettled = self.log.after(self.log.stable()).into_iter().flatten();
        let owed: Vec<(u64, Operation)> =
            unsettled.map(|(sequence, update)| (sequence, update.operation)).collect();
        self.owed.extend(owed.into_iter().map(|answer| (answer, Owed::Written)));
    }

    /// A backup has said what it has: it gets the rest, and from now on what is new.
    fn resume(&mut self, backup: Place, applied: Option<u64>, here: Here<'_>, cx: &mut Cx<'_>) {
        if !self.copied {
            return;
        }
        let Place { node, link, .. } = backup;
        let mut have = applied;
        if have.is_none_or(|have| self.log.after(have).is_none()) {
            let snapshot = self.log.snapshot();
            have = Some(snapshot.sequence);
            tell(cx, None, node, Message::State { link, snapshot });
        }
        // A copy that is on its way is not one that the backup has.
        self.acknowledged.insert(node, (link, applied.unwrap_or(0)));
        let stable = self.log.stable();
        let rest = have.and_then(|have| self.log.after(have)).into_iter().flatten();
        let keeps = cx.params().mutant == PrimaryBackupMutant::KeepsRest;
        for (sequence, update) in rest.filter(|_| !keeps) {
            let difference = Message::Difference { link, sequence, stable, update };
            tell(cx, Some(update.operation), node, difference);
        }
        self.settle(here, cx);
    }

    /// Whether a copy with so many updates is of use.
    fn lacks(&self, sequence: u64) -> bool {
        !self.copied || sequence > self.log.applied()
    }

    /// A copy arrives.
    fn install(&mut self, snapshot: Snapshot, primary: NodeId, cx: &mut Cx<'_>) {
        let sequence = snapshot.sequence;
        let values = snapshot.values.iter().map(|(&key, version)| (key, version.value)).collect();
        self.log.install(snapshot);
        self.copied = true;
        cx.emit(Event::Installed { sequence, values });
        cx.reached("state copied");
        tell(cx, None, primary, Message::Ack { sequence });
    }
}

fn answer(operation: Operation, reply: Reply, cx: &mut Cx<'_>) {
    tell(cx, Some(operation), operation.client, Message::Answer { operation, reply });
}
