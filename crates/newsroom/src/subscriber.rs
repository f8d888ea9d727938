//! A person with a confirmed address and choices.
//! Owns what an address is, what may be chosen and when mail may be sent. Never speaks SMTP.

use crate::id::SubscriberId;
use crate::language::Language;
use crate::refusal::Refusal;
use crate::slug::Slug;
use crate::time::{Day, Timestamp, Zone};

pub const ADDRESS_BYTES_MAX: usize = 254;
/// The hour at which a morning begins unless somebody chooses another.
pub const HOUR_DEFAULT: i8 = 7;
pub const LANGUAGES_MAX: usize = 6;
/// What subscribers choose beside the newsletters: news that does not wait for the morning.
pub const BREAKING: &str = "breaking";
/// Why an address is suppressed whose owner was erased: no list brings it back, its owner may.
pub const ERASED: &str = "erased";
/// Newsletters one person may ask for at once.
pub const NEWSLETTERS_MAX: usize = 20;
pub const SECTIONS_MAX: usize = 50;

/// An email address we could write to (RFC 5321 §4.1.2 without quoted strings and literals;
/// letters beyond ASCII as in RFC 6531). The domain is lower case.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Address(String);

/// Addresses never reach logs, so `Debug` hides them.
impl std::fmt::Debug for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Address(…)")
    }
}

impl Address {
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let text = text.trim();
        let no = || Refusal::AddressNotValid(text.chars().take(80).collect());
        let (local, domain) = text.rsplit_once('@').ok_or_else(no)?;
        let domain = domain.to_lowercase();
        if text.len() > ADDRESS_BYTES_MAX || !local_fits(local) || !domain_fits(&domain) {
            return Err(no());
        }
        Ok(Self(format!("{local}@{domain}")))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What makes two addresses the same mailbox for us: lower case. Dots and plus signs count:
    /// whether they matter is the receiving side's secret.
    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }

    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }

    /// `r…@example.ht`: enough for its owner to recognise, not for anybody else to write to.
    pub fn masked(&self) -> String {
        let first = self.0.chars().next().unwrap_or('…');
        format!("{first}…@{}", self.domain())
    }
}

fn local_fits(local: &str) -> bool {
    let fine = |c: char| {
        c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c) || (!c.is_ascii() && c.is_alphanumeric())
    };
    !local.is_empty()
        && local.len() <= 64
        && local.chars().all(fine)
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
}

fn domain_fits(domain: &str) -> bool {
    let label = |part: &str| {
        !part.is_empty()
            && part.len() <= 63
            && part.chars().all(|c| c.is_alphanumeric() || c == '-')
            && !part.starts_with('-')
            && !part.ends_with('-')
    };
    let parts: Vec<&str> = domain.split('.').collect();
    domain.len() <= 253
        && parts.len() >= 2
        && parts.iter().all(|part| label(part))
        && parts.last().is_some_and(|top| top.chars().count() >= 2 && !top.chars().all(|c| c.is_ascii_digit()))
}

/// How often the daily edition may come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Frequency {
    Daily,
    Weekdays,
    /// Once a week, on this day: Monday 1 to Sunday 7.
    Weekly(i8),
}

impl Frequency {
    /// As stored: `daily`, `weekdays`, `weekly-6`.
    pub fn key(self) -> String {
        match self {
            Frequency::Daily => "daily".into(),
            Frequency::Weekdays => "weekdays".into(),
            Frequency::Weekly(day) => format!("weekly-{day}"),
        }
    }

    pub fn parse(key: &str) -> Option<Self> {
        match key {
            "daily" => Some(Frequency::Daily),
            "weekdays" => Some(Frequency::Weekdays),
            _ => {
                let day = key.strip_prefix("weekly-")?.parse().ok()?;
                (1..=7).contains(&day).then_some(Frequency::Weekly(day))
            }
        }
    }

    /// How many days back an edition may reach for what this reader has not had.
    pub fn reach_days(self) -> i64 {
        match self {
            Frequency::Daily => 3,
            Frequency::Weekdays => 4,
            Frequency::Weekly(_) => 8,
        }
    }

    /// Whether an edition may come on `day`.
    pub fn includes(self, day: Day) -> bool {
        match self {
            Frequency::Daily => true,
            Frequency::Weekdays => day.weekday() <= 5,
            Frequency::Weekly(wanted) => day.weekday() == wanted,
        }
    }
}

/// What a subscriber asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choices {
    /// In order of preference; never empty.
    pub languages: Vec<Language>,
    /// Empty = all sections.
    pub sections: Vec<Slug>,
    pub zone: Zone,
    /// Local hour, 0 to 23.
    pub hour: i8,
    pub frequency: Frequency,
}

impl Choices {
    pub fn check(&self) -> Result<(), Refusal> {
        if self.languages.is_empty() {
            return Err(Refusal::NothingChosen);
        }
        if self.languages.len() > LANGUAGES_MAX {
            return Err(Refusal::Limit { what: "languages", max: LANGUAGES_MAX });
        }
        if self.sections.len() > SECTIONS_MAX {
            return Err(Refusal::Limit { what: "sections", max: SECTIONS_MAX });
        }
        if !(0..=23).contains(&self.hour) {
            return Err(Refusal::HourNotValid(self.hour.to_string()));
        }
        Ok(())
    }

