//! The DNS record of a public key (RFC 6376 §3.6.1): text out, text in.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::verify::tags;

/// Longest single string of a TXT record, in octets (RFC 1035 §3.3.14); longer values are split.
pub const TXT_STRING_BYTES_MAX: usize = 255;

/// A public key as it stands in the TXT record at `<selector>._domainkey.<domain>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRecord {
    pub(crate) kind: String,
    pub(crate) key: Vec<u8>,
}

impl KeyRecord {
    pub(crate) fn new(kind: &str, key: &[u8]) -> Self {
        Self { kind: kind.to_owned(), key: key.to_owned() }
    }

    /// The name the record belongs under.
    pub fn dns_name(selector: &str, domain: &str) -> String {
        format!("{selector}._domainkey.{domain}")
    }

    /// The whole value: `v=DKIM1; k=rsa; p=…`.
    pub fn text(&self) -> String {
        format!("v=DKIM1; k={}; p={}", self.kind, BASE64.encode(&self.key))
    }

    /// The value as the strings of one TXT record, each of at most 255 octets. Readers join them without a space.
    pub fn strings(&self) -> Vec<String> {
        let text = self.text();
        text.as_bytes().chunks(TXT_STRING_BYTES_MAX).map(|piece| String::from_utf8_lossy(piece).into_owned()).collect()
    }

    /// The record as a line for a zone file: quoted strings after name and type.
    pub fn zone_line(&self, selector: &str, domain: &str) -> String {
        let quoted: Vec<String> = self.strings().iter().map(|piece| format!("\"{piece}\"")).collect();
        format!("{}. IN TXT ( {} )", Self::dns_name(selector, domain), quoted.join(" "))
    }

    /// Reads a published value, its strings joined. `None` when it is no DKIM key, or a revoked one (empty `p=`).
    pub fn parse(text: &str) -> Option<Self> {
        let tags = tags(text)?;
        let get = |name: &str| tags.iter().find(|(tag, _)| tag == name).map(|(_, value)| value.as_str());
        if get("v").is_some_and(|version| version != "DKIM1") {
            return None;
        }
        let key: String = get("p")?.split_ascii_whitespace().collect();
        let key = BASE64.decode(key).ok().filter(|key| !key.is_empty())?;
        Some(Self { kind: get("k").unwrap_or("rsa").to_owned(), key })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dkim::{SigningKey, generate_rsa_pem};

    #[test]
    fn a_published_key_is_read_as_it_was_written() {
        let record = SigningKey::from_pem(&generate_rsa_pem().unwrap()).unwrap().record();
        assert_eq!(KeyRecord::parse(&record.text()), Some(record.clone()));
        assert_eq!(record.strings().concat(), record.text());
        assert!(record.strings().len() == 2 && record.strings().iter().all(|s| s.len() <= TXT_STRING_BYTES_MAX));
        assert!(
            record
                .zone_line("m1", "paper.example")
                .starts_with("m1._domainkey.paper.example. IN TXT ( \"v=DKIM1; k=rsa; p=")
        );
    }

    #[test]
    fn what_is_no_key_is_not_read_as_one() {
        fn check(text: &str) {
            assert_eq!(KeyRecord::parse(text), None, "{text}");
        }
        check("");
        check("v=spf1 -all");
        check("v=DKIM1; k=rsa; p=");
        check("v=DKIM2; k=rsa; p=AAAA");
        check("v=DKIM1; k=rsa; p=not base64!");
    }
}
