//! Front page, section, topic and author: a look for a page of cards, and their printing.

use newsroom::id::{ArticleId, PictureId, WorkId};
use newsroom::publication::Author;
use newsroom::slug::Slug;
use newsroom::surrogate::{Key, List};
use newsroom::time::Timestamp;
use press::page::{Author as AuthorPage, Block, Front, Lead, Link, Page, Section as SectionPage, Topic as TopicPage};
use store::{Card as Row, Listing, View};

use super::body::{self, Shown};
use super::fault::Fault;
use super::present::cards;
use super::sheet::Sheet;
use crate::address::{FeedKind, FeedOf, Place, Span};
use crate::cache::Kept;

/// Cards of one page of a list.
const CARDS_PER_PAGE: usize = 30;
/// Cards at the head of a front page or a section: the lead, three beside it, eight below.
const FRONT_CARDS: usize = 1 + press::page::SIDE_MAX + press::page::GRID_MAX;
/// Articles of a section's block on the front page: one shown, the others as links.
const BLOCK_CARDS: usize = 4;
/// Paragraphs of the lead that a front page of few articles prints on.
const OPENING_PARAGRAPHS: usize = 3;

/// Where a page of a list begins: after this article.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct After {
    pub(crate) at: Timestamp,
    pub(crate) id: i64,
}

impl After {
    /// Reads `1755864000000000-0123456789abc`; None for anything else.
    pub(crate) fn read(text: &str) -> Option<After> {
        let (at, id) = text.split_once('-')?;
        if at.is_empty() || at.len() > 17 || !at.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        Some(After { at: Timestamp(at.parse().ok()?), id: newsroom::id::read(id)? })
    }

    /// As it stands in an address.
    pub(crate) fn show(self) -> String {
        format!("{}-{}", self.at.0, newsroom::id::show(self.id))
    }

    /// A row that stands for the place; only its time and id are looked at.
    fn row(self, sheet: &Sheet) -> Option<Row> {
        let slug = Slug::parse("x")?;
        Some(Row {
            id: ArticleId(self.id),
            work: WorkId(0),
            language: sheet.language.clone(),
            section: slug.clone(),
            slug,
            kicker: String::new(),
            headline: String::new(),
            short_mail: String::new(),
            standfirst: String::new(),
            published_at: self.at,
            updated_at: None,
            length: newsroom::language::Length::default(),
            authors: Vec::new(),
            lead: None,
        })
    }
}

/// Which list, owned so that it can travel to a reading thread.
#[derive(Debug, Clone)]
pub(crate) enum Which {
    Latest,
    Section(Slug),
    Topic(Slug),
    Author(Slug),
    Between(Timestamp, Timestamp),
}

impl Which {
    /// What a page of this list is made of, beside the articles it shows.
    fn key(&self, sheet: &Sheet, after: Option<After>) -> Key {
        let list = match self {
            Which::Latest | Which::Between(..) => List::Latest,
            Which::Section(slug) => List::Section(slug),
            Which::Topic(slug) => List::Topic(slug),
            Which::Author(slug) => List::Author(slug),
        };
        let before = match self {
            Which::Between(_, before) => Some(*before),
            Which::Latest | Which::Section(_) | Which::Topic(_) | Which::Author(_) => after.map(|after| after.at),
        };
        match before {
            Some(before) => Key::list_before(list, &sheet.language, before, sheet.now()),
            None => Key::list(list, &sheet.language),
        }
    }

    fn listing(&self) -> Listing<'_> {
        match self {
            Which::Latest => Listing::Latest,
            Which::Section(slug) => Listing::Section(slug),
            Which::Topic(slug) => Listing::Topic(slug),
            Which::Author(slug) => Listing::Author(slug),
            Which::Between(from, before) => Listing::Between(*from, *before),
        }
    }
}

/// Cards with the pictures they show, and whether there are more.
pub(crate) struct Cards {
    pub(crate) rows: Vec<Row>,
    pub(crate) shown: Shown,
    pub(crate) more: bool,
    /// What decided on which cards these are.
    pub(crate) list: Key,
}

