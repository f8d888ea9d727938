//! How mail fares, by relay, by destination and by node, and which occasions are paused because a relay refused us.
//! Reports are for people to read; nothing is decided by them.

use crate::db::{Statement, statements, vals};
use crate::{Change, Error, View};
use newsroom::delivery::{Books, DeliveryState, Occasion};
use newsroom::time::Timestamp;
use std::collections::BTreeMap;

/// Why nothing more of an occasion leaves until a person lets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pause {
    pub at: Timestamp,
    pub relay: String,
    /// The relay's words.
    pub reason: String,
}

macro_rules! by_domain {
    ($domain:literal) => {
        concat!(
            "select lower(",
            $domain,
            "), d.state, count(*) from deliveries d join subscribers s on s.id = d.subscriber \
             where d.occasion = ?1 and s.address <> '' group by 1, 2"
        )
    };
}

statements! {
    BY_RELAY = "select coalesce(relay, ''), state, count(*) from deliveries where occasion = ?1 group by relay, state";
    BY_DOMAIN = by_domain!("substr(s.address, instr(s.address, '@') + 1)"), postgres by_domain!("split_part(s.address, '@', 2)");
    REPLIES = "select coalesce(code, ''), reply, count(*) from deliveries where occasion = ?1 and state = ?2 and reply is not null \
        group by code, reply order by 3 desc limit ?3";
    REPORT = "insert into mailrooms (node, at, report) values (?1, ?2, ?3) \
        on conflict (node) do update set at = excluded.at, report = excluded.report";
    FORGET_REPORTS = "delete from mailrooms where at < ?1";
    REPORTS = "select node, at, report from mailrooms where at >= ?1 order by node";
    PAUSE = "insert into pauses (occasion, at, relay, reason) values (?1, ?2, ?3, ?4) on conflict (occasion) do nothing";
    PAUSED = "select at, relay, reason from pauses where occasion = ?1";
    PAUSES = "select occasion, at, relay, reason from pauses order by at";
    GO_ON = "delete from pauses where occasion = ?1";
    UNPARK = "update deliveries set next_at = ?2 where occasion = ?1 and state in ('queued', 'deferred') and next_at > ?2";
}

impl View<'_> {
    /// The books of one occasion, relay by relay; what has not been near a relay stands under the empty name.
    pub fn books_by_relay(&self, occasion: &Occasion) -> Result<BTreeMap<String, Books>, Error> {
        self.books_by(&BY_RELAY, occasion)
    }

    /// The books of one occasion, by the domain of the subscribers' addresses.
    pub fn books_by_domain(&self, occasion: &Occasion) -> Result<BTreeMap<String, Books>, Error> {
        self.books_by(&BY_DOMAIN, occasion)
    }

    fn books_by(&self, statement: &'static Statement, occasion: &Occasion) -> Result<BTreeMap<String, Books>, Error> {
        let mut all: BTreeMap<String, Books> = BTreeMap::new();
        for (name, state, count) in self.rows(statement, vals![occasion.key()], |row| {
            Ok((row.take::<String>()?, row.parse(DeliveryState::parse)?, row.take()?))
        })? {
            all.entry(name).or_default().enter(state, count);
        }
        Ok(all)
    }

    /// What relays said of an occasion's deliveries in one state: class or code, words, how often; the most frequent first.
    /// The words may repeat an address.
    pub fn replies(
        &self,
        occasion: &Occasion,
        state: DeliveryState,
        limit: usize,
    ) -> Result<Vec<(String, String, u64)>, Error> {
        self.rows(&REPLIES, vals![occasion.key(), state.key(), limit.min(crate::ROWS_PER_PAGE_MAX)], |row| {
            Ok((row.take()?, row.take()?, row.take()?))
        })
    }

    /// What each node said at or after `since`: node, time, JSON.
    pub fn mailrooms(&self, since: Timestamp) -> Result<Vec<(String, Timestamp, String)>, Error> {
        self.rows(&REPORTS, vals![since], |row| Ok((row.take()?, row.take()?, row.take()?)))
    }

    /// Why an occasion is paused, if it is.
    pub fn paused(&self, occasion: &Occasion) -> Result<Option<Pause>, Error> {
        self.one(&PAUSED, vals![occasion.key()], |row| {
            Ok(Pause { at: row.take()?, relay: row.take()?, reason: row.take()? })
        })
    }

    /// Everything that is paused, the oldest first.
    pub fn pauses(&self) -> Result<Vec<(Occasion, Pause)>, Error> {
        self.rows(&PAUSES, &[], |row| {
            let occasion = row.parse(Occasion::parse)?;
            Ok((occasion, Pause { at: row.take()?, relay: row.take()?, reason: row.take()? }))
        })
    }
}

impl Change<'_> {
    /// Keeps what a node says of its mail, and forgets what was said before `forget_before`.
    pub fn report_mailroom(
        &mut self,
        node: &str,
        at: Timestamp,
        report: &str,
        forget_before: Timestamp,
    ) -> Result<(), Error> {
        self.run(&FORGET_REPORTS, vals![forget_before])?;
        self.run(&REPORT, vals![node, at, report]).map(drop)
    }

    /// Nothing more of the occasion leaves, on any node. Gives whether it was not paused before.
    pub fn pause_occasion(&mut self, occasion: &Occasion, pause: &Pause) -> Result<bool, Error> {
        let Pause { at, relay, reason } = pause;
        Ok(self.run(&PAUSE, vals![occasion.key(), *at, relay, reason])? > 0)
    }

    /// Lets a paused occasion go on: what waits of it is due now. Gives whether it was paused.
    pub fn let_occasion_go_on(&mut self, occasion: &Occasion, now: Timestamp) -> Result<bool, Error> {
        let was = self.run(&GO_ON, vals![occasion.key()])? > 0;
        if was {
            self.run(&UNPARK, vals![occasion.key(), now])?;
        }
        Ok(was)
    }
}
