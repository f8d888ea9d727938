//! The day's issue under the editor's hand: made, approved, held, looked at.

use crate::assemble::CANDIDATE_DAYS;
use crate::desk::Desk;
use crate::error::Error;
use crate::ledger::{Entry, Who};
use newsroom::delivery::{Books, Occasion};
use newsroom::edition::EditionState;
use newsroom::id::EditionId;
use newsroom::language::Language;
use newsroom::refusal::Refusal;
use newsroom::slug::Slug;
use newsroom::staff::{May, Staff};
use newsroom::time::{DAY, Day, HOUR, Timestamp, Zone};
use store::{Change, Edition};

/// Hours from a day's first moment in UTC until its last late wave has left in the last zone (UTC−12, 23 o'clock, 4 hours late).
const LAST_ZONE_HOURS: i64 = 24 + 12 + 4;
/// Issues closed in one round, at most.
const EDITIONS_CLOSED_MAX: usize = 50;

/// How an issue stands, for status pages.
#[derive(Debug, Clone)]
pub struct EditionLine {
    pub edition: Edition,
    /// Deliveries of the newsletter's day, over all languages.
    pub books: Books,
    /// Subscribers for whom there was nothing new that day.
    pub nothing_new: u64,
    pub waves: u64,
}

impl Desk {
    /// The newest issues first.
    pub async fn editions(&self, limit: usize) -> Result<Vec<EditionLine>, Error> {
        self.look(move |view| {
            let editions = view.latest_editions(limit)?;
            editions
                .into_iter()
                .map(|edition| {
                    let books = view.books(&Occasion::Edition(edition.newsletter.clone(), edition.date))?;
                    let waves = view.waves(&edition.newsletter, edition.date)?;
                    let nothing_new = waves.iter().map(|wave| wave.nothing_new).sum();
                    Ok(EditionLine { edition, books, nothing_new, waves: waves.len() as u64 })
                })
                .collect()
        })
        .await
    }

    /// The day it is for the newsroom.
    pub fn today(&self) -> Day {
        self.paper().zone().day(self.now())
    }

    /// Makes the issues of `day` in every language of the publication, if they are not there yet.
    pub(crate) async fn open_editions(&self, newsletter: &Slug, day: Day) -> Result<(), Error> {
        let (newsletter, now, desk) = (newsletter.clone(), self.now(), self.clone());
        let languages = self.paper().publication.languages();
        let missing = {
            let (newsletter, languages) = (newsletter.clone(), languages.clone());
            self.look(move |view| {
                languages.iter().try_fold(false, |missing, language| {
                    Ok::<_, Error>(missing || view.edition_of(&newsletter, day, language)?.is_none())
                })
            })
            .await?
        };
        if !missing {
            return Ok(());
        }
        self.change(move |change| {
            for language in &languages {
                if change.edition_of(&newsletter, day, language)?.is_none() {
                    change.add_edition(&desk.new_edition(&newsletter, day, language, now))?;
                }
            }
            desk.note(change, Who::Clock, Entry::new("opened the edition", &newsletter, day))
        })
        .await
    }

    fn new_edition(&self, newsletter: &Slug, day: Day, language: &Language, now: Timestamp) -> Edition {
        Edition {
            id: EditionId(self.id()),
            newsletter: newsletter.clone(),
            date: day,
            language: language.clone(),
            state: EditionState::Assembling,
            revision: 1,
            subject: String::new(),
            preheader: String::new(),
            note: String::new(),
            made_at: now,
            approved_by: None,
            approved_at: None,
            automatic_at: None,
            candidates_from: now.plus(-CANDIDATE_DAYS * DAY),
            sent_at: None,
        }
    }

    /// Lets the issue go: its waves leave at each reader's local hour. `language` None approves all languages.
    pub async fn approve_edition(
        &self,
        by: Option<&Staff>,
        newsletter: &str,
        day: Day,
        language: Option<&Language>,
    ) -> Result<(), Error> {
        const STATES: [EditionState; 2] = [EditionState::Assembling, EditionState::Held];
        self.move_editions(by, newsletter, day, language, &STATES, EditionState::Approved, "approved the edition").await
    }

    /// Stops the waves that have not left yet.
    pub async fn hold_edition(
        &self,
        by: Option<&Staff>,
        newsletter: &str,
        day: Day,
        language: Option<&Language>,
    ) -> Result<(), Error> {
        const STATES: [EditionState; 3] = [EditionState::Assembling, EditionState::Approved, EditionState::Sending];
        self.move_editions(by, newsletter, day, language, &STATES, EditionState::Held, "held the edition").await
    }

