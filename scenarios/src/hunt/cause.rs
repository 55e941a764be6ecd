//! Which failures are of one cause: those of one check whose reasons say the same once names,
//! numbers and times are left out.
//!
//! A reason is cut into words. A node's name becomes `node`, a word with a digit (a time, a count,
//! a transaction) becomes `#`, lists become one item, plural forms singular ones; clauses between
//! semicolons that then say the same are one. So "ada and bob have been in doubt about T3 since
//! 1.2s; they wait for hub" is of the same cause as "cyd has been in doubt about T9 since 8ms; it
//! waits for hub".

use std::collections::BTreeSet;

use seedbed_core::{CheckOutcome, EndedBy, Outcome, Verdict};
use seedbed_node::Names;

use crate::lower::PANIC;

/// A failure by its cause.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Cause {
    /// The check that failed first in the scenario's order; `Panic` for a handler's.
    pub check: String,
    /// Its reason without names, numbers and times.
    pub reason: String,
}

/// What a failed run says: its cause, and the reason as it is.
pub(crate) fn of(outcome: &Outcome, names: &Names) -> Option<(Cause, String)> {
    if outcome.verdict() != Verdict::Failed {
        return None;
    }
    let failed = |check: &&CheckOutcome| check.verdict == Verdict::Failed;
    let (check, detail) = match (outcome.checks.iter().find(failed), &outcome.ended_by) {
        (Some(check), _) => (check.name.clone(), check.detail.clone()),
        (None, EndedBy::Panic { node, message }) => {
            (PANIC.to_owned(), format!("{node} panicked: {message}"))
        }
        (None, _) => return None,
    };
    let reason = normalised(&detail, names);
    Some((Cause { check, reason }, detail))
}

/// The reason of one check, if that one has failed.
pub(crate) fn of_check(outcome: &Outcome, check: &str, names: &Names) -> Option<Cause> {
    if check == PANIC {
        return of(outcome, names).map(|(cause, _)| cause).filter(|cause| cause.check == PANIC);
    }
    let failed = |c: &&CheckOutcome| c.name == check && c.verdict == Verdict::Failed;
    let found = outcome.checks.iter().find(failed)?;
    Some(Cause { check: check.to_owned(), reason: normalised(&found.detail, names) })
}

/// A reason without names, numbers and times.
pub(crate) fn normalised(reason: &str, names: &Names) -> String {
    let names: BTreeSet<&str> = names.iter().collect();
    let mut text = String::new();
    let mut rest = reason;
    while let Some(start) = rest.find(part_of_word) {
        text.push_str(&rest[..start]);
        rest = &rest[start..];
        let end = rest.find(|c| !part_of_word(c)).unwrap_or(rest.len());
        // A dot or dash behind a word is no part of it.
        let word = rest[..end].trim_end_matches(['.', '-']);
        let taken = if word.is_empty() { &rest[..end] } else { word };
        text.push_str(&plain(taken, &names));
        rest = &rest[taken.len()..];
    }
    text.push_str(rest);
    let mut clauses: Vec<String> = Vec::new();
    for clause in text.split(';') {
        let clause = listless(clause.split_whitespace().collect::<Vec<_>>().join(" "));
        if !clauses.contains(&clause) && clause != "and # more" {
            clauses.push(clause);
        }
    }
    clauses.join("; ")
}

fn part_of_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '.' | '-')
}

fn plain(word: &str, names: &BTreeSet<&str>) -> String {
    if names.contains(word) {
        return "node".into();
    }
    if word.chars().any(|c| c.is_ascii_digit()) {
        return "#".into();
    }
    match word {
        "are" => "is",
        "have" => "has",
        "were" => "was",
        "they" => "it",
        "wait" => "waits",
        "keys" => "key",
        "nodes" => "node",
        "messages" => "message",
        "requests" => "request",
        // The value of what was never written.
        "nothing" => "#",
        other => other,
    }
    .into()
}

/// One item instead of many: "node, node and node" is "node".
fn listless(mut text: String) -> String {
    loop {
        let before = text.len();
        for item in ["node", "#"] {
            for between in [", ", " and ", " "] {
                text = text.replace(&format!("{item}{between}{item}"), item);
            }
        }
        if text.len() == before {
            return text;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_numbers_times_and_plurals_make_no_difference() {
        let names = Names::new(["ada", "bob", "hub"]);
        let one = normalised(
            "ada has been in doubt about T3 since 1.2s, holding key 4; it waits for hub; hub is down",
            &names,
        );
        let two = normalised(
            "ada has been in doubt about T1 since 8ms, holding keys 4, 7 and 9; bob has been in \
             doubt about T1 since 9ms, holding keys 1 and 2; they wait for hub; hub is down",
            &names,
        );
        assert_eq!(one, two);
        assert_ne!(one, normalised("ada has been in doubt about T3 since 1.2s", &names));
    }

    #[test]
    fn a_name_is_not_found_inside_another_word() {
        let names = Names::new(["a", "n-1"]);
        assert_eq!(normalised("a had a value.", &names), "node had node value.");
        assert_eq!(normalised("n-1 - late", &names), "node - late");
    }
}
