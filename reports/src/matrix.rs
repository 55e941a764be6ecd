//! The assumption matrix: for terminals, texts, programs and browsers.

use comfy_table::{CellAlignment, Table, presets};
use seedbed_scenarios::matrix::{Cell, Declared, Found, Row};
use serde::Serialize;

use crate::json::{SCHEMA, text};
use crate::text::{Style, plural};

/// A row and where its breaches are.
#[derive(Clone, PartialEq, Debug)]
pub struct Filled {
    /// The row.
    pub row: Row,
    /// The scenario of a breach with nothing broken, if there is one.
    pub whole: Option<String>,
    /// The scenario of each cell's breach.
    pub paths: Vec<Option<String>>,
}

impl Filled {
    fn cells(&self) -> impl Iterator<Item = (&Cell, Option<&str>)> {
        let path = |at: usize| self.paths.get(at).and_then(Option::as_deref);
        self.row.cells.iter().enumerate().map(move |(at, cell)| (cell, path(at)))
    }

    /// What breaks, each in a sentence.
    fn breaches(&self) -> Vec<String> {
        let cells = self.cells().filter_map(|(cell, path)| {
            let Found::Broken(breach) = &cell.found else { return None };
            let (algorithm, column) = (self.row.algorithm, cell.column.name);
            let file = path.map_or(String::new(), |path| format!(" ({path})"));
            Some(format!("{algorithm}, {column}: {}: {}{file}", breach.check, breach.why))
        });
        cells.collect()
    }
}

const LEGEND: &str = "● holds in every state of a small instance   ○ no breach found   \
    ✗ safety broken   ~ liveness broken\n· not applicable   \
    s l: the algorithm names it among what it needs for safety, for liveness only   \
    !: contradicts that";

/// The table, ending with a line break, the breaches and the contradictions beneath.
pub fn table(rows: &[Filled], style: Style) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    let columns = rows.first().map_or(&[][..], |filled| &filled.row.cells);
    let head = columns.iter().map(|cell| cell.column.short.to_owned());
    table.add_row([String::new(), "none".into()].into_iter().chain(head));
    for filled in rows {
        let row = &filled.row;
        let whole = mark(&row.whole).to_owned();
        let cells = row.cells.iter().map(|cell| signs(row, cell));
        table.add_row([row.algorithm.to_owned(), whole].into_iter().chain(cells));
    }
    for (at, column) in table.column_iter_mut().enumerate() {
        column.set_padding((if at == 0 { 2 } else { 0 }, 2));
        column.set_cell_alignment(CellAlignment::Left);
    }
    let title = "What becomes of each algorithm where one assumption is broken";
    let mut out = format!("{}\n", style.bold(title));
    out += &painted(&table.trim_fmt(), style);
    out += &format!("\n\n{}\n", style.dim(LEGEND));
    let breaches: Vec<_> = rows.iter().flat_map(Filled::breaches).collect();
    out += &section("Breaches", &breaches, style);
    let contradictions = contradictions(rows);
    out += &section("Contradictions", &contradictions, style);
    if contradictions.is_empty() {
        let rows = plural(rows.len() as u64, "row");
        out += &format!("\nNothing contradicts what is declared, in {rows}.\n");
    }
    out
}

fn contradictions(rows: &[Filled]) -> Vec<String> {
    rows.iter().flat_map(|filled| filled.row.contradictions()).collect()
}

fn section(title: &str, lines: &[String], style: Style) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let lines: String = lines.iter().map(|line| format!("  {line}\n")).collect();
    format!("\n{}\n{lines}", style.bold(title))
}

/// Marks in colours; no name of an algorithm or a column contains one.
fn painted(table: &str, style: Style) -> String {
    use seedbed_core::Verdict::{Failed, Held, Inconclusive};
    [("●", Held), ("✗", Failed), ("~", Inconclusive)]
        .into_iter()
        .fold(table.to_owned(), |text, (mark, verdict)| {
            text.replace(mark, &style.verdict(verdict, mark))
        })
}

/// What was found, in one character.
fn mark(found: &Found) -> &'static str {
    match found {
        Found::Holds { .. } => "●",
        Found::NoBreach { .. } => "○",
        Found::Broken(breach) if breach.safety => "✗",
        Found::Broken(_) => "~",
        Found::NotApplicable(_) => "·",
    }
}

/// What was found, what is declared, and whether they contradict each other.
fn signs(row: &Row, cell: &Cell) -> String {
    let declared = match row.declared(cell.column.breaks) {
        Declared::Safety => "s",
        Declared::Liveness => "l",
        Declared::No => "",
    };
    let contradicts = if row.contradicts(cell) { "!" } else { "" };
    format!("{}{declared}{contradicts}", mark(&cell.found))
}

