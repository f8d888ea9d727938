//! The text half of a letter: written from the values, in the order of the HTML. One paragraph is one line;
//! an address stands alone on its line, its purpose on the line above.

use crate::words::Words;

/// A text that grows.
pub(super) struct Twin<'a> {
    out: String,
    words: &'a Words,
}

impl<'a> Twin<'a> {
    /// Begins with the name of the publication.
    pub(super) fn new(words: &'a Words, name: &str) -> Twin<'a> {
        let mut twin = Twin { out: String::new(), words };
        twin.underlined(name, '=');
        twin
    }

    /// A line as it is; no-break spaces become spaces, line breaks too.
    pub(super) fn line(&mut self, text: &str) {
        let text = text.replace(['\u{a0}', '\u{202f}', '\n', '\r'], " ");
        self.out.push_str(text.trim());
        self.out.push('\n');
    }

    /// A paragraph: a blank line, then one line.
    pub(super) fn paragraph(&mut self, text: &str) {
        self.blank(1);
        self.line(text);
    }

    /// Text that was printed elsewhere, as it is.
    pub(super) fn printed(&mut self, text: &str) {
        self.blank(1);
        self.out.push_str(text);
    }

    /// A new part: two blank lines and an underlined heading.
    pub(super) fn part(&mut self, heading: &str) {
        self.blank(2);
        self.underlined(heading, '-');
    }

    /// A new part without a heading.
    pub(super) fn pause(&mut self) {
        self.blank(2);
    }

    /// What an address is for, then the address.
    pub(super) fn address(&mut self, purpose: &str, href: &str) {
        self.blank(1);
        let purpose = self.purpose(purpose);
        self.line(&purpose);
        self.line(href);
    }

    /// A sentence that ends in an address: its full stop or question stays, the purpose follows.
    pub(super) fn sentence_to(&mut self, sentence: &str, purpose: &str, href: &str) {
        self.blank(1);
        let purpose = self.purpose(purpose);
        self.line(&format!("{sentence} {purpose}"));
        self.line(href);
    }

    /// The finished text.
    pub(super) fn finish(self) -> String {
        self.out
    }

    fn purpose(&self, purpose: &str) -> String {
        match purpose.trim_end().ends_with([':', '?']) {
            true => purpose.to_string(),
            false => self.words.say("colon", &[("text", purpose.trim_end_matches('.'))]),
        }
    }

    fn blank(&mut self, lines: usize) {
        while !self.out.ends_with(&"\n".repeat(lines + 1)) {
            self.out.push('\n');
        }
    }

    fn underlined(&mut self, text: &str, with: char) {
        self.line(text);
        // Marks above and below letters take no place of their own.
        let width =
            text.chars().filter(|c| !matches!(*c, '\u{300}'..='\u{36f}' | '\u{64b}'..='\u{65f}' | '\u{670}')).count();
        self.out.extend(std::iter::repeat_n(with, width));
        self.out.push('\n');
    }
}
