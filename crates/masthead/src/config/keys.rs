//! Every setting there is: its name, and how a value is taken. Files, the environment and `check` all use these tables.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use super::given::Given;
use super::maildrop::{MailboxPlace, MaildropDraft};
use super::relay::{RelayDraft, RelayTls};
use super::{Bounces, Config, Database, Fault, Front, Letters, Log, LogFormat, PREFIX, front, nearest, secret, show};
use desk::Network;
use mail::Secret;
use mail::webhook::Provider;

/// Most relays one installation can name.
pub(super) const RELAYS_MAX: usize = 16;

/// Where name servers listen.
const DNS_PORT: u16 = 53;

/// The settings while they are being read.
#[derive(Debug, Default)]
pub(super) struct Draft {
    listen: Option<SocketAddr>,
    public_url: Option<String>,
    database: Slot,
    letters: Letters,
    bounces: Bounces,
    maildrop: MaildropDraft,
    maildrop_password: Slot,
    /// Secrets of providers that call us.
    provider_secrets: BTreeMap<Provider, Slot>,
    trusted_proxies: Vec<String>,
    outgoing_allow: Vec<String>,
    name_servers: Vec<SocketAddr>,
    front: Front,
    purge_secret: Slot,
    theme: Option<PathBuf>,
    log_format: Option<LogFormat>,
    log_level: Option<String>,
    pub(super) relays: Vec<RelayDraft>,
    passwords: Vec<Slot>,
    remarks: Vec<String>,
    /// Where each setting was given last; relays as `relay.0.host`.
    origins: BTreeMap<String, String>,
}

/// Where a value stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    pub(super) source: Source,
    /// Relative paths start here.
    pub(super) folder: &'a Path,
    /// For sentences.
    pub(super) words: &'a str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    File,
    Environment,
}

/// A secret by value or by file. The environment replaces the file whichever way each gave it.
#[derive(Clone, Debug, Default)]
pub(super) struct Slot(Option<(Source, String, Way)>);

#[derive(Clone, Debug)]
pub(super) enum Way {
    Value(Secret),
    File(PathBuf),
}

impl Slot {
    fn put(&mut self, way: Way, place: Place<'_>) -> Result<(), String> {
        match &self.0 {
            Some((source, first, _)) if *source == place.source => {
                return Err(format!("is given twice, also in {first}: by value and by file. Keep one."));
            }
            Some(_) | None => {}
        }
        self.0 = Some((place.source, place.words.to_owned(), way));
        Ok(())
    }

    fn read(self, remarks: &mut Vec<String>, faults: &mut Vec<Fault>) -> Option<Secret> {
        let (_, place, way) = self.0?;
        let path = match way {
            Way::Value(value) => return Some(value),
            Way::File(path) => path,
        };
        match secret::read(&path) {
            Ok((value, remark)) => {
                remarks.extend(remark);
                Some(value)
            }
            Err(sentence) => {
                faults.push(Fault::at(place, sentence));
                // The fault is named; a stand-in keeps “no password” from being said as well.
                Some(Secret::new("unread"))
            }
        }
    }
}

