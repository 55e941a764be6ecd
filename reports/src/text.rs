//! Numbers, durations and columns as people like to read them.

use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Table, Width};
use seedbed_core::Verdict;

/// How to write for a terminal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Style {
    /// Columns that a line may fill.
    pub width: u16,
    /// Whether to use ANSI colours.
    pub color: bool,
}

impl Default for Style {
    /// 100 columns, no colours.
    fn default() -> Self {
        Style { width: 100, color: false }
    }
}

const GREEN: &str = "32";
const RED: &str = "1;31";
const YELLOW: &str = "33";
const BOLD: &str = "1";
const DIM: &str = "2";

impl Style {
    fn paint(self, code: &str, text: &str) -> String {
        if self.color { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    pub(crate) fn bold(self, text: &str) -> String {
        self.paint(BOLD, text)
    }

    pub(crate) fn dim(self, text: &str) -> String {
        self.paint(DIM, text)
    }

    /// `text` in the colour of a verdict.
    pub fn verdict(self, verdict: Verdict, text: &str) -> String {
        let code = match verdict {
            Verdict::Held => GREEN,
            Verdict::Failed => RED,
            Verdict::Inconclusive => YELLOW,
        };
        self.paint(code, text)
    }

    /// Colours the marks of a finished table, which is laid out without colours because escape
    /// codes would count as columns.
    pub(crate) fn marks(self, table: &str) -> String {
        if !self.color {
            return table.to_owned();
        }
        [Verdict::Held, Verdict::Failed, Verdict::Inconclusive].into_iter().fold(
            table.to_owned(),
            |text, verdict| {
                // Only a mark that opens a line is a verdict; the same character in a sentence is not.
                let line = format!("\n  {} ", mark(verdict));
                let painted = format!("\n  {} ", self.verdict(verdict, mark(verdict)));
                format!("\n{text}").replace(&line, &painted)[1..].to_owned()
            },
        )
    }
}

/// A character for a verdict.
pub(crate) fn mark(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Held => "✓",
        Verdict::Failed => "✗",
        Verdict::Inconclusive => "?",
    }
}

/// The word for a verdict.
pub(crate) fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Held => "held",
        Verdict::Failed => "failed",
        Verdict::Inconclusive => "inconclusive",
    }
}

/// `1234567` as `1,234,567`.
pub(crate) fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 entry`, `2 entries`.
pub(crate) fn plural(n: u64, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{} {}", count(n), plural_of(noun)) }
}

/// `entry` as `entries`, `lookup` as `lookups`.
pub(crate) fn plural_of(noun: &str) -> String {
    match noun.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{stem}ies"),
        _ => format!("{noun}s"),
    }
}

/// A length of time in nanoseconds with four significant digits and the fitting unit.
pub(crate) fn duration(ns: f64) -> String {
    let (size, unit) = match ns.abs() {
        0.0 => return "0s".into(),
        x if x < 1e3 => (1.0, "ns"),
        x if x < 1e6 => (1e3, "us"),
        x if x < 1e9 => (1e6, "ms"),
        _ => (1e9, "s"),
    };
    format!("{}{unit}", significant(ns / size))
}

/// A number with four significant digits, without trailing zeros; whole numbers in full.
pub(crate) fn significant(x: f64) -> String {
    if x == x.trunc() && x.abs() < 1e15 {
        let sign = if x < 0.0 { "-" } else { "" };
        return format!("{sign}{}", count(x.abs() as u64));
    }
    let whole = x.abs().log10().floor().max(-6.0) as i32 + 1;
    let decimals = usize::try_from((4 - whole).clamp(0, 9)).expect("clamped");
    let text = format!("{x:.decimals$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// A table without lines whose last column wraps at `width`. Fill it, then [`finish`] it.
pub(crate) fn columns(width: u16) -> Table {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(width);
    table
}

/// Lays a table out: indented by two, two spaces between columns, those from `numbers_from` on
/// flush right; only a last column of words is ever wrapped.
pub(crate) fn finish(mut table: Table, numbers_from: usize) -> String {
    let last = table.column_count().saturating_sub(1);
    for (at, column) in table.column_iter_mut().enumerate() {
        column.set_padding((if at == 0 { 2 } else { 0 }, if at == last { 0 } else { 2 }));
        if at >= numbers_from {
            column.set_cell_alignment(CellAlignment::Right);
        }
        if at < last || numbers_from <= last {
            column.set_constraint(ColumnConstraint::ContentWidth);
        } else {
            column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(20)));
        }
    }
    let mut text = table.trim_fmt();
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_and_rounded() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(significant(8.0), "8");
        assert_eq!(significant(7.98765), "7.988");
        assert_eq!(significant(0.012_345), "0.01235");
        assert_eq!(significant(123_456.7), "123457");
        assert_eq!(duration(31_234_567.0), "31.23ms");
        assert_eq!(duration(1e9), "1s");
        assert_eq!(duration(0.0), "0s");
        assert_eq!(plural(1, "entry"), "1 entry");
        assert_eq!(plural(1200, "entry"), "1,200 entries");
        assert_eq!(plural(2, "lookup"), "2 lookups");
    }

    #[test]
    fn long_cells_wrap_within_the_width() {
        let mut table = columns(60);
        table.add_row(["✗ Granted", &"word ".repeat(40)]);
        let text = finish(table, 9);
        assert!(text.lines().count() > 3, "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= 60), "{text}");
    }
}
