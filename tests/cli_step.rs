//! `seedbed step` from outside: commands on standard input, answers on standard output.

#[allow(dead_code, reason = "each test uses its part")]
mod support;

use support::{Folder, Ran};

const TWO: &str = r#"Scenario(
    name: "two",
    nodes: ["ada", "bob"],
    algorithm: Lamport(),
    workload: Closed(think: "10ms", hold: "5ms", requests_per_node: 1),
    network: (delay: "2ms"),
)"#;

fn step(folder: &Folder, commands: &str) -> Ran {
    folder.run_with(&["step", "two.ron"], commands)
}

#[test]
fn a_run_is_gone_through_forward_and_back() {
    let folder = Folder::with("two.ron", TWO);
    let ran =
        step(&folder, "# a remark\nwaiting\nstep 3\nback\nnodes\nnode bob\ngo 0\nsaid\n").exits(0);
    for part in ["event 0 at 0s", "ada's client wakes", "event 3", "event 2", "bob is up"] {
        assert!(ran.out.contains(part), "no {part} in\n{}", ran.out);
    }
    assert!(ran.out.trim_end().ends_with("bob boots"), "{}", ran.out);
}

#[test]
fn what_was_done_by_hand_is_kept_and_replays_in_a_fresh_process() {
    let folder = Folder::with("two.ron", TWO);
    // Under the first number is what the list shows first, whatever it is.
    let ran = step(&folder, "do 1\ndo 1\nwaiting\nchecks\nsave mine.ron\n").exits(0);
    assert!(ran.out.contains("by hand") && ran.out.contains("wrote mine.ron"), "{}", ran.out);
    assert!(folder.path("mine.ron").is_file());
    folder.run(&["run", "mine.ron", "--verify", "--json"]);
    let again = folder.run_with(&["step", "mine.ron"], "until end\n").exits(0);
    assert!(again.out.contains("the end of its schedule"), "{}", again.out);
}

#[test]
fn what_makes_no_sense_is_told() {
    let folder = Folder::with("two.ron", TWO);
    let wrong =
        ["dance", "step x", "go", "until tea", "node bib", "do 0", "do 99", "nodes 3", "lose x"];
    for command in wrong {
        let ran = step(&folder, command).exits(2);
        assert!(!ran.err.is_empty(), "{command}");
    }
    let ran = step(&folder, "go 100000\n").exits(4);
    assert!(ran.out.contains("over"), "{}", ran.out);
    step(&folder, "until says Nonsense\n").exits(4);
    step(&folder, "crash ada\nboot bob\n").exits(4);
    folder.run(&["step", "two.ron", "--at", "999999"]).exits(2);
    folder.run(&["step", "nowhere.ron"]).exits(2);
    folder.run(&["step", "nowhere"]).exits(4);
}
