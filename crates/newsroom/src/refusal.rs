//! Every "no" of the newsroom's rules, each with a sentence for the person who asked.
//! Never a fault of the machine; those are `Broken` and live below.

use crate::article::State;
use crate::staff::{May, Role};

/// A rule said no. `Display` is the sentence: what happened and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    NotYours { role: Role, what: May },
    SignInFirst,
    SignInLinkSpent,
    OwnCopy,
    WrongState { state: State, wanted: &'static str },
    NoHeadline,
    HeadlineTooLong { characters: usize, max: usize },
    NoBody,
    BodyTooLong { bytes: usize, max: usize },
    PictureWithoutAlt { line: Option<u32> },
    AltRepeatsHeadline,
    NoByline,
    UnknownSection(String),
    UnknownTopic(String),
    UnknownAuthor(String),
    AddressTaken { address: String },
    SlugEmpty,
    InThePast,
    UnderEmbargo,
    ReasonMissing,
    ChangeWithoutLine,
    TranslationTaken { language: String },
    SomebodyElseChangedIt,
    AddressNotValid(String),
    ZoneNotValid(String),
    LanguageNotValid(String),
    HourNotValid(String),
    NothingChosen,
    LinkSpent,
    CodeNotValid,
    TooManyTries,
    TooFast,
    Suppressed,
    EditionNotReady { state: &'static str, wanted: &'static str },
    EditionTooThin { items: usize, min: usize },
    Held,
    Picture(String),
    Limit { what: &'static str, max: usize },
    AlreadyThere { what: &'static str, name: String },
    Other(String),
}

impl std::error::Error for Refusal {}

impl std::fmt::Display for Refusal {
    #[allow(clippy::too_many_lines, reason = "one sentence per refusal, nothing else")]
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotYours { role, what } => {
                write!(f, "As {} you cannot {}. Ask somebody who can.", role_words(*role), may_words(*what))
            }
            Self::SignInFirst => f.write_str("Sign in first."),
            Self::SignInLinkSpent => {
                f.write_str("This sign-in link was used or is too old. Ask for a new one.")
            }
            Self::OwnCopy => f.write_str("You wrote this article, so another editor must publish it."),
            Self::WrongState { state, wanted } => {
                write!(f, "The article is {} now; only {wanted} can do this.", state.words())
            }
            Self::NoHeadline => f.write_str("Write a headline first."),
            Self::HeadlineTooLong { characters, max } => {
                write!(f, "The headline has {characters} characters; shorten it to {max}.")
            }
            Self::NoBody => f.write_str("Write some text first."),
            Self::BodyTooLong { bytes, max } => {
                write!(f, "The text has {} KB; the most is {} KB. Split it into several articles.", bytes / 1024, max / 1024)
            }
            Self::PictureWithoutAlt { line: Some(line) } => {
                write!(f, "Describe the picture in line {line} before publishing.")
            }
            Self::PictureWithoutAlt { line: None } => f.write_str("Describe the lead picture before publishing."),
            Self::AltRepeatsHeadline => {
                f.write_str("The picture's description repeats the headline. Say what the picture shows.")
            }
            Self::NoByline => f.write_str("Name at least one author before publishing."),
            Self::UnknownSection(name) => write!(f, "There is no section “{name}”. Add it first, or choose another."),
            Self::UnknownTopic(name) => write!(f, "There is no topic “{name}”. Add it first, or choose another."),
            Self::UnknownAuthor(name) => write!(f, "There is no author “{name}”. Add the author first."),
            Self::AddressTaken { address } => {
                write!(f, "Another article stands at {address}. Give this one another slug.")
            }
            Self::SlugEmpty => f.write_str("The headline has no letters to make an address of. Write a slug."),
            Self::InThePast => f.write_str("That time has passed. Choose a later one, or publish now."),
            Self::UnderEmbargo => f.write_str("The embargo has not ended. Schedule the article for its end, or lift it."),
            Self::ChangeWithoutLine => {
                f.write_str("Say in one line what changed; readers see it under the article, with the time.")
            }
            Self::ReasonMissing => f.write_str("Say why; readers will see the reason."),
            Self::TranslationTaken { language } => {
                write!(f, "This article already has a translation into “{language}”. Change that one.")
            }
            Self::SomebodyElseChangedIt => {
                f.write_str("Somebody else saved this article after you opened it. Compare both before saving again; your text is kept.")
            }
            Self::AddressNotValid(_) => {
                f.write_str("This is not an email address we can write to. It should look like name@example.org.")
            }
            Self::ZoneNotValid(_) => f.write_str("We do not know this time zone. Choose one from the list, such as Africa/Nairobi."),
            Self::LanguageNotValid(tag) => write!(f, "“{tag}” is not a language code. Write one like en, fr or ht."),
            Self::HourNotValid(hour) => write!(f, "“{hour}” is not an hour. Choose one from 0 to 23."),
            Self::NothingChosen => f.write_str("Nothing was chosen. Choose at least one."),
            Self::LinkSpent => f.write_str("This link is too old or was made for something else. Ask for a new mail."),
            Self::CodeNotValid => f.write_str("This code is wrong or too old. Look into the newest mail, or ask for another."),
            Self::TooManyTries => f.write_str("That was asked too often just now. Try again tomorrow."),
            Self::TooFast => f.write_str("That went faster than people type. Send the form once more."),
            Self::Suppressed => f.write_str("Mail to this address came back or was refused, so we no longer write to it."),
            Self::EditionNotReady { state, wanted } => write!(f, "The edition is {state}; it must be {wanted} first."),
            Self::EditionTooThin { items, min } => {
                write!(f, "The edition has {items} items; it needs at least {min}.")
            }
            Self::Held => f.write_str("This installation is held: nothing leaves it. Run “masthead release” to let mail go out."),
            Self::Picture(sentence) | Self::Other(sentence) => f.write_str(sentence),
            Self::Limit { what, max } => write!(f, "At most {max} {what} are possible."),
            Self::AlreadyThere { what, name } => write!(f, "There is already a {what} “{name}”."),
        }
    }
}

fn role_words(role: Role) -> &'static str {
    match role {
        Role::Writer => "a writer",
        Role::Editor => "an editor",
        Role::AudienceManager => "an audience manager",
        Role::Administrator => "an administrator",
        Role::Owner => "the owner",
    }
}

fn may_words(what: May) -> &'static str {
    match what {
        May::Write => "write articles",
        May::Edit => "change other people's articles",
        May::Publish => "publish",
        May::ApproveEdition => "approve editions",
        May::SeeSubscribers => "see subscribers",
        May::Administer => "change settings or staff",
    }
}
