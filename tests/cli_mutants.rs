//! `seedbed mutants` from outside: what it prints and answers.

#[allow(dead_code, reason = "each test uses its part")]
mod support;

use support::Folder;

const SMALL: [&str; 4] = ["--runs", "30", "--states", "20000"];

#[test]
fn every_mutant_of_an_algorithm_is_found_and_the_table_says_by_what() {
    let folder = Folder::new();
    let args = [&["mutants", "suzuki-kasami", "--no-times"][..], &SMALL].concat();
    let table = folder.run(&args).exits(0).says("SuzukiKasami: 4 mutants in ").out;
    assert!(table.contains("  KeepsToken "), "{table}");
    assert!(table.contains("4 mutants, 4 found: run "), "{table}");
    assert_eq!(folder.run(&args).exits(0).out, table, "the same every time");
    let markdown = folder.run(&[&args[..], &["--markdown"]].concat()).exits(0).out;
    assert!(markdown.starts_with("| algorithm | mutant | bug | run |"), "{markdown}");
    assert_eq!(markdown.matches("| SuzukiKasami |").count(), 4, "{markdown}");
}

#[test]
fn json_has_an_object_for_each_mutant() {
    let folder = Folder::new();
    let args = [&["mutants", "raymond", "--json", "-j", "2"][..], &SMALL].concat();
    let lines = folder.run(&args).exits(0).json();
    assert_eq!(lines.len(), 3);
    for line in &lines {
        assert_eq!((&line["schema"], &line["killed"]), (&1.into(), &true.into()), "{line}");
        assert_eq!(line["reduced_agrees"], true, "{line}");
        let harnesses = line["harnesses"].as_array().expect("harnesses");
        assert_eq!(harnesses.len(), 4);
        assert!(harnesses.iter().all(|harness| harness["took_ns"].is_u64()), "{line}");
    }
    let bare = folder.run(&[&args[..], &["--no-times"]].concat()).exits(0).out;
    assert!(!bare.contains("took_ns"), "{bare}");
}

#[test]
fn what_nothing_finds_is_answered_with_1() {
    let text = seedbed::scenarios::find("lamport-explored").expect("it is shipped").text;
    // With a single node there is nothing that a mutant could get wrong.
    let alone = text.replace(r#"nodes: ["ada", "bob"]"#, r#"nodes: ["ada"]"#);
    let alone = alone.lines().filter(|line| !line.contains("explore: (unique_states"));
    let folder = Folder::with("alone.ron", &alone.collect::<Vec<_>>().join("\n"));
    let ran = folder.run(&["mutants", "alone.ron", "--runs", "3"]).exits(1);
    assert!(ran.out.contains("Lamport survives as HeadOnly: enters as soon as"), "{}", ran.out);
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let folder = Folder::new();
    folder.run(&["mutants", "nothing-of-that-name"]).exits(4);
    folder.run(&["mutants"]).exits(2);
    folder.run(&["mutants", "lamport", "--for", "soon"]).exits(2);
    folder.run(&["mutants", "lamport", "--for", "1ns"]).exits(3).says("ended in Lamport");
}

#[test]
fn mutants_are_listed_nowhere_else() {
    let folder = Folder::new();
    for args in [&["list", "algorithms", "lamport"][..], &["list", "--json"], &["schema"]] {
        let ran = folder.run(args).exits(0);
        assert!(!ran.out.contains("HeadOnly") && !ran.out.contains("mutant:"), "{}", ran.out);
    }
    let help = folder.run(&["mutants", "--help"]).exits(0).out;
    assert!(help.contains("Examples:") && help.contains("Exit codes:"), "{help}");
}
