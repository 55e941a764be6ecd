//! `seedbed sweep` and `seedbed merge`: results, killed and taken up again, in parts, refusals.

#[allow(dead_code, reason = "each test uses its part")]
mod support;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use support::{Folder, Ran};

/// 3 points, 50 seeds; a run takes a few milliseconds.
const SWEPT: &str = r#"Scenario(
    name: "swept",
    nodes: 8,
    algorithm: RicartAgrawala(),
    workload: Closed(think: Constant("0s"), hold: Uniform("1ms", "3ms"), requests_per_node: 25),
    network: (delay: Uniform("1ms", "9ms")),
    checks: [Always(MutualExclusion), Eventually(Granted)],
    sweep: (
        axes: [(name: "algorithm", values: { "RA": RicartAgrawala(), "L, all": Lamport(), "M": Maekawa() })],
        seeds: "0..50",
        charts: [(name: "messages", x: "nodes", y: "messages_per_entry", by: "algorithm", theory: Messages)],
    ),
)"#;

const RUNS: usize = 150;

/// The same with few and short runs.
const SMALL: [&str; 4] = ["--seeds", "0..4", "--set", "workload.requests_per_node=2"];

fn text(folder: &Folder, path: &str) -> String {
    fs::read_to_string(folder.path(path)).unwrap_or_else(|why| panic!("{path}: {why}"))
}

fn lines(path: &Path) -> usize {
    fs::read_to_string(path).map_or(0, |text| text.matches('\n').count())
}

fn small<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&["sweep", "swept.ron"], more, &SMALL].concat()
}

#[test]
fn a_sweep_leaves_a_row_for_every_run_and_says_what_they_come_to() {
    let folder = Folder::with("swept.ron", SWEPT);
    let ran = folder.run(&small(&[])).exits(0).says("3 points with seeds 0..4, to runs/swept");
    let csv = text(&folder, "runs/swept/results.csv");
    let rows: Vec<&str> = csv.lines().collect();
    assert_eq!(rows.len(), 1 + 12);
    assert!(rows[0].starts_with("point,seed,algorithm,nodes,digest,verdict,messages_per_entry,messages_per_entry_min,messages_per_entry_max,messages_per_entry_mean,theory_low,theory_high,sent,"), "{}", rows[0]);
    assert!(rows[1].starts_with("0,0,RA,8,"), "{}", rows[1]);
    assert!(rows[5].starts_with("1,0,\"L, all\",8,"), "{}", rows[5]);
    assert!(rows[12].starts_with("2,3,M,8,"), "{}", rows[12]);
    assert!(rows[1].contains(",held,14,14,14,14,14,14,"), "2(N-1), and theory: {}", rows[1]);
    assert!(rows[9].contains(",,,"), "theory says nothing of eight nodes: {}", rows[9]);
    assert!(ran.out.contains("messages_per_entry"), "{ran:?}");
    assert!(ran.out.contains("Student's t"), "{ran:?}");
    let line = |label: &str| ran.out.lines().find(|line| line.trim_start().starts_with(label));
    let words = line("RA ").expect("a line").split_whitespace().collect::<Vec<_>>();
    assert_eq!(
        words,
        ["RA", "14", "0", "14", "14", "14"],
        "mean, interval, least, greatest, theory"
    );
    assert_eq!(text(&folder, "runs/latest/results.csv"), csv);
    // What the scenario of a row says alone is what the row says.
    let alone = folder
        .run(&[
            "run",
            "swept.ron",
            "--seed",
            "3",
            "--set",
            "algorithm=Maekawa()",
            "--set",
            "workload.requests_per_node=2",
            "--json",
        ])
        .exits(0);
    let digest = alone.json()[0]["digest"].as_str().unwrap().to_owned();
    assert!(rows[12].contains(&digest), "{digest}: {}", rows[12]);
}

