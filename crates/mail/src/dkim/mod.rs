//! Signs messages and checks signatures (RFC 6376, RFC 8301, RFC 8463), relaxed/relaxed with SHA-256 only.
//! Asks no name server: the caller brings the key record.

mod canonical;
mod key;
mod record;
mod sign;
mod verify;

pub use canonical::BodyHash;
pub use key::{KeyError, SigningKey, generate_ed25519_pem, generate_rsa_pem};
pub use record::{KeyRecord, TXT_STRING_BYTES_MAX};
pub use sign::{SignError, Signer};
pub(crate) use verify::tags;
pub use verify::{Verdict, verify};
