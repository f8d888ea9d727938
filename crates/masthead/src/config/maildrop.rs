//! The mailbox that reports are fetched from, as the operator wrote it: `imaps://mail.example.org/Bounces`.

use mail::Secret;
use mail::maildrop::{MaildropSettings, Protocol};
use mail::smtp::Tls;

use super::relay::near;

/// A mailbox while it is being read.
#[derive(Clone, Debug, Default)]
pub(super) struct MaildropDraft {
    pub(super) place: Option<MailboxPlace>,
    pub(super) username: Option<String>,
}

/// Where the mailbox is.
#[derive(Clone, Debug)]
pub(super) struct MailboxPlace {
    protocol: Protocol,
    tls: Tls,
    host: String,
    port: u16,
    folder: String,
}

impl MailboxPlace {
    /// Reads an address such as `imaps://mail.example.org`, `pop3s://mail.example.org:1995` or
    /// `imap://mail.example.org/Bounces` (STARTTLS, unless it is this machine). Errs with the rest of a sentence.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!("is “{text}”, but must be an address such as imaps://mail.example.org or pop3s://mail.example.org.")
        };
        let (scheme, rest) = text.split_once("://").ok_or_else(wrong)?;
        let (protocol, implicit) = match scheme {
            "imaps" => (Protocol::Imap, true),
            "imap" => (Protocol::Imap, false),
            "pop3s" => (Protocol::Pop3, true),
            "pop3" => (Protocol::Pop3, false),
            _ => return Err(wrong()),
        };
        if rest.contains(['@', '?', '#', ' ']) {
            return Err("must hold neither a user name nor a password; they are settings of their own.".into());
        }
        let (at, folder) = rest.split_once('/').unwrap_or((rest, ""));
        let (host, port) = match at.rsplit_once(':') {
            Some((host, port)) if !host.contains(':') || host.ends_with(']') => {
                (host, Some(port.parse::<u16>().ok().filter(|port| *port > 0).ok_or_else(wrong)?))
            }
            Some(_) | None => (at, None),
        };
        let host = host.trim_matches(['[', ']']).to_owned();
        if host.is_empty() || (protocol == Protocol::Pop3 && !folder.is_empty()) {
            return Err(wrong());
        }
        let tls = match (implicit, near(&host)) {
            (true, _) => Tls::Implicit,
            (false, true) => Tls::StartTlsIfOffered,
            (false, false) => Tls::Required,
        };
        let folder = if folder.is_empty() { "INBOX".to_owned() } else { folder.to_owned() };
        Ok(Self { protocol, tls, host, port: port.unwrap_or_else(|| protocol.usual_port(tls)), folder })
    }
}

impl MaildropDraft {
    /// The whole mailbox, or None where none is named. Errs with a sentence about what is missing.
    pub(super) fn finish(self, password: Option<Secret>) -> Result<Option<MaildropSettings>, String> {
        let Some(MailboxPlace { protocol, tls, host, port, folder }) = self.place else {
            return match (self.username, password) {
                (None, None) => Ok(None),
                (_, _) => Err("a mailbox has a user name or a password, but no address. Set bounces.mailbox.".into()),
            };
        };
        let (Some(username), Some(password)) = (self.username, password) else {
            return Err(
                "the mailbox of reports needs bounces.mailbox_username and bounces.mailbox_password_file.".into()
            );
        };
        Ok(Some(MaildropSettings { protocol, host, port, tls, username, password, folder, extra_roots_pem: None }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Protocol, Tls, String, u16, String) {
        let place = MailboxPlace::parse(text).unwrap();
        (place.protocol, place.tls, place.host, place.port, place.folder)
    }

    #[test]
    fn an_address_says_protocol_encryption_host_port_and_folder() {
        let inbox = || "INBOX".to_owned();
        assert_eq!(read("imaps://a.example"), (Protocol::Imap, Tls::Implicit, "a.example".into(), 993, inbox()));
        assert_eq!(
            read("imap://a.example:1143/Bounces"),
            (Protocol::Imap, Tls::Required, "a.example".into(), 1143, "Bounces".into())
        );
        assert_eq!(read("pop3s://[::1]:1995"), (Protocol::Pop3, Tls::Implicit, "::1".into(), 1995, inbox()));
        assert_eq!(
            read("pop3://localhost"),
            (Protocol::Pop3, Tls::StartTlsIfOffered, "localhost".into(), 110, inbox())
        );
    }

    #[test]
    fn what_is_no_mailbox_is_refused_with_an_example() {
        for text in [
            "a.example",
            "http://a.example",
            "imaps://",
            "imaps://a.example:0",
            "imaps://a.example:x",
            "pop3://a.example/x",
        ] {
            assert!(MailboxPlace::parse(text).unwrap_err().contains("imaps://mail.example.org"), "{text}");
        }
        assert!(MailboxPlace::parse("imaps://me:secret@a.example").unwrap_err().contains("neither"));
        let alone = MaildropDraft { place: None, username: Some("me".into()) };
        assert!(alone.finish(None).unwrap_err().contains("bounces.mailbox"));
    }
}
