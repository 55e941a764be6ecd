//! Pages as texts: what is escaped, what is inside, that they say what happened and nothing else.

use seedbed_core::Outcome;
use seedbed_scenarios::{Plan, Registry, find, load};
use serde_json::Value;

use super::cause::{Causes, is_event};
use super::story::reasons;
use super::{Linked, Subject, index, markdown, page};
use crate::chronicle::{Chronicle, Happening, Limits};

/// A shipped scenario, changed.
fn plan(name: &str, set: &[(&str, &str)]) -> Plan {
    let mut source = find(name).expect("it is shipped").source();
    for (path, value) in set {
        source.set(path, value).expect("it can be set");
    }
    load(&Registry::standard(), &source).expect("it is valid")
}

fn subject<'a>(plan: &'a Plan, outcome: &'a Outcome, chronicle: &'a Chronicle) -> Subject<'a> {
    Subject { plan, row: None, outcome, chronicle, command: "seedbed run x" }
}

/// What a page's scripts are given.
fn data(page: &str) -> Value {
    let (_, rest) = page.split_once("id=\"data\">").expect("there is data");
    serde_json::from_str(rest.split_once("</script>").expect("it ends").0).expect("it is JSON")
}

fn column(data: &Value, name: &str) -> Vec<i64> {
    let items = data["entries"][name].as_array().expect("a column").iter();
    items.map(|item| item.as_i64().expect("a number")).collect()
}

#[test]
fn nothing_in_a_run_becomes_markup_or_script() {
    let plan = plan("lamport-reordering", &[]);
    let (mut outcome, mut chronicle) = Chronicle::of(&plan, None, Limits::default());
    let evil =
        "</script><!--<script>alert('\u{1}\"&')</script><img src=x onerror=alert(1)>ü漢🦀\u{2028}";
    chronicle.names[1] = evil.into();
    outcome.checks[0].detail = evil.into();
    outcome.checks[0].name = evil.into();
    for entry in &mut chronicle.entries {
        if let Happening::Send { content, .. } | Happening::Deliver { content, .. } =
            &mut entry.what
        {
            *content = evil.into();
        }
    }
    chronicle.states.iter_mut().for_each(|state| *state = evil.into());
    let subject = subject(&plan, &outcome, &chronicle);
    let page = page(&subject);
    assert_eq!(page.matches("<script").count(), 2, "the data and the code");
    assert_eq!(page.matches("</script").count(), 2);
    for part in ["<img", "<!--", "\u{1}"] {
        assert!(!page.contains(part), "{part}");
    }
    let data = data(&page);
    assert_eq!(data["names"][1], evil);
    assert!(data["texts"].as_array().unwrap().iter().any(|text| text == evil));
    let text = markdown(&subject);
    let table: Vec<_> =
        text.lines().filter(|line| line.starts_with('|') && line.contains("img")).collect();
    assert!(!table.is_empty() && table.iter().all(|line| line.contains("\\<img")), "{table:?}");
}

#[test]
fn the_same_run_gives_the_same_bytes_and_needs_nothing_from_outside() {
    let plan = plan("ricart-agrawala", &[("workload.requests_per_node", "4")]);
    let made = || {
        let (outcome, chronicle) = Chronicle::of(&plan, Some(7), Limits::default());
        page(&subject(&plan, &outcome, &chronicle))
    };
    let page = made();
    assert_eq!(page, made());
    assert!(page.contains("content=\"default-src 'none';"));
    let bare = page.replace("http://www.w3.org/2000/svg", "");
    for part in ["http:", "https:", "src=", "url(", "@import", "{{"] {
        assert!(!bare.contains(part), "{part}");
    }
}

#[test]
fn columns_are_of_one_length_and_states_come_back_from_their_differences() {
    let plan = plan("crash-restart", &[("workload.requests_per_node", "5")]);
    let (outcome, chronicle) = Chronicle::of(&plan, None, Limits::default());
    let data = data(&page(&subject(&plan, &outcome, &chronicle)));
    let columns = data["entries"].as_object().expect("columns");
    for (name, items) in columns {
        assert_eq!(items.as_array().unwrap().len(), chronicle.entries.len(), "{name}");
    }
    let lines: Vec<_> =
        data["lines"].as_array().unwrap().iter().map(|l| l.as_str().unwrap()).collect();
    let mut known: Vec<Vec<&str>> = Vec::new();
    for state in data["states"].as_array().unwrap() {
        let state: Vec<i64> =
            state.as_array().unwrap().iter().map(|n| n.as_i64().unwrap()).collect();
        let base = usize::try_from(state[0]).map_or(&[][..], |base| &known[base]);
        let (first, last) = (state[1] as usize, state[2] as usize);
        let mut whole = base[..first].to_vec();
        whole.extend(state[3..].iter().map(|line| lines[*line as usize]));
        whole.extend(&base[base.len() - last..]);
        known.push(whole);
    }
    let mut seen = 0;
    for (entry, state) in chronicle.entries.iter().zip(column(&data, "state")) {
        let told = usize::try_from(state).ok().map(|state| known[state].join("\n"));
        assert_eq!(told.as_deref(), chronicle.state(entry), "{entry:?}");
        seen += usize::from(told.is_some());
    }
    assert!(seen > 100, "{seen}");
}

