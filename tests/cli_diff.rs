//! `seedbed diff` from outside: what it finds, prints and answers.

#[allow(dead_code, reason = "each test uses its part")]
mod support;

use std::fs;

use support::{Folder, STARVES};

#[test]
fn equal_runs_are_equal_whatever_they_are_called_by() {
    let folder = Folder::with("mine.ron", STARVES);
    let kept = ["run", "mine.ron", "--seed", "5", "--out", "kept"];
    folder.run(&kept).exits(1);
    let ran = folder.run(&["diff", "mine.ron", "kept", "--seeds", "5,5"]).exits(0);
    assert!(ran.out.starts_with("The runs are equal: "), "{}", ran.out);
    let ran = folder.run(&["diff", "kept", "kept", "--json"]).exits(0);
    let value = &ran.json()[0];
    assert_eq!((&value["equal"], &value["a"]["seed"]), (&true.into(), &5.into()));
    assert!(value["parted"].is_null());
    assert_eq!(value["a"], value["b"]);
}

#[test]
fn two_seeds_part_where_the_traces_do() {
    let folder = Folder::new();
    let ran = folder.run(&["diff", "loss", "--seeds", "1,2", "--json"]).exits(1);
    let value = &ran.json()[0];
    let trace = |seed| {
        let lines = folder.run(&["trace", "loss", "--as", "jsonl", "-q", "--seed", seed]).exits(0);
        let lines = lines.json().into_iter().skip(1);
        let strip = |mut line: serde_json::Value| {
            line.as_object_mut().unwrap().retain(|key, _| key != "event" && key != "wall_ns");
            line
        };
        lines.map(strip).collect::<Vec<_>>()
    };
    let (a, b) = (trace("1"), trace("2"));
    let common = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    assert_eq!(value["common_records"], common);
    assert_eq!(value["parted"]["a"][0]["at_ns"], a[common]["at_ns"]);
    assert_eq!(value["parted"]["b"][0]["node"], b[common]["node"]);
    let text = folder.run(&["diff", "loss", "--seeds", "1,2"]).exits(1);
    assert!(text.out.contains("part at"), "{}", text.out);
    for run in ["a", "b"] {
        let digest = value[run]["digest"].as_str().unwrap();
        assert!(text.out.contains(digest), "{}", text.out);
    }
    text.says("comparing loss with seed 1 and loss with seed 2");
}

#[test]
fn a_change_is_made_to_the_second_alone() {
    let folder = Folder::new();
    let args = ["diff", "loss", "--set", "network.loss=0.5", "--json"];
    let value = folder.run(&args).exits(1).json().remove(0);
    let whole = folder.run(&["run", "loss", "--json"]).json().remove(0);
    assert_eq!(value["a"]["digest"], whole["digest"]);
    assert_ne!(value["b"]["digest"], whole["digest"]);
    // A change of no consequence is none.
    folder.run(&["diff", "loss", "--set", "about=\"other\""]).exits(0);
}

#[test]
fn what_cannot_be_compared_is_refused() {
    let folder = Folder::with("bad.ron", "Scenario(nodes: 3, algorithm: RicartAgrawla())");
    folder.run(&["diff", "loss"]).exits(2).says("nothing to compare it with");
    folder.run(&["diff", "loss", "bad.ron"]).exits(2).says("RicartAgrawala");
    folder.run(&["diff", "no-such-run", "loss"]).exits(4).says("no-such-run");
    folder.run(&["diff", "no-such-run", "bad.ron"]).exits(2);
    folder.run(&["diff", "loss", "--seeds", "1"]).exits(2).says("comma");
    folder.run(&["diff"]).exits(2);
    fs::create_dir(folder.path("empty")).unwrap();
    folder.run(&["diff", "empty", "loss"]).exits(2).says("is a folder");
}
