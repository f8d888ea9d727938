//! The sheet a page is printed on: the newsroom's settings, the language, the zone and the time it is printed.
//! Makes addresses, dates and heads for presenters. Asks no store.

use std::sync::Arc;

use desk::Paper;
use newsroom::language::Language;
use newsroom::publication::{Names, name_in};
use newsroom::slug::Slug;
use newsroom::time::{Local, Timestamp, Zone};
use press::page::{Alternate, FeedLink, Link, Meta, OpenGraph, Page, Site, When};
use press::words::{Civil, Words};

use super::card;
use crate::address::{self, FeedKind, FeedOf, Place};
use crate::cache::{Kept, Moment};
use crate::printed::{HTML, Printed};
use crate::site::Web;

/// Everything a presenter needs beside its rows.
#[derive(Clone)]
pub(crate) struct Sheet {
    pub(crate) web: Web,
    pub(crate) paper: Arc<Paper>,
    pub(crate) language: Language,
    pub(crate) main: Language,
    pub(crate) words: Arc<Words>,
    pub(crate) zone: Zone,
    pub(crate) moment: Moment,
    pub(crate) site: Arc<Site>,
}

impl Sheet {
    /// A sheet in `language`, at `moment`.
    pub(crate) fn new(web: &Web, paper: Arc<Paper>, language: Language, moment: Moment) -> Sheet {
        let words = web.desk().theme().words(language.code()).clone();
        let (main, zone) = (paper.publication.main_language(), paper.zone());
        let bare = Sheet { web: web.clone(), paper, language, main, words, zone, moment, site: Arc::default() };
        let site = web.sites().of(&bare);
        Sheet { site, ..bare }
    }

    /// The same publication in another language.
    pub(crate) fn in_language(&self, language: &Language) -> Sheet {
        if *language == self.language {
            return self.clone();
        }
        Sheet::new(&self.web, self.paper.clone(), language.clone(), self.moment)
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.moment.now
    }

    pub(crate) fn say(&self, key: &str, with: &[(&str, &str)]) -> String {
        self.words.say(key, with)
    }

    /// A place's path on this site in this sheet's language, ready for a link.
    pub(crate) fn href(&self, place: &Place) -> String {
        self.href_in(&self.language, place)
    }

    /// The same in another language.
    pub(crate) fn href_in(&self, language: &Language, place: &Place) -> String {
        address::encode(&place.path(language, &self.paper.publication))
    }

    /// A place's whole address.
    pub(crate) fn url(&self, place: &Place) -> String {
        format!("{}{}", self.web.desk().public_url(), self.href(place))
    }

    /// The whole address of a path.
    pub(crate) fn whole(&self, path: &str) -> String {
        format!("{}{path}", self.web.desk().public_url())
    }

    /// A name of the newsroom's in this sheet's language.
    pub(crate) fn name<'a>(&self, names: &'a Names, slug: &'a Slug) -> &'a str {
        name_in(names, &self.language, &self.main, slug)
    }

    /// A text of the newsroom's in this sheet's language, else in the main one; None where none was written.
    pub(crate) fn text(&self, texts: &Names) -> Option<String> {
        let found = texts.get(self.language.code()).or_else(|| texts.get(self.main.code()));
        found.filter(|text| !text.trim().is_empty()).cloned()
    }

    /// What a section is called here.
    pub(crate) fn section_name(&self, slug: &Slug) -> String {
        self.paper.section_name(slug, &self.language)
    }

    /// The first newsletter's name, for everything that offers one.
    pub(crate) fn newsletter_name(&self) -> String {
        self.paper.newsletters.first().map_or_else(String::new, |first| self.name(&first.names, &first.slug).to_owned())
    }

    // dates

    pub(crate) fn local(&self, at: Timestamp) -> Local {
        self.zone.local(at)
    }

    /// "Monday 25 August 2025, 18:40 EAT".
    pub(crate) fn moment_long(&self, at: Timestamp) -> When {
        let local = self.local(at);
        When::new(local.rfc3339(), self.words.date_long(&civil(&local), &local.abbreviation))
    }

    /// In a list: "Today 18:40", "Mon 25 August, 18:40" this year, "25 August 2025" before.
    pub(crate) fn moment_line(&self, at: Timestamp) -> When {
        let (local, today) = (self.local(at), self.zone.day(self.now()));
        let shown = civil(&local);
        let text = if local.day == today {
            self.say("today_at", &[("time", &self.words.time(&shown))])
        } else if local.day.year() == today.year() {
            self.words.date_line(&shown)
        } else {
            self.words.day(&shown)
        };
        When::new(local.rfc3339(), text)
    }

