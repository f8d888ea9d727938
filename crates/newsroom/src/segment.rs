//! A part of the subscribers, chosen by what they chose themselves: an editor's words, no query language.
//! Owns the rules and their limits. Never counts anybody.

use crate::language::Language;
use crate::refusal::Refusal;
use crate::slug::Slug;
use crate::time::{DAY, Timestamp, Zone};
use serde::{Deserialize, Serialize};

/// Values of one rule: sections, languages, zones or tags.
pub const VALUES_MAX: usize = 50;
pub const NAME_CHARACTERS_MAX: usize = 80;
/// Segments of one newsroom.
pub const SEGMENTS_MAX: usize = 200;
/// Tags of one person.
pub const TAGS_MAX: usize = 20;
/// The longest span of a rule about time.
const DAYS_MAX: u32 = 3_660;

/// What must be true of everybody in the segment. What is empty asks nothing; all that is set must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rules {
    /// Gets this newsletter.
    pub newsletter: Option<Slug>,
    /// Wants one of these sections; whoever wants all of them counts.
    pub sections: Vec<Slug>,
    /// Reads one of these languages, in whatever order.
    pub languages: Vec<Language>,
    /// IANA names.
    #[serde(with = "names")]
    pub zones: Vec<Zone>,
    /// Carries one of these tags.
    pub tags: Vec<Slug>,
    pub joined: Option<Span>,
    /// Confirmed, chose, paused or came back: what they did themselves.
    pub acted: Option<Span>,
}

/// Within the last days, or not within them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Span {
    Within(u32),
    NotWithin(u32),
}

impl Span {
    /// The moment at which it begins, seen from `now`, and whether the thing must be after it.
    pub fn since(self, now: Timestamp) -> (Timestamp, bool) {
        match self {
            Span::Within(days) => (now.plus(-i64::from(days) * DAY), true),
            Span::NotWithin(days) => (now.plus(-i64::from(days) * DAY), false),
        }
    }

    fn days(self) -> u32 {
        match self {
            Span::Within(days) | Span::NotWithin(days) => days,
        }
    }
}

impl Rules {
    /// Refuses lists and spans that are too long.
    pub fn check(&self) -> Result<(), Refusal> {
        let lists = [
            ("sections", self.sections.len()),
            ("languages", self.languages.len()),
            ("time zones", self.zones.len()),
            ("tags", self.tags.len()),
        ];
        for (what, count) in lists {
            if count > VALUES_MAX {
                return Err(Refusal::Limit { what, max: VALUES_MAX });
            }
        }
        if self.joined.iter().chain(&self.acted).any(|span| !(1..=DAYS_MAX).contains(&span.days())) {
            return Err(Refusal::Other(format!("Write a number of days from 1 to {DAYS_MAX}.")));
        }
        Ok(())
    }
}

/// Refuses a name that is empty or too long; gives it without spaces at its ends.
pub fn name(typed: &str) -> Result<String, Refusal> {
    let name = typed.split_whitespace().collect::<Vec<_>>().join(" ");
    match name.chars().count() {
        0 => Err(Refusal::Other("Give the segment a name.".into())),
        count if count > NAME_CHARACTERS_MAX => {
            Err(Refusal::Limit { what: "characters in a name", max: NAME_CHARACTERS_MAX })
        }
        _ => Ok(name),
    }
}

/// Zones are kept by name.
mod names {
    use super::Zone;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(zones: &[Zone], to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(zones.iter().map(Zone::name))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Zone>, D::Error> {
        let names = Vec::<String>::deserialize(from)?;
        let unknown = |name: &str| serde::de::Error::custom(format!("“{name}” is no time zone"));
        names.iter().map(|name| Zone::parse(name).ok_or_else(|| unknown(name))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_read_back_as_they_were_written() {
        let rules = Rules {
            newsletter: Slug::parse("daily-updates"),
            zones: vec![Zone::parse("Africa/Nairobi").unwrap()],
            languages: vec![Language::english()],
            joined: Some(Span::Within(30)),
            acted: Some(Span::NotWithin(365)),
            ..Rules::default()
        };
        let text = serde_json::to_string(&rules).unwrap();
        assert_eq!(serde_json::from_str::<Rules>(&text).unwrap(), rules);
        assert_eq!(serde_json::from_str::<Rules>("{}").unwrap(), Rules::default());
        assert!(serde_json::from_str::<Rules>(r#"{"zones":["Mars/Base"]}"#).is_err());
    }

    #[test]
    fn a_segment_has_limits() {
        let tags = (0..=VALUES_MAX).filter_map(|n| Slug::parse(&format!("t{n}"))).collect();
        assert!(Rules { tags, ..Rules::default() }.check().is_err());
        for days in [0, DAYS_MAX + 1] {
            assert!(Rules { joined: Some(Span::Within(days)), ..Rules::default() }.check().is_err(), "{days}");
        }
        assert!(Rules { acted: Some(Span::NotWithin(90)), ..Rules::default() }.check().is_ok());
        assert_eq!(name("  Kreyòl,   new ").unwrap(), "Kreyòl, new");
        assert!(name(" ").is_err() && name(&"x".repeat(81)).is_err());
    }
}
