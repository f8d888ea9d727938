//! The article, as a page and as plain text. What is not public here is explained or not there at all.

use axum::response::Response;
use http::HeaderValue;
use newsroom::id::{ArticleId, PictureId};
use newsroom::slug::Slug;
use newsroom::surrogate::{Key, List};
use newsroom::time::Timestamp;
use press::page::Page;
use store::{Card as Row, Elsewhere, Listing, Published};

use super::body::{self, Shown};
use super::fault::Fault;
use super::present;
use super::sheet::Sheet;
use crate::address::Place;
use crate::cache::Kept;
use crate::printed::{HTML, Printed, TEXT};
use crate::site::Web;

/// Related articles under one.
const RELATED_MAX: usize = 4;

/// What one look brings for a reading page.
struct Found {
    published: Published,
    document: newsroom::document::Document,
    related: Vec<Row>,
    next: Option<Row>,
    shown: Shown,
    /// The blob of the drawn headline.
    share: Option<String>,
}

impl Found {
    /// What the page is made of: the article, what else is offered, and the lists that is taken from.
    fn keys(&self) -> Vec<Key> {
        let article = &self.published.article;
        let lists = article.topics.iter().map(List::Topic).chain([List::Section(&article.section)]);
        let others = self.related.iter().chain(&self.next).map(|row| row.work);
        lists
            .map(|list| Key::list(list, &article.language))
            .chain([article.work].into_iter().chain(others).map(Key::work))
            .collect()
    }
}

/// The reading page.
pub(super) async fn page(sheet: &Sheet, section: &Slug, slug: &Slug) -> Result<Kept, Fault> {
    let found = look(sheet, section, slug).await?;
    Ok(sheet.keep(html(sheet, &found)?).of(found.keys()))
}

/// The newest words of an article in whatever state, printed as readers would see them. For staff only: the caller
/// has asked who they are. Pictures come from the newsroom's own address, because readers may not have them yet.
pub async fn article_preview(web: &Web, id: ArticleId) -> Result<Response, desk::Error> {
    let moment = web.moment()?;
    let now = moment.now;
    let found = web.desk().store().read(move |view| look_at_desk(view, id, now)).await;
    let language = |found: &Found| found.published.article.language.clone();
    let print = found.and_then(|found| {
        let sheet = Sheet::new(web, web.desk().paper(), language(&found), moment);
        html(&sheet, &found)
    });
    let page = match print {
        Ok(html) => Printed::once(HTML, http::StatusCode::OK, html),
        Err(Fault::Broken(cause)) => return Err(desk::Error::Broken(cause)),
        Err(Fault::NotFound | Fault::Gone { .. } | Fault::Moved(_)) => return Err(desk::Error::Missing),
    };
    Ok(page.in_frame_of_ours().answer(&http::HeaderMap::new()))
}

fn look_at_desk(view: &store::View<'_>, id: ArticleId, now: Timestamp) -> Result<Found, Fault> {
    let article = view.article_as_saved(id)?.ok_or(Fault::NotFound)?;
    let revision = view.revision(id, article.revision)?.ok_or(Fault::NotFound)?;
    let mut authors = Vec::new();
    for byline in &article.bylines {
        authors.extend(view.author(&byline.author)?);
    }
    let mut translations = view.translations(article.work, now)?;
    translations.retain(|translation| translation.article != id);
    let corrections = view.corrections(id)?;
    let document = body::parse(&revision.copy.body)?;
    let mut ids: Vec<PictureId> = body::pictures_of(&document);
    ids.extend(revision.copy.lead.as_ref().and_then(|lead| lead.picture));
    ids.extend(authors.iter().filter_map(|author: &newsroom::publication::Author| author.picture));
    let shown = Shown::look(view, &ids)?.for_staff();
    let published =
        Published { article, revision, lead: None, authors, corrections, changes: Vec::new(), translations };
    Ok(Found { published, document, related: Vec::new(), next: None, shown, share: None })
}

fn html(sheet: &Sheet, found: &Found) -> Result<String, Fault> {
    let published = &found.published;
    let preview = present::article::preview(sheet, published, &found.shown, found.share.as_deref());
    let reading = present::article::Reading {
        published,
        shown: &found.shown,
        body_html: body::document_html(sheet, &found.document, &found.shown),
        text_bytes: text(sheet, published, &found.document).len(),
        related: &found.related,
        next: found.next.as_ref(),
        json_ld: super::machines::article_json_ld(sheet, published, &found.shown, preview.as_ref()),
        preview,
    };
    let page = Page::Article(Box::new(present::article::article(sheet, reading)));
    sheet.html_at(&published.article.section, &page).map_err(Fault::Broken)
}

