//! From claimed rows to a relay and back: who still wants it, what it says, what the relay answered.
//! Owns the order of marks: *transmitted* is on the disk before the final dot leaves.

use crate::desk::Desk;
use crate::error::Error;
use crate::letters::{Prints, letter};
use crate::post::Post;
use crate::settings::Paper;
use mail::{Header, Mailbox, Message, list};
use newsroom::delivery::{Delivery, Occasion, Recipient};
use newsroom::id::DeliveryId;
use newsroom::language::Language;
use newsroom::returned::Class;
use newsroom::subscriber::{Address, BREAKING, ERASED, Subscriber};
use newsroom::time::{DAY, MINUTE};
use press::message::Letter;
use std::collections::HashMap;
use std::sync::Arc;
use store::{Claimed, Envelope, Settled, View};
use tracing::warn;

/// Deliveries claimed by one round.
pub const DELIVERIES_PER_ROUND_MAX: usize = 500;
/// How long a node may keep a row without settling it.
const LEASE_MINUTES: i64 = 5;

/// What the envelope found out about a claimed row.
enum Prepared {
    /// Signed and addressed.
    Ready(Box<Post>),
    /// Not to be sent, and why.
    Stop(Settled),
}

impl Desk {
    /// Sends what is due; gives how many rows were settled. Nothing leaves a held installation.
    pub(crate) async fn deliver_due(&self) -> Result<u64, Error> {
        if self.mail_settings().relays.is_empty() || self.held_since().await?.is_some() {
            return Ok(0);
        }
        let (now, node) = (self.now(), self.node().to_owned());
        let claimed = self
            .store()
            .change_guarded(move |change| {
                change.sweep_leases(now)?;
                let until = now.plus(LEASE_MINUTES * MINUTE);
                Ok::<_, Error>(change.claim_deliveries(&node, now, until, DELIVERIES_PER_ROUND_MAX)?)
            })
            .await?;
        if claimed.is_empty() {
            return Ok(0);
        }
        let count = claimed.len() as u64;
        let (mut posts, mut stopped) = (Vec::with_capacity(claimed.len()), Vec::new());
        for (id, prepared) in self.prepare(claimed).await? {
            match prepared {
                Prepared::Ready(post) => posts.push(*post),
                Prepared::Stop(settled) => stopped.push((id, settled)),
            }
        }
        if !stopped.is_empty() {
            self.settle(stopped).await?;
        }
        crate::post::over_relays(Arc::new(self.clone()), posts).await?;
        Ok(count)
    }

    /// Looks everything up and prints on a reading thread, then signs off the async threads.
    async fn prepare(&self, claimed: Vec<Claimed>) -> Result<Vec<(DeliveryId, Prepared)>, Error> {
        let (desk, signer) = (self.clone(), self.signer().await?);
        let drafts = self
            .look(move |view| {
                let mut prints = Prints::default();
                let ids: Vec<DeliveryId> = claimed.iter().map(|claimed| claimed.delivery.id).collect();
                let envelopes: HashMap<DeliveryId, Envelope> =
                    view.envelopes(&ids)?.into_iter().map(|envelope| (envelope.delivery, envelope)).collect();
                let draft = |claimed: &Claimed| {
                    let envelope = envelopes.get(&claimed.delivery.id);
                    Ok((claimed.delivery.clone(), desk.draft(view, &mut prints, claimed, envelope)?))
                };
                claimed.iter().map(draft).collect::<Result<Vec<_>, Error>>()
            })
            .await?;
        let desk = self.clone();
        let sign = move || {
            let sealed = drafts.into_iter().map(|(delivery, draft)| {
                let prepared = match draft {
                    Ok(draft) => desk.sealed(&delivery, draft, signer.as_deref()),
                    Err(settled) => Prepared::Stop(settled),
                };
                (delivery.id, prepared)
            });
            sealed.collect()
        };
        tokio::task::spawn_blocking(sign).await.map_err(|error| Error::Broken(format!("Signing stopped: {error}.")))
    }

