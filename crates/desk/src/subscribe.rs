//! Signing up, confirming, choosing, pausing and leaving.
//! The same answer whether or not an address is known; nothing changes by opening a link.

use crate::chores::{FORGET_UNCONFIRMED, UNCONFIRMED_DAYS};
use crate::desk::Desk;
use crate::error::Error;
use crate::ledger::{Entry, Who};
use crate::token::{self, Purpose};
use newsroom::delivery::{Occasion, Recipient};
use newsroom::id::{ChoreId, DeliveryId, SubscriberId};
use newsroom::language::Language;
use newsroom::publication::Newsletter;
use newsroom::refusal::Refusal;
use newsroom::slug::Slug;
use newsroom::subscriber::{Address, Choices, Consent, ConsentAct, Frequency, HOUR_DEFAULT, Subscriber};
use newsroom::time::{DAY, HOUR, Timestamp, Zone};
use serde::{Deserialize, Serialize};
use store::{Change, Confirmation, NewDelivery};

/// How long a confirmation link works.
pub const CONFIRMATION_HOURS: i64 = 48;
/// Confirmations to one address in a day and in thirty days, over all newsletters and ways in.
const CONFIRMATIONS_A_DAY_MAX: u64 = 1;
const CONFIRMATIONS_A_MONTH_MAX: u64 = 3;
/// Unconfirmed sign-ups of the whole site in an hour; beyond it somebody is using us to annoy others.
const UNCONFIRMED_AN_HOUR_MAX: u64 = 1_000;
/// A form older than this was kept by a robot.
const STAMP_DAYS_MAX: i64 = 14;
/// Version of the sentence under the sign-up form.
const CONSENT_TEXT: &str = "sign-up-1";

/// What the sign-up form sends.
#[derive(Debug, Clone, Default)]
pub struct SignUp {
    pub address: String,
    /// None or unknown: the first newsletter.
    pub newsletter: Option<String>,
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
    pub languages: Vec<String>,
    pub sections: Vec<String>,
    pub zone: String,
    pub hour: String,
    pub frequency: String,
}

/// What waits for one press of a button.
#[derive(Debug, Clone)]
pub struct Pending {
    pub masked: String,
    pub newsletter: Newsletter,
    pub choices: Choices,
}

/// What the press of the button came to.
#[derive(Debug, Clone)]
pub struct Confirmed {
    pub subscriber: Subscriber,
    pub preferences_token: String,
}

/// Choices as they wait for confirmation.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Wanted {
    languages: Vec<String>,
    sections: Vec<String>,
    zone: String,
    hour: i8,
    frequency: String,
}

impl Desk {
    /// Asks the address whether it wants the newsletter. Answers the same for known, unknown, suppressed and
    /// already subscribed addresses; only what is wrong with the form itself is refused.
    pub async fn sign_up(&self, form: SignUp) -> Result<(), Error> {
        let address = Address::parse(&form.address)?;
        let choices = self.choices_of_sign_up(&form)?;
        let newsletter = self.newsletter(form.newsletter.as_deref())?;
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
        self.ask(Asked { address, choices, newsletter: newsletter.slug, network: form.network, now }).await
    }

