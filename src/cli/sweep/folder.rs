//! The folder of a sweep: what it is, what is finished, and its results.
//!
//! `manifest.json` is there before the first run, and says of which sweep the folder is. `journal` grows
//! by one line a run, written before the next run begins. `results.csv` appears when all is done.

use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use seedbed_reports::json::Error;
use seedbed_reports::sweep::manifest::{self, Shard};
use seedbed_reports::sweep::{cells, csv, journal, point_and_seed};
use seedbed_scenarios::Format;
use seedbed_scenarios::sweep::Sweep;

use crate::cli::exit::Exit;
use crate::cli::files;
use crate::cli::screen::Screen;

/// Finished runs by their numbers.
pub type Records = BTreeMap<u64, String>;

/// What may be in a folder already.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Start {
    /// Anything; it is thrown away.
    Fresh,
    /// A part of the same sweep.
    Resume,
    /// A part of the same sweep, or nothing.
    Either,
}

/// Why a folder cannot be used, and what to do about it.
#[derive(Debug)]
pub struct Trouble {
    message: String,
    help: Option<&'static str>,
}

impl Trouble {
    pub fn new(message: impl Into<String>) -> Self {
        Trouble { message: message.into(), help: None }
    }

    fn help(self, help: &'static str) -> Self {
        Trouble { help: Some(help), ..self }
    }

    fn io(what: &str, path: &Path, why: io::Error) -> Self {
        Trouble::new(format!("cannot {what} {}: {why}", path.display()))
    }

    /// Tells it; gives how the program ends.
    pub fn tell(&self, screen: &Screen) -> Exit {
        let (message, help) = (self.message.as_str(), self.help);
        screen.error(Exit::Bad, &Error { kind: "usage", message, help, ..Error::default() })
    }
}

/// A folder that this process alone writes to.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    journal: File,
}

impl Folder {
    /// Opens the folder of a sweep, or makes it; gives what is finished.
    pub fn open(
        path: &Path,
        sweep: &Sweep,
        shard: Option<Shard>,
        start: Start,
    ) -> Result<(Folder, Records), Trouble> {
        if start == Start::Resume && manifest_in(path)?.is_none() {
            let message = format!("there is nothing to go on with in {}", path.display());
            return Err(Trouble::new(message));
        }
        fs::create_dir_all(path).map_err(|why| Trouble::io("make", path, why))?;
        let journal = locked(&path.join("journal"))?;
        let folder = Folder { path: path.to_owned(), journal };
        let ours = manifest::text(sweep, shard, None);
        let records = match (manifest_in(path)?, start) {
            (Some(theirs), Start::Resume | Start::Either) => {
                folder.same(&ours, &theirs)?;
                folder.recover(sweep, shard)?
            }
            (_, Start::Fresh) | (None, _) => {
                folder.clear().map_err(|why| Trouble::io("clear", path, why))?;
                let ending = match sweep.source.format {
                    Format::Ron => "ron",
                    Format::Json => "json",
                };
                folder.write(&format!("scenario.{ending}"), sweep.source.text.as_bytes())?;
                // Last: it says that the folder is ready.
                folder.write("manifest.json", ours.as_bytes())?;
                Records::new()
            }
        };
        Ok((folder, records))
    }

    /// Whether the folder is of this very sweep, and of the same part of it.
    fn same(&self, ours: &str, theirs: &str) -> Result<(), Trouble> {
        let hint = "give another folder with --out, or begin anew with --fresh";
        let shown = self.path.display();
        if let Some(difference) = manifest::difference(ours, theirs) {
            let message = format!("{shown} has results of another sweep: {difference}");
            return Err(Trouble::new(message).help(hint));
        }
        if manifest::shard(ours) != manifest::shard(theirs) {
            let message = format!("{shown} has another part of this sweep");
            return Err(Trouble::new(message).help(hint));
        }
        Ok(())
    }

    /// The finished runs; what was being written when a process ended is cut off.
    fn recover(&self, sweep: &Sweep, shard: Option<Shard>) -> Result<Records, Trouble> {
        let path = self.path.join("journal");
        let mut text = Vec::new();
        (&self.journal).read_to_end(&mut text).map_err(|why| Trouble::io("read", &path, why))?;
        let (records, bytes) = read(&path, &text, sweep, shard)?;
        self.journal
            .set_len(bytes as u64)
            .and_then(|()| (&self.journal).seek(SeekFrom::End(0)))
            .map_err(|why| Trouble::io("write", &path, why))?;
        Ok(records)
    }

