//! Which harness finds which mutant: for terminals, texts and programs.

use comfy_table::{CellAlignment, Table, presets};
use seedbed_node::Bug;
use seedbed_scenarios::mutants::{Found, Harness, Row, Sheet, Trial};
use serde::Serialize;

use crate::json::{SCHEMA, text};
use crate::text::{Style, count, duration, plural};

const LEGEND: &str = "run, counts, hunt: runs until it was found; explore: states until it was \
    found   - not found   · not applicable\n\
    * with surroundings of its own, beside the shipped scenarios   \
    ! reductions change the verdict";

/// The table, ending with a line break, and what is to complain about beneath.
pub fn table(sheets: &[Sheet], times: bool, style: Style) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    let head = ["", "bug"].into_iter().chain(Harness::ALL.map(Harness::name));
    table.add_row(head);
    for sheet in sheets {
        table.add_row([sheet.algorithm]);
        for row in &sheet.rows {
            let cells = row.trials.iter().map(|trial| cell(trial, times));
            let name = format!("  {}", label(row));
            table.add_row([name, word(row.mutant.bug).to_owned()].into_iter().chain(cells));
        }
    }
    for (at, column) in table.column_iter_mut().enumerate() {
        column.set_padding((if at == 0 { 2 } else { 0 }, 2));
        let figures = at > 1;
        column.set_cell_alignment(match figures {
            true => CellAlignment::Right,
            false => CellAlignment::Left,
        });
    }
    let title = "Which harness finds which mutant";
    let mut out = format!("{}\n{}\n", style.bold(title), table.trim_fmt());
    out += &format!("\n{}\n", style.dim(LEGEND));
    let complaints = complaints(sheets);
    if !complaints.is_empty() {
        let lines: String = complaints.iter().map(|line| format!("  {line}\n")).collect();
        out += &format!("\n{}\n{lines}", style.bold("Complaints"));
    }
    out + &format!("\n{}\n", summary(sheets))
}

/// The same as a table in Markdown.
pub fn markdown(sheets: &[Sheet], times: bool) -> String {
    let names: String = Harness::ALL.map(|harness| format!(" {} |", harness.name())).concat();
    let mut out = format!("| algorithm | mutant | bug |{names} what it does |\n");
    out += &format!("|---|---|---|{}---|\n", "--:|".repeat(Harness::ALL.len()));
    for (sheet, row) in rows(sheets) {
        let cells: String = row.trials.iter().map(|t| format!(" {} |", cell(t, times))).collect();
        let about = row.mutant.about.replace('|', "\\|");
        let (mutant, bug) = (label(row).replace('*', "\\*"), word(row.mutant.bug));
        out += &format!("| {} | {mutant} | {bug} |{cells} {about} |\n", sheet.algorithm);
    }
    let legend = LEGEND.replace('\n', "; ").replace("   ", "; ").replace('*', "\\*");
    out += &format!("\n{}\n\n{legend}\n", summary(sheets));
    for complaint in complaints(sheets) {
        out += &format!("\n- {complaint}");
    }
    out.trim_end().to_owned() + "\n"
}

fn rows(sheets: &[Sheet]) -> impl Iterator<Item = (&Sheet, &Row)> {
    sheets.iter().flat_map(|sheet| sheet.rows.iter().map(move |row| (sheet, row)))
}

fn complaints(sheets: &[Sheet]) -> Vec<String> {
    sheets.iter().flat_map(Sheet::complaints).collect()
}

/// How many there are, how many were found, and by what.
fn summary(sheets: &[Sheet]) -> String {
    let (all, dead) = (rows(sheets).count(), rows(sheets).filter(|(_, row)| !row.survives()));
    let found = dead.count();
    let by = Harness::ALL.map(|harness| {
        let killed = |(_, row): &(&Sheet, &Row)| row.killers().any(|killer| killer == harness);
        format!("{} {}", harness.name(), rows(sheets).filter(killed).count())
    });
    let (mutants, by) = (plural(all as u64, "mutant"), by.join(", "));
    format!("{mutants}, {found} found: {by}.")
}

