//! Lists the shipped scenarios and those written for mutants, so that adding one is adding a file.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    for folder in ["library", "mutants"] {
        list(folder)?;
    }
    Ok(())
}

/// Name, whether it is JSON, and text of each file, in order of names.
fn list(folder: &str) -> io::Result<()> {
    let home = env::var("CARGO_MANIFEST_DIR").expect("cargo sets it");
    let path = Path::new(&home).join(folder);
    println!("cargo::rerun-if-changed={}", path.display());
    let mut files: Vec<_> =
        fs::read_dir(&path)?.map(|entry| entry.map(|e| e.path())).collect::<io::Result<_>>()?;
    files.retain(|path| path.extension().is_some_and(|e| e == "ron" || e == "json"));
    files.sort_by_key(|path| path.file_stem().map(ToOwned::to_owned));
    let mut code = String::from("&[\n");
    for path in &files {
        let name = path.file_stem().and_then(|stem| stem.to_str()).expect("names are UTF-8");
        let json = path.extension().is_some_and(|e| e == "json");
        writeln!(code, "    ({name:?}, {json}, include_str!({path:?})),").expect("a string grows");
    }
    code.push_str("]\n");
    let out = env::var("OUT_DIR").expect("cargo sets it");
    fs::write(Path::new(&out).join(format!("{folder}.rs")), code)
}
