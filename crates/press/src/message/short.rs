//! Prints the short letters: confirm, move, moved, welcome, sign in, code, staff note.

use minijinja::Value;
use serde::Serialize;

use super::print::{bounded, html};
use super::twin::Twin;
use super::{Confirm, ConfirmMove, Letter, Letterhead, Moved, PreferenceCode, SignIn, StaffNote, Welcome};
use crate::theme::{PressError, Theme};
use crate::words::Words;

fn letter(
    theme: &Theme,
    template: &str,
    model: &impl Serialize,
    head: &Letterhead,
    subject: String,
    preheader: String,
    text: String,
) -> Result<Letter, PressError> {
    let html = html(theme, template, model, head, (&subject, &preheader), Value::from(()))?;
    bounded(Letter { subject, preheader, html, text })
}

impl Confirm {
    /// Prints the letter that asks for confirmation.
    pub fn print(&self, theme: &Theme) -> Result<Letter, PressError> {
        let head = &self.letterhead;
        let words = theme.words(&head.language);
        let subject = words.say("c_subject", &[("newsletter", &self.newsletter), ("name", &head.name)]);
        let preheader = words.say("c_preheader", &[]);
        let text = self.text(words);
        letter(theme, "message/confirm.html", self, head, subject, preheader, text)
    }

    fn text(&self, words: &Words) -> String {
        let head = &self.letterhead;
        let mut twin = Twin::new(words, &head.name);
        twin.part(&words.say("c_title", &[]));
        twin.address(&words.say("c_button", &[]), &self.confirm_href);
        twin.paragraph(
            &words.say(
                "c_asked",
                &[("asked", &self.asked_at), ("domain", &head.domain), ("newsletter", &self.newsletter)],
            ),
        );
        twin.paragraph(&words.say("c_opens", &[("until", &self.until)]));
        twin.part(&words.say("c_what", &[]));
        twin.paragraph(&format!("{} {}", self.offer, words.say("c_stop", &[])));
        twin.part(&words.say("c_not_you", &[]));
        twin.paragraph(&words.count("c_erased", self.erased_after_days.into()));
        twin.pause();
        if let Some(privacy) = &head.privacy_href {
            twin.address(&words.say("what_we_keep", &[]), privacy);
        }
        twin.paragraph(&head.postal_address);
        twin.finish()
    }
}

impl Welcome {
    /// Prints the letter that is sent once after confirmation.
    pub fn print(&self, theme: &Theme) -> Result<Letter, PressError> {
        let head = &self.letterhead;
        let words = theme.words(&head.language);
        let subject = words.say("w_subject", &[("newsletter", &self.newsletter)]);
        let preheader = words.say("w_preheader", &[("first", &self.first_edition)]);
        let text = self.text(words);
        letter(theme, "message/welcome.html", self, head, subject, preheader, text)
    }

    fn text(&self, words: &Words) -> String {
        let head = &self.letterhead;
        let mut twin = Twin::new(words, &head.name);
        twin.part(&words.say("w_title", &[("first", &self.first_edition)]));
        twin.paragraph(&words.say("w_how", &[]));
        if self.replies {
            twin.paragraph(&words.say("w_replies", &[]));
        }
        twin.part(&words.say("w_chose", &[]));
        for (i, choice) in self.choices.iter().enumerate() {
            let line = format!("{} {}", words.say("colon", &[("text", &choice.label)]), choice.text);
            if i == 0 { twin.paragraph(&line) } else { twin.line(&line) }
        }
        twin.address(&words.say("l_change", &[]), &self.preferences_href);
        twin.pause();
        twin.line(&words.say("w_contacts", &[("address", &self.sender_address)]));
        if let Some(editor) = &self.editor {
            twin.paragraph(editor);
            self.role.iter().for_each(|role| twin.line(role));
        }
        twin.part(&words.say("l_why_heading", &[]));
        twin.paragraph(&words.say(
            "w_why_text",
            &[("domain", &head.domain), ("subscribed", &self.subscribed_at), ("confirmed", &self.confirmed_at)],
        ));
        twin.address(&words.say("l_unsubscribe", &[]), &self.unsubscribe_href);
        twin.paragraph(&head.postal_address);
        twin.finish()
    }
}

