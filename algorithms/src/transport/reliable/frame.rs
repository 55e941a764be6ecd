//! What the reliable transport sends.

use seedbed_node::{Message, Wire};

/// A message of the inner node in its envelope, or an acknowledgement.
///
/// A first transmission is counted as the inner message that it carries; retransmissions and
/// acknowledgements are kinds of their own, counted apart as the transport's.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Wire)]
pub enum Frame<M: Message> {
    /// To oneself: needs no transport.
    Own(M),
    /// A first transmission.
    Data(Header, M),
    /// A retransmission.
    Again(Header, M),
    /// "I have these."
    Ack {
        /// The sender's session that is acknowledged.
        session: u32,
        /// Everything before this.
        below: u64,
        /// And this one.
        sequence: u64,
    },
}

/// Where a message stands in its stream; there is one stream per ordered pair of nodes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Wire)]
pub struct Header {
    /// The sender's incarnation; a later one starts a new stream.
    pub session: u32,
    /// The position in the stream, from 0.
    pub sequence: u64,
    /// The lowest position that the sender has no acknowledgement for: a receiver that lost its
    /// state in a crash need not wait for anything before it.
    pub base: u64,
}

#[expect(clippy::disallowed_types, reason = "the contract counts kinds in usize")]
impl<M: Message> Message for Frame<M> {
    const KINDS: usize = M::KINDS + 2;
    const TRANSPORT_FROM: usize = M::TRANSPORT_FROM;

    fn kind(&self) -> usize {
        match self {
            Frame::Own(message) | Frame::Data(_, message) => message.kind(),
            Frame::Again(..) => M::KINDS,
            Frame::Ack { .. } => M::KINDS + 1,
        }
    }

    fn kind_name(kind: usize) -> &'static str {
        match kind.checked_sub(M::KINDS) {
            None => M::kind_name(kind),
            Some(0) => "Retransmission",
            Some(_) => "Ack",
        }
    }
}
