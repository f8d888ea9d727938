//! Search over the full text: one look brings the answers, and where there are none, what may be asked instead.

mod excerpt;
mod question;

use std::collections::HashMap;

use newsroom::id::ArticleId;
use newsroom::language::Language;
use press::page::{Choice, Field, Link, Page, Search as SearchPage, SearchHit};
use store::{Card as Row, Found, Order, Search, View};

use super::fault::Fault;
use super::present::cards;
use super::sheet::Sheet;
use crate::address::Place;
use crate::cache::Kept;
use excerpt::Marker;
pub(crate) use question::Question;
use question::{NEWEST, QUERY_LETTERS_MAX};

/// Answers on one page.
const HITS_PER_PAGE: usize = 20;
/// Authors whose names the form offers; where there are more, a name is typed.
const AUTHORS_OFFERED_MAX: usize = 60;
/// Answers that are counted where something is only offered.
const OFFERED_COUNT_MAX: usize = 100;
/// Words that are left out one by one where nothing has all of them.
const LEFT_OUT_MAX: usize = 4;

/// What one look brings.
#[derive(Default)]
struct Looked {
    found: Found,
    bodies: HashMap<ArticleId, String>,
    authors: Vec<String>,
    /// The name of the author who was asked for, if there is one.
    author: Option<String>,
    instead: Instead,
}

/// What may be asked instead, each with how much it finds.
#[derive(Default)]
struct Instead {
    mended: Option<String>,
    languages: Vec<(Language, usize)>,
    bare: usize,
    without: Vec<(String, String, usize)>,
}

/// The page of a question.
pub(super) async fn page(sheet: &Sheet, question: &Question) -> Result<Kept, Fault> {
    let looked = look(sheet, question).await?;
    let found = &looked.found;
    let words = (!question.words.is_empty()).then_some(question.words.as_str());
    let quoted = words.map(|words| sheet.say("quoted", &[("text", words)]));
    let mut meta = sheet.meta(&Place::Search, &sheet.say("search", &[]), &sheet.say("search_hint", &[]));
    meta.noindex = !question.key().is_empty();
    meta.alternates = sheet.alternates(&Place::Search);
    let path = sheet.href(&Place::Search);
    let link = |key: &str, after| Link::new(sheet.say(key, &[]), format!("{path}?{}", question.from(after).key()));
    let is_empty = found.cards.is_empty();
    let model = SearchPage {
        meta,
        action: path.clone(),
        query: question.words.clone(),
        sections: sections(sheet, question),
        languages: languages(sheet, question),
        author: Field { value: author(question, &looked), error: None },
        authors: looked.authors.clone(),
        from: Field { value: question.from.map_or_else(String::new, |day| day.to_string()), error: None },
        to: Field { value: question.to.map_or_else(String::new, |day| day.to_string()), error: None },
        narrowed: question.is_narrowed() || question.order == Order::Newest,
        order: orders(sheet, question),
        count: (!is_empty).then(|| count(sheet, found)),
        hits: hits(sheet, question, &looked),
        suggestion: looked.instead.mended.as_deref().map(|words| ask(sheet, &question.with_words(words), words)),
        empty: quoted.filter(|_| is_empty).map(|query| sheet.say("search_empty", &[("query", &query)])),
        elsewhere: elsewhere(sheet, question, &looked.instead),
        error: question.is_too_long.then(|| sheet.say("search_too_long", &[("n", &QUERY_LETTERS_MAX.to_string())])),
        newer: question.after.map(|_| link("first_page", None)),
        older: found.last.map(|last| link("next_page", Some(last))),
    };
    let mut site = (*sheet.site).clone();
    site.search_current = true;
    Ok(sheet.keep(sheet.html_on(&site, &Page::Search(model)).map_err(Fault::Broken)?))
}

async fn look(sheet: &Sheet, question: &Question) -> Result<Looked, Fault> {
    let (search, now) = (question.search(sheet), sheet.now());
    let (question, speaking) = (question.clone(), sheet.language.clone());
    let bare = question.bare().search(sheet);
    let ours = sheet.paper.publication.languages();
    let look = sheet.web.desk().store().read(move |view| {
        let mut authors = view.author_names(AUTHORS_OFFERED_MAX + 1)?;
        if authors.len() > AUTHORS_OFFERED_MAX {
            authors.clear();
        }
        let author = question.author.as_ref().map(|slug| view.author(slug)).transpose()?.flatten();
        let mut looked = Looked { authors, author: author.map(|author| author.name), ..Looked::default() };
        if question.words.is_empty() {
            return Ok(looked);
        }
        looked.found = view.search(&search, now, question.after, HITS_PER_PAGE)?;
        if looked.found.cards.is_empty() && question.after.is_some() {
            // Behind the last answer: the first ones, rather than none.
            looked.found = view.search(&search, now, None, HITS_PER_PAGE)?;
        }
        let ids: Vec<ArticleId> = looked.found.cards.iter().map(|card| card.id).collect();
        looked.bodies = view.bodies(&ids, now)?;
        if looked.found.total == 0 {
            looked.instead = instead(view, &search, &bare, &speaking, &ours, now)?;
        }
        Ok::<_, store::Error>(looked)
    });
    Ok(look.await?)
}

