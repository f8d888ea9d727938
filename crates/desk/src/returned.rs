//! Takes what comes back for letters: whose it is, what it says, what follows. One report is one transaction.
//! Believes nothing that the paper's secret does not confirm; owns no class and no rule (`newsroom::returned`).

mod calls;
mod suppressions;

use crate::deliver::recipient_key;
use crate::desk::Desk;
use crate::error::Error;
use crate::ledger::{Entry, Who};
use crate::subscribe::{LEAVING, consent};
use crate::token::{self, Purpose};
use mail::bounce::{self, Proofs, Returned, Unreadable, Verdict};
use newsroom::delivery::Recipient;
use newsroom::id::{DeliveryId, SubscriberId};
use newsroom::returned::{Class, Consequence, FULL_DAYS, History, RATE_SPAN, Rates, SENDER_SPAN, Way, follows};
use newsroom::subscriber::{ConsentAct, Subscriber};
use newsroom::time::{DAY, Timestamp};
use store::{Change, DeliveryLine, Report, Settled, View};
use tracing::{info, warn};

pub use calls::CallAnswer;
pub use suppressions::Lifted;

/// What became of something that came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Took {
    /// Kept for a person, with what followed.
    Kept(Class, Consequence),
    /// The same report was kept before.
    Again,
    /// Nobody's that we can prove; nothing follows.
    Unproven(Class),
    /// Of a class that is not kept, or about mail to staff.
    Passed(Class),
    /// It was not read.
    Refused(Unreadable),
    /// Somebody left the list by mail.
    Left,
}

impl Took {
    /// As counted.
    pub fn key(self) -> &'static str {
        match self {
            Took::Kept(class, _) => class.key(),
            Took::Again => "again",
            Took::Unproven(_) => "unproven",
            Took::Passed(Class::Letter) => "letter",
            Took::Passed(Class::AutoReply) => "auto-reply",
            Took::Passed(_) => "passed",
            Took::Refused(why) => why.key(),
            Took::Left => "left",
        }
    }
}

/// How a message would be read, for the operator.
#[derive(Debug, Clone)]
pub struct Explained {
    pub returned: Returned,
    /// The one of its verdicts that counts.
    pub verdict: Verdict,
    /// Whose it is, if that is proven: the delivery and by what.
    pub delivery: Option<(DeliveryId, &'static str)>,
    pub subscriber: Option<SubscriberId>,
    /// What would follow now.
    pub consequence: Consequence,
}

/// A report about one person, ready to be kept.
struct Told {
    source: &'static str,
    name: String,
    delivery: Option<DeliveryId>,
    subscriber: SubscriberId,
    class: Class,
    way: Way,
    detail: String,
}

impl Desk {
    /// Whether mail to this address is for us: a bounce address or a leaving address that we made.
    pub fn takes_mail_for(&self, recipient: &str) -> bool {
        self.identity().delivery_in(recipient).is_some() || self.leaver(recipient).is_some()
    }

    /// The envelope sender of a delivery: what a report about it must carry.
    pub fn bounce_address_of(&self, delivery: DeliveryId) -> String {
        self.identity().bounce_address(delivery.0)
    }

    fn leaver(&self, recipient: &str) -> Option<SubscriberId> {
        let token = self.identity().leaving_token_in(recipient)?;
        self.secret().open(Purpose::Unsubscribe, &token).map(SubscriberId)
    }

    /// Takes one mail that came in over `source` for `recipients`: a report, or somebody who leaves. Taking the same
    /// mail twice is taking it once.
    pub async fn take_mail(
        &self,
        source: &'static str,
        recipients: &[String],
        message: Vec<u8>,
    ) -> Result<Took, Error> {
        let leaving = recipients.iter().find_map(|recipient| self.identity().leaving_token_in(recipient));
        if let Some(token) = leaving {
            let subject = mail::read::read(&message).map(|letter| letter.subject).unwrap_or_default();
            let newsletter = subject.trim().strip_prefix(LEAVING).unwrap_or_default().trim();
            self.unsubscribe(&token, newsletter, "mail").await?;
            return self.counted(source, Took::Left).await;
        }
        let returned = match read(message).await? {
            Ok(returned) => returned,
            Err(why) => return self.counted(source, Took::Refused(why)).await,
        };
        let (desk, recipients, now) = (self.clone(), recipients.to_vec(), self.now());
        let took = self
            .change(move |change| {
                let took = desk.take_returned(change, source, &recipients, &returned, now)?;
                change.count_arrival(source, took.key(), now)?;
                Ok(took)
            })
            .await?;
        told(source, took);
        Ok(took)
    }

