//! Articles as the newsroom sees them: every state, every revision, locks, corrections.
//! What readers see is asked in `public.rs`.

use crate::db::value::{from_json, to_json};
use crate::db::{Row, Val, statements, vals};
use crate::public::ShownRevision;
use crate::{Change, Error, View};
use newsroom::article::{Article, Byline, BylineRole, Copy, Correction, Credits, Revision, State};
use newsroom::id::{ArticleId, StaffId, WorkId};
use newsroom::language::{Language, Length};
use newsroom::slug::Slug;
use newsroom::surrogate;
use newsroom::time::Timestamp;

/// One line of the list of revisions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevisionLine {
    pub number: u32,
    pub at: Timestamp,
    pub by: Option<StaffId>,
    pub by_name: Option<String>,
    pub headline: String,
    pub note: String,
}

/// One line of the desk's list of articles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeskLine {
    pub id: ArticleId,
    pub work: WorkId,
    pub language: Language,
    pub section: Slug,
    pub slug: Slug,
    pub state: State,
    pub headline: String,
    pub writer: Option<StaffId>,
    pub writer_name: Option<String>,
    pub changed_at: Timestamp,
    pub scheduled_for: Option<Timestamp>,
    pub embargo_until: Option<Timestamp>,
    pub published_at: Option<Timestamp>,
    pub revision: u32,
    pub published_revision: Option<u32>,
    pub lock: Option<Lock>,
}

/// Somebody writes here at this moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lock {
    pub holder: StaffId,
    pub holder_name: String,
    pub since: Timestamp,
    pub until: Timestamp,
}

/// Which articles a desk list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeskList {
    All,
    In(State),
    By(StaffId),
}

macro_rules! article_columns {
    () => {
        "a.id, a.work, a.language, a.section, a.slug, a.state, a.writer, a.created_at, a.scheduled_for, a.embargo_until, \
         a.published_at, a.updated_at, a.withdrawn_at, a.withdrawal_reason, a.revision, a.published_revision"
    };
}
pub(crate) use article_columns;

macro_rules! revision_columns {
    () => {
        "r.number, r.made_at, r.made_by, r.kicker, r.headline, r.short_search, r.short_social, r.short_mail, r.standfirst, \
         r.dateline, r.body, r.lead, r.note, r.words, r.characters"
    };
}
pub(crate) use revision_columns;

macro_rules! desk_lines {
    ($where:literal) => {
        concat!(
            "select a.id, a.work, a.language, a.section, a.slug, a.state, r.headline, a.writer, w.name, a.changed_at, \
             a.scheduled_for, a.embargo_until, a.published_at, a.revision, a.published_revision, a.lock_holder, h.name, \
             a.locked_at, a.lock_until from articles a left join revisions r on r.article = a.id and r.number = a.revision \
             left join staff w on w.id = a.writer left join staff h on h.id = a.lock_holder where ",
            $where,
            " (a.changed_at, a.id) < (?1, ?2) order by a.changed_at desc, a.id desc limit ?3"
        )
    };
}

