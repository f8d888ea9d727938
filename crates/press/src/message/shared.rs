//! Prints an edition in two steps: once for everybody with the same items, then only the gaps for each reader.

use minijinja::context;

use super::print::{bounded, html};
use super::twin::Twin;
use super::{DailyEdition, Item, Letter, Personal};
use crate::page::Dir;
use crate::theme::{PressError, Theme, direction_mark, escape};
use crate::words::Words;

/// What is left open for one reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gap {
    Since,
    Choices,
    Preferences,
    Pause,
    Unsubscribe,
}

const GAPS: [Gap; 5] = [Gap::Since, Gap::Choices, Gap::Preferences, Gap::Pause, Gap::Unsubscribe];

impl Gap {
    fn of(self, personal: &Personal) -> &str {
        match self {
            Gap::Since => &personal.since,
            Gap::Choices => &personal.choices,
            Gap::Preferences => &personal.preferences_href,
            Gap::Pause => &personal.pause_href,
            Gap::Unsubscribe => &personal.unsubscribe_href,
        }
    }
}

/// A piece of a shared letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LetterPiece {
    Fixed(String),
    /// Which of a reader's [`Gaps`] stands here.
    Gap(usize),
}

/// What one reader has in the gaps of a shared letter, ready for each half: escaped for HTML, one line for text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gaps {
    pub text: Vec<String>,
    pub html: Vec<String>,
}

/// An edition printed for one item set, with gaps.
#[derive(Debug, Clone)]
pub struct SharedLetter {
    pub subject: String,
    pub preheader: String,
    pub html: Vec<LetterPiece>,
    pub text: Vec<LetterPiece>,
}

impl DailyEdition {
    /// Prints what all readers of this item set share. Refuses letters over 60 KB.
    pub fn print_shared(&self, theme: &Theme) -> Result<SharedLetter, PressError> {
        let mark = Mark::absent_from(self)?;
        let words = theme.words(&self.letterhead.language);
        let gap = |gap| mark.of(gap);
        let personal = context! {
            since => gap(Gap::Since), choices => gap(Gap::Choices), preferences_href => gap(Gap::Preferences),
            pause_href => gap(Gap::Pause), unsubscribe_href => gap(Gap::Unsubscribe),
        };
        let title = format!("{}{}{}", self.newsletter, words.separator(false), self.date);
        let lines = (title.as_str(), self.preheader.as_str());
        let html = html(theme, "message/daily.html", self, &self.letterhead, lines, personal)?;
        let letter = bounded(Letter {
            subject: self.subject.clone(),
            preheader: self.preheader.clone(),
            html,
            text: self.text(words, &mark),
        })?;
        Ok(SharedLetter {
            html: mark.split(&letter.html),
            text: mark.split(&letter.text),
            subject: letter.subject,
            preheader: letter.preheader,
        })
    }

    fn text(&self, words: &Words, mark: &Mark) -> String {
        let mut twin = Twin::new(words, &self.letterhead.name);
        twin.line(&self.newsletter);
        match self.place.is_empty() {
            true => twin.line(&self.date),
            false => twin.line(&format!("{}{}{}", self.place, words.separator(false), self.date)),
        }
        for paragraph in self.greeting.iter().chain(&self.note) {
            twin.paragraph(paragraph);
        }
        if let Some(lead) = &self.lead {
            twin.part(if lead.section.is_empty() { &self.newsletter } else { &lead.section });
            self.item(&mut twin, words, lead, Place::Lead);
        }
        if !self.items.is_empty() {
            twin.part(&words.say("l_also", &[]));
            self.items.iter().for_each(|item| self.item(&mut twin, words, item, Place::List));
        }
        for section in &self.sections {
            twin.part(&section.name);
            section.items.iter().for_each(|item| self.item(&mut twin, words, item, Place::Section));
        }
        if let Some(sponsor) = &self.sponsor {
            twin.part(&words.say("l_sponsor", &[("name", &sponsor.name)]));
            twin.sentence_to(&sponsor.text, &sponsor.link_text, &sponsor.href);
            twin.paragraph(&words.say("l_sponsor_end", &[]));
        }
        if !self.corrections.is_empty() {
            twin.part(&words.say("l_corrections", &[]));
            for correction in &self.corrections {
                twin.sentence_to(&correction.text, &words.say("l_corrected", &[]), &correction.href);
            }
            twin.address(&words.say("l_all_corrections", &[]), &self.corrections_href);
        }
        self.sign_off(&mut twin, words);
        self.footer(&mut twin, words, mark);
        twin.finish()
    }

