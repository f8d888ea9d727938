//! People on the list: addresses, choices, consent, confirmations, suppressions.
//! Keeps only hashes of tokens; never decides whether mail may go.

use crate::db::value::{from_json, to_json};
use crate::db::{Row, Val, statements, vals};
use crate::{Change, Error, View};
use newsroom::id::SubscriberId;
use newsroom::language::Language;
use newsroom::slug::Slug;
use newsroom::subscriber::{Address, Choices, Consent, ConsentAct, Frequency, Subscriber};
use newsroom::time::{Timestamp, Zone};

/// A confirmation somebody was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmation {
    pub subscriber: SubscriberId,
    pub newsletter: Slug,
    /// The desk's HMAC of the address it was mailed to.
    pub address_hash: String,
    /// What is to happen on confirmation, as the desk wrote it.
    pub what: serde_json::Value,
    pub made_at: Timestamp,
    pub expires_at: Timestamp,
    pub confirmed_at: Option<Timestamp>,
}

/// How many people stand where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Audience {
    /// Confirmed and not left; the paused are among them.
    pub confirmed: u64,
    /// Asked and not confirmed.
    pub pending: u64,
    pub left: u64,
    pub paused: u64,
}

/// A place and hour at which editions arrive, and how many confirmed people chose it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    pub zone: Zone,
    pub hour: i8,
    pub subscribers: u64,
}

macro_rules! subscriber_columns {
    () => {
        "s.id, s.address, s.name, s.languages, s.sections, s.zone, s.hour, s.frequency, s.created_at, s.confirmed_at, \
         s.unsubscribed_at, s.paused_until"
    };
}

pub(crate) use subscriber_columns;

macro_rules! add_subscribers {
    ($tail:literal) => {
        concat!(
            "insert into subscribers (id, address, address_key, address_hash, name, languages, sections, zone, hour, \
             frequency, created_at, confirmed_at, unsubscribed_at, paused_until) \
             select cast(value->>0 as bigint), value->>1, value->>2, value->>3, value->>4, value->>5, value->>6, value->>7, \
             cast(value->>8 as bigint), value->>9, cast(value->>10 as bigint), cast(value->>11 as bigint), \
             cast(value->>12 as bigint), cast(value->>13 as bigint) from {{rows ?1}} where true",
            $tail
        )
    };
}

