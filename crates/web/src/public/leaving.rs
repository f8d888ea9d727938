//! The preference centre and the way out. Tokens are the only key; nothing is asked, nothing is kept by browsers.

use axum::body::Body;
use axum::response::Response;
use desk::ChoicesForm;
use http::{HeaderMap, Request, StatusCode};
use newsroom::refusal::Refusal;
use newsroom::subscriber::Subscriber;
use press::page::{HiddenField, Meta, Notice, Page, Preferences, Unsubscribe};

use super::fault;
use super::present::choices;
use super::sheet::{Sheet, civil_day};
use super::sign_up::{notice, spent};
use crate::address::Place;
use crate::form::Form;

/// Days of a pause.
const PAUSE_DAYS: u32 = 30;

/// What the preference centre says beside the choices.
#[derive(Default)]
struct Said {
    message: Option<String>,
    error: Option<String>,
    zone_error: Option<String>,
}

/// The preference centre.
pub(super) async fn preferences(sheet: &Sheet, token: &str, headers: &HeaderMap) -> Response {
    match sheet.web.desk().subscriber_by_preferences(token).await {
        Ok(subscriber) => centre(sheet, token, &subscriber, None, Said::default(), StatusCode::OK, headers),
        Err(error) => spent(sheet, error, headers),
    }
}

/// New choices came.
pub(super) async fn choose(sheet: &Sheet, token: &str, request: Request<Body>) -> Response {
    let headers = request.headers().clone();
    let form = match Form::read(request).await {
        Ok(form) => form,
        Err(unread) => return super::unread(unread),
    };
    let sent = ChoicesForm {
        languages: if form.has("language") { form.all("language") } else { vec![sheet.language.code().to_owned()] },
        sections: form.all("section"),
        zone: form.first("zone").to_owned(),
        hour: form.first("hour").to_owned(),
        frequency: form.first("frequency").to_owned(),
    };
    match sheet.web.desk().change_choices(token, sent).await {
        Ok(subscriber) => {
            let message = format!("{}. {}", sheet.say("saved_title", &[]), sheet.say("saved_from", &[]));
            let said = Said { message: Some(message), ..Said::default() };
            centre(sheet, token, &subscriber, None, said, StatusCode::OK, &headers)
        }
        Err(desk::Error::Refused(refusal)) if refusal != Refusal::LinkSpent => {
            let said = match &refusal {
                Refusal::ZoneNotValid(_) => Said { zone_error: Some(sheet.say("err_zone", &[])), ..Said::default() },
                other => Said { error: Some(other.to_string()), ..Said::default() },
            };
            match sheet.web.desk().subscriber_by_preferences(token).await {
                Ok(subscriber) => {
                    let status = StatusCode::UNPROCESSABLE_ENTITY;
                    centre(sheet, token, &subscriber, Some(&form), said, status, &headers)
                }
                Err(error) => spent(sheet, error, &headers),
            }
        }
        Err(error) => spent(sheet, error, &headers),
    }
}

/// Pause, resume, leave.
pub(super) async fn doings(sheet: &Sheet, token: &str, request: Request<Body>) -> Response {
    let headers = request.headers().clone();
    let form = match Form::read(request).await {
        Ok(form) => form,
        Err(unread) => return super::unread(unread),
    };
    let desk = sheet.web.desk();
    let done = match form.first("do") {
        "pause" => desk.pause(token, PAUSE_DAYS).await.map(drop),
        "resume" => desk.resume(token).await.map(drop),
        "leave" => match desk.subscriber_by_preferences(token).await {
            Ok(subscriber) => match desk.leave(token).await {
                Ok(()) => return left(sheet, &subscriber, &headers),
                Err(error) => Err(error),
            },
            Err(error) => Err(error),
        },
        _ => return fault::plain(StatusCode::UNPROCESSABLE_ENTITY, "There is no such button.\n"),
    };
    match done {
        Ok(()) => fault::see_other(&sheet.href(&Place::Preferences(token.to_owned()))),
        Err(error) => spent(sheet, error, &headers),
    }
}

