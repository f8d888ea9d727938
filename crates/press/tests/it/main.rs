//! The papers press prints, compared with what was seen to be right.

#![allow(clippy::unwrap_used)]

mod documents;
mod feeds;
mod front_matter;
mod markdown;
mod papers;
mod pictures;
mod well_formed;

/// How many texts a property is tried with; `PRESS_CASES=100000` searches longer.
fn cases() -> u32 {
    std::env::var("PRESS_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(256)
}
