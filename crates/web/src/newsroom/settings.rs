//! What the house decided and what the machine was told, to look at. Says where each is changed.

use super::fields::Fields;
use super::pages::Here;
use super::pages::people::{SettingsPage, SettingsPart};
use super::session::Room;
use super::trouble::{Shown, Trouble, page, see};
use http::StatusCode;
use newsroom::language::Language;
use newsroom::publication::{Names, name_in};
use newsroom::slug::Slug;
use newsroom::staff::May;

/// `GET /newsroom/settings`.
pub(crate) async fn show(room: Room) -> Shown {
    let count = room.desk().store().read(|view| Ok::<_, Trouble>(view.authors()?.len())).await?;
    let mut parts =
        vec![paper(&room), look(&room), places(&room), authors(&room, count), house(&room), machines(&room)];
    if room.me.role.may(May::Administer) {
        parts.extend([mail(&room), machine(&room)]);
    }
    let say = "To look at. Each part says where it is changed.";
    let notes = match room.me.role.may(May::Publish) {
        true => Some(room.desk().wants_notes(&room.me).await?),
        false => None,
    };
    Ok(page(StatusCode::OK, &SettingsPage { frame: room.frame(Here::Settings), say, parts, notes }))
}

/// `POST /newsroom/settings/notes`: whether this editor is told by mail that something waits.
pub(crate) async fn notes(room: Room, fields: Fields) -> Shown {
    room.desk().set_notes(&room.me, fields.first("notes") == "on").await?;
    Ok(see("/newsroom/settings"))
}

fn or_none(words: String) -> String {
    if words.trim().is_empty() { "not said yet".into() } else { words }
}

fn paper(room: &Room) -> SettingsPart {
    let publication = &room.paper.publication;
    let languages: Vec<String> =
        publication.languages().iter().map(|language| format!("{} ({language})", language.endonym())).collect();
    SettingsPart {
        title: "The publication",
        place: "kept in the database; set by masthead init",
        lines: vec![
            ("Name", publication.name.clone()),
            ("Place", or_none(publication.place.clone())),
            ("Time zone", publication.zone.clone()),
            ("Languages", languages.join(", ")),
            ("Readers write to", or_none(publication.contact.clone())),
            ("Postal address", or_none(publication.postal_address.clone())),
        ],
        change: None,
    }
}

fn look(room: &Room) -> SettingsPart {
    let publication = &room.paper.publication;
    let own = |value: &Option<String>| value.clone().unwrap_or_else(|| "the theme’s".into());
    let faces = &publication.faces;
    let report = room.desk().theme_report();
    let breaks = report.findings.iter().filter(|finding| finding.breaks).count();
    let theme = match (report.files, report.in_use) {
        (0, true) => "ours, unchanged".to_owned(),
        (files, true) => format!("{files} files of the theme folder"),
        (_, false) => format!("the theme folder breaks pages in {breaks} places and is not used: masthead theme check"),
    };
    SettingsPart {
        title: "The look",
        place: "kept in the database; files in the theme folder",
        lines: vec![
            (
                "Accent",
                format!("{} on light, {} on dark paper", own(&publication.accent), own(&publication.accent_dark)),
            ),
            ("Marker", format!("{} on light, {} on dark paper", own(&publication.mark), own(&publication.mark_dark))),
            ("Texts", own(&faces.text)),
            ("Headlines", own(&faces.head)),
            ("Labels", own(&faces.label)),
            ("Theme", theme),
            (
                "Without a network",
                if publication.offline { "pages somebody read are kept" } else { "nothing is kept" }.into(),
            ),
        ],
        change: room.me.role.may(May::Administer).then_some("/newsroom/settings/look"),
    }
}

fn places(room: &Room) -> SettingsPart {
    let main = room.main_language();
    let (paper, names) = (&room.paper, |all: Vec<String>| or_none(all.join(", ")));
    let name = |names: &Names, slug: &Slug, language: &Language| name_in(names, language, &main, slug).to_owned();
    SettingsPart {
        title: "Sections, topics, newsletters",
        place: "kept in the database; masthead import markdown brings more",
        lines: vec![
            ("Sections", names(paper.sections.iter().map(|one| name(&one.names, &one.slug, &main)).collect())),
            ("Topics", names(paper.topics.iter().map(|one| name(&one.names, &one.slug, &main)).collect())),
            ("Newsletters", names(paper.newsletters.iter().map(|one| name(&one.names, &one.slug, &main)).collect())),
        ],
        change: None,
    }
}

fn authors(room: &Room, count: usize) -> SettingsPart {
    SettingsPart {
        title: "Authors",
        place: "kept in the database; an import brings more",
        lines: vec![("Names above articles", count.to_string())],
        change: room.me.role.may(May::Edit).then_some("/newsroom/authors"),
    }
}

fn house(room: &Room) -> SettingsPart {
    let house = &room.paper.publication.house;
    let unapproved = if house.send_unapproved { "leaves all the same, and says so" } else { "is held" };
    SettingsPart {
        title: "House rules",
        place: "kept in the database",
        lines: vec![
            ("Not approved", format!("it {unapproved}")),
            ("Approved by", format!("{} minutes before a local hour", house.approval_minutes)),
            ("Articles", format!("{} at least, {} at most", house.items_min, house.items_max)),
            (
                "Breaking news",
                if house.breaking_by_two { "sent by a second editor" } else { "sent by who wrote it" }.into(),
            ),
        ],
        change: room.me.role.may(May::Administer).then_some("/newsroom/settings/house"),
    }
}

fn machines(room: &Room) -> SettingsPart {
    let machines = &room.paper.publication.machines;
    SettingsPart {
        title: "What machines are told",
        place: "kept in the database",
        lines: vec![
            ("Training on our texts", if machines.ai.reserves() { "not allowed" } else { "allowed" }.to_owned()),
            ("WebSub hub", or_none(machines.hub.clone())),
        ],
        change: room.me.role.may(May::Administer).then_some("/newsroom/settings/machines"),
    }
}

fn machine(room: &Room) -> SettingsPart {
    SettingsPart {
        title: "The machine",
        place: "masthead.toml in the data folder, then start again",
        lines: vec![
            ("Public address", room.desk().public_url().to_owned()),
            ("Database", room.desk().store().engine_name().to_owned()),
        ],
        change: None,
    }
}

fn mail(room: &Room) -> SettingsPart {
    let mail = room.desk().mail_settings();
    let relays = match room.desk().relays().len() {
        0 => "none: no letter can leave".to_owned(),
        count => count.to_string(),
    };
    SettingsPart {
        title: "How mail leaves",
        place: "masthead.toml in the data folder; promises in the database",
        lines: vec![
            ("Letters come from", mail.from.clone()),
            ("Bounces go to", mail.bounce_domain.clone()),
            ("Relays", relays),
        ],
        change: Some("/newsroom/settings/mail"),
    }
}
