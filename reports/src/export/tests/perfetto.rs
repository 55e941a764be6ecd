//! Packets through prost, with the fields as published; counts, nesting and flows against the
//! trace.

use std::collections::{BTreeMap, BTreeSet};

use prost::Message;

use super::*;

/// What a file is.
#[derive(Message)]
struct Trace {
    #[prost(message, repeated, tag = "1")]
    packet: Vec<Packet>,
}

#[derive(Message)]
struct Packet {
    #[prost(uint64, optional, tag = "8")]
    timestamp: Option<u64>,
    #[prost(uint32, tag = "10")]
    trusted_packet_sequence_id: u32,
    #[prost(message, optional, tag = "11")]
    track_event: Option<Event>,
    #[prost(message, optional, tag = "60")]
    track_descriptor: Option<Descriptor>,
}

#[derive(Message)]
struct Descriptor {
    #[prost(uint64, tag = "1")]
    uuid: u64,
    #[prost(string, tag = "2")]
    name: String,
    #[prost(message, optional, tag = "3")]
    process: Option<Process>,
    #[prost(message, optional, tag = "4")]
    thread: Option<Thread>,
    #[prost(uint64, optional, tag = "5")]
    parent_uuid: Option<u64>,
    #[prost(message, optional, tag = "8")]
    counter: Option<Counter>,
}

#[derive(Message)]
struct Process {
    #[prost(int32, tag = "1")]
    pid: i32,
    #[prost(string, tag = "6")]
    process_name: String,
}

#[derive(Message)]
struct Thread {
    #[prost(int32, tag = "1")]
    pid: i32,
    #[prost(int64, tag = "2")]
    tid: i64,
    #[prost(string, tag = "5")]
    thread_name: String,
}

#[derive(Message)]
struct Counter {}

#[derive(Message)]
struct Event {
    #[prost(message, repeated, tag = "4")]
    debug_annotations: Vec<Annotation>,
    #[prost(int32, tag = "9")]
    shape: i32,
    #[prost(uint64, tag = "11")]
    track_uuid: u64,
    #[prost(string, repeated, tag = "22")]
    categories: Vec<String>,
    #[prost(string, tag = "23")]
    name: String,
    #[prost(int64, optional, tag = "30")]
    counter_value: Option<i64>,
    #[prost(fixed64, repeated, tag = "47")]
    flow_ids: Vec<u64>,
    #[prost(fixed64, repeated, tag = "48")]
    terminating_flow_ids: Vec<u64>,
}

#[derive(Message)]
struct Annotation {
    #[prost(string, tag = "10")]
    name: String,
    #[prost(uint64, optional, tag = "3")]
    uint_value: Option<u64>,
    #[prost(int64, optional, tag = "4")]
    int_value: Option<i64>,
    #[prost(string, optional, tag = "6")]
    string_value: Option<String>,
}

impl Event {
    fn text(&self, name: &str) -> Option<&str> {
        let found = self.debug_annotations.iter().find(|annotation| annotation.name == name)?;
        found.string_value.as_deref()
    }
}

fn decoded(exported: &Exported) -> Vec<Packet> {
    let trace = Trace::decode(&*exported.bytes).expect("protocol buffers");
    assert!(trace.packet.iter().all(|packet| packet.trusted_packet_sequence_id == 1));
    trace.packet
}

/// Events in the order of the file, each with its instant.
fn events(packets: &[Packet]) -> Vec<(u64, &Event)> {
    let with_event = packets.iter().filter_map(|p| Some((p.timestamp, p.track_event.as_ref()?)));
    with_event.map(|(at, event)| (at.expect("events have an instant"), event)).collect()
}

/// Slices nest on every track, and nothing goes back in time.
fn well_formed(events: &[(u64, &Event)]) {
    let mut depth = BTreeMap::<u64, u32>::new();
    let mut now = 0;
    for (at, event) in events {
        assert!(*at >= now);
        now = *at;
        let depth = depth.entry(event.track_uuid).or_default();
        match event.shape {
            1 => *depth += 1,
            2 => *depth = depth.checked_sub(1).expect("no end without a beginning"),
            3 | 4 => {}
            other => panic!("no event is a {other}"),
        }
        assert!(*depth <= 1, "handlers do not nest");
    }
    assert!(depth.values().all(|depth| *depth == 0), "every slice ends");
}

