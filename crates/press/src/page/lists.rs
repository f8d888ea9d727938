//! Pages that list: section, topic, author, archive, corrections.

use serde::Serialize;

use super::{Card, Lead, Link, Meta, When};

/// The articles of one day (or, on an author's page, of one month).
#[derive(Debug, Clone, Default, Serialize)]
pub struct Day {
    pub title: String,
    pub datetime: String,
    pub href: Option<String>,
    pub cards: Vec<Card>,
}

/// The page of a section.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Section {
    pub meta: Meta,
    pub name: String,
    pub description: Option<String>,
    pub feed_href: String,
    pub lead: Option<Lead>,
    pub side: Vec<Card>,
    pub days: Vec<Day>,
    pub older: Option<Link>,
    pub newer: Option<Link>,
    /// "All of International by date".
    pub archive: Option<Link>,
}

/// The page of a topic.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Topic {
    pub meta: Meta,
    pub name: String,
    pub description: Option<String>,
    /// "12 articles".
    pub count: Option<String>,
    pub feed_href: String,
    pub days: Vec<Day>,
    pub older: Option<Link>,
    pub newer: Option<Link>,
}

/// The page of somebody who writes.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Author {
    pub meta: Meta,
    pub name: String,
    pub role: Option<String>,
    /// What is known about the person, a paragraph each.
    pub about: Vec<String>,
    pub initial: String,
    pub avatar: Option<String>,
    /// Ways to write to the person.
    pub links: Vec<Link>,
    pub count: Option<String>,
    pub feed_href: String,
    pub days: Vec<Day>,
    pub older: Option<Link>,
    pub newer: Option<Link>,
}

/// One square of a month.
#[derive(Debug, Clone, Default, Serialize)]
pub struct CalendarDay {
    /// "22"; empty for squares outside the month.
    pub number: String,
    /// None where nothing was published.
    pub href: Option<String>,
    /// "12 articles", read aloud and shown under the number.
    pub count: Option<String>,
    pub current: bool,
}

/// The name of a day of the week.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Weekday {
    pub short: String,
    /// Read aloud.
    pub whole: String,
}

/// A month, week by week.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Calendar {
    pub caption: String,
    /// Seven names, first day of the week first.
    pub weekdays: Vec<Weekday>,
    pub weeks: Vec<Vec<CalendarDay>>,
}

/// The archive: one day's articles, or a month as a calendar, or both.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Archive {
    pub meta: Meta,
    pub title: String,
    pub calendar: Option<Calendar>,
    pub days: Vec<Day>,
    /// Said when nothing was published: a whole sentence.
    pub empty: Option<String>,
    pub earlier: Option<Link>,
    pub later: Option<Link>,
    /// Where a day of many articles goes on, and its beginning.
    pub older: Option<Link>,
    pub newer: Option<Link>,
    /// The way here: from a day to its year and month, from a month to the archive and its year.
    pub up: Vec<Link>,
    /// Months with articles: those of a year, or the others of the same year.
    pub months: Vec<Link>,
    /// The months are all of a year, and the page's matter.
    pub is_year: bool,
    /// Other years with articles, the latest first.
    pub years: Vec<Link>,
}

/// One correction or withdrawal.
#[derive(Debug, Clone, Default, Serialize)]
pub struct CorrectionLine {
    pub when: When,
    /// "Correction", "Withdrawn".
    pub label: String,
    pub headline: String,
    /// None where the article is gone.
    pub href: Option<String>,
    /// What was wrong and what is right, or why it was withdrawn.
    pub text: String,
}

/// All corrections, newest first.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Corrections {
    pub meta: Meta,
    pub lines: Vec<CorrectionLine>,
    /// Where to report an error.
    pub report: Option<Link>,
    pub feed_href: String,
    pub older: Option<Link>,
    pub newer: Option<Link>,
}
