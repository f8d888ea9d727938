//! What machines are told, for those who administer: hub, terms for programs that learn, memberships, opinion.

use super::fields::Fields;
use super::pages::people::MachinesPage;
use super::pages::{Alarm, Choice, Here};
use super::session::Room;
use super::trouble::{Shown, Trouble, page};
use desk::Error;
use http::StatusCode;
use newsroom::machines::{AiTerms, Machines};
use newsroom::publication::name_in;
use newsroom::slug::Slug;
use newsroom::staff::May;

/// `GET /newsroom/settings/machines`.
pub(crate) async fn show(room: Room) -> Shown {
    shown(&room, &room.paper.publication.machines, None, Vec::new(), StatusCode::OK)
}

/// `POST /newsroom/settings/machines`.
pub(crate) async fn change(room: Room, fields: Fields) -> Shown {
    let lines = |name: &str| -> Vec<String> {
        fields.raw(name).lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
    };
    let typed = Machines {
        hub: fields.first("hub").to_owned(),
        ai: AiTerms::parse(fields.first("ai")).unwrap_or(room.paper.publication.machines.ai),
        terms: fields.first("terms").to_owned(),
        opinion: fields.all("opinion").iter().filter_map(|slug| Slug::parse(slug)).collect(),
        belongs_to: lines("belongs_to"),
        social: lines("social"),
    };
    match room.desk().set_machines(&room.me, typed.clone()).await {
        Ok(()) => shown(
            &room,
            &typed,
            Some("Kept. Feeds, robots.txt and licences say it from now on."),
            Vec::new(),
            StatusCode::OK,
        ),
        Err(Error::Refused(refusal)) => {
            let alarms = vec![Alarm::says(refusal.to_string())];
            shown(&room, &typed, None, alarms, StatusCode::UNPROCESSABLE_ENTITY)
        }
        Err(error) => Err(error.into()),
    }
}

fn shown(
    room: &Room,
    machines: &Machines,
    done: Option<&'static str>,
    alarms: Vec<Alarm>,
    status: StatusCode,
) -> Shown {
    room.me.allowed(May::Administer).map_err(Trouble::Refused)?;
    let main = room.main_language();
    let section = |section: &newsroom::publication::Section| {
        let name = name_in(&section.names, &main, &main, &section.slug).to_owned();
        (section.slug.to_string(), name, machines.opinion.contains(&section.slug))
    };
    let sheet = MachinesPage {
        frame: room.frame(Here::Settings),
        alarms,
        done,
        hub: machines.hub.clone(),
        ai: AiTerms::ALL.map(|terms| Choice::new(terms.key(), words(terms), machines.ai.key())).into(),
        terms: machines.terms.clone(),
        sections: room.paper.sections.iter().map(section).collect(),
        belongs_to: machines.belongs_to.join("\n"),
        social: machines.social.join("\n"),
    };
    Ok(page(status, &sheet))
}

fn words(terms: AiTerms) -> &'static str {
    match terms {
        AiTerms::Allowed => "Everything: train, find, answer",
        AiTerms::NoTraining => "Find and answer, but not train",
        AiTerms::Refused => "Nothing; search engines are not meant",
    }
}
