//! Reads the machine-readable parts: message/delivery-status (RFC 3464 §2) and message/feedback-report (RFC 5965 §3).

use super::notice::{RECIPIENTS_MAX, address_in};
use super::parts::Head;
use super::verdict;
use crate::smtp::Enhanced;

/// What a delivery-status part says about one recipient.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) recipient: Option<String>,
    pub(super) action: String,
    pub(super) status: Option<Enhanced>,
    /// Diagnostic-Code without its type, and what stands in brackets after Status.
    pub(super) diagnostic: String,
    /// A program on that machine failed (`x-unix`), not a conversation: its words are not about an address.
    pub(super) of_program: bool,
}

impl Group {
    /// The status that says most: the other side's own in the diagnostic, else the field.
    pub(super) fn telling_status(&self) -> Option<Enhanced> {
        let inside = verdict::status_in(&self.diagnostic);
        match (inside, self.status) {
            (Some(inside), _) if !verdict::is_vague(inside) => Some(inside),
            (_, Some(field)) if !verdict::is_vague(field) => Some(field),
            (inside, field) => field.or(inside),
        }
    }
}

/// The groups about recipients; the first, about the message, is passed over. Also reads a part that lost its lines
/// between groups, and fields that stand in plain text.
pub(super) fn groups(text: &str) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for block in blocks(text) {
        let head = Head::read(block);
        if head.get("action").is_none() && head.get("final-recipient").is_none() && head.get("status").is_none() {
            continue;
        }
        if groups.len() == RECIPIENTS_MAX {
            break;
        }
        groups.push(group(&head));
    }
    groups
}

/// Blocks between empty lines; a second Final-Recipient begins a new one where the empty line was lost.
fn blocks(text: &str) -> Vec<&str> {
    let (mut found, mut start, mut at, mut named) = (Vec::new(), 0, 0, false);
    for line in text.split_inclusive('\n') {
        let names = line.get(..16).is_some_and(|name| name.eq_ignore_ascii_case("final-recipient:"));
        if line.trim().is_empty() || (names && named) {
            found.push(&text[start..at]);
            (start, named) = (if names { at } else { at + line.len() }, false);
        }
        named |= names;
        at += line.len();
    }
    found.push(&text[start..]);
    found
}

fn group(head: &Head) -> Group {
    let address = |name| head.get(name).and_then(|value: &str| address_in(untyped(value)));
    let status = head.get("status").unwrap_or_default();
    let comment = status.split_once('(').map(|(_, rest)| rest.trim_end_matches(')')).unwrap_or_default();
    let code = head.get("diagnostic-code").unwrap_or_default();
    let diagnostic = untyped(code);
    Group {
        recipient: address("final-recipient").or_else(|| address("original-recipient")),
        action: head.get("action").unwrap_or_default().trim().to_ascii_lowercase(),
        status: verdict::status_in(status),
        of_program: code.trim_start().to_ascii_lowercase().starts_with("x-unix"),
        diagnostic: [diagnostic, comment].iter().filter(|text| !text.is_empty()).copied().collect::<Vec<_>>().join(" "),
    }
}

/// `rfc822; rose@example.ht` without its type.
fn untyped(value: &str) -> &str {
    value.split_once(';').map_or(value, |(_, rest)| rest).trim()
}

/// What a feedback report says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Feedback {
    /// Lower case: `abuse`, `fraud`, `virus`, `other`, `not-spam`, `auth-failure`, `opt-out`, `dmarc` …
    pub(super) kind: String,
    /// Original-Rcpt-To, Removal-Recipient.
    pub(super) recipients: Vec<String>,
    /// Original-Mail-From: our bounce address, when it was kept.
    pub(super) sender: Option<String>,
}

/// `None` when there is no Feedback-Type.
pub(super) fn feedback(text: &str) -> Option<Feedback> {
    let head = Head::read(text.trim_start_matches('\n'));
    let kind = head.get("feedback-type")?.to_ascii_lowercase();
    let listed = head.all("original-rcpt-to").chain(head.all("removal-recipient"));
    Some(Feedback {
        kind,
        recipients: listed.filter_map(|value| address_in(untyped(value))).take(RECIPIENTS_MAX).collect(),
        sender: head.get("original-mail-from").and_then(address_in),
    })
}
