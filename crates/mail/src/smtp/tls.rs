//! Encrypts the stream to a mail server and checks who is behind it.
//! Trusts the machine's authorities and those named in the settings, nobody else; and anybody where that was asked for.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::{DigitallySignedStruct, SignatureScheme};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use rustls_platform_verifier::Verifier;
use tokio_rustls::TlsConnector;

use super::outcome::Trouble;
use super::settings::Tls;
use super::wire::Duplex;

/// A connector for one server and the name its certificate must carry.
#[derive(Clone)]
pub(crate) struct Encryption {
    connector: TlsConnector,
    name: ServerName<'static>,
}

impl Encryption {
    /// Reads the authorities once: the machine's, and those in `extra_roots_pem`. `None` with [`Tls::None`]. Errs with
    /// a sentence about the setting.
    pub(crate) fn of(host: &str, tls: Tls, extra_roots_pem: Option<&str>) -> Result<Option<Self>, String> {
        if tls == Tls::None {
            return Ok(None);
        }
        let name = ServerName::try_from(host.to_owned()).map_err(|_| "the host is neither a name nor an address")?;
        let roots: Vec<CertificateDer<'static>> =
            CertificateDer::pem_slice_iter(extra_roots_pem.unwrap_or("").as_bytes())
                .collect::<Result<_, _>>()
                .map_err(|_| "the extra root certificate is not PEM")?;
        if extra_roots_pem.is_some() && roots.is_empty() {
            return Err("the extra root certificate holds no certificate".into());
        }
        let provider = Arc::new(aws_lc_rs::default_provider());
        let verifier: Arc<dyn ServerCertVerifier> = match tls {
            Tls::Opportunistic => Arc::new(Anybody(provider.clone())),
            Tls::Implicit | Tls::Required | Tls::StartTlsIfOffered | Tls::None => Arc::new(
                Verifier::new_with_extra_roots(roots, provider.clone())
                    .map_err(|error| format!("no certificate authorities: {error}"))?,
            ),
        };
        let config = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| format!("TLS cannot start: {error}"))?
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

/// Takes every certificate. What it says is still checked to be said by whoever holds its key.
#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
