//! The capture block by block, its frames through etherparse.

use etherparse::{InternetSlice, SlicedPacket, TransportSlice};
use seedbed_core::trace::{Occurrence, Record};
use seedbed_node::{LocalTime, Names, NodeId, Time};

use super::*;
use crate::export::Frames;

/// A block: its type, and what lies between the two lengths.
fn blocks(mut file: &[u8]) -> Vec<(u32, &[u8])> {
    let word = |at: &[u8]| u32::from_le_bytes(at[..4].try_into().unwrap());
    let mut blocks = Vec::new();
    while !file.is_empty() {
        let length = word(&file[4..]) as usize;
        assert_eq!(length % 4, 0);
        assert_eq!(word(&file[length - 4..]) as usize, length, "both ends agree");
        blocks.push((word(file), &file[8..length - 4]));
        file = &file[length..];
    }
    blocks
}

/// The options at the end of a block.
fn options(mut from: &[u8]) -> Vec<(u16, &[u8])> {
    let half = |at: &[u8]| u16::from_le_bytes(at[..2].try_into().unwrap());
    let mut options = Vec::new();
    while half(from) != 0 {
        let length = usize::from(half(&from[2..]));
        options.push((half(from), &from[4..4 + length]));
        from = &from[4 + length.next_multiple_of(4)..];
    }
    assert_eq!(from, [0; 4], "the end of options ends the block");
    options
}

/// A frame as somebody else reads it.
#[derive(Clone, PartialEq, Debug)]
struct Frame {
    at: Time,
    from: NodeId,
    to: NodeId,
    port: u16,
    flight: u64,
    flags: u8,
    bytes: u32,
    kind: String,
    content: String,
    comment: Option<String>,
}

fn frames(file: &[u8]) -> Vec<Frame> {
    let blocks = blocks(file);
    let (kinds, bodies): (Vec<_>, Vec<_>) = blocks.into_iter().unzip();
    assert_eq!(kinds[..3], [0x0A0D_0D0A, 1, 4], "a section, an interface, names");
    assert!(options(&bodies[1][8..]).contains(&(9, &[9])), "nanoseconds");
    kinds[3..].iter().zip(&bodies[3..]).map(|(kind, body)| frame(*kind, body)).collect()
}

fn frame(kind: u32, body: &[u8]) -> Frame {
    assert_eq!(kind, 6, "an enhanced packet");
    let word = |at: usize| u32::from_le_bytes(body[at..at + 4].try_into().unwrap());
    let at = Time(u64::from(word(4)) << 32 | u64::from(word(8)));
    let length = word(12) as usize;
    assert_eq!(word(16) as usize, length, "the capture has whole packets");
    let options = options(&body[20 + length.next_multiple_of(4)..]);
    let comment = options.iter().find(|(code, _)| *code == 1);
    let comment = comment.map(|(_, text)| String::from_utf8(text.to_vec()).unwrap());
    let packet = SlicedPacket::from_ethernet(&body[20..20 + length]).expect("well-formed");
    let Some(InternetSlice::Ipv4(ip)) = packet.net else { panic!("IPv4") };
    let header = ip.header().to_header();
    assert_eq!(header.header_checksum, header.calc_header_checksum());
    let Some(TransportSlice::Udp(udp)) = packet.transport else { panic!("UDP") };
    let sum = udp.to_header().calc_checksum_ipv4(&header, udp.payload()).unwrap();
    assert_eq!(udp.checksum(), sum);
    assert_eq!(udp.source_port(), udp.destination_port());
    assert!(header.total_len <= 1_500);
    let node =
        |address: [u8; 4]| NodeId(u32::from_be_bytes(address) - u32::from_be_bytes([10, 0, 0, 1]));
    let payload = udp.payload();
    let big = |at: usize| u32::from_be_bytes(payload[at..at + 4].try_into().unwrap());
    assert_eq!(&payload[..5], b"SEED\x01");
    let kind_bytes = usize::from(u16::from_be_bytes(payload[6..8].try_into().unwrap()));
    let (kind, content) = payload[32..].split_at(kind_bytes);
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
    if payload[5] & 4 == 0 {
        assert_eq!(big(28) as usize, content.len());
    }
    Frame {
        at,
        from: node(header.source),
        to: node(header.destination),
        port: udp.source_port(),
        flight: u64::from(big(8)) << 32 | u64::from(big(12)),
        flags: payload[5],
        bytes: big(24),
        kind: text(kind),
        content: text(content),
        comment,
    }
}

/// The frame of a message that leaves or arrives.
fn expected(flight: u64, way: (Time, NodeId, NodeId), transport: bool, bytes: u32) -> Frame {
    let (at, from, to) = way;
    let (port, flags) = (51_000 + u16::from(transport), u8::from(transport));
    let (kind, content, comment) = (String::new(), String::new(), None);
    Frame { at, from, to, port, flight, flags, bytes, kind, content, comment }
}

