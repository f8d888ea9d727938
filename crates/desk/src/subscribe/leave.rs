//! Leaving, at once and without a question; and being erased, of which only a mark stays.

use super::consent;
use crate::desk::Desk;
use crate::error::Error;
use crate::ledger::{Entry, Who};
use crate::token::Purpose;
use newsroom::id::SubscriberId;
use newsroom::refusal::Refusal;
use newsroom::subscriber::{ConsentAct, ERASED, Subscriber};
use newsroom::time::Timestamp;
use store::Change;

impl Desk {
    /// Leaves everything, at once. `method`: `one-click` or `button`. Leaving twice is leaving once.
    pub async fn unsubscribe(&self, token: &str, method: &'static str) -> Result<(), Error> {
        self.go(Purpose::Unsubscribe, token, method).await
    }

    /// Leaves from the preference centre.
    pub async fn leave(&self, preferences_token: &str) -> Result<(), Error> {
        self.go(Purpose::Preferences, preferences_token, "preferences").await
    }

    async fn go(&self, purpose: Purpose, token: &str, method: &'static str) -> Result<(), Error> {
        let (id, now, desk) = (self.holder(purpose, token)?, self.now(), self.clone());
        self.change(move |change| {
            change.subscriber(id)?.ok_or(Refusal::LinkSpent)?;
            desk.take_off_the_list(change, id, method, Who::Subscriber(id), "", now)
        })
        .await
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
