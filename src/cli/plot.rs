//! `plot`: a figure of a sweep's results.

use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};

use seedbed_reports::json::Error;
use seedbed_reports::plot::{self, Drawing, Results, Wanted};

use super::args::Plot;
use super::exit::Exit;
use super::files;
use super::screen::Screen;
use super::sources;

/// The largest file of results that is read.
const BYTES_MAX: u64 = 256 << 20;

/// What a sweep calls its results.
const RESULTS: &str = "results.csv";

/// Draws, writes one file or two, and prints their names.
pub fn plot(args: &Plot, screen: &Screen) -> Exit {
    match written(args, screen) {
        Ok(paths) => screen.only(&plot::files(&paths, screen.json)),
        Err(exit) => exit,
    }
}

fn written(args: &Plot, screen: &Screen) -> Result<Vec<String>, Exit> {
    let ending = args.out.as_deref().map(|out| ending(out, screen)).transpose()?;
    let file = match args.results.is_dir() {
        true => args.results.join(RESULTS),
        false => args.results.clone(),
    };
    let shown = file.display().to_string();
    let text = sources::read(&file, BYTES_MAX, "results").map_err(|missing| {
        let message = missing.message.as_str();
        let error = Error { kind: "usage", message, file: Some(&shown), ..Error::default() };
        screen.error(missing.exit, &error)
    })?;
    let refused = |why: plot::Error| refuse(&why, &shown, screen);
    let results = Results::read(&name(&file), &text).map_err(refused)?;
    let chart = wanted(args).of(&results).map_err(refused)?;
    let drawing = plot::draw(&results, &chart, args.theme.into()).map_err(refused)?;
    let beside = file.with_file_name(files::part(&chart.name.replace(' ', "-")));
    let paths: Vec<(PathBuf, Ending)> = match (&args.out, ending) {
        (Some(out), Some(ending)) => vec![(out.clone(), ending)],
        _ => [Ending::Svg, Ending::Png].map(|ending| (ending.of(&beside), ending)).into(),
    };
    for (path, ending) in &paths {
        files::write_with(path, |mut file| file.write_all(ending.bytes(&drawing))).map_err(
            |why| {
                let message = format!("cannot write {}: {why}", path.display());
                screen.error(
                    Exit::Bad,
                    &Error { kind: "usage", message: &message, ..Error::default() },
                )
            },
        )?;
    }
    Ok(paths.into_iter().map(|(path, _)| path.display().to_string()).collect())
}

fn wanted(args: &Plot) -> Wanted {
    Wanted {
        kind: args.kind.into(),
        x: args.x.clone(),
        y: args.y.clone(),
        z: args.z.clone(),
        by: args.by.clone(),
        theory: args.theory.map(Into::into),
        log_x: args.log_x,
        log_y: args.log_y,
    }
}

#[derive(Clone, Copy)]
enum Ending {
    Svg,
    Png,
}

impl Ending {
    fn of(self, path: &Path) -> PathBuf {
        let mut name = path.as_os_str().to_owned();
        name.push(match self {
            Ending::Svg => ".svg",
            Ending::Png => ".png",
        });
        name.into()
    }

    fn bytes(self, drawing: &Drawing) -> &[u8] {
        match self {
            Ending::Svg => drawing.svg.as_bytes(),
            Ending::Png => &drawing.png,
        }
    }
}

fn ending(out: &Path, screen: &Screen) -> Result<Ending, Exit> {
    match out.extension().and_then(OsStr::to_str) {
        Some("svg") => Ok(Ending::Svg),
        Some("png") => Ok(Ending::Png),
        _ => {
            let message = format!("{} ends neither in .svg nor in .png", out.display());
            let error = Error { kind: "usage", message: &message, ..Error::default() };
            Err(screen.error(Exit::Bad, &error))
        }
    }
}

/// Whose results they are: the folder of `results.csv`, or the file's own name.
fn name(file: &Path) -> String {
    // Links such as `latest` say nothing.
    let file = std::fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
    let named = match file.file_name() == Some(OsStr::new(RESULTS)) {
        true => file.parent().and_then(Path::file_name),
        false => file.file_stem(),
    };
    named.map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

/// Results without runs match nothing; everything else is a mistake.
fn refuse(why: &plot::Error, file: &str, screen: &Screen) -> Exit {
    let (exit, kind) =
        if why.is_empty() { (Exit::NotFound, "not_found") } else { (Exit::Bad, "usage") };
    let (message, help) = (format!("{file}: {why}"), why.help());
    let line = why.line().map(|line| line as usize);
    let error = Error {
        kind,
        message: &message,
        file: Some(file),
        line,
        help: help.as_deref(),
        ..Error::default()
    };
    screen.error(exit, &error)
}