type Take = fn(&mut Draft, &Given, Place<'_>) -> Result<(), String>;
type TakeRelay = fn(&mut RelayDraft, &mut Slot, &Given, Place<'_>) -> Result<(), String>;

/// Settings outside the relays, by their full names.
pub(super) const KEYS: [(&str, Take); 39] = [
    ("listen", |draft, given, _| {
        let text = given.text()?;
        let wanted = |_| format!("is “{text}”, but must be an address and a port such as 127.0.0.1:8080.");
        text.parse().map(|address| draft.listen = Some(address)).map_err(wanted)
    }),
    ("public_url", |draft, given, _| given.site().map(|site| draft.public_url = Some(site))),
    ("trusted_proxies", |draft, given, _| networks(given).map(|list| draft.trusted_proxies = list)),
    ("outgoing.allow", |draft, given, _| networks(given).map(|list| draft.outgoing_allow = list)),
    ("dns.servers", |draft, given, _| servers(given).map(|list| draft.name_servers = list)),
    ("cache.label", |draft, given, _| given.one_of(&front::LABELS).map(|it| draft.front.label = Some(it))),
    ("cache.purge", |draft, given, _| front::address(given).map(|it| draft.front.purge = Some(it))),
    ("cache.purge_header", |draft, given, _| front::header(given).map(|it| draft.front.purge_header = Some(it))),
    ("cache.purge_secret", |draft, given, place| draft.purge_secret.put(value(given)?, place)),
    ("cache.purge_secret_file", |draft, given, place| draft.purge_secret.put(file(given, place)?, place)),
    ("theme", |draft, given, place| {
        let folder = place.folder.join(given.text()?);
        if !folder.is_dir() {
            return Err(format!("is “{}”, but there is no such folder.", folder.display()));
        }
        draft.theme = Some(folder);
        Ok(())
    }),
    ("database.url", |draft, given, place| draft.database.put(Way::Value(database_url(&given.text()?)?), place)),
    ("database.url_file", |draft, given, place| draft.database.put(file(given, place)?, place)),
    ("storage.kind", |_, given, _| given.one_of(&[("disk", ())])),
    ("mail.from", |draft, given, _| given.address().map(|it| draft.letters.from = Some(it))),
    ("mail.from_name", |draft, given, _| given.text().map(|it| draft.letters.from_name = Some(it))),
    ("mail.bounce_domain", |draft, given, _| given.domain().map(|it| draft.letters.bounce_domain = Some(it))),
    ("mail.hold", |draft, given, _| given.truth().map(|it| draft.letters.hold = it)),
    ("mail.unsigned", |draft, given, _| given.truth().map(|it| draft.letters.unsigned = it)),
    ("bounces.smtp", |draft, given, _| socket(given).map(|it| draft.bounces.smtp = Some(it))),
    ("bounces.lmtp", |draft, given, _| socket(given).map(|it| draft.bounces.lmtp = Some(it))),
    ("bounces.ses_topics", |draft, given, _| topics(given).map(|it| draft.bounces.keys.ses_topics = it)),
    ("bounces.sendgrid_key", |draft, given, _| given.text().map(|it| draft.bounces.keys.sendgrid = Some(it))),
    ("bounces.mailgun_secret", |draft, given, place| draft.provider(Provider::Mailgun).put(value(given)?, place)),
    ("bounces.mailgun_secret_file", |draft, given, place| {
        draft.provider(Provider::Mailgun).put(file(given, place)?, place)
    }),
    ("bounces.resend_secret", |draft, given, place| draft.provider(Provider::Resend).put(value(given)?, place)),
    ("bounces.resend_secret_file", |draft, given, place| {
        draft.provider(Provider::Resend).put(file(given, place)?, place)
    }),
    ("bounces.postmark_secret", |draft, given, place| draft.provider(Provider::Postmark).put(value(given)?, place)),
    ("bounces.postmark_secret_file", |draft, given, place| {
        draft.provider(Provider::Postmark).put(file(given, place)?, place)
    }),
    ("bounces.brevo_secret", |draft, given, place| draft.provider(Provider::Brevo).put(value(given)?, place)),
    ("bounces.brevo_secret_file", |draft, given, place| {
        draft.provider(Provider::Brevo).put(file(given, place)?, place)
    }),
    ("bounces.mailjet_secret", |draft, given, place| draft.provider(Provider::Mailjet).put(value(given)?, place)),
    ("bounces.mailjet_secret_file", |draft, given, place| {
        draft.provider(Provider::Mailjet).put(file(given, place)?, place)
    }),
    ("bounces.mailbox", |draft, given, _| {
        MailboxPlace::parse(&given.text()?).map(|it| draft.maildrop.place = Some(it))
    }),
    ("bounces.mailbox_username", |draft, given, _| given.text().map(|it| draft.maildrop.username = Some(it))),
    ("bounces.mailbox_password", |draft, given, place| draft.maildrop_password.put(value(given)?, place)),
    ("bounces.mailbox_password_file", |draft, given, place| draft.maildrop_password.put(file(given, place)?, place)),
    ("log.format", |draft, given, _| {
        given.one_of(&[("text", LogFormat::Text), ("json", LogFormat::Json)]).map(|it| draft.log_format = Some(it))
    }),
    ("log.level", |draft, given, _| given.text().and_then(level).map(|it| draft.log_level = Some(it))),
];

/// Settings of one relay, below `[[relay]]`.
pub(super) const RELAY_KEYS: [(&str, TakeRelay); 15] = [
    ("name", |relay, _, given, _| given.text().map(|it| relay.name = Some(it))),
    ("to", |relay, _, given, _| given.one_of(&[("relay", false), ("mx", true)]).map(|it| relay.direct = it)),
    ("host", |relay, _, given, _| {
        let host = given.text()?;
        if host.contains([':', '/', ' ', '@']) && host.parse::<std::net::IpAddr>().is_err() {
            return Err(format!("is “{host}”, but must be a host name only; the port is a setting of its own."));
        }
        relay.host = Some(host);
        Ok(())
    }),
    ("port", |relay, _, given, _| given.whole(1..=65_535).map(|it| relay.port = u16::try_from(it).ok())),
    ("tls", |relay, _, given, _| given.one_of(&RelayTls::CHOICES).map(|it| relay.tls = Some(it))),
    ("username", |relay, _, given, _| given.text().map(|it| relay.username = Some(it))),
    ("password", |_, slot, given, place| slot.put(Way::Value(Secret::new(given.text()?)), place)),
    ("password_file", |_, slot, given, place| slot.put(file(given, place)?, place)),
    ("connections", |relay, _, given, _| given.whole(1..=200).map(|it| relay.connections = u32::try_from(it).ok())),
    ("rate", |relay, _, given, _| given.whole(1..=1_000_000).map(|it| relay.rate_per_minute = u32::try_from(it).ok())),
    ("weight", |relay, _, given, _| given.whole(1..=1_000).map(|it| relay.weight = u32::try_from(it).ok())),
    ("messages_per_connection", |relay, _, given, _| {
        given.whole(1..=1_000_000).map(|it| relay.messages_per_connection = u64::try_from(it).ok())
    }),
    ("domain_rate", |relay, _, given, _| {
        given.whole(1..=1_000_000).map(|it| relay.domain_rate_per_minute = u32::try_from(it).ok())
    }),
    ("domain_connections", |relay, _, given, _| {
        given.whole(1..=200).map(|it| relay.domain_connections = u32::try_from(it).ok())
    }),
    ("from_domain", |relay, _, given, _| given.domain().map(|it| relay.from_domain = Some(it))),
];

/// Name servers by address; without a port it is the usual one.
fn servers(given: &Given) -> Result<Vec<SocketAddr>, String> {
    let parse = |text: &String| {
        let plain = text.parse().map(|address: IpAddr| SocketAddr::new(address, DNS_PORT));
        plain.or_else(|_| text.parse()).map_err(|_| {
            format!("holds “{text}”, which is no address of a name server like 192.0.2.53 or 192.0.2.53:5353.")
        })
    };
    given.list()?.iter().map(parse).collect()
}

fn networks(given: &Given) -> Result<Vec<String>, String> {
    let parse = |text: &String| match Network::parse(text) {
        Some(_) => Ok(text.trim().to_owned()),
        None => Err(format!("holds “{text}”, which is no address like 10.0.0.1 or 10.0.0.0/8.")),
    };
    given.list()?.iter().map(parse).collect()
}

fn value(given: &Given) -> Result<Way, String> {
    Ok(Way::Value(Secret::new(given.text()?)))
}

fn socket(given: &Given) -> Result<SocketAddr, String> {
    let text = given.text()?;
    text.parse().map_err(|_| format!("is “{text}”, but must be an address and a port such as 127.0.0.1:2525."))
}

fn topics(given: &Given) -> Result<Vec<String>, String> {
    let list = given.list()?;
    match list.iter().find(|topic| !topic.starts_with("arn:aws") || !topic.contains(":sns:")) {
        Some(topic) => {
            Err(format!("holds “{topic}”, which is no topic like arn:aws:sns:eu-west-1:123456789012:bounces."))
        }
        None => Ok(list),
    }
}

fn file(given: &Given, place: Place<'_>) -> Result<Way, String> {
    Ok(Way::File(place.folder.join(given.text()?)))
}

/// Never repeats the text: it may hold a password.
fn database_url(text: &str) -> Result<Secret, String> {
    if ["postgres://", "postgresql://"].iter().any(|scheme| text.starts_with(scheme)) {
        Ok(Secret::new(text))
    } else {
        Err("must begin with postgresql://. Leave it out to keep everything in the data folder (SQLite).".into())
    }
}

fn level(text: String) -> Result<String, String> {
    match tracing_subscriber::EnvFilter::try_new(&text) {
        Ok(_) => Ok(text),
        Err(_) => Err(format!("is “{text}”, but must be error, warn, info, debug or trace.")),
    }
}

impl Draft {
    /// Takes one setting outside the relays. Errs with a sentence for its place.
    pub(super) fn take(&mut self, name: &str, given: &Given, place: Place<'_>) -> Result<(), String> {
        let Some((_, take)) = KEYS.iter().find(|(known, _)| *known == name) else {
            if name == "data" {
                return Err("the data folder is no setting of this file. Name it with --data.".into());
            }
            return Err(unknown(name, KEYS.iter().map(|(known, _)| *known).chain(["relay"])));
        };
        take(self, given, place).map_err(|sentence| says(name, &sentence))?;
        self.origins.insert(name.to_owned(), place.words.to_owned());
        Ok(())
    }

    /// Takes one setting of relay `n`, making the relay if needed.
    pub(super) fn take_relay(&mut self, n: usize, name: &str, given: &Given, place: Place<'_>) -> Result<(), String> {
        let Some((_, take)) = RELAY_KEYS.iter().find(|(known, _)| *known == name) else {
            return Err(unknown(name, RELAY_KEYS.iter().map(|(known, _)| *known)));
        };
        self.open_relay(n, place.words);
        take(&mut self.relays[n], &mut self.passwords[n], given, place).map_err(|sentence| says(name, &sentence))?;
        self.origins.insert(format!("relay.{n}.{name}"), place.words.to_owned());
        Ok(())
    }

    fn provider(&mut self, provider: Provider) -> &mut Slot {
        self.provider_secrets.entry(provider).or_default()
    }

    /// Makes room for relay `n`, which begins at `words`.
    pub(super) fn open_relay(&mut self, n: usize, words: &str) {
        while self.relays.len() <= n {
            self.relays.push(RelayDraft { place: words.to_owned(), ..RelayDraft::default() });
            self.passwords.push(Slot::default());
        }
    }

    /// Takes every `MASTHEAD_*`; relays mean the first one.
    pub(super) fn take_environment(&mut self, environment: &[(String, String)], faults: &mut Vec<Fault>) {
        let known: Vec<(String, String)> = variables();
        let mut given: Vec<&(String, String)> =
            environment.iter().filter(|(name, _)| name.starts_with(PREFIX)).collect();
        given.sort();
        for (variable, value) in given {
            let place = Place { source: Source::Environment, folder: Path::new(""), words: variable };
            let value = Given::Loose(value.clone());
            let taken = match known.iter().find(|(name, _)| name == variable) {
                Some((_, name)) if name.is_empty() => Ok(()),
                Some((_, name)) => match name.strip_prefix("relay.") {
                    Some(name) => self.take_relay(0, name, &value, place),
                    None => self.take(name, &value, place),
                },
                None => match nearest::nearest(variable, known.iter().map(|(name, _)| name.as_str())) {
                    Some(meant) => Err(format!("there is no such setting. Did you mean {meant}?")),
                    None => {
                        // Container platforms add names of their own, so a stranger alone is no fault.
                        self.remarks
                            .push(format!("{variable} in the environment is no setting of ours; it was passed over."));
                        Ok(())
                    }
                },
            };
            if let Err(sentence) = taken {
                faults.push(Fault::at(variable, sentence));
            }
        }
    }

    /// Checks what belongs together and fills in what was left out.
    pub(super) fn finish(mut self, data: &Path, faults: &mut Vec<Fault>) -> Config {
        let mut relays = Vec::new();
        for (mut relay, slot) in self.relays.into_iter().zip(self.passwords) {
            relay.password = slot.read(&mut self.remarks, faults);
            let place = relay.place.clone();
            match relay.finish() {
                Ok(relay) => relays.push(relay),
                Err(sentence) => faults.push(Fault::at(place, sentence)),
            }
        }
        let listen = self.listen.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8080)));
        let url_place = self.origins.get("database.url_file").cloned();
        let database = self.database.read(&mut self.remarks, faults);
        if let (Some(url), Some(place), true) = (&database, url_place, faults.is_empty())
            && let Err(sentence) = database_url(url.reveal())
        {
            faults.push(Fault::at(place, format!("names a file whose text {sentence}")));
        }
        let mut bounces = self.bounces;
        for (provider, slot) in self.provider_secrets {
            let secret = slot.read(&mut self.remarks, faults);
            let keys = &mut bounces.keys;
            match provider {
                Provider::Mailgun => keys.mailgun = secret,
                Provider::Resend => keys.resend = secret,
                Provider::Postmark => keys.postmark = secret,
                Provider::Brevo => keys.brevo = secret,
                Provider::Mailjet => keys.mailjet = secret,
                Provider::Ses | Provider::SendGrid => {}
            }
        }
        let password = self.maildrop_password.read(&mut self.remarks, faults);
        match self.maildrop.finish(password) {
            Ok(maildrop) => bounces.maildrop = maildrop,
            Err(sentence) => faults.push(Fault::at("bounces", sentence)),
        }
        let front = Front { purge_secret: self.purge_secret.read(&mut self.remarks, faults), ..self.front };
        if let Err(sentence) = front.caches() {
            let place = self.origins.get("cache.purge").cloned().unwrap_or_default();
            faults.push(Fault::at(place, sentence));
        }
        let mut config = Config {
            listen,
            public_url: self.public_url.unwrap_or_else(|| format!("http://{listen}")),
            data: data.to_owned(),
            database: database.map_or(Database::Embedded, Database::Postgres),
            relays,
            letters: self.letters,
            bounces,
            trusted_proxies: self.trusted_proxies,
            outgoing_allow: self.outgoing_allow,
            name_servers: self.name_servers,
            front,
            theme: self.theme.unwrap_or_else(|| data.join(super::THEME)),
            log: Log {
                format: self.log_format.unwrap_or(LogFormat::Text),
                level: self.log_level.unwrap_or_else(|| "info".into()),
            },
            remarks: self.remarks,
            shown: Vec::new(),
        };
        config.shown = show::list(&config, &self.origins);
        config
    }
}

/// Every name the environment may use, with the setting it means; empty for those the command line takes itself.
fn variables() -> Vec<(String, String)> {
    let variable = |name: &str| format!("{PREFIX}{}", name.to_uppercase().replace('.', "_"));
    let relay = RELAY_KEYS.iter().map(|(name, _)| format!("relay.{name}"));
    let mut all: Vec<(String, String)> =
        KEYS.iter().map(|(name, _)| (*name).to_owned()).chain(relay).map(|name| (variable(&name), name)).collect();
    all.extend(["data", "config"].map(|name| (variable(name), String::new())));
    all
}

fn says(name: &str, sentence: &str) -> String {
    format!("“{name}” {sentence}")
}

fn unknown<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.collect();
    match nearest::nearest(name, known.iter().copied()) {
        Some(meant) => format!("there is no setting “{name}”. Did you mean “{meant}”?"),
        None => format!("there is no setting “{name}”. There are: {}.", known.join(", ")),
    }
}
