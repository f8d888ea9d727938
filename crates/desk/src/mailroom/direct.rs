//! Letters that go straight to the servers readers' domains name, with no relay between: where each goes, and one connection
//! after another to whoever takes it. How they are dealt and limited is the floor's.

use super::bag::{Bag, Place, drive};
use super::book::Book;
use super::floor::{Letter, Post, Taken, micros};
use super::{Mailroom, answer};
use crate::desk::Desk;
use mail::mx::{self, NoRoute, Route};
use mail::smtp::{Enhanced, Stage, Tls, Trouble};
use mail::trial::{Part, Step};
use mail::{OpenError, Outcome, RelaySettings};
use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// Domains looked up at once.
const LOOKUPS_AT_ONCE: usize = 50;
/// How long the look-ups of one batch may take; whoever is not found by then is asked for later.
const LOOKUPS_MAX: Duration = Duration::from_secs(20);
/// An open connection waits no longer than this until its provider may have another letter.
const HOLD_MAX: Duration = Duration::from_secs(5);

type Routes = HashMap<String, Result<Arc<Route>, NoRoute>>;

impl Desk {
    /// Finds out where each letter goes, where some lane needs to know. A letter that goes nowhere is settled, unless a
    /// relay may know better.
    pub(super) async fn find_routes(&self, posts: Vec<Post>, book: &Book) -> Vec<Post> {
        let plans = self.relays();
        let Some(direct) = plans.iter().find(|plan| plan.direct) else { return posts };
        let routes = self.routes_of(&posts).await;
        let unknown = NoRoute::Unanswered(mail::names::Unanswered::new("no name server answered in time"));
        let alone = plans.iter().all(|plan| plan.direct);
        let mut kept = Vec::with_capacity(posts.len());
        for mut post in posts {
            match routes.get(&post.letter.domain).cloned().unwrap_or_else(|| Err(unknown.clone())) {
                Ok(route) => post.letter.route = Some(route),
                Err(no) if alone => {
                    let Letter { delivery, promise, .. } = &post.letter;
                    let verdict = answer::verdict(delivery, *promise, &direct.name, said(&no), self.now());
                    book.settle(delivery.id, verdict.settled).await;
                    continue;
                }
                Err(_) => {}
            }
            kept.push(post);
        }
        kept
    }

    /// What was found out in time about the domains of these letters.
    async fn routes_of(&self, posts: &[Post]) -> Routes {
        let domains: BTreeSet<&str> = posts.iter().map(|post| post.letter.domain.as_str()).collect();
        let (mut asking, mut routes) = (JoinSet::new(), Routes::new());
        let look_up = async {
            let mut domains = domains.into_iter();
            loop {
                for domain in domains.by_ref().take(LOOKUPS_AT_ONCE - asking.len()) {
                    let (names, domain) = (self.outgoing().names().clone(), domain.to_owned());
                    let chance = u64::from(crate::token::chance());
                    asking.spawn(async move {
                        let found = mx::route(&names, &domain, chance).await.map(Arc::new);
                        (domain, found)
                    });
                }
                match asking.join_next().await {
                    Some(done) => routes.extend(done),
                    None => break,
                }
            }
        };
        let _in_time = tokio::time::timeout(LOOKUPS_MAX, look_up).await;
        routes
    }

    /// A connection to whoever takes mail for `domain`. Errs with a sentence without a dot.
    pub(crate) async fn open_straight(&self, domain: &str, like: &RelaySettings) -> Result<mail::Connection, String> {
        let names = self.outgoing().names();
        let route = mx::route(names, domain, 0).await.map_err(|no| no.to_string())?;
        let may = |address| self.outgoing().may_reach(address);
        mx::open(names, &route, like, may).await.map_err(|fault| fault.to_string())
    }

    /// How the best server of a domain is reached, for a trial. Errs with the step that did not go.
    pub(crate) async fn straight_to(&self, domain: &str, like: &RelaySettings) -> Result<RelaySettings, Step> {
        let names = self.outgoing().names();
        let unknown = |words| Step { part: Part::Name, words, reply: String::new(), went: false };
        let route = mx::route(names, domain, 0).await.map_err(|no| unknown(format!("{domain}: {no}.")))?;
        let host = route.hosts.into_iter().next().unwrap_or_default();
        let found = names.addresses(&host).await.unwrap_or_default();
        match found.into_iter().filter(|address| self.outgoing().may_reach(*address)).min_by_key(IpAddr::is_ipv6) {
            Some(address) => {
                Ok(RelaySettings { host, address: Some(address), tls: Tls::Opportunistic, ..like.clone() })
            }
            None => Err(unknown(format!("Mail for {domain} goes to {host}, which has no public address."))),
        }
    }
}

