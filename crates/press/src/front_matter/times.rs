//! Reads the times people write into front matter.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

/// A point in time as front matter gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Microseconds since 1970-01-01T00:00:00Z.
    pub at: i64,
    /// Only a day was written: `at` is its first moment in UTC, and the publication's own zone may say otherwise.
    pub day_only: bool,
    /// No zone was written: `at` takes the time as UTC.
    pub no_zone: bool,
}

/// RFC 3339, the same with a space, with or without a zone, or a day alone.
pub(super) fn read(text: &str) -> Option<Moment> {
    let text = text.trim();
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(Moment { at: at.as_microsecond(), day_only: false, no_zone: false });
    }
    for format in ["%Y-%m-%d %H:%M:%S %z", "%Y-%m-%d %H:%M %z", "%Y-%m-%d %H:%M:%S %:z", "%Y-%m-%d %H:%M %:z"] {
        let at = jiff::fmt::strtime::parse(format, text).ok().and_then(|time| time.to_timestamp().ok());
        if let Some(at) = at {
            return Some(Moment { at: at.as_microsecond(), day_only: false, no_zone: false });
        }
    }
    let day_only = text.len() <= 10;
    let civil: DateTime =
        if day_only { text.parse::<Date>().ok()?.at(0, 0, 0, 0) } else { text.parse::<DateTime>().ok()? };
    let at = TimeZone::UTC.to_timestamp(civil).ok()?;
    Some(Moment { at: at.as_microsecond(), day_only, no_zone: true })
}