    fn take_returned(
        &self,
        change: &mut Change<'_>,
        source: &'static str,
        recipients: &[String],
        returned: &Returned,
        now: Timestamp,
    ) -> Result<Took, Error> {
        let whose = self.whose(change, recipients, &returned.proofs)?;
        let Some((line, _)) = whose else {
            return Ok(Took::Unproven(returned.verdicts.first().map_or(Class::Letter, |verdict| verdict.class)));
        };
        let Recipient::Subscriber(subscriber) = line.delivery.recipient else {
            return Ok(Took::Passed(returned.verdicts.first().map_or(Class::Letter, |verdict| verdict.class)));
        };
        let person = change.subscriber(subscriber)?;
        let Some(verdict) = counting(returned, person.as_ref()) else { return Ok(Took::Passed(Class::Letter)) };
        let delivery = line.delivery.id;
        // The same report has the same id; one without an id is told apart by what it says.
        let mark = returned.message_id.as_deref().unwrap_or(&verdict.text);
        let name = token::hash(&format!("{delivery}|{}|{mark}", verdict.class.key()));
        self.keep(
            change,
            &Told {
                source,
                name,
                delivery: Some(delivery),
                subscriber,
                class: verdict.class,
                way: Way::Reported,
                detail: verdict.text.clone(),
            },
            now,
        )
    }

    /// Keeps a relay's own refusal of a person, in the transaction that settles the row; other answers are no reports.
    pub(crate) fn keep_if_refused(
        &self,
        change: &mut Change<'_>,
        delivery: DeliveryId,
        settled: &Settled,
        now: Timestamp,
    ) -> Result<(), Error> {
        let Settled::Refused { code, reply, .. } = settled else { return Ok(()) };
        let Some(class @ (Class::Address | Class::MailboxFull)) = Class::parse(code) else { return Ok(()) };
        let Some(line) = change.delivery(delivery)? else { return Ok(()) };
        let Recipient::Subscriber(subscriber) = line.delivery.recipient else { return Ok(()) };
        let told = Told {
            source: "relay",
            name: format!("{delivery}:{}", line.delivery.attempt),
            delivery: Some(delivery),
            subscriber,
            class,
            way: Way::Refused,
            detail: reply.clone(),
        };
        self.keep(change, &told, now).map(drop)
    }

    /// Keeps a report, once, and does what follows from it.
    fn keep(&self, change: &mut Change<'_>, told: &Told, now: Timestamp) -> Result<Took, Error> {
        if !told.class.is_kept() {
            return Ok(Took::Passed(told.class));
        }
        let Some(person) = change.subscriber(told.subscriber)? else { return Ok(Took::Unproven(told.class)) };
        let new = change.record_report(&Report {
            source: told.source.to_owned(),
            name: told.name.clone(),
            subscriber: person.id,
            delivery: told.delivery,
            class: told.class,
            at: now,
            detail: told.detail.clone(),
        })?;
        if !new {
            return Ok(Took::Again);
        }
        let consequence = follows(told.class, told.way, history(change, &person, now)?);
        let reason = told.class.words();
        match consequence {
            Consequence::Nothing | Consequence::TellEditor | Consequence::TellOperator => {}
            Consequence::Suppress => self.stop_mail_to(change, &person, reason, now)?,
            Consequence::LeaveAndSuppress => {
                if change.leave(person.id, now)? {
                    change.record_consent(&consent(person.id, ConsentAct::Left, now, "complaint", None))?;
                }
                self.stop_mail_to(change, &person, reason, now)?;
            }
            Consequence::Pause => change.hold(now)?,
        }
        let detail = format!("{} ({}): {}", told.class.key(), told.source, consequence.words());
        self.note(change, Who::Clock, Entry::new("took a report", format_args!("subscriber:{}", person.id), detail))?;
        Ok(Took::Kept(told.class, consequence))
    }

    fn stop_mail_to(
        &self,
        change: &mut Change<'_>,
        person: &Subscriber,
        reason: &str,
        now: Timestamp,
    ) -> Result<(), Error> {
        change.suppress(&self.secret().fingerprint(&person.address.key()), reason, now)?;
        change.suppress_editions_of(person.id, reason, now)?;
        Ok(())
    }

    /// The delivery that a mail proves to be about, and by what: our bounce address, or our delivery header together
    /// with the Message-ID that only we can have made for it.
    fn whose(
        &self,
        view: &View<'_>,
        recipients: &[String],
        proofs: &Proofs,
    ) -> Result<Option<(DeliveryLine, &'static str)>, Error> {
        let identity = self.identity();
        for address in recipients.iter().chain(&proofs.addresses) {
            if let Some(id) = identity.delivery_in(address)
                && let Some(line) = view.delivery(DeliveryId(id))?
            {
                return Ok(Some((line, "bounce address")));
            }
        }
        for named in &proofs.deliveries {
            let Ok(id) = named.parse::<DeliveryId>() else { continue };
            let Some(line) = view.delivery(id)? else { continue };
            let ours = identity.message_id(&line.delivery.occasion.key(), &recipient_key(line.delivery.recipient));
            if proofs.message_ids.contains(&ours) {
                return Ok(Some((line, "message id")));
            }
        }
        Ok(None)
    }

