//! Clocks: parts per million become parts per billion, texts become nanoseconds.

use std::collections::BTreeSet;

use seedbed_core::clock::{ClockConfig, ClockModel, Spread, Wander};
use seedbed_node::Duration;

use super::Findings;
use crate::schema::{ClocksForm, DriftForm, OffsetForm, Span64, WanderForm};
use crate::text::{Directory, Span, Spanned};

/// The clocks as the world wants them.
pub(super) fn clocks(
    form: &ClocksForm,
    directory: &Directory,
    findings: &mut Findings,
) -> ClockConfig {
    let general = Parts {
        offset: form.offset,
        drift: form.drift_ppm,
        wander: form.wander,
        granularity: form.granularity,
    };
    let default = general.over(&ClockModel::default(), findings);
    let mut rules = Vec::new();
    let mut named = BTreeSet::new();
    for rule in &form.nodes {
        let node = findings.member(directory, &rule.on);
        if !named.insert(node) {
            findings.at(rule.on.span, format!("`{}` has two clocks", rule.on.value));
        }
        let parts = Parts {
            offset: rule.offset,
            drift: rule.drift_ppm,
            wander: rule.wander,
            granularity: rule.granularity,
        };
        rules.push((node, parts.over(&default, findings)));
    }
    ClockConfig { default, rules }
}

struct Parts {
    offset: Option<Spanned<OffsetForm>>,
    drift: Option<Spanned<DriftForm>>,
    wander: Option<Spanned<WanderForm>>,
    granularity: Option<Duration>,
}

impl Parts {
    fn over(self, base: &ClockModel, findings: &mut Findings) -> ClockModel {
        let mut model = base.clone();
        if let Some(offset) = self.offset {
            model.offset_ns = match offset.value {
                OffsetForm::Bare(Span64(ns)) | OffsetForm::Constant(Span64(ns)) => {
                    Spread::Constant(ns)
                }
                OffsetForm::Uniform(Span64(low), Span64(high)) => Spread::Uniform(low, high),
                OffsetForm::Normal { mean, sd } => {
                    Spread::Normal { mean: mean.0 as f64, sd: sd.0 as f64 }
                }
            };
            check(&model, offset.span, findings);
        }
        if let Some(drift) = self.drift {
            model.drift_ppb = match drift.value {
                DriftForm::Bare(ppm) | DriftForm::Constant(ppm) => Spread::Constant(ppb(ppm)),
                DriftForm::Uniform(low, high) => Spread::Uniform(ppb(low), ppb(high)),
                DriftForm::Normal { mean, sd } => Spread::Normal { mean: mean * 1e3, sd: sd * 1e3 },
            };
            check(&model, drift.span, findings);
        }
        if let Some(wander) = self.wander {
            model.wander = lower_wander(wander, findings);
            check(&model, wander.span, findings);
        }
        if let Some(granularity) = self.granularity {
            model.granularity = granularity;
        }
        model
    }
}

/// Reports what the clock model itself finds wrong, where it was written.
fn check(model: &ClockModel, span: Span, findings: &mut Findings) {
    if let Err(why) = model.check() {
        findings.at(span, why);
    }
}

/// Parts per million as whole parts per billion; out of range goes to the range's end.
pub(super) fn ppb(ppm: f64) -> i64 {
    libm::round(ppm * 1e3) as i64
}

fn lower_wander(wander: Spanned<WanderForm>, findings: &mut Findings) -> Option<Wander> {
    let WanderForm { every, step_ppm, bound_ppm } = wander.value;
    let (step, bound) = (ppb(step_ppm), ppb(bound_ppm));
    match (u32::try_from(step), u32::try_from(bound)) {
        (Ok(step_ppb), Ok(bound_ppb)) => Some(Wander { every, step_ppb, bound_ppb }),
        _ => {
            findings.at(wander.span, "a wander's step and bound are from 0 to 4 million ppm");
            None
        }
    }
}
