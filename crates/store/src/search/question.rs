//! A question in the engines' own languages. Tokens hold letters, digits and marks only, so that no
//! search can speak FTS5 or tsquery; what we add ourselves begins with `§`.

use super::analyser::Analyser;
use super::{SEARCH_LETTERS_MAX, SEARCH_WORDS_MAX, Search};
use newsroom::language::Language;
use std::collections::BTreeSet;

/// Whose words a search over all languages tries.
const LANGUAGES: [&str; 7] = ["ht", "en", "fr", "es", "pt", "de", "ar"];

/// Where words must stand.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Headline,
    /// Headline or standfirst.
    Top,
    Everywhere,
}

impl Part {
    /// What tokens of this part begin with in the index.
    pub(super) fn prefix(self) -> &'static str {
        match self {
            Part::Headline => "§h§",
            Part::Top => "§t§",
            Part::Everywhere => "",
        }
    }
}

/// What an article is, as a token of the index: `§l§en`, `§s§economy`, `§a§rose§jean`.
pub(super) fn trait_token(kind: char, name: &str) -> String {
    format!("§{kind}§{}", name.replace('-', "§"))
}

/// One thing that must be there: one of these runs of tokens, each in its order without gaps.
type Wanted = BTreeSet<Vec<String>>;

/// What is looked for.
pub(super) struct Question {
    words: Vec<Wanted>,
    traits: Vec<String>,
}

impl Question {
    /// None where nothing is looked for.
    pub(super) fn of(search: &Search) -> Option<Self> {
        let text: String = search.words.chars().take(SEARCH_LETTERS_MAX).collect();
        let analysers: Vec<Analyser> = match &search.language {
            Some(language) => vec![Analyser::new(language)],
            None => LANGUAGES.iter().filter_map(|tag| Language::parse(tag)).map(|l| Analyser::new(&l)).collect(),
        };
        let mut words: Vec<Wanted> = Vec::new();
        for (is_quoted, piece) in pieces(&text) {
            let wanted = if is_quoted { together(&analysers, piece) } else { apart(&analysers, piece) };
            for one in wanted {
                if !words.contains(&one) {
                    words.push(one);
                }
            }
        }
        words.truncate(SEARCH_WORDS_MAX);
        let language = search.language.as_ref().map(|language| trait_token('l', language.code()));
        let section = search.section.as_ref().map(|section| trait_token('s', section.as_str()));
        let author = search.author.as_ref().map(|author| trait_token('a', author.as_str()));
        let traits = [language, section, author].into_iter().flatten().collect();
        (!words.is_empty()).then_some(Self { words, traits })
    }

    /// Everything that has the words in `part`, but not what has all of them in `without`.
    pub(super) fn show(&self, is_sqlite: bool, part: Part, without: Option<Part>) -> String {
        let dialect = if is_sqlite { FTS5 } else { TSQUERY };
        let mut all: Vec<String> = self.words.iter().map(|wanted| dialect.any(wanted, part)).collect();
        all.extend(self.traits.iter().map(|one| format!("{0}{one}{0}", dialect.quote)));
        let all = all.join(dialect.and);
        let Some(without) = without else { return all };
        let not = self.words.iter().map(|wanted| dialect.any(wanted, without)).collect::<Vec<_>>().join(dialect.and);
        format!("({all}){}({not})", dialect.and_not)
    }
}

struct Dialect {
    quote: char,
    and: &'static str,
    or: &'static str,
    and_not: &'static str,
    then: &'static str,
}

const FTS5: Dialect = Dialect { quote: '"', and: " AND ", or: " OR ", and_not: " NOT ", then: " + " };
const TSQUERY: Dialect = Dialect { quote: '\'', and: " & ", or: " | ", and_not: " & !", then: " <-> " };

impl Dialect {
    fn any(&self, wanted: &Wanted, part: Part) -> String {
        let quote = self.quote;
        let run = |run: &Vec<String>| {
            let tokens: Vec<String> =
                run.iter().map(|token| format!("{quote}{}{token}{quote}", part.prefix())).collect();
            tokens.join(self.then)
        };
        let runs: Vec<String> = wanted.iter().map(run).collect();
        format!("({})", runs.join(self.or))
    }
}

/// The text in pieces, quoted or not. A quotation mark without its partner is no mark.
fn pieces(text: &str) -> Vec<(bool, &str)> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some((open, mark)) = rest.char_indices().find(|(_, letter)| "\"“„«”".contains(*letter)) {
        let inside = &rest[open + mark.len_utf8()..];
        let Some((close, end)) = inside.char_indices().find(|(_, letter)| "\"“”»".contains(*letter)) else {
            break;
        };
        out.push((false, &rest[..open]));
        out.push((true, &inside[..close]));
        rest = &inside[close + end.len_utf8()..];
    }
    out.push((false, rest));
    out
}

/// Words that must stand together, in the forms of each language.
fn together(analysers: &[Analyser], text: &str) -> Vec<Wanted> {
    let runs: Option<Wanted> = analysers.iter().map(|analyser| analyser.phrase(text)).collect();
    match runs {
        Some(mut runs) => {
            runs.retain(|run| !run.is_empty());
            if runs.is_empty() { Vec::new() } else { vec![runs] }
        }
        None => apart(analysers, text),
    }
}

/// Word by word, so that each language's form of the same word is an alternative.
fn apart(analysers: &[Analyser], text: &str) -> Vec<Wanted> {
    let mut out = Vec::new();
    for word in text.split_whitespace() {
        let mut places: Vec<Wanted> = Vec::new();
        for analyser in analysers {
            for (at, token) in analyser.wanted(word).into_iter().enumerate() {
                if places.len() <= at {
                    places.push(Wanted::new());
                }
                places[at].insert(vec![token]);
            }
        }
        out.extend(places);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_words_stand_together_and_a_lonely_quotation_mark_is_none() {
        for (text, expected) in [
            ("port \"grande rivière\" x", vec![(false, "port "), (true, "grande rivière"), (false, " x")]),
            ("« la paix »", vec![(false, ""), (true, " la paix "), (false, "")]),
            ("„a“ b", vec![(false, ""), (true, "a"), (false, " b")]),
            ("12\" pipe", vec![(false, "12\" pipe")]),
            ("", vec![(false, "")]),
        ] {
            assert_eq!(pieces(text), expected, "{text}");
        }
    }

    #[test]
    fn one_question_in_two_languages() {
        let search = Search {
            words: "\"police forces\" haiti".into(),
            language: Language::parse("en"),
            section: newsroom::slug::Slug::parse("the-world"),
            ..Search::default()
        };
        let question = Question::of(&search).unwrap();
        assert_eq!(
            question.show(true, Part::Everywhere, None),
            "(\"polic\" + \"forc\") AND (\"haiti\") AND \"§l§en\" AND \"§s§the§world\""
        );
        assert_eq!(
            question.show(false, Part::Top, Some(Part::Headline)),
            "(('§t§polic' <-> '§t§forc') & ('§t§haiti') & '§l§en' & '§s§the§world') & !(('§h§polic' <-> '§h§forc') & ('§h§haiti'))"
        );
    }
}