impl SignIn {
    /// Prints the letter with a one-time link for staff.
    pub fn print(&self, theme: &Theme) -> Result<Letter, PressError> {
        let head = &self.letterhead;
        let words = theme.words(&head.language);
        let mut twin = Twin::new(words, &head.name);
        twin.part(&words.say("s_title", &[]));
        twin.address(&words.say("s_button", &[]), &self.sign_in_href);
        twin.paragraph(&words.say("s_works", &[("until", &self.until)]));
        twin.part(&words.say("s_who", &[]));
        twin.paragraph(&self.asked_by);
        twin.part(&words.say("c_not_you", &[]));
        twin.paragraph(&words.say("s_not_you", &[]));
        twin.pause();
        twin.line(&words.say("s_footer", &[("name", &head.name), ("newsroom", &self.newsroom)]));
        twin.paragraph(&head.postal_address);
        let (subject, preheader) = (words.say("s_subject", &[]), words.say("s_preheader", &[]));
        letter(theme, "message/sign_in.html", self, head, subject, preheader, twin.finish())
    }
}

impl PreferenceCode {
    /// Prints the letter with a code. The code stands only in the body, never in subject or preheader.
    pub fn print(&self, theme: &Theme) -> Result<Letter, PressError> {
        let head = &self.letterhead;
        let words = theme.words(&head.language);
        let mut twin = Twin::new(words, &head.name);
        twin.part(&words.say("k_title", &[]));
        twin.paragraph(&self.code);
        twin.paragraph(&words.say("k_type", &[("purpose", &self.purpose), ("until", &self.until)]));
        twin.part(&words.say("s_who", &[]));
        twin.paragraph(&self.asked_by);
        twin.part(&words.say("c_not_you", &[]));
        twin.paragraph(&words.say("k_not_you", &[]));
        twin.pause();
        twin.line(&head.postal_address);
        let (subject, preheader) = (words.say("k_subject", &[("name", &head.name)]), words.say("k_preheader", &[]));
        letter(theme, "message/code.html", self, head, subject, preheader, twin.finish())
    }
}

impl ConfirmMove {
    /// Prints the letter that asks a new address.
    pub fn print(&self, theme: &Theme) -> Result<Letter, PressError> {
        let head = &self.letterhead;
        let words = theme.words(&head.language);
        let mut twin = Twin::new(words, &head.name);
        twin.part(&words.say("m_title", &[]));
        twin.address(&words.say("c_button", &[]), &self.confirm_href);
        let with = [("asked", &*self.asked_at), ("domain", &head.domain), ("old", &self.old_address)];
        twin.paragraph(&words.say("m_asked", &with));
        twin.paragraph(&words.say("c_opens", &[("until", &self.until)]));
        twin.part(&words.say("c_not_you", &[]));
        twin.paragraph(&words.say("m_not_you", &[]));
        twin.pause();
        if let Some(privacy) = &head.privacy_href {
            twin.address(&words.say("what_we_keep", &[]), privacy);
        }
        twin.paragraph(&head.postal_address);
        let (subject, preheader) = (words.say("m_subject", &[("name", &head.name)]), words.say("m_preheader", &[]));
        letter(theme, "message/move.html", self, head, subject, preheader, twin.finish())
    }
}

impl Moved {
    /// Prints the letter to the old address.
    pub fn print(&self, theme: &Theme) -> Result<Letter, PressError> {
        let head = &self.letterhead;
        let words = theme.words(&head.language);
        let mut twin = Twin::new(words, &head.name);
        twin.part(&words.say("v_title", &[]));
        twin.paragraph(&words.say("v_moved", &[("moved", &self.moved_at), ("new", &self.new_address)]));
        twin.part(&words.say("c_not_you", &[]));
        twin.paragraph(&words.say("v_not_you", &[]));
        twin.address(&words.say("choices_title", &[]), &self.preferences_href);
        twin.pause();
        twin.line(&head.postal_address);
        let (subject, preheader) = (words.say("v_subject", &[("name", &head.name)]), words.say("v_preheader", &[]));
        letter(theme, "message/moved.html", self, head, subject, preheader, twin.finish())
    }
}

impl StaffNote {
    /// Prints the note to an editor.
    pub fn print(&self, theme: &Theme) -> Result<Letter, PressError> {
        let head = &self.letterhead;
        let words = theme.words(&head.language);
        let mut twin = Twin::new(words, &head.name);
        twin.part(&words.say("n_title", &[]));
        twin.paragraph(&self.headline);
        twin.line(&words.say("n_given", &[("writer", &self.writer), ("at", &self.at)]));
        twin.address(&words.say("n_button", &[]), &self.article_href);
        twin.pause();
        twin.line(&words.say("n_footer", &[("name", &head.name)]));
        twin.paragraph(&head.postal_address);
        let subject = words.say("n_subject", &[("headline", &self.headline)]);
        let preheader = words.say("n_preheader", &[("writer", &self.writer)]);
        letter(theme, "message/note.html", self, head, subject, preheader, twin.finish())
    }
}
