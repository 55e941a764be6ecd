//! `seedbed trace` from outside: what it writes, where, and what it answers.

#[allow(dead_code, reason = "each test uses its part")]
mod support;

use std::fs::{self, File, OpenOptions};
use std::io::Read;
use std::process::Stdio;

use serde_json::Value;
use support::{Folder, Ran, STARVES};

const PROGRAM: &str = env!("CARGO_BIN_EXE_seedbed");

#[test]
fn lines_are_those_of_the_kept_trace_and_end_with_the_same_digest() {
    let folder = Folder::with("mine.ron", STARVES);
    let keep = ["run", "mine.ron", "--seed", "3", "--set", "record.trace=true", "--out", "kept"];
    folder.run(&keep).exits(1);
    let kept = fs::read_to_string(folder.path("kept/trace.jsonl")).unwrap();
    let lines = folder.run(&["trace", "kept", "--as", "jsonl"]).exits(0);
    assert_eq!(lines.out, kept, "a folder that was kept is its run");
    lines.says("the run did not hold: Granted").says("tracing starves with seed 3");
    let same = folder.run(&["trace", "mine.ron", "--as", "jsonl", "--seed", "3", "-q"]).exits(0);
    assert_eq!((same.out.as_str(), same.err.as_str()), (kept.as_str(), ""));
    let first: Value = serde_json::from_str(kept.lines().next().unwrap()).unwrap();
    assert_eq!((&first["schema"], &first["what"]), (&1.into(), &"run".into()));
    assert_eq!((&first["scenario"], &first["seed"]), (&"starves".into(), &3.into()));
}

#[test]
fn each_format_is_written_whole_to_a_file() {
    let folder = Folder::new();
    let opens: [(&str, &[u8]); 5] = [
        ("shiviz", b"0s boot\n"),
        ("perfetto", &[0x0a]),
        ("pcapng", &[0x0a, 0x0d, 0x0d, 0x0a]),
        ("jsonl", b"{\"schema\":1,\"what\":\"run\","),
        ("dot", b"digraph \"loss, seed "),
    ];
    for (format, opening) in opens {
        let out = format!("deep/run.{format}");
        let args = ["trace", "loss", "--until", "200ms", "--as", format, "--out", &out, "--json"];
        let ran = folder.run(&args).exits(0);
        let [value] = ran.json().try_into().expect("one object");
        assert_eq!((&value["file"], &value["format"]), (&out.as_str().into(), &format.into()));
        let bytes = fs::read(folder.path(&out)).unwrap();
        assert!(bytes.starts_with(opening), "{format}: {:?}", &bytes[..20]);
        // The digest is that of the run without a trace.
        let run = folder.run(&["run", "loss", "--until", "200ms", "--json"]);
        assert_eq!(value["digest"], run.json()[0]["digest"]);
        assert_eq!(value["bytes"], bytes.len());
    }
    assert_eq!(folder.files("deep").len(), opens.len(), "nothing else is left");
}

#[test]
fn the_count_of_frames_is_that_of_messages() {
    let folder = Folder::new();
    let lines = folder.run(&["trace", "loss", "--as", "jsonl", "-q"]).exits(0).json();
    let sum = |what: &str, other: &str| {
        let is = |line: &&Value| line["what"] == what && line[other] != line["node"];
        lines.iter().filter(is).count()
    };
    for (frames, what, other) in [("sent", "send", "to"), ("delivered", "deliver", "from")] {
        let args = ["trace", "loss", "--as", "pcapng", "--frames", frames, "--out", "x.pcapng"];
        let ran = folder.run(&[&args[..], &["--json"]].concat()).exits(0);
        assert_eq!(ran.json()[0]["items"], sum(what, other), "{frames}");
    }
}

