//! A group of servers under a master, with the nodes of their clients: what is the same whatever
//! way the servers replicate.
//!
//! The master does not crash (the papers make it reliable by replicating it in turn). A server that
//! restarts has forgotten everything; so has one that learns that it was removed. Either asks to
//! join as a new server.

use seedbed_node::{Context, Duration, Node, NodeId, Operation, Params, Value};

use super::master::Master;
use super::{
    Cache, Configuration, Event, Place, Proxy, ReplicationMessage as Message,
    ReplicationTimer as Timer, Request, Shape,
};

/// What the shared parts need to know of an algorithm's parameters.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Settings {
    /// How many servers there are at first; the master is the next node.
    pub servers: u32,
    /// How they are connected.
    pub shape: Shape,
    /// Whether any server is asked for values, or only the tail of a chain or the primary.
    pub reads_anywhere: bool,
    /// Whether a value that is asked of one server may need the word of the tail.
    pub asks_tail: bool,
    /// How often servers tell that they live; `None`: failures go unnoticed.
    pub heartbeat: Option<Duration>,
    /// How long the master waits for a heartbeat.
    pub timeout: Duration,
    /// Whether clients' nodes remember values.
    pub cache: Cache,
    /// For how long, where they expire.
    pub expiry: Duration,
    /// A bug: the master does not tell clients' nodes of new configurations.
    pub forgets_clients: bool,
    /// A bug: the master makes the last backup primary, whatever it has.
    pub leads_with_last: bool,
}

impl Settings {
    /// The master.
    pub fn master(&self) -> NodeId {
        NodeId(self.servers)
    }

    /// Why these make no sense among `nodes` members.
    pub fn check(&self, nodes: u32) -> Result<(), String> {
        if self.servers == 0 {
            return Err("servers: expected at least 1".into());
        }
        if self.servers.saturating_add(2) > nodes {
            return Err(format!(
                "servers: {} servers, a master and a client's node are more than {nodes} members",
                self.servers
            ));
        }
        if self.heartbeat.is_some_and(|every| every == Duration::ZERO || every >= self.timeout) {
            return Err("heartbeat: expected more than 0s and less than timeout".into());
        }
        Ok(())
    }
}

/// How the servers of a group replicate: what distinguishes one algorithm from another.
pub trait Server: Value {
    /// The algorithm's parameters.
    type Params: Params;

    /// What the shared parts need to know of them.
    fn settings(params: &Self::Params) -> Settings;

    /// A server of the first configuration.
    fn founder() -> Self;

    /// A server without a copy.
    fn newcomer() -> Self;

    /// A message for a server that is part of the configuration, in this place.
    fn on_message(
        &mut self,
        from: NodeId,
        message: Message,
        here: Here<'_>,
        cx: &mut Context<'_, Group<Self>>,
    );

    /// A new configuration of which this server is part; `before` is its place in the last one
    /// that it knew, if it had one.
    fn on_configuration(
        &mut self,
        before: Option<Place>,
        here: Here<'_>,
        cx: &mut Context<'_, Group<Self>>,
    );
}

/// A server's place in the configuration that it knows.
#[derive(Clone, Copy, Debug)]
pub struct Here<'a> {
    /// The configuration.
    pub configuration: &'a Configuration,
    /// The own place.
    pub place: Place,
}

/// A member of a group.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Group<S> {
    /// The last configuration that this member has heard of.
    configuration: Configuration,
    /// For the client beside this member.
    proxy: Proxy,
    role: Role<S>,
    /// What was asked by a configuration that this member has not heard of yet, by whom.
    early: Vec<(NodeId, Message)>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Role<S> {
    Server(S),
    Master(Master),
    Client,
}

impl<S: Server> Node for Group<S> {
    type Params = S::Params;
    type Message = Message;
    type Timer = Timer;
    type Request = Request;
    type Event = Event;
    type Durable = ();

    fn start((): &(), cx: &mut Context<'_, Self>) -> Self {
        let settings = S::settings(cx.params());
        let configuration = Configuration::initial(settings.servers);
        let role = match cx.me() {
            me if me == settings.master() => {
                Role::Master(Master::start(&configuration, &settings, cx))
            }
            me if me.0 < settings.servers => {
                if let Some(every) = settings.heartbeat {
                    cx.set_timer(Timer::Beat, every);
                }
                if cx.incarnation() > 0 {
                    join(&configuration, &settings, cx);
                    Role::Server(S::newcomer())
                } else {
                    Role::Server(S::founder())
                }
            }
            _ => Role::Client,
        };
        Group { configuration, proxy: Proxy::default(), role, early: Vec::new() }
    }

