//! Clients: runs their handlers and carries out what they ask for.

use seedbed_node::{Action, Client, Node, NodeId, What, Workload};

use crate::kernel::{Ask, Item, Kernel, Tag};
use crate::rng::Purpose;
use crate::trace::Occurrence;

impl<N: Node> Kernel<N> {
    /// Runs one handler of the workload for `client`, then does what it asked for.
    pub fn client(
        &mut self,
        client: NodeId,
        handler: impl FnOnce(&mut dyn Workload<N::Request, N::Event>, &mut Client<'_, N::Request>),
    ) {
        let Some(workload) = self.workload.as_mut() else { return };
        let mut actions = std::mem::take(&mut self.actions);
        if self.clients.is_empty() {
            let stream = |node| self.keys.draws(Purpose::Client, self.name_keys.get(node), 0, 0);
            self.clients = self.members.iter().map(|node| (stream(node), 0)).collect();
        }
        let (draws, begun) = &mut self.clients[client.index()];
        let mut cx = Client::new(client, self.now, draws, begun, &mut actions);
        handler(workload.as_mut(), &mut cx);
        self.carry_out(client, actions);
    }

    /// Apart from [`Self::client`], which is compiled once for every kind of handler.
    fn carry_out(&mut self, client: NodeId, mut actions: Vec<Action<N::Request>>) {
        for action in actions.drain(..) {
            self.act(client, action);
        }
        self.actions = actions;
    }

    fn act(&mut self, client: NodeId, action: Action<N::Request>) {
        match action {
            Action::Begin(operation) => self.ledger.begin(operation, self.now),
            Action::Request(operation, request) => {
                if let Some(recorder) = self.tracer.recorder() {
                    recorder.asked(client);
                }
                let ask = Ask { node: client, operation, request };
                let slot = self.asks.insert(ask) as u32;
                self.schedule(self.now, Item::Request(client, slot));
            }
            Action::Complete(operation) => {
                self.ledger.complete(operation, self.now);
                self.trace(operation.client, Occurrence::Complete(operation));
                self.observe(What::Complete { operation }, None);
            }
            Action::Wake(after, tag) => {
                let slot = self.wakes.insert(tag) as u32;
                self.schedule(self.now + after, Item::Wake(client, slot));
            }
        }
    }

    /// A client wakes up.
    pub fn wake(&mut self, client: NodeId, slot: u32) {
        let tag = self.wakes.remove(slot as usize);
        self.note(Tag::Wake, client, tag);
        if let Some(recorder) = self.tracer.recorder() {
            recorder.woken(self.now, client, tag);
        }
        self.client(client, |workload, cx| workload.on_wake(client, tag, cx));
    }

    /// A request finds its node down, or its queue full.
    pub fn refuse(&mut self, slot: u32) {
        let ask = self.asks.remove(slot as usize);
        self.note(Tag::Refuse, ask.node, u64::from(ask.operation.number));
        if let Some(recorder) = self.tracer.recorder() {
            recorder.served(self.now, ask.node);
        }
        self.client(ask.node, |workload, cx| workload.on_refused(ask.node, ask.request, cx));
    }

    /// A request is about to be handled: shows it around.
    pub fn take_request(&mut self, slot: u32) -> Ask<N::Request> {
        let ask = self.asks.remove(slot as usize);
        let Ask { node, operation, request } = &ask;
        self.note(Tag::Request, *node, u64::from(operation.number));
        self.digest.value(request);
        self.trace(*node, Occurrence::Request { operation: *operation, request });
        self.observe(What::Request { node: *node, operation: *operation, request }, Some(*node));
        ask
    }
}
