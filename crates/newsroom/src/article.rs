//! The life of an article: draft → review → legal hold → ready → live → withdrawn.
//! Owns which step may follow which, and who may take it. Knows no storage and no page.

use crate::id::{ArticleId, CorrectionId, PictureId, StaffId, WorkId};
use crate::language::{Language, Length};
use crate::refusal::Refusal;
use crate::slug::Slug;
use crate::staff::{May, Staff};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

pub const HEADLINE_CHARACTERS_MAX: usize = 300;
pub const STANDFIRST_CHARACTERS_MAX: usize = 1_000;
pub const BODY_BYTES_MAX: usize = 2 * 1024 * 1024;
pub const BYLINES_MAX: usize = 20;
pub const TOPICS_MAX: usize = 20;

/// Where an article is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    Draft,
    Review,
    LegalHold,
    Ready,
    /// Ready, with a time at which the clock publishes it.
    Scheduled,
    Live,
    Withdrawn,
}

impl State {
    pub const ALL: [State; 7] =
        [State::Draft, State::Review, State::LegalHold, State::Ready, State::Scheduled, State::Live, State::Withdrawn];

    /// As stored.
    pub fn key(self) -> &'static str {
        match self {
            State::Draft => "draft",
            State::Review => "review",
            State::LegalHold => "legal-hold",
            State::Ready => "ready",
            State::Scheduled => "scheduled",
            State::Live => "live",
            State::Withdrawn => "withdrawn",
        }
    }

    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.key() == key)
    }

    /// Inside a sentence: "the article is in review now".
    pub fn words(self) -> &'static str {
        match self {
            State::Draft => "a draft",
            State::Review => "in review",
            State::LegalHold => "on legal hold",
            State::Ready => "ready",
            State::Scheduled => "scheduled",
            State::Live => "live",
            State::Withdrawn => "withdrawn",
        }
    }
}

/// What somebody did on an article, named in its byline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Byline {
    /// Slug of the author.
    pub author: Slug,
    pub role: BylineRole,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BylineRole {
    Writer,
    Reporter,
    Editor,
    Photographer,
    Illustrator,
    Translator,
}

impl BylineRole {
    pub const ALL: [BylineRole; 6] = [
        BylineRole::Writer,
        BylineRole::Reporter,
        BylineRole::Editor,
        BylineRole::Photographer,
        BylineRole::Illustrator,
        BylineRole::Translator,
    ];

    pub fn key(self) -> &'static str {
        match self {
            BylineRole::Writer => "writer",
            BylineRole::Reporter => "reporter",
            BylineRole::Editor => "editor",
            BylineRole::Photographer => "photographer",
            BylineRole::Illustrator => "illustrator",
            BylineRole::Translator => "translator",
        }
    }

    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.key() == key)
    }
}

/// Who stands above an article and what it is about.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Credits {
    pub topics: Vec<Slug>,
    pub bylines: Vec<Byline>,
}

/// The picture above an article.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LeadPicture {
    pub picture: Option<PictureId>,
    pub alt: String,
    pub caption: String,
    pub credit: String,
    /// Thousandths from the start and the top.
    pub focus: Option<(u16, u16)>,
}

/// The words of an article: what a revision keeps.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Copy {
    pub kicker: String,
    pub headline: String,
    /// Shorter headlines for search results, social cards and mail; empty = the headline.
    pub short_search: String,
    pub short_social: String,
    pub short_mail: String,
    pub standfirst: String,
    pub dateline: String,
    /// Markdown as the press reads it; pictures as `picture:ID`.
    pub body: String,
    pub lead: Option<LeadPicture>,
}

/// Words one saved state of an article: who, when, what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    pub article: ArticleId,
    /// 1, 2, 3 … per article, gap-free.
    pub number: u32,
    pub at: Timestamp,
    pub by: Option<StaffId>,
    pub copy: Copy,
    /// What changed, in a line, for readers. Empty on drafts.
    pub note: String,
    pub length: Length,
}