statements! {
    SUBSCRIBER = concat!("select ", subscriber_columns!(), " from subscribers s where s.id = ?1 and s.erased_at is null");
    SUBSCRIBERS_OF = concat!("select ", subscriber_columns!(), " from subscribers s where s.id in {{ids ?1}} and s.erased_at is null");
    SUBSCRIBER_AT = concat!("select ", subscriber_columns!(), " from subscribers s where s.address_key = ?1 and s.erased_at is null");
    SUBSCRIBER_OF_HASH = concat!("select ", subscriber_columns!(), " from subscribers s where s.address_hash = ?1 and s.erased_at is null");
    SUBSCRIBERS = concat!("select ", subscriber_columns!(), " from subscribers s where s.id < ?1 and s.erased_at is null order by s.id desc limit ?2");
    ADD = add_subscribers!("");
    ADD_NEW = add_subscribers!(" on conflict (address_key) do nothing returning id");
    SAVE_CHOICES = "update subscribers set name = ?2, languages = ?3, sections = ?4, zone = ?5, hour = ?6, frequency = ?7 where id = ?1";
    CONFIRM = "update subscribers set confirmed_at = ?2, unsubscribed_at = null where id = ?1 and erased_at is null";
    LEAVE = "update subscribers set unsubscribed_at = ?2 where id = ?1 and unsubscribed_at is null";
    PAUSE = "update subscribers set paused_until = ?2 where id = ?1";
    CHANGE_ADDRESS = "update subscribers set address = ?2, address_key = ?3, address_hash = ?4 where id = ?1 and erased_at is null";
    ERASE = "update subscribers set address = '', address_key = ?2, address_hash = '', name = '', languages = '', sections = '', \
        unsubscribed_at = coalesce(unsubscribed_at, ?3), erased_at = ?3 where id = ?1 and erased_at is null";
    FORGET_CONFIRMATIONS_OF = "delete from pending_confirmations where subscriber = ?1";
    FORGET_DELIVERED_OF = "delete from delivered_items where subscriber = ?1";
    FORGET_NETWORKS_OF = "update consents set network = null where subscriber = ?1";
    SUBSCRIBE = "insert into subscriptions (subscriber, newsletter, since) values (?1, ?2, ?3) \
        on conflict (subscriber, newsletter) do update set left_at = null, \
        since = case when subscriptions.left_at is null then subscriptions.since else excluded.since end";
    UNSUBSCRIBE = "update subscriptions set left_at = ?3 where subscriber = ?1 and newsletter = ?2 and left_at is null";
    SUBSCRIPTIONS = "select newsletter, since from subscriptions where subscriber = ?1 and left_at is null order by newsletter";
    KEEP_CONFIRMATION = "insert into pending_confirmations (token_hash, subscriber, newsletter, what, made_at, expires_at, \
        address_hash) values (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    CONFIRMATION = "select subscriber, newsletter, coalesce(address_hash, ''), what, made_at, expires_at, confirmed_at from pending_confirmations \
        where token_hash = ?1 and expires_at > ?2";
    USE_CONFIRMATION = "update pending_confirmations set confirmed_at = ?2 where token_hash = ?1 and expires_at > ?2 \
        and confirmed_at is null returning subscriber, newsletter, coalesce(address_hash, ''), what, made_at, expires_at, confirmed_at";
    CONFIRMATIONS_OF = "select count(*) from pending_confirmations where subscriber = ?1 and made_at > ?2";
    CONFIRMATIONS_SINCE = "select count(*) from pending_confirmations where made_at > ?1 and confirmed_at is null";
    SWEEP_CONFIRMATIONS = "delete from pending_confirmations where expires_at < ?1";
    RECORD_CONSENT = "insert into consents (subscriber, at, act, text_version, network, method) values (?1, ?2, ?3, ?4, ?5, ?6)";
    CONSENTS = "select subscriber, at, act, text_version, network, method from consents where subscriber = ?1 order by at";
    SUPPRESS = "insert into suppressions (address_hash, reason, made_at) values (?1, ?2, ?3) on conflict (address_hash) do nothing";
    SUPPRESSED = "select reason, made_at from suppressions where address_hash = ?1";
    LIFT = "delete from suppressions where address_hash = ?1";
    SUPPRESSED_COUNT = "select count(*) from suppressions";
    SLOTS = "select s.zone, s.hour, count(*) from subscribers s where s.confirmed_at is not null and s.unsubscribed_at is null \
        group by s.zone, s.hour order by s.zone, s.hour";
    DUE = concat!("select ", subscriber_columns!(), " from subscribers s join subscriptions n on n.subscriber = s.id \
        and n.newsletter = ?1 and n.left_at is null where s.zone = ?2 and s.hour = ?3 and s.id > ?4 \
        and s.confirmed_at is not null and s.unsubscribed_at is null and (s.paused_until is null or s.paused_until <= ?5) \
        and not exists (select 1 from suppressions u where u.address_hash = s.address_hash) order by s.id limit ?6");
    AUDIENCE = "select cast(count(case when confirmed_at is not null and unsubscribed_at is null then 1 end) as bigint), \
        cast(count(case when confirmed_at is null and unsubscribed_at is null then 1 end) as bigint), \
        cast(count(case when unsubscribed_at is not null then 1 end) as bigint), \
        cast(count(case when confirmed_at is not null and unsubscribed_at is null and paused_until > ?1 then 1 end) as bigint) \
        from subscribers where erased_at is null";
    SUBSCRIBED = "select count(*) from subscriptions n join subscribers s on s.id = n.subscriber where n.newsletter = ?1 \
        and n.left_at is null and s.confirmed_at is not null and s.unsubscribed_at is null";
}

