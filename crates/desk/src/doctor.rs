//! Looks over the paper's mail as the world sees it: its records, its relays, its way out, its clock, its complaints.
//! Asks and looks, never changes. What the answers mean is decided in `mail::doctor`.

use crate::desk::Desk;
use crate::error::Error;
use crate::keys::{DkimKey, DkimKeyState};
use crate::outgoing::{Errand, NoReply, Reply};
use crate::relays::RelayPlan;
use http::{HeaderValue, header};
use mail::doctor::{self, Key, RelaySeen, Sender, Standing};
use mail::maildrop::{Maildrop, MaildropError};
use newsroom::id::SubscriberId;
use newsroom::returned::{Alarm, Rates};
use newsroom::time::{SECOND, Timestamp};
use std::time::Duration;

pub use mail::doctor::{About, Finding, Verdict};

/// How long opening a connection to one relay may take.
const RELAY_SECONDS: u64 = 10;
/// How long the mailbox of reports may take to let us in and count.
const MAILBOX_SECONDS: u64 = 20;
/// Whose servers tell whether letters can leave without a relay.
const PROBE_DOMAIN: &str = "gmail.com";
/// A machine whose clock stands before this day has lost its time: 2025-01-01.
const PLAUSIBLE_FROM: Timestamp = Timestamp(1_735_689_600_000_000);
/// Seconds by which our clock and that of whoever stands in front of us may differ.
const CLOCKS_APART_SECONDS: i64 = 60;
/// What the way out says to a token that is nobody's.
pub const NOBODYS_LINK: &str = "This link was not made by us.\n";

impl Desk {
    /// Everything that can be said about the paper's mail from here, in the order of [`About`]. Takes some seconds: name
    /// servers, every relay and our own public address are asked. Sends no letter.
    pub async fn examine_mail(&self) -> Result<Vec<Finding>, Error> {
        let plans = self.relays();
        let opened = async {
            let mut opening = tokio::task::JoinSet::new();
            for (at, plan) in plans.iter().enumerate() {
                let (plan, desk) = (plan.clone(), self.clone());
                opening.spawn(async move { (at, desk.see(&plan).await) });
            }
            let mut opened = opening.join_all().await;
            opened.sort_by_key(|(at, _)| *at);
            opened.into_iter().map(|(_, seen)| seen).collect()
        };
        let (relays, keys, rates, mailbox) = tokio::join!(opened, self.dkim_keys(), self.rates(), self.mailbox());
        let sender = self.sender(relays, keys?);
        let (looked, way_out) = tokio::join!(doctor::look(self.outgoing().names(), &sender), self.way_out());
        let mut found = doctor::examine(&sender, &looked);
        if sender.is_public() {
            found.extend(way_out_said(self.public_url(), &way_out, self.now()));
            found.push(complaints(rates?));
        }
        found.extend(mailbox);
        found.push(clock(self.now()));
        if sender.is_public() {
            found.extend(doctor::providers(&found));
        }
        found.sort_by_key(|finding| finding.about);
        Ok(found)
    }

    fn sender(&self, relays: Vec<RelaySeen>, keys: Vec<DkimKey>) -> Sender {
        let host = host_of(self.public_url()).to_ascii_lowercase();
        let key = |key: DkimKey| {
            let standing = match key.state {
                DkimKeyState::Prepared => Standing::Prepared,
                DkimKeyState::InUse { .. } => Standing::InUse,
                DkimKeyState::Retired { .. } => Standing::Retired,
            };
            key.records.into_iter().map(move |(name, record)| Key { name, record, standing })
        };
        Sender {
            from_domain: self.mail_domain().to_ascii_lowercase(),
            bounce_domain: self.mail_settings().bounce_domain.to_ascii_lowercase(),
            host,
            keys: keys.into_iter().flat_map(key).collect(),
            relays,
        }
    }

