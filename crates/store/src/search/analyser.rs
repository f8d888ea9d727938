//! Turns text into search tokens, the same for both engines: words, lower case, stemmed by
//! language, without accents; scripts without spaces as pairs of letters. Knows no SQL.

use frostem::{Algorithm, Stemmer};
use newsroom::language::Language;
use std::ops::Range;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Most letters of a token; longer words are cut, in texts and in searches alike.
const TOKEN_LETTERS_MAX: usize = 40;

/// Makes tokens of texts in one language.
pub struct Analyser {
    stemmer: Option<Stemmer>,
    arabic: bool,
}

impl Analyser {
    /// For one language; languages without a stemmer of ours keep words as written.
    pub fn new(language: &Language) -> Self {
        let algorithm = match language.primary() {
            "ar" => Some(Algorithm::Arabic),
            "de" => Some(Algorithm::German),
            "en" => Some(Algorithm::English),
            "es" => Some(Algorithm::Spanish),
            "fr" => Some(Algorithm::French),
            "pt" => Some(Algorithm::Portuguese),
            // No stemmer is better than a wrong one: ht, sw, so and all others are kept as written.
            _ => None,
        };
        Self { stemmer: algorithm.map(Stemmer::new), arabic: language.primary() == "ar" }
    }

    /// Every token of a text in the order of the text. Scripts without spaces give letters and pairs of letters.
    pub fn tokens(&self, text: &str) -> Vec<String> {
        let mut tokens = Vec::new();
        for word in words(text) {
            match word {
                Word::Letters(letters) => tokens.push(self.token(&letters)),
                Word::Signs(signs) => {
                    tokens.extend(signs.iter().map(char::to_string));
                    tokens.extend(signs.windows(2).map(|pair| pair.iter().collect()));
                }
            }
        }
        tokens.retain(|token| !token.is_empty());
        tokens
    }

    /// The tokens of words that must stand together; None where a script without spaces is among them, for there
    /// the pairs of letters hold them together already.
    pub fn phrase(&self, text: &str) -> Option<Vec<String>> {
        let words = words(text);
        words.iter().all(|word| matches!(word, Word::Letters(_))).then(|| self.tokens(text))
    }

    /// Where in a text tokens stand that are `wanted`: byte ranges, in order, neighbours of one run joined.
    pub fn marks(&self, text: &str, wanted: &[String]) -> Vec<Mark> {
        let is_wanted = |token: &str| wanted.iter().position(|one| one == token);
        let first = |word: &str| word.as_bytes().first().map(u8::to_ascii_lowercase);
        let firsts: Vec<Option<u8>> = wanted.iter().map(|one| first(one)).collect();
        let mut marks = Vec::new();
        for run in runs(text) {
            let piece = &text[run.clone()];
            // Stemmers of ours take from the end only, but for Arabic: most words need not be stemmed to be passed over.
            if !self.arabic && piece.is_ascii() && !firsts.contains(&first(piece)) {
                continue;
            }
            let signs: Vec<(usize, char)> = piece.char_indices().collect();
            if !piece.starts_with(without_spaces) {
                let letters: String = piece.nfkc().flat_map(char::to_lowercase).collect();
                marks.extend(is_wanted(&self.token(&letters)).map(|which| Mark { range: run, which }));
                continue;
            }
            for (at, (start, sign)) in signs.iter().enumerate() {
                let end = |at: usize| signs.get(at + 1).map_or(run.end, |(next, _)| run.start + next);
                let pair = signs.get(at + 1).map(|(_, next)| format!("{sign}{next}"));
                let pair = pair.and_then(|pair| is_wanted(&pair)).map(|which| (end(at + 1), which));
                let found = pair.or_else(|| is_wanted(&sign.to_string()).map(|which| (end(at), which)));
                marks.extend(found.map(|(end, which)| Mark { range: run.start + start..end, which }));
            }
        }
        joined(marks)
    }

    /// A word as slips are looked for: without accents, unstemmed. Empty for anything but one word of letters.
    pub fn folded(&self, word: &str) -> String {
        match words(word).as_slice() {
            [Word::Letters(letters)] if letters.chars().all(|l| l.is_alphabetic() || is_combining_mark(l)) => {
                plain(&if self.arabic { arabic(letters) } else { letters.clone() })
            }
            _ => String::new(),
        }
    }

    /// What a text must have to be found by `text`: each token in order, once. A run of letters
    /// without spaces asks for its pairs, or for itself if it is alone.
    pub fn wanted(&self, text: &str) -> Vec<String> {
        let mut wanted: Vec<String> = Vec::new();
        let mut want = |token: String| {
            if !token.is_empty() && !wanted.contains(&token) {
                wanted.push(token);
            }
        };
        for word in words(text) {
            match word {
                Word::Letters(letters) => want(self.token(&letters)),
                Word::Signs(signs) if signs.len() == 1 => want(signs[0].to_string()),
                Word::Signs(signs) => signs.windows(2).for_each(|pair| want(pair.iter().collect())),
            }
        }
        wanted
    }

