//! The sums of what was sent, and the letters somebody has to look at, in the relay's own words.
//! Shows whole addresses only to those who may see subscribers.

use super::edition::deliveries_href;
use super::fields::Fields;
use super::pages::lists::{DeliveriesPage, DeliveryLine, DeliveryList, Going, OccasionLine, WaveLine};
use super::pages::{Here, counted, sum, thousands};
use super::session::Room;
use super::trouble::{Shown, Trouble, page, see};
use super::when::{When, long_day, short_day, town};
use axum::extract::Query;
use desk::Error;
use desk::doubts::Which;
use http::StatusCode;
use newsroom::delivery::{Books, DeliveryState, Occasion};
use newsroom::id::DeliveryId;
use newsroom::publication::name_in;
use newsroom::slug::Slug;
use newsroom::staff::May;
use newsroom::subscriber::Address;
use serde::Deserialize;
use store::{DeliveryLine as Row, Edition};

/// Letters on one page of a list.
const PAGE: usize = 100;
/// Issues looked at for the list of occasions.
const EDITIONS_MAX: usize = 120;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wish {
    occasion: String,
    state: String,
    after: String,
}

/// `GET /newsroom/deliveries?occasion=&state=&after=`.
pub(crate) async fn show(room: Room, Query(wish): Query<Wish>) -> Shown {
    if wish.occasion.is_empty() {
        return all(&room).await;
    }
    let occasion = Occasion::parse(&wish.occasion).ok_or(Trouble::Missing)?;
    let key = occasion.key();
    let (books, list) = one(&room, &occasion, &wish).await?;
    let title = words(&room, &occasion);
    let sheet = DeliveriesPage {
        frame: room.frame(Here::Deliveries),
        crumb: Some("Deliveries"),
        title,
        say: say(&books),
        terms: sum(&books, Some(&key)),
        going: going(&room, occasion.clone()).await?,
        may_decide: room.me.role.may(May::ApproveEdition),
        key,
        list,
        waves: waves(&room, &occasion).await?,
        occasions: Vec::new(),
    };
    Ok(page(StatusCode::OK, &sheet))
}

/// What a letter is called here.
pub(crate) fn words(room: &Room, occasion: &Occasion) -> String {
    match occasion {
        Occasion::Edition(newsletter, day) => format!("{}, {}", newsletter_name(room, newsletter), long_day(*day)),
        Occasion::Confirmation(_) => "A confirmation".into(),
        Occasion::Welcome(_) => "A welcome".into(),
        Occasion::SignIn(_) => "A sign-in link".into(),
        Occasion::Move(_) => "A change of address".into(),
        Occasion::Moved(_) => "A word to an old address".into(),
        Occasion::Code(_) => "A code".into(),
        Occasion::Breaking(day) => format!("Breaking news, {}", long_day(*day)),
        Occasion::OneOff(_) => "A letter to readers".into(),
        Occasion::Note(_) => "A note to editors".into(),
    }
}

/// How the mail of an occasion fares, for issues; other letters are too few to count by relay.
async fn going(room: &Room, occasion: Occasion) -> Result<Going, Trouble> {
    let Occasion::Edition(..) = occasion else { return Ok(Going::default()) };
    let status = room.desk().mail_of(occasion).await?;
    let when = |at| When::new(at, room.now, &room.zone).words;
    let left = match status.seconds_left {
        None => String::new(),
        Some(seconds) if seconds < 90 => format!(", about {} left", counted(seconds.max(1), "second", "seconds")),
        Some(seconds) => format!(", about {} left", counted(seconds.div_ceil(60), "minute", "minutes")),
    };
    let line = |(name, books): (String, Books)| OccasionLine {
        words: if name.is_empty() { "not with a relay yet".into() } else { name },
        href: String::new(),
        terms: sum(&books, None),
    };
    let said = |said: desk::mail_status::Refused| DeliveryLine {
        address: counted(said.count, "letter", "letters"),
        facts: vec![said.class],
        reply: said.words,
    };
    Ok(Going {
        say: match status.per_minute {
            0 => String::new(),
            rate => format!("{} a minute{left}.", thousands(rate.into())),
        },
        paused: status.paused.map(|pause| {
            (
                format!(
                    "Paused {}: relay {} refuses what we send, and nobody’s address is to blame.",
                    when(pause.since),
                    pause.relay
                ),
                pause.words,
            )
        }),
        relays: status.by_relay.into_iter().map(line).collect(),
        domains: status.by_domain.into_iter().map(line).collect(),
        refusals: status.refusals.into_iter().map(said).collect(),
        nodes: Vec::new(),
    })
}