statements! {
    ARTICLE = concat!("select ", article_columns!(), " from articles a where a.id = ?1");
    ARTICLE_IN = concat!("select ", article_columns!(), " from articles a where a.work = ?1 and a.language = ?2");
    DESK_ARTICLE_AT = concat!("select ", article_columns!(), " from articles a where a.language = ?1 and a.section = ?2 and a.slug = ?3");
    ARTICLES_OF_WORK = concat!("select ", article_columns!(), " from articles a where a.work = ?1 order by a.language");
    ADD = "insert into articles (id, work, language, section, slug, state, writer, created_at, changed_at, scheduled_for, \
        embargo_until, published_at, updated_at, withdrawn_at, withdrawal_reason, revision, published_revision) \
        values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?17, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)";
    SAVE = "update articles set work = ?2, language = ?3, section = ?4, slug = ?5, state = ?6, writer = ?7, \
        created_at = ?8, changed_at = ?17, scheduled_for = ?9, embargo_until = ?10, published_at = ?11, updated_at = ?12, \
        withdrawn_at = ?13, withdrawal_reason = ?14, revision = ?15, published_revision = ?16 where id = ?1";
    WAITING = "select waiting from articles where id = ?1 and waiting is not null";
    KEEP_WAITING = "update articles set waiting = ?2 where id = ?1";
    BYLINES = "select author, role from article_bylines where article = ?1 order by position";
    TOPICS = "select topic from article_topics where article = ?1 order by position";
    FORGET_BYLINES = "delete from article_bylines where article = ?1";
    FORGET_TOPICS = "delete from article_topics where article = ?1";
    UNLIST = "delete from listed where article = ?1";
    LIST = "insert into listed (kind, slug, language, published_at, article) \
        select 'topic', topic, ?2, cast(?3 as bigint), article from article_topics where article = ?1 union \
        select 'author', author, ?2, cast(?3 as bigint), article from article_bylines where article = ?1";
    ADD_BYLINES = "insert into article_bylines (article, position, author, role) \
        select ?1, cast(value->>0 as bigint), value->>1, value->>2 from {{rows ?2}} where true";
    ADD_TOPICS = "insert into article_topics (article, position, topic) \
        select ?1, cast(value->>0 as bigint), value->>1 from {{rows ?2}} where true";
    ADD_REVISION = "insert into revisions (article, number, made_at, made_by, kicker, headline, short_search, short_social, \
        short_mail, standfirst, dateline, body, lead, note, words, characters, lead_picture) \
        values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)";
    SHOW_REVISION = "update revisions set shown_at = ?3 where article = ?1 and number = ?2 and shown_at is null";
    HIDE_EARLIER = "update revisions set hidden_at = ?3 where article = ?1 and number < ?2 and shown_at is not null \
        and hidden_at is null";
    TOUCH = "update articles set changed_at = ?2 where id = ?1 and changed_at < ?2";
    REVISION = concat!("select ", revision_columns!(), " from revisions r where r.article = ?1 and r.number = ?2");
    SHOWN_BEFORE = concat!("select ", revision_columns!(), ", r.shown_at, r.hidden_at from revisions r \
        where r.article = ?1 and r.number < ?2 and r.shown_at is not null order by r.number");
    REVISIONS = "select r.number, r.made_at, r.made_by, s.name, r.headline, r.note from revisions r \
        left join staff s on s.id = r.made_by where r.article = ?1 order by r.number desc limit ?2";
    ADD_CORRECTION = "insert into corrections (id, article, made_at, text, made_by) values (?1, ?2, ?3, ?4, ?5)";
    CORRECTIONS = "select id, article, made_at, text, made_by from corrections where article = ?1 order by made_at, id";
    DESK_ALL = desk_lines!("");
    DESK_IN = desk_lines!("a.state <> 'live' and a.state = ?4 and ");
    DESK_LIVE = desk_lines!("a.state = 'live' and ");
    DESK_BY = desk_lines!("a.writer = ?4 and ");
    COUNTS = "select state, count(*) from articles where state <> 'live' group by state \
        union all select state, count(*) from articles where state = 'live' group by state order by 1";
    SCHEDULED = "select id from articles where state = 'scheduled' and scheduled_for <= ?1 order by scheduled_for, id limit ?2";
    NEXT_SCHEDULED = "select scheduled_for from articles where state = 'scheduled' order by scheduled_for limit 1";
    LOCK = "update articles set lock_holder = ?2, lock_until = ?4, \
        locked_at = case when lock_holder = ?2 and lock_until > ?3 then locked_at else ?3 end \
        where id = ?1 and (lock_holder is null or lock_holder = ?2 or lock_until <= ?3)";
    TAKE_OVER = "update articles set lock_holder = ?2, locked_at = ?3, lock_until = ?4 where id = ?1";
    UNLOCK = "update articles set lock_holder = null, locked_at = null, lock_until = null where id = ?1 and lock_holder = ?2";
    LOCK_OF = "select a.lock_holder, s.name, a.locked_at, a.lock_until from articles a join staff s on s.id = a.lock_holder \
        where a.id = ?1 and a.lock_until > ?2";
    KEEP_FORMER = "insert into former_addresses (language, section, slug, article, left_at) values (?1, ?2, ?3, ?4, ?5) \
        on conflict (language, section, slug) do update set article = excluded.article, left_at = excluded.left_at";
    KEEP_ORIGIN = "insert into origins (source, name, subject) values (?1, ?2, ?3) \
        on conflict (source, name) do update set subject = excluded.subject";
    ORIGIN = "select subject from origins where source = ?1 and name = ?2";
}

