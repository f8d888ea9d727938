//! Surrogate keys: what a printed page was made of, and what a change touches.
//! A page is out of date as soon as one of its keys was touched after it was printed. Rather one key too many than
//! one too few: a page printed again for nothing costs milliseconds, one that is wrong costs trust.

use crate::article::{Article, State};
use crate::id::WorkId;
use crate::language::Language;
use crate::slug::Slug;
use crate::time::{HOUR, Timestamp};
use std::collections::BTreeSet;
use std::fmt::Write;

/// How far back a list's beginning reaches: what is older than this belongs to its past. Wider than any clock is
/// wrong and any transaction long.
const FRESH_MICROS: i64 = HOUR;

/// The name of one thing that pages are made of: ASCII without blanks and commas, as it stands in `Surrogate-Key`
/// and `Cache-Tag`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(String);

/// Bytes of one label: caches cut or refuse longer ones.
const LABEL_BYTES_MAX: usize = 8_000;

/// How a cache in front of us wants the keys of a page named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Label {
    /// `Surrogate-Key`, parted by blanks: Fastly, Varnish.
    #[default]
    SurrogateKey,
    /// `Cache-Tag`, parted by commas: Cloudflare, Akamai.
    CacheTag,
}

impl Label {
    /// The header's name.
    pub fn header(self) -> &'static str {
        match self {
            Label::SurrogateKey => "surrogate-key",
            Label::CacheTag => "cache-tag",
        }
    }

    /// The header's value for a page made of these and of what everything is made of. A page of nobody knows what, or
    /// of too much to be named, is one of anything.
    pub fn value(self, keys: Option<&[Key]>) -> String {
        let mut value = Key::everything().0;
        let parting = match self {
            Label::SurrogateKey => " ",
            Label::CacheTag => ",",
        };
        let any = [Key::any(None)];
        let bytes = |keys: &[Key]| keys.iter().map(|key| key.0.len() + 1).sum::<usize>();
        for key in keys.filter(|keys| bytes(keys) < LABEL_BYTES_MAX).unwrap_or(&any) {
            value.push_str(parting);
            value.push_str(&key.0);
        }
        value
    }
}

