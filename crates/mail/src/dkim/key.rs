//! Private keys: making, reading, and what of them is public.

use std::fmt;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::PemObject;

use super::record::KeyRecord;
use crate::secret::Secret;

/// Fewest bits of an RSA key we sign with (RFC 8301 §3.2).
const RSA_BYTES_MIN: usize = 2048 / 8;

/// A private key that signs.
pub enum SigningKey {
    /// `a=rsa-sha256`.
    Rsa(Box<RsaKeyPair>),
    /// `a=ed25519-sha256` (RFC 8463).
    Ed25519(Box<Ed25519KeyPair>),
}

/// Why a key cannot be used. Never holds any of the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyError {
    /// No `PRIVATE KEY` block in the text.
    NotPem,
    /// A block of a kind we do not read, such as an elliptic curve key.
    UnknownKind,
    /// The block is damaged, or encrypted, or neither RSA nor Ed25519.
    Damaged,
    /// An RSA key of fewer than 2048 bits, which receivers may ignore.
    TooShort,
    /// The machine could not make a key.
    CannotMake,
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotPem => "the DKIM key is not a PEM private key (-----BEGIN PRIVATE KEY-----)",
            Self::UnknownKind => "the DKIM key is neither RSA nor Ed25519",
            Self::Damaged => "the DKIM key is damaged, encrypted, or neither RSA nor Ed25519",
            Self::TooShort => "the DKIM key is an RSA key of fewer than 2048 bits; make a new one",
            Self::CannotMake => "the machine could not make a key",
        })
    }
}

impl std::error::Error for KeyError {}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.algorithm())
    }
}

impl SigningKey {
    /// Reads a private key in PEM: PKCS#8 of RSA or Ed25519, or PKCS#1 of RSA. Text around the block is passed over.
    pub fn from_pem(pem: &Secret) -> Result<Self, KeyError> {
        let der = PrivateKeyDer::from_pem_slice(pem.reveal().as_bytes()).map_err(|_| KeyError::NotPem)?;
        match &der {
            PrivateKeyDer::Pkcs1(der) => Self::rsa(RsaKeyPair::from_der(der.secret_pkcs1_der())),
            PrivateKeyDer::Pkcs8(der) => {
                let der = der.secret_pkcs8_der();
                match Ed25519KeyPair::from_pkcs8_maybe_unchecked(der) {
                    Ok(pair) => Ok(Self::Ed25519(Box::new(pair))),
                    Err(_) => Self::rsa(RsaKeyPair::from_pkcs8(der)),
                }
            }
            _ => Err(KeyError::UnknownKind),
        }
    }

    fn rsa(pair: Result<RsaKeyPair, aws_lc_rs::error::KeyRejected>) -> Result<Self, KeyError> {
        let pair = pair.map_err(|_| KeyError::Damaged)?;
        if pair.public_modulus_len() < RSA_BYTES_MIN { Err(KeyError::TooShort) } else { Ok(Self::Rsa(Box::new(pair))) }
    }

    /// The `a=` tag: `rsa-sha256` or `ed25519-sha256`.
    pub fn algorithm(&self) -> &'static str {
        match self {
            Self::Rsa(_) => "rsa-sha256",
            Self::Ed25519(_) => "ed25519-sha256",
        }
    }

    /// The record to publish for this key, see [`KeyRecord`].
    pub fn record(&self) -> KeyRecord {
        match self {
            Self::Rsa(pair) => {
                let der: PublicKeyX509Der<'_> =
                    pair.public_key().as_der().expect("a key pair that was read has a public half");
                KeyRecord::new("rsa", der.as_ref())
            }
            Self::Ed25519(pair) => KeyRecord::new("ed25519", pair.public_key().as_ref()),
        }
    }

    /// Signs the canonical headers: RSASSA-PKCS1-v1_5 over them, or PureEdDSA over their SHA-256 (RFC 8463 §3).
    pub(crate) fn sign(&self, canonical: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), canonical, &mut signature).ok()?;
                Some(signature)
            }
            Self::Ed25519(pair) => {
                let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, canonical);
                Some(pair.try_sign(hash.as_ref()).ok()?.as_ref().to_vec())
            }
        }
    }
}

/// Makes an RSA-2048 key and gives it back as PKCS#8 in PEM. Takes up to a second.
pub fn generate_rsa_pem() -> Result<Secret, KeyError> {
    let pair = RsaKeyPair::generate(KeySize::Rsa2048).map_err(|_| KeyError::CannotMake)?;
    let der: Pkcs8V1Der<'_> = pair.as_der().map_err(|_| KeyError::CannotMake)?;
    Ok(pem(der.as_ref()))
}

/// Makes an Ed25519 key and gives it back as PKCS#8 in PEM (RFC 8410).
pub fn generate_ed25519_pem() -> Result<Secret, KeyError> {
    let document = Ed25519KeyPair::generate().and_then(|pair| pair.to_pkcs8v1()).map_err(|_| KeyError::CannotMake)?;
    Ok(pem(document.as_ref()))
}

fn pem(der: &[u8]) -> Secret {
    let mut text = String::from("-----BEGIN PRIVATE KEY-----\n");
    let coded = BASE64.encode(der);
    for at in (0..coded.len()).step_by(64) {
        text.push_str(&coded[at..coded.len().min(at + 64)]);
        text.push('\n');
    }
    text.push_str("-----END PRIVATE KEY-----\n");
    Secret::new(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_was_made_can_be_read() {
        assert_eq!(SigningKey::from_pem(&generate_rsa_pem().unwrap()).unwrap().algorithm(), "rsa-sha256");
        assert_eq!(SigningKey::from_pem(&generate_ed25519_pem().unwrap()).unwrap().algorithm(), "ed25519-sha256");
    }

    #[test]
    fn a_key_that_cannot_sign_is_refused_with_the_reason() {
        fn check(pem_text: &str, why: KeyError) {
            assert_eq!(SigningKey::from_pem(&Secret::new(pem_text)).unwrap_err(), why, "{pem_text}");
        }
        check("", KeyError::NotPem);
        check("not a key", KeyError::NotPem);
        check(pem(b"nonsense").reveal(), KeyError::Damaged);
        let curve = rcgen::KeyPair::generate().unwrap().serialize_pem();
        check(&curve, KeyError::Damaged);
    }

    #[test]
    fn a_key_never_shows_itself_in_a_debug_line() {
        let key = SigningKey::from_pem(&generate_ed25519_pem().unwrap()).unwrap();
        assert_eq!(format!("{key:?}"), "SigningKey(ed25519-sha256)");
    }
}
