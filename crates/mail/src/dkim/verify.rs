//! Checks the DKIM signatures of a message against key records brought by the caller.
//! Reads relaxed/relaxed SHA-256 only: it is for our own signatures, in tests and in the self-check.

use aws_lc_rs::digest;
use aws_lc_rs::signature::{ED25519, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::canonical::{self, BodyHash};
use super::record::KeyRecord;

/// What came of one signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Headers and body are as they were signed.
    Valid,
    /// The body was changed.
    BodyChanged,
    /// A signed header was changed, or the key is another one.
    SignatureWrong,
    /// No usable key record was found.
    NoKey,
    /// The signature is not one of ours in form: tags missing, other algorithms, From not signed.
    Unreadable,
}

/// Checks every DKIM-Signature of `message`, from the top. `record` gives the value of the TXT record at a name such as
/// `m1._domainkey.paper.example`. An unsigned message gives an empty list.
pub fn verify(message: &[u8], record: impl Fn(&str) -> Option<String>) -> Vec<Verdict> {
    let fields = canonical::fields(canonical::split(message).0);
    let signatures = fields.iter().filter(|f| canonical::name(f).eq_ignore_ascii_case(b"dkim-signature"));
    signatures.map(|signature| check(message, &fields, signature, &record).unwrap_or(Verdict::Unreadable)).collect()
}

fn check(
    message: &[u8],
    fields: &[&[u8]],
    signature: &[u8],
    record: &impl Fn(&str) -> Option<String>,
) -> Option<Verdict> {
    let text = std::str::from_utf8(signature).ok()?;
    let (_, value) = text.split_once(':')?;
    let tags = tags(value)?;
    let get = |name: &str| tags.iter().find(|(tag, _)| tag == name).map(|(_, value)| value.as_str());
    let decode = |coded: &str| BASE64.decode(coded.split_ascii_whitespace().collect::<String>()).ok();
    let names: Vec<&str> = get("h")?.split(':').map(str::trim).collect();
    let of_our_form = get("v")? == "1" && get("c")? == "relaxed/relaxed" && get("l").is_none();
    if !of_our_form || !names.iter().any(|name| name.eq_ignore_ascii_case("from")) {
        return None;
    }
    if decode(get("bh")?)? != BodyHash::of_message(message).as_bytes() {
        return Some(Verdict::BodyChanged);
    }
    let dns_name = KeyRecord::dns_name(get("s")?, get("d")?);
    let Some(key) = record(&dns_name).and_then(|text| KeyRecord::parse(&text)) else {
        return Some(Verdict::NoKey);
    };
    let mut canonical = signed_fields(fields, &names);
    canonical::relaxed_field(without_signature(text)?.as_bytes(), &mut canonical);
    let proof = decode(get("b")?)?;
    let valid = match (get("a")?, key.kind.as_str()) {
        ("rsa-sha256", "rsa") => {
            UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &key.key).verify(&canonical, &proof)
        }
        ("ed25519-sha256", "ed25519") => {
            let hash = digest::digest(&digest::SHA256, &canonical);
            UnparsedPublicKey::new(&ED25519, &key.key).verify(hash.as_ref(), &proof)
        }
        ("rsa-sha256" | "ed25519-sha256", _) => return Some(Verdict::NoKey),
        _ => return None,
    };
    Some(if valid.is_ok() { Verdict::Valid } else { Verdict::SignatureWrong })
}

/// Each mention of a name takes the next field of that name from the bottom; one mention too many takes nothing.
fn signed_fields(fields: &[&[u8]], names: &[&str]) -> Vec<u8> {
    let mut canonical = Vec::with_capacity(2048);
    for (index, name) in names.iter().enumerate() {
        let earlier = names[..index].iter().filter(|other| other.eq_ignore_ascii_case(name)).count();
        let mut same = fields.iter().rev().filter(|f| canonical::name(f).eq_ignore_ascii_case(name.as_bytes()));
        if let Some(field) = same.nth(earlier) {
            canonical::relaxed_field(field, &mut canonical);
            canonical.extend_from_slice(b"\r\n");
        }
    }
    canonical
}

/// The signature header with the value of `b=` taken out (RFC 6376 §3.5).
fn without_signature(header: &str) -> Option<String> {
    let (name, value) = header.split_once(':')?;
    let pieces = value.split(';').map(|tag| match tag.split_once('=') {
        Some((key, _)) if key.trim() == "b" => format!("{key}="),
        _ => tag.to_owned(),
    });
    Some(format!("{name}:{}", pieces.collect::<Vec<_>>().join(";")))
}

