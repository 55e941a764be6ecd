//! From a place in a point's text back to the scenario that the sweep is written in.

use crate::diagnose::{Finding, Problems};
use crate::text::{Source, Span, Splice};

use super::design::{Axis, Choice, Piece};

/// A change, and where its value comes from; `None` for the sweep's own section, which points lack.
pub(super) struct Change<'a> {
    splice: Splice,
    piece: Option<&'a Piece>,
}

/// The scenario of one point: the sweep's own without its section, with the values put in.
pub(super) fn spliced<'a>(
    source: &Source,
    chosen: &[(&'a Axis, &'a Choice)],
) -> Result<(Source, Vec<Change<'a>>), Finding> {
    let mut point = source.clone();
    let nothing = match source.format {
        crate::text::Format::Ron => "None",
        crate::text::Format::Json => "null",
    };
    let splice = point.splice("sweep", nothing)?;
    let mut changes = vec![Change { splice, piece: None }];
    for (axis, choice) in chosen {
        for (path, piece) in axis.paths.iter().zip(&choice.pieces) {
            match point.splice(path, piece.text(&source.text)) {
                Ok(splice) => changes.push(Change { splice, piece: Some(piece) }),
                Err(finding) => return Err(Finding { span: Some(piece.place()), ..finding }),
            }
        }
    }
    Ok((point, changes))
}

/// The problems of a point as findings in the sweep's scenario.
pub(super) fn findings(
    problems: &Problems,
    changes: &[Change<'_>],
    chosen: &[(&Axis, &Choice)],
) -> Vec<Finding> {
    let first = chosen.first().map(|(_, choice)| choice.pieces[0].place());
    let placed = |finding: Finding| {
        let span = finding.span.map(|span| back(span, changes)).or(first);
        Finding { span, ..finding }
    };
    problems.iter().map(|problem| placed(problem.finding())).collect()
}

/// Where a span of the point's text comes from.
fn back(mut span: Span, changes: &[Change<'_>]) -> Span {
    for Change { splice, piece } in changes.iter().rev() {
        let (old, new_end) = (splice.old, splice.old.start + splice.by.len());
        let earlier = |at: usize| at - splice.by.len() + (old.end - old.start);
        if span.start >= new_end {
            span = Span::new(earlier(span.start), earlier(span.end));
        } else if span.end > old.start {
            // It touches what was put in. All of it?
            if span.start < old.start || span.end > new_end {
                let end = if span.end > new_end { earlier(span.end) } else { old.end };
                span = Span::new(span.start.min(old.start), end);
                continue;
            }
            let Some(piece) = piece else { return old };
            return within(span, old.start + splice.value_at, piece);
        }
    }
    span
}

/// The part of a written value that a span is about, or all of the value.
fn within(span: Span, value_start: usize, piece: &Piece) -> Span {
    let place = piece.place();
    let Piece::Written(written) = piece else { return place };
    let length = written.end - written.start;
    if span.start < value_start || span.end > value_start + length {
        return place;
    }
    let shift = |at: usize| at - value_start + written.start;
    Span::new(shift(span.start), shift(span.end))
}
