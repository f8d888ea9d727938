//! How each node's mail fares, and which occasions are paused because a relay refused us.
//! Reports are for people to read; nothing is decided by them.

use crate::db::{statements, vals};
use crate::{Change, Error, View};
use newsroom::delivery::Occasion;
use newsroom::time::Timestamp;

/// Why nothing more of an occasion leaves until a person lets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pause {
    pub at: Timestamp,
    pub relay: String,
    /// The relay's words.
    pub reason: String,
}

statements! {
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
