//! `merge`: the parts of a sweep, run apart, become the whole.

use std::fs;
use std::path::Path;

use seedbed_reports::sweep::manifest;
use seedbed_scenarios::Registry;
use seedbed_scenarios::sweep::Sweep;

use super::folder::{self, Folder, Records, Start, Trouble};
use super::{finish, own_folder, validated};
use crate::cli::args::Merge;
use crate::cli::exit::Exit;
use crate::cli::files;
use crate::cli::screen::Screen;

/// Merges folders.
pub fn merge(args: &Merge, registry: &Registry, screen: &Screen) -> Exit {
    match attempt(args, registry, screen) {
        Ok(exit) | Err(exit) => exit,
    }
}

fn attempt(args: &Merge, registry: &Registry, screen: &Screen) -> Result<Exit, Exit> {
    let told = |trouble: Trouble| trouble.tell(screen);
    let first = &args.folders[0];
    let text = manifest_of(first).map_err(told)?;
    let source = manifest::source(&text).ok_or_else(|| {
        told(Trouble::new(format!("{} has no manifest of a sweep", first.display())))
    })?;
    let sweep = validated(registry, &source, screen)?;
    let records = gathered(args, &sweep).map_err(told)?;
    let path = args.out.clone().unwrap_or_else(|| own_folder(&sweep, None));
    let (folder, there) = Folder::open(&path, &sweep, None, Start::Either).map_err(told)?;
    if there.iter().any(|(run, record)| records.get(run) != Some(record)) {
        let message = format!("{} has other results of this sweep", path.display());
        return Err(told(Trouble::new(message)));
    }
    for (_, record) in records.iter().filter(|(run, _)| !there.contains_key(run)) {
        folder.note(record).map_err(told)?;
    }
    screen.say(&format!("merged {} folders to {}", args.folders.len(), path.display()));
    if args.out.is_none() {
        files::point_latest(Path::new("runs"), &files::part(&sweep.name));
    }
    finish(&sweep, &folder, &records, (None, !args.no_figures), screen)
}

fn manifest_of(folder: &Path) -> Result<String, Trouble> {
    let path = folder.join("manifest.json");
    fs::read_to_string(&path)
        .map_err(|why| Trouble::new(format!("cannot read {}: {why}", path.display())))
}

/// The runs of all folders: every one, and none twice.
fn gathered(args: &Merge, sweep: &Sweep) -> Result<Records, Trouble> {
    let ours = manifest::text(sweep, None, None);
    let mut all = Records::new();
    for folder in &args.folders {
        let theirs = manifest_of(folder)?;
        if let Some(difference) = manifest::difference(&ours, &theirs) {
            let (first, folder) = (args.folders[0].display(), folder.display());
            let message = format!("{folder} is not of the same sweep as {first}: {difference}");
            return Err(Trouble::new(message));
        }
        let path = folder.join("journal");
        let bytes = fs::read(&path)
            .map_err(|why| Trouble::new(format!("cannot read {}: {why}", path.display())))?;
        let (records, _) = folder::read(&path, &bytes, sweep, manifest::shard(&theirs))?;
        for (run, record) in records {
            if all.insert(run, record).is_some() {
                let (point, seed) = sweep.point_and_seed(run);
                let message = format!(
                    "point {point}, seed {seed} is in {} and in an earlier folder",
                    folder.display()
                );
                return Err(Trouble::new(message));
            }
        }
    }
    let mut missing = (0..sweep.runs()).filter(|run| !all.contains_key(run));
    if let Some(run) = missing.next() {
        let (point, seed) = sweep.point_and_seed(run);
        let count = 1 + missing.count();
        let message = format!("{count} runs are missing; the first is point {point}, seed {seed}");
        return Err(Trouble::new(message));
    }
    Ok(all)
}
