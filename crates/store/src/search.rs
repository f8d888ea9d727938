//! Full-text search over public articles: both engines are fed the same tokens and give the same
//! answers in the same order. Never finds what `public_articles` does not show.

pub mod analyser;

use crate::db::{statements, vals};
use crate::public::{Card, card, cards, public};
use crate::{Change, Error, View};
use analyser::Analyser;
use newsroom::id::ArticleId;
use newsroom::language::Language;
use newsroom::slug::Slug;
use newsroom::time::Timestamp;
use std::collections::BTreeSet;

/// Most words of a search; more are not looked at.
pub const SEARCH_WORDS_MAX: usize = 12;
/// Most letters of a search; more are not looked at.
pub const SEARCH_LETTERS_MAX: usize = 200;
/// Most different tokens of one article that are kept.
const TOKENS_MAX: usize = 20_000;

/// Whose words a search over all languages tries.
const LANGUAGES: [&str; 7] = ["ht", "en", "fr", "es", "pt", "de", "ar"];

/// The words of an article as readers see them, without marks.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SearchText {
    pub headline: String,
    /// With kicker, authors and topics, if they should count as much.
    pub standfirst: String,
    pub body: String,
}

/// What somebody looks for. Every word must be there; words in the headline come first, then words
/// in the headline or standfirst, then others; the newest first among equals.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Search {
    pub words: String,
    pub language: Option<Language>,
    pub section: Option<Slug>,
    /// Slug of the author.
    pub author: Option<Slug>,
    pub from: Option<Timestamp>,
    pub before: Option<Timestamp>,
}

/// One page of what was found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Found {
    pub cards: Vec<Card>,
    /// How many there are on all pages.
    pub total: u64,
}

macro_rules! found {
    () => {
        concat!(
            " and a.id in {{match ?2}} and (?3 = '' or a.language = ?3) and (?4 = '' or a.section = ?4) \
             and (?5 = '' or a.id in (select article from article_bylines where author = ?5)) \
             and a.published_at >= ?6 and a.published_at < ?7"
        )
    };
}

statements! {
    FIND = cards!(found!(), " order by case when a.id in {{match ?8}} then 1 when a.id in {{match ?9}} then 2 else 3 end, \
        a.published_at desc, a.id desc limit ?10 offset ?11");
    COUNT = concat!("select count(*) from public_articles a where ", public!(), found!());
    FORGET = "delete from search where rowid = ?1", postgres "delete from search where article = ?1";
    KEEP = "insert into search (rowid, headline, standfirst, body) values (?1, ?2, ?3, ?4)",
        postgres "insert into search (article, tokens) values (?1, cast(cast(?2 as text) as tsvector) \
        || cast(cast(?3 as text) as tsvector) || cast(cast(?4 as text) as tsvector))";
}

impl View<'_> {
    /// Public articles with all words of the search; nothing if it has none. Any text is a search.
    pub fn search(&self, search: &Search, now: Timestamp, offset: usize, limit: usize) -> Result<Found, Error> {
        let Some(words) = Words::of(search) else { return Ok(Found::default()) };
        let everywhere = self.query(&words, Part::Everywhere);
        let text = |slug: &Option<Slug>| slug.as_ref().map_or(String::new(), Slug::to_string);
        let language = search.language.as_ref().map_or(String::new(), Language::to_string);
        let (section, author) = (text(&search.section), text(&search.author));
        let from = search.from.map_or(i64::MIN, |at| at.0);
        let before = search.before.map_or(i64::MAX, |at| at.0);
        let total =
            self.one(&COUNT, vals![now, &everywhere, &language, &section, &author, from, before], |row| row.take())?;
        let (first, second) = (self.query(&words, Part::Headline), self.query(&words, Part::Top));
        let limit = limit.min(crate::ROWS_PER_PAGE_MAX);
        let parameters = vals![now, everywhere, language, section, author, from, before, first, second, limit, offset];
        let cards = self.rows(&FIND, parameters, card)?;
        Ok(Found { cards: self.with_authors(cards)?, total: total.unwrap_or_default() })
    }

    fn query(&self, words: &Words, part: Part) -> String {
        if self.is_sqlite() { words.fts5(part) } else { words.tsquery(part) }
    }
}