fn nodes(room: &Room, rooms: Vec<desk::MailroomReport>) -> Vec<(String, Vec<String>, String)> {
    let relay = |relay: desk::RelayReport| {
        let mut facts = vec![
            counted(relay.connections as u64, "connection", "connections"),
            format!("{} a minute", thousands(relay.per_minute.into())),
        ];
        facts.extend(relay.limit.map(|limit| format!("limit {} a minute", thousands(limit.into()))));
        let until =
            relay.left_alone_until.map(|at| format!("left alone until {}", When::new(at, room.now, &room.zone).words));
        facts.extend(until);
        (relay.name, facts, relay.trouble.unwrap_or_default())
    };
    rooms.into_iter().flat_map(|room| room.relays).map(relay).collect()
}

/// `POST /newsroom/deliveries/again`.
pub(crate) async fn again(room: Room, fields: Fields) -> Shown {
    let (occasion, state) = meant(&fields)?;
    room.desk().send_again(Some(&room.me), Which::Occasion(occasion.clone(), state)).await?;
    Ok(see(&format!("/newsroom/deliveries?occasion={}", occasion.key())))
}

/// `POST /newsroom/deliveries/leave`.
pub(crate) async fn leave(room: Room, fields: Fields) -> Shown {
    let (occasion, state) = meant(&fields)?;
    room.desk().leave_uncertain(Some(&room.me), Which::Occasion(occasion.clone(), state)).await?;
    Ok(see(&format!("/newsroom/deliveries?occasion={}", occasion.key())))
}

/// `POST /newsroom/deliveries/go-on`.
pub(crate) async fn go_on(room: Room, fields: Fields) -> Shown {
    let occasion = Occasion::parse(fields.first("occasion")).ok_or(Trouble::Missing)?;
    match room.desk().let_go_on(Some(&room.me), occasion.clone()).await {
        // Somebody else was faster: it goes on, and that is what was wanted.
        Ok(()) | Err(Error::Missing) => Ok(see(&format!("/newsroom/deliveries?occasion={}", occasion.key()))),
        Err(error) => Err(error.into()),
    }
}

fn meant(fields: &Fields) -> Result<(Occasion, DeliveryState), Trouble> {
    let occasion = Occasion::parse(fields.first("occasion")).ok_or(Trouble::Missing)?;
    match fields.first("state") {
        "uncertain" => Ok((occasion, DeliveryState::Uncertain)),
        "refused" => Ok((occasion, DeliveryState::Refused)),
        _ => Err(Trouble::Missing),
    }
}

/// What has been put together of an edition, zone by zone.
async fn waves(room: &Room, occasion: &Occasion) -> Result<Vec<WaveLine>, Trouble> {
    let Occasion::Edition(newsletter, date) = occasion.clone() else { return Ok(Vec::new()) };
    let waves = room.desk().store().read(move |view| Ok::<_, Trouble>(view.waves(&newsletter, date)?)).await?;
    let line = |wave: store::Wave| WaveLine {
        town: town(&wave.zone),
        hour: format!("{:02}:00", wave.hour),
        frozen: When::new(wave.frozen_at, room.now, &room.zone),
        made: thousands(wave.made),
        nothing_new: thousands(wave.nothing_new),
    };
    let mut lines: Vec<WaveLine> = waves.into_iter().map(line).collect();
    lines.sort_by(|one, other| (&one.town, &one.hour).cmp(&(&other.town, &other.hour)));
    Ok(lines)
}

