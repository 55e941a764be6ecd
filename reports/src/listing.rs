//! What there is to run: algorithms with what they assume and cost, scenarios with one line each.

use seedbed_node::{Field, Kind, Variant};
use seedbed_scenarios::{AlgorithmRow, Registry, load};
use serde::Serialize;

use crate::json::{self, SCHEMA};
use crate::text::{Style, columns, finish};

/// An algorithm of the registry.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct AlgorithmLine {
    /// The name in scenario files.
    pub name: String,
    /// The problem that it solves.
    pub family: String,
    /// One line.
    pub about: String,
    /// Authors, venue, year.
    pub source: String,
    /// Messages per operation, as the literature writes it.
    pub messages: String,
    /// What one operation is called.
    pub operation: String,
    /// What it assumes.
    pub needs: NeedsLine,
    /// Its named forms besides the default one.
    pub variants: Vec<VariantLine>,
    /// Its parameters, without hidden ones.
    pub parameters: Vec<ParameterLine>,
}

/// What an algorithm assumes, by what it would lose.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct NeedsLine {
    /// Without these, something bad can happen.
    pub safety: Vec<String>,
    /// Without these, something good may never happen.
    pub liveness: Vec<String>,
}

/// A named form of an algorithm.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct VariantLine {
    /// The name.
    pub name: String,
    /// The parameters that make it, as a scenario file writes them.
    pub params: String,
    /// How it differs.
    pub about: String,
}

/// A parameter of an algorithm.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct ParameterLine {
    /// The name in scenario files.
    pub name: String,
    /// What values it takes, in words.
    pub kind: String,
    /// The unit of a plain number, if it has one.
    pub unit: Option<String>,
    /// The default, as a scenario file would write it.
    pub default: String,
    /// What it means.
    pub about: String,
}

/// A scenario that can be run by its bare name.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct ScenarioLine {
    /// The name.
    pub name: String,
    /// The algorithm that it runs.
    pub algorithm: String,
    /// One line.
    pub about: String,
}

/// The algorithms whose name, family or line contains `filter`, by family.
pub fn algorithms_of(registry: &Registry, filter: &str) -> Vec<AlgorithmLine> {
    let rows = |family| registry.algorithms().filter(move |row| row.family == family);
    let matches = |row: &&AlgorithmRow| {
        [row.name, &row.slug, row.family].iter().any(|text| contains(text, filter))
    };
    registry
        .families()
        .flat_map(|family| {
            rows(family.name).filter(matches).map(|row| algorithm_line(row, family.operation))
        })
        .collect()
}

/// The shipped scenarios whose name, algorithm or line contains `filter`.
pub fn scenarios_of(registry: &Registry, filter: &str) -> Vec<ScenarioLine> {
    seedbed_scenarios::library()
        .map(|shipped| {
            let plan = load(registry, &shipped.source()).ok();
            let algorithm = plan.map_or_else(String::new, |plan| plan.algorithm.to_owned());
            ScenarioLine { name: shipped.name.into(), algorithm, about: shipped.about() }
        })
        .filter(|line| {
            [&line.name, &line.algorithm, &line.about].iter().any(|text| contains(text, filter))
        })
        .collect()
}

fn contains(text: &str, filter: &str) -> bool {
    text.to_lowercase().contains(&filter.to_lowercase())
}

fn algorithm_line(row: &AlgorithmRow, operation: &str) -> AlgorithmLine {
    let words = |all: &[seedbed_node::Assumption]| all.iter().map(|a| format!("{a:?}")).collect();
    AlgorithmLine {
        name: row.name.into(),
        family: row.family.into(),
        about: row.about.into(),
        source: row.source.into(),
        messages: row.complexity.into(),
        operation: operation.into(),
        needs: NeedsLine { safety: words(row.needs.safety), liveness: words(row.needs.liveness) },
        variants: row.variants.iter().map(variant_line).collect(),
        parameters: row.fields.iter().filter(|field| !field.hidden).map(parameter_line).collect(),
    }
}

fn variant_line(variant: &Variant) -> VariantLine {
    VariantLine {
        name: variant.name.into(),
        params: variant.params.into(),
        about: variant.about.into(),
    }
}

fn parameter_line(field: &Field) -> ParameterLine {
    ParameterLine {
        name: field.name.into(),
        kind: kind_in_words(field.kind),
        unit: (!field.unit.is_empty()).then(|| field.unit.into()),
        default: (field.default)(),
        about: field.about.into(),
    }
}

fn kind_in_words(kind: Kind) -> String {
    match kind {
        Kind::Boolean => "true or false".into(),
        Kind::Integer => "whole number".into(),
        Kind::Probability => "number from 0 to 1".into(),
        Kind::Duration => "duration".into(),
        Kind::Node => "node".into(),
        Kind::Choice(words) => words.join(" or "),
        Kind::Optional(inner) => format!("{}, or none", kind_in_words(*inner)),
        Kind::List(inner) => format!("list: {}", kind_in_words(*inner)),
    }
}

