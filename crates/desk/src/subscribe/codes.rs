//! What needs a fresh code from the person's own mailbox: a copy of everything, and being erased.
//! Codes are made of their number and the paper's secret; no digit of one is kept.

use super::{consent, single};
use crate::desk::Desk;
use crate::error::Error;
use crate::ledger::{Entry, Who};
use crate::token::Purpose;
use newsroom::delivery::{Occasion, Recipient};
use newsroom::id::{DeliveryId, SubscriberId};
use newsroom::refusal::Refusal;
use newsroom::subscriber::{ConsentAct, Subscriber};
use newsroom::time::{DAY, MINUTE};
use store::Change;

/// How long a code works.
pub const CODE_MINUTES: i64 = 30;
/// Codes to one person in a day.
const CODES_A_DAY_MAX: u64 = 3;
/// Tries at one code; with three codes a day, guessing finds one in about 180 years.
const CODE_TRIES_MAX: u32 = 5;

/// What a code is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeFor {
    Export,
    Erase,
}

impl CodeFor {
    /// As kept: `export`, `erase`.
    pub fn key(self) -> &'static str {
        match self {
            CodeFor::Export => "export",
            CodeFor::Erase => "erase",
        }
    }

    pub fn parse(key: &str) -> Option<Self> {
        [CodeFor::Export, CodeFor::Erase].into_iter().find(|what| what.key() == key)
    }
}

impl Desk {
    /// Mails a code to the person's own address. Refused after the third one of a day.
    pub async fn ask_code(&self, token: &str, what: CodeFor) -> Result<Subscriber, Error> {
        let (id, now, desk) = (self.holder(Purpose::Preferences, token)?, self.now(), self.clone());
        self.change(move |change| {
            let subscriber = change.subscriber(id)?.ok_or(Refusal::LinkSpent)?;
            if change.codes_since(id, now.plus(-DAY))? >= CODES_A_DAY_MAX {
                return Err(Refusal::TooManyTries.into());
            }
            let code = desk.id();
            change.add_code(code, id, what.key(), now, now.plus(CODE_MINUTES * MINUTE))?;
            let (occasion, to) = (Occasion::Code(code), Recipient::Subscriber(id));
            let language = desk.language_of(&subscriber.choices);
            change.queue_deliveries(&[single(DeliveryId(desk.id()), occasion, to, language, what.key(), now)])?;
            desk.note(change, Who::Subscriber(id), Entry::new("asked for a code", id, what.key()))?;
            Ok(subscriber)
        })
        .await
    }

    /// Everything we keep about the person, as JSON. Refused without a code that still works.
    pub async fn export_by_code(&self, token: &str, code: &str) -> Result<String, Error> {
        let id = self.spend_code(token, CodeFor::Export, code).await?;
        let (now, desk) = (self.now(), self.clone());
        self.change(move |change| {
            let subscriber = change.subscriber(id)?.ok_or(Refusal::LinkSpent)?;
            let copy = desk.copy_of(change, &subscriber)?;
            change.record_consent(&consent(id, ConsentAct::Exported, now, "preferences", None))?;
            desk.note(change, Who::Subscriber(id), Entry::new("exported", id, ""))?;
            Ok(copy)
        })
        .await
    }

    /// Forgets the person. Refused without a code that still works.
    pub async fn erase_by_code(&self, token: &str, code: &str) -> Result<(), Error> {
        let id = self.spend_code(token, CodeFor::Erase, code).await?;
        let (now, desk) = (self.now(), self.clone());
        self.change(move |change| {
            let subscriber = change.subscriber(id)?.ok_or(Refusal::LinkSpent)?;
            desk.erase(change, &subscriber, Who::Subscriber(id), "", now)
        })
        .await
    }

    /// Counts the try, whatever it comes to, in a transaction of its own.
    async fn spend_code(&self, token: &str, what: CodeFor, typed: &str) -> Result<SubscriberId, Error> {
        let (id, now, desk) = (self.holder(Purpose::Preferences, token)?, self.now(), self.clone());
        let typed: String = typed.chars().filter(|letter| !letter.is_whitespace()).take(12).collect();
        let right = self.change(move |change| Ok(desk.right_code(change, id, what, &typed, now)?)).await?;
        if right { Ok(id) } else { Err(Refusal::CodeNotValid.into()) }
    }

    fn right_code(
        &self,
        change: &mut Change<'_>,
        id: SubscriberId,
        what: CodeFor,
        typed: &str,
        now: newsroom::time::Timestamp,
    ) -> Result<bool, store::Error> {
        for code in change.try_codes(id, what.key(), now)? {
            if code.tries <= CODE_TRIES_MAX && self.secret().is_code(code.id, typed) {
                return change.use_code(code.id, now);
            }
        }
        Ok(false)
    }
}
