//! Which zone and hour of which morning has been frozen, and what came of it.
//! A wave is frozen once; its primary key says so.

use crate::db::{Row, statements, vals};
use crate::{Change, Error, View};
use newsroom::delivery::Occasion;
use newsroom::id::SubscriberId;
use newsroom::slug::Slug;
use newsroom::time::{Day, Timestamp, Zone};
use std::collections::HashSet;

/// One zone and hour of one morning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wave {
    pub zone: Zone,
    pub hour: i8,
    pub frozen_at: Timestamp,
    /// Deliveries made.
    pub made: u64,
    /// Subscribers with too little that was new to them.
    pub nothing_new: u64,
}

statements! {
    OPEN = "insert into waves (newsletter, date, zone, hour, frozen_at, made, nothing_new) values (?1, ?2, ?3, ?4, ?5, 0, 0) \
        on conflict (newsletter, date, zone, hour) do nothing";
    CLOSE = "update waves set made = made + ?5, nothing_new = ?6 where newsletter = ?1 and date = ?2 and zone = ?3 and hour = ?4";
    WAVES = "select zone, hour, frozen_at, made, nothing_new from waves where newsletter = ?1 and date = ?2 order by frozen_at, zone, hour";
    HAS = "select 1 from waves where newsletter = ?1 and date = ?2 and zone = ?3 and hour = ?4";
    /// By the index that makes a delivery unique: others read every row of the occasion or of the person.
    HAD = "select subscriber from deliveries where occasion = ?1 and recipient in {{texts ?2}}";
}

impl View<'_> {
    /// The waves of one morning, in the order in which they were frozen.
    pub fn waves(&self, newsletter: &Slug, date: Day) -> Result<Vec<Wave>, Error> {
        self.rows(&WAVES, vals![newsletter, &date], |row| {
            Ok(Wave {
                zone: row.parse(Zone::parse)?,
                hour: crate::subscribers::hour(row)?,
                frozen_at: row.take()?,
                made: count(row)?,
                nothing_new: count(row)?,
            })
        })
    }

    /// Whether a wave was frozen.
    pub fn has_wave(&self, newsletter: &Slug, date: Day, zone: &Zone, hour: i8) -> Result<bool, Error> {
        self.any(&HAS, vals![newsletter, &date, zone.name(), i64::from(hour)])
    }

    /// Which of these people have a delivery of the occasion, whatever its state.
    pub fn had_occasion(
        &self,
        subscribers: &[SubscriberId],
        occasion: &Occasion,
    ) -> Result<HashSet<SubscriberId>, Error> {
        let recipients: Vec<String> = subscribers.iter().map(|id| crate::queue::recipient_key(*id)).collect();
        let parameters = vals![occasion.key(), crate::db::value::to_json(&recipients)?];
        Ok(self.rows(&HAD, parameters, |row| row.take())?.into_iter().collect())
    }
}

fn count(row: &mut Row) -> Result<u64, Error> {
    Ok(u64::try_from(row.take::<i64>()?).unwrap_or_default())
}

impl Change<'_> {
    /// Gives whether this is the first time that the wave is frozen.
    pub fn open_wave(
        &mut self,
        newsletter: &Slug,
        date: Day,
        zone: &Zone,
        hour: i8,
        at: Timestamp,
    ) -> Result<bool, Error> {
        Ok(self.run(&OPEN, vals![newsletter, &date, zone.name(), i64::from(hour), at])? > 0)
    }

    /// Adds what was made; what is nothing new is counted as of the last time.
    pub fn close_wave(
        &mut self,
        newsletter: &Slug,
        date: Day,
        zone: &Zone,
        hour: i8,
        made: u64,
        nothing_new: u64,
    ) -> Result<(), Error> {
        let (made, nothing_new) =
            (i64::try_from(made).unwrap_or(i64::MAX), i64::try_from(nothing_new).unwrap_or(i64::MAX));
        self.run(&CLOSE, vals![newsletter, &date, zone.name(), i64::from(hour), made, nothing_new]).map(drop)
    }
}
