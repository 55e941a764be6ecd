//! What people get wrong: every message names what is wrong and what would be right.

#[allow(dead_code, reason = "each test uses its part")]
mod support;

use support::{Folder, STARVES};

#[test]
fn bad_usage_exits_2_and_says_what_was_expected() {
    let folder = Folder::with("starves.ron", STARVES);
    for (args, says) in [
        (&["run", "starves.ron", "--bogus"][..], "unexpected argument '--bogus'"),
        (&["run"], "<FILE>"),
        (&["frobnicate"], "unrecognized subcommand 'frobnicate'"),
        (&["run", "starves.ron", "--seeds", "5..5"], "5..5 holds no seed"),
        (&["run", "starves.ron", "--seeds", "7..5"], "7..5 holds no seed"),
        (&["run", "starves.ron", "--seeds", "5"], "such as 0..100"),
        (&["run", "starves.ron", "--seeds", "0..9007199254740993"], "below 2^53"),
        (&["run", "starves.ron", "--seed", "9007199254740992"], "below 2^53"),
        (&["run", "starves.ron", "--seed", "-1"], "-1"),
        (&["run", "starves.ron", "--seed", "1", "--seeds", "1..2"], "cannot be used with"),
        (&["run", "starves.ron", "--set", "nonsense"], "expected path=value"),
        (&["run", "starves.ron", "--set", "network.lss=0.1"], "did you mean `loss`?"),
        (&["run", "starves.ron", "--set", "network.loss=1.2"], "expected 0 to 1"),
        (&["run", "starves.ron", "--set", "nodes="], "starves.ron"),
        (&["run", "starves.ron", "--until", "soon"], "bad duration"),
        (&["run", "starves.ron", "-j", "0"], "--jobs"),
        (&["run", "starves.ron", "-j", "many"], "--jobs"),
        (&["run", "starves.ron", "-j", "65535"], "1..=1024"),
        (&["run", "starves.ron", "-q", "-v"], "cannot be used with"),
        (&["list", "foo", "bar"], "expected algorithms or scenarios"),
        (&["completions", "cobol"], "bash"),
    ] {
        let ran = folder.run(args).exits(2).says(says);
        assert_eq!(ran.out, "", "{args:?}");
    }
    assert!(folder.files("runs").is_empty());
}

