//! The page of how mail leaves: promises, relays, and what the world sees of us.

use super::{Alarm, Choice, Frame, Sign};
use askama::Template;

/// What a newsletter does with an issue of which nobody can know whether it arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PromiseForm {
    pub(crate) slug: String,
    pub(crate) name: String,
    pub(crate) promises: Vec<Choice>,
}

/// One relay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RelayCard {
    pub(crate) name: String,
    pub(crate) facts: Vec<String>,
    /// What came of the trial that was just asked for.
    pub(crate) steps: Vec<StepLine>,
}

/// One step of a trial.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StepLine {
    pub(crate) sign: Sign,
    pub(crate) words: String,
    /// The relay's own words.
    pub(crate) reply: String,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FindingLine {
    pub(crate) sign: Sign,
    pub(crate) about: &'static str,
    pub(crate) sentence: String,
    /// For the zone file.
    pub(crate) line: Option<String>,
}

/// `/newsroom/settings/mail`.
#[derive(Template)]
#[template(path = "newsroom/mail.html")]
pub(crate) struct MailPage {
    pub(crate) frame: Frame,
    pub(crate) alarms: Vec<Alarm>,
    pub(crate) done: Option<String>,
    pub(crate) promises: Vec<PromiseForm>,
    pub(crate) relays: Vec<RelayCard>,
    /// Where a trial goes.
    pub(crate) mine: String,
    /// None until somebody asked.
    pub(crate) findings: Option<Vec<FindingLine>>,
}
