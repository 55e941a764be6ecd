//! Scratch.
use seedbed_scenarios::*;

#[test]
fn go() {
    let text = std::fs::read_to_string(std::env::var("SCN").unwrap()).unwrap();
    let jobs: usize = std::env::var("J").ok().map_or(1, |j| j.parse().unwrap());
    let keep_going = std::env::var("KEEP").is_ok();
    let source = Source::new("x.ron", text);
    let plan = load(&Registry::standard(), &source)
        .unwrap_or_else(|e| panic!("{:?}", e.iter().map(|p| format!("{p:?}")).collect::<Vec<_>>()));
    let begun = std::time::Instant::now();
    let e = plan
        .explore(&ExploreOptions {
            search: None,
            jobs: jobs.try_into().unwrap(),
            states_max: None,
            memory_max: None,
            depth_max: None,
            reduce: std::env::var("REDUCE").ok().map(|_| true),
            whole_states: false,
            keep_going,
            stop: &|| false,
            progress: &|_| {},
        })
        .unwrap();
    println!(
        "{} {:?} unique {} generated {} depth {} complete {} {:?}",
        plan.name,
        e.verdict(),
        e.figures.unique,
        e.figures.generated,
        e.figures.depth,
        e.figures.complete,
        begun.elapsed()
    );
    println!("{:.0} generated/s", e.figures.generated as f64 / begun.elapsed().as_secs_f64());
    for c in &e.checks {
        println!("  {} {:?} {}", c.name, c.verdict, c.detail);
    }
    for c in &e.counterexamples {
        println!(
            "{} confirmed {} repeats {:?} ended {:?}",
            c.check, c.confirmed, c.repeats_from, c.outcome.ended_by
        );
        for l in &c.lines {
            println!("{} {:?} {} {:?}", l.at, l.node.map(|n| n.0), l.what, l.then);
        }
    }
}