impl Cards {
    /// Where the next page begins, if there is one.
    pub(crate) fn older(&self) -> Option<After> {
        let last = self.rows.last().filter(|_| self.more)?;
        Some(After { at: last.published_at, id: last.id.0 })
    }

    /// What a page of them is made of.
    pub(crate) fn keys(&self) -> Vec<Key> {
        self.rows.iter().map(|row| Key::work(row.work)).chain([self.list.clone()]).collect()
    }
}

/// One page of a list in the sheet's language.
pub(crate) async fn look(sheet: &Sheet, which: Which, after: Option<After>, limit: usize) -> Result<Cards, Fault> {
    let (language, now) = (sheet.language.clone(), sheet.now());
    let list = which.key(sheet, after);
    let after = after.and_then(|after| after.row(sheet));
    let store = sheet.web.desk().store();
    let found = store.read(move |view| {
        let mut rows = view.listing(which.listing(), &language, now, after.as_ref(), limit + 1)?;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let shown = shown(view, &rows)?;
        Ok::<_, store::Error>(Cards { rows, shown, more, list: list.clone() })
    });
    Ok(found.await?)
}

/// The pictures of cards.
pub(crate) fn shown(view: &View<'_>, rows: &[Row]) -> Result<Shown, store::Error> {
    let ids: Vec<PictureId> = rows.iter().filter_map(|row| row.lead.as_ref()?.lead.picture).collect();
    Shown::look(view, &ids)
}

/// The front page of the sheet's language.
pub(crate) async fn front(sheet: &Sheet) -> Result<Kept, Fault> {
    let (language, now) = (sheet.language.clone(), sheet.now());
    let sections: Vec<Slug> = sheet.paper.sections.iter().map(|section| section.slug.clone()).collect();
    let look = sheet.web.desk().store().read(move |view| {
        let top = view.listing(Listing::Latest, &language, now, None, FRONT_CARDS)?;
        let mut blocks = Vec::new();
        if top.len() == FRONT_CARDS {
            for section in &sections {
                let mut rows =
                    view.listing(Listing::Section(section), &language, now, None, FRONT_CARDS + BLOCK_CARDS)?;
                rows.retain(|row| top.iter().all(|above| above.id != row.id));
                rows.truncate(BLOCK_CARDS);
                blocks.push(rows);
            }
        }
        let all: Vec<Row> = top.iter().chain(blocks.iter().flatten()).cloned().collect();
        // Few articles, or a lead without a picture: its text is printed on, so that no hole is left.
        let few = top.len() <= press::page::SIDE_MAX + 1;
        let lead = match top.first().filter(|row| few || row.lead.is_none()) {
            Some(row) => view.article_at(&row.language, &row.section, &row.slug, now)?,
            None => None,
        };
        Ok::<_, store::Error>((shown(view, &all)?, top, blocks, lead))
    });
    let (shown, top, blocks, whole) = look.await?;
    let works = top.iter().chain(blocks.iter().flatten()).map(|row| Key::work(row.work));
    let keys: Vec<Key> = works.chain([Key::list(List::Latest, &sheet.language)]).collect();
    let description = sheet.text(&sheet.paper.publication.descriptions).unwrap_or_else(|| sheet.site.tagline.clone());
    let mut meta = sheet.meta(&Place::Front, &sheet.site.name, &description);
    meta.alternates = sheet.alternates(&Place::Front);
    meta.json_ld = super::machines::organisation(sheet);
    let mut rows = top.iter();
    let lead = rows.next().map(|row| {
        let opening_html = whole.as_ref().and_then(|whole| opening(sheet, &whole.revision.copy.body));
        Lead { opening_html, ..cards::lead(sheet, row, &shown, true) }
    });
    let rest = rows.map(|row| cards::card(sheet, row, &shown, true)).collect();
    let blocks = blocks.iter().filter_map(|rows| block(sheet, rows, &shown)).collect();
    let page = Page::Front(Front::arrange(meta, lead, rest, blocks));
    Ok(sheet.keep(sheet.html(&page).map_err(Fault::Broken)?).of(keys))
}

