//! The paper's keys for mail: who it says it is, and the signatures that prove it.
//! A key is prepared, published by the operator, then put to use; the old one keeps signing what was dated before.

use crate::desk::Desk;
use crate::error::Error;
use crate::ledger::{Entry, Who};
use mail::dkim::{KeyRecord, Signer, SigningKey, generate_ed25519_pem, generate_rsa_pem};
use mail::{Identity, Secret};
use newsroom::time::{DAY, Timestamp};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use store::{Change, View};

/// Where the first key alone was kept, as PEM. Read until the first rotation writes [`DKIM_KEYS`].
const DKIM_KEY: &str = "dkim_rsa_pem";
/// Every key, as JSON.
const DKIM_KEYS: &str = "dkim_keys";
/// Where receivers look the first key up: `masthead._domainkey.DOMAIN`.
pub const DKIM_SELECTOR: &str = "masthead";
/// How long the record of a retired key must stay: relays keep trying for up to five days (RFC 5321 §4.5.4.1), and
/// receivers check when a letter is opened or forwarded. After that the key itself is forgotten too.
pub const DKIM_RETIRED_DAYS: i64 = 7;
/// Rotations on one day, each with a selector of its own.
const ROTATIONS_PER_DAY_MAX: usize = 26;

/// One key as it is kept.
#[derive(Clone, Serialize, Deserialize)]
struct KeptKey {
    selector: String,
    rsa_pem: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ed25519_pem: Option<String>,
    made_at: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    used_from: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    retired_at: Option<i64>,
}

/// Where a key stands in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DkimKeyState {
    /// Made; its record waits to be published. It signs nothing yet.
    Prepared,
    /// Signs what is dated from this time on.
    InUse {
        /// Since when.
        from: Timestamp,
    },
    /// Signs only what was dated before it was retired, should that be sent again.
    Retired {
        /// From then on its record may go.
        record_until: Timestamp,
    },
}

/// One key as the operator sees it: never the key itself.
#[derive(Clone, Debug)]
pub struct DkimKey {
    /// Its name in DNS and in signatures.
    pub selector: String,
    /// Where it stands.
    pub state: DkimKeyState,
    /// The TXT records receivers need: the name, and the value. RSA first, then Ed25519 where there is one.
    pub records: Vec<(String, KeyRecord)>,
}

impl KeptKey {
    /// The keys with the selectors they sign under; Ed25519 has its own (RFC 8463 §3).
    fn signing(&self) -> Result<Vec<(String, SigningKey)>, Error> {
        let read = |pem: &str| {
            SigningKey::from_pem(&Secret::new(pem.to_owned()))
                .map_err(|error| Error::Broken(format!("The DKIM key in the database cannot be read: {error}.")))
        };
        let mut keys = vec![(self.selector.clone(), read(&self.rsa_pem)?)];
        if let Some(pem) = &self.ed25519_pem {
            keys.push((format!("{}e", self.selector), read(pem)?));
        }
        Ok(keys)
    }

    fn state(&self) -> DkimKeyState {
        match (self.used_from, self.retired_at) {
            (None, _) => DkimKeyState::Prepared,
            (Some(from), None) => DkimKeyState::InUse { from: Timestamp(from) },
            (Some(_), Some(at)) => DkimKeyState::Retired { record_until: Timestamp(at).plus(DKIM_RETIRED_DAYS * DAY) },
        }
    }

    fn shown(&self, domain: &str) -> Result<DkimKey, Error> {
        let record = |(selector, key): (String, SigningKey)| (KeyRecord::dns_name(&selector, domain), key.record());
        let records = self.signing()?.into_iter().map(record).collect();
        Ok(DkimKey { selector: self.selector.clone(), state: self.state(), records })
    }
}

/// Every key, the one in use before the prepared one.
fn kept(view: &View<'_>) -> Result<Vec<KeptKey>, Error> {
    if let Some(text) = view.setting(DKIM_KEYS)? {
        return serde_json::from_str(&text)
            .map_err(|error| Error::Broken(format!("The DKIM keys in the database cannot be read: {error}.")));
    }
    let first = view.setting(DKIM_KEY)?.map(|rsa_pem| KeptKey {
        selector: DKIM_SELECTOR.into(),
        rsa_pem,
        ed25519_pem: None,
        made_at: 0,
        used_from: Some(0),
        retired_at: None,
    });
    Ok(first.into_iter().collect())
}

fn keep(change: &mut Change<'_>, keys: &[KeptKey]) -> Result<(), Error> {
    let text =
        serde_json::to_string(keys).map_err(|error| Error::Broken(format!("A key could not be kept: {error}.")))?;
    Ok(change.set(DKIM_KEYS, &text)?)
}

fn made(pem: Result<Secret, mail::dkim::KeyError>) -> Result<String, Error> {
    let pem = pem.map_err(|error| Error::Broken(format!("No key could be made: {error}.")))?;
    Ok(pem.reveal().to_owned())
}

impl Desk {
    /// Makes the DKIM key if there is none yet (RSA-2048; some tenths of a second).
    pub async fn make_keys(&self) -> Result<(), Error> {
        if !self.look(kept).await?.is_empty() {
            return Ok(());
        }
        let pem = made(generate_rsa_pem())?;
        self.change(move |change| {
            if change.setting(DKIM_KEY)?.is_none() {
                change.set(DKIM_KEY, &pem)?;
            }
            Ok(())
        })
        .await
    }

