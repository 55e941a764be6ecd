//! `seedbed run`: verdicts, exit codes, files, order, verification.

#[allow(dead_code, reason = "each test uses its part")]
mod support;

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::Stdio;

use support::{Folder, Ran, STARVES};

#[test]
fn a_held_run_exits_0_and_writes_nothing() {
    let folder = Folder::new();
    let ran = folder.run(&["run", "ricart-agrawala"]).exits(0);
    assert!(ran.err.contains("running ricart-agrawala with seed 42\n"), "{ran:?}");
    assert!(ran.out.contains("✓ held"), "{ran:?}");
    assert!(ran.out.contains("messages per entry  8"), "{ran:?}");
    assert!(ran.out.contains("next    seedbed run ricart-agrawala --seeds 0..100\n"), "{ran:?}");
    assert!(ran.out.lines().all(|line| line.chars().count() <= 100), "{ran:?}");
    assert_eq!(folder.files("."), Vec::<String>::new());
}

#[test]
fn under_cargo_the_next_command_is_one_that_can_be_typed() {
    let folder = Folder::new();
    let program = Path::new(env!("CARGO_BIN_EXE_seedbed"));
    let mut command = folder.command(program, &["run", "ricart-agrawala"]);
    command.env("CARGO", "cargo");
    let ran = Ran::of(command).exits(0);
    let release = if cfg!(debug_assertions) { "" } else { "--release " };
    let next = format!("next    cargo run {release}-- run ricart-agrawala --seeds 0..100\n");
    assert!(ran.out.contains(&next), "{ran:?}");
}

#[test]
fn a_failed_check_exits_1_and_leaves_a_replay_that_fails_the_same_way() {
    let folder = Folder::with("starves.ron", STARVES);
    let ran = folder.run(&["run", "starves.ron"]).exits(1);
    assert!(ran.out.contains("✗ Granted"), "{ran:?}");
    let replay = "runs/starves/Granted-seed-1.ron";
    assert!(ran.err.contains(&format!("wrote {replay}\n")), "{ran:?}");
    assert!(ran.out.contains(&format!("next    seedbed run {replay}\n")), "{ran:?}");
    assert_eq!(folder.files("runs"), [replay]);
    let text = std::fs::read_to_string(folder.path(replay)).unwrap();
    assert!(text.contains("// lossy on purpose"), "comments are kept: {text}");
    let again = folder.run(&["run", replay]).exits(1);
    let digest = |ran: &Ran| ran.out.lines().find(|l| l.starts_with("digest")).map(str::to_owned);
    assert_eq!(digest(&again), digest(&ran));
    assert_eq!(folder.files("runs"), [replay]);
    folder.run(&["run", replay, "--as-expected"]).exits(0);
}

#[test]
fn a_run_that_is_too_short_exits_3_and_a_longer_one_is_proposed() {
    let folder = Folder::with("starves.ron", STARVES);
    let args = ["run", "starves.ron", "--set", "network.loss=0", "--until", "50ms"];
    let ran = folder.run(&args).exits(3);
    assert!(ran.out.contains("? inconclusive"), "{ran:?}");
    assert!(ran.out.contains("next    seedbed run starves.ron --until 100ms\n"), "{ran:?}");
}

#[test]
fn a_run_that_is_given_up_is_told_how_to_go_on() {
    let folder = Folder::with("starves.ron", STARVES);
    let limit = ["run", "starves.ron", "--set", "network.loss=0", "--set", "limits.events_max=20"];
    let ran = folder.run(&limit).exits(3);
    let next = "next    seedbed run starves.ron --set limits.events_max=200\n";
    assert!(ran.out.contains(next), "{ran:?}");
}

#[test]
fn as_expected_compares_with_what_the_scenario_says() {
    let folder = Folder::with("starves.ron", STARVES);
    folder.run(&["run", "starves.ron", "--as-expected"]).exits(0);
    assert!(folder.files("runs").is_empty(), "an expected breach needs no replay");
    let held = folder.run(&["run", "starves.ron", "--as-expected", "--set", "network.loss=0"]);
    held.exits(1).says("expected Breach(\"Granted\")");
    let wrong =
        ["run", "starves.ron", "--as-expected", "--set", "expect=Breach(\"MutualExclusion\")"];
    folder.run(&wrong).exits(1).says("Granted: ");
    let short =
        ["run", "starves.ron", "--as-expected", "--until", "11ms", "--set", "network.loss=0"];
    folder.run(&short).exits(3);
}

