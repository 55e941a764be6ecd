//! The blocks of a pcapng file (IETF draft-ietf-opsawg-pcapng), little-endian, as far as a capture
//! of one interface needs them.
//!
//! By hand: the crates that write them have gone without a release for years.

/// A comment of any block.
const COMMENT: u16 = 1;

/// Which way a packet crossed the interface.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u32)]
pub enum Direction {
    Inbound = 1,
    Outbound = 2,
}

/// Begins the file.
pub fn section(to: &mut Vec<u8>, application: &str, comment: &str) {
    block(to, 0x0A0D_0D0A, |to| {
        to.extend_from_slice(&0x1A2B_3C4D_u32.to_le_bytes());
        to.extend_from_slice(&1_u16.to_le_bytes());
        to.extend_from_slice(&0_u16.to_le_bytes());
        // The length of the section is not known before its end.
        to.extend_from_slice(&u64::MAX.to_le_bytes());
        option(to, COMMENT, comment.as_bytes());
        option(to, 4, application.as_bytes());
        option(to, 0, &[]);
    });
}

/// Describes an Ethernet interface whose packets are stamped in nanoseconds.
pub fn interface(to: &mut Vec<u8>, name: &str, description: &str) {
    block(to, 1, |to| {
        to.extend_from_slice(&1_u16.to_le_bytes());
        to.extend_from_slice(&0_u16.to_le_bytes());
        to.extend_from_slice(&0_u32.to_le_bytes());
        option(to, 2, name.as_bytes());
        option(to, 3, description.as_bytes());
        option(to, 9, &[9]);
        option(to, 0, &[]);
    });
}

/// Names addresses.
pub fn names<'a>(to: &mut Vec<u8>, names: impl Iterator<Item = ([u8; 4], &'a str)>) {
    block(to, 4, |to| {
        for (address, name) in names {
            option_of(to, 1, |to| {
                to.extend_from_slice(&address);
                to.extend(name.bytes().filter(|byte| *byte != 0));
                to.push(0);
            });
        }
        option(to, 0, &[]);
    });
}

/// A whole packet.
pub fn packet(
    to: &mut Vec<u8>,
    at_ns: u64,
    frame: &[u8],
    direction: Direction,
    comment: Option<&str>,
) {
    block(to, 6, |to| {
        let length = u32::try_from(frame.len()).expect("a frame is short");
        for word in [0, (at_ns >> 32) as u32, at_ns as u32, length, length] {
            to.extend_from_slice(&word.to_le_bytes());
        }
        to.extend_from_slice(frame);
        pad(to, frame.len());
        if let Some(comment) = comment {
            option(to, COMMENT, comment.as_bytes());
        }
        option(to, 2, &(direction as u32).to_le_bytes());
        option(to, 0, &[]);
    });
}

/// A block with its length, which it has at both ends.
fn block(to: &mut Vec<u8>, kind: u32, fill: impl FnOnce(&mut Vec<u8>)) {
    let start = to.len();
    to.extend_from_slice(&kind.to_le_bytes());
    to.extend_from_slice(&[0; 4]);
    fill(to);
    let length = u32::try_from(to.len() - start + 4).expect("a block is short").to_le_bytes();
    to[start + 4..start + 8].copy_from_slice(&length);
    to.extend_from_slice(&length);
}

fn option(to: &mut Vec<u8>, code: u16, value: &[u8]) {
    option_of(to, code, |to| to.extend_from_slice(value));
}

/// An option, or a record of names, which look alike.
fn option_of(to: &mut Vec<u8>, code: u16, fill: impl FnOnce(&mut Vec<u8>)) {
    to.extend_from_slice(&code.to_le_bytes());
    to.extend_from_slice(&[0; 2]);
    let start = to.len();
    fill(to);
    // Nobody needs a text that long.
    to.truncate(start + usize::from(u16::MAX));
    let length = to.len() - start;
    to[start - 2..start].copy_from_slice(&(length as u16).to_le_bytes());
    pad(to, length);
}

/// Fills up to a multiple of four bytes.
fn pad(to: &mut Vec<u8>, length: usize) {
    to.extend_from_slice(&[0; 3][..length.wrapping_neg() % 4]);
}
