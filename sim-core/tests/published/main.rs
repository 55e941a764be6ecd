//! Protocols that others have specified and checked: what is explored here must agree with what
//! their sources report. Facts are taken from there, the number of states and the transition
//! relation; no text is.
//!
//! TLC's figures are those of `manifest.json` beside each specification, in the repository
//! tlaplus/Examples at commit 32a32c7: distinct states, states generated, and levels of the search,
//! of which initial states are the first. All of ours are equal, and every search of the explorer agrees
//! with a naive one.
//!
//! | Model | Published in | Parameters | Distinct | Generated | Levels | Holds |
//! |---|---|---|---:|---:|---:|---|
//! | [transaction commit](commit) | `transaction_commit/TCommit.cfg` | 3 managers | 34 | 94 | 7 | consistent |
//! | [two-phase commit](commit) | `transaction_commit/TwoPhase.cfg` | 3 managers | 288 | 1,146 | 11 | consistent |
//! | | `transaction_commit/TwoPhase.tla`, in a comment | 6 managers | 50,816 | | | consistent |
//! | [Chang and Roberts' election](election) | `chang_roberts/MCChangRoberts.cfg` | 3 nodes | 137 | 227 | 10 | correct, live |
//! | [echo](mod@echo) | `echo/MCEcho.cfg` | 3 nodes | 75 | 116 | 16 | a spanning tree, live |
//! | [termination on a ring](termination) | `ewd840/EWD840.cfg` | 3 nodes | 302 | 2,001 | (10) | safe, live |
//! | | `ewd840/EWD840_json.cfg` | 4 nodes | 1,566 | 15,986 | 12 | safe, live |
//! | [termination, asynchronous](asynchronous) | `ewd998/AsyncTerminationDetection.cfg` | 4 nodes, 3 messages | 4,097 | 53,271 | 14 | safe |
//! | [self-stabilising ring](stabilising) | `ewd426/TokenRing.cfg` | 6 nodes, 6 values | 46,656 | 248,832 | 1 | stabilises |
//! | [Peterson's lock](peterson) | `locks_auxiliary_vars/Peterson.cfg` | 2 processes | 42 | 77 | 11 | exclusive, live |
//! | [philosophers](philosophers) | `DiningPhilosophers/DiningPhilosophers.cfg` | 5 seats | 67 | 336 | 29 | exclusive, live |
//! | [Paxos](paxos) | `PaxosHowToWinATuringAward/MCPaxosTiny.cfg` | 3 acceptors, 2 ballots | 3,921 | 23,563 | 17 | agreement |
//! | [reliable broadcast commits](atomic_commit) | `acp/ACP_NB_TLC.cfg` | 2 participants | 4,284 | | 19 | AC1–AC3, AC5 |
//! | [simple broadcast commits](atomic_commit) | `acp/ACP_SB_TLC.cfg` | 3 participants | 54,944 | | 21 | AC1–AC3; AC5 not |
//! | [Lamport's exclusion](lamport) | `lamport_mutex/MCLamportMutex.cfg` | 3 processes, clocks to 6 | 724,274 | 2,729,079 | 61 | exclusive |
//!
//! The last one runs in release only: `cargo test --release -p seedbed-core --test published`. Each
//! model has a broken variant beside it, of which the explorer must find the breach.

#[path = "../naive/mod.rs"]
mod naive;

mod asynchronous;
mod atomic_commit;
mod commit;
mod echo;
mod election;
mod figures;
mod lamport;
mod paxos;
mod peterson;
mod philosophers;
mod promela;
mod stabilising;
mod termination;
