//! Letting readers see an article, and what may have to be said afterwards: publish, schedule, correct, withdraw.
//! Each has a sheet of its own that says what will happen before it does.

use super::checks;
use super::editor::{Desktop, frame};
use super::fields::Fields;
use super::pages::article::{PublicationPage, ReasonPage};
use super::pages::{Alarm, Sign};
use super::session::Room;
use super::trouble::{Shown, Trouble, page, see};
use super::typed;
use super::when::{When, town};
use super::write::article_id;
use axum::extract::Path;
use desk::Error;
use http::StatusCode;
use newsroom::article::{Article, State};
use newsroom::id::ArticleId;
use newsroom::refusal::Refusal;
use newsroom::slug::Slug;
use newsroom::staff::May;

/// What was typed on the sheet.
#[derive(Debug, Default)]
struct Sheet {
    note: String,
    at_chosen: bool,
    time: String,
    day: String,
    fault: Option<String>,
    alarms: Vec<Alarm>,
}

/// `GET /newsroom/articles/{id}/publication`.
pub(crate) async fn show(room: Room, Path(id): Path<String>) -> Shown {
    let desktop = Desktop::look(&room, Some(article_id(&id)?)).await?;
    let article = desktop.article.as_ref().ok_or(Trouble::Missing)?;
    let scheduled = article.scheduled_for.map(|at| room.zone.local(at));
    let sheet = Sheet {
        at_chosen: scheduled.is_some(),
        time: scheduled.as_ref().map(|at| format!("{:02}:{:02}", at.hour, at.minute)).unwrap_or_default(),
        day: scheduled.map_or_else(|| room.zone.day(room.now), |at| at.day).to_string(),
        ..Sheet::default()
    };
    sheet.page(&room, &desktop, StatusCode::OK)
}

/// `POST /newsroom/articles/{id}/publication`: now, or by the clock.
pub(crate) async fn make(room: Room, Path(id): Path<String>, fields: Fields) -> Shown {
    let id = article_id(&id)?;
    let text = |name: &str| fields.first(name).to_owned();
    let mut sheet = Sheet {
        note: text("note"),
        at_chosen: fields.first("when") == "at",
        time: text("time"),
        day: text("day"),
        ..Sheet::default()
    };
    let done = if sheet.at_chosen {
        match typed::moment(&sheet.day, &sheet.time, &room.zone) {
            Ok(Some(at)) => room.desk().schedule(&room.me, id, at).await,
            Ok(None) => Err(Error::Refused(Refusal::Other("Write a time and choose a day.".into()))),
            Err(sentence) => Err(Error::Refused(Refusal::Other(sentence.into()))),
        }
    } else {
        room.desk().publish(&room.me, id, &sheet.note).await
    };
    match done {
        Ok(()) => Ok(see(&format!("/newsroom/articles/{id}"))),
        Err(Error::Refused(refusal)) => {
            if matches!(refusal, Refusal::InThePast | Refusal::Other(_)) {
                sheet.fault = Some(refusal.to_string());
            }
            let link = matches!(refusal, Refusal::PictureWithoutAlt { line: None } | Refusal::AltRepeatsHeadline)
                .then(|| (format!("/newsroom/articles/{id}?panel=picture"), "Describe it".to_owned()));
            sheet.alarms.push(Alarm { what: refusal.to_string(), then: "Readers see no change.".into(), link });
            let desktop = Desktop::look(&room, Some(id)).await?;
            sheet.page(&room, &desktop, StatusCode::UNPROCESSABLE_ENTITY)
        }
        Err(error) => Err(error.into()),
    }
}

impl Sheet {
    fn page(self, room: &Room, desktop: &Desktop, status: StatusCode) -> Shown {
        let article = desktop.article.as_ref().ok_or(Trouble::Missing)?;
        let copy = desktop.copy();
        let when = |at| When::new(at, room.now, &room.zone);
        let embargo = article.embargo_until.filter(|until| *until > room.now).map(when);
        let is_update = article.published_at.is_some();
        let mut finds = checks::finds(Some(article), &copy);
        finds.sort_by_key(|find| !find.blocks);
        Ok(page(
            status,
            &PublicationPage {
                frame: frame(room),
                action: format!("/newsroom/articles/{}/publication", article.id),
                back: format!("/newsroom/articles/{}", article.id),
                headline: if copy.headline.is_empty() { "No headline yet".into() } else { copy.headline.clone() },
                byline: byline(desktop, article, room),
                section: room.paper.section_name(&article.section, &article.language),
                sign: Sign::of(article.state, article.scheduled_for.map(when).as_ref(), embargo.as_ref()),
                alarms: self.alarms,
                note: self.note,
                is_update,
                at_chosen: self.at_chosen,
                may_schedule: !is_update,
                time: self.time,
                day: self.day,
                fault: self.fault,
                embargo: embargo.map(|until| format!("The embargo ends {}; nothing goes out before.", until.words)),
                finds,
                then: then(room, article),
            },
        ))
    }
}

