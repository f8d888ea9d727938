//! The names a delivery travels under: its Message-ID and its bounce address, the same on every try.
//! Never stores anything and never asks who a reader is.

use aws_lc_rs::{constant_time, hmac};

const BASE32: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
const BOUNCE_PREFIX: &str = "b+";
const BOUNCE_TOKEN_BYTES: usize = 20;

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

    /// The token by which a bounce finds its delivery: 32 characters of base32, unguessable without the secret.
    /// Keep it on the delivery row, so that a report can be looked up by it.
    pub fn bounce_token(&self, delivery: &str) -> String {
        base32(&self.tag(b"bounce", &[delivery]).as_ref()[..BOUNCE_TOKEN_BYTES])
    }

    /// Envelope sender for one delivery (VERP): `b+<token>@bounce.domain`, see [`Identity::bounce_token`].
    pub fn bounce_address(&self, delivery: &str) -> String {
        format!("{BOUNCE_PREFIX}{}@{}", self.bounce_token(delivery), self.bounce_domain)
    }

    /// The token inside a bounce address of ours, lower-cased, or `None` when the address is not of that shape.
    /// The shape proves nothing: ask [`Identity::proves`], or look the token up among those we made.
    pub fn token_in(&self, address: &str) -> Option<String> {
        let (local, domain) = address.rsplit_once('@')?;
        if !domain.eq_ignore_ascii_case(&self.bounce_domain) {
            return None;
        }
        let local = local.to_ascii_lowercase();
        let token = local.strip_prefix(BOUNCE_PREFIX)?;
        let well_formed = token.len() == BOUNCE_TOKEN_BYTES * 8 / 5 && token.bytes().all(|b| BASE32.contains(&b));
        well_formed.then(|| token.to_owned())
    }

    /// Whether `token` is the bounce token of `delivery`. Compares in constant time.
    pub fn proves(&self, token: &str, delivery: &str) -> bool {
        constant_time::verify_slices_are_equal(token.as_bytes(), self.bounce_token(delivery).as_bytes()).is_ok()
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
        let address = identity.bounce_address("d1");
        let token = identity.token_in(&address).unwrap();
        assert_eq!(token.len(), 32);
        assert!(crate::Address::parse(&address).is_ok());
        assert!(identity.proves(&token, "d1"));
        assert!(!identity.proves(&token, "d2"));
        assert_eq!(identity.token_in(&address.to_ascii_uppercase()), Some(token));
    }

    #[test]
    fn a_forged_bounce_address_proves_nothing() {
        fn check(address: &str) {
            assert_eq!(identity().token_in(address), None, "{address}");
        }
        check("b+short@bounce.paper.example");
        check("b+abcdefghabcdefghabcdefghabcdefgh@elsewhere.example");
        check("rose@bounce.paper.example");
        check("b+abcdefghabcdefghabcdefghabcdefg1@bounce.paper.example");
        check("");
        assert!(!identity().proves("abcdefghabcdefghabcdefghabcdefgh", "d1"));
    }
}
