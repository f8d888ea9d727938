//! Prints a feed as RSS 2.0, Atom and JSON Feed, from one value. Knows nothing of articles.

use serde_json::{Map, Value, json};

use crate::xml::{Xml, rfc2822, rfc3339};

/// The last part of a feed's address: RSS, Atom, JSON Feed.
pub const FILES: [&str; 3] = ["feed.xml", "feed.atom", "feed.json"];

/// A feed: the site, a section, a topic, an author or a story. Addresses are absolute.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Feed {
    pub title: String,
    /// What the feed holds, in a sentence; empty: the title stands in.
    pub description: String,
    /// The page it belongs to.
    pub home_url: String,
    /// Its own address.
    pub self_url: String,
    /// BCP 47.
    pub language: String,
    /// Microseconds since 1970 in UTC: the newest change in it.
    pub updated: i64,
    /// A square picture of the publication.
    pub icon_url: Option<String>,
    /// A WebSub hub.
    pub hub_url: Option<String>,
    /// Where what is older stands (RFC 5005 §3).
    pub older_url: Option<String>,
    /// Newest first.
    pub items: Vec<FeedItem>,
}

/// One article in a feed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FeedItem {
    /// The same for ever, whatever happens to the address.
    pub id: String,
    pub url: String,
    pub title: String,
    /// Plain text: the standfirst.
    pub summary: String,
    /// Whole body (see [`crate::feed_html`]); empty: the feed carries summaries only.
    pub html: String,
    /// Microseconds since 1970 in UTC.
    pub published: i64,
    /// Microseconds since 1970 in UTC; not before `published`.
    pub updated: i64,
    pub authors: Vec<FeedAuthor>,
    pub categories: Vec<String>,
    /// BCP 47, if it is not the feed's.
    pub language: Option<String>,
    pub image: Option<FeedImage>,
}

/// A name above an article.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FeedAuthor {
    pub name: String,
    pub url: Option<String>,
}

/// The picture of an article.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FeedImage {
    pub url: String,
    /// `image/jpeg`
    pub mime: String,
    pub bytes: u64,
}

/// RSS 2.0 with `content:encoded`, `dc:creator` and `atom:link rel=self`. Serve as `application/rss+xml`.
pub fn rss(feed: &Feed) -> String {
    let mut xml = Xml::new();
    xml.open(
        "rss",
        &[
            ("version", "2.0"),
            ("xmlns:atom", "http://www.w3.org/2005/Atom"),
            ("xmlns:content", "http://purl.org/rss/1.0/modules/content/"),
            ("xmlns:dc", "http://purl.org/dc/elements/1.1/"),
        ],
    );
    xml.open("channel", &[]);
    xml.text("title", &[], &feed.title);
    xml.text("link", &[], &feed.home_url);
    xml.text("description", &[], if feed.description.is_empty() { &feed.title } else { &feed.description });
    xml.text("language", &[], &feed.language);
    xml.text("lastBuildDate", &[], &rfc2822(feed.updated));
    xml.empty("atom:link", &[("href", &feed.self_url), ("rel", "self"), ("type", "application/rss+xml")]);
    if let Some(hub) = &feed.hub_url {
        xml.empty("atom:link", &[("href", hub), ("rel", "hub")]);
    }
    if let Some(older) = &feed.older_url {
        xml.empty("atom:link", &[("href", older), ("rel", "next"), ("type", "application/rss+xml")]);
    }
    if let Some(icon) = &feed.icon_url {
        xml.open("image", &[]);
        xml.text("url", &[], icon);
        xml.text("title", &[], &feed.title);
        xml.text("link", &[], &feed.home_url);
        xml.close();
    }
    for item in &feed.items {
        rss_item(&mut xml, item);
    }
    xml.finish()
}

fn rss_item(xml: &mut Xml, item: &FeedItem) {
    xml.open("item", &[]);
    xml.text("title", &[], &item.title);
    xml.text("link", &[], &item.url);
    let is_address = if item.id == item.url { "true" } else { "false" };
    xml.text("guid", &[("isPermaLink", is_address)], &item.id);
    xml.text("pubDate", &[], &rfc2822(item.published));
    for author in &item.authors {
        xml.text("dc:creator", &[], &author.name);
    }
    for category in &item.categories {
        xml.text("category", &[], category);
    }
    xml.text("description", &[], &item.summary);
    if !item.html.is_empty() {
        xml.text("content:encoded", &[], &item.html);
    }
    if let Some(image) = &item.image {
        let bytes = image.bytes.to_string();
        xml.empty("enclosure", &[("url", &image.url), ("length", &bytes), ("type", &image.mime)]);
    }
    xml.close();
}

