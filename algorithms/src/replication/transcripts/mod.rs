//! The papers' claims as transcripts: one handler after the other, and everything that it does.

mod cap;
mod chain;
mod lease;
mod primary_backup;

use seedbed_node::{NodeId, Operation};

use super::{Configuration, ReplicationMessage, Request, Shape, Update};

const NOTHING: [&str; 0] = [];
/// The master of three servers, and a client's node.
const MASTER: u32 = 3;
const CLIENT: u32 = 4;
const MEMBERS: u32 = 6;

fn op(number: u32) -> Operation {
    Operation { client: NodeId(CLIENT), number }
}

fn update(number: u32, key: u32, value: u64) -> Update {
    Update { operation: op(number), oldest: 0, key, value }
}

/// A client's node asks for an update by the first configuration.
fn asks(number: u32, key: u32, value: u64) -> ReplicationMessage {
    ReplicationMessage::Update { epoch: 1, update: update(number, key, value) }
}

fn query(number: u32, key: u32) -> ReplicationMessage {
    ReplicationMessage::Query { epoch: 1, operation: op(number), key }
}

fn difference(link: u64, sequence: u64, number: u32, value: u64) -> ReplicationMessage {
    let update = update(number, 7, value);
    ReplicationMessage::Difference { link, sequence, stable: 0, update }
}

/// The configuration after `failed` has been removed.
fn without(failed: u32, shape: Shape) -> ReplicationMessage {
    let configuration = Configuration::initial(3).without(NodeId(failed), shape);
    ReplicationMessage::Configure { configuration }
}

fn write(number: u32, key: u32, value: u64) -> Request {
    Request::Write { operation: op(number), key, value }
}

/// Only what is sent, without the numbers that the tests are not about: "n1 <- Ack".
fn sent(lines: &[String]) -> Vec<String> {
    let word = |line: &String| {
        let (to, message) = line.split_once(" <- ")?;
        let kind = message.split([' ', '(']).next()?;
        Some(format!("{to} <- {kind}"))
    };
    lines.iter().filter_map(word).collect()
}
