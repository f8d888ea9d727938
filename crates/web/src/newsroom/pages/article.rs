//! Pages about one article: writing, comparing, publishing, correcting, withdrawing.

use super::{Alarm, Choice, Frame, Sign};
use crate::diff::{self, Piece, Step};
use crate::newsroom::when::When;
use askama::Template;

/// The form as it was typed; what could not be saved is shown again exactly like this.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Typed {
    pub(crate) kicker: String,
    pub(crate) headline: String,
    pub(crate) short_search: String,
    pub(crate) short_social: String,
    pub(crate) short_mail: String,
    pub(crate) standfirst: String,
    pub(crate) dateline: String,
    pub(crate) body: String,
    pub(crate) slug: String,
    pub(crate) section: String,
    pub(crate) language: String,
    /// Of which work a new translation is; empty otherwise.
    pub(crate) work: String,
    pub(crate) topics: Vec<String>,
    /// `(author, role)` as chosen; empty authors are rows not filled in.
    pub(crate) bylines: Vec<(String, String)>,
    pub(crate) embargo_day: String,
    pub(crate) embargo_time: String,
    pub(crate) lead_picture: String,
    pub(crate) lead_alt: String,
    pub(crate) lead_caption: String,
    pub(crate) lead_credit: String,
    pub(crate) focus_x: String,
    pub(crate) focus_y: String,
}

/// What is wrong with which field, in words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Faults(pub(crate) Vec<(&'static str, String)>);

impl Faults {
    pub(crate) fn add(&mut self, field: &'static str, sentence: impl Into<String>) {
        self.0.push((field, sentence.into()));
    }

    pub(crate) fn of(&self, field: &str) -> Option<&str> {
        self.0.iter().find(|(name, _)| *name == field).map(|(_, sentence)| sentence.as_str())
    }

    pub(crate) fn has(&self, field: &str) -> bool {
        self.of(field).is_some()
    }
}

/// A byline row: who, as what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BylineRow {
    pub(crate) authors: Vec<Choice>,
    pub(crate) roles: Vec<Choice>,
}

/// Something to look at before publishing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Find {
    /// True where publishing would be refused.
    pub(crate) blocks: bool,
    pub(crate) line: Option<u32>,
    pub(crate) sentence: String,
}

/// A step that a button asks for after saving.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NextStep {
    pub(crate) value: &'static str,
    pub(crate) words: &'static str,
}

/// The lead picture as it stands on the sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Lead {
    pub(crate) src: String,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

/// A picture that can be chosen as lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ShelfPicture {
    pub(crate) id: String,
    pub(crate) src: String,
    pub(crate) name: String,
    pub(crate) chosen: bool,
}

/// A revision in the short list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RevisionBrief {
    pub(crate) href: String,
    pub(crate) words: String,
    pub(crate) by: String,
}

/// A row of a comparison: so many unchanged paragraphs, or a passage on both sides.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) part: &'static str,
    pub(crate) same: Option<usize>,
    pub(crate) was: Vec<Piece>,
    pub(crate) is: Vec<Piece>,
}

impl Row {
    pub(crate) fn same_words(&self) -> String {
        match self.same.unwrap_or(0) {
            0 => String::new(),
            1 => "One paragraph is the same".into(),
            count => format!("{count} paragraphs are the same"),
        }
    }
}

/// What changed between two copies, part by part.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Comparison {
    pub(crate) rows: Vec<Row>,
    pub(crate) words_added: usize,
    pub(crate) words_removed: usize,
}

