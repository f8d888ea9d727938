//! When what pages are made of was last touched: content version and surrogate keys. The keys of a change are its
//! own affair ([`newsroom::surrogate`]); here they are kept in its transaction.

use crate::db::value::to_json;
use crate::db::{statements, vals};
use crate::public::public;
use crate::{Change, Error, View};
use newsroom::id::ArticleId;
use newsroom::surrogate::Key;
use newsroom::time::Timestamp;

const CONTENT_VERSION: &str = "content_version";

statements! {
    RAISE = "insert into meta (key, value) values (?1, '1') on conflict (key) do update \
        set value = cast(cast(meta.value as bigint) + 1 as text) returning value";
    TOUCH = "insert into surrogate_keys (key, version) select value->>0, ?1 from {{rows ?2}} where true \
        on conflict (key) do update set version = excluded.version";
    TOUCHED = "select key, version from surrogate_keys where version > ?1 order by version, key limit ?2";
    REVEALED = concat!("select a.id from public_articles a where ", public!(),
        " and a.embargo_until is not null and a.embargo_until > ?2 order by a.embargo_until, a.id limit ?3");
    NEXT_REVEAL = "select embargo_until from articles where embargo_until is not null and embargo_until > ?1 \
        and state = 'live' order by embargo_until limit 1";
}

impl View<'_> {
    /// Grows with every change that readers can see; caches compare it.
    pub fn content_version(&self) -> Result<i64, Error> {
        Ok(self.number(CONTENT_VERSION)?.unwrap_or_default())
    }

    /// Keys touched after content version `since`, with the version of the last time; oldest first.
    pub fn touched_since(&self, since: i64, limit: usize) -> Result<Vec<(String, i64)>, Error> {
        let limit = limit.min(crate::ROWS_PER_PAGE_MAX);
        self.rows(&TOUCHED, vals![since, limit], |row| Ok((row.take()?, row.take()?)))
    }

    /// Live articles whose embargo ended after `since`: readers see them without anybody having changed anything.
    pub fn revealed(&self, since: Timestamp, now: Timestamp, limit: usize) -> Result<Vec<ArticleId>, Error> {
        self.rows(&REVEALED, vals![now, since, limit.min(crate::ROWS_PER_PAGE_MAX)], |row| row.take())
    }

    /// When the next live article comes out from under its embargo.
    pub fn next_reveal_at(&self, now: Timestamp) -> Result<Option<Timestamp>, Error> {
        self.one(&NEXT_REVEAL, vals![now], |row| row.take())
    }
}

impl Change<'_> {
    /// Says that what these keys name is different from now on; nothing to say without keys.
    pub fn touch<'a>(&mut self, keys: impl IntoIterator<Item = &'a Key>) -> Result<(), Error> {
        let mut rows: Vec<[&str; 1]> = keys.into_iter().map(|key| [key.as_str()]).collect();
        if rows.is_empty() {
            return Ok(());
        }
        // In one order everywhere, so that two changes wait for each other instead of both.
        rows.sort_unstable();
        rows.dedup();
        let version: Option<String> = self.one(&RAISE, vals![CONTENT_VERSION], |row| row.take())?;
        let version: i64 = version.and_then(|text| text.parse().ok()).unwrap_or_default();
        self.run(&TOUCH, vals![version, to_json(&rows)?]).map(drop)
    }

    /// Says that everything readers see may be different from now on; gives the new version. For changes of
    /// settings, theme, sections and people; a change of articles touches its keys by itself.
    pub fn raise_content_version(&mut self) -> Result<i64, Error> {
        self.touch(&[Key::everything()])?;
        self.content_version()
    }
}
