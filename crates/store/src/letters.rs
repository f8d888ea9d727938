//! Letters besides the edition: breaking news and one letter to the readers of a newsletter, from the first button on.
//! One a day of each is let go; an index says so.

use crate::db::value::to_json;
use crate::db::{Row, statements, vals};
use crate::{Change, Error, View};
use newsroom::breaking::Words;
use newsroom::id::{AlertId, ArticleId, OneOffId, StaffId};
use newsroom::language::Language;
use newsroom::segment::Rules;
use newsroom::slug::Slug;
use newsroom::time::{Day, Timestamp};

/// Breaking news, asked for or let go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    pub id: AlertId,
    pub article: ArticleId,
    pub language: Language,
    /// The newsroom's day.
    pub day: Day,
    pub words: Words,
    pub made_by: StaffId,
    pub made_at: Timestamp,
    pub released_by: Option<StaffId>,
    pub released_at: Option<Timestamp>,
}

/// One letter, written or let go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OneOff {
    pub id: OneOffId,
    pub newsletter: Slug,
    pub language: Language,
    pub day: Day,
    /// What the segment was called; empty: everybody who gets the newsletter.
    pub segment: String,
    /// The rules as they were, the newsletter among them.
    pub rules: Rules,
    pub title: String,
    pub preheader: String,
    /// Markdown.
    pub body: String,
    pub made_by: StaffId,
    pub made_at: Timestamp,
    pub released_by: Option<StaffId>,
    pub released_at: Option<Timestamp>,
}

statements! {
    ADD_ALERT = "insert into alerts (id, article, language, day, words, made_by, made_at) values (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    ALERT = "select id, article, language, day, words, made_by, made_at, released_by, released_at from alerts where id = ?1";
    ALERT_ON = "select id, article, language, day, words, made_by, made_at, released_by, released_at from alerts \
        where day = ?1 and language = ?2 and released_at is not null";
    /// Errs with `alerts_day` where one was let go that day.
    RELEASE_ALERT = "update alerts set released_by = ?2, released_at = ?3 where id = ?1 and released_at is null";
    ADD_ONE_OFF = "insert into one_offs (id, newsletter, language, day, segment, rules, title, preheader, body, made_by, made_at) \
        values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
    ONE_OFF = "select id, newsletter, language, day, segment, rules, title, preheader, body, made_by, made_at, released_by, \
        released_at from one_offs where id = ?1";
    ONE_OFFS = "select id, newsletter, language, day, segment, rules, title, preheader, body, made_by, made_at, released_by, \
        released_at from one_offs where id < ?1 order by id desc limit ?2";
    RELEASE_ONE_OFF = "update one_offs set released_by = ?2, released_at = ?3, day = ?4 where id = ?1 and released_at is null";
}

impl View<'_> {
    pub fn alert(&self, id: AlertId) -> Result<Option<Alert>, Error> {
        self.one(&ALERT, vals![id], alert)
    }

    /// What was let go on a day in a language.
    pub fn alert_on(&self, day: Day, language: &Language) -> Result<Option<Alert>, Error> {
        self.one(&ALERT_ON, vals![&day, language], alert)
    }

    pub fn one_off(&self, id: OneOffId) -> Result<Option<OneOff>, Error> {
        self.one(&ONE_OFF, vals![id], one_off)
    }

    /// The newest letters, written or let go.
    pub fn one_offs(&self, after: Option<OneOffId>, limit: usize) -> Result<Vec<OneOff>, Error> {
        let after = after.map_or(i64::MAX, |id| id.0);
        self.rows(&ONE_OFFS, vals![after, limit.min(crate::ROWS_PER_PAGE_MAX)], one_off)
    }
}

impl Change<'_> {
    /// Keeps what the first button asked for.
    pub fn add_alert(&mut self, alert: &Alert) -> Result<(), Error> {
        let Alert { id, article, language, day, words, made_by, made_at, .. } = alert;
        self.run(&ADD_ALERT, vals![*id, *article, language, day, to_json(words)?, *made_by, *made_at]).map(drop)
    }

    /// Lets it go. False: it was let go before. Errs with `alerts_day` if another one was that day.
    pub fn release_alert(&mut self, id: AlertId, by: StaffId, at: Timestamp) -> Result<bool, Error> {
        Ok(self.run(&RELEASE_ALERT, vals![id, by, at])? > 0)
    }

    /// Keeps a letter that was written.
    pub fn add_one_off(&mut self, letter: &OneOff) -> Result<(), Error> {
        let OneOff { id, newsletter, language, day, segment, rules, title, preheader, body, made_by, made_at, .. } =
            letter;
        let parameters =
            vals![*id, newsletter, language, day, segment, to_json(rules)?, title, preheader, body, *made_by, *made_at];
        self.run(&ADD_ONE_OFF, parameters).map(drop)
    }

    /// Lets it go on `day`. False: it was let go before. Errs with `one_offs_day` if the newsletter had one that day.
    pub fn release_one_off(&mut self, id: OneOffId, by: StaffId, at: Timestamp, day: Day) -> Result<bool, Error> {
        Ok(self.run(&RELEASE_ONE_OFF, vals![id, by, at, &day])? > 0)
    }
}

fn alert(row: &mut Row) -> Result<Alert, Error> {
    Ok(Alert {
        id: row.take()?,
        article: row.take()?,
        language: row.take()?,
        day: row.take()?,
        words: row.json()?,
        made_by: row.take()?,
        made_at: row.take()?,
        released_by: row.take()?,
        released_at: row.take()?,
    })
}

fn one_off(row: &mut Row) -> Result<OneOff, Error> {
    Ok(OneOff {
        id: row.take()?,
        newsletter: row.take()?,
        language: row.take()?,
        day: row.take()?,
        segment: row.take()?,
        rules: row.json()?,
        title: row.take()?,
        preheader: row.take()?,
        body: row.take()?,
        made_by: row.take()?,
        made_at: row.take()?,
        released_by: row.take()?,
        released_at: row.take()?,
    })
}
