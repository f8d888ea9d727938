//! Reads what comes back for a letter: delivery reports (RFC 3464, RFC 6522), complaints (RFC 5965), the texts of mail
//! systems that know neither, automatic answers (RFC 3834). Pure; bounded on any input; believes nobody: whose report
//! it is must be proven, see [`Proofs`].

mod automatic;
mod notice;
mod parts;
mod status;
mod verdict;
mod words;

use std::fmt;

use newsroom::returned::Class;

pub(crate) use verdict::{Facts, judge, reply_in, status_in};
pub use verdict::{When, Why};

use crate::list::DELIVERY_HEADER;
use crate::smtp::Enhanced;
use crate::webhook;
use notice::{Said, address_in, addresses, cut};
use parts::{Head, Part};
use status::Group;

/// Messages above this size, in octets, are refused.
pub const REPORT_BYTES_MAX: usize = 25 * 1024 * 1024;
/// Header blocks above this size, in octets, are refused.
pub const HEAD_BYTES_MAX: usize = 256 * 1024;
/// How much of a message is read, in octets: reports begin with what they have to say.
pub const READ_BYTES_MAX: usize = 1024 * 1024;
/// Longest text kept of what the other side said, in characters.
pub const WORDS_MAX: usize = 300;
/// Most candidates of one kind that are kept as proof.
const PROOFS_MAX: usize = 20;
/// Headers that may hold the address a message was sent to.
const RECIPIENT_HEADERS: [&str; 6] =
    ["to", "delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "apparently-to"];

/// Why a message was not read at all. The sentence is for the operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreadable {
    TooLarge,
    HeadTooLarge,
    NoHeaders,
}

impl Unreadable {
    /// As counted and as reported to programs.
    pub fn key(self) -> &'static str {
        match self {
            Self::TooLarge => "too-large",
            Self::HeadTooLarge => "head-too-large",
            Self::NoHeaders => "no-headers",
        }
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge => f.write_str("the message is too large to be a report"),
            Self::HeadTooLarge => write!(f, "its headers are larger than {} KB", HEAD_BYTES_MAX / 1024),
            Self::NoHeaders => f.write_str("it has no headers, so it is no mail"),
        }
    }
}

impl std::error::Error for Unreadable {}

/// What a message says about one recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    pub class: Class,
    /// The address it names, lower case; it proves nothing.
    pub recipient: Option<String>,
    pub status: Option<Enhanced>,
    /// What the other side said, without line breaks, at most [`WORDS_MAX`] characters; it may hold an address.
    pub text: String,
    pub why: Why,
}

/// What in a message may show whose letter came back. Each is a stranger's word until the paper's secret confirms it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proofs {
    /// Addresses among which our bounce address may be, lower case.
    pub addresses: Vec<String>,
    /// Values of our delivery header in the returned message.
    pub deliveries: Vec<String>,
    /// Message-IDs of the returned message, without brackets.
    pub message_ids: Vec<String>,
}

/// A message, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Returned {
    /// Decoded subject.
    pub subject: String,
    /// Its own Message-ID, without brackets.
    pub message_id: Option<String>,
    /// At least one.
    pub verdicts: Vec<Verdict>,
    pub proofs: Proofs,
}

/// Reads one message as it came. Errs only where reading would cost too much or there is nothing to read; a message
/// that is no report comes back as [`Class::Letter`].
pub fn read(message: &[u8]) -> Result<Returned, Unreadable> {
    if message.len() > REPORT_BYTES_MAX {
        return Err(Unreadable::TooLarge);
    }
    let message = with_line_feeds(&message[..message.len().min(READ_BYTES_MAX)]);
    let message = without_mbox_line(&message);
    let (head_block, _) = parts::halves(message);
    if head_block.len() > HEAD_BYTES_MAX {
        return Err(Unreadable::HeadTooLarge);
    }
    let head = Head::read(&String::from_utf8_lossy(head_block));
    if head.is_empty() {
        return Err(Unreadable::NoHeaders);
    }
    let reading = Reading::new(head, parts::subject(head_block), parts::split(message));
    Ok(Returned {
        verdicts: reading.verdicts(),
        proofs: reading.proofs(),
        message_id: reading.head.get("message-id").map(|id| id.trim_matches(['<', '>', ' ']).to_owned()),
        subject: reading.subject,
    })
}

