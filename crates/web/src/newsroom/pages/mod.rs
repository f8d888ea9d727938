//! What the newsroom's pages show: ready-made words and links, printed by the templates beside them.
//! Decides what a role sees; never asks the desk and never decides what a role may do.

use super::when::When;
use askama::Template;
use newsroom::article::State;
use newsroom::delivery::Books;
use newsroom::edition::EditionState;
use newsroom::staff::{May, Role, Staff};
use newsroom::time::{Timestamp, Zone};

pub(crate) mod article;
pub(crate) mod breaking;
pub(crate) mod edition;
pub(crate) mod lists;
pub(crate) mod mail;
pub(crate) mod people;
pub(crate) mod today;

/// Where in the newsroom somebody is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Here {
    Today,
    Articles,
    Pictures,
    Edition,
    Deliveries,
    Subscribers,
    Staff,
    Ledger,
    Settings,
}

impl Here {
    fn words(self) -> &'static str {
        match self {
            Here::Today => "Today",
            Here::Articles => "Articles",
            Here::Pictures => "Pictures",
            Here::Edition => "Edition",
            Here::Deliveries => "Deliveries",
            Here::Subscribers => "Subscribers",
            Here::Staff => "Staff",
            Here::Ledger => "Ledger",
            Here::Settings => "Settings",
        }
    }

    fn href(self) -> &'static str {
        match self {
            Here::Today => "/newsroom",
            Here::Articles => "/newsroom/articles",
            Here::Pictures => "/newsroom/pictures",
            Here::Edition => "/newsroom/edition",
            Here::Deliveries => "/newsroom/deliveries",
            Here::Subscribers => "/newsroom/subscribers",
            Here::Staff => "/newsroom/staff",
            Here::Ledger => "/newsroom/ledger",
            Here::Settings => "/newsroom/settings",
        }
    }

    fn shown_to(self, role: Role) -> bool {
        match self {
            Here::Subscribers => role.may(May::SeeSubscribers),
            Here::Staff => role.may(May::Administer),
            Here::Pictures => role.may(May::Write),
            Here::Today | Here::Articles | Here::Edition | Here::Deliveries | Here::Ledger | Here::Settings => true,
        }
    }
}

/// A link of the navigation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Way {
    pub(crate) words: &'static str,
    pub(crate) href: &'static str,
    pub(crate) current: bool,
}

/// What stands around every page.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    pub(crate) publication: String,
    /// `Fri 22 Aug`, the newsroom's day.
    pub(crate) day: String,
    pub(crate) now: When,
    pub(crate) town: String,
    pub(crate) name: String,
    pub(crate) role: &'static str,
    pub(crate) groups: Vec<Vec<Way>>,
    pub(crate) thumbs: Vec<Way>,
    pub(crate) may_write: bool,
    pub(crate) style: String,
    pub(crate) script: String,
}

impl Frame {
    /// The frame for one person, somewhere, now.
    pub(crate) fn new(publication: &str, zone: &Zone, now: Timestamp, me: &Staff, here: Here) -> Self {
        let way = |there: Here| Way { words: there.words(), href: there.href(), current: there == here };
        let group = |all: &[Here]| all.iter().copied().filter(|h| h.shown_to(me.role)).map(way).collect();
        let may_write = me.role.may(May::Write);
        let thumbs = if may_write {
            let write = Way { words: "Write", href: "/newsroom/articles/new", current: false };
            vec![way(Here::Today), way(Here::Articles), write, way(Here::Edition)]
        } else {
            vec![way(Here::Today), way(Here::Edition), way(Here::Deliveries), way(Here::Subscribers)]
        };
        Self {
            publication: publication.to_owned(),
            day: super::when::short_day(zone.day(now)),
            now: When::new(now, now, zone),
            town: super::when::town(zone),
            name: me.name.clone(),
            role: role_words(me.role),
            groups: vec![
                group(&[Here::Today, Here::Articles, Here::Pictures]),
                group(&[Here::Edition, Here::Deliveries, Here::Subscribers]),
                group(&[Here::Staff, Here::Ledger, Here::Settings]),
            ],
            thumbs,
            may_write,
            style: super::assets::style_href().to_owned(),
            script: super::assets::script_href().to_owned(),
        }
    }
}

