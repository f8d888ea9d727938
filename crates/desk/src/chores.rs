//! Work that follows from a change and may take its time. Any node may do it; a lease keeps two from doing the same.

use crate::announce::PINGS_MAX;
use crate::desk::Desk;
use crate::error::Error;
use crate::ledger::{Entry, Who};
use newsroom::id::{ArticleId, ChoreId, SubscriberId};
use newsroom::time::{DAY, MINUTE, Timestamp};
use std::sync::Arc;
use tracing::warn;

/// Chores taken by one round.
const CHORES_PER_ROUND_MAX: usize = 20;
const LEASE_MINUTES: i64 = 10;

/// Where a chore is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Where {
    AtHome,
    /// It asks somebody else's server: that may take seconds, and holds up nobody but its own.
    Outside,
}

/// Makes the kinds of chores from one line each, so that none is kept that no list and no hand knows.
macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident, $key:literal, $place:ident;)*) => {
        /// A kind of chore.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Kind {
            $($(#[$doc])* $kind,)*
        }

        impl Kind {
            pub(crate) const ALL: &[Kind] = &[$(Kind::$kind),*];

            /// As kept.
            pub(crate) fn key(self) -> &'static str {
                match self {
                    $(Kind::$kind => $key,)*
                }
            }

            fn place(self) -> Where {
                match self {
                    $(Kind::$kind => Where::$place,)*
                }
            }
        }
    };
}

kinds! {
    ForgetUnconfirmed, "forget-unconfirmed", AtHome;
    SendBreaking, "send-breaking", AtHome;
    SendOneOff, "send-one-off", AtHome;
    /// Makes what is live findable again, from the article after its subject on.
    IndexAgain, "index-again", AtHome;
    /// Its subject is an article.
    DrawShare, "draw-share", AtHome;
    /// Those of the newest articles, after an import or in another colour; no subject.
    DrawShares, "draw-shares", AtHome;
    /// Its subject is an article.
    TellHub, "tell-hub", Outside;
    /// It has no subject.
    PurgeCache, "purge-cache", Outside;
}

impl Kind {
    /// All that are done there.
    pub(crate) fn done(place: Where) -> Vec<Kind> {
        Self::ALL.iter().copied().filter(|kind| kind.place() == place).collect()
    }

    fn parse(key: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.key() == key)
    }
}

/// Articles made findable again in one transaction.
const INDEXED_AT_ONCE: usize = 200;

/// How long an address that never confirmed is kept.
pub const UNCONFIRMED_DAYS: i64 = 30;

impl Desk {
    /// Does what is due of these kinds, each in a transaction of its own; one that fails is tried again later.
    pub(crate) async fn do_chores(&self, kinds: &[Kind]) -> Result<u32, Error> {
        let now = self.now();
        let kinds: Arc<[&str]> = kinds.iter().map(|kind| kind.key()).collect();
        let known = kinds.clone();
        if !self.look(move |view| Ok(view.has_chore(&known, now)?)).await? {
            return Ok(0);
        }
        let due = self
            .store()
            .change_guarded(move |change| {
                let lease = now.plus(LEASE_MINUTES * MINUTE);
                Ok::<_, Error>(change.claim_chores(&kinds, now, lease, CHORES_PER_ROUND_MAX)?)
            })
            .await?;
        let mut done = 0;
        for chore in due {
            let id = chore.id;
            let kind = Kind::parse(&chore.kind);
            let doing = async {
                let unknown = || Error::Broken(format!("no one here knows how to do “{}”", chore.kind));
                self.do_chore(kind.ok_or_else(unknown)?, &chore.subject, now).await
            };
            match doing.await {
                Ok(()) => {
                    self.change(move |change| Ok(change.finish_chore(id)?)).await?;
                    done += 1;
                }
                Err(error) => {
                    warn!(chore.id = %id, kind = chore.kind, "chore `{id}` failed and will be tried again: {error}");
                    let (cause, next) = (error.to_string(), now.plus(MINUTE << chore.attempt.min(10)));
                    let gives_up = kind == Some(Kind::TellHub) && chore.attempt >= PINGS_MAX;
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

    async fn do_chore(&self, kind: Kind, subject: &str, now: Timestamp) -> Result<(), Error> {
        match kind {
            Kind::ForgetUnconfirmed => self.forget_unconfirmed(subject, now).await,
            Kind::SendBreaking => self.queue_breaking(subject).await,
            Kind::SendOneOff => self.queue_one_off(subject).await,
            Kind::IndexAgain => self.index_all_again(subject, now).await,
            Kind::DrawShare => self.draw_share(subject, now).await,
            Kind::DrawShares => self.draw_shares(now).await,
            Kind::TellHub => self.tell_hub(subject).await,
            Kind::PurgeCache => self.purge_cache().await,
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
                Some(last) => Ok(change.add_chore(chore, Kind::IndexAgain.key(), &last.to_string(), now)?),
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
                    Kind::ForgetUnconfirmed.key(),
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
