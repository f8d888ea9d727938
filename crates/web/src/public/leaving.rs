//! The preference centre and the way out. Tokens are the only key, for a copy and for being erased with a mailed code;
//! nothing is kept by browsers.

use axum::body::Body;
use axum::response::Response;
use desk::{ChoicesForm, CodeFor, Left};
use http::{HeaderMap, HeaderValue, Request, StatusCode, header};
use newsroom::refusal::Refusal;
use newsroom::slug::Slug;
use newsroom::subscriber::Subscriber;
use press::page::{Confirm, Field, HiddenField, Meta, Notice, Page, Preferences, Unsubscribe};

use super::fault;
use super::present::choices;
use super::sheet::{Sheet, civil_day};
use super::sign_up::{notice, spent};
use crate::address::Place;
use crate::form::Form;
use crate::printed::Printed;

/// Days of a pause.
const PAUSE_DAYS: u32 = 30;

/// What the preference centre says beside the choices.
#[derive(Default)]
struct Said {
    message: Option<String>,
    error: Option<String>,
    zone_error: Option<String>,
    address_error: Option<String>,
}

/// The preference centre.
pub(super) async fn preferences(sheet: &Sheet, token: &str, headers: &HeaderMap) -> Response {
    match sheet.web.desk().subscriber_by_preferences(token).await {
        Ok(subscriber) => centre(sheet, token, &subscriber, None, Said::default(), StatusCode::OK, headers).await,
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
        newsletters: form.all("newsletter"),
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
            centre(sheet, token, &subscriber, None, said, StatusCode::OK, &headers).await
        }
        Err(desk::Error::Refused(refusal)) if refusal != Refusal::LinkSpent => {
            let said = match &refusal {
                Refusal::ZoneNotValid(_) => Said { zone_error: Some(sheet.say("err_zone", &[])), ..Said::default() },
                Refusal::NothingChosen => Said { error: Some(sheet.say("err_nothing", &[])), ..Said::default() },
                other => Said { error: Some(other.to_string()), ..Said::default() },
            };
            match sheet.web.desk().subscriber_by_preferences(token).await {
                Ok(subscriber) => {
                    let status = StatusCode::UNPROCESSABLE_ENTITY;
                    centre(sheet, token, &subscriber, Some(&form), said, status, &headers).await
                }
                Err(error) => spent(sheet, error, &headers),
            }
        }
        Err(error) => spent(sheet, error, &headers),
    }
}

/// Another address: asked at the new one, the same answer whoever it belongs to.
pub(super) async fn change_address(sheet: &Sheet, token: &str, request: Request<Body>) -> Response {
    let headers = request.headers().clone();
    let network = sheet.web.network(request.extensions(), &headers);
    let form = match Form::read(request).await {
        Ok(form) => form,
        Err(unread) => return super::unread(unread),
    };
    let subscriber = match sheet.web.desk().subscriber_by_preferences(token).await {
        Ok(subscriber) => subscriber,
        Err(error) => return spent(sheet, error, &headers),
    };
    let sheet = &super::spoken(sheet, &subscriber.choices.languages);
    let fast = network.as_deref().is_some_and(|network| !sheet.web.sign_ups().lets(network, sheet.now()));
    let asked = match fast {
        true => Err(desk::Error::Refused(Refusal::TooManyTries)),
        false => sheet.web.desk().change_address(token, form.first("email"), network).await,
    };
    let (said, status) = match asked {
        Ok(()) => {
            let message = sheet.say("move_sent", &[("address", form.first("email"))]);
            (Said { message: Some(message), ..Said::default() }, StatusCode::OK)
        }
        Err(desk::Error::Refused(Refusal::TooManyTries)) => {
            let error = Some(sheet.say("err_busy", &[]));
            (Said { address_error: error, ..Said::default() }, StatusCode::TOO_MANY_REQUESTS)
        }
        Err(desk::Error::Refused(Refusal::AddressNotValid(_))) => {
            let error = Some(sheet.say("err_address", &[]));
            (Said { address_error: error, ..Said::default() }, StatusCode::UNPROCESSABLE_ENTITY)
        }
        Err(error) => return spent(sheet, error, &headers),
    };
    centre(sheet, token, &subscriber, Some(&form), said, status, &headers).await
}

/// Pause, resume, leave; a copy of everything, and being erased.
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
                Ok(_) => return left(sheet, &subscriber, None, &headers),
                Err(error) => Err(error),
            },
            Err(error) => Err(error),
        },
        other => match CodeFor::parse(other) {
            Some(what) if form.has("code") => return with_code(sheet, token, what, form.first("code"), &headers).await,
            Some(what) => return ask_code(sheet, token, what, &headers).await,
            None => return fault::plain(StatusCode::UNPROCESSABLE_ENTITY, "There is no such button.\n"),
        },
    };
    match done {
        Ok(()) => fault::see_other(&sheet.href(&Place::Preferences(token.to_owned()))),
        Err(error) => spent(sheet, error, &headers),
    }
}

