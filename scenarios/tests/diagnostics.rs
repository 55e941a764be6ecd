//! Every kind of mistake is reported at its exact place, with the nearest valid name.

use seedbed_scenarios::{Plan, ProblemData, Problems, Registry, Source, load};

/// A scenario that is fine, one section a line.
const FINE: &str = r#"Scenario(
    nodes: ["ada", "bob", "cyd"],
    algorithm: RicartAgrawala(),
    workload: Closed(think: Exponential(mean: "80ms"), requests_per_node: 3),
    network: (delay: Uniform("1ms", "2ms"), loss: 0.0, links: [(on: "ada->bob", loss: 0.0)]),
    faults: [(at: "1s", until: "2s", fault: Partition([["ada"], ["bob", "cyd"]]))],
    checks: [Always(MutualExclusion), Within("3s", Granted), AtEnd(Sent, AtLeast(1))],
    stop: "60s",
)"#;

fn read(text: &str) -> Result<Plan, Problems> {
    load(&Registry::standard(), &Source::new("fine.ron", text))
}

/// The problems of the fine scenario with `from` replaced by `to`: the text that is pointed at,
/// and the rest as data.
fn problems(from: &str, to: &str) -> Vec<(String, ProblemData)> {
    assert_eq!(FINE.matches(from).count(), 1, "`{from}` occurs once");
    let text = FINE.replace(from, to);
    let problems = read(&text).expect_err(to);
    let place = |problem: &seedbed_scenarios::Problem| {
        let span = problem.span().expect("the problem has a place");
        text[span.start..span.end].to_owned()
    };
    problems.iter().map(|problem| (place(problem), problem.data())).collect()
}

/// The only problem after a replacement.
#[track_caller]
fn expect(from: &str, to: &str, place: &str, message: &str, help: &str) -> ProblemData {
    let all = problems(from, to);
    let [(found, data)] = all.as_slice() else { panic!("expected one problem: {all:#?}") };
    assert_eq!(found, place, "{data:?}");
    assert!(data.message.contains(message), "{data:?}");
    assert!(data.help.as_deref().unwrap_or("").contains(help), "{data:?}");
    data.clone()
}

#[test]
fn the_scenario_without_a_mistake_loads() {
    read(FINE).expect("fine");
}

#[test]
fn line_and_column_count_from_one() {
    let data =
        expect("loss: 0.0, links", "los: 0.0, links", "los", "unknown field `los`", "`loss`");
    assert_eq!((data.line, data.column, data.file.as_str()), (5, 45, "fine.ron"));
    let data = expect(
        "\"ada\", \"bob\", \"cyd\"]",
        "\"ädä\", \"ädä\", \"ada\", \"bob\", \"cyd\"]",
        "\"ädä\"",
        "two nodes called",
        "",
    );
    assert_eq!((data.line, data.column), (2, 20), "columns count characters");
}

#[test]
fn unknown_fields_have_a_nearest_name() {
    expect("workload:", "worklod:", "worklod", "unknown field `worklod`", "`workload`");
    expect(
        "requests_per_node",
        "request_per_node",
        "request_per_node",
        "unknown field",
        "`requests_per_node`",
    );
    expect("until", "untill", "untill", "unknown field", "`until`");
    expect(
        "RicartAgrawala()",
        "RicartAgrawala(mutnat: None)",
        "mutnat",
        "unknown field",
        "`mutant`",
    );
    expect("stop:", "flavour:", "flavour", "unknown field `flavour`", "expected one of");
}

