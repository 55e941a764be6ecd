//! The command line serves an algorithm that this crate has brought along.

use std::path::Path;
use std::process::{Command, Output};

/// Runs the program in a folder of its own, beside a copy of the scenario.
fn own(test: &str, args: &[&str]) -> Output {
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
    std::fs::create_dir_all(&scratch).unwrap();
    let scenario = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenario.ron");
    std::fs::copy(scenario, scratch.join("scenario.ron")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_own-crate"));
    command.args(args).current_dir(scratch).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn run_judges_the_own_node() {
    let ran = own("run_judges", &["run", "scenario.ron", "--verify"]);
    let (out, err) = (text(&ran.stdout), text(&ran.stderr));
    assert_eq!(ran.status.code(), Some(0), "{out}{err}");
    assert!(out.contains("roll-call  RollCall, 4 nodes, seed 1"), "{out}");
    assert!(out.contains("✓ NobodyMissing") && out.contains("✓ Completed"), "{out}");
    assert!(out.contains("Roll calls  12 completed"), "{out}");
    assert!(err.contains("the same digest in a fresh process"), "{err}");
}

#[test]
fn without_loss_a_roll_call_costs_what_theory_says() {
    let ran = own("without_loss", &["run", "scenario.ron", "--set", "network.loss=0", "--json"]);
    let out = text(&ran.stdout);
    assert!(out.contains(r#""messages_per":{"mean":6.0,"min":6,"max":6}"#), "{out}");
}

#[test]
fn a_dead_node_is_missed() {
    let ran = own(
        "a_dead_node",
        &[
            "run",
            "scenario.ron",
            "--set",
            r#"faults=[(at: "1ms", fault: Crash("bob"))]"#,
            "--until",
            "40s",
        ],
    );
    let out = text(&ran.stdout);
    assert_eq!(ran.status.code(), Some(1), "{out}");
    assert!(out.contains("✗ Completed") && out.contains("had not ended"), "{out}");
}

#[test]
fn validate_and_list_know_the_own_family() {
    let valid = own("validate_and", &["validate", "scenario.ron"]);
    assert_eq!(text(&valid.stdout), "✓ scenario.ron: roll-call, RollCall, 4 nodes\n");
    let wrong =
        own("validate_and", &["validate", "scenario.ron", "--set", "algorithm.patiense=1s"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(text(&wrong.stderr).contains("patience"), "{}", text(&wrong.stderr));
    let list = text(&own("validate_and", &["list"]).stdout);
    for part in ["assembly\n", "RollCall", "2(N-1) messages per roll call", "patience:"] {
        assert!(list.contains(part), "{part:?} is missing in {list}");
    }
    assert!(list.contains("RicartAgrawala"), "the shipped algorithms are there too: {list}");
}
