//! What the machine needs to know: `masthead.toml`, then `MASTHEAD_*`, then the command line.
//! The only place that is handed the environment. What the newsroom decides lives in the database, never here.

mod fault;
mod file;
mod front;
mod given;
mod keys;
mod maildrop;
mod nearest;
mod relay;
mod secret;
mod show;

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;

pub use fault::{Fault, Faults};
pub use front::Front;
pub use relay::{Relay, RelayTls};
pub use show::Shown;

use keys::Draft;
use mail::Secret;
use mail::maildrop::MaildropSettings;

/// The file's name in the data folder.
pub const FILE_NAME: &str = "masthead.toml";
/// The theme folder's name in the data folder.
pub const THEME: &str = "theme";
/// How the environment's names begin.
pub const PREFIX: &str = "MASTHEAD_";

/// Where the settings come from.
#[derive(Clone, Debug)]
pub struct Sources {
    /// The data folder, from `--data`.
    pub data: PathBuf,
    /// The file from `--config`; without it `masthead.toml` in the data folder, which may be absent.
    pub file: Option<PathBuf>,
    /// The environment, all of it; names that do not begin with `MASTHEAD_` are passed over.
    pub environment: Vec<(String, String)>,
}

/// Where everything is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Database {
    /// SQLite in the data folder.
    Embedded,
    /// A PostgreSQL address; it may hold a password.
    Postgres(Secret),
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    Json,
}

/// What is logged, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    pub format: LogFormat,
    /// A level, or filters such as `info,mail=debug`.
    pub level: String,
}

/// Who our letters are from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Letters {
    /// The address in `From`.
    pub from: Option<String>,
    /// The name in `From`; without it the publication's name.
    pub from_name: Option<String>,
    /// Domain of the envelope sender, to which reports come back; without it the domain of `from`.
    pub bounce_domain: Option<String>,
    /// Nothing leaves this installation while this is set, whatever `masthead release` says.
    pub hold: bool,
    /// Letters leave without a DKIM signature of ours: the relay alone signs.
    pub unsigned: bool,
}

/// How what comes back for letters reaches us.
#[derive(Clone, Debug, Default)]
pub struct Bounces {
    /// Where the built-in receiver takes mail over SMTP.
    pub smtp: Option<SocketAddr>,
    /// The same over LMTP, behind a mail server of ours.
    pub lmtp: Option<SocketAddr>,
    /// The mailbox on another server from which it is fetched.
    pub maildrop: Option<MaildropSettings>,
    /// What the providers that call us prove themselves by.
    pub keys: mail::webhook::Keys,
}

impl Bounces {
    /// Whether mail to the bounce domain comes to us at all.
    pub fn receives(&self) -> bool {
        self.smtp.is_some() || self.lmtp.is_some() || self.maildrop.is_some()
    }
}

/// Everything the program needs to know about its machine.
#[derive(Clone, Debug)]
pub struct Config {
    pub listen: SocketAddr,
    /// Scheme, host and port that readers use, without a slash at the end.
    pub public_url: String,
    pub data: PathBuf,
    pub database: Database,
    /// In the order of the file; the first is used first.
    pub relays: Vec<Relay>,
    pub letters: Letters,
    pub bounces: Bounces,
    /// Proxies whose word about a reader's address we take: addresses or networks, checked.
    pub trusted_proxies: Vec<String>,
    /// Addresses or networks that may be asked over the web although they are not public, checked.
    pub outgoing_allow: Vec<String>,
    /// Name servers asked in place of the machine's own; empty for those.
    pub name_servers: Vec<SocketAddr>,
    /// The cache in front of us.
    pub front: Front,
    /// The publisher's theme; without a setting, `theme/` in the data folder, which may be absent.
    pub theme: PathBuf,
    pub log: Log,
    /// What is allowed but odd, a sentence each.
    pub remarks: Vec<String>,
    shown: Vec<Shown>,
}

impl Config {
    /// Reads all sources. Errs with every fault found, each with its place.
    pub fn load(sources: &Sources) -> Result<Self, Faults> {
        let mut draft = Draft::default();
        let mut faults = Vec::new();
        let path = sources.file.clone().unwrap_or_else(|| sources.data.join(FILE_NAME));
        match std::fs::read_to_string(&path) {
            Ok(text) => file::take(&text, &path, &mut draft, &mut faults),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && sources.file.is_none() => {}
            Err(error) => faults.push(Fault::of_file(&path, format!("cannot be read: {}", reason(&error)))),
        }
        draft.take_environment(&sources.environment, &mut faults);
        let config = draft.finish(&sources.data, &mut faults);
        if faults.is_empty() { Ok(config) } else { Err(Faults(faults)) }
    }

    /// Every setting in force, in the order of the documentation, with secrets hidden.
    pub fn shown(&self) -> &[Shown] {
        &self.shown
    }

    /// The host of `public_url`, without scheme and port: our name towards relays.
    pub fn host(&self) -> &str {
        let rest = self.public_url.split_once("://").map_or(self.public_url.as_str(), |(_, rest)| rest);
        match rest.strip_prefix('[').and_then(|v6| v6.split_once(']')) {
            Some((v6, _)) => v6,
            None => rest.split(':').next().unwrap_or(rest),
        }
    }
}

/// The names and values of the environment that are text.
pub fn environment() -> Vec<(String, String)> {
    let text = |(name, value): (OsString, OsString)| Some((name.into_string().ok()?, value.into_string().ok()?));
    std::env::vars_os().filter_map(text).collect()
}

/// What the system says, in words that follow a colon.
pub(crate) fn reason(error: &std::io::Error) -> String {
    use std::io::ErrorKind;
    match error.kind() {
        ErrorKind::NotFound => "there is no such file".into(),
        ErrorKind::PermissionDenied => "this account may not read it".into(),
        ErrorKind::IsADirectory => "it is a folder".into(),
        ErrorKind::InvalidData => "it is not UTF-8 text".into(),
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests;
