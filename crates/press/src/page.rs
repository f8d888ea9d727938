//! What a reader's page says, as plain values: ready-made sentences, links and dates.
//! Knows no template and decides nothing about the news; `theme` prints it.

mod article;
mod changes;
mod colour;
mod forms;
mod front;
mod lists;
mod notices;
mod printed;
mod site;

pub use article::{Article, Byline, Change, CorrectionNote, Share, Translation};
pub use changes::{Changes, Passage, PassagePiece, Version};
pub use colour::{BadColour, Colour, Colours};
pub(crate) use colour::{INK_LIGHT, PAPER_LIGHT};
pub use forms::{
    Choice, Confirm, Field, HiddenField, Preferences, Search, SearchHit, Span, Subscribe, Unsubscribe, ZoneGroup,
};
pub use front::{Block, Card, Front, GRID_MAX, Lead, SIDE_MAX, beside};
pub use lists::{Archive, Author, Calendar, CalendarDay, CorrectionLine, Corrections, Day, Section, Topic, Weekday};
pub use notices::{Broken, Button, Gone, NotFound, Notice, Policy};
pub use printed::Html;
pub use site::{
    Alternate, Dir, Faces, FeedLink, LanguageLink, Link, Meta, NavLink, OpenGraph, Picture, SignUp, Site, When,
};

/// Every kind of page that a reader can meet. The theme matches it without a wildcard.
#[derive(Debug, Clone)]
pub enum Page {
    Front(Front),
    Section(Section),
    Article(Box<Article>),
    Author(Author),
    Topic(Topic),
    Archive(Archive),
    Search(Search),
    Subscribe(Subscribe),
    Notice(Notice),
    Confirm(Confirm),
    Preferences(Box<Preferences>),
    Unsubscribe(Unsubscribe),
    Corrections(Corrections),
    Changes(Changes),
    Policy(Policy),
    NotFound(NotFound),
    Gone(Gone),
    Broken(Broken),
}
