//! `--verify`: the same runs in a fresh process, digests compared line by line.

use std::io::{self, BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};

use seedbed_core::Outcome;
use seedbed_reports::json;

use super::args::Run;
use super::run::Chosen;

/// Set for the second process: it writes no files.
const MARK: &str = "SEEDBED_SECOND_PROCESS";

/// Whether this is the second process of a `--verify`.
pub fn is_second() -> bool {
    std::env::var_os(MARK).is_some()
}

/// The second process, which runs beside this one and prints in the same order.
pub struct Second {
    child: Child,
    lines: io::Lines<BufReader<ChildStdout>>,
    equal: u64,
}

impl Second {
    /// Starts it.
    pub fn start(args: &Run, seeds: &Chosen) -> io::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["run", "--json"]).env(MARK, "1");
        if let Chosen::These(from, count) = seeds {
            command.arg(format!("--seeds={from}..{}", from + count));
        }
        for (path, value) in &args.change.set {
            command.arg(format!("--set={path}={value}"));
        }
        if let Some(until) = args.change.until {
            command.arg(format!("--until={until}"));
        }
        if let Some(jobs) = args.jobs {
            command.arg(format!("--jobs={jobs}"));
        }
        command.arg("--").args(&args.files);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn()?;
        let stdout = child.stdout.take().expect("it is piped");
        Ok(Second { child, lines: BufReader::new(stdout).lines(), equal: 0 })
    }

    /// Compares the next line with an outcome of this process.
    pub fn compare(&mut self, scenario: &str, outcome: &Outcome) -> Result<(), String> {
        let here = outcome.digest.to_string();
        let line = self.lines.next().and_then(Result::ok);
        let there = line.as_deref().and_then(json::digest_in);
        if there.as_deref() == Some(here.as_str()) {
            self.equal += 1;
            return Ok(());
        }
        let there = there.as_deref().unwrap_or("nothing");
        Err(format!(
            "NONDETERMINISM DETECTED: {scenario}, seed {}, gave digest\n  {here} here, and\n  \
             {there} in a fresh process",
            outcome.seed
        ))
    }

    /// Waits for its end; gives what was equal, in words.
    pub fn finish(mut self) -> Result<String, String> {
        let more = self.lines.next().is_some();
        let _ = self.child.wait();
        match (more, self.equal) {
            (true, _) => Err("NONDETERMINISM DETECTED: the fresh process ran more".into()),
            (false, 1) => Ok("the same digest".into()),
            (false, equal) => Ok(format!("the same {equal} digests")),
        }
    }
}

impl Drop for Second {
    /// It has nothing to say any more, if it still runs.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
