//! Breaking news: asked for on one page, let go on a second, and sent at once to those who chose it.
//! One a day in each language, and one a day to anybody: two constraints say so.

use crate::chores::Kind;
use crate::desk::Desk;
use crate::error::Error;
use crate::ledger::{Entry, Who};
use crate::subscribe::single;
use newsroom::breaking::{self, Words};
use newsroom::delivery::{Books, Occasion, Recipient};
use newsroom::id::{AlertId, ArticleId, ChoreId, DeliveryId, SubscriberId};
use newsroom::refusal::Refusal;
use newsroom::segment::Rules;
use newsroom::slug::Slug;
use newsroom::staff::{May, Staff};
use newsroom::subscriber::{BREAKING, Subscriber};
use store::{Alert, Change};

/// Deliveries made in one transaction.
const PEOPLE_PER_PIECE: usize = store::SUBSCRIBERS_PER_PAGE_MAX;

/// What an editor sees before the second button.
#[derive(Debug, Clone)]
pub struct Reach {
    pub alert: Alert,
    /// Chose breaking news and reads the language.
    pub people: u64,
    /// Chose breaking news and does not.
    pub others: u64,
    /// Who wrote it.
    pub writer: String,
    /// What became of it, once it was let go.
    pub books: Option<Books>,
}

impl Desk {
    /// The first button. Nothing leaves yet.
    pub async fn ask_breaking(&self, editor: &Staff, article: ArticleId, words: Words) -> Result<AlertId, Error> {
        editor.allowed(May::Publish)?;
        words.check()?;
        let (id, now, editor, desk) = (AlertId(self.id()), self.now(), editor.clone(), self.clone());
        let day = self.paper().zone().day(now);
        self.change(move |change| {
            let language = change.article(article)?.ok_or(Error::Missing)?.language;
            if desk.article_href(change, article)?.is_none() {
                let sentence = "Readers cannot see this article. Publish it first; breaking news leads to it.";
                return Err(Refusal::Other(sentence.into()).into());
            }
            desk.not_yet_today(change, &language, day)?;
            change.add_alert(&Alert {
                id,
                article,
                language,
                day,
                words: words.clone(),
                made_by: editor.id,
                made_at: now,
                released_by: None,
                released_at: None,
            })?;
            desk.note(change, Who::Staff(&editor), Entry::new("asked for breaking news", article, id))?;
            Ok(id)
        })
        .await
    }

    /// What would happen, or what has.
    pub async fn breaking_reach(&self, editor: &Staff, id: AlertId) -> Result<Reach, Error> {
        editor.allowed(May::Publish)?;
        let now = self.now();
        self.look(move |view| {
            let alert = view.alert(id)?.ok_or(Error::Missing)?;
            let people = view.segment_count(&rules(&alert), now)?;
            let all = view.segment_count(&Rules { languages: vec![], ..rules(&alert) }, now)?;
            let writer = view.member(alert.made_by)?.map(|member| member.staff.name).unwrap_or_default();
            let books = match alert.released_at {
                Some(_) => Some(view.books(&Occasion::Breaking(alert.day))?),
                None => None,
            };
            Ok(Reach { alert, people, others: all.saturating_sub(people), writer, books })
        })
        .await
    }

    /// The second button: it leaves now. `editor` may have to be another one than the first.
    pub async fn release_breaking(&self, editor: &Staff, id: AlertId) -> Result<(), Error> {
        let (now, editor, desk, chore) = (self.now(), editor.clone(), self.clone(), ChoreId(self.id()));
        let by_two = self.paper().publication.house.breaking_by_two;
        self.change(move |change| {
            let alert = change.alert(id)?.ok_or(Error::Missing)?;
            breaking::release(&editor, alert.made_by, alert.made_at, by_two, now)?;
            if alert.released_at.is_some() {
                return Ok(()); // Pressed twice is sent once.
            }
            desk.not_yet_today(change, &alert.language, alert.day)?;
            change.release_alert(id, editor.id, now)?;
            change.add_chore(chore, Kind::SendBreaking.key(), &id.to_string(), now)?;
            desk.note(change, Who::Staff(&editor), Entry::new("sent breaking news", alert.article, id))
        })
        .await
    }

    fn not_yet_today(
        &self,
        change: &Change<'_>,
        language: &newsroom::language::Language,
        day: newsroom::time::Day,
    ) -> Result<(), Error> {
        let Some(before) = change.alert_on(day, language)? else { return Ok(()) };
        let local = self.paper().zone().local(before.released_at.unwrap_or(before.made_at));
        Err(Refusal::Other(format!(
            "Breaking news went out today at {:02}:{:02}: “{}”. There is one a day; what follows is for the edition.",
            local.hour, local.minute, before.words.headline
        ))
        .into())
    }

    /// What the clock does after the second button: one row for each person, a piece at a time. Doing it again makes
    /// no second row.
    pub(crate) async fn queue_breaking(&self, subject: &str) -> Result<(), Error> {
        let id: AlertId = subject.parse().map_err(|()| Error::Broken(format!("“{subject}” is no alert.")))?;
        let Some(alert) = self.look(move |view| Ok(view.alert(id)?)).await? else { return Ok(()) };
        let occasion = Occasion::Breaking(alert.day);
        self.queue_for(rules(&alert), occasion, alert.language.clone(), id.to_string()).await
    }

    /// One delivery of `occasion` to each person of a segment, a piece at a time.
    pub(crate) async fn queue_for(
        &self,
        rules: Rules,
        occasion: Occasion,
        language: newsroom::language::Language,
        payload: String,
    ) -> Result<(), Error> {
        let mut after: Option<SubscriberId> = None;
        loop {
            let (rules, now) = (rules.clone(), self.now());
            let page = self.look(move |view| Ok(view.segment_members(&rules, now, after, PEOPLE_PER_PIECE)?)).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(last.id);
            let row = |person: &Subscriber| {
                let to = Recipient::Subscriber(person.id);
                single(DeliveryId(self.id()), occasion.clone(), to, language.clone(), &payload, now)
            };
            let rows: Vec<_> = page.iter().map(row).collect();
            self.change(move |change| Ok(change.queue_deliveries(&rows)?)).await?;
        }
    }
}

/// Those who chose breaking news and read its language.
fn rules(alert: &Alert) -> Rules {
    Rules { newsletter: Slug::parse(BREAKING), languages: vec![alert.language.clone()], ..Rules::default() }
}
