//! Signing up, confirming, choosing, moving, pausing and leaving.
//! The same answer, after the same work, whether or not an address is known; nothing changes by opening a link.

mod answer;
mod choose;
mod codes;
mod confirm;
mod copy;
mod forms;
mod leave;

pub(crate) use codes::CODE_MINUTES;
pub use codes::CodeFor;
pub use confirm::{Confirmed, Pending};
pub(crate) use leave::LEAVING;
pub use leave::Left;

use crate::desk::Desk;
use crate::error::Error;
use crate::token::Purpose;
use forms::Wanted;
use newsroom::delivery::{Occasion, Recipient};
use newsroom::id::{DeliveryId, SubscriberId};
use newsroom::language::Language;
use newsroom::refusal::Refusal;
use newsroom::subscriber::{Address, Consent, ConsentAct};
use newsroom::time::{DAY, HOUR, Timestamp};
use store::{NewDelivery, SignUpAsked};

/// How long a confirmation link works.
pub const CONFIRMATION_HOURS: i64 = 48;
/// Confirmations to one address in a day and in thirty days, over all newsletters and ways in.
const CONFIRMATIONS_A_DAY_MAX: u64 = 1;
const CONFIRMATIONS_A_MONTH_MAX: u64 = 3;
/// Unconfirmed sign-ups of the whole site in an hour; beyond it somebody is using us to annoy others.
const UNCONFIRMED_AN_HOUR_MAX: u64 = 1_000;
/// A form older than this was kept by a robot.
const STAMP_DAYS_MAX: i64 = 14;
/// Version of the sentence under the sign-up form, kept with every consent.
pub const CONSENT_TEXT: &str = "sign-up-1";
/// The sentences by version, in English; a changed sentence gets a new version here.
pub const CONSENT_TEXTS: [(&str, &str); 1] = [(
    "sign-up-1",
    "Next, we send one mail; its button confirms. We use it for these mails and for nothing else. We do not count who opens them.",
)];

/// What the sign-up form sends.
#[derive(Debug, Clone, Default)]
pub struct SignUp {
    pub address: String,
    /// None or none known: the first newsletter.
    pub newsletters: Vec<String>,
    /// In order of preference; empty: the page's.
    pub languages: Vec<String>,
    pub sections: Vec<String>,
    pub zone: Option<String>,
    pub hour: Option<String>,
    pub frequency: Option<String>,
    /// Language of the page the form stands on.
    pub page_language: String,
    pub stamp: String,
    /// A field people do not see.
    pub trap: String,
    /// The sender's network, already cut.
    pub network: Option<String>,
}

/// What the preference centre sends.
#[derive(Debug, Clone, Default)]
pub struct ChoicesForm {
    pub newsletters: Vec<String>,
    pub languages: Vec<String>,
    pub sections: Vec<String>,
    pub zone: String,
    pub hour: String,
    pub frequency: String,
}

impl Desk {
    /// Takes the question whether an address wants newsletters; a round answers it. Only what is wrong with the form
    /// itself is refused here: nothing is looked up, so that time tells as little as words.
    pub async fn sign_up(&self, form: SignUp) -> Result<(), Error> {
        let address = Address::parse(&form.address)?;
        let choices = self.choices_of_sign_up(&form)?;
        let mut newsletters = self.known_newsletters(&form.newsletters);
        if newsletters.is_empty() {
            newsletters.push(self.newsletter(None)?.slug);
        }
        let now = self.now();
        let made = self.secret().open(Purpose::Stamp, &form.stamp);
        if made.is_none_or(|made| made < now.0 - STAMP_DAYS_MAX * DAY || made > now.0 + HOUR) {
            return Err(
                Refusal::Other("This form is too old. Open the page again and send it once more.".into()).into()
            );
        }
        if !form.trap.is_empty() {
            return Ok(()); // A robot filled the field that people do not see. It hears what everybody hears.
        }
        self.keep_question(address, None, &Wanted::of(&choices, newsletters), form.network).await
    }

    /// Keeps a question for the next round, unless the whole site is asked too often.
    async fn keep_question(
        &self,
        address: Address,
        subscriber: Option<SubscriberId>,
        wanted: &Wanted,
        network: Option<String>,
    ) -> Result<(), Error> {
        let now = self.now();
        let asked = SignUpAsked {
            id: self.id(),
            address_hash: self.secret().fingerprint(&address.key()),
            address,
            subscriber,
            what: serde_json::to_value(wanted).unwrap_or_default(),
            network,
            asked_at: now,
        };
        self.change(move |change| {
            let open = change.confirmations_since(now.plus(-HOUR))?;
            if open + change.sign_ups_waiting()? >= UNCONFIRMED_AN_HOUR_MAX {
                return Err(Refusal::TooManyTries.into());
            }
            Ok(change.add_sign_up(&asked)?)
        })
        .await
    }

    /// The token of somebody's preference centre: in every mail to them and nowhere else.
    pub fn preferences_token(&self, subscriber: SubscriberId) -> String {
        self.secret().seal(Purpose::Preferences, subscriber.0)
    }

    /// The token by which somebody leaves with one click.
    pub fn unsubscribe_token(&self, subscriber: SubscriberId) -> String {
        self.secret().seal(Purpose::Unsubscribe, subscriber.0)
    }
}

/// A delivery to one person, due at once.
pub(crate) fn single(
    id: DeliveryId,
    occasion: Occasion,
    recipient: Recipient,
    language: Language,
    payload: &str,
    now: Timestamp,
) -> NewDelivery {
    NewDelivery {
        id,
        occasion,
        recipient,
        address: None,
        edition: None,
        language,
        dated: now,
        due_at: now,
        payload: payload.to_owned(),
        works: vec![],
    }
}

pub(crate) fn consent(
    subscriber: SubscriberId,
    act: ConsentAct,
    at: Timestamp,
    method: &str,
    network: Option<String>,
) -> Consent {
    Consent { subscriber, at, act, text_version: CONSENT_TEXT.into(), network, method: method.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_consent_names_the_sentence_that_was_shown() {
        let (version, text) = CONSENT_TEXTS[CONSENT_TEXTS.len() - 1];
        let words = press::words::Words::of("en");
        let shown = format!("{} {}", words.say("next_step", &[]), words.say("email_help", &[]));
        assert_eq!((version, text), (CONSENT_TEXT, shown.as_str()), "a new sentence needs a new version");
    }
}
