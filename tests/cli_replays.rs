//! What becomes of a counterexample that is run again.

#[allow(dead_code, reason = "each test uses its part")]
mod support;

use std::fs;

use support::{Folder, STARVES};

const REPLAY: &str = "runs/starves/Granted-seed-1.ron";

/// A folder with a scenario that starves and the replay of its failure.
fn starved() -> Folder {
    let folder = Folder::with("starves.ron", STARVES);
    folder.run(&["run", "starves.ron"]).exits(1);
    folder
}

#[test]
fn a_replay_that_differs_is_not_overwritten_by_what_happened_instead() {
    let folder = starved();
    let text = fs::read_to_string(folder.path(REPLAY)).unwrap();
    let at = text.find("digest: \"").expect("a digest is pinned") + 9;
    let pinned = format!("{}{:032x}{}", &text[..at], 1, &text[at + 32..]);
    folder.write(REPLAY, &pinned);
    for _ in 0..2 {
        folder.run(&["run", REPLAY]).exits(5).says("REPLAY DIFFERS");
        assert_eq!(fs::read_to_string(folder.path(REPLAY)).unwrap(), pinned);
    }
}

#[test]
fn a_changed_replay_leaves_the_original_alone() {
    let folder = starved();
    let text = fs::read_to_string(folder.path(REPLAY)).unwrap();
    folder.run(&["run", REPLAY, "--set", "network.loss=0.6"]).exits(1);
    assert_eq!(fs::read_to_string(folder.path(REPLAY)).unwrap(), text);
    assert_eq!(folder.files("runs"), [REPLAY]);
}

#[test]
fn what_out_keeps_of_a_changed_replay_pins_its_own_run() {
    let folder = starved();
    for change in [["--seed", "7"], ["--set", "network.loss=0.6"], ["--set", "record.trace=true"]] {
        folder.run(&["run", REPLAY, change[0], change[1], "--out", "kept"]).exits(1);
        folder.run(&["run", "kept/scenario.ron"]).exits(1);
    }
}

#[test]
fn scenarios_of_one_name_do_not_share_files() {
    let folder = Folder::with("one.ron", STARVES);
    folder.write("two.ron", &STARVES.replace("nodes: 3", "nodes: 4"));
    folder.run(&["run", "one.ron", "two.ron", "--out", "kept"]).exits(1);
    let replays = ["runs/starves-2/Granted-seed-1.ron", REPLAY].map(str::to_owned);
    assert_eq!(folder.files("runs"), replays);
    for (replay, nodes) in replays.iter().zip(["nodes: 4", "nodes: 3"]) {
        assert!(fs::read_to_string(folder.path(replay)).unwrap().contains(nodes), "{replay}");
    }
    assert_eq!(folder.files("kept").len(), 6, "of each its scenario, outcome and history");
}
