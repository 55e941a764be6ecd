//! A token that travels round a ring: who has it may enter.
//!
//! Gérard Le Lann, "Distributed Systems: Towards a Formal Approach", IFIP Congress 1977, in the
//! form of Andrew S. Tanenbaum and Maarten van Steen, "Distributed Systems", section "Mutual
//! exclusion: a token ring algorithm", without the regeneration of lost tokens.
//!
//! The ring is the ascending order of ids. The pass that ends an operation is counted for it;
//! passes by nodes that do not want in are background. Saturated (everybody wants in again before
//! the token returns) there is no other pass, hence exactly one message per entry. Idle, the token
//! hops for ever: such a run never goes quiet and needs a `stop`.
//!
//! Assumes exactly one token: links that lose and repeat nothing. A crash of the holder loses it.

use seedbed_node::{
    Algorithm, Assumption, Context, Duration, Message, Mutant, Needs, Node, NodeId, Parameter,
    Params, Theory,
};
use serde::Deserialize;

use super::{Event, Mutex, Request, mutants};

/// A node on the ring.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum TokenRing {
    /// Wants nothing and has nothing.
    Idle,
    /// Wants in and has no token, which comes from the predecessor.
    Waiting {
        /// The node before this one on the ring.
        predecessor: NodeId,
    },
    /// Has the token and wants nothing.
    Resting,
    /// In its critical section, with the token.
    Inside,
}

/// The token.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Message)]
pub struct Token;

/// When a resting token moves on.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct TokenRingTimer;

/// Where the token starts and how fast it travels.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default, Deserialize, Params)]
#[serde(default, deny_unknown_fields)]
pub struct TokenRingParams {
    /// The node that has the token at its first boot; the first by default.
    pub first: NodeId,
    /// How long a node that does not want in keeps the token; "0s", as published, passes it on at
    /// once.
    pub idle_hold: Duration,
    /// A deliberate bug, to show that the checkers find it.
    #[param(hidden)]
    pub mutant: TokenRingMutant,
}

/// Bugs that implementations have had.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Deserialize, Parameter)]
pub enum TokenRingMutant {
    /// None: the algorithm as published.
    #[default]
    None,
    /// Keeps a copy of the token that it passes on at a release.
    KeepsToken,
    /// Does not pass the token on at a release.
    ForgetsPass,
    /// The first node makes a new token at every boot.
    TokenAtEveryBoot,
    /// Passes the token on when the time of a rest is over that an entry has ended.
    PassesInside,
}

impl Node for TokenRing {
    type Params = TokenRingParams;
    type Message = Token;
    type Timer = TokenRingTimer;
    type Request = Request;
    type Event = Event;
    type Durable = ();

    fn start((): &(), cx: &mut Context<'_, Self>) -> Self {
        let again = cx.params().mutant == TokenRingMutant::TokenAtEveryBoot;
        let mut node = TokenRing::Idle;
        if cx.me() == cx.params().first && (cx.incarnation() == 0 || again) {
            node.receive(cx);
        }
        node
    }

    fn on_request(&mut self, request: Request, cx: &mut Context<'_, Self>) {
        match (request, *self) {
            (Request::Acquire, TokenRing::Idle) => {
                let before = cx.me().0.checked_sub(1).unwrap_or(cx.members().count() - 1);
                *self = TokenRing::Waiting { predecessor: NodeId(before) };
            }
            (Request::Acquire, TokenRing::Resting) => {
                if cx.params().mutant != TokenRingMutant::PassesInside {
                    cx.cancel_timer(TokenRingTimer);
                }
                self.enter(cx);
            }
            (Request::Release, TokenRing::Inside) => self.release(cx),
            // A client that asks twice waits once; a rebooted node has nothing to release.
            (Request::Acquire, TokenRing::Waiting { .. } | TokenRing::Inside)
            | (
                Request::Release,
                TokenRing::Idle | TokenRing::Waiting { .. } | TokenRing::Resting,
            ) => {}
        }
    }

    fn on_message(&mut self, _from: NodeId, Token: Token, cx: &mut Context<'_, Self>) {
        self.receive(cx);
    }

    fn on_timer(&mut self, TokenRingTimer: TokenRingTimer, cx: &mut Context<'_, Self>) {
        let mutant = cx.params().mutant;
        let inside = *self == TokenRing::Inside && mutant == TokenRingMutant::PassesInside;
        if *self == TokenRing::Resting || inside {
            self.pass_idle(cx);
        }
    }

    fn waits_for(&self) -> Vec<NodeId> {
        match self {
            TokenRing::Waiting { predecessor } => vec![*predecessor],
            TokenRing::Idle | TokenRing::Resting | TokenRing::Inside => Vec::new(),
        }
    }
}

impl TokenRing {
    fn receive(&mut self, cx: &mut Context<'_, Self>) {
        match self {
            TokenRing::Waiting { .. } => self.enter(cx),
            TokenRing::Idle => self.rest(cx),
            // A second token, by a fault: two in one hand are one.
            TokenRing::Resting | TokenRing::Inside => cx.reached("second token"),
        }
    }

    fn enter(&mut self, cx: &mut Context<'_, Self>) {
        *self = TokenRing::Inside;
        cx.emit(Event::Granted);
    }

