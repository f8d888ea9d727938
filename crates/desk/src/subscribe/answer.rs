//! Answers the questions that wait: whether a mail goes out, and to whom it never does.
//! Owns the caps on confirmations. One question is one transaction.

use super::forms::Wanted;
use super::{CONFIRMATION_HOURS, CONFIRMATIONS_A_DAY_MAX, CONFIRMATIONS_A_MONTH_MAX, consent, single};
use crate::chores::{Kind, UNCONFIRMED_DAYS};
use crate::desk::Desk;
use crate::error::Error;
use crate::ledger::{Entry, Who};
use crate::token::{self, Purpose};
use newsroom::delivery::{Occasion, Recipient};
use newsroom::id::{ChoreId, DeliveryId, SubscriberId};
use newsroom::slug::Slug;
use newsroom::subscriber::{Choices, ConsentAct, ERASED, Subscriber};
use newsroom::time::{DAY, HOUR, Timestamp};
use store::{Change, Confirmation, SignUpAsked};

/// Questions answered by one round.
const QUESTIONS_PER_ROUND_MAX: usize = 200;

/// What an answer needs besides the question.
struct Answer<'a> {
    desk: &'a Desk,
    asked: &'a SignUpAsked,
    wanted: &'a Wanted,
    choices: &'a Choices,
}

impl Desk {
    /// Answers what waits; gives how many questions.
    pub(crate) async fn answer_sign_ups(&self) -> Result<u32, Error> {
        let waiting = self.look(|view| Ok(view.sign_ups(QUESTIONS_PER_ROUND_MAX)?)).await?;
        let count = u32::try_from(waiting.len()).unwrap_or(u32::MAX);
        for id in waiting {
            let desk = self.clone();
            self.change(move |change| {
                // Taken and answered in one transaction: two nodes never both answer.
                let Some(asked) = change.take_sign_up(id)? else { return Ok(()) };
                let Some(wanted) = Wanted::read(&asked.what) else { return Ok(()) };
                let Some(choices) = wanted.choices() else { return Ok(()) };
                Answer { desk: &desk, asked: &asked, wanted: &wanted, choices: &choices }.give(change)
            })
            .await?;
        }
        Ok(count)
    }
}

impl Answer<'_> {
    fn give(&self, change: &mut Change<'_>) -> Result<(), Error> {
        let hash = &self.asked.address_hash;
        // Whoever was erased may come back; nobody may be brought back.
        let refused = change.suppression(hash)?.is_some_and(|(reason, _)| reason != ERASED);
        if refused || !may_ask(change, hash, self.asked.asked_at)? {
            return Ok(());
        }
        match self.asked.subscriber {
            None => self.ask_to_subscribe(change),
            Some(subscriber) => self.ask_to_move(change, subscriber),
        }
    }

    fn ask_to_subscribe(&self, change: &mut Change<'_>) -> Result<(), Error> {
        let (asked, desk) = (self.asked, self.desk);
        let subscriber = match change.subscriber_at(&asked.address)? {
            Some(known) => known.id,
            None => {
                let fresh = self.fresh();
                change.add_subscriber(&fresh, &asked.address_hash)?;
                let forget_at = asked.asked_at.plus(UNCONFIRMED_DAYS * DAY);
                change.add_chore(
                    ChoreId(desk.id()),
                    Kind::ForgetUnconfirmed.key(),
                    &fresh.id.to_string(),
                    forget_at,
                )?;
                fresh.id
            }
        };
        let Some(first) = self.wanted.newsletters.first().cloned() else { return Ok(()) };
        let request = self.keep(change, subscriber, &first)?;
        let network = asked.network.clone();
        change.record_consent(&consent(subscriber, ConsentAct::Asked, asked.asked_at, "form", network))?;
        let names: Vec<&str> = self.wanted.newsletters.iter().map(Slug::as_str).collect();
        self.mail(change, subscriber, Occasion::Confirmation(request), &names.join(" "), false)?;
        desk.note(change, Who::Subscriber(subscriber), Entry::new("asked to subscribe", first, ""))
    }

    /// Only somebody who gets our mails may move them, and never to where others get theirs.
    fn ask_to_move(&self, change: &mut Change<'_>, id: SubscriberId) -> Result<(), Error> {
        let mover = change.subscriber(id)?.filter(|mover| mover.confirmed_at.is_some());
        let Some(mover) = mover.filter(|mover| mover.unsubscribed_at.is_none()) else { return Ok(()) };
        let there = change.subscriber_at(&self.asked.address)?;
        if there.is_some_and(|there| there.id == mover.id || there.confirmed_at.is_some()) {
            return Ok(());
        }
        let first = self.desk.newsletter(None)?.slug;
        let request = self.keep(change, mover.id, &first)?;
        self.mail(change, mover.id, Occasion::Move(request), "", true)?;
        self.desk.note(change, Who::Subscriber(mover.id), Entry::new("asked to move", mover.id, ""))
    }

    fn keep(&self, change: &mut Change<'_>, subscriber: SubscriberId, first: &Slug) -> Result<i64, Error> {
        let request = self.desk.id();
        let token_hash = token::hash(&self.desk.secret().seal(Purpose::Confirm, request));
        let confirmation = Confirmation {
            subscriber,
            newsletter: first.clone(),
            address_hash: self.asked.address_hash.clone(),
            what: self.asked.what.clone(),
            made_at: self.asked.asked_at,
            expires_at: self.asked.asked_at.plus(CONFIRMATION_HOURS * HOUR),
            confirmed_at: None,
        };
        change.keep_confirmation(&token_hash, &confirmation)?;
        Ok(request)
    }

    fn mail(
        &self,
        change: &mut Change<'_>,
        subscriber: SubscriberId,
        occasion: Occasion,
        payload: &str,
        there: bool,
    ) -> Result<(), Error> {
        let language = self.desk.language_of(self.choices);
        let to = Recipient::Subscriber(subscriber);
        let mut mail = single(DeliveryId(self.desk.id()), occasion, to, language, payload, self.asked.asked_at);
        mail.address = there.then(|| self.asked.address.clone());
        change.queue_deliveries(&[mail])?;
        Ok(())
    }

    fn fresh(&self) -> Subscriber {
        Subscriber {
            id: SubscriberId(self.desk.id()),
            address: self.asked.address.clone(),
            name: String::new(),
            choices: self.choices.clone(),
            created_at: self.asked.asked_at,
            confirmed_at: None,
            unsubscribed_at: None,
            paused_until: None,
        }
    }
}

/// Whether one more confirmation may be sent to this address now, whoever asks and for whatever.
fn may_ask(change: &Change<'_>, address_hash: &str, now: Timestamp) -> Result<bool, Error> {
    let today = change.confirmations_to(address_hash, now.plus(-DAY))?;
    let month = change.confirmations_to(address_hash, now.plus(-30 * DAY))?;
    Ok(today < CONFIRMATIONS_A_DAY_MAX && month < CONFIRMATIONS_A_MONTH_MAX)
}
