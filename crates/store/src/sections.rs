//! Sections, topics, authors and newsletters: the short lists of the paper, read whole.
//! Never checks whether an article uses them.

use crate::db::value::to_json;
use crate::db::{Row, statements, vals};
use crate::{Change, Error, View};
use newsroom::delivery::Promise;
use newsroom::publication::{Author, Newsletter, Section, Topic};
use newsroom::slug::Slug;

statements! {
    SECTIONS = "select slug, names from sections order by position, slug";
    SAVE_SECTION = "insert into sections (slug, position, names) values (?1, ?2, ?3) \
        on conflict (slug) do update set position = excluded.position, names = excluded.names";
    DELETE_SECTION = "delete from sections where slug = ?1 and not exists (select 1 from articles where section = ?1)";
    TOPICS = "select slug, names from topics order by slug";
    TOPIC = "select slug, names from topics where slug = ?1";
    SAVE_TOPIC = "insert into topics (slug, names) values (?1, ?2) on conflict (slug) do update set names = excluded.names";
    DELETE_TOPIC = "delete from topics where slug = ?1 and not exists (select 1 from article_topics where topic = ?1)";
    AUTHORS = "select slug, name, title, place, bios, picture from authors order by slug";
    AUTHOR_NAMES = "select name from authors order by name, slug limit ?1";
    AUTHOR = "select slug, name, title, place, bios, picture from authors where slug = ?1";
    SAVE_AUTHOR = "insert into authors (slug, name, title, place, bios, picture) values (?1, ?2, ?3, ?4, ?5, ?6) \
        on conflict (slug) do update set name = excluded.name, title = excluded.title, place = excluded.place, \
        bios = excluded.bios, picture = excluded.picture";
    NEWSLETTERS = "select slug, names, descriptions, promise from newsletters order by position, slug";
    NEWSLETTER = "select slug, names, descriptions, promise from newsletters where slug = ?1";
    SAVE_NEWSLETTER = "insert into newsletters (slug, position, names, descriptions, promise) values (?1, ?2, ?3, ?4, ?5) \
        on conflict (slug) do update set position = excluded.position, names = excluded.names, \
        descriptions = excluded.descriptions, promise = excluded.promise";
    SET_PROMISE = "update newsletters set promise = ?2 where slug = ?1";
}

impl View<'_> {
    /// All sections in the order of the paper.
    pub fn sections(&self) -> Result<Vec<Section>, Error> {
        self.rows(&SECTIONS, &[], |row| Ok(Section { slug: row.take()?, names: row.json()? }))
    }

    /// All topics by slug.
    pub fn topics(&self) -> Result<Vec<Topic>, Error> {
        self.rows(&TOPICS, &[], topic)
    }

    /// One topic.
    pub fn topic(&self, slug: &Slug) -> Result<Option<Topic>, Error> {
        self.one(&TOPIC, vals![slug], topic)
    }

    /// All authors by slug.
    pub fn authors(&self) -> Result<Vec<Author>, Error> {
        self.rows(&AUTHORS, &[], author)
    }

    /// The first names of all authors, by name.
    pub fn author_names(&self, limit: usize) -> Result<Vec<String>, Error> {
        self.rows(&AUTHOR_NAMES, vals![limit.min(crate::ROWS_PER_PAGE_MAX)], |row| row.take())
    }

    /// One author.
    pub fn author(&self, slug: &Slug) -> Result<Option<Author>, Error> {
        self.one(&AUTHOR, vals![slug], author)
    }

    /// All newsletters in the order they are offered.
    pub fn newsletters(&self) -> Result<Vec<Newsletter>, Error> {
        self.rows(&NEWSLETTERS, &[], newsletter)
    }

    /// One newsletter.
    pub fn newsletter(&self, slug: &Slug) -> Result<Option<Newsletter>, Error> {
        self.one(&NEWSLETTER, vals![slug], newsletter)
    }
}

impl Change<'_> {
    /// Keeps a section at `position` of the list, new or not.
    pub fn save_section(&mut self, section: &Section, position: u32) -> Result<(), Error> {
        self.run(&SAVE_SECTION, vals![&section.slug, position, to_json(&section.names)?]).map(drop)
    }

    /// Deletes a section that no article stands in; gives whether it did.
    pub fn delete_section(&mut self, slug: &Slug) -> Result<bool, Error> {
        Ok(self.run(&DELETE_SECTION, vals![slug])? > 0)
    }

    /// Keeps a topic, new or not.
    pub fn save_topic(&mut self, topic: &Topic) -> Result<(), Error> {
        self.run(&SAVE_TOPIC, vals![&topic.slug, to_json(&topic.names)?]).map(drop)
    }

    /// Deletes a topic that no article has; gives whether it did.
    pub fn delete_topic(&mut self, slug: &Slug) -> Result<bool, Error> {
        Ok(self.run(&DELETE_TOPIC, vals![slug])? > 0)
    }

    /// Keeps an author, new or not.
    pub fn save_author(&mut self, author: &Author) -> Result<(), Error> {
        let Author { slug, name, title, place, bios, picture } = author;
        self.run(&SAVE_AUTHOR, vals![slug, name, title, place, to_json(bios)?, *picture]).map(drop)
    }

    /// Keeps a newsletter at `position` of the list, new or not.
    pub fn save_newsletter(&mut self, newsletter: &Newsletter, position: u32) -> Result<(), Error> {
        let Newsletter { slug, names, descriptions, promise } = newsletter;
        let parameters = vals![slug, position, to_json(names)?, to_json(descriptions)?, promise.key()];
        self.run(&SAVE_NEWSLETTER, parameters).map(drop)
    }

    /// Keeps what a newsletter does in doubt; gives whether there is such a newsletter.
    pub fn set_promise(&mut self, newsletter: &Slug, promise: Promise) -> Result<bool, Error> {
        Ok(self.run(&SET_PROMISE, vals![newsletter, promise.key()])? > 0)
    }
}

fn topic(row: &mut Row) -> Result<Topic, Error> {
    Ok(Topic { slug: row.take()?, names: row.json()? })
}

pub(crate) fn author(row: &mut Row) -> Result<Author, Error> {
    Ok(Author {
        slug: row.take()?,
        name: row.take()?,
        title: row.take()?,
        place: row.take()?,
        bios: row.json()?,
        picture: row.take()?,
    })
}

fn newsletter(row: &mut Row) -> Result<Newsletter, Error> {
    Ok(Newsletter {
        slug: row.take()?,
        names: row.json()?,
        descriptions: row.json()?,
        promise: row.parse(Promise::parse)?,
    })
}