fn label(row: &Row) -> String {
    let own = if row.surroundings.is_some() { "*" } else { "" };
    let torn = if row.reduced_agrees == Some(false) { "!" } else { "" };
    format!("{}{own}{torn}", row.mutant.name)
}

/// How much it took; how long, if that is wanted: it differs from one time to the next.
fn cell(trial: &Trial, times: bool) -> String {
    match &trial.found {
        Found::Killed(kill) if times => {
            let took = rounded(trial.took.as_nanos());
            format!("{} {took}", count(kill.after))
        }
        Found::Killed(kill) => count(kill.after),
        Found::Survived { .. } => "-".into(),
        Found::NotApplicable(_) => "·".into(),
    }
}

/// Two digits are more than a clock on a busy machine is good for.
fn rounded(ns: u64) -> String {
    let unit = 10_u64.pow(ns.checked_ilog10().unwrap_or(0).saturating_sub(1));
    duration((ns / unit * unit) as f64)
}

/// What a bug is called.
pub fn word(bug: Bug) -> &'static str {
    match bug {
        Bug::Guard => "guard",
        Bug::TieBreak => "tie-break",
        Bug::Durability => "durability",
        Bug::Stale => "stale",
        Bug::Liveness => "liveness",
        Bug::Cost => "cost",
    }
}

/// A mutant as one line of JSON, with its line break.
pub fn json(sheet: &Sheet, row: &Row, times: bool) -> String {
    let harnesses = row.trials.iter().map(|trial| TrialObject::of(trial, times));
    text(&Object {
        schema: SCHEMA,
        algorithm: sheet.algorithm,
        mutant: row.mutant.name,
        params: row.mutant.params,
        bug: word(row.mutant.bug),
        about: row.mutant.about,
        surroundings: row.surroundings,
        killed: !row.survives(),
        harnesses: harnesses.collect(),
        reduced_agrees: row.reduced_agrees,
    }) + "\n"
}

#[derive(Serialize)]
struct Object<'a> {
    schema: u32,
    algorithm: &'a str,
    mutant: &'a str,
    params: &'a str,
    bug: &'a str,
    about: &'a str,
    surroundings: Option<&'a str>,
    killed: bool,
    harnesses: Vec<TrialObject<'a>>,
    reduced_agrees: Option<bool>,
}

#[derive(Serialize)]
struct TrialObject<'a> {
    harness: &'a str,
    verdict: &'a str,
    unit: &'a str,
    tried: u64,
    scenario: Option<&'a str>,
    check: Option<&'a str>,
    why: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    took_ns: Option<u64>,
}

impl<'a> TrialObject<'a> {
    fn of(trial: &'a Trial, times: bool) -> Self {
        let (verdict, tried) = match &trial.found {
            Found::Killed(kill) => ("killed", kill.after),
            Found::Survived { tried } => ("survived", *tried),
            Found::NotApplicable(_) => ("not-applicable", 0),
        };
        let kill = match &trial.found {
            Found::Killed(kill) => Some(kill),
            Found::Survived { .. } | Found::NotApplicable(_) => None,
        };
        let why = match &trial.found {
            Found::NotApplicable(why) => Some(why.as_str()),
            Found::Killed(_) | Found::Survived { .. } => kill.map(|kill| kill.why.as_str()),
        };
        TrialObject {
            harness: trial.harness.name(),
            verdict,
            unit: trial.harness.unit(),
            tried,
            scenario: kill.map(|kill| kill.scenario.as_str()),
            check: kill.map(|kill| kill.check.as_str()),
            why,
            took_ns: times.then_some(trial.took.as_nanos()),
        }
    }
}

#[cfg(test)]
mod tests {
    use seedbed_node::{Duration, Mutant};
    use seedbed_scenarios::mutants::Kill;