async fn look(sheet: &Sheet, section: &Slug, slug: &Slug) -> Result<Found, Fault> {
    let (language, section, slug, now) = (sheet.language.clone(), section.clone(), slug.clone(), sheet.now());
    let store = sheet.web.desk().store();
    let found = store.read(move |view| {
        let Some(published) = view.article_at(&language, &section, &slug, now)? else {
            return Err(elsewhere(view.elsewhere(&language, &section, &slug, now)?));
        };
        let document = body::parse(&published.revision.copy.body)?;
        let related = view.related(&published.article, now, RELATED_MAX)?;
        let next = next_in_section(view, &published, &related, now)?;
        let mut ids: Vec<PictureId> = body::pictures_of(&document);
        ids.extend(published.revision.copy.lead.as_ref().and_then(|lead| lead.picture));
        ids.extend(related.iter().chain(&next).filter_map(|row| row.lead.as_ref()?.lead.picture));
        ids.extend(published.authors.iter().filter_map(|author| author.picture));
        let shown = Shown::look(view, &ids)?;
        let share = view.share_picture(published.article.id, now)?;
        Ok(Found { published, document, related, next, shown, share })
    });
    found.await
}

/// The article published before this one in its section, if it is not among the related.
fn next_in_section(
    view: &store::View<'_>,
    published: &Published,
    related: &[Row],
    now: Timestamp,
) -> Result<Option<Row>, store::Error> {
    let article = &published.article;
    let listing = Listing::Section(&article.section);
    let rows = view.listing(listing, &article.language, now, None, 2 * RELATED_MAX)?;
    let other = |row: &Row| row.work != article.work && related.iter().all(|known| known.id != row.id);
    Ok(rows.into_iter().find(other))
}

/// What a place that holds no public article says.
pub(super) fn elsewhere(found: Option<Elsewhere>) -> Fault {
    match found {
        None => Fault::NotFound,
        Some(Elsewhere::Withdrawn { at, reason }) => {
            Fault::Gone { headline: String::new(), at: Some(at), reason: present::cards::filled(&reason) }
        }
        Some(Elsewhere::Moved { section, slug }) => Fault::Moved(Place::Article(section, slug)),
    }
}

/// The plain text: as good on a screen reader, in a terminal or over a slow line.
pub(super) async fn plain(sheet: &Sheet, section: &Slug, slug: &Slug) -> Result<Kept, Fault> {
    let found = look(sheet, section, slug).await.map_err(|fault| match fault {
        Fault::Moved(Place::Article(section, slug)) => Fault::Moved(Place::Text(section, slug)),
        other => other,
    })?;
    let text = text(sheet, &found.published, &found.document);
    let place = Place::Article(section.clone(), slug.clone());
    let link = format!("<{}>; rel=\"canonical\"", sheet.url(&place));
    let link = HeaderValue::try_from(link).map_err(Fault::broken)?;
    let printed = Printed::new(TEXT, text).with(http::header::LINK, link);
    Ok(Kept::new(printed, sheet.moment.version).of(found.keys()))
}

fn text(sheet: &Sheet, published: &Published, document: &newsroom::document::Document) -> String {
    let copy = &published.revision.copy;
    let article = &published.article;
    let place = Place::Article(article.section.clone(), article.slug.clone());
    let mut head = vec![format!("{} – {}", sheet.site.name, sheet.section_name(&article.section)), String::new()];
    head.push(copy.headline.clone());
    if let Some(standfirst) = present::cards::filled(&copy.standfirst) {
        head.push(String::new());
        head.push(standfirst);
    }
    head.push(String::new());
    let names: Vec<&str> = present::article::writers(published).iter().map(|author| author.name.as_str()).collect();
    if !names.is_empty() {
        head.push(sheet.say("by", &[("names", &sheet.words.list(&names))]));
    }
    head.push(sheet.moment_long(article.published_at.unwrap_or(published.revision.at)).text);
    if let Some(at) = article.updated_at {
        head.push(sheet.say("updated", &[("when", &sheet.moment_long(at).text)]));
    }
    for correction in &published.corrections {
        let label = sheet.say("correction_on", &[("when", &sheet.moment_long(correction.at).text)]);
        head.push(String::new());
        head.push(format!("{label} {}", correction.text));
    }
    let url = sheet.url(&place);
    format!("{}\n\n{}\n\n{url}\n", head.join("\n"), body::text(sheet, document, &url).trim_end())
}
