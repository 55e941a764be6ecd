//! Every judge of elections says yes, no and why.

use seedbed_node::{
    Breach, Checker, Conclusion, Duration, Ending, Names, NodeId, Observation, Operation, Time,
    What,
};

use super::{BestLeader, Learned, NoOverlap, OneLeader};
use crate::election::{Basis, Event, Rank, Request};

const ADA: NodeId = NodeId(0);
const BOB: NodeId = NodeId(1);
const CYD: NodeId = NodeId(2);

/// What happens, in the short form of these tests; times in seconds.
#[derive(Clone)]
enum Seen {
    Boots(NodeId),
    Crashes(NodeId),
    Asks(NodeId),
    Starts(NodeId),
    /// Told by another.
    Follows(NodeId, NodeId),
    /// In a term, told by another or by itself.
    InTerm(u64, NodeId, NodeId),
    Decides(NodeId, NodeId, Basis),
}

use Seen::*;

fn names() -> Names {
    Names::new(["ada", "bob", "cyd"])
}

fn at(seconds: u64) -> Time {
    Time::ZERO + Duration::from_secs(seconds)
}

fn show(
    checker: &mut dyn Checker<Request, Event>,
    seconds: u64,
    seen: &Seen,
) -> Result<(), Breach> {
    let elected = |leader: NodeId, term, basis: Basis| Event::Elected { leader, term, basis };
    let (node, event) = match seen.clone() {
        Boots(node) => {
            tell(checker, seconds, What::Boot { node })?;
            (node, Event::Standing { rank: Rank::of_id(node.0 + 1) })
        }
        Crashes(node) => return tell(checker, seconds, What::Crash { node }),
        Asks(node) => {
            let operation = Operation { client: node, number: 0 };
            let what = What::Request { node, operation, request: &Request::Elect };
            return tell(checker, seconds, what);
        }
        Starts(node) => (node, Event::Started { term: None }),
        Follows(node, leader) => (node, elected(leader, None, Basis::Told)),
        InTerm(term, node, leader) => (node, elected(leader, Some(term), Basis::Told)),
        Decides(node, leader, basis) => (node, elected(leader, None, basis)),
    };
    tell(checker, seconds, What::Event { node, event: &event })
}

fn tell(
    checker: &mut dyn Checker<Request, Event>,
    seconds: u64,
    what: What<'_, Request, Event>,
) -> Result<(), Breach> {
    checker.observe(&Observation { at: at(seconds), what, causality: None, names: &names() })
}

/// All three boot at 0 s; then this happens.
fn history(
    checker: &mut dyn Checker<Request, Event>,
    history: &[(u64, Seen)],
) -> Result<(), Breach> {
    for node in [ADA, BOB, CYD] {
        show(checker, 0, &Boots(node))?;
    }
    history.iter().try_for_each(|(seconds, seen)| show(checker, *seconds, seen))
}

/// The end at 100 s.
fn conclude(checker: &mut dyn Checker<Request, Event>, quiet: bool) -> Conclusion {
    let (names, waits_for) = (names(), [vec![], vec![], vec![]]);
    checker.finish(&Ending {
        at: at(100),
        quiet,
        down: &[],
        pending: &[],
        waits_for: &waits_for,
        names: &names,
    })
}

fn failed(seconds: u64, why: &str) -> Conclusion {
    Conclusion::Failed(Breach { at: at(seconds), why: why.into() })
}

#[test]
fn two_leaders_of_one_term_are_a_breach_at_once_and_of_two_terms_none() {
    let mut checker = OneLeader::default();
    let breach = history(&mut checker, &[(1, InTerm(7, ADA, ADA)), (2, InTerm(7, BOB, BOB))])
        .expect_err("two of a term");
    assert_eq!(breach.why, "bob leads term 7 at 2s, which ada has led at 1s");
    let two_terms = [(1, InTerm(7, ADA, ADA)), (2, InTerm(8, BOB, BOB)), (3, InTerm(8, ADA, BOB))];
    assert_eq!(history(&mut OneLeader::default(), &two_terms), Ok(()));
}

#[test]
fn a_follower_that_names_another_of_the_same_term_is_no_second_leader() {
    let mistaken = [(1, InTerm(7, ADA, ADA)), (2, InTerm(7, CYD, BOB))];
    assert_eq!(history(&mut OneLeader::default(), &mistaken), Ok(()));
}

#[test]
fn without_terms_the_live_must_agree_once_all_is_quiet() {
    let split = [(1, Follows(ADA, CYD)), (2, Follows(BOB, BOB)), (3, Follows(CYD, CYD))];
    let why = "for ever, bob follows itself; ada and cyd follow cyd";
    for (quiet, expected) in [(true, failed(100, why)), (false, Conclusion::Held)] {
        let mut checker = OneLeader::default();
        assert_eq!(history(&mut checker, &split), Ok(()));
        match conclude(&mut checker, quiet) {
            Conclusion::Inconclusive(_) => assert!(!quiet),
            conclusion => assert_eq!(conclusion, expected),
        }
    }
    let mut checker = OneLeader::default();
    assert_eq!(history(&mut checker, &split), Ok(()));
    assert_eq!(show(&mut checker, 4, &Crashes(BOB)), Ok(()));
    assert_eq!(conclude(&mut checker, true), Conclusion::Held, "the dead have no opinion");
}

