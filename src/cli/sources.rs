//! From what was typed to a scenario's text: a file, or a shipped scenario by its name.

use std::fs;
use std::io::Read;
use std::path::Path;

use seedbed_scenarios::Source;

use super::exit::Exit;

/// The largest file that is read at all.
const BYTES_MAX: u64 = 16 << 20;

/// Why there is no text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Missing {
    /// A name that matches nothing, or a file that cannot be read.
    pub exit: Exit,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

/// The text that `name` stands for. What exists as a file is the file; a bare name that does not
/// is a shipped scenario.
pub fn open(name: &str) -> Result<Source, Missing> {
    let path = Path::new(name);
    if path.is_file() || looks_like_path(name) {
        return read(path, BYTES_MAX, "scenario").map(|text| Source::new(name, text));
    }
    if let Some(shipped) = seedbed_scenarios::find(name) {
        return Ok(shipped.source());
    }
    if path.is_dir() {
        return read(path, BYTES_MAX, "scenario").map(|text| Source::new(name, text));
    }
    let help = match seedbed_scenarios::nearest_name(name) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`seedbed list scenarios` shows what there is".into(),
    };
    let message = format!("no shipped scenario is called `{name}`, and there is no such file");
    Err(Missing { exit: Exit::NotFound, message, help: Some(help) })
}

/// The scenario that is meant: that of a folder which `run --out` left, or `name` itself.
pub fn scenario_of(name: &str) -> String {
    let folder = Path::new(name);
    let shipped = seedbed_scenarios::find(name).is_some_and(|shipped| shipped.name == name);
    if shipped || !folder.is_dir() {
        return name.to_owned();
    }
    let files = ["scenario.ron", "scenario.json"].map(|file| folder.join(file));
    let kept = files.into_iter().find(|path| path.is_file());
    kept.map_or_else(|| name.to_owned(), |path| path.display().to_string())
}

/// Whether a file must have been meant.
fn looks_like_path(name: &str) -> bool {
    name.contains(['/', '\\']) || name.ends_with(".ron") || name.ends_with(".json")
}

/// The text of a file of at most so many bytes that is meant to be a `what`.
pub fn read(path: &Path, bytes_max: u64, what: &str) -> Result<String, Missing> {
    let shown = path.display();
    let bad = |message: String| Missing { exit: Exit::Bad, message, help: None };
    let metadata = fs::metadata(path).map_err(|why| bad(format!("cannot read {shown}: {why}")))?;
    if metadata.is_dir() {
        return Err(bad(format!("{shown} is a folder: a {what} is a file")));
    }
    let mut bytes = Vec::new();
    // A device has no length to look at, and perhaps no end.
    fs::File::open(path)
        .and_then(|file| file.take(bytes_max + 1).read_to_end(&mut bytes))
        .map_err(|why| bad(format!("cannot read {shown}: {why}")))?;
    if bytes.len() as u64 > bytes_max {
        return Err(bad(format!(
            "{shown} has more than {bytes_max} bytes: no {what} is that long"
        )));
    }
    String::from_utf8(bytes).map_err(|_| bad(format!("{shown} is not UTF-8 text")))
}