fn instead(
    view: &View<'_>,
    search: &Search,
    bare: &Search,
    speaking: &Language,
    ours: &[Language],
    now: newsroom::time::Timestamp,
) -> Result<Instead, store::Error> {
    let mut instead = Instead { mended: view.suggestion(search, speaking, now)?, ..Instead::default() };
    let count = |search: &Search| view.search_count(search, now, OFFERED_COUNT_MAX);
    if search.language.is_some() {
        for language in ours.iter().filter(|language| Some(*language) != search.language.as_ref()) {
            let there = count(&Search { language: Some(language.clone()), ..search.clone() })?;
            if there > 0 {
                instead.languages.push((language.clone(), there));
            }
        }
    }
    if search != bare {
        instead.bare = count(bare)?;
    }
    let words: Vec<&str> = search.words.split_whitespace().collect();
    if words.len() > 1 && instead.mended.is_none() {
        for (at, word) in words.iter().enumerate().take(LEFT_OUT_MAX) {
            let rest: Vec<&str> =
                words.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, word)| *word).collect();
            let rest = rest.join(" ");
            let there = count(&Search { words: rest.clone(), ..search.clone() })?;
            if there > 0 {
                instead.without.push(((*word).to_owned(), rest, there));
            }
        }
    }
    Ok(instead)
}

/// "12 results", "More than 200 results".
fn count(sheet: &Sheet, found: &Found) -> String {
    let count = sheet.words.count("results", found.total);
    if found.more { sheet.say("more_than", &[("count", &count)]) } else { count }
}

fn at_most(sheet: &Sheet, there: usize) -> String {
    let found = Found { total: there as u64, more: there >= OFFERED_COUNT_MAX, ..Found::default() };
    count(sheet, &found)
}

fn ask(sheet: &Sheet, question: &Question, text: &str) -> Link {
    Link::new(text, format!("{}?{}", sheet.href(&Place::Search), question.key()))
}

/// Ways on from a search that found nothing: other languages, no limits, a word less.
fn elsewhere(sheet: &Sheet, question: &Question, instead: &Instead) -> Vec<Link> {
    let mut links = Vec::new();
    if instead.bare > 0 {
        let text = sheet.say("search_everything", &[("count", &at_most(sheet, instead.bare))]);
        links.push(ask(sheet, &question.bare(), &text));
    }
    for (language, there) in &instead.languages {
        let name = sheet.words.in_language(language.code());
        let text = sheet.say("found_in", &[("language", &name), ("count", &at_most(sheet, *there))]);
        let other = Question { language: language.code().to_owned(), after: None, ..question.clone() };
        links.push(ask(sheet, &other, &text));
    }
    for (word, rest, there) in &instead.without {
        let word = sheet.say("quoted", &[("text", word)]);
        let text = sheet.say("without_word", &[("word", &word), ("count", &at_most(sheet, *there))]);
        links.push(ask(sheet, &question.with_words(rest), &text));
    }
    links
}

/// The author's name; what was typed, as far as an address keeps it, where nobody has it.
fn author(question: &Question, looked: &Looked) -> String {
    let typed = || question.author.as_ref().map_or_else(String::new, |slug| slug.as_str().replace('-', " "));
    looked.author.clone().unwrap_or_else(typed)
}

fn orders(sheet: &Sheet, question: &Question) -> Vec<Choice> {
    let one = |value: &str, key: &str, order: Order| Choice {
        value: value.to_owned(),
        label: sheet.say(key, &[]),
        chosen: question.order == order,
        language: None,
    };
    vec![one("", "best_first", Order::Best), one(NEWEST, "newest_first", Order::Newest)]
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
    let all =
        Choice { value: "all".into(), label: sheet.say("all_languages", &[]), chosen: chosen == "all", language: None };
    languages.iter().map(one).chain([all]).collect()
}

fn hits(sheet: &Sheet, question: &Question, looked: &Looked) -> Vec<SearchHit> {
    let mut markers: HashMap<&Language, Marker> = HashMap::new();
    let one = |row| {
        let row: &Row = row;
        let marker = markers.entry(&row.language).or_insert_with(|| Marker::new(&row.language, &question.words));
        hit(sheet, row, marker, looked.bodies.get(&row.id).map_or("", String::as_str))
    };
    looked.found.cards.iter().map(one).collect()
}

fn hit(sheet: &Sheet, row: &Row, marker: &Marker, markdown: &str) -> SearchHit {
    let card = cards::card(sheet, row, &super::body::Shown::default(), true);
    let body = || super::body::parse(markdown).map(|document| document.plain_text()).unwrap_or_default();
    SearchHit {
        headline: marker.spans(&card.headline),
        href: card.href,
        snippet: marker.excerpt(&row.standfirst, body),
        section: card.kicker,
        byline: card.byline,
        when: card.when,
        language: card.language,
        dir: card.dir,
    }
}