    /// First moment of tomorrow in the newsroom's zone: when "today" is over.
    pub(crate) fn midnight(&self) -> Timestamp {
        self.zone.bounds(self.zone.day(self.now())).1
    }

    // heads

    /// The head of a page that stands at `place`, with its feeds. Without a description of its own: what the paper is.
    pub(crate) fn meta(&self, place: &Place, title: &str, description: &str) -> Meta {
        let site = &self.site;
        let description = match (description, site.tagline.as_str()) {
            ("", "") => format!("{title} – {}", site.name),
            ("", tagline) => format!("{title} – {}. {tagline}", site.name),
            (own, _) => own.to_owned(),
        };
        let of = feed_of(place);
        let mut og = OpenGraph {
            kind: "website".into(),
            title: title.to_owned(),
            description: description.clone(),
            ..OpenGraph::default()
        };
        if let Some(card) = card::beside(self, of.as_ref().unwrap_or(&FeedOf::Site), title) {
            card.put_into(&mut og);
        }
        Meta {
            title: title.to_owned(),
            description,
            canonical: Some(self.url(place)),
            feeds: of.map_or_else(Vec::new, |of| self.feeds(&of, title)),
            og: Some(og),
            ..Meta::default()
        }
    }

    fn feeds(&self, of: &FeedOf, title: &str) -> Vec<FeedLink> {
        let link = |kind: FeedKind, media_type: &str| FeedLink {
            title: format!("{title} – {}", self.site.name),
            href: self.href(&Place::Feed(of.clone(), kind)),
            media_type: media_type.to_owned(),
        };
        vec![
            link(FeedKind::Rss, "application/rss+xml"),
            link(FeedKind::Atom, "application/atom+xml"),
            link(FeedKind::Json, "application/feed+json"),
        ]
    }

    /// The same place in every language of the publication, for search engines.
    pub(crate) fn alternates(&self, place: &Place) -> Vec<Alternate> {
        let languages = self.paper.publication.languages();
        if languages.len() < 2 {
            return Vec::new();
        }
        let one = |language: &Language| Alternate {
            language: language.code().to_owned(),
            href: self.whole(&self.href_in(language, place)),
        };
        let default = Alternate { language: "x-default".into(), ..one(&self.main) };
        languages.iter().map(one).chain([default]).collect()
    }

    /// A link in the menu of policies and the like.
    pub(crate) fn link(&self, text: impl Into<String>, place: &Place) -> Link {
        Link::new(text, self.href(place))
    }

    // printing

    /// The page as HTML.
    pub(crate) fn html(&self, page: &Page) -> Result<String, String> {
        self.web.desk().theme().print(&self.site, page).map_err(|error| error.to_string())
    }

    /// The page as HTML with a section marked in the menu.
    pub(crate) fn html_at(&self, section: &Slug, page: &Page) -> Result<String, String> {
        self.html_on(&self.site.standing_at(&self.href(&Place::Section(section.clone()))), page)
    }

    /// The page as HTML with a site of its own around it.
    pub(crate) fn html_on(&self, site: &Site, page: &Page) -> Result<String, String> {
        self.web.desk().theme().print(site, page).map_err(|error| error.to_string())
    }

    /// A page to keep until the day is over or the stamp of its form is stale.
    pub(crate) fn keep(&self, html: String) -> Kept {
        let until = self.midnight().min(self.now().plus(super::sites::SITE_MICROS_MAX));
        Kept::new(Printed::new(HTML, html), self.moment.version).until(until)
    }
}

/// Which feed holds what a page shows.
fn feed_of(place: &Place) -> Option<FeedOf> {
    match place {
        Place::Front => Some(FeedOf::Site),
        Place::Section(slug) => Some(FeedOf::Section(slug.clone())),
        Place::Topic(slug) => Some(FeedOf::Topic(slug.clone())),
        Place::Author(slug) => Some(FeedOf::Author(slug.clone())),
        Place::Corrections => Some(FeedOf::Corrections),
        _ => None,
    }
}

/// A local time in the words' terms.
pub(crate) fn civil(local: &Local) -> Civil {
    Civil { hour: small(local.hour), minute: small(local.minute), ..civil_day(local.day) }
}

/// A day in the words' terms.
pub(crate) fn civil_day(day: newsroom::time::Day) -> Civil {
    Civil {
        year: i32::from(day.year()),
        month: small(day.month()),
        day: small(day.day()),
        hour: 0,
        minute: 0,
        weekday: small(day.weekday()),
    }
}

fn small(number: i8) -> u8 {
    u8::try_from(number).unwrap_or(0)
}