fn block(sheet: &Sheet, rows: &[Row], shown: &Shown) -> Option<Block> {
    let (first, others) = rows.split_first()?;
    Some(Block {
        name: sheet.section_name(&first.section),
        href: sheet.href(&Place::Section(first.section.clone())),
        card: cards::card(sheet, first, shown, false),
        also: others.iter().map(|row| cards::link(sheet, row)).collect(),
    })
}

/// The first paragraphs of a body.
fn opening(sheet: &Sheet, markdown: &str) -> Option<press::page::Html> {
    let mut document = body::parse(markdown).ok()?;
    document.blocks.retain(|block| matches!(block.kind, newsroom::document::BlockKind::Paragraph(_)));
    document.blocks.truncate(OPENING_PARAGRAPHS);
    document.notes.clear();
    Some(body::document_html(sheet, &document, &Shown::default()))
}

/// The first paragraphs of a public article.
async fn opening_of(sheet: &Sheet, row: &Row) -> Result<Option<press::page::Html>, Fault> {
    let (language, section, slug, now) = (row.language.clone(), row.section.clone(), row.slug.clone(), sheet.now());
    let look = sheet.web.desk().store().read(move |view| view.article_at(&language, &section, &slug, now));
    let published = look.await.map_err(|error: store::Error| Fault::from(error))?;
    Ok(published.and_then(|published| opening(sheet, &published.revision.copy.body)))
}

/// A section's page.
pub(crate) async fn section(sheet: &Sheet, slug: &Slug, after: Option<After>) -> Result<Kept, Fault> {
    if sheet.paper.section(slug.as_str()).is_none() {
        return Err(Fault::NotFound);
    }
    let place = Place::Section(slug.clone());
    let found = look(sheet, Which::Section(slug.clone()), after, CARDS_PER_PAGE).await?;
    let name = sheet.section_name(slug);
    let head = if after.is_none() { 1 + press::page::SIDE_MAX } else { 0 }.min(found.rows.len());
    let (top, rest) = found.rows.split_at(head);
    let mut meta = sheet.meta(&place, &name, "");
    meta.alternates = sheet.alternates(&place);
    meta.json_ld = super::machines::list_json_ld(sheet, &place, &name, None);
    let (older, newer) = pager(sheet, &place, &found, after);
    set_page(&mut meta, after, &found);
    let opening_html = match top.first().filter(|row| row.lead.is_none()) {
        Some(row) => opening_of(sheet, row).await?,
        None => None,
    };
    let lead = top.first().map(|row| Lead { opening_html, ..cards::lead(sheet, row, &found.shown, false) });
    let side = top.iter().skip(1).map(|row| cards::card(sheet, row, &found.shown, false)).collect();
    let model = SectionPage {
        meta,
        description: None,
        feed_href: sheet.href(&Place::Feed(FeedOf::Section(slug.clone()), FeedKind::Rss)),
        side: press::page::beside(lead.as_ref(), side),
        lead,
        days: cards::days(sheet, rest, &found.shown, false),
        older,
        newer,
        archive: Some(sheet.link(sheet.say("archive", &[]), &Place::Archive(Span::All))),
        name,
    };
    Ok(sheet.keep(sheet.html_at(slug, &Page::Section(model)).map_err(Fault::Broken)?).of(found.keys()))
}

/// A topic's page.
pub(crate) async fn topic(sheet: &Sheet, slug: &Slug, after: Option<After>) -> Result<Kept, Fault> {
    let topic = sheet.paper.topic(slug.as_str()).ok_or(Fault::NotFound)?;
    let place = Place::Topic(slug.clone());
    let name = sheet.name(&topic.names, slug).to_owned();
    let found = look(sheet, Which::Topic(slug.clone()), after, CARDS_PER_PAGE).await?;
    let mut meta = sheet.meta(&place, &name, "");
    meta.alternates = sheet.alternates(&place);
    meta.json_ld = super::machines::list_json_ld(sheet, &place, &name, None);
    set_page(&mut meta, after, &found);
    let (older, newer) = pager(sheet, &place, &found, after);
    let model = TopicPage {
        meta,
        name,
        description: None,
        count: count(sheet, &found, after),
        feed_href: sheet.href(&Place::Feed(FeedOf::Topic(slug.clone()), FeedKind::Rss)),
        days: cards::days(sheet, &found.rows, &found.shown, true),
        older,
        newer,
    };
    Ok(sheet.keep(sheet.html(&Page::Topic(model)).map_err(Fault::Broken)?).of(found.keys()))
}

