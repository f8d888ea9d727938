//! Signing up: the form, what was typed kept where something is wrong, "look in your inbox", and the button that confirms.

use axum::body::Body;
use axum::response::Response;
use desk::{Pending, SignUp};
use http::{HeaderMap, Request, StatusCode};
use newsroom::refusal::Refusal;
use press::page::{Confirm, Field, Link, Meta, Notice, Page, Subscribe};

use super::fault::{self, Fault};
use super::present::choices;
use super::sheet::Sheet;
use crate::address::{Place, Policy};
use crate::cache::Kept;
use crate::form::Form;

/// What is wrong with a form.
#[derive(Debug, Clone, Default)]
struct Wrong {
    email: Option<String>,
    newsletters: Option<String>,
    zone: Option<String>,
    whole: Option<String>,
}

/// The empty form; the same for everybody.
pub(super) fn form(sheet: &Sheet) -> Result<Kept, Fault> {
    let page = subscribe(sheet, &Form::default(), Wrong::default());
    Ok(sheet.keep(sheet.html(&page).map_err(Fault::Broken)?))
}

/// The form came back.
pub(super) async fn sent(sheet: &Sheet, request: Request<Body>) -> Response {
    let headers = request.headers().clone();
    let network = sheet.web.network(request.extensions(), &headers);
    let form = match Form::read(request).await {
        Ok(form) => form,
        Err(unread) => return super::unread(unread),
    };
    let sheet = &page_language(sheet, &form);
    if let Some(network) = network.as_deref().filter(|network| !sheet.web.sign_ups().lets(network, sheet.now())) {
        tracing::info!(%network, "sign-ups from `{network}` come too fast");
        let wrong = Wrong { whole: Some(sheet.say("err_busy", &[])), ..Wrong::default() };
        return again(sheet, &form, wrong, StatusCode::TOO_MANY_REQUESTS, &headers);
    }
    if let Some(wrong) = missing(sheet, &form) {
        return again(sheet, &form, wrong, StatusCode::UNPROCESSABLE_ENTITY, &headers);
    }
    match sheet.web.desk().sign_up(asked(sheet, &form, network)).await {
        Ok(()) => notice(sheet, StatusCode::OK, inbox(sheet, form.first("email")), &headers),
        Err(desk::Error::Refused(refusal)) => {
            again(sheet, &form, wrong(sheet, &refusal), StatusCode::UNPROCESSABLE_ENTITY, &headers)
        }
        Err(error) => fault::answer(sheet, error.into(), "", &headers).await,
    }
}

/// The form on an article says in which language it stood; the address of the form may not.
fn page_language(sheet: &Sheet, form: &Form) -> Sheet {
    let languages = sheet.paper.publication.languages();
    let named = languages.into_iter().find(|language| language.code() == form.first("lang"));
    named.map_or_else(|| sheet.clone(), |language| sheet.in_language(&language))
}

fn missing(sheet: &Sheet, form: &Form) -> Option<Wrong> {
    if form.first("email").is_empty() {
        return Some(Wrong { email: Some(sheet.say("err_no_address", &[])), ..Wrong::default() });
    }
    if sheet.paper.newsletters.len() > 1 && form.all("newsletter").is_empty() {
        return Some(Wrong { newsletters: Some(sheet.say("err_newsletter", &[])), ..Wrong::default() });
    }
    None
}

fn asked(sheet: &Sheet, form: &Form, network: Option<String>) -> SignUp {
    SignUp {
        address: form.first("email").to_owned(),
        newsletters: form.all("newsletter"),
        languages: form.all("language"),
        sections: form.all("section"),
        zone: form.some("zone"),
        hour: form.some("hour"),
        frequency: form.some("frequency"),
        page_language: sheet.language.code().to_owned(),
        stamp: form.first("stamp").to_owned(),
        trap: form.first("url").to_owned(),
        network,
    }
}

/// A refusal, put beside the field it is about.
fn wrong(sheet: &Sheet, refusal: &Refusal) -> Wrong {
    match refusal {
        Refusal::AddressNotValid(_) => Wrong { email: Some(sheet.say("err_address", &[])), ..Wrong::default() },
        Refusal::ZoneNotValid(_) => Wrong { zone: Some(sheet.say("err_zone", &[])), ..Wrong::default() },
        Refusal::TooFast | Refusal::Other(_) => Wrong { whole: Some(sheet.say("err_stamp", &[])), ..Wrong::default() },
        Refusal::TooManyTries => Wrong { whole: Some(sheet.say("err_busy", &[])), ..Wrong::default() },
        other => Wrong { whole: Some(other.to_string()), ..Wrong::default() },
    }
}

fn again(sheet: &Sheet, form: &Form, wrong: Wrong, status: StatusCode, headers: &HeaderMap) -> Response {
    super::once(sheet, status, &subscribe(sheet, form, wrong), headers)
}

