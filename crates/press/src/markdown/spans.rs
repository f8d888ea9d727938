//! Turns comrak's inline nodes into spans: marks, harmless inline tags, safe links. Leaves out raw HTML with a notice.

use comrak::nodes::{Node, NodeValue};
use newsroom::document::{Span, safe_link, spans_text};

use super::blocks::Reader;
use super::{LEVELS_MAX, attributes, reveal};

/// The longest attributes of a mark, in bytes.
const ATTRIBUTES_BYTES_MAX: usize = 600;

/// What a paragraph is made of before brackets and tags have found their partners.
enum Piece {
    /// Text in which brackets may open and close marks; soft breaks are `\n`.
    Raw(String),
    /// Escaped by the writer: never markup.
    Fixed(String),
    Span(Span),
    Open(Tag),
    Close(Tag),
}

/// Inline tags that mean exactly what a span means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tag {
    Emphasis,
    Strong,
    Struck,
    Subscript,
    Superscript,
}

impl Tag {
    fn named(name: &str) -> Option<Tag> {
        match name.to_ascii_lowercase().as_str() {
            "em" | "i" => Some(Tag::Emphasis),
            "strong" | "b" => Some(Tag::Strong),
            "s" | "del" | "strike" => Some(Tag::Struck),
            "sub" => Some(Tag::Subscript),
            "sup" => Some(Tag::Superscript),
            _ => None,
        }
    }

    fn around(self, spans: Vec<Span>) -> Span {
        match self {
            Tag::Emphasis => Span::Emphasis(spans),
            Tag::Strong => Span::Strong(spans),
            Tag::Struck => Span::Struck(spans),
            Tag::Subscript => Span::Subscript(spans),
            Tag::Superscript => Span::Superscript(spans),
        }
    }
}

/// The spans of a block's children; soft breaks are still `\n` in the text (see [`super::tidy::spans`]).
pub(super) fn read<'a>(reader: &mut Reader<'a>, parent: Node<'a>) -> Vec<Span> {
    read_at(reader, parent, 0)
}

fn read_at<'a>(reader: &mut Reader<'a>, parent: Node<'a>, level: usize) -> Vec<Span> {
    let mut pieces = Vec::new();
    for node in parent.children() {
        push_pieces(reader, node, level, &mut pieces);
    }
    join(pieces, level)
}

fn push_pieces<'a>(reader: &mut Reader<'a>, node: Node<'a>, level: usize, pieces: &mut Vec<Piece>) {
    let line = reader.line(node);
    let value = node.data().value.clone();
    if level >= LEVELS_MAX {
        pieces.push(Piece::Fixed(plain(node)));
        return;
    }
    let inner = |reader: &mut Reader<'a>| read_at(reader, node, level + 1);
    match value {
        NodeValue::Text(text) => push_raw(pieces, &reveal(&text)),
        NodeValue::Escaped => pieces.push(Piece::Fixed(plain(node))),
        NodeValue::SoftBreak => push_raw(pieces, "\n"),
        NodeValue::LineBreak => pieces.push(Piece::Span(Span::Break)),
        NodeValue::Code(code) => pieces.push(Piece::Span(Span::Code(reveal(&code.literal)))),
        NodeValue::HtmlInline(html) => push_html(reader, &reveal(&html), line, pieces),
        NodeValue::Emph => pieces.push(Piece::Span(Span::Emphasis(inner(reader)))),
        NodeValue::Strong => pieces.push(Piece::Span(Span::Strong(inner(reader)))),
        NodeValue::Strikethrough => pieces.push(Piece::Span(Span::Struck(inner(reader)))),
        NodeValue::Subscript => pieces.push(Piece::Span(Span::Subscript(inner(reader)))),
        NodeValue::Superscript => pieces.push(Piece::Span(Span::Superscript(inner(reader)))),
        NodeValue::Link(link) => {
            let text = inner(reader);
            push_link(reader, &reveal(&link.url), &reveal(&link.title), text, line, pieces);
        }
        NodeValue::Image(link) => {
            let (source, alt) = (reveal(&link.url), plain(node));
            match reader.source(&source, line) {
                Some(source) => pieces.push(Piece::Span(Span::Picture { source, alt: alt.trim().to_owned() })),
                None => pieces.push(Piece::Fixed(alt)),
            }
        }
        NodeValue::FootnoteReference(note) => match reader.note(&note.name) {
            Some(note) => pieces.push(Piece::Span(Span::Note { note, mention: 0 })),
            None => pieces.push(Piece::Fixed(format!("[^{}]", reveal(&note.name)))),
        },
        // Nothing else is switched on in the parser; should comrak ever hand it out, its words stay.
        _ => pieces.push(Piece::Fixed(plain(node))),
    }
}

fn push_raw(pieces: &mut Vec<Piece>, text: &str) {
    match pieces.last_mut() {
        Some(Piece::Raw(raw)) => raw.push_str(text),
        _ => pieces.push(Piece::Raw(text.to_owned())),
    }
}

fn push_link(reader: &mut Reader<'_>, url: &str, title: &str, text: Vec<Span>, line: u32, pieces: &mut Vec<Piece>) {
    let url = url.trim().to_owned();
    if url.is_empty() || !safe_link(&url) {
        reader.notice(line, "A link was left out because its address may not stand on our pages; its words stayed.");
        pieces.extend(text.into_iter().map(Piece::Span));
        return;
    }
    let title = Some(title.trim()).filter(|title| !title.is_empty()).map(str::to_owned);
    let is_empty = spans_text(&text).trim().is_empty() && !text.iter().any(|span| matches!(span, Span::Picture { .. }));
    let text = if is_empty { vec![Span::Text(url.clone())] } else { text };
    pieces.push(Piece::Span(Span::Link { url, title, text }));
}

