//! Names for things: 63-bit numbers made by us, shown as 13 letters and digits.
//! Owns their shape. Never makes one by itself: time and chance are given.

use serde::{Deserialize, Serialize};

const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Milliseconds between the Unix epoch and 2020-01-01, where our ids begin.
const EPOCH_MILLIS: i64 = 1_577_836_800_000;

/// The next id after `last`: 42 bits of time, 21 bits of chance; always larger than `last`.
/// Two nodes collide only if they draw the same chance in the same millisecond, and then a
/// primary key says so.
pub fn next(last: i64, now_micros: i64, chance: u32) -> i64 {
    let millis = (now_micros / 1_000 - EPOCH_MILLIS).max(0);
    let fresh = (millis << 21) | i64::from(chance & 0x1f_ffff);
    fresh.max(last + 1)
}

/// 13 digits of Crockford's base 32, most significant first; sorts like the number.
pub fn show(id: i64) -> String {
    (0..13).rev().map(|place| char::from(DIGITS[((id >> (place * 5)) & 31) as usize])).collect()
}

/// Reads what [`show`] wrote. Capitals are fine; anything else is not an id.
pub fn read(text: &str) -> Option<i64> {
    if text.len() != 13 {
        return None;
    }
    text.bytes().try_fold(0_i64, |sum, byte| {
        let digit = DIGITS.iter().position(|known| *known == byte.to_ascii_lowercase())?;
        sum.checked_mul(32)?.checked_add(digit as i64)
    })
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&show(self.0))
            }
        }

        impl std::str::FromStr for $name {
            type Err = ();
            fn from_str(text: &str) -> Result<Self, ()> {
                read(text).map(Self).ok_or(())
            }
        }
    )*};
}

ids! {
    /// An article in one language.
    ArticleId,
    /// What the translations of one article have in common; a reader gets a work once.
    WorkId,
    /// A person of the newsroom.
    StaffId,
    /// A person with an address and choices.
    SubscriberId,
    /// A picture in the library.
    PictureId,
    /// One dated issue of a newsletter in one language.
    EditionId,
    /// One message to one person for one occasion.
    DeliveryId,
    /// Work that follows from a change.
    ChoreId,
    /// A correction under an article.
    CorrectionId,
    /// A line of the ledger.
    LedgerId,
    /// A saved part of the subscribers.
    SegmentId,
    /// Breaking news, from the first button on.
    AlertId,
    /// One letter to the readers of a newsletter.
    OneOffId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_back_as_it_was_shown() {
        for id in [0, 1, 31, 32, i64::MAX, 1_234_567_890_123_456_789] {
            assert_eq!(read(&show(id)), Some(id));
        }
        for odd in ["", "0", "uuuuuuuuuuuuu", "zzzzzzzzzzzzz", "00000000000000", "ééééééé"] {
            assert_eq!(read(odd), None, "{odd}");
        }
    }

    #[test]
    fn ids_grow_even_when_the_clock_goes_back() {
        let first = next(0, 1_756_100_000_000_000, 5);
        assert!(next(first, 1_656_100_000_000_000, 0) > first);
    }
}
