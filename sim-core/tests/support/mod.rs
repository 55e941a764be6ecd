//! A node that does what its client says, to exercise the kernel.
#![allow(dead_code, missing_docs)]

use seedbed_core::trace::{Line, Transcript};
use seedbed_core::{Outcome, Simulation, World};
use seedbed_node::{Client, Context, Durable, Duration, Message, Node, NodeId, Time, Workload};

#[derive(Clone, PartialEq, Eq, Hash, Debug, Message)]
pub enum Word {
    Ping(u32),
    Pong(u32),
}

/// What a client can have its node do.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Do {
    Ping(NodeId, u32),
    PingAll(u32),
    Timer(u32, Duration),
    Cancel(u32),
    Write(u32),
    Force(u32),
    Choose(u32),
    Wall,
    Panic,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Said {
    Booted(Vec<u32>),
    Got(NodeId, u32),
    Fired(u32),
    Chose(u32),
    Wall(i64),
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Log(pub Vec<u32>);

impl Durable for Log {
    type Write = u32;
    fn apply(&mut self, record: &u32) {
        self.0.push(*record);
    }
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Puppet;

impl Node for Puppet {
    /// Whether pings are answered.
    type Params = bool;
    type Message = Word;
    type Timer = u32;
    type Request = Do;
    type Event = Said;
    type Durable = Log;

    fn start(durable: &Log, cx: &mut Context<'_, Self>) -> Self {
        cx.emit(Said::Booted(durable.0.clone()));
        Puppet
    }

    fn on_message(&mut self, from: NodeId, message: Word, cx: &mut Context<'_, Self>) {
        match message {
            Word::Ping(n) => {
                cx.emit(Said::Got(from, n));
                if *cx.params() {
                    cx.send(from, Word::Pong(n));
                }
            }
            Word::Pong(_) => {}
        }
    }

    fn on_request(&mut self, request: Do, cx: &mut Context<'_, Self>) {
        match request {
            Do::Ping(to, n) => cx.send(to, Word::Ping(n)),
            Do::PingAll(n) => cx.broadcast(Word::Ping(n)),
            Do::Timer(name, after) => cx.set_timer(name, after),
            Do::Cancel(name) => cx.cancel_timer(name),
            Do::Write(n) => cx.write(n),
            Do::Force(n) => cx.force(n),
            Do::Choose(bound) => {
                let chosen = cx.choose(bound);
                cx.emit(Said::Chose(chosen));
            }
            Do::Wall => {
                let wall = cx.wall();
                cx.emit(Said::Wall(wall.as_nanos()));
            }
            Do::Panic => panic!("told to"),
        }
    }

    fn on_timer(&mut self, timer: u32, cx: &mut Context<'_, Self>) {
        cx.emit(Said::Fired(timer));
    }
}

/// A workload that follows a script: at this time, this node is told this.
#[derive(Clone, Hash)]
pub struct Script {
    lines: Vec<(u64, u32, Do)>,
    left: usize,
}

impl Script {
    /// Times in milliseconds.
    pub fn new(lines: impl IntoIterator<Item = (u64, u32, Do)>) -> Box<Self> {
        let lines: Vec<_> = lines.into_iter().collect();
        Box::new(Script { left: lines.len(), lines })
    }
}

impl Workload<Do, Said> for Script {
    fn on_start(&mut self, client: NodeId, cx: &mut Client<'_, Do>) {
        for (index, (at, node, _)) in self.lines.iter().enumerate() {
            if *node == client.0 {
                let at = Time(at * 1_000_000);
                cx.wake(at.since(cx.now()), index as u64);
            }
        }
    }
    fn on_event(&mut self, _: NodeId, _: &Said, _: &mut Client<'_, Do>) {}
    fn on_wake(&mut self, _: NodeId, tag: u64, cx: &mut Client<'_, Do>) {
        let operation = cx.begin();
        cx.request(operation, self.lines[tag as usize].2.clone());
        cx.complete(operation);
        self.left -= 1;
    }
    fn on_refused(&mut self, _: NodeId, _: Do, _: &mut Client<'_, Do>) {}
    fn on_restart(&mut self, _: NodeId, _: &mut Client<'_, Do>) {}
    fn finished(&self) -> bool {
        self.left == 0
    }
}

/// Runs a script and gives the outcome and the transcript.
pub fn play(world: &World, answer: bool, script: Vec<(u64, u32, Do)>) -> (Outcome, Vec<Line>) {
    let transcript = Transcript::default();
    let mut simulation = Simulation::<Puppet>::new(world, answer).expect("a valid world");
    simulation.workload(Script::new(script)).trace(Box::new(transcript.clone()));
    let outcome = simulation.run();
    (outcome, transcript.lines())
}

/// Lines whose text starts with `prefix`, as (nanoseconds, node, text).
pub fn only(lines: &[Line], prefix: &str) -> Vec<(u64, u32, String)> {
    lines
        .iter()
        .filter(|line| line.text.starts_with(prefix))
        .map(|line| (line.at.as_nanos(), line.node.0, line.text.clone()))
        .collect()
}
