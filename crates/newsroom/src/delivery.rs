//! One message to one person for one occasion, and the states it can be in.
//! Owns occasions, states and books. Never speaks to a relay.

use crate::id::{self, DeliveryId, StaffId, SubscriberId};
use crate::slug::Slug;
use crate::time::{Day, Timestamp};
use serde::{Deserialize, Serialize};

/// queued → claimed → transmitted → sent | deferred | refused | suppressed | uncertain | expired.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeliveryState {
    Queued,
    /// A node has it, for as long as its lease.
    Claimed,
    /// The final dot may have left; only the reply tells.
    Transmitted,
    Sent,
    /// The relay said later.
    Deferred,
    /// The relay said never.
    Refused,
    /// Unsubscribed, suppressed or withdrawn before it left.
    Suppressed,
    /// Transmitted, and no reply came.
    Uncertain,
    Expired,
}

impl DeliveryState {
    pub const ALL: [DeliveryState; 9] = [
        DeliveryState::Queued,
        DeliveryState::Claimed,
        DeliveryState::Transmitted,
        DeliveryState::Sent,
        DeliveryState::Deferred,
        DeliveryState::Refused,
        DeliveryState::Suppressed,
        DeliveryState::Uncertain,
        DeliveryState::Expired,
    ];

    pub fn key(self) -> &'static str {
        match self {
            DeliveryState::Queued => "queued",
            DeliveryState::Claimed => "claimed",
            DeliveryState::Transmitted => "transmitted",
            DeliveryState::Sent => "sent",
            DeliveryState::Deferred => "deferred",
            DeliveryState::Refused => "refused",
            DeliveryState::Suppressed => "suppressed",
            DeliveryState::Uncertain => "uncertain",
            DeliveryState::Expired => "expired",
        }
    }

    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.key() == key)
    }
}

/// What is done with a message of which nobody can know whether the relay took it: the node or the relay went away
/// between the final dot and the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Promise {
    /// It is held as *uncertain* and shown; a person decides.
    #[default]
    NeverTwice,
    /// It is sent again, with the same Message-ID: mail programs then show it once.
    NeverLose,
}

impl Promise {
    pub const ALL: [Promise; 2] = [Promise::NeverTwice, Promise::NeverLose];

    pub fn key(self) -> &'static str {
        match self {
            Promise::NeverTwice => "never-twice",
            Promise::NeverLose => "never-lose",
        }
    }

    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|promise| promise.key() == key)
    }
}

/// Why a message is sent. Together with the recipient it is sent once; a constraint says so.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Occasion {
    /// The day's issue of a newsletter, in whatever language: one a day.
    Edition(Slug, Day),
    /// Asked to subscribe; the number of the request.
    Confirmation(i64),
    /// Confirmed at this time: leaving and coming back is a new welcome.
    Welcome(Timestamp),
    /// Staff asked for a sign-in link; the number of the link.
    SignIn(i64),
    /// A subscriber's new address is asked; the number of the request.
    Move(i64),
    /// The old address is told; the number of the request.
    Moved(i64),
    /// A code for the preference centre; its number.
    Code(i64),
    /// Breaking news of a newsroom's day: one a day to anybody, whatever the news.
    Breaking(Day),
    /// One letter to the readers of a newsletter; its number.
    OneOff(i64),
    /// Something waits for somebody of the newsroom; the number of the note.
    Note(i64),
}

impl Occasion {
    /// As stored and as hashed into the Message-ID: `edition:daily-updates:2025-08-22`.
    pub fn key(&self) -> String {
        match self {
            Occasion::Edition(newsletter, day) => format!("edition:{newsletter}:{day}"),
            Occasion::Confirmation(request) => format!("confirmation:{}", id::show(*request)),
            Occasion::Welcome(at) => format!("welcome:{}", at.0),
            Occasion::SignIn(link) => format!("sign-in:{}", id::show(*link)),
            Occasion::Move(request) => format!("move:{}", id::show(*request)),
            Occasion::Moved(request) => format!("moved:{}", id::show(*request)),
            Occasion::Code(code) => format!("code:{}", id::show(*code)),
            Occasion::Breaking(day) => format!("breaking:{day}"),
            Occasion::OneOff(letter) => format!("one-off:{}", id::show(*letter)),
            Occasion::Note(note) => format!("note:{}", id::show(*note)),
        }
    }

    pub fn parse(key: &str) -> Option<Self> {
        let (kind, rest) = key.split_once(':')?;
        match kind {
            "edition" => {
                let (newsletter, day) = rest.split_once(':')?;
                Some(Occasion::Edition(Slug::parse(newsletter)?, Day::parse(day)?))
            }
            "confirmation" => id::read(rest).map(Occasion::Confirmation),
            "welcome" => rest.parse().ok().map(|at| Occasion::Welcome(Timestamp(at))),
            "sign-in" => id::read(rest).map(Occasion::SignIn),
            "move" => id::read(rest).map(Occasion::Move),
            "moved" => id::read(rest).map(Occasion::Moved),
            "code" => id::read(rest).map(Occasion::Code),
            "breaking" => Day::parse(rest).map(Occasion::Breaking),
            "one-off" => id::read(rest).map(Occasion::OneOff),
            "note" => id::read(rest).map(Occasion::Note),
            _ => None,
        }
    }

