//! Judges one failure: code, words and stage in, class and reason out. Codes beat words, except that words may
//! acquit: wrongly dropping a reader is worse than one more report tomorrow. Pure.

use newsroom::returned::Class;

use super::words;
use crate::smtp::Enhanced;

/// Statuses of RFC 3463 §3 and the IANA registry that say the address is dead.
const DEAD: [(u16, u16); 5] = [(1, 1), (1, 2), (1, 3), (1, 6), (1, 10)];

/// When the other side refused, as far as its words tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// After MAIL FROM: it can only mean us.
    Sender,
    /// After RCPT TO: the only place where an address is judged.
    Recipient,
    /// After DATA or the final dot: it means the message or us.
    Data,
    Unknown,
}

/// Why a report got its class: the rule and the code or words that decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Why {
    /// `status`, `reply`, `words`, `words-acquit`, `action`, `stage`, `feedback-type`, `header`, `subject`, `none`.
    pub rule: &'static str,
    /// What was found, such as `5.1.1` or `user unknown`.
    pub words: String,
}

impl Why {
    pub(super) fn new(rule: &'static str, words: impl Into<String>) -> Self {
        Self { rule, words: words.into() }
    }
}

/// What is known of one failure.
#[derive(Clone, Debug)]
pub(crate) struct Facts<'a> {
    pub(crate) status: Option<Enhanced>,
    /// The three digits of the other side's reply.
    pub(crate) reply: Option<u16>,
    /// Its words.
    pub(crate) text: &'a str,
    pub(crate) when: When,
}

/// The class of a failure, and why.
pub(crate) fn judge(facts: &Facts<'_>) -> (Class, Why) {
    let text = readable(facts.text);
    let said = first_table(&text);
    if let Some(judged) = by_status(facts, said) {
        return judged;
    }
    if facts.reply.is_some_and(|code| (400..500).contains(&code)) {
        return (Class::Temporary, Why::new("reply", facts.reply.unwrap_or_default().to_string()));
    }
    match said {
        Some((Class::Address, words)) => match facts.when {
            When::Sender => (Class::Sender, Why::new("stage", "refused after MAIL FROM")),
            When::Data => (Class::Unclear, Why::new("stage", format!("“{words}” after the message was sent"))),
            When::Unknown if !words::PLAIN.contains(&words) => {
                (Class::Unclear, Why::new("stage", format!("“{words}”, but not said at RCPT")))
            }
            When::Recipient | When::Unknown => (Class::Address, Why::new("words", words)),
        },
        Some((class, words)) => (class, Why::new("words", words)),
        None if facts.when == When::Sender => (Class::Sender, Why::new("stage", "refused after MAIL FROM")),
        None if facts.reply == Some(552) => (Class::MailboxFull, Why::new("reply", "552")),
        None => (Class::Unclear, Why::new("none", "")),
    }
}

/// What the status alone, or the status with the words, decides. `None` when it is vague.
fn by_status(facts: &Facts<'_>, said: Option<(Class, &'static str)>) -> Option<(Class, Why)> {
    let status = facts.status?;
    let by = |class| Some((class, Why::new("status", status.to_string())));
    let pair = (status.subject, status.detail);
    match (status.class, pair) {
        (2, _) => by(Class::Delivered),
        (_, (2, 2)) => by(Class::MailboxFull),
        (4, _) => match said {
            Some((Class::MailboxFull, words)) => Some((Class::MailboxFull, Why::new("words", words))),
            _ => by(Class::Temporary),
        },
        (_, pair) if DEAD.contains(&pair) || matches!(pair, (1 | 2, _)) => match said {
            // 5.1.0 to 5.2.1 are also what some systems say when they dislike the sender.
            Some((class @ (Class::Sender | Class::MailboxFull), words)) => {
                Some((class, Why::new("words-acquit", words)))
            }
            _ if facts.when == When::Sender => Some((Class::Sender, Why::new("stage", "refused after MAIL FROM"))),
            _ if DEAD.contains(&pair) => by(Class::Address),
            _ => of_the_mailbox(facts, pair, said),
        },
        (_, (3, 1 | 2) | (4, 1 | 2 | 3 | 5 | 7)) if !matches!(said, Some((Class::Address, _))) => by(Class::Temporary),
        (_, (3, 4) | (6, _)) => by(Class::Message),
        (_, (7, 13)) => by(Class::Unclear),
        (_, (7, _)) => by(Class::Sender),
        _ => None,
    }
}

