//! When a delivery is tried again, and when it is given up.
//! Pure: time comes in and goes out as microseconds UTC.

/// Minutes to wait after the first, second, … failed try; the last repeats.
pub const RETRY_MINUTES: [i64; 6] = [1, 2, 5, 15, 30, 60];
/// News that could not be delivered for this long is no news: the delivery expires.
pub const EXPIRES_AFTER_HOURS: i64 = 24;

const MICROSECONDS_PER_MINUTE: i64 = 60_000_000;

/// What becomes of a delivery whose try was put off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NextTry {
    /// Try again at this time, in microseconds UTC.
    At(i64),
    /// More than [`EXPIRES_AFTER_HOURS`] would have passed since the delivery was due.
    Expired,
}

/// When to try again after `failed_tries` (1 after the first failure) of a delivery first due at `due_at`, seen from
/// `now`; all times in microseconds UTC. Waits 1, 2, 5, 15, 30, 60, 60 … minutes (RFC 5321 §4.5.4.1 asks for 30, but a
/// morning paper that waits half an hour for a greylist is late).
pub fn next_try(failed_tries: u32, due_at: i64, now: i64) -> NextTry {
    let step = (failed_tries.max(1) as usize - 1).min(RETRY_MINUTES.len() - 1);
    let at = now.saturating_add(RETRY_MINUTES[step] * MICROSECONDS_PER_MINUTE);
    let expires_at = due_at.saturating_add(EXPIRES_AFTER_HOURS * 60 * MICROSECONDS_PER_MINUTE);
    if at > expires_at { NextTry::Expired } else { NextTry::At(at) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = MICROSECONDS_PER_MINUTE;

    #[test]
    fn a_delivery_waits_longer_after_each_failure_but_never_more_than_an_hour() {
        fn check(failed_tries: u32, minutes: i64) {
            assert_eq!(next_try(failed_tries, 0, 7 * MINUTE), NextTry::At((7 + minutes) * MINUTE), "{failed_tries}");
        }
        check(0, 1);
        check(1, 1);
        check(2, 2);
        check(3, 5);
        check(4, 15);
        check(5, 30);
        check(6, 60);
        check(7, 60);
        check(u32::MAX, 60);
    }

    #[test]
    fn yesterdays_paper_is_not_delivered() {
        assert_eq!(next_try(9, 0, 23 * 60 * MINUTE), NextTry::At(24 * 60 * MINUTE));
        assert_eq!(next_try(9, 0, 23 * 60 * MINUTE + 1), NextTry::Expired);
        assert_eq!(next_try(1, i64::MAX, i64::MAX), NextTry::At(i64::MAX));
    }
}
