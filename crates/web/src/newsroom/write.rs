//! Writing: a new article, an old one, and saving, which every button of the page does first.
//! What is refused is shown above the form with everything that was typed.

use super::editor::{Desktop, Remarks};
use super::fields::{Fields, File};
use super::pages::Alarm;
use super::pages::article::{Faults, Typed};
use super::session::Room;
use super::trouble::{Shown, Trouble, page, see};
use super::typed;
use axum::extract::{Path, Query};
use desk::{Draft, Error};
use http::StatusCode;
use newsroom::id::ArticleId;
use newsroom::refusal::Refusal;
use newsroom::staff::May;
use serde::Deserialize;

/// What the address of the writing page may say.
#[derive(Debug, Deserialize)]
pub(crate) struct Wish {
    /// Which pane of the panel is open.
    panel: Option<String>,
    /// Of which article a new one is a translation.
    of: Option<String>,
}

/// `GET /newsroom/articles/new`, also as a translation of another article.
pub(crate) async fn new(room: Room, Query(wish): Query<Wish>) -> Shown {
    room.me.allowed(May::Write).map_err(Trouble::Refused)?;
    let mut remarks = Remarks { panel: "details", ..Remarks::default() };
    if let Some(of) = wish.of.as_deref() {
        let id = of.parse().map_err(|()| Trouble::Missing)?;
        remarks.typed = Some(translation(&Desktop::look(&room, Some(id)).await?, &room).ok_or(Trouble::Missing)?);
    }
    let desktop = Desktop::look(&room, None).await?;
    Ok(page(StatusCode::OK, &desktop.page(&room, remarks)))
}

/// The original's words to be written over, in the first language it does not have.
fn translation(original: &Desktop, room: &Room) -> Option<Typed> {
    let article = original.article.as_ref()?;
    let mut typed = typed::fill(article, &original.copy(), &room.zone);
    typed.work = article.work.to_string();
    typed.language = original.missing_language(room)?.to_string();
    typed.slug = String::new();
    Some(typed)
}

/// `GET /newsroom/articles/{id}`.
pub(crate) async fn show(room: Room, Path(id): Path<String>, Query(wish): Query<Wish>) -> Shown {
    let desktop = Desktop::look(&room, Some(article_id(&id)?)).await?;
    let remarks = Remarks { panel: pane(wish.panel.as_deref().unwrap_or_default()), ..Remarks::default() };
    Ok(page(StatusCode::OK, &desktop.page(&room, remarks)))
}

