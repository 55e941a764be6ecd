//! An election "as in ZooKeeper", in the simplified form of the course notes that inspired this
//! project: it compares the last transactions and nothing else, strictly, and has no rounds. What
//! it simplifies is in Hunt, Konar, Junqueira and Reed, USENIX ATC 2010.
//!
//! Assumes, beyond what the notes say, that no two nodes have the same last transaction.
//!
//! Everybody votes for itself, with its last transaction, and changes its vote when it hears of a
//! later transaction; who has heard from a majority, and nothing better for a while, has elected
//! the node that it votes for.
//!
//! ```text
//! Looking    a vote with a later transaction    vote so, tell everybody           Looking
//! Looking    a majority has voted               begin (again) to wait             Looking
//! Looking    the wait is over                   elected                           Settled
//! Settled    a vote of one who is looking       tell it the own vote              Settled
//! Settled    a request                          vote for myself, tell everybody   Looking
//! ```
//!
//! The flaw: nodes with the same last transaction each stay with themselves, and each is elected.
//! After a quiet period in which every node has the same history, that is everybody.
//! [`FastLeaderElection`](super::FastLeaderElection) breaks ties by ids, and demands that a
//! majority votes alike.

use std::collections::BTreeMap;

use seedbed_node::{
    Algorithm, Assumption, Context, Duration, Message, Mutant, Needs, Node, NodeId, Parameter,
    Params,
};
use serde::Deserialize;

use crate::election::{Basis, Election, Event, Rank, Request};
use crate::mutants::mutants;

/// A node of the notes' election.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ZooKeeperNotes {
    transaction: u64,
    leader: NodeId,
    /// Who has voted, with which transaction, this node included; empty once it has settled.
    votes: BTreeMap<NodeId, u64>,
}

/// What nodes say.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Message)]
pub enum ZooKeeperNotesMessage {
    /// A vote.
    Vote {
        /// The candidate's last transaction.
        transaction: u64,
        /// The candidate.
        leader: NodeId,
        /// Whether the sender is still looking.
        looking: bool,
    },
}

use ZooKeeperNotesMessage::Vote;

/// The wait for better votes is over.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ZooKeeperNotesTimer;

/// Histories, and how long to wait.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Deserialize, Params)]
#[serde(default, deny_unknown_fields)]
pub struct ZooKeeperNotesParams {
    /// Each node's last transaction, in order; all 0 if empty.
    pub transactions: Vec<u64>,
    /// How long to wait for a better vote once a majority has voted.
    pub wait: Duration,
    /// A deliberate bug, to show that the checkers find it.
    #[param(hidden)]
    pub mutant: ZooKeeperNotesMutant,
}

/// Bugs besides the one that the notes have.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Deserialize, Parameter)]
pub enum ZooKeeperNotesMutant {
    /// None: as in the notes.
    #[default]
    None,
    /// Prefers earlier transactions.
    Earliest,
    /// Does not wait for a majority.
    Alone,
    /// Begins an election with the vote that it had in the last one.
    KeepsVote,
    /// Who has settled does not answer those who look.
    KeepsSilent,
}

impl Default for ZooKeeperNotesParams {
    fn default() -> Self {
        ZooKeeperNotesParams {
            transactions: Vec::new(),
            wait: Duration::from_millis(200),
            mutant: ZooKeeperNotesMutant::None,
        }
    }
}

impl Node for ZooKeeperNotes {
    type Params = ZooKeeperNotesParams;
    type Message = ZooKeeperNotesMessage;
    type Timer = ZooKeeperNotesTimer;
    type Request = Request;
    type Event = Event;
    type Durable = ();

    fn start((): &(), cx: &mut Context<'_, Self>) -> Self {
        let transaction = own(cx);
        cx.emit(Event::Standing { rank: Rank { epoch: 0, zxid: transaction, id: 0 } });
        let mut node = ZooKeeperNotes { transaction, leader: cx.me(), votes: BTreeMap::new() };
        node.look(cx);
        node
    }

    fn on_request(&mut self, Request::Elect: Request, cx: &mut Context<'_, Self>) {
        if self.votes.is_empty() {
            self.look(cx);
        }
    }

    fn on_message(
        &mut self,
        from: NodeId,
        Vote { transaction, leader, looking }: ZooKeeperNotesMessage,
        cx: &mut Context<'_, Self>,
    ) {
        if self.votes.is_empty() {
            if looking && cx.params().mutant != ZooKeeperNotesMutant::KeepsSilent {
                cx.send(from, self.vote());
            }
            return;
        }
        let better = match cx.params().mutant {
            ZooKeeperNotesMutant::Earliest => transaction < self.transaction,
            _ => transaction > self.transaction,
        };
        let first = self.votes.insert(from, transaction).is_none();
        if better {
            (self.transaction, self.leader) = (transaction, leader);
            self.votes.insert(cx.me(), transaction);
            cx.broadcast(self.vote());
        }
        if better || first {
            self.wait_for_better(cx);
        }
    }

    fn on_timer(&mut self, ZooKeeperNotesTimer: ZooKeeperNotesTimer, cx: &mut Context<'_, Self>) {
        if self.votes.is_empty() {
            return;
        }
        let voters = std::mem::take(&mut self.votes).into_keys().collect();
        let (leader, basis) = (self.leader, Basis::OverVoters(voters));
        cx.emit(Event::Elected { leader, term: None, basis });
    }
}

