//! Making deliveries: each once, with the items it brings, of which nobody gets one twice.
//! What many letters have alike is kept once. Knows nothing of how they leave.

use crate::db::value::to_json;
use crate::db::{statements, vals};
use crate::{Change, Error, View};
use newsroom::delivery::{Occasion, Recipient};
use newsroom::id::{DeliveryId, EditionId, StaffId, SubscriberId, WorkId};
use newsroom::language::Language;
use newsroom::subscriber::Address;
use newsroom::time::Timestamp;
use std::collections::{HashMap, HashSet};

/// A message to be sent, made in the transaction that decides it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDelivery {
    pub id: DeliveryId,
    pub occasion: Occasion,
    pub recipient: Recipient,
    /// Where it goes, if not to the recipient's own address: an address to be confirmed.
    pub address: Option<Address>,
    pub edition: Option<EditionId>,
    pub language: Language,
    /// The `Date` of the message, the same on every try.
    pub dated: Timestamp,
    pub due_at: Timestamp,
    /// What it carries; see [`newsroom::delivery::Delivery::payload`].
    pub payload: String,
    /// Works it brings: nobody gets them again.
    pub works: Vec<WorkId>,
}

statements! {
    /// What the rows have in common is given once.
    QUEUE = "insert into deliveries (id, recipient, subscriber, staff, address, occasion, kind, edition, language, \
        payload, item_set, state, dated, due_at, next_at, attempt) \
        select cast(value->>0 as bigint), value->>1, cast(value->>2 as bigint), cast(value->>3 as bigint), value->>4, \
        cast(?2 as text), cast(?3 as text), cast(?4 as bigint), cast(?5 as text), cast(?6 as text), cast(?7 as bigint), 'queued', \
        cast(?8 as bigint), cast(?9 as bigint), cast(?9 as bigint), 0 \
        from {{rows ?1}} where true on conflict (occasion, recipient) do nothing returning id";
    KEEP_ITEM_SET = "insert into item_sets (id, payload, works) values (?1, ?2, ?3) on conflict (payload, works) do nothing";
    ITEM_SET = "select id from item_sets where payload = ?1 and works = ?2";
    KEEP_ITEM_SET_WORKS = "insert into item_set_works (item_set, work) select cast(?1 as bigint), w.value from {{ids ?2}} as w \
        where true on conflict (item_set, work) do nothing";
    /// Ids grow with time: nobody had a work of the span before the first set that brought one.
    HAD = "select subscriber, work from delivered_items where subscriber in {{ids ?1}} and work between ?2 and ?3 \
        union select d.subscriber, w.work from deliveries d join item_set_works w on w.item_set = d.item_set \
        where d.subscriber in {{ids ?1}} and d.item_set >= (select min(first.item_set) from item_set_works first \
        where first.work between ?2 and ?3) and w.work between ?2 and ?3";
}

impl View<'_> {
    /// Which of these people had which works of the span before, in any mail: ask once per page of
    /// subscribers, with the candidates' smallest and largest work.
    pub fn delivered(
        &self,
        subscribers: &[SubscriberId],
        works: std::ops::RangeInclusive<WorkId>,
    ) -> Result<HashSet<(SubscriberId, WorkId)>, Error> {
        let ids = crate::ids(subscribers.iter().map(|id| id.0));
        let had = self.rows(&HAD, vals![ids, *works.start(), *works.end()], |row| Ok((row.take()?, row.take()?)))?;
        Ok(had.into_iter().collect())
    }
}

impl Change<'_> {
    /// Queues messages, each once per (occasion, recipient), with the works they bring. Gives the ids that are new,
    /// sorted: freezing a wave again adds nothing.
    pub fn queue_deliveries(&mut self, list: &[NewDelivery]) -> Result<Vec<DeliveryId>, Error> {
        let mut queued = Vec::with_capacity(list.len());
        for page in list.chunks(crate::DELIVERIES_PER_STATEMENT) {
            for alike in alike(page) {
                queued.extend(self.queue_alike(&alike)?);
            }
        }
        queued.sort_unstable();
        Ok(queued)
    }

    /// Queues messages that differ only in their recipients; at least one.
    fn queue_alike(&mut self, list: &[&NewDelivery]) -> Result<Vec<DeliveryId>, Error> {
        let Some(first) = list.first() else { return Ok(Vec::new()) };
        let rows: Vec<_> = list.iter().map(|new| row_of(new)).collect();
        let (item_set, payload) = match first.works.is_empty() {
            true => (None, first.payload.as_str()),
            false => (Some(self.item_set(first)?), ""),
        };
        let (occasion, kind) = (first.occasion.key(), first.occasion.kind());
        let NewDelivery { edition, language, dated, due_at, .. } = first;
        let parameters =
            vals![to_json(&rows)?, occasion, kind, *edition, language.code(), payload, item_set, *dated, *due_at];
        self.rows(&QUEUE, parameters, |row| row.take())
    }

    /// The set of items that a message brings, kept when it is new; its id is that of the first delivery with it.
    fn item_set(&mut self, new: &NewDelivery) -> Result<i64, Error> {
        let works = crate::ids(new.works.iter().map(|work| work.0));
        if self.run(&KEEP_ITEM_SET, vals![new.id, &new.payload, &works])? > 0 {
            self.run(&KEEP_ITEM_SET_WORKS, vals![new.id, works])?;
            return Ok(new.id.0);
        }
        let known = self.one(&ITEM_SET, vals![&new.payload, works], |row| row.take())?;
        known.ok_or_else(|| Error::Broken("A set of items that is kept was not found.".into()))
    }
}

/// A subscriber in the column that makes a delivery unique.
pub(crate) fn recipient_key(id: SubscriberId) -> String {
    format!("subscriber:{id}")
}

/// Messages that differ only in their recipients, together.
fn alike(page: &[NewDelivery]) -> Vec<Vec<&NewDelivery>> {
    let mut groups: Vec<Vec<&NewDelivery>> = Vec::new();
    let mut places = HashMap::new();
    for new in page {
        let NewDelivery { occasion, edition, language, dated, due_at, payload, works, .. } = new;
        let key = (occasion, *edition, language, *dated, *due_at, payload, works);
        let at = *places.entry(key).or_insert(groups.len());
        match groups.get_mut(at) {
            Some(group) => group.push(new),
            None => groups.push(vec![new]),
        }
    }
    groups
}

type QueuedRow<'a> = (DeliveryId, String, Option<SubscriberId>, Option<StaffId>, Option<&'a str>);

fn row_of(new: &NewDelivery) -> QueuedRow<'_> {
    let (recipient, subscriber, staff) = match new.recipient {
        Recipient::Subscriber(id) => (recipient_key(id), Some(id), None),
        Recipient::Staff(id) => (format!("staff:{id}"), None, Some(id)),
    };
    (new.id, recipient, subscriber, staff, new.address.as_ref().map(Address::as_str))
}
