//! The preference centre: what comes, when, in which language and to which address. The token is the only key.

use super::forms::Wanted;
use super::{ChoicesForm, consent};
use crate::desk::Desk;
use crate::error::Error;
use crate::ledger::{Entry, Who};
use crate::token::Purpose;
use newsroom::id::SubscriberId;
use newsroom::refusal::Refusal;
use newsroom::slug::Slug;
use newsroom::subscriber::{Address, BREAKING, ConsentAct, Subscriber};
use newsroom::time::{DAY, Timestamp};
use store::Change;

/// Days of the longest pause.
const PAUSE_DAYS_MAX: u32 = 365;

impl Desk {
    /// Whose preference centre this is.
    pub async fn subscriber_by_preferences(&self, token: &str) -> Result<Subscriber, Error> {
        self.subscriber_by(Purpose::Preferences, token).await
    }

    /// Whom this unsubscribe link belongs to.
    pub async fn subscriber_by_unsubscribe(&self, token: &str) -> Result<Subscriber, Error> {
        self.subscriber_by(Purpose::Unsubscribe, token).await
    }

    async fn subscriber_by(&self, purpose: Purpose, token: &str) -> Result<Subscriber, Error> {
        let id = self.holder(purpose, token)?;
        self.look(move |view| view.subscriber(id)?.ok_or_else(|| Refusal::LinkSpent.into())).await
    }

    /// Whose token this is, by its seal alone.
    pub(super) fn holder(&self, purpose: Purpose, token: &str) -> Result<SubscriberId, Refusal> {
        self.secret().open(purpose, token).map(SubscriberId).ok_or(Refusal::LinkSpent)
    }

    /// The newsletters somebody gets, breaking news among them.
    pub async fn newsletters_of(&self, subscriber: SubscriberId) -> Result<Vec<Slug>, Error> {
        self.look(move |view| Ok(view.subscriptions(subscriber)?.into_iter().map(|(slug, _)| slug).collect())).await
    }

    /// Saves what was chosen in the preference centre. Refused where no newsletter is left: leaving has its own button.
    pub async fn change_choices(&self, token: &str, form: ChoicesForm) -> Result<Subscriber, Error> {
        let choices = self.choices(&form.languages, &form.sections, &form.zone, &form.hour, &form.frequency)?;
        let wanted = self.known_newsletters(&form.newsletters);
        if wanted.is_empty() {
            return Err(Refusal::NothingChosen.into());
        }
        let mut offered: Vec<Slug> = self.paper().newsletters.iter().map(|one| one.slug.clone()).collect();
        offered.extend(Slug::parse(BREAKING));
        self.change_subscriber(token, ConsentAct::Changed, move |change, before, now| {
            change.save_choices(before.id, &before.name, &choices)?;
            for newsletter in &offered {
                if wanted.contains(newsletter) {
                    change.subscribe(before.id, newsletter, now)?;
                } else if change.unsubscribe(before.id, newsletter, now)? {
                    change.suppress_newsletter_of(
                        before.id,
                        newsletter,
                        "They no longer want this newsletter.",
                        now,
                    )?;
                }
            }
            Ok(())
        })
        .await
    }

    /// No edition for `days` days.
    pub async fn pause(&self, token: &str, days: u32) -> Result<Subscriber, Error> {
        let days = i64::from(days.clamp(1, PAUSE_DAYS_MAX));
        self.change_subscriber(token, ConsentAct::Paused, move |change, before, now| {
            change.pause(before.id, Some(now.plus(days * DAY)))
        })
        .await
    }

    /// Ends the pause.
    pub async fn resume(&self, token: &str) -> Result<Subscriber, Error> {
        self.change_subscriber(token, ConsentAct::Resumed, |change, before, _| change.pause(before.id, None)).await
    }

    /// Takes the question whether mails may go to another address. Answers the same whatever we know of it; the new
    /// address confirms, and the old one is told.
    pub async fn change_address(&self, token: &str, address: &str, network: Option<String>) -> Result<(), Error> {
        let id = self.holder(Purpose::Preferences, token)?;
        let new = Address::parse(address)?;
        let mover = self.look(move |view| view.subscriber(id)?.ok_or_else(|| Refusal::LinkSpent.into())).await?;
        let wanted = Wanted::to_move(&mover.choices, new.as_str());
        self.keep_question(new, Some(id), &wanted, network).await
    }

    async fn change_subscriber(
        &self,
        token: &str,
        act: ConsentAct,
        edit: impl Fn(&mut Change<'_>, &Subscriber, Timestamp) -> Result<(), store::Error> + Send + 'static,
    ) -> Result<Subscriber, Error> {
        let (id, now, desk) = (self.holder(Purpose::Preferences, token)?, self.now(), self.clone());
        self.change(move |change| {
            let before = change.subscriber(id)?.ok_or(Refusal::LinkSpent)?;
            edit(change, &before, now)?;
            change.record_consent(&consent(id, act, now, "preferences", None))?;
            desk.note(change, Who::Subscriber(id), Entry::new("changed choices", id, act.key()))?;
            change.subscriber(id)?.ok_or_else(|| Refusal::LinkSpent.into())
        })
        .await
    }
}
