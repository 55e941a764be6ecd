//! `--json`: every key and its type, as the documentation of the interface has it.

#[allow(dead_code, reason = "each test uses its part")]
mod support;

use serde_json::Value;
use support::{Folder, STARVES};

/// Asserts that an object has exactly these keys, and gives their values.
#[track_caller]
fn keys<'a, const N: usize>(value: &'a Value, names: [&str; N]) -> [&'a Value; N] {
    let object = value.as_object().unwrap_or_else(|| panic!("no object: {value}"));
    let (mut has, mut wants): (Vec<_>, _) =
        (object.keys().map(String::as_str).collect(), names.to_vec());
    has.sort_unstable();
    wants.sort_unstable();
    assert_eq!(has, wants);
    names.map(|name| &value[name])
}

#[track_caller]
fn check_run(run: &Value) {
    let [schema, scenario, algorithm, seed, nodes, digest, events, virtual_ns, verdict, checks, ..] =
        keys(
            run,
            [
                "schema",
                "scenario",
                "algorithm",
                "seed",
                "nodes",
                "digest",
                "events",
                "virtual_ns",
                "verdict",
                "checks",
                "messages",
                "writes",
                "operations",
                "measures",
            ],
        );
    assert_eq!(*schema, 1);
    assert!(scenario.is_string() && algorithm.is_string());
    assert!([seed, nodes, events, virtual_ns].iter().all(|n| n.is_u64()), "{run}");
    let digest = digest.as_str().unwrap();
    assert!(digest.len() == 32 && digest.bytes().all(|b| b.is_ascii_hexdigit()), "{digest}");
    assert!(["held", "failed", "inconclusive"].contains(&verdict.as_str().unwrap()));
    for check in checks.as_array().unwrap() {
        let [name, verdict, detail, at] = keys(check, ["name", "verdict", "detail", "at_ns"]);
        assert!(name.is_string() && detail.is_string());
        assert!(["held", "failed", "inconclusive"].contains(&verdict.as_str().unwrap()));
        assert!(at.is_u64() || at.is_null());
    }
    check_messages(&run["messages"]);
    let writes = keys(&run["writes"], ["forced", "lazy"]);
    assert!(writes.iter().all(|n| n.is_u64()));
    check_operations(&run["operations"]);
    let measures = run["measures"].as_object().unwrap();
    assert!(measures.values().all(|x| x.is_number() || x.is_null()), "{measures:?}");
}

#[track_caller]
fn check_messages(messages: &Value) {
    let [by_kind, transport, counts @ ..] = keys(
        messages,
        [
            "by_kind",
            "transport",
            "sent",
            "delivered",
            "lost",
            "reordered",
            "duplicated",
            "corrupted",
            "overflowed",
            "cut",
            "to_dead",
            "in_flight",
            "bytes",
        ],
    );
    assert!(counts.iter().all(|n| n.is_u64()), "{messages}");
    for of_kind in by_kind.as_object().unwrap().values() {
        assert!(keys(of_kind, ["sent", "delivered"]).iter().all(|n| n.is_u64()));
    }
    assert!(keys(transport, ["sent"])[0].is_u64());
}

#[track_caller]
fn check_operations(operations: &Value) {
    let [count, per, by_kind, latency] =
        keys(operations, ["count", "messages_per", "by_kind", "latency_ns"]);
    let by_kind = by_kind.as_object().unwrap();
    if count.as_u64().unwrap() == 0 {
        assert!(per.is_null() && latency.is_null() && by_kind.is_empty(), "{operations}");
        return;
    }
    let [mean, min, max] = keys(per, ["mean", "min", "max"]);
    assert!(mean.is_f64() && min.is_u64() && max.is_u64(), "{operations}");
    assert!(by_kind.values().all(Value::is_f64));
    let [mean, rest @ ..] = keys(latency, ["mean", "p50", "p95", "p99", "max"]);
    assert!(mean.is_number() && rest.iter().all(|n| n.is_u64()), "{operations}");
}

