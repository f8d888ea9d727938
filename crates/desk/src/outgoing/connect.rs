//! Connects to a host on one of its addresses that may be reached, and encrypts what `https` wants encrypted.
//! What is looked at is the address that is connected to, so a name cannot mean one thing and then another.

use super::Why;
use super::reach::may_reach;
use crate::network::Network;
use mail::Names;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls_platform_verifier::Verifier;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use url::{Host, Url};

/// Addresses of one host that are tried, and how long all but the last of them may take.
const ADDRESSES_MAX: usize = 4;
const TRY: Duration = Duration::from_millis(1_500);

/// A connection, encrypted or not.
pub(super) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// Opens a connection to the host of `url`, which these name servers know, or the machine by its own means.
pub(super) async fn reach(url: &Url, exceptions: &[Network], names: Option<&Names>) -> Result<TcpStream, Why> {
    let port = url.port_or_known_default().ok_or(Why::NoAddress)?;
    let known: Vec<IpAddr> = match url.host().ok_or(Why::NoAddress)? {
        Host::Ipv4(address) => vec![address.into()],
        Host::Ipv6(address) => vec![address.into()],
        Host::Domain(name) => match names {
            Some(names) => names.addresses(name).await.map_err(|_| Why::Unknown)?,
            None => {
                let found = tokio::net::lookup_host((name, port)).await.map_err(|_| Why::Unknown)?;
                found.map(|address| address.ip()).collect()
            }
        },
    };
    if known.is_empty() {
        return Err(Why::Unknown);
    }
    let mut reachable: Vec<IpAddr> = known.into_iter().filter(|address| may_reach(*address, exceptions)).collect();
    reachable.truncate(ADDRESSES_MAX);
    let last = reachable.pop().ok_or(Why::NotPublic)?;
    for address in reachable {
        if let Ok(Ok(stream)) = tokio::time::timeout(TRY, TcpStream::connect(SocketAddr::new(address, port))).await {
            return Ok(stream);
        }
    }
    TcpStream::connect(SocketAddr::new(last, port)).await.map_err(|_| Why::Unreachable)
}

/// Trusts the machine's certificate authorities.
pub(super) struct Encryption(Option<TlsConnector>);

impl Encryption {
    /// Reads the authorities once; `extra` ones are for tests. A machine without any can still do without encryption.
    pub(super) fn new(extra: Vec<CertificateDer<'static>>) -> Self {
        let connector = connector(extra);
        if let Err(cause) = &connector {
            tracing::warn!("no web server can be asked over https: {cause}");
        }
        Self(connector.ok())
    }

    /// The handshake, if `url` wants one, with the certificate checked against its host.
    pub(super) async fn wrap(&self, url: &Url, stream: TcpStream) -> Result<Box<dyn Stream>, Why> {
        if url.scheme() != "https" {
            return Ok(Box::new(stream));
        }
        let name = match url.host().ok_or(Why::NoAddress)? {
            Host::Domain(name) => ServerName::try_from(name.to_owned()).map_err(|_| Why::NoAddress)?,
            Host::Ipv4(address) => ServerName::IpAddress(IpAddr::from(address).into()),
            Host::Ipv6(address) => ServerName::IpAddress(IpAddr::from(address).into()),
        };
        let connector = self.0.as_ref().ok_or(Why::Encryption)?;
        connector.connect(name, stream).await.map(|it| Box::new(it) as Box<dyn Stream>).map_err(|_| Why::Encryption)
    }
}

fn connector(extra: Vec<CertificateDer<'static>>) -> Result<TlsConnector, rustls::Error> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier = Verifier::new_with_extra_roots(extra, provider.clone())?;
    let mut config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsConnector::from(Arc::new(config)))
}
