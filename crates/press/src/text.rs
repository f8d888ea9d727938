//! Prints a document as plain text: for text mail, the `.txt` address and small phones.
//! One paragraph is one line; an address stands alone on its line.

use newsroom::document::{Attribution, Block, BlockKind, Document, Embed, Figure, Quote, Span, Table};

use crate::ink::{Labels, absolute, comma, speaker_line};

/// Wider tables print as `head: cell` lines.
const TABLE_COLUMNS_MAX: usize = 64;

/// What the printer needs beside the document.
pub struct TextPaper<'a> {
    pub labels: &'a Labels,
    /// Address of the article: relative addresses are made whole from it.
    pub base: &'a str,
}

/// The body as UTF-8 text: paragraphs parted by an empty line, none wrapped; ends in a newline unless it is empty.
///
/// Links stand under their paragraph as `their words:` and the address on the next line. Headings are underlined with
/// hyphens, quotes begin with `> `, no-break spaces are spaces.
pub fn print(document: &Document, paper: &TextPaper<'_>) -> String {
    let printer = Printer { paper };
    let mut parts = printer.blocks(&document.blocks);
    if !document.notes.is_empty() {
        parts.push(underlined(&paper.labels.notes));
        for (at, note) in document.notes.iter().enumerate() {
            parts.push(prefixed(&printer.blocks(&note.blocks).join("\n\n"), &format!("[{}] ", at + 1), ""));
        }
    }
    let mut out = parts.join("\n\n").replace(['\u{a0}', '\u{202f}'], " ");
    if !out.is_empty() {
        out.push('\n');
    }
    out
}

struct Printer<'a> {
    paper: &'a TextPaper<'a>,
}

