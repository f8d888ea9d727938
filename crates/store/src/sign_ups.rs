//! Questions that wait to be answered: who asked to subscribe or to move, and codes for the preference centre.
//! A question is kept the same way whoever asks; only the answer differs.

use crate::db::value::{from_json, to_json};
use crate::db::{Row, statements, vals};
use crate::{Change, Error, View};
use newsroom::id::{DeliveryId, SubscriberId};
use newsroom::slug::Slug;
use newsroom::subscriber::Address;
use newsroom::time::Timestamp;

/// Somebody asked; nobody has looked yet whether we know the address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignUpAsked {
    pub id: i64,
    pub address: Address,
    /// The desk's HMAC of the address.
    pub address_hash: String,
    /// Who wants to move there; None: a sign-up.
    pub subscriber: Option<SubscriberId>,
    /// What they want, as the desk wrote it.
    pub what: serde_json::Value,
    pub network: Option<String>,
    pub asked_at: Timestamp,
}

/// A code that was mailed. Its digits are made of its id by the desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    pub id: i64,
    pub made_at: Timestamp,
    pub tries: u32,
}

statements! {
    ASK = "insert into sign_ups (id, address, address_hash, subscriber, what, network, asked_at) values (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    ASKED = "select id from sign_ups order by id limit ?1";
    ASKED_COUNT = "select count(*) from sign_ups";
    TAKE = "delete from sign_ups where id = ?1 returning id, address, address_hash, subscriber, what, network, asked_at";
    FORGET_ASKED = "delete from sign_ups where address_hash = ?1 or subscriber = ?2";
    ASKED_OF = "select count(*) from pending_confirmations where address_hash = ?1 and made_at > ?2";
    ADD_CODE = "insert into codes (id, subscriber, purpose, made_at, expires_at, tries) values (?1, ?2, ?3, ?4, ?5, 0)";
    CODES_SINCE = "select count(*) from codes where subscriber = ?1 and made_at > ?2";
    TRY_CODES = "update codes set tries = tries + 1 where subscriber = ?1 and purpose = ?2 and expires_at > ?3 and used_at is null \
        returning id, made_at, tries";
    USE_CODE = "update codes set used_at = ?2 where id = ?1 and used_at is null";
    FORGET_CODES = "delete from codes where subscriber = ?1";
    STOP_NEWSLETTER = "update deliveries set state = 'suppressed', settled_at = ?3, reply = ?4 where subscriber = ?1 \
        and state in ('queued', 'deferred') and substr(occasion, 1, length(?2)) = ?2 returning id";
}

impl View<'_> {
    /// Questions that wait, oldest first.
    pub fn sign_ups(&self, limit: usize) -> Result<Vec<i64>, Error> {
        self.rows(&ASKED, vals![limit.min(crate::ROWS_PER_PAGE_MAX)], |row| row.take())
    }

    /// How many wait. The desk keeps them few.
    pub fn sign_ups_waiting(&self) -> Result<u64, Error> {
        Ok(self.one(&ASKED_COUNT, &[], |row| row.take())?.unwrap_or_default())
    }

    /// How many confirmations were mailed to the address with this hash after `since`, whoever asked for them.
    pub fn confirmations_to(&self, address_hash: &str, since: Timestamp) -> Result<u64, Error> {
        Ok(self.one(&ASKED_OF, vals![address_hash, since], |row| row.take())?.unwrap_or_default())
    }

    /// How many codes were mailed to somebody after `since`.
    pub fn codes_since(&self, subscriber: SubscriberId, since: Timestamp) -> Result<u64, Error> {
        Ok(self.one(&CODES_SINCE, vals![subscriber, since], |row| row.take())?.unwrap_or_default())
    }
}

impl Change<'_> {
    /// Keeps a question.
    pub fn add_sign_up(&mut self, asked: &SignUpAsked) -> Result<(), Error> {
        let SignUpAsked { id, address, address_hash, subscriber, what, network, asked_at } = asked;
        let what = to_json(what)?;
        self.run(&ASK, vals![*id, address.as_str(), address_hash, *subscriber, what, network.as_deref(), *asked_at])
            .map(drop)
    }

    /// Takes a question out, to be answered in the same transaction. `None`: another node has it.
    pub fn take_sign_up(&mut self, id: i64) -> Result<Option<SignUpAsked>, Error> {
        self.one(&TAKE, vals![id], asked)
    }

    /// Forgets what waits for an address or of a person.
    pub fn forget_sign_ups(&mut self, address_hash: &str, subscriber: SubscriberId) -> Result<(), Error> {
        self.run(&FORGET_ASKED, vals![address_hash, subscriber]).map(drop)
    }

    /// Keeps a code.
    pub fn add_code(
        &mut self,
        id: i64,
        subscriber: SubscriberId,
        purpose: &str,
        made_at: Timestamp,
        expires_at: Timestamp,
    ) -> Result<(), Error> {
        self.run(&ADD_CODE, vals![id, subscriber, purpose, made_at, expires_at]).map(drop)
    }

    /// Counts a try against every code of this purpose that still works, and gives them.
    pub fn try_codes(&mut self, subscriber: SubscriberId, purpose: &str, now: Timestamp) -> Result<Vec<Code>, Error> {
        self.rows(&TRY_CODES, vals![subscriber, purpose, now], |row| {
            Ok(Code { id: row.take()?, made_at: row.take()?, tries: row.take()? })
        })
    }

    /// Spends a code. False: it was spent before.
    pub fn use_code(&mut self, id: i64, now: Timestamp) -> Result<bool, Error> {
        Ok(self.run(&USE_CODE, vals![id, now])? > 0)
    }

    pub(crate) fn forget_codes_of(&mut self, subscriber: SubscriberId) -> Result<(), Error> {
        self.run(&FORGET_CODES, vals![subscriber]).map(drop)
    }

    /// Stops what still waits of one newsletter for somebody who does not want it any more.
    pub fn suppress_newsletter_of(
        &mut self,
        subscriber: SubscriberId,
        newsletter: &Slug,
        reason: &str,
        now: Timestamp,
    ) -> Result<Vec<DeliveryId>, Error> {
        let occasion = format!("edition:{newsletter}:");
        self.rows(&STOP_NEWSLETTER, vals![subscriber, occasion, now, reason], |row| row.take())
    }
}

fn asked(row: &mut Row) -> Result<SignUpAsked, Error> {
    Ok(SignUpAsked {
        id: row.take()?,
        address: row.parse(|text| Address::parse(text).ok())?,
        address_hash: row.take()?,
        subscriber: row.take()?,
        what: from_json(&row.take::<String>()?)?,
        network: row.take()?,
        asked_at: row.take()?,
    })
}
