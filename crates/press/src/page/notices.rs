//! Pages that say one thing: notices, policies, and the three that nobody wants to see.

use serde::Serialize;

use super::{HiddenField, Html, Link, Meta, When};

/// A form of one button.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Button {
    pub action: String,
    pub label: String,
    pub hidden: Vec<HiddenField>,
    /// Outlined instead of filled.
    pub second: bool,
}

/// "Look in your inbox", "Confirmed", "Saved", "You are unsubscribed": what happened, and what now.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Notice {
    pub meta: Meta,
    pub title: String,
    pub paragraphs: Vec<String>,
    pub button: Option<Button>,
    pub links: Vec<Link>,
}

/// A policy page: who we are, how we work, privacy.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Policy {
    pub meta: Meta,
    pub title: String,
    pub standfirst: Option<String>,
    /// The printed body, from `press::html`.
    pub body_html: Html,
    pub updated: Option<When>,
    /// The other policies.
    pub also: Vec<Link>,
}

/// Nothing at this address (404).
#[derive(Debug, Clone, Default, Serialize)]
pub struct NotFound {
    pub meta: Meta,
    /// Words out of the address, for the search field.
    pub query: String,
    /// What stands near the address.
    pub perhaps: Vec<Link>,
    /// The newest articles.
    pub newest: Vec<Link>,
}

/// Withdrawn (410): it says so, with the reason.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Gone {
    pub meta: Meta,
    pub headline: Option<String>,
    pub when: Option<When>,
    /// Why, in a whole sentence.
    pub reason: Option<String>,
}

/// The machine failed (500). Needs nothing at all.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Broken {
    pub meta: Meta,
    /// What to name when writing to us.
    pub reference: Option<String>,
}