impl Printer<'_> {
    fn blocks(&self, blocks: &[Block]) -> Vec<String> {
        blocks.iter().map(|block| self.block(&block.kind)).collect()
    }

    fn block(&self, kind: &BlockKind) -> String {
        match kind {
            BlockKind::Paragraph(text) => self.lines(text),
            BlockKind::Heading { level: _, text } => {
                let (line, links) = self.line(text);
                with_links(underlined(&line), &links)
            }
            BlockKind::List { start, items } => self.list(*start, items),
            BlockKind::Quote(quote) => self.quote(quote),
            BlockKind::PullQuote(pull) => {
                let by = pull.by.as_ref().map(|by| format!("\n— {by}")).unwrap_or_default();
                format!("{}{by}", self.lines(&pull.text))
            }
            BlockKind::Figure(figure) => self.figure(figure),
            BlockKind::Gallery { caption, figures } => {
                let mut parts: Vec<String> = figures.iter().map(|figure| self.figure(figure)).collect();
                if !caption.is_empty() {
                    parts.push(self.lines(caption));
                }
                parts.join("\n\n")
            }
            BlockKind::Table(table) => self.table(table),
            BlockKind::Code { language: _, text } => prefixed(text, "    ", "    "),
            BlockKind::Rule => "* * *".to_owned(),
            BlockKind::Embed(Embed { url, title }) => with_links(String::new(), &[(title.clone(), self.address(url))]),
            BlockKind::Aside { kind, title, blocks } => {
                let title = self.paper.labels.aside_title(*kind, title);
                let mut parts = Vec::new();
                if !title.is_empty() {
                    parts.push(underlined(title));
                }
                parts.extend(self.blocks(blocks));
                parts.push("* * *".to_owned());
                parts.join("\n\n")
            }
        }
    }

    fn address(&self, url: &str) -> String {
        absolute(self.paper.base, url)
    }

    /// A paragraph and the addresses of its links.
    fn lines(&self, spans: &[Span]) -> String {
        let (line, links) = self.line(spans);
        with_links(line, &links)
    }

    fn line(&self, spans: &[Span]) -> (String, Vec<(String, String)>) {
        let mut out = String::new();
        let mut links = Vec::new();
        self.push(spans, &mut out, &mut links);
        (out, links)
    }

    fn push(&self, spans: &[Span], out: &mut String, links: &mut Vec<(String, String)>) {
        for span in spans {
            match span {
                Span::Text(text) | Span::Code(text) => out.push_str(text),
                Span::Emphasis(inner) | Span::Strong(inner) | Span::Mark { text: inner, .. } => {
                    self.push(inner, out, links);
                }
                Span::Struck(inner) => {
                    out.push_str("~~");
                    self.push(inner, out, links);
                    out.push_str("~~");
                }
                Span::Subscript(inner) => self.small(inner, SUBSCRIPTS, "_", out, links),
                Span::Superscript(inner) => self.small(inner, SUPERSCRIPTS, "^", out, links),
                Span::Link { url, title: _, text } => {
                    let from = out.len();
                    self.push(text, out, links);
                    let words = out[from..].replace('\n', " ");
                    let words = words.trim();
                    if !url.starts_with('#') && words != url {
                        links.push((words.to_owned(), self.address(url)));
                    }
                }
                Span::Picture { source: _, alt } => out.push_str(alt),
                Span::Note { note, mention: _ } => out.push_str(&format!("[{}]", note.saturating_add(1))),
                Span::Break => out.push('\n'),
            }
        }
    }

    /// Small figures as Unicode has them, else behind a sign.
    fn small(
        &self,
        inner: &[Span],
        small: &[(char, char)],
        sign: &str,
        out: &mut String,
        links: &mut Vec<(String, String)>,
    ) {
        let from = out.len();
        self.push(inner, out, links);
        let words = out.split_off(from);
        let as_small: Option<String> =
            words.chars().map(|c| small.iter().find(|(plain, _)| *plain == c).map(|(_, small)| *small)).collect();
        match as_small {
            Some(small) => out.push_str(&small),
            None => out.push_str(&format!("{sign}{words}")),
        }
    }

    fn list(&self, start: Option<u32>, items: &[Vec<Block>]) -> String {
        let is_loose = items.iter().any(|item| item.len() > 1);
        let mut out = Vec::new();
        for (at, item) in items.iter().enumerate() {
            let marker = match start {
                Some(start) => format!("{}. ", u64::from(start) + at as u64),
                None => "- ".to_owned(),
            };
            let gap = if is_loose { "\n\n" } else { "\n" };
            out.push(prefixed(&self.blocks(item).join(gap), &marker, &" ".repeat(marker.len())));
        }
        out.join(if is_loose { "\n\n" } else { "\n" })
    }

    fn quote(&self, quote: &Quote) -> String {
        let mut parts = self.blocks(&quote.blocks);
        match &quote.attribution {
            Attribution::None => {}
            Attribution::NotStated => parts.push(format!("— {}", self.paper.labels.speaker_not_stated)),
            Attribution::Speaker { name, .. } => {
                let rest = speaker_line(&quote.attribution);
                let comma = if rest.is_empty() { "" } else { comma(name) };
                parts.push(format!("— {name}{comma}{rest}"));
            }
        }
        prefixed(&parts.join("\n\n"), "> ", "> ")
    }

    fn figure(&self, figure: &Figure) -> String {
        let mut lines = Vec::new();
        if !figure.alt.is_empty() {
            lines.push(format!("[{}: {}]", self.paper.labels.picture, figure.alt));
        }
        let (mut caption, links) = self.line(&figure.caption);
        if let Some(credit) = &figure.credit {
            if !caption.is_empty() {
                caption.push(' ');
            }
            caption.push_str(credit);
        }
        if !caption.is_empty() {
            lines.push(with_links(caption, &links));
        }
        lines.join("\n")
    }

    fn table(&self, table: &Table) -> String {
        let mut links = Vec::new();
        let mut cells = |row: &Vec<Vec<Span>>| -> Vec<String> {
            let mut out = Vec::new();
            for cell in row {
                let (line, more) = self.line(cell);
                links.extend(more);
                out.push(line.replace('\n', " "));
            }
            out
        };
        let head = cells(&table.head);
        let rows: Vec<Vec<String>> = table.rows.iter().map(&mut cells).collect();
        let caption =
            if table.caption.is_empty() { String::new() } else { format!("{}\n\n", self.lines(&table.caption)) };
        let body = aligned_rows(&head, &rows).unwrap_or_else(|| labelled_rows(&head, &rows));
        with_links(format!("{caption}{body}"), &links)
    }
}

