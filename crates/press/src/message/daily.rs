//! One edition of a newsletter as a letter: the part that many share, and the little that is one reader's.

use serde::Serialize;

use super::Letterhead;
use crate::page::Dir;

/// An item in another language than the edition keeps its own `lang`, `dir`, alignment and type.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Tongue {
    pub language: String,
    pub dir: Dir,
    /// "In French", in the edition's language.
    pub label: String,
}

/// The lead's picture: 16:9, 1120 px wide, at most 80 KB.
#[derive(Debug, Clone, Default, Serialize)]
pub struct LetterPicture {
    pub src: String,
    pub alt: String,
    /// Twelve words, credit included; may be empty.
    pub caption: String,
}

/// An article in the edition.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Item {
    pub headline: String,
    pub href: String,
    /// Standfirst of the lead (45 words), blurb of the others (35; 25 in a section).
    pub blurb: String,
    /// "Climate"; printed above the lead, in the line below the others.
    pub section: String,
    pub byline: String,
    /// Reading time in minutes; 0 prints none.
    pub minutes: u32,
    /// "Update:" before the headline: only for readers who had an earlier chapter.
    pub update: bool,
    pub tongue: Option<Tongue>,
    /// The lead's only.
    pub picture: Option<LetterPicture>,
}

/// Items of a section this item set carries.
#[derive(Debug, Clone, Default, Serialize)]
pub struct LetterSection {
    pub name: String,
    pub items: Vec<Item>,
}

/// What we said and what is right.
#[derive(Debug, Clone, Default, Serialize)]
pub struct CorrectionItem {
    pub text: String,
    pub href: String,
}

/// One advertisement, always labelled.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Sponsor {
    /// Who pays.
    pub name: String,
    pub text: String,
    pub link_text: String,
    pub href: String,
}

/// The end of the letter.
#[derive(Debug, Clone, Default, Serialize)]
pub struct SignOff {
    /// The editor's closing words; none prints the theme's own sentence, with an invitation to reply.
    pub words: Option<String>,
    /// Name and role; None prints "assembled automatically".
    pub editor: Option<String>,
    pub role: Option<String>,
    /// "tomorrow, Saturday": when the next edition comes; None leaves the sentence out.
    pub next: Option<String>,
    /// Whether replies reach a person.
    pub replies: bool,
}

/// One edition for one item set.
#[derive(Debug, Clone, Default, Serialize)]
pub struct DailyEdition {
    pub letterhead: Letterhead,
    /// The newsletter's name.
    pub newsletter: String,
    pub place: String,
    /// "Friday 22 August 2025".
    pub date: String,
    /// The editor's; about 45 characters are seen.
    pub subject: String,
    /// 70 to 140 characters, never the subject again.
    pub preheader: String,
    pub greeting: Option<String>,
    /// The editor's note: at most two paragraphs, 60 words.
    pub note: Vec<String>,
    pub lead: Option<Item>,
    pub items: Vec<Item>,
    pub sections: Vec<LetterSection>,
    pub sponsor: Option<Sponsor>,
    pub corrections: Vec<CorrectionItem>,
    /// The page of all corrections.
    pub corrections_href: String,
    pub sign_off: SignOff,
    /// This edition on the web.
    pub web_href: String,
    /// This edition as one file to pass on.
    pub file_href: Option<String>,
    pub subscribe_href: String,
}

/// What differs between two readers of the same item set. Ready-made words; escaped when filled in.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Personal {
    /// "3 March 2025": when the subscription was made and confirmed.
    pub since: String,
    /// "International, Business; in English; every day at 07:00, Nairobi time": the choices, no full stop.
    pub choices: String,
    pub preferences_href: String,
    pub pause_href: String,
    pub unsubscribe_href: String,
}