/// `Editor`, as it stands under a name.
pub(crate) fn role_words(role: Role) -> &'static str {
    match role {
        Role::Writer => "Writer",
        Role::Editor => "Editor",
        Role::AudienceManager => "Audience manager",
        Role::Administrator => "Administrator",
        Role::Owner => "Owner",
    }
}

/// A state as a word with its disc.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sign {
    /// Class of the disc; empty for a draft.
    pub(crate) class: &'static str,
    pub(crate) words: String,
}

impl Sign {
    pub(crate) fn new(class: &'static str, words: impl Into<String>) -> Self {
        Self { class, words: words.into() }
    }

    /// Of an article; a time makes `Scheduled` and the embargo exact.
    pub(crate) fn of(state: State, scheduled: Option<&When>, embargo: Option<&When>) -> Self {
        match (state, embargo) {
            (State::Ready | State::Review | State::Draft, Some(until)) if state == State::Ready => {
                Self::new("st-embargo", format!("Embargo until {}", until.words))
            }
            (State::Draft, _) => Self::new("", "Draft"),
            (State::Review, _) => Self::new("st-review", "In review"),
            (State::LegalHold, _) => Self::new("st-legal", "Legal hold"),
            (State::Ready, _) => Self::new("st-ready", "Ready"),
            (State::Scheduled, _) => match scheduled {
                Some(at) => Self::new("st-timed", format!("Scheduled {}", at.words)),
                None => Self::new("st-timed", "Scheduled"),
            },
            (State::Live, _) => Self::new("st-live", "Live"),
            (State::Withdrawn, _) => Self::new("st-gone", "Withdrawn"),
        }
    }

    pub(crate) fn of_edition(state: EditionState) -> Self {
        match state {
            EditionState::Assembling => Self::new("", "Assembling"),
            EditionState::Approved => Self::new("st-ready", "Approved"),
            EditionState::Sending => Self::new("st-live", "Sending"),
            EditionState::Sent => Self::new("st-ok", "Sent"),
            EditionState::Held => Self::new("st-wrong", "Held"),
            EditionState::Skipped => Self::new("st-gone", "Skipped"),
        }
    }
}

/// Something wrong that a person must act on, or a refusal in its sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Alarm {
    pub(crate) what: String,
    pub(crate) then: String,
    /// `(address, words)` of what to do about it.
    pub(crate) link: Option<(String, String)>,
}

impl Alarm {
    /// A refusal's own sentence.
    pub(crate) fn says(sentence: impl Into<String>) -> Self {
        Self { what: sentence.into(), then: String::new(), link: None }
    }
}

/// One option of a select, a radio or a tick.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Choice {
    pub(crate) value: String,
    pub(crate) words: String,
    pub(crate) chosen: bool,
}

impl Choice {
    pub(crate) fn new(value: impl Into<String>, words: impl Into<String>, chosen: &str) -> Self {
        let value = value.into();
        let chosen = value == chosen;
        Self { value, words: words.into(), chosen }
    }
}

/// One term of the sum of deliveries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Term {
    pub(crate) words: &'static str,
    pub(crate) figure: String,
    pub(crate) zero: bool,
    pub(crate) href: Option<String>,
}

/// All six terms, also at 0, and their total last.
pub(crate) fn sum(books: &Books, occasion: Option<&str>) -> Vec<Term> {
    let term = |words, count: u64, state: Option<&str>| Term {
        words,
        figure: thousands(count),
        zero: count == 0,
        href: state
            .filter(|_| count > 0)
            .zip(occasion)
            .map(|(state, occasion)| format!("/newsroom/deliveries?occasion={occasion}&state={state}#list")),
    };
    vec![
        term("handed over", books.sent, None),
        term("refused", books.refused, Some("refused")),
        term("waiting", books.waiting, Some("waiting")),
        term("uncertain", books.uncertain, Some("uncertain")),
        term("suppressed", books.suppressed, None),
        term("expired", books.expired, Some("expired")),
        term("letters", books.total, None),
    ]
}

