//! The picture library: originals, renditions and which public article shows them.
//! Keeps names of blobs, never bytes.

use crate::db::{Row, statements, vals};
use crate::public::public;
use crate::{Change, Error, View};
use newsroom::id::{ArticleId, PictureId, StaffId, WorkId};
use newsroom::time::Timestamp;

/// An original in the library.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    pub id: PictureId,
    /// SHA-256 of the bytes: the name of the blob.
    pub hash: String,
    /// `jpeg`, `png`, `webp`, `gif`.
    pub format: String,
    pub bytes: u64,
    pub width: u32,
    pub height: u32,
    /// `#rrggbb`, shown until the picture is there.
    pub colour: String,
    /// The file's name when it came.
    pub name: String,
    pub alt: String,
    pub credit: String,
    pub made_at: Timestamp,
    pub made_by: Option<StaffId>,
}

/// One size and format of a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendition {
    pub picture: PictureId,
    pub width: u32,
    pub height: u32,
    pub format: String,
    pub hash: String,
    pub bytes: u64,
}

/// A blob that readers may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Media {
    pub hash: String,
    pub format: String,
    pub bytes: u64,
}

macro_rules! picture_columns {
    () => {
        "id, hash, format, bytes, width, height, colour, name, alt, credit, made_at, made_by"
    };
}

statements! {
    ADD = "insert into pictures (id, hash, format, bytes, width, height, colour, name, alt, credit, made_at, made_by) \
        values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
    DESCRIBE = "update pictures set alt = ?2, credit = ?3, name = ?4 where id = ?1";
    PICTURE = concat!("select ", picture_columns!(), " from pictures where id = ?1");
    PICTURE_OF = concat!("select ", picture_columns!(), " from pictures where hash = ?1");
    PICTURES = concat!("select ", picture_columns!(), " from pictures where id < ?1 order by id desc limit ?2");
    AMONG = concat!("select ", picture_columns!(), " from pictures where id in {{ids ?1}} order by id");
    ADD_RENDITION = "insert into renditions (picture, width, height, format, hash, bytes) values (?1, ?2, ?3, ?4, ?5, ?6) \
        on conflict (picture, width, format) do update set hash = excluded.hash, bytes = excluded.bytes, height = excluded.height";
    RENDITIONS = "select picture, width, height, format, hash, bytes from renditions where picture in {{ids ?1}} \
        order by picture, format, width";
    FORGET_SHOWN = "delete from article_pictures where article = ?1";
    SHOW = "insert into article_pictures (article, picture) select ?1, id from pictures where id in {{ids ?2}}";
    MEDIA = concat!("select p.hash, p.format, p.bytes from pictures p where p.hash = ?2 and exists (select 1 \
        from article_pictures ap join public_articles a on a.id = ap.article where ap.picture = p.id and ", public!(), ")");
    MEDIA_RENDITION = concat!("select n.hash, n.format, n.bytes from renditions n where n.hash = ?2 and exists (select 1 \
        from article_pictures ap join public_articles a on a.id = ap.article where ap.picture = n.picture and ", public!(), ")");
    PORTRAIT = "select p.hash, p.format, p.bytes from pictures p join authors u on u.picture = p.id where p.hash = ?1 limit 1";
    SHOWN_BY = concat!("select a.work from public_articles a where ", public!(), " and a.id in ( \
        select ap.article from pictures p join article_pictures ap on ap.picture = p.id where p.hash = ?2 \
        union select ap.article from renditions n join article_pictures ap on ap.picture = n.picture where n.hash = ?2 \
        union select s.article from share_pictures s where s.hash = ?2) group by a.work order by a.work limit ?3");
    DESK_MEDIA = "select hash, format, bytes from pictures where hash = ?1 \
        union all select hash, format, bytes from renditions where hash = ?1";
}