    /// Forgets what was there.
    fn clear(&self) -> io::Result<()> {
        // The manifest first: without it there is nothing to go on with.
        for name in
            ["manifest.json", "scenario.ron", "scenario.json", "results.csv", "results.parquet"]
        {
            match fs::remove_file(self.path.join(name)) {
                Err(why) if why.kind() != io::ErrorKind::NotFound => return Err(why),
                _ => {}
            }
        }
        self.journal.set_len(0)?;
        (&self.journal).rewind()
    }

    /// Notes a finished run: once this returns, it need not be done again.
    pub fn note(&self, record: &str) -> Result<(), Trouble> {
        // One write, so that the line of a killed process is whole or torn, but never mixed.
        (&self.journal)
            .write_all(journal::line(record).as_bytes())
            .map_err(|why| Trouble::io("write", &self.path.join("journal"), why))
    }

    /// Writes the results, and the manifest with their checksum; gives what was written.
    pub fn finish(
        &self,
        sweep: &Sweep,
        shard: Option<Shard>,
        records: &Records,
    ) -> Result<Vec<PathBuf>, Trouble> {
        let results = csv(sweep.columns(), records.values().map(String::as_str));
        let written = [
            self.write("results.csv", results.as_bytes())?,
            #[cfg(feature = "parquet")]
            self.write_parquet(sweep, records)?,
        ];
        self.write("manifest.json", manifest::text(sweep, shard, Some(&results)).as_bytes())?;
        Ok(written.into())
    }

    #[cfg(feature = "parquet")]
    fn write_parquet(&self, sweep: &Sweep, records: &Records) -> Result<PathBuf, Trouble> {
        let path = self.path.join("results.parquet");
        let rows = records.values().map(|record| cells(sweep.columns(), record));
        let rows: Vec<_> = rows.collect::<Result<_, _>>().map_err(Trouble::new)?;
        files::write_with(&path, |file| {
            seedbed_reports::sweep::parquet::write(sweep.columns(), &rows, file)
                .map_err(io::Error::other)
        })
        .map_err(|why| Trouble::io("write", &path, why))?;
        Ok(path)
    }

    /// The scenario, with everything that was changed in it.
    pub fn scenario(&self) -> PathBuf {
        let name = |ending| self.path.join(format!("scenario.{ending}"));
        let json = name("json");
        if json.exists() { json } else { name("ron") }
    }

    /// Writes a file that appears as a whole.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<PathBuf, Trouble> {
        let path = self.path.join(name);
        files::write_with(&path, |mut file| file.write_all(bytes))
            .map_err(|why| Trouble::io("write", &path, why))?;
        Ok(path)
    }
}

/// The manifest in a folder, if there is one.
fn manifest_in(folder: &Path) -> Result<Option<String>, Trouble> {
    let path = folder.join("manifest.json");
    match fs::read_to_string(&path) {
        Ok(text) => Ok(Some(text)),
        Err(why) if why.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(why) => Err(Trouble::io("read", &path, why)),
    }
}

/// The journal, for this process alone.
fn locked(path: &Path) -> Result<File, Trouble> {
    let mut options = File::options();
    let file = options.read(true).write(true).create(true).truncate(false).open(path);
    let file = file.map_err(|why| Trouble::io("open", path, why))?;
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => {
            let message = format!("another process is writing to {}", path.display());
            Err(Trouble::new(message))
        }
        // Some file systems have no locks.
        Ok(()) | Err(TryLockError::Error(_)) => Ok(file),
    }
}

/// The finished runs in a journal of a sweep, and how many bytes of it are whole.
pub fn read(
    path: &Path,
    bytes: &[u8],
    sweep: &Sweep,
    shard: Option<Shard>,
) -> Result<(Records, usize), Trouble> {
    let bad = |why: String| Trouble::new(format!("{} is damaged: {why}", path.display()));
    // A torn line may end within a character.
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let whole = &bytes[..error.valid_up_to()];
            std::str::from_utf8(whole).expect("valid up to there")
        }
    };
    let journal = journal::read(text).map_err(bad)?;
    let mut records = Records::new();
    for record in journal.records {
        cells(sweep.columns(), record).map_err(bad)?;
        let run = point_and_seed(record).and_then(|(point, seed)| sweep.run_of(point, seed));
        let run = run.filter(|run| shard.is_none_or(|shard| shard.holds(*run)));
        let run =
            run.ok_or_else(|| bad(format!("it has a run that is not of this sweep: {record}")))?;
        if records.insert(run, record.to_owned()).is_some() {
            return Err(bad(format!("it has a run twice: {record}")));
        }
    }
    Ok((records, journal.bytes))
}
