//! Paths into a scenario: `network.links[0].loss`.

use crate::diagnose::Finding;

/// One step down.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Step {
    Field(String),
    Item(usize),
}

/// Parses a path; at least one step.
pub(super) fn parse(path: &str) -> Result<Vec<Step>, Finding> {
    let bad = || {
        Finding::nowhere(format!("`{path}` is no path"))
            .help("write field names and positions: network.loss or faults[0].at")
    };
    let mut steps = Vec::new();
    for part in path.trim().split('.') {
        let (name, mut positions) = match part.find('[') {
            Some(at) => part.split_at(at),
            None => (part, ""),
        };
        let word = name.chars().all(|c| c == '_' || c.is_alphanumeric());
        if !word || !name.starts_with(|c: char| c == '_' || c.is_alphabetic()) {
            return Err(bad());
        }
        steps.push(Step::Field(name.to_owned()));
        while !positions.is_empty() {
            let end = positions.find(']').ok_or_else(bad)?;
            let digits = positions[..end].strip_prefix('[').ok_or_else(bad)?;
            steps.push(Step::Item(digits.parse().map_err(|_| bad())?));
            positions = &positions[end + 1..];
        }
    }
    const STEPS_MAX: usize = 32;
    if steps.len() > STEPS_MAX { Err(bad()) } else { Ok(steps) }
}

#[cfg(test)]
mod tests {
    use super::{Step, parse};

    #[test]
    fn paths_are_fields_and_positions() {
        assert_eq!(
            parse("faults[0].groups[1][2]").unwrap(),
            [
                Step::Field("faults".into()),
                Step::Item(0),
                Step::Field("groups".into()),
                Step::Item(1),
                Step::Item(2)
            ]
        );
        for nonsense in ["", ".", "a..b", "a[", "a[x]", "a]", "a[1]b", "a b", "a-b", "1a"] {
            assert!(parse(nonsense).is_err(), "{nonsense}");
        }
    }
}
