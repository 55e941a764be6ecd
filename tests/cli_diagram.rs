//! `seedbed diagram` from outside: what it draws, writes and answers.

#[allow(dead_code, reason = "each test uses its part")]
mod support;

use serde_json::Value;
use support::Folder;

#[test]
fn a_failure_is_drawn_in_the_terminal_with_what_led_to_it() {
    let folder = Folder::new();
    let ran = folder.run(&["diagram", "lamport-reordering", "--from", "300ms"]).exits(0);
    assert!(ran.out.contains("ada   bob   cyd"), "{}", ran.out);
    assert!(ran.out.contains("✗ MutualExclusion: bob entered"), "{}", ran.out);
    assert!(ran.out.contains("• 325.509373ms  ├────▶●     ┃"), "{}", ran.out);
    assert!(ran.out.contains("bob hears Ack { time: 76 } from ada"), "{}", ran.out);
}

#[test]
fn a_figure_is_the_same_bytes_each_time_and_needs_no_other_file() {
    let folder = Folder::new();
    for name in ["a.svg", "b.svg"] {
        let args = ["diagram", "ricart-agrawala", "--out", name, "--page", "2", "--by-order"];
        let ran = folder.run(&args).exits(0);
        assert!(ran.out.is_empty(), "{}", ran.out);
        assert!(ran.err.contains("page 2 of "), "{}", ran.err);
        assert!(ran.err.contains(&format!("wrote {name}")), "{}", ran.err);
    }
    let figure = std::fs::read_to_string(folder.path("a.svg")).unwrap();
    assert_eq!(figure, std::fs::read_to_string(folder.path("b.svg")).unwrap());
    assert!(figure.starts_with("<svg ") && figure.ends_with("</svg>\n"));
    assert!(figure.contains("prefers-color-scheme: dark"));
    for elsewhere in ["href", "@import", "<script", "<image", "<foreignObject"] {
        assert!(!figure.contains(elsewhere), "{elsewhere}");
    }
}

#[test]
fn a_counterexample_with_a_schedule_is_drawn() {
    let folder = Folder::new();
    let args = ["diagram", "schedule-lamport-overtaken", "--json"];
    let value: Value = serde_json::from_str(&folder.run(&args).exits(0).out).expect("one object");
    assert_eq!(value["breach"]["check"], "MutualExclusion");
    assert!(!value["arrows"].as_array().expect("arrows").is_empty());
}

#[test]
fn clocks_nodes_and_kinds_are_as_wanted() {
    let folder = Folder::new();
    let args = ["diagram", "lamport", "--seed", "3", "--to", "200ms", "--nodes", "cyd,ada"];
    let clocks = ["--set", "record=(clocks: [Vector])", "--kinds", "Request"];
    let ran = folder.run(&[&args[..], &clocks].concat()).exits(0);
    assert!(ran.out.starts_with("lamport, seed 3  "), "{}", ran.out);
    assert!(ran.out.contains("  cyd   ada\n"), "{}", ran.out);
    assert!(ran.out.contains("  @["), "{}", ran.out);
    assert!(ran.out.contains("hears Request") && !ran.out.contains("hears Ack"), "{}", ran.out);
}

#[test]
fn what_cannot_be_drawn_is_refused() {
    let folder = Folder::new();
    let refused = |args: &[&str], code, why: &str| {
        let ran = folder.run(&[&["diagram", "bully"][..], args].concat()).exits(code);
        assert!(ran.err.contains(why), "{}", ran.err);
    };
    refused(&["--from", "1s", "--to", "1ms"], 2, "from 1s to 1ms there is no time");
    refused(&["--from", "1h"], 2, "at 3600s it is over");
    refused(&["--page", "9"], 2, "there is no page 9: there is one");
    refused(&["--page", "0"], 2, "there is no page 0");
    refused(&["--out", "figure.png"], 2, "a file that ends in .svg");
    refused(&["--per-page", "0"], 2, "--per-page");
    refused(&["--nodes", "adaa"], 4, "did you mean `ada`?");
    refused(&["--kinds", "Nonsense"], 4, "kinds in this run: Election, Ok, Coordinator");
    folder.run(&["diagram", "nothing-of-that-name"]).exits(4);
}
