//! One caught letter as lists show it. Everything in it is a stranger's word.

use mail::read::{Correspondent, Letter};
use newsroom::time::{Timestamp, Zone};
use serde::Serialize;

/// Most links remembered of one letter.
pub const LINKS_MAX: usize = 200;
/// Longest link that is taken for one.
const LINK_BYTES_MAX: usize = 2000;

/// What is remembered of a letter; its words stay on disk.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Caught {
    /// Larger for later letters.
    pub id: String,
    /// The envelope's recipients: those who would really have got it.
    pub to: Vec<String>,
    /// As the letter says.
    pub from: String,
    pub subject: String,
    /// The letter's own date (RFC 3339), if it has one that can be read.
    pub date: Option<String>,
    /// When it came (RFC 3339).
    pub caught: String,
    pub message_id: Option<String>,
    /// Web addresses in the text part, in order, each once.
    pub links: Vec<String>,
}

impl Caught {
    pub(super) fn new(id: String, to: Vec<String>, at: Timestamp, letter: &Letter) -> Self {
        Self {
            id,
            to,
            from: letter.from.iter().map(words).collect::<Vec<_>>().join(", "),
            subject: letter.subject.clone(),
            date: letter.date.map(|date| Timestamp(date).rfc3339()),
            caught: at.rfc3339(),
            message_id: letter.message_id.clone(),
            links: letter.text.as_deref().map(links).unwrap_or_default(),
        }
    }

    /// When it came, as the list says it.
    pub(super) fn time(&self) -> String {
        Timestamp::parse(&self.caught).map_or_else(|| self.caught.clone(), said)
    }

    /// The letter's own date, as its page says it.
    pub(super) fn dated(&self) -> String {
        match &self.date {
            Some(date) => Timestamp::parse(date).map_or_else(|| date.clone(), said),
            None => "not stated".into(),
        }
    }

    /// Whether one of its recipients holds `part`, in any case.
    pub(super) fn is_to(&self, part: &str) -> bool {
        let part = part.to_lowercase();
        self.to.iter().any(|to| to.to_lowercase().contains(&part))
    }
}

fn said(at: Timestamp) -> String {
    let local = Zone::utc().local(at);
    let day = local.day;
    format!("{:04}-{:02}-{:02} {:02}:{:02} UTC", day.year(), day.month(), day.day(), local.hour, local.minute)
}

fn words(one: &Correspondent) -> String {
    match (one.name.is_empty(), one.address.is_empty()) {
        (true, _) => one.address.clone(),
        (false, true) => one.name.clone(),
        (false, false) => format!("{} <{}>", one.name, one.address),
    }
}

/// Web addresses in a text, without the stop that ends their sentence.
pub(super) fn links(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut rest = text;
    while let Some(start) = next(rest) {
        rest = &rest[start..];
        let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"')).unwrap_or(rest.len());
        let link = trimmed(&rest[..end]);
        let whole = link.len() > "https://".len() && link.len() <= LINK_BYTES_MAX;
        if whole && !found.iter().any(|known| known == link) {
            found.push(link.to_owned());
        }
        if found.len() == LINKS_MAX {
            break;
        }
        rest = &rest[end..];
    }
    found
}

fn next(text: &str) -> Option<usize> {
    [text.find("http://"), text.find("https://")].into_iter().flatten().min()
}

fn trimmed(link: &str) -> &str {
    let link = link.trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '’', '”', '»']);
    if link.contains('(') { link } else { link.trim_end_matches([')', '.']) }
}

#[cfg(test)]
mod tests {
    use super::links;

    #[test]
    fn links_are_found_without_the_stop_that_ends_their_sentence() {
        fn check(text: &str, found: &[&str]) {
            assert_eq!(links(text), found, "{text}");
        }
        check("Open http://127.0.0.1:8080/confirm/abc.", &["http://127.0.0.1:8080/confirm/abc"]);
        check(
            "<https://a.example/x?y=1&z=2>, then https://b.example/",
            &["https://a.example/x?y=1&z=2", "https://b.example/"],
        );
        check("(see https://a.example/b)", &["https://a.example/b"]);
        check("https://a.example/b_(c)", &["https://a.example/b_(c)"]);
        check("https://a.example https://a.example", &["https://a.example"]);
        check("https:// javascript:alert(1) ftp://x", &[]);
        check("", &[]);
    }
}
