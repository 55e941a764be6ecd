//! Scratch.
use seedbed_core::explore::Model;
use seedbed_scenarios::*;
use std::collections::*;

fn explore(text: &str) {
    let source = Source::new("x.ron", text);
    let plan = load(&Registry::standard(), &source)
        .unwrap_or_else(|e| panic!("{:?}", e.iter().map(|p| format!("{p:?}")).collect::<Vec<_>>()));
    let (instance, unjudged) = plan.instance().unwrap();
    println!("unjudged {unjudged:?}");
    let props = instance.properties();
    let begun = std::time::Instant::now();
    let mut seen = HashMap::new();
    let mut queue = VecDeque::new();
    let mut generated = 0;
    for (i, s) in instance.initial().into_iter().enumerate() {
        generated += 1;
        seen.insert(s.clone(), (None, i));
        queue.push_back((s, 0));
    }
    let mut depth = 0;
    let mut acts = vec![];
    let mut bad: BTreeMap<String, u64> = BTreeMap::new();
    let mut terminal = 0;
    let mut first = None;
    while let Some((s, d)) = queue.pop_front() {
        depth = d;
        acts.clear();
        instance.actions(&s, &mut acts);
        if acts.is_empty() {
            terminal += 1;
        }
        for p in &props {
            let goal = p.demand == seedbed_core::explore::Demand::Recurrently;
            if (!goal || acts.is_empty()) && !(p.holds)(&instance, &s) {
                *bad.entry(p.name.clone()).or_default() += 1;
                if first.is_none() {
                    first = Some((p.name.clone(), s.clone()));
                }
            }
        }
        if bad.len() > 0 && seen.len() > 2_000_000 {
            break;
        }
        for a in &acts {
            let mut n = s.clone();
            if instance.apply(&mut n, a) {
                generated += 1;
                if !seen.contains_key(&n) {
                    seen.insert(n.clone(), (Some((s.clone(), *a)), 0));
                    queue.push_back((n, d + 1));
                }
            }
        }
        if seen.len() > 3_000_000 {
            println!("cut");
            break;
        }
    }
    println!(
        "{} unique {} generated {} depth {} terminal {} bad {:?} {:?}",
        plan.name,
        seen.len(),
        generated,
        depth,
        terminal,
        bad,
        begun.elapsed()
    );
    println!("{:.0} generated/s", generated as f64 / begun.elapsed().as_secs_f64());
    if let Some((name, s)) = first {
        let mut path = vec![];
        let mut at = s.clone();
        while let Some((Some((p, a)), _)) = seen.get(&at) {
            path.push(*a);
            at = p.clone();
        }
        path.reverse();
        let w = instance.walk(0, &path, None);
        for l in &w.lines {
            println!("{} {:?} {} {:?}", l.at, l.node.map(|n| n.0), l.what, l.then);
        }
        println!("{name}: {:?}", instance.why(&s, &name));
    }
}

#[test]
fn go() {
    let text = std::env::var("SCN").unwrap();
    explore(&std::fs::read_to_string(text).unwrap());
}
