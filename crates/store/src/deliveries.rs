//! One row per message and person, from queued to settled. Claims carry a lease, marks repeat
//! their guard, and the books always add up. Never speaks to a relay.

use crate::db::value::to_json;
use crate::db::{Row, statements, vals};
use crate::{Change, Error, View};
use newsroom::delivery::{Books, Delivery, DeliveryState, Occasion, Recipient};
use newsroom::id::{DeliveryId, EditionId, StaffId, SubscriberId};
use newsroom::language::Language;
use newsroom::subscriber::Address;
use newsroom::time::Timestamp;
use std::collections::HashSet;

/// A row in the hands of one node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    pub delivery: Delivery,
    pub edition: Option<EditionId>,
    pub language: Language,
    /// Transmitted before without an answer: the relay may know it.
    pub transmitted_at: Option<Timestamp>,
}

/// Who gets a claimed row, asked again just before it leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    pub delivery: DeliveryId,
    /// `None` if the person was erased.
    pub address: Option<Address>,
    pub name: String,
    pub confirmed_at: Option<Timestamp>,
    /// When a subscriber unsubscribed or staff left.
    pub left_at: Option<Timestamp>,
    /// Why we no longer write to the address.
    pub suppressed: Option<String>,
}

/// What became of a claimed row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    /// The relay took it; its words hold the queue id.
    Sent {
        relay: String,
        reply: String,
    },
    /// The relay said later.
    Deferred {
        relay: String,
        code: String,
        reply: String,
        next_at: Timestamp,
    },
    /// The relay said never; `code` is the class.
    Refused {
        relay: String,
        code: String,
        reply: String,
    },
    /// No answer came after the final dot.
    Uncertain {
        relay: String,
        reply: String,
    },
    /// It must not leave any more.
    Suppressed {
        reason: String,
    },
    Expired,
    /// Given back untried: the node stops, or the relay is paused. Does not count as a try.
    Returned {
        next_at: Timestamp,
    },
}

/// What a sweep took from nodes that went away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Swept {
    /// Claimed, and queued again.
    pub queued: u64,
    /// In the air, and tried again.
    pub again: u64,
    /// In the air, and in doubt from now on.
    pub uncertain: u64,
}

/// A line of the deliveries page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryLine {
    pub delivery: Delivery,
    pub edition: Option<EditionId>,
    pub settled_at: Option<Timestamp>,
    pub relay: Option<String>,
    pub code: Option<String>,
    pub reply: Option<String>,
}

macro_rules! delivery_columns {
    () => {
        "id, occasion, subscriber, staff, state, dated, due_at, attempt, \
         coalesce((select i.payload from item_sets i where i.id = deliveries.item_set), payload)"
    };
}

// On PostgreSQL `in (…)` may be run again for every row, and then claims more than its limit (seen);
// an array is made once.
macro_rules! claim {
    ($open:literal, $close:literal) => {
        concat!(
            "update deliveries set state = 'claimed', node = ?1, lease_until = ?2, attempt = attempt + 1 \
             where state in ('queued', 'deferred') and next_at <= ?3 and not exists (select 1 from meta where key = 'held_at') \
             and id ",
            $open,
            "select id from deliveries where state in ('queued', 'deferred') and next_at <= ?3 \
             order by next_at, id limit ?4 ",
            $close,
            " returning ",
            delivery_columns!(),
            ", edition, language, transmitted_at"
        )
    };
}

// On PostgreSQL a node that is frozen in the middle of a transaction keeps its rows locked: others pass over them.
macro_rules! lost {
    ($state:literal, $set:expr, $which:expr, for update) => {
        lost!(
            $state,
            $set,
            $which,
            " and id = any (array(select id from deliveries where state in ('claimed', 'transmitted') \
            and (lease_until <= ?1 or lease_until > ?2) for update skip locked))"
        )
    };
    ($state:literal, $set:expr, $which:expr, $unlocked:literal) => {
        concat!(
            "update deliveries set lease_until = null, ",
            $set,
            " where state in ('claimed', 'transmitted') and state = '",
            $state,
            "' and (lease_until <= ?1 or lease_until > ?2)",
            $which,
            $unlocked
        )
    };
}

