//! `new`: a starting crate. Its files are the crate under `examples/own-crate`, which is compiled
//! and tested with this repository, under another name.

use std::io;
use std::path::{Path, PathBuf};

use seedbed_reports::json::Error;

use super::args::New;
use super::exit::Exit;
use super::files;
use super::screen::Screen;

const FILES: [(&str, &str); 5] = [
    ("Cargo.toml", include_str!("../../examples/own-crate/Cargo.toml")),
    ("scenario.ron", include_str!("../../examples/own-crate/scenario.ron")),
    ("src/main.rs", include_str!("../../examples/own-crate/src/main.rs")),
    ("src/roll_call.rs", include_str!("../../examples/own-crate/src/roll_call.rs")),
    ("src/assembly.rs", include_str!("../../examples/own-crate/src/assembly.rs")),
];

/// Where this repository was when this program was compiled.
const CHECKOUT: &str = env!("CARGO_MANIFEST_DIR");

/// Writes the crate, or refuses.
pub fn new(args: &New, screen: &Screen) -> Exit {
    let refuse = |message: &str| {
        let error = Error { kind: "usage", message, ..Error::default() };
        screen.error(Exit::Bad, &error)
    };
    let name = match crate_name(&args.name) {
        Ok(name) => name,
        Err(why) => return refuse(&why),
    };
    let shown = args.name.display();
    if args.name.exists() {
        return refuse(&format!("{shown} exists already: nothing was written"));
    }
    if let Err(why) = write_all(&args.name, name) {
        return refuse(&format!("cannot write {shown}: {why}"));
    }
    screen.say(&format!(
        "wrote {shown}: the algorithm is in src/roll_call.rs, what it is judged by in \
         src/assembly.rs\nnext    cd {shown} && cargo run -- run scenario.ron"
    ));
    Exit::Held
}

fn write_all(folder: &Path, name: &str) -> io::Result<()> {
    for (path, text) in FILES {
        let text = if path == "Cargo.toml" { manifest(text, name) } else { text.to_owned() };
        files::write(&folder.join(path), &text)?;
    }
    files::write(&folder.join(".gitignore"), "/target\n/runs\n")
}

/// The example's manifest under another name, from another place, in no workspace.
fn manifest(example: &str, name: &str) -> String {
    let node = PathBuf::from(CHECKOUT).join("node");
    let quoted = |path: &Path| format!("{:?}", path.display().to_string());
    let text = example
        .replacen("\"own-crate\"", &format!("\"{name}\""), 1)
        .replace("\"../..\"", &quoted(Path::new(CHECKOUT)))
        .replacen("\"../../node\"", &quoted(&node), 1);
    format!("{text}\n[workspace]\n")
}

/// The folder's name, if it can name a crate.
fn crate_name(folder: &Path) -> Result<&str, String> {
    let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let sound = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    // Names that Cargo refuses for a program, or that the crate itself depends on.
    let taken = [
        "alloc",
        "build",
        "core",
        "deps",
        "examples",
        "incremental",
        "proc-macro",
        "proc_macro",
        "serde",
        "std",
        "test",
    ];
    if !sound {
        return Err(format!(
            "\"{name}\" cannot name a crate: expected letters, digits, - and _, a letter first"
        ));
    }
    if taken.contains(&name) || name.starts_with("seedbed") || KEYWORDS.contains(&name) {
        return Err(format!("\"{name}\" cannot name a crate: the name is taken"));
    }
    Ok(name)
}

const KEYWORDS: [&str; 38] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate",
    "do", "dyn", "else", "enum", "extern", "false", "fn", "for", "if", "impl", "in", "let", "loop",
    "match", "mod", "move", "mut", "pub", "ref", "return", "self", "static", "struct", "super",
    "trait", "true", "type", "unsafe",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_cargo_takes_are_taken() {
        assert_eq!(crate_name(Path::new("a/b/my-algorithm")), Ok("my-algorithm"));
        for bad in ["", "..", "7up", "a b", "fn", "core", "deps", "seedbed", "ünder", "-x"] {
            assert!(crate_name(Path::new(bad)).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_manifest_is_renamed_and_points_here() {
        let text = manifest(FILES[0].1, "mine");
        assert!(text.contains("name = \"mine\""), "{text}");
        assert!(!text.contains("own-crate") && !text.contains(".."), "{text}");
        assert!(text.contains(CHECKOUT) && text.contains("[workspace]"), "{text}");
    }
}
