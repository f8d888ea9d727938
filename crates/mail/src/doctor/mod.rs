//! Looks over what the world can know of a sender: SPF, DKIM, DMARC, the names of machines, the relays, and what the large
//! mailbox providers ask. Facts in, findings out; who asks name servers is `looked`, and it decides nothing.

mod bulk;
mod dmarc;
mod hosts;
mod looked;
mod records;
mod spf;
#[cfg(test)]
mod tests;

use std::net::IpAddr;

use crate::dkim::{KeyRecord, TXT_STRING_BYTES_MAX};

pub use looked::{Looked, QUESTIONS_MAX, Question, look};
pub use spf::{LOOKUPS_MAX, VOID_LOOKUPS_MAX};

/// What was found about one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub about: About,
    pub verdict: Verdict,
    /// For people: what is, and what to do.
    pub sentence: String,
    /// The line for the zone file, where one mends it.
    pub line: Option<String>,
}

/// How a finding is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Pass,
    /// Worth knowing; mail arrives all the same.
    Note,
    /// Mail suffers until this is mended.
    Mend,
}

impl Verdict {
    /// As reported to programs.
    pub fn key(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Note => "note",
            Self::Mend => "mend",
        }
    }
}

/// What a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum About {
    Name,
    Spf,
    Dkim,
    Dmarc,
    Alignment,
    Mx,
    Ptr,
    Relay,
    Mailbox,
    Unsubscribe,
    Clock,
    Complaints,
    Gmail,
    Yahoo,
    Microsoft,
}

impl About {
    /// For people and programs.
    pub fn words(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Spf => "SPF",
            Self::Dkim => "DKIM",
            Self::Dmarc => "DMARC",
            Self::Alignment => "alignment",
            Self::Mx => "MX",
            Self::Ptr => "PTR",
            Self::Relay => "relay",
            Self::Mailbox => "mailbox",
            Self::Unsubscribe => "unsubscribe",
            Self::Clock => "clock",
            Self::Complaints => "complaints",
            Self::Gmail => "Gmail",
            Self::Yahoo => "Yahoo",
            Self::Microsoft => "Microsoft",
        }
    }
}

impl Finding {
    pub fn pass(about: About, sentence: impl Into<String>) -> Self {
        Self { about, verdict: Verdict::Pass, sentence: sentence.into(), line: None }
    }

    pub fn note(about: About, sentence: impl Into<String>) -> Self {
        Self { about, verdict: Verdict::Note, sentence: sentence.into(), line: None }
    }

    pub fn mend(about: About, sentence: impl Into<String>) -> Self {
        Self { about, verdict: Verdict::Mend, sentence: sentence.into(), line: None }
    }

    /// With the line that mends it.
    pub fn with(self, line: impl Into<String>) -> Self {
        Self { line: Some(line.into()), ..self }
    }
}

/// Who sends, as its own settings say. Domains and hosts in small letters.
#[derive(Clone, Debug)]
pub struct Sender {
    /// The domain in `From`, which signs.
    pub from_domain: String,
    /// The domain of the envelope's sender.
    pub bounce_domain: String,
    /// Our own host, by which we greet.
    pub host: String,
    pub keys: Vec<Key>,
    pub relays: Vec<RelaySeen>,
}

impl Sender {
    /// Whether the world can know anything of it: names with a dot for its mail and its site, no mere addresses.
    pub fn is_public(&self) -> bool {
        let is_name =
            |name: &str| name.contains('.') && name.parse::<IpAddr>().is_err() && !name.ends_with(".localhost");
        is_name(&self.from_domain) && is_name(&self.host)
    }
}

/// A key that letters are, were or will be signed with.
#[derive(Clone, Debug)]
pub struct Key {
    /// Where its record belongs: `m1._domainkey.paper.example`.
    pub name: String,
    pub record: KeyRecord,
    pub standing: Standing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Prepared,
    InUse,
    /// It signs no more, and letters it signed are still under way.
    Retired,
}

/// What came of opening a connection to one relay.
#[derive(Clone, Debug)]
pub struct RelaySeen {
    pub name: String,
    /// As in the settings: a name or an address; empty where letters go straight to readers' own servers.
    pub host: String,
    /// Whether the connection was encrypted, or why there was none, as a sentence without a dot.
    pub opened: Result<bool, String>,
}

/// Everything that can be said of `sender` from what name servers answered, in the order of [`About`]. What the
/// providers ask is judged by [`providers`] once everything else is known.
pub fn examine(sender: &Sender, looked: &Looked) -> Vec<Finding> {
    let mut found = Vec::new();
    if !sender.is_public() {
        found.push(Finding::note(
            About::Name,
            "This paper has no name of its own yet, so nothing is asked about its mail. Set public_url and mail.from.",
        ));
        hosts::relays(sender, looked, &mut found);
        return found;
    }
    records::spf(sender, looked, &mut found);
    records::dkim(sender, looked, &mut found);
    let dmarc = records::dmarc(sender, looked, &mut found);
    records::alignment(sender, dmarc.as_ref(), &mut found);
    hosts::exchangers(sender, looked, &mut found);
    hosts::pointers(sender, looked, &mut found);
    hosts::relays(sender, looked, &mut found);
    found
}

/// What Gmail, Yahoo and Microsoft ask of those who send much, judged by what was found about everything else.
pub fn providers(found: &[Finding]) -> Vec<Finding> {
    bulk::providers(found)
}

/// A TXT record as a line for a zone file, its strings no longer than they may be.
fn text_line(name: &str, text: &str) -> String {
    let escaped = |piece: &[u8]| String::from_utf8_lossy(piece).replace('\\', "\\\\").replace('"', "\\\"");
    let strings: Vec<String> =
        text.as_bytes().chunks(TXT_STRING_BYTES_MAX).map(|piece| format!("\"{}\"", escaped(piece))).collect();
    format!("{name}. IN TXT ( {} )", strings.join(" "))
}

/// Whether packets to this address stay with us: the sender's own machine or network.
fn is_near(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.is_loopback() || v4.is_private() || v4.is_link_local() || v4.is_unspecified(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unspecified() || v6.is_unique_local(),
    }
}
