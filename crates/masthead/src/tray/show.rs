//! What the tray's pages show, ready-made for their templates, and what must never reach a browser unguarded.

use askama::Template;

use super::caught::Caught;

/// Longest source shown on a page, in octets; the file has all of it.
const SOURCE_BYTES_MAX: usize = 512 * 1024;

/// The list.
#[derive(Template)]
#[template(path = "tray/list.html")]
pub(super) struct List<'a> {
    pub(super) letters: Vec<Row>,
    /// The words in the search field.
    pub(super) to: &'a str,
    pub(super) state: String,
    /// Address of the next, older page.
    pub(super) older: Option<String>,
    pub(super) any: bool,
    pub(super) site: &'a str,
    pub(super) send: &'a str,
    pub(super) smtp: String,
}

/// One row of the list.
pub(super) struct Row {
    pub(super) id: String,
    pub(super) subject: String,
    pub(super) to: String,
    pub(super) from: String,
    pub(super) time: String,
}

impl Row {
    pub(super) fn new(caught: &Caught) -> Self {
        Self {
            id: caught.id.clone(),
            subject: subject(caught),
            to: caught.to.join(", "),
            from: caught.from.clone(),
            time: caught.time(),
        }
    }
}

/// Which side of a letter is up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Html,
    Text,
    Source,
}

/// One letter.
#[derive(Template)]
#[template(path = "tray/letter.html")]
pub(super) struct Page {
    pub(super) row: Row,
    pub(super) dated: String,
    pub(super) message_id: String,
    pub(super) html: bool,
    pub(super) text: Option<String>,
    pub(super) source: Option<String>,
    pub(super) tabs: Vec<Tab>,
    pub(super) links: Vec<String>,
}

/// One way to look at a letter.
pub(super) struct Tab {
    pub(super) name: &'static str,
    pub(super) href: String,
    pub(super) here: bool,
}

/// A page that says that something is not, or cannot be.
#[derive(Template)]
#[template(path = "tray/nothing.html")]
pub(super) struct Nothing {
    pub(super) title: &'static str,
    pub(super) sentence: String,
}

pub(super) fn subject(caught: &Caught) -> String {
    if caught.subject.trim().is_empty() { "(no subject)".into() } else { caught.subject.clone() }
}

pub(super) fn tabs(id: &str, here: Side) -> Vec<Tab> {
    [("Letter", Side::Html, "html"), ("Text", Side::Text, "text"), ("Source", Side::Source, "source")]
        .into_iter()
        .map(|(name, side, word)| Tab { name, href: format!("/message/{id}?show={word}"), here: side == here })
        .collect()
}

/// The source as text; what is not text shows as �.
pub(super) fn source(message: &[u8]) -> String {
    let shown = &message[..message.len().min(SOURCE_BYTES_MAX)];
    let mut text = String::from_utf8_lossy(shown).replace('\r', "");
    if shown.len() < message.len() {
        text.push_str(&format!("\n… {} more bytes are in the file.", message.len() - shown.len()));
    }
    text
}

/// The letter's HTML, with links that open beside the tray instead of inside its frame.
pub(super) fn framed(html: &str) -> String {
    let lower = html.to_ascii_lowercase();
    let head = lower.find("<head").and_then(|start| Some(start + lower[start..].find('>')? + 1));
    let at = head.unwrap_or(0);
    format!("{}<base target=\"_blank\">{}", &html[..at], &html[at..])
}

/// What a letter's HTML may do: look, and open links when somebody presses them. No script, no form, no frame,
/// nothing loaded but pictures from `site`.
pub(super) fn letter_policy(site: &str) -> String {
    format!(
        "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src {site} data:; \
         style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    )
}

/// What the tray's own pages may do.
pub(super) const PAGE_POLICY: &str = "default-src 'none'; img-src data:; style-src 'self'; frame-src 'self'; form-action 'self'; \
                                      base-uri 'none'; frame-ancestors 'none'";