    /// How a mail would be read, and what would follow. Changes nothing.
    pub async fn explain_mail(&self, message: Vec<u8>) -> Result<Result<Explained, Unreadable>, Error> {
        let returned = match read(message).await? {
            Ok(returned) => returned,
            Err(why) => return Ok(Err(why)),
        };
        let (desk, now) = (self.clone(), self.now());
        self.look(move |view| {
            let whose = desk.whose(view, &[], &returned.proofs)?;
            let subscriber = whose.as_ref().and_then(|(line, _)| match line.delivery.recipient {
                Recipient::Subscriber(id) => Some(id),
                Recipient::Staff(_) => None,
            });
            let person = subscriber.map(|id| view.subscriber(id)).transpose()?.flatten();
            let verdict = counting(&returned, person.as_ref()).or(returned.verdicts.first()).cloned();
            let verdict = verdict.ok_or(Error::Missing)?;
            let consequence = match &person {
                Some(person) => {
                    let before = history(view, person, now)?;
                    let one_more = |count, class| count + u64::from(verdict.class == class);
                    let with_this = History {
                        address_reports: one_more(before.address_reports, Class::Address),
                        full_reports: one_more(before.full_reports, Class::MailboxFull),
                        sender_people: one_more(before.sender_people, Class::Sender),
                    };
                    follows(verdict.class, Way::Reported, with_this)
                }
                None => Consequence::Nothing,
            };
            let delivery = whose.map(|(line, by)| (line.delivery.id, by));
            Ok(Ok(Explained {
                verdict,
                delivery,
                subscriber: person.map(|person| person.id),
                consequence,
                returned: returned.clone(),
            }))
        })
        .await
    }

    /// Complaints and bounces against letters of editions, over the last week.
    pub async fn rates(&self) -> Result<Rates, Error> {
        let since = self.now().plus(-RATE_SPAN);
        self.look(move |view| Ok(view.rates_since(since)?)).await
    }

    /// What came in over the last week: how, what became of it, how often.
    pub async fn came_in(&self) -> Result<Vec<(String, String, u64)>, Error> {
        let since = self.now().plus(-RATE_SPAN);
        self.look(move |view| Ok(view.came_in(since)?)).await
    }

    /// Counts an arrival that changed nothing else.
    pub(crate) async fn counted(&self, source: &'static str, took: Took) -> Result<Took, Error> {
        let now = self.now();
        self.change(move |change| Ok(change.count_arrival(source, took.key(), now)?)).await?;
        told(source, took);
        Ok(took)
    }
}

/// The verdict that counts for a person: the one that names their address, else the first.
fn counting<'r>(returned: &'r Returned, person: Option<&Subscriber>) -> Option<&'r Verdict> {
    let key = person.map(|person| person.address.key());
    let named = returned.verdicts.iter().find(|verdict| verdict.recipient.is_some() && verdict.recipient == key);
    named.or(returned.verdicts.first())
}

/// What is known of a person, as of now.
fn history(view: &View<'_>, person: &Subscriber, now: Timestamp) -> Result<History, Error> {
    // What came in the very moment of the confirmation counts.
    let confirmed = person.confirmed_at.unwrap_or(Timestamp(1)).plus(-1);
    let full_since = confirmed.max(now.plus(-FULL_DAYS * DAY));
    Ok(History {
        address_reports: view.reports_since(person.id, Class::Address, confirmed)?,
        full_reports: view.reports_since(person.id, Class::MailboxFull, full_since)?,
        sender_people: view.people_reported(Class::Sender, now.plus(-SENDER_SPAN))?,
    })
}

/// Reading a megabyte takes milliseconds: not on an async thread.
async fn read(message: Vec<u8>) -> Result<Result<Returned, Unreadable>, Error> {
    let reading = tokio::task::spawn_blocking(move || bounce::read(&message));
    reading.await.map_err(|error| Error::Broken(format!("Reading a report stopped: {error}.")))
}

/// One line in the log, without address or text.
fn told(source: &'static str, took: Took) {
    match took {
        Took::Kept(class, consequence @ (Consequence::Pause | Consequence::TellOperator)) => {
            let (class, consequence) = (class.key(), consequence.words());
            warn!(source, class, "a report says that our sending was refused: {consequence}");
        }
        Took::Refused(why) => warn!(source, "a mail that came in was not read: {why}"),
        Took::Kept(..) | Took::Again | Took::Unproven(_) | Took::Passed(_) | Took::Left => {
            info!(source, outcome = took.key(), "took a mail that came in");
        }
    }
}
