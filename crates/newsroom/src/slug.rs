//! The part of an address that names a thing, in any script.
//! Owns which letters may stand there. Never checks whether it is taken; a constraint does.

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Most characters of a slug.
pub const SLUG_CHARACTERS_MAX: usize = 80;

/// Passes after which a slug that still changes is none.
const PASSES_MAX: usize = 8;

/// Lower-case letters and digits of any script, parted by single hyphens; never empty.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Slug(String);

impl Slug {
    /// Accepts exactly what [`Slug::from_words`] would leave unchanged.
    pub fn parse(text: &str) -> Option<Self> {
        let slug = Self::from_words(text)?;
        (slug.0 == text).then_some(slug)
    }

    /// Makes a slug of a headline: Latin letters lose their accents, other scripts stay themselves,
    /// cut at a word. `None` if nothing is left. A slug made of a slug is the same slug.
    pub fn from_words(words: &str) -> Option<Self> {
        let mut slug = once(words);
        // Composing what was cut apart can bring new letters; a few passes end that for every script.
        for _ in 0..PASSES_MAX {
            let again = once(&slug);
            if again == slug {
                return (!slug.is_empty()).then_some(Self(slug));
            }
            slug = again;
        }
        None
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// This slug with a number after it, for the second thing of the same name.
    #[must_use]
    pub fn numbered(&self, number: u32) -> Self {
        let tail = format!("-{number}");
        let room = SLUG_CHARACTERS_MAX - tail.len();
        let head: String = self.0.chars().take(room).collect();
        Self(format!("{}{tail}", head.trim_end_matches('-')))
    }
}

impl std::fmt::Display for Slug {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// One pass over the words.
fn once(words: &str) -> String {
    let mut out = String::new();
    let mut gap = false;
    for letter in words.nfc().flat_map(char::to_lowercase).nfc().flat_map(plain) {
        let last = out.chars().last();
        if is_combining_mark(letter) && last.is_some_and(|last| last.is_ascii_alphanumeric()) {
            continue; // An accent that no composed letter has: Latin letters lose theirs.
        }
        if letter.is_alphanumeric() || (is_combining_mark(letter) && last.is_some() && !gap) {
            if gap && !out.is_empty() {
                out.push('-');
            }
            gap = false;
            out.push(letter);
        } else if !matches!(letter, '\'' | '’' | 'ʼ') {
            gap = true;
        }
    }
    cut(&out).nfc().collect()
}

fn plain(letter: char) -> Vec<char> {
    match letter {
        'ß' => vec!['s', 's'],
        'æ' | 'Æ' => vec!['a', 'e'],
        'œ' | 'Œ' => vec!['o', 'e'],
        'ø' | 'Ø' => vec!['o'],
        'đ' | 'Đ' | 'ð' | 'Ð' => vec!['d'],
        'ł' | 'Ł' => vec!['l'],
        'þ' | 'Þ' => vec!['t', 'h'],
        'ı' | 'İ' => vec!['i'],
        _ => {
            let parts: Vec<char> = std::iter::once(letter).nfd().collect();
            if parts[0].is_ascii_alphabetic() { vec![parts[0]] } else { vec![letter] }
        }
    }
}

fn cut(slug: &str) -> &str {
    let Some((end, _)) = slug.char_indices().nth(SLUG_CHARACTERS_MAX) else { return slug };
    let head = &slug[..end];
    if slug[end..].starts_with('-') {
        return head;
    }
    head.rfind('-').map_or(head, |at| &head[..at])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_headline_becomes_an_address_in_its_own_script() {
        for (words, slug) in [
            ("Who will lead the mission in Haiti?", "who-will-lead-the-mission-in-haiti"),
            ("Kiyès ki pral mennen misyon an?", "kiyes-ki-pral-mennen-misyon-an"),
            ("L’école à Port-de-Paix", "lecole-a-port-de-paix"),
            ("سد نهارا", "سد-نهارا"),
            ("ماءٌ", "ماءٌ"),
            ("日本の新聞", "日本の新聞"),
            ("Straße & Œuvre", "strasse-oeuvre"),
            ("STRAẞE, İzmir", "strasse-izmir"),
            ("  --  2025/08 ", "2025-08"),
        ] {
            assert_eq!(Slug::from_words(words).unwrap().as_str(), slug);
        }
        assert!(Slug::from_words("?!").is_none());
        assert!(Slug::parse("../x").is_none());
        assert!(Slug::parse("Haiti").is_none());
    }

    proptest! {
        #[test]
        fn a_slug_made_of_any_words_is_a_slug(words in "\\PC{0,200}") {
            if let Some(slug) = Slug::from_words(&words) {
                prop_assert!(slug.as_str().chars().count() <= SLUG_CHARACTERS_MAX + 4);
                prop_assert!(!slug.as_str().contains(['/', ' ', '.', '?', '#', '%']));
                prop_assert_eq!(Slug::parse(slug.as_str()), Some(slug));
            }
        }
    }
}