impl View<'_> {
    /// One article in whatever state, with bylines and topics.
    pub fn article(&self, id: ArticleId) -> Result<Option<Article>, Error> {
        self.whole(self.one(&ARTICLE, vals![id], article)?)
    }

    /// The same as it was saved last: with names and topics that readers do not see yet.
    pub fn article_as_saved(&self, id: ArticleId) -> Result<Option<Article>, Error> {
        let Some(mut article) = self.article(id)? else { return Ok(None) };
        if let Some(waiting) = self.waiting(id)? {
            article.credit(waiting);
        }
        Ok(Some(article))
    }

    /// Names and topics that wait for the next publication of what is live.
    pub fn waiting(&self, article: ArticleId) -> Result<Option<Credits>, Error> {
        let found: Option<String> = self.one(&WAITING, vals![article], |row| row.take())?;
        found.map(|text| from_json(&text)).transpose()
    }

    /// The version of a work in one language.
    pub fn article_in(&self, work: WorkId, language: &Language) -> Result<Option<Article>, Error> {
        self.whole(self.one(&ARTICLE_IN, vals![work, language], article)?)
    }

    /// Whatever stands at an address, public or not.
    pub fn desk_article_at(&self, language: &Language, section: &Slug, slug: &Slug) -> Result<Option<Article>, Error> {
        self.whole(self.one(&DESK_ARTICLE_AT, vals![language, section, slug], article)?)
    }

    /// Every language version of a work.
    pub fn articles_of_work(&self, work: WorkId) -> Result<Vec<Article>, Error> {
        let found = self.rows(&ARTICLES_OF_WORK, vals![work], article)?;
        found.into_iter().filter_map(|article| self.whole(Some(article)).transpose()).collect()
    }

    /// The words of one revision.
    pub fn revision(&self, article: ArticleId, number: u32) -> Result<Option<Revision>, Error> {
        self.one(&REVISION, vals![article, number], |row| revision(article, row))
    }

    /// Revisions, newest first, without their texts.
    pub fn revisions(&self, article: ArticleId, limit: usize) -> Result<Vec<RevisionLine>, Error> {
        self.rows(&REVISIONS, vals![article, limit.min(crate::ROWS_PER_PAGE_MAX)], |row| {
            Ok(RevisionLine {
                number: row.take()?,
                at: row.take()?,
                by: row.take()?,
                by_name: row.take()?,
                headline: row.take()?,
                note: row.take()?,
            })
        })
    }

    /// Every revision before `number` that readers saw, oldest first, whatever became of the article since: for the
    /// desk, never for readers.
    pub fn shown_before(&self, article: ArticleId, number: u32) -> Result<Vec<ShownRevision>, Error> {
        self.rows(&SHOWN_BEFORE, vals![article, number], |row| shown_revision(article, row))
    }

    /// Corrections under one article, oldest first.
    pub fn corrections(&self, article: ArticleId) -> Result<Vec<Correction>, Error> {
        self.rows(&CORRECTIONS, vals![article], correction)
    }

    /// The desk's list, last changed first, older than `after` (the last line of the page before).
    pub fn desk_articles(
        &self,
        list: DeskList,
        after: Option<&DeskLine>,
        limit: usize,
    ) -> Result<Vec<DeskLine>, Error> {
        let (at, id) = after.map_or((i64::MAX, i64::MAX), |line| (line.changed_at.0, line.id.0));
        let limit = limit.min(crate::ROWS_PER_PAGE_MAX);
        match list {
            DeskList::All => self.rows(&DESK_ALL, vals![at, id, limit], desk_line),
            DeskList::In(State::Live) => self.rows(&DESK_LIVE, vals![at, id, limit], desk_line),
            DeskList::In(state) => self.rows(&DESK_IN, vals![at, id, limit, state.key()], desk_line),
            DeskList::By(staff) => self.rows(&DESK_BY, vals![at, id, limit, staff], desk_line),
        }
    }

    /// How many articles are in each state that has some.
    pub fn article_counts(&self) -> Result<Vec<(State, u64)>, Error> {
        self.rows(&COUNTS, &[], |row| Ok((row.parse(State::parse)?, row.take()?)))
    }

    /// Scheduled articles whose time has come, the oldest first.
    pub fn scheduled_due(&self, now: Timestamp, limit: usize) -> Result<Vec<ArticleId>, Error> {
        self.rows(&SCHEDULED, vals![now, limit.min(crate::ROWS_PER_PAGE_MAX)], |row| row.take())
    }

    /// When the next scheduled article is to go out.
    pub fn next_scheduled_at(&self) -> Result<Option<Timestamp>, Error> {
        self.one(&NEXT_SCHEDULED, &[], |row| row.take())
    }

    /// Who writes on it, unless the lock has run out.
    pub fn lock(&self, article: ArticleId, now: Timestamp) -> Result<Option<Lock>, Error> {
        self.one(&LOCK_OF, vals![article, now], |row| {
            Ok(Lock { holder: row.take()?, holder_name: row.take()?, since: row.take()?, until: row.take()? })
        })
    }

    /// What an import made of something before: an article's or a picture's number.
    pub fn origin(&self, source: &str, name: &str) -> Result<Option<i64>, Error> {
        self.one(&ORIGIN, vals![source, name], |row| row.take())
    }

    /// Adds bylines and topics.
    pub(crate) fn whole(&self, found: Option<Article>) -> Result<Option<Article>, Error> {
        let Some(mut article) = found else { return Ok(None) };
        article.bylines = self.rows(&BYLINES, vals![article.id], |row| {
            Ok(Byline { author: row.take()?, role: row.parse(BylineRole::parse)? })
        })?;
        article.topics = self.rows(&TOPICS, vals![article.id], |row| row.take())?;
        Ok(Some(article))
    }
}