/// A code is mailed, and its page shown.
async fn ask_code(sheet: &Sheet, token: &str, what: CodeFor, headers: &HeaderMap) -> Response {
    match sheet.web.desk().ask_code(token, what).await {
        Ok(subscriber) => code_page(sheet, token, what, &subscriber, None, headers),
        Err(desk::Error::Refused(Refusal::TooManyTries)) => {
            match sheet.web.desk().subscriber_by_preferences(token).await {
                Ok(subscriber) => code_page(sheet, token, what, &subscriber, Some("err_codes"), headers),
                Err(error) => spent(sheet, error, headers),
            }
        }
        Err(error) => spent(sheet, error, headers),
    }
}

/// The code was typed.
async fn with_code(sheet: &Sheet, token: &str, what: CodeFor, code: &str, headers: &HeaderMap) -> Response {
    let desk = sheet.web.desk();
    let subscriber = match desk.subscriber_by_preferences(token).await {
        Ok(subscriber) => subscriber,
        Err(error) => return spent(sheet, error, headers),
    };
    let done = match what {
        CodeFor::Export => desk.export_by_code(token, code).await.map(Some),
        CodeFor::Erase => desk.erase_by_code(token, code).await.map(|()| None),
    };
    match done {
        Ok(Some(copy)) => {
            let name = HeaderValue::from_static("attachment; filename=\"my-data.json\"");
            let kind = HeaderValue::from_static("application/json; charset=utf-8");
            Printed::once(kind, StatusCode::OK, copy.into_bytes())
                .with(header::CONTENT_DISPOSITION, name)
                .answer(headers)
        }
        Ok(None) => {
            let sheet = &super::spoken(sheet, &subscriber.choices.languages);
            let title = sheet.say("erased_title", &[]);
            notice(sheet, StatusCode::OK, gone(sheet, title, vec![sheet.say("erased_note", &[])]), headers)
        }
        Err(desk::Error::Refused(Refusal::CodeNotValid)) => {
            code_page(sheet, token, what, &subscriber, Some("err_code"), headers)
        }
        Err(error) => spent(sheet, error, headers),
    }
}

fn code_page(
    sheet: &Sheet,
    token: &str,
    what: CodeFor,
    subscriber: &Subscriber,
    wrong: Option<&str>,
    headers: &HeaderMap,
) -> Response {
    let sheet = &super::spoken(sheet, &subscriber.choices.languages);
    let title = sheet.say("code_title", &[]);
    let (button, note) = match what {
        CodeFor::Export => ("code_export", "export_note"),
        CodeFor::Erase => ("code_erase", "erase_note"),
    };
    let page = Page::Confirm(Confirm {
        meta: Meta::unlisted(title.clone()),
        title,
        sentence: sheet.say("code_sent", &[("address", &subscriber.address.masked())]),
        action: sheet.href(&Place::Doings(token.to_owned())),
        button: sheet.say(button, &[]),
        hidden: vec![HiddenField { name: "do".into(), value: what.key().into() }],
        code: Some(Field { value: String::new(), error: wrong.map(|key| sheet.say(key, &[])) }),
        not_you: Some(sheet.say(note, &[])),
    });
    let status = if wrong.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    super::once(sheet, status, &page, headers)
}

/// The centre itself; somebody who has left finds the way back instead. `form`: what was typed and not taken.
async fn centre(
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
    let newsletters = match sheet.web.desk().newsletters_of(subscriber.id).await {
        Ok(newsletters) => newsletters.iter().map(ToString::to_string).collect::<Vec<_>>(),
        Err(error) => return fault::answer(sheet, error.into(), "", headers).await,
    };
    // A form about the address says nothing about choices.
    let (form, typed) = match form {
        Some(form) if form.has("email") => (None, form.first("email")),
        form => (form, ""),
    };
    let kept = &subscriber.choices;
    let texts = |kept: Vec<String>, name: &str| form.map_or(kept, |form| form.all(name));
    let text = |kept: String, name: &str| form.map_or(kept, |form| form.first(name).to_owned());
    let languages = texts(kept.languages.iter().map(ToString::to_string).collect(), "language");
    let sections = texts(kept.sections.iter().map(ToString::to_string).collect(), "section");
    let day = |at| sheet.words.day(&civil_day(kept.zone.day(at)));
    let paused = subscriber.paused_until.filter(|until| *until > sheet.now());
    let since = subscriber.confirmed_at.unwrap_or(subscriber.created_at);
    let place = Place::Preferences(token.to_owned());
    let names: Vec<String> = newsletters
        .iter()
        .filter_map(|slug| newsroom::slug::Slug::parse(slug))
        .map(|slug| choices::newsletter_name(sheet, &slug))
        .collect();
    let name = sheet.say("colon", &[("text", &sheet.words.list(&names))]);
    let typed = if said.address_error.is_some() { typed.to_owned() } else { String::new() };
    let page = Page::Preferences(Box::new(Preferences {
        meta: Meta::unlisted(sheet.say("choices_title", &[])),
        action: sheet.href(&place),
        masked_address: subscriber.address.masked(),
        since: day(since),
        message: said.message,
        error: said.error,
        newsletters: choices::newsletters(sheet, &texts(newsletters, "newsletter")),
        sections: choices::sections(sheet, &sections),
        languages: choices::languages(sheet, &languages),
        hours: choices::hours(&text(kept.hour.to_string(), "hour")),
        zones: choices::zones(sheet, &text(kept.zone.name().to_owned(), "zone")),
        zone_error: said.zone_error,
        frequencies: choices::frequencies(sheet, &text(kept.frequency.key(), "frequency")),
        now: format!("{name} {}", choices::sentence(sheet, kept)),
        paused: paused.map(|until| sheet.say("paused_until", &[("date", &day(until))])),
        address_action: Some(sheet.href(&Place::NewAddress(token.to_owned()))),
        new_address: Field { value: typed, error: said.address_error },
        doings_action: sheet.href(&Place::Doings(token.to_owned())),
        hidden: Vec::new(),
        offers_data: true,
    }));
    super::once(sheet, status, &page, headers)
}

