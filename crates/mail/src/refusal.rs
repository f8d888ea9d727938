//! Whose fault a refusal is: the address, its mailbox, our policy or content, or something else.
//! Pure. Suppressing, pausing and telling people is the caller's decision.

use newsroom::returned::Class;

use crate::bounce::{Facts, When, judge};
use crate::smtp::{Enhanced, Stage};

/// What a 5xx reply says about the delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RefusalClass {
    /// There is no such mailbox, and there will not be one.
    Address,
    /// The mailbox exists and takes no more for now.
    MailboxFull,
    /// Our sending, our reputation or our message was refused: never blame the reader.
    Policy,
    /// Nothing that points at the address or at us with certainty.
    Other,
}

/// Sorts a 5xx reply by stage, code, enhanced status (RFC 3463) and, where those are vague, the words relays use; the
/// same rules and words by which reports are read. Only a reply at RCPT can be about the address: at MAIL, DATA and the
/// dot the relay judges us or the message. Ambiguous replies are never `Address`: wrongly suppressing a reader is worse
/// than one more refusal tomorrow.
pub fn classify_refusal(stage: Stage, code: u16, enhanced: Option<Enhanced>, text: &str) -> RefusalClass {
    let when = match stage {
        Stage::Mail => When::Sender,
        Stage::Rcpt => When::Recipient,
        Stage::Data | Stage::Dot => When::Data,
        _ => When::Unknown,
    };
    let (class, _) = judge(&Facts { status: enhanced, reply: Some(code), text, when });
    match class {
        Class::Address if stage == Stage::Rcpt => RefusalClass::Address,
        Class::MailboxFull => RefusalClass::MailboxFull,
        Class::Sender | Class::Message => RefusalClass::Policy,
        _ if stage == Stage::Mail => RefusalClass::Policy,
        _ => RefusalClass::Other,
    }
}

/// Whether a 4xx reply asks for less mail rather than later mail: slow down the relay, not the recipient.
/// 421 and 454, 4.7.28 and its kin, and "too many …" in words.
pub fn asks_to_slow_down(code: u16, enhanced: Option<Enhanced>, text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    let status = enhanced.map(|e| (e.subject, e.detail));
    matches!(code, 421 | 454)
        || matches!(status, Some((3, 2) | (4, 5) | (7, 28)))
        || ["too many", "rate limit", "throttl", "too much mail", "too fast"].iter().any(|word| text.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use RefusalClass::{Address, MailboxFull, Other, Policy};

    fn at(stage: Stage, reply: &str) -> RefusalClass {
        let (code, text) = reply.split_once(' ').unwrap();
        classify_refusal(stage, code.parse().unwrap(), Enhanced::parse(text), text)
    }

    #[test]
    fn a_refusal_at_rcpt_blames_whom_it_names() {
        fn check(reply: &str, class: RefusalClass) {
            assert_eq!(at(Stage::Rcpt, reply), class, "{reply}");
        }
        check("550 5.1.1 The email account that you tried to reach does not exist", Address);
        check("550 5.1.1 <x>: Recipient address rejected: User unknown in virtual mailbox table", Address);
        check("550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup", Address);
        check("550 5.1.2 Bad destination system address", Address);
        check("550 5.1.6 mailbox has moved", Address);
        check("550 5.2.1 The email account that you tried to reach does not exist", Address);
        check("550 5.2.1 The email account that you tried to reach is receiving mail too quickly", Other);
        check("550 No such user here", Address);
        check("550 Unrouteable address", Address);
        check("554 delivery error: dd This user doesn't have an account", Other);
        check("552 5.2.2 The email account that you tried to reach is over quota", MailboxFull);
        check("552 Requested mail action aborted: exceeded storage allocation", MailboxFull);
        check("550 mailbox is full", MailboxFull);
        check("550 5.7.1 Service unavailable; client [192.0.2.1] blocked using zen.spamhaus.org", Policy);
        check("550 5.7.26 This mail is unauthenticated", Policy);
        check("554 5.7.1 Relay access denied", Policy);
        check("550 5.1.1 Message rejected due to sender reputation, user unknown", Policy);
        check("550 5.1.8 Bad sender's system address", Policy);
        check("550 relay not permitted", Policy);
        check("553 5.6.7 the address is not ASCII and this relay does not offer SMTPUTF8", Policy);
        // Microsoft says this of a recipient that its directory does not have.
        check("550 5.4.1 Recipient address rejected: Access denied", Address);
        check("550 5.1.0 Address rejected.", Other);
        check("550 marbles are out", Other);
        check("550 ", Other);
    }

    #[test]
    fn a_refusal_of_the_message_never_blames_the_address() {
        fn check(stage: Stage, reply: &str, class: RefusalClass) {
            assert_eq!(at(stage, reply), class, "{stage} {reply}");
        }
        check(Stage::Dot, "550 5.1.1 User unknown", Other);
        check(Stage::Dot, "550 5.7.1 This looks like spam", Policy);
        check(Stage::Mail, "550 5.1.0 Sender rejected", Policy);
        check(Stage::Data, "554 5.6.0 the message has a stray carriage return or a NUL", Policy);
        check(Stage::Dot, "552 5.2.2 Mailbox full", MailboxFull);
    }

    #[test]
    fn a_relay_that_has_too_much_is_slowed_down() {
        fn check(code: u16, text: &str, slow: bool) {
            assert_eq!(asks_to_slow_down(code, Enhanced::parse(text), text), slow, "{code} {text}");
        }
        check(421, "4.3.2 Service shutting down", true);
        check(454, "4.7.0 Throttling failure: Maximum sending rate exceeded", true);
        check(450, "4.7.28 Our system has detected an unusual rate", true);
        check(451, "Too many messages from your address", true);
        check(450, "4.2.0 Greylisted, come back later", false);
        check(452, "4.2.2 Mailbox full", false);
    }
}
