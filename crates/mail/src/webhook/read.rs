//! Reads what each provider says into notices. The other side's own code and words decide; the provider's word for
//! it helps where they are vague. Knows nothing of proof.

use newsroom::returned::Class;
use serde_json::Value;

use super::{About, NOTICES_MAX, Notice, Provider};
use crate::bounce::{self, Facts, When, Why};
use crate::list::DELIVERY_HEADER;
use crate::smtp::Enhanced;

/// Most characters of an id.
const ID_MAX: usize = 200;

/// What a proven body says: for Amazon the text inside the envelope. Events that say nothing about a letter's fate are
/// passed over; a body that is no JSON of this provider gives nothing.
pub fn notices(provider: Provider, body: &[u8]) -> Vec<Notice> {
    let Ok(value) = serde_json::from_slice::<Value>(body) else { return Vec::new() };
    let each: &[Value] = match &value {
        Value::Array(list) => list,
        one => std::slice::from_ref(one),
    };
    let read: fn(&Value) -> Vec<Notice> = match provider {
        Provider::Ses => ses,
        Provider::Mailgun => |it| mailgun(it).into_iter().collect(),
        Provider::SendGrid => |it| sendgrid(it).into_iter().collect(),
        Provider::Postmark => |it| postmark(it).into_iter().collect(),
        Provider::Brevo => |it| brevo(it).into_iter().collect(),
        Provider::Resend => resend,
        Provider::Mailjet => |it| mailjet(it).into_iter().collect(),
    };
    each.iter().flat_map(read).take(NOTICES_MAX).collect()
}

/// What is common to all: who, where, which.
struct Event<'v> {
    id: String,
    recipient: Option<&'v str>,
    message_id: Option<&'v str>,
    delivery: Option<&'v str>,
}

impl Event<'_> {
    fn notice(self, about: About, status: Option<Enhanced>, text: &str, why: Why) -> Notice {
        let bare = |id: &str| id.trim_matches(['<', '>', ' ']).chars().take(ID_MAX).collect::<String>();
        Notice {
            id: self.id.chars().take(ID_MAX).collect(),
            about,
            recipient: self.recipient.map(|address| address.trim().to_lowercase()),
            message_id: self.message_id.map(bare),
            delivery: self.delivery.map(bare),
            status,
            text: bounce::short(text),
            why,
        }
    }

    fn simple(self, about: About, word: &str) -> Notice {
        self.notice(about, None, "", Why { rule: "provider", words: word.to_owned() })
    }

    /// A letter that came back: by code and words, else by `hint`, the provider's own judgement.
    fn failed(self, status: Option<&str>, text: &str, hint: (Class, &str)) -> Notice {
        let status = status.and_then(Enhanced::parse).or_else(|| bounce::status_in(text));
        let facts = Facts { status, reply: bounce::reply_in(text), text, when: When::Unknown };
        let (class, why) = match bounce::judge(&facts) {
            (Class::Unclear, _) => (hint.0, Why { rule: "provider", words: hint.1.to_owned() }),
            judged => judged,
        };
        self.notice(About::Came(class), status, text, why)
    }
}

fn header<'v>(headers: &'v Value, name: &str) -> Option<&'v str> {
    let named = |header: &&Value| header["name"].as_str().is_some_and(|known| known.eq_ignore_ascii_case(name));
    headers.as_array()?.iter().find(named)?["value"].as_str()
}

/// SES notifications and event publishing (`notificationType` or `eventType`).
fn ses(value: &Value) -> Vec<Notice> {
    let kind = value["notificationType"].as_str().or(value["eventType"].as_str()).unwrap_or_default();
    let mail = &value["mail"];
    let event = |detail: &Value, recipient: Option<&'_ Value>| {
        let address = recipient.and_then(|recipient| recipient["emailAddress"].as_str()).map(str::to_owned);
        let id = detail["feedbackId"].as_str().or(mail["messageId"].as_str()).unwrap_or_default();
        (format!("{kind}:{id}:{}", address.as_deref().unwrap_or_default()), address)
    };
    let list = |detail: &Value, name: &str| detail[name].as_array().cloned().unwrap_or_default();
    let common = |id: String, address: Option<String>, make: &dyn Fn(Event<'_>) -> Notice| {
        make(Event {
            id,
            recipient: address.as_deref(),
            message_id: header(&mail["headers"], "message-id"),
            delivery: header(&mail["headers"], DELIVERY_HEADER),
        })
    };
    match kind {
        "Bounce" => {
            let detail = &value["bounce"];
            let (kind, sub) = (text(detail, "bounceType"), text(detail, "bounceSubType"));
            let hint = match (kind, sub) {
                ("Permanent", "NoEmail" | "Suppressed" | "OnAccountSuppressionList") => (Class::Address, sub),
                ("Permanent", _) => (Class::Unclear, sub),
                (_, "MailboxFull") => (Class::MailboxFull, sub),
                (_, "MessageTooLarge" | "ContentRejected" | "AttachmentRejected") => (Class::Message, sub),
                ("Transient", _) => (Class::Temporary, sub),
                _ => (Class::Unclear, sub),
            };
            let notice = |recipient: &Value| {
                let (id, address) = event(detail, Some(recipient));
                let said = text(recipient, "diagnosticCode");
                common(id, address, &|event| event.failed(recipient["status"].as_str(), said, hint))
            };
            list(detail, "bouncedRecipients").iter().map(notice).collect()
        }
        "Complaint" => {
            let detail = &value["complaint"];
            let word = detail["complaintFeedbackType"].as_str().unwrap_or("complaint");
            let class = if word == "not-spam" { Class::Delivered } else { Class::Complaint };
            let notice = |recipient: &Value| {
                let (id, address) = event(detail, Some(recipient));
                common(id, address, &|event| event.simple(About::Came(class), word))
            };
            list(detail, "complainedRecipients").iter().map(notice).collect()
        }
        _ => Vec::new(),
    }
}

