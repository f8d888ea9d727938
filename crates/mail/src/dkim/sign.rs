//! Signs a printed message: one DKIM-Signature header for each key.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::canonical::{self, BodyHash};
use super::key::SigningKey;

/// Signed once more than they occur, so that nobody can add a second one (RFC 6376 §8.15).
const OVERSIGNED: [&str; 9] = [
    "from",
    "reply-to",
    "to",
    "subject",
    "date",
    "list-unsubscribe",
    "list-unsubscribe-post",
    "content-type",
    "mime-version",
];

/// Signed when present. Message-ID is not among them: some relays replace it, and so would break the signature.
const SIGNED: [&str; 11] = [
    "cc",
    "content-transfer-encoding",
    "content-language",
    "list-id",
    "list-archive",
    "feedback-id",
    "cfbl-address",
    "precedence",
    "auto-submitted",
    "x-auto-response-suppress",
    "x-masthead-delivery",
];

const BASE64_PIECE: usize = 72;

/// Signs for one domain with one key or two, and with others from a time on.
pub struct Signer {
    domain: String,
    /// In the order of their times; never empty.
    terms: Vec<Term>,
}

/// The keys that sign what is dated from `since` on, with their selectors.
#[derive(Debug)]
struct Term {
    since: i64,
    keys: Vec<(String, SigningKey)>,
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer").field("domain", &self.domain).field("terms", &self.terms).finish()
    }
}

/// Why a message was not signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignError {
    /// The domain or selector is not a host name.
    BadName,
    /// The message has no From header, or more than one (RFC 6376 §5.4).
    From,
    /// The key refused to sign.
    Key,
}

impl fmt::Display for SignError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BadName => "the DKIM domain and selector must be host names",
            Self::From => "a signed message needs exactly one From header",
            Self::Key => "the DKIM key could not sign",
        })
    }
}

impl std::error::Error for SignError {}

impl Signer {
    /// Signs as `d=domain`, `s=selector`; both ASCII. `domain` should be the domain of From, or above it (DMARC).
    pub fn new(domain: &str, selector: &str, key: SigningKey) -> Result<Self, SignError> {
        let domain = domain.to_ascii_lowercase();
        if !is_host_name(&domain) || !is_host_name(selector) {
            return Err(SignError::BadName);
        }
        Ok(Self { domain, terms: vec![Term { since: i64::MIN, keys: vec![(selector.to_owned(), key)] }] })
    }

    /// Messages dated `since` (microseconds UTC) and later are signed by this key instead, so that what was signed
    /// before a rotation is signed alike when it is sent again. Call it in the order of times.
    pub fn then_from(mut self, since: i64, selector: &str, key: SigningKey) -> Result<Self, SignError> {
        if !is_host_name(selector) {
            return Err(SignError::BadName);
        }
        self.terms.push(Term { since, keys: vec![(selector.to_owned(), key)] });
        Ok(self)
    }

    /// Adds a second signature with its own selector, usually Ed25519 beside RSA (RFC 8463 §3), to the latest keys.
    pub fn with_second(mut self, selector: &str, key: SigningKey) -> Result<Self, SignError> {
        if !is_host_name(selector) {
            return Err(SignError::BadName);
        }
        let latest = self.terms.last_mut().expect("a signer is made with a first term");
        latest.keys.push((selector.to_owned(), key));
        Ok(self)
    }

    /// Puts the signatures before a message in CRLF form. `now` is in microseconds UTC and becomes `t=` in seconds:
    /// pass the time of the occasion, and a resend is byte-identical (both algorithms are deterministic).
    pub fn sign(&self, message: &[u8], now: i64) -> Result<Vec<u8>, SignError> {
        self.sign_with(message, &BodyHash::of_message(message), now)
    }

    /// Like [`Signer::sign`] with the hash of the body made before.
    pub fn sign_with(&self, message: &[u8], body: &BodyHash, now: i64) -> Result<Vec<u8>, SignError> {
        let headers = self.headers(message, body, now)?;
        let mut signed = Vec::with_capacity(headers.len() + message.len());
        signed.extend_from_slice(headers.as_bytes());
        signed.extend_from_slice(message);
        Ok(signed)
    }

    /// Only the DKIM-Signature headers, folded, each with its CRLF.
    pub fn headers(&self, message: &[u8], body: &BodyHash, now: i64) -> Result<String, SignError> {
        let fields = canonical::fields(canonical::split(message).0);
        let (names, signed) = choose(&fields);
        if names.iter().filter(|name| **name == "from").count() != 2 {
            return Err(SignError::From);
        }
        let mut out = String::with_capacity(1024);
        let term = self.terms.iter().rev().find(|term| term.since <= now).unwrap_or(&self.terms[0]);
        for (selector, key) in &term.keys {
            let unsigned = self.unsigned(selector, key, &names, body, now);
            let mut canonical = signed.clone();
            canonical::relaxed_field(unsigned.as_bytes(), &mut canonical);
            let signature = key.sign(&canonical).ok_or(SignError::Key)?;
            out.push_str(&unsigned);
            fold(&BASE64.encode(signature), &mut out);
            out.push_str("\r\n");
        }
        Ok(out)
    }

    /// The header with an empty `b=`, as it is signed (RFC 6376 §3.7).
    fn unsigned(&self, selector: &str, key: &SigningKey, names: &[&str], body: &BodyHash, now: i64) -> String {
        let mut header = format!(
            "DKIM-Signature: v=1; a={}; c=relaxed/relaxed; d={};\r\n\ts={selector}; t={};\r\n\th=",
            key.algorithm(),
            self.domain,
            now.div_euclid(1_000_000)
        );
        let mut column = 3;
        for (index, name) in names.iter().enumerate() {
            if index > 0 {
                header.push(':');
                column += 1;
            }
            if column + name.len() > BASE64_PIECE {
                header.push_str("\r\n\t");
                column = 1;
            }
            header.push_str(name);
            column += name.len();
        }
        header.push_str(&format!(";\r\n\tbh={};\r\n\tb=", BASE64.encode(body.as_bytes())));
        header
    }
}

/// The `h=` list, and the chosen fields in relaxed form in its order, each ended by CRLF. Of several fields of one name
/// the last is signed first (RFC 6376 §5.4.2).
fn choose(fields: &[&[u8]]) -> (Vec<&'static str>, Vec<u8>) {
    let mut names = Vec::with_capacity(32);
    let mut canonical = Vec::with_capacity(2048);
    let named: Vec<_> = fields.iter().map(|field| (canonical::name(field), field)).collect();
    let all = OVERSIGNED.iter().map(|name| (*name, true)).chain(SIGNED.iter().map(|name| (*name, false)));
    for (name, oversigned) in all {
        for (_, field) in named.iter().rev().filter(|(known, _)| known.eq_ignore_ascii_case(name.as_bytes())) {
            names.push(name);
            canonical::relaxed_field(field, &mut canonical);
            canonical.extend_from_slice(b"\r\n");
        }
        if oversigned {
            names.push(name);
        }
    }
    (names, canonical)
}

fn fold(coded: &str, out: &mut String) {
    for (index, at) in (0..coded.len()).step_by(BASE64_PIECE).enumerate() {
        if index > 0 {
            out.push_str("\r\n\t");
        }
        out.push_str(&coded[at..coded.len().min(at + BASE64_PIECE)]);
    }
}

fn is_host_name(name: &str) -> bool {
    let label = |l: &str| !l.is_empty() && l.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    name.len() <= 253 && name.split('.').all(label)
}