fn byline(desktop: &Desktop, article: &Article, room: &Room) -> String {
    let names = desktop.author_names(article);
    if names.is_empty() { format!("No author yet, {}", town(&room.zone)) } else { names.join(", ") }
}

fn then(room: &Room, article: &Article) -> Vec<(String, String)> {
    let path = room.paper.publication.path(&article.language, &format!("/{}/{}", article.section, article.slug));
    let mut all = vec![(format!("{}{path}", room.desk().public_url()), "within seconds".into())];
    all.push(("Front page, section, feeds, search".into(), "within seconds".into()));
    if article.published_at.is_some() {
        all.push(("The time of the first publication".into(), "stays".into()));
    } else {
        all.push(("The next edition".into(), "takes it among its candidates".into()));
    }
    all
}

/// What one may still do with a live article.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Afterwards {
    Correction,
    Address,
    Withdrawal,
    /// The words of before are shown to no reader any more.
    Hiding,
}

impl Afterwards {
    fn path(self) -> &'static str {
        match self {
            Self::Correction => "correction",
            Self::Address => "address",
            Self::Withdrawal => "withdrawal",
            Self::Hiding => "hiding",
        }
    }
}

/// `GET /newsroom/articles/{id}/correction`.
pub(crate) async fn show_correction(room: Room, Path(id): Path<String>) -> Shown {
    reason(&room, article_id(&id)?, Afterwards::Correction, String::new(), Vec::new(), StatusCode::OK).await
}

/// `POST /newsroom/articles/{id}/correction`.
pub(crate) async fn correct(room: Room, Path(id): Path<String>, fields: Fields) -> Shown {
    let (id, text) = (article_id(&id)?, fields.first("text").to_owned());
    let done = room.desk().correct(&room.me, id, &text).await;
    said(&room, id, Afterwards::Correction, text, done).await
}

/// `GET /newsroom/articles/{id}/address`.
pub(crate) async fn show_address(room: Room, Path(id): Path<String>) -> Shown {
    reason(&room, article_id(&id)?, Afterwards::Address, String::new(), Vec::new(), StatusCode::OK).await
}

/// `POST /newsroom/articles/{id}/address`: `text` is `/section/slug`.
pub(crate) async fn readdress(room: Room, Path(id): Path<String>, fields: Fields) -> Shown {
    let (id, text) = (article_id(&id)?, fields.first("text").trim().to_owned());
    let parts: Vec<Option<Slug>> = text.trim_matches('/').split('/').map(Slug::from_words).collect();
    let done = match parts.as_slice() {
        [Some(section), Some(slug)] => room.desk().readdress(&room.me, id, section.clone(), slug.clone()).await,
        _ => {
            Err(Refusal::Other("Write a section and a name, parted by a slash: /culture/the-last-mast.".into()).into())
        }
    };
    said(&room, id, Afterwards::Address, text, done).await
}

/// `GET /newsroom/articles/{id}/withdrawal`.
pub(crate) async fn show_withdrawal(room: Room, Path(id): Path<String>) -> Shown {
    reason(&room, article_id(&id)?, Afterwards::Withdrawal, String::new(), Vec::new(), StatusCode::OK).await
}

/// `POST /newsroom/articles/{id}/withdrawal`.
pub(crate) async fn withdraw(room: Room, Path(id): Path<String>, fields: Fields) -> Shown {
    let (id, text) = (article_id(&id)?, fields.first("text").to_owned());
    let done = room.desk().withdraw(&room.me, id, &text).await;
    said(&room, id, Afterwards::Withdrawal, text, done).await
}

/// `GET /newsroom/articles/{id}/hiding`.
pub(crate) async fn show_hiding(room: Room, Path(id): Path<String>) -> Shown {
    reason(&room, article_id(&id)?, Afterwards::Hiding, String::new(), Vec::new(), StatusCode::OK).await
}