/// 5.1.x and 5.2.x that are not plainly about existence.
fn of_the_mailbox(facts: &Facts<'_>, pair: (u16, u16), said: Option<(Class, &'static str)>) -> Option<(Class, Why)> {
    let status = facts.status.map(|status| status.to_string()).unwrap_or_default();
    match (pair, said) {
        ((1, 7..=9), _) => Some((Class::Sender, Why::new("status", status))),
        ((2, 3), _) => Some((Class::Message, Why::new("status", status))),
        // 5.2.x speaks of the mailbox, not of the address: only said at RCPT, or in so many words, does it mean that
        // there is none.
        ((2, _), Some((Class::Address, words))) => {
            match facts.when == When::Recipient || words::PLAIN.contains(&words) {
                true => Some((Class::Address, Why::new("words", words))),
                false => Some((Class::Unclear, Why::new("status", status))),
            }
        }
        _ => None,
    }
}

/// The first table one of whose words stands in `text`.
fn first_table(text: &str) -> Option<(Class, &'static str)> {
    let found = |table: &[&'static str]| table.iter().copied().find(|words| has(text, words));
    words::TABLES.iter().find_map(|(class, table)| Some((*class, found(table)?)))
}

/// Words for people beside a status that convicts: a full or disabled mailbox is somebody's.
pub(super) fn acquittal(text: &str) -> Option<(Class, &'static str)> {
    let text = readable(text);
    let tables: [(Class, &[&'static str]); 2] =
        [(Class::MailboxFull, &words::MAILBOX_FULL), (Class::Unclear, &words::DISABLED)];
    tables.into_iter().find_map(|(class, table)| Some((class, *table.iter().find(|words| has(&text, words))?)))
}

/// Whether `words` stand in `text` as whole words: "rbl" must not be found in "marble".
pub(super) fn has(text: &str, words: &str) -> bool {
    text.match_indices(words).any(|(at, found)| {
        let before = text[..at].chars().next_back();
        let after = text[at + found.len()..].chars().next();
        !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
    })
}

/// Lower case, single spaces, straight quotes, without addresses and host names: nobody's name may decide.
pub(super) fn readable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split(|c: char| c.is_whitespace() || c == '_') {
        let is_url = word.contains("://");
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        let is_host = !is_url && bare.split('.').count() > 2 && !bare.contains('/');
        if word.is_empty() || (word.contains('@') && !is_url) || is_host {
            continue;
        }
        if !out.is_empty() {
            out.push(' ');
        }
        out.extend(
            word.chars().flat_map(char::to_lowercase).map(|c| if matches!(c, '’' | '‘' | '`') { '\'' } else { c }),
        );
    }
    out
}

/// The first enhanced status (RFC 3463) in running text that says something; a vague one if there is no other.
/// Numbers inside longer dotted ones (IP addresses, versions) are none.
pub(crate) fn status_in(text: &str) -> Option<Enhanced> {
    let found = text.split(|c: char| {
        c.is_whitespace() || matches!(c, '#' | '(' | ')' | '<' | '>' | ':' | ',' | ';' | '-' | '\'' | '"' | '[')
    });
    let mut vague = None;
    for word in found {
        let Some(status) = Enhanced::parse(word.trim_end_matches(['.', ']'])) else { continue };
        if !is_vague(status) {
            return Some(status);
        }
        vague = vague.or(Some(status));
    }
    vague
}

/// Whether a status says no more than “it failed”.
pub(super) fn is_vague(status: Enhanced) -> bool {
    matches!((status.subject, status.detail), (0 | 5, _) | (1..=4, 0))
}

/// The first SMTP reply code of a failure in running text.
pub(crate) fn reply_in(text: &str) -> Option<u16> {
    text.split(|c: char| c.is_whitespace() || matches!(c, ':' | '-' | '(' | '"' | '\'' | ';')).find_map(|word| {
        let code: u16 = if word.len() == 3 { word.parse().ok()? } else { return None };
        matches!(code, 421 | 432 | 450..=459 | 500..=579).then_some(code)
    })
}

/// At which command the other side refused, as transcripts and reports say it.
pub(super) fn when_in(text: &str) -> When {
    const SAID: [(When, &[&str]); 3] = [
        (
            When::Recipient,
            &[
                "reply to rcpt",
                "after rcpt",
                "our rcpt",
                ">>> rcpt",
                "like recipient",
                "[rcpt_to]",
                "rcpt command",
                "has rejected address",
                "smtp:rcpt",
            ],
        ),
        (
            When::Sender,
            &["reply to mail from", "after mail from", "[mail_from]", "mail from command", "like our mail from"],
        ),
        (
            When::Data,
            // Not “>>> DATA”: with pipelining the refusal below it may be that of RCPT.
            &[
                "end of data",
                "reply to data",
                "after data",
                "data command",
                "final data",
                "like our data",
                "like the message",
                "text command",
                ">>> .",
            ],
        ),
    ];
    let text = text.to_lowercase();
    // The last command that is named is the one that was refused.
    let last = |words: &[&str]| words.iter().filter_map(|word| text.rfind(word)).max();
    let found = SAID.iter().filter_map(|(when, words)| Some((last(words)?, *when)));
    found.max_by_key(|(at, _)| *at).map_or(When::Unknown, |(_, when)| when)
}
