//! Dated issues of a newsletter, what could be in them and what the editor made of it.
//! Never chooses; that is `newsroom::edition`.

use crate::db::value::to_json;
use crate::db::{Row, statements, vals};
use crate::public::public;
use crate::{Change, Error, View};
use newsroom::edition::{Candidate, EditionState};
use newsroom::id::{ArticleId, EditionId, StaffId};
use newsroom::language::Language;
use newsroom::slug::Slug;
use newsroom::time::{Day, Timestamp};

/// One issue: a newsletter, a date, a language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edition {
    pub id: EditionId,
    pub newsletter: Slug,
    pub date: Day,
    pub language: Language,
    pub state: EditionState,
    /// Grows with every change after the first approval.
    pub revision: u32,
    /// Empty = made from the first item.
    pub subject: String,
    pub preheader: String,
    /// The editor's intro.
    pub note: String,
    pub made_at: Timestamp,
    pub approved_by: Option<StaffId>,
    pub approved_at: Option<Timestamp>,
    /// Set when it went out without an approval.
    pub automatic_at: Option<Timestamp>,
    /// Articles live since then are candidates.
    pub candidates_from: Timestamp,
    pub sent_at: Option<Timestamp>,
}

/// What the editor did with one article of an edition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditionItem {
    pub article: ArticleId,
    pub position: u32,
    pub pinned_at: Option<Timestamp>,
    pub dropped_at: Option<Timestamp>,
}

macro_rules! edition_columns {
    () => {
        "id, newsletter, date, language, state, revision, subject, preheader, note, made_at, approved_by, approved_at, \
         automatic_at, candidates_from, sent_at"
    };
}

statements! {
    EDITION = concat!("select ", edition_columns!(), " from editions where id = ?1");
    EDITION_OF = concat!("select ", edition_columns!(), " from editions where newsletter = ?1 and date = ?2 and language = ?3");
    EDITIONS_OF = concat!("select ", edition_columns!(), " from editions where newsletter = ?1 and date = ?2 order by language");
    EDITIONS = concat!("select ", edition_columns!(), " from editions where newsletter = ?1 and language = ?2 and date < ?3 order by date desc limit ?4");
    LATEST = concat!("select ", edition_columns!(), " from editions order by date desc, newsletter, language limit ?1");
    IN_STATE = concat!("select ", edition_columns!(), " from editions where state = ?1 order by date, newsletter, language limit ?2");
    ADD = "insert into editions (id, newsletter, date, language, state, revision, subject, preheader, note, made_at, \
        approved_by, approved_at, automatic_at, candidates_from, sent_at) \
        values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)";
    SAVE = "update editions set newsletter = ?2, date = ?3, language = ?4, state = ?5, revision = ?6, subject = ?7, \
        preheader = ?8, note = ?9, made_at = ?10, approved_by = ?11, approved_at = ?12, automatic_at = ?13, \
        candidates_from = ?14, sent_at = ?15 where id = ?1";
    ITEMS = "select article, position, pinned_at, dropped_at from edition_items where edition = ?1 order by position, article";
    FORGET_ITEMS = "delete from edition_items where edition = ?1";
    ADD_ITEMS = "insert into edition_items (edition, article, position, pinned_at, dropped_at) \
        select ?1, cast(value->>0 as bigint), cast(value->>1 as bigint), cast(value->>2 as bigint), cast(value->>3 as bigint) \
        from {{rows ?2}} where true";
    CANDIDATES = concat!("select a.id, a.work, a.language, a.section, a.published_at from public_articles a \
        where a.published_at >= ?2 and ", public!(), " order by a.published_at desc, a.id desc limit ?3");
    CANDIDATES_AMONG = concat!("select a.id, a.work, a.language, a.section, a.published_at from public_articles a \
        where a.work in (select work from articles where id in {{ids ?2}}) and ", public!());
}