    fn item(&self, twin: &mut Twin<'_>, words: &Words, item: &Item, place: Place) {
        let update = if item.update { format!("{} ", words.say("l_update", &[])) } else { String::new() };
        let headline = match &item.tongue {
            // A line begins with a letter of the mail's own script, so that programs guess its direction rightly.
            Some(tongue) if tongue.dir != self.letterhead.dir || self.letterhead.dir == Dir::Rtl => {
                twin.paragraph(&words.say("colon", &[("text", &tongue.label)]));
                twin.line(&item.headline);
                String::new()
            }
            Some(tongue) => format!("{} {}", words.say("colon", &[("text", &tongue.label)]), item.headline),
            None => item.headline.clone(),
        };
        if !headline.is_empty() {
            twin.paragraph(&format!("{update}{headline}"));
        }
        let minutes = (item.minutes > 0).then(|| match place {
            Place::Lead => words.count("minutes_read", item.minutes.into()),
            Place::List | Place::Section => words.count("minutes", item.minutes.into()),
        });
        let mut byline = item.byline.clone();
        if item.tongue.is_some() && !byline.is_empty() {
            byline.push_str(direction_mark(self.letterhead.dir));
        }
        let meta = match place {
            Place::Lead => vec![Some(byline), minutes],
            Place::List => vec![Some(item.section.clone()), Some(byline), minutes],
            Place::Section => {
                twin.line(&format!("{} {}", item.blurb, minutes.unwrap_or_default()));
                twin.line(&item.href);
                return;
            }
        };
        if !item.blurb.is_empty() {
            twin.line(&item.blurb);
        }
        let meta: Vec<String> = meta.into_iter().flatten().filter(|part| !part.is_empty()).collect();
        if !meta.is_empty() {
            twin.line(&meta.join(words.separator(false)));
        }
        twin.line(&item.href);
    }

    fn sign_off(&self, twin: &mut Twin<'_>, words: &Words) {
        let off = &self.sign_off;
        let mut closing = off.words.clone().unwrap_or_else(|| words.say("l_closing", &[]));
        if off.replies && off.words.is_none() {
            closing.push(' ');
            closing.push_str(&words.say("l_reply", &[]));
        }
        if let Some(next) = &off.next {
            closing.push(' ');
            closing.push_str(&words.say("l_next", &[("when", next)]));
        }
        twin.pause();
        twin.line(&closing);
        match &off.editor {
            Some(editor) => {
                twin.paragraph(editor);
                off.role.iter().for_each(|role| twin.line(role));
            }
            None => {
                twin.paragraph(&words.say("l_automatic", &[]));
                twin.line(&words.say("l_automatic_note", &[]));
            }
        }
    }

    fn footer(&self, twin: &mut Twin<'_>, words: &Words, mark: &Mark) {
        let head = &self.letterhead;
        twin.part(&words.say("l_why_heading", &[]));
        let (since, choices) = (mark.of(Gap::Since), mark.of(Gap::Choices));
        twin.paragraph(&words.say(
            "l_why_text",
            &[("newsletter", &self.newsletter), ("domain", &head.domain), ("since", &since), ("choices", &choices)],
        ));
        twin.address(&words.say("l_change", &[]), &mark.of(Gap::Preferences));
        twin.address(&words.say("l_pause", &[]), &mark.of(Gap::Pause));
        twin.address(&words.say("l_unsubscribe", &[]), &mark.of(Gap::Unsubscribe));
        twin.address(&words.say("l_web_text", &[]), &self.web_href);
        if let Some(file) = &self.file_href {
            twin.address(&words.say("l_file_text", &[]), file);
        }
        twin.address(&words.say("l_passed", &[("own", &words.say("l_own", &[]))]), &self.subscribe_href);
        twin.paragraph(&words.say("l_no_tracking", &[]));
        twin.paragraph(&head.postal_address);
    }
}

/// Where in the letter an item stands.
#[derive(Debug, Clone, Copy)]
enum Place {
    Lead,
    List,
    Section,
}

impl SharedLetter {
    /// The letter of one reader.
    pub fn personal(&self, personal: &Personal) -> Letter {
        let fill = |pieces: &[LetterPiece], gaps: &[String]| {
            pieces
                .iter()
                .map(|piece| match piece {
                    LetterPiece::Fixed(text) => text.as_str(),
                    LetterPiece::Gap(at) => gaps[*at].as_str(),
                })
                .collect()
        };
        let gaps = Gaps::of(personal);
        Letter {
            subject: self.subject.clone(),
            preheader: self.preheader.clone(),
            html: fill(&self.html, &gaps.html),
            text: fill(&self.text, &gaps.text),
        }
    }
}

impl Gaps {
    /// In the order by which [`LetterPiece::Gap`] counts.
    pub fn of(personal: &Personal) -> Self {
        let line = |text: &str| text.replace(['\u{a0}', '\u{202f}', '\n', '\r'], " ");
        Self {
            text: GAPS.iter().map(|gap| line(gap.of(personal))).collect(),
            html: GAPS.iter().map(|gap| escape(gap.of(personal))).collect(),
        }
    }
}

/// A character that stands nowhere in the edition, so that no article can forge a gap.
struct Mark(char);

impl Mark {
    /// Unicode keeps U+FDD0 to U+FDEF for uses like this: they are never text.
    fn absent_from(edition: &DailyEdition) -> Result<Mark, PressError> {
        let all = serde_json::to_string(edition).map_err(|e| PressError::Letter(e.to_string()))?;
        ('\u{fdd0}'..='\u{fdef}')
            .find(|c| !all.contains(*c))
            .map(Mark)
            .ok_or_else(|| PressError::Letter("The edition holds characters that are not text.".into()))
    }

    fn of(&self, gap: Gap) -> String {
        format!("{0}{1}{0}", self.0, gap as u8)
    }

    fn split(&self, printed: &str) -> Vec<LetterPiece> {
        let gap = |name: &str| name.parse().ok().filter(|at: &usize| *at < GAPS.len());
        let pieces = printed.split(self.0).enumerate().map(|(i, part)| match (i % 2, gap(part)) {
            (1, Some(at)) => LetterPiece::Gap(at),
            _ => LetterPiece::Fixed(part.to_string()),
        });
        pieces.collect()
    }
}