impl ZooKeeperNotes {
    fn look(&mut self, cx: &mut Context<'_, Self>) {
        cx.emit(Event::Started { term: None });
        if cx.params().mutant != ZooKeeperNotesMutant::KeepsVote {
            (self.transaction, self.leader) = (own(cx), cx.me());
        }
        self.votes.insert(cx.me(), self.transaction);
        cx.broadcast(self.vote());
        self.wait_for_better(cx);
    }

    fn vote(&self) -> ZooKeeperNotesMessage {
        let looking = !self.votes.is_empty();
        Vote { transaction: self.transaction, leader: self.leader, looking }
    }

    /// Waits for better votes if a majority has voted.
    fn wait_for_better(&self, cx: &mut Context<'_, Self>) {
        let majority = self.votes.len() as u32 > cx.members().count() / 2;
        if majority || cx.params().mutant == ZooKeeperNotesMutant::Alone {
            cx.set_timer(ZooKeeperNotesTimer, cx.params().wait);
        }
    }
}

/// This node's last transaction.
fn own(cx: &Context<'_, ZooKeeperNotes>) -> u64 {
    cx.params().transactions.get(cx.me().index()).copied().unwrap_or(0)
}

impl Algorithm for ZooKeeperNotes {
    type Family = Election;
    const NAME: &'static str = "ZooKeeperNotes";
    const ABOUT: &'static str = "the latest transaction wins; equal ones elect several (flawed)";
    const SOURCE: &'static str = "the course notes' form of ZooKeeper's election";
    const COMPLEXITY: &'static str = "O(N^2)";
    const MUTANTS: &'static [Mutant] = mutants! {
        Guard Alone "does not wait for a majority",
        TieBreak Earliest "prefers earlier transactions",
        Stale KeepsVote "begins an election with the vote that it had in the last one",
        Liveness KeepsSilent "who has settled does not answer those who look",
    };
    const NEEDS: Needs = Needs {
        safety: &[
            Assumption::BoundedDelay,
            Assumption::Reliable,
            Assumption::NoCrash,
            Assumption::ClosedMembership,
            Assumption::Uncorrupted,
        ],
        liveness: &[Assumption::MajorityUp, Assumption::NoPartition],
    };
    const UNPROMISED: &'static [&'static str] = &["NoOverlap"];

    fn check_params(params: &ZooKeeperNotesParams, nodes: u32) -> Result<(), String> {
        let count = params.transactions.len() as u32;
        if count == 0 || count == nodes {
            return Ok(());
        }
        Err(format!("transactions: {count} entries for {nodes} members"))
    }
}

#[cfg(test)]
mod tests {
    use seedbed_node::{Algorithm, NodeId};

    use super::ZooKeeperNotesTimer as Over;
    use super::{Vote, ZooKeeperNotes, ZooKeeperNotesMessage, ZooKeeperNotesParams};
    use crate::transcript::Bench;

    const NOTHING: [&str; 0] = [];

    fn vote(transaction: u64, leader: u32) -> ZooKeeperNotesMessage {
        Vote { transaction, leader: NodeId(leader), looking: true }
    }

    fn booted() -> Bench<ZooKeeperNotes> {
        let params = ZooKeeperNotesParams { transactions: vec![5, 5, 7], ..Default::default() };
        let (node, effects) = Bench::boot(0, 3, params);
        assert_eq!(effects[2], "n1 <- Vote { transaction: 5, leader: n0, looking: true }");
        node
    }

    #[test]
    fn a_later_transaction_wins() {
        let mut ada = booted();
        assert_eq!(
            ada.message(2, None, vote(7, 2)),
            [
                "n1 <- Vote { transaction: 7, leader: n2, looking: true }",
                "n2 <- Vote { transaction: 7, leader: n2, looking: true }",
                "set ZooKeeperNotesTimer 200ms",
            ]
        );
        let elected = "emit Elected { leader: n2, term: None, basis: OverVoters({n0, n2}) }";
        assert_eq!(ada.timer(Over), [elected]);
    }

    #[test]
    fn an_equal_transaction_changes_nothing_and_that_is_the_flaw() {
        let mut ada = booted();
        assert_eq!(ada.message(1, None, vote(5, 1)), ["set ZooKeeperNotesTimer 200ms"]);
        let elected = "emit Elected { leader: n0, term: None, basis: OverVoters({n0, n1}) }";
        assert_eq!(ada.timer(Over), [elected], "and bob elects himself likewise");
    }

    #[test]
    fn who_has_settled_answers_those_who_have_not() {
        let mut ada = booted();
        ada.message(1, None, vote(5, 1));
        ada.timer(Over);
        let answer = "n2 <- Vote { transaction: 5, leader: n0, looking: false }";
        assert_eq!(ada.message(2, None, vote(7, 2)), [answer]);
        let settled = Vote { transaction: 5, leader: NodeId(1), looking: false };
        assert_eq!(ada.message(1, None, settled), NOTHING);
    }

    #[test]
    fn a_history_for_each_node_or_none() {
        let params = ZooKeeperNotesParams { transactions: vec![1], ..Default::default() };
        let why = ZooKeeperNotes::check_params(&params, 3).expect_err("one of three");
        assert!(why.contains("transactions"), "{why}");
    }
}
