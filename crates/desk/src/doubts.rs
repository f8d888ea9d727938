//! What a person decides about mail: uncertain letters sent again or left, a paused edition let go on, what a newsletter
//! promises.

use crate::desk::Desk;
use crate::error::Error;
use crate::ledger::{Entry, Who};
use newsroom::delivery::{DeliveryState, Occasion, Promise};
use newsroom::id::DeliveryId;
use newsroom::staff::{May, Staff};
use store::{DeliveryLine, Pause};

/// Rows decided about in one transaction.
const DECIDED_AT_ONCE: usize = 1_000;

/// What is meant by a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// These, as far as they are open.
    Deliveries(Vec<DeliveryId>),
    /// Everything open of an occasion that stands in this state.
    Occasion(Occasion, DeliveryState),
    /// Everything uncertain that nobody has decided about.
    AllUncertain,
}

impl Desk {
    /// Uncertain letters that nobody has decided about, by id, after the last one of the page before.
    pub async fn uncertain(&self, after: Option<DeliveryId>, limit: usize) -> Result<Vec<DeliveryLine>, Error> {
        self.look(move |view| Ok(view.undecided(after, limit)?)).await
    }

    /// Sends uncertain letters again, with the same Message-ID, or those a relay refused because of us. Gives how many
    /// wait for their turn now.
    pub async fn send_again(&self, by: Option<&Staff>, which: Which) -> Result<u64, Error> {
        let now = self.now();
        let sent = self
            .decide(by, which, "sent doubtful letters again", move |change, ids| Ok(change.resend(ids, now)?))
            .await?;
        self.mailroom().ring();
        Ok(sent)
    }

    /// Leaves uncertain letters as they are; they stay uncertain in the books and are asked about no more. Gives how many.
    pub async fn leave_uncertain(&self, by: Option<&Staff>, which: Which) -> Result<u64, Error> {
        self.decide(by, which, "left doubtful letters", |change, ids| Ok(change.leave_uncertain(ids)?)).await
    }

    async fn decide(
        &self,
        by: Option<&Staff>,
        which: Which,
        verb: &'static str,
        act: impl Fn(&mut store::Change<'_>, &[DeliveryId]) -> Result<Vec<DeliveryId>, Error> + Clone + Send + 'static,
    ) -> Result<u64, Error> {
        if let Some(by) = by {
            by.allowed(May::ApproveEdition)?;
        }
        let (mut count, mut after) = (0, None);
        loop {
            let (by, desk, which, act) = (by.cloned(), self.clone(), which.clone(), act.clone());
            let (last, done) = self
                .change(move |change| {
                    let (ids, subject) = match &which {
                        Which::Deliveries(ids) => {
                            let from = ids.iter().position(|id| Some(*id) == after).map_or(0, |at| at + 1);
                            let page: Vec<DeliveryId> = ids[from..].iter().copied().take(DECIDED_AT_ONCE).collect();
                            (page, "deliveries".to_owned())
                        }
                        Which::Occasion(occasion, state) => {
                            (change.open_to_decision(occasion, *state, after, DECIDED_AT_ONCE)?, occasion.key())
                        }
                        Which::AllUncertain => {
                            let open = change.undecided(after, DECIDED_AT_ONCE)?;
                            (open.into_iter().map(|line| line.delivery.id).collect(), "deliveries".to_owned())
                        }
                    };
                    let done = act(change, &ids)?;
                    if !done.is_empty() {
                        let who = by.as_ref().map_or(Who::Operator, Who::Staff);
                        desk.note(change, who, Entry::new(verb, subject, format!("{} of them", done.len())))?;
                    }
                    Ok((ids.last().copied().filter(|_| ids.len() == DECIDED_AT_ONCE), done.len() as u64))
                })
                .await?;
            count += done;
            match last {
                Some(_) => after = last,
                None => return Ok(count),
            }
        }
    }

    /// Lets an edition go on that was paused because a relay refused us.
    pub async fn let_go_on(&self, by: Option<&Staff>, occasion: Occasion) -> Result<(), Error> {
        if let Some(by) = by {
            by.allowed(May::ApproveEdition)?;
        }
        let (by, desk, now) = (by.cloned(), self.clone(), self.now());
        self.change(move |change| {
            if !change.let_occasion_go_on(&occasion, now)? {
                return Err(Error::Missing);
            }
            let who = by.as_ref().map_or(Who::Operator, Who::Staff);
            desk.note(change, who, Entry::new("let a paused edition go on", occasion.key(), ""))
        })
        .await?;
        self.mailroom().ring();
        Ok(())
    }

    /// What a newsletter does with an issue of which nobody can know whether it arrived.
    pub async fn set_promise(&self, by: &Staff, newsletter: &str, promise: Promise) -> Result<(), Error> {
        by.allowed(May::Administer)?;
        let newsletter = self.newsletter_called(newsletter)?;
        let (by, desk) = (by.clone(), self.clone());
        self.change(move |change| {
            if !change.set_promise(&newsletter, promise)? {
                return Err(Error::Missing);
            }
            change.raise_content_version()?;
            desk.note(change, Who::Staff(&by), Entry::new("changed a promise", &newsletter, promise.key()))
        })
        .await
    }

    pub(crate) async fn note_pause(&self, occasion: Occasion, pause: Pause) -> Result<(), Error> {
        let desk = self.clone();
        self.change(move |change| {
            if change.pause_occasion(&occasion, &pause)? {
                desk.note(change, Who::Clock, Entry::new("paused an edition", occasion.key(), &pause.relay))?;
            }
            Ok(())
        })
        .await
    }
}
