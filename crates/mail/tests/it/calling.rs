//! Calls of providers: whose proof is taken, and what each says.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{self, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mail::webhook::{self, About, Call, Keys, NotProven, Provider, Sns};
use newsroom::returned::Class;

const NOW: i64 = 1_764_000_000;
const TOPIC: &str = "arn:aws:sns:eu-west-1:123456789012:bounces";

#[test]
fn sendgrid_signs_time_and_body_with_its_own_key() {
    let random = SystemRandom::new();
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(&signature::ECDSA_P256_SHA256_ASN1_SIGNING, &random).unwrap();
    let pair = EcdsaKeyPair::from_pkcs8(&signature::ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8.as_ref()).unwrap();
    let keys = Keys { sendgrid: Some(STANDARD.encode(pair.public_key().as_ref())), ..Keys::default() };
    let body = br#"[{"event":"spamreport","sg_event_id":"1","email":"rose@example.ht"}]"#;
    let signed = [NOW.to_string().as_bytes(), body].concat();
    let tag = STANDARD.encode(pair.sign(&random, &signed).unwrap().as_ref());
    let ask = |body: &[u8], now: i64| {
        let header = |name: &str| match name {
            "x-twilio-email-event-webhook-signature" => Some(tag.clone()),
            "x-twilio-email-event-webhook-timestamp" => Some(NOW.to_string()),
            _ => None,
        };
        webhook::verify(Provider::SendGrid, &keys, Call { header: &header, body, now })
    };
    assert_eq!(ask(body, NOW), Ok(None));
    assert_eq!(ask(b"[]", NOW), Err(NotProven::Wrong));
    assert_eq!(ask(body, NOW + 90_000), Err(NotProven::Stale));
    let none = |_: &str| None;
    let unsigned = Call { header: &none, body, now: NOW };
    assert_eq!(webhook::verify(Provider::SendGrid, &keys, unsigned), Err(NotProven::Missing));
    assert_eq!(webhook::verify(Provider::SendGrid, &Keys::default(), unsigned), Err(NotProven::NoKey));
}

/// An envelope signed as Amazon signs, and the certificate that signed it.
fn envelope(message: &str) -> (serde_json::Value, String) {
    let pair = rcgen::KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, rcgen::RsaKeySize::_2048).unwrap();
    let certificate =
        rcgen::CertificateParams::new(vec!["sns.amazonaws.com".into()]).unwrap().self_signed(&pair).unwrap();
    let key = signature::RsaKeyPair::from_pkcs8(&pair.serialize_der()).unwrap();
    assert!(key.public_modulus_len() >= KeySize::Rsa2048.len());
    let at = "2026-11-24T06:00:00.000Z";
    let signed = format!("Message\n{message}\nMessageId\nm1\nTimestamp\n{at}\nTopicArn\n{TOPIC}\nType\nNotification\n");
    let mut tag = vec![0; key.public_modulus_len()];
    key.sign(&signature::RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut tag).unwrap();
    let value = serde_json::json!({
        "Type": "Notification", "MessageId": "m1", "TopicArn": TOPIC, "Message": message, "Timestamp": at,
        "SignatureVersion": "2", "Signature": STANDARD.encode(tag),
        "SigningCertURL": "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem",
    });
    (value, certificate.pem())
}

#[test]
fn amazon_is_believed_by_its_certificate_topic_and_host() {
    let topics = vec![TOPIC.to_owned()];
    let (value, certificate) = envelope("{}");
    let read = |value: &serde_json::Value| Sns::read(value.to_string().as_bytes(), &topics);
    assert_eq!(read(&value).unwrap().verify(certificate.as_bytes()), Ok(()));
    let (_, stranger) = envelope("{}");
    assert_eq!(read(&value).unwrap().verify(stranger.as_bytes()), Err(NotProven::Wrong));
    assert_eq!(read(&value).unwrap().verify(b"no certificate"), Err(NotProven::Missing));
    let with = |name: &str, other: &str| {
        let mut value = value.clone();
        value[name] = other.into();
        value
    };
    assert_eq!(read(&with("Message", "{ }")).unwrap().verify(certificate.as_bytes()), Err(NotProven::Wrong));
    assert_eq!(read(&with("TopicArn", "arn:aws:sns:eu-west-1:1:other")).unwrap_err(), NotProven::Stranger);
    assert_eq!(read(&with("SigningCertURL", "https://evil.example/x.pem")).unwrap_err(), NotProven::Stranger);
    assert_eq!(read(&with("SubscribeURL", "http://169.254.169.254/")).unwrap_err(), NotProven::Stranger);
    assert_eq!(Sns::read(value.to_string().as_bytes(), &[]).unwrap_err(), NotProven::NoKey);
}

#[track_caller]
fn check(provider: Provider, body: &str, about: About) {
    let notices = webhook::notices(provider, body.as_bytes());
    let [notice] = notices.as_slice() else { panic!("{provider:?} {body}: {notices:?}") };
    assert_eq!(notice.about, about, "{provider:?} {body}");
    assert_eq!(notice.recipient.as_deref(), Some("rose@example.ht"), "{provider:?} {body}");
}

