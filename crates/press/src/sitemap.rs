//! Prints sitemaps (sitemaps.org 0.9) and the news sitemap. Keeps their limits.

use crate::xml::{Xml, rfc3339};

/// Most addresses in one sitemap (sitemaps.org).
pub const SITEMAP_PAGES_MAX: usize = 50_000;
/// Most articles in a news sitemap (Google News).
pub const NEWS_ARTICLES_MAX: usize = 1_000;

const NAMESPACE: &str = "http://www.sitemaps.org/schemas/sitemap/0.9";

/// A page in a sitemap, or a sitemap in an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SitemapPage {
    /// Absolute address.
    pub url: String,
    /// Microseconds since 1970 in UTC: the last change a reader would notice.
    pub updated: Option<i64>,
    /// The same page in other languages: BCP 47 and absolute address.
    pub translations: Vec<(String, String)>,
}

/// An article in the news sitemap. Only those of the last two days belong there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewsPage {
    /// Absolute address.
    pub url: String,
    pub title: String,
    /// Name of the publication.
    pub publication: String,
    /// BCP 47; only its first part is printed, as the format wants it.
    pub language: String,
    /// Microseconds since 1970 in UTC.
    pub published: i64,
}

/// One sitemap. Prints the first [`SITEMAP_PAGES_MAX`] pages: part them before.
pub fn pages(pages: &[SitemapPage]) -> String {
    let mut xml = Xml::new();
    xml.open("urlset", &[("xmlns", NAMESPACE), ("xmlns:xhtml", "http://www.w3.org/1999/xhtml")]);
    for page in pages.iter().take(SITEMAP_PAGES_MAX) {
        xml.open("url", &[]);
        located(&mut xml, page);
        for (language, url) in &page.translations {
            xml.empty("xhtml:link", &[("rel", "alternate"), ("hreflang", language), ("href", url)]);
        }
        xml.close();
    }
    xml.finish()
}

/// An index of sitemaps; translations are not printed. Prints the first [`SITEMAP_PAGES_MAX`].
pub fn index(sitemaps: &[SitemapPage]) -> String {
    let mut xml = Xml::new();
    xml.open("sitemapindex", &[("xmlns", NAMESPACE)]);
    for sitemap in sitemaps.iter().take(SITEMAP_PAGES_MAX) {
        xml.open("sitemap", &[]);
        located(&mut xml, sitemap);
        xml.close();
    }
    xml.finish()
}

/// The news sitemap: the first [`NEWS_ARTICLES_MAX`] articles, so hand the newest first.
pub fn news(articles: &[NewsPage]) -> String {
    let mut xml = Xml::new();
    let news = ("xmlns:news", "http://www.google.com/schemas/sitemap-news/0.9");
    xml.open("urlset", &[("xmlns", NAMESPACE), news]);
    for article in articles.iter().take(NEWS_ARTICLES_MAX) {
        let language = article.language.split('-').next().unwrap_or_default();
        xml.open("url", &[]);
        xml.text("loc", &[], &article.url);
        xml.open("news:news", &[]);
        xml.open("news:publication", &[]);
        xml.text("news:name", &[], &article.publication);
        xml.text("news:language", &[], language);
        xml.close();
        xml.text("news:publication_date", &[], &rfc3339(article.published));
        xml.text("news:title", &[], &article.title);
        xml.close();
        xml.close();
    }
    xml.finish()
}

fn located(xml: &mut Xml, page: &SitemapPage) {
    xml.text("loc", &[], &page.url);
    if let Some(updated) = page.updated {
        xml.text("lastmod", &[], &rfc3339(updated));
    }
}
