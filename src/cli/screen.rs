//! Where text goes: results on stdout, prose and progress on stderr.

use std::io::{self, IsTerminal, Write};

use seedbed_reports::Style;
use seedbed_reports::json::{self, Error};

use super::args::{Color, Output};
use super::exit::Exit;

/// Results can go nowhere any more; holds what that means for the exit code: nothing if the
/// reader left, as after `| head`.
#[derive(Debug)]
pub struct Closed(pub Exit);

/// The two streams and how to write to them.
#[derive(Clone, Copy, Debug)]
pub struct Screen {
    /// One object a line on stdout instead of text.
    pub json: bool,
    /// No prose on stderr.
    pub quiet: bool,
    /// More results.
    pub verbose: bool,
    /// Width and colours of stdout.
    pub style: Style,
    /// Whether stderr has colours.
    pub color_stderr: bool,
}

impl Screen {
    /// As the flags, the terminal and the environment have it.
    pub fn new(output: Output) -> Self {
        let width = console::Term::stdout().size_checked().map(|(_rows, columns)| columns);
        let default = Style::default();
        let width = width.unwrap_or(default.width).clamp(60, 120);
        let colored = |terminal: bool| match output.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => terminal && !dull(),
        };
        Screen {
            json: output.json,
            quiet: output.quiet,
            verbose: output.verbose,
            style: Style { width, color: colored(io::stdout().is_terminal()) },
            color_stderr: colored(io::stderr().is_terminal()),
        }
    }

    /// A result. Why it cannot be written is told, unless the reader has seen enough.
    pub fn result(&self, text: &str) -> Result<(), Closed> {
        let mut stdout = io::stdout().lock();
        let written = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
        written.map_err(|why| {
            if why.kind() == io::ErrorKind::BrokenPipe {
                return Closed(Exit::Held);
            }
            self.warn(&format!("error: cannot write results: {why}"));
            Closed(Exit::Bad)
        })
    }

    /// The only result: how the program ends then.
    pub fn only(&self, text: &str) -> Exit {
        self.result(text).map_or_else(|Closed(exit)| exit, |()| Exit::Held)
    }

    /// Prose, unless it is unwanted.
    pub fn say(&self, text: &str) {
        if !self.quiet && !self.json {
            self.warn(text);
        }
    }

    /// Prose that always appears. A closed stderr is nothing to stop for.
    pub fn warn(&self, text: &str) {
        let _ = writeln!(io::stderr(), "{text}");
    }

    /// An error before anything ran: JSON on stdout, or text on stderr.
    pub fn error(&self, exit: Exit, error: &Error<'_>) -> Exit {
        if self.json {
            // Nobody left to tell if stdout is closed; the exit code still says it.
            let _ = self.result(&format!("{}\n", json::error(error)));
        } else {
            self.warn(&format!("error: {}", error.message));
            if let Some(help) = error.help {
                self.warn(&format!("  help: {help}"));
            }
        }
        exit
    }
}

/// Whether the environment asks for no colours (see no-color.org) or can show none.
fn dull() -> bool {
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    set("NO_COLOR").is_some() || set("TERM").is_some_and(|term| term == "dumb")
}