/// A tag list (RFC 6376 §3.2) with values trimmed; `None` when it is malformed or names a tag twice.
pub(crate) fn tags(text: &str) -> Option<Vec<(String, String)>> {
    let mut tags: Vec<(String, String)> = Vec::new();
    for tag in text.split(';').filter(|tag| !tag.trim().is_empty()) {
        let (name, value) = tag.split_once('=')?;
        let name = name.trim().to_owned();
        if tags.iter().any(|(other, _)| *other == name) {
            return None;
        }
        tags.push((name, value.trim().to_owned()));
    }
    Some(tags)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dkim::{SignError, Signer, SigningKey, generate_ed25519_pem, generate_rsa_pem};

    const MESSAGE: &str =
        "From: a@paper.example\r\nTo: r@example.ht\r\nSubject: Who will lead\r\n the mission?\r\n\r\nRead on.\r\n";

    fn signed() -> (String, impl Fn(&str) -> Option<String>) {
        let rsa = SigningKey::from_pem(&generate_rsa_pem().unwrap()).unwrap();
        let ed = SigningKey::from_pem(&generate_ed25519_pem().unwrap()).unwrap();
        let records =
            [("m1._domainkey.paper.example", rsa.record().text()), ("m2._domainkey.paper.example", ed.record().text())];
        let signer = Signer::new("paper.example", "m1", rsa).unwrap().with_second("m2", ed).unwrap();
        let signed = signer.sign(MESSAGE.as_bytes(), 1_700_000_000_000_000).unwrap();
        assert_eq!(signed, signer.sign(MESSAGE.as_bytes(), 1_700_000_000_000_000).unwrap(), "a resend is identical");
        let record = move |name: &str| records.iter().find(|(n, _)| *n == name).map(|(_, text)| text.clone());
        (String::from_utf8(signed).unwrap(), record)
    }

    #[test]
    fn a_signature_covers_every_header_a_reader_trusts() {
        let (signed, record) = signed();
        let check = |message: &str, verdict: Verdict| {
            assert_eq!(verify(message.as_bytes(), &record), [verdict; 2], "{message}");
        };
        check(&signed, Verdict::Valid);
        check(&signed.replace("Who will lead\r\n the", "Who  will\r\n lead the "), Verdict::Valid);
        check(&signed.replace("Read on.\r\n", "Read on. \r\n\r\n"), Verdict::Valid);
        check(&signed.replace("Read on.", "Pay here."), Verdict::BodyChanged);
        check(&signed.replace("Who will", "Who won't"), Verdict::SignatureWrong);
        check(&signed.replace("r@example.ht", "b@example.ht"), Verdict::SignatureWrong);
        check(&format!("From: e@evil.example\r\n{signed}"), Verdict::SignatureWrong);
        check(&format!("Subject: Pay here\r\n{signed}"), Verdict::SignatureWrong);
        check(&format!("List-Unsubscribe: <https://evil.example>\r\n{signed}"), Verdict::SignatureWrong);
        check(&signed.replace("t=1700000000", "t=1700000001"), Verdict::SignatureWrong);
        assert_eq!(verify(signed.as_bytes(), |_| None), [Verdict::NoKey; 2]);
        assert_eq!(verify(MESSAGE.as_bytes(), &record), []);
        check(&signed.replace("c=relaxed/relaxed", "c=simple/simple"), Verdict::Unreadable);
    }

    #[test]
    fn what_was_dated_before_a_rotation_is_signed_by_the_old_key_however_late_it_is_sent() {
        let key = || SigningKey::from_pem(&generate_ed25519_pem().unwrap()).unwrap();
        let signer = Signer::new("paper.example", "old", key()).unwrap();
        let signer = signer.then_from(1000, "new", key()).unwrap().with_second("newer", key()).unwrap();
        let selectors = |dated| {
            let signed = String::from_utf8(signer.sign(MESSAGE.as_bytes(), dated).unwrap()).unwrap();
            let words = signed.lines().filter_map(|line| line.trim().strip_prefix("s="));
            words.map(|word| word.split(';').next().unwrap_or_default().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(selectors(999), ["old"]);
        assert_eq!(selectors(1000), ["new", "newer"]);
    }

    #[test]
    fn a_signature_never_makes_a_line_too_long_for_mail() {
        let (signed, _) = signed();
        assert!(signed.lines().all(|line| line.len() <= 78), "{signed}");
    }

    #[test]
    fn a_message_without_exactly_one_from_is_not_signed() {
        fn check(message: &str) {
            let key = SigningKey::from_pem(&generate_ed25519_pem().unwrap()).unwrap();
            let signer = Signer::new("paper.example", "m1", key).unwrap();
            assert_eq!(signer.sign(message.as_bytes(), 0), Err(SignError::From), "{message}");
        }
        check("Subject: x\r\n\r\n");
        check("From: a@b.example\r\nFrom: c@d.example\r\n\r\n");
        check("");
    }

    #[test]
    fn a_name_that_could_forge_a_tag_is_refused() {
        fn check(domain: &str, selector: &str) {
            let key = SigningKey::from_pem(&generate_ed25519_pem().unwrap()).unwrap();
            assert_eq!(Signer::new(domain, selector, key).unwrap_err(), SignError::BadName);
        }
        check("paper.example; l=0", "m1");
        check("paper.example", "m1\r\nBcc: x");
        check("", "m1");
    }

    proptest::proptest! {
        #[test]
        fn no_message_makes_the_verifier_panic(message in proptest::collection::vec(proptest::num::u8::ANY, 0..400)) {
            let mut signed = b"DKIM-Signature: ".to_vec();
            signed.extend_from_slice(&message);
            verify(&signed, |_| Some("v=DKIM1; p=AAAA".into()));
            verify(&message, |_| None);
        }
    }
}
