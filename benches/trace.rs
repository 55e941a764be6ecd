//! Micro-benchmarks of the trace on disk: `cargo bench --bench trace`. Throughput is in records.
//!
//! Compare ratios of one invocation; absolute figures belong to one machine at one hour.
#![allow(missing_docs)]

use std::fmt::{Debug, Write};

use divan::{Bencher, black_box, counter::ItemsCount};
use seedbed_core::trace::{Occurrence, Record, Sink, Stamps};
use seedbed_node::{LocalTime, Names, NodeId, Operation, Time};
use seedbed_reports::trace::JsonLines;

fn main() {
    divan::main();
}

/// Records of one file.
const RECORDS: u64 = 100_000;

const NODES: u64 = 100;

/// The 32 bytes of the all-to-all workload.
#[derive(Clone, Copy, Hash, Debug)]
enum Talk {
    Ask { round: u64, pad: [u64; 2] },
    Answer { round: u64, pad: [u64; 2] },
}

fn talk(ordinal: u64) -> Talk {
    let (round, pad) = (ordinal / NODES, [ordinal, 0]);
    if ordinal.is_multiple_of(2) { Talk::Ask { round, pad } } else { Talk::Answer { round, pad } }
}

/// What messages and records look like, from the least to the most that a line can hold.
#[derive(Clone, Copy, Debug)]
enum Load {
    /// A message without fields.
    Bare,
    /// [`Talk`].
    Talk,
    /// [`Talk`], on behalf of an operation and with a vector clock of five nodes.
    Annotated,
}

/// Sends and deliveries in turn, as a run makes them.
fn feed(sink: &mut dyn Sink, load: Load) {
    let stamps = Stamps { lamport: Some(12), vector: Some(vec![1, 22, 333, 4, 5]), hlc: None };
    let annotated = matches!(load, Load::Annotated);
    for ordinal in 0..RECORDS {
        let (node, other) =
            (NodeId((ordinal % NODES) as u32), NodeId((ordinal / 7 % NODES) as u32));
        let operation = annotated.then_some(Operation { client: other, number: ordinal as u32 });
        let talk = talk(ordinal);
        let message: &dyn Debug = if matches!(load, Load::Bare) { &() } else { &talk };
        let (flight, kind, transport) = (ordinal / 2, "Ask", false);
        let what = if ordinal.is_multiple_of(2) {
            Occurrence::Send { flight, to: other, kind, transport, operation, bytes: 32, message }
        } else {
            let (from, sent_at) = (other, Time(ordinal * 1_000));
            Occurrence::Deliver { flight, from, sent_at, kind, transport, operation, message }
        };
        sink.record(&Record {
            at: Time(1_000_000_000 + ordinal * 1_234),
            event: ordinal,
            node,
            wall: LocalTime(1_000_000_000 + ordinal as i64 * 1_234),
            what,
            stamps: annotated.then_some(&stamps),
        });
    }
}

/// A whole trace, into a file that did not exist before.
#[divan::bench(args = [Load::Bare, Load::Talk, Load::Annotated], sample_count = 10)]
fn to_disk(bencher: Bencher<'_, '_>, load: Load) {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a writable folder");
    bencher.counter(ItemsCount::new(RECORDS)).bench_local(|| {
        let file = std::fs::File::create(folder.path().join("trace.jsonl")).expect("writable");
        let mut lines = JsonLines::new(Names::numbered(NODES as u32), file);
        let errors = lines.errors();
        feed(&mut lines, load);
        drop(lines);
        errors.first().expect("written");
    });
}

/// How much of it is Rust printing the message: the same contents into a reused text.
#[divan::bench(sample_count = 10)]
fn contents_alone(bencher: Bencher<'_, '_>) {
    let mut text = String::new();
    bencher.counter(ItemsCount::new(RECORDS)).bench_local(|| {
        for ordinal in 0..RECORDS {
            text.clear();
            let message: &dyn Debug = &talk(ordinal);
            write!(text, "{message:?}").expect("memory suffices");
            black_box(&text);
        }
    });
}
