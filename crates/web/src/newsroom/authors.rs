//! Those whose names stand above articles, for those who edit: what readers are told about them, and their portraits.

use super::editor::src_of;
use super::fields::Fields;
use super::pages::people::{AuthorLine, AuthorPage, AuthorsPage, Portrait};
use super::pages::{Alarm, Here};
use super::session::Room;
use super::trouble::{Shown, Trouble, page, see};
use axum::extract::Path;
use desk::Error;
use http::StatusCode;
use newsroom::id::PictureId;
use newsroom::publication::{Author, Names};
use newsroom::slug::Slug;
use newsroom::staff::May;

/// Pictures offered as a portrait, the newest first.
const SHELF_MAX: usize = 24;

/// `GET /newsroom/authors`.
pub(crate) async fn list(room: Room) -> Shown {
    room.me.allowed(May::Edit).map_err(Trouble::Refused)?;
    let authors = room.desk().store().read(|view| Ok::<_, Trouble>(view.authors()?)).await?;
    let line = |author: Author| AuthorLine {
        href: format!("/newsroom/authors/{}", author.slug),
        about: [author.title, author.place].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(", "),
        has_portrait: author.picture.is_some(),
        name: author.name,
    };
    let lines = authors.into_iter().map(line).collect();
    Ok(page(StatusCode::OK, &AuthorsPage { frame: room.frame(Here::Settings), lines }))
}

/// `GET /newsroom/authors/{slug}`.
pub(crate) async fn one(room: Room, Path(slug): Path<String>) -> Shown {
    let author = known(&room, &slug).await?;
    shown(&room, author, Vec::new(), StatusCode::OK).await
}

/// `POST /newsroom/authors/{slug}`.
pub(crate) async fn change(room: Room, Path(slug): Path<String>, fields: Fields) -> Shown {
    let known = known(&room, &slug).await?;
    let line = |name: &str| fields.first(name).trim().to_owned();
    let mut bios = Names::new();
    for language in room.paper.publication.languages() {
        let bio = fields.raw(&format!("bio-{language}")).trim().to_owned();
        if !bio.is_empty() {
            bios.insert(language.to_string(), bio);
        }
    }
    let picture = fields.first("picture").parse().ok();
    let typed =
        Author { slug: known.slug, name: line("name"), title: line("title"), place: line("place"), bios, picture };
    match room.desk().set_author(&room.me, typed.clone()).await {
        Ok(()) => Ok(see("/newsroom/authors")),
        Err(Error::Refused(refusal)) => {
            let alarms = vec![Alarm::says(refusal.to_string())];
            shown(&room, typed, alarms, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn known(room: &Room, slug: &str) -> Result<Author, Trouble> {
    room.me.allowed(May::Edit).map_err(Trouble::Refused)?;
    let slug = Slug::parse(slug).ok_or(Trouble::Missing)?;
    room.desk().store().read(move |view| view.author(&slug)?.ok_or(Trouble::Missing)).await
}

async fn shown(room: &Room, author: Author, alarms: Vec<Alarm>, status: StatusCode) -> Shown {
    let chosen = author.picture;
    let (pictures, renditions) = room
        .desk()
        .store()
        .read(move |view| {
            let mut pictures = view.pictures(None, SHELF_MAX)?;
            if let Some(chosen) = chosen.filter(|id| pictures.iter().all(|picture| picture.id != *id)) {
                pictures.extend(view.picture(chosen)?);
            }
            let ids: Vec<PictureId> = pictures.iter().map(|picture| picture.id).collect();
            Ok::<_, Trouble>((pictures, view.renditions(&ids)?))
        })
        .await?;
    let portrait = |picture: &store::Picture| Portrait {
        id: picture.id.to_string(),
        src: src_of(picture, &renditions, 240),
        name: picture.name.clone(),
        chosen: chosen == Some(picture.id),
    };
    let bios = room.paper.publication.languages().into_iter().map(|language| {
        let bio = author.bios.get(language.code()).cloned().unwrap_or_default();
        (language.to_string(), language.endonym().to_owned(), bio)
    });
    let sheet = AuthorPage {
        frame: room.frame(Here::Settings),
        alarms,
        action: format!("/newsroom/authors/{}", author.slug),
        shelf: pictures.iter().map(portrait).collect(),
        bios: bios.collect(),
        name: author.name,
        title: author.title,
        place: author.place,
    };
    Ok(page(status, &sheet))
}