/// The same as a table in Markdown.
pub fn markdown(rows: &[Filled]) -> String {
    let columns = rows.first().map_or(&[][..], |filled| &filled.row.cells);
    let head: String = columns.iter().map(|cell| format!(" {} |", cell.column.name)).collect();
    let mut out = format!("| | none |{head}\n|---|---|{}\n", "---|".repeat(columns.len()));
    for filled in rows {
        let row = &filled.row;
        let cells = filled.cells().map(|(cell, path)| match path {
            Some(path) => format!(" [{}]({path}) |", signs(row, cell)),
            None => format!(" {} |", signs(row, cell)),
        });
        let cells: String = cells.collect();
        out += &format!("| {} | {} |{cells}\n", row.algorithm, mark(&row.whole));
    }
    out += &format!("\n{}\n", LEGEND.replace('\n', "   ").replace("   ", "; "));
    for contradiction in contradictions(rows) {
        out += &format!("\n- {contradiction}");
    }
    out.trim_end().to_owned() + "\n"
}

/// A row as one line of JSON, with its line break.
pub fn json(filled: &Filled) -> String {
    let row = &filled.row;
    let cells = filled.cells().map(|(cell, scenario)| CellObject {
        column: cell.column.name,
        assumption: format!("{:?}", cell.column.breaks),
        declared: match row.declared(cell.column.breaks) {
            Declared::Safety => "safety",
            Declared::Liveness => "liveness",
            Declared::No => "no",
        },
        found: FoundObject::of(&cell.found),
        contradicts: row.contradicts(cell),
        scenario,
    });
    text(&Object {
        schema: SCHEMA,
        algorithm: row.algorithm,
        scenario: &row.scenario,
        whole: FoundObject::of(&row.whole),
        cells: cells.collect(),
        contradictions: row.contradictions(),
    }) + "\n"
}

#[derive(Serialize)]
struct Object<'a> {
    schema: u32,
    algorithm: &'a str,
    scenario: &'a str,
    whole: FoundObject<'a>,
    cells: Vec<CellObject<'a>>,
    contradictions: Vec<String>,
}

#[derive(Serialize)]
struct CellObject<'a> {
    column: &'a str,
    assumption: String,
    declared: &'a str,
    #[serde(flatten)]
    found: FoundObject<'a>,
    contradicts: bool,
    scenario: Option<&'a str>,
}

#[derive(Serialize, Default)]
struct FoundObject<'a> {
    found: &'a str,
    check: Option<&'a str>,
    why: Option<&'a str>,
    minimal: Option<bool>,
    states: Option<u64>,
    runs: Option<u64>,
}

impl FoundObject<'_> {
    fn of(found: &Found) -> FoundObject<'_> {
        let nothing = FoundObject { found: word(found), ..FoundObject::default() };
        match found {
            Found::Holds { states } => FoundObject { states: Some(*states), ..nothing },
            Found::NoBreach { states, runs } => {
                FoundObject { states: Some(*states), runs: Some(*runs), ..nothing }
            }
            Found::Broken(breach) => FoundObject {
                check: Some(&breach.check),
                why: Some(&breach.why),
                minimal: Some(breach.minimal),
                ..nothing
            },
            Found::NotApplicable(why) => FoundObject { why: Some(why), ..nothing },
        }
    }
}

/// What was found, in a word.
fn word(found: &Found) -> &'static str {
    match found {
        Found::Holds { .. } => "holds",
        Found::NoBreach { .. } => "no-breach",
        Found::Broken(breach) if breach.safety => "safety",
        Found::Broken(_) => "liveness",
        Found::NotApplicable(_) => "not-applicable",
    }
}

/// What was found, in words.
fn told(found: &Found) -> String {
    match found {
        Found::Holds { states } => format!("holds in all {}", plural(*states, "state")),
        Found::NoBreach { states, runs } => {
            format!("no breach in {} and {}", plural(*states, "state"), plural(*runs, "run"))
        }
        Found::Broken(breach) => format!("{}: {}", breach.check, breach.why),
        Found::NotApplicable(why) => why.clone(),
    }
}

/// A page that needs no other file.
pub fn html(rows: &[Filled]) -> String {
    let columns = rows.first().map_or(&[][..], |filled| &filled.row.cells);
    let head = columns.iter().map(|cell| {
        format!("<th title=\"{}\">{}</th>", escaped(cell.column.about), cell.column.name)
    });
    let head: String = head.collect();
    let mut body = String::new();
    for filled in rows {
        let row = &filled.row;
        let cell = |found: &Found, signs: &str, more: &str, path: Option<&str>| {
            let signs = match path {
                Some(path) => format!("<a href=\"{}\">{signs}</a>", escaped(path)),
                None => signs.to_owned(),
            };
            let (class, title) = (word(found), escaped(&told(found)));
            format!("<td class=\"{class}{more}\" title=\"{title}\">{signs}</td>")
        };
        let whole = cell(&row.whole, mark(&row.whole), "", filled.whole.as_deref());
        let cells = filled.cells().map(|(found, path)| {
            let more = if row.contradicts(found) { " contradicts" } else { "" };
            cell(&found.found, &signs(row, found), more, path)
        });
        let cells: String = cells.collect();
        body += &format!("<tr><th>{}</th>{whole}{cells}</tr>\n", escaped(row.algorithm));
    }
    let list = |title: &str, lines: Vec<String>| {
        let items = lines.iter().map(|line| format!("<li>{}</li>\n", escaped(line)));
        let items: String = items.collect();
        if items.is_empty() { items } else { format!("<h2>{title}</h2>\n<ul>\n{items}</ul>\n") }
    };
    let breaches = list("Breaches", rows.iter().flat_map(Filled::breaches).collect());
    let contradictions = list("Contradictions", contradictions(rows));
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\">\
         <title>The assumption matrix</title>\n<style>\n{STYLE}</style></head>\n<body>\n\
         <h1>What becomes of each algorithm where one assumption is broken</h1>\n\
         <div><table>\n<tr><th></th><th>none</th>{head}</tr>\n{body}</table></div>\n\
         <p>{}</p>\n{contradictions}{breaches}</body></html>\n",
        LEGEND.replace('\n', "   ").replace("   ", "<br>")
    )
}

