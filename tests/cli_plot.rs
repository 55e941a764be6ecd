//! `seedbed plot` from outside: what it writes, prints and answers.

#[allow(dead_code, reason = "each test uses its part")]
mod support;

use std::fs;

use support::Folder;

const RESULTS: &str = "\
point,seed,nodes,algorithm,digest,verdict,messages_per_entry,latency_p99,theory_low,theory_high
0,0,3,Lamport,f,held,6,31000000,6,6
0,1,3,Lamport,f,held,6,32000000,6,6
1,0,9,Lamport,f,held,24,95000000,24,24
1,1,9,Lamport,f,held,24,91000000,24,24
2,0,3,Raymond,f,held,3.1,40000000,0,8
2,1,3,Raymond,f,held,2.9,44000000,0,8
3,0,9,Raymond,f,held,6.5,80000000,0,16
3,1,9,Raymond,f,held,6.1,85000000,0,16
";

#[test]
fn a_sweeps_folder_gets_two_figures_beside_its_results() {
    let folder = Folder::new();
    fs::create_dir_all(folder.path("runs/mutex")).unwrap();
    folder.write("runs/mutex/results.csv", RESULTS);
    let ran = folder.run(&["plot", "runs/mutex", "--theory"]).exits(0);
    let names = ["svg", "png"].map(|end| format!("runs/mutex/messages-per-entry-by-nodes.{end}"));
    assert_eq!(ran.out.lines().collect::<Vec<_>>(), names);
    let svg = fs::read_to_string(folder.path(&names[0])).unwrap();
    for word in ["Messages per entry by nodes", "Lamport", "Raymond", "mutex, seeds 0 to 1"] {
        assert!(svg.contains(word), "{word}");
    }
    assert!(fs::read(folder.path(&names[1])).unwrap().starts_with(b"\x89PNG"));
    // The same once more is the same to the byte.
    folder.run(&["plot", "runs/mutex", "--theory"]).exits(0);
    assert_eq!(fs::read_to_string(folder.path(&names[0])).unwrap(), svg);
}

#[test]
fn one_file_of_any_kind_is_written_where_it_is_wanted() {
    let folder = Folder::with("results.csv", RESULTS);
    let kinds: [(&str, &[&str]); 4] = [
        ("a.svg", &["--x", "nodes", "--y", "latency_p99", "--log-x", "--log-y", "--theme", "dark"]),
        ("b.png", &["--kind", "cdf", "--x", "latency_p99"]),
        ("c.svg", &["--kind", "histogram", "--by", "nodes"]),
        ("d.svg", &["--kind", "heat", "--x", "nodes", "--y", "algorithm", "--z", "latency_p99"]),
    ];
    for (name, options) in kinds {
        let ran =
            folder.run(&[&["plot", "results.csv", "--out", name, "--json"], options].concat());
        let line = ran.exits(0).out;
        assert_eq!(line, format!("{{\"schema\":1,\"files\":[\"{name}\"]}}\n"));
        assert!(fs::metadata(folder.path(name)).unwrap().len() > 1000, "{name}");
    }
}

#[test]
fn what_cannot_be_drawn_is_refused() {
    let folder = Folder::with("results.csv", RESULTS);
    let ran = folder.run(&["plot", "results.csv", "--y", "message_per_entry"]).exits(2);
    assert!(ran.err.contains("did you mean `messages_per_entry`?"), "{}", ran.err);
    let ran = folder.run(&["plot", "results.csv", "--y", "verdict"]).exits(2);
    assert!(ran.err.contains("line 2, column `verdict`: `held` is not a number"), "{}", ran.err);
    folder.run(&["plot", "results.csv", "--out", "a.pdf"]).exits(2);
    folder.run(&["plot", "nowhere"]).exits(2);
    folder.write("ragged.csv", "a,b\n1\n");
    folder.run(&["plot", "ragged.csv"]).exits(2);
    folder.write("empty.csv", RESULTS.lines().next().unwrap());
    let ran = folder.run(&["plot", "empty.csv"]).exits(4);
    assert!(ran.err.contains("the results hold no runs"), "{}", ran.err);
    let ran = folder.run(&["plot", "empty.csv", "--json"]).exits(4);
    assert!(ran.out.contains("\"kind\":\"not_found\""), "{}", ran.out);
}
