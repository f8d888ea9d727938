//! What came back for letters: reports, once each; what calls were taken; how much came in; who gets no more mail.
//! Never decides what follows.

use crate::db::{Row, statements, vals};
use crate::{Change, Error, View};
use newsroom::id::{DeliveryId, SubscriberId};
use newsroom::returned::{Class, Rates};
use newsroom::subscriber::Address;
use newsroom::time::{DAY, Timestamp};

/// A bounce or a complaint, as the desk classed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// How it came: `relay`, `smtp`, `lmtp`, `mailgun` …
    pub source: String,
    /// Its id there; the same one is kept once.
    pub name: String,
    pub subscriber: SubscriberId,
    pub delivery: Option<DeliveryId>,
    pub class: Class,
    pub at: Timestamp,
    /// What the other side said.
    pub detail: String,
}

/// An address that gets no more mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppression {
    /// The desk's HMAC of the address: all that is left of an erased one.
    pub address_hash: String,
    pub reason: String,
    pub made_at: Timestamp,
    /// Whose it is, if we still know.
    pub subscriber: Option<SubscriberId>,
    pub address: Option<Address>,
}

statements! {
    REPORT = "insert into reports (source, name, subscriber, delivery, class, at, detail) values (?1, ?2, ?3, ?4, ?5, ?6, ?7) \
        on conflict (source, name) do nothing";
    REPORTED = "select count(distinct coalesce(delivery, at)) from reports \
        where subscriber = ?1 and class = ?2 and at > ?3 and forgiven_at is null";
    PEOPLE = "select count(distinct subscriber) from reports where class = ?1 and at > ?2";
    REPORTS_OF = "select source, name, subscriber, delivery, class, at, detail from reports where subscriber = ?1 \
        order by at desc, name limit ?2";
    FORGIVE = "update reports set forgiven_at = ?2 where subscriber = ?1 and forgiven_at is null";
    BY_CLASS = "select class, count(*) from reports where class = ?1 and at > ?2 group by class";
    LETTERS = "select cast(coalesce(sum(made), 0) as bigint) from waves where frozen_at > ?1";
    TAKE_CALL = "insert into calls_taken (name, at) values (?1, ?2) on conflict (name) do nothing";
    LETTER_LEFT = "select 1 from letters_left where name = ?1";
    LEAVE_LETTER = "insert into letters_left (name, at) values (?1, ?2) on conflict (name) do nothing";
    SWEEP_LETTERS = "delete from letters_left where at < ?1";
    SWEEP_CALLS = "delete from calls_taken where at < ?1";
    CAME_IN = "insert into came_in (day, source, outcome, times) values (?1, ?2, ?3, 1) \
        on conflict (day, source, outcome) do update set times = came_in.times + 1";
    CAME = "select source, outcome, cast(sum(times) as bigint) from came_in where day >= ?1 \
        group by source, outcome order by source, outcome";
    SUPPRESSIONS = "select u.address_hash, u.reason, u.made_at, s.id, s.address from suppressions u \
        left join subscribers s on s.address_hash = u.address_hash and s.erased_at is null \
        where u.address_hash > ?1 order by u.address_hash limit ?2";
}

