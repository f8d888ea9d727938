//! Laws of the house that a machine can check.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

const LINES_PER_FILE_MAX: usize = 600;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the repository is there")
}

/// Every file below `folder` with this ending, with its text; `target` and `node_modules` are left out.
fn files(folder: &str, ending: &str) -> Vec<(String, String)> {
    fn walk(folder: &Path, ending: &str, root: &Path, out: &mut Vec<(String, String)>) {
        let Ok(entries) = fs::read_dir(folder) else { return };
        for entry in entries.flatten() {
            let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
            if path.is_dir() && !["target", "node_modules", ".git", "artefacts"].contains(&name.as_str()) {
                walk(&path, ending, root, out);
            } else if name.ends_with(ending) {
                let text = fs::read_to_string(&path).unwrap_or_default();
                out.push((path.strip_prefix(root).unwrap().to_string_lossy().into_owned(), text));
            }
        }
    }
    let (root, mut out) = (root(), Vec::new());
    walk(&root.join(folder), ending, &root, &mut out);
    assert!(!out.is_empty(), "no {ending} below {folder}: the check would check nothing");
    out.sort();
    out
}

/// Source without its tests.
fn product(folder: &str) -> Vec<(String, String)> {
    files(folder, ".rs")
        .into_iter()
        .filter(|(name, _)| !name.contains("/tests/") && !name.ends_with("tests.rs") && !name.contains("/examples/"))
        .map(|(name, text)| {
            let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default().to_owned();
            (name, code)
        })
        .collect()
}

fn none(what: &str, found: Vec<String>) {
    assert!(found.is_empty(), "{what}:\n{}", found.join("\n"));
}

/// The names under `[dependencies]` of a crate.
fn dependencies(name: &str) -> Vec<String> {
    let text = fs::read_to_string(root().join(format!("crates/{name}/Cargo.toml"))).unwrap();
    let section = text.split("[dependencies]").nth(1).unwrap_or_default();
    let section = section.split("\n[").next().unwrap_or_default();
    section
        .lines()
        .filter_map(|line| line.split(['.', ' ', '=']).next())
        .filter(|n| !n.is_empty())
        .map(str::to_owned)
        .collect()
}

#[test]
fn dependencies_point_down_only() {
    let allowed: BTreeMap<&str, &[&str]> = BTreeMap::from([
        ("newsroom", &[][..]),
        ("press", &["newsroom"]),
        ("store", &["newsroom"]),
        ("mail", &["newsroom"]),
        ("desk", &["newsroom", "press", "store", "mail"]),
        ("web", &["newsroom", "press", "store", "desk"]),
        ("masthead", &["newsroom", "press", "store", "mail", "desk", "web"]),
    ]);
    let ours: Vec<&str> = allowed.keys().copied().collect();
    for (name, below) in &allowed {
        let wrong =
            dependencies(name).into_iter().filter(|d| ours.contains(&d.as_str()) && !below.contains(&d.as_str()));
        none(&format!("crates that {name} must not know"), wrong.collect());
    }
}

#[test]
fn the_rules_cannot_do_anything_but_decide() {
    let pure = ["jiff", "serde", "serde_json", "unicode-normalization"];
    none(
        "dependencies newsroom must not have",
        dependencies("newsroom").into_iter().filter(|d| !pure.contains(&d.as_str())).collect(),
    );
    let effects =
        ["std::fs", "std::net", "std::env", "std::process", "SystemTime::now", "Instant::now", "async fn", "println!"];
    let found = product("crates/newsroom/src").into_iter().flat_map(|(name, text)| {
        effects
            .iter()
            .filter(move |effect| text.contains(**effect))
            .map(move |effect| format!("{name}: {effect}"))
            .collect::<Vec<_>>()
    });
    none("effects in the rules", found.collect());
}

#[test]
fn the_wall_clock_is_read_in_one_place() {
    let found = product("crates").into_iter().filter(|(name, text)| {
        (text.contains("SystemTime::now") || text.contains("Timestamp::now")) && name != "crates/desk/src/clock.rs"
    });
    none("files that read the clock", found.map(|(name, _)| name).collect());
}

