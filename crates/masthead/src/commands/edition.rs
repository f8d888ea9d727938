//! `edition`: how the daily letter stands, and its way out.

use desk::mail_status::{MailStatus, Paused, Refused};
use desk::{Desk, EditionLine, Error};
use newsroom::delivery::{Books, Occasion};
use newsroom::refusal::Refusal;
use newsroom::slug::Slug;
use newsroom::time::Day;
use serde_json::{Value, json};

use crate::cli::{Cli, Edition, Which};
use crate::say::{self, Outcome, Stop};
use crate::{log, open};

/// Editions that `status` shows.
const EDITIONS_SHOWN: usize = 20;

pub(super) async fn run(cli: &Cli, edition: &Edition) -> Outcome {
    let config = open::settings(cli)?;
    log::start(&config.log);
    let desk = open::desk(&config).await?;
    match edition {
        Edition::Status(report) => status(&desk, report.json).await,
        Edition::Preview(which) => preview(&desk, which).await,
        Edition::Approve(which) => {
            let (newsletter, day) = meant(&desk, which)?;
            desk.approve_edition(None, &newsletter, day, which.language.as_ref()).await?;
            told(which, &newsletter, day, "approved", "It leaves at its readers' local hour.")
        }
        Edition::Hold(which) => {
            let (newsletter, day) = meant(&desk, which)?;
            desk.hold_edition(None, &newsletter, day, which.language.as_ref()).await?;
            told(which, &newsletter, day, "held", "What has not left yet stays here.")
        }
        Edition::Send(which) => send(&desk, which).await,
    }
}

/// The text part for people; all of the letter for programs.
async fn preview(desk: &Desk, which: &Which) -> Outcome {
    let (newsletter, day) = meant(desk, which)?;
    let language = which.language.clone().unwrap_or_else(|| desk.paper().publication.main_language());
    let letter = desk.edition_preview(&newsletter, day, &language, None).await?;
    if which.report.json {
        return say::json(&json!({
            "newsletter": newsletter, "date": day.to_string(), "language": language.code(), "subject": letter.subject,
            "preheader": letter.preheader, "text": letter.text, "html": letter.html,
        }));
    }
    say::line(format!("{}\n\n{}", letter.subject, letter.text))
}

async fn send(desk: &Desk, which: &Which) -> Outcome {
    let (newsletter, day) = meant(desk, which)?;
    let wave = match desk.send_edition(None, &newsletter, day).await {
        Err(Error::Refused(Refusal::EditionNotReady { state: "assembling", .. })) => {
            desk.approve_edition(None, &newsletter, day, None).await?;
            desk.send_edition(None, &newsletter, day).await
        }
        other => other,
    }?;
    if which.report.json {
        return say::json(&json!({
            "newsletter": newsletter, "date": day.to_string(), "made": wave.made, "nothing_new": wave.nothing_new,
            "assembled_in_ms": wave.assembled_in_ms,
        }));
    }
    say::line(format!(
        "{newsletter} of {day}: {} letters on their way, nothing new for {} ({} ms to assemble).",
        wave.made, wave.nothing_new, wave.assembled_in_ms
    ))?;
    say::line("They leave while the paper is being served; “masthead edition status” shows how they fare.")
}

async fn status(desk: &Desk, as_json: bool) -> Outcome {
    let editions = desk.editions(EDITIONS_SHOWN).await?;
    if as_json {
        let mut lines = Vec::with_capacity(editions.len());
        for line in &editions {
            lines.push(edition_line(desk, line).await?);
        }
        return say::json(&lines);
    }
    if desk.held_since().await?.is_some() {
        say::line("This installation is held: nothing leaves it. “masthead release” lets mail go out.")?;
    }
    if editions.is_empty() {
        return say::line("No edition has been made yet.");
    }
    for issue in editions.chunk_by(|one, other| named(one) == named(other)) {
        say::line(issue_line(issue))?;
        let made = issue.first().filter(|line| line.books.total > 0);
        if let Some(EditionLine { edition, .. }) = made {
            let occasion = Occasion::Edition(edition.newsletter.clone(), edition.date);
            for line in going(desk.mail_of(occasion).await?) {
                say::line(format!("    {line}"))?;
            }
        }
    }
    Ok(())
}

