//! From claimed rows to finished messages: who still wants it, and what it says.
//! Looks and prints; how messages leave is the mailroom's.

use crate::desk::Desk;
use crate::error::Error;
use crate::letters::{Print, Prints, print};
use crate::mailroom::{DELIVERIES_PER_CLAIM, LEASE_MINUTES, Letter, PARKED, Post};
use crate::settings::Paper;
use mail::{Header, Mailbox, Message, list};
use newsroom::delivery::{Delivery, Occasion, Recipient};
use newsroom::id::{DeliveryId, SubscriberId};
use newsroom::language::Language;
use newsroom::subscriber::{Address, BREAKING, ERASED, Subscriber};
use newsroom::time::{DAY, MINUTE};
use std::collections::{HashMap, HashSet};
use store::{Claimed, Envelope, Settled, View};
use tracing::warn;

/// Threads that print and sign at once, at most.
const PRINTERS_MAX: usize = 8;

/// What the envelope found out about a claimed row.
pub(crate) enum Prepared {
    /// Signed and addressed.
    Ready(Box<Post>),
    /// Not to be sent, and why.
    Stop(Settled),
}

impl Desk {
    /// Claims what is due. Nothing of a held installation.
    pub(crate) async fn claim(&self) -> Result<Vec<Claimed>, Error> {
        let (now, node) = (self.now(), self.node().to_owned());
        let any = self.look(move |view| Ok(view.next_delivery_at()?.is_some_and(|at| at <= now))).await?;
        if !any {
            return Ok(Vec::new());
        }
        self.store()
            .change_guarded(move |change| {
                let until = now.plus(LEASE_MINUTES * MINUTE);
                Ok::<_, Error>(change.claim_deliveries(&node, now, until, DELIVERIES_PER_CLAIM)?)
            })
            .await
    }

    /// Looks everything up on a reading thread, then fills in, builds and signs on as many threads as there are cores.
    pub(crate) async fn prepare(&self, claimed: Vec<Claimed>) -> Result<Vec<(DeliveryId, Prepared)>, Error> {
        let (desk, signer) = (self.clone(), self.signer().await?);
        let drafts = self.look(move |view| desk.drafts(view, &claimed)).await?;
        let printers = std::thread::available_parallelism().map_or(1, usize::from).min(PRINTERS_MAX);
        let share = drafts.len().div_ceil(printers).max(1);
        let mut drafts = drafts.into_iter();
        let mut printing = Vec::new();
        loop {
            let part: Vec<_> = drafts.by_ref().take(share).collect();
            if part.is_empty() {
                break;
            }
            let (desk, signer) = (self.clone(), signer.clone());
            printing.push(tokio::task::spawn_blocking(move || {
                part.into_iter()
                    .map(|(delivery, draft)| desk.finish(delivery, draft, signer.as_deref()))
                    .collect::<Vec<_>>()
            }));
        }
        let mut prepared = Vec::new();
        for part in printing {
            prepared.extend(part.await.map_err(|error| Error::Broken(format!("Printing stopped: {error}.")))?);
        }
        Ok(prepared)
    }

    fn drafts(&self, view: &View<'_>, claimed: &[Claimed]) -> Result<Vec<(Delivery, Asked)>, Error> {
        let ids: Vec<DeliveryId> = claimed.iter().map(|claimed| claimed.delivery.id).collect();
        let people: Vec<SubscriberId> =
            claimed.iter().filter_map(|claimed| claimed.delivery.recipient.subscriber()).collect();
        let mut looked = Looked {
            prints: Prints::default(),
            envelopes: view.envelopes(&ids)?.into_iter().map(|envelope| (envelope.delivery, envelope)).collect(),
            people: view.subscribers_of(&people)?.into_iter().map(|person| (person.id, person)).collect(),
            paused: view.pauses()?.into_iter().map(|(occasion, _)| occasion).collect(),
        };
        claimed.iter().map(|claimed| Ok((claimed.delivery.clone(), self.draft(view, &mut looked, claimed)?))).collect()
    }

