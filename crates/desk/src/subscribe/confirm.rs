//! What stands behind the link of a confirmation mail, and what the press of its button comes to.

use super::forms::Wanted;
use super::{consent, single};
use crate::desk::Desk;
use crate::error::Error;
use crate::ledger::{Entry, Who};
use crate::token;
use newsroom::delivery::{Occasion, Recipient};
use newsroom::id::DeliveryId;
use newsroom::refusal::Refusal;
use newsroom::slug::Slug;
use newsroom::subscriber::{Address, Choices, ConsentAct, ERASED, Subscriber};
use newsroom::time::Timestamp;
use store::{Change, Confirmation};

/// What waits for one press of a button.
#[derive(Debug, Clone)]
pub enum Pending {
    Subscription {
        masked: String,
        newsletters: Vec<Slug>,
        choices: Choices,
    },
    /// Mails are to go to another address; both masked.
    Move {
        old: String,
        new: String,
        choices: Choices,
    },
}

/// What the press of the button came to.
#[derive(Debug, Clone)]
pub struct Confirmed {
    pub subscriber: Subscriber,
    pub preferences_token: String,
    /// The mails go to another address now; nothing else changed.
    pub moved: bool,
}

impl Desk {
    /// What the link in the mail stands for. Changes nothing.
    pub async fn pending(&self, token: &str) -> Result<Pending, Error> {
        let (hash, now) = (token::hash(token), self.now());
        let (asked, subscriber) = self
            .look(move |view| {
                let asked = view.confirmation(&hash, now)?.ok_or(Refusal::LinkSpent)?;
                let subscriber = view.subscriber(asked.subscriber)?.ok_or(Refusal::LinkSpent)?;
                Ok((asked, subscriber))
            })
            .await?;
        let wanted = Wanted::read(&asked.what).ok_or(Refusal::LinkSpent)?;
        let masked = subscriber.address.masked();
        if wanted.moves {
            let new = Address::parse(&wanted.address)?.masked();
            return Ok(Pending::Move { old: masked, new, choices: subscriber.choices });
        }
        let choices = wanted.choices().unwrap_or(subscriber.choices);
        Ok(Pending::Subscription { masked, newsletters: newsletters(&wanted, &asked), choices })
    }

    /// The button was pressed. Pressing it again answers the same and sends nothing more.
    pub async fn confirm(&self, token: &str, network: Option<String>) -> Result<Confirmed, Error> {
        let (hash, now, desk) = (token::hash(token), self.now(), self.clone());
        let (subscriber, moved) = self
            .change(move |change| {
                let Some(asked) = change.use_confirmation(&hash, now)? else {
                    let before = change.confirmation(&hash, now)?.ok_or(Refusal::LinkSpent)?;
                    let moves = Wanted::read(&before.what).is_some_and(|wanted| wanted.moves);
                    return Ok((change.subscriber(before.subscriber)?.ok_or(Refusal::LinkSpent)?, moves));
                };
                let wanted = Wanted::read(&asked.what).ok_or(Refusal::LinkSpent)?;
                let before = change.subscriber(asked.subscriber)?.ok_or(Refusal::LinkSpent)?;
                if wanted.moves {
                    desk.move_to(change, &before, &wanted, network.clone(), now)?;
                } else {
                    desk.subscribe_confirmed(change, &before, &wanted, &asked, network.clone(), now)?;
                }
                Ok((change.subscriber(before.id)?.ok_or(Refusal::LinkSpent)?, wanted.moves))
            })
            .await?;
        let preferences_token = self.preferences_token(subscriber.id);
        Ok(Confirmed { subscriber, preferences_token, moved })
    }

    fn subscribe_confirmed(
        &self,
        change: &mut Change<'_>,
        before: &Subscriber,
        wanted: &Wanted,
        asked: &Confirmation,
        network: Option<String>,
        now: Timestamp,
    ) -> Result<(), Error> {
        let first = before.confirmed_at.is_none() || before.unsubscribed_at.is_some();
        let choices = wanted.choices().unwrap_or_else(|| before.choices.clone());
        change.save_choices(before.id, &before.name, &choices)?;
        change.confirm_subscriber(before.id, now)?;
        change.pause(before.id, None)?;
        lift_erased(change, &asked.address_hash)?;
        for newsletter in newsletters(wanted, asked) {
            change.subscribe(before.id, &newsletter, now)?;
        }
        change.record_consent(&consent(before.id, ConsentAct::Confirmed, now, "form", network))?;
        if first {
            let (occasion, to) = (Occasion::Welcome(now), Recipient::Subscriber(before.id));
            let language = self.language_of(&choices);
            let id = DeliveryId(self.id());
            change.queue_deliveries(&[single(id, occasion, to, language, asked.newsletter.as_str(), now)])?;
        }
        self.note(change, Who::Subscriber(before.id), Entry::new("confirmed", &asked.newsletter, ""))
    }

    /// The mails go to the new address, and the old one is told once.
    fn move_to(
        &self,
        change: &mut Change<'_>,
        before: &Subscriber,
        wanted: &Wanted,
        network: Option<String>,
        now: Timestamp,
    ) -> Result<(), Error> {
        let new = Address::parse(&wanted.address)?;
        if let Some(there) = change.subscriber_at(&new)?.filter(|there| there.id != before.id) {
            if there.confirmed_at.is_some() {
                return Err(Refusal::LinkSpent.into());
            }
            change.erase_subscriber(there.id, now)?; // Asked once and never confirmed.
        }
        let hash = self.secret().fingerprint(&new.key());
        lift_erased(change, &hash)?;
        change.change_address(before.id, &new, &hash)?;
        change.record_consent(&consent(before.id, ConsentAct::Moved, now, "preferences", network))?;
        let (occasion, to) = (Occasion::Moved(self.id()), Recipient::Subscriber(before.id));
        let language = self.language_of(&before.choices);
        let mut told = single(DeliveryId(self.id()), occasion, to, language, &new.masked(), now);
        told.address = Some(before.address.clone());
        change.queue_deliveries(&[told])?;
        self.note(change, Who::Subscriber(before.id), Entry::new("moved", before.id, "to another address"))
    }
}

fn newsletters(wanted: &Wanted, asked: &Confirmation) -> Vec<Slug> {
    if wanted.newsletters.is_empty() { vec![asked.newsletter.clone()] } else { wanted.newsletters.clone() }
}

/// Somebody who was erased has come back of their own accord.
fn lift_erased(change: &mut Change<'_>, address_hash: &str) -> Result<(), Error> {
    if change.suppression(address_hash)?.is_some_and(|(reason, _)| reason == ERASED) {
        change.lift_suppression(address_hash)?;
    }
    Ok(())
}