    /// Opens a connection and says goodbye: to the relay, or, where there is none, to a provider that nearly every list
    /// has readers at.
    async fn see(&self, plan: &RelayPlan) -> RelaySeen {
        let mut settings = plan.settings.clone();
        settings.timeouts.step = Duration::from_secs(RELAY_SECONDS);
        let opening = async {
            let connection = match plan.direct {
                true => self.open_straight(PROBE_DOMAIN, &settings).await?,
                false => mail::Relay::new(settings).map_err(said)?.open().await.map_err(said)?,
            };
            let encrypted = connection.is_encrypted();
            connection.quit().await;
            Ok(encrypted)
        };
        let in_time = tokio::time::timeout(Duration::from_secs(2 * RELAY_SECONDS), opening).await;
        let opened = in_time.unwrap_or_else(|_| Err("there was no answer in time".to_owned()));
        let opened = opened.map_err(|why| crate::mail_status::masked(&why));
        RelaySeen { name: plan.name.clone(), host: plan.settings.host.clone(), opened }
    }

    /// Signs in to the mailbox of reports, where there is one, counts, and signs out; takes nothing.
    async fn mailbox(&self) -> Option<Finding> {
        let settings = self.returns().maildrop.clone()?;
        let place = format!("The mailbox of reports at {}", settings.host);
        let visiting = async {
            let visit = Maildrop::new(settings)?.visit().await?;
            let waiting = visit.waiting().len();
            visit.leave().await?;
            Ok::<_, MaildropError>(waiting)
        };
        let sentence = match tokio::time::timeout(Duration::from_secs(MAILBOX_SECONDS), visiting).await {
            Ok(Ok(waiting)) => {
                let words = format!("{place} lets us in. Messages there: {waiting}.");
                return Some(Finding::pass(About::Mailbox, words));
            }
            Ok(Err(why)) => format!("{place} cannot be emptied: {why}. See [bounces] in masthead.toml."),
            Err(_) => format!("{place} did not let us in within {MAILBOX_SECONDS} seconds."),
        };
        Some(Finding::mend(About::Mailbox, sentence))
    }

    /// Asks our own public address to let nobody leave, as a mail program would (RFC 8058).
    async fn way_out(&self) -> Result<Reply, NoReply> {
        let url = format!("{}/unsubscribe/{}", self.public_url(), self.unsubscribe_token(SubscriberId(0)));
        let form = HeaderValue::from_static("application/x-www-form-urlencoded");
        self.outgoing().send(Errand::post(url, form, "List-Unsubscribe=One-Click")).await
    }
}

fn said(fault: mail::OpenError) -> String {
    fault.to_string()
}

/// The host of an address, without scheme, port and brackets.
fn host_of(url: &str) -> String {
    let parsed = url::Url::parse(url).ok();
    let host = parsed.as_ref().and_then(|url| url.host_str()).unwrap_or_default();
    host.trim_matches(['[', ']']).to_owned()
}

fn way_out_said(public_url: &str, reply: &Result<Reply, NoReply>, now: Timestamp) -> Vec<Finding> {
    let mut found = Vec::new();
    let about = About::Unsubscribe;
    if !public_url.starts_with("https://") {
        found.push(Finding::mend(
            about,
            "Mail programs leave with one click over https:// only (RFC 8058), and public_url begins with http://.",
        ));
    }
    match reply {
        Err(no) => found.push(Finding::mend(about, format!("Nobody can leave with one click: {no}"))),
        Ok(reply) if reply.status.is_redirection() => found.push(Finding::mend(
            about,
            format!(
                "Nobody can leave with one click: {public_url} sends mail programs on to another address, and they do not \
                 follow (RFC 8058). Set public_url to the address readers end up at."
            ),
        )),
        Ok(reply) if reply.body != NOBODYS_LINK.as_bytes() => found.push(Finding::mend(
            about,
            format!(
                "Nobody can leave with one click: something else answers at {public_url} (status {}). Let POST to \
                 /unsubscribe/ through to this program, without sign-in, script or challenge.",
                reply.status.as_u16()
            ),
        )),
        Ok(reply) => {
            if found.is_empty() {
                found.push(Finding::pass(about, format!("Leaving with one click works at {public_url}.")));
            }
            found.extend(clocks_apart(reply, now));
        }
    }
    found
}

/// Whoever stands in front of us writes the date by its own clock.
fn clocks_apart(reply: &Reply, now: Timestamp) -> Option<Finding> {
    let date = reply.headers.get(header::DATE)?.to_str().ok()?;
    let since = httpdate::parse_http_date(date).ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
    let apart = (i64::try_from(since.as_secs()).ok()? - now.0 / SECOND).abs();
    (apart > CLOCKS_APART_SECONDS).then(|| {
        Finding::mend(
            About::Clock,
            format!(
                "This machine’s clock and that of the server in front of it are {apart} seconds apart. Set them by the \
                 network (NTP): signatures and links carry the time."
            ),
        )
    })
}

