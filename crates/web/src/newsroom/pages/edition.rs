//! The daily edition: list, one edition with its letter, and the question before sending.

use super::today::Segment;
use super::{Alarm, Frame, Sign, Term};
use askama::Template;

/// An edition in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EditionRow {
    pub(crate) title: String,
    pub(crate) href: String,
    pub(crate) language: String,
    pub(crate) subject: String,
    pub(crate) sign: Sign,
    pub(crate) facts: Vec<String>,
    pub(crate) verb: &'static str,
}

/// The editions of one date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EditionDay {
    pub(crate) title: String,
    pub(crate) lines: Vec<EditionRow>,
}

/// The issue of the same date in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tab {
    pub(crate) href: String,
    pub(crate) language: String,
    pub(crate) state: String,
    pub(crate) here: bool,
}

/// `/newsroom/edition`.
#[derive(Template)]
#[template(path = "newsroom/editions.html")]
pub(crate) struct EditionsPage {
    pub(crate) frame: Frame,
    pub(crate) days: Vec<EditionDay>,
}

/// `/newsroom/edition/{newsletter}/{date}/{language}`.
#[derive(Template)]
#[template(path = "newsroom/edition.html")]
pub(crate) struct EditionPage {
    pub(crate) frame: Frame,
    pub(crate) newsletter: String,
    pub(crate) title: String,
    pub(crate) say: String,
    pub(crate) href: String,
    pub(crate) alarms: Vec<Alarm>,
    pub(crate) may_approve: bool,
    /// `Approve English`.
    pub(crate) approve_one: String,
    /// `Approve all 6 languages`, where others wait as well.
    pub(crate) approve_all: Option<String>,
    pub(crate) may_hold: bool,
    pub(crate) may_send: bool,
    pub(crate) way: Vec<Segment>,
    pub(crate) tabs: Vec<Tab>,
    pub(crate) language: String,
    pub(crate) subject: String,
    pub(crate) preheader: String,
    pub(crate) text: String,
    pub(crate) terms: Vec<Term>,
    pub(crate) sum_hint: &'static str,
    pub(crate) deliveries_href: Option<String>,
    pub(crate) then: Vec<(String, String)>,
}

/// `/…/sending`: what would leave, before it does.
#[derive(Template)]
#[template(path = "newsroom/sending.html")]
pub(crate) struct SendingPage {
    pub(crate) frame: Frame,
    pub(crate) newsletter: String,
    pub(crate) title: String,
    pub(crate) say: String,
    pub(crate) href: String,
    pub(crate) alarms: Vec<Alarm>,
    pub(crate) then: Vec<(String, String)>,
}