/// The page of somebody who writes.
pub(crate) async fn author(sheet: &Sheet, slug: &Slug, after: Option<After>) -> Result<Kept, Fault> {
    let author = known_author(sheet, slug).await?;
    let portrait: Vec<PictureId> = author.picture.into_iter().collect();
    let portrait = sheet.web.desk().store().read(move |view| Shown::look(view, &portrait)).await?;
    let place = Place::Author(slug.clone());
    let found = look(sheet, Which::Author(slug.clone()), after, CARDS_PER_PAGE).await?;
    let bio = sheet.text(&author.bios);
    let about: Vec<String> = bio.map(|bio| bio.split("\n\n").filter_map(cards::filled).collect()).unwrap_or_default();
    let role = [&author.title, &author.place].into_iter().filter_map(|text| cards::filled(text));
    let role = role.collect::<Vec<_>>().join(sheet.words.separator(false));
    let mut meta = sheet.meta(&place, &author.name, about.first().map_or("", String::as_str));
    meta.alternates = sheet.alternates(&place);
    meta.json_ld = super::machines::list_json_ld(sheet, &place, &author.name, Some(&author.title));
    set_page(&mut meta, after, &found);
    let (older, newer) = pager(sheet, &place, &found, after);
    let model = AuthorPage {
        meta,
        role: cards::filled(&role),
        about,
        initial: super::present::article::initial(&author.name).unwrap_or_default(),
        avatar: author.picture.and_then(|id| portrait.narrowest(id)),
        links: Vec::new(),
        count: count(sheet, &found, after),
        feed_href: sheet.href(&Place::Feed(FeedOf::Author(slug.clone()), FeedKind::Rss)),
        days: cards::months(sheet, &found.rows, &found.shown),
        older,
        newer,
        name: author.name,
    };
    Ok(sheet.keep(sheet.html(&Page::Author(model)).map_err(Fault::Broken)?).of(found.keys()))
}

/// The author of a slug, or 404.
pub(crate) async fn known_author(sheet: &Sheet, slug: &Slug) -> Result<Author, Fault> {
    let slug = slug.clone();
    let found = sheet.web.desk().store().read(move |view| view.author(&slug)).await;
    found?.ok_or(Fault::NotFound)
}

/// "12 articles", where all of them are on the page.
fn count(sheet: &Sheet, found: &Cards, after: Option<After>) -> Option<String> {
    let whole = after.is_none() && !found.more && !found.rows.is_empty();
    whole.then(|| sheet.words.count("articles", found.rows.len() as u64))
}

/// Later pages of a list stand at addresses of their own; empty ones are not listed anywhere.
pub(super) fn set_page(meta: &mut press::page::Meta, after: Option<After>, found: &Cards) {
    if let (Some(after), Some(canonical)) = (after, &mut meta.canonical) {
        canonical.push_str(&format!("?before={}", after.show()));
        meta.alternates.clear();
    }
    meta.noindex = found.rows.is_empty();
}

/// Older and newer. Newer leads back to the beginning: a list only knows what came before.
pub(super) fn pager(sheet: &Sheet, place: &Place, found: &Cards, after: Option<After>) -> (Option<Link>, Option<Link>) {
    let path = sheet.href(place);
    let older = found.older();
    let older = older.map(|after| Link::new(sheet.say("older", &[]), format!("{path}?before={}", after.show())));
    (older, after.map(|_| Link::new(sheet.say("newer", &[]), path)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_of_a_list_begins_where_its_address_says() {
        let after = After { at: Timestamp(1_755_864_000_000_000), id: 42 };
        assert_eq!(After::read(&after.show()), Some(after));
        for odd in [
            "",
            "-",
            "1",
            "1-",
            "-000000000000a",
            "1-../etc",
            "-1-000000000000a",
            "99999999999999999999-000000000000a",
            "1 -000000000000a",
        ] {
            assert_eq!(After::read(odd), None, "{odd}");
        }
    }
}
