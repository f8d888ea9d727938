//! Addresses that get no more mail: who they are and why, added by the operator, lifted by staff or operator.

use crate::desk::Desk;
use crate::error::Error;
use crate::ledger::{Entry, Who};
use newsroom::id::SubscriberId;
use newsroom::refusal::Refusal;
use newsroom::staff::{May, Staff};
use newsroom::subscriber::Address;
use store::{Report, Suppression};

/// Longest reason, in characters.
const REASON_MAX: usize = 200;

/// Whether an address was suppressed before it was lifted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lifted {
    Now,
    WasNot,
}

impl Desk {
    /// A page of addresses that get no more mail, by hash, after the last one of the page before.
    pub async fn suppressions(&self, after: Option<String>, limit: usize) -> Result<Vec<Suppression>, Error> {
        self.look(move |view| Ok(view.suppressions(after.as_deref(), limit)?)).await
    }

    /// No more mail to this address, from the command line. The first reason stays. Needs a reason.
    pub async fn suppress_address(&self, address: &str, reason: &str) -> Result<(), Error> {
        let address = Address::parse(address)?;
        let reason = reason_given(reason)?;
        let (hash, desk, now) = (self.secret().fingerprint(&address.key()), self.clone(), self.now());
        self.change(move |change| {
            change.suppress(&hash, &reason, now)?;
            let person = change.subscriber_at(&address)?;
            if let Some(person) = &person {
                change.suppress_editions_of(person.id, &reason, now)?;
            }
            let subject = person.map_or_else(|| "an address".into(), |person| format!("subscriber:{}", person.id));
            desk.note(change, Who::Operator, Entry::new("took off the list", subject, &reason))
        })
        .await
    }

    /// Mail may go to this address again; what came back before counts no longer. From the command line.
    pub async fn lift_suppression(&self, address: &str, reason: &str) -> Result<Lifted, Error> {
        let address = Address::parse(address)?;
        let reason = reason_given(reason)?;
        let (hash, desk, now) = (self.secret().fingerprint(&address.key()), self.clone(), self.now());
        self.change(move |change| {
            if !change.lift_suppression(&hash)? {
                return Ok(Lifted::WasNot);
            }
            let person = change.subscriber_at(&address)?;
            if let Some(person) = &person {
                change.forgive_reports(person.id, now)?;
            }
            let subject = person.map_or_else(|| "an address".into(), |person| format!("subscriber:{}", person.id));
            desk.note(change, Who::Operator, Entry::new("wrote again to", subject, &reason))?;
            Ok(Lifted::Now)
        })
        .await
    }

    /// What came back for somebody, newest first, and why they get no more mail, if so.
    pub async fn returned_for(
        &self,
        staff: &Staff,
        id: SubscriberId,
        limit: usize,
    ) -> Result<(Vec<Report>, Option<String>), Error> {
        staff.allowed(May::SeeSubscribers)?;
        let desk = self.clone();
        self.look(move |view| {
            let person = view.subscriber(id)?.ok_or(Error::Missing)?;
            let hash = desk.secret().fingerprint(&person.address.key());
            let reason = view.suppression(&hash)?.map(|(reason, _)| reason);
            Ok((view.reports_of(id, limit)?, reason))
        })
        .await
    }

    /// Staff write to somebody again: the address is no longer suppressed and its reports are forgiven.
    pub async fn write_again_to(&self, staff: &Staff, id: SubscriberId, reason: &str) -> Result<(), Error> {
        staff.allowed(May::SeeSubscribers)?;
        let (reason, desk, now, staff) = (reason_given(reason)?, self.clone(), self.now(), staff.clone());
        self.change(move |change| {
            let person = change.subscriber(id)?.ok_or(Error::Missing)?;
            change.lift_suppression(&desk.secret().fingerprint(&person.address.key()))?;
            change.forgive_reports(id, now)?;
            desk.note(
                change,
                Who::Staff(&staff),
                Entry::new("wrote again to", format_args!("subscriber:{id}"), &reason),
            )
        })
        .await
    }
}

fn reason_given(reason: &str) -> Result<String, Refusal> {
    let reason: String = reason.trim().chars().filter(|c| !c.is_control()).take(REASON_MAX).collect();
    if reason.is_empty() {
        return Err(Refusal::Other("Say why: whoever looks at this address later will want to know.".into()));
    }
    Ok(reason)
}
