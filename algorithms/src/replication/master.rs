//! The master: detects failures and decides who serves.
//!
//! It takes a server for failed when no heartbeat came for the timeout, which is right as long as
//! messages arrive within a bound. It never removes the last server, and it never crashes.
//!
//! ```text
//! in a chain, any server fails   -> configuration without it
//! in a star, a backup fails      -> configuration without it
//! in a star, the primary fails   -> Polling the backups -> configuration led by who has most
//! a server joins                 -> configuration with it in the last place
//! ```

use std::collections::BTreeMap;

use seedbed_node::{Context, Node, NodeId};

use super::group::tell;
use super::{
    Configuration, Event, ReplicationMessage as Message, ReplicationTimer as Timer, Settings, Shape,
};

/// The master's state, apart from the configuration.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Master {
    /// What the backups have, as far as they have said, while there is no primary.
    polling: Option<BTreeMap<NodeId, Option<Option<u64>>>>,
}

impl Master {
    pub(super) fn start<N>(
        configuration: &Configuration,
        settings: &Settings,
        cx: &mut Context<'_, N>,
    ) -> Self
    where
        N: Node<Message = Message, Event = Event, Timer = Timer>,
    {
        let (servers, shape) = (configuration.servers(), settings.shape);
        for &(server, _) in &servers {
            expect_heartbeat(server, settings, cx);
        }
        cx.emit(Event::Reconfigured { servers, shape });
        Master { polling: None }
    }

    pub(super) fn on_message<N>(
        &mut self,
        from: NodeId,
        message: Message,
        configuration: &mut Configuration,
        settings: &Settings,
        cx: &mut Context<'_, N>,
    ) where
        N: Node<Message = Message, Event = Event, Timer = Timer>,
    {
        match message {
            Message::Heartbeat { epoch } => {
                if configuration.contains(from) {
                    expect_heartbeat(from, settings, cx);
                }
                if epoch < configuration.epoch {
                    inform(from, configuration, cx);
                }
            }
            Message::Join { incarnation, epoch } => {
                self.admit(from, incarnation, epoch, configuration, settings, cx);
            }
            Message::Locate => inform(from, configuration, cx),
            Message::Resume { configuration: known, successor, applied } => {
                relay(&known, successor, applied, configuration, settings, cx);
            }
            Message::Progress { epoch, applied } if epoch == configuration.epoch => {
                if let Some(answer) = self.polling.as_mut().and_then(|polled| polled.get_mut(&from))
                {
                    *answer = Some(applied);
                }
                self.appoint(configuration, settings, cx);
            }
            // Somebody takes the master for what it is not, or answers too late.
            _ => {}
        }
    }

    /// No heartbeat of `server` has come for too long.
    pub(super) fn suspect<N>(
        &mut self,
        server: NodeId,
        configuration: &mut Configuration,
        settings: &Settings,
        cx: &mut Context<'_, N>,
    ) where
        N: Node<Message = Message, Event = Event, Timer = Timer>,
    {
        if let Some(polled) = &mut self.polling {
            if polled.len() > 1 {
                polled.remove(&server);
            }
            return self.appoint(configuration, settings, cx);
        }
        if !configuration.contains(server) || configuration.places.len() == 1 {
            return;
        }
        if settings.shape == Shape::Star && configuration.first() == server {
            self.poll(configuration, cx);
        } else {
            decide(configuration.without(server, settings.shape), configuration, settings, cx);
        }
    }

    /// A server without a copy wants to join. Its request must be about the present
    /// configuration: one that was delayed is of an earlier life.
    fn admit<N>(
        &mut self,
        server: NodeId,
        incarnation: u32,
        epoch: u64,
        configuration: &mut Configuration,
        settings: &Settings,
        cx: &mut Context<'_, N>,
    ) where
        N: Node<Message = Message, Event = Event, Timer = Timer>,
    {
        if self.polling.is_some() {
            return;
        }
        let known = configuration.place_of(server, incarnation).is_some();
        if known || epoch != configuration.epoch {
            return inform(server, configuration, cx);
        }
        let others = configuration.places.iter().any(|place| place.node != server);
        if !others {
            return;
        }
        if settings.shape == Shape::Star && configuration.first() == server {
            // The primary's last life is over, and who leads must be known before it may join.
            return self.poll(configuration, cx);
        }
        let next = configuration.with(server, incarnation, settings.shape);
        decide(next, configuration, settings, cx);
        expect_heartbeat(server, settings, cx);
    }

    /// The primary has failed: asks the backups what they have.
    fn poll<N>(&mut self, configuration: &Configuration, cx: &mut Context<'_, N>)
    where
        N: Node<Message = Message>,
    {
        let backups = || configuration.places.iter().skip(1).map(|place| place.node);
        self.polling = Some(backups().map(|backup| (backup, None)).collect());
        for backup in backups() {
            tell(cx, None, backup, Message::Poll { epoch: configuration.epoch });
        }
    }

    /// Once all backups have answered, who has most updates becomes primary.
    fn appoint<N>(
        &mut self,
        configuration: &mut Configuration,
        settings: &Settings,
        cx: &mut Context<'_, N>,
    ) where
        N: Node<Message = Message, Event = Event>,
    {
        let Some(polled) = &self.polling else { return };
        let answers: Option<Vec<(Option<u64>, NodeId)>> =
            polled.iter().map(|(&backup, answer)| Some(((*answer)?, backup))).collect();
        let Some(mut answers) = answers else { return };
        answers.sort_by_key(|&(applied, backup)| (std::cmp::Reverse(applied), backup));
        if settings.leads_with_last {
            answers.sort_by_key(|&(_, backup)| std::cmp::Reverse(backup));
        }
        let Some(&(_, leader)) = answers.first() else { return };
        let mut next = configuration.led_by(leader);
        next.places.retain(|place| polled.contains_key(&place.node));
        self.polling = None;
        decide(next, configuration, settings, cx);
    }
}

/// Makes `next` the configuration and tells everybody, the removed included.
fn decide<N>(
    next: Configuration,
    configuration: &mut Configuration,
    settings: &Settings,
    cx: &mut Context<'_, N>,
) where
    N: Node<Message = Message, Event = Event>,
{
    *configuration = next;
    let (servers, shape) = (configuration.servers(), settings.shape);
    cx.emit(Event::Reconfigured { servers, shape });
    for peer in cx.peers() {
        if peer.0 < settings.servers || !settings.forgets_clients {
            inform(peer, configuration, cx);
        }
    }
}

/// Tells one member who serves.
fn inform<N>(member: NodeId, configuration: &Configuration, cx: &mut Context<'_, N>)
where
    N: Node<Message = Message>,
{
    tell(cx, None, member, Message::Configure { configuration: configuration.clone() });
}

/// A server has a new link and says what it has: passes that on to who feeds the link.
fn relay<N>(
    known: &Configuration,
    successor: NodeId,
    applied: Option<u64>,
    configuration: &Configuration,
    settings: &Settings,
    cx: &mut Context<'_, N>,
) where
    N: Node<Message = Message>,
{
    let stands = known.place(successor) == configuration.place(successor);
    let Some(feeder) = configuration.upstream(successor, settings.shape).filter(|_| stands) else {
        return;
    };
    let configuration = configuration.clone();
    tell(cx, None, feeder, Message::Resume { configuration, successor, applied });
}

fn expect_heartbeat<N>(server: NodeId, settings: &Settings, cx: &mut Context<'_, N>)
where
    N: Node<Timer = Timer>,
{
    if settings.heartbeat.is_some() {
        cx.set_timer(Timer::Suspect(server), settings.timeout);
    }
}
