//! Atomic commitment that a crash of its coordinator blocks, and one that none blocks.
//!
//! Özalp Babaoğlu and Sam Toueg, "Non-Blocking Atomic Commitment", in Sape Mullender (ed.),
//! Distributed Systems, 1993, chapter 6. Published: tlaplus/Examples, `specifications/acp`,
//! `ACP_SB_TLC.cfg`, simple broadcast, three participants: 54,944 distinct states, 21 levels; and
//! `ACP_NB_TLC.cfg`, reliable broadcast, two participants: 4,284, 19 levels. Published as wrong: that
//! all correct participants decide in spite of simple broadcast (property AC5).
//!
//! What is generated is not compared: there, participants' steps are enumerated once for each other
//! participant, and steps that change nothing are taken.

use seedbed_core::explore::{Model, Property};

use crate::figures::{Published, agrees, breaks};

const MAX: usize = 3;

struct Commitment {
    participants: usize,
    /// Whether decisions are passed on before they are taken.
    reliable: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
struct Participant {
    yes: bool,
    alive: bool,
    decision: Option<bool>,
    voted: bool,
    /// What it has told whom; in its own place, what it has been told.
    passed: [Option<bool>; MAX],
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
struct Coordinator {
    alive: bool,
    decision: Option<bool>,
    asked: [bool; MAX],
    votes: [Option<bool>; MAX],
    told: [Option<bool>; MAX],
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
struct State {
    participants: Vec<Participant>,
    coordinator: Coordinator,
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum Action {
    Ask(usize),
    GetVote(usize),
    DetectFault(usize),
    Decide,
    Tell(usize),
    CoordinatorDies,
    Vote(usize),
    AbortOnNo(usize),
    AbortUnasked(usize),
    AbortUntold(usize),
    HearDecision(usize),
    HearFrom(usize, usize),
    Pass(usize, usize),
    Settle(usize),
    Dies(usize),
}

impl Commitment {
    fn of_coordinator(&self, state: &State, allowed: &mut Vec<Action>) {
        let Coordinator { alive, decision, asked, votes, told } = &state.coordinator;
        if !alive {
            return;
        }
        let all_asked = asked[..self.participants].iter().all(|asked| *asked);
        for (i, participant) in state.participants.iter().enumerate() {
            let expected = decision.is_none() && all_asked && votes[i].is_none();
            let mut allow = |when: bool, action: Action| allowed.extend(when.then_some(action));
            allow(!asked[i], Action::Ask(i));
            allow(expected && participant.voted, Action::GetVote(i));
            allow(expected && !participant.alive && !participant.voted, Action::DetectFault(i));
            allow(decision.is_some() && told[i].is_none(), Action::Tell(i));
        }
        if decision.is_none() && votes[..self.participants].iter().all(Option::is_some) {
            allowed.push(Action::Decide);
        }
        allowed.push(Action::CoordinatorDies);
    }

    fn of_participant(&self, state: &State, i: usize, allowed: &mut Vec<Action>) {
        let (me, coordinator) = (&state.participants[i], &state.coordinator);
        if !me.alive {
            return;
        }
        let mut allow = |when: bool, action: Action| allowed.extend(when.then_some(action));
        let undecided = me.decision.is_none();
        allow(!me.voted && coordinator.asked[i], Action::Vote(i));
        allow(undecided && me.voted && !me.yes, Action::AbortOnNo(i));
        let unasked = undecided && !coordinator.alive && !coordinator.asked[i];
        allow(unasked, Action::AbortUnasked(i));
        allow(true, Action::Dies(i));
        let told = coordinator.told[i].is_some();
        if !self.reliable {
            return allow(undecided && told, Action::HearDecision(i));
        }
        let heard = me.passed[i].is_some();
        allow(!heard && told, Action::HearDecision(i));
        for j in (0..self.participants).filter(|j| *j != i) {
            allow(heard && me.passed[j].is_none(), Action::Pass(i, j));
            let from = state.participants[j].passed[i];
            allow(!heard && from.is_some(), Action::HearFrom(i, j));
        }
        let passed = &me.passed[..self.participants];
        let settled = passed.iter().all(Option::is_some) && me.decision != me.passed[i];
        allow(settled, Action::Settle(i));
        allow(undecided && !coordinator.alive && self.nobody_knows(state), Action::AbortUntold(i));
    }

    /// Whether neither the dead coordinator nor a dead participant has told anybody who is alive.
    fn nobody_knows(&self, state: &State) -> bool {
        let mut alive = (0..self.participants).filter(|j| state.participants[*j].alive);
        alive.all(|j| {
            let mut dead = state.participants.iter().filter(|other| !other.alive);
            state.coordinator.told[j].is_none() && dead.all(|other| other.passed[j].is_none())
        })
    }
}

impl Model for Commitment {
    type State = State;
    type Action = Action;