/// `POST /newsroom/articles`: the first save makes the article.
pub(crate) async fn start(room: Room, mut fields: Fields) -> Shown {
    room.me.allowed(May::Write).map_err(Trouble::Refused)?;
    let mut form = Sent::read(&room, &mut fields).await?;
    let draft = match form.draft(&room) {
        Ok(draft) => draft,
        Err(()) => return form.again(&room, None, StatusCode::UNPROCESSABLE_ENTITY).await,
    };
    match room.desk().start(&room.me, draft).await {
        Ok(id) => form.go_on(&room, id).await,
        Err(Error::Refused(refusal)) => {
            form.refused(&refusal);
            form.again(&room, None, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /newsroom/articles/{id}/revisions`: saves what was changed, then does what the button said.
pub(crate) async fn save(room: Room, Path(id): Path<String>, mut fields: Fields) -> Shown {
    let id = article_id(&id)?;
    let desktop = Desktop::look(&room, Some(id)).await?;
    let article = desktop.article.as_ref().ok_or(Trouble::Missing)?;
    if fields.first("then") != "stay" && article.may_change(&room.me).is_err() {
        // Nothing could have been typed; only the step was asked for.
        return Sent::bare(&fields).go_on(&room, id).await;
    }
    let mut form = Sent::read(&room, &mut fields).await?;
    let draft = match form.draft(&room) {
        Ok(draft) => draft,
        Err(()) => return form.again(&room, Some(id), StatusCode::UNPROCESSABLE_ENTITY).await,
    };
    if form.based_on == article.revision && !typed::changes(&draft, article, &desktop.copy()) {
        return form.go_on(&room, id).await;
    }
    match room.desk().save(&room.me, id, form.based_on, draft).await {
        Ok(_) => form.go_on(&room, id).await,
        Err(Error::Refused(Refusal::SomebodyElseChangedIt)) => form.conflict(&room, id).await,
        Err(Error::Refused(refusal)) => {
            form.refused(&refusal);
            form.again(&room, Some(id), StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(error) => Err(error.into()),
    }
}

/// The form as it came, and what there is to say about it.
struct Sent {
    typed: Option<Typed>,
    based_on: u32,
    then: String,
    panel: &'static str,
    alarms: Vec<Alarm>,
    faults: Faults,
}

impl Sent {
    fn bare(fields: &Fields) -> Self {
        Self {
            typed: None,
            based_on: fields.first("based_on").parse().unwrap_or(0),
            then: fields.first("then").to_owned(),
            panel: pane(fields.first("panel")),
            alarms: Vec::new(),
            faults: Faults::default(),
        }
    }

    /// Reads the form and keeps its picture, if it brought one: a picture that is refused stops no text.
    async fn read(room: &Room, fields: &mut Fields) -> Result<Self, Trouble> {
        let mut sent = Self::bare(fields);
        let mut typed = typed::read(fields);
        if let Some(file) = fields.files.drain(..).find(|file| file.field == "lead_file") {
            match keep(room, file).await? {
                Ok(id) => typed.lead_picture = id,
                Err(sentence) => {
                    sent.alarms.push(Alarm::says(sentence.clone()));
                    sent.faults.add("lead_file", sentence);
                    sent.panel = "picture";
                }
            }
        }
        sent.typed = Some(typed);
        Ok(sent)
    }

    /// The draft, or faults beside the fields. A picture that was refused is said after the text is safe.
    fn draft(&mut self, room: &Room) -> Result<Draft, ()> {
        let typed = self.typed.as_ref().ok_or(())?;
        typed::draft(typed, &room.zone).map_err(|faults| {
            let first = faults.0.first().map(|(_, sentence)| sentence.clone()).unwrap_or_default();
            self.alarms.push(Alarm { what: first, then: "Nothing is lost; nothing is saved yet.".into(), link: None });
            self.faults.0.extend(faults.0);
            self.panel = "details";
        })
    }

    fn refused(&mut self, refusal: &Refusal) {
        if let Some(field) = typed::field_of(refusal) {
            self.faults.add(field, refusal.to_string());
            self.panel = if field == "lead_alt" { "picture" } else { "details" };
        }
        self.alarms.push(Alarm { what: refusal.to_string(), then: "What you typed is still here.".into(), link: None });
    }

    /// After saving: the step that the button asked for.
    async fn go_on(mut self, room: &Room, id: ArticleId) -> Shown {
        let desk = room.desk();
        let done = match self.then.as_str() {
            "submission" => desk.submit(&room.me, id).await,
            "approval" => desk.approve_copy(&room.me, id).await,
            "return" => desk.give_back(&room.me, id).await,
            "legal-hold" => desk.hold_for_lawyer(&room.me, id).await,
            "publication" | "preview" => return Ok(see(&format!("/newsroom/articles/{id}/{}", self.then))),
            _ => Ok(()),
        };
        match done {
            Ok(()) if self.alarms.is_empty() => Ok(see(&format!("/newsroom/articles/{id}?panel={}", self.panel))),
            // The text is saved; the picture was not.
            Ok(()) => {
                self.typed = None;
                self.again(room, Some(id), StatusCode::UNPROCESSABLE_ENTITY).await
            }
            Err(Error::Refused(refusal)) => {
                self.typed = None;
                self.refused(&refusal);
                if let Some(alarm) = self.alarms.last_mut() {
                    alarm.then = "Your text is saved.".into();
                }
                self.again(room, Some(id), StatusCode::UNPROCESSABLE_ENTITY).await
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The page once more, with everything typed.
    async fn again(self, room: &Room, id: Option<ArticleId>, status: StatusCode) -> Shown {
        let desktop = Desktop::look(room, id).await?;
        let remarks =
            Remarks { alarms: self.alarms, faults: self.faults, typed: self.typed, conflict: None, panel: self.panel };
        Ok(page(status, &desktop.page(room, remarks)))
    }

    /// Somebody saved in between: both texts, and the next save goes over theirs knowingly.
    async fn conflict(self, room: &Room, id: ArticleId) -> Shown {
        let desktop = Desktop::look(room, Some(id)).await?;
        let by = desktop.revision.as_ref().and_then(|revision| revision.by);
        let who = match by {
            Some(by) if by == room.me.id => "You, in another window,".to_owned(),
            Some(by) => room
                .desk()
                .store()
                .read(move |view| view.member(by))
                .await
                .map_err(Trouble::from)?
                .map_or_else(|| "Somebody".into(), |member| member.staff.name),
            None => "Somebody".into(),
        };
        let theirs = desktop.copy();
        let remarks = Remarks {
            alarms: self.alarms,
            faults: self.faults,
            typed: self.typed,
            conflict: Some((theirs, who)),
            panel: self.panel,
        };
        Ok(page(StatusCode::CONFLICT, &desktop.page(room, remarks)))
    }
}

/// Keeps a picture; the inner error is a sentence for the person.
pub(crate) async fn keep(room: &Room, file: File) -> Result<Result<String, String>, Trouble> {
    if file.too_large {
        return Ok(Err(format!("“{}” is larger than 25 MB. Make it smaller and add it again.", file.name)));
    }
    match room.desk().add_picture(Some(&room.me), &file.name, file.bytes).await {
        Ok(id) => Ok(Ok(id.to_string())),
        Err(Error::Refused(refusal)) => Ok(Err(format!("“{}” was not kept. {refusal}", file.name))),
        Err(error) => Err(error.into()),
    }
}

/// The article of an address; what is not an id is not there.
pub(crate) fn article_id(text: &str) -> Result<ArticleId, Trouble> {
    text.parse().map_err(|()| Trouble::Missing)
}

/// Only panes there are.
fn pane(name: &str) -> &'static str {
    ["details", "picture", "check", "guide"].into_iter().find(|known| *known == name).unwrap_or("none")
}
