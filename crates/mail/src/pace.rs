//! How fast one relay, or one destination, is spoken to: a bucket that is halved when the other side has too much and
//! raised again by the minute. Pure: times come and go as microseconds of a clock that never turns back.

const SECOND: i64 = 1_000_000;
const MINUTE: i64 = 60 * SECOND;
/// Several connections hear “too many” at once; that is one reason to slow down, not several.
const HALVED_AGAIN_AFTER: i64 = 5 * SECOND;
/// What a limit grows by in a minute without complaint.
const RAISED_BY: f64 = 1.1;
/// The slowest we get, in messages a minute.
const PER_MINUTE_MIN: f64 = 1.0;
/// Over how long the present rate is measured.
const WINDOW: i64 = 10 * SECOND;

/// The pace of one relay or one destination.
#[derive(Clone, Debug)]
pub struct Pace {
    /// Messages a minute that the operator allows.
    allowed: Option<f64>,
    /// What the other side's complaints have made of it, until it is back at the ceiling.
    limit: Option<f64>,
    ceiling: f64,
    changed_at: i64,
    tokens: f64,
    filled_at: i64,
    window: Window,
}

#[derive(Clone, Copy, Debug, Default)]
struct Window {
    began_at: i64,
    count: u32,
    before: u32,
}

impl Pace {
    /// As many messages a minute as allowed; `None` for as many as are taken.
    pub fn new(allowed_per_minute: Option<u32>) -> Self {
        let allowed = allowed_per_minute.map(f64::from);
        Self {
            allowed,
            limit: None,
            ceiling: 0.0,
            changed_at: i64::MIN / 2,
            tokens: 1.0,
            filled_at: 0,
            window: Window::default(),
        }
    }

    /// Another allowance; what complaints have taught stays.
    pub fn allow(&mut self, per_minute: Option<u32>) {
        self.allowed = per_minute.map(f64::from);
    }

    /// Takes leave for one message, or says how many microseconds to wait before asking again.
    pub fn take(&mut self, now: i64) -> Result<(), i64> {
        if let Some(limit) = self.limit(now) {
            let capacity = (limit / 60.0).max(1.0);
            let seconds = (now - self.filled_at).max(0) as f64 / SECOND as f64;
            self.tokens = (self.tokens + seconds * limit / 60.0).min(capacity);
            self.filled_at = now;
            if self.tokens < 1.0 {
                return Err(((1.0 - self.tokens) * 60.0 / limit * SECOND as f64).ceil() as i64);
            }
            self.tokens -= 1.0;
        }
        self.window.count(now);
        Ok(())
    }

    /// The message that leave was taken for does not go after all.
    pub fn give_back(&mut self) {
        self.tokens += 1.0;
        self.window.count = self.window.count.saturating_sub(1);
    }

    /// The other side said “too many”: half of what is allowed or was the rate until now.
    pub fn slow_down(&mut self, now: i64) {
        if now - self.changed_at < HALVED_AGAIN_AFTER && self.limit.is_some() {
            return;
        }
        let present = f64::from(self.per_minute(now)).max(2.0 * PER_MINUTE_MIN);
        let base = match self.limit(now) {
            Some(limit) => limit.min(present.max(limit / 2.0)),
            None => present,
        };
        if self.limit.is_none() {
            self.ceiling = self.allowed.unwrap_or(2.0 * base);
        }
        self.limit = Some((base / 2.0).max(PER_MINUTE_MIN));
        self.changed_at = now;
        self.tokens = self.tokens.min(1.0);
        self.filled_at = now;
    }

    /// The limit in force, in messages a minute; none if there is none.
    pub fn limit(&mut self, now: i64) -> Option<f64> {
        while let Some(limit) = self.limit
            && now - self.changed_at >= MINUTE
        {
            self.changed_at += MINUTE;
            let raised = limit * RAISED_BY;
            self.limit = (raised < self.ceiling).then_some(raised);
        }
        match (self.limit, self.allowed) {
            (Some(limit), Some(allowed)) => Some(limit.min(allowed)),
            (limit, allowed) => limit.or(allowed),
        }
    }

