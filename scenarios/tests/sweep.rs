//! Sweeps: points by product and in lockstep, ranges, several paths at once, columns, and refusals at
//! their places.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;

use seedbed_scenarios::sweep::{Cell, ColumnKind, Row, Sweep};
use seedbed_scenarios::{Problems, Registry, RunOptions, Source, library, load};

/// A scenario with this section `sweep`.
fn scenario(sweep: &str) -> Source {
    let text = format!(
        r#"Scenario(
    name: "swept",
    nodes: 3,
    algorithm: RicartAgrawala(),
    workload: Closed(think: Constant("1ms"), hold: Constant("1ms"), requests_per_node: 2),
    network: (delay: "2ms"),
    sweep: {sweep},
)"#
    );
    Source::new("swept.ron", text)
}

fn of(source: &Source) -> Result<Sweep, Problems> {
    let registry = Registry::standard();
    load(&registry, source).and_then(|plan| Sweep::of(&registry, &plan))
}

fn swept(sweep: &str) -> Sweep {
    of(&scenario(sweep)).unwrap_or_else(|why| panic!("{:?}", why.first().data()))
}

/// What is wrong, and the text that it is about.
fn refused(sweep: &str) -> (String, String) {
    let source = scenario(sweep);
    let problems = of(&source).expect_err("it is refused");
    let problem = problems.first();
    let span = problem.span().expect("it has a place");
    (problem.message().to_owned(), source.text[span.start..span.end].to_owned())
}

fn labels(sweep: &Sweep) -> Vec<String> {
    let point = |point: seedbed_scenarios::sweep::Point| {
        point.labels.into_iter().map(|(_, label)| label).collect::<Vec<_>>().join(" ")
    };
    sweep.points().map(point).collect()
}

/// All rows in order of their runs.
fn rows(sweep: &Sweep) -> Vec<Row> {
    let todo: Vec<u64> = (0..sweep.runs()).collect();
    let mut rows = Vec::new();
    sweep.run(&todo, NonZeroUsize::new(2).unwrap(), &|| false, |row| {
        rows.push(row);
        ControlFlow::Continue(())
    });
    rows.sort_by_key(|row| row.run);
    rows
}

fn cell<'a>(sweep: &Sweep, row: &'a Row, name: &str) -> &'a Cell {
    let at = sweep.columns().iter().position(|column| column.name == name);
    &row.cells[at.unwrap_or_else(|| panic!("there is no column {name}"))]
}

#[test]
fn a_product_has_every_value_with_every_other_and_the_last_axis_is_the_fastest() {
    let sweep = swept(
        r#"(axes: [
            (name: "nodes", values: [2, 4]),
            (name: "delay", sets: "network.delay", values: ["1ms", "2ms", "3ms"]),
        ], seeds: "5..7")"#,
    );
    assert_eq!(labels(&sweep), ["2 1ms", "2 2ms", "2 3ms", "4 1ms", "4 2ms", "4 3ms"]);
    assert_eq!(sweep.runs(), 12);
    assert_eq!(sweep.point_and_seed(3), (1, 6));
    assert_eq!(sweep.run_of(1, 6), Some(3));
    assert_eq!((sweep.run_of(6, 5), sweep.run_of(0, 7)), (None, None));
}

#[test]
fn in_lockstep_the_first_goes_with_the_first() {
    let sweep = swept(
        r#"(combine: Zip, axes: [
            (name: "nodes", values: [2, 4, 6]),
            (name: "delay", sets: "network.delay", values: ["1ms", "2ms", "3ms"]),
        ])"#,
    );
    assert_eq!(labels(&sweep), ["2 1ms", "4 2ms", "6 3ms"]);
    assert_eq!(sweep.seeds(), 0..20, "the default");
    let (message, _) = refused(
        r#"(combine: Zip, axes: [(name: "nodes", values: [2, 4]), (name: "loss", sets: "network.loss", values: [0.0])])"#,
    );
    assert_eq!(message, "`nodes` has 2 values and `loss` has 1: Zip pairs them off");
}

