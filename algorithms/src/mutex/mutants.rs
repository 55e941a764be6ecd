//! The deliberate bugs of the algorithms for mutual exclusion.

use seedbed_node::Mutant;

use crate::mutants::mutants;

pub(super) const LAMPORT: &[Mutant] = mutants! {
    Guard HeadOnly "enters as soon as its own request is first in its own queue",
    Guard CountsMessages "counts later messages instead of the nodes that they come from",
    TieBreak NoTieBreak "does not order requests of equal time by id",
    Stale HearsAnything "takes any message for one that is later than its request",
    Stale OwnClock "does not advance its clock past what it receives",
    Stale WithholdsAck "takes whatever it has sent last for later than a request (acks deferred)",
    Liveness ForgetsRelease "does not tell the highest-numbered peer of a release",
    Liveness KeepsRequest "does not take its own request out of its queue at the release",
    Cost AcksTwice "acknowledges a request twice",
};

pub(super) const RICART_AGRAWALA: &[Mutant] = mutants! {
    Guard EntersEarly "enters with one reply missing",
    Guard RepliesInside "agrees to every request, even from inside",
    TieBreak NoTieBreak "does not order requests of equal number by id",
    Stale CurrentClock "compares with the highest number seen instead of the outstanding request's",
    Stale OwnNumbers "numbers its requests without regard to those that it has received",
    Liveness ForgetsDeferred "sends no deferred reply at the release",
};

pub(super) const ROUCAIROL_CARVALHO: &[Mutant] = mutants! {
    Guard RepliesInside "gives permissions from inside",
    TieBreak NoTieBreak "does not order requests of equal number by id",
    Stale KeepsPermission "goes on using a permission that it gave up while it wanted nothing",
    Stale KeepsDeferred "goes on using the permissions of those whose requests it deferred",
    Liveness ForgetsToAskAgain "does not ask again for a permission that it gave up while waiting",
};

pub(super) const MAEKAWA: &[Mutant] = mutants! {
    Guard SmallQuorum "does not ask the last of its quorum",
    Guard YieldsInside "gives votes back from inside",
    TieBreak NoTieBreak "takes requests of equal number for later ones, whoever made them",
    Stale KeepsVote "goes on counting a vote that it has given back",
    Liveness NeverYields "never gives a vote back before it has entered",
    Liveness ForgetsInquiry "forgets an inquiry that it could not answer at once",
};

pub(super) const SUZUKI_KASAMI: &[Mutant] = mutants! {
    Guard KeepsToken "keeps a copy of the token that it sends on",
    Guard LendsInside "sends the token to who asks even from inside",
    Stale ForgetsServed "does not note in the token that its request has been served",
    Liveness ForgetsWaiters "queues nobody at the release",
};

pub(super) const RAYMOND: &[Mutant] = mutants! {
    Guard LendsInside "passes the privilege on from inside",
    Stale KeepsPrivilege "goes on believing that it has the privilege that it passes on",
    Liveness ForgetsToAsk "does not ask for the privilege back when it passes it on and others wait",
};

pub(super) const TOKEN_RING: &[Mutant] = mutants! {
    Guard KeepsToken "keeps a copy of the token that it passes on at a release",
    Durability TokenAtEveryBoot "its first node makes a new token at every boot",
    Stale PassesInside "passes the token on when the time of a rest is over that an entry has ended",
    Liveness ForgetsPass "does not pass the token on at a release",
};

pub(super) const CENTRALISED: &[Mutant] = mutants! {
    Guard IgnoresHolder "grants whenever nobody queues, whoever is inside",
    Guard GrantsTwo "grants the next two in the queue at a release",
    Liveness ForgetsQueue "does not serve the queue at a release",
};

pub(super) const CENTRALISED_LEASE: &[Mutant] = mutants! {
    Guard IgnoresHolder "grants to the first in the queue, whoever is inside",
    Guard NeverRenews "does not renew its lease",
    Durability IgnoresLog "a restarted coordinator believes that nobody is inside",
    Durability WritesLazily "grants before its log is safe",
    Stale TakesOldReleases "takes a release for the holder's whatever request it is of",
    Stale TakesOldGrants "enters by a grant of an earlier request",
    Liveness NeverExpires "its leases do not expire",
    Liveness RestartsSilently "a restarted coordinator does not say so",
};

pub(super) const DECENTRALISED_VOTING: &[Mutant] = mutants! {
    Guard CountsAnswers "enters when all have answered, whatever they said",
    Guard VotesAgain "coordinators vote for everybody who asks",
    Guard HalfIsEnough "asks half of the coordinators, not more",
    Stale TakesOldVotes "counts votes of earlier attempts, which it has handed back",
    Liveness KeepsVotes "does not hand back the votes of an attempt that failed",
    Liveness ForgetsQueue "coordinators forget their queue at a release (denied: Wait)",
};