fn mailgun(value: &Value) -> Option<Notice> {
    let data = &value["event-data"];
    let event = Event {
        id: data["id"].as_str()?.to_owned(),
        recipient: data["recipient"].as_str(),
        message_id: data["message"]["headers"]["message-id"].as_str(),
        delivery: None,
    };
    let status = &data["delivery-status"];
    let words = format!("{} {} {}", status["code"], text(status, "message"), text(status, "description"));
    let (severity, reason) = (text(data, "severity"), text(data, "reason"));
    match text(data, "event") {
        "failed" if severity == "temporary" => Some(event.simple(About::Came(Class::Temporary), "temporary")),
        "failed" if reason == "suppress-bounce" => Some(event.simple(About::Came(Class::Address), reason)),
        "failed" if reason == "suppress-complaint" => Some(event.simple(About::Came(Class::Complaint), reason)),
        "failed" if reason == "suppress-unsubscribe" => Some(event.simple(About::Left, reason)),
        "failed" => Some(event.failed(status["enhanced-code"].as_str(), &words, (Class::Unclear, reason))),
        "complained" => Some(event.simple(About::Came(Class::Complaint), "complained")),
        "unsubscribed" => Some(event.simple(About::Left, "unsubscribed")),
        _ => None,
    }
}

fn sendgrid(value: &Value) -> Option<Notice> {
    let event = Event {
        id: value["sg_event_id"].as_str()?.to_owned(),
        recipient: value["email"].as_str(),
        message_id: value["smtp-id"].as_str(),
        delivery: value["delivery"].as_str(),
    };
    let (reason, status) = (text(value, "reason"), value["status"].as_str());
    let classed = text(value, "bounce_classification");
    let hint = match classed {
        "Invalid Address" => Class::Address,
        "Mailbox Unavailable" => Class::MailboxFull,
        "Reputation" => Class::Sender,
        "Content" => Class::Message,
        "Technical" | "Frequency or Volume Too High" => Class::Temporary,
        _ => Class::Unclear,
    };
    match text(value, "event") {
        "bounce" => Some(event.failed(status, reason, (hint, classed))),
        "dropped" if reason == "Bounced Address" || reason == "Invalid" => {
            Some(event.simple(About::Came(Class::Address), reason))
        }
        "dropped" if reason == "Spam Reporting Address" => Some(event.simple(About::Came(Class::Complaint), reason)),
        "dropped" if reason == "Unsubscribed Address" => Some(event.simple(About::Left, reason)),
        "dropped" => Some(event.simple(About::Came(Class::Unclear), "dropped")),
        "deferred" => Some(event.simple(About::Came(Class::Temporary), "deferred")),
        "spamreport" => Some(event.simple(About::Came(Class::Complaint), "spamreport")),
        "unsubscribe" | "group_unsubscribe" => Some(event.simple(About::Left, "unsubscribe")),
        _ => None,
    }
}

fn postmark(value: &Value) -> Option<Notice> {
    let kind = text(value, "RecordType");
    let id =
        value["ID"].as_i64().map(|id| id.to_string()).or_else(|| value["MessageID"].as_str().map(str::to_owned))?;
    let event = Event {
        id: format!("{kind}:{id}"),
        recipient: value["Email"].as_str().or(value["Recipient"].as_str()),
        message_id: None,
        delivery: value["Metadata"]["delivery"].as_str(),
    };
    let (word, details) = (text(value, "Type"), text(value, "Details"));
    let hint = match word {
        "HardBounce" | "BadEmailAddress" => Class::Address,
        "SoftBounce" | "Transient" | "DnsError" | "Undeliverable" | "SMTPApiError" => Class::Temporary,
        "SpamNotification" | "Blocked" | "DMARCPolicy" => Class::Sender,
        "VirusNotification" | "TemplateRenderingFailed" => Class::Message,
        _ => Class::Unclear,
    };
    match kind {
        "Bounce" if matches!(word, "AutoResponder" | "ChallengeVerification" | "OpenRelayTest") => {
            Some(event.simple(About::Came(Class::AutoReply), word))
        }
        "Bounce" if matches!(word, "Unsubscribe" | "ManuallyDeactivated") => Some(event.simple(About::Left, word)),
        "Bounce" if word == "SpamComplaint" => Some(event.simple(About::Came(Class::Complaint), word)),
        // Postmark calls hard what it will not send to again; soft words in the details do not outweigh that.
        "Bounce" if hint == Class::Temporary => Some(event.simple(About::Came(hint), word)),
        "Bounce" => Some(event.failed(None, details, (hint, word))),
        "SpamComplaint" => Some(event.simple(About::Came(Class::Complaint), "SpamComplaint")),
        "SubscriptionChange" if value["SuppressSending"] == Value::Bool(true) => {
            let why = text(value, "SuppressionReason");
            let about = match why {
                "HardBounce" => About::Came(Class::Address),
                "SpamComplaint" => About::Came(Class::Complaint),
                _ => About::Left,
            };
            Some(event.simple(about, why))
        }
        _ => None,
    }
}

