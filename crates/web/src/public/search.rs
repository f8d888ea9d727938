//! Search over the full text. What may be asked is read here; anything else in the query is ignored.

use newsroom::language::Language;
use newsroom::slug::Slug;
use newsroom::time::Day;
use press::page::{Choice, Field, Link, Page, Search as SearchPage, SearchHit, Span};
use store::{Card as Row, Search};

use super::fault::Fault;
use super::present::cards;
use super::sheet::Sheet;
use crate::address::Place;
use crate::cache::Kept;
use crate::form::Form;

/// Answers on one page.
const HITS_PER_PAGE: usize = 20;
/// Pages one can leaf through; after that other words help more.
const PAGES_MAX: usize = 50;
/// Letters of a question.
const QUERY_LETTERS_MAX: usize = 200;

/// What was asked, made canonical: equal questions have equal keys.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Question {
    words: String,
    /// The words were cut, because there were too many.
    is_too_long: bool,
    section: Option<Slug>,
    /// The page's language unless another was asked for; `all` is every language.
    language: String,
    from: Option<Day>,
    to: Option<Day>,
    page: usize,
}

impl Question {
    /// Reads the query part of an address. `languages`: those of the publication.
    pub(crate) fn read(query: &Form, languages: &[Language]) -> Question {
        let words = query.first("q").split_whitespace().collect::<Vec<_>>().join(" ");
        let is_too_long = words.chars().count() > QUERY_LETTERS_MAX;
        let language = query.first("language");
        let known = language == "all" || languages.iter().any(|ours| ours.code() == language);
        Question {
            words: if is_too_long { String::new() } else { words },
            is_too_long,
            section: Slug::parse(query.first("section")),
            language: if known { language.to_owned() } else { String::new() },
            from: Day::parse(query.first("from")),
            to: Day::parse(query.first("to")),
            page: query.first("page").parse().unwrap_or(1).clamp(1, PAGES_MAX),
        }
    }

    /// The query part of its canonical address, with another page; empty where nothing was asked.
    pub(crate) fn show(&self, page: usize) -> String {
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
        if !self.language.is_empty() {
            out.append_pair("language", &self.language);
        }
        for (name, day) in [("from", self.from), ("to", self.to)] {
            if let Some(day) = day {
                out.append_pair(name, &day.to_string());
            }
        }
        if page > 1 {
            out.append_pair("page", &page.to_string());
        }
        out.finish()
    }

    /// The key of its page.
    pub(crate) fn key(&self) -> String {
        self.show(self.page)
    }

    fn search(&self, sheet: &Sheet) -> Search {
        let language = match self.language.as_str() {
            "" => Some(sheet.language.clone()),
            "all" => None,
            code => Language::parse(code),
        };
        Search {
            words: self.words.clone(),
            language,
            section: self.section.clone(),
            author: None,
            from: self.from.map(|day| sheet.zone.bounds(day).0),
            before: self.to.map(|day| sheet.zone.bounds(day).1),
        }
    }
}

/// The page of a question.
pub(super) async fn page(sheet: &Sheet, question: &Question) -> Result<Kept, Fault> {
    let (search, now) = (question.search(sheet), sheet.now());
    let offset = (question.page - 1) * HITS_PER_PAGE;
    let found = if question.words.is_empty() {
        store::Found::default()
    } else {
        let look = sheet.web.desk().store().read(move |view| view.search(&search, now, offset, HITS_PER_PAGE));
        look.await.map_err(|error: store::Error| Fault::from(error))?
    };
    let words = (!question.words.is_empty()).then_some(question.words.as_str());
    let quoted = words.map(|words| sheet.say("quoted", &[("text", words)]));
    let mut meta = sheet.meta(&Place::Search, &sheet.say("search", &[]), "");
    meta.noindex = !question.key().is_empty();
    let path = sheet.href(&Place::Search);
    let link = |key: &str, page: usize| Link::new(sheet.say(key, &[]), format!("{path}?{}", question.show(page)));
    let pages = usize::try_from(found.total).unwrap_or(usize::MAX).div_ceil(HITS_PER_PAGE).min(PAGES_MAX);
    let position = [("n", question.page.to_string()), ("total", pages.to_string())];
    let position: Vec<(&str, &str)> = position.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let is_empty = found.cards.is_empty();
    let model = SearchPage {
        meta,
        action: path.clone(),
        query: question.words.clone(),
        sections: sections(sheet, question),
        languages: languages(sheet, question),
        from: Field { value: question.from.map_or_else(String::new, |day| day.to_string()), error: None },
        to: Field { value: question.to.map_or_else(String::new, |day| day.to_string()), error: None },
        narrowed: question.section.is_some()
            || !question.language.is_empty()
            || question.from.is_some()
            || question.to.is_some(),
        order: Vec::new(),
        count: (!is_empty).then(|| sheet.words.count("results", found.total)),
        hits: found.cards.iter().map(|row| hit(sheet, row, &question.words)).collect(),
        empty: quoted.filter(|_| is_empty).map(|query| sheet.say("search_empty", &[("query", &query)])),
        elsewhere: Vec::new(),
        error: question.is_too_long.then(|| sheet.say("search_too_long", &[("n", &QUERY_LETTERS_MAX.to_string())])),
        newer: (question.page > 1).then(|| link("newer", question.page - 1)),
        older: (question.page < pages).then(|| link("older", question.page + 1)),
        position: (pages > 1).then(|| sheet.say("page_of", &position)),
    };
    Ok(sheet.keep(sheet.html(&Page::Search(model)).map_err(Fault::Broken)?))
}

