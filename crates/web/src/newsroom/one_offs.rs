//! One letter to the readers of a newsletter: written, looked at with its count, let go.

use super::edition::letter_page;
use super::fields::Fields;
use super::pages::breaking::{OneOffPage, OneOffSendPage};
use super::pages::{Alarm, Choice, Here, counted, sum};
use super::session::Room;
use super::trouble::{Shown, Trouble, page, see};
use super::when::When;
use axum::extract::{Path, Query};
use desk::Error;
use desk::one_off::OneOffForm;
use http::StatusCode;
use newsroom::delivery::Occasion;
use newsroom::id::OneOffId;
use newsroom::publication::name_in;
use newsroom::staff::May;
use serde::Deserialize;

/// Whom the letter is for, from the page of segments.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Wish {
    #[serde(default)]
    segment: String,
}

/// `GET /newsroom/letters/new`.
pub(crate) async fn new(room: Room, Query(wish): Query<Wish>) -> Shown {
    let form = OneOffForm { language: room.main_language().to_string(), ..OneOffForm::default() };
    sheet(&room, form, wish.segment, Vec::new(), StatusCode::OK).await
}

/// `POST /newsroom/letters`.
pub(crate) async fn write(room: Room, fields: Fields) -> Shown {
    let chosen = fields.first("segment").to_owned();
    let form = OneOffForm {
        newsletter: fields.first("newsletter").to_owned(),
        language: fields.first("language").to_owned(),
        segment: if chosen.is_empty() { None } else { Some(chosen.parse().map_err(|()| Trouble::Missing)?) },
        title: fields.first("title").to_owned(),
        preheader: fields.first("preheader").to_owned(),
        body: fields.raw("body").to_owned(),
    };
    match room.desk().write_one_off(&room.me, form.clone()).await {
        Ok(id) => Ok(see(&format!("/newsroom/letters/{id}"))),
        Err(Error::Refused(refusal)) => {
            let alarms = vec![Alarm::says(refusal.to_string())];
            sheet(&room, form, chosen, alarms, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn sheet(room: &Room, form: OneOffForm, segment: String, alarms: Vec<Alarm>, status: StatusCode) -> Shown {
    room.me.allowed(May::SeeSubscribers).map_err(Trouble::Refused)?;
    let segments = room.desk().store().read(|view| Ok::<_, Trouble>(view.segments()?)).await?;
    let (main, paper) = (room.main_language(), &room.paper);
    let everybody = Choice::new("", "everybody", &segment);
    let newsletter = |one: &newsroom::publication::Newsletter| {
        Choice::new(one.slug.as_str(), name_in(&one.names, &main, &main, &one.slug), &form.newsletter)
    };
    let sheet = OneOffPage {
        frame: room.frame(Here::Subscribers),
        alarms,
        newsletters: paper.newsletters.iter().map(newsletter).collect(),
        languages: paper
            .publication
            .languages()
            .iter()
            .map(|language| Choice::new(language.code(), language.endonym(), &form.language))
            .collect(),
        segments: [everybody]
            .into_iter()
            .chain(segments.iter().map(|one| Choice::new(one.id.to_string(), one.name.clone(), &segment)))
            .collect(),
        title: form.title,
        preheader: form.preheader,
        body: form.body,
    };
    Ok(page(status, &sheet))
}

/// `GET /newsroom/letters/{id}`: the letter, how many get it, and the last button.
pub(crate) async fn look(room: Room, Path(id): Path<String>) -> Shown {
    before(&room, id.parse().map_err(|()| Trouble::Missing)?, Vec::new(), StatusCode::OK).await
}

/// `GET /newsroom/letters/{id}/letter`: for the frame.
pub(crate) async fn letter(room: Room, Path(id): Path<String>) -> Shown {
    let id: OneOffId = id.parse().map_err(|()| Trouble::Missing)?;
    Ok(letter_page(room.desk().preview_one_off(&room.me, id).await?.html))
}

/// `POST /newsroom/letters/{id}/sending`.
pub(crate) async fn send(room: Room, Path(id): Path<String>) -> Shown {
    let id: OneOffId = id.parse().map_err(|()| Trouble::Missing)?;
    match room.desk().release_one_off(&room.me, id).await {
        Ok(()) => Ok(see(&format!("/newsroom/letters/{id}"))),
        Err(Error::Refused(refusal)) => {
            before(&room, id, vec![Alarm::says(refusal.to_string())], StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn before(room: &Room, id: OneOffId, alarms: Vec<Alarm>, status: StatusCode) -> Shown {
    let reach = room.desk().one_off_reach(&room.me, id).await?;
    let letter = &reach.letter;
    let segment = if letter.segment.is_empty() { "everybody who gets it" } else { letter.segment.as_str() };
    let people = counted(reach.people, "reader", "readers");
    let waits = letter.released_at.is_none();
    let then = vec![
        (people.clone(), format!("{} · {segment}", letter.newsletter)),
        ("At once".into(), "whatever the hour where they are; nothing brings it back".into()),
        ("Who leaves or pauses before it leaves".into(), "gets nothing".into()),
    ];
    let occasion = Occasion::OneOff(id.0).key();
    let sheet = OneOffSendPage {
        frame: room.frame(Here::Subscribers),
        alarms,
        title: letter.title.clone(),
        state: match letter.released_at {
            Some(at) => format!("Let go {}", When::new(at, room.now, &room.zone).words),
            None => "Written, not sent".into(),
        },
        letter_href: format!("/newsroom/letters/{id}/letter"),
        action: format!("/newsroom/letters/{id}/sending"),
        button: waits.then(|| format!("Send it to {people} now")),
        then: if waits { then } else { Vec::new() },
        terms: reach.books.map(|books| sum(&books, Some(&occasion))).unwrap_or_default(),
    };
    Ok(page(status, &sheet))
}