/// Without what is compared apart.
fn bare(frame: &Frame) -> Frame {
    let flags = frame.flags & 1;
    Frame { flags, kind: String::new(), content: String::new(), comment: None, ..frame.clone() }
}

#[test]
fn a_frame_is_a_message_that_was_sent() {
    let mut lost = 0;
    for plan in eventful() {
        let name = plan.name.clone();
        let exported = export(plan, Format::Pcapng(Frames::Sent));
        let frames = frames(&exported.bytes);
        let Outcome { messages, transport, .. } = &exported.outcome;
        assert_eq!(frames.len() as u64, messages.sent + transport.sent, "{name}");
        assert_eq!(frames.len() as u64, exported.items, "{name}");
        let sent = exported.records.iter().filter_map(|moment| match &moment.what {
            Happening::Send { flight, to, transport, bytes, kind, content, .. }
                if *to != moment.node =>
            {
                let way = (moment.at, moment.node, *to);
                Some((expected(*flight, way, *transport, *bytes), kind, content))
            }
            _ => None,
        });
        for (frame, (expected, kind, content)) in frames.iter().zip(sent) {
            assert_eq!(bare(frame), expected, "{name}");
            assert_eq!((&*frame.kind, &frame.content), (*kind, content), "{name}");
        }
        lost += frames.iter().filter(|f| f.comment.as_deref() == Some("lost")).count();
    }
    assert!(lost > 20, "{lost}");
}

#[test]
fn a_loss_on_the_first_link_is_in_the_comment() {
    let exported = export(plan("loss", &[]), Format::Pcapng(Frames::Sent));
    let lost = frames(&exported.bytes).iter().filter(|frame| frame.comment.is_some()).count();
    let Outcome { messages, transport, .. } = &exported.outcome;
    assert_eq!(lost as u64, messages.lost + transport.lost);
}

#[test]
fn a_frame_is_a_message_that_was_delivered() {
    for plan in eventful() {
        let name = plan.name.clone();
        let exported = export(plan, Format::Pcapng(Frames::Delivered));
        let frames = frames(&exported.bytes);
        let Outcome { messages, transport, .. } = &exported.outcome;
        assert_eq!(frames.len() as u64, messages.delivered + transport.delivered, "{name}");
        let sizes = exported.records.iter().filter_map(|moment| match moment.what {
            Happening::Send { flight, bytes, .. } => Some((flight, bytes)),
            _ => None,
        });
        let mut sizes: std::collections::BTreeMap<_, _> = sizes.collect();
        for moment in &exported.records {
            if let Happening::Duplicate { original, copy } = moment.what {
                sizes.insert(copy, sizes[&original]);
            }
        }
        let delivered = exported.records.iter().filter_map(|moment| match &moment.what {
            Happening::Deliver { flight, from, transport, .. } if *from != moment.node => {
                let way = (moment.at, *from, moment.node);
                Some(expected(*flight, way, *transport, sizes[flight]))
            }
            _ => None,
        });
        for (frame, expected) in frames.iter().zip(delivered) {
            assert_eq!(bare(frame), expected, "{name}");
        }
    }
}

/// A capture of one message.
fn capture(to: u32, kind: &'static str, content: &dyn std::fmt::Debug) -> Frame {
    let head = Head {
        scenario: "one".into(),
        algorithm: "One",
        seed: 1,
        members: 2,
        names: Names::new(["ada", "жук"]),
        clocks: Vec::new(),
    };
    let written = Shared::default();
    let (mut sink, _) = Format::Pcapng(Frames::Sent).sink(&head, written.clone());
    let what = Occurrence::Send {
        flight: u64::MAX,
        to: NodeId(to),
        kind,
        transport: true,
        operation: None,
        bytes: u32::MAX,
        message: content,
    };
    let (at, node, wall) = (Time(u64::MAX), NodeId(0), LocalTime(0));
    sink.record(&Record { at, event: 0, node, wall, what, stamps: None });
    drop(sink);
    let [frame] = frames(&written.bytes()).try_into().expect("one frame");
    frame
}

#[test]
fn contents_are_cut_between_characters_and_say_so() {
    let frame = capture(1, "Kind", &"ж".repeat(2_000));
    assert_eq!(frame.flags, 5);
    assert!(frame.content.starts_with("\"жж") && frame.content.ends_with('ж'));
    assert!((1_434..=1_436).contains(&frame.content.len()), "{}", frame.content.len());
    assert_eq!((frame.at, frame.flight, frame.bytes), (Time(u64::MAX), u64::MAX, u32::MAX));
    // What just fits is whole.
    for (length, flags) in [(1_434, 1), (1_435, 5)] {
        assert_eq!(capture(1, "Kind", &"x".repeat(length)).flags, flags, "{length}");
    }
}

#[test]
fn an_address_that_nobody_has_is_one_all_the_same() {
    assert_eq!(capture(u32::MAX, "Kind", &()).to, NodeId(0xFF_FFFE));
}