#[test]
fn a_replay_with_another_digest_exits_5_whatever_its_checks_say() {
    let folder = Folder::with("starves.ron", STARVES);
    folder.run(&["run", "starves.ron"]).exits(1);
    let replay = "runs/starves/Granted-seed-1.ron";
    let text = std::fs::read_to_string(folder.path(replay)).unwrap();
    let at = text.find("digest: \"").unwrap() + 9;
    let zeros = "0".repeat(32);
    let other = text.replace(&text[at..at + 32], &zeros).replace("0.1.0", "0.0.9");
    folder.write("other.ron", &other);
    let ran = folder.run(&["run", "other.ron"]).exits(5).says("REPLAY DIFFERS").says(&zeros);
    assert!(ran.err.contains("recorded by version 0.0.9"), "{ran:?}");
    folder.run(&["run", "other.ron", "--as-expected"]).exits(5);
    // Another seed or another network is another run: nothing to compare.
    folder.run(&["run", "other.ron", "--seed", "2"]).exits(1);
    folder.run(&["run", "other.ron", "--set", "network.loss=0"]).exits(0);
}

#[test]
fn many_seeds_come_in_order_whatever_the_number_of_threads() {
    let folder = Folder::with("starves.ron", STARVES);
    folder.write("held.ron", &STARVES.replace("loss: 0.3", ""));
    let one = ["run", "starves.ron", "held.ron", "--seeds", "3..23", "--json", "-j", "1"];
    let mut two = one;
    two[7] = "2";
    let (one, two) = (folder.run(&one).exits(1), folder.run(&two).exits(1));
    assert_eq!(one.out, two.out);
    let seeds: Vec<_> = one.json().iter().map(|run| run["seed"].as_u64().unwrap()).collect();
    assert_eq!(seeds, (3..23).chain(3..23).collect::<Vec<_>>());
    let verdicts: Vec<_> = one.json().iter().map(|run| run["verdict"].clone()).collect();
    assert!(verdicts[..20].contains(&"failed".into()), "{verdicts:?}");
    assert!(verdicts[20..].iter().all(|verdict| verdict == "held"), "{verdicts:?}");
    assert_eq!(folder.files("runs"), ["runs/starves/Granted-seed-3.ron"], "the first of a check");
}

#[test]
fn many_seeds_are_summarised() {
    let folder = Folder::with("starves.ron", STARVES);
    let ran = folder.run(&["run", "starves.ron", "--seeds", "0..30"]).exits(1);
    assert!(ran.err.contains("with seeds 0..30\n"), "{ran:?}");
    assert!(ran.out.contains("  ✗ seed 0       Granted: "), "{ran:?}");
    assert!(ran.out.contains("  … and 10 more: -v lists every seed\n"), "{ran:?}");
    assert!(ran.out.contains("first seed 0: Granted"), "{ran:?}");
    let all = folder.run(&["run", "starves.ron", "--seeds", "0..30", "-v"]).exits(1);
    assert!(all.out.contains("  ✗ seed 29 "), "{all:?}");
}

#[test]
fn verify_finds_the_same_digests_in_a_fresh_process() {
    let folder = Folder::with("starves.ron", STARVES);
    let ran = folder.run(&["run", "ricart-agrawala", "--verify"]).exits(0);
    assert!(ran.err.contains("verified: the same digest in a fresh process"), "{ran:?}");
    let many = [
        "run",
        "starves.ron",
        "--verify",
        "--seeds",
        "0..8",
        "--set",
        "network.loss=0.1",
        "-j",
        "2",
    ];
    let ran = folder.run(&many).exits(1);
    assert!(ran.err.contains("verified: the same 8 digests"), "{ran:?}");
}

#[test]
fn out_takes_the_scenario_the_outcome_and_the_trace() {
    let folder = Folder::with("starves.ron", STARVES);
    let held = ["run", "starves.ron", "--set", "network.loss=0", "--seed", "7", "--json"];
    let ran = folder.run(&[&held[..], &["--out", "kept/here"]].concat()).exits(0);
    let kept = ["history.jsonl", "outcome.json", "scenario.ron"];
    assert_eq!(folder.files("kept"), kept.map(|name| format!("kept/here/{name}")));
    let judged = ["check-history", "kept/here/history.jsonl", "--model", "mutex"];
    folder.run(&judged).exits(0);
    let outcome = std::fs::read_to_string(folder.path("kept/here/outcome.json")).unwrap();
    assert_eq!(outcome, ran.out);
    let again = folder.run(&["run", "kept/here/scenario.ron", "--json"]).exits(0);
    assert_eq!(again.out, ran.out, "the kept scenario has the seed and the changes");
    let traced = ["--set", "record.trace=true", "--out", "traced"];
    folder.run(&[&held[..], &traced].concat()).exits(0);
    let trace = std::fs::read_to_string(folder.path("traced/trace.jsonl")).unwrap();
    let sent = trace.lines().filter(|line| line.contains("\"what\":\"send\"")).count() as u64;
    assert_eq!(ran.json()[0]["messages"]["sent"], sent);
    let two = ["run", "starves.ron", "--set", "network.loss=0", "--seeds", "0..2", "--out", "many"];
    folder.run(&two).exits(0);
    let names = [
        "seed-0/history.jsonl",
        "seed-0/outcome.json",
        "seed-0/scenario.ron",
        "seed-1/history.jsonl",
        "seed-1/outcome.json",
        "seed-1/scenario.ron",
    ];
    assert_eq!(folder.files("many"), names.map(|name| format!("many/starves/{name}")));
    folder.write("blocked", "a file is no folder");
    folder.run(&["run", "ricart-agrawala", "--out", "blocked"]).exits(2).says("cannot write");
}

