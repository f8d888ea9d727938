//! Instants, zones and local days.
//! Owns the arithmetic of "07:00 where Rose lives". Never reads a clock.

use jiff::civil;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

pub const SECOND: i64 = 1_000_000;
pub const MINUTE: i64 = 60 * SECOND;
pub const HOUR: i64 = 60 * MINUTE;
pub const DAY: i64 = 24 * HOUR;

/// Microseconds since 1970-01-01 UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// This instant moved by `micros`; stays inside the years 1 to 9999.
    #[must_use]
    pub fn plus(self, micros: i64) -> Self {
        Self(self.0.saturating_add(micros))
    }

    /// Reads RFC 3339 (`2025-08-22T18:40:00+03:00`). A date alone is its midnight UTC.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Ok(instant) = text.parse::<jiff::Timestamp>() {
            return Some(Self(instant.as_microsecond()));
        }
        let date = text.parse::<civil::Date>().ok()?;
        Some(Self(date.to_zoned_datetime(TimeZone::UTC).ok()?.timestamp().as_microsecond()))
    }

    /// RFC 3339 in UTC, to the second.
    pub fn rfc3339(self) -> String {
        self.instant().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
    }

    fn instant(self) -> jiff::Timestamp {
        jiff::Timestamp::from_microsecond(self.0).unwrap_or(if self.0 < 0 {
            jiff::Timestamp::MIN
        } else {
            jiff::Timestamp::MAX
        })
    }
}

/// A day of the calendar, wherever it is lived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(civil::Date);

impl Day {
    pub fn new(year: i16, month: i8, day: i8) -> Option<Self> {
        civil::Date::new(year, month, day).ok().map(Self)
    }

    /// `yyyy-mm-dd`, as the database and addresses have it.
    pub fn parse(text: &str) -> Option<Self> {
        (text.len() == 10).then(|| text.parse().ok().map(Self))?
    }

    pub fn year(self) -> i16 {
        self.0.year()
    }

    pub fn month(self) -> i8 {
        self.0.month()
    }

    pub fn day(self) -> i8 {
        self.0.day()
    }

    /// Monday 1 to Sunday 7 (ISO 8601).
    pub fn weekday(self) -> i8 {
        self.0.weekday().to_monday_one_offset()
    }

    /// The day `days` later; stays in the calendar's range.
    #[must_use]
    pub fn plus(self, days: i64) -> Self {
        Self(self.0.saturating_add(jiff::Span::new().days(days.clamp(-3_000_000, 3_000_000))))
    }
}

impl std::fmt::Display for Day {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year(), self.month(), self.day())
    }
}

/// An instant as people in one zone read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Local {
    pub day: Day,
    pub hour: i8,
    pub minute: i8,
    pub second: i8,
    /// `EAT`, `CET`, or `+0545` where nobody made a name.
    pub abbreviation: String,
    /// `+03:00`, for `datetime` attributes.
    pub offset: String,
}

impl Local {
    /// `2025-08-22T18:40:00+03:00` (RFC 3339).
    pub fn rfc3339(&self) -> String {
        format!("{}T{:02}:{:02}:{:02}{}", self.day, self.hour, self.minute, self.second, self.offset)
    }
}

/// An IANA time zone. Read once at the door; every `Zone` is one we know.
#[derive(Clone, PartialEq, Eq)]
pub struct Zone(TimeZone);

impl std::fmt::Debug for Zone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Zone({})", self.name())
    }
}

impl Zone {
    pub fn utc() -> Self {
        Self(TimeZone::UTC)
    }

    /// `Africa/Nairobi`. `None` for names the time zone database does not have.
    pub fn parse(name: &str) -> Option<Self> {
        let plain = |c: char| c.is_ascii_alphanumeric() || "/_+-".contains(c);
        if name.is_empty() || name.len() > 64 || !name.chars().all(plain) {
            return None;
        }
        TimeZone::get(name).ok().map(Self)
    }

    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    pub fn local(&self, at: Timestamp) -> Local {
        let zoned = at.instant().to_zoned_datetime(self.0.clone());
        Local {
            day: Day(zoned.date()),
            hour: zoned.hour(),
            minute: zoned.minute(),
            second: zoned.second(),
            abbreviation: zoned.strftime("%Z").to_string(),
            offset: zoned.strftime("%:z").to_string(),
        }
    }

    pub fn day(&self, at: Timestamp) -> Day {
        Day(at.instant().to_zoned_datetime(self.0.clone()).date())
    }

    /// The instant at which this zone's clocks show `hour`:`minute` on `day`. An hour that a clock
    /// change skips is moved on by the change; an hour that comes twice is taken the first time:
    /// so every local day has exactly one.
    pub fn at(&self, day: Day, hour: i8, minute: i8) -> Timestamp {
        let clock = day.0.at(hour.clamp(0, 23), minute.clamp(0, 59), 0, 0);
        let zoned = self.0.to_ambiguous_zoned_datetime(clock).compatible();
        Timestamp(zoned.map_or(0, |zoned| zoned.timestamp().as_microsecond()))
    }

    /// First instant of `day` and first instant after it.
    pub fn bounds(&self, day: Day) -> (Timestamp, Timestamp) {
        (self.at(day, 0, 0), self.at(day.plus(1), 0, 0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(zone: &str, day: &str, hour: i8, utc: &str) {
        let zone = Zone::parse(zone).unwrap();
        assert_eq!(zone.at(Day::parse(day).unwrap(), hour, 0).rfc3339(), utc, "{zone:?} {day} {hour}");
    }

    #[test]
    fn every_local_day_has_exactly_one_of_each_hour() {
        check("Africa/Nairobi", "2025-08-22", 7, "2025-08-22T04:00:00Z");
        check("Asia/Kathmandu", "2025-08-22", 7, "2025-08-22T01:15:00Z");
        check("America/Port-au-Prince", "2026-03-08", 2, "2026-03-08T07:00:00Z"); // skipped: 3 o'clock
        check("Europe/Paris", "2026-10-25", 2, "2026-10-25T00:00:00Z"); // twice: the first
        check("Australia/Lord_Howe", "2026-10-04", 2, "2026-10-03T15:30:00Z"); // half an hour
    }

    #[test]
    fn only_zones_we_know_are_zones() {
        for name in ["", "Mars/Olympus", "../etc/passwd", "Africa/Nairobi\n", &"A".repeat(99)] {
            assert!(Zone::parse(name).is_none(), "{name}");
        }
        assert_eq!(Zone::parse("Africa/Nairobi").unwrap().name(), "Africa/Nairobi");
    }

    #[test]
    fn a_time_is_shown_with_its_zone() {
        let at = Timestamp::parse("2025-08-22T18:40:00+03:00").unwrap();
        let local = Zone::parse("Africa/Nairobi").unwrap().local(at);
        assert_eq!((local.rfc3339().as_str(), local.abbreviation.as_str()), ("2025-08-22T18:40:00+03:00", "EAT"));
        assert_eq!(local.day.weekday(), 5);
    }
}
