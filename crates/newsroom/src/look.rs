//! How the paper looks, as far as the newsroom decides it: its drawing, its colours, its typefaces.
//! Keeps what was typed if a theme can use it; never prints.

use crate::refusal::Refusal;
use serde::{Deserialize, Serialize};

/// Characters of a list of typefaces, at most.
const FACES_CHARACTERS_MAX: usize = 300;
/// Characters of a drawing, at most.
const LOGO_CHARACTERS_MAX: usize = 2_000;
/// What a list of typefaces may end with: what every reader has.
const GENERIC: [&str; 5] = ["serif", "sans-serif", "monospace", "system-ui", "ui-serif"];

/// Lists of typefaces as CSS writes them (CSS Fonts 4, `font-family`); None leaves the theme's.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Faces {
    /// What the newsroom says: texts and standfirsts.
    pub text: Option<String>,
    /// Headlines.
    pub head: Option<String>,
    /// What the page says: dates, labels, forms.
    pub label: Option<String>,
}

/// A list of typefaces, tidied. Errs with what to do: only names, commas, quotes and hyphens, and at its end one that
/// every reader has. Empty is None.
pub fn faces(text: &str) -> Result<Option<String>, Refusal> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let plain = |c: char| c.is_alphanumeric() || " ,-_.\"'".contains(c);
    if text.chars().count() > FACES_CHARACTERS_MAX || !text.chars().all(plain) {
        return Err(other("Write the typefaces as names with commas between them, such as Charter, Georgia, serif."));
    }
    let names: Vec<&str> = text.split(',').map(str::trim).collect();
    for name in &names {
        let quotes = |quote: char| name.matches(quote).count();
        let bare = name.trim_matches(['"', '\'']);
        let quoted = ["\"", "'"].iter().any(|q| name.len() > 2 && name.starts_with(q) && name.ends_with(q));
        let quotes_fit = if quoted { quotes('"') + quotes('\'') == 2 } else { quotes('"') + quotes('\'') == 0 };
        if bare.trim().is_empty() || !quotes_fit {
            return Err(other("One of the typefaces has no name, or a quote that is not closed."));
        }
    }
    if !names.last().is_some_and(|last| GENERIC.contains(last)) {
        return Err(other(
            "End the list of typefaces with serif or sans-serif, for readers who have none of the others.",
        ));
    }
    Ok(Some(names.join(", ")))
}

/// The path of a drawing (SVG 2 §9.3), if it is nothing but a path. Empty is None.
pub fn drawing(text: &str) -> Result<Option<String>, Refusal> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.is_empty() {
        return Ok(None);
    }
    let drawn = |c: char| c.is_ascii_digit() || "MmLlHhVvCcSsQqTtAaZz .,-".contains(c);
    if text.len() > LOGO_CHARACTERS_MAX || !text.starts_with('M') || !text.chars().all(drawn) {
        return Err(other(
            "The drawing is one SVG path in a square of 24: it begins with M and has letters of paths and numbers only.",
        ));
    }
    Ok(Some(text))
}

fn other(sentence: &str) -> Refusal {
    Refusal::Other(sentence.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typefaces_cannot_carry_a_style_and_end_with_one_that_everybody_has() {
        let good = |text: &str, want: Option<&str>| assert_eq!(faces(text), Ok(want.map(str::to_owned)), "{text}");
        good("", None);
        good("Charter,\"Sitka Text\" ,  serif", Some("Charter, \"Sitka Text\", serif"));
        good("'Noto Sans', system-ui", Some("'Noto Sans', system-ui"));
        for bad in [
            "Charter",
            "Charter, serif}body{color:red",
            "a;b, serif",
            "url(x), serif",
            ", serif",
            "\"a, serif",
            "<b>, serif",
            "\\61, serif",
        ] {
            assert!(faces(bad).is_err(), "{bad}");
        }
        assert!(faces(&format!("{}, serif", "a".repeat(400))).is_err());
    }

    #[test]
    fn a_drawing_is_nothing_but_a_path() {
        assert_eq!(drawing("M1 2h3\n  V4z"), Ok(Some("M1 2h3 V4z".to_owned())));
        assert_eq!(drawing("  "), Ok(None));
        for bad in ["<svg>", "M1\"/><script>", "h3", "M1 e2"] {
            assert!(drawing(bad).is_err(), "{bad}");
        }
    }
}
