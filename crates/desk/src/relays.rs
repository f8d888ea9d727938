//! The relays that mail leaves by, and what each may be asked to do. They can change while mail leaves, and be tried out.

use crate::desk::Desk;
use crate::error::Error;
use crate::ledger::{Entry, Who};
use mail::{Body, Envelope, Mailbox, Message, list};
use newsroom::refusal::Refusal;
use newsroom::staff::{May, Staff};
use std::sync::Arc;
use std::time::Duration;
use tracing::info;

pub use mail::trial::{Part, Step};

/// How long a person waits for one step of a trial.
const TRIAL_STEP_SECONDS: u64 = 15;
/// How long for the last answer.
const TRIAL_DOT_SECONDS: u64 = 30;

/// One relay: how it is reached, and how much it gets.
#[derive(Debug, Clone)]
pub struct RelayPlan {
    /// What pages, books and logs call it.
    pub name: String,
    /// No relay stands between: letters go to the servers that readers' domains name. The settings have no host then, and
    /// the limits for a destination are those for one provider: connections to it, messages a minute.
    pub direct: bool,
    pub settings: mail::RelaySettings,
    pub limits: RelayLimits,
}

/// How much one relay gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelayLimits {
    /// Its part of the messages beside the other relays' weights.
    pub weight: u32,
    /// Connections open at once.
    pub connections: usize,
    /// Messages a minute; `None` is as many as it takes.
    pub per_minute: Option<u32>,
    /// Messages a minute to one destination domain.
    pub domain_per_minute: Option<u32>,
    /// Messages on their way to one destination domain at once.
    pub domain_connections: Option<usize>,
}

impl Default for RelayLimits {
    fn default() -> Self {
        Self { weight: 1, connections: 4, per_minute: None, domain_per_minute: None, domain_connections: None }
    }
}

impl RelayPlan {
    /// Straight to the servers of readers' domains, speaking `like` this; its host and its encryption do not count.
    pub fn straight(name: impl Into<String>, like: mail::RelaySettings) -> Self {
        let settings = mail::RelaySettings { host: String::new(), tls: mail::smtp::Tls::None, ..like };
        Self { name: name.into(), direct: true, settings, limits: RelayLimits::default() }
    }
}

impl From<mail::RelaySettings> for RelayPlan {
    fn from(settings: mail::RelaySettings) -> Self {
        let name = format!("{}:{}", settings.host, settings.port);
        Self { name, direct: false, settings, limits: RelayLimits::default() }
    }
}

impl Desk {
    /// The relays as of now. Empty: nothing can leave, and everybody is told so.
    pub fn relays(&self) -> Arc<Vec<RelayPlan>> {
        self.relay_plans().load_full()
    }

    /// Other relays, limits or passwords from now on. What is on its way finishes as it began; what waits goes by the
    /// new ones.
    pub fn set_relays(&self, plans: Vec<RelayPlan>) {
        info!(relays = plans.len(), "mail leaves by {} relays from now on", plans.len());
        self.relay_plans().store(Arc::new(plans));
        self.mailroom().ring();
    }

    /// Sends a letter to the address of whoever asks, by this relay and no other, and says how far it came. Past the
    /// queue, for what is to be learnt is the relay's own answer; refused while the installation is held.
    pub async fn try_relay(&self, by: &Staff, name: &str) -> Result<Vec<Step>, Error> {
        by.allowed(May::Administer)?;
        if self.held_since().await?.is_some() {
            return Err(Refusal::Held.into());
        }
        let plan = self.relays().iter().find(|plan| plan.name == name).cloned().ok_or(Error::Missing)?;
        let me = by.id;
        let member = self.look(move |view| view.member(me)?.ok_or(Error::Missing)).await?;
        let (envelope, message) = self.trial_letter(&plan.name, member.address.as_str()).await?;
        let settings = match plan.direct {
            true => self.straight_to(envelope.recipient.domain(), &plan.settings).await,
            false => Ok(plan.settings),
        };
        let mut steps = match settings {
            Ok(mut settings) => {
                settings.timeouts.step = Duration::from_secs(TRIAL_STEP_SECONDS);
                settings.timeouts.dot = Duration::from_secs(TRIAL_DOT_SECONDS);
                mail::trial::try_out(settings, &envelope, &message).await
            }
            Err(step) => vec![step],
        };
        for step in &mut steps {
            step.reply = crate::mail_status::masked(&step.reply);
        }
        let came_to = match steps.last() {
            Some(last) if last.went => "it took the letter".to_owned(),
            Some(last) => format!("it ended at: {}", last.part),
            None => String::new(),
        };
        let (by, desk) = (by.clone(), self.clone());
        self.change(move |change| {
            desk.note(change, Who::Staff(&by), Entry::new("tried a relay", &plan.name, &came_to))
        })
        .await?;
        Ok(steps)
    }

    async fn trial_letter(&self, relay: &str, to: &str) -> Result<(Envelope, Vec<u8>), Error> {
        let (id, now, paper) = (self.id(), self.now(), self.paper());
        let broken = |cause: &dyn std::fmt::Display| Error::Broken(format!("The letter could not be built: {cause}."));
        let from = mail::Address::parse(&self.mail_settings().from).map_err(|cause| broken(&cause))?;
        let recipient = mail::Address::parse(to).map_err(|cause| broken(&cause))?;
        let headers = list::automatic(&newsroom::id::show(id)).map_err(|cause| broken(&cause))?;
        let name = &paper.publication.name;
        let text = format!("You asked relay {relay} of {name} to send this. If you read it, letters arrive.\n");
        let message = Message {
            from: Mailbox { name, address: &from },
            reply_to: None,
            to: Mailbox { name: "", address: &recipient },
            subject: &format!("A test of relay {relay}"),
            date: now.0,
            message_id: &self.identity().message_id("trial", &id.to_string()),
            language: Some("en"),
            headers: &headers,
            body: &Body::of(&text, None),
        };
        let bytes = message.build().map_err(|cause| broken(&cause))?;
        let bytes = match self.signer().await? {
            Some(signer) => signer.sign(&bytes, now.0).map_err(|cause| broken(&cause))?,
            None => bytes,
        };
        let envelope = Envelope::parse(&self.identity().bounce_address(id), to).map_err(|cause| broken(&cause))?;
        Ok((envelope, bytes))
    }
}
