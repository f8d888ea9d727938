//! Puts the sample publication into the program, so that `masthead demo` needs nothing but itself.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// What belongs to the sample publication; the program that draws its pictures stays outside.
const ENDINGS: [&str; 6] = ["toml", "md", "txt", "csv", "png", "jpg"];

fn main() {
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../demo");
    println!("cargo::rerun-if-changed={}", demo.display());
    let mut files = Vec::new();
    list(&demo, &mut files);
    files.sort();
    let mut code = String::from("pub(super) static FILES: &[(&str, &[u8])] = &[\n");
    for file in &files {
        let name = file.strip_prefix(&demo).expect("it was found there").to_str().expect("our names are UTF-8");
        let path = file.canonicalize().expect("it was found a moment ago");
        writeln!(code, "    ({name:?}, include_bytes!({path:?})),").expect("a text takes everything");
    }
    code.push_str("];\n");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it")).join("demo_files.rs");
    fs::write(out, code).expect("cargo's own folder can be written");
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) {
    println!("cargo::rerun-if-changed={}", folder.display());
    for entry in fs::read_dir(folder).expect("the sample publication stands beside the crates") {
        let path = entry.expect("a folder of ours can be read").path();
        if path.is_dir() {
            list(&path, files);
        } else if path.extension().and_then(|ending| ending.to_str()).is_some_and(|ending| ENDINGS.contains(&ending)) {
            files.push(path);
        }
    }
}
