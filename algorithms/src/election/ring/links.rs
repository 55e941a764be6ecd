//! Links to the neighbours: what is acknowledged, and who is skipped when it is not.

use std::collections::BTreeMap;

use seedbed_node::{Context, Message, NodeId, Operation};

use super::{Direction, Protocol, Ring, RingParams, RingTimer};
use crate::election::upkeep::Packet;

/// Messages that have not been acknowledged, by the numbers that they were sent with.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Links<M>(BTreeMap<u32, Sent<M>>);

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Sent<M> {
    to: NodeId,
    direction: Direction,
    message: M,
    operation: Option<Operation>,
}

impl<M> Default for Links<M> {
    fn default() -> Self {
        Links(BTreeMap::new())
    }
}

impl<M: Message> Links<M> {
    /// Sends to the neighbour in `direction`, whether it is alive or not.
    pub fn send<P: Protocol<Message = M>>(
        &mut self,
        direction: Direction,
        message: M,
        operation: Option<Operation>,
        cx: &mut Context<'_, Ring<P>>,
    ) {
        let to = neighbour(cx.me(), direction, cx);
        self.transmit(Sent { to, direction, message, operation }, cx);
    }

    fn transmit<P: Protocol<Message = M>>(&mut self, sent: Sent<M>, cx: &mut Context<'_, Ring<P>>) {
        let (to, operation, message) = (sent.to, sent.operation, sent.message.clone());
        let Some(timeout) = cx.params().ack_timeout().filter(|_| to != cx.me()) else {
            return cx.send_for(operation, to, Packet::Own(message));
        };
        let number = self.free_number();
        self.0.insert(number, sent);
        cx.send_for(operation, to, Packet::Numbered { number, message });
        cx.set_timer(RingTimer::Unacknowledged(number), timeout);
    }

    /// The least number that is not in use, so that numbers stay small.
    fn free_number(&self) -> u32 {
        (0..)
            .zip(self.0.keys())
            .find(|(free, used)| free != *used)
            .map_or_else(|| self.0.len() as u32, |(free, _)| free)
    }

    /// An acknowledgement; one of somebody who has been skipped meanwhile comes too late.
    pub fn acknowledged<P: Protocol<Message = M>>(
        &mut self,
        from: NodeId,
        number: u32,
        cx: &mut Context<'_, Ring<P>>,
    ) {
        if self.0.get(&number).is_some_and(|sent| sent.to == from) {
            self.0.remove(&number);
            cx.cancel_timer(RingTimer::Unacknowledged(number));
        }
    }

    /// The destination is taken for dead: the next one in the same direction gets the message, at
    /// last the sender itself.
    pub fn skip<P: Protocol<Message = M>>(&mut self, number: u32, cx: &mut Context<'_, Ring<P>>) {
        if let Some(mut sent) = self.0.remove(&number) {
            sent.to = neighbour(sent.to, sent.direction, cx);
            self.transmit(sent, cx);
        }
    }
}

fn neighbour<P: Protocol>(of: NodeId, direction: Direction, cx: &Context<'_, Ring<P>>) -> NodeId {
    let members = cx.members();
    match direction {
        Direction::Onward => members.successor(of),
        Direction::Back => NodeId((of.0 + members.count() - 1) % members.count()),
    }
}