#[test]
fn unknown_words_have_a_nearest_word() {
    expect(
        "RicartAgrawala",
        "RicartAgrawal",
        "RicartAgrawal",
        "unknown algorithm",
        "`RicartAgrawala`",
    );
    expect(
        "Always(MutualExclusion)",
        "Always(MutalExclusion)",
        "MutalExclusion",
        "unknown check",
        "`MutualExclusion`",
    );
    expect("Granted)", "Grantd)", "Grantd", "unknown goal", "`Granted`");
    expect("AtEnd(Sent,", "AtEnd(Snt,", "Snt", "unknown figure", "`Sent`");
    expect(
        "AtEnd(Sent,",
        "AtEnd(SyncDelayNsMaen,",
        "SyncDelayNsMaen",
        "unknown figure",
        "`SyncDelayNsMean`",
    );
    expect("Uniform(", "Unifrom(", "Unifrom", "unknown word", "`Uniform`");
    expect("Partition(", "Partiton(", "Partiton", "unknown word", "`Partition`");
    expect(
        "Always(MutualExclusion)",
        "Always(Granted)",
        "Granted",
        "unknown check",
        "Eventually(Granted)",
    );
}

#[test]
fn unknown_nodes_have_a_nearest_name() {
    expect("\"ada->bob\"", "\"ada->bbo\"", "bbo", "unknown node `bbo`", "`bob`");
    expect("[[\"ada\"]", "[[\"adda\"]", "\"adda\"", "unknown node", "`ada`");
    expect("requests_per_node: 3", "only: [\"eda\"]", "\"eda\"", "unknown node", "`ada`");
    expect(
        "RicartAgrawala()",
        "Centralised(coordinator: \"bop\")",
        "\"bop\"",
        "unknown node",
        "`bob`",
    );
}

#[test]
fn wrong_types_say_what_is_expected() {
    expect(
        "requests_per_node: 3",
        "requests_per_node: \"3\"",
        "\"3\"",
        "expected a whole number from 0 to 4294967295, found the text",
        "",
    );
    expect("requests_per_node: 3", "requests_per_node: 3.5", "3.5", "found the number 3.5", "");
    expect(
        "requests_per_node: 3",
        "requests_per_node: -3",
        "-3",
        "expected a whole number from 0",
        "",
    );
    expect("[\"ada\", \"bob\", \"cyd\"],", "\"ada\",", "\"ada\"", "unknown word", "");
    expect("loss: 0.0, links", "loss: \"none\", links", "\"none\"", "unknown word", "Bernoulli");
    expect("stop: \"60s\"", "stop: 60", "60", "expected one of Quiet, Served", "");
    expect("Closed(", "Closd(", "Closd", "unknown word", "`Closed`");
    expect("RicartAgrawala()", "RicartAgrawala(1)", "RicartAgrawala(", "expected fields", "");
}

#[test]
fn bad_durations_are_explained() {
    expect("\"80ms\"", "\"80 parsecs\"", "\"80 parsecs\"", "bad duration", "");
    expect("\"80ms\"", "80ms", "80ms", "`80ms` is no number", "\"80ms\"");
    expect(
        "\"1ms\", \"2ms\"",
        "\"2ms\", \"1ms\"",
        "Uniform(\"2ms\", \"1ms\")",
        "the lower bound",
        "",
    );
    expect("Within(\"3s\"", "Within(\"0s\"", "\"0s\"", "nothing comes about", "");
}

#[test]
fn impossible_values_are_refused() {
    expect("loss: 0.0, links", "loss: 1.2, links", "1.2", "1.2 is no probability", "");
    expect("loss: 0.0)]", "loss: -0.1)]", "-0.1", "no probability", "");
    expect(
        "loss: 0.0, links",
        "bandwidth: (rate: \"fast\"), links",
        "\"fast\"",
        "bad rate",
        "10Mbps",
    );
    expect("stop:", "seed: 9007199254740992, stop:", "9007199254740992", "below 2^53", "");
    expect("stop:", "schema: 2, stop:", "2", "version 2", "");
    expect("requests_per_node: 3", "requests_per_node: 0", "0", "exercise nothing", "");
    expect("stop:", "clocks: (drift_ppm: -1e6), stop:", "-1e6", "rate error", "");
    expect("stop:", "service: (time: \"1ms\", cores: 0), stop:", "0", "cores", "");
    expect("AtLeast(1)", "Between(2, 1)", "AtEnd(Sent, Between(2, 1))", "nothing lies between", "");
    expect(
        "AtLeast(1)",
        "Equals(Theory)",
        "Theory",
        "messages per operation only",
        "MessagesPerEntry",
    );
}

