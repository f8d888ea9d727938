//! The tray's addresses. Answers only to names of this machine, because letters hold links that sign people in.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use mail::read::{Letter, read};
use serde::Deserialize;
use serde_json::json;

use super::caught::Caught;
use super::kept::{CAUGHT_MAX, Kept};
use super::show::{self, List, Nothing, Page, Row, Side};

/// Rows on one page of the list.
const ROWS_MAX: usize = 100;

/// What the pages need.
pub(super) struct Tray {
    pub(super) kept: Arc<Kept>,
    pub(super) site: String,
    pub(super) send: String,
    pub(super) smtp: SocketAddr,
}

type Shared = State<Arc<Tray>>;

/// The whole map of the tray's site.
pub(super) fn routes(tray: Tray) -> Router {
    Router::new()
        .route("/", get(list))
        .route("/messages.json", get(list_json))
        .route("/message/{id}", get(letter))
        .route("/message/{id}/html", get(letter_html))
        .route("/message/{id}/source", get(letter_source))
        .route("/letters/deletion", post(clear))
        .route("/tray.css", get(style))
        .fallback(nothing_here)
        .with_state(Arc::new(tray))
        .layer(from_fn(guard))
}

#[derive(Debug, Default, Deserialize)]
struct Search {
    #[serde(default)]
    to: String,
    before: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
struct Look {
    #[serde(default)]
    show: String,
}

/// A page of another site could make a browser ask us under a name of its own (DNS rebinding), or press our buttons.
async fn guard(request: Request, next: Next) -> Response {
    let ours = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).is_some_and(is_near);
    let pressed = request.method() != axum::http::Method::GET && request.method() != axum::http::Method::HEAD;
    let from_elsewhere = request.headers().get("sec-fetch-site").is_some_and(|site| {
        site != HeaderValue::from_static("same-origin") && site != HeaderValue::from_static("none")
    });
    let mut response = if !ours {
        nothing(StatusCode::FORBIDDEN, "Not here", "The tray answers only under the address of this machine.")
    } else if pressed && from_elsewhere {
        nothing(StatusCode::FORBIDDEN, "Not from there", "Press the button on the tray's own page.")
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(show::PAGE_POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

fn is_near(host: &str) -> bool {
    let name = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((v6, _)) => v6,
        None => host.split(':').next().unwrap_or(host),
    };
    name == "localhost" || name.ends_with(".localhost") || name.parse::<IpAddr>().is_ok()
}

async fn list(State(tray): Shared, Query(search): Query<Search>) -> Response {
    let to = search.to.trim();
    let mut found = tray.kept.newest(to, search.before.as_deref(), ROWS_MAX + 1);
    let more = found.len() > ROWS_MAX;
    found.truncate(ROWS_MAX);
    let older = found.last().filter(|_| more).map(|last| format!("/?to={}&before={}", escaped(to), last.id));
    let count = tray.kept.count();
    page(
        StatusCode::OK,
        &List {
            letters: found.iter().map(Row::new).collect(),
            to,
            state: state(count),
            older,
            any: count > 0,
            site: &tray.site,
            send: &tray.send,
            smtp: tray.smtp.to_string(),
        },
    )
}

fn state(count: usize) -> String {
    match count {
        0 => "Nothing has been caught yet.".into(),
        1 => "1 letter. It never left this machine.".into(),
        CAUGHT_MAX => format!("The newest {CAUGHT_MAX} letters; older ones are gone. None left this machine."),
        count => format!("{count} letters. None left this machine."),
    }
}

async fn list_json(State(tray): Shared, Query(search): Query<Search>) -> Response {
    axum::Json(tray.kept.newest(search.to.trim(), search.before.as_deref(), CAUGHT_MAX)).into_response()
}

async fn letter(State(tray): Shared, Path(id): Path<String>, Query(look): Query<Look>) -> Response {
    if let Some(id) = id.strip_suffix(".json") {
        return letter_json(&tray, id).await;
    }
    let Some((caught, message)) = find(&tray, &id).await else { return no_letter() };
    let letter = read(&message).unwrap_or_default();
    let side = match look.show.as_str() {
        "source" => Side::Source,
        "text" => Side::Text,
        "html" => Side::Html,
        _ if letter.html.is_some() => Side::Html,
        _ => Side::Text,
    };
    page(StatusCode::OK, &side_up(&caught, letter, &message, side))
}

fn side_up(caught: &Caught, letter: Letter, message: &[u8], side: Side) -> Page {
    let text = match side {
        Side::Html if letter.html.is_none() => Some("This letter has no HTML part.".to_owned()),
        Side::Text => Some(letter.text.unwrap_or_else(|| "This letter has no text part.".to_owned())),
        Side::Html | Side::Source => None,
    };
    Page {
        row: Row::new(caught),
        dated: caught.dated(),
        message_id: caught.message_id.clone().unwrap_or_else(|| "not stated".into()),
        html: side == Side::Html && letter.html.is_some(),
        text,
        source: (side == Side::Source).then(|| show::source(message)),
        tabs: show::tabs(&caught.id, side),
        links: if side == Side::Text { caught.links.clone() } else { Vec::new() },
    }
}

async fn letter_json(tray: &Arc<Tray>, id: &str) -> Response {
    let Some((caught, message)) = find(tray, id).await else {
        return (StatusCode::NOT_FOUND, axum::Json(json!({ "error": NO_LETTER }))).into_response();
    };
    let letter = read(&message).unwrap_or_default();
    let mut told = serde_json::to_value(&caught).unwrap_or_default();
    if let Some(told) = told.as_object_mut() {
        told.insert("headers".into(), json!(letter.headers));
        told.insert("text".into(), json!(letter.text));
        told.insert("html".into(), json!(letter.html));
    }
    axum::Json(told).into_response()
}

async fn letter_html(State(tray): Shared, Path(id): Path<String>) -> Response {
    let Some((_, message)) = find(&tray, &id).await else { return no_letter() };
    let html = read(&message).and_then(|letter| letter.html).unwrap_or_default();
    let policy = HeaderValue::try_from(show::letter_policy(&tray.site));
    let policy = policy.unwrap_or(HeaderValue::from_static("sandbox; default-src 'none'"));
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    (headers, show::framed(&html)).into_response()
}

async fn letter_source(State(tray): Shared, Path(id): Path<String>) -> Response {
    match find(&tray, &id).await {
        Some((_, message)) => ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], message).into_response(),
        None => no_letter(),
    }
}

