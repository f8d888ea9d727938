//! Prints letters: the HTML half by template, with type and colours by language; bounds on size.

use minijinja::context;
use minijinja::value::{Serde, Value};
use serde::Serialize;

use super::{Letter, Letterhead};
use crate::page::Dir;
use crate::theme::{PressError, Theme};

/// A letter larger than this is refused: mail programs cut at about 100 KB, and some readers pay per kilobyte.
pub const HTML_BYTES_MAX: usize = 60 * 1024;
/// A letter larger than this deserves a second look.
pub const HTML_BYTES_ALARM: usize = 30 * 1024;

impl Letter {
    /// Whether the editor should be told that the letter is heavy (more than 30 KB of HTML).
    pub fn is_heavy(&self) -> bool {
        self.html.len() > HTML_BYTES_ALARM
    }
}

/// Type of one direction: each value is a whole `font` shorthand. Sizes are a phone's; the style block only enlarges.
fn type_of(dir: Dir) -> Value {
    let safe = |text: String| Value::from_safe_string(text);
    let (serif, sans) = match dir {
        Dir::Ltr => ("Georgia,serif", "'Segoe UI',Roboto,Helvetica,Arial,sans-serif"),
        Dir::Rtl => (
            "'Geeza Pro','Noto Naskh Arabic','Times New Roman',serif",
            "'Segoe UI',Tahoma,'Noto Sans Arabic',Arial,sans-serif",
        ),
    };
    let sizes: [(&str, &str, &str, &str); 14] = [
        ("name", "bold 30px/36px ", "bold 29px/42px ", serif),
        ("small_name", "bold 22px/28px ", "bold 22px/34px ", serif),
        ("lead", "bold 27px/32px ", "bold 26px/39px ", serif),
        ("item", "bold 21px/27px ", "bold 22px/34px ", serif),
        ("section", "bold 19px/25px ", "bold 20px/32px ", serif),
        ("note", "18px/28px ", "19px/34px ", serif),
        ("stand", "18px/27px ", "19px/34px ", serif),
        ("text", "17px/26px ", "18px/32px ", serif),
        ("alt", "italic 15px/22px ", "16px/26px ", serif),
        ("label", "14px/20px ", "15px/24px ", sans),
        ("head", "bold 14px/20px ", "bold 15px/24px ", sans),
        ("foot", "14px/22px ", "15px/26px ", sans),
        ("links", "16px/30px ", "17px/34px ", sans),
        ("button", "bold 17px/22px ", "bold 18px/28px ", sans),
    ];
    let mut fonts: Vec<(&str, Value)> = sizes
        .iter()
        .map(|(name, ltr, rtl, stack)| (*name, safe(format!("{}{stack}", if dir == Dir::Ltr { ltr } else { rtl }))))
        .collect();
    let (name_wide, lead_wide) = match dir {
        Dir::Ltr => ([38, 44], [32, 38]),
        Dir::Rtl => ([36, 52], [31, 46]),
    };
    let boxed = if dir == Dir::Ltr { "16px/24px " } else { "17px/28px " };
    fonts.push(("bar", safe(format!("{}{sans}", if dir == Dir::Ltr { "16px/22px " } else { "17px/28px " }))));
    fonts.push(("box", safe(format!("{boxed}{sans}"))));
    fonts.push(("name_wide", Value::from(name_wide.to_vec())));
    fonts.push(("lead_wide", Value::from(lead_wide.to_vec())));
    Value::from_pairs(fonts)
}

/// Colours by the classes that carry them: b paper, t tint, k ink, m soft, r rule, a accent; d… the same in the dark.
fn colours_of(head: &Letterhead) -> Value {
    let own = head.colours.map(|c| (c.accent.to_string(), c.accent_dark.to_string()));
    let (accent, accent_dark) = own.unwrap_or_else(|| ("#0a5866".into(), "#7cc4d1".into()));
    context! {
        b => "#fdfdfc", t => "#f2f4f2", k => "#14181a", m => "#545c60", r => "#d3d8d7", a => accent,
        db => "#121618", dt => "#1b2123", dk => "#e6e7e4", dm => "#a5aeb1", dr => "#30383b", da => accent_dark,
    }
}

/// Prints the HTML half. `personal` stands for what is filled in later.
pub(super) fn html(
    theme: &Theme,
    template: &str,
    letter: &impl Serialize,
    head: &Letterhead,
    words: (&str, &str),
    personal: Value,
) -> Result<String, PressError> {
    let (title, preheader) = words;
    let types = context! { ltr => type_of(Dir::Ltr), rtl => type_of(Dir::Rtl) };
    let values = context! {
        it => Value::from(Serde(letter)),
        t => type_of(head.dir), c => colours_of(head),
        types, title, preheader, personal,
    };
    theme.letter(&head.language, template, values)
}

/// Refuses a letter that is too large.
pub(super) fn bounded(letter: Letter) -> Result<Letter, PressError> {
    let kilobytes = letter.html.len().div_ceil(1024);
    if letter.html.len() > HTML_BYTES_MAX {
        return Err(PressError::Letter(format!(
            "The letter “{}” has {kilobytes} KB; at most 60 are sent. Take out some articles.",
            letter.subject
        )));
    }
    Ok(letter)
}
