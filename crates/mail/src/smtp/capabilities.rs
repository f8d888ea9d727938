//! What a relay says it can do in its answer to EHLO.

use super::reply::Reply;

/// The SIZE the relay announced (RFC 1870 §3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// SIZE without a number, or with 0: the parameter may be used, there is no stated limit.
    Unlimited,
    /// Most octets of one message.
    Max(u64),
}

/// The extensions one relay offers on one connection (RFC 5321 §4.1.1.1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// RFC 2920.
    pub pipelining: bool,
    /// RFC 6152.
    pub eight_bit_mime: bool,
    /// RFC 6531.
    pub smtputf8: bool,
    /// RFC 3030.
    pub chunking: bool,
    /// RFC 3461.
    pub dsn: bool,
    /// RFC 3207.
    pub starttls: bool,
    /// RFC 2034.
    pub enhanced_status_codes: bool,
    /// RFC 1870; `None` when SIZE is not offered.
    pub size: Option<Size>,
    /// RFC 4954 with PLAIN (RFC 4616).
    pub auth_plain: bool,
    /// AUTH LOGIN, which has no RFC but many relays.
    pub auth_login: bool,
    /// AUTH XOAUTH2, Google's and Microsoft's way to log in with a token.
    pub auth_xoauth2: bool,
}

impl Capabilities {
    /// Reads the lines after the first of a positive EHLO reply. Unknown words are passed over.
    pub fn parse(reply: &Reply) -> Self {
        let mut known = Self::default();
        for line in reply.lines.iter().skip(1) {
            // "AUTH=LOGIN PLAIN" is how relays greeted Outlook Express; some still do.
            let line = line.to_ascii_uppercase().replacen("AUTH=", "AUTH ", 1);
            let mut words = line.split_ascii_whitespace();
            match words.next() {
                Some("PIPELINING") => known.pipelining = true,
                Some("8BITMIME") => known.eight_bit_mime = true,
                Some("SMTPUTF8") => known.smtputf8 = true,
                Some("CHUNKING") => known.chunking = true,
                Some("DSN") => known.dsn = true,
                Some("STARTTLS") => known.starttls = true,
                Some("ENHANCEDSTATUSCODES") => known.enhanced_status_codes = true,
                Some("SIZE") => {
                    let max = words.next().and_then(|number| number.parse().ok()).unwrap_or(0);
                    known.size = Some(if max == 0 { Size::Unlimited } else { Size::Max(max) });
                }
                Some("AUTH") => {
                    for mechanism in words {
                        known.auth_plain |= mechanism == "PLAIN";
                        known.auth_login |= mechanism == "LOGIN";
                        known.auth_xoauth2 |= mechanism == "XOAUTH2";
                    }
                }
                _ => {}
            }
        }
        known
    }
}