#[test]
fn the_environment_is_read_in_the_configuration_only() {
    let allowed = |name: &str| {
        name.starts_with("crates/masthead/src/")
            || name.ends_with("build.rs")
            || name.starts_with("crates/store/src/testing")
    };
    let found = product("crates")
        .into_iter()
        .filter(|(name, text)| (text.contains("env::var") || text.contains("env::vars")) && !allowed(name));
    none("files that read the environment", found.map(|(name, _)| name).collect());
}

#[test]
fn the_web_outside_is_asked_through_one_door() {
    let words = ["hyper::client", "legacy::Client", "reqwest", "ureq::", "lookup_host"];
    let found = product("crates").into_iter().filter(|(name, text)| {
        words.iter().any(|word| text.contains(word)) && !name.starts_with("crates/desk/src/outgoing")
    });
    none("files that ask web servers behind the guard's back", found.map(|(name, _)| name).collect());
    let clients = ["desk", "web", "masthead", "store", "mail", "press"].iter().flat_map(|name| dependencies(name));
    let clients = clients.filter(|name| ["reqwest", "ureq", "isahc", "curl", "attohttpc"].contains(&name.as_str()));
    none("other web clients", clients.collect());
}

#[test]
fn only_the_store_speaks_sql() {
    let words = ["select ", "insert into ", "update ", "delete from "];
    let found = product("crates").into_iter().filter(|(name, _)| !name.starts_with("crates/store/")).flat_map(
        |(name, text)| {
            text.lines()
                .filter(|line| words.iter().any(|word| line.contains(&format!("\"{word}"))) && line.contains(" from "))
                .map(|line| format!("{name}: {}", line.trim()))
                .collect::<Vec<_>>()
        },
    );
    none("SQL outside the store", found.collect());
    let changes = product("crates").into_iter().filter(|(name, text)| {
        !name.starts_with("crates/store/")
            && !name.starts_with("crates/desk/")
            && (text.contains(".change(") || text.contains(".change_guarded("))
    });
    none("changes behind the desk's back", changes.map(|(name, _)| name).collect());
}

#[test]
fn every_file_says_what_it_owns_and_has_one_subject() {
    let all = files("crates", ".rs");
    let silent = all.iter().filter(|(name, text)| !text.starts_with("//!") && !name.ends_with("build.rs"));
    none("files without a head", silent.map(|(name, _)| name.clone()).collect());
    let long = all.iter().filter(|(_, text)| text.lines().count() > LINES_PER_FILE_MAX);
    none(
        "files of more than 600 lines",
        long.map(|(name, text)| format!("{name}: {}", text.lines().count())).collect(),
    );
}

#[test]
fn nothing_is_left_for_later_in_the_code() {
    let words = ["todo!(", "unimplemented!(", "dbg!(", "FIXME", "#[ignore"];
    let found =
        files("crates", ".rs").into_iter().filter(|(name, _)| !name.ends_with("tidy.rs")).flat_map(|(name, text)| {
            words
                .iter()
                .filter(move |word| text.contains(**word))
                .map(move |word| format!("{name}: {word}"))
                .collect::<Vec<_>>()
        });
    none("unfinished places", found.collect());
}

#[test]
fn text_from_elsewhere_is_printed_unescaped_in_one_template_only() {
    let found: Vec<String> = files("crates/press/themes", ".html")
        .into_iter()
        .filter(|(_, text)| text.contains("|safe") || text.contains("| safe"))
        .map(|(name, _)| name)
        .collect();
    assert!(found.len() <= 1, "templates that print without escaping: {found:?}");
}

#[test]
fn pages_carry_no_style_attributes_no_scripts_and_nothing_of_anybody_else() {
    let found = files("crates/press/themes/default/page", ".html").into_iter().flat_map(|(name, text)| {
        // Data for machines, and the one script that the security policy knows by its hash (`web/src/printed.rs`).
        let known = ["<script type=\"application/ld+json\"", "<script>{{ site.keeper }}</script>"];
        let script = text.matches("<script").count() - known.map(|one| text.matches(one).count()).iter().sum::<usize>();
        let mut wrong = Vec::new();
        if script > 0 {
            wrong.push(format!("{name}: a script"));
        }
        for word in [" style=\"", "src=\"http", "@import", "onclick=", "onload="] {
            if text.contains(word) {
                wrong.push(format!("{name}: {word}"));
            }
        }
        wrong
    });
    none("pages that are not plain", found.collect());
}