/// Where an article stands and in which state it is: everything but its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Article {
    pub id: ArticleId,
    pub work: WorkId,
    pub language: Language,
    pub section: Slug,
    pub slug: Slug,
    pub state: State,
    /// Who wrote it; `None` for imported articles.
    pub writer: Option<StaffId>,
    pub topics: Vec<Slug>,
    pub bylines: Vec<Byline>,
    pub created_at: Timestamp,
    pub scheduled_for: Option<Timestamp>,
    pub embargo_until: Option<Timestamp>,
    /// First publication; publishing again never changes it.
    pub published_at: Option<Timestamp>,
    /// Last publication of a changed text.
    pub updated_at: Option<Timestamp>,
    pub withdrawn_at: Option<Timestamp>,
    pub withdrawal_reason: Option<String>,
    /// Number of the newest revision.
    pub revision: u32,
    /// Number of the revision readers see.
    pub published_revision: Option<u32>,
}

/// What was wrong and what is right, under an article for good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correction {
    pub id: CorrectionId,
    pub article: ArticleId,
    pub at: Timestamp,
    pub text: String,
    pub by: Option<StaffId>,
}

/// What the desk records when an article goes live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Publication {
    pub article: ArticleId,
    pub revision: u32,
    pub first_at: Timestamp,
    /// Set when readers have seen an earlier revision.
    pub updated_at: Option<Timestamp>,
}

impl Copy {
    /// What every saved revision must keep to, draft or not.
    pub fn fits(&self) -> Result<(), Refusal> {
        let characters = self.headline.chars().count();
        if characters > HEADLINE_CHARACTERS_MAX {
            return Err(Refusal::HeadlineTooLong { characters, max: HEADLINE_CHARACTERS_MAX });
        }
        if self.standfirst.chars().count() > STANDFIRST_CHARACTERS_MAX {
            return Err(Refusal::Limit { what: "characters in a standfirst", max: STANDFIRST_CHARACTERS_MAX });
        }
        if self.body.len() > BODY_BYTES_MAX {
            return Err(Refusal::BodyTooLong { bytes: self.body.len(), max: BODY_BYTES_MAX });
        }
        Ok(())
    }

    /// What must be true before readers see it.
    pub fn publishable(&self) -> Result<(), Refusal> {
        self.fits()?;
        if self.headline.trim().is_empty() {
            return Err(Refusal::NoHeadline);
        }
        if self.body.trim().is_empty() {
            return Err(Refusal::NoBody);
        }
        if let Some(lead) = self.lead.as_ref().filter(|lead| lead.picture.is_some()) {
            if lead.alt.trim().is_empty() {
                return Err(Refusal::PictureWithoutAlt { line: None });
            }
            if same_words(&lead.alt, &self.headline) {
                return Err(Refusal::AltRepeatsHeadline);
            }
        }
        Ok(())
    }
}

impl Article {
    /// The names and topics it stands under.
    pub fn credits(&self) -> Credits {
        Credits { topics: self.topics.clone(), bylines: self.bylines.clone() }
    }

    /// Puts it under other names and topics.
    pub fn credit(&mut self, Credits { topics, bylines }: Credits) {
        (self.topics, self.bylines) = (topics, bylines);
    }

    /// Whether `staff` may change the words.
    pub fn may_change(&self, staff: &Staff) -> Result<(), Refusal> {
        if self.state == State::Withdrawn {
            return Err(Refusal::WrongState { state: self.state, wanted: "articles that were not withdrawn" });
        }
        if staff.role.may(May::Edit) {
            return Ok(());
        }
        staff.allowed(May::Write)?;
        if self.writer != Some(staff.id) {
            return Err(Refusal::NotYours { role: staff.role, what: May::Edit });
        }
        if self.state == State::Draft {
            Ok(())
        } else {
            Err(Refusal::WrongState { state: self.state, wanted: "a draft" })
        }
    }

