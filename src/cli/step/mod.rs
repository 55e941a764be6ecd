//! `step`: one run, event by event, forward and back, and by hand.

mod command;
#[cfg(feature = "step")]
mod full;

use std::io::{self, BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};

use seedbed_core::Verdict;
use seedbed_reports::json::Error;
use seedbed_reports::session as text;
use seedbed_scenarios::Registry;
use seedbed_scenarios::session::Session;

use super::args::Step;
use super::exit::Exit;
use super::files;
use super::load::{self, Loaded};
use super::screen::{Closed, Screen};
use command::{Command, HELP, parse};

/// `until` gives up after so many events.
const EVENTS_MAX: u64 = 1_000_000;

/// Steps through one run.
pub fn step(args: &Step, registry: &Registry, screen: &Screen) -> Exit {
    let loaded = match load::one(registry, &args.file, &args.change, screen) {
        Ok(loaded) => loaded,
        Err(exit) => return exit,
    };
    let mut session = Session::new(&loaded.plan, args.seed);
    let (name, seed) = (&loaded.plan.name, session.seed());
    screen.say(&format!("stepping through {name} with seed {seed}"));
    if args.at > 0 && !session.seek(args.at) {
        let events = session.view().events;
        let message = format!("--at {}: the run is over after {events} events", args.at);
        let error = Error { kind: "usage", message: &message, ..Error::default() };
        return screen.error(Exit::Bad, &error);
    }
    let mut debugger = Debugger { session, loaded, screen: *screen };
    #[cfg(feature = "step")]
    if !args.plain && io::stdin().is_terminal() && io::stdout().is_terminal() {
        return full::show(&mut debugger);
    }
    debugger.read()
}

/// A session with what it takes to talk about it.
struct Debugger {
    session: Session,
    loaded: Loaded,
    screen: Screen,
}

impl Debugger {
    /// Commands from standard input, a line each. A command that makes no sense is told and
    /// passed over on a terminal; from a file it ends the session.
    fn read(&mut self) -> Exit {
        let person = io::stdin().is_terminal();
        let mut exit = Exit::Held;
        let hello = format!("{}\n", text::position(&self.session, self.screen.style));
        if let Err(Closed(exit)) = self.screen.result(&hello) {
            return exit;
        }
        let mut lines = io::stdin().lock().lines();
        loop {
            if person && !self.screen.quiet {
                // A prompt that cannot be written is no reason to stop.
                let _ = write!(io::stderr(), "> ").and_then(|()| io::stderr().flush());
            }
            let line = match lines.next() {
                Some(Ok(line)) => line,
                Some(Err(why)) => return self.refuse(&format!("cannot read commands: {why}")),
                None => return exit,
            };
            if line.trim_start().starts_with('#') {
                continue;
            }
            match parse(&line, &self.session) {
                Ok(Command::Quit) => return exit,
                Ok(command) => {
                    let (answer, done) = self.obey(&command);
                    if let Err(Closed(exit)) = self.screen.result(&answer) {
                        return exit;
                    }
                    if !done {
                        exit = Exit::NotFound;
                    }
                }
                Err(why) if person => self.screen.warn(&why),
                Err(why) => return self.refuse(&why),
            }
        }
    }

    fn refuse(&self, why: &str) -> Exit {
        let error = Error { kind: "usage", message: why, ..Error::default() };
        self.screen.error(Exit::Bad, &error)
    }

    /// Does it; gives the answer, and whether it could be done as it was asked.
    fn obey(&mut self, command: &Command) -> (String, bool) {
        let style = self.screen.style;
        let session = &mut self.session;
        match command {
            Command::Step(count) => {
                let mut answer = String::new();
                let done = (0..*count).all(|_| {
                    let stepped = session.step();
                    if stepped {
                        answer += &text::said(session, style);
                    }
                    stepped
                });
                (self.and_position(answer), done)
            }
            Command::Back(count) => {
                let done = (0..*count).all(|_| session.back());
                (self.and_position(text::said(&self.session, style)), done)
            }
            Command::Go(events) => {
                let done = session.seek(*events);
                (self.and_position(text::said(&self.session, style)), done)
            }
            Command::Until(condition) => {
                let done = session.run_until(condition, EVENTS_MAX);
                let missed = if done { "" } else { "that did not come about\n" };
                (self.and_position(text::said(&self.session, style) + missed), done)
            }
            Command::Act(deed) => match session.act(deed) {
                Ok(()) => (self.and_position(text::said(&self.session, style)), true),
                Err(why) => (format!("cannot be done: {why}\n"), false),
            },
            Command::Nodes => (text::nodes(session, style), true),
            Command::Node(node) => (text::node(session, *node, style), true),
            Command::Waiting => (text::waiting(session), true),
            Command::Said => (text::said(session, style), true),
            Command::Checks => (self.checks(), true),
            Command::Save(path) => match self.save(path.as_deref()) {
                Ok(path) => (format!("wrote {}\n", path.display()), true),
                Err(why) => (format!("{why}\n"), false),
            },
            Command::Help => (HELP.to_owned(), true),
            Command::Quit => (String::new(), true),
        }
    }

    fn and_position(&self, said: String) -> String {
        format!("{said}{}\n", text::position(&self.session, self.screen.style))
    }

    /// How the checks end if the run goes on by itself, or ends here if it was taken over.
    fn checks(&self) -> String {
        let outcome = self.session.outcome();
        let mut answer = String::new();
        for check in &outcome.checks {
            let word = match check.verdict {
                Verdict::Held => "held",
                Verdict::Failed => "failed",
                Verdict::Inconclusive => "inconclusive",
            };
            let word = self.screen.style.verdict(check.verdict, word);
            let detail =
                if check.detail.is_empty() { String::new() } else { format!(": {}", check.detail) };
            answer += &format!("{} {word}{detail}\n", check.name);
        }
        answer
    }

    /// Writes what has happened as a scenario.
    fn save(&mut self, path: Option<&Path>) -> Result<PathBuf, String> {
        let source = self.session.scenario()?;
        let path = path.map_or_else(
            || {
                let name = format!("{}-by-hand.ron", self.loaded.folder);
                Path::new("runs").join(&self.loaded.folder).join(name)
            },
            Path::to_path_buf,
        );
        files::write(&path, &source.text)
            .map_err(|why| format!("cannot write {}: {why}", path.display()))?;
        Ok(path)
    }
}
