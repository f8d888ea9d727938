//! The names a delivery travels under: its Message-ID and its bounce address, the same on every try.
//! Never stores anything and never asks who a reader is.

use aws_lc_rs::{constant_time, hmac};

const BASE32: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
const BOUNCE_PREFIX: &str = "b+";
const LEAVING_PREFIX: &str = "u+";
const BOUNCE_SEAL_BYTES: usize = 12;
const BOUNCE_TOKEN_BYTES: usize = 8 + BOUNCE_SEAL_BYTES;

/// Makes and checks the names of deliveries from one secret. Cheap to clone.
#[derive(Clone)]
pub struct Identity {
    key: hmac::Key,
    domain: String,
    bounce_domain: String,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Identity").field("domain", &self.domain).field("bounce_domain", &self.bounce_domain).finish()
    }
}

impl Identity {
    /// `secret` is at least 32 random bytes kept for the life of the paper; `domain` stands in Message-IDs,
    /// `bounce_domain` in envelope senders. Both are ASCII host names.
    pub fn new(secret: &[u8], domain: impl Into<String>, bounce_domain: impl Into<String>) -> Self {
        Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, secret),
            domain: domain.into(),
            bounce_domain: bounce_domain.into(),
        }
    }

    /// Message-ID for one delivery, without angle brackets (RFC 5322 §3.6.4): base32 (RFC 4648 §6, lower case, no
    /// padding) of HMAC-SHA-256(secret, occasion | subscriber), 52 characters @ domain. The same on every try.
    pub fn message_id(&self, occasion: &str, subscriber: &str) -> String {
        let tag = self.tag(b"message-id", &[occasion, subscriber]);
        format!("{}@{}", base32(tag.as_ref()), self.domain)
    }

    /// The token by which a report proves its delivery: 32 characters of base32, the delivery's number and 12 bytes of
    /// HMAC-SHA-256 over it. Nothing is looked up, and nobody without the secret can make one.
    pub fn bounce_token(&self, delivery: i64) -> String {
        let mut bytes = [0; BOUNCE_TOKEN_BYTES];
        bytes[..8].copy_from_slice(&delivery.to_be_bytes());
        bytes[8..].copy_from_slice(self.seal(delivery).get(..BOUNCE_SEAL_BYTES).expect("a tag has 32 bytes"));
        base32(&bytes)
    }

    /// Envelope sender for one delivery (VERP): `b+<token>@bounce.domain`, see [`Identity::bounce_token`].
    pub fn bounce_address(&self, delivery: i64) -> String {
        format!("{BOUNCE_PREFIX}{}@{}", self.bounce_token(delivery), self.bounce_domain)
    }

    /// The delivery whose bounce address this is, in any case of letters. `None` for every address that this secret did
    /// not make. Compares in constant time.
    pub fn delivery_in(&self, address: &str) -> Option<i64> {
        let local = self.local_part(address)?.to_ascii_lowercase();
        let bytes = unbase32(local.strip_prefix(BOUNCE_PREFIX)?)?;
        let (number, seal) = bytes.split_at_checked(8)?;
        let delivery = i64::from_be_bytes(number.try_into().ok()?);
        let right = self.seal(delivery);
        constant_time::verify_slices_are_equal(seal, right.get(..BOUNCE_SEAL_BYTES)?).ok()?;
        Some(delivery)
    }

    /// Address that leaves the list when somebody writes to it (RFC 2369 §3.2): `u+<token>@bounce.domain`.
    pub fn leaving_address(&self, token: &str) -> String {
        format!("{LEAVING_PREFIX}{token}@{}", self.bounce_domain)
    }

    /// The token inside a leaving address of ours; whether it is a true one is for its maker to say.
    pub fn leaving_token_in(&self, address: &str) -> Option<String> {
        let local = self.local_part(address)?.to_ascii_lowercase();
        local.strip_prefix(LEAVING_PREFIX).filter(|token| !token.is_empty()).map(str::to_owned)
    }

    /// What stands before the `@` when the domain is our bounce domain.
    fn local_part<'a>(&self, address: &'a str) -> Option<&'a str> {
        let (local, domain) = address.rsplit_once('@')?;
        domain.eq_ignore_ascii_case(&self.bounce_domain).then_some(local)
    }

    fn seal(&self, delivery: i64) -> Vec<u8> {
        self.tag(b"bounce", &[&delivery.to_string()]).as_ref().to_vec()
    }

    fn tag(&self, purpose: &[u8], parts: &[&str]) -> hmac::Tag {
        let mut context = hmac::Context::with_key(&self.key);
        context.update(purpose);
        for part in parts {
            // The length goes first, so that ("ab", "c") and ("a", "bc") are two deliveries.
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part.as_bytes());
        }
        context.sign()
    }
}

