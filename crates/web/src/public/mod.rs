//! The readers' side: reads an address, looks whether its page is printed, prints it if not, and takes forms.
//! No session is read here, so that every public page can be kept by anybody.

mod archive;
mod article;
mod body;
mod card;
mod changes;
mod corrections;
mod fault;
mod feeds;
mod leaving;
mod lists;
mod machines;
mod media;
mod nearest;
mod offline;
mod policies;
mod present;
mod search;
mod sheet;
mod sign_up;
mod sitemaps;
mod sites;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header};
use newsroom::language::Language;
use press::page::Page;

pub use article::article_preview;
pub(crate) use media::media;
pub(crate) use sites::Sites;

use crate::address::{self, Address, FeedOf, Place, Span, Unreadable};
use crate::cache::Kept;
use crate::form::{Form, Unread};
use crate::printed::{HTML, Printed};
use crate::site::Web;
use fault::Fault;
use lists::After;
use search::Question;
use sheet::Sheet;

/// The page from memory, if its address is written as we write it ourselves and it was printed before.
pub(crate) fn from_memory(web: &Web, request: &Request<Body>) -> Option<Response> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) || request.uri().query().is_some() {
        return None;
    }
    Some(remembered(web, request.uri().path())?.printed.answer(request.headers()))
}

/// The page at a path as we write it ourselves, if it was printed before and is still true.
pub(crate) fn remembered(web: &Web, path: &str) -> Option<Arc<Kept>> {
    web.cache().find(path, web.moment().ok()?)
}

/// Answers every request that no fixed route takes.
pub(crate) async fn answer(State(web): State<Web>, request: Request<Body>) -> Response {
    let moment = match web.moment() {
        Ok(moment) => moment,
        Err(error) => return fault::broken(&web, "en", &error.to_string(), request.headers()),
    };
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let paper = web.desk().paper();
    let path = request.uri().path().to_owned();
    let address = match Address::read(&path, &paper.publication) {
        Ok(address) => address,
        Err((language, why)) => {
            let status = match why {
                Unreadable::Garbled => StatusCode::BAD_REQUEST,
                Unreadable::Unknown => StatusCode::NOT_FOUND,
            };
            let sheet = Sheet::new(&web, paper, language, moment);
            let headers = request.headers().clone();
            drop(request);
            return fault::not_found(&sheet, status, &path, &headers).await;
        }
    };
    let sheet = Sheet::new(&web, paper, address.language.clone(), moment);
    if reads && address.place.can_be_read() {
        let (query, headers) = (request.uri().query().unwrap_or_default().to_owned(), request.headers().clone());
        drop(request);
        read(&sheet, &address, &path, &query, &headers).await
    } else if *request.method() == Method::POST && address.place.takes_forms() {
        take(&sheet, &address.place, request).await
    } else {
        not_allowed(&address.place)
    }
}

fn not_allowed(place: &Place) -> Response {
    let mut response = fault::plain(StatusCode::METHOD_NOT_ALLOWED, "This cannot be done here.\n");
    let allow = match (place.can_be_read(), place.takes_forms()) {
        (true, true) => "GET, HEAD, POST",
        (true, false) => "GET, HEAD",
        (false, _) => "POST",
    };
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allow));
    response
}

/// A page is asked for.
async fn read(sheet: &Sheet, address: &Address, path: &str, query: &str, headers: &HeaderMap) -> Response {
    match &address.place {
        Place::Confirm(token) => return sign_up::ask(sheet, token, headers).await,
        Place::Preferences(token) => return leaving::preferences(sheet, token, headers).await,
        Place::Unsubscribe(token) => return leaving::ask(sheet, token, query, headers).await,
        _ => {}
    }
    let asked = Asked::read(sheet, &address.place, query);
    let query = asked.key();
    let key = if query.is_empty() { address.canonical.clone() } else { format!("{}?{query}", address.canonical) };
    let printed = print(sheet, address, &asked, &key).await;
    match printed {
        Ok(_) if !address.is_canonical => {
            let path = address::encode(&address.canonical);
            fault::moved(&if query.is_empty() { path } else { format!("{path}?{query}") })
        }
        Ok(kept) => kept.printed.answer(headers),
        Err(fault) => fault::answer(sheet, fault, path, headers).await,
    }
}

/// The part of a query that a page takes notice of; everything else in it is ignored.
enum Asked {
    Nothing,
    After(After),
    /// Versions below this number.
    Version(u32),
    Search(Box<Question>),
}

impl Asked {
    fn read(sheet: &Sheet, place: &Place, query: &str) -> Asked {
        match place {
            Place::Section(_)
            | Place::Topic(_)
            | Place::Author(_)
            | Place::Corrections
            | Place::Feed(FeedOf::Site | FeedOf::Section(_) | FeedOf::Topic(_) | FeedOf::Author(_), _)
            | Place::Archive(Span::Day(_)) => {
                let after = After::read(Form::parse(query.as_bytes()).first("before"));
                after.map_or(Asked::Nothing, Asked::After)
            }
            Place::Changes(..) => {
                let number = Form::parse(query.as_bytes()).first("before").parse().ok();
                number.map_or(Asked::Nothing, Asked::Version)
            }
            Place::Search => {
                let question = Question::read(&Form::parse(query.as_bytes()), &sheet.paper.publication.languages());
                Asked::Search(Box::new(question))
            }
            _ => Asked::Nothing,
        }
    }

