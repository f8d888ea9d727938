//! Writes a [`Document`] as Markdown in one canonical form: reading it gives the same document again.

use std::collections::HashSet;

use newsroom::document::{
    Alignment, AsideKind, Attribution, Block, BlockKind, Document, Embed, Figure, PullQuote, Quote, Span, Table,
};

use super::attributes::write_value;
use super::containers::split_title;
use super::write_spans::{Where, for_target, spans, text};
use crate::ink::comma;

/// The body as Markdown, UTF-8, ending in a newline unless it is empty.
///
/// Promise: for every document that came from [`super::parse`], parsing the result gives an equal document,
/// places aside. Delimiters that could be misread are written as the tags `<em>`, `<strong>`, `<s>`, `<sub>`, `<sup>`.
pub fn write(document: &Document) -> String {
    let writer = Writer { labels: labels(document) };
    let mut parts = writer.blocks(&document.blocks);
    for (note, label) in document.notes.iter().zip(&writer.labels) {
        let body = writer.blocks(&note.blocks).join("\n\n");
        parts.push(indented(&body, &format!("[^{label}]: "), "    "));
    }
    let mut out = parts.join("\n\n");
    if !out.is_empty() {
        out.push('\n');
    }
    out
}

/// One label per note: its name where that is safe and new, else its number.
fn labels(document: &Document) -> Vec<String> {
    let mut taken = HashSet::new();
    let mut out = Vec::new();
    for (at, note) in document.notes.iter().enumerate() {
        let is_name = !note.name.is_empty() && note.name.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_');
        let mut label = if is_name { note.name.clone() } else { (at + 1).to_string() };
        while !taken.insert(label.to_lowercase()) {
            label.push('-');
        }
        out.push(label);
    }
    out
}

struct Writer {
    labels: Vec<String>,
}

impl Writer {
    /// The blocks that have something to write.
    fn blocks(&self, blocks: &[Block]) -> Vec<String> {
        let mut out = Vec::new();
        let mut before: Option<(&BlockKind, bool)> = None;
        for Block { kind, .. } in blocks {
            let other_marker = before.is_some_and(|(before, other)| follows_same_list(before, kind) && !other);
            let written = self.block(kind, other_marker);
            if !written.is_empty() {
                out.push(written);
                before = Some((kind, other_marker));
            }
        }
        out
    }

    fn block(&self, kind: &BlockKind, other_marker: bool) -> String {
        match kind {
            BlockKind::Paragraph(text) => self.lines(text),
            BlockKind::Heading { level, text } => {
                let line = spans(text, Where::OneLine, &self.labels);
                if line.is_empty() { line } else { format!("{} {line}", "#".repeat(usize::from(*level))) }
            }
            BlockKind::List { start, items } => self.list(*start, items, other_marker),
            BlockKind::Quote(quote) => self.quote(quote),
            BlockKind::PullQuote(PullQuote { text, by }) => {
                fenced("pull-quote", &[("by", by.as_deref())], &self.lines(text))
            }
            BlockKind::Figure(figure) => self.figure(figure),
            BlockKind::Gallery { caption, figures } => self.gallery(caption, figures),
            BlockKind::Table(table) => self.table(table),
            BlockKind::Code { language, text } => code(language.as_deref(), text),
            BlockKind::Rule => "___".to_owned(),
            BlockKind::Embed(Embed { url, title }) => {
                fenced("embed", &[("url", Some(url)), ("title", Some(title))], "")
            }
            BlockKind::Aside { kind, title, blocks } => {
                let kind = match kind {
                    AsideKind::Explainer => None,
                    AsideKind::HowWeKnow => Some("how-we-know"),
                };
                fenced("box", &[("kind", kind), ("title", Some(title))], &self.blocks(blocks).join("\n\n"))
            }
        }
    }

    fn lines(&self, text: &[Span]) -> String {
        spans(text, Where::Lines, &self.labels)
    }

    fn list(&self, start: Option<u32>, items: &[Vec<Block>], other_marker: bool) -> String {
        let loose = items.iter().any(|item| item.len() > 1);
        let mut out = Vec::new();
        for (at, item) in items.iter().enumerate() {
            let marker = match start {
                Some(start) => {
                    let number = u64::from(start).saturating_add(at as u64).min(999_999_999);
                    format!("{number}{} ", if other_marker { ')' } else { '.' })
                }
                None => format!("{} ", if other_marker { '*' } else { '-' }),
            };
            let body = self.blocks(item).join("\n\n");
            out.push(indented(&body, &marker, &" ".repeat(marker.len())));
        }
        out.join(if loose { "\n\n" } else { "\n" })
    }

    fn quote(&self, quote: &Quote) -> String {
        let mut parts = self.blocks(&quote.blocks);
        match &quote.attribution {
            Attribution::None => {}
            Attribution::NotStated => parts.push("— ?".to_owned()),
            Attribution::Speaker { name, role, occasion, when } => {
                let all = [Some(name), role.as_ref(), occasion.as_ref(), when.as_ref()];
                let line: Vec<&str> = all.into_iter().flatten().map(String::as_str).collect();
                let comma = comma(&line.concat());
                parts.push(text(&format!("— {}", line.join(comma))));
            }
        }
        indented(&parts.join("\n\n"), "> ", "> ")
    }

