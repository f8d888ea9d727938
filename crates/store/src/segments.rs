//! Parts of the subscribers: saved rules, tags, and the one query that finds who is in.
//! Only people to whom mail may go are ever found.

use crate::db::value::to_json;
use crate::db::{Val, statements, vals};
use crate::{Change, Error, View};
use newsroom::id::{SegmentId, StaffId, SubscriberId};
use newsroom::segment::{Rules, Span};
use newsroom::slug::Slug;
use newsroom::subscriber::Subscriber;
use newsroom::time::{Timestamp, Zone};

/// A saved segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    pub id: SegmentId,
    pub name: String,
    pub rules: Rules,
    pub made_by: Option<StaffId>,
    pub made_at: Timestamp,
}

/// Who is in: `?1` is now, `?2` to `?9` the rules. What a rule leaves empty asks nothing.
macro_rules! members {
    ($columns:expr, $tail:literal) => {
        concat!(
            "select ",
            $columns,
            " from subscribers s where s.id > ?10 and s.confirmed_at is not null and s.unsubscribed_at is null \
             and s.erased_at is null and (s.paused_until is null or s.paused_until <= ?1) \
             and (?2 = '' or exists (select 1 from subscriptions n where n.subscriber = s.id and n.newsletter = ?2 and n.left_at is null)) \
             and (?3 = '[]' or s.sections = '' or exists (select 1 from {{texts ?3}} as section \
               where ' ' || s.sections || ' ' like '% ' || section.value || ' %')) \
             and (?4 = '[]' or exists (select 1 from {{texts ?4}} as language \
               where ' ' || s.languages || ' ' like '% ' || language.value || ' %')) \
             and (?5 = '[]' or s.zone in {{texts ?5}}) \
             and (?6 = '[]' or exists (select 1 from subscriber_tags g where g.subscriber = s.id and g.tag in {{texts ?6}})) \
             and s.confirmed_at >= ?7 and s.confirmed_at < ?8 \
             and (cast(?9 as bigint) = 0 or (cast(?9 as bigint) > 0 and exists (select 1 from consents c where c.subscriber = s.id and c.at >= cast(?9 as bigint) and c.act <> 'imported')) \
               or (cast(?9 as bigint) < 0 and not exists (select 1 from consents c where c.subscriber = s.id and c.at >= -cast(?9 as bigint) and c.act <> 'imported'))) \
             and not exists (select 1 from suppressions u where u.address_hash = s.address_hash)",
            $tail
        )
    };
}

statements! {
    MEMBERS = members!(crate::subscribers::subscriber_columns!(), " order by s.id limit ?11");
    MEMBERS_COUNT = members!("count(*)", "");
    ADD = "insert into segments (id, name, name_key, rules, made_by, made_at) values (?1, ?2, ?3, ?4, ?5, ?6)";
    SEGMENTS = "select id, name, rules, made_by, made_at from segments where deleted_at is null order by name_key limit ?1";
    SEGMENT = "select id, name, rules, made_by, made_at from segments where id = ?1 and deleted_at is null";
    DELETE = "update segments set deleted_at = ?2 where id = ?1 and deleted_at is null";
    TAGS = "select distinct tag from subscriber_tags order by tag limit ?1";
    TAGS_OF = "select tag from subscriber_tags where subscriber = ?1 order by tag";
    TAG = "insert into subscriber_tags (subscriber, tag) select cast(value->>0 as bigint), value->>1 from {{rows ?1}} where true \
        on conflict (subscriber, tag) do nothing";
    UNTAG = "delete from subscriber_tags where subscriber = ?1";
    /// The zones people are in, for choosing.
    ZONES = "select distinct zone from subscribers where confirmed_at is not null and unsubscribed_at is null order by zone limit ?1";
}