/// `POST /newsroom/articles/{id}/hiding`.
pub(crate) async fn hide(room: Room, Path(id): Path<String>, fields: Fields) -> Shown {
    let (id, text) = (article_id(&id)?, fields.first("text").to_owned());
    let done = room.desk().hide_earlier_words(&room.me, id, &text).await;
    said(&room, id, Afterwards::Hiding, text, done).await
}

async fn said(room: &Room, id: ArticleId, what: Afterwards, text: String, done: Result<(), Error>) -> Shown {
    match done {
        Ok(()) => Ok(see(&format!("/newsroom/articles/{id}"))),
        Err(Error::Refused(refusal)) => {
            let alarms = vec![Alarm::says(refusal.to_string())];
            reason(room, id, what, text, alarms, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn reason(
    room: &Room,
    id: ArticleId,
    what: Afterwards,
    text: String,
    alarms: Vec<Alarm>,
    status: StatusCode,
) -> Shown {
    room.me.allowed(May::Publish).map_err(Trouble::Refused)?;
    let desktop = Desktop::look(room, Some(id)).await?;
    let article = desktop.article.as_ref().ok_or(Trouble::Missing)?;
    if article.state != State::Live && status == StatusCode::OK {
        return Ok(see(&format!("/newsroom/articles/{id}")));
    }
    let said = what.sheet(&desktop.copy().headline);
    let address = || format!("/{}/{}", article.section, article.slug);
    let sheet = ReasonPage {
        frame: frame(room),
        action: format!("/newsroom/articles/{id}/{}", what.path()),
        back: format!("/newsroom/articles/{id}"),
        title: said.title,
        sub: said.sub,
        alarms,
        label: said.label,
        hint: said.hint,
        text: if what == Afterwards::Address && text.is_empty() { address() } else { text },
        then: said.then,
        button: said.button,
        button_class: said.button_class,
    };
    Ok(page(status, &sheet))
}

/// What a sheet says before one does it.
struct Said {
    title: String,
    sub: &'static str,
    label: &'static str,
    hint: &'static str,
    then: Vec<(&'static str, &'static str)>,
    button: &'static str,
    button_class: &'static str,
}

impl Afterwards {
    fn sheet(self, headline: &str) -> Said {
        match self {
            Self::Correction => Said {
                title: format!("Correct “{headline}”"),
                sub: "The correction stands under the article for good. Change the text itself first, and publish it.",
                label: "What was wrong, and what is right",
                hint: "Say both: “An earlier version said 14 schools. There are 41.” Readers see these words.",
                then: vec![
                    ("Under the article, with the time", "at once"),
                    ("On the list of corrections", "at once"),
                    ("In the feeds", "at once"),
                ],
                button: "Publish the correction",
                button_class: "go",
            },
            Self::Address => Said {
                title: format!("Move “{headline}”"),
                sub: "It stands at another address from now on, or in another section. Old links lead there.",
                label: "Its address",
                hint: "A section of ours and a name of small letters, digits and hyphens.",
                then: vec![
                    ("Front page, sections, feeds, sitemap, search", "at once"),
                    ("The old address, in letters and elsewhere", "leads to the new one"),
                ],
                button: "Move it",
                button_class: "go",
            },
            Self::Withdrawal => Said {
                title: format!("Withdraw “{headline}”"),
                sub: "Its text disappears for readers, for good. Its address stays and says why.",
                label: "Why, in words readers will see",
                hint: "One or two sentences. What is only partly wrong is corrected, not withdrawn.",
                then: vec![
                    ("The page says that it was withdrawn, and why", "at once"),
                    ("Front page, feeds, search, sitemap forget it", "at once"),
                    ("Letters that have not left", "leave without it"),
                    ("The text and its revisions", "stay with us"),
                ],
                button: "Withdraw it",
                button_class: "stop",
            },
            Self::Hiding => Said {
                title: format!("Hide what “{headline}” said before"),
                sub: "Readers can compare every version. When the law or somebody’s privacy forbids it, they no longer can.",
                label: "Why, for the ledger",
                hint: "Readers are told that the law or somebody’s privacy asks for it, not more.",
                then: vec![
                    ("The words of earlier versions", "are shown to no reader"),
                    ("That it changed, when, and the line on it", "stay"),
                    ("The text and its revisions", "stay with us"),
                ],
                button: "Hide the earlier words",
                button_class: "stop",
            },
        }
    }
}