macro_rules! lost_again {
    (set) => {
        "state = 'deferred', next_at = ?1, code = 'unanswered', \
         reply = 'the node went away before the relay answered; sent again'"
    };
    (which) => {
        " and (kind not in ('edition', 'breaking', 'one-off') or exists (select 1 from newsletters \
         where promise = 'never-lose' and occasion like 'edition:' || slug || ':%'))"
    };
}

macro_rules! lost_answer {
    () => {
        "state = 'uncertain', settled_at = ?1, reply = 'the node went away before the relay answered'"
    };
}

macro_rules! line_columns {
    () => {
        concat!(delivery_columns!(), ", edition, settled_at, relay, code, reply")
    };
}

statements! {
    CLAIM = claim!("in (", ")"), postgres claim!("= any (array(", "for update skip locked))");
    ENVELOPES = "select d.id, coalesce(d.address, s.address, m.address), coalesce(s.name, m.name, ''), s.confirmed_at, \
        coalesce(s.unsubscribed_at, n.left_at, m.left_at), u.reason from deliveries d \
        left join subscribers s on s.id = d.subscriber left join staff m on m.id = d.staff \
        left join subscriptions n on n.subscriber = d.subscriber and d.kind = 'edition' \
        and d.occasion like 'edition:' || n.newsletter || ':%' \
        left join suppressions u on u.address_hash = s.address_hash and d.address is null where d.id in {{ids ?1}} order by d.id";
    /// Repeats everything that could have changed since the row was claimed: lease, hold, pause, and for an edition
    /// whether the person still wants it.
    TRANSMIT = "update deliveries set state = 'transmitted', transmitted_at = ?2, lease_until = ?3, relay = v.relay from \
        (select cast(value->>0 as bigint) as delivery, value->>1 as relay from {{rows ?4}}) as v \
        where deliveries.id = v.delivery and state = 'claimed' and node = ?1 and lease_until > ?2 \
        and not exists (select 1 from meta where key = 'held_at') \
        and (kind not in ('edition', 'breaking', 'one-off') or (not exists (select 1 from pauses p where p.occasion = deliveries.occasion) \
        and exists (select 1 from subscribers s where s.id = deliveries.subscriber and s.unsubscribed_at is null \
        and s.erased_at is null and not exists (select 1 from suppressions u where u.address_hash = s.address_hash) \
        and not exists (select 1 from subscriptions n where n.subscriber = s.id and n.left_at is not null \
        and deliveries.occasion like 'edition:' || n.newsletter || ':%')))) returning id";
    RENEW = "update deliveries set lease_until = ?3 where state = 'claimed' and node = ?1 and lease_until > ?2 \
        and id in {{ids ?4}} returning id";
    SETTLE = "update deliveries set state = v.state, relay = v.relay, code = v.code, reply = v.reply, \
        next_at = coalesce(v.next_at, deliveries.next_at), attempt = deliveries.attempt - v.untried, lease_until = null, \
        payload = case when v.over = 1 and kind <> 'edition' then '' else payload end, \
        settled_at = case when v.state in ('queued', 'deferred') then null else cast(?2 as bigint) end from \
        (select cast(value->>0 as bigint) as delivery, value->>1 as state, value->>2 as relay, value->>3 as code, \
        value->>4 as reply, cast(value->>5 as bigint) as next_at, cast(value->>6 as bigint) as untried, \
        cast(value->>7 as bigint) as over from {{rows ?3}}) as v \
        where deliveries.id = v.delivery and deliveries.node = ?1 \
        and (deliveries.state in ('claimed', 'transmitted') or deliveries.state = 'uncertain' and v.state in ('sent', 'refused')) \
        and (deliveries.state = 'claimed' or v.untried = 0) returning id";
    LOST_CLAIMS = lost!("claimed", "state = 'queued', attempt = attempt - 1", "", ""),
        postgres lost!("claimed", "state = 'queued', attempt = attempt - 1", "", for update);
    /// What was in the air, and is to be sent again: letters somebody waits for, and newsletters that never lose.
    LOST_AGAIN = lost!("transmitted", lost_again!(set), lost_again!(which), ""),
        postgres lost!("transmitted", lost_again!(set), lost_again!(which), for update);
    LOST_ANSWERS = lost!("transmitted", lost_answer!(), "", ""), postgres lost!("transmitted", lost_answer!(), "", for update);
    RESEND = "update deliveries set state = 'queued', node = null, settled_at = null, next_at = ?1, due_at = ?1, code = null \
        where (state = 'uncertain' or state = 'refused' and code = 'policy') and id in {{ids ?2}} returning id";
    LEAVE_UNCERTAIN = "update deliveries set code = 'left' where state = 'uncertain' and code is null and id in {{ids ?1}} returning id";
    UNDECIDED = concat!("select ", line_columns!(), " from deliveries where state = 'uncertain' and id > ?1 and code is null order by id limit ?2");
    DOUBTS = "select id from deliveries where occasion = ?1 and state = ?2 and (code is null or code = 'policy') and id > ?3 order by id limit ?4";
    UNDECIDED_COUNT = "select count(*) from deliveries where state = 'uncertain' and code is null";
    HASTEN = "update deliveries set next_at = ?1 where state in ('queued', 'deferred') and next_at > ?2 and next_at < ?3";
    EXPIRE = "update deliveries set state = 'expired', settled_at = ?1, \
        payload = case when kind = 'edition' then payload else '' end where state in ('queued', 'deferred') and due_at <= ?2";
    UNCERTAIN = "select id from deliveries where state = 'uncertain' and kind = ?1 and settled_at >= ?2 order by id limit ?3";
    SUPPRESS_OCCASION = "update deliveries set state = 'suppressed', settled_at = ?2, reply = ?3 \
        where occasion = ?1 and state in ('queued', 'deferred')";
    SUPPRESS_OF = "update deliveries set state = 'suppressed', settled_at = ?2, reply = ?3 \
        where subscriber = ?1 and state in ('queued', 'deferred') and kind = 'edition'";
    FORGET_OF = "update deliveries set address = null, payload = '', item_set = null, reply = null, \
        state = case when state in ('queued', 'deferred', 'claimed') then 'suppressed' else state end where subscriber = ?1";
    BOOKS = "select state, count(*) from deliveries where occasion = ?1 group by state";
    ALL_BOOKS = "select state, count(*) from deliveries group by state";
    DELIVERY = concat!("select ", line_columns!(), " from deliveries where id = ?1");
    LINES = concat!("select ", line_columns!(), " from deliveries where occasion = ?1 and state = ?2 and id > ?3 order by id limit ?4");
    LINES_OF = concat!("select ", line_columns!(), " from deliveries where subscriber = ?1 order by id desc limit ?2");
    NEXT = "select next_at from deliveries where state in ('queued', 'deferred') order by next_at limit 1";
    WAITING = "select count(*) from deliveries where state in ('queued', 'deferred') and next_at <= ?1";
    LEASED = "select count(*) from deliveries where lease_until > 0 and state in ('claimed', 'transmitted')";
}

