//! What was found about a history, as a line of text or of JSON.

use seedbed_core::Verdict;
use serde::Serialize;

use crate::json::{self, SCHEMA};
use crate::text::Style;

/// The judgement of one history.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Judged<'a> {
    /// What the user called it.
    pub history: &'a str,
    /// The kind of object that was called.
    pub model: &'a str,
    /// What was asked of it.
    pub consistency: &'a str,
    /// What was found.
    pub verdict: Verdict,
    /// How many calls it holds.
    pub operations: u64,
    /// Why, unless it held.
    pub detail: &'a str,
}

/// One line of JSON, with its line break.
pub fn json(judged: &Judged<'_>) -> String {
    #[derive(Serialize)]
    struct Object<'a> {
        schema: u32,
        #[serde(flatten)]
        judged: &'a Judged<'a>,
    }
    json::text(&Object { schema: SCHEMA, judged }) + "\n"
}

/// The verdict, and below it why.
pub fn text(judged: &Judged<'_>, style: Style) -> String {
    let Judged { history, model, consistency, verdict, operations, detail } = judged;
    let word = match verdict {
        Verdict::Held => "held",
        Verdict::Failed => "FAILED",
        Verdict::Inconclusive => "inconclusive",
    };
    let calls = if *operations == 1 { "call" } else { "calls" };
    let verdict = style.verdict(*verdict, word);
    let head = format!("{verdict}  {consistency}  {history}: {operations} {calls} of a {model}\n");
    if detail.is_empty() { head } else { format!("{head}  {detail}\n") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_judgement_is_a_line_and_its_reason() {
        let judged = Judged {
            history: "etcd.log",
            model: "register",
            consistency: "linearizable",
            verdict: Verdict::Failed,
            operations: 1,
            detail: "0 read 3",
        };
        let text = text(&judged, Style::default());
        assert_eq!(text, "FAILED  linearizable  etcd.log: 1 call of a register\n  0 read 3\n");
        let json: serde_json::Value = serde_json::from_str(&json(&judged)).expect("JSON");
        assert_eq!((&json["schema"], &json["verdict"]), (&1.into(), &"failed".into()));
    }
}