/// `18,634`.
pub(crate) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 letter`, `2 letters`.
pub(crate) fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", thousands(number), if number == 1 { one } else { many })
}

/// The door: one address, one button. The answer is the same for everybody.
#[derive(Template)]
#[template(path = "newsroom/sign-in.html")]
pub(crate) struct SignInPage {
    pub(crate) publication: String,
    pub(crate) style: String,
    /// What was typed; kept when it is not an address.
    pub(crate) address: String,
    pub(crate) fault: Option<String>,
    pub(crate) alarm: Option<Alarm>,
}

/// After asking: look in your inbox.
#[derive(Template)]
#[template(path = "newsroom/sign-in-sent.html")]
pub(crate) struct SignInSentPage {
    pub(crate) publication: String,
    pub(crate) style: String,
    pub(crate) address: String,
}

/// The mailed link: one button, because mail scanners open links too.
#[derive(Template)]
#[template(path = "newsroom/sign-in-link.html")]
pub(crate) struct SignInLinkPage {
    pub(crate) publication: String,
    pub(crate) style: String,
    pub(crate) action: String,
}

/// A page that could not be shown, in one sentence.
#[derive(Template)]
#[template(path = "newsroom/trouble.html")]
pub(crate) struct TroublePage {
    pub(crate) style: String,
    pub(crate) title: &'static str,
    pub(crate) sentence: String,
    pub(crate) href: &'static str,
    pub(crate) words: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;
    use newsroom::id::StaffId;

    fn frame(role: Role) -> Frame {
        let me = Staff { id: StaffId(1), name: "Ruth".into(), role };
        Frame::new("Paper", &Zone::utc(), Timestamp(0), &me, Here::Today)
    }

    fn words(role: Role) -> Vec<&'static str> {
        frame(role).groups.concat().into_iter().map(|way| way.words).collect()
    }

    #[test]
    fn the_navigation_hides_what_a_role_cannot_open() {
        for (role, hidden) in [
            (Role::Writer, vec!["Subscribers", "Staff"]),
            (Role::Editor, vec!["Subscribers", "Staff"]),
            (Role::AudienceManager, vec!["Pictures", "Staff"]),
            (Role::Administrator, vec![]),
            (Role::Owner, vec![]),
        ] {
            let shown = words(role);
            for there in ["Today", "Articles", "Edition", "Deliveries", "Ledger", "Pictures", "Subscribers", "Staff"] {
                assert_eq!(shown.contains(&there), !hidden.contains(&there), "{role:?} {there}");
            }
        }
    }

    #[test]
    fn who_cannot_write_is_not_offered_a_new_article() {
        assert!(!frame(Role::AudienceManager).may_write);
        assert!(frame(Role::AudienceManager).thumbs.iter().all(|way| way.words != "Write"));
        assert!(frame(Role::Writer).thumbs.iter().any(|way| way.words == "Write"));
    }

    #[test]
    fn the_sum_always_has_its_six_terms_and_their_total() {
        let books = Books { sent: 9_871, uncertain: 3, total: 9_874, ..Books::default() };
        let terms = sum(&books, Some("edition:1"));
        assert_eq!(terms.len(), 7);
        assert_eq!((terms[0].figure.as_str(), terms[6].figure.as_str()), ("9,871", "9,874"));
        assert!(terms[1].zero && terms[1].href.is_none());
        assert!(terms[3].href.as_deref().is_some_and(|href| href.contains("state=uncertain")));
    }

    #[test]
    fn figures_are_grouped() {
        for (number, words) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(thousands(number), words);
        }
        assert_eq!(
            (counted(1, "letter", "letters").as_str(), counted(0, "letter", "letters").as_str()),
            ("1 letter", "0 letters")
        );
    }
}
