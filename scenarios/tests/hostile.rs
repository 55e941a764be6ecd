//! No text makes loading panic or run without bound.

use proptest::prelude::*;
use seedbed_scenarios::{Model, Registry, Source, library, load, read_history};

fn harmless(name: &str, text: &str) {
    let mut source = Source::new(name, text);
    let problems = load(&Registry::standard(), &source).err();
    for problem in problems.iter().flat_map(|problems| problems.iter()) {
        let data = problem.data();
        assert!(data.line >= 1 && data.column >= 1 && !data.message.is_empty(), "{data:?}");
        if let Some(span) = problem.span() {
            assert!(text.get(span.start..span.end).is_some(), "{span:?} is no part of the text");
        }
    }
    for (path, value) in [("network.loss", text), ("algorithm.x[0]", "1"), (text, "2")] {
        // Refusing is fine, and so is changing; only panics are not.
        source.set(path, value).ok();
    }
}

/// A shipped scenario with one stretch replaced.
fn mutated() -> impl Strategy<Value = String> {
    let texts: Vec<_> = library().map(|shipped| shipped.text).collect();
    let pieces = prop_oneof![
        "\\PC{0,6}",
        proptest::sample::select(vec![
            "(",
            ")",
            "[",
            "]",
            "{",
            "}",
            "\"",
            "'",
            "r#\"",
            "/*",
            "*/",
            "//",
            "#![",
            "->",
            "*",
            "-1",
            "1e999",
            "18446744073709551616",
            "0x",
            "None",
            "Some(",
            ":",
            ",",
            "\\u{110000}",
            "\"999999999999h\"",
            "\"-5ms\"",
            "1.2",
            "4294967296",
            "\0",
            "é",
        ])
        .prop_map(str::to_owned),
    ];
    (proptest::sample::select(texts), any::<proptest::sample::Index>(), 0..12usize, pieces)
        .prop_map(|(text, at, length, piece)| {
            let mut letters: Vec<char> = text.chars().collect();
            let at = at.index(letters.len());
            let end = (at + length).min(letters.len());
            letters.splice(at..end, piece.chars());
            letters.into_iter().collect()
        })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1500) })]

    #[test]
    fn arbitrary_texts_are_harmless(text in "\\PC{0,200}") {
        harmless("a.ron", &text);
        harmless("a.json", &text);
    }

    #[test]
    fn mutated_scenarios_are_harmless(text in mutated()) {
        harmless("a.ron", &text);
    }
}

#[test]
fn long_hostile_texts_are_refused_quickly() {
    for text in [
        "{".repeat(64) + "ä",
        "[".repeat(64),
        "(".repeat(1 << 20),
        "/*".repeat(1 << 19),
        "[".repeat(50) + &"0,".repeat(1 << 19),
        format!("Scenario(nodes: [{}])", "\"a\",".repeat(200_000)),
        format!("Scenario({})", "a:1,".repeat(250_000)),
        format!(
            "Scenario(nodes: 3, algorithm: RicartAgrawala, checks: [{}])",
            "Always(X),".repeat(100_000)
        ),
        "\"\\u{".repeat(200_000),
        "a/**/".repeat(200_000),
    ] {
        harmless("a.ron", &text);
        harmless("a.json", &text);
    }
}

/// A million nodes, and tens of thousands of names that are none of them.
#[test]
fn many_unknown_names_among_many_nodes_are_refused_quickly() {
    let list = |of: &dyn Fn(u32) -> String| (0..25_000).map(of).collect::<Vec<_>>().join(",");
    let isolated = list(&|n| format!("\"x{n}\""));
    let rules = list(&|n| format!("(on: \"n{n}->q\", loss: 0.1)"));
    let crashes = list(&|n| format!("(at: \"1s\", fault: Cut(\"x{n}->n1\"))"));
    for section in [
        format!("faults: [(at: \"1s\", fault: Isolate([{isolated}]))]"),
        format!("network: (links: [{rules}])"),
        format!("faults: [{crashes}]"),
    ] {
        let text = format!("Scenario(nodes: 1000000, algorithm: Lamport(), {section})");
        let problems = load(&Registry::standard(), &Source::new("a.ron", text)).unwrap_err();
        assert_eq!(problems.iter().len(), 20);
    }
}

#[test]
fn random_faults_that_would_fill_the_memory_are_refused() {
    let load = |nodes: u32, count: u32| {
        let random = format!("Random((until: \"1s\", count: {count}, lasting: \"1ms\"))");
        let text = format!("Scenario(nodes: {nodes}, algorithm: Lamport(), faults: {random})");
        load(&Registry::standard(), &Source::new("a.ron", text))
    };
    assert!(load(3, 10_000).is_ok());
    for (nodes, count) in [(3, 10_001), (1_000_000, 21)] {
        let problems = load(nodes, count).unwrap_err();
        assert!(problems.first().message().starts_with("at most "), "{problems}");
    }
}

proptest! {
    /// Lines that resemble steps of a history, and lines that do not: read or refused.
    #[test]
    fn a_text_that_is_no_history_is_refused_in_words(
        lines in prop::collection::vec(prop_oneof![
            "[ -~]{0,60}",
            "INFO  jepsen.util - [0-9x]{0,3} :[a-z]{2,6} :[a-z]{2,6} [0-9\\[\\] nil:-]{0,12}",
            r#"\{"process": ?[0-9]{1,25}, "type": "(invoke|ok|fail|info)", "f": "(read|write|cas)", "value": ?[0-9\[\],]{1,25}\}"#,
        ], 0..12),
        model in prop::sample::select(Model::ALL.to_vec()),
    ) {
        match read_history("drawn", &lines.join("\n"), model) {
            Ok(read) => prop_assert!(!read.history.is_empty()),
            Err(problems) => prop_assert!(!problems.first().message().is_empty()),
        }
    }
}