impl View<'_> {
    /// A person, unless erased.
    pub fn subscriber(&self, id: SubscriberId) -> Result<Option<Subscriber>, Error> {
        self.one(&SUBSCRIBER, vals![id], subscriber)
    }

    /// These people, in no order, without those who were erased.
    pub fn subscribers_of(&self, ids: &[SubscriberId]) -> Result<Vec<Subscriber>, Error> {
        self.rows(&SUBSCRIBERS_OF, vals![crate::ids(ids.iter().map(|id| id.0))], subscriber)
    }

    /// The person with this address, whatever its capitals.
    pub fn subscriber_at(&self, address: &Address) -> Result<Option<Subscriber>, Error> {
        self.one(&SUBSCRIBER_AT, vals![address.key()], subscriber)
    }

    /// The person whose address has this hash (the desk's HMAC): what a bounce or complaint proves.
    pub fn subscriber_of_hash(&self, address_hash: &str) -> Result<Option<Subscriber>, Error> {
        self.one(&SUBSCRIBER_OF_HASH, vals![address_hash], subscriber)
    }

    /// Everybody, newest first, after the last one of the page before.
    pub fn subscribers(&self, after: Option<SubscriberId>, limit: usize) -> Result<Vec<Subscriber>, Error> {
        let after = after.map_or(i64::MAX, |id| id.0);
        self.rows(&SUBSCRIBERS, vals![after, limit.min(crate::ROWS_PER_PAGE_MAX)], subscriber)
    }

    /// The newsletters somebody gets, each with the time since when.
    pub fn subscriptions(&self, subscriber: SubscriberId) -> Result<Vec<(Slug, Timestamp)>, Error> {
        self.rows(&SUBSCRIPTIONS, vals![subscriber], |row| Ok((row.take()?, row.take()?)))
    }

    /// The confirmation behind a token, used or not, unless it is too old.
    pub fn confirmation(&self, token_hash: &str, now: Timestamp) -> Result<Option<Confirmation>, Error> {
        self.one(&CONFIRMATION, vals![token_hash, now], confirmation)
    }

    /// How many confirmations were asked of somebody after `since`.
    pub fn confirmations_of(&self, subscriber: SubscriberId, since: Timestamp) -> Result<u64, Error> {
        Ok(self.one(&CONFIRMATIONS_OF, vals![subscriber, since], |row| row.take())?.unwrap_or_default())
    }

    /// How many confirmations were asked of anybody after `since` and not given: the site-wide brake.
    pub fn confirmations_since(&self, since: Timestamp) -> Result<u64, Error> {
        Ok(self.one(&CONFIRMATIONS_SINCE, vals![since], |row| row.take())?.unwrap_or_default())
    }

    /// What somebody agreed to and took back, in order.
    pub fn consents(&self, subscriber: SubscriberId) -> Result<Vec<Consent>, Error> {
        self.rows(&CONSENTS, vals![subscriber], |row| {
            Ok(Consent {
                subscriber: row.take()?,
                at: row.take()?,
                act: row.parse(consent_act)?,
                text_version: row.take()?,
                network: row.take()?,
                method: row.take()?,
            })
        })
    }

    /// Why and since when we no longer write to the address with this hash.
    pub fn suppression(&self, address_hash: &str) -> Result<Option<(String, Timestamp)>, Error> {
        self.one(&SUPPRESSED, vals![address_hash], |row| Ok((row.take()?, row.take()?)))
    }

    /// How many addresses we no longer write to.
    pub fn suppression_count(&self) -> Result<u64, Error> {
        Ok(self.one(&SUPPRESSED_COUNT, &[], |row| row.take())?.unwrap_or_default())
    }

    /// Every zone and hour that confirmed people chose: what the clock turns into waves.
    pub fn slots(&self) -> Result<Vec<Slot>, Error> {
        self.rows(&SLOTS, &[], |row| {
            Ok(Slot { zone: row.parse(Zone::parse)?, hour: hour(row)?, subscribers: row.take()? })
        })
    }

    /// One page of the people of a slot who get a newsletter at `now`: confirmed, not left, not
    /// paused, not suppressed; by id, after the last one of the page before. How often each wants it
    /// is for the caller to ask.
    pub fn subscribers_due(
        &self,
        newsletter: &Slug,
        zone: &Zone,
        hour: i8,
        now: Timestamp,
        after: Option<SubscriberId>,
        limit: usize,
    ) -> Result<Vec<Subscriber>, Error> {
        let after = after.map_or(i64::MIN, |id| id.0);
        let limit = limit.min(crate::SUBSCRIBERS_PER_PAGE_MAX);
        self.rows(&DUE, vals![newsletter, zone.name(), i64::from(hour), after, now, limit], subscriber)
    }

    /// How many people stand where.
    pub fn audience(&self, now: Timestamp) -> Result<Audience, Error> {
        let audience = self.one(&AUDIENCE, vals![now], |row| {
            Ok(Audience { confirmed: row.take()?, pending: row.take()?, left: row.take()?, paused: row.take()? })
        })?;
        Ok(audience.unwrap_or_default())
    }

    /// How many confirmed people get a newsletter.
    pub fn subscribed_count(&self, newsletter: &Slug) -> Result<u64, Error> {
        Ok(self.one(&SUBSCRIBED, vals![newsletter], |row| row.take())?.unwrap_or_default())
    }
}