    async fn ask(&self, asked: Asked) -> Result<(), Error> {
        let (fresh, request, delivery) = (SubscriberId(self.id()), self.id(), DeliveryId(self.id()));
        let hash = self.secret().fingerprint(&asked.address.key());
        let token_hash = token::hash(&self.secret().seal(Purpose::Confirm, request));
        let (chore, desk) = (ChoreId(self.id()), self.clone());
        self.change(move |change| {
            if change.suppression(&hash)?.is_some() {
                return Ok(());
            }
            let subscriber = match change.subscriber_at(&asked.address)? {
                Some(known) if !may_ask(change, known.id, asked.now)? => return Ok(()),
                Some(known) => known.id,
                None => {
                    change.add_subscriber(&asked.subscriber(fresh), &hash)?;
                    change.add_chore(
                        chore,
                        FORGET_UNCONFIRMED,
                        &fresh.to_string(),
                        asked.now.plus(UNCONFIRMED_DAYS * DAY),
                    )?;
                    fresh
                }
            };
            if change.confirmations_since(asked.now.plus(-HOUR))? >= UNCONFIRMED_AN_HOUR_MAX {
                return Err(Refusal::TooManyTries.into());
            }
            change.keep_confirmation(
                &token_hash,
                &Confirmation {
                    subscriber,
                    newsletter: asked.newsletter.clone(),
                    what: serde_json::to_value(Wanted::of(&asked.choices)).unwrap_or_default(),
                    made_at: asked.now,
                    expires_at: asked.now.plus(CONFIRMATION_HOURS * HOUR),
                    confirmed_at: None,
                },
            )?;
            change.record_consent(&asked.consent(subscriber, ConsentAct::Asked, "form"))?;
            let occasion = Occasion::Confirmation(request);
            let to = Recipient::Subscriber(subscriber);
            let language = asked.choices.languages[0].clone();
            change.queue_deliveries(&[single(
                delivery,
                occasion,
                to,
                language,
                asked.newsletter.as_str(),
                asked.now,
            )])?;
            desk.note(change, Who::Subscriber(subscriber), Entry::new("asked to subscribe", &asked.newsletter, ""))
        })
        .await
    }

    /// What the link in the mail stands for. Changes nothing.
    pub async fn pending(&self, token: &str) -> Result<Pending, Error> {
        let (hash, now) = (token::hash(token), self.now());
        let (asked, subscriber) = self
            .look(move |view| {
                let asked = view.confirmation(&hash, now)?.ok_or(Refusal::LinkSpent)?;
                let subscriber = view.subscriber(asked.subscriber)?.ok_or(Refusal::LinkSpent)?;
                Ok((asked, subscriber))
            })
            .await?;
        Ok(Pending {
            masked: subscriber.address.masked(),
            newsletter: self.newsletter(Some(asked.newsletter.as_str()))?,
            choices: Wanted::read(asked.what).unwrap_or(subscriber.choices),
        })
    }

    /// The button was pressed. Pressing it again answers the same and sends nothing more.
    pub async fn confirm(&self, token: &str, network: Option<String>) -> Result<Confirmed, Error> {
        let (hash, now, welcome, desk) = (token::hash(token), self.now(), DeliveryId(self.id()), self.clone());
        let subscriber = self
            .change(move |change| {
                let Some(asked) = change.use_confirmation(&hash, now)? else {
                    let before = change.confirmation(&hash, now)?.ok_or(Refusal::LinkSpent)?;
                    return change.subscriber(before.subscriber)?.ok_or_else(|| Refusal::LinkSpent.into());
                };
                let before = change.subscriber(asked.subscriber)?.ok_or(Refusal::LinkSpent)?;
                let first = before.confirmed_at.is_none() || before.unsubscribed_at.is_some();
                let choices = Wanted::read(asked.what).unwrap_or(before.choices);
                change.save_choices(before.id, &before.name, &choices)?;
                change.confirm_subscriber(before.id, now)?;
                change.pause(before.id, None)?;
                change.subscribe(before.id, &asked.newsletter, now)?;
                change.record_consent(&consent(before.id, ConsentAct::Confirmed, now, "form", network.clone()))?;
                if first {
                    let (occasion, to) = (Occasion::Welcome(now), Recipient::Subscriber(before.id));
                    let language = choices.languages[0].clone();
                    change.queue_deliveries(&[single(
                        welcome,
                        occasion,
                        to,
                        language,
                        asked.newsletter.as_str(),
                        now,
                    )])?;
                }
                desk.note(change, Who::Subscriber(before.id), Entry::new("confirmed", &asked.newsletter, ""))?;
                change.subscriber(before.id)?.ok_or_else(|| Refusal::LinkSpent.into())
            })
            .await?;
        let preferences_token = self.preferences_token(subscriber.id);
        Ok(Confirmed { subscriber, preferences_token })
    }

    /// Whose preference centre this is.
    pub async fn subscriber_by_preferences(&self, token: &str) -> Result<Subscriber, Error> {
        self.subscriber_by(Purpose::Preferences, token).await
    }

