//! The list of subscribers by what they chose, and the segments kept of it: counted before they are saved, written to,
//! exported. No address ever stands in the address of a page.

use super::fields::Fields;
use super::pages::people::{PersonLine, SegmentLine, SegmentsPage};
use super::pages::{Alarm, Choice, Here, counted, thousands};
use super::session::Room;
use super::trouble::{Shown, Trouble, page, see};
use super::when::{When, town};
use crate::form::Form;
use axum::body::Body;
use axum::extract::{Path, RawQuery};
use axum::response::{IntoResponse, Response};
use desk::Error;
use http::{StatusCode, header};
use newsroom::id::{SegmentId, SubscriberId};
use newsroom::language::Language;
use newsroom::publication::name_in;
use newsroom::segment::{Rules, Span};
use newsroom::slug::Slug;
use newsroom::staff::May;
use newsroom::subscriber::{BREAKING, Subscriber};
use newsroom::time::Zone;
use store::View;

/// People on one page.
const PEOPLE_PER_PAGE: usize = 50;
/// People in one piece of an export.
const PEOPLE_PER_PIECE: usize = 1_000;
/// Days offered for "since" and "not since".
const DAYS: [u32; 4] = [7, 30, 90, 365];

/// `GET /newsroom/segments?newsletter=…&section=…`: who that is, and how many.
pub(crate) async fn show(room: Room, RawQuery(query): RawQuery) -> Shown {
    let query = query.unwrap_or_default();
    sheet(&room, &Form::parse(query.as_bytes()), Vec::new(), StatusCode::OK).await
}