async fn clear(State(tray): Shared) -> Response {
    match tokio::task::spawn_blocking(move || tray.kept.clear()).await {
        Ok(Ok(())) => Redirect::to("/").into_response(),
        Ok(Err(error)) => nothing(
            StatusCode::INTERNAL_SERVER_ERROR,
            "Not all deleted",
            &format!("A letter could not be deleted: {error}."),
        ),
        Err(_) => nothing(StatusCode::INTERNAL_SERVER_ERROR, "Not all deleted", "The tray broke off. Press again."),
    }
}

async fn style() -> Response {
    let kind = (header::CONTENT_TYPE, "text/css; charset=utf-8");
    ([kind, (header::CACHE_CONTROL, "max-age=3600")], include_str!("../../templates/tray/tray.css")).into_response()
}

async fn nothing_here() -> Response {
    nothing(StatusCode::NOT_FOUND, "Nothing here", "The tray has a list of letters, and a page for each of them.")
}

const NO_LETTER: &str = "This letter is not here. It was deleted, or made room for newer ones.";

fn no_letter() -> Response {
    nothing(StatusCode::NOT_FOUND, "No such letter", NO_LETTER)
}

fn nothing(status: StatusCode, title: &'static str, sentence: &str) -> Response {
    page(status, &Nothing { title, sentence: sentence.to_owned() })
}

/// Reading and parsing a letter of 25 MB would hold up everybody else.
async fn find(tray: &Arc<Tray>, id: &str) -> Option<(Caught, Vec<u8>)> {
    let (tray, id) = (tray.clone(), id.to_owned());
    tokio::task::spawn_blocking(move || tray.kept.one(&id)).await.ok().flatten()
}

fn page(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response(),
        Err(error) => {
            (StatusCode::INTERNAL_SERVER_ERROR, format!("This page could not be printed: {error}\n")).into_response()
        }
    }
}

/// A text as part of an address.
fn escaped(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~@".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}