/// To whom a message in a mailbox was sent, as far as its headers tell, lower case: nobody's envelope is left by then.
/// A stranger's word, like everything in it.
pub fn recipients(message: &[u8]) -> Vec<String> {
    let message = with_line_feeds(&message[..message.len().min(HEAD_BYTES_MAX)]);
    let (head, _) = parts::halves(without_mbox_line(&message));
    let head = Head::read(&String::from_utf8_lossy(head));
    RECIPIENT_HEADERS.iter().flat_map(|name| head.all(name)).flat_map(addresses).take(PROOFS_MAX).collect()
}

/// A message that knows only carriage returns gets line feeds.
fn with_line_feeds(message: &[u8]) -> std::borrow::Cow<'_, [u8]> {
    if message.contains(&b'\n') || !message.contains(&b'\r') {
        return message.into();
    }
    message.iter().map(|byte| if *byte == b'\r' { b'\n' } else { *byte }).collect::<Vec<_>>().into()
}

/// Mail files begin with a line `From …` that is no header.
fn without_mbox_line(message: &[u8]) -> &[u8] {
    let line = message.iter().position(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    if message.starts_with(b"From ") { &message[line..] } else { message }
}

/// A report that somebody forwarded stands behind `> `.
fn unquoted(text: String) -> String {
    let quoted = text.lines().filter(|line| line.starts_with("> ")).count();
    if quoted < 5 {
        return text;
    }
    text.lines().map(|line| line.strip_prefix("> ").unwrap_or(line)).collect::<Vec<_>>().join("\n")
}

struct Reading {
    head: Head,
    subject: String,
    parts: Vec<Part>,
    /// The first text for people, up to where the returned message begins.
    notice: String,
    /// Headers of the returned message.
    returned: Head,
}

impl Reading {
    fn new(head: Head, subject: String, parts: Vec<Part>) -> Self {
        let plain = parts.iter().find(|part| part.kind == "text/plain" && !part.text.trim().is_empty());
        let html = || parts.iter().find(|part| part.kind == "text/html").map(|part| parts::plain(&part.text));
        let whole = plain.map(|part| part.text.clone()).or_else(html).or_else(|| Some(parts.first()?.text.clone()));
        let whole = unquoted(whole.unwrap_or_default());
        let (notice, copy) = notice::until_copy(&whole);
        let enclosed = parts.iter().find(|part| {
            matches!(
                part.kind.as_str(),
                "message/rfc822" | "message/global" | "text/rfc822-headers" | "text/rfc822-header"
            )
        });
        // A copy in running text begins with a line of words, mostly with an empty one below it.
        let titled = |line: &&str| line.split_once(':').is_none_or(|(name, _)| name.contains(' '));
        let title = copy.lines().next().filter(titled).map_or(0, str::len);
        let headers = enclosed.map_or(&copy[title..], |part| &part.text);
        let returned = Head::read(headers.trim_start_matches('\n'));
        Self { notice: notice.to_owned(), head, subject, parts, returned }
    }

    fn verdicts(&self) -> Vec<Verdict> {
        if let Some(complaints) = self.complaints() {
            return complaints;
        }
        if let Some(told) = self.told_by_mail() {
            return told;
        }
        let groups = self.groups();
        if !groups.is_empty() {
            return groups.iter().map(|group| self.of_group(group, groups.len() == 1)).collect();
        }
        let daemon = automatic::from_daemon(&self.head);
        if !daemon && let Some(why) = automatic::answer(&self.head, &self.subject, &self.notice) {
            return vec![Verdict {
                class: Class::AutoReply,
                recipient: self.writer(),
                status: None,
                text: String::new(),
                why,
            }];
        }
        let told = format!("{}\n{}", self.subject, cut(&self.notice, 4096)).to_lowercase();
        let failed = words::FAILURE.into_iter().find(|words| told.contains(words));
        if !daemon && failed.is_none() {
            let why = Why::new("none", "");
            return vec![Verdict {
                class: Class::Letter,
                recipient: self.writer(),
                status: None,
                text: String::new(),
                why,
            }];
        }
        self.of_notice()
    }

    fn complaints(&self) -> Option<Vec<Verdict>> {
        let is_feedback =
            |part: &&Part| part.kind == "message/feedback-report" || part.text.starts_with("Feedback-Type:");
        let feedback = self.parts.iter().filter(is_feedback).find_map(|part| status::feedback(&part.text));
        let Some(feedback) = feedback else {
            // Microsoft's junk mail reports enclose the message under a header of their own.
            let recipient = self.returned.get("x-hmxmroriginalrecipient").and_then(address_in)?;
            let why = Why::new("header", "x-hmxmroriginalrecipient");
            return Some(vec![Verdict {
                class: Class::Complaint,
                recipient: Some(recipient),
                status: None,
                text: String::new(),
                why,
            }]);
        };
        let class = match feedback.kind.as_str() {
            // RFC 6591 and RFC 7489: about our authentication, not about a person's wish.
            "auth-failure" | "dmarc" => Class::Sender,
            "not-spam" => Class::Delivered,
            _ => Class::Complaint,
        };
        let verdict = |recipient| Verdict {
            class,
            recipient,
            status: None,
            text: short(&self.notice),
            why: Why::new("feedback-type", &*feedback.kind),
        };
        let mut all: Vec<Verdict> = feedback.recipients.into_iter().map(|address| verdict(Some(address))).collect();
        if all.is_empty() {
            all.push(verdict(None));
        }
        Some(all)
    }

    /// Amazon's notices, which a topic can also send by mail: JSON, with a footer below.
    fn told_by_mail(&self) -> Option<Vec<Verdict>> {
        let text = self.notice.trim_start();
        let end = text.starts_with('{').then(|| text.rfind('}')).flatten()?;
        let joined = text[..=end].replace(['\n', '\r'], "");
        let told = webhook::notices(webhook::Provider::Ses, joined.as_bytes()).into_iter().filter_map(|notice| {
            match notice.about {
                webhook::About::Came(class) => {
                    let webhook::Notice { recipient, status, text, why, .. } = notice;
                    Some(Verdict { class, recipient, status, text, why })
                }
                webhook::About::Left => None,
            }
        });
        let told: Vec<Verdict> = told.collect();
        (!told.is_empty()).then_some(told)
    }

    /// Groups of a delivery-status part; when there is none, fields that stand in the text.
    fn groups(&self) -> Vec<Group> {
        let kinds = ["message/delivery-status", "message/global-delivery-status"];
        let formal = self.parts.iter().filter(|part| kinds.contains(&part.kind.as_str()));
        let groups: Vec<Group> =
            formal.flat_map(|part| status::groups(&part.text)).take(notice::RECIPIENTS_MAX).collect();
        match groups.is_empty() && automatic::from_daemon(&self.head) {
            true => status::groups(&self.notice),
            false => groups,
        }
    }

    fn of_group(&self, group: &Group, only: bool) -> Verdict {
        let said = self.said_of(group.recipient.as_deref(), only);
        let status = group.telling_status();
        let verdict = |class, why, text: &str| Verdict {
            class,
            recipient: group.recipient.clone(),
            status,
            text: short(if text.is_empty() { &said } else { text }),
            why,
        };
        match group.action.as_str() {
            "delayed" => return verdict(Class::Temporary, Why::new("action", "delayed"), &group.diagnostic),
            "delivered" | "relayed" | "expanded" | "deliverable" => {
                return verdict(Class::Delivered, Why::new("action", &*group.action), &group.diagnostic);
            }
            _ if group.of_program && status.is_none_or(|status| status.class == 5) => {
                return verdict(
                    Class::Unclear,
                    Why::new("action", "a program of the other side failed"),
                    &group.diagnostic,
                );
            }
            _ => {}
        }
        let when = notice::when(&group.diagnostic, &said);
        let reply = verdict::reply_in(&group.diagnostic);
        let (class, why) = judge(&Facts { status, reply, text: &group.diagnostic, when });
        if class == Class::Address
            && let Some((class, words)) = verdict::acquittal(&said)
        {
            return verdict(class, Why::new("words-acquit", words), &group.diagnostic);
        }
        if class != Class::Unclear || why.rule == "status" {
            return verdict(class, why, &group.diagnostic);
        }
        // Where the other side's own words are given, a status beside them is somebody's translation.
        let status = if group.diagnostic.is_empty() { status.or_else(|| verdict::status_in(&said)) } else { status };
        let reply = reply.or_else(|| verdict::reply_in(&said));
        let (class, why) = match judge(&Facts { status, reply, text: &said, when }) {
            (Class::Unclear, _) => (class, why),
            judged => judged,
        };
        Verdict { status, ..verdict(class, why, &group.diagnostic) }
    }

    /// What the text for people says about one recipient; all of it when there is only one.
    fn said_of(&self, recipient: Option<&str>, only: bool) -> String {
        if only {
            return self.notice.clone();
        }
        let named: Vec<String> = recipient.map(str::to_owned).into_iter().collect();
        let all = notice::by_recipient(&self.notice, &named, &self.ours());
        let found = all.into_iter().find(|said| said.recipient.as_deref() == recipient);
        found.map(|said| said.text).unwrap_or_default()
    }

    fn of_notice(&self) -> Vec<Verdict> {
        let named: Vec<String> =
            self.head.all("x-failed-recipients").flat_map(addresses).take(notice::RECIPIENTS_MAX).collect();
        let told = format!("{}\n{}", self.subject, self.notice).to_lowercase();
        let delayed = words::DELAY.into_iter().find(|words| told.contains(words));
        let all = notice::by_recipient(&self.notice, &named, &self.ours());
        let only = all.len() == 1;
        all.into_iter().map(|said| self.of_said(said, only, delayed)).collect()
    }

    fn of_said(&self, said: Said, only: bool, delayed: Option<&'static str>) -> Verdict {
        let Said { recipient, text } = said;
        // With one recipient everything in the text is about it.
        let around = if only { self.notice.as_str() } else { "" };
        let status = verdict::status_in(&text).or_else(|| verdict::status_in(around));
        if let Some(words) = delayed {
            let why = Why::new("action", words);
            return Verdict { class: Class::Temporary, recipient, status, text: short(&text), why };
        }
        let reply = verdict::reply_in(&text).or_else(|| verdict::reply_in(around));
        let when = notice::when(&text, &self.notice);
        // The words beside the recipient first, then the whole text, then the subject.
        let texts = [text.as_str(), around, self.subject.as_str()];
        let judged = texts.iter().map(|text| judge(&Facts { status, reply, text, when }));
        let telling = judged.clone().find(|(class, _)| *class != Class::Unclear);
        let (class, why) = telling.or_else(|| judged.clone().next()).unwrap_or((Class::Unclear, Why::new("none", "")));
        Verdict { class, recipient, status, text: short(&text), why }
    }

    /// Addresses that are never the failed one: to whom the report was sent, and who wrote it.
    fn ours(&self) -> Vec<String> {
        let names = ["to", "from", "delivered-to", "return-path", "reply-to", "envelope-to"];
        names.iter().flat_map(|name| self.head.all(name)).flat_map(addresses).take(PROOFS_MAX).collect()
    }

    fn writer(&self) -> Option<String> {
        self.head.get("from").and_then(|from| addresses(from).next())
    }

    fn proofs(&self) -> Proofs {
        let outer = RECIPIENT_HEADERS.iter().flat_map(|name| self.head.all(name));
        let inner =
            ["return-path", "x-original-from", "errors-to"].into_iter().flat_map(|name| self.returned.all(name));
        let feedback = self.parts.iter().filter(|part| part.kind == "message/feedback-report");
        let feedback = feedback.filter_map(|part| status::feedback(&part.text)?.sender);
        let bare = |id: &str| id.trim_matches(['<', '>', ' ']).to_owned();
        let header = DELIVERY_HEADER.to_ascii_lowercase();
        Proofs {
            addresses: outer.chain(inner).flat_map(addresses).chain(feedback).take(PROOFS_MAX).collect(),
            deliveries: self.returned.all(&header).map(bare).take(PROOFS_MAX).collect(),
            message_ids: self.returned.all("message-id").map(bare).take(PROOFS_MAX).collect(),
        }
    }
}

/// One line of at most [`WORDS_MAX`] characters.
pub(crate) fn short(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    words.chars().filter(|c| !c.is_control()).take(WORDS_MAX).collect()
}
