//! The sitemap: its parts, written with each publication, and the lines of one part or of the last days.
//! What is public is decided in `public`.

use crate::db::{Row, statements, vals};
use crate::public::public;
use crate::{Change, Error, View};
use newsroom::id::{ArticleId, WorkId};
use newsroom::language::Language;
use newsroom::slug::Slug;
use newsroom::time::Timestamp;

/// Articles that get a place in one part; the next one opens a new part. The format allows 50,000 addresses or 50 MB;
/// a fifth of it is read faster, and less is read again when one of them changes.
pub const SITEMAP_PART_MAX: usize = 10_000;
/// Most parts an index can name (sitemaps.org).
const PARTS_MAX: usize = 50_000;

/// A part with the time of the last change in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SitemapPart {
    /// 1, 2, 3 …
    pub number: u32,
    pub changed_at: Timestamp,
}

/// A line of a sitemap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SitemapLine {
    pub id: ArticleId,
    pub work: WorkId,
    pub language: Language,
    pub section: Slug,
    pub slug: Slug,
    pub headline: String,
    pub published_at: Timestamp,
    pub updated_at: Option<Timestamp>,
}

macro_rules! line_columns {
    () => {
        "a.id, a.work, a.language, a.section, a.slug, r.headline, a.published_at, a.updated_at"
    };
}

statements! {
    PARTS = "select number, changed_at from sitemap_parts order by number limit ?1";
    LINES = concat!("select ", line_columns!(), " from sitemap_places s cross join public_articles a cross join revisions r \
        where a.id = s.article and r.article = a.id and r.number = a.published_revision and s.part = ?2 and ", public!(), " order by a.id");
    NEWS = concat!("select ", line_columns!(), " from public_articles a join revisions r on r.article = a.id and r.number = a.published_revision \
        where ", public!(), " and a.published_at >= ?2 order by a.published_at desc, a.id desc limit ?3");
    VERSIONS = concat!("select a.work, a.language, a.section, a.slug from public_articles a where a.work in {{ids ?2}} and ", public!(), " order by a.work, a.language");
    TOUCH = "update sitemap_parts set changed_at = ?2 where number = (select part from sitemap_places where article = ?1)";
    FILL = "update sitemap_parts set articles = articles + 1, changed_at = ?1 \
        where number = (select max(number) from sitemap_parts) and articles < ?2 returning number";
    OPEN = "insert into sitemap_parts (number, articles, changed_at) select coalesce(max(number), 0) + 1, 1, ?1 from sitemap_parts where true \
        on conflict (number) do update set articles = sitemap_parts.articles + 1, changed_at = excluded.changed_at returning number";
    PLACE = "insert into sitemap_places (article, part) values (?1, ?2)";
}

impl View<'_> {
    /// Every part of the sitemap, in order. A part keeps its number although all its articles may be withdrawn.
    pub fn sitemap_parts(&self) -> Result<Vec<SitemapPart>, Error> {
        self.rows(&PARTS, vals![PARTS_MAX], |row| Ok(SitemapPart { number: row.take()?, changed_at: row.take()? }))
    }

    /// The public articles of one part, in the order of ids.
    pub fn sitemap(&self, now: Timestamp, part: u32) -> Result<Vec<SitemapLine>, Error> {
        self.rows(&LINES, vals![now, part], sitemap_line)
    }

    /// Public articles published at or after `since`, newest first: the news sitemap.
    pub fn sitemap_news(&self, now: Timestamp, since: Timestamp, limit: usize) -> Result<Vec<SitemapLine>, Error> {
        self.rows(&NEWS, vals![now, since, limit.min(crate::ROWS_PER_PAGE_MAX)], sitemap_line)
    }

    /// The addresses of every public language version of these works: by work, then language.
    pub fn versions(&self, works: &[WorkId], now: Timestamp) -> Result<Vec<(WorkId, Language, Slug, Slug)>, Error> {
        let works = crate::ids(works.iter().map(|work| work.0));
        self.rows(&VERSIONS, vals![now, works], |row| Ok((row.take()?, row.take()?, row.take()?, row.take()?)))
    }
}

impl Change<'_> {
    /// Gives the article its place in the sitemap when it is published first, and says that its part has changed.
    pub fn note_in_sitemap(&mut self, article: ArticleId, now: Timestamp) -> Result<(), Error> {
        self.note_in_parts_of(SITEMAP_PART_MAX, article, now)
    }

    /// The same with parts of another size.
    pub(crate) fn note_in_parts_of(&mut self, size: usize, article: ArticleId, now: Timestamp) -> Result<(), Error> {
        if self.run(&TOUCH, vals![article, now])? > 0 {
            return Ok(());
        }
        let part: Option<u32> = match self.one(&FILL, vals![now, size], |row| row.take())? {
            Some(part) => Some(part),
            None => self.one(&OPEN, vals![now], |row| row.take())?,
        };
        self.run(&PLACE, vals![article, part.unwrap_or(1)]).map(drop)
    }
}

fn sitemap_line(row: &mut Row) -> Result<SitemapLine, Error> {
    Ok(SitemapLine {
        id: row.take()?,
        work: row.take()?,
        language: row.take()?,
        section: row.take()?,
        slug: row.take()?,
        headline: row.take()?,
        published_at: row.take()?,
        updated_at: row.take()?,
    })
}