const STYLE: &str = "\
    :root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif }\n\
    body { max-width: 80rem; margin: 2rem auto; padding: 0 1rem }\n\
    div { overflow-x: auto }\n\
    table { border-collapse: collapse }\n\
    th, td { border: 1px solid #8886; padding: .3rem .6rem; text-align: center }\n\
    tr > th:first-child { text-align: left }\n\
    td a { color: inherit }\n\
    .holds { background: #2a24 }\n\
    .safety { background: #d224 }\n\
    .liveness { background: #da24 }\n\
    .contradicts { outline: 3px solid #d22; outline-offset: -3px }\n";

fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    text.replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use seedbed_node::{Assumption, Needs};
    use seedbed_scenarios::matrix::{Breach, COLUMNS};

    use super::*;

    fn broken(safety: bool) -> Found {
        let check = if safety { "MutualExclusion" } else { "Granted" };
        Found::Broken(Breach {
            check: check.into(),
            safety,
            why: "ada & bob are inside <both>".into(),
            text: String::new(),
            explored: true,
            minimal: true,
        })
    }

    fn sample() -> Vec<Filled> {
        let found = [
            broken(true),
            broken(false),
            Found::Holds { states: 1623 },
            Found::NoBreach { states: 10, runs: 200 },
            broken(true),
            Found::NotApplicable("nothing to try".into()),
        ];
        let cells = COLUMNS.iter().zip(found);
        let row = Row {
            algorithm: "Sample",
            scenario: "sample-explored".into(),
            needs: Needs {
                safety: &[Assumption::Fifo],
                liveness: &[Assumption::Reliable, Assumption::NoCrash],
            },
            whole: Found::Holds { states: 150 },
            cells: cells.map(|(column, found)| Cell { column: *column, found }).collect(),
        };
        let paths = vec![Some("runs/matrix/sample-reorder.ron".into())];
        vec![Filled { row, whole: None, paths }]
    }

    #[test]
    fn the_table_marks_what_is_declared_and_what_contradicts_it() {
        let text = table(&sample(), Style::default());
        let line = text.lines().find(|line| line.contains("Sample")).expect("a row");
        let cells: Vec<_> = line.split_whitespace().collect();
        assert_eq!(cells, ["Sample", "●", "✗s", "~l", "●l", "○l", "✗l!", "·"], "{text}");
        assert!(text.contains("Contradictions\n  Sample breaks MutualExclusion under restart"));
        let mut table = text.lines().take_while(|line| *line != "Breaches");
        assert!(table.all(|line| line.chars().count() <= 120), "{text}");
        assert!(!super::table(&[], Style::default()).contains("Breaches"));
    }

    #[test]
    fn markdown_has_as_many_bars_in_every_line() {
        let text = markdown(&sample());
        let bars: Vec<_> = text.lines().take(3).map(|line| line.matches('|').count()).collect();
        assert_eq!(bars, [9, 9, 9], "{text}");
        assert!(text.contains("[✗s](runs/matrix/sample-reorder.ron)"), "{text}");
    }

    #[test]
    fn json_says_what_was_found_and_where() {
        let value: serde_json::Value = serde_json::from_str(&json(&sample()[0])).expect("JSON");
        assert_eq!(value["schema"], 1);
        assert_eq!(value["cells"][0]["column"], "reorder");
        assert_eq!(value["cells"][0]["assumption"], "Fifo");
        assert_eq!(value["cells"][0]["declared"], "safety");
        assert_eq!(value["cells"][0]["found"], "safety");
        assert_eq!(value["cells"][0]["scenario"], "runs/matrix/sample-reorder.ron");
        assert_eq!(value["cells"][2]["states"], 1623);
        assert_eq!(value["cells"][4]["contradicts"], true);
        assert_eq!(value["contradictions"].as_array().map(Vec::len), Some(1));
    }

    #[test]
    fn the_page_escapes_what_nodes_say() {
        let page = html(&sample());
        assert!(page.contains("ada &amp; bob are inside &lt;both&gt;") && !page.contains("<both>"));
        assert_eq!(page.matches("<tr>").count(), page.matches("</tr>").count());
        assert!(page.contains("class=\"safety contradicts\""), "{page}");
    }
}