    /// What the message says, or why there is none. Asked again at the envelope: who unsubscribed one second ago
    /// gets nothing.
    fn draft(
        &self,
        view: &View<'_>,
        prints: &mut Prints,
        claimed: &Claimed,
        envelope: Option<&Envelope>,
    ) -> Result<Result<Draft, Settled>, Error> {
        let delivery = &claimed.delivery;
        if self.now().0 - delivery.due_at.0 > DAY {
            return Ok(Err(Settled::Expired));
        }
        let stop = |reason: &str| Ok(Err(Settled::Suppressed { reason: reason.into() }));
        let Some((envelope, address)) = envelope.and_then(|e| Some((e, e.address.clone()?))) else {
            return stop("The address was erased.");
        };
        // Whoever was erased and asks again is asked back, and nobody else.
        let comes_back = |reason: &str| reason == ERASED && matches!(delivery.occasion, Occasion::Confirmation(_));
        if let Some(reason) = envelope.suppressed.as_ref().filter(|reason| !comes_back(reason)) {
            return stop(reason);
        }
        let subscriber = match delivery.recipient {
            Recipient::Staff(_) => None,
            Recipient::Subscriber(id) => view.subscriber(id)?,
        };
        let paused = subscriber.as_ref().is_some_and(|subscriber| !subscriber.receives(self.now()));
        let gone = match delivery.occasion {
            Occasion::Edition(..) | Occasion::Breaking(_) | Occasion::OneOff(_) => paused || envelope.left_at.is_some(),
            Occasion::Welcome(_) | Occasion::SignIn(_) | Occasion::Move(_) | Occasion::Note(_) => {
                envelope.left_at.is_some()
            }
            // Answers to what the person asked just now, and the word to an address that lost its mails.
            Occasion::Confirmation(_) | Occasion::Moved(_) | Occasion::Code(_) => false,
        };
        if gone {
            return stop("They have left or paused.");
        }
        match letter(self, view, prints, delivery, &claimed.language, subscriber.as_ref())? {
            Some(letter) => Ok(Ok(Draft { address, subscriber, language: claimed.language.clone(), letter })),
            None => stop("Everything in it was withdrawn."),
        }
    }

    fn sealed(&self, delivery: &Delivery, draft: Draft, signer: Option<&mail::dkim::Signer>) -> Prepared {
        match self.seal(delivery, draft, signer) {
            Ok(post) => Prepared::Ready(Box::new(post)),
            Err(error) => {
                warn!(delivery.id = %delivery.id, "delivery `{}` could not be built: {error}", delivery.id);
                let reply = format!("The message could not be built: {error}");
                Prepared::Stop(Settled::Refused { relay: String::new(), code: "message".into(), reply })
            }
        }
    }

    fn seal(&self, delivery: &Delivery, draft: Draft, signer: Option<&mail::dkim::Signer>) -> Result<Post, String> {
        let settings = self.mail_settings();
        let paper = self.paper();
        let id = delivery.id.to_string();
        let identity = self.identity();
        let message_id = identity.message_id(&delivery.occasion.key(), &recipient_key(delivery.recipient));
        let from = mail::Address::parse(&settings.from).map_err(|error| error.to_string())?;
        let to = mail::Address::parse(draft.address.as_str()).map_err(|error| error.to_string())?;
        let headers = self.headers(&paper, delivery, &draft, &id);
        let message = Message {
            from: Mailbox { name: &paper.publication.name, address: &from },
            reply_to: None,
            to: Mailbox { name: "", address: &to },
            subject: &draft.letter.subject,
            date: delivery.dated.0,
            message_id: &message_id,
            language: Some(draft.language.code()),
            headers: &headers,
            text: &draft.letter.text,
            html: Some(&draft.letter.html),
        };
        let bytes = message.build().map_err(|error| error.to_string())?;
        let bytes = match signer {
            Some(signer) => signer.sign(&bytes, delivery.dated.0).map_err(|error| error.to_string())?,
            None => bytes,
        };
        let sender = identity.bounce_address(delivery.id.0);
        let envelope = mail::Envelope::parse(&sender, draft.address.as_str()).map_err(|error| error.to_string())?;
        Ok(Post { delivery: delivery.clone(), envelope, message: bytes })
    }

