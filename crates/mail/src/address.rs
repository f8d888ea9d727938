//! Envelope addresses: checked at the door, ASCII domain inside.
//! Does not judge what a sign-up form may accept; that is a rule of the newsroom.

use std::fmt;

/// Longest address the envelope takes, in octets (RFC 5321 §4.5.3.1.3: a path of 256 with its brackets).
pub const ADDRESS_BYTES_MAX: usize = 254;
/// Longest local part, in octets (RFC 5321 §4.5.3.1.1).
pub const LOCAL_PART_BYTES_MAX: usize = 64;

/// One mail address fit for an envelope: no spaces, brackets or control characters, and the domain as A-labels
/// (RFC 5890), so that only a non-ASCII local part ever needs SMTPUTF8 (RFC 6531).
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Address {
    whole: String,
    at: usize,
}

/// Why a text is not an envelope address. The sentence is for the operator; it never repeats the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadAddress {
    /// Nothing before or after the last `@`, or no `@` at all.
    Incomplete,
    /// A control character, a space, `<` or `>`.
    ForbiddenCharacter,
    /// Longer than RFC 5321 §4.5.3.1 allows.
    TooLong,
    /// The domain has no IDNA form (UTS 46), or is not a host name.
    Domain,
}

impl fmt::Display for BadAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Incomplete => "the address needs a name, an @ and a domain",
            Self::ForbiddenCharacter => "the address holds a space, a bracket or a control character",
            Self::TooLong => "the address is longer than mail allows",
            Self::Domain => "the domain of the address is not a domain name",
        })
    }
}

impl std::error::Error for BadAddress {}

impl Address {
    /// Takes `local@domain` in Unicode or ASCII and keeps it with the domain as lower-case A-labels.
    /// A domain literal such as `[192.0.2.1]` is kept as it is. Errs when the text could not stand between `<` and `>`
    /// of a MAIL or RCPT command (RFC 5321 §4.1.2); quoted local parts with spaces are not taken.
    pub fn parse(text: &str) -> Result<Self, BadAddress> {
        if text.chars().any(|c| c.is_control() || c.is_whitespace() || matches!(c, '<' | '>')) {
            return Err(BadAddress::ForbiddenCharacter);
        }
        let (local, domain) = text.rsplit_once('@').ok_or(BadAddress::Incomplete)?;
        if local.is_empty() || domain.is_empty() {
            return Err(BadAddress::Incomplete);
        }
        let domain = ascii_domain(domain)?;
        let whole = format!("{local}@{domain}");
        if local.len() > LOCAL_PART_BYTES_MAX || whole.len() > ADDRESS_BYTES_MAX {
            return Err(BadAddress::TooLong);
        }
        Ok(Self { at: local.len(), whole })
    }

    /// The whole address as it goes on the wire, without brackets.
    pub fn as_str(&self) -> &str {
        &self.whole
    }

    /// What stands before the last `@`.
    pub fn local_part(&self) -> &str {
        &self.whole[..self.at]
    }

    /// What stands after the last `@`, always ASCII.
    pub fn domain(&self) -> &str {
        &self.whole[self.at + 1..]
    }

    /// Whether the relay must offer SMTPUTF8 to take this address (RFC 6531 §3.3).
    pub fn needs_smtputf8(&self) -> bool {
        !self.local_part().is_ascii()
    }
}

/// Prints the address without its local part: logs travel further than databases.
impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address(…@{})", self.domain())
    }
}

fn ascii_domain(domain: &str) -> Result<String, BadAddress> {
    if let Some(literal) = domain.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        let plain = literal.strip_prefix("IPv6:").unwrap_or(literal);
        return plain.parse::<std::net::IpAddr>().map(|_| domain.to_owned()).map_err(|_| BadAddress::Domain);
    }
    let ascii = idna::domain_to_ascii_strict(domain).map_err(|_| BadAddress::Domain)?;
    if ascii.is_empty() || ascii.len() > 253 { Err(BadAddress::Domain) } else { Ok(ascii) }
}

