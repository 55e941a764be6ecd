//! `check-history`: verdicts, exit codes and what is said, for both forms of files.

#[allow(dead_code, reason = "each test uses its part")]
mod support;

use support::Folder;

const STALE: &str = "INFO  jepsen.util - 0\t:invoke\t:write\t3
INFO  jepsen.util - 0\t:ok\t:write\t3
INFO  jepsen.util - 1\t:invoke\t:read\tnil
INFO  jepsen.util - 1\t:ok\t:read\tnil
";

#[test]
fn a_stale_read_is_sequential_and_not_linearizable() {
    let folder = Folder::with("stale.log", STALE);
    let register = ["check-history", "stale.log", "--model", "register"];
    let ran = folder.run(&register).exits(1);
    assert_eq!(
        ran.out,
        "FAILED  linearizable  stale.log: 2 calls of a register\n  1 read nothing from the register \
         (step 3), which then holds 3: no order of the 2 calls that respects true time leads beyond \
         1 of them\n"
    );
    let ran = folder.run(&[&register[..], &["--consistency", "sequential"]].concat()).exits(0);
    assert_eq!(ran.out, "held  sequential  stale.log: 2 calls of a register\n");
    let ran = folder.run(&[&register[..], &["--json"]].concat()).exits(1);
    let object = &ran.json()[0];
    assert_eq!(object["schema"], 1);
    assert_eq!((&object["history"], &object["model"]), (&"stale.log".into(), &"register".into()));
    assert_eq!((&object["verdict"], &object["operations"]), (&"failed".into(), &2.into()));
    assert!(object["detail"].as_str().expect("a reason").contains("read nothing"));
}

#[test]
fn a_search_without_time_or_memory_is_inconclusive() {
    // Twelve writes at once, and a read of what nobody wrote: every order is tried.
    let begin = |p: u32| format!("INFO jepsen.util - {p} :invoke :write {p}\n");
    let mut log: String = (0..12).map(begin).collect();
    log += "INFO jepsen.util - 12 :invoke :read nil\nINFO jepsen.util - 12 :ok :read 99\n";
    let folder = Folder::with("wide.log", &log);
    let wide = ["check-history", "wide.log", "--model", "register"];
    for limit in [["--for", "0s"], ["--limit", "1000"]] {
        let ran = folder.run(&[&wide[..], &limit].concat()).exits(3);
        assert!(ran.out.starts_with("inconclusive"), "{ran:?}");
    }
    folder.run(&wide).exits(1);
}

#[test]
fn what_is_no_history_exits_2_with_its_place() {
    let folder = Folder::with("odd.log", &STALE.replace(":write\t3", ":write\tthree"));
    let ran = folder.run(&["check-history", "odd.log", "--model", "register"]).exits(2);
    let ran = ran.says("`three` is no value").says("odd.log:1");
    assert_eq!(ran.out, "");
    let args = ["check-history", "odd.log", "--model", "register", "--json"];
    let object = &folder.run(&args).exits(2).json()[0];
    assert_eq!(object["error"]["line"], 1);
    folder.run(&["check-history", "odd.log", "--model", "queue"]).exits(2).says("cas-register");
    folder.run(&["check-history", "none.log", "--model", "kv"]).exits(2).says("none.log");
    folder.run(&["check-history", ".", "--model", "kv"]).exits(2).says("is a folder");
}

#[test]
fn one_bad_file_does_not_hide_the_verdict_on_another() {
    let folder = Folder::with("stale.log", STALE);
    folder.write("empty.log", "");
    let args = ["check-history", "empty.log", "stale.log", "--model", "cas-register"];
    let ran = folder.run(&args).exits(2).says("holds no history");
    assert!(ran.out.starts_with("FAILED"), "{ran:?}");
}
