//! Subscribers, for those who look after them: counts, one person by the whole address, their consents.

use super::fields::Fields;
use super::pages::people::{
    ConsentLine, CountLine, CountTable, LetterLine, ReturnLine, SubscriberPage, SubscribersPage,
};
use super::pages::{Alarm, Here, Sign, thousands};
use super::session::Room;
use super::trouble::{Shown, Trouble, page, see};
use super::when::{When, town};
use axum::extract::Path;
use axum::response::IntoResponse;
use http::{StatusCode, header};
use newsroom::delivery::Occasion;
use newsroom::id::SubscriberId;
use newsroom::publication::name_in;
use newsroom::slug::Slug;
use newsroom::staff::May;
use newsroom::subscriber::{Address, BREAKING, Consent, ConsentAct, Frequency, Subscriber};
use newsroom::time::Timestamp;
use std::collections::BTreeMap;
use store::{Audience, DeliveryLine, Report, Slot};

/// Lines of one table.
const LINES_MAX: usize = 12;
/// Letters shown of one person, newest first.
const LETTERS_MAX: usize = 50;
/// Reports shown of one person, newest first.
const RETURNS_MAX: usize = 20;

/// `GET /newsroom/subscribers`.
pub(crate) async fn show(room: Room) -> Shown {
    room.me.allowed(May::SeeSubscribers).map_err(Trouble::Refused)?;
    counts(&room, String::new(), None, StatusCode::OK).await
}

/// `POST /newsroom/subscribers/search`: a whole address. Sent in the body, because addresses of pages are kept in logs.
pub(crate) async fn find(room: Room, fields: Fields) -> Shown {
    room.me.allowed(May::SeeSubscribers).map_err(Trouble::Refused)?;
    let typed = fields.first("address").to_owned();
    let address = match Address::parse(&typed) {
        Ok(address) => address,
        Err(refusal) => return counts(&room, typed, Some(refusal.to_string()), StatusCode::UNPROCESSABLE_ENTITY).await,
    };
    let found = room.desk().store().read(move |view| Ok::<_, Trouble>(view.subscriber_at(&address)?)).await?;
    match found {
        Some(subscriber) => Ok(see(&format!("/newsroom/subscribers/{}", subscriber.id))),
        None => {
            let sentence =
                "Nobody on the list has this address. Look for a typing slip; parts of an address are not searched.";
            counts(&room, typed, Some(sentence.into()), StatusCode::NOT_FOUND).await
        }
    }
}

async fn counts(room: &Room, address: String, fault: Option<String>, status: StatusCode) -> Shown {
    let now = room.now;
    let newsletters: Vec<Slug> = room.paper.newsletters.iter().map(|newsletter| newsletter.slug.clone()).collect();
    let (audience, slots, suppressed, subscribed) = room
        .desk()
        .store()
        .read(move |view| {
            let subscribed: Result<Vec<u64>, _> = newsletters.iter().map(|slug| view.subscribed_count(slug)).collect();
            Ok::<_, Trouble>((view.audience(now)?, view.slots()?, view.suppression_count()?, subscribed?))
        })
        .await?;
    let sheet = SubscribersPage {
        frame: room.frame(Here::Subscribers),
        facts: facts(audience, suppressed),
        address,
        fault,
        tables: if audience == Audience::default() { Vec::new() } else { tables(room, &slots, &subscribed) },
        subscribe_href: format!("{}/subscribe", room.desk().public_url()),
    };
    Ok(page(status, &sheet))
}

fn facts(audience: Audience, suppressed: u64) -> Vec<String> {
    vec![
        format!("{} confirmed", thousands(audience.confirmed)),
        format!("{} of them paused", thousands(audience.paused)),
        format!("{} not confirmed yet", thousands(audience.pending)),
        format!("{} left", thousands(audience.left)),
        format!("{} suppressed", thousands(suppressed)),
    ]
}

fn tables(room: &Room, slots: &[Slot], subscribed: &[u64]) -> Vec<CountTable> {
    let main = room.main_language();
    let mut zones: BTreeMap<String, u64> = BTreeMap::new();
    let mut hours: BTreeMap<String, u64> = BTreeMap::new();
    for slot in slots {
        *zones.entry(town(&slot.zone)).or_default() += slot.subscribers;
        *hours.entry(format!("{:02}:00", slot.hour)).or_default() += slot.subscribers;
    }
    let letters = room.paper.newsletters.iter().zip(subscribed);
    let letters =
        letters.map(|(letter, count)| (name_in(&letter.names, &main, &main, &letter.slug).to_owned(), *count));
    vec![
        table("Newsletters", "confirmed", letters.collect()),
        table("Where they are", "by zone", zones.into_iter().collect()),
        table("When they read", "their own hour", hours.into_iter().collect()),
    ]
}

