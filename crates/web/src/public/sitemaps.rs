//! Sitemaps: the index, its parts, the news of two days. Every time in them is that of a change readers would notice.

use std::collections::HashMap;

use http::HeaderValue;
use newsroom::id::WorkId;
use newsroom::language::Language;
use newsroom::slug::Slug;
use newsroom::time::{DAY, HOUR};
use press::sitemap::{self, NewsPage, SitemapPage};
use store::SitemapLine;

use super::fault::Fault;
use super::sheet::Sheet;
use crate::address::{Place, Span};
use crate::cache::Kept;

/// How long the news sitemap looks back (Google News).
const NEWS_MICROS: i64 = 2 * DAY;
const XML: HeaderValue = HeaderValue::from_static("application/xml; charset=utf-8");

/// The index: part 0 for the pages that are no articles, then the parts as they were filled.
pub(super) async fn index(sheet: &Sheet) -> Result<Kept, Fault> {
    let parts = sheet.web.desk().store().read(|view| view.sitemap_parts()).await.map_err(Fault::from)?;
    let page = |number: u32, updated: Option<i64>| SitemapPage {
        url: sheet.url(&Place::SitemapPart(number)),
        updated,
        translations: Vec::new(),
    };
    let articles = parts.into_iter().map(|part| page(part.number, Some(part.changed_at.0)));
    let pages: Vec<SitemapPage> = [page(0, None)].into_iter().chain(articles).collect();
    Ok(file(sheet, sitemap::index(&pages), None))
}

/// One part.
pub(super) async fn part(sheet: &Sheet, number: u32) -> Result<Kept, Fault> {
    if number == 0 {
        return Ok(file(sheet, sitemap::pages(&standing_pages(sheet)), None));
    }
    let now = sheet.now();
    let look = sheet.web.desk().store().read(move |view| {
        let known = view.sitemap_parts()?.iter().any(|part| part.number == number);
        let lines = view.sitemap(now, number)?;
        let mut works: Vec<WorkId> = lines.iter().map(|line| line.work).collect();
        works.sort_unstable();
        works.dedup();
        Ok::<_, store::Error>((known, view.versions(&works, now)?, lines))
    });
    let (known, versions, lines) = look.await.map_err(Fault::from)?;
    if !known {
        return Err(Fault::NotFound);
    }
    let mut works: HashMap<WorkId, Vec<(String, String)>> = HashMap::new();
    for (work, language, section, slug) in versions {
        let url = address(sheet, &language, &section, &slug);
        works.entry(work).or_default().push((language.code().to_owned(), url));
    }
    let page = |line: &SitemapLine| SitemapPage {
        url: address(sheet, &line.language, &line.section, &line.slug),
        updated: Some(line.updated_at.unwrap_or(line.published_at).0),
        translations: works.get(&line.work).filter(|all| all.len() > 1).cloned().unwrap_or_default(),
    };
    let pages: Vec<SitemapPage> = lines.iter().map(page).collect();
    Ok(file(sheet, sitemap::pages(&pages), None))
}

/// The articles of the last two days.
pub(super) async fn news(sheet: &Sheet) -> Result<Kept, Fault> {
    let now = sheet.now();
    let since = now.plus(-NEWS_MICROS);
    let look = sheet.web.desk().store().read(move |view| view.sitemap_news(now, since, sitemap::NEWS_ARTICLES_MAX));
    let lines = look.await.map_err(Fault::from)?;
    let page = |line: &SitemapLine| NewsPage {
        url: address(sheet, &line.language, &line.section, &line.slug),
        title: line.headline.clone(),
        publication: sheet.site.name.clone(),
        language: line.language.code().to_owned(),
        published: line.published_at.0,
    };
    let pages: Vec<NewsPage> = lines.iter().map(page).collect();
    Ok(file(sheet, sitemap::news(&pages), Some(HOUR)))
}

fn address(sheet: &Sheet, language: &Language, section: &Slug, slug: &Slug) -> String {
    sheet.whole(&sheet.href_in(language, &Place::Article(section.clone(), slug.clone())))
}

/// Front pages, sections, topics, policies, corrections and the archive in every language.
fn standing_pages(sheet: &Sheet) -> Vec<SitemapPage> {
    let sections = sheet.paper.sections.iter().map(|section| Place::Section(section.slug.clone()));
    let topics = sheet.paper.topics.iter().map(|topic| Place::Topic(topic.slug.clone()));
    let policies = super::policies::titles(sheet).into_iter().map(|(policy, _)| Place::Policy(policy));
    let others = [Place::Corrections, Place::Archive(Span::All)];
    let places = [Place::Front].into_iter().chain(sections).chain(topics).chain(policies).chain(others);
    let languages = sheet.paper.publication.languages();
    places
        .flat_map(|place| {
            let url = |language: &Language| sheet.whole(&sheet.href_in(language, &place));
            let all: Vec<(String, String)> =
                languages.iter().map(|language| (language.code().to_owned(), url(language))).collect();
            let translations = if all.len() > 1 { all.clone() } else { Vec::new() };
            all.into_iter().map(move |(_, url)| SitemapPage { url, updated: None, translations: translations.clone() })
        })
        .collect()
}

fn file(sheet: &Sheet, text: String, micros: Option<i64>) -> Kept {
    super::machines::file(sheet, XML, text, micros)
}