/// Base32 of RFC 4648 §6 in lower case without padding: five bits a character.
pub(crate) fn base32(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(5) * 8);
    for chunk in bytes.chunks(5) {
        let mut group = [0u8; 8];
        group[3..3 + chunk.len()].copy_from_slice(chunk);
        let bits = u64::from_be_bytes(group);
        for index in 0..(chunk.len() * 8).div_ceil(5) {
            text.push(BASE32[(bits >> (35 - 5 * index)) as usize & 31] as char);
        }
    }
    text
}

/// Reads what [`base32`] wrote: whole bytes only, no other letters.
fn unbase32(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(8) || text.len() > 64 {
        return None;
    }
    let mut bytes = Vec::with_capacity(text.len() / 8 * 5);
    for group in text.as_bytes().chunks(8) {
        let bits = group.iter().try_fold(0_u64, |bits, letter| {
            let five = BASE32.iter().position(|known| known == letter)?;
            Some(bits << 5 | five as u64)
        })?;
        bytes.extend_from_slice(&bits.to_be_bytes()[3..]);
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity() -> Identity {
        Identity::new(b"a secret of thirty-two bytes ....", "paper.example", "bounce.paper.example")
    }

    #[test]
    fn base32_follows_the_vectors_of_rfc_4648() {
        fn check(plain: &str, coded: &str) {
            assert_eq!(base32(plain.as_bytes()), coded);
        }
        check("", "");
        check("f", "my");
        check("fo", "mzxq");
        check("foo", "mzxw6");
        check("foob", "mzxw6yq");
        check("fooba", "mzxw6ytb");
        check("foobar", "mzxw6ytboi");
    }

    #[test]
    fn a_delivery_has_the_same_message_id_on_every_try() {
        let first = identity().message_id("edition:2026-11-23", "rose");
        assert_eq!(first, identity().message_id("edition:2026-11-23", "rose"));
        assert_eq!(first.split_once('@').map(|(id, domain)| (id.len(), domain)), Some((52, "paper.example")));
    }

    #[test]
    fn two_deliveries_never_share_a_message_id() {
        fn check(one: (&str, &str), other: (&str, &str)) {
            assert_ne!(identity().message_id(one.0, one.1), identity().message_id(other.0, other.1));
        }
        check(("edition", "rose"), ("edition", "ben"));
        check(("edition", "rose"), ("breaking", "rose"));
        check(("ab", "c"), ("a", "bc"));
    }

    #[test]
    fn a_bounce_address_proves_whose_delivery_came_back() {
        let identity = identity();
        for delivery in [0, 1, 77, i64::MAX] {
            let address = identity.bounce_address(delivery);
            assert_eq!(address.len(), "b+".len() + 32 + "@bounce.paper.example".len());
            assert!(crate::Address::parse(&address).is_ok());
            assert_eq!(identity.delivery_in(&address), Some(delivery));
            assert_eq!(identity.delivery_in(&address.to_ascii_uppercase()), Some(delivery));
        }
    }

    #[test]
    fn a_forged_bounce_address_proves_nothing() {
        let ours = identity().bounce_address(77);
        let other = Identity::new(b"another secret of thirty-two ....", "paper.example", "bounce.paper.example");
        assert_eq!(other.delivery_in(&ours), None);
        let flipped = |at: usize| {
            let mut letters: Vec<char> = ours.chars().collect();
            letters[at] = if letters[at] == 'a' { 'b' } else { 'a' };
            letters.into_iter().collect::<String>()
        };
        for at in 2..34 {
            assert_eq!(identity().delivery_in(&flipped(at)), None, "letter {at}");
        }
        for address in [
            "b+short@bounce.paper.example",
            "rose@bounce.paper.example",
            "b+@bounce.paper.example",
            "b+abcdefghabcdefghabcdefghabcdefg1@bounce.paper.example",
            "",
            &ours.replace("bounce.", "else."),
        ] {
            assert_eq!(identity().delivery_in(address), None, "{address}");
        }
    }

    #[test]
    fn a_leaving_address_carries_its_token() {
        let address = identity().leaving_address("0abc");
        assert_eq!(identity().leaving_token_in(&address.to_uppercase()).as_deref(), Some("0abc"));
        assert_eq!(identity().leaving_token_in("u+0abc@elsewhere.example"), None);
        assert_eq!(identity().leaving_token_in("u+@bounce.paper.example"), None);
    }
}
