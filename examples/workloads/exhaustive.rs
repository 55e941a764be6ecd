//! mc: every state of two-phase commit.

use clap::ValueEnum;
use seedbed_core::Verdict;
use seedbed_core::explore::{Options, Strategy, search};

use crate::measure::{Report, Stopwatch, rounded};
use crate::two_phase::TwoPhase;

/// In which order states are visited.
#[derive(Clone, Copy, ValueEnum)]
pub enum Order {
    Bfs,
    Dfs,
}

/// Explores, and checks that the specification holds.
pub fn run(rms: u64, threads: u64, order: Order, symmetry: bool, partial_order: bool) -> Report {
    let strategy = match order {
        Order::Bfs => Strategy::BreadthFirst,
        Order::Dfs => Strategy::DepthFirst,
    };
    let threads_asked = threads as usize;
    let options =
        Options { strategy, threads: threads_asked, symmetry, partial_order, ..Options::default() };
    let watch = Stopwatch::start();
    let explored = search(&TwoPhase { managers: rms as usize }, &options);
    let spent = watch.stop();
    assert!(explored.complete, "no budget was given");
    assert_eq!(explored.verdict(), Verdict::Held, "the protocol is right");
    let order = if strategy == Strategy::BreadthFirst { "bfs" } else { "dfs" };
    let per_s = if spent.wall_s > 0.0 { explored.unique as f64 / spent.wall_s } else { 0.0 };
    Report::new("2pc", &[("rms", rms), ("threads", threads)], explored.generated, 0.0, spent)
        .param("search", order)
        .param("symmetry", explored.symmetry)
        .param("partial_order", explored.partial_order)
        .param("generated", explored.generated)
        .param("unique", explored.unique)
        .param("unique_per_s", per_s.round())
        .with("bytes_per_state", rounded(explored.bytes_per_state(), 10.0))
        .with("depth", explored.depth)
}
