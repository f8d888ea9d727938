//! Lists: articles, pictures, the ledger, deliveries.

use super::{Alarm, Choice, Frame, Sign, Term};
use crate::newsroom::when::When;
use askama::Template;

/// An article in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ArticleLine {
    pub(crate) headline: String,
    pub(crate) href: String,
    pub(crate) remark: Option<String>,
    pub(crate) sign: Sign,
    pub(crate) by: String,
    pub(crate) section: String,
    pub(crate) language: String,
    pub(crate) changed: When,
}

/// `/newsroom/articles`.
#[derive(Template)]
#[template(path = "newsroom/articles.html")]
pub(crate) struct ArticlesPage {
    pub(crate) frame: Frame,
    pub(crate) tally: Vec<(&'static str, String)>,
    pub(crate) q: String,
    pub(crate) states: Vec<Choice>,
    pub(crate) sections: Vec<Choice>,
    pub(crate) lines: Vec<ArticleLine>,
    /// Why the list is empty, and what to do.
    pub(crate) nothing: (String, &'static str),
    pub(crate) found: String,
    pub(crate) before: Option<String>,
    pub(crate) next: Option<String>,
}

/// A picture of the library.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PictureCard {
    pub(crate) name: String,
    pub(crate) href: String,
    pub(crate) thumb: String,
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// `3200 × 2133`.
    pub(crate) size: String,
    pub(crate) added: When,
    /// What puts it into a text.
    pub(crate) code: String,
}

/// `/newsroom/pictures`.
#[derive(Template)]
#[template(path = "newsroom/pictures.html")]
pub(crate) struct PicturesPage {
    pub(crate) frame: Frame,
    pub(crate) alarm: Option<Alarm>,
    pub(crate) done: Option<String>,
    pub(crate) pictures: Vec<PictureCard>,
    pub(crate) next: Option<String>,
}

/// A line of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LedgerLine {
    pub(crate) at: String,
    pub(crate) time: String,
    pub(crate) who: String,
    pub(crate) clockwork: bool,
    pub(crate) what: String,
    pub(crate) subject: Option<(String, String)>,
    pub(crate) detail: String,
}

/// The lines of one day, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LedgerDay {
    pub(crate) title: String,
    pub(crate) lines: Vec<LedgerLine>,
}

/// `/newsroom/ledger`.
#[derive(Template)]
#[template(path = "newsroom/ledger.html")]
pub(crate) struct LedgerPage {
    pub(crate) frame: Frame,
    pub(crate) days: Vec<LedgerDay>,
    pub(crate) next: Option<String>,
}

/// One occasion with its sum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OccasionLine {
    pub(crate) words: String,
    pub(crate) href: String,
    pub(crate) terms: Vec<Term>,
}

/// A delivery that somebody looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DeliveryLine {
    /// Whole only for those who may see subscribers.
    pub(crate) address: String,
    pub(crate) facts: Vec<String>,
    /// The relay's own words.
    pub(crate) reply: String,
}

/// Deliveries of one occasion in one state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DeliveryList {
    pub(crate) title: &'static str,
    /// The state's word in addresses.
    pub(crate) state: String,
    pub(crate) count: String,
    pub(crate) say: &'static str,
    pub(crate) lines: Vec<DeliveryLine>,
    pub(crate) next: Option<String>,
    /// What can be decided about all of it: the verb's address, its words, and what it means.
    pub(crate) decide: Vec<(&'static str, &'static str, &'static str)>,
}

/// How the mail of an occasion fares now.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Going {
    /// `1,200 a minute, about 4 minutes left`; empty when nothing waits.
    pub(crate) say: String,
    /// Why it is paused, in a sentence and in the relay's words.
    pub(crate) paused: Option<(String, String)>,
    pub(crate) relays: Vec<OccasionLine>,
    pub(crate) domains: Vec<OccasionLine>,
    pub(crate) refusals: Vec<DeliveryLine>,
    /// Relays as each node sees them: name, facts, and what is wrong.
    pub(crate) nodes: Vec<(String, Vec<String>, String)>,
}

/// One zone and hour that has left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WaveLine {
    pub(crate) town: String,
    pub(crate) hour: String,
    pub(crate) frozen: When,
    pub(crate) made: String,
    pub(crate) nothing_new: String,
}

/// `/newsroom/deliveries`, all occasions or one.
#[derive(Template)]
#[template(path = "newsroom/deliveries.html")]
pub(crate) struct DeliveriesPage {
    pub(crate) frame: Frame,
    pub(crate) crumb: Option<&'static str>,
    pub(crate) title: String,
    pub(crate) say: String,
    pub(crate) terms: Vec<Term>,
    /// The occasion, for forms.
    pub(crate) key: String,
    pub(crate) may_decide: bool,
    pub(crate) going: Going,
    pub(crate) list: Option<DeliveryList>,
    pub(crate) waves: Vec<WaveLine>,
    pub(crate) occasions: Vec<OccasionLine>,
}
