//! Tokens that travel around a ring.

use std::io;

use seedbed_node::{Context, Distribution, Duration, Message, Node, NodeId};

use crate::Options;
use crate::measure::{Ready, Report, Stopwatch, world};

/// A node of the ring; counts the tokens that pass.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Link {
    seen: u64,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Message)]
struct Token {
    hops: u64,
    pad: [u64; 3],
}

/// How far apart the tokens start, how many hops each makes, and how many make one more.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Travel {
    apart: u32,
    hops: u64,
    longer: u32,
}

impl Node for Link {
    type Params = Travel;
    type Message = Token;
    type Timer = ();
    type Request = ();
    type Event = ();
    type Durable = ();

    fn start((): &(), cx: &mut Context<'_, Self>) -> Self {
        let travel = cx.params();
        if cx.me().0.is_multiple_of(travel.apart) {
            let longer = cx.me().0 / travel.apart < travel.longer;
            let token = Token { hops: travel.hops + u64::from(longer), pad: [0; 3] };
            cx.send(cx.members().successor(cx.me()), token);
        }
        Link { seen: 0 }
    }

    fn on_message(&mut self, _: NodeId, token: Token, cx: &mut Context<'_, Self>) {
        self.seen += 1;
        if token.hops > 1 {
            cx.send(cx.members().successor(cx.me()), Token { hops: token.hops - 1, ..token });
        }
    }
}

/// Sends `messages` messages with `tokens` tokens, which divides `n`, around `n` nodes.
pub fn run(n: u32, tokens: u32, messages: u64, options: &Options) -> io::Result<Report> {
    let setup = Stopwatch::start();
    let world = world(1, n, Distribution::Constant(Duration::from_secs(1)), options);
    let each = u64::from(tokens);
    let longer = (messages % each) as u32;
    let travel = Travel { apart: n / tokens, hops: messages / each, longer };
    let ready = Ready::<Link>::boot(&world, travel, options)?;
    let setup_s = setup.stop().wall_s;

    let watch = Stopwatch::start();
    let ran = ready.run()?;
    let spent = watch.stop();

    assert_eq!(ran.outcome.messages.delivered, messages);
    let params = [("n", n.into()), ("tokens", tokens.into())];
    Ok(Report::new("w2", &params, messages, setup_s, spent).traced(ran.records, spent))
}