/// Both lists as one line of JSON; a list that was not asked for is `None`.
pub fn json(algorithms: Option<&[AlgorithmLine]>, scenarios: Option<&[ScenarioLine]>) -> String {
    #[derive(Serialize)]
    struct Listing<'a> {
        schema: u32,
        #[serde(skip_serializing_if = "Option::is_none")]
        algorithms: Option<&'a [AlgorithmLine]>,
        #[serde(skip_serializing_if = "Option::is_none")]
        scenarios: Option<&'a [ScenarioLine]>,
    }
    json::text(&Listing { schema: SCHEMA, algorithms, scenarios })
}

/// Both lists as text; a list that was not asked for is `None`.
pub fn text(
    algorithms: Option<&[AlgorithmLine]>,
    scenarios: Option<&[ScenarioLine]>,
    style: Style,
) -> String {
    let algorithms =
        algorithms.filter(|lines| !lines.is_empty()).map(|a| algorithms_text(a, style));
    let scenarios = scenarios.filter(|lines| !lines.is_empty()).map(|s| scenarios_text(s, style));
    let lists: Vec<_> = algorithms.into_iter().chain(scenarios).collect();
    lists.join("\n")
}

/// Algorithms by family: name, cost and one line; then what each assumes and its parameters.
fn algorithms_text(lines: &[AlgorithmLine], style: Style) -> String {
    let mut out = String::new();
    let mut family = None;
    for line in lines {
        if family != Some(&line.family) {
            if family.is_some() {
                out.push('\n');
            }
            out += &format!("{}\n", style.bold(&line.family));
            family = Some(&line.family);
        }
        out += &algorithm(line, style);
    }
    out
}

fn algorithm(line: &AlgorithmLine, style: Style) -> String {
    let mut table = columns(style.width);
    table.add_row(["  ", "about", &line.about]);
    table.add_row(["  ", "source", &line.source]);
    table.add_row(["  ", "cost", &format!("{} messages per {}", line.messages, line.operation)]);
    for (what, needs) in [("safe if", &line.needs.safety), ("live if", &line.needs.liveness)] {
        let needs = if needs.is_empty() { "always".to_owned() } else { needs.join(", ") };
        table.add_row(["  ", what, &needs]);
    }
    for parameter in &line.parameters {
        let ParameterLine { name, kind, unit, default, about } = parameter;
        let unit = unit.as_ref().map_or_else(String::new, |unit| format!(" {unit}"));
        table.add_row(["  ", &format!("{name}:"), &format!("{kind} ({default}{unit}). {about}")]);
    }
    for VariantLine { name, params, about } in &line.variants {
        table.add_row(["  ", "variant", &format!("{name} ({params}): {about}")]);
    }
    format!("  {}\n{}", style.bold(&line.name), finish(table, usize::MAX))
}

/// Scenarios: one line each.
fn scenarios_text(lines: &[ScenarioLine], style: Style) -> String {
    let mut table = columns(style.width);
    for line in lines {
        table.add_row([&line.name, &line.about]);
    }
    format!("{}\n{}", style.bold("scenarios"), finish(table, usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> AlgorithmLine {
        AlgorithmLine {
            name: "RicartAgrawala".into(),
            family: "mutual-exclusion".into(),
            about: "Permission from everybody; replies are deferred while one's own is older"
                .into(),
            source: "Ricart & Agrawala, CACM 1981".into(),
            messages: "2(N-1)".into(),
            operation: "entry".into(),
            needs: NeedsLine {
                safety: vec![],
                liveness: vec!["Reliable".into(), "NoCrash".into()],
            },
            variants: vec![VariantLine {
                name: "hasty".into(),
                params: "patience: \"0s\"".into(),
                about: "does not wait".into(),
            }],
            parameters: vec![ParameterLine {
                name: "patience".into(),
                kind: "duration".into(),
                unit: None,
                default: "\"1s\"".into(),
                about: "How long to wait.".into(),
            }],
        }
    }

    #[test]
    fn an_algorithm_says_what_it_costs_and_assumes() {
        let text = algorithms_text(&[sample()], Style { width: 80, color: false });
        assert!(text.starts_with("mutual-exclusion\n  RicartAgrawala\n"), "{text}");
        assert!(text.contains("2(N-1) messages per entry"), "{text}");
        assert!(text.contains("Reliable, NoCrash"), "{text}");
        assert!(text.contains("duration (\"1s\"). How long to wait."), "{text}");
        assert!(text.contains("hasty (patience: \"0s\"): does not wait"), "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    }

    #[test]
    fn json_holds_only_the_lists_that_were_asked_for() {
        let all: serde_json::Value = serde_json::from_str(&json(Some(&[sample()]), None)).unwrap();
        assert_eq!(all["schema"], 1);
        assert_eq!(all["algorithms"][0]["needs"]["liveness"][1], "NoCrash");
        assert!(all.get("scenarios").is_none());
    }
}
