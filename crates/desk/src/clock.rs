//! The one place where the time is read.
//! Everything else is given a `Timestamp`.

use newsroom::time::Timestamp;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// What time it is for this paper.
#[derive(Debug, Clone)]
pub enum Clock {
    /// The machine's clock moved by `offset` microseconds: 0, except where a demo has a calendar of its own.
    Machine { offset: i64 },
    /// A clock that stands until somebody moves it: tests.
    Hand(Arc<AtomicI64>),
}

impl Clock {
    pub fn machine() -> Self {
        Self::Machine { offset: 0 }
    }

    /// A clock that stands at `at`.
    pub fn hand(at: Timestamp) -> Self {
        Self::Hand(Arc::new(AtomicI64::new(at.0)))
    }

    /// The machine's clock moved so that it shows `at` now.
    pub fn machine_showing(at: Timestamp) -> Self {
        Self::Machine { offset: at.0 - machine_micros() }
    }

    pub fn now(&self) -> Timestamp {
        match self {
            Self::Machine { offset } => Timestamp(machine_micros() + offset),
            Self::Hand(at) => Timestamp(at.load(Ordering::SeqCst)),
        }
    }

    /// Turns a hand clock; a machine's clock cannot be turned and stays.
    pub fn turn_to(&self, at: Timestamp) {
        if let Self::Hand(hand) = self {
            hand.store(at.0, Ordering::SeqCst);
        }
    }
}

/// The machine's own time, whatever calendar the paper has: for the `Date` of an answer (RFC 9110 §6.6.1).
pub fn machine_time() -> SystemTime {
    SystemTime::now()
}

fn machine_micros() -> i64 {
    let since = machine_time().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}
