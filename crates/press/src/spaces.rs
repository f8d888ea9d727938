//! The spaces a language wants beside its signs: what was typed as a space becomes one at which no line ends.
//! Never adds a space and never takes one away, so that addresses and times stay as they are.

use std::borrow::Cow;

/// Before `;`, `!` and `?`.
const NARROW: char = '\u{202f}';
/// Before `:` and inside `« »`.
const WHOLE: char = '\u{a0}';

/// A text as its language sets it (French: Imprimerie nationale, Lexique des règles typographiques). `language` is a
/// BCP 47 tag; other languages are given back as they are.
pub(crate) fn set<'a>(language: &str, text: &'a str) -> Cow<'a, str> {
    let is_french = language.split('-').next() == Some("fr");
    let touched = || text.contains([';', '!', '?', ':', '«', '»']);
    if !is_french || !text.contains(' ') || !touched() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    let mut before = ' ';
    let mut signs = text.chars().peekable();
    while let Some(sign) = signs.next() {
        let set = match (sign, before, signs.peek()) {
            // What stands alone is a dash or a smiley, not the end of a sentence.
            (' ', ' ', _) => ' ',
            (' ', _, Some(';' | '!' | '?')) => NARROW,
            (' ', _, Some(':' | '»')) | (' ', '«', _) => WHOLE,
            _ => sign,
        };
        out.push(set);
        before = sign;
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn french_signs_never_stand_alone_at_the_beginning_of_a_line() {
        let check = |typed: &str, printed: &str| assert_eq!(set("fr", typed), printed, "{typed}");
        check("Qui paiera ?", "Qui paiera\u{202f}?");
        check("Non ! Jamais ; plus tard : oui", "Non\u{202f}! Jamais\u{202f}; plus tard\u{a0}: oui");
        check("« Personne », dit-elle", "«\u{a0}Personne\u{a0}», dit-elle");
        check("à 18:40, https://a.org/?x=y", "à 18:40, https://a.org/?x=y");
        check("Qui paiera\u{202f}?", "Qui paiera\u{202f}?");
        check("Déjà?", "Déjà?");
        check(" ? ", " ? ");
        assert_eq!(set("fr-HT", "Qui ?"), "Qui\u{202f}?");
        for other in ["en", "ht", "es", "frr"] {
            assert_eq!(set(other, "Qui paiera ?"), "Qui paiera ?", "{other}");
        }
    }
}
