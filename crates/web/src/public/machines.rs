//! What only machines read: JSON-LD, sitemaps, robots.txt, trust.txt, security.txt.

use std::collections::HashMap;

use http::HeaderValue;
use newsroom::id::{ArticleId, WorkId};
use newsroom::time::{DAY, HOUR};
use press::json_ld::{CorrectionNote, NewsArticle, Organization, Person};
use press::sitemap::{self, NewsPage, SitemapPage};
use store::{Published, SitemapLine};

use super::body::Shown;
use super::fault::Fault;
use super::sheet::Sheet;
use crate::address::{Place, Policy, Span};
use crate::cache::Kept;
use crate::printed::{Printed, TEXT};

/// Articles in one part of the sitemap. The format allows 50,000 addresses or 50 MB; half of it is read faster.
const PART: usize = 25_000;
/// How long the news sitemap looks back.
const NEWS_MICROS: i64 = 2 * DAY;
const XML: HeaderValue = HeaderValue::from_static("application/xml; charset=utf-8");
/// How long security.txt promises to be right (RFC 9116 §2.5.5 recommends less than a year).
const SECURITY_DAYS: i64 = 180;

fn publisher(sheet: &Sheet) -> Organization {
    let written = super::policies::titles(sheet);
    let policy =
        |wanted: Policy| written.iter().any(|(policy, _)| *policy == wanted).then(|| sheet.url(&Place::Policy(wanted)));
    Organization {
        name: sheet.site.name.clone(),
        url: sheet.url(&Place::Front),
        logo: Some(sheet.whole("/assets/icon-180.png")),
        publishing_principles: policy(Policy::About),
        corrections_policy: policy(Policy::Corrections),
        ethics_policy: policy(Policy::Ethics),
        masthead: policy(Policy::Masthead),
        ..Organization::default()
    }
}

/// The publication itself, on its front page.
pub(super) fn organisation(sheet: &Sheet) -> Option<String> {
    let publisher = publisher(sheet);
    let value = serde_json::json!({
        "@context": "https://schema.org",
        "@type": "NewsMediaOrganization",
        "name": publisher.name,
        "url": publisher.url,
        "logo": publisher.logo,
        "publishingPrinciples": publisher.publishing_principles,
        "correctionsPolicy": publisher.corrections_policy,
        "ethicsPolicy": publisher.ethics_policy,
        "masthead": publisher.masthead,
    });
    let serde_json::Value::Object(map) = value else { return None };
    let stated = map.into_iter().filter(|(_, value)| !value.is_null()).collect();
    Some(press::json_ld::for_script(&serde_json::Value::Object(stated)))
}

/// What search engines read about an article.
pub(super) fn article_json_ld(sheet: &Sheet, published: &Published, shown: &Shown) -> Option<String> {
    let (article, copy) = (&published.article, &published.revision.copy);
    let url = sheet.url(&Place::Article(article.section.clone(), article.slug.clone()));
    let person = |author: &newsroom::publication::Author| Person {
        name: author.name.clone(),
        url: Some(sheet.url(&Place::Author(author.slug.clone()))),
        role: super::present::cards::filled(&author.title),
    };
    let correction = |correction: &newsroom::article::Correction| CorrectionNote {
        at: correction.at.0,
        text: correction.text.clone(),
        url: Some(format!("{url}#corrections")),
    };
    let wide = copy.lead.as_ref().and_then(|lead| shown.widest(lead.picture?));
    let length = published.revision.length;
    Some(press::json_ld::print(&NewsArticle {
        headline: copy.headline.clone(),
        description: copy.standfirst.clone(),
        published: article.published_at.unwrap_or(published.revision.at).0,
        updated: article.updated_at.map(|at| at.0),
        authors: super::present::article::writers(published).into_iter().map(person).collect(),
        publisher: publisher(sheet),
        images: wide.map(|wide| sheet.whole(&wide.path)).into_iter().collect(),
        section: Some(sheet.section_name(&article.section)),
        language: article.language.code().to_owned(),
        corrections: published.corrections.iter().map(correction).collect(),
        words: (length.words + length.characters) as usize,
        url,
    }))
}

/// The sitemap, or an index of its parts where one would be too long.
pub(super) async fn sitemap(sheet: &Sheet) -> Result<Kept, Fault> {
    let now = sheet.now();
    let count = sheet.web.desk().store().read(move |view| view.public_count(now)).await;
    let count: u64 = count.map_err(|error: store::Error| Fault::from(error))?;
    if count <= PART as u64 {
        return sitemap_part(sheet, 1).await;
    }
    let parts = u32::try_from(count.div_ceil(PART as u64)).unwrap_or(u32::MAX);
    let part = |number: u32| SitemapPage {
        url: sheet.url(&Place::SitemapPart(number)),
        updated: None,
        translations: Vec::new(),
    };
    let parts: Vec<SitemapPage> = (1..=parts).map(part).collect();
    Ok(file(sheet, XML, sitemap::index(&parts), None))
}

/// One part of the sitemap; the first begins with the pages that are no articles.
pub(super) async fn sitemap_part(sheet: &Sheet, number: u32) -> Result<Kept, Fault> {
    let now = sheet.now();
    let look = sheet.web.desk().store().read(move |view| {
        let mut after: Option<ArticleId> = None;
        for _ in 1..number {
            let skipped = view.sitemap(now, after, PART)?;
            match skipped.last().filter(|_| skipped.len() == PART) {
                Some(last) => after = Some(last.id),
                None => return Ok(Vec::new()),
            }
        }
        view.sitemap(now, after, PART)
    });
    let lines = look.await.map_err(|error: store::Error| Fault::from(error))?;
    if lines.is_empty() && number > 1 {
        return Err(Fault::NotFound);
    }
    let mut pages = if number == 1 { standing_pages(sheet) } else { Vec::new() };
    pages.extend(article_pages(sheet, &lines));
    Ok(file(sheet, XML, sitemap::pages(&pages), None))
}

