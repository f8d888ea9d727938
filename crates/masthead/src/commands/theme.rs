//! `theme check`: what a publisher's theme would do to the pages, before readers see it.

use press::theme::{Report, WEIGHT_BYTES_MAX};
use serde_json::json;

use crate::cli::ThemeCheck;
use crate::say::{self, Outcome, Stop};

/// Needs no paper: the sample pages are in the program.
pub(super) fn check(asked: &ThemeCheck) -> Outcome {
    let folder = asked.folder.display();
    if !asked.folder.is_dir() {
        return Err(Stop::new(format!("There is no folder {folder}.")));
    }
    let (files, unread) = desk::read_theme(&asked.folder);
    let mut report = press::theme::check(&files);
    report.findings.extend(unread);
    report.findings.sort();
    tell(&report, files.len(), asked.json)?;
    match report.findings.len() {
        0 => Ok(()),
        1 => Err(Stop::new(format!("One thing in {folder} needs to be put right."))),
        count => Err(Stop::new(format!("{count} things in {folder} need to be put right."))),
    }
}

fn tell(report: &Report, files: usize, as_json: bool) -> Outcome {
    if as_json {
        let finding = |it: &press::theme::Finding| json!({ "file": it.file, "line": it.line, "says": it.says, "breaks": it.breaks });
        let page = |it: &press::theme::Weighed| json!({ "name": it.name, "bytes": it.bytes });
        return say::json(&json!({
            "fine": report.findings.is_empty(),
            "files": files,
            "findings": report.findings.iter().map(finding).collect::<Vec<_>>(),
            "pages": report.pages.iter().map(page).collect::<Vec<_>>(),
            "letters": report.letters,
            "bytes_max": WEIGHT_BYTES_MAX,
        }));
    }
    for finding in &report.findings {
        say::line(finding)?;
    }
    let pages = report.pages.len();
    say::line(format!("{files} files of the theme; {pages} sample pages and {} letters printed.", report.letters))?;
    match report.pages.iter().max_by_key(|page| page.bytes) {
        Some(page) => {
            say::line(format!("The heaviest is {} with {} of {WEIGHT_BYTES_MAX} bytes.", page.name, page.bytes))
        }
        None => Ok(()),
    }
}
