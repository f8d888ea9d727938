//! What an article is found by: its words as tokens, made before a transaction begins, for it takes longer than the
//! rest of it. Knows no SQL.

use super::analyser::{self, Analyser};
use super::question::{Part, trait_token};
use newsroom::language::Language;
use std::collections::{BTreeMap, HashSet};

/// Most tokens of one article that are kept.
const TOKENS_MAX: usize = 20_000;
/// Shortest and longest words that are learnt and mended.
pub(super) const WORD_LETTERS: std::ops::RangeInclusive<usize> = 3..=24;

/// The words of an article as readers see them, without marks.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SearchText {
    pub headline: String,
    /// With kicker, authors and topics, if they should count as much.
    pub standfirst: String,
    pub body: String,
}

/// Words as slips are looked for, each with how it is written.
pub type Vocabulary = BTreeMap<String, String>;

/// The words of an article, ready to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Analysed {
    pub(super) language: Language,
    /// Tokens in the order of the text.
    pub(super) words: Vec<String>,
    /// Tokens of headline and standfirst, and of the language.
    pub(super) marks: Vec<String>,
    pub(super) vocabulary: Vocabulary,
}

impl SearchText {
    /// The same as tokens of its language. A millisecond for a thousand words.
    pub fn analysed(&self, language: &Language) -> Analysed {
        let analyser = Analyser::new(language);
        let (headline, standfirst) = (analyser.tokens(&self.headline), analyser.tokens(&self.standfirst));
        let mut marks: Vec<String> = headline.iter().map(|token| prefixed(Part::Headline, token)).collect();
        marks.extend(headline.iter().chain(&standfirst).map(|token| prefixed(Part::Top, token)));
        marks.push(trait_token('l', language.code()));
        let mut words = headline;
        words.extend(standfirst);
        words.extend(analyser.tokens(&self.body));
        words.truncate(TOKENS_MAX);
        Analysed { language: language.clone(), words, marks, vocabulary: self.vocabulary(&analyser) }
    }

    fn vocabulary(&self, analyser: &Analyser) -> Vocabulary {
        let texts = [&self.headline, &self.standfirst, &self.body];
        let each: HashSet<&str> =
            texts.into_iter().flat_map(|text| analyser::runs(text).map(|run| &text[run])).collect();
        let mut words = Vocabulary::new();
        for word in each {
            let shown = word.to_lowercase();
            let folded = analyser.folded(&shown);
            if WORD_LETTERS.contains(&folded.chars().count()) {
                // Of two ways to write a word the first in the alphabet, whatever the order of the text.
                let known = words.entry(folded).or_insert_with(|| shown.clone());
                if shown < *known {
                    *known = shown;
                }
            }
        }
        words
    }
}

impl Analysed {
    /// Takes the words out that are to be learnt, for who learns those of many articles at once.
    pub fn take_vocabulary(&mut self) -> (Language, Vocabulary) {
        (self.language.clone(), std::mem::take(&mut self.vocabulary))
    }
}

fn prefixed(part: Part, token: &str) -> String {
    format!("{}{token}", part.prefix())
}