impl Change<'_> {
    /// Keeps a new person. `address_hash` is the desk's HMAC of the address. Errs with
    /// `subscribers_address` if the address is there.
    pub fn add_subscriber(&mut self, subscriber: &Subscriber, address_hash: &str) -> Result<(), Error> {
        self.run(&ADD, vals![subscriber_rows(&[(subscriber.clone(), address_hash.to_owned())])?]).map(drop)
    }

    /// Keeps those whose address is not there yet; gives their ids, sorted. For imports.
    pub fn add_new_subscribers(&mut self, list: &[(Subscriber, String)]) -> Result<Vec<SubscriberId>, Error> {
        let mut kept = Vec::new();
        for page in list.chunks(crate::SUBSCRIBERS_PER_PAGE_MAX) {
            kept.extend(self.rows(&ADD_NEW, vals![subscriber_rows(page)?], |row| row.take::<SubscriberId>())?);
        }
        kept.sort_unstable();
        Ok(kept)
    }

    /// Keeps what somebody chose.
    pub fn save_choices(&mut self, id: SubscriberId, name: &str, choices: &Choices) -> Result<(), Error> {
        let parameters = vals![
            id,
            name,
            languages(choices),
            sections(choices),
            choices.zone.name(),
            i64::from(choices.hour),
            choices.frequency.key()
        ];
        self.run(&SAVE_CHOICES, parameters).map(drop)
    }

    /// The address is theirs and they want mail; who had left is back.
    pub fn confirm_subscriber(&mut self, id: SubscriberId, at: Timestamp) -> Result<(), Error> {
        self.run(&CONFIRM, vals![id, at]).map(drop)
    }

    /// No more mail of any newsletter. Gives whether this was new; leaving twice keeps the first time.
    pub fn leave(&mut self, id: SubscriberId, at: Timestamp) -> Result<bool, Error> {
        Ok(self.run(&LEAVE, vals![id, at])? > 0)
    }

    /// No editions until then; `None` ends a pause.
    pub fn pause(&mut self, id: SubscriberId, until: Option<Timestamp>) -> Result<(), Error> {
        self.run(&PAUSE, vals![id, until]).map(drop)
    }

    /// Errs with `subscribers_address` if somebody else has it.
    pub fn change_address(&mut self, id: SubscriberId, address: &Address, address_hash: &str) -> Result<(), Error> {
        self.run(&CHANGE_ADDRESS, vals![id, address.as_str(), address.key(), address_hash]).map(drop)
    }

    /// Forgets address, name, choices and what was delivered; that there was somebody stays.
    pub fn erase_subscriber(&mut self, id: SubscriberId, at: Timestamp) -> Result<(), Error> {
        self.run(&ERASE, vals![id, format!("erased:{id}"), at])?;
        self.run(&FORGET_CONFIRMATIONS_OF, vals![id])?;
        self.run(&FORGET_NETWORKS_OF, vals![id])?;
        self.forget_codes_of(id)?;
        self.untag(id)?;
        self.forget_deliveries_of(id)?;
        self.run(&FORGET_DELIVERED_OF, vals![id]).map(drop)
    }

    /// Somebody gets a newsletter from now on; who gets it already keeps the first time.
    pub fn subscribe(&mut self, subscriber: SubscriberId, newsletter: &Slug, at: Timestamp) -> Result<(), Error> {
        self.run(&SUBSCRIBE, vals![subscriber, newsletter, at]).map(drop)
    }

    /// Gives whether somebody got it until now.
    pub fn unsubscribe(&mut self, subscriber: SubscriberId, newsletter: &Slug, at: Timestamp) -> Result<bool, Error> {
        Ok(self.run(&UNSUBSCRIBE, vals![subscriber, newsletter, at])? > 0)
    }

    /// Keeps a confirmation by the hash of its token.
    pub fn keep_confirmation(&mut self, token_hash: &str, confirmation: &Confirmation) -> Result<(), Error> {
        let Confirmation { subscriber, newsletter, address_hash, what, made_at, expires_at, .. } = confirmation;
        let what = to_json(what)?;
        let parameters = vals![token_hash, *subscriber, newsletter, what, *made_at, *expires_at, address_hash];
        self.run(&KEEP_CONFIRMATION, parameters).map(drop)
    }

    /// Spends a confirmation. `None` if it was spent before or is too old.
    pub fn use_confirmation(&mut self, token_hash: &str, now: Timestamp) -> Result<Option<Confirmation>, Error> {
        self.one(&USE_CONFIRMATION, vals![token_hash, now], confirmation)
    }

    /// Forgets confirmations that ended before `before`.
    pub fn sweep_confirmations(&mut self, before: Timestamp) -> Result<u64, Error> {
        self.run(&SWEEP_CONFIRMATIONS, vals![before])
    }

    /// Writes a line of the consent ledger; there is no way to change one.
    pub fn record_consent(&mut self, consent: &Consent) -> Result<(), Error> {
        let Consent { subscriber, at, act, text_version, network, method } = consent;
        let parameters = vals![*subscriber, *at, act.key(), text_version, network.as_deref(), method];
        self.run(&RECORD_CONSENT, parameters).map(drop)
    }

    /// Never write to this address again; the first reason stays.
    pub fn suppress(&mut self, address_hash: &str, reason: &str, at: Timestamp) -> Result<(), Error> {
        self.run(&SUPPRESS, vals![address_hash, reason, at]).map(drop)
    }

    /// We may write to this address again. Gives whether it was suppressed.
    pub fn lift_suppression(&mut self, address_hash: &str) -> Result<bool, Error> {
        Ok(self.run(&LIFT, vals![address_hash])? > 0)
    }
}

