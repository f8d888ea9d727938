//! Feeds of the site, a section, a topic, an author or the corrections: full text, every address whole.

use http::{HeaderName, HeaderValue, header};
use newsroom::id::PictureId;
use newsroom::time::Timestamp;
use press::feed::{Feed, FeedAuthor, FeedImage, FeedItem};
use press::feed_html::{self, FeedPaper};
use store::{Card as Row, Published, View};

use super::body::{self, Shown};
use super::fault::Fault;
use super::lists::{self, After, Which};
use super::sheet::Sheet;
use crate::address::{FeedKind, FeedOf, Place};
use crate::cache::Kept;
use crate::printed::Printed;

/// Articles in a feed.
const ITEMS_MAX: usize = 20;

/// An article with what its text shows.
struct Item {
    published: Published,
    document: newsroom::document::Document,
    shown: Shown,
}

/// One feed, or what is older in it than `after`.
pub(super) async fn page(sheet: &Sheet, of: &FeedOf, kind: FeedKind, after: Option<After>) -> Result<Kept, Fault> {
    let (title, home) = subject(sheet, of).await?;
    let own = sheet.url(&Place::Feed(of.clone(), kind));
    let at = |after: After| format!("{own}?before={}", after.show());
    let (mut keys, mut older) = (None, None);
    let items: Vec<FeedItem> = match which(of) {
        None => super::corrections::items(sheet, ITEMS_MAX).await?,
        Some(which) => {
            let found = lists::look(sheet, which, after, ITEMS_MAX).await?;
            keys = Some(found.keys());
            older = found.older().map(at);
            let now = sheet.now();
            let items = sheet.web.desk().store().read(move |view| look(view, &found.rows, now)).await?;
            items.iter().map(|item| print(sheet, item)).collect()
        }
    };
    let feed = Feed {
        title: if title.is_empty() { sheet.site.name.clone() } else { format!("{} – {title}", sheet.site.name) },
        description: sheet.site.tagline.clone(),
        home_url: sheet.url(&home),
        self_url: after.filter(|_| keys.is_some()).map_or_else(|| own.clone(), at),
        older_url: older,
        language: sheet.language.code().to_owned(),
        updated: items.iter().map(|item| item.updated).max().unwrap_or(0),
        icon_url: Some(sheet.whole("/assets/icon-180.png")),
        hub_url: Some(sheet.paper.publication.machines.hub.clone()).filter(|hub| !hub.is_empty()),
        items,
    };
    let (content_type, text) = match kind {
        FeedKind::Rss => ("application/rss+xml; charset=utf-8", press::feed::rss(&feed)),
        FeedKind::Atom => ("application/atom+xml; charset=utf-8", press::feed::atom(&feed)),
        FeedKind::Json => ("application/feed+json; charset=utf-8", press::feed::json(&feed)),
    };
    // WebSub §4: who subscribes may read the headers alone.
    let hub = feed.hub_url.as_ref().map(|hub| format!(", <{hub}>; rel=\"hub\"")).unwrap_or_default();
    let links = HeaderValue::try_from(format!("<{}>; rel=\"self\"{hub}", feed.self_url)).map_err(Fault::broken)?;
    let printed = Printed::new(HeaderValue::from_static(content_type), text)
        .with(header::LINK, links)
        .with(HeaderName::from_static("access-control-allow-origin"), HeaderValue::from_static("*"));
    let kept = Kept::new(printed, sheet.moment.version);
    Ok(if let Some(keys) = keys { kept.of(keys) } else { kept })
}

/// The list of articles a feed is taken from; None where it is made of something else.
fn which(of: &FeedOf) -> Option<Which> {
    match of {
        FeedOf::Site => Some(Which::Latest),
        FeedOf::Section(slug) => Some(Which::Section(slug.clone())),
        FeedOf::Topic(slug) => Some(Which::Topic(slug.clone())),
        FeedOf::Author(slug) => Some(Which::Author(slug.clone())),
        FeedOf::Corrections => None,
    }
}

