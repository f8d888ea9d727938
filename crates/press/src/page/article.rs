//! The reading page.

use serde::Serialize;

use super::{Card, Dir, Html, Link, Meta, Picture, When};

/// Somebody named at the head of an article.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Byline {
    pub name: String,
    /// The author's page; None for people without one.
    pub href: Option<String>,
    /// What the person did, where it is not writing: "Photos", "edited by".
    pub role: Option<String>,
}

/// The same article in another language.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Translation {
    pub language: String,
    pub endonym: String,
    pub href: String,
    pub dir: Dir,
}

/// A correction above the text. It stays for good.
#[derive(Debug, Clone, Default, Serialize)]
pub struct CorrectionNote {
    pub when: When,
    pub text: String,
}

/// One line of the public list of changes.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Change {
    pub when: When,
    pub text: String,
    /// "Correction", "Withdrawn"; None for ordinary changes.
    pub label: Option<String>,
}

/// A plain link that passes the article on.
pub type Share = Link;

/// One article as readers see it.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Article {
    pub meta: Meta,
    /// Whole address, printed on paper.
    pub url: String,
    /// The section.
    pub kicker: Option<Link>,
    pub headline: String,
    pub standfirst: Option<String>,
    pub bylines: Vec<Byline>,
    /// "Nairobi"; joins the byline sentence.
    pub place: Option<String>,
    /// First letter of the first author; None without authors.
    pub initial: Option<String>,
    /// Picture of the author instead of the initial: address of a small square.
    pub avatar: Option<String>,
    pub published: When,
    pub updated: Option<When>,
    /// "4 min read".
    pub reading: Option<String>,
    /// "Translated from English."; where it applies.
    pub translated_from: Option<String>,
    pub translations: Vec<Translation>,
    pub picture: Option<Picture>,
    /// A finished sentence above everything, e.g. that the article is old; None normally.
    pub notice: Option<String>,
    /// The printed body, from `press::html`.
    pub body_html: Html,
    pub corrections: Vec<CorrectionNote>,
    /// Newest first, "Published" last; empty or one line prints no list.
    pub changes: Vec<Change>,
    /// Where every version is compared in words; None where there is only one.
    pub changes_href: Option<String>,
    pub topics: Vec<Link>,
    pub share: Vec<Share>,
    pub text_href: Option<String>,
    /// "Text only, 5 KB".
    pub text_label: String,
    pub related: Vec<Card>,
    pub next_in_section: Option<Card>,
    /// State of the text for the printed copy: "as of Monday 25 August 2025, 09:05 EAT".
    pub as_of: String,
}

impl Article {
    /// Whether the headline needs the smaller size (more than 110 characters).
    pub fn is_long(&self) -> bool {
        super::front::is_long(&self.headline)
    }
}
