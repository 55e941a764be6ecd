//! `seedbed matrix` from outside: what it prints, writes and answers.

#[allow(dead_code, reason = "each test uses its part")]
mod support;

use serde_json::Value;
use support::Folder;

#[test]
fn a_row_is_filled_and_each_breach_replays() {
    let folder = Folder::new();
    let args = ["matrix", "lamport", "--only", "reorder,loss,duplication,crash", "--json"];
    let ran = folder.run(&[&args[..], &["--runs", "20", "--out", "broken"]].concat()).exits(0);
    let value: Value = serde_json::from_str(&ran.out).expect("one object");
    assert_eq!(value["algorithm"], "Lamport");
    assert_eq!(value["whole"]["found"], "holds");
    assert_eq!(value["contradictions"], Value::Array(Vec::new()));
    let cells = value["cells"].as_array().expect("cells");
    let found: Vec<_> = cells.iter().map(|cell| cell["found"].as_str().unwrap()).collect();
    assert_eq!(found, ["safety", "safety", "holds", "liveness"]);
    let paths: Vec<_> = cells.iter().filter_map(|cell| cell["scenario"].as_str()).collect();
    assert_eq!(paths[0], "broken/lamport-reorder.ron");
    assert_eq!(folder.files("broken").len(), paths.len());
    for path in paths {
        folder.run(&["run", path, "--as-expected", "--verify"]).exits(0);
    }
}

#[test]
fn a_contradiction_is_said_and_answered_with_1() {
    let text = seedbed::scenarios::find("lamport-explored").expect("it is shipped").text;
    // Links that reorder are not what Lamport's algorithm assumes.
    let changed = text.replace("network: (", "network: (reorder: true, ");
    let folder = Folder::with("mine.ron", &changed);
    let args = ["matrix", "mine.ron", "--only", "reorder", "--runs", "5"];
    let ran = folder.run(&args).exits(1);
    assert!(ran.out.contains("Lamport breaks MutualExclusion with nothing broken"), "{}", ran.out);
    let page = folder.run(&[&args[..], &["--format", "html"]].concat()).exits(1).out;
    assert!(page.starts_with("<!doctype html>") && page.ends_with("</html>\n"), "{page}");
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let folder = Folder::new();
    let ran = folder.run(&["matrix", "lamport", "--only", "reordr"]).exits(2);
    assert!(ran.err.contains("did you mean `reorder`?"), "{}", ran.err);
    folder.run(&["matrix", "nothing-of-that-name"]).exits(4);
    let ran = folder.run(&["matrix", "ntp"]).exits(4);
    assert!(ran.err.contains("no scenario is shipped in which Ntp is explored"), "{}", ran.err);
}