    /// Whom this unsubscribe link belongs to.
    pub async fn subscriber_by_unsubscribe(&self, token: &str) -> Result<Subscriber, Error> {
        self.subscriber_by(Purpose::Unsubscribe, token).await
    }

    async fn subscriber_by(&self, purpose: Purpose, token: &str) -> Result<Subscriber, Error> {
        let id = self.secret().open(purpose, token).map(SubscriberId).ok_or(Refusal::LinkSpent)?;
        self.look(move |view| view.subscriber(id)?.ok_or_else(|| Refusal::LinkSpent.into())).await
    }

    /// Saves what was chosen in the preference centre.
    pub async fn change_choices(&self, token: &str, form: ChoicesForm) -> Result<Subscriber, Error> {
        let choices = self.choices(&form.languages, &form.sections, &form.zone, &form.hour, &form.frequency)?;
        self.change_subscriber(token, ConsentAct::Changed, move |change, before, _| {
            change.save_choices(before.id, &before.name, &choices)
        })
        .await
    }

    /// No edition for `days` days.
    pub async fn pause(&self, token: &str, days: u32) -> Result<Subscriber, Error> {
        let days = i64::from(days.clamp(1, 365));
        self.change_subscriber(token, ConsentAct::Paused, move |change, before, now| {
            change.pause(before.id, Some(now.plus(days * DAY)))
        })
        .await
    }

    /// Ends the pause.
    pub async fn resume(&self, token: &str) -> Result<Subscriber, Error> {
        self.change_subscriber(token, ConsentAct::Changed, |change, before, _| change.pause(before.id, None)).await
    }

