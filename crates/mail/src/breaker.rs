//! When a relay that does not work is left alone, and when it is tried again.
//! Pure: times come and go as microseconds UTC.

const SECOND: i64 = 1_000_000;
/// Connections that fail one after another before the relay is left alone.
pub const FAILURES_MAX: u32 = 3;
/// Seconds after which one connection tries again: the first time, then twice as long, up to the last.
const SECONDS_FIRST: i64 = 15;
const SECONDS_MAX: i64 = 300;
/// A try that is never heard of again is over after this.
const TRY_SECONDS_MAX: i64 = 60;

/// The circuit breaker of one relay.
#[derive(Clone, Debug, Default)]
pub struct Breaker {
    failures: u32,
    closed_until: Option<i64>,
    tried_at: Option<i64>,
}

impl Breaker {
    /// Whether a connection may be opened now. After a pause only one is let through to see.
    pub fn may_try(&mut self, now: i64) -> bool {
        let Some(_) = self.closed_until(now) else {
            if self.closed_until.is_none() {
                return true;
            }
            let trying = self.tried_at.is_some_and(|at| (0..TRY_SECONDS_MAX * SECOND).contains(&(now - at)));
            if !trying {
                self.tried_at = Some(now);
            }
            return !trying;
        };
        false
    }

    /// Until when nothing is tried, if that is later than `now`. A time further off than the longest pause was made by
    /// a clock that went astray, and does not count.
    pub fn closed_until(&self, now: i64) -> Option<i64> {
        self.closed_until.filter(|until| (1..=SECONDS_MAX * SECOND).contains(&(until - now)))
    }

    /// Whether the relay is thought to work.
    pub fn is_sound(&self) -> bool {
        self.closed_until.is_none()
    }

    /// A message or a connection came through.
    pub fn succeeded(&mut self) {
        *self = Self::default();
    }

    /// A connection failed before anything came through.
    /// Connections that were under way when it was left alone say nothing new.
    pub fn failed(&mut self, now: i64) {
        if self.closed_until(now).is_some() {
            return;
        }
        self.failures = self.failures.saturating_add(1);
        self.tried_at = None;
        if self.failures >= FAILURES_MAX || self.closed_until.is_some() {
            let doublings = self.failures.saturating_sub(FAILURES_MAX).min(10);
            let seconds = (SECONDS_FIRST << doublings).min(SECONDS_MAX);
            self.closed_until = Some(now + seconds * SECOND);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relay_that_fails_is_left_alone_for_longer_and_longer() {
        let mut breaker = Breaker::default();
        let mut now = 0;
        for _ in 1..FAILURES_MAX {
            breaker.failed(now);
            assert!(breaker.may_try(now) && breaker.is_sound());
        }
        for seconds in [15, 30, 60, 120, 240, 300, 300] {
            breaker.failed(now);
            assert_eq!(breaker.closed_until(now), Some(now + seconds * SECOND));
            assert!(!breaker.may_try(now + seconds * SECOND - 1));
            now += seconds * SECOND;
            assert!(breaker.may_try(now), "one may see");
            assert!(!breaker.may_try(now), "only one");
        }
        breaker.succeeded();
        assert!(breaker.may_try(now) && breaker.may_try(now) && breaker.is_sound());
    }

    #[test]
    fn many_connections_that_fail_at_once_are_one_failure_of_the_relay() {
        let mut breaker = Breaker::default();
        (0..200).for_each(|_| breaker.failed(7));
        assert_eq!(breaker.closed_until(7), Some(7 + SECONDS_FIRST * SECOND));
    }

    #[test]
    fn a_try_that_is_never_heard_of_again_does_not_close_it_for_ever() {
        let mut breaker = Breaker::default();
        (0..FAILURES_MAX).for_each(|_| breaker.failed(0));
        let now = 15 * SECOND;
        assert!(breaker.may_try(now) && !breaker.may_try(now + 59 * SECOND) && breaker.may_try(now + 60 * SECOND));
    }

    #[test]
    fn a_clock_that_was_wrong_does_not_close_it_for_years() {
        let mut breaker = Breaker::default();
        let astray = 40 * 365 * 86_400 * SECOND;
        (0..FAILURES_MAX).for_each(|_| breaker.failed(astray));
        assert!(!breaker.may_try(astray));
        assert!(breaker.may_try(5), "the clock is right again");
    }
}
