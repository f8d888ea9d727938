//! Local times as the press's words take them.

use newsroom::time::{Day, Local};
use press::words::Civil;

/// A local time for `press::words`.
pub fn civil(local: &Local) -> Civil {
    Civil { hour: local.hour.unsigned_abs(), minute: local.minute.unsigned_abs(), ..day_civil(local.day) }
}

/// A day for `press::words`, at midnight.
pub fn day_civil(day: Day) -> Civil {
    Civil {
        year: i32::from(day.year()),
        month: day.month().unsigned_abs(),
        day: day.day().unsigned_abs(),
        hour: 0,
        minute: 0,
        weekday: day.weekday().unsigned_abs(),
    }
}