    /// Prepares the next key, to be published before [`Desk::use_prepared_dkim_key`]; with a second one for Ed25519
    /// when asked. Asked again, it gives the key that is prepared already.
    pub async fn rotate_dkim(&self, with_ed25519: bool) -> Result<DkimKey, Error> {
        let rsa_pem = made(generate_rsa_pem())?;
        let ed25519_pem = if with_ed25519 { Some(made(generate_ed25519_pem())?) } else { None };
        let (desk, now, domain) = (self.clone(), self.now(), self.mail_domain().to_owned());
        self.change(move |change| {
            let mut keys = kept(change)?;
            if let Some(prepared) = keys.iter().find(|key| key.used_from.is_none()) {
                return prepared.shown(&domain);
            }
            let selector = next_selector(&keys, now)?;
            let (rsa_pem, ed25519_pem) = (rsa_pem.clone(), ed25519_pem.clone());
            let made_at = now.0;
            let key = KeptKey { selector, rsa_pem, ed25519_pem, made_at, used_from: None, retired_at: None };
            desk.note(change, Who::Operator, Entry::new("prepared a DKIM key", &key.selector, ""))?;
            let shown = key.shown(&domain)?;
            keys.push(key);
            keep(change, &keys)?;
            Ok(shown)
        })
        .await
    }

    /// Signs with the prepared key from now on. What is dated earlier keeps its old signature, so the old record must
    /// stay for [`DKIM_RETIRED_DAYS`]. `None` when no key is prepared.
    pub async fn use_prepared_dkim_key(&self) -> Result<Option<DkimKey>, Error> {
        let (desk, now, domain) = (self.clone(), self.now(), self.mail_domain().to_owned());
        self.change(move |change| {
            let mut keys = kept(change)?;
            let Some(prepared) = keys.iter().position(|key| key.used_from.is_none()) else { return Ok(None) };
            for key in keys.iter_mut().filter(|key| key.used_from.is_some() && key.retired_at.is_none()) {
                key.retired_at = Some(now.0);
            }
            keys[prepared].used_from = Some(now.0);
            let shown = keys[prepared].shown(&domain)?;
            keys.retain(|key| key.retired_at.is_none_or(|at| now.0 < at + DKIM_RETIRED_DAYS * DAY));
            desk.note(change, Who::Operator, Entry::new("signs with a DKIM key", &shown.selector, ""))?;
            keep(change, &keys)?;
            Ok(Some(shown))
        })
        .await
    }

    /// Every key that signs, will sign or has signed lately.
    pub async fn dkim_keys(&self) -> Result<Vec<DkimKey>, Error> {
        let domain = self.mail_domain().to_owned();
        self.look(move |view| kept(view)?.iter().map(|key| key.shown(&domain)).collect()).await
    }

    /// The domain that signs: that of `From`.
    pub fn mail_domain(&self) -> &str {
        self.mail_settings().from.rsplit('@').next().unwrap_or_default()
    }

    /// The DNS record under which receivers find the key in use: name and text. None without a key.
    pub async fn dkim_record(&self) -> Result<Option<(String, KeyRecord)>, Error> {
        let in_use = |key: &DkimKey| matches!(key.state, DkimKeyState::InUse { .. });
        let key = self.dkim_keys().await?.into_iter().find(in_use);
        Ok(key.and_then(|key| key.records.into_iter().next()))
    }

    /// Signs each message with the keys that were in use on its date. None where the relay alone signs.
    pub(crate) async fn signer(&self) -> Result<Option<Arc<Signer>>, Error> {
        if self.mail_settings().unsigned {
            return Ok(None);
        }
        let broken = |error| Error::Broken(format!("The DKIM key cannot be used: {error}."));
        let mut signer: Option<Signer> = None;
        for key in self.look(kept).await?.iter() {
            let Some(from) = key.used_from else { continue };
            for (at, (selector, signing)) in key.signing()?.into_iter().enumerate() {
                let with_key = match (signer, at) {
                    (None, _) => Signer::new(self.mail_domain(), &selector, signing),
                    (Some(signer), 0) => signer.then_from(from, &selector, signing),
                    (Some(signer), _) => signer.with_second(&selector, signing),
                };
                signer = Some(with_key.map_err(broken)?);
            }
        }
        Ok(signer.map(Arc::new))
    }

    pub(crate) fn identity(&self) -> Identity {
        Identity::new(self.secret().bytes(), self.mail_domain(), self.mail_settings().bounce_domain.clone())
    }
}

/// `m20251231`, and `m20251231b` when that name is taken.
fn next_selector(keys: &[KeptKey], now: Timestamp) -> Result<String, Error> {
    let day: String = now.rfc3339().chars().take("2025-12-31".len()).filter(|c| *c != '-').collect();
    let names = ('a'..='z').take(ROTATIONS_PER_DAY_MAX).map(|letter| match letter {
        'a' => format!("m{day}"),
        letter => format!("m{day}{letter}"),
    });
    // The Ed25519 key of a selector stands under that selector and an e.
    let mut free = names.filter(|name| !name.ends_with('e') && keys.iter().all(|key| key.selector != *name));
    free.next().ok_or_else(|| Error::Broken("There were too many rotations today; come back tomorrow.".into()))
}
