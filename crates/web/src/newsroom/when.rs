//! Days and times as the newsroom says them, and times as people type them.
//! Never reads a clock; the zone is always given.

use newsroom::time::{Day, Timestamp, Zone};

const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// A moment twice: for machines and for people.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct When {
    /// RFC 3339 with offset.
    pub(crate) at: String,
    /// `16:40` today, `Thu 21 Aug, 18:02` this year, `21 Aug 2024` before.
    pub(crate) words: String,
}

impl When {
    /// `at` as somebody in `zone` says it at `now`.
    pub(crate) fn new(at: Timestamp, now: Timestamp, zone: &Zone) -> Self {
        let (local, today) = (zone.local(at), zone.day(now));
        let clock = format!("{:02}:{:02}", local.hour, local.minute);
        let words = if local.day == today {
            clock
        } else if local.day.year() == today.year() {
            format!("{}, {clock}", short_day(local.day))
        } else {
            format!("{} {} {}", local.day.day(), &month(local.day)[..3], local.day.year())
        };
        Self { at: local.rfc3339(), words }
    }
}

/// `16:42` in `zone`.
pub(crate) fn clock(at: Timestamp, zone: &Zone) -> String {
    let local = zone.local(at);
    format!("{:02}:{:02}", local.hour, local.minute)
}

/// `16:42:07` in `zone`.
pub(crate) fn clock_seconds(at: Timestamp, zone: &Zone) -> String {
    let local = zone.local(at);
    format!("{:02}:{:02}:{:02}", local.hour, local.minute, local.second)
}

/// `Friday 22 August`.
pub(crate) fn long_day(day: Day) -> String {
    format!("{} {} {}", weekday(day), day.day(), month(day))
}

/// `Fri 22 Aug`.
pub(crate) fn short_day(day: Day) -> String {
    format!("{} {} {}", &weekday(day)[..3], day.day(), &month(day)[..3])
}

/// The town in a zone's name: `Port-au-Prince` of `America/Port-au-Prince`.
pub(crate) fn town(zone: &Zone) -> String {
    zone.name().rsplit('/').next().unwrap_or("UTC").replace('_', " ")
}

/// Reads `18`, `18:30`, `18.30`, `18h30`, `6 pm`, `6:30 am`. Hour and minute of a day, or `None`.
pub(crate) fn parse_clock(text: &str) -> Option<(i8, i8)> {
    let text = text.trim().to_lowercase();
    let (text, shift) = if let Some(rest) = text.strip_suffix("pm") {
        (rest.trim(), Some(12))
    } else if let Some(rest) = text.strip_suffix("am") {
        (rest.trim(), Some(0))
    } else {
        (text.trim_end_matches('h').trim(), None)
    };
    let (hour, minute) = text.split_once([':', '.', 'h']).unwrap_or((text, "0"));
    let digits = |part: &str| {
        let fine = (1..=2).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        fine.then(|| part.parse::<i8>().ok()).flatten()
    };
    let (hour, minute) = (digits(hour)?, digits(minute)?);
    let hour = match shift {
        Some(shift) if (1..=12).contains(&hour) => hour % 12 + shift,
        Some(_) => return None,
        None => hour,
    };
    ((0..=23).contains(&hour) && (0..=59).contains(&minute)).then_some((hour, minute))
}

fn weekday(day: Day) -> &'static str {
    WEEKDAYS[usize::from(day.weekday().clamp(1, 7).unsigned_abs()) - 1]
}

fn month(day: Day) -> &'static str {
    MONTHS[usize::from(day.month().clamp(1, 12).unsigned_abs()) - 1]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_understood_as_people_type_it() {
        for (typed, time) in [
            ("18", Some((18, 0))),
            ("18:30", Some((18, 30))),
            (" 18.30 ", Some((18, 30))),
            ("18h", Some((18, 0))),
            ("18h05", Some((18, 5))),
            ("6 pm", Some((18, 0))),
            ("12 am", Some((0, 0))),
            ("12:15pm", Some((12, 15))),
            ("7", Some((7, 0))),
            ("24:00", None),
            ("18:60", None),
            ("13 pm", None),
            ("", None),
            ("soon", None),
            ("-1", None),
            ("1800", None),
        ] {
            assert_eq!(parse_clock(typed), time, "{typed}");
        }
    }

    #[test]
    fn a_moment_is_said_shorter_the_nearer_it_is() {
        let zone = Zone::parse("Africa/Nairobi").unwrap();
        let now = Timestamp::parse("2025-08-22T16:42:00+03:00").unwrap();
        for (at, words) in [
            ("2025-08-22T06:10:00+03:00", "06:10"),
            ("2025-08-21T18:02:00+03:00", "Thu 21 Aug, 18:02"),
            ("2024-02-03T01:00:00+03:00", "3 Feb 2024"),
        ] {
            assert_eq!(When::new(Timestamp::parse(at).unwrap(), now, &zone).words, words);
        }
        assert_eq!(long_day(zone.day(now)), "Friday 22 August");
        assert_eq!(town(&Zone::parse("America/Port-au-Prince").unwrap()), "Port-au-Prince");
    }
}
