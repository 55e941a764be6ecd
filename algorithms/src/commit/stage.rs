//! For unit tests: a few nodes with logs, driven by hand; what each does is shown as lines of text.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use seedbed_node::{Context, Durable, Effect, Environment, Members, Node, NodeId, Recorder};

use super::{Event, Log, Part, Request, Transaction};

/// Nodes, their logs, and the messages between them.
pub(super) struct Stage<N: Node> {
    pub nodes: Vec<Option<N>>,
    pub logs: Vec<Log>,
    pub events: Vec<(u32, Event)>,
    params: N::Params,
    incarnations: Vec<u32>,
    post: VecDeque<(NodeId, NodeId, N::Message)>,
}

/// The transaction of most tests.
pub(super) const T: Transaction = Transaction(0);

/// A part that locks `key`.
pub(super) fn part(key: u32) -> Part {
    Part { keys: BTreeSet::from([key]), ..Part::default() }
}

/// A transaction with these parts, for participants 1, 2, ….
pub(super) fn begin(parts: &[Part], withdrawn: bool) -> Request {
    let work = (1..).map(NodeId).zip(parts.iter().cloned()).collect::<BTreeMap<_, _>>();
    Request::Begin { transaction: T, work, withdrawn }
}

impl<N> Stage<N>
where
    N: Node<Durable = Log, Request = Request, Event = Event>,
{
    /// `nodes` of them, all down.
    pub fn new(nodes: u32, params: N::Params) -> Self {
        let all = 0..nodes;
        Stage {
            nodes: all.clone().map(|_| None).collect(),
            logs: all.clone().map(|_| Log::default()).collect(),
            events: Vec::new(),
            params,
            incarnations: all.map(|_| 0).collect(),
            post: VecDeque::new(),
        }
    }

    /// The same, all up.
    pub fn booted(nodes: u32, params: N::Params) -> Self {
        let mut stage = Stage::new(nodes, params);
        for node in 0..nodes {
            stage.boot(node);
        }
        stage
    }

    /// Puts a record into the log of a node.
    pub fn log(&mut self, node: u32, record: &super::Record) {
        self.logs[NodeId(node).index()].apply(record);
    }

    /// Boots a node with what its log says.
    pub fn boot(&mut self, node: u32) -> Vec<String> {
        let log = self.logs[NodeId(node).index()].clone();
        let mut started = None;
        let lines = self.act(node, |cx| started = Some(N::start(&log, cx)));
        self.nodes[NodeId(node).index()] = started;
        lines
    }

    /// Crashes a node. What it wrote lazily is lost.
    pub fn crash(&mut self, node: u32) {
        self.nodes[NodeId(node).index()] = None;
        self.incarnations[NodeId(node).index()] += 1;
    }

    pub fn request(&mut self, request: Request) -> Vec<String> {
        self.handle(0, |node, cx| node.on_request(request, cx))
    }

    pub fn timer(&mut self, node: u32, timer: N::Timer) -> Vec<String> {
        self.handle(node, |node, cx| node.on_timer(timer, cx))
    }

    pub fn message(&mut self, from: u32, to: u32, message: N::Message) -> Vec<String> {
        self.handle(to, |node, cx| node.on_message(NodeId(from), message, cx))
    }

    /// Delivers the oldest message; lines of its handler, after who it is.
    pub fn deliver(&mut self) -> Option<Vec<String>> {
        let (from, to, message) = self.post.pop_front()?;
        if self.nodes[to.index()].is_none() {
            return Some(Vec::new());
        }
        Some(self.message(from.0, to.0, message))
    }

    /// Delivers messages until there are none.
    pub fn settle(&mut self) {
        while self.deliver().is_some() {}
    }

    /// Loses the messages under way.
    pub fn lose(&mut self) {
        self.post.clear();
    }

    /// How a node has decided about `T`.
    pub fn outcome(&self, node: u32) -> Option<bool> {
        self.events.iter().rev().find_map(|(who, event)| match event {
            Event::Decided { transaction: T, commit } if *who == node => Some(*commit),
            _ => None,
        })
    }

    /// Whether a node has said that it is blocked in `T`.
    pub fn blocked(&self, node: u32) -> bool {
        self.events.contains(&(node, Event::Blocked { transaction: T }))
    }

    fn handle(
        &mut self,
        node: u32,
        handler: impl FnOnce(&mut N, &mut Context<'_, N>),
    ) -> Vec<String> {
        let mut state = self.nodes[NodeId(node).index()].take().expect("the node is up");
        let lines = self.act(node, |cx| handler(&mut state, cx));
        self.nodes[NodeId(node).index()] = Some(state);
        lines
    }

    fn act(&mut self, me: u32, handler: impl FnOnce(&mut Context<'_, N>)) -> Vec<String> {
        let index = NodeId(me).index();
        let environment = Environment {
            me: NodeId(me),
            members: Members(self.nodes.len() as u32),
            incarnation: self.incarnations[index],
            operation: None,
        };
        let mut recorder = Recorder::default();
        handler(&mut Context::new(environment, &self.params, &mut recorder));
        let mut lines = Vec::new();
        for effect in recorder.effects {
            lines.push(shown(&effect));
            match effect {
                Effect::Send { to, message, .. } => self.post.push_back((NodeId(me), to, message)),
                Effect::Write { record, forced: true } => self.logs[index].apply(&record),
                Effect::Emit(event) => self.events.push((me, event)),
                Effect::Write { forced: false, .. }
                | Effect::SetTimer { .. }
                | Effect::CancelTimer { .. }
                | Effect::AdjustClock { .. } => {}
            }
        }
        lines
    }
}

fn shown<N: Node>(effect: &Effect<N>) -> String {
    match effect {
        Effect::Send { to, message, .. } => format!("{to} <- {message:?}"),
        Effect::SetTimer { timer, after } => format!("set {timer:?} {after}"),
        Effect::CancelTimer { timer } => format!("cancel {timer:?}"),
        Effect::Write { record, forced: true } => format!("force {record:?}"),
        Effect::Write { record, forced: false } => format!("write {record:?}"),
        Effect::AdjustClock { by, over } => format!("adjust {by} over {over}"),
        Effect::Emit(event) => format!("emit {event:?}"),
    }
}
