//! Lists the settings in force with where each came from. Secrets are shown as dots.

use std::collections::BTreeMap;

use mail::maildrop::MaildropSettings;

use super::{Bounces, Config, Database, LogFormat};

/// What stands in place of a secret.
const HIDDEN: &str = "••••••";

/// One setting in force.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Shown {
    /// Its full name, such as `relay.0.host`.
    pub name: String,
    pub value: String,
    /// The file and line, the variable, or `default`.
    pub from: String,
}

pub(super) fn list(config: &Config, origins: &BTreeMap<String, String>) -> Vec<Shown> {
    let mut all = Vec::new();
    let mut show = |names: &[&str], value: String| {
        let from = names.iter().find_map(|name| origins.get(*name)).map_or("default", String::as_str);
        all.push(Shown { name: names[0].to_owned(), value, from: from.to_owned() });
    };
    show(&["listen"], config.listen.to_string());
    show(&["public_url"], config.public_url.clone());
    show(&["trusted_proxies"], config.trusted_proxies.join(", "));
    show(&["outgoing.allow"], config.outgoing_allow.join(", "));
    let servers: Vec<String> = config.name_servers.iter().map(ToString::to_string).collect();
    show(&["dns.servers"], if servers.is_empty() { "the machine’s own".into() } else { servers.join(", ") });
    let front = &config.front;
    show(&["cache.label"], front.label.map_or(String::new(), |label| label.header().into()));
    show(&["cache.purge"], front.purge.clone().unwrap_or_default());
    show(&["cache.purge_header"], front.purge_header.as_ref().map_or(String::new(), ToString::to_string));
    let secret = front.purge_secret.as_ref().map_or(String::new(), |_| HIDDEN.into());
    show(&["cache.purge_secret", "cache.purge_secret_file"], secret);
    show(&["theme"], config.theme.display().to_string());
    show(&["database.url", "database.url_file"], database(&config.database));
    show(&["storage.kind"], "disk".into());
    let letters = &config.letters;
    show(&["mail.from"], letters.from.clone().unwrap_or_default());
    show(&["mail.from_name"], letters.from_name.clone().unwrap_or_default());
    show(&["mail.bounce_domain"], letters.bounce_domain.clone().unwrap_or_default());
    show(&["mail.hold"], letters.hold.to_string());
    show(&["mail.unsigned"], letters.unsigned.to_string());
    returns(&config.bounces, &mut show);
    for (n, relay) in config.relays.iter().enumerate() {
        let mut show = |key: &str, value: String| {
            let name = format!("relay.{n}.{key}");
            let by_file = format!("{name}_file");
            show(&[&name, &by_file], value);
        };
        show("name", relay.name.clone());
        show("to", if relay.direct { "mx" } else { "relay" }.into());
        show("host", relay.host.clone());
        show("port", relay.port.to_string());
        show("tls", relay.tls.word().into());
        show("username", relay.username.clone().unwrap_or_default());
        show("password", relay.password.as_ref().map_or(String::new(), |_| HIDDEN.into()));
        show("connections", relay.connections.to_string());
        show("rate", relay.rate_per_minute.map_or("as many as it takes".into(), |rate| format!("{rate} a minute")));
        show("weight", relay.weight.to_string());
        let limit = |limit: Option<u64>| limit.map_or("no limit".into(), |limit| limit.to_string());
        show("messages_per_connection", limit(relay.messages_per_connection));
        show("domain_rate", limit(relay.domain_rate_per_minute.map(u64::from)));
        show("domain_connections", limit(relay.domain_connections.map(u64::from)));
        show("from_domain", relay.from_domain.clone().unwrap_or_default());
    }
    let format = match config.log.format {
        LogFormat::Text => "text",
        LogFormat::Json => "json",
    };
    show(&["log.format"], format.into());
    show(&["log.level"], config.log.level.clone());
    all
}

/// How what comes back reaches us.
fn returns(bounces: &Bounces, show: &mut impl FnMut(&[&str], String)) {
    let address = |it: Option<std::net::SocketAddr>| it.map(|it| it.to_string()).unwrap_or_default();
    show(&["bounces.smtp"], address(bounces.smtp));
    show(&["bounces.lmtp"], address(bounces.lmtp));
    let maildrop = bounces.maildrop.as_ref();
    let place = |it: &MaildropSettings| format!("{} at {}:{}", it.protocol.key(), it.host, it.port);
    show(&["bounces.mailbox"], maildrop.map(place).unwrap_or_default());
    show(&["bounces.mailbox_username"], maildrop.map(|it| it.username.clone()).unwrap_or_default());
    let hidden = maildrop.map_or(String::new(), |_| HIDDEN.into());
    show(&["bounces.mailbox_password", "bounces.mailbox_password_file"], hidden);
    show(&["bounces.ses_topics"], bounces.keys.ses_topics.join(", "));
    show(&["bounces.sendgrid_key"], bounces.keys.sendgrid.clone().unwrap_or_default());
    for (name, secret) in [
        ("mailgun", &bounces.keys.mailgun),
        ("resend", &bounces.keys.resend),
        ("postmark", &bounces.keys.postmark),
        ("brevo", &bounces.keys.brevo),
        ("mailjet", &bounces.keys.mailjet),
    ] {
        let (by_value, by_file) = (format!("bounces.{name}_secret"), format!("bounces.{name}_secret_file"));
        show(&[&by_value, &by_file], secret.as_ref().map_or(String::new(), |_| HIDDEN.into()));
    }
}

/// A database address without what stands between the scheme and the host, nor what follows the name.
fn database(database: &Database) -> String {
    let url = match database {
        Database::Embedded => return "SQLite in the data folder".into(),
        Database::Postgres(url) => url.reveal(),
    };
    let (scheme, rest) = url.split_once("://").unwrap_or(("postgresql", url));
    let place = rest.rsplit_once('@').map_or(rest, |(_, place)| place);
    let bare = place.split('?').next().unwrap_or(place);
    let login = if place == rest { "" } else { "••••••@" };
    format!("{scheme}://{login}{bare}")
}
