//! `--set` changes one value and leaves the rest of the text alone.

use seedbed_scenarios::{Format, Plan, Registry, Source, load};

const TEXT: &str = "Scenario(
    nodes: 3, // a few
    algorithm: RicartAgrawala,
    workload: Closed(requests_per_node: 4),
    network: (/* fast */ loss: 0.5),
    faults: [(at: \"1s\", until: \"2s\", fault: Pause(\"n1\"))],
)
";

fn source() -> Source {
    Source::new("a.ron", TEXT)
}

#[track_caller]
fn set(path: &str, value: &str, expected: &str) -> Plan {
    let mut source = source();
    source.set(path, value).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(source.text, expected, "{path}={value}");
    load(&Registry::standard(), &source).unwrap_or_else(|p| panic!("{p}: {}", source.text))
}

#[test]
fn values_are_replaced_in_place() {
    assert_eq!(set("nodes", "7", &TEXT.replace("nodes: 3", "nodes: 7")).nodes(), 7);
    set("network.loss", "0.1", &TEXT.replace("0.5", "0.1"));
    set("workload.requests_per_node", "9", &TEXT.replace("node: 4", "node: 9"));
    set("faults[0].fault", "Crash(\"n2\")", &TEXT.replace("Pause(\"n1\")", "Crash(\"n2\")"));
    let names = "[\"ada\",\"n1\"] // two";
    let plan = set("nodes", names, &TEXT.replace("nodes: 3", "nodes: [\"ada\",\"n1\"]"));
    assert_eq!(plan.names().iter().collect::<Vec<_>>(), ["ada", "n1"]);
}

#[test]
fn bare_words_are_quoted_where_a_text_is_meant() {
    set("faults[0].at", "1500ms", &TEXT.replace("at: \"1s\"", "at: \"1500ms\""));
    set("name", "mine", &TEXT.replace("    nodes", "    name: \"mine\",\n    nodes"));
    set("stop", "30s", &TEXT.replace("    nodes", "    stop: \"30s\",\n    nodes"));
    set("stop", "Served", &TEXT.replace("    nodes", "    stop: Served,\n    nodes"));
    set("faults[0].until", "None", &TEXT.replace("until: \"2s\"", "until: None"));
    set("ties", "Shuffled", &TEXT.replace("    nodes", "    ties: Shuffled,\n    nodes"));
}

#[test]
fn missing_fields_and_parents_are_created() {
    set("network.reorder", "true", &TEXT.replace("(/*", "(reorder: true, /*"));
    let mutant = TEXT.replace("RicartAgrawala", "RicartAgrawala(mutant: None)");
    set("algorithm.mutant", "None", &mutant);
    let section = "    limits: (events_max: 1000),\n    nodes";
    set("limits.events_max", "1000", &TEXT.replace("    nodes", section));
}

#[test]
fn json_is_spliced_as_json() {
    let text = "{\"nodes\": 3, \"algorithm\": \"RicartAgrawala\", \"workload\": {\"Closed\": {\"requests_per_node\": 4}}}";
    let mut source = Source::new("a.json", text);
    assert_eq!(source.format, Format::Json);
    for (path, value) in [
        ("stop", "Served"),
        ("network.loss", "0.25"),
        ("workload.requests_per_node", "5"),
        ("workload.hold", "{\"Constant\": \"3ms\"}"),
        ("algorithm.mutant", "None"),
    ] {
        source.set(path, value).unwrap_or_else(|problems| panic!("{problems}"));
    }
    let expected = "{\"network\": {\"loss\": 0.25}, \"stop\": \"Served\", \"nodes\": 3, \"algorithm\": {\"RicartAgrawala\": {\"mutant\": \"None\"}}, \"workload\": {\"Closed\": {\"hold\": {\"Constant\": \"3ms\"}, \"requests_per_node\": 5}}}";
    assert_eq!(source.text, expected);
    load(&Registry::standard(), &source).expect("fine");
}

#[test]
fn what_cannot_be_set_is_refused_and_changes_nothing() {
    for (path, value) in [
        ("", "1"),
        ("nodes.count", "3"),
        ("faults[3].at", "1s"),
        ("faults.at", "1s"),
        ("network.loss", "Bernoulli(0.1"),
        ("network.links[0].loss", "0.1"),
    ] {
        let mut source = source();
        source.set(path, value).expect_err(path);
        assert_eq!(source.text, TEXT);
    }
}

#[test]
fn a_splice_goes_through_the_same_validation() {
    let mut source = source();
    source.set("network.lss", "0.1").expect("the text can be spliced");
    let problems = load(&Registry::standard(), &source).expect_err("no such field");
    assert_eq!(problems.first().data().help.as_deref(), Some("did you mean `loss`?"));
}