    /// Messages of the last seconds, as a rate a minute.
    pub fn per_minute(&mut self, now: i64) -> u32 {
        self.window.per_minute(now)
    }
}

impl Window {
    fn turn(&mut self, now: i64) {
        let passed = now - self.began_at;
        if passed >= WINDOW {
            self.before = if passed < 2 * WINDOW { self.count } else { 0 };
            self.count = 0;
            self.began_at = now - passed % WINDOW;
        }
    }

    fn count(&mut self, now: i64) {
        self.turn(now);
        self.count = self.count.saturating_add(1);
    }

    fn per_minute(&mut self, now: i64) -> u32 {
        self.turn(now);
        let part = (now - self.began_at) as f64 / WINDOW as f64;
        let windows_per_minute = (MINUTE / WINDOW) as f64;
        ((f64::from(self.before) * (1.0 - part) + f64::from(self.count)) * windows_per_minute).round() as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Messages that leave within `seconds` when one is always waiting.
    fn leave(pace: &mut Pace, from: i64, seconds: i64) -> u32 {
        let (mut now, mut count) = (from, 0);
        while now < from + seconds * SECOND {
            match pace.take(now) {
                Ok(()) => {
                    count += 1;
                    now += 1_000;
                }
                Err(wait) => now += wait,
            }
        }
        count
    }

    #[test]
    fn no_more_leave_in_a_minute_than_are_allowed() {
        fn check(per_minute: u32) {
            let mut pace = Pace::new(Some(per_minute));
            let first = leave(&mut pace, 0, 60);
            assert!((per_minute..=per_minute + per_minute / 60 + 1).contains(&first), "{per_minute}: {first}");
            let second = leave(&mut pace, 60 * SECOND, 60);
            assert!(second.abs_diff(per_minute) <= 1, "{per_minute}: {second}");
        }
        [1, 7, 60, 600, 6_000].into_iter().for_each(check);
        let mut free = Pace::new(None);
        assert_eq!(leave(&mut free, 0, 1), 1_000, "only the test's own step");
    }

    #[test]
    fn a_relay_that_has_too_much_gets_half_and_a_tenth_more_each_minute() {
        let mut pace = Pace::new(Some(1_000));
        leave(&mut pace, 0, 60);
        pace.slow_down(60 * SECOND);
        pace.slow_down(60 * SECOND + 1);
        let limit = |pace: &mut Pace, seconds: i64| pace.limit(seconds * SECOND).unwrap().round() as i64;
        assert!((495..=510).contains(&limit(&mut pace, 61)), "{}", limit(&mut pace, 61));
        let before = limit(&mut pace, 119);
        let after = limit(&mut pace, 120);
        assert!((after as f64 / before as f64 - 1.1).abs() < 0.01, "{before} {after}");
        assert_eq!(limit(&mut pace, 60 + 30 * 60), 1_000, "and is back where it was");
    }

    #[test]
    fn a_relay_without_a_limit_gets_one_from_the_rate_it_complained_at_and_loses_it_again() {
        let mut pace = Pace::new(None);
        for step in 0..2_000 {
            pace.take(step * 10_000).unwrap();
        }
        let now = 20 * SECOND;
        assert!((5_900..=6_100).contains(&pace.per_minute(now)));
        pace.slow_down(now);
        assert!((2_900.0..=3_100.0).contains(&pace.limit(now).unwrap()));
        pace.slow_down(now + HALVED_AGAIN_AFTER);
        assert!(pace.limit(now + HALVED_AGAIN_AFTER).unwrap() < 3_000.0);
        assert_eq!(pace.limit(now + 60 * MINUTE), None);
        assert_eq!(pace.per_minute(now + 60 * MINUTE), 0);
    }

    #[test]
    fn however_often_it_complains_something_still_leaves() {
        let mut pace = Pace::new(None);
        for step in 0..100 {
            pace.slow_down(step * HALVED_AGAIN_AFTER);
        }
        let now = 100 * HALVED_AGAIN_AFTER;
        assert!(leave(&mut pace, now, 120) >= 1);
    }
}
