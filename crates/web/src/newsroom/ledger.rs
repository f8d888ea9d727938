//! The ledger, newest first: who did what, when.

use super::pages::Here;
use super::pages::lists::{LedgerDay, LedgerLine, LedgerPage};
use super::session::Room;
use super::trouble::{Shown, Trouble, page};
use super::when::{clock_seconds, long_day};
use axum::extract::Query;
use http::StatusCode;
use newsroom::id::{ArticleId, LedgerId, StaffId};
use newsroom::time::{Day, Timestamp};
use serde::Deserialize;
use std::collections::HashMap;
use store::LedgerLine as Row;

/// Lines on one page.
const PAGE: usize = 100;

/// The last line of the page before, as `time.id`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct After {
    after: String,
}

impl After {
    fn line(&self) -> Option<Row> {
        let (at, id) = self.after.split_once('.')?;
        Some(Row {
            id: id.parse::<LedgerId>().ok()?,
            at: Timestamp(at.parse().ok()?),
            who: None,
            verb: String::new(),
            subject: String::new(),
            detail: String::new(),
        })
    }
}

/// `GET /newsroom/ledger`.
pub(crate) async fn show(room: Room, Query(after): Query<After>) -> Shown {
    let after = after.line();
    let (rows, names, headlines) = room
        .desk()
        .store()
        .read(move |view| {
            let rows = view.ledger(after.as_ref(), PAGE)?;
            let names: HashMap<_, _> =
                view.staff()?.into_iter().map(|member| (member.staff.id, member.staff.name)).collect();
            let mut headlines: HashMap<String, String> = HashMap::new();
            for row in &rows {
                if let Some(id) = article_of(&row.subject).filter(|_| !headlines.contains_key(&row.subject)) {
                    let headline = view.revisions(id, 1)?.pop().map(|line| line.headline);
                    headlines.extend(headline.map(|headline| (row.subject.clone(), headline)));
                }
            }
            Ok::<_, Trouble>((rows, names, headlines))
        })
        .await?;
    let next = (rows.len() == PAGE).then(|| rows.last()).flatten();
    let next = next.map(|last| format!("/newsroom/ledger?after={}.{}", last.at.0, last.id));
    let mut days: Vec<(Day, LedgerDay)> = Vec::new();
    for row in &rows {
        let day = room.zone.day(row.at);
        let line = line(&room, row, &names, headlines.get(&row.subject));
        match days.last_mut().filter(|(last, _)| *last == day) {
            Some((_, known)) => known.lines.push(line),
            None => days.push((day, LedgerDay { title: long_day(day), lines: vec![line] })),
        }
    }
    let days = days.into_iter().map(|(_, day)| day).collect();
    Ok(page(StatusCode::OK, &LedgerPage { frame: room.frame(Here::Ledger), days, next }))
}

/// The article a line is about. Subjects are ids, some with a kind before them.
fn article_of(subject: &str) -> Option<ArticleId> {
    subject.rsplit(':').next()?.parse().ok()
}

fn line(room: &Room, row: &Row, names: &HashMap<StaffId, String>, headline: Option<&String>) -> LedgerLine {
    let (asker, detail) = asker(&row.detail);
    let who = row.who.map(|id| names.get(&id).cloned().unwrap_or_else(|| "Somebody who left".into()));
    let id: Option<i64> = article_of(&row.subject).map(|id| id.0);
    let subject = id.zip(headline).map(|(id, headline)| {
        let words =
            if headline.is_empty() { "an article without a headline".to_owned() } else { format!("“{headline}”") };
        (format!("/newsroom/articles/{}", ArticleId(id)), words)
    });
    let person = id.and_then(|id| names.get(&StaffId(id))).filter(|name| Some(*name) != who.as_ref());
    let what = match (&subject, person, id) {
        (Some(_), ..) | (None, None, Some(_)) => row.verb.clone(),
        (None, Some(person), _) => format!("{} {person}", row.verb),
        (None, None, None) => format!("{} {}", row.verb, row.subject),
    };
    LedgerLine {
        at: room.zone.local(row.at).rfc3339(),
        time: clock_seconds(row.at, &room.zone),
        clockwork: row.who.is_none(),
        who: who.unwrap_or_else(|| asker.to_owned()),
        what,
        subject,
        detail: if detail.parse::<u32>().is_ok() { format!("revision {detail}") } else { detail.to_owned() },
    }
}

/// Who asked where it was nobody of the newsroom, and the detail without it: the desk writes `… (by operator)`.
fn asker(detail: &str) -> (&'static str, &str) {
    let (rest, by) = match detail.strip_prefix("by ") {
        Some(by) => ("", by),
        None => match detail.strip_suffix(')').and_then(|open| open.rsplit_once(" (by ")) {
            Some((rest, by)) => (rest, by),
            None => return ("The clock", detail),
        },
    };
    match by {
        "operator" => ("The operator", rest),
        by if by.starts_with("subscriber:") => ("A subscriber", rest),
        _ => ("The clock", detail),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_read_with_or_without_its_kind() {
        assert_eq!(article_of("0000000000001"), Some(ArticleId(1)));
        assert_eq!(article_of("article:0000000000001"), Some(ArticleId(1)));
        assert_eq!(article_of("daily-updates"), None);
        let after = After { after: "12.0000000000003".into() };
        assert_eq!(after.line().map(|row| (row.at.0, row.id.0)), Some((12, 3)));
        assert!(After { after: "x".into() }.line().is_none());
    }

    #[test]
    fn who_asked_is_said_once() {
        assert_eq!(asker("by operator"), ("The operator", ""));
        assert_eq!(asker("40 from a.csv (by operator)"), ("The operator", "40 from a.csv"));
        assert_eq!(asker("button (by subscriber:0000000000001)"), ("A subscriber", "button"));
        assert_eq!(asker("2025-08-25"), ("The clock", "2025-08-25"));
    }
}