async fn all(room: &Room) -> Shown {
    let (books, editions) = room
        .desk()
        .store()
        .read(move |view| {
            let mut seen: Vec<(Edition, Books)> = Vec::new();
            for edition in view.latest_editions(EDITIONS_MAX)? {
                let known = |(other, _): &(Edition, Books)| {
                    other.newsletter == edition.newsletter && other.date == edition.date
                };
                if !seen.iter().any(known) {
                    let books = view.books(&Occasion::Edition(edition.newsletter.clone(), edition.date))?;
                    seen.push((edition, books));
                }
            }
            Ok::<_, Trouble>((view.all_books()?, seen))
        })
        .await?;
    let line = |(edition, books): &(Edition, Books)| OccasionLine {
        words: format!("{}, {}", newsletter_name(room, &edition.newsletter), short_day(edition.date)),
        href: deliveries_href(edition, None),
        terms: sum(books, None),
    };
    let made = editions.iter().filter(|(_, books)| books.total > 0);
    let sheet = DeliveriesPage {
        frame: room.frame(Here::Deliveries),
        crumb: None,
        title: "Deliveries".into(),
        say: "Every letter this installation ever made, confirmations and sign-in links included.".into(),
        terms: if books.total > 0 { sum(&books, None) } else { Vec::new() },
        key: String::new(),
        may_decide: false,
        going: Going { nodes: nodes(room, room.desk().mailrooms().await?), ..Going::default() },
        list: None,
        waves: Vec::new(),
        occasions: made.map(line).collect(),
    };
    Ok(page(StatusCode::OK, &sheet))
}

fn newsletter_name(room: &Room, slug: &Slug) -> String {
    let main = room.main_language();
    room.paper
        .newsletter(slug.as_str())
        .map_or_else(|| slug.to_string(), |found| name_in(&found.names, &main, &main, slug).to_owned())
}

fn say(books: &Books) -> String {
    match (books.waiting, books.uncertain) {
        (0, 0) => "Nothing waits and nothing is in doubt.".into(),
        (0, doubts) => format!(
            "Nothing waits. {} may have arrived or not: the relay broke off before its answer.",
            thousands(doubts)
        ),
        (waiting, _) => format!("{} still wait for their turn or for a relay that said later.", thousands(waiting)),
    }
}

/// The states a word in the address stands for, with its title and what it means.
fn states(word: &str) -> Option<(&'static [DeliveryState], &'static str, &'static str)> {
    use DeliveryState::{Claimed, Deferred, Expired, Queued, Refused, Transmitted, Uncertain};
    match word {
        "refused" => {
            Some((&[Refused], "Refused", "The relay or the mailbox said never. What they said stands below each."))
        }
        "uncertain" => Some((
            &[Uncertain],
            "Uncertain",
            "The relay broke off after taking the whole letter and before saying yes. It may have arrived, so we do not send it twice by ourselves.",
        )),
        "waiting" => Some((
            &[Queued, Claimed, Transmitted, Deferred],
            "Waiting",
            "In the queue, on its way, or asked to come later. They are tried again for a day.",
        )),
        "expired" => Some((&[Expired], "Expired", "Not taken within a day. News is old by then, so we stopped.")),
        _ => None,
    }
}

