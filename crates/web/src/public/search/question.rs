//! What may be asked of the search, read from an address and written in one way. Anything else in the query is ignored.

use newsroom::language::Language;
use newsroom::slug::Slug;
use newsroom::time::Day;
use store::{Fit, Order, Search};

use crate::form::Form;
use crate::public::sheet::Sheet;

/// How an address asks for the newest first.
pub(super) const NEWEST: &str = "newest";
/// Letters of a question.
pub(super) const QUERY_LETTERS_MAX: usize = 200;

/// What was asked, made canonical: equal questions have equal keys.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Question {
    pub(super) words: String,
    /// The words were cut, because there were too many.
    pub(super) is_too_long: bool,
    pub(super) section: Option<Slug>,
    pub(super) author: Option<Slug>,
    /// The page's language unless another was asked for; `all` is every language.
    pub(super) language: String,
    pub(super) from: Option<Day>,
    pub(super) to: Option<Day>,
    pub(super) order: Order,
    /// The last answer of the page before.
    pub(super) after: Option<Fit>,
}

impl Question {
    /// Reads the query part of an address. `languages`: those of the publication.
    pub(crate) fn read(query: &Form, languages: &[Language]) -> Question {
        let words = query.first("q").split_whitespace().collect::<Vec<_>>().join(" ");
        let is_too_long = words.chars().count() > QUERY_LETTERS_MAX;
        let language = query.first("language");
        let known = language == "all" || languages.iter().any(|ours| ours.code() == language);
        let order = if query.first("order") == NEWEST { Order::Newest } else { Order::Best };
        Question {
            words: if is_too_long { String::new() } else { words },
            is_too_long,
            section: Slug::parse(query.first("section")),
            // A name is as good as a slug: it becomes one.
            author: Slug::from_words(query.first("author")),
            language: if known { language.to_owned() } else { String::new() },
            from: Day::parse(query.first("from")),
            to: Day::parse(query.first("to")),
            order,
            after: fit(query.first("after")).filter(|after| after.tier < order.tiers()),
        }
    }

    /// The query part of its canonical address; empty where nothing was asked.
    pub(crate) fn key(&self) -> String {
        let mut out = form_urlencoded::Serializer::new(String::new());
        if self.is_too_long {
            out.append_pair("q", "…");
        }
        if !self.words.is_empty() {
            out.append_pair("q", &self.words);
        }
        if let Some(section) = &self.section {
            out.append_pair("section", section.as_str());
        }
        if let Some(author) = &self.author {
            out.append_pair("author", author.as_str());
        }
        if !self.language.is_empty() {
            out.append_pair("language", &self.language);
        }
        for (name, day) in [("from", self.from), ("to", self.to)] {
            if let Some(day) = day {
                out.append_pair(name, &day.to_string());
            }
        }
        if self.order == Order::Newest {
            out.append_pair("order", NEWEST);
        }
        if let Some(Fit { tier, key }) = self.after {
            out.append_pair("after", &format!("{tier}-{key}"));
        }
        out.finish()
    }

    /// Whether anything but words and order was asked.
    pub(super) fn is_narrowed(&self) -> bool {
        let limits = self.section.is_some() || self.author.is_some() || self.from.is_some() || self.to.is_some();
        limits || !self.language.is_empty()
    }

    /// The same words, nothing else.
    pub(super) fn bare(&self) -> Question {
        Question { words: self.words.clone(), order: self.order, ..Question::default() }
    }

    /// Other words, everything else the same, from the first page on.
    pub(super) fn with_words(&self, words: &str) -> Question {
        Question { words: words.to_owned(), after: None, ..self.clone() }
    }

    /// The same, after this answer.
    pub(super) fn from(&self, after: Option<Fit>) -> Question {
        Question { after, ..self.clone() }
    }

    pub(super) fn search(&self, sheet: &Sheet) -> Search {
        let language = match self.language.as_str() {
            "" => Some(sheet.language.clone()),
            "all" => None,
            code => Language::parse(code),
        };
        Search {
            words: self.words.clone(),
            language,
            section: self.section.clone(),
            author: self.author.clone(),
            from: self.from.map(|day| sheet.zone.bounds(day).0),
            before: self.to.map(|day| sheet.zone.bounds(day).1),
            order: self.order,
        }
    }
}

/// Reads `1-450000000000256`; None for anything else.
fn fit(text: &str) -> Option<Fit> {
    let (tier, key) = text.split_once('-')?;
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if !plain(tier) || !plain(key) {
        return None;
    }
    Some(Fit { tier: tier.parse().ok()?, key: key.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(query: &str) -> Question {
        let languages = ["en", "fr"].map(|code| Language::parse(code).unwrap());
        Question::read(&Form::parse(query.as_bytes()), &languages)
    }

    #[test]
    fn equal_questions_have_one_address_and_strangers_are_ignored() {
        for (query, key) in [
            ("q=haiti", "q=haiti"),
            ("q=++haiti++mission+&utm_source=x&page=2", "q=haiti+mission"),
            ("after=2-450000000000256&q=haiti", "q=haiti&after=2-450000000000256"),
            ("q=haiti&after=3-1", "q=haiti"),
            ("q=haiti&order=newest&after=1-1", "q=haiti&order=newest"),
            ("q=haiti&after=0-99999999999999999999", "q=haiti"),
            ("q=haiti&after=0--1", "q=haiti"),
            ("q=haiti&after=00-1", "q=haiti"),
            ("q=haiti&after=-", "q=haiti"),
            ("q=haiti&section=../x&language=xx&from=2025-13-01&to=yesterday", "q=haiti"),
            (
                "q=a&section=world&language=fr&from=2025-08-01&to=2025-08-22",
                "q=a&section=world&language=fr&from=2025-08-01&to=2025-08-22",
            ),
            ("q=a&author=Rose+Jean&order=newest", "q=a&author=rose-jean&order=newest"),
            ("q=a&author=%3F&order=best", "q=a"),
            ("q=%22who+will%22+OR+x*+NEAR(", "q=%22who+will%22+OR+x*+NEAR%28"),
            ("", ""),
        ] {
            let question = ask(query);
            assert_eq!(question.key(), key, "{query}");
            assert_eq!(ask(&question.key()), question, "{query}");
        }
        let long = ask(&format!("q={}", "x".repeat(2000)));
        assert!(long.is_too_long && long.words.is_empty());
    }
}
