//! Amazon SNS, which carries what SES says: a signed envelope whose certificate must be fetched from Amazon.
//! Checks where the certificate may come from and what it signed; fetches nothing.

use aws_lc_rs::signature::{
    RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256, RsaParameters, UnparsedPublicKey,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde_json::Value;

use super::proof::NotProven;

/// What an envelope is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SnsKind {
    /// A topic asks whether we want its messages: yes, by opening [`Sns::subscribe_url`].
    Subscription,
    Notification,
    /// We are told that the topic was left.
    Unsubscription,
}

/// One envelope, not yet proven.
#[derive(Clone, Debug)]
pub struct Sns {
    pub kind: SnsKind,
    pub id: String,
    /// What is inside: for SES another JSON text.
    pub message: String,
    /// Where the signing certificate lies: on a host of Amazon's, over HTTPS.
    pub certificate_url: String,
    /// Where a subscription is confirmed: on a host of Amazon's, over HTTPS.
    pub subscribe_url: Option<String>,
    signed: String,
    signature: Vec<u8>,
    parameters: &'static RsaParameters,
}

impl Sns {
    /// Reads an envelope from one of `topics`. Errs for any other, and where certificate or subscription address are
    /// not Amazon's: nothing that a stranger names is fetched.
    pub fn read(body: &[u8], topics: &[String]) -> Result<Self, NotProven> {
        if topics.is_empty() {
            return Err(NotProven::NoKey);
        }
        let value: Value = serde_json::from_slice(body).map_err(|_| NotProven::Missing)?;
        let field = |name: &str| value[name].as_str();
        let need = |name: &str| field(name).ok_or(NotProven::Missing);
        if !topics.iter().any(|topic| Some(topic.as_str()) == field("TopicArn")) {
            return Err(NotProven::Stranger);
        }
        let kind = match need("Type")? {
            "Notification" => SnsKind::Notification,
            "SubscriptionConfirmation" => SnsKind::Subscription,
            "UnsubscribeConfirmation" => SnsKind::Unsubscription,
            _ => return Err(NotProven::Missing),
        };
        let parameters: &'static RsaParameters = match need("SignatureVersion")? {
            "1" => &RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY,
            "2" => &RSA_PKCS1_2048_8192_SHA256,
            _ => return Err(NotProven::Missing),
        };
        let certificate_url = need("SigningCertURL")?;
        let subscribe_url = field("SubscribeURL");
        let ours = is_amazons(certificate_url) && certificate_url.ends_with(".pem");
        if !ours || subscribe_url.is_some_and(|url| !is_amazons(url)) {
            return Err(NotProven::Stranger);
        }
        let names: &[&str] = match kind {
            SnsKind::Notification => &["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"],
            SnsKind::Subscription | SnsKind::Unsubscription => {
                &["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
            }
        };
        let signed = names.iter().filter_map(|name| Some(format!("{name}\n{}\n", field(name)?))).collect();
        Ok(Self {
            kind,
            id: need("MessageId")?.chars().take(100).collect(),
            message: need("Message")?.to_owned(),
            certificate_url: certificate_url.to_owned(),
            subscribe_url: subscribe_url.map(str::to_owned),
            signed,
            signature: STANDARD.decode(need("Signature")?).map_err(|_| NotProven::Missing)?,
            parameters,
        })
    }

    /// Whether the certificate (PEM), fetched from [`Sns::certificate_url`], signed this envelope.
    pub fn verify(&self, certificate: &[u8]) -> Result<(), NotProven> {
        let der = CertificateDer::from_pem_slice(certificate).map_err(|_| NotProven::Missing)?;
        let parsed = rustls::server::ParsedCertificate::try_from(&der).map_err(|_| NotProven::Missing)?;
        UnparsedPublicKey::new(self.parameters, parsed.subject_public_key_info().as_ref())
            .verify(self.signed.as_bytes(), &self.signature)
            .map_err(|_| NotProven::Wrong)
    }
}

/// `https://sns.<region>.amazonaws.com/…`, also `.com.cn`; no port, no user, no other host.
fn is_amazons(url: &str) -> bool {
    let Some((host, _)) = url.strip_prefix("https://").and_then(|rest| rest.split_once('/')) else { return false };
    let region = host
        .strip_prefix("sns.")
        .and_then(|rest| rest.strip_suffix(".amazonaws.com").or_else(|| rest.strip_suffix(".amazonaws.com.cn")));
    region.is_some_and(|region| !region.is_empty() && region.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_comes_from_amazon_or_not_at_all() {
        for url in ["https://sns.eu-west-1.amazonaws.com/x.pem", "https://sns.cn-north-1.amazonaws.com.cn/x.pem"] {
            assert!(is_amazons(url), "{url}");
        }
        for url in [
            "http://sns.eu-west-1.amazonaws.com/x.pem",
            "https://sns.eu-west-1.amazonaws.com.evil.example/x.pem",
            "https://evil.example/sns.eu-west-1.amazonaws.com/x.pem",
            "https://sns.eu-west-1.amazonaws.com:8443/x.pem",
            "https://sns.eu@evil.example/.amazonaws.com/x.pem",
            "https://sns..amazonaws.com/x.pem",
            "https://s3.eu-west-1.amazonaws.com/sns.pem",
        ] {
            assert!(!is_amazons(url), "{url}");
        }
    }
}
