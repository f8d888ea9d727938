//! Freezing a wave: who gets what this morning, as one delivery row each, in one transaction.
//! Decides nothing about choosing; that is `newsroom::edition`.

use crate::desk::Desk;
use crate::edition::let_go;
use crate::error::Error;
use crate::ledger::{Entry, Who};
use crate::letters::{EditionDelivery, Prints};
use newsroom::delivery::{Occasion, Recipient};
use newsroom::edition::{Assembly, CANDIDATES_MAX, EditionState, Item};
use newsroom::id::{ArticleId, DeliveryId, SubscriberId, WorkId};
use newsroom::language::Language;
use newsroom::refusal::Refusal;
use newsroom::slug::Slug;
use newsroom::staff::{May, Staff};
use newsroom::subscriber::{Address, Choices, Frequency, HOUR_DEFAULT, Subscriber};
use newsroom::time::{DAY, Day, HOUR, MINUTE, Timestamp, Zone};
use press::message::Letter;
use serde::Serialize;
use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Instant;
use store::{Change, Edition, NewDelivery, Slot};

/// A zone whose hour is longer past than this waits for the next day.
const LATE_HOURS_MAX: i64 = 4;
/// Subscribers looked at in one piece: memory does not grow with the list.
const SUBSCRIBERS_PER_PAGE: usize = 1_000;
/// Item sets remembered while a wave is frozen: memory does not grow with the list.
const ITEM_SETS_KEPT_MAX: usize = 20_000;
/// An edition's candidates reach back as far as the slowest rhythm needs.
pub(crate) const CANDIDATE_DAYS: i64 = 8;

/// What freezing a wave came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Wave {
    /// Deliveries made.
    pub made: u64,
    /// Subscribers with fewer new items than an edition needs.
    pub nothing_new: u64,
    pub assembled_in_ms: u64,
}

/// Whom a wave is for.
#[derive(Debug, Clone)]
struct Whom {
    newsletter: Slug,
    day: Day,
    zone: Zone,
    hour: i8,
    /// Sent by hand: now, whatever the hour, and again for those who had nothing the first time.
    by_hand: bool,
}

impl Desk {
    /// Sends the issue of `day` now to everybody who has not had it, whatever their hour. It must be approved,
    /// unless the house sends unapproved editions.
    pub async fn send_edition(&self, by: Option<&Staff>, newsletter: &str, day: Day) -> Result<Wave, Error> {
        if let Some(by) = by {
            by.allowed(May::ApproveEdition)?;
        }
        if self.held_since().await?.is_some() {
            return Err(Refusal::Held.into());
        }
        let newsletter = self.newsletter_called(newsletter)?;
        self.open_editions(&newsletter, day).await?;
        let languages = self.paper().publication.languages();
        let automatic = self.paper().publication.house.send_unapproved;
        let called = newsletter.clone();
        let state = self
            .look(move |view| {
                let mut refused = None;
                for language in &languages {
                    let edition = view.edition_of(&called, day, language)?.ok_or(Error::Missing)?;
                    if edition.state.may_leave() || automatic {
                        return Ok(None);
                    }
                    refused = Some(edition.state);
                }
                Ok(refused)
            })
            .await?;
        if let Some(state) = state {
            return Err(Refusal::EditionNotReady { state: state.key(), wanted: "approved" }.into());
        }
        let mut all = Wave::default();
        for slot in self.look(|view| Ok(view.slots()?)).await? {
            let Slot { zone, hour, .. } = slot;
            let wave = self.freeze(Whom { newsletter: newsletter.clone(), day, zone, hour, by_hand: true }).await?;
            all.made += wave.made;
            all.nothing_new += wave.nothing_new;
            all.assembled_in_ms += wave.assembled_in_ms;
        }
        Ok(all)
    }

    /// Freezes every wave whose hour has come. A wave leaves once; a constraint says so.
    pub(crate) async fn freeze_due(&self) -> Result<u64, Error> {
        let mut made = 0;
        let slots = self.look(|view| Ok(view.slots()?)).await?;
        for newsletter in &self.paper().newsletters {
            for Slot { zone, hour, .. } in slots.iter().cloned() {
                let Some(day) = self.due_day(&zone, hour) else { continue };
                self.open_editions(&newsletter.slug, day).await?;
                let whom = Whom { newsletter: newsletter.slug.clone(), day, zone, hour, by_hand: false };
                made += self.freeze(whom).await?.made;
            }
        }
        Ok(made)
    }

    /// The local day whose wave should leave now, if there is one: from some minutes before the hour to four
    /// hours after it.
    fn due_day(&self, zone: &Zone, hour: i8) -> Option<Day> {
        let now = self.now();
        let early = self.paper().publication.house.approval_minutes * MINUTE;
        let day = zone.day(now.plus(early));
        let due = zone.at(day, hour, 0);
        (due.plus(-early) <= now && now <= due.plus(LATE_HOURS_MAX * HOUR)).then_some(day)
    }