/// Which list of public articles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum List<'a> {
    Latest,
    Section(&'a Slug),
    Topic(&'a Slug),
    Author(&'a Slug),
}

impl Key {
    /// Settings, theme, sections, people, and whatever no finer key was thought of for.
    pub fn everything() -> Key {
        Key("everything".into())
    }

    /// An article with its translations.
    pub fn work(work: WorkId) -> Key {
        Key(format!("work/{work}"))
    }

    /// Anything about any public article, in one language or in all of them.
    pub fn any(language: Option<&Language>) -> Key {
        Key(language.map_or_else(|| "any".to_owned(), |language| format!("any/{language}")))
    }

    /// Corrections and withdrawals in a language.
    pub fn corrections(language: &Language) -> Key {
        Key(format!("corrections/{language}"))
    }

    /// A list from its newest article on.
    pub fn list(list: List<'_>, language: &Language) -> Key {
        let (kind, slug) = match list {
            List::Latest => return Key(format!("latest/{language}")),
            List::Section(slug) => ("section", slug),
            List::Topic(slug) => ("topic", slug),
            List::Author(slug) => ("author", slug),
        };
        let mut text = format!("{kind}/{language}/");
        for byte in slug.as_str().bytes() {
            if byte.is_ascii_alphanumeric() || byte == b'-' {
                text.push(char::from(byte));
            } else {
                let _ = write!(text, "%{byte:02X}");
            }
        }
        Key(text)
    }

    /// The part of a list that was published before `until`: a new article is no part of it.
    pub fn list_before(list: List<'_>, language: &Language, until: Timestamp, now: Timestamp) -> Key {
        let whole = Key::list(list, language);
        if until.0 > now.0 - FRESH_MICROS { whole } else { whole.past() }
    }

    fn past(&self) -> Key {
        Key(format!("{}/past", self.0))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What is out of date when an article becomes `after` at `now`; nothing where readers see no difference.
/// `before`: None for a new one.
pub fn touched(before: Option<&Article>, after: &Article, now: Timestamp) -> BTreeSet<Key> {
    let (before, after) = (before.filter(|article| is_out(article)), Some(after).filter(|article| is_out(article)));
    let mut keys = BTreeSet::new();
    match (before, after) {
        (None, None) => {}
        (None, Some(after)) => {
            article(after, &mut keys);
            places(after, is_old(after, now), &mut keys);
        }
        (Some(before), None) => {
            article(before, &mut keys);
            places(before, true, &mut keys);
        }
        (Some(before), Some(after)) if shown(before) == shown(after) => {}
        (Some(before), Some(after)) => {
            article(before, &mut keys);
            article(after, &mut keys);
            if stands(before) != stands(after) {
                places(before, true, &mut keys);
                places(after, true, &mut keys);
            }
        }
    }
    keys
}

/// What is out of date when an article gets a correction.
pub fn touched_by_correction(corrected: &Article) -> BTreeSet<Key> {
    let mut keys = BTreeSet::new();
    article(corrected, &mut keys);
    keys.insert(Key::corrections(&corrected.language));
    keys
}

/// What is out of date when the hour of an article has come that was published for later.
pub fn touched_by_time(revealed: &Article) -> BTreeSet<Key> {
    let mut keys = BTreeSet::new();
    article(revealed, &mut keys);
    places(revealed, true, &mut keys);
    keys
}

/// Readers see it, or will when its hour comes.
fn is_out(article: &Article) -> bool {
    article.state == State::Live && article.withdrawn_at.is_none()
}

/// Whether it takes a place among older ones.
fn is_old(article: &Article, now: Timestamp) -> bool {
    article.published_at.is_none_or(|at| at.0 < now.0 - FRESH_MICROS / 2)
}

/// Everything about it that a page can show, but the words: those are named by the revision.
fn shown(article: &Article) -> impl PartialEq + use<'_> {
    (stands(article), article.work, article.updated_at, article.published_revision)
}

/// What decides on which lists it stands, and where on them.
fn stands(article: &Article) -> impl PartialEq + use<'_> {
    let Article { language, section, slug, topics, bylines, published_at, embargo_until, .. } = article;
    (language, section, slug, topics, bylines, published_at, embargo_until)
}

fn article(article: &Article, keys: &mut BTreeSet<Key>) {
    keys.extend([Key::work(article.work), Key::any(None), Key::any(Some(&article.language))]);
}

fn places(article: &Article, is_old: bool, keys: &mut BTreeSet<Key>) {
    let lists = [List::Latest, List::Section(&article.section)]
        .into_iter()
        .chain(article.topics.iter().map(List::Topic))
        .chain(article.bylines.iter().map(|byline| List::Author(&byline.author)));
    for list in lists {
        let key = Key::list(list, &article.language);
        if is_old {
            keys.insert(key.past());
        }
        keys.insert(key);
    }
    if is_old {
        keys.insert(Key::corrections(&article.language));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::{Byline, BylineRole};
    use crate::id::ArticleId;
    use crate::time::DAY;

    const NOON: Timestamp = Timestamp(1_756_119_600_000_000);

    fn slug(text: &str) -> Slug {
        Slug::parse(text).unwrap()
    }

    fn live() -> Article {
        Article {
            id: ArticleId(1),
            work: WorkId(2),
            language: Language::parse("en").unwrap(),
            section: slug("world"),
            slug: slug("dam"),
            state: State::Live,
            writer: None,
            topics: vec![slug("سد")],
            bylines: vec![Byline { author: slug("rose-jean"), role: BylineRole::Writer }],
            created_at: NOON,
            scheduled_for: None,
            embargo_until: None,
            published_at: Some(NOON),
            updated_at: None,
            withdrawn_at: None,
            withdrawal_reason: None,
            revision: 1,
            published_revision: Some(1),
        }
    }

    fn texts(keys: &BTreeSet<Key>) -> Vec<&str> {
        keys.iter().map(Key::as_str).collect()
    }

    const NEWS: [&str; 7] = [
        "any",
        "any/en",
        "author/en/rose-jean",
        "latest/en",
        "section/en/world",
        "topic/en/%D8%B3%D8%AF",
        "work/0000000000002",
    ];

    #[test]
    fn a_new_article_touches_the_beginning_of_its_lists_only() {
        let draft = Article { state: State::Draft, published_at: None, ..live() };
        for before in [None, Some(&draft)] {
            assert_eq!(texts(&touched(before, &live(), NOON)), NEWS);
        }
    }

    #[test]
    fn what_stands_among_older_ones_or_leaves_touches_the_past_as_well() {
        let old = Article { published_at: Some(Timestamp(NOON.0 - DAY)), ..live() };
        let withdrawn = Article { withdrawn_at: Some(NOON), state: State::Withdrawn, ..live() };
        let moved = Article { section: slug("economy"), ..live() };
        let embargoed = Article { embargo_until: Some(NOON.plus(DAY)), ..live() };
        for keys in [
            touched(None, &old, NOON),
            touched(Some(&live()), &withdrawn, NOON),
            touched(Some(&live()), &moved, NOON),
            touched(Some(&live()), &embargoed, NOON),
            touched_by_time(&live()),
        ] {
            let keys = texts(&keys);
            for key in NEWS.into_iter().chain(["section/en/world/past", "latest/en/past", "corrections/en"]) {
                let elsewhere = key.starts_with("section/en/world") && keys.contains(&"section/en/economy");
                assert!(keys.contains(&key) || elsewhere, "{key} is not among {keys:?}");
            }
        }
    }

    #[test]
    fn new_words_and_corrections_touch_no_list() {
        let again = Article { published_revision: Some(2), updated_at: Some(NOON.plus(1)), revision: 2, ..live() };
        assert_eq!(texts(&touched(Some(&live()), &again, NOON)), ["any", "any/en", "work/0000000000002"]);
        let corrected = touched_by_correction(&live());
        assert_eq!(texts(&corrected), ["any", "any/en", "corrections/en", "work/0000000000002"]);
    }

    #[test]
    fn what_readers_do_not_see_touches_nothing() {
        let saved = Article { revision: 2, ..live() };
        let draft = Article { state: State::Review, published_at: None, ..live() };
        assert!(touched(Some(&live()), &saved, NOON).is_empty());
        assert!(touched(None, &draft, NOON).is_empty());
        assert!(touched(Some(&draft), &Article { state: State::Ready, ..draft.clone() }, NOON).is_empty());
    }

    #[test]
    fn a_label_names_every_key_or_says_that_it_may_be_anything() {
        let keys = [Key::work(WorkId(2)), Key::corrections(&Language::parse("en").unwrap())];
        let named = |label: Label| label.value(Some(&keys));
        assert_eq!(named(Label::SurrogateKey), "everything work/0000000000002 corrections/en");
        assert_eq!(named(Label::CacheTag), "everything,work/0000000000002,corrections/en");
        assert_eq!(Label::CacheTag.value(None), "everything,any");
        let many: Vec<Key> = (0..1_000).map(|number| Key::work(WorkId(number))).collect();
        assert_eq!(Label::SurrogateKey.value(Some(&many)), "everything any");
    }

    #[test]
    fn a_later_page_of_a_list_is_its_past_unless_its_address_says_otherwise() {
        let (list, en) = (List::Latest, Language::parse("en").unwrap());
        let key = |until| Key::list_before(list, &en, until, NOON).as_str().to_owned();
        assert_eq!(key(Timestamp(NOON.0 - DAY)), "latest/en/past");
        assert_eq!(key(NOON.plus(DAY)), "latest/en");
        assert_eq!(key(Timestamp(NOON.0 - 1)), "latest/en");
    }
}