#[test]
fn origins_lead_from_what_became_of_a_message_to_its_sending() {
    let plan = plan("duplication", &[]);
    let (outcome, chronicle) = Chronicle::of(&plan, None, Limits::default());
    let data = data(&page(&subject(&plan, &outcome, &chronicle)));
    let (what, origin) = (column(&data, "what"), column(&data, "origin"));
    let (mut delivered, mut copies) = (0, 0);
    for at in 0..what.len() {
        match (what[at], origin[at]) {
            (7, from) => {
                delivered += 1;
                copies += usize::from(what[from as usize] == 5);
                assert!([4, 5].contains(&what[from as usize]) && (from as usize) < at);
            }
            (5, from) => assert_eq!(what[from as usize], 4),
            (_, from) => assert!(from == -1 || what[at] == 6),
        }
    }
    assert!(delivered > 100 && copies > 0, "{delivered} {copies}");
}

/// An independent witness: vector clocks that the kernel stamps.
#[test]
fn the_causal_past_is_what_vector_clocks_say() {
    let set = [("record", "(clocks: [Vector])"), ("workload.requests_per_node", "2")];
    let plan = plan("ricart-agrawala", &set);
    let (_, chronicle) = Chronicle::of(&plan, None, Limits::default());
    let causes = Causes::of(&chronicle);
    let vector = |at: usize| chronicle.entries[at].stamps.as_ref()?.vector.as_deref();
    let events: Vec<_> =
        (0..chronicle.entries.len()).filter(|at| is_event(&chronicle.entries[*at].what)).collect();
    let (mut inside, mut outside) = (0, 0);
    for late in events.iter().copied().step_by(17) {
        let past = causes.past(late);
        let clock = vector(late).expect("events are stamped");
        for early in events.iter().copied() {
            let before = vector(early).expect("events are stamped");
            let node = chronicle.entries[early].node.index();
            assert_eq!(past[early], before[node] <= clock[node], "{early} and {late}");
            if past[early] { inside += 1 } else { outside += 1 }
        }
    }
    assert!(inside > 500 && outside > 500, "{inside} {outside}");
}

#[test]
fn a_breach_is_told_with_who_could_not_know() {
    let plan = plan("lamport-reordering", &[]);
    let (outcome, chronicle) = Chronicle::of(&plan, None, Limits::default());
    let subject = subject(&plan, &outcome, &chronicle);
    let told = reasons(&subject, &Causes::of(&chronicle));
    let [reason] = &told[..] else { panic!("one check fails: {told:?}") };
    assert!(reason.exact && reason.check == "MutualExclusion", "{reason:?}");
    let all: Vec<_> = reason.sentences.iter().map(|sentence| sentence.text.as_str()).collect();
    for part in
        ["bob tells its client: Granted", "bob could not know of it", "that cyd had handled"]
    {
        assert!(all.iter().any(|text| text.contains(part)), "{part:?} in {all:#?}");
    }
    // Every link leads to an entry that there is.
    let page = page(&subject);
    for sentence in &reason.sentences {
        if let Some(entry) = sentence.entry {
            assert!(entry < chronicle.entries.len());
            assert!(page.contains(&format!("data-entry=\"{entry}\"")));
        }
    }
}

#[test]
fn what_does_not_fit_is_said() {
    let plan = plan("ricart-agrawala", &[]);
    let limits = Limits { entries_max: 50, states: true };
    let (outcome, chronicle) = Chronicle::of(&plan, None, limits);
    let page = page(&subject(&plan, &outcome, &chronicle));
    assert!(page.contains("The page holds the first 50 entries"), "no notice");
    assert_eq!(data(&page)["left_out"], chronicle.left_out);
    assert!(chronicle.left_out > 0);
}

#[test]
fn an_index_leads_to_every_page() {
    let outcome = crate::samples::failed();
    let run = |n: u32| Linked {
        href: format!("page-{n}.html"),
        scenario: format!("<scenario> {n}"),
        algorithm: "Lamport".into(),
        outcome: outcome.clone(),
    };
    let text = index(&[run(1), run(2)]);
    assert!(text.contains("href=\"page-1.html\">&lt;scenario&gt; 1</a>"), "{text}");
    assert!(text.contains("href=\"page-2.html\"") && !text.contains("{{"));
    assert!(text.contains(&outcome.digest.to_string()) && text.contains("eve asked at 2.3s"));
}

#[test]
fn what_nodes_hold_lies_along_their_lines() {
    let plan = plan("lamport-reordering", &[]);
    let (outcome, chronicle) = Chronicle::of(&plan, None, Limits::default());
    let data = data(&page(&subject(&plan, &outcome, &chronicle)));
    let held: Vec<_> = data["marks"].as_array().expect("marks").iter().collect();
    let inside =
        held.iter().filter(|mark| mark["what"] == "critical section" && mark["waiting"] == false);
    let open: Vec<_> = inside.clone().filter(|mark| mark["until"].is_null()).collect();
    // The run stops with two nodes inside: that is the breach.
    assert_eq!(open.len(), 2, "{open:?}");
    assert!(inside.count() > 10);
}
