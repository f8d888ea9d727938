//! News that does not wait for the morning: what it must say, and who may let it go.
//! Owns the cap of one a day and the second look. Knows no mail.

use crate::id::StaffId;
use crate::refusal::Refusal;
use crate::staff::{May, Staff};
use crate::time::{MINUTE, Timestamp};
use serde::{Deserialize, Serialize};

/// Between the first button and the second one, at most.
pub const MINUTES_MAX: i64 = 10;
pub const HEADLINE_CHARACTERS_MAX: usize = 90;
pub const SENTENCES_CHARACTERS_MAX: usize = 400;
/// Lines of what is known, reported or not known, each.
pub const LINES_MAX: usize = 6;
pub const LINE_CHARACTERS_MAX: usize = 240;

/// What the letter says beside the link to the article.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    pub headline: String,
    /// Two sentences.
    pub sentences: String,
    pub known: Vec<String>,
    pub reported: Vec<String>,
    pub unknown: Vec<String>,
}

impl Words {
    /// Refuses what is missing and what is too long for a letter like this.
    pub fn check(&self) -> Result<(), Refusal> {
        if self.headline.trim().is_empty() {
            return Err(Refusal::NoHeadline);
        }
        let headline = self.headline.chars().count();
        if headline > HEADLINE_CHARACTERS_MAX {
            return Err(Refusal::HeadlineTooLong { characters: headline, max: HEADLINE_CHARACTERS_MAX });
        }
        if self.sentences.trim().is_empty() {
            return Err(Refusal::Other("Write what happened, in two sentences.".into()));
        }
        if self.sentences.chars().count() > SENTENCES_CHARACTERS_MAX {
            return Err(Refusal::Limit { what: "characters in two sentences", max: SENTENCES_CHARACTERS_MAX });
        }
        for lines in [&self.known, &self.reported, &self.unknown] {
            if lines.len() > LINES_MAX {
                return Err(Refusal::Limit { what: "lines of one kind", max: LINES_MAX });
            }
            if lines.iter().any(|line| line.chars().count() > LINE_CHARACTERS_MAX) {
                return Err(Refusal::Limit { what: "characters in a line", max: LINE_CHARACTERS_MAX });
            }
        }
        Ok(())
    }
}

/// Whether `editor` may press the second button at `now` for what `asked_by` asked at `asked_at`.
/// `by_two`: the house wants a second pair of eyes.
pub fn release(
    editor: &Staff,
    asked_by: StaffId,
    asked_at: Timestamp,
    by_two: bool,
    now: Timestamp,
) -> Result<(), Refusal> {
    editor.allowed(May::Publish)?;
    if now > asked_at.plus(MINUTES_MAX * MINUTE) {
        return Err(Refusal::Other(format!(
            "More than {MINUTES_MAX} minutes have passed, and news changes. Write it anew."
        )));
    }
    if by_two && editor.id == asked_by {
        return Err(Refusal::Other("In this house a second editor sends breaking news. Ask one now.".into()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::staff::Role;

    fn staff(id: i64, role: Role) -> Staff {
        Staff { id: StaffId(id), name: "Ben".into(), role }
    }

    #[test]
    fn breaking_news_is_let_go_by_an_editor_within_minutes() {
        let at = |minutes: i64| Timestamp(minutes * MINUTE);
        let check = |id, role, by_two, minutes| release(&staff(id, role), StaffId(1), at(0), by_two, at(minutes));
        assert!(check(1, Role::Editor, false, 10).is_ok());
        assert!(check(1, Role::Editor, false, 11).is_err());
        assert!(check(1, Role::Editor, true, 1).is_err(), "the one who asked is not a second one");
        assert!(check(2, Role::Editor, true, 1).is_ok());
        assert!(check(2, Role::Writer, false, 1).is_err());
        assert!(check(2, Role::AudienceManager, false, 1).is_err());
    }

    #[test]
    fn breaking_news_is_short() {
        let words = Words { headline: "h".into(), sentences: "s".into(), ..Words::default() };
        assert!(words.check().is_ok());
        for wrong in [
            Words { headline: String::new(), ..words.clone() },
            Words { headline: "h".repeat(91), ..words.clone() },
            Words { sentences: " ".into(), ..words.clone() },
            Words { sentences: "s".repeat(401), ..words.clone() },
            Words { known: vec!["k".into(); 7], ..words.clone() },
            Words { unknown: vec!["k".repeat(241)], ..words.clone() },
        ] {
            assert!(wrong.check().is_err(), "{wrong:?}");
        }
    }
}
