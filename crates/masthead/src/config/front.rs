//! The cache in front of the paper: how pages are labelled for it, and who is told which of them to drop.

use axum::http::{HeaderName, HeaderValue};
use desk::{Caches, Outgoing, Purge};
use mail::Secret;
use newsroom::surrogate::Label;

use super::given::Given;

/// What a cache in front of us is told.
#[derive(Clone, Debug, Default)]
pub struct Front {
    /// How pages say what they are made of; without it they do not.
    pub label: Option<Label>,
    /// The address that drops pages.
    pub purge: Option<String>,
    /// The header that shows it is us; without it `Authorization`.
    pub purge_header: Option<HeaderName>,
    /// That header's value.
    pub purge_secret: Option<Secret>,
}

/// The choices of `cache.label`.
pub(super) const LABELS: [(&str, Label); 2] = [("surrogate-key", Label::SurrogateKey), ("cache-tag", Label::CacheTag)];

impl Front {
    /// The same for the desk. Errs with a sentence where things do not belong together.
    pub fn caches(&self) -> Result<Caches, String> {
        let Some(url) = self.purge.clone() else { return Ok(Caches { label: self.label, purge: None }) };
        if self.label.is_none() {
            return Err("“cache.purge” needs “cache.label”: pages without labels cannot be named.".into());
        }
        let value = self.purge_secret.as_ref().map(|secret| HeaderValue::try_from(secret.reveal())).transpose();
        let Ok(value) = value else { return Err("“cache.purge_secret” cannot stand in a header.".into()) };
        let name = self.purge_header.clone().unwrap_or(axum::http::header::AUTHORIZATION);
        let proof = value.map(|mut value| {
            value.set_sensitive(true);
            (name, value)
        });
        Ok(Caches { label: self.label, purge: Some(Purge { url, proof }) })
    }
}

pub(super) fn address(given: &Given) -> Result<String, String> {
    let text = given.text()?;
    Outgoing::check(&text).map(|()| text).map_err(|no| format!("cannot be asked. {no}"))
}

pub(super) fn header(given: &Given) -> Result<HeaderName, String> {
    let text = given.text()?;
    HeaderName::try_from(&text)
        .map_err(|_| format!("is “{text}”, but must be the name of a header, such as Fastly-Key."))
}