fn subscribe(sheet: &Sheet, form: &Form, wrong: Wrong) -> Page {
    let title = sheet.say("by_email", &[("newsletter", &sheet.newsletter_name())]);
    let promise = sheet.site.signup.as_ref().map(|sign_up| sign_up.promise.clone()).unwrap_or_default();
    let written = super::policies::titles(sheet).iter().any(|(policy, _)| *policy == Policy::Privacy);
    let mut meta = sheet.meta(&Place::Subscribe, &title, &promise);
    meta.alternates = sheet.alternates(&Place::Subscribe);
    Page::Subscribe(Subscribe {
        meta,
        action: sheet.href(&Place::Subscribe),
        stamp: sheet.web.desk().stamp(),
        title,
        promise,
        sample: None,
        email: Field { value: form.first("email").to_owned(), error: wrong.email },
        newsletters: choices::newsletters(sheet, &form.all("newsletter")),
        newsletters_error: wrong.newsletters,
        sections: choices::sections(sheet, &form.all("section")),
        languages: choices::languages(sheet, &form.all("language")),
        hours: choices::hours(form.first("hour")),
        zones: choices::zones(sheet, form.first("zone")),
        zone_error: wrong.zone,
        frequencies: choices::frequencies(sheet, form.first("frequency")),
        error: wrong.whole,
        privacy_href: written.then(|| sheet.href(&Place::Policy(Policy::Privacy))),
    })
}

/// The same words whether or not we know the address.
fn inbox(sheet: &Sheet, address: &str) -> Notice {
    let title = sheet.say("inbox_title", &[]);
    Notice {
        meta: Meta::unlisted(title.clone()),
        title,
        paragraphs: vec![sheet.say("inbox_sent", &[("address", address)]), sheet.say("inbox_missing", &[])],
        button: None,
        links: vec![sheet.link(sheet.say("todays_front", &[]), &Place::Front)],
    }
}

pub(super) fn notice(sheet: &Sheet, status: StatusCode, notice: Notice, headers: &HeaderMap) -> Response {
    super::once(sheet, status, &Page::Notice(notice), headers)
}

/// The page behind the link of the confirmation mail. Opening it changes nothing.
pub(super) async fn ask(sheet: &Sheet, token: &str, headers: &HeaderMap) -> Response {
    let pending = match sheet.web.desk().pending(token).await {
        Ok(pending) => pending,
        Err(error) => return spent(sheet, error, headers),
    };
    let (title, sentence, button, sheet) = match &pending {
        Pending::Subscription { masked, newsletters, choices } => {
            let sheet = super::spoken(sheet, &choices.languages);
            let names: Vec<String> = newsletters.iter().map(|slug| choices::newsletter_name(&sheet, slug)).collect();
            let (names, chosen) = (sheet.words.list(&names), choices::sentence(&sheet, choices));
            let with = [("newsletter", &*names), ("address", masked), ("choices", &chosen)];
            let words = [sheet.say("confirm_title", &[]), sheet.say("confirm_sentence", &with)];
            let [title, sentence] = words;
            (title, sentence, sheet.say("confirm_button", &[]), sheet)
        }
        Pending::Move { old, new, choices } => {
            let sheet = super::spoken(sheet, &choices.languages);
            let sentence = sheet.say("move_sentence", &[("new", new), ("old", old)]);
            (sheet.say("move_title", &[]), sentence, sheet.say("move_button", &[]), sheet)
        }
    };
    let page = Page::Confirm(Confirm {
        meta: Meta::unlisted(title.clone()),
        title,
        sentence,
        action: sheet.href(&Place::Confirm(token.to_owned())),
        button,
        hidden: Vec::new(),
        code: None,
        not_you: matches!(pending, Pending::Subscription { .. }).then(|| sheet.say("confirm_not_you", &[])),
    });
    super::once(&sheet, StatusCode::OK, &page, headers)
}

/// The button was pressed.
pub(super) async fn confirmed(sheet: &Sheet, token: &str, request: Request<Body>) -> Response {
    let headers = request.headers().clone();
    let network = sheet.web.network(request.extensions(), &headers);
    let confirmed = match sheet.web.desk().confirm(token, network).await {
        Ok(confirmed) => confirmed,
        Err(error) => return spent(sheet, error, &headers),
    };
    let sheet = &super::spoken(sheet, &confirmed.subscriber.choices.languages);
    let preferences = Place::Preferences(confirmed.preferences_token);
    let (title, paragraph) = if confirmed.moved {
        let with = [("address", &*confirmed.subscriber.address.masked())];
        (sheet.say("moved_title", &[]), Some(sheet.say("moved_note", &with)))
    } else {
        let next = choices::next_edition(sheet, &confirmed.subscriber.choices, sheet.now());
        let first = next.map(|when| sheet.say("confirmed_first", &[("when", &when)]));
        (sheet.say("confirmed_title", &[]), first)
    };
    let model = Notice {
        meta: Meta::unlisted(title.clone()),
        title,
        paragraphs: paragraph.into_iter().collect(),
        button: None,
        links: vec![
            sheet.link(sheet.say("confirmed_change", &[]), &preferences),
            sheet.link(sheet.say("todays_front", &[]), &Place::Front),
        ],
    };
    notice(sheet, StatusCode::OK, model, &headers)
}

/// A link that is too old, was made for something else, or never was.
pub(super) fn spent(sheet: &Sheet, error: desk::Error, headers: &HeaderMap) -> Response {
    if !matches!(error, desk::Error::Refused(_) | desk::Error::Missing) {
        return fault::broken(&sheet.web, sheet.language.code(), &error.to_string(), headers);
    }
    let title = sheet.say("old_link_title", &[]);
    let model = Notice {
        meta: Meta::unlisted(title.clone()),
        title,
        paragraphs: vec![sheet.say("old_link_note", &[])],
        button: None,
        links: vec![Link::new(
            sheet.say("by_email", &[("newsletter", &sheet.newsletter_name())]),
            sheet.href(&Place::Subscribe),
        )],
    };
    notice(sheet, StatusCode::GONE, model, headers)
}
