//! `seedbed hunt` from outside: what it prints, writes and answers.

#[allow(dead_code, reason = "each test uses its part")]
mod support;

use serde_json::Value;
use support::Folder;

const RING: &str = r#"Scenario(
    name: "ring",
    nodes: 3,
    seed: 1,
    stop: "3s",
    algorithm: TokenRing(idle_hold: "1s"),
    workload: Closed(think: "50ms", hold: "5ms", requests_per_node: 10),
    network: (delay: Uniform("1ms", "5ms")),
    checks: [Always(MutualExclusion), Eventually(Granted)],
)"#;

fn reason(line: &Value, check: &str) -> String {
    let checks = line["checks"].as_array().expect("checks");
    let found = checks.iter().find(|c| c["name"] == check && c["verdict"] == "failed");
    found.unwrap_or_else(|| panic!("{check} did not fail: {line}"))["detail"].to_string()
}

#[test]
fn a_failure_is_written_small_and_replays_in_a_fresh_process() {
    let folder = Folder::with("ring.ron", RING);
    let args = ["hunt", "ring.ron", "--json", "--keep-going", "--runs", "150", "-j", "2"];
    let ran = folder.run(&args).exits(1);
    let value: Value = serde_json::from_str(&ran.out).expect("one object");
    let groups = value["groups"].as_array().expect("groups");
    assert!(groups.len() >= 2, "{value}");
    for group in groups {
        let path = group["counterexample"].as_str().expect("each was shrunk");
        let check = group["check"].as_str().expect("a name");
        let again = folder.run(&["run", path, "--json"]).exits(1);
        let line: Value = serde_json::from_str(&again.out).expect("one object");
        assert_eq!(reason(&line, check), group["reason"].to_string(), "{path}");
        assert_eq!(line["nodes"], group["shrunk"]["nodes"]);
        assert_eq!(line["events"], group["shrunk"]["events"]);
        folder.run(&["run", path, "--as-expected", "--verify"]).exits(0);
    }
    assert!(folder.path("runs/latest").join("ring-Granted.ron").is_file());
}

#[test]
fn the_object_begins_as_documented() {
    let folder = Folder::with("ring.ron", RING);
    let ran = folder.run(&["hunt", "ring.ron", "--json", "--faults", "loss", "--runs", "200"]);
    let value: Value = serde_json::from_str(&ran.exits(1).out).expect("one object");
    assert_eq!((&value["schema"], &value["scenario"]), (&1.into(), &"ring".into()));
    assert_eq!(value["failures"], 1);
    assert_eq!(value["first_failing_seed"].as_u64(), value["runs"].as_u64(), "seeds begin at 1");
    assert_eq!(value["counterexample"], "runs/ring/ring-Granted.ron");
    for key in ["nodes", "faults", "events"] {
        assert!(value["shrunk"][key].is_u64(), "{value}");
    }
    let ran = folder.run(&["hunt", "ring.ron", "--json", "--faults", "none", "--runs", "5"]);
    let begins = "{\"schema\":1,\"scenario\":\"ring\",\"runs\":5,\"failures\":0,\
                  \"first_failing_seed\":null,\"counterexample\":null,\"shrunk\":null,";
    let ran = ran.exits(0);
    assert!(ran.out.starts_with(begins), "{}", ran.out);
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let folder = Folder::with("ring.ron", RING);
    let hunt = |jobs| {
        let args = ["hunt", "ring.ron", "--keep-going", "--runs", "60", "-j", jobs];
        let ran = folder.run(&args).exits(1);
        let files = folder.files("runs/ring");
        let texts = files.iter().map(|file| std::fs::read_to_string(folder.path(file)).unwrap());
        (ran.out, texts.collect::<Vec<_>>())
    };
    assert_eq!(hunt("1"), hunt("4"));
}

#[test]
fn a_shipped_scenario_is_hunted_in_by_its_bare_name() {
    let folder = Folder::new();
    let args = ["hunt", "token-ring", "--faults", "loss", "--runs", "300", "--out", "found"];
    let ran = folder.run(&args).exits(1).says("hunting in token-ring from seed 11 on");
    assert_eq!(folder.files("found"), ["found/token-ring-Granted.ron"]);
    assert!(folder.files("runs").is_empty());
    for part in ["✗ Granted", "locally minimal", "which the algorithm needs", "Coverage", "Next:"]
    {
        assert!(ran.out.contains(part), "no {part:?} in\n{}", ran.out);
    }
}

#[test]
fn a_budget_of_time_ends_a_hunt() {
    let folder = Folder::with("ring.ron", RING);
    let args = ["hunt", "ring.ron", "--faults", "none", "--for", "300ms", "--json"];
    let ran = folder.run(&args).exits(0);
    let value: Value = serde_json::from_str(&ran.out).expect("one object");
    assert!(value["runs"].as_u64() > Some(0), "{value}");
}

#[test]
fn misuse_exits_2_and_says_what_was_expected() {
    let folder = Folder::with("ring.ron", RING);
    for (args, says) in [
        (&["hunt"][..], "<FILE>"),
        (&["hunt", "ring.ron", "--runs", "0"], "--runs"),
        (&["hunt", "ring.ron", "--faults", "crsh"], "did you mean `crash`?"),
        (&["hunt", "ring.ron", "--faults", "slow"], "handlers take no time"),
        (&["hunt", "ring.ron", "--for", "soon"], "bad duration"),
        (&["hunt", "ring.ron", "--set", "network.lss=1"], "did you mean `loss`?"),
        (&["hunt", "ring.ron", "--seed", "9007199254740992"], "below 2^53"),
        (&["hunt", "ring.ron", "--as-written", "--grace", "1s"], "cannot be used with"),
        (&["hunt", "ring.ron", "--fault-count", "0"], "--fault-count"),
    ] {
        let ran = folder.run(args).exits(2).says(says);
        assert_eq!(ran.out, "", "{args:?}");
    }
    folder.run(&["hunt", "no-such-scenario"]).exits(4);
    let ran = folder.run(&["hunt", "ring.ron", "--faults", "slow", "--json"]).exits(2);
    let value: Value = serde_json::from_str(&ran.out).expect("one object");
    assert_eq!(value["error"]["kind"], "usage");
    assert!(folder.files("runs").is_empty());
}

#[test]
#[cfg(unix)]
fn an_interrupted_hunt_leaves_what_it_found() {
    let folder = Folder::with("ring.ron", RING);
    let args = ["hunt", "ring.ron", "--keep-going", "--for", "60s", "--json"];
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_seedbed"));
    let mut command = folder.command(program, &args);
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let child = command.spawn().expect("it starts");
    std::thread::sleep(std::time::Duration::from_secs(1));
    let id = child.id().to_string();
    let sent = std::process::Command::new("kill").args(["-INT", &id]).status();
    assert!(sent.expect("kill is there").success());
    let output = child.wait_with_output().expect("it ends");
    let value: Value = serde_json::from_slice(&output.stdout).expect("one object");
    assert_eq!(output.status.code(), Some(1), "a failure was found before");
    let path = value["counterexample"].as_str().expect("it was written");
    folder.run(&["run", path]).exits(1);
}