    pub fn wants(&self, section: &Slug) -> bool {
        self.sections.is_empty() || self.sections.contains(section)
    }

    /// When the edition of `day` is due: this hour on that local day.
    pub fn due(&self, day: Day) -> Timestamp {
        self.zone.at(day, self.hour, 0)
    }
}

/// A person on the list, with the times that say whether we may write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscriber {
    pub id: SubscriberId,
    pub address: Address,
    pub name: String,
    pub choices: Choices,
    pub created_at: Timestamp,
    pub confirmed_at: Option<Timestamp>,
    pub unsubscribed_at: Option<Timestamp>,
    pub paused_until: Option<Timestamp>,
}

impl Subscriber {
    /// Whether an edition may be sent at `now`: confirmed, not left, not paused. Suppression is
    /// asked of the store, again at the envelope.
    pub fn receives(&self, now: Timestamp) -> bool {
        self.confirmed_at.is_some()
            && self.unsubscribed_at.is_none()
            && self.paused_until.is_none_or(|until| until <= now)
    }
}

/// One line of the consent ledger: what somebody agreed to or took back, and how we know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    pub subscriber: SubscriberId,
    pub at: Timestamp,
    pub act: ConsentAct,
    /// Version of the sentence that was shown.
    pub text_version: String,
    /// Network only: the last part of the address is cut off.
    pub network: Option<String>,
    /// `form`, `import FILE: SOURCE`, `one-click`, `preferences`.
    pub method: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConsentAct {
    Asked,
    Confirmed,
    Imported,
    Changed,
    Paused,
    Resumed,
    /// The mails go to another address of theirs.
    Moved,
    /// Got a copy of everything we keep.
    Exported,
    Left,
    Erased,
}

impl ConsentAct {
    pub const ALL: [ConsentAct; 10] = [
        ConsentAct::Asked,
        ConsentAct::Confirmed,
        ConsentAct::Imported,
        ConsentAct::Changed,
        ConsentAct::Paused,
        ConsentAct::Resumed,
        ConsentAct::Moved,
        ConsentAct::Exported,
        ConsentAct::Left,
        ConsentAct::Erased,
    ];

    pub fn key(self) -> &'static str {
        match self {
            ConsentAct::Asked => "asked",
            ConsentAct::Confirmed => "confirmed",
            ConsentAct::Imported => "imported",
            ConsentAct::Changed => "changed",
            ConsentAct::Paused => "paused",
            ConsentAct::Resumed => "resumed",
            ConsentAct::Moved => "moved",
            ConsentAct::Exported => "exported",
            ConsentAct::Left => "left",
            ConsentAct::Erased => "erased",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_address_is_something_we_could_write_to() {
        for good in
            ["rose@example.ht", "o'neil+news@mail.example.org", "josé@correo.example", "a@b.co", "x_y@exämple.de"]
        {
            assert!(Address::parse(good).is_ok(), "{good}");
        }
        let long = format!("{}@example.org", "a".repeat(65));
        for bad in [
            "",
            "rose",
            "@example.ht",
            "rose@",
            "rose@ht",
            "rose@@example.ht",
            ".rose@example.ht",
            "ro..se@example.ht",
            "rose@-a.ht",
            "rose@a..ht",
            "rose@127.0.0.1",
            "rose@[127.0.0.1]",
            "a b@example.ht",
            "a\nb@example.ht",
            "rose@example.ht\r\nBcc: x@example.ht",
            "\"a b\"@example.ht",
            "<rose@example.ht>",
            long.as_str(),
        ] {
            assert!(Address::parse(bad).is_err(), "{bad}");
        }
        assert_eq!(Address::parse(" Rose@Example.HT ").unwrap().as_str(), "Rose@example.ht");
    }

    #[test]
    fn an_address_never_reaches_a_log() {
        let address = Address::parse("rose@example.ht").unwrap();
        assert!(!format!("{address:?}").contains("rose"));
        assert_eq!(address.masked(), "r…@example.ht");
    }

    #[test]
    fn an_edition_comes_on_the_days_that_were_chosen() {
        let saturday = Day::parse("2025-08-23").unwrap();
        assert!(Frequency::Daily.includes(saturday));
        assert!(!Frequency::Weekdays.includes(saturday));
        assert!(Frequency::Weekly(6).includes(saturday));
        for frequency in [Frequency::Daily, Frequency::Weekdays, Frequency::Weekly(3)] {
            assert_eq!(Frequency::parse(&frequency.key()), Some(frequency));
        }
        assert_eq!(Frequency::parse("weekly-8"), None);
    }

    proptest! {
        #[test]
        fn what_is_an_address_has_no_control_characters_or_spaces(text in "\\PC{0,40}@\\PC{0,40}") {
            if let Ok(address) = Address::parse(&text) {
                prop_assert!(!address.as_str().chars().any(|c| c.is_control() || c.is_whitespace() || "<>,;:\"()".contains(c)));
                prop_assert_eq!(Address::parse(address.as_str()).unwrap(), address);
            }
        }
    }
}
