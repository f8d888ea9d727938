//! Encrypts the stream to a relay and checks who is behind it.
//! Trusts the machine's authorities and those named in the settings, nobody else.

use std::sync::Arc;

use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::aws_lc_rs;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName};
use rustls_platform_verifier::Verifier;
use tokio_rustls::TlsConnector;

use super::outcome::{OpenError, Trouble};
use super::settings::{RelaySettings, Tls};
use super::wire::Duplex;

/// A connector for one relay and the name its certificate must carry.
#[derive(Clone)]
pub(crate) struct Encryption {
    connector: TlsConnector,
    name: ServerName<'static>,
}

impl Encryption {
    /// Reads the authorities once. `None` when the settings never encrypt.
    pub(crate) fn of(settings: &RelaySettings) -> Result<Option<Self>, OpenError> {
        if settings.tls == Tls::None {
            return Ok(None);
        }
        let name = ServerName::try_from(settings.host.clone())
            .map_err(|_| OpenError::Settings("the relay's host is neither a name nor an address".into()))?;
        let roots: Vec<CertificateDer<'static>> =
            CertificateDer::pem_slice_iter(settings.extra_roots_pem.as_deref().unwrap_or("").as_bytes())
                .collect::<Result<_, _>>()
                .map_err(|_| OpenError::Settings("the extra root certificate is not PEM".into()))?;
        if settings.extra_roots_pem.is_some() && roots.is_empty() {
            return Err(OpenError::Settings("the extra root certificate holds no certificate".into()));
        }
        let provider = Arc::new(aws_lc_rs::default_provider());
        let verifier: Arc<dyn ServerCertVerifier> = Arc::new(
            Verifier::new_with_extra_roots(roots, provider.clone())
                .map_err(|error| OpenError::Settings(format!("no certificate authorities: {error}")))?,
        );
        let config = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| OpenError::Settings(format!("TLS cannot start: {error}")))?
            .dangerous()
            .with_custom_certificate_verifier(verifier)
            .with_no_client_auth();
        Ok(Some(Self { connector: TlsConnector::from(Arc::new(config)), name }))
    }

    /// The handshake (RFC 8446), with the certificate checked against the relay's host.
    pub(crate) async fn wrap(&self, stream: Box<dyn Duplex>) -> Result<Box<dyn Duplex>, Trouble> {
        match self.connector.connect(self.name.clone(), stream).await {
            Ok(encrypted) => Ok(Box::new(encrypted)),
            Err(error) => match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
                Some(fault) => Err(Trouble::Tls(fault.to_string())),
                None => Err(error.into()),
            },
        }
    }
}
