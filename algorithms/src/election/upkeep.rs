//! What elections need besides their own messages: pings that detect a dead leader, and
//! acknowledgements that detect a dead neighbour. Both are counted apart, as a transport's.
//!
//! Detection is by time-out, hence needs bounded delay: a slow leader is taken for a dead one.

use seedbed_node::{Context, Duration, Message, Node, NodeId, Wire};

/// A message of the algorithm, or one of upkeep.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Wire)]
pub enum Packet<M: Message> {
    /// The algorithm's own.
    Own(M),
    /// The algorithm's own, to be acknowledged.
    Numbered {
        /// Which of the sender's unacknowledged messages it is.
        number: u32,
        /// What the algorithm says.
        message: M,
    },
    /// "I have it."
    Ack {
        /// Which.
        number: u32,
    },
    /// "Do you still lead?"
    Ping,
    /// "I do."
    Pong,
}

#[expect(clippy::disallowed_types, reason = "the contract counts kinds in usize")]
impl<M: Message> Message for Packet<M> {
    const KINDS: usize = M::KINDS + 3;
    const TRANSPORT_FROM: usize = M::KINDS;

    fn kind(&self) -> usize {
        match self {
            Packet::Own(message) | Packet::Numbered { message, .. } => message.kind(),
            Packet::Ack { .. } => M::KINDS,
            Packet::Ping => M::KINDS + 1,
            Packet::Pong => M::KINDS + 2,
        }
    }

    fn kind_name(kind: usize) -> &'static str {
        match kind.checked_sub(M::KINDS) {
            None => M::kind_name(kind),
            Some(0) => "Ack",
            Some(1) => "Ping",
            Some(_) => "Pong",
        }
    }
}

/// When a follower looks after its leader.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Detection {
    /// From an answer to the next ping; `None`: the leader is never asked.
    pub ping: Option<Duration>,
    /// How long an answer may take.
    pub timeout: Duration,
}

/// The timers of upkeep.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum UpkeepTimer {
    /// Time to ping the leader.
    Ping,
    /// The leader has not answered.
    Silence,
}

/// Begins to watch a new leader, or nobody.
pub(super) fn watch<N, M>(leader: Option<NodeId>, detection: Detection, cx: &mut Context<'_, N>)
where
    N: Node<Message = Packet<M>, Timer: From<UpkeepTimer>>,
    M: Message,
{
    let Some(every) = detection.ping else { return };
    cx.cancel_timer(UpkeepTimer::Silence.into());
    // An altered message may name a leader that does not exist.
    let (me, members) = (cx.me(), cx.members());
    if leader.is_some_and(|leader| leader != me && leader.0 < members.count()) {
        cx.set_timer(UpkeepTimer::Ping.into(), every);
    } else {
        cx.cancel_timer(UpkeepTimer::Ping.into());
    }
}

/// Asks the leader for a sign of life.
pub(super) fn ping<N, M>(leader: NodeId, detection: Detection, cx: &mut Context<'_, N>)
where
    N: Node<Message = Packet<M>, Timer: From<UpkeepTimer>>,
    M: Message,
{
    cx.send_for(None, leader, Packet::Ping);
    cx.set_timer(UpkeepTimer::Silence.into(), detection.timeout);
}

/// What is wrong with the two parameters of detection.
pub(super) fn check(detection: Detection) -> Result<(), String> {
    match detection.ping {
        Some(Duration::ZERO) => Err("ping: 0s would ping without end; expected some time".into()),
        Some(_) if detection.timeout == Duration::ZERO => {
            Err("ping_timeout: 0s suspects every leader; expected some time".into())
        }
        Some(_) | None => Ok(()),
    }
}