    /// Stemmed first, because stemmers know accents, then without them, because readers with cheap
    /// phones leave them out.
    fn token(&self, word: &str) -> String {
        let word = if self.arabic { arabic(word) } else { word.to_owned() };
        let stem = match &self.stemmer {
            // Numbers and words of other scripts are nobody's stems.
            Some(stemmer) if word.chars().all(char::is_alphabetic) => stemmer.stem(&word).to_string(),
            _ => word,
        };
        plain(&stem).chars().take(TOKEN_LETTERS_MAX).collect()
    }
}

/// A piece of a text that was looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    pub range: Range<usize>,
    /// Place in the list of what is wanted.
    pub which: usize,
}

/// Marks of scripts without spaces overlap, pair by pair: each becomes one with the next.
fn joined(marks: Vec<Mark>) -> Vec<Mark> {
    let mut out: Vec<Mark> = Vec::with_capacity(marks.len());
    for mark in marks {
        match out.last_mut().filter(|last| mark.range.start < last.range.end) {
            Some(last) => last.range.end = last.range.end.max(mark.range.end),
            None => out.push(mark),
        }
    }
    out
}

/// The words of a text as they are written, where they stand.
pub(crate) fn runs(text: &str) -> impl Iterator<Item = Range<usize>> {
    let kind = |letter: char| {
        if without_spaces(letter) { 2 } else { u8::from(letter.is_alphanumeric() || is_combining_mark(letter)) }
    };
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + text[at..].find(|letter| kind(letter) > 0)?;
        let first = text[start..].chars().next().map_or(0, kind);
        let end = text[start..].find(|letter| kind(letter) != first).map_or(text.len(), |length| start + length);
        at = end;
        Some(start..end)
    })
}

enum Word {
    /// Lower case.
    Letters(String),
    /// A run of a script that is written without spaces.
    Signs(Vec<char>),
}

/// Splits at everything that is neither letter nor digit nor a mark on one. Apostrophes part words
/// (`l'école`), except the English `'s`, which is dropped.
fn words(text: &str) -> Vec<Word> {
    let mut out = Vec::new();
    let mut letters = String::new();
    let mut signs = Vec::new();
    let (mut plain, mut other);
    // Plain letters are composed already; asking costs more than all the rest.
    let composed: &mut dyn Iterator<Item = char> = if text.is_ascii() {
        plain = text.chars();
        &mut plain
    } else {
        other = text.nfkc();
        &mut other
    };
    for letter in composed {
        let sign = without_spaces(letter);
        let word = !sign && (letter.is_alphanumeric() || is_combining_mark(letter) && !letters.is_empty());
        if !word && !letters.is_empty() {
            finish(&mut out, &mut letters);
        }
        if !sign && !signs.is_empty() {
            out.push(Word::Signs(std::mem::take(&mut signs)));
        }
        if sign {
            signs.push(letter);
        } else if word {
            letters.extend(letter.to_lowercase());
        }
    }
    finish(&mut out, &mut letters);
    if !signs.is_empty() {
        out.push(Word::Signs(signs));
    }
    out
}

fn finish(out: &mut Vec<Word>, letters: &mut String) {
    if !letters.is_empty() && letters != "s" {
        out.push(Word::Letters(std::mem::take(letters)));
    }
    letters.clear();
}

/// Letters without their accents, where accents are optional in writing: Latin, Greek, Cyrillic,
/// Hebrew and Arabic. In other scripts marks are vowels and stay.
fn plain(word: &str) -> String {
    if word.is_ascii() {
        return word.to_owned();
    }
    let mut out = String::with_capacity(word.len());
    let mut optional = true;
    for letter in word.nfd() {
        match letter {
            'ß' => out.push_str("ss"),
            'æ' => out.push_str("ae"),
            'œ' => out.push_str("oe"),
            'ø' => out.push('o'),
            'đ' | 'ð' => out.push('d'),
            'ł' => out.push('l'),
            'ı' => out.push('i'),
            _ if is_combining_mark(letter) && optional => {}
            _ => {
                if !is_combining_mark(letter) {
                    optional = matches!(u32::from(letter), 0x0000..=0x052f | 0x0590..=0x06ff | 0x1e00..=0x1fff);
                }
                out.push(letter);
            }
        }
    }
    out.nfc().collect()
}

/// Arabic as it is searched: without vowel signs and stretching, one alef, one yeh, one teh.
fn arabic(word: &str) -> String {
    word.chars()
        .filter(|letter| !matches!(u32::from(*letter), 0x0610..=0x061a | 0x0640 | 0x064b..=0x065f | 0x0670))
        .map(|letter| match letter {
            'أ' | 'إ' | 'آ' | 'ٱ' => 'ا',
            'ى' => 'ي',
            _ => letter,
        })
        .collect()
}