#[test]
fn files_that_are_no_scenarios_exit_2() {
    let folder = Folder::with("empty.ron", "");
    std::fs::create_dir(folder.path("folder")).unwrap();
    std::fs::write(folder.path("binary.ron"), [0xff, 0xfe, 0x00]).unwrap();
    folder.write("other.ron", "Tree(leaves: 3)");
    for (file, says) in [
        ("missing.ron", "cannot read missing.ron"),
        ("no/such/folder", "cannot read no/such/folder"),
        ("folder", "folder is a folder"),
        ("binary.ron", "not UTF-8"),
        ("empty.ron", "end of the text"),
        ("other.ron", "other.ron"),
    ] {
        for verb in ["run", "validate"] {
            let ran = folder.run(&[verb, file]).exits(2).says(says);
            assert!(!ran.err.contains("panicked") && ran.out.is_empty(), "{ran:?}");
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_without_an_end_exits_2() {
    Folder::new().run(&["run", "/dev/zero"]).exits(2).says("no scenario is that long");
}

#[test]
fn a_folder_that_cannot_be_written_is_told_before_anything_runs() {
    let folder = Folder::with("starves.ron", STARVES);
    let args = ["run", "starves.ron", "--seeds", "0..9", "--out", "starves.ron/x"];
    let ran = folder.run(&args).exits(2).says("error: cannot write to starves.ron/x: ");
    assert!(ran.out.is_empty() && folder.files("runs").is_empty(), "{ran:?}");
    let ran = folder.run(&[&args[..], &["--json"]].concat()).exits(2);
    assert!(ran.json()[0]["error"]["message"].as_str().unwrap().contains("starves.ron/x"));
}

#[test]
fn a_replay_that_cannot_be_written_exits_2() {
    let folder = Folder::with("starves.ron", STARVES);
    folder.write("runs", "no folder");
    let ran = folder.run(&["run", "starves.ron", "--json"]).exits(2);
    let lines = ran.json();
    assert_eq!(
        (&lines[0]["error"]["kind"], &lines[1]["verdict"]),
        (&"usage".into(), &"failed".into())
    );
}

#[cfg(unix)]
#[test]
fn a_file_that_must_not_be_read_exits_2() {
    use std::os::unix::fs::PermissionsExt;

    let folder = Folder::with("secret.ron", STARVES);
    let path = folder.path("secret.ron");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o000)).unwrap();
    // The superuser reads everything: then there is nothing to refuse.
    if std::fs::read(&path).is_err() {
        folder.run(&["run", "secret.ron"]).exits(2).says("cannot read secret.ron");
    } else {
        folder.run(&["run", "secret.ron"]).exits(1);
    }
}

#[test]
fn names_that_match_nothing_exit_4_with_the_nearest() {
    let folder = Folder::new();
    let near = folder.run(&["run", "ricart-agrawela"]).exits(4);
    near.says("did you mean `ricart-agrawala`?");
    folder.run(&["validate", "quicksort"]).exits(4).says("seedbed list scenarios");
    folder.run(&["list", "quicksort"]).exits(4).says("`quicksort`");
    folder.run(&["list", "scenarios", "quicksort"]).exits(4);
    folder.run(&["list", "algorithms", "quicksort"]).exits(4);
}

#[test]
fn validate_tells_the_good_from_the_bad() {
    let folder = Folder::with("good.ron", STARVES);
    folder.write("bad.ron", &STARVES.replace("RicartAgrawala", "RicartAgrawela"));
    let ran = folder.run(&["validate", "good.ron", "bad.ron", "ricart-agrawala"]).exits(2);
    assert_eq!(ran.out.lines().count(), 2, "{ran:?}");
    assert!(ran.out.contains("✓ good.ron: starves, RicartAgrawala, 3 nodes\n"), "{ran:?}");
    ran.says("unknown algorithm `RicartAgrawela`").says("did you mean `RicartAgrawala`?");
    folder.run(&["validate", "good.ron", "--set", "nodes=0"]).exits(2);
}

#[test]
fn lists_are_filtered() {
    let folder = Folder::new();
    let all = folder.run(&["list"]).exits(0);
    for part in ["mutual-exclusion\n", "2(N-1) messages per entry", "safe if", "ricart-agrawala"] {
        assert!(all.out.contains(part), "{part:?} is missing in {all:?}");
    }
    assert!(all.out.lines().all(|line| line.chars().count() <= 100), "{all:?}");
    let rings = folder.run(&["list", "algorithms", "ring"]).exits(0);
    assert!(rings.out.contains("TokenRing") && !rings.out.contains("Lamport\n"), "{rings:?}");
    assert!(!folder.run(&["list", "scenarios"]).exits(0).out.contains("safe if"));
}

#[test]
fn help_and_version_are_no_errors() {
    let folder = Folder::new();
    for verb in ["run", "validate", "list", "schema", "new", "completions"] {
        let help = folder.run(&[verb, "--help"]).exits(0);
        assert!(help.out.contains("Examples:\n  seedbed "), "{help:?}");
    }
    assert!(folder.run(&["--help"]).exits(0).out.contains("Exit codes:"));
    assert_eq!(folder.run(&["--version"]).exits(0).out, "seedbed 0.1.0\n");
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = folder.run(&["completions", shell]).exits(0);
        assert!(script.out.contains("as-expected"), "{shell}");
    }
}

#[test]
fn new_writes_a_crate_and_never_over_one() {
    let folder = Folder::new();
    let ran = folder.run(&["new", "first-steps"]).exits(0);
    assert!(ran.err.contains("cd first-steps && cargo run"), "{ran:?}");
    let files = [
        ".gitignore",
        "Cargo.toml",
        "scenario.ron",
        "src/assembly.rs",
        "src/main.rs",
        "src/roll_call.rs",
    ];
    assert_eq!(folder.files("first-steps"), files.map(|file| format!("first-steps/{file}")));
    let manifest = std::fs::read_to_string(folder.path("first-steps/Cargo.toml")).unwrap();
    assert!(manifest.contains("name = \"first-steps\""), "{manifest}");
    assert!(manifest.contains(env!("CARGO_MANIFEST_DIR")), "{manifest}");
    folder.write("first-steps/src/main.rs", "mine");
    folder.run(&["new", "first-steps"]).exits(2).says("exists already");
    let mine = std::fs::read_to_string(folder.path("first-steps/src/main.rs")).unwrap();
    assert_eq!(mine, "mine");
    folder.run(&["new", "7up"]).exits(2).says("cannot name a crate");
    folder.run(&["new", "match"]).exits(2).says("the name is taken");
}
