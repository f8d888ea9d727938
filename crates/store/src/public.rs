//! What readers can see, and nothing else: every page, feed, search, sitemap and picture asks here.
//! All of it goes through the view `public_articles` and the guard [`public!`].

use crate::articles::{article_columns, revision, revision_columns};
use crate::db::value::from_json;
use crate::db::{Row, statements, vals};
use crate::{Error, View};
use newsroom::article::{Article, Correction, LeadPicture, Revision};
use newsroom::id::{ArticleId, WorkId};
use newsroom::language::{Language, Length};
use newsroom::publication::Author;
use newsroom::slug::Slug;
use newsroom::time::Timestamp;
use std::collections::HashMap;

/// The part of "public" that depends on the time: `?1` is now, `a` a row of `public_articles`.
/// A test holds every statement that names the view to it.
macro_rules! public {
    () => {
        "a.published_at <= ?1 and (a.embargo_until is null or a.embargo_until <= ?1)"
    };
}
pub(crate) use public;

/// An article as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    pub id: ArticleId,
    pub work: WorkId,
    pub language: Language,
    pub section: Slug,
    pub slug: Slug,
    pub kicker: String,
    pub headline: String,
    pub short_mail: String,
    pub standfirst: String,
    pub published_at: Timestamp,
    pub updated_at: Option<Timestamp>,
    pub length: Length,
    /// In the order of the byline; a name, or the slug if the author is not kept.
    pub authors: Vec<AuthorName>,
    pub lead: Option<CardPicture>,
}

/// A name in a byline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorName {
    pub slug: Slug,
    pub name: String,
}

/// A lead picture with what a page needs to make room for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardPicture {
    pub lead: LeadPicture,
    pub hash: String,
    pub format: String,
    pub width: u32,
    pub height: u32,
    pub colour: String,
}

/// A whole article as readers see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    pub article: Article,
    /// The published one, not the newest.
    pub revision: Revision,
    pub lead: Option<CardPicture>,
    /// In the order of the byline; authors that are not kept are left out.
    pub authors: Vec<Author>,
    /// Oldest first.
    pub corrections: Vec<Correction>,
    /// Every revision that readers saw, oldest first: number, since when, the line on what changed (the first has none).
    pub changes: Vec<(u32, Timestamp, String)>,
    /// Public versions in other languages.
    pub translations: Vec<Translation>,
}

/// One state of an article that readers saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownRevision {
    pub revision: Revision,
    pub shown_at: Timestamp,
    /// Since when its words are shown to nobody any more.
    pub hidden_at: Option<Timestamp>,
}

/// Another language version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Translation {
    pub article: ArticleId,
    pub language: Language,
    pub section: Slug,
    pub slug: Slug,
    pub headline: String,
}

/// What stands at an address that is not a public article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Elsewhere {
    /// Taken back for good; the page says why.
    Withdrawn { at: Timestamp, reason: String },
    /// It stands at another address now.
    Moved { section: Slug, slug: Slug },
}

/// A correction as the page of corrections shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CorrectionLine {
    pub correction: Correction,
    pub language: Language,
    pub section: Slug,
    pub slug: Slug,
    pub headline: String,
}