#[test]
fn service_times_are_for_kinds_that_there_are() {
    let service = "service: (time: \"1ms\", by_kind: {\"Reqly\": \"2ms\"}), stop:";
    expect("stop:", service, "\"Reqly\"", "unknown kind of message", "`Reply`");
}

#[test]
fn node_names_are_told_apart() {
    expect(
        "\"bob\", \"cyd\"],",
        "\"bob\", \"cyd\", \"bob\"],",
        "\"bob\"",
        "two nodes called `bob`",
        "",
    );
    expect("\"cyd\"],", "\"c*d\", \"cyd\"],", "\"c*d\"", "cannot be a node's name", "");
    expect("[\"ada\", \"bob\", \"cyd\"],", "[],", "[]", "at least one node", "");
}

#[test]
fn faults_make_sense() {
    let partition = "Partition([[\"ada\"], [\"bob\", \"cyd\"]])";
    expect("[[\"ada\"]", "[[]", "[]", "this group is empty", "");
    expect("[\"bob\", \"cyd\"]]", "[\"bob\", \"ada\"]]", "\"ada\"", "`ada` is in two groups", "");
    expect(
        "[[\"ada\"], [\"bob\", \"cyd\"]]",
        "[[\"ada\"]]",
        "[[\"ada\"]]",
        "at least two groups",
        "",
    );
    let late = "at: \"70s\", until: \"80s\"";
    expect("at: \"1s\", until: \"2s\"", late, "\"70s\"", "the run stops at 60s", "");
    expect("until: \"2s\"", "until: \"1s\"", "\"1s\"", "is not after `at`", "");
    let slow = "Slow(node: \"ada\", factor: 3.0)";
    expect(partition, slow, slow, "handlers take no time", "service:");
    expect(partition, "ClockStep(node: \"ada\", by: \"-3s\")", "\"2s\"", "it has no `until`", "");
    expect(partition, "Cut(\"ada-bob\")", "\"ada-bob\"", "is no link", "ada->eve");
    expect(partition, "Cut(\"ada->ada\")", "\"ada->ada\"", "no link to itself", "");
    expect(partition, "Isolate([])", "[]", "nobody is isolated", "");
    expect(partition, "Degrade(links: \"*->bob\", delay_factor: 0)", "0", "no factor", "");
    let twice = "Crash(\"ada\")), (at: \"1500ms\", fault: Crash(\"ada\")";
    let data = expect(partition, twice, "Crash(\"ada\")", "ada is already down", "");
    assert_eq!(data.column, 82, "the second crash is meant");
}

#[test]
fn random_faults_are_bounded() {
    let random = |inner: &str| format!("faults: Random({inner}),\n    checks");
    let faults = "faults: [(at: \"1s\", until: \"2s\", fault: Partition([[\"ada\"], [\"bob\", \"cyd\"]]))],\n    checks";
    let fine = random("until: \"10s\", count: 3, lasting: Constant(\"1s\"), kinds: [Crash, Pause]");
    read(&FINE.replace(faults, &fine)).expect("fine");
    let many = random("until: \"10s\", count: 4000000, lasting: \"1s\"");
    expect(faults, &many, "4000000", "at most 10000 random faults", "");
    let empty = random("until: \"10s\", count: 4, lasting: \"1s\", kinds: []");
    expect(faults, &empty, "[]", "no kind to draw from", "");
}