/// `POST /newsroom/segments`: keeps it under a name.
pub(crate) async fn keep(room: Room, fields: Fields) -> Shown {
    let form = Form::parse(fields.raw("rules").as_bytes());
    match room.desk().save_segment(&room.me, fields.first("name"), rules(&form)).await {
        Ok(_) => Ok(see("/newsroom/segments#kept")),
        Err(Error::Refused(refusal)) => {
            sheet(&room, &form, vec![Alarm::says(refusal.to_string())], StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /newsroom/segments/{id}/deletion`.
pub(crate) async fn delete(room: Room, Path(id): Path<String>) -> Shown {
    let id: SegmentId = id.parse().map_err(|()| Trouble::Missing)?;
    room.desk().delete_segment(&room.me, id).await?;
    Ok(see("/newsroom/segments#kept"))
}

/// `POST /newsroom/segments/{id}/export`: the people as CSV, a page at a time. A line of the ledger comes first.
pub(crate) async fn export(room: Room, Path(id): Path<String>) -> Shown {
    let id: SegmentId = id.parse().map_err(|()| Trouble::Missing)?;
    let segment = room.desk().store().read(move |view| Ok::<_, Trouble>(view.segment(id)?)).await?;
    let segment = segment.ok_or(Trouble::Missing)?;
    room.desk().note_export(&room.me, &format!("segment {}", segment.name)).await?;
    Ok(download(room, segment.rules))
}

/// Sends page after page; memory does not grow with the segment.
fn download(room: Room, rules: Rules) -> Response {
    let (mut sender, body) = http_body_util::channel::Channel::<bytes::Bytes, axum::Error>::new(2);
    tokio::spawn(async move {
        let (mut after, mut head): (Option<SubscriberId>, bool) = (None, true);
        loop {
            let (asked, now) = (rules.clone(), room.now);
            let look =
                move |view: &View<'_>| Ok::<_, Trouble>(view.segment_members(&asked, now, after, PEOPLE_PER_PIECE)?);
            let page: Result<Vec<Subscriber>, Trouble> = room.desk().store().read(look).await;
            let written = page.and_then(|page| {
                after = page.last().map(|last| last.id);
                Ok(desk::export::csv_page(&page, std::mem::take(&mut head))?)
            });
            match written {
                // Either the list is at its end, or whoever asked has gone.
                Ok(bytes) => {
                    if sender.send_data(bytes.into()).await.is_err() || after.is_none() {
                        return;
                    }
                }
                Err(trouble) => {
                    tracing::error!("an export of subscribers broke off: {trouble:?}");
                    return sender
                        .abort(axum::Error::new(std::io::Error::other("the list could not be read to its end")));
                }
            }
        }
    });
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"segment.csv\""),
    ];
    (headers, Body::new(body)).into_response()
}

async fn sheet(room: &Room, form: &Form, alarms: Vec<Alarm>, status: StatusCode) -> Shown {
    room.me.allowed(May::SeeSubscribers).map_err(Trouble::Refused)?;
    let (asked, now) = (rules(form), room.now);
    asked.check().map_err(Trouble::Refused)?;
    let after = form.first("after").parse::<SubscriberId>().ok();
    let rules_of = asked.clone();
    let (found, people, kept, tags, zones) = room
        .desk()
        .store()
        .read(move |view| {
            let mut kept = Vec::new();
            for segment in view.segments()? {
                let count = view.segment_count(&segment.rules, now)?;
                kept.push((segment, count));
            }
            let people = view.segment_members(&asked, now, after, PEOPLE_PER_PAGE)?;
            Ok::<_, Trouble>((view.segment_count(&asked, now)?, people, kept, view.tags()?, view.zones_in_use()?))
        })
        .await?;
    let rules = query(&rules_of);
    let next = people.last().filter(|_| people.len() == PEOPLE_PER_PAGE);
    let next = next.map(|last| format!("/newsroom/segments?{rules}&after={}", last.id));
    let choices = Offered { room, rules: &rules_of };
    let sheet = SegmentsPage {
        frame: room.frame(Here::Subscribers),
        alarms,
        newsletters: choices.newsletters(),
        sections: choices.sections(),
        languages: choices.languages(),
        zones: choices.zones(&zones),
        tags: choices.tags(&tags),
        joined: spans(rules_of.joined, "joined"),
        acted: spans(rules_of.acted, "did something themselves"),
        found: counted(found, "reader", "readers"),
        narrowed: rules_of != Rules::default(),
        rules,
        people: people.iter().map(|one| person(room, one)).collect(),
        next,
        kept: kept
            .into_iter()
            .map(|(segment, count)| SegmentLine {
                href: format!("/newsroom/segments?{}", query(&segment.rules)),
                id: segment.id.to_string(),
                name: segment.name,
                count: thousands(count),
                when: When::new(segment.made_at, room.now, &room.zone),
            })
            .collect(),
    };
    Ok(page(status, &sheet))
}

fn person(room: &Room, one: &Subscriber) -> PersonLine {
    let since = one.confirmed_at.unwrap_or(one.created_at);
    PersonLine {
        href: format!("/newsroom/subscribers/{}", one.id),
        address: one.address.as_str().to_owned(),
        reads: one.choices.languages.iter().map(|language| language.endonym()).collect::<Vec<_>>().join(", "),
        at: format!("{:02}:00 {}", one.choices.hour, town(&one.choices.zone)),
        since: When::new(since, room.now, &room.zone),
    }
}

/// Reads the rules from a form; what is odd asks nothing.
fn rules(form: &Form) -> Rules {
    let slugs = |name: &str| form.all(name).iter().filter_map(|slug| Slug::parse(slug)).collect::<Vec<_>>();
    Rules {
        newsletter: Slug::parse(form.first("newsletter")),
        sections: slugs("section"),
        languages: form.all("language").iter().filter_map(|tag| Language::parse(tag)).collect(),
        zones: form.all("zone").iter().filter_map(|name| Zone::parse(name)).collect(),
        tags: slugs("tag"),
        joined: span(form.first("joined")),
        acted: span(form.first("acted")),
    }
}

/// The rules as a query, for links and for the form that keeps them.
fn query(rules: &Rules) -> String {
    let mut out = form_urlencoded::Serializer::new(String::new());
    out.extend_pairs(rules.newsletter.iter().map(|slug| ("newsletter", slug.as_str())));
    out.extend_pairs(rules.sections.iter().map(|slug| ("section", slug.as_str())));
    out.extend_pairs(rules.languages.iter().map(|language| ("language", language.code())));
    out.extend_pairs(rules.zones.iter().map(|zone| ("zone", zone.name())));
    out.extend_pairs(rules.tags.iter().map(|tag| ("tag", tag.as_str())));
    out.extend_pairs(rules.joined.map(|span| ("joined", written(span))));
    out.extend_pairs(rules.acted.map(|span| ("acted", written(span))));
    out.finish()
}

/// `30` within thirty days, `-30` not within them.
fn span(text: &str) -> Option<Span> {
    match text.strip_prefix('-') {
        Some(days) => days.parse().ok().map(Span::NotWithin),
        None => text.parse().ok().map(Span::Within),
    }
}

fn written(span: Span) -> String {
    match span {
        Span::Within(days) => days.to_string(),
        Span::NotWithin(days) => format!("-{days}"),
    }
}

fn spans(chosen: Option<Span>, what: &str) -> Vec<Choice> {
    let chosen = chosen.map(written).unwrap_or_default();
    let within = DAYS.map(|days| Choice::new(days.to_string(), format!("{what} in the last {days} days"), &chosen));
    let before = DAYS.map(|days| Choice::new(format!("-{days}"), format!("not in the last {days} days"), &chosen));
    [Choice::new("", "at any time", &chosen)].into_iter().chain(within).chain(before).collect()
}

/// What can be chosen, with what is.
struct Offered<'a> {
    room: &'a Room,
    rules: &'a Rules,
}

impl Offered<'_> {
    fn newsletters(&self) -> Vec<Choice> {
        let (main, chosen) = (self.room.main_language(), self.rules.newsletter.as_ref().map_or("", Slug::as_str));
        let any = Choice::new("", "any newsletter", chosen);
        let named = self.room.paper.newsletters.iter();
        let named =
            named.map(|one| Choice::new(one.slug.as_str(), name_in(&one.names, &main, &main, &one.slug), chosen));
        [any].into_iter().chain(named).chain([Choice::new(BREAKING, "Breaking news", chosen)]).collect()
    }

    fn sections(&self) -> Vec<Choice> {
        let main = self.room.main_language();
        let one = |section: &newsroom::publication::Section| Choice {
            value: section.slug.to_string(),
            words: name_in(&section.names, &main, &main, &section.slug).to_owned(),
            chosen: self.rules.sections.contains(&section.slug),
        };
        self.room.paper.sections.iter().map(one).collect()
    }

    fn languages(&self) -> Vec<Choice> {
        let one = |language: &Language| Choice {
            value: language.code().to_owned(),
            words: language.endonym().to_owned(),
            chosen: self.rules.languages.contains(language),
        };
        self.room.paper.publication.languages().iter().map(one).collect()
    }

    fn zones(&self, used: &[Zone]) -> Vec<Choice> {
        let chosen = |zone: &Zone| self.rules.zones.iter().any(|one| one.name() == zone.name());
        let one = |zone: &Zone| Choice { value: zone.name().to_owned(), words: town(zone), chosen: chosen(zone) };
        used.iter().map(one).collect()
    }

    fn tags(&self, used: &[Slug]) -> Vec<Choice> {
        let one = |tag: &Slug| Choice {
            value: tag.to_string(),
            words: tag.to_string(),
            chosen: self.rules.tags.contains(tag),
        };
        used.iter().map(one).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_survive_the_address_of_a_page() {
        let text =
            "newsletter=daily&section=a&section=b&language=ht&zone=Africa%2FNairobi&tag=kisumu&joined=30&acted=-90";
        let read = rules(&Form::parse(text.as_bytes()));
        assert_eq!(query(&read), text);
        assert_eq!(rules(&Form::parse(query(&read).as_bytes())), read);
        assert_eq!(rules(&Form::parse(b"zone=Mars&joined=x&newsletter=&tag=%00")), Rules::default());
    }
}
