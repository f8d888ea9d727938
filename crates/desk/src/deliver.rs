//! From claimed rows to drafts: who still wants it, and what it says.
//! Looks and prints; sealing is next door, and how messages leave is the mailroom's.

use crate::desk::Desk;
use crate::error::Error;
use crate::letters::{Print, Prints, print};
use crate::mailroom::{DELIVERIES_PER_CLAIM, LEASE_MINUTES, PARKED, Post};
use crate::seal::Sealing;
use newsroom::delivery::{Delivery, Occasion, Recipient};
use newsroom::id::{DeliveryId, SubscriberId};
use newsroom::language::Language;
use newsroom::subscriber::{Address, ERASED, Subscriber};
use newsroom::time::{DAY, MINUTE};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use store::{Claimed, Envelope, Settled, View};
use tokio::task::JoinHandle;
use tracing::error;

/// Threads that print and sign at once, at most.
const PRINTERS_MAX: usize = 8;
/// Minutes after which a letter that could not be printed is tried again: time to mend what is in it.
const PRINT_AGAIN_MINUTES: i64 = 10;

/// A batch that is being sealed on other threads.
pub(crate) struct InPress {
    pub(crate) ids: Vec<DeliveryId>,
    printing: Vec<JoinHandle<Vec<(DeliveryId, Prepared)>>>,
}

impl InPress {
    /// What came of it. Errs when a thread stopped; what the others made is lost with it.
    pub(crate) async fn finished(&mut self) -> Result<Vec<(DeliveryId, Prepared)>, Error> {
        let mut prepared = Vec::with_capacity(self.ids.len());
        for part in &mut self.printing {
            prepared.extend(part.await.map_err(|error| Error::Broken(format!("Printing stopped: {error}.")))?);
        }
        Ok(prepared)
    }
}

/// What the envelope found out about a claimed row.
pub(crate) enum Prepared {
    /// Signed and addressed.
    Ready(Box<Post>),
    /// Not to be sent, and why.
    Stop(Settled),
}

impl Desk {
    /// Claims what is due. Nothing of a held installation.
    pub(crate) async fn claim(&self) -> Result<Vec<Claimed>, Error> {
        let (now, node) = (self.now(), self.node().to_owned());
        let any = self.look(move |view| Ok(view.next_delivery_at()?.is_some_and(|at| at <= now))).await?;
        if !any {
            return Ok(Vec::new());
        }
        self.store()
            .change_guarded(move |change| {
                let until = now.plus(LEASE_MINUTES * MINUTE);
                Ok::<_, Error>(change.claim_deliveries(&node, now, until, DELIVERIES_PER_CLAIM)?)
            })
            .await
    }

    /// Looks everything up on a reading thread, then begins to fill in, build and sign on as many threads as there are
    /// cores.
    pub(crate) async fn prepare(&self, claimed: Vec<Claimed>) -> Result<InPress, Error> {
        let sealing = Arc::new(Sealing::new(self, self.signer().await?));
        let desk = self.clone();
        let drafts = self.look(move |view| desk.drafts(view, &claimed)).await?;
        let ids = drafts.iter().map(|(delivery, _)| delivery.id).collect();
        let printers = std::thread::available_parallelism().map_or(1, usize::from).min(PRINTERS_MAX);
        let share = drafts.len().div_ceil(printers).max(1);
        let mut drafts = drafts.into_iter();
        let mut printing = Vec::new();
        loop {
            let part: Vec<_> = drafts.by_ref().take(share).collect();
            if part.is_empty() {
                break;
            }
            let sealing = sealing.clone();
            printing.push(tokio::task::spawn_blocking(move || {
                part.into_iter().map(|(delivery, draft)| sealing.finish(delivery, draft)).collect::<Vec<_>>()
            }));
        }
        Ok(InPress { ids, printing })
    }

