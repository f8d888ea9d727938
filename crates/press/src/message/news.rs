//! Letters with news that no edition carries: breaking news, and one letter to the readers of a newsletter.

use minijinja::{Value, context};
use newsroom::document::Document;
use serde::Serialize;

use super::print::{bounded, html};
use super::twin::Twin;
use super::{Letter, Letterhead};
use crate::ink::Labels;
use crate::mail_html::{self, MailPaper};
use crate::text::{self, TextPaper};
use crate::theme::{PressError, Theme};
use crate::words::Words;

/// What mail programs show beside a subject, at most.
const PREHEADER_CHARACTERS_MAX: usize = 140;

/// Sent at once to those who chose it, at most once a day. No picture, no sponsor.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Breaking {
    pub letterhead: Letterhead,
    /// "Friday 22 August 2025, 13:40 EAT".
    pub at: String,
    /// Keeps its hedge; also the subject, after "Breaking:".
    pub headline: String,
    /// Two sentences.
    pub sentences: String,
    pub href: String,
    /// Each with its source: a solid line above it.
    pub known: Vec<String>,
    /// Reported, not sure: a dashed line.
    pub reported: Vec<String>,
    /// A dotted line.
    pub unknown: Vec<String>,
    /// When breaking news was chosen.
    pub since: String,
    pub preferences_href: String,
    pub unsubscribe_href: String,
}

impl Breaking {
    /// Prints it; errs where it is larger than a letter may be.
    pub fn print(&self, theme: &Theme) -> Result<Letter, PressError> {
        let head = &self.letterhead;
        let words = theme.words(&head.language);
        let subject = words.say("b_subject", &[("headline", &self.headline)]);
        let preheader = cut(&self.sentences);
        let html = html(theme, "message/breaking.html", self, head, (&subject, &preheader), Value::from(()))?;
        bounded(Letter { subject, preheader, html, text: self.text(words) })
    }

    fn text(&self, words: &Words) -> String {
        let head = &self.letterhead;
        let mut twin = Twin::new(words, &head.name);
        twin.line(&words.say("b_bar", &[]));
        twin.line(&self.at);
        twin.part(&self.headline);
        twin.paragraph(&self.sentences);
        twin.address(&words.say("b_full", &[]), &self.href);
        if !(self.known.is_empty() && self.reported.is_empty()) {
            twin.part(&words.say("b_known", &[]));
            self.known.iter().for_each(|line| twin.paragraph(line));
            let reportedly = words.say("b_reported", &[]);
            self.reported.iter().for_each(|line| twin.paragraph(&format!("{reportedly} {line}")));
        }
        if !self.unknown.is_empty() {
            twin.part(&words.say("b_unknown", &[]));
            self.unknown.iter().for_each(|line| twin.paragraph(line));
        }
        twin.pause();
        twin.line(&words.say("b_no_second", &[]));
        twin.part(&words.say("l_why_heading", &[]));
        twin.paragraph(&words.say("b_why", &[("since", &self.since)]));
        twin.address(&words.say("b_stop", &[]), &format!("{}#newsletters", self.preferences_href));
        twin.address(&words.say("l_change", &[]), &self.preferences_href);
        twin.address(&words.say("l_unsubscribe", &[]), &self.unsubscribe_href);
        twin.paragraph(&head.postal_address);
        twin.finish()
    }
}

/// The first words, at most [`PREHEADER_CHARACTERS_MAX`] characters.
fn cut(sentences: &str) -> String {
    if sentences.chars().count() <= PREHEADER_CHARACTERS_MAX {
        return sentences.to_owned();
    }
    let head: String = sentences.chars().take(PREHEADER_CHARACTERS_MAX - 1).collect();
    let end = head.rfind(' ').unwrap_or(head.len());
    format!("{}…", &head[..end])
}

/// One letter to the readers of a newsletter, written by hand.
#[derive(Debug, Clone, Default, Serialize)]
pub struct OneOff {
    pub letterhead: Letterhead,
    pub newsletter: String,
    /// "Friday 22 August 2025".
    pub date: String,
    /// Subject and h1.
    pub title: String,
    pub preheader: String,
    /// Pictures in it are left out: a letter like this is words.
    #[serde(skip)]
    pub body: Document,
    /// Who signs.
    pub editor: String,
    pub since: String,
    pub preferences_href: String,
    pub unsubscribe_href: String,
}

impl OneOff {
    /// Prints it; errs where it is larger than a letter may be.
    pub fn print(&self, theme: &Theme) -> Result<Letter, PressError> {
        let head = &self.letterhead;
        let words = theme.words(&head.language);
        let labels = Labels::of(words);
        let (base, language) = (head.home_href.as_str(), head.language.as_str());
        let paper = MailPaper { labels: &labels, pictures: &|_| None, base, language };
        let body = context! { body => Value::from_safe_string(mail_html::print(&self.body, &paper)) };
        let html = html(theme, "message/one_off.html", self, head, (&self.title, &self.preheader), body)?;
        let text = self.text(words, &text::print(&self.body, &TextPaper { labels: &labels, base }));
        bounded(Letter { subject: self.title.clone(), preheader: self.preheader.clone(), html, text })
    }

    fn text(&self, words: &Words, body: &str) -> String {
        let head = &self.letterhead;
        let mut twin = Twin::new(words, &head.name);
        twin.line(&self.newsletter);
        twin.line(&self.date);
        twin.part(&self.title);
        twin.printed(body);
        twin.paragraph(&self.editor);
        twin.part(&words.say("l_why_heading", &[]));
        let with = [("newsletter", &*self.newsletter), ("domain", &head.domain), ("since", &self.since)];
        twin.paragraph(&words.say("o_why", &with));
        twin.address(&words.say("l_change", &[]), &self.preferences_href);
        twin.address(&words.say("l_unsubscribe", &[]), &self.unsubscribe_href);
        twin.paragraph(&head.postal_address);
        twin.finish()
    }
}
