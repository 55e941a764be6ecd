//! Algorithms list every bug that their hidden parameters can give them.

use seedbed_node::Kind;
use seedbed_scenarios::Registry;

/// The words of the hidden parameter `mutant`, but for the one that is no bug.
#[test]
fn every_value_of_a_hidden_parameter_is_a_row() {
    for row in Registry::standard().algorithms() {
        let hidden = row.fields.iter().filter(|field| field.hidden);
        let words: Vec<&str> = hidden
            .flat_map(|field| match field.kind {
                Kind::Choice(words) => words.iter().copied().filter(|word| *word != "None"),
                kind => panic!("{}: {} is {kind:?}, not a choice", row.name, field.name),
            })
            .collect();
        let missing: Vec<_> =
            words.iter().filter(|word| row.mutants.iter().all(|m| m.name != **word)).collect();
        assert!(missing.is_empty(), "{} does not list {missing:?}", row.name);
        let strange: Vec<_> = row.mutants.iter().filter(|m| !words.contains(&m.name)).collect();
        assert!(strange.is_empty(), "{} has no {strange:?}", row.name);
    }
}
