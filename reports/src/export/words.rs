//! An occurrence in words, on one line.

use std::fmt::{self, Debug, Write};

use seedbed_core::trace::{DropReason, Occurrence};
use seedbed_node::{Names, Operation};

use crate::chronicle::Happening;
use crate::trace::dropped;

/// Takes text and passes it on without line breaks and control characters, which it spells as
/// Rust does.
pub(crate) struct OneLine<'a>(pub &'a mut Vec<u8>);

impl OneLine<'_> {
    /// What Rust prints, on one line.
    pub fn content(&mut self, content: &dyn Debug) {
        write!(self, "{content:?}").expect("a Debug implementation failed on its own account");
    }

    fn put(&mut self, text: &str) {
        self.0.extend_from_slice(text.as_bytes());
    }
}

/// Whether a character ends a line for somebody, or moves a cursor.
fn breaks(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

impl Write for OneLine<'_> {
    fn write_str(&mut self, mut text: &str) -> fmt::Result {
        while let Some((at, c)) = text.char_indices().find(|(_, c)| breaks(*c)) {
            self.put(&text[..at]);
            for spelled in c.escape_default() {
                self.put(spelled.encode_utf8(&mut [0; 4]));
            }
            text = &text[at + c.len_utf8()..];
        }
        self.put(text);
        Ok(())
    }
}

/// What occurred, in words that begin with a verb, on one line.
pub(crate) fn say(to: &mut Vec<u8>, names: &Names, what: &Occurrence<'_>) {
    let mut line = OneLine(to);
    let told = match *what {
        Occurrence::Boot(0) => line.write_str("boot"),
        Occurrence::Boot(nth) => write!(line, "reboot {nth}"),
        Occurrence::Crash => line.write_str("crash"),
        Occurrence::Pause => line.write_str("pause"),
        Occurrence::Resume => line.write_str("resume"),
        Occurrence::Send { to, kind, message, .. } => {
            said(&mut line, ["send", "to", &names[to]], kind, message)
        }
        Occurrence::Deliver { from, kind, message, .. } => {
            said(&mut line, ["receive", "from", &names[from]], kind, message)
        }
        Occurrence::Duplicate { original, copy } => {
            write!(line, "duplicate #{original} as #{copy}")
        }
        Occurrence::Drop { to, kind, why, .. } => {
            write!(line, "{} {kind} to {}", reason(why), &names[to])
        }
        Occurrence::Timer(timer) => write!(line, "timer {timer:?}"),
        Occurrence::Request { operation, request } => {
            write!(line, "request {request:?} of {}", shown(operation, names))
        }
        Occurrence::Event(event) => write!(line, "event {event:?}"),
        Occurrence::Complete(operation) => write!(line, "complete {}", shown(operation, names)),
        Occurrence::Write { forced, record } => {
            write!(line, "{} {record:?}", if forced { "force" } else { "write" })
        }
        Occurrence::Fault(fault) => write!(line, "fault {:?}", fault.fault),
        Occurrence::Undone(fault) => write!(line, "undone {:?}", fault.fault),
    };
    told.expect("a Debug implementation failed on its own account");
}

/// A message that goes some way; its kind is not said twice.
fn said(line: &mut OneLine<'_>, way: [&str; 3], kind: &str, message: &dyn Debug) -> fmt::Result {
    let [verb, to, whom] = way;
    write!(line, "{verb} {kind} {to} {whom}: ")?;
    let before = line.0.len();
    line.content(message);
    if &line.0[before..] == kind.as_bytes() {
        line.0.truncate(before - 2);
    }
    Ok(())
}

/// Why a message did not arrive, in words.
pub(crate) fn reason(why: DropReason) -> &'static str {
    match why {
        DropReason::ToDead => "lost to the dead",
        why => dropped(why),
    }
}

/// An operation by the name of its client and its ordinal there.
pub(crate) fn shown(operation: Operation, names: &Names) -> String {
    format!("{}#{}", &names[operation.client], operation.number)
}

/// Prints exactly its text.
struct Printed<'a>(&'a str);

impl Debug for Printed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// The words for something that was kept.
pub(crate) fn retold(names: &Names, what: &Happening) -> String {
    let text = Printed(match what {
        Happening::Send { content, .. }
        | Happening::Deliver { content, .. }
        | Happening::Request { content, .. }
        | Happening::Write { content, .. }
        | Happening::Timer(content)
        | Happening::Event(content) => content,
        _ => "",
    });
    let text: &dyn Debug = &text;
    let what = match what {
        Happening::Boot(nth) => Occurrence::Boot(*nth),
        Happening::Crash => Occurrence::Crash,
        Happening::Pause => Occurrence::Pause,
        Happening::Resume => Occurrence::Resume,
        &Happening::Send { flight, to, kind, transport, operation, bytes, .. } => {
            Occurrence::Send { flight, to, kind, transport, operation, bytes, message: text }
        }
        &Happening::Duplicate { original, copy } => Occurrence::Duplicate { original, copy },
        &Happening::Drop { flight, to, kind, why } => Occurrence::Drop { flight, to, kind, why },
        &Happening::Deliver { flight, from, sent_at, kind, transport, operation, .. } => {
            let message = text;
            Occurrence::Deliver { flight, from, sent_at, kind, transport, operation, message }
        }
        Happening::Timer(_) => Occurrence::Timer(text),
        &Happening::Request { operation, .. } => Occurrence::Request { operation, request: text },
        Happening::Event(_) => Occurrence::Event(text),
        Happening::Complete(operation) => Occurrence::Complete(*operation),
        &Happening::Write { forced, .. } => Occurrence::Write { forced, record: text },
        Happening::Fault(fault) => Occurrence::Fault(fault),
        Happening::Undone(fault) => Occurrence::Undone(fault),
    };
    let mut line = Vec::new();
    say(&mut line, names, &what);
    String::from_utf8(line).expect("only texts were put together")
}
