//! The commands of one envelope, with the parameters its message needs and the relay offers.
//! Says what a relay cannot take before a word is said.

use std::fmt::Write as _;

use super::capabilities::{Capabilities, Size};
use super::outcome::{Outcome, Stage};
use super::reply::Enhanced;
use crate::address::{Address, Envelope};
use crate::mail_data::MailData;

/// MAIL and RCPT of one message, without line ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Words {
    pub(crate) mail: String,
    pub(crate) rcpt: String,
}

impl Words {
    /// RFC 5321 §4.1.1.2 and §4.1.1.3 with SIZE (RFC 1870), BODY (RFC 6152), SMTPUTF8 (RFC 6531) and, where offered, DSN
    /// (RFC 3461): reports for failures only, with headers only, under the envelope's name and the recipient's address as we have it.
    /// Errs with the refusal we give in the relay's place when it cannot take the message.
    pub(crate) fn of(can: &Capabilities, envelope: &Envelope, message: &MailData) -> Result<Self, Outcome> {
        let mut mail = format!("MAIL FROM:<{}>", envelope.sender.as_ref().map_or("", Address::as_str));
        match can.size {
            Some(Size::Max(max)) if message.len() as u64 > max => {
                return Err(refuse(552, (3, 4), "the message is larger than this relay takes"));
            }
            Some(_) => add(&mut mail, format_args!(" SIZE={}", message.len())),
            None => {}
        }
        if message.is_eight_bit() {
            if !can.eight_bit_mime {
                return Err(refuse(554, (6, 3), "the message is 8-bit and this relay takes 7-bit only"));
            }
            mail.push_str(" BODY=8BITMIME");
        }
        if envelope.needs_smtputf8() || message.has_utf8_headers() {
            if !can.smtputf8 {
                return Err(refuse(553, (6, 7), "the address is not ASCII and this relay does not offer SMTPUTF8"));
            }
            mail.push_str(" SMTPUTF8");
        }
        let mut rcpt = format!("RCPT TO:<{}>", envelope.recipient.as_str());
        if can.dsn {
            mail.push_str(" RET=HDRS");
            if let Some(id) = &envelope.id {
                add(&mut mail, format_args!(" ENVID={}", xtext(id)));
            }
            rcpt.push_str(" NOTIFY=FAILURE");
            // A report repeats it, whatever servers on the way have made of it.
            if !envelope.recipient.needs_smtputf8() {
                add(&mut rcpt, format_args!(" ORCPT=rfc822;{}", xtext(envelope.recipient.as_str())));
            }
        }
        Ok(Self { mail, rcpt })
    }
}

fn add(out: &mut String, more: std::fmt::Arguments<'_>) {
    out.write_fmt(more).expect("a String takes everything");
}

/// Hexadecimal for what may not stand in a parameter (RFC 3461 §4).
fn xtext(id: &str) -> String {
    let mut out = String::with_capacity(id.len());
    for octet in id.bytes() {
        match octet {
            b'!'..=b'~' if !matches!(octet, b'+' | b'=') => out.push(octet as char),
            _ => add(&mut out, format_args!("+{octet:02X}")),
        }
    }
    out
}

/// A permanent refusal in our own words, with the status a relay would have used (RFC 3463).
fn refuse(code: u16, (subject, detail): (u16, u16), text: &str) -> Outcome {
    let enhanced = Some(Enhanced { class: 5, subject, detail });
    Outcome::Refused { stage: Stage::Mail, code, enhanced, text: text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_envelope_says_only_what_is_needed_and_offered() {
        fn check(can: &Capabilities, recipient: &str, text: &str, mail: &str, rcpt: &str) {
            let envelope = Envelope::parse("b+x@bounce.example", recipient).unwrap().with_id("d1+2=3");
            let words = Words::of(can, &envelope, &MailData::check(text.into()).unwrap()).unwrap();
            assert_eq!((words.mail.as_str(), words.rcpt.as_str()), (mail, rcpt));
        }
        let none = Capabilities::default();
        let all = Capabilities {
            smtputf8: true,
            eight_bit_mime: true,
            dsn: true,
            size: Some(Size::Unlimited),
            ..Capabilities::default()
        };
        check(&none, "r@example.ht", "A: b", "MAIL FROM:<b+x@bounce.example>", "RCPT TO:<r@example.ht>");
        check(
            &all,
            "r@example.ht",
            "A: b",
            "MAIL FROM:<b+x@bounce.example> SIZE=6 RET=HDRS ENVID=d1+2B2+3D3",
            "RCPT TO:<r@example.ht> NOTIFY=FAILURE ORCPT=rfc822;r@example.ht",
        );
        check(
            &all,
            "josé@example.ht",
            "A: b",
            "MAIL FROM:<b+x@bounce.example> SIZE=6 SMTPUTF8 RET=HDRS ENVID=d1+2B2+3D3",
            "RCPT TO:<josé@example.ht> NOTIFY=FAILURE",
        );
        check(
            &Capabilities { dsn: false, ..all },
            "josé@example.ht",
            "A: b\r\n\r\né",
            "MAIL FROM:<b+x@bounce.example> SIZE=12 BODY=8BITMIME SMTPUTF8",
            "RCPT TO:<josé@example.ht>",
        );
    }
}