    async fn change_subscriber(
        &self,
        token: &str,
        act: ConsentAct,
        edit: impl Fn(&mut Change<'_>, &Subscriber, Timestamp) -> Result<(), store::Error> + Send + 'static,
    ) -> Result<Subscriber, Error> {
        let id = self.secret().open(Purpose::Preferences, token).map(SubscriberId).ok_or(Refusal::LinkSpent)?;
        let (now, desk) = (self.now(), self.clone());
        self.change(move |change| {
            let before = change.subscriber(id)?.ok_or(Refusal::LinkSpent)?;
            edit(change, &before, now)?;
            change.record_consent(&consent(id, act, now, "preferences", None))?;
            desk.note(change, Who::Subscriber(id), Entry::new("changed choices", id, act.key()))?;
            change.subscriber(id)?.ok_or_else(|| Refusal::LinkSpent.into())
        })
        .await
    }

    /// Leaves everything, at once. `method`: `one-click` or `button`. Leaving twice is leaving once.
    pub async fn unsubscribe(&self, token: &str, method: &'static str) -> Result<(), Error> {
        self.go(Purpose::Unsubscribe, token, method).await
    }

    /// Leaves from the preference centre.
    pub async fn leave(&self, preferences_token: &str) -> Result<(), Error> {
        self.go(Purpose::Preferences, preferences_token, "preferences").await
    }

    async fn go(&self, purpose: Purpose, token: &str, method: &'static str) -> Result<(), Error> {
        let id = self.secret().open(purpose, token).map(SubscriberId).ok_or(Refusal::LinkSpent)?;
        let (now, desk) = (self.now(), self.clone());
        self.change(move |change| {
            change.subscriber(id)?.ok_or(Refusal::LinkSpent)?;
            if !change.leave(id, now)? {
                return Ok(());
            }
            change.suppress_editions_of(id, "The subscriber has left.", now)?;
            change.record_consent(&consent(id, ConsentAct::Left, now, method, None))?;
            desk.note(change, Who::Subscriber(id), Entry::new("left", id, method))
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

    /// The newsletter called `slug`, or the first one.
    pub(crate) fn newsletter(&self, slug: Option<&str>) -> Result<Newsletter, Error> {
        let paper = self.paper();
        let wanted = slug.and_then(|slug| paper.newsletter(slug)).or(paper.newsletters.first());
        wanted.cloned().ok_or(Error::Missing)
    }

    fn choices_of_sign_up(&self, form: &SignUp) -> Result<Choices, Refusal> {
        let page = [form.page_language.clone()];
        let languages = if form.languages.iter().all(String::is_empty) { &page[..] } else { &form.languages };
        let (zone, hour) = (form.zone.as_deref().unwrap_or(""), form.hour.as_deref().unwrap_or(""));
        self.choices(languages, &form.sections, zone, hour, form.frequency.as_deref().unwrap_or(""))
    }

    /// Reads choices as forms send them; what is empty gets the house's default, what is wrong is refused.
    fn choices(
        &self,
        languages: &[String],
        sections: &[String],
        zone: &str,
        hour: &str,
        frequency: &str,
    ) -> Result<Choices, Refusal> {
        let paper = self.paper();
        let mut chosen: Vec<Language> = Vec::new();
        for tag in languages.iter().filter(|tag| !tag.is_empty()) {
            let language = Language::parse(tag).ok_or_else(|| Refusal::LanguageNotValid(tag.clone()))?;
            if !chosen.contains(&language) {
                chosen.push(language);
            }
        }
        let known = |slug: &String| Slug::parse(slug).filter(|slug| paper.section(slug.as_str()).is_some());
        let mut sections: Vec<Slug> = sections.iter().filter_map(known).collect();
        sections.sort();
        sections.dedup();
        if sections.len() == paper.sections.len() {
            sections.clear(); // All of them: sections to come as well.
        }
        let zone = if zone.is_empty() { Some(paper.zone()) } else { Zone::parse(zone) };
        let choices = Choices {
            languages: chosen,
            sections,
            zone: zone.ok_or_else(|| Refusal::ZoneNotValid(String::new()))?,
            hour: if hour.is_empty() {
                HOUR_DEFAULT
            } else {
                hour.parse().map_err(|_| Refusal::HourNotValid(hour.chars().take(20).collect()))?
            },
            frequency: Frequency::parse(frequency).unwrap_or(Frequency::Daily),
        };
        choices.check()?;
        Ok(choices)
    }
}

struct Asked {
    address: Address,
    choices: Choices,
    newsletter: Slug,
    network: Option<String>,
    now: Timestamp,
}

impl Asked {
    fn subscriber(&self, id: SubscriberId) -> Subscriber {
        Subscriber {
            id,
            address: self.address.clone(),
            name: String::new(),
            choices: self.choices.clone(),
            created_at: self.now,
            confirmed_at: None,
            unsubscribed_at: None,
            paused_until: None,
        }
    }

    fn consent(&self, subscriber: SubscriberId, act: ConsentAct, method: &str) -> Consent {
        consent(subscriber, act, self.now, method, self.network.clone())
    }
}

impl Wanted {
    fn of(choices: &Choices) -> Self {
        Self {
            languages: choices.languages.iter().map(ToString::to_string).collect(),
            sections: choices.sections.iter().map(ToString::to_string).collect(),
            zone: choices.zone.name().to_owned(),
            hour: choices.hour,
            frequency: choices.frequency.key(),
        }
    }

    fn read(what: serde_json::Value) -> Option<Choices> {
        let wanted: Self = serde_json::from_value(what).ok()?;
        Some(Choices {
            languages: wanted.languages.iter().filter_map(|tag| Language::parse(tag)).collect(),
            sections: wanted.sections.iter().filter_map(|slug| Slug::parse(slug)).collect(),
            zone: Zone::parse(&wanted.zone)?,
            hour: wanted.hour,
            frequency: Frequency::parse(&wanted.frequency)?,
        })
    }
}

/// Whether one more confirmation may be sent to this person now.
fn may_ask(change: &Change<'_>, subscriber: SubscriberId, now: Timestamp) -> Result<bool, Error> {
    let today = change.confirmations_of(subscriber, now.plus(-DAY))?;
    let month = change.confirmations_of(subscriber, now.plus(-30 * DAY))?;
    Ok(today < CONFIRMATIONS_A_DAY_MAX && month < CONFIRMATIONS_A_MONTH_MAX)
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
