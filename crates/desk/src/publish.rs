//! Letting readers see it: now, or when the clock says so.

use crate::desk::Desk;
use crate::error::Error;
use crate::ledger::{Entry, Who};
use crate::printing;
use newsroom::article::{Article, Copy, Publication, Revision, State};
use newsroom::id::{ArticleId, PictureId};
use newsroom::language::Language;
use newsroom::refusal::Refusal;
use newsroom::staff::Staff;
use newsroom::surrogate;
use newsroom::time::Timestamp;
use std::collections::BTreeSet;
use store::{Analysed, Change, SearchText};

/// Articles published or revealed by one turn of the clock, at most.
const SCHEDULED_PER_ROUND_MAX: usize = 100;

impl Desk {
    /// Readers see the newest revision from now on. `note` says what changed, in one line; readers see it.
    pub async fn publish(&self, editor: &Staff, id: ArticleId, note: &str) -> Result<(), Error> {
        let (editor, note, now, desk) = (editor.clone(), note.trim().to_owned(), self.now(), self.clone());
        self.change(move |change| {
            let mut article = change.article(id)?.ok_or(Error::Missing)?;
            let mut newest = change.revision(id, article.revision)?.ok_or(Error::Missing)?;
            let seen = article.published_revision.map(|number| change.revision(id, number)).transpose()?.flatten();
            let waiting = change.waiting(id)?;
            article.explains(seen.as_ref().map(|seen| &seen.copy), &newest.copy, waiting.as_ref(), &note)?;
            if let Some(waiting) = waiting {
                article.credit(waiting);
            }
            if !note.is_empty() {
                // What changed is part of what is published: a revision of its own, with the line readers see.
                article.revision += 1;
                newest =
                    Revision { number: article.revision, at: now, by: Some(editor.id), note: note.clone(), ..newest };
                change.add_revision(&newest)?;
            }
            let publication = article.publish(&editor, &newest.copy, now)?;
            let prepared = Prepared::of(&newest.copy, &article.language)?;
            go_live(change, &mut article, &prepared, publication, now)?;
            desk.announce(change, id, now)?;
            desk.draw_share_later(change, id, now)?;
            desk.note(change, Who::Staff(&editor), Entry::new("published", id, newest.number))
        })
        .await
    }

    /// The clock will publish it at `at`.
    pub async fn schedule(&self, editor: &Staff, id: ArticleId, at: Timestamp) -> Result<(), Error> {
        let (editor, now, desk) = (editor.clone(), self.now(), self.clone());
        self.change(move |change| {
            let mut article = change.article(id)?.ok_or(Error::Missing)?;
            let newest = change.revision(id, article.revision)?.ok_or(Error::Missing)?;
            article.state = article.schedule(&editor, &newest.copy, at, now)?;
            article.scheduled_for = Some(at);
            change.save_article(&article, now)?;
            desk.note(change, Who::Staff(&editor), Entry::new("scheduled", id, at.rfc3339()))
        })
        .await
    }

    /// What the clock does: publishes everything whose time has come. What a rule refuses goes back to
    /// the editors as ready, with the reason in the ledger; the others are not held up by it.
    pub(crate) async fn publish_due(&self) -> Result<u32, Error> {
        let now = self.now();
        let due = self.look(move |view| Ok(view.scheduled_due(now, SCHEDULED_PER_ROUND_MAX)?)).await?;
        let mut published = 0;
        for id in due {
            published += u32::from(self.publish_scheduled(id).await?);
        }
        Ok(published)
    }

