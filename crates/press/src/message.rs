//! Letters as plain values: what the daily edition, the confirmation, the welcome, breaking news and the codes say.
//! Knows no address and no relay; `desk` fills the values, `mail` sends what is printed.

mod daily;
mod letters;
mod news;
mod print;
mod shared;
mod short;
mod twin;

pub use daily::{CorrectionItem, DailyEdition, Item, LetterPicture, LetterSection, Personal, SignOff, Sponsor, Tongue};
pub use letters::{Confirm, ConfirmMove, Moved, PreferenceCode, SignIn, StaffNote, Welcome, WelcomeChoice};
pub use news::{Breaking, OneOff};
pub use print::{HTML_BYTES_ALARM, HTML_BYTES_MAX};
pub use shared::{Gaps, LetterPiece, SharedLetter};

use serde::Serialize;

use crate::page::{Colours, Dir};

/// A printed letter: both halves of multipart/alternative, and the line shown before opening.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    pub subject: String,
    pub preheader: String,
    pub html: String,
    pub text: String,
}

/// What stands on every letter of a publication in one language. Addresses are whole (`https://…`).
#[derive(Debug, Clone, Default, Serialize)]
pub struct Letterhead {
    /// The publication's name.
    pub name: String,
    /// BCP 47 tag; words, alignment and type follow it.
    pub language: String,
    pub dir: Dir,
    pub home_href: String,
    /// "paper.example", shown as the text of the home link.
    pub domain: String,
    pub postal_address: String,
    /// What is kept about a reader.
    pub privacy_href: Option<String>,
    pub colours: Option<Colours>,
}
