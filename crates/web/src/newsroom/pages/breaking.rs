//! Breaking news, and one letter to readers: what is written, and the page before the last button.

use super::{Alarm, Choice, Frame, Term};
use askama::Template;

/// `/newsroom/articles/{id}/breaking`.
#[derive(Template)]
#[template(path = "newsroom/breaking.html")]
pub(crate) struct BreakingPage {
    pub(crate) frame: Frame,
    pub(crate) action: String,
    pub(crate) back: String,
    pub(crate) alarms: Vec<Alarm>,
    pub(crate) headline: String,
    pub(crate) sentences: String,
    pub(crate) known: String,
    pub(crate) reported: String,
    pub(crate) unknown: String,
}

/// `/newsroom/breaking/{alert}`.
#[derive(Template)]
#[template(path = "newsroom/breaking-send.html")]
pub(crate) struct BreakingSendPage {
    pub(crate) frame: Frame,
    pub(crate) back: String,
    pub(crate) action: String,
    pub(crate) alarms: Vec<Alarm>,
    pub(crate) headline: String,
    pub(crate) sentences: String,
    pub(crate) language: String,
    /// How sure, and the line.
    pub(crate) lines: Vec<(&'static str, String)>,
    pub(crate) state: String,
    /// None once it is over.
    pub(crate) button: Option<String>,
    /// Why this person cannot press it.
    pub(crate) second: Option<&'static str>,
    pub(crate) then: Vec<(String, String)>,
    pub(crate) terms: Vec<Term>,
}

/// `/newsroom/letters/new`.
#[derive(Template)]
#[template(path = "newsroom/one-off.html")]
pub(crate) struct OneOffPage {
    pub(crate) frame: Frame,
    pub(crate) alarms: Vec<Alarm>,
    pub(crate) newsletters: Vec<Choice>,
    pub(crate) languages: Vec<Choice>,
    pub(crate) segments: Vec<Choice>,
    pub(crate) title: String,
    pub(crate) preheader: String,
    pub(crate) body: String,
}

/// `/newsroom/letters/{id}`.
#[derive(Template)]
#[template(path = "newsroom/one-off-send.html")]
pub(crate) struct OneOffSendPage {
    pub(crate) frame: Frame,
    pub(crate) alarms: Vec<Alarm>,
    pub(crate) title: String,
    pub(crate) state: String,
    pub(crate) letter_href: String,
    pub(crate) action: String,
    pub(crate) button: Option<String>,
    pub(crate) then: Vec<(String, String)>,
    pub(crate) terms: Vec<Term>,
}