impl View<'_> {
    /// One issue.
    pub fn edition(&self, id: EditionId) -> Result<Option<Edition>, Error> {
        self.one(&EDITION, vals![id], edition)
    }

    /// The issue of one date in one language.
    pub fn edition_of(&self, newsletter: &Slug, date: Day, language: &Language) -> Result<Option<Edition>, Error> {
        self.one(&EDITION_OF, vals![newsletter, &date, language], edition)
    }

    /// The issues of one date in every language.
    pub fn editions_of(&self, newsletter: &Slug, date: Day) -> Result<Vec<Edition>, Error> {
        self.rows(&EDITIONS_OF, vals![newsletter, &date], edition)
    }

    /// Earlier issues in one language, newest first: the archive. `before` = `None` begins at the newest.
    pub fn editions(
        &self,
        newsletter: &Slug,
        language: &Language,
        before: Option<Day>,
        limit: usize,
    ) -> Result<Vec<Edition>, Error> {
        let before = before.map_or_else(|| "9999-12-31".to_owned(), |day| day.to_string());
        let limit = limit.min(crate::ROWS_PER_PAGE_MAX);
        self.rows(&EDITIONS, vals![newsletter, language, before, limit], edition)
    }

    /// The newest issues of all newsletters.
    pub fn latest_editions(&self, limit: usize) -> Result<Vec<Edition>, Error> {
        self.rows(&LATEST, vals![limit.min(crate::ROWS_PER_PAGE_MAX)], edition)
    }

    /// Issues in one state, the oldest first.
    pub fn editions_in(&self, state: EditionState, limit: usize) -> Result<Vec<Edition>, Error> {
        self.rows(&IN_STATE, vals![state.key(), limit.min(crate::ROWS_PER_PAGE_MAX)], edition)
    }

    /// What the editor pinned, ordered or dropped, by position.
    pub fn edition_items(&self, id: EditionId) -> Result<Vec<EditionItem>, Error> {
        self.rows(&ITEMS, vals![id], |row| {
            Ok(EditionItem {
                article: row.take()?,
                position: row.take()?,
                pinned_at: row.take()?,
                dropped_at: row.take()?,
            })
        })
    }

    /// Public articles of every language first published at or after `from`, newest first; none is pinned.
    pub fn candidates(&self, from: Timestamp, now: Timestamp, limit: usize) -> Result<Vec<Candidate>, Error> {
        self.rows(&CANDIDATES, vals![now, from, limit.min(crate::ROWS_PER_PAGE_MAX)], candidate)
    }

    /// Public versions, in every language, of the works of `articles`: pins older than the others.
    pub fn candidates_among(&self, articles: &[ArticleId], now: Timestamp) -> Result<Vec<Candidate>, Error> {
        self.rows(&CANDIDATES_AMONG, vals![now, crate::ids(articles.iter().map(|id| id.0))], candidate)
    }
}

impl Change<'_> {
    /// Errs with `editions_once` if there is one of this newsletter, date and language.
    pub fn add_edition(&mut self, edition: &Edition) -> Result<(), Error> {
        self.run(&ADD, &edition_vals(edition)).map(drop)
    }

    /// Keeps everything about an issue but its items.
    pub fn save_edition(&mut self, edition: &Edition) -> Result<(), Error> {
        self.run(&SAVE, &edition_vals(edition)).map(drop)
    }

    /// Keeps what the editor did with the articles, in place of what was kept before.
    pub fn save_edition_items(&mut self, id: EditionId, items: &[EditionItem]) -> Result<(), Error> {
        self.run(&FORGET_ITEMS, vals![id])?;
        if items.is_empty() {
            return Ok(());
        }
        let rows: Vec<_> =
            items.iter().map(|item| (item.article, item.position, item.pinned_at, item.dropped_at)).collect();
        self.run(&ADD_ITEMS, vals![id, to_json(&rows)?]).map(drop)
    }
}

fn edition_vals(edition: &Edition) -> [crate::db::Val; 15] {
    [
        edition.id.into(),
        (&edition.newsletter).into(),
        (&edition.date).into(),
        (&edition.language).into(),
        edition.state.key().into(),
        edition.revision.into(),
        (&edition.subject).into(),
        (&edition.preheader).into(),
        (&edition.note).into(),
        edition.made_at.into(),
        edition.approved_by.into(),
        edition.approved_at.into(),
        edition.automatic_at.into(),
        edition.candidates_from.into(),
        edition.sent_at.into(),
    ]
}

fn edition(row: &mut Row) -> Result<Edition, Error> {
    Ok(Edition {
        id: row.take()?,
        newsletter: row.take()?,
        date: row.take()?,
        language: row.take()?,
        state: row.parse(EditionState::parse)?,
        revision: row.take()?,
        subject: row.take()?,
        preheader: row.take()?,
        note: row.take()?,
        made_at: row.take()?,
        approved_by: row.take()?,
        approved_at: row.take()?,
        automatic_at: row.take()?,
        candidates_from: row.take()?,
        sent_at: row.take()?,
    })
}

fn candidate(row: &mut Row) -> Result<Candidate, Error> {
    Ok(Candidate {
        article: row.take()?,
        work: row.take()?,
        language: row.take()?,
        section: row.take()?,
        published_at: row.take()?,
        pinned: false,
    })
}