    #[allow(clippy::too_many_arguments, reason = "two doors, one room")]
    async fn move_editions(
        &self,
        by: Option<&Staff>,
        newsletter: &str,
        day: Day,
        language: Option<&Language>,
        from: &'static [EditionState],
        to: EditionState,
        verb: &'static str,
    ) -> Result<(), Error> {
        if let Some(by) = by {
            by.allowed(May::ApproveEdition)?;
        }
        let newsletter = self.newsletter_called(newsletter)?;
        self.open_editions(&newsletter, day).await?;
        let (by, now, desk) = (by.cloned(), self.now(), self.clone());
        let languages =
            language.map_or_else(|| self.paper().publication.languages(), |language| vec![language.clone()]);
        self.change(move |change| {
            for language in &languages {
                let mut edition = change.edition_of(&newsletter, day, language)?.ok_or(Error::Missing)?;
                if edition.state == to {
                    continue;
                }
                if !from.contains(&edition.state) {
                    let wanted = if to == EditionState::Held { "not sent" } else { "assembling or held" };
                    return Err(Refusal::EditionNotReady { state: edition.state.key(), wanted }.into());
                }
                edition.state = to;
                if to == EditionState::Approved {
                    edition.approved_by = by.as_ref().map(|staff| staff.id);
                    edition.approved_at = Some(now);
                }
                change.save_edition(&edition)?;
                let who = by.as_ref().map_or(Who::Operator, Who::Staff);
                desk.note(change, who, Entry::new(verb, edition.id, format!("{newsletter} {day} {language}")))?;
            }
            Ok(())
        })
        .await
    }

    /// Issues whose day is over in every zone and of which nothing waits any more are *sent*.
    pub(crate) async fn close_editions(&self) -> Result<u32, Error> {
        let (now, desk) = (self.now(), self.clone());
        let over = move |edition: &Edition| Zone::utc().at(edition.date, 0, 0).plus(LAST_ZONE_HOURS * HOUR) < now;
        let open = self.look(|view| Ok(view.editions_in(EditionState::Sending, EDITIONS_CLOSED_MAX)?)).await?;
        let open: Vec<EditionId> = open.iter().filter(|edition| over(edition)).map(|edition| edition.id).collect();
        if open.is_empty() {
            return Ok(0);
        }
        self.change(move |change| {
            let mut closed = 0;
            for id in &open {
                let Some(mut edition) = change.edition(*id)?.filter(|edition| edition.state == EditionState::Sending)
                else {
                    continue;
                };
                let occasion = Occasion::Edition(edition.newsletter.clone(), edition.date);
                if change.books(&occasion)?.waiting > 0 {
                    continue;
                }
                edition.state = EditionState::Sent;
                edition.sent_at = Some(now);
                change.save_edition(&edition)?;
                desk.note(change, Who::Clock, Entry::new("closed the edition", id, edition.date))?;
                closed += 1;
            }
            Ok(closed)
        })
        .await
    }

    /// Nothing leaves this installation until it is released.
    pub async fn hold(&self) -> Result<(), Error> {
        self.set_held(true).await
    }

    /// Mail may leave.
    pub async fn release(&self) -> Result<(), Error> {
        self.set_held(false).await
    }

    async fn set_held(&self, held: bool) -> Result<(), Error> {
        let (now, desk) = (self.now(), self.clone());
        self.change(move |change| {
            if held {
                change.hold(now)?
            } else {
                change.release()?
            }
            desk.note(change, Who::Operator, Entry::new(if held { "held" } else { "released" }, "installation", ""))
        })
        .await
    }

    /// Since when nothing leaves; None when mail may go.
    pub async fn held_since(&self) -> Result<Option<Timestamp>, Error> {
        self.look(|view| Ok(view.held_at()?)).await
    }

    /// The slug of a newsletter that exists.
    pub(crate) fn newsletter_called(&self, slug: &str) -> Result<Slug, Error> {
        let paper = self.paper();
        let found = paper.newsletter(slug).ok_or_else(|| {
            let known: Vec<&str> = paper.newsletters.iter().map(|n| n.slug.as_str()).collect();
            Refusal::Other(format!("There is no newsletter “{slug}”. There is: {}.", known.join(", ")))
        })?;
        Ok(found.slug.clone())
    }
}

/// An issue that a wave is about to leave from becomes *sending*; one nobody approved may become approved by itself.
pub(crate) fn let_go(
    change: &mut Change<'_>,
    edition: &mut Edition,
    automatic: bool,
    now: Timestamp,
) -> Result<bool, Error> {
    match edition.state {
        EditionState::Approved => edition.state = EditionState::Sending,
        EditionState::Sending => return Ok(true),
        EditionState::Assembling if automatic => {
            edition.state = EditionState::Sending;
            edition.automatic_at = Some(now);
        }
        EditionState::Assembling | EditionState::Sent | EditionState::Held | EditionState::Skipped => return Ok(false),
    }
    change.save_edition(edition)?;
    Ok(true)
}
