//! Pictures of headlines, shown beside links to articles that have no picture of their own.
//! Keeps names of blobs, never bytes; what is public is decided in `public`.

use crate::db::{statements, vals};
use crate::public::public;
use crate::{Change, Error, View};
use newsroom::id::ArticleId;
use newsroom::surrogate::Key;
use newsroom::time::Timestamp;

statements! {
    KEEP = "insert into share_pictures (article, hash, bytes, drawn_at) values (?1, ?2, ?3, ?4) \
        on conflict (article) do update set hash = excluded.hash, bytes = excluded.bytes, drawn_at = excluded.drawn_at";
    FORGET = "delete from share_pictures where article = ?1";
    OF = concat!("select s.hash from share_pictures s join public_articles a on a.id = s.article where s.article = ?2 and ", public!());
    IS_SHOWN = concat!("select s.hash from share_pictures s join public_articles a on a.id = s.article where s.hash = ?2 and ", public!(), " limit 1");
    NEWEST = concat!("select a.id from public_articles a where ", public!(), " and a.published_at >= ?2 \
        order by a.published_at desc, a.id desc limit ?3");
}

impl View<'_> {
    /// The blob of an article's share picture, if the article is public and has one.
    pub fn share_picture(&self, article: ArticleId, now: Timestamp) -> Result<Option<String>, Error> {
        self.one(&OF, vals![now, article], |row| row.take())
    }

    /// Whether a blob is the share picture of a public article.
    pub fn is_share_picture(&self, hash: &str, now: Timestamp) -> Result<bool, Error> {
        let found: Option<String> = self.one(&IS_SHOWN, vals![now, hash], |row| row.take())?;
        Ok(found.is_some())
    }

    /// Public articles published since an instant, in whatever language, newest first.
    pub fn newest_since(&self, since: Timestamp, now: Timestamp, limit: usize) -> Result<Vec<ArticleId>, Error> {
        self.rows(&NEWEST, vals![now, since, limit.min(crate::ROWS_PER_PAGE_MAX)], |row| row.take())
    }
}

impl Change<'_> {
    /// Keeps the share picture of an article in place of an earlier one; None: it has none. Touches its pages.
    pub fn keep_share_picture(
        &mut self,
        article: ArticleId,
        picture: Option<(&str, u64)>,
        now: Timestamp,
    ) -> Result<(), Error> {
        match picture {
            Some((hash, bytes)) => {
                let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
                self.run(&KEEP, vals![article, hash, bytes, now])?;
            }
            None if self.run(&FORGET, vals![article])? == 0 => return Ok(()),
            None => {}
        }
        let Some(shown) = self.article(article)? else { return Ok(()) };
        self.touch(&[Key::work(shown.work)])
    }
}
