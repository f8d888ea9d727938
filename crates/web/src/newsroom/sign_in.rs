//! The door: ask for a link, press the button behind it, leave again.
//! Says the same whether or not an address belongs to the newsroom.

use super::assets;
use super::fields::Fields;
use super::pages::{Alarm, SignInLinkPage, SignInPage, SignInSentPage};
use super::session;
use super::trouble::{Shown, page, see};
use crate::site::Web;
use axum::extract::{Path, State};
use axum::response::Response;
use desk::Error;
use http::{HeaderMap, StatusCode, header};
use newsroom::refusal::Refusal;

fn publication(web: &Web) -> String {
    web.desk().paper().publication.name.clone()
}

fn door(web: &Web, address: &str, fault: Option<String>, alarm: Option<Alarm>, status: StatusCode) -> Response {
    let (publication, style) = (publication(web), assets::style_href().to_owned());
    page(status, &SignInPage { publication, style, address: address.to_owned(), fault, alarm })
}

/// `GET /newsroom/sign-in`.
pub(crate) async fn show(State(web): State<Web>) -> Response {
    door(&web, "", None, None, StatusCode::OK)
}

/// `POST /newsroom/sign-in`: mails a link, perhaps.
pub(crate) async fn ask(State(web): State<Web>, fields: Fields) -> Shown {
    let address = fields.first("address");
    match web.desk().ask_sign_in(address).await {
        Ok(()) => {
            let (publication, style) = (publication(&web), assets::style_href().to_owned());
            Ok(page(StatusCode::OK, &SignInSentPage { publication, style, address: address.to_owned() }))
        }
        Err(Error::Refused(refusal)) => {
            Ok(door(&web, address, Some(refusal.to_string()), None, StatusCode::UNPROCESSABLE_ENTITY))
        }
        Err(error) => Err(error.into()),
    }
}

/// `GET /newsroom/sign-in/{token}`: one button and nothing else; looking uses nothing up.
pub(crate) async fn link(State(web): State<Web>, Path(token): Path<String>) -> Response {
    let plain: String =
        token.chars().filter(|letter| letter.is_ascii_alphanumeric() || "-_.~".contains(*letter)).collect();
    let (publication, style) = (publication(&web), assets::style_href().to_owned());
    page(StatusCode::OK, &SignInLinkPage { publication, style, action: format!("/newsroom/sign-in/{plain}") })
}

/// `POST /newsroom/sign-in/{token}`: uses the link up and opens a session.
pub(crate) async fn enter(State(web): State<Web>, Path(token): Path<String>) -> Shown {
    match web.desk().sign_in(&token).await {
        Ok(session) => {
            let mut response = see("/newsroom");
            if let Some(line) = session::cookie(&session, web.settings().secure_cookie) {
                response.headers_mut().append(header::SET_COOKIE, line);
            }
            Ok(response)
        }
        Err(Error::Refused(Refusal::SignInLinkSpent | Refusal::LinkSpent)) => {
            let alarm = Alarm {
                what: "That link was used already or is too old.".into(),
                then: "Links work once. Ask for a new one.".into(),
                link: None,
            };
            Ok(door(&web, "", None, Some(alarm), StatusCode::GONE))
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /newsroom/sign-out`.
pub(crate) async fn leave(State(web): State<Web>, headers: HeaderMap) -> Shown {
    let secure = web.settings().secure_cookie;
    if let Some(token) = session::token(&headers, secure) {
        web.desk().sign_out(token).await?;
    }
    let mut response = see("/newsroom/sign-in");
    response.headers_mut().append(header::SET_COOKIE, session::no_cookie(secure));
    Ok(response)
}
