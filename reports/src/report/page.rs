//! The page: its parts put into the frame, with styles, scripts and data inside.

use super::cause::Causes;
use super::data::Data;
use super::story;
use super::words::{html, json};
use super::{Subject, markdown, parts};

const FRAME: &str = include_str!("page.html");
/// Of pages and of the index.
pub(super) const STYLES: [&str; 2] = [include_str!("base.css"), include_str!("stage.css")];
/// In this order, within one function, so that they share names and leave none behind.
const SCRIPTS: [&str; 8] = [
    include_str!("data.js"),
    include_str!("words.js"),
    include_str!("scale.js"),
    include_str!("diagram.js"),
    include_str!("list.js"),
    include_str!("detail.js"),
    include_str!("stepper.js"),
    include_str!("start.js"),
];

/// The page of a run: the same run, the same bytes.
pub fn page(subject: &Subject<'_>) -> String {
    let causes = Causes::of(subject.chronicle);
    let reasons = story::reasons(subject, &causes);
    let data = json(&Data::of(subject, &causes, &reasons));
    let title = format!("{}, seed {}", subject.plan.name, subject.outcome.seed);
    let scripts = SCRIPTS.concat();
    fill(FRAME, |place| match place {
        "title" => html(&title),
        "styles" => STYLES.concat(),
        "header" => parts::title(subject),
        "verdicts" => parts::verdicts(subject, &reasons),
        "notice" => parts::notice(subject.chronicle),
        "counters" => parts::counters(subject),
        "scenario" => parts::scenario(subject),
        "environment" => parts::environment(subject),
        "until" => markdown::until(&reasons).to_owned(),
        "latest" => html(&markdown::events(subject, &causes, reasons.iter().find_map(|r| r.entry))),
        "data" => data.clone(),
        "scripts" => scripts.clone(),
        unknown => panic!("the frame asks for {unknown}"),
    })
}

/// Replaces every `{{place}}` of a frame; what is put in is not looked at again.
pub(super) fn fill(frame: &str, part: impl Fn(&str) -> String) -> String {
    let mut out = String::new();
    let mut rest = frame;
    while let Some((before, after)) = rest.split_once("{{") {
        let (place, after) = after.split_once("}}").expect("the frame is ours");
        out += before;
        out += &part(place);
        rest = after;
    }
    out + rest
}