    /// The writer gives the draft to the editors.
    pub fn submit(&self, staff: &Staff, copy: &Copy) -> Result<State, Refusal> {
        self.may_change(staff)?;
        self.only(&[State::Draft], "a draft")?;
        if copy.headline.trim().is_empty() {
            return Err(Refusal::NoHeadline);
        }
        if copy.body.trim().is_empty() {
            return Err(Refusal::NoBody);
        }
        Ok(State::Review)
    }

    /// The editors give it back to the writer.
    pub fn give_back(&self, editor: &Staff) -> Result<State, Refusal> {
        editor.allowed(May::Publish)?;
        self.only(&[State::Review, State::LegalHold, State::Ready, State::Scheduled], "an article in review")?;
        Ok(State::Draft)
    }

    /// Nobody publishes it until the lawyer has read it.
    pub fn hold(&self, editor: &Staff) -> Result<State, Refusal> {
        editor.allowed(May::Publish)?;
        self.only(&[State::Draft, State::Review, State::Ready, State::Scheduled], "an article before publication")?;
        Ok(State::LegalHold)
    }

    /// Read and found good: it may be published.
    pub fn approve(&self, editor: &Staff, copy: &Copy) -> Result<State, Refusal> {
        editor.allowed(May::Publish)?;
        self.only(&[State::Draft, State::Review, State::LegalHold], "an article in review")?;
        self.not_own(editor)?;
        copy.publishable()?;
        Ok(State::Ready)
    }

    /// Readers see `revision` from `now` on. Publishing again keeps the first time: readers and
    /// feeds sort by it.
    pub fn publish(&self, editor: &Staff, copy: &Copy, now: Timestamp) -> Result<Publication, Refusal> {
        editor.allowed(May::Publish)?;
        self.only(
            &[State::Draft, State::Review, State::Ready, State::Scheduled, State::Live],
            "an article that is neither withdrawn nor on legal hold",
        )?;
        if self.published_at.is_none() {
            self.not_own(editor)?;
        }
        self.publishable(copy, now)
    }

    /// Whoever changes what readers have seen says in a line what changed; readers see it with the time. `waiting`:
    /// names and topics that go out with the words.
    pub fn explains(
        &self,
        seen: Option<&Copy>,
        newest: &Copy,
        waiting: Option<&Credits>,
        line: &str,
    ) -> Result<(), Refusal> {
        let is_change = seen.is_some_and(|seen| seen != newest) || waiting.is_some_and(|new| *new != self.credits());
        let is_change = is_change && self.published_revision.is_some();
        if is_change && line.trim().is_empty() { Err(Refusal::ChangeWithoutLine) } else { Ok(()) }
    }

    /// What the clock does when a schedule is reached. Nothing is asked of a person: an editor
    /// decided when scheduling.
    pub fn publish_on_schedule(&self, copy: &Copy, now: Timestamp) -> Result<Publication, Refusal> {
        self.only(&[State::Scheduled], "a scheduled article")?;
        if self.scheduled_for.is_none_or(|at| at > now) {
            return Err(Refusal::UnderEmbargo);
        }
        self.publishable(copy, now)
    }

    /// The clock will publish it at `at`.
    pub fn schedule(&self, editor: &Staff, copy: &Copy, at: Timestamp, now: Timestamp) -> Result<State, Refusal> {
        editor.allowed(May::Publish)?;
        self.only(&[State::Draft, State::Review, State::Ready, State::Scheduled], "an article before publication")?;
        self.not_own(editor)?;
        copy.publishable()?;
        if self.bylines.is_empty() {
            return Err(Refusal::NoByline);
        }
        if at <= now {
            return Err(Refusal::InThePast);
        }
        if self.embargo_until.is_some_and(|until| at < until) {
            return Err(Refusal::UnderEmbargo);
        }
        Ok(State::Scheduled)
    }

