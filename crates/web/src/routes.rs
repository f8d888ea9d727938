//! The whole site map. Readers' addresses that depend on sections and languages are read by `address::Place::read`;
//! what stands here is fixed. Knows no page.

use std::any::Any;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, Request, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{get, post};
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::csrf::{CsrfLayer, ProtectionError};

use crate::printed::{HARDENED, HTML, Printed, TEXT};
use crate::server::Site;
use crate::site::{Web, WebSettings};
use crate::{asset, public};
use desk::Desk;

/// Where mail programs leave with one click, from wherever they are (RFC 8058).
const ONE_CLICK: &str = "/unsubscribe/";

/// The site over a desk: what the server answers with.
///
/// # For readers (`public::answer`, see `address::Place`)
/// `/` · `/{section}` · `/{section}/{slug}` · `/{section}/{slug}.txt` · `/topic/{slug}` · `/author/{slug}`
/// · `/archive` · `/archive/{yyyy}` · `/archive/{yyyy}/{mm}` · `/archive/{yyyy}/{mm}/{dd}` · `/search` · `/corrections`
/// · `/about` · `/masthead` · `/corrections-policy` · `/ethics` · `/privacy`, and all of it under `/{lang}/`
/// # For subscribers
/// `/subscribe` · `/subscribe/confirm/{token}` · `/preferences/{token}` · `/preferences/{token}/doings` · `/preferences/{token}/address`
/// · `/unsubscribe/{token}`
/// # For machines
/// `/feed.xml` · `/feed.atom` · `/feed.json`, also under section, topic, author · `/sitemap.xml` · `/sitemap-{n}.xml`
/// · `/sitemap-news.xml` · `/robots.txt` · `/license.xml` · `/trust.txt` · `/.well-known/security.txt`
/// · `/.well-known/tdmrep.json` · `/manifest.webmanifest` · `/offline.js` · `/healthz` · `/readyz`
/// # For mail providers
/// `/webhooks/mail/{ses|mailgun|sendgrid|postmark|brevo|resend|mailjet}` (`webhooks`)
/// # Files
/// `/media/{hash}-{width}.{jpg|webp|png}` · `/card.png`, also under section, topic, author · `/assets/{name}`
/// · `/assets/theme/{name}` · `/favicon.ico`
/// # For staff
/// `/newsroom/…` (`newsroom::routes`)
pub fn app(desk: Desk, settings: WebSettings) -> Router {
    routes(Web::new(desk, settings))
}

/// The same with what it remembers at hand for the server's fast lane.
pub fn site(desk: Desk, settings: WebSettings) -> Site {
    let web = Web::new(desk, settings);
    let memory = web.clone();
    Site { app: routes(web), memory: Some(Arc::new(move |path| public::remembered(&memory, path))) }
}

fn routes(web: Web) -> Router {
    Router::new()
        .route("/healthz", get(health))
        .route("/readyz", get(ready))
        .route("/media/{name}", get(media))
        .route("/assets/{name}", get(file))
        .route("/assets/theme/{name}", get(theme_file))
        .route("/favicon.ico", get(favicon))
        .route("/webhooks/mail/{provider}", post(crate::webhooks::take))
        .merge(crate::newsroom::routes())
        .fallback(public::answer)
        .layer(own_forms(&web))
        .layer(catch_panics(&web))
        .layer(middleware::from_fn(harden))
        .layer(middleware::from_fn_with_state(web.clone(), remembered))
        .with_state(web)
}

/// The process is there.
async fn health() -> Response {
    Printed::once(TEXT, StatusCode::OK, "ok\n").answer(&HeaderMap::new())
}

/// The process can answer: its store does.
async fn ready(State(web): State<Web>) -> Response {
    let version = web.desk().store().read(|view| view.content_version()).await;
    match version {
        Ok(_) => health().await,
        Err(error) => {
            tracing::warn!(%error, "not ready: {error}");
            Printed::once(TEXT, StatusCode::SERVICE_UNAVAILABLE, "not ready\n").answer(&HeaderMap::new())
        }
    }
}

async fn media(State(web): State<Web>, Path(name): Path<String>, headers: HeaderMap) -> Response {
    public::media(&web, &name, &headers).await
}