fn brevo(value: &Value) -> Option<Notice> {
    let kind = text(value, "event");
    let (address, message_id) = (value["email"].as_str()?, text(value, "message-id"));
    let at = value["ts_event"].as_i64().or(value["ts"].as_i64()).unwrap_or_default();
    // `id` is the number of the webhook, not of the event.
    let event = Event {
        id: format!("{kind}:{message_id}:{at}:{address}"),
        recipient: Some(address),
        message_id: value["message-id"].as_str(),
        delivery: None,
    };
    let reason = text(value, "reason");
    match kind {
        "hard_bounce" => Some(event.failed(None, reason, (Class::Address, kind))),
        "invalid_email" | "invalid" => Some(event.simple(About::Came(Class::Address), kind)),
        "soft_bounce" => Some(event.failed(None, reason, (Class::Temporary, kind))),
        "deferred" => Some(event.simple(About::Came(Class::Temporary), kind)),
        "blocked" | "error" => Some(event.failed(None, reason, (Class::Unclear, kind))),
        "spam" | "complaint" => Some(event.simple(About::Came(Class::Complaint), kind)),
        "unsubscribed" | "unsubscribe" => Some(event.simple(About::Left, kind)),
        _ => None,
    }
}

fn resend(value: &Value) -> Vec<Notice> {
    let (kind, data) = (text(value, "type"), &value["data"]);
    let Some(mail) = data["email_id"].as_str() else { return Vec::new() };
    let bounce = &data["bounce"];
    let (sort, sub) = (text(bounce, "type"), text(bounce, "subType"));
    let to: Vec<&str> = match &data["to"] {
        Value::Array(list) => list.iter().filter_map(Value::as_str).collect(),
        one => one.as_str().into_iter().collect(),
    };
    let notice = |address: &&str| {
        let event = Event {
            id: format!("{kind}:{mail}:{address}"),
            recipient: Some(address),
            message_id: header(&data["headers"], "message-id"),
            delivery: header(&data["headers"], DELIVERY_HEADER),
        };
        let hint = match (sort, sub) {
            ("Permanent", "General" | "NoEmail" | "Suppressed") => Class::Address,
            (_, "MailboxFull") => Class::MailboxFull,
            (_, "MessageTooLarge" | "ContentRejected" | "AttachmentRejected") => Class::Message,
            ("Transient", _) => Class::Temporary,
            _ => Class::Unclear,
        };
        match kind {
            "email.bounced" if sort == "Transient" => Some(event.simple(About::Came(hint), sub)),
            "email.bounced" => Some(event.failed(None, text(bounce, "message"), (hint, sub))),
            "email.complained" => Some(event.simple(About::Came(Class::Complaint), kind)),
            "email.delivery_delayed" => Some(event.simple(About::Came(Class::Temporary), kind)),
            "email.suppressed" => Some(event.simple(About::Came(Class::Address), kind)),
            _ => None,
        }
    };
    to.iter().filter_map(notice).collect()
}

fn mailjet(value: &Value) -> Option<Notice> {
    let kind = text(value, "event");
    let guid = value["Message_GUID"].as_str().map(str::to_owned);
    let id = guid.or_else(|| value["MessageID"].as_i64().map(|id| id.to_string()))?;
    let event = Event {
        id: format!("{kind}:{id}:{}", value["time"]),
        recipient: value["email"].as_str(),
        message_id: None,
        delivery: value["CustomID"].as_str(),
    };
    let (related, error) = (text(value, "error_related_to"), text(value, "error"));
    let hint = match (related, error) {
        (_, "user unknown" | "invalid domain" | "no mail host" | "typofix" | "duplicate in campaign") => Class::Address,
        (_, "quota exceeded") => Class::MailboxFull,
        ("recipient" | "domain", _) if value["hard_bounce"] == Value::Bool(true) => Class::Address,
        ("content", _) => Class::Message,
        ("spam" | "policy" | "relay/access denied", _) => Class::Sender,
        ("system", _) => Class::Temporary,
        _ => Class::Unclear,
    };
    match kind {
        "bounce" | "blocked" => {
            let words = format!("{error} {}", text(value, "comment"));
            Some(event.failed(None, &words, (hint, if error.is_empty() { related } else { error })))
        }
        "spam" => Some(event.simple(About::Came(Class::Complaint), kind)),
        "unsub" => Some(event.simple(About::Left, kind)),
        _ => None,
    }
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_default()
}