fn push_html(reader: &mut Reader<'_>, html: &str, line: u32, pieces: &mut Vec<Piece>) {
    let inside = html.trim_start_matches('<').trim_end_matches('>');
    let closes = inside.starts_with('/');
    let inside = inside.trim_start_matches('/').trim_end_matches('/').trim();
    let name_end = inside.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(inside.len());
    let (name, rest) = inside.split_at(name_end);
    match Tag::named(name) {
        _ if name.eq_ignore_ascii_case("br") && !closes => pieces.push(Piece::Span(Span::Break)),
        Some(tag) if rest.is_empty() && closes => pieces.push(Piece::Close(tag)),
        Some(tag) if rest.is_empty() => pieces.push(Piece::Open(tag)),
        Some(_) | None => reader.notice_html(html, line),
    }
}

/// What an open bracket or tag has gathered so far.
struct Frame {
    opener: Opener,
    spans: Vec<Span>,
}

#[derive(PartialEq, Eq)]
enum Opener {
    Outside,
    Bracket,
    Tag(Tag),
}

/// Lets brackets and tags find their partners. What has none stays text, or goes if it is a tag.
fn join(pieces: Vec<Piece>, level: usize) -> Vec<Span> {
    let mut stack = vec![Frame { opener: Opener::Outside, spans: Vec::new() }];
    for piece in pieces {
        let room = level + stack.len() <= LEVELS_MAX;
        match piece {
            Piece::Raw(text) => scan(&text, &mut stack, level),
            Piece::Fixed(text) => push(&mut stack, Span::Text(text)),
            Piece::Span(span) => push(&mut stack, span),
            Piece::Open(tag) if room => stack.push(Frame { opener: Opener::Tag(tag), spans: Vec::new() }),
            Piece::Open(_) => {}
            Piece::Close(tag) => {
                if let Some(spans) = close(&mut stack, &Opener::Tag(tag)) {
                    push(&mut stack, tag.around(spans));
                }
            }
        }
    }
    while stack.len() > 1 {
        flatten_top(&mut stack);
    }
    stack.pop().map(|frame| frame.spans).unwrap_or_default()
}

fn scan(text: &str, stack: &mut Vec<Frame>, level: usize) {
    let mut rest = text;
    while let Some(at) = rest.find(['[', ']']) {
        push_text(stack, &rest[..at]);
        if rest[at..].starts_with('[') {
            if level + stack.len() <= LEVELS_MAX {
                stack.push(Frame { opener: Opener::Bracket, spans: Vec::new() });
            } else {
                push_text(stack, "[");
            }
            rest = &rest[at + 1..];
            continue;
        }
        let after = &rest[at + 1..];
        rest = after;
        let mark = attributes::read(start_of(after)).filter(|(attributes, _)| !attributes.classes.is_empty());
        match mark {
            Some((attributes, used)) => match close(stack, &Opener::Bracket) {
                Some(text) if !text.is_empty() => {
                    let pairs = attributes.pairs;
                    push(stack, Span::Mark { class: attributes.classes.join(" "), pairs, text });
                    rest = &after[used..];
                }
                Some(_) => push_text(stack, "[]"),
                None => push_text(stack, "]"),
            },
            None => {
                if stack.last().is_some_and(|frame| frame.opener == Opener::Bracket) {
                    flatten_top(stack);
                }
                push_text(stack, "]");
            }
        }
    }
    push_text(stack, rest);
}

/// As much of a text as attributes may take: looking for their end must not take the whole paragraph each time.
fn start_of(text: &str) -> &str {
    let mut end = text.len().min(ATTRIBUTES_BYTES_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Closes the nearest frame of this kind and answers what it gathered; frames above it become text again.
fn close(stack: &mut Vec<Frame>, opener: &Opener) -> Option<Vec<Span>> {
    let at = stack.iter().rposition(|frame| frame.opener == *opener)?;
    while stack.len() > at + 1 {
        flatten_top(stack);
    }
    stack.pop().map(|frame| frame.spans)
}

fn flatten_top(stack: &mut Vec<Frame>) {
    if stack.len() < 2 {
        return;
    }
    let Some(frame) = stack.pop() else { return };
    if frame.opener == Opener::Bracket {
        push_text(stack, "[");
    }
    for span in frame.spans {
        push(stack, span);
    }
}

fn push(stack: &mut [Frame], span: Span) {
    if let Some(frame) = stack.last_mut() {
        frame.spans.push(span);
    }
}

fn push_text(stack: &mut [Frame], text: &str) {
    if !text.is_empty() {
        push(stack, Span::Text(text.to_owned()));
    }
}

/// The words of a node without any marks: for alt texts and escaped characters.
pub(super) fn plain<'a>(node: Node<'a>) -> String {
    let mut out = String::new();
    for node in node.descendants() {
        match &node.data().value {
            NodeValue::Text(text) => out.push_str(&reveal(text)),
            NodeValue::Code(code) => out.push_str(&reveal(&code.literal)),
            NodeValue::SoftBreak | NodeValue::LineBreak => out.push(' '),
            _ => {}
        }
    }
    out
}