/// Who a message is from and to as the relay sees it (RFC 5321 §2.3.1): one recipient, because every message is
/// printed for one reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// Where reports go; `None` is the null reverse-path `<>` (RFC 5321 §4.5.5).
    pub sender: Option<Address>,
    /// Who gets the message.
    pub recipient: Address,
    /// Our name for this envelope, which a report on it repeats (ENVID, RFC 3461 §4.4), where the relay offers DSN.
    pub id: Option<String>,
}

/// Longest [`Envelope::id`], in octets as it is sent (RFC 3461 §4.4).
pub const ENVELOPE_ID_BYTES_MAX: usize = 100;

impl Envelope {
    /// Checks both addresses. An empty `sender` makes the null reverse-path. Errs like [`Address::parse`].
    pub fn parse(sender: &str, recipient: &str) -> Result<Self, BadAddress> {
        let sender = if sender.is_empty() { None } else { Some(Address::parse(sender)?) };
        Ok(Self { sender, recipient: Address::parse(recipient)?, id: None })
    }

    /// The same envelope under this name. A name that is empty, too long or not printable ASCII is left out.
    pub fn with_id(self, id: &str) -> Self {
        let plain = !id.is_empty() && id.len() <= ENVELOPE_ID_BYTES_MAX / 3 && id.bytes().all(|b| b.is_ascii_graphic());
        Self { id: plain.then(|| id.to_owned()), ..self }
    }

    /// Whether either address needs SMTPUTF8.
    pub fn needs_smtputf8(&self) -> bool {
        self.recipient.needs_smtputf8() || self.sender.as_ref().is_some_and(Address::needs_smtputf8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_envelope_address_is_ascii_after_the_at_sign() {
        fn check(given: &str, kept: &str) {
            assert_eq!(Address::parse(given).as_ref().map(Address::as_str), Ok(kept), "{given}");
        }
        check("rose@example.ht", "rose@example.ht");
        check("Rose.Jean+news@Example.HT", "Rose.Jean+news@example.ht");
        check("rose@bücher.example", "rose@xn--bcher-kva.example");
        check("rose@例え.jp", "rose@xn--r8jz45g.jp");
        check("josé@example.ht", "josé@example.ht");
        check("a@b@example.ht", "a@b@example.ht");
        check("rose@[192.0.2.1]", "rose@[192.0.2.1]");
        check("rose@[IPv6:2001:db8::1]", "rose@[IPv6:2001:db8::1]");
    }

    #[test]
    fn a_text_that_could_leave_its_brackets_is_not_an_address() {
        fn check(given: &str, why: BadAddress) {
            assert_eq!(Address::parse(given), Err(why), "{given:?}");
        }
        check("", BadAddress::Incomplete);
        check("rose", BadAddress::Incomplete);
        check("@example.ht", BadAddress::Incomplete);
        check("rose@", BadAddress::Incomplete);
        check("rose@example.ht>\r\nRCPT TO:<ben@example.ht", BadAddress::ForbiddenCharacter);
        check("ro se@example.ht", BadAddress::ForbiddenCharacter);
        check("<rose@example.ht>", BadAddress::ForbiddenCharacter);
        check("rose\0@example.ht", BadAddress::ForbiddenCharacter);
        check("rose@exa_mple..ht", BadAddress::Domain);
        check("rose@[example]", BadAddress::Domain);
        check(&format!("{}@example.ht", "r".repeat(65)), BadAddress::TooLong);
    }

    #[test]
    fn only_a_foreign_local_part_needs_smtputf8() {
        assert!(Address::parse("josé@example.ht").unwrap().needs_smtputf8());
        assert!(!Address::parse("jose@exämple.ht").unwrap().needs_smtputf8());
    }

    #[test]
    fn an_address_never_shows_its_local_part_in_a_debug_line() {
        assert_eq!(format!("{:?}", Address::parse("rose@example.ht").unwrap()), "Address(…@example.ht)");
    }

    proptest! {
        #[test]
        fn no_text_smuggles_a_command_through_an_address(text in "\\PC{0,20}[\r\n<> \0]?\\PC{0,20}@\\PC{1,20}") {
            if let Ok(address) = Address::parse(&text) {
                prop_assert!(!address.as_str().contains(['\r', '\n', '<', '>', ' ', '\0']));
                prop_assert!(address.domain().is_ascii());
            }
        }
    }
}