    fn on_request(&mut self, request: Request, cx: &mut Context<'_, Self>) {
        let settings = S::settings(cx.params());
        self.proxy.ask(request, &self.configuration, &settings, cx);
    }

    fn on_message(&mut self, from: NodeId, message: Message, cx: &mut Context<'_, Self>) {
        if let Message::Configure { configuration } | Message::Resume { configuration, .. } =
            &message
        {
            self.learn(configuration, cx);
        }
        if message.asked_by().is_some_and(|epoch| epoch > self.configuration.epoch) {
            self.early.push((from, message));
            return;
        }
        let settings = S::settings(cx.params());
        match (message, &mut self.role) {
            (Message::Configure { .. }, _) => {}
            (Message::Answer { operation, reply }, _) => {
                self.proxy.answered(operation, reply, &settings, cx);
            }
            (message, Role::Master(master)) => {
                let before = self.configuration.clone();
                master.on_message(from, message, &mut self.configuration, &settings, cx);
                self.proxy.reconfigured(&before, &self.configuration, &settings, cx);
            }
            (message, Role::Server(server)) => {
                // Who is not part of the configuration has no copy that it could answer from.
                if let Some(place) = self.configuration.place_of(cx.me(), cx.incarnation()) {
                    let here = Here { configuration: &self.configuration, place };
                    server.on_message(from, message, here, cx);
                }
            }
            // Somebody takes this node for what it is not: an altered message.
            (_, Role::Client) => {}
        }
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Context<'_, Self>) {
        let settings = S::settings(cx.params());
        match (timer, &mut self.role) {
            (Timer::Suspect(server), Role::Master(master)) => {
                let before = self.configuration.clone();
                master.suspect(server, &mut self.configuration, &settings, cx);
                self.proxy.reconfigured(&before, &self.configuration, &settings, cx);
            }
            (Timer::Beat, Role::Server(_)) => {
                if let Some(every) = settings.heartbeat {
                    cx.set_timer(Timer::Beat, every);
                }
                if self.configuration.place_of(cx.me(), cx.incarnation()).is_some() {
                    let epoch = self.configuration.epoch;
                    tell(cx, None, settings.master(), Message::Heartbeat { epoch });
                } else {
                    join(&self.configuration, &settings, cx);
                }
            }
            _ => unreachable!("only masters suspect and only servers beat"),
        }
    }

    /// Whom the client beside this node has asked and not heard from.
    fn waits_for(&self) -> Vec<NodeId> {
        self.proxy.waits_for()
    }
}

impl<S: Server> Group<S> {
    /// Takes over a configuration that is news.
    fn learn(&mut self, configuration: &Configuration, cx: &mut Context<'_, Self>) {
        let news = configuration.epoch > self.configuration.epoch;
        // The master learns of configurations from nobody: it makes them.
        if !news || configuration.places.is_empty() || matches!(self.role, Role::Master(_)) {
            return;
        }
        let settings = S::settings(cx.params());
        let before = std::mem::replace(&mut self.configuration, configuration.clone());
        if let Role::Server(server) = &mut self.role {
            match self.configuration.place_of(cx.me(), cx.incarnation()) {
                Some(place) => {
                    let here = Here { configuration: &self.configuration, place };
                    let before = before.place_of(cx.me(), cx.incarnation());
                    server.on_configuration(before, here, cx);
                }
                None => {
                    *server = S::newcomer();
                    join(&self.configuration, &settings, cx);
                }
            }
        }
        self.proxy.reconfigured(&before, &self.configuration, &settings, cx);
        for (from, message) in std::mem::take(&mut self.early) {
            self.on_message(from, message, cx);
        }
    }
}

/// Asks the master to be part of the next configuration.
fn join<S: Server>(
    configuration: &Configuration,
    settings: &Settings,
    cx: &mut Context<'_, Group<S>>,
) {
    let (incarnation, epoch) = (cx.incarnation(), configuration.epoch);
    tell(cx, None, settings.master(), Message::Join { incarnation, epoch });
}

/// Sends a message for an operation, or in the background. An altered message may name nobody.
pub(super) fn tell<N: Node>(
    cx: &mut Context<'_, N>,
    operation: Option<Operation>,
    to: NodeId,
    message: N::Message,
) {
    if to.0 < cx.members().count() {
        cx.send_for(operation, to, message);
    }
}
