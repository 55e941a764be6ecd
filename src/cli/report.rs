//! `report`: a run as a page to step through, or as Markdown.

use std::fs;
use std::path::{Path, PathBuf};

use seedbed_core::Outcome;
use seedbed_reports::chronicle::{Chronicle, Limits};
use seedbed_reports::json::{self, Error};
use seedbed_reports::report::{Linked, Subject, index, markdown, page};
use seedbed_scenarios::Registry;

use super::args::Report;
use super::exit::Exit;
use super::files;
use super::load::{self, Loaded};
use super::outputs;
use super::progress::Progress;
use super::screen::{Closed, Screen};

/// The largest `outcome.json` that is read.
const OUTCOME_BYTES_MAX: u64 = 16 << 20;

/// A run to report on.
struct Asked {
    loaded: Loaded,
    /// The digest that a stored run says it has.
    stored: Option<String>,
}

/// Runs each scenario once more and writes its page.
pub fn report(args: &Report, registry: &Registry, screen: &Screen) -> Exit {
    let asked = match asked(args, registry, screen) {
        Ok(asked) => asked,
        Err(exit) => return exit,
    };
    let places = match Places::of(args, &asked) {
        Ok(places) => places,
        Err(message) => return refuse(&message, screen),
    };
    let progress = Progress::new(asked.len() as u64, screen);
    let (mut exit, mut linked, mut texts) = (Exit::Held, Vec::new(), Vec::new());
    for (at, run) in asked.iter().enumerate() {
        let plan = &run.loaded.plan;
        let seed = args.seed.unwrap_or(plan.seed);
        let limits = Limits { entries_max: args.entries as usize, states: !args.markdown };
        let (outcome, chronicle) = Chronicle::of(plan, Some(seed), limits);
        if let Some(differs) = differs(run, &outcome, args) {
            progress.suspend(|| screen.warn(&differs));
            exit = exit.max(Exit::Differs);
        }
        let command = command(run, args);
        let row = registry.algorithms().find(|row| row.name == plan.algorithm);
        let (outcome, chronicle) = (&outcome, &chronicle);
        let subject = Subject { plan, row, outcome, chronicle, command: &command };
        if args.markdown {
            texts.push(markdown(&subject));
        } else {
            let path = &places.pages[at];
            let written = files::write(path, &page(&subject));
            if let Err(message) = written.map_err(|why| unwritable(path, &why)) {
                progress.clear();
                return exit.max(refuse(&message, screen));
            }
            linked.push(Linked {
                href: places.name(at),
                scenario: plan.name.clone(),
                algorithm: plan.algorithm.to_owned(),
                outcome: outcome.clone(),
            });
        }
        progress.advance(Exit::Held);
    }
    progress.clear();
    let ended = if args.markdown {
        print_markdown(args, &texts.join("\n"), screen)
    } else {
        tell(&places, &linked, screen)
    };
    exit.max(ended)
}

/// The runs that were meant: scenarios, and folders with stored runs in them.
fn asked(args: &Report, registry: &Registry, screen: &Screen) -> Result<Vec<Asked>, Exit> {
    let mut typed = Vec::new();
    for run in &args.runs {
        let folder = Path::new(run);
        if folder.is_dir() {
            let mut stored = Vec::new();
            stored_in(folder, 0, &mut stored);
            if stored.is_empty() {
                let message = format!("{run} is a folder without scenario.ron or scenario.json");
                let help = Some("`seedbed run FILE --out DIR` writes such a folder");
                let error =
                    Error { kind: "not_found", message: &message, help, ..Error::default() };
                return Err(screen.error(Exit::NotFound, &error));
            }
            typed.extend(stored);
        } else {
            typed.push(run.clone());
        }
    }
    let plans = load::all(registry, &typed, &args.change, screen)?;
    let with_digest = |loaded: Loaded| Asked { stored: stored_digest(&loaded.typed), loaded };
    Ok(plans.into_iter().map(with_digest).collect())
}

/// The scenarios of stored runs in a folder: its own, or those of folders inside, as `run --out`
/// leaves them for many seeds.
fn stored_in(folder: &Path, depth: u32, found: &mut Vec<String>) {
    let own = ["scenario.ron", "scenario.json"].map(|name| folder.join(name));
    if let Some(own) = own.into_iter().find(|path| path.is_file()) {
        found.push(own.display().to_string());
        return;
    }
    let inside = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut inside: Vec<_> = inside.filter(|path| path.is_dir()).collect();
    inside.sort();
    if depth < 2 {
        inside.iter().for_each(|folder| stored_in(folder, depth + 1, found));
    }
}

/// The digest in the `outcome.json` beside a stored scenario.
fn stored_digest(typed: &str) -> Option<String> {
    let path = Path::new(typed);
    path.file_stem().filter(|stem| *stem == "scenario")?;
    let outcome = path.with_file_name("outcome.json");
    let text = super::sources::read(&outcome, OUTCOME_BYTES_MAX, "stored outcome").ok()?;
    json::digest_in(text.lines().next()?)
}