    /// What the clock does as well: says that pages change where an embargo ended since the last turn. Each node says
    /// so for itself; saying it twice costs a page printed again.
    pub(crate) async fn reveal_due(&self) -> Result<u32, Error> {
        let now = self.now();
        let since = self.revealed_until();
        let revealed = self.look(move |view| Ok(view.revealed(since, now, SCHEDULED_PER_ROUND_MAX)?)).await?;
        let count = u32::try_from(revealed.len()).unwrap_or(u32::MAX);
        if count > 0 {
            self.change(move |change| {
                let mut keys = BTreeSet::new();
                for id in &revealed {
                    keys.extend(change.article(*id)?.iter().flat_map(surrogate::touched_by_time));
                }
                Ok(change.touch(&keys)?)
            })
            .await?;
        }
        // A full turn leaves the rest, and what it did, to the next one.
        if usize::try_from(count).unwrap_or(usize::MAX) < SCHEDULED_PER_ROUND_MAX {
            self.set_revealed_until(now);
        }
        Ok(count)
    }

    async fn publish_scheduled(&self, id: ArticleId) -> Result<bool, Error> {
        let (now, desk) = (self.now(), self.clone());
        self.change(move |change| {
            let Some(mut article) = change.article(id)? else { return Ok(false) };
            let newest = change.revision(id, article.revision)?.ok_or(Error::Missing)?;
            match article.publish_on_schedule(&newest.copy, now) {
                Ok(publication) => {
                    let prepared = Prepared::of(&newest.copy, &article.language)?;
                    go_live(change, &mut article, &prepared, publication, now)?;
                    desk.announce(change, id, now)?;
                    desk.draw_share_later(change, id, now)?;
                    desk.note(change, Who::Clock, Entry::new("published", id, newest.number))?;
                    Ok(true)
                }
                // Somebody else was faster, or the editors changed their mind.
                Err(Refusal::WrongState { .. }) => Ok(false),
                Err(refusal) => {
                    article.state = State::Ready;
                    article.scheduled_for = None;
                    change.save_article(&article, now)?;
                    desk.note(change, Who::Clock, Entry::new("could not publish", id, refusal))?;
                    Ok(false)
                }
            }
        })
        .await
    }
}

/// What is read in a text before it is published. It asks nobody, so it can be made before the transaction.
pub(crate) struct Prepared {
    pub(crate) text: Analysed,
    pictures: Vec<PictureId>,
}

impl Prepared {
    /// Reads the text; refused where a picture is not described.
    pub(crate) fn of(copy: &Copy, language: &Language) -> Result<Prepared, Error> {
        let document = printing::parse(&copy.body)?.document;
        undescribed(&document)?;
        Ok(Prepared { text: analysed(copy, &document, language), pictures: pictures_of(&document, copy) })
    }
}

/// Writes the publication down with everything that follows from it in the same transaction.
pub(crate) fn go_live(
    change: &mut Change<'_>,
    article: &mut Article,
    prepared: &Prepared,
    publication: Publication,
    now: Timestamp,
) -> Result<(), Error> {
    let was_seen = article.published_revision.is_some();
    article.state = State::Live;
    article.scheduled_for = None;
    article.published_at = Some(publication.first_at);
    article.updated_at = publication.updated_at;
    article.published_revision = Some(publication.revision);
    change.save_article(article, now)?;
    change.keep_waiting(article.id, None)?;
    let shown_at = publication.updated_at.filter(|_| was_seen).unwrap_or(publication.first_at);
    change.show_revision(article.id, publication.revision, shown_at)?;
    change.show_pictures(article.id, &prepared.pictures)?;
    change.index_article(article.id, &prepared.text)?;
    change.note_in_sitemap(article.id, now)?;
    Ok(())
}

/// The words by which an article is found.
fn analysed(copy: &Copy, document: &newsroom::document::Document, language: &Language) -> Analysed {
    let (headline, standfirst) = (copy.headline.clone(), copy.standfirst.clone());
    SearchText { headline, standfirst, body: document.plain_text() }.analysed(language)
}

/// Makes what readers see of an article findable where it stands now, with its bylines of now.
pub(crate) fn index_again(change: &mut Change<'_>, article: &Article) -> Result<(), Error> {
    let Some(number) = article.published_revision.filter(|_| article.state == State::Live) else { return Ok(()) };
    let revision = change.revision(article.id, number)?.ok_or(Error::Missing)?;
    let printed = printing::parse(&revision.copy.body)?;
    Ok(change.index_article(article.id, &analysed(&revision.copy, &printed.document, &article.language))?)
}

