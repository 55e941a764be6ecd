//! The example that the documentation shows runs, and is as short as it says.

use std::path::Path;
use std::process::Command;

#[test]
fn a_node_of_ones_own_runs_and_is_checked() {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["run", "--quiet", "--example", "own_node"]);
    if !cfg!(debug_assertions) {
        cargo.arg("--release");
    }
    let ran = cargo.current_dir(env!("CARGO_MANIFEST_DIR")).output().expect("cargo starts");
    let out = String::from_utf8_lossy(&ran.stdout);
    assert!(ran.status.success() && out.starts_with("Held: "), "{ran:?}");
}

#[test]
fn it_has_fewer_than_sixty_lines() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/own_node.rs");
    let lines = std::fs::read_to_string(path).expect("it is there").lines().count();
    assert!(lines < 60, "{lines} lines");
}