/// What to say if this is not the run that was stored or pinned.
fn differs(run: &Asked, outcome: &Outcome, args: &Report) -> Option<String> {
    let plan = &run.loaded.plan;
    if !args.change.is_empty() || outcome.seed != plan.seed {
        return None;
    }
    let stored = run.stored.as_ref().filter(|stored| **stored != outcome.digest.to_string());
    stored
        .map(|stored| {
            let (typed, digest) = (&run.loaded.typed, outcome.digest);
            format!(
                "THE RUN DIFFERS: {typed} gave digest\n  {digest} instead of the stored\n  {stored}"
            )
        })
        .or_else(|| outputs::differs(plan, outcome))
}

/// The command that makes the same run.
fn command(run: &Asked, args: &Report) -> String {
    let quoted = |text: &str| {
        let plain = |c: char| c.is_alphanumeric() || "-_./=".contains(c);
        if text.chars().all(plain) {
            text.to_owned()
        } else {
            format!("'{}'", text.replace('\'', "'\\''"))
        }
    };
    let mut command = format!("seedbed run {}", quoted(&run.loaded.typed));
    if let Some(seed) = args.seed {
        command += &format!(" --seed {seed}");
    }
    for (path, value) in args.change.assignments() {
        command += &format!(" --set {}", quoted(&format!("{path}={value}")));
    }
    command
}

/// Where pages go.
struct Places {
    pages: Vec<PathBuf>,
    index: Option<PathBuf>,
    /// The folder under `runs` that is the latest now.
    latest: Option<String>,
}

impl Places {
    fn of(args: &Report, asked: &[Asked]) -> Result<Self, String> {
        let ends_in = |path: &Path, ending: &str| path.extension().is_some_and(|e| e == ending);
        let many = asked.len() > 1;
        match &args.out {
            Some(out) if args.markdown && ends_in(out, "html") => {
                Err(format!("--markdown writes Markdown, not {}", out.display()))
            }
            Some(out) if ends_in(out, "html") && many => Err(format!(
                "{} runs do not fit into {}: give a folder",
                asked.len(),
                out.display()
            )),
            Some(out) if ends_in(out, "html") => {
                Ok(Places { pages: vec![out.clone()], index: None, latest: None })
            }
            Some(out) if !many => {
                Ok(Places { pages: vec![out.join("report.html")], index: None, latest: None })
            }
            Some(out) => Ok(Places::many(out, asked, args, None)),
            None if many => Ok(Places::many(
                &Path::new("runs").join("report"),
                asked,
                args,
                Some("report".into()),
            )),
            None => {
                let folder = &asked[0].loaded.folder;
                let page = Path::new("runs").join(folder).join("report.html");
                Ok(Places { pages: vec![page], index: None, latest: Some(folder.clone()) })
            }
        }
    }

    fn many(folder: &Path, asked: &[Asked], args: &Report, latest: Option<String>) -> Self {
        let page = |run: &Asked| {
            let seed = args.seed.unwrap_or(run.loaded.plan.seed);
            folder.join(format!("{}-seed-{seed}.html", run.loaded.folder))
        };
        let index = Some(folder.join("index.html"));
        Places { pages: asked.iter().map(page).collect(), index, latest }
    }

    /// A page's name in its folder.
    fn name(&self, at: usize) -> String {
        let name = self.pages[at].file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    }
}

/// Writes the index if there is one, and says where everything is.
fn tell(places: &Places, linked: &[Linked], screen: &Screen) -> Exit {
    if let Some(path) = &places.index
        && let Err(why) = files::write(path, &index(linked))
    {
        return refuse(&unwritable(path, &why), screen);
    }
    if let Some(latest) = &places.latest {
        files::point_latest(Path::new("runs"), latest);
    }
    let mut out = String::new();
    for (path, run) in places.pages.iter().zip(linked) {
        let path = path.display().to_string();
        if screen.json {
            out += &line(&path, run);
        } else {
            out += &format!("{path}\n");
        }
    }
    if let (Some(path), false) = (&places.index, screen.json) {
        out += &format!("{}\n", path.display());
    }
    match screen.result(&out) {
        Ok(()) => Exit::Held,
        Err(Closed(exit)) => exit,
    }
}

/// A page as one line of JSON.
fn line(path: &str, run: &Linked) -> String {
    json::reported(path, &run.scenario, &run.algorithm, &run.outcome)
}

fn print_markdown(args: &Report, text: &str, screen: &Screen) -> Exit {
    let Some(out) = &args.out else { return screen.only(text) };
    let path = if out.extension().is_some() { out.clone() } else { out.join("report.md") };
    match files::write(&path, text) {
        Ok(()) => screen.only(&format!("{}\n", path.display())),
        Err(why) => refuse(&unwritable(&path, &why), screen),
    }
}

fn unwritable(path: &Path, why: &std::io::Error) -> String {
    format!("cannot write {}: {why}", path.display())
}

fn refuse(message: &str, screen: &Screen) -> Exit {
    screen.error(Exit::Bad, &Error { kind: "usage", message, ..Error::default() })
}