impl View<'_> {
    /// One page of the people in a segment, by id, after the last one of the page before.
    pub fn segment_members(
        &self,
        rules: &Rules,
        now: Timestamp,
        after: Option<SubscriberId>,
        limit: usize,
    ) -> Result<Vec<Subscriber>, Error> {
        let mut parameters = parameters(rules, now, after)?;
        parameters.push(limit.min(crate::SUBSCRIBERS_PER_PAGE_MAX).into());
        self.rows(&MEMBERS, &parameters, crate::subscribers::subscriber)
    }

    /// How many people are in a segment now. Looks at every subscriber: for a person who waits, not for a round.
    pub fn segment_count(&self, rules: &Rules, now: Timestamp) -> Result<u64, Error> {
        Ok(self.one(&MEMBERS_COUNT, &parameters(rules, now, None)?, |row| row.take())?.unwrap_or_default())
    }

    /// All saved segments, by name.
    pub fn segments(&self) -> Result<Vec<Segment>, Error> {
        self.rows(&SEGMENTS, vals![newsroom::segment::SEGMENTS_MAX], segment)
    }

    pub fn segment(&self, id: SegmentId) -> Result<Option<Segment>, Error> {
        self.one(&SEGMENT, vals![id], segment)
    }

    /// The tags in use, for choosing.
    pub fn tags(&self) -> Result<Vec<Slug>, Error> {
        self.rows(&TAGS, vals![crate::ROWS_PER_PAGE_MAX], |row| row.take())
    }

    pub fn tags_of(&self, subscriber: SubscriberId) -> Result<Vec<Slug>, Error> {
        self.rows(&TAGS_OF, vals![subscriber], |row| row.take())
    }

    /// The zones confirmed people are in.
    pub fn zones_in_use(&self) -> Result<Vec<Zone>, Error> {
        self.rows(&ZONES, vals![crate::ROWS_PER_PAGE_MAX], |row| row.parse(Zone::parse))
    }
}

impl Change<'_> {
    /// Keeps a segment. Errs with `segments_name` if there is one of that name.
    pub fn add_segment(&mut self, segment: &Segment) -> Result<(), Error> {
        let Segment { id, name, rules, made_by, made_at } = segment;
        self.run(&ADD, vals![*id, name, name.to_lowercase(), to_json(rules)?, *made_by, *made_at]).map(drop)
    }

    /// Gives whether it was there.
    pub fn delete_segment(&mut self, id: SegmentId, at: Timestamp) -> Result<bool, Error> {
        Ok(self.run(&DELETE, vals![id, at])? > 0)
    }

    /// Adds tags; who has one already keeps it.
    pub fn tag(&mut self, list: &[(SubscriberId, Slug)]) -> Result<(), Error> {
        self.run(&TAG, vals![to_json(list)?]).map(drop)
    }

    /// Takes all tags off somebody.
    pub fn untag(&mut self, subscriber: SubscriberId) -> Result<(), Error> {
        self.run(&UNTAG, vals![subscriber]).map(drop)
    }
}

fn parameters(rules: &Rules, now: Timestamp, after: Option<SubscriberId>) -> Result<Vec<Val>, Error> {
    let texts = |list: Vec<&str>| to_json(&list);
    let (from, until) = match rules.joined.map(|span| span.since(now)) {
        None => (Timestamp(i64::MIN), Timestamp(i64::MAX)),
        Some((since, true)) => (since, Timestamp(i64::MAX)),
        Some((since, false)) => (Timestamp(i64::MIN), since),
    };
    let acted = match rules.acted.map(|span: Span| span.since(now)) {
        None => 0,
        Some((since, true)) => since.0.max(1),
        Some((since, false)) => -since.0.max(1),
    };
    let words = [
        texts(rules.sections.iter().map(Slug::as_str).collect())?,
        texts(rules.languages.iter().map(newsroom::language::Language::code).collect())?,
        texts(rules.zones.iter().map(Zone::name).collect())?,
        texts(rules.tags.iter().map(Slug::as_str).collect())?,
    ];
    let [sections, languages, zones, tags] = words;
    Ok(vals![
        now,
        rules.newsletter.as_ref().map_or("", Slug::as_str),
        sections,
        languages,
        zones,
        tags,
        from,
        until,
        acted,
        after.map_or(i64::MIN, |id| id.0)
    ]
    .to_vec())
}

fn segment(row: &mut crate::db::Row) -> Result<Segment, Error> {
    Ok(Segment { id: row.take()?, name: row.take()?, rules: row.json()?, made_by: row.take()?, made_at: row.take()? })
}
