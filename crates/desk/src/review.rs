//! The way of a draft through the house: submitted, given back, held for the lawyer, found good.
//! Editors are told by mail that something waits.

use crate::desk::Desk;
use crate::error::Error;
use crate::ledger::{Entry, Who};
use crate::subscribe::single;
use newsroom::article::{Article, Copy, State};
use newsroom::delivery::{Occasion, Recipient};
use newsroom::id::{ArticleId, DeliveryId};
use newsroom::refusal::Refusal;
use newsroom::staff::{May, Staff};
use newsroom::time::Timestamp;
use store::Change;

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
            if article.state == State::Review {
                desk.tell_editors(change, id, &staff, now)?;
            }
            desk.note(change, Who::Staff(&staff), Entry::new(verb, id, article.state.key()))
        })
        .await
    }

    /// A note to everybody who may publish, wants notes and did not do it themselves.
    fn tell_editors(
        &self,
        change: &mut Change<'_>,
        id: ArticleId,
        writer: &Staff,
        now: Timestamp,
    ) -> Result<(), Error> {
        let language = self.paper().publication.main_language();
        let quiet = change.staff_without_notes()?;
        let wants = |member: &store::Member| {
            let staff = &member.staff;
            member.left_at.is_none()
                && staff.role.may(May::Publish)
                && staff.id != writer.id
                && !quiet.contains(&staff.id)
        };
        let occasion = Occasion::Note(self.id());
        let note = |member: &store::Member| {
            let (to, payload) = (Recipient::Staff(member.staff.id), id.to_string());
            single(DeliveryId(self.id()), occasion.clone(), to, language.clone(), &payload, now)
        };
        let notes: Vec<_> = change.staff()?.iter().filter(|member| wants(member)).map(note).collect();
        change.queue_deliveries(&notes)?;
        Ok(())
    }

    /// Whether `staff` is told by mail that something waits.
    pub async fn set_notes(&self, staff: &Staff, wanted: bool) -> Result<(), Error> {
        let (staff, now, desk) = (staff.clone(), self.now(), self.clone());
        self.change(move |change| {
            change.set_notes(staff.id, (!wanted).then_some(now))?;
            let verb = if wanted { "switched notes on" } else { "switched notes off" };
            desk.note(change, Who::Staff(&staff), Entry::new(verb, staff.id, ""))
        })
        .await
    }

    /// Whether `staff` gets notes.
    pub async fn wants_notes(&self, staff: &Staff) -> Result<bool, Error> {
        let id = staff.id;
        self.look(move |view| Ok(!view.staff_without_notes()?.contains(&id))).await
    }
}
