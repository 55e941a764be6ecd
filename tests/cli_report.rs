//! `seedbed report` from outside: where pages go, what it answers, its Markdown word for word.
//!
//! `SEEDBED_BLESS=1 cargo test --test cli_report` rewrites the golden Markdown.

#[allow(dead_code, reason = "each test uses its part")]
mod support;

use std::path::Path;

use support::{Folder, STARVES};

#[test]
fn one_run_goes_to_its_folder_and_is_the_latest() {
    let folder = Folder::new();
    let ran = folder.run(&["report", "lamport-reordering"]).exits(0);
    assert_eq!(ran.out, "runs/lamport-reordering/report.html\n");
    let page = std::fs::read_to_string(folder.path(ran.out.trim())).expect("it was written");
    assert!(page.starts_with("<!doctype html>") && page.ends_with("</html>\n"));
    assert!(page.contains("bob could not know of it"));
    #[cfg(unix)]
    assert!(folder.path("runs/latest/report.html").is_file());
}

#[test]
fn many_runs_have_an_index_that_links_them() {
    let folder = Folder::with("mine.ron", STARVES);
    let args = ["report", "mine.ron", "lamport-reordering", "--seed", "3", "--out", "pages"];
    folder.run(&args).exits(0);
    let pages = ["lamport-reordering-seed-3.html", "starves-seed-3.html"];
    assert_eq!(
        folder.files("pages"),
        [
            "pages/index.html".to_owned(),
            format!("pages/{}", pages[0]),
            format!("pages/{}", pages[1]),
        ]
    );
    let index = std::fs::read_to_string(folder.path("pages/index.html")).expect("an index");
    for page in pages {
        assert!(index.contains(&format!("href=\"{page}\"")), "{index}");
    }
    let ran = folder.run(&["report", "mine.ron", "lamport", "--out", "one.html"]).exits(2);
    assert!(ran.err.contains("give a folder"), "{}", ran.err);
}

#[test]
fn a_stored_run_is_reported_and_one_that_differs_is_told() {
    let folder = Folder::with("mine.ron", STARVES);
    folder.run(&["run", "mine.ron", "--seeds", "0..2", "--out", "stored"]);
    let ran = folder.run(&["report", "stored", "--json"]).exits(0);
    let lines = ran.json();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["seed"], 0);
    assert_eq!(lines[1]["verdict"], "failed");
    let path = lines[1]["report"].as_str().expect("a path");
    assert!(folder.path(path).is_file(), "{path}");

    let outcome = folder.path("stored/starves/seed-1/outcome.json");
    let text = std::fs::read_to_string(&outcome).expect("it was stored");
    let digest = lines[1]["digest"].as_str().expect("a digest");
    std::fs::write(&outcome, text.replace(digest, &"0".repeat(32))).expect("writable");
    folder.run(&["report", "stored/starves/seed-1"]).exits(5).says("THE RUN DIFFERS");
}

#[test]
fn a_replay_that_a_failure_left_is_reported() {
    let folder = Folder::with("mine.ron", STARVES);
    folder.run(&["run", "mine.ron"]).exits(1);
    let replays = folder.files("runs/starves");
    folder.run(&["report", &replays[0], "--out", "page.html"]).exits(0);
    let page = std::fs::read_to_string(folder.path("page.html")).expect("it was written");
    for part in ["What led there", "did not happen by", "never arrived"] {
        assert!(page.contains(part), "{part}");
    }
}

#[test]
fn the_markdown_of_a_failure_is_the_golden_one() {
    let folder = Folder::new();
    let text = folder.run(&["report", "lamport-reordering", "--markdown"]).exits(0).out;
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/report.md");
    if std::env::var_os("SEEDBED_BLESS").is_some() {
        std::fs::write(&golden, &text).expect("the golden text can be written");
    }
    assert_eq!(text, std::fs::read_to_string(&golden).expect("there is a golden text"));
    let ran = folder.run(&["report", "lamport-reordering", "--markdown", "--out", "a.md"]).exits(0);
    assert_eq!(ran.out, "a.md\n");
    assert_eq!(std::fs::read_to_string(folder.path("a.md")).expect("it was written"), text);
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let folder = Folder::new();
    folder.run(&["report", "nothing-of-that-name"]).exits(4);
    folder.run(&["report", "."]).exits(4).says("without scenario.ron");
    folder.run(&["report"]).exits(2);
    folder.run(&["report", "lamport", "--markdown", "--out", "a.html"]).exits(2).says("--markdown");
}