#[test]
fn what_each_provider_says_is_understood() {
    let came = About::Came;
    let ses = |kind: &str, sub: &str, code: &str| {
        format!(
            r#"{{"notificationType":"Bounce","bounce":{{"bounceType":"{kind}","bounceSubType":"{sub}","feedbackId":"f","bouncedRecipients":[{{"emailAddress":"Rose@example.ht","diagnosticCode":"{code}"}}]}},"mail":{{"messageId":"m"}}}}"#
        )
    };
    check(Provider::Ses, &ses("Permanent", "General", "smtp; 550 5.1.1 user unknown"), came(Class::Address));
    check(Provider::Ses, &ses("Permanent", "General", ""), came(Class::Unclear));
    check(Provider::Ses, &ses("Permanent", "NoEmail", ""), came(Class::Address));
    check(Provider::Ses, &ses("Transient", "MailboxFull", ""), came(Class::MailboxFull));
    check(Provider::Ses, &ses("Transient", "General", ""), came(Class::Temporary));
    check(
        Provider::Ses,
        r#"{"eventType":"Complaint","complaint":{"feedbackId":"f","complainedRecipients":[{"emailAddress":"rose@example.ht"}]},"mail":{}}"#,
        came(Class::Complaint),
    );
    let mailgun = |rest: &str| format!(r#"{{"event-data":{{"id":"1","recipient":"rose@example.ht",{rest}}}}}"#);
    check(
        Provider::Mailgun,
        &mailgun(
            r#""event":"failed","severity":"permanent","delivery-status":{"code":550,"enhanced-code":"5.1.1","message":"no"}"#,
        ),
        came(Class::Address),
    );
    check(Provider::Mailgun, &mailgun(r#""event":"failed","severity":"temporary""#), came(Class::Temporary));
    check(Provider::Mailgun, &mailgun(r#""event":"complained""#), came(Class::Complaint));
    check(Provider::Mailgun, &mailgun(r#""event":"unsubscribed""#), About::Left);
}

#[test]
fn what_the_others_say_is_understood() {
    let came = About::Came;
    let sendgrid =
        |rest: &str| format!(r#"[{{"sg_event_id":"1","email":"rose@example.ht",{rest}}},{{"event":"open"}}]"#);
    check(
        Provider::SendGrid,
        &sendgrid(r#""event":"bounce","status":"5.1.1","reason":"550 5.1.1 unknown""#),
        came(Class::Address),
    );
    check(
        Provider::SendGrid,
        &sendgrid(r#""event":"bounce","type":"blocked","reason":"554 5.7.1 blocked","status":"5.7.1""#),
        came(Class::Sender),
    );
    check(Provider::SendGrid, &sendgrid(r#""event":"group_unsubscribe""#), About::Left);
    let postmark = |kind: &str| {
        format!(r#"{{"RecordType":"Bounce","ID":7,"Type":"{kind}","Email":"rose@example.ht","Details":""}}"#)
    };
    check(Provider::Postmark, &postmark("HardBounce"), came(Class::Address));
    check(Provider::Postmark, &postmark("SoftBounce"), came(Class::Temporary));
    check(Provider::Postmark, &postmark("AutoResponder"), came(Class::AutoReply));
    let brevo =
        |kind: &str| format!(r#"{{"event":"{kind}","email":"rose@example.ht","message-id":"<m>","reason":""}}"#);
    check(Provider::Brevo, &brevo("hard_bounce"), came(Class::Address));
    check(Provider::Brevo, &brevo("spam"), came(Class::Complaint));
    let resend = |sort: &str, sub: &str| {
        format!(
            r#"{{"type":"email.bounced","data":{{"email_id":"1","to":["rose@example.ht"],"bounce":{{"type":"{sort}","subType":"{sub}","message":""}}}}}}"#
        )
    };
    check(Provider::Resend, &resend("Permanent", "NoEmail"), came(Class::Address));
    check(Provider::Resend, &resend("Transient", "MailboxFull"), came(Class::MailboxFull));
    let mailjet = |error: &str| {
        format!(
            r#"{{"event":"bounce","MessageID":1,"time":1,"email":"rose@example.ht","error_related_to":"recipient","error":"{error}","hard_bounce":true}}"#
        )
    };
    check(Provider::Mailjet, &mailjet("user unknown"), came(Class::Address));
    check(Provider::Mailjet, &mailjet("quota exceeded"), came(Class::MailboxFull));
}

#[test]
fn what_is_no_call_of_a_provider_says_nothing() {
    for provider in Provider::ALL {
        for odd in ["", "[]", "{}", "null", "[[]]", "7", "[{\"event\":{}}]"] {
            assert!(webhook::notices(provider, odd.as_bytes()).is_empty(), "{provider:?} {odd}");
        }
    }
}