    /// Says under the article what was wrong. Only what readers have seen can be corrected.
    pub fn correct(&self, editor: &Staff, text: &str) -> Result<(), Refusal> {
        editor.allowed(May::Publish)?;
        self.only(&[State::Live], "a live article")?;
        if text.trim().is_empty() { Err(Refusal::ReasonMissing) } else { Ok(()) }
    }

    /// Another address is for what readers have seen; before that, the address is simply typed.
    pub fn may_move(&self, editor: &Staff) -> Result<(), Refusal> {
        editor.allowed(May::Publish)?;
        self.only(&[State::Live], "a live article")
    }

    /// Takes it back for good; its address says so and why.
    pub fn withdraw(&self, editor: &Staff, reason: &str) -> Result<State, Refusal> {
        editor.allowed(May::Publish)?;
        self.only(&[State::Live], "a live article")?;
        if reason.trim().is_empty() { Err(Refusal::ReasonMissing) } else { Ok(State::Withdrawn) }
    }

    /// Takes what readers saw before out of the public comparison, with a reason for the ledger. Gives the revision
    /// that stays.
    pub fn hide_earlier(&self, editor: &Staff, reason: &str) -> Result<u32, Refusal> {
        editor.allowed(May::Publish)?;
        self.only(&[State::Live], "a live article")?;
        if reason.trim().is_empty() {
            return Err(Refusal::ReasonMissing);
        }
        Ok(self.published_revision.unwrap_or(self.revision))
    }

    fn publishable(&self, copy: &Copy, now: Timestamp) -> Result<Publication, Refusal> {
        copy.publishable()?;
        if self.bylines.is_empty() {
            return Err(Refusal::NoByline);
        }
        if self.embargo_until.is_some_and(|until| until > now) {
            return Err(Refusal::UnderEmbargo);
        }
        let seen_before = self.published_at.is_some();
        let changed = self.published_revision.is_some_and(|seen| seen != self.revision);
        Ok(Publication {
            article: self.id,
            revision: self.revision,
            first_at: self.published_at.unwrap_or(now),
            updated_at: if seen_before && changed { Some(now) } else { self.updated_at },
        })
    }

    /// Four eyes: who wrote it does not let it out.
    fn not_own(&self, editor: &Staff) -> Result<(), Refusal> {
        if self.writer == Some(editor.id) { Err(Refusal::OwnCopy) } else { Ok(()) }
    }

    fn only(&self, states: &[State], wanted: &'static str) -> Result<(), Refusal> {
        if states.contains(&self.state) { Ok(()) } else { Err(Refusal::WrongState { state: self.state, wanted }) }
    }
}

