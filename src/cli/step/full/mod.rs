//! `step` on a terminal: a screen with nodes, what occurred, what waits, and keys.

mod draw;

use ratatui::crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use ratatui::widgets::ListState;
use seedbed_core::NodeView;
use seedbed_reports::json::Error;
use seedbed_scenarios::session::Deed;

use super::command::{Command, parse};
use super::{Debugger, Exit};

/// How much of what occurred can be scrolled back to.
const KEPT: usize = 500;

/// What has the keys.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Pane {
    Nodes,
    Waiting,
}

/// What is shown.
struct Full<'a> {
    debugger: &'a mut Debugger,
    pane: Pane,
    nodes: ListState,
    waiting: ListState,
    /// The nodes before the latest step, to mark what is new.
    before: Vec<NodeView>,
    /// Lines of what occurred, the latest last.
    log: Vec<String>,
    message: String,
    /// What is being typed behind `:`.
    prompt: Option<String>,
    help: bool,
}

/// Shows the screen until somebody quits.
pub fn show(debugger: &mut Debugger) -> Exit {
    let mut terminal = match ratatui::try_init() {
        Ok(terminal) => terminal,
        Err(why) => return failed(debugger, &why),
    };
    let mut full = Full::new(debugger);
    let end = loop {
        if let Err(why) = terminal.draw(|frame| draw::draw(&mut full, frame)) {
            break Err(why);
        }
        match event::read() {
            Ok(Event::Key(key)) if key.kind != KeyEventKind::Release => {
                if full.press(key) {
                    break Ok(());
                }
            }
            Ok(_) => {}
            Err(why) => break Err(why),
        }
    };
    ratatui::restore();
    match end {
        Ok(()) => Exit::Held,
        Err(why) => failed(full.debugger, &why),
    }
}

fn failed(debugger: &Debugger, why: &std::io::Error) -> Exit {
    let message = format!("the terminal cannot be used: {why}; try --plain");
    debugger
        .screen
        .error(Exit::Bad, &Error { kind: "usage", message: &message, ..Error::default() })
}

impl<'a> Full<'a> {
    fn new(debugger: &'a mut Debugger) -> Self {
        // The screen has colours of its own.
        debugger.screen.style.color = false;
        let before = debugger.session.view().nodes.clone();
        let first = || ListState::default().with_selected(Some(0));
        let mut full = Full {
            debugger,
            pane: Pane::Waiting,
            nodes: first(),
            waiting: first(),
            before,
            log: Vec::new(),
            message: "? for the keys".into(),
            prompt: None,
            help: false,
        };
        full.note();
        full
    }

    /// A key; tells whether to leave.
    fn press(&mut self, key: KeyEvent) -> bool {
        if key.modifiers.contains(KeyModifiers::CONTROL) && key.code == KeyCode::Char('c') {
            return true;
        }
        self.message.clear();
        if std::mem::take(&mut self.help) {
            return false;
        }
        if let Some(typed) = self.prompt.take() {
            return self.type_on(typed, key.code);
        }
        match key.code {
            KeyCode::Char('q') => return true,
            KeyCode::Char('?' | 'h') => self.help = true,
            KeyCode::Char(':' | '/') => {
                let until = if key.code == KeyCode::Char('/') { "until says " } else { "" };
                self.prompt = Some(until.into());
            }
            KeyCode::Right | KeyCode::Char(' ' | 'l') => self.obey(&Command::Step(1)),
            KeyCode::Left | KeyCode::Backspace => self.obey(&Command::Back(1)),
            KeyCode::PageDown => self.obey(&Command::Step(10)),
            KeyCode::PageUp => self.obey(&Command::Back(10)),
            KeyCode::Home => self.obey(&Command::Go(0)),
            KeyCode::End => {
                self.obey(&Command::Until(seedbed_scenarios::session::Condition::End));
            }
            KeyCode::Tab | KeyCode::BackTab => {
                self.pane = if self.pane == Pane::Nodes { Pane::Waiting } else { Pane::Nodes };
            }
            KeyCode::Down | KeyCode::Char('j') => self.list().select_next(),
            KeyCode::Up | KeyCode::Char('k') => self.list().select_previous(),
            KeyCode::Enter | KeyCode::Char('d') => self.act_on_waiting("do", Deed::Happen),
            KeyCode::Char('x') => self.act_on_waiting("lose", Deed::Lose),
            KeyCode::Char('c') => self.act_on_waiting("copy", Deed::Duplicate),
            KeyCode::Char('K') => self.act_on_node(Deed::Crash),
            KeyCode::Char('B') => self.act_on_node(Deed::Boot),
            KeyCode::Char('v') => self.obey(&Command::Checks),
            KeyCode::Char('w') => self.obey(&Command::Save(None)),
            _ => {}
        }
        false
    }

    fn list(&mut self) -> &mut ListState {
        match self.pane {
            Pane::Nodes => &mut self.nodes,
            Pane::Waiting => &mut self.waiting,
        }
    }

    /// Keys while a command is typed; tells whether to leave.
    fn type_on(&mut self, mut typed: String, key: KeyCode) -> bool {
        match key {
            KeyCode::Esc => return false,
            KeyCode::Enter => match parse(&typed, &self.debugger.session) {
                Ok(Command::Quit) => return true,
                Ok(command) => {
                    self.obey(&command);
                    return false;
                }
                Err(why) => {
                    self.message = why;
                    return false;
                }
            },
            KeyCode::Backspace => {
                typed.pop();
            }
            KeyCode::Char(c) => typed.push(c),
            _ => {}
        }
        self.prompt = Some(typed);
        false
    }

    fn act_on_waiting(&mut self, what: &str, deed: fn(seedbed_core::WaitingFor) -> Deed) {
        let place = self.waiting.selected().unwrap_or(0);
        match self.debugger.session.view().waiting.get(place) {
            Some(waiting) => {
                let deed = deed(waiting.what.clone());
                self.obey(&Command::Act(deed));
            }
            None => self.message = format!("there is nothing to {what}"),
        }
    }

    fn act_on_node(&mut self, deed: fn(seedbed_node::NodeId) -> Deed) {
        let place = self.nodes.selected().unwrap_or(0);
        if let Some(node) = self.debugger.session.view().nodes.get(place) {
            let deed = deed(node.node);
            self.obey(&Command::Act(deed));
        }
    }

    /// Does it, and keeps what there is to see of it.
    fn obey(&mut self, command: &Command) {
        let before = self.debugger.session.view().nodes.clone();
        let (answer, done) = self.debugger.obey(command);
        match command {
            Command::Step(_)
            | Command::Back(_)
            | Command::Go(_)
            | Command::Until(_)
            | Command::Act(_)
                if done || self.debugger.session.view().nodes != before =>
            {
                self.before = before;
                self.note();
            }
            _ => {}
        }
        let told = matches!(
            command,
            Command::Checks | Command::Save(_) | Command::Said | Command::Node(_) | Command::Help
        );
        if told || !done {
            self.message = answer;
        }
        let waiting = self.debugger.session.view().waiting.len();
        let selected = self.waiting.selected().unwrap_or(0).min(waiting.saturating_sub(1));
        self.waiting.select(Some(selected));
    }

    /// Adds what occurred to the log.
    fn note(&mut self) {
        let session = &self.debugger.session;
        for said in session.said() {
            let name = session.names().of(said.node);
            self.log.push(format!(
                "{:>5} {:>12}  {name} {}",
                said.event,
                said.at.to_string(),
                said.text
            ));
        }
        let surplus = self.log.len().saturating_sub(KEPT);
        self.log.drain(..surplus);
    }
}

#[cfg(test)]
mod tests;
