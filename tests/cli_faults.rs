//! Nodes and clients that misbehave, behind the whole command line: a node's panic is a failed
//! run (exit 1), a panic outside nodes our own fault (70), a node that looks at its process is
//! found by `--verify` (5).
//!
//! Without a harness, because this program is also the command line that it tests: with
//! `SEEDBED_FAULTS` set it is the one, otherwise the other.

#[allow(dead_code, reason = "each test uses its part")]
mod support;

use std::process::ExitCode;

use seedbed::prelude::*;
use support::{Folder, Ran};

/// What goes wrong.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, serde::Deserialize, seedbed_node::Parameter)]
enum Mischief {
    None,
    Panic,
    LooksAtItsProcess,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, serde::Deserialize, Params)]
#[serde(default, deny_unknown_fields)]
struct Settings {
    /// What goes wrong.
    mischief: Mischief,
}

impl Default for Settings {
    fn default() -> Self {
        Settings { mischief: Mischief::None }
    }
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Rascal;

#[derive(Clone, PartialEq, Eq, Hash, Debug, Message)]
struct Note(u32);

impl Node for Rascal {
    type Params = Settings;
    type Message = Note;
    type Timer = ();
    type Request = ();
    type Event = ();
    type Durable = ();

    fn start(_: &(), cx: &mut Context<'_, Self>) -> Self {
        let looks = cx.params().mischief == Mischief::LooksAtItsProcess;
        cx.broadcast(Note(if looks { std::process::id() } else { 0 }));
        Rascal
    }
    fn on_message(&mut self, _: NodeId, _: Note, cx: &mut Context<'_, Self>) {
        assert!(cx.params().mischief != Mischief::Panic, "I never liked\nmail");
    }
}

impl Algorithm for Rascal {
    type Family = Rascals;
    const NAME: &'static str = "Rascal";
    const ABOUT: &'static str = "Misbehaves";
    const SOURCE: &'static str = "none";
    const COMPLEXITY: &'static str = "0";
    const NEEDS: Needs = Needs { safety: &[], liveness: &[] };
}

struct Rascals;

#[derive(Clone, Default, serde::Deserialize, Hash)]
#[serde(default, deny_unknown_fields)]
struct Load {
    panics: bool,
}

impl Family for Rascals {
    const NAME: &'static str = "rascals";
    const ABOUT: &'static str = "Misbehave";
    const OPERATION: &'static str = "prank";
    type Request = ();
    type Event = ();
    type Load = Load;
    fn workload(load: &Load, _: u32) -> Result<Box<dyn Workload<(), ()>>, String> {
        Ok(Box::new(Clients(load.clone())))
    }
    fn checks() -> Vec<CheckRow<(), ()>> {
        Vec::new()
    }
    fn goals() -> Vec<GoalRow<(), ()>> {
        Vec::new()
    }
    fn measures() -> Vec<Box<dyn Measure<(), ()>>> {
        Vec::new()
    }
}

#[derive(Clone, Hash)]
struct Clients(Load);

impl Workload<(), ()> for Clients {
    fn on_start(&mut self, _: NodeId, _: &mut Client<'_, ()>) {
        assert!(!self.0.panics, "clients are our own code");
    }
    fn on_event(&mut self, _: NodeId, (): &(), _: &mut Client<'_, ()>) {}
    fn on_wake(&mut self, _: NodeId, _: u64, _: &mut Client<'_, ()>) {}
    fn on_refused(&mut self, _: NodeId, (): (), _: &mut Client<'_, ()>) {}
    fn on_restart(&mut self, _: NodeId, _: &mut Client<'_, ()>) {}
    fn finished(&self) -> bool {
        true
    }
}

const SCENARIO: &str =
    "Scenario(name: \"rascals\", nodes: [\"ada\", \"bob\"], algorithm: Rascal())";

fn main() -> ExitCode {
    if std::env::var_os("SEEDBED_FAULTS").is_some() {
        return seedbed::cli(Registry::standard().with::<Rascal>());
    }
    // Test runners ask for a list before they run anything.
    let args: Vec<_> = std::env::args().collect();
    if args.iter().any(|arg| arg == "--list") {
        if !args.iter().any(|arg| arg == "--ignored") {
            println!("misbehaviour: test");
        }
        return ExitCode::SUCCESS;
    }
    let folder = Folder::with("rascals.ron", SCENARIO);
    good_rascals_are_listed_and_held(&folder);
    a_panic_in_a_node_is_a_failed_run(&folder);
    a_panic_elsewhere_exits_70(&folder);
    a_look_at_the_process_is_found(&folder);
    println!("misbehaviour: all as it should be");
    ExitCode::SUCCESS
}

fn run(folder: &Folder, args: &[&str]) -> Ran {
    let program = std::env::current_exe().expect("this program");
    let mut command = folder.command(&program, args);
    command.env("SEEDBED_FAULTS", "1");
    Ran::of(command)
}

fn good_rascals_are_listed_and_held(folder: &Folder) {
    run(folder, &["run", "rascals.ron", "--verify"]).exits(0);
    let listed = run(folder, &["list", "algorithms", "rascal"]).exits(0);
    assert!(listed.out.contains("None or Panic or LooksAtItsProcess"), "{listed:?}");
    assert!(run(folder, &["list"]).exits(0).out.contains("RicartAgrawala"));
}

fn a_panic_in_a_node_is_a_failed_run(folder: &Folder) {
    let args = ["run", "rascals.ron", "--set", "algorithm.mischief=Panic"];
    let ran = run(folder, &args).exits(1);
    assert!(ran.out.contains("panicked: I never liked\n"), "{ran:?}");
    assert!(!ran.err.contains("I never liked"), "it is told once: {ran:?}");
    let replay = "runs/rascals/Panic-seed-1.ron";
    assert_eq!(folder.files("runs"), [replay]);
    let again = run(folder, &["run", replay, "--as-expected"]).exits(0);
    assert!(again.out.contains("panicked: I never liked\n"), "{again:?}");
}

fn a_panic_elsewhere_exits_70(folder: &Folder) {
    let args = ["run", "rascals.ron", "--set", "workload=(panics: true)"];
    for jobs in ["1", "2"] {
        let ran = run(folder, &[&args[..], &["-j", jobs]].concat()).exits(70);
        assert!(ran.err.contains("internal fault: clients are our own code (tests/cli_faults.rs:"));
        assert!(ran.out.is_empty(), "{ran:?}");
    }
}

fn a_look_at_the_process_is_found(folder: &Folder) {
    let args = ["run", "rascals.ron", "--set", "algorithm.mischief=LooksAtItsProcess"];
    run(folder, &args).exits(0);
    let ran = run(folder, &[&args[..], &["--verify", "--seeds", "0..3"]].concat()).exits(5);
    assert!(ran.err.contains("NONDETERMINISM DETECTED: rascals, seed 0,"), "{ran:?}");
}