fn undescribed(document: &newsroom::document::Document) -> Result<(), Refusal> {
    let mut bare = None;
    newsroom::document::walk(&document.blocks, &mut |block| {
        if let newsroom::document::BlockKind::Figure(figure) = &block.kind
            && figure.alt.trim().is_empty()
        {
            bare.get_or_insert(block.place.line);
        }
    });
    bare.map_or(Ok(()), |line| Err(Refusal::PictureWithoutAlt { line: Some(line) }))
}

fn pictures_of(document: &newsroom::document::Document, copy: &Copy) -> Vec<PictureId> {
    let mut pictures: Vec<PictureId> = copy.lead.iter().filter_map(|lead| lead.picture).collect();
    document.each_figure(&mut |figure| pictures.extend(printing::picture_id(&figure.source)));
    pictures.sort_unstable();
    pictures.dedup();
    pictures
}

impl Desk {
    /// Says under the article what was wrong and what is right. Whoever read it can find it there for good.
    pub async fn correct(&self, editor: &Staff, id: ArticleId, text: &str) -> Result<(), Error> {
        let (editor, text, now, desk) = (editor.clone(), text.trim().to_owned(), self.now(), self.clone());
        let correction = newsroom::id::CorrectionId(self.id());
        self.change(move |change| {
            let mut article = change.article(id)?.ok_or(Error::Missing)?;
            article.correct(&editor, &text)?;
            change.add_correction(&newsroom::article::Correction {
                id: correction,
                article: id,
                at: now,
                text: text.clone(),
                by: Some(editor.id),
            })?;
            article.updated_at = Some(now);
            change.save_article(&article, now)?;
            change.note_in_sitemap(id, now)?;
            desk.announce(change, id, now)?;
            desk.note(change, Who::Staff(&editor), Entry::new("corrected", id, correction))
        })
        .await
    }

    /// What readers saw of it before is shown to no reader any more: for law, or for somebody's privacy. That it
    /// changed, when and why stays public.
    pub async fn hide_earlier_words(&self, editor: &Staff, id: ArticleId, reason: &str) -> Result<(), Error> {
        let (editor, reason, now, desk) = (editor.clone(), reason.trim().to_owned(), self.now(), self.clone());
        self.change(move |change| {
            let article = change.article(id)?.ok_or(Error::Missing)?;
            let number = article.hide_earlier(&editor, &reason)?;
            let hidden = change.hide_earlier(id, number, now)?;
            change.raise_content_version()?;
            desk.note(change, Who::Staff(&editor), Entry::new("hid earlier words", id, format!("{hidden}: {reason}")))
        })
        .await
    }

    /// Takes it back for good; its address answers 410 with the reason.
    pub async fn withdraw(&self, editor: &Staff, id: ArticleId, reason: &str) -> Result<(), Error> {
        let (editor, reason, now, desk) = (editor.clone(), reason.trim().to_owned(), self.now(), self.clone());
        self.change(move |change| {
            let mut article = change.article(id)?.ok_or(Error::Missing)?;
            article.state = article.withdraw(&editor, &reason)?;
            article.withdrawn_at = Some(now);
            article.withdrawal_reason = Some(reason.clone());
            change.save_article(&article, now)?;
            change.unindex_article(id)?;
            change.note_in_sitemap(id, now)?;
            desk.announce(change, id, now)?;
            desk.note(change, Who::Staff(&editor), Entry::new("withdrew", id, &article.slug))
        })
        .await
    }

    /// The instant of a wall clock time in the newsroom's zone, as forms send it.
    pub fn newsroom_time(&self, day: newsroom::time::Day, hour: i8, minute: i8) -> Timestamp {
        self.paper().zone().at(day, hour, minute)
    }
}