    fn key(&self) -> String {
        match self {
            Asked::Nothing => String::new(),
            Asked::After(after) => format!("before={}", after.show()),
            Asked::Version(number) => format!("before={number}"),
            Asked::Search(question) => question.key(),
        }
    }

    fn after(&self) -> Option<After> {
        match self {
            Asked::After(after) => Some(*after),
            Asked::Nothing | Asked::Search(_) | Asked::Version(_) => None,
        }
    }

    fn version(&self) -> Option<u32> {
        match self {
            Asked::Version(number) => Some(*number),
            Asked::Nothing | Asked::Search(_) | Asked::After(_) => None,
        }
    }
}

/// The page from memory, or printed now.
async fn print(sheet: &Sheet, address: &Address, asked: &Asked, key: &str) -> Result<Arc<Kept>, Fault> {
    let page = async {
        let mut kept = page(sheet, &address.place, asked).await?;
        for (name, value) in machines::reservation(&sheet.paper.publication) {
            kept.printed = kept.printed.with(name, value);
        }
        // An embargo that ends changes pages without anybody doing anything.
        let now = sheet.now();
        let next: Result<_, store::Error> = sheet.web.desk().store().read(move |view| view.next_reveal_at(now)).await;
        Ok(match next? {
            Some(at) => kept.until(at),
            None => kept,
        })
    };
    sheet.web.cache().find_or_print(key, sheet.moment, page).await
}

async fn page(sheet: &Sheet, place: &Place, asked: &Asked) -> Result<Kept, Fault> {
    match place {
        Place::Front => lists::front(sheet).await,
        Place::Section(slug) => lists::section(sheet, slug, asked.after()).await,
        Place::Topic(slug) => lists::topic(sheet, slug, asked.after()).await,
        Place::Author(slug) => lists::author(sheet, slug, asked.after()).await,
        Place::Article(section, slug) => article::page(sheet, section, slug).await,
        Place::Text(section, slug) => article::plain(sheet, section, slug).await,
        Place::Archive(span) => archive::page(sheet, *span, asked.after()).await,
        Place::Search => match asked {
            Asked::Search(question) => search::page(sheet, question).await,
            Asked::Nothing | Asked::After(_) | Asked::Version(_) => search::page(sheet, &Question::default()).await,
        },
        Place::Corrections => corrections::page(sheet, asked.after()).await,
        Place::Changes(section, slug) => changes::page(sheet, section, slug, asked.version()).await,
        Place::Policy(policy) => policies::page(sheet, *policy).await,
        Place::Feed(of, kind) => feeds::page(sheet, of, *kind, asked.after()).await,
        Place::Card(of) => card::page(sheet, of).await,
        Place::Subscribe => sign_up::form(sheet),
        Place::Sitemap => sitemaps::index(sheet).await,
        Place::SitemapPart(number) => sitemaps::part(sheet, *number).await,
        Place::NewsSitemap => sitemaps::news(sheet).await,
        Place::Robots => Ok(machines::robots(sheet)),
        Place::Trust => Ok(machines::trust(sheet)),
        Place::Security => machines::security(sheet),
        Place::Mining => Ok(machines::mining(sheet)),
        Place::License => Ok(machines::license(sheet)),
        Place::Manifest => offline::manifest(sheet),
        Place::Keeper => Ok(offline::worker(sheet)),
        Place::Confirm(_) | Place::Preferences(_) | Place::Doings(_) | Place::NewAddress(_) | Place::Unsubscribe(_) => {
            Err(Fault::NotFound)
        }
    }
}

/// A form was sent.
async fn take(sheet: &Sheet, place: &Place, request: Request<Body>) -> Response {
    match place {
        Place::Subscribe => sign_up::sent(sheet, request).await,
        Place::Confirm(token) => sign_up::confirmed(sheet, token, request).await,
        Place::Preferences(token) => leaving::choose(sheet, token, request).await,
        Place::Doings(token) => leaving::doings(sheet, token, request).await,
        Place::NewAddress(token) => leaving::change_address(sheet, token, request).await,
        Place::Unsubscribe(token) => leaving::unsubscribe(sheet, token, request).await,
        other => not_allowed(other),
    }
}

/// A page for one visitor: kept by nobody, listed nowhere, and its address is told to no other site.
///
/// `same-origin` and not `no-referrer`: with that, older browsers send `Origin: null` with our own forms.
fn once(sheet: &Sheet, status: StatusCode, page: &Page, request: &HeaderMap) -> Response {
    match sheet.html(page) {
        Ok(html) => Printed::once(HTML, status, html)
            .with(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"))
            .with(http::HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex"))
            .answer(request),
        Err(cause) => fault::broken(&sheet.web, sheet.language.code(), &cause, request),
    }
}

/// The sheet in the first language of somebody's that the publication speaks, unless the address named one.
fn spoken(sheet: &Sheet, languages: &[Language]) -> Sheet {
    if sheet.language != sheet.main {
        return sheet.clone();
    }
    let ours = sheet.paper.publication.languages();
    languages
        .iter()
        .find(|language| ours.contains(language))
        .map_or_else(|| sheet.clone(), |one| sheet.in_language(one))
}

fn unread(unread: Unread) -> Response {
    match unread {
        Unread::TooLarge => fault::plain(StatusCode::PAYLOAD_TOO_LARGE, "Not taken: that is more than a form holds.\n"),
        Unread::OtherType => {
            fault::plain(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Not taken: this was not sent by our form.\n")
        }
    }
}
