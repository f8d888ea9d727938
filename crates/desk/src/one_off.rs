//! One letter to the readers of a newsletter, or to a segment of them: written, looked at with its count, let go.
//! One a day for each newsletter; a constraint says so.

use crate::chores::Kind;
use crate::desk::Desk;
use crate::error::Error;
use crate::ledger::{Entry, Who};
use crate::printing;
use newsroom::delivery::{Books, Occasion};
use newsroom::id::{ChoreId, OneOffId, SegmentId, SubscriberId};
use newsroom::language::Language;
use newsroom::refusal::Refusal;
use newsroom::segment::Rules;
use newsroom::staff::{May, Staff};
use newsroom::subscriber::{Address, Choices, Frequency, HOUR_DEFAULT, Subscriber};
use press::message::Letter;
use store::OneOff;

pub const TITLE_CHARACTERS_MAX: usize = 90;
pub const PREHEADER_CHARACTERS_MAX: usize = 140;
/// Bytes of Markdown; about 2,500 words.
pub const BODY_BYTES_MAX: usize = 16 * 1024;

/// What the page sends.
#[derive(Debug, Clone, Default)]
pub struct OneOffForm {
    pub newsletter: String,
    pub language: String,
    pub segment: Option<SegmentId>,
    pub title: String,
    pub preheader: String,
    pub body: String,
}

/// A letter with who would get it, or what became of it.
#[derive(Debug, Clone)]
pub struct OneOffReach {
    pub letter: OneOff,
    pub people: u64,
    pub books: Option<Books>,
}

impl Desk {
    /// Keeps what was written. Nothing leaves yet.
    pub async fn write_one_off(&self, staff: &Staff, form: OneOffForm) -> Result<OneOffId, Error> {
        staff.allowed(May::SeeSubscribers)?;
        let (id, now, staff, desk) = (OneOffId(self.id()), self.now(), staff.clone(), self.clone());
        let newsletter = self.newsletter(Some(&form.newsletter))?.slug;
        let language =
            Language::parse(&form.language).ok_or_else(|| Refusal::LanguageNotValid(form.language.clone()))?;
        check(&form)?;
        let day = self.paper().zone().day(now);
        self.change(move |change| {
            let (segment, rules) = match form.segment {
                None => (String::new(), Rules::default()),
                Some(id) => change.segment(id)?.map(|kept| (kept.name, kept.rules)).ok_or(Error::Missing)?,
            };
            change.add_one_off(&OneOff {
                id,
                newsletter: newsletter.clone(),
                language: language.clone(),
                day,
                segment,
                rules: Rules { newsletter: Some(newsletter.clone()), ..rules },
                title: form.title.trim().to_owned(),
                preheader: form.preheader.trim().to_owned(),
                body: form.body.clone(),
                made_by: staff.id,
                made_at: now,
                released_by: None,
                released_at: None,
            })?;
            desk.note(change, Who::Staff(&staff), Entry::new("wrote a letter", &newsletter, id))?;
            Ok(id)
        })
        .await
    }

    /// Who would get it, or what became of it.
    pub async fn one_off_reach(&self, staff: &Staff, id: OneOffId) -> Result<OneOffReach, Error> {
        staff.allowed(May::SeeSubscribers)?;
        let now = self.now();
        self.look(move |view| {
            let letter = view.one_off(id)?.ok_or(Error::Missing)?;
            let people = view.segment_count(&letter.rules, now)?;
            let books = match letter.released_at {
                Some(_) => Some(view.books(&Occasion::OneOff(id.0))?),
                None => None,
            };
            Ok(OneOffReach { letter, people, books })
        })
        .await
    }

    /// The letter as an imagined reader gets it.
    pub async fn preview_one_off(&self, staff: &Staff, id: OneOffId) -> Result<Letter, Error> {
        staff.allowed(May::SeeSubscribers)?;
        let desk = self.clone();
        self.look(move |view| {
            let kept = view.one_off(id)?.ok_or(Error::Missing)?;
            let editor = view.member(kept.made_by)?.map(|member| member.staff.name).unwrap_or_default();
            desk.one_off_print(&kept, editor, &desk.imagined(&kept.language)?, desk.now())
        })
        .await
    }

    /// Lets it go, now. Refused where the newsletter had one today.
    pub async fn release_one_off(&self, staff: &Staff, id: OneOffId) -> Result<(), Error> {
        staff.allowed(May::SeeSubscribers)?;
        let (now, staff, desk, chore) = (self.now(), staff.clone(), self.clone(), ChoreId(self.id()));
        let day = self.paper().zone().day(now);
        self.change(move |change| {
            let kept = change.one_off(id)?.ok_or(Error::Missing)?;
            if kept.released_at.is_some() {
                return Ok(()); // Pressed twice is sent once.
            }
            change.release_one_off(id, staff.id, now, day).map_err(once_a_day)?;
            change.add_chore(chore, Kind::SendOneOff.key(), &id.to_string(), now)?;
            desk.note(change, Who::Staff(&staff), Entry::new("sent a letter", &kept.newsletter, id))
        })
        .await
    }

    pub(crate) async fn queue_one_off(&self, subject: &str) -> Result<(), Error> {
        let id: OneOffId = subject.parse().map_err(|()| Error::Broken(format!("“{subject}” is no letter.")))?;
        let Some(kept) = self.look(move |view| Ok(view.one_off(id)?)).await? else { return Ok(()) };
        let payload = kept.newsletter.to_string();
        self.queue_for(kept.rules, Occasion::OneOff(id.0), kept.language, payload).await
    }

    /// Somebody who is nobody, for previews: their links lead nowhere.
    fn imagined(&self, language: &Language) -> Result<Subscriber, Error> {
        Ok(Subscriber {
            id: SubscriberId(0),
            address: Address::parse("reader@paper.example")?,
            name: String::new(),
            choices: Choices {
                languages: vec![language.clone()],
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

fn once_a_day(error: store::Error) -> Error {
    if error.violates("one_offs_day") {
        let sentence = "This newsletter had a letter of this kind today. One a day is the most; send it tomorrow.";
        return Refusal::Other(sentence.into()).into();
    }
    error.into()
}

fn check(form: &OneOffForm) -> Result<(), Error> {
    let title = form.title.trim().chars().count();
    if title == 0 {
        return Err(Refusal::NoHeadline.into());
    }
    if title > TITLE_CHARACTERS_MAX {
        return Err(Refusal::HeadlineTooLong { characters: title, max: TITLE_CHARACTERS_MAX }.into());
    }
    if form.preheader.trim().chars().count() > PREHEADER_CHARACTERS_MAX {
        let max = PREHEADER_CHARACTERS_MAX;
        return Err(Refusal::Limit { what: "characters beside the subject", max }.into());
    }
    if form.body.trim().is_empty() {
        return Err(Refusal::NoBody.into());
    }
    if form.body.len() > BODY_BYTES_MAX {
        return Err(Refusal::BodyTooLong { bytes: form.body.len(), max: BODY_BYTES_MAX }.into());
    }
    printing::parse(&form.body).map(drop)
}
