//! What forms send, read into choices; and choices as they wait in the database for a button.

use crate::desk::Desk;
use crate::error::Error;
use crate::subscribe::SignUp;
use newsroom::language::Language;
use newsroom::publication::Newsletter;
use newsroom::refusal::Refusal;
use newsroom::slug::Slug;
use newsroom::subscriber::{BREAKING, Choices, Frequency, HOUR_DEFAULT, NEWSLETTERS_MAX};
use newsroom::time::Zone;
use serde::{Deserialize, Serialize};

/// What is to happen when the button is pressed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Wanted {
    languages: Vec<String>,
    sections: Vec<String>,
    zone: String,
    hour: i8,
    frequency: String,
    /// Slugs. Questions of the first version have none here: theirs stands beside.
    #[serde(default)]
    pub(super) newsletters: Vec<Slug>,
    /// The mails are to go to the address that was asked, instead of this: nothing else changes.
    #[serde(default)]
    pub(super) moves: bool,
    /// The new address, for as long as the question is open.
    #[serde(default)]
    pub(super) address: String,
}

impl Wanted {
    pub(super) fn of(choices: &Choices, newsletters: Vec<Slug>) -> Self {
        Self {
            languages: choices.languages.iter().map(ToString::to_string).collect(),
            sections: choices.sections.iter().map(ToString::to_string).collect(),
            zone: choices.zone.name().to_owned(),
            hour: choices.hour,
            frequency: choices.frequency.key(),
            newsletters,
            moves: false,
            address: String::new(),
        }
    }

    pub(super) fn to_move(choices: &Choices, address: &str) -> Self {
        Self { moves: true, address: address.to_owned(), ..Self::of(choices, Vec::new()) }
    }

    pub(super) fn read(what: &serde_json::Value) -> Option<Self> {
        serde_json::from_value(what.clone()).ok()
    }

    pub(super) fn choices(&self) -> Option<Choices> {
        Some(Choices {
            languages: self.languages.iter().filter_map(|tag| Language::parse(tag)).collect(),
            sections: self.sections.iter().filter_map(|slug| Slug::parse(slug)).collect(),
            zone: Zone::parse(&self.zone)?,
            hour: self.hour,
            frequency: Frequency::parse(&self.frequency)?,
        })
    }
}

impl Desk {
    /// The newsletter called `slug`, or the first one.
    pub(crate) fn newsletter(&self, slug: Option<&str>) -> Result<Newsletter, Error> {
        let paper = self.paper();
        let wanted = slug.and_then(|slug| paper.newsletter(slug)).or(paper.newsletters.first());
        wanted.cloned().ok_or(Error::Missing)
    }

    /// Those of `slugs` that can be subscribed to: the paper's newsletters and breaking news.
    pub(super) fn known_newsletters(&self, slugs: &[String]) -> Vec<Slug> {
        let paper = self.paper();
        let known = |slug: &Slug| slug.as_str() == BREAKING || paper.newsletter(slug.as_str()).is_some();
        let mut known: Vec<Slug> = slugs.iter().filter_map(|slug| Slug::parse(slug)).filter(known).collect();
        known.dedup();
        known.truncate(NEWSLETTERS_MAX);
        known
    }

    pub(super) fn choices_of_sign_up(&self, form: &SignUp) -> Result<Choices, Refusal> {
        let page = [form.page_language.clone()];
        let languages = if form.languages.iter().all(String::is_empty) { &page[..] } else { &form.languages };
        let (zone, hour) = (form.zone.as_deref().unwrap_or(""), form.hour.as_deref().unwrap_or(""));
        self.choices(languages, &form.sections, zone, hour, form.frequency.as_deref().unwrap_or(""))
    }

    /// Reads choices as forms send them; what is empty gets the house's default, what is wrong is refused.
    pub(super) fn choices(
        &self,
        languages: &[String],
        sections: &[String],
        zone: &str,
        hour: &str,
        frequency: &str,
    ) -> Result<Choices, Refusal> {
        let paper = self.paper();
        let mut chosen: Vec<Language> = Vec::new();
        for tag in languages.iter().filter(|tag| !tag.is_empty()) {
            let language = Language::parse(tag).ok_or_else(|| Refusal::LanguageNotValid(tag.clone()))?;
            if !chosen.contains(&language) {
                chosen.push(language);
            }
        }
        let known = |slug: &String| Slug::parse(slug).filter(|slug| paper.section(slug.as_str()).is_some());
        let mut sections: Vec<Slug> = sections.iter().filter_map(known).collect();
        sections.sort();
        sections.dedup();
        if sections.len() == paper.sections.len() {
            sections.clear(); // All of them: sections to come as well.
        }
        let zone = if zone.is_empty() { Some(paper.zone()) } else { Zone::parse(zone) };
        let choices = Choices {
            languages: chosen,
            sections,
            zone: zone.ok_or_else(|| Refusal::ZoneNotValid(String::new()))?,
            hour: if hour.is_empty() {
                HOUR_DEFAULT
            } else {
                hour.parse().map_err(|_| Refusal::HourNotValid(hour.chars().take(20).collect()))?
            },
            frequency: Frequency::parse(frequency).unwrap_or(Frequency::Daily),
        };
        choices.check()?;
        Ok(choices)
    }
}
