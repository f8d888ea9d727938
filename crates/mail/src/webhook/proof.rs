//! How each provider proves that a call is its own: signatures over the raw bytes, or a secret it was given.
//! Compares secrets in constant time; names no secret in an error.

use std::fmt;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use aws_lc_rs::{constant_time, hmac};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::Provider;
use crate::Secret;

/// How far a signed time may lie from ours, in seconds: Svix signs each try anew.
const SVIX_SECONDS_MAX: i64 = 300;
/// The same for Mailgun and SendGrid, which may try for hours with one signature; each is taken once.
const RETRIED_SECONDS_MAX: i64 = 24 * 3600;

/// The secrets and keys that the operator was given by the providers. A provider without one is refused.
#[derive(Clone, Debug, Default)]
pub struct Keys {
    /// HTTP webhook signing key of Mailgun.
    pub mailgun: Option<Secret>,
    /// Verification key of SendGrid's signed event webhook: base64 of the public key.
    pub sendgrid: Option<String>,
    /// Signing secret of Resend, `whsec_…`.
    pub resend: Option<Secret>,
    /// Password in the address that was given to Postmark.
    pub postmark: Option<Secret>,
    /// Password or bearer token that was given to Brevo.
    pub brevo: Option<Secret>,
    /// Password in the address that was given to Mailjet.
    pub mailjet: Option<Secret>,
    /// Topics of Amazon SNS that may call, as ARNs.
    pub ses_topics: Vec<String>,
}

/// One call as it came.
#[derive(Clone, Copy)]
pub struct Call<'a> {
    /// Value of a header by its name, lower case.
    pub header: &'a dyn Fn(&str) -> Option<String>,
    pub body: &'a [u8],
    /// Seconds since 1970.
    pub now: i64,
}

/// Why a call was not taken. The words are for the log and the provider's own log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotProven {
    /// The operator gave no key for this provider.
    NoKey,
    /// A header or field of the proof is missing or malformed.
    Missing,
    /// The signature or secret is wrong.
    Wrong,
    /// The signed time is too far from ours.
    Stale,
    /// From a topic or an address that was not named.
    Stranger,
}

impl fmt::Display for NotProven {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoKey => "there is no key for this provider in the settings",
            Self::Missing => "the call carries no proof",
            Self::Wrong => "the proof is wrong",
            Self::Stale => "the proof is too old",
            Self::Stranger => "the call is from a topic or address that the settings do not name",
        })
    }
}

/// Checks the proof of every provider but Amazon's, whose certificate must be fetched first (see [`super::Sns`]).
/// Gives the one-time token of the call where the body is not covered by the signature, to be taken once.
pub fn verify(provider: Provider, keys: &Keys, call: Call<'_>) -> Result<Option<String>, NotProven> {
    match provider {
        Provider::Ses => Err(NotProven::Missing),
        Provider::Mailgun => mailgun(keys.mailgun.as_ref().ok_or(NotProven::NoKey)?, call).map(Some),
        Provider::SendGrid => sendgrid(keys.sendgrid.as_deref().ok_or(NotProven::NoKey)?, call).map(|()| None),
        Provider::Resend => svix(keys.resend.as_ref().ok_or(NotProven::NoKey)?, call).map(|()| None),
        Provider::Postmark => password(keys.postmark.as_ref().ok_or(NotProven::NoKey)?, call).map(|()| None),
        Provider::Brevo => password(keys.brevo.as_ref().ok_or(NotProven::NoKey)?, call).map(|()| None),
        Provider::Mailjet => password(keys.mailjet.as_ref().ok_or(NotProven::NoKey)?, call).map(|()| None),
    }
}