fn subscriber_rows(list: &[(Subscriber, String)]) -> Result<String, Error> {
    let rows: Vec<_> = list
        .iter()
        .map(|(s, hash)| {
            let c = &s.choices;
            let words = [
                Val::from(s.address.as_str()),
                s.address.key().into(),
                hash.into(),
                (&s.name).into(),
                languages(c).into(),
                sections(c).into(),
                c.zone.name().into(),
            ];
            let words = words.map(|val| if let Val::Text(text) = val { text } else { String::new() });
            let [address, key, hash, name, languages, sections, zone] = words;
            let times = (s.created_at, s.confirmed_at, s.unsubscribed_at, s.paused_until);
            let json = serde_json::json!([
                s.id,
                address,
                key,
                hash,
                name,
                languages,
                sections,
                zone,
                c.hour,
                c.frequency.key(),
                times.0,
                times.1,
                times.2,
                times.3
            ]);
            json
        })
        .collect();
    to_json(&rows)
}

fn languages(choices: &Choices) -> String {
    choices.languages.iter().map(Language::code).collect::<Vec<_>>().join(" ")
}

fn sections(choices: &Choices) -> String {
    choices.sections.iter().map(Slug::as_str).collect::<Vec<_>>().join(" ")
}

pub(crate) fn hour(row: &mut Row) -> Result<i8, Error> {
    i8::try_from(row.take::<i64>()?).map_err(|_| Error::Broken("A kept hour is not one.".into()))
}

pub(crate) fn subscriber(row: &mut Row) -> Result<Subscriber, Error> {
    Ok(Subscriber {
        id: row.take()?,
        address: row.parse(|text| Address::parse(text).ok())?,
        name: row.take()?,
        choices: Choices {
            languages: row.parse(|text| text.split_whitespace().map(Language::parse).collect())?,
            sections: row.parse(|text| text.split_whitespace().map(Slug::parse).collect())?,
            zone: row.parse(Zone::parse)?,
            hour: hour(row)?,
            frequency: row.parse(Frequency::parse)?,
        },
        created_at: row.take()?,
        confirmed_at: row.take()?,
        unsubscribed_at: row.take()?,
        paused_until: row.take()?,
    })
}

fn confirmation(row: &mut Row) -> Result<Confirmation, Error> {
    Ok(Confirmation {
        subscriber: row.take()?,
        newsletter: row.take()?,
        address_hash: row.take()?,
        what: from_json(&row.take::<String>()?)?,
        made_at: row.take()?,
        expires_at: row.take()?,
        confirmed_at: row.take()?,
    })
}

fn consent_act(key: &str) -> Option<ConsentAct> {
    ConsentAct::ALL.into_iter().find(|act| act.key() == key)
}
