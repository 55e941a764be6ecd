//! What a test that has failed says.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use seedbed_scenarios::Plan;
use seedbed_scenarios::hunt::Shrunk;

/// A failure: why, in the smallest scenario that fails so.
#[derive(Clone, PartialEq, Debug)]
pub struct Failure {
    /// The seed of the run that failed first.
    pub seed: u64,
    /// Why the smallest form fails.
    pub reason: String,
    /// Its text, in RON.
    pub scenario: String,
    /// Where it was saved; why it could not be, otherwise.
    pub saved: Result<PathBuf, String>,
    /// Whether it passes as soon as one fault, node or request is taken out.
    pub minimal: bool,
}

impl Failure {
    pub(super) fn save(folder: &Path, plan: &Plan, seed: u64, shrunk: &Shrunk) -> Self {
        let folder = folder.join(&plan.name);
        let path = folder.join(format!("{}.ron", shrunk.name));
        let written = fs::create_dir_all(&folder).and_then(|()| fs::write(&path, &shrunk.text));
        let saved = match written {
            // Whoever reads it may be in another folder than the test.
            Ok(()) => Ok(path.canonicalize().unwrap_or(path)),
            Err(why) => Err(format!("cannot write {}: {why}", path.display())),
        };
        Failure {
            seed,
            reason: shrunk.reason.clone(),
            scenario: shrunk.text.clone(),
            saved,
            minimal: shrunk.minimal,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "failed with seed {}: {}", self.seed, self.reason)?;
        match &self.saved {
            Ok(path) => writeln!(f, "saved as {}", path.display())?,
            Err(why) => writeln!(f, "not saved: {why}")?,
        }
        writeln!(f, "\n{}", self.scenario)
    }
}

impl std::error::Error for Failure {}
