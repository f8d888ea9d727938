//! Breaking news in two pages: the first asks what it says, the second says how many get it and when.

use super::fields::Fields;
use super::pages::breaking::{BreakingPage, BreakingSendPage};
use super::pages::{Alarm, Here, counted, sum};
use super::session::Room;
use super::trouble::{Shown, Trouble, page, see};
use super::when::When;
use axum::extract::Path;
use desk::Error;
use http::StatusCode;
use newsroom::breaking::{MINUTES_MAX, Words};
use newsroom::delivery::Occasion;
use newsroom::id::{AlertId, ArticleId};
use newsroom::staff::May;
use newsroom::time::MINUTE;

/// `GET /newsroom/articles/{id}/breaking`.
pub(crate) async fn show(room: Room, Path(id): Path<String>) -> Shown {
    let id: ArticleId = id.parse().map_err(|()| Trouble::Missing)?;
    let (headline, sentences) = room
        .desk()
        .store()
        .read(move |view| {
            let article = view.article(id)?.ok_or(Trouble::Missing)?;
            let seen = article.published_revision.unwrap_or(article.revision);
            let copy = view.revision(id, seen)?.ok_or(Trouble::Missing)?.copy;
            Ok::<_, Trouble>((copy.headline, copy.standfirst))
        })
        .await?;
    form(&room, id, Words { headline, sentences, ..Words::default() }, Vec::new(), StatusCode::OK)
}

/// `POST /newsroom/articles/{id}/breaking`: the first button.
pub(crate) async fn ask(room: Room, Path(id): Path<String>, fields: Fields) -> Shown {
    let id: ArticleId = id.parse().map_err(|()| Trouble::Missing)?;
    let lines = |name: &str| {
        let lines = fields.raw(name).lines().map(str::trim).filter(|line| !line.is_empty());
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    let words = Words {
        headline: fields.first("headline").to_owned(),
        sentences: fields.first("sentences").split_whitespace().collect::<Vec<_>>().join(" "),
        known: lines("known"),
        reported: lines("reported"),
        unknown: lines("unknown"),
    };
    match room.desk().ask_breaking(&room.me, id, words.clone()).await {
        Ok(alert) => Ok(see(&format!("/newsroom/breaking/{alert}"))),
        Err(Error::Refused(refusal)) => {
            form(&room, id, words, vec![Alarm::says(refusal.to_string())], StatusCode::UNPROCESSABLE_ENTITY)
        }
        Err(error) => Err(error.into()),
    }
}

fn form(room: &Room, id: ArticleId, words: Words, alarms: Vec<Alarm>, status: StatusCode) -> Shown {
    room.me.allowed(May::Publish).map_err(Trouble::Refused)?;
    let sheet = BreakingPage {
        frame: room.frame(Here::Articles),
        action: format!("/newsroom/articles/{id}/breaking"),
        back: format!("/newsroom/articles/{id}"),
        alarms,
        headline: words.headline,
        sentences: words.sentences,
        known: words.known.join("\n"),
        reported: words.reported.join("\n"),
        unknown: words.unknown.join("\n"),
    };
    Ok(page(status, &sheet))
}

/// `GET /newsroom/breaking/{alert}`: how many, when, and the second button.
pub(crate) async fn look(room: Room, Path(id): Path<String>) -> Shown {
    sheet(&room, id.parse().map_err(|()| Trouble::Missing)?, Vec::new(), StatusCode::OK).await
}

/// `POST /newsroom/breaking/{alert}/sending`: the second button.
pub(crate) async fn send(room: Room, Path(id): Path<String>) -> Shown {
    let id: AlertId = id.parse().map_err(|()| Trouble::Missing)?;
    match room.desk().release_breaking(&room.me, id).await {
        Ok(()) => Ok(see(&format!("/newsroom/breaking/{id}"))),
        Err(Error::Refused(refusal)) => {
            sheet(&room, id, vec![Alarm::says(refusal.to_string())], StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn sheet(room: &Room, id: AlertId, alarms: Vec<Alarm>, status: StatusCode) -> Shown {
    let reach = room.desk().breaking_reach(&room.me, id).await?;
    let alert = &reach.alert;
    let until = alert.made_at.plus(MINUTES_MAX * MINUTE);
    let by_two = room.paper.publication.house.breaking_by_two;
    let waits = alert.released_at.is_none() && room.now <= until;
    let language = alert.language.endonym();
    let mut then = vec![
        (counted(reach.people, "reader", "readers"), "chose breaking news and read this language".to_owned()),
        ("At once".into(), "whatever the hour where they are; nothing brings it back".into()),
        ("No second one today".into(), format!("in {language}; what follows is for the edition")),
    ];
    if reach.others > 0 {
        then.push((counted(reach.others, "other reader", "other readers"), format!("chose it, but not {language}")));
    }
    let occasion = Occasion::Breaking(alert.day).key();
    let page_of = BreakingSendPage {
        frame: room.frame(Here::Articles),
        back: format!("/newsroom/articles/{}", alert.article),
        action: format!("/newsroom/breaking/{id}/sending"),
        alarms,
        headline: alert.words.headline.clone(),
        sentences: alert.words.sentences.clone(),
        language: alert.language.to_string(),
        lines: [("", &alert.words.known), ("Reported:", &alert.words.reported), ("Not known:", &alert.words.unknown)]
            .into_iter()
            .flat_map(|(sure, lines)| lines.iter().map(move |line| (sure, line.clone())))
            .collect(),
        state: match alert.released_at {
            Some(at) => format!("Let go {}", When::new(at, room.now, &room.zone).words),
            None if waits => {
                format!(
                    "Written by {}. It can be sent until {}.",
                    reach.writer,
                    When::new(until, room.now, &room.zone).words
                )
            }
            None => format!("Written by {}. Too long ago to be sent: write it anew.", reach.writer),
        },
        button: waits.then(|| format!("Send it to {} now", counted(reach.people, "reader", "readers"))),
        second: (by_two && waits && alert.made_by == room.me.id)
            .then_some("In this house another editor presses this button. Give them the address of this page."),
        then: if waits { then } else { Vec::new() },
        terms: reach.books.map(|books| sum(&books, Some(&occasion))).unwrap_or_default(),
    };
    Ok(page(status, &page_of))
}