fn sections(sheet: &Sheet, question: &Question) -> Vec<Choice> {
    let all = Choice { label: sheet.say("all_sections", &[]), chosen: question.section.is_none(), ..Choice::default() };
    let one = |section: &newsroom::publication::Section| Choice {
        value: section.slug.to_string(),
        label: sheet.name(&section.names, &section.slug).to_owned(),
        chosen: question.section.as_ref() == Some(&section.slug),
        language: None,
    };
    [all].into_iter().chain(sheet.paper.sections.iter().map(one)).collect()
}

fn languages(sheet: &Sheet, question: &Question) -> Vec<Choice> {
    let chosen = if question.language.is_empty() { sheet.language.code() } else { &question.language };
    let languages = sheet.paper.publication.languages();
    if languages.len() < 2 {
        return Vec::new();
    }
    let one = |language: &Language| Choice {
        value: language.code().to_owned(),
        label: press::words::endonym(language.code()).to_owned(),
        chosen: language.code() == chosen,
        language: (language != &sheet.language).then(|| language.code().to_owned()),
    };
    languages.iter().map(one).collect()
}

fn hit(sheet: &Sheet, row: &Row, words: &str) -> SearchHit {
    let card = cards::card(sheet, row, &super::body::Shown::default(), true);
    SearchHit {
        headline: card.headline,
        href: card.href,
        snippet: marked(&row.standfirst, words),
        section: card.kicker,
        when: card.when,
        language: card.language,
        dir: card.dir,
    }
}

/// The text with the words that were asked for marked.
fn marked(text: &str, words: &str) -> Vec<Span> {
    let fold = |word: &str| word.to_lowercase();
    let wanted: Vec<String> = words
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| word.chars().count() > 1)
        .map(fold)
        .collect();
    let mut spans: Vec<Span> = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let is_word = rest.starts_with(char::is_alphanumeric);
        let end = rest.find(|letter: char| letter.is_alphanumeric() != is_word).unwrap_or(rest.len());
        let (piece, after) = rest.split_at(end);
        let mark = is_word && wanted.contains(&fold(piece));
        match spans.last_mut().filter(|last| last.mark == mark) {
            Some(last) => last.text.push_str(piece),
            None => spans.push(Span { text: piece.to_owned(), mark }),
        }
        rest = after;
    }
    spans
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
            ("q=++haiti++mission+&utm_source=x&page=1", "q=haiti+mission"),
            ("page=2&q=haiti", "q=haiti&page=2"),
            ("q=haiti&page=99999999999999999999", "q=haiti"),
            ("q=haiti&page=-1", "q=haiti"),
            ("q=haiti&page=700", "q=haiti&page=50"),
            ("q=haiti&section=../x&language=xx&from=2025-13-01&to=yesterday", "q=haiti"),
            (
                "q=a&section=world&language=fr&from=2025-08-01&to=2025-08-22",
                "q=a&section=world&language=fr&from=2025-08-01&to=2025-08-22",
            ),
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

    #[test]
    fn the_words_asked_for_are_marked() {
        let spans = marked("Who leads Haïti’s mission, and who pays?", "MISSION who");
        let marks: Vec<&str> = spans.iter().filter(|span| span.mark).map(|span| span.text.as_str()).collect();
        assert_eq!(marks, ["Who", "mission", "who"]);
        assert_eq!(
            spans.iter().map(|span| span.text.as_str()).collect::<String>(),
            "Who leads Haïti’s mission, and who pays?"
        );
    }
}
