//! The house rules of the edition and of breaking news, on a form of their own.

use super::fields::Fields;
use super::pages::people::HousePage;
use super::pages::{Alarm, Choice, Here};
use super::session::Room;
use super::trouble::{Shown, Trouble, page, see};
use desk::Error;
use http::StatusCode;
use newsroom::publication::House;
use newsroom::staff::May;

/// The form as it was typed: a fault loses nothing of it.
struct Typed {
    unapproved: String,
    breaking: String,
    minutes: String,
    least: String,
    most: String,
}

impl Typed {
    fn of(house: &House) -> Self {
        Self {
            unapproved: if house.send_unapproved { "send" } else { "hold" }.into(),
            breaking: if house.breaking_by_two { "two" } else { "one" }.into(),
            minutes: house.approval_minutes.to_string(),
            least: house.items_min.to_string(),
            most: house.items_max.to_string(),
        }
    }

    /// None where a figure is none.
    fn house(&self) -> Option<House> {
        Some(House {
            send_unapproved: self.unapproved == "send",
            items_min: self.least.parse().ok()?,
            items_max: self.most.parse().ok()?,
            approval_minutes: self.minutes.parse().ok()?,
            breaking_by_two: self.breaking == "two",
        })
    }
}

/// `GET /newsroom/settings/house`.
pub(crate) async fn show(room: Room) -> Shown {
    shown(&room, Typed::of(&room.paper.publication.house), Vec::new(), StatusCode::OK)
}

/// `POST /newsroom/settings/house`.
pub(crate) async fn change(room: Room, fields: Fields) -> Shown {
    let text = |name: &str| fields.first(name).to_owned();
    let typed = Typed {
        unapproved: text("unapproved"),
        breaking: text("breaking"),
        minutes: text("minutes"),
        least: text("least"),
        most: text("most"),
    };
    let no = match typed.house() {
        None => "Write the minutes and the articles as whole numbers.".to_owned(),
        Some(house) => match room.desk().set_house(&room.me, house).await {
            Ok(()) => return Ok(see("/newsroom/settings")),
            Err(Error::Refused(refusal)) => refusal.to_string(),
            Err(error) => return Err(error.into()),
        },
    };
    shown(&room, typed, vec![Alarm::says(no)], StatusCode::UNPROCESSABLE_ENTITY)
}

fn shown(room: &Room, typed: Typed, alarms: Vec<Alarm>, status: StatusCode) -> Shown {
    room.me.allowed(May::Administer).map_err(Trouble::Refused)?;
    let unapproved = [("hold", "is held, with an alarm"), ("send", "leaves all the same, and says so")];
    let breaking = [("one", "The editor who wrote it"), ("two", "Another editor than the one who wrote it")];
    let sheet = HousePage {
        frame: room.frame(Here::Settings),
        alarms,
        unapproved: unapproved.map(|(value, words)| Choice::new(value, words, &typed.unapproved)).into(),
        breaking: breaking.map(|(value, words)| Choice::new(value, words, &typed.breaking)).into(),
        minutes: typed.minutes,
        least: typed.least,
        most: typed.most,
    };
    Ok(page(status, &sheet))
}