/// Of which newsletter the mail was whose link this is; empty in links that name none.
fn list_in(query: &str) -> String {
    Form::parse(query.as_bytes()).first("list").to_owned()
}

/// The page behind the unsubscribe link: a button for the newsletter, and one for everything where more than that comes.
pub(super) async fn ask(sheet: &Sheet, token: &str, query: &str, headers: &HeaderMap) -> Response {
    let desk = sheet.web.desk();
    let subscriber = match desk.subscriber_by_unsubscribe(token).await {
        Ok(subscriber) => subscriber,
        Err(error) => return spent(sheet, error, headers),
    };
    let all = match desk.newsletters_of(subscriber.id).await {
        Ok(all) => all,
        Err(error) => return spent(sheet, error, headers),
    };
    let list = list_in(query);
    let one = all.iter().find(|slug| slug.as_str() == list);
    let sheet = &super::spoken(sheet, &subscriber.choices.languages);
    let name = one.map_or_else(|| sheet.newsletter_name(), |slug| choices::newsletter_name(sheet, slug));
    let title = sheet.say("leave_title", &[("newsletter", &name)]);
    let action = sheet.href(&Place::Unsubscribe(token.to_owned()));
    let preferences = Place::Preferences(desk.preferences_token(subscriber.id));
    let page = Page::Unsubscribe(Unsubscribe {
        meta: Meta::unlisted(title.clone()),
        title,
        sentence: sheet.say("leave_sentence", &[("address", &subscriber.address.masked())]),
        action: one.map_or_else(|| action.clone(), |slug| format!("{action}?list={slug}")),
        button: sheet.say("leave_button", &[]),
        hidden: vec![HiddenField { name: "button".into(), value: "1".into() }],
        everything: one.filter(|_| all.len() > 1).map(|_| sheet.say("leave_all", &[])),
        instead: vec![sheet.link(sheet.say("confirmed_change", &[]), &preferences)],
    });
    super::once(sheet, StatusCode::OK, &page, headers)
}

/// Somebody leaves: a mail program with one click (RFC 8058), or a person with the button.
pub(super) async fn unsubscribe(sheet: &Sheet, token: &str, request: Request<Body>) -> Response {
    let (headers, list) = (request.headers().clone(), list_in(request.uri().query().unwrap_or_default()));
    let form = match Form::read(request).await {
        Ok(form) => form,
        Err(unread) => return super::unread(unread),
    };
    let desk = sheet.web.desk();
    if form.first("List-Unsubscribe") == "One-Click" {
        return match desk.unsubscribe(token, &list, "one-click").await {
            Ok(_) => fault::plain(StatusCode::OK, "Unsubscribed.\n"),
            Err(desk::Error::Broken(cause)) => {
                tracing::error!("a one-click unsubscription failed: {cause}");
                fault::plain(StatusCode::INTERNAL_SERVER_ERROR, "Not unsubscribed: something broke on our side.\n")
            }
            Err(_) => fault::plain(StatusCode::NOT_FOUND, desk::doctor::NOBODYS_LINK),
        };
    }
    let subscriber = match desk.subscriber_by_unsubscribe(token).await {
        Ok(subscriber) => subscriber,
        Err(error) => return spent(sheet, error, &headers),
    };
    let list = if form.first("do") == "all" { "" } else { list.as_str() };
    match desk.unsubscribe(token, list, "button").await {
        Ok(Left::Everything) => left(sheet, &subscriber, None, &headers),
        Ok(Left::Newsletter(one)) => left(sheet, &subscriber, Some(&one), &headers),
        Err(error) => spent(sheet, error, &headers),
    }
}

/// Everything, or one newsletter.
fn left(sheet: &Sheet, subscriber: &Subscriber, one: Option<&Slug>, headers: &HeaderMap) -> Response {
    let sheet = &super::spoken(sheet, &subscriber.choices.languages);
    let title = sheet.say("left_title", &[]);
    let address = subscriber.address.masked();
    let note = match one.map(|slug| choices::newsletter_name(sheet, slug)) {
        Some(name) => sheet.say("left_one", &[("address", &address), ("newsletter", &name)]),
        None => sheet.say("left_note", &[("address", &address)]),
    };
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
