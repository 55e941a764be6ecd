//! Both forms of files, and what is refused.

use seedbed_core::check::{Budget, Consistency, Judgement, judge};
use seedbed_node::{Call, Names, NodeId, Operation, Reply, Step, Time};

use super::{Model, ReadHistory, read_history, to_json};

fn linearizable(name: &str, text: &str, model: Model) -> bool {
    let ReadHistory { history, clients } = read_history(name, text, model).expect("a history");
    let budget = Budget { configurations: 1_000_000, go_on: &mut || true };
    match judge(&history, Consistency::Linearizable, &clients, budget) {
        Judgement::Consistent => true,
        Judgement::Inconsistent { .. } => false,
        Judgement::Unknown(why) => panic!("{why}"),
    }
}

fn refused(text: &str, model: Model) -> String {
    read_history("h", text, model).expect_err("no history").first().data().message
}

const LOG: &str = "
2015-01-01 12:00:00 INFO  jepsen.core - Running test
INFO  jepsen.util - 0\t:invoke\t:write\t3
INFO  jepsen.util - :nemesis\t:info\t:start\tnil
INFO  jepsen.util - 1\t:invoke\t:cas\t[3 4]
INFO  jepsen.util - 0\t:ok\t:write\t3
INFO  jepsen.util - 1\t:ok\t:cas\t[3 4]
INFO  jepsen.util - 0\t:invoke\t:read\tnil
INFO  jepsen.util - 0\t:ok\t:read\t4
INFO  jepsen.util - 2\t:invoke\t:cas\t[0 1]
INFO  jepsen.util - 2\t:fail\t:cas\t[0 1]
INFO  jepsen.util - 3\t:invoke\t:write\t7
INFO  jepsen.util - 3\t:info\t:write\t:timed-out
INFO  jepsen.util - 0\t:invoke\t:read\tnil
INFO  jepsen.util - 0\t:fail\t:read\t:timed-out
";

#[test]
fn a_log_of_jepsen_is_read() {
    assert!(linearizable("log", LOG, Model::CasRegister));
    let stale = LOG.replace(":read\t4", ":read\t3");
    assert!(!linearizable("log", &stale, Model::CasRegister));
}

#[test]
fn what_timed_out_stays_pending_to_the_end() {
    let late = format!(
        "{LOG}INFO  jepsen.util - 1 :invoke :read nil\nINFO  jepsen.util - 1 :ok :read 7\n"
    );
    assert!(linearizable("log", &late, Model::CasRegister), "written late");
    let undone = format!(
        "{late}INFO  jepsen.util - 1 :invoke :read nil\nINFO  jepsen.util - 1 :ok :read 4\n"
    );
    assert!(!linearizable("log", &undone, Model::CasRegister), "and not undone");
}

#[test]
fn a_failed_cas_has_found_something_else_and_other_failures_did_nothing() {
    let found = "INFO jepsen.util - 0 :invoke :write 0
        INFO jepsen.util - 0 :ok :write 0
        INFO jepsen.util - 1 :invoke :cas [0 1]
        INFO jepsen.util - 1 :fail :cas [0 1]";
    assert!(!linearizable("log", found, Model::CasRegister), "it held what was expected");
    let failed = "INFO jepsen.util - 0 :invoke :write 5
        INFO jepsen.util - 0 :fail :write :refused
        INFO jepsen.util - 1 :invoke :read nil
        INFO jepsen.util - 1 :ok :read 5";
    assert!(!linearizable("log", failed, Model::Register), "the write did not happen");
}

#[test]
fn json_lines_have_keys_and_named_processes() {
    let text = r#"{"process":"ada","type":"invoke","f":"write","key":"x","value":1,"time":1000000}
        {"process":"ada","type":"ok","f":"write","key":"x","value":1,"index":2,"time":2000000}
        {"process":7,"type":"invoke","f":"read","key":"y"}
        {"process":7,"type":"ok","f":"read","key":"y","value":null}
        {"process":7,"type":"invoke","f":"read","key":"x","time":3000000}
        {"process":7,"type":"ok","f":"read","key":"x","value":null,"time":4000000}"#;
    let ReadHistory { history, clients } = read_history("h", text, Model::Kv).expect("a history");
    let budget = Budget { configurations: 100, go_on: &mut || true };
    let Judgement::Inconsistent { why, .. } =
        judge(&history, Consistency::Linearizable, &clients, budget)
    else {
        panic!("x was written")
    };
    assert!(why.starts_with("7 read nothing from key x (3ms to 4ms), which then holds 1"), "{why}");
}