async fn one(room: &Room, occasion: &Occasion, wish: &Wish) -> Result<(Books, Option<DeliveryList>), Trouble> {
    let Some((states, title, say)) = states(&wish.state) else {
        let occasion = occasion.clone();
        let books = room.desk().store().read(move |view| Ok::<_, Trouble>(view.books(&occasion)?)).await?;
        return Ok((books, None));
    };
    let after: Option<DeliveryId> = wish.after.parse().ok();
    let wanted = occasion.clone();
    let (books, rows, envelopes) = room
        .desk()
        .store()
        .read(move |view| {
            let mut rows: Vec<Row> = Vec::new();
            for state in states {
                rows.extend(view.deliveries_in(&wanted, *state, after, PAGE)?);
            }
            rows.sort_by_key(|row| row.delivery.id);
            rows.truncate(PAGE);
            let ids: Vec<DeliveryId> = rows.iter().map(|row| row.delivery.id).collect();
            Ok::<_, Trouble>((view.books(&wanted)?, rows, view.envelopes(&ids)?))
        })
        .await?;
    let whole = room.me.role.may(May::SeeSubscribers);
    let lines = rows.iter().map(|row| {
        let found = envelopes.iter().find(|envelope| envelope.delivery == row.delivery.id);
        let address = found.and_then(|envelope| envelope.address.as_ref());
        let shown = address.map(|address| if whole { address.as_str().to_owned() } else { address.masked() });
        let mut line = line(room, row, shown.unwrap_or_else(|| "erased".into()));
        if !whole {
            line.reply = masked(&line.reply, address);
        }
        line
    });
    let next = (rows.len() == PAGE).then(|| rows.last()).flatten().map(|last| {
        format!("/newsroom/deliveries?occasion={}&state={}&after={}#list", occasion.key(), wish.state, last.delivery.id)
    });
    let count = match wish.state.as_str() {
        "refused" => books.refused,
        "uncertain" => books.uncertain,
        "waiting" => books.waiting,
        _ => books.expired,
    };
    let decide = match wish.state.as_str() {
        "uncertain" => vec![
            (
                "again",
                "Send these again",
                "with the same Message-ID, so that most mail programs show a second copy once",
            ),
            ("leave", "Leave them", "they stay uncertain in the sum, and are asked about no more"),
        ],
        "refused" if rows.iter().any(|row| row.code.as_deref() == Some("policy")) => {
            vec![("again", "Send again what was refused because of us", "once what the relay minds has been put right")]
        }
        _ => Vec::new(),
    };
    let list = DeliveryList {
        state: wish.state.clone(),
        title,
        count: thousands(count),
        say,
        lines: lines.collect(),
        next,
        decide,
    };
    Ok((books, Some(list)))
}

fn line(room: &Room, row: &Row, address: String) -> DeliveryLine {
    let when = |at| When::new(at, room.now, &room.zone).words;
    let attempt = match row.delivery.attempt {
        0 => "not tried yet".to_owned(),
        1 => "first try".to_owned(),
        count => format!("try {count}"),
    };
    let time = row.settled_at.map_or_else(|| format!("due {}", when(row.delivery.due_at)), when);
    let said = [row.code.clone(), row.reply.clone()].into_iter().flatten().collect::<Vec<_>>().join(" ");
    DeliveryLine {
        address,
        facts: [Some(time), row.relay.clone(), Some(attempt)]
            .into_iter()
            .flatten()
            .filter(|fact| !fact.is_empty())
            .collect(),
        reply: said.trim().to_owned(),
    }
}

/// What a relay said, without the address it said it about: relays like to repeat it, plain or escaped.
fn masked(reply: &str, address: Option<&Address>) -> String {
    let local = address.and_then(|address| address.as_str().rsplit_once('@')).map(|(local, _)| local.to_lowercase());
    let tells = |word: &str| {
        let word = word.to_lowercase();
        let escaped = ["@", "=40", "%40", "&#64;", "+40"].iter().any(|sign| word.contains(sign));
        escaped || local.as_ref().is_some_and(|local| local.chars().count() > 2 && word.contains(local.as_str()))
    };
    reply.split(' ').map(|word| if tells(word) { "…" } else { word }).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_relay_repeats_of_an_address_is_masked_as_well() {
        let rose = Address::parse("rose.atieno@posta.example").ok();
        for (reply, shown) in [
            ("5.1.1 <rose.atieno@posta.example>: User unknown", "5.1.1 … User unknown"),
            ("5.7.1 bounces+rose.atieno=posta.example refused", "5.7.1 … refused"),
            ("no mailbox Rose.Atieno here", "no mailbox … here"),
            ("see https://help.example/?to=x%40y.example", "see …"),
            ("4.2.2 mailbox full", "4.2.2 mailbox full"),
        ] {
            assert_eq!(masked(reply, rose.as_ref()), shown);
        }
        assert_eq!(masked("unknown a@b.example", None), "unknown …");
    }
}