    /// A letter that cannot be printed waits by itself; the others of its batch go.
    fn drafts(&self, view: &View<'_>, claimed: &[Claimed]) -> Result<Vec<(Delivery, Asked)>, Error> {
        let ids: Vec<DeliveryId> = claimed.iter().map(|claimed| claimed.delivery.id).collect();
        let people: Vec<SubscriberId> =
            claimed.iter().filter_map(|claimed| claimed.delivery.recipient.subscriber()).collect();
        let mut looked = Looked {
            prints: Prints::default(),
            envelopes: view.envelopes(&ids)?.into_iter().map(|envelope| (envelope.delivery, envelope)).collect(),
            people: view.subscribers_of(&people)?.into_iter().map(|person| (person.id, person)).collect(),
            paused: view.pauses()?.into_iter().map(|(occasion, _)| occasion).collect(),
        };
        let later = self.now().plus(PRINT_AGAIN_MINUTES * MINUTE);
        let mut faults = BTreeSet::new();
        let mut drafts = Vec::with_capacity(claimed.len());
        for claimed in claimed {
            let asked = self.draft(view, &mut looked, claimed).unwrap_or_else(|fault| {
                faults.insert(fault.to_string());
                Err(Settled::Returned { next_at: later })
            });
            drafts.push((claimed.delivery.clone(), asked));
        }
        for fault in faults {
            error!("letters wait {PRINT_AGAIN_MINUTES} minutes, because they cannot be printed: {fault}");
        }
        Ok(drafts)
    }

    /// What the message says, or why there is none. Asked again at the envelope: who unsubscribed one second ago
    /// gets nothing.
    fn draft(&self, view: &View<'_>, looked: &mut Looked, claimed: &Claimed) -> Result<Asked, Error> {
        let (delivery, now) = (&claimed.delivery, self.now());
        if now.0 - delivery.due_at.0 > DAY {
            let later = Settled::Returned { next_at: now.plus(MINUTE) };
            return Ok(Err(if self.mailroom().may_expire() { Settled::Expired } else { later }));
        }
        if looked.paused.contains(&delivery.occasion) {
            return Ok(Err(Settled::Returned { next_at: PARKED }));
        }
        let stop = |reason: &str| Ok(Err(Settled::Suppressed { reason: reason.into() }));
        let envelope = looked.envelopes.get(&delivery.id);
        let Some((envelope, address)) = envelope.and_then(|e| Some((e, e.address.clone()?))) else {
            return stop("The address was erased.");
        };
        // Whoever was erased and asks again is asked back, and nobody else.
        let comes_back = |reason: &str| reason == ERASED && matches!(delivery.occasion, Occasion::Confirmation(_));
        if let Some(reason) = envelope.suppressed.as_ref().filter(|reason| !comes_back(reason)) {
            return stop(reason);
        }
        let subscriber = delivery.recipient.subscriber().and_then(|id| looked.people.get(&id)).cloned();
        let paused = subscriber.as_ref().is_some_and(|subscriber| !subscriber.receives(now));
        let gone = match delivery.occasion {
            Occasion::Edition(..) | Occasion::Breaking(_) | Occasion::OneOff(_) => paused || envelope.left_at.is_some(),
            Occasion::Welcome(_) | Occasion::SignIn(_) | Occasion::Move(_) | Occasion::Note(_) => {
                envelope.left_at.is_some()
            }
            // Answers to what the person asked just now, and the word to an address that lost its mails.
            Occasion::Confirmation(_) | Occasion::Moved(_) | Occasion::Code(_) => false,
        };
        if gone {
            return stop("They have left or paused.");
        }
        match print(self, view, &mut looked.prints, delivery, &claimed.language, subscriber.as_ref())? {
            Some(print) => Ok(Ok(Draft { address, subscriber, language: claimed.language.clone(), print })),
            None => stop("Everything in it was withdrawn."),
        }
    }
}

/// What one batch has looked up.
struct Looked {
    prints: Prints,
    envelopes: HashMap<DeliveryId, Envelope>,
    people: HashMap<SubscriberId, Subscriber>,
    paused: HashSet<Occasion>,
}

/// What one message says, and to whom.
pub(crate) struct Draft {
    pub(crate) address: Address,
    pub(crate) subscriber: Option<Subscriber>,
    pub(crate) language: Language,
    pub(crate) print: Print,
}

/// A draft, or why there is none.
pub(crate) type Asked = Result<Draft, Settled>;

pub(crate) fn recipient_key(recipient: Recipient) -> String {
    match recipient {
        Recipient::Subscriber(id) => id.to_string(),
        Recipient::Staff(id) => format!("staff-{id}"),
    }
}
