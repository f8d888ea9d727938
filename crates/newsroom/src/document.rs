//! The typed body of an article: blocks and spans, each with the place it was written.
//! Owns what a text may consist of. Never parses or prints it; that is the press.

use serde::{Deserialize, Serialize};

/// Where something stands in its source: 1-based line and column (in characters), end inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Place {
    pub line: u32,
    pub column: u32,
    pub end_line: u32,
    pub end_column: u32,
}

/// The body of one article, in reading order.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Document {
    pub blocks: Vec<Block>,
    /// Footnotes in the order of their first mention; `Span::Note` points here by index.
    pub notes: Vec<Note>,
}

/// One block and where it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    pub place: Place,
    pub kind: BlockKind,
}

/// Everything a body can hold. Printers match this exhaustively: a new kind does not compile
/// until web, mail, text and feed can print it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum BlockKind {
    Paragraph(Vec<Span>),
    /// Level 2 to 4; the headline of the article is level 1.
    Heading {
        level: u8,
        text: Vec<Span>,
    },
    List {
        /// `Some(n)`: numbered from n. `None`: unordered.
        start: Option<u32>,
        items: Vec<Vec<Block>>,
    },
    Quote(Quote),
    PullQuote(PullQuote),
    Figure(Figure),
    Gallery {
        caption: Vec<Span>,
        figures: Vec<Figure>,
    },
    Table(Table),
    Code {
        language: Option<String>,
        text: String,
    },
    Rule,
    Embed(Embed),
    /// An explainer or "how we know" beside the text.
    Aside {
        kind: AsideKind,
        /// Empty: printers say what the kind is called.
        title: String,
        blocks: Vec<Block>,
    },
}

/// What a box beside the text is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum AsideKind {
    #[default]
    Explainer,
    /// What the article rests on: sources, what was seen, what could not be checked.
    HowWeKnow,
}

/// A block quote, bound to whoever said it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quote {
    pub blocks: Vec<Block>,
    pub attribution: Attribution,
}

/// Who said it. Never guessed from a name nearby.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Attribution {
    /// No attribution line was written (an older text, an extract).
    None,
    /// `> — ?`: the text names no speaker, and says so.
    NotStated,
    /// `> — Name, role, occasion, when`; only the name is compulsory.
    Speaker { name: String, role: Option<String>, occasion: Option<String>, when: Option<String> },
}

/// A sentence lifted out of the text, with its full attribution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullQuote {
    pub text: Vec<Span>,
    pub by: Option<String>,
}

/// A picture with what must stand beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figure {
    /// As written: a file name on import, `picture:ID` once it is kept.
    pub source: String,
    pub alt: String,
    pub caption: Vec<Span>,
    pub credit: Option<String>,
    /// What must stay in view when cropped, in thousandths from the start and the top.
    pub focus: Option<(u16, u16)>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    pub caption: Vec<Span>,
    pub columns: Vec<Alignment>,
    pub head: Vec<Vec<Span>>,
    pub rows: Vec<Vec<Vec<Span>>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Alignment {
    None,
    Start,
    Center,
    End,
}

/// Something that lives elsewhere. Printed as a plain link; loads only when a reader asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Embed {
    pub url: String,
    pub title: String,
}

/// One footnote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    pub name: String,
    pub blocks: Vec<Block>,
    /// How often the text points to it.
    pub mentions: u32,
}

/// A run of text inside a block.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Span {
    Text(String),
    Emphasis(Vec<Span>),
    Strong(Vec<Span>),
    Struck(Vec<Span>),
    Link {
        /// Checked by [`safe_link`]: http, https, mailto, tel, a fragment or an address on this site.
        url: String,
        title: Option<String>,
        text: Vec<Span>,
    },
    Code(String),
    Subscript(Vec<Span>),
    Superscript(Vec<Span>),
    /// A picture in a line of text.
    Picture {
        source: String,
        alt: String,
    },
    /// A marked sentence `[…]{.event on=2025-08-19}`: printed as its text, kept for the story.
    Mark {
        class: String,
        pairs: Vec<(String, String)>,
        text: Vec<Span>,
    },
    /// A mention of `Document::notes[note]`; `mention` counts from 1 per note.
    Note {
        note: u32,
        mention: u32,
    },
    /// A line break the writer asked for.
    Break,
}

/// Whether a link may stand on our pages. `javascript:`, `data:` and whatever else may not.
pub fn safe_link(url: &str) -> bool {
    let url = url.trim();
    if url.chars().any(|c| c.is_control()) {
        return false;
    }
    let scheme_end = url.find([':', '/', '?', '#']);
    match scheme_end.map(|at| (&url[..at], url.as_bytes()[at])) {
        Some((scheme, b':')) => {
            ["http", "https", "mailto", "tel", "sms", "geo"].iter().any(|allowed| scheme.eq_ignore_ascii_case(allowed))
        }
        _ => true,
    }
}

impl Document {
    /// All words of the body as one plain run, blocks parted by newlines: for search, reading time and checks.
    /// Code, table cells, captions and footnotes are included; alt texts are not.
    pub fn plain_text(&self) -> String {
        let mut out = String::new();
        push_blocks(&self.blocks, &mut out);
        for note in &self.notes {
            push_blocks(&note.blocks, &mut out);
        }
        out
    }