    /// The newsletter whose issue it is, if it is one.
    pub fn newsletter(&self) -> Option<&Slug> {
        if let Occasion::Edition(newsletter, _) = self { Some(newsletter) } else { None }
    }

    /// What is done in doubt, given what the newsletter promises. A letter that somebody asked for and waits for is
    /// sent again: twice does no harm, never does.
    pub fn promise(&self, newsletter: Promise) -> Promise {
        match self {
            Occasion::Edition(..) => newsletter,
            Occasion::Breaking(_) | Occasion::OneOff(_) => Promise::NeverTwice,
            Occasion::Confirmation(_)
            | Occasion::Welcome(_)
            | Occasion::SignIn(_)
            | Occasion::Move(_)
            | Occasion::Moved(_)
            | Occasion::Code(_)
            | Occasion::Note(_) => Promise::NeverLose,
        }
    }

    /// The first word of its key: `edition`, `confirmation`, `breaking` …
    pub fn kind(&self) -> &'static str {
        match self {
            Occasion::Edition(..) => "edition",
            Occasion::Confirmation(_) => "confirmation",
            Occasion::Welcome(_) => "welcome",
            Occasion::SignIn(_) => "sign-in",
            Occasion::Move(_) => "move",
            Occasion::Moved(_) => "moved",
            Occasion::Code(_) => "code",
            Occasion::Breaking(_) => "breaking",
            Occasion::OneOff(_) => "one-off",
            Occasion::Note(_) => "note",
        }
    }
}

/// Who gets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Recipient {
    Subscriber(SubscriberId),
    Staff(StaffId),
}

impl Recipient {
    /// The subscriber, if it is one.
    pub fn subscriber(self) -> Option<SubscriberId> {
        match self {
            Recipient::Subscriber(id) => Some(id),
            Recipient::Staff(_) => None,
        }
    }
}

/// A delivery row as a node sees it when it has claimed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    pub id: DeliveryId,
    pub occasion: Occasion,
    pub recipient: Recipient,
    pub state: DeliveryState,
    /// The `Date` of the message: fixed, so that a second try is the same message.
    pub dated: Timestamp,
    pub due_at: Timestamp,
    /// Tries so far, this one included.
    pub attempt: u32,
    /// What it carries: the articles of an edition, in order. Given by the desk.
    pub payload: String,
}

/// How many deliveries of one occasion stand where; always adds up to `total`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Books {
    /// Accepted by a relay.
    pub sent: u64,
    pub refused: u64,
    /// Queued, claimed, transmitted or deferred.
    pub waiting: u64,
    pub uncertain: u64,
    pub suppressed: u64,
    pub expired: u64,
    pub total: u64,
}

impl Books {
    /// Takes another book into this one.
    pub fn add(&mut self, other: &Books) {
        self.sent += other.sent;
        self.refused += other.refused;
        self.waiting += other.waiting;
        self.uncertain += other.uncertain;
        self.suppressed += other.suppressed;
        self.expired += other.expired;
        self.total += other.total;
    }

    pub fn enter(&mut self, state: DeliveryState, count: u64) {
        self.total += count;
        *match state {
            DeliveryState::Queued | DeliveryState::Claimed | DeliveryState::Transmitted | DeliveryState::Deferred => {
                &mut self.waiting
            }
            DeliveryState::Sent => &mut self.sent,
            DeliveryState::Refused => &mut self.refused,
            DeliveryState::Suppressed => &mut self.suppressed,
            DeliveryState::Uncertain => &mut self.uncertain,
            DeliveryState::Expired => &mut self.expired,
        } += count;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_books_always_add_up() {
        let mut books = Books::default();
        for (at, state) in DeliveryState::ALL.into_iter().enumerate() {
            books.enter(state, at as u64 + 1);
            assert_eq!(DeliveryState::parse(state.key()), Some(state));
        }
        let parts = books.sent + books.refused + books.waiting + books.uncertain + books.suppressed + books.expired;
        assert_eq!((books.total, parts), (45, 45));
    }

    #[test]
    fn an_occasion_is_read_back_as_it_was_written() {
        let all = [
            Occasion::Edition(Slug::parse("daily-updates").unwrap(), Day::parse("2025-08-22").unwrap()),
            Occasion::Confirmation(77),
            Occasion::Welcome(Timestamp(9)),
            Occasion::SignIn(78),
            Occasion::Move(79),
            Occasion::Moved(79),
            Occasion::Code(80),
            Occasion::Breaking(Day::parse("2025-08-22").unwrap()),
            Occasion::OneOff(81),
            Occasion::Note(82),
        ];
        for occasion in all {
            assert!(occasion.key().starts_with(&format!("{}:", occasion.kind())), "{occasion:?}");
            assert_eq!(Occasion::parse(&occasion.key()), Some(occasion));
        }
    }
}
