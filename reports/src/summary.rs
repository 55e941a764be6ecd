//! Many seeds of one scenario for people: counts, the first failure, and the spread of costs.

use seedbed_core::{EndedBy, Outcome, Spread3, Verdict};

use crate::Run;
use crate::table::ended_by;
use crate::text::{Style, columns, count, finish, mark, plural, plural_of, significant, word};

/// What many runs have in common, gathered one outcome at a time.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Summary {
    held: u64,
    failed: u64,
    inconclusive: u64,
    first_failed: Option<(u64, String)>,
    first_inconclusive: Option<(u64, String)>,
    operations: u64,
    pending: u64,
    messages_per: Option<Spread3>,
    messages_mean_sum: f64,
}

impl Summary {
    /// Nothing gathered yet.
    pub fn new() -> Self {
        Summary::default()
    }

    /// Takes one more run into account. Feed runs in order of seed: the first failure is the
    /// first one fed.
    pub fn add(&mut self, outcome: &Outcome, operation: &str) {
        let verdict = outcome.verdict();
        let (tally, first) = match verdict {
            Verdict::Held => (&mut self.held, None),
            Verdict::Failed => (&mut self.failed, Some(&mut self.first_failed)),
            Verdict::Inconclusive => (&mut self.inconclusive, Some(&mut self.first_inconclusive)),
        };
        *tally += 1;
        if let Some(first) = first.filter(|first| first.is_none()) {
            *first = Some((outcome.seed, why(outcome, operation)));
        }
        let operations = &outcome.operations;
        self.operations += operations.count;
        self.pending += operations.pending;
        if let Some(per) = operations.messages_per {
            self.messages_mean_sum += per.mean * operations.count as f64;
            let so_far = self.messages_per.get_or_insert(per);
            so_far.min = so_far.min.min(per.min);
            so_far.max = so_far.max.max(per.max);
            so_far.mean = self.messages_mean_sum / self.operations as f64;
        }
    }

    /// How many runs were taken into account.
    pub fn runs(&self) -> u64 {
        self.held + self.failed + self.inconclusive
    }

    /// How many of them did not hold.
    pub fn not_held(&self) -> u64 {
        self.failed + self.inconclusive
    }

    /// The first seed that failed.
    pub fn first_failed(&self) -> Option<u64> {
        self.first_failed.as_ref().map(|(seed, _)| *seed)
    }

    /// The summary as text, ending with a line break. `next` is the command to type next.
    pub fn render(
        &self,
        scenario: &str,
        algorithm: &str,
        operation: &str,
        next: &str,
        style: Style,
    ) -> String {
        let title = style.bold(scenario);
        let mut text = format!("{title}  {algorithm}, {}\n", plural(self.runs(), "seed"));
        let mut table = columns(style.width);
        for (verdict, n, first) in [
            (Verdict::Held, self.held, &None),
            (Verdict::Failed, self.failed, &self.first_failed),
            (Verdict::Inconclusive, self.inconclusive, &self.first_inconclusive),
        ] {
            if n > 0 || verdict != Verdict::Inconclusive {
                let first = first
                    .as_ref()
                    .map_or_else(String::new, |(seed, why)| format!("first seed {seed}: {why}"));
                table.add_row([
                    format!("{} {:<12}  {:>7}", mark(verdict), word(verdict), count(n)),
                    first,
                ]);
            }
        }
        text += &style.marks(&finish(table, usize::MAX));
        if self.operations + self.pending > 0 {
            text += &format!("{} completed", plural(self.operations, operation));
            if self.pending > 0 {
                text += &format!(", {} pending", count(self.pending));
            }
            text.push('\n');
        }
        if let Some(per) = self.messages_per {
            text += &format!(
                "messages per {operation}: min {}, mean {}, max {}\n",
                count(per.min),
                significant(per.mean),
                count(per.max)
            );
        }
        if !next.is_empty() {
            text += &format!("next    {}\n", style.dim(next));
        }
        text
    }
}

/// A seed's verdict, digest if wanted, and what it cost or what went wrong.
pub fn seed_line(run: &Run<'_>, digest: bool, style: Style) -> String {
    let outcome = run.outcome;
    let verdict = outcome.verdict();
    let operations = &outcome.operations;
    let detail = match verdict {
        Verdict::Held => operations.messages_per.map_or_else(
            || format!("0 {}", plural_of(run.operation)),
            |per| {
                let entries = plural(operations.count, run.operation);
                format!("{entries}, {} messages each", significant(per.mean))
            },
        ),
        Verdict::Failed | Verdict::Inconclusive => why(outcome, run.operation),
    };
    let mut head = format!("{} seed {:<6}", mark(verdict), outcome.seed);
    if digest {
        head += &format!("  {}", outcome.digest);
    }
    let mut table = columns(style.width);
    table.add_row([head, detail]);
    style.marks(&finish(table, usize::MAX))
}

/// The first reason for a verdict other than held: a check's name and its sentence.
pub fn why(outcome: &Outcome, operation: &str) -> String {
    if matches!(outcome.ended_by, EndedBy::Panic { .. }) {
        return ended_by(outcome, operation);
    }
    let worst = outcome.verdict();
    outcome.checks.iter().find(|c| c.verdict == worst && worst != Verdict::Held).map_or_else(
        || ended_by(outcome, operation),
        |check| format!("{}: {}", check.name, check.detail),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn counts_the_first_failure_and_costs_are_gathered() {
        let mut summary = Summary::new();
        let mut held = samples::held();
        summary.add(&held, "entry");
        held.operations.messages_per = Some(Spread3 { mean: 11.0, min: 6, max: 20 });
        held.operations.count = 100;
        summary.add(&held, "entry");
        let mut failed = samples::failed();
        failed.seed = 43;
        summary.add(&failed, "entry");
        failed.seed = 44;
        summary.add(&failed, "entry");
        assert_eq!(summary.runs(), 4);
        assert_eq!(summary.first_failed(), Some(43));
        let text = summary.render("sample", "RA", "entry", "seedbed run x", Style::default());
        assert!(text.contains("sample  RA, 4 seeds\n"), "{text}");
        assert!(
            text.contains("✗ failed              2  first seed 43: Granted: eve asked"),
            "{text}"
        );
        assert!(!text.contains("inconclusive"), "{text}");
        // (200·8 + 100·11 + 200·8 + 200·8) / 700
        assert!(text.contains("messages per entry: min 6, mean 8.429, max 20\n"), "{text}");
        assert!(text.contains("700 entries completed\n"), "{text}");
    }

    #[test]
    fn a_seed_is_told_in_a_line_or_two() {
        let held = samples::held();
        let line = seed_line(&samples::run(&held), true, Style::default());
        let digest = "0000000000000000000000000000abcd";
        assert_eq!(line, format!("  ✓ seed 42      {digest}  200 entries, 8 messages each\n"));
        let failed = samples::failed();
        let line = seed_line(&samples::run(&failed), false, Style { width: 80, color: false });
        assert!(line.starts_with("  ✗ seed 42      Granted: eve asked"), "{line}");
        assert!(line.lines().all(|l| l.chars().count() <= 80), "{line}");
        assert_eq!(line.lines().count(), 2);
    }
}
