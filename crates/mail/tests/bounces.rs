//! Reads real reports where they lie beside the repository, and prints what was made of each reason.
use std::collections::BTreeMap;
use std::path::PathBuf;

use mail::bounce::{self, Verdict};
use newsroom::returned::Class;

/// The folder with `expected.tsv` and `samples/`, from MASTHEAD_BOUNCES or beside the repository.
fn folder() -> Option<PathBuf> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/fixtures/bounces");
    let named = std::env::var_os("MASTHEAD_BOUNCES").map(PathBuf::from);
    named.or(Some(beside)).filter(|folder| folder.join("expected.tsv").is_file())
}

struct Expected {
    reason: String,
    hard: bool,
}

fn expected(text: &str) -> BTreeMap<String, Vec<Expected>> {
    let mut all: BTreeMap<String, Vec<Expected>> = BTreeMap::new();
    for line in text.lines().skip(1).filter(|line| !line.is_empty()) {
        let fields: Vec<&str> = line.split('\t').collect();
        let [file, _, _, _, reason, hard, ..] = fields[..] else { panic!("a line of expected.tsv is short: {line}") };
        all.entry(file.to_owned()).or_default().push(Expected { reason: reason.to_owned(), hard: hard == "1" });
    }
    all
}

#[test]
fn real_reports_are_read_as_people_read_them() {
    let Some(folder) = folder() else {
        println!("SKIPPED: no samples in MASTHEAD_BOUNCES nor beside the repository.");
        return;
    };
    let expected = expected(&std::fs::read_to_string(folder.join("expected.tsv")).unwrap());
    let mut table: BTreeMap<(String, &'static str), u32> = BTreeMap::new();
    let (mut found, mut right, mut wanted) = (0_u32, 0_u32, 0_u32);
    let mut complaints_missed = Vec::new();
    let mut auto_missed = Vec::new();
    for (file, expected) in &expected {
        let verdicts = bounce::read(&std::fs::read(folder.join("samples").join(file)).unwrap()).unwrap().verdicts;
        let said = |index: usize| verdicts.get(index).map(|verdict: &Verdict| verdict.class);
        // In order: what is expected and not found is missed, what is found and not expected is wrong.
        for index in 0..expected.len().max(verdicts.len()) {
            let (class, wish) = (said(index), expected.get(index));
            let reason = wish.map_or("(nobody)", |wish| &wish.reason);
            *table.entry((reason.to_owned(), class.map_or("(nothing)", Class::key))).or_default() += 1;
            let (is, should) = (class == Some(Class::Address), wish.is_some_and(|wish| wish.hard));
            found += u32::from(is);
            wanted += u32::from(should);
            right += u32::from(is && should);
            if is != should && std::env::var_os("MASTHEAD_BOUNCES_EACH").is_some() {
                println!("{file} {index}: {reason} read as {class:?}: {:?}", verdicts.get(index));
            }
            if reason == "feedback" && class != Some(Class::Complaint) {
                complaints_missed.push(file);
            }
            if reason == "vacation" && class != Some(Class::AutoReply) {
                auto_missed.push(file);
            }
        }
    }
    print_table(&table);
    let (precision, recall) = (f64::from(right) / f64::from(found), f64::from(right) / f64::from(wanted));
    println!(
        "address: {wanted} in the samples, {found} found, {right} right: precision {precision:.3}, recall {recall:.3}"
    );
    assert!(complaints_missed.is_empty(), "complaints called something else: {complaints_missed:?}");
    assert!(auto_missed.is_empty(), "automatic answers taken for reports: {auto_missed:?}");
    assert!(precision >= 0.97, "precision {precision:.3}");
    assert!(recall >= 0.92, "recall {recall:.3}");
}

fn print_table(table: &BTreeMap<(String, &'static str), u32>) {
    let mut reason = "";
    for ((wish, class), count) in table {
        println!("{:18} {class:14} {count:4}", if reason == wish { "" } else { wish });
        reason = wish;
    }
}