    fn headers(&self, paper: &Paper, delivery: &Delivery, draft: &Draft, id: &str) -> Vec<Header> {
        let newsletter = match &delivery.occasion {
            Occasion::Edition(newsletter, _) => newsletter.to_string(),
            Occasion::Welcome(_) | Occasion::OneOff(_) => delivery.payload.clone(),
            Occasion::Breaking(_) => BREAKING.to_owned(),
            // One person's own doing: no list, and nothing to unsubscribe from.
            Occasion::Confirmation(_)
            | Occasion::SignIn(_)
            | Occasion::Move(_)
            | Occasion::Moved(_)
            | Occasion::Code(_)
            | Occasion::Note(_) => return list::automatic(id),
        };
        let Some(subscriber) = draft.subscriber.as_ref() else { return list::automatic(id) };
        let domain = self.mail_settings().from.rsplit('@').next().unwrap_or_default();
        let main = paper.publication.main_language();
        let name = paper.newsletter(&newsletter).map_or(newsletter.as_str(), |known| {
            newsroom::publication::name_in(&known.names, &main, &main, &known.slug)
        });
        // Only where something takes mail for the bounce domain may letters name addresses there.
        let (mailto, complaints) = match self.returns().receives {
            true => {
                let leaving = self.identity().leaving_address(&self.unsubscribe_token(subscriber.id));
                (format!("mailto:{leaving}?subject=unsubscribe"), self.identity().bounce_address(delivery.id.0))
            }
            false => (String::new(), String::new()),
        };
        list::List {
            name,
            id: &format!("{newsletter}.{domain}"),
            unsubscribe_url: &self.unsubscribe_href(paper, subscriber, &main),
            unsubscribe_mailto: &mailto,
            archive_url: &format!("{}/", self.public_url()),
            feedback_id: &format!(
                "{}:{newsletter}:{}:{domain}",
                delivery.occasion.key().replace(':', "-"),
                delivery.occasion.kind()
            ),
            complaints_address: &complaints,
            delivery: id,
        }
        .headers()
    }

    /// *Transmitted*, on the disk, before the dot. False: the lease is gone, and the dot must not leave.
    pub(crate) async fn mark_transmitted(&self, delivery: DeliveryId) -> Result<bool, Error> {
        let (now, node) = (self.now(), self.node().to_owned());
        self.store()
            .change_guarded(move |change| Ok(!change.mark_transmitted(&node, &[delivery], now)?.is_empty()))
            .await
    }

    /// Writes down what became of claimed rows.
    pub(crate) async fn settle(&self, list: Vec<(DeliveryId, Settled)>) -> Result<(), Error> {
        let (now, node, count, desk) = (self.now(), self.node().to_owned(), list.len(), self.clone());
        let done = self
            .store()
            .change_guarded(move |change| {
                let done = change.settle(&node, &list, now)?;
                for (id, settled) in list.iter().filter(|(id, _)| done.contains(id)) {
                    if let Settled::Refused { code, reply, .. } = settled
                        && let Some(class @ (Class::Address | Class::MailboxFull)) = Class::parse(code)
                    {
                        desk.keep_refusal(change, *id, class, reply, now)?;
                    }
                }
                Ok::<_, Error>(done.len())
            })
            .await?;
        if done < count {
            warn!(rows = count - done, "another node took over {} deliveries before they were settled", count - done);
        }
        Ok(())
    }
}

struct Draft {
    address: Address,
    subscriber: Option<Subscriber>,
    language: Language,
    letter: Letter,
}

pub(crate) fn recipient_key(recipient: Recipient) -> String {
    match recipient {
        Recipient::Subscriber(id) => id.to_string(),
        Recipient::Staff(id) => format!("staff-{id}"),
    }
}
