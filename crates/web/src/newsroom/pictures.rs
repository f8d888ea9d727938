//! The picture library: what is there, adding to it, and the bytes for the newsroom's own pages.
//! Readers get pictures elsewhere, and only those of public articles.

use super::editor::src_of;
use super::fields::Fields;
use super::pages::lists::{PictureCard, PicturesPage};
use super::pages::{Alarm, Here, counted};
use super::session::Room;
use super::trouble::{Shown, Trouble, page};
use super::when::When;
use super::write::keep;
use axum::extract::{Path, Query};
use axum::response::IntoResponse;
use http::{StatusCode, header};
use newsroom::id::PictureId;
use newsroom::staff::May;
use serde::Deserialize;
use store::{Picture, Rendition};

/// Pictures on one page.
const PAGE: usize = 48;

#[derive(Debug, Deserialize)]
pub(crate) struct After {
    after: Option<String>,
}

/// `GET /newsroom/pictures`.
pub(crate) async fn list(room: Room, Query(after): Query<After>) -> Shown {
    let after = after.after.and_then(|id| id.parse().ok());
    shown(&room, after, None, None, StatusCode::OK).await
}

/// `POST /newsroom/pictures`: adds what can be added and names what cannot.
pub(crate) async fn add(room: Room, mut fields: Fields) -> Shown {
    room.me.allowed(May::Write).map_err(Trouble::Refused)?;
    let mut kept = 0;
    let mut refused = Vec::new();
    for file in std::mem::take(&mut fields.files) {
        match keep(&room, file).await? {
            Ok(_) => kept += 1,
            Err(sentence) => refused.push(sentence),
        }
    }
    if kept == 0 && refused.is_empty() {
        refused.push("No picture came with the form. Choose one first.".into());
    }
    let status = if refused.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let done = (kept > 0).then(|| format!("{} added.", counted(kept, "picture", "pictures")));
    let alarm = (!refused.is_empty()).then(|| Alarm::says(refused.join(" ")));
    shown(&room, None, alarm, done, status).await
}

async fn shown(
    room: &Room,
    after: Option<PictureId>,
    alarm: Option<Alarm>,
    done: Option<String>,
    status: StatusCode,
) -> Shown {
    let (pictures, renditions) = room
        .desk()
        .store()
        .read(move |view| {
            let pictures = view.pictures(after, PAGE)?;
            let ids: Vec<PictureId> = pictures.iter().map(|picture| picture.id).collect();
            Ok::<_, Trouble>((pictures, view.renditions(&ids)?))
        })
        .await?;
    let next =
        (pictures.len() == PAGE).then(|| pictures.last().map(|last| format!("/newsroom/pictures?after={}", last.id)));
    let cards = pictures.iter().map(|picture| card(room, picture, &renditions)).collect();
    let sheet = PicturesPage { frame: room.frame(Here::Pictures), alarm, done, pictures: cards, next: next.flatten() };
    Ok(page(status, &sheet))
}

fn card(room: &Room, picture: &Picture, renditions: &[Rendition]) -> PictureCard {
    let name = if picture.name.is_empty() { picture.id.to_string() } else { picture.name.clone() };
    PictureCard {
        href: format!("/newsroom/media/{}", picture.hash),
        thumb: src_of(picture, renditions, 400),
        width: picture.width,
        height: picture.height,
        size: format!("{} × {}", picture.width, picture.height),
        added: When::new(picture.made_at, room.now, &room.zone),
        code: format!("![](picture:{})", picture.id),
        name,
    }
}

/// `GET /newsroom/media/{hash}`: a picture of the library or a rendition of one, public or not.
pub(crate) async fn media(room: Room, Path(hash): Path<String>) -> Shown {
    let wanted = hash.clone();
    let found = room
        .desk()
        .store()
        .read(move |view| Ok::<_, Trouble>(view.desk_media(&wanted)?))
        .await?
        .ok_or(Trouble::Missing)?;
    let kind = match found.format.as_str() {
        "jpeg" => "image/jpeg",
        "png" => "image/png",
        "webp" => "image/webp",
        "gif" => "image/gif",
        _ => return Err(Trouble::Missing),
    };
    let blobs = room.desk().blobs().clone();
    let read = tokio::task::spawn_blocking(move || blobs.read(&hash)).await;
    let bytes = read.map_err(|error| Trouble::Broken(error.to_string()))??.ok_or(Trouble::Missing)?;
    // Its name is its content; only this browser may keep it.
    let kept = "private, max-age=31536000, immutable";
    Ok(([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, kept)], bytes).into_response())
}