/// What a name server's answer means for a letter, in the words a relay would have used (RFC 3463, RFC 7505 §4).
/// A domain that is not there is refused and blames nobody: a name server that has lost its way says so of every domain.
fn said(no: &NoRoute) -> Outcome {
    let refused = |stage, detail| {
        let enhanced = Some(Enhanced { class: 5, subject: 1, detail });
        Outcome::Refused { stage, code: 550, enhanced, text: no.to_string() }
    };
    match no {
        NoRoute::TakesNone => refused(Stage::Rcpt, 10),
        NoRoute::NoDomain => refused(Stage::Connect, 2),
        NoRoute::Unanswered(_) => {
            let enhanced = Some(Enhanced { class: 4, subject: 4, detail: 3 });
            Outcome::Deferred { stage: Stage::Connect, code: 450, enhanced, text: no.to_string() }
        }
    }
}

/// Opens a connection for every letter that is next, and gives it all others that go the same way, until the lane is given up.
pub(super) async fn carry(place: Place) {
    let room = place.desk.mailroom();
    let outgoing = place.desk.outgoing();
    while let Some(post) = room.next(&place).await {
        let mut like = None;
        room.with_lane(&place, |lane| like = Some(lane.plan.settings.clone()));
        let Some((route, like)) = post.letter.route.clone().zip(like) else {
            room.report(&place, post.letter, None).await;
            continue;
        };
        match mx::open(outgoing.names(), &route, &like, |address| outgoing.may_reach(address)).await {
            Ok(connection) => {
                room.with_lane(&place, |lane| lane.connections += 1);
                drive(&place, connection, Bag::to_provider(&place, post, &route.provider)).await;
            }
            Err(fault) => room.unreachable(&place, &route.provider, post.letter, fault).await,
        }
        room.with_lane(&place, |lane| lane.hung_up(&route.provider));
        room.ring();
    }
}

impl Mailroom {
    /// More for the provider a connection leads to; none when the connection had better be closed.
    pub(super) async fn next_for(&self, place: &Place, provider: &str) -> Option<Box<Post>> {
        loop {
            let now = self.ticks();
            let taken = self.floor().next_for(place.lane, place.generation, provider, now);
            match taken {
                Taken::Post(post) => return Some(post),
                Taken::Waits(wait) | Taken::AllWait(wait) if micros(wait) <= HOLD_MAX => {
                    tokio::time::sleep(micros(wait)).await;
                }
                Taken::Waits(_) | Taken::AllWait(_) | Taken::Nothing => return None,
            }
        }
    }

    /// A provider's servers take no connection, or nothing came through it.
    pub(super) async fn provider_failed(&self, place: &Place, provider: &str, cause: &str) {
        let (now, mut homeless) = (place.desk.now().0, Vec::new());
        self.with_lane(place, |lane| homeless = lane.unreachable(provider, cause, now));
        place.desk.send_back(&place.book, homeless).await;
    }

    /// No server takes a connection for this letter, or those that do refuse us.
    async fn unreachable(&self, place: &Place, provider: &str, letter: Letter, fault: OpenError) {
        let cause = fault.to_string();
        self.provider_failed(place, provider, &cause).await;
        let outcome = match fault {
            OpenError::Failed { trouble, .. } => Outcome::NotTransmitted(trouble),
            OpenError::Deferred { stage, reply } => put_off(stage, reply.code, reply.enhanced, reply.text()),
            // Who refuses us at the door may let us in later, or another of its kind may; the letter is not to blame.
            OpenError::Refused { stage, reply } => put_off(stage, 450, None, reply.to_string()),
            OpenError::TlsNotOffered | OpenError::AuthNotOffered | OpenError::AuthUnsafe | OpenError::Settings(_) => {
                Outcome::NotTransmitted(Trouble::Tls(cause))
            }
        };
        self.report(place, letter, Some(outcome)).await;
    }
}

fn put_off(stage: Stage, code: u16, enhanced: Option<Enhanced>, text: String) -> Outcome {
    Outcome::Deferred { stage, code, enhanced, text }
}