/// Hexadecimal HMAC-SHA-256 over timestamp and token, in the body. It does not cover the event, so the token counts once.
fn mailgun(key: &Secret, call: Call<'_>) -> Result<String, NotProven> {
    let body: Value = serde_json::from_slice(call.body).map_err(|_| NotProven::Missing)?;
    let field = |name: &str| body["signature"][name].as_str().ok_or(NotProven::Missing);
    let (timestamp, token, signature) = (field("timestamp")?, field("token")?, field("signature")?);
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.reveal().as_bytes());
    hmac::verify(&key, format!("{timestamp}{token}").as_bytes(), &unhex(signature).ok_or(NotProven::Missing)?)
        .map_err(|_| NotProven::Wrong)?;
    fresh(timestamp, call.now, RETRIED_SECONDS_MAX)?;
    Ok(token.chars().take(100).collect())
}

/// ECDSA P-256 over timestamp and raw body, in headers.
fn sendgrid(key: &str, call: Call<'_>) -> Result<(), NotProven> {
    let header = |name: &str| (call.header)(name).ok_or(NotProven::Missing);
    let signature = header("x-twilio-email-event-webhook-signature")?;
    let timestamp = header("x-twilio-email-event-webhook-timestamp")?;
    let signature = STANDARD.decode(signature.trim()).map_err(|_| NotProven::Missing)?;
    let key = STANDARD.decode(key.trim()).map_err(|_| NotProven::NoKey)?;
    let signed = [timestamp.as_bytes(), call.body].concat();
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, key).verify(&signed, &signature).map_err(|_| NotProven::Wrong)?;
    fresh(&timestamp, call.now, RETRIED_SECONDS_MAX)
}

/// Svix, which Resend uses: base64 HMAC-SHA-256 over `id.timestamp.body`; several signatures while a key is changed.
fn svix(secret: &Secret, call: Call<'_>) -> Result<(), NotProven> {
    let header = |name: &str| (call.header)(name).ok_or(NotProven::Missing);
    let (id, timestamp, signatures) = (header("svix-id")?, header("svix-timestamp")?, header("svix-signature")?);
    let key = secret.reveal();
    let key = STANDARD.decode(key.strip_prefix("whsec_").unwrap_or(key)).map_err(|_| NotProven::NoKey)?;
    let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
    let signed = [id.as_bytes(), b".", timestamp.as_bytes(), b".", call.body].concat();
    let right = |signature: &str| {
        let tag = signature.strip_prefix("v1,").and_then(|tag| STANDARD.decode(tag).ok());
        tag.is_some_and(|tag| hmac::verify(&key, &signed, &tag).is_ok())
    };
    if !signatures.split_whitespace().take(10).any(right) {
        return Err(NotProven::Wrong);
    }
    fresh(&timestamp, call.now, SVIX_SECONDS_MAX)
}

/// A password in `Authorization: Basic`, whatever the name before it, or a bearer token.
fn password(secret: &Secret, call: Call<'_>) -> Result<(), NotProven> {
    let header = (call.header)("authorization").ok_or(NotProven::Missing)?;
    let (scheme, value) = header.split_once(' ').ok_or(NotProven::Missing)?;
    let given = match scheme.to_ascii_lowercase().as_str() {
        "bearer" => value.trim().as_bytes().to_vec(),
        "basic" => {
            let pair = STANDARD.decode(value.trim()).map_err(|_| NotProven::Missing)?;
            let colon = pair.iter().position(|byte| *byte == b':').ok_or(NotProven::Missing)?;
            pair[colon + 1..].to_vec()
        }
        _ => return Err(NotProven::Missing),
    };
    constant_time::verify_slices_are_equal(&given, secret.reveal().as_bytes()).map_err(|_| NotProven::Wrong)
}

fn fresh(timestamp: &str, now: i64, seconds_max: i64) -> Result<(), NotProven> {
    let signed: i64 = timestamp.trim().parse().map_err(|_| NotProven::Missing)?;
    if now.abs_diff(signed) > seconds_max.unsigned_abs() { Err(NotProven::Stale) } else { Ok(()) }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() || !text.len().is_multiple_of(2) || text.len() > 128 {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect()
}
