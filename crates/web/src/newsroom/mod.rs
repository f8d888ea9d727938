//! The newsroom's pages: everything staff do in a browser. Every form works without script; GET changes nothing.
//! What a role may do is decided by the desk's verbs; pages only hide what would be refused.

mod articles;
mod assets;
mod authors;
mod breaking;
mod checks;
mod deliveries;
mod edition;
mod editor;
mod fields;
mod house;
mod ledger;
mod look;
mod machines;
mod mail;
mod one_offs;
mod pages;
mod pictures;
mod preview;
mod publication;
mod revisions;
mod segments;
mod session;
mod settings;
mod sign_in;
mod staff;
mod steps;
mod subscribers;
mod today;
mod trouble;
mod typed;
mod when;
mod write;

use crate::site::Web;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::map_response;
use axum::routing::{any, get, post};

/// The site map of the newsroom. Forms of other sites are kept out by the layer around the whole site, which knows the
/// public address (`routes::own_forms`).
pub fn routes() -> Router<Web> {
    Router::new()
        .merge(door())
        .merge(paper())
        .merge(post_office())
        .merge(house())
        .route("/newsroom/{*rest}", any(nowhere))
        .layer(map_response(trouble::dress))
}

/// Signing in and out.
fn door() -> Router<Web> {
    Router::new()
        .route("/newsroom/sign-in", get(sign_in::show).post(sign_in::ask))
        .route("/newsroom/sign-in/{token}", get(sign_in::link).post(sign_in::enter))
        .route("/newsroom/sign-out", post(sign_in::leave))
        .route("/newsroom/assets/{name}", get(assets::show))
}

/// Articles and pictures.
fn paper() -> Router<Web> {
    let forms_with_pictures = Router::new()
        .route("/newsroom/articles", get(articles::list).post(write::start))
        .route("/newsroom/articles/{id}/revisions", get(revisions::list).post(write::save))
        .route("/newsroom/pictures", get(pictures::list).post(pictures::add))
        .layer(DefaultBodyLimit::max(fields::FORM_BYTES_MAX));
    Router::new()
        .merge(forms_with_pictures)
        .route("/newsroom", get(today::show))
        .route("/newsroom/articles/new", get(write::new))
        .route("/newsroom/articles/{id}", get(write::show))
        .route("/newsroom/articles/{id}/revisions/{number}/return", post(revisions::bring_back))
        .route("/newsroom/articles/{id}/comparison", get(revisions::compare))
        .route("/newsroom/articles/{id}/preview", get(preview::show))
        .route("/newsroom/articles/{id}/preview/page", get(preview::bare))
        .route("/newsroom/articles/{id}/publication", get(publication::show).post(publication::make))
        .route("/newsroom/articles/{id}/breaking", get(breaking::show).post(breaking::ask))
        .route("/newsroom/articles/{id}/correction", get(publication::show_correction).post(publication::correct))
        .route("/newsroom/articles/{id}/address", get(publication::show_address).post(publication::readdress))
        .route("/newsroom/articles/{id}/withdrawal", get(publication::show_withdrawal).post(publication::withdraw))
        .route("/newsroom/articles/{id}/hiding", get(publication::show_hiding).post(publication::hide))
        .route("/newsroom/media/{hash}", get(pictures::media))
}

/// The edition, deliveries, subscribers.
fn post_office() -> Router<Web> {
    Router::new()
        .route("/newsroom/edition", get(edition::list))
        .route("/newsroom/edition/{newsletter}/{date}/{language}", get(edition::show))
        .route("/newsroom/edition/{newsletter}/{date}/{language}/letter", get(edition::letter))
        .route("/newsroom/edition/{newsletter}/{date}/{language}/approval", post(edition::approve))
        .route("/newsroom/edition/{newsletter}/{date}/{language}/hold", post(edition::hold))
        .route("/newsroom/edition/{newsletter}/{date}/{language}/sending", get(edition::ask).post(edition::send))
        .route("/newsroom/deliveries", get(deliveries::show))
        .route("/newsroom/deliveries/again", post(deliveries::again))
        .route("/newsroom/deliveries/leave", post(deliveries::leave))
        .route("/newsroom/deliveries/go-on", post(deliveries::go_on))
        .route("/newsroom/subscribers", get(subscribers::show))
        .route("/newsroom/subscribers/search", post(subscribers::find))
        .route("/newsroom/subscribers/{id}", get(subscribers::one))
        .route("/newsroom/subscribers/{id}/acts", post(subscribers::act))
        .route("/newsroom/segments", get(segments::show).post(segments::keep))
        .route("/newsroom/segments/{id}/deletion", post(segments::delete))
        .route("/newsroom/segments/{id}/export", post(segments::export))
        .route("/newsroom/letters", post(one_offs::write))
        .route("/newsroom/letters/new", get(one_offs::new))
        .route("/newsroom/letters/{id}", get(one_offs::look))
        .route("/newsroom/letters/{id}/letter", get(one_offs::letter))
        .route("/newsroom/letters/{id}/sending", post(one_offs::send))
        .route("/newsroom/breaking/{id}", get(breaking::look))
        .route("/newsroom/breaking/{id}/sending", post(breaking::send))
}

/// Staff, ledger, settings.
fn house() -> Router<Web> {
    Router::new()
        .route("/newsroom/staff", get(staff::list).post(staff::invite))
        .route("/newsroom/staff/{id}/sign-in-link", post(staff::link))
        .route("/newsroom/authors", get(authors::list))
        .route("/newsroom/authors/{slug}", get(authors::one).post(authors::change))
        .route("/newsroom/ledger", get(ledger::show))
        .route("/newsroom/settings", get(settings::show))
        .route("/newsroom/settings/house", get(house::show).post(house::change))
        .route("/newsroom/settings/look", get(look::show).post(look::set))
        .route("/newsroom/settings/mail", get(mail::show))
        .route("/newsroom/settings/mail/promise", post(mail::promise))
        .route("/newsroom/settings/mail/trial", post(mail::trial))
        .route("/newsroom/settings/mail/examination", post(mail::examine))
        .route("/newsroom/settings/notes", post(settings::notes))
        .route("/newsroom/settings/machines", get(machines::show).post(machines::change))
}

/// What no route answers, for those who are signed in; others are asked to.
async fn nowhere(_room: session::Room) -> trouble::Trouble {
    trouble::Trouble::Missing
}

#[cfg(test)]
mod tests;
