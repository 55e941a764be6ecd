//! What a sweep varies. Whether a value makes sense is only seen where it is put.

mod range;
mod values;

use std::collections::BTreeSet;
use std::ops::Range;

use super::Findings;
use crate::schema::{AxisForm, CombineForm, SetsForm, SweepForm};
use crate::sweep::{Axis, Chart, ChartKind, Combine, Design, POINTS_MAX, RUNS_MAX};
use crate::text::{Node, Span, Spanned};

/// Seeds are below this, so that they survive programs that keep numbers in doubles.
const SEED_END: u64 = 1 << 53;

/// The seeds of a sweep that names none.
const SEEDS: Range<u64> = 0..20;

/// What one value cannot change: it belongs to the sweep, or to a single run.
const UNSWEPT: [&str; 5] = ["sweep", "seed", "schema", "name", "replay"];

/// The design of a sweep, as far as it makes sense.
pub(crate) fn sweep(
    form: Option<&SweepForm>,
    root: &Node,
    findings: &mut Findings,
) -> Option<Design> {
    let form = form?;
    let section = root.field("sweep")?;
    let place = form.axes.span;
    if form.axes.value.is_empty() {
        findings.at(place, "a sweep varies something: name at least one axis");
        return None;
    }
    let mut axes = Vec::new();
    for (at, axis_form) in form.axes.value.iter().enumerate() {
        let node = section.field("axes").and_then(|axes| axes.item(at))?;
        axes.extend(axis(axis_form, node, findings));
    }
    unique(form.axes.value.iter().map(|axis| &axis.name), findings);
    let combine = match form.combine {
        CombineForm::Product => Combine::Product,
        CombineForm::Zip => Combine::Zip,
    };
    let seeds = seeds(form.seeds.as_ref(), findings);
    charts(&form.charts, section, findings);
    if axes.len() < form.axes.value.len() {
        return None;
    }
    let design = Design { axes, combine, seeds, charts: form.charts.clone(), place };
    sizes(&design, findings).then_some(design)
}

/// Whether there are points, and not too many of them.
fn sizes(design: &Design, findings: &mut Findings) -> bool {
    if design.combine == Combine::Zip {
        let first = &design.axes[0];
        if let Some(other) = design.axes.iter().find(|o| o.values.len() != first.values.len()) {
            let (a, b) = (first.values.len(), other.values.len());
            let (first, other) = (&first.name, &other.name);
            let message =
                format!("`{first}` has {a} values and `{other}` has {b}: Zip pairs them off");
            findings.at(design.place, message);
            return false;
        }
    }
    let points = design.points();
    let runs = points.saturating_mul(design.seeds.end - design.seeds.start);
    if points > POINTS_MAX {
        let message = format!("{points} points; at most {POINTS_MAX} are accepted");
        findings.at(design.place, message);
    } else if runs > RUNS_MAX {
        let message = format!("{runs} runs; at most {RUNS_MAX} are accepted: use fewer seeds");
        findings.at(design.place, message);
    }
    points <= POINTS_MAX && runs <= RUNS_MAX
}

fn axis(form: &AxisForm, node: &Node, findings: &mut Findings) -> Option<Axis> {
    let name = &form.name;
    let letters = name.value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if name.value.is_empty() || name.value.len() > 60 || !letters {
        let message = "a column's name is made of letters, digits and underscores";
        if form.sets.is_none() && letters_and_dots(&name.value) {
            findings.push(
                crate::diagnose::Finding::at(name.span, message)
                    .help(format!("write a name, and sets: \"{}\"", name.value)),
            );
        } else {
            findings.at(name.span, message);
        }
        return None;
    }
    let several = matches!(&form.sets, Some(Spanned { value: SetsForm::Several(_), .. }));
    let paths: Vec<_> = match form.sets.as_ref().map(|sets| &sets.value) {
        None => vec![name.clone()],
        Some(SetsForm::One(path)) => vec![path.clone()],
        Some(SetsForm::Several(paths)) => paths.clone(),
    };
    if paths.is_empty() {
        findings.at(node.head(), "an axis sets at least one path");
        return None;
    }
    for path in &paths {
        let section = path.value.split(['.', '[']).next().unwrap_or_default().trim();
        if UNSWEPT.contains(&section) {
            findings.at(path.span, format!("`{section}` cannot be swept"));
            return None;
        }
    }
    let values = match (node.field("values"), &form.range) {
        (Some(listed), None) => values::listed(listed, several.then_some(paths.len()), findings)?,
        (None, Some(range)) if several => {
            findings.at(range.span, "a range is for one path; list the values");
            return None;
        }
        (None, Some(range)) => findings.take(range::values(range))?,
        _ => {
            findings.at(node.head(), "an axis has either `values` or a `range`");
            return None;
        }
    };
    let (kind, values) = values::typed(values);
    let paths = paths.into_iter().map(|path| path.value).collect();
    Some(Axis { name: name.value.clone(), place: name.span, paths, kind, values })
}

fn letters_and_dots(path: &str) -> bool {
    path.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.[]".contains(&b))
}

fn unique<'a>(names: impl Iterator<Item = &'a Spanned<String>>, findings: &mut Findings) {
    let mut seen = BTreeSet::new();
    for name in names {
        if !seen.insert(&name.value) {
            findings.at(name.span, format!("there is another axis called `{}`", name.value));
        }
    }
}

fn seeds(form: Option<&Spanned<String>>, findings: &mut Findings) -> Range<u64> {
    let Some(form) = form else { return SEEDS };
    let ends = form.value.split_once("..");
    let number = |text: &str| text.trim().parse::<u64>().ok().filter(|n| *n <= SEED_END);
    match ends.and_then(|(from, to)| Some((number(from)?, number(to)?))) {
        Some((from, to)) if from < to => from..to,
        Some(_) => {
            findings.at(form.span, "this holds no seed: the end is not included");
            SEEDS
        }
        None => {
            let message = "expected two numbers below 2^53 with .. between them, such as \"0..20\"";
            findings.at(form.span, message);
            SEEDS
        }
    }
}

/// Charts have names that can be files', and the columns that their kind needs.
fn charts(charts: &[Chart], section: &Node, findings: &mut Findings) {
    let mut seen = BTreeSet::new();
    for (at, chart) in charts.iter().enumerate() {
        let node = section.field("charts").and_then(|charts| charts.item(at));
        let place = |field: &str| {
            let field = node.and_then(|node| node.field(field)).or(node);
            field.map_or(Span::default(), Node::head)
        };
        let safe = chart.name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        if chart.name.is_empty() || chart.name.len() > 60 || !safe {
            let message = "a chart's name is made of letters, digits, - and _: it names files";
            findings.at(place("name"), message);
        } else if !seen.insert(&chart.name) {
            let message = format!("there is another chart called `{}`", chart.name);
            findings.at(place("name"), message);
        }
        let missing = match chart.kind {
            ChartKind::Lines if chart.y.is_none() => Some("`y`"),
            ChartKind::Heat if chart.y.is_none() => Some("`y`, the second parameter"),
            ChartKind::Heat if chart.z.is_none() => Some("`z`, the column that is coloured"),
            ChartKind::Lines | ChartKind::Heat | ChartKind::Histogram | ChartKind::Cdf => None,
        };
        if let Some(missing) = missing {
            findings.at(place("kind"), format!("this kind of chart needs {missing}"));
        }
    }
}