impl View<'_> {
    /// Who gets these rows, as it stands now, by id.
    pub fn envelopes(&self, ids: &[DeliveryId]) -> Result<Vec<Envelope>, Error> {
        self.rows(&ENVELOPES, vals![crate::ids(ids.iter().map(|id| id.0))], |row| {
            Ok(Envelope {
                delivery: row.take()?,
                address: row.take::<Option<String>>()?.and_then(|text| Address::parse(&text).ok()),
                name: row.take()?,
                confirmed_at: row.take()?,
                left_at: row.take()?,
                suppressed: row.take()?,
            })
        })
    }

    /// How the deliveries of one occasion stand.
    pub fn books(&self, occasion: &Occasion) -> Result<Books, Error> {
        Ok(sum(self.delivery_counts(occasion)?))
    }

    /// How many deliveries of one occasion are in each state that has some.
    pub fn delivery_counts(&self, occasion: &Occasion) -> Result<Vec<(DeliveryState, u64)>, Error> {
        self.rows(&BOOKS, vals![occasion.key()], |row| Ok((row.parse(DeliveryState::parse)?, row.take()?)))
    }

    /// How all deliveries stand.
    pub fn all_books(&self) -> Result<Books, Error> {
        Ok(sum(self.rows(&ALL_BOOKS, &[], |row| Ok((row.parse(DeliveryState::parse)?, row.take()?)))?))
    }

    /// One delivery, whatever its state.
    pub fn delivery(&self, id: DeliveryId) -> Result<Option<DeliveryLine>, Error> {
        self.one(&DELIVERY, vals![id], line)
    }

    /// Deliveries of an occasion in one state, by id, after the last one of the page before.
    pub fn deliveries_in(
        &self,
        occasion: &Occasion,
        state: DeliveryState,
        after: Option<DeliveryId>,
        limit: usize,
    ) -> Result<Vec<DeliveryLine>, Error> {
        let after = after.map_or(i64::MIN, |id| id.0);
        let limit = limit.min(crate::ROWS_PER_PAGE_MAX);
        self.rows(&LINES, vals![occasion.key(), state.key(), after, limit], line)
    }

    /// What went to one person, newest first.
    pub fn deliveries_of(&self, subscriber: SubscriberId, limit: usize) -> Result<Vec<DeliveryLine>, Error> {
        self.rows(&LINES_OF, vals![subscriber, limit.min(crate::ROWS_PER_PAGE_MAX)], line)
    }

    /// Uncertain deliveries of one kind settled at or after `since`: what a house rule may send again.
    pub fn uncertain(&self, kind: &str, since: Timestamp, limit: usize) -> Result<Vec<DeliveryId>, Error> {
        self.rows(&UNCERTAIN, vals![kind, since, limit.min(crate::ROWS_PER_PAGE_MAX)], |row| row.take())
    }

    /// Uncertain deliveries that nobody has decided about, by id, after the last one of the page before.
    pub fn undecided(&self, after: Option<DeliveryId>, limit: usize) -> Result<Vec<DeliveryLine>, Error> {
        let after = after.map_or(i64::MIN, |id| id.0);
        self.rows(&UNDECIDED, vals![after, limit.min(crate::ROWS_PER_PAGE_MAX)], line)
    }

    /// How many uncertain deliveries nobody has decided about.
    pub fn undecided_count(&self) -> Result<u64, Error> {
        Ok(self.one(&UNDECIDED_COUNT, &[], |row| row.take())?.unwrap_or_default())
    }

    /// What a person can decide about in one occasion: uncertain ones nobody has left, or ones refused because of us.
    pub fn open_to_decision(
        &self,
        occasion: &Occasion,
        state: DeliveryState,
        after: Option<DeliveryId>,
        limit: usize,
    ) -> Result<Vec<DeliveryId>, Error> {
        let after = after.map_or(i64::MIN, |id| id.0);
        self.rows(&DOUBTS, vals![occasion.key(), state.key(), after, limit], |row| row.take())
    }

    /// When the next delivery may be tried.
    pub fn next_delivery_at(&self) -> Result<Option<Timestamp>, Error> {
        self.one(&NEXT, &[], |row| row.take())
    }

    /// How many deliveries could be claimed at `now`.
    pub fn deliveries_waiting(&self, now: Timestamp) -> Result<u64, Error> {
        Ok(self.one(&WAITING, vals![now], |row| row.take())?.unwrap_or_default())
    }

    /// How many deliveries are in the hands of nodes.
    pub fn deliveries_leased(&self) -> Result<u64, Error> {
        Ok(self.one(&LEASED, &[], |row| row.take())?.unwrap_or_default())
    }
}

