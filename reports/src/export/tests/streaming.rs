//! Exports do not grow with the run, and say what went wrong.

use seedbed_core::trace::{Occurrence, Record};
use seedbed_node::{LocalTime, Names, NodeId, Time};

use super::*;
use crate::export::Frames;

const STREAMS: [Format; 5] = [
    Format::ShiViz,
    Format::Perfetto,
    Format::Pcapng(Frames::Sent),
    Format::Pcapng(Frames::Delivered),
    Format::JsonLines,
];

/// Remembers the longest piece that was written at once, and how much in all.
#[derive(Clone, Default)]
struct Gauge(Arc<Mutex<(usize, usize)>>);

impl Write for Gauge {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut gauge = self.0.lock().unwrap();
        *gauge = (gauge.0.max(bytes.len()), gauge.1 + bytes.len());
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Full;

impl Write for Full {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::StorageFull.into())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn head() -> Head {
    Head {
        scenario: "long".into(),
        algorithm: "Ring",
        seed: 1,
        members: 2,
        names: Names::numbered(2),
        clocks: Vec::new(),
    }
}

/// Sends and deliveries in turn.
fn feed(sink: &mut dyn Sink, messages: u64) {
    let mut clocks = seedbed_core::trace::Clocks::new(&[seedbed_core::trace::ClockKind::Vector], 2);
    let (kind, transport, operation, message) = ("Token", false, None, &"content" as _);
    for flight in 1..=messages {
        let (from, to, sent_at) = (NodeId(0), NodeId(1), Time(flight));
        let bytes = 7;
        for (node, what) in [
            (from, Occurrence::Send { flight, to, kind, transport, operation, bytes, message }),
            (
                to,
                Occurrence::Deliver { flight, from, sent_at, kind, transport, operation, message },
            ),
        ] {
            let (at, wall) = (sent_at, LocalTime(0));
            let record = Record { at, event: flight, node, wall, what, stamps: None };
            let stamps = clocks.stamp(&record).cloned();
            sink.record(&Record { stamps: stamps.as_ref(), ..record });
        }
    }
}

#[test]
fn a_long_run_is_written_in_pieces() {
    for format in STREAMS {
        let gauge = Gauge::default();
        let (mut sink, errors) = format.sink(&head(), gauge.clone());
        feed(&mut *sink, 20_000);
        drop(sink);
        errors.first().expect("written");
        let (longest, all) = *gauge.0.lock().unwrap();
        assert!(all > 1_000_000, "{format:?}: {all}");
        assert!(longest < 300_000, "{format:?}: {longest}");
        assert_eq!(errors.bytes(), all as u64);
    }
}

#[test]
fn a_full_disk_is_told_once_and_ends_the_work() {
    for format in STREAMS {
        let (mut sink, errors) = format.sink(&head(), Full);
        feed(&mut *sink, 20_000);
        assert!(errors.any(), "{format:?}");
        drop(sink);
        assert_eq!(errors.bytes(), 0);
        assert_eq!(errors.first().unwrap_err().kind(), io::ErrorKind::StorageFull, "{format:?}");
        assert!(errors.first().is_ok());
    }
}

#[test]
fn a_run_without_anything_is_a_file_all_the_same() {
    for format in STREAMS {
        let written = Shared::default();
        let (sink, errors) = format.sink(&head(), written.clone());
        drop(sink);
        errors.first().expect("written");
        assert_eq!(written.bytes().is_empty(), format == Format::ShiViz, "{format:?}");
    }
}
