//! One relay as the operator wrote it, checked, and as the mail crate wants it.

use desk::{RelayLimits, RelayPlan};
use mail::{RelaySettings, Secret};

/// Where there is no relay: connections at once, to one provider at once, and letters after which one is closed.
const DIRECT_CONNECTIONS: u32 = 20;
const DIRECT_PROVIDER_CONNECTIONS: u32 = 4;
const DIRECT_MESSAGES_PER_CONNECTION: u64 = 100;

/// How the connection to a relay is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RelayTls {
    Required,
    IfOffered,
    None,
    Implicit,
}

impl RelayTls {
    /// The words of the file.
    pub const CHOICES: [(&'static str, Self); 4] = [
        ("required", Self::Required),
        ("if-offered", Self::IfOffered),
        ("none", Self::None),
        ("implicit", Self::Implicit),
    ];

    /// Its word in the file.
    pub fn word(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::IfOffered => "if-offered",
            Self::None => "none",
            Self::Implicit => "implicit",
        }
    }

    fn usual_port(self) -> u16 {
        match self {
            Self::Required => 587,
            Self::IfOffered | Self::None => 25,
            Self::Implicit => 465,
        }
    }
}

/// One relay, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relay {
    /// What pages and logs call it.
    pub name: String,
    /// Letters go straight to the servers that readers' domains name; there is no host.
    pub direct: bool,
    pub host: String,
    pub port: u16,
    pub tls: RelayTls,
    pub username: Option<String>,
    pub password: Option<Secret>,
    /// Connections at once.
    pub connections: u32,
    /// Messages per minute; `None` is as many as the relay takes.
    pub rate_per_minute: Option<u32>,
    /// Its part of the messages beside the other relays' weights.
    pub weight: u32,
    /// Messages after which a connection is closed; `None` for no limit.
    pub messages_per_connection: Option<u64>,
    /// Messages per minute to one destination domain.
    pub domain_rate_per_minute: Option<u32>,
    /// Messages on their way to one destination domain at once.
    pub domain_connections: Option<u32>,
    /// Used only for mail from this domain; `None` for all.
    pub from_domain: Option<String>,
}

impl Relay {
    /// As the mailroom wants it: how it is reached, and how much it gets.
    pub fn plan(&self, ehlo_name: &str) -> RelayPlan {
        let limits = RelayLimits {
            weight: self.weight,
            connections: self.connections as usize,
            per_minute: self.rate_per_minute,
            domain_per_minute: self.domain_rate_per_minute,
            domain_connections: self.domain_connections.map(|max| max as usize),
        };
        match self.direct {
            true => RelayPlan { limits, ..RelayPlan::straight(&self.name, self.settings(ehlo_name)) },
            false => RelayPlan { name: self.name.clone(), direct: false, settings: self.settings(ehlo_name), limits },
        }
    }

    /// As the mail crate wants it. `ehlo_name` is our own host name.
    pub fn settings(&self, ehlo_name: &str) -> RelaySettings {
        let mut settings = RelaySettings::new(&self.host, self.port, ehlo_name);
        settings.tls = match self.tls {
            RelayTls::Required => mail::smtp::Tls::Required,
            RelayTls::IfOffered => mail::smtp::Tls::StartTlsIfOffered,
            RelayTls::None => mail::smtp::Tls::None,
            RelayTls::Implicit => mail::smtp::Tls::Implicit,
        };
        settings.messages_per_connection_max = self.messages_per_connection;
        settings.credentials = match (&self.username, &self.password) {
            (Some(username), Some(password)) => {
                let (username, password) = (username.clone(), password.clone());
                Some(mail::smtp::Credentials { username, password, proof: mail::smtp::Proof::Password })
            }
            (Some(_) | None, _) => None,
        };
        settings
    }
}

/// A relay while it is being read.
#[derive(Clone, Debug, Default)]
pub(super) struct RelayDraft {
    /// Where it stands, for sentences about what is missing.
    pub(super) place: String,
    pub(super) name: Option<String>,
    pub(super) direct: bool,
    pub(super) host: Option<String>,
    pub(super) port: Option<u16>,
    pub(super) tls: Option<RelayTls>,
    pub(super) username: Option<String>,
    pub(super) password: Option<Secret>,
    pub(super) connections: Option<u32>,
    pub(super) rate_per_minute: Option<u32>,
    pub(super) weight: Option<u32>,
    pub(super) messages_per_connection: Option<u64>,
    pub(super) domain_rate_per_minute: Option<u32>,
    pub(super) domain_connections: Option<u32>,
    pub(super) from_domain: Option<String>,
}

impl RelayDraft {
    /// Errs with a sentence about what is missing or does not go together.
    pub(super) fn finish(self) -> Result<Relay, String> {
        if self.direct {
            return self.finish_direct();
        }
        let Some(host) = self.host else {
            return Err("this relay has no “host”. Name the machine that takes your mail.".into());
        };
        let tls = self.tls.unwrap_or(RelayTls::Required);
        match (&self.username, &self.password) {
            (Some(_), None) => {
                return Err("this relay has a “username” but no “password” or “password_file”.".into());
            }
            (None, Some(_)) => return Err("this relay has a password but no “username”.".into()),
            (Some(_), Some(_)) | (None, None) => {}
        }
        if self.username.is_some() && tls == RelayTls::None && !near(&host) {
            return Err("this relay would get your password without encryption. Set tls = \"required\".".into());
        }
        Ok(Relay {
            name: self.name.unwrap_or_else(|| host.clone()),
            direct: false,
            port: self.port.unwrap_or_else(|| tls.usual_port()),
            host,
            tls,
            username: self.username,
            password: self.password,
            connections: self.connections.unwrap_or(4),
            rate_per_minute: self.rate_per_minute,
            weight: self.weight.unwrap_or(1),
            messages_per_connection: self.messages_per_connection,
            domain_rate_per_minute: self.domain_rate_per_minute,
            domain_connections: self.domain_connections,
            from_domain: self.from_domain,
        })
    }
}

impl RelayDraft {
    /// Every provider's servers are spoken to alone, so many connections are open at once and few to each.
    fn finish_direct(self) -> Result<Relay, String> {
        if self.host.is_some() || self.username.is_some() || self.password.is_some() || self.tls.is_some() {
            return Err(
                "with to = \"mx\" letters go to the readers’ own servers: leave out “host”, “tls”, “username” \
                        and the password."
                    .into(),
            );
        }
        Ok(Relay {
            name: self.name.unwrap_or_else(|| "direct".into()),
            direct: true,
            host: String::new(),
            port: self.port.unwrap_or(25),
            tls: RelayTls::IfOffered,
            username: None,
            password: None,
            connections: self.connections.unwrap_or(DIRECT_CONNECTIONS),
            rate_per_minute: self.rate_per_minute,
            weight: self.weight.unwrap_or(1),
            messages_per_connection: self.messages_per_connection.or(Some(DIRECT_MESSAGES_PER_CONNECTION)),
            domain_rate_per_minute: self.domain_rate_per_minute,
            domain_connections: self.domain_connections.or(Some(DIRECT_PROVIDER_CONNECTIONS)),
            from_domain: self.from_domain,
        })
    }
}

/// Whether a host is this machine.
pub(super) fn near(host: &str) -> bool {
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}
