//! From a draft to a sealed message: headers, body, signature, envelope. Looks nothing up, so any thread can do it.
//! What a whole batch has in common is made once for the batch.

use crate::deliver::{Asked, Draft, Prepared, recipient_key};
use crate::desk::Desk;
use crate::letters::Print;
use crate::mailroom::{Letter, Post};
use crate::settings::Paper;
use crate::subscribe::LEAVING;
use mail::dkim::Signer;
use mail::{Body, Header, Identity, Mailbox, Message, list};
use newsroom::delivery::{Delivery, Occasion};
use newsroom::id::DeliveryId;
use newsroom::language::Language;
use newsroom::slug::Slug;
use newsroom::subscriber::{BREAKING, Subscriber};
use press::message::Gaps;
use std::sync::Arc;
use store::Settled;
use tracing::warn;

/// What all messages of one batch have in common.
pub(crate) struct Sealing {
    desk: Desk,
    paper: Arc<Paper>,
    identity: Identity,
    /// Who signs, or why nobody can.
    from: Result<mail::Address, mail::BadAddress>,
    signer: Option<Arc<Signer>>,
    main: Language,
}

impl Sealing {
    pub(crate) fn new(desk: &Desk, signer: Option<Arc<Signer>>) -> Self {
        let paper = desk.paper();
        let main = paper.publication.main_language();
        let (identity, from) = (desk.identity(), mail::Address::parse(&desk.mail_settings().from));
        Self { desk: desk.clone(), paper, identity, from, signer, main }
    }

    /// A message, or why there is none.
    pub(crate) fn finish(&self, delivery: Delivery, draft: Asked) -> (DeliveryId, Prepared) {
        let id = delivery.id;
        let prepared = match draft {
            Ok(draft) => self.sealed(delivery, &draft),
            Err(settled) => Prepared::Stop(settled),
        };
        (id, prepared)
    }

    fn sealed(&self, delivery: Delivery, draft: &Draft) -> Prepared {
        let id = delivery.id;
        match self.seal(delivery, draft) {
            Ok(post) => Prepared::Ready(Box::new(post)),
            Err(error) => {
                warn!(delivery.id = %id, "delivery `{id}` could not be built: {error}");
                let reply = format!("The message could not be built: {error}");
                Prepared::Stop(Settled::Refused { relay: String::new(), code: "message".into(), reply })
            }
        }
    }

    fn seal(&self, delivery: Delivery, draft: &Draft) -> Result<Post, String> {
        let occasion = delivery.occasion.key();
        let to = mail::Address::parse(draft.address.as_str()).map_err(say)?;
        let (subject, body) = self.written(draft, delivery.occasion.newsletter().map_or("", Slug::as_str));
        let message = Message {
            from: Mailbox { name: &self.paper.publication.name, address: self.from.as_ref().map_err(say)? },
            reply_to: None,
            to: Mailbox { name: "", address: &to },
            subject,
            date: delivery.dated.0,
            message_id: &self.identity.message_id(&occasion, &recipient_key(delivery.recipient)),
            language: Some(draft.language.code()),
            headers: &self.headers(&delivery, &occasion, draft).map_err(say)?,
            body: &body,
        };
        let bytes = message.build().map_err(say)?;
        let bytes = match &self.signer {
            Some(signer) => signer.sign_with(&bytes, &body.hash(), delivery.dated.0).map_err(say)?,
            None => bytes,
        };
        let message = mail::MailData::check(bytes).map_err(say)?;
        let sender = mail::Address::parse(&self.identity.bounce_address(delivery.id.0)).map_err(say)?;
        let domain = draft.address.domain().to_lowercase();
        let newsletter = delivery.occasion.newsletter().and_then(|slug| self.paper.newsletter(slug.as_str()));
        let promise = delivery.occasion.promise(newsletter.map(|newsletter| newsletter.promise).unwrap_or_default());
        let envelope = mail::Envelope { sender: Some(sender), recipient: to, id: None };
        Ok(Post { letter: Letter { delivery, domain, promise, route: None }, envelope, message })
    }

    /// The subject and what stands under it.
    fn written<'d>(&self, draft: &'d Draft, newsletter: &str) -> (&'d str, Body) {
        match &draft.print {
            Print::Whole(letter) => (&letter.subject, Body::of(&letter.text, Some(&letter.html))),
            Print::Shared(print) => {
                let personal = draft
                    .subscriber
                    .as_ref()
                    .map(|subscriber| self.desk.personal(subscriber, &draft.language, newsletter));
                let Gaps { text, html } = Gaps::of(&personal.unwrap_or_default());
                let [text, html] = [&text, &html].map(|gaps| gaps.iter().map(String::as_str).collect::<Vec<_>>());
                (&print.letter.subject, print.stencil.fill(&text, &html))
            }
        }
    }

    fn headers(&self, delivery: &Delivery, occasion: &str, draft: &Draft) -> Result<Vec<Header>, mail::BadMessage> {
        let id = delivery.id.to_string();
        let newsletter = match &delivery.occasion {
            Occasion::Edition(newsletter, _) => newsletter.as_str(),
            Occasion::Welcome(_) | Occasion::OneOff(_) => &delivery.payload,
            Occasion::Breaking(_) => BREAKING,
            // One person's own doing: no list, and nothing to unsubscribe from.
            Occasion::Confirmation(_)
            | Occasion::SignIn(_)
            | Occasion::Move(_)
            | Occasion::Moved(_)
            | Occasion::Code(_)
            | Occasion::Note(_) => return list::automatic(&id),
        };
        let Some(subscriber) = &draft.subscriber else { return list::automatic(&id) };
        let (desk, paper, domain) = (&self.desk, &self.paper, self.desk.mail_domain());
        let name = paper.newsletter(newsletter).map_or(newsletter, |known| {
            newsroom::publication::name_in(&known.names, &self.main, &self.main, &known.slug)
        });
        let (mailto, complaints) = self.addresses(delivery, subscriber, newsletter);
        list::List {
            name,
            id: &format!("{newsletter}.{domain}"),
            unsubscribe_url: &desk.unsubscribe_href(paper, subscriber, &self.main, newsletter),
            unsubscribe_mailto: &mailto,
            archive_url: &format!("{}/", desk.public_url()),
            feedback_id: &format!("{}:{newsletter}:{}:{domain}", occasion.replace(':', "-"), delivery.occasion.kind()),
            complaints_address: &complaints,
            delivery: &id,
        }
        .headers()
    }

    /// Where leaving and complaints go by mail: only where something takes mail for the bounce domain may letters name
    /// addresses there.
    fn addresses(&self, delivery: &Delivery, subscriber: &Subscriber, newsletter: &str) -> (String, String) {
        if !self.desk.returns().receives {
            return (String::new(), String::new());
        }
        let leaving = self.identity.leaving_address(&self.desk.unsubscribe_token(subscriber.id));
        (format!("mailto:{leaving}?subject={LEAVING}%20{newsletter}"), self.identity.bounce_address(delivery.id.0))
    }
}

fn say(error: impl std::fmt::Display) -> String {
    error.to_string()
}
