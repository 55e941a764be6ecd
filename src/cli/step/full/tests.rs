//! The screen, drawn into memory, and what keys do to it.

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use seedbed_scenarios::session::Session;
use seedbed_scenarios::{Registry, Source, load};

use super::super::super::args::Output;
use super::super::super::load::Loaded;
use super::super::super::screen::Screen;
use super::super::Debugger;
use super::{Full, draw};

const TEXT: &str = r#"Scenario(
    name: "three",
    nodes: ["ada", "bob", "cyd"],
    algorithm: RicartAgrawala(),
    workload: Closed(think: "10ms", hold: "5ms", requests_per_node: 2),
    network: (delay: Uniform("1ms", "9ms")),
)"#;

fn debugger() -> Debugger {
    let plan = load(&Registry::standard(), &Source::new("three.ron", TEXT)).expect("valid");
    let session = Session::new(&plan, None);
    let folder = plan.name.clone();
    let loaded = Loaded { typed: "three.ron".into(), plan, folder };
    Debugger { session, loaded, screen: Screen::new(Output::json()) }
}

fn drawn(full: &mut Full<'_>) -> String {
    let mut terminal = Terminal::new(TestBackend::new(110, 30)).expect("in memory");
    terminal.draw(|frame| draw::draw(full, frame)).expect("in memory");
    terminal.backend().to_string()
}

fn press(full: &mut Full<'_>, code: KeyCode) -> bool {
    full.press(KeyEvent::new(code, KeyModifiers::NONE))
}

#[test]
fn the_screen_shows_nodes_what_occurred_and_what_waits() {
    let mut debugger = debugger();
    let mut full = Full::new(&mut debugger);
    let screen = drawn(&mut full);
    for part in ["three seed 1", "event 0", "ada", "bob boots", "Waiting: 3", "client wakes"] {
        assert!(screen.contains(part), "no {part} in\n{screen}");
    }
    press(&mut full, KeyCode::Right);
    let screen = drawn(&mut full);
    assert!(screen.contains("event 1 at 10ms") && screen.contains('●'), "{screen}");
    press(&mut full, KeyCode::Left);
    assert!(drawn(&mut full).contains("event 0"));
    press(&mut full, KeyCode::Char('?'));
    assert!(drawn(&mut full).contains("the chosen message is lost"));
}

#[test]
fn keys_take_the_run_over_and_undo_it() {
    let mut debugger = debugger();
    let mut full = Full::new(&mut debugger);
    press(&mut full, KeyCode::Enter);
    assert!(drawn(&mut full).contains("by hand"), "{}", full.message);
    let lines = drawn(&mut full);
    assert!(lines.contains("message"), "{lines}");
    let before = full.debugger.session.view().waiting.len();
    press(&mut full, KeyCode::Char('x'));
    assert_eq!(full.debugger.session.view().waiting.len(), before - 1, "{}", full.message);
    press(&mut full, KeyCode::Left);
    assert_eq!(full.debugger.session.view().waiting.len(), before);
}

#[test]
fn commands_are_typed_behind_a_colon_and_mistakes_are_told() {
    let mut debugger = debugger();
    let mut full = Full::new(&mut debugger);
    press(&mut full, KeyCode::Char(':'));
    "node bib".chars().for_each(|c| {
        press(&mut full, KeyCode::Char(c));
    });
    press(&mut full, KeyCode::Enter);
    assert!(full.message.contains("did you mean `bob`"), "{}", full.message);
    press(&mut full, KeyCode::Char(':'));
    assert!(!press(&mut full, KeyCode::Esc));
    assert!(press(&mut full, KeyCode::Char('q')));
}