impl View<'_> {
    /// One original, used or not.
    pub fn picture(&self, id: PictureId) -> Result<Option<Picture>, Error> {
        self.one(&PICTURE, vals![id], picture)
    }

    /// The picture with these bytes, if the library has it.
    pub fn picture_of_hash(&self, hash: &str) -> Result<Option<Picture>, Error> {
        self.one(&PICTURE_OF, vals![hash], picture)
    }

    /// The library, newest first, after the last one of the page before.
    pub fn pictures(&self, after: Option<PictureId>, limit: usize) -> Result<Vec<Picture>, Error> {
        let after = after.map_or(i64::MAX, |id| id.0);
        self.rows(&PICTURES, vals![after, limit.min(crate::ROWS_PER_PAGE_MAX)], picture)
    }

    /// Those of `ids` that exist, by id: what a text mentions.
    pub fn pictures_among(&self, ids: &[PictureId]) -> Result<Vec<Picture>, Error> {
        self.rows(&AMONG, vals![crate::ids(ids.iter().map(|id| id.0))], picture)
    }

    /// Every rendition of `ids`: by picture, format, width.
    pub fn renditions(&self, ids: &[PictureId]) -> Result<Vec<Rendition>, Error> {
        self.rows(&RENDITIONS, vals![crate::ids(ids.iter().map(|id| id.0))], |row| {
            Ok(Rendition {
                picture: row.take()?,
                width: row.take()?,
                height: row.take()?,
                format: row.take()?,
                hash: row.take()?,
                bytes: row.take()?,
            })
        })
    }

    /// The blob `hash`, if a public article shows its picture, or if it is somebody's portrait.
    pub fn media(&self, hash: &str, now: Timestamp) -> Result<Option<Media>, Error> {
        match self.one(&MEDIA, vals![now, hash], media)? {
            Some(found) => Ok(Some(found)),
            None => match self.one(&MEDIA_RENDITION, vals![now, hash], media)? {
                Some(found) => Ok(Some(found)),
                None => self.one(&PORTRAIT, vals![hash], media),
            },
        }
    }

    /// The works whose public articles show the picture of a blob, or are passed on with it, by id; at most `limit`.
    pub fn works_showing(&self, hash: &str, now: Timestamp, limit: usize) -> Result<Vec<WorkId>, Error> {
        self.rows(&SHOWN_BY, vals![now, hash, limit.min(crate::ROWS_PER_PAGE_MAX)], |row| row.take())
    }

    /// The blob `hash` for the newsroom, public or not.
    pub fn desk_media(&self, hash: &str) -> Result<Option<Media>, Error> {
        self.one(&DESK_MEDIA, vals![hash], media)
    }
}

impl Change<'_> {
    /// Errs with `pictures_hash` if the library has these bytes.
    pub fn add_picture(&mut self, picture: &Picture) -> Result<(), Error> {
        let Picture { id, hash, format, bytes, width, height, colour, name, alt, credit, made_at, made_by } = picture;
        let bytes = i64::try_from(*bytes).unwrap_or(i64::MAX);
        let parameters =
            vals![*id, hash, format, bytes, *width, *height, colour, name, alt, credit, *made_at, *made_by];
        self.run(&ADD, parameters).map(drop)
    }

    /// Changes what the library says about a picture.
    pub fn describe_picture(&mut self, id: PictureId, alt: &str, credit: &str, name: &str) -> Result<(), Error> {
        self.run(&DESCRIBE, vals![id, alt, credit, name]).map(drop)
    }

    /// Keeps a rendition in place of an earlier one of the same width and format.
    pub fn add_rendition(&mut self, rendition: &Rendition) -> Result<(), Error> {
        let Rendition { picture, width, height, format, hash, bytes } = rendition;
        let bytes = i64::try_from(*bytes).unwrap_or(i64::MAX);
        self.run(&ADD_RENDITION, vals![*picture, *width, *height, format, hash, bytes]).map(drop)
    }

    /// Says which pictures the published text of an article shows; with them readers may have the blobs.
    pub fn show_pictures(&mut self, article: ArticleId, pictures: &[PictureId]) -> Result<(), Error> {
        self.run(&FORGET_SHOWN, vals![article])?;
        self.run(&SHOW, vals![article, crate::ids(pictures.iter().map(|id| id.0))]).map(drop)
    }
}

fn picture(row: &mut Row) -> Result<Picture, Error> {
    Ok(Picture {
        id: row.take()?,
        hash: row.take()?,
        format: row.take()?,
        bytes: row.take()?,
        width: row.take()?,
        height: row.take()?,
        colour: row.take()?,
        name: row.take()?,
        alt: row.take()?,
        credit: row.take()?,
        made_at: row.take()?,
        made_by: row.take()?,
    })
}

fn media(row: &mut Row) -> Result<Media, Error> {
    Ok(Media { hash: row.take()?, format: row.take()?, bytes: row.take()? })
}
