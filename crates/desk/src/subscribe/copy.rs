//! A copy of everything that is kept about one person, for that person: JSON with words, not with our tables.

use super::CONSENT_TEXTS;
use crate::desk::Desk;
use crate::error::Error;
use newsroom::subscriber::{Consent, Subscriber};
use newsroom::time::Timestamp;
use serde_json::{Value, json};
use store::{DeliveryLine, View};

/// Mails named in a copy, newest first.
const MAILS_MAX: usize = store::ROWS_PER_PAGE_MAX;

impl Desk {
    /// The copy, as indented JSON that a person can read.
    pub(crate) fn copy_of(&self, view: &View<'_>, subscriber: &Subscriber) -> Result<String, Error> {
        let choices = &subscriber.choices;
        let time = |at: Option<Timestamp>| at.map(Timestamp::rfc3339);
        let consents = view.consents(subscriber.id)?;
        let mails = view.deliveries_of(subscriber.id, MAILS_MAX)?;
        let suppressed = view.suppression(&self.secret().fingerprint(&subscriber.address.key()))?;
        let copy = json!({
            "publication": self.paper().publication.name,
            "made_at": self.now().rfc3339(),
            "address": subscriber.address.as_str(),
            "name": subscriber.name,
            "asked_at": subscriber.created_at.rfc3339(),
            "confirmed_at": time(subscriber.confirmed_at),
            "left_at": time(subscriber.unsubscribed_at),
            "paused_until": time(subscriber.paused_until),
            "newsletters": view.subscriptions(subscriber.id)?.iter()
                .map(|(slug, since)| json!({ "newsletter": slug.as_str(), "since": since.rfc3339() })).collect::<Vec<_>>(),
            "choices": {
                "languages": choices.languages.iter().map(ToString::to_string).collect::<Vec<_>>(),
                "sections": choices.sections.iter().map(ToString::to_string).collect::<Vec<_>>(),
                "time_zone": choices.zone.name(),
                "hour": choices.hour,
                "frequency": choices.frequency.key(),
            },
            "tags": view.tags_of(subscriber.id)?.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "not_written_to": suppressed.map(|(reason, at)| json!({ "reason": reason, "since": at.rfc3339() })),
            "consents": consents.iter().map(consent).collect::<Vec<_>>(),
            "mails": mails.iter().map(mail).collect::<Vec<_>>(),
        });
        serde_json::to_string_pretty(&copy)
            .map_err(|error| Error::Broken(format!("A copy cannot be written: {error}.")))
    }
}

fn consent(consent: &Consent) -> Value {
    let text = CONSENT_TEXTS.iter().find(|(version, _)| *version == consent.text_version).map(|(_, text)| *text);
    json!({
        "at": consent.at.rfc3339(),
        "what": consent.act.key(),
        "how": consent.method,
        "network": consent.network,
        "text_version": consent.text_version,
        "text": text,
    })
}

fn mail(line: &DeliveryLine) -> Value {
    let settled = line.settled_at.map(Timestamp::rfc3339);
    json!({
        "made_at": line.delivery.dated.rfc3339(),
        "what": line.delivery.occasion.kind(),
        "state": line.delivery.state.key(),
        "settled_at": settled,
    })
}
