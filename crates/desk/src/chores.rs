//! Work that follows from a change and may take its time. Any node may do it; a lease keeps two from doing the same.

use crate::announce::{PINGS_MAX, TELL_HUB};
use crate::caches::PURGE_CACHE;
use crate::desk::Desk;
use crate::error::Error;
use crate::ledger::{Entry, Who};
use crate::share::{DRAW_SHARE, DRAW_SHARES};
use newsroom::id::{ArticleId, ChoreId, SubscriberId};
use newsroom::time::{DAY, MINUTE, Timestamp};
use tracing::warn;

/// Chores taken by one round.
const CHORES_PER_ROUND_MAX: usize = 20;
const LEASE_MINUTES: i64 = 10;

/// A kind of chore, as kept.
pub(crate) const FORGET_UNCONFIRMED: &str = "forget-unconfirmed";
pub(crate) const SEND_BREAKING: &str = "send-breaking";
pub(crate) const SEND_ONE_OFF: &str = "send-one-off";

/// What is done at home, and what asks somebody else's server: that may take seconds, and holds up nobody but its own.
pub(crate) const AT_HOME: [&str; 6] =
    [FORGET_UNCONFIRMED, SEND_BREAKING, SEND_ONE_OFF, INDEX_AGAIN, DRAW_SHARE, DRAW_SHARES];
pub(crate) const OUTSIDE: [&str; 2] = [TELL_HUB, PURGE_CACHE];

/// Makes what is live findable again, from the article after its subject on.
pub(crate) const INDEX_AGAIN: &str = "index-again";
/// Articles made findable again in one transaction.
const INDEXED_AT_ONCE: usize = 200;

/// How long an address that never confirmed is kept.
pub const UNCONFIRMED_DAYS: i64 = 30;

impl Desk {
    /// Does what is due of these kinds, each in a transaction of its own; one that fails is tried again later.
    pub(crate) async fn do_chores(&self, kinds: &'static [&'static str]) -> Result<u32, Error> {
        let now = self.now();
        if !self.look(move |view| Ok(view.has_chore(kinds, now)?)).await? {
            return Ok(0);
        }
        let due = self
            .store()
            .change_guarded(move |change| {
                let lease = now.plus(LEASE_MINUTES * MINUTE);
                Ok::<_, Error>(change.claim_chores(kinds, now, lease, CHORES_PER_ROUND_MAX)?)
            })
            .await?;
        let mut done = 0;
        for chore in due {
            let id = chore.id;
            match self.do_chore(&chore.kind, &chore.subject, now).await {
                Ok(()) => {
                    self.change(move |change| Ok(change.finish_chore(id)?)).await?;
                    done += 1;
                }
                Err(error) => {
                    warn!(chore.id = %id, kind = chore.kind, "chore `{id}` failed and will be tried again: {error}");
                    let (cause, next) = (error.to_string(), now.plus(MINUTE << chore.attempt.min(10)));
                    let gives_up = chore.kind == TELL_HUB && chore.attempt >= PINGS_MAX;
                    self.change(move |change| {
                        if gives_up {
                            return Ok(change.give_up_chore(id, &cause)?);
                        }
                        Ok(change.retry_chore(id, next, &cause)?)
                    })
                    .await?;
                }
            }
        }
        Ok(done)
    }

    async fn do_chore(&self, kind: &str, subject: &str, now: Timestamp) -> Result<(), Error> {
        match kind {
            FORGET_UNCONFIRMED => self.forget_unconfirmed(subject, now).await,
            SEND_BREAKING => self.queue_breaking(subject).await,
            SEND_ONE_OFF => self.queue_one_off(subject).await,
            INDEX_AGAIN => self.index_all_again(subject, now).await,
            TELL_HUB => self.tell_hub(subject).await,
            DRAW_SHARE => self.draw_share(subject, now).await,
            DRAW_SHARES => self.draw_shares(now).await,
            PURGE_CACHE => self.purge_cache().await,
            _ => Err(Error::Broken(format!("no one here knows how to do “{kind}”"))),
        }
    }

    /// The next few articles, and a chore for those after them.
    async fn index_all_again(&self, after: &str, now: Timestamp) -> Result<(), Error> {
        let after = after.parse().unwrap_or(ArticleId(0));
        let chore = ChoreId(self.id());
        self.change(move |change| {
            let next = change.live_after(after, INDEXED_AT_ONCE)?;
            for id in &next {
                if let Some(article) = change.article(*id)? {
                    crate::publish::index_again(change, &article)?;
                }
            }
            match next.last() {
                Some(last) => Ok(change.add_chore(chore, INDEX_AGAIN, &last.to_string(), now)?),
                None => Ok(()),
            }
        })
        .await
    }

    /// Forgets an address that never confirmed, unless somebody asked for it again just now.
    async fn forget_unconfirmed(&self, subject: &str, now: Timestamp) -> Result<(), Error> {
        let id: SubscriberId = subject.parse().map_err(|()| Error::Broken(format!("“{subject}” is no subscriber.")))?;
        let (chore, desk) = (ChoreId(self.id()), self.clone());
        self.change(move |change| {
            let Some(subscriber) = change.subscriber(id)?.filter(|subscriber| subscriber.confirmed_at.is_none()) else {
                return Ok(());
            };
            if change.confirmations_of(subscriber.id, now.plus(-UNCONFIRMED_DAYS * DAY))? > 0 {
                return Ok(change.add_chore(
                    chore,
                    FORGET_UNCONFIRMED,
                    &id.to_string(),
                    now.plus(UNCONFIRMED_DAYS * DAY),
                )?);
            }
            change.erase_subscriber(id, now)?;
            desk.note(change, Who::Clock, Entry::new("forgot an unconfirmed address", id, ""))
        })
        .await
    }
}