fn without_spaces(letter: char) -> bool {
    letter.is_alphanumeric()
        && matches!(u32::from(letter), 0x0e00..=0x0eff | 0x1000..=0x109f | 0x1780..=0x17ff | 0x3005..=0x3007 | 0x3040..=0x30ff | 0x3400..=0x9fff | 0xf900..=0xfaff | 0x2_0000..=0x3_ffff)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(language: &str, text: &str, tokens: &str) {
        let analyser = Analyser::new(&Language::parse(language).unwrap());
        let got = analyser.tokens(text).join(" ");
        assert_eq!(got, tokens, "{language}: {text}");
    }

    #[test]
    fn a_word_is_found_in_the_forms_its_language_gives_it() {
        check("en", "Kenya's forces left", "kenya forc left");
        check("fr", "L'économie, les ÉCOLES", "l econom le ecol");
        check("es", "los niños", "los nin");
        check("ht", "Kiyès ki pral mennen misyon an?", "kiyes ki pral mennen misyon an");
        check("sw", "Habari za leo", "habari za leo");
        check("en", "1965 and 2025-08", "1965 and 2025 08");
        check("ja", "東京都", "東 京 都 東京 京都");
        check("hi", "हिन्दी", "हिन्दी");
    }

    #[test]
    fn arabic_is_found_without_vowel_signs() {
        let analyser = Analyser::new(&Language::parse("ar").unwrap());
        assert_eq!(analyser.tokens("السَّدُّ"), analyser.tokens("السد"));
        assert_eq!(analyser.tokens("أخبار"), analyser.tokens("اخبار"));
    }

    #[test]
    fn unaccented_searches_find_accented_words() {
        for (language, text, search) in [
            ("fr", "santé", "sante"),
            ("ht", "lekòl", "lekol"),
            ("es", "elección", "eleccion"),
            ("de", "Straße", "strasse"),
        ] {
            let analyser = Analyser::new(&Language::parse(language).unwrap());
            let tokens = analyser.tokens(text);
            assert!(analyser.wanted(search).iter().all(|token| tokens.contains(token)), "{text}: {tokens:?}");
        }
    }

    #[test]
    fn what_was_looked_for_is_marked_in_whatever_form_it_stands() {
        for (language, text, words, marked) in [
            ("en", "Who leads Haïti’s mission, and who pays?", "MISSIONS who", "Who mission who"),
            ("fr", "L’économie ; les écoles", "ecole economie", "économie écoles"),
            ("ar", "السَّدُّ الكبير", "السد", "السَّدُّ"),
            ("ja", "東京都の新聞", "京都 聞", "京都 聞"),
            ("ja", "東京都の新聞", "東京都", "東京都"),
            ("en", "nothing", "", ""),
        ] {
            let analyser = Analyser::new(&Language::parse(language).unwrap());
            let marks = analyser.marks(text, &analyser.wanted(words));
            let got: Vec<&str> = marks.into_iter().map(|mark| &text[mark.range]).collect();
            assert_eq!(got.join(" "), marked, "{language}: {words} in {text}");
        }
    }

    proptest! {
        #[test]
        fn a_word_begins_as_its_token_does(word in "[a-zA-Z]{1,14}[a-z0-9]?") {
            for tag in ["de", "en", "es", "fr", "ht", "pt", "sw"] {
                for token in Analyser::new(&Language::parse(tag).unwrap()).tokens(&word) {
                    prop_assert_eq!(token.as_bytes()[0], word.as_bytes()[0].to_ascii_lowercase(), "{} {}", tag, word);
                }
            }
        }

        #[test]
        fn marks_stand_on_letters_in_order(text in "\\PC{0,60}", words in "\\PC{0,20}") {
            for language in ["en", "ar", "ja"] {
                let analyser = Analyser::new(&Language::parse(language).unwrap());
                let mut end = 0;
                for mark in analyser.marks(&text, &analyser.wanted(&words)) {
                    prop_assert!(mark.range.start >= end && !text[mark.range.clone()].is_empty());
                    end = mark.range.end;
                }
            }
        }

        #[test]
        fn a_text_is_found_by_its_own_words(text in "\\PC{0,60}") {
            for language in ["en", "fr", "es", "ar", "sw", "ja"] {
                let analyser = Analyser::new(&Language::parse(language).unwrap());
                let tokens = analyser.tokens(&text);
                for token in analyser.wanted(&text) {
                    prop_assert!(token.chars().all(|c| c.is_alphanumeric() || is_combining_mark(c)), "{token:?}");
                    prop_assert!(tokens.contains(&token));
                }
            }
        }
    }
}
