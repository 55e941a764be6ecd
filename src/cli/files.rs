//! Files appear whole or not at all.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

/// Writes a file by way of a temporary one beside it, so that nobody ever reads half of it.
pub fn write(path: &Path, text: &str) -> io::Result<()> {
    write_with(path, |mut file| file.write_all(text.as_bytes()))
}

/// The same for what is too long to be one text: `fill` writes it.
pub fn write_with(path: &Path, fill: impl FnOnce(fs::File) -> io::Result<()>) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder {
        fs::create_dir_all(folder)?;
    }
    let name = path.file_name().ok_or(io::ErrorKind::InvalidFilename)?.to_string_lossy();
    let temporary = path.with_file_name(format!(".{name}.{}.tmp", std::process::id()));
    let written =
        fs::File::create(&temporary).and_then(fill).and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        // The rename's error is what matters; a leftover is only untidy.
        let _ = fs::remove_file(&temporary);
    }
    written
}

/// Makes `latest` in `folder` mean `name`, where links can be made. It is only a convenience:
/// nothing is said if it cannot.
pub fn point_latest(folder: &Path, name: &str) {
    #[cfg(unix)]
    {
        let temporary = folder.join(format!(".latest.{}.tmp", std::process::id()));
        let _ = fs::remove_file(&temporary);
        let linked = std::os::unix::fs::symlink(name, &temporary)
            .and_then(|()| fs::rename(&temporary, folder.join("latest")));
        if linked.is_err() {
            let _ = fs::remove_file(&temporary);
        }
    }
    #[cfg(not(unix))]
    let _ = (folder, name);
}

/// A name as a single harmless part of a path.
pub fn part(name: &str) -> String {
    let safe: String = name
        .chars()
        .map(|c| if c.is_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '-' })
        .collect();
    let trimmed = safe.trim_matches(['.', '-']);
    if trimmed.is_empty() { "unnamed".into() } else { trimmed.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_leave_their_folder() {
        assert_eq!(part("ricart-agrawala_2.0"), "ricart-agrawala_2.0");
        assert_eq!(part("../../etc/passwd"), "etc-passwd");
        assert_eq!(part(".."), "unnamed");
        assert_eq!(part("Within(\"30s\", Granted)"), "Within--30s---Granted");
    }

    #[test]
    fn a_file_is_replaced_as_a_whole_and_leaves_nothing_behind() {
        let folder = std::env::temp_dir().join(format!("seedbed-files-{}", std::process::id()));
        let path = folder.join("deep/x.ron");
        write(&path, "one").unwrap();
        write(&path, "two").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "two");
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
        assert!(write(&folder, "a folder is in the way").is_err());
        fs::remove_dir_all(folder).unwrap();
    }
}
