//! `mail`: how something that came back would be read, what is in doubt, and who gets no more mail.

mod doubts;

use std::io::Read;
use std::path::Path;

use desk::Desk;
use desk::returned::{Explained, Lifted};
use mail::bounce::{REPORT_BYTES_MAX, Unreadable};
use serde_json::{Value, json};

use crate::cli::{Cli, Mail, Suppressed, Suppressions};
use crate::config;
use crate::say::{self, Outcome, Stop};
use crate::{log, open};

/// Suppressions asked for at a time.
const PAGE: usize = 1_000;

pub(super) async fn run(cli: &Cli, mail: &Mail) -> Outcome {
    let config = open::settings(cli)?;
    log::start(&config.log);
    let desk = open::desk(&config).await?;
    match mail {
        Mail::Explain { file, report } => {
            let explained = desk.explain_mail(message(file)?).await?;
            explain(&explained, report.json)
        }
        Mail::Uncertain(uncertain) => doubts::run(&desk, uncertain).await,
        Mail::Suppressions(Suppressions::List(report)) => list(&desk, report.json).await,
        Mail::Suppressions(Suppressions::Add(Suppressed { address, reason, report })) => {
            desk.suppress_address(address, reason).await?;
            done(report.json, "suppressed", "Nothing is sent to this address any more.")
        }
        Mail::Suppressions(Suppressions::Remove(Suppressed { address, reason, report })) => {
            match desk.lift_suppression(address, reason).await? {
                Lifted::Now => done(report.json, "lifted", "Mail may go to this address again."),
                Lifted::WasNot => Err(Stop::new(
                    "This address is not suppressed. “masthead mail suppressions list” shows those that are.",
                )),
            }
        }
    }
}

/// The message in a file or on standard input. One octet more than is read, so that too much is told apart.
fn message(file: &Path) -> Result<Vec<u8>, Stop> {
    let mut octets = Vec::new();
    let most = REPORT_BYTES_MAX as u64 + 1;
    let read = if file == Path::new("-") {
        std::io::stdin().lock().take(most).read_to_end(&mut octets)
    } else {
        std::fs::File::open(file).and_then(|open| open.take(most).read_to_end(&mut octets))
    };
    match read {
        Ok(_) => Ok(octets),
        Err(error) => Err(Stop::new(format!("{} cannot be read: {}.", file.display(), config::reason(&error)))),
    }
}

fn explain(explained: &Result<Explained, Unreadable>, as_json: bool) -> Outcome {
    let explained = match explained {
        Ok(explained) => explained,
        Err(why) if as_json => return say::json(&json!({ "refused": why.key(), "why": why.to_string() })),
        Err(why) => return Err(Stop::new(format!("This would not be read: {why}."))),
    };
    let Explained { verdict, delivery, subscriber, consequence, returned } = explained;
    if as_json {
        let others: Vec<Value> = returned
            .verdicts
            .iter()
            .map(|verdict| {
                json!({
                    "class": verdict.class.key(), "recipient": verdict.recipient,
                    "status": verdict.status.map(|status| status.to_string()), "text": verdict.text,
                    "why": { "rule": verdict.why.rule, "words": verdict.why.words },
                })
            })
            .collect();
        return say::json(&json!({
            "class": verdict.class.key(),
            "why": { "rule": verdict.why.rule, "words": verdict.why.words },
            "whose": delivery.map(|(delivery, by)| json!({
                "delivery": delivery.to_string(), "subscriber": subscriber.map(|id| id.to_string()), "proven_by": by,
            })),
            "follows": consequence.key(),
            "verdicts": others,
        }));
    }
    say::line(format!("Class:   {} ({})", verdict.class.key(), verdict.class.words()))?;
    say::line(format!("Why:     {} {}", verdict.why.rule, verdict.why.words))?;
    match (delivery, subscriber) {
        (Some((delivery, by)), Some(id)) => {
            say::line(format!("Whose:   delivery {delivery} to subscriber {id}, proven by its {by}"))?;
        }
        (Some((delivery, by)), None) => say::line(format!("Whose:   delivery {delivery}, proven by its {by}"))?,
        (None, _) => say::line("Whose:   nobody’s that can be proven; nothing would follow")?,
    }
    say::line(format!("Follows: {}", consequence.words()))
}

async fn list(desk: &Desk, as_json: bool) -> Outcome {
    let (mut after, mut any) = (None, false);
    loop {
        let page = desk.suppressions(after.take(), PAGE).await?;
        for one in &page {
            any = true;
            let short: String = one.address_hash.chars().take(12).collect();
            let address = one.address.as_ref().map(|address| address.as_str().to_owned());
            if as_json {
                say::json(&json!({
                    "address": address, "fingerprint": one.address_hash, "reason": one.reason,
                    "since": one.made_at.rfc3339(), "subscriber": one.subscriber.map(|id| id.to_string()),
                }))?;
            } else {
                let who = address.unwrap_or_else(|| format!("(fingerprint {short}…)"));
                say::line(format!("{}  {who}  {}", one.made_at.rfc3339(), one.reason))?;
            }
        }
        match page.last() {
            Some(last) if page.len() == PAGE => after = Some(last.address_hash.clone()),
            _ => break,
        }
    }
    if any || as_json { Ok(()) } else { say::line("No address is suppressed.") }
}

fn done(as_json: bool, state: &str, sentence: &str) -> Outcome {
    if as_json { say::json(&json!({ "state": state })) } else { say::line(sentence) }
}