impl Comparison {
    /// Compares `(name of the part, before, after)`; parts that are the same are left out, but for the text.
    pub(crate) fn new(parts: &[(&'static str, &str, &str)]) -> Self {
        let mut all = Self::default();
        for (part, was, is) in parts {
            let difference = diff::compare(was, is);
            if difference.is_none() {
                continue;
            }
            all.words_added += difference.words_added;
            all.words_removed += difference.words_removed;
            let mut name = *part;
            for step in difference.steps {
                let row = match step {
                    Step::Same(count) => Row { same: Some(count), ..Row::default() },
                    Step::Changed { was, is } => Row { part: std::mem::take(&mut name), same: None, was, is },
                };
                all.rows.push(row);
            }
        }
        all
    }

    /// `32 words added, 12 removed`.
    pub(crate) fn summary(&self) -> String {
        let words = |count: usize| super::counted(count as u64, "word", "words");
        match (self.words_added, self.words_removed) {
            (0, 0) if self.rows.is_empty() => "nothing differs".into(),
            (0, 0) => "only spaces and line ends differ".into(),
            (added, 0) => format!("{} added", words(added)),
            (0, removed) => format!("{} removed", words(removed)),
            (added, removed) => format!("{} added, {removed} removed", words(added)),
        }
    }
}

/// Somebody else saved in between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Conflict {
    pub(crate) what: String,
    pub(crate) summary: String,
    pub(crate) rows: Vec<Row>,
}

/// The writing page, for a new article or an old one.
#[derive(Template)]
#[template(path = "newsroom/editor.html")]
pub(crate) struct EditorPage {
    pub(crate) frame: Frame,
    pub(crate) title: String,
    pub(crate) action: String,
    /// Under which name a browser keeps what was typed and not saved.
    pub(crate) kept_as: String,
    pub(crate) based_on: u32,
    pub(crate) sign: Sign,
    pub(crate) saved: String,
    pub(crate) unsaved: bool,
    /// Whether Save stands beside the next step.
    pub(crate) may_save: bool,
    pub(crate) next: Option<NextStep>,
    pub(crate) others: Vec<NextStep>,
    pub(crate) links: Vec<(String, &'static str)>,
    pub(crate) alarms: Vec<Alarm>,
    /// Why this person cannot change it now.
    pub(crate) locked: Option<String>,
    /// Why the next step is somebody else's.
    pub(crate) hint: Option<&'static str>,
    pub(crate) conflict: Option<Conflict>,
    pub(crate) typed: Typed,
    pub(crate) faults: Faults,
    pub(crate) section_name: String,
    pub(crate) byline: String,
    pub(crate) facts: Vec<String>,
    pub(crate) address: String,
    pub(crate) panel: &'static str,
    pub(crate) sections: Vec<Choice>,
    pub(crate) languages: Vec<Choice>,
    pub(crate) topics: Vec<Choice>,
    pub(crate) bylines: Vec<BylineRow>,
    /// Nobody can stand above an article yet.
    pub(crate) no_authors: bool,
    pub(crate) has_shorts: bool,
    pub(crate) lead: Option<Lead>,
    pub(crate) shelf: Vec<ShelfPicture>,
    pub(crate) finds: Vec<Find>,
    pub(crate) revisions: Vec<RevisionBrief>,
    pub(crate) revisions_href: String,
}

/// A revision in the whole list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RevisionLine {
    pub(crate) title: String,
    pub(crate) live: bool,
    pub(crate) by: String,
    pub(crate) when: When,
    pub(crate) words: String,
    pub(crate) note: String,
    pub(crate) href: Option<String>,
}

/// `/newsroom/articles/{id}/revisions`.
#[derive(Template)]
#[template(path = "newsroom/revisions.html")]
pub(crate) struct RevisionsPage {
    pub(crate) frame: Frame,
    pub(crate) back: String,
    pub(crate) headline: String,
    pub(crate) summary: String,
    /// Where the words of before are hidden from readers.
    pub(crate) hiding: Option<String>,
    pub(crate) lines: Vec<RevisionLine>,
}

/// `/newsroom/articles/{id}/comparison`.
#[derive(Template)]
#[template(path = "newsroom/compare.html")]
pub(crate) struct ComparePage {
    pub(crate) frame: Frame,
    pub(crate) back: String,
    pub(crate) headline: String,
    pub(crate) title: String,
    pub(crate) summary: String,
    pub(crate) action: String,
    pub(crate) language: String,
    pub(crate) befores: Vec<Choice>,
    pub(crate) afters: Vec<Choice>,
    pub(crate) before_words: String,
    pub(crate) after_words: String,
    pub(crate) rows: Vec<Row>,
    /// Where to bring the earlier one back, and the words of the button.
    pub(crate) restore: Option<(String, String)>,
    pub(crate) based_on: u32,
}

/// The sheet before publishing.
#[derive(Template)]
#[template(path = "newsroom/publication.html")]
pub(crate) struct PublicationPage {
    pub(crate) frame: Frame,
    pub(crate) action: String,
    pub(crate) back: String,
    pub(crate) headline: String,
    pub(crate) byline: String,
    pub(crate) section: String,
    pub(crate) sign: Sign,
    pub(crate) alarms: Vec<Alarm>,
    pub(crate) note: String,
    /// Readers have seen an earlier text: they are told what changed.
    pub(crate) is_update: bool,
    pub(crate) at_chosen: bool,
    pub(crate) may_schedule: bool,
    pub(crate) time: String,
    pub(crate) day: String,
    pub(crate) fault: Option<String>,
    pub(crate) embargo: Option<String>,
    pub(crate) finds: Vec<Find>,
    pub(crate) then: Vec<(String, String)>,
}

/// The sheet before a correction or a withdrawal: readers will see the words.
#[derive(Template)]
#[template(path = "newsroom/reason.html")]
pub(crate) struct ReasonPage {
    pub(crate) frame: Frame,
    pub(crate) action: String,
    pub(crate) back: String,
    pub(crate) title: String,
    pub(crate) sub: &'static str,
    pub(crate) alarms: Vec<Alarm>,
    pub(crate) label: &'static str,
    pub(crate) hint: &'static str,
    pub(crate) text: String,
    pub(crate) then: Vec<(&'static str, &'static str)>,
    pub(crate) button: &'static str,
    pub(crate) button_class: &'static str,
}

/// `/newsroom/articles/{id}/preview`.
#[derive(Template)]
#[template(path = "newsroom/preview.html")]
pub(crate) struct PreviewPage {
    pub(crate) frame: Frame,
    pub(crate) back: String,
    pub(crate) headline: String,
    pub(crate) sub: String,
    pub(crate) src: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comparison_names_each_part_once_and_leaves_out_what_is_the_same() {
        let all = Comparison::new(&[
            ("Headline", "Kenya will leave", "Kenya may leave"),
            ("Standfirst", "Same", "Same"),
            ("Text", "a\n\nb\n\nc", "a\n\nb\n\nd"),
        ]);
        let parts: Vec<&str> = all.rows.iter().map(|row| row.part).filter(|part| !part.is_empty()).collect();
        assert_eq!(parts, ["Headline", "Text"]);
        assert_eq!(all.rows[1].same_words(), "2 paragraphs are the same");
        assert_eq!(all.summary(), "2 words added, 2 removed");
        assert_eq!(Comparison::new(&[("Text", "a", "a")]).summary(), "nothing differs");
    }
}
