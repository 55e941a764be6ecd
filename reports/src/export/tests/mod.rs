//! Every format against the trace that it was made of, read back by somebody else's reader where
//! there is one.

mod dot;
mod pcapng;
mod perfetto;
mod shiviz;
mod streaming;

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use seedbed_core::Outcome;
use seedbed_core::trace::{Record, Sink};
use seedbed_scenarios::{Plan, Registry, RunOptions, find, load};

use super::Format;
use crate::chronicle::Happening;
use crate::diff::Moment;
use crate::trace::Head;

/// A writer whose bytes can be looked at afterwards. Clones share them.
#[derive(Clone, Default)]
pub struct Shared(pub Arc<Mutex<Vec<u8>>>);

impl Shared {
    fn bytes(&self) -> Vec<u8> {
        self.0.lock().unwrap().clone()
    }
}

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Keeps every record beside the export.
struct Both {
    export: Box<dyn Sink>,
    kept: Arc<Mutex<Vec<Moment>>>,
}

impl Sink for Both {
    fn record(&mut self, record: &Record<'_>) {
        self.export.record(record);
        let what = Happening::of(&record.what);
        self.kept.lock().unwrap().push(Moment { at: record.at, node: record.node, what });
    }
}

/// A run that was exported.
struct Exported {
    bytes: Vec<u8>,
    /// How many items the sink says there are.
    items: u64,
    records: Vec<Moment>,
    outcome: Outcome,
    plan: Plan,
}

/// A shipped scenario, changed.
fn plan(name: &str, changes: &[(&str, &str)]) -> Plan {
    let mut source = find(name).expect("it is shipped").source();
    for (path, value) in changes {
        source.set(path, value).unwrap_or_else(|why| panic!("{path}: {why:?}"));
    }
    load(&Registry::standard(), &source).unwrap_or_else(|why| panic!("{name}: {why:?}"))
}

fn export(plan: Plan, format: Format) -> Exported {
    let head = Head::of(&plan, None, format.clocks());
    let (written, kept) = (Shared::default(), Arc::<Mutex<Vec<Moment>>>::default());
    let (export, errors) = format.sink(&head, written.clone());
    let sink: Box<dyn Sink> = Box::new(Both { export, kept: Arc::clone(&kept) });
    let clocks = format.clocks().to_vec();
    let outcome = plan.run(None, RunOptions { sink: Some(sink), clocks });
    errors.first().expect("memory has room");
    let records = std::mem::take(&mut *kept.lock().unwrap());
    Exported { bytes: written.bytes(), items: errors.items(), records, outcome, plan }
}

/// Scenarios in which messages are lost, copied, overtaken and delivered to the dead, nodes crash,
/// pause and boot late, and handlers take time; each short.
fn eventful() -> impl Iterator<Item = Plan> {
    let short = [
        ("loss", "2s"),
        ("duplication", "2s"),
        ("reordering", "2s"),
        ("crash-restart", "6s"),
        ("crash-between-effects", "6s"),
        ("pause", "5s"),
        ("partition", "8s"),
        ("late-boot", "5s"),
        ("service-queue", "2s"),
        ("topology", "2s"),
        ("random-faults", "5s"),
        ("corruption-detected", "2s"),
    ];
    short.into_iter().map(|(name, stop)| plan(name, &[("stop", &format!("\"{stop}\""))]))
}