    async fn freeze(&self, whom: Whom) -> Result<Wave, Error> {
        let (now, desk, began) = (self.now(), self.clone(), Instant::now());
        if !whom.by_hand && !self.may_freeze(&whom).await? {
            return Ok(Wave::default());
        }
        let mut wave = self
            .change(move |change| {
                let editions = desk.editions_that_may_leave(change, &whom, now)?;
                if editions.is_empty() {
                    return Ok(Wave::default());
                }
                let first = change.open_wave(&whom.newsletter, whom.day, &whom.zone, whom.hour, now)?;
                if !first && !whom.by_hand {
                    return Ok(Wave::default());
                }
                let wave = desk.fill(change, &whom, &editions, now)?;
                change.close_wave(&whom.newsletter, whom.day, &whom.zone, whom.hour, wave.made, wave.nothing_new)?;
                let detail = format!("{} made, nothing new for {}", wave.made, wave.nothing_new);
                if wave.made + wave.nothing_new > 0 {
                    desk.note(change, Who::Clock, Entry::new("froze a wave", wave_name(&whom), detail))?;
                }
                Ok(wave)
            })
            .await?;
        wave.assembled_in_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        Ok(wave)
    }

    fn editions_that_may_leave(
        &self,
        change: &mut Change<'_>,
        whom: &Whom,
        now: Timestamp,
    ) -> Result<HashMap<Language, Edition>, Error> {
        let publication = &self.paper().publication;
        let mut may_leave = HashMap::new();
        for language in publication.languages() {
            if let Some(mut edition) = change.edition_of(&whom.newsletter, whom.day, &language)?
                && let_go(change, &mut edition, publication.house.send_unapproved, now)?
            {
                may_leave.insert(language, edition);
            }
        }
        Ok(may_leave)
    }

    fn fill(
        &self,
        change: &mut Change<'_>,
        whom: &Whom,
        editions: &HashMap<Language, Edition>,
        now: Timestamp,
    ) -> Result<Wave, Error> {
        let house = self.paper().publication.house.clone();
        let since = now.plus(-CANDIDATE_DAYS * DAY);
        let assembly = Assembly::new(change.candidates(since, now, CANDIDATES_MAX)?);
        let span = span(&assembly);
        let occasion = Occasion::Edition(whom.newsletter.clone(), whom.day);
        let due = if whom.by_hand { now } else { whom.zone.at(whom.day, whom.hour, 0).max(now) };
        let mut chosen = Chosen { assembly: &assembly, now, items_max: house.items_max, known: HashMap::new() };
        let (mut wave, mut after) = (Wave::default(), None);
        loop {
            let page =
                change.subscribers_due(&whom.newsletter, &whom.zone, whom.hour, now, after, SUBSCRIBERS_PER_PAGE)?;
            let Some(last) = page.last() else { return Ok(wave) };
            after = Some(last.id);
            let ids: Vec<SubscriberId> = page.iter().map(|subscriber| subscriber.id).collect();
            let mut had: HashMap<SubscriberId, Vec<WorkId>> = HashMap::new();
            for (subscriber, work) in change.delivered(&ids, span.clone())? {
                had.entry(subscriber).or_default().push(work);
            }
            let (mut rows, mut without) = (Vec::with_capacity(page.len()), Vec::new());
            for subscriber in page.iter().filter(|subscriber| subscriber.choices.frequency.includes(whom.day)) {
                let Some(edition) = edition_for(subscriber, editions) else { continue };
                let items = chosen.items(&subscriber.choices, had.remove(&subscriber.id).unwrap_or_default());
                if items.works.len() < house.items_min.max(1) {
                    without.push(subscriber.id);
                    continue;
                }
                rows.push(NewDelivery {
                    id: DeliveryId(self.id()),
                    occasion: occasion.clone(),
                    recipient: Recipient::Subscriber(subscriber.id),
                    address: None,
                    edition: Some(edition.id),
                    language: edition.language.clone(),
                    dated: due,
                    due_at: due,
                    payload: items.payload.clone(),
                    works: items.works.clone(),
                });
            }
            wave.made += change.queue_deliveries(&rows)?.len() as u64;
            // Whoever has the issue already has had what was new, and is not counted among the others.
            wave.nothing_new += (without.len() - change.had_occasion(&without, &occasion)?.len()) as u64;
        }
    }

    /// A look before the transaction: the clock asks twice a second, and mostly the answer is no.
    async fn may_freeze(&self, whom: &Whom) -> Result<bool, Error> {
        let (whom, automatic) = (whom.clone(), self.paper().publication.house.send_unapproved);
        self.look(move |view| {
            let editions = view.editions_of(&whom.newsletter, whom.day)?;
            let lets_go = |edition: &Edition| {
                edition.state.may_leave() || (automatic && edition.state == EditionState::Assembling)
            };
            let frozen = view.has_wave(&whom.newsletter, whom.day, &whom.zone, whom.hour)?;
            Ok(!frozen && editions.iter().any(lets_go))
        })
        .await
    }
}

