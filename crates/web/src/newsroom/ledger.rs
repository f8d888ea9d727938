//! The ledger, newest first: who did what, when.

use super::pages::Here;
use super::pages::lists::{LedgerDay, LedgerLine, LedgerPage};
use super::session::Room;
use super::trouble::{Shown, Trouble, page};
use super::when::{clock_seconds, long_day};
use axum::extract::Query;
use http::StatusCode;
use newsroom::id::{ArticleId, LedgerId};
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
            let names: HashMap<_, _> = view.staff()?.into_iter().map(|member| (member.staff.id, member.staff.name)).collect();
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
        let who = row.who.and_then(|id| names.get(&id).cloned());
        let line = line(&room, row, who, headlines.get(&row.subject));
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

fn line(room: &Room, row: &Row, who: Option<String>, headline: Option<&String>) -> LedgerLine {
    let article = article_of(&row.subject).zip(headline);
    let subject = article.map(|(id, headline)| {
        let words = if headline.is_empty() { "an article without a headline".to_owned() } else { format!("“{headline}”") };
        (format!("/newsroom/articles/{id}"), words)
    });
    let what = match &subject {
        Some(_) => row.verb.clone(),
        // Ids of people stand for nothing a reader of the ledger knows.
        None if article_of(&row.subject).is_some() => row.verb.clone(),
        None => format!("{} {}", row.verb, row.subject),
    };
    LedgerLine {
        at: room.zone.local(row.at).rfc3339(),
        time: clock_seconds(row.at, &room.zone),
        clockwork: who.is_none(),
        who: who.unwrap_or_else(|| if row.detail.contains("(by operator)") || row.detail == "by operator" { "The operator".into() } else { "The clock".into() }),
        what,
        subject,
        detail: row.detail.clone(),
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
}