fn clock(now: Timestamp) -> Finding {
    let now_words = now.rfc3339();
    match now < PLAUSIBLE_FROM {
        true => Finding::mend(About::Clock, format!("The machine thinks it is {now_words}. Set its clock.")),
        false => Finding::pass(About::Clock, format!("It is {now_words}.")),
    }
}

fn complaints(rates: Rates) -> Finding {
    let words = match rates.is_enough() {
        true => format!(
            "{} of the {} letters of the last week were called unwanted, and {} came back",
            rates.complaint_percent(),
            rates.letters,
            rates.bounce_percent()
        ),
        false => format!(
            "In the last week {} letters were called unwanted and {} came back",
            rates.complaints, rates.bounces
        ),
    };
    match rates.complaint_alarm().max(rates.bounce_alarm()) {
        Alarm::Quiet => Finding::pass(About::Complaints, format!("{words}.")),
        Alarm::Warning => Finding::note(
            About::Complaints,
            format!("{words}. Look at who gets them before it is more: Gmail wants less than 0.1 %."),
        ),
        Alarm::Alarm => Finding::mend(
            About::Complaints,
            format!("{words}. Providers act on this: send less, and only to those who asked for it."),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outgoing::Why;
    use http::{HeaderMap, StatusCode};

    const SITE: &str = "https://paper.example";
    const NOON: Timestamp = Timestamp(1_756_123_200_000_000);

    fn reply(status: u16, body: &str, date: &str) -> Result<Reply, NoReply> {
        let headers = HeaderMap::from_iter([(header::DATE, HeaderValue::from_str(date).unwrap())]);
        Ok(Reply { status: StatusCode::from_u16(status).unwrap(), headers, body: body.to_owned().into() })
    }

    #[test]
    fn the_way_out_works_only_where_our_own_answer_comes_back_at_once() {
        fn check(site: &str, answer: Result<Reply, NoReply>, about: About, verdict: Verdict, words: &str) {
            let found = way_out_said(site, &answer, NOON);
            let last = found.last().unwrap();
            assert_eq!((last.about, last.verdict), (about, verdict), "{found:?}");
            assert!(last.sentence.contains(words), "{}", last.sentence);
        }
        use About::{Clock, Unsubscribe};
        use Verdict::{Mend, Pass};
        let noon = "Mon, 25 Aug 2025 12:00:20 GMT";
        check(SITE, reply(404, NOBODYS_LINK, noon), Unsubscribe, Pass, "works");
        check(SITE, reply(301, "", noon), Unsubscribe, Mend, "sends mail programs on");
        check(SITE, reply(404, "<h1>Not found</h1>", noon), Unsubscribe, Mend, "status 404");
        check(SITE, reply(403, "Checking your browser", noon), Unsubscribe, Mend, "status 403");
        let shut = NoReply { host: "paper.example".into(), why: Why::Unreachable };
        check(SITE, Err(shut), Unsubscribe, Mend, "takes no connection");
        check("http://paper.example", reply(404, NOBODYS_LINK, noon), Unsubscribe, Mend, "https://");
        check(SITE, reply(404, NOBODYS_LINK, "Mon, 25 Aug 2025 12:05:00 GMT"), Clock, Mend, "300 seconds apart");
    }

    #[test]
    fn complaints_are_named_before_providers_act_on_them() {
        fn check(complaints: u64, bounces: u64, verdict: Verdict, words: &str) {
            let found = super::complaints(Rates { letters: 10_000, complaints, bounces });
            assert!(found.verdict == verdict && found.sentence.contains(words), "{found:?}");
        }
        check(1, 10, Verdict::Pass, "0.01 %");
        check(6, 10, Verdict::Note, "Gmail wants less");
        check(12, 10, Verdict::Mend, "0.12 %");
        check(1, 600, Verdict::Mend, "6.00 % came back");
    }

    #[test]
    fn a_clock_that_lost_its_time_is_named() {
        assert_eq!(clock(Timestamp(0)).verdict, Verdict::Mend);
        assert_eq!(clock(NOON).verdict, Verdict::Pass);
    }
}