/// Readers with the same choices who had the same works get the same items: chosen once for all of them.
struct Chosen<'a> {
    assembly: &'a Assembly,
    now: Timestamp,
    items_max: usize,
    known: HashMap<Alike, Arc<ItemSet>>,
}

/// Languages, sections and frequency, and the works had before, in order.
type Alike = (Vec<Language>, Vec<Slug>, Frequency, Vec<WorkId>);

struct ItemSet {
    payload: String,
    works: Vec<WorkId>,
}

impl Chosen<'_> {
    fn items(&mut self, choices: &Choices, mut had: Vec<WorkId>) -> Arc<ItemSet> {
        had.sort_unstable();
        let alike = (choices.languages.clone(), choices.sections.clone(), choices.frequency, had);
        if let Some(known) = self.known.get(&alike) {
            return known.clone();
        }
        let seen = |work: WorkId| alike.3.binary_search(&work).is_ok();
        let items = self.assembly.for_choices(choices, &seen, self.now, self.items_max);
        let set = Arc::new(ItemSet { payload: payload(&items), works: items.iter().map(|item| item.work).collect() });
        if self.known.len() < ITEM_SETS_KEPT_MAX {
            self.known.insert(alike, set.clone());
        }
        set
    }
}

/// From the smallest to the largest work on offer; a span of nothing if nothing is.
fn span(assembly: &Assembly) -> RangeInclusive<WorkId> {
    let (first, last) = (assembly.works().min(), assembly.works().max());
    first.unwrap_or(WorkId(1))..=last.unwrap_or(WorkId(0))
}

fn wave_name(whom: &Whom) -> String {
    let by = if whom.by_hand { ", by hand" } else { "" };
    format!("{} {} {} {}:00{by}", whom.newsletter, whom.day, whom.zone.name(), whom.hour)
}

/// The issue in the first of the subscriber's languages that may leave.
fn edition_for<'a>(subscriber: &Subscriber, editions: &'a HashMap<Language, Edition>) -> Option<&'a Edition> {
    subscriber.choices.languages.iter().find_map(|language| editions.get(language)).or_else(|| {
        let mut all: Vec<&Edition> = editions.values().collect();
        all.sort_by_key(|edition| edition.id);
        all.first().copied()
    })
}

/// The articles of a delivery, in order, as kept.
fn payload(items: &[Item]) -> String {
    items.iter().map(|item| item.article.to_string()).collect::<Vec<_>>().join(" ")
}

/// Reads what [`payload`] wrote.
pub(crate) fn articles_in(payload: &str) -> Vec<ArticleId> {
    payload.split(' ').filter_map(|id| id.parse().ok()).collect()
}

impl Desk {
    /// The day's issue as it would be now: for a subscriber, or for somebody new who takes every section in
    /// `language`. Changes nothing.
    pub async fn edition_preview(
        &self,
        newsletter: &str,
        day: Day,
        language: &Language,
        as_subscriber: Option<SubscriberId>,
    ) -> Result<Letter, Error> {
        let newsletter = self.newsletter_called(newsletter)?;
        let (desk, language, now) = (self.clone(), language.clone(), self.now());
        self.look(move |view| {
            let subscriber = match as_subscriber {
                Some(id) => view.subscriber(id)?.ok_or(Error::Missing)?,
                None => desk.anybody(&language)?,
            };
            let house = desk.paper().publication.house.clone();
            let assembly = Assembly::new(view.candidates(now.plus(-CANDIDATE_DAYS * DAY), now, CANDIDATES_MAX)?);
            let had = view.delivered(as_subscriber.as_slice(), span(&assembly))?;
            let seen = |work: WorkId| had.contains(&(subscriber.id, work));
            let items = assembly.for_choices(&subscriber.choices, &seen, now, house.items_max);
            if items.len() < house.items_min.max(1) {
                return Err(Refusal::EditionTooThin { items: items.len(), min: house.items_min }.into());
            }
            let payload = payload(&items);
            let delivery = EditionDelivery { newsletter: &newsletter, day, language: &language, payload: &payload };
            desk.edition_letter(view, &mut Prints::default(), &delivery, &subscriber)?.ok_or(Error::Missing)
        })
        .await
    }

    /// A reader of everything, for previews; their links open nothing.
    fn anybody(&self, language: &Language) -> Result<Subscriber, Error> {
        let mut languages = vec![language.clone()];
        languages.extend(self.paper().publication.languages().into_iter().filter(|other| other != language));
        Ok(Subscriber {
            id: SubscriberId(0),
            address: Address::parse("reader@example.org")?,
            name: String::new(),
            choices: Choices {
                languages,
                sections: vec![],
                zone: self.paper().zone(),
                hour: HOUR_DEFAULT,
                frequency: Frequency::Daily,
            },
            created_at: self.now(),
            confirmed_at: Some(self.now()),
            unsubscribed_at: None,
            paused_until: None,
        })
    }
}
