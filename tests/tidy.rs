//! Style as a test: what a reader may rely on in every source file.

use std::fs;
use std::path::{Path, PathBuf};

/// One idea a file: a longer one has two.
const LINES_MAX: usize = 420;

fn sources() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let rooms = [
        "node",
        "sim-core",
        "algorithms",
        "scenarios",
        "reports",
        "src",
        "tests",
        "benches",
        "examples",
        "fuzz",
    ];
    let mut files = Vec::new();
    let mut folders: Vec<PathBuf> = rooms.iter().map(|room| root.join(room)).collect();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())) {
            let path = entry.expect("a readable folder").path();
            if path.is_dir() && !path.ends_with("target") {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let text = fs::read_to_string(&path).expect("sources are text");
                files.push((path.strip_prefix(root).expect("within").to_owned(), text));
            }
        }
    }
    assert!(files.len() > 60, "the walk finds the sources, not {}", files.len());
    files.sort();
    files
}

/// Files that break a rule, each with what breaks it.
fn offenders(rule: impl Fn(&Path, &str) -> Option<String>) -> Vec<String> {
    let broken = |(path, text): &(PathBuf, String)| {
        rule(path, text).map(|why| format!("{}: {why}", path.display()))
    };
    sources().iter().filter_map(broken).collect()
}

#[test]
fn files_are_short() {
    let long = offenders(|_, text| {
        let lines = text.lines().count();
        (lines > LINES_MAX).then(|| format!("{lines} lines"))
    });
    assert!(long.is_empty(), "{long:#?}");
}

#[test]
fn files_say_what_they_are() {
    let mute = offenders(|_, text| (!text.starts_with("//!")).then(|| "no opening `//!`".into()));
    assert!(mute.is_empty(), "{mute:#?}");
}

#[test]
fn nothing_is_left_undone() {
    // Spelled apart, so that this file does not offend.
    let words = [
        concat!("to", "do!("),
        concat!("unimple", "mented!("),
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("d", "bg!("),
        concat!("#[ig", "nore"),
    ];
    let undone =
        offenders(|_, text| words.iter().find(|w| text.contains(**w)).map(|w| (*w).into()));
    assert!(undone.is_empty(), "{undone:#?}");
}

#[test]
fn algorithms_cite_their_source() {
    let silent = offenders(|path, text| {
        let algorithm = path.starts_with("algorithms/src") && text.contains("impl Algorithm for");
        let header: String = text.lines().take_while(|line| line.starts_with("//!")).collect();
        let year = header.split(|c: char| !c.is_ascii_digit()).any(|word| word.len() == 4);
        (algorithm && !(year && header.contains("Assumes")))
            .then(|| "no paper or no assumptions".into())
    });
    assert!(silent.is_empty(), "{silent:#?}");
}
