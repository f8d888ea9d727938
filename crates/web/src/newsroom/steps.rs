//! Which steps an article can take next, for whom: what the buttons of the writing page offer.
//! Only what is offered; whether it happens is decided by the desk.

use super::pages::article::NextStep;
use newsroom::article::{Article, State};
use newsroom::refusal::Refusal;
use newsroom::staff::{May, Staff};

const SUBMIT: NextStep = NextStep { value: "submission", words: "Send to review" };
const APPROVE: NextStep = NextStep { value: "approval", words: "Mark as ready" };
const CLEAR: NextStep = NextStep { value: "approval", words: "Cleared, mark as ready" };
const PUBLISH: NextStep = NextStep { value: "publication", words: "Publish…" };
const UPDATE: NextStep = NextStep { value: "publication", words: "Publish the changes…" };
const GIVE_BACK: NextStep = NextStep { value: "return", words: "Give back to the writer" };
const UNSCHEDULE: NextStep = NextStep { value: "return", words: "Take off the schedule, back to draft" };
const HOLD: NextStep = NextStep { value: "legal-hold", words: "Hold for the lawyer" };
pub(crate) const PREVIEW: NextStep = NextStep { value: "preview", words: "Preview" };

/// The one next step, and the others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Offer {
    pub(crate) next: Option<NextStep>,
    pub(crate) others: Vec<NextStep>,
}

impl Offer {
    /// What `me` may do with `article` where it stands.
    pub(crate) fn new(article: &Article, me: &Staff) -> Self {
        let own = article.writer == Some(me.id);
        let editor = me.role.may(May::Publish);
        let offer = |next: Option<NextStep>, others: &[NextStep]| Self { next, others: others.to_vec() };
        match (article.state, editor, own) {
            (State::Draft, false, true) => offer(Some(SUBMIT), &[]),
            (State::Draft, true, true) => offer(Some(SUBMIT), &[HOLD]),
            (State::Draft, true, false) => offer(Some(PUBLISH), &[SUBMIT, APPROVE, HOLD]),
            (State::Review, true, false) => offer(Some(APPROVE), &[PUBLISH, GIVE_BACK, HOLD]),
            (State::LegalHold, true, false) => offer(Some(CLEAR), &[GIVE_BACK]),
            (State::Ready, true, false) => offer(Some(PUBLISH), &[GIVE_BACK, HOLD]),
            (State::Scheduled, true, false) => offer(Some(PUBLISH), &[UNSCHEDULE, HOLD]),
            (State::Review | State::Ready, true, true) => offer(None, &[GIVE_BACK, HOLD]),
            (State::LegalHold, true, true) => offer(None, &[GIVE_BACK]),
            (State::Scheduled, true, true) => offer(None, &[UNSCHEDULE, HOLD]),
            (State::Live, true, _) => offer(Some(UPDATE).filter(|_| has_changes(article)), &[]),
            (State::Withdrawn, ..) | (_, false, _) => Self::default(),
        }
    }
}

/// Whether readers see an earlier text than the newest.
pub(crate) fn has_changes(article: &Article) -> bool {
    article.published_revision.is_some_and(|seen| seen != article.revision)
}

/// Why somebody cannot change the article now, and who can.
pub(crate) fn lock_words(article: &Article, refusal: &Refusal) -> String {
    match (article.state, refusal) {
        (State::Withdrawn, _) => match &article.withdrawal_reason {
            Some(reason) => format!("Withdrawn, for good. Readers are told: “{reason}”"),
            None => "Withdrawn, for good.".into(),
        },
        (state, Refusal::WrongState { .. }) => {
            format!("It is {} now, so it is the editors’ turn. They can give it back to you.", state.words())
        }
        (_, refusal) => refusal.to_string(),
    }
}

/// Why there is no next step although the article waits for one.
pub(crate) fn why_not(article: &Article, me: &Staff) -> Option<&'static str> {
    let waits = matches!(article.state, State::Review | State::Ready | State::LegalHold);
    (waits && me.role.may(May::Publish) && article.writer == Some(me.id))
        .then_some("You wrote it, so another editor lets it out.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use newsroom::id::{ArticleId, StaffId, WorkId};
    use newsroom::language::Language;
    use newsroom::slug::Slug;
    use newsroom::staff::Role;
    use newsroom::time::Timestamp;

    fn article(state: State) -> Article {
        Article {
            id: ArticleId(1),
            work: WorkId(1),
            language: Language::english(),
            section: Slug::parse("a").unwrap(),
            slug: Slug::parse("b").unwrap(),
            state,
            writer: Some(StaffId(7)),
            topics: vec![],
            bylines: vec![],
            created_at: Timestamp(0),
            scheduled_for: None,
            embargo_until: None,
            published_at: None,
            updated_at: None,
            withdrawn_at: None,
            withdrawal_reason: None,
            revision: 2,
            published_revision: Some(1),
        }
    }

    fn offered(state: State, role: Role, id: i64) -> Vec<&'static str> {
        let me = Staff { id: StaffId(id), name: "Ben".into(), role };
        let offer = Offer::new(&article(state), &me);
        offer.next.into_iter().chain(offer.others).map(|step| step.value).collect()
    }

    #[test]
    fn a_writer_is_offered_review_and_nothing_that_editors_decide() {
        assert_eq!(offered(State::Draft, Role::Writer, 7), ["submission"]);
        for state in State::ALL {
            assert!(offered(state, Role::Writer, 7).iter().all(|step| *step == "submission"), "{state:?}");
            assert!(offered(state, Role::AudienceManager, 8).is_empty(), "{state:?}");
        }
    }

    #[test]
    fn nobody_is_offered_to_let_out_their_own_copy() {
        for state in State::ALL.into_iter().filter(|state| *state != State::Live) {
            let steps = offered(state, Role::Owner, 7);
            assert!(!steps.contains(&"publication") && !steps.contains(&"approval"), "{state:?}");
        }
    }

    #[test]
    fn an_editor_is_offered_the_next_step_on_the_way_to_print_first() {
        for (state, first) in [
            (State::Draft, "publication"),
            (State::Review, "approval"),
            (State::LegalHold, "approval"),
            (State::Ready, "publication"),
            (State::Scheduled, "publication"),
            (State::Live, "publication"),
        ] {
            assert_eq!(offered(state, Role::Editor, 8)[0], first, "{state:?}");
        }
        assert!(offered(State::Withdrawn, Role::Editor, 8).is_empty());
    }
}