    /// Calls `see` for every figure, galleries and asides included, in reading order.
    pub fn each_figure<'a>(&'a self, see: &mut impl FnMut(&'a Figure)) {
        walk(&self.blocks, &mut |block| match &block.kind {
            BlockKind::Figure(figure) => see(figure),
            BlockKind::Gallery { figures, .. } => figures.iter().for_each(&mut *see),
            BlockKind::Paragraph(_)
            | BlockKind::Heading { .. }
            | BlockKind::List { .. }
            | BlockKind::Quote(_)
            | BlockKind::PullQuote(_)
            | BlockKind::Table(_)
            | BlockKind::Code { .. }
            | BlockKind::Rule
            | BlockKind::Embed(_)
            | BlockKind::Aside { .. } => {}
        });
    }

    /// The first paragraph as plain text, if there is one: stands in where a standfirst is missing.
    pub fn first_paragraph(&self) -> Option<String> {
        self.blocks.iter().find_map(|block| match &block.kind {
            BlockKind::Paragraph(spans) => Some(spans_text(spans)),
            _ => None,
        })
    }
}

/// Visits blocks depth first, parents before children.
pub fn walk<'a>(blocks: &'a [Block], see: &mut impl FnMut(&'a Block)) {
    for block in blocks {
        see(block);
        match &block.kind {
            BlockKind::List { items, .. } => items.iter().for_each(|item| walk(item, see)),
            BlockKind::Quote(quote) => walk(&quote.blocks, see),
            BlockKind::Aside { blocks, .. } => walk(blocks, see),
            BlockKind::Paragraph(_)
            | BlockKind::Heading { .. }
            | BlockKind::PullQuote(_)
            | BlockKind::Figure(_)
            | BlockKind::Gallery { .. }
            | BlockKind::Table(_)
            | BlockKind::Code { .. }
            | BlockKind::Rule
            | BlockKind::Embed(_) => {}
        }
    }
}

/// The words of some spans, without any marks.
pub fn spans_text(spans: &[Span]) -> String {
    let mut out = String::new();
    push_spans(spans, &mut out);
    out
}

fn push_blocks(blocks: &[Block], out: &mut String) {
    for block in blocks {
        push_block(&block.kind, out);
        if !out.ends_with('\n') && !out.is_empty() {
            out.push('\n');
        }
    }
}

fn push_block(kind: &BlockKind, out: &mut String) {
    match kind {
        BlockKind::Paragraph(text) | BlockKind::Heading { text, .. } => push_spans(text, out),
        BlockKind::List { items, .. } => items.iter().for_each(|item| push_blocks(item, out)),
        BlockKind::Quote(quote) => {
            push_blocks(&quote.blocks, out);
            if let Attribution::Speaker { name, role, occasion, when } = &quote.attribution {
                let parts = [Some(name), role.as_ref(), occasion.as_ref(), when.as_ref()];
                let line: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
                out.push_str(&line.join(", "));
            }
        }
        BlockKind::PullQuote(pull) => push_spans(&pull.text, out),
        BlockKind::Figure(figure) => push_spans(&figure.caption, out),
        BlockKind::Gallery { caption, figures } => {
            push_spans(caption, out);
            for figure in figures {
                out.push('\n');
                push_spans(&figure.caption, out);
            }
        }
        BlockKind::Table(table) => push_table(table, out),
        BlockKind::Code { text, .. } => out.push_str(text),
        BlockKind::Rule => {}
        BlockKind::Embed(embed) => out.push_str(&embed.title),
        BlockKind::Aside { title, blocks, .. } => {
            out.push_str(title);
            out.push('\n');
            push_blocks(blocks, out);
        }
    }
}

fn push_table(table: &Table, out: &mut String) {
    push_spans(&table.caption, out);
    for row in std::iter::once(&table.head).chain(&table.rows) {
        out.push('\n');
        for (at, cell) in row.iter().enumerate() {
            if at > 0 {
                out.push(' ');
            }
            push_spans(cell, out);
        }
    }
}

fn push_spans(spans: &[Span], out: &mut String) {
    for span in spans {
        match span {
            Span::Text(text) | Span::Code(text) => out.push_str(text),
            Span::Emphasis(inner)
            | Span::Strong(inner)
            | Span::Struck(inner)
            | Span::Subscript(inner)
            | Span::Superscript(inner)
            | Span::Link { text: inner, .. }
            | Span::Mark { text: inner, .. } => push_spans(inner, out),
            Span::Picture { .. } | Span::Note { .. } => {}
            Span::Break => out.push('\n'),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_harmless_links_may_stand_on_our_pages() {
        for (url, safe) in [
            ("https://example.org/a", true),
            ("/economy/port", true),
            ("#n1", true),
            ("?page=2", true),
            ("mailto:desk@example.org", true),
            ("section/a:b", true),
            ("javascript:alert(1)", false),
            ("JaVaScRiPt:alert(1)", false),
            (" data:text/html,x", false),
            ("java\nscript:alert(1)", false),
            ("vbscript:x", false),
        ] {
            assert_eq!(safe_link(url), safe, "{url}");
        }
    }

    #[test]
    fn plain_text_has_every_word_once() {
        let text = |s: &str| vec![Span::Text(s.into())];
        let block = |kind| Block { place: Place::default(), kind };
        let document = Document {
            blocks: vec![
                block(BlockKind::Heading { level: 2, text: text("Harbour") }),
                block(BlockKind::List { start: None, items: vec![vec![block(BlockKind::Paragraph(text("one")))]] }),
                block(BlockKind::Paragraph(vec![Span::Strong(text("two")), Span::Note { note: 0, mention: 1 }])),
            ],
            notes: vec![Note {
                name: "1".into(),
                blocks: vec![block(BlockKind::Paragraph(text("note")))],
                mentions: 1,
            }],
        };
        assert_eq!(document.plain_text(), "Harbour\none\ntwo\nnote\n");
    }
}