/// Front pages, sections, policies and corrections in every language.
fn standing_pages(sheet: &Sheet) -> Vec<SitemapPage> {
    let sections = sheet.paper.sections.iter().map(|section| Place::Section(section.slug.clone()));
    let topics = sheet.paper.topics.iter().map(|topic| Place::Topic(topic.slug.clone()));
    let policies = super::policies::titles(sheet).into_iter().map(|(policy, _)| Place::Policy(policy));
    let others = [Place::Corrections, Place::Archive(Span::All)];
    let places = [Place::Front].into_iter().chain(sections).chain(topics).chain(policies).chain(others);
    let languages = sheet.paper.publication.languages();
    places
        .flat_map(|place| {
            let url = |language: &newsroom::language::Language| sheet.whole(&sheet.href_in(language, &place));
            let all: Vec<(String, String)> =
                languages.iter().map(|language| (language.code().to_owned(), url(language))).collect();
            let translations = if all.len() > 1 { all.clone() } else { Vec::new() };
            all.into_iter().map(move |(_, url)| SitemapPage { url, updated: None, translations: translations.clone() })
        })
        .collect()
}

fn article_pages(sheet: &Sheet, lines: &[SitemapLine]) -> Vec<SitemapPage> {
    let url = |line: &SitemapLine| {
        sheet.whole(&sheet.href_in(&line.language, &Place::Article(line.section.clone(), line.slug.clone())))
    };
    let mut works: HashMap<WorkId, Vec<(String, String)>> = HashMap::new();
    for line in lines {
        works.entry(line.work).or_default().push((line.language.code().to_owned(), url(line)));
    }
    let page = |line: &SitemapLine| SitemapPage {
        url: url(line),
        updated: Some(line.updated_at.unwrap_or(line.published_at).0),
        translations: works.get(&line.work).filter(|all| all.len() > 1).cloned().unwrap_or_default(),
    };
    lines.iter().map(page).collect()
}

/// The articles of the last two days.
pub(super) async fn news_sitemap(sheet: &Sheet) -> Result<Kept, Fault> {
    let now = sheet.now();
    let since = now.plus(-NEWS_MICROS);
    let look = sheet.web.desk().store().read(move |view| view.sitemap_news(now, since, sitemap::NEWS_ARTICLES_MAX));
    let lines = look.await.map_err(|error: store::Error| Fault::from(error))?;
    let page = |line: &SitemapLine| NewsPage {
        url: sheet.whole(&sheet.href_in(&line.language, &Place::Article(line.section.clone(), line.slug.clone()))),
        title: line.headline.clone(),
        publication: sheet.site.name.clone(),
        language: line.language.code().to_owned(),
        published: line.published_at.0,
    };
    let pages: Vec<NewsPage> = lines.iter().map(page).collect();
    Ok(file(sheet, XML, sitemap::news(&pages), Some(HOUR)))
}

/// What crawlers should leave alone, and where the sitemaps are.
pub(super) fn robots(sheet: &Sheet) -> Kept {
    let text = format!(
        "User-agent: *\nDisallow: /newsroom\nDisallow: /preferences/\nDisallow: /unsubscribe/\nDisallow: /subscribe/confirm/\n\
         Disallow: /search?\n\nSitemap: {}\nSitemap: {}\n",
        sheet.url(&Place::Sitemap),
        sheet.url(&Place::NewsSitemap),
    );
    file(sheet, TEXT, text, None)
}

/// Who we are, for machines that judge sources (JournalList trust.txt).
pub(super) fn trust(sheet: &Sheet) -> Kept {
    let mut text = format!("# {}\n", one_line(&sheet.site.name));
    let contact = &sheet.paper.publication.contact;
    if contact.contains('@') {
        text.push_str(&format!("contact=mailto:{}\n", one_line(contact)));
    }
    for (policy, _) in super::policies::titles(sheet) {
        text.push_str(&format!("disclosure={}\n", sheet.url(&Place::Policy(policy))));
    }
    text.push_str(&format!("disclosure={}\n", sheet.url(&Place::Corrections)));
    file(sheet, TEXT, text, None)
}

/// Where to report a hole (RFC 9116). Not there while the publication has no address to write to.
pub(super) fn security(sheet: &Sheet) -> Result<Kept, Fault> {
    let contact = one_line(&sheet.paper.publication.contact);
    if !contact.contains('@') {
        return Err(Fault::NotFound);
    }
    let expires = sheet.midnight().plus(SECURITY_DAYS * DAY).rfc3339();
    let languages: Vec<String> = sheet.paper.publication.languages().iter().map(ToString::to_string).collect();
    let text = format!(
        "Contact: mailto:{contact}\nExpires: {expires}\nPreferred-Languages: {}\nCanonical: {}\n",
        languages.join(", "),
        sheet.url(&Place::Security),
    );
    Ok(file(sheet, TEXT, text, Some(DAY)))
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn file(sheet: &Sheet, content_type: HeaderValue, text: String, micros: Option<i64>) -> Kept {
    let until = micros.map(|micros| sheet.now().plus(micros));
    Kept { printed: Printed::new(content_type, text), version: sheet.moment.version, until }
}