#[test]
fn a_lock_is_read_from_either_form() {
    let log = "INFO jepsen.util - 0 :invoke :acquire nil
        INFO jepsen.util - 0 :ok :acquire nil
        INFO jepsen.util - 1 :invoke :acquire nil
        INFO jepsen.util - 1 :ok :acquire nil";
    assert!(!linearizable("log", log, Model::Mutex));
    let json = r#"{"process":0,"type":"invoke","f":"acquire"}
        {"process":0,"type":"ok","f":"acquire"}
        {"process":0,"type":"invoke","f":"release"}
        {"process":0,"type":"info","f":"release"}
        {"process":1,"type":"invoke","f":"acquire"}
        {"process":1,"type":"ok","f":"acquire"}"#;
    assert!(linearizable("h", json, Model::Mutex));
}

#[test]
fn what_is_no_history_is_refused_at_its_line() {
    for (text, model, word) in [
        ("", Model::Register, "no history"),
        ("hello\nworld", Model::Register, "no history"),
        ("{\"process\":0}", Model::Register, "not a step"),
        ("{\"process\":0,\"type\":\"begin\",\"f\":\"read\"}", Model::Register, "`begin`"),
        ("{\"process\":0,\"type\":\"invoke\",\"f\":\"sing\"}", Model::Register, "`sing`"),
        ("{\"process\":0,\"type\":\"invoke\",\"f\":\"write\"}", Model::Register, "a value"),
        ("{\"process\":0,\"type\":\"invoke\",\"f\":\"read\"}", Model::Kv, "needs a key"),
        ("{\"process\":0,\"type\":\"invoke\",\"f\":\"read\"}", Model::Mutex, "no `read`"),
        (
            "{\"process\":0,\"type\":\"ok\",\"f\":\"read\",\"value\":1}",
            Model::Register,
            "not begun",
        ),
        ("INFO jepsen.util - 0 :invoke :cas [1 2]", Model::Register, "no `cas`"),
        ("INFO jepsen.util - 0 :invoke :cas [1]", Model::CasRegister, "no pair"),
        ("INFO jepsen.util - 0 :invoke :write x", Model::Register, "whole number"),
        ("INFO jepsen.util - 0 :invoke :write -1", Model::Register, "whole number"),
        ("INFO jepsen.util - x :invoke :write 1", Model::Register, "no process"),
        ("INFO jepsen.util - 0 :begin :write 1", Model::Register, "`:begin`"),
    ] {
        let why = refused(text, model);
        assert!(why.contains(word), "{text}: {why}");
    }
    let twice = "INFO jepsen.util - 0 :invoke :read nil\nINFO jepsen.util - 0 :invoke :read nil";
    let problems = read_history("h", twice, Model::Register).expect_err("two at once");
    assert_eq!(problems.first().data().line, 2);
}

#[test]
fn what_a_run_writes_is_read_again() {
    let operation = |number| Operation { client: NodeId(0), number };
    let call = Call::Write { key: 3, value: 9 };
    let steps = [
        Step::Invoke { operation: operation(0), call },
        Step::Unknown { operation: operation(0) },
        Step::Invoke { operation: operation(1), call: Call::Read { key: 3 } },
        Step::Return { operation: operation(1), reply: Reply::Value(None) },
        Step::Invoke { operation: operation(2), call: Call::Cas { key: 3, expected: 9, new: 1 } },
        Step::Return { operation: operation(2), reply: Reply::Swapped(false) },
        Step::Invoke { operation: operation(3), call: Call::Read { key: 3 } },
        Step::Return { operation: operation(3), reply: Reply::Value(Some(9)) },
    ];
    let steps: Vec<_> = (1..).map(Time).zip(steps).collect();
    let text = to_json(&steps, &Names::new(["ada"]));
    let again = read_history("h", &text, Model::Kv).expect("a history").history;
    let calls = |history: &seedbed_core::check::History| -> Vec<_> {
        history.calls().iter().map(|c| (c.call, c.reply, c.invoked_at, c.returned_at)).collect()
    };
    let mut direct = seedbed_core::check::History::default();
    for (at, step) in steps {
        direct.push(step, Some(at)).expect("a history");
    }
    assert_eq!(calls(&again), calls(&direct));
}
