//! What stands near an address at which nothing stands: the same article in another section or language, names
//! that differ by a letter or two, and what a search for its words finds. Bounded, because anybody can ask.

use newsroom::language::Language;
use newsroom::slug::Slug;
use press::page::Link;
use store::{Listing, Search, View};

use super::fault::Fault;
use super::present::cards;
use super::sheet::Sheet;
use crate::address::{Place, Span};

/// Characters of an address that are offered as a search.
const QUERY_CHARACTERS_MAX: usize = 60;
/// Words of an address that are looked for.
const WORDS_MAX: usize = 6;
/// Places that are offered.
const PERHAPS_MAX: usize = 5;
/// The newest articles below them.
const NEWEST_MAX: usize = 5;
/// Sections and languages in which an article is looked for.
const ELSEWHERE_MAX: usize = 60;

/// What is offered instead.
#[derive(Debug, Default)]
pub(super) struct Nearest {
    pub(super) perhaps: Vec<Link>,
    pub(super) newest: Vec<Link>,
}

/// One look around an address.
pub(super) async fn look(sheet: &Sheet, path: &str) -> Result<Nearest, Fault> {
    let mut perhaps = names(sheet, path);
    let slug = last_slug(path);
    let words: Vec<String> = words_of(path).split(' ').take(WORDS_MAX).map(str::to_owned).collect();
    let (language, now) = (sheet.language.clone(), sheet.now());
    let mut places: Vec<(Language, Slug)> = Vec::new();
    for other in [language.clone()].into_iter().chain(sheet.paper.publication.languages()) {
        places.extend(sheet.paper.sections.iter().map(|section| (other.clone(), section.slug.clone())));
    }
    places.truncate(ELSEWHERE_MAX);
    let look = sheet.web.desk().store().read(move |view| {
        let mut rows = Vec::new();
        if let Some(slug) = &slug {
            rows = same_slug(view, &places, slug, now)?;
        }
        if rows.is_empty() {
            rows = by_words(view, &language, words.clone(), now)?;
        }
        let newest = view.listing(Listing::Latest, &language, now, None, NEWEST_MAX)?;
        Ok::<_, store::Error>((rows, newest))
    });
    let (rows, newest) = look.await?;
    for link in rows.iter().map(|row| cards::link(sheet, row)) {
        if !perhaps.contains(&link) {
            perhaps.push(link);
        }
    }
    perhaps.truncate(PERHAPS_MAX);
    Ok(Nearest { perhaps, newest: newest.iter().map(|row| cards::link(sheet, row)).collect() })
}

/// The article of that name in any section and language.
fn same_slug(
    view: &View<'_>,
    places: &[(Language, Slug)],
    slug: &Slug,
    now: newsroom::time::Timestamp,
) -> Result<Vec<store::Card>, store::Error> {
    let mut ids = Vec::new();
    for (language, section) in places {
        ids.extend(view.public_at(language, section, slug, now)?);
    }
    ids.dedup();
    view.cards(&ids, now)
}

/// What has all words of an address, else all but a slip, else fewer and fewer of them from the end.
fn by_words(
    view: &View<'_>,
    language: &Language,
    mut words: Vec<String>,
    now: newsroom::time::Timestamp,
) -> Result<Vec<store::Card>, store::Error> {
    let search =
        |words: &str| Search { words: words.to_owned(), language: Some(language.clone()), ..Search::default() };
    let all = search(&words.join(" "));
    let found = view.search(&all, now, None, PERHAPS_MAX)?;
    if found.total > 0 {
        return Ok(found.cards);
    }
    if let Some(mended) = view.suggestion(&all, language, now)? {
        return Ok(view.search(&search(&mended), now, None, PERHAPS_MAX)?.cards);
    }
    while words.len() > 2 {
        words.pop();
        let found = view.search(&search(&words.join(" ")), now, None, PERHAPS_MAX)?;
        if found.total > 0 {
            return Ok(found.cards);
        }
    }
    Ok(Vec::new())
}

/// Places of ours whose name differs from the first part of the address, or from what follows `topic/`, by a slip.
fn names(sheet: &Sheet, path: &str) -> Vec<Link> {
    let decoded = percent_encoding::percent_decode_str(path).decode_utf8_lossy().to_lowercase();
    let mut parts: Vec<&str> = decoded.split('/').filter(|part| !part.is_empty()).collect();
    if parts.first().is_some_and(|first| Language::parse(first).is_some_and(|tag| tag == sheet.language)) {
        parts.remove(0);
    }
    let Some(first) = parts.first().map(|part| part.split('.').next().unwrap_or(part)) else { return Vec::new() };
    let near = |name: &str, typed: &str| store::search::slips::are_near(name, typed);
    let mut links = Vec::new();
    for section in &sheet.paper.sections {
        if near(section.slug.as_str(), first) || near(&sheet.section_name(&section.slug).to_lowercase(), first) {
            links.push(sheet.link(sheet.section_name(&section.slug), &Place::Section(section.slug.clone())));
        }
    }
    let after =
        if matches!(first, "topic" | "topics" | "tag") { parts.get(1).copied().unwrap_or(first) } else { first };
    for topic in &sheet.paper.topics {
        if near(topic.slug.as_str(), after) {
            links.push(sheet.link(sheet.name(&topic.names, &topic.slug), &Place::Topic(topic.slug.clone())));
        }
    }
    let fixed = [("archive", "archive", Place::Archive(Span::All)), ("search", "search", Place::Search)];
    for (word, key, place) in fixed.into_iter().chain([("corrections", "corrections", Place::Corrections)]) {
        if near(word, first) {
            links.push(sheet.link(sheet.say(key, &[]), &place));
        }
    }
    let ends_near = |link: &&Link| link.href.rsplit('/').next().is_some_and(|word| near(word, first));
    links.extend(sheet.site.policies.iter().filter(ends_near).cloned());
    links
}

/// The last part of an address as the slug of an article, if it could be one.
fn last_slug(path: &str) -> Option<Slug> {
    let decoded = percent_encoding::percent_decode_str(path).decode_utf8_lossy().into_owned();
    let last = decoded.rsplit('/').find(|part| !part.is_empty())?;
    let stem = last.rsplit_once('.').map_or(last, |(stem, _)| stem);
    Slug::from_words(stem)
}

/// What somebody may have looked for: the words of the last part of an address that has some.
pub(super) fn words_of(path: &str) -> String {
    let decoded = percent_encoding::percent_decode_str(path).decode_utf8_lossy();
    let last = decoded.rsplit('/').find(|part| part.chars().any(char::is_alphabetic)).unwrap_or_default();
    let last = last.rsplit_once('.').map_or(last, |(stem, _)| stem);
    let spaced: String = last.chars().map(|letter| if letter.is_alphanumeric() { letter } else { ' ' }).collect();
    let words = spaced.split_whitespace().collect::<Vec<_>>().join(" ");
    words.chars().take(QUERY_CHARACTERS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_page_offers_the_words_of_its_address() {
        for (path, words) in [
            ("/international/who-will-lead.html", "who will lead"),
            ("/a/%D8%B3%D8%AF-1/", "سد 1"),
            ("/%ff%00<script>", "script"),
            ("/2025/08/22", ""),
            ("/", ""),
        ] {
            assert_eq!(words_of(path), words, "{path}");
        }
    }
}