impl Change<'_> {
    /// Claims what is due for `node`, the oldest first, until `lease_until`. Nothing while held.
    /// Use [`crate::Store::change_guarded`].
    pub fn claim_deliveries(
        &mut self,
        node: &str,
        now: Timestamp,
        lease_until: Timestamp,
        limit: usize,
    ) -> Result<Vec<Claimed>, Error> {
        let limit = limit.min(crate::DELIVERIES_PER_CLAIM_MAX);
        let mut claimed = self.rows(&CLAIM, vals![node, lease_until, now, limit], |row| {
            Ok(Claimed {
                delivery: delivery(row)?,
                edition: row.take()?,
                language: row.take()?,
                transmitted_at: row.take()?,
            })
        })?;
        claimed.sort_by_key(|claimed| (claimed.delivery.due_at, claimed.delivery.id));
        Ok(claimed)
    }

    /// The final dot may leave for those given back. The others' leases are gone, or nobody may send them any more: they
    /// are held or paused, or the person has just left. `answer_until`: how long an answer may take before the row counts
    /// as unanswered.
    pub fn mark_transmitted(
        &mut self,
        node: &str,
        list: &[(DeliveryId, &str)],
        now: Timestamp,
        answer_until: Timestamp,
    ) -> Result<HashSet<DeliveryId>, Error> {
        let parameters = vals![node, now, answer_until, to_json(list)?];
        Ok(self.rows(&TRANSMIT, parameters, |row| row.take())?.into_iter().collect())
    }

    /// Keeps claims longer; gives those that are still this node's.
    pub fn renew_leases(
        &mut self,
        node: &str,
        ids: &[DeliveryId],
        now: Timestamp,
        lease_until: Timestamp,
    ) -> Result<HashSet<DeliveryId>, Error> {
        let ids = crate::ids(ids.iter().map(|id| id.0));
        Ok(self.rows(&RENEW, vals![node, now, lease_until, ids], |row| row.take())?.into_iter().collect())
    }

    /// Notes what became of rows this node claimed. Rows that are another's by now are left alone,
    /// but an answer that comes late still settles an uncertain row. What a settled message other
    /// than an edition carried (tokens) is forgotten. Gives those that were settled.
    pub fn settle(
        &mut self,
        node: &str,
        list: &[(DeliveryId, Settled)],
        now: Timestamp,
    ) -> Result<HashSet<DeliveryId>, Error> {
        let rows: Vec<_> = list.iter().map(|(id, settled)| settled_row(*id, settled)).collect();
        Ok(self.rows(&SETTLE, vals![node, now, to_json(&rows)?], |row| row.take())?.into_iter().collect())
    }

    /// Takes rows from nodes that went away: claimed ones are queued again, transmitted ones are uncertain, or tried again
    /// where the newsletter promises never to lose one. A lease that ends later than `lease_max` was made by a clock that
    /// went astray and counts as over.
    pub fn sweep_leases(&mut self, now: Timestamp, lease_max: Timestamp) -> Result<Swept, Error> {
        Ok(Swept {
            queued: self.run(&LOST_CLAIMS, vals![now, lease_max])?,
            again: self.run(&LOST_AGAIN, vals![now, lease_max])?,
            uncertain: self.run(&LOST_ANSWERS, vals![now, lease_max])?,
        })
    }

    /// Sends uncertain ones again, with the same Message-ID, or those that a relay refused because of us: a person's
    /// decision. They are due now. Gives those that are queued.
    pub fn resend(&mut self, ids: &[DeliveryId], now: Timestamp) -> Result<Vec<DeliveryId>, Error> {
        self.rows(&RESEND, vals![now, crate::ids(ids.iter().map(|id| id.0))], |row| row.take())
    }

    /// Notes that a person leaves uncertain ones as they are. They stay uncertain in the books. Gives those that were open.
    pub fn leave_uncertain(&mut self, ids: &[DeliveryId]) -> Result<Vec<DeliveryId>, Error> {
        self.rows(&LEAVE_UNCERTAIN, vals![crate::ids(ids.iter().map(|id| id.0))], |row| row.take())
    }

    /// What would wait until a time after `later` may be tried now, unless it waits longer than until `never`: a clock
    /// that went astray said so. Gives how many.
    pub fn hasten_deliveries(&mut self, now: Timestamp, later: Timestamp, never: Timestamp) -> Result<u64, Error> {
        self.run(&HASTEN, vals![now, later, never])
    }

    /// Gives up what was due before `due_before` and still waits. Looks at all that waits: for a
    /// chore, not for every round. Gives how many.
    pub fn expire_deliveries(&mut self, now: Timestamp, due_before: Timestamp) -> Result<u64, Error> {
        self.run(&EXPIRE, vals![now, due_before])
    }

    /// Stops what still waits of an occasion: an edition pulled back. Gives how many.
    pub fn suppress_occasion(&mut self, occasion: &Occasion, reason: &str, now: Timestamp) -> Result<u64, Error> {
        self.run(&SUPPRESS_OCCASION, vals![occasion.key(), now, reason])
    }

    /// Stops editions that still wait for somebody who left. Gives how many.
    pub fn suppress_editions_of(
        &mut self,
        subscriber: SubscriberId,
        reason: &str,
        now: Timestamp,
    ) -> Result<u64, Error> {
        self.run(&SUPPRESS_OF, vals![subscriber, now, reason])
    }

    pub(crate) fn forget_deliveries_of(&mut self, subscriber: SubscriberId) -> Result<(), Error> {
        self.run(&FORGET_OF, vals![subscriber]).map(drop)
    }
}

