//! The look of the paper: its name, drawing, colours and typefaces, on a form of its own.

use super::fields::Fields;
use super::pages::people::LookPage;
use super::pages::{Alarm, Here};
use super::session::Room;
use super::trouble::{Shown, Trouble, page, see};
use desk::{Error, LookForm};
use http::StatusCode;
use newsroom::staff::May;

/// `GET /newsroom/settings/look`.
pub(crate) async fn show(room: Room) -> Shown {
    let form = LookForm::of(&room.paper.publication);
    sheet(&room, form, Vec::new(), StatusCode::OK)
}

/// `POST /newsroom/settings/look`.
pub(crate) async fn set(room: Room, fields: Fields) -> Shown {
    let text = |name: &str| fields.first(name).to_owned();
    let form = LookForm {
        name: text("name"),
        logo: text("logo"),
        accent: text("accent"),
        accent_dark: text("accent_dark"),
        mark: text("mark"),
        mark_dark: text("mark_dark"),
        text: text("text"),
        head: text("head"),
        label: text("label"),
        offline: fields.first("offline") == "on",
    };
    match room.desk().set_look(&room.me, form.clone()).await {
        Ok(()) => Ok(see("/newsroom/settings")),
        Err(Error::Refused(refusal)) => {
            sheet(&room, form, vec![Alarm::says(refusal.to_string())], StatusCode::UNPROCESSABLE_ENTITY)
        }
        Err(error) => Err(error.into()),
    }
}

fn sheet(room: &Room, form: LookForm, alarms: Vec<Alarm>, status: StatusCode) -> Shown {
    room.me.allowed(May::Administer).map_err(Trouble::Refused)?;
    Ok(page(
        status,
        &LookPage { frame: room.frame(Here::Settings), alarms, form, front: room.desk().public_url().to_owned() },
    ))
}