/// How the letters of one issue fare: rate and time left, relays, destinations, and what was refused in whose words.
fn going(status: MailStatus) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(seconds) = status.seconds_left {
        lines.push(format!("{} letters a minute, about {seconds} seconds left", status.per_minute));
    }
    if let Some(Paused { since, relay, words }) = status.paused {
        lines.push(format!("paused since {}, because relay {relay} refuses us: {words}", since.rfc3339()));
    }
    let relay = |(name, books): (String, Books)| match name.as_str() {
        "" => format!("with no relay yet: {}", sums(&books)),
        name => format!("by {name}: {}", sums(&books)),
    };
    lines.extend(status.by_relay.into_iter().map(relay));
    lines.extend(status.by_domain.into_iter().map(|(domain, books)| format!("to {domain}: {}", sums(&books))));
    lines.extend(
        status
            .refusals
            .into_iter()
            .map(|Refused { class, words, count }| format!("refused {count} × ({class}): {words}")),
    );
    lines
}

fn sums(books: &Books) -> String {
    format!(
        "{} sent + {} waiting + {} refused + {} uncertain + {} suppressed + {} expired = {}",
        books.sent, books.waiting, books.refused, books.uncertain, books.suppressed, books.expired, books.total,
    )
}

/// What the issues of one day in their languages have in common: letters are counted over all of them.
fn named(line: &EditionLine) -> (&Slug, Day) {
    (&line.edition.newsletter, line.edition.date)
}

/// One day's issue in one line: its languages by state, and the letters made of it, each once.
fn issue_line(issue: &[EditionLine]) -> String {
    let Some(EditionLine { edition, books, nothing_new, .. }) = issue.first() else { return String::new() };
    let state = |same: &[EditionLine]| {
        let languages: Vec<&str> = same.iter().map(|line| line.edition.language.code()).collect();
        let key = same.first().map_or("", |line| line.edition.state.key());
        format!("{key} ({})", languages.join(", "))
    };
    let states: Vec<String> =
        issue.chunk_by(|one, other| one.edition.state == other.edition.state).map(state).collect();
    let letters = if books.total + nothing_new == 0 {
        "no letters yet".to_owned()
    } else {
        format!("{}; nothing new for {nothing_new}", sums(books))
    };
    format!("{}  {}  {}: {letters}", edition.date, edition.newsletter, states.join(", "))
}

/// With what relays, destinations and nodes say, for issues that letters were made for.
async fn edition_line(desk: &Desk, line: &EditionLine) -> Result<Value, Stop> {
    let mut value = shown(line);
    if line.books.total > 0 {
        let edition = &line.edition;
        let occasion = Occasion::Edition(edition.newsletter.clone(), edition.date);
        value["mail"] = serde_json::to_value(desk.mail_of(occasion).await?).map_err(Stop::new)?;
    }
    Ok(value)
}

fn shown(line: &EditionLine) -> Value {
    let edition = &line.edition;
    json!({
        "newsletter": edition.newsletter.as_str(),
        "date": edition.date.to_string(),
        "language": edition.language.code(),
        "state": edition.state.key(),
        "subject": edition.subject,
        "approved_at": edition.approved_at.map(|at| at.rfc3339()),
        "automatic_at": edition.automatic_at.map(|at| at.rfc3339()),
        "sent_at": edition.sent_at.map(|at| at.rfc3339()),
        "waves": line.waves,
        "nothing_new": line.nothing_new,
        "deliveries": line.books,
    })
}

fn told(which: &Which, newsletter: &str, day: Day, state: &str, sentence: &str) -> Outcome {
    if which.report.json {
        return say::json(&json!({ "newsletter": newsletter, "date": day.to_string(), "state": state }));
    }
    say::line(format!("{newsletter} of {day} is {state}. {sentence}"))
}

/// The newsletter and day that were meant; without words, the first newsletter and today.
fn meant(desk: &Desk, which: &Which) -> Result<(String, Day), Stop> {
    let paper = desk.paper();
    let newsletter = match (&which.newsletter, paper.newsletters.first()) {
        (Some(slug), _) => slug.clone(),
        (None, Some(first)) => first.slug.to_string(),
        (None, None) => {
            return Err(Stop::new("There is no newsletter yet. Add one on the settings page of the newsroom."));
        }
    };
    Ok((newsletter, which.date.unwrap_or_else(|| desk.today())))
}