/// Which public articles a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listing<'a> {
    Latest,
    Section(&'a Slug),
    Topic(&'a Slug),
    Author(&'a Slug),
    /// Published from the first instant, before the second.
    Between(Timestamp, Timestamp),
}

macro_rules! cards {
    ($($rest:expr),*) => {
        concat!(
            "select a.id, a.work, a.language, a.section, a.slug, r.kicker, r.headline, r.short_mail, r.standfirst, \
             a.published_at, a.updated_at, r.words, r.characters, r.lead, p.hash, p.format, p.width, p.height, p.colour \
             from public_articles a join revisions r on r.article = a.id and r.number = a.published_revision \
             left join pictures p on p.id = r.lead_picture where ",
            $crate::public::public!(),
            $($rest),*
        )
    };
}

/// A list by topic or author: walks `listed`, which is in the order of the page.
macro_rules! by_noun {
    ($kind:literal) => {
        concat!(
            "select a.id, a.work, a.language, a.section, a.slug, r.kicker, r.headline, r.short_mail, r.standfirst, \
             a.published_at, a.updated_at, r.words, r.characters, r.lead, p.hash, p.format, p.width, p.height, p.colour \
             from listed l cross join public_articles a cross join revisions r left join pictures p on p.id = r.lead_picture \
             where l.kind = '",
            $kind,
            "' and l.slug = ?6 and l.language = ?2 and (l.published_at, l.article) < (?3, ?4) and a.id = l.article \
             and r.article = a.id and r.number = a.published_revision and ",
            $crate::public::public!(),
            " order by l.published_at desc, l.article desc limit ?5"
        )
    };
}

macro_rules! listed {
    ($where:literal) => {
        cards!(
            " and a.language = ?2 and (a.published_at, a.id) < (?3, ?4) ",
            $where,
            " order by a.published_at desc, a.id desc limit ?5"
        )
    };
}

statements! {
    LATEST = listed!("");
    SECTION = listed!("and a.section = ?6");
    TOPIC = by_noun!("topic");
    AUTHOR = by_noun!("author");
    BETWEEN = listed!("and a.published_at >= ?6 and a.published_at < ?7");
    RELATED_SECTION = cards!(" and a.language = ?2 and a.work <> ?3 and a.section = ?4 order by a.published_at desc, a.id desc limit ?5");
    AMONG = cards!(" and a.id in {{ids ?2}}");
    NAMES = "select b.article, b.author, u.name from article_bylines b left join authors u on u.slug = b.author \
        where b.article in {{ids ?1}} order by b.article, b.position";
    AT = concat!("select ", article_columns!(), " from public_articles v join articles a on a.id = v.id \
        where v.language = ?2 and v.section = ?3 and v.slug = ?4 and ", public!());
    WORDS = concat!("select ", revision_columns!(), ", p.hash, p.format, p.width, p.height, p.colour from revisions r \
        left join pictures p on p.id = r.lead_picture where r.article = ?1 and r.number = ?2");
    AUTHORS = "select u.slug, u.name, u.title, u.place, u.bios, u.picture from article_bylines b join authors u on u.slug = b.author \
        where b.article = ?1 order by b.position";
    CHANGES = "select number, shown_at, note from revisions where article = ?1 and number <= ?2 and shown_at is not null \
        order by number";
    SHOWN = concat!("select ", revision_columns!(), ", r.shown_at, r.hidden_at from public_articles a \
        join revisions r on r.article = a.id and r.number <= a.published_revision and r.number < ?3 and r.shown_at is not null \
        where a.id = ?2 and ", public!(), " order by r.number desc limit ?4");
    TRANSLATIONS = concat!("select a.id, a.language, a.section, a.slug, r.headline from public_articles a \
        join revisions r on r.article = a.id and r.number = a.published_revision where a.work = ?2 and ", public!(), " order by a.language");
    ID_AT = concat!("select a.id from public_articles a where a.language = ?2 and a.section = ?3 and a.slug = ?4 and ", public!());
    WITHDRAWN = "select withdrawn_at, withdrawal_reason from articles where language = ?1 and section = ?2 and slug = ?3 \
        and state = 'withdrawn' and withdrawn_at is not null and published_at is not null";
    WITHDRAWN_AFTER_A_MOVE = "select a.withdrawn_at, a.withdrawal_reason from former_addresses f join articles a \
        on a.id = f.article where f.language = ?1 and f.section = ?2 and f.slug = ?3 and a.language = ?1 \
        and a.state = 'withdrawn' and a.withdrawn_at is not null and a.published_at is not null";
    WITHDRAWALS = "select a.withdrawn_at, a.withdrawal_reason, r.headline from articles a join revisions r \
        on r.article = a.id and r.number = a.published_revision where a.state = 'withdrawn' and a.language = ?1 \
        and a.withdrawn_at > ?2 and a.withdrawn_at <= ?3 and a.published_at is not null \
        order by a.withdrawn_at desc, a.id desc limit ?4";
    MOVED = concat!("select a.section, a.slug from former_addresses f join public_articles a on a.id = f.article \
        where f.language = ?2 and f.section = ?3 and f.slug = ?4 and a.language = ?2 and ", public!());
    CORRECTED = concat!("select c.id, c.article, c.made_at, c.text, c.made_by, a.language, a.section, a.slug, r.headline \
        from corrections c cross join public_articles a cross join revisions r \
        where a.id = c.article and r.article = a.id and r.number = a.published_revision and a.language = ?2 and (c.made_at, c.id) < (?3, ?4) and ", public!(), " order by c.made_at desc, c.id desc limit ?5");
    COUNTS = concat!("select cast(d.value->>0 as bigint), (select count(*) from (select 1 from public_articles a \
        where a.language = ?2 and a.published_at >= cast(d.value->>0 as bigint) \
        and a.published_at < cast(d.value->>1 as bigint) and ", public!(), " limit ?4) as counted) \
        from (select value from {{rows ?3}}) as d");
    LAST_BEFORE = concat!("select a.published_at from public_articles a where a.language = ?2 and a.published_at < ?3 and ",
        public!(), " order by a.published_at desc limit 1");
    FIRST_FROM = concat!("select a.published_at from public_articles a where a.language = ?2 and a.published_at >= ?3 and ",
        public!(), " order by a.published_at limit 1");
}

impl View<'_> {
    /// A list of public articles in one language, newest first, older than `after` (the last card
    /// of the page before). At most [`crate::ROWS_PER_PAGE_MAX`].
    pub fn listing(
        &self,
        listing: Listing<'_>,
        language: &Language,
        now: Timestamp,
        after: Option<&Card>,
        limit: usize,
    ) -> Result<Vec<Card>, Error> {
        let (at, id) = after.map_or((i64::MAX, i64::MAX), |card| (card.published_at.0, card.id.0));
        let limit = limit.min(crate::ROWS_PER_PAGE_MAX);
        let cards = match listing {
            Listing::Latest => self.rows(&LATEST, vals![now, language, at, id, limit], card),
            Listing::Section(slug) => self.rows(&SECTION, vals![now, language, at, id, limit, slug], card),
            Listing::Topic(slug) => self.rows(&TOPIC, vals![now, language, at, id, limit, slug], card),
            Listing::Author(slug) => self.rows(&AUTHOR, vals![now, language, at, id, limit, slug], card),
            Listing::Between(from, to) => self.rows(&BETWEEN, vals![now, language, at, id, limit, from, to], card),
        };
        self.with_authors(cards?)
    }

    /// Public articles of `ids`, in the order of `ids`; others are left out.
    pub fn cards(&self, ids: &[ArticleId], now: Timestamp) -> Result<Vec<Card>, Error> {
        let found = self.rows(&AMONG, vals![now, crate::ids(ids.iter().map(|id| id.0))], card)?;
        let mut found: HashMap<ArticleId, Card> =
            self.with_authors(found)?.into_iter().map(|card| (card.id, card)).collect();
        Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
    }

    /// What else to read: the newest with a topic in common, then the newest of the section.
    pub fn related(&self, article: &Article, now: Timestamp, limit: usize) -> Result<Vec<Card>, Error> {
        let limit = limit.min(crate::ROWS_PER_PAGE_MAX);
        let (language, work) = (&article.language, article.work);
        let mut cards = self.of_topics(article, now, limit)?;
        if cards.len() < limit {
            let more = self.rows(&RELATED_SECTION, vals![now, language, work, &article.section, limit], card)?;
            for next in more {
                if cards.len() < limit && cards.iter().all(|card| card.id != next.id) {
                    cards.push(next);
                }
            }
        }
        self.with_authors(cards)
    }

    /// The newest other works with a topic of this article.
    fn of_topics(&self, article: &Article, now: Timestamp, limit: usize) -> Result<Vec<Card>, Error> {
        let mut cards: Vec<Card> = Vec::new();
        for topic in &article.topics {
            let newest = vals![now, &article.language, i64::MAX, i64::MAX, limit + 1, topic];
            cards.extend(self.rows(&TOPIC, newest, card)?.into_iter().filter(|card| card.work != article.work));
        }
        cards.sort_by_key(|card| std::cmp::Reverse((card.published_at, card.id)));
        cards.dedup_by_key(|card| card.id);
        cards.truncate(limit);
        Ok(cards)
    }

    /// The article at an address, if it is public.
    pub fn article_at(
        &self,
        language: &Language,
        section: &Slug,
        slug: &Slug,
        now: Timestamp,
    ) -> Result<Option<Published>, Error> {
        let found = self.one(&AT, vals![now, language, section, slug], crate::articles::article)?;
        let Some(article) = self.whole(found)? else { return Ok(None) };
        let id = article.id;
        let number = article.published_revision.unwrap_or_default();
        let words = self.one(&WORDS, vals![id, number], |row| {
            let revision = revision(id, row)?;
            let picture = picture(row, revision.copy.lead.clone())?;
            Ok((revision, picture))
        })?;
        let Some((revision, lead)) = words else {
            return Err(Error::Broken(format!("The published text of the article {id} is missing.")));
        };
        let authors = self.rows(&AUTHORS, vals![id], crate::sections::author)?;
        let corrections = self.corrections(id)?;
        let changes = self.rows(&CHANGES, vals![id, number], |row| Ok((row.take()?, row.take()?, row.take()?)))?;
        let mut translations = self.translations(article.work, now)?;
        translations.retain(|translation| translation.article != id);
        Ok(Some(Published { article, revision, lead, authors, corrections, changes, translations }))
    }

    /// What readers saw of a public article, newest first, before the revision `before`.
    pub fn shown_revisions(
        &self,
        article: ArticleId,
        now: Timestamp,
        before: Option<u32>,
        limit: usize,
    ) -> Result<Vec<ShownRevision>, Error> {
        let limit = limit.min(crate::ROWS_PER_PAGE_MAX);
        self.rows(&SHOWN, vals![now, article, before.unwrap_or(u32::MAX), limit], |row| {
            crate::articles::shown_revision(article, row)
        })
    }

    /// Which article stands at an address, if it is public.
    pub fn public_at(
        &self,
        language: &Language,
        section: &Slug,
        slug: &Slug,
        now: Timestamp,
    ) -> Result<Option<ArticleId>, Error> {
        self.one(&ID_AT, vals![now, language, section, slug], |row| row.take())
    }

    /// Every public language version of a work.
    pub fn translations(&self, work: WorkId, now: Timestamp) -> Result<Vec<Translation>, Error> {
        self.rows(&TRANSLATIONS, vals![now, work], |row| {
            Ok(Translation {
                article: row.take()?,
                language: row.take()?,
                section: row.take()?,
                slug: row.take()?,
                headline: row.take()?,
            })
        })
    }

    /// Why nothing public stands at an address any more, if something did.
    pub fn elsewhere(
        &self,
        language: &Language,
        section: &Slug,
        slug: &Slug,
        now: Timestamp,
    ) -> Result<Option<Elsewhere>, Error> {
        for statement in [&WITHDRAWN, &WITHDRAWN_AFTER_A_MOVE] {
            let withdrawn = self.one(statement, vals![language, section, slug], |row| {
                let at = row.take()?;
                Ok(Elsewhere::Withdrawn { at, reason: row.take::<Option<String>>()?.unwrap_or_default() })
            })?;
            if withdrawn.is_some() {
                return Ok(withdrawn);
            }
        }
        self.one(&MOVED, vals![now, language, section, slug], |row| {
            Ok(Elsewhere::Moved { section: row.take()?, slug: row.take()? })
        })
    }

    /// Corrections of public articles, newest first, after the last line of the page before.
    pub fn corrections_listing(
        &self,
        language: &Language,
        now: Timestamp,
        after: Option<&CorrectionLine>,
        limit: usize,
    ) -> Result<Vec<CorrectionLine>, Error> {
        let (at, id) = after.map_or((i64::MAX, i64::MAX), |line| (line.correction.at.0, line.correction.id.0));
        let limit = limit.min(crate::ROWS_PER_PAGE_MAX);
        self.rows(&CORRECTED, vals![now, language, at, id, limit], |row| {
            Ok(CorrectionLine {
                correction: Correction {
                    id: row.take()?,
                    article: row.take()?,
                    at: row.take()?,
                    text: row.take()?,
                    by: row.take()?,
                },
                language: row.take()?,
                section: row.take()?,
                slug: row.take()?,
                headline: row.take()?,
            })
        })
    }

    /// What was taken back after `from` and not after `until`, newest first: time, reason, headline. That something
    /// was withdrawn is public, its text is not.
    pub fn withdrawals(
        &self,
        language: &Language,
        from: Timestamp,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<(Timestamp, String, String)>, Error> {
        self.rows(&WITHDRAWALS, vals![language, from, until, limit.min(crate::ROWS_PER_PAGE_MAX)], |row| {
            Ok((row.take()?, row.take::<Option<String>>()?.unwrap_or_default(), row.take()?))
        })
    }

    /// How many public articles fall into each of the spans (from, before): the days of a month. Each is counted up
    /// to `max`, so that a year of a large archive costs no more than one of a small one.
    pub fn counts_between(
        &self,
        language: &Language,
        spans: &[(Timestamp, Timestamp)],
        now: Timestamp,
        max: usize,
    ) -> Result<Vec<u64>, Error> {
        let parameters = vals![now, language, crate::db::value::to_json(spans)?, max];
        let counts = self.rows(&COUNTS, parameters, |row| Ok((row.take()?, row.take()?)))?;
        let counts: HashMap<i64, u64> = counts.into_iter().collect();
        Ok(spans.iter().map(|(from, _)| counts.get(&from.0).copied().unwrap_or_default()).collect())
    }

    /// When the last article before `from` was published.
    pub fn last_before(
        &self,
        language: &Language,
        from: Timestamp,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, Error> {
        self.one(&LAST_BEFORE, vals![now, language, from], |row| row.take())
    }

    /// When the first article at or after `from` was published.
    pub fn first_from(&self, language: &Language, from: Timestamp, now: Timestamp) -> Result<Option<Timestamp>, Error> {
        self.one(&FIRST_FROM, vals![now, language, from], |row| row.take())
    }

    pub(crate) fn with_authors(&self, mut cards: Vec<Card>) -> Result<Vec<Card>, Error> {
        if cards.is_empty() {
            return Ok(cards);
        }
        let mut places: HashMap<ArticleId, Vec<AuthorName>> = HashMap::new();
        let names = self.rows(&NAMES, vals![crate::ids(cards.iter().map(|card| card.id.0))], |row| {
            let (article, slug): (ArticleId, Slug) = (row.take()?, row.take()?);
            let name = row.take::<Option<String>>()?.unwrap_or_else(|| slug.to_string());
            Ok((article, AuthorName { slug, name }))
        })?;
        for (article, name) in names {
            places.entry(article).or_default().push(name);
        }
        for card in &mut cards {
            card.authors = places.remove(&card.id).unwrap_or_default();
        }
        Ok(cards)
    }
}

pub(crate) fn card(row: &mut Row) -> Result<Card, Error> {
    let mut card = Card {
        id: row.take()?,
        work: row.take()?,
        language: row.take()?,
        section: row.take()?,
        slug: row.take()?,
        kicker: row.take()?,
        headline: row.take()?,
        short_mail: row.take()?,
        standfirst: row.take()?,
        published_at: row.take()?,
        updated_at: row.take()?,
        length: Length { words: row.take()?, characters: row.take()? },
        authors: Vec::new(),
        lead: None,
    };
    let lead: Option<LeadPicture> = row.take::<Option<String>>()?.map(|text| from_json(&text)).transpose()?;
    card.lead = picture(row, lead)?;
    Ok(card)
}

fn picture(row: &mut Row, lead: Option<LeadPicture>) -> Result<Option<CardPicture>, Error> {
    let hash: Option<String> = row.take()?;
    let (Some(hash), Some(lead)) = (hash, lead) else { return Ok(None) };
    let (format, width, height, colour) = (row.take()?, row.take()?, row.take()?, row.take()?);
    Ok(Some(CardPicture { lead, hash, format, width, height, colour }))
}