#[test]
fn the_worst_of_several_scenarios_decides() {
    let folder = Folder::with("starves.ron", STARVES);
    let reliable = STARVES.replace("loss: 0.3", "");
    folder.write("held.ron", &reliable);
    folder.write("short.ron", &reliable.replace("nodes: 3", "nodes: 3, stop: \"50ms\""));
    folder.run(&["run", "held.ron"]).exits(0);
    folder.run(&["run", "short.ron", "held.ron"]).exits(3);
    folder.run(&["run", "held.ron", "starves.ron", "short.ron"]).exits(1);
    // What cannot be run stops everything before it begins.
    let ran = folder.run(&["run", "starves.ron", "no-such-thing"]).exits(4);
    assert!(ran.out.is_empty(), "{ran:?}");
    folder.run(&["run", "no-such-thing", "missing.ron"]).exits(2);
}

#[test]
fn quiet_and_json_say_nothing_on_stderr() {
    let folder = Folder::new();
    for flag in ["-q", "--json"] {
        let ran = folder.run(&["run", "ricart-agrawala", flag]).exits(0);
        assert_eq!(ran.err, "", "{flag}");
    }
}

#[test]
fn colours_are_for_who_asks() {
    let folder = Folder::new();
    let run = |args: &[&str], no_color: bool| {
        let program = Path::new(env!("CARGO_BIN_EXE_seedbed"));
        let mut command = folder.command(program, &[&["run", "ricart-agrawala"], args].concat());
        if no_color {
            command.env("NO_COLOR", "1");
        }
        Ran::of(command).exits(0).out
    };
    assert!(!run(&[], false).contains('\x1b'), "a pipe is no terminal");
    assert!(run(&["--color", "always"], false).contains("\x1b[32m✓"));
    assert!(!run(&["--color", "never"], false).contains('\x1b'));
    assert!(!run(&["--color", "auto"], true).contains('\x1b'));
    assert!(run(&["--color", "always"], true).contains('\x1b'), "a flag outweighs a variable");
}

#[test]
fn a_reader_that_leaves_early_breaks_nothing() {
    let folder = Folder::new();
    let program = Path::new(env!("CARGO_BIN_EXE_seedbed"));
    let args = ["run", "ricart-agrawala", "--seeds", "0..100000", "--json", "-j", "1"];
    let mut command = folder.command(program, &args);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    assert!(first.starts_with("{\"schema\":1,"), "{first}");
    let mut err = String::new();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    assert_eq!((child.wait().unwrap().code(), err.as_str()), (Some(0), ""));
}

#[cfg(target_os = "linux")]
#[test]
fn results_that_cannot_be_written_exit_2() {
    let folder = Folder::new();
    for args in [&["run", "ricart-agrawala", "--seeds", "0..9"][..], &["list"], &["schema"]] {
        let mut command = folder.command(Path::new(env!("CARGO_BIN_EXE_seedbed")), args);
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let output = command.stdout(full).stderr(Stdio::piped()).spawn().unwrap();
        let output = output.wait_with_output().unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}: {err}");
        assert_eq!(err.matches("error: cannot write results: ").count(), 1, "{args:?}: {err}");
    }
}

#[cfg(unix)]
#[test]
fn ctrl_c_prints_what_is_finished_and_exits_3() {
    let folder = Folder::new();
    let program = Path::new(env!("CARGO_BIN_EXE_seedbed"));
    let args = ["run", "ricart-agrawala", "--seeds", "0..1000000", "-v"];
    let mut command = folder.command(program, &args);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut text = String::new();
    out.read_line(&mut text).unwrap();
    let kill = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(kill.unwrap().success());
    out.read_to_string(&mut text).unwrap();
    let mut err = String::new();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(3), "{err}");
    assert!(err.contains("interrupted after "), "{err}");
    assert!(text.contains("ricart-agrawala  RicartAgrawala, "), "{text}");
}
