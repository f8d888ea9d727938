//! The daily edition: list, one edition with its letter, and the question before sending.

use super::today::Segment;
use super::{Alarm, Choice, Frame, Sign, Term};
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
    pub(crate) may_hold: bool,
    pub(crate) may_send: bool,
    pub(crate) way: Vec<Segment>,
    pub(crate) languages: Vec<Choice>,
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