    /// Keeps the token for a while. Alone, a node keeps it for good.
    fn rest(&mut self, cx: &mut Context<'_, Self>) {
        *self = TokenRing::Resting;
        let idle_hold = cx.params().idle_hold;
        if cx.members().count() == 1 {
            return;
        }
        if idle_hold == Duration::ZERO {
            self.pass_idle(cx);
        } else {
            cx.set_timer(TokenRingTimer, idle_hold);
        }
    }

    /// Nobody's operation asked for this pass, not even the one that the token came with.
    fn pass_idle(&mut self, cx: &mut Context<'_, Self>) {
        *self = TokenRing::Idle;
        cx.send_for(None, cx.members().successor(cx.me()), Token);
    }

    /// The release's operation pays for the pass. Alone, a node has nobody to pass to.
    fn release(&mut self, cx: &mut Context<'_, Self>) {
        let mutant = cx.params().mutant;
        let passes = cx.members().count() > 1 && mutant != TokenRingMutant::ForgetsPass;
        if passes {
            cx.send(cx.members().successor(cx.me()), Token);
        }
        let keeps = !passes || mutant == TokenRingMutant::KeepsToken;
        *self = if keeps { TokenRing::Resting } else { TokenRing::Idle };
    }
}

impl Algorithm for TokenRing {
    type Family = Mutex;
    const NAME: &'static str = "TokenRing";
    const ABOUT: &'static str = "whoever has the circulating token may enter";
    const SOURCE: &'static str = "Le Lann, IFIP Congress 1977; Tanenbaum & van Steen";
    const COMPLEXITY: &'static str = "1 saturated, unbounded idle";
    const MUTANTS: &'static [Mutant] = mutants::TOKEN_RING;
    const PROBES: &'static [&'static str] = &["second token"];
    const NEEDS: Needs = Needs {
        safety: &[Assumption::Reliable, Assumption::ClosedMembership],
        liveness: &[Assumption::Reliable, Assumption::NoCrash, Assumption::NoPartition],
    };

    /// The pass at the release. Idle passes are background and enter the overall mean alone.
    fn theory(nodes: u32, _params: &TokenRingParams) -> Theory {
        Theory::Exactly(if nodes > 1 { 1.0 } else { 0.0 })
    }

    fn check_params(params: &TokenRingParams, nodes: u32) -> Result<(), String> {
        if params.first.0 < nodes {
            return Ok(());
        }
        Err(format!("first: {} is not one of the {nodes} members", params.first))
    }
}

#[cfg(test)]
mod tests {
    use seedbed_node::{Duration, Node, NodeId};

    use super::{Token, TokenRing, TokenRingParams, TokenRingTimer};
    use crate::mutex::Request::{Acquire, Release};
    use crate::transcript::{Bench, operation};

    const NOTHING: [&str; 0] = [];

    fn node(me: u32) -> Bench<TokenRing> {
        Bench::boot(me, 3, TokenRingParams::default()).0
    }

    #[test]
    fn the_token_starts_once_at_the_first_node() {
        let boot = |me, incarnation| {
            Bench::<TokenRing>::reboot(me, 3, TokenRingParams::default(), incarnation).1
        };
        assert_eq!(boot(0, 0), ["n1 <- Token"]);
        assert_eq!(boot(1, 0), NOTHING);
        assert_eq!(boot(0, 1), NOTHING, "a crash loses the token; a reboot makes no other");
    }

    #[test]
    fn who_wants_nothing_passes_the_token_on_as_background() {
        assert_eq!(node(2).message(1, operation(1), Token), ["n0 <- Token"]);
    }

    #[test]
    fn who_wants_in_keeps_the_token_until_the_release_which_pays_for_the_pass() {
        let mut bob = node(1);
        assert_eq!(bob.request(Acquire), NOTHING);
        assert_eq!(bob.node.waits_for(), [NodeId(0)], "the token comes from there");
        assert_eq!(bob.message(0, operation(0), Token), ["emit Granted"]);
        assert_eq!(bob.request(Release), ["n2 <- Token for n1#0"]);
    }

    #[test]
    fn an_idle_token_rests_as_long_as_it_is_told_to() {
        let idle_hold = Duration::from_millis(4);
        let params = TokenRingParams { idle_hold, ..Default::default() };
        let (mut ada, booted) = Bench::<TokenRing>::boot(0, 3, params);
        assert_eq!(booted, ["set TokenRingTimer 4ms"]);
        assert_eq!(ada.request(Acquire), ["cancel TokenRingTimer", "emit Granted"]);
        ada.request(Release);
        ada.message(2, None, Token);
        assert_eq!(ada.timer(TokenRingTimer), ["n1 <- Token"]);
    }

    #[test]
    fn alone_a_node_keeps_the_token() {
        let (mut only, booted) = Bench::<TokenRing>::boot(0, 1, TokenRingParams::default());
        assert_eq!(booted, NOTHING);
        for _ in 0..2 {
            let entered = only.request(Acquire);
            assert_eq!(entered.last().map(String::as_str), Some("emit Granted"));
            assert_eq!(only.request(Release), NOTHING);
        }
    }
}
