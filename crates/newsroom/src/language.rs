//! The languages articles are written and pages are read in.
//! Owns codes, names of their own and the direction of their script. Never translates.

use serde::{Deserialize, Serialize};

/// A primary language tag with an optional region or script (BCP 47), lower case: `en`, `ht`, `pt-br`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Language(String);

impl Language {
    pub fn parse(tag: &str) -> Option<Self> {
        let tag = tag.trim().to_ascii_lowercase().replace('_', "-");
        let mut parts = tag.split('-');
        let primary = parts.next()?;
        let fine = (2..=3).contains(&primary.len())
            && primary.bytes().all(|b| b.is_ascii_lowercase())
            && tag.len() <= 12
            && parts.all(|p| (2..=8).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_alphanumeric()));
        fine.then_some(Self(tag))
    }

    pub fn english() -> Self {
        Self("en".into())
    }

    pub fn code(&self) -> &str {
        &self.0
    }

    pub fn primary(&self) -> &str {
        self.0.split('-').next().unwrap_or("en")
    }

    /// `rtl` or `ltr`, as HTML writes it.
    pub fn direction(&self) -> &'static str {
        if matches!(self.primary(), "ar" | "he" | "fa" | "ur" | "ps" | "sd" | "ug" | "yi" | "dv" | "ckb") {
            "rtl"
        } else {
            "ltr"
        }
    }

    /// What its own speakers call it; the code where we do not know.
    pub fn endonym(&self) -> &str {
        match self.primary() {
            "en" => "English",
            "fr" => "Français",
            "es" => "Español",
            "ht" => "Kreyòl ayisyen",
            "sw" => "Kiswahili",
            "ar" => "العربية",
            "pt" => "Português",
            "de" => "Deutsch",
            "so" => "Soomaali",
            "am" => "አማርኛ",
            "ja" => "日本語",
            "zh" => "中文",
            _ => &self.0,
        }
    }
}

impl std::fmt::Display for Language {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Characters a minute for scripts written without spaces.
const CHARACTERS_PER_MINUTE: u32 = 500;
/// Words a minute elsewhere.
const WORDS_PER_MINUTE: u32 = 230;

/// How much there is to read: words, and characters of scripts that have no spaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Length {
    pub words: u32,
    pub characters: u32,
}

impl Length {
    pub fn of(text: &str) -> Self {
        let mut length = Self::default();
        let mut inside = false;
        for letter in text.chars() {
            if without_spaces(letter) {
                length.characters += 1;
                inside = false;
            } else if letter.is_alphanumeric() {
                length.words += u32::from(!inside);
                inside = true;
            } else if letter.is_whitespace() || matches!(letter, '—' | '–' | '/') {
                inside = false;
            }
        }
        length
    }

    /// Whole minutes, at least 1. Never stored: the speed is ours to change.
    pub fn minutes(self) -> u32 {
        let seconds = self.words * 60 / WORDS_PER_MINUTE + self.characters * 60 / CHARACTERS_PER_MINUTE;
        (seconds + 30).max(60) / 60
    }
}

fn without_spaces(letter: char) -> bool {
    matches!(u32::from(letter), 0x0e00..=0x0eff | 0x1000..=0x109f | 0x1780..=0x17ff | 0x3040..=0x30ff | 0x3400..=0x9fff | 0xf900..=0xfaff | 0x2_0000..=0x3_ffff)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_time_counts_words_or_characters_by_script() {
        assert_eq!(Length::of("Kenya's police, 1,000 of them — left."), Length { words: 6, characters: 0 });
        assert_eq!(Length::of("日本の 新聞"), Length { words: 0, characters: 5 });
        assert_eq!(Length { words: 460, characters: 0 }.minutes(), 2);
        assert_eq!(Length::default().minutes(), 1);
    }

    #[test]
    fn a_language_is_a_tag_we_can_put_into_an_address() {
        assert_eq!(Language::parse("FR").unwrap().code(), "fr");
        assert_eq!(Language::parse("pt_BR").unwrap().code(), "pt-br");
        for odd in ["", "e", "english", "en-", "../", "e n"] {
            assert!(Language::parse(odd).is_none(), "{odd}");
        }
        assert_eq!(Language::parse("ar").unwrap().direction(), "rtl");
    }
}