impl Settled {
    /// Whether nothing more will happen to it by itself.
    fn is_over(&self) -> bool {
        match self {
            Settled::Sent { .. } | Settled::Refused { .. } | Settled::Suppressed { .. } | Settled::Expired => true,
            Settled::Deferred { .. } | Settled::Uncertain { .. } | Settled::Returned { .. } => false,
        }
    }
}

type SettledRow<'a> =
    (DeliveryId, &'static str, Option<&'a str>, Option<&'a str>, Option<String>, Option<Timestamp>, i64, i64);

fn settled_row(id: DeliveryId, settled: &Settled) -> SettledRow<'_> {
    let clean = |reply: &str| Some(reply.replace('\0', ""));
    let over = i64::from(settled.is_over());
    match settled {
        Settled::Sent { relay, reply } => (id, "sent", Some(relay), None, clean(reply), None, 0, over),
        Settled::Deferred { relay, code, reply, next_at } => {
            (id, "deferred", Some(relay), Some(code), clean(reply), Some(*next_at), 0, over)
        }
        Settled::Refused { relay, code, reply } => {
            (id, "refused", Some(relay), Some(code), clean(reply), None, 0, over)
        }
        Settled::Uncertain { relay, reply } => (id, "uncertain", Some(relay), None, clean(reply), None, 0, over),
        Settled::Suppressed { reason } => (id, "suppressed", None, None, clean(reason), None, 0, over),
        Settled::Expired => (id, "expired", None, None, None, None, 0, over),
        Settled::Returned { next_at } => (id, "queued", None, None, None, Some(*next_at), 1, over),
    }
}

fn sum(counts: Vec<(DeliveryState, u64)>) -> Books {
    let mut books = Books::default();
    for (state, count) in counts {
        books.enter(state, count);
    }
    books
}

fn delivery(row: &mut Row) -> Result<Delivery, Error> {
    let (id, occasion) = (row.take()?, row.parse(Occasion::parse)?);
    let (subscriber, staff): (Option<SubscriberId>, Option<StaffId>) = (row.take()?, row.take()?);
    let recipient = subscriber
        .map(Recipient::Subscriber)
        .or(staff.map(Recipient::Staff))
        .ok_or_else(|| Error::Broken(format!("The delivery {id} has no recipient.")))?;
    Ok(Delivery {
        id,
        occasion,
        recipient,
        state: row.parse(DeliveryState::parse)?,
        dated: row.take()?,
        due_at: row.take()?,
        attempt: row.take()?,
        payload: row.take()?,
    })
}

fn line(row: &mut Row) -> Result<DeliveryLine, Error> {
    Ok(DeliveryLine {
        delivery: delivery(row)?,
        edition: row.take()?,
        settled_at: row.take()?,
        relay: row.take()?,
        code: row.take()?,
        reply: row.take()?,
    })
}