#[test]
fn options_of_one_format_are_not_for_another() {
    let folder = Folder::new();
    folder.run(&["trace", "loss", "--as", "shiviz", "--frames", "sent"]).exits(2).says("pcapng");
    folder.run(&["trace", "loss", "--as", "jsonl", "--max-events", "9"]).exits(2).says("dot");
    folder.run(&["trace", "loss"]).exits(2).says("--as");
    folder.run(&["trace", "loss", "--as", "xml"]).exits(2).says("shiviz");
}

#[test]
fn what_cannot_be_run_is_refused_with_its_place() {
    let folder = Folder::with("bad.ron", "Scenario(nodes: 3, algorithm: RicartAgrawla())");
    folder.run(&["trace", "bad.ron", "--as", "dot"]).exits(2).says("RicartAgrawala");
    folder.run(&["trace", "no-such-run", "--as", "dot"]).exits(4).says("no-such-run");
    folder.run(&["trace", "loss", "--as", "dot", "--set", "network.losss=1"]).exits(2).says("loss");
    fs::create_dir(folder.path("empty")).unwrap();
    folder.run(&["trace", "empty", "--as", "jsonl"]).exits(2).says("is a folder");
    let ran = folder.run(&["trace", "bad.ron", "--as", "jsonl", "--json"]).exits(2);
    assert_eq!(ran.json()[0]["error"]["kind"], "scenario");
}

#[test]
fn a_graph_that_is_too_large_is_refused_and_leaves_nothing() {
    let folder = Folder::new();
    let args = ["trace", "loss", "--as", "dot", "--max-events", "20", "--out", "graphs/run.dot"];
    folder.run(&args).exits(2).says("more than 20 events").says("--max-events");
    assert!(folder.files("graphs").is_empty());
    let ran = folder.run(&args[..6]).exits(2);
    assert!(ran.out.is_empty(), "{}", ran.out);
}

#[test]
fn a_file_that_cannot_be_written_is_told() {
    let folder = Folder::with("blocked", "a file is no folder");
    let args = ["trace", "loss", "--as", "jsonl", "--out", "blocked/run.jsonl"];
    folder.run(&args).exits(2).says("cannot write blocked/run.jsonl");
}

#[test]
fn a_full_disk_is_told() {
    let Ok(full) = OpenOptions::new().write(true).open("/dev/full") else { return };
    let folder = Folder::new();
    let mut command = folder.command(PROGRAM.as_ref(), &["trace", "loss", "--as", "perfetto"]);
    command.stdout(full).stderr(Stdio::from(File::create(folder.path("said")).unwrap()));
    assert_eq!(command.status().unwrap().code(), Some(2));
    let said = fs::read_to_string(folder.path("said")).unwrap();
    assert!(said.contains("cannot write stdout"), "{said}");
}

#[test]
fn a_reader_that_leaves_ends_a_long_run_in_peace() {
    let folder = Folder::new();
    // Hours of work, if nobody noticed.
    let endless = ["--set", "workload.requests_per_node=100000000", "--set", "stop=Served"];
    let args = [&["trace", "centralised", "--as", "shiviz"], &endless[..]].concat();
    let mut command = folder.command(PROGRAM.as_ref(), &args);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut some = [0; 10_000];
    child.stdout.take().unwrap().read_exact(&mut some).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(some.starts_with(b"0s boot\n"));
}

#[test]
fn a_replay_that_differs_is_told() {
    let folder = Folder::with("mine.ron", STARVES);
    folder.run(&["run", "mine.ron"]).exits(1);
    let replay = "runs/starves/Granted-seed-1.ron";
    folder.run(&["trace", replay, "--as", "jsonl", "-q"]).exits(0);
    let text = fs::read_to_string(folder.path(replay)).unwrap();
    let start = text.find("digest: \"").unwrap() + "digest: \"".len();
    let other = format!("{}{}{}", &text[..start], "0".repeat(32), &text[start + 32..]);
    folder.write("other.ron", &other);
    let ran: Ran = folder.run(&["trace", "other.ron", "--as", "jsonl", "--out", "x"]).exits(5);
    ran.says("REPLAY DIFFERS");
}
