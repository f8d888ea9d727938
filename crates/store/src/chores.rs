//! Work that follows from a change and is done by the clock: kept in the same transaction,
//! claimed with a lease by whichever node is free. Never knows what a chore does.

use crate::db::value::to_json;
use crate::db::{Row, statements, vals};
use crate::{Change, Error, View};
use newsroom::id::ChoreId;
use newsroom::time::Timestamp;

/// A chore that a node has claimed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chore {
    pub id: ChoreId,
    pub kind: String,
    pub subject: String,
    pub due_at: Timestamp,
    /// Tries so far, this one included.
    pub attempt: u32,
    pub last_error: Option<String>,
}

macro_rules! chore_columns {
    () => {
        "id, kind, subject, due_at, attempt, last_error"
    };
}

statements! {
    ADD = "insert into chores (id, kind, subject, due_at, state, attempt) values (?1, ?2, ?3, ?4, 'waiting', 0) \
        on conflict (kind, subject) where state = 'waiting' do update \
        set due_at = case when excluded.due_at < chores.due_at then excluded.due_at else chores.due_at end";
    CLAIM = concat!("update chores set state = 'running', lease_until = ?1, attempt = attempt + 1 \
        where state = 'waiting' and id in \
        (select id from chores where state = 'waiting' and due_at <= ?2 and kind in {{texts ?4}} order by due_at, id limit ?3) \
        returning ", chore_columns!()),
        postgres concat!("update chores set state = 'running', lease_until = ?1, attempt = attempt + 1 \
        where state = 'waiting' and id = any \
        (array(select id from chores where state = 'waiting' and due_at <= ?2 and kind in {{texts ?4}} \
        order by due_at, id limit ?3 for update skip locked)) \
        returning ", chore_columns!());
    LOST = "update chores set state = 'waiting', lease_until = null, last_error = 'its node went away' \
        where state = 'running' and lease_until <= ?1 and not exists (select 1 from chores w \
        where w.state = 'waiting' and w.kind = chores.kind and w.subject = chores.subject)";
    LOST_AND_REPLACED = "delete from chores where state = 'running' and lease_until <= ?1";
    FINISH = "delete from chores where id = ?1 and state = 'running'";
    RETRY = "update chores set state = 'waiting', due_at = ?2, last_error = ?3, lease_until = null \
        where id = ?1 and state = 'running' and not exists (select 1 from chores w \
        where w.state = 'waiting' and w.kind = chores.kind and w.subject = chores.subject)";
    GIVE_UP = "update chores set state = 'failed', last_error = ?2, lease_until = null where id = ?1 and state = 'running'";
    FAILED = concat!("select ", chore_columns!(), " from chores where state = 'failed' order by due_at desc, id limit ?1");
    NEXT = "select due_at from chores where state = 'waiting' order by due_at limit 1";
    COUNT = "select count(*) from chores where state = 'waiting' and due_at <= ?1";
    READY = "select 1 from chores where kind in {{texts ?2}} and (state = 'waiting' and due_at <= ?1 \
        or state = 'running' and lease_until <= ?1) limit 1";
}

impl View<'_> {
    /// Chores that were given up, newest first.
    pub fn chores_failed(&self, limit: usize) -> Result<Vec<Chore>, Error> {
        self.rows(&FAILED, vals![limit.min(crate::ROWS_PER_PAGE_MAX)], chore)
    }

    /// When the next chore is due.
    pub fn next_chore_at(&self) -> Result<Option<Timestamp>, Error> {
        self.one(&NEXT, &[], |row| row.take())
    }

    /// Whether a chore of these kinds can be claimed.
    pub fn has_chore(&self, kinds: &[&str], now: Timestamp) -> Result<bool, Error> {
        Ok(self.one(&READY, vals![now, to_json(kinds)?], |row| row.take::<i64>())?.is_some())
    }

    /// How many chores are due and not done.
    pub fn chores_due(&self, now: Timestamp) -> Result<u64, Error> {
        Ok(self.one(&COUNT, vals![now], |row| row.take())?.unwrap_or_default())
    }
}

impl Change<'_> {
    /// Adds a chore; if one of the same kind and subject waits already, the earlier time holds.
    pub fn add_chore(&mut self, id: ChoreId, kind: &str, subject: &str, due_at: Timestamp) -> Result<(), Error> {
        self.run(&ADD, vals![id, kind, subject, due_at]).map(drop)
    }

    /// Claims what is due of these kinds, the oldest first, until `lease_until`. Chores of nodes that went away come
    /// back.
    pub fn claim_chores(
        &mut self,
        kinds: &[&str],
        now: Timestamp,
        lease_until: Timestamp,
        limit: usize,
    ) -> Result<Vec<Chore>, Error> {
        self.run(&LOST, vals![now])?;
        self.run(&LOST_AND_REPLACED, vals![now])?;
        let mut claimed =
            self.rows(&CLAIM, vals![lease_until, now, limit.min(crate::ROWS_PER_PAGE_MAX), to_json(kinds)?], chore)?;
        claimed.sort_by_key(|chore| (chore.due_at, chore.id));
        Ok(claimed)
    }

    /// It is done; nothing of it stays.
    pub fn finish_chore(&mut self, id: ChoreId) -> Result<(), Error> {
        self.run(&FINISH, vals![id]).map(drop)
    }

    /// Does it again at `due_at`; if a newer one of its kind waits, that one is enough.
    pub fn retry_chore(&mut self, id: ChoreId, due_at: Timestamp, error: &str) -> Result<(), Error> {
        if self.run(&RETRY, vals![id, due_at, error])? == 0 {
            self.finish_chore(id)?;
        }
        Ok(())
    }

    /// Leaves it undone, where the status page shows it.
    pub fn give_up_chore(&mut self, id: ChoreId, error: &str) -> Result<(), Error> {
        self.run(&GIVE_UP, vals![id, error]).map(drop)
    }
}

fn chore(row: &mut Row) -> Result<Chore, Error> {
    Ok(Chore {
        id: row.take()?,
        kind: row.take()?,
        subject: row.take()?,
        due_at: row.take()?,
        attempt: row.take()?,
        last_error: row.take()?,
    })
}
