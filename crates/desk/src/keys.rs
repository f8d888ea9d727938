//! The paper's keys for mail: who it says it is, and the signature that proves it.

use crate::desk::Desk;
use crate::error::Error;
use mail::dkim::{KeyRecord, Signer, SigningKey, generate_rsa_pem};
use mail::{Identity, Secret};
use std::sync::Arc;

const DKIM_KEY: &str = "dkim_rsa_pem";
/// Where receivers look the key up: `masthead._domainkey.DOMAIN`.
pub const DKIM_SELECTOR: &str = "masthead";

impl Desk {
    /// Makes the DKIM key if there is none yet (RSA-2048; some tenths of a second).
    pub async fn make_keys(&self) -> Result<(), Error> {
        if self.look(|view| Ok(view.setting(DKIM_KEY)?)).await?.is_some() {
            return Ok(());
        }
        let pem = generate_rsa_pem().map_err(|error| Error::Broken(format!("No key could be made: {error}.")))?;
        self.change(move |change| {
            if change.setting(DKIM_KEY)?.is_none() {
                change.set(DKIM_KEY, pem.reveal())?;
            }
            Ok(())
        })
        .await
    }

    /// The domain that signs: that of `From`.
    pub fn mail_domain(&self) -> &str {
        self.mail_settings().from.rsplit('@').next().unwrap_or_default()
    }

    /// The DNS record under which receivers find the key: name and text. None without a key.
    pub async fn dkim_record(&self) -> Result<Option<(String, KeyRecord)>, Error> {
        let name = KeyRecord::dns_name(DKIM_SELECTOR, self.mail_domain());
        Ok(self.signing_key().await?.map(|key| (name, key.record())))
    }

    pub(crate) async fn signer(&self) -> Result<Option<Arc<Signer>>, Error> {
        let broken = |error: &dyn std::fmt::Display| Error::Broken(format!("The DKIM key cannot be used: {error}."));
        match self.signing_key().await? {
            Some(key) => {
                let signer = Signer::new(self.mail_domain(), DKIM_SELECTOR, key).map_err(|error| broken(&error))?;
                Ok(Some(Arc::new(signer)))
            }
            None => Ok(None),
        }
    }

    async fn signing_key(&self) -> Result<Option<SigningKey>, Error> {
        let Some(pem) = self.look(|view| Ok(view.setting(DKIM_KEY)?)).await? else { return Ok(None) };
        let key = SigningKey::from_pem(&Secret::new(pem));
        key.map(Some).map_err(|error| Error::Broken(format!("The DKIM key in the database cannot be read: {error}.")))
    }

    pub(crate) fn identity(&self) -> Identity {
        Identity::new(self.secret().bytes(), self.mail_domain(), self.mail_settings().bounce_domain.clone())
    }
}
