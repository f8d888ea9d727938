//! Starting an article and saving what was written.

use crate::desk::Desk;
use crate::error::Error;
use crate::ledger::{Entry, Who};
use newsroom::article::{Article, BYLINES_MAX, Byline, Copy, Credits, Revision, State, TOPICS_MAX};
use newsroom::id::{ArticleId, WorkId};
use newsroom::language::{Language, Length};
use newsroom::refusal::Refusal;
use newsroom::slug::Slug;
use newsroom::staff::{May, Staff};
use newsroom::time::Timestamp;
use store::{Change, View};

/// Everything a person writes down about an article, words and place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    pub language: Language,
    pub section: Slug,
    /// None: made of the headline.
    pub slug: Option<Slug>,
    /// Set for a translation: the work it belongs to.
    pub work: Option<WorkId>,
    pub copy: Copy,
    pub topics: Vec<Slug>,
    pub bylines: Vec<Byline>,
    pub embargo_until: Option<Timestamp>,
}

impl Draft {
    /// The address it asks for.
    pub(crate) fn slug(&self) -> Result<Slug, Refusal> {
        match &self.slug {
            Some(slug) => Ok(slug.clone()),
            None => Slug::from_words(&self.copy.headline).ok_or(Refusal::SlugEmpty),
        }
    }

    /// What every draft must keep to before it is kept.
    pub(crate) fn check(&self, view: &View<'_>) -> Result<(), Error> {
        self.copy.fits()?;
        if self.bylines.len() > BYLINES_MAX {
            return Err(Refusal::Limit { what: "bylines", max: BYLINES_MAX }.into());
        }
        if self.topics.len() > TOPICS_MAX {
            return Err(Refusal::Limit { what: "topics", max: TOPICS_MAX }.into());
        }
        if !view.sections()?.iter().any(|section| section.slug == self.section) {
            return Err(Refusal::UnknownSection(self.section.to_string()).into());
        }
        for topic in &self.topics {
            if view.topic(topic)?.is_none() {
                return Err(Refusal::UnknownTopic(topic.to_string()).into());
            }
        }
        for byline in &self.bylines {
            if view.author(&byline.author)?.is_none() {
                return Err(Refusal::UnknownAuthor(byline.author.to_string()).into());
            }
        }
        Ok(())
    }
}

impl Desk {
    /// Starts an article as a draft of `staff`.
    pub async fn start(&self, staff: &Staff, draft: Draft) -> Result<ArticleId, Error> {
        staff.allowed(May::Write)?;
        let (staff, now) = (staff.clone(), self.now());
        let (id, work) = (ArticleId(self.id()), WorkId(self.id()));
        let desk = self.clone();
        self.change(move |change| {
            draft.check(change)?;
            let article = Article {
                id,
                work: draft.work.unwrap_or(work),
                language: draft.language.clone(),
                section: draft.section.clone(),
                slug: draft.slug()?,
                state: State::Draft,
                writer: Some(staff.id),
                topics: draft.topics.clone(),
                bylines: draft.bylines.clone(),
                created_at: now,
                scheduled_for: None,
                embargo_until: draft.embargo_until,
                published_at: None,
                updated_at: None,
                withdrawn_at: None,
                withdrawal_reason: None,
                revision: 1,
                published_revision: None,
            };
            keep_new(change, &article, &draft.copy, "")?;
            desk.note(change, Who::Staff(&staff), Entry::new("started", article.id, &article.slug))?;
            Ok(id)
        })
        .await
    }

    /// Saves a new revision of what `based_on` was. Whoever saved in between is not overwritten. Of what is live,
    /// readers see nothing of it before it is published: no word, no name, no topic.
    pub async fn save(&self, staff: &Staff, id: ArticleId, based_on: u32, draft: Draft) -> Result<u32, Error> {
        let (staff, now, desk) = (staff.clone(), self.now(), self.clone());
        self.change(move |change| {
            let mut article = change.article(id)?.ok_or(Error::Missing)?;
            article.may_change(&staff)?;
            if article.revision != based_on {
                return Err(Refusal::SomebodyElseChangedIt.into());
            }
            draft.check(change)?;
            article.revision += 1;
            let credits = Credits { topics: draft.topics.clone(), bylines: draft.bylines.clone() };
            if article.state == State::Live {
                change.keep_waiting(id, Some(&credits).filter(|new| **new != article.credits()))?;
            } else {
                article.credit(credits);
            }
            article.embargo_until = draft.embargo_until;
            if article.published_at.is_none() {
                article.language = draft.language.clone();
                article.section = draft.section.clone();
                article.slug = draft.slug()?;
            }
            change.save_article(&article, now).map_err(|error| taken(error, &article))?;
            change.add_revision(&revision(&article, draft.copy.clone(), now, Some(staff.id), ""))?;
            desk.note(change, Who::Staff(&staff), Entry::new("saved", article.id, article.revision))?;
            Ok(article.revision)
        })
        .await
    }
}

/// Keeps a new article with its first revision; an address that is taken is refused.
pub(crate) fn keep_new(change: &mut Change<'_>, article: &Article, copy: &Copy, note: &str) -> Result<(), Error> {
    change.add_article(article).map_err(|error| taken(error, article))?;
    change.add_revision(&revision(article, copy.clone(), article.created_at, article.writer, note))?;
    Ok(())
}

pub(crate) fn revision(
    article: &Article,
    copy: Copy,
    at: Timestamp,
    by: Option<newsroom::id::StaffId>,
    note: &str,
) -> Revision {
    let length = Length::of(&format!("{}\n{}\n{}", copy.headline, copy.standfirst, copy.body));
    Revision { article: article.id, number: article.revision, at, by, copy, note: note.to_owned(), length }
}

/// A constraint said that the address or the translation is taken: a sentence for the person.
pub(crate) fn taken(error: store::Error, article: &Article) -> Error {
    if error.violates("articles_address") {
        let address = format!("/{}/{}", article.section, article.slug);
        return Refusal::AddressTaken { address }.into();
    }
    if error.violates("articles_translation") {
        return Refusal::TranslationTaken { language: article.language.to_string() }.into();
    }
    error.into()
}
