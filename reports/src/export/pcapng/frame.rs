//! A message as an Ethernet frame with IPv4 and UDP.

use std::fmt::Debug;

use etherparse::{IpHeaders, IpNumber, Ipv4Header, PacketBuilder};
use seedbed_core::trace::Flight;
use seedbed_node::{NodeId, Operation};

use crate::export::words::OneLine;

/// The port of an algorithm's own messages, at both ends; a transport's use the next.
pub const PORT: u16 = 51_000;

/// What a payload begins with.
pub const MAGIC: [u8; 4] = *b"SEED";
/// The version of the payload's layout.
pub const VERSION: u8 = 1;
/// What fits behind the headers of IPv4 and UDP in an Ethernet frame of 1,500 bytes.
pub const PAYLOAD_BYTES_MAX: usize = 1_500 - 20 - 8;

/// The message is a transport's own.
pub const TRANSPORT: u8 = 1;
/// It is counted for an operation.
pub const HAS_OPERATION: u8 = 2;
/// Its content was longer.
pub const CUT_SHORT: u8 = 4;

/// A message that becomes a frame.
pub struct Message<'a> {
    pub flight: Flight,
    pub from: NodeId,
    pub to: NodeId,
    pub kind: &'a str,
    pub transport: bool,
    pub operation: Option<Operation>,
    pub bytes: u32,
    pub content: &'a dyn Debug,
}

/// 10.0.0.1 for node 0, and so on; an address that no node has is the last there is.
pub fn address(node: NodeId) -> [u8; 4] {
    let [_, b, c, d] = node.0.saturating_add(1).min(0xFF_FFFF).to_be_bytes();
    [10, b, c, d]
}

/// A locally administered address that ends in the node's number.
pub fn hardware(node: NodeId) -> [u8; 6] {
    let [a, b, c, d] = node.0.to_be_bytes();
    [2, 0, a, b, c, d]
}

impl Message<'_> {
    /// Puts the frame into `to`, by way of `scratch`.
    pub fn frame(&self, scratch: &mut Vec<u8>, to: &mut Vec<u8>) {
        scratch.clear();
        to.clear();
        self.payload(scratch);
        let mut ip = Ipv4Header::new(0, 64, IpNumber::UDP, address(self.from), address(self.to))
            .expect("no payload yet");
        ip.identification = self.flight as u16;
        ip.dont_fragment = true;
        let port = PORT + u16::from(self.transport);
        PacketBuilder::ethernet2(hardware(self.from), hardware(self.to))
            .ip(IpHeaders::Ipv4(ip, Default::default()))
            .udp(port, port)
            .write_to_vec(to, scratch)
            .expect("it fits into a frame");
    }

    fn payload(&self, to: &mut Vec<u8>) {
        let operation = self.operation.unwrap_or(Operation { client: NodeId(u32::MAX), number: 0 });
        let kind = self.kind;
        let fits = |at: &usize| kind.is_char_boundary(*at);
        let kind = &kind[..(0..=kind.len().min(255)).rev().find(fits).unwrap_or(0)];
        to.extend_from_slice(&MAGIC);
        to.extend_from_slice(&[VERSION, 0]);
        to.extend_from_slice(&(kind.len() as u16).to_be_bytes());
        to.extend_from_slice(&self.flight.to_be_bytes());
        for word in [operation.client.0, operation.number, self.bytes, 0] {
            to.extend_from_slice(&word.to_be_bytes());
        }
        to.extend_from_slice(kind.as_bytes());
        let start = to.len();
        OneLine(to).content(self.content);
        let length = u32::try_from(to.len() - start).unwrap_or(u32::MAX);
        to[28..32].copy_from_slice(&length.to_be_bytes());
        let cut = to.len() > PAYLOAD_BYTES_MAX;
        if cut {
            // Back to where a character begins: others are 10xxxxxx.
            let begins = |at: &usize| to[*at] & 0xC0 != 0x80;
            let end = (start..=PAYLOAD_BYTES_MAX).rev().find(begins).unwrap_or(start);
            to.truncate(end);
        }
        let flags = [
            (self.transport, TRANSPORT),
            (self.operation.is_some(), HAS_OPERATION),
            (cut, CUT_SHORT),
        ];
        to[5] = flags.into_iter().filter(|(set, _)| *set).map(|(_, flag)| flag).sum();
    }
}
