//! Leaving, at once and without a question; and being erased, of which only a mark stays.

use super::consent;
use crate::desk::Desk;
use crate::error::Error;
use crate::ledger::{Entry, Who};
use crate::token::Purpose;
use newsroom::id::SubscriberId;
use newsroom::refusal::Refusal;
use newsroom::slug::Slug;
use newsroom::subscriber::{ConsentAct, ERASED, Subscriber};
use newsroom::time::Timestamp;
use store::Change;

/// What a mail that leaves has as its subject; behind it the newsletter.
pub(crate) const LEAVING: &str = "unsubscribe";

/// What somebody has left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Left {
    /// Others of theirs still come.
    Newsletter(Slug),
    Everything,
}

impl Desk {
    /// Leaves one newsletter, at once (RFC 8058: the list whose mail it was), and everything where it is the last, or where
    /// `newsletter` is none of ours. `method`: `one-click`, `button` or `mail`. Leaving twice is leaving once.
    pub async fn unsubscribe(&self, token: &str, newsletter: &str, method: &'static str) -> Result<Left, Error> {
        let id = self.holder(Purpose::Unsubscribe, token)?;
        let newsletter = self.known_newsletters(&[newsletter.to_owned()]).into_iter().next();
        self.go(id, newsletter, method).await
    }

    /// Leaves everything from the preference centre.
    pub async fn leave(&self, preferences_token: &str) -> Result<Left, Error> {
        let id = self.holder(Purpose::Preferences, preferences_token)?;
        self.go(id, None, "preferences").await
    }

    async fn go(&self, id: SubscriberId, newsletter: Option<Slug>, method: &'static str) -> Result<Left, Error> {
        let (now, desk) = (self.now(), self.clone());
        self.change(move |change| {
            change.subscriber(id)?.ok_or(Refusal::LinkSpent)?;
            let others = |one: &Slug, all: &[(Slug, Timestamp)]| all.iter().any(|(other, _)| other != one);
            let all = change.subscriptions(id)?;
            if let Some(one) = newsletter.clone().filter(|one| others(one, &all)) {
                desk.take_off_one(change, id, &one, method, now)?;
                return Ok(Left::Newsletter(one));
            }
            desk.take_off_the_list(change, id, method, Who::Subscriber(id), "", now)?;
            Ok(Left::Everything)
        })
        .await
    }

    /// No more of this newsletter goes to this person. Says nothing a second time.
    fn take_off_one(
        &self,
        change: &mut Change<'_>,
        id: SubscriberId,
        newsletter: &Slug,
        method: &str,
        now: Timestamp,
    ) -> Result<(), Error> {
        if !change.unsubscribe(id, newsletter, now)? {
            return Ok(());
        }
        change.suppress_newsletter_of(id, newsletter, "They no longer want this newsletter.", now)?;
        change.record_consent(&consent(id, ConsentAct::Changed, now, &format!("{method}: left {newsletter}"), None))?;
        self.note(change, Who::Subscriber(id), Entry::new("left a newsletter", id, format!("{method}: {newsletter}")))
    }

    /// Nothing more goes to this person. Says nothing a second time.
    pub(crate) fn take_off_the_list(
        &self,
        change: &mut Change<'_>,
        id: SubscriberId,
        method: &str,
        who: Who<'_>,
        reason: &str,
        now: Timestamp,
    ) -> Result<(), Error> {
        if !change.leave(id, now)? {
            return Ok(());
        }
        change.suppress_editions_of(id, "The subscriber has left.", now)?;
        change.record_consent(&consent(id, ConsentAct::Left, now, method, None))?;
        let detail = if reason.is_empty() { method.to_owned() } else { format!("{method}: {reason}") };
        self.note(change, who, Entry::new("left", id, detail))
    }

    /// Forgets a person. What stays is an HMAC of the address among the suppressed, so that no list brings it back.
    pub(crate) fn erase(
        &self,
        change: &mut Change<'_>,
        subscriber: &Subscriber,
        who: Who<'_>,
        reason: &str,
        now: Timestamp,
    ) -> Result<(), Error> {
        let id = subscriber.id;
        let hash = self.secret().fingerprint(&subscriber.address.key());
        change.record_consent(&consent(id, ConsentAct::Erased, now, "preferences", None))?;
        change.forget_sign_ups(&hash, id)?;
        change.erase_subscriber(id, now)?;
        change.suppress(&hash, ERASED, now)?;
        self.note(change, who, Entry::new("erased", id, reason))
    }
}
