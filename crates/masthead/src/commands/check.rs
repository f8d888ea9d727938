//! `check`: the settings in force, and what is wrong with the machine.

use std::time::Duration;

use serde::Serialize;

use crate::cli::{Cli, Json};
use crate::config::{Config, Shown};
use crate::demo::Mark;
use crate::open::{self, PICTURES};
use crate::say::{self, Outcome, Stop};

/// How long one step of trying a relay may take.
const RELAY_STEP: Duration = Duration::from_secs(10);
/// A machine whose clock stands before this day has lost its time: 2025-01-01.
const PLAUSIBLE_FROM_MICROS: i64 = 1_735_689_600_000_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Weight {
    Fine,
    Remark,
    Fault,
}

#[derive(Debug, Serialize)]
struct Finding {
    weight: Weight,
    about: &'static str,
    sentence: String,
}

#[derive(Debug, Serialize)]
struct Findings {
    fine: bool,
    settings: Vec<Shown>,
    findings: Vec<Finding>,
}

impl Findings {
    fn note(&mut self, weight: Weight, about: &'static str, sentence: impl Into<String>) {
        self.findings.push(Finding { weight, about, sentence: sentence.into() });
        self.fine &= weight != Weight::Fault;
    }
}

pub(super) async fn run(cli: &Cli, report: Json) -> Outcome {
    let config = open::settings(cli)?;
    let mut found = Findings { fine: true, settings: config.shown().to_vec(), findings: Vec::new() };
    for remark in &config.remarks {
        found.note(Weight::Remark, "settings", remark);
    }
    clock(&mut found);
    folder(&config, &mut found);
    paper(&config, &mut found).await;
    letters(&config, &mut found);
    relays(&config, &mut found).await;
    tell(&found, report.json)?;
    if found.fine { Ok(()) } else { Err(Stop::new("Something needs to be put right before this paper can be served.")) }
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
    for Finding { weight, about, sentence } in &found.findings {
        let word = match weight {
            Weight::Fine => "fine",
            Weight::Remark => "note",
            Weight::Fault => "FAULT",
        };
        say::line(format!("{word:5}  {about}: {sentence}"))?;
    }
    Ok(())
}

fn clock(found: &mut Findings) {
    let now = desk::Clock::machine().now();
    if now.0 < PLAUSIBLE_FROM_MICROS {
        found.note(Weight::Fault, "clock", format!("The machine thinks it is {}. Set its clock.", now.rfc3339()));
    } else {
        found.note(Weight::Fine, "clock", format!("It is {}.", now.rfc3339()));
    }
}

fn folder(config: &Config, found: &mut Findings) {
    let (data, probe) = (config.data.display(), config.data.join(".write-probe"));
    if !config.data.is_dir() {
        return found.note(
            Weight::Fault,
            "data folder",
            format!("There is no folder {data}. “masthead init” makes it."),
        );
    }
    match open::write_private(&probe, "x").and_then(|()| std::fs::remove_file(&probe)) {
        Ok(()) => found.note(Weight::Fine, "data folder", format!("{data} can be written.")),
        Err(error) => found.note(Weight::Fault, "data folder", format!("Nothing can be written into {data}: {error}.")),
    }
}

async fn paper(config: &Config, found: &mut Findings) {
    let desk = match open::desk(config).await {
        Ok(desk) => desk,
        Err(Stop::Sentence(sentence)) => return found.note(Weight::Fault, "database", sentence),
        Err(Stop::PipeClosed) => return,
    };
    let paper = desk.paper();
    let name = &paper.publication.name;
    found.note(Weight::Fine, "database", format!("{} holds “{name}”.", desk.store().engine_name()));
    match desk.held_since().await {
        Ok(Some(since)) => {
            found.note(Weight::Remark, "mail", format!("Held since {}; nothing leaves.", since.rfc3339()))
        }
        Ok(None) => {}
        Err(error) => found.note(Weight::Fault, "database", error.to_string()),
    }
    match desk.dkim_record().await {
        Ok(Some((name, record))) => {
            let text = record.text();
            found.note(
                Weight::Remark,
                "DKIM",
                format!("Letters are signed; the name server must say {name} TXT \"{text}\""),
            );
        }
        Ok(None) => {
            found.note(Weight::Remark, "DKIM", "There is no key yet; it is made when the paper is first served.")
        }
        Err(error) => found.note(Weight::Fault, "DKIM", error.to_string()),
    }
    theme(&desk, found);
    if !config.data.join(PICTURES).is_dir() {
        found.note(Weight::Fault, "pictures", "The folder of pictures is missing from the data folder.");
    }
}

fn theme(desk: &desk::Desk, found: &mut Findings) {
    let report = desk.theme_report();
    for finding in &report.findings {
        let weight = if finding.breaks { Weight::Fault } else { Weight::Remark };
        found.note(weight, "theme", finding.to_string());
    }
    match (report.files, report.in_use) {
        (0, true) => {}
        (files, true) => found.note(Weight::Fine, "theme", format!("{files} files replace ours.")),
        (_, false) => found.note(Weight::Fault, "theme", "It breaks pages and is not used; ours is."),
    }
}

fn letters(config: &Config, found: &mut Findings) {
    if Mark::is_in(&config.data) {
        return found.note(Weight::Remark, "mail", "This folder holds the demo; its letters go to its own tray.");
    }
    if config.letters.hold {
        found.note(Weight::Remark, "mail", "mail.hold is true: nothing leaves this installation.");
    }
    if config.letters.from.is_none() {
        let from = format!("news@{}", config.host());
        found.note(Weight::Remark, "mail", format!("mail.from is not set; letters would come from {from}."));
    }
    if config.relays.is_empty() {
        found.note(
            Weight::Remark,
            "mail",
            "There is no [[relay]]; no letter can leave, not even one that confirms a subscription.",
        );
    }
    let local = config.public_url.starts_with("http://");
    if local && !config.listen.ip().is_loopback() {
        found.note(Weight::Remark, "public_url", "It begins with http://; sign-in cookies travel unencrypted.");
    }
}

async fn relays(config: &Config, found: &mut Findings) {
    for relay in &config.relays {
        let mut settings = relay.settings(config.host());
        settings.timeouts.step = RELAY_STEP;
        let tried = async { mail::Relay::new(settings)?.open().await };
        match tried.await {
            Ok(_) => found.note(Weight::Fine, "relay", format!("“{}” lets us in.", relay.name)),
            Err(error) => found.note(Weight::Fault, "relay", format!("“{}”: {error}.", relay.name)),
        }
    }
}