/// What a feed is called and which page it belongs to; that of the whole paper has no name of its own.
pub(super) async fn subject(sheet: &Sheet, of: &FeedOf) -> Result<(String, Place), Fault> {
    match of {
        FeedOf::Site => Ok((String::new(), Place::Front)),
        FeedOf::Section(slug) => {
            sheet.paper.section(slug.as_str()).ok_or(Fault::NotFound)?;
            Ok((sheet.section_name(slug), Place::Section(slug.clone())))
        }
        FeedOf::Topic(slug) => {
            let topic = sheet.paper.topic(slug.as_str()).ok_or(Fault::NotFound)?;
            Ok((sheet.name(&topic.names, slug).to_owned(), Place::Topic(slug.clone())))
        }
        FeedOf::Corrections => Ok((sheet.say("corrections", &[]), Place::Corrections)),
        FeedOf::Author(slug) => Ok((lists::known_author(sheet, slug).await?.name, Place::Author(slug.clone()))),
    }
}

fn look(view: &View<'_>, rows: &[Row], now: Timestamp) -> Result<Vec<Item>, Fault> {
    let mut items = Vec::new();
    for row in rows {
        let Some(published) = view.article_at(&row.language, &row.section, &row.slug, now)? else { continue };
        let document = body::parse(&published.revision.copy.body)?;
        let mut ids: Vec<PictureId> = body::pictures_of(&document);
        ids.extend(published.revision.copy.lead.as_ref().and_then(|lead| lead.picture));
        let shown = Shown::look(view, &ids)?;
        items.push(Item { published, document, shown });
    }
    Ok(items)
}

fn print(sheet: &Sheet, item: &Item) -> FeedItem {
    let (article, copy) = (&item.published.article, &item.published.revision.copy);
    let url = sheet.url(&Place::Article(article.section.clone(), article.slug.clone()));
    let published = article.published_at.unwrap_or(item.published.revision.at);
    let last = item.published.corrections.last().map(|correction| correction.at);
    let updated = [article.updated_at, last].into_iter().flatten().fold(published, Timestamp::max);
    let wide = copy.lead.as_ref().and_then(|lead| item.shown.widest(lead.picture?));
    let author = |author: &newsroom::publication::Author| FeedAuthor {
        name: author.name.clone(),
        url: Some(sheet.url(&Place::Author(author.slug.clone()))),
    };
    let categories = article
        .topics
        .iter()
        .filter_map(|slug| sheet.paper.topic(slug.as_str()).map(|topic| sheet.name(&topic.names, slug).to_owned()));
    let labels = body::labels(sheet);
    let paper = FeedPaper { labels: &labels, pictures: &|source| item.shown.of_source(source), base: &url };
    FeedItem {
        id: identity(sheet, article.id, published),
        title: copy.headline.clone(),
        summary: copy.standfirst.clone(),
        html: feed_html::print(&item.document, &paper),
        published: published.0,
        updated: updated.0,
        authors: super::present::article::writers(&item.published).into_iter().map(author).collect(),
        categories: [sheet.section_name(&article.section)].into_iter().chain(categories).collect(),
        language: None,
        image: wide.map(|wide| FeedImage {
            url: sheet.whole(&wide.path),
            mime: "image/jpeg".into(),
            bytes: wide.bytes,
        }),
        url,
    }
}

/// A name for ever, whatever happens to slug and section (RFC 4151).
pub(super) fn identity(sheet: &Sheet, subject: impl std::fmt::Display, at: Timestamp) -> String {
    let url = sheet.web.desk().public_url();
    let host = url.split("://").nth(1).unwrap_or(url).split([':', '/']).next().unwrap_or_default();
    format!("tag:{host},{}:{subject}", newsroom::time::Zone::utc().day(at))
}
