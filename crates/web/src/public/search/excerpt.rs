//! What was found in an article: its words with the ones that were looked for marked, and the part of its text
//! where most of them stand together.

use newsroom::language::Language;
use press::page::Span;
use store::search::analyser::{Analyser, Mark};

/// Letters of an excerpt, about three lines.
const EXCERPT_LETTERS: usize = 220;
/// Letters before the first word that was looked for, at most.
const BEFORE_LETTERS: usize = 70;

/// Knows what was looked for, in the forms of one language.
pub(super) struct Marker {
    analyser: Analyser,
    wanted: Vec<String>,
}

impl Marker {
    pub(super) fn new(language: &Language, words: &str) -> Marker {
        let analyser = Analyser::new(language);
        let wanted = analyser.wanted(words);
        Marker { analyser, wanted }
    }

    /// The whole text.
    pub(super) fn spans(&self, text: &str) -> Vec<Span> {
        marked(text, &self.analyser.marks(text, &self.wanted))
    }

    /// The standfirst, unless the body has more of what was looked for: then the place where most of it stands.
    pub(super) fn excerpt(&self, standfirst: &str, body: impl FnOnce() -> String) -> Vec<Span> {
        let marks = self.analyser.marks(standfirst, &self.wanted);
        let above = distinct(&marks);
        if above == self.wanted.len() && !standfirst.is_empty() {
            return marked(standfirst, &marks);
        }
        let body = body().split_whitespace().collect::<Vec<_>>().join(" ");
        let found = self.analyser.marks(&body, &self.wanted);
        let room = EXCERPT_LETTERS - BEFORE_LETTERS;
        let best = (0..found.len())
            .map(|at| (distinct(within(&body, &found[at..], room)), at))
            .max_by_key(|(count, at)| (*count, std::cmp::Reverse(*at)));
        match best {
            Some((count, at)) if count > above => {
                let (start, end) = cut(&body, found[at].range.start);
                let mut spans = marked(&body[start..end], &self.analyser.marks(&body[start..end], &self.wanted));
                if start > 0 {
                    spans.insert(0, plain("… "));
                }
                if end < body.len() {
                    spans.push(plain(" …"));
                }
                spans
            }
            _ => marked(standfirst, &marks),
        }
    }
}

fn plain(text: &str) -> Span {
    Span { text: text.to_owned(), mark: false }
}

fn distinct(marks: &[Mark]) -> usize {
    let mut which: Vec<usize> = marks.iter().map(|mark| mark.which).collect();
    which.sort_unstable();
    which.dedup();
    which.len()
}

/// The marks that stand within so many letters of the first.
fn within<'a>(text: &str, marks: &'a [Mark], letters: usize) -> &'a [Mark] {
    let Some(first) = marks.first() else { return marks };
    let start = first.range.start;
    let end = text[start..].char_indices().nth(letters).map_or(text.len(), |(at, _)| start + at);
    &marks[..marks.iter().take_while(|mark| mark.range.end <= end).count()]
}

/// Where an excerpt that shows the letter at `at` begins and ends: at a sentence if one begins near, else at a word.
fn cut(text: &str, at: usize) -> (usize, usize) {
    let earliest = text[..at].char_indices().rev().nth(BEFORE_LETTERS).map_or(0, |(start, _)| start);
    let before = &text[earliest..at];
    let sentence = before.rfind(['.', '!', '?', '؟', '。', '”', '»']).and_then(|dot| {
        let after = dot + before[dot..].find(' ')?;
        Some(earliest + after + 1)
    });
    let word = if earliest == 0 { 0 } else { before.find(' ').map_or(at, |space| earliest + space + 1) };
    let start = sentence.unwrap_or(word);
    let latest = text[start..].char_indices().nth(EXCERPT_LETTERS).map_or(text.len(), |(end, _)| start + end);
    if latest == text.len() {
        return (start, latest);
    }
    let end = text[start..latest].rfind(' ').map_or(latest, |space| start + space);
    (start, if end > at { end } else { latest })
}

/// A text in pieces, marked or not.
fn marked(text: &str, marks: &[Mark]) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut done = 0;
    let mut push = |range: std::ops::Range<usize>, mark: bool| {
        if !range.is_empty() {
            spans.push(Span { text: text[range].to_owned(), mark });
        }
    };
    for mark in marks {
        push(done..mark.range.start, false);
        push(mark.range.clone(), true);
        done = mark.range.end;
    }
    push(done..text.len(), false);
    spans
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(spans: &[Span]) -> String {
        spans.iter().map(|span| if span.mark { format!("[{}]", span.text) } else { span.text.clone() }).collect()
    }

    #[test]
    fn what_was_looked_for_is_marked_in_every_form() {
        let marker = Marker::new(&Language::english(), "\"MISSIONS\" who haiti");
        assert_eq!(
            shown(&marker.spans("Who leads Haïti’s mission, and who pays?")),
            "[Who] leads [Haïti]’s [mission], and [who] pays?"
        );
    }

    #[test]
    fn an_excerpt_shows_where_most_of_it_stands() {
        let marker = Marker::new(&Language::english(), "harbour crane");
        let filler = "Nothing of interest happens in this sentence at all. ".repeat(8);
        let body = format!("{filler}The harbour sleeps. {filler}At six the crane of the harbour moves again. {filler}");
        let got = shown(&marker.excerpt("A day at sea.", || body));
        assert!(got.starts_with("… At six the [crane] of the [harbour] moves again."), "{got}");
        assert!(got.ends_with(" …"), "{got}");
        assert_eq!(shown(&marker.excerpt("The harbour, a crane", String::new)), "The [harbour], a [crane]");
        assert_eq!(shown(&marker.excerpt("A day", || "By somebody else.".into())), "A day");
    }

    proptest! {
        #[test]
        fn every_text_can_be_cut(body in "(harbour|東京都|السد|\\PC| |\\. ){0,80}", words in "(harbour|東京|السد|x| ){0,4}") {
            for language in ["en", "ja", "ar"] {
                let marker = Marker::new(&Language::parse(language).unwrap(), &words);
                let spans = marker.excerpt("Standfirst", || body.clone());
                let letters: usize = spans.iter().map(|span| span.text.chars().count()).sum();
                prop_assert!(letters <= EXCERPT_LETTERS + 4);
            }
        }
    }
}
