//! Runs the program in a folder of its own and keeps what it said.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

/// A folder that vanishes with the test.
pub struct Folder(tempfile::TempDir);

/// What became of a command.
#[derive(Debug)]
pub struct Ran {
    /// The exit code.
    pub code: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Folder {
    /// An empty folder.
    pub fn new() -> Self {
        Folder(tempfile::tempdir().expect("a temporary folder"))
    }

    /// A folder with one file.
    pub fn with(name: &str, text: &str) -> Self {
        let folder = Folder::new();
        folder.write(name, text);
        folder
    }

    /// Writes a file.
    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).expect("the folder is writable");
    }

    /// Where a file is.
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// The program, to be started here.
    pub fn command(&self, program: &Path, args: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(args).current_dir(self.0.path()).stdin(Stdio::null());
        // Settings of whoever runs the tests.
        for name in ["NO_COLOR", "RUST_BACKTRACE", "TERM", "CARGO"] {
            command.env_remove(name);
        }
        command
    }

    /// Runs `seedbed` with these arguments.
    pub fn run(&self, args: &[&str]) -> Ran {
        Ran::of(self.command(Path::new(env!("CARGO_BIN_EXE_seedbed")), args))
    }

    /// The same with this on standard input.
    pub fn run_with(&self, args: &[&str], input: &str) -> Ran {
        self.write(".input", input);
        let mut command = self.command(Path::new(env!("CARGO_BIN_EXE_seedbed")), args);
        let input = std::fs::File::open(self.path(".input")).expect("it was just written");
        command.stdin(input);
        Ran::of(command)
    }

    /// All files beneath a folder, sorted, by their paths from here.
    pub fn files(&self, under: &str) -> Vec<String> {
        fn walk(folder: &Path, all: &mut Vec<PathBuf>) {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                let path = entry.path();
                if path.is_dir() { walk(&path, all) } else { all.push(path) }
            }
        }
        let mut all = Vec::new();
        walk(&self.path(under), &mut all);
        let own = |path: PathBuf| path.strip_prefix(self.0.path()).map(|p| p.display().to_string());
        let mut all: Vec<_> =
            all.into_iter().map(|p| own(p).expect("beneath the folder")).collect();
        all.sort();
        all
    }
}

impl Ran {
    /// Runs a command to its end.
    pub fn of(mut command: Command) -> Self {
        let output = command.output().expect("the program starts");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
        Ran {
            code: output.status.code().expect("it was not killed"),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }

    /// Asserts the exit code.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:?}");
        self
    }

    /// Asserts that stderr says this.
    #[track_caller]
    pub fn says(self, part: &str) -> Self {
        assert!(self.err.contains(part), "{part:?} is missing in {self:?}");
        self
    }

    /// Standard output as one JSON value a line.
    #[track_caller]
    pub fn json(&self) -> Vec<Value> {
        let parse = |line| serde_json::from_str(line).expect("every line is JSON");
        self.out.lines().map(parse).collect()
    }
}

/// Ricart and Agrawala on a network that loses messages, without a transport: it starves.
pub const STARVES: &str = r#"Scenario(
    name: "starves",
    nodes: 3,
    algorithm: RicartAgrawala(),
    workload: Closed(think: Constant("10ms"), hold: Constant("1ms"), requests_per_node: 5),
    network: (loss: 0.3), // lossy on purpose
    checks: [Always(MutualExclusion), Within("1s", Granted)],
    expect: Breach("Granted"),
)"#;