#[test]
fn what_a_transport_hides_is_not_judged() {
    expect(
        "checks: [Always(MutualExclusion)",
        "transport: Reliable(fifo: true), checks: [Always(RequestOrder)",
        "Always(RequestOrder)",
        "`RequestOrder` cannot be judged over a transport that keeps the order",
        "nobody has heard them",
    );
}

#[test]
fn expectations_name_a_check() {
    let data = expect(
        "stop:",
        "expect: Breach(\"Granded\"), stop:",
        "\"Granded\"",
        "no check of this scenario",
        "`Granted`",
    );
    assert_eq!(data.line, 8);
    expect("stop:", "replay: (digest: \"12\"), stop:", "\"12\"", "32 hex digits", "");
}

#[test]
fn topologies_fit_the_nodes() {
    let with = |topology: &str| format!("topology: {topology}, links");
    expect("links", &with("Grid(2, 2)"), "Grid(2, 2)", "does not fit 3 nodes", "");
    expect("links", &with("Star(\"hub\")"), "\"hub\"", "unknown node", "");
    let apart = "(relays: [\"r\"], edges: [(\"ada\", \"r\"), (\"r\", \"bob\")])";
    expect("links", &with(apart), apart, "`cyd` is cut off from `ada`", "");
    let relays = "(relays: [\"ada\"], edges: [(\"ada\", \"bob\"), (\"bob\", \"cyd\")])";
    expect("links", &with(relays), "\"ada\"", "already a node", "");
}

#[test]
fn broken_syntax_is_pointed_at() {
    expect("stop: \"60s\",", "stop: \"60s", "\"", "never closed", "");
    expect("stop: \"60s\",", "stop: \"60s\", /* why", "/*", "comment is never closed", "");
    expect("loss: 0.0, links", "loss: 0.0 links", "l", "expected `,` or `)`", "");
    expect("\"80ms\"", "\"80\\qms\"", "\\", "escape", "");
}

#[test]
fn a_missing_section_and_a_doubled_one_are_named() {
    let data =
        expect("algorithm: RicartAgrawala(),", "", "Scenario(", "`algorithm` is missing", "");
    assert_eq!((data.line, data.column), (1, 1));
    expect("stop:", "stop: Quiet, stop:", "stop", "`stop` is given twice", "");
}

#[test]
fn many_problems_are_reported_at_once() {
    let text = FINE
        .replace("loss: 0.0)]", "loss: 2.0)]")
        .replace("Always(MutualExclusion)", "Always(Mutual)")
        .replace("until: \"2s\"", "until: \"1s\"")
        .replace("stop: \"60s\"", "stop: \"60\"");
    let problems = read(&text).expect_err("four mistakes");
    let lines: Vec<_> = problems.iter().map(|problem| problem.data().line).collect();
    assert_eq!(lines, [5, 6, 7, 8], "{problems:#?}");
}

#[test]
fn absurd_sizes_are_refused_before_memory_is_taken() {
    let all = "[\"ada\", \"bob\", \"cyd\"],";
    let problems = problems(all, "1_000_000_000_000,");
    assert!(problems[0].1.message.contains("too many: at most 1000000"), "{problems:?}");
    let text = "Scenario(nodes: 5000, algorithm: RicartAgrawala(), checks: [Always(RequestOrder)])";
    let pairs = read(text).expect_err("a table of pairs");
    assert!(pairs.first().message().contains("at most 4096 nodes, not 5000"), "{pairs}");
    let wide = "Scenario(nodes: 20000, algorithm: RicartAgrawala, network: (topology: Line))";
    let wide = read(wide).expect_err("tables of next hops");
    assert_eq!(wide.first().data().column, 71, "{wide}");
    let long = format!("Scenario(about: \"{}\")", "x".repeat(1 << 20));
    assert!(read(&long).expect_err("too long").first().message().contains("bytes"));
    let deep = format!("Scenario(nodes: {}", "[".repeat(100_000));
    assert!(read(&deep).expect_err("too deep").first().message().contains("nested deeper"));
}