async fn file(State(web): State<Web>, Path(name): Path<String>, headers: HeaderMap) -> Response {
    match name.as_str() {
        "icon.svg" => asset::icon(&web, &headers),
        "icon-180.png" => asset::of_theme(&web, "apple-touch-icon.png", &headers),
        _ => asset::missing(&headers),
    }
}

async fn theme_file(State(web): State<Web>, Path(name): Path<String>, headers: HeaderMap) -> Response {
    asset::of_theme(&web, &name, &headers)
}

async fn favicon(State(web): State<Web>, headers: HeaderMap) -> Response {
    asset::of_theme(&web, "apple-touch-icon.png", &headers)
}

/// Only our own pages may send forms; mail programs may leave from wherever they are, for their token is the proof.
fn own_forms(web: &Web) -> CsrfLayer<impl FnMut(ProtectionError) -> Response + Clone + use<>> {
    let layer = CsrfLayer::new();
    let origin = origin_of(web.desk().public_url()).to_owned();
    let layer = layer.clone().add_trusted_origin(&origin).unwrap_or_else(|error| {
        tracing::warn!(%error, "the public address `{origin}` is no origin; forms are compared with the Host header only");
        layer
    });
    layer.with_insecure_bypass(|_: &Method, uri: &Uri| is_one_click(uri.path())).with_rejection_response(
        |_: ProtectionError| {
            let sentence = "Not taken: this form was sent by another site. Open our page and send it from there.\n";
            Printed::once(TEXT, StatusCode::FORBIDDEN, sentence).answer(&HeaderMap::new())
        },
    )
}

fn origin_of(url: &str) -> &str {
    let after = url.find("://").map_or(0, |at| at + 3);
    url[after..].find('/').map_or(url, |end| &url[..after + end])
}

/// `/unsubscribe/{token}` and `/{lang}/unsubscribe/{token}`, nothing else.
fn is_one_click(path: &str) -> bool {
    let tail = match path.find(ONE_CLICK) {
        Some(at) if !path[..at].trim_start_matches('/').contains('/') => &path[at + ONE_CLICK.len()..],
        _ => return false,
    };
    let language = path.len() - tail.len() - ONE_CLICK.len();
    language <= 13 && !tail.is_empty() && !tail.contains('/')
}

/// A panic is a page, too: the reader is told, and the operator finds it in the log.
fn catch_panics(web: &Web) -> CatchPanicLayer<impl Fn(Box<dyn Any + Send>) -> Response + Clone + use<>> {
    let page: Arc<str> = web.desk().theme().broken("en", None).into();
    CatchPanicLayer::custom(move |panic: Box<dyn Any + Send>| {
        let words = panic.downcast_ref::<String>().map(String::as_str);
        let words = words.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no words");
        tracing::error!("a request panicked: {words}");
        Printed::once(HTML, StatusCode::INTERNAL_SERVER_ERROR, page.as_bytes().to_vec()).answer(&HeaderMap::new())
    })
}

/// What every answer says to browsers, unless a page has said something stricter.
async fn harden(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in HARDENED {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// A page that was printed before is answered before anything else is asked: it sets nothing and depends on nobody.
async fn remembered(State(web): State<Web>, request: Request, next: Next) -> Response {
    match public::from_memory(&web, &request) {
        Some(answer) => answer,
        None => next.run(request).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_leaving_is_open_to_forms_of_others() {
        for path in ["/unsubscribe/abc", "/fr/unsubscribe/abc", "/pt-br/unsubscribe/abc"] {
            assert!(is_one_click(path), "{path}");
        }
        for path in [
            "/unsubscribe/",
            "/unsubscribe",
            "/preferences/abc",
            "/subscribe",
            "/a/b/unsubscribe/abc",
            "/newsroom/articles/unsubscribe/abc",
            "/unsubscribe/abc/doings",
            "/international-affairs/unsubscribe/abc",
        ] {
            assert!(!is_one_click(path), "{path}");
        }
    }

    #[test]
    fn the_origin_of_an_address_has_no_path() {
        assert_eq!(origin_of("https://paper.example"), "https://paper.example");
        assert_eq!(origin_of("https://paper.example/"), "https://paper.example");
        assert_eq!(origin_of("http://127.0.0.1:8080/x"), "http://127.0.0.1:8080");
    }
}
