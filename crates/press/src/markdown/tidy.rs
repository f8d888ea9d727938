//! Brings spans into the one form every text has: merged, trimmed, nothing empty, notes counted in reading order.

use std::collections::HashMap;

use newsroom::document::{Block, BlockKind, Document, Figure, Note, Span};

use super::TooMuch;
use super::blocks::Reader;

/// Which marks already surround a span: emphasis within emphasis says nothing, a link within a link goes nowhere.
#[derive(Clone, Copy, Default)]
struct Around {
    emphasis: bool,
    strong: bool,
    struck: bool,
    link: bool,
}

/// The spans of one block: texts merged, soft breaks turned to spaces, edges and line ends trimmed, nothing empty.
pub(super) fn spans(spans: Vec<Span>) -> Vec<Span> {
    let mut out = Vec::new();
    flatten(spans, Around::default(), &mut out);
    join_lines(&mut out);
    trim(&mut out);
    out
}

fn flatten(spans: Vec<Span>, around: Around, out: &mut Vec<Span>) {
    for span in spans {
        match span {
            Span::Text(text) => push_text(out, &text),
            Span::Emphasis(inner) if around.emphasis => flatten(inner, around, out),
            Span::Strong(inner) if around.strong => flatten(inner, around, out),
            Span::Struck(inner) if around.struck => flatten(inner, around, out),
            Span::Link { text, .. } if around.link => flatten(text, around, out),
            Span::Emphasis(inner) => nest(inner, Around { emphasis: true, ..around }, Span::Emphasis, out),
            Span::Strong(inner) => nest(inner, Around { strong: true, ..around }, Span::Strong, out),
            Span::Struck(inner) => nest(inner, Around { struck: true, ..around }, Span::Struck, out),
            Span::Subscript(inner) => nest(inner, around, Span::Subscript, out),
            Span::Superscript(inner) => nest(inner, around, Span::Superscript, out),
            Span::Mark { class, pairs, text } => nest(text, around, |text| Span::Mark { class, pairs, text }, out),
            Span::Link { url, title, text } => {
                nest(text, Around { link: true, ..around }, |text| Span::Link { url, title, text }, out);
            }
            Span::Code(text) if text.is_empty() => {}
            // Two runs of code side by side would be written as one with backticks inside.
            Span::Code(text) => match out.last_mut() {
                Some(Span::Code(merged)) => merged.push_str(&text),
                _ => out.push(Span::Code(text)),
            },
            span @ (Span::Picture { .. } | Span::Note { .. } | Span::Break) => out.push(span),
        }
    }
}

fn nest(inner: Vec<Span>, around: Around, kind: impl FnOnce(Vec<Span>) -> Span, out: &mut Vec<Span>) {
    let mut spans = Vec::new();
    flatten(inner, around, &mut spans);
    join_lines(&mut spans);
    if !spans.is_empty() {
        out.push(kind(spans));
    }
}

fn push_text(out: &mut Vec<Span>, text: &str) {
    match out.last_mut() {
        Some(Span::Text(merged)) => merged.push_str(text),
        _ if text.is_empty() => {}
        _ => out.push(Span::Text(text.to_owned())),
    }
}

/// A line end becomes a space, or nothing between two characters that are written without spaces.
fn join_lines(spans: &mut Vec<Span>) {
    for span in spans.iter_mut() {
        if let Span::Text(text) = span
            && text.contains('\n')
        {
            *text = without_line_ends(text);
        }
    }
    spans.retain(|span| !matches!(span, Span::Text(text) if text.is_empty()));
}

fn without_line_ends(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '\n' {
            out.push(c);
            continue;
        }
        let spaceless = out.chars().last().is_some_and(is_spaceless) && chars.peek().copied().is_some_and(is_spaceless);
        if !spaceless {
            out.push(' ');
        }
    }
    out
}

/// Han, kana and their punctuation: written without spaces (Hangul is not).
fn is_spaceless(c: char) -> bool {
    matches!(c, '\u{3000}'..='\u{30FF}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{FF00}'..='\u{FF60}' | '\u{20000}'..='\u{3FFFF}')
}

