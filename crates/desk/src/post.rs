//! Carries finished messages to the relays over a few connections at a time.
//! Knows envelopes and replies; asks the desk to write down what happened.

use crate::desk::Desk;
use crate::error::Error;
use mail::refusal::{RefusalClass, classify_refusal};
use mail::retry::{NextTry, next_try};
use mail::{Connection, Envelope, Outcome, Relay};
use newsroom::delivery::Delivery;
use newsroom::time::Timestamp;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use store::Settled;
use tracing::{info, warn};

/// Most characters kept of a relay's words.
const REPLY_CHARACTERS_MAX: usize = 500;

/// A message ready to go.
pub(crate) struct Post {
    pub delivery: Delivery,
    pub envelope: Envelope,
    pub message: Vec<u8>,
}

type Queue = Arc<Mutex<VecDeque<Post>>>;

/// Everything in `posts` is tried once, over the first relay that opens; each outcome is booked as it comes.
pub(crate) async fn over_relays(desk: Arc<Desk>, posts: Vec<Post>) -> Result<(), Error> {
    let lines = posts.len().min(desk.mail_settings().connections.max(1));
    let queue: Queue = Arc::new(Mutex::new(posts.into()));
    let carriers: Vec<_> = (0..lines).map(|_| tokio::spawn(carry(desk.clone(), queue.clone()))).collect();
    let mut first_fault = Ok(());
    for carrier in carriers {
        let done =
            carrier.await.unwrap_or_else(|error| Err(Error::Broken(format!("A mail connection stopped: {error}."))));
        first_fault = first_fault.and(done);
    }
    first_fault
}

fn next(queue: &Queue) -> Option<Post> {
    queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
}

async fn carry(desk: Arc<Desk>, queue: Queue) -> Result<(), Error> {
    let mut line: Option<(String, Connection)> = None;
    while let Some(post) = next(&queue) {
        if line.as_ref().is_none_or(|(_, connection)| !connection.is_usable()) {
            line = match open(&desk).await {
                Ok(opened) => Some(opened),
                Err(cause) => {
                    put_off(&desk, &post, &queue, &cause).await?;
                    return Ok(());
                }
            };
        }
        let Some((relay, connection)) = line.as_mut() else { continue };
        if let Some(outcome) = hand_over(&desk, connection, &post).await? {
            let (id, attempt) = (post.delivery.id, post.delivery.attempt);
            let settled = settled(&post.delivery, relay, outcome, desk.now());
            if let Some(words) = worth_a_line(&settled) {
                info!(delivery.id = %id, attempt, "delivery `{id}` {words}");
            }
            desk.settle(vec![(id, settled)]).await?;
        }
    }
    if let Some((_, connection)) = line {
        connection.quit().await;
    }
    Ok(())
}

/// The first relay that opens, in the order of the settings.
async fn open(desk: &Desk) -> Result<(String, Connection), String> {
    let mut causes = Vec::new();
    for settings in &desk.mail_settings().relays {
        let name = format!("{}:{}", settings.host, settings.port);
        let opened = match Relay::new(settings.clone()) {
            Ok(relay) => relay.open().await,
            Err(error) => Err(error),
        };
        match opened {
            Ok(connection) => return Ok((name, connection)),
            Err(error) => {
                warn!(relay = name, "relay {name} could not be reached: {error}");
                causes.push(format!("{name}: {error}"));
            }
        }
    }
    Err(causes.join("; "))
}

/// No relay opened: this message and all that wait with it are put off; none was touched.
async fn put_off(desk: &Desk, post: &Post, queue: &Queue, cause: &str) -> Result<(), Error> {
    let now = desk.now();
    let mut list = vec![(post.delivery.id, later(&post.delivery, "", "connect", cause, now))];
    while let Some(post) = next(queue) {
        list.push((post.delivery.id, later(&post.delivery, "", "connect", cause, now)));
    }
    desk.settle(list).await
}

/// One message in two steps, with the mark between them. None: the row is no longer ours.
async fn hand_over(desk: &Desk, connection: &mut Connection, post: &Post) -> Result<Option<Outcome>, Error> {
    let offered = match connection.offer(&post.envelope, &post.message).await {
        Ok(offered) => offered,
        Err(outcome) => return Ok(Some(outcome)),
    };
    if !desk.mark_transmitted(post.delivery.id).await? {
        return Ok(None); // The connection is dropped with the message unsent: another node has the row.
    }
    Ok(Some(offered.transmit().await))
}

/// What the log says of it; the relay's own words may hold the address and stay in the database.
fn worth_a_line(settled: &Settled) -> Option<&'static str> {
    match settled {
        Settled::Sent { .. } | Settled::Suppressed { .. } | Settled::Returned { .. } => None,
        Settled::Deferred { .. } => Some("was put off by the relay"),
        Settled::Refused { .. } => Some("was refused by the relay"),
        Settled::Uncertain { .. } => Some("is uncertain: the relay went away after the final dot"),
        Settled::Expired => Some("is expired: it was not delivered within a day"),
    }
}

/// What the relay said, as the books know it. The class of a refusal is that of the address, or of us.
fn settled(delivery: &Delivery, relay: &str, outcome: Outcome, now: Timestamp) -> Settled {
    match outcome {
        Outcome::Sent { reply, .. } => Settled::Sent { relay: relay.into(), reply: short(&reply.text()) },
        Outcome::Deferred { code, text, .. } => later(delivery, relay, &code.to_string(), &text, now),
        Outcome::Refused { stage, code, enhanced, text } => {
            let class = match classify_refusal(stage, code, enhanced, &text) {
                RefusalClass::Address => "address",
                RefusalClass::MailboxFull => "mailbox-full",
                RefusalClass::Policy => "policy",
                RefusalClass::Other => "other",
            };
            Settled::Refused { relay: relay.into(), code: class.into(), reply: short(&format!("{code} {text}")) }
        }
        Outcome::NotTransmitted(trouble) => later(delivery, relay, "connection", &trouble.to_string(), now),
        Outcome::Uncertain(trouble) => Settled::Uncertain { relay: relay.into(), reply: short(&trouble.to_string()) },
    }
}

fn later(delivery: &Delivery, relay: &str, code: &str, reply: &str, now: Timestamp) -> Settled {
    match next_try(delivery.attempt, delivery.due_at.0, now.0) {
        NextTry::At(at) => {
            Settled::Deferred { relay: relay.into(), code: code.into(), reply: short(reply), next_at: Timestamp(at) }
        }
        NextTry::Expired => Settled::Expired,
    }
}

fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(REPLY_CHARACTERS_MAX).collect()
}
