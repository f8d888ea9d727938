//! Today: what waits, what is on the way, the day by the clock, the edition, the sums.

use super::{Alarm, Frame, Sign};
use crate::newsroom::when::When;
use askama::Template;
use newsroom::edition::EditionState;

/// One step before the first edition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FirstStep {
    pub(crate) done: bool,
    /// The first one that is not done: the page's one filled button.
    pub(crate) go: bool,
    pub(crate) what: &'static str,
    pub(crate) why: String,
    pub(crate) link: Option<(String, &'static str)>,
}

/// Something only this person's next step moves on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Need {
    pub(crate) headline: String,
    pub(crate) href: String,
    pub(crate) facts: Vec<String>,
    pub(crate) verb: &'static str,
    pub(crate) go: bool,
}

/// An article on its way to print.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OnTheWay {
    pub(crate) headline: String,
    pub(crate) href: String,
    pub(crate) sign: Sign,
    pub(crate) facts: Vec<String>,
}

/// A line of the day: an article, what the machine does, or the line of now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct DayLine {
    pub(crate) when: When,
    pub(crate) words: String,
    pub(crate) href: String,
    pub(crate) facts: Vec<String>,
    pub(crate) sign: Option<Sign>,
    /// The machine's doing.
    pub(crate) ours: bool,
    pub(crate) now: bool,
}

/// A segment of the way of an edition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Segment {
    pub(crate) words: &'static str,
    pub(crate) done: bool,
    pub(crate) here: bool,
}

/// The way of an edition; where it was held or skipped, the way ends there.
pub(crate) fn way(state: EditionState) -> Vec<Segment> {
    let (words, here): (&[&'static str], usize) = match state {
        EditionState::Assembling => (&["Assembling", "Approved", "Sending", "Sent"], 0),
        EditionState::Approved => (&["Assembling", "Approved", "Sending", "Sent"], 1),
        EditionState::Sending => (&["Assembling", "Approved", "Sending", "Sent"], 2),
        EditionState::Sent => (&["Assembling", "Approved", "Sending", "Sent"], 3),
        EditionState::Held => (&["Assembling", "Held"], 1),
        EditionState::Skipped => (&["Assembling", "Skipped"], 1),
    };
    let segment = |(at, words): (usize, &&'static str)| Segment { words, done: at < here, here: at == here };
    words.iter().enumerate().map(segment).collect()
}

/// An edition in short.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EditionBrief {
    pub(crate) title: String,
    pub(crate) href: String,
    pub(crate) way: Vec<Segment>,
    pub(crate) languages: Vec<String>,
    pub(crate) say: String,
}

/// The last occasion's sum in short.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LettersBrief {
    pub(crate) sent: String,
    pub(crate) of: String,
    pub(crate) lines: Vec<(&'static str, String)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SubscribersBrief {
    pub(crate) confirmed: String,
    pub(crate) also: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MachineLine {
    pub(crate) what: &'static str,
    pub(crate) words: String,
    pub(crate) wrong: bool,
}

/// `/newsroom`.
#[derive(Template)]
#[template(path = "newsroom/today.html")]
pub(crate) struct TodayPage {
    pub(crate) frame: Frame,
    pub(crate) title: String,
    pub(crate) sub: Option<String>,
    pub(crate) tally: Vec<(&'static str, String)>,
    pub(crate) alarms: Vec<Alarm>,
    pub(crate) steps: Vec<FirstStep>,
    pub(crate) steps_done: String,
    pub(crate) needs: Vec<Need>,
    /// Why nothing needs this person, and what may be done.
    pub(crate) nothing: (&'static str, &'static str),
    pub(crate) on_the_way: Vec<OnTheWay>,
    pub(crate) day: Vec<DayLine>,
    pub(crate) editions: Vec<EditionBrief>,
    pub(crate) letters: Option<LettersBrief>,
    pub(crate) subscribers: Option<SubscribersBrief>,
    pub(crate) may_see_subscribers: bool,
    pub(crate) subscribe_href: String,
    pub(crate) machine: Vec<MachineLine>,
}
