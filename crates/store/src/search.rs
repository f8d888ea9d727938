//! Full-text search over public articles: both engines are fed the same tokens and give the same
//! answers in the same order. Never finds what `public_articles` does not show.

mod analysed;
pub mod analyser;
mod question;
pub mod slips;

use crate::db::{statements, vals};
use crate::public::{Card, public};
use crate::{Change, Error, View};
pub use analysed::{Analysed, SearchText, Vocabulary};
use newsroom::id::ArticleId;
use newsroom::language::Language;
use newsroom::slug::Slug;
use newsroom::time::Timestamp;
use question::{Part, Question, trait_token};
use std::collections::HashMap;

/// Most words of a search; more are not looked at.
pub const SEARCH_WORDS_MAX: usize = 12;
/// Most letters of a search; more are not looked at.
pub const SEARCH_LETTERS_MAX: usize = 200;
/// Articles that are counted; a search that finds more says "more than".
pub const SEARCH_FOUND_MAX: usize = 200;
/// Articles of one instant that keep their order among all others.
const SAME_INSTANT_MAX: i64 = 1 << 20;
/// Keys between one microsecond and the next.
const KEYS_PER_MICROSECOND: i64 = 256;

/// What somebody looks for. Every word must be there, quoted ones together.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Search {
    pub words: String,
    pub language: Option<Language>,
    pub section: Option<Slug>,
    /// Slug of the author.
    pub author: Option<Slug>,
    pub from: Option<Timestamp>,
    pub before: Option<Timestamp>,
    pub order: Order,
}

/// Which of the articles found comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum Order {
    /// Words in the headline, then words in headline or standfirst, then others; the newest first among equals.
    #[default]
    Best,
    Newest,
}

/// One page of what was found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Found {
    pub cards: Vec<Card>,
    /// How many there are on all pages; at most [`SEARCH_FOUND_MAX`].
    pub total: u64,
    /// There are more than were counted.
    pub more: bool,
    /// The last article of this page, where another page follows.
    pub last: Option<Fit>,
}

/// Where an article stands among those that a search finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fit {
    /// 0 where it fits best; always 0 where the newest come first.
    pub tier: usize,
    /// Its key in the index: the newest of a tier has the highest.
    pub key: i64,
}

impl Order {
    /// How many tiers an answer in this order has.
    pub fn tiers(self) -> usize {
        self.parts().len()
    }

    /// Each tier: what must have all words, and what must not, because an earlier tier had it.
    fn parts(self) -> &'static [(Part, Option<Part>)] {
        match self {
            Order::Newest => &[(Part::Everywhere, None)],
            Order::Best => {
                &[(Part::Headline, None), (Part::Top, Some(Part::Headline)), (Part::Everywhere, Some(Part::Top))]
            }
        }
    }
}

// The index is walked from its newest end and only as far as a page needs; never the other way round.
macro_rules! found {
    ($key:literal, $from:literal, $match:literal) => {
        concat!(
            "from ",
            $from,
            " cross join search_documents d cross join public_articles a where ",
            $match,
            " and d.key = ",
            $key,
            " and a.id = d.article and ",
            $key,
            " >= ?3 and ",
            $key,
            " < ?4 and ",
            public!(),
            " order by ",
            $key,
            " desc limit ?5"
        )
    };
    (sqlite) => {
        found!("search_index.rowid", "search_index", "search_index match ?2")
    };
    (postgres) => {
        found!("s.key", "search_index s", "s.tokens @@ cast(cast(?2 as text) as tsquery)")
    };
}

statements! {
    FIND = concat!("select a.id, d.key ", found!(sqlite)), postgres concat!("select a.id, d.key ", found!(postgres));
    COUNT = concat!("select count(*) from (select a.id ", found!(sqlite), ") as counted"),
        postgres concat!("select count(*) from (select a.id ", found!(postgres), ") as counted");
    BODIES = concat!("select a.id, r.body from public_articles a join revisions r on r.article = a.id \
        and r.number = a.published_revision where a.id in {{ids ?2}} and ", public!());
    PLACE = "select published_at, section from articles where id = ?1";
    AUTHORS = "select author from article_bylines where article = ?1 order by position";
    KEY = "select key from search_documents where article = ?1";
    LAST_KEY = "select max(key) from search_documents where key >= ?1 and key < ?2";
    FORGET = "delete from search_index where rowid = ?1", postgres "delete from search_index where key = ?1";
    FORGET_DOCUMENT = "delete from search_documents where key = ?1";
    KEEP_DOCUMENT = "insert into search_documents (key, article) values (?1, ?2) on conflict (key) do nothing";
    KEEP = "insert into search_index (rowid, words, marks) values (?1, ?2, ?3)",
        postgres "insert into search_index (key, tokens) \
        values (?1, cast(cast(?2 as text) as tsvector) || cast(cast(?3 as text) as tsvector))";
    LIVE_FROM = "select id from articles where state = 'live' and id > ?1 order by id limit ?2";
}

