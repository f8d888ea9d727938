//! "Did you mean": the nearest words that public articles really have. Words are learnt as articles are
//! published; what is offered was found in a public article just now, so that nothing else can be guessed at.

use super::analysed::{Vocabulary, WORD_LETTERS};
use super::{Search, analyser, analyser::Analyser};
use crate::db::value::to_json;
use crate::db::{statements, vals};
use crate::{Change, Error, View};
use newsroom::language::Language;
use newsroom::time::Timestamp;
use std::collections::BTreeSet;

/// From this length on, a word may hold two slips.
const LONG_WORD_LETTERS: usize = 6;
/// Words mended in one search.
const MENDED_MAX: usize = 3;
/// Neighbours of a word that are looked at, and of these, that are tried.
const NEIGHBOURS_MAX: usize = 200;
const TRIED_MAX: usize = 6;
/// Articles that are counted to tell a common word from a rare one.
const COMMON: usize = 30;

statements! {
    LEARN = "insert into search_vocabulary (language, folded, shown) \
        select ?1, value->>0, value->>1 from {{rows ?2}} where true on conflict do nothing returning folded";
    LEARN_SLIPS = "insert into search_slips (language, slip, folded) \
        select ?1, value->>0, value->>1 from {{rows ?2}} where true on conflict do nothing";
    NEIGHBOURS = "select distinct v.folded, v.shown from search_slips s \
        join search_vocabulary v on v.language = s.language and v.folded = s.folded \
        where s.language = ?1 and s.slip in {{texts ?2}} order by v.folded limit ?3";
}

impl Change<'_> {
    /// Learns words of texts that readers may see. Those that are known already cost a look each.
    pub fn learn(&mut self, language: &Language, words: &Vocabulary) -> Result<(), Error> {
        if words.is_empty() {
            return Ok(());
        }
        let rows = to_json(&words.iter().collect::<Vec<_>>())?;
        let fresh: Vec<String> = self.rows(&LEARN, vals![language, rows], |row| row.take())?;
        let slips =
            fresh.iter().flat_map(|folded| slips(folded, 1).into_iter().map(move |slip| (slip, folded.clone())));
        let slips: Vec<(String, String)> = slips.collect();
        if slips.is_empty() {
            return Ok(());
        }
        self.run(&LEARN_SLIPS, vals![language, to_json(&slips)?]).map(drop)
    }
}

impl View<'_> {
    /// The same search with its unknown words mended, if that finds something public; else None.
    /// `speaking`: the language of the words where the search names none.
    pub fn suggestion(&self, search: &Search, speaking: &Language, now: Timestamp) -> Result<Option<String>, Error> {
        let language = search.language.clone().unwrap_or_else(|| speaking.clone());
        let analyser = Analyser::new(&language);
        let text: String = search.words.chars().take(super::SEARCH_LETTERS_MAX).collect();
        let (mut mended, mut done, mut changed) = (String::new(), 0, 0);
        for run in analyser::runs(&text).take(super::SEARCH_WORDS_MAX) {
            let word = &text[run.clone()];
            let alone = |words: &str| Search {
                words: words.to_owned(),
                language: search.language.clone(),
                ..Search::default()
            };
            let better = if changed < MENDED_MAX && !self.finds(&alone(word), now)? {
                self.mend(&analyser, &language, word, |words| self.search_count(&alone(words), now, COMMON))?
            } else {
                None
            };
            mended.push_str(&text[done..run.start]);
            changed += usize::from(better.is_some());
            mended.push_str(better.as_deref().unwrap_or(word));
            done = run.end;
        }
        mended.push_str(&text[done..]);
        let found = changed > 0 && self.finds(&Search { words: mended.clone(), ..search.clone() }, now)?;
        Ok(found.then_some(mended))
    }

    fn finds(&self, search: &Search, now: Timestamp) -> Result<bool, Error> {
        Ok(self.search_count(search, now, 1)? > 0)
    }

    /// The nearest known word; among equally near ones the most common.
    fn mend(
        &self,
        analyser: &Analyser,
        language: &Language,
        word: &str,
        count: impl Fn(&str) -> Result<usize, Error>,
    ) -> Result<Option<String>, Error> {
        let folded = analyser.folded(&word.to_lowercase());
        let letters = folded.chars().count();
        if !WORD_LETTERS.contains(&letters) {
            return Ok(None);
        }
        let far = if letters < LONG_WORD_LETTERS { 1 } else { 2 };
        let wanted = to_json(&slips(&folded, far).into_iter().collect::<Vec<_>>())?;
        let known = self.rows(&NEIGHBOURS, vals![language, wanted, NEIGHBOURS_MAX], |row| {
            Ok((row.take::<String>()?, row.take::<String>()?))
        })?;
        let mut near: Vec<(usize, String)> = known
            .into_iter()
            .map(|(neighbour, shown)| (distance(&folded, &neighbour), shown))
            .filter(|(distance, _)| (1..=far).contains(distance))
            .collect();
        near.sort();
        near.truncate(TRIED_MAX);
        let mut best: Option<(usize, std::cmp::Reverse<usize>, String)> = None;
        for (distance, shown) in near {
            let seen = count(&shown)?;
            let candidate = (distance, std::cmp::Reverse(seen), shown);
            if seen > 0 && best.as_ref().is_none_or(|best| candidate < *best) {
                best = Some(candidate);
            }
        }
        Ok(best.map(|(_, _, shown)| shown))
    }
}