impl View<'_> {
    /// For how many different letters to one person reports of a class came after `since`, those forgiven left out.
    pub fn reports_since(&self, subscriber: SubscriberId, class: Class, since: Timestamp) -> Result<u64, Error> {
        Ok(self.one(&REPORTED, vals![subscriber, class.key(), since], |row| row.take())?.unwrap_or_default())
    }

    /// For how many different people reports of a class came after `since`.
    pub fn people_reported(&self, class: Class, since: Timestamp) -> Result<u64, Error> {
        Ok(self.one(&PEOPLE, vals![class.key(), since], |row| row.take())?.unwrap_or_default())
    }

    /// Whether a letter was looked at and left in the mailbox where it is.
    pub fn letter_is_left(&self, name: &str) -> Result<bool, Error> {
        self.any(&LETTER_LEFT, vals![name])
    }

    /// What came back for one person, newest first.
    pub fn reports_of(&self, subscriber: SubscriberId, limit: usize) -> Result<Vec<Report>, Error> {
        self.rows(&REPORTS_OF, vals![subscriber, limit.min(crate::ROWS_PER_PAGE_MAX)], |row| {
            Ok(Report {
                source: row.take()?,
                name: row.take()?,
                subscriber: row.take()?,
                delivery: row.take()?,
                class: row.parse(Class::parse)?,
                at: row.take()?,
                detail: row.take()?,
            })
        })
    }

    /// Letters of editions made after `since`, and what came back after it.
    pub fn rates_since(&self, since: Timestamp) -> Result<Rates, Error> {
        let mut rates = Rates {
            letters: self.one(&LETTERS, vals![since], |row| row.take())?.unwrap_or_default(),
            ..Rates::default()
        };
        for class in Class::ALL.into_iter().filter(|class| class.is_kept()) {
            let count: u64 = self
                .one(&BY_CLASS, vals![class.key(), since], |row| {
                    row.take::<String>()?;
                    row.take()
                })?
                .unwrap_or_default();
            rates.complaints += if class == Class::Complaint { count } else { 0 };
            rates.bounces += if class.is_bounce() { count } else { 0 };
        }
        Ok(rates)
    }

    /// What came in since the day of `since`: how, what became of it, how often.
    pub fn came_in(&self, since: Timestamp) -> Result<Vec<(String, String, u64)>, Error> {
        self.rows(&CAME, vals![since.0.div_euclid(DAY)], |row| Ok((row.take()?, row.take()?, row.take()?)))
    }

    /// Addresses that get no more mail, by hash, after the last one of the page before.
    pub fn suppressions(&self, after: Option<&str>, limit: usize) -> Result<Vec<Suppression>, Error> {
        self.rows(&SUPPRESSIONS, vals![after.unwrap_or(""), limit.min(crate::ROWS_PER_PAGE_MAX)], suppression)
    }
}

impl Change<'_> {
    /// Keeps what came back for a letter, once per (source, name): gives whether it was new.
    pub fn record_report(&mut self, report: &Report) -> Result<bool, Error> {
        let Report { source, name, subscriber, delivery, class, at, detail } = report;
        let detail = detail.replace('\0', "");
        Ok(self.run(&REPORT, vals![source, name, *subscriber, *delivery, class.key(), *at, detail])? > 0)
    }

    /// Reports for this person count no longer, but stay to be seen.
    pub fn forgive_reports(&mut self, subscriber: SubscriberId, at: Timestamp) -> Result<u64, Error> {
        self.run(&FORGIVE, vals![subscriber, at])
    }

    /// Takes a call by its one-time name; gives whether it is the first. Forgets those older than `before`.
    pub fn take_call(&mut self, name: &str, at: Timestamp, before: Timestamp) -> Result<bool, Error> {
        self.run(&SWEEP_CALLS, vals![before])?;
        Ok(self.run(&TAKE_CALL, vals![name, at])? > 0)
    }

    /// Remembers that a letter stays in the mailbox where it is; forgets those remembered before `before`.
    pub fn leave_letter(&mut self, name: &str, at: Timestamp, before: Timestamp) -> Result<(), Error> {
        self.run(&SWEEP_LETTERS, vals![before])?;
        self.run(&LEAVE_LETTER, vals![name, at]).map(drop)
    }

    /// Counts something that came in, and what became of it.
    pub fn count_arrival(&mut self, source: &str, outcome: &str, at: Timestamp) -> Result<(), Error> {
        self.run(&CAME_IN, vals![at.0.div_euclid(DAY), source, outcome]).map(drop)
    }
}

fn suppression(row: &mut Row) -> Result<Suppression, Error> {
    Ok(Suppression {
        address_hash: row.take()?,
        reason: row.take()?,
        made_at: row.take()?,
        subscriber: row.take()?,
        address: row.take::<Option<String>>()?.and_then(|text| Address::parse(&text).ok()),
    })
}
