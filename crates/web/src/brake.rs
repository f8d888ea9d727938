//! How often one network may do a thing (generic cell rate algorithm, ITU-T I.371). Bounded; forgets by itself.

use newsroom::time::{SECOND, Timestamp};

/// Networks remembered at once; beyond it the quiet ones are forgotten.
const NETWORKS_MAX: u64 = 50_000;

/// A brake: `burst` at once, then one every `seconds`.
pub struct Brake {
    /// When the bucket of a network will be empty again.
    empty_at: moka::sync::Cache<String, i64>,
    step: i64,
    burst: i64,
}

impl Brake {
    /// Lets `burst` through at once and one more every `seconds`.
    pub fn new(burst: u32, seconds: u32) -> Brake {
        let pages = moka::sync::Cache::builder().max_capacity(NETWORKS_MAX).build();
        Brake { empty_at: pages, step: i64::from(seconds) * SECOND, burst: i64::from(burst) }
    }

    /// Whether `network` may go on at `now`. Counts only when it may.
    pub fn lets(&self, network: &str, now: Timestamp) -> bool {
        use moka::ops::compute::{CompResult, Op};
        let allowed = self.empty_at.entry_by_ref(network).and_compute_with(|kept| {
            let empty_at = kept.map_or(now.0, |entry| entry.into_value().max(now.0));
            let next = empty_at.saturating_add(self.step);
            if next - now.0 > self.step.saturating_mul(self.burst) { Op::Nop } else { Op::Put(next) }
        });
        !matches!(allowed, CompResult::Unchanged(_) | CompResult::StillNone(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_may_do_a_few_at_once_and_then_slowly() {
        let brake = Brake::new(3, 10);
        let at = |seconds: i64| Timestamp(1_000 * SECOND + seconds * SECOND);
        let tries: Vec<bool> = (0..5).map(|_| brake.lets("a", at(0))).collect();
        assert_eq!(tries, [true, true, true, false, false]);
        assert!(brake.lets("b", at(0)), "another network is not held up");
        assert!(!brake.lets("a", at(9)));
        assert!(brake.lets("a", at(10)));
        assert!(!brake.lets("a", at(10)), "refused tries were not counted, the allowed one was");
        let later: Vec<bool> = (0..4).map(|_| brake.lets("a", at(1000))).collect();
        assert_eq!(later, [true, true, true, false]);
    }
}
