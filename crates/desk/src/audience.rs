//! What those who look after subscribers do: segments, tags, and acts for one person, each with its reason.
//! Refused for every other role; an address is never in the ledger.

use crate::desk::Desk;
use crate::error::Error;
use crate::ledger::{Entry, Who};
use crate::subscribe::consent;
use newsroom::id::{SegmentId, SubscriberId};
use newsroom::refusal::Refusal;
use newsroom::segment::{self, Rules, SEGMENTS_MAX, TAGS_MAX};
use newsroom::slug::Slug;
use newsroom::staff::{May, Staff};
use newsroom::subscriber::{ConsentAct, Subscriber};
use newsroom::time::{DAY, Timestamp};
use store::{Change, Segment};

/// Days of a pause that staff set.
pub const PAUSE_DAYS: i64 = 30;
const REASON_CHARACTERS_MAX: usize = 400;

impl Desk {
    /// How many people are in a segment as it would be now.
    pub async fn count_segment(&self, staff: &Staff, rules: Rules) -> Result<u64, Error> {
        staff.allowed(May::SeeSubscribers)?;
        rules.check()?;
        let now = self.now();
        self.look(move |view| Ok(view.segment_count(&rules, now)?)).await
    }

    /// Keeps a segment under a name of its own.
    pub async fn save_segment(&self, staff: &Staff, name: &str, rules: Rules) -> Result<SegmentId, Error> {
        staff.allowed(May::SeeSubscribers)?;
        rules.check()?;
        let name = segment::name(name)?;
        let (id, now, staff, desk) = (SegmentId(self.id()), self.now(), staff.clone(), self.clone());
        self.change(move |change| {
            if change.segments()?.len() >= SEGMENTS_MAX {
                return Err(Refusal::Limit { what: "segments", max: SEGMENTS_MAX }.into());
            }
            let kept = Segment { id, name: name.clone(), rules: rules.clone(), made_by: Some(staff.id), made_at: now };
            change.add_segment(&kept).map_err(|error| taken(error, &name))?;
            desk.note(change, Who::Staff(&staff), Entry::new("kept a segment", id, &name))?;
            Ok(id)
        })
        .await
    }

    /// Deletes a segment; letters that went to it keep its rules.
    pub async fn delete_segment(&self, staff: &Staff, id: SegmentId) -> Result<(), Error> {
        staff.allowed(May::SeeSubscribers)?;
        let (now, staff, desk) = (self.now(), staff.clone(), self.clone());
        self.change(move |change| {
            if !change.delete_segment(id, now)? {
                return Err(Error::Missing);
            }
            desk.note(change, Who::Staff(&staff), Entry::new("deleted a segment", id, ""))
        })
        .await
    }

    /// Notes that a list of addresses left the house, before its first line does.
    pub async fn note_export(&self, staff: &Staff, what: &str) -> Result<(), Error> {
        staff.allowed(May::SeeSubscribers)?;
        let (staff, desk, what) = (staff.clone(), self.clone(), what.to_owned());
        self.change(move |change| desk.note(change, Who::Staff(&staff), Entry::new("exported subscribers", &what, "")))
            .await
    }

    /// The tags of one person, all at once.
    pub async fn set_tags(&self, staff: &Staff, id: SubscriberId, tags: Vec<Slug>) -> Result<(), Error> {
        staff.allowed(May::SeeSubscribers)?;
        if tags.len() > TAGS_MAX {
            return Err(Refusal::Limit { what: "tags", max: TAGS_MAX }.into());
        }
        let (staff, desk) = (staff.clone(), self.clone());
        self.change(move |change| {
            change.subscriber(id)?.ok_or(Error::Missing)?;
            change.untag(id)?;
            change.tag(&tags.iter().map(|tag| (id, tag.clone())).collect::<Vec<_>>())?;
            let words: Vec<&str> = tags.iter().map(Slug::as_str).collect();
            desk.note(change, Who::Staff(&staff), Entry::new("tagged", id, words.join(" ")))
        })
        .await
    }

    /// What is kept of somebody's address once it is forgotten: by it, the suppressed are found.
    pub async fn address_hash(&self, id: SubscriberId) -> Result<String, Error> {
        let subscriber = self.look(move |view| view.subscriber(id)?.ok_or(Error::Missing)).await?;
        Ok(self.secret().fingerprint(&subscriber.address.key()))
    }

    /// Nothing more goes to this person, because they asked us by other ways.
    pub async fn take_off(&self, staff: &Staff, id: SubscriberId, reason: &str) -> Result<(), Error> {
        self.for_one(staff, id, reason, |desk, change, one, staff, reason, now| {
            desk.take_off_the_list(change, one.id, "by the newsroom", Who::Staff(staff), reason, now)
        })
        .await
    }

    /// No editions for thirty days.
    pub async fn pause_for(&self, staff: &Staff, id: SubscriberId, reason: &str) -> Result<(), Error> {
        self.for_one(staff, id, reason, |desk, change, one, staff, reason, now| {
            change.pause(one.id, Some(now.plus(PAUSE_DAYS * DAY)))?;
            change.record_consent(&consent(one.id, ConsentAct::Paused, now, "by the newsroom", None))?;
            desk.note(change, Who::Staff(staff), Entry::new("paused", one.id, reason))
        })
        .await
    }

    /// Forgets a person who asked for it by other ways; see [`Desk::erase_by_code`].
    pub async fn erase_for(&self, staff: &Staff, id: SubscriberId, reason: &str) -> Result<(), Error> {
        self.for_one(staff, id, reason, |desk, change, one, staff, reason, now| {
            desk.erase(change, one, Who::Staff(staff), reason, now)
        })
        .await
    }

    /// Everything we keep about a person who asked for it by other ways.
    pub async fn copy_for(&self, staff: &Staff, id: SubscriberId, reason: &str) -> Result<String, Error> {
        self.for_one(staff, id, reason, |desk, change, one, staff, reason, now| {
            let copy = desk.copy_of(change, one)?;
            change.record_consent(&consent(one.id, ConsentAct::Exported, now, "by the newsroom", None))?;
            desk.note(change, Who::Staff(staff), Entry::new("exported", one.id, reason))?;
            Ok(copy)
        })
        .await
    }

    async fn for_one<T: Send + 'static>(
        &self,
        staff: &Staff,
        id: SubscriberId,
        reason: &str,
        act: impl Fn(&Desk, &mut Change<'_>, &Subscriber, &Staff, &str, Timestamp) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        staff.allowed(May::SeeSubscribers)?;
        let reason: String = reason.trim().chars().take(REASON_CHARACTERS_MAX).collect();
        if reason.is_empty() {
            return Err(Refusal::Other("Say why; the reason goes into the ledger.".into()).into());
        }
        let (now, staff, desk) = (self.now(), staff.clone(), self.clone());
        self.change(move |change| {
            let one = change.subscriber(id)?.ok_or(Error::Missing)?;
            act(&desk, change, &one, &staff, &reason, now)
        })
        .await
    }
}

fn taken(error: store::Error, name: &str) -> Error {
    if error.violates("segments_name") {
        return Refusal::AlreadyThere { what: "segment", name: name.to_owned() }.into();
    }
    error.into()
}