impl Change<'_> {
    /// Makes an article findable by these words, in place of earlier ones.
    pub fn index_article(&mut self, article: ArticleId, language: &Language, text: &SearchText) -> Result<(), Error> {
        let analyser = Analyser::new(language);
        let headline = analyser.tokens(&text.headline);
        let standfirst = analyser.tokens(&text.standfirst);
        let body: BTreeSet<String> = analyser.tokens(&text.body).into_iter().take(TOKENS_MAX).collect();
        self.unindex_article(article)?;
        let parameters = if self.is_sqlite() {
            vals![article, line(&headline), line(&standfirst), line(&body)]
        } else {
            vals![article, vector(&headline, 'A'), vector(&standfirst, 'B'), vector(&body, 'C')]
        };
        self.run(&KEEP, parameters).map(drop)
    }

    /// Makes an article unfindable.
    pub fn unindex_article(&mut self, article: ArticleId) -> Result<(), Error> {
        self.run(&FORGET, vals![article]).map(drop)
    }
}

/// Where words must stand.
#[derive(Clone, Copy)]
enum Part {
    Headline,
    /// Headline or standfirst.
    Top,
    Everywhere,
}

/// What is looked for: for each word the tokens of which one must be there. Tokens hold letters,
/// digits and marks only, so that no search can speak the engines' own languages.
struct Words(Vec<Vec<String>>);

impl Words {
    fn of(search: &Search) -> Option<Self> {
        let text: String = search.words.chars().take(SEARCH_LETTERS_MAX).collect();
        let groups: Vec<Vec<String>> = match &search.language {
            Some(language) => Analyser::new(language).wanted(&text).into_iter().map(|token| vec![token]).collect(),
            None => {
                let analysers: Vec<Analyser> =
                    LANGUAGES.iter().filter_map(|tag| Language::parse(tag)).map(|l| Analyser::new(&l)).collect();
                // Word by word, so that each language's form of the same word is an alternative.
                text.split_whitespace().flat_map(|word| alternatives(&analysers, word)).collect()
            }
        };
        let groups: Vec<_> = groups.into_iter().filter(|group| !group.is_empty()).take(SEARCH_WORDS_MAX).collect();
        (!groups.is_empty()).then_some(Self(groups))
    }

    fn fts5(&self, part: Part) -> String {
        let groups = self.0.iter().map(|group| {
            let tokens: Vec<String> = group.iter().map(|token| format!("\"{token}\"")).collect();
            format!("({})", tokens.join(" OR "))
        });
        let all = groups.collect::<Vec<_>>().join(" AND ");
        match part {
            Part::Headline => format!("headline : ({all})"),
            Part::Top => format!("{{headline standfirst}} : ({all})"),
            Part::Everywhere => all,
        }
    }

    fn tsquery(&self, part: Part) -> String {
        let weight = match part {
            Part::Headline => ":A",
            Part::Top => ":AB",
            Part::Everywhere => "",
        };
        let groups = self.0.iter().map(|group| {
            let tokens: Vec<String> = group.iter().map(|token| format!("'{token}'{weight}")).collect();
            format!("({})", tokens.join(" | "))
        });
        groups.collect::<Vec<_>>().join(" & ")
    }
}

/// The forms one word may have: position by position over the languages.
fn alternatives(analysers: &[Analyser], word: &str) -> Vec<Vec<String>> {
    let mut groups: Vec<BTreeSet<String>> = Vec::new();
    for analyser in analysers {
        for (at, token) in analyser.wanted(word).into_iter().enumerate() {
            if groups.len() <= at {
                groups.push(BTreeSet::new());
            }
            groups[at].insert(token);
        }
    }
    groups.into_iter().map(|group| group.into_iter().collect()).collect()
}

fn line(tokens: &BTreeSet<String>) -> String {
    tokens.iter().map(String::as_str).collect::<Vec<_>>().join(" ")
}

/// `'haiti':1A 'mission':1A`: the position is not used, but carries the weight.
fn vector(tokens: &BTreeSet<String>, weight: char) -> String {
    tokens.iter().map(|token| format!("'{token}':1{weight}")).collect::<Vec<_>>().join(" ")
}