    fn figure(&self, figure: &Figure) -> String {
        let Figure { source, alt, caption, credit, focus } = figure;
        if let (Some(title), None, None) = (plain(caption), credit, focus) {
            return picture(source, alt, title);
        }
        let focus = focus.map(|(x, y)| format!("{},{}", f64::from(x) / 1000.0, f64::from(y) / 1000.0));
        let pairs = [
            ("src", Some(source.as_str())),
            ("alt", Some(alt)),
            ("credit", credit.as_deref()),
            ("focus", focus.as_deref()),
        ];
        fenced("figure", &pairs, &self.lines(caption))
    }

    fn gallery(&self, caption: &[Span], figures: &[Figure]) -> String {
        let mut parts: Vec<String> = Vec::new();
        if plain(caption).is_none() {
            parts.push(self.lines(caption));
        }
        parts.extend(figures.iter().map(|figure| match gallery_title(figure) {
            Some(title) => picture(&figure.source, &figure.alt, &title),
            None => self.figure(figure),
        }));
        fenced("gallery", &[("caption", plain(caption))], &parts.join("\n\n"))
    }

    fn table(&self, table: &Table) -> String {
        let row = |cells: &[Vec<Span>]| {
            let cells: Vec<String> = cells.iter().map(|cell| spans(cell, Where::Cell, &self.labels)).collect();
            format!("| {} |", cells.join(" | "))
        };
        let rule: Vec<&str> = table
            .columns
            .iter()
            .map(|column| match column {
                Alignment::None => "---",
                Alignment::Start => ":---",
                Alignment::Center => ":---:",
                Alignment::End => "---:",
            })
            .collect();
        let mut lines = vec![row(&table.head), format!("| {} |", rule.join(" | "))];
        lines.extend(table.rows.iter().map(|cells| row(cells)));
        let lines = lines.join("\n");
        match plain(&table.caption) {
            Some("") => lines,
            Some(caption) => fenced("table", &[("caption", Some(caption))], &lines),
            None => fenced("table", &[], &format!("{}\n\n{lines}", self.lines(&table.caption))),
        }
    }
}

fn follows_same_list(before: &BlockKind, kind: &BlockKind) -> bool {
    match (before, kind) {
        (BlockKind::List { start: a, .. }, BlockKind::List { start: b, .. }) => a.is_some() == b.is_some(),
        _ => false,
    }
}

/// The text of spans that are nothing but text.
fn plain(spans: &[Span]) -> Option<&str> {
    match spans {
        [] => Some(""),
        [Span::Text(text)] => Some(text),
        _ => None,
    }
}

/// `caption. Credit`, if reading it gives the same two again.
fn gallery_title(figure: &Figure) -> Option<String> {
    let caption = plain(&figure.caption)?;
    let title = match &figure.credit {
        Some(credit) => format!("{caption} {credit}"),
        None => caption.to_owned(),
    };
    let same = split_title(&title) == (caption.to_owned(), figure.credit.clone());
    (same && figure.focus.is_none()).then_some(title)
}

fn picture(source: &str, alt: &str, title: &str) -> String {
    let picture = spans(&[Span::Picture { source: source.to_owned(), alt: alt.to_owned() }], Where::OneLine, &[]);
    if title.is_empty() {
        return picture;
    }
    let title = for_target(title);
    format!("{} \"{title}\")", &picture[..picture.len() - 1])
}

fn code(language: Option<&str>, text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat((longest + 1).max(3));
    format!("{fence}{}\n{text}\n{fence}", language.unwrap_or_default())
}

/// A container; its fence is longer than any inside.
fn fenced(name: &str, pairs: &[(&str, Option<&str>)], body: &str) -> String {
    let longest = body.split(|c| c != ':').map(str::len).max().unwrap_or(0);
    let fence = ":".repeat((longest + 1).max(3));
    let pairs: Vec<String> = pairs
        .iter()
        .filter_map(|(key, value)| Some((key, (*value).filter(|value| !value.is_empty())?)))
        // comrak takes entities and one level of backslashes off the opening line.
        .map(|(key, value)| format!("{key}={}", write_value(value).replace('\\', "\\\\").replace('&', "&amp;")))
        .collect();
    let attributes = if pairs.is_empty() { String::new() } else { format!(" {{{}}}", pairs.join(" ")) };
    let body = if body.is_empty() { String::new() } else { format!("{body}\n") };
    format!("{fence} {name}{attributes}\n{body}{fence}")
}

/// The first line after `first`, the others after `rest`; lines that would be only white space are empty.
fn indented(body: &str, first: &str, rest: &str) -> String {
    let mut out = String::new();
    for (at, line) in body.split('\n').enumerate() {
        if at > 0 {
            out.push('\n');
        }
        let prefix = if at == 0 { first } else { rest };
        let prefix = if line.is_empty() { prefix.trim_end() } else { prefix };
        out.push_str(prefix);
        out.push_str(line);
    }
    out
}
