//! Who did what, when: one line for every verb, in the verb's own transaction.

use crate::desk::Desk;
use crate::error::Error;
use newsroom::id::LedgerId;
use newsroom::staff::Staff;
use store::{Change, LedgerLine};

/// Whoever asked.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Who<'a> {
    Staff(&'a Staff),
    /// The command line, on the machine itself.
    Operator,
    Clock,
    /// A subscriber, by id: never by address.
    Subscriber(newsroom::id::SubscriberId),
}

/// What was done to what. Holds ids and names of things, never an address, a token or a body.
pub(crate) struct Entry {
    verb: &'static str,
    subject: String,
    detail: String,
}

impl Entry {
    pub(crate) fn new(verb: &'static str, subject: impl std::fmt::Display, detail: impl std::fmt::Display) -> Self {
        Self { verb, subject: subject.to_string(), detail: detail.to_string() }
    }
}

impl Desk {
    /// Writes the line.
    pub(crate) fn note(&self, change: &mut Change<'_>, who: Who<'_>, entry: Entry) -> Result<(), Error> {
        let (who, detail) = match who {
            Who::Staff(staff) => (Some(staff.id), entry.detail),
            Who::Operator => (None, with("operator", &entry.detail)),
            Who::Clock => (None, entry.detail),
            Who::Subscriber(id) => (None, with(&format!("subscriber:{id}"), &entry.detail)),
        };
        let line = LedgerLine {
            id: LedgerId(self.id()),
            at: self.now(),
            who,
            verb: entry.verb.to_owned(),
            subject: entry.subject,
            detail,
        };
        Ok(change.write_ledger(&line)?)
    }
}

fn with(who: &str, detail: &str) -> String {
    if detail.is_empty() { format!("by {who}") } else { format!("{detail} (by {who})") }
}