/// The largest first; what does not fit is one line, so that it adds up.
fn table(title: &'static str, remark: &str, mut counts: Vec<(String, u64)>) -> CountTable {
    counts.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
    if counts.len() > LINES_MAX {
        let rest = counts.split_off(LINES_MAX - 1);
        counts.push((format!("{} others", rest.len()), rest.iter().map(|(_, count)| count).sum()));
    }
    let max = counts.iter().map(|(_, count)| *count).max().unwrap_or(0).max(1);
    let line = |(words, count)| CountLine { words, figure: thousands(count), count };
    CountTable { title, remark: remark.to_owned(), max, lines: counts.into_iter().map(line).collect() }
}

/// `GET /newsroom/subscribers/{id}`.
pub(crate) async fn one(room: Room, Path(id): Path<String>) -> Shown {
    person(&room, id.parse().map_err(|()| Trouble::Missing)?, Vec::new(), StatusCode::OK).await
}

/// `POST /newsroom/subscribers/{id}/acts`: what the newsroom does for one person, with its reason.
pub(crate) async fn act(room: Room, Path(id): Path<String>, fields: Fields) -> Shown {
    let id: SubscriberId = id.parse().map_err(|()| Trouble::Missing)?;
    let (desk, me, reason) = (room.desk(), &room.me, fields.first("reason"));
    let tags = fields.first("tags").split([',', ' ']).filter_map(Slug::from_words).collect();
    let done = match fields.first("do") {
        "tags" => desk.set_tags(me, id, tags).await,
        "pause" => desk.pause_for(me, id, reason).await,
        "leave" => desk.take_off(me, id, reason).await,
        "write-again" => desk.write_again_to(me, id, reason).await,
        "erase" => match desk.erase_for(me, id, reason).await {
            Ok(()) => return Ok(see("/newsroom/subscribers")),
            Err(error) => Err(error),
        },
        "export" => match desk.copy_for(me, id, reason).await {
            Ok(copy) => {
                let headers = [
                    (header::CONTENT_TYPE, "application/json; charset=utf-8"),
                    (header::CONTENT_DISPOSITION, "attachment; filename=\"subscriber.json\""),
                ];
                return Ok((headers, copy).into_response());
            }
            Err(error) => Err(error),
        },
        _ => return Err(Trouble::NotAForm),
    };
    match done {
        Ok(()) => Ok(see(&format!("/newsroom/subscribers/{id}"))),
        Err(desk::Error::Refused(refusal)) => {
            person(&room, id, vec![Alarm::says(refusal.to_string())], StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn person(room: &Room, id: SubscriberId, alarms: Vec<Alarm>, status: StatusCode) -> Shown {
    room.me.allowed(May::SeeSubscribers).map_err(Trouble::Refused)?;
    let hash = room.desk().address_hash(id).await?;
    let (returned, _) = room.desk().returned_for(&room.me, id, RETURNS_MAX).await?;
    let (subscriber, consents, subscriptions, letters, tags, suppressed) = room
        .desk()
        .store()
        .read(move |view| {
            let subscriber = view.subscriber(id)?.ok_or(Trouble::Missing)?;
            let letters = view.deliveries_of(id, LETTERS_MAX)?;
            let suppressed = view.suppression(&hash)?;
            let (consents, subscriptions) = (view.consents(id)?, view.subscriptions(id)?);
            Ok::<_, Trouble>((subscriber, consents, subscriptions, letters, view.tags_of(id)?, suppressed))
        })
        .await?;
    let zone = town(&subscriber.choices.zone);
    let when = |at| When::new(at, room.now, &room.zone);
    let sheet = SubscriberPage {
        frame: room.frame(Here::Subscribers),
        address: subscriber.address.as_str().to_owned(),
        sign: sign(room, &subscriber),
        facts: [Some(subscriber.name.clone()).filter(|name| !name.is_empty()), Some(zone)]
            .into_iter()
            .flatten()
            .collect(),
        consents: consents.iter().rev().map(|consent| line(room, consent)).collect(),
        gets: gets(room, &subscriber, &subscriptions),
        alarms,
        letters: letters.iter().map(|letter| letter_line(room, letter)).collect(),
        returned: returned.iter().map(|report| return_line(room, report)).collect(),
        suppressed: suppressed.map(|(reason, at)| format!("{reason}, since {}", when(at).words)),
        tags: tags.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        action: format!("/newsroom/subscribers/{id}/acts"),
        may_stop: subscriber.unsubscribed_at.is_none(),
    };
    Ok(page(status, &sheet))
}

fn letter_line(room: &Room, letter: &DeliveryLine) -> LetterLine {
    let delivery = &letter.delivery;
    let at = letter.settled_at.unwrap_or(delivery.dated);
    let works = match &delivery.occasion {
        Occasion::Edition(..) => delivery.payload.split_whitespace().count(),
        _ => 0,
    };
    LetterLine {
        when: When::new(at, room.now, &room.zone),
        what: super::deliveries::words(room, &delivery.occasion),
        state: delivery.state.key().to_owned(),
        items: if works > 0 { works.to_string() } else { String::new() },
    }
}

fn return_line(room: &Room, report: &Report) -> ReturnLine {
    ReturnLine {
        when: When::new(report.at, room.now, &room.zone),
        what: report.class.words(),
        facts: vec![format!("by {}", report.source)],
        reply: desk::mail_status::masked(&report.detail),
    }
}

fn sign(room: &Room, subscriber: &Subscriber) -> Sign {
    let when = |at| When::new(at, room.now, &room.zone).words;
    match (subscriber.unsubscribed_at, subscriber.confirmed_at, subscriber.paused_until) {
        (Some(at), _, _) => Sign::new("st-gone", format!("Left {}", when(at))),
        (None, None, _) => Sign::new("", "Not confirmed yet"),
        (None, Some(_), Some(until)) if until > room.now => {
            Sign::new("st-timed", format!("Paused until {}", when(until)))
        }
        (None, Some(at), _) => Sign::new("st-live", format!("Confirmed {}", when(at))),
    }
}

fn line(room: &Room, consent: &Consent) -> ConsentLine {
    let listed = consent.method.starts_with("import ");
    let what = match consent.act {
        ConsentAct::Asked if listed => "Asked, as the list says",
        ConsentAct::Confirmed if listed => "Confirmed, as the list says",
        ConsentAct::Asked => "Asked to subscribe",
        ConsentAct::Confirmed => "Confirmed by pressing the button",
        ConsentAct::Imported => "Came with an import",
        ConsentAct::Changed => "Changed the choices",
        ConsentAct::Paused => "Paused",
        ConsentAct::Resumed => "Ended the pause",
        ConsentAct::Moved => "Moved to another address, confirmed there",
        ConsentAct::Exported => "Got a copy of everything we keep",
        ConsentAct::Left => "Left",
        ConsentAct::Erased => "Was erased",
    };
    let text =
        Some(&consent.text_version).filter(|version| !version.is_empty()).map(|version| format!("text {version}"));
    let network = consent.network.as_ref().map(|network| format!("network {network}"));
    let method = Some(consent.method.clone()).filter(|method| !method.is_empty());
    ConsentLine {
        when: When::new(consent.at, room.now, &room.zone),
        what,
        facts: [method, text, network].into_iter().flatten().collect(),
    }
}

fn gets(room: &Room, subscriber: &Subscriber, subscriptions: &[(Slug, Timestamp)]) -> Vec<(&'static str, String)> {
    let main = room.main_language();
    let choices = &subscriber.choices;
    let letter = |(slug, _): &(Slug, Timestamp)| {
        if slug.as_str() == BREAKING {
            return "Breaking news".to_owned();
        }
        room.paper
            .newsletter(slug.as_str())
            .map_or_else(|| slug.to_string(), |l| name_in(&l.names, &main, &main, slug).to_owned())
    };
    let letters: Vec<String> = subscriptions.iter().map(letter).collect();
    let languages: Vec<&str> = choices.languages.iter().map(|language| language.endonym()).collect();
    let sections: Vec<String> = choices.sections.iter().map(|slug| room.paper.section_name(slug, &main)).collect();
    let often = match choices.frequency {
        Frequency::Daily => "every day",
        Frequency::Weekdays => "Monday to Friday",
        Frequency::Weekly(_) => "once a week",
    };
    vec![
        ("Newsletters", if letters.is_empty() { "none".into() } else { letters.join(", ") }),
        ("At", format!("{:02}:00, {often}, {}", choices.hour, choices.zone.name())),
        ("Reads", languages.join(", then ")),
        ("Sections", if sections.is_empty() { "all".into() } else { sections.join(", ") }),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_that_is_cut_still_adds_up() {
        let counts: Vec<(String, u64)> = (1..=20).map(|n| (format!("z{n:02}"), n)).collect();
        let table = table("Where", "by zone", counts);
        assert_eq!(table.lines.len(), LINES_MAX);
        assert_eq!(table.lines.iter().map(|line| line.count).sum::<u64>(), 210);
        assert_eq!((table.lines[0].count, table.lines[11].words.as_str()), (20, "9 others"));
    }
}