impl View<'_> {
    /// Public articles with all words of the search, those that come after `after`; nothing if it has no words. Any
    /// text is a search. A later page costs what the first one does. `limit`: at most [`crate::ROWS_PER_PAGE_MAX`].
    pub fn search(&self, search: &Search, now: Timestamp, after: Option<Fit>, limit: usize) -> Result<Found, Error> {
        let Some(question) = Question::of(search) else { return Ok(Found::default()) };
        let total = self.count(&question, search, now, SEARCH_FOUND_MAX + 1)?;
        let wanted = if total == 0 { 0 } else { limit.min(crate::ROWS_PER_PAGE_MAX - 1) + 1 };
        let (from, before) = keys(search);
        let mut found: Vec<(ArticleId, Fit)> = Vec::new();
        let first = after.map_or(0, |after| after.tier);
        for (tier, (part, without)) in search.order.parts().iter().enumerate().skip(first) {
            if found.len() == wanted {
                break;
            }
            let before = after.filter(|after| after.tier == tier).map_or(before, |after| before.min(after.key));
            let text = question.show(self.is_sqlite(), *part, *without);
            found.extend(self.rows(&FIND, vals![now, text, from, before, wanted - found.len()], |row| {
                Ok((row.take::<ArticleId>()?, Fit { tier, key: row.take()? }))
            })?);
        }
        let is_whole = found.len() < wanted;
        found.truncate(limit);
        let last = found.last().filter(|_| !is_whole).map(|(_, fit)| *fit);
        let ids: Vec<ArticleId> = found.iter().map(|(id, _)| *id).collect();
        let total_shown = total.min(SEARCH_FOUND_MAX) as u64;
        Ok(Found { cards: self.cards(&ids, now)?, total: total_shown, more: total > SEARCH_FOUND_MAX, last })
    }

    /// How many public articles a search finds, counted up to `max`.
    pub fn search_count(&self, search: &Search, now: Timestamp, max: usize) -> Result<usize, Error> {
        Question::of(search).map_or(Ok(0), |question| self.count(&question, search, now, max))
    }

    fn count(&self, question: &Question, search: &Search, now: Timestamp, max: usize) -> Result<usize, Error> {
        let text = question.show(self.is_sqlite(), Part::Everywhere, None);
        let (from, before) = keys(search);
        let count: Option<u64> = self.one(&COUNT, vals![now, text, from, before, max], |row| row.take())?;
        Ok(count.and_then(|count| usize::try_from(count).ok()).unwrap_or_default())
    }

    /// The published Markdown of public articles, for showing what was found in them.
    pub fn bodies(&self, ids: &[ArticleId], now: Timestamp) -> Result<HashMap<ArticleId, String>, Error> {
        let ids = crate::ids(ids.iter().take(crate::ROWS_PER_PAGE_MAX).map(|id| id.0));
        Ok(self.rows(&BODIES, vals![now, ids], |row| Ok((row.take()?, row.take()?)))?.into_iter().collect())
    }

    /// Articles that are live, in the order of ids, after one: what an index is made of again.
    pub fn live_after(&self, after: ArticleId, limit: usize) -> Result<Vec<ArticleId>, Error> {
        self.rows(&LIVE_FROM, vals![after, limit.min(crate::ROWS_PER_PAGE_MAX)], |row| row.take())
    }
}

impl Change<'_> {
    /// Makes an article findable by these words, in place of earlier ones, with the section and the bylines that
    /// are kept for it now.
    pub fn index_article(&mut self, article: ArticleId, text: &Analysed) -> Result<(), Error> {
        let place =
            self.one(&PLACE, vals![article], |row| Ok((row.take::<Option<Timestamp>>()?, row.take::<Slug>()?)))?;
        let Some((Some(published_at), section)) = place else {
            return Err(Error::Broken(format!("The article {article} was never published and cannot be found.")));
        };
        let mut marks = text.marks.clone();
        marks.push(trait_token('s', section.as_str()));
        let authors: Vec<Slug> = self.rows(&AUTHORS, vals![article], |row| row.take())?;
        marks.extend(authors.iter().map(|author| trait_token('a', author.as_str())));
        let key = self.take_key(article, published_at)?;
        let (words, marks) = if self.is_sqlite() {
            (text.words.join(" "), marks.join(" "))
        } else {
            (vector(&text.words), vector(&marks))
        };
        self.run(&KEEP, vals![key, words, marks])?;
        self.learn(&text.language, &text.vocabulary)
    }

    /// A key for an article's time, free on this node and on every other.
    fn take_key(&mut self, article: ArticleId, published_at: Timestamp) -> Result<i64, Error> {
        self.unindex_article(article)?;
        let first = key(published_at);
        let last = first.saturating_add(SAME_INSTANT_MAX);
        loop {
            let taken: Option<i64> = self.one(&LAST_KEY, vals![first, last], |row| row.take())?.flatten();
            let key = taken.map_or(first, |taken| taken + 1);
            if self.run(&KEEP_DOCUMENT, vals![key, article])? > 0 {
                return Ok(key);
            }
        }
    }

    /// Makes an article unfindable.
    pub fn unindex_article(&mut self, article: ArticleId) -> Result<(), Error> {
        let known: Option<i64> = self.one(&KEY, vals![article], |row| row.take())?;
        if let Some(key) = known {
            self.run(&FORGET, vals![key])?;
            self.run(&FORGET_DOCUMENT, vals![key])?;
        }
        Ok(())
    }
}

fn keys(search: &Search) -> (i64, i64) {
    (search.from.map_or(i64::MIN, key), search.before.map_or(i64::MAX, key))
}

fn key(at: Timestamp) -> i64 {
    at.0.saturating_mul(KEYS_PER_MICROSECOND)
}

/// `'haiti':1,7 'mission':2`: PostgreSQL's own form of words with their places.
fn vector(tokens: &[String]) -> String {
    let mut places: HashMap<&str, Vec<String>> = HashMap::new();
    for (at, token) in tokens.iter().enumerate() {
        places.entry(token).or_default().push((at + 1).to_string());
    }
    places.into_iter().map(|(token, at)| format!("'{token}':{}", at.join(","))).collect::<Vec<_>>().join(" ")
}