#[test]
fn every_kind_of_run_has_the_same_shape() {
    let folder = Folder::with("starves.ron", STARVES);
    let held = folder.run(&["run", "ricart-agrawala", "--json"]).exits(0).json();
    let failed = folder.run(&["run", "starves.ron", "--json"]).exits(1).json();
    let short = ["run", "starves.ron", "--json", "--until", "10.5ms", "--set", "network.loss=0"];
    let short = folder.run(&short).exits(3).json();
    for runs in [&held, &failed, &short] {
        assert_eq!(runs.len(), 1);
        check_run(&runs[0]);
    }
    let run = &held[0];
    assert_eq!((&run["seed"], &run["nodes"]), (&42.into(), &5.into()));
    assert_eq!(run["operations"]["messages_per"]["mean"], 8.0);
    assert_eq!(run["operations"]["by_kind"]["Request"], 4.0);
    assert!(run["messages"]["transport"]["sent"].as_u64().unwrap() > 0);
    assert_eq!(failed[0]["verdict"], "failed");
    assert_eq!(failed[0]["checks"][1]["name"], "Granted");
    assert!(failed[0]["checks"][1]["at_ns"].is_u64());
    assert_eq!(short[0]["operations"]["count"], 0);
}

#[test]
fn errors_are_objects_and_exit_2() {
    let folder = Folder::with("bad.ron", &STARVES.replace("loss", "lss").replace("3,", "\"x\","));
    for args in [
        &["run", "bad.ron", "--json"][..],
        &["validate", "bad.ron", "--json"],
        &["run", "missing.ron", "--json"],
        &["run", "--json", "--no-such-flag"],
        &["run", "--json"],
        &["run", "ricart-agrawala", "--seeds", "5..5", "--json"],
        &["no-such-verb", "--json"],
    ] {
        let ran = folder.run(args).exits(2);
        let lines = ran.json();
        assert_eq!(lines.len(), 1, "{ran:?}");
        let [schema, error] = keys(&lines[0], ["schema", "error"]);
        assert_eq!(*schema, 1);
        assert!(!error["message"].as_str().unwrap().is_empty());
        assert_eq!(ran.err, "", "{args:?}");
    }
    let ran = folder.run(&["validate", "bad.ron", "--json"]).exits(2);
    let error = &ran.json()[0]["error"];
    assert_eq!((&error["file"], &error["line"]), (&"bad.ron".into(), &3.into()));
    let network = &error["also"][0];
    assert_eq!((&network["line"], &network["column"]), (&6.into(), &15.into()), "{error}");
    assert_eq!(network["help"], "did you mean `loss`?");
}

#[test]
fn lists_and_validity_are_json_too() {
    let folder = Folder::new();
    let listing = folder.run(&["list", "--json"]).exits(0).json().remove(0);
    let [_, algorithms, scenarios] = keys(&listing, ["schema", "algorithms", "scenarios"]);
    let find = |list: &Value, name| {
        list.as_array().unwrap().iter().find(|row| row["name"] == name).cloned().unwrap()
    };
    let ra = find(algorithms, "RicartAgrawala");
    assert_eq!(ra["messages"], "2(N-1)");
    assert_eq!(ra["family"], "mutual-exclusion");
    assert!(ra["needs"]["liveness"].as_array().unwrap().contains(&"Reliable".into()));
    let shipped = find(scenarios, "ricart-agrawala");
    assert_eq!(shipped["algorithm"], "RicartAgrawala");
    assert!(!shipped["about"].as_str().unwrap().is_empty());
    let valid = folder.run(&["validate", "ricart-agrawala", "--json"]).exits(0).json().remove(0);
    assert_eq!((&valid["valid"], &valid["nodes"]), (&true.into(), &5.into()));
    let schema = folder.run(&["schema"]).exits(0);
    let schema: Value = serde_json::from_str(&schema.out).unwrap();
    assert!(schema["properties"]["algorithm"].is_object(), "{schema}");
}
