//! `check`: the settings in force, and what is wrong with the machine and with its mail.

use desk::doctor::Verdict;
use serde::Serialize;

use crate::cli::{Cli, Json};
use crate::config::{Config, Shown};
use crate::demo::Mark;
use crate::open::{self, PICTURES};
use crate::say::{self, Outcome, Stop};

/// One thing that was looked at.
#[derive(Debug, Serialize)]
struct Finding {
    verdict: &'static str,
    about: &'static str,
    sentence: String,
    /// The line for the zone file, where one mends it.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<String>,
}

#[derive(Debug, Serialize)]
struct Findings {
    fine: bool,
    settings: Vec<Shown>,
    findings: Vec<Finding>,
}

impl Findings {
    fn add(&mut self, verdict: Verdict, about: &'static str, sentence: impl Into<String>) {
        self.findings.push(Finding { verdict: verdict.key(), about, sentence: sentence.into(), line: None });
        self.fine &= verdict != Verdict::Mend;
    }

    fn pass(&mut self, about: &'static str, sentence: impl Into<String>) {
        self.add(Verdict::Pass, about, sentence);
    }

    fn note(&mut self, about: &'static str, sentence: impl Into<String>) {
        self.add(Verdict::Note, about, sentence);
    }

    fn mend(&mut self, about: &'static str, sentence: impl Into<String>) {
        self.add(Verdict::Mend, about, sentence);
    }
}

pub(super) async fn run(cli: &Cli, report: Json) -> Outcome {
    let config = open::settings(cli)?;
    let mut found = Findings { fine: true, settings: config.shown().to_vec(), findings: Vec::new() };
    for remark in &config.remarks {
        found.note("settings", remark);
    }
    folder(&config, &mut found);
    paper(&config, &mut found).await;
    letters(&config, &mut found);
    tell(&found, report.json)?;
    if found.fine {
        Ok(())
    } else {
        Err(Stop::new("Something needs to be put right before this paper can be relied on."))
    }
}

fn tell(found: &Findings, as_json: bool) -> Outcome {
    if as_json {
        return say::json(found);
    }
    let width = found.settings.iter().map(|shown| shown.name.len()).max().unwrap_or(0);
    for Shown { name, value, from } in &found.settings {
        let from = if from == "default" { String::new() } else { format!("  ({from})") };
        say::line(format!("{name:width$}  {}{from}", if value.is_empty() { "–" } else { value }))?;
    }
    say::line("")?;
    for Finding { verdict, about, sentence, line } in &found.findings {
        say::line(format!("{verdict:5} {about}: {sentence}"))?;
        if let Some(line) = line {
            say::line(format!("        {line}"))?;
        }
    }
    Ok(())
}

fn folder(config: &Config, found: &mut Findings) {
    let (data, probe) = (config.data.display(), config.data.join(".write-probe"));
    if !config.data.is_dir() {
        return found.mend("data folder", format!("There is no folder {data}. “masthead init” makes it."));
    }
    match open::write_private(&probe, "x").and_then(|()| std::fs::remove_file(&probe)) {
        Ok(()) => found.pass("data folder", format!("{data} can be written.")),
        Err(error) => found.mend("data folder", format!("Nothing can be written into {data}: {error}.")),
    }
}

async fn paper(config: &Config, found: &mut Findings) {
    let desk = match open::desk(config).await {
        Ok(desk) => desk,
        Err(Stop::Sentence(sentence)) => return found.mend("database", sentence),
        Err(Stop::PipeClosed) => return,
    };
    let paper = desk.paper();
    let name = &paper.publication.name;
    found.pass("database", format!("{} holds “{name}”.", desk.store().engine_name()));
    match desk.held_since().await {
        Ok(Some(since)) => found.note("mail", format!("Held since {}; nothing leaves.", since.rfc3339())),
        Ok(None) => {}
        Err(error) => found.mend("database", error.to_string()),
    }
    theme(&desk, found);
    if !config.data.join(PICTURES).is_dir() {
        found.mend("pictures", "The folder of pictures is missing from the data folder.");
    }
    if !Mark::is_in(&config.data) {
        mail(&desk, found).await;
    }
}

/// What the world sees of our mail; a demo shows it nothing.
async fn mail(desk: &desk::Desk, found: &mut Findings) {
    match desk.examine_mail().await {
        Ok(all) => {
            for one in all {
                found.add(one.verdict, one.about.words(), one.sentence);
                if let Some(last) = found.findings.last_mut() {
                    last.line = one.line;
                }
            }
        }
        Err(error) => found.mend("database", error.to_string()),
    }
}

fn theme(desk: &desk::Desk, found: &mut Findings) {
    let report = desk.theme_report();
    for finding in &report.findings {
        let verdict = if finding.breaks { Verdict::Mend } else { Verdict::Note };
        found.add(verdict, "theme", finding.to_string());
    }
    match (report.files, report.in_use) {
        (0, true) => {}
        (files, true) => found.pass("theme", format!("{files} files replace ours.")),
        (_, false) => found.mend("theme", "It breaks pages and is not used; ours is."),
    }
}

fn letters(config: &Config, found: &mut Findings) {
    if Mark::is_in(&config.data) {
        return found.note("mail", "This folder holds the demo; its letters go to its own tray.");
    }
    if config.letters.hold {
        found.note("mail", "mail.hold is true: nothing leaves this installation.");
    }
    if config.letters.from.is_none() {
        let from = format!("news@{}", config.host());
        found.note("mail", format!("mail.from is not set; letters would come from {from}."));
    }
    let local = config.public_url.starts_with("http://");
    if local && !config.listen.ip().is_loopback() {
        found.note("public_url", "It begins with http://; sign-in cookies travel unencrypted.");
    }
}