fn same_words(one: &str, other: &str) -> bool {
    let words = |text: &str| -> Vec<String> {
        text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_lowercase).collect()
    };
    words(one) == words(other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::staff::Role;

    const NOON: Timestamp = Timestamp(1_755_864_000_000_000);

    fn staff(id: i64, role: Role) -> Staff {
        Staff { id: StaffId(id), name: "Ben".into(), role }
    }

    fn copy() -> Copy {
        Copy { headline: "Who will lead?".into(), body: "Nobody knows.".into(), ..Copy::default() }
    }

    fn article(state: State) -> Article {
        Article {
            id: ArticleId(1),
            work: WorkId(1),
            language: Language::english(),
            section: Slug::parse("international").unwrap(),
            slug: Slug::parse("who").unwrap(),
            state,
            writer: Some(StaffId(7)),
            topics: vec![],
            bylines: vec![Byline { author: Slug::parse("rose").unwrap(), role: BylineRole::Writer }],
            created_at: NOON,
            scheduled_for: None,
            embargo_until: None,
            published_at: None,
            updated_at: None,
            withdrawn_at: None,
            withdrawal_reason: None,
            revision: 1,
            published_revision: None,
        }
    }

    #[test]
    fn a_writer_cannot_publish_and_nobody_publishes_their_own_copy() {
        let draft = article(State::Draft);
        let no = draft.publish(&staff(7, Role::Writer), &copy(), NOON).unwrap_err();
        assert_eq!(no, Refusal::NotYours { role: Role::Writer, what: May::Publish });
        assert_eq!(draft.publish(&staff(7, Role::Editor), &copy(), NOON).unwrap_err(), Refusal::OwnCopy);
        assert!(draft.publish(&staff(8, Role::Editor), &copy(), NOON).is_ok());
    }

    #[test]
    fn publishing_twice_keeps_the_first_time() {
        let mut live = article(State::Live);
        live.published_at = Some(NOON);
        live.published_revision = Some(1);
        live.revision = 2;
        let later = NOON.plus(crate::time::HOUR);
        let publication = live.publish(&staff(8, Role::Editor), &copy(), later).unwrap();
        assert_eq!((publication.first_at, publication.updated_at), (NOON, Some(later)));
    }

    #[test]
    fn an_embargo_holds_against_everybody() {
        let mut ready = article(State::Ready);
        ready.embargo_until = Some(NOON.plus(1));
        let owner = staff(1, Role::Owner);
        assert_eq!(ready.publish(&owner, &copy(), NOON).unwrap_err(), Refusal::UnderEmbargo);
        assert_eq!(ready.schedule(&owner, &copy(), NOON.plus(-1), NOON.plus(-2)).unwrap_err(), Refusal::UnderEmbargo);
        assert!(ready.publish(&owner, &copy(), NOON.plus(1)).is_ok());
    }

    #[test]
    fn what_is_on_legal_hold_or_withdrawn_is_not_published() {
        for state in [State::LegalHold, State::Withdrawn] {
            let no = article(state).publish(&staff(1, Role::Owner), &copy(), NOON).unwrap_err();
            assert!(matches!(no, Refusal::WrongState { .. }));
        }
    }

    #[test]
    fn a_picture_is_described_in_words_of_its_own_before_publishing() {
        let lead =
            |alt: &str| Some(LeadPicture { picture: Some(PictureId(1)), alt: alt.into(), ..LeadPicture::default() });
        let mut words = copy();
        words.lead = lead(" ");
        assert_eq!(words.publishable().unwrap_err(), Refusal::PictureWithoutAlt { line: None });
        words.lead = lead("who will LEAD");
        assert_eq!(words.publishable().unwrap_err(), Refusal::AltRepeatsHeadline);
        words.lead = lead("A harbour at night");
        assert!(words.publishable().is_ok());
    }

    #[test]
    fn a_writer_changes_only_their_own_draft() {
        let writer = staff(7, Role::Writer);
        assert!(article(State::Draft).may_change(&writer).is_ok());
        assert!(article(State::Review).may_change(&writer).is_err());
        assert!(article(State::Draft).may_change(&staff(9, Role::Writer)).is_err());
        assert!(article(State::Live).may_change(&staff(8, Role::Editor)).is_ok());
        assert!(article(State::Withdrawn).may_change(&staff(8, Role::Editor)).is_err());
    }

    #[test]
    fn only_the_live_is_corrected_or_withdrawn_and_with_a_reason() {
        let editor = staff(8, Role::Editor);
        assert!(article(State::Live).correct(&editor, "It was Monday.").is_ok());
        assert_eq!(article(State::Live).correct(&editor, " ").unwrap_err(), Refusal::ReasonMissing);
        assert!(article(State::Draft).withdraw(&editor, "wrong").is_err());
        assert_eq!(article(State::Live).withdraw(&editor, "wrong").unwrap(), State::Withdrawn);
    }

    #[test]
    fn the_clock_publishes_what_was_scheduled_and_nothing_else() {
        let mut scheduled = article(State::Scheduled);
        scheduled.scheduled_for = Some(NOON);
        assert!(scheduled.publish_on_schedule(&copy(), NOON.plus(-1)).is_err());
        assert!(scheduled.publish_on_schedule(&copy(), NOON).is_ok());
        assert!(article(State::Ready).publish_on_schedule(&copy(), NOON).is_err());
    }
}