    fn initial(&self) -> Vec<State> {
        let coordinator = Coordinator {
            alive: true,
            decision: None,
            asked: [false; MAX],
            votes: [None; MAX],
            told: [None; MAX],
        };
        let participant = |yes: bool| {
            let (decision, passed) = (None, [None; MAX]);
            Participant { yes, alive: true, decision, voted: false, passed }
        };
        let who =
            |set: u32| (0..self.participants).map(|i| participant(set & 1 << i != 0)).collect();
        let sets = 0..1u32 << self.participants;
        sets.map(|set| State { participants: who(set), coordinator }).collect()
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        self.of_coordinator(state, actions);
        (0..self.participants).for_each(|i| self.of_participant(state, i, actions));
    }

    fn apply(&self, state: &mut State, action: &Action) -> bool {
        let State { participants, coordinator } = state;
        match *action {
            Action::Ask(i) => coordinator.asked[i] = true,
            Action::GetVote(i) => coordinator.votes[i] = Some(participants[i].yes),
            Action::DetectFault(_) => coordinator.decision = Some(false),
            Action::Decide => {
                let votes = coordinator.votes.iter().take(self.participants);
                coordinator.decision = Some(votes.copied().all(|vote| vote == Some(true)));
            }
            Action::Tell(i) => coordinator.told[i] = coordinator.decision,
            Action::CoordinatorDies => coordinator.alive = false,
            Action::Vote(i) => participants[i].voted = true,
            Action::AbortOnNo(i) | Action::AbortUnasked(i) | Action::AbortUntold(i) => {
                participants[i].decision = Some(false);
            }
            Action::HearDecision(i) if self.reliable => {
                participants[i].passed[i] = coordinator.told[i];
            }
            Action::HearDecision(i) => participants[i].decision = coordinator.told[i],
            Action::HearFrom(i, j) => participants[i].passed[i] = participants[j].passed[i],
            Action::Pass(i, j) => participants[i].passed[j] = participants[i].passed[i],
            Action::Settle(i) => participants[i].decision = participants[i].passed[i],
            Action::Dies(i) => participants[i].alive = false,
        }
        true
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let some = |state: &State, decision: bool| {
            state.participants.iter().any(|p| p.decision == Some(decision))
        };
        let faulty =
            |state: &State| !state.coordinator.alive || state.participants.iter().any(|p| !p.alive);
        let agree = move |_: &Self, state: &State| !(some(state, true) && some(state, false));
        let commit = move |_: &Self, state: &State| {
            !some(state, true) || state.participants.iter().all(|p| p.yes)
        };
        let abort = move |_: &Self, state: &State| {
            !some(state, false) || state.participants.iter().any(|p| !p.yes) || faulty(state)
        };
        let decide = move |_: &Self, state: &State| {
            state.participants.iter().all(|p| p.decision.is_some()) || faulty(state)
        };
        let all =
            |_: &Self, s: &State| s.participants.iter().all(|p| p.decision.is_some() || !p.alive);
        let mut properties = vec![
            Property::always("AC1: agreement", agree),
            Property::always("AC2: commit only if all vote yes", commit),
            Property::always("AC3: abort only for a reason", abort),
            Property::eventually("AC3: without faults, all decide", decide),
        ];
        properties.extend(self.reliable.then(|| Property::eventually("AC5: all decide", all)));
        properties.extend((!self.reliable).then(|| Property::eventually(BLOCKED, all)));
        properties
    }

    fn fairness(&self, action: &Action) -> Option<u64> {
        match *action {
            Action::CoordinatorDies | Action::Dies(_) => None,
            Action::Ask(_)
            | Action::GetVote(_)
            | Action::DetectFault(_)
            | Action::Decide
            | Action::Tell(_) => Some(MAX as u64),
            Action::Vote(i)
            | Action::AbortOnNo(i)
            | Action::AbortUnasked(i)
            | Action::AbortUntold(i)
            | Action::HearDecision(i)
            | Action::HearFrom(i, _)
            | Action::Pass(i, _)
            | Action::Settle(i) => Some(i as u64),
        }
    }
}

/// What simple broadcast does not bring about.
const BLOCKED: &str = "AC5: all decide, in spite of simple broadcast";

#[test]
fn reliable_broadcast_has_the_published_states_and_never_blocks() {
    let model = Commitment { participants: 2, reliable: true };
    agrees(&model, Published { unique: 4284, generated: 0, levels: 19 });
}

#[test]
fn simple_broadcast_has_the_published_states_and_blocks() {
    let model = Commitment { participants: 3, reliable: false };
    let graph = breaks(&model, BLOCKED, 11);
    assert_eq!((graph.states.len(), graph.depth() + 1), (54_944, 21));
}
