//! The README is true: its scenario loads and holds, its commands print what it shows.

use std::process::Command;

use seedbed::core::Verdict;
use seedbed::scenarios::{Registry, RunOptions, Source, load};

const README: &str = include_str!("../README.md");

/// The fenced blocks of one language.
fn blocks(language: &str) -> Vec<&'static str> {
    let mut rest = README;
    let mut found = Vec::new();
    while let Some((_, after)) = rest.split_once("\n```") {
        let (header, body) = after.split_once('\n').expect("a fence ends its line");
        let (block, next) = body.split_once("\n```").expect("a fence is closed");
        if header == language {
            found.push(block);
        }
        rest = next;
    }
    assert!(!found.is_empty(), "no {language} in the README");
    found
}

#[test]
fn the_scenario_loads_and_holds() {
    for text in blocks("ron") {
        let plan = load(&Registry::standard(), &Source::new("readme.ron", text)).expect("valid");
        let outcome = plan.run(None, RunOptions::default());
        assert_eq!(outcome.verdict(), Verdict::Held, "{:#?}", outcome.checks);
    }
}

/// Whether `shown`, in which a line `…` stands for any number of lines, is `printed`.
fn shows(shown: &[&str], printed: &[&str]) -> bool {
    match (shown.split_first(), printed.split_first()) {
        (None, None) => true,
        (Some((&"…", rest)), _) => (0..=printed.len()).any(|skip| shows(rest, &printed[skip..])),
        (Some((one, shown)), Some((other, printed))) => {
            one.trim_end() == other.trim_end() && shows(shown, printed)
        }
        _ => false,
    }
}

#[test]
fn commands_print_what_is_shown() {
    let folder = tempfile::tempdir().expect("a folder for replay files");
    let mut compared = 0;
    for block in blocks("console") {
        let (command, shown) = block.split_once('\n').unwrap_or((block, ""));
        let Some(words) = command.strip_prefix("$ seedbed ") else { continue };
        if shown.is_empty() || words.contains(['|', '\'']) || shown.starts_with('$') {
            continue;
        }
        let output = Command::new(env!("CARGO_BIN_EXE_seedbed"))
            .args(words.split_whitespace())
            .current_dir(folder.path())
            // Under cargo, the next command to type is spelled with cargo.
            .env_remove("CARGO")
            .env("NO_COLOR", "1")
            .env("COLUMNS", "100")
            .output()
            .expect("it runs");
        // Results are on stdout, refusals on stderr.
        let text = if output.stdout.is_empty() { output.stderr } else { output.stdout };
        let text = String::from_utf8(text).expect("text");
        let printed: Vec<_> = text.trim_end().lines().collect();
        let shown: Vec<_> = shown.lines().collect();
        assert!(shows(&shown, &printed), "{command} prints\n{text}");
        compared += 1;
    }
    assert!(compared >= 5, "only {compared} commands with output");
}