/// Atom (RFC 4287). Serve as `application/atom+xml`.
pub fn atom(feed: &Feed) -> String {
    let mut xml = Xml::new();
    xml.open("feed", &[("xmlns", "http://www.w3.org/2005/Atom"), ("xml:lang", &feed.language)]);
    // All pages of a feed are one feed.
    xml.text("id", &[], feed.self_url.split('?').next().unwrap_or_default());
    xml.text("title", &[], &feed.title);
    if !feed.description.is_empty() {
        xml.text("subtitle", &[], &feed.description);
    }
    xml.text("updated", &[], &rfc3339(feed.updated));
    xml.empty("link", &[("rel", "self"), ("type", "application/atom+xml"), ("href", &feed.self_url)]);
    xml.empty("link", &[("rel", "alternate"), ("type", "text/html"), ("href", &feed.home_url)]);
    if let Some(hub) = &feed.hub_url {
        xml.empty("link", &[("rel", "hub"), ("href", hub)]);
    }
    if let Some(older) = &feed.older_url {
        xml.empty("link", &[("rel", "next"), ("type", "application/atom+xml"), ("href", older)]);
    }
    if let Some(icon) = &feed.icon_url {
        xml.text("icon", &[], icon);
    }
    // RFC 4287 §4.1.1: an author in the feed or in every entry.
    xml.open("author", &[]);
    xml.text("name", &[], &feed.title);
    xml.close();
    for item in &feed.items {
        atom_entry(&mut xml, item);
    }
    xml.finish()
}

fn atom_entry(xml: &mut Xml, item: &FeedItem) {
    let language = item.language.as_deref().map(|language| ("xml:lang", language));
    xml.open("entry", language.as_slice());
    xml.text("id", &[], &item.id);
    xml.text("title", &[], &item.title);
    xml.empty("link", &[("rel", "alternate"), ("type", "text/html"), ("href", &item.url)]);
    xml.text("published", &[], &rfc3339(item.published));
    xml.text("updated", &[], &rfc3339(item.updated.max(item.published)));
    for author in &item.authors {
        xml.open("author", &[]);
        xml.text("name", &[], &author.name);
        if let Some(url) = &author.url {
            xml.text("uri", &[], url);
        }
        xml.close();
    }
    for category in &item.categories {
        xml.empty("category", &[("term", category)]);
    }
    xml.text("summary", &[("type", "text")], &item.summary);
    if !item.html.is_empty() {
        xml.text("content", &[("type", "html")], &item.html);
    }
    if let Some(image) = &item.image {
        let bytes = image.bytes.to_string();
        let link = [("rel", "enclosure"), ("type", &image.mime), ("length", &bytes), ("href", &image.url)];
        xml.empty("link", &link);
    }
    xml.close();
}

/// JSON Feed 1.1 (jsonfeed.org). Serve as `application/feed+json`.
pub fn json(feed: &Feed) -> String {
    let mut out = Map::new();
    out.insert("version".into(), json!("https://jsonfeed.org/version/1.1"));
    out.insert("title".into(), json!(feed.title));
    out.insert("home_page_url".into(), json!(feed.home_url));
    out.insert("feed_url".into(), json!(feed.self_url));
    if let Some(older) = &feed.older_url {
        out.insert("next_url".into(), json!(older));
    }
    if !feed.description.is_empty() {
        out.insert("description".into(), json!(feed.description));
    }
    if let Some(icon) = &feed.icon_url {
        out.insert("icon".into(), json!(icon));
    }
    out.insert("language".into(), json!(feed.language));
    if let Some(hub) = &feed.hub_url {
        out.insert("hubs".into(), json!([{ "type": "WebSub", "url": hub }]));
    }
    out.insert("items".into(), Value::Array(feed.items.iter().map(json_item).collect()));
    let mut text = serde_json::to_string_pretty(&Value::Object(out)).expect("a map of strings is JSON");
    text.push('\n');
    text
}

fn json_item(item: &FeedItem) -> Value {
    let mut out = Map::new();
    out.insert("id".into(), json!(item.id));
    out.insert("url".into(), json!(item.url));
    out.insert("title".into(), json!(item.title));
    if item.html.is_empty() {
        out.insert("content_text".into(), json!(item.summary));
    } else {
        out.insert("content_html".into(), json!(item.html));
    }
    out.insert("summary".into(), json!(item.summary));
    if let Some(image) = &item.image {
        out.insert("image".into(), json!(image.url));
    }
    out.insert("date_published".into(), json!(rfc3339(item.published)));
    out.insert("date_modified".into(), json!(rfc3339(item.updated.max(item.published))));
    let authors = item.authors.iter().map(|author| match &author.url {
        Some(url) => json!({ "name": author.name, "url": url }),
        None => json!({ "name": author.name }),
    });
    out.insert("authors".into(), Value::Array(authors.collect()));
    out.insert("tags".into(), json!(item.categories));
    if let Some(language) = &item.language {
        out.insert("language".into(), json!(language));
    }
    Value::Object(out)
}
