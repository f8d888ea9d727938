//! Who did what, when: written with every verb, never changed.

use crate::db::{Row, statements, vals};
use crate::{Change, Error, View};
use newsroom::id::{LedgerId, StaffId};
use newsroom::time::Timestamp;

/// One line of the audit log. Never holds an address, a token or a text of readers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerLine {
    pub id: LedgerId,
    pub at: Timestamp,
    /// `None` = the clock or the command line.
    pub who: Option<StaffId>,
    /// `publish`, `correct`, `approve-edition` …
    pub verb: String,
    /// `article:0abc…`
    pub subject: String,
    pub detail: String,
}

statements! {
    WRITE = "insert into ledger (id, at, who, verb, subject, detail) values (?1, ?2, ?3, ?4, ?5, ?6)";
    LATEST = "select id, at, who, verb, subject, detail from ledger where (at, id) < (?1, ?2) order by at desc, id desc limit ?3";
    OF = "select id, at, who, verb, subject, detail from ledger where subject = ?1 order by at desc, id desc limit ?2";
}

impl View<'_> {
    /// Newest first, older than `after` (the last line of the page before).
    pub fn ledger(&self, after: Option<&LedgerLine>, limit: usize) -> Result<Vec<LedgerLine>, Error> {
        let (at, id) = after.map_or((i64::MAX, i64::MAX), |line| (line.at.0, line.id.0));
        self.rows(&LATEST, vals![at, id, limit.min(crate::ROWS_PER_PAGE_MAX)], line)
    }

    /// What was done to one thing, newest first.
    pub fn ledger_of(&self, subject: &str, limit: usize) -> Result<Vec<LedgerLine>, Error> {
        self.rows(&OF, vals![subject, limit.min(crate::ROWS_PER_PAGE_MAX)], line)
    }
}

impl Change<'_> {
    /// Writes a line; there is no way to change or delete one.
    pub fn write_ledger(&mut self, line: &LedgerLine) -> Result<(), Error> {
        let LedgerLine { id, at, who, verb, subject, detail } = line;
        self.run(&WRITE, vals![*id, *at, *who, verb, subject, detail]).map(drop)
    }
}

fn line(row: &mut Row) -> Result<LedgerLine, Error> {
    Ok(LedgerLine {
        id: row.take()?,
        at: row.take()?,
        who: row.take()?,
        verb: row.take()?,
        subject: row.take()?,
        detail: row.take()?,
    })
}