    /// What the message says, or why there is none. Asked again at the envelope: who unsubscribed one second ago
    /// gets nothing.
    fn draft(&self, view: &View<'_>, looked: &mut Looked, claimed: &Claimed) -> Result<Asked, Error> {
        let (delivery, now) = (&claimed.delivery, self.now());
        if now.0 - delivery.due_at.0 > DAY {
            let later = Settled::Returned { next_at: now.plus(MINUTE) };
            return Ok(Err(if self.mailroom().may_expire() { Settled::Expired } else { later }));
        }
        if looked.paused.contains(&delivery.occasion) {
            return Ok(Err(Settled::Returned { next_at: PARKED }));
        }
        let stop = |reason: &str| Ok(Err(Settled::Suppressed { reason: reason.into() }));
        let envelope = looked.envelopes.get(&delivery.id);
        let Some((envelope, address)) = envelope.and_then(|e| Some((e, e.address.clone()?))) else {
            return stop("The address was erased.");
        };
        // Whoever was erased and asks again is asked back, and nobody else.
        let comes_back = |reason: &str| reason == ERASED && matches!(delivery.occasion, Occasion::Confirmation(_));
        if let Some(reason) = envelope.suppressed.as_ref().filter(|reason| !comes_back(reason)) {
            return stop(reason);
        }
        let subscriber = delivery.recipient.subscriber().and_then(|id| looked.people.get(&id)).cloned();
        let paused = subscriber.as_ref().is_some_and(|subscriber| !subscriber.receives(now));
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
        match print(self, view, &mut looked.prints, delivery, &claimed.language, subscriber.as_ref())? {
            Some(print) => Ok(Ok(Draft { address, subscriber, language: claimed.language.clone(), print })),
            None => stop("Everything in it was withdrawn."),
        }
    }

    fn finish(&self, delivery: Delivery, draft: Asked, signer: Option<&mail::dkim::Signer>) -> (DeliveryId, Prepared) {
        let prepared = match draft {
            Ok(draft) => self.sealed(&delivery, draft, signer),
            Err(settled) => Prepared::Stop(settled),
        };
        (delivery.id, prepared)
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
        let letter = self.letter_of(&draft.print, draft.subscriber.as_ref(), &draft.language);
        let message = Message {
            from: Mailbox { name: &paper.publication.name, address: &from },
            reply_to: None,
            to: Mailbox { name: "", address: &to },
            subject: &letter.subject,
            date: delivery.dated.0,
            message_id: &message_id,
            language: Some(draft.language.code()),
            headers: &headers,
            text: &letter.text,
            html: Some(&letter.html),
        };
        let bytes = message.build().map_err(|error| error.to_string())?;
        let bytes = match signer {
            Some(signer) => signer.sign(&bytes, delivery.dated.0).map_err(|error| error.to_string())?,
            None => bytes,
        };
        let sender = identity.bounce_address(delivery.id.0);
        let envelope = mail::Envelope::parse(&sender, draft.address.as_str()).map_err(|error| error.to_string())?;
        let domain = draft.address.as_str().rsplit('@').next().unwrap_or_default().to_lowercase();
        let newsletter = delivery.occasion.newsletter().and_then(|slug| paper.newsletter(slug.as_str()));
        let promise = delivery.occasion.promise(newsletter.map(|newsletter| newsletter.promise).unwrap_or_default());
        let message = mail::MailData::check(bytes).map_err(|error| error.to_string())?;
        Ok(Post { letter: Letter { delivery: delivery.clone(), domain, promise }, envelope, message })
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
}

/// What one batch has looked up.
struct Looked {
    prints: Prints,
    envelopes: HashMap<DeliveryId, Envelope>,
    people: HashMap<SubscriberId, Subscriber>,
    paused: HashSet<Occasion>,
}

struct Draft {
    address: Address,
    subscriber: Option<Subscriber>,
    language: Language,
    print: Print,
}

/// A draft, or why there is none.
type Asked = Result<Draft, Settled>;

pub(crate) fn recipient_key(recipient: Recipient) -> String {
    match recipient {
        Recipient::Subscriber(id) => id.to_string(),
        Recipient::Staff(id) => format!("staff-{id}"),
    }
}
