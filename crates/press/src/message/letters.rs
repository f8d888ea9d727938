//! The short letters: confirm, move, moved, welcome, sign in, code, staff note.

use serde::Serialize;

use super::Letterhead;

/// Asks whether the address wants the newsletter. Carries no picture, no name, no article; no unsubscribe, because nothing exists yet.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Confirm {
    pub letterhead: Letterhead,
    /// The newsletters asked for, as words: "Daily Updates".
    pub newsletter: String,
    /// "Friday 22 August 2025 at 09:14, Nairobi time": when somebody asked.
    pub asked_at: String,
    /// "Sunday 24 August, 09:14": until when the link works (48 hours).
    pub until: String,
    /// "One mail a day at 07:00, Port-au-Prince time, in English.": what one would get.
    pub offer: String,
    pub confirm_href: String,
    /// After how many days an unconfirmed address is erased.
    pub erased_after_days: u32,
}

/// A line of the welcome letter: "When", "Every day at 07:00".
#[derive(Debug, Clone, Default, Serialize)]
pub struct WelcomeChoice {
    pub label: String,
    pub text: String,
}

/// Sent once after confirmation.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Welcome {
    pub letterhead: Letterhead,
    pub newsletter: String,
    /// "tomorrow at 07:00": when the first edition comes.
    pub first_edition: String,
    pub choices: Vec<WelcomeChoice>,
    /// The sender's address, to be put among the contacts.
    pub sender_address: String,
    pub editor: Option<String>,
    pub role: Option<String>,
    /// "Friday 22 August 2025 at 09:14".
    pub subscribed_at: String,
    /// "09:31, Nairobi time".
    pub confirmed_at: String,
    pub preferences_href: String,
    pub unsubscribe_href: String,
    pub replies: bool,
}

/// A one-time link by which staff sign in.
#[derive(Debug, Clone, Default, Serialize)]
pub struct SignIn {
    pub letterhead: Letterhead,
    pub sign_in_href: String,
    /// "09:24, Nairobi time".
    pub until: String,
    /// "Firefox on Android, on Friday 22 August 2025 at 09:14, Nairobi time": who asked.
    pub asked_by: String,
    /// "paper.example/newsroom" and its address.
    pub newsroom: String,
    pub newsroom_href: String,
}

/// A code that a reader types before data is sent out or erased.
#[derive(Debug, Clone, Default, Serialize)]
pub struct PreferenceCode {
    pub letterhead: Letterhead,
    /// Six digits as one word. Never in subject or preheader.
    pub code: String,
    /// What it is for, in words: "to erase what we keep about you".
    pub purpose: String,
    pub until: String,
    pub asked_by: String,
}

/// Asks a new address whether the mails of an older one may come to it. Like [`Confirm`]: no name, no article.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ConfirmMove {
    pub letterhead: Letterhead,
    /// When somebody asked, as in [`Confirm`].
    pub asked_at: String,
    pub until: String,
    /// The address the mails go to now, masked: the new one may be a stranger's.
    pub old_address: String,
    pub confirm_href: String,
}

/// Tells the old address, once, that mails go elsewhere now.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Moved {
    pub letterhead: Letterhead,
    pub moved_at: String,
    /// The new address, masked.
    pub new_address: String,
    pub preferences_href: String,
}

/// Tells an editor that an article waits.
#[derive(Debug, Clone, Default, Serialize)]
pub struct StaffNote {
    pub letterhead: Letterhead,
    pub headline: String,
    pub writer: String,
    /// When it was given to the editors.
    pub at: String,
    pub article_href: String,
}
