//! The way of a draft through the house: submitted, given back, held for the lawyer, found good.

use crate::desk::Desk;
use crate::error::Error;
use crate::ledger::{Entry, Who};
use newsroom::article::{Article, Copy, State};
use newsroom::id::ArticleId;
use newsroom::refusal::Refusal;
use newsroom::staff::Staff;

impl Desk {
    /// The writer gives the draft to the editors.
    pub async fn submit(&self, staff: &Staff, id: ArticleId) -> Result<(), Error> {
        self.step(staff, id, "submitted", |article, staff, copy| article.submit(staff, copy)).await
    }

    /// The editors give it back to the writer.
    pub async fn give_back(&self, editor: &Staff, id: ArticleId) -> Result<(), Error> {
        self.step(editor, id, "gave back", |article, editor, _| article.give_back(editor)).await
    }

    /// Nobody publishes it until the lawyer has read it.
    pub async fn hold_for_lawyer(&self, editor: &Staff, id: ArticleId) -> Result<(), Error> {
        self.step(editor, id, "held for the lawyer", |article, editor, _| article.hold(editor)).await
    }

    /// Read and found good.
    pub async fn approve_copy(&self, editor: &Staff, id: ArticleId) -> Result<(), Error> {
        self.step(editor, id, "approved", |article, editor, copy| article.approve(editor, copy)).await
    }

    async fn step(
        &self,
        staff: &Staff,
        id: ArticleId,
        verb: &'static str,
        decide: impl Fn(&Article, &Staff, &Copy) -> Result<State, Refusal> + Send + 'static,
    ) -> Result<(), Error> {
        let (staff, now, desk) = (staff.clone(), self.now(), self.clone());
        self.change(move |change| {
            let mut article = change.article(id)?.ok_or(Error::Missing)?;
            let newest = change.revision(id, article.revision)?.ok_or(Error::Missing)?;
            article.state = decide(&article, &staff, &newest.copy)?;
            article.scheduled_for = None;
            change.save_article(&article, now)?;
            desk.note(change, Who::Staff(&staff), Entry::new(verb, id, article.state.key()))
        })
        .await
    }
}