#[test]
fn slices_are_handlers_and_flows_are_messages() {
    for plan in eventful() {
        let name = plan.name.clone();
        let exported = export(plan, Format::Perfetto);
        let packets = decoded(&exported);
        let events = events(&packets);
        well_formed(&events);
        let slices: Vec<_> =
            events.iter().filter(|(_, e)| e.categories == ["handler"] && e.shape == 1).collect();
        let handlers = exported.records.iter().filter(|moment| {
            matches!(
                moment.what,
                Happening::Boot(_)
                    | Happening::Deliver { .. }
                    | Happening::Timer(_)
                    | Happening::Request { .. }
            )
        });
        let handlers: Vec<_> = handlers.collect();
        assert_eq!(slices.len(), handlers.len(), "{name}");
        for ((at, slice), handler) in slices.iter().zip(handlers) {
            assert_eq!(*at, handler.at.as_nanos(), "{name}");
            assert_eq!(slice.track_uuid, (u64::from(handler.node.0) + 1) * 4 + 1, "{name}");
            if let Happening::Deliver { kind, content, flight, .. } = &handler.what {
                assert_eq!((slice.name.as_str(), slice.text("content")), (*kind, Some(&**content)));
                assert_eq!(slice.terminating_flow_ids, [*flight], "{name}");
            }
        }
        flows(&events, &exported);
        in_flight(&events, &exported);
    }
}

fn flows(events: &[(u64, &Event)], exported: &Exported) {
    let mut flying = BTreeSet::new();
    let (mut begun, mut ended) = (0, 0);
    for (_, event) in events {
        for flow in &event.flow_ids {
            assert!(flying.insert(*flow), "every flow begins once");
            begun += 1;
        }
        for flow in &event.terminating_flow_ids {
            assert!(flying.remove(flow), "a flow ends once, after it began");
            ended += 1;
        }
    }
    let count =
        |is: fn(&Happening) -> bool| exported.records.iter().filter(|m| is(&m.what)).count();
    assert_eq!(begun, count(|w| matches!(w, Happening::Send { .. } | Happening::Duplicate { .. })));
    assert_eq!(ended, count(|w| matches!(w, Happening::Deliver { .. } | Happening::Drop { .. })));
}

/// The last count of messages on their way is that of the outcome.
fn in_flight(events: &[(u64, &Event)], exported: &Exported) {
    let values: Vec<_> = events.iter().filter_map(|(_, event)| event.counter_value).collect();
    let left = exported.outcome.messages.in_flight + exported.outcome.transport.in_flight;
    assert_eq!(values.last().copied().unwrap_or(0), i64::try_from(left).unwrap());
    assert!(values.iter().all(|value| *value >= 0));
}

#[test]
fn every_node_is_a_process_with_its_name() {
    let exported = export(plan("crash-restart", &[("stop", "\"4s\"")]), Format::Perfetto);
    let packets = decoded(&exported);
    let tracks: Vec<_> = packets.iter().filter_map(|p| p.track_descriptor.as_ref()).collect();
    let processes: Vec<_> = tracks.iter().filter_map(|t| t.process.as_ref()).collect();
    let names: Vec<_> = processes.iter().map(|process| &*process.process_name).collect();
    let pids: Vec<_> = processes.iter().map(|process| process.pid).collect();
    assert_eq!(names, exported.plan.names().iter().collect::<Vec<_>>());
    assert_eq!(pids, (1..=names.len() as i32).collect::<Vec<_>>());
    let threads: Vec<_> = tracks.iter().filter_map(|t| t.thread.as_ref()).collect();
    assert!(threads.iter().all(|t| t.thread_name == "handlers" && i64::from(t.pid) == t.tid));
    assert_eq!(threads.len(), names.len());
    let uuids: BTreeSet<_> = tracks.iter().map(|track| track.uuid).collect();
    assert_eq!(uuids.len(), tracks.len(), "no two tracks are one");
    let parents = tracks.iter().filter_map(|track| track.parent_uuid);
    assert!(parents.into_iter().all(|parent| uuids.contains(&parent)));
    assert_eq!(tracks.iter().filter(|track| track.counter.is_some()).count(), 1);
    let down = events(&packets).into_iter().filter(|(_, e)| e.name == "down").count();
    let crashes = exported.records.iter().filter(|m| m.what == Happening::Crash).count();
    assert!(down > 0 && down == crashes, "{down} {crashes}");
    assert!(tracks.iter().any(|track| track.name == "faults"));
}

#[test]
fn long_fields_have_long_lengths() {
    use crate::export::perfetto::testing::annotated;
    for length in [0, 1, 100, 127, 128, 300, 16_383, 16_384, 70_000] {
        let trace = Trace::decode(&*annotated(&"x".repeat(length))).expect("protocol buffers");
        let event = trace.packet[0].track_event.as_ref().unwrap();
        assert_eq!(event.text("content").map(str::len), Some(length));
        let number = event.debug_annotations.iter().find_map(|annotation| annotation.int_value);
        assert_eq!(number, Some(i64::MIN));
        let number = event.debug_annotations.iter().find_map(|annotation| annotation.uint_value);
        assert_eq!(number, Some(u64::MAX));
    }
}