const SUBSCRIPTS: &[(char, char)] = &[
    ('0', '₀'),
    ('1', '₁'),
    ('2', '₂'),
    ('3', '₃'),
    ('4', '₄'),
    ('5', '₅'),
    ('6', '₆'),
    ('7', '₇'),
    ('8', '₈'),
    ('9', '₉'),
    ('+', '₊'),
    ('-', '₋'),
];
const SUPERSCRIPTS: &[(char, char)] = &[
    ('0', '⁰'),
    ('1', '¹'),
    ('2', '²'),
    ('3', '³'),
    ('4', '⁴'),
    ('5', '⁵'),
    ('6', '⁶'),
    ('7', '⁷'),
    ('8', '⁸'),
    ('9', '⁹'),
    ('+', '⁺'),
    ('-', '⁻'),
    ('n', 'ⁿ'),
];

/// `None` if the rows would be wider than a small screen.
fn aligned_rows(head: &[String], rows: &[Vec<String>]) -> Option<String> {
    let mut widths: Vec<usize> = head.iter().map(|cell| width(cell)).collect();
    for row in rows {
        for (widest, cell) in widths.iter_mut().zip(row) {
            *widest = (*widest).max(width(cell));
        }
    }
    if widths.iter().sum::<usize>() + 2 * widths.len().saturating_sub(1) > TABLE_COLUMNS_MAX {
        return None;
    }
    let line = |row: &[String]| {
        let cells: Vec<String> =
            row.iter().zip(&widths).map(|(cell, wide)| format!("{cell}{}", " ".repeat(wide - width(cell)))).collect();
        cells.join("  ").trim_end().to_owned()
    };
    let rule: Vec<String> = widths.iter().map(|wide| "-".repeat(*wide)).collect();
    let mut lines = vec![line(head), rule.join("  ")];
    lines.extend(rows.iter().map(|row| line(row)));
    Some(lines.join("\n"))
}

/// Each cell on its line behind the head of its column; rows parted by an empty line.
fn labelled_rows(head: &[String], rows: &[Vec<String>]) -> String {
    let row = |cells: &Vec<String>| {
        let lines: Vec<String> = head
            .iter()
            .zip(cells)
            .filter(|(_, cell)| !cell.is_empty())
            .map(|(head, cell)| if head.is_empty() { cell.clone() } else { format!("{head}: {cell}") })
            .collect();
        lines.join("\n")
    };
    if rows.is_empty() {
        return head.join("\n");
    }
    rows.iter().map(row).collect::<Vec<_>>().join("\n\n")
}

/// Columns a text takes: Han, kana, Hangul and most pictographs take two, marks that combine take none.
fn width(text: &str) -> usize {
    text.chars()
        .map(|c| match c {
            '\u{0300}'..='\u{036F}' | '\u{064B}'..='\u{065F}' | '\u{200B}'..='\u{200F}' | '\u{FE00}'..='\u{FE0F}' => 0,
            '\u{1100}'..='\u{115F}'
            | '\u{2E80}'..='\u{A4CF}'
            | '\u{AC00}'..='\u{D7A3}'
            | '\u{F900}'..='\u{FAFF}'
            | '\u{FF00}'..='\u{FF60}'
            | '\u{1F300}'..='\u{1FAFF}'
            | '\u{20000}'..='\u{3FFFD}' => 2,
            _ => 1,
        })
        .sum()
}

fn underlined(line: &str) -> String {
    let widest = line.lines().map(width).max().unwrap_or(0);
    format!("{line}\n{}", "-".repeat(widest))
}

/// Each address alone on its line, its purpose on the line above.
fn with_links(text: String, links: &[(String, String)]) -> String {
    let mut out = text;
    for (words, address) in links {
        if !out.is_empty() {
            out.push('\n');
        }
        if words.is_empty() {
            out.push_str(address);
        } else {
            out.push_str(&format!("{words}:\n{address}"));
        }
    }
    out
}

fn prefixed(body: &str, first: &str, rest: &str) -> String {
    let lines: Vec<String> = body
        .split('\n')
        .enumerate()
        .map(|(at, line)| {
            let prefix = if at == 0 { first } else { rest };
            if line.is_empty() { prefix.trim_end().to_owned() } else { format!("{prefix}{line}") }
        })
        .collect();
    lines.join("\n")
}