    use super::*;

    fn sample() -> Sheet {
        let mutant = |name, bug, about| Mutant { name, params: "mutant: X", bug, about };
        let trial = |harness, found| Trial { harness, found, took: Duration::from_nanos(12_345) };
        let survived = |harness| trial(harness, Found::Survived { tried: 40 });
        let killed = |harness, after| {
            let (check, why) = ("Granted".to_owned(), "ada waits".to_owned());
            let kill = Kill { scenario: "sample".into(), check, why, after };
            trial(harness, Found::Killed(kill))
        };
        let [run, counts, hunt, explore] = Harness::ALL;
        let none = trial(explore, Found::NotApplicable("no way".into()));
        let dead = Row {
            mutant: mutant("ForgetsRelease", Bug::Liveness, "nobody is told"),
            surroundings: Some("sample-forgets-release"),
            trials: [killed(run, 3), survived(counts), killed(hunt, 1_234), none.clone()],
            reduced_agrees: None,
        };
        let alive = Row {
            mutant: mutant("Harmless", Bug::Guard, "does nothing | at all"),
            surroundings: None,
            trials: [survived(run), survived(counts), survived(hunt), none],
            reduced_agrees: Some(false),
        };
        let rows = vec![dead, alive];
        Sheet { algorithm: "Sample", rows, unsound: Vec::new(), stopped: false }
    }

    #[test]
    fn the_table_says_how_fast_and_names_survivors() {
        let text = table(&[sample()], true, Style::default());
        let line = text.lines().find(|line| line.contains("ForgetsRelease")).expect("a row");
        let cells: Vec<_> = line.split_whitespace().collect();
        assert_eq!(cells, ["ForgetsRelease*", "liveness", "3", "12us", "-", "1,234", "12us", "·"]);
        assert!(text.contains("Sample survives as Harmless: does nothing"), "{text}");
        assert!(text.contains("Harmless is judged differently with reductions"), "{text}");
        assert!(text.ends_with("2 mutants, 1 found: run 1, counts 0, hunt 1, explore 0.\n"));
    }

    #[test]
    fn without_times_nothing_depends_on_the_clock() {
        let (one, mut other) = (sample(), sample());
        for trial in other.rows.iter_mut().flat_map(|row| &mut row.trials) {
            trial.took = Duration::from_secs(7);
        }
        let (one, other) = ([one], [other]);
        assert_eq!(table(&one, false, Style::default()), table(&other, false, Style::default()));
        assert_ne!(markdown(&one, true), markdown(&other, true));
        assert_eq!(markdown(&one, false), markdown(&other, false));
        let line = |sheet: &Sheet| json(sheet, &sheet.rows[0], false);
        assert_eq!(line(&one[0]), line(&other[0]));
    }

    #[test]
    fn markdown_has_as_many_bars_in_every_line() {
        let text = markdown(&[sample()], true);
        let plain = text.replace("\\|", "");
        let bars: Vec<_> = plain.lines().take(4).map(|line| line.matches('|').count()).collect();
        assert_eq!(bars, [9; 4], "{text}");
    }

    #[test]
    fn json_says_what_was_found_and_where() {
        let sheet = sample();
        let line = json(&sheet, &sheet.rows[0], true);
        let value: serde_json::Value = serde_json::from_str(&line).expect("JSON");
        assert_eq!((&value["schema"], &value["killed"]), (&1.into(), &true.into()));
        assert_eq!(value["bug"], "liveness");
        assert_eq!(value["harnesses"][0]["verdict"], "killed");
        assert_eq!(value["harnesses"][0]["tried"], 3);
        assert_eq!(value["harnesses"][0]["took_ns"], 12_345);
        assert_eq!(value["harnesses"][1]["verdict"], "survived");
        assert_eq!(value["harnesses"][3]["why"], "no way");
        assert_eq!(value["reduced_agrees"], serde_json::Value::Null);
    }
}
