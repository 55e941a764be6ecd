//! Values in equal distances or equal ratios, written as people would.

use seedbed_node::Duration;

use crate::diagnose::Finding;
use crate::schema::{QuantityForm, RangeForm};
use crate::sweep::{Cell, Choice, POINTS_MAX, Piece};
use crate::text::Spanned;

/// How many significant digits a value in a ratio to another keeps.
const DIGITS: usize = 12;

/// How far beyond the end a value may be by rounding, in steps.
const SLACK: f64 = 1e-9;

/// What kind of value a range gives.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unit {
    Whole,
    /// With so many decimals; `None`: so many significant digits.
    Decimal(Option<usize>),
    Time,
}

/// The values of a range.
pub(super) fn values(form: &Spanned<RangeForm>) -> Result<Vec<Choice>, Finding> {
    let bad = |message: &str| Err(Finding::at(form.span, message));
    let RangeForm { from, to, step, factor } = form.value;
    let unit = match unit(&form.value) {
        Some(unit) => unit,
        None => return bad("`from`, `to` and `step` are all numbers or all durations"),
    };
    let (first, last) = (size(from), size(to));
    if first > last {
        return bad("a range goes from its least value to its greatest");
    }
    let next: Box<dyn Fn(u32) -> f64> = match (step.map(size), factor) {
        (Some(step), None) if step > 0.0 => Box::new(move |at| first + f64::from(at) * step),
        (None, Some(factor)) if factor > 1.0 && first > 0.0 => {
            Box::new(move |at| first * libm::pow(factor, f64::from(at)))
        }
        (Some(_), None) => return bad("`step` is greater than 0"),
        (None, Some(_)) => return bad("`factor` is greater than 1, and `from` greater than 0"),
        _ => return bad("a range has either a `step` or a `factor`"),
    };
    let end = last + (next(1) - first) * SLACK;
    let mut choices: Vec<Choice> = Vec::new();
    for at in 0.. {
        let value = next(at);
        if value > end {
            break;
        }
        let choice = choice(value, unit, form);
        // Small whole numbers in a small ratio are rounded to the same.
        if choices.last().is_none_or(|last| last.label != choice.label) {
            choices.push(choice);
        }
        if u64::from(at) >= POINTS_MAX {
            return bad(&format!("more than {POINTS_MAX} values"));
        }
    }
    Ok(choices)
}

fn size(quantity: QuantityForm) -> f64 {
    match quantity {
        QuantityForm::Number(number) => number,
        QuantityForm::Time(time) => time.as_nanos() as f64,
    }
}

/// `None` if numbers and durations are mixed.
fn unit(range: &RangeForm) -> Option<Unit> {
    use QuantityForm::{Number, Time};
    let whole = |number: f64| number == libm::trunc(number);
    match (range.from, range.to, range.step) {
        (Time(_), Time(_), None | Some(Time(_))) => Some(Unit::Time),
        (Number(from), Number(_), Some(Number(step))) if whole(from) && whole(step) => {
            Some(Unit::Whole)
        }
        (Number(from), Number(_), Some(Number(step))) => {
            Some(Unit::Decimal(Some(decimals(from).max(decimals(step)))))
        }
        (Number(from), Number(to), None) if whole(from) && whole(to) => Some(Unit::Whole),
        (Number(_), Number(_), None) => Some(Unit::Decimal(None)),
        _ => None,
    }
}

/// How many decimals a number is written with.
fn decimals(number: f64) -> usize {
    format!("{number}").split_once('.').map_or(0, |(_, decimals)| decimals.len())
}

fn choice(value: f64, unit: Unit, form: &Spanned<RangeForm>) -> Choice {
    let (label, text, cell) = match unit {
        Unit::Whole if value < 0.0 => {
            let text = format!("{}", libm::round(value));
            (text.clone(), text, Cell::Real(libm::round(value)))
        }
        Unit::Whole => {
            let whole = libm::round(value) as u64;
            (whole.to_string(), whole.to_string(), Cell::Whole(whole))
        }
        Unit::Decimal(decimals) => {
            let text = match decimals {
                Some(decimals) => format!("{value:.decimals$}"),
                None => format!("{value:.0$e}", DIGITS - 1),
            };
            let real: f64 = text.parse().expect("a number was just written");
            (format!("{real}"), format!("{real}"), Cell::Real(real))
        }
        Unit::Time => {
            let time = Duration::from_nanos(libm::round(value) as u64);
            (time.to_string(), format!("\"{time}\""), Cell::Whole(time.as_nanos()))
        }
    };
    Choice { label, cell, pieces: vec![Piece::Made { text, place: form.span }] }
}
