//! Pages with a form: search, subscribe, confirm, preferences, unsubscribe. All work without script.

use serde::Serialize;

use super::{Dir, Link, Meta, When};

/// Something to choose: a tick box or an option.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Choice {
    pub value: String,
    pub label: String,
    pub chosen: bool,
    /// Set where the label is in another language than the page.
    pub language: Option<String>,
}

/// A field with what was typed and, if it was refused, a sentence that begins with what did not happen.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Field {
    pub value: String,
    pub error: Option<String>,
}

/// A value that a form sends along unseen.
#[derive(Debug, Clone, Default, Serialize)]
pub struct HiddenField {
    pub name: String,
    pub value: String,
}

/// Time zones under the name of their region.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ZoneGroup {
    pub name: String,
    pub zones: Vec<Choice>,
}

/// A piece of a snippet; marked where it is what was searched for.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Span {
    pub text: String,
    pub mark: bool,
}

/// One answer to a search.
#[derive(Debug, Clone, Default, Serialize)]
pub struct SearchHit {
    pub headline: Vec<Span>,
    pub href: String,
    pub snippet: Vec<Span>,
    pub section: Option<String>,
    pub byline: Option<String>,
    pub when: Option<When>,
    pub language: Option<String>,
    pub dir: Option<Dir>,
}

/// Search. The form is a GET with `q`, `section`, `language`, `author`, `from`, `to`, `order`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Search {
    pub meta: Meta,
    pub action: String,
    pub query: String,
    pub sections: Vec<Choice>,
    pub languages: Vec<Choice>,
    /// A name, as it is written in bylines.
    pub author: Field,
    /// Names that the field offers.
    pub authors: Vec<String>,
    /// ISO dates or empty.
    pub from: Field,
    pub to: Field,
    /// True where section, language or dates are set: the part stands open.
    pub narrowed: bool,
    /// Newest or best fit first.
    pub order: Vec<Choice>,
    /// "3 articles"; None before anything was asked.
    pub count: Option<String>,
    pub hits: Vec<SearchHit>,
    /// Nothing found: "Nothing fits “…”."
    pub empty: Option<String>,
    /// "Did you mean …": the same search with other words.
    pub suggestion: Option<Link>,
    /// Ways on: other languages with answers, no limits, fewer words.
    pub elsewhere: Vec<Link>,
    /// What was not searched, and why (a query too long or too short).
    pub error: Option<String>,
    pub newer: Option<Link>,
    pub older: Option<Link>,
}

/// The whole sign-up form. Posts `email`, `newsletter`*, `section`*, `language` (three, in order), `hour`, `zone`, `frequency`, `stamp`, `url` (trap).
#[derive(Debug, Clone, Default, Serialize)]
pub struct Subscribe {
    pub meta: Meta,
    pub action: String,
    pub stamp: String,
    pub title: String,
    pub promise: String,
    /// "See today’s".
    pub sample: Option<Link>,
    pub email: Field,
    /// More than one newsletter: tick boxes; one: none are shown and its slug goes along.
    pub newsletters: Vec<Choice>,
    pub newsletters_error: Option<String>,
    pub sections: Vec<Choice>,
    /// One list per rank: first language, then, then. The second and third begin with "no other" (empty value).
    pub languages: Vec<Vec<Choice>>,
    pub hours: Vec<Choice>,
    pub zones: Vec<ZoneGroup>,
    pub zone_error: Option<String>,
    pub frequencies: Vec<Choice>,
    /// What did not happen, for the whole form.
    pub error: Option<String>,
    pub privacy_href: Option<String>,
}

/// The page behind a link in a mail: one button, which posts. Opening it changes nothing.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Confirm {
    pub meta: Meta,
    pub title: String,
    /// To whom, what, when: the whole choice in a sentence.
    pub sentence: String,
    pub action: String,
    pub button: String,
    pub hidden: Vec<HiddenField>,
    /// Digits that were mailed are typed here; a wrong one says so.
    pub code: Option<Field>,
    /// "Was it not you? …"
    pub not_you: Option<String>,
}

/// The preference centre. Posts the same names as `Subscribe`; the second form posts `do` = pause, resume, leave, export, erase.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Preferences {
    pub meta: Meta,
    pub action: String,
    /// "k…@example.org".
    pub masked_address: String,
    /// "3 March 2025".
    pub since: String,
    /// "Saved." or what was not.
    pub message: Option<String>,
    pub error: Option<String>,
    pub newsletters: Vec<Choice>,
    pub sections: Vec<Choice>,
    pub languages: Vec<Vec<Choice>>,
    pub hours: Vec<Choice>,
    pub zones: Vec<ZoneGroup>,
    pub zone_error: Option<String>,
    pub frequencies: Vec<Choice>,
    /// How it is now: "You get Daily Updates every day at about 07:00 in Nairobi."
    pub now: String,
    /// "Paused until 24 September 2025."; None when running.
    pub paused: Option<String>,
    pub address_action: Option<String>,
    pub new_address: Field,
    pub doings_action: String,
    pub hidden: Vec<HiddenField>,
    /// Whether data can be asked for and erased here.
    pub offers_data: bool,
}

/// The page behind the unsubscribe link: one button, and the ways to get less instead.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Unsubscribe {
    pub meta: Meta,
    pub title: String,
    pub sentence: String,
    pub action: String,
    pub button: String,
    pub hidden: Vec<HiddenField>,
    /// The other newsletters of this person can stay or go: button value `all`.
    pub everything: Option<String>,
    pub instead: Vec<Link>,
}