#[test]
fn ranges_are_steps_and_factors_of_numbers_and_durations() {
    let values = |range: &str, path: &str| {
        labels(&swept(&format!(r#"(axes: [(name: "x", sets: "{path}", range: {range})])"#)))
    };
    assert_eq!(values("(from: 2, to: 9, step: 3)", "nodes"), ["2", "5", "8"]);
    assert_eq!(values("(from: 2, to: 16, factor: 2)", "nodes"), ["2", "4", "8", "16"]);
    assert_eq!(values("(from: 2, to: 5, factor: 1.2)", "nodes"), ["2", "3", "4", "5"]);
    let tenths = values("(from: 0, to: 0.5, step: 0.1)", "network.loss");
    assert_eq!(tenths, ["0", "0.1", "0.2", "0.3", "0.4", "0.5"], "no rounding shows");
    assert_eq!(
        values("(from: 0.001, to: 0.1, factor: 10)", "network.loss"),
        ["0.001", "0.01", "0.1"]
    );
    let times = values(r#"(from: "1ms", to: "2ms", step: "500us")"#, "network.delay");
    assert_eq!(times, ["1ms", "1.5ms", "2ms"]);
    assert_eq!(
        values(r#"(from: "1ms", to: "9ms", factor: 3)"#, "network.delay"),
        ["1ms", "3ms", "9ms"]
    );
}

#[test]
fn one_value_may_set_several_paths_and_have_a_name() {
    let sweep = swept(
        r#"(axes: [(
            name: "algorithm",
            sets: ["algorithm", "network.reorder"],
            values: { "patient": [Lamport(acks: Deferred), false], "hasty": (RicartAgrawala(), true) },
        )])"#,
    );
    assert_eq!(labels(&sweep), ["patient", "hasty"]);
    let second = sweep.point(1);
    let set = |path: &str, value: &str| (path.to_owned(), value.to_owned());
    assert_eq!(
        second.assignments,
        [set("algorithm", "RicartAgrawala()"), set("network.reorder", "true")]
    );
    assert_eq!(sweep.plan(0).algorithm, "Lamport");
    assert_eq!(sweep.plan(1).algorithm, "RicartAgrawala");
    let (message, place) = refused(
        r#"(axes: [(name: "a", sets: ["algorithm", "network.reorder"], values: [(Lamport(), true), (Lamport(), true, 1)])])"#,
    );
    assert_eq!(message, "expected a list of 2 values, one for each path");
    assert_eq!(place, "(");
}

#[test]
fn a_column_holds_the_first_of_several_values_unless_they_have_names() {
    let kind = |values: &str| {
        let sets = r#"sets: ["network.loss", "network.reorder"]"#;
        let sweep = swept(&format!(r#"(axes: [(name: "x", {sets}, values: {values})])"#));
        (sweep.axes()[0].kind, labels(&sweep))
    };
    let both = |a: &str, b: &str| vec![a.to_owned(), b.to_owned()];
    assert_eq!(kind("[(0, true), (0.5, true)]"), (ColumnKind::Real, both("0", "0.5")));
    assert_eq!(kind(r#"{ "1": (0, true), "2": (0.5, true) }"#), (ColumnKind::Text, both("1", "2")));
}

#[test]
fn json_sweeps_as_ron_does() {
    let text = r#"{
        "nodes": 3, "algorithm": {"RicartAgrawala": {}},
        "sweep": {"axes": [
            {"name": "algorithm", "values": {"one": {"Lamport": {"acks": "Deferred"}}, "two": "Raymond"}},
            {"name": "loss", "sets": "network.loss", "values": [0, 0.5]}
        ], "seeds": "0..2"}
    }"#;
    let sweep = of(&Source::new("x.json", text)).unwrap();
    assert_eq!(labels(&sweep), ["one 0", "one 0.5", "two 0", "two 0.5"]);
    assert_eq!(sweep.plan(3).algorithm, "Raymond");
}

#[test]
fn a_row_says_what_the_run_of_its_point_and_seed_says() {
    let sweep = swept(
        r#"(axes: [
            (name: "algorithm", values: [RicartAgrawala(), Maekawa()]),
            (name: "delay", sets: "network.delay", values: ["1ms", "3ms"]),
        ], seeds: "1..3")"#,
    );
    let rows = rows(&sweep);
    assert_eq!(rows.len(), 8);
    for row in &rows {
        let (point, seed) = sweep.point_and_seed(row.run);
        let plan = sweep.plan(point);
        let outcome = plan.run(Some(seed), RunOptions::default());
        assert_eq!(row.cells.len(), sweep.columns().len());
        assert_eq!(cell(&sweep, row, "point"), &Cell::Whole(point));
        assert_eq!(cell(&sweep, row, "seed"), &Cell::Whole(seed));
        assert_eq!(cell(&sweep, row, "digest"), &Cell::Text(outcome.digest.to_string()));
        assert_eq!(cell(&sweep, row, "sent"), &Cell::Whole(outcome.messages.sent));
        assert_eq!(cell(&sweep, row, "virtual_time"), &Cell::Whole(outcome.ended_at.as_nanos()));
        let mean = outcome.operations.messages_per.unwrap().mean;
        assert_eq!(cell(&sweep, row, "messages_per_entry"), &Cell::Real(mean));
        let delay = if point % 2 == 0 { 1_000_000 } else { 3_000_000 };
        assert_eq!(cell(&sweep, row, "delay"), &Cell::Whole(delay), "durations are nanoseconds");
        assert_eq!(cell(&sweep, row, "verdict"), &Cell::Text("held".into()));
        let response = outcome.measures["response_ns_mean"];
        assert_eq!(cell(&sweep, row, "response_ns_mean"), &Cell::Real(response));
    }
    let theory = |row: usize, name: &str| cell(&sweep, &rows[row], name).clone();
    assert_eq!(
        (theory(0, "theory_low"), theory(0, "theory_high")),
        (Cell::Real(4.0), Cell::Real(4.0))
    );
    // Three nodes are a triangle: a quorum is oneself and another.
    assert_eq!(
        (theory(4, "theory_low"), theory(4, "theory_high")),
        (Cell::Real(3.0), Cell::Real(5.0))
    );
}

#[test]
fn of_several_families_each_has_its_own_columns_and_leaves_the_others_empty() {
    let sweep = swept(
        r#"(axes: [(
            name: "algorithm",
            sets: ["algorithm", "workload"],
            values: [
                [RicartAgrawala(), Closed(requests_per_node: 1)],
                [TwoPhaseCommit(), (pace: Closed(requests_per_node: 1))],
            ],
        )], seeds: "0..1")"#,
    );
    let rows = rows(&sweep);
    for (row, own, other) in [
        (0, "messages_per_entry", "messages_per_transaction"),
        (1, "messages_per_transaction", "messages_per_entry"),
    ] {
        assert!(matches!(cell(&sweep, &rows[row], own), Cell::Real(_)), "{own}");
        assert_eq!(cell(&sweep, &rows[row], other), &Cell::Empty, "{other}");
    }
    assert_eq!(cell(&sweep, &rows[0], "committed"), &Cell::Empty);
    assert_eq!(cell(&sweep, &rows[1], "committed"), &Cell::Real(1.0));
}