/// Whether two names differ by no more than a slip, or two in long ones.
pub fn are_near(one: &str, other: &str) -> bool {
    let letters = one.chars().count().max(other.chars().count());
    let far = if letters < LONG_WORD_LETTERS { 1 } else { 2 };
    letters <= *WORD_LETTERS.end() && distance(one, other) <= far
}

/// A word and what is left of it when up to `letters` letters are missing: two words one slip apart have one of
/// these in common (symmetric deletion).
fn slips(word: &str, letters: usize) -> BTreeSet<String> {
    let mut all = BTreeSet::from([word.to_owned()]);
    let mut last = all.clone();
    for _ in 0..letters {
        last = last.iter().flat_map(|word| without_one(word)).collect();
        all.extend(last.iter().cloned());
    }
    all
}

fn without_one(word: &str) -> impl Iterator<Item = String> {
    word.char_indices().map(|(at, letter)| format!("{}{}", &word[..at], &word[at + letter.len_utf8()..]))
}

/// Letters to add, to leave out, to change or to swap with their neighbour (optimal string alignment).
fn distance(one: &str, other: &str) -> usize {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=other.len()).collect();
    for (row, a) in one.iter().enumerate() {
        let mut line = vec![row + 1];
        for (column, b) in other.iter().enumerate() {
            let change = above[column] + usize::from(a != b);
            let mut least = change.min(above[column + 1] + 1).min(line[column] + 1);
            if row > 0 && column > 0 && *a == other[column - 1] && one[row - 1] == *b {
                least = least.min(before[column - 1] + 1);
            }
            line.push(least);
        }
        before = std::mem::replace(&mut above, line);
    }
    above[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_slip_is_one_letter_too_many_missing_wrong_or_swapped() {
        for (one, other, expected) in [
            ("haiti", "haiti", 0),
            ("hiati", "haiti", 1),
            ("haitti", "haiti", 1),
            ("hati", "haiti", 1),
            ("heiti", "haiti", 1),
            ("goverment", "government", 1),
            ("misionn", "mission", 2),
            ("", "ab", 2),
        ] {
            assert_eq!(distance(one, other), expected, "{one} {other}");
        }
    }

    proptest! {
        #[test]
        fn words_one_slip_apart_have_a_remainder_in_common(word in "[a-zé]{3,12}", at in 0_usize..12, letter in "[a-zé]", kind in 0..4) {
            let mut letters: Vec<char> = word.chars().collect();
            let at = at % letters.len();
            match kind {
                0 => { letters.remove(at); }
                1 => letters.insert(at, letter.chars().next().unwrap()),
                2 => letters[at] = letter.chars().next().unwrap(),
                _ => { let next = (at + 1) % letters.len(); if next > at { letters.swap(at, next); } }
            }
            let slipped: String = letters.into_iter().collect();
            prop_assert!(distance(&word, &slipped) <= 1);
            prop_assert!(!slips(&word, 1).is_disjoint(&slips(&slipped, 1)), "{word} {slipped}");
        }
    }
}