/// Takes white space and breaks from both edges, white space from around breaks, and all but one of several breaks.
fn trim(spans: &mut Vec<Span>) {
    loop {
        let before = spans.len();
        for at in 0..spans.len() {
            let line_start = at == 0 || spans[at - 1] == Span::Break;
            let line_end = at + 1 == spans.len() || spans[at + 1] == Span::Break;
            if let Span::Text(text) = &mut spans[at] {
                if line_start {
                    *text = text.trim_start_matches(is_space).to_owned();
                }
                if line_end {
                    *text = text.trim_end_matches(is_space).to_owned();
                }
            }
        }
        spans.retain(|span| !matches!(span, Span::Text(text) if text.is_empty()));
        spans.dedup_by(|a, b| *a == Span::Break && *b == Span::Break);
        if spans.first() == Some(&Span::Break) {
            spans.remove(0);
        }
        if spans.last() == Some(&Span::Break) {
            spans.pop();
        }
        if spans.len() == before {
            return;
        }
    }
}

fn is_space(c: char) -> bool {
    c.is_whitespace()
}

/// Numbers notes in the order of their first mention, reads their blocks, and counts mentions. Until then
/// `Span::Note::note` is the index of a definition in the reader.
pub(super) fn number_notes(document: &mut Document, reader: &mut Reader<'_>) -> Result<(), TooMuch> {
    let mut order = Order::default();
    blocks(&mut document.blocks, &mut |span| order.see(span));
    let mut read = 0;
    while read < order.definitions.len() {
        let (name, mut note_blocks) = reader.definition(order.definitions[read])?;
        blocks(&mut note_blocks, &mut |span| order.see(span));
        let is_name = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_');
        let name = if is_name { name } else { (read + 1).to_string() };
        document.notes.push(Note { name, blocks: note_blocks, mentions: 0 });
        read += 1;
    }
    for (note, mentions) in document.notes.iter_mut().zip(&order.mentions) {
        note.mentions = *mentions;
    }
    reader.notice_unmentioned(|definition| order.places.contains_key(&definition));
    Ok(())
}

#[derive(Default)]
struct Order {
    /// The place of each definition in `definitions`.
    places: HashMap<u32, u32>,
    definitions: Vec<u32>,
    mentions: Vec<u32>,
}

impl Order {
    fn see(&mut self, span: &mut Span) {
        if let Span::Note { note, mention } = span {
            let at = *self.places.entry(*note).or_insert_with(|| {
                self.definitions.push(*note);
                self.mentions.push(0);
                u32::try_from(self.definitions.len() - 1).unwrap_or(u32::MAX)
            });
            *note = at;
            let at = at as usize;
            self.mentions[at] += 1;
            *mention = self.mentions[at];
        }
    }
}

/// Visits every span of some blocks in reading order.
fn blocks(all: &mut [Block], see: &mut impl FnMut(&mut Span)) {
    for block in all {
        match &mut block.kind {
            BlockKind::Paragraph(text) | BlockKind::Heading { text, .. } => each(text, see),
            BlockKind::List { items, .. } => items.iter_mut().for_each(|item| blocks(item, see)),
            BlockKind::Quote(quote) => blocks(&mut quote.blocks, see),
            BlockKind::PullQuote(pull) => each(&mut pull.text, see),
            BlockKind::Figure(figure) => each(&mut figure.caption, see),
            BlockKind::Gallery { caption, figures } => {
                each(caption, see);
                figures.iter_mut().for_each(|Figure { caption, .. }| each(caption, see));
            }
            BlockKind::Table(table) => {
                each(&mut table.caption, see);
                table.head.iter_mut().chain(table.rows.iter_mut().flatten()).for_each(|cell| each(cell, see));
            }
            BlockKind::Aside { blocks: inner, .. } => blocks(inner, see),
            BlockKind::Code { .. } | BlockKind::Rule | BlockKind::Embed(_) => {}
        }
    }
}

fn each(spans: &mut [Span], see: &mut impl FnMut(&mut Span)) {
    for span in spans {
        see(span);
        match span {
            Span::Emphasis(inner)
            | Span::Strong(inner)
            | Span::Struck(inner)
            | Span::Subscript(inner)
            | Span::Superscript(inner)
            | Span::Link { text: inner, .. }
            | Span::Mark { text: inner, .. } => each(inner, see),
            Span::Text(_) | Span::Code(_) | Span::Picture { .. } | Span::Note { .. } | Span::Break => {}
        }
    }
}