impl Change<'_> {
    /// Keeps a new article with bylines and topics, without words. Errs with `articles_address` if
    /// its address is taken, with `articles_translation` if the work has this language.
    pub fn add_article(&mut self, article: &Article) -> Result<(), Error> {
        self.run(&ADD, &article_vals(article, article.created_at))?;
        self.keep_lists(article)?;
        self.touch(&surrogate::touched(None, article, article.created_at))
    }

    /// Keeps everything about an article but its words, with bylines and topics. Errs as
    /// [`Change::add_article`] does. Touches the keys of what readers see differently.
    pub fn save_article(&mut self, article: &Article, now: Timestamp) -> Result<(), Error> {
        let before = self.article(article.id)?;
        self.run(&SAVE, &article_vals(article, now))?;
        self.keep_lists(article)?;
        self.touch(&surrogate::touched(before.as_ref(), article, now))
    }

    /// Lets names and topics wait for the next publication; None: nothing waits any more.
    pub fn keep_waiting(&mut self, article: ArticleId, credits: Option<&Credits>) -> Result<(), Error> {
        self.run(&KEEP_WAITING, vals![article, credits.map(to_json).transpose()?]).map(drop)
    }

    /// Keeps the words. Errs with `revisions_pkey` if the number is taken: somebody else saved.
    pub fn add_revision(&mut self, revision: &Revision) -> Result<(), Error> {
        let Revision { article, number, at, by, copy, note, length } = revision;
        let lead = copy.lead.as_ref().map(to_json).transpose()?;
        let lead_picture = copy.lead.as_ref().and_then(|lead| lead.picture);
        let parameters = vals![
            *article,
            *number,
            *at,
            *by,
            &copy.kicker,
            &copy.headline,
            &copy.short_search,
            &copy.short_social,
            &copy.short_mail,
            &copy.standfirst,
            &copy.dateline,
            &copy.body,
            lead,
            note,
            length.words,
            length.characters,
            lead_picture
        ];
        self.run(&ADD_REVISION, parameters)?;
        self.run(&TOUCH, vals![*article, *at]).map(drop)
    }

    /// Readers see this revision from `at` on; the first time stays.
    pub fn show_revision(&mut self, article: ArticleId, number: u32, at: Timestamp) -> Result<(), Error> {
        self.run(&SHOW_REVISION, vals![article, number, at]).map(drop)
    }

    /// The words of revisions that readers saw before `number` are shown to no reader any more. Gives how many.
    pub fn hide_earlier(&mut self, article: ArticleId, number: u32, at: Timestamp) -> Result<u64, Error> {
        self.run(&HIDE_EARLIER, vals![article, number, at])
    }

    /// Puts a correction under an article for good.
    pub fn add_correction(&mut self, correction: &Correction) -> Result<(), Error> {
        let Correction { id, article, at, text, by } = correction;
        self.run(&ADD_CORRECTION, vals![*id, *article, *at, text, *by])?;
        let Some(corrected) = self.article(*article)? else { return Ok(()) };
        self.touch(&surrogate::touched_by_correction(&corrected))
    }

    /// Takes or renews the lock; gives whether it is ours now.
    pub fn lock_article(
        &mut self,
        article: ArticleId,
        staff: StaffId,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<bool, Error> {
        Ok(self.run(&LOCK, vals![article, staff, now, until])? > 0)
    }

    /// Takes the lock from whoever has it.
    pub fn take_over_lock(
        &mut self,
        article: ArticleId,
        staff: StaffId,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<(), Error> {
        self.run(&TAKE_OVER, vals![article, staff, now, until]).map(drop)
    }

    /// Lets the lock go, if it is still this person's.
    pub fn unlock_article(&mut self, article: ArticleId, staff: StaffId) -> Result<(), Error> {
        self.run(&UNLOCK, vals![article, staff]).map(drop)
    }

    /// Remembers where an article stood, so that old links lead to it.
    pub fn keep_former_address(
        &mut self,
        language: &Language,
        section: &Slug,
        slug: &Slug,
        article: ArticleId,
        left_at: Timestamp,
    ) -> Result<(), Error> {
        self.run(&KEEP_FORMER, vals![language, section, slug, article, left_at]).map(drop)
    }

    /// Remembers what an import made of something, so that importing again changes it instead.
    pub fn keep_origin(&mut self, source: &str, name: &str, subject: i64) -> Result<(), Error> {
        self.run(&KEEP_ORIGIN, vals![source, name, subject]).map(drop)
    }

    fn keep_lists(&mut self, article: &Article) -> Result<(), Error> {
        self.run(&FORGET_BYLINES, vals![article.id])?;
        self.run(&FORGET_TOPICS, vals![article.id])?;
        if !article.bylines.is_empty() {
            let rows: Vec<_> =
                article.bylines.iter().enumerate().map(|(at, b)| (at, &b.author, b.role.key())).collect();
            self.run(&ADD_BYLINES, vals![article.id, to_json(&rows)?])?;
        }
        if !article.topics.is_empty() {
            let rows: Vec<_> = article.topics.iter().enumerate().collect();
            self.run(&ADD_TOPICS, vals![article.id, to_json(&rows)?])?;
        }
        self.run(&UNLIST, vals![article.id])?;
        match article.published_at.filter(|_| article.state == State::Live) {
            Some(at) => self.run(&LIST, vals![article.id, &article.language, at]).map(drop),
            None => Ok(()),
        }
    }
}

fn article_vals(article: &Article, changed_at: Timestamp) -> [Val; 17] {
    [
        article.id.into(),
        article.work.into(),
        (&article.language).into(),
        (&article.section).into(),
        (&article.slug).into(),
        article.state.key().into(),
        article.writer.into(),
        article.created_at.into(),
        article.scheduled_for.into(),
        article.embargo_until.into(),
        article.published_at.into(),
        article.updated_at.into(),
        article.withdrawn_at.into(),
        article.withdrawal_reason.as_deref().into(),
        article.revision.into(),
        article.published_revision.into(),
        changed_at.into(),
    ]
}

pub(crate) fn article(row: &mut Row) -> Result<Article, Error> {
    Ok(Article {
        id: row.take()?,
        work: row.take()?,
        language: row.take()?,
        section: row.take()?,
        slug: row.take()?,
        state: row.parse(State::parse)?,
        writer: row.take()?,
        topics: Vec::new(),
        bylines: Vec::new(),
        created_at: row.take()?,
        scheduled_for: row.take()?,
        embargo_until: row.take()?,
        published_at: row.take()?,
        updated_at: row.take()?,
        withdrawn_at: row.take()?,
        withdrawal_reason: row.take()?,
        revision: row.take()?,
        published_revision: row.take()?,
    })
}

pub(crate) fn revision(article: ArticleId, row: &mut Row) -> Result<Revision, Error> {
    let (number, at, by) = (row.take()?, row.take()?, row.take()?);
    let copy = Copy {
        kicker: row.take()?,
        headline: row.take()?,
        short_search: row.take()?,
        short_social: row.take()?,
        short_mail: row.take()?,
        standfirst: row.take()?,
        dateline: row.take()?,
        body: row.take()?,
        lead: row.take::<Option<String>>()?.map(|text| from_json(&text)).transpose()?,
    };
    let note = row.take()?;
    let length = Length { words: row.take()?, characters: row.take()? };
    Ok(Revision { article, number, at, by, copy, note, length })
}

pub(crate) fn shown_revision(article: ArticleId, row: &mut Row) -> Result<ShownRevision, Error> {
    let revision = revision(article, row)?;
    Ok(ShownRevision { revision, shown_at: row.take()?, hidden_at: row.take()? })
}

fn correction(row: &mut Row) -> Result<Correction, Error> {
    Ok(Correction { id: row.take()?, article: row.take()?, at: row.take()?, text: row.take()?, by: row.take()? })
}

fn desk_line(row: &mut Row) -> Result<DeskLine, Error> {
    Ok(DeskLine {
        id: row.take()?,
        work: row.take()?,
        language: row.take()?,
        section: row.take()?,
        slug: row.take()?,
        state: row.parse(State::parse)?,
        headline: row.take::<Option<String>>()?.unwrap_or_default(),
        writer: row.take()?,
        writer_name: row.take()?,
        changed_at: row.take()?,
        scheduled_for: row.take()?,
        embargo_until: row.take()?,
        published_at: row.take()?,
        revision: row.take()?,
        published_revision: row.take()?,
        lock: {
            let holder: Option<StaffId> = row.take()?;
            let (name, since, until): (Option<String>, Option<Timestamp>, Option<Timestamp>) =
                (row.take()?, row.take()?, row.take()?);
            holder.zip(since).zip(until).map(|((holder, since), until)| Lock {
                holder,
                holder_name: name.unwrap_or_default(),
                since,
                until,
            })
        },
    })
}
