//! Calls of mail providers: proven on the raw bytes, then kept, each event once. Amazon's certificate is fetched
//! through the one guarded door, and only from Amazon's own hosts.

use super::{Told, Took, told};
use crate::desk::Desk;
use crate::error::Error;
use crate::ledger::{Entry, Who};
use crate::outgoing::Errand;
use crate::subscribe::consent;
use mail::webhook::{self, About, Call, NotProven, Notice, Provider, Sns, SnsKind};
use newsroom::id::DeliveryId;
use newsroom::returned::{Class, Way};
use newsroom::subscriber::{Address, ConsentAct};
use newsroom::time::{DAY, Timestamp};
use store::Change;
use tracing::{info, warn};

/// How long one-time tokens of calls are remembered: longer than their signature is taken.
const CALLS_KEPT_DAYS: i64 = 3;

/// What a provider hears.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallAnswer {
    /// Everything in it is kept, now or before.
    Taken,
    /// Not proven: it must not be repeated.
    Refused(NotProven),
    /// There is no such provider.
    Unknown,
}

impl Desk {
    /// Takes a provider's call: `header` gives a header by its lower-case name. Errs only when it could not be kept,
    /// so that the provider calls again.
    pub async fn take_call(
        &self,
        provider: &str,
        header: &(dyn Fn(&str) -> Option<String> + Send + Sync),
        body: &[u8],
    ) -> Result<CallAnswer, Error> {
        let Some(provider) = Provider::parse(provider) else { return Ok(CallAnswer::Unknown) };
        let proven = match provider {
            Provider::Ses => self.proven_sns(body).await?,
            Provider::Mailgun
            | Provider::SendGrid
            | Provider::Postmark
            | Provider::Brevo
            | Provider::Resend
            | Provider::Mailjet => {
                let call = Call { header: &|name| header(name), body, now: self.now().0 / 1_000_000 };
                webhook::verify(provider, &self.returns().keys, call)
                    .map(|once| (once, webhook::notices(provider, body)))
            }
        };
        match proven {
            Ok((once, notices)) => self.keep_notices(provider, once, notices).await,
            Err(why) => {
                warn!(provider = provider.key(), "a call was refused: {why}");
                let (source, now) = (provider.key(), self.now());
                self.change(move |change| Ok(change.count_arrival(source, "unproven-call", now)?)).await?;
                Ok(CallAnswer::Refused(why))
            }
        }
    }

    /// Checks an envelope of Amazon's; confirms the subscription of a topic that the settings name.
    async fn proven_sns(&self, body: &[u8]) -> Result<Result<(Option<String>, Vec<Notice>), NotProven>, Error> {
        let sns = match Sns::read(body, &self.returns().keys.ses_topics) {
            Ok(sns) => sns,
            Err(why) => return Ok(Err(why)),
        };
        let fetched = self.outgoing().send(Errand::get(&sns.certificate_url)).await;
        let certificate = match fetched {
            Ok(reply) if reply.is_success() => reply.body,
            Ok(_) => return Err(Error::Broken("Amazon's signing certificate was not given to us.".into())),
            Err(why) => return Err(Error::Broken(format!("Amazon's signing certificate could not be fetched: {why}"))),
        };
        if let Err(why) = sns.verify(&certificate) {
            return Ok(Err(why));
        }
        match (sns.kind, &sns.subscribe_url) {
            (SnsKind::Subscription, Some(url)) => {
                let confirmed = self.outgoing().send(Errand::get(url)).await;
                if !confirmed.is_ok_and(|reply| reply.is_success()) {
                    return Err(Error::Broken("The subscription of a topic could not be confirmed.".into()));
                }
                info!("confirmed the subscription of a topic of Amazon SNS");
                Ok(Ok((None, Vec::new())))
            }
            (SnsKind::Subscription | SnsKind::Unsubscription, _) => Ok(Ok((None, Vec::new()))),
            (SnsKind::Notification, _) => Ok(Ok((None, webhook::notices(Provider::Ses, sns.message.as_bytes())))),
        }
    }

    /// Everything a call says, in one transaction; a one-time token that was used before stops all of it.
    async fn keep_notices(
        &self,
        provider: Provider,
        once: Option<String>,
        notices: Vec<Notice>,
    ) -> Result<CallAnswer, Error> {
        let (desk, now, source) = (self.clone(), self.now(), provider.key());
        let took = self
            .change(move |change| {
                if let Some(once) = &once
                    && !change.take_call(&format!("{source}:{once}"), now, now.plus(-CALLS_KEPT_DAYS * DAY))?
                {
                    change.count_arrival(source, "again", now)?;
                    return Ok(None);
                }
                let mut all = Vec::with_capacity(notices.len());
                for notice in &notices {
                    let took = desk.keep_notice(change, source, notice, now)?;
                    change.count_arrival(source, took.key(), now)?;
                    all.push(took);
                }
                Ok(Some(all))
            })
            .await?;
        let Some(all) = took else { return Ok(CallAnswer::Refused(NotProven::Stale)) };
        all.into_iter().for_each(|took| told(source, took));
        Ok(CallAnswer::Taken)
    }

    /// A proven provider's word is enough for whose it is; our own names are asked first.
    fn keep_notice(
        &self,
        change: &mut Change<'_>,
        source: &'static str,
        notice: &Notice,
        now: Timestamp,
    ) -> Result<Took, Error> {
        let class = match notice.about {
            About::Came(class) => class,
            About::Left => Class::Letter,
        };
        let address = notice.recipient.as_deref().and_then(|text| Address::parse(text).ok());
        let person = match &address {
            Some(address) => change.subscriber_at(address)?,
            None => None,
        };
        let Some(person) = person else { return Ok(Took::Unproven(class)) };
        if notice.about == About::Left {
            if change.leave(person.id, now)? {
                change.suppress_editions_of(person.id, "The subscriber has left.", now)?;
                change.record_consent(&consent(person.id, ConsentAct::Left, now, source, None))?;
                self.note(change, Who::Subscriber(person.id), Entry::new("left", person.id, source))?;
            }
            return Ok(Took::Left);
        }
        let delivery = notice.delivery.as_deref().and_then(|id| id.parse::<DeliveryId>().ok());
        let told = Told {
            source,
            name: notice.id.clone(),
            delivery,
            subscriber: person.id,
            class,
            way: Way::Reported,
            detail: notice.text.clone(),
        };
        self.keep(change, &told, now)
    }
}
