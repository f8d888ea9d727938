//! People: subscribers, staff; and what the house decided.

use super::{Alarm, Choice, Frame, Sign};
use crate::newsroom::when::When;
use askama::Template;

/// A line of a count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CountLine {
    pub(crate) words: String,
    pub(crate) figure: String,
    pub(crate) count: u64,
}

/// Counts by one thing, largest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CountTable {
    pub(crate) title: &'static str,
    pub(crate) remark: String,
    pub(crate) max: u64,
    pub(crate) lines: Vec<CountLine>,
}

/// `/newsroom/subscribers`.
#[derive(Template)]
#[template(path = "newsroom/subscribers.html")]
pub(crate) struct SubscribersPage {
    pub(crate) frame: Frame,
    pub(crate) facts: Vec<String>,
    pub(crate) address: String,
    pub(crate) fault: Option<String>,
    pub(crate) tables: Vec<CountTable>,
    pub(crate) subscribe_href: String,
}

/// One line of consent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ConsentLine {
    pub(crate) when: When,
    pub(crate) what: &'static str,
    pub(crate) facts: Vec<String>,
}

/// `/newsroom/subscribers/{id}`.
#[derive(Template)]
#[template(path = "newsroom/subscriber.html")]
pub(crate) struct SubscriberPage {
    pub(crate) frame: Frame,
    pub(crate) address: String,
    pub(crate) sign: Sign,
    pub(crate) facts: Vec<String>,
    pub(crate) consents: Vec<ConsentLine>,
    pub(crate) gets: Vec<(&'static str, String)>,
    pub(crate) alarms: Vec<Alarm>,
    pub(crate) letters: Vec<LetterLine>,
    /// Why nothing goes to the address, and since when.
    pub(crate) suppressed: Option<String>,
    pub(crate) returned: Vec<ReturnLine>,
    pub(crate) tags: String,
    pub(crate) action: String,
    /// Whether there is still something to pause or to end.
    pub(crate) may_stop: bool,
}

/// One letter to one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LetterLine {
    pub(crate) when: When,
    pub(crate) what: String,
    pub(crate) state: String,
    pub(crate) items: String,
}

/// Something that came back for one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReturnLine {
    pub(crate) when: When,
    pub(crate) what: &'static str,
    pub(crate) facts: Vec<String>,
    /// In the words of whoever sent it back, without addresses.
    pub(crate) reply: String,
}

/// A person in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PersonLine {
    pub(crate) href: String,
    pub(crate) address: String,
    pub(crate) reads: String,
    pub(crate) at: String,
    pub(crate) since: When,
}

/// A segment that was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SegmentLine {
    pub(crate) href: String,
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) count: String,
    pub(crate) when: When,
}

/// `/newsroom/segments`.
#[derive(Template)]
#[template(path = "newsroom/segments.html")]
pub(crate) struct SegmentsPage {
    pub(crate) frame: Frame,
    pub(crate) alarms: Vec<Alarm>,
    pub(crate) newsletters: Vec<Choice>,
    pub(crate) sections: Vec<Choice>,
    pub(crate) languages: Vec<Choice>,
    pub(crate) zones: Vec<Choice>,
    pub(crate) tags: Vec<Choice>,
    pub(crate) joined: Vec<Choice>,
    pub(crate) acted: Vec<Choice>,
    pub(crate) found: String,
    /// Whether any rule is set.
    pub(crate) narrowed: bool,
    /// The rules as a query.
    pub(crate) rules: String,
    pub(crate) people: Vec<PersonLine>,
    pub(crate) next: Option<String>,
    pub(crate) kept: Vec<SegmentLine>,
}

/// Somebody of the newsroom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Person {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) role: &'static str,
    pub(crate) address: String,
    pub(crate) may_link: bool,
}

/// `/newsroom/staff`.
#[derive(Template)]
#[template(path = "newsroom/staff.html")]
pub(crate) struct StaffPage {
    pub(crate) frame: Frame,
    pub(crate) alarms: Vec<Alarm>,
    pub(crate) done: Option<String>,
    /// Whom a sign-in link is for, and the link; shown once.
    pub(crate) link: Option<(String, String)>,
    pub(crate) people: Vec<Person>,
    pub(crate) name: String,
    pub(crate) address: String,
    pub(crate) roles: Vec<Choice>,
}

/// A part of the settings and where it is changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SettingsPart {
    pub(crate) title: &'static str,
    pub(crate) place: &'static str,
    pub(crate) lines: Vec<(&'static str, String)>,
    /// Where it is changed, if that is a page of ours.
    pub(crate) change: Option<&'static str>,
}

/// `/newsroom/settings/look`.
#[derive(Template)]
#[template(path = "newsroom/look.html")]
pub(crate) struct LookPage {
    pub(crate) frame: Frame,
    pub(crate) alarms: Vec<Alarm>,
    pub(crate) form: desk::LookForm,
    pub(crate) front: String,
}

/// An author in the list.
pub(crate) struct AuthorLine {
    pub(crate) href: String,
    pub(crate) name: String,
    /// Title and place.
    pub(crate) about: String,
    pub(crate) has_portrait: bool,
}

/// `/newsroom/authors`.
#[derive(Template)]
#[template(path = "newsroom/authors.html")]
pub(crate) struct AuthorsPage {
    pub(crate) frame: Frame,
    pub(crate) lines: Vec<AuthorLine>,
}

/// A picture that can be chosen as a portrait.
pub(crate) struct Portrait {
    pub(crate) id: String,
    pub(crate) src: String,
    pub(crate) name: String,
    pub(crate) chosen: bool,
}

/// `/newsroom/authors/{slug}`.
#[derive(Template)]
#[template(path = "newsroom/author.html")]
pub(crate) struct AuthorPage {
    pub(crate) frame: Frame,
    pub(crate) alarms: Vec<Alarm>,
    pub(crate) action: String,
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) place: String,
    /// Language, its own name, what is said in it.
    pub(crate) bios: Vec<(String, String, String)>,
    pub(crate) shelf: Vec<Portrait>,
}

impl AuthorPage {
    fn has_portrait(&self) -> bool {
        self.shelf.iter().any(|picture| picture.chosen)
    }
}

/// `/newsroom/settings/house`.
#[derive(Template)]
#[template(path = "newsroom/house.html")]
pub(crate) struct HousePage {
    pub(crate) frame: Frame,
    pub(crate) alarms: Vec<Alarm>,
    pub(crate) unapproved: Vec<Choice>,
    pub(crate) breaking: Vec<Choice>,
    /// As typed.
    pub(crate) minutes: String,
    pub(crate) least: String,
    pub(crate) most: String,
}

/// `/newsroom/settings/machines`.
#[derive(Template)]
#[template(path = "newsroom/machines.html")]
pub(crate) struct MachinesPage {
    pub(crate) frame: Frame,
    pub(crate) alarms: Vec<Alarm>,
    pub(crate) done: Option<&'static str>,
    pub(crate) hub: String,
    pub(crate) ai: Vec<Choice>,
    pub(crate) terms: String,
    /// Slug, name, whether it is one of opinion.
    pub(crate) sections: Vec<(String, String, bool)>,
    pub(crate) belongs_to: String,
    pub(crate) social: String,
}

/// `/newsroom/settings`.
#[derive(Template)]
#[template(path = "newsroom/settings.html")]
pub(crate) struct SettingsPage {
    pub(crate) frame: Frame,
    pub(crate) say: &'static str,
    pub(crate) parts: Vec<SettingsPart>,
    /// Whether an editor gets notes by mail; None for others.
    pub(crate) notes: Option<bool>,
}