#[test]
fn an_overlap_ends_with_a_crash_or_by_following_another() {
    let overlap = [(1, Follows(ADA, ADA)), (2, Follows(CYD, CYD))];
    let breach = history(&mut NoOverlap::default(), &overlap).expect_err("two at once");
    assert_eq!(breach.why, "cyd leads at 2s while ada has led since 1s");
    for end in [Crashes(ADA), Follows(ADA, CYD), Starts(ADA)] {
        let one_by_one = [(1, Follows(ADA, ADA)), (2, end), (3, Follows(CYD, CYD))];
        assert_eq!(history(&mut NoOverlap::default(), &one_by_one), Ok(()));
    }
}

#[test]
fn who_was_up_all_along_and_ranks_higher_is_passed_over_unjustly() {
    let unjust = [(1, Starts(BOB)), (2, Decides(BOB, BOB, Basis::OverLive))];
    let breach = history(&mut BestLeader::default(), &unjust).expect_err("cyd is better");
    let why = "bob elected bob (id 2) at 2s, though cyd (id 3) has been up since before 1s";
    assert_eq!(breach.why, why);
}

#[test]
fn who_was_down_or_has_just_booted_does_not_count() {
    let down = [(1, Crashes(CYD)), (2, Starts(BOB)), (4, Decides(BOB, BOB, Basis::OverLive))];
    assert_eq!(history(&mut BestLeader::default(), &down), Ok(()));
    let mut back = down.to_vec();
    back.insert(2, (3, Boots(CYD)));
    assert_eq!(history(&mut BestLeader::default(), &back), Ok(()));
    back[2].0 = 2;
    back.swap(1, 2);
    assert!(history(&mut BestLeader::default(), &back).is_err(), "back in time");
}

#[test]
fn candidates_and_voters_count_where_the_decision_is_about_them() {
    let candidates =
        |seen: Seen| [(1, Starts(BOB)), (1, seen), (2, Decides(BOB, BOB, Basis::OverCandidates))];
    assert!(history(&mut BestLeader::default(), &candidates(Starts(CYD))).is_err());
    assert_eq!(history(&mut BestLeader::default(), &candidates(Asks(CYD))), Ok(()));
    let voters = |nodes: [NodeId; 2]| {
        [(1, Starts(BOB)), (2, Decides(BOB, BOB, Basis::OverVoters(nodes.into())))]
    };
    assert!(history(&mut BestLeader::default(), &voters([BOB, CYD])).is_err());
    assert_eq!(history(&mut BestLeader::default(), &voters([ADA, BOB])), Ok(()));
}

#[test]
fn a_leader_that_was_down_all_along_is_a_breach_and_one_that_has_just_crashed_is_not() {
    for (crashed_at, sound) in [(1, false), (3, true)] {
        let mut history_of = vec![(2, Starts(ADA)), (crashed_at, Crashes(CYD))];
        history_of.sort_by_key(|(seconds, _)| *seconds);
        history_of.push((4, Decides(ADA, CYD, Basis::OverLive)));
        let judged = history(&mut BestLeader::default(), &history_of);
        assert_eq!(judged.is_ok(), sound, "{judged:?}");
    }
}

#[test]
fn learning_is_due_only_after_an_election_was_called_for() {
    let mut idle = Learned::new(None);
    assert_eq!(history(&mut idle, &[]), Ok(()));
    assert_eq!(conclude(&mut idle, true), Conclusion::Held);
    let mut asked = Learned::new(None);
    assert_eq!(history(&mut asked, &[(1, Asks(ADA)), (2, Follows(ADA, CYD))]), Ok(()));
    let why = "for ever, bob and cyd know no leader; ada follows cyd";
    assert_eq!(conclude(&mut asked, true), failed(100, why));
}

fn all_follow(seconds: u64, leader: NodeId) -> [(u64, Seen); 3] {
    [ADA, BOB, CYD].map(|node| (seconds, Follows(node, leader)))
}

#[test]
fn a_deadline_is_missed_at_its_instant_and_renewed_by_a_crash() {
    let ending = |history_of: &[(u64, Seen)]| {
        let mut learned = Learned::new(Some(Duration::from_secs(10)));
        assert_eq!(history(&mut learned, history_of), Ok(()));
        conclude(&mut learned, true)
    };
    let mut late = vec![(1, Asks(ADA))];
    late.extend(all_follow(12, CYD));
    assert_eq!(ending(&late), failed(11, "10s after 1s, ada, bob and cyd know no leader"));
    late.insert(1, (5, Crashes(BOB)));
    assert_eq!(ending(&late), Conclusion::Held, "by 15s is in time");
}

#[test]
fn a_dead_leader_is_excused_only_if_nobody_has_noticed() {
    let mut unnoticed = vec![(1, Starts(ADA))];
    unnoticed.extend(all_follow(2, CYD));
    unnoticed.push((3, Crashes(CYD)));
    let mut learned = Learned::new(None);
    assert_eq!(history(&mut learned, &unnoticed), Ok(()));
    assert_eq!(conclude(&mut learned, true), Conclusion::Held);
    for seen in [Starts(ADA), Follows(ADA, CYD), Follows(BOB, CYD)] {
        assert_eq!(show(&mut learned, 4, &seen), Ok(()));
    }
    let why = "for ever, ada and bob follow cyd, which is down";
    assert_eq!(conclude(&mut learned, true), failed(100, why));
}
