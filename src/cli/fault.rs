//! Panics: quiet where the kernel catches them (a node's), short where they are our own.

use std::panic::{self, PanicHookInfo};
use std::sync::{Mutex, PoisonError};

static LAST: Mutex<String> = Mutex::new(String::new());

/// Keeps panics from printing: a node's panic becomes part of its run's outcome, and one of ours
/// is printed by whoever catches it. With RUST_BACKTRACE set, both print as usual too.
pub fn install() {
    let usual = panic::take_hook();
    let backtrace = std::env::var("RUST_BACKTRACE").is_ok_and(|value| value != "0");
    panic::set_hook(Box::new(move |info| {
        *LAST.lock().unwrap_or_else(PoisonError::into_inner) = describe(info);
        if backtrace {
            usual(info);
        }
    }));
}

/// What the last panic said, and where.
pub fn last() -> String {
    LAST.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

fn describe(info: &PanicHookInfo<'_>) -> String {
    let payload = info.payload();
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    let message = text.unwrap_or("(no message)");
    match info.location() {
        Some(at) => format!("{message} ({}:{})", at.file(), at.line()),
        None => message.to_owned(),
    }
}