#[test]
fn the_manifest_runs_it_again() {
    let folder = Folder::with("swept.ron", SWEPT);
    folder.run(&small(&[])).exits(0);
    let manifest: serde_json::Value =
        serde_json::from_str(&text(&folder, "runs/swept/manifest.json")).unwrap();
    assert_eq!(manifest["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(manifest["seeds"], serde_json::json!({ "from": 0, "to": 4 }));
    assert_eq!(manifest["axes"][0]["values"], serde_json::json!(["RA", "L, all", "M"]));
    assert_eq!(manifest["points"][1]["sets"]["algorithm"], "Lamport()");
    assert_eq!(manifest["results_xxh3"].as_str().unwrap().len(), 32);
    let header = text(&folder, "runs/swept/results.csv").lines().next().unwrap().to_owned();
    let named: Vec<_> = manifest["columns"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c["name"].as_str().unwrap())
        .collect();
    assert_eq!(named.join(","), header);
    folder.write("again.ron", manifest["text"].as_str().unwrap());
    folder.run(&["sweep", "again.ron", "--out", "again"]).exits(0);
    assert_eq!(text(&folder, "again/results.csv"), text(&folder, "runs/swept/results.csv"));
    assert_eq!(text(&folder, "again/scenario.ron"), manifest["text"].as_str().unwrap());
}

#[test]
fn json_is_one_object_a_point() {
    let folder = Folder::with("swept.ron", SWEPT);
    let points = folder.run(&small(&["--json"])).exits(0).json();
    assert_eq!(points.len(), 3);
    assert_eq!(points[1]["axes"]["algorithm"], "L, all");
    assert_eq!(points[1]["runs"], 4);
    let figure = &points[1]["figures"]["messages_per_entry"];
    assert_eq!(figure["mean"], 21.0);
    assert_eq!((&figure["low"], &figure["high"]), (&figure["mean"], &figure["mean"]));
    assert_eq!(points[1]["theory"], serde_json::json!([21.0, 21.0]));
    assert_eq!(points[2]["theory"], serde_json::Value::Null);
}

#[test]
fn a_sweep_that_is_killed_ten_times_ends_as_if_it_had_not_been() {
    let folder = Folder::with("swept.ron", SWEPT);
    folder.run(&["sweep", "swept.ron", "--out", "whole", "-j", "1"]).exits(0);
    let journal = folder.path("killed/journal");
    let mut before = String::new();
    for kill in 1..=10 {
        let wanted = kill * (RUNS - 40) / 10;
        let args = ["sweep", "swept.ron", "--out", "killed", "-q", "-j", "2"];
        let mut command = folder.command(Path::new(env!("CARGO_BIN_EXE_seedbed")), &args);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        while lines(&journal) < wanted {
            assert_eq!(child.try_wait().unwrap(), None, "it ended before it was killed");
            sleep(Duration::from_micros(300));
        }
        child.kill().unwrap();
        let status = child.wait().unwrap();
        assert_eq!(status.code(), None, "kill {kill} came too late: {status}");
        let after = fs::read_to_string(&journal).unwrap();
        let whole = before.rfind('\n').map_or(0, |at| at + 1);
        assert!(after.starts_with(&before[..whole]), "what is finished stays, in its place");
        assert!(!folder.path("killed/results.csv").exists(), "no results before the end");
        before = after;
    }
    let ran = folder.run(&["sweep", "swept.ron", "--out", "killed", "--resume"]).exits(0);
    let done = before.matches('\n').count();
    ran.says(&format!("{done} runs are finished already, {} are left", RUNS - done));
    assert_eq!(lines(&journal), RUNS, "none was run twice");
    for file in ["results.csv", "manifest.json"] {
        assert_eq!(
            text(&folder, &format!("killed/{file}")),
            text(&folder, &format!("whole/{file}"))
        );
    }
}

#[test]
fn a_line_that_was_being_written_is_dropped_and_its_run_done_again() {
    let folder = Folder::with("swept.ron", SWEPT);
    folder.run(&small(&["-j", "1"])).exits(0);
    let (journal, results) = ("runs/swept/journal", text(&folder, "runs/swept/results.csv"));
    let whole = text(&folder, journal);
    let fifth = whole.match_indices('\n').nth(4).unwrap().0;
    for end in [0, 3, fifth, fifth + 1, fifth + 5, whole.len() - 1] {
        fs::write(folder.path(journal), &whole[..end]).unwrap();
        fs::remove_file(folder.path("runs/swept/results.csv")).unwrap();
        let done = whole[..end].matches('\n').count();
        let ran = folder.run(&small(&["-j", "1"])).exits(0);
        if done > 0 {
            ran.says(&format!("{done} runs are finished already, {} are left", 12 - done));
        }
        assert_eq!(text(&folder, "runs/swept/results.csv"), results, "cut at {end}");
        assert_eq!(text(&folder, journal), whole, "cut at {end}");
    }
    fs::write(folder.path(journal), whole.replacen("RA", "RB", 1)).unwrap();
    folder.run(&small(&[])).exits(2).says("journal is damaged: line 1 is damaged");
}

#[test]
fn shards_together_are_the_whole() {
    let folder = Folder::with("swept.ron", SWEPT);
    folder.run(&small(&["--out", "whole"])).exits(0);
    for shard in ["1/3", "2/3", "3/3"] {
        folder.run(&small(&["--shard", shard])).exits(0);
    }
    assert_eq!(lines(&folder.path("runs/swept-shard-2-of-3/journal")), 4);
    assert_eq!(lines(&folder.path("runs/swept-shard-2-of-3/results.csv")), 1 + 4);
    let shards = [1, 2, 3].map(|at| format!("runs/swept-shard-{at}-of-3"));
    let [a, b, c] = [&shards[0], &shards[1], &shards[2]].map(String::as_str);
    folder.run(&["merge", c, a, b, "--out", "merged"]).exits(0);
    for file in ["results.csv", "manifest.json"] {
        assert_eq!(
            text(&folder, &format!("merged/{file}")),
            text(&folder, &format!("whole/{file}"))
        );
    }
    let ran = folder.run(&["merge", a, b, "--out", "some"]).exits(2);
    ran.says("4 runs are missing; the first is point 0, seed 2");
    let ran = folder.run(&["merge", a, b, c, b, "--out", "twice"]).exits(2);
    ran.says("point 0, seed 1 is in runs/swept-shard-2-of-3 and in an earlier folder");
    folder
        .run(&["sweep", "swept.ron", "--shard", "3/3", "--seeds", "0..5", "--out", "other"])
        .exits(0);
    let ran = folder.run(&["merge", a, b, "other"]).exits(2);
    ran.says("other is not of the same sweep as runs/swept-shard-1-of-3: the range of seeds");
    folder.run(&["merge", a, "nowhere"]).exits(2).says("cannot read nowhere/manifest.json");
    for refused in ["some", "twice", "runs/swept"] {
        assert!(folder.files(refused).is_empty(), "{refused} is not begun");
    }
}

#[test]
fn another_sweep_in_the_folder_is_refused_and_left_alone() {
    let folder = Folder::with("swept.ron", SWEPT);
    folder.run(&small(&[])).exits(0);
    let before = text(&folder, "runs/swept/results.csv");
    let ran = folder.run(&small(&["--set", "nodes=4"])).exits(2);
    let ran = ran.says("runs/swept has results of another sweep: the scenario's text differs");
    ran.says("--fresh");
    folder
        .run(&small(&["--shard", "1/2", "--out", "runs/swept"]))
        .exits(2)
        .says("another part of this sweep");
    assert_eq!(text(&folder, "runs/swept/results.csv"), before);
    let ran = folder.run(&small(&[])).exits(0);
    assert_eq!(text(&folder, "runs/swept/results.csv"), before, "{ran:?}");
    folder.run(&small(&["--set", "nodes=4", "--fresh"])).exits(0);
    assert_ne!(text(&folder, "runs/swept/results.csv"), before);
    folder.run(&small(&["--resume", "--out", "empty"])).exits(2).says("nothing to go on with");
}

#[test]
fn what_fails_is_a_row_and_told() {
    let folder = Folder::with("swept.ron", SWEPT);
    let ran = folder.run(&small(&["--set", "network.loss=0.5"])).exits(1);
    assert!(ran.out.contains("failed"), "{ran:?}");
    let csv = text(&folder, "runs/swept/results.csv");
    assert_eq!(csv.lines().count(), 1 + 12);
    assert!(csv.contains(",failed,"), "{csv}");
    let command = ran.out.lines().find_map(|line| line.strip_prefix("first failure: seedbed "));
    let command = command.expect("the command that shows it").replace('\'', "");
    assert!(command.starts_with("run runs/swept/scenario.ron --set algorithm="), "{command}");
    folder.run(&command.split(' ').collect::<Vec<_>>()).exits(1);
}

#[test]
fn bad_input_is_refused_before_anything_runs() {
    let folder = Folder::with("swept.ron", SWEPT);
    let bad = "sweep.axes[0].values=[Lamport(), Lamport(acks: Perhaps)]";
    let ran = folder.run(&small(&["--set", bad])).exits(2);
    assert!(ran.err.contains("Perhaps") && ran.err.contains("swept.ron:"), "{ran:?}");
    let json = folder.run(&small(&["--set", bad, "--json"])).exits(2).json();
    assert_eq!(json[0]["error"]["kind"], "scenario");
    assert!(json[0]["error"]["line"].as_u64().unwrap() > 5, "{json:?}");
    folder.run(&["validate", "swept.ron"]).exits(0);
    folder.run(&["validate", "swept.ron", "--set", bad]).exits(2).says("Perhaps");
    folder.run(&["sweep", "ricart-agrawala"]).exits(2).says("no section `sweep`");
    folder.run(&["sweep", "swept.rom"]).exits(4);
    folder.run(&small(&["--shard", "3/2"])).exits(2).says("there is no part 3 of 2");
    folder.run(&["merge"]).exits(2);
    assert!(folder.files("runs").is_empty(), "nothing was written");
}

#[test]
fn a_second_sweep_to_the_same_folder_waits_for_nobody() {
    let folder = Folder::with("swept.ron", SWEPT);
    folder.run(&small(&[])).exits(0);
    let journal = fs::File::open(folder.path("runs/swept/journal")).unwrap();
    journal.lock().unwrap();
    folder.run(&small(&[])).exits(2).says("another process is writing to runs/swept/journal");
}

#[cfg(unix)]
#[test]
fn an_interrupt_leaves_what_is_finished() {
    let folder = Folder::with("swept.ron", SWEPT);
    let args = ["sweep", "swept.ron", "-j", "1"];
    let mut command = folder.command(Path::new(env!("CARGO_BIN_EXE_seedbed")), &args);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let journal = folder.path("runs/swept/journal");
    while lines(&journal) < 5 {
        sleep(Duration::from_micros(300));
    }
    let told = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(told.unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    let said = String::from_utf8(output.stderr).unwrap();
    let done = lines(&journal);
    assert!(said.contains(&format!("interrupted with {} runs left", RUNS - done)), "{said}");
    let ran: Ran = folder.run(&["sweep", "swept.ron"]).exits(0);
    ran.says(&format!("{done} runs are finished already"));
}