/// The centre itself; somebody who has left finds the way back instead. `form`: what was typed and not taken.
fn centre(
    sheet: &Sheet,
    token: &str,
    subscriber: &Subscriber,
    form: Option<&Form>,
    said: Said,
    status: StatusCode,
    headers: &HeaderMap,
) -> Response {
    let sheet = &super::spoken(sheet, &subscriber.choices.languages);
    if subscriber.unsubscribed_at.is_some() {
        let title = sheet.say("left_title", &[]);
        let model = gone(sheet, title, vec![sheet.say("left_already", &[])]);
        return notice(sheet, StatusCode::OK, model, headers);
    }
    let kept = &subscriber.choices;
    let texts = |kept: Vec<String>, name: &str| form.map_or(kept, |form| form.all(name));
    let text = |kept: String, name: &str| form.map_or(kept, |form| form.first(name).to_owned());
    let languages = texts(kept.languages.iter().map(ToString::to_string).collect(), "language");
    let sections = texts(kept.sections.iter().map(ToString::to_string).collect(), "section");
    let day = |at| sheet.words.day(&civil_day(kept.zone.day(at)));
    let paused = subscriber.paused_until.filter(|until| *until > sheet.now());
    let since = subscriber.confirmed_at.unwrap_or(subscriber.created_at);
    let place = Place::Preferences(token.to_owned());
    let name = sheet.say("colon", &[("text", &sheet.newsletter_name())]);
    let page = Page::Preferences(Box::new(Preferences {
        meta: Meta::unlisted(sheet.say("choices_title", &[])),
        action: sheet.href(&place),
        masked_address: subscriber.address.masked(),
        since: day(since),
        message: said.message,
        error: said.error,
        newsletters: Vec::new(),
        sections: choices::sections(sheet, &sections),
        languages: choices::languages(sheet, &languages),
        hours: choices::hours(&text(kept.hour.to_string(), "hour")),
        zones: choices::zones(sheet, &text(kept.zone.name().to_owned(), "zone")),
        zone_error: said.zone_error,
        frequencies: choices::frequencies(sheet, &text(kept.frequency.key(), "frequency")),
        now: format!("{name} {}", choices::sentence(sheet, kept)),
        paused: paused.map(|until| sheet.say("paused_until", &[("date", &day(until))])),
        address_action: None,
        new_address: press::page::Field::default(),
        doings_action: sheet.href(&Place::Doings(token.to_owned())),
        hidden: Vec::new(),
        offers_data: false,
    }));
    super::once(sheet, status, &page, headers)
}

/// The page behind the unsubscribe link: one button.
pub(super) async fn ask(sheet: &Sheet, token: &str, headers: &HeaderMap) -> Response {
    let desk = sheet.web.desk();
    let subscriber = match desk.subscriber_by_unsubscribe(token).await {
        Ok(subscriber) => subscriber,
        Err(error) => return spent(sheet, error, headers),
    };
    let sheet = &super::spoken(sheet, &subscriber.choices.languages);
    let title = sheet.say("leave_title", &[("newsletter", &sheet.newsletter_name())]);
    let preferences = Place::Preferences(desk.preferences_token(subscriber.id));
    let page = Page::Unsubscribe(Unsubscribe {
        meta: Meta::unlisted(title.clone()),
        title,
        sentence: sheet.say("leave_sentence", &[("address", &subscriber.address.masked())]),
        action: sheet.href(&Place::Unsubscribe(token.to_owned())),
        button: sheet.say("leave_button", &[]),
        hidden: vec![HiddenField { name: "button".into(), value: "1".into() }],
        everything: None,
        instead: vec![sheet.link(sheet.say("confirmed_change", &[]), &preferences)],
    });
    super::once(sheet, StatusCode::OK, &page, headers)
}

/// Somebody leaves: a mail program with one click (RFC 8058), or a person with the button.
pub(super) async fn unsubscribe(sheet: &Sheet, token: &str, request: Request<Body>) -> Response {
    let headers = request.headers().clone();
    let form = match Form::read(request).await {
        Ok(form) => form,
        Err(unread) => return super::unread(unread),
    };
    let desk = sheet.web.desk();
    if form.first("List-Unsubscribe") == "One-Click" {
        return match desk.unsubscribe(token, "one-click").await {
            Ok(()) => fault::plain(StatusCode::OK, "Unsubscribed.\n"),
            Err(desk::Error::Broken(cause)) => {
                tracing::error!("a one-click unsubscription failed: {cause}");
                fault::plain(StatusCode::INTERNAL_SERVER_ERROR, "Not unsubscribed: something broke on our side.\n")
            }
            Err(_) => fault::plain(StatusCode::NOT_FOUND, "This link was not made by us.\n"),
        };
    }
    let subscriber = match desk.subscriber_by_unsubscribe(token).await {
        Ok(subscriber) => subscriber,
        Err(error) => return spent(sheet, error, &headers),
    };
    match desk.unsubscribe(token, "button").await {
        Ok(()) => left(sheet, &subscriber, &headers),
        Err(error) => spent(sheet, error, &headers),
    }
}

fn left(sheet: &Sheet, subscriber: &Subscriber, headers: &HeaderMap) -> Response {
    let sheet = &super::spoken(sheet, &subscriber.choices.languages);
    let title = sheet.say("left_title", &[]);
    let note = sheet.say("left_note", &[("address", &subscriber.address.masked())]);
    notice(sheet, StatusCode::OK, gone(sheet, title, vec![note]), headers)
}

fn gone(sheet: &Sheet, title: String, paragraphs: Vec<String>) -> Notice {
    Notice {
        meta: Meta::unlisted(title.clone()),
        title,
        paragraphs,
        button: None,
        links: vec![
            sheet.link(sheet.say("left_back", &[]), &Place::Subscribe),
            sheet.link(sheet.say("todays_front", &[]), &Place::Front),
        ],
    }
}
