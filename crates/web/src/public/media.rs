//! Pictures: served only while a public article shows them, and only as the renditions we made or the headline we drew.
//! An original never leaves: it may carry what its owner did not mean to show.

use axum::body::Body;
use axum::response::Response;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use newsroom::id::WorkId;
use newsroom::surrogate::Key;
use newsroom::time::Timestamp;
use press::share;
use store::{Rendition, View};

use super::fault;
use crate::cache::labelled;
use crate::site::Web;

/// A week. The bytes of an address never change; but a picture that was withdrawn should not live in caches for ever.
const WEEK: HeaderValue = HeaderValue::from_static("public, max-age=604800, immutable");

/// Works named on one picture, for the cache in front of us; what more show is one of anything.
const WORKS_MAX: usize = 50;

/// What an address of a picture names: `{hash}-{width}.{jpg|webp}`, or `{hash}-1200.png` for a headline that was drawn.
#[derive(Debug, PartialEq, Eq)]
struct Name {
    hash: String,
    width: u32,
    format: &'static str,
}

impl Name {
    fn read(name: &str) -> Option<Name> {
        let (stem, ending) = name.rsplit_once('.')?;
        let format = match ending {
            "jpg" => "jpeg",
            "webp" => "webp",
            "png" => "png",
            _ => return None,
        };
        let (hash, width) = stem.split_once('-')?;
        let plain = hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
        let digits = width.len() <= 5 && width.bytes().all(|byte| byte.is_ascii_digit()) && !width.starts_with('0');
        (plain && digits).then(|| Some(Name { hash: hash.to_owned(), width: width.parse().ok()?, format }))?
    }
}

/// Where the picture of a headline is served.
pub(crate) fn share_path(hash: &str) -> String {
    format!("/media/{hash}-{}.png", share::WIDTH)
}

/// A picture.
pub(crate) async fn media(web: &Web, name: &str, request: &HeaderMap) -> Response {
    let Some(name) = Name::read(name) else { return missing() };
    let (now, store, blobs) = (web.desk().now(), web.desk().store(), web.desk().blobs().clone());
    let reserved = super::machines::reservation(&web.desk().paper().publication);
    let etag = format!("\"{}-{}-{}\"", &name.hash[..32], name.width, name.format);
    let format = name.format;
    let label = web.desk().caches().label;
    let look = store.read(move |view| {
        let Some(hash) = rendition(view, &name, now)? else { return Ok(None) };
        let works = if label.is_some() { view.works_showing(&name.hash, now, WORKS_MAX + 1)? } else { Vec::new() };
        Ok::<_, store::Error>(Some((hash, works)))
    });
    let (hash, works) = match look.await {
        Ok(Some(found)) => found,
        Ok(None) => return missing(),
        Err(error) => return fault::broken(web, "en", &error.to_string(), request),
    };
    let answer = |status, body| {
        let mut answer = answer(status, format, &etag, body);
        answer.headers_mut().extend(reserved);
        answer.headers_mut().extend(label.map(|label| labelled(label, made_of(&works).as_deref())));
        answer
    };
    let known = request.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    if known.is_some_and(|known| known.contains(&etag)) {
        return answer(StatusCode::NOT_MODIFIED, Body::empty());
    }
    let bytes = tokio::task::spawn_blocking(move || blobs.read(&hash)).await;
    match bytes {
        Ok(Ok(Some(bytes))) => answer(StatusCode::OK, Body::from(bytes)),
        Ok(Ok(None)) => missing(),
        Ok(Err(error)) => fault::broken(web, "en", &error.to_string(), request),
        Err(error) => fault::broken(web, "en", &error.to_string(), request),
    }
}

/// The blob of a public rendition, named by its own hash or by that of its original.
fn rendition(view: &View<'_>, name: &Name, now: Timestamp) -> Result<Option<String>, store::Error> {
    if name.format == "png" {
        let is_one = name.width == share::WIDTH && view.is_share_picture(&name.hash, now)?;
        return Ok(is_one.then(|| name.hash.clone()));
    }
    let Some(media) = view.media(&name.hash, now)? else { return Ok(None) };
    let Some(picture) = view.picture_of_hash(&name.hash)? else {
        return Ok((media.format == name.format).then_some(media.hash));
    };
    let fits = |one: &Rendition| one.width == name.width && one.format == name.format;
    Ok(view.renditions(&[picture.id])?.into_iter().find(fits).map(|one| one.hash))
}

/// What has to be touched before a cache may drop the picture: any of the works that show it. A portrait is of what
/// everything is made of.
fn made_of(works: &[WorkId]) -> Option<Vec<Key>> {
    (works.len() <= WORKS_MAX).then(|| works.iter().map(|work| Key::work(*work)).collect())
}

fn missing() -> Response {
    fault::plain(StatusCode::NOT_FOUND, "There is no such picture.\n")
}

fn answer(status: StatusCode, format: &str, etag: &str, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    if status == StatusCode::OK {
        let content_type = match format {
            "jpeg" => "image/jpeg",
            "png" => "image/png",
            _ => "image/webp",
        };
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    }
    headers.insert(header::CACHE_CONTROL, WEEK);
    if let Ok(etag) = HeaderValue::from_str(etag) {
        headers.insert(header::ETAG, etag);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_name_of_a_rendition_is_a_name() {
        let hash = "0123456789abcdef".repeat(4);
        let name = Name::read(&format!("{hash}-720.jpg")).unwrap();
        assert_eq!((name.width, name.format), (720, "jpeg"));
        assert_eq!(Name::read(&format!("{hash}-360.webp")).unwrap().format, "webp");
        for odd in [
            String::new(),
            "x".into(),
            "../../etc/passwd".into(),
            format!("{hash}.jpg"),
            format!("{hash}-720.gif"),
            format!("{hash}-.jpg"),
            format!("{hash}-0720.jpg"),
            format!("{hash}-99999999999.jpg"),
            format!("{hash}-720-1.jpg"),
            format!("{}-720.jpg", hash.to_uppercase()),
            format!("{}-720.jpg", &hash[1..]),
        ] {
            assert_eq!(Name::read(&odd), None, "{odd}");
        }
    }
}
