//! `mail uncertain`: the letters nobody can know about, listed, sent again or left.

use desk::Desk;
use desk::doubts::Which;
use desk::mail_status::masked;
use newsroom::delivery::{DeliveryState, Occasion};
use newsroom::slug::Slug;
use serde_json::json;

use super::PAGE;
use crate::cli::{Doubted, OfEdition, Uncertain};
use crate::say::{self, Outcome, Stop};

pub(super) async fn run(desk: &Desk, uncertain: &Uncertain) -> Outcome {
    match uncertain {
        Uncertain::List { of, report } => list(desk, meant(desk, of)?.as_ref(), report.json).await,
        Uncertain::Resend(doubted) => {
            let count = desk.send_again(None, which(desk, doubted)?).await?;
            decided(doubted, count, "queued", "sent again while the paper is being served")
        }
        Uncertain::Leave(doubted) => {
            let count = desk.leave_uncertain(None, which(desk, doubted)?).await?;
            decided(doubted, count, "left", "left as they are; they stay uncertain in the books")
        }
    }
}

/// The edition that was meant, if one was.
fn meant(desk: &Desk, of: &OfEdition) -> Result<Option<Occasion>, Stop> {
    let Some(day) = of.date else { return Ok(None) };
    let paper = desk.paper();
    let newsletter = match (&of.newsletter, paper.newsletters.first()) {
        (Some(slug), _) => Slug::parse(slug).filter(|slug| paper.newsletter(slug.as_str()).is_some()),
        (None, first) => first.map(|first| first.slug.clone()),
    };
    let unknown = || Stop::new("There is no such newsletter. “masthead edition status” names them.");
    newsletter.map(|newsletter| Some(Occasion::Edition(newsletter, day))).ok_or_else(unknown)
}

fn which(desk: &Desk, doubted: &Doubted) -> Result<Which, Stop> {
    Ok(match meant(desk, &doubted.of)? {
        Some(occasion) => Which::Occasion(occasion, DeliveryState::Uncertain),
        None if doubted.all => Which::AllUncertain,
        None => Which::Deliveries(doubted.ids.clone()),
    })
}

fn decided(doubted: &Doubted, count: u64, state: &str, words: &str) -> Outcome {
    if count == 0 && !doubted.ids.is_empty() {
        return Err(Stop::new(
            "None of these letters is uncertain and undecided. “masthead mail uncertain list” shows those that are.",
        ));
    }
    if doubted.report.json {
        return say::json(&json!({ "state": state, "letters": count }));
    }
    match count {
        0 => say::line("No letter is uncertain and undecided."),
        1 => say::line(format!("1 letter: {words}.")),
        count => say::line(format!("{count} letters: {words}.")),
    }
}

async fn list(desk: &Desk, of: Option<&Occasion>, as_json: bool) -> Outcome {
    let (mut after, mut any) = (None, false);
    loop {
        let page = desk.uncertain(after, PAGE).await?;
        for line in page.iter().filter(|line| of.is_none_or(|of| line.delivery.occasion == *of)) {
            any = true;
            let delivery = &line.delivery;
            let subscriber = delivery.recipient.subscriber().map(|id| id.to_string());
            let since = line.settled_at.map(|at| at.rfc3339());
            let (relay, reply) =
                (line.relay.as_deref().unwrap_or_default(), masked(line.reply.as_deref().unwrap_or_default()));
            if as_json {
                say::json(&json!({
                    "id": delivery.id.to_string(), "occasion": delivery.occasion.key(), "subscriber": subscriber,
                    "since": since, "attempt": delivery.attempt, "relay": relay, "reply": reply,
                }))?;
            } else {
                let (id, occasion) = (delivery.id, delivery.occasion.key());
                say::line(format!("{id}  {occasion}  {}  {relay}: {reply}", since.unwrap_or_default()))?;
            }
        }
        match page.last() {
            Some(last) if page.len() == PAGE => after = Some(last.delivery.id),
            _ => break,
        }
    }
    if any || as_json { Ok(()) } else { say::line("No letter is uncertain and undecided.") }
}