#[test]
fn no_figure_of_a_family_is_called_as_another_column() {
    let registry = Registry::standard();
    for family in registry.families() {
        let figures = family.figures.iter().copied().collect::<BTreeSet<_>>();
        let bare = swept(r#"(axes: [(name: "nodes", values: [3])])"#);
        let general = bare.columns().iter().take_while(|column| column.name != "virtual_time");
        for column in general {
            assert!(!figures.contains(column.name.as_str()), "{}: {}", family.name, column.name);
        }
    }
}

#[test]
fn a_value_that_makes_no_sense_is_refused_at_its_own_place() {
    let (message, place) =
        refused(r#"(axes: [(name: "algorithm", values: [Lamport(), Lamport(acks: Perhaps)])])"#);
    assert!(message.starts_with("where algorithm = Lamport(acks: Perhaps): "), "{message}");
    assert_eq!(place, "Perhaps");
    let (message, place) =
        refused(r#"(axes: [(name: "loss", sets: "network.loss", values: [0.1, 1.5])])"#);
    assert!(message.contains("loss = 1.5"), "{message}");
    assert_eq!(place, "1.5");
    let (message, place) = refused(
        r#"(axes: [(name: "odd", sets: "network.losss", range: (from: 0, to: 1, step: 1))])"#,
    );
    assert!(message.contains("losss"), "{message}");
    assert!(place.starts_with("(from") || place == "losss", "{place}");
    let (message, place) =
        refused(r#"(axes: [(name: "x", sets: "faults[0].at", values: ["1s"])])"#);
    assert!(message.contains("faults") || message.contains("list"), "{message}");
    assert_eq!(place, "\"1s\"");
}

#[test]
fn what_a_value_makes_wrong_elsewhere_is_shown_elsewhere() {
    let sweep = r#"(axes: [(name: "algorithm", values: [RicartAgrawala(), Maekawa()])])"#;
    let mut source = scenario(sweep);
    // Of five nodes, which are no plane, theory has nothing to say under Maekawa's algorithm.
    source.set("nodes", "5").unwrap();
    source.set("checks", "[AtEnd(MessagesPerEntry, Equals(Theory))]").unwrap();
    let problems = of(&source).unwrap_err();
    let at: Vec<_> = problems
        .iter()
        .map(|p| p.span().map(|span| source.text[span.start..span.end].to_owned()))
        .collect();
    assert_eq!(at, [Some("Theory".into())]);
    assert!(problems.first().message().contains("where algorithm = Maekawa: "), "{problems:?}");
}

#[test]
fn axes_and_charts_that_make_no_sense_are_refused() {
    for (sweep, why) in [
        (r#"(axes: [])"#, "name at least one axis"),
        (r#"(axes: [(name: "nodes")])"#, "either `values` or a `range`"),
        (r#"(axes: [(name: "nodes", values: [])])"#, "1 to 10000 values"),
        (r#"(axes: [(name: "nodes", values: [3], range: (from: 1, to: 2, step: 1))])"#, "either"),
        (r#"(axes: [(name: "nodes", values: 3)])"#, "expected a list of values"),
        (r#"(axes: [(name: "network.loss", values: [0.1])])"#, "letters, digits and underscores"),
        (r#"(axes: [(name: "s", sets: "seed", values: [1])])"#, "`seed` cannot be swept"),
        (
            r#"(axes: [(name: "s", sets: "sweep.seeds", values: ["0..1"])])"#,
            "`sweep` cannot be swept",
        ),
        (r#"(axes: [(name: "nodes", values: [3]), (name: "nodes", values: [4])])"#, "another axis"),
        (r#"(axes: [(name: "nodes", values: [3, 3])])"#, "two values are called `3`"),
        (r#"(axes: [(name: "sent", sets: "nodes", values: [3])])"#, "a column of every run"),
        (r#"(axes: [(name: "nodes", values: [3])], seeds: "5..5")"#, "no seed"),
        (r#"(axes: [(name: "nodes", values: [3])], seeds: "5")"#, "such as \"0..20\""),
        (r#"(axes: [(name: "nodes", values: [3])], seeds: "0..9007199254740993")"#, "2^53"),
        (r#"(axes: [(name: "nodes", values: [3])], seeds: "0..1000000")"#, "at most 200000"),
        (r#"(axes: [(name: "nodes", range: (from: 1, to: 100000, step: 1))])"#, "more than 10000"),
        (r#"(axes: [(name: "nodes", range: (from: 1, to: 9, step: 0))])"#, "greater than 0"),
        (r#"(axes: [(name: "nodes", range: (from: 1, to: 9, factor: 1))])"#, "greater than 1"),
        (r#"(axes: [(name: "nodes", range: (from: 9, to: 1, step: 1))])"#, "least value"),
        (r#"(axes: [(name: "nodes", range: (from: 1, to: "9ms", step: 1))])"#, "all numbers"),
        (r#"(axes: [(name: "nodes", range: (from: 1, to: 9))])"#, "either a `step`"),
        (
            r#"(axes: [(name: "nodes", values: [3])], charts: [(name: "a/b", x: "nodes", y: "sent")])"#,
            "names files",
        ),
        (
            r#"(axes: [(name: "nodes", values: [3])], charts: [(name: "a", x: "nodes")])"#,
            "needs `y`",
        ),
        (
            r#"(axes: [(name: "nodes", values: [3])], charts: [(name: "a", x: "node", y: "sent")])"#,
            "unknown column `node`",
        ),
        (
            r#"(axes: [(name: "nodes", values: [3])], charts: [(name: "a", x: "digest", y: "sent")])"#,
            "holds no numbers",
        ),
        (r#"(axes: [(name: "nodes", values: [3])], chart: [])"#, "chart"),
    ] {
        let (message, _) = refused(sweep);
        assert!(message.contains(why), "{sweep}: {message}");
    }
    let plain = Source::new("x.ron", "Scenario(nodes: 3, algorithm: Lamport())");
    let problems = of(&plain).unwrap_err();
    assert!(problems.first().message().ends_with("has no section `sweep`"), "{problems}");
}

#[test]
fn a_huge_product_is_refused_at_once() {
    let axis = |name: &str| {
        format!(r#"(name: "{name}", sets: "nodes", range: (from: 1, to: 9000, step: 1))"#)
    };
    let sweep = format!(
        "(axes: [{}, {}, {}, {}, {}])",
        axis("a"),
        axis("b"),
        axis("c"),
        axis("d"),
        axis("e")
    );
    let (message, _) = refused(&sweep);
    assert!(message.contains("points; at most 10000"), "{message}");
}

#[test]
fn nothing_more_begins_once_it_is_told_to_stop() {
    let sweep = swept(r#"(axes: [(name: "nodes", values: [2, 3])], seeds: "0..50")"#);
    let todo: Vec<u64> = (0..sweep.runs()).collect();
    let mut seen = 0;
    sweep.run(&todo, NonZeroUsize::new(2).unwrap(), &|| false, |_| {
        seen += 1;
        if seen == 10 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    assert!((10..=11).contains(&seen), "{seen}: at most one more was under way");
}

#[test]
fn the_shipped_sweeps_are_validated_as_a_whole() {
    let registry = Registry::standard();
    let mut names = BTreeSet::new();
    for shipped in library() {
        let plan = load(&registry, &shipped.source()).expect("shipped scenarios load");
        let Ok(sweep) = Sweep::of(&registry, &plan) else {
            assert!(!shipped.text.contains("    sweep: ("), "{}", shipped.name);
            continue;
        };
        assert!(!sweep.charts().is_empty(), "{} draws something", shipped.name);
        for column in sweep.columns() {
            assert!(!column.about.is_empty() && !column.name.is_empty());
            assert!(matches!(column.kind, ColumnKind::Whole | ColumnKind::Real | ColumnKind::Text));
        }
        names.insert(shipped.name);
    }
    let expected = [
        "chain-throughput",
        "chord-hops",
        "commit-complexity",
        "election-complexity",
        "mutex-complexity",
    ];
    assert!(expected.iter().all(|name| names.contains(name)), "{names:?}");
}
