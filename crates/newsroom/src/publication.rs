//! What the newsroom decided about its paper: names, sections, languages, zone, house rules.
//! Kept as one value, edited on a page; never what the machine needs (that is `masthead.toml`).

use crate::delivery::Promise;
use crate::id::PictureId;
use crate::language::Language;
use crate::machines::Machines;
use crate::refusal::Refusal;
use crate::slug::Slug;
use crate::time::Zone;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A name per language code; the first language of the publication stands in where one is missing.
pub type Names = BTreeMap<String, String>;

/// The paper's settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Publication {
    pub name: String,
    /// Where it is published: the date line of the front page.
    pub place: String,
    /// IANA name; readers see newsroom times in it.
    pub zone: String,
    /// The first is the one without a prefix in its addresses.
    pub languages: Vec<String>,
    pub taglines: Names,
    pub descriptions: Names,
    /// Where readers write to.
    pub contact: String,
    /// Printed in every mail.
    pub postal_address: String,
    /// Drawn beside the name: SVG path data (SVG 2 §9.3) in a box of 24 by 24, stroked in the ink.
    pub logo: Option<String>,
    pub accent: Option<String>,
    pub mark: Option<String>,
    pub accent_dark: Option<String>,
    pub mark_dark: Option<String>,
    pub faces: crate::look::Faces,
    /// Whether browsers are offered to keep what somebody read, for when there is no network.
    pub offline: bool,
    pub house: House,
    pub machines: Machines,
}

/// House rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct House {
    /// An edition nobody approved is sent by itself, labelled "assembled automatically".
    pub send_unapproved: bool,
    /// Fewest items of an edition; below it a subscriber gets nothing that day, counted.
    pub items_min: usize,
    /// Most items one subscriber gets.
    pub items_max: usize,
    /// Minutes before a local hour at which an edition must be approved.
    pub approval_minutes: i64,
    /// Breaking news is sent by another editor than the one who wrote it.
    pub breaking_by_two: bool,
}

/// An edition is never approved earlier than this before its hour: what happened in between would be missing.
pub const APPROVAL_MINUTES_MAX: i64 = 240;
/// Most articles one subscriber can be sent in an edition: more, and mail programs cut the letter off.
pub const EDITION_ITEMS_MAX: usize = 40;

impl House {
    /// Refused with a sentence where no edition could keep to it.
    pub fn fits(&self) -> Result<(), Refusal> {
        if !(0..=APPROVAL_MINUTES_MAX).contains(&self.approval_minutes) {
            return Err(Refusal::Other(format!(
                "An edition is approved at most {APPROVAL_MINUTES_MAX} minutes before its hour, and not after it."
            )));
        }
        if self.items_max > EDITION_ITEMS_MAX {
            return Err(Refusal::Limit { what: "articles in an edition", max: EDITION_ITEMS_MAX });
        }
        if self.items_min == 0 || self.items_min > self.items_max {
            return Err(Refusal::Other(format!(
                "Nobody could get an edition of {} articles at least and {} at most. The least is one.",
                self.items_min, self.items_max
            )));
        }
        Ok(())
    }
}

impl Default for House {
    fn default() -> Self {
        Self { send_unapproved: false, items_min: 2, items_max: 12, approval_minutes: 10, breaking_by_two: false }
    }
}

impl Default for Publication {
    fn default() -> Self {
        Self {
            name: "New Publication".into(),
            place: String::new(),
            zone: "UTC".into(),
            languages: vec!["en".into()],
            taglines: Names::new(),
            descriptions: Names::new(),
            contact: String::new(),
            postal_address: String::new(),
            logo: None,
            accent: None,
            mark: None,
            accent_dark: None,
            mark_dark: None,
            faces: crate::look::Faces::default(),
            offline: false,
            house: House::default(),
            machines: Machines::default(),
        }
    }
}

/// A section: where an article stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    pub slug: Slug,
    pub names: Names,
}

/// A topic: what an article is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Topic {
    pub slug: Slug,
    pub names: Names,
}

/// Somebody whose name stands above articles; needs no account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    pub slug: Slug,
    pub name: String,
    #[serde(default)]
    pub title: String,
    #[serde(default)]
    pub place: String,
    #[serde(default)]
    pub bios: Names,
    /// The portrait.
    #[serde(default)]
    pub picture: Option<PictureId>,
}

/// Something one can subscribe to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Newsletter {
    pub slug: Slug,
    pub names: Names,
    #[serde(default)]
    pub descriptions: Names,
    /// What is done with an issue of which nobody can know whether it arrived.
    #[serde(default)]
    pub promise: Promise,
}

impl Publication {
    pub fn zone(&self) -> Zone {
        Zone::parse(&self.zone).unwrap_or_else(Zone::utc)
    }

    pub fn languages(&self) -> Vec<Language> {
        let mut all: Vec<Language> = self.languages.iter().filter_map(|tag| Language::parse(tag)).collect();
        if all.is_empty() {
            all.push(Language::english());
        }
        all
    }

    /// The logo's path, if it is nothing but a path.
    pub fn logo_path(&self) -> Option<&str> {
        self.logo.as_deref().filter(|path| crate::look::drawing(path).is_ok_and(|drawn| drawn.is_some()))
    }

    /// The language whose addresses have no prefix.
    pub fn main_language(&self) -> Language {
        self.languages().swap_remove(0)
    }

    /// The path of something in `language`: `/x` in the main language, `/fr/x` in another.
    pub fn path(&self, language: &Language, rest: &str) -> String {
        if *language == self.main_language() { rest.to_owned() } else { format!("/{language}{rest}") }
    }
}

/// The name in `language`, else in the main language, else whatever there is, else the slug's words.
pub fn name_in<'a>(names: &'a Names, language: &Language, main: &Language, slug: &'a Slug) -> &'a str {
    names
        .get(language.code())
        .or_else(|| names.get(language.primary()))
        .or_else(|| names.get(main.code()))
        .or_else(|| names.values().next())
        .map_or(slug.as_str(), String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_logo_is_a_drawing_and_nothing_else() {
        let logo = |path: &str| Publication { logo: Some(path.into()), ..Publication::default() };
        assert!(logo("M2 15h20M6 15a6 6 0 0 1 12 0").logo_path().is_some());
        for bad in ["", "h20", "M0 0\"/><script>", "M0 0&#34;", "Murl(x)"] {
            assert_eq!(logo(bad).logo_path(), None, "{bad}");
        }
    }
}
