//! Secrets that people carry: links that prove who somebody is without a password.
//! Random ones are kept only as their hash; the others are a number sealed with the paper's secret.

use aws_lc_rs::{constant_time, digest, hmac, rand};

/// The paper's own secret: 32 random bytes, made once, kept in the database, shared by all nodes.
#[derive(Clone)]
pub struct Secret([u8; 32]);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// What a sealed number may be used for; a token made for one purpose opens no other door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    Preferences,
    Unsubscribe,
    /// A request to subscribe; works once, for two days.
    Confirm,
    /// A link for staff; works once, for a quarter of an hour.
    SignIn,
    /// Signed time of printing, in every sign-up form.
    Stamp,
    /// Six digits that a subscriber types; works once, for half an hour.
    Code,
}

impl Purpose {
    fn name(self) -> &'static [u8] {
        match self {
            Purpose::Preferences => b"preferences",
            Purpose::Unsubscribe => b"unsubscribe",
            Purpose::Confirm => b"confirm",
            Purpose::SignIn => b"sign-in",
            Purpose::Stamp => b"stamp",
            Purpose::Code => b"code",
        }
    }
}

const SEAL_BYTES: usize = 15;

impl Secret {
    /// Fresh from the system's generator.
    pub fn new() -> Self {
        Self(random_bytes())
    }

    /// As kept: 64 hexadecimal digits.
    pub fn to_hex(&self) -> String {
        hex(&self.0)
    }

    pub fn from_hex(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        if text.len() != 64 || !text.is_ascii() {
            return None;
        }
        for (at, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[at * 2..at * 2 + 2], 16).ok()?;
        }
        Some(Self(bytes))
    }

    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// `number` with a seal that only this paper can make: 13 + 24 characters, fit for an address.
    pub fn seal(&self, purpose: Purpose, number: i64) -> String {
        format!("{}{}", newsroom::id::show(number), base32(&self.tag(purpose, number)[..SEAL_BYTES]))
    }

    /// The number, if the seal is ours and for this purpose. Compared in constant time.
    pub fn open(&self, purpose: Purpose, token: &str) -> Option<i64> {
        let (number, seal) = token.split_at_checked(13)?;
        let number = newsroom::id::read(number)?;
        let expected = base32(&self.tag(purpose, number)[..SEAL_BYTES]);
        constant_time::verify_slices_are_equal(expected.as_bytes(), seal.as_bytes()).ok()?;
        Some(number)
    }

    /// The six digits of the code with this number.
    pub fn code(&self, number: i64) -> String {
        let tag = self.tag(Purpose::Code, number);
        let digits = tag.iter().take(8).fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte)) % 1_000_000;
        format!("{digits:06}")
    }

    /// Whether `typed` are the digits of this code. Compared in constant time.
    pub fn is_code(&self, number: i64, typed: &str) -> bool {
        constant_time::verify_slices_are_equal(self.code(number).as_bytes(), typed.as_bytes()).is_ok()
    }

    /// HMAC-SHA-256 over `text`, as hexadecimal digits: what is left of an erased address.
    pub fn fingerprint(&self, text: &str) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.0);
        hex(hmac::sign(&key, format!("fingerprint|{text}").as_bytes()).as_ref())
    }

    fn tag(&self, purpose: Purpose, number: i64) -> [u8; 32] {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.0);
        let mut context = hmac::Context::with_key(&key);
        context.update(purpose.name());
        context.update(b"|");
        context.update(&number.to_be_bytes());
        let mut out = [0; 32];
        out.copy_from_slice(context.sign().as_ref());
        out
    }
}

impl Default for Secret {
    fn default() -> Self {
        Self::new()
    }
}

/// A token for one use: 32 characters for the person, and the hash that we keep.
pub struct OneTime {
    pub token: String,
    pub hash: String,
}

impl OneTime {
    pub fn new() -> Self {
        let token = base32(&random_bytes::<20>());
        let hash = hash(&token);
        Self { token, hash }
    }
}

impl Default for OneTime {
    fn default() -> Self {
        Self::new()
    }
}

/// SHA-256 of a token as hexadecimal digits. Tokens are random, so no salt is needed.
pub fn hash(token: &str) -> String {
    hex(digest::digest(&digest::SHA256, token.as_bytes()).as_ref())
}

/// 21 random bits for an id.
pub fn chance() -> u32 {
    u32::from_be_bytes(random_bytes())
}

fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).expect("the system's generator answers, or nothing may be promised to anybody");
    bytes
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Lower-case base 32 (RFC 4648 §6) without padding.
fn base32(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let mut out = String::with_capacity(bytes.len() * 8 / 5 + 1);
    let (mut held, mut bits) = (0_u32, 0);
    for byte in bytes {
        held = (held << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            out.push(char::from(LETTERS[(held >> bits & 31) as usize]));
        }
    }
    if bits > 0 {
        out.push(char::from(LETTERS[(held << (5 - bits) & 31) as usize]));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_number_opens_only_the_door_it_was_made_for() {
        let (secret, other) = (Secret::new(), Secret::new());
        let token = secret.seal(Purpose::Preferences, 1234);
        assert_eq!(token.len(), 37);
        assert_eq!(secret.open(Purpose::Preferences, &token), Some(1234));
        assert_eq!(secret.open(Purpose::Unsubscribe, &token), None);
        assert_eq!(other.open(Purpose::Preferences, &token), None);
        for odd in ["", "é", &token[1..], &format!("{token}a"), &token.replace(&token[14..15], "!")] {
            assert_eq!(secret.open(Purpose::Preferences, odd), None, "{odd}");
        }
    }

    #[test]
    fn a_code_is_six_digits_that_only_this_paper_can_make() {
        let (secret, other) = (Secret::new(), Secret::new());
        let codes: std::collections::HashSet<String> = (0..50).map(|number| secret.code(number)).collect();
        assert!(
            codes.len() > 45 && codes.iter().all(|code| code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit()))
        );
        assert!(secret.is_code(7, &secret.code(7)));
        assert!(!secret.is_code(7, "") && !secret.is_code(7, &secret.code(7)[1..]));
        assert!((0..50).any(|number| secret.code(number) != other.code(number)));
    }

    #[test]
    fn a_secret_is_read_back_and_never_shown() {
        let secret = Secret::new();
        assert_eq!(Secret::from_hex(&secret.to_hex()).unwrap().bytes(), secret.bytes());
        assert!(!format!("{secret:?}").contains(&secret.to_hex()[..8]));
        assert!(Secret::from_hex("zz").is_none());
    }

    #[test]
    fn base_32_is_that_of_the_standard() {
        assert_eq!(base32(b"foobar"), "mzxw6ytboi");
        assert_eq!(base32(b"f"), "my");
    }
}
